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
	comparedTitle = 40 // words
	comparedLead  = 60
	titleBytes    = 1000
	leadBytes     = 1500

	titleBoost = 1.2
	nameBoost  = 0.8 // on top, for a sure name
	oftenPower = 0.3 // of the number of mentions
)

// A piece is an article as the window compares it.
type piece struct {
	marks     []mark // by number
	rare      []mark // the askedTerms of these that say the most
	titled    int    // terms of the title
	print     print
	host      uint32
	published int64
}

// A mark is a term in a piece.
type mark struct {
	number      uint32
	value       float32 // all values are a vector of length one
	weight      float32 // see tongue.weigh
	named       float32 // how surely a name
	title, name bool    // in the title; written as a name
}

// A key is a term of a story: its number, and how the only article of the story has it.
const (
	keyName = 1 << iota
	keyTitle
	keyBits = iota
)

func numberOf(key uint32) uint32 { return key >> keyBits }

func shareOf(key uint32) share {
	return share{1, uint16(key & keyName), uint16(key & keyTitle / keyTitle)}
}

// read makes a piece of a.
func (t *tongue) read(a Article) piece {
	r := reader{tongue: t, seen: map[uint32]int{}}
	p := piece{host: hashed(a.Host), published: a.Published.UnixMilli()}
	title, lead := clipBytes(a.Title, titleBytes), clipBytes(cmp.Or(a.Text, a.Content), leadBytes)
	r.words(title, comparedTitle, true)
	// Many a feed begins the text with the title.
	r.words(strings.TrimPrefix(lead, strings.TrimSuffix(title, "…")), comparedLead, false)
	p.print = printOf(r.order)
	total := 0.0
	for i := range r.marks {
		m := &r.marks[i]
		m.weight = float32(t.weigh(m.number))
		m.named = float32(t.named(m.number, m.name))
		value := float64(m.weight) * math.Pow(float64(r.often[i]), oftenPower) * (1 + nameBoost*float64(m.named))
		if m.title {
			p.titled++
			value *= titleBoost
		}
		m.value = float32(value)
		total += value * value
	}
	if total > 0 {
		for i := range r.marks {
			r.marks[i].value /= float32(math.Sqrt(total))
		}
	}
	slices.SortFunc(r.marks, func(a, b mark) int { return cmp.Compare(a.number, b.number) })
	p.marks = r.marks
	p.rare = t.rarest(p, askedTerms)
	return p
}

// knows tells whether all words of a short article were read before or are of the
// language's list.
func (t *tongue) knows(a Article) bool {
	some := false
	for w := range text.Words(a.Title+"\n"+a.Text, text.Unstemmed) {
		if number(w.Surface) {
			continue
		}
		n, ok := t.numbers[w.Surface]
		if !ok || t.terms[n].count == 0 {
			if t.key.language != "en" || !text.Known(w.Surface) {
				return false
			}
		}
		some = true
	}
	return some
}

type reader struct {
	*tongue
	seen  map[uint32]int // place in marks
	marks []mark
	often []int
	order []uint32 // terms as they stand, for prints
}

// words takes up to limit words of s.
func (r *reader) words(s string, limit int, title bool) {
	words := make([]text.Word, 0, limit)
	for w := range text.Words(s, text.Unstemmed) {
		if words = append(words, w); len(words) == limit {
			break
		}
	}
	plain := sentenceCase(words) && !capitalNouns[r.key.language]
	for i, w := range words {
		word, figures := w.Surface, number(w.Surface)
		if figures {
			word = figure(s, w)
		}
		n := r.number(word, w.Gram, figures)
		at, ok := r.seen[n]
		if !ok {
			at = len(r.marks)
			r.seen[n] = at
			r.marks, r.often = append(r.marks, mark{number: n}), append(r.often, 0)
		}
		m := &r.marks[at]
		r.often[at]++
		r.order = append(r.order, n)
		m.title = m.title || title
		m.name = m.name || plain && i > 0 && w.Case != text.Lower && !figures
	}
}

// capitalNouns are languages where a capital says only that a word is a noun.
var capitalNouns = map[string]bool{"de": true, "lb": true}

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
// sides are one figure to readers; 150,000 is 150000.
func figure(s string, w text.Word) string {
	start, end := w.Start, w.End
	tied := func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune(".,:-–", r) }
	for end < len(s) && end-start < 16 && tied(rune(s[end])) {
		end++
	}
	for start > 0 && end-start < 16 && tied(rune(s[start-1])) {
		start--
	}
	return strings.ReplaceAll(strings.Trim(s[start:end], ".,:-–"), ",", "")
}

// rarest returns the n terms of p that say the most, without common words.
func (t *tongue) rarest(p piece, n int) []mark {
	sorted := slices.DeleteFunc(slices.Clone(p.marks), func(m mark) bool { return t.terms[m.number].common })
	slices.SortFunc(sorted, func(a, b mark) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.number, b.number))
	})
	return sorted[:min(n, len(sorted))]
}

// find returns the place of a term among those of s.
func (s *telling) find(number uint32) (int, bool) {
	return slices.BinarySearchFunc(s.terms, number, func(key, number uint32) int { return cmp.Compare(numberOf(key), number) })
}

// merge takes the terms of p into those of s.
func (s *telling) merge(p piece, t *tongue) {
	if s.told == 0 {
		s.terms = make([]uint32, 0, len(p.marks))
		for _, m := range p.marks {
			s.terms = append(s.terms, m.key())
		}
		return
	}
	terms := make([]uint32, 0, len(s.terms)+len(p.marks))
	shares := make([]share, 0, cap(terms))
	i := 0
	take := func(limit uint32) {
		for ; i < len(s.terms) && numberOf(s.terms[i]) < limit; i++ {
			terms, shares = append(terms, s.terms[i]), append(shares, s.share(i))
		}
	}
	for _, m := range p.marks {
		take(m.number)
		var known share
		if i < len(s.terms) && numberOf(s.terms[i]) == m.number {
			known = s.share(i)
			i++
		}
		more := shareOf(m.key())
		terms = append(terms, m.key())
		shares = append(shares, share{known.articles + more.articles, known.names + more.names, known.titles + more.titles})
	}
	take(math.MaxUint32)
	s.terms, s.shares = terms, shares
	s.narrow(t)
	if s.told >= math.MaxUint16/2 {
		s.halve()
	}
}

func (m mark) key() uint32 {
	k := m.number << keyBits
	if m.name {
		k |= keyName
	}
	if m.title {
		k |= keyTitle
	}
	return k
}

// narrow keeps what the most articles of s tell, the rarer first.
func (s *telling) narrow(t *tongue) {
	if len(s.terms) <= widestStory {
		return
	}
	worth := func(i int) float32 { return float32(s.shares[i].articles) * t.terms[numberOf(s.terms[i])].weight }
	order := make([]int, len(s.terms))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(worth(b), worth(a)), cmp.Compare(a, b)) })
	order = order[:widestStory]
	slices.Sort(order)
	terms, shares := make([]uint32, 0, widestStory), make([]share, 0, widestStory)
	for _, i := range order {
		terms, shares = append(terms, s.terms[i]), append(shares, s.shares[i])
	}
	s.terms, s.shares = terms, shares
}

// halve lets a story that very many tell be counted on.
func (s *telling) halve() {
	s.told, s.cohesion = s.told/2, s.cohesion/2
	for i, x := range s.shares {
		s.shares[i] = share{(x.articles + 1) / 2, x.names / 2, x.titles / 2}
	}
}

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
