package bot_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

func TestWhyTellsWhatAStoryCameFor(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "/subscribe ferries"), "📰 Monday", "[❔ Why?]")
		before := w.last(ida)
		edition := w.press(ida, "❔ Why?")
		w.wantsOne(edition, "📰 Monday", "[❔ Why?]") // it stays as it is
		got := w.since(ida, before)
		w.wants(got, "Why these stories?", "1. Harbour council", "2. Ferries stop", "ferries · in the headline: ", " of 100", "[1][2]", "![3]")
		w.wantsOne(w.press(ida, "2"), "Ferries stop for a day as crews strike", "Topic: ferries", "Found in the headline: Ferries", "How well it fits: ", "of 100 – ", "Source: The Test Post",
			"[👍 More like this][👎 Less like this]", "[🔕 Mute a source][✂️ Leave out a word]", "[« Back]")
		w.wantsOne(w.press(ida, "« Back"), "Why these stories?", "[1][2]")
	})
}

func TestWhyBeginsWithThePartThatItHangsUnder(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.boats(10)
		w.say(ida, "/start")
		w.choose(ida, func(c *bot.Chat) { c.Length = bot.LengthFull })
		w.say(ida, "/subscribe boat")
		before := w.last(ida)
		w.forge(ida, ida, "why:"+w.slotOf(ida)+":3") // as under a part that begins with the fourth story
		w.wants(w.since(ida, before), "Why these stories?\n\n4. ", "8. ", "[4][5][6][7][8]", "[« Back][More »]", "!3. ", "!9. ")
		w.press(ida, "8")
		w.wantsOne(w.press(ida, "« Back"), "[4][5][6][7][8]") // where it was chosen from
		w.press(ida, "8")
		w.press(ida, "🔕 Mute a source")
		w.press(ida, "« Back")
		w.wantsOne(w.press(ida, "« Back"), "[6][7][8][9][10]") // among others it is shown at least
		w.wantsOne(w.press(ida, "« Back"), "[1][2][3][4][5]", "[More »]")
		w.wantsOne(w.press(ida, "More »"), "[6][7][8][9][10]", "[« Back]", "!More »")
	})
}

func TestAWordIsLeftOutFromWhy(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/topics")
		w.press(ida, "ferries")
		w.press(ida, "Broad")
		w.press(ida, "❔ Why?")
		w.press(ida, "2")
		w.wantsOne(w.press(ida, "✂️ Leave out a word"), "shall stories on ferries not have", "[− crews]", "!− Ferries", "[✏️ Edit]")
		data := fmt.Sprint("whynot:", w.slotOf(ida), ":1:26-31")
		w.wantsOne(w.press(ida, "− crews"), "✅ Changed ferries to ferries -crews", "One story in the last 7 days", "!as crews strike", "[↩️ Undo]", "[« Back]")
		w.wantFollows(ida, "ferries -crews")
		w.say(ida, "/topics")
		w.wantsOne(w.press(ida, "ferries -crews"), "[✓ Broad]")

		// pressed twice, the second says the same
		w.forge(ida, ida, data)
		w.wants(w.since(ida, 0), "✅ Changed ferries to ferries -crews")
		w.wantFollows(ida, "ferries -crews")

		// of another story of the same edition, though the topic is another now
		w.press(ida, "❔ Why?")
		w.press(ida, "1")
		w.press(ida, "✂️ Leave out a word")
		w.press(ida, "− council")
		w.wantFollows(ida, "ferries -crews -council")
		w.press(ida, "↩️ Undo")
		w.wantFollows(ida, "ferries -crews")
	})
}

// buttonData is what the newest button with a label holds.
func (w *world) buttonData(person int64, label string) (data string) {
	w.t.Helper()
	for _, m := range w.sim.Snapshot(person) {
		if m.Markup == nil {
			continue
		}
		for _, row := range m.Markup.InlineKeyboard {
			for _, b := range row {
				if b.Text == label {
					data = b.CallbackData
				}
			}
		}
	}
	if data == "" {
		w.t.Fatalf("no message has [%s]", label)
	}
	return data
}

// slotOf is the slot of a chat's latest edition, as its buttons name it.
func (w *world) slotOf(person int64) string {
	w.t.Helper()
	return strings.Split(w.buttonData(person, "❔ Why?"), ":")[1]
}

