package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// channel makes a channel whose owner is Ada and whose admin is Ida, with the
// bot among its admins.
func (w *world) channel(name string) int64 {
	w.t.Helper()
	id := w.sim.AddGroup(simulator.Group{Type: "channel", Title: "Harbour Wire", Username: name, Admins: []int64{ada, ida}, Members: []int64{ben}})
	w.letIn(id)
	return id
}

func (w *world) letIn(channel int64) {
	w.t.Helper()
	if err := w.sim.Invite(ada, channel, simulator.Rights{Admin: true, Post: true}); err != nil {
		w.t.Fatal(err)
	}
	w.settles()
}

// forward lets a person forward a channel's post to the bot.
func (w *world) forward(person, channel int64, title string) shown {
	w.t.Helper()
	return w.post(simulator.Post{From: person, Text: "A post of the channel", Forward: &simulator.Origin{
		Type: "channel", Date: time.Now().Unix(), Chat: &simulator.Chat{ID: channel, Type: "channel", Title: title}, MessageID: 3}})
}

func TestAnAdminSteersAChannelFromTheirPrivateChat(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe bread")
		channel := w.channel("harbourwire")
		at := bot.Address{Telegram: channel}
		const head, back = "📢 Harbour Wire\n", "[« Back to my own chat]"
		w.wants(w.say(ida, "@harbourwire"), head, "What you send me is about this channel now", back)
		w.wants(w.say(ida, "/topics"), head, "You follow nothing yet", back)
		w.wants(w.say(ida, "/subscribe ferries"), head, "✅ Following ferries", "2 stories in the last 7 days", back)
		w.wants(w.since(channel, 0), "📰 Monday", "electric ferries") // the channel's first edition, in the channel
		if got := w.since(channel, 0).String(); strings.Contains(got, "[") || strings.Contains(got, "Following") {
			t.Errorf("the channel shows more than its edition:%s", got)
		}
		w.wants(w.say(ida, "/schedule 09:00"), head, "✅ Your digest comes every day at 09:00", back)
		w.wants(w.say(ida, "/quiet 22-7"), head, "✅ Quiet from")
		w.wants(w.say(ida, "/latest ferries 1"), head, "electric ferries", "[More »]")
		w.wantsOne(w.press(ida, "More »"), head, "Ferries stop", back)
		w.say(ida, "/settings")
		w.wantsOne(w.press(ida, "Full"), head, "[✓ Full]", back)
		w.wants(w.say(ida, "bread"), head, "rye bread", "➕ Follow “bread”")
		w.wantsOne(w.press(ida, "➕ Follow “bread”"), head, "✅ Following bread")
		w.wants(w.say(ida, "/digest"), head, "It comes in the channel")
		w.wants(w.since(channel, 0), "rye bread")

		// an edit asks here and changes there
		w.say(ida, "/subscribe wolves")
		w.press(ida, "✏️ Edit")
		w.wants(w.say(ida, "whales"), head, "✅ Changed wolves to whales")

		if got := w.followsAt(at); got != "ferries, bread, whales" {
			t.Errorf("the channel follows %q, want ferries, bread, whales", got)
		}
		if c := w.chat(at); c.Kind != "channel" || c.Title != "Harbour Wire" || c.Schedule.String() != "09:00" || c.Quiet != "22:00-07:00" || c.Length != bot.LengthFull {
			t.Errorf("the channel is %+v", c)
		}
		w.wantFollows(ida, "bread")

		// an operator's command is never about the channel
		w.wants(w.say(ada, "@harbourwire"), head, "It follows 3 topics")
		w.wants(w.say(ada, "/broadcast hello"), "This is how readers will see it", "!📢 Harbour")

		w.wantsOne(w.press(ida, "« Back to my own chat"), "You are back in your own chat", "!📢")
		w.wants(w.say(ida, "/topics"), "You follow one topic", "[bread]", "!📢")
		if own := w.chat(bot.Address{Telegram: ida}); own.Schedule.String() != "08:00" || own.Quiet != "" || own.Length != bot.LengthShort {
			t.Errorf("the admin's own chat became %+v", own)
		}
		before := w.last(channel)
		w.publish("Ferries get new timetables", "All boats sail every half hour from May on. The old timetable was from 2009.")
		w.slot("09:00")
		w.wants(w.since(channel, before), "new timetables")
	})
}

func TestAForwardedPostSteersAPrivateChannel(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("") // without a public name
		w.say(ida, "/start")
		w.wants(w.forward(ida, channel, "Harbour Wire"), "📢 Harbour Wire", "about this channel now")
		w.wants(w.say(ida, "/subscribe ferries"), "📢 Harbour Wire", "✅ Following ferries")
		w.wants(w.say(ida, "/start"), "What shall I follow first", "!📢") // ends it
		w.wants(w.say(ida, "/topics"), "You follow nothing yet", "!📢")
		if got := w.followsAt(bot.Address{Telegram: channel}); got != "ferries" {
			t.Errorf("the channel follows %q, want ferries", got)
		}
	})
}

