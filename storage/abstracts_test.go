package storage_test

import (
	"slices"
	"testing"
	"time"

	"tidings/digest"
	"tidings/storage"
)

// abstracts counts those of a story in a state.
func (n *newsroom) abstracts(story digest.StoryID, state digest.AbstractState) int {
	n.Helper()
	return number(n, n.s, `SELECT COUNT(*) FROM abstracts WHERE story_id = $1 AND state = $2`, int64(story), string(state))
}

func TestAbstractsAreWantedOfFollowedStories(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.openWith(t, storage.Options{Abstracts: true}))
		followed, other, old := n.publish(1, wholeText, n.now), n.publish(2, wholeText, n.now), n.publish(3, wholeText, n.now.Add(-3*24*time.Hour))
		n.join(101, followed, followed, true)
		n.join(102, other, other, false)
		n.join(103, old, old, true)
		for story, want := range map[digest.StoryID]int{101: 1, 102: 0, 103: 0} {
			if got := n.abstracts(story, digest.AbstractWanted); got != want {
				t.Errorf("story %d: %d abstracts are wanted, want %d", story, got, want)
			}
		}
		at := time.Now()
		if w, ok, err := n.s.ClaimAbstract(t.Context(), at, at.Add(-time.Hour), time.Minute); ok || err != nil {
			t.Errorf("at once: claimed %+v, %v; articles gather first", w.Story, err)
		}
		at = at.Add(5 * time.Minute)
		w, ok, err := n.s.ClaimAbstract(t.Context(), at, at.Add(-time.Hour), time.Minute)
		if !ok || err != nil || w.Story.ID != 101 || len(w.Story.Articles) != 1 || w.Story.Articles[0].Text != wholeText {
			t.Fatalf("claimed %+v, %v, %v, want story 101 with its article", w, ok, err)
		}
		if w, ok, err := n.s.ClaimAbstract(t.Context(), at, at.Add(-time.Hour), time.Minute); ok || err != nil {
			t.Errorf("claimed again: %+v, %v", w.Story, err)
		}
		if _, ok, _ := n.s.ClaimAbstract(t.Context(), at.Add(2*time.Minute), at.Add(-time.Hour), time.Minute); !ok {
			t.Error("who claimed it is gone, and nobody else gets it")
		}

		made := digest.Abstract{Text: "Ninety people came ashore.", From: []digest.ArticleID{followed.ID}}
		check(t, n.s.ShelveAbstract(t.Context(), digest.AbstractAttempt{Story: 101, State: digest.AbstractDone, Attempts: 1, Abstract: made}))
		read := func() digest.Abstract {
			return must(n.s.StoriesByID(t.Context(), []digest.StoryID{101}))(t)[0].Abstract
		}
		if got := read(); got.Text != made.Text || !slices.Equal(got.From, made.From) {
			t.Errorf("read %+v, want %+v", got, made)
		}

		// Twice the hosts: once more; what stands stays until there is another.
		again := digest.Joined{Article: followed.ID, Story: digest.Story{ID: 101, Published: n.now, Joined: n.now, Hosts: 2, Language: "en"}}
		check(t, n.s.ShelveJoined(t.Context(), []digest.Joined{again}))
		if got := n.abstracts(101, digest.AbstractWanted); got != 1 || read().Text != made.Text {
			t.Errorf("told by two hosts: %d wanted, %+v, want 1 and the text as before", got, read())
		}
		check(t, n.s.ShelveAbstract(t.Context(), digest.AbstractAttempt{Story: 101, State: digest.AbstractRefused, Attempts: 1, Reason: "it says nothing"}))
		check(t, n.s.ShelveJoined(t.Context(), []digest.Joined{again}))
		if n.abstracts(101, digest.AbstractRefused) != 1 || read().Text != made.Text {
			t.Errorf("refused: %+v, want the text as before, and nothing wanted while nothing changed", read())
		}
		check(t, n.s.ShelveAbstract(t.Context(), digest.AbstractAttempt{Story: 999, State: digest.AbstractDone, Abstract: made})) // it is gone
	})
}

func TestTheStoryThatMostTellIsAbstractedFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.openWith(t, storage.Options{Abstracts: true}))
		for i, hosts := range []int{1, 9, 3} {
			a := n.publish(i+1, wholeText, n.now)
			story := digest.Story{ID: digest.StoryID(200 + i), Title: a.Title, Published: n.now, Joined: n.now, Hosts: hosts, Language: "en"}
			check(t, n.s.ShelveJoined(t.Context(), []digest.Joined{{Article: a.ID, New: true, Story: story, Matches: []digest.Match{{Topic: n.topic, Story: story.ID, Score: 1}}}}))
		}
		at := time.Now().Add(time.Hour)
		var got []digest.StoryID
		for range 3 {
			w, _, err := n.s.ClaimAbstract(t.Context(), at, at.Add(-2*time.Hour), time.Hour)
			check(t, err)
			got = append(got, w.Story.ID)
		}
		if want := []digest.StoryID{201, 202, 200}; !slices.Equal(got, want) {
			t.Errorf("claimed %v, want %v", got, want)
		}
	})
}

func TestWithoutALanguageModelNoAbstractIsWanted(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.open(t))
		a := n.publish(1, wholeText, n.now)
		n.join(101, a, a, true)
		if got := n.abstracts(101, digest.AbstractWanted); got != 0 {
			t.Errorf("%d abstracts are wanted", got)
		}
	})
}

func TestWantedAbstractsOfOldStoriesAreTidiedAway(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.openWith(t, storage.Options{Abstracts: true}))
		made, waits := n.publish(1, wholeText, n.now), n.publish(2, wholeText, n.now)
		n.join(101, made, made, true)
		n.join(102, waits, waits, true)
		check(t, n.s.ShelveAbstract(t.Context(), digest.AbstractAttempt{Story: 101, State: digest.AbstractDone, Attempts: 1, Abstract: digest.Abstract{Text: "Ninety people came ashore.", From: []digest.ArticleID{made.ID}}}))
		check(t, n.s.Tidy(t.Context(), n.now.Add(digest.MaxAge-time.Hour)))
		if got := n.abstracts(102, digest.AbstractWanted); got != 1 {
			t.Errorf("%d are wanted while an edition may tell the story, want 1", got)
		}
		check(t, n.s.Tidy(t.Context(), n.now.Add(digest.MaxAge+time.Hour)))
		if got := n.abstracts(102, digest.AbstractWanted); got != 0 || n.abstracts(101, digest.AbstractDone) != 1 {
			t.Errorf("%d are wanted still, want 0, and what was written stays", got)
		}
	})
}

func TestTheTokensOfADay(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		day := time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
		for i, c := range []struct {
			at     time.Time
			tokens int
			most   int
			spent  bool
		}{
			{day, 600, 1000, true},
			{day, 600, 1000, false},
			{day, -300, 0, true}, // it was cheaper
			{day, 600, 1000, true},
			{day, 101, 1000, false},
			{day.Add(2 * time.Minute), 600, 1000, true}, // another day
			{day.Add(2 * time.Minute), 1500, 1000, false},
		} {
			if got := must(s.SpendTokens(t.Context(), c.at, c.tokens, c.most))(t); got != c.spent {
				t.Errorf("%d. %d tokens at %v: spent %v, want %v", i, c.tokens, c.at, got, c.spent)
			}
		}
	})
}