func TestASourceIsMutedFromWhy(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.postAndWire()
		w.say(ida, "/subscribe ferries")
		w.press(ida, "❔ Why?")
		w.wantsOne(w.press(ida, "1"), "Sources: The Post, The Wire")
		w.wantsOne(w.press(ida, "🔕 Mute a source"), "Which source shall stay out", "[🔕 The Post]", "[🔕 The Wire]")
		w.wantsOne(w.press(ida, "🔕 The Post"), "The Post is muted", "[↩️ Hear The Post again]", "[🔕 The Wire]")
		w.wants(w.say(ida, "ferries"), "Harbour council", "The Wire", "!The Post", "!Ferries smell")
		w.wants(w.say(ida, "/latest"), "The Wire", "!The Post")
		w.wants(w.say(ida, "/subscribe ferries"), "One story in the last 7 days", "– The Wire")

		w.wants(w.say(ida, "/sources"), "[🔕 Muted (1)]")
		w.wantsOne(w.press(ida, "🔕 Muted (1)"), "Sources you muted", "The Post", "[🔕 The Post]")
		w.wantsOne(w.press(ida, "🔕 The Post"), "[🔔 Unmute]")
		w.press(ida, "🔔 Unmute")
		w.wants(w.say(ida, "/sources"), "!Muted (")
		w.wants(w.say(ida, "ferries"), "The Post", "Ferries smell")

	})
}

func TestWhyUnderHeadlinesOffersWhatItDoesUnderAnEdition(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.postAndWire()
		w.publish("Bakers lower the price of rye bread", "Flour has become cheaper since spring.")
		w.say(ida, "/subscribe bread")

		// a topic that is not followed
		w.say(ida, "ferries")
		w.wantsOne(w.press(ida, "❔ Why?"), "Headlines: ferries", "1. ", "ferries · in the headline: ferries · ", " of 100", "Tap a number", "[1][2]", "!🔕")
		n := "1"
		card := w.press(ida, n)
		if !strings.Contains(card.Text, "Harbour council") {
			w.press(ida, "« Back")
			n = "2"
			card = w.press(ida, n)
		}
		w.wantsOne(card, "Topic: ferries", "Found in the headline: ferries", "How well it fits: ", "Sources: The Post, The Wire",
			"[👍 More like this][👎 Less like this]", "[🔕 Mute a source]", "!Leave out", "[« Back]")
		w.wantsOne(w.press(ida, "👎 Less like this"), "less of", "[🔕 Mute a source]", "!Leave out")
		w.wantsOne(w.press(ida, "🔕 Mute a source"), "[🔕 The Post]", "[🔕 The Wire]")
		w.press(ida, "🔕 The Post")
		w.wantsOne(w.press(ida, "🔕 The Wire"), "The Wire is muted", "[↩️ Hear The Post again]") // though nobody tells it here now
		w.press(ida, "↩️ Hear The Post again")
		w.press(ida, "↩️ Hear The Wire again")
		w.wantsOne(w.press(ida, "« Back"), "Topic: ferries")
		w.wantsOne(w.press(ida, "👍 More like this"), "[« Back]")
		w.press(ida, "« Back")
		w.wantsOne(w.press(ida, "« Back"), "Headlines: ferries", "[1][2]")
		w.wantsOne(w.press(ida, "« Back"), "Headlines: ferries", "as of", "[➕ Follow “ferries”]")

		// one that is
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/latest ferries 1")
		w.press(ida, "More »")
		w.press(ida, "❔ Why?")
		w.press(ida, "2")
		w.wantsOne(w.press(ida, "👎 Less like this"), "[Only with “ferries” in the headline]", "[✂️ Leave out a word]")
		w.wantsOne(w.press(ida, "Only with “ferries” in the headline"), "with it in the headline", "[↩️ Undo]")
		w.wantsOne(w.press(ida, "↩️ Undo"), "Stories about it come")
		w.press(ida, "« Back")
		w.wantsOne(w.press(ida, "« Back"), "[2]", "![1]")
	})
}

