package storage_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// listens makes a chat follow a topic with alerts.
func listens(t testing.TB, s *storage.Store, chat bot.ChatID, topic string, stories ...digest.StoryID) digest.TopicID {
	t.Helper()
	u, _, err := s.Follow(t.Context(), chat, digest.Topic{Text: topic, Label: topic}, time.Now())
	check(t, err)
	check(t, s.Alert(t.Context(), chat, u.Topic, true))
	for _, id := range stories {
		check(t, s.ShelveMatches(t.Context(), []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: id, Score: 0.7}}}))
	}
	return u.Topic
}

// alertOf is an alert as an Alerter would make it.
func alertOf(chat bot.ChatID, topic digest.TopicID, story digest.StoryID, now time.Time) bot.Alert {
	return bot.Alert{
		Chat: chat, Topic: topic, Hosts: 3, Made: now, Since: now.Add(-time.Hour), Message: message("alert"),
		Told: digest.Told{Story: story, Hosts: 3, Known: now}, Reason: bot.Reason{Story: story, Label: "ferries"},
	}
}

// sent ends a chat's waiting delivery as sent.
func sent(t testing.TB, s *storage.Store, now time.Time, id int64) bot.Delivery {
	t.Helper()
	due := must(s.WaitingDeliveries(t.Context(), now, 9))(t)
	if len(due) != 1 {
		t.Fatalf("%d deliveries wait, want one", len(due))
	}
	check(t, s.StartDelivery(t.Context(), due[0].ID))
	d := due[0]
	d.State, d.Sent = bot.Sent, id
	check(t, s.EndDelivery(t.Context(), d))
	return d
}

