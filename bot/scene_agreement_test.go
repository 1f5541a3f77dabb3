package bot_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// agreed are articles of many kinds, told by a listed source.
var agreed = [][2]string{
	{"Harbour council orders two electric ferries", "They replace diesel boats built in 1991, at 38 million euros."},
	{"Ferry crews strike for shorter shifts", "No boat left the port on Tuesday, and 4,000 commuters had to find another way."},
	{"Fairy tales sell well before spring", "Publishers printed 12,000 copies of a book about fairies."},
	{"Central bank raises its key rate", "The central bank raised the rate to 3.25 percent, the third rise in a year."},
	{"Banks in central towns close branches", "Six branches close by June, in the central towns of the province."},
	{"Solar park opens in the desert", "The park has 400,000 panels and feeds 90 megawatts into the grid."},
	{"Wind farm off the coast is delayed", "Cables are scarce, so the turbines turn two years later."},
	{"Jaguar seen near the village", "The cat crossed the road at night, a camera shows."},
	{"Jaguar presents an electric car", "The car has a range of 600 kilometres and costs 90,000 pounds."},
	{"North Korean delegation visits Hanoi", "Talks are about rice and rail, officials say."},
	{"Pyongyang tests a new engine", "State media of North Korea show a test stand on the coast."},
	{"Café-Besitzer gründen einen Verein", "Die Besitzer von elf Cafés wollen gemeinsam einkaufen."},
	{"港の船が電気になる", "町の議会は電気で動く船を二隻買うことを決めた。"},
	{"北朝鮮の代表団がハノイを訪問", "米と鉄道について話し合う。"},
	{"C++ committee agrees on reflection", "The next version of the language comes in three years."},
	{"Velmora shows Quellix at the lake", "Velmora has forty of Quellix, a speaker of Velmora said."},
}

// agreedLearned is found by what other stories taught of two names only.
const agreedLearned = "technology -notebook -camera"

// teaches publishes stories of several kinds; two names stand in those about computing.
func (w *world) teaches() {
	for i := range 12 {
		unlike := func(n int) string { return fmt.Sprintf("Zq%c%cz%c", 'a'+i, 'a'+n, 'a'+(i*n+n)%26) }
		for n, kind := range []string{"striker goalkeeper", "wheat farmer", "singer guitarist", "burglar detective", "software processor"} {
			words := strings.Fields(kind)
			if n == 4 {
				words[1] += " of " + []string{"Velmora", "Quellix"}[i%2]
			}
			w.publish(fmt.Sprintf("%s %s meets %s", unlike(3*n), words[0], unlike(3*n+1)), fmt.Sprintf("A %s saw %s with a notebook.", words[1], unlike(3*n+2)))
		}
	}
}

// own are told by a source of the reader's own.
var agreedOwn = []string{"Ferries of my village|The ferries of the lake sail again from May.", "My garden in March|Nothing but snowdrops."}

