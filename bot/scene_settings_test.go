package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/digest"
	"tidings/digest/feed"
)

func TestTheScreenOfSettingsEditsItself(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		card := w.say(ida, "/settings")
		w.wants(card, "Length: Short, up to 35 words a story, 5 stories a topic, 20 in all", "Quiet hours: none", "without stories: I stay silent",
			"Announcements: on", "first story: off", "Stories in: English", "Digest: every day at 08:00 (UTC)",
			"[Headlines][✓ Short][Full]", "[🌙 Quiet hours: none]", "[📣 Announcements: on]", "[🕗 Schedule][🌍 Time zone]", "[I speak: English]")
		at := bot.Address{Telegram: ida}
		before := w.last(ida)
		for _, press := range []struct{ label, shows string }{
			{"Full", "Length: Full, up to 66 words a story, 10 stories a topic, 40 in all"},
			{"Headlines", "Length: Headlines, no summaries, 8 stories a topic, 40 in all"},
			{"Say when there is nothing: off", "without stories: I say so"},
			{"📣 Announcements: on", "Announcements: off"},
			{"🖼 Link preview: off", "first story: on"},
			{"Stories in: English", "[✓ English]"},
			{"✓ English", "Stories come in: any language"},
			{"English", "Stories come in: English"},
			{"« Settings", "Stories in: English"},
			{"🌙 Quiet hours: none", "You have no quiet hours"},
			{"22:00–07:00", "✅ Quiet from 22:00 to 07:00 (UTC)"},
			{"« Settings", "Quiet hours: 22:00–07:00"},
			{"🕗 Schedule", "Quiet from 22:00 to 07:00. What falls into them"},
			{"Every hour", "• Monday, 16 March, 21:00"}, // pressed below at another hour
			{"« Settings", "Digest: every hour"},
			{"🌍 Time zone", "Your time zone is UTC"},
			{"« Settings", "Tap what you want to change"},
		} {
			if press.label == "Every hour" {
				press.shows = "every hour"
			}
			w.wantsOne(w.press(ida, press.label), press.shows)
		}
		w.wantsNothing(w.since(ida, before))
		want := bot.Settings{Length: bot.LengthHeadlines, Quiet: "22:00-07:00", TellEmpty: true, Previews: true, StoryLanguages: "en"}
		if got := w.chat(at).Settings; got != want {
			t.Errorf("the settings are %+v, want %+v", got, want)
		}
	})
}

func TestASettingsButtonPressedAgainChangesNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/settings")
		at := bot.Address{Telegram: ida}
		for range 2 {
			for _, data := range []string{"set:length:full", "set:empty:on", "set:news:off", "set:preview:on", "set:read:de", "set:speech:en", "quiet:22:00-07:00"} {
				w.forge(ida, ida, data)
			}
		}
		want := bot.Settings{Length: bot.LengthFull, Quiet: "22:00-07:00", TellEmpty: true, Previews: true, StoryLanguages: "de en"}
		if got := w.chat(at).Settings; got != want {
			t.Errorf("after pressing everything twice the settings are %+v, want %+v", got, want)
		}
		for _, data := range []string{"set:", "set:length:", "set:length:endless", "set:empty:maybe", "set:news", "set:read:", "set:read:klingon", "set:read:../x", "set:read:und",
			"set:speech:xx", "set:speech:", "set:paused:on", "set:\x00:\xff", "settings:nowhere", "quiet:25:00-07:00", "quiet:", "quiet:7-7"} {
			toast := w.forge(ida, ida, data)
			if got := w.chat(at).Settings; got != want || toast.Alert {
				t.Errorf("the forged press of %q left %+v (alert %v), want %+v", data, got, toast.Alert, want)
			}
		}
		for _, code := range []string{"aa", "ab", "af", "ak", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs"} {
			w.forge(ida, ida, "set:read:"+code)
		}
		if got := strings.Fields(w.chat(at).StoryLanguages); len(got) != 12 {
			t.Errorf("a chat that chose 15 languages reads %d of them, want 12", len(got))
		}
		w.wants(w.since(ida, 0), "More than 12 cannot be chosen")
		w.forge(ida, ida, "set:any:")
		if got := w.chat(at).StoryLanguages; got != "" {
			t.Errorf("any language is kept as %q, want nothing", got)
		}
	})
}

