package text

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
)

// languages.bin is made by make_languages.go: for n-grams of up to five letters, how
// likely the last is after the others, by language. It is used where it lies, so
// telling languages costs no memory. In front stand 65537 offsets of buckets, by the
// upper half of an n-gram's hash; in a bucket, by rising lower half of the hash: that
// half, a count, and pairs of a language and a likelihood.
//
//go:embed languages.bin
var languageGrams string

// What the model and its generator agree about.
const (
	GramScale = 16   // a likelihood is stored as its negative logarithm times this
	BackOff   = -1.5 // added for every letter by which the known context is shorter
	Unseen    = -12  // for a letter that the language has not
)

// guesses are the languages that are told apart by their letters, in the order of
// their numbers in languages.bin: by script, with a logarithm of how much is written in
// each, which decides where the letters of a short text leave it open.
var guesses = []struct {
	script int
	codes  []string
	prior  float64
}{
	{latin, strings.Fields("en"), 4},
	{latin, strings.Fields("de fr es"), 3.5},
	{latin, strings.Fields("it pt nl"), 2.5},
	{latin, strings.Fields("sv no da fi hu ro tr pl cs sk lt lv et id vi"), 2},
	{latin, strings.Fields("hr sl ca sq tl sw af is az eu"), -3},
	{cyrillic, strings.Fields("ru"), 5},
	{cyrillic, strings.Fields("uk bg sr"), 0},
	{cyrillic, strings.Fields("be mk kk mn"), -5},
	{arabicScript, strings.Fields("ar"), 5},
	{arabicScript, strings.Fields("fa ur"), 0},
	{devanagari, strings.Fields("hi"), 5},
	{devanagari, strings.Fields("mr"), 0},
}

// Guessed returns the languages that are told apart by their letters, in the order of
// their numbers.
func Guessed() []string {
	var all []string
	for _, g := range guesses {
		all = append(all, g.codes...)
	}
	return all
}

// guessLetters is how many letters of a text are looked at: more changes no answer.
const guessLetters = 400

// guess returns the likeliest language of s among those of a script, or "" when no
// letter of it is known.
func guess(s string, script int) string {
	var score [64]float64
	first, n := 0, 0 // the languages of the script have numbers in a row
	number := 0
	for _, g := range guesses {
		for range g.codes {
			if g.script == script {
				if n == 0 {
					first = number
				}
				score[n] = g.prior
				n++
			}
			number++
		}
	}
	if n == 0 || !weighLetters(s, first, score[:n]) {
		return ""
	}
	best := 0
	for i := range n {
		if score[i] > score[best] {
			best = i
		}
	}
	return Guessed()[first+best]
}

// weighLetters adds to score how likely the letters of s are, for the languages from number
// first on, and tells whether any knows one.
func weighLetters(s string, first int, score []float64) (known bool) {
	var word [longestGram]string // the last letters, lower case
	letters, held := 0, 0
	for _, r := range s {
		r = unicode.ToLower(r)
		if !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) {
			held = 0
			continue
		}
		if letters++; letters > guessLetters {
			break
		}
		if held == longestGram {
			copy(word[:], word[1:])
			held--
		}
		word[held] = string(r)
		held++
		known = weighLetter(strings.Join(word[:held], ""), first, score) || known
	}
	return known
}

const longestGram = 5

// weighLetter adds to score how likely the last letter of gram is after the others, for
// the languages from number first on, and tells whether any knows it.
func weighLetter(gram string, first int, score []float64) bool {
	var done uint64
	left := len(score)
	penalty := 0.0
	for gram != "" && left > 0 {
		record := gramRecord(GramHash(gram))
		for i := 0; i+1 < len(record); i += 2 {
			l := int(record[i]) - first
			if l < 0 || l >= len(score) || done>>l&1 == 1 {
				continue
			}
			done |= 1 << l
			left--
			score[l] += penalty - float64(record[i+1])/GramScale
		}
		penalty += BackOff
		_, size := utf8.DecodeRuneInString(gram)
		gram = gram[size:]
	}
	for l := range score {
		if done>>l&1 == 0 {
			score[l] += penalty + Unseen
		}
	}
	return left < len(score)
}

// gramRecord returns the pairs of language and likelihood of an n-gram.
func gramRecord(hash uint32) string {
	const head = 4 * (1<<16 + 1)
	bucket := int(hash >> 16)
	from, to := offsetAt(bucket), offsetAt(bucket+1)
	records := languageGrams[head+from : head+to]
	for len(records) >= 3 {
		low := uint16(records[0]) | uint16(records[1])<<8
		end := 3 + 2*int(records[2])
		if low == uint16(hash) {
			return records[3:end]
		}
		records = records[end:]
	}
	return ""
}

func offsetAt(bucket int) int {
	return int(binary.LittleEndian.Uint32([]byte(languageGrams[4*bucket : 4*bucket+4])))
}

// GramHash is the hash by which languages.bin knows an n-gram: FNV-1a, 32 bits, mixed.
func GramHash(gram string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(gram); i++ {
		h = (h ^ uint32(gram[i])) * 16777619
	}
	h ^= h >> 15
	h *= 0x2c1b3c6d
	return h ^ h>>13
}
