package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// lookEvery is how long a story that alerts may be about is left alone after a look,
// however many articles join it.
const lookEvery = time.Minute

// wantAlerts notes which stories are to be looked at because a few hosts carry them and
// topics fit whose followers want alerts. Asked says that the work was asked for.
func (s *Store) wantAlerts(ctx context.Context, tx *sql.Tx, joined []digest.Joined) (asked bool, err error) {
	now, known := ms(s.now()), map[digest.StoryID]bool{}
	for _, j := range joined {
		id := j.Story.ID
		if j.Story.Hosts < digest.SurgeHosts || j.Story.Circle != 0 || known[id] {
			continue
		}
		known[id] = true
		n, err := affected(tx.ExecContext(ctx, `INSERT INTO surges (story_id, look, looked, news)
			SELECT s.id, CAST($2 AS BIGINT), NULL, 1 FROM stories s WHERE s.id = $1 AND EXISTS (SELECT 1 FROM matches m
				JOIN subscriptions u ON u.topic_id = m.topic_id AND u.alerts = 1 WHERE m.story_id = s.id)
			ON CONFLICT (story_id) DO UPDATE SET news = surges.news + 1,
				look = CASE WHEN surges.looked IS NULL OR surges.looked > excluded.look OR surges.looked + $3 <= excluded.look
					THEN excluded.look ELSE surges.looked + $3 END`, int64(id), now, lookEvery.Milliseconds()))
		if err != nil {
			return false, err
		}
		asked = asked || n > 0
	}
	if !asked || s.enqueue == nil {
		return asked, nil
	}
	return asked, s.enqueue(ctx, s.engine, tx, KindAlerts)
}

// AlertsDue says whether a story is to be looked at now.
func (s *Store) AlertsDue(ctx context.Context, now time.Time) (due bool, err error) {
	err = s.view(ctx, "look for due alerts", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM surges WHERE look <= $1)`, ms(now)).Scan(&due)
	})
	return due, err
}

// DueSurges returns at most limit stories that are to be looked at now, the longest due
// first.
func (s *Store) DueSurges(ctx context.Context, now time.Time, limit int) (due []bot.DueSurge, err error) {
	err = s.view(ctx, "read due surges", func(ctx context.Context, tx *sql.Tx) error {
		due, err = collect(ctx, tx, func(row scanner) (v bot.DueSurge, err error) {
			err = row.Scan(&v.Story, at(&v.Look), &v.News)
			return v, err
		}, `SELECT story_id, look, news FROM surges WHERE look <= $1 ORDER BY look, story_id LIMIT $2`, ms(now), limit)
		return err
	})
	return due, err
}

// EndLook notes when a look began and when the next is due, zero for when an article
// joins. When one joined since d was read, it is due a minute after this one.
func (s *Store) EndLook(ctx context.Context, d bot.DueSurge, began, next time.Time) error {
	return s.change(ctx, fmt.Sprintf("end the look at story %d", d.Story), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE surges SET looked = $3,
				look = CASE WHEN news = $2 THEN CAST($4 AS BIGINT) ELSE CAST($5 AS BIGINT) END WHERE story_id = $1`,
			int64(d.Story), d.News, ms(began), ms(next), ms(began.Add(lookEvery)))
		return err
	})
}

// Listeners returns at most limit chats with ids above after, in their order, that read,
// follow a topic with alerts that fits the story, and were not sent it or its twin.
// It costs one read a chat that cannot be told now, and a few more of others.
func (s *Store) Listeners(ctx context.Context, story digest.StoryID, after bot.ChatID, now time.Time, limit int) (all []bot.Listener, err error) {
	err = s.view(ctx, fmt.Sprintf("read who listens to story %d", story), func(ctx context.Context, tx *sql.Tx) error {
		all = nil
		lost, err := timeLost(ctx, tx)
		if err != nil {
			return err
		}
		var language string
		err = tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT language FROM stories WHERE id = $1), '')`, int64(story)).Scan(&language)
		if err != nil {
			return err
		}
		chats, err := collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE id IN (SELECT DISTINCT u.chat_id FROM matches m
				JOIN subscriptions u ON u.topic_id = m.topic_id AND u.alerts = 1 JOIN chats c ON c.id = u.chat_id
			WHERE m.story_id = $1 AND u.chat_id > $2 AND u.muted = 0 AND c.paused = ''
				AND NOT EXISTS (SELECT 1 FROM sent x WHERE x.chat_id = u.chat_id AND x.story_id = $1)
			ORDER BY u.chat_id LIMIT $3) ORDER BY id`, int64(story), int64(after), limit)
		for i := 0; i < len(chats) && err == nil; i++ {
			l := bot.Listener{Chat: chats[i], Restored: lost.until}
			if l.Alerts, err = alertsSince(ctx, tx, l.Chat.ID, l.Chat.Midnight(now)); err == nil && l.Ready(language, now) {
				err = s.listen(ctx, tx, &l, story, lost.toldBefore(l.Chat))
			}
			all = append(all, l)
		}
		return err
	})
	return all, err
}