func TestLengthsMakeShorterAndLongerDigests(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.ferries()
		w.forge(ida, ida, "set:length:headlines")
		w.forge(ida, ida, "set:preview:on")
		got := w.say(ida, "/digest")
		w.wants(got, "• Harbour council orders two electric ferries – The Test Post · just now", "\n• Ferries stop", "!The council ordered")
		if p := got[0].LinkPreview; p != nil && p.IsDisabled {
			t.Error("the digest has no preview of its first link, though it was chosen")
		}
		w.publish("Ferries get new timetables", "All ferries of the harbour sail every half hour from the first of May on, in the morning as in the evening, and on Sundays too. "+
			"The old timetable of the ferries was from 2009, and nobody who lives on the island today remembers when it was last looked at.")
		w.forge(ida, ida, "set:length:short")
		w.wants(w.say(ida, "/latest ferries"), "All ferries of the harbour sail")
		w.forge(ida, ida, "set:length:full")
		w.forge(ida, ida, "set:preview:off")
		got = w.say(ida, "/digest")
		w.wants(got, "All ferries of the harbour", "The old timetable")
		if p := got[0].LinkPreview; p == nil || !p.IsDisabled {
			t.Error("the digest has a preview, though none was chosen")
		}
	})
}

func TestAnEmptySlotSaysSoWhenAsked(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.forge(ida, ida, "set:empty:on")
		before := w.last(ida)
		w.slot("07:40")
		w.wants(w.since(ida, before), "Nothing new on your topics")
		if n := len(w.since(ida, before)); n != 1 {
			t.Errorf("an empty slot brought %d messages, want one", n)
		}
		w.say(ben, "/schedule 07:55") // follows nothing: nothing to say
		w.forge(ben, ben, "set:empty:on")
		w.say(ben, "/subscribe ferries")
		w.say(ben, "/unsubscribe ferries")
		before = w.last(ben)
		w.slot("07:55")
		w.wantsNothing(w.since(ben, before))
	})
}

// TestANewcomerReadsItsOwnLanguageAndEnglish, and those that its topics are written in or
// ask for; other languages are a tap away.
func TestANewcomerReadsItsOwnLanguageAndEnglish(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publishIn("fr", "Les ferries du port restent à quai pendant la grève des équipages", "La grève dure depuis lundi, disent les équipages du port.")
		w.publish("Ferries stop for a day as crews strike", "Passengers were told to take the train.")
		w.publishIn("ru", "Санкции против порта вступают в силу", "Новые санкции действуют с понедельника, сообщили власти.")
		w.publishIn("de", "Neue Oper in Hamburg", "Die Oper zeigt ein neues Stück, und die Karten sind schon verkauft.")
		w.wants(w.say(ida, "ferries"), "Ferries stop", "!Les ferries", "[🌐 One more in French]")
		w.wants(w.say(ida, "/subscribe ferries"), "One story in the last 7 days", "Ferries stop", "!Les ferries", "with stories in English", "[🌐 One more in French]")
		w.wants(w.say(ida, "санкции"), "Санкции против порта", "!more in") // its writing tells what is read
		w.wants(w.say(ida, "/settings"), "[Stories in: English]")
		w.wants(w.say(ida, "/subscribe санкции"), "Санкции против порта", "Stories come in English, Russian, Ukrainian from now on")
		w.wants(w.say(ida, "/settings"), "English, Russian, Ukrainian")
		w.wants(w.say(ida, "/subscribe Oper"), "A story of the last 7 days fits it and is left out", "[🌐 One more in German]")
		w.wants(w.say(ida, "/subscribe Oper lang:de"), "Neue Oper")
		w.wants(w.say(ida, "/settings"), "English, German, Russian, Ukrainian")
		w.wants(w.say(ida, "/digest"), "Neue Oper", "Санкции", "!Les ferries")
		w.say(ida, "ferries")
		w.wantsOne(w.press(ida, "🌐 One more in French"), "Stories come in: English, German, French", "[✓ Français]")
		w.wants(w.say(ida, "ferries"), "Les ferries", "!more in")

		w.wants(w.say(yves, "/subscribe ferries"), "Ferries stop", "Les ferries", "français, anglais")
		w.wants(w.say(ben, "/subscribe ferries"), "!Les ferries")
		w.wants(w.say(ben, "/subscribe trams, 地震"), "• 地震", "Japanese, Chinese from now on")
		w.wants(w.say(ben, "/subscribe quays, cranes"), "• cranes", "!from now on")
		w.wants(w.say(ben, "/subscribe ميناء الإسكندرية"), "Arabic", "!Persian") // letters that Persian has not
		w.wants(w.say(ben, "/subscribe پاکستان, قم"), "Persian")
		w.wants(w.say(ben, "/subscribe ニュース 東京, 東京"), "!from now on") // what is read already may be meant
	}, func(c *simulator.Config) {
		c.People = append(c.People, simulator.Person{ID: yves, Name: "Yves", Language: "fr"})
	})
}

