package digest

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// How alike an article must be to a story to join it. One setting for all
// languages and sources, measured on same-event collections in English.
const (
	// StorySpan is the longest time between the first and the last article of a story.
	StorySpan = 72 * time.Hour

	joinFrom    = 0.34 // cosine of an article and a story of one article
	joinEasing  = 0.08 // a story that many tell is recognised from less: a power of their number
	widestStory = 80   // terms that a story's sum keeps

	rareTerms   = 16  // of an article, by which stories are looked up
	longPosting = 512 // the newest stories looked at under one term
	candidates  = 64  // of these, the ones compared in full

	mostStories  = 120_000 // in memory, about 100 MB
	sweepEach    = 20_000  // articles between two sweeps of a language's terms
	recentTitles = 6       // of a story, against which a newcomer's title is held
)

// A Window holds the stories of the last 72 hours in memory and decides which
// of them an article joins. Decisions are online and final. Stories of different
// circles have nothing to do with each other.
//
// Articles join when the words of title and lead, weighted by how rare they are
// in the stream, point the same way; never across languages; never when their
// titles are of one mould and differ in what matters (two earthquakes, two
// matches). Copies always join. It costs some 50 µs an article and at most
// about 100 MB. It is not safe for several goroutines: joining is one lane.
type Window struct {
	newID   func() StoryID
	most    int // stories
	tongues map[spoken]*tongue
	stories map[StoryID]*telling
	placed  map[ArticleID]StoryID
	arrived []arrival // in order of Seen, to let old ones go
	clock   time.Time // the latest Seen
}

// An arrival is one article's entry in the order of letting go.
type arrival struct {
	article ArticleID
	story   StoryID
	seen    time.Time
}

// A telling is a story as the window knows it.
type telling struct {
	tongue      *tongue
	id          StoryID
	sum         []weight // of its articles' vectors, by term
	norm        float64
	articles    int // within the window
	first, last time.Time
	gone        bool
	recent      []leaflet
	hosts       map[string]bool
	lead        Story // the headline fields

	shared float32 // scratch of tongue.candidates
}

// NewWindow returns an empty window that gives new stories ids from newID.
func NewWindow(newID func() StoryID) *Window {
	return &Window{
		newID:   newID,
		most:    mostStories,
		tongues: map[spoken]*tongue{},
		stories: map[StoryID]*telling{},
		placed:  map[ArticleID]StoryID{},
	}
}

// Place decides which story a belongs to and remembers it. New says that the
// story begins with a. Asked again about the same article it answers the same.
func (w *Window) Place(a Article) (id StoryID, fresh bool) {
	if id, ok := w.placed[a.ID]; ok {
		return id, false
	}
	w.tick(a.Seen)
	t := w.tongue(a)
	v := t.read(a)
	if s := t.find(v, a); s != nil {
		w.add(t, s, v, a)
		return s.id, false
	}
	s := w.begin(w.newID(), t)
	w.add(t, s, v, a)
	return s.id, true
}

// Restore puts back an article whose story was decided before. Articles are to
// be given in the order in which they came.
func (w *Window) Restore(a Article, id StoryID) {
	if _, ok := w.placed[a.ID]; ok {
		return
	}
	w.tick(a.Seen)
	t := w.tongue(a)
	s, ok := w.stories[id]
	if !ok {
		s = w.begin(id, t)
	}
	w.add(t, s, t.read(a), a)
}

// Story returns the story as it stands in the window, without Articles.
func (w *Window) Story(id StoryID) (Story, bool) {
	s, ok := w.stories[id]
	if !ok {
		return Story{}, false
	}
	return s.lead, true
}

// tongue returns the language of a within its circle: across circles nothing
// joins.
func (w *Window) tongue(a Article) *tongue {
	key := spoken{a.Circle, a.Language}
	t, ok := w.tongues[key]
	if !ok {
		t = newTongue(a.Language)
		t.key = key
		w.tongues[key] = t
	}
	return t
}

