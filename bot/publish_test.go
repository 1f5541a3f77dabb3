package bot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidings/digest"
)

// A deskShelf is storage in memory, in its smallest extent that a Publisher
// can work on. One topic per chat, with the chat's id.
type deskShelf struct {
	mu       sync.Mutex
	chats    map[ChatID]Chat
	matches  map[ChatID][]digest.MatchedStory
	sent     map[ChatID]map[digest.StoryID]bool
	editions []Composed

	slow   time.Duration            // what Material takes
	broken map[ChatID]func() error  // what Material meets instead
	shy    func(c Composed) error   // stands before SaveEdition
	since  map[ChatID]time.Time     // what Material was last asked for
	arrive map[digest.StoryID]int64 // unix seconds before which a match is not yet committed
}

func newDeskShelf(chats ...Chat) *deskShelf {
	s := &deskShelf{
		chats: map[ChatID]Chat{}, matches: map[ChatID][]digest.MatchedStory{}, sent: map[ChatID]map[digest.StoryID]bool{},
		broken: map[ChatID]func() error{}, since: map[ChatID]time.Time{}, arrive: map[digest.StoryID]int64{},
	}
	for _, c := range chats {
		s.chats[c.ID], s.sent[c.ID] = c, map[digest.StoryID]bool{}
	}
	return s
}

func (s *deskShelf) DueChats(_ context.Context, now time.Time, limit int) ([]Chat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []Chat
	for _, c := range s.chats {
		if !c.NextEdition.IsZero() && !c.NextEdition.After(now) && c.Paused == "" {
			due = append(due, c)
		}
	}
	slices.SortFunc(due, func(a, b Chat) int { return cmp.Or(a.NextEdition.Compare(b.NextEdition), cmp.Compare(a.ID, b.ID)) })
	return due[:min(limit, len(due))], nil
}

func (s *deskShelf) Material(_ context.Context, id ChatID, since time.Time, each int) (Material, error) {
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	if broken := s.broken[id]; broken != nil {
		if err := broken(); err != nil {
			return Material{}, err
		}
	}
	if _, ok := s.chats[id]; !ok {
		return Material{}, digest.ErrNotFound
	}
	s.since[id] = since
	f := digest.Followed{Topic: digest.TopicID(id), Label: fmt.Sprint("topic ", id)}
	for _, m := range slices.Backward(s.matches[id]) {
		if !m.At.Before(since) && len(f.Matches) < each && s.arrive[m.Story.ID] <= time.Now().Unix() {
			f.Matches = append(f.Matches, m)
		}
	}
	sent := map[digest.StoryID]bool{}
	for story := range s.sent[id] {
		sent[story] = true
	}
	return Material{Followed: []digest.Followed{f}, Sent: sent}, nil
}

func (s *deskShelf) StoriesByID(_ context.Context, ids []digest.StoryID) ([]digest.Story, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []digest.Story
	for _, list := range s.matches {
		for _, m := range list {
			if slices.Contains(ids, m.Story.ID) {
				m.Story.Articles = []digest.Article{{Title: m.Story.Title, Text: "The harbour was closed for nine hours on that day.", Language: "en", Host: m.Story.Host, Outlet: m.Story.Outlet}}
				found = append(found, m.Story)
			}
		}
	}
	return found, nil
}

func (s *deskShelf) StoriesToCompare(context.Context, []digest.StoryID) ([]digest.Story, error) {
	return nil, errors.New("nothing changes on this shelf")
}

func (s *deskShelf) MatchesOf(context.Context, []digest.TopicID, []digest.StoryID) ([]digest.MatchedStory, error) {
	return nil, errors.New("nothing changes on this shelf")
}

