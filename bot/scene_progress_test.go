package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// heard counts the readers that have a text.
func (w *world) heard(readers []int64, text string) int {
	n := 0
	for _, id := range readers {
		n += w.count(id, text)
	}
	return n
}

// going orders a broadcast to everybody and returns its readers while it goes
// out, two seconds after it began.
func (w *world) going(readers int, text string) []int64 {
	w.t.Helper()
	ids := w.readers(readers)
	w.pressNow(sendLabel(w.say(ada, "/broadcast "+text)))
	w.passes(2 * time.Second)
	if n := w.heard(ids, text); n == 0 || n >= readers {
		w.t.Fatalf("after two seconds %d of %d readers have it, want some", n, readers)
	}
	return ids
}

func TestOneMessageTellsHowFarABroadcastIs(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.going(400, "Hello")
		w.passes(20 * time.Second)
		told := w.progress()
		w.wantsOne(told, "The broadcast has ended", "Sent: 401")
		history := w.sim.History(ada, told.MessageID)
		var bars []string
		for i, m := range history {
			if strings.Contains(m.Text, "going out") {
				w.wantsOne(m, "▱", " %", "Sent: ", "Failed: 0", "Left: ", "About ", " to go", "[⏸ Pause][⏹ Stop]")
				bars = append(bars, m.Text)
			}
			if i > 1 && m.EditDate-history[i-1].EditDate < 3 && !strings.Contains(m.Text, "ended") {
				t.Errorf("the message was changed %d s after the last time, want 3 at least:\n%s", m.EditDate-history[i-1].EditDate, m.Text)
			}
		}
		if len(bars) < 3 || bars[0] == bars[1] {
			t.Errorf("while 401 chats were told it showed %d states, want 4: %q", len(bars), bars)
		}
		if n := w.count(ada, "Sent: "); n != 1 {
			t.Errorf("%d messages tell of the broadcast, want one", n)
		}
	})
}

func TestABroadcastIsPausedAndResumed(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.going(200, "Hello")
		w.pressNow("⏸ Pause")
		w.passes(time.Second)
		n := w.heard(readers, "Hello")
		w.wantsOne(w.progress(), "The broadcast is paused", "[▶️ Resume][⏹ Stop]", "Left: ")
		w.passes(time.Minute)
		if after := w.heard(readers, "Hello"); after != n {
			t.Errorf("a second after [Pause] %d had it, a minute later %d", n, after)
		}
		w.skips(time.Hour) // a restart does not resume it
		if after := w.heard(readers, "Hello"); after != n {
			t.Errorf("before the restart %d had it, an hour later %d", n, after)
		}
		w.wantsOne(w.progress(), "The broadcast is paused")
		// Others go out meanwhile, to the same chats.
		w.say(ada, "/broadcast Second")
		w.press(ada, "Send to 201 chats")
		w.passes(10 * time.Second)
		if got := w.heard(readers, "Second"); got != 200 {
			t.Errorf("while one is paused, %d of 200 got the next", got)
		}
		for range 2 {
			w.pressNow("▶️ Resume")
		}
		w.passes(time.Second)
		if after := w.heard(readers, "Hello"); after <= n {
			t.Errorf("a second after [Resume] nothing more was sent than the %d", n)
		}
		w.passes(10 * time.Second)
		for _, id := range readers {
			if got := w.count(id, "Hello"); got != 1 {
				t.Errorf("reader %d got it %d times, want once", id, got)
			}
		}
		if n := w.count(ada, "has ended"); n != 2 {
			t.Errorf("%d broadcasts have ended, want 2", n)
		}
	})
}

func TestAStoppedBroadcastSendsNothingMore(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.going(200, "Hello")
		for range 2 {
			w.pressNow("⏹ Stop")
		}
		w.passes(time.Second)
		n := w.heard(readers, "Hello")
		w.passes(10 * time.Second)
		if after := w.heard(readers, "Hello"); after != n {
			t.Errorf("a second after [Stop] %d had it, ten seconds later %d", n, after)
		}
		told := w.progress()
		w.wantsOne(told, "The broadcast was stopped after", "not sent, the broadcast was stopped", "[Failures as a file]", "![⏸ Pause]", "![▶️ Resume]")
		for _, act := range []string{"pause", "resume", "stop", "go", "no", "all", "langs"} {
			w.forge(ada, ada, "cast:"+act+":"+castID(w))
			w.wants(w.since(ada, 0), "!Something went wrong")
		}
		if b := broadcast(w); b.State != bot.BroadcastStopped {
			t.Errorf("it is %s, want stopped", b.State)
		}
		if after := w.heard(readers, "Hello"); after != n {
			t.Errorf("late presses made %d more go out", after-n)
		}
	})
}

// TestDigestsOvertakeABroadcast lets editions become due while a broadcast goes
// out.
func TestDigestsOvertakeABroadcast(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		readers := w.going(300, "Hello")
		before := w.last(ida)
		w.publish("Painters give the old ferries a coat of green", "Twelve painters began on Monday. The paint was made from algae.")
		if _, err := w.sim.Say(ida, "/digest"); err != nil {
			t.Fatal(err)
		}
		w.passes(3 * time.Second)
		w.wants(w.since(ida, before), "📰 Monday")
		if n := w.heard(readers, "Hello"); n > 200 {
			t.Errorf("the digest came when %d of 300 had the broadcast, want it to overtake", n)
		}
	})
}

