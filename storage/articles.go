package storage

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"tidings/digest"
)

const articleColumns = `a.id, a.source_id, a.outlet, a.guid, a.address, a.host, a.title, a.text, a.content,
	a.author, a.language, a.categories, a.subjects, a.published, a.seen, a.circle, COALESCE(a.story_id, 0)`

// A shelved article knows its story, 0 while it has none.
type shelved struct {
	digest.Article
	story digest.StoryID
}

func articleFields(v *shelved) []any {
	return []any{&v.ID, &v.Source, &v.Outlet, &v.GUID, &v.Address, &v.Host, &v.Title, &v.Text, &v.Content,
		&v.Author, &v.Language, fromJSON(&v.Categories), (*[]byte)(&v.Subjects), at(&v.Published), at(&v.Seen), &v.Circle, &v.story}
}

func scanArticle(row scanner) (shelved, error) {
	var v shelved
	err := row.Scan(articleFields(&v)...)
	return v, err
}

// ShelveVisits saves what visits made of their sources together with the
// articles that are not yet known, and counts those. Which article is known
// digest.SameArticle decides over the keys all articles left. A known one is
// not saved again; its keys are seen anew (written at most once a day) and the
// keys it has gained are added. What belongs to a source that is no longer
// kept is dropped. What a hub brought comes alone.
func (s *Store) ShelveVisits(ctx context.Context, visits []digest.Visit) (newArticles int, err error) {
	err = s.change(ctx, "shelve visits", func(ctx context.Context, tx *sql.Tx) error {
		newArticles = 0
		if err := s.engine.lock(ctx, tx, lockArticles); err != nil {
			return err
		}
		if err := s.saveVisited(ctx, tx, visits); err != nil {
			return err
		}
		if err := s.saveLeases(ctx, tx, visits); err != nil {
			return err
		}
		kept, err := s.circles(ctx, tx, visits)
		if err != nil {
			return err
		}
		newArticles, err = s.shelveArticles(ctx, tx, s.carried(visits, kept))
		if err != nil || newArticles == 0 {
			return err
		}
		return saveBrought(ctx, tx, visits)
	})
	if err != nil {
		return 0, err
	}
	if newArticles > 0 {
		signal(s.articlesArrived)
	}
	return newArticles, nil
}

// A carriedArticle is one that a visit brought, with its keys.
type carriedArticle struct {
	digest.Article
	keys []digest.Key
}

// carried are the articles of visits to sources that are kept, in order and fit
// for the shelf.
func (s *Store) carried(visits []digest.Visit, kept map[digest.SourceID]digest.SourceID) (all []carriedArticle) {
	for _, v := range visits {
		circle, ok := kept[v.Source.ID]
		if !ok {
			continue
		}
		for _, a := range v.Articles {
			s.tidyArticle(&a, v.Source.ID)
			a.Circle = circle
			all = append(all, carriedArticle{a, a.Keys()})
		}
	}
	return all
}

func (s *Store) shelveArticles(ctx context.Context, tx *sql.Tx, articles []carriedArticle) (int, error) {
	known, err := s.knownKeys(ctx, tx, articles)
	if err != nil {
		return 0, err
	}
	var rows [][]any
	for _, a := range articles {
		id, same := digest.SameArticle(a.keys, a.Published, known.of(a.keys))
		if !same {
			id = digest.ArticleID(s.newID())
			twin := int64(0)
			if a.Circle != 0 {
				twin = a.Twin()
			}
			rows = append(rows, []any{int64(id), int64(a.Source), int64(a.Circle), twin, a.Outlet, a.GUID, a.Address, a.Host, a.Title, a.Text,
				a.Content, a.Author, a.Language, toJSON(a.Categories), ms(a.Published), ms(a.Seen)})
		}
		known.leave(a, id)
	}
	err = s.insertRows(ctx, tx, `INSERT INTO articles (id, source_id, circle, twin, outlet, guid, address, host, title, text, content,
		author, language, categories, published, seen)`, rows, ``)
	if err != nil {
		return 0, err
	}
	return len(rows), s.saveKeys(ctx, tx, known)
}

// tidyArticle makes a fit for the shelf.
func (s *Store) tidyArticle(a *digest.Article, source digest.SourceID) {
	a.Source = source
	for _, text := range []*string{&a.Outlet, &a.GUID, &a.Address, &a.Host, &a.Title, &a.Text, &a.Content, &a.Author, &a.Language} {
		*text = clean(*text)
	}
	if a.Seen.IsZero() {
		a.Seen = s.now()
	}
	if a.Published.IsZero() || a.Published.After(a.Seen) {
		a.Published = a.Seen
	}
}

// A keyShelf is the known keys that matter to some visits, by hash.
type keyShelf map[int64][]*keptKey

type keptKey struct {
	digest.KnownKey
	source digest.SourceID // that it is saved for
	seen   time.Time
	save   bool // new, or not seen for a day
}

func (s *Store) knownKeys(ctx context.Context, tx *sql.Tx, articles []carriedArticle) (keyShelf, error) {
	known := make(keyShelf, 3*len(articles))
	hashes := make([]any, 0, 3*len(articles))
	for _, a := range articles {
		for _, k := range a.keys {
			if _, listed := known[k.Hash]; !listed {
				known[k.Hash] = nil
				hashes = append(hashes, k.Hash)
			}
		}
	}
	for len(hashes) > 0 {
		n := min(2000, len(hashes))
		err := eachRow(ctx, tx, func(row scanner) error {
			k := new(keptKey)
			err := row.Scan(&k.Hash, &k.Article, &k.Title, at(&k.Published), at(&k.seen))
			known[k.Hash] = append(known[k.Hash], k)
			return err
		}, `SELECT hash, article_id, title, published, seen FROM article_keys WHERE hash IN (`+s.engine.row(1, n)+`)
			ORDER BY article_id`, hashes[:n]...)
		if err != nil {
			return nil, err
		}
		hashes = hashes[n:]
	}
	return known, nil
}

