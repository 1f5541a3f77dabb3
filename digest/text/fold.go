package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s as it is compared: case, accents, width and ligatures folded
// (NFKD, marks removed, lower case, NFC), so that "Élection", "ELECTION" and
// "election" are one. ß becomes ss; letters that Unicode does not take apart but
// readers type without their stroke lose it (ł→l, ø→o, đ→d, ı→i, æ→ae, œ→oe).
// Invisible format characters (soft hyphen, joiners, bidi marks) vanish.
//
// Marks that are letters to their readers stay: Japanese voicing (が is not か), the
// vowel signs of Indic and Southeast Asian scripts, and Cyrillic й. Arabic and
// Hebrew points go. Fold(Fold(s)) == Fold(s). Invalid UTF-8 becomes U+FFFD.
func Fold(s string) string {
	lower := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return foldUnicode(s)
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	if lower {
		return s
	}
	return strings.ToLower(s)
}

func foldUnicode(s string) string {
	// й is protected from decomposition: to Russian and Ukrainian readers, and to
	// their stemmers, it is another letter than и.
	var decomposed []byte
	for len(s) > 0 {
		i := strings.IndexAny(s, "йЙ")
		if i < 0 {
			decomposed = norm.NFKD.AppendString(decomposed, s)
			break
		}
		decomposed = norm.NFKD.AppendString(decomposed, s[:i])
		decomposed = append(decomposed, "й"...)
		s = s[i+len("й"):]
	}
	out := make([]byte, 0, len(decomposed))
	for i := 0; i < len(decomposed); {
		r, n := utf8.DecodeRune(decomposed[i:])
		i += n
		if r == 'и' || r == 'И' { // a decomposed й in the input
			if next, n := utf8.DecodeRune(decomposed[i:]); next == '\u0306' {
				i += n
				out = append(out, "й"...)
				continue
			}
		}
		out = appendFolded(out, r)
	}
	if !norm.NFC.IsNormal(out) {
		out = norm.NFC.Bytes(out)
	}
	return string(out)
}

func appendFolded(out []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(out, byte(r))
	}
	if droppedMark(r) {
		return out
	}
	r = unicode.ToLower(r)
	if plain, ok := plainLetters[r]; ok {
		return append(out, plain...)
	}
	return utf8.AppendRune(out, r)
}

// plainLetters are what readers type for letters that have no Unicode decomposition.
var plainLetters = map[rune]string{
	'ß': "ss", 'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ŧ': "t",
	'æ': "ae", 'œ': "oe", 'þ': "th", 'ς': "σ", 'ɫ': "l",
	'ک': "ك", 'ی': "ي", 'ى': "ي", // Persian and final forms of the same Arabic letters
	'’': "'", 'ʼ': "'", '‘': "'", '＇': "'",
}

// droppedMark tells whether r disappears in folding: accents and points that
// readers leave out, and characters without a shape.
func droppedMark(r rune) bool {
	switch {
	case r >= 0x300 && r <= 0x36F, r >= 0x483 && r <= 0x487: // Latin, Greek, Cyrillic accents
		return true
	case r >= 0x591 && r <= 0x5C7: // Hebrew points
		return unicode.Is(unicode.Mn, r)
	case r >= 0x610 && r <= 0x6ED: // Arabic vowels, hamza, tatweel
		return r == 0x640 || unicode.Is(unicode.Mn, r)
	case r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF, r >= 0x20D0 && r <= 0x20FF, r >= 0xFE00 && r <= 0xFE2F:
		return unicode.Is(unicode.M, r)
	}
	return unicode.Is(unicode.Cf, r)
}
