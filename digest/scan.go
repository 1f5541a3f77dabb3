package digest

import (
	"bytes"
	"slices"

	"tidings/digest/text"
)

// A search is one document being matched: which words of topics stand where in it.
// Nothing is known of its other words but where they stand.
type search struct {
	m       *Matcher
	d       Document
	lexicon *lexicon
	stemmer int

	sources [2 + documentCategories]string // title, text, categories
	begins  [3 + documentCategories]int32  // their first places; between sources is one without a word
	loud    [2 + documentCategories]int8   // see shouts: 0 when not yet known
	count   int                            // of sources
	places  []extent
	pieces  []chunk // of a source

	words  []heard                // the distinct words of topics
	slots  []uint32               // their numbers by hash, and one more; 0 for none
	maybe  [lowHalf/64 + 1]uint64 // bits: low halves of the words' numbers
	found  []found
	buffer []byte

	numbers     []uint32     // of a piece being learned
	waiting     []wakeRun    // by words
	hits        []hit        // topics of which the needed word may be there
	woken       []wokenTopic // topics to read
	others      []wokenTopic // those of them that may have been woken more than once
	fitting     []fitting    // topics that need no more than to be woken
	alone       []alone      // by words
	touched     uint64       // of what was fetched, so that it is
	there       []int32      // numbers of a topic's words
	spans       []span
	spansAlone  []span
	ends        []int // of spans, by group
	steps       []int32
	shown       []string // room for words of matches
	shownAtOnce int
	matches     []Match
}

// An extent is where a word stands in its source.
type extent struct{ start, end int32 }

// A heard is a word of topics that the document has.
type heard struct {
	word        uint32
	rarity      uint32
	first, last int32 // in found
}

// A found is an occurrence of a word of topics.
type found struct {
	at    int32
	next  int32 // of the same word, -1 for none
	flags uint32
	worth float64 // see worthOf; 0 when not yet known
}

// match returns the topics of m that fit d.
func (s *search) match(m *Matcher, d Document, stemmer int) []Match {
	s.m, s.d, s.lexicon, s.stemmer = m, d, m.lexiconFor(), stemmer
	s.read()
	s.wake()
	matches := s.decide()
	s.d, s.lexicon, s.shown = Document{}, nil, nil
	clear(s.waiting)
	clear(s.alone)
	clear(s.sources[:s.count])
	return matches
}

// read finds the words of topics.
func (s *search) read() {
	s.slots = s.slots[:min(len(s.slots), leastSlots)] // a long document before needs not be paid again
	clear(s.slots)
	clear(s.maybe[:])
	clear(s.loud[:])
	s.words, s.found, s.places, s.count = s.words[:0], s.found[:0], s.places[:0], 0
	s.source(clipBytes(s.d.Title, documentBytes/100))
	s.source(clipBytes(s.d.Text, documentBytes))
	for _, c := range s.d.Categories[:min(len(s.d.Categories), documentCategories)] {
		s.source(clipBytes(c, documentBytes/100))
	}
	s.begins[s.count] = int32(len(s.places))
}

// margin is how much may be read behind a text.
const margin = 8

// A chunk is what stands between spaces.
type chunk struct {
	start, end int32
	hash       uint64
}

// source reads a text piece by piece, and the gap after it. To text.Words, which divides
// pieces not met before, it makes no difference what stands beyond a space, or which
// signs stand at a piece's ends.
func (s *search) source(t string) {
	s.sources[s.count], s.begins[s.count] = t, int32(len(s.places))
	s.count++
	s.divide(t)
	for _, p := range s.pieces {
		s.piece(t, p)
	}
	s.places = append(s.places, extent{})
}

// divide finds the pieces of a text, and has the processor fetch what the lexicon knows
// of them: waiting for many at once takes hardly longer than for one.
func (s *search) divide(t string) {
	s.pieces = s.pieces[:0]
	s.buffer = append(append(s.buffer[:0], t...), "                "[:2*margin]...)
	b, l := s.buffer, s.lexicon
	for i := 0; i < len(t); {
		if b[i] <= ' ' || opening[b[i]] {
			i++
			continue
		}
		end := i
		for {
			n := spaceIn(eight(b, end))
			if end += n; n < 8 {
				break
			}
		}
		next := end
		for end > i && closing[b[end-1]] {
			end--
		}
		if i == end {
			i = next
			continue
		}
		if end < next && bytes.IndexByte(b[i:end], '.') >= 0 {
			end = next // a stop after others may be a part of the word: U.S.
		}
		p := chunk{start: int32(i), end: int32(end)}
		if end-i <= pieceMost {
			p.hash = l.hash(b, i, end-i, s.stemmer)
		}
		s.pieces = append(s.pieces, p)
		i = next
	}
	touched := uint64(0)
	for i := range s.pieces {
		touched ^= l.touch(s.pieces[i].hash)
	}
	s.touched ^= touched
}

