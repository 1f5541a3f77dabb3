package digest

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"tidings/digest/text"
)

const (
	widestStory = 128 // terms that a story keeps
	listedTerms = 12  // of an article, under which its story is found
	askedTerms  = 16  // of an article, by which stories are looked up
	longPosting = 512 // the newest stories looked at under one term
	candidates  = 24  // of these, the ones compared in full

	sweepEach = 20_000  // articles between two sweeps of a language's terms
	fullCount = 200_000 // stories from which on counts are halved: what was common last year may be rare
)

// What is known of words before any story was read, in stories: of English ones how
// frequent they are, of others that those of the list are frequent and no other is.
const (
	knownStories  = 5000
	unsureStories = 500
	unsureShare   = 0.0005
	commonShare   = 0.05 // of a word of the list, see plainWords
	commonFrom    = 1.0  // weights count from here: what stands in a third of all stories says nothing
)

// A tongue is what the window knows of one language in one circle.
type tongue struct {
	key      spoken
	common   map[string]bool
	known    float64           // knownStories or unsureStories
	numbers  map[string]uint32 // of words as they stand (folded), and of stems
	stemmer  int
	terms    []posting // by number
	free     []uint32  // numbers of terms forgotten
	stories  float64   // begun so far, halved with the terms' counts
	living   int
	base     uint32     // serial of the first of tellings
	tellings []*telling // by serial; nil: gone
	prints   prints
	unswept  int
	marked   []*telling // scratch of candidates
	scratch  struct {   // of mark, pack and keys
		met, marks, rare []mark
		keys             []uint64
		order, unpacked  []uint32
		packed           []byte
	}
}

// A posting is a term, a stem or a figure, with the stories that tell it.
type posting struct {
	stories       []uint32 // serials of those that are found by it, the newest last
	prior         float32  // share of stories that have it, as known beforehand
	count         float32  // stories that had it
	weight        float32  // how much it says, as of its last mention
	capital       float32  // mentions with a capital where others have none
	small         float32  // and without
	figure, exact bool     // a number; one with parts: 5.2, 3-1
	common        bool     // of the list: no story is found by it
	met           uint8    // scratch of tongue.mark: place+1; a piece has at most 100
}

func newTongue(key spoken) *tongue {
	t := &tongue{key: key, common: commonIn(key.language), known: unsureStories, numbers: map[string]uint32{}, stemmer: text.Stemmer(key.language)}
	if key.language == "en" {
		t.known = knownStories
	}
	return t
}

// enrol returns the serial of a new story.
func (t *tongue) enrol() uint32 {
	t.tellings = append(t.tellings, nil)
	return t.base + uint32(len(t.tellings)-1)
}

// telling returns the story of a serial, nil when it is gone.
func (t *tongue) telling(serial uint32) *telling {
	if serial < t.base {
		return nil
	}
	return t.tellings[serial-t.base]
}

// weigh brings the weight of a term up to date: the logarithm of how rare stories are
// that tell it. Stories are counted and not articles, so that an event which everybody
// tells does not make its own words common.
func (t *tongue) weigh(number uint32) float64 {
	e := &t.terms[number]
	share := (t.known*float64(e.prior) + float64(e.count)) / (t.known + t.stories)
	weight := max(0, -math.Log(share)-commonFrom)
	e.weight = float32(weight)
	return weight
}

// named tells how surely a mention of a term is a name: the capital it has here, and
// the habit of the stream, which knows also names in A Title Of Capitals.
func (t *tongue) named(number uint32, here bool) float64 {
	e := &t.terms[number]
	if e.figure {
		return 0
	}
	habit := (float64(e.capital) + 0.3) / (float64(e.capital) + float64(e.small) + 1)
	if here {
		return max(0.8, habit)
	}
	return max(0, 1.5*habit-0.5)
}

// number returns the number of a word, of a figure as it is written. Words of one
// stem have one. It is asked for every word of every article, so that what was seen
// before is not stemmed again.
func (t *tongue) number(word string, gram, figure bool) uint32 {
	if n, ok := t.numbers[word]; ok {
		return n
	}
	stem := word
	if !gram && !figure {
		stem = text.Stem(word, t.stemmer)
	}
	n, ok := t.numbers[stem]
	if !ok {
		n = t.fresh(t.newPosting(word, stem, figure))
		t.numbers[strings.Clone(stem)] = n
	}
	if stem != word {
		t.numbers[strings.Clone(word)] = n
	}
	return n
}

func (t *tongue) newPosting(word, stem string, figure bool) posting {
	e := posting{prior: unsureShare, figure: figure, exact: figure && strings.ContainsAny(word, ".:-–")}
	if t.key.language == "en" {
		e.prior = float32(max(text.Usual(word), text.Usual(stem)))
	}
	if e.common = t.common[word]; e.common {
		e.prior = max(e.prior, commonShare)
	}
	return e
}

// fresh gives e a number, one that was forgotten if there is any.
func (t *tongue) fresh(e posting) uint32 {
	if k := len(t.free); k > 0 {
		n := t.free[k-1]
		t.free = t.free[:k-1]
		t.terms[n] = e
		return n
	}
	t.terms = append(t.terms, e)
	return uint32(len(t.terms) - 1)
}

