package digest

import (
	"hash/maphash"
	"slices"
	"unsafe"

	"tidings/digest/text"
)

// Topics returns the topics that fit d, in no order: those that Match returns, found
// without places, scores and reasons. It reads the raw text once and looks at nothing
// that no topic has, which is several times faster where most stories fit few topics.
func (m *Matcher) Topics(d Document) []TopicID {
	s := m.scans.Get().(*scan)
	defer m.scans.Put(s)
	m.mu.RLock()
	defer m.mu.RUnlock()
	s.read(m, d)
	var full *search
	var found []TopicID
	for _, n := range s.fitting {
		found = append(found, m.topics.at(n).id)
	}
	for _, n := range s.woken {
		e := m.topics.at(n)
		fits := false
		switch {
		case e.narrow && !m.narrow[n].fits(d):
		case !e.careful:
			fits = s.check(m.codeOf(e))
		case s.possible(m.codeOf(e)):
			if full == nil {
				full = m.scratch.Get().(*search)
				full.reading = d.reading()
				m.find(full)
			}
			_, fits = full.check(m.codeOf(e))
		}
		if fits {
			found = append(found, e.id)
		}
	}
	if full != nil {
		full.reading = nil
		m.scratch.Put(full)
	}
	return found
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

// A scan is the words of topics in one document, as far as topics need them.
type scan struct {
	m       *Matcher
	stemmer int
	found   []found
	firsts  []int32  // by word: its latest in found, -1 for none
	touched []uint32 // words with one
	woken   []uint32
	fitting []uint32 // topics that need no more than to be woken
	at      int32    // of the word being read
	lower   [maxScanned]byte
	seed    maphash.Seed
	cache   []heard
}

// A found is an occurrence of a topic's word.
type found struct {
	at       int32
	previous int32 // of the same word, -1 for none
	typed    bool
}

// A heard is a word met before and the topics' words that it is.
type heard struct {
	hash    uint64
	change  uint32 // of the matcher
	stemmer int8
	n       int8
	uses    [4]uint32 // a word, and typedUse
}

const (
	typedUse   = 1 << 31
	maxScanned = 100 // letters of a word that is read at once
	heardLeast = 1 << 8
	heardMost  = 1 << 17 // four megabytes
)

func newScan() *scan {
	return &scan{seed: maphash.MakeSeed()}
}

// read fills s with the words of topics in d and the topics they wake.
func (s *scan) read(m *Matcher, d Document) {
	s.m, s.stemmer = m, text.Stemmer(d.Language)
	for _, w := range s.touched {
		s.firsts[w] = -1
	}
	s.touched, s.found, s.woken, s.fitting, s.at = s.touched[:0], s.found[:0], s.woken[:0], s.fitting[:0], 0
	for len(s.firsts) < int(m.words.used) {
		s.firsts = append(s.firsts, -1)
	}
	s.remember(int(m.words.used))
	s.text(clipBytes(d.Title, documentBytes/100))
	s.text(clipBytes(d.Text, documentBytes))
	for i, c := range d.Categories {
		if i == documentCategories {
			break
		}
		s.text(clipBytes(c, documentBytes/100))
	}
	for _, w := range s.touched {
		for _, x := range m.words.at(w).wakes {
			if n := x.word(); n != nothing && !s.has(n) {
				continue
			}
			switch x.needs & wakeBits { // with any, a topic waits under one word only
			case 0:
				s.woken = append(s.woken, x.topic)
			case enough:
				s.fitting = append(s.fitting, x.topic)
			case ahead:
				if s.pair(w, x.word()) {
					s.fitting = append(s.fitting, x.topic)
				}
			case behind:
				if s.pair(x.word(), w) {
					s.fitting = append(s.fitting, x.topic)
				}
			}
		}
	}
	if s.stemmer == text.Stemmer("en") {
		s.woken = append(s.woken, m.about...)
	}
	slices.Sort(s.woken)
	s.woken = slices.Compact(s.woken)
}

// remember makes room for words met: about twice as many as topics have.
func (s *scan) remember(words int) {
	size := heardLeast
	for size < min(2*words, heardMost) {
		size *= 2
	}
	if len(s.cache) < size {
		s.cache = make([]heard, size)
	}
}

// text reads a text, and the gap after it. Between spaces, words of plain letters with
// nothing but the usual signs after them are read here; all else is left to text.Words,
// to which it makes no difference what stands beyond a space.
func (s *scan) text(t string) {
	for i := 0; i < len(t); {
		start, n := i, 0
		for i < len(t) && n < maxScanned && letters[t[i]] != 0 {
			s.lower[n] = letters[t[i]]
			n++
			i++
		}
		end := i
		for i < len(t) && signs[t[i]] {
			i++
		}
		switch {
		case i == len(t) || spaces[t[i]]:
			if end > start {
				s.word(s.lower[:n])
			}
			i++
		default:
			for i < len(t) && !spaces[t[i]] {
				i++
			}
			for w := range text.Words(t[start:i], text.Unstemmed) {
				s.strange(w)
			}
		}
	}
	s.at++
}

// Bytes by what they are to text.
var letters, signs, spaces = byteTables()

func byteTables() (letters [256]byte, signs, spaces [256]bool) {
	for c := 'a'; c <= 'z'; c++ {
		letters[c], letters[c-'a'+'A'] = byte(c), byte(c)
	}
	for _, c := range `.,;:!?)"` {
		signs[c] = true
	}
	for _, c := range " \n\t\r" {
		spaces[c] = true
	}
	return letters, signs, spaces
}

// word takes a word of plain letters, lower case.
func (s *scan) word(w []byte) {
	hash := maphash.Bytes(s.seed, w)
	h := &s.cache[hash&uint64(len(s.cache)-1)]
	if h.hash != hash || h.change != s.m.changes || h.stemmer != int8(s.stemmer) {
		s.look(h, hash, unsafe.String(&w[0], len(w)))
	}
	for _, u := range h.uses[:max(0, h.n)] {
		s.note(u&^typedUse, u&typedUse != 0)
	}
	if h.n < 0 { // too many to be kept
		surface := string(w)
		s.uses(surface, text.Stem(surface, s.stemmer), false, s.note)
	}
	s.at++
}

// look finds the topics' words that a word is.
func (s *scan) look(h *heard, hash uint64, w string) {
	h.hash, h.change, h.stemmer, h.n = hash, s.m.changes, int8(s.stemmer), 0
	s.uses(w, text.Stem(w, s.stemmer), false, func(word uint32, typed bool) {
		if h.n < 0 || int(h.n) == len(h.uses) {
			h.n = -1
			return
		}
		if h.uses[h.n] = word; typed {
			h.uses[h.n] |= typedUse
		}
		h.n++
	})
}

// strange takes any word.
func (s *scan) strange(w text.Word) {
	stem := w.Stem
	if !w.Gram {
		stem = text.Stem(w.Surface, s.stemmer)
	}
	s.uses(w.Surface, stem, w.Gram, s.note)
	s.at++
}

// uses calls yield with the topics' words that a word of a document is, as
// Matcher.find has it.
func (s *scan) uses(surface, stem string, gram bool, yield func(word uint32, typed bool)) {
	language := uint32(0)
	if gram {
		language = asGram
	} else if s.stemmer >= 0 {
		language = 1 << s.stemmer
	}
	typed := uint32(asTyped)
	if stem == surface {
		typed |= language
	}
	for u := range s.m.forms.of(surface) {
		if u.languages&typed != 0 {
			yield(u.word, gram || u.languages&asTyped != 0)
		}
	}
	if stem == surface {
		return
	}
	for u := range s.m.forms.of(stem) {
		if u.languages&language != 0 {
			yield(u.word, gram)
		}
	}
}

func (s *scan) note(word uint32, typed bool) {
	previous := s.firsts[word]
	if previous < 0 {
		s.touched = append(s.touched, word)
	}
	s.firsts[word] = int32(len(s.found))
	s.found = append(s.found, found{s.at, previous, typed})
}

func (s *scan) has(word uint32) bool { return s.firsts[word] >= 0 }

// possible tells whether a topic may fit, by its words alone.
func (s *scan) possible(code []uint32) bool {
	c := cursor(code)
	h := c.head()
	all := true
	for range h.groups {
		n, about := c.group(h)
		one := about != 0
		for range n {
			one = s.hasAll(c.term()) || one
		}
		all = all && one
	}
	for range h.also {
		c.next()
		all = s.hasAll(c.term()) || all
	}
	return all
}

func (s *scan) hasAll(t codedTerm) bool {
	for i := 0; i < len(t.atoms); i += 2 {
		if !s.has(t.atoms[i]) {
			return false
		}
	}
	return true
}

// check decides a topic that asks for words and their order only.
func (s *scan) check(code []uint32) bool {
	c := cursor(code)
	h := c.head()
	all := true
	for range h.groups {
		n, _ := c.group(h)
		one := false
		for range n {
			t := c.term()
			one = one || all && s.occurs(t)
		}
		if all = all && one; !all && h.also == 0 {
			return false
		}
	}
	for range h.also {
		c.next()
		t := c.term()
		all = all || s.occurs(t)
	}
	if !all {
		return false
	}
	for range h.excluded {
		if s.occurs(c.term()) {
			return false
		}
	}
	return true
}

// occurs tells whether t stands anywhere in the document.
func (s *scan) occurs(t codedTerm) bool {
	if !s.hasAll(t) {
		return false
	}
	if len(t.atoms) == 2 && !t.exact {
		return true
	}
	for i := s.firsts[t.atoms[0]]; i >= 0; i = s.found[i].previous {
		if t.exact && !s.found[i].typed {
			continue
		}
		all := true
		for k := 2; k < len(t.atoms) && all; k += 2 {
			all = s.standsAt(t.atoms[k], s.found[i].at+int32(t.atoms[k+1]&0xFFFF), t.exact)
		}
		if all {
			return true
		}
	}
	return false
}

// pair tells whether b stands right behind a, both as typed.
func (s *scan) pair(a, b uint32) bool {
	for i := s.firsts[a]; i >= 0; i = s.found[i].previous {
		if s.found[i].typed && s.standsAt(b, s.found[i].at+1, true) {
			return true
		}
	}
	return false
}

func (s *scan) standsAt(word uint32, at int32, exact bool) bool {
	for i := s.firsts[word]; i >= 0 && s.found[i].at >= at; i = s.found[i].previous {
		if s.found[i].at == at && (!exact || s.found[i].typed) {
			return true
		}
	}
	return false
}
