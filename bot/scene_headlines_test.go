package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot/simulator"
)

// boats publishes stories about as many different boats.
func (w *world) boats(n int) {
	for i := range n {
		name := string(rune('A'+i%26)) + fmt.Sprint(i)
		w.publish(fmt.Sprintf("Boat %s sails to port number %d", name, i), fmt.Sprintf("It carried %d crates of things called x%dx. The trip took %d hours.", 100+i, i, 10+i))
	}
}

func TestPlainTextShowsHeadlinesWithAFollowButton(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe bread")
		w.wants(w.say(ida, "ferries"), "Headlines: ferries", "Harbour council", "Ferries stop", "as of 07:30", "[➕ Follow “ferries”]", "!Bakers")
		w.wants(w.say(ida, "penguins"), "I have no story on penguins from the last 7 days", "[➕ Follow “penguins”]", "!as of")
		w.wants(w.say(ida, `say "cheese`), "has no partner", "!Follow")
		w.wants(w.say(ida, "🎉"), "no word in that")
		w.wants(w.say(ida, strings.Repeat("é", 4096)), "too long")
		w.wantsOne(w.press(ida, "➕ Follow “penguins”"), "✅ Following penguins")
		w.wantFollows(ida, "bread, penguins")
	})
}

func TestLatestPagesBackAndForth(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.boats(7)
		pages := []struct {
			do   func() fmt.Stringer
			want []string
		}{
			{func() fmt.Stringer { return w.say(ida, "/latest boat 3") }, []string{"Headlines: boat", "[More »]", "!« Back"}},
			{func() fmt.Stringer { return shown{w.press(ida, "More »")} }, []string{"[« Back][More »]"}},
			{func() fmt.Stringer { return shown{w.press(ida, "More »")} }, []string{"[« Back]", "!More »"}},
			{func() fmt.Stringer { return shown{w.press(ida, "« Back")} }, []string{"[« Back][More »]"}},
			{func() fmt.Stringer { return shown{w.press(ida, "« Back")} }, []string{"[More »]", "!« Back"}},
		}
		var seen []string
		for i, p := range pages {
			got := p.do()
			w.wants(got, append(p.want, "as of", "[➕ Follow “boat”]")...)
			n := strings.Count(got.String(), "sails to port")
			if want := []int{3, 3, 1, 3, 3}[i]; n != want {
				t.Errorf("page %d shows %d headlines, want %d:%s", i, n, want, got)
			}
			for _, line := range strings.Split(got.String(), "\n") {
				if i < 3 && strings.Contains(line, "sails to port") {
					seen = append(seen, line)
				}
			}
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != 7 {
			t.Errorf("three pages show %d different headlines, want 7", len(slices.Compact(seen)))
		}
		if messages := w.since(ida, 0); len(messages) != 1 {
			t.Errorf("paging made %d messages, want one that is edited", len(messages))
		}
	})
}

func TestLatestTakesANumberAndTopics(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.say(ida, "/latest"), "I have no stories yet")
		w.boats(12)
		count := func(text string) int { return strings.Count(w.say(ida, text).String(), "sails to port") }
		for text, want := range map[string]int{
			"/latest":                           5, // nothing followed: what was most reported
			"/latest 2":                         2,
			"/latest 99":                        10,
			"/latest boat":                      5,
			"/latest boat 1":                    1,
			"/latest boat 0":                    1,
			"/latest boat -3":                   1,
			"/latest boat 1000":                 10,
			"/latest boat 99999999999999999999": 10,
			"/latest nonsense":                  0,
		} {
			if got := count(text); got != want {
				t.Errorf("say(%q) shows %d headlines, want %d", text, got, want)
			}
		}
		w.wants(w.say(ida, "/latest boat 1000"), "Headlines: boat\n", "I show 1 to 10 headlines at once, so I read 1000 as 10.")
		w.wants(w.say(ida, "/latest boat -5"), "Headlines: boat\n", "so I read -5 as 1.")
		w.wants(w.say(ida, "/latest boat 10"), "Headlines: boat\n", "!at once")
		w.wants(w.say(ida, "/latest boat 1"), "Headlines: boat\n", "!at once")
		w.say(ida, "/subscribe boat")
		w.wants(w.say(ida, "/latest"), "The latest from your topic", "[More »]", "!Follow")
		w.say(ida, "/subscribe penguins")
		w.say(ida, "/topics")
		w.press(ida, "boat")
		w.press(ida, "🔕 Mute")
		w.wants(w.say(ida, "/latest"), "No story on your topics in the last 24 hours")
	})
}

func TestLatestMarksNothingAsSent(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 07:40")
		w.ferries()
		w.wants(w.say(ida, "/latest"), "electric ferries")
		w.wants(w.say(ida, "ferries"), "electric ferries")
		before := w.last(ida)
		w.slot("07:40")
		w.wants(w.since(ida, before), "📰", "electric ferries", "Ferries stop")
	})
}

func TestAForgedPageShowsTheFirst(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.boats(6)
		w.say(ida, "/latest boat")
		for _, data := range []string{"page:", "page:x", "page:-5/5:boat", "page:99999999999999999999/5:boat", "page:3/0:boat", "page:3/-1:boat", "page:5/500:boat", "page:90/5:boat", "page:" + strings.Repeat("9", 60), `page:0/5:"`} {
			w.forge(ida, ida, data)
			w.wants(w.since(ida, 0)[:1], "!Something went wrong")
		}
		if n := len(w.since(ida, 0)); n != 1 {
			t.Errorf("forged pages left %d messages, want one", n)
		}
	}, func(c *simulator.Config) { c.CallbackTTL = time.Minute })
}
