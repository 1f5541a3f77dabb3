package digest

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"tidings/digest/text"
)

// What of an article is compared.
const (
	comparedTitle = 40
	comparedLead  = 60
	leadBytes     = 1500
	nameBoost     = 1.5 // names and numbers say more about an event than verbs
)

// A weight is how much of one term is in something.
type weight struct {
	number uint32
	value  float32
}

// A vector is an article as the window compares it: terms of title and lead by
// number, of length one.
type vector struct {
	weights []weight
	leaflet
}

// A leaflet is what is kept of an article to recognise copies and moulds. All
// lists are sorted.
type leaflet struct {
	title   []uint32 // all terms of the title, common words left out
	lead    []uint32
	names   []uint32 // of the title: written with a capital where others are not
	figures []string // of the title: numbers as they stand, "5.2" and "3"
	host    string
}

// read makes a vector of a and counts its terms.
func (t *tongue) read(a Article) vector {
	t.articles++
	r := reader{tongue: t, seen: map[uint32]*mention{}}
	v := vector{}
	v.host = a.Host
	r.words(a.Title, comparedTitle, &v.leaflet)
	r.words(lead(a), comparedLead, nil)
	v.weights = make([]weight, 0, len(r.seen))
	for number, m := range r.seen {
		t.terms[number].count++
		boost := 1.0
		if m.name || m.figure {
			boost = nameBoost
		}
		often := float64(max(m.title, m.lead))
		v.weights = append(v.weights, weight{number, float32(t.weigh(number) * boost * (1 + math.Log(often)))})
		if m.lead > 0 {
			v.lead = append(v.lead, number)
		}
		if m.title > 0 {
			v.title = append(v.title, number)
			if m.name {
				v.names = append(v.names, number)
			}
		}
	}
	slices.SortFunc(v.weights, func(a, b weight) int { return cmp.Compare(a.number, b.number) })
	slices.Sort(v.title)
	slices.Sort(v.lead)
	slices.Sort(v.names)
	slices.Sort(v.figures)
	if n := float32(norm(v.weights)); n > 0 {
		for i := range v.weights {
			v.weights[i].value /= n
		}
	}
	return v
}

// lead returns the beginning of what the feed gave.
func lead(a Article) string {
	s := cmp.Or(a.Text, a.Content)
	if len(s) > leadBytes {
		s = strings.ToValidUTF8(s[:leadBytes], "")
	}
	return s
}

// A mention is how one term stands in an article.
type mention struct {
	title, lead  int
	name, figure bool
}

type reader struct {
	*tongue
	seen map[uint32]*mention
}

// words takes up to limit words of s; into is the leaflet when s is the title.
func (r *reader) words(s string, limit int, into *leaflet) {
	words := make([]text.Word, 0, limit)
	for w := range text.Words(s, r.language) {
		if words = append(words, w); len(words) == limit {
			break
		}
	}
	plain := sentenceCase(words)
	for i, w := range words {
		if r.common[w.Surface] && !(plain && w.Case == text.Capitals) {
			continue
		}
		word := w.Stem
		if w.Gram {
			word = w.Surface
		}
		m := r.mention(word)
		if into != nil {
			m.title++
		} else {
			m.lead++
		}
		if number(w.Surface) {
			m.figure = m.figure || len(w.Surface) > 1
			if into != nil {
				into.figures = append(into.figures, figure(s, w))
			}
		} else if plain && i > 0 && w.Case != text.Lower {
			m.name = true
		}
	}
}

func (r *reader) mention(word string) *mention {
	number, ok := r.numbers[word]
	if !ok {
		number = r.number(word)
	}
	m := r.seen[number]
	if m == nil {
		m = &mention{}
		r.seen[number] = m
	}
	return m
}

// number gives word a number, one that was forgotten if there is any.
func (t *tongue) number(word string) uint32 {
	var n uint32
	if k := len(t.free); k > 0 {
		n, t.free = t.free[k-1], t.free[:k-1]
	} else {
		n = uint32(len(t.terms))
		t.terms = append(t.terms, posting{})
	}
	t.numbers[strings.Clone(word)] = n
	return n
}

// sentenceCase tells whether capitals in words are names: Where Most Words Have
// One, They Say Nothing.
func sentenceCase(words []text.Word) bool {
	capital, all := 0, 0
	for _, w := range words {
		if len(w.Surface) < 4 || w.Gram || number(w.Surface) {
			continue // short words stay small in titles of both kinds
		}
		all++
		if w.Case != text.Lower {
			capital++
		}
	}
	return capital*10 <= all*6
}

