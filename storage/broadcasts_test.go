package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

func TestBroadcast(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		var chats []bot.Chat
		for i := range 25 {
			chats = append(chats, addChat(t, s, int64(i+1), 0))
		}
		must(s.PauseTelegramChat(ctx, 25, nil, bot.PausedBlocked, now))(t)
		if r := must(s.AudienceReach(ctx, bot.Audience{}))(t); r != (bot.Reach{Chats: 24}) {
			t.Errorf("AudienceReach of all = %+v, want 24 chats", r)
		}
		id := must(s.AddBroadcast(ctx, bot.Broadcast{Admin: chats[0].ID, Message: message("all hands"), Created: now}))(t)
		want := bot.Broadcast{ID: id, Admin: chats[0].ID, Message: message("all hands"), State: bot.BroadcastDraft, Created: now}
		if diff := cmp.Diff(want, must(s.BroadcastByID(ctx, id))(t)); diff != "" {
			t.Errorf("BroadcastByID (-want +got)\n%s", diff)
		}
		if _, err := s.BroadcastByID(ctx, 1); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("BroadcastByID of none: %v, want ErrNotFound", err)
		}
		if _, err := s.SpreadBroadcast(ctx, id, 10, now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SpreadBroadcast of a draft: %v, want ErrNotFound", err)
		}
		if b := must(s.StartBroadcast(ctx, id, 77, now))(t); b.State != bot.BroadcastSpreading || b.Progress != 77 || !b.Started.Equal(now) {
			t.Errorf("StartBroadcast = %+v, want it spreading, its progress in message 77", b)
		}
		if _, err := s.StartBroadcast(ctx, id, 1, now); !errors.Is(err, digest.ErrExists) {
			t.Errorf("StartBroadcast twice: %v, want ErrExists", err)
		}
		if err := s.CancelBroadcast(ctx, id); !errors.Is(err, digest.ErrExists) {
			t.Errorf("CancelBroadcast of a started one: %v, want ErrExists", err)
		}
		for _, want := range []int{10, 10, 4} {
			if all := must(s.ActiveBroadcasts(ctx))(t); len(all) != 1 || all[0].State != bot.BroadcastSpreading {
				t.Errorf("ActiveBroadcasts = %+v, want it spreading", all)
			}
			if n := must(s.SpreadBroadcast(ctx, id, 10, now))(t); n != want {
				t.Errorf("SpreadBroadcast = %d, want %d", n, want)
			}
		}
		if all := must(s.ActiveBroadcasts(ctx))(t); len(all) != 1 || all[0].State != bot.BroadcastSending || all[0].Reached != chats[23].ID {
			t.Errorf("ActiveBroadcasts = %+v, want it sending, reached %d", all, chats[23].ID)
		}
		waiting := must(s.WaitingDeliveries(ctx, now, 100))(t)
		if len(waiting) != 24 || waiting[3].Message.Text != "all hands" || waiting[3].Broadcast != id || waiting[3].Kind != bot.BroadcastDelivery {
			t.Fatalf("WaitingDeliveries = %d, the fourth %+v; want 24 of the broadcast", len(waiting), waiting[3])
		}
		for i, d := range waiting {
			check(t, s.StartDelivery(ctx, d.ID))
			d.State = bot.Sent
			if i < 3 {
				d.State, d.Reason = bot.Failed, "blocked"
			}
			check(t, s.EndDelivery(ctx, d))
		}
		want2 := bot.Turnout{Tally: bot.Tally{bot.Sent: 21, bot.Failed: 3}, Reasons: map[string]int{"blocked": 3}}
		if diff := cmp.Diff(want2, must(s.TallyBroadcast(ctx, id, now))(t)); diff != "" {
			t.Errorf("TallyBroadcast (-want +got)\n%s", diff)
		}
		if must(s.BroadcastOpen(ctx, id))(t) {
			t.Error("BroadcastOpen after the last delivery ended")
		}
		first := must(s.UnreachedChats(ctx, id, 0, 2))(t)
		rest := must(s.UnreachedChats(ctx, id, first[1].Chat, 2))(t)
		if len(first) != 2 || len(rest) != 1 || rest[0] != (bot.Unreached{Chat: chats[2].ID, To: chats[2].Address, State: bot.Failed, Reason: "blocked"}) {
			t.Errorf("UnreachedChats = %+v, then %+v; want the three that failed", first, rest)
		}
		check(t, s.EndBroadcast(ctx, id, now))
		if err := s.EndBroadcast(ctx, id, now); !errors.Is(err, digest.ErrExists) {
			t.Errorf("EndBroadcast twice: %v, want ErrExists", err)
		}
		for what, act := range map[string]func() error{
			"pause": func() error { return s.PauseBroadcast(ctx, id) }, "resume": func() error { return s.ResumeBroadcast(ctx, id) },
			"stop": func() error { return s.StopBroadcast(ctx, id) }, "aim": func() error { return s.AimBroadcast(ctx, id, bot.Audience{}) },
		} {
			if err := act(); !errors.Is(err, digest.ErrExists) {
				t.Errorf("%s after the end: %v, want ErrExists", what, err)
			}
		}
		if b := must(s.BroadcastByID(ctx, id))(t); b.State != bot.BroadcastDone || !b.Ended.Equal(now) {
			t.Errorf("BroadcastByID after the end = %+v", b)
		}
		draft := must(s.AddBroadcast(ctx, bot.Broadcast{Message: message("no")}))(t)
		check(t, s.CancelBroadcast(ctx, draft))
		if _, err := s.StartBroadcast(ctx, draft, 1, now); !errors.Is(err, digest.ErrExists) {
			t.Errorf("StartBroadcast of a cancelled one: %v, want ErrExists", err)
		}
	})
}

