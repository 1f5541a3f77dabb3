package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stands decides whether the sentence at hand ends with the full stop (or its kin) at
// mark and what closes behind it up to i.
func (d *divider) stands(mark, i int) bool {
	r, n := utf8.DecodeRuneInString(d.s[mark:])
	after := d.s[i:d.end]
	rest := strings.TrimLeftFunc(after, unicode.IsSpace)
	if rest == "" {
		return true
	}
	next := nextWord(rest)
	first, _ := utf8.DecodeRuneInString(next)
	switch {
	case alwaysEnds(r):
		return !goesOnAfter(d.s[mark:i], after) || d.bracketed(i)
	case r == '፡' || r == ':' || r == ';' || r == '\u037e' || r == '|':
		return true
	case len(rest) == len(after):
		return d.glued(mark, i)
	case next == "":
		return true
	case r == '"' || r == '”':
		return d.usage.begins[next]
	case d.aside(mark, i, rest):
		return false
	case strings.HasPrefix(rest, "...") && startsWord(rest[3:]), strings.HasPrefix(rest, "…") && startsWord(rest[len("…"):]):
		return true
	case unicode.IsLower(first) && !beginsElided(rest):
		return r == '.' && i == mark+n && d.longWord(mark)
	case r == '!':
		return !shouts[strings.ToLower(d.wordBefore(mark))] || d.usage.begins[next]
	case r != '.':
		return true
	case strings.HasPrefix(d.s[mark:], ".."):
		return len(d.out) > d.first || strings.IndexFunc(d.s[d.begin:mark], isWordRune) >= 0
	}
	return !d.abbreviated(mark, next, d.usage.begins[next] && !(singleLetter(next) && initial(rest, next)))
}

// beginsElided tells whether a sentence begins with a word of which only its end is left, in
// small letters: 't Is laat.
func beginsElided(rest string) bool {
	for _, mark := range []string{"'", "’"} {
		if s, ok := strings.CutPrefix(rest, mark); ok && len(s) > 2 && 'a' <= s[0] && s[0] <= 'z' && s[1] == ' ' {
			first, _ := utf8.DecodeRuneInString(s[2:])
			return unicode.IsUpper(first)
		}
	}
	return false
}

// bracketed tells whether all of the sentence at hand up to i stands in brackets.
func (d *divider) bracketed(i int) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(d.s[d.begin:i], unicode.IsSpace), "（") && strings.HasSuffix(d.s[d.begin:i], "）")
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isWordRune(r)
}

// goesOnAfter tells whether after goes on with a sentence although mark, in a script
// without spaces, ends one: 「行かない。」と言った, （注。）继续.
func goesOnAfter(mark, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(mark)
	next, _ := utf8.DecodeRuneInString(after)
	switch last {
	case '」', '』', '》', '〉':
		return strings.ContainsRune("とっなのをはがにもでやへ、，", next)
	case '）', ')', '】':
		return classOf(next) == classGram
	case '”': // “好！”他说。
		return !strings.HasPrefix(mark, "。") && len(after) > len("他说") && strings.ContainsRune("他她我", next) && strings.ContainsRune("说說问問道答", firstRune(after[utf8.RuneLen(next):]))
	}
	return next == '、' || next == '，'
}

// aside tells whether rest is but a remark in brackets behind what somebody said:
// "It may rain." (Smith 55).
func (d *divider) aside(mark, i int, rest string) bool {
	const longest = 300
	if rest[0] != '(' || strings.TrimRight(d.s[mark:i], "\"'”’»]") == d.s[mark:i] {
		return false
	}
	close := strings.IndexByte(head(rest, longest), ')')
	return close > 0 && strings.IndexFunc(rest[close:], isWordRune) < 0
}

// longWord tells whether the word before mark is too long for an abbreviation, so that
// somebody just began the next sentence with a small letter.
func (d *divider) longWord(mark int) bool {
	const enough = 8
	word := d.wordBefore(mark)
	return utf8.RuneCountInString(word) >= enough && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLower(r) }) < 0 &&
		!d.usage.titles[word] && !d.usage.numbers[word] && !d.usage.shorts[word]
}

// glued tells a sentence's end whose space was lost: "in Paris.The minister".
func (d *divider) glued(mark, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(d.s[d.begin:mark])
	after, _ := utf8.DecodeRuneInString(d.s[i:d.end])
	if classOf(before) == classGram && classOf(after) == classGram && !unicode.In(after, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
		return true
	}
	if !unicode.IsUpper(after) || strings.HasPrefix(d.s[mark:], "..") || strings.HasPrefix(d.s[mark:], "…") {
		return false
	}
	next := nextWord(d.s[i:d.end])
	if unicode.IsNumber(before) {
		return d.usage.begins[next]
	}
	low := 0
	for j := mark; j > d.begin && low < 3; low++ {
		r, n := utf8.DecodeLastRuneInString(d.s[d.begin:j])
		if !unicode.IsLower(r) {
			return false
		}
		j -= n
	}
	if low < 3 || topLevel[strings.ToLower(next)] || shouts[strings.ToLower(d.wordBefore(mark))] {
		return false
	}
	return d.usage.begins[next] || plain(d.wordBefore(mark)) && plain(wordAfter(d.s[i:d.end]))
}

// plain tells a word of prose from an address or a name of some program.
func plain(word string) bool {
	return len(word) > 1 && !strings.ContainsAny(strings.TrimRight(word, ".,;:!?…\"”»)"), ".@/\\_=&:#(<>{}0123456789")
}

