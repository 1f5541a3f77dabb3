package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
)

const tooFast = "That was a lot at once"

// says lets a person write without waiting for what comes of it.
func (w *world) says(person, chat int64, text string) {
	w.t.Helper()
	if _, err := w.sim.Post(simulator.Post{From: person, Chat: chat, Text: text}); err != nil {
		w.t.Fatal(err)
	}
}

// TestAFloodIsSlowedAndHurtsNobody: somebody sends 400 commands at once. They get
// their allowance of answers, are told once, and what they say beyond changes
// nothing; everybody else is answered at once.
func TestAFloodIsSlowedAndHurtsNobody(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ben, "/start")
		w.say(ida, "/start")
		w.passes(time.Minute)
		for range 399 {
			w.says(ida, 0, "/help")
		}
		w.says(ida, 0, "/subscribe wolves")
		w.answersMeanwhile(ben)
		w.passes(19 * time.Second)
		w.says(ida, 0, "/subscribe lions")
		w.passes(40 * time.Second)
		if n := w.count(ida, "What I can do"); n != 30 {
			t.Errorf("400 commands got %d answers, want 30", n)
		}
		if n := w.count(ida, tooFast); n != 1 {
			t.Errorf("the flood was told %d times, want once:%s", n, w.since(ida, 0))
		}
		w.wants(w.say(ida, "/topics"), "You follow nothing yet")
	})
}

// answersMeanwhile says something for a reader who follows nothing and must be
// answered within a second, whatever others ask.
func (w *world) answersMeanwhile(reader int64) {
	w.t.Helper()
	began := time.Now()
	w.says(reader, 0, "/topics")
	if err := w.sim.Wait(w.t.Context(), func() bool { return w.lastSays(reader, "You follow nothing yet") }); err != nil {
		w.t.Fatal(err)
	}
	if took := time.Since(began); took > time.Second {
		w.t.Errorf("another reader was answered after %v", took)
	}
}

// lastSays says whether the newest message of a chat holds a text.
func (w *world) lastSays(chat int64, text string) bool {
	list := w.sim.Snapshot(chat)
	return len(list) > 0 && strings.Contains(list[len(list)-1].Text, text)
}

func TestWhoFloodedIsHeardAgain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		for range 60 {
			w.says(ida, 0, "/help")
		}
		w.passes(21 * time.Second)
		w.says(ida, 0, "/subscribe ferries")
		w.passes(30 * time.Second)
		w.wantFollows(ida, "ferries")
	})
}

// TestAFloodDoesNotHideThatTheReaderLeft: what is no question is never left
// aside.
func TestAFloodDoesNotHideThatTheReaderLeft(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		for range 80 {
			w.says(ida, 0, "/latest")
		}
		if err := w.sim.Block(ida); err != nil {
			t.Fatal(err)
		}
		w.passes(time.Minute)
		if got := w.chat(bot.Address{Telegram: ida}).Paused; got != bot.PausedBlocked {
			t.Errorf("the chat is paused for %q, want %q", got, bot.PausedBlocked)
		}
	})
}

// TestPressesWithoutEndAreAllAnswered: a button is pressed 300 times at once.
// Every press is answered, one with words, and those that are not heard change
// nothing.
func TestPressesWithoutEndAreAllAnswered(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ben, "/start")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/topics")
		w.press(ida, "ferries")
		w.passes(time.Minute)
		w.slowest = 10 * time.Second // whoever presses without end waits for himself
		data, card := w.buttonData(ida, "🔕 Mute"), w.last(ida)
		var presses []string
		for range 300 { // also when the card shows something else already, as a slow client does
			id, err := w.sim.PressForged(ida, ida, card, data)
			if err != nil {
				t.Fatal(err)
			}
			presses = append(presses, id)
		}
		began := time.Now()
		w.says(ben, 0, "/topics")
		if err := w.sim.Wait(t.Context(), func() bool { return w.lastSays(ben, "You follow nothing yet") }); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		t.Logf("another reader was answered after %v", took)
		if took > 2*time.Second+5*time.Second {
			t.Errorf("another reader was answered after %v", took)
		}
		w.passes(15 * time.Second)
		told := 0
		for _, id := range presses {
			if toast := w.toast(id); strings.Contains(toast.Text, tooFast) {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%d presses were answered with words, want one", told)
		}
		w.passes(time.Minute)
	})
}