// begin starts a broadcast to an audience and makes all its deliveries.
func begin(t testing.TB, s *storage.Store, who bot.Audience, now time.Time) bot.BroadcastID {
	t.Helper()
	id := must(s.AddBroadcast(t.Context(), bot.Broadcast{Message: message("all hands"), Audience: who}))(t)
	must(s.StartBroadcast(t.Context(), id, 1, now))(t)
	for must(s.SpreadBroadcast(t.Context(), id, 1000, now))(t) == 1000 {
	}
	return id
}

// reads changes what a chat chose.
func reads(t testing.TB, s *storage.Store, chat bot.ChatID, change func(*bot.Chat)) {
	t.Helper()
	must(s.ChangeChat(t.Context(), chat, func(c *bot.Chat) error { change(c); return nil }))(t)
}

func TestAudiences(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		var chats []bot.Chat
		for i := range 12 {
			chats = append(chats, addChat(t, s, int64(i+1), 0))
			reads(t, s, chats[i].ID, func(c *bot.Chat) {
				c.Announcements = i%4 != 3 // 3, 7 and 11 decline
				if i >= 6 {
					c.Language = "de"
				}
			})
			if i%2 == 0 {
				_, _, err := s.Follow(ctx, chats[i].ID, digest.Topic{Text: "ferry", Label: "Ferries"}, now)
				check(t, err)
			}
		}
		_, _, err := s.Follow(ctx, chats[3].ID, digest.Topic{Text: "ferry", Label: "ferry"}, now) // declines
		check(t, err)
		_, _, err = s.Follow(ctx, chats[1].ID, digest.Topic{Text: "quay", Label: "quay"}, now)
		check(t, err)
		must(s.PauseTelegramChat(ctx, 1, nil, bot.PausedByReader, now))(t) // follows ferry
		addChat(t, s, -100500, 0)                                          // a forum's General is a reader like any group,
		addChat(t, s, -100500, 5)                                          // a thread where somebody wrote once is none,
		quay := addChat(t, s, -100500, 6)                                  // and one that follows something is
		_, _, err = s.Follow(ctx, quay.ID, digest.Topic{Text: "quay", Label: "quay"}, now)
		check(t, err)
		for _, c := range []struct {
			who  bot.Audience
			want bot.Reach
		}{
			{bot.Audience{}, bot.Reach{Chats: 10, Declined: 3}},
			{bot.Audience{Language: "de"}, bot.Reach{Chats: 4, Declined: 2}},
			{bot.Audience{Language: "en"}, bot.Reach{Chats: 6, Declined: 1}},
			{bot.Audience{Language: "xx"}, bot.Reach{}},
			{bot.Audience{Topic: "ferry"}, bot.Reach{Chats: 5, Declined: 1}},
			{bot.Audience{Topic: "quay"}, bot.Reach{Chats: 2}},
			{bot.Audience{Topic: "zeppelin"}, bot.Reach{}},
			{bot.Audience{Topic: "ferry' OR 1=1 --"}, bot.Reach{}},
			{bot.Audience{Topic: "ferry", Language: "de"}, bot.Reach{Chats: 3}},
		} {
			if got := must(s.AudienceReach(ctx, c.who))(t); got != c.want {
				t.Errorf("AudienceReach(%+v) = %+v, want %+v", c.who, got, c.want)
			}
			id := begin(t, s, c.who, now)
			if got := must(s.TallyBroadcast(ctx, id, now))(t).Tally[bot.Waiting]; got != c.want.Chats {
				t.Errorf("a broadcast to %+v has %d deliveries, want the %d that were counted", c.who, got, c.want.Chats)
			}
		}
		if diff := cmp.Diff([]bot.LanguageCount{{Language: "en", Chats: 6}, {Language: "de", Chats: 4}}, must(s.AudienceLanguages(ctx))(t)); diff != "" {
			t.Errorf("AudienceLanguages (-want +got)\n%s", diff)
		}
		topics := must(s.AudienceTopics(ctx, 0, 9))(t)
		if len(topics) != 2 || topics[0].Text != "ferry" || topics[0].Chats != 5 || topics[1].Text != "quay" || topics[1].Chats != 2 {
			t.Errorf("AudienceTopics = %+v, want ferry with 5 and quay with 2", topics)
		}
		if got := must(s.AudienceTopics(ctx, 1, 9))(t); len(got) != 1 || got[0].Text != "quay" {
			t.Errorf("AudienceTopics after the first = %+v, want quay", got)
		}
		if text := must(s.TopicText(ctx, topics[0].Topic))(t); text != "ferry" {
			t.Errorf("TopicText = %q, want ferry", text)
		}
		if _, err := s.TopicText(ctx, 5); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("TopicText of none = %v, want ErrNotFound", err)
		}
		draft := must(s.AddBroadcast(ctx, bot.Broadcast{Message: message("aimed")}))(t)
		check(t, s.AimBroadcast(ctx, draft, bot.Audience{Topic: "quay"}))
		if b := must(s.BroadcastByID(ctx, draft))(t); b.Audience != (bot.Audience{Topic: "quay"}) || b.State != bot.BroadcastDraft {
			t.Errorf("after AimBroadcast it is %+v, want a draft for quay", b)
		}
	})
}

