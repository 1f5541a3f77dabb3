package digest

import (
	"hash/fnv"
	"slices"
	"time"
)

const (
	// StorySpan is the longest time between the first and the last article of a story.
	StorySpan = 72 * time.Hour

	mostStories = 250_000 // in memory, some 120 MB

	doubtful = 160 // bytes of a text, up to which its language may be another than it seems
)

// A Window holds the stories of the last 72 hours in memory and decides which
// of them an article joins. Decisions are online and final. Stories of different
// circles have nothing to do with each other, nor have those of different
// languages.
//
// An article is first held against what was told word by word (see prints):
// copies and light edits join at once. Then against the stories that share its
// rarest words, by a score of a few features (see likeness). Two stories of one
// mould whose titles differ in names or figures stay apart (see apart).
//
// A window costs some 480 bytes a story of one article of 45 words, with the words
// it knows; an article 30 to 80 µs, half of it for finding its words. It is not safe
// for several goroutines: joining is one lane.
type Window struct {
	newID   func() StoryID
	most    int // stories
	tongues map[spoken]*tongue
	stories map[StoryID]*telling
	placed  map[ArticleID]StoryID
	arrived []arrival // in order of Seen, to let old ones go
	clock   int64     // the latest Seen
}

// An arrival is one article's entry in the order of letting go. Times within
// the window are unix milliseconds.
type arrival struct {
	article ArticleID
	story   StoryID
	seen    int64
}

// NewWindow returns an empty window that gives new stories ids from newID.
func NewWindow(newID func() StoryID) *Window {
	return &Window{
		newID:   newID,
		most:    mostStories,
		tongues: map[spoken]*tongue{},
		stories: map[StoryID]*telling{},
		placed:  map[ArticleID]StoryID{},
		clock:   -1 << 62,
	}
}

// Place decides which story a belongs to and remembers it. New says that the
// story begins with a. Asked again about the same article it answers the same.
func (w *Window) Place(a Article) (id StoryID, fresh bool) {
	if id, ok := w.placed[a.ID]; ok {
		return id, false
	}
	w.tick(a.Seen)
	spelling := spell(a)
	t := w.tongue(a, spelling)
	p := t.read(spelling)
	s := t.find(p)
	if s == nil {
		s, fresh = w.begin(w.newID(), t), true
	}
	w.add(s, p, a)
	return s.id, fresh
}

// Restore puts back an article whose story was decided before. Articles are to
// be given in the order in which they came.
func (w *Window) Restore(a Article, id StoryID) {
	w.restore(a, spell(a), id)
}

func (w *Window) restore(a Article, spelling spelling, id StoryID) {
	if _, ok := w.placed[a.ID]; ok {
		return
	}
	w.tick(a.Seen)
	s := w.stories[id]
	t := w.tongue(a, spelling)
	if s != nil && s.tongue.key.circle == a.Circle {
		t = s.tongue
	}
	p := t.read(spelling)
	if s == nil || s.tongue != t {
		s = w.begin(id, t)
	}
	w.add(s, p, a)
}

// Story returns the story as it stands in the window: its id, circle, first time
// and hosts. What else it has is on the shelf.
func (w *Window) Story(id StoryID) (Story, bool) {
	s, ok := w.stories[id]
	if !ok {
		return Story{}, false
	}
	return Story{
		ID: id, Circle: s.tongue.key.circle, Language: s.tongue.key.language, Hosts: s.hosts(),
		Published: time.UnixMilli(s.first).UTC(),
	}, true
}

// A spoken is a language within a circle.
type spoken struct {
	circle   SourceID
	language string
}

// tongue returns the language of a within its circle: across circles nothing
// joins. What is too short to be sure of is taken for one in the language that most
// are in, if that knows more of its words than its own does, and nearly all.
func (w *Window) tongue(a Article, s spelling) *tongue {
	key := spoken{a.Circle, a.Language}
	t, ok := w.tongues[key]
	if a.Circle == 0 && len(a.Title)+len(a.Text) <= doubtful && len(a.Content) == 0 {
		if most := w.prevailing(); most != nil && most != t && most.speaks(s.words, t) {
			return most
		}
	}
	if !ok {
		t = newTongue(key)
		w.tongues[key] = t
	}
	return t
}

