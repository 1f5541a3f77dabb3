package digest

import (
	"hash/maphash"
	"iter"
)

// What a matcher holds for each of a million topics stands in tables that grow by small
// parts: no change moves more than a few thousand entries, so none takes long, and an
// entry costs little more than what it says.

const (
	shards     = 256
	firstSlots = 8
)

// A formTable finds the uses of a form. Forms are known by 64 bits of a hash that differs
// from run to run: two of a million are taken for each other once in many million runs.
type formTable struct {
	seed   maphash.Seed
	shards [shards]formShard
	count  int
}

type formShard struct {
	slots []formSlot // open addressing; their number is a power of two
	maybe []uint64   // bits of all hashes: most words of a story are no topic's
	taken int        // slots that are or were used
}

type formSlot struct {
	hash uint64 // 0 for a free slot
	use         // without languages when dropped
}

func newFormTable() formTable { return formTable{seed: maphash.MakeSeed()} }

func (t *formTable) hash(form string) uint64 { return max(1, maphash.String(t.seed, form)) }

// bitsOf returns the word of maybe and the bits in it that stand for a hash.
func (s *formShard) bitsOf(hash uint64) (*uint64, uint64) {
	return &s.maybe[hash>>20&uint64(len(s.maybe)-1)], 1<<(hash>>40&63) | 1<<(hash>>46&63)
}

// of yields the uses of a form.
func (t *formTable) of(form string) iter.Seq[use] {
	return func(yield func(use) bool) {
		hash := t.hash(form)
		s := &t.shards[hash>>56]
		if s.taken == 0 {
			return
		}
		if word, bits := s.bitsOf(hash); *word&bits != bits {
			return
		}
		mask := uint64(len(s.slots) - 1)
		for i := hash & mask; s.slots[i].hash != 0; i = (i + 1) & mask {
			if x := &s.slots[i]; x.hash == hash && x.languages != 0 && !yield(x.use) {
				return
			}
		}
	}
}

// add adds a use of a form.
func (t *formTable) add(form string, u use) {
	hash := t.hash(form)
	s := &t.shards[hash>>56]
	if 4*(s.taken+1) > 3*len(s.slots) {
		s.grow()
	}
	s.put(formSlot{hash, u})
	t.count++
}

func (s *formShard) put(x formSlot) {
	mask := uint64(len(s.slots) - 1)
	i := x.hash & mask
	for s.slots[i].hash != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = x
	s.taken++
	word, bits := s.bitsOf(x.hash)
	*word |= bits
}

// grow makes room, without what was dropped.
func (s *formShard) grow() {
	live := 0
	for _, x := range s.slots {
		if x.hash != 0 && x.languages != 0 {
			live++
		}
	}
	size := firstSlots
	for size < 2*(live+1) {
		size *= 2
	}
	old := s.slots
	*s = formShard{slots: make([]formSlot, size), maybe: make([]uint64, max(1, size/8))}
	for _, x := range old {
		if x.hash != 0 && x.languages != 0 {
			s.put(x)
		}
	}
}

// drop ends the use of a form by a word.
func (t *formTable) drop(form string, word uint32) {
	hash := t.hash(form)
	s := &t.shards[hash>>56]
	if s.taken == 0 {
		return
	}
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; s.slots[i].hash != 0; i = (i + 1) & mask {
		if x := &s.slots[i]; x.hash == hash && x.word == word && x.languages != 0 {
			x.languages = 0
			t.count--
		}
	}
}

// An idTable finds topics by their ids.
type idTable struct {
	shards [shards]idShard
	count  int
}

type idShard struct {
	slots []uint32 // a topic's number + 1; 0 free, droppedID dropped
	taken int
}

const droppedID = 1<<32 - 1

func hashID(id TopicID) uint64 {
	h := uint64(id) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

// find returns the number of the topic with an id.
func (t *idTable) find(id TopicID, topics *slab[entry]) (uint32, bool) {
	hash := hashID(id)
	s := &t.shards[hash>>56]
	if s.taken == 0 {
		return 0, false
	}
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if n := s.slots[i]; n != droppedID && topics.at(n-1).id == id {
			return n - 1, true
		}
	}
	return 0, false
}

// add adds a topic whose id is not there.
func (t *idTable) add(n uint32, topics *slab[entry]) {
	hash := hashID(topics.at(n).id)
	s := &t.shards[hash>>56]
	if 5*(s.taken+1) > 4*len(s.slots) {
		s.grow(topics)
	}
	s.put(hash, n+1)
	t.count++
}

func (s *idShard) put(hash uint64, n uint32) {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = n
	s.taken++
}

func (s *idShard) grow(topics *slab[entry]) {
	live := 0
	for _, n := range s.slots {
		if n != 0 && n != droppedID {
			live++
		}
	}
	size := firstSlots
	for 2*size < 3*(live+1) {
		size *= 2
	}
	old := s.slots
	*s = idShard{slots: make([]uint32, size)}
	for _, n := range old {
		if n != 0 && n != droppedID {
			s.put(hashID(topics.at(n-1).id), n)
		}
	}
}

// drop forgets the topic with an id.
func (t *idTable) drop(id TopicID, topics *slab[entry]) {
	hash := hashID(id)
	s := &t.shards[hash>>56]
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; s.taken > 0 && s.slots[i] != 0; i = (i + 1) & mask {
		if n := s.slots[i]; n != droppedID && topics.at(n-1).id == id {
			s.slots[i] = droppedID
			t.count--
			return
		}
	}
}

// codePiece is how many numbers of codes are allocated at once.
const codePiece = 1 << 14

// A codeStore keeps encoded topics one behind the other. A code's place is its number.
type codeStore struct {
	pieces [][]uint32
	free   map[int][]uint32 // places by length
	used   int              // of the last piece
}

func (s *codeStore) at(place uint32, length int) []uint32 {
	return s.pieces[place/codePiece][place%codePiece:][:length]
}

func (s *codeStore) add(code []uint32) uint32 {
	n := len(code)
	if free := s.free[n]; len(free) > 0 {
		place := free[len(free)-1]
		s.free[n] = free[:len(free)-1]
		copy(s.at(place, n), code)
		return place
	}
	if len(s.pieces) == 0 || s.used+n > codePiece {
		s.pieces = append(s.pieces, make([]uint32, max(codePiece, n)))
		s.used = 0
	}
	place := uint32(len(s.pieces)-1)*codePiece + uint32(s.used)
	s.used += n
	copy(s.at(place, n), code)
	return place
}

func (s *codeStore) drop(place uint32, length int) {
	if s.free == nil {
		s.free = make(map[int][]uint32)
	}
	s.free[length] = append(s.free[length], place)
}
