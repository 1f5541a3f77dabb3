package storage

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest"
)

// TopicsAfter returns the topics whose id is greater, in the order of their
// ids, at most so many. Ids rise in the order in which topics become visible, also
// among replicas: asking from the last one known finds all new ones, unless that one
// was forgotten and the next made by a clock that is behind.
func (s *Store) TopicsAfter(ctx context.Context, id digest.TopicID, limit int) (topics []digest.KnownTopic, err error) {
	err = s.view(ctx, "read topics", func(ctx context.Context, tx *sql.Tx) error {
		topics, err = collect(ctx, tx, func(row scanner) (v digest.KnownTopic, err error) {
			err = row.Scan(&v.ID, &v.Text)
			return v, err
		}, `SELECT id, text FROM topics WHERE id > $1 ORDER BY id LIMIT $2`, int64(id), limit)
		return err
	})
	return topics, err
}

// TopicIDsAfter returns the ids of the topics that TopicsAfter does. The database writes
// them in a row, for rows take longer to hand over than to find: a million ids take a
// quarter of the time of as many topics.
func (s *Store) TopicIDsAfter(ctx context.Context, id digest.TopicID, limit int) (ids []digest.TopicID, err error) {
	err = s.view(ctx, "read ids of topics", func(ctx context.Context, tx *sql.Tx) error {
		var all string
		err := tx.QueryRowContext(ctx, `SELECT COALESCE(string_agg(CAST(id AS TEXT), ' '), '')
			FROM (SELECT id FROM topics WHERE id > $1 ORDER BY id LIMIT $2) t`, int64(id), limit).Scan(&all)
		if err != nil {
			return err
		}
		ids = make([]digest.TopicID, 0, strings.Count(all, " ")+1)
		for digits := range strings.FieldsSeq(all) {
			n, err := strconv.ParseInt(digits, 10, 64)
			if err != nil {
				return err
			}
			ids = append(ids, digest.TopicID(n))
		}
		slices.Sort(ids) // they are; no database promises it
		return nil
	})
	return ids, err
}

// MatcherPieces hands the pieces of the matcher's image over in the order of their parts,
// as one state; what one holds is good until each returns. An error of each ends it.
func (s *Store) MatcherPieces(ctx context.Context, each func(digest.MatcherPiece) error) error {
	return s.view(ctx, "read the matcher's image", func(ctx context.Context, tx *sql.Tx) error {
		var raw sql.RawBytes
		return eachRow(ctx, tx, func(row scanner) error {
			var p digest.MatcherPiece
			if err := row.Scan(&p.Part, &p.Piece, &raw); err != nil {
				return err
			}
			p.Bytes = raw
			return each(p)
		}, `SELECT part, piece, bytes FROM matcher_pieces ORDER BY part, piece`)
	})
}

// SaveMatcherPieces puts each of the pieces in the place of the one that was there. One
// without bytes takes away that piece and all behind it of its part.
func (s *Store) SaveMatcherPieces(ctx context.Context, pieces ...digest.MatcherPiece) error {
	return s.change(ctx, "save pieces of the matcher's image", func(ctx context.Context, tx *sql.Tx) error {
		for _, p := range pieces {
			query, args := `DELETE FROM matcher_pieces WHERE part = $1 AND piece >= $2`, []any{p.Part, p.Piece}
			if len(p.Bytes) > 0 {
				query = `INSERT INTO matcher_pieces (part, piece, bytes) VALUES ($1, $2, $3)
					ON CONFLICT (part, piece) DO UPDATE SET bytes = excluded.bytes`
				args = append(args, p.Bytes)
			}
			if _, err := tx.ExecContext(ctx, query, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// topicNamed finds or makes the topic with a canonical text.
func (s *Store) topicNamed(ctx context.Context, tx *sql.Tx, text string, now time.Time) (digest.TopicID, error) {
	text = clean(text)
	var id digest.TopicID
	err := tx.QueryRowContext(ctx, `SELECT id FROM topics WHERE text = $1`, text).Scan(&id)
	if err != sql.ErrNoRows {
		return id, err
	}
	if err := s.engine.lock(ctx, tx, lockTopics); err != nil {
		return 0, err
	}
	// Whoever made it while we waited for the lock has committed, and so has
	// everybody with a greater id: ids rise in the order of commits.
	var last digest.TopicID
	err = tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT id FROM topics WHERE text = $1), 0),
		COALESCE((SELECT MAX(id) FROM topics), 0)`, text).Scan(&id, &last)
	if err != nil || id != 0 {
		return id, err
	}
	// An id that was forgotten is not given again to other words: so the step is chance.
	id = max(digest.TopicID(s.newID()), last+1+digest.TopicID(rand.Int64N(1<<(idBits-1))))
	_, err = tx.ExecContext(ctx, `INSERT INTO topics (id, text, created) VALUES ($1, $2, $3)`, int64(id), text, ms(now))
	return id, err
}

// forgetTopics deletes those of the topics that nobody follows, or may follow again
// by taking back that they do not, with their matches: what a reader typed does
// not outlive its last reader.
func forgetTopics(ctx context.Context, tx *sql.Tx, ids ...digest.TopicID) error {
	for _, id := range ids {
		_, err := tx.ExecContext(ctx, `DELETE FROM topics WHERE id = $1
			AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE topic_id = $1)
			AND NOT EXISTS (SELECT 1 FROM unfollowed WHERE topic_id = $1)`, int64(id))
		if err != nil {
			return err
		}
	}
	return nil
}
