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
	"tidings/digest/feed"
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

func TestAReasonIsASentenceThatPeopleUnderstand(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.say(ben, "/start")
		s, _, err := w.store.FollowSource(t.Context(), w.chat(bot.Address{Telegram: ben}).ID,
			digest.Source{Name: "Village Voice", Address: "https://village.example/feed"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.AddSources(t.Context(), []digest.Source{{Name: "Village Voice", Address: "https://village.example/feed", Language: "en"}}); err != nil {
			t.Fatal(err)
		}
		of := func(reason error, detail string) error {
			return &feed.Error{Address: "https://village.example/feed", Reason: reason, Detail: detail}
		}
		for _, c := range []struct {
			err  error
			says string
		}{
			{of(feed.ErrUnreachable, "dial tcp 192.0.2.7:443: connect: connection refused"), "its site does not answer"},
			{of(feed.ErrTooSlow, "dial tcp 192.0.2.7:443: i/o timeout"), "its site takes too long to answer"},
			{of(feed.ErrNoHost, "lookup village.example on 192.0.2.53:53"), "there is no site of this name"},
			{of(feed.ErrCertificate, "tls: failed to verify certificate: x509: certificate has expired"), "its site cannot prove that it is the right one"},
			{of(&feed.StatusError{Code: 503}, ""), "its site is out of order (error 503)"},
			{of(&feed.StatusError{Code: 418}, ""), "its site does not show it (error 418)"},
			{fmt.Errorf("reading the document broke: runtime error: slice bounds out of range [9:3]"), "something went wrong while I read it"},
		} {
			before := [2]int64{w.last(ada), w.last(ben)}
			w.visited(s.Source, time.Now().Add(-25*time.Hour), c.err)
			technical := []string{"!tcp", "!lookup", "!x509", "!tls", "!runtime", "!i/o", "!192.0", "!503 Service"}
			w.say(ben, "/sources")
			w.press(ben, "⭐ My source")
			w.wantsOne(w.press(ben, "Village Voice"), append(technical, "Its last visit failed: "+c.says+".")...)
			w.wants(w.say(ada, "/stats sources"), append(technical, "visits failed: 1; "+c.says)...)
			w.passes(3 * time.Minute)
			for i, person := range []int64{ada, ben} {
				w.wants(w.since(person, before[i]), append(technical, "🔴 Village Voice cannot be read since", ": "+c.says+". I go on trying")...)
			}
			w.visited(s.Source, time.Now(), nil)
			w.passes(3 * time.Minute)
		}
	})
}