// piece reads what stands between spaces.
func (s *search) piece(t string, p chunk) {
	if p.end-p.start > pieceMost {
		s.strange(t, int(p.start), int(p.end))
		return
	}
	meant, ok := s.lexicon.find(p.hash)
	if !ok {
		if meant, ok = s.learn(t[p.start:p.end], p.hash); !ok {
			s.strange(t, int(p.start), int(p.end))
			return
		}
	}
	switch meant & senseKind {
	case senseTyped:
		s.note(uint32(meant&^senseKind), typedFlag)
	case senseStem:
		s.note(uint32(meant&^senseKind), 0)
	case senseList:
		list := s.lexicon.at(meant)
		n := list[0]
		for at := 1; n > 0; n-- {
			head := list[at]
			for at++; head>>16 > 0; head -= 1 << 16 {
				s.note(list[at]&^wordFlags, list[at]&wordFlags)
				at++
			}
			s.places = append(s.places, extent{p.start + int32(head&0xFF), p.start + int32(head>>8&0xFF)})
		}
		return
	}
	s.places = append(s.places, extent{p.start, p.end})
}

// strange reads a piece of which nothing is remembered.
func (s *search) strange(t string, start, end int) {
	for w := range text.Words(t[start:end], text.Unstemmed) {
		stem := w.Stem
		if !w.Gram {
			stem = text.StemOnce(w.Surface, s.stemmer)
		}
		s.uses(w.Surface, stem, w.Gram, func(word uint32) { s.note(word&^wordFlags, word&wordFlags) })
		s.places = append(s.places, extent{int32(start + w.Start), int32(start + w.End)})
	}
}

// Signs that may stand before and after a piece without being of it.
var opening, closing = byteSet(`"'([{`), byteSet(`"')]}.,;:!?`)

func byteSet(of string) (set [256]bool) {
	for i := range len(of) {
		set[of[i]] = true
	}
	return set
}

// uses calls yield with the topics' words that a word of a document is, each once, with
// its flags. What a reader typed like it has its stem, too.
func (s *search) uses(surface, stem string, gram bool, yield func(word uint32)) {
	forms, sought := &s.m.forms, stem
	if gram {
		sought = surface
	}
	for n := range forms.of(forms.hash(sought)) {
		switch w := s.m.lettersOf(s.m.word(n)); {
		case string(w) == surface:
			yield(n | typedFlag)
		case !gram && s.stemsTo(w, stem):
			yield(n)
		}
	}
	if !gram || stem == surface {
		return
	}
	for n := range forms.of(forms.hash(stem)) {
		if string(s.m.lettersOf(s.m.word(n))) == stem {
			yield(n | typedFlag | halfFlag)
		}
	}
}

// stemsTo tells whether the stem of a word of topics in the document's language is stem.
func (s *search) stemsTo(word []byte, stem string) bool {
	return s.stemmer >= 0 && text.StemOnce(string(word), s.stemmer) == stem
}

// note notes a word of topics at the place that comes next.
func (s *search) note(word, flags uint32) {
	n := int32(len(s.found))
	s.found = append(s.found, found{at: int32(len(s.places)), next: -1, flags: flags})
	if 2*(len(s.words)+1) > len(s.slots) {
		s.widen()
	}
	h := word * 0x9E3779B1
	for i := h >> 16 & uint32(len(s.slots)-1); ; i = (i + 1) & uint32(len(s.slots)-1) {
		k := s.slots[i]
		if k == 0 {
			s.words = append(s.words, heard{word: word, first: n, last: n})
			s.slots[i] = uint32(len(s.words))
			s.maybe[word&lowHalf>>6] |= 1 << (word & 63)
			return
		}
		if x := &s.words[k-1]; x.word == word {
			s.found[x.last].next = n
			x.last = n
			return
		}
	}
}

const leastSlots = 1024

func (s *search) widen() {
	n := max(leastSlots, 2*len(s.slots))
	s.slots = slices.Grow(s.slots[:0], n)[:n]
	clear(s.slots)
	for k, x := range s.words {
		i := x.word * 0x9E3779B1 >> 16 & uint32(len(s.slots)-1)
		for s.slots[i] != 0 {
			i = (i + 1) & uint32(len(s.slots)-1)
		}
		s.slots[i] = uint32(k + 1)
	}
}

// place returns the number in words of a word, -1 when the document has not got it.
func (s *search) place(word uint32) int {
	if s.maybe[word&lowHalf>>6]>>(word&63)&1 == 0 {
		return -1
	}
	h := word * 0x9E3779B1
	for i := h >> 16 & uint32(len(s.slots)-1); ; i = (i + 1) & uint32(len(s.slots)-1) {
		k := s.slots[i]
		if k == 0 {
			return -1
		}
		if s.words[k-1].word == word {
			return int(k - 1)
		}
	}
}

func (s *search) has(word uint32) bool { return s.place(word) >= 0 }

// A hit is a place in the run under the word of a number, and what is asked for there.
type hit struct {
	word, at int32
	ask      wakeAsk
}

// A wokenTopic is a topic to be read: the place of its code, above its wakeKind.
type wokenTopic uint64

func wokenOf(code uint32, kind wakeKind) wokenTopic { return wokenTopic(code)<<8 | wokenTopic(kind) }

