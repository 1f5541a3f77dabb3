package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Case says how a word is written.
type Case uint8

const (
	Lower    Case = iota // no capital in front, or a script without capitals
	Capital              // begins with a capital: Polish
	Capitals             // two letters or more, all capitals: US, U.S., COVID
)

// A Word is one word of a text.
type Word struct {
	Start, End int    // where it stands: text[Start:End], in bytes
	Surface    string // folded, see Fold: what a reader would type
	Stem       string // of Surface in the language asked for; Surface when it has none
	Case       Case
	Gram       bool // part of a text without spaces, see Words
}

// maxWord is the length in bytes at which a run of letters is cut: longer ones are
// encoded data, not words.
const maxWord = 128

// Words yields the words of s in order. lang (ISO 639-1, "" when unknown) chooses the
// stemmer; the division itself does not depend on it, so that a query divides like
// the text it is sought in.
//
// Division follows UAX 29 (letters, digits and marks that stand together), except:
//
//   - A possessive 's is left out (Trump's → trump), other apostrophes inside a word
//     stay (don't, o'brien), and a Romance article is a word of its own (l'élection →
//     l, election).
//   - Letters with dots between are an abbreviation: U.S. → us, written in capitals.
//     Other full stops divide (node.js → node, js), but not inside numbers (3.5).
//   - A hyphen divides (COVID-19 → covid, 19), but one or two letters and a number
//     are one word: F-35 and F35 → f35.
//   - AT&T, R&D, C++, C# and F# keep their signs; #tag and @name lose theirs.
//   - Han, Hiragana, Thai, Lao, Khmer and Burmese are written without spaces. There
//     each character (with its marks) begins a word with Gram set: Surface is the
//     character with its follower, Stem the character alone; at the end of a run both
//     are the last character. So 北京市 → 北京|北, 京市|京, 市|市. A run is found again in
//     any text by its pairs in a row, a single character by its stem. A Katakana or
//     Hangul run is an ordinary word.
//   - A run of more than 128 bytes is cut.
//
// Surface shares memory with s where nothing had to be folded.
func Words(s, lang string) iter.Seq[Word] {
	stemmer := Stemmer(lang)
	return func(yield func(Word) bool) {
		for i := 0; i < len(s); {
			r, n := decode(s, i)
			switch classOf(r) {
			case classGram:
				end, more := grams(s, i, yield)
				if !more {
					return
				}
				i = end
			case classKatakana:
				end := runEnd(s, i, classKatakana)
				surface := Fold(s[i:end])
				if surface != "" && !yield(Word{Start: i, End: end, Surface: surface, Stem: surface}) {
					return
				}
				i = end
			case classLetter, classDigit:
				w, next := scanWord(s, i)
				i = next
				if w.Surface == "" {
					continue
				}
				w.Stem = w.Surface
				if stemmer >= 0 {
					w.Stem = Stem(w.Surface, stemmer)
				}
				if !yield(w) {
					return
				}
			default:
				i += n
			}
		}
	}
}

type class uint8

const (
	classOther class = iota
	classLetter
	classDigit
	classMark // combining, or invisible inside a word
	classGram
	classKatakana
)

func decode(s string, i int) (rune, int) {
	if i >= len(s) {
		return 0, 0
	}
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			return classLetter
		case '0' <= r && r <= '9':
			return classDigit
		}
		return classOther
	case r < 0x300:
		if r == 0xAD {
			return classMark
		}
		if unicode.IsLetter(r) && !modifierSign(r) {
			return classLetter
		}
		if unicode.IsNumber(r) {
			return classDigit
		}
		return classOther
	case r < 0x0E00: // Greek to Malayalam: no run without spaces
		return commonClass(r)
	case r == 0x30FB, r == 0xFF65: // the dot between Katakana words
		return classOther
	case r == 0x30FC, r == 0xFF70, unicode.Is(unicode.Katakana, r), r == 0xFF9E, r == 0xFF9F:
		return classKatakana
	case r == 0x3099, r == 0x309A:
		return classMark
	case r == 0x3005, r == 0x3007, unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		if unicode.IsNumber(r) && r != 0x3007 && !unicode.Is(unicode.Han, r) {
			return classDigit
		}
		if unicode.IsLetter(r) || unicode.Is(unicode.M, r) || r == 0x3007 {
			return classGram
		}
		return classOther
	}
	return commonClass(r)
}