func (k keyShelf) of(keys []digest.Key) []digest.KnownKey {
	var known []digest.KnownKey
	for _, key := range keys {
		for _, kept := range k[key.Hash] {
			known = append(known, kept.KnownKey)
		}
	}
	return known
}

// leave notes that article id was seen as a.
func (k keyShelf) leave(a carriedArticle, id digest.ArticleID) {
	for _, key := range a.keys {
		var mine *keptKey
		for _, kept := range k[key.Hash] {
			if kept.Article == id {
				mine = kept
			}
		}
		if mine == nil {
			mine = &keptKey{KnownKey: digest.KnownKey{Key: key, Article: id, Published: a.Published}}
			k[key.Hash] = append(k[key.Hash], mine)
		}
		if a.Seen.Sub(mine.seen) > 24*time.Hour {
			mine.seen, mine.source, mine.save = a.Seen, a.Source, true
		}
	}
}

func (s *Store) saveKeys(ctx context.Context, tx *sql.Tx, k keyShelf) error {
	var rows [][]any
	for _, kept := range k {
		for _, key := range kept {
			if key.save {
				rows = append(rows, []any{key.Hash, int64(key.Article), int64(key.source), flag(key.Title), ms(key.Published), ms(key.seen)})
			}
		}
	}
	return s.insertRows(ctx, tx, `INSERT INTO article_keys (hash, article_id, source_id, title, published, seen)`, rows,
		`ON CONFLICT (hash, article_id) DO UPDATE SET seen = excluded.seen`)
}

// UnjoinedArticles returns at most limit articles that are in no story yet, in
// the order they were shelved.
func (s *Store) UnjoinedArticles(ctx context.Context, limit int) (articles []digest.Article, err error) {
	err = s.view(ctx, "read unjoined articles", func(ctx context.Context, tx *sql.Tx) error {
		articles, err = collect(ctx, tx, func(row scanner) (digest.Article, error) {
			a, err := scanArticle(row)
			return a.Article, err
		}, `SELECT `+articleColumns+` FROM articles a WHERE a.story_id IS NULL ORDER BY a.id LIMIT $1`, limit)
		return err
	})
	return articles, err
}

// JoinedArticles hands the articles of all stories that one joined since then to each,
// in the order they were seen, as far as they came within the span of a story before.
// An error of each ends it and is returned. Each must not call the store.
func (s *Store) JoinedArticles(ctx context.Context, since time.Time, each func(digest.Article, digest.StoryID) error) error {
	return s.view(ctx, "read joined articles", func(ctx context.Context, tx *sql.Tx) error {
		return eachRow(ctx, tx, func(row scanner) error {
			a, err := scanArticle(row)
			if err != nil {
				return err
			}
			return each(a.Article, a.story)
		}, `SELECT `+articleColumns+` FROM articles a
			WHERE a.seen >= $1 AND a.published >= $1 AND a.story_id IS NOT NULL
				AND (a.seen >= $2 OR EXISTS (SELECT 1 FROM stories s WHERE s.id = a.story_id AND s.joined >= $2))
			ORDER BY a.seen, a.id`, since.Add(-digest.StorySpan).UnixMilli(), since.UnixMilli())
	})
}

// SearchArticles hands articles of listed sources, and of the given own sources
// of a reader, published since then, in a story, whose saved
// words hold one token of every group of anyOf to each, the newest on the
// shelf first, at most limit. They are candidates: the tokens are compared as
// they are, and only the matcher decides. Without a group nothing is found.
// An error of each ends it and is returned. Each must not call the store.
func (s *Store) SearchArticles(ctx context.Context, anyOf [][]string, own []digest.SourceID, since time.Time, limit int, each func(digest.Article, digest.StoryID) error) error {
	groups, possible := searchable(anyOf)
	if !possible {
		return nil
	}
	return s.view(ctx, "search articles", func(ctx context.Context, tx *sql.Tx) error {
		// An article is shelved after it was published, and its id tells when it
		// was shelved, give or take the clocks of replicas: from that id on the
		// index is read backwards, and the many old articles of a common word
		// never are.
		first := idAt(since.Add(-time.Hour))
		return eachRow(ctx, tx, func(row scanner) error {
			a, err := scanArticle(row)
			if err != nil {
				return err
			}
			return each(a.Article, a.story)
		}, s.engine.search(len(own)), append([]any{s.engine.wordQuery(groups), first, since.UnixMilli(), limit}, idsOf(own)...)...)
	})
}

// longestWord is the longest token that is indexed, in bytes: PostgreSQL
// refuses lexemes of 2 KiB, and nobody asks for words of 200 letters.
const longestWord = 500

// mostWords bounds what one article puts into the index.
const mostWords = 20_000

func indexable(token string) bool { return token != "" && len(token) <= longestWord }

// searchable drops tokens that cannot be found; possible is false when nothing
// can.
func searchable(anyOf [][]string) (groups [][]string, possible bool) {
	for _, group := range anyOf {
		var tokens []string
		for _, token := range group {
			if token = clean(token); indexable(token) {
				tokens = append(tokens, token)
			}
		}
		if len(tokens) == 0 {
			return nil, false
		}
		groups = append(groups, tokens)
	}
	return groups, len(groups) > 0
}

// words are an article's tokens as the index takes them.
func (e Engine) words(text string) string {
	var words []string
	for token := range strings.FieldsSeq(clean(text)) {
		if indexable(token) && len(words) < mostWords {
			words = append(words, e.word(token))
		}
	}
	return strings.Join(words, " ")
}