func TestAStoryOfAFewHostsIsLookedAt(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.openWithQueue(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 3)
		chat := addChat(t, s, 7, 0)
		listens(t, s, chat.ID, "ferries", ids[0], ids[1])
		_, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "docks", Label: "docks"}, now)
		check(t, err)
		due := func(at time.Time) string {
			t.Helper()
			all := must(s.DueSurges(ctx, at, 9))(t)
			if is := must(s.AlertsDue(ctx, at))(t); is != (len(all) > 0) {
				t.Errorf("AlertsDue = %v, and %d are due", is, len(all))
			}
			var got []digest.StoryID
			for _, d := range all {
				got = append(got, d.Story)
			}
			return fmt.Sprint(got)
		}
		joins(t, s, ids[0], 1, now)
		joins(t, s, ids[2], 5, now) // of which no topic with alerts has a match
		if got := due(time.Now()); got != "[]" {
			t.Errorf("a story of two hosts, and one nobody listens for: due are %s, want none", got)
		}
		joins(t, s, ids[0], 1, now)
		if got, want := due(time.Now()), fmt.Sprint(ids[:1]); got != want {
			t.Errorf("a third host joined: due are %s, want %s", got, want)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM river_job WHERE kind = 'alerts'`); n != 1 {
			t.Errorf("%d jobs were asked for, want one", n)
		}
		look := must(s.DueSurges(ctx, time.Now(), 9))(t)[0]
		check(t, s.EndLook(ctx, look, time.Now(), time.Time{}))
		if got := due(time.Now().Add(time.Hour)); got != "[]" {
			t.Errorf("after a look due are %s, want none", got)
		}
		joins(t, s, ids[0], 1, now)
		if got := due(time.Now()); got != "[]" {
			t.Errorf("right after a look due are %s, want none for a minute", got)
		}
		if got, want := due(time.Now().Add(time.Minute)), fmt.Sprint(ids[:1]); got != want {
			t.Errorf("a minute after a look due are %s, want %s", got, want)
		}
		// what joins while one looks is looked at
		look = must(s.DueSurges(ctx, time.Now().Add(time.Minute), 9))(t)[0]
		joins(t, s, ids[0], 1, now)
		check(t, s.EndLook(ctx, look, time.Now(), time.Time{}))
		if got, want := due(time.Now().Add(time.Minute)), fmt.Sprint(ids[:1]); got != want {
			t.Errorf("an article came while the story was looked at: due are %s, want %s", got, want)
		}
		// the clock went back: nobody waits for a look of the future to be a minute old
		look = must(s.DueSurges(ctx, time.Now().Add(time.Minute), 9))(t)[0]
		check(t, s.EndLook(ctx, look, time.Now().Add(24*time.Hour), time.Now().Add(24*time.Hour)))
		joins(t, s, ids[0], 1, now)
		if got, want := due(time.Now()), fmt.Sprint(ids[:1]); got != want {
			t.Errorf("after the clock went back due are %s, want %s", got, want)
		}
	})
}

func TestWhoListens(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 2)
		var chats []bot.ChatID
		for n := range 6 {
			chats = append(chats, addChat(t, s, int64(70+n), 0).ID)
			listens(t, s, chats[n], "ferries", ids[0])
		}
		listens(t, s, chats[0], "docks", ids[0])
		listens(t, s, chats[5], "other", ids[1])
		topic := must(s.Subscriptions(ctx, chats[1]))(t)[0].Topic
		check(t, s.Mute(ctx, chats[1], topic, true))
		must(s.PauseTelegramChat(ctx, 72, nil, bot.PausedBlocked, now))(t)
		tell(t, s, chats[3], now, false, ids[0])
		check(t, s.Alert(ctx, chats[4], topic, false))
		all := must(s.Listeners(ctx, ids[0], 0, now, 9))(t)
		if len(all) != 2 || all[0].Chat.ID != chats[0] || all[1].Chat.ID != chats[5] {
			t.Fatalf("Listeners = %+v, want the first and the last chat", all)
		}
		if f := all[0].Followed; len(f) != 2 || f[0].Label != "ferries" || f[1].Label != "docks" || len(f[0].Matches) != 1 || f[0].Matches[0].Story.ID != ids[0] {
			t.Errorf("the first listens for %+v, want its two topics with the story", f)
		}
		if f := all[1].Followed; len(f) != 1 || f[0].Topic != topic {
			t.Errorf("the last listens for %+v, want ferries", f)
		}
		if after := must(s.Listeners(ctx, ids[0], chats[0], now, 9))(t); len(after) != 1 || after[0].Chat.ID != chats[5] {
			t.Errorf("Listeners after the first = %d, want the last", len(after))
		}
		if some := must(s.Listeners(ctx, ids[0], 0, now, 1))(t); len(some) != 1 {
			t.Errorf("Listeners up to one = %d", len(some))
		}
	})
}

func TestAnAlertIsMadeOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 6)
		chat := addChat(t, s, 7, 0)
		topic := listens(t, s, chat.ID, "ferries", ids...)
		var (
			group sync.WaitGroup
			mu    sync.Mutex
			made  int
		)
		for range 4 { // as replicas would
			group.Go(func() {
				err := s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made++
				} else if !errors.Is(err, digest.ErrExists) {
					t.Errorf("SaveAlert beside others: %v, want ErrExists", err)
				}
			})
		}
		group.Wait()
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries`); made != 1 || n != 1 {
			t.Errorf("%d alerts with %d deliveries were made, want one", made, n)
		}
		wants := func(what string, a bot.Alert, want error) {
			t.Helper()
			if err := s.SaveAlert(ctx, a); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("SaveAlert of %s: %v, want %v", what, err, want)
			}
		}
		tell(t, s, chat.ID, now.Add(time.Second), false, ids[1])
		wants("what an edition told", alertOf(chat.ID, topic, ids[1], now), digest.ErrExists)
		wants("another topic", alertOf(chat.ID, topic+1, ids[2], now), digest.ErrNotFound)
		wants("nobody", alertOf(chat.ID+1, topic, ids[2], now), digest.ErrNotFound)
		wants("a second story", alertOf(chat.ID, topic, ids[2], now), nil)
		wants("a third story", alertOf(chat.ID, topic, ids[3], now), nil)
		wants("a fourth story", alertOf(chat.ID, topic, ids[4], now), digest.ErrLimit)
		tomorrow := alertOf(chat.ID, topic, ids[4], now.Add(24*time.Hour))
		wants("a story of the next day", tomorrow, nil)
		must(s.PauseTelegramChat(ctx, 7, nil, bot.PausedByReader, now))(t)
		tomorrow.Told.Story = ids[5]
		wants("a story while paused", tomorrow, digest.ErrNotFound)

		// an old alert is kept of what does not count as sent any more
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.Paused = ""; return nil }))(t)
		execute(t, s, `DELETE FROM sent WHERE story_id = $1`, int64(ids[0]))
		again := alertOf(chat.ID, topic, ids[0], now.Add(48*time.Hour))
		again.Hosts = 9
		wants("a story that was forgotten", again, nil)
		if n := number(t, s, `SELECT hosts FROM alerts WHERE story_id = `+fmt.Sprint(ids[0])+` AND made = `+fmt.Sprint(again.Made.UnixMilli())); n != 9 {
			t.Errorf("the alert tells of %d hosts, want 9", n)
		}
	})
}

