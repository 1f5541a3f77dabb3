package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"tidings/digest/text"
)

// Bounds of one search.
const (
	searchArticles = 3000 // candidates of the full-text index, newest first
	searchText     = 4e6  // bytes of theirs that are read: a third of a second's work
	backfillFinds  = 500  // stories that a new topic gets
	storiesAtOnce  = 200  // asked of the shelf in one call
)

// A findShelf is what the finder asks of storage.
type findShelf interface {
	// SearchArticles looks among the articles of listed sources and of the own
	// sources given.
	SearchArticles(ctx context.Context, anyOf [][]string, own []SourceID, since time.Time, limit int, each func(Article, StoryID) error) error
	// StoryHeads returns stories without articles, in any order.
	StoryHeads(ctx context.Context, ids []StoryID) ([]Story, error)
	ShelveMatches(ctx context.Context, matches []MatchedStory) error
	// StoryTitles returns titles of stories of listed sources in a language, those most told first.
	StoryTitles(ctx context.Context, language string, since time.Time, limit int) ([]string, error)
}

// A Finder looks for a topic among the stories that are kept. The shelf offers
// candidates by their words; the matcher that the joiner uses decides, so that
// a preview, /latest and a digest never disagree.
type Finder struct {
	shelf findShelf
	now   func() time.Time
}

// NewFinder returns a finder on shelf.
func NewFinder(shelf findShelf) *Finder { return &Finder{shelf: shelf, now: time.Now} }

// Find returns the stories about t of which an article was published since,
// best first by Rank, at most limit, each once with its best article's match.
// Match.Topic is zero, At is now. Of a topic with more than 3000 candidates, or
// 4 MB of their text, it sees the newest. Stories come without Articles. Of
// readers' own sources those given are looked at, too.
func (f *Finder) Find(ctx context.Context, t Topic, since time.Time, limit int, own ...SourceID) ([]MatchedStory, error) {
	found, err := f.match(ctx, t, own, since)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(m MatchedStory) bool { return !NormalBreadth.Takes(m.Match) })
	// Hosts are not known yet, so three times as many as are wanted are looked up.
	found = found[:min(len(found), 3*max(limit, 0)+storiesAtOnce/10)]
	if found, err = f.look(ctx, found); err != nil {
		return nil, err
	}
	sortByRank(found, f.now())
	return found[:min(len(found), max(limit, 0))], nil
}

// Backfill finds what the shelf has for a topic since a time and shelves the
// matches, at most 500. It returns them best first; stories come
// without Articles. To do it twice does no harm. What fits of the own
// sources given is returned but not shelved, for a topic belongs to all who
// follow it.
func (f *Finder) Backfill(ctx context.Context, id TopicID, t Topic, since time.Time, own ...SourceID) ([]MatchedStory, error) {
	found, err := f.match(ctx, t, own, since)
	if err != nil {
		return nil, err
	}
	found = found[:min(len(found), backfillFinds)]
	var shared []MatchedStory
	for i := range found {
		found[i].Topic = id
		if found[i].Story.Circle == 0 {
			shared = append(shared, found[i])
		}
	}
	if len(shared) > 0 {
		if err := f.shelf.ShelveMatches(ctx, shared); err != nil {
			return nil, fmt.Errorf("shelve %d matches of topic %d: %w", len(shared), id, err)
		}
	}
	if found, err = f.look(ctx, found); err != nil { // who else tells it counts, as in Find
		return nil, err
	}
	sortByRank(found, f.now())
	return found, nil
}

// errEnough ends a search: more would keep the reader waiting.
var errEnough = errors.New("enough candidates")

// Bounds of what is looked up to know whether a word is one.
const (
	knownArticles = 50   // at most, with it
	knownShare    = 5    // a word that stands in one for so many of the other is none
	toldTitles    = 3000 // of which words may be meant
	toldTwice     = 2    // titles that tell such a word, at least
)