// yves has a client that speaks French.
const yves = int64(13)

// publishIn lets a source of another language publish.
func (w *world) publishIn(language, title, text string) {
	w.t.Helper()
	w.posts++
	site := fmt.Sprintf("https://post%d.%s.example/", w.posts, language)
	address := site + "feed"
	if _, err := w.store.AddSources(w.t.Context(), []digest.Source{{Name: "Post " + language, Address: address, Language: language}}); err != nil {
		w.t.Fatal(err)
	}
	claimed, err := w.store.ClaimSources(w.t.Context(), time.Now().Add(time.Hour), time.Hour, 9)
	if err != nil || len(claimed) == 0 {
		w.t.Fatalf("ClaimSources = %d, %v", len(claimed), err)
	}
	for _, s := range claimed {
		if s.Address != address {
			continue
		}
		a, err := digest.NewArticle(s, feed.Item{GUID: title, Link: site + "1", Title: title, Summary: text, Published: time.Now()}, time.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.store.ShelveVisits(w.t.Context(), []digest.Visit{{Source: s, Articles: []digest.Article{a}}}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.passes(100 * time.Millisecond)
}

// TestLanguagesOfStories is that preview, headlines and digest agree about the
// languages that a chat reads.
func TestATopicInAnotherLanguageBringsItIn(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publishIn("de", "Bundestag beschließt höhere Renten für Millionen Menschen", "Der Bundestag hat am Freitag höhere Renten beschlossen, die ab Juli gezahlt werden.")
		w.wants(w.say(ida, "Bundestag"), "A story on Bundestag is left out", "[🌐 One more in German]") // one may be chance
		w.publishIn("de", "Streit um den Haushalt: Bundestag vertagt die Sitzung auf nächste Woche", "Die Regierung hat im Bundestag keine Mehrheit für ihren Haushalt gefunden.")
		w.wants(w.say(ida, "Bundestag"), "Renten für Millionen", "Streit um den Haushalt", "!left out")
		w.wants(w.say(ida, "/settings"), "[Stories in: English]") // who only looks changes nothing
		w.wants(w.say(ida, "/subscribe Bundestag"), "2 stories in the last 7 days", "Stories come in English, German from now on", "📰", "Renten für Millionen")
		w.wants(w.say(ida, "/settings"), "[Stories in: English, German]")

		w.publish("Bundestag votes on pensions, Berlin says", "The German parliament, the Bundestag, voted on Friday.")
		w.wants(w.say(ben, "/subscribe wolves, Bundestag"), "Bundestag – one story", "[🌐 2 more in other languages]", "!from now on") // English stories tell it, too
	})
}

func TestLanguagesOfStories(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.publishIn("de", "Neue Ferries im Hafen", "Die Stadt hat neue Ferries für den Hafen gekauft, und die alten werden verkauft.")
		w.say(ida, "/settings")
		w.forge(ida, ida, "settings:stories")
		w.wants(w.since(ida, 0), "[Deutsch][✓ English]", "[any language]")
		w.wantsOne(w.press(ida, "any language"), "[Deutsch][English]", "[✓ any language]")
		w.wantsOne(w.press(ida, "Deutsch"), "Stories come in: German", "[✓ Deutsch][English]", "[any language]")
		w.wants(w.say(ida, "/latest"), "Neue Ferries", "!electric")
		w.wants(w.say(ida, "/latest ferries"), "Neue Ferries", "!electric", "!Ferries stop")
		w.wants(w.say(ida, "ferries"), "Neue Ferries", "!electric")
		w.wants(w.say(ida, "/subscribe ferries"), "One story in the last 7 days", "Neue Ferries", "!electric")
		w.wants(w.say(ida, "/latest"), "Neue Ferries", "!electric")
		w.forge(ida, ida, "set:read:en")
		w.wants(w.say(ida, "/latest"), "Neue Ferries", "electric ferries")
		w.wants(w.say(ida, "/digest"), "electric ferries", "!Neue Ferries") // that was sent already
		w.forge(ida, ida, "set:skip:de")
		w.forge(ida, ida, "set:skip:en")
		w.wants(w.say(ida, "/latest ferries"), "Neue Ferries", "electric ferries")
	})
}

