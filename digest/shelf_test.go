package digest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A memory is a shelf that forgets when the test ends. It keeps the promises
// that storage keeps: identity of articles, claims, the greater score and the
// first time of a match.
type memory struct {
	mu       sync.Mutex
	sources  map[SourceID]Source
	articles []Article // by id, from 1
	keys     []KnownKey
	story    map[ArticleID]StoryID
	words    map[ArticleID][]string
	stories  map[StoryID]Story
	topics   []KnownTopic
	pieces   map[[2]int][]byte // of the matcher's image
	newest   TopicID
	matches  map[[2]int64]MatchedStory
	shelved  []int // articles of each ShelveVisits
	broken   error // what every write says
	arrived  chan struct{}
	lane     chan struct{}
	lose     context.CancelFunc // ends the lane that is held
	lanes    int                // won so far
}

func newMemory(sources ...Source) *memory {
	m := &memory{
		sources: map[SourceID]Source{}, story: map[ArticleID]StoryID{}, words: map[ArticleID][]string{},
		stories: map[StoryID]Story{}, matches: map[[2]int64]MatchedStory{}, pieces: map[[2]int][]byte{},
		arrived: make(chan struct{}, 1), lane: make(chan struct{}, 1),
	}
	for i, s := range sources {
		s.ID = SourceID(i + 1)
		m.sources[s.ID] = s
	}
	return m
}

func (m *memory) ClaimSources(_ context.Context, now time.Time, hold time.Duration, limit int) ([]Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []Source
	for _, s := range m.sources {
		if !s.NextVisit.After(now) {
			due = append(due, s)
		}
	}
	slices.SortFunc(due, func(a, b Source) int { return cmp.Or(a.NextVisit.Compare(b.NextVisit), cmp.Compare(a.ID, b.ID)) })
	due = due[:min(limit, len(due))]
	for _, s := range due {
		s.NextVisit = now.Add(hold)
		s.Broke++
		m.sources[s.ID] = s
	}
	return due, nil
}

func (m *memory) ShelveVisits(ctx context.Context, visits []Visit) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmp.Or(ctx.Err(), m.broken); err != nil {
		return 0, err
	}
	fresh, all := 0, 0
	for _, v := range visits {
		if !v.Brought {
			m.sources[v.Source.ID] = v.Source
		}
		for _, a := range v.Articles {
			all++
			if _, known := SameArticle(a.Keys(), a.Published, m.keys); known {
				continue
			}
			a.ID = ArticleID(len(m.articles) + 1)
			m.articles = append(m.articles, a)
			for _, k := range a.Keys() {
				m.keys = append(m.keys, KnownKey{Key: k, Article: a.ID, Published: a.Published})
			}
			fresh++
		}
	}
	m.shelved = append(m.shelved, all)
	m.wake()
	return fresh, nil
}

