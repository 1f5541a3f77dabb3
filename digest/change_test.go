package digest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestChangeSince(t *testing.T) {
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
		{"a copy", []Article{bridge, after(told("b.example", bridge.Title, bridge.Text))}, 3, 4, "[] [] 3→4 false"},
		{"twice the sources", []Article{bridge, after(told("b.example", bridge.Title, bridge.Text))}, 1, 2, "[] [] 1→2 true"},
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
			c := ChangeSince(Story{Articles: tt.articles, Hosts: tt.now}, noon, tt.hosts)
			if got := fmt.Sprintf("%v %v %d→%d %v", c.Figures, c.Names, c.Before, c.Now, c.Material()); got != tt.want {
				t.Errorf("ChangeSince = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestChangeSinceStandsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Story
		for i := range rapid.IntRange(0, 4).Draw(t, "articles") {
			s.Articles = append(s.Articles, Article{
				Title: rapid.String().Draw(t, "title"), Text: rapid.String().Draw(t, "text"), Language: rapid.SampledFrom([]string{"en", "zh", "de", ""}).Draw(t, "language"),
				Seen: noon.Add(time.Duration(i-1) * time.Hour),
			})
		}
		if c := ChangeSince(s, noon, 1); ChangeSince(s, noon.Add(100*time.Hour), 1).Figures != nil {
			t.Fatalf("ChangeSince after everything was seen finds figures, and %+v before", c)
		}
	})
}
