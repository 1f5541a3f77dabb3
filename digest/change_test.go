package digest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhatHasChanged(t *testing.T) {
	after := func(a Article) Article { a.Seen = noon.Add(time.Hour); return a }
	bridge := told("marl.example", "Bridge over the Marl collapses with a bus on it", "Twelve people died when the bridge fell on Monday, said mayor Alda Finch.")
	for _, tt := range []struct {
		name     string
		articles []Article
		hosts    int
		now      int
		want     string
	}{
		{"nothing came", []Article{bridge}, 1, 1, "[] [] 1→1 false"},
		{"a copy", []Article{bridge, after(told("b.example", bridge.Title, bridge.Text))}, 3, 4, "[] [] 3→3 false"},
		{"twice the sources", []Article{bridge, after(told("b.example", "A bus was crossing when the Marl bridge gave way", ""))}, 1, 2, "[] [] 1→2 true"},
		{"twice the sources that all copied", []Article{bridge,
			after(told("b.example", bridge.Title, bridge.Text)),
			after(told("c.example", "Bridge over Marl collapses with a bus on it", bridge.Text)),
			after(told("d.example", bridge.Title, bridge.Text+" More follows.")),
		}, 1, 4, "[] [] 1→1 false"},
		{"copies beside one of their own", []Article{bridge,
			after(told("b.example", bridge.Title, bridge.Text)),
			after(told("c.example", "A bus was crossing when the Marl bridge gave way", "")),
		}, 1, 3, "[] [] 1→2 true"},
		{"copies of what came later count once", []Article{bridge,
			after(told("b.example", "A bus was crossing when the Marl bridge gave way", "It gave way at once, says everybody who was near and saw the bus go down with it.")),
			after(told("c.example", "A bus was crossing when the Marl bridge gave way", "It gave way at once, says everybody who was near and saw the bus go down with it.")),
		}, 2, 4, "[] [] 2→3 false"},
		{"short copies", []Article{told("a.example", "Bridge falls", ""), after(told("b.example", "Bridge falls", ""))}, 1, 2, "[] [] 1→1 false"},
		{"more sources than can be looked at, all with words of their own", []Article{bridge,
			after(told("b.example", "A bus was crossing when the Marl bridge gave way", "")),
			after(told("c.example", "Marl bridge: what is known", "")),
		}, 20, 40, "[] [] 20→40 true"},
		{"the same host again", []Article{bridge, after(told("marl.example", "What is known of the bridge", ""))}, 1, 1, "[] [] 1→1 false"},
		{"the toll rose", []Article{bridge, after(told("b.example", "Marl bridge: toll rises to 15", ""))}, 3, 4, "[15] [] 3→4 true"},
		{"what was a word is a figure now", []Article{bridge, after(told("b.example", "Marl bridge: 12 dead", ""))}, 3, 4, "[] [] 3→4 false"},
		{"thousands with a comma are one number", []Article{told("a.example", "Storm leaves 150000 without power", ""), after(told("b.example", "Storm leaves 150,000 without power", ""))}, 3, 4, "[] [] 3→4 false"},
		{"a name in a headline", []Article{bridge, after(told("b.example", "Engineer Bo Lund arrested after bridge collapse", ""))}, 3, 4, "[] [Bo Lund] 3→4 true"},
		{"a known surname with a first name", []Article{bridge, after(told("b.example", "Mayor Alda Marie Finch visits the bridge", ""))}, 3, 4, "[] [] 3→4 false"},
		{"colour of one desk", []Article{bridge, after(told("b.example", "Bridge over the Marl collapses", "The bus left for Ostmark with 41 passengers, said Bo Lund."))}, 3, 4, "[] [] 3→4 false"},
		{"two desks tell it", []Article{bridge,
			after(told("b.example", "Bridge over the Marl collapses", "The bus left for Ostmark at noon.")),
			after(told("c.example", "Bridge over the Marl collapses", "A bus from Ostmark was on the bridge.")),
		}, 3, 4, "[] [Ostmark] 3→4 true"},
		{"years, hours, outlets and Titles In Capitals are not news", []Article{bridge,
			after(Article{Host: "b.example", Outlet: "Ostmark Courier", Language: "en", Title: "How the bridge of 1961 fell at 17:06 | Ostmark Courier"}),
			after(told("c.example", "Bridge Over The Marl Falls On Crowded Bus Near Ostmark", "")),
		}, 3, 4, "[] [] 3→4 false"},
		{"without articles from before nothing can be compared", []Article{after(bridge)}, 3, 4, "[] [] 3→4 false"},
		{"German nouns are no names", []Article{
			{Host: "a", Language: "de", Title: "Brücke über die Marl stürzt ein", Seen: noon},
			{Host: "b", Language: "de", Title: "Nach dem Einsturz der Brücke über die Marl beginnt die Suche", Seen: noon.Add(time.Hour)},
		}, 3, 4, "[] [] 3→4 false"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, c := retell(Story{Articles: tt.articles, Hosts: tt.now}, noon, tt.hosts)
			if got := fmt.Sprintf("%v %v %d→%d %v", c.Figures, c.Names, c.Before, c.Now, c.Material()); got != tt.want {
				t.Errorf("retell = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRetell(t *testing.T) {
	at := func(a Article, id ArticleID, minutes int) Article {
		a.ID, a.Seen, a.Published = id, noon.Add(time.Duration(minutes)*time.Minute), noon.Add(time.Duration(minutes-1)*time.Minute)
		return a
	}
	first := at(told("marl.example", "Bridge over the Marl collapses with a bus on it", "Twelve people died when the bridge fell on Monday, said mayor Alda Finch."), 1, 0)
	second := at(told("b.example", "Marl bridge: police close both banks", "The banks were closed to everybody but divers."), 2, -5)
	toll := at(told("c.example", "Marl bridge: toll rises to 15", "Divers found three more of the dead on Tuesday morning."), 3, 60)
	later := at(told("d.example", "Bridge over the Marl: a quiet morning", "Flowers lie on both banks."), 4, 90)
	s := Story{ID: 7, Title: first.Title, Address: first.Address, Host: first.Host, Published: first.Published, Joined: later.Seen, Hosts: 4, Articles: []Article{first, second, toll, later}}
	known := Told{Story: 7, Hosts: 2, Known: noon}

	var changes Changes
	for range 2 { // compared, and remembered
		got, change := changes.Retell(s, known)
		if got.Title != toll.Title || got.Host != toll.Host || !got.Published.Equal(toll.Published) || got.ID != 7 || got.Hosts != 4 {
			t.Errorf("Retell leads with %q of %s at %s, want what tells the new number", got.Title, got.Host, got.Published)
		}
		var order []ArticleID
		for _, a := range got.Articles {
			order = append(order, a.ID)
		}
		if want := []ArticleID{3, 4, 1, 2}; !slices.Equal(order, want) {
			t.Errorf("its articles are %v, want %v", order, want)
		}
		if fmt.Sprint(change) != "{[15] [] 2 4}" {
			t.Errorf("Retell = %+v", change)
		}
	}
	if n := len(changes.recent.young); n != 1 {
		t.Errorf("%d decisions are remembered of one story told alike twice, want 1", n)
	}
	if s.Articles[0].ID != 1 {
		t.Error("Retell changed the story that it was given")
	}
	s.Articles, s.Hosts = []Article{first, second, later}, 3
	if got, change := changes.Retell(s, known); change.Material() || got.Title != first.Title {
		t.Errorf("with a colourless article: %q, %+v; want the story as it was", got.Title, change)
	}
}

func TestWhatHasChangedStandsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Story
		for i := range rapid.IntRange(0, 4).Draw(t, "articles") {
			s.Articles = append(s.Articles, Article{
				Title: rapid.String().Draw(t, "title"), Text: rapid.String().Draw(t, "text"), Language: rapid.SampledFrom([]string{"en", "zh", "de", ""}).Draw(t, "language"),
				Seen: noon.Add(time.Duration(i-1) * time.Hour),
			})
		}
		_, c := retell(s, noon, 1)
		if _, after := retell(s, noon.Add(100*time.Hour), 1); after.Figures != nil {
			t.Fatalf("retell after everything was seen finds figures, and %+v before", c)
		}
	})
}
