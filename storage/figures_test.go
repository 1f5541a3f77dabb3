package storage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// end lets the waiting delivery of a chat end in a state.
func end(t testing.TB, s *storage.Store, chat bot.ChatID, state bot.DeliveryState) {
	t.Helper()
	for _, d := range must(s.WaitingDeliveries(t.Context(), time.Now().Add(time.Hour), 100))(t) {
		if d.Chat == chat {
			check(t, s.StartDelivery(t.Context(), d.ID))
			d.State = state
			check(t, s.EndDelivery(t.Context(), d))
			return
		}
	}
	t.Fatalf("nothing waits for chat %d", chat)
}

// endedAt puts the ends of deliveries to a time: that of the real clock may be in
// another hour than the test began in.
func endedAt(t testing.TB, s *storage.Store, at time.Time) {
	t.Helper()
	execute(t, s, `UPDATE deliveries SET ended = $1 WHERE ended IS NOT NULL`, at.UnixMilli())
}

func TestBacklog(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		wantsBacklog := func(what string, want bot.Backlog) {
			t.Helper()
			if want.Kinds == nil {
				want.Kinds = map[bot.DeliveryKind]bot.Queue{}
			}
			if diff := cmp.Diff(want, must(s.Backlog(ctx, now))(t)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", what, diff)
			}
		}
		wantsBacklog("of an empty house", bot.Backlog{})
		ago := func(d time.Duration) time.Time { return now.Add(-d) }
		a, b, c := addChat(t, s, 1, 0), addChat(t, s, 2, 0), addChat(t, s, 3, 0)
		wants(t, s, a.ID, ago(20*time.Minute))
		wants(t, s, b.ID, now.Add(time.Hour))
		wants(t, s, c.ID, ago(time.Hour))
		must(s.PauseTelegramChat(ctx, 3, nil, bot.PausedByReader, now))(t)
		wantsBacklog("a due chat counts, a paused one and a later one do not", bot.Backlog{DueChats: 1, Overdue: ago(20 * time.Minute)})

		wants(t, s, a.ID, time.Time{})
		compose(t, s, a.ID, ago(10*time.Minute), 1)
		compose(t, s, b.ID, ago(30*time.Minute), 1)
		edition := bot.Queue{Waiting: 2, Due: 2, Oldest: ago(30 * time.Minute)}
		wantsBacklog("two editions wait", bot.Backlog{Kinds: map[bot.DeliveryKind]bot.Queue{bot.EditionDelivery: edition}, Overdue: ago(30 * time.Minute)})

		// Telegram makes the older one's chat wait: late, but not by our fault
		d := must(s.WaitingDeliveries(ctx, now, 1))(t)[0]
		if d.Chat != b.ID || !d.Due.Equal(ago(30*time.Minute)) {
			t.Fatalf("the first delivery is of chat %d, due %s; want chat %d, due 30 minutes ago", d.Chat, d.Due, b.ID)
		}
		d.NotBefore = now.Add(time.Hour)
		check(t, s.EndDelivery(ctx, d))
		wantsBacklog("one is held back", bot.Backlog{Kinds: map[bot.DeliveryKind]bot.Queue{bot.EditionDelivery: edition}, Overdue: ago(10 * time.Minute)})
		check(t, s.SavePause(ctx, "all", now.Add(time.Hour)))
		wantsBacklog("all are held back", bot.Backlog{Kinds: map[bot.DeliveryKind]bot.Queue{bot.EditionDelivery: edition}, Overdue: ago(30 * time.Minute)})

		check(t, s.Notify(ctx, a.ID, message("hello"), now))
		end(t, s, b.ID, bot.Sent)
		notice := bot.Queue{Waiting: 1, Due: 1, Oldest: now}
		edition = bot.Queue{Waiting: 1, Due: 1, Oldest: ago(10 * time.Minute)}
		wantsBacklog("one was sent", bot.Backlog{Overdue: ago(10 * time.Minute),
			Kinds: map[bot.DeliveryKind]bot.Queue{bot.NoticeDelivery: notice, bot.EditionDelivery: edition}})
	})
}