// listen reads whom one chat hears and what fits. Of a story that it was sent in another
// circle, or before the database was restored, no topic has a match.
func (s *Store) listen(ctx context.Context, tx *sql.Tx, l *bot.Listener, story digest.StoryID, told time.Time) error {
	id := l.Chat.ID
	e, err := ears(ctx, tx, id)
	if err != nil {
		return err
	}
	l.Muted = e.Muted
	if sent, err := sentTwin(ctx, tx, id, story, e.Own, s.now().Add(-twinsFor)); sent || err != nil {
		return err
	}
	l.Followed, err = collect(ctx, tx, func(row scanner) (f digest.Followed, err error) {
		m, err := scanMatch(rowWith{row, []any{&f.Text, &f.Label, &f.Breadth}})
		f.Topic = m.Topic
		if !m.Story.Published.Before(told) {
			f.Matches = append(f.Matches, m)
		}
		return f, err
	}, `SELECT `+matchColumns+`, t.text, u.label, u.breadth FROM subscriptions u JOIN topics t ON t.id = u.topic_id
			JOIN matches m ON m.topic_id = u.topic_id
		WHERE u.chat_id = $1 AND u.alerts = 1 AND u.muted = 0 AND m.story_id = $2 ORDER BY u.id`, int64(id), int64(story))
	return err
}

// sentTwin says whether the chat was sent the piece from one of its own sources.
func sentTwin(ctx context.Context, tx *sql.Tx, chat bot.ChatID, story digest.StoryID, own []digest.SourceID, since time.Time) (sent bool, err error) {
	if len(own) == 0 {
		return false, nil
	}
	same, err := twins(ctx, tx, own, since)
	if err != nil {
		return false, err
	}
	for _, id := range same[story] {
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sent WHERE chat_id = $1 AND story_id = $2)`, int64(chat), int64(id)).Scan(&sent)
		if sent || err != nil {
			return sent, err
		}
	}
	return false, nil
}

// alertsSince counts the alerts that a chat had since then.
func alertsSince(ctx context.Context, tx *sql.Tx, chat bot.ChatID, since time.Time) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM alerts WHERE chat_id = $1 AND made >= $2`, int64(chat), ms(since)).Scan(&n)
	return n, err
}

