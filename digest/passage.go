package digest

import (
	"math"
	"strings"
	"unicode/utf8"

	"tidings/digest/text"
)

// A passage is one text prepared for choosing: its sentences, and the concepts (words and
// pairs of words, without common ones) in flat arrays.
type passage struct {
	sentences  []stretch   // all, also those that may not stand in a summary
	candidates []candidate // those that may
	concepts   []uint16    // of all sentences, each sentence's distinct
	spread     []uint16    // by concept: the number of sentences that have it
	support    []float32   // by concept: the number of other articles that have it
	told       []bool      // by concept: stands in the title
	table      []slot      // from hashes to concepts
	mask       uint32
	seen       []uint32 // by concept: the last stretch that had it
	hashes     []uint32 // of the words of the stretch at hand
	known      map[uint32]wordUse
}

// A stretch is a sentence's part of the concepts: single words are concepts[from:mid], pairs
// concepts[mid:to].
type stretch struct {
	place         int // in the article, gaps included
	from, mid, to int
	numbers       int  // words that are numbers
	names         int  // words with a capital, but the first
	small         int  // words without, but common ones
	mine          int  // words of those who speak of themselves
	person        bool // somebody is named
	lost          bool // and he or she said of somebody who is not
	suspect       bool
}

// A candidate is a sentence that may stand in a summary.
type candidate struct {
	stretch
	text     string
	words    int
	hanging  bool // leans on the sentence before it
	refers   reference
	noun     int  // the concept of refers.noun, told before; -1 for none
	personal bool // speaks of me or us
	asks     bool
	spoken   bool // begins with what somebody said
}

type slot struct {
	hash    uint32
	concept uint16 // plus one
}

const (
	mostConcepts   = 1 << 12 // of one text; what comes later in a monstrous one is not weighed
	supportBytes   = 2 << 10 // read of each other article
	summaryWeighed = 4 << 10 // bytes that are weighed, unless nothing in them may stand in a summary
)

// read prepares a text. others are articles about the same event.
func read(title, given, language string, others []Article) *passage {
	p := readUpTo(summaryWeighed, given, language)
	if len(p.candidates) == 0 && len(given) > summaryWeighed {
		p = readUpTo(summaryBytes, given, language)
	}
	p.told = make([]bool, len(p.spread))
	p.each(title, func(id int) { p.told[id] = true })
	p.hear(others)
	return p
}

// readUpTo reads the whole sentences of the first bytes of a text.
func readUpTo(bytes int, given, language string) *passage {
	given, cut := shorten(given, bytes)
	sentences := text.Sentences(given, language)
	if cut && len(sentences) > 0 {
		sentences = sentences[:len(sentences)-1]
	}
	p := newPassage(len(given), language)
	asked := false // by the line before, which has nothing else
	for place, x := range sentences {
		s, known := withoutDateline(x.In(given)), len(p.spread)
		n := p.note(s, place)
		c := candidate{stretch: n, text: s}
		if len(p.candidates) < summaryLead && standsAlone(&c, language) {
			p.refer(&c, known, language)
			c.hanging = c.hanging && !(place == 0 && !c.lost && namesPair(s, language))
			c.refers.back = c.refers.back || asked
			c.hanging = c.hanging || c.asks && lineOfItsOwn(given, x) // the answer says it
			p.candidates = append(p.candidates, c)
		}
		p.sentences = append(p.sentences, n)
		asked = asks(s) && lineOfItsOwn(given, x) || asked && !endsLine(given, x)
	}
	return p
}

// pairs, of the connectors, begin a sentence about what it names itself when nothing stands
// before: Both houses of parliament, Such storms.
var pairs = listWords(map[string]string{"en": `both such`})

// namesPair tells whether a sentence begins so.
func namesPair(s, language string) bool {
	for w := range text.Words(s, unstemmed) {
		return pairs[language][w.Surface]
	}
	return false
}

// asks tells a question.
func asks(s string) bool {
	end, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("?؟？", end)
}

// lineOfItsOwn tells whether nothing else stands on the lines of a sentence: an interview's
// question, which explains the answer.
func lineOfItsOwn(given string, x text.Sentence) bool {
	before := strings.TrimRight(given[:x.Start], " \t\r")
	return (before == "" || strings.HasSuffix(before, "\n")) && endsLine(given, x)
}

func endsLine(given string, x text.Sentence) bool {
	return strings.HasPrefix(strings.TrimLeft(given[x.End:], " \t\r"), "\n")
}

