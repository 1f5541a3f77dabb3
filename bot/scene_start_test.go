package bot_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
)

func TestStartIsThreeTapsInOneMessage(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publish("World leaders meet in Oslo", "World leaders met in Oslo on Monday to talk about fishing. A second round follows in May.")
		greeting := w.say(ida, "/start")
		w.wants(greeting, "Tidings follows topics", "just type", "[🌍 World][💻 Technology]", "[🌱 Climate][⚽ Sport]")
		w.wantsOne(w.press(ida, "🌍 World"), "Following world", "At what time", "[07:00][08:00][12:00]")
		w.wantsOne(w.press(ida, "18:00"), "every day at 18:00", "Which time zone", "I guessed UTC")
		w.wantsOne(w.press(ida, "London 07:30"), "All set", "every day at 18:00 (London, UTC)",
			"• Monday, 16 March, 18:00", "• Tuesday, 17 March, 18:00", "[My topics]")

		if said := w.sim.History(ida, greeting[0].MessageID); len(said) != 4 {
			t.Errorf("the message of /start said %d things, want 4: greeting, time, zone, done", len(said))
		}
		edition := w.since(ida, greeting[0].MessageID)
		w.wants(edition, "Monday, 16 March · 1 topic", "World leaders meet in Oslo", "!Tidings follows")
		if len(edition) != 1 {
			t.Errorf("after /start and three taps there are %d further messages, want the first edition alone:%s", len(edition), edition)
		}
		if c := w.chat(bot.Address{Telegram: ida}); c.Zone != "Europe/London" || !c.ZoneSet || c.Schedule.String() != "18:00" {
			t.Errorf("the chat has zone %s (set: %t), schedule %s; want Europe/London (true), 18:00", c.Zone, c.ZoneSet, c.Schedule)
		}
	})
}

func TestWhoeverTypesInsteadOfTappingGoesTheSameWay(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/start")
		w.wants(w.say(ida, "ferries"), "Headlines: ferries", "electric ferries", "[➕ Follow “ferries”]")
		w.wantsOne(w.press(ida, "➕ Follow “ferries”"), "Following ferries", "At what time", "[08:00]")
		w.wantsOne(w.press(ida, "07:00"), "Which time zone")
		w.wantsOne(w.press(ida, "UTC 07:30"), "All set", "every day at 07:00 (UTC)", "Tuesday, 17 March, 07:00")
		w.wantFollows(ida, "ferries")
		// from the second topic on, following is one tap
		w.say(ida, "bread")
		w.wantsOne(w.press(ida, "➕ Follow “bread”"), "Following bread", "!At what time", "[↩️ Undo]")
	})
}

func TestADeepLinkFollowsItsTopic(t *testing.T) {
	for link, want := range map[string]string{
		"t_north_korea": "north korea",
		"t_ferries":     "ferries",
	} {
		t.Run(link, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.wants(w.say(ida, "/start "+link), "Following "+want, "Undo")
				w.wantFollows(ida, want)
			})
		})
	}
	for link, want := range map[string]string{
		"t_":        "What shall I follow",
		"t____":     "What shall I follow",
		"something": "Tidings follows topics",
	} {
		t.Run(link, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.wants(w.say(ida, "/start "+link), want)
				w.wantFollows(ida, "")
			})
		})
	}
}

func TestStartAgainWelcomesBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries, bread")
		w.wants(w.say(ida, "/start"), "Welcome back", "2 topics", "every day at 08:00 (UTC)", "[My topics]", "!World")
		w.wantsOne(w.press(ida, "My topics"), "You follow 2 topics", "[ferries][bread]")
	})
}

