package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
)

// wants sets when a chat's next edition is due.
func wants(t *testing.T, s *storage.Store, chat bot.ChatID, next time.Time) {
	t.Helper()
	must(s.ChangeChat(t.Context(), chat, func(c *bot.Chat) error { c.NextEdition, c.Asked = next, true; return nil }))(t)
}

func TestDueChats(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		if sources, chats, err := s.Due(ctx, now); sources || chats || err != nil {
			t.Errorf("Due of an empty house = %v, %v, %v", sources, chats, err)
		}
		late, later, paused := addChat(t, s, 1, 0), addChat(t, s, 2, 0), addChat(t, s, 3, 0)
		addChat(t, s, 4, 0) // never
		future := addChat(t, s, 5, 0)
		wants(t, s, late.ID, now.Add(-time.Minute))
		wants(t, s, later.ID, now.Add(-time.Hour))
		wants(t, s, paused.ID, now.Add(-time.Hour))
		wants(t, s, future.ID, now.Add(time.Hour))
		must(s.PauseTelegramChat(ctx, 3, nil, bot.PausedByReader, now))(t)
		var got []bot.ChatID
		for _, c := range must(s.DueChats(ctx, now, 10))(t) {
			got = append(got, c.ID)
		}
		if want := []bot.ChatID{later.ID, late.ID}; !slices.Equal(got, want) {
			t.Errorf("DueChats = %v, want %v, the most overdue first", got, want)
		}
		if got := must(s.DueChats(ctx, now, 1))(t); len(got) != 1 {
			t.Errorf("DueChats with limit 1 = %d", len(got))
		}
		addSource(t, s, "https://harbour.example/feed", now)
		if sources, chats, err := s.Due(ctx, now.Add(time.Hour)); !sources || !chats || err != nil {
			t.Errorf("Due = %v, %v, %v; want both", sources, chats, err)
		}
		if sources, chats, err := s.Due(ctx, now.Add(-2*time.Hour)); sources || chats || err != nil {
			t.Errorf("Due two hours ago = %v, %v, %v; want neither", sources, chats, err)
		}
	})
}

func TestMaterial(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		stories := shelve(t, s, now, 4)
		chat := addChat(t, s, 1, 0)
		var topics []digest.TopicID
		for _, text := range []string{"ferry", "quay", "crane"} {
			u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: text, Label: text + "!"}, now)
			check(t, err)
			topics = append(topics, u.Topic)
		}
		check(t, s.Mute(ctx, chat.ID, topics[1], true))
		for i, story := range stories {
			for _, topic := range topics[:2] {
				m := digest.MatchedStory{Match: digest.Match{Topic: topic, Story: story}, At: now.Add(time.Duration(i-3) * time.Hour)}
				check(t, s.ShelveMatches(ctx, []digest.MatchedStory{m}))
			}
		}
		compose(t, s, chat.ID, now, 0, stories[0], stories[0])
		compose(t, s, chat.ID, now.Add(-15*24*time.Hour), 0, stories[1])
		old := digest.StoryID(now.Add(-digest.MaxAge-2*time.Hour).UnixMilli() << 21)
		compose(t, s, chat.ID, now.Add(-time.Hour), 0, old)
		m := must(s.Material(ctx, chat.ID, now.Add(-150*time.Minute), 2))(t)
		if len(m.Followed) != 2 || m.Followed[0].Label != "ferry!" || m.Followed[1].Label != "crane!" {
			t.Fatalf("Material follows %+v, want ferry and crane, not the muted one", m.Followed)
		}
		var got []digest.StoryID
		for _, x := range m.Followed[0].Matches {
			got = append(got, x.Story.ID)
		}
		if want := []digest.StoryID{stories[3], stories[2]}; !slices.Equal(got, want) {
			t.Errorf("Material's matches = %v, want the newest 2: %v", got, want)
		}
		if diff := cmp.Diff(map[digest.StoryID]bool{stories[0]: true}, m.Sent); diff != "" {
			t.Errorf("Material.Sent: want what was sent within 14 days of stories that an edition may tell (-want +got)\n%s", diff)
		}
		if _, err := s.Material(ctx, 1, now, 1); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Material of an unknown chat: %v, want ErrNotFound", err)
		}
	})
}

