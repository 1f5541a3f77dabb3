package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Sentence is a verbatim span of a text, text[Start:End] in bytes, without the
// white space around it.
type Sentence struct {
	Start, End int
}

// Sentences divides s. A line break always ends a sentence: lines are paragraphs,
// as our own rendering of pages and feeds writes them. Inside a paragraph a sentence
// ends
//
//   - after 。！？｡ and the full stops of Hindi (।), Urdu (۔), Burmese, Khmer, Ethiopic
//     and Armenian, with what closes behind them;
//   - after . ! ? … ؟ and closing quotes or brackets, when white space and no lower-case
//     letter follow;
//   - but not after a full stop that belongs to a title (Mr.), an initial (J.), a
//     number (No. 5; in lang de, da, no, fi, hu, pl, cs, tr also 3. Oktober), or an
//     abbreviation (U.S., a.m., Inc.), unless the next word is one that begins
//     sentences (The, He, But).
//
// Every character that is no white space belongs to exactly one sentence. A sentence
// without any letter or digit is joined to the one before it in its paragraph.
func Sentences(s, lang string) []Sentence {
	var out []Sentence
	for start := 0; start < len(s); {
		end := start + lineEnd(s[start:])
		out = paragraph(out, s, start, end, lang)
		start = end
		for start < len(s) && lineBreakAt(s[start:]) > 0 {
			start += lineBreakAt(s[start:])
		}
	}
	return out
}

func lineEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n', '\r', '\v', '\f':
			return i
		case 0xE2, 0xC2:
			if lineBreakAt(s[i:]) > 0 {
				return i
			}
		}
	}
	return len(s)
}

func lineBreakAt(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return n
	}
	return 0
}

// paragraph appends the sentences of s[start:end].
func paragraph(out []Sentence, s string, start, end int, lang string) []Sentence {
	first := len(out)
	for i := start; i < end; {
		r, n := utf8.DecodeRuneInString(s[i:end])
		if !endsSentence(r) {
			i += n
			continue
		}
		mark := i
		i = closersEnd(s[:end], i+n)
		if i >= end || stands(s[start:mark], s[mark:i], s[i:end], lang) {
			out = appendSentence(out, s, start, i, first)
			start = i
		}
	}
	return appendSentence(out, s, start, end, first)
}

// appendSentence trims s[start:end] and adds it, or joins what has no words to the
// sentence before it.
func appendSentence(out []Sentence, s string, start, end, first int) []Sentence {
	trimmed := strings.TrimLeftFunc(s[start:end], unicode.IsSpace)
	start = end - len(trimmed)
	end = start + len(strings.TrimRightFunc(trimmed, unicode.IsSpace))
	if start >= end {
		return out
	}
	if len(out) > first && strings.IndexFunc(s[start:end], isWordRune) < 0 {
		out[len(out)-1].End = end
		return out
	}
	return append(out, Sentence{start, end})
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func endsSentence(r rune) bool {
	switch r {
	case '.', '!', '?', '…':
		return true
	}
	return r >= 0x0589 && (r == '؟' || r == '‽' || r == '⁇' || r == '⁈' || r == '⁉' || alwaysEnds(r))
}

// alwaysEnds tells the marks after which no white space is needed and that no
// abbreviation uses.
func alwaysEnds(r rune) bool {
	switch r {
	case '。', '！', '？', '｡', '।', '॥', '۔', '။', '។', '።', '։':
		return true
	}
	return false
}

// closersEnd skips further marks and closing quotes and brackets.
func closersEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !endsSentence(r) && !closes(r) {
			return i
		}
		i += n
	}
	return i
}

func closes(r rune) bool {
	switch r {
	case '"', '\'', '’', '”', '“', '»', '›', ')', ']', '}', '」', '』', '】', '》', '）':
		return true
	}
	return false
}

// stands decides whether a sentence ends between mark and after. before is the
// sentence so far, mark the full stop (or its kin) with what closes behind it, after
// the rest of the paragraph.
func stands(before, mark, after, lang string) bool {
	r, n := utf8.DecodeRuneInString(mark)
	if alwaysEnds(r) {
		return true
	}
	rest := strings.TrimLeftFunc(after, unicode.IsSpace)
	if len(rest) == len(after) && !strings.HasPrefix(after, "[") {
		return r == '.' && n == len(mark) && glued(before, after)
	}
	next := nextWord(rest)
	if next == "" {
		return true
	}
	if c, _ := utf8.DecodeRuneInString(next); unicode.IsLower(c) {
		return false
	}
	if r != '.' || strings.HasPrefix(mark, "..") {
		return true
	}
	return !abbreviated(before, next, lang)
}

