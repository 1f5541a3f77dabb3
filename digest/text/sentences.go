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

// In returns the sentence of s as it is written in one line: line breaks in it are
// spaces, or nothing where no space belongs.
func (x Sentence) In(s string) string {
	s = s[x.Start:x.End]
	if lineEnd(s) == len(s) {
		return s
	}
	var b strings.Builder
	for {
		i := lineEnd(s)
		line := strings.TrimSpace(s[:i])
		if b.Len() > 0 && line != "" && !joinsTight(b.String(), line) {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		if i == len(s) {
			return b.String()
		}
		s = s[i+lineBreakAt(s[i:]):]
	}
}

// joinsTight tells lines between which no space belongs.
func joinsTight(before, line string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(line)
	return strings.ContainsRune(".,;:!?", first) || classOf(last) == classGram && classOf(first) == classGram
}

// Sentences divides s. A line break ends a sentence: lines are paragraphs, as our own
// rendering of pages and feeds writes them; but not where a line was only wrapped: it
// ends in a space or is long, and a small letter follows. Inside a paragraph a sentence
// ends
//
//   - after 。！？｡．, the full stops of Hindi (।), Urdu (۔), Burmese, Khmer, Ethiopic
//     and Armenian, and in lang el after ; in hy after : in hi and its kin after | ,
//     with what closes behind them;
//   - after . ! ? … ؟ and closing quotes or brackets, when white space (or a lost space)
//     and no lower-case letter follow;
//   - before each item of a list: 1. a 2. b, (a) a (b) b, • a • b;
//   - but not after a full stop that belongs to a title (Mr.), an initial (J.), a
//     number (No. 5; in lang de and others also 3. Oktober), or an abbreviation (U.S.,
//     a.m., Inc.), unless the next word is one that begins sentences (The, He, But);
//   - nor inside quotes or brackets that open and close within a thousand bytes.
//
// Abbreviations are those of lang (ISO 639-1), see usages. Every character that is no
// white space belongs to exactly one sentence. A sentence without any letter or digit is
// joined to the one before it in its paragraph.
func Sentences(s, lang string) []Sentence {
	d := divider{s: s, usage: usageOf(lang), marks: marksOf(lang)}
	for start := 0; start < len(s); {
		end := paragraphEnd(s, start)
		d.paragraph(start, end)
		start = end
		for start < len(s) && lineBreakAt(s[start:]) > 0 {
			start += lineBreakAt(s[start:])
		}
	}
	return d.out
}

// A divider divides one text.
type divider struct {
	s     string
	usage *usage
	marks marks
	out   []Sentence

	// Of the paragraph at hand, see pairs.go.
	first  int // of its sentences in out
	begin  int // of the sentence at hand
	end    int
	quoted []Sentence // what stands in quotes or brackets, in order
	items  []Sentence // marks of list items, in order
}

// marks are the habits of a language's script.
type marks struct {
	colon, semicolon, bar bool // end sentences
	noDot                 bool // the full stop does not
}

func marksOf(lang string) marks {
	switch lang {
	case "hy":
		return marks{colon: true, noDot: true}
	case "el":
		return marks{semicolon: true}
	case "hi", "mr", "ne", "bn", "sa", "pa":
		return marks{bar: true}
	case "am", "ti":
		return marks{colon: true}
	}
	return marks{}
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
	case '\n', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return n
	case '\r':
		if strings.HasPrefix(s, "\r\n") {
			return 2
		}
		return n
	}
	return 0
}

// paragraphEnd returns where the paragraph ends that begins at start: at the first line
// break that is more than a wrapped line.
func paragraphEnd(s string, start int) int {
	for {
		end := start + lineEnd(s[start:])
		if end == len(s) || !wrapped(s[start:end], s[end+lineBreakAt(s[end:]):]) {
			return end
		}
		start = end + lineBreakAt(s[end:])
	}
}