// TestEveryEndHasItsTime lets deliveries end in every way there is.
func TestEveryEndHasItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, start := h.open(t), t.Context(), milli(time.Now())
		for i, state := range []bot.DeliveryState{bot.Sent, bot.Sent, bot.Failed, bot.Unknown} {
			c := addChat(t, s, int64(i+1), 0)
			compose(t, s, c.ID, start.Add(-90*time.Second), 1)
			end(t, s, c.ID, state)
		}
		// dropped with its chat
		gone := addChat(t, s, 20, 0)
		compose(t, s, gone.ID, start, 1)
		must(s.PauseTelegramChat(ctx, 20, nil, bot.PausedBlocked, time.Now()))(t)
		// would wait again for a chat that was paused
		rests := addChat(t, s, 21, 0)
		compose(t, s, rests.ID, start, 1)
		d := must(s.WaitingDeliveries(ctx, start, 1))(t)[0]
		check(t, s.StartDelivery(ctx, d.ID))
		must(s.PauseTelegramChat(ctx, 21, nil, bot.PausedByReader, time.Now()))(t)
		check(t, s.EndDelivery(ctx, d))
		// on the wire at two crashes
		lost := addChat(t, s, 22, 0)
		compose(t, s, lost.ID, start, 1)
		for range 2 {
			d := must(s.WaitingDeliveries(ctx, time.Now(), 1))(t)[0]
			check(t, s.StartDelivery(ctx, d.ID))
			must(s.RecoverDeliveries(ctx))(t)
		}
		// waits again
		waits := addChat(t, s, 23, 0)
		compose(t, s, waits.ID, start, 1)
		d = must(s.WaitingDeliveries(ctx, start, 1))(t)[0]
		check(t, s.EndDelivery(ctx, d))

		const wrong = `SELECT COUNT(*) FROM deliveries WHERE (state IN ('waiting', 'sending')) <> (ended IS NULL)`
		if n := number(t, s, wrong); n != 0 {
			t.Errorf("%d deliveries have ended without a time or have one without an end", n)
		}
		got := must(s.Done(ctx, start, time.Now().Add(time.Second)))(t)
		late := got.Late
		got.Late = nil
		if want := (bot.Done{Sent: 2, Failed: 1, Unknown: 2, Dropped: 2}); !cmp.Equal(got, want) {
			t.Errorf("Done = %+v, want %+v", got, want)
		}
		if within, ok := late.Within(0.5); !ok || within != 2*time.Minute || late.Total() != 2 {
			t.Errorf("of %d editions half were sent within %v (%v), want 2 within 2 minutes", late.Total(), within, ok)
		}
		if before := must(s.Done(ctx, start.Add(-time.Hour), start.Add(-time.Second)))(t); before.Sent+before.Failed+before.Unknown+before.Dropped+before.Late.Total() != 0 {
			t.Errorf("Done before the start = %+v, want nothing", before)
		}
		// the count of what is unknown outlives its deliveries
		for range 2 {
			if l := must(s.Levels(ctx, time.Now()))(t); l.Unknown != 2 || l.Readers != 6 || l.Paused != 2 {
				t.Errorf("Levels tells of %d unknown deliveries, %d readers, %d paused; want 2, 6, 2", l.Unknown, l.Readers, l.Paused)
			}
			check(t, s.Tidy(ctx, start.Add(100*24*time.Hour)))
		}
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE state = 'unknown'`); n != 0 {
			t.Errorf("%d unknown deliveries are left after 100 days", n)
		}
	})
}

func TestCensus(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		a, b := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		addChat(t, s, 3, 0)
		must(s.PauseTelegramChat(ctx, 3, nil, bot.PausedBlocked, now))(t)
		execute(t, s, `UPDATE chats SET created = $1 WHERE id = $2`, now.Add(-48*time.Hour).UnixMilli(), int64(b.ID))
		for _, f := range []struct {
			chat bot.ChatID
			text string
		}{{a.ID, "ferry"}, {a.ID, "quay"}, {b.ID, "ferry"}} {
			_, _, err := s.Follow(ctx, f.chat, digest.Topic{Text: f.text, Label: f.text}, now)
			check(t, err)
		}
		compose(t, s, a.ID, now.Add(-6*24*time.Hour), 1)
		compose(t, s, b.ID, now.Add(-8*24*time.Hour), 1)
		shelve(t, s, now, 5)
		sources(t, s, now)
		deadOwn(t, s, a.ID, now)
		got := must(s.Census(ctx, time.Now().Add(time.Second), now.Add(-24*time.Hour)))(t)
		if got.Bytes < 10_000 {
			t.Errorf("the database has %d bytes, want more", got.Bytes)
		}
		got.Bytes = 0
		want := bot.Census{Levels: bot.Levels{Readers: 2, Paused: 1, Topics: 2, Sources: 9, Failing: 4, Health: map[digest.Health]int{
			digest.Fine: 1, digest.Moved: 1, digest.Slow: 1, digest.Failing: 1, digest.Gone: 2, digest.Aside: 1, digest.Unvisited: 2}}, Active: 1, New: 2, Subscriptions: 3, Stories: 5}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Census (-want +got)\n%s", diff)
		}
	})
}

// sources puts eight on the list, at least one of every health.
func sources(t testing.TB, s *storage.Store, now time.Time) {
	t.Helper()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	fails := func(v *digest.Source, since time.Duration, reason string) {
		v.Failures, v.FailingSince, v.Reason = 3, ago(since), reason
	}
	for i, change := range []func(*digest.Source){
		func(v *digest.Source) { v.LastChange = ago(time.Hour) },
		func(v *digest.Source) { fails(v, time.Hour, "no answer in time") },
		func(v *digest.Source) { v.LastChange = ago(digest.SlowAfter) },
		func(v *digest.Source) { fails(v, 30*time.Hour, "gone (410)"); v.Status = 410 },
		func(v *digest.Source) { fails(v, digest.GoneAfter, "no such host") },
		func(v *digest.Source) { fails(v, 2*time.Hour, "it broke"); v.Broke = 4 },
		func(v *digest.Source) {
			v.LastChange, v.Moved, v.MovedAt = ago(time.Hour), "https://moved.example/feed", ago(time.Hour)
		},
		func(v *digest.Source) { v.LastVisit = time.Time{} },
	} {
		v := addSource(t, s, fmt.Sprintf("https://outlet-%d.example/feed", i), now)
		v.LastVisit = ago(time.Minute)
		change(&v)
		v.Name = ""
		must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: v}}))(t)
	}
}

// deadOwn makes a chat follow sources of its own that cannot be read: they are no
// trouble of the house, and nobody but their reader is told of them.
func deadOwn(t testing.TB, s *storage.Store, chat bot.ChatID, now time.Time) {
	t.Helper()
	for i := range 7 {
		v := followSource(t, s, chat, fmt.Sprintf("https://private-%d.example/feed", i))
		v.LastVisit, v.Failures, v.FailingSince, v.Reason = now.Add(-time.Minute), 9, now.Add(-50*time.Hour), "gone (410)"
		must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: v}}))(t)
	}
}

func TestSourceHealthIsTheWorstFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		sources(t, s, now)
		deadOwn(t, s, addChat(t, s, 1, 0).ID, now)
		addSource(t, s, "https://switched-off.example/feed", now)
		execute(t, s, `UPDATE sources SET visited = 0 WHERE address LIKE '%switched-off%'`)
		addSource(t, s, "https://never-visited.example/feed", now)
		var got []string
		count := map[digest.Health]int{}
		for from := 0; from < 9; from += 3 {
			page, total, err := s.SourceHealth(ctx, now, from, 3)
			if err != nil || total != 9 || len(page) != 3 {
				t.Fatalf("SourceHealth from %d = %d of %d sources, %v; want 3 of 9", from, len(page), total, err)
			}
			for _, p := range page {
				got = append(got, strings.TrimSuffix(strings.TrimPrefix(p.Address, "https://"), ".example/feed")+" "+string(p.Health(now)))
				count[p.Health(now)]++
			}
		}
		want := []string{"outlet-4 gone", "outlet-3 gone", "outlet-5 aside", "outlet-1 failing", "outlet-2 slow",
			"outlet-0 fine", "outlet-6 moved", "outlet-7 new", "never-visited new"}
		if l := must(s.Levels(ctx, now))(t); !cmp.Equal(l.Health, count) {
			t.Errorf("Levels tells of %v, the sources of themselves %v", l.Health, count)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("SourceHealth (-want +got)\n%s", diff)
		}
		if page, total, err := s.SourceHealth(ctx, now, 100, 10); len(page) != 0 || total != 9 || err != nil {
			t.Errorf("SourceHealth past the end = %v, %d, %v", page, total, err)
		}
		if visited, failed, err := s.Visits(ctx, now.Add(-15*time.Minute)); visited != 7 || failed != 4 || err != nil {
			t.Errorf("Visits = %d, %d failed, %v; want 5, 2 failed", visited, failed, err)
		}
		if visited, _, err := s.Visits(ctx, now); visited != 0 || err != nil {
			t.Errorf("Visits from now on = %d, %v; want none", visited, err)
		}
	})
}

func TestFiguresAreKeptByTheHour(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		hour := time.Now().UTC().Truncate(time.Hour)
		a := addChat(t, s, 1, 0)
		compose(t, s, a.ID, hour, 1)
		end(t, s, a.ID, bot.Sent)
		endedAt(t, s, hour.Add(58*time.Minute))
		history := func() []bot.Figures {
			all := must(s.History(ctx, hour.Add(-100*24*time.Hour)))(t)
			for i := range all {
				all[i].Bytes = 0
			}
			return all
		}
		first := bot.Figures{From: hour, Readers: 1, Active: 1, Sent: 1}
		for range 2 {
			check(t, s.SaveFigures(ctx, hour.Add(59*time.Minute)))
			if diff := cmp.Diff([]bot.Figures{first}, history()); diff != "" {
				t.Fatalf("after SaveFigures (-want +got)\n%s", diff)
			}
		}
		// what happened after the last look at an hour still counts, and its end is the next one's beginning
		b := addChat(t, s, 2, 0)
		compose(t, s, b.ID, hour, 1)
		end(t, s, b.ID, bot.Failed)
		endedAt(t, s, hour.Add(59*time.Minute+30*time.Second))
		check(t, s.SaveFigures(ctx, hour.Add(61*time.Minute)))
		first.Readers, first.Active, first.Failed = 2, 2, 1
		second := bot.Figures{From: hour.Add(time.Hour), Readers: 2, Active: 2}
		if diff := cmp.Diff([]bot.Figures{first, second}, history()); diff != "" {
			t.Errorf("in the next hour (-want +got)\n%s", diff)
		}
		// hours that are over are told by their figures
		execute(t, s, `DELETE FROM deliveries`)
		for from, want := range map[time.Time]bot.Done{
			hour:                        {Sent: 1, Failed: 1, Late: make(bot.Lateness, len(bot.LateSteps)+1)},
			hour.Add(-30 * time.Minute): {Sent: 1, Failed: 1, Late: make(bot.Lateness, len(bot.LateSteps)+1)},
			hour.Add(30 * time.Minute):  {Late: make(bot.Lateness, len(bot.LateSteps)+1)},
		} {
			got := must(s.Done(ctx, from, hour.Add(2*time.Hour)))(t)
			if got.Late.Total() != want.Sent {
				t.Errorf("Done from %s tells of the lateness of %d editions, want %d", from, got.Late.Total(), want.Sent)
			}
			got.Late = want.Late
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Done from %s (-want +got)\n%s", from, diff)
			}
		}
		// we were down: hours nobody saw have no row, and the last one seen keeps its levels
		addChat(t, s, 3, 0)
		check(t, s.SaveFigures(ctx, hour.Add(10*time.Hour)))
		third, fourth := second, second
		third.From, fourth.From = hour.Add(9*time.Hour), hour.Add(10*time.Hour)
		third.Readers, fourth.Readers = 3, 3
		if diff := cmp.Diff([]bot.Figures{first, second, third, fourth}, history()); diff != "" {
			t.Errorf("after hours nobody saw (-want +got)\n%s", diff)
		}
		check(t, s.Tidy(ctx, hour.Add(90*24*time.Hour)))
		if got := history(); len(got) != 4 {
			t.Errorf("after 90 days %d hours are kept, want all 4", len(got))
		}
		check(t, s.Tidy(ctx, hour.Add(500*24*time.Hour)))
		if got := history(); len(got) != 0 {
			t.Errorf("after 500 days %d hours are kept, want none", len(got))
		}
	})
}

// TestFiguresDoNotFallWhenAChatIsErased: what was done today stays done, however
// a chat goes; and nothing of what is kept of it names the chat.
func TestFiguresDoNotFallWhenAChatIsErased(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		now := milli(time.Now())
		hour := now.UTC().Truncate(time.Hour)
		var chats []bot.Chat
		for i := range int64(6) {
			c := addChat(t, s, 900_100+i, 0)
			chats = append(chats, c)
			compose(t, s, c.ID, now, 3)
			end(t, s, c.ID, bot.Sent)
			end(t, s, c.ID, []bot.DeliveryState{bot.Failed, bot.Unknown, bot.Dropped}[i%3])
			check(t, s.Notify(ctx, c.ID, message("hello"), now))
			end(t, s, c.ID, bot.Sent)
		}
		endedAt(t, s, now)
		done := func() bot.Done { return must(s.Done(ctx, hour.Add(-time.Hour), now.Add(time.Hour)))(t) }
		before := done()
		if before.Sent != 12 || before.Failed != 2 || before.Unknown != 2 || before.Dropped != 2 || before.Late.Total() < 6 {
			t.Fatalf("Done = %+v; want 12 sent, and two of each other kind", before)
		}
		check(t, s.EraseChat(ctx, chats[0].ID))
		must(s.Ban(ctx, chats[1].Telegram, now))(t)
		check(t, s.EraseChat(ctx, chats[2].ID))
		if diff := cmp.Diff(before, done()); diff != "" {
			t.Errorf("after erasing three chats (-want +got)\n%s", diff)
		}
		check(t, s.SaveFigures(ctx, now))
		check(t, s.EraseChat(ctx, chats[3].ID))
		check(t, s.SaveFigures(ctx, now.Add(time.Hour)))
		all := must(s.History(ctx, hour))(t)
		if len(all) != 2 || all[0].Sent != 12 || all[0].Failed != 2 || all[0].Unknown != 2 || all[0].Dropped != 2 {
			t.Errorf("the figures of the hour are %+v; want those from before", all)
		}
		if got := done(); got.Sent != 12 || got.Late.Total() != before.Late.Total() {
			t.Errorf("Done = %+v; want %+v", got, before)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM erased`); n == 0 {
			t.Error("nothing is counted of erased chats")
		}
		check(t, s.Tidy(ctx, now.Add(16*24*time.Hour)))
		if n := number(t, s, `SELECT COUNT(*) FROM erased`); n != 0 {
			t.Errorf("after 16 days %d counts of erased chats are kept", n)
		}
	})
}

