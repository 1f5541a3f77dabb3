package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

func TestSubscribeFollowsAtOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		got := w.say(ida, "/subscribe ferries")
		w.wants(got, "✅ Following ferries", "2 stories in the last 7 days", "• Harbour council orders two electric ferries – The Test Post", "[✏️ Edit][↩️ Undo]")
		w.wants(got, "first digest is on its way; then one comes every day at 08:00 (UTC)", "📰 Monday", "38 million euros") // the first edition, at once
		w.wants(w.say(ida, "/subscribe Ferries"), "You follow ferries already", "!📰", "[✏️ Edit]", "!Undo")
		w.wants(w.say(ida, "/subscribe penguins"), "✅ Following penguins", "No story in the last 7 days", "!📰", "!first digest")
		w.wants(w.say(ida, "/subscribe   ferries ,  rye bread,, rye BREAD, wolves"), "✅ Following 2 topics:\n• rye bread – one story: Bakers lower the price of rye bread\n• wolves – nothing in the last 7 days\n\n", "[rye bread][wolves]", "[My topics][↩️ Undo all]", "Followed already:\n• ferries", "[My topics]")
		w.wantFollows(ida, "ferries, penguins, rye bread, wolves")
	})
}

func TestTopicsThatFindTheSameAreTold(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "/subscribe ferries, Ferry, rye bread"), "✅ Following 2 topics:\n• ferries – 2 stories: ", "\n• rye bread – one story: Bakers", "Followed already:\n• Ferry – finds the same stories as ferries")
		w.wantFollows(ida, "ferries, rye bread")
		w.wants(w.say(ida, "/subscribe Ferries, rye breads"), "Followed already:\n• ferries\n• rye breads – finds the same stories as rye bread", "!Following")
		w.wants(w.say(ida, "/subscribe Ferry"), "Ferry finds the same stories as ferries, which you follow already", "[➕ Follow “Ferry” all the same]", "[My topics]", "!✅")
		w.wantFollows(ida, "ferries, rye bread")
		w.wantsOne(w.press(ida, "➕ Follow “Ferry” all the same"), "✅ Following Ferry", "[↩️ Undo]")
		w.wantFollows(ida, "ferries, rye bread, Ferry")
		w.wants(w.say(ida, "/subscribe Ferry"), "You follow Ferry already")

		w.say(ida, "ferry -strike") // what asks for less is another topic
		w.wantsOne(w.press(ida, "➕ Follow “ferry -strike”"), "✅ Following ferry -strike")
		w.say(ida, "ferries -strikes")
		w.wantsOne(w.press(ida, "➕ Follow “ferries -strikes”"), "finds the same stories as ferry -strike")

		long := strings.Repeat("unaussprechlich", 5)
		w.say(ida, "/subscribe "+long+" boat")
		w.say(ida, "/subscribe "+long+" boats")
		w.wantsOne(w.press(ida, "➕ Follow “"+long[:29]+"…” all the same"), "✅ Following "+long+" boats")
	})
}

func TestSubscribeWithoutATopicAsks(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/subscribe"), "What shall I follow", "[🌍 World]")
		w.wantsOne(w.press(ida, "⚽ Sport"), "Following sport", "[↩️ Undo]")
		w.wantFollows(ida, "sport")
	})
}

func TestAWrongTopicIsToldWithItsPlace(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for words, want := range map[string]string{
			`central "bank`:            `The quote at character 9 (") has no partner`,
			`-car`:                     `only says what you do not want`,
			`solar OR`:                 `OR at character 7 needs a word on both sides`,
			`!!! 🎉`:                    `no word in that`,
			`site:example ferries`:     `“site:example” (character 1) names no website`,
			`ferries lang:german`:      `“lang:german” (character 9) names no language`,
			`ferries min:lots`:         `“min:lots” (character 9) is no number of sources`,
			strings.Repeat("ä", 201):   `too long: up to 200 characters`,
			strings.Repeat("a b ", 11): `too many words: up to 20`,
			topics(51):                 `too many topics at once. Send up to 50`,
			strings.Repeat("x", 3900):  `too long: up to 200 characters`,
		} {
			w.wants(w.say(ida, "/subscribe "+words), want, "!Something went wrong")
		}
		w.wantFollows(ida, "")
	})
}