// wrapped tells whether line goes on in what follows its break.
func wrapped(line, next string) bool {
	const long = 45 // bytes that hardly any list or heading has before a small letter
	first, n := utf8.DecodeRuneInString(next)
	last, _ := utf8.DecodeLastRuneInString(line)
	bare := strings.TrimRight(line, " \t\u00a0")
	goesOn, _ := utf8.DecodeLastRuneInString(bare)
	switch {
	case bare == "" || lineBreakAt(next) > 0 || endsSentence(goesOn):
		return false
	case unicode.IsLower(first):
		return last == ' ' || goesOn == ',' || len(line) >= long && isWordRune(goesOn)
	case first == '(':
		return last == ' '
	case first == '.' || first == ',':
		after, _ := utf8.DecodeRuneInString(next[n:])
		return isWordRune(goesOn) && (len(next) == n || unicode.IsSpace(after))
	}
	return (goesOn == 'の' || goesOn == 'を') && classOf(first) == classGram // never the end of anything
}

// paragraph adds the sentences of s[start:end].
func (d *divider) paragraph(start, end int) {
	s := d.s
	d.first, d.begin, d.end = len(d.out), start, end
	d.pair(start)
	d.list(start)
	for i := start; i < end; {
		if len(d.items) > 0 && i >= d.items[0].Start {
			d.add(d.items[0].Start)
			i = max(i, d.items[0].End)
			d.items = d.items[1:]
			continue
		}
		if c := s[i]; c < utf8.RuneSelf && !asciiMark[c] {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:end])
		if !d.ends(r, i) {
			i += n
			continue
		}
		mark := i
		if dots, to := spacedDots(s[:end], i); dots >= 3 {
			i = closersEnd(s[:end], to)
			if at := d.afterDots(mark, i, dots); at > d.begin {
				d.add(at)
			}
			continue
		}
		i = d.references(mark, closersEnd(s[:end], i+n))
		if !d.inQuotes(i) && (i >= end || d.stands(mark, i)) {
			d.add(i)
		}
	}
	d.add(end)
}

// add ends the sentence at end: trims and adds it, or joins what has no words to the
// sentence before it.
func (d *divider) add(end int) {
	start := d.begin
	d.begin = end
	trimmed := strings.TrimLeftFunc(d.s[start:end], unicode.IsSpace)
	start = end - len(trimmed)
	end = start + len(strings.TrimRightFunc(trimmed, unicode.IsSpace))
	if start >= end {
		return
	}
	if len(d.out) > d.first && strings.IndexFunc(d.s[start:end], isWordRune) < 0 {
		d.out[len(d.out)-1].End = end
		return
	}
	d.out = append(d.out, Sentence{start, end})
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// asciiMark are the bytes at which a sentence may end in some language.
var asciiMark = [utf8.RuneSelf]bool{'.': true, '!': true, '?': true, ':': true, ';': true, '|': true, '"': true}

// ends tells whether r at i may end a sentence.
func (d *divider) ends(r rune, i int) bool {
	switch r {
	case '.':
		return !d.marks.noDot
	case ':':
		return d.marks.colon && d.spaceAt(i+1)
	case ';', '\u037e':
		return d.marks.semicolon && d.spaceAt(i+utf8.RuneLen(r))
	case '|':
		return d.marks.bar && d.spaceAt(i+1)
	case '"', '”': // "…he came, to--" Then
		return strings.HasSuffix(d.s[:i], "--") || strings.HasSuffix(d.s[:i], "—")
	case '፡': // a word's end in Ethiopic; two of them are a sentence's
		return strings.HasPrefix(d.s[i:d.end], "፡፡")
	case '．': // also a decimal point
		before, _ := utf8.DecodeLastRuneInString(d.s[:i])
		after, _ := utf8.DecodeRuneInString(d.s[i+3:])
		return !unicode.IsNumber(before) || !unicode.IsNumber(after)
	}
	return endsSentence(r)
}

func (d *divider) spaceAt(i int) bool {
	r, _ := utf8.DecodeRuneInString(d.s[i:])
	return i >= d.end || unicode.IsSpace(r) || closes(r)
}

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
	case '。', '！', '？', '｡', '．', '।', '॥', '۔', '။', '។', '៕', '።', '፧', '։':
		return true
	}
	return false
}

