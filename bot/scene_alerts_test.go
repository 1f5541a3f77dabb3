package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/digest"
)

func TestAStoryOfThreeHostsWithinAnHourComesAtOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/topics")
		w.wantsOne(w.press(ida, "ferries"), "[🔔 Alerts: off]", "!Alerts are on")
		w.wantsOne(w.press(ida, "🔔 Alerts: off"), "🔔 Alerts are on", "3 independent sources", "up to 3 a day", "[🔔 Alerts: on]")
		w.wantsOne(w.press(ida, "🔕 Mute"), "🔕 Muted", "Alerts are on, but none comes while the topic is muted", "[🔔 Alerts: on]")
		w.press(ida, "🔔 Unmute")
		w.wants(w.say(ida, "/topics"), "[🔔 ferries]")
		before := w.last(ida)
		w.breaks("ferries", 0, 1)
		w.skips(5 * time.Minute)
		w.breaks("ferries", 1, 2)
		w.wantsNothing(w.since(ida, before))
		w.breaks("ferries", 2, 3)
		if n := w.hosts(); n != 3 {
			t.Fatalf("%d hosts tell the story, want 3: the scene does not make one story", n)
		}
		alert := w.wantAlerts(ida, before, 1)
		w.wantsOne(alert, "🔔 ferries\nHarbour council orders two electric ferries\n", "38 million euros", "The Test Post · +2 sources · 5 min ago",
			"[❔ Why?][🔕 Stop these alerts]", "!📰")

		// the story does not come again, neither asked for nor at its time
		before = w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Nothing new")

		before = w.last(ida)
		w.press(ida, "❔ Why?")
		w.wants(w.since(ida, before), "Topic: ferries", "Found in the headline: ferries", "[👍 More like this]", "!« Back")
		w.wantsOne(w.message(ida, alert.MessageID), "🔔 ferries", "[❔ Why?][🔕 Stop these alerts]")
		w.press(ida, "🔕 Mute a source")
		w.press(ida, "« Back")
		w.wants(w.since(ida, before), "Topic: ferries")

		before = w.last(ida)
		w.press(ida, "🔕 Stop these alerts")
		w.wants(w.since(ida, before), "No more alerts of ferries", "[↩️ Undo]")
		w.wantsOne(w.message(ida, alert.MessageID), "🔔 ferries")
		ended := w.last(ida)
		w.press(ida, "🔕 Stop these alerts")
		w.wantsNothing(w.since(ida, ended)) // it was said
		w.press(ida, "↩️ Undo")
		w.wants(w.since(ida, before), "🔔 Alerts are on")
		w.wants(w.say(ida, "/latest"), "electric ferries")
		w.say(ida, "/unsubscribe ferries")
		before = w.last(ida)
		w.press(ida, "🔕 Stop these alerts")
		w.wants(w.since(ida, before), "You do not follow that topic any more")
	})
}

func TestWhatIsNoAlert(t *testing.T) {
	told := func(hosts ...string) func(*world) {
		return func(w *world) {
			for n, host := range hosts {
				said := breaking["ferries"][n%3]
				w.tells(host, said[0], said[1])
			}
		}
	}
	for name, c := range map[string]struct {
		chat  func(*world) // what the reader chose
		tells func(*world)
		want  int
	}{
		"three sources are":        {tells: told("one.example", "two.example", "three.example"), want: 1},
		"two sources are too few":  {tells: told("one.example", "two.example", "two.example")},
		"three hosts of one owner": {tells: told("news.one.example", "one.example", "sport.one.example")},
		"copies of one telling": {tells: func(w *world) {
			for n := range 5 {
				w.ferryOrder(fmt.Sprintf("copy%d.example", n))
			}
		}},
		"hosts that follow each other slowly": {tells: func(w *world) {
			for n := range 3 {
				w.breaks("ferries", n, n+1)
				w.skips(31 * time.Minute)
			}
		}},
		"a topic without alerts": {chat: func(w *world) {
			sub := w.sub(ida)
			if err := w.store.Alert(w.t.Context(), sub.Chat, sub.Topic, false); err != nil {
				w.t.Fatal(err)
			}
		}, tells: told("one.example", "two.example", "three.example")},
		"a muted topic": {chat: func(w *world) {
			sub := w.sub(ida)
			if err := w.store.Mute(w.t.Context(), sub.Chat, sub.Topic, true); err != nil {
				w.t.Fatal(err)
			}
		}, tells: told("one.example", "two.example", "three.example")},
		"a story outside the breadth": {chat: func(w *world) {
			w.say(ida, "/unsubscribe ferries")
			w.alerting(ida, "diesel")
			sub := w.sub(ida)
			if err := w.store.Broaden(w.t.Context(), sub.Chat, sub.Topic, digest.OnlyTitle); err != nil {
				w.t.Fatal(err)
			}
		}, tells: told("one.example", "two.example", "three.example")},
		"a language the chat does not read": {chat: func(w *world) {
			w.changes(ida, func(c *bot.Chat) { c.StoryLanguages = "de" })
		}, tells: told("one.example", "two.example", "three.example")},
		"a paused chat": {chat: func(w *world) { w.say(ida, "/pause") }, tells: told("one.example", "two.example", "three.example")},
		"a story that the chat has": {tells: func(w *world) {
			w.breaks("ferries", 0, 1)
			w.say(ida, "/digest")
			w.settles()
			w.breaks("ferries", 1, 3)
		}},
		"what surged while we were away for long": {tells: func(w *world) {
			w.breaks("ferries", 0, 2)
			w.stop()
			w.breaks("ferries", 2, 3)
			w.passes(4 * time.Hour)
			w.start()
			w.passes(3 * time.Second)
		}},
		"what surged while we were away for a while is": {tells: func(w *world) {
			w.breaks("ferries", 0, 2)
			w.stop()
			w.breaks("ferries", 2, 3)
			w.passes(time.Hour)
			w.start()
			w.passes(3 * time.Second)
		}, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				before := w.alerting(ida, "ferries")
				if c.chat != nil {
					c.chat(w)
					before = w.last(ida)
				}
				c.tells(w)
				w.passes(3 * time.Second)
				if n := w.hosts(); n < 2 {
					t.Errorf("%d hosts tell the story: the scene makes none of several", n)
				}
				w.wantAlerts(ida, before, c.want)
			})
		})
	}
}

func TestAMutedSourceConfirmsNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.breaks("comet", 0, 1) // the source is there
		w.web.put(gazette+"feed", document(gazette, "The Gazette", "Two electric ferries for the harbour: council places its order|"+breaking["ferries"][2][1]))
		for _, person := range []int64{ida, ben} {
			w.alerting(person, "ferries")
		}
		before := w.last(ida)
		if _, err := w.store.AddSources(t.Context(), []digest.Source{{Name: "The Gazette", Address: gazette + "feed", Language: "en"}}); err != nil {
			t.Fatal(err)
		}
		source, err := w.store.SourceAt(t.Context(), gazette+"feed", 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.store.MuteSource(t.Context(), w.chat(bot.Address{Telegram: ben}).ID, source.Source.ID, true); err != nil {
			t.Fatal(err)
		}
		w.breaks("ferries", 0, 2)
		w.collects()
		w.passes(3 * time.Second)
		w.wantAlerts(ida, before, 1)
		w.wantAlerts(ben, before, 0)
		w.skips(time.Minute)
		w.breaks("ferries", 3, 4)
		w.wantAlerts(ben, before, 1)
	})
}

func TestThreeAlertsADay(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries", "bread", "comet", "bridge")
		for n, topic := range []string{"ferries", "bread", "comet", "bridge"} {
			w.breaks(topic, 0, 3)
			w.passes(time.Second)
			w.wantAlerts(ida, before, min(n+1, 3))
		}
		last := w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, last), "🔹 bridge", "Arlen", "!ferries", "!Velkin", "!rye")

		// the next day in the reader's zone, three hours after ours
		w.changes(ida, func(c *bot.Chat) { c.Zone = "America/Sao_Paulo"; c.Schedule = bot.Schedule{} })
		w.skips(time.Until(time.Date(2026, 3, 17, 2, 30, 0, 0, time.UTC)))
		last = w.alerting(ida, "trams", "library")
		w.breaks("trams", 0, 3)
		w.wantAlerts(ida, last, 0)
		w.skips(time.Hour)
		w.breaks("library", 0, 3)
		w.wantAlerts(ida, last, 1)
	})
}

func TestAlertsObeyQuietHours(t *testing.T) {
	for name, c := range map[string]struct {
		quiet string
		want  int // alerts at their end
	}{
		"what is fresh at their end comes then":    {"07:25-09:00", 1},
		"what is not fresh is left to the edition": {"07:25-11:30", 0},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				before := w.alerting(ida, "ferries")
				w.changes(ida, func(chat *bot.Chat) { chat.Quiet = c.quiet })
				w.breaks("ferries", 0, 3)
				w.wantAlerts(ida, before, 0)
				end := c.quiet[6:]
				w.slot(end)
				w.wantAlerts(ida, before, c.want)
				w.say(ida, "/digest")
				w.settles()
				if n := w.count(ida, "electric ferries"); n != 1 {
					t.Errorf("the story came %d times, want once:%s", n, w.since(ida, before))
				}
			})
		})
	}
}

