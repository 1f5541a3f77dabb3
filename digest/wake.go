package digest

import "math/bits"

// A wake is a topic that waits under a word, as one number: the topic, above what else it
// asks for, above the word without which it cannot fit, or nothing.
type wake uint64

// nothing stands where no word is needed.
const nothing = mostWords

const (
	wakeKindAt  = wordBits
	wakeTopicAt = 32
)

func (x wake) topic() uint32  { return uint32(x >> wakeTopicAt) }
func (x wake) needs() uint32  { return uint32(x & mostWords) }
func (x wake) kind() wakeKind { return wakeKind(x >> wakeKindAt & (1<<(wakeTopicAt-wakeKindAt) - 1)) }

// A wakeKind says what a topic whose words are there still asks for.
type wakeKind uint8

const (
	isFirst   wakeKind = iota // nothing: it is the word it waits under, then the one it needs
	isSecond                  // nothing: it is the one it needs, then the word it waits under
	isAhead                   // that the needed word stands right behind, both as typed
	isBehind                  // or right in front
	wakesOnly                 // it must be read

	isPlain wakeKind = 8  // beside wakesOnly: all its terms are words in any form, anywhere
	isElse  wakeKind = 16 // beside it: it waits under other words, too

)

// wakesOf returns the topics that wait under a word.
func (m *Matcher) wakesOf(w *word) []wake {
	if w.woken == 0 {
		return nil
	}
	return m.wakes.at(w.wakes)[:w.woken]
}

// roomOf returns for how many wakes there is room: at most a quarter more than needed.
func roomOf(woken uint32) int {
	step := 1 << max(0, bits.Len32(woken)-3)
	return (int(woken) + step - 1) &^ (step - 1)
}

func (m *Matcher) addWake(n uint32, x wake) {
	w := m.word(n)
	m.resizeWakes(w, w.woken+1)
	m.wakesOf(w)[w.woken-1] = x
}

// resizeWakes makes the run under a word longer or shorter.
func (m *Matcher) resizeWakes(w *word, woken uint32) {
	old, place, before, room := m.wakesOf(w), w.wakes, roomOf(w.woken), roomOf(woken)
	w.woken = woken
	if room == before {
		return
	}
	if room > 0 {
		w.wakes = m.wakes.add(room)
		copy(m.wakesOf(w), old)
	}
	if before > 0 {
		m.wakes.drop(place, before)
	}
}

// dropWake takes a topic from under a word, if it waits there.
func (m *Matcher) dropWake(n, topic uint32) {
	w := m.word(n)
	wakes := m.wakesOf(w)
	for i, x := range wakes {
		if x.topic() == topic {
			wakes[i] = wakes[len(wakes)-1]
			m.resizeWakes(w, w.woken-1)
			return
		}
	}
}
