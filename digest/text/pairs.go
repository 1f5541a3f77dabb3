package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestQuote is how far, in bytes, what closes may stand from what opened it. Longer
// ones are mistakes, or speeches that have to be divided.
const longestQuote = 1000

// Kinds of quotes and brackets.
const (
	quoteASCII = iota
	quoteApostrophe
	quoteLow
	quoteHigh
	quoteSingleLow
	quoteSingle
	quoteAngle
	quoteReversed
	bracketFirst // kinds of brackets follow
	quoteKinds   = bracketFirst + 12
)

// Brackets, and the quotes of scripts that tell opening from closing, in pairs.
const brackets = "()[]{}「」『』《》〈〉【】（）‹›〝〞［］"

// pair notes what stands in quotes or brackets from start to the end of the paragraph.
func (d *divider) pair(start int) {
	d.quoted = d.quoted[:0]
	var open [quoteKinds]int // 1 + where what is open begins, 0 for none
	for i := start; i < d.end; {
		c := d.s[i]
		if c < utf8.RuneSelf {
			switch c {
			case '"', '\'', '(', ')', '[', ']', '{', '}', ',':
				d.quote(&open, rune(c), i, i+1)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(d.s[i:d.end])
		if r == '«' || r == '»' || r >= 0x2018 && r <= 0x203A || r >= 0x3008 && r <= 0x301E || r >= 0xFF08 && r <= 0xFF3D {
			d.quote(&open, r, i, i+n)
		}
		i += n
	}
	d.quoted = merge(d.quoted)
}

// quote takes one sign, which stands in s[i:end].
func (d *divider) quote(open *[quoteKinds]int, r rune, i, end int) {
	before, _ := utf8.DecodeLastRuneInString(d.s[:i])
	after, _ := utf8.DecodeRuneInString(d.s[end:d.end])
	if i == 0 {
		before = ' '
	}
	opening := !isWordRune(before) && !endsSentence(before) && end < d.end && !unicode.IsSpace(after)
	begin := func(kind int) { open[kind] = i + 1 }
	finish := func(kinds ...int) bool {
		for _, k := range kinds {
			if open[k] > 0 {
				if from := open[k] - 1; end-from <= longestQuote {
					d.quoted = append(d.quoted, Sentence{from, end})
				}
				open[k] = 0
				return true
			}
		}
		return false
	}
	switch r {
	case ',':
		if after == ',' {
			begin(quoteLow)
		}
	case '"':
		if !(opening && unicode.IsSpace(before)) && finish(quoteASCII, quoteLow) {
			return
		}
		begin(quoteASCII)
	case '\'':
		if opening {
			begin(quoteApostrophe)
		} else if !isWordRune(after) {
			finish(quoteApostrophe)
		}
	case '„', '‟':
		begin(quoteLow)
	case '“':
		if !finish(quoteLow) {
			begin(quoteHigh)
		}
	case '”':
		if !finish(quoteHigh, quoteLow) && opening {
			begin(quoteHigh)
		}
	case '‚':
		begin(quoteSingleLow)
	case '‘':
		if !finish(quoteSingleLow) {
			begin(quoteSingle)
		}
	case '’':
		if !isWordRune(after) {
			finish(quoteSingle, quoteSingleLow)
		}
	case '«':
		if unicode.IsSpace(before) && unicode.IsLetter(after) || !finish(quoteReversed) {
			begin(quoteAngle)
		}
	case '»':
		if !finish(quoteAngle) && opening {
			begin(quoteReversed)
		}
	default:
		at := strings.IndexRune(brackets, r)
		if at < 0 {
			return
		}
		kind := utf8.RuneCountInString(brackets[:at])
		if kind%2 == 0 {
			begin(bracketFirst + kind/2)
		} else {
			finish(bracketFirst + kind/2)
		}
	}
}

// merge makes one of spans that stand in each other; they come ordered by their ends.
func merge(list []Sentence) []Sentence {
	out := len(list)
	for k := len(list) - 1; k >= 0; k-- {
		x := list[k]
		if out < len(list) && x.End > list[out].Start {
			list[out].Start = min(list[out].Start, x.Start)
			continue
		}
		out--
		list[out] = x
	}
	return list[out:]
}

// inQuotes tells whether i stands between what opens and what closes. It is asked with
// rising i, within one paragraph.
func (d *divider) inQuotes(i int) bool {
	for len(d.quoted) > 0 && d.quoted[0].End <= i {
		d.quoted = d.quoted[1:]
	}
	return len(d.quoted) > 0 && d.quoted[0].Start < i
}

const bullets = "•⁃‣▪●◦■"

// A marker numbers an item of a list: 1. 1) 1.) (1) a. a) a.) (a)
type marker struct {
	at    Sentence
	style int // how it is written
	value int
	opens bool // a sentence may begin here anyway
	ends  bool // likewise, and no colon stands before it
}

// list notes the marks of list items from start to the end of the paragraph: numbers or
// letters that follow each other, the first where a sentence begins, and bullets after
// the first.
func (d *divider) list(start int) {
	d.items = d.items[:0]
	var pending [styles]marker // the last of each style
	var bullet rune
	for i := start; i < d.end; {
		r, n := utf8.DecodeRuneInString(d.s[i:d.end])
		switch {
		case r == ' ':
			i++
			continue
		case isASCIILetter(d.s[i]) && i+1 < d.end && isASCIILetter(d.s[i+1]): // a word
		case r >= utf8.RuneSelf && strings.ContainsRune(bullets, r):
			if last := d.lastBefore(start, i); r == bullet || endsSentence(last) || last == ':' {
				d.items = append(d.items, Sentence{i, i + n})
				bullet = r
			}
		default:
			m, ok := d.markerAt(i, r)
			if !ok {
				break
			}
			last := d.lastBefore(start, i)
			m.ends = endsSentence(last)
			m.opens = m.ends || last == ':' && r != '('
			if bullet == 0 || last != bullet { // else the bullet begins the item
				d.listed(&pending[m.style], m)
			}
		}
		space := strings.IndexByte(d.s[i:d.end], ' ')
		if space < 0 {
			break
		}
		i += space
	}
	slices.SortFunc(d.items, func(a, b Sentence) int { return a.Start - b.Start })
	d.items = slices.Compact(d.items)
}

// thaiOpeners begin sentences: moreover, however, meanwhile, as for, after, at first…
var thaiOpeners = strings.Fields(`นอกจากนี้ นอกจากนั้น อย่างไรก็ตาม อย่างไรก็ดี ทั้งนี้ ขณะที่ ขณะเดียวกัน ในขณะที่ ด้าน ส่วน สำหรับ แต่ หลังจาก ล่าสุด เบื้องต้น
	จากนั้น ต่อมา เมื่อวันที่ เมื่อวาน ก่อนหน้านี้ ปัจจุบัน ดังนั้น เพราะฉะนั้น อีกทั้ง รวมทั้ง รายงานข่าว ผู้สื่อข่าว เหตุการณ์ เจ้าหน้าที่`)

// open notes, like items of a list, where a sentence begins by the words alone.
func (d *divider) open(start int) {
	const least = 90 // bytes of a sentence, some thirty letters
	last := start
	for i := start; ; {
		space := strings.IndexByte(d.s[i:d.end], ' ')
		if space < 0 {
			break
		}
		i += space + 1
		if i-last >= least && d.end-i >= least && slices.ContainsFunc(thaiOpeners, func(w string) bool { return strings.HasPrefix(d.s[i:d.end], w) }) {
			d.items = append(d.items, Sentence{i, i})
			last = i
		}
	}
	slices.SortFunc(d.items, func(a, b Sentence) int { return a.Start - b.Start })
}

// lastBefore returns the last sign in front of i that is neither space nor closes
// anything; a full stop where the paragraph begins.
func (d *divider) lastBefore(start, i int) rune {
	const farthest = 16 // bytes
	for from := max(start, i-farthest); i > from; {
		r, n := utf8.DecodeLastRuneInString(d.s[from:i])
		if !unicode.IsSpace(r) && !closes(r) {
			return r
		}
		i -= n
	}
	if i == start {
		return '.'
	}
	return 0
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// listed takes the next marker of a style.
func (d *divider) listed(last *marker, m marker) {
	const farthest = 3000 // bytes between items
	follows := last.at.End > 0 && m.value == last.value+1 && m.at.Start-last.at.End < farthest
	if d.usage.nouns && m.style == styleNumber && !m.ends { // "1. FC … 2. Bundesliga"
		follows = false
	}
	switch {
	case follows:
		d.items = append(d.items, last.at, m.at)
		*last = m
	case m.opens, m.value == 1 && last.value > 1:
		*last = m
	}
}

const (
	styleNumber = iota
	styleLetter
	styleParen // 1) and the like: a style for each way with and without dot, for numbers and letters
	styles     = styleParen + 8
)

// markerAt reads a marker at i, where r stands after white space.
func (d *divider) markerAt(i int, r rune) (m marker, ok bool) {
	s, from := head(d.s[i:d.end], 16), i
	paren := r == '('
	if paren {
		s, i = s[1:], i+1
	}
	n := 0
	for n < len(s) && n < 3 && '0' <= s[n] && s[n] <= '9' {
		m.value = 10*m.value + int(s[n]-'0')
		n++
	}
	number := n > 0
	if !number {
		letter, size := utf8.DecodeRuneInString(s)
		if !unicode.IsLower(letter) {
			return m, false
		}
		n, m.value = size, int(letter-'a')+1
		if letter >= 'а' && letter <= 'я' {
			m.value = int(letter-'а') + 1
		}
	}
	s = s[n:]
	dot := strings.HasPrefix(s, ".")
	if dot {
		s, n = s[1:], n+1
	}
	close := strings.HasPrefix(s, ")")
	if close {
		s, n = s[1:], n+1
	}
	if !dot && !close || paren && !close {
		return m, false
	}
	if after, _ := utf8.DecodeRuneInString(s); s == "" || !unicode.IsSpace(after) {
		return m, false
	}
	m.at = Sentence{from, i + n}
	switch {
	case !close && number:
		m.style = styleNumber
	case !close:
		m.style = styleLetter
	default:
		m.style = styleParen
		for k, set := range []bool{number, dot, paren} {
			if set {
				m.style += 1 << k
			}
		}
	}
	return m, true
}
