package digest

import (
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"tidings/digest/text"
)

// A lexicon remembers what the pieces of text between spaces mean to a matcher, so that
// a piece met before costs one look: news is made of the same words. It is divided into
// sets of sixteen, each with the pieces met most at its front, and forgets at the end. Any
// number of goroutines may use it at once.
type lexicon struct {
	seeds [3]uint64
	sets  []atomic.Uint64 // in sixteens: 40 bits of a piece's hash and 24 of its sense, 0 for none
	added atomic.Uint64   // how many pieces were added
	full  atomic.Bool     // there was no room for a list

	mu     sync.Mutex // of what is added to senses
	senses [sensePieces]*[sensePiece]uint32
	used   uint32
}

// A sense is what a piece of text means: a kind above 22 bits, that are a word of topics,
// or the place of a list:
//
//	words of the piece
//	of each: start | end<<8 | topics' words that it is<<16, and these with their flags
type sense uint32

const (
	senseNone  sense = 1 << 22 // one word, that is no topic's; with 1, so that no entry is 0
	senseStem  sense = 2 << 22 // one word, by its stem
	senseTyped sense = 3 << 22 // one word, as a reader typed it
	senseList  sense = 0 << 22
	senseKind  sense = 3 << 22
	senseBits        = 24

	sensePiece  = 1 << 12
	sensePieces = 1 << 8

	typedFlag = 1 << 31
	halfFlag  = 1 << 30 // the word is the first character of a pair only
	wordFlags = typedFlag | halfFlag
)

const (
	lexiconLeast = 1 << 9  // pieces
	lexiconCalm  = 1 << 15 // to which it grows however few the topics
	lexiconMost  = 1 << 20
	ways         = 16
)

// newLexicon returns a lexicon for a number of pieces, in whole sets.
func newLexicon(size int) *lexicon {
	l := &lexicon{sets: make([]atomic.Uint64, size)}
	l.forget()
	return l
}

// forget makes all that is remembered mean nothing, without touching it. Nobody else may
// use l meanwhile.
func (l *lexicon) forget() {
	l.seeds = [3]uint64{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64()}
	l.used = 1 // no list is at 0
	l.added.Store(0)
	l.full.Store(false)
}

// lexiconFor returns the lexicon to read with. One that is too small for what it met, or
// full of lists, is replaced.
func (m *Matcher) lexiconFor() *lexicon {
	for {
		old := m.lexicon.Load()
		size := lexiconLeast
		if old != nil {
			size = len(old.sets)
			enough := min(max(lexiconCalm, m.ids.count*9/8&^(ways-1)), lexiconMost)
			small := size < enough && old.added.Load() > uint64(size/2)
			if !small && !old.full.Load() {
				return old
			}
			if small {
				size = min(2*size, enough)
			}
		}
		if fresh := newLexicon(size); m.lexicon.CompareAndSwap(old, fresh) {
			return fresh
		}
	}
}

// hash returns the hash of n bytes from i on, of which letters of ASCII count as small ones.
// Behind the bytes at least eight others must stand.
func (l *lexicon) hash(b []byte, i, n int, stemmer int) uint64 {
	h := l.seeds[2] ^ uint64(n)<<8 ^ uint64(stemmer+1)
	for ; n > 8; n -= 8 {
		h = mulmix(h^small(eight(b, i)), l.seeds[0])
		i += 8
	}
	h = mulmix(h^small(eight(b, i)&(^uint64(0)>>(64-8*n))), l.seeds[1])
	return h
}

func mulmix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// eight returns the eight bytes from i on.
func eight(b []byte, i int) uint64 {
	p := b[i : i+8 : i+8]
	return uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 | uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
}

const everyByte = 0x0101010101010101

// small makes capitals of ASCII small in eight bytes at once.
func small(x uint64) uint64 {
	low := x & (0x7F * everyByte)
	fromA, afterZ := low+(0x80-'A')*everyByte, low+(0x7F-'Z')*everyByte
	return x | (fromA^afterZ)&^x&(0x80*everyByte)>>2
}

// spaceIn returns the number of the first of eight bytes that is a space or a control
// character, 8 if none is.
func spaceIn(x uint64) int {
	return bits.TrailingZeros64((x-0x21*everyByte)&^x&(0x80*everyByte)) >> 3
}

