package digest

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"
)

func TestAnOwnSourceJoinsOnlyWithinItself(t *testing.T) {
	shelf := newMemory()
	j := NewJoiner(shelf, rising(), slog.New(slog.DiscardHandler))
	j.window, j.own, j.matcher, j.lessons = NewWindow(j.newID), NewWindow(j.newID), NewMatcher(), NewLessons()
	topic, err := ParseTopic("ferries")
	if err != nil {
		t.Fatal(err)
	}
	j.matcher.Add(1, topic)
	now := time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)
	tell := func(id ArticleID, circle SourceID, host string) Joined {
		return j.decide(Article{
			ID: id, Source: max(circle, 1), Circle: circle, Host: host, Address: "https://" + host + "/1", Language: "en", Seen: now, Published: now,
			Title: "Harbour council orders two electric ferries", Text: "The council ordered two electric ferries on Monday for 38 million euros.",
		})
	}
	stranger := tell(1, 7, "spam.example")
	first := tell(2, 0, "post.example")
	second := tell(3, 0, "wire.example")
	again := tell(4, 7, "spam.example")
	another := tell(5, 8, "blog.example")
	if first.Story.ID == stranger.Story.ID || second.Story.ID != first.Story.ID || second.Story.Hosts != 2 {
		t.Errorf("listed sources tell the stories %+v and %+v, want one of two hosts without the stranger's", first.Story, second.Story)
	}
	if again.Story.ID != stranger.Story.ID || another.Story.ID == stranger.Story.ID {
		t.Errorf("own sources tell the stories %d, %d and another's %d; want the first two one", stranger.Story.ID, again.Story.ID, another.Story.ID)
	}
	if stranger.Story.Circle != 7 || first.Story.Circle != 0 {
		t.Errorf("the circles are %d and %d, want 7 and 0", stranger.Story.Circle, first.Story.Circle)
	}
	if len(stranger.Matches) != 0 || len(first.Matches) != 1 {
		t.Errorf("an own source matched %d topics of the shelf, want none; a listed one %d, want 1", len(stranger.Matches), len(first.Matches))
	}
}

func TestAWindowForgetsOwnSourcesThatAreGone(t *testing.T) {
	w := NewWindow(rising())
	now := time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)
	for i := range 1000 {
		w.Place(Article{ID: ArticleID(i + 1), Circle: SourceID(i + 1), Language: "en", Title: fmt.Sprintf("Words of source number %d", i), Seen: now, Published: now})
	}
	w.Place(Article{ID: 5000, Language: "en", Title: "Much later", Seen: now.Add(2 * StorySpan), Published: now.Add(2 * StorySpan)})
	if len(w.tongues) != 1 || len(w.stories) != 1 {
		t.Errorf("after their stories have gone %d languages and %d stories are held, want one of each", len(w.tongues), len(w.stories))
	}
}

func TestKeysOfAnOwnSourceAreItsOwn(t *testing.T) {
	a := Article{Source: 3, GUID: "1", Address: "https://post.example/a", Host: "post.example", Title: "Four words are enough"}
	own := a
	own.Circle = 3
	for _, k := range own.Keys()[1:] {
		if slices.Contains(a.Keys(), k) {
			t.Errorf("a key of the own circle stands in the circle of all: %+v", k)
		}
	}
	if own.Twin() == 0 || own.Twin() != a.Keys()[1].Hash {
		t.Errorf("Twin() = %d, want the hash of its address in the circle of all, %d", own.Twin(), a.Keys()[1].Hash)
	}
	if got := (Article{Address: "https://post.example/"}).Twin(); got != 0 {
		t.Errorf("a front page has the twin %d, want none", got)
	}
}

func TestWithSources(t *testing.T) {
	now := time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)
	story := func(id StoryID, circle SourceID) Story {
		return Story{ID: id, Circle: circle, Published: now, Hosts: 1}
	}
	carried := func(id StoryID, circle SourceID, title string) Carried {
		return Carried{Article{Title: title, Language: "en", Circle: circle, Seen: now}, story(id, circle)}
	}
	topics := []Followed{
		{Topic: 1, Text: "ferries", Label: "ferries", Matches: []MatchedStory{{Match: Match{Story: 10, Score: 0.3}, Story: story(10, 0), At: now}}},
		{Topic: 2, Label: `"not read`},
	}
	got := WithSources(topics, []FollowedSource{
		{Source: 7, Name: "Mine", Carried: []Carried{carried(20, 7, "Ferries sail again"), carried(21, 7, "Bread is cheap"), carried(22, 7, "A copy of ten about ferries")}},
		{Source: 8, Name: "Listed", Carried: []Carried{carried(10, 0, "Ferries"), carried(23, 8, "Bread is cheap")}},
	}, map[StoryID][]StoryID{22: {10}, 10: {22}, 21: {23}, 23: {21}})
	ids := func(f Followed) (all []StoryID) {
		for _, m := range f.Matches {
			if m.Match.Story != m.Story.ID {
				t.Errorf("a match of story %d shows story %d", m.Match.Story, m.Story.ID)
			}
			all = append(all, m.Story.ID)
		}
		return all
	}
	for i, want := range [][]StoryID{{10, 20, 10}, nil, {20, 21, 10}, {10, 21}} {
		if !slices.Equal(ids(got[i]), want) {
			t.Errorf("section %d (%s) has the stories %v, want %v", i, got[i].Label, ids(got[i]), want)
		}
	}
	if len(topics[0].Matches) != 1 {
		t.Errorf("WithSources changed what it was given")
	}
	e := Compose(got, nil, NormalLimits, now)
	if n := len(e.Stories()); n != 3 {
		t.Errorf("an edition of it has %d stories, want each of the three pieces once: %v", n, e.Stories())
	}
	if got := WithTwins(map[StoryID]bool{10: true}, map[StoryID][]StoryID{10: {22}, 22: {10}, 21: {23}}); !got[10] || !got[22] || got[23] {
		t.Errorf("WithTwins = %v, want 10 and its twin", got)
	}
}

