package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// put shelves articles that nobody fetched.
func (m *memory) put(articles ...Article) {
	m.putUntold(articles...)
	m.wake()
}

// putUntold shelves articles as another replica does: without a signal here.
func (m *memory) putUntold(articles ...Article) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range articles {
		a.ID = ArticleID(len(m.articles) + 1)
		m.articles = append(m.articles, a)
	}
}

var (
	ferryA = told("harbour.example", "Ferry runs aground off Port Low with 90 aboard", "The ferry Morning Star struck a sandbank off Port Low on Monday and the coastguard brought ninety passengers ashore.")
	ferryB = told("coast.example", "Coastguard rescues passengers of stranded Port Low ferry", "Ninety passengers were brought ashore after the Morning Star ferry hit a sandbank near Port Low.")
	tramA  = told("city.example", "Council votes for a new tram line to the airport", "The city council of Marburg voted for a tram line that will link the airport and the old town.")
)

// newTestJoiner returns a joiner in whose stories are numbered from 1, at the
// clock of a synctest bubble.
func newTestJoiner(shelf *memory) *Joiner {
	id := StoryID(0)
	return NewJoiner(shelf, func() StoryID { id++; return id }, slog.New(slog.DiscardHandler))
}

// running starts j and returns what stops it and tells its error.
func running(ctx context.Context, j *Joiner) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	return func() error { cancel(); return <-done }
}

// today gives articles the time of the bubble.
func today(articles ...Article) []Article {
	articles = slices.Clone(articles)
	for i := range articles {
		articles[i].Seen = time.Now()
		articles[i].Published = articles[i].Seen
	}
	return articles
}

func TestJoinerMakesStoriesAndMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		ferries := shelf.follow(t, "ferry")
		shelf.put(today(ferryA, tramA)...)
		stop := running(t.Context(), newTestJoiner(shelf))
		synctest.Wait()
		if got := fmt.Sprint(shelf.found(ferries), shelf.unjoined()); got != "[1] 0" {
			t.Errorf("matches and unjoined: %s, want [1] 0", got)
		}

		// An article that arrives later joins, and one host more carries the story.
		shelf.put(today(ferryB)...)
		synctest.Wait()
		if s := shelf.stories[1]; shelf.story[3] != 1 || s.Hosts != 2 || s.Title != ferryA.Title {
			t.Errorf("article 3 is in story %d, which is %+v; want story 1 of 2 hosts under its first title", shelf.story[3], s)
		}

		// A topic followed later finds what is there already.
		trams := shelf.follow(t, "tram line")
		synctest.Wait()
		if got := fmt.Sprint(shelf.found(trams)); got != "[2]" {
			t.Errorf("the new topic found %s, want [2]", got)
		}

		// Another replica's article makes no signal here: it is found within a second.
		shelf.putUntold(today(told("x.example", "Tram line to the harbour opens early", ""))...)
		time.Sleep(joinPoll)
		synctest.Wait()
		if got := fmt.Sprint(shelf.found(trams)); got != "[2 3]" {
			t.Errorf("after a second the topic has %s, want [2 3]", got)
		}
		if err := stop(); err != nil {
			t.Errorf("Run = %v, want nil when asked to stop", err)
		}
	})
}

func TestJoinerGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		shelf.put(today(ferryA)...)
		j := newTestJoiner(shelf)
		stop := running(t.Context(), j)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		// Followed while nobody joined.
		ferries := shelf.follow(t, "ferry")
		time.Sleep(48 * time.Hour)
		shelf.put(today(ferryB)...)
		stop = running(t.Context(), NewJoiner(shelf, func() StoryID { return 99 }, j.log))
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if shelf.story[2] != 1 {
			t.Errorf("after a restart the second article began story %d, want it in story 1", shelf.story[2])
		}
		if got := fmt.Sprint(shelf.found(ferries)); got != "[1]" {
			t.Errorf("the topic has %s, want [1]", got)
		}
	})
}