// A joiner that begins anew may find a story's first articles gone, and dates it by a later
// one: its id tells that it is old, its date that it may be told.
func TestAStoryThatIsDatedLaterIsNotSentAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 7, 0)
		sub, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferry", Label: "ferry"}, now)
		check(t, err)
		fresh := shelve(t, s, now.Add(-time.Hour), 1)[0]
		old := digest.StoryID(now.Add(-4*24*time.Hour).UnixMilli() << 21)
		execute(t, s, `INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
			SELECT CAST($1 AS BIGINT), title, address, outlet, host, language, published, joined, hosts FROM stories WHERE id = $2`, int64(old), int64(fresh))
		for _, id := range []digest.StoryID{old, fresh} {
			check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: sub.Topic, Story: id, Score: 0.5}, At: now}}))
		}
		compose(t, s, chat.ID, now.Add(-time.Minute), 0, old)
		m := must(s.Material(ctx, chat.ID, now.Add(-time.Hour), 10))(t)
		if len(m.Followed) != 1 || len(m.Followed[0].Matches) != 2 {
			t.Fatalf("Material.Followed = %+v, want one topic with both stories", m.Followed)
		}
		if !m.Sent[old] || m.Sent[fresh] {
			t.Errorf("Sent = %v, want story %d alone", m.Sent, old)
		}
	})
}

func TestSaveEdition(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 1, 0)
		wants(t, s, chat.ID, now)
		next := now.Add(24 * time.Hour)
		c := bot.Composed{Chat: chat.ID, Slot: now, Asked: true, Composed: now.Add(time.Second), Next: next,
			Messages: []telegram.Message{message("one"), message("two")}, Told: toldOf(5)}
		id := must(s.SaveEdition(ctx, c))(t)
		select {
		case <-s.DeliveriesArrived():
		default:
			t.Error("DeliveriesArrived is not signalled")
		}
		got := must(s.ChatAt(ctx, chat.Address))(t)
		if !got.NextEdition.Equal(next) || got.Asked || !got.LastEdition.Equal(c.Composed) {
			t.Errorf("the chat after SaveEdition: next %s, asked %v, last %s", got.NextEdition, got.Asked, got.LastEdition)
		}
		waiting := must(s.WaitingDeliveries(ctx, now, 9))(t)
		want := []bot.Delivery{{ID: waiting[0].ID, Chat: chat.ID, To: chat.Address, Kind: bot.EditionDelivery, Edition: id,
			Message: message("one"), State: bot.Waiting, NotBefore: now, Due: now, Zone: chat.Zone, Asked: true}}
		if diff := cmp.Diff(want, waiting); diff != "" {
			t.Errorf("WaitingDeliveries: want the first part (-want +got)\n%s", diff)
		}

		wants(t, s, chat.ID, now)
		if _, err := s.SaveEdition(ctx, c); !errors.Is(err, digest.ErrExists) {
			t.Errorf("SaveEdition of a slot again: %v, want ErrExists", err)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries`); n != 2 {
			t.Errorf("%d deliveries after a refused edition, want 2", n)
		}
		if due := must(s.DueChats(ctx, now.Add(time.Minute), 1))(t); len(due) != 0 {
			t.Error("after a refused edition the chat is due for ever")
		}

		chosen := now.Add(time.Hour)
		wants(t, s, chat.ID, chosen)
		c.Slot, c.Messages = now.Add(time.Millisecond), nil
		must(s.SaveEdition(ctx, c))(t)
		if got := must(s.ChatAt(ctx, chat.Address))(t); !got.NextEdition.Equal(chosen) || !got.Asked {
			t.Errorf("the reader chose %s meanwhile, but next is %s, asked %v", chosen, got.NextEdition, got.Asked)
		}

		must(s.PauseTelegramChat(ctx, 1, nil, bot.PausedByReader, now))(t)
		c.Slot = now.Add(2 * time.Millisecond)
		if _, err := s.SaveEdition(ctx, c); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SaveEdition for a paused chat: %v, want ErrNotFound", err)
		}
		check(t, s.EraseChat(ctx, chat.ID))
		if _, err := s.SaveEdition(ctx, c); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SaveEdition for an erased chat: %v, want ErrNotFound", err)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM sent`); n != 0 {
			t.Errorf("%d records of what was sent are left of an erased chat", n)
		}
	})
}

