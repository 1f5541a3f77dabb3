package text

import (
	"unicode"

	"github.com/RadhiFadlillah/whatlanggo"
	"golang.org/x/text/language"
)

// Undetermined is the answer of Language when nothing is sure.
const Undetermined = "und"

// languageSample is how much of a text, in bytes, is looked at.
const languageSample = 2000

// detected are the languages that the detector chooses among; the others of the
// product have a script of their own.
var detected = map[whatlanggo.Lang]bool{
	whatlanggo.Eng: true, whatlanggo.Deu: true, whatlanggo.Fra: true, whatlanggo.Spa: true,
	whatlanggo.Ita: true, whatlanggo.Por: true, whatlanggo.Nld: true, whatlanggo.Swe: true,
	whatlanggo.Nob: true, whatlanggo.Dan: true, whatlanggo.Fin: true, whatlanggo.Hun: true,
	whatlanggo.Ron: true, whatlanggo.Tur: true, whatlanggo.Pol: true, whatlanggo.Ces: true,
	whatlanggo.Ind: true, whatlanggo.Vie: true, whatlanggo.Rus: true, whatlanggo.Ukr: true,
	whatlanggo.Bul: true, whatlanggo.Arb: true, whatlanggo.Pes: true, whatlanggo.Urd: true,
}

// Language returns the ISO 639-1 code of the language that s is written in, or
// Undetermined. What the publisher declared ("en", "en-GB", "eng") is believed if s is
// written in a script of that language; then the script decides if only one language
// of ours uses it; then a trigram detector over two dozen languages, whose answer
// counts from 20 letters on and only if the second best is clearly behind.
func Language(s, declared string) string {
	s = head(s, languageSample)
	seen := scriptsOf(s)
	if code := baseLanguage(declared); code != "" && seen.fits(code) {
		return code
	}
	if code := seen.only(s); code != "" {
		return code
	}
	if seen.letters < 20 {
		return Undetermined
	}
	found := whatlanggo.DetectWithOptions(s, whatlanggo.Options{Whitelist: detected})
	if found.Lang < 0 || found.Confidence < 0.2 {
		return Undetermined
	}
	if code := baseLanguage(found.Lang.Iso6391()); code != "" && seen.fits(code) {
		return code
	}
	return Undetermined
}

// baseLanguage normalises a declared language to ISO 639-1, "" if it is none.
func baseLanguage(declared string) string {
	if declared == "" || len(declared) > 35 {
		return ""
	}
	tag, err := language.Parse(declared)
	if err != nil {
		return ""
	}
	base, sure := tag.Base()
	code := base.String()
	if sure == language.No || code == Undetermined || len(code) != 2 {
		return ""
	}
	if code == "nb" || code == "nn" {
		return "no"
	}
	return code
}

// head cuts s to at most n bytes at a character's edge.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// A script and the languages of ours that are written in it. sole is the language
// when there is one only, or one by far.
type script struct {
	table *unicode.RangeTable
	sole  string
}

// scripts in the order of their counters in scriptCount.
var scripts = []script{
	{unicode.Latin, ""}, {unicode.Cyrillic, ""}, {unicode.Arabic, ""},
	{unicode.Han, "zh"}, {kana, "ja"}, {unicode.Hangul, "ko"}, {unicode.Thai, "th"}, {unicode.Lao, "lo"},
	{unicode.Khmer, "km"}, {unicode.Myanmar, "my"}, {unicode.Greek, "el"}, {unicode.Hebrew, "he"},
	{unicode.Devanagari, "hi"}, {unicode.Bengali, "bn"}, {unicode.Tamil, "ta"}, {unicode.Telugu, "te"},
	{unicode.Gujarati, "gu"}, {unicode.Gurmukhi, "pa"}, {unicode.Kannada, "kn"}, {unicode.Malayalam, "ml"},
	{unicode.Sinhala, "si"}, {unicode.Georgian, "ka"}, {unicode.Armenian, "hy"}, {unicode.Ethiopic, "am"},
}

var kana = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x3041, Hi: 0x3096, Stride: 1}, {Lo: 0x30A1, Hi: 0x30FA, Stride: 1}}}

const (
	latin = iota
	cyrillic
	arabicScript
	han
	kanaScript
)

// writtenIn names the scripts, by their place in scripts, of languages that are not
// written in Latin letters.
var writtenIn = map[string][]int{
	"ru": {cyrillic}, "uk": {cyrillic}, "bg": {cyrillic}, "be": {cyrillic}, "mk": {cyrillic}, "kk": {cyrillic}, "ky": {cyrillic}, "mn": {cyrillic}, "tg": {cyrillic},
	"sr": {cyrillic, latin}, "uz": {cyrillic, latin},
	"ar": {arabicScript}, "fa": {arabicScript}, "ur": {arabicScript}, "ps": {arabicScript}, "ug": {arabicScript},
	"zh": {han}, "ja": {kanaScript, han}, "mr": {12}, "ne": {12},
}

type scriptCount struct {
	letters int
	by      [24]int
}

func scriptsOf(s string) scriptCount {
	var c scriptCount
	for _, r := range s {
		if r < 0x80 {
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				c.letters++
				c.by[latin]++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		c.letters++
		for i := range scripts {
			if unicode.Is(scripts[i].table, r) {
				c.by[i]++
				break
			}
		}
	}
	return c
}

// fits tells whether enough of the letters are in a script of the language: a third,
// as names and quotations in Latin letters are common everywhere.
func (c scriptCount) fits(code string) bool {
	if c.letters == 0 {
		return true
	}
	in, ok := writtenIn[code]
	if !ok {
		in = []int{latin}
		for i := range scripts {
			if scripts[i].sole == code {
				in = []int{i}
			}
		}
	}
	n := 0
	for _, i := range in {
		n += c.by[i]
	}
	if code == "zh" && c.by[kanaScript] > c.by[han]/4 {
		return false
	}
	return 3*n >= c.letters
}

// only returns the language that the script alone tells, or "".
func (c scriptCount) only(s string) string {
	best := 0
	for i := range c.by {
		if c.by[i] > c.by[best] {
			best = i
		}
	}
	if c.letters == 0 {
		return ""
	}
	if 2*c.by[best] < c.letters {
		best = max(best, han) // mixed: Japanese beside Latin names, or nothing
		if 3*(c.by[han]+c.by[kanaScript]) < c.letters {
			return ""
		}
	}
	if (best == han || best == kanaScript) && c.by[kanaScript] > c.by[han]/10 {
		return "ja"
	}
	switch best {
	case cyrillic:
		return lettersTell(s, "іїєґІЇЄҐ", "uk", "ыэёЫЭЁ", "ru")
	case arabicScript:
		if contains(s, "ٹڈڑےں") {
			return "ur"
		}
		return lettersTell(s, "پچژگ", "fa", "ةىؤ", "ar")
	}
	return scripts[best].sole
}

// lettersTell returns the language of the only letters of the two sets that occur.
func lettersTell(s, letters1, code1, letters2, code2 string) string {
	one, two := contains(s, letters1), contains(s, letters2)
	switch {
	case one && !two:
		return code1
	case two && !one:
		return code2
	}
	return ""
}

func contains(s, letters string) bool {
	for _, r := range s {
		for _, l := range letters {
			if r == l {
				return true
			}
		}
	}
	return false
}