func TestQuietHoursHoldAndBundle(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40 07:50 08:00 09:00")
		w.wants(w.say(ida, "/quiet 7:35-8:10"), "✅ Quiet from 07:35 to 08:10 (UTC)", "• Monday, 16 March, 08:10\n", "• Monday, 16 March, 09:00", "!07:40")
		w.wants(w.say(ida, "/schedule"), "• Monday, 16 March, 08:10\n", "Quiet from 07:35 to 08:10")
		before := w.last(ida)
		w.slot("07:40")
		w.ferries()
		w.slot("07:50")
		w.publish("Ferries get new timetables", "All boats sail every half hour from May on. The old timetable was from 2009.")
		w.slot("08:00")
		w.wantsNothing(w.since(ida, before))
		w.wants(w.say(ida, "/latest ferries"), "electric ferries") // answers come at once
		before = w.last(ida)
		w.slot("08:10")
		got := w.since(ida, before)
		w.wants(got, "📰 Monday", "electric ferries", "new timetables")
		if len(got) != 1 {
			t.Errorf("the end of quiet hours brought %d messages, want one", len(got))
		}
	})
}

func TestADigestAskedForComesInQuietHours(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/quiet 07:00-09:00")
		w.wants(w.say(ida, "/subscribe ferries"), "Digests come every day", "Nothing on your topics in the last 24 hours") // the first edition answers
		w.ferries()
		w.wants(w.say(ida, "/digest"), "📰 Monday", "electric ferries")
	})
}

func TestQuietHoursSetLaterHoldWhatWaits(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.ferries()
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 60})
		before := w.last(ida)
		w.slot("07:40") // the edition is composed and waits for Telegram
		w.wantsNothing(w.since(ida, before))
		if _, err := w.store.ChangeChat(t.Context(), w.chat(bot.Address{Telegram: ida}).ID, func(c *bot.Chat) error {
			c.Quiet = "07:40-08:20"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		w.passes(2 * time.Minute)
		w.wantsNothing(w.since(ida, before))
		w.publish("Ferries get new timetables", "All boats sail every half hour from May on. The old timetable was from 2009.")
		w.wants(w.say(ida, "/digest"), "new timetables", "electric ferries") // nothing of it had come: whoever asks has it all
		before = w.last(ida)
		w.slot("08:20")
		w.wants(w.since(ida, before), "!electric ferries", "!new timetables")
	})
}

// TestAnEditionThatQuietHoursOvertakeComesWithTheOneAfterThem lets Telegram hold
// an edition up until its reader's quiet hours have begun.
func TestAnEditionThatQuietHoursOvertakeComesWithTheOneAfterThem(t *testing.T) {
	takesHours(t)
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40 07:50")
		w.say(ida, "/quiet 07:41-08:30")
		w.ferries()
		before := w.last(ida)
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 120})
		w.slot("07:40")
		w.passes(3 * time.Minute)
		w.wantsNothing(w.since(ida, before))
		w.publish("Ferries get new timetables", "The ferries of the harbour run every ten minutes from Monday. Tickets stay at two euros.")
		w.slot("08:30")
		got := w.since(ida, before)
		w.wants(got, "electric ferries", "new timetables")
		if len(got) != 1 {
			t.Errorf("after quiet hours there came %d messages, want one that tells everything:%s", len(got), got)
		}
	})
}

func TestQuietHoursTurnedOffLetGoOfWhatTheyHeld(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.say(ida, "/quiet 07:35-23:00")
		w.ferries()
		w.slot("07:40")
		before := w.last(ida)
		w.wants(w.say(ida, "/quiet off"), "✅ No quiet hours any more")
		w.settles()
		w.wants(w.since(ida, before), "📰 Monday", "electric ferries")
	})
}

func TestCatchingUpObeysQuietHours(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.say(ida, "/quiet 07:45-08:30")
		w.ferries()
		before := w.last(ida)
		w.skips(25 * time.Minute) // down from 7:30 until 7:55
		w.passes(time.Minute)
		w.wantsNothing(w.since(ida, before))
		w.slot("08:30")
		got := w.since(ida, before)
		w.wants(got, "electric ferries")
		if len(got) != 1 {
			t.Errorf("after quiet hours and a time down there are %d messages, want one", len(got))
		}
	})
}