func TestAnAlertThatQuietHoursOvertakeIsToldAfterThem(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		before := w.alerting(ida, "ferries")
		w.changes(ida, func(c *bot.Chat) { c.Quiet = "07:35-08:30" })
		w.skips(3 * time.Minute)
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Count: 1, RetryAfter: 240})
		w.breaks("ferries", 0, 3) // 7:33 and some
		w.skips(5 * time.Minute)
		w.wantAlerts(ida, before, 0)
		w.slot("08:30")
		w.wantAlerts(ida, before, 1)
	})
}

func TestAnAlertIsBroughtUpToDate(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.breaks("ferries", 0, 3)
		alert := w.wantAlerts(ida, before, 1)
		now := func(texts ...string) { t.Helper(); w.wantsOne(w.message(ida, alert.MessageID), texts...) }
		now("+2 sources")
		w.breaks("ferries", 3, 6)
		w.skips(2 * time.Minute)
		now("+2 sources") // a moment ago it was sent
		w.skips(4 * time.Minute)
		now("🔔 ferries\nHarbour council orders two electric ferries\n", "+5 sources", "[❔ Why?][🔕 Stop these alerts]")
		w.breaks("ferries", 6, 9)
		w.skips(6 * time.Minute)
		now("+5 sources") // nine are no step
		w.breaks("ferries", 9, 24)
		w.skips(7 * time.Minute)
		now("+23 sources")
		w.breaks("ferries", 24, 30)
		w.skips(7 * time.Minute)
		if n := len(w.sim.History(ida, alert.MessageID)); n != 3 {
			t.Errorf("the alert was changed %d times, want twice: at five hosts and at twenty", n-1)
		}
		w.wantAlerts(ida, before, 1)
		if got := w.since(ida, before); len(got) != 1 {
			t.Errorf("the chat shows %d messages, want the alert alone:%s", len(got), got)
		}
		// that it has twice the sources it said: so many as the message says by now
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Nothing new", "!Update")
	})
}

func TestAnAlertedStoryThatChangesComesAsUpdate(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.breaks("ferries", 0, 3)
		w.wantAlerts(ida, before, 1)
		w.tells("ledger.example", "Harbour council orders two electric ferries: price rises to 52 million euros, says Bo Lund",
			"The price of the two electric ferries that the harbour council ordered on Monday rose to 52 million euros, says Bo Lund. They replace diesel boats built in 1991.")
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Update: Harbour council", "52 million")
		w.wantAlerts(ida, before, 1)
	})
}

func TestADeletedAlertIsNotToldAgain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.breaks("ferries", 0, 3)
		alert := w.wantAlerts(ida, before, 1)
		if err := w.sim.Delete(ida, alert.MessageID); err != nil {
			t.Fatal(err)
		}
		w.breaks("ferries", 3, 8)
		w.skips(7 * time.Minute)
		w.wantsNothing(w.since(ida, before))
		w.wantStates(map[bot.DeliveryState]int{bot.Sent: 2, bot.Dropped: 1})
	})
}

func TestAlertsEndWithWhatTheyWereFor(t *testing.T) {
	for name, ends := range map[string]func(*world){
		"alerts turned off": func(w *world) {
			sub := w.sub(ida)
			if err := w.store.Alert(w.t.Context(), sub.Chat, sub.Topic, false); err != nil {
				w.t.Fatal(err)
			}
		},
		"the topic removed": func(w *world) { w.say(ida, "/unsubscribe ferries") },
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("telegram asks to wait")
				before := w.alerting(ida, "ferries")
				w.say(ben, "/start")
				w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 60})
				w.breaks("ferries", 0, 3) // the alert waits on the shelf
				ends(w)
				w.skips(90 * time.Second)
				w.wantAlerts(ida, before, 0)
				if name == "alerts turned off" {
					w.say(ida, "/digest")
					w.settles()
					w.wants(w.since(ida, before), "📰", "electric ferries")
				}
			})
		})
	}
}

func TestABlockedReaderReadsLaterWhatAnAlertTold(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.log.expect("delivery ended")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1})
		w.breaks("ferries", 0, 3)
		w.wantAlerts(ida, before, 0)
		w.breaks("ferries", 3, 6)
		w.skips(2 * time.Minute)
		w.wantAlerts(ida, before, 0)
		w.say(ida, "/start")
		w.say(ida, "/digest")
		w.settles()
		if n := w.count(ida, "electric ferries"); n != 1 {
			t.Errorf("the story came %d times, want once:%s", n, w.since(ida, before))
		}
	})
}

func TestAHundredHostsAtOnceAreOneAlert(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.stop()
		w.breaks("ferries", 0, 100)
		w.start()
		w.passes(5 * time.Second)
		alert := w.wantAlerts(ida, before, 1)
		w.wantsOne(alert, "+99 sources")
		w.skips(7 * time.Minute)
		if n := len(w.sim.History(ida, alert.MessageID)); n != 1 {
			t.Errorf("the alert was changed %d times, want not", n-1)
		}
	})
}

