package text

import (
	"unicode"
	"unicode/utf8"
)

// CountWords counts words as a reader would: what stands between spaces and has a letter
// or digit (well-known and 3.5 are one). Of scripts without spaces (Chinese, Japanese,
// Thai, Lao, Khmer, Burmese) two characters count as one word, rounded up in each run,
// which is about what a translation into English has.
func CountWords(s string) int {
	n, grams, counted := 0, 0, false
	flush := func() {
		n += (grams + 1) / 2
		grams = 0
	}
	for _, r := range s {
		if r < utf8.RuneSelf && grams == 0 { // most of what is read
			switch {
			case r == ' ':
				counted = false
			case !counted && classOf(r) != classOther:
				n++
				counted = true
			case '\t' <= r && r <= '\r':
				counted = false
			}
			continue
		}
		switch c := classOf(r); {
		case c == classGram && !unicode.Is(unicode.M, r), c == classKatakana:
			grams++
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