func TestAWordIsLeftOutFromWhyUnderHeadlines(t *testing.T) {
	for name, topic := range map[string]string{
		"a short topic": "ferries",
		"a long one":    "ferries crews OR unaussprechlichesunaussprechlichesworte",
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.ferries()
				w.say(ida, "/subscribe "+topic)
				w.say(ida, "/subscribe rye bread")
				w.wants(w.say(ida, "/latest"), "The latest from your topics", "Bakers lower")
				w.wantsOne(w.press(ida, "❔ Why?"), "The latest from your topics", "rye bread · in the headline", topic+" · in the headline")
				n := 0
				for n = 1; n < 4; n++ {
					if card := w.press(ida, strconv.Itoa(n)); strings.Contains(card.Text, "Ferries stop") {
						break
					}
					w.press(ida, "« Back")
				}
				w.wantsOne(w.press(ida, "✂️ Leave out a word"), "shall stories on "+topic+" not have", "[− strike]")
				w.wantsOne(w.press(ida, "− strike"), "✅ Changed "+topic+" to "+topic+" -strike", "[↩️ Undo]", "[« Back]")
				w.wantFollows(ida, topic+" -strike, rye bread")
				w.wantsOne(w.press(ida, "« Back"), "Topic: "+topic, "[✂️ Leave out a word]")
				w.wantsOne(w.press(ida, "« Back"), "The latest from your topics", "rye bread · in", "!Ferries stop")
				w.wantsOne(w.press(ida, "« Back"), "The latest from your topics", "as of", "Bakers lower")
			})
		})
	}
}

func TestWhyUnderTheMostReportedAndOwnSources(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "/latest"), "Most reported")
		w.wantsOne(w.press(ida, "❔ Why?"), "Most reported", "among the most reported", "[1][2][3]")
		w.wantsOne(w.press(ida, "2"), "among the most reported", "Source: The Test Post", "[🔕 Mute a source]", "!Leave out", "!Topic")
		w.wantsOne(w.press(ida, "« Back"), "Most reported", "[1][2][3]")
		w.wantsOne(w.press(ida, "« Back"), "Most reported", "as of")
	})
}

func TestMoreAndLessLikeAStory(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.publish("The ferries of the lake are bought by Hannah Okoro and by her two sons for little money", "The price is not known.")
		w.say(ida, "/subscribe Okoro ferries")
		w.press(ida, "❔ Why?")
		w.press(ida, "1")
		w.wantsOne(w.press(ida, "👍 More like this"), "No other story of the last 7 days is like it", "!Hannah Okoro:", "[➕ Follow “Hannah Okoro”]", "[Also what mentions “Okoro ferries”]")
		w.wantsOne(w.press(ida, "Also what mentions “Okoro ferries”"), "only mention it", "[↩️ Undo]", "[« Back]")
		w.wantsOne(w.press(ida, "↩️ Undo"), "Stories about it come", "[↩️ Undo]")
		w.wantsOne(w.press(ida, "↩️ Undo"), "only mention it")
		w.wantsOne(w.press(ida, "« Back"), "Topic: Okoro ferries")
		w.press(ida, "❔ Why?")
		w.press(ida, "1")
		w.wantsOne(w.press(ida, "👎 Less like this"), "less of", "[What is about “Okoro ferries”]", "[✂️ Leave out a word]", "[🔕 Mute a source]")
		w.press(ida, "« Back")
		w.skips(4 * 24 * time.Hour) // beyond what may be the same event
		w.publish("Parliament thanks Hannah Okoro", "Judges of the highest court rose for a farewell on Friday. Thirty years on the bench end in June, and a successor has not been named.")
		w.wantsOne(w.press(ida, "👍 More like this"), "Hannah Okoro: 2 stories in the last 7 days", "• Parliament thanks", "!• The ferries")
		w.wantsOne(w.press(ida, "➕ Follow “Hannah Okoro”"), "✅ Following Hannah Okoro", "[↩️ Undo]")
		w.wantFollows(ida, "Okoro ferries, Hannah Okoro")
	})
}

func TestWhyOfATopicThatWasEdited(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		for _, c := range []struct{ from, to string }{{"ferries", "harbour boats"}, {"harbour boats", "quays"}} {
			w.say(ida, "/topics")
			w.press(ida, c.from)
			w.press(ida, "✏️ Edit")
			w.wants(w.say(ida, c.to), "Changed "+c.from+" to "+c.to)
		}
		w.press(ida, "❔ Why?")
		w.wantsOne(w.press(ida, "1"), "Topic: ferries then, quays now", "Found in the headline: ferries")
		w.wantsOne(w.press(ida, "✂️ Leave out a word"), "shall stories on quays not have")
		w.press(ida, "« Back")
		w.wantsOne(w.press(ida, "👎 Less like this"), "[Only with “quays” in the headline]")

		w.say(ida, "/subscribe ferries") // followed anew beside it, it is what the story came for
		w.press(ida, "❔ Why?")
		w.wantsOne(w.press(ida, "1"), "Topic: ferries\n")
	})
}