func TestReplicasSaveASlotOnce(t *testing.T) {
	h := postgresHouse(t)
	a, b, now := h.open(t), h.open(t), milli(time.Now())
	for i := range 20 {
		chat := addChat(t, a, int64(i+1), 0)
		wants(t, a, chat.ID, now)
		var (
			group sync.WaitGroup
			saved atomic.Int32
		)
		for _, s := range []*storage.Store{a, b, a, b} {
			group.Go(func() {
				_, err := s.SaveEdition(t.Context(), bot.Composed{Chat: chat.ID, Slot: now, Composed: now, Messages: []telegram.Message{message("x")}})
				switch {
				case err == nil:
					saved.Add(1)
				case !errors.Is(err, digest.ErrExists):
					t.Errorf("SaveEdition: %v, want ErrExists", err)
				}
			})
		}
		group.Wait()
		if saved.Load() != 1 {
			t.Errorf("the slot was saved %d times", saved.Load())
		}
	}
	if n := number(t, a, `SELECT COUNT(*) FROM deliveries`); n != 20 {
		t.Errorf("%d deliveries for 20 slots", n)
	}
}

func TestDeliveriesOfAChatKeepTheirOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		a, b := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		compose(t, s, a.ID, now, 3)
		compose(t, s, b.ID, now.Add(-time.Minute), 1)
		texts := func() (all []string) {
			for _, d := range must(s.WaitingDeliveries(ctx, now, 9))(t) {
				all = append(all, fmt.Sprintf("%d %s", d.To.Telegram, d.Message.Text))
			}
			return all
		}
		expect := func(when string, want ...string) {
			t.Helper()
			if got := texts(); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		expect("at first, the most overdue first", "2 part 1", "1 part 1")
		first := must(s.WaitingDeliveries(ctx, now, 9))(t)[1]
		check(t, s.StartDelivery(ctx, first.ID))
		expect("while part 1 is being sent", "2 part 1")
		if err := s.StartDelivery(ctx, first.ID); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("StartDelivery twice: %v, want ErrNotFound", err)
		}
		first.State, first.NotBefore = bot.Waiting, now.Add(time.Hour)
		check(t, s.EndDelivery(ctx, first))
		expect("while part 1 must wait", "2 part 1")
		// a notice of the chat overtakes it
		check(t, s.Notify(ctx, a.ID, message("report"), now))
		expect("a notice overtakes", "1 report", "2 part 1")
		first.State, first.Sent, first.Reason = bot.Sent, 77, "fine"
		check(t, s.EndDelivery(ctx, first))
		expect("after part 1 is sent", "1 report", "2 part 1", "1 part 2")
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE id = $1 AND sent = 77 AND attempts = 1 AND reason = 'fine'`, int64(first.ID)); n != 1 {
			t.Error("EndDelivery did not write sent and reason, or the attempt was not counted")
		}
		again := first
		again.State = bot.Waiting
		if err := s.EndDelivery(ctx, again); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("EndDelivery of what has ended: %v, want ErrNotFound", err)
		}
		if got := must(s.WaitingDeliveries(ctx, now, 2))(t); len(got) != 2 {
			t.Errorf("WaitingDeliveries with limit 2 = %d", len(got))
		}
		counts := must(s.DeliveryCounts(ctx))(t)
		if diff := cmp.Diff(map[bot.DeliveryState]int{bot.Waiting: 4, bot.Sent: 1}, counts); diff != "" {
			t.Errorf("DeliveryCounts (-want +got)\n%s", diff)
		}
	})
}

func TestWhatWasOnTheWireOfAPausedChatDoesNotWaitAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 7, 0)
		compose(t, s, chat.ID, now, 1)
		d := must(s.WaitingDeliveries(ctx, now, 9))(t)[0]
		check(t, s.StartDelivery(ctx, d.ID))
		must(s.PauseTelegramChat(ctx, 7, nil, bot.PausedByReader, now))(t)
		d.State, d.NotBefore = bot.Waiting, now
		check(t, s.EndDelivery(ctx, d))
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE state = 'dropped'`); n != 1 {
			t.Errorf("EndDelivery(waiting) in a paused chat left %d dropped, want 1", n)
		}
	})
}

func TestRecoverDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		compose(t, s, addChat(t, s, 1, 0).ID, now, 1)
		d := must(s.WaitingDeliveries(ctx, now, 1))(t)[0]
		for _, want := range []bot.DeliveryState{bot.Waiting, bot.Unknown} {
			check(t, s.StartDelivery(ctx, d.ID))
			if n := must(s.RecoverDeliveries(ctx))(t); n != 1 {
				t.Errorf("RecoverDeliveries = %d, want 1", n)
			}
			if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE state = $1`, string(want)); n != 1 {
				t.Errorf("after a lost answer the delivery is not %s", want)
			}
		}
		if n := must(s.RecoverDeliveries(ctx))(t); n != 0 {
			t.Errorf("RecoverDeliveries of nothing = %d", n)
		}
		if n := number(t, s, `SELECT MAX(ambiguous) FROM deliveries`); n != 2 {
			t.Errorf("ambiguous = %d, want 2", n)
		}
	})
}

func TestUpdatesAndPauses(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		if n := must(s.UpdateOffset(ctx))(t); n != 0 {
			t.Errorf("UpdateOffset at first = %d", n)
		}
		for _, n := range []int64{12, 34} {
			check(t, s.SaveUpdateOffset(ctx, n))
			if got := must(s.UpdateOffset(ctx))(t); got != n {
				t.Errorf("UpdateOffset = %d, want %d", got, n)
			}
		}
		if must(s.UpdateHandled(ctx, 5))(t) {
			t.Error("UpdateHandled before it was marked")
		}
		check(t, s.MarkUpdate(ctx, 5, now))
		check(t, s.MarkUpdate(ctx, 5, now))
		if !must(s.UpdateHandled(ctx, 5))(t) {
			t.Error("UpdateHandled says no after it was marked")
		}
		check(t, s.SavePause(ctx, "all", now))
		check(t, s.SavePause(ctx, "all", now.Add(time.Second)))
		if diff := cmp.Diff([]bot.SendPause{{Scope: "all", Until: now.Add(time.Second)}}, must(s.Pauses(ctx))(t)); diff != "" {
			t.Errorf("Pauses (-want +got)\n%s", diff)
		}
	})
}

// TestEditionsThatDidNotReachTheirReaderAreTakenBack ends the two deliveries of
// an edition in every way and looks whether it still counts as published.
func TestEditionsThatDidNotReachTheirReaderAreTakenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		id := int64(100)
		for name, c := range map[string]struct {
			ends   []bot.DeliveryState // of the first part, and of the second
			reason string              // of the last of them
			paused bot.PauseReason     // before that
			back   bool
		}{
			"quiet hours overtake it":               {[]bot.DeliveryState{bot.Waiting}, bot.HeldQuiet, "", true},
			"they overtake its second part":         {[]bot.DeliveryState{bot.Sent, bot.Waiting}, bot.HeldQuiet, "", false},
			"blocked: the chat is paused":           {[]bot.DeliveryState{bot.Failed}, "blocked", bot.PausedBlocked, true},
			"blocked after the first part":          {[]bot.DeliveryState{bot.Sent, bot.Failed}, "blocked", bot.PausedBlocked, false},
			"paused, and the first part is unknown": {[]bot.DeliveryState{bot.Unknown}, "lost", bot.PausedByReader, false},
			"refused in a chat that reads":          {[]bot.DeliveryState{bot.Failed, bot.Failed}, "too long", "", false},
			"paused by its reader while it waits":   {nil, "", bot.PausedByReader, true},
		} {
			t.Run(name, func(t *testing.T) {
				s, ctx, now := h.open(t), t.Context(), milli(time.Now())
				id++
				chat := addChat(t, s, id, 0)
				defer s.EraseChat(ctx, chat.ID)
				before, slot, next, end := now.Add(-24*time.Hour), now.Add(-time.Minute), now.Add(24*time.Hour), now.Add(8*time.Hour)
				compose(t, s, chat.ID, before, 0, 4)
				wants(t, s, chat.ID, slot)
				must(s.SaveEdition(ctx, bot.Composed{Chat: chat.ID, Slot: slot, Composed: slot, Next: next, Told: toldOf(5),
					Messages: []telegram.Message{message("part 1"), message("part 2")}}))(t)
				for i, state := range c.ends {
					d := must(s.WaitingDeliveries(ctx, now, 9))(t)[0]
					if state != bot.Waiting {
						check(t, s.StartDelivery(ctx, d.ID))
					}
					if i == len(c.ends)-1 {
						if c.paused != "" {
							must(s.PauseTelegramChat(ctx, id, nil, c.paused, now))(t)
						}
						d.Reason = c.reason
					}
					if d.State = state; state == bot.Waiting {
						d.NotBefore = end
					}
					check(t, s.EndDelivery(ctx, d))
				}
				if c.ends == nil {
					must(s.PauseTelegramChat(ctx, id, nil, c.paused, now))(t)
				}
				got := must(s.ChatAt(ctx, chat.Address))(t)
				sent := number(t, s, `SELECT COUNT(*) FROM sent WHERE chat_id = $1`, int64(chat.ID))
				open := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE chat_id = $1 AND state IN ('waiting', 'sending')`, int64(chat.ID))
				switch {
				case !c.back && (sent != 2 || !got.LastEdition.Equal(slot) || !got.NextEdition.Equal(next)):
					t.Errorf("%d stories count as sent, the last edition is of %s, the next of %s; want it to count as published", sent, got.LastEdition, got.NextEdition)
				case !c.back:
				case sent != 1 || !got.LastEdition.Equal(before) || open != 0:
					t.Errorf("%d stories count as sent, the last edition is of %s, %d deliveries wait; want it taken back", sent, got.LastEdition, open)
				case c.paused == "" && !got.NextEdition.Equal(end), c.paused != "" && !got.NextEdition.Equal(slot):
					t.Errorf("the next edition is due at %s, want it at the end of quiet hours, or at once after a pause", got.NextEdition)
				}
			})
		}
	})
}

func TestQuietHoursHoldDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 7, 0)
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.Quiet, c.Zone = "22:00-07:00", "Asia/Tokyo"; return nil }))(t)
		compose(t, s, chat.ID, now.Add(-time.Minute), 2)
		execute(t, s, `UPDATE deliveries SET ambiguous = 1`) // it was perhaps sent, so it is not taken back
		first := must(s.WaitingDeliveries(ctx, now, 9))(t)
		if len(first) != 1 || first[0].Quiet != "22:00-07:00" || first[0].Zone != "Asia/Tokyo" || first[0].Asked {
			t.Fatalf("WaitingDeliveries = %+v, want the first part with the chat's quiet hours", first)
		}
		end := now.Add(8 * time.Hour)
		first[0].NotBefore, first[0].Reason = end, bot.HeldQuiet
		check(t, s.EndDelivery(ctx, first[0]))
		second := must(s.WaitingDeliveries(ctx, now, 9))(t)
		if len(second) != 1 || second[0].ID == first[0].ID {
			t.Fatalf("the first part is held and WaitingDeliveries = %+v, want the second, to be held as well", second)
		}
		second[0].NotBefore, second[0].Reason = end, bot.HeldQuiet
		check(t, s.EndDelivery(ctx, second[0]))
		asked := bot.Composed{Chat: chat.ID, Slot: now, Asked: true, After: now.Add(-time.Minute), Composed: now}
		asked.Messages = append(asked.Messages, message("asked"))
		must(s.SaveEdition(ctx, asked))(t)
		if got := must(s.WaitingDeliveries(ctx, now, 9))(t); len(got) != 1 || !got[0].Asked || got[0].Message.Text != "asked" {
			t.Errorf("WaitingDeliveries = %+v, want the edition that was asked for: what is held does not stand before it", got)
		} else {
			got[0].State = bot.Sent
			check(t, s.EndDelivery(ctx, got[0]))
		}
		select {
		case <-s.DeliveriesArrived():
		default:
		}
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.Length = bot.LengthFull; return nil }))(t)
		if got := must(s.WaitingDeliveries(ctx, now, 9))(t); len(got) != 0 {
			t.Errorf("after a change of something else WaitingDeliveries = %+v, want none", got)
		}
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.Quiet = ""; return nil }))(t)
		if got := must(s.WaitingDeliveries(ctx, time.Now().Add(time.Second), 9))(t); len(got) != 1 || got[0].ID != first[0].ID || got[0].Reason != "" {
			t.Errorf("without quiet hours WaitingDeliveries = %+v, want the first part, and the second behind it", got)
		}
		select {
		case <-s.DeliveriesArrived():
		default:
			t.Error("DeliveriesArrived is not signalled when quiet hours let go")
		}
	})
}

