package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings/bot"
	"tidings/digest"
)

const subscriptionColumns = `u.chat_id, u.topic_id, t.text, u.label, u.muted, u.breadth, u.alerts, u.created`

func scanSubscription(row scanner) (v bot.Subscription, err error) {
	err = row.Scan(&v.Chat, &v.Topic, &v.Text, &v.Label, &v.Muted, &v.Breadth, &v.Alerts, at(&v.Created))
	return v, err
}

// Follow makes a chat follow a topic and says whether it did not before; if it
// did, the subscription is returned as it stands. ErrLimit says that the chat
// follows bot.MaxTopics already, ErrNotFound that there is no such chat.
func (s *Store) Follow(ctx context.Context, chat bot.ChatID, topic digest.Topic, now time.Time) (v bot.Subscription, fresh bool, err error) {
	err = s.change(ctx, fmt.Sprintf("follow a topic in chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		// the lock on the chat keeps two of its messages from passing the limit together
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		v, fresh, err = s.follow(ctx, tx, chat, digest.OutlinedTopic{Topic: topic}, now)
		return err
	})
	return v, fresh && err == nil, err
}

// follow is Follow in a transaction that has locked the chat.
func (s *Store) follow(ctx context.Context, tx *sql.Tx, chat bot.ChatID, how digest.OutlinedTopic, now time.Time) (v bot.Subscription, fresh bool, err error) {
	topic := how.Topic
	v, err = subscription(ctx, tx, chat, topic.Text)
	if err != sql.ErrNoRows {
		return v, false, err
	}
	if n, err := followed(ctx, tx, chat); err != nil || n >= bot.MaxTopics {
		return v, false, cmp.Or(err, digest.ErrLimit)
	}
	id, err := s.topicNamed(ctx, tx, topic.Text, now)
	if err != nil {
		return v, false, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM unfollowed WHERE chat_id = $1 AND topic_id = $2`, int64(chat), int64(id)); err != nil {
		return v, false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO subscriptions (id, chat_id, topic_id, label, muted, breadth, alerts, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, s.newID(), int64(chat), int64(id), clean(topic.Label), flag(how.Muted), int64(how.Breadth), flag(how.Alerts), ms(now))
	if err != nil {
		return v, false, err
	}
	v, err = subscription(ctx, tx, chat, topic.Text)
	return v, true, err
}

func subscription(ctx context.Context, tx *sql.Tx, chat bot.ChatID, text string) (bot.Subscription, error) {
	return scanSubscription(tx.QueryRowContext(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions u
		JOIN topics t ON t.id = u.topic_id WHERE u.chat_id = $1 AND t.text = $2`, int64(chat), clean(text)))
}

func subscriptionTo(ctx context.Context, tx *sql.Tx, chat bot.ChatID, topic digest.TopicID) (bot.Subscription, error) {
	return scanSubscription(tx.QueryRowContext(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions u
		JOIN topics t ON t.id = u.topic_id WHERE u.chat_id = $1 AND u.topic_id = $2`, int64(chat), int64(topic)))
}

// Unfollow ends a subscription and returns it as it stood; Refollow brings it back. A
// topic that nobody follows any more is forgotten with its matches when nobody can
// take that back either. ErrNotFound says that the chat does not follow it.
func (s *Store) Unfollow(ctx context.Context, chat bot.ChatID, topic digest.TopicID) (v bot.Subscription, err error) {
	err = s.change(ctx, fmt.Sprintf("unfollow topic %d in chat %d", topic, chat), func(ctx context.Context, tx *sql.Tx) error {
		v, err = subscriptionTo(ctx, tx, chat, topic)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO unfollowed (`+endedColumns+`, ended) SELECT `+endedColumns+`, CAST($3 AS BIGINT)
			FROM subscriptions WHERE chat_id = $1 AND topic_id = $2
			ON CONFLICT (chat_id, topic_id) DO UPDATE SET id = excluded.id, label = excluded.label, muted = excluded.muted,
				breadth = excluded.breadth, alerts = excluded.alerts, created = excluded.created, ended = excluded.ended`,
			int64(chat), int64(topic), ms(s.now()))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM subscriptions WHERE chat_id = $1 AND topic_id = $2`, int64(chat), int64(topic))
		if err != nil {
			return err
		}
		// who follows and removes on and on has us keep no more than who follows
		_, err = forgetUnfollowed(ctx, tx, `id IN (SELECT id FROM unfollowed WHERE chat_id = $1 ORDER BY ended DESC, id DESC
			LIMIT 1000 OFFSET `+fmt.Sprint(bot.MaxTopics)+`)`, int64(chat))
		return err
	})
	return v, err
}

// endedColumns are those of a subscription that stay when it ends.
const endedColumns = `id, chat_id, topic_id, label, muted, breadth, alerts, created`

// forgetUnfollowed forgets subscriptions that ended, and topics that only these kept.
func forgetUnfollowed(ctx context.Context, tx *sql.Tx, which string, args ...any) (n int, err error) {
	topics, err := collect(ctx, tx, scanOne[digest.TopicID], `DELETE FROM unfollowed WHERE `+which+` RETURNING topic_id`, args...)
	if err != nil {
		return 0, err
	}
	return len(topics), forgetTopics(ctx, tx, topics...)
}

// Refollow takes back that a chat unfollowed a topic, within seven days: the subscription
// is as it was, in its place. One that was followed anew meanwhile stays as it is.
// ErrNotFound says that it is not kept any more, ErrLimit that the chat follows
// bot.MaxTopics others now.
func (s *Store) Refollow(ctx context.Context, chat bot.ChatID, topic digest.TopicID) (v bot.Subscription, err error) {
	err = s.change(ctx, fmt.Sprintf("follow topic %d in chat %d again", topic, chat), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		v, err = subscriptionTo(ctx, tx, chat, topic)
		if err != sql.ErrNoRows {
			return err
		}
		if n, err := followed(ctx, tx, chat); err != nil || n >= bot.MaxTopics {
			return cmp.Or(err, digest.ErrLimit)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO subscriptions (`+endedColumns+`) SELECT `+endedColumns+` FROM unfollowed
			WHERE chat_id = $1 AND topic_id = $2`, int64(chat), int64(topic))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM unfollowed WHERE chat_id = $1 AND topic_id = $2`, int64(chat), int64(topic))
		if err != nil {
			return err
		}
		v, err = subscriptionTo(ctx, tx, chat, topic)
		return err
	})
	return v, err
}

// followed counts what a chat follows.
func followed(ctx context.Context, tx *sql.Tx, chat bot.ChatID) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM subscriptions WHERE chat_id = $1`, int64(chat)).Scan(&n)
	return n, err
}

