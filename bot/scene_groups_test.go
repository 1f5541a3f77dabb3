package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/digest"
)

// group makes a group with Ada as admin and Ida as member, and invites the bot.
func (w *world) group(g simulator.Group) int64 {
	w.t.Helper()
	g.Title, g.Admins, g.Members = "Harbour watchers", []int64{ada}, []int64{ida, ben}
	id := w.sim.AddGroup(g)
	if err := w.sim.Invite(ada, id, simulator.Rights{Send: true}); err != nil {
		w.t.Fatal(err)
	}
	w.settles()
	return id
}

func TestInGroupsOnlyAdminsMayChange(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		group := w.group(simulator.Group{})
		at := bot.Address{Telegram: group}
		in := func(from int64, text string) shown {
			return w.post(simulator.Post{Chat: group, From: from, Text: text})
		}

		w.wants(in(ada, "/start"), "topics for this group", "/subscribe", "!just type your own")
		w.wants(in(ada, "/subscribe ferries, bread"), "Following 2 topics")
		for _, text := range []string{"/start", "/subscribe wolves", "/unsubscribe ferries", "/digest", "/schedule off", "/timezone Tokyo", "/pause", "/resume", "/forgetme"} {
			w.wants(in(ida, text), "Only admins of this group may change that", "!Following")
		}
		w.wants(in(ida, "/latest ferries"), "electric ferries")
		w.wants(in(ida, "/topics"), "You follow 2 topics")
		w.wants(in(ida, "/help@tidings_bot"), "/subscribe topic", "!/broadcast")

		w.passes(time.Minute) // whoever asks that much must wait

		// a press of somebody who may not is refused with an alert
		before := w.last(group)
		w.pressIn(ida, group, "bread") // looking is free
		for _, data := range []string{"drop:1", "mute:1", "edit:1", "follow:0:wolves", "when:off", "where:Asia/Tokyo", "resume:", "forget:yes"} {
			if toast := w.forge(ida, group, data); !toast.Alert || !strings.Contains(toast.Text, "Only admins") {
				t.Errorf("the press of %q by a member showed %+v, want an alert that only admins may", data, toast)
			}
		}
		m := w.pressIn(ida, group, "🔕 Mute")
		w.wantsOne(m, "Stories about it come in your digest")
		if got := w.followsAt(at); got != "ferries, bread" {
			t.Errorf("after presses of a member the group follows %q, want ferries, bread", got)
		}
		w.wantsNothing(w.since(group, before))
		w.pressIn(ada, group, "🔕 Mute")
		if got := w.followsAt(at); got != "ferries, bread (muted)" {
			t.Errorf("after the press of an admin the group follows %q, want bread muted", got)
		}
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}

func TestAGroupsTalkIsNotAnswered(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		group := w.group(simulator.Group{})
		for _, text := range []string{"ferries", "hello @tidings_bot", "/weather", "/subscribe@other_bot x", "/broadcast hello", "/"} {
			w.wantsNothing(w.post(simulator.Post{Chat: group, From: ida, Text: text}))
		}
		w.wants(w.post(simulator.Post{Chat: group, From: ida, Text: "/weather@tidings_bot"}), "I do not know that command")
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ada, Text: "/broadcast hello"})) // the group must not learn who is an admin of the bot
		w.wants(w.post(simulator.Post{Chat: group, From: ada, Text: "/help@tidings_bot"}), "/subscribe", "!broadcast", "!/ban")
		answer := w.post(simulator.Post{Chat: group, From: ida, Text: "/latest ferries"})
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ida, Text: "nice boats!", ReplyTo: answer[0].MessageID}))
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}

func TestInGroupsAReplyGivesTheNewWords(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		at := bot.Address{Telegram: group}
		asked := w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})[0].MessageID
		w.wantsOne(w.pressIn(ada, group, "✏️ Edit"), "What shall ferries become? Reply to this message")
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ada, Text: "bread is good"}))
		w.wants(w.post(simulator.Post{Chat: group, From: ida, Text: "wolves", ReplyTo: asked}), "Only admins of this group")
		w.wants(w.post(simulator.Post{Chat: group, From: ada, Text: "bread", ReplyTo: asked}), "✅ Changed ferries to bread")
		if got := w.followsAt(at); got != "bread" {
			t.Errorf("the group follows %q, want bread", got)
		}
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}