func TestOfSeveralTopicsTheGoodOnesAreFollowed(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/subscribe ferries, OR wind, site:example, "+strings.Repeat("ä", 201)+", trams"),
			"Following 2 topics:\n• ferries – nothing", "\n• trams – nothing", "Not followed:\n• OR wind – OR at character 1 needs a word on both sides",
			"• site:example – “site:example” (character 1) names no website", "ää – That topic is too long: up to 200 characters fit.")
		w.wantFollows(ida, "ferries, trams")
		w.wants(w.say(ida, "/subscribe "+strings.Repeat("min:x,", 13)), "Not followed:\n• min:x –", "• and 3 more", "!Following")
		w.wantFollows(ida, "ferries, trams")
	})
}

func TestATopicOfASiteAloneIsToldOfSources(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for _, text := range []string{"/subscribe site:gazette.example", "Site:Gazette.example", "/latest site:gazette.example lang:de"} {
			w.wants(w.say(ida, text), "names a site and no word", "climate site:gazette.example", "/source gazette.example")
		}
		w.wants(w.say(ida, "/subscribe lang:de"), "I find no word in that", "!/source")
		w.wantFollows(ida, "")
	})
}

func TestATopicThatFindsNothingGetsASuggestion(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/subscribe technlogy"), "✅ Following technlogy.", "Did you mean technology?")
		w.wants(w.say(ida, "/latest goverment reform"), "Did you mean government reform?")
	})
}

func TestASuggestionIsTakenWithOneTap(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "ferrry strike"), "Did you mean ferry strike?", "[Headlines: ferry strike]")
		w.wantsOne(w.press(ida, "Headlines: ferry strike"), "Ferries stop for a day as crews strike", "[➕ Follow “ferry strike”]", "!Did you mean")

		w.wants(w.say(ida, "/subscribe technlogy"), "✅ Following technlogy.", "[➕ Follow “technology” instead]")
		w.wantsOne(w.press(ida, "➕ Follow “technology” instead"), "✅ Changed technlogy to technology.", "!Did you mean")
		w.wantFollows(ida, "technology")
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Changed technology to technlogy.", "[➕ Follow “technology” instead]")
		w.wantFollows(ida, "technlogy")

		w.wants(w.say(ida, "rye or strike"), "Did you mean rye OR strike?")
		w.wantsOne(w.press(ida, "Headlines: rye OR strike"), "Bakers lower the price", "Ferries stop for a day")

		long := "technlogy -" + strings.Repeat("ä", 40)
		w.wants(w.say(ida, "/subscribe "+long), "✅ Following technlogy", "!instead]")
	})
}