func TestAnIncidentAndItsNoticesAreOneThing(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ada, ben := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		check(t, s.EraseChat(ctx, ben.ID))
		i := bot.Incident{Kind: bot.IncidentDisk, Since: now, Told: now.Add(time.Second)}
		notices := []bot.Notice{{Chat: ada.ID, Message: message("full")}, {Chat: ben.ID, Message: message("full")}}
		check(t, s.SaveIncident(ctx, i, notices, now))
		if got := must(s.Incidents(ctx))(t); !cmp.Equal(got, []bot.Incident{i}) || !got[0].Open() {
			t.Errorf("Incidents = %+v, want %+v", got, i)
		}
		waiting := must(s.WaitingDeliveries(ctx, now, 10))(t)
		if len(waiting) != 1 || waiting[0].Chat != ada.ID || waiting[0].Kind != bot.NoticeDelivery || waiting[0].Message.Text != "full" {
			t.Errorf("%+v waits, want one notice for the admin who is there", waiting)
		}
		i.Ended = now.Add(time.Hour)
		check(t, s.SaveIncident(ctx, i, nil, now))
		if got := must(s.Incidents(ctx))(t); !cmp.Equal(got, []bot.Incident{i}) || got[0].Open() {
			t.Errorf("Incidents after its end = %+v, want %+v", got, i)
		}
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		if err := s.SaveIncident(canceled, bot.Incident{Kind: bot.IncidentLate, Since: now, Told: now}, notices, now); !errors.Is(err, context.Canceled) {
			t.Errorf("SaveIncident with an ended context = %v", err)
		}
		if got := must(s.Incidents(ctx))(t); len(got) != 1 {
			t.Errorf("Incidents = %+v, want the one", got)
		}
	})
}

