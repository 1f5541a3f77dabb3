package storage

import (
	"context"
	"database/sql"
	"fmt"

	"tidings/bot"
	"tidings/digest"
)

// reading says of a chat c that it is reached by announcements at all: it is
// not paused, and as one thread of a forum it follows something. In the other
// threads somebody wrote once; a group would see the same a dozen times.
const reading = `c.paused = '' AND (c.thread = 0 OR EXISTS (SELECT 1 FROM subscriptions f WHERE f.chat_id = c.id)
	OR EXISTS (SELECT 1 FROM chat_sources g WHERE g.chat_id = c.id AND g.followed = 1))`

// audience is the part of a query that finds the chats c an audience is chosen
// from, with its arguments from $first on; id is the column that has their ids
// in the order of an index. They may still not want announcements.
func audience(ctx context.Context, tx *sql.Tx, who bot.Audience, first int) (from, id string, args []any, err error) {
	from, id = `chats c WHERE `+reading, "c.id"
	if who.Topic != "" {
		var topic int64
		err := tx.QueryRowContext(ctx, `SELECT id FROM topics WHERE text = $1`, clean(who.Topic)).Scan(&topic)
		if err != nil && err != sql.ErrNoRows { // forgotten: nobody follows it, and no topic has the id 0
			return "", "", nil, err
		}
		id = "u.chat_id"
		from = `subscriptions u JOIN chats c ON c.id = u.chat_id WHERE ` + reading + fmt.Sprintf(` AND u.topic_id = $%d`, first)
		args = append(args, topic)
	}
	if who.Language != "" {
		from += fmt.Sprintf(` AND c.language = $%d`, first+len(args))
		args = append(args, clean(who.Language))
	}
	return from, id, args, nil
}

// AudienceReach counts the chats of an audience.
func (s *Store) AudienceReach(ctx context.Context, who bot.Audience) (r bot.Reach, err error) {
	err = s.view(ctx, "count audience", func(ctx context.Context, tx *sql.Tx) error {
		r, err = reach(ctx, tx, who)
		return err
	})
	return r, err
}

func reach(ctx context.Context, tx *sql.Tx, who bot.Audience) (r bot.Reach, err error) {
	from, _, args, err := audience(ctx, tx, who, 1)
	if err != nil {
		return r, err
	}
	err = tx.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(c.announcements), 0) AS BIGINT), CAST(COALESCE(SUM(1 - c.announcements), 0) AS BIGINT) FROM `+from, args...).
		Scan(&r.Chats, &r.Declined)
	return r, err
}

// nextReaders returns the next chats of a broadcast's audience after Reached,
// at most limit, of those known when it began: their ID, Zone and Quiet.
func nextReaders(ctx context.Context, tx *sql.Tx, b bot.Broadcast, limit int) ([]bot.Chat, error) {
	from, id, args, err := audience(ctx, tx, b.Audience, 4)
	if err != nil {
		return nil, err
	}
	return collect(ctx, tx, func(row scanner) (v bot.Chat, err error) {
		err = row.Scan(&v.ID, &v.Zone, &v.Quiet)
		return v, err
	}, `SELECT c.id, c.zone, c.quiet FROM `+from+` AND c.announcements = 1 AND `+id+` > $1
			AND `+id+` <= (SELECT last_chat FROM broadcasts WHERE id = $2)
		ORDER BY `+id+` LIMIT $3`, append([]any{int64(b.Reached), int64(b.ID), limit}, args...)...)
}

// AudienceLanguages counts the audience of every language that chats have, the
// largest first.
func (s *Store) AudienceLanguages(ctx context.Context) (all []bot.LanguageCount, err error) {
	err = s.view(ctx, "count languages", func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(row scanner) (v bot.LanguageCount, err error) {
			err = row.Scan(&v.Language, &v.Chats)
			return v, err
		}, `SELECT c.language, COUNT(*) FROM chats c WHERE `+reading+` AND c.announcements = 1 AND c.language <> ''
			GROUP BY c.language ORDER BY COUNT(*) DESC, c.language`)
		return err
	})
	return all, err
}

// AudienceTopics counts the audiences of the most followed topics, at most
// limit after the first skip.
func (s *Store) AudienceTopics(ctx context.Context, skip, limit int) (all []bot.TopicCount, err error) {
	err = s.view(ctx, "count followers", func(ctx context.Context, tx *sql.Tx) error {
		// Chosen by the index of subscriptions alone; only those shown are counted
		// chat by chat.
		all, err = collect(ctx, tx, func(row scanner) (v bot.TopicCount, err error) {
			err = row.Scan(&v.Topic, &v.Text)
			return v, err
		}, `SELECT t.id, t.text FROM (SELECT topic_id, COUNT(*) AS followers FROM subscriptions GROUP BY topic_id
				ORDER BY COUNT(*) DESC, topic_id LIMIT $1 OFFSET $2) f JOIN topics t ON t.id = f.topic_id
			ORDER BY f.followers DESC, f.topic_id`, limit, skip)
		for i := 0; i < len(all) && err == nil; i++ {
			var r bot.Reach
			r, err = reach(ctx, tx, bot.Audience{Topic: all[i].Text})
			all[i].Chats = r.Chats
		}
		return err
	})
	return all, err
}

// TopicText returns the canonical words of a topic, or ErrNotFound.
func (s *Store) TopicText(ctx context.Context, id digest.TopicID) (text string, err error) {
	err = s.view(ctx, fmt.Sprintf("read topic %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT text FROM topics WHERE id = $1`, int64(id)).Scan(&text)
	})
	return text, err
}