// TestPausedBroadcastsLetOthersPass pauses one of two broadcasts to the same
// chats.
func TestPausedBroadcastsLetOthersPass(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		for i := range 5 {
			addChat(t, s, int64(i+1), 0)
		}
		for chat := int64(1); chat <= 5; chat++ {
			reads(t, s, must(s.ChatAt(ctx, bot.Address{Telegram: chat}))(t).ID, func(c *bot.Chat) { c.Announcements = true })
		}
		first, second := begin(t, s, bot.Audience{}, now), begin(t, s, bot.Audience{}, now.Add(time.Millisecond))
		late := addChat(t, s, 6, 0)
		reads(t, s, late.ID, func(c *bot.Chat) { c.Announcements = true })
		waiting := func() (n map[bot.BroadcastID]int) {
			n = map[bot.BroadcastID]int{}
			for _, d := range must(s.WaitingDeliveries(ctx, now.Add(time.Second), 100))(t) {
				n[d.Broadcast]++
			}
			return n
		}
		expect := func(when string, want map[bot.BroadcastID]int) {
			t.Helper()
			if diff := cmp.Diff(want, waiting()); diff != "" {
				t.Errorf("%s (-want +got)\n%s", when, diff)
			}
		}
		expect("both go out", map[bot.BroadcastID]int{first: 5, second: 5})
		taken := must(s.WaitingDeliveries(ctx, now.Add(time.Second), 1))(t)[0]
		check(t, s.PauseBroadcast(ctx, first))
		expect("the first is paused", map[bot.BroadcastID]int{second: 5})
		if err := s.StartDelivery(ctx, taken.ID); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("StartDelivery of a paused broadcast = %v, want ErrNotFound", err)
		}
		if n := must(s.DropBroadcast(ctx, first, 100))(t); n != 0 {
			t.Errorf("DropBroadcast of a paused one = %d, want 0", n)
		}
		if _, err := s.SpreadBroadcast(ctx, first, 100, now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SpreadBroadcast of a paused one = %v, want ErrNotFound", err)
		}
		if err := s.EndBroadcast(ctx, first, now); !errors.Is(err, digest.ErrExists) {
			t.Errorf("EndBroadcast of a paused one = %v, want ErrExists", err)
		}
		check(t, s.StopBroadcast(ctx, second))
		expect("the second is stopped", map[bot.BroadcastID]int{})
		for _, want := range []int{3, 2, 0} {
			if n := must(s.DropBroadcast(ctx, second, 3))(t); n != want {
				t.Errorf("DropBroadcast = %d, want %d", n, want)
			}
		}
		check(t, s.EndBroadcast(ctx, second, now))
		if b := must(s.BroadcastByID(ctx, second))(t); b.State != bot.BroadcastStopped {
			t.Errorf("a stopped broadcast ended as %s", b.State)
		}
		check(t, s.ResumeBroadcast(ctx, first))
		if n := must(s.SpreadBroadcast(ctx, first, 100, now))(t); n != 0 {
			t.Errorf("after it was resumed %d more deliveries were made: a chat that came later was not asked for", n)
		}
		expect("the first is resumed", map[bot.BroadcastID]int{first: 5})
		check(t, s.StartDelivery(ctx, taken.ID))
		if all := must(s.ActiveBroadcasts(ctx))(t); len(all) != 1 || all[0].ID != first {
			t.Errorf("ActiveBroadcasts = %+v, want the first", all)
		}
	})
}

func TestBroadcastsWaitForQuietHoursToEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		now := time.Date(2026, 3, 16, 22, 30, 0, 0, time.UTC) // 23:30 in Berlin
		for i, quiet := range []string{"", "22:00-07:00", "21:00-23:00"} {
			chat := addChat(t, s, int64(i+1), 0)
			reads(t, s, chat.ID, func(c *bot.Chat) { c.Quiet, c.Announcements = quiet, true })
		}
		id := begin(t, s, bot.Audience{}, now)
		if d := must(s.WaitingDeliveries(ctx, now, 10))(t); len(d) != 2 || d[1].To.Telegram != 3 || d[1].Zone != "Europe/Berlin" || d[1].Quiet != "21:00-23:00" {
			t.Errorf("at once %+v wait, want chats 1 and 3 with their quiet hours", d)
		}
		if got := must(s.TallyBroadcast(ctx, id, now))(t); got.Held != 1 || got.Tally[bot.Waiting] != 3 {
			t.Errorf("TallyBroadcast = %+v, want one of three held", got)
		}
		if d := must(s.WaitingDeliveries(ctx, time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC), 10))(t); len(d) != 3 {
			t.Errorf("at seven in Berlin %d wait, want 3", len(d))
		}
		// what quiet hours hold is due at their end, the others at once
		morning := time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)
		for at, due := range map[time.Time]int{now: 2, morning.Add(-time.Millisecond): 2, morning: 3} {
			want := bot.Queue{Waiting: 3, Due: due, Oldest: now}
			if got := must(s.Backlog(ctx, at))(t).Kinds[bot.BroadcastDelivery]; got != want {
				t.Errorf("Backlog at %s = %+v, want %+v", at, got, want)
			}
		}
		chat := must(s.ChatAt(ctx, bot.Address{Telegram: 1}))(t)
		reads(t, s, chat.ID, func(c *bot.Chat) { c.Announcements = false })
		if d := must(s.WaitingDeliveries(ctx, now, 10))(t); !d[0].Declined || d[1].Declined {
			t.Errorf("who took to declining is not told from who did not: %+v", d)
		}
	})
}