func newPassage(bytes int, language string) *passage {
	size := 64
	for size < bytes/2 && size < 2*mostConcepts {
		size *= 2
	}
	return &passage{
		table: make([]slot, size), mask: uint32(size - 1),
		known:    wordUsesOf(language),
		concepts: make([]uint16, 0, size/2), spread: make([]uint16, 0, size/2), seen: make([]uint32, 0, size/2),
	}
}

// standsAlone fills in what is to be said of c, and tells whether it may stand in a
// summary.
func standsAlone(c *candidate, language string) bool {
	spaced, digits := spacedWords(c.text)
	c.words = max(readingWords(c.text), spaced)
	if c.words < fewestWords || !whole(c.text) || tabular(c.stretch, c.words, digits, c.text) || boilerplate(c.text, c.suspect) {
		return false
	}
	c.seekPeople(c.text, language)
	c.hanging, c.personal = c.lost || hangs(c.text, language), c.mine > 0 && !quotes(c.text)
	c.asks, c.spoken = asks(c.text), strings.ContainsRune(openingQuotes, firstOf(c.text))
	return true
}

// note adds the concepts of a sentence.
func (p *passage) note(s string, place int) stretch {
	stamp := uint32(len(p.sentences) + 1)
	x := stretch{place: place, from: len(p.concepts)}
	p.hashes = p.hashes[:0]
	who := whoeverIn(s)
	for at := 0; ; {
		t := nextQuick(s, at)
		if at = t.end; t.kind == quickNone {
			break
		}
		use := p.known[t.whole]
		who.take(t, use)
		if use&useMine != 0 {
			x.mine++
		}
		x.suspect = x.suspect || use&useSuspect != 0
		if use&useCommon != 0 || t.letters < 2 && t.kind != quickNumber {
			continue
		}
		p.hashes = append(p.hashes, t.stem)
		p.add(t.stem, stamp)
		switch {
		case t.kind == quickNumber:
			x.numbers++
		case t.kind == quickSmall:
			x.small++
		case len(p.hashes) > 1:
			x.names++
		}
	}
	x.mid, x.person, x.lost = len(p.concepts), who.person, who.lost
	for i := 1; i < len(p.hashes); i++ {
		p.add(pairOf(p.hashes[i-1], p.hashes[i]), stamp)
	}
	x.to = len(p.concepts)
	return x
}

// add counts the concept of a hash once for a stamp.
func (p *passage) add(hash, stamp uint32) {
	id, ok := p.find(hash)
	if !ok {
		if len(p.spread) == mostConcepts || 4*len(p.spread) >= 3*len(p.table) {
			return
		}
		p.table[p.free(hash)] = slot{hash, uint16(len(p.spread) + 1)}
		id = len(p.spread)
		p.spread, p.seen = append(p.spread, 0), append(p.seen, 0)
	}
	if p.seen[id] != stamp {
		p.seen[id] = stamp
		p.spread[id]++
		p.concepts = append(p.concepts, uint16(id))
	}
}

// each calls f for the concepts of s that the passage has.
func (p *passage) each(s string, f func(id int)) {
	last := uint32(0)
	for at := 0; ; {
		t := nextQuick(s, at)
		if at = t.end; t.kind == quickNone {
			return
		}
		if p.known[t.whole]&useCommon != 0 {
			continue
		}
		if id, ok := p.find(t.stem); ok {
			f(id)
		}
		if id, ok := p.find(pairOf(last, t.stem)); ok && last != 0 {
			f(id)
		}
		last = t.stem
	}
}

// hear counts for each concept the other articles that have it.
func (p *passage) hear(others []Article) {
	p.support = make([]float32, len(p.spread))
	for i, a := range others {
		stamp, left := math.MaxUint32-uint32(i), supportBytes
		for _, given := range []string{a.Title, a.Text, a.Content, a.Page} {
			given, _ = shorten(given, left)
			left -= len(given)
			p.each(given, func(id int) {
				if p.seen[id] != stamp {
					p.seen[id] = stamp
					p.support[id]++
				}
			})
		}
	}
}

func pairOf(a, b uint32) uint32 {
	h := a*31 ^ b
	return h ^ h>>13
}

// find returns the number of a hash's concept.
func (p *passage) find(hash uint32) (int, bool) {
	x := p.table[p.free(hash)]
	return int(x.concept) - 1, x.concept != 0
}

// free returns the place of a hash in the table, or the empty one where it belongs.
func (p *passage) free(hash uint32) uint32 {
	i := hash & p.mask
	for p.table[i].concept != 0 && p.table[i].hash != hash {
		i = (i + 1) & p.mask
	}
	return i
}