func TestPutOff(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 7, 0)
		due, end := now.Add(-time.Hour), now.Add(time.Hour)
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.NextEdition = due; return nil }))(t)
		check(t, s.PutOff(ctx, chat.ID, due.Add(time.Second), end))
		if got := must(s.ChatAt(ctx, chat.Address))(t); !got.NextEdition.Equal(due) {
			t.Errorf("PutOff from another moment moved the edition to %s", got.NextEdition)
		}
		check(t, s.PutOff(ctx, chat.ID, due, end))
		if got := must(s.ChatAt(ctx, chat.Address))(t); !got.NextEdition.Equal(end) {
			t.Errorf("PutOff left the edition at %s, want %s", got.NextEdition, end)
		}
	})
}

func TestAnEditWaitsLikeANotice(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		c := addChat(t, s, 1, 0)
		check(t, s.Notify(t.Context(), c.ID, message("new"), now))
		check(t, s.NotifyEdit(t.Context(), c.ID, 1<<40, message("changed"), now))
		for _, want := range []int64{0, 1 << 40} {
			d := must(s.WaitingDeliveries(t.Context(), now, 10))(t)
			if len(d) != 1 || d[0].Edits != want || d[0].Kind != bot.NoticeDelivery {
				t.Fatalf("WaitingDeliveries = %+v, want a notice that edits %d", d, want)
			}
			check(t, s.StartDelivery(t.Context(), d[0].ID))
			d[0].State = bot.Sent
			check(t, s.EndDelivery(t.Context(), d[0]))
		}
		check(t, s.EraseChat(t.Context(), c.ID))
		if err := s.NotifyEdit(t.Context(), c.ID, 5, message("late"), now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("NotifyEdit of an erased chat = %v, want ErrNotFound", err)
		}
	})
}