func TestBans(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		const user = int64(987654321987)
		if must(s.Banned(ctx, user))(t) {
			t.Error("Banned before anybody was")
		}
		if err := s.Unban(ctx, user); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Unban of nobody = %v, want ErrNotFound", err)
		}
		chat := addChat(t, s, user, 0)
		_, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferry", Label: "ferry"}, now)
		check(t, err)
		compose(t, s, chat.ID, now, 1)
		other := addChat(t, s, 5, 0)
		for _, fresh := range []bool{true, false} {
			if got := must(s.Ban(ctx, user, now))(t); got != fresh {
				t.Errorf("Ban = %v, want %v", got, fresh)
			}
		}
		if !must(s.Banned(ctx, user))(t) || must(s.Banned(ctx, 5))(t) {
			t.Error("Banned does not tell who is banned")
		}
		if found := lookFor(t, s, []string{fmt.Sprint(user), fmt.Sprint(chat.ID)}); len(found) != 0 {
			t.Errorf("after Ban traces of the id are left in %v", found)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries`); n != 0 {
			t.Errorf("%d deliveries are left for a banned user", n)
		}
		if _, err := s.AddChat(ctx, bot.Chat{Address: bot.Address{Telegram: user}}); !errors.Is(err, bot.ErrBanned) {
			t.Errorf("AddChat of a banned user = %v, want ErrBanned", err)
		}
		addChat(t, s, -user, 0) // a group has nothing to do with it
		check(t, s.EraseChat(ctx, other.ID))
		check(t, s.Close())
		s = h.open(t)
		if !must(s.Banned(ctx, user))(t) {
			t.Error("a ban does not survive a restart")
		}
		check(t, s.Unban(ctx, user))
		if must(s.Banned(ctx, user))(t) {
			t.Error("Banned after Unban")
		}
		addChat(t, s, user, 0)
	})
}

func TestTidyDropsOldBroadcasts(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		old := now.Add(-16 * 24 * time.Hour)
		draft := must(s.AddBroadcast(ctx, bot.Broadcast{Message: message("never sent"), Created: old}))(t)
		paused := must(s.AddBroadcast(ctx, bot.Broadcast{Message: message("paused"), Created: old}))(t)
		must(s.StartBroadcast(ctx, paused, 1, old))(t)
		check(t, s.PauseBroadcast(ctx, paused))
		young := must(s.AddBroadcast(ctx, bot.Broadcast{Message: message("young"), Created: now}))(t)
		check(t, s.Tidy(ctx, now))
		for id, kept := range map[bot.BroadcastID]bool{draft: false, paused: true, young: true} {
			if _, err := s.BroadcastByID(ctx, id); errors.Is(err, digest.ErrNotFound) == kept {
				t.Errorf("after Tidy broadcast %d: %v, want it kept: %v", id, err, kept)
			}
		}
	})
}

// fillBroadcast puts a broadcast of n waiting deliveries on the shelf, and as
// many editions that must wait an hour.
func fillBroadcast(b testing.TB, s *storage.Store, n int, now time.Time) {
	b.Helper()
	const step = 1000
	for done := 0; done < n; done += step {
		tx, err := s.DB().Begin()
		check(b, err)
		for i := done; i < done+step; i++ {
			_, err := tx.Exec(`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, asked, expects, paused, created)
				VALUES ($1, $1, 0, '', '', '', 0, '{}', 0, '', '', 0)`, i+1)
			check(b, err)
			_, err = tx.Exec(`INSERT INTO deliveries (id, chat_id, kind, message, state, not_before, attempts, ambiguous, sent, reason)
				VALUES ($1, $1, 3, '{}', 'waiting', $2, 0, 0, 0, '')`, i+1, now.Add(time.Hour).UnixMilli())
			check(b, err)
		}
		check(b, tx.Commit())
	}
	id := must(s.AddBroadcast(b.Context(), bot.Broadcast{Message: message("all hands")}))(b)
	must(s.StartBroadcast(b.Context(), id, 1, now))(b)
	for must(s.SpreadBroadcast(b.Context(), id, 1000, now))(b) == 1000 {
	}
	if s.Engine() == storage.Postgres {
		execute(b, s, `ANALYZE`)
	}
}

func BenchmarkWaitingDeliveries(b *testing.B) {
	for _, c := range []struct {
		name string
		open func() house
	}{
		{"sqlite", func() house { return house{b.TempDir() + "/tidings.db"} }},
		{"postgres", func() house { return postgresHouse(b) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, now := c.open().open(b), time.Now()
			fillBroadcast(b, s, 100_000, now)
			for b.Loop() {
				if got := must(s.WaitingDeliveries(b.Context(), now, 60))(b); len(got) != 60 {
					b.Fatalf("%d deliveries", len(got))
				}
			}
		})
	}
}

// BenchmarkSpreadBroadcast makes the deliveries of a broadcast to 100,000 chats.
func BenchmarkSpreadBroadcast(b *testing.B) {
	for name, open := range map[string]func() house{
		"sqlite":   func() house { return house{b.TempDir() + "/tidings.db"} },
		"postgres": func() house { return postgresHouse(b) },
	} {
		for audience, who := range map[string]bot.Audience{"all": {}, "topic": {Topic: "ferry"}} {
			b.Run(name+"/"+audience, func(b *testing.B) {
				s, now := open().open(b), time.Now()
				fillChats(b, s, 100_000)
				for b.Loop() {
					begin(b, s, who, now)
				}
			})
		}
	}
}

// fillChats adds n chats that follow a topic.
func fillChats(b testing.TB, s *storage.Store, n int) {
	b.Helper()
	tx, err := s.DB().Begin()
	check(b, err)
	defer tx.Rollback()
	_, err = tx.Exec(`INSERT INTO topics (id, text, created) VALUES (1, 'ferry', 0)`)
	check(b, err)
	for i := range n {
		_, err := tx.Exec(`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, asked, expects, paused, created)
			VALUES ($1, $1, 0, 'private', 'en', 'Europe/Berlin', 0, '{}', 0, '', '', 0)`, i+1)
		check(b, err)
		_, err = tx.Exec(`INSERT INTO subscriptions (id, chat_id, topic_id, label, muted, created) VALUES ($1, $1, 1, 'ferry', 0, 0)`, i+1)
		check(b, err)
	}
	check(b, tx.Commit())
	if s.Engine() == storage.Postgres {
		execute(b, s, `ANALYZE`)
	}
}

// BenchmarkLookAtBroadcast is what a running broadcast of 100,000 chats costs
// again and again: whether anything is left every second, and a tally every
// three.
func BenchmarkLookAtBroadcast(b *testing.B) {
	s, now := house{b.TempDir() + "/tidings.db"}.open(b), time.Now()
	fillChats(b, s, 100_000)
	id := begin(b, s, bot.Audience{}, now)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if !must(s.BroadcastOpen(b.Context(), id))(b) {
				b.Fatal("nothing is left")
			}
		}
	})
	b.Run("tally", func(b *testing.B) {
		for b.Loop() {
			if n := must(s.TallyBroadcast(b.Context(), id, now))(b).Tally[bot.Waiting]; n != 100_000 {
				b.Fatalf("%d wait", n)
			}
		}
	})
	check(b, s.StopBroadcast(b.Context(), id))
	start := time.Now()
	for must(s.DropBroadcast(b.Context(), id, 1000))(b) == 1000 {
	}
	b.Logf("100,000 deliveries were dropped in %v", time.Since(start))
}