func TestOfSeveralTopicsTypedTheReaderChoosesOrFollowsAll(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		for _, text := range []string{"ferries, rye bread", "/latest ferries,  rye bread"} {
			w.wants(w.say(ida, text), "ferries, rye bread: those are several topics. Whose headlines shall I show?",
				"[Headlines: ferries]", "[Headlines: rye bread]", "[➕ Follow them all]", "!I have no story")
		}
		w.wantsOne(w.press(ida, "Headlines: rye bread"), "Bakers lower the price of rye bread", "[➕ Follow “rye bread”]", "!Ferries stop")

		w.say(ida, "ferries, rye bread")
		w.wantsOne(w.press(ida, "➕ Follow them all"), "✅ Following 2 topics:\n• ferries – 2 stories", "\n• rye bread – one story")
		w.wantFollows(ida, "ferries, rye bread")

		long := "ferries, " + strings.Repeat("ä", 100) + ", OR"
		w.wants(w.say(ida, long), "[Headlines: ferries]", "!ä]", "[➕ Follow them all]")
		w.wantsOne(w.press(ida, "➕ Follow them all"), "Following one topic:", "Not followed:\n• OR")
		w.wants(w.say(ida, topics(200)), "That topic is too long")
		w.wants(w.say(ida, "OR, -salt"), "!several")
		w.wants(w.say(ida, "salt, "), "I have no story on salt")
		w.wants(w.say(ida, "Ferries stop for a day, as crews strike"), "Ferries stop for a day as crews strike", "!several")
		w.wants(w.say(ida, "crews strike, ferries stop"), "Ferries stop for a day as crews strike", "!several")
		w.wants(w.say(ida, "commuters, shorter shifts"), "[Headlines: commuters]", "[Headlines: shorter shifts]")

		w.publish("Shares fall as profit shrinks", "Investors sold stocks after quarterly earnings of the company. Its goalkeeper sponsorship ends.")
		w.wants(w.say(ida, "sport, business"), "those are several topics", "[Headlines: sport]", "[Headlines: business]")
	})
}

// topics names n different topics.
func topics(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("topic%d", i)
	}
	return strings.Join(list, ",")
}

func TestAChatFollowsUpToFiftyTopics(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/subscribe "+topics(50)), "Following 50 topics", "• topic49")
		w.wants(w.say(ida, "/subscribe one more"), "You follow 50 topics", "/topics", "!Following one more")
		w.wants(w.say(ida, "one more"), "[➕ Follow “one more”]")
		w.wantsOne(w.press(ida, "➕ Follow “one more”"), "You follow 50 topics")
		w.wants(w.say(ida, "/topics"), "You follow 50 topics", "[topic0][topic1]", "[topic48][topic49]")
		w.wants(w.say(ida, "/unsubscribe topic7"), "Not following topic7")
		w.wants(w.say(ida, "/subscribe one more, and another"), "Following one topic:", "• one more", "You follow 50 topics")
	})
}

func TestFiftyLongTopicsFitOneAnswer(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		var list []string
		for i := range 20 {
			list = append(list, fmt.Sprintf("%s number%d", strings.Repeat("unaussprechliches", 11), i))
		}
		w.wants(w.say(ida, "/subscribe "+strings.Join(list, ",")), "Following 20 topics")
		w.wants(w.say(ida, "/topics"), "You follow 20 topics")
	})
}

func TestUndoTakesFollowingBack(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.wantsOne(w.press(ida, "↩️ Undo"), "Not following ferries any more", "[↩️ Undo][My topics]")
		w.wantFollows(ida, "")
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Following ferries", "[✏️ Edit][↩️ Undo]")
		w.wantFollows(ida, "ferries")
	})
}

func TestUndoBringsATopicBackAsItWas(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries, bread")
		w.press(ida, "My topics")
		w.press(ida, "ferries")
		w.press(ida, "Broad")
		w.press(ida, "🔔 Alerts: off")
		w.press(ida, "🔕 Mute")
		before := w.subscriptions(ida)
		w.wantsOne(w.press(ida, "🗑 Remove"), "Not following ferries any more")
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Following ferries again, as before", "It is still muted", "2 stories in the last 7 days", "[✏️ Edit][↩️ Undo]")
		if after := w.subscriptions(ida); !slices.Equal(after, before) {
			t.Errorf("after removing and Undo ida follows %+v, want as before %+v", after, before)
		}
		w.say(ida, "/topics")
		w.wantsOne(w.press(ida, "🔕 ferries"), "Muted", "[🔔 Alerts: on]")
		w.press(ida, "🔔 Unmute")
		w.wants(w.say(ida, "/digest"), "!Harbour council") // it was sent
		w.press(ida, "❔ Why?")
		w.press(ida, "2")
		w.wantsOne(w.press(ida, "✂️ Leave out a word"), "[− council]")

		// what is not followed yet is not brought back by another chat, nor by a forged button
		w.say(ben, "/start")
		data := "undrop:" + base36(int64(before[0].Topic)) + ":"
		w.say(ida, "/unsubscribe ferries")
		for _, forged := range []string{data, "undrop", "undrop:", "undrop:x y:", "undrop:zzzzzzzzzzzzzzzzzzzz:"} {
			w.forge(ben, ben, forged)
		}
		w.wantFollows(ben, "")

		// after a week it is followed anew
		w.skips(8 * 24 * time.Hour)
		if err := w.store.Tidy(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Following ferries.", "!as before")
		w.wantFollows(ida, "bread, ferries")
	})
}