// find returns the story that p's article joins, nil for none. Of the stories that fit, one
// that many tell is the likelier, so that an event which was split in two goes on in its
// larger part.
func (t *tongue) find(p piece) *telling {
	serial, copied := t.prints.copied(p.print, func(serial uint32) bool {
		s := t.telling(serial)
		return s != nil && s.near(p.published) && t.agree(p, s)
	})
	if copied {
		return t.telling(serial)
	}
	var best *telling
	most, from := 0.0, t.enough()
	for _, c := range t.compared(p) {
		like := c.score()
		if like <= from || t.apart(p, c.story) {
			continue
		}
		if odds := like / (1 - like) * math.Pow(float64(c.story.told), joinLarge); odds > most {
			best, most = c.story, odds
		}
	}
	return best
}

// A rival is a story that an article may join, and how like it is.
type rival struct {
	story *telling
	likeness
}

// compared returns the stories that p's article may join, but those that are much
// farther from it than the nearest.
func (t *tongue) compared(p piece) []rival {
	found := t.candidates(p)
	cosines := make([]float64, len(found))
	first, second := -1, -1
	for i, s := range found {
		cosines[i] = t.cosine(p, s)
		switch {
		case first < 0 || cosines[i] > cosines[first]:
			first, second = i, first
		case second < 0 || cosines[i] > cosines[second]:
			second = i
		}
	}
	var rivals []rival
	for i, s := range found {
		next := first
		if i == first {
			next = second
		}
		if cosines[i] < 0.5*cosines[first] {
			continue
		}
		other := 0.0
		if next >= 0 {
			other = cosines[next]
		}
		rivals = append(rivals, rival{s, t.likeness(p, s, cosines[i], other)})
	}
	return rivals
}

// enough is the probability from which an article joins. While few stories are known,
// words that all of them share, a small outlet's subject, look as if they told much; a
// source of its own circle goes on telling of its subject.
func (t *tongue) enough() float64 {
	if t.key.circle != 0 {
		return joinOwn
	}
	return joinFrom + joinCold*fewKnown/(fewKnown+t.stories)
}

// candidates returns the stories near in time that share the most weight of p's
// rarest terms, in a fixed order.
func (t *tongue) candidates(p piece) []*telling {
	t.marked = t.marked[:0]
	for _, m := range p.rare {
		e := &t.terms[m.number]
		for _, serial := range e.stories[max(0, len(e.stories)-longPosting):] {
			s := t.telling(serial)
			if s == nil || !s.near(p.published) {
				continue
			}
			if s.shared == 0 {
				t.marked = append(t.marked, s)
			}
			s.shared += m.value
		}
	}
	slices.SortFunc(t.marked, func(a, b *telling) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(a.serial, b.serial))
	})
	for _, s := range t.marked {
		s.shared = 0
	}
	return t.marked[:min(candidates, len(t.marked))]
}

// learn adds p to s and enters s under the terms by which it
// will be found.
func (t *tongue) learn(s *telling, p piece) {
	if s.told == 0 {
		t.stories++
	}
	t.prints.add(p.print, s.serial)
	keys := t.keys(s)
	for _, m := range p.rare[:min(listedTerms, len(p.rare))] {
		if !has(keys, m.number) {
			e := &t.terms[m.number]
			e.stories = append(e.stories, s.serial)
		}
	}
	for _, m := range p.marks {
		e := &t.terms[m.number]
		if !has(keys, m.number) {
			e.count++
			t.weigh(m.number)
		}
		if m.name {
			e.capital++
		} else if !e.figure {
			e.small++
		}
	}
	s.merge(p, t)
	s.told++
	if t.unswept++; t.unswept >= sweepEach {
		t.sweep()
	}
}

// sweep forgets stories that are gone and terms that nothing tells any more, and
// halves the counts when they are many.
func (t *tongue) sweep() {
	t.unswept = 0
	gone := 0
	for gone < len(t.tellings) && t.tellings[gone] == nil {
		gone++
	}
	t.base += uint32(gone)
	t.tellings = slices.Clone(t.tellings[gone:])
	t.prints.compact(func(serial uint32) bool { return t.telling(serial) != nil })
	halve := t.stories > fullCount
	if halve {
		t.stories /= 2
	}
	told := make([]bool, len(t.terms))
	for _, s := range t.tellings {
		if s != nil {
			for _, k := range t.keys(s) {
				told[numberOf(k)] = true
			}
		}
	}
	forgotten := make([]bool, len(t.terms))
	for number := range t.terms {
		e := &t.terms[number]
		e.stories = slices.Clip(slices.DeleteFunc(e.stories, func(serial uint32) bool {
			return t.telling(serial) == nil
		}))
		if halve {
			e.count, e.capital, e.small = e.count/2, e.capital/2, e.small/2
		}
		if !told[number] {
			e.count /= 2
			forgotten[number] = e.count < 1
		}
	}
	for word, number := range t.numbers {
		if forgotten[number] {
			delete(t.numbers, word)
			if t.terms[number].prior > 0 { // once for all words of a stem
				t.terms[number] = posting{}
				t.free = append(t.free, number)
			}
		}
	}
	slices.Sort(t.free) // the same articles have the same numbers in every run
}