func TestSpace(t *testing.T) {
	s := house{filepath.Join(t.TempDir(), "tidings.db")}.open(t)
	free, total, err := s.Space()
	if err != nil || free == 0 || total < free {
		t.Errorf("Space = %d of %d, %v; want what the disk has", free, total, err)
	}
	if free, total, err := (house{":memory:"}).open(t).Space(); free != 0 || total != 0 || err != nil {
		t.Errorf("Space in memory = %d of %d, %v; want unknown", free, total, err)
	}
}

// TestCountingUsesItsIndexes is what the cost of a scrape stands on.
func TestCountingUsesItsIndexes(t *testing.T) {
	s := house{filepath.Join(t.TempDir(), "tidings.db")}.open(t)
	for query, index := range map[string]string{
		`SELECT kind, COUNT(*), COUNT(CASE WHEN due <= 5 THEN 1 END), MIN(due) FROM deliveries WHERE state = 'waiting' GROUP BY kind`: "deliveries_overdue",
		`SELECT due, not_before FROM deliveries WHERE state = 'waiting' AND kind = 3 AND due <= 5 ORDER BY due LIMIT 9`:               "deliveries_overdue",
		`SELECT state, kind, due - ended, COUNT(*) FROM deliveries WHERE ended >= 5 AND ended < 9 GROUP BY state`:                     "deliveries_ended",
		`SELECT id FROM deliveries WHERE ended < 5 LIMIT 9`:                                                                           "deliveries_ended",
		`SELECT COUNT(*) FROM chats WHERE paused = ''`:                                                                                "chats_reading",
		`SELECT COUNT(*) FROM chats WHERE paused <> ''`:                                                                               "chats_paused",
		`SELECT COUNT(*) FROM stories WHERE id >= 5 AND id < 9`:                                                                       "sqlite_autoindex_stories_1",
	} {
		var id, parent, none int
		var plan string
		if err := s.DB().QueryRow("EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &none, &plan); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if !strings.Contains(plan, index) {
			t.Errorf("%s\nis answered by %q, want %s", query, plan, index)
		}
	}
}

