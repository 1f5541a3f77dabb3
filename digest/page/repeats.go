package page

import (
	"hash/maphash"
	"math"
	"strings"
	"sync"

	"tidings/digest/text"
)

// How much is known of what repeats: some three megabytes when all is used.
const (
	repeatHosts = 500
	repeatLines = 128 // of a host
	repeatWords = 150 // of a line; what is longer is the news
	repeatOften = 3   // articles that a line stands in when it is the host's
)

// Repeats learns which lines stand in several articles of a host, and drops
// them: the offers, notes and addresses that no general rule knows. It keeps
// hashes only, in memory: after a start three articles of a host teach it anew,
// and a host or line that was not met for longest makes room. Any number may use
// it at once. The zero value is ready.
type Repeats struct {
	mu    sync.Mutex
	seed  maphash.Seed
	hosts map[string]*hostRepeats
	turn  uint32 // counts the pages
}

type hostRepeats struct {
	lines map[uint64]*repeat
	met   uint32 // the turn in which it was last
}

// A repeat is a line and the articles that it was met in.
type repeat struct {
	articles [repeatOften]uint64 // hashes of the first ones
	n        uint8
	met      uint32
}

// Drop takes from an article's text what repeats at its host, and learns from
// it. An article that is read again teaches nothing new. When half of the text
// repeats it is the same article under other addresses, and stays whole.
func (r *Repeats) Drop(host, address string, p Page) Page {
	paragraphs := p.Paragraphs()
	if p.Kind != Article || host == "" || len(paragraphs) == 0 {
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.host(host)
	article := maphash.String(r.seed, address)
	var kept []string
	all, left := 0, 0
	for _, line := range paragraphs {
		n := text.CountWords(line)
		all += n
		if n <= repeatWords && h.meet(maphash.String(r.seed, strings.Join(wordsOf(line), " ")), article, r.turn) {
			continue
		}
		kept = append(kept, line)
		left += n
	}
	if 2*left > all {
		p.Text = strings.Join(kept, "\n\n")
	}
	return p
}

// host is what is known of a host; the one that was met longest ago makes room.
func (r *Repeats) host(name string) *hostRepeats {
	if r.hosts == nil {
		r.hosts, r.seed = map[string]*hostRepeats{}, maphash.MakeSeed()
	}
	r.turn++
	h := r.hosts[name]
	if h == nil {
		if len(r.hosts) >= repeatHosts {
			oldest, met := "", uint32(math.MaxUint32)
			for other, h := range r.hosts {
				if h.met < met {
					oldest, met = other, h.met
				}
			}
			delete(r.hosts, oldest)
		}
		h = &hostRepeats{lines: map[uint64]*repeat{}}
		r.hosts[name] = h
	}
	h.met = r.turn
	return h
}

// meet notes that a line stands in an article, and tells whether it does in
// enough of them.
func (h *hostRepeats) meet(line, article uint64, turn uint32) bool {
	l := h.lines[line]
	if l == nil {
		if len(h.lines) >= repeatLines {
			h.forget()
		}
		l = &repeat{}
		h.lines[line] = l
	}
	l.met = turn
	for _, known := range l.articles[:l.n] {
		if known == article {
			return l.n >= repeatOften
		}
	}
	if l.n < repeatOften {
		l.articles[l.n] = article
		l.n++
	}
	return l.n >= repeatOften
}

// forget drops the line that was met longest ago, of those in fewest articles.
func (h *hostRepeats) forget() {
	var worst uint64
	rank := uint64(math.MaxUint64)
	for hash, l := range h.lines {
		if r := uint64(l.n)<<32 | uint64(l.met); r < rank {
			worst, rank = hash, r
		}
	}
	delete(h.lines, worst)
}