// Suggest returns what may have been meant by a topic that finds nothing, for a reader of a
// language, see Topic.suggestion and, if it finds something, Topic.loosened; "" mostly. A word that stories tell often enough beside the one it may be
// meant to be, in whatever language, is right.
func (f *Finder) Suggest(ctx context.Context, t Topic, language string, since time.Time, own ...SourceID) (string, error) {
	var failed error
	count := func(word string) (n int) {
		err := f.shelf.SearchArticles(ctx, [][]string{{searchWord(word)}}, own, since, knownArticles, func(Article, StoryID) error {
			n++
			return ctx.Err()
		})
		failed = cmp.Or(failed, err)
		return n
	}
	words := sync.OnceValue(func() []string { // for each word of the topic that is not known the same
		titles, err := f.shelf.StoryTitles(ctx, language, since, toldTitles)
		failed = cmp.Or(failed, err)
		return slices.Collect(toldIn(titles))
	})
	told := func(yield func(string) bool) { slices.Values(words())(yield) }
	other := t.suggestion(speller{language: language, told: told, known: func(word, other string) bool {
		n := count(word)
		return n > 0 && n*knownShare >= count(other)
	}})
	if failed != nil {
		return "", fmt.Errorf("search for words: %w", failed)
	}
	if other != "" {
		return other, nil
	}
	if looser, ok := t.loosened(); ok {
		found, err := f.match(ctx, looser, own, since)
		if err != nil || len(found) > 0 {
			return looser.Label, err
		}
	}
	return "", nil
}

// toldIn are the words that stand in several titles, as the first of them writes them.
func toldIn(titles []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		met := map[string]int{}
		for _, title := range titles {
			for w := range text.Words(title, text.Unstemmed) {
				if met[w.Surface]++; met[w.Surface] == toldTwice && !yield(title[w.Start:w.End]) {
					return
				}
			}
		}
	}
}

// match returns the stories with an article that fits t, best first by score
// and age. Of the stories only what the article tells is known.
func (f *Finder) match(ctx context.Context, t Topic, own []SourceID, since time.Time) ([]MatchedStory, error) {
	words := t.Candidates()
	if len(words) == 0 {
		return nil, nil
	}
	matcher := NewMatcher()
	matcher.Add(0, t)
	best := map[StoryID]MatchedStory{}
	now, read := f.now(), 0
	err := f.shelf.SearchArticles(ctx, words, own, since, searchArticles, func(a Article, id StoryID) error {
		if read += len(a.Title) + len(a.Text) + len(a.Content); read > searchText {
			return errEnough
		}
		d := documentOf(a)
		d.Hosts = MostSources // the story's are counted below
		for _, m := range matcher.Match(d) {
			known, ok := best[id]
			if !ok || m.Score > known.Score {
				m.Story = id
				best[id] = MatchedStory{Match: m, Story: storyOf(a, id), At: now}
			}
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("search articles: %w", err)
	}
	found := make([]MatchedStory, 0, len(best))
	for _, m := range best {
		found = append(found, m)
	}
	if n := t.Sources(); n > 1 {
		if found, err = f.look(ctx, found); err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(m MatchedStory) bool { return m.Story.Hosts < n })
	}
	sortByRank(found, now)
	return found, nil
}

// look fills in the stories as the shelf has them; those that went meanwhile
// are left out.
func (f *Finder) look(ctx context.Context, found []MatchedStory) ([]MatchedStory, error) {
	stories := make(map[StoryID]Story, len(found))
	for part := range slices.Chunk(found, storiesAtOnce) {
		ids := make([]StoryID, len(part))
		for i, m := range part {
			ids[i] = m.Story.ID
		}
		kept, err := f.shelf.StoryHeads(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("read %d stories: %w", len(ids), err)
		}
		for _, s := range kept {
			stories[s.ID] = s
		}
	}
	var there []MatchedStory
	for _, m := range found {
		if s, ok := stories[m.Story.ID]; ok {
			m.Story = s
			there = append(there, m)
		}
	}
	return there, nil
}

// sortByRank puts the better first, in the order of editions.
func sortByRank(found []MatchedStory, now time.Time) {
	slices.SortFunc(found, func(a, b MatchedStory) int { return byRank(ranked(a, now), ranked(b, now)) })
}

// storyOf returns a story as one of its articles tells it.
func storyOf(a Article, id StoryID) Story {
	return Story{
		ID: id, Circle: a.Circle, Title: a.Title, Address: a.Address, Outlet: a.Outlet, Host: a.Host, Language: a.Language,
		Published: a.Published, Joined: a.Seen, Hosts: 1,
	}
}
