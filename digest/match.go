package digest

import (
	"slices"
	"sync"
	"sync/atomic"

	"tidings/digest/text"
)

// A Match is a story that fits a topic, with its reason.
type Match struct {
	Topic TopicID
	Story StoryID  // set by the joiner and by storage
	Score float64  // above 0, below 1; comparable between the stories of a topic
	Words []string // as they stand in the text, distinct, at most matchWords
	Field string   // where the best of them stands: "title", "lead", "text" or "categories"
}

const matchWords = 10

// A Matcher finds all topics that fit a document at once. Any number of goroutines may
// match while topics are added and removed.
//
// A topic waits under one word of its that few topics wait under and that few stories
// have, and names another word that it needs. A document's distinct words wake their
// topics; those whose needed word is there, too, are checked in full: other words,
// phrases, and at last what they exclude. Only topics that fit are given scores. What a
// document costs depends on its words and on the topics that fit it, hardly on their
// number.
//
// One lock guards it all: a change holds it for microseconds, as nothing is ever
// rebuilt and tables grow by pieces; a match holds it, shared, for less than a millisecond
// at a million topics. So a reader waits for a change no longer than for the scheduler,
// and needs no copies.
type Matcher struct {
	mu      sync.RWMutex
	topics  arena[uint32] // see encode
	words   arena[word]
	letters arena[byte] // of words
	wakes   arena[wake]
	ids     idTable               // → topics
	newest  TopicID               // the greatest id there was, so that a greater one is new
	forms   formTable             // → words
	narrow  map[uint32]*narrowing // of the few topics that have one
	about   []uint32              // topics that wait for subjects
	terms   []codedTerm           // of the topic being added
	groups  [][]codedTerm         // its groups, of these

	wiped    map[int]bool // pieces of letters with a word that is forgotten, since whoever keeps an image cleared it
	returned bool         // so came a topic that may have been there before

	learning sync.Mutex // held, without mu, while a stemmer is learned
	stemmers uint32     // bits: those that new words are given forms of
	learned  uint32     // bits: those that all words have forms of

	lexicon  atomic.Pointer[lexicon]
	searches sync.Pool // of *search
}

// A word of topics, known by its folded surface.
type word struct {
	text  uint32 // its place in letters: its length in two bytes, then itself
	uses  uint32 // by topics, and rarity<<usesBits
	wakes uint32 // place of the topics that wait under it
	woken uint32 // their number; there is room for as many as roomOf says
}

const usesBits = 28

func (w *word) refs() uint32   { return w.uses & (1<<usesBits - 1) }
func (w *word) rarity() uint32 { return w.uses >> usesBits }

// NewMatcher returns a matcher without topics.
func NewMatcher() *Matcher {
	m := &Matcher{forms: newFormTable(), narrow: make(map[uint32]*narrowing)}
	m.searches.New = func() any { return new(search) }
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
	m.mu.Lock()
	defer m.mu.Unlock()
	if id <= m.newest {
		m.remove(id)
		m.returned = true
	}
	if len(t.groups) == 0 || m.words.len() > mostWords-TopicRunes {
		return // no topic of ParseTopic, or more words than a code can name
	}
	place := m.encode(id, t)
	m.ids.add(place, &m.topics)
	m.newest = max(m.newest, id)
	if t.narrow != nil {
		m.narrow[place] = t.narrow
	}
	if topic := m.topics.at(place); headOf(topic[2]).waitsForSubjects(topic) {
		m.about = append(m.about, place)
	}
	m.wait(place)
}

// Remove forgets a topic before it returns. An unknown id is no error.
func (m *Matcher) Remove(id TopicID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(id)
}

func (m *Matcher) remove(id TopicID) {
	place, ok := m.ids.find(id, &m.topics)
	if !ok {
		return
	}
	m.ids.drop(id, &m.topics)
	delete(m.narrow, place)
	if i := slices.Index(m.about, place); i >= 0 {
		m.about = slices.Delete(m.about, i, i+1)
	}
	length := wordsOf(m.topics.at(place), func(n uint32) {
		m.dropWake(n, place)
		m.release(n)
	})
	m.topics.drop(place, length)
}

func (m *Matcher) word(n uint32) *word { return &m.words.at(n)[0] }

