package digest

import (
	"cmp"
	"encoding/binary"
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

// A spelling is what of an article is compared, as words that nobody has looked up yet.
// To make one takes half of the time of placing an article and needs no window, so that
// it can be done on another core.
type spelling struct {
	words     []spelt // of the title, then of the lead
	host      uint32  // hash, 0 when nobody says
	published int64
}

// A spelt is a word of a spelling, or a figure as it is written.
type spelt struct {
	word                      string
	gram, figure, name, title bool
}

// spell takes the head of a apart.
func spell(a Article) spelling {
	s := spelling{published: a.Published.UnixMilli()}
	if a.Host != "" {
		s.host = hashed(a.Host)
	}
	title, lead := clipBytes(a.Title, titleBytes), clipBytes(cmp.Or(a.Text, a.Content), leadBytes)
	s.words = make([]spelt, 0, min(comparedTitle+comparedLead, (len(title)+len(lead))/5+4))
	s.take(title, comparedTitle, true)
	// Many a feed begins the text with the title.
	s.take(strings.TrimPrefix(lead, strings.TrimSuffix(title, "…")), comparedLead, false)
	return s
}

// take adds up to limit words.
func (s *spelling) take(from string, limit int, title bool) {
	begin := len(s.words)
	var c capitals
	for w := range text.Words(from, text.Unstemmed) {
		c.count(w)
		one := spelt{word: w.Surface, gram: w.Gram, title: title}
		if one.figure = number(w.Surface); one.figure {
			one.word = figure(from, w)
		}
		one.name = len(s.words) > begin && w.Case != text.Lower && !one.figure
		if s.words = append(s.words, one); len(s.words)-begin == limit {
			break
		}
	}
	if !c.sentence() {
		for i := range s.words[begin:] {
			s.words[begin+i].name = false
		}
	}
}

// A piece is an article as the window compares it. It is good until the tongue reads the next.
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
	often       uint8   // mentions
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

// read makes a piece of s.
func (t *tongue) read(s spelling) piece {
	p := piece{host: s.host, published: s.published}
	p.marks = t.mark(s.words)
	p.print = printOf(t.scratch.order)
	total := 0.0
	for i := range p.marks {
		m := &p.marks[i]
		m.weight = float32(t.weigh(m.number))
		m.named = float32(t.named(m.number, m.name))
		value := float64(m.weight) * (1 + nameBoost*float64(m.named))
		if m.often > 1 {
			value *= math.Pow(float64(m.often), oftenPower)
		}
		if m.title {
			p.titled++
			value *= titleBoost
		}
		m.value = float32(value)
		total += value * value
	}
	if total > 0 {
		for i := range p.marks {
			p.marks[i].value /= float32(math.Sqrt(total))
		}
	}
	p.rare = t.rarest(p.marks)
	return p
}

// mark returns the terms that words are, each once, by number, and leaves all of them as
// they stand in scratch.order.
func (t *tongue) mark(words []spelt) []mark {
	met, order := t.scratch.met[:0], t.scratch.order[:0]
	nouns := capitalNouns[t.key.language]
	for _, w := range words {
		n := t.number(w.word, w.gram, w.figure)
		order = append(order, n)
		e := &t.terms[n]
		if e.met == 0 {
			met = append(met, mark{number: n})
			e.met = uint8(len(met))
		}
		m := &met[e.met-1]
		m.often++
		m.title = m.title || w.title
		m.name = m.name || w.name && !nouns
	}
	keys, marks := t.scratch.keys[:0], t.scratch.marks[:0]
	for i, m := range met {
		t.terms[m.number].met = 0
		keys = append(keys, uint64(m.number)<<8|uint64(i))
	}
	slices.Sort(keys) // bare numbers are sorted much faster than marks
	for _, key := range keys {
		marks = append(marks, met[uint8(key)])
	}
	t.scratch.order, t.scratch.met, t.scratch.keys, t.scratch.marks = order, met, keys, marks
	return marks
}

// strange counts the words, but figures, that were never read before in t and are not of
// its list, and all.
func (t *tongue) strange(words []spelt) (strange, all int) {
	for _, w := range words {
		if w.figure {
			continue
		}
		all++
		n, ok := t.numbers[w.word]
		if (!ok || t.terms[n].count == 0) && (t.key.language != "en" || !text.Known(w.word)) {
			strange++
		}
	}
	return strange, all
}

// capitalNouns are languages where a capital says only that a word is a noun.
var capitalNouns = map[string]bool{"de": true, "lb": true}

// sentenceCase tells whether capitals in words are names: Where Most Words Have
// One, They Say Nothing.
func sentenceCase(words []text.Word) bool {
	var c capitals
	for _, w := range words {
		c.count(w)
	}
	return c.sentence()
}

// capitals counts how words are written.
type capitals struct{ capital, all int }

func (c *capitals) count(w text.Word) {
	if len(w.Surface) < 4 || w.Gram || number(w.Surface) {
		return // short words stay small in titles of both kinds
	}
	c.all++
	if w.Case != text.Lower {
		c.capital++
	}
}

func (c capitals) sentence() bool { return c.capital*10 <= c.all*6 }

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

// rarest returns the askedTerms of marks that say the most, without common words.
func (t *tongue) rarest(marks []mark) []mark {
	rare := t.scratch.rare[:0]
	for _, m := range marks {
		if t.terms[m.number].common {
			continue
		}
		if len(rare) < askedTerms {
			rare = append(rare, m)
		} else if m.value <= rare[askedTerms-1].value {
			continue
		}
		i := len(rare) - 1
		for ; i > 0 && rare[i-1].value < m.value; i-- {
			rare[i] = rare[i-1]
		}
		rare[i] = m
	}
	t.scratch.rare = rare
	return rare
}

// keys returns the terms of s by number. They are good until it is asked again.
func (t *tongue) keys(s *telling) []uint32 {
	if s.more != nil {
		return s.more.terms
	}
	t.scratch.unpacked = unpack(s.packed, t.scratch.unpacked[:0])
	return t.scratch.unpacked
}

// pack writes marks as keys, of each the difference of its number from the one before, in
// as few bytes as that takes: two for most. Nearly all stories are told once, and this is
// the most of what they keep.
func (t *tongue) pack(marks []mark) string {
	packed, before := t.scratch.packed[:0], uint32(0)
	for _, m := range marks {
		packed = binary.AppendUvarint(packed, uint64(m.key()-before<<keyBits))
		before = m.number
	}
	t.scratch.packed = packed
	return string(packed)
}

// unpack adds what was packed to keys.
func unpack(packed string, keys []uint32) []uint32 {
	before, key, shift := uint32(0), uint32(0), 0
	for i := range len(packed) {
		b := packed[i]
		key |= uint32(b&0x7f) << shift
		if shift += 7; b >= 0x80 {
			continue
		}
		key += before << keyBits
		before = numberOf(key)
		keys = append(keys, key)
		key, shift = 0, 0
	}
	return keys
}

// has tells whether a term is among sorted keys.
func has(keys []uint32, number uint32) bool {
	_, ok := slices.BinarySearchFunc(keys, number, func(key, number uint32) int { return cmp.Compare(numberOf(key), number) })
	return ok
}

// merge takes the terms of p into those of s.
func (s *telling) merge(p piece, t *tongue) {
	if s.told == 0 {
		s.packed = t.pack(p.marks)
		return
	}
	keys := t.keys(s)
	terms := make([]uint32, 0, len(keys)+len(p.marks))
	shares := make([]share, 0, cap(terms))
	i := 0
	take := func(limit uint32) {
		for ; i < len(keys) && numberOf(keys[i]) < limit; i++ {
			terms, shares = append(terms, keys[i]), append(shares, s.share(i, keys[i]))
		}
	}
	for _, m := range p.marks {
		take(m.number)
		var known share
		if i < len(keys) && numberOf(keys[i]) == m.number {
			known = s.share(i, keys[i])
			i++
		}
		more := shareOf(m.key())
		terms = append(terms, m.key())
		shares = append(shares, share{known.articles + more.articles, known.names + more.names, known.titles + more.titles})
	}
	take(math.MaxUint32)
	if s.more == nil {
		s.packed, s.more = "", &several{}
	}
	s.more.terms, s.more.shares = terms, shares
	s.more.narrow(t)
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

// narrow keeps what the most articles tell, the rarer first.
func (s *several) narrow(t *tongue) {
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
	s.told /= 2
	for i, x := range s.more.shares {
		s.more.shares[i] = share{(x.articles + 1) / 2, x.names / 2, x.titles / 2}
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