// subscriptions are what a person's chat follows, in order.
func (w *world) subscriptions(person int64) []bot.Subscription {
	w.t.Helper()
	c, err := w.store.ChatAt(w.t.Context(), bot.Address{Telegram: person})
	if err != nil {
		w.t.Fatal(err)
	}
	subs, err := w.store.Subscriptions(w.t.Context(), c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return subs
}

func TestLongTopicsGoThroughButtons(t *testing.T) {
	for name, topic := range map[string]string{
		"a long sentence":         strings.TrimSpace(strings.Repeat("renewable energy storage ", 5)),
		"long in Cyrillic":        "северная корея ракетные испытания переговоры санкции",
		"long in Chinese":         "朝鲜半岛无核化谈判以及联合国安理会对朝鲜制裁问题",
		"with an emoji":           "футбол ⚽ чемпионат мира по футболу среди женщин",
		"with a phrase and colon": `"the central bank of the united kingdom: a history" inflation OR prices`,
		"with marks":              "<b>bread</b> and <code>butter</code> for every single day of the week",
		"short":                   "rye",
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.wants(w.say(ida, topic), "I have no story on "+topic, "Follow it")
				under := w.since(ida, 0)
				m := under[len(under)-1]
				follow := m.Markup.InlineKeyboard[0][0].Text
				w.wantsOne(w.press(ida, follow), "Following "+topic)
				w.wantFollows(ida, topic)
				w.say(ida, "/subscribe second")
				w.say(ida, "/topics")
				m = w.since(ida, 0)[len(w.since(ida, 0))-1]
				w.wantsOne(w.press(ida, m.Markup.InlineKeyboard[0][0].Text), topic, "[🔕 Mute]")
				w.wantsOne(w.press(ida, "🗑 Remove"), "Not following "+topic)
				w.wantFollows(ida, "second")
				w.wantsOne(w.press(ida, "↩️ Undo"), "Following "+topic)
				w.wantFollows(ida, topic+", second") // in its place
				w.say(ida, "/topics")
				m = w.since(ida, 0)[len(w.since(ida, 0))-1]
				w.press(ida, m.Markup.InlineKeyboard[0][0].Text)
				w.wantsOne(w.press(ida, "Headlines"), "I have no story on "+topic)
			})
		})
	}
}

func TestEditAsksForNewWords(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.wantsOne(w.press(ida, "✏️ Edit"), "What shall ferries become?", "[Cancel]")
		w.wants(w.say(ida, `rye "bread`), "has no partner") // the question stays open
		w.wants(w.say(ida, "rye bread"), "✅ Changed ferries to rye bread", "One story in the last 7 days", "Bakers lower", "[✏️ Edit][↩️ Undo]")
		w.wantFollows(ida, "rye bread")
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Changed rye bread to ferries", "2 stories in the last 7 days", "↩️ Undo") // nothing is lost by an edit
		w.wantFollows(ida, "ferries")
		w.press(ida, "✏️ Edit")
		w.say(ida, "rye bread")
		w.wants(w.say(ida, "ferries"), "Headlines: ferries") // words are a search again

		w.say(ida, "/topics")
		w.press(ida, "rye bread")
		w.press(ida, "✏️ Edit")
		w.wantsOne(w.press(ida, "Cancel"), "rye bread", "[🔕 Mute][✏️ Edit][🗑 Remove]")
		w.wants(w.say(ida, "ferries"), "Headlines: ferries")
		w.wantFollows(ida, "rye bread")
	})
}

