package storage

import (
	"math/rand/v2"
	"sync"
	"time"

	"tidings/digest"
)

// idBits are the low bits of an id: above them stands the unix millisecond in
// which it was made, 42 bits that last until the year 2109.
const idBits = 21

// A sequence makes ids: 63 bits, rising within the process, never equal. The
// low bits begin at random in every millisecond, so that two processes are
// unlikely to meet; when they do, the primary key refuses the second and its
// transaction runs again with new ids.
type sequence struct {
	mu   sync.Mutex
	last int64
}

func (q *sequence) next(now time.Time) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	// half of the low bits' range is left for what follows in the millisecond
	id := idAt(now) + rand.Int64N(1<<(idBits-1))
	// within one millisecond, or when the clock was set back
	if id>>idBits <= q.last>>idBits {
		id = q.last + 1
	}
	q.last = id
	return id
}

// nextFew makes n ids that follow each other and returns the first.
func (q *sequence) nextFew(now time.Time, n int) int64 {
	first := q.next(now)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last != first { // somebody came between
		first = q.last + 1
	}
	q.last = first + int64(n) - 1
	return first
}

// idAt is smaller than every id made at t or later and not smaller than those
// made before t's millisecond.
func idAt(t time.Time) int64 { return t.UnixMilli() << idBits }

func (s *Store) newID() int64 { return s.ids.next(s.now()) }

// NewStoryID makes an id for a story that is about to be shelved.
func (s *Store) NewStoryID() digest.StoryID { return digest.StoryID(s.newID()) }
