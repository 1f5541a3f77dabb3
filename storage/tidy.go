package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// How long what is kept (product).
const (
	day            = 24 * time.Hour
	keepArticles   = 7 * day
	mostArticles   = 350_000      // of listed sources
	mostOwn        = 500          // of each other source
	keepUnfollowed = keepArticles // as long as what fits a topic
	keepKeys       = 15 * day
	keepSent       = 15 * day
	keepUpdates    = day
	keepGone       = 180 * day
	keepFigures    = 400 * day
)

// tidyBatch is how many rows one transaction of Tidy deletes: few enough that
// nobody notices it waiting.
const tidyBatch = 500

// Tidy deletes what is old: articles and stories after 7 days or beyond the
// newest 350,000 (500 of an own source), keys that their living source has not
// listed for 15 days, subscriptions that ended 7 days ago, the record of what was sent, editions, alerts, ended deliveries
// and broadcasts after 15 days, handled updates after a day, what is counted of
// erased chats after 15, figures after 400 days, and chats that have been gone
// for 180; leases of sources that are not visited begin to end, and sources that
// turned out to be one become one. It works in many small transactions until ctx ends; what is left is
// for the next time.
func (s *Store) Tidy(ctx context.Context, now time.Time) error {
	oldest, err := s.oldestArticle(ctx, now.Add(-keepArticles))
	if err != nil {
		return err
	}
	if err := s.boundOwn(ctx); err != nil {
		return err
	}
	if err := s.mergeMoved(ctx); err != nil {
		return err
	}
	if err := s.tidyUnfollowed(ctx, now.Add(-keepUnfollowed)); err != nil {
		return err
	}
	if err := s.endUnwanted(ctx, now); err != nil {
		return err
	}
	ago := func(d time.Duration) any { return now.Add(-d).UnixMilli() }
	for _, t := range []struct {
		what, query string
		args        []any
	}{
		{"articles", `DELETE FROM articles WHERE id IN (SELECT id FROM articles WHERE seen < $2 ORDER BY seen, id LIMIT $1)`,
			[]any{oldest}},
		// without articles: what they left behind, and what was never filled
		{"stories", `DELETE FROM stories WHERE id IN (SELECT s.id FROM stories s WHERE s.joined < $2
			AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.story_id = s.id) LIMIT $1)`, []any{oldest}},
		// A feed that answers "not modified" lists nothing, and one that fails
		// neither: their keys stay until it has changed without them.
		{"keys", `DELETE FROM article_keys WHERE (hash, article_id) IN (SELECT k.hash, k.article_id
			FROM article_keys k JOIN sources v ON v.id = k.source_id
			WHERE k.seen < $2 AND v.failing_since IS NULL AND v.last_change - $3 > k.seen LIMIT $1)`,
			[]any{ago(keepKeys), keepKeys.Milliseconds()}},
		{"sent", `DELETE FROM sent WHERE (chat_id, story_id) IN (SELECT chat_id, story_id FROM sent WHERE at < $2 LIMIT $1)`,
			[]any{ago(keepSent)}},
		{"deliveries", `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE ended < $2 LIMIT $1)`,
			[]any{ago(keepSent)}},
		{"broadcasts", `DELETE FROM broadcasts WHERE id IN (SELECT id FROM broadcasts
			WHERE state IN ('draft', 'done', 'stopped', 'cancelled') AND COALESCE(ended, created) < $2 LIMIT $1)`, []any{ago(keepSent)}},
		{"editions", `DELETE FROM editions WHERE id IN (SELECT id FROM editions WHERE composed < $2 LIMIT $1)`,
			[]any{ago(keepSent)}},
		{"alerts", `DELETE FROM alerts WHERE (story_id, chat_id) IN (SELECT story_id, chat_id FROM alerts WHERE made < $2 LIMIT $1)`,
			[]any{ago(keepSent)}},
		{"updates", `DELETE FROM updates WHERE id IN (SELECT id FROM updates WHERE at < $2 LIMIT $1)`, []any{ago(keepUpdates)}},
		{"figures", `DELETE FROM figures WHERE hour IN (SELECT hour FROM figures WHERE hour < $2 LIMIT $1)`, []any{ago(keepFigures)}},
		{"counts of erased chats", `DELETE FROM erased WHERE (quarter, state, late) IN (SELECT quarter, state, late FROM erased WHERE quarter < $2 LIMIT $1)`,
			[]any{ago(keepSent)}},
		// nobody had the time for them, and no edition tells their stories any more
		{"wanted abstracts", `DELETE FROM abstracts WHERE story_id IN (SELECT a.story_id FROM abstracts a JOIN stories s ON s.id = a.story_id
			WHERE a.state = 'wanted' AND a.text = '' AND s.published < $2 LIMIT $1)`, []any{ago(digest.MaxAge)}},
		{"days of tokens", `DELETE FROM tokens_spent WHERE day IN (SELECT day FROM tokens_spent WHERE day < $2 LIMIT $1)`, []any{ago(keepSent)}},
		{"pauses", `DELETE FROM pauses WHERE scope IN (SELECT scope FROM pauses WHERE until < $2 LIMIT $1)`, []any{ago(0)}},
	} {
		if err := s.deleteInBatches(ctx, t.what, t.query, t.args...); err != nil {
			return err
		}
	}
	return s.eraseGone(ctx, now.Add(-keepGone))
}

