package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// visited saves that a source was visited at a time, and how it went.
func (w *world) visited(s digest.Source, at time.Time, err error) digest.Source {
	w.t.Helper()
	s = s.After(digest.Outcome{Err: err}, at, 15*time.Minute, 0)
	s.NextVisit = time.Now().Add(24 * time.Hour)
	if _, err := w.store.ShelveVisits(w.t.Context(), []digest.Visit{{Source: s}}); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// toldOf counts the messages to a person about an outage of a source, and about
// its end.
func (w *world) toldOf(person int64, name string) string {
	begun, over := 0, 0
	for _, m := range w.since(person, 0) {
		begun += strings.Count(m.Text, "🔴 "+name)
		over += strings.Count(m.Text, "🟢 "+name)
	}
	return fmt.Sprint(begun, " ", over)
}

func TestAnOutageIsToldOnceToWhoFollowsTheSource(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.say(ben, "/start")
		w.say(ida, "/start")
		follow := func(person int64) digest.Source {
			s, _, err := w.store.FollowSource(t.Context(), w.chat(bot.Address{Telegram: person}).ID,
				digest.Source{Name: "Village Voice", Address: "https://village.example/feed"}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return s.Source
		}
		own, now := follow(ben), time.Now()
		if _, err := w.store.AddSources(t.Context(), []digest.Source{{Name: "Harbour Herald", Address: "https://herald.example/feed", Language: "en"}}); err != nil {
			t.Fatal(err)
		}
		claimed, err := w.store.ClaimSources(t.Context(), now.Add(time.Hour), time.Hour, 9)
		if err != nil {
			t.Fatal(err)
		}
		listed := claimed[slices.IndexFunc(claimed, func(s digest.Source) bool { return s.Name == "Harbour Herald" })]
		wants := func(when, voice, post string) {
			t.Helper()
			w.passes(3 * time.Minute)
			for person, want := range map[int64][2]string{ben: {voice, "0 0"}, ida: {"0 0", "0 0"}, ada: {"0 0", post}} {
				if got := [2]string{w.toldOf(person, "Village Voice"), w.toldOf(person, listed.Name)}; got != want {
					t.Errorf("%s %d heard %q of the two outages (begun, over), want %q: %v", when, person, got, want, w.since(person, 0))
				}
			}
		}
		own = w.visited(own, now.Add(-23*time.Hour), context.DeadlineExceeded)
		listed = w.visited(listed, now.Add(-23*time.Hour), context.DeadlineExceeded)
		wants("before a day has passed", "0 0", "0 0")
		w.skips(2 * time.Hour)
		wants("after a day", "1 0", "1 0")
		own = w.visited(own, time.Now(), context.DeadlineExceeded)
		w.skips(time.Second)
		wants("after a restart, while it lasts", "1 0", "1 0")
		w.visited(own, time.Now(), nil)
		w.visited(listed, time.Now(), nil)
		wants("when they work again", "1 1", "1 1")
		wants("later", "1 1", "1 1")
	})
}
