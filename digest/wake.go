package digest

import "math/bits"

// A wakeAsk is what a topic that waits under a word asks for besides it: its kind, above the
// word without which it cannot fit, or nothing.
type wakeAsk uint32

// nothing stands where no word is needed.
const nothing = mostWords

func askFor(kind wakeKind, needs uint32) wakeAsk { return wakeAsk(uint32(kind)<<wordBits | needs) }

func (x wakeAsk) needs() uint32  { return uint32(x & mostWords) }
func (x wakeAsk) kind() wakeKind { return wakeKind(x >> wordBits) }

// pair tells whether the words must stand in a row.
func (x wakeAsk) pair() bool { return x.kind() == isAhead || x.kind() == isBehind }

// A wakeKind says what a topic whose words are there still asks for.
type wakeKind uint8

const (
	isFirst  wakeKind = iota // nothing: it is the word it waits under, then the one it needs
	isSecond                 // nothing: it is the one it needs, then the word it waits under
	isAhead                  // that the needed word stands right behind, both as typed
	isBehind                 // or right in front
	isCoded                  // from here on: it must be read

	isPlain wakeKind = 8  // beside isCoded: all its terms are words in any form, anywhere
	isElse  wakeKind = 16 // beside it: it waits under other words, too
)

// A wakeRun is the topics that wait under a word: what each asks for, and two numbers that tell
// who it is: its id, or the place of its code and 0. They stand apart, as most are not
// asked for.
type wakeRun struct{ asks, who []uint32 }

func (r wakeRun) ask(i int) wakeAsk { return wakeAsk(r.asks[i]) }
func (r wakeRun) id(i int) TopicID  { return idOf(r.who[2*i:]) }
func (r wakeRun) code(i int) uint32 { return r.who[2*i] }

// find returns where a topic waits, -1 if it does not; of one with a code the place of it
// is who it is.
func (r wakeRun) find(who uint64, coded bool) int {
	for i := range r.asks {
		if uint64(r.id(i)) == who && r.ask(i).kind() >= isCoded == coded {
			return i
		}
	}
	return -1
}

func (r wakeRun) put(i int, x wakeAsk, who uint64) {
	r.asks[i], r.who[2*i], r.who[2*i+1] = uint32(x), uint32(who), uint32(who>>32)
}

// runOf returns the topics that wait under a word.
func (m *Matcher) runOf(w *word) wakeRun {
	if w.woken == 0 {
		return wakeRun{}
	}
	room, woken := roomOf(w.woken), int(w.woken)
	all := m.wakes.at(w.wakes)
	return wakeRun{all[:woken:woken], all[room : room+2*woken]}
}

// roomOf returns for how many topics there is room: at most a quarter more than needed.
func roomOf(woken uint32) int {
	step := 1 << max(0, bits.Len32(woken)-3)
	return (int(woken) + step - 1) &^ (step - 1)
}

// addWake puts a topic under a word.
func (m *Matcher) addWake(n uint32, x wakeAsk, who uint64) {
	w := m.word(n)
	m.resizeRun(w, w.woken+1)
	m.runOf(w).put(int(w.woken)-1, x, who)
}

// dropWake takes the topic at a place of its run from under a word.
func (m *Matcher) dropWake(n uint32, i int) {
	w := m.word(n)
	r, last := m.runOf(w), int(w.woken)-1
	r.put(i, r.ask(last), uint64(r.id(last)))
	m.resizeRun(w, w.woken-1)
}

// addRun makes room for a run. The asks of a long one, which many stories read, begin a line
// of the cache; a short one would waste most of it.
func (m *Matcher) addRun(room int) uint32 {
	if room < asksInLine/2 {
		return m.wakes.add(3 * room)
	}
	return m.wakes.addAligned(3*room, asksInLine)
}

// resizeRun makes the run under a word longer or shorter.
func (m *Matcher) resizeRun(w *word, woken uint32) {
	old, place, before, room := m.runOf(w), w.wakes, roomOf(w.woken), roomOf(woken)
	w.woken = woken
	if room == before {
		return
	}
	if room > 0 {
		w.wakes = m.addRun(room)
		r := m.runOf(w)
		copy(r.asks, old.asks)
		copy(r.who, old.who)
	}
	if before > 0 {
		m.wakes.drop(place, 3*before)
	}
}
