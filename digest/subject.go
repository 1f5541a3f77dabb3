package digest

import (
	"cmp"
	_ "embed"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"tidings/digest/text"
)

// subjects is a set of what the news can be about, by the numbers of text.Subjects.
type subjects uint64

//go:embed headings.txt
var headingLines string

// headings finds the subjects of a heading by its text.Key. It is read once, when the
// first topic is parsed.
var headings = sync.OnceValue(func() map[string]subjects {
	numbers := make(map[string]int)
	for i, name := range text.Subjects() {
		numbers[name] = i
	}
	found := make(map[string]subjects)
	for line := range strings.Lines(headingLines) {
		names, list, ok := strings.Cut(strings.TrimSpace(line), " : ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		var s subjects
		for name := range strings.FieldsSeq(list) {
			if n, ok := numbers[name]; ok {
				s |= 1 << n
			}
		}
		for name := range strings.FieldsFuncSeq(names, func(r rune) bool { return r == '=' || r == ',' }) {
			found[text.Key(name)] = s
		}
	}
	return found
})

// subjectMark begins the words by which a database finds what documents are about:
// letters that no language has in a row.
const subjectMark = "xqsubjectx"

// subjectWords returns the words of Normalised for subjects.
func subjectWords(s subjects) []string {
	var words []string
	for ; s != 0; s &= s - 1 {
		words = append(words, subjectMark+searchWord(text.Subjects()[bits.TrailingZeros64(uint64(s))]))
	}
	return words
}

// subjectSums is how much the words of a document speak for each subject.
type subjectSums struct {
	sums  []float64
	total float64 // of those above zero
}

// What a share needs besides its own: so few words that speak for something say little.
const (
	subjectsUnsure = 0.5
	leastShare     = 0.1  // of a document for a subject to be found by it
	leastSpoken    = 0.02 // of one subject, for a database to find it
)

// subjects reads the words of a document, once.
func (r *reading) subjects() *subjectSums {
	r.sumOnce.Do(func() { r.sums = r.sumSubjects() })
	return r.sums
}

func (r *reading) sumSubjects() *subjectSums {
	s := &subjectSums{}
	if r.stemmer != text.Stemmer("en") {
		return s
	}
	s.sums = make([]float64, len(text.Subjects()))
	all := 0.0
	for _, f := range r.forms {
		if f.gram {
			continue
		}
		weight := math.Sqrt(r.mentions(f))
		rarity, known := 0.0, false
		speak := func(subject int, w float64) {
			s.sums[subject] += w * weight
		}
		if rarity, known = text.SpeakFor(f.surface, nil); !known {
			continue
		}
		weight *= rarity
		text.SpeakFor(f.surface, speak)
		all += weight
	}
	for i, e := range text.ExpectSubjects() {
		s.sums[i] -= e * all
		s.total += max(0, s.sums[i])
	}
	return s
}

// mentions counts the occurrences of a form, those in the title thrice.
func (r *reading) mentions(f form) float64 {
	n := 0.0
	for at := f.first; at >= 0; at = r.places[at].next {
		switch r.places[at].source {
		case sourceTitle:
			n += 2
		default:
			n++
		}
	}
	return n
}

// share returns which part of what the document is about some subjects are.
func (s *subjectSums) share(of subjects) float64 {
	if s.total == 0 {
		return 0
	}
	mine := 0.0
	for ; of != 0; of &= of - 1 {
		mine += max(0, s.sums[bits.TrailingZeros64(uint64(of))])
	}
	return mine / (s.total + subjectsUnsure)
}

// spokenFor returns the subjects by which a database finds the document: if subjects
// together reach leastShare, one of them is among these.
func (s *subjectSums) spokenFor() subjects {
	var all subjects
	for i, x := range s.sums {
		if x > 0 && x/(s.total+subjectsUnsure) >= leastSpoken {
			all |= 1 << i
		}
	}
	return all
}

// telling returns the forms of a document that speak the most for some subjects.
func (r *reading) telling(of subjects, most int) []form {
	type spoken struct {
		form
		weight float64
	}
	var all []spoken
	for _, f := range r.forms {
		if f.gram {
			continue
		}
		w := 0.0
		rarity, _ := text.SpeakFor(f.surface, func(subject int, weight float64) {
			if of>>subject&1 == 1 {
				w += weight
			}
		})
		if w > 0 {
			all = append(all, spoken{f, w * rarity * math.Sqrt(r.mentions(f))})
		}
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return cmp.Compare(b.weight, a.weight) })
	var best []form
	for _, x := range all[:min(most, len(all))] {
		best = append(best, x.form)
	}
	return best
}
