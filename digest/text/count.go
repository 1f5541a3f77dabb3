package text

import (
	"unicode"
	"unicode/utf8"
)

// CountWords counts words as a reader would: what stands between spaces and has a letter
// or digit (well-known and 3.5 are one). Of scripts without spaces two characters of
// Chinese and Japanese count as one word, four letters of Thai, Lao, Khmer and Burmese,
// rounded up in each run, which is about what a translation into English has.
func CountWords(s string) int {
	n, grams, counted := 0, 0, false // grams in halves of a character
	flush := func() {
		n += (grams + 3) / 4
		grams = 0
	}
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf && grams == 0 { // most of what is read
			switch i++; {
			case b == ' ' || '\t' <= b && b <= '\r':
				counted = false
			case counted: // the rest of the word
				for i < len(s) && ' ' < s[i] && s[i] < utf8.RuneSelf {
					i++
				}
			case classOf(rune(b)) != classOther:
				n++
				counted = true
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch c := classOf(r); {
		case c == classGram && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			if !unicode.Is(unicode.M, r) {
				grams++
			}
			counted = false
		case c == classGram && !unicode.Is(unicode.M, r), c == classKatakana:
			grams += 2
			counted = false
		case c == classGram, c == classMark:
		case unicode.IsSpace(r):
			flush()
			counted = false
		case c == classOther:
			flush()
		default:
			flush()
			if !counted {
				n++
				counted = true
			}
		}
	}
	flush()
	return n
}
