package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
)

// TestHostileUpdatesHarmNobody lets Telegram say what it never should. After
// each the next update is served, and nothing was said or kept.
func TestHostileUpdatesHarmNobody(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		now := unix(time.Now())
		from := `"from":{"id":11,"is_bot":false,"first_name":"Ida","language_code":"en"}`
		chat := `"chat":{"id":11,"type":"private"}`
		message := func(more string) string {
			return `{"message_id":600,"date":` + now + `,` + chat + `,` + from + more + `}`
		}
		for _, c := range []struct{ name, kind, payload string }{
			{"a kind not invented yet", "telepathy", `{"thought":"hello"}`},
			{"a message that is a word", "message", `"hello"`},
			{"a message that is null", "message", `null`},
			{"a message of nothing", "message", `{}`},
			{"a message without a sender", "message", `{"message_id":600,"date":` + now + `,` + chat + `,"text":"/subscribe x"}`},
			{"a message without a chat", "message", `{"message_id":600,"date":` + now + `,` + from + `}`},
			{"a message of a bot", "message", strings.Replace(message(`,"text":"/subscribe x"`), `"is_bot":false`, `"is_bot":true`, 1)},
			{"a message without text", "message", message(``)},
			{"an empty text", "message", message(`,"text":""`)},
			{"a sticker", "message", message(`,"sticker":{"file_id":"x"}`)},
			{"an id of the wrong type", "message", message(`,"text":5`)},
			{"an id beyond 64 bits", "message", strings.Replace(message(`,"text":"/help"`), "600", "99999999999999999999999", 1)},
			{"an edited message", "edited_message", message(`,"text":"/subscribe x"`)},
			{"a channel's post", "channel_post", `{"message_id":600,"date":` + now + `,"chat":{"id":-1001,"type":"channel"},"text":"/subscribe x"}`},
			{"a channel's post as a message", "message", `{"message_id":600,"date":` + now + `,"chat":{"id":-1001,"type":"channel"},"text":"/subscribe x"}`},
			{"a member of no status", "my_chat_member", `{` + chat + `,` + from + `,"date":` + now + `}`},
			{"a membership of nothing", "my_chat_member", `{}`},
			{"a press of nothing", "callback_query", `{}`},
			{"a move to itself", "message", `{"message_id":600,"date":` + now + `,"chat":{"id":-5,"type":"group"},` + from + `,"migrate_to_chat_id":-5}`},
			{"a move of a stranger", "message", `{"message_id":600,"date":` + now + `,"chat":{"id":-5,"type":"group"},` + from + `,"migrate_to_chat_id":-1005}`},
			{"a thread of nonsense", "message", message(`,"message_thread_id":"x","text":"/help"`)},
		} {
			before := w.last(ida)
			w.inject(c.kind, c.payload)
			if got := w.since(ida, before); len(got) > 0 {
				t.Errorf("%s was answered:%s", c.name, got)
			}
			if got := w.say(ben, "/help"); !strings.Contains(got.String(), "What I can do") {
				t.Fatalf("after %s the next update was not served:%s", c.name, got)
			}
		}
		var subs int
		if err := w.store.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM subscriptions").Scan(&subs); err != nil || subs != 0 {
			t.Errorf("hostile updates left %d subscriptions (%v), want none", subs, err)
		}
	})
}

func TestHostileTextsAreAnsweredInASentence(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct{ text, want string }{
			"4096 letters":           {strings.Repeat("x", 4096), "too long"},
			"4096 emoji":             {strings.Repeat("🎉", 4096), "too long"},
			"2000 words":             {strings.Repeat("a ", 2000), "too long"},
			"2000 quotes":            {strings.Repeat(`"`, 2000), "too long"},
			"quotes alone":           {strings.Repeat(`"`, 99), "partner"},
			"a slash":                {"/", "I do not know that command"},
			"a slash and a name":     {"/@tidings_bot", "I do not know that command"},
			"a command of 4000":      {"/" + strings.Repeat("x", 4000), "I do not know that command"},
			"direction marks":        {"\u202e\u202d\u2066 \u200b\u200b", "Which topic"},
			"a topic with overrides": {"ab\u202ecd", "I have no story on abcd"},
			"placeholders":           {"{{.Topic}} <b>x</b> \U000F0000\U000F0001", "I have no story on {{.Topic}}"},
			"a latest of nonsense":   {"/latest \"", "partner"},
			"a start of nonsense":    {"/start t_\"\"\"", "partner"},
		} {
			before := w.last(ida)
			if _, err := w.sim.Say(ida, c.text); err != nil {
				t.Logf("%s: Telegram itself refuses it: %v", name, err)
				continue
			}
			w.settles()
			got := w.since(ida, before)
			if len(got) != 1 || !strings.Contains(got.String(), c.want) || strings.Contains(got.String(), "went wrong") {
				t.Errorf("%s is answered by %d messages, want one with %q:%s", name, len(got), c.want, got)
			}
		}
	})
}

