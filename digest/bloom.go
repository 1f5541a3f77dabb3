package digest

import "hash/maphash"

// A bloom tells in a moment that a string is not in a set. A string that was added may
// not be taken out again, so what it says of others gets less sure as a set changes.
type bloom struct {
	seed  maphash.Seed
	bits  []uint64
	added int
}

const (
	bloomFirst = 1 << 11 // words of 64 bits, 16 kB
	bloomBits  = 8       // for each string: one in twelve of the others passes by mistake
)

func newBloom(words int) bloom {
	return bloom{seed: maphash.MakeSeed(), bits: make([]uint64, words)}
}

func (b *bloom) full() bool { return b.added*bloomBits > 64*len(b.bits) }

// place returns the word and the two bits of it that stand for s.
func (b *bloom) place(s string) (*uint64, uint64) {
	h := maphash.String(b.seed, s)
	return &b.bits[(h>>12)%uint64(len(b.bits))], 1<<(h&63) | 1<<(h>>6&63)
}

func (b *bloom) add(s string) {
	word, bits := b.place(s)
	*word |= bits
	b.added++
}

func (b *bloom) has(s string) bool {
	word, bits := b.place(s)
	return *word&bits == bits
}
