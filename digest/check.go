package digest

import (
	"cmp"
	"slices"

	"tidings/digest/text"
)

// What an occurrence is worth. A headline says what a story is about, its first
// sentences nearly as much; categories are often the publisher's whole list.
const (
	titleWeight    = 3.0
	leadWeight     = 1.5
	bodyWeight     = 0.6
	categoryWeight = 0.4
	stemShare      = 0.85 // of an occurrence in another form than the reader's
	saturation     = 1.5  // the weight that scores one half
)

// A search is one document being matched.
type search struct {
	*reading
	hits    []hit    // sorted by word, then form
	present []uint64 // a bit for every word of topics: there is a hit
	woken   []uint32
	spans   []span
}

// A hit is a form of the document that is a word of a topic.
type hit struct {
	word  uint32
	form  int32
	typed bool // as the reader typed it, not by its stem
	half  bool // the word is the first character of a pair
}

// compareHits orders by word, then form, then the better kind of hit.
func compareHits(a, b hit) int {
	if c := cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.form, b.form)); c != 0 || a.typed == b.typed {
		return c
	}
	if a.typed {
		return -1
	}
	return 1
}

// encode returns t as numbers, and holds its words:
//
//	groups, excluded terms
//	per group: terms        per term: atoms | exact<<8 | not<<16
//	                        per atom: word, offset | written<<16
//	                        per not:  word
func (m *Matcher) encode(t Topic, unknown wordForms) []uint32 {
	code := []uint32{uint32(len(t.groups)), uint32(len(t.exclude))}
	encodeTerm := func(t term) {
		head := uint32(len(t.atoms)) | uint32(len(t.not))<<16
		if t.exact {
			head |= 1 << 8
		}
		code = append(code, head)
		for _, a := range t.atoms {
			code = append(code, m.hold(a.word, a.single, unknown), uint32(a.offset)|uint32(a.written)<<16)
		}
		for _, not := range t.not {
			code = append(code, m.hold(not, false, unknown))
		}
	}
	for _, g := range t.groups {
		code = append(code, uint32(len(g)))
		for _, alternative := range g {
			encodeTerm(alternative)
		}
	}
	for _, x := range t.exclude {
		encodeTerm(x)
	}
	return slices.Clip(code)
}

// wordsOf calls yield with every word of an encoded topic, as often as it stands there.
func wordsOf(code []uint32, yield func(uint32)) {
	c := cursor(code)
	groups, excluded := c.next(), c.next()
	for range groups {
		n := c.next()
		for range n {
			c.term().each(yield)
		}
	}
	for range excluded {
		c.term().each(yield)
	}
}

// eachWord calls yield with every word of t.
func (t Topic) eachWord(yield func(word string, single bool)) {
	each := func(t term) {
		for _, a := range t.atoms {
			yield(a.word, a.single)
		}
		for _, not := range t.not {
			yield(not, false)
		}
	}
	for _, g := range t.groups {
		for _, alternative := range g {
			each(alternative)
		}
	}
	for _, x := range t.exclude {
		each(x)
	}
}

// A cursor reads an encoded topic.
type cursor []uint32

func (c *cursor) next() uint32 {
	n := (*c)[0]
	*c = (*c)[1:]
	return n
}

// A codedTerm is a term inside an encoded topic.
type codedTerm struct {
	atoms []uint32 // pairs
	not   []uint32
	exact bool
}

func (c *cursor) term() codedTerm {
	head := c.next()
	atoms, not := 2*int(head&0xFF), int(head>>16)
	t := codedTerm{atoms: (*c)[:atoms], not: (*c)[atoms : atoms+not], exact: head>>8&1 == 1}
	*c = (*c)[atoms+not:]
	return t
}

func (t codedTerm) each(yield func(uint32)) {
	for i := 0; i < len(t.atoms); i += 2 {
		yield(t.atoms[i])
	}
	for _, w := range t.not {
		yield(w)
	}
}

// mark notes in present which words have hits, of size words of topics.
func (s *search) mark(size uint32) {
	n := int(size+63) / 64
	s.present = slices.Grow(s.present[:0], n)[:n]
	clear(s.present)
	for _, h := range s.hits {
		s.present[h.word/64] |= 1 << (h.word % 64)
	}
}

func (s *search) has(word uint32) bool { return s.present[word/64]>>(word%64)&1 == 1 }

// possible tells whether the words of a topic stand in the document somewhere. Most
// topics that are woken end here, without looking at places.
func (s *search) possible(code []uint32) bool {
	c := cursor(code)
	groups, _ := c.next(), c.next()
	for range groups {
		found := false
		alternatives := c.next()
		for range alternatives {
			found = s.hasAll(c.term().atoms) || found
		}
		if !found {
			return false
		}
	}
	return true
}