// oldestArticle is the time before which an article was seen that goes: the
// given one, or later when more are kept than may be.
func (s *Store) oldestArticle(ctx context.Context, cut time.Time) (oldest int64, err error) {
	err = s.view(ctx, "find oldest article to keep", func(ctx context.Context, tx *sql.Tx) error {
		oldest = cut.UnixMilli()
		var seen int64
		err := tx.QueryRowContext(ctx, `SELECT seen FROM articles WHERE circle = 0 ORDER BY seen DESC, id DESC LIMIT 1 OFFSET $1`, mostArticles-1).Scan(&seen)
		if err == sql.ErrNoRows {
			return nil
		}
		oldest = max(oldest, seen)
		return err
	})
	return oldest, err
}

// boundOwn deletes the oldest articles of own sources that have more than may be
// kept of one, however much they bring. Which have is found by reading.
func (s *Store) boundOwn(ctx context.Context) error {
	var full []digest.SourceID
	err := s.view(ctx, "find own sources with too many articles", func(ctx context.Context, tx *sql.Tx) (err error) {
		full, err = collect(ctx, tx, scanOne[digest.SourceID], `SELECT circle FROM articles WHERE circle <> 0
			GROUP BY circle HAVING COUNT(*) > $1 ORDER BY circle`, mostOwn)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range full {
		err := s.deleteInBatches(ctx, "articles of own sources", `DELETE FROM articles WHERE id IN (SELECT id FROM articles
			WHERE circle = $2 AND circle <> 0 ORDER BY seen DESC, id DESC LIMIT $1 OFFSET $3)`, int64(id), mostOwn)
		if err != nil {
			return err
		}
	}
	return nil
}

// tidyUnfollowed forgets subscriptions that ended before then.
func (s *Store) tidyUnfollowed(ctx context.Context, before time.Time) error {
	for n := tidyBatch; n == tidyBatch; {
		err := s.change(ctx, "tidy ended subscriptions", func(ctx context.Context, tx *sql.Tx) (err error) {
			n, err = forgetUnfollowed(ctx, tx, `id IN (SELECT id FROM unfollowed WHERE ended < $1 ORDER BY ended, id LIMIT $2)`, before.UnixMilli(), tidyBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteInBatches runs a query that deletes at most $1 rows until it deletes
// fewer.
func (s *Store) deleteInBatches(ctx context.Context, what, query string, args ...any) error {
	for n := int64(tidyBatch); n == tidyBatch; {
		err := s.change(ctx, "tidy "+what, func(ctx context.Context, tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, query, append([]any{tidyBatch}, args...)...)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseGone erases chats paused before then by anything but their reader, each
// in a transaction of its own.
func (s *Store) eraseGone(ctx context.Context, before time.Time) error {
	for {
		var gone []bot.ChatID
		err := s.view(ctx, "find gone chats", func(ctx context.Context, tx *sql.Tx) (err error) {
			gone, err = collect(ctx, tx, scanOne[bot.ChatID], `SELECT id FROM chats
				WHERE paused <> '' AND paused <> $1 AND paused_at < $2 ORDER BY paused_at LIMIT $3`,
				string(bot.PausedByReader), before.UnixMilli(), tidyBatch)
			return err
		})
		if err != nil || len(gone) == 0 {
			return err
		}
		for _, id := range gone {
			err := s.change(ctx, "erase gone chat", func(ctx context.Context, tx *sql.Tx) error { return s.eraseChat(ctx, tx, id) })
			if err != nil && !errors.Is(err, digest.ErrNotFound) {
				return err
			}
		}
	}
}
