package digest

import (
	"math"
	"strings"

	"tidings/digest/text"
)

// Lessons are what the stories of the last days taught: which subjects words stood with
// that say nothing of themselves, or something else (a new company, a minister, a virus).
// Every English story is a lesson in itself, without anybody's label: what its known
// words say, the others are taken to have to do with.
//
// As what is known changes with every story, the subjects of an article are decided once,
// by the joiner, and kept with it. Lessons take at most 9 MB, and are for one
// goroutine.
type Lessons struct {
	words  map[string]*lesson // by stem
	given  uint32             // lessons, counted on and on
	told   float64            // stories
	shares []float64          // of each subject, summed over these
}

// A lesson is how often a word stood in stories, and the shares of the subjects there.
type lesson struct {
	last   uint32 // which lesson taught it last: of a stem's forms one counts
	told   float32
	shares []float32
}

// What of stories is learned from, and from when on it says something.
const (
	lessonWords   = 300    // the first of a story
	lessonBytes   = 3000   // that surely hold them, nearly
	mostLessons   = 32_768 // words; then all counts are halved and what was met once is forgotten
	fewestLessons = 50     // stories

	learnedWeight = 2.0 // of what was learned of a word beside what was known of it
	lessWeight    = 0.3 // of a share that is below that of all stories
	learnedSlowly = 12  // the stories after which a word is believed by half
)

// NewLessons returns lessons of which none was given yet.
func NewLessons() *Lessons {
	return &Lessons{words: make(map[string]*lesson), shares: make([]float64, len(text.Subjects()))}
}

// Decide returns the subjects of d, whose Subjects is not read; nil when its language is
// none that is known.
func (l *Lessons) Decide(d Document) SubjectShares {
	if !speaksOfSubjects(d.Language) {
		return nil
	}
	return d.reading().sumSubjects(l).shares()
}

// Learn takes the words of d, whose subjects are s, as a lesson.
func (l *Lessons) Learn(d Document, s SubjectShares) {
	if !s.decided() || !s.some() {
		return
	}
	l.given++
	l.told++
	for subject, share := range s.each {
		l.shares[subject] += share
	}
	for _, f := range d.reading().forms {
		if f.first >= lessonWords {
			break
		}
		if !teachable(f) {
			continue
		}
		x := l.words[f.stem]
		if x == nil {
			x = &lesson{shares: make([]float32, len(l.shares))}
			l.words[strings.Clone(f.stem)] = x
		}
		if x.last == l.given {
			continue
		}
		x.last = l.given
		x.told++
		for subject, share := range s.each {
			x.shares[subject] += float32(share)
		}
	}
	if len(l.words) > mostLessons {
		l.forget()
	}
}

// teachable leaves out pairs of characters and what is hardly a word.
func teachable(f form) bool { return !f.gram && len(f.surface) >= 3 }

// forget halves what was told until many words less are known.
func (l *Lessons) forget() {
	for len(l.words) > mostLessons*3/4 {
		l.told /= 2
		for i := range l.shares {
			l.shares[i] /= 2
		}
		for stem, x := range l.words {
			if x.told /= 2; x.told < 1 {
				delete(l.words, stem)
				continue
			}
			for i := range x.shares {
				x.shares[i] /= 2
			}
		}
	}
}

// speakFor adds to sums what was learned of a word, times weight: for each subject by how
// much its share is above that of all stories, or below.
func (l *Lessons) speakFor(f form, weight float64, sums []float64) {
	if l == nil || l.told < fewestLessons || !teachable(f) {
		return
	}
	x := l.words[f.stem]
	if x == nil || x.told < 2 {
		return
	}
	told := float64(x.told)
	weight *= learnedWeight * told / (told + learnedSlowly) * math.Log(l.told/told) / math.Log(l.told)
	for i, all := range l.shares {
		if more := float64(x.shares[i])/told - all/l.told; more > 0 {
			sums[i] += weight * more
		} else {
			sums[i] += weight * lessWeight * more
		}
	}
}
