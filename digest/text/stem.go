package text

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// stemmers are the languages whose endings we can take off, with the script that a
// word must be written in. The order is the number that Stemmer reports: append only.
var stemmers = []struct {
	language string
	script   *unicode.RangeTable
	stem     func(*snowballstem.Env) bool
}{
	{"en", unicode.Latin, english.Stem},
	{"de", unicode.Latin, german.Stem},
	{"fr", unicode.Latin, french.Stem},
	{"es", unicode.Latin, spanish.Stem},
	{"it", unicode.Latin, italian.Stem},
	{"pt", unicode.Latin, portuguese.Stem},
	{"nl", unicode.Latin, dutch.Stem},
	{"sv", unicode.Latin, swedish.Stem},
	{"no", unicode.Latin, norwegian.Stem},
	{"da", unicode.Latin, danish.Stem},
	{"fi", unicode.Latin, finnish.Stem},
	{"hu", unicode.Latin, hungarian.Stem},
	{"ro", unicode.Latin, romanian.Stem},
	{"tr", unicode.Latin, turkish.Stem},
	{"ru", unicode.Cyrillic, russian.Stem},
	{"ar", unicode.Arabic, arabic.Stem},
	{"ko", unicode.Hangul, nil}, // particles, see stemKorean
}

// NoStemmer is the number of a language whose words are compared as they stand.
const NoStemmer = -1

// Unstemmed is the ISO 639 code "no linguistic content": Words with it takes no stems.
const Unstemmed = "zxx"

// Stemmer returns the number, from 0, of the stemmer for an ISO 639-1 language, or
// NoStemmer. An unknown language ("" or "und") is read as English, which takes
// plurals off most words in Latin script and leaves other scripts alone. The
// numbers are below 30 and never change their meaning.
func Stemmer(lang string) int {
	switch lang {
	case "", "und":
		return 0
	case "nb", "nn":
		lang = "no"
	}
	for i := range stemmers {
		if stemmers[i].language == lang {
			return i
		}
	}
	return NoStemmer
}

// Stem returns the stem of a folded word by a stemmer's number, and the word itself
// when there is nothing to take off: no stemmer, another script, digits or signs
// among the letters, or a length that no word has.
//
// It works on the folded word (see Fold), not on the accented one: so two words that
// fold to the same letters have the same stem, whoever typed them. That costs
// some precision in Hungarian, Turkish and Romanian, whose endings have accents.
func Stem(word string, stemmer int) string {
	if stemmer < 0 || stemmer >= len(stemmers) {
		return word
	}
	slot := &stemmed[(maphash.String(stemSeed, word)+uint64(stemmer))%uint64(len(stemmed))]
	if s := slot.Load(); s != nil && s.stemmer == stemmer && s.word == word {
		return s.stem
	}
	if !stemmable(word, stemmers[stemmer].script) {
		return word
	}
	// What is kept shares no memory with the caller's text, which may be large, or change.
	kept := &stemmedWord{strings.Clone(word), strings.Clone(stemWith(word, stemmer)), stemmer}
	slot.Store(kept)
	return kept.stem
}

// StemOnce is Stem for a word that is not met again soon: nothing is remembered.
func StemOnce(word string, stemmer int) string {
	if stemmer < 0 || stemmer >= len(stemmers) || !stemmable(word, stemmers[stemmer].script) {
		return word
	}
	return stemWith(word, stemmer)
}

// stemmed keeps the words that were stemmed last, at most some 3 MB of them: taking a
// stem costs a microsecond, and news is made of the same words.
var (
	stemmed  [1 << 15]atomic.Pointer[stemmedWord]
	stemSeed = maphash.MakeSeed()
)

type stemmedWord struct {
	word, stem string
	stemmer    int
}

// Stems calls yield with the number and the stem of every stemmer, among the bits of
// which, whose script the folded word is written in, in order of their numbers.
func Stems(word string, which uint32, yield func(stemmer int, stem string)) {
	var script *unicode.RangeTable
	fits := false
	for i := range stemmers {
		if stemmers[i].script != script {
			script = stemmers[i].script
			fits = stemmable(word, script)
		}
		if fits && which>>i&1 == 1 {
			yield(i, stemWith(word, i))
		}
	}
}

// stemmable tells whether word is made of letters of a script only, and of a length
// that words have. An apostrophe inside is left to the stemmer.
func stemmable(word string, script *unicode.RangeTable) bool {
	if len(word) > stemmableBytes {
		return false
	}
	for i := 0; i < len(word); {
		if c := word[i]; c < utf8.RuneSelf {
			if script != unicode.Latin || (c < 'a' || c > 'z') && c != '\'' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(word[i:])
		if !unicode.Is(script, r) {
			return false
		}
		i += n
	}
	return len(word) > 2
}

// stemmableBytes is the length that words have at most.
const stemmableBytes = 64

func stemWith(word string, stemmer int) string {
	if stemmer == 0 && fromAToZ(word) {
		return stemEnglish(word)
	}
	stem := stemmers[stemmer].stem
	if stem == nil {
		return stemKorean(word)
	}
	env := snowballstem.NewEnv(word)
	stem(env)
	if s := env.Current(); s != "" {
		return Fold(s)
	}
	return word
}

// fromAToZ tells whether a word is of the letters a to z.
func fromAToZ(word string) bool {
	for i := range len(word) {
		if c := word[i]; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// koreanParticles are the case and topic particles written onto a noun, longest
// first, so that 북한이, 북한은 and 북한에서 are 북한.
var koreanParticles = []string{
	"에게서", "으로서", "으로써", "이라고", "에서는", "에서도", "으로는",
	"에서", "에게", "께서", "으로", "라고", "까지", "부터", "보다", "처럼", "마다", "조차", "이나", "이며", "에는", "에도", "과의", "와의", "들은", "들이", "들을", "들의",
	"은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "만", "로", "들",
}

// stemKorean takes one particle off, if two syllables are left: 국가 (state) is no 국 with 가.
func stemKorean(word string) string {
	const syllable = 3 // bytes
	for _, p := range koreanParticles {
		if stem, ok := strings.CutSuffix(word, p); ok && len(stem) >= 2*syllable {
			return stem
		}
	}
	return word
}
