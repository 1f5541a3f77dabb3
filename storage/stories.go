package storage

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"tidings/digest"
)

const storyColumns = `s.id, s.title, s.address, s.outlet, s.host, s.language, s.published, s.joined, s.hosts, s.circle`

func storyFields(v *digest.Story) []any {
	return []any{&v.ID, &v.Title, &v.Address, &v.Outlet, &v.Host, &v.Language, at(&v.Published), at(&v.Joined), &v.Hosts, &v.Circle}
}

func scanStory(row scanner) (digest.Story, error) {
	var v digest.Story
	err := row.Scan(storyFields(&v)...)
	return v, err
}

// ShelveJoined saves what the joiner decided: stories as they stand (a headline
// stays that of the first article: what was shown once does not change under the
// reader), their new articles, the articles' subjects and words for searching, and matches and wanted pages as
// ShelveMatches does, made at the story's Joined. Stories that alerts may be about are
// to be looked at. A new story that comes without
// an id takes the number of its first article, which no other story can have; it
// is set in joined and its matches. An article or a topic that is not kept any
// more is left out.
func (s *Store) ShelveJoined(ctx context.Context, joined []digest.Joined) error {
	for i := range joined {
		j := &joined[i]
		if j.Story.ID == 0 {
			j.Story.ID = digest.StoryID(j.Article)
		}
		for m := range j.Matches {
			j.Matches[m].Story = j.Story.ID
		}
	}
	// Stories are locked in the order of their ids, as those who back-fill matches do.
	joined = slices.SortedStableFunc(slices.Values(joined), func(x, y digest.Joined) int { return cmp.Compare(x.Story.ID, y.Story.ID) })
	var asked bool
	err := s.change(ctx, "shelve joined articles", func(ctx context.Context, tx *sql.Tx) (err error) {
		asked = false
		var made []madeMatch
		grown := map[digest.StoryID]digest.Story{}
		for _, j := range joined {
			j.Story.Published = s.orNow(j.Story.Published)
			kept, err := s.shelveJoined(ctx, tx, j)
			if err != nil {
				return err
			}
			if kept && !j.New {
				grown[j.Story.ID] = j.Story
			}
			for _, m := range j.Matches {
				if kept {
					made = append(made, madeMatch{m, s.orNow(j.Story.Joined)})
				}
			}
		}
		for _, id := range slices.Sorted(maps.Keys(grown)) { // once, however many joined: a story may fit very many topics
			if err := keepMatches(ctx, tx, grown[id]); err != nil {
				return err
			}
		}
		if err := s.shelveMatches(ctx, tx, made); err != nil {
			return err
		}
		alerts, err := s.wantAlerts(ctx, tx, joined)
		if err != nil {
			return err
		}
		wanted := joinedStories(joined)
		if err := s.wantAbstracts(ctx, tx, wanted); err != nil {
			return err
		}
		asked, err = s.wantPages(ctx, tx, wanted)
		asked = asked || alerts
		return err
	})
	if err == nil && asked {
		signal(s.enqueued)
	}
	return err
}