func TestJoinerRecallsWhatStillLivesInTheOrderItCame(t *testing.T) {
	shelf, want := newMemory(), NewWindow(nil)
	put := func(a Article, ago time.Duration, s StoryID) {
		a.ID, a.Seen, a.Published = ArticleID(len(shelf.articles)+1), noon.Add(-ago), noon.Add(-ago)
		shelf.articles, shelf.story[a.ID] = append(shelf.articles, a), s
		if s != 1 {
			want.Restore(a, s)
		}
	}
	const n = 2*joinBatch + 100
	put(tramA, StorySpan+2*time.Hour, 1) // nobody told of it since
	put(ferryA, StorySpan+time.Hour, 2)
	put(ferryB, time.Hour+n*time.Second, 2)
	for i, a := range samples(n) {
		put(a, time.Hour+time.Duration(n-i)*time.Second, StoryID(3+i/3))
	}
	j := newTestJoiner(shelf)
	j.now = func() time.Time { return noon }
	if err := j.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, old := j.window.Story(1); old || len(j.window.stories) != len(want.stories) || !slices.Equal(j.window.arrived, want.arrived) {
		t.Errorf("%d stories and %d articles are recalled, that of the tram %v; want %d and %d in the order they came, without the tram",
			len(j.window.stories), len(j.window.arrived), old, len(want.stories), len(want.arrived))
	}
	for id, s := range want.stories {
		if got := j.window.stories[id]; got == nil || got.told != s.told || got.hosts() != s.hosts() || !slices.Equal(got.tongue.keys(got), s.tongue.keys(s)) {
			t.Fatalf("story %d is recalled as %+v, want %+v", id, got, s)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.restore(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("restore when told to end = %v, want that it was", err)
	}
}

func TestJoinerReturnsWhatTheShelfSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		shelf.broken = errors.New("disk full")
		shelf.put(today(ferryA)...)
		j := newTestJoiner(shelf)
		if err := j.Run(t.Context()); !errors.Is(err, shelf.broken) {
			t.Errorf("Run = %v, want %v", err, shelf.broken)
		}
		shelf.broken = nil
		stop := running(t.Context(), j)
		synctest.Wait()
		if n := shelf.unjoined(); n != 0 {
			t.Errorf("%d articles unjoined after Run was called again, want 0", n)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestJoinerWaitsForALaneThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		stop := running(t.Context(), newTestJoiner(shelf))
		synctest.Wait()
		shelf.lose()
		synctest.Wait()
		shelf.put(today(ferryA)...)
		synctest.Wait()
		if shelf.lanes != 2 || shelf.unjoined() != 0 {
			t.Errorf("the lane was won %d times and %d articles wait, want 2 and 0", shelf.lanes, shelf.unjoined())
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestJoinerJoinsMoreThanABatchAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		shelf.put(samples(2*joinBatch + 1)...)
		stop := running(t.Context(), newTestJoiner(shelf))
		synctest.Wait()
		if n := shelf.unjoined(); n != 0 {
			t.Errorf("%d articles unjoined without waiting, want 0", n)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestJoinerLeavesOutATopicThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		shelf.topics, shelf.newest = []KnownTopic{{ID: 1, Text: `"open`}}, 1
		shelf.put(today(ferryA)...)
		var log strings.Builder
		j := newTestJoiner(shelf)
		j.log = slog.New(slog.NewTextHandler(&log, nil))
		stop := running(t.Context(), j)
		synctest.Wait()
		ferries := shelf.follow(t, "ferry")
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(shelf.found(ferries)); got != "[1]" || strings.Count(log.String(), "cannot be read") != 1 {
			t.Errorf("the other topic has %s, want [1]; the log says %s", got, &log)
		}
	})
}

func TestJoinerForgetsTopicsThatNobodyFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		trams, ferries := shelf.follow(t, "tram line"), shelf.follow(t, "ferry")
		j := newTestJoiner(shelf)
		stop := running(t.Context(), j)
		shelf.put(today(ferryA)...)
		synctest.Wait()
		if got := fmt.Sprint(j.matcher.Len(), shelf.found(ferries)); got != "2 [1]" {
			t.Fatalf("topics and matches: %s, want 2 [1]", got)
		}
		shelf.unfollow(ferries)
		time.Sleep(reviseEvery + joinPoll)
		synctest.Wait()
		if n := j.matcher.Len(); n != 1 {
			t.Errorf("%d topics in the matcher, want 1", n)
		}

		// Followed again it has another id, and all that came meanwhile is found.
		shelf.put(today(told("x.example", "Ferry fares rise across the bay", ""))...)
		synctest.Wait()
		again := shelf.follow(t, "ferry")
		shelf.put(today(told("y.example", "Ferry museum opens in the old customs house", ""))...)
		synctest.Wait()
		if got := fmt.Sprint(j.matcher.Len(), shelf.found(again), shelf.found(ferries)); got != "2 [1 2 3] []" {
			t.Errorf("topics, matches of the new id and of the old one: %s, want 2 [1 2 3] []", got)
		}

		// The greatest id is gone, and a clock that is behind gives a smaller one.
		shelf.unfollow(trams)
		shelf.unfollow(again)
		shelf.newest = ferries - 1
		late := shelf.follow(t, "customs house")
		time.Sleep(reviseEvery + joinPoll)
		synctest.Wait()
		if got := fmt.Sprint(j.matcher.Len(), shelf.found(late)); got != "1 [3]" {
			t.Errorf("topics, and matches of one with a small id: %s, want 1 [3]", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestKnownTopicsAreComparedWithThoseKept(t *testing.T) {
	for _, tt := range []struct {
		name                string
		known, kept         []TopicID
		wantGone, wantFresh string
	}{
		{"nothing", nil, nil, "[]", "[]"},
		{"the same", []TopicID{3, 5}, []TopicID{3, 5}, "[]", "[]"},
		{"all are gone", []TopicID{3, 5}, nil, "[3 5]", "[]"},
		{"all are new", nil, []TopicID{3, 5}, "[]", "[3 5]"},
		{"the first, one between and the last", []TopicID{1, 3, 5, 7, 9}, []TopicID{3, 4, 7, 8}, "[1 5 9]", "[4 8]"},
	} {
		gone, fresh := compareTopics(tt.known, tt.kept)
		if got := fmt.Sprint(gone, fresh); got != tt.wantGone+" "+tt.wantFresh {
			t.Errorf("%s: compareTopics(%v, %v) = %s, want %s %s", tt.name, tt.known, tt.kept, got, tt.wantGone, tt.wantFresh)
		}
	}
}

func TestFinderAgreesWithTheJoiner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		j := newTestJoiner(shelf)
		shelf.put(today(ferryA, ferryB, tramA, told("d.example", "Nordic ferries to run on hydrogen", "A company will buy four."))...)
		stop := running(t.Context(), j)
		synctest.Wait()
		since := time.Now().Add(-time.Hour)
		for _, tt := range []struct {
			name, query string
			limit       int
			want        string
		}{
			{"nothing fits", "volcano", 5, "[]"},
			{"a limit below zero", "ferry", -1, "[]"},
			{"the story of two hosts stands first", "ferry", 5, "[1 3]"},
			{"the limit holds", "ferry", 1, "[1]"},
			{"the matcher decides, not the index", `"ferry runs"`, 5, "[1]"},
			{"excluded", "ferry -hydrogen", 5, "[1]"},
		} {
			topic, err := ParseTopic(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			found, err := NewFinder(shelf).Find(t.Context(), topic, since, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			ids := []StoryID{}
			for _, m := range found {
				ids = append(ids, m.Story.ID)
				if m.Match.Story != m.Story.ID || m.Score <= 0 || m.Story.Title == "" {
					t.Errorf("%s: found %+v, want a match with its story", tt.name, m)
				}
			}
			if got := fmt.Sprint(ids); got != tt.want {
				t.Errorf("%s: Find(%s, %d) = %s, want %s", tt.name, tt.query, tt.limit, got, tt.want)
			}
			if tt.limit == 5 {
				id := shelf.follow(t, tt.query)
				synctest.Wait()
				got := shelf.found(id)
				slices.Sort(ids)
				if !slices.Equal(got, ids) {
					t.Errorf("%s: back-filled %v, found %v; want the same", tt.name, got, ids)
				}
			}
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// long is a shelf of articles that give their whole text, the newest first.
type long struct{ articles, handed int }

func (l *long) SearchArticles(_ context.Context, _ [][]string, _ []SourceID, _ time.Time, limit int, each func(Article, StoryID) error) error {
	text := strings.Repeat("The ferry sails at noon. ", 20_000)
	for l.handed = 0; l.handed < min(l.articles, limit); l.handed++ {
		if err := each(Article{Title: "Ferry news", Content: text, Language: "en"}, StoryID(l.handed+1)); err != nil {
			return err
		}
	}
	return nil
}

func (l *long) StoryHeads(_ context.Context, ids []StoryID) (stories []Story, err error) {
	for _, id := range ids {
		stories = append(stories, Story{ID: id, Title: "Ferry news", Hosts: 1})
	}
	return stories, nil
}

func (l *long) StoryTitles(context.Context, string, time.Time, int) ([]string, error) {
	return nil, nil
}

func (l *long) ShelveMatches(context.Context, []MatchedStory) error { return nil }

func TestASearchReadsSoMuchTextAndNoMore(t *testing.T) {
	topic, err := ParseTopic("ferry")
	if err != nil {
		t.Fatal(err)
	}
	shelf := &long{articles: 1000} // half a gigabyte
	found, err := NewFinder(shelf).Find(t.Context(), topic, time.Time{}, 100)
	if want := searchText / (20_000 * 25); err != nil || shelf.handed > int(want)+1 || len(found) != shelf.handed {
		t.Errorf("Find reads %d articles of half a megabyte and finds %d stories (%v), want about %d, the newest", shelf.handed, len(found), err, int(want))
	}
}
