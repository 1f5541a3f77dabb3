package storage

import (
	"context"
	"database/sql"
	"time"

	"tidings/digest"
)

// How many pages are wanted: a reader is shown two sentences of a story, which
// mostly its leading article gives, and of a topic the best few.
const (
	pagesOfStory   = 2       // of a story at a time
	pagesOfStories = 4       // of a story in all, however often its leading article changes
	pagesOfMatches = 30      // stories of one call of ShelveMatches
	pagesLooked    = 6       // articles of a story that are looked at
	pageTextSQL    = "12288" // characters that summaries read
)

// joinedStories are the stories of joined that may have a match, each once.
func joinedStories(joined []digest.Joined) []digest.StoryID {
	var ids []digest.StoryID
	seen := map[digest.StoryID]bool{}
	for _, j := range joined {
		// A new story without matches has none on the shelf either.
		if id := j.Story.ID; !seen[id] && (len(j.Matches) > 0 || !j.New) {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// wantPages notes which pages of stories are to be read: those of the leading
// article and the first ones, when their feeds gave teasers and a topic that
// somebody follows matches. Asked says that the work was asked for.
func (s *Store) wantPages(ctx context.Context, tx *sql.Tx, stories []digest.StoryID) (asked bool, err error) {
	now := s.now()
	for _, id := range stories {
		wanted, err := teasers(ctx, tx, id, now)
		if err != nil {
			return false, err
		}
		for _, a := range wanted {
			_, err := tx.ExecContext(ctx, `INSERT INTO pages (article_id, state, wanted, next_visit, attempts, reason,
					kind, title, text, author, picture, language)
				VALUES ($1, $2, $3, $3, 0, '', '', '', '', '', '', '') ON CONFLICT (article_id) DO NOTHING`,
				int64(a), string(digest.PageWanted), now.UnixMilli())
			if err != nil {
				return false, err
			}
			asked = true
		}
	}
	if !asked || s.enqueue == nil {
		return asked, nil
	}
	return asked, s.enqueue(ctx, s.engine, tx, KindPages)
}

// teasers are the articles of a story whose pages are to be wanted and are not
// yet. Topics that nobody follows are deleted, so a match has a follower. What
// is too old for an edition is left alone.
func teasers(ctx context.Context, tx *sql.Tx, story digest.StoryID, now time.Time) (wanted []digest.ArticleID, err error) {
	type looked struct {
		shelved
		known bool
	}
	var matched bool
	var known int
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM matches WHERE story_id = $1),
		(SELECT COUNT(*) FROM pages p JOIN articles a ON a.id = p.article_id WHERE a.story_id = $1)`,
		int64(story)).Scan(&matched, &known)
	if err != nil || !matched || known >= pagesOfStories {
		return nil, err
	}
	articles, err := collect(ctx, tx, func(row scanner) (v looked, err error) {
		v.shelved, err = scanArticle(rowWith{row, []any{&v.known}})
		return v, err
	}, `SELECT `+articleColumns+`, EXISTS (SELECT 1 FROM pages p WHERE p.article_id = a.id)
		FROM articles a JOIN stories s ON s.id = a.story_id WHERE a.story_id = $1 AND a.published >= $2
		ORDER BY CASE WHEN a.address = s.address THEN 0 ELSE 1 END, a.published, a.id LIMIT $3`,
		int64(story), now.Add(-digest.MaxAge).UnixMilli(), pagesLooked)
	if err != nil {
		return nil, err
	}
	taken := 0
	for _, a := range articles {
		if taken == pagesOfStory || known+len(wanted) == pagesOfStories {
			break
		}
		switch {
		case a.known:
			taken++
		case a.Teaser():
			taken++
			wanted = append(wanted, a.ID)
		}
	}
	return wanted, nil
}

// A rowWith scans more columns behind those that are asked for.
type rowWith struct {
	scanner
	more []any
}

func (r rowWith) Scan(fields ...any) error {
	return r.scanner.Scan(append(fields[:len(fields):len(fields)], r.more...)...)
}

// ClaimPages takes at most limit wanted pages that are due at now, the latest
// wanted first, for editions are made of what is new, and puts their visit off
// to now+hold, as ClaimSources does.
func (s *Store) ClaimPages(ctx context.Context, now time.Time, hold time.Duration, limit int) (claimed []digest.WantedPage, err error) {
	err = s.change(ctx, "claim pages", func(ctx context.Context, tx *sql.Tx) error {
		claimed = nil
		ids, err := collect(ctx, tx, scanOne[digest.ArticleID], `SELECT article_id FROM pages
			WHERE state = 'wanted' AND next_visit <= $1 ORDER BY next_visit DESC, article_id LIMIT $2`+s.engine.skipLocked(),
			ms(now), limit)
		if err != nil {
			return err
		}
		for _, id := range ids {
			v := digest.WantedPage{Article: id}
			err := tx.QueryRowContext(ctx, `UPDATE pages SET next_visit = $2 WHERE article_id = $1 RETURNING attempts, wanted`,
				int64(id), ms(now.Add(hold))).Scan(&v.Attempts, at(&v.Since))
			if err != nil {
				return err
			}
			err = tx.QueryRowContext(ctx, `SELECT address, title, language FROM articles WHERE id = $1`, int64(id)).
				Scan(&v.Address, &v.Title, &v.Language)
			if err != nil {
				return err
			}
			claimed = append(claimed, v)
		}
		return nil
	})
	return claimed, err
}

// ShelvePage saves what a visit made of a page. A page whose article went
// meanwhile is left out.
func (s *Store) ShelvePage(ctx context.Context, v digest.PageVisit) error {
	return s.change(ctx, "shelve page", func(ctx context.Context, tx *sql.Tx) error {
		body := ""
		if v.State == digest.PageDone {
			body = v.Page.Text
		}
		_, err := tx.ExecContext(ctx, `UPDATE pages SET state = $2, next_visit = $3, attempts = $4, reason = $5, kind = $6,
				title = $7, text = $8, author = $9, published = $10, picture = $11, language = $12
			WHERE article_id = $1`,
			int64(v.Article), string(v.State), s.orNow(v.Next).UnixMilli(), v.Attempts, clean(v.Reason), string(v.Page.Kind),
			clean(v.Page.Title), clean(body), clean(v.Page.Author), ms(v.Page.Published), clean(v.Page.Picture), clean(v.Page.Language))
		return err
	})
}

// PagesDue says whether a wanted page waits for a visit at now.
func (s *Store) PagesDue(ctx context.Context, now time.Time) (due bool, err error) {
	err = s.view(ctx, "look for due pages", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pages WHERE state = 'wanted' AND next_visit <= $1)`,
			ms(now)).Scan(&due)
	})
	return due, err
}

// fillPages gives the articles of stories their pages' text, as much of it as
// summaries read.
func fillPages(ctx context.Context, tx *sql.Tx, stories []digest.Story) error {
	byID := map[digest.ArticleID]*digest.Article{}
	var ids []digest.ArticleID
	for i := range stories {
		for j := range stories[i].Articles {
			a := &stories[i].Articles[j]
			byID[a.ID] = a
			ids = append(ids, a.ID)
		}
	}
	for len(ids) > 0 {
		n := min(500, len(ids))
		err := eachRow(ctx, tx, func(row scanner) error {
			var (
				id   digest.ArticleID
				body string
				due  bool
			)
			err := row.Scan(&id, &body, &due)
			if a := byID[id]; a != nil {
				a.Page, a.PageDue = body, due
			}
			return err
		}, `SELECT article_id, SUBSTR(text, 1, `+pageTextSQL+`), state = 'wanted' AND attempts = 0
			FROM pages WHERE article_id IN (`+marks(1, n)+`)`, idsOf(ids[:n])...)
		if err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