// nearlyAll words of a short article are known: all but one in so many.
const nearlyAll = 4

// speaks tells whether words are in this language rather than in another, which may be nil.
func (t *tongue) speaks(words []spelt, other *tongue) bool {
	strange, all := t.strange(words)
	if all == 0 || strange*nearlyAll > all {
		return false
	}
	if other == nil {
		return true
	}
	elsewhere, _ := other.strange(words)
	return strange < elsewhere
}

// prevailing returns the tongue of listed sources that tells the most stories.
func (w *Window) prevailing() *tongue {
	var most *tongue
	for _, t := range w.tongues {
		if t.key.circle == 0 && (most == nil || t.living > most.living || t.living == most.living && t.key.language < most.key.language) {
			most = t
		}
	}
	return most
}

func (w *Window) begin(id StoryID, t *tongue) *telling {
	s := &telling{id: id, tongue: t, serial: t.enrol()}
	t.tellings[s.serial-t.base] = s
	t.living++
	w.stories[id] = s
	return s
}

// end forgets a story, and with the last one of an own source its language.
func (w *Window) end(s *telling) {
	t := s.tongue
	s.tongue, s.packed, s.more = nil, "", nil
	t.tellings[s.serial-t.base] = nil
	delete(w.stories, s.id)
	if t.living--; t.living == 0 && t.key.circle != 0 {
		delete(w.tongues, t.key)
	}
}

func (w *Window) add(s *telling, p piece, a Article) {
	w.placed[a.ID] = s.id
	w.arrived = append(w.arrived, arrival{a.ID, s.id, a.Seen.UnixMilli()})
	s.dated(p.published)
	s.living++
	if s.told == 0 {
		s.host = p.host
	}
	s.tongue.learn(s, p)
	if p.host != s.host && !slices.Contains(s.more.hosts, p.host) {
		s.more.hosts = append(s.more.hosts, p.host)
	}
}

func hashed(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// tick moves the clock and lets go what is older than StorySpan or too much.
func (w *Window) tick(seen time.Time) {
	w.clock = max(w.clock, seen.UnixMilli())
	oldest := w.clock - StorySpan.Milliseconds()
	n := 0
	for n < len(w.arrived) && (w.arrived[n].seen < oldest || len(w.stories) > w.most) {
		x := w.arrived[n]
		delete(w.placed, x.article)
		if s := w.stories[x.story]; s != nil {
			if s.living--; s.living == 0 {
				w.end(s)
			}
		}
		n++
	}
	w.arrived = w.arrived[n:] // append moves what is left when there is no more room
}

// A telling is a story as the window knows it: how many of its articles have
// which terms.
type telling struct {
	tongue *tongue // nil: gone
	id     StoryID
	packed string   // the terms, while one article tells it, see pack
	more   *several // once there are more

	first, last int64   // published
	host        uint32  // hash of the first
	told        uint32  // articles, halved with its shares
	living      uint32  // articles within the window
	serial      uint32  // see tongue.tellings
	shared      float32 // scratch of tongue.candidates
}

// A several is what several articles of a story tell.
type several struct {
	terms  []uint32 // keys, see mark.key; sorted
	shares []share  // of each term
	hosts  []uint32 // hashes, but the first
}

// hosts counts who tells s.
func (s *telling) hosts() int {
	if s.more == nil {
		return 1
	}
	return 1 + len(s.more.hosts)
}

// A share is how many articles of a story have a term, and how.
type share struct {
	articles, names, titles uint16
}

// dated takes the time of an article.
func (s *telling) dated(published int64) {
	if s.told == 0 {
		s.first, s.last = published, published
	}
	s.first, s.last = min(s.first, published), max(s.last, published)
}

// near tells whether an article published then keeps the story within StorySpan.
func (s *telling) near(published int64) bool {
	span := StorySpan.Milliseconds()
	return published-s.first <= span && s.last-published <= span
}

// days returns the time between an article published then and the nearer end of s.
func (s *telling) days(published int64) float64 {
	return float64(max(published-s.last, s.first-published, 0)) / float64(24*time.Hour/time.Millisecond)
}

// share returns what is known of the term at i, whose key is given.
func (s *telling) share(i int, key uint32) share {
	if s.more != nil {
		return s.more.shares[i]
	}
	return shareOf(key)
}