// closersEnd skips further marks and closing quotes and brackets.
func closersEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == ' ' || r == '\u00a0' || r == '\u202f') && closesSpaced(s[i+n:]) {
			i += n
			continue
		}
		if !endsSentence(r) && !closes(r) && !invisible(r) && r != '፡' {
			return i
		}
		if r == '“' || r == '‘' || r == '«' { // these close in some languages and open in others
			if after, _ := utf8.DecodeRuneInString(s[i+n:]); isWordRune(after) {
				return i
			}
		}
		i += n
	}
	return i
}

// closesSpaced tells whether s begins with a guillemet that closes behind a space, as the
// French write it.
func closesSpaced(s string) bool {
	after, ok := strings.CutPrefix(s, "»")
	return ok && (after == "" || unicode.IsSpace(firstRune(after)))
}

func closes(r rune) bool {
	switch r {
	case '"', '\'', '’', '‘', '”', '“', '»', '«', '›', ')', ']', '}', '」', '』', '】', '》', '）', '〉', '＂':
		return true
	}
	return false
}

// invisible tells marks of direction, which Arabic and Hebrew have beside full stops.
func invisible(r rune) bool { return r >= 0x061C && unicode.Is(unicode.Cf, r) }

// spacedDots counts the dots from i on that stand a space apart, and returns their end.
func spacedDots(s string, i int) (dots, end int) {
	for strings.HasPrefix(s[i:], ".") {
		dots, end = dots+1, i+1
		i = end
		if strings.HasPrefix(s[i:], " .") || strings.HasPrefix(s[i:], "\u00a0.") {
			i = strings.IndexByte(s[i:], '.') + i
		} else {
			break
		}
	}
	return dots, end
}

// afterDots returns where the sentence ends that has an ellipsis of spaced dots from
// mark to to, or 0. Three of them leave out words inside a sentence. Four end it: the
// first of them, if it stands close to its word, is the full stop, and what was left out
// is the beginning of the next.
func (d *divider) afterDots(mark, to, dots int) int {
	next := nextWord(d.s[to:d.end])
	first, _ := utf8.DecodeRuneInString(next)
	before, _ := utf8.DecodeLastRuneInString(d.s[d.begin:mark])
	switch {
	case dots < 4 || next == "" || unicode.IsLower(first) || d.inQuotes(mark+1):
		return 0
	case mark > d.begin && !unicode.IsSpace(before):
		return mark + 1
	}
	return to
}

// references skips what refers to notes behind a full stop: .[1][2], .¹, .11 12 The.
func (d *divider) references(mark, i int) int {
	s := d.s[:d.end]
	end := i
	for strings.HasPrefix(s[end:], "[") {
		j := end + 1
		for j < len(s) && j < end+5 && '0' <= s[j] && s[j] <= '9' {
			j++
		}
		if j == end+1 || !strings.HasPrefix(s[j:], "]") {
			return end
		}
		end = j + 1
	}
	if end > i {
		return end
	}
	if before, _ := utf8.DecodeLastRuneInString(s[:mark]); s[mark] != '.' || !unicode.IsLower(before) && before != ')' {
		return i
	}
	j := i
	for j < len(s) && j < i+12 && ('0' <= s[j] && s[j] <= '9' || j > i && (s[j] == ' ' || s[j] == ',')) {
		j++
	}
	digits := strings.TrimRight(s[i:j], " ,")
	first, _ := utf8.DecodeRuneInString(s[j:])
	if digits == "" || len(digits) == j-i || !unicode.IsUpper(first) || d.usage.numbers[strings.ToLower(d.wordBefore(mark))] {
		return i
	}
	return i + len(digits)
}