func (s *deskShelf) SaveEdition(_ context.Context, c Composed) (EditionID, error) {
	if s.shy != nil {
		if err := s.shy(c); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, ok := s.chats[c.Chat]
	if !ok {
		return 0, digest.ErrNotFound
	}
	for _, e := range s.editions {
		if e.Chat == c.Chat && e.Slot.Equal(c.Slot) {
			return 0, digest.ErrExists
		}
	}
	s.editions = append(s.editions, c)
	for _, v := range c.Told {
		s.sent[c.Chat][v.Story] = true
	}
	chat.LastEdition, chat.Asked = c.Composed, false
	if !chat.NextEdition.After(c.Composed) {
		chat.NextEdition = c.Next
	}
	s.chats[c.Chat] = chat
	return EditionID(len(s.editions)), nil
}

func (s *deskShelf) PutOff(_ context.Context, chat ChatID, from, to time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[chat]; c.NextEdition.Equal(from) {
		c.NextEdition = to
		s.chats[chat] = c
	}
	return nil
}

// happen makes a story that matched the chat's topic at an instant.
func (s *deskShelf) happen(chat ChatID, id digest.StoryID, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.matches[chat] = append(s.matches[chat], digest.MatchedStory{
		Match: digest.Match{Topic: digest.TopicID(chat), Story: id, Score: 1}, At: at,
		Story: digest.Story{ID: id, Title: fmt.Sprintf("Ship %d leaves", id), Address: "https://harbour.example/1", Outlet: "Harbour Post", Host: "harbour.example", Published: at, Hosts: 1},
	})
}

func (s *deskShelf) ask(chat ChatID, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chat]
	c.NextEdition, c.Asked = at, true
	s.chats[chat] = c
}

func (s *deskShelf) stories() (all [][]digest.StoryID) {
	for _, e := range s.editions {
		var ids []digest.StoryID
		for _, v := range e.Told {
			ids = append(ids, v.Story)
		}
		all = append(all, ids)
	}
	return all
}

func publisherOn(t *testing.T, s *deskShelf) (*Publisher, *bytes.Buffer) {
	t.Helper()
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return NewPublisher(s, c, slog.New(slog.NewTextHandler(&log, nil))), &log
}

// runUntil publishes every minute until an instant.
func runUntil(t *testing.T, p *Publisher, end time.Time) {
	t.Helper()
	for time.Now().Before(end) {
		publishOnce(t, p)
		time.Sleep(time.Minute)
	}
}

func publishOnce(t *testing.T, p *Publisher) (more bool) {
	t.Helper()
	more, err := p.Publish(t.Context())
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	return more
}

// sleepUntil lets the bubble's clock reach an instant.
func sleepUntil(t *testing.T, text string) time.Time {
	t.Helper()
	at := instantAt(t, text)
	time.Sleep(time.Until(at))
	return at
}

func reader(t *testing.T, id ChatID, schedule, zoneName string, now time.Time) Chat {
	t.Helper()
	c := Chat{ID: id, Language: "en", Zone: zoneName, Schedule: readSchedule(t, schedule), LastEdition: now}
	c.NextEdition = c.Schedule.Next(now, zoneNamed(t, zoneName))
	return c
}