// SaveAlert saves an alert with its delivery and notes its story as sent. ErrExists says
// that the chat was sent the story, ErrLimit that it had bot.MaxAlerts since its day
// began, ErrNotFound that it was erased or paused or does not want alerts of the topic
// any more.
func (s *Store) SaveAlert(ctx context.Context, a bot.Alert) error {
	err := s.change(ctx, fmt.Sprintf("save an alert for chat %d", a.Chat), func(ctx context.Context, tx *sql.Tx) error {
		// the lock keeps editions and other replicas from telling the story beside us
		chat, err := chatByID(ctx, tx, a.Chat, s.engine.forUpdate())
		if err != nil {
			return err
		}
		var wanted, sent bool
		err = tx.QueryRowContext(ctx, `SELECT
				EXISTS (SELECT 1 FROM subscriptions WHERE chat_id = $1 AND topic_id = $2 AND alerts = 1 AND muted = 0),
				EXISTS (SELECT 1 FROM sent WHERE chat_id = $1 AND story_id = $3)`,
			int64(a.Chat), int64(a.Topic), int64(a.Told.Story)).Scan(&wanted, &sent)
		if err != nil {
			return err
		}
		n, err := alertsSince(ctx, tx, a.Chat, a.Since)
		switch {
		case err != nil:
			return err
		case chat.Paused != "" || !wanted:
			return digest.ErrNotFound
		case sent:
			return digest.ErrExists
		case n >= bot.MaxAlerts:
			return digest.ErrLimit
		}
		// one that is kept longer than what it noted as sent gives way
		_, err = tx.ExecContext(ctx, `INSERT INTO alerts (story_id, chat_id, topic_id, made, hosts, shown, reasons) VALUES ($1, $2, $3, $4, $5, $4, $6)
			ON CONFLICT (story_id, chat_id) DO UPDATE SET topic_id = excluded.topic_id, made = excluded.made, hosts = excluded.hosts,
				shown = excluded.shown, reasons = excluded.reasons`,
			int64(a.Told.Story), int64(a.Chat), int64(a.Topic), ms(a.Made), a.Hosts, toJSON([]bot.Reason{a.Reason}))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sent (chat_id, story_id, at, hosts, known) VALUES ($1, $2, $3, $4, $5)`,
			int64(a.Chat), int64(a.Told.Story), ms(a.Made), a.Told.Hosts, ms(a.Told.Known))
		if err != nil {
			return err
		}
		return s.insertDeliveries(ctx, tx, []bot.Delivery{
			{Chat: a.Chat, Kind: bot.AlertDelivery, Story: a.Told.Story, Message: a.Message, NotBefore: a.Made},
		})
	})
	if err == nil {
		signal(s.deliveriesArrived)
	}
	return err
}

// Outgrown returns at most limit alerts of the story that were made since then and tell
// of fewer hosts, in chats that read and still want them, with ids above after and in
// their order. What was dropped, failed or perhaps not sent is left alone, and so is what
// was sent to a group before it became a supergroup.
func (s *Store) Outgrown(ctx context.Context, story digest.StoryID, hosts int, since time.Time, after bot.ChatID, limit int) (all []bot.Outgrown, err error) {
	type row struct {
		bot.Outgrown
		chat    bot.ChatID
		reasons []bot.Reason
	}
	err = s.view(ctx, fmt.Sprintf("read outgrown alerts of story %d", story), func(ctx context.Context, tx *sql.Tx) error {
		all = nil
		rows, err := collect(ctx, tx, func(from scanner) (v row, err error) {
			err = from.Scan(&v.chat, &v.Topic, &v.Hosts, at(&v.Shown), &v.Message, fromJSON(&v.reasons))
			return v, err
		}, `SELECT a.chat_id, a.topic_id, a.hosts, a.shown, d.sent, a.reasons FROM alerts a JOIN chats c ON c.id = a.chat_id
				JOIN subscriptions u ON u.chat_id = a.chat_id AND u.topic_id = a.topic_id AND u.alerts = 1 AND u.muted = 0
				JOIN deliveries d ON d.chat_id = a.chat_id AND d.state IN ('waiting', 'sending', 'sent') AND d.kind = $6 AND d.story_id = a.story_id
					AND (d.state <> 'sent' OR d.sent <> 0)
			WHERE a.story_id = $1 AND a.hosts < $2 AND a.made >= $3 AND a.chat_id > $4 AND c.paused = '' ORDER BY a.chat_id LIMIT $5`,
			int64(story), hosts, ms(since), int64(after), limit, int64(bot.AlertDelivery))
		if err != nil {
			return err
		}
		for _, v := range rows {
			if v.Chat, err = chatByID(ctx, tx, v.chat, ""); err != nil {
				return err
			}
			e, err := ears(ctx, tx, v.chat)
			if err != nil {
				return err
			}
			if v.Muted = e.Muted; len(v.reasons) > 0 {
				v.Label = v.reasons[0].Label
			}
			all = append(all, v.Outgrown)
		}
		return nil
	})
	return all, err
}

// SaveAmendment puts a change of an alert's message on the shelf, in place of one that
// waits. ErrNotFound says that the alert is gone or tells of as many hosts.
func (s *Store) SaveAmendment(ctx context.Context, a bot.Amendment) error {
	err := s.change(ctx, fmt.Sprintf("amend an alert of chat %d", a.Chat), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE alerts SET hosts = $3, shown = $4 WHERE story_id = $1 AND chat_id = $2 AND hosts < $3`,
			int64(a.Story), int64(a.Chat), a.Hosts, ms(a.At))
		if err := touched(result, err, digest.ErrNotFound); err != nil {
			return err
		}
		// twice the sources of what the message says by now would be news
		_, err = tx.ExecContext(ctx, `UPDATE sent SET hosts = $3 WHERE chat_id = $1 AND story_id = $2 AND hosts < $3`, int64(a.Chat), int64(a.Story), a.Carried)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM deliveries WHERE chat_id = $1 AND state = 'waiting' AND kind = $2 AND story_id = $3`,
			int64(a.Chat), int64(bot.AmendDelivery), int64(a.Story))
		if err != nil {
			return err
		}
		return s.insertDeliveries(ctx, tx, []bot.Delivery{
			{Chat: a.Chat, Kind: bot.AmendDelivery, Story: a.Story, Message: a.Message, NotBefore: a.At, Edits: a.Edits},
		})
	})
	if err == nil {
		signal(s.deliveriesArrived)
	}
	return err
}

// AlertReasons returns why the chat was told a story at once. ErrNotFound says that no
// such alert is kept.
func (s *Store) AlertReasons(ctx context.Context, chat bot.ChatID, story digest.StoryID) (all []bot.Reason, err error) {
	err = s.view(ctx, fmt.Sprintf("read why story %d was sent to chat %d", story, chat), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT reasons FROM alerts WHERE story_id = $1 AND chat_id = $2`, int64(story), int64(chat)).Scan(fromJSON(&all))
	})
	return all, err
}