func TestAnOpenEditEndsWithWhateverElseIsDone(t *testing.T) {
	for name, other := range map[string]func(*world){
		"a command": func(w *world) { w.say(ida, "/topics") },
		"a button":  func(w *world) { w.say(ida, "/schedule"); w.press(ida, "Weekdays") },
		"an hour":   func(w *world) { w.skips(61 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.say(ida, "/subscribe ferries")
				w.press(ida, "✏️ Edit")
				other(w)
				w.wants(w.say(ida, "bread"), "bread", "!Following")
				w.wantFollows(ida, "ferries")
			})
		})
	}
}

func TestEditTakesOneTopic(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.press(ida, "✏️ Edit")
		w.wants(w.say(ida, "rye bread, trams"), "more than one topic: “,” at character 10 divides them")
		w.wantFollows(ida, "ferries")
		w.wants(w.say(ida, "rye bread,"), "✅ Changed ferries to rye bread") // the question stayed open
		w.wantFollows(ida, "rye bread")
	})
}

func TestEditToATopicFollowedAlreadyChangesNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/subscribe bread")
		w.press(ida, "✏️ Edit")
		w.wants(w.say(ida, "FERRIES"), "You follow FERRIES already", "nothing was changed")
		w.wantFollows(ida, "ferries, bread")
	})
}

func TestUnsubscribeByNameAndByButton(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/unsubscribe"), "You follow nothing yet")
		w.wants(w.say(ida, "/unsubscribe ferries"), "You follow nothing yet")
		w.say(ida, "/subscribe ferries, north korea, bread")
		w.wants(w.say(ida, "/unsubscribe North Korea"), "Not following north korea any more")
		w.wants(w.say(ida, "/unsubscribe ferries, bread"), "more than one topic: “,” at character 8", "[ferries][bread]")
		w.wants(w.say(ida, "/unsubscribe wolves"), "You do not follow wolves", "[ferries][bread]")
		w.wants(w.say(ida, `/unsubscribe "wolves`), "has no partner")
		w.wants(w.say(ida, "/unsubscribe"), "Which topic shall I stop following?", "[ferries][bread]")
		w.wantsOne(w.press(ida, "bread"), "Not following bread any more")
		w.wantFollows(ida, "ferries")
	})
}

func TestATopicsCardMutesAndRemoves(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "/topics"), "You follow nothing yet")
		w.say(ida, "/subscribe ferries, bread")
		list := w.say(ida, "/topics")
		w.wantsOne(w.press(ida, "ferries"), "ferries", "Stories about it come in your digest", "[🔕 Mute][✏️ Edit][🗑 Remove]", "[Headlines]", "[« Back]")
		w.wantsOne(w.press(ida, "🔕 Mute"), "Muted", "[🔔 Unmute]")
		w.wantFollows(ida, "ferries (muted), bread")
		w.wantsOne(w.press(ida, "« Back"), "You follow 2 topics", "[🔕 ferries][bread]")

		w.publish("Ferries get new timetables", "All ferries sail every half hour from May on. The old timetable was from 2009.")
		w.publish("Rye bread wins a prize", "A rye bread from the coast won a prize in Lyon. The baker is 71.")
		w.wants(w.say(ida, "/digest"), "Rye bread wins", "!timetables")
		w.press(ida, "🔕 ferries")
		w.wantsOne(w.press(ida, "🔔 Unmute"), "Stories about it come in your digest")
		w.wants(w.say(ida, "/digest"), "timetables", "!Rye bread wins")
		w.wantsOne(w.press(ida, "🗑 Remove"), "Not following ferries")
		w.wantsOne(w.press(ida, "My topics"), "You follow one topic", "[bread]")
		if n := len(w.sim.History(ida, list[0].MessageID)); n != 8 {
			t.Errorf("the list changed in place into %d texts, want 8", n)
		}
	})
}