func TestAnAdminWhoWritesAsTheGroupMayChangeIt(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{Type: "supergroup"})
		post := func(sender int64) shown {
			before := w.last(group)
			w.inject("message", fmt.Sprintf(`{"message_id":500,"date":%s,"chat":{"id":%d,"type":"supergroup","title":"x"},
				"from":{"id":1087968824,"is_bot":true,"first_name":"Group","username":"GroupAnonymousBot"},
				"sender_chat":{"id":%d,"type":"supergroup","title":"x"},"text":"/subscribe ferries"}`, unix(time.Now()), group, sender))
			return w.since(group, before)
		}
		w.wantsNothing(post(-1009999999999)) // a channel that was linked or a stranger's
		w.wants(post(group), "✅ Following ferries")
	})
}

func TestAForumThreadIsAChatOfItsOwn(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		bread, err := w.sim.AddTopic(forum, "Bread")
		if err != nil {
			t.Fatal(err)
		}
		in := func(thread int64, text string) shown {
			got := w.post(simulator.Post{Chat: forum, Thread: thread, From: ada, Text: text})
			for _, m := range got {
				if m.ThreadID != thread {
					t.Errorf("the answer to %q in thread %d came in thread %d", text, thread, m.ThreadID)
				}
			}
			return got
		}
		w.wants(in(boats, "/subscribe ferries"), "Following ferries", "📰")
		w.wants(in(bread, "/subscribe bread"), "Following bread", "📰")
		w.wants(in(0, "/topics"), "You follow nothing yet")
		for thread, want := range map[int64]string{boats: "ferries", bread: "bread", 0: ""} {
			if got := w.followsAt(bot.Address{Telegram: forum, Thread: thread}); got != want {
				t.Errorf("thread %d follows %q, want %q", thread, got, want)
			}
		}
		// a deleted thread is paused, the others go on
		w.sim.DeleteTopic(forum, boats)
		c := w.chat(bot.Address{Telegram: forum, Thread: boats})
		if err := w.store.Notify(t.Context(), c.ID, words("hello?"), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.log.expect("thread not found")
		if got := w.chat(bot.Address{Telegram: forum, Thread: boats}).Paused; got != bot.PausedNoThread {
			t.Errorf("the deleted thread is paused for %q, want %q", got, bot.PausedNoThread)
		}
		if got := w.chat(bot.Address{Telegram: forum, Thread: bread}).Paused; got != "" {
			t.Errorf("the thread beside it is paused for %q, want not", got)
		}
	})
}

func TestAGroupThatMovesKeepsEverything(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/schedule 07:40"})
		moved, err := w.sim.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		if got := w.followsAt(bot.Address{Telegram: moved}); got != "ferries" {
			t.Errorf("after the move the group follows %q, want ferries", got)
		}
		if _, err := w.store.ChatAt(t.Context(), bot.Address{Telegram: group}); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("ChatAt(the old id) = %v, want not found", err)
		}
		w.ferries()
		w.slot("07:40")
		w.wants(w.since(moved, 0), "📰 Monday", "electric ferries")
	})
}

func TestADeliveryFollowsAGroupThatMovedUnseen(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})
		c := w.chat(bot.Address{Telegram: group})
		w.stop() // the service messages of the move get lost
		moved, err := w.sim.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		w.passes(25 * time.Hour)
		if err := w.store.Notify(t.Context(), c.ID, words("are you there?"), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.settles()
		w.wants(w.since(moved, 0), "are you there?")
		if got := w.chat(bot.Address{Telegram: moved}).ID; got != c.ID {
			t.Errorf("the chat at the new id is %d, want %d", got, c.ID)
		}
	})
}

func TestAKickedBotPausesAndComesBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		at := bot.Address{Telegram: group}
		w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})
		if err := w.sim.Kick(ada, group); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if got := w.chat(at).Paused; got != bot.PausedGone {
			t.Errorf("after a kick the group is paused for %q, want %q", got, bot.PausedGone)
		}
		if err := w.sim.Invite(ada, group, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if got := w.chat(at).Paused; got != "" {
			t.Errorf("back in the group it is paused for %q, want not", got)
		}
		if got := w.followsAt(at); got != "ferries" {
			t.Errorf("back in the group it follows %q, want ferries", got)
		}
	})
}

