package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"tidings/digest"
)

// abstractPatience is how long a story's first articles gather, and their pages are read,
// before an abstract is made of them.
const abstractPatience = 2 * time.Minute

// wantAbstracts notes that abstracts of stories are wanted: of those of listed sources
// that fit a topic which somebody follows, once, and again whenever twice as many hosts
// tell them. Without a language model nothing is wanted.
func (s *Store) wantAbstracts(ctx context.Context, tx *sql.Tx, stories []digest.StoryID) error {
	if !s.abstracts {
		return nil
	}
	now := s.now()
	for _, id := range slices.Sorted(slices.Values(stories)) { // as everybody does, or two would wait for each other
		_, err := tx.ExecContext(ctx, `INSERT INTO abstracts (story_id, state, hosts, next_visit, attempts, text, articles, reason)
			SELECT s.id, 'wanted', s.hosts, $2, 0, '', '[]', '' FROM stories s
			WHERE s.id = $1 AND s.circle = 0 AND s.published >= $3 AND EXISTS (SELECT 1 FROM matches m WHERE m.story_id = s.id)
			ON CONFLICT (story_id) DO UPDATE SET state = 'wanted', hosts = excluded.hosts, next_visit = excluded.next_visit, attempts = 0
			WHERE abstracts.state <> 'wanted' AND excluded.hosts >= 2 * abstracts.hosts`,
			int64(id), now.Add(abstractPatience).UnixMilli(), now.Add(-digest.AbstractAge).UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// ClaimAbstract takes the story published since then that most hosts tell, the newest of
// several, of those whose abstract is wanted now, and puts that off to now+hold, so that
// nobody else makes it. The answer is false when there is none.
func (s *Store) ClaimAbstract(ctx context.Context, now, since time.Time, hold time.Duration) (wanted digest.WantedAbstract, ok bool, err error) {
	var id digest.StoryID
	err = s.view(ctx, "look for a wanted abstract", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT a.story_id FROM abstracts a JOIN stories s ON s.id = a.story_id
			WHERE a.state = 'wanted' AND a.next_visit <= $1 AND s.published >= $2
			ORDER BY s.hosts DESC, s.published DESC, s.id LIMIT 1`, ms(now), ms(since)).Scan(&id)
	})
	if errors.Is(err, digest.ErrNotFound) {
		return wanted, false, nil
	}
	if err != nil {
		return wanted, false, err
	}
	err = s.change(ctx, "claim an abstract", func(ctx context.Context, tx *sql.Tx) error {
		wanted, ok = digest.WantedAbstract{}, false
		// Another replica may have chosen the same and be the first to write.
		err := tx.QueryRowContext(ctx, `UPDATE abstracts SET next_visit = $2
			WHERE story_id = $1 AND state = 'wanted' AND next_visit <= $3 RETURNING attempts`,
			int64(id), ms(now.Add(hold)), ms(now)).Scan(&wanted.Attempts)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		stories, err := storyHeads(ctx, tx, []digest.StoryID{id})
		if err != nil || len(stories) == 0 {
			return err
		}
		err = fillStories(ctx, tx, stories)
		wanted.Story, ok = stories[0], err == nil
		return err
	})
	return wanted, ok, err
}

// ShelveAbstract saves what came of asking for one. An earlier text stays unless there is
// another. One whose story went meanwhile is left out.
func (s *Store) ShelveAbstract(ctx context.Context, a digest.AbstractAttempt) error {
	return s.change(ctx, "shelve an abstract", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE abstracts SET state = $2, next_visit = $3, attempts = $4, reason = $5,
				text = CASE WHEN $2 = 'done' THEN $6 ELSE text END, articles = CASE WHEN $2 = 'done' THEN $7 ELSE articles END
			WHERE story_id = $1`,
			int64(a.Story), string(a.State), s.orNow(a.Next).UnixMilli(), a.Attempts, clean(a.Reason), clean(a.Abstract.Text), toJSON(a.Abstract.From))
		return err
	})
}

// SpendTokens notes that so many more are spent on a day (UTC), fewer if negative, unless
// the day's sum would be more than most; 0 is no limit.
func (s *Store) SpendTokens(ctx context.Context, day time.Time, tokens, most int) (spent bool, err error) {
	err = s.change(ctx, "spend tokens", func(ctx context.Context, tx *sql.Tx) error {
		begin := day.UTC().Truncate(24 * time.Hour)
		_, err := tx.ExecContext(ctx, `INSERT INTO tokens_spent (day, tokens) VALUES ($1, 0) ON CONFLICT (day) DO NOTHING`, ms(begin))
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE tokens_spent SET tokens = tokens + $2
			WHERE day = $1 AND (CAST($3 AS BIGINT) = 0 OR tokens + $2 <= CAST($3 AS BIGINT))`, ms(begin), tokens, most)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		spent = n > 0
		return err
	})
	return spent, err
}

// fillAbstracts gives stories their abstracts.
func fillAbstracts(ctx context.Context, tx *sql.Tx, stories []digest.Story) error {
	byID := map[digest.StoryID]*digest.Story{}
	var ids []digest.StoryID
	for i := range stories {
		byID[stories[i].ID] = &stories[i]
		ids = append(ids, stories[i].ID)
	}
	for chunk := range slices.Chunk(idsOf(ids), 500) {
		err := eachRow(ctx, tx, func(row scanner) error {
			var id digest.StoryID
			var a digest.Abstract
			err := row.Scan(&id, &a.Text, fromJSON(&a.From))
			if s := byID[id]; s != nil {
				s.Abstract = a
			}
			return err
		}, `SELECT story_id, text, articles FROM abstracts WHERE text <> '' AND story_id IN (`+marks(1, len(chunk))+`)`, chunk...)
		if err != nil {
			return err
		}
	}
	return nil
}