func TestQuietHoursOfEveryOddForm(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/quiet"), "You have no quiet hours", "[22:00–07:00]", "[✓ none]")
		w.wantsOne(w.press(ida, "23:00–08:00"), "✅ Quiet from 23:00 to 08:00", "[✓ 23:00–08:00]", "[none]")
		for text, want := range map[string]string{
			"/quiet 25:00-07:00":                  "“25:00” is not a time of day",
			"/quiet 22:00-22:00":                  "begin and end at 22:00",
			"/quiet 22:00":                        "I don't understand “22:00” as quiet hours",
			"/quiet at night":                     "I don't understand “at night”",
			"/quiet 22-7 12-13":                   "Quiet hours are one range",
			"/quiet " + strings.Repeat("9", 4000): "I don't understand “999",
			"/quiet 🌙":                            "“🌙”",
		} {
			w.wants(w.say(ida, text), want, "!Something went wrong")
		}
		if got := w.chat(bot.Address{Telegram: ida}).Quiet; got != "23:00-08:00" {
			t.Errorf("wrong forms left quiet hours %q, want 23:00-08:00", got)
		}
		w.wants(w.say(ida, "/quiet 10pm-7am"), "✅ Quiet from 22:00 to 07:00")
		w.wants(w.say(ida, "/quiet off"), "✅ No quiet hours any more")
	})
}

func TestInGroupsOnlyAdminsChangeSettings(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		at := bot.Address{Telegram: group}
		in := func(from int64, text string) shown {
			return w.post(simulator.Post{Chat: group, From: from, Text: text})
		}
		w.wants(in(ida, "/settings"), "Length: Short")
		w.wants(in(ida, "/quiet 22-7"), "Only admins of this group")
		for _, data := range []string{"set:length:full", "set:read:de", "set:news:off", "quiet:off", "quiet:22:00-07:00"} {
			if toast := w.forge(ida, group, data); !toast.Alert || !strings.Contains(toast.Text, "Only admins") {
				t.Errorf("the press of %q by a member showed %+v, want an alert that only admins may", data, toast)
			}
		}
		if got := w.chat(at).Settings; got.StoryLanguages != "en" || got.Length != bot.LengthShort || got.Quiet != "" || !got.Announcements {
			t.Errorf("a member changed the settings to %+v", got)
		}
		w.pressIn(ida, group, "Stories in: English") // looking is free
		w.wants(in(ada, "/quiet 22-7"), "✅ Quiet from 22:00 to 07:00")
		w.forge(ada, group, "set:length:full")
		if got := w.chat(at); got.Length != bot.LengthFull || got.Quiet != "22:00-07:00" {
			t.Errorf("after an admin the settings are %+v, want full and quiet", got.Settings)
		}
		// who is no admin any more may not either
		if err := w.sim.SetMember(group, ada, "member"); err != nil {
			t.Fatal(err)
		}
		w.wants(in(ada, "/quiet off"), "Only admins of this group")
	})
}

// TestAHeldEditionOfSeveralPartsArrivesInOrder although quiet hours begin after
// its first part, and the second is refused once at their end.
func TestAHeldEditionOfSeveralPartsArrivesInOrder(t *testing.T) {
	takesHours(t)
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/subscribe ferries")
		c := w.chat(bot.Address{Telegram: ida})
		before := w.last(ida)
		composed := bot.Composed{Chat: c.ID, Slot: time.Now(), Composed: time.Now(), After: c.LastEdition}
		for i := range 4 {
			composed.Messages = append(composed.Messages, words(fmt.Sprintf("part %d", i+1)))
		}
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, After: 1, Count: 1, RetryAfter: 30})
		if _, err := w.store.SaveEdition(t.Context(), composed); err != nil {
			t.Fatal(err)
		}
		w.passes(5 * time.Second)
		if _, err := w.store.ChangeChat(t.Context(), c.ID, func(c *bot.Chat) error { c.Quiet = "07:00-07:45"; return nil }); err != nil {
			t.Fatal(err)
		}
		w.passes(5 * time.Minute)
		if got := w.since(ida, before); len(got) != 1 {
			t.Errorf("in quiet hours %d messages came, want the one before them", len(got))
		}
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 30})
		w.passes(12 * time.Minute)
		w.settles()
		var got []string
		for _, m := range w.since(ida, before) {
			got = append(got, m.Text)
		}
		if strings.Join(got, ", ") != "part 1, part 2, part 3, part 4" {
			t.Errorf("after quiet hours there came %q, want the four parts in order", got)
		}
	})
}
