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
// topics. Most topics are a word or two, perhaps in a row: of them all is said where they
// wait. Others, whose needed word is there, too, are read in full: other words, phrases, and
// at last what they exclude. Only topics that fit are given scores. What a document costs
// depends on its words and on the topics that fit it, hardly on their number.
//
// One lock guards it all: a change holds it for microseconds, as nothing is ever
// rebuilt and tables grow by pieces; a match holds it, shared, for less than a millisecond
// at a million topics. So a reader waits for a change no longer than for the scheduler,
// and needs no copies.
type Matcher struct {
	mu      sync.RWMutex
	words   arena[word]
	letters arena[byte]           // of words
	wakes   arena[uint32]         // runs
	topics  arena[uint32]         // codes of the topics of which their runs do not say all
	forms   hashTable             // → words
	ids     hashTable             // → the words under which topics wait, or isPlace with places of their codes
	newest  TopicID               // the greatest id there was, so that a greater one is new
	narrow  map[uint32]*narrowing // of the few topics that have one, by places of their codes
	about   map[subjects][]uint32 // topics that wait for subjects, by all of theirs
	code    []uint32              // of the topic being added
	terms   []codedTerm           // its terms
	groups  [][]codedTerm         // its groups, of these

	wiped    map[int]bool // pieces of letters with a word that is forgotten, since whoever keeps an image cleared it
	outdated bool         // an image of before must be written anew: a topic came back, or hosts are forgotten

	learning sync.Mutex // held, without mu, while a stemmer is learned
	stemmers uint32     // bits: those that new words are given forms of
	learned  uint32     // bits: those that all words have forms of

	lexicon  atomic.Pointer[lexicon]
	searches sync.Pool // of *search
}

// A word of topics, known by its folded surface.
type word struct {
	text  uint32 // its place in letters, see lettersHead
	uses  uint32 // by topics, and rarity<<usesBits
	wakes uint32 // place of the topics that wait under it
	woken uint32 // their number; there is room for as many as roomOf says
}

const usesBits = 28

func (w *word) refs() uint32   { return w.uses & (1<<usesBits - 1) }
func (w *word) rarity() uint32 { return w.uses >> usesBits }

// NewMatcher returns a matcher without topics.
func NewMatcher() *Matcher {
	m := &Matcher{forms: newHashTable(), ids: newHashTable(), narrow: make(map[uint32]*narrowing), about: make(map[subjects][]uint32)}
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
		m.outdated = true
	}
	if len(t.groups) == 0 || m.words.len() > mostWords-TopicRunes {
		return // no topic of ParseTopic, or more words than a code can name
	}
	m.wait(id, m.encode(id, t), t.narrow)
	m.newest = max(m.newest, id)
}

// Remove forgets a topic before it returns. An unknown id is no error.
func (m *Matcher) Remove(id TopicID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(id)
}

func (m *Matcher) remove(id TopicID) {
	n, i, ok := m.locate(id)
	if !ok {
		return
	}
	m.ids.drop(m.ids.hashOf(uint64(id)), n)
	if n&isPlace == 0 {
		m.removeWaiting(n, i)
	} else {
		m.removeCoded(n &^ isPlace)
	}
}

// locate returns what ids has of a topic: the word under which it waits, and its place in
// that run, or isPlace with the place of its code.
func (m *Matcher) locate(id TopicID) (n uint32, i int, ok bool) {
	for n := range m.ids.of(m.ids.hashOf(uint64(id))) {
		if n&isPlace == 0 {
			if i := m.runOf(m.word(n)).find(uint64(id), false); i >= 0 {
				return n, i, true
			}
		} else if idOf(m.topics.at(n&^isPlace)) == id {
			return n, 0, true
		}
	}
	return 0, 0, false
}

// removeWaiting forgets a topic that is no more than a place of a word's run.
func (m *Matcher) removeWaiting(n uint32, i int) {
	needs := m.runOf(m.word(n)).ask(i).needs()
	m.dropWake(n, i)
	m.release(n)
	if needs != nothing {
		m.release(needs)
	}
}

