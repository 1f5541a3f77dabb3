package digest

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAHashTableIsAMultimap adds and drops, by chance and with hashes that crowd at one end,
// and asks for all that was ever added.
func TestAHashTableIsAMultimap(t *testing.T) {
	for name, hashOf := range map[string]func(*rand.Rand, *hashTable) uint64{
		"hashes of numbers":        func(r *rand.Rand, h *hashTable) uint64 { return h.hashOf(r.Uint64N(4000)) },
		"few hashes":               func(r *rand.Rand, _ *hashTable) uint64 { return r.Uint64N(3) * 0x5555 },
		"the greatest of a shard":  func(r *rand.Rand, _ *hashTable) uint64 { return 0xFFFF - r.Uint64N(20) },
		"the least of two shards":  func(r *rand.Rand, _ *hashTable) uint64 { return r.Uint64N(20) | r.Uint64N(2)<<32 },
		"all of a shard's, evenly": func(r *rand.Rand, _ *hashTable) uint64 { return r.Uint64N(1 << 16) },
	} {
		t.Run(name, func(t *testing.T) {
			r, h := rand.New(rand.NewPCG(1, 2)), newHashTable()
			want, count := map[uint64][]uint32{}, 0
			for range 20_000 {
				hash := hashOf(r, &h)
				if there := want[hash]; len(there) > 0 && r.IntN(5) < 2 {
					h.drop(hash, there[0])
					want[hash] = there[1:]
					count--
					continue
				}
				n := r.Uint32() >> 1
				h.add(hash, n)
				want[hash] = append(want[hash], n)
				count++
			}
			if h.count != count {
				t.Errorf("the table counts %d numbers, want %d", h.count, count)
			}
			for hash, numbers := range want {
				got := slices.Collect(h.of(hash))
				for _, n := range numbers {
					if !slices.Contains(got, n) {
						t.Fatalf("of(%#x) has no %d, which was added", hash, n)
					}
				}
				for _, n := range got { // others may have the hash by chance, but each number stands there once
					if same := func(x uint32) bool { return x == n }; len(slices.DeleteFunc(slices.Clone(got), same)) != len(got)-1 {
						t.Fatalf("of(%#x) has %d more than once", hash, n)
					}
				}
			}
		})
	}
}
