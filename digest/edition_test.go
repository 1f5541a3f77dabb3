package digest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// match is a story with an id, a score, hosts and an age.
func match(id StoryID, score float64, hosts int, age time.Duration) MatchedStory {
	return MatchedStory{
		Match: Match{Score: score, Story: id},
		Story: Story{ID: id, Title: fmt.Sprintf("Story %d", id), Hosts: hosts, Published: noon.Add(-age)},
	}
}

// sketch writes an edition as "a:1,2 b:3 +4".
func sketch(e Edition) string {
	var parts []string
	for _, s := range e.Sections {
		var ids []string
		for _, n := range s.Entries {
			ids = append(ids, fmt.Sprint(n.Story.ID))
		}
		parts = append(parts, s.Label+":"+strings.Join(ids, ","))
	}
	return strings.Join(append(parts, fmt.Sprintf("+%d", e.Left)), " ")
}

func TestCompose(t *testing.T) {
	h := time.Hour
	follow := func(label string, matches ...MatchedStory) Followed {
		return Followed{Label: label, Breadth: Broad, Matches: matches}
	}
	title := match(3, .4, 1, h)
	title.Field = "title"
	passing := match(1, .2, 1, h)
	passing.Field = "title"
	limits := Limits{PerTopic: 2, Total: 3}
	for _, tt := range []struct {
		name     string
		followed []Followed
		sent     map[StoryID]bool
		limits   Limits
		want     string
	}{
		{"scores that are no numbers sink", []Followed{follow("a", match(1, math.NaN(), 1, h), match(2, math.Inf(1), 1, h), match(3, .1, 1, h))}, nil, limits, "a:3,1 +1"},
		{"negative limits show nothing", []Followed{follow("a", match(1, .5, 1, h))}, nil, Limits{PerTopic: -1, Total: -1}, "+1"},
		{"normally a story is about its topic", []Followed{{Label: "a", Matches: []MatchedStory{passing, match(2, .3, 1, h)}}}, nil, limits, "a:2 +0"},
		{"only titles", []Followed{{Label: "a", Breadth: OnlyTitle, Matches: []MatchedStory{passing, match(2, .9, 1, h), title}}}, nil, limits, "a:3 +0"},
		{"a broad topic takes mentions", []Followed{follow("a", passing, title)}, nil, limits, "a:3,1 +0"},
		{"no topics, no sections", nil, nil, limits, "+0"},
		{"what was sent does not come again", []Followed{follow("a", match(1, .9, 1, h), match(2, .5, 1, h))}, map[StoryID]bool{1: true}, limits, "a:2 +0"},
		{"nothing older than two days", []Followed{follow("a", match(1, .9, 1, 49*h), match(2, .5, 1, 48*h))}, nil, limits, "a:2 +0"},
		{"a story of two topics stands under its best", []Followed{follow("a", match(1, .4, 1, h), match(2, .3, 1, h)), follow("b", match(1, .6, 1, h))}, nil, limits, "b:1 a:2 +0"},
		{"of equal topics the first followed has the story", []Followed{follow("a", match(1, .5, 1, h)), follow("b", match(1, .5, 1, h))}, nil, limits, "a:1 +0"},
		{"a story matched twice by one topic stands once", []Followed{follow("a", match(1, .3, 1, h), match(1, .5, 1, h))}, nil, limits, "a:1 +0"},
		{"every topic gets its best before any gets its second",
			[]Followed{follow("a", match(1, .9, 1, h), match(2, .8, 1, h)), follow("b", match(3, .2, 1, h), match(4, .1, 1, h)), follow("c", match(5, .1, 1, h))},
			nil, limits, "a:1 b:3 c:5 +2"},
		{"what is left goes to the best second", []Followed{follow("a", match(1, .9, 1, h), match(2, .3, 1, h)), follow("b", match(3, .5, 1, h), match(4, .4, 1, h))}, nil, limits, "a:1 b:3,4 +1"},
		{"with fewer places than topics the best topics show", []Followed{follow("a", match(1, .1, 1, h)), follow("b", match(2, .9, 1, h)), follow("c", match(3, .5, 1, h))}, nil, Limits{PerTopic: 5, Total: 2}, "b:2 c:3 +1"},
		{"more than a topic may have is left", []Followed{follow("a", match(1, .9, 1, h), match(2, .8, 1, h), match(3, .7, 1, h))}, nil, limits, "a:1,2 +1"},
		{"more hosts stand higher", []Followed{follow("a", match(1, .5, 1, h), match(2, .5, 6, h))}, nil, limits, "a:2,1 +0"},
		{"fresher stands higher", []Followed{follow("a", match(1, .5, 1, 30*h), match(2, .5, 1, h))}, nil, limits, "a:2,1 +0"},
		{"equals stand by id, whatever the order given", []Followed{follow("a", match(2, .5, 1, h), match(1, .5, 1, h))}, nil, limits, "a:1,2 +0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sketch(Compose(tt.followed, tt.sent, tt.limits, noon)); got != tt.want {
				t.Errorf("Compose = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestComposeShowsEachStoryOnceWithinLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{PerTopic: rapid.IntRange(0, 4).Draw(t, "per topic"), Total: rapid.IntRange(0, 12).Draw(t, "total")}
		sent := map[StoryID]bool{}
		for _, id := range rapid.SliceOfN(rapid.Int64Range(1, 15), 0, 5).Draw(t, "sent") {
			sent[StoryID(id)] = true
		}
		var followed []Followed
		fitting := map[StoryID]bool{}
		for i := range rapid.IntRange(0, 5).Draw(t, "topics") {
			f := Followed{Topic: TopicID(i + 1), Breadth: Broad}
			for range rapid.IntRange(0, 8).Draw(t, "matches") {
				id := StoryID(rapid.Int64Range(1, 15).Draw(t, "story"))
				age := time.Duration(id) * 4 * time.Hour // one story has one age
				f.Matches = append(f.Matches, match(id, rapid.Float64Range(-1, 1).Draw(t, "score"), int(id), age))
				if !sent[id] && age <= MaxAge {
					fitting[id] = true
				}
			}
			followed = append(followed, f)
		}
		e := Compose(followed, sent, limits, noon)
		ids := e.Stories()
		seen := map[StoryID]bool{}
		for _, id := range ids {
			if seen[id] || !fitting[id] {
				t.Fatalf("story %d stands twice, was sent or is too old: %s", id, sketch(e))
			}
			seen[id] = true
		}
		for _, s := range e.Sections {
			if len(s.Entries) == 0 || len(s.Entries) > limits.PerTopic {
				t.Fatalf("a section has %d entries, want 1 to %d", len(s.Entries), limits.PerTopic)
			}
		}
		if len(ids) > limits.Total || len(ids)+e.Left != len(fitting) {
			t.Fatalf("%d shown and %d left of %d, at most %d allowed", len(ids), e.Left, len(fitting), limits.Total)
		}
	})
}

func TestRank(t *testing.T) {
	for _, tt := range []struct {
		name          string
		better, worse float64
	}{
		{"a negative age counts as none", Rank(.5, 1, -time.Hour) + 1e-12, Rank(.5, 1, 0)},
		{"no hosts count as one", Rank(.5, 0, 0) + 1e-12, Rank(.5, 1, 0)},
		{"twice the score", Rank(.6, 1, 0), Rank(.3, 1, 0)},
		{"more hosts", Rank(.5, 3, 0), Rank(.5, 2, 0)},
		{"a day younger", Rank(.5, 1, time.Hour), Rank(.5, 1, 25*time.Hour)},
		{"a number above none", Rank(.01, 1, 0), Rank(math.NaN(), 9, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !(tt.better > tt.worse) {
				t.Errorf("rank %v is not above %v", tt.better, tt.worse)
			}
		})
	}
}

func TestFillLeavesTheEditionItWasGiven(t *testing.T) {
	e := Compose([]Followed{{Label: "a", Matches: []MatchedStory{match(1, .5, 1, 0), match(2, .4, 1, 0)}}, {Label: "b", Matches: []MatchedStory{match(3, .3, 1, 0)}}}, nil, NormalLimits, noon)
	now := Story{ID: 1, Title: "Ferry runs aground", Hosts: 4, Articles: []Article{{ID: 7, Language: "en", Text: "All ninety passengers were brought ashore by the coastguard."}}}
	var summaries Summaries
	filled := summaries.Fill(e, []Story{now}, nil, 35)
	if got := filled.Sections[0].Entries[0]; got.Story.Hosts != 4 || len(got.Summary) != 1 || got.From != 7 {
		t.Errorf("Fill gave %+v, want the story as it stands and a summary", got)
	}
	if got := filled.Stories(); len(got) != 1 || len(filled.Sections) != 1 {
		t.Errorf("Fill left the stories %d in %d sections, want 1 in one: two are gone, and with the third its section", got, len(filled.Sections))
	}
	if got := e.Sections[0].Entries[0]; got.Story.Hosts != 1 || got.Summary != nil || len(e.Stories()) != 3 {
		t.Errorf("Fill changed the edition it was given: %+v", got)
	}
	if got := summaries.Fill(e, []Story{now}, nil, 0).Sections[0].Entries[0]; got.Summary != nil {
		t.Errorf("Fill(0 words) gave the summary %q, want none", got.Summary)
	}
}
