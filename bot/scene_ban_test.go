package bot_test

import (
	"fmt"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// wantsErased fails if anything is kept about a private chat.
func (w *world) wantsErased(person int64) {
	w.t.Helper()
	if c, err := w.store.ChatAt(w.t.Context(), bot.Address{Telegram: person}); err == nil {
		w.t.Errorf("the chat of %d is kept: %+v", person, c)
	}
}

func TestABannedReaderIsNotServed(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ben, "/subscribe ferries")
		w.say(ida, "/subscribe ferries")
		w.say(ada, "/start")
		w.wants(w.say(ada, fmt.Sprint("/ban ", ben)), "Shall I ban 12?", "[🚫 Ban 12][Cancel]")
		w.wantsOne(w.press(ada, "Cancel"), "Nobody was banned", "!Ban 12")
		if got := w.follows(ben); got != "ferries" {
			t.Errorf("after a cancelled ban the reader follows %q, want ferries", got)
		}
		w.say(ada, fmt.Sprint("/ban ", ben))
		w.wantsOne(w.press(ada, "🚫 Ban 12"), "🚫 12 is banned", "/unban 12", "![Cancel]")
		w.wantsErased(ben)
		before := w.last(ben)
		for _, text := range []string{"/start", "ferries", "/forgetme", "/help", "/subscribe bread", "/broadcast x"} {
			w.wantsNothing(w.say(ben, text))
		}
		w.press(ben, "✏️ Edit") // answered, so that the button does not wait for ever, and nothing else
		w.wantsErased(ben)
		w.press(ada, sendPreview(w, "To everybody"))
		w.slot("09:00")
		if got := w.since(ben, before); len(got) != 0 {
			t.Errorf("a banned reader gets%s", got)
		}
		if n := w.count(ida, "To everybody"); n != 1 {
			t.Errorf("others got the broadcast %d times, want once", n)
		}
		// blocking and unblocking changes nothing
		if err := w.sim.Block(ben); err != nil {
			t.Fatal(err)
		}
		if err := w.sim.Unblock(ben); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wantsErased(ben)
		w.skips(time.Hour)
		w.wantsNothing(w.say(ben, "/start")) // a restart neither
		w.wants(w.say(ada, "/ban 12"), "12 was banned already")
		w.wants(w.say(ada, "/unban 12"), "12 is not banned any more")
		w.wants(w.say(ada, "/unban 12"), "12 is not banned.")
		w.wants(w.say(ben, "/start"), "Tidings follows topics")
		if got := w.follows(ben); got != "" {
			t.Errorf("after the ban the reader follows %q, want nothing", got)
		}
	})
}

// sendPreview orders a broadcast and returns the label of the button that sends
// it.
func sendPreview(w *world, text string) string { return sendLabel(w.say(ada, "/broadcast "+text)) }

func TestABannedReaderOfAGroupIsNotServedThere(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.sim.AddGroup(simulator.Group{Type: "supergroup", Title: "Crew", Admins: []int64{ben, ada}, Members: []int64{ida}})
		if err := w.sim.Invite(ben, group, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wants(w.post(simulator.Post{From: ben, Chat: group, Text: "/subscribe bread"}), "Following bread")
		said, err := w.sim.Post(simulator.Post{From: ben, Chat: group, Text: "/topics"})
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wantsNothing(w.post(simulator.Post{From: ada, Chat: group, Text: "/ban", ReplyTo: said.MessageID})) // not before others
		w.wants(w.say(ada, "/ban 12"), "Shall I ban 12?")
		for _, data := range []string{"ban:12", "ban:91"} {
			w.forge(ida, group, data)
			w.forge(ben, group, data)
		}
		if banned, err := w.store.Banned(t.Context(), ben); banned || err != nil {
			t.Errorf("a reader confirmed a ban (%v)", err)
		}
		w.wantsOne(w.press(ada, "🚫 Ban 12"), "12 is banned")
		w.wantsNothing(w.post(simulator.Post{From: ben, Chat: group, Text: "/subscribe ferries"}))
		w.wants(w.post(simulator.Post{From: ida, Chat: group, Text: "/topics"}), "bread")
		// what happens to the group itself still counts
		if err := w.sim.Kick(ben, group); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if c := w.chat(bot.Address{Telegram: group}); c.Paused != bot.PausedGone {
			t.Errorf("after a banned admin threw the bot out the group is paused for %q", c.Paused)
		}
	})
}

func TestWhomABanMeans(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.sim.AddPerson(simulator.Person{ID: 77, Name: "Zoë", Username: "Zoe_Z", Language: "en"})
		w.say(77, "/start")
		w.say(ada, "/start")
		for text, want := range map[string]string{
			"/ban":                      "Send /ban with a Telegram user id",
			"/unban":                    "Send /unban with a Telegram user id",
			"/ban somebody":             "Send /ban with a Telegram user id",
			"/ban -100123":              "Send /ban with a Telegram user id",
			"/ban 0":                    "Send /ban with a Telegram user id",
			"/ban 99999999999999999999": "Send /ban with a Telegram user id",
			"/ban 12 13":                "Send /ban with a Telegram user id",
			"/ban @nobody_of_that_name": "I have seen nobody of that name",
			"/ban @":                    "I have seen nobody of that name",
			"/ban 90":                   "an admin of mine",
			"/ban 91":                   "an admin of mine",
			"/unban 5":                  "5 is not banned.",
			"/ban 9007199254740993":     "Shall I ban 9007199254740993?",
			"/ban @zoe_z":               "Shall I ban 77?",
		} {
			w.wants(w.say(ada, text), want)
		}
		w.press(ada, "🚫 Ban 77")
		w.wantsErased(77)
		w.wants(w.say(ada, "/unban @ZOE_Z"), "77 is not banned any more")
		forwarded := func(origin simulator.Origin) shown {
			m, err := w.sim.Post(simulator.Post{From: ada, Text: "look what they write", Forward: &origin})
			if err != nil {
				t.Fatal(err)
			}
			w.settles()
			return w.post(simulator.Post{From: ada, Text: "/ban", ReplyTo: m.MessageID})
		}
		w.wants(forwarded(simulator.Origin{Type: "hidden_user"}), "Telegram does not tell who wrote that")
		w.wants(forwarded(simulator.Origin{Type: "user", SenderUser: &simulator.User{ID: 5000000000, FirstName: "Max"}}), "Shall I ban 5000000000?")
		w.wants(forwarded(simulator.Origin{Type: "user", SenderUser: &simulator.User{ID: 4243, IsBot: true, FirstName: "Other bot"}}), "by a bot or in the name of a group")
		w.wants(w.post(simulator.Post{From: ada, Text: "/ban", ReplyTo: w.last(ada)}), "by a bot")
		w.forge(ada, ada, "ban:91")
		w.forge(ada, ada, "ban:x")
		w.forge(ida, ida, "ban:12")
		unknown := w.say(ida, "/fly").String()
		for _, text := range []string{"/ban 12", "/unban 12", "/ban"} {
			if got := w.say(ida, text).String(); cutHead(got) != cutHead(unknown) {
				t.Errorf("%s of a reader shows %q, want what an unknown command shows", text, got)
			}
		}
		if banned, err := w.store.Banned(t.Context(), 91); banned || err != nil {
			t.Errorf("an admin is banned (%v)", err)
		}
		if banned, err := w.store.Banned(t.Context(), ben); banned || err != nil {
			t.Errorf("a reader banned another (%v)", err)
		}
	})
}