func (w *Window) begin(id StoryID, t *tongue) *telling {
	s := &telling{id: id, tongue: t, hosts: map[string]bool{}, lead: Story{ID: id, Circle: t.key.circle}}
	t.living++
	w.stories[id] = s
	return s
}

// end forgets a story, and with the last one of an own source its language.
func (w *Window) end(s *telling) {
	s.gone, s.sum, s.recent = true, nil, nil
	delete(w.stories, s.id)
	if s.tongue.living--; s.tongue.living == 0 && s.tongue.key.circle != 0 {
		delete(w.tongues, s.tongue.key)
	}
}

// A spoken is a language within a circle.
type spoken struct {
	circle   SourceID
	language string
}

func (w *Window) add(t *tongue, s *telling, v vector, a Article) {
	w.placed[a.ID] = s.id
	w.arrived = append(w.arrived, arrival{a.ID, s.id, a.Seen})
	if s.articles == 0 || a.Published.Before(s.first) {
		s.first = a.Published
	}
	if a.Published.After(s.last) {
		s.last = a.Published
	}
	s.articles++
	s.headline(a)
	s.recent = append(s.recent, v.leaflet)
	if len(s.recent) > recentTitles {
		// The first stays: it is what the others followed.
		s.recent = slices.Delete(s.recent, 1, 2)
	}
	t.learn(s, v)
}

// headline takes a into the fields that readers see. The leading article is the
// first that came: what was shown once does not change under the reader.
func (s *telling) headline(a Article) {
	l := &s.lead
	if s.articles == 1 {
		l.Title, l.Address, l.Outlet, l.Host, l.Language = a.Title, a.Address, a.Outlet, a.Host, a.Language
	}
	l.Published = s.first
	if a.Seen.After(l.Joined) {
		l.Joined = a.Seen
	}
	s.hosts[a.Host] = true
	l.Hosts = len(s.hosts)
}

// tick moves the clock and lets go what is older than StorySpan or too much.
func (w *Window) tick(seen time.Time) {
	if seen.After(w.clock) {
		w.clock = seen
	}
	n := 0
	for n < len(w.arrived) && (w.clock.Sub(w.arrived[n].seen) > StorySpan || len(w.stories) > w.most) {
		x := w.arrived[n]
		delete(w.placed, x.article)
		if s := w.stories[x.story]; s != nil {
			s.articles--
			if s.articles <= 0 {
				w.end(s)
			}
		}
		n++
	}
	if n > 0 {
		w.arrived = slices.Delete(w.arrived, 0, n)
	}
}

// A tongue is what the window knows of one language.
type tongue struct {
	key      spoken
	living   int // stories
	common   map[string]bool
	language string
	numbers  map[string]uint32 // of terms
	terms    []posting         // by number
	free     []uint32          // numbers of terms forgotten
	articles float64           // read so far, halved with the terms' counts
	unswept  int
	marked   []*telling // scratch of candidates
}

// A posting is a term: a stem with the articles it stood in and the stories it stands in.
type posting struct {
	count   float64
	stories []*telling // newest last; gone ones are taken out when met
}

func newTongue(language string) *tongue {
	return &tongue{language: language, common: commonIn(language), numbers: map[string]uint32{}}
}

// weigh returns how much a term says: the logarithm of its rarity. A stock of
// ten thousand articles that we did not see, with three of each term, keeps the
// first hundred from calling everything common or everything rare.
func (t *tongue) weigh(number uint32) float64 {
	return math.Log((t.articles + 10_000) / (t.terms[number].count + 3))
}

// find returns the story that v's article joins, nil for none.
func (t *tongue) find(v vector, a Article) *telling {
	var (
		best  *telling
		score float64
	)
	for _, s := range t.candidates(v) {
		if !s.near(a.Published) {
			continue
		}
		if s.copied(v) {
			return s
		}
		likeness := v.dot(s.sum) / s.norm
		if likeness < joinFrom*math.Pow(float64(s.articles), -joinEasing) || likeness <= score {
			continue
		}
		if !s.conflicts(v) {
			best, score = s, likeness
		}
	}
	return best
}

