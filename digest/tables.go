package digest

import (
	"hash/maphash"
	"iter"
	"math/bits"
)

// What a matcher holds for each of a million topics stands in tables of numbers that grow
// by small parts: no change moves more than a few thousand entries, so none takes long, an
// entry costs little more than what it says, and the collector has nothing to follow.

const (
	shards     = 128
	firstSlots = 8
)

// homeOf scales the high bits of a hash to a place among n. A shard is chosen by the low ones.
func homeOf(hash uint64, n int) int {
	high, _ := bits.Mul64(hash, uint64(n))
	return int(high)
}

// crowded tells whether a table of n slots needs more before it takes another one, and
// roomFor how many it should have for what is live.
func crowded(taken, n int) bool { return 20*(taken+1) > 17*n }

func roomFor(live int) int { return live*7/5 + firstSlots }

// A formTable finds the words that may have a form. A slot holds 32 bits of a hash, which
// is another one in every run, and a word: whoever asks looks whether it has the form.
type formTable struct {
	seed   maphash.Seed
	shards [shards]formShard
	count  int
}

type formShard struct {
	slots []formSlot // open addressing
	taken int        // slots that are or were used
}

type formSlot struct {
	hash uint32
	word uint32 // and 1; 0 for a free slot
}

// droppedForm is the word of a slot that was used.
const droppedForm = 1<<32 - 1

func newFormTable() formTable { return formTable{seed: maphash.MakeSeed()} }

// reserve makes room in an empty table for so many forms.
func (t *formTable) reserve(n int) {
	for i := range t.shards {
		t.shards[i].slots = make([]formSlot, roomFor(n/shards))
	}
}

func (t *formTable) shard(form string) (*formShard, uint32) {
	hash := maphash.String(t.seed, form)
	return &t.shards[hash>>32%shards], uint32(hash)
}

// home returns where a hash is looked for first. There must be slots.
func (s *formShard) home(hash uint32) int { return homeOf(uint64(hash)<<32, len(s.slots)) }

func (s *formShard) next(i int) int {
	if i++; i == len(s.slots) {
		return 0
	}
	return i
}

// of yields the words that may have a form.
func (t *formTable) of(form string) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		s, hash := t.shard(form)
		if s.taken == 0 {
			return
		}
		for i := s.home(hash); s.slots[i].word != 0; i = s.next(i) {
			if x := s.slots[i]; x.hash == hash && x.word != droppedForm && !yield(x.word-1) {
				return
			}
		}
	}
}

// add notes that a word has a form, if that is not known.
func (t *formTable) add(form string, word uint32) {
	s, hash := t.shard(form)
	if crowded(s.taken, len(s.slots)) {
		s.grow()
	}
	fresh := formSlot{hash, word + 1}
	i := s.home(hash)
	for ; s.slots[i].word != 0; i = s.next(i) {
		if s.slots[i] == fresh {
			return
		}
	}
	s.slots[i] = fresh
	s.taken++
	t.count++
}

// grow makes room, without what was dropped.
func (s *formShard) grow() {
	live := func(x formSlot) bool { return x.word != 0 && x.word != droppedForm }
	old := s.slots
	s.taken = 0
	for _, x := range old {
		if live(x) {
			s.taken++
		}
	}
	s.slots = make([]formSlot, roomFor(s.taken))
	for _, x := range old {
		if live(x) {
			i := s.home(x.hash)
			for s.slots[i].word != 0 {
				i = s.next(i)
			}
			s.slots[i] = x
		}
	}
}

// drop ends that a word has a form.
func (t *formTable) drop(form string, word uint32) {
	s, hash := t.shard(form)
	if s.taken == 0 {
		return
	}
	for i := s.home(hash); s.slots[i].word != 0; i = s.next(i) {
		if s.slots[i] == (formSlot{hash, word + 1}) {
			s.slots[i].word = droppedForm
			t.count--
			return
		}
	}
}

// An idTable finds the places of topics by their ids.
type idTable struct {
	shards [shards]idShard
	count  int
}

type idShard struct {
	slots []uint32 // a topic's place + 1; 0 free, droppedID dropped
	taken int
}

const droppedID = 1<<32 - 1