func TestABlockPausesAndStartResumes(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		if err := w.sim.Block(ida); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if c := w.chat(bot.Address{Telegram: ida}); c.Paused != bot.PausedBlocked {
			t.Errorf("after a block the chat is paused for %q, want %q", c.Paused, bot.PausedBlocked)
		}
		w.publish("New ferries arrive early", "Both new ferries arrived a week early. Their first trip is on Sunday.")
		w.skips(time.Hour) // the slot at 8:00 passes
		before := w.last(ida)
		if err := w.sim.Unblock(ida); err != nil {
			t.Fatal(err)
		}
		w.wants(w.say(ida, "/start"), "Welcome back", "one topic")
		if c := w.chat(bot.Address{Telegram: ida}); c.Paused != "" {
			t.Errorf("after /start the chat is paused for %q, want not", c.Paused)
		}
		w.settles()
		// the edition that was missed comes late, once
		w.wants(w.since(ida, before), "arrive early")
	})
}

// TestAnEditionThatABlockRefusedIsInTheOneAfterIt blocks the bot just before an
// edition, so that Telegram refuses it.
func TestAnEditionThatABlockRefusedIsInTheOneAfterIt(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("delivery ended")
		w.say(ida, "/subscribe ferries")
		w.ferries()
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1})
		w.slot("08:00")
		if c := w.chat(bot.Address{Telegram: ida}); c.Paused != bot.PausedBlocked {
			t.Fatalf("after a refusal the chat is paused for %q, want %q", c.Paused, bot.PausedBlocked)
		}
		before := w.last(ida)
		w.skips(time.Hour)
		w.publish("New ferries arrive early", "Both new ferries arrived a week early. Their first trip is on Sunday.")
		w.wants(w.say(ida, "/start"), "Welcome back")
		w.passes(5 * time.Second)
		got := w.since(ida, before)
		w.wants(got, "electric ferries", "arrive early")
		if len(got) != 2 {
			t.Errorf("there came %d messages, want the welcome and one edition:%s", len(got), got)
		}
	})
}

func TestAChatTakenForGoneSpeaksAgain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		for _, why := range []bot.PauseReason{bot.PausedGone, bot.PausedNotFound, bot.PausedNoRights, bot.PausedBlocked} {
			if _, err := w.store.PauseTelegramChat(t.Context(), ida, nil, why, time.Now()); err != nil {
				t.Fatal(err)
			}
			w.wants(w.say(ida, "/topics"), "one topic")
			if c := w.chat(bot.Address{Telegram: ida}); c.Paused != "" {
				t.Errorf("a chat that spoke is paused for %q, want not", c.Paused)
			}
		}
	})
}

func TestAChatWithoutTopicsStillGetsItsFirstEditionAtOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/timezone Berlin")
		w.say(ida, "/schedule 08:45")
		w.wantsNothing(func() shown {
			before := w.last(ida)
			w.slot("08:45")
			return w.since(ida, before)
		}())
		w.wants(w.say(ida, "/subscribe ferries"), "Following ferries", "📰 Monday, 16 March", "electric ferries")
	})
}

func TestEveryCommandWorksInAnyCaseAndWithTheBotsName(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for _, text := range []string{"/help", "/HELP", "/Help", "/help@tidings_bot", "/help@Tidings_Bot", "/help please", "/help\nplease"} {
			if got := w.say(ida, text); !strings.Contains(got.String(), "What I can do") {
				t.Errorf("say(%q) shows:%s\nwant the table of commands", text, got)
			}
		}
		for _, text := range []string{"/help@other_bot", "/subscribe@other_bot ferries"} {
			if got := w.say(ida, text); len(got) != 0 {
				t.Errorf("say(%q), which is for another bot, shows:%s", text, got)
			}
		}
		w.wants(w.say(ida, "/fly me"), "I do not know that command", "/help")
	})
}

func TestHelpListsWhatEachMayUse(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/help"), "/start", "/subscribe topic", "/schedule 08:00 18:30 weekdays", "/forgetme", "!/broadcast")
		w.wants(w.say(ada, "/help"), "/start", "/broadcast text")
	})
}

