package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/digest"
)

// packsOfTheWorld are packs of three languages and several countries; each source
// has news.
func (w *world) packsOfTheWorld() {
	for _, s := range []struct{ name, language, country, subject, item string }{
		{"Star World", "en", "GB", "world", "Ferries stop for a day|Crews want shorter shifts."},
		{"Star Science", "en", "GB", "science", "Comet seen over the bay|It returns in 80 years."},
		{"Star Sport", "en", "GB", "sport", "Rowers win the cup|By two lengths."},
		{"The Mersey", "en", "GB", "national", "Mill opens in Leeds|It opens in June."},
		{"The Ganges", "en", "IN", "national", "Kolkata ferries carry tea down the Hooghly|Some 300 tonnes went to the auction on Thursday, growers say."},
		{"The Liffey", "en", "IE", "national", "Choir of Cork wins|A prize in Vienna."},
		{"Minato", "ja", "JP", "national", "船が出る|朝に船が出た。"},
		{"Forscher", "de", "DE", "science", "Komet über der Bucht|Er kommt in 80 Jahren wieder."},
	} {
		site := "https://" + strings.ReplaceAll(strings.ToLower(s.name), " ", "-") + ".example/"
		w.web.put(site+"feed", document(site, s.name, s.item))
		w.packs = append(w.packs, digest.Source{Name: s.name, Address: site + "feed", Language: s.language, Country: s.country, Subject: s.subject})
	}
	if err := w.store.ListSources(w.t.Context(), w.packs, true); err != nil {
		w.t.Fatal(err)
	}
	w.passes(time.Second)
	w.skips(time.Second) // the next start learns of the packs
	w.collects()
}

func TestPacksNearestToTheTopicsComeFirst(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.packsOfTheWorld()
		w.wants(w.say(ida, "/sources"), "!Nearest to your topics", "English: 6 packs, 6 sources", "[World][Science]", "[Sport][🌍 By country (3)]", "packs in 2 other languages, which are not among yours in /settings")
		w.say(ida, "/subscribe astronomy, india, japan")
		w.wants(w.say(ida, "/sources"), "Nearest to your topics: English · India, Japanese · Japan, English · Science.", "[English · India][Japanese · Japan]", "[English · Science]")
		w.wantsOne(w.press(ida, "English · India"), "English · India: 1 source (1 fine)", "• The Ganges", "[🔕 Mute this pack]")
		// it is what is shown first, not what is read: a topic looks through all packs
		w.wants(w.say(ida, "ferries"), "Ferries stop for a day", "Kolkata ferries carry tea")
		w.wants(w.say(ida, "vienna"), "Choir of Cork wins")
	})
}

func TestNewsOfACountryAreMutedAlone(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.packsOfTheWorld()
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, "🌍 By country (3)"), "English: 3 packs, 3 sources", "[India][Ireland][United Kingdom]", "[« Back]")
		w.wantsOne(w.press(ida, "India"), "English · India", "• The Ganges")
		w.wantsOne(w.press(ida, "🔕 Mute this pack"), "🔕 Muted")
		w.wantsOne(w.press(ida, "« Back"), "muted: 1. The others: 2 sources", "[🔕 India][Ireland][United Kingdom]")
		w.wants(w.say(ida, "ferries"), "Ferries stop for a day", "!Kolkata")
		w.wants(w.say(ben, "ferries"), "Ferries stop for a day", "Kolkata")
	})
}

func TestAnAdminChoosesThePacks(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.packsOfTheWorld()
		w.wants(w.say(ida, "/packs"), "!served") // and learns nothing
		w.say(ada, "/start")
		w.wants(w.say(ada, "/packs"), "Packs: 8 of 8 packs served, 8 sources", "[✅ German 1/1][✅ English 6/6][✅ Japanese 1/1]")
		w.wantsOne(w.press(ada, "✅ English 6/6"), "English: 6 of 6 packs served, 6 sources", "[✅ World (1)][✅ United Kingdom (1)]", "[Serve all][Serve none]")
		w.wantsOne(w.press(ada, "✅ Science (1)"), "5 of 6 packs served, 5 sources", "[▫️ Science (1)]")
		w.press(ada, "✅ India (1)")
		w.wants(w.say(ida, "/sources"), "English: 4 packs, 4 sources", "!Science", "[United Kingdom]")
		// what was told is still known, nothing new comes of it
		visits := w.web.visits()
		w.skips(3 * time.Hour)
		w.collects()
		if n := w.web.visits() - visits; n != 6 {
			t.Errorf("with two packs of eight not served %d sources are visited, want 6", n)
		}
		w.wants(w.say(ada, "/packs"), "6 of 8 packs served, 6 sources", "[✅ English 4/6]")
		w.press(ada, "✅ English 4/6")
		w.wantsOne(w.press(ada, "Serve none"), "English: 0 of 6 packs served", "With no pack served", "[▫️ World (1)]")
		w.wantsOne(w.press(ada, "« Back"), "2 of 8 packs served", "[▫️ English 0/6]", "!With no pack")
		w.press(ada, "▫️ English 0/6")
		w.wantsOne(w.press(ada, "Serve all"), "6 of 6 packs served, 6 sources", "!▫️")
		w.wants(w.say(ida, "/sources"), "English: 6 packs, 6 sources")
		for _, forged := range []string{"serve:1:en", "serve:2:en:", "serve:0:xx:", "serve:0:en:zzz", "serve:", "packs:xx"} {
			w.forge(ada, ada, forged)
		}
		w.wants(w.say(ada, "/packs"), "8 of 8 packs served")
		w.forge(ida, ida, "serve:0:en:")
		w.wants(w.say(ada, "/packs"), "8 of 8 packs served")
	})
}

func TestPacksPlayNoPartBesideAListOfTheOperator(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.wants(w.say(ada, "/packs"), "TIDINGS_SOURCES names what this bot reads", "!served")
		w.forge(ada, ada, "serve:0:en:")
	})
}

func TestPacksOfManyCountriesFitOnAScreen(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		for i, country := range strings.Fields("AE AR AT AU BA BD BE BG BR CA CH CL CN CO CR CZ DE DK EE EG ES ET FI FR GB GH GR HK HR HU ID IE IL IN IR IS IT JM JP KE KR KZ LK LT LV MA MM MX MY NG NL NO NP NZ PE PH PK PL PT QA RO RS RU SA SE SG SI SK SN TH TN TR TW TZ UA US UY VE VN ZA") {
			w.packs = append(w.packs, digest.Source{Name: "Post " + country, Address: fmt.Sprintf("https://post%d.example/feed", i), Language: "en", Country: country, Subject: "national"})
		}
		if err := w.store.ListSources(t.Context(), w.packs, true); err != nil {
			t.Fatal(err)
		}
		w.passes(time.Second)
		w.skips(time.Second)
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, fmt.Sprintf("🌍 By country (%d)", len(w.packs))), "[Argentina][Australia][Austria]", "[Vietnam]")
		w.say(ada, "/start")
		w.say(ada, "/packs")
		w.wantsOne(w.press(ada, fmt.Sprintf("✅ English %d/%[1]d", len(w.packs))), "[✅ Vietnam (1)]", "[Serve all][Serve none]")
	})
}
