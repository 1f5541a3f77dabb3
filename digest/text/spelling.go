package text

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// newsWords says what people follow in languages that words.bin does not know.
//
//go:embed newswords.txt
var newsWords string

// A speller knows right words of one language besides English.
type speller struct {
	language string
	stemmer  int
	words    []spelled
	right    map[string]bool // words, folded
	stems    map[string]bool // theirs
}

// A spelled word is a right one as it is written and as it is compared.
type spelled struct{ written, folded, letters string }

// spellers has the languages of newswords.txt and, under the same, the names that countries
// have in them. It is read once, the first time that a word finds nothing.
var knownSpellers = sync.OnceValue(func() []*speller {
	by := map[string]*speller{}
	var all, spellers []*speller
	for line := range strings.Lines(newsWords) {
		code, words, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if by[code] == nil {
			by[code] = &speller{language: code, stemmer: Stemmer(code), right: map[string]bool{}, stems: map[string]bool{}}
			all = append(all, by[code])
		}
		by[code].add(words)
	}
	for _, s := range all {
		names := display.Regions(language.Make(s.language))
		for _, region := range language.Supported.Regions() {
			name := names.Name(region)
			held := len(s.words)
			if s.add(name); strings.Contains(name, " ") { // its words are right, and no country
				s.words = s.words[:held]
			}
		}
		spellers = append(spellers, s)
	}
	return spellers
})

// add learns the words of a text.
func (s *speller) add(words string) {
	for w := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == ' ' || r == '(' || r == ')' || r == ',' }) {
		folded := Fold(w)
		letters, ok := oneByteLetters(folded)
		if !ok {
			continue
		}
		s.words = append(s.words, spelled{w, folded, letters})
		s.right[folded], s.stems[Stem(folded, s.stemmer)] = true, true
	}
}

// oneByteLetters writes a folded word of Latin or Cyrillic letters with a byte for each; other
// words are never compared.
func oneByteLetters(folded string) (string, bool) {
	letters := make([]byte, 0, longestSpelled)
	for _, r := range folded {
		switch {
		case len(letters) == longestSpelled:
			return "", false
		case 'a' <= r && r <= 'z', r == '-', r == '\'':
			letters = append(letters, byte(r))
		case 'а' <= r && r <= 'я':
			letters = append(letters, 0x80+byte(r-'а'))
		default:
			return "", false
		}
	}
	return string(letters), true
}

const smallLetters = "abcdefghijklmnopqrstuvwxyz"

// How long words are that are looked up, and from which place English words may be
// common mistakes.
const (
	shortestSpelled = 5
	longestSpelled  = 24
	twoTyposFrom    = 9
	rareFrom        = 20_000
	ending          = 3     // letters in which words of related languages differ
	commonShort     = 3_000 // English words that may be meant by a short one
	commonFor       = 8_000 // English words that may be meant by somebody who writes another language
)

// listed tells whether a folded word is one of those known.
func listed(w string) bool {
	place := known().place(w)
	return place >= 0 && place < rareFrom || slices.ContainsFunc(knownSpellers(), func(s *speller) bool { return s.right[w] })
}

// formOfListed tells whether a folded word is like a form of one of those known.
func formOfListed(w string) bool {
	if known().place(w) < 0 && Known(Stem(w, 0)) {
		return true
	}
	return slices.ContainsFunc(knownSpellers(), func(s *speller) bool {
		stem := Stem(w, s.stemmer)
		return stem != w && s.stems[stem]
	})
}

// Suggest returns the word that w, as it was typed, was probably meant to be, for somebody who
// writes a language and English: one that news in their language or another use, a common
// English one, or one of others, which are words of stories. It is "" when w
// is right, short, neither in Latin nor in Cyrillic letters, rather a word of another language,
// or like none. What is written wrong often enough is among the rare English words, so they are
// taken for one that is like them and very common. It takes some milliseconds.
func Suggest(w, language string, others iter.Seq[string]) string {
	folded := strings.TrimSuffix(Fold(w), "'s")
	letters, ok := oneByteLetters(folded)
	if !ok || len(letters) < shortestSpelled || strings.Trim(folded, "-'") != folded || listed(folded) {
		return ""
	}
	f := nearest{letters: letters}
	place := known().place(folded)
	f.allow(1)
	if len(letters) >= twoTyposFrom && place < 0 {
		f.allow(2)
	}
	if len(letters) > shortestSpelled {
		f.inLanguage(language, place, others)
	}
	if strings.Trim(strings.ToLower(w), smallLetters+"'’") == "" { // other letters English has not
		f.inEnglish(place, language == "en")
	}
	if f.best == "" && place < 0 && len(letters) > shortestSpelled {
		f.allow(1)
		for _, s := range knownSpellers() {
			if s.language != language {
				f.among(s, true)
			}
		}
	}
	if f.best == "" || Fold(f.best) == folded {
		return ""
	}
	if best := Fold(f.best); undoubled(best) != undoubled(folded) && (formOfListed(folded) || foreign(folded, best, f.language, language)) {
		return ""
	}
	return f.best
}

