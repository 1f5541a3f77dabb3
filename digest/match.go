package digest

import (
	"cmp"
	"slices"
	"sync"

	"tidings/digest/text"
)

// A Match is a story that fits a topic, with its reason.
type Match struct {
	Topic TopicID
	Story StoryID  // set by the joiner and by storage
	Score float64  // above 0, below 1; comparable between the stories of a topic
	Words []string // as they stand in the text, distinct, at most matchWords
	Field string   // where the best of them stands: "title", "text" or "categories"
}

const matchWords = 10

// A Matcher finds all topics that fit a document at once. Any number of goroutines may
// match while topics are added and removed.
//
// A topic waits under one word of its that few topics wait under and that few stories
// have; a document's distinct words wake their topics, and each is then checked in full:
// its other words, phrases, and at last what it excludes. What a document costs depends on
// its words and on the topics it wakes, not on the number of topics.
//
// One lock guards it all: a change holds it for microseconds, as nothing is ever
// rebuilt and tables grow by pieces; a match holds it, shared, for less than a millisecond at 100,000 topics.
// So a reader waits for a change no longer than for the scheduler, and needs no copies.
type Matcher struct {
	mu      sync.RWMutex
	topics  slab[entry]
	codes   codeStore
	words   slab[word]
	ids     idTable               // → topics
	forms   formTable             // → words
	narrow  map[uint32]*narrowing // of the few topics that have one
	about   []uint32              // topics that wait for subjects
	changes uint32                // counted, for what scans keep
	scratch sync.Pool             // of *search
	scans   sync.Pool             // of *scan
}

// An entry is a topic in the matcher.
type entry struct {
	id      TopicID
	code    uint32 // its place in codes, see encode
	length  uint16 // of the code
	careful bool   // see Topics
	narrow  bool   // it has a narrowing
}

// A word of topics, known by its folded surface.
type word struct {
	text  string
	refs  uint32
	wakes []wake // topics that wait under it
}

// A wake is a topic that waits under a word.
type wake struct {
	topic uint32
	needs uint32 // another word without which the topic cannot fit, or nothing; and one of:
}

const (
	nothing  = 1<<29 - 1
	enough   = 1 << 31 // with both words somewhere the topic fits
	ahead    = 1 << 30 // it fits with the needed word right behind, both as typed
	behind   = 1 << 29 // or right in front
	wakeBits = enough | ahead | behind
)

// word returns the word that x needs.
func (x wake) word() uint32 { return x.needs &^ wakeBits }

// A use says which words a form found in a document means, and in what languages.
type use struct {
	word      uint32
	languages uint32 // bits: the stemmers that make this form of the word
}

const (
	asTyped = 1 << 31 // the form is the word itself
	asGram  = 1 << 30 // the word is one character of a script without spaces
)

// NewMatcher returns a matcher without topics.
func NewMatcher() *Matcher {
	m := &Matcher{forms: newFormTable(), narrow: make(map[uint32]*narrowing)}
	m.scratch.New = func() any { return new(search) }
	m.scans.New = func() any { return newScan() }
	return m
}

// Len returns the number of topics.
func (m *Matcher) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.ids.count
}

// Add makes a topic live before it returns; a topic with the same id is replaced.
func (m *Matcher) Add(id TopicID, t Topic) {
	unknown := m.unknownForms(t)
	dying := m.formsOfTopic(id)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	m.remove(id, dying)
	if len(t.groups) == 0 {
		return // no topic of ParseTopic
	}
	code := m.encode(t, unknown)
	n := m.topics.add(entry{id, m.codes.add(code), uint16(len(code)), t.careful(), t.narrow != nil})
	m.ids.add(n, &m.topics)
	if t.narrow != nil {
		m.narrow[n] = t.narrow
	}
	if t.waitsForSubjects() {
		m.about = append(m.about, n)
	}
	for _, w := range m.wakingWords(t) {
		m.words.at(w).wakes = append(m.words.at(w).wakes, wake{n, m.needed(t, w) | m.simple(t, w)})
	}
}

// Remove forgets a topic before it returns. An unknown id is no error.
func (m *Matcher) Remove(id TopicID) {
	dying := m.formsOfTopic(id)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	m.remove(id, dying)
}

func (m *Matcher) remove(id TopicID, dying wordForms) {
	n, ok := m.ids.find(id, &m.topics)
	if !ok {
		return
	}
	m.ids.drop(id, &m.topics)
	delete(m.narrow, n)
	if i := slices.Index(m.about, n); i >= 0 {
		m.about = slices.Delete(m.about, i, i+1)
	}
	code := m.codeOf(m.topics.at(n))
	wordsOf(code, func(w uint32) {
		if i := slices.IndexFunc(m.words.at(w).wakes, func(x wake) bool { return x.topic == n }); i >= 0 {
			wakes := m.words.at(w).wakes
			wakes[i] = wakes[len(wakes)-1]
			m.words.at(w).wakes = wakes[:len(wakes)-1]
		}
		m.release(w, dying)
	})
	m.codes.drop(m.topics.at(n).code, len(code))
	m.topics.drop(n)
}