func (s *search) hasAll(atoms []uint32) bool {
	for i := 0; i < len(atoms); i += 2 {
		if !s.has(atoms[i]) {
			return false
		}
	}
	return true
}

// check decides whether the document fits a topic: every group, then no excluded term.
func (s *search) check(code []uint32) (Match, bool) {
	if !s.possible(code) {
		return Match{}, false
	}
	c := cursor(code)
	groups, excluded := c.next(), c.next()
	r := reason{source: sourceCategories, spans: s.spans[:0]}
	defer func() { s.spans = r.spans }()
	for range groups {
		weight := 0.0
		alternatives := c.next()
		for range alternatives {
			weight += s.weigh(c.term(), &r)
		}
		if weight == 0 {
			return Match{}, false
		}
		r.score += weight / (weight + saturation)
	}
	for range excluded {
		if s.weigh(c.term(), nil) > 0 {
			return Match{}, false
		}
	}
	return Match{Score: r.score / float64(groups), Words: s.wordsAt(r.spans), Field: fields[r.source]}, true
}

var fields = [...]string{sourceTitle: "title", sourceText: "text", sourceCategories: "categories"}

// A reason is what check saw.
type reason struct {
	score  float64
	source uint8
	spans  []span
}

// A span is an occurrence of a term: its first and last place.
type span struct {
	first, last int32
	half        bool // of the pair at last, only the first character
}

// weigh sums what the occurrences of t are worth, and notes them in r. Without r the
// first one is enough.
func (s *search) weigh(t codedTerm, r *reason) float64 {
	if !s.hasAll(t.atoms) {
		return 0
	}
	total, noted := 0.0, 0
	for _, h := range s.formsOf(t.atoms[0]) {
		for at := s.forms[h.form].first; at >= 0; at = s.places[at].next {
			x, typed, ok := s.occurs(t, at)
			if !ok {
				continue
			}
			weight := s.placeWeight(int(at))
			if !typed {
				weight *= stemShare
			}
			total += weight
			if r == nil {
				return total
			}
			r.source = min(r.source, s.places[at].source)
			if noted < matchWords {
				r.spans = append(r.spans, x)
				noted++
			}
		}
	}
	return total
}

// formsOf returns the hits of a word.
func (s *search) formsOf(word uint32) []hit {
	from, _ := slices.BinarySearchFunc(s.hits, word, func(h hit, w uint32) int { return cmp.Compare(h.word, w) })
	to := from
	for to < len(s.hits) && s.hits[to].word == word {
		to++
	}
	return s.hits[from:to]
}

// occurs tells whether t stands at a place, what it spans, and whether all of it
// stands there as the reader typed it.
func (s *search) occurs(t codedTerm, at int32) (x span, typed, ok bool) {
	x, typed = span{first: at, last: at}, true
	for i := 0; i < len(t.atoms); i += 2 {
		offset, written := int32(t.atoms[i+1]&0xFFFF), text.Case(t.atoms[i+1]>>16)
		x.last = at + offset
		if int(x.last) >= len(s.places) || s.places[x.last].written < written {
			return x, false, false
		}
		h, found := s.hitAt(t.atoms[i], x.last)
		if !found || t.exact && !h.typed {
			return x, false, false
		}
		typed, x.half = typed && h.typed, h.half
	}
	for _, not := range t.not {
		if at == 0 {
			break
		}
		if h, found := s.hitAt(not, at-1); found && h.typed {
			return x, false, false
		}
	}
	return x, typed, true
}

// hitAt returns how the word at a place is a topic's word.
func (s *search) hitAt(word uint32, at int32) (hit, bool) {
	form := s.places[at].form
	for _, h := range s.formsOf(word) {
		if h.form == form {
			return h, true
		}
	}
	return hit{}, false
}

// placeWeight is what an occurrence is worth by where it stands: a long body says
// less with one word than a short one, but more than a category.
func (s *search) placeWeight(at int) float64 {
	switch {
	case s.places[at].source == sourceTitle:
		return titleWeight
	case s.places[at].source > sourceText:
		return categoryWeight
	case at < s.lead:
		return leadWeight
	}
	return bodyWeight * max(0.75, 1-float64(s.length)/4000)
}

// wordsAt returns what stands at spans, each word once.
func (s *search) wordsAt(spans []span) []string {
	var words []string
	for _, x := range spans {
		first, last := s.places[x.first], s.places[x.last]
		end := last.end
		if x.half {
			end = s.places[x.last+1].start
		}
		w := s.sources[first.source][first.start:end]
		if len(words) < matchWords && !equalWords(words, w) {
			words = append(words, w)
		}
	}
	return words
}