func (x wokenTopic) code() uint32   { return uint32(x >> 8) }
func (x wokenTopic) kind() wakeKind { return wakeKind(x & 0xFF) }

// A fitting is a topic that is known to fit, by the numbers of its words.
type fitting struct {
	topic         TopicID
	first, second int32 // second is -1 for none
	pair          bool  // the second right behind the first
}

// wake finds the topics that may fit, and those that do. What is known of words lies
// anywhere in memory: it is fetched for all of them, one soon after the other, as the
// processor waits for many at once.
func (s *search) wake() {
	s.waiting, s.hits, s.woken, s.others, s.fitting = s.waiting[:0], s.hits[:0], s.woken[:0], s.others[:0], s.fitting[:0]
	touched := uint64(0)
	for k := range s.words {
		touched ^= uint64(s.m.word(s.words[k].word).wakes)
	}
	for k := range s.words {
		w := s.m.word(s.words[k].word)
		s.words[k].rarity = w.rarity()
		s.waiting = append(s.waiting, s.m.runOf(w))
	}
	for _, r := range s.waiting {
		for i := 0; i < min(len(r.asks), asksFetched); i += asksInLine {
			touched ^= uint64(r.asks[i])
		}
	}
	s.maybe[nothing&lowHalf>>6] |= 1 << (nothing & 63)
	for k := range s.waiting {
		s.ask(int32(k), s.waiting[k].asks)
	}
	for _, x := range s.hits {
		if !x.ask.pair() { // most pairs do not stand in a row
			touched ^= uint64(s.waiting[x.word].who[2*x.at])
		}
	}
	s.touched ^= touched
	for _, x := range s.hits {
		s.rouse(x.word, &s.waiting[x.word], x.ask, int(x.at))
	}
	s.wakeOthers()
}

// ask notes the hits among the asks under the word of a number. One in twenty is one, which
// a processor cannot foresee: so each is written, and counted if it is one.
func (s *search) ask(k int32, asks []uint32) {
	n, maybe := len(s.hits), &s.maybe
	hits := slices.Grow(s.hits, len(asks))[:n+len(asks)]
	for i, x := range asks {
		low := x & lowHalf
		hits[n] = hit{k, int32(i), wakeAsk(x)}
		n += int(maybe[low>>6] >> (low & 63) & 1)
	}
	s.hits = hits[:n]
}

// wakeOthers adds topics that may have been woken more than once, and those that wait for
// subjects that the document has: of the others, however many, only their sets of subjects are
// looked at.
func (s *search) wakeOthers() {
	if s.stemmer == text.Stemmer("en") && len(s.m.about) > 0 {
		shares := s.d.subjects()
		for of, places := range s.m.about {
			if shares.share(of) < leastShare {
				continue
			}
			for _, place := range places {
				s.others = append(s.others, wokenOf(place, isCoded|isElse))
			}
		}
	}
	slices.Sort(s.others)
	for i, x := range s.others {
		if i == 0 || x.code() != s.others[i-1].code() {
			s.woken = append(s.woken, x)
		}
	}
}

const (
	asksInLine  = 16   // of the processor's cache, 64 bytes in most
	asksFetched = 1024 // of one word: what stands further on in a row comes by itself
)

// lowHalf are the bits of a word's number by which most others are told from it.
const lowHalf = 1<<16 - 1

// rouse takes a topic that waits under the word of a number, if the word that it needs is
// there.
func (s *search) rouse(k int32, r *wakeRun, x wakeAsk, i int) {
	other := int32(-1)
	if needs := x.needs(); needs != nothing {
		if other = int32(s.place(needs)); other < 0 {
			return
		}
	}
	kind, first, second := x.kind(), k, other
	switch {
	case kind&isElse != 0:
		s.others = append(s.others, wokenOf(r.code(i), kind))
		return
	case kind >= isCoded:
		s.woken = append(s.woken, wokenOf(r.code(i), kind))
		return
	case kind == isSecond || kind == isBehind:
		first, second = other, k
	}
	if pair := x.pair(); !pair || s.pair(first, second, nil) > 0 {
		s.fitting = append(s.fitting, fitting{r.id(i), first, second, pair})
	}
}

// pair sums what the places are worth where the second word stands right behind the first,
// both as typed, and notes them in r. Without r the first one is enough.
func (s *search) pair(first, second int32, r *reason) float64 {
	total := 0.0
	i, k := s.words[first].first, s.words[second].first
	for i >= 0 && k >= 0 {
		x, y := &s.found[i], &s.found[k]
		switch {
		case x.at+1 < y.at || x.flags&typedFlag == 0:
			i = x.next
		case x.at+1 > y.at || y.flags&typedFlag == 0:
			k = y.next
		case r == nil:
			return 1
		default:
			total += s.worthOf(x)
			r.source = min(r.source, s.sourceAt(x.at))
			if len(r.spans) < spansNoted {
				r.spans = append(r.spans, span{x.at, y.at, y.flags&halfFlag != 0})
			}
			i = x.next
		}
	}
	return total
}