func TestEditionsOverDaylightSaving(t *testing.T) {
	for _, c := range []struct {
		name, zone, schedule, from, until string
		want                              []string
	}{
		{"Berlin in spring", "Europe/Berlin", "2:30 3:00 8:00", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", []string{
			"Sun 2026-03-29 03:00 +0200", "Sun 2026-03-29 08:00 +0200",
			"Mon 2026-03-30 02:30 +0200", "Mon 2026-03-30 03:00 +0200", "Mon 2026-03-30 08:00 +0200"}},
		{"Berlin in autumn", "Europe/Berlin", "2:30 8:00", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", []string{
			"Sun 2026-10-25 02:30 +0200", "Sun 2026-10-25 08:00 +0100", "Mon 2026-10-26 02:30 +0100", "Mon 2026-10-26 08:00 +0100"}},
		{"New York in spring", "America/New_York", "2:15 18:00", "2026-03-07T20:00:00Z", "2026-03-09T12:00:00Z", []string{
			"Sat 2026-03-07 18:00 -0500", "Sun 2026-03-08 03:00 -0400", "Sun 2026-03-08 18:00 -0400", "Mon 2026-03-09 02:15 -0400"}},
		{"New York in autumn", "America/New_York", "1:30", "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z", []string{
			"Sun 2026-11-01 01:30 -0400", "Mon 2026-11-02 01:30 -0500"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone := zoneNamed(t, c.zone)
			synctest.Test(t, func(t *testing.T) {
				from := sleepUntil(t, c.from)
				s := newDeskShelf(reader(t, 1, c.schedule, c.zone, from))
				p, _ := publisherOn(t, s)
				runUntil(t, p, instantAt(t, c.until))
				var got []string
				for _, e := range s.editions {
					got = append(got, e.Slot.In(zone).Format("Mon 2006-01-02 15:04 -0700"))
					if wait := e.Composed.Sub(e.Slot); wait < 0 || wait > time.Minute {
						t.Errorf("slot %s is composed %s after it", e.Slot.In(zone), wait)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%s over %s: slots %q; want %q", c.schedule, c.zone, got, c.want)
				}
			})
		})
	}
}

func TestOneEditionCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-20T08:00:00Z")
		s := newDeskShelf(reader(t, 1, "8:00 18:00", "UTC", from))
		p, _ := publisherOn(t, s)
		for hour := range 80 { // the house is down for three days and more
			s.happen(1, digest.StoryID(hour+1), from.Add(time.Duration(hour)*time.Hour))
		}
		now := sleepUntil(t, "2026-11-23T14:30:00Z")
		if more := publishOnce(t, p); more {
			t.Error("Publish says more after the only chat")
		}
		publishOnce(t, p)
		if len(s.editions) != 1 {
			t.Fatalf("%d editions catch up; want one", len(s.editions))
		}
		e := s.editions[0]
		if want := instantAt(t, "2026-11-23T08:00:00Z"); !e.Slot.Equal(want) {
			t.Errorf("catch-up serves slot %s; want the latest, %s", e.Slot, want)
		}
		if want := instantAt(t, "2026-11-23T18:00:00Z"); !s.chats[1].NextEdition.Equal(want) {
			t.Errorf("after it the chat is due at %s; want %s", s.chats[1].NextEdition, want)
		}
		if want := now.Add(-24 * time.Hour); !s.since[1].Equal(want) {
			t.Errorf("catch-up covers matches since %s; want %s", s.since[1], want)
		}
	})
}

func TestMatchedSince(t *testing.T) {
	now := instantAt(t, "2026-11-23T08:00:30Z")
	for _, c := range []struct{ name, last, due, want string }{
		{"the first edition covers 24 hours", "", "2026-11-23T08:00:00Z", "2026-11-22T08:00:30Z"},
		{"an edition begins with the last, ten minutes early", "2026-11-22T18:00:00Z", "2026-11-23T08:00:00Z", "2026-11-22T17:50:00Z"},
		{"Monday's edition reaches into the weekend", "2026-11-20T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-21T08:00:30Z"},
		{"a late edition covers 24 hours", "2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z", "2026-11-22T08:00:30Z"},
	} {
		chat := Chat{NextEdition: instantAt(t, c.due)}
		if c.last != "" {
			chat.LastEdition = instantAt(t, c.last)
		}
		if got, want := matchedSince(chat, now), instantAt(t, c.want); !got.Equal(want) {
			t.Errorf("%s: matchedSince = %s; want %s", c.name, got, want)
		}
	}
}

func TestAnAskedEditionIsNotRepeatedAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf(reader(t, 1, "8:00", "UTC", from))
		p, _ := publisherOn(t, s)
		s.happen(1, 1, from)
		sleepUntil(t, "2026-11-23T07:30:00Z")
		s.ask(1, time.Now())
		publishOnce(t, p)
		s.happen(1, 2, time.Now().Add(10*time.Minute))
		runUntil(t, p, instantAt(t, "2026-11-23T09:00:00Z"))
		if got, want := fmt.Sprint(s.stories()), "[[1] [2]]"; got != want {
			t.Errorf("asked at 7:30, due at 8:00: stories %s; want %s", got, want)
		}
		if first := s.editions[0]; !first.Asked || !first.Slot.Equal(instantAt(t, "2026-11-23T07:30:00Z")) {
			t.Errorf("the asked edition has slot %s, Asked %v; want its moment", first.Slot, first.Asked)
		}
		text := s.editions[0].Messages[0].Text
		for _, want := range []string{"topic 1", "Ship 1 leaves", "The harbour was closed", "Harbour Post · 1 h ago"} {
			if !strings.Contains(text, want) {
				t.Errorf("the edition reads %q; want %q in it", text, want)
			}
		}
	})
}

func TestAMatchCommittedLateComesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf(reader(t, 1, "8:00 9:00 9:05", "UTC", from))
		p, _ := publisherOn(t, s)
		s.happen(1, 1, instantAt(t, "2026-11-23T07:58:00Z"))
		s.happen(1, 2, instantAt(t, "2026-11-23T07:59:00Z"))
		s.arrive[2] = instantAt(t, "2026-11-23T08:03:00Z").Unix() // its transaction took four minutes
		runUntil(t, p, instantAt(t, "2026-11-23T10:00:00Z"))
		if got, want := fmt.Sprint(s.stories()), "[[1] [2] []]"; got != want {
			t.Errorf("stories %s; want %s", got, want)
		}
	})
}

func TestEmptySlots(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Chat)
		want   string // of the message, "" for none
	}{
		{"a scheduled one is silent", func(*Chat) {}, ""},
		{"an asked one answers", func(c *Chat) { c.Asked = true }, "Nothing new"},
		{"an asked first one answers", func(c *Chat) { c.Asked, c.LastEdition = true, time.Time{} }, "last 24 hours"},
		{"one at an unknown zone is UTC's", func(c *Chat) { c.Asked, c.Zone = true, "Nowhere/Atall" }, "Nothing new"},
		{"one of a chat whose schedule was switched off meanwhile", func(c *Chat) { c.Schedule = Schedule{} }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from := sleepUntil(t, "2026-11-23T06:00:00Z")
				chat := reader(t, 1, "8:00", "UTC", from)
				c.change(&chat)
				s := newDeskShelf(chat)
				p, _ := publisherOn(t, s)
				sleepUntil(t, "2026-11-23T08:00:00Z")
				publishOnce(t, p)
				publishOnce(t, p)
				if len(s.editions) != 1 {
					t.Fatalf("%d editions; want one", len(s.editions))
				}
				messages := s.editions[0].Messages
				if c.want == "" && len(messages) > 0 || c.want != "" && (len(messages) != 1 || !strings.Contains(messages[0].Text, c.want)) {
					t.Errorf("messages %v; want %q", messages, c.want)
				}
				if got, want := s.chats[1].NextEdition, chat.Schedule.Next(time.Now(), time.UTC); !got.Equal(want) {
					t.Errorf("the chat is next due at %s; want %s", got, want)
				}
			})
		})
	}
}

func TestAChatThatFailsDoesNotStopOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf()
		for id := ChatID(1); id <= 5; id++ {
			s.chats[id], s.sent[id] = reader(t, id, "8:00", "UTC", from), map[digest.StoryID]bool{}
		}
		full := errors.New("disk full")
		s.broken[1] = func() error { return full }
		s.broken[2] = func() error { panic("a hostile story") }
		s.broken[3] = func() error { return digest.ErrNotFound } // erased meanwhile
		p, log := publisherOn(t, s)
		sleepUntil(t, "2026-11-23T08:00:00Z")
		more, err := p.Publish(t.Context())
		if !errors.Is(err, full) || !strings.Contains(err.Error(), "chat 1") || !strings.Contains(err.Error(), "a hostile story") || strings.Contains(err.Error(), "chat 3") {
			t.Errorf("Publish fails with %v; want what happened to chats 1 and 2", err)
		}
		if more || len(s.editions) != 2 || s.editions[0].Chat != 4 || s.editions[1].Chat != 5 {
			t.Errorf("Publish: more %v, editions %v; want those of 4 and 5", more, s.editions)
		}
		if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "saved=2") {
			t.Errorf("log %q; want one line that tells of 2 editions", log)
		}
	})
}

func TestTwoPublishersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf()
		s.slow = 10 * time.Millisecond
		for id := ChatID(1); id <= 60; id++ {
			s.chats[id], s.sent[id] = reader(t, id, "8:00", "UTC", from), map[digest.StoryID]bool{}
			s.happen(id, digest.StoryID(id), from.Add(time.Hour))
		}
		sleepUntil(t, "2026-11-23T08:00:00Z")
		var wg sync.WaitGroup
		for range 2 {
			p, _ := publisherOn(t, s)
			wg.Go(func() {
				if _, err := p.Publish(t.Context()); err != nil {
					t.Errorf("Publish beside another: %v", err)
				}
			})
		}
		wg.Wait()
		count := map[ChatID]int{}
		for _, e := range s.editions {
			count[e.Chat] += len(e.Told)
		}
		for id := range s.chats {
			if count[id] != 1 {
				t.Errorf("chat %d got %d stories; want its one", id, count[id])
			}
		}
		if len(s.editions) != 60 {
			t.Errorf("%d editions for 60 chats", len(s.editions))
		}
	})
}

func TestABatchHasItsTimeAndSize(t *testing.T) {
	for _, c := range []struct {
		name string
		slow time.Duration
		want int
	}{
		{"a hundred chats are a batch", 0, 100},
		{"a slow shelf ends it after fifteen seconds", time.Second, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from := sleepUntil(t, "2026-11-23T06:00:00Z")
				s := newDeskShelf()
				s.slow = c.slow
				for id := ChatID(1); id <= 130; id++ {
					s.chats[id], s.sent[id] = reader(t, id, "8:00", "UTC", from), map[digest.StoryID]bool{}
				}
				p, _ := publisherOn(t, s)
				sleepUntil(t, "2026-11-23T08:00:00Z")
				if more := publishOnce(t, p); !more || len(s.editions) != c.want {
					t.Errorf("Publish saves %d editions, more %v; want %d and more", len(s.editions), more, c.want)
				}
			})
		})
	}
}

func TestPublishDoesNotSpinOnWhatItCannotSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf()
		for id := ChatID(1); id <= 130; id++ {
			s.chats[id], s.sent[id] = reader(t, id, "8:00", "UTC", from), map[digest.StoryID]bool{}
		}
		s.shy = func(Composed) error { return digest.ErrExists }
		p, _ := publisherOn(t, s)
		sleepUntil(t, "2026-11-23T08:00:00Z")
		if more := publishOnce(t, p); more {
			t.Error("Publish says more although it saved nothing")
		}
	})
}

func TestPublishStopsWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := sleepUntil(t, "2026-11-23T06:00:00Z")
		s := newDeskShelf(reader(t, 1, "8:00", "UTC", from))
		p, _ := publisherOn(t, s)
		sleepUntil(t, "2026-11-23T08:00:00Z")
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := p.Publish(ctx); err != nil || len(s.editions) != 0 {
			t.Errorf("Publish when asked to stop: %v, %d editions; want nothing", err, len(s.editions))
		}
	})
}

// Heard is all: this desk mutes nobody.
func (s *deskShelf) Heard(_ context.Context, _ digest.Muted, stories []digest.StoryID) (map[digest.StoryID]bool, error) {
	heard := map[digest.StoryID]bool{}
	for _, id := range stories {
		heard[id] = true
	}
	return heard, nil
}