func TestAnEditionDoesNotRepeatAnAlertMadeBesideIt(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 2)
		chat := addChat(t, s, 7, 0)
		topic := listens(t, s, chat.ID, "ferries", ids...)
		c := bot.Composed{Chat: chat.ID, Slot: now, Composed: now, Told: toldOf(ids...), Messages: append(bot.Composed{}.Messages, message("edition"))}
		check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now))) // since the edition was composed
		if _, err := s.SaveEdition(ctx, c); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SaveEdition with what an alert told: %v, want ErrNotFound", err)
		}
		c.Told = toldOf(ids[1])
		must(s.SaveEdition(ctx, c))(t)
		// at the same moment, and only one of them is taken back
		d := must(s.WaitingDeliveries(ctx, now, 9))(t)
		if len(d) != 2 || d[0].Kind != bot.AlertDelivery || d[0].Story != ids[0] || d[1].Kind != bot.EditionDelivery {
			t.Fatalf("there wait %+v, want the alert before the edition", d)
		}
		d[0].State, d[0].Sent = bot.Sent, 5
		check(t, s.EndDelivery(ctx, d[0]))
		must(s.PauseTelegramChat(ctx, 7, nil, bot.PausedBlocked, now))(t)
		if m := must(s.Material(ctx, chat.ID, now.Add(-time.Hour), 9))(t); !m.Sent[ids[0]] || m.Sent[ids[1]] {
			t.Errorf("after the edition was taken back Sent = %v, want the alert's story alone", m.Sent)
		}
	})
}

