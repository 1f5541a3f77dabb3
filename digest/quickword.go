package digest

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// A quickWord is a word as summaries weigh it: less exact than text.Words and ten times as
// fast. Two characters of a script without spaces are one.
type quickWord struct {
	end     int    // where it ends; the next begins behind
	whole   uint32 // a hash of all of it, folded
	stem    uint32 // a hash of its first six letters, which its forms share
	letters int
	kind    quickKind
}

type quickKind uint8

const (
	quickNone quickKind = iota // there is no more
	quickSmall
	quickCapital // begins with one
	quickNumber
)

const (
	hashBegin   = 2166136261 // FNV-1a
	hashPrime   = 16777619
	stemLetters = 6
)

// nextQuick returns the first quickWord of s from at on.
func nextQuick(s string, at int) quickWord {
	for at < len(s) {
		if c := s[at]; c < utf8.RuneSelf {
			if asciiWord(c) != 0 {
				return quickLetters(s, at)
			}
			at++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		switch {
		case spaceless(r):
			return quickPair(s, at, r, n)
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return quickLetters(s, at)
		}
		at += n
	}
	return quickWord{end: at}
}

// asciiWord returns c as it is hashed, 0 if it belongs to no word.
func asciiWord(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c | 0x20
	}
	return 0
}

func quickLetters(s string, at int) quickWord {
	t := quickWord{end: at, whole: hashBegin, kind: quickSmall}
	first, _ := utf8.DecodeRuneInString(s[at:])
	switch {
	case unicode.IsNumber(first):
		t.kind = quickNumber
	case unicode.IsUpper(first):
		t.kind = quickCapital
	}
	for t.end < len(s) && s[t.end] < utf8.RuneSelf {
		c := asciiWord(s[t.end])
		if c == 0 {
			break
		}
		t.add(rune(c))
		t.end++
	}
	if t.end < len(s) && s[t.end] >= utf8.RuneSelf {
		t.foreign(s, at)
	}
	if t.letters <= stemLetters {
		t.stem = t.whole
	}
	return t
}

// foreign reads a word that has more than ASCII.
func (t *quickWord) foreign(s string, at int) {
	for t.end < len(s) {
		r, n := utf8.DecodeRuneInString(s[t.end:])
		if spaceless(r) || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.M, r) {
			break
		}
		t.end += n
	}
	t.whole, t.letters = hashBegin, 0
	for _, r := range text.Fold(s[at:t.end]) {
		t.add(r)
	}
}

func (t *quickWord) add(r rune) {
	t.whole = (t.whole ^ uint32(r)) * hashPrime
	if t.letters++; t.letters == stemLetters {
		t.stem = t.whole
	}
}

// quickPair is a character with its follower; the next quickWord begins with that.
func quickPair(s string, at int, r rune, n int) quickWord {
	t := quickWord{end: at + n, kind: quickSmall, letters: 2, whole: (hashBegin ^ uint32(r)) * hashPrime}
	if next, _ := utf8.DecodeRuneInString(s[t.end:]); spaceless(next) {
		t.whole = (t.whole ^ uint32(next)) * hashPrime
	}
	t.stem = t.whole
	return t
}

// spaceless tells letters of scripts without spaces.
func spaceless(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && !unicode.IsNumber(r)
}

// A wordUse says what is known of a word, in bits.
type wordUse uint8

const (
	useCommon      wordUse = 1 << iota // stands in any news
	useMine                            // is said by those who speak of themselves
	useSuspect                         // stands in some boilerplate
	useGendered                        // he, or she
	usePerson                          // is somebody
	useNoName                          // has a capital and is nobody
	useBeforePlace                     // stands before a place
)

// wordUses are plainWords, persons, the longest words of boilerplateParts and what English
// says of people, by language, as nextQuick hashes them.
var wordUses = func() map[string]map[uint32]wordUse {
	uses := map[string]map[uint32]wordUse{}
	for language, words := range plainWords {
		uses[language] = map[uint32]wordUse{}
		for w := range words {
			uses[language][nextQuick(w, 0).whole] |= useCommon
		}
		for w := range persons[language] {
			uses[language][nextQuick(w, 0).whole] |= useMine
		}
		for _, part := range append([]string{"http", "https", "www"}, boilerplateParts...) {
			uses[language][longestIn(part).whole] |= useSuspect
		}
	}
	uses[""] = maps.Clone(uses["en"])
	for words, use := range map[string]wordUse{englishGendered: useGendered, englishPeople: usePerson, englishNoNames: useNoName, englishBeforePlaces: useBeforePlace} {
		for w := range strings.FieldsSeq(words) {
			uses["en"][nextQuick(w, 0).whole] |= use
		}
	}
	for w := range connectors["en"] {
		uses["en"][nextQuick(w, 0).whole] |= useNoName
	}
	return uses
}()

func longestIn(s string) (longest quickWord) {
	for w := nextQuick(s, 0); w.kind != quickNone; w = nextQuick(s, w.end) {
		if w.letters > longest.letters {
			longest = w
		}
	}
	return longest
}

// wordUsesOf are the uses of words of a language; those of English where we have no list.
func wordUsesOf(language string) map[uint32]wordUse {
	if uses, ok := wordUses[language]; ok {
		return uses
	}
	return wordUses[""]
}