func TestMalformedEntitiesDoNotMatter(t *testing.T) {
	for name, entities := range map[string]string{
		"none":             ``,
		"out of range":     `,"entities":[{"type":"bot_command","offset":0,"length":9999}]`,
		"below zero":       `,"entities":[{"type":"bot_command","offset":-7,"length":3}]`,
		"of no kind":       `,"entities":[{"offset":0,"length":6}]`,
		"a thousand":       `,"entities":[` + strings.Repeat(`{"type":"bold","offset":0,"length":1},`, 999) + `{"type":"bold","offset":0,"length":1}]`,
		"another place":    `,"entities":[{"type":"bot_command","offset":11,"length":4}]`,
		"that is a number": ``,
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.say(ida, "/help")
				before := w.last(ida)
				w.inject("message", `{"message_id":600,"date":`+unix(time.Now())+`,"chat":{"id":11,"type":"private"},"from":{"id":11,"is_bot":false,"first_name":"Ida"},"text":"/subscribe ferries"`+entities+`}`)
				w.wants(w.since(ida, before), "✅ Following ferries")
			})
		})
	}
}

// TestEveryPressIsAnsweredOnce presses what no keyboard has; scene checks that
// each was answered once, in time.
func TestEveryPressIsAnsweredOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/topics")
		for _, data := range []string{
			"", ":", "nonsense", "nonsense:1:2:3", strings.Repeat("x", 5000), "follow:", "follow:0:", "follow:1:", `follow:0:"`, "follow:9:x",
			"topic:", "topic:zzzzzzzzzzzzzzzzzzzzzz", "topic:-1", "mute:1", "unmute:", "drop:", "drop:1", "edit:", "edit:1", "unedit:1",
			"when:", "time:", "time:99:99", "time:off", "zone:", "forget:", "forget:no", "resume:", "topics:x", "\x00\xff:\xfe",
		} {
			toast := w.forge(ida, ida, data)
			if toast.Alert {
				t.Errorf("the press of %.20q was refused with an alert", data)
			}
			if got := w.since(ida, 0); strings.Contains(got.String(), "went wrong") {
				t.Fatalf("after the press of %.20q the chat shows:%s", data, got)
			}
		}
		id, err := w.sim.PressForged(ida, ida, 99999, "topics:") // under a message that is not there
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.toast(id)
		w.wants(w.say(ida, "/help"), "What I can do")
	})
}

func TestAPressUnderAMessageThatIsGoneIsAnsweredByANewOne(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		before := w.last(ida)
		w.inject("callback_query", `{"id":"123","from":{"id":11,"is_bot":false,"first_name":"Ida"},"chat_instance":"1","data":"topics:",
			"message":{"message_id":5000,"date":0,"chat":{"id":11,"type":"private"}}}`)
		w.wants(w.since(ida, before), "You follow one topic")
	})
}

// TestAPressIsAnsweredBeforeSlowWork lets the search take as long as it likes:
// what the press waits for is only the way to Telegram.
func TestAPressIsAnsweredBeforeItsMessageChanges(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "ferries")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultSlow, Methods: []string{"editMessageText", "sendMessage"}, Delay: 10 * time.Second})
		w.press(ida, "➕ Follow “ferries”")
		w.passes(20 * time.Second)
		var answered, edited int
		for _, c := range w.sim.Evidence().Calls {
			switch c.Method {
			case "answerCallbackQuery":
				answered = c.Seq
			case "editMessageText":
				edited = c.Seq
			}
		}
		if answered == 0 || edited == 0 || answered > edited {
			t.Errorf("the press was answered by call %d, its message changed by call %d; want the answer first", answered, edited)
		}
	})
}