func TestAnAlertThatDoesNotArriveIsTakenBack(t *testing.T) {
	for name, c := range map[string]struct {
		ends func(testing.TB, *storage.Store, bot.Delivery, time.Time)
		kept bool
	}{
		"the chat blocked us": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			check(t, s.StartDelivery(t.Context(), d.ID))
			must(s.PauseTelegramChat(t.Context(), 7, nil, bot.PausedBlocked, now))(t)
			d.State = bot.Failed
			check(t, s.EndDelivery(t.Context(), d))
		}},
		"the reader pauses": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			must(s.PauseTelegramChat(t.Context(), 7, nil, bot.PausedByReader, now))(t)
		}},
		"its alerts were turned off": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			subs := must(s.Subscriptions(t.Context(), d.Chat))(t)
			check(t, s.Alert(t.Context(), d.Chat, subs[0].Topic, false))
			if err := s.StartDelivery(t.Context(), d.ID); !errors.Is(err, digest.ErrNotFound) {
				t.Errorf("StartDelivery of what is not wanted: %v, want ErrNotFound", err)
			}
			d = must(s.WaitingDeliveries(t.Context(), now, 9))(t)[0]
			if !d.Declined {
				t.Error("what is not wanted does not count as declined")
			}
			d.State, d.Reason = bot.Dropped, bot.ReasonDeclined
			check(t, s.EndDelivery(t.Context(), d))
		}},
		"quiet hours begin": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			look := must(s.DueSurges(t.Context(), time.Now(), 9))(t)[0]
			check(t, s.EndLook(t.Context(), look, now, time.Time{}))
			d.NotBefore, d.Reason = now.Add(time.Hour), bot.HeldQuiet
			check(t, s.EndDelivery(t.Context(), d))
			if n := number(t, s, `SELECT COUNT(*) FROM surges WHERE look = `+fmt.Sprint(d.NotBefore.UnixMilli())); n != 1 {
				t.Error("the story is not looked at when quiet hours end")
			}
		}},
		"nobody knows whether it arrived": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			d.State, d.Ambiguous = bot.Unknown, 2
			check(t, s.EndDelivery(t.Context(), d))
		}, kept: true},
		"Telegram refuses it": {ends: func(t testing.TB, s *storage.Store, d bot.Delivery, now time.Time) {
			d.State = bot.Failed
			check(t, s.EndDelivery(t.Context(), d))
		}, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, ctx, now := h.open(t), t.Context(), milli(time.Now())
				ids := shelve(t, s, now.Add(-time.Hour), 1)
				chat := addChat(t, s, 7, 0)
				topic := listens(t, s, chat.ID, "ferries")
				check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: topic, Story: ids[0], Score: 0.7}, At: now.Add(-time.Hour)}}))
				joins(t, s, ids[0], 2, now)
				check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now)))
				must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.LastEdition = now.Add(-time.Minute); return nil }))(t)
				c.ends(t, s, must(s.WaitingDeliveries(ctx, now, 9))(t)[0], now)
				m := must(s.Material(ctx, chat.ID, now.Add(-48*time.Hour), 9))(t)
				if m.Sent[ids[0]] != c.kept || number(t, s, `SELECT COUNT(*) FROM alerts`) != len(m.Sent) {
					t.Errorf("Sent = %v with %d alerts, want the story %v", m.Sent, number(t, s, `SELECT COUNT(*) FROM alerts`), c.kept)
				}
				last, want := must(s.ChatByID(ctx, chat.ID))(t).LastEdition, now.Add(-time.Minute)
				if !c.kept {
					want = now.Add(-time.Hour) // when the match was made, so that the next edition sees it
				}
				if !last.Equal(want) {
					t.Errorf("the last edition was at %s, want %s", last, want)
				}
			})
		})
	}
}

func TestAnAlertHeldBackWhileItsStoryIsLookedAtIsNotLost(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 1)
		chat := addChat(t, s, 7, 0)
		topic := listens(t, s, chat.ID, "ferries", ids[0])
		joins(t, s, ids[0], 3, now)
		look := must(s.DueSurges(ctx, time.Now(), 9))(t)[0]
		check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now)))
		d := must(s.WaitingDeliveries(ctx, time.Now(), 9))(t)[0]
		d.State, d.Reason, d.NotBefore = bot.Waiting, bot.HeldQuiet, milli(time.Now().Add(time.Hour))
		check(t, s.EndDelivery(ctx, d))
		check(t, s.EndLook(ctx, look, time.Now(), time.Time{}))
		if due := must(s.DueSurges(ctx, time.Now().Add(time.Hour), 9))(t); len(due) != 1 {
			t.Errorf("when quiet hours end %d stories are due, want the one that was taken back", len(due))
		}
	})
}

