package digest

import (
	"iter"
	"math/rand/v2"
)

// What a matcher holds for each of a million topics stands in tables of numbers that grow
// by small parts: no change moves more than a few thousand entries, so none takes long, an
// entry costs little more than what it says, and the collector has nothing to follow.

const shards = 256

// A hashTable finds numbers by hashes, which are others in every matcher. It keeps 16 bits
// of each besides those that choose a shard, so whoever asks looks whether a number is what
// was sought; one may stand there as often as it was added.
type hashTable struct {
	seeds  [2]uint64
	shards [shards]hashShard
	count  int
}

// In a hashShard the slots that are taken stand in the order of their hashes, each where its
// hash points or in the next free slot behind: so whoever looks for what is not there sees
// it at the first greater hash, even if nearly all slots are taken.
type hashShard struct {
	slots []hashSlot
	homes int32 // slots that hashes point to; behind them are a few more
	taken int32 // slots that are or were used
}

// A hashSlot has six bytes: every topic and every word has some.
type hashSlot struct {
	hash      uint16 // 0 for a free slot
	low, high uint16 // of the number, or of droppedNumber
}

// droppedNumber is the number of a slot that was used.
const droppedNumber = 1<<32 - 1

func slotOf(hash uint64, n uint32) hashSlot {
	return hashSlot{max(1, uint16(hash)), uint16(n), uint16(n >> 16)}
}

func (x hashSlot) number() uint32 { return uint32(x.low) | uint32(x.high)<<16 }
func (x hashSlot) live() bool     { return x.hash != 0 && x.number() != droppedNumber }

func newHashTable() hashTable {
	return hashTable{seeds: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}}
}

// reserve makes room in an empty table for so many numbers.
func (t *hashTable) reserve(n int) {
	for i := range t.shards {
		t.shards[i] = newHashShard(n / shards)
	}
}

// newHashShard returns a shard for so many numbers, of which mostly some more are to come.
func newHashShard(n int) hashShard {
	homes := n + n/11 + 4
	return hashShard{slots: make([]hashSlot, homes+homes/64+4), homes: int32(homes)}
}

// hash returns the hash of a string, hashOf that of a number.
func (t *hashTable) hash(s string) uint64 {
	h := t.seeds[0] ^ uint64(len(s))
	for ; len(s) > 8; s = s[8:] {
		h = mulmix(h^eightOf(s[:8]), t.seeds[1])
	}
	return t.hashOf(h ^ eightOf(s))
}

func (t *hashTable) hashOf(n uint64) uint64 { return mulmix(n^t.seeds[1], t.seeds[0]) }

// eightOf returns up to eight bytes as a number.
func eightOf(s string) (x uint64) {
	for i := range len(s) {
		x |= uint64(s[i]) << (8 * i)
	}
	return x
}

func (t *hashTable) shard(hash uint64) *hashShard { return &t.shards[hash>>32%shards] }

// home returns where a hash is looked for first.
func (s *hashShard) home(hash uint16) int { return int(uint64(hash) * uint64(s.homes) >> 16) }

// before tells whether a slot is taken by a hash that is not greater.
func (x hashSlot) before(hash uint16) bool { return x.hash-1 < hash }

// of yields the numbers that may have a hash.
func (t *hashTable) of(hash uint64) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		s, sought := t.shard(hash), slotOf(hash, 0).hash
		for _, x := range s.slots[s.home(sought):] {
			if !x.before(sought) || x.hash == sought && x.live() && !yield(x.number()) {
				return
			}
		}
	}
}

// add notes that a number has a hash.
func (t *hashTable) add(hash uint64, n uint32) {
	if s, x := t.shard(hash), slotOf(hash, n); 20*(s.taken+1) > 19*s.homes || !s.put(x) {
		s.grow(x)
	}
	t.count++
}

// put takes a slot; false when those behind where it belongs are taken to the end.
func (s *hashShard) put(x hashSlot) bool {
	i := s.home(x.hash)
	for i < len(s.slots) && s.slots[i].before(x.hash) {
		i++
	}
	free := i
	for free < len(s.slots) && s.slots[free].hash != 0 {
		free++
	}
	if free == len(s.slots) {
		return false
	}
	copy(s.slots[i+1:free+1], s.slots[i:free])
	s.slots[i] = x
	s.taken++
	return true
}

// grow makes room, without what was dropped, and takes a slot.
func (s *hashShard) grow(more hashSlot) {
	live := []hashSlot{more}
	for _, x := range s.slots {
		if x.live() {
			live = append(live, x)
		}
	}
	for room := len(live); ; room += room/8 + 1 {
		if *s = newHashShard(room); s.putAll(live) {
			return
		}
	}
}

func (s *hashShard) putAll(slots []hashSlot) bool {
	for _, x := range slots {
		if !s.put(x) {
			return false
		}
	}
	return true
}

// drop ends that a number has a hash.
func (t *hashTable) drop(hash uint64, n uint32) {
	s, sought := t.shard(hash), slotOf(hash, n)
	for i := s.home(sought.hash); i < len(s.slots) && s.slots[i].before(sought.hash); i++ {
		if s.slots[i] == sought {
			s.slots[i] = slotOf(hash, droppedNumber)
			t.count--
			return
		}
	}
}

// arenaPiece is how many values of an arena are allocated at once, at most.
const arenaPiece = 1 << 12

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
	return a.extend(n)
}

// addAligned is add for a run that begins at a multiple of some number, which is a power of
// two. What is left out is kept for shorter runs. Runs of one length are all added so.
func (a *arena[T]) addAligned(n, to int) uint32 {
	if gap := -int(a.len()) & (to - 1); gap > 0 && len(a.free[n]) == 0 {
		a.drop(a.extend(gap), gap)
	}
	return a.add(n)
}

// extend makes room for n values behind all others.
func (a *arena[T]) extend(n int) uint32 {
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