// glued tells a sentence's end whose space was lost: "in Paris.The minister".
func glued(before, after string) bool {
	runes := 0
	for i := len(before); i > 0 && runes < 3; runes++ {
		r, n := utf8.DecodeLastRuneInString(before[:i])
		if !unicode.IsLower(r) {
			return false
		}
		i -= n
	}
	return runes == 3 && startsSentence[nextWord(after)]
}

// nextWord returns the first word of s, behind opening quotes and brackets.
func nextWord(s string) string {
	s = head(s, 200)
	i := strings.IndexFunc(s, isWordRune)
	if i < 0 {
		return ""
	}
	s = s[i:]
	if j := strings.IndexFunc(s, func(r rune) bool { return !isWordRune(r) }); j >= 0 {
		return s[:j]
	}
	return s
}

// abbreviated tells whether the full stop behind before belongs to its last word.
func abbreviated(before, next, lang string) bool {
	word := before[strings.LastIndexFunc(before, func(r rune) bool {
		return unicode.IsSpace(r) || r == '(' || r == '"' || r == '“' || r == '„' || r == '«'
	})+1:]
	if word == "" || len(word) > 40 {
		return false
	}
	word = strings.TrimLeftFunc(word, func(r rune) bool { return !isWordRune(r) })
	lower := strings.ToLower(word)
	c, _ := utf8.DecodeRuneInString(next)
	switch {
	case titles[lower]:
		return true
	case beforeNumbers[lower]:
		return unicode.IsNumber(c)
	case ordinalLanguages[lang] && len(word) <= 2 && strings.Trim(word, "0123456789") == "":
		return true
	case len(word) <= 3 && strings.Trim(word, "0123456789") == "" && strings.TrimSpace(before) == word:
		return true // the number of a list: "1. Topic"
	case singleLetter(word), strings.Contains(word, ".") && letterDots(word), shortForms[lower]:
		return !startsSentence[next]
	}
	return false
}

func singleLetter(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return n == len(word) && unicode.IsLetter(r) && r != 'I'
}

// letterDots tells whether word is made of single letters, or of an abbreviation's short
// parts, with dots between: U.S, a.m, Ph.D, z.B.
func letterDots(word string) bool {
	for part := range strings.SplitSeq(word, ".") {
		if n := utf8.RuneCountInString(part); n == 0 || n > 2 {
			return false
		}
	}
	return true
}

// titles never end a sentence: a name or a place follows.
var titles = set(`mr mrs ms mx dr prof gen sen rep gov lt col sgt capt cmdr adm maj brig cpl pvt rev fr hon pres supt insp det messrs mme mlle st ste mt ft
	sr sra srta dra ing lic hr hrn frl dott avv sig sigra vs viz cf e.g i.e z.b d.h u.a u.k.a bzw ca bspw evtl ggf inkl sog vgl p.ej т.е т.н г ул им проф акад`)

// beforeNumbers belong to a number that follows.
var beforeNumbers = set(`no nos nr fig figs vol p pp art sec para ch jan feb mar apr jun jul aug sep sept oct nov dec № núm núms стр рис`)

// shortForms may end a sentence, and usually do not.
var shortForms = set(`inc corp ltd co llc plc bros jr sr esq etc al est dept univ assn bldg ave blvd rd approx appt gmbh mio mrd tsd u.s u.k u.n e.u a.m p.m ph.d usw etc млн млрд тыс руб`)

// startsSentence are words that, capitalised, begin a sentence and no name.
var startsSentence = set(`The A An It He She They We You I This That These Those There Here In On At By For From With Without After Before But And Or So Yet If When While
	As Although Though However Meanwhile Instead Its His Her Their Our My Who What Where Why How Some Many Most All Both Each No Not One Two Three Another Other Several
	Since Until Under Over Now Then Today Yesterday Last Next Earlier Later Also Still Because Despite During Among
	Der Die Das Ein Eine Er Sie Es Wir Im In Am Auf Aber Und Doch Nach Le La Les Un Une Il Elle Ils Elles Dans En El Los Las Una En Pero Il Lo Gli Ma O Os As Mas De Het Een Maar`)

// ordinalLanguages write 3. where English writes 3rd.
var ordinalLanguages = set(`de da no nb nn fi hu pl cs sk tr et lv sl hr is`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