func (m *memory) wake() {
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

func (m *memory) ArticlesArrived() <-chan struct{} { return m.arrived }

func (m *memory) UnjoinedArticles(_ context.Context, limit int) ([]Article, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Article
	for _, a := range m.articles {
		if _, joined := m.story[a.ID]; !joined && len(list) < limit {
			list = append(list, a)
		}
	}
	return list, nil
}

func (m *memory) JoinedArticles(_ context.Context, since time.Time, each func(Article, StoryID) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := map[StoryID]time.Time{}
	for _, a := range m.articles {
		if s := m.story[a.ID]; a.Seen.After(last[s]) {
			last[s] = a.Seen
		}
	}
	for _, a := range m.articles {
		if s, joined := m.story[a.ID]; joined && !last[s].Before(since) && !a.Seen.Before(since.Add(-StorySpan)) {
			if err := each(a, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) ShelveJoined(ctx context.Context, joined []Joined) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmp.Or(ctx.Err(), m.broken); err != nil {
		return err
	}
	for _, j := range joined {
		if head, ok := m.stories[j.Story.ID]; ok {
			j.Story.Title, j.Story.Address, j.Story.Outlet, j.Story.Host = head.Title, head.Address, head.Outlet, head.Host
		}
		m.stories[j.Story.ID] = j.Story
		m.story[j.Article] = j.Story.ID
		m.words[j.Article] = strings.Fields(j.Words)
		m.articles[j.Article-1].Subjects = j.Subjects
		for _, match := range j.Matches {
			m.match(MatchedStory{Match: match, At: j.Story.Joined})
		}
	}
	return nil
}

func (m *memory) match(s MatchedStory) {
	k := [2]int64{int64(s.Topic), int64(s.Match.Story)}
	if known, ok := m.matches[k]; ok {
		s.At = known.At
		if known.Score > s.Score {
			s.Match = known.Match
		}
	}
	m.matches[k] = s
}

func (m *memory) ShelveMatches(ctx context.Context, matches []MatchedStory) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range matches {
		m.match(s)
	}
	return cmp.Or(ctx.Err(), m.broken)
}

func (m *memory) TopicsAfter(_ context.Context, id TopicID, limit int) ([]KnownTopic, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, _ := slices.BinarySearchFunc(m.topics, id+1, func(k KnownTopic, id TopicID) int { return cmp.Compare(k.ID, id) })
	return slices.Clone(m.topics[i:min(len(m.topics), i+limit)]), nil
}

func (m *memory) TopicIDsAfter(ctx context.Context, id TopicID, limit int) (ids []TopicID, err error) {
	topics, err := m.TopicsAfter(ctx, id, limit)
	for _, k := range topics {
		ids = append(ids, k.ID)
	}
	return ids, err
}

func (m *memory) MatcherPieces(_ context.Context, each func(MatcherPiece) error) error {
	m.mu.Lock()
	order := slices.SortedFunc(maps.Keys(m.pieces), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	kept := maps.Clone(m.pieces)
	m.mu.Unlock()
	for _, k := range order {
		if err := each(MatcherPiece{Part: k[0], Piece: k[1], Bytes: kept[k]}); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) SaveMatcherPieces(ctx context.Context, pieces ...MatcherPiece) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmp.Or(ctx.Err(), m.broken); err != nil {
		return err
	}
	for _, p := range pieces {
		if len(p.Bytes) == 0 {
			maps.DeleteFunc(m.pieces, func(k [2]int, _ []byte) bool { return k[0] == p.Part && k[1] >= p.Piece })
			continue
		}
		m.pieces[[2]int{p.Part, p.Piece}] = slices.Clone(p.Bytes)
	}
	return nil
}

// follow adds a topic as somebody who follows it would.
func (m *memory) follow(t *testing.T, query string) TopicID {
	t.Helper()
	topic, err := ParseTopic(query)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.newest++
	m.topics = append(m.topics, KnownTopic{ID: m.newest, Text: topic.Text})
	m.wake()
	return m.newest
}

// unfollow takes a topic away as its last follower does.
func (m *memory) unfollow(id TopicID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.topics = slices.DeleteFunc(m.topics, func(k KnownTopic) bool { return k.ID == id })
	maps.DeleteFunc(m.matches, func(k [2]int64, _ MatchedStory) bool { return k[0] == int64(id) })
}

func (m *memory) Lane(ctx context.Context, _ string) (context.Context, func(), error) {
	select {
	case m.lane <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	held, lose := context.WithCancel(ctx)
	m.lose = lose
	m.lanes++
	return held, func() { lose(); <-m.lane }, nil
}

func (m *memory) SearchArticles(_ context.Context, anyOf [][]string, own []SourceID, since time.Time, limit int, each func(Article, StoryID) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range slices.Backward(m.articles) {
		has := func(w string) bool { return slices.Contains(m.words[a.ID], w) }
		if limit == 0 || a.Published.Before(since) || m.story[a.ID] == 0 || a.Circle != 0 && !slices.Contains(own, a.Circle) {
			continue
		}
		if slices.ContainsFunc(anyOf, func(any []string) bool { return !slices.ContainsFunc(any, has) }) {
			continue
		}
		limit--
		if err := each(a, m.story[a.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) StoryTitles(_ context.Context, language string, since time.Time, limit int) (titles []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.stories {
		if s.Language == language && !s.Published.Before(since) && len(titles) < limit {
			titles = append(titles, s.Title)
		}
	}
	return titles, nil
}

func (m *memory) StoryHeads(ctx context.Context, ids []StoryID) ([]Story, error) {
	list, err := m.StoriesByID(ctx, ids)
	for i := range list {
		list[i].Articles = nil
	}
	return list, err
}

func (m *memory) StoriesByID(_ context.Context, ids []StoryID) ([]Story, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Story
	for _, id := range ids {
		s, ok := m.stories[id]
		if !ok {
			continue
		}
		for _, a := range m.articles {
			if m.story[a.ID] == id && len(s.Articles) < 12 {
				s.Articles = append(s.Articles, a)
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// source returns a source as it stands.
func (m *memory) source(id SourceID) Source {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sources[id]
}

// found returns the stories matched with a topic, by id.
func (m *memory) found(topic TopicID) []StoryID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []StoryID
	for k := range maps.Keys(m.matches) {
		if TopicID(k[0]) == topic {
			ids = append(ids, StoryID(k[1]))
		}
	}
	slices.Sort(ids)
	return ids
}

// unjoined counts what still waits for the joiner.
func (m *memory) unjoined() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.articles) - len(m.story)
}