// TestPreviewSearchLatestEditionAndAlertsAgree follows a topic before its articles
// come, so that the joiner matches them, and after, so that they are back-filled,
// and compares what five ways show of it.
func TestPreviewSearchLatestEditionAndAlertsAgree(t *testing.T) {
	for topic, least := range map[string]int{
		"ferries":                   3,
		"ferry strike":              1,
		`"central bank"`:            1,
		"central bank":              2,
		"solar OR wind":             2,
		"solar OR wind -delayed":    1,
		"jaguar -car":               1,
		"north korea":               2,
		"cafe":                      1,
		"電気 船":                      1,
		"北朝鮮":                       1,
		"c++":                       1,
		"electric OR 電気 -committee": 3,
		"unheard of":                0,
		agreedLearned:               1,
	} {
		t.Run(topic, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.web.put(gazette+"feed", document(gazette, "The Gazette", agreedOwn...))
				for _, person := range []int64{ida, ben} {
					w.say(person, "/source gazette.example/feed")
				}
				w.wants(w.say(ida, "/subscribe "+topic), "Following")
				w.alerting(zoe, topic)
				w.collects()
				if topic == agreedLearned {
					w.teaches()
				}
				for _, a := range agreed {
					w.publish(a[0], a[1])
				}
				w.passes(2 * time.Second)
				preview := w.say(ben, "/subscribe "+topic)
				want := w.titles(w.say(ida, "/latest "+topic+" 10"))
				if len(want) < least {
					t.Errorf("/latest %s shows %q, want at least %d", topic, want, least)
				}
				count := map[int]string{0: "No story in the last", 1: "One story in the last"}[len(want)]
				if count == "" {
					count = fmt.Sprintf("%d stories in the last", len(want))
				}
				w.wants(preview[:1], count)
				if samples := w.titles(preview[:1]); len(samples) != min(3, len(want)) || !within(samples, want) {
					t.Errorf("the preview of %s shows %q of %q", topic, samples, want)
				}
				same := func(how string, got []string) {
					t.Helper()
					others := slices.DeleteFunc(slices.Clone(got), func(title string) bool {
						// an edition tells what else the own source has
						return slices.Contains(want, title) || strings.Contains(how, "edition") && strings.Contains(agreedOwn[0]+agreedOwn[1], title)
					})
					if !within(want, got) || len(others) > 0 {
						t.Errorf("%s of %s shows %q, want %q", how, topic, got, want)
					}
				}
				same("plain text", w.titles(w.say(ben, topic)))
				same("another's /latest", w.titles(w.say(ben, "/latest "+topic+" 10")))
				w.passes(5 * time.Second)
				// who followed later had their first edition with the preview
				same("the first edition", w.titles(shownAfter(w.since(ben, 0), "📰")))
				same("the edition", w.titles(shownAfter(append(w.say(ida, "/digest"), w.since(ida, 0)...), "📰")))
				w.alertsAgree(topic, want)
			})
		})
	}
}

// alertsAgree lets two more hosts tell everything in an order of words of their own,
// and compares the alerts of it with what the topic has.
func (w *world) alertsAgree(topic string, want []string) {
	w.t.Helper()
	for _, a := range agreed {
		for n := range uint64(2) {
			order := rand.New(rand.NewPCG(n, 1))
			for i := range a {
				words := strings.Fields(a[i])
				order.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
				a[i] = strings.Join(words, " ")
			}
			w.tells(fmt.Sprintf("again%d.example", n), a[0], a[1])
		}
	}
	w.passes(3 * time.Second)
	w.skips(time.Minute) // what was looked at a moment ago is so again
	var surged []string
	for _, id := range w.stories() {
		stories, err := w.store.StoriesToCompare(w.t.Context(), []digest.StoryID{id})
		if err != nil || len(stories) != 1 {
			w.t.Fatalf("StoriesToCompare(%d) = %d, %v", id, len(stories), err)
		}
		if s := stories[0]; !digest.SurgeOf(s.Articles).At.IsZero() && slices.Contains(want, s.Title) {
			surged = append(surged, s.Title)
		}
	}
	alerts := w.titles(shownAfter(w.since(zoe, 0), "🔔"))
	if !within(alerts, surged) || len(alerts) != min(len(surged), bot.MaxAlerts) || len(want) > 1 && len(surged) == 0 {
		w.t.Errorf("alerts of %s tell %q of %q, want as many as a day may have of %q", topic, alerts, want, surged)
	}
}

// stories are those of listed sources.
func (w *world) stories() (ids []digest.StoryID) {
	w.t.Helper()
	rows, err := w.store.DB().Query(`SELECT id FROM stories WHERE circle = 0 ORDER BY id`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id digest.StoryID
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// titles are those of the published articles that messages show, in the order
// of publication.
func (w *world) titles(s shown) (all []string) {
	text := s.String()
	for _, a := range agreed {
		if strings.Contains(text, a[0]) {
			all = append(all, a[0])
		}
	}
	for _, item := range agreedOwn {
		if title, _, _ := strings.Cut(item, "|"); strings.Contains(text, title) {
			all = append(all, title)
		}
	}
	return all
}

// shownAfter keeps the messages that begin so.
func shownAfter(s shown, begin string) (some shown) {
	for _, m := range s {
		if strings.HasPrefix(m.Text, begin) {
			some = append(some, m)
		}
	}
	return some
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
