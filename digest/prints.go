package digest

// How texts are recognised that were copied and lightly edited: the least hashes of
// their pairs of terms (MinHash) in bands of three. Two texts with 7 in 10 pairs in
// common meet with probability 0.92, with 8 in 10 0.99, with one in 10 0.006.
const (
	printBands = 6
	printRows  = 3 // of a band
	printSize  = printBands * printRows

	printTerms = 7 // of the shortest text that has a print
	printSame  = printSize / 2
	printReach = 32 // slots looked at for one band
)

// A print is a text's hashes; all zero for a text too short for one.
type print [printSize]uint8

// printOf returns the print of terms in the order of reading.
func printOf(terms []uint32) print {
	var (
		p     print
		least [printSize]uint32
	)
	if len(terms) < printTerms {
		return p
	}
	for i := range least {
		least[i] = ^uint32(0)
	}
	for i := 1; i < len(terms); i++ {
		pair := mix(uint64(terms[i-1])<<32 | uint64(terms[i]))
		a, b := uint32(pair), uint32(pair>>32)|1
		for k := range least {
			// the k-th hash of one family: good enough, and two operations
			least[k] = min(least[k], scramble(a+uint32(k)*b))
		}
	}
	for i, x := range least {
		p[i] = uint8(x) | 1 // never zero
	}
	return p
}

func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

func scramble(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	return x ^ x>>15
}

// prints finds stories, by their serials, by what was told word by word. It costs some 75
// bytes a text.
type prints struct {
	known []printed
	table []uint32 // bands of known: place+1, open addressing, at most printReach away
}

type printed struct {
	print
	story uint32
}

// copied returns the newest story of which p is a copy and that agrees.
func (p *prints) copied(x print, agrees func(story uint32) bool) (story uint32, found bool) {
	if x[0] == 0 || len(p.table) == 0 {
		return 0, false
	}
	best, refused := -1, -1
	for band := range printBands {
		p.slots(x, band, func(slot *uint32) bool {
			if *slot == 0 {
				return false
			}
			at := int(*slot - 1)
			if y := &p.known[at]; at > best && int(y.story) != refused && y.alike(x) >= printSame {
				if agrees(y.story) {
					best = at
				} else {
					refused = int(y.story)
				}
			}
			return true
		})
	}
	if best < 0 {
		return 0, false
	}
	return p.known[best].story, true
}

// alike counts the hashes that two prints share.
func (x print) alike(y print) int {
	n := 0
	for i := range x {
		if x[i] == y[i] {
			n++
		}
	}
	return n
}

// add enters the print of a text of s, unless it is known.
func (p *prints) add(x print, s uint32) {
	if x[0] == 0 || p.holds(x, s) {
		return
	}
	if 4*printBands*(len(p.known)+1) > 3*len(p.table) {
		p.rebuild(max(1<<8, 2*printBands*(len(p.known)+1)))
	}
	p.known = append(p.known, printed{x, s})
	p.enter(len(p.known) - 1)
}

// holds tells whether s has told the very same: it takes no more room then.
func (p *prints) holds(x print, s uint32) bool {
	held := false
	if len(p.table) > 0 {
		p.slots(x, 0, func(slot *uint32) bool {
			held = *slot != 0 && p.known[*slot-1] == printed{x, s}
			return *slot != 0 && !held
		})
	}
	return held
}

func (p *prints) enter(at int) {
	for band := range printBands {
		p.slots(p.known[at].print, band, func(slot *uint32) bool {
			if *slot != 0 {
				return true
			}
			*slot = uint32(at + 1)
			return false
		})
	}
}

// slots calls yield with the slots where a band may be, in order, while it says so.
func (p *prints) slots(x print, band int, yield func(slot *uint32) bool) {
	h := uint64(band)
	for _, v := range x[band*printRows : (band+1)*printRows] {
		h = mix(h<<16 | uint64(v))
	}
	for i := range uint64(printReach) {
		if !yield(&p.table[(h+i)&uint64(len(p.table)-1)]) {
			return
		}
	}
}

// compact forgets the texts of stories that are gone.
func (p *prints) compact(lives func(story uint32) bool) {
	kept := make([]printed, 0, len(p.known))
	for _, x := range p.known {
		if lives(x.story) {
			kept = append(kept, x)
		}
	}
	p.known = kept
	p.rebuild(2 * printBands * (len(kept) + 1))
}

// rebuild makes a table of at least size slots.
func (p *prints) rebuild(size int) {
	n := 1
	for n < size {
		n *= 2
	}
	p.table = make([]uint32, n)
	for at := range p.known {
		p.enter(at)
	}
}