func number(s string) bool {
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

// figure returns a number with what ties it to the next: of a score, 3-1, both
// sides are one figure to readers.
func figure(s string, w text.Word) string {
	start, end := w.Start, w.End
	tied := func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune(".,:-–", r) }
	for end < len(s) && end-start < 16 && tied(rune(s[end])) {
		end++
	}
	for start > 0 && end-start < 16 && tied(rune(s[start-1])) {
		start--
	}
	return strings.Trim(s[start:end], ".,:-–")
}

func (v vector) dot(sum []weight) float64 {
	total, i := 0.0, 0
	for _, x := range v.weights {
		for i < len(sum) && sum[i].number < x.number {
			i++
		}
		if i < len(sum) && sum[i].number == x.number {
			total += float64(x.value) * float64(sum[i].value)
		}
	}
	return total
}

// rarest returns the n terms of v that say the most.
func (v vector) rarest(n int) []weight {
	sorted := slices.Clone(v.weights)
	slices.SortFunc(sorted, byValue)
	return sorted[:min(n, len(sorted))]
}

func byValue(a, b weight) int {
	return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.number, b.number))
}

func norm(weights []weight) float64 {
	total := 0.0
	for _, x := range weights {
		total += float64(x.value) * float64(x.value)
	}
	return math.Sqrt(total)
}

// Copies are told by their wording: nine in ten terms of a title, or of a lead
// of a dozen terms or more, are the same.
const (
	copyShare     = 0.9
	copyTitle     = 4
	copyLead      = 12
	leadsAreAlike = 0.5 // for a common title ("Morning briefing") to be a copy
)

// copies tells whether a and b are one text, give or take a word.
func (a leaflet) copies(b leaflet) bool {
	if !slices.Equal(a.figures, b.figures) {
		return false
	}
	leads := shared(a.lead, b.lead)
	if min(len(a.title), len(b.title)) >= copyTitle && shared(a.title, b.title) >= copyShare {
		return len(a.lead) == 0 || len(b.lead) == 0 || leads >= leadsAreAlike
	}
	return min(len(a.lead), len(b.lead)) >= copyLead && leads >= copyShare
}

// sameMould is the share of a title's terms from which two titles are alike
// enough for a difference in names or numbers to be the news itself.
const sameMould = 0.5

// differs tells whether the titles of a and b are of one mould and what sets
// them apart is names or figures: magnitude 5.2 here, magnitude 6.1 there.
func (a leaflet) differs(b leaflet) bool {
	less := min(len(a.title), len(b.title))
	if less < 3 || float64(common(a.title, b.title)) < sameMould*float64(less) {
		return false
	}
	if a.mainlyNames(b) && b.mainlyNames(a) {
		return true
	}
	mine, yours := without(a.figures, b.figures), without(b.figures, a.figures)
	if len(mine) == 0 || len(yours) == 0 {
		return false
	}
	// A toll rises and outlets round, so whole numbers may differ within one
	// event; scores and magnitudes do not, nor do the numbers of a series.
	return a.host == b.host || slices.ContainsFunc(mine, precise) && slices.ContainsFunc(yours, precise)
}

// mainlyNames tells whether at least half of the terms that a's title has and
// b's has not are names.
func (a leaflet) mainlyNames(b leaflet) bool {
	names := len(without(a.names, b.title))
	return names > 0 && 2*names >= len(without(a.title, b.title))
}

// precise tells whether a figure has parts: 5.2, 3-1.
func precise(figure string) bool { return strings.ContainsAny(figure, ".:-–") }

// common counts what two sorted lists share.
func common[T cmp.Ordered](a, b []T) int {
	n, i := 0, 0
	for _, x := range a {
		for i < len(b) && b[i] < x {
			i++
		}
		if i < len(b) && b[i] == x {
			n++
			i++
		}
	}
	return n
}

// shared returns which part of all terms of two sorted lists stands in both.
func shared(a, b []uint32) float64 {
	n := common(a, b)
	all := len(a) + len(b) - n
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}

// without returns what of a is not in b; both are sorted.
func without[T cmp.Ordered](a, b []T) []T {
	var rest []T
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); !ok {
			rest = append(rest, x)
		}
	}
	return rest
}
