package digest

import "math/bits"

// A wake is a topic that waits under a word.
type wake struct {
	topic uint32
	needs uint32 // another word without which the topic cannot fit, or nothing
	kind  wakeKind
}

// nothing stands where no word is needed.
const nothing = mostWords

// A wakeKind says what a topic whose words are there still asks for. A topic of any kind
// but the first waits under one word only.
type wakeKind uint8

const (
	wakesOnly wakeKind = iota // it must be read
	isFirst                   // nothing: it is the word it waits under, then the one it needs
	isSecond                  // nothing: it is the one it needs, then the word it waits under
	isAhead                   // that the needed word stands right behind, both as typed
	isBehind                  // or right in front
)

// A wakeRun is the topics that wait under a word, as they stand in memory: the low halves
// of the words they need, which are all that most searches look at, then the high halves
// with the kinds, then the topics.
type wakeRun struct {
	halves []uint16
	woken  int
}

const (
	lowHalf  = 1<<16 - 1
	kindBits = wordBits - 16 // above them in a high half stands the kind
)

// roomOf returns for how many wakes there is room: at most a quarter more than needed.
func roomOf(woken int) int {
	step := 1 << max(0, bits.Len(uint(woken))-3)
	return (woken + step - 1) &^ (step - 1)
}

func (r wakeRun) room() int { return roomOf(r.woken) }

// lows are the low halves of the needed words.
func (r wakeRun) lows() []uint16 { return r.halves[:r.woken] }

func (r wakeRun) at(i int) wake {
	room := r.room()
	high := uint32(r.halves[room+i])
	return wake{
		topic: r.topic(i),
		needs: uint32(r.halves[i]) | high&(1<<kindBits-1)<<16,
		kind:  wakeKind(high >> kindBits),
	}
}

func (r wakeRun) topic(i int) uint32 {
	at := 2 * (r.room() + i)
	return uint32(r.halves[at]) | uint32(r.halves[at+1])<<16
}

func (r wakeRun) put(i int, x wake) {
	room := r.room()
	r.halves[i] = uint16(x.needs & lowHalf)
	r.halves[room+i] = uint16(x.needs>>16) | uint16(x.kind)<<kindBits
	r.halves[2*(room+i)], r.halves[2*(room+i)+1] = uint16(x.topic&lowHalf), uint16(x.topic>>16)
}

// wakesOf returns the topics that wait under a word.
func (m *Matcher) wakesOf(w *word) wakeRun {
	if w.woken == 0 {
		return wakeRun{}
	}
	return wakeRun{m.wakes.at(w.wakes), int(w.woken)}
}

func (m *Matcher) addWake(n uint32, x wake) {
	w := m.word(n)
	m.resizeWakes(w, w.woken+1)
	m.wakesOf(w).put(int(w.woken)-1, x)
}

// resizeWakes makes the run under a word longer or shorter.
func (m *Matcher) resizeWakes(w *word, woken uint32) {
	old, place := m.wakesOf(w), w.wakes
	w.woken = woken
	room := roomOf(int(woken))
	if room == old.room() {
		return
	}
	if room > 0 {
		w.wakes = m.wakes.add(4 * room)
		fresh := m.wakesOf(w)
		for i := range min(old.woken, fresh.woken) {
			fresh.put(i, old.at(i))
		}
	}
	if old.woken > 0 {
		m.wakes.drop(place, 4*old.room())
	}
}

// dropWake takes a topic from under a word, if it waits there.
func (m *Matcher) dropWake(n, topic uint32) {
	w := m.word(n)
	wakes := m.wakesOf(w)
	for i := range wakes.woken {
		if wakes.topic(i) == topic {
			wakes.put(i, wakes.at(wakes.woken-1))
			m.resizeWakes(w, w.woken-1)
			return
		}
	}
}