// TestAButtonPressedTwiceSaysTheSame presses each button twice before the bot
// can answer: the message ends as one press leaves it.
func TestAButtonPressedTwiceSaysTheSame(t *testing.T) {
	for label, c := range map[string]struct {
		before func(*world)
		want   []string
		follow string
	}{
		"⚽ Sport":               {func(w *world) { w.say(ida, "/start") }, []string{"Following sport", "At what time"}, "sport"},
		"↩️ Undo":               {func(w *world) { w.say(ida, "/subscribe ferries") }, []string{"Not following ferries", "[↩️ Undo]"}, ""},
		"➕ Follow “ferries”":    {func(w *world) { w.say(ida, "/subscribe bread"); w.say(ida, "ferries") }, []string{"✅ Following ferries"}, "bread, ferries"},
		"✏️ Edit":               {func(w *world) { w.say(ida, "/subscribe ferries") }, []string{"What shall ferries become"}, "ferries"},
		"🔕 Mute":                {func(w *world) { w.say(ida, "/subscribe ferries"); w.say(ida, "/topics"); w.press(ida, "ferries") }, []string{"Muted", "[🔔 Unmute]"}, "ferries (muted)"},
		"🗑 Remove":              {func(w *world) { w.say(ida, "/subscribe ferries"); w.say(ida, "/topics"); w.press(ida, "ferries") }, []string{"Not following ferries"}, ""},
		"ferries (by the list)": {func(w *world) { w.say(ida, "/subscribe ferries, bread"); w.say(ida, "/unsubscribe") }, []string{"follow"}, "bread"},
		"Weekdays":              {func(w *world) { w.say(ida, "/subscribe ferries"); w.say(ida, "/schedule") }, []string{"on weekdays at 08:00"}, "ferries"},
		"▶️ Resume":             {func(w *world) { w.say(ida, "/subscribe ferries"); w.say(ida, "/pause") }, []string{"Going on"}, "ferries"},
	} {
		t.Run(label, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				c.before(w)
				label, _, _ := strings.Cut(label, " (")
				id := w.last(ida)
				for !find(w.message(ida, id), label) {
					id--
				}
				for range 2 {
					if _, err := w.sim.Press(ida, ida, id, simulator.ByLabel(label)); err != nil {
						t.Fatal(err)
					}
				}
				w.settles()
				w.wantsOne(w.message(ida, id), append(c.want, "!wrong", "!You do not follow")...)
				w.wantFollows(ida, c.follow)
			})
		})
	}
}

func TestANewTopicShowsThreeSamplesAtMost(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.boats(3)
		got := w.say(ida, "/subscribe boat")
		w.wants(got[:1], "3 stories in the last 7 days:")
		w.boats(7)
		got = w.say(ben, "/subscribe boat")
		w.wants(got[:1], "7 stories in the last 7 days, among them:")
		if n := strings.Count(got[0].Text, "sails to port"); n != 3 {
			t.Errorf("a new topic shows %d samples, want 3:%s", n, got[:1])
		}
	})
}

func TestAnAnswerThatWasLostComesOnceMore(t *testing.T) {
	for name, kind := range map[string]simulator.FaultKind{
		"a fault of the server":           simulator.FaultBadGateway,
		"a connection closed unanswered":  simulator.FaultClose,
		"taken, and the answer swallowed": simulator.FaultAcceptClose,
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("perhaps not sent")
				w.say(ida, "/start")
				w.sim.AddFault(simulator.Fault{Kind: kind, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1})
				before := w.last(ida)
				if _, err := w.sim.Say(ida, "/timezone Berlin"); err != nil {
					t.Fatal(err)
				}
				w.passes(10 * time.Second)
				got := w.since(ida, before)
				w.wants(got, "Berlin (UTC+1)")
				if want := 1; kind != simulator.FaultAcceptClose && len(got) != want {
					t.Errorf("the answer came %d times, want once:%s", len(got), got)
				}
			})
		})
	}
}