func commonClass(r rune) class {
	switch {
	case unicode.IsLetter(r):
		if modifierSign(r) {
			return classOther
		}
		return classLetter
	case unicode.IsNumber(r):
		return classDigit
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r), r == 0x640:
		return classMark
	}
	return classOther
}

// modifierSign tells letters that are signs between words: apostrophes and ordinals.
func modifierSign(r rune) bool { return r == 0x2BC || r == 'ª' || r == 'º' }

func runEnd(s string, i int, c class) int {
	start := i
	for i < len(s) && i-start < maxWord {
		r, n := decode(s, i)
		if k := classOf(r); k != c && k != classMark {
			break
		}
		i += n
	}
	return i
}

// grams yields the pairs of the run without spaces that begins at i. It returns the
// run's end and whether to go on.
func grams(s string, i int, yield func(Word) bool) (int, bool) {
	start, first := i, ""
	for i < len(s) {
		r, _ := decode(s, i)
		if classOf(r) != classGram {
			break
		}
		end := clusterEnd(s, i)
		next := Fold(s[i:end])
		if next == "" { // a lone mark that folding removes
			i = end
			continue
		}
		if first != "" && !yield(Word{Start: start, End: end, Surface: first + next, Stem: first, Gram: true}) {
			return i, false
		}
		start, first = i, next
		i = end
	}
	if first == "" {
		return i, true
	}
	return i, yield(Word{Start: start, End: i, Surface: first, Stem: first, Gram: true})
}

// clusterEnd returns where the character at i ends, with the marks that follow it. The
// Thai and Lao vowel AM is a mark, also as the two characters that folding makes of it.
func clusterEnd(s string, i int) int {
	before, n := decode(s, i)
	limit := i + maxWord
	for i += n; i < len(s) && i < limit; i += n {
		var r rune
		r, n = decode(s, i)
		am := r == 0xE33 || r == 0xEB3 || r == 0xE32 && before == 0xE4D || r == 0xEB2 && before == 0xECD
		if r < 0x300 || !am && !unicode.In(r, unicode.M, unicode.Cf) {
			break
		}
		before = r
	}
	return i
}

// scanWord reads the word that begins at i and returns it, without its stem, and where
// to read on.
func scanWord(s string, i int) (Word, int) {
	if end, surface := dotted(s, i); end > 0 {
		return Word{Start: i, End: end, Surface: Fold(surface), Case: CaseOf(surface)}, end
	}
	end := wordEnd(s, i)
	raw := s[i:end]
	if at, n := apostrophe(raw); at > 0 {
		tail := raw[at+n:]
		switch {
		case tail == "s" || tail == "S":
			return Word{Start: i, End: i + at, Surface: Fold(raw[:at]), Case: CaseOf(raw[:at])}, end
		case len(tail) > 1 && elided[Fold(raw[:at])]:
			return Word{Start: i, End: i + at, Surface: Fold(raw[:at]), Case: CaseOf(raw[:at])}, i + at + n
		}
	}
	surface := Fold(raw)
	if strings.IndexByte(surface, ' ') >= 0 { // one character that stands for several words: ﷺ
		surface = strings.ReplaceAll(surface, " ", "")
	}
	if at := strings.IndexAny(surface, "-\u2010\u2011"); at > 0 { // F-35, see wordEnd
		_, n := decode(surface, at)
		surface = surface[:at] + surface[at+n:]
	}
	return Word{Start: i, End: end, Surface: surface, Case: CaseOf(raw)}, end
}