func TestWhyOfWhatIsGone(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe ferries")
		w.say(ben, "/subscribe bread")
		slot := w.slotOf(ida)

		// the topic is not followed any more: what it came for is still told
		w.say(ida, "/unsubscribe ferries")
		w.press(ida, "❔ Why?")
		w.wantsOne(w.press(ida, "1"), "Topic: ferries", "Found in the headline")
		w.wants(w.since(ida, 0), "Topic: ferries, which you do not follow any more")
		w.wantsOne(w.press(ida, "✂️ Leave out a word"), "do not follow that topic any more", "[« Back]")
		w.press(ida, "« Back")
		w.wantsOne(w.press(ida, "👎 Less like this"), "[🔕 Mute a source]", "!Leave out")

		// the stories are not kept any more
		w.skips(8 * 24 * time.Hour)
		if err := w.store.Tidy(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		before := w.last(ida)
		w.press(ida, "❔ Why?")
		w.wants(w.since(ida, before), "1. Harbour council", "in the headline: ferries")
		w.wantsOne(w.press(ida, "1"), "Topic: ferries", "Source: The Test Post")
		w.wantsOne(w.press(ida, "👍 More like this"), "no further topic")

		// nor the edition
		w.skips(8 * 24 * time.Hour)
		if err := w.store.Tidy(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		before = w.last(ida)
		w.press(ida, "❔ Why?")
		w.wants(w.since(ida, before), "I do not know that any more")

		// nor anything
		w.say(ben, "/forgetme")
		w.press(ben, "Erase everything")
		before = w.last(ben)
		w.press(ben, "❔ Why?")
		w.wants(w.since(ben, before), "I do not know that any more")

		// forged ones of another chat, and of no form
		before = w.last(ben)
		for _, data := range []string{"why:" + slot + ":0", "why", "why:", "why:x:y", "why:zzzzzzzzzzzzzzzzzzzz:0", "why:" + slot + ":99", "why:" + slot + ":-1",
			"whyof:" + slot + ":0", "whymute:" + slot + ":0:1", "whynot:" + slot + ":0:x", "whybreadth:" + slot + ":0:broad", "whypage:", "whypage:x/y:", "whypage:0/5", "whymore:::",
			"whyof:=", "whyof:=/", "whyof:=s0/5/zz/:ferries", "whyof:=x0/5/zzzzzzzzzzzzzzzzz/", "whyof:=t0/5/" + slot + "/" + slot, "whyhosts:=s-1/99/1/x:\"", "whys:=s0/5/1/", "whyof:===:::", "whyhosts:1:1:1"} {
			w.forge(ben, ben, data)
		}
		w.wants(w.since(ben, before), "I do not know that any more", "!Something went wrong", "!ferries")
		w.wantFollows(ben, "")
	})
}

func TestOnlyAdminsActOnWhyInGroups(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		group := w.group(simulator.Group{})
		w.post(simulator.Post{From: ada, Chat: group, Text: "/subscribe ferries"})
		at := bot.Address{Telegram: group}
		w.pressIn(ben, group, "❔ Why?")
		w.pressIn(ben, group, "2")
		w.wantsOne(w.pressIn(ben, group, "✂️ Leave out a word"), "[− crews]")
		w.pressIn(ben, group, "− crews") // only a notice
		if got := w.followsAt(at); got != "ferries" {
			t.Errorf("after a member's press the group follows %q", got)
		}
		w.pressIn(ada, group, "− crews")
		if got := w.followsAt(at); got != "ferries -crews" {
			t.Errorf("after an admin's press the group follows %q", got)
		}
	})
}

func TestAStoryInAnotherLanguageLeadsToTheLanguages(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publishIn("fr", "Les ferries du port restent à quai pendant la grève des équipages", "La grève dure depuis lundi.")
		w.publish("Ferries stop for a day as crews strike", "Passengers were told to take the train.")
		w.say(ida, "/start")
		w.choose(ida, func(c *bot.Chat) { c.StoryLanguages = "" })
		w.say(ida, "/subscribe ferries")
		for n := 1; n <= 2; n++ {
			w.press(ida, "❔ Why?")
			if card := w.press(ida, strconv.Itoa(n)); strings.Contains(card.Text, "Les ferries") {
				w.wantsOne(w.press(ida, "👎 Less like this"), "[🌐 Choose languages]")
				w.wantsOne(w.press(ida, "🌐 Choose languages"), "[✓ any language]")
			} else {
				w.wantsOne(w.press(ida, "👎 Less like this"), "!🌐")
			}
		}
	})
}