func TestWhatTheReadersOwnChoiceLeavesOutIsTold(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/start")
		w.choose(ida, func(c *bot.Chat) { c.StoryLanguages = "de" })
		w.wants(w.say(ida, "rye bread"), "A story on rye bread is left out: see the languages", "/settings", "!I have no story")
		w.wants(w.say(ida, "/subscribe rye bread"), "A story of the last 7 days fits it and is left out: see the languages", "!No story in the last 7 days")
		w.wants(w.say(ida, "penguins"), "I have no story on penguins", "[➕ Follow “penguins”]")
		w.say(ida, "/subscribe penguins")
		w.wants(w.say(ida, "penguins"), "I have no story on penguins", "!Follow “penguins”") // it is followed
	})
}

func TestAPauseShowsWhereverDigestsAreSpokenOf(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/pause")
		w.wants(w.say(ida, "/schedule"), "No digest comes while paused", "!16 March")
		w.wants(w.say(ida, "/settings"), "⏸ Paused", "[▶️ Resume]")
		w.press(ida, "▶️ Resume")
		w.wants(w.say(ida, "/schedule"), "• Monday, 16 March, 08:00")
	})
}

func TestBreadthChoosesWhatOfATopicIsShown(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publish("Penguins return to the bay", "More than ever came ashore on Monday.")
		w.publish("The zoo opens a cold house", "Forty penguins moved in, and penguins from abroad will follow.")
		w.publish("Council votes on a tram line", strings.Repeat("The line would join the station and the harbour by the spring of the year after next. ", 6)+"A school class came as penguins.")
		w.say(ida, "/subscribe penguins")
		const headline, about, passing = "Penguins return", "cold house", "tram line"
		w.wants(w.say(ida, "/latest"), headline, about, "!"+passing)
		w.say(ida, "/topics")
		w.wantsOne(w.press(ida, "penguins"), "Stories about it", "[Headline only][✓ Normal][Broad]")
		w.wantsOne(w.press(ida, "Broad"), "only mention it", "[Headline only][Normal][✓ Broad]")
		w.wants(w.say(ida, "/latest"), headline, about, passing)
		w.say(ida, "/topics")
		w.press(ida, "penguins")
		w.wantsOne(w.press(ida, "Headline only"), "with it in the headline", "[✓ Headline only][Normal][Broad]")
		w.wants(w.say(ida, "/latest"), headline, "!"+about, "!"+passing)
		w.publish("Penguins march through the old town", "Children followed them to the river.")
		w.publish("A new film opens the festival", "It tells of penguins, and the penguins are real.")
		w.wants(w.say(ida, "/digest"), "Penguins march", "!A new film")
	})
}

func TestAStoryIsToldByTheSiteThatATopicAsksFor(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.postAndWire()
		w.wants(w.say(ida, "ferries site:wire.example"), "Harbour council", "The Wire", "!The Post ·")
		w.wants(w.say(ida, "ferries -site:post.example"), "Harbour council", "The Wire", "!The Post ·")
		w.wantsOne(w.press(ida, "❔ Why?"), "1. Harbour council")
		w.press(ida, "1")
		w.wantsOne(w.press(ida, "🔕 Mute a source"), "[🔕 The Wire]")
		got := w.say(ida, "/subscribe ferries site:wire.example")
		w.wants(got, "One story in the last 7 days", "Harbour council orders two electric ferries – The Wire", "📰", "The Wire · +1 source")
		w.wants(w.say(ida, "/latest"), "The Wire · +1 source")
		if _, offered := w.asks(ida, "ferries site:wire.example", ""); len(offered.Results) != 1 || !strings.HasPrefix(offered.Results[0].Description, "The Wire") {
			t.Errorf("in another chat %+v is offered, want what The Wire tells", offered.Results)
		}
	})
}

