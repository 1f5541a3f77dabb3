package digest

import (
	"math"
	"slices"

	"tidings/digest/text"
)

// A topic stands in the matcher as numbers:
//
//	id (two) | head | subjects of each group (two, if about)
//	per group its terms | per other name: share, term | per excluded: term
//	term: word | rarity<<26 | long<<30 | or<<31 (the next one is of the same group)
//	if long: further atoms | words that must not stand before<<8 | exact<<16 | written<<17,
//	then of each further atom word, offset | written<<16, then those words
const (
	wordBits  = 26
	mostWords = 1<<wordBits - 1
	longTerm  = 1 << 30
	orTerm    = 1 << 31
	exactTerm = 1 << 16

	rarest = 15 // the code of a rarity of one
)

// A codeHead is what stands at the beginning of an encoded topic.
type codeHead struct {
	groups, also, excluded int
	about, careful, narrow bool
}

func (h codeHead) number() uint32 {
	n := uint32(h.groups) | uint32(h.also)<<5 | uint32(h.excluded)<<16
	for i, flag := range []bool{h.about, h.careful, h.narrow} {
		if flag {
			n |= 1 << (29 + i)
		}
	}
	return n
}

func headOf(n uint32) codeHead {
	return codeHead{
		groups: int(n & 0x1F), also: int(n >> 5 & 0x7FF), excluded: int(n >> 16 & 0x1FFF),
		about: n>>29&1 == 1, careful: n>>30&1 == 1, narrow: n>>31 == 1,
	}
}

// careful tells whether t asks for more than words and their order: capitals, what
// stands before, subjects.
func (t Topic) careful() bool {
	needs := func(x term) bool {
		return len(x.not) > 0 || slices.ContainsFunc(x.atoms, func(a atom) bool { return a.written > text.Lower })
	}
	for _, g := range t.groups {
		if slices.ContainsFunc(g, needs) {
			return true
		}
	}
	return t.about != nil || slices.ContainsFunc(t.exclude, needs) || slices.ContainsFunc(t.also, func(w wider) bool { return needs(w.term) })
}

// encode holds a topic's words and returns its code, good until the next call.
func (m *Matcher) encode(id TopicID, t Topic) []uint32 {
	h := codeHead{groups: len(t.groups), also: len(t.also), excluded: len(t.exclude), about: t.about != nil, careful: t.careful(), narrow: t.narrow != nil}
	code := append(m.code[:0], uint32(id), uint32(id>>32), h.number())
	for _, s := range t.about {
		code = append(code, uint32(s), uint32(s>>32))
	}
	for _, g := range t.groups {
		for i, x := range g {
			code = m.encodeTerm(code, x, i+1 < len(g))
		}
	}
	for _, x := range t.also {
		code = m.encodeTerm(append(code, uint32(math.Round(x.share*100))), x.term, false)
	}
	for _, x := range t.exclude {
		code = m.encodeTerm(code, x, false)
	}
	m.code = code
	return code
}

func (m *Matcher) encodeTerm(code []uint32, t term, more bool) []uint32 {
	first := t.atoms[0]
	lead := m.hold(first.word)
	lead |= m.word(lead).rarity() << wordBits
	if more {
		lead |= orTerm
	}
	if plainTerm := !t.exact && len(t.atoms) == 1 && len(t.not) == 0 && first.written == text.Lower; plainTerm {
		return append(code, lead)
	}
	detail := uint32(len(t.atoms)-1) | uint32(len(t.not))<<8 | uint32(first.written)<<17
	if t.exact {
		detail |= exactTerm
	}
	code = append(code, lead|longTerm, detail)
	for _, a := range t.atoms[1:] {
		code = append(code, m.hold(a.word), uint32(a.offset)|uint32(a.written)<<16)
	}
	for _, not := range t.not {
		code = append(code, m.hold(not))
	}
	return code
}

// A cursor reads an encoded topic behind its id.
type cursor []uint32

// idOf returns the id that a code begins with.
func idOf(code []uint32) TopicID { return TopicID(uint64(code[0]) | uint64(code[1])<<32) }

func (c *cursor) next() uint32 {
	n := (*c)[0]
	*c = (*c)[1:]
	return n
}

// head reads the head and passes by the subjects.
func (c *cursor) head() codeHead {
	h := headOf(c.next())
	if h.about {
		*c = (*c)[2*h.groups:]
	}
	return h
}

// aboutAt returns the subjects of a group of a topic.
func (h codeHead) aboutAt(topic []uint32, group int) subjects {
	if !h.about {
		return 0
	}
	return subjects(topic[3+2*group]) | subjects(topic[4+2*group])<<32
}

// allAbout returns the subjects of all groups of a topic.
func (h codeHead) allAbout(topic []uint32) (all subjects) {
	for i := range h.groups {
		all |= h.aboutAt(topic, i)
	}
	return all
}

// waitsForSubjects tells whether a topic has no group that needs a word.
func (h codeHead) waitsForSubjects(topic []uint32) bool {
	for i := range h.groups {
		if h.aboutAt(topic, i) == 0 {
			return false
		}
	}
	return true
}

// A codedTerm is a term inside an encoded topic.
type codedTerm struct {
	word    uint32
	rarity  uint32
	written text.Case
	exact   bool
	further []uint32 // pairs
	not     []uint32
}

// plain tells whether the word may stand anywhere in any form.
func (t *codedTerm) plain() bool {
	return !t.exact && len(t.further) == 0 && len(t.not) == 0 && t.written == text.Lower
}

// pair tells whether t is two words in quotes.
func (t *codedTerm) pair() bool {
	return t.exact && len(t.further) == 2 && t.further[0] != t.word && t.further[1] == 1
}

// term reads a term, and tells whether another one of its group follows.
func (c *cursor) term() (t codedTerm, more bool) {
	lead := c.next()
	t.word, t.rarity = lead&mostWords, lead>>wordBits&rarest
	if lead&longTerm != 0 {
		detail := c.next()
		further, not := 2*int(detail&0xFF), int(detail>>8&0xFF)
		t.exact, t.written = detail&exactTerm != 0, text.Case(detail>>17&3)
		t.further, t.not = (*c)[:further], (*c)[further:further+not]
		*c = (*c)[further+not:]
	}
	return t, lead&orTerm != 0
}

// each calls yield with every word of t, as often as it stands there.
func (t *codedTerm) each(yield func(uint32)) {
	yield(t.word)
	for i := 0; i < len(t.further); i += 2 {
		yield(t.further[i])
	}
	for _, w := range t.not {
		yield(w)
	}
}

// wordsOf calls yield with every word of a topic, and returns the length of its code.
func wordsOf(topic []uint32, yield func(uint32)) int {
	c := cursor(topic[2:])
	h := c.head()
	for range h.groups {
		for more := true; more; {
			var t codedTerm
			t, more = c.term()
			t.each(yield)
		}
	}
	for range h.also {
		c.next()
		t, _ := c.term()
		t.each(yield)
	}
	for range h.excluded {
		t, _ := c.term()
		t.each(yield)
	}
	return len(topic) - len(c)
}