func TestWhoMayNotPostInAChannelDoesNotSteerIt(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("harbourwire")
		stranger := w.sim.AddGroup(simulator.Group{Type: "channel", Title: "Lighthouse News", Username: "lighthousenews", Admins: []int64{ida}})
		w.sim.AddGroup(simulator.Group{Type: "supergroup", Title: "Talk of the quay", Username: "quaytalk", Admins: []int64{ida}})
		hidden := w.sim.AddGroup(simulator.Group{Type: "channel", Title: "Hidden", Admins: []int64{ida}})
		for _, c := range []struct {
			who  int64
			say  string
			want string
		}{
			{ben, "@harbourwire", "Only admins of @harbourwire who may post there"},
			{ida, "@lighthousenews", "I am not an admin of @lighthousenews yet. Make @tidings_bot one"},
			{ida, "@quaytalk", "@quaytalk is not a channel"},
			{ida, "@nobodyhasthis", "I know no channel called @nobodyhasthis"},
			{ida, "@ada", ""}, // too short for a name
			{ida, " @HarbourWire ", "about this channel now"},
		} {
			w.say(c.who, "/start")
			got := w.say(c.who, c.say)
			if c.want != "" {
				w.wants(got, c.want)
			}
			if here := w.chat(bot.Address{Telegram: c.who}); (here.Steers != 0) != strings.Contains(c.want, "about this") {
				t.Errorf("after %q the chat steers %d", c.say, here.Steers)
			}
		}
		w.wants(w.forward(ben, channel, "Harbour Wire"), "Only admins of Harbour Wire")
		w.wants(w.forward(ida, hidden, "Hidden"), "I am not an admin of Hidden yet")
		w.wants(w.forward(ida, -1, "<b>Nowhere"), "I am not an admin of <b>Nowhere yet")
		// the bot is an admin that may not post
		if err := w.sim.Invite(ida, stranger, simulator.Rights{Admin: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wants(w.say(ida, "@lighthousenews"), "I am not an admin of @lighthousenews yet")
		if _, err := w.store.ChatAt(t.Context(), bot.Address{Telegram: stranger}); err == nil {
			t.Error("a channel that nobody may steer is kept")
		}
		// in groups a name is talk
		group := w.group(simulator.Group{})
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ada, Text: "@harbourwire"}))
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}

func TestAnAdminWhoLostTheirRightsIsPutBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("harbourwire")
		at := bot.Address{Telegram: channel}
		w.say(ida, "@harbourwire")
		w.say(ida, "/subscribe ferries")
		card := w.say(ida, "/schedule")
		if err := w.sim.SetMember(channel, ida, "member"); err != nil {
			t.Fatal(err)
		}
		id, err := w.sim.Press(ida, ida, card[0].MessageID, labelled("Off"))
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		if toast := w.toast(id); !toast.Alert || !strings.Contains(toast.Text, "may not post in Harbour Wire any more") {
			t.Errorf("the press of who is no admin any more showed %+v", toast)
		}
		w.wants(w.say(ida, "/topics"), "You follow nothing yet", "!📢")
		// old cards of the channel change nothing, here or there
		if toast := w.pressed(ida, card[0].MessageID, "Off"); !toast.Alert || !strings.Contains(toast.Text, "do not look after any more") {
			t.Errorf("a card of a channel that is not steered showed %+v", toast)
		}
		for _, a := range []bot.Address{at, {Telegram: ida}} {
			if got := w.chat(a).Schedule.String(); got != "08:00" {
				t.Errorf("chat %d has schedule %q, want it unchanged", a.Telegram, got)
			}
		}
		w.say(ida, "@harbourwire")
		if err := w.sim.SetMember(channel, ida, "administrator"); err != nil {
			t.Fatal(err)
		}
		w.say(ida, "@harbourwire")
		w.wants(w.say(ida, "/topics"), "📢 Harbour Wire", "You follow one topic")
		if err := w.sim.SetMember(channel, ida, "left"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.say(ida, "/subscribe wolves"), "may not post in Harbour Wire any more", "!📢", "!Following")
		if got := w.followsAt(at); got != "ferries" {
			t.Errorf("the channel follows %q, want ferries", got)
		}
	})
}

func (w *world) pressed(person, message int64, label string) simulator.Toast {
	w.t.Helper()
	id, err := w.sim.Press(person, person, message, labelled(label))
	if err != nil {
		w.t.Fatal(err)
	}
	w.settles()
	return w.toast(id)
}

