package digest

import (
	"fmt"
	"testing"
	"time"
)

func TestSurgeOf(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	words := []string{
		"The council ordered two electric ferries for the harbour on Monday",
		"Commuters will cross without diesel smoke from next year on",
		"A yard in the north builds both boats for 38 million euros",
		"Nobody on the quay expected the vote to be so clear",
	}
	told := func(host string, minute, as int) Article {
		return Article{
			ID: ArticleID(minute + 1), Host: host, Language: "en", Title: words[as], Text: words[as] + ".",
			Published: noon.Add(time.Duration(minute) * time.Minute), Seen: noon.Add(time.Hour), Source: SourceID(as + 1),
		}
	}
	for _, c := range []struct {
		name     string
		articles []Article
		hosts    int
		minute   int // -1: never
	}{
		{"no article", nil, 0, -1},
		{"two hosts", []Article{told("a.example", 0, 0), told("b.example", 5, 1)}, 2, -1},
		{"three within an hour", []Article{told("a.example", 0, 0), told("b.example", 5, 1), told("c.example", 60, 2)}, 3, 60},
		{"three in more than an hour", []Article{told("a.example", 0, 0), told("b.example", 5, 1), told("c.example", 61, 2)}, 3, -1},
		{"one long before three", []Article{told("a.example", 0, 0), told("b.example", 300, 1), told("c.example", 310, 2), told("d.example", 320, 3)}, 4, 320},
		{"in any order", []Article{told("c.example", 20, 2), told("a.example", 0, 0), told("b.example", 5, 1)}, 3, 20},
		{"one host thrice", []Article{told("a.example", 0, 0), told("a.example", 5, 1), told("a.example", 9, 2)}, 1, -1},
		{"hosts of one domain", []Article{told("news.a.co.uk", 0, 0), told("a.co.uk", 5, 1), told("sport.a.co.uk", 9, 2)}, 1, -1},
		{"blogs of one platform are their writers'", []Article{told("a.blogspot.com", 0, 0), told("b.blogspot.com", 5, 1), told("c.blogspot.com", 9, 2)}, 3, 9},
		{"copies", []Article{told("a.example", 0, 0), told("b.example", 5, 0), told("c.example", 9, 0)}, 1, -1},
		{"a copy that becomes a telling", []Article{told("a.example", 0, 0), told("b.example", 5, 0), told("c.example", 9, 1), told("b.example", 30, 2)}, 3, 30},
		{"hosts without a name", []Article{told("", 0, 0), told("", 5, 1), told("", 9, 2)}, 1, -1},
	} {
		got := SurgeOf(c.articles)
		var at time.Time
		if c.minute >= 0 {
			at = noon.Add(time.Duration(c.minute) * time.Minute)
		}
		if got.Hosts != c.hosts || !got.At.Equal(at) {
			t.Errorf("%s: SurgeOf = %+v, want %d hosts and %s", c.name, got, c.hosts, at)
		}
	}
	all := []Article{told("a.example", 0, 0), told("b.example", 5, 1), told("c.example", 9, 2)}
	if got := SurgeOf(Muted{2: true}.Without(all)); got.Hosts != 2 || !got.At.IsZero() {
		t.Errorf("without a muted source SurgeOf = %+v, want two hosts and no surge", got)
	}
	if got := (Muted{9: true}).Without(all); &got[0] != &all[0] {
		t.Error("Without copies what nobody muted")
	}
}

// BenchmarkSurgeOf is what a look at a story of many hosts costs.
func BenchmarkSurgeOf(b *testing.B) {
	var all []Article
	for n := range 72 {
		text := ""
		for i := range 45 {
			text += fmt.Sprintf("word%d ", (n*7+i*i)%400)
		}
		all = append(all, Article{ID: ArticleID(n), Host: fmt.Sprintf("host%d.example", n), Language: "en", Title: text[:60], Text: text})
	}
	for b.Loop() {
		SurgeOf(all)
	}
}
