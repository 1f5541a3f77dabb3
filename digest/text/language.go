package text

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Undetermined is the answer of Language when nothing is sure.
const Undetermined = "und"

// languageSample is how much of a text, in bytes, is looked at.
const languageSample = 2000

// Language returns the ISO 639-1 code of the language that s is written in, or
// Undetermined. What the publisher declared ("en", "en-GB", "eng") is believed if s is
// written in a script of that language; then the script decides if only one language
// of ours uses it, or its letters do; then the likeliest of some dozen languages by runs
// of up to five letters, in Latin letters from seven on.
func Language(s, declared string) string {
	s = head(s, languageSample)
	seen := scriptsOf(s)
	if code := baseLanguage(declared); code != "" && seen.fits(code) {
		return code
	}
	if code := seen.only(s); code != "" {
		return code
	}
	script := seen.most()
	if script == latin && seen.letters < 7 || seen.letters == 0 {
		return Undetermined // a name, mostly
	}
	if code := guess(s, script); code != "" {
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

// LanguageCode returns the ISO 639-1 code that a language tag means, "" if it means none.
func LanguageCode(tag string) string { return baseLanguage(tag) }

// head cuts s to at most n bytes at a character's edge.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := n; i > n-utf8.UTFMax; i-- { // bytes that are no text may go on for ever
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
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
	{unicode.Devanagari, ""}, {unicode.Bengali, "bn"}, {unicode.Tamil, "ta"}, {unicode.Telugu, "te"},
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
	devanagari = 12
)

// writtenIn names the scripts, by their place in scripts, of languages that are not
// written in Latin letters.
var writtenIn = map[string][]int{
	"ru": {cyrillic}, "uk": {cyrillic}, "bg": {cyrillic}, "be": {cyrillic}, "mk": {cyrillic}, "kk": {cyrillic}, "ky": {cyrillic}, "mn": {cyrillic}, "tg": {cyrillic},
	"sr": {cyrillic, latin}, "uz": {cyrillic, latin},
	"ar": {arabicScript}, "fa": {arabicScript}, "ur": {arabicScript}, "ps": {arabicScript}, "ug": {arabicScript},
	"zh": {han}, "ja": {kanaScript, han}, "hi": {devanagari}, "mr": {devanagari}, "ne": {devanagari},
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

// most returns the script of the most letters.
func (c scriptCount) most() int {
	best := 0
	for i := range c.by {
		if c.by[i] > c.by[best] {
			best = i
		}
	}
	return best
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
	best := c.most()
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