func TestSteeringEndsAfterAnHourOfSilence(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("harbourwire")
		w.say(ida, "@harbourwire")
		w.skips(55 * time.Minute)
		w.wants(w.say(ida, "/subscribe ferries"), "📢 Harbour Wire")
		w.skips(55 * time.Minute)
		w.wants(w.say(ida, "/topics"), "📢 Harbour Wire", "one topic")
		w.skips(61 * time.Minute)
		w.wants(w.say(ida, "/subscribe wolves"), "An hour has passed: this is about your own chat again, not about Harbour Wire", "Following wolves", "!📢")
		w.wants(w.say(ida, "/topics"), "You follow one topic", "[wolves]", "!An hour")
		if got := w.followsAt(bot.Address{Telegram: channel}); got != "ferries" {
			t.Errorf("the channel follows %q, want ferries", got)
		}
	})
}

// TestAPressMeansWhatItsMessageIsAbout while a channel is steered, and after.
func TestAPressMeansWhatItsMessageIsAbout(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		first, second := w.channel("harbourwire"), w.channel("seconddock")
		own := w.say(ida, "/schedule")[0].MessageID
		w.say(ida, "@harbourwire")
		ofFirst := w.say(ida, "/schedule")[0].MessageID
		w.pressed(ida, own, "Weekend")
		w.pressed(ida, ofFirst, "12:00")
		w.say(ida, "@seconddock")
		ofSecond := w.say(ida, "/schedule")[0].MessageID
		if toast := w.pressed(ida, ofFirst, "20:00"); !toast.Alert {
			t.Error("a card of another channel than the one that is steered was not refused")
		}
		w.pressed(ida, ofSecond, "07:00")
		// a card whose first line was forged in a reader's own words is no channel's
		for at, want := range map[int64]string{ida: "08:00 weekend", first: "12:00", second: "07:00"} {
			if got := w.chat(bot.Address{Telegram: at}).Schedule.String(); got != want {
				t.Errorf("chat %d has schedule %q, want %q", at, got, want)
			}
		}
		// Telegram does not show us the message any more: it may have been about either
		w.inject("callback_query", fmt.Sprintf(`{"id":"123","from":{"id":%d,"is_bot":false,"first_name":"Ida"},"chat_instance":"1","data":"when:off",
			"message":{"message_id":%d,"date":0,"chat":{"id":%d,"type":"private"}}}`, ida, ofSecond, ida))
		if got := w.chat(bot.Address{Telegram: ida}).Schedule.String(); got != "08:00 weekend" {
			t.Errorf("a press under a message that cannot be seen set the schedule to %q", got)
		}
	})
}

func TestAChannelThatTakesRightsIsPausedAndItsAdminToldOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("harbourwire")
		at := bot.Address{Telegram: channel}
		w.say(ida, "@harbourwire")
		w.say(ida, "/subscribe ferries")
		before, beforeBen := w.last(ida), w.last(ben)
		if err := w.sim.Invite(ada, channel, simulator.Rights{Admin: true}); err != nil { // may not post
			t.Fatal(err)
		}
		w.settles()
		if got := w.chat(at).Paused; got != bot.PausedNoRights {
			t.Errorf("the channel is paused for %q, want %q", got, bot.PausedNoRights)
		}
		w.wants(w.since(ida, before), "I may not write in Harbour Wire any more")
		if err := w.sim.Invite(ada, channel, simulator.Rights{Admin: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if n := w.count(ida, "I may not write in"); n != 1 {
			t.Errorf("the admin was told %d times, want once", n)
		}
		w.letIn(channel)
		if got := w.chat(at).Paused; got != "" {
			t.Errorf("with its rights back the channel is paused for %q, want not", got)
		}
		w.wantsNothing(w.since(ben, beforeBen))
	})
}

func TestWhoMakesUsAdminOfAChannelIsToldWhatToDo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		before := w.last(ada)
		channel := w.channel("harbourwire")
		w.wants(w.since(ada, before), "I may post in Harbour Wire now", "forward a post of it")
		w.letIn(channel) // again, nothing new
		if n := w.count(ada, "I may post in"); n != 1 {
			t.Errorf("the admin was told %d times, want once", n)
		}
		w.wantsNothing(w.since(channel, 0))
	})
}

func TestAChannelIsForgottenFromOutside(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		channel := w.channel("harbourwire")
		w.say(ida, "/subscribe bread")
		w.say(ida, "@harbourwire")
		w.say(ida, "/subscribe ferries")
		w.wants(w.say(ida, "/forgetme"), "📢 Harbour Wire", "Shall I erase everything stored about this chat")
		w.wantsOne(w.press(ida, "Erase everything"), "📢 Harbour Wire", "is erased")
		if _, err := w.store.ChatAt(t.Context(), bot.Address{Telegram: channel}); err == nil {
			t.Error("the channel is still kept")
		}
		w.wantFollows(ida, "bread")
		w.wants(w.say(ida, "/topics"), "[bread]", "!📢")
		// and who steers may be forgotten, too
		w.say(ida, "@harbourwire")
		w.say(ida, "/start")
		w.say(ida, "/forgetme")
		w.press(ida, "Erase everything")
		if got := w.chat(bot.Address{Telegram: channel}).Keeper; got != 0 {
			t.Errorf("the channel keeps chat %d as its admin's, who was forgotten", got)
		}
	})
}