func TestARepeatedUpdateChangesNothingTwice(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		u := telegram.Update{ID: 5_000_000_000, Message: &telegram.Incoming{
			ID: 700, Date: time.Now().Unix(), From: &telegram.User{ID: ida, FirstName: "Ida"}, Chat: telegram.Chat{ID: ida, Type: "private"}, Text: "/subscribe ferries",
		}}
		before := w.last(ida)
		for range 3 {
			if err := w.bot.Handle(t.Context(), u); err != nil {
				t.Errorf("Handle(the same update) = %v", err)
			}
		}
		w.settles()
		if n := w.count(ida, "Following ferries"); n != 1 {
			t.Errorf("the same update three times is answered %d times, want once:%s", n, w.since(ida, before))
		}
	})
}

func TestUpdatesThatComeAgainAfterARestartAreNotServedAgain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultRedeliver, Methods: []string{"getUpdates"}, Count: 3})
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/unsubscribe ferries")
		w.skips(time.Second)
		if n := w.count(ida, "✅ Following ferries"); n != 1 {
			t.Errorf("the command was served %d times, want once:%s", n, w.since(ida, 0))
		}
		w.wantFollows(ida, "")
	})
}

// TestAPausedChatHoldsNobodyUp: while Telegram refuses one chat for a minute,
// others are answered at once, and what the one asked is answered afterwards.
func TestAPausedChatHoldsNobodyUp(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/start")
		w.say(ben, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 60})
		before := w.last(ida)
		w.wantsNothing(w.say(ida, "/help"))
		for i := range 5 {
			if _, err := w.sim.Say(ida, fmt.Sprintf("/subscribe topic %d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.sim.Press(ida, ida, 0, labelled("🌍 World")); err != nil {
			t.Fatal(err)
		}
		w.wants(w.say(ben, "/topics"), "You follow nothing yet")
		w.passes(70 * time.Second)
		got := w.since(ida, before)
		w.wants(got, "What I can do", "Following topic 0", "Following topic 4", "Following world")
		if at := strings.Index(got.String(), "What I can do"); at > strings.Index(got.String(), "Following topic 0") {
			t.Errorf("the answers came out of order:%s", got)
		}
	})
}

func TestAFloodOfCommandsHoldsNobodyUp(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ben, "/start")
		for range 30 {
			if _, err := w.sim.Say(ida, "/help"); err != nil {
				t.Fatal(err)
			}
		}
		w.wants(w.say(ben, "/topics"), "You follow nothing yet")
		w.passes(35 * time.Second)
		if n := w.count(ida, "What I can do"); n != 30 {
			t.Errorf("30 commands got %d answers", n)
		}
	})
}

func TestAFloodOfPressesHoldsNobodyUp(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ben, "/start")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/topics")
		w.press(ida, "ferries")
		w.slowest = 6 * time.Second // whoever presses without end waits for himself
		id := w.last(ida)
		for i := range 30 {
			if _, err := w.sim.PressForged(ida, ida, id, []string{"mute:", "unmute:"}[i%2]+base36(int64(i))); err != nil {
				t.Fatal(err)
			}
		}
		w.settles()
		w.wants(w.say(ben, "/topics"), "You follow nothing yet")
		w.passes(35 * time.Second)
	})
}

func TestAnswersRefusedForTheirMarksComePlain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultEntities, Methods: []string{"sendMessage", "editMessageText"}, Count: 1})
		got := w.say(ida, "/help")
		w.wants(got, "What I can do")
		if len(got) == 1 && len(got[0].Entities) > 0 && got[0].Entities[0].Type == "bold" {
			t.Errorf("the answer has its marks still: %v", got[0].Entities)
		}
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultEntities, Methods: []string{"editMessageText"}, Count: 1})
		w.wantsOne(w.press(ida, "⚽ Sport"), "Following sport")
	})
}

func TestABlockSeenWhileAnsweringPausesTheChat(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"sendMessage"}, Count: 1})
		w.wantsNothing(w.say(ida, "/help"))
		if got := w.chat(bot.Address{Telegram: ida}).Paused; got != bot.PausedBlocked {
			t.Errorf("the chat is paused for %q, want %q", got, bot.PausedBlocked)
		}
	})
}