// near tells whether an article published at p keeps the story within StorySpan.
func (s *telling) near(p time.Time) bool {
	return p.Sub(s.first) <= StorySpan && s.last.Sub(p) <= StorySpan
}

// copied tells whether v is a copy of an article of s.
func (s *telling) copied(v vector) bool {
	return slices.ContainsFunc(s.recent, func(l leaflet) bool { return v.copies(l) })
}

// conflicts tells whether v tells of something else than most articles of s
// whose titles are of one mould with its own.
func (s *telling) conflicts(v vector) bool {
	differing := 0
	for _, l := range s.recent {
		if v.differs(l) {
			differing++
		}
	}
	return 2*differing > len(s.recent)
}

// candidates returns the stories that share the most weight of v's rarest
// terms, in no order. Its result is valid until the next call.
func (t *tongue) candidates(v vector) []*telling {
	for _, s := range t.marked {
		s.shared = 0
	}
	t.marked = t.marked[:0]
	for _, x := range v.rarest(rareTerms) {
		e := &t.terms[x.number]
		e.stories = slices.DeleteFunc(e.stories, func(s *telling) bool { return s.gone })
		for _, s := range e.stories[max(0, len(e.stories)-longPosting):] {
			if s.shared == 0 {
				t.marked = append(t.marked, s)
			}
			s.shared += x.value
		}
	}
	if len(t.marked) <= candidates {
		return t.marked
	}
	sorted := slices.Clone(t.marked)
	slices.SortFunc(sorted, func(a, b *telling) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(a.id, b.id))
	})
	return sorted[:candidates]
}

// learn adds v to s and enters s under the terms that are new to it.
func (t *tongue) learn(s *telling, v vector) {
	old := s.sum
	s.sum = make([]weight, 0, len(old)+len(v.weights))
	i := 0
	for _, x := range v.weights {
		for i < len(old) && old[i].number < x.number {
			s.sum = append(s.sum, old[i])
			i++
		}
		if i < len(old) && old[i].number == x.number {
			x.value += old[i].value
			i++
		} else {
			t.enter(s, x.number)
		}
		s.sum = append(s.sum, x)
	}
	s.sum = append(s.sum, old[i:]...)
	if len(s.sum) > widestStory {
		slices.SortFunc(s.sum, byValue)
		s.sum = s.sum[:widestStory]
		slices.SortFunc(s.sum, func(a, b weight) int { return cmp.Compare(a.number, b.number) })
	}
	s.norm = norm(s.sum)
	if t.unswept++; t.unswept >= sweepEach {
		t.sweep()
	}
}

func (t *tongue) enter(s *telling, number uint32) {
	e := &t.terms[number]
	// A term that left the story's sum and came back has it already, mostly at
	// the end; twice does no harm but to the share it is counted with.
	if n := len(e.stories); n > 0 && e.stories[n-1] == s {
		return
	}
	e.stories = append(e.stories, s)
}

// sweep forgets terms without stories, drops postings that are gone, and halves
// the counts when they are many, so that what was common last year may be rare.
func (t *tongue) sweep() {
	t.unswept = 0
	halve := t.articles > 200_000
	if halve {
		t.articles /= 2
	}
	for word, number := range t.numbers {
		e := &t.terms[number]
		e.stories = slices.DeleteFunc(e.stories, func(s *telling) bool { return s.gone })
		if halve {
			e.count /= 2
		}
		if len(e.stories) == 0 {
			e.stories = nil
			e.count /= 2
			if e.count < 1 {
				delete(t.numbers, word)
				*e = posting{}
				t.free = append(t.free, number)
			}
		}
	}
}