// TestAudiencesAreReadInOrder is what the cost of spreading a broadcast stands
// on: each batch begins where the one before ended, and sorts nothing.
func TestAudiencesAreReadInOrder(t *testing.T) {
	s := house{filepath.Join(t.TempDir(), "tidings.db")}.open(t)
	for from, c := range map[string]struct{ id, index string }{
		`chats c WHERE c.paused = ''`:                                                                                   {"c.id", "chats_reading"},
		`chats c WHERE c.paused = '' AND c.language = 'de'`:                                                             {"c.id", "chats_language"},
		`subscriptions u JOIN chats c ON c.id = u.chat_id WHERE c.paused = '' AND u.topic_id = 7`:                       {"u.chat_id", "subscriptions_topic"},
		`subscriptions u JOIN chats c ON c.id = u.chat_id WHERE c.paused = '' AND u.topic_id = 7 AND c.language = 'de'`: {"u.chat_id", "subscriptions_topic"},
	} {
		rows, err := s.DB().Query(`EXPLAIN QUERY PLAN SELECT c.id, c.zone, c.quiet FROM ` + from + ` AND c.announcements = 1 AND ` + c.id + ` > 5
			AND ` + c.id + ` <= (SELECT last_chat FROM broadcasts WHERE id = 3) ORDER BY ` + c.id + ` LIMIT 9`)
		check(t, err)
		var all []string
		for rows.Next() {
			var id, parent, none int
			var step string
			check(t, rows.Scan(&id, &parent, &none, &step))
			all = append(all, step)
		}
		check(t, rows.Close())
		if plan := strings.Join(all, "; "); !strings.Contains(plan, c.index) || !strings.Contains(plan, c.id[2:]+">?") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nis read by %q, want %s from the place reached on", from, plan, c.index)
		}
	}
}
