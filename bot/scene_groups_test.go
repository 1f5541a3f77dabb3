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

		w.wants(in(ada, "/subscribe ferries, bread"), "Following 2 topics")
		for _, text := range []string{"/start", "/subscribe wolves", "/unsubscribe ferries", "/digest", "/schedule off", "/timezone Tokyo", "/pause", "/resume", "/forgetme"} {
			w.wants(in(ida, text), "Only admins of this group may change that", "!Following")
		}
		w.wants(in(ida, "/latest ferries"), "electric ferries")
		w.wants(in(ida, "/topics"), "You follow 2 topics")
		w.wants(in(ida, "/help@tidings_bot"), "/subscribe topic", "!/broadcast")

		// a press of somebody who may not is refused with an alert
		before := w.last(group)
		w.pressIn(ida, group, "bread") // looking is free
		for _, data := range []string{"drop:1", "mute:1", "edit:1", "follow:0:wolves", "when:off", "where:Asia/Tokyo", "resume:", "forget:yes"} {
			if toast := w.forge(ida, group, data); !toast.Alert || !strings.Contains(toast.Text, "Only admins") {
				t.Errorf("the press of %q by a member showed %+v, want an alert that only admins may", data, toast)
			}
		}
		m := w.pressIn(ida, group, "🔕 Mute")
		w.wantsOne(m, "Its stories come in your digest")
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
		w.wants(w.post(simulator.Post{Chat: group, From: ada, Text: "/broadcast hello"}), "in our private chat")
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
		w.wants(w.post(simulator.Post{Chat: group, From: ada, Text: "bread", ReplyTo: asked}), "✅ Following bread")
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