// TestTheProgressSurvivesRestarts stops the bot at many moments of a broadcast.
func TestTheProgressSurvivesRestarts(t *testing.T) {
	for moment := range 8 {
		t.Run(fmt.Sprint("after ", moment*150, " ms"), func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				readers := w.readers(40)
				w.say(ada, "/broadcast Hello")
				w.pressNow("Send to 41 chats")
				w.passes(time.Duration(moment) * 150 * time.Millisecond)
				w.stop()
				w.passes(time.Minute)
				w.start()
				w.passes(10 * time.Second)
				for _, id := range readers {
					if got := w.count(id, "Hello"); got != 1 {
						t.Errorf("reader %d got it %d times, want once", id, got)
					}
				}
				w.wantsOne(w.progress(), "The broadcast has ended", "Sent: 41")
				if n := w.count(ada, "Sent: "); n != 1 {
					t.Errorf("%d messages tell of it, want one", n)
				}
			})
		})
	}
}

func TestADeletedProgressMessageIsSentAnew(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.going(300, "Hello")
		first := w.progress()
		if err := w.sim.Delete(ada, first.MessageID); err != nil {
			t.Fatal(err)
		}
		w.passes(4 * time.Second)
		second := w.progress()
		if second.MessageID == first.MessageID {
			t.Fatalf("the progress stands in the deleted message")
		}
		w.wantsOne(second, "going out", "[⏸ Pause][⏹ Stop]")
		w.passes(20 * time.Second)
		w.wantsOne(w.progress(), "has ended")
		if n := w.count(ada, "Sent: "); n != 1 {
			t.Errorf("%d messages tell of it, want one", n)
		}
	})
}

// TestABroadcastEndsWhoeverLooks takes its admin away in several ways.
func TestABroadcastEndsWhoeverLooks(t *testing.T) {
	for name, leave := range map[string]func(w *world){
		"the admin blocks the bot": func(w *world) {
			if err := w.sim.Block(ada); err != nil {
				w.t.Fatal(err)
			}
		},
		"the admin erases their chat": func(w *world) {
			if err := w.store.EraseChat(w.t.Context(), w.chat(bot.Address{Telegram: ada}).ID); err != nil {
				w.t.Fatal(err)
			}
		},
		"edits are refused for a while": func(w *world) {
			w.sim.AddFault(simulator.Fault{Kind: simulator.FaultServerError, Methods: []string{"editMessageText"}, Count: 3})
		},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("delivery ended")
				readers := w.going(100, "Hello")
				leave(w)
				w.passes(30 * time.Second)
				if n := w.heard(readers, "Hello"); n != 100 {
					t.Errorf("%d of 100 got it", n)
				}
				if b := broadcast(w); b.State != bot.BroadcastDone {
					t.Errorf("the broadcast is %s, want done", b.State)
				}
			})
		})
	}
}

func TestABroadcastObeysWhatReadersChooseMeanwhile(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(3)
		w.say(ada, "/start")
		w.choose(readers[0], func(c *bot.Chat) { c.Quiet, c.Zone = "07:00-09:00", "UTC" }) // it is 7:30
		w.say(ada, "/broadcast Hello")
		w.press(ada, "Send to 4 chats")
		w.settles()
		if got := w.got(readers, "Hello"); got != "011" {
			t.Errorf("in the quiet hours of the first the readers have it %s times, want 011", got)
		}
		w.wantsOne(w.progress(), "going out", "Left: 1", "One gets it later: it has quiet hours", "!About")
		w.say(ada, "/broadcast Again")
		w.press(ada, "Send to 4 chats")
		w.choose(readers[0], func(c *bot.Chat) { c.Announcements = false })
		w.slot("09:00")
		w.passes(time.Minute)
		if got := w.got(readers, "Hello") + w.got(readers, "Again"); got != "011011" {
			t.Errorf("who took to declining got it all the same: %s", got)
		}
		w.wantsOne(w.progress(), "has ended", "Not sent: 1", "• 1 × wants no announcements")
	})
}

func TestABroadcastWaitsForTheEndOfQuietHours(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(2)
		w.say(ada, "/start")
		w.choose(readers[0], func(c *bot.Chat) { c.Quiet, c.Zone = "07:00-09:00", "UTC" })
		w.say(ada, "/broadcast Hello")
		w.press(ada, "Send to 3 chats")
		w.slot("09:00")
		w.passes(time.Minute)
		if got := w.got(readers, "Hello"); got != "11" {
			t.Errorf("after the quiet hours the readers have it %s times, want 11", got)
		}
		w.wantsOne(w.progress(), "has ended", "Sent: 3")
	})
}

// TestABroadcastIsItsAdminsAffair lets another admin press its buttons.
func TestABroadcastIsItsAdminsAffair(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.readers(100)
		w.say(ada, "/broadcast Hello")
		draft := castID(w)
		w.say(zoe, "/start")
		for _, act := range []string{"go", "no", "all", "langs", "lang", "topics", "pause", "stop", "file"} {
			w.forge(zoe, zoe, "cast:"+act+":"+draft)
			w.wants(w.since(zoe, 0), "not there any more", "!Something went wrong", "!Send to")
			w.say(zoe, "/start")
		}
		if b := broadcast(w); b.State != bot.BroadcastDraft {
			t.Errorf("another admin's presses made it %s", b.State)
		}
		w.pressNow("Send to 101 chats") // and Zoe, who came since
		w.passes(time.Second)
		for _, act := range []string{"pause", "stop"} {
			w.forge(zoe, zoe, "cast:"+act+":"+draft)
		}
		w.passes(10 * time.Second)
		w.wantsOne(w.progress(), "has ended", "Sent: 102")
	})
}