func TestAnAlertIsAmended(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 1)
		chat := addChat(t, s, 7, 0)
		topic := listens(t, s, chat.ID, "ferries", ids...)
		check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now)))
		outgrown := func(hosts int, since time.Time) []bot.Outgrown {
			t.Helper()
			return must(s.Outgrown(ctx, ids[0], hosts, since, 0, 9))(t)
		}
		if o := outgrown(5, now); len(o) != 1 || o[0].Message != 0 {
			t.Errorf("before it is sent Outgrown = %+v, want it without a message", o)
		}
		sent(t, s, now, 77)
		o := outgrown(5, now)
		if len(o) != 1 || o[0].Message != 77 || o[0].Hosts != 3 || o[0].Label != "ferries" || o[0].Topic != topic || !o[0].Shown.Equal(now) || o[0].Chat.ID != chat.ID {
			t.Fatalf("Outgrown = %+v, want the alert with message 77", o)
		}
		if n := len(outgrown(3, now)) + len(outgrown(5, now.Add(time.Millisecond))); n != 0 {
			t.Errorf("Outgrown of as few hosts, or of later, = %d, want none", n)
		}
		amend := bot.Amendment{Chat: chat.ID, Story: ids[0], Hosts: 5, Carried: 6, At: now.Add(time.Minute), Edits: 77, Message: message("five")}
		check(t, s.SaveAmendment(ctx, amend))
		if err := s.SaveAmendment(ctx, amend); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("SaveAmendment again: %v, want ErrNotFound", err)
		}
		amend.Hosts, amend.Message = 10, message("ten")
		check(t, s.SaveAmendment(ctx, amend)) // the first is not sent yet
		due := must(s.WaitingDeliveries(ctx, now.Add(time.Hour), 9))(t)
		if len(due) != 1 || due[0].Kind != bot.AmendDelivery || due[0].Edits != 77 || due[0].Message.Text != "ten" {
			t.Errorf("there wait %+v, want the later amendment alone", due)
		}
		if n := number(t, s, `SELECT hosts FROM sent`); n != 6 {
			t.Errorf("the chat knows of %d hosts, want 6", n)
		}
		check(t, s.Alert(ctx, chat.ID, topic, false))
		if due := must(s.WaitingDeliveries(ctx, now.Add(time.Hour), 9))(t); len(due) != 1 || !due[0].Declined {
			t.Errorf("after alerts were turned off there wait %+v, want it declined", due)
		}
		if o := outgrown(20, now); len(o) != 0 {
			t.Errorf("after alerts were turned off Outgrown = %+v, want none", o)
		}
	})
}