// lettersOf returns a word's text, to be looked at only.
func (m *Matcher) lettersOf(w *word) []byte {
	b := m.letters.at(w.text)
	return b[2 : 2+int(b[0])+int(b[1])<<8]
}

// Match returns the topics that fit d, best first.
func (m *Matcher) Match(d Document) []Match {
	s := m.searches.Get().(*search)
	defer m.searches.Put(s)
	stemmer := text.Stemmer(d.Language)
	m.mu.RLock()
	if stemmer >= 0 && m.learned>>stemmer&1 == 0 {
		m.mu.RUnlock()
		m.learn(stemmer)
		m.mu.RLock()
	}
	defer m.mu.RUnlock()
	return s.match(m, d, stemmer)
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

// wait puts a topic under the words that wake it: of one group, as every group must
// occur; one word of each alternative, as every word of it must.
func (m *Matcher) wait(place uint32) {
	topic := m.topics.at(place)
	c := cursor(topic[2:])
	h := c.head()
	m.readGroups(&c, h)
	var under []uint32
	least := 0
	for i, g := range m.groups {
		if h.aboutAt(topic, i) != 0 && !h.waitsForSubjects(topic) {
			continue // a story may have none of its words
		}
		words, cost := make([]uint32, 0, 4), 0
		for k := range g {
			w, x := m.cheapest(&g[k])
			words, cost = append(words, w), cost+x
		}
		if m.needed(topic, h, words[0]) == nothing {
			cost *= costsToCheck
		}
		if under == nil || cost < least {
			under, least = words, cost
		}
	}
	for range h.also {
		share := c.next()
		t, _ := c.term()
		if w, _ := m.cheapest(&t); share > companyCode {
			under = append(under, w)
		}
	}
	slices.Sort(under)
	under = slices.Compact(under)
	for _, w := range under {
		kind := m.kindOf(c, h, w)
		if len(under) > 1 || h.about {
			kind |= isElse
		}
		m.addWake(w, wake(place)<<wakeTopicAt|wake(kind)<<wakeKindAt|wake(m.needed(topic, h, w)))
	}
}

// costsToCheck is how much more it costs to read a topic than to see that a word is missing.
const costsToCheck = 16

// readGroups reads the groups of a topic into m.
func (m *Matcher) readGroups(c *cursor, h codeHead) {
	m.terms, m.groups = m.terms[:0], m.groups[:0]
	for range h.groups {
		begin := len(m.terms)
		for more := true; more; {
			var t codedTerm
			t, more = c.term()
			m.terms = append(m.terms, t)
		}
		m.groups = append(m.groups, m.terms[begin:])
	}
}

// needed returns a word besides w, under which the topic in m.groups wakes, without which
// no document fits it, or nothing.
func (m *Matcher) needed(topic []uint32, h codeHead, w uint32) uint32 {
	needs, least := uint32(nothing), -1
	if h.also > 0 {
		return needs
	}
	for i, g := range m.groups {
		if len(g) > 1 || h.aboutAt(topic, i) != 0 {
			continue
		}
		t := &g[0]
		for k := -2; k < len(t.further); k += 2 {
			n, rarity := t.word, t.rarity
			if k >= 0 {
				n, rarity = t.further[k], rarest
			}
			if x := m.costOf(n, rarity); n != w && (least < 0 || x < least) {
				needs, least = n, x
			}
		}
	}
	return needs
}

// kindOf returns the kind of the topic in m.groups, whose excluded terms c reads, where it
// waits under w.
func (m *Matcher) kindOf(c cursor, h codeHead, w uint32) wakeKind {
	if h.also > 0 || h.narrow || h.about {
		return wakesOnly
	}
	first := &m.groups[0][0]
	if h.groups == 1 && len(m.groups[0]) == 1 && h.excluded == 0 && !h.careful && first.pair() {
		if first.word == w {
			return isAhead
		}
		return isBehind
	}
	simple := h.groups <= 2 && h.excluded == 0
	for _, g := range m.groups {
		simple = simple && len(g) == 1
		for i := range g {
			if !g[i].plain() {
				return wakesOnly
			}
		}
	}
	for range h.excluded {
		if t, _ := c.term(); !t.plain() {
			return wakesOnly
		}
	}
	switch {
	case !simple:
		return wakesOnly | isPlain
	case first.word == w:
		return isFirst
	}
	return isSecond
}

// cheapest returns the word of t that wakes the fewest topics for nothing.
func (m *Matcher) cheapest(t *codedTerm) (uint32, int) {
	best, least := t.word, m.costOf(t.word, t.rarity)
	for i := 0; i < len(t.further); i += 2 {
		if k := m.costOf(t.further[i], rarest); k < least {
			best, least = t.further[i], k
		}
	}
	return best, least
}

// costOf tells how much a topic more under a word costs: common and short words are in
// most stories, what many topics ask for is in many, and those that wait there already are
// looked at in every story with the word.
func (m *Matcher) costOf(n uint32, rarity uint32) int {
	w := m.word(n)
	cost := int(w.refs()+w.woken) * (1 + 4*int(rarest-rarity))
	if len(m.lettersOf(w)) <= 3 {
		cost += 1000
	}
	return cost
}

// learnAtOnce is for how many words a stemmer is learned at once, without readers.
const learnAtOnce = 256

// learn gives all words their forms by a stemmer: with the first document in its
// language, which waits; other documents do not, nor do changes.
func (m *Matcher) learn(stemmer int) {
	m.learning.Lock()
	defer m.learning.Unlock()
	m.mu.Lock()
	known := m.learned>>stemmer&1 == 1
	m.stemmers |= 1 << stemmer
	count := m.words.len()
	m.mu.Unlock()
	if known {
		return
	}
	for from := uint32(0); from < count; from += learnAtOnce {
		m.teach(stemmer, from, min(from+learnAtOnce, count))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.learned |= 1 << stemmer
	m.forget()
}

// teach is learn for some words. What changes meanwhile got its forms then.
func (m *Matcher) teach(stemmer int, from, to uint32) {
	texts := make([]string, 0, learnAtOnce)
	m.mu.RLock()
	for n := from; n < to; n++ {
		s := ""
		if w := m.word(n); w.refs() > 0 {
			s = string(m.lettersOf(w))
		}
		texts = append(texts, s)
	}
	m.mu.RUnlock()
	stems := make([]string, len(texts))
	for i, s := range texts {
		text.Stems(s, 1<<stemmer, func(_ int, stem string) { stems[i] = stem })
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, stem := range stems {
		n := from + uint32(i)
		if w := m.word(n); stem != "" && w.refs() > 0 && string(m.lettersOf(w)) == texts[i] {
			m.forms.add(stem, n)
		}
	}
}

// known finds a word of topics.
func (m *Matcher) known(s string) (uint32, bool) {
	for n := range m.forms.of(s) {
		if string(m.lettersOf(m.word(n))) == s {
			return n, true
		}
	}
	return 0, false
}

// hold returns the number of a word, one more of whose uses begins.
func (m *Matcher) hold(s string) uint32 {
	n, ok := m.known(s)
	if !ok {
		n = m.words.add(1)
		place := m.letters.add(2 + len(s))
		copy(m.letters.at(place), append([]byte{byte(len(s)), byte(len(s) >> 8)}, s...))
		*m.word(n) = word{text: place, uses: uint32(rarest*text.Rarity(s)) << usesBits}
		m.forms.add(s, n)
		text.Stems(s, m.stemmers, func(_ int, stem string) { m.forms.add(stem, n) })
		m.forget()
	}
	m.word(n).uses++
	return n
}

// release ends one use of a word and forgets it with the last.
func (m *Matcher) release(n uint32) {
	w := m.word(n)
	if w.uses--; w.refs() > 0 {
		return
	}
	s := string(m.lettersOf(w))
	m.forms.drop(s, n)
	text.Stems(s, m.stemmers, func(_ int, stem string) { m.forms.drop(stem, n) })
	m.letters.drop(w.text, 2+len(s))
	if m.wiped == nil {
		m.wiped = make(map[int]bool)
	}
	m.wiped[int(w.text/arenaPiece)] = true
	m.words.drop(n, 1)
	m.forget()
}

// forget is for whoever changes forms, who holds mu alone.
func (m *Matcher) forget() {
	if l := m.lexicon.Load(); l != nil {
		l.forget()
	}
}
