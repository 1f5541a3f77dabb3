package digest

import (
	"cmp"
	_ "embed"
	"hash/fnv"
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

// desks finds the heading that a word of another language names, by the word as topics
// have it. It is what sources of all languages for that subject are filed under.
var desks = sync.OnceValue(func() map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(headingLines) {
		heading, names, ok := strings.Cut(strings.TrimSpace(line), " < ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.SplitSeq(names, ", ") {
			for _, a := range atomsOf(name) {
				found[a.word] = heading
			}
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

// SubjectShares is which part of what a story tells each subject is: after a mark of the
// list of subjects, the number of every subject with leastKept and its share of 255.
// Without the mark nothing was decided.
type SubjectShares []byte

// What a share needs besides its own: so few words that speak for something say little.
const (
	subjectsUnsure = 0.5
	leastShare     = 0.1   // of a document for a subject to be found by it
	leastKept      = 0.004 // of one subject to be kept
	leastSpoken    = 0.02  // of one subject, for a database to find it
)

// subjectsMark is the first byte of SubjectShares: those made with another list mean others.
var subjectsMark = sync.OnceValue(func() byte {
	h := fnv.New32a()
	h.Write([]byte(strings.Join(text.Subjects(), " ")))
	return byte(h.Sum32())
})

// decided tells whether s tells subjects of this list.
func (s SubjectShares) decided() bool { return len(s)%2 == 1 && s[0] == subjectsMark() }

// some tells whether a subject is known at all.
func (s SubjectShares) some() bool { return len(s) > 1 }

// each calls yield with the subjects of s, by number, and their shares.
func (s SubjectShares) each(yield func(subject int, share float64) bool) {
	for i := 1; i+1 < len(s); i += 2 {
		if subject := int(s[i]); subject < len(text.Subjects()) && !yield(subject, float64(s[i+1])/255) {
			return
		}
	}
}

// share returns which part of what the document is about some subjects are.
func (s SubjectShares) share(of subjects) float64 {
	mine := 0.0
	for subject, share := range s.each {
		if of>>subject&1 == 1 {
			mine += share
		}
	}
	return mine
}

// spokenFor returns the subjects by which a database finds the document: if subjects
// together reach leastShare, one of them is among these.
func (s SubjectShares) spokenFor() subjects {
	var all subjects
	for subject, share := range s.each {
		if share >= leastSpoken {
			all |= 1 << subject
		}
	}
	return all
}

// subjects returns what was decided of d, else what its words say by themselves.
func (d Document) subjects() SubjectShares {
	switch {
	case d.Subjects.decided():
		return d.Subjects
	case !speaksOfSubjects(d.Language):
		return nil
	}
	r := d.reading()
	r.aboutOnce.Do(func() { r.about = r.sumSubjects(nil).shares() })
	return r.about
}

// speaksOfSubjects tells whether anything is known of a language's words.
func speaksOfSubjects(language string) bool { return text.Stemmer(language) == text.Stemmer("en") }

// subjectSums is how much the words of a document speak for each subject.
type subjectSums []float64

// sumSubjects reads the words of an English document, with what stories taught of them
// or without.
func (r *reading) sumSubjects(taught *Lessons) subjectSums {
	sums := make(subjectSums, len(text.Subjects()))
	all := 0.0
	for _, f := range r.forms {
		if f.gram {
			continue
		}
		weight := math.Sqrt(r.mentions(f))
		taught.speakFor(f, weight, sums)
		rarity, known := text.SpeakFor(f.surface, nil)
		if !known {
			continue
		}
		weight *= rarity
		text.SpeakFor(f.surface, func(subject int, w float64) { sums[subject] += w * weight })
		all += weight
	}
	for i, e := range text.ExpectSubjects() {
		sums[i] -= e * all
	}
	return sums
}

// shares rounds sums to what is kept.
func (s subjectSums) shares() SubjectShares {
	total := subjectsUnsure
	for _, x := range s {
		total += max(0, x)
	}
	shares := SubjectShares{subjectsMark()}
	for i, x := range s {
		if x/total >= leastKept {
			shares = append(shares, byte(i), byte(math.Round(255*x/total)))
		}
	}
	return shares
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