func TestAlertsMoveAndGoWithTheirChat(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 2)
		old, fresh := addChat(t, s, -7, 0), addChat(t, s, -1007, 0)
		topic := listens(t, s, old.ID, "ferries", ids...)
		listens(t, s, fresh.ID, "ferries")
		check(t, s.SaveAlert(ctx, alertOf(old.ID, topic, ids[0], now)))
		check(t, s.SaveAlert(ctx, alertOf(fresh.ID, topic, ids[0], now)))
		check(t, s.SaveAlert(ctx, alertOf(fresh.ID, topic, ids[1], now)))
		check(t, s.MigrateChat(ctx, -7, -1007))
		stays := must(s.TelegramChats(ctx, -1007))(t)
		if len(stays) != 1 {
			t.Fatalf("%d chats are left", len(stays))
		}
		for _, id := range ids {
			if r, err := s.AlertReasons(ctx, stays[0].ID, id); err != nil || len(r) != 1 || r[0].Label != "ferries" {
				t.Errorf("AlertReasons of story %d = %v, %v; want that of the merged chat", id, r, err)
			}
		}
		if _, err := s.AlertReasons(ctx, stays[0].ID+1, ids[0]); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("AlertReasons of another chat: %v, want ErrNotFound", err)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM alerts`); n != 2 {
			t.Errorf("%d alerts are kept, want 2", n)
		}
		check(t, s.Tidy(ctx, now.Add(14*24*time.Hour)))
		if n := number(t, s, `SELECT COUNT(*) FROM alerts`); n != 2 {
			t.Errorf("after 14 days %d alerts are kept, want 2", n)
		}
		check(t, s.Tidy(ctx, now.Add(16*24*time.Hour)))
		if n := number(t, s, `SELECT COUNT(*) FROM alerts`); n != 0 {
			t.Errorf("after 16 days %d alerts are kept, want none", n)
		}
	})
}

func TestAnAlertOfAGroupThatBecameASupergroupIsLeftAlone(t *testing.T) {
	for name, known := range map[string]bool{"a chat we do not know": false, "a chat we know": true} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, ctx, now := h.open(t), t.Context(), milli(time.Now())
				ids := shelve(t, s, now, 3)
				chat := addChat(t, s, -7, 0)
				topic := listens(t, s, chat.ID, "ferries", ids...)
				for i, id := range []int64{57, 58} {
					check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[i], now)))
					sent(t, s, time.Now(), id)
				}
				check(t, s.SaveAmendment(ctx, bot.Amendment{Chat: chat.ID, Story: ids[0], Hosts: 5, Carried: 6, At: now, Edits: 57, Message: message("five")}))
				check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[2], now))) // which waits
				if known {
					other := addChat(t, s, -1007, 0)
					_, _, err := s.Follow(ctx, other.ID, digest.Topic{Text: "ferries", Label: "ferries"}, now)
					check(t, err)
				}
				check(t, s.MigrateChat(ctx, -7, -1007))
				for _, id := range ids[:2] {
					if out := must(s.Outgrown(ctx, id, 50, now.Add(-time.Hour), 0, 9))(t); len(out) != 0 {
						t.Errorf("message %d would be edited in %+v, where it is another", out[0].Message, out[0].Chat.Address)
					}
				}
				due := must(s.WaitingDeliveries(ctx, time.Now(), 9))(t)
				if len(due) != 1 || due[0].Kind != bot.AlertDelivery || due[0].To.Telegram != -1007 {
					t.Fatalf("there wait %+v, want the alert alone", due)
				}
				sent(t, s, time.Now(), 3)
				if out := must(s.Outgrown(ctx, ids[2], 5, now.Add(-time.Hour), 0, 9))(t); len(out) != 1 || out[0].Message != 3 {
					t.Errorf("Outgrown = %+v, want what was sent to the supergroup", out)
				}
				subs := must(s.Subscriptions(ctx, due[0].Chat))(t)
				if len(subs) != 1 || !subs[0].Alerts {
					t.Errorf("the chat follows %+v, want ferries with alerts", subs)
				}
			})
		})
	}
}

func TestOfAChatThatCannotBeToldNowOnlyThatIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		chat func(*bot.Chat)
		had  int // alerts today
		want bool
	}{
		"ready":                              {chat: func(c *bot.Chat) { c.StoryLanguages = "de en" }, had: 2, want: true},
		"had its alerts of the day":          {had: bot.MaxAlerts},
		"in quiet hours":                     {chat: func(c *bot.Chat) { c.Quiet, c.Zone = "00:01-23:59", "UTC" }},
		"does not read the story's language": {chat: func(c *bot.Chat) { c.StoryLanguages = "de" }},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, ctx, now := h.open(t), t.Context(), time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)
				ids := shelve(t, s, now, 1+c.had)
				chat := addChat(t, s, 7, 0)
				topic := listens(t, s, chat.ID, "ferries", ids...)
				for _, id := range ids[1:] {
					check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, id, now)))
				}
				if c.chat != nil {
					must(s.ChangeChat(ctx, chat.ID, func(v *bot.Chat) error { c.chat(v); return nil }))(t)
				}
				all := must(s.Listeners(ctx, ids[0], 0, now, 9))(t)
				if len(all) != 1 || all[0].Chat.ID != chat.ID || all[0].Alerts != c.had {
					t.Fatalf("Listeners = %+v, want the chat with %d alerts", all, c.had)
				}
				if got := len(all[0].Followed) == 1; got != c.want || all[0].Ready("en", now) != c.want {
					t.Errorf("it listens for %+v and is ready: %v; want %v", all[0].Followed, all[0].Ready("en", now), c.want)
				}
			})
		})
	}
}