func TestAMutedBotPausesTheGroup(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		at := bot.Address{Telegram: group}
		w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})
		if err := w.sim.Invite(ada, group, simulator.Rights{}); err != nil { // restricted: may not write
			t.Fatal(err)
		}
		w.settles()
		w.post(simulator.Post{Chat: group, From: ada, Text: "/topics"})
		if got := w.chat(at).Paused; got == "" {
			t.Errorf("a group where the bot may not write is not paused")
		}
	})
}

func TestANewGroupIsGreetedOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		w.wants(w.since(group, 0), "I follow topics for this group", "only admins can change anything", "[🌍 World]")
		if err := w.sim.Invite(ada, group, simulator.Rights{Admin: true}); err != nil { // promoted
			t.Fatal(err)
		}
		w.settles()
		if err := w.sim.Invite(ada, group, simulator.Rights{Send: true}); err != nil { // and demoted
			t.Fatal(err)
		}
		w.settles()
		if err := w.sim.Kick(ada, group); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if err := w.sim.Invite(ada, group, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if n := w.count(group, "I follow topics for this group"); n != 1 {
			t.Errorf("the group was greeted %d times, want once", n)
		}
		// the buttons of the greeting are for admins
		var id int64
		for _, m := range w.since(group, 0) {
			id = m.MessageID
		}
		press, err := w.sim.Press(ida, group, id, labelled("🌍 World"))
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		if toast := w.toast(press); !toast.Alert {
			t.Error("a member could follow a topic for the group")
		}
		w.wantsOne(w.pressIn(ada, group, "🌍 World"), "✅ Following world")
	})
}

func TestAGroupThatTakesRightsIsPausedAndItsAdminToldOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.say(ida, "/start")
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, From: ada, Text: "/subscribe bread"})
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/subscribe ferries"})
		before := w.last(ada)
		if err := w.sim.Invite(ida, forum, simulator.Rights{}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.post(simulator.Post{Chat: forum, From: ada, Text: "/topics@tidings_bot"}) // cannot be answered, and is not told of again
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/topics@tidings_bot"})
		w.wants(w.since(ada, before), "I may not write in Harbour watchers any more")
		if n := w.count(ada, "I may not write in") + w.count(ida, "I may not write in") + w.count(ben, "I may not"); n != 1 {
			t.Errorf("people were told %d times, want once", n)
		}
		for _, thread := range []int64{0, boats} {
			if got := w.chat(bot.Address{Telegram: forum, Thread: thread}).Paused; got != bot.PausedNoRights {
				t.Errorf("thread %d is paused for %q, want %q", thread, got, bot.PausedNoRights)
			}
		}
		if err := w.sim.Invite(ada, forum, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		for _, thread := range []int64{0, boats} {
			if got := w.chat(bot.Address{Telegram: forum, Thread: thread}).Paused; got != "" {
				t.Errorf("with rights back thread %d is paused for %q, want not", thread, got)
			}
		}
	})
}

// TestADigestFindsOutThatRightsAreLost by being refused: Telegram does not tell
// the bot when a group takes everybody's right to write.
func TestADigestFindsOutThatRightsAreLost(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("not enough rights")
		w.say(ada, "/start")
		group := w.group(simulator.Group{Type: "supergroup"})
		at := bot.Address{Telegram: group}
		w.post(simulator.Post{Chat: group, From: ada, Text: "/subscribe ferries"})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/schedule 07:40 07:45"})
		w.ferries()
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultNoRights, Methods: []string{"sendMessage"}, Chats: []int64{group}, Count: 2})
		before := w.last(ada)
		w.slot("07:40")
		w.wants(w.since(ada, before), "I may not write in Harbour watchers any more")
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ada, Text: "/topics"})) // refused once more
		if got, n := w.chat(at).Paused, w.count(ada, "I may not write"); got != bot.PausedNoRights || n != 1 {
			t.Errorf("the group is paused for %q and its admin was told %d times, want %q and once", got, n, bot.PausedNoRights)
		}
		w.wants(w.post(simulator.Post{Chat: group, From: ada, Text: "/topics"}), "You follow one topic") // the right is back
		if got := w.chat(at).Paused; got != "" {
			t.Errorf("after an answer came through the group is paused for %q, want not", got)
		}
	})
}

func TestAClosedThreadIsToldOnceAndComesBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("TOPIC_CLOSED")
		w.say(ada, "/start")
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		at := bot.Address{Telegram: forum, Thread: boats}
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/subscribe ferries"})
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/schedule 07:40 07:50"})
		w.ferries()
		w.sim.CloseTopic(forum, boats)
		before := w.last(ada)
		w.slot("07:40")
		w.wants(w.since(ada, before), "A thread of Harbour watchers that I posted digests in is closed or deleted")
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/topics"})
		if n := w.count(ada, "A thread of"); n != 1 {
			t.Errorf("the admin was told %d times, want once", n)
		}
		if got := w.chat(at).Paused; got != bot.PausedNoThread {
			t.Errorf("the thread is paused for %q, want %q", got, bot.PausedNoThread)
		}
		if got := w.chat(bot.Address{Telegram: forum}).Paused; got != "" {
			t.Errorf("the rest of the forum is paused for %q, want not", got)
		}
		if err := w.sim.ReopenTopic(forum, boats); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if got := w.chat(at).Paused; got != "" {
			t.Errorf("open again the thread is paused for %q, want not", got)
		}
	})
}

func TestWhereNobodyCanBeToldOfAThreadTheGroupIs(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("thread not found")
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true}) // Ada never wrote to the bot alone
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/subscribe ferries"})
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/schedule 07:40"})
		w.ferries()
		w.sim.DeleteTopic(forum, boats)
		before := w.last(forum)
		w.slot("07:40")
		got := w.since(forum, before)
		w.wants(got, "A thread of Harbour watchers")
		if len(got) != 1 || got[0].ThreadID != 0 {
			t.Errorf("want one message in the General thread, got:%s", got)
		}
	})
}

func TestAllThreadsWakeWhenTheBotIsBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		bread, err := w.sim.AddTopic(forum, "Bread")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/subscribe ferries"})
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/schedule 07:40"})
		w.post(simulator.Post{Chat: forum, Thread: bread, From: ada, Text: "/subscribe bread"})
		w.post(simulator.Post{Chat: forum, Thread: bread, From: ada, Text: "/pause"})
		if err := w.sim.Kick(ada, forum); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if err := w.sim.Invite(ada, forum, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		for thread, want := range map[int64]bot.PauseReason{0: "", boats: ""} {
			if got := w.chat(bot.Address{Telegram: forum, Thread: thread}).Paused; got != want {
				t.Errorf("back in the forum thread %d is paused for %q, want %q", thread, got, want)
			}
		}
		w.ferries()
		before := w.last(forum)
		w.slot("07:40")
		w.wants(w.since(forum, before), "electric ferries", "!rye bread")
	})
}

func TestEachThreadHasSettingsOfItsOwn(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/quiet 22-7"})
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/schedule 18:00"})
		w.post(simulator.Post{Chat: forum, From: ada, Text: "/quiet 23-8"})
		for thread, want := range map[int64]string{0: "23:00-08:00 08:00", boats: "22:00-07:00 18:00"} {
			c := w.chat(bot.Address{Telegram: forum, Thread: thread})
			if got := c.Quiet + " " + c.Schedule.String(); got != want {
				t.Errorf("thread %d has %q, want %q", thread, got, want)
			}
		}
	})
}

func TestAGroupThatMovesKeepsItsSettings(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		group := w.group(simulator.Group{})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/quiet 22-7"})
		w.post(simulator.Post{Chat: group, From: ada, Text: "/settings"})
		for _, data := range []string{"set:length:full", "set:empty:on", "set:news:off", "set:preview:on", "set:read:de"} {
			w.forge(ada, group, data)
		}
		before := w.chat(bot.Address{Telegram: group})
		moved, err := w.sim.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		after := w.chat(bot.Address{Telegram: moved})
		if after.Settings != before.Settings || after.Keeper == 0 || after.Keeper != before.Keeper || after.Title != before.Title || after.ID != before.ID {
			t.Errorf("after the move the group is %+v, before it was %+v", after, before)
		}
	})
}

func TestHelpSaysWhatHoldsWhereItIsAsked(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/help"), "Topics and headlines\n/subscribe topic", "When digests come\n/schedule", "/quiet 22:00-07:00 – ", "/settings – ",
			"Anything else you type is searched at once", "To post in a channel", "!/broadcast", "!For admins")
		w.wants(w.say(ada, "/help"), "For admins of the bot\n/broadcast")
		group := w.group(simulator.Group{})
		w.wants(w.post(simulator.Post{Chat: group, From: ida, Text: "/help"}), "only admins of this group can change", "!Anything else you type")
	})
}