// reserve makes room in an empty table for so many topics.
func (t *idTable) reserve(n int) {
	for i := range t.shards {
		t.shards[i].slots = make([]uint32, roomFor(n/shards))
	}
}

func hashID(id TopicID) uint64 {
	h := uint64(id) * 0x9E3779B97F4A7C15
	h ^= h >> 32
	return h * 0xD6E8FEB86659FD93
}

// slot returns the shard and the slot of the topic with an id; -1 when there is none.
func (t *idTable) slot(id TopicID, topics *arena[uint32]) (*idShard, int) {
	hash := hashID(id)
	s := &t.shards[hash%shards]
	if s.taken == 0 {
		return s, -1
	}
	i := homeOf(hash, len(s.slots))
	for s.slots[i] != 0 {
		if n := s.slots[i]; n != droppedID && idAt(topics, n-1) == id {
			return s, i
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
	return s, -1
}

// find returns the place of the topic with an id.
func (t *idTable) find(id TopicID, topics *arena[uint32]) (uint32, bool) {
	s, i := t.slot(id, topics)
	if i < 0 {
		return 0, false
	}
	return s.slots[i] - 1, true
}

// add adds a topic whose id is not there.
func (t *idTable) add(place uint32, topics *arena[uint32]) {
	hash := hashID(idAt(topics, place))
	s := &t.shards[hash%shards]
	if crowded(s.taken, len(s.slots)) {
		s.grow(topics)
	}
	s.put(hash, place+1)
	t.count++
}

func (s *idShard) put(hash uint64, n uint32) {
	i := homeOf(hash, len(s.slots))
	for s.slots[i] != 0 {
		if i++; i == len(s.slots) {
			i = 0
		}
	}
	s.slots[i] = n
	s.taken++
}

func (s *idShard) grow(topics *arena[uint32]) {
	live := 0
	for _, n := range s.slots {
		if n != 0 && n != droppedID {
			live++
		}
	}
	old := s.slots
	*s = idShard{slots: make([]uint32, roomFor(live))}
	for _, n := range old {
		if n != 0 && n != droppedID {
			s.put(hashID(idAt(topics, n-1)), n)
		}
	}
}

// drop forgets the topic with an id.
func (t *idTable) drop(id TopicID, topics *arena[uint32]) {
	if s, i := t.slot(id, topics); i >= 0 {
		s.slots[i] = droppedID
		t.count--
	}
}

// arenaPiece is how many values of an arena are allocated at once, at most.
const arenaPiece = 1 << 14

// An arena keeps runs of values one behind the other. A run's place is its number, and
// stays; the slice that at returns is good until the next add.
type arena[T any] struct {
	pieces [][]T
	free   map[int][]uint32 // places by length
}

// at returns the values from a place on.
func (a *arena[T]) at(place uint32) []T {
	return a.pieces[place/arenaPiece][place%arenaPiece:]
}

// add makes room for n values, which may have any.
func (a *arena[T]) add(n int) uint32 {
	if free := a.free[n]; len(free) > 0 {
		a.free[n] = free[:len(free)-1]
		return free[len(free)-1]
	}
	last := len(a.pieces) - 1
	if last < 0 || len(a.pieces[last])+n > arenaPiece {
		var piece []T
		if last >= 0 { // a first piece grows from nothing: most matchers are small
			piece = make([]T, 0, max(arenaPiece, n))
		}
		a.pieces = append(a.pieces, piece)
		last++
	}
	used := len(a.pieces[last])
	if used+n > cap(a.pieces[last]) {
		a.pieces[last] = append(make([]T, 0, min(max(2*(used+n), 64), max(arenaPiece, n))), a.pieces[last]...)
	}
	a.pieces[last] = a.pieces[last][:used+n]
	return uint32(last)*arenaPiece + uint32(used)
}

// len returns how many values there are, with those that were dropped.
func (a *arena[T]) len() uint32 {
	if len(a.pieces) == 0 {
		return 0
	}
	last := len(a.pieces) - 1
	return uint32(last*arenaPiece + len(a.pieces[last]))
}

// drop gives a run's room back, and leaves nothing of it.
func (a *arena[T]) drop(place uint32, n int) {
	clear(a.at(place)[:n])
	if a.free == nil {
		a.free = make(map[int][]uint32)
	}
	a.free[n] = append(a.free[n], place)
}