func TestRelead(t *testing.T) {
	article := func(source SourceID, host string) Article {
		return Article{Source: source, Host: host, Address: "https://" + host + "/", Title: "By " + host, Outlet: host}
	}
	s := Story{Title: "By a.example", Address: "https://a.example/", Outlet: "a.example", Host: "a.example", Hosts: 3,
		Articles: []Article{article(1, "a.example"), article(2, "b.example"), article(3, "c.example")}}
	for _, c := range []struct {
		name  string
		muted Muted
		lead  string
		hosts int
		ok    bool
	}{
		{"nobody", nil, "a.example", 3, true},
		{"somebody else", Muted{9: true}, "a.example", 3, true},
		{"the lead", Muted{1: true}, "b.example", 2, true},
		{"one that does not lead", Muted{2: true}, "a.example", 2, true},
		{"the first two", Muted{1: true, 2: true}, "c.example", 1, true},
		{"all", Muted{1: true, 2: true, 3: true}, "a.example", 3, false},
	} {
		got, ok := c.muted.Relead(s)
		if got.Host != c.lead || got.Title != "By "+c.lead || got.Hosts != c.hosts || ok != c.ok {
			t.Errorf("muting %s: led by %s, %d hosts, %v; want %s, %d, %v", c.name, got.Host, got.Hosts, ok, c.lead, c.hosts, c.ok)
		}
	}
	if len(s.Articles) != 3 || s.Articles[0].Host != "a.example" {
		t.Errorf("Relead changed what it was given: %+v", s)
	}
}

func TestATopicLeadsAStoryByWhatItAsksFor(t *testing.T) {
	article := func(host, language string) Article {
		return Article{Host: host, Language: language, Address: "https://" + host + "/", Title: "By " + host, Outlet: host}
	}
	s := Story{Title: "By a.example", Address: "https://a.example/", Outlet: "a.example", Host: "a.example", Language: "en", Abstract: Abstract{Text: "All tell of a ferry."},
		Articles: []Article{article("a.example", "en"), article("www.b.example", "en"), article("c.example", "de")}}
	for _, c := range []struct {
		topic, lead, second string
		ok                  bool
	}{
		{"ferry", "a.example", "www.b.example", true},
		{"ferry site:a.example", "a.example", "www.b.example", true},
		{"ferry site:b.example", "www.b.example", "a.example", true},
		{"ferry -site:a.example", "www.b.example", "a.example", true},
		{"ferry -site:a.example -site:b.example", "c.example", "a.example", true},
		{"ferry lang:de", "c.example", "a.example", true},
		{"ferry site:far.example", "far.example", "a.example", true},
		{"ferry site:nowhere.example", "a.example", "www.b.example", false},
		{"ferry min:2", "a.example", "www.b.example", true},
	} {
		topic, err := ParseTopic(c.topic)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := topic.Relead(s, article("far.example", "en"))
		if got.Host != c.lead || got.Title != "By "+c.lead || got.Articles[1].Host != c.second || ok != c.ok {
			t.Errorf("%s: led by %s before %s, %v; want %s, %s, %v", c.topic, got.Title, got.Articles[1].Host, ok, c.lead, c.second, c.ok)
		}
		if anew := c.lead != "a.example"; anew != (got.Abstract.Text == "") {
			t.Errorf("%s: led by %s with the abstract %q, which is of all outlets and in the language of the first", c.topic, c.lead, got.Abstract.Text)
		}
	}
	if s.Articles[0].Host != "a.example" || len(s.Articles) != 3 {
		t.Errorf("Relead changed what it was given: %+v", s)
	}
}

func TestHealth(t *testing.T) {
	now := time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		source Source
		want   Health
	}{
		{Source{}, Unvisited},
		{Source{LastVisit: now, LastChange: now}, Fine},
		{Source{LastVisit: now, LastChange: now.Add(-SlowAfter + time.Minute)}, Fine},
		{Source{LastVisit: now, LastChange: now.Add(-SlowAfter)}, Slow},
		{Source{LastVisit: now, Failures: 1, FailingSince: now}, Failing},
		{Source{Failures: 1, FailingSince: now.Add(-time.Hour)}, Failing},
		{Source{LastVisit: now, Failures: 9, FailingSince: now.Add(-GoneAfter)}, Gone},
	} {
		if got := c.source.Health(now); got != c.want {
			t.Errorf("Health of %+v = %q, want %q", c.source, got, c.want)
		}
	}
}

// rising returns ids from 1.
func rising() func() StoryID {
	id := StoryID(0)
	return func() StoryID { id++; return id }
}