// wordEnd returns the end of the word that begins at i with a letter or digit.
func wordEnd(s string, start int) int {
	letters, digits, hyphen := 0, 0, false
	i := start
	for i < len(s) && i-start < maxWord {
		r, n := decode(s, i)
		switch classOf(r) {
		case classLetter:
			letters++
		case classDigit:
			digits++
		case classMark:
		default:
			_, next := neighbours(s, i, n)
			switch {
			case isApostrophe(r) && digits == 0 && next == classLetter:
			case (r == '.' || r == ',') && digits > 0 && endsInDigit(s[start:i]) && next == classDigit:
			case r == '&' && digits == 0 && letters <= 3 && next == classLetter && shortName(s, i+n):
				letters += 4 // no second sign
			case isHyphen(r) && !hyphen && digits == 0 && letters <= 2 && next == classDigit && i-start <= 2*utf8.UTFMax:
				hyphen = true
			case r == '+' && strings.HasPrefix(s[i:], "++") && digits == 0:
				return i + 2
			case r == '#' && letters == 1 && digits == 0 && next != classLetter && next != classDigit:
				return i + 1
			default:
				return i
			}
		}
		if k := classOf(r); k == classGram || k == classKatakana {
			return i
		}
		i += n
	}
	return i
}

// neighbours returns the classes of the characters around the one of n bytes at i.
func neighbours(s string, i, n int) (before, after class) {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	next, m := decode(s, i+n)
	if m == 0 {
		return classOf(r), classOther
	}
	return classOf(r), classOf(next)
}

func endsInDigit(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return classOf(r) == classDigit
}

// shortName tells whether at most three letters and no more stand at i: the T of AT&T.
func shortName(s string, i int) bool {
	for n := 0; n <= 3; n++ {
		r, size := decode(s, i)
		if size == 0 || classOf(r) == classOther {
			return true
		}
		i += size
	}
	return false
}

// dotted reads an abbreviation of single letters with dots between (U.S., e.g.) and
// returns its end, with its last dot, and its letters; 0 when there is none at i.
func dotted(s string, i int) (int, string) {
	if i+2 < len(s) && s[i+1] != '.' && s[i] < utf8.RuneSelf {
		return 0, ""
	}
	var letters strings.Builder
	end := 0
	for letters.Len() < maxWord {
		r, n := decode(s, i)
		if n == 0 || classOf(r) != classLetter {
			break
		}
		if dot, _ := decode(s, i+n); dot != '.' {
			if k := classOf(dot); k != classOther && i+n < len(s) || end == 0 {
				return cutDotted(end, &letters)
			}
			letters.WriteRune(r) // the last letter, without a dot
			end = i + n
			return cutDotted(end, &letters)
		}
		letters.WriteRune(r)
		i += n + 1
		end = i
	}
	return cutDotted(end, &letters)
}

// cutDotted refuses what has fewer than two letters: an initial or the end of a sentence.
func cutDotted(end int, letters *strings.Builder) (int, string) {
	if utf8.RuneCountInString(letters.String()) < 2 {
		return 0, ""
	}
	return end, letters.String()
}

// apostrophe returns the place and size of the first apostrophe of a word, or 0.
func apostrophe(word string) (int, int) {
	for i, r := range word {
		if isApostrophe(r) {
			return i, utf8.RuneLen(r)
		}
	}
	return 0, 0
}

func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == 'ʼ' || r == '‘' || r == '＇'
}

func isHyphen(r rune) bool { return r == '-' || r == '\u2010' || r == '\u2011' }

// elided are the words that French, Italian and Catalan write onto the next one with
// an apostrophe.
var elided = map[string]bool{
	"l": true, "d": true, "j": true, "m": true, "n": true, "s": true, "t": true, "c": true, "qu": true,
	"jusqu": true, "lorsqu": true, "puisqu": true, "quelqu": true,
	"dell": true, "nell": true, "all": true, "dall": true, "sull": true, "coll": true, "un": true, "quest": true, "quell": true, "gl": true,
}

// CaseOf tells how a word of Words is written: text[Start:End].
func CaseOf(raw string) Case {
	letters, upper, first := 0, 0, false
	for i := 0; i < len(raw); {
		r, n := decode(raw, i)
		if classOf(r) == classLetter {
			letters++
			if unicode.IsUpper(r) {
				upper++
				first = first || letters == 1
			}
		}
		i += n
	}
	switch {
	case upper == letters && letters > 1:
		return Capitals
	case first:
		return Capital
	}
	return Lower
}