// wordAfter returns what s begins with up to white space.
func wordAfter(s string) string {
	s = head(s, 100)
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i]
	}
	return s
}

// nextWord returns the first word of s, behind opening quotes and brackets.
func nextWord(s string) string {
	s = head(s, 200)
	i := strings.IndexFunc(s, isWordRune)
	if i < 0 {
		return ""
	}
	s = s[i:]
	if j := strings.IndexFunc(s, func(r rune) bool { return !isWordRune(r) && !unicode.Is(unicode.M, r) }); j >= 0 {
		return s[:j]
	}
	return s
}

// wordBefore returns the word in front of mark, of at most 64 bytes, without brackets
// and quotes before it; "" when there is none.
func (d *divider) wordBefore(mark int) string {
	from := max(d.begin, mark-64)
	before := d.s[from:mark]
	i := strings.LastIndexFunc(before, func(r rune) bool {
		return unicode.IsSpace(r) || r == '(' || r == '"' || r == '“' || r == '„' || r == '«' || r == '»' || r == '[' || r == '/' || r == '–' || r == '—'
	})
	if i < 0 && from > d.begin {
		return ""
	}
	if i >= 0 {
		_, n := utf8.DecodeRuneInString(before[i:])
		before = before[i+n:]
	}
	before = strings.TrimRightFunc(before, invisible)
	return strings.TrimLeftFunc(before, func(r rune) bool { return !isWordRune(r) })
}

// initial tells whether a full stop follows next, the first word of rest: А. Петров.
func initial(rest, next string) bool {
	return strings.HasPrefix(rest[strings.Index(rest, next)+len(next):], ".")
}

// abbreviated tells whether the full stop at mark belongs to the word before it; begins,
// whether the next word begins sentences.
func (d *divider) abbreviated(mark int, next string, begins bool) bool {
	word, u := d.wordBefore(mark), d.usage
	if word == "" {
		return false
	}
	lower := elidedFrom(strings.ToLower(word))
	first, _ := utf8.DecodeRuneInString(next)
	counts := unicode.IsNumber(first) || roman(next)
	alone := mark-d.begin < 80 && strings.TrimLeftFunc(d.s[d.begin:mark], func(r rune) bool { return !isWordRune(r) }) == word
	switch {
	case isDigits(word):
		return alone && len(word) <= 3 || u.dates && len(word) <= 2 && (u.nouns && !begins || counts)
	case alone && singleLetter(word): // Q. What is it?
		return true
	case times[lower] && d.afterNumber(mark, word):
		return afterTimes[next] || d.openedBy(mark)
	case u.titles[lower]:
		return true
	case u.numbers[lower] && counts:
		return true
	case !u.known && isDigits(next) && utf8.RuneCountInString(word) <= 4 && d.endsNumber(mark, next):
		return true
	case word == "I":
		return !begins && d.afterName(mark-1)
	case units[lower] && !singleLetter(next):
		return false
	case singleLetter(word), strings.Contains(word, ".") && letterDots(word) && (u.dates || alone || !decimal(word)), u.shorts[lower], u.dates && roman(word):
		return !begins
	}
	return false
}

// endsNumber tells whether a number behind mark is not the beginning of a sentence, because
// it ends or goes on with a comma: br. 5.
func (d *divider) endsNumber(mark int, number string) bool {
	after := strings.TrimLeftFunc(d.s[mark+1:d.end], unicode.IsSpace)
	if !strings.HasPrefix(after, number) {
		return false
	}
	after = after[len(number):]
	return after == "" || strings.ContainsRune(".,;)", firstRune(after)) && (len(after) == 1 || after[1] == ' ')
}

// elidedFrom returns word without what stands before an apostrophe: l'art, dell'avv.
func elidedFrom(word string) string {
	if i := strings.LastIndexAny(word, "'’"); i > 0 && i <= 6 {
		if _, n := utf8.DecodeRuneInString(word[i:]); len(word)-i-n > 1 {
			return word[i+n:]
		}
	}
	return word
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func isDigits(word string) bool { return strings.Trim(word, "0123456789") == "" }

// decimal tells a number with a point: 4.3.
func decimal(word string) bool { return strings.Trim(word, "0123456789.") == "" }

func singleLetter(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return n == len(word) && unicode.IsLetter(r)
}

func roman(word string) bool {
	return strings.Trim(word, "IVXL") == "" && len(word) > 1
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

// afterName tells whether the word that ends in front of i begins with a capital:
// "Albert I. Jones", not "you and I".
func (d *divider) afterName(i int) bool {
	word := d.wordBefore(d.begin + len(strings.TrimRightFunc(d.s[d.begin:i], unicode.IsSpace)))
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first)
}

// afterNumber tells whether word, which ends at mark, follows a number.
func (d *divider) afterNumber(mark int, word string) bool {
	before := strings.TrimRightFunc(d.s[max(0, mark-len(word)-8):mark-len(word)], unicode.IsSpace)
	last, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsNumber(last) || last == 'X' || last == 'I' || last == 'V'
}

// openedBy tells whether all of the sentence up to mark is a time or place that
// opens a sentence: "At 5 a.m."
func (d *divider) openedBy(mark int) bool {
	const longest = 42
	if mark-d.begin > longest {
		return false
	}
	words := strings.Fields(d.s[d.begin:mark])
	return len(words) > 0 && len(words) <= 4 && prepositions[strings.ToLower(words[0])]
}
