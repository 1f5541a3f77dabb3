package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/digest"
)

// asks types after the bot's name and waits for what it offers.
func (w *world) asks(person int64, text, offset string) (query string, got simulator.InlineAnswer) {
	w.t.Helper()
	query, err := w.sim.Ask(person, text, offset)
	if err != nil {
		w.t.Fatal(err)
	}
	if got, err = w.sim.Asked(w.t.Context(), query); err != nil {
		w.t.Fatalf("the inline query %q was not answered: %v", text, err)
	}
	return query, got
}

func titlesOf(a simulator.InlineAnswer) string {
	var titles []string
	for _, r := range a.Results {
		titles = append(titles, r.Title)
	}
	return strings.Join(titles, "; ")
}

func TestAHeadlineIsSharedFromAnyChat(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		query, got := w.asks(ida, "electric ferries", "")
		if titlesOf(got) != "Harbour council orders two electric ferries" || got.Button != "Follow electric ferries" || got.Start != "t_electric_ferries" {
			t.Fatalf("offered %+v", got)
		}
		group := w.sim.AddGroup(simulator.Group{Type: "supergroup", Title: "Harbour", Members: []int64{ida, ben}})
		shared, err := w.sim.Share(group, 0, query, got.Results[0].ID)
		if err != nil || shared.ViaBot == nil || !strings.HasPrefix(shared.Text, "Harbour council orders two electric ferries\n") || !strings.Contains(shared.Text, "March") {
			t.Errorf("shared %+v (%v), want headline and day", shared, err)
		}
		if _, err := w.sim.Share(ida, 0, query, got.Results[0].ID); err != nil { // to the bot itself
			t.Fatal(err)
		}
		w.settles()
		if n := len(w.sim.Snapshot(ida)); n != 1 {
			t.Errorf("the chat with the bot shows %d messages, want only the one shared", n)
		}
	})
}

func TestWhatIsSharedIsWrittenAsInADigest(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publish("港口委员会订购两艘电动渡轮", "港口委员会周一以三千八百万欧元订购了两艘电动渡轮。新船将取代一九九一年建造的柴油船，每天运送四千名通勤者。")
		query, got := w.asks(ben, "电动渡轮", "")
		if len(got.Results) != 1 {
			t.Fatalf("offered %+v", got)
		}
		shared, err := w.sim.Share(ben, 0, query, got.Results[0].ID)
		if err != nil || strings.Count(shared.Text, "。") != 2 || strings.Contains(shared.Text, "。 ") {
			t.Errorf("shared %q (%v), want two sentences without a space between", shared.Text, err)
		}
	})
}

func TestAStrangerWhoAsksInAnyChatIsNotKept(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		for text, want := range map[string]string{
			"rye bread":                "Bakers lower the price of rye bread",
			"zeppelins":                "",
			`"unclosed`:                "",
			"-only -excludes":          "",
			"bread, ferries":           "",
			"\u200f\u200d\U0001F6A2":   "",
			strings.Repeat("OR ", 300): "",
		} {
			if _, got := w.asks(ben, text, ""); titlesOf(got) != want {
				t.Errorf("%.20q offers %q, want %q", text, titlesOf(got), want)
			} else if want == "" && (got.Button == "" || got.Start == "") {
				t.Errorf("%.20q: no button says what to do: %+v", text, got)
			}
		}
		if _, got := w.asks(ben, "  ", ""); len(got.Results) != 3 || got.Button != "" {
			t.Errorf("without words %q are offered (%q), want what most tell", titlesOf(got), got.Button)
		}
		w.settles()
		if _, err := w.store.ChatAt(t.Context(), bot.Address{Telegram: ben}); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("ChatAt = %v, want nothing known of somebody who never wrote to the bot", err)
		}
	})
}

func TestManyHeadlinesToShareComeByThePage(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.boats(23)
		seen, offset, pages := map[string]bool{}, "", 0
		for {
			_, got := w.asks(ida, "boat", offset)
			for _, r := range got.Results {
				seen[r.Title] = true
			}
			if pages++; got.Next == "" || pages > 9 {
				break
			}
			offset = got.Next
		}
		if len(seen) != 23 || pages != 3 {
			t.Errorf("%d headlines on %d pages, want 23 on 3", len(seen), pages)
		}
		if _, got := w.asks(ida, "boat", "-7x"); len(got.Results) != 10 {
			t.Errorf("a forged place offers %d headlines, want the first page", len(got.Results))
		}
	})
}

func TestWhoIsBannedOrAsksTooFastIsOfferedNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		if _, err := w.store.Ban(t.Context(), ida, time.Now()); err != nil {
			t.Fatal(err)
		}
		if id, err := w.sim.Ask(ida, "ferries", ""); err != nil {
			t.Fatal(err)
		} else if _, err := w.sim.Asked(t.Context(), id); err == nil {
			t.Error("a banned person is answered")
		}
		answered := 0
		for range 100 {
			id, err := w.sim.Ask(ben, "ferries", "")
			if err != nil {
				t.Fatal(err)
			}
			if a, err := w.sim.Asked(t.Context(), id); err == nil && len(a.Results) == 2 {
				answered++
			} else {
				break
			}
		}
		if answered < 40 || answered > 60 {
			t.Errorf("%d answers at once, want some 40", answered)
		}
	})
}

func TestWithoutWordsTheOwnTopicsAreOffered(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/subscribe bread")
		if _, got := w.asks(ida, "", ""); titlesOf(got) != "Bakers lower the price of rye bread" {
			t.Errorf("offered %q, want what the reader follows", titlesOf(got))
		}
	})
}

func TestWhatWasTypedWrongInAnyChatFindsWhatWasMeant(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		_, got := w.asks(ida, "ferrry strike", "")
		if titlesOf(got) != "Ferries stop for a day as crews strike" || got.Button != "Did you mean ferry strike? Follow it" || got.Start != "t_ferry_strike" {
			t.Errorf("offered %+v", got)
		}
		if _, got = w.asks(ida, "technlogy", ""); len(got.Results) > 0 || got.Button != "Nothing on technlogy yet: follow it" { // what was meant finds nothing, too
			t.Errorf("offered %+v", got)
		}
	})
}