func TestAStoryOfFiftyTopicsIsOneAlert(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		topics := []string{"ferries", "electric ferries", "harbour council"}
		for n := len(topics); n < bot.MaxTopics; n++ {
			topics = append(topics, fmt.Sprintf("ferries -nothing%d", n))
		}
		w.alerting(ida, topics[:25]...)
		before := w.alerting(ida, topics[25:]...)
		w.breaks("ferries", 0, 3)
		w.passes(2 * time.Second)
		w.wantAlerts(ida, before, 1)
	})
}

func TestAnAlertSurvivesARestartAndACrash(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("on the wire when we stopped")
		before := w.alerting(ida, "ferries")
		w.log.expect("telegram asks to wait")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Count: 1, RetryAfter: 60})
		w.breaks("ferries", 0, 3)
		w.stop()
		waiting, err := w.store.WaitingDeliveries(t.Context(), time.Now().Add(time.Hour), 9)
		if err != nil || len(waiting) != 1 || waiting[0].Kind != bot.AlertDelivery {
			t.Fatalf("WaitingDeliveries = %v, %v; want the alert", waiting, err)
		}
		if err := w.store.StartDelivery(t.Context(), waiting[0].ID); err != nil { // killed between send and record
			t.Fatal(err)
		}
		w.start()
		w.skips(time.Minute)
		w.wantAlerts(ida, before, 1)
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Nothing new")
	})
}

func TestAlertsInThreadsAndChannels(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/subscribe ferries"})
		channel := w.channel("harbourwire")
		w.say(ida, "@harbourwire")
		w.say(ida, "/subscribe ferries")
		w.alertsOn(bot.Address{Telegram: forum, Thread: boats})
		w.alertsOn(bot.Address{Telegram: channel})
		inForum, inChannel := w.last(forum), w.last(channel)
		w.breaks("ferries", 0, 3)
		alert := w.wantAlerts(forum, inForum, 1)
		if alert.ThreadID != boats {
			t.Errorf("the alert came in thread %d, want %d", alert.ThreadID, boats)
		}
		w.wantsOne(alert, "[🔕 Stop these alerts]")
		post := w.wantAlerts(channel, inChannel, 1)
		w.wantsOne(post, "![") // a press there would be anybody's
		id, err := w.sim.Press(ben, forum, alert.MessageID, labelled("🔕 Stop these alerts"))
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		if toast := w.toast(id); !strings.Contains(toast.Text, "Only admins") {
			t.Errorf("a member who turns alerts off is told %q", toast.Text)
		}
	})
}

func TestAnAlertOfATopicThatWasEditedSinceIsStillItsAlert(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.alerting(ida, "ferries")
		w.breaks("ferries", 0, 3)
		alert := w.wantAlerts(ida, before, 1)
		w.say(ida, "/topics")
		w.press(ida, "🔔 ferries")
		w.press(ida, "✏️ Edit")
		w.say(ida, "electric ferries")
		w.breaks("ferries", 3, 6)
		w.skips(7 * time.Minute)
		w.wantsOne(w.message(ida, alert.MessageID), "🔔 ferries", "+5 sources", "[🔕 Stop these alerts]")
		last := w.last(ida)
		w.press(ida, "🔕 Stop these alerts")
		w.wants(w.since(ida, last), "No more alerts of electric ferries", "[↩️ Undo]")
		if w.sub(ida).Alerts {
			t.Error("alerts are still on")
		}
		w.press(ida, "↩️ Undo")
		if !w.sub(ida).Alerts {
			t.Error("alerts did not come back")
		}
	})
}

func TestEditingATopicKeepsItsAlerts(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.alerting(ida, "boats")
		w.say(ida, "/topics")
		w.press(ida, "🔔 boats")
		w.press(ida, "✏️ Edit")
		w.say(ida, "ferries")
		before := w.last(ida)
		w.breaks("ferries", 0, 3)
		w.wantAlerts(ida, before, 1)

		w.say(ida, "/export")
		w.settles()
		files := w.files(ida, before)
		if want := `type="topic" text="ferries" alerts="true"`; !strings.Contains(files[".opml"], want) {
			t.Errorf("the list does not hold %s:\n%s", want, files[".opml"])
		}
		if want := `"alerts": [`; !strings.Contains(files[".json"], want) {
			t.Errorf("what is stored lacks the alert:\n%s", files[".json"])
		}
		w.send(ben, "mine.opml", files[".opml"])
		if !w.sub(ben).Alerts {
			t.Error("what was imported has no alerts")
		}
	})
}
