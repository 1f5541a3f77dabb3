package bot_test

import (
	"strings"
	"testing"
	"time"

	"tidings/bot"
)

// TestTheCurrentChoiceIsTicked reads what the cards say of the choice made.
func TestTheCurrentChoiceIsTicked(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/quiet 22-7")
		w.wants(w.say(ida, "/schedule off"), "only when you ask with /digest.", "!Quiet", "!UTC", "!Next")
		w.wants(w.say(ida, "/schedule"), "only when you ask with /digest.", "!Quiet", "!UTC", "!Next", "[✓ Off]")
		w.wants(w.say(ida, "/schedule 7 12:30 18 mon wed sat"), "on Monday, Wednesday and Saturday at 07:00, 12:30 and 18:00", "Quiet from 22:00 to 07:00", "!✓")
		w.wants(w.say(ida, "/schedule 8 18:30 weekdays"), "on weekdays at 08:00 and 18:30", "[✓ 08:00 and 18:30]", "[✓ Weekdays]", "!✓ Off")
		w.wants(w.say(ida, "/timezone"), "[✓ UTC 07:30]")
		w.wants(w.say(ida, "/timezone UTC+3"), "✅ Your time zone is UTC+3, where it is 10:30", "[✓ UTC+3 10:30]", "!GMT", "!✓ UTC 0")
		w.wants(w.say(ida, "/schedule"), "(UTC+3)", "!GMT")
		w.wants(w.say(ida, "/quiet"), "(UTC+3)", "!GMT")
		w.wants(w.say(ida, "/timezone Lisbon"), "✅ Your time zone is Lisbon (UTC), where it is 07:30", "[✓ Lisbon 07:30]")
	})
}

func TestWithoutAScheduleNoListOfDigestsIsShown(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule off")
		for _, c := range [][2]string{
			{"/timezone Berlin", "✅ Your time zone is Berlin (UTC+1)"},
			{"/quiet 22-7", "✅ Quiet from 22:00 to 07:00"},
			{"/quiet", "Quiet hours: 22:00–07:00"},
			{"/quiet off", "✅ No quiet hours any more"},
		} {
			w.wants(w.say(ida, c[0]), c[1], "No digest comes by itself, for no times are set: /schedule sets them, /digest brings one now.", "!Next digests", "!• ")
		}
		w.say(ida, "/pause")
		w.wants(w.say(ida, "/resume"), "Going on: your digest comes only when you ask with /digest.", "!Next", "!No digest")
		w.wants(w.say(ida, "/schedule 8:00"), "Next digests:\n• ")
	})
}

func TestDigestSendsNowWhatThenDoesNotComeAgain(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/digest"), "What shall I follow")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.wants(w.say(ida, "/digest"), "Nothing new on your topics")
		w.ferries()
		w.wants(w.say(ida, "/digest"), "📰 Monday", "electric ferries", "Ferries stop")
		w.publish("Ferries get new timetables", "All boats sail every half hour from May on. The old timetable was from 2009.")
		before := w.last(ida)
		w.slot("07:40")
		w.wants(w.since(ida, before), "📰 Monday", "new timetables", "!electric ferries", "!Ferries stop")
		if n := len(w.since(ida, before)); n != 1 {
			t.Errorf("the slot brought %d messages, want one", n)
		}
		w.say(ida, "/pause")
		w.wants(w.say(ida, "/digest"), "Paused", "[▶️ Resume]")
	})
}

func TestAnEmptySlotIsSilent(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:35")
		before := w.last(ida)
		w.slot("07:35")
		w.wantsNothing(w.since(ida, before))
		if c := w.chat(bot.Address{Telegram: ida}); c.NextEdition.Format("Mon 15:04") != "Tue 07:35" {
			t.Errorf("the next edition is due %s, want Tue 07:35", c.NextEdition.Format("Mon 15:04"))
		}
	})
}