// TestOneMemberDoesNotUseUpAGroup: in a group everybody has an allowance of their
// own, which is not that of their private chat.
func TestOneMemberDoesNotUseUpAGroup(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		w.say(ida, "/start")
		for range 100 {
			w.says(ida, group, "/topics")
		}
		began := time.Now()
		before := w.last(group)
		w.says(ben, group, "/help@tidings_bot")
		w.wants(w.say(ida, "/topics"), "You follow nothing yet", "!"+tooFast)
		w.passes(20 * time.Second)
		w.wants(w.since(group, before), "What I can do")
		for _, a := range w.sim.Evidence().Accepted {
			if a.ChatID == group && strings.Contains(a.Text, "What I can do") && a.At.Sub(began) > 20*time.Second {
				t.Errorf("another member was answered after %v", a.At.Sub(began))
			}
		}
		if n := w.count(group, tooFast); n != 1 {
			t.Errorf("the group was told %d times, want once", n)
		}
		if n := w.count(group, "You follow nothing yet"); n != 12 {
			t.Errorf("100 questions of one member got %d answers, want 12", n)
		}
	})
}

func TestAnAdminOfTheBotMayAskMore(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for range 110 {
			w.says(ada, 0, "/help")
		}
		w.passes(2 * time.Minute)
		if n := w.count(ada, "What I can do"); n != 110 {
			t.Errorf("110 commands got %d answers", n)
		}
	})
}

// TestAHangingAnswerHoldsUpItsReaderOnly: Telegram takes an answer and says
// nothing. Whoever else asks meanwhile, and they are more than Telegram shows at
// once, is answered in time, and so is that reader, when the answer is lost.
func TestAHangingAnswerHoldsUpItsReaderOnly(t *testing.T) {
	const people = 250
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("answer perhaps not sent")
		for i := range int64(people) {
			w.sim.AddPerson(simulator.Person{ID: 5000 + i, Name: fmt.Sprint("P", i), Language: "en"})
		}
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultAcceptHang, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1})
		w.says(ida, 0, "/help")
		w.says(ida, 0, "/topics")
		asked := map[int64]time.Time{}
		for i := range int64(people) {
			w.passes(50 * time.Millisecond)
			asked[5000+i] = time.Now()
			w.says(5000+i, 0, "/help")
		}
		w.passes(40 * time.Second)
		longest, answered := time.Duration(0), 0
		for _, a := range w.sim.Evidence().Accepted {
			if at, ok := asked[a.ChatID]; ok {
				answered++
				longest = max(longest, a.At.Sub(at))
			}
		}
		t.Logf("others were answered after %v at most", longest)
		if answered != people || longest > 6*time.Second {
			t.Errorf("%d of %d were answered, after %v at most", answered, people, longest)
		}
		if got := w.since(ida, 0).String(); strings.Count(got, "What I can do") != 2 || strings.Index(got, "You follow nothing yet") < strings.Index(got, "What I can do") {
			t.Errorf("the reader sees, after an answer was lost:%s", got)
		}
	})
}

