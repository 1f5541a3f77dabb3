package storage_test

import (
	"fmt"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// follows lists the sources that a chat follows: address, listed, muted.
func follows(t testing.TB, s *storage.Store, chat bot.ChatID) string {
	t.Helper()
	out := ""
	for _, v := range must(s.ChatSources(t.Context(), chat))(t) {
		if v.Followed {
			out += fmt.Sprintf("%s %v %v;", v.Address, v.Listed, v.Muted)
		}
	}
	return out
}

func TestAListThatNamesAReadersSourceInAnotherSpelling(t *testing.T) {
	for _, spelling := range []string{"https://own.example/feed", "http://own.example/feed/", "https://www.own.example/feed", "http://www.own.example/feed/", "http://own.example/feed"} {
		for how, name := range map[string]func(s *storage.Store) error{
			"a list": func(s *storage.Store) error {
				return s.ListSources(t.Context(), []digest.Source{{Name: "Listed", Address: spelling, Language: "en"}}, false)
			},
			"a pack": func(s *storage.Store) error {
				return s.ServePacks(t.Context(), []digest.Pack{{Language: "en", Subject: "world"}}, []digest.Source{{Name: "Listed", Address: spelling, Language: "en", Subject: "world"}}, true)
			},
		} {
			t.Run(how+" "+spelling, func(t *testing.T) {
				onBoth(t, func(t *testing.T, h house) {
					s := h.open(t)
					chat := addChat(t, s, 1, 0)
					own := followSource(t, s, chat.ID, "http://own.example/feed")
					bring(t, s, own, milli(time.Now()), piece("own.example", 1))
					for range 2 { // every start says it again
						check(t, name(s))
					}
					if got, want := follows(t, s, chat.ID), spelling+" true false;"; got != want || number(t, s, `SELECT COUNT(*) FROM sources`) != 1 || number(t, s, `SELECT COUNT(*) FROM articles`) != 1 {
						t.Errorf("the chat follows %q of %d sources, want %q alone, with its article", got, number(t, s, `SELECT COUNT(*) FROM sources`), want)
					}
				})
			})
		}
	}
}

func TestSourcesThatStandTwiceFromBeforeBecomeOneWhenTheyAreListed(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		one, two := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		followSource(t, s, one.ID, "https://a.example/")
		followSource(t, s, two.ID, "https://b.example/")
		execute(t, s, `UPDATE sources SET address = 'http://own.example/feed/' WHERE address LIKE '%a.example%'`)
		execute(t, s, `UPDATE sources SET address = 'https://www.own.example/feed' WHERE address LIKE '%b.example%'`)
		must(s.AddSources(t.Context(), []digest.Source{{Name: "Listed", Address: "https://own.example/feed"}}))(t)
		for _, chat := range []bot.Chat{one, two} {
			if got, want := follows(t, s, chat.ID), "https://own.example/feed true false;"; got != want {
				t.Errorf("chat %d follows %q, want %q", chat.ID, got, want)
			}
		}
		if n := number(t, s, `SELECT COUNT(*) FROM sources`); n != 1 {
			t.Errorf("%d sources are kept, want one", n)
		}
	})
}

// lives makes a source live at another address, as three visits found.
func lives(t testing.TB, s *storage.Store, v digest.Source, at string, now time.Time) digest.Source {
	t.Helper()
	for range digest.EnoughSightings {
		v = v.After(digest.Outcome{MovedTo: at}, now, time.Minute, 0)
	}
	must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: v}}))(t)
	return v
}

func TestASourceThatMovedToAnotherBecomesOneWithIt(t *testing.T) {
	const old, there = "https://old.example/feed", "https://new.example/feed"
	for _, c := range []struct {
		name             string
		listOld, listNew bool
		spelling         string // of the new address, as the redirect has it
		one, two         string // what the chats follow then
	}{
		{"one reader's to another's", false, false, there, there + " false false;", there + " false false;"},
		{"a reader's to a listed one", false, true, "http://www.new.example/feed/", there + " true false;", there + " true false;"},
		{"a listed one to a reader's", true, false, there, old + " true false;", old + " true false;"},
		{"a listed one to a listed one", true, true, there, old + " true false;", there + " true false;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, ctx, now := h.open(t), t.Context(), milli(time.Now())
				one, two := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
				for address, list := range map[string]bool{old: c.listOld, there: c.listNew} {
					if list {
						addSource(t, s, address, now)
					}
				}
				x, y := followSource(t, s, one.ID, old), followSource(t, s, two.ID, there)
				told := bring(t, s, x, now, piece("new.example", 1), piece("new.example", 2))
				bring(t, s, y.After(digest.Outcome{Changed: true}, now, time.Minute, 0), now, piece("new.example", 1), piece("new.example", 2))
				tell(t, s, one.ID, now, false, told...)
				x = lives(t, s, x, c.spelling, now)

				check(t, s.Tidy(ctx, now))
				if got, got2 := follows(t, s, one.ID), follows(t, s, two.ID); got != c.one || got2 != c.two {
					t.Errorf("they follow %q and %q, want %q and %q", got, got2, c.one, c.two)
				}
				// what one was told, it is not told by the other
				v, _, err := s.FollowSource(ctx, one.ID, digest.Source{Address: there}, now)
				check(t, err)
				if v.ID != x.ID && v.ID != y.ID {
					t.Errorf("adding the new address made another source")
				}
				m := must(s.Material(ctx, one.ID, now.Add(-time.Hour), 10))(t)
				sent := digest.WithTwins(m.Sent, m.Twins)
				for _, f := range m.Sources {
					for _, a := range f.Carried {
						if !sent[a.Story.ID] {
							t.Errorf("%q comes again from %s", a.Story.Title, f.Name)
						}
					}
				}
			})
		})
	}
}

func TestWhereAReadersSourceMovedLeadsNobodyToIt(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		ann, ben := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		followSource(t, s, ann.ID, "https://private.example/u/s3cret/feed")
		execute(t, s, `UPDATE sources SET moved = 'https://public.example/feed'`)
		if p, err := s.SourceAt(t.Context(), "https://public.example/feed", 3); err == nil {
			t.Errorf("the address finds %s", p.Source.Address)
		}
		followSource(t, s, ben.ID, "https://public.example/feed")
		if got, want := follows(t, s, ben.ID), "https://public.example/feed false false;"; got != want {
			t.Errorf("who adds it follows %q, want %q", got, want)
		}

		// of a listed source the address is no secret
		check(t, s.ListSources(t.Context(), []digest.Source{{Name: "Listed", Address: "https://old.example/feed", Language: "en"}}, false))
		execute(t, s, `UPDATE sources SET moved = 'https://new.example/feed' WHERE address = 'https://old.example/feed'`)
		if p := must(s.SourceAt(t.Context(), "https://new.example/feed", 3))(t); p.Source.Address != "https://old.example/feed" {
			t.Errorf("the address finds %s", p.Source.Address)
		}
	})
}

func TestOfASourceThatAListNamesInTwoSpellingsTheFirstStands(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		for range 2 { // every start says it again
			check(t, s.ListSources(t.Context(), []digest.Source{
				{Name: "First", Address: "https://post.example/feed", Language: "en"}, {Name: "Second", Address: "http://www.post.example/feed/", Language: "en"},
			}, false))
			execute(t, s, `UPDATE sources SET etag = 'known'`)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM sources WHERE name = 'First' AND address = 'https://post.example/feed' AND etag = 'known'`); n != 1 {
			t.Errorf("%d sources are as the list names them first, want 1", n)
		}
	})
}