func TestScheduleByTextAndByButtons(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.wants(w.say(ida, "/schedule"), "Your digest comes every day at 08:00 (UTC)", "• Monday, 16 March, 08:00", "• Tuesday, 17 March, 08:00", "• Wednesday, 18 March, 08:00", "[07:00][✓ 08:00][12:00]", "[✓ Every day][Weekdays][Weekend]", "[Every hour][Off]")
		w.wantsOne(w.press(ida, "08:00 and 18:30"), "✅ Your digest comes every day at 08:00 and 18:30", "• Monday, 16 March, 18:30")
		w.wantsOne(w.press(ida, "Weekend"), "at the weekend at 08:00 and 18:30", "• Saturday, 21 March, 08:00")
		w.wantsOne(w.press(ida, "20:00"), "at the weekend at 20:00")
		w.wantsOne(w.press(ida, "Every hour"), "every hour at the weekend", "• Saturday, 21 March, 00:00", "• Saturday, 21 March, 01:00")
		w.wantsOne(w.press(ida, "Weekdays"), "every hour on weekdays")
		w.wantsOne(w.press(ida, "Off"), "comes only when you ask with /digest.", "!UTC", "!Next", "!none", "[✓ Off]", "!✓ 08:00", "!✓ Every day")
		w.wantsOne(w.press(ida, "Weekdays"), "on weekdays at 08:00")
		for text, want := range map[string]string{
			"/schedule 8:30 18.30 weekdays": "on weekdays at 08:30 and 18:30",
			"/schedule 6pm":                 "every day at 18:00",
			"/schedule mon,fri 09:15":       "at 09:15",
			"/schedule hourly":              "every hour",
			"/schedule hourly weekdays":     "every hour on weekdays",
			"/schedule 9:00 fri mon":        "on Monday and Friday at 09:00",
			"/schedule OFF":                 "only when you ask",
		} {
			w.wants(w.say(ida, text), "✅", want)
		}
		before := w.chat(bot.Address{Telegram: ida}).Schedule.String()
		for text, want := range map[string]string{
			"/schedule 25:00":     "“25:00” is not a time of day",
			"/schedule 8:99":      "“8:99” is not a time of day",
			"/schedule noonish":   "I don't understand “noonish”",
			"/schedule off 08:00": "does not go with the rest",
			"/schedule 1:00 2:00 3:00 4:00 5:00 6:00 7:00 8:00 9:00": "more than 8 times a day",
			"/schedule " + strings.Repeat("9", 4000):                 "“999",
			"/schedule 🎉":                                            "“🎉”",
		} {
			w.wants(w.say(ida, text), want, "!Something went wrong")
		}
		if after := w.chat(bot.Address{Telegram: ida}).Schedule.String(); after != before {
			t.Errorf("wrong schedules changed it from %q to %q", before, after)
		}
		w.say(ida, "/schedule")
		w.forge(ida, ida, "when:99:99")
		w.wants(w.since(ida, 0)[len(w.since(ida, 0))-1:], "not a time of day")
	})
}

func TestTimezoneByTextButtonAndPlace(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.wants(w.say(ida, "/timezone"), "Your time zone is UTC, where it is 07:30", "[London 07:30]", "share your location")
		w.wantsOne(w.press(ida, "New York 03:30"), "✅ Your time zone is New York (UTC-4), where it is 03:30", "• Monday, 16 March, 08:00")
		for text, want := range map[string]string{
			"/timezone Berlin":        "Berlin (UTC+1)",
			"/timezone europe/lisbon": "Lisbon (UTC)",
			"/timezone Japan":         "Tokyo (UTC+9)",
			"/timezone São Paulo":     "São Paulo (UTC-3)",
			"/timezone Paris, France": "Paris (UTC+1)",
		} {
			w.wants(w.say(ida, text), "✅ Your time zone is "+want)
		}
		for text, want := range map[string]string{
			"/timezone Nowhereville":                 "I know no zone, city or country called Nowhereville",
			"/timezone ../../etc/passwd":             "I know no zone",
			"/timezone Local":                        "I know no zone",
			"/timezone " + strings.Repeat("x", 4000): "I know no zone",
			"/timezone Berlinn":                      "Did you mean",
		} {
			w.wants(w.say(ida, text), want, "!Something went wrong")
		}
		place := func(lat, lon string) shown {
			before := w.last(ida)
			w.inject("message", `{"message_id":7777,"date":`+unix(time.Now())+`,"chat":{"id":11,"type":"private"},"from":{"id":11,"is_bot":false,"first_name":"Ida","language_code":"en"},"location":{"latitude":`+lat+`,"longitude":`+lon+`}}`)
			return w.since(ida, before)
		}
		w.wants(place("60.17", "24.94"), "✅ Your time zone is Helsinki (UTC+2)")
		w.wants(place("-33.9", "151.2"), "✅ Your time zone is Sydney (UTC+11)")
		w.wants(place("999", "0"), "not on my map")
		w.say(ida, "/timezone UTC")
		for _, data := range []string{"where:../../etc/passwd", "where:", "zone:Local", "zone:", "zone:Mars/Olympus"} {
			w.say(ida, "/timezone")
			w.forge(ida, ida, data)
			w.wants(w.since(ida, 0)[len(w.since(ida, 0))-1:], "I know no zone", "!Something went wrong")
		}
		if c := w.chat(bot.Address{Telegram: ida}); c.Zone != "UTC" {
			t.Errorf("forged zones left the zone %q, want UTC", c.Zone)
		}
	})
}