// removeCoded forgets a topic with a code.
func (m *Matcher) removeCoded(place uint32) {
	if n := m.narrow[place]; n != nil {
		m.outdated = m.outdated || len(n.sites)+len(n.notSites) > 0
		delete(m.narrow, place)
	}
	if of := headOf(m.topics.at(place)[2]).allAbout(m.topics.at(place)); of != 0 {
		if i := slices.Index(m.about[of], place); i >= 0 {
			m.about[of] = slices.Delete(m.about[of], i, i+1)
		}
		if len(m.about[of]) == 0 {
			delete(m.about, of)
		}
	}
	length := wordsOf(m.topics.at(place), func(n uint32) {
		if i := m.runOf(m.word(n)).find(uint64(place), true); i >= 0 {
			m.dropWake(n, i)
		}
		m.release(n)
	})
	m.topics.drop(place, length)
}

func (m *Matcher) word(n uint32) *word { return &m.words.at(n)[0] }

// lettersOf returns a word's text, to be looked at only.
func (m *Matcher) lettersOf(w *word) []byte {
	b := m.letters.at(w.text)
	if n := int(b[0]); n > 0 {
		return b[1 : 1+n]
	}
	n := int(b[1]) | int(b[2])<<8
	return b[3 : 3+n]
}

// lettersHead returns what stands before a word's letters: their number in one byte, or
// behind a zero in two.
func lettersHead(n int) []byte {
	if n > 0 && n < 256 {
		return []byte{byte(n)}
	}
	return []byte{0, byte(n), byte(n >> 8)}
}

// Match returns the topics that fit d, each once, in no order of theirs.
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

// isPlace marks a place of a code among words.
const isPlace = 1 << 31

// wait puts a topic under the words that wake it. One that waits under a single word, and
// asks for no more than another one, needs no code.
func (m *Matcher) wait(id TopicID, code []uint32, narrow *narrowing) {
	c := cursor(code[2:])
	h := c.head()
	under := m.keysOf(&c, h, code)
	hash := m.ids.hashOf(uint64(id))
	if len(under) == 1 {
		kind, needs, words := m.kindOf(c, h, under[0]), m.needed(code, h, under[0]), 1
		if needs != nothing {
			words = 2
		}
		if kind < isCoded && len(m.terms)+len(m.terms[0].further)/2 == words {
			m.addWake(under[0], askFor(kind, needs), uint64(id))
			m.ids.add(hash, under[0])
			return
		}
	}
	place := m.topics.add(len(code))
	copy(m.topics.at(place), code)
	m.ids.add(hash, place|isPlace)
	if narrow != nil {
		m.narrow[place] = narrow
	}
	if h.waitsForSubjects(code) {
		of := h.allAbout(code)
		m.about[of] = append(m.about[of], place)
	}
	for _, w := range under {
		kind := isCoded
		if m.kindOf(c, h, w)&isPlain != 0 {
			kind |= isPlain
		}
		if len(under) > 1 || h.about {
			kind |= isElse
		}
		m.addWake(w, askFor(kind, m.needed(code, h, w)), uint64(place))
	}
}

// keysOf returns the words that wake a topic: of one group, as every group must occur; one
// word of each alternative, as every word of it must. It reads the groups into m and moves
// c behind all but what the topic excludes.
func (m *Matcher) keysOf(c *cursor, h codeHead, code []uint32) []uint32 {
	m.readGroups(c, h)
	var under []uint32
	least := 0
	for i, g := range m.groups {
		if h.aboutAt(code, i) != 0 && !h.waitsForSubjects(code) {
			continue // a story may have none of its words
		}
		words, cost := make([]uint32, 0, 4), 0
		for k := range g {
			w, x := m.cheapest(&g[k])
			words, cost = append(words, w), cost+x
		}
		if m.needed(code, h, words[0]) == nothing {
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
	return slices.Compact(under)
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
func (m *Matcher) needed(code []uint32, h codeHead, w uint32) uint32 {
	needs, least := uint32(nothing), -1
	if h.also > 0 {
		return needs
	}
	for i, g := range m.groups {
		if len(g) > 1 || h.aboutAt(code, i) != 0 {
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
		return isCoded
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
				return isCoded
			}
		}
	}
	for range h.excluded {
		if t, _ := c.term(); !t.plain() {
			return isCoded
		}
	}
	switch {
	case !simple:
		return isCoded | isPlain
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