// AlertTopic returns for which topic the chat was told a story at once, as it is by now
// when it was edited since. ErrNotFound says that no such alert is kept.
func (s *Store) AlertTopic(ctx context.Context, chat bot.ChatID, story digest.StoryID) (topic digest.TopicID, err error) {
	err = s.view(ctx, fmt.Sprintf("read of which topic story %d was sent to chat %d", story, chat), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT topic_id FROM alerts WHERE story_id = $1 AND chat_id = $2`, int64(story), int64(chat)).Scan(&topic)
	})
	return topic, err
}

// unwanted is true of a delivery d that belongs to an alert whose topic the chat does
// not follow with alerts any more, or mutes.
var unwanted = fmt.Sprintf(`(d.kind IN (%d, %d) AND NOT EXISTS (SELECT 1 FROM alerts a JOIN subscriptions u
	ON u.chat_id = a.chat_id AND u.topic_id = a.topic_id AND u.alerts = 1 AND u.muted = 0
	WHERE a.story_id = d.story_id AND a.chat_id = d.chat_id))`, bot.AlertDelivery, bot.AmendDelivery)

// holdAlert takes an alert back that quiet hours overtook before it was sent. The story
// is looked at again at their end and told then if it is still fresh; else the edition
// after them tells it. A look that goes on now is followed by another. It says whether
// it did.
func (s *Store) holdAlert(ctx context.Context, tx *sql.Tx, d bot.Delivery) (bool, error) {
	n, err := affected(tx.ExecContext(ctx, `UPDATE deliveries SET state = $2, reason = $3, ended = $4 WHERE id = $1 AND state = 'waiting' AND ambiguous = 0`,
		int64(d.ID), string(bot.Dropped), bot.ReasonBundled, ms(s.now())))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE surges SET news = news + 1, look = CASE WHEN look < $2 THEN look ELSE CAST($2 AS BIGINT) END WHERE story_id = $1`,
		int64(d.Story), ms(d.NotBefore))
	if err != nil {
		return false, err
	}
	return true, forgetAlert(ctx, tx, d.Chat, d.Story)
}

// takeBackAlerts takes those alerts of a paused chat back that did not reach it.
func takeBackAlerts(ctx context.Context, tx *sql.Tx, chat bot.ChatID) error {
	stories, err := collect(ctx, tx, scanOne[digest.StoryID], `SELECT a.story_id FROM alerts a JOIN chats c ON c.id = a.chat_id
		WHERE a.chat_id = $1 AND c.paused <> ''
			AND EXISTS (SELECT 1 FROM deliveries d WHERE d.chat_id = a.chat_id AND d.kind = $2 AND d.story_id = a.story_id)
			AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.chat_id = a.chat_id AND d.kind = $2 AND d.story_id = a.story_id
				AND (d.state NOT IN ('failed', 'dropped') OR d.ambiguous > 0))
		ORDER BY a.story_id`, int64(chat), int64(bot.AlertDelivery))
	for i := 0; i < len(stories) && err == nil; i++ {
		err = forgetAlert(ctx, tx, chat, stories[i])
	}
	return err
}

// forgetAlert makes an alert one that was never made: its story counts as not sent, and
// the chat's next edition looks at matches from its own on. Its deliveries stay what
// they are.
func forgetAlert(ctx context.Context, tx *sql.Tx, chat bot.ChatID, story digest.StoryID) error {
	for _, step := range []string{
		`DELETE FROM sent WHERE chat_id = $1 AND story_id = $2 AND EXISTS (SELECT 1 FROM alerts a
			WHERE a.chat_id = $1 AND a.story_id = $2 AND a.made = sent.at)`,
		`UPDATE chats SET last_edition = (SELECT MIN(m.at) FROM matches m JOIN alerts a ON a.story_id = m.story_id AND a.topic_id = m.topic_id
				WHERE a.chat_id = $1 AND a.story_id = $2)
			WHERE id = $1 AND last_edition > (SELECT MIN(m.at) FROM matches m JOIN alerts a ON a.story_id = m.story_id AND a.topic_id = m.topic_id
				WHERE a.chat_id = $1 AND a.story_id = $2)`,
		`DELETE FROM alerts WHERE chat_id = $1 AND story_id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, step, int64(chat), int64(story)); err != nil {
			return err
		}
	}
	return nil
}