func (m *Matcher) codeOf(e *entry) []uint32 { return m.codes.at(e.code, int(e.length)) }

// Match returns the topics that fit d, best first.
func (m *Matcher) Match(d Document) []Match {
	s := m.scratch.Get().(*search)
	defer m.scratch.Put(s)
	s.reading = d.reading()
	m.mu.RLock()
	defer m.mu.RUnlock()
	m.find(s)
	var found []Match
	for _, n := range s.woken {
		e := m.topics.at(n)
		if e.narrow && !m.narrow[n].fits(d) {
			continue
		}
		if match, ok := s.check(m.codeOf(e)); ok {
			match.Topic = e.id
			found = append(found, match)
		}
	}
	s.reading = nil
	slices.SortFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Topic, b.Topic))
	})
	return found
}

// MatchOne matches one topic, by the same code as a Matcher of many. To match many
// documents with one topic, make a Matcher for it.
func MatchOne(t Topic, d Document) (Match, bool) {
	m := NewMatcher()
	m.Add(0, t)
	for _, match := range m.Match(d) {
		return match, true
	}
	return Match{}, false
}

// find fills s with the topic words of its document, and the topics they wake.
func (m *Matcher) find(s *search) {
	s.hits, s.woken = s.hits[:0], s.woken[:0]
	for i, f := range s.forms {
		language := uint32(0)
		if f.gram {
			language = asGram
		} else if s.stemmer >= 0 {
			language = 1 << s.stemmer
		}
		typed := uint32(asTyped)
		if f.stem == f.surface {
			typed |= language
		}
		for u := range m.forms.of(f.surface) {
			if u.languages&typed != 0 {
				s.hits = append(s.hits, hit{u.word, int32(i), f.gram || u.languages&asTyped != 0, false})
			}
		}
		if f.stem == f.surface {
			continue
		}
		for u := range m.forms.of(f.stem) {
			if u.languages&language != 0 {
				s.hits = append(s.hits, hit{u.word, int32(i), f.gram, f.gram})
			}
		}
	}
	slices.SortFunc(s.hits, compareHits)
	s.hits = slices.CompactFunc(s.hits, func(a, b hit) bool { return a.word == b.word && a.form == b.form })
	s.mark(m.words.used)
	for i, h := range s.hits {
		if i == 0 || s.hits[i-1].word != h.word {
			for _, x := range m.words.at(h.word).wakes {
				if n := x.word(); n == nothing || s.has(n) {
					s.woken = append(s.woken, x.topic)
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

// wakingWords chooses the words that t waits under: of one group, as every group must
// occur; one word of each alternative, as every word of it must.
func (m *Matcher) wakingWords(t Topic) []uint32 {
	var best []uint32
	least := 0
	for i, g := range t.groups {
		if t.aboutAt(i) != 0 && !t.waitsForSubjects() {
			continue // a story may have none of its words
		}
		var words []uint32
		sum := 0
		for _, alternative := range g {
			w, cost := m.cheapest(alternative)
			words = append(words, w)
			sum += cost
		}
		if best == nil || sum < least {
			best, least = words, sum
		}
	}
	for _, x := range t.also {
		w, _ := m.cheapest(x.term)
		best = append(best, w)
	}
	slices.Sort(best)
	return slices.Compact(best)
}

// waitsForSubjects tells whether t has no group that needs a word.
func (t Topic) waitsForSubjects() bool {
	for i := range t.groups {
		if t.aboutAt(i) == 0 {
			return false
		}
	}
	return true
}

// simple tells whether t, which wakes under w, is one word or two that need only be
// there, or a quoted pair: such topics are decided where they wake.
func (m *Matcher) simple(t Topic, w uint32) uint32 {
	if len(t.groups) > 2 || len(t.also) > 0 || len(t.exclude) > 0 || t.narrow != nil || t.careful() {
		return 0
	}
	for _, g := range t.groups {
		x := g[0]
		switch {
		case len(g) > 1:
			return 0
		case len(t.groups) == 1 && x.exact && len(x.atoms) == 2 && x.atoms[0].word != x.atoms[1].word && x.atoms[1].offset == 1:
			if n, _ := m.known(x.atoms[0].word); n == w {
				return ahead
			}
			return behind
		case x.exact || len(x.atoms) > 1:
			return 0
		}
	}
	return enough
}

// needed returns a word besides w without which no document fits t, or nothing.
func (m *Matcher) needed(t Topic, w uint32) uint32 {
	if len(t.also) > 0 {
		return nothing
	}
	needs, cost := uint32(nothing), -1
	for i, g := range t.groups {
		if len(g) > 1 || t.aboutAt(i) != 0 {
			continue
		}
		for _, a := range g[0].atoms {
			n, _ := m.known(a.word)
			if k := len(m.words.at(n).wakes); n != w && (cost < 0 || k < cost) {
				needs, cost = n, k
			}
		}
	}
	return needs
}

// cheapest returns the word of t that wakes the fewest topics for nothing: those that
// wait there already are checked at every story with the word, and short words are in
// most stories.
func (m *Matcher) cheapest(t term) (uint32, int) {
	best, least := uint32(0), -1
	for _, a := range t.atoms {
		n, _ := m.known(a.word)
		cost := len(m.words.at(n).wakes)
		if len(a.word) <= 3 {
			cost += 1000
		}
		if least < 0 || cost < least {
			best, least = n, cost
		}
	}
	return best, least
}

// wordForms are words with all their forms, and the languages that have each. Making
// them is the slow part of a change, done before the lock is taken.
type wordForms map[string]map[string]uint32

// of returns the forms of a word, made now if another change came between.
func (f wordForms) of(s string) map[string]uint32 {
	if forms, ok := f[s]; ok {
		return forms
	}
	return formsOf(s)
}

func formsOf(s string) map[string]uint32 {
	forms := map[string]uint32{s: asTyped}
	text.Stems(s, func(stemmer int, stem string) { forms[stem] |= 1 << stemmer })
	return forms
}

// unknownForms makes the forms of the words of t that no topic has yet.
func (m *Matcher) unknownForms(t Topic) wordForms {
	var words []string
	m.mu.RLock()
	t.eachWord(func(s string, _ bool) {
		if _, ok := m.known(s); !ok {
			words = append(words, s)
		}
	})
	m.mu.RUnlock()
	return makeForms(words)
}

// formsOfTopic makes the forms of the words that a topic alone may have.
func (m *Matcher) formsOfTopic(id TopicID) wordForms {
	var words []string
	m.mu.RLock()
	if n, ok := m.ids.find(id, &m.topics); ok {
		wordsOf(m.codeOf(m.topics.at(n)), func(w uint32) {
			if m.words.at(w).refs < 4 {
				words = append(words, m.words.at(w).text)
			}
		})
	}
	m.mu.RUnlock()
	return makeForms(words)
}

func makeForms(words []string) wordForms {
	forms := make(wordForms, len(words))
	for _, s := range words {
		if forms[s] == nil {
			forms[s] = formsOf(s)
		}
	}
	return forms
}

// known finds a word of topics.
func (m *Matcher) known(s string) (uint32, bool) {
	for u := range m.forms.of(s) {
		if u.languages&asTyped != 0 && m.words.at(u.word).text == s {
			return u.word, true
		}
	}
	return 0, false
}

// hold returns the number of a word, one more of whose uses begins.
func (m *Matcher) hold(s string, single bool, unknown wordForms) uint32 {
	n, ok := m.known(s)
	if !ok {
		n = m.words.add(word{text: s})
		for f, languages := range unknown.of(s) {
			if single {
				languages |= asGram
			}
			m.forms.add(f, use{n, languages})
		}
	}
	m.words.at(n).refs++
	return n
}

// release ends one use of a word and forgets it with the last.
func (m *Matcher) release(n uint32, dying wordForms) {
	w := m.words.at(n)
	if w.refs--; w.refs > 0 {
		return
	}
	for f := range dying.of(w.text) {
		m.forms.drop(f, n)
	}
	m.words.drop(n)
}

// slabPiece is how many values of a slab are allocated at once: growing never copies
// what is there, so no change of the matcher takes long.
const slabPiece = 1024

// A slab numbers values and uses the numbers of dropped ones again.
type slab[T any] struct {
	pieces []*[slabPiece]T
	free   []uint32
	used   uint32
}

func (s *slab[T]) at(n uint32) *T { return &s.pieces[n/slabPiece][n%slabPiece] }

func (s *slab[T]) add(v T) uint32 {
	if k := len(s.free); k > 0 {
		n := s.free[k-1]
		s.free = s.free[:k-1]
		*s.at(n) = v
		return n
	}
	n := s.used
	s.used++
	if int(n/slabPiece) == len(s.pieces) {
		s.pieces = append(s.pieces, new([slabPiece]T))
	}
	*s.at(n) = v
	return n
}

func (s *slab[T]) drop(n uint32) {
	var zero T
	*s.at(n) = zero
	s.free = append(s.free, n)
}