// undoubled is a word without the second of two equal letters, which people forget and put in
// most of all.
func undoubled(w string) string {
	last := rune(-1)
	return strings.Map(func(r rune) rune {
		if r == last {
			return -1
		}
		last = r
		return r
	}, w)
}

// A nearest keeps, of the words that are held against one that was typed, the nearest, of
// equals the first.
type nearest struct {
	letters  string
	best     string
	language string // of best
	distance int    // of best; one more than allowed while there is none
}

// allow begins to look for a word with up to so many typing errors.
func (f *nearest) allow(typos int) { f.distance = typos + 1 }

// inLanguage holds what the reader's language has against the typed word, and what stories
// tell.
func (f *nearest) inLanguage(language string, place int, others iter.Seq[string]) {
	for _, s := range knownSpellers() {
		if s.language == language {
			f.among(s, false)
		}
	}
	if others == nil || place >= 0 {
		return
	}
	for other := range others {
		if letters, ok := oneByteLetters(Fold(other)); ok {
			f.hold(other, letters, language)
		}
	}
}

// among holds the words of a speller against the typed one. Of another language than the
// reader's it leaves out those that differ at the end: related languages have many a word in common but for that.
func (f *nearest) among(s *speller, related bool) {
	for _, w := range s.words {
		if !related || sameBeginning(w.letters, f.letters) < min(len(w.letters), len(f.letters))-1 {
			f.hold(w.written, w.letters, s.language)
		}
	}
}

// inEnglish holds the words of words.bin against the typed one, which has that place among
// them or none; those of somebody who writes another language are common, and hardly mistaken.
func (f *nearest) inEnglish(place int, own bool) {
	v := known()
	last := len(v.begins) - 1
	switch {
	case place >= 0:
		last = place / 50
	case own && len(f.letters) == shortestSpelled:
		last = commonShort
	case !own:
		if last = commonFor; len(f.letters) > shortestSpelled && f.distance > 2 {
			f.distance = 2
		}
	}
	for i := range last {
		other := v.word(i)
		if d := len(other) - len(f.letters); d >= f.distance || -d >= f.distance || strings.Trim(other, smallLetters) != "" {
			continue
		}
		if f.hold(other, other, "en") && f.distance == 1 {
			return
		}
	}
}

// hold compares a word, and tells whether it is the nearest so far. People rarely mistake a
// first letter, but leave it out.
func (f *nearest) hold(written, letters, language string) bool {
	if d := len(letters) - len(f.letters); d >= f.distance || -d >= f.distance || len(letters) < 2 || letters[0] != f.letters[0] && letters[1] != f.letters[0] {
		return false
	}
	d := typos(f.letters, letters, f.distance-1)
	if d >= f.distance || d > 1 && sameBeginning(f.letters, letters) > min(len(letters), len(f.letters))-ending {
		return false
	}
	f.best, f.language, f.distance = written, language, d
	return true
}

// sameBeginning counts the letters with which both words begin.
func sameBeginning(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// typos counts letters left out, put in, changed, or swapped with the next; more than
// most is answered as most+1.
func typos(a, b string, most int) int {
	var rows [3][32]int
	if len(a) > 30 || len(b) > 30 {
		return most + 1
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, over := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], over[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

// What a word of another language is like, in logarithms; seen on words that news of six
// languages have and on mistakes that are often made.
const (
	foreignLetter = -2.4 // of a letter, at least
	foreignMore   = 0.5  // than the word would be in the language of the other
	foreignLess   = -2   // than the word for which it would be a mistake
	plausible     = -3   // than that, in a language of which not many words are known
)

// foreign tells whether w is rather a word of another language than a mistake for a word of
// one; "" is for any. So short a text is no more than a hint of its language, so that what is much
// written in counts.
func foreign(w, other, language, reader string) bool {
	script := latin
	if w[0] >= 0x80 {
		script = cyrillic
	}
	var priors []float64
	first, mine, readers, number := -1, 0, 0, 0
	for _, g := range guesses {
		for _, code := range g.codes {
			if g.script == script {
				if first < 0 {
					first = number
				}
				if code == language {
					mine = len(priors)
				}
				if code == reader {
					readers = len(priors)
				}
				priors = append(priors, g.prior)
			}
			number++
		}
	}
	typed, meant := make([]float64, len(priors)), make([]float64, len(priors))
	weighLetters(w, first, typed)
	weighLetters(other, first, meant)
	best := -1
	for i := range typed {
		if i != mine && (best < 0 || typed[i]+priors[i] > typed[best]+priors[best]) {
			best = i
		}
	}
	for _, l := range []int{mine, readers} {
		if l > 0 && typed[l]-meant[mine] >= plausible {
			return true
		}
	}
	like := typed[best] + priors[best] - priors[mine]
	return typed[best] >= foreignLetter*float64(len(w)) && like-typed[mine] >= foreignMore && like-meant[mine] >= foreignLess
}