func TestTheMenuIsSetForReadersAndAdmins(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("admin's menu not set") // Ada has not written yet
		for range 2 {
			if err := w.bot.ShowMenu(t.Context()); err != nil {
				t.Fatalf("ShowMenu() = %v", err)
			}
		}
		var readers []telegram.Command
		set := map[string]int{} // by language code
		for _, c := range w.sim.Evidence().Calls {
			if c.Method != "setMyCommands" || c.Status != 200 {
				continue
			}
			code := c.Params["language_code"]
			set[code]++
			if strings.Contains(c.Params["scope"], `"default"`) && code == "" {
				if err := json.Unmarshal([]byte(c.Params["commands"]), &readers); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(readers) < 13 || readers[0].Command != "start" || slices.ContainsFunc(readers, func(c telegram.Command) bool { return c.Command == "broadcast" }) {
			t.Errorf("the menu of readers is %v, want the commands of readers", readers)
		}
		catalog, err := bot.LoadCatalog()
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range catalog.Languages() {
			code := lang
			if lang == "en" {
				code = "" // for all who have no catalog of their own
			}
			if set[code] != 1 {
				t.Errorf("ShowMenu twice set the menu of %q %d times, want that of readers once: no admin has a chat yet", code, set[code])
			}
		}
		if len(set) != len(catalog.Languages()) {
			t.Errorf("ShowMenu set menus in %v, want one for each of %v", set, catalog.Languages())
		}
		w.say(ada, "/start")
		if !slices.ContainsFunc(w.sim.Evidence().Calls, func(c simulator.Call) bool {
			return c.Method == "setMyCommands" && c.Status == 200 && c.ChatID == 0 &&
				strings.Contains(c.Params["scope"], `"chat_id":90`) && strings.Contains(c.Params["commands"], "broadcast")
		}) {
			t.Error("the /start of an admin did not set the menu with /broadcast")
		}
	})
}

// TestWhatWasSaidLongAgo: after a day in which the bot was down, what says what
// is wanted is done, and what only asked to be shown something is not: those who
// asked are told so, once.
func TestWhatWasSaidLongAgo(t *testing.T) {
	const sorry = "I was away for a while"
	for text, want := range map[string]string{
		"ferries":            sorry,
		"/latest":            sorry,
		"/latest ferries":    sorry,
		"/topics":            sorry,
		"/digest":            sorry,
		"/subscribe":         sorry,
		"/schedule":          sorry,
		"/start":             "Tidings follows topics",
		"/start t_ferries":   "Following ferries",
		"/subscribe ferries": "Following ferries",
		"/schedule 7:15":     "every day at 07:15",
		"/pause":             "Paused",
		"/forgetme":          "[Erase",
	} {
		t.Run(text, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.ferries()
				w.say(ida, "/help")
				w.stop()
				for range 3 {
					if _, err := w.sim.Post(simulator.Post{From: ida, Text: text, Date: time.Now().Add(-23 * time.Hour)}); err != nil {
						t.Fatal(err)
					}
				}
				before := w.last(ida)
				w.start()
				w.settles()
				got := w.since(ida, before)
				w.wants(got, want)
				if want == sorry && len(got) != 1 {
					t.Errorf("three old questions got %d messages, want one:%s", len(got), got)
				}
			})
		})
	}
}

func TestOldQuestionsAreNotCountedAndNotAnsweredInGroups(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		w.say(ida, "/help")
		w.stop()
		for range 50 {
			for _, where := range []int64{ida, group} {
				if _, err := w.sim.Post(simulator.Post{Chat: where, From: ida, Text: "/topics", Date: time.Now().Add(-20 * time.Hour)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		before, here := w.last(ida), w.last(group)
		w.start()
		w.settles()
		w.wants(w.since(ida, before), "I was away for a while")
		w.wantsNothing(w.since(group, here))
		w.wants(w.say(ida, "/topics"), "You follow nothing yet")
	})
}