func TestSlotsFollowTheZone(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 08:40")
		w.say(ida, "/timezone Berlin") // one hour ahead in March: 8:40 there is 7:40 here
		w.ferries()
		before := w.last(ida)
		w.slot("07:40")
		got := w.since(ida, before)
		w.wants(got, "📰 Monday, 16 March", "electric ferries")
		if at := time.Unix(got[0].Date, 0).UTC(); at.Format("15:04:05") > "07:40:10" || at.Format("15:04") != "07:40" {
			t.Errorf("the edition of 8:40 in Berlin came at %s UTC, want 07:40", at.Format("15:04:05"))
		}
	})
}

func TestPauseStopsEverythingAndResumeGoesOn(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40 07:50")
		// what waits on the shelf already is dropped too
		c := w.chat(bot.Address{Telegram: ida})
		if err := w.store.Notify(t.Context(), c.ID, words("too late"), time.Now().Add(5*time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.wants(w.say(ida, "/pause"), "⏸ Paused", "/resume", "[▶️ Resume]")
		w.ferries()
		before := w.last(ida)
		w.slot("07:40")
		w.wantsNothing(w.since(ida, before))
		w.wants(w.say(ida, "/latest"), "electric ferries") // what is asked for is answered
		w.wantsOne(w.press(ida, "▶️ Resume"), "Going on", "every day at 07:40 and 07:50", "• Monday, 16 March, 07:50")
		w.wants(w.since(ida, before), "📰 Monday", "electric ferries") // the slot that was missed
		w.wants(w.say(ida, "/resume"), "Going on")
		before = w.last(ida)
		w.slot("07:50")
		w.wantsNothing(w.since(ida, before)) // all of it was in the one that was late
	})
}

func TestForgetMeErasesAfterAsking(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/privacy"), "What is stored about you", "topics you follow", "/forgetme")
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/timezone Berlin")
		w.wants(w.say(ida, "/forgetme"), "Shall I erase everything", "[Erase everything][Keep it]")
		w.wantsOne(w.press(ida, "Keep it"), "Nothing was erased")
		w.wantFollows(ida, "ferries")

		asked := w.say(ida, "/forgetme")[0].MessageID
		old := w.chat(bot.Address{Telegram: ida}).ID
		for _, label := range []string{"Erase everything", "Keep it"} { // both, quickly
			if _, err := w.sim.Press(ida, ida, asked, labelled(label)); err != nil {
				t.Fatal(err)
			}
		}
		w.settles()
		w.wantsOne(w.message(ida, asked), "Everything about this chat is erased")
		for _, table := range []string{"chats", "subscriptions", "editions", "deliveries", "sent", "topics"} {
			var n int
			if err := w.store.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("table %s has %d rows after erasing (%v), want none", table, n, err)
			}
		}

		// an old button begins anew
		w.wantsOne(w.press(ida, "↩️ Undo"), "Not following ferries")
		c := w.chat(bot.Address{Telegram: ida})
		if c.ID == old || c.Zone != "UTC" || c.ZoneSet {
			t.Errorf("after erasing and a press the chat is %d in zone %s, want a new one in UTC", c.ID, c.Zone)
		}
		w.wants(w.say(ida, "/start"), "Tidings follows topics")
	})
}