// shelveJoined saves one article's story without matches, unless the article is
// not kept any more.
func (s *Store) shelveJoined(ctx context.Context, tx *sql.Tx, j digest.Joined) (kept bool, err error) {
	var id int64
	err = tx.QueryRowContext(ctx, `SELECT id FROM articles WHERE id = $1`+s.engine.forUpdate(), int64(j.Article)).Scan(&id)
	if err == sql.ErrNoRows {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	v := j.Story
	_, err = tx.ExecContext(ctx, `INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts, circle)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET published = excluded.published, joined = excluded.joined, hosts = excluded.hosts`,
		int64(v.ID), clean(v.Title), clean(v.Address), clean(v.Outlet), clean(v.Host), clean(v.Language),
		ms(v.Published), ms(s.orNow(v.Joined)), v.Hosts, int64(v.Circle))
	if err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE articles SET story_id = $2, subjects = $3 WHERE id = $1`, id, int64(v.ID), []byte(j.Subjects)); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, s.engine.saveWords(), id, s.engine.words(j.Words))
	return true, err
}

func (s *Store) orNow(t time.Time) time.Time {
	if t.IsZero() {
		return s.now()
	}
	return t
}

// StoryHeads returns those of the stories that are kept, without Articles, in
// any order.
func (s *Store) StoryHeads(ctx context.Context, ids []digest.StoryID) (stories []digest.Story, err error) {
	err = s.view(ctx, "read the heads of stories", func(ctx context.Context, tx *sql.Tx) error {
		stories, err = storyHeads(ctx, tx, ids)
		return err
	})
	return stories, err
}

func storyHeads(ctx context.Context, tx *sql.Tx, ids []digest.StoryID) (stories []digest.Story, err error) {
	for chunk := range slices.Chunk(idsOf(ids), 500) {
		some, err := collect(ctx, tx, scanStory,
			`SELECT `+storyColumns+` FROM stories s WHERE s.id IN (`+marks(1, len(chunk))+`)`, chunk...)
		if err != nil {
			return nil, err
		}
		stories = append(stories, some...)
	}
	return stories, nil
}

// StoriesByID returns those of the stories that are kept, with Articles (at
// most 12, the leading one first, then one of each host, then the rest, the
// earlier first) and their pages, in any order.
func (s *Store) StoriesByID(ctx context.Context, ids []digest.StoryID) (stories []digest.Story, err error) {
	err = s.view(ctx, "read stories", func(ctx context.Context, tx *sql.Tx) error {
		if stories, err = storyHeads(ctx, tx, ids); err != nil {
			return err
		}
		return fillStories(ctx, tx, stories)
	})
	return stories, err
}

// StoriesToCompare returns those of the stories that are kept, with more Articles
// than StoriesByID: the leading one, the earliest 48 and the newest 24, with their
// pages; in any order.
func (s *Store) StoriesToCompare(ctx context.Context, ids []digest.StoryID) (stories []digest.Story, err error) {
	err = s.view(ctx, "read stories to compare", func(ctx context.Context, tx *sql.Tx) error {
		if stories, err = storyHeads(ctx, tx, ids); err != nil {
			return err
		}
		for i := range stories {
			if err := fillToCompare(ctx, tx, &stories[i]); err != nil {
				return err
			}
		}
		return fillPages(ctx, tx, stories)
	})
	return stories, err
}

func fillToCompare(ctx context.Context, tx *sql.Tx, v *digest.Story) error {
	early, err := earlyArticles(ctx, tx, *v)
	if err != nil {
		return err
	}
	var late []shelved
	if len(early) == earlyMost { // else these are all
		late, err = collect(ctx, tx, scanArticle, `SELECT `+articleColumns+` FROM articles a WHERE a.story_id = $1
			ORDER BY a.published DESC, a.id DESC LIMIT $2`, int64(v.ID), lateMost)
		if err != nil {
			return err
		}
	}
	known := map[digest.ArticleID]bool{}
	for _, a := range append(early, late...) {
		if !known[a.ID] {
			known[a.ID] = true
			v.Articles = append(v.Articles, a.Article)
		}
	}
	return nil
}

// fromTop are the stories of listed sources in a language ($1) published since ($2), those
// carried by most hosts first, then the newest, at most so many ($3).
const fromTop = ` FROM stories s WHERE s.id IN (
		SELECT id FROM stories WHERE circle = 0 AND language = $1 AND published >= $2
		ORDER BY hosts DESC, published DESC, id DESC LIMIT $3)
	ORDER BY s.hosts DESC, s.published DESC, s.id DESC`

// TopStories returns at most limit stories of listed sources in a language
// published since then, those carried by most hosts first, then the newest, with
// Articles as StoriesByID fills them.
func (s *Store) TopStories(ctx context.Context, language string, since time.Time, limit int) (stories []digest.Story, err error) {
	err = s.view(ctx, "read top stories", func(ctx context.Context, tx *sql.Tx) error {
		stories, err = collect(ctx, tx, scanStory, `SELECT `+storyColumns+fromTop, language, since.UnixMilli(), limit)
		if err != nil {
			return err
		}
		return fillStories(ctx, tx, stories)
	})
	return stories, err
}

// StoryTitles returns the titles of the stories that TopStories returns.
func (s *Store) StoryTitles(ctx context.Context, language string, since time.Time, limit int) (titles []string, err error) {
	err = s.view(ctx, "read titles of stories", func(ctx context.Context, tx *sql.Tx) error {
		titles, err = collect(ctx, tx, scanOne[string], `SELECT s.title`+fromTop, language, since.UnixMilli(), limit)
		return err
	})
	return titles, err
}

// Languages returns the languages that stories have, in the order of their
// codes, without those that could not be told. It hops through an index from
// one language to the next, however many stories there are.
func (s *Store) Languages(ctx context.Context) (codes []string, err error) {
	err = s.view(ctx, "read the languages of stories", func(ctx context.Context, tx *sql.Tx) error {
		codes, err = collect(ctx, tx, scanOne[string], `WITH RECURSIVE hop (language) AS (
				SELECT MIN(language) FROM stories WHERE language > ''
				UNION ALL
				SELECT (SELECT MIN(s.language) FROM stories s WHERE s.language > hop.language) FROM hop WHERE hop.language IS NOT NULL)
			SELECT language FROM hop WHERE language IS NOT NULL AND language <> '`+digest.UnknownLanguage+`' ORDER BY language`)
		return err
	})
	return codes, err
}

const (
	storyArticles = 12 // that a Story holds
	// earlyMost is among how many they are chosen, for the choice among hosts; not
	// all, for a story may have hundreds.
	earlyMost = 4 * storyArticles
	lateMost  = 2 * storyArticles
)

// earlyArticles are the leading article of a story and its earliest.
func earlyArticles(ctx context.Context, tx *sql.Tx, v digest.Story) ([]shelved, error) {
	return collect(ctx, tx, scanArticle, `SELECT `+articleColumns+` FROM articles a WHERE a.story_id = $1
		ORDER BY CASE WHEN a.address = $2 THEN 0 ELSE 1 END, a.published, a.id LIMIT $3`, int64(v.ID), v.Address, earlyMost)
}

func fillStories(ctx context.Context, tx *sql.Tx, stories []digest.Story) error {
	for i := range stories {
		articles, err := earlyArticles(ctx, tx, stories[i])
		if err != nil {
			return err
		}
		stories[i].Articles = bestArticles(articles)
	}
	if err := fillPages(ctx, tx, stories); err != nil {
		return err
	}
	return fillAbstracts(ctx, tx, stories)
}

// bestArticles takes the first article of each host before any second.
func bestArticles(articles []shelved) []digest.Article {
	type ranked struct {
		article digest.Article
		nth     int // of its host
	}
	var (
		all  []ranked
		seen = map[string]int{}
	)
	for _, a := range articles {
		all = append(all, ranked{a.Article, seen[a.Host]})
		seen[a.Host]++
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(min(a.nth, 1), min(b.nth, 1)) })
	var best []digest.Article
	for _, r := range all[:min(len(all), storyArticles)] {
		best = append(best, r.article)
	}
	return best
}