// TestWhatCouldNotBeServedIsTold: Telegram does not say in time who may change a
// group, and the update does not come again.
func TestWhatCouldNotBeServedIsTold(t *testing.T) {
	for name, limit := range map[string]time.Duration{"the question fails": time.Hour, "the update takes too long": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("update not handled")
				w.log.expect("request not served")
				group := w.group(simulator.Group{})
				w.post(simulator.Post{Chat: group, From: ada, Text: "/help"})
				w.sim.AddFault(simulator.Fault{Kind: simulator.FaultAcceptHang, Methods: []string{"getChatMember"}, Count: 1})
				ctx, cancel := context.WithTimeoutCause(t.Context(), limit, telegram.ErrLate)
				defer cancel()
				before := w.last(group)
				err := w.bot.Handle(ctx, telegram.Update{ID: 77, Message: &telegram.Incoming{
					ID: 900, Date: time.Now().Unix(), From: &telegram.User{ID: ada, FirstName: "Ada"}, Chat: telegram.Chat{ID: group, Type: "supergroup"}, Text: "/subscribe ferries",
				}})
				if err != nil {
					t.Errorf("Handle = %v", err)
				}
				w.settles()
				w.wants(w.since(group, before), "Something went wrong on my side")
				if done, err := w.store.UpdateHandled(t.Context(), 77); !done || err != nil {
					t.Errorf("UpdateHandled = %t, %v; want that it does not count as new again", done, err)
				}
			})
		})
	}
}

// TestAFloodByWebhookIsSlowedAsWell: the other door has the same budget and keeps
// the order of a chat.
func TestAFloodByWebhookIsSlowedAsWell(t *testing.T) {
	door := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.say(ben, "/start")
		w.say(ida, "/start")
		w.hooked(door, 1)
		w.passes(time.Minute)
		for i := range 200 {
			w.says(ida, 0, []string{"/help", "/topics"}[i%2])
		}
		w.answersMeanwhile(ben)
		w.passes(45 * time.Second)
		var answers []string
		for _, m := range w.since(ida, 0)[1:] {
			answers = append(answers, m.Text[:16])
		}
		if len(answers) != 31 || w.count(ida, tooFast) != 1 {
			t.Fatalf("200 commands got %d answers: %q", len(answers), answers)
		}
		for i, a := range answers[:30] {
			if want := []string{"What I can do", "You follow nothi"}[i%2]; !strings.HasPrefix(a, want) {
				t.Errorf("answer %d is %q, want %q", i, a, want)
			}
		}
	}, behind(door))
}

// TestABurstSurvivesRestarts: a hundred people write within seconds in which the
// bot is stopped and started several times. Each is answered once.
func TestABurstSurvivesRestarts(t *testing.T) {
	const people = 100
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("answer perhaps not sent")
		for i := range int64(people) {
			w.sim.AddPerson(simulator.Person{ID: 5000 + i, Name: fmt.Sprint("P", i), Language: "en"})
		}
		for i := range int64(people) {
			w.says(5000+i, 0, fmt.Sprintf("/subscribe river %d", i))
			w.says(5000+i, 0, "/topics")
			if i%20 == 19 {
				w.passes(time.Duration(100+70*i) * time.Millisecond)
				w.stop()
				w.start()
			}
		}
		w.passes(time.Minute)
		for i := range int64(people) {
			topic := fmt.Sprintf("river %d", i)
			w.wantFollows(5000+i, topic)
			got := w.since(5000+i, 0).String()
			if strings.Count(got, "✅ Following "+topic) != 1 || strings.Count(got, "You follow one topic") != 1 || strings.Contains(got, "already") {
				t.Errorf("person %d sees:%s", i, got)
			}
		}
		if n := w.sim.PendingUpdates(); n != 0 {
			t.Errorf("%d updates are not confirmed", n)
		}
	})
}

// TestAGroupsTalkCostsNoLookAtTheShelf: an admin bot is told all that a group
// says.
func TestAGroupsTalkCostsNoLookAtTheShelf(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		for i := range 50 {
			w.says(ida, group, fmt.Sprintf("hello %d", i))
		}
		w.passes(5 * time.Second)
		var marked int
		if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM updates`).Scan(&marked); err != nil || marked > 1 { // one: we were added
			t.Errorf("%d updates stand on the shelf (%v)", marked, err)
		}
		if n := w.sim.PendingUpdates(); n != 0 {
			t.Errorf("%d updates are not confirmed", n)
		}
		w.wants(w.post(simulator.Post{Chat: group, From: ida, Text: "/help@tidings_bot"}), "What I can do")
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}