// Retopic makes a subscription follow another topic in place of the old one. It
// keeps its place, mute, breadth, alerts, those that were made, and age, and what was
// sent stays sent: why it came is told of the new topic, under the words of then. ErrNotFound says that the chat does not follow the old topic,
// ErrExists that it follows the new one already.
func (s *Store) Retopic(ctx context.Context, chat bot.ChatID, old digest.TopicID, topic digest.Topic, now time.Time) (v bot.Subscription, err error) {
	err = s.change(ctx, fmt.Sprintf("change topic %d in chat %d", old, chat), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := subscriptionTo(ctx, tx, chat, old); err != nil {
			return err
		}
		id, err := s.topicNamed(ctx, tx, topic.Text, now)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE subscriptions SET topic_id = $3, label = $4 WHERE chat_id = $1 AND topic_id = $2`,
			int64(chat), int64(old), int64(id), clean(topic.Label))
		if err != nil {
			return err
		}
		if id != old {
			_, err = tx.ExecContext(ctx, `UPDATE alerts SET topic_id = $3 WHERE chat_id = $1 AND topic_id = $2`, int64(chat), int64(old), int64(id))
			if err != nil {
				return err
			}
			if err := retopicReasons(ctx, tx, chat, old, id); err != nil {
				return err
			}
			if err := forgetTopics(ctx, tx, old); err != nil {
				return err
			}
		}
		v, err = subscriptionTo(ctx, tx, chat, id)
		return err
	})
	return v, err
}

// retopicReasons has what is kept of why stories came to a chat tell another topic. No words
// of a headline look like this part of JSON, where their quotes are escaped.
func retopicReasons(ctx context.Context, tx *sql.Tx, chat bot.ChatID, old, id digest.TopicID) error {
	part := func(id digest.TopicID) string { return fmt.Sprintf(`"t":%d,"n":`, id) }
	for _, statement := range []string{
		`UPDATE editions SET reasons = REPLACE(reasons, $2, $3) WHERE chat_id = $1 AND reasons LIKE '%' || $2 || '%'`,
		`UPDATE alerts SET reasons = REPLACE(reasons, $2, $3) WHERE chat_id = $1 AND reasons LIKE '%' || $2 || '%'`,
	} {
		if _, err := tx.ExecContext(ctx, statement, int64(chat), part(old), part(id)); err != nil {
			return err
		}
	}
	return nil
}

// Mute mutes a subscription or lets it speak again. ErrNotFound says that the
// chat does not follow the topic.
func (s *Store) Mute(ctx context.Context, chat bot.ChatID, topic digest.TopicID, muted bool) error {
	return s.change(ctx, fmt.Sprintf("mute topic %d in chat %d", topic, chat), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET muted = $3 WHERE chat_id = $1 AND topic_id = $2`,
			int64(chat), int64(topic), flag(muted))
		return touched(result, err, digest.ErrNotFound)
	})
}

// Broaden changes how much of what fits a topic a chat wants. ErrNotFound says
// that the chat does not follow it.
func (s *Store) Broaden(ctx context.Context, chat bot.ChatID, topic digest.TopicID, b digest.Breadth) error {
	return s.change(ctx, fmt.Sprintf("change the breadth of topic %d in chat %d", topic, chat), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET breadth = $3 WHERE chat_id = $1 AND topic_id = $2`,
			int64(chat), int64(topic), int64(b))
		return touched(result, err, digest.ErrNotFound)
	})
}

// Alert has the topic's stories told to a chat at once, or no more. What waits to be
// sent is looked at again when its turn comes. ErrNotFound says that the chat does not
// follow the topic.
func (s *Store) Alert(ctx context.Context, chat bot.ChatID, topic digest.TopicID, on bool) error {
	return s.change(ctx, fmt.Sprintf("change the alerts of topic %d in chat %d", topic, chat), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET alerts = $3 WHERE chat_id = $1 AND topic_id = $2`,
			int64(chat), int64(topic), flag(on))
		return touched(result, err, digest.ErrNotFound)
	})
}

// Subscriptions returns what a chat follows, in the order followed.
func (s *Store) Subscriptions(ctx context.Context, chat bot.ChatID) (all []bot.Subscription, err error) {
	err = s.view(ctx, fmt.Sprintf("read topics of chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		all, err = subscriptions(ctx, tx, chat)
		return err
	})
	return all, err
}

func subscriptions(ctx context.Context, tx *sql.Tx, chat bot.ChatID) ([]bot.Subscription, error) {
	return collect(ctx, tx, scanSubscription, `SELECT `+subscriptionColumns+` FROM subscriptions u
		JOIN topics t ON t.id = u.topic_id WHERE u.chat_id = $1 ORDER BY u.id`, int64(chat))
}
