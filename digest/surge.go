package digest

import (
	"cmp"
	"slices"
	"time"

	"tidings/digest/feed"
)

// What makes a story one to be told at once (product).
const (
	SurgeHosts = 3
	surgeSpan  = time.Hour
)

// A Surge is how a story got about.
type Surge struct {
	Hosts int       // independent ones that carry it
	At    time.Time // when the third of the first three began that carried it within an hour; zero: no three did
}

// SurgeOf tells how a story with these articles got about. Hosts count once under
// one registrable domain, and from when they told it in words of their own: who only
// copied what another had told confirms nothing. When an article was published
// decides, not when we saw it: else a first visit would make news of what is old.
func SurgeOf(articles []Article) Surge {
	order := slices.Clone(articles)
	slices.SortFunc(order, func(x, y Article) int {
		return cmp.Or(x.Published.Compare(y.Published), cmp.Compare(x.ID, y.ID))
	})
	own := ownTellings(nil, order)
	told := map[string]bool{}
	var began []time.Time
	for i, a := range order {
		site := cmp.Or(feed.Site("https://"+a.Host), a.Host)
		if own[i] && !told[site] {
			told[site] = true
			began = append(began, a.Published)
		}
	}
	s := Surge{Hosts: len(began)}
	for i := SurgeHosts - 1; i < len(began); i++ {
		if began[i].Sub(began[i-SurgeHosts+1]) <= surgeSpan {
			s.At = began[i]
			break
		}
	}
	return s
}

// Without returns the articles that no muted source tells; articles itself when
// that is all of them.
func (m Muted) Without(articles []Article) []Article {
	muted := func(a Article) bool { return m[a.Source] }
	if len(m) == 0 || !slices.ContainsFunc(articles, muted) {
		return articles
	}
	return slices.DeleteFunc(slices.Clone(articles), muted)
}