// set returns the set that a piece would be in.
func (l *lexicon) set(hash uint64) []atomic.Uint64 {
	at := (hash & (1<<senseBits - 1)) * uint64(len(l.sets)/ways) >> senseBits * ways
	return l.sets[at : at+ways : at+ways]
}

func (l *lexicon) touch(hash uint64) uint64 { return l.set(hash)[0].Load() }

// find returns the sense of a piece.
func (l *lexicon) find(hash uint64) (sense, bool) {
	set := l.set(hash)
	for i := range set {
		if x := set[i].Load(); (x^hash)>>senseBits == 0 && x != 0 {
			if i > 0 { // what is met often rises; two that rise at once may lose one, which is learned again
				set[i].Store(set[i-1].Load())
				set[i-1].Store(x)
			}
			return sense(x & (1<<senseBits - 1)), true
		}
	}
	return 0, false
}

// keep remembers the sense of a piece.
func (l *lexicon) keep(hash uint64, s sense) {
	l.added.Add(1)
	set := l.set(hash)
	way := ways - 1
	for i := range set {
		if set[i].Load() == 0 {
			way = i
			break
		}
	}
	set[way].Store(hash>>senseBits<<senseBits | uint64(s))
}

// list keeps a list of numbers and returns its place; false when there is no more room.
func (l *lexicon) list(numbers []uint32) (sense, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(numbers) > sensePiece {
		return 0, false
	}
	if l.used%sensePiece+uint32(len(numbers)) > sensePiece {
		l.used = (l.used/sensePiece + 1) * sensePiece
	}
	piece := l.used / sensePiece
	if piece >= sensePieces {
		l.full.Store(true)
		return 0, false
	}
	if l.senses[piece] == nil {
		l.senses[piece] = new([sensePiece]uint32)
	}
	copy(l.senses[piece][l.used%sensePiece:], numbers)
	at := l.used
	l.used += uint32(len(numbers))
	return senseList | sense(at), true
}

// at returns the list of a sense and what follows.
func (l *lexicon) at(s sense) []uint32 {
	return l.senses[s/sensePiece][s%sensePiece:]
}

// pieceMost is the length in bytes of pieces that are remembered, pieceWords how many
// words they have.
const (
	pieceMost  = 48
	pieceWords = 4
)

// learn reads a piece of text and remembers its sense; false for one that is not kept.
func (s *search) learn(piece string, hash uint64) (sense, bool) {
	numbers := append(s.numbers[:0], 0)
	if plainWord(piece) {
		numbers = append(numbers, 0)
		surface := text.Fold(piece)
		s.uses(surface, text.StemOnce(surface, s.stemmer), false, func(word uint32) { numbers = append(numbers, word) })
		numbers[0], numbers[1] = 1, uint32(len(piece))<<8|uint32(len(numbers)-2)<<16
		return s.keep(piece, hash, numbers)
	}
	for w := range text.Words(piece, text.Unstemmed) {
		if numbers[0]++; numbers[0] > pieceWords {
			return 0, false
		}
		head := len(numbers)
		numbers = append(numbers, uint32(w.Start)|uint32(w.End)<<8)
		stem := w.Stem
		if !w.Gram {
			stem = text.StemOnce(w.Surface, s.stemmer)
		}
		s.uses(w.Surface, stem, w.Gram, func(word uint32) {
			numbers = append(numbers, word)
			numbers[head] += 1 << 16
		})
	}
	return s.keep(piece, hash, numbers)
}

// plainWord tells whether a piece is one word for sure: letters of ASCII only.
func plainWord(piece string) bool {
	for i := range len(piece) {
		if c := piece[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// keep remembers the sense of a piece that was read.
func (s *search) keep(piece string, hash uint64, numbers []uint32) (sense, bool) {
	s.numbers = numbers
	kept, ok := sense(0), true
	switch whole := len(numbers) > 1 && numbers[0] == 1 && numbers[1]&0xFFFF == uint32(len(piece))<<8; {
	case whole && len(numbers) == 2:
		kept = senseNone
	case whole && len(numbers) == 3 && numbers[2]&^wordFlags < uint32(senseNone):
		kept = senseStem | sense(numbers[2]&^wordFlags)
		if numbers[2]&typedFlag != 0 {
			kept |= senseTyped
		}
		if numbers[2]&halfFlag == 0 {
			break
		}
		fallthrough
	default:
		kept, ok = s.lexicon.list(numbers)
	}
	if ok {
		s.lexicon.keep(hash, kept)
	}
	return kept, ok
}