func TestNoSentenceStopsTwice(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/subscribe U.S."), "✅ Following U.S.\n", "!U.S..")
		w.wants(w.say(ida, "/unsubscribe U.S."), "Not following U.S. any more.")
	})
}

func TestWordsThatStoriesKnowAreNotCorrected(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "Streiks Regen"), "I have no story on Streiks Regen", "!Did you mean")
		w.wants(w.say(ida, "bridgge zeppelin"), "Did you mean bridge zeppelin?")
		w.publishIn("fr", "Le voilier Bridgge arrive au port après la tempête", "Le Bridgge a perdu une voile, selon les propriétaires du port.")
		w.wants(w.say(ida, "bridgge zeppelin"), "I have no story on bridgge zeppelin", "!Did you mean")
	})
}

func TestARequestInPlainWordsIsUnderstood(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "What's new with ferries?"), "Headlines: ferries", "Ferries stop for a day", "[➕ Follow “ferries”]")
		w.wants(w.say(ida, "/subscribe news about ferries"), "✅ Following ferries.", "2 stories")
		w.wants(w.say(ida, "/subscribe latest on rye bread, Fox News, news from Iceland"), "• rye bread", "• Fox News", "• Iceland")
		w.wants(w.say(ida, "/unsubscribe the latest news on ferries"), "Not following ferries any more")
		w.wants(w.say(ida, "ferries news"), "I have no story on ferries news", "Did you mean ferries?", "[Headlines: ferries]")
		w.wantFollows(ida, "rye bread, Fox News, Iceland")
	})
}

func TestSeveralTopicsAreTakenBackTogether(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe harbour")
		long := strings.Repeat("unaussprechlich", 5)
		w.wants(w.say(ida, "/subscribe ferries, technlogy, harbour, \"rye bread\", "+long), "• ferries – 2 stories: ", "• technlogy – nothing in the last 7 days. Did you mean technology?",
			"• \"rye bread\" – one story: Bakers", "Followed already:\n• harbour", "[ferries][technlogy]", "[↩️ Undo all]")
		w.wantsOne(w.press(ida, "ferries"), "Stories about it come", "[Headline only][✓ Normal][Broad]", "[« Back]")

		w.say(ida, "/subscribe wolves, bears")
		w.say(ida, "/unsubscribe bears")
		w.press(ida, "↩️ Undo all")
		w.wantFollows(ida, "harbour, ferries, technlogy, \"rye bread\", "+long)

		w.say(ida, "/subscribe wolves, "+topics(40))
		w.wants(w.since(ida, 0), "Following 41 topics", "• topic39 – nothing", "![topic39]")
		w.wantsOne(w.press(ida, "↩️ Undo all"), "Not following 41 topics any more:\n• wolves\n• topic0", "[My topics]")
		w.wantFollows(ida, "harbour, ferries, technlogy, \"rye bread\", "+long)
		alike := strings.Repeat("unaussprechlich", 3)
		w.say(ida, "/subscribe "+alike+"xq")
		w.say(ida, "/subscribe "+alike+"zk, owls")
		w.press(ida, "↩️ Undo all") // of two that are listed alike what was followed last
		w.wantFollows(ida, "harbour, ferries, technlogy, \"rye bread\", "+long+", "+alike+"xq")
		w.say(ida, "/unsubscribe "+alike+"xq")
		w.forge(ida, ida, "dropall:") // of a message that lists none
		w.wantFollows(ida, "harbour, ferries, technlogy, \"rye bread\", "+long)
	})
}
