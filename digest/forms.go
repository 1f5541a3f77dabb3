package digest

import "tidings/digest/text"

// The words of topics are known by their forms: themselves, and their stems in each
// language of which a document came.

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
			m.addForm(stem, n)
		}
	}
}

// addForm notes that a word has a form, if that is not known.
func (m *Matcher) addForm(form string, n uint32) {
	hash := m.forms.hash(form)
	for x := range m.forms.of(hash) {
		if x == n {
			return
		}
	}
	m.forms.add(hash, n)
}

// known finds a word of topics.
func (m *Matcher) known(s string) (uint32, bool) {
	for n := range m.forms.of(m.forms.hash(s)) {
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
		head := lettersHead(len(s))
		place := m.letters.add(len(head) + len(s))
		copy(m.letters.at(place), append(head, s...))
		*m.word(n) = word{text: place, uses: uint32(rarest*text.Rarity(s)) << usesBits}
		m.addForm(s, n)
		text.Stems(s, m.stemmers, func(_ int, stem string) { m.addForm(stem, n) })
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
	m.forms.drop(m.forms.hash(s), n)
	text.Stems(s, m.stemmers, func(_ int, stem string) { m.forms.drop(m.forms.hash(stem), n) })
	head := lettersHead(len(s))
	m.letters.drop(w.text, len(head)+len(s))
	copy(m.letters.at(w.text), head) // an image that has the word still finds where it ends
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
