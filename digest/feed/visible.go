package feed

import (
	stdhtml "html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

const (
	maxText  = 64 << 10 // bytes of a text
	maxTitle = 300      // runes of a title
	maxMarks = 8        // combining marks on one letter; the most a script needs is about five
)

// Visible gives the text a reader would see of a piece of HTML: paragraphs
// apart by an empty line, line breaks and list entries on lines of their own,
// white space folded, entities decoded. Scripts, styles, comments and what is
// hidden are gone; so are control characters, direction overrides and
// zero-width characters, except joiners inside words. Plain text comes back as
// it is, with its empty lines. HTML that was escaped once too often is
// unescaped. Readings beside characters (ruby) are left out, for they would stand
// in the middle of words. The result is valid UTF-8 of at most 64 KiB, composed
// (Unicode's form C) like what people type; the time is linear in
// the input, because no tree is built.
func Visible(markup string) string { return VisibleWithin(markup, maxText) }

// VisibleWithin is Visible with another limit, in bytes.
func VisibleWithin(markup string, limit int) string {
	text, tags := strip(markup, limit)
	if !tags && escapedTag.MatchString(text) {
		text, _ = strip(text, limit)
	}
	if escapedEntity.MatchString(text) {
		text = fold(breaks.Replace(escapedEntity.ReplaceAllStringFunc(text, stdhtml.UnescapeString)), limit)
	}
	if composed := norm.NFC.String(text); len(composed) <= limit {
		return composed
	}
	return text
}

// line is Visible in one line of at most 300 runes.
func line(markup string) string {
	s := strings.Join(strings.Fields(Visible(clip(markup, maxText))), " ")
	if utf8.RuneCountInString(s) <= maxTitle {
		return s
	}
	runes := []rune(s)[:maxTitle-1]
	return strings.TrimRightFunc(string(runes), unicode.IsSpace) + "…"
}

var (
	// escapedTag finds closing or telling tags in what should be plain text.
	escapedTag = regexp.MustCompile(`(?i)</[a-z][a-z0-9]*>|<br\s*/?>|<p>|<img\s`)
	// escapedEntity finds an entity that is still there after decoding.
	escapedEntity = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	// emptyLine separates the paragraphs of plain text.
	emptyLine = regexp.MustCompile(`\n[ \t\r]*\n\s*`)
	// hiddenStyle is a style attribute that hides its element.
	hiddenStyle = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden`)
)

// unseen elements have content that is no text of the document.
var unseen = map[string]bool{
	"script": true, "style": true, "noscript": true, "template": true, "head": true, "title": true,
	"iframe": true, "noframes": true, "noembed": true, "object": true, "svg": true,
	"select": true, "textarea": true, "canvas": true, "audio": true, "video": true, "button": true,
	"rt": true, "rp": true,
}

// blocks stand in paragraphs of their own.
var blocks = map[string]bool{
	"p": true, "div": true, "section": true, "article": true, "aside": true, "header": true, "footer": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "blockquote": true, "pre": true,
	"ul": true, "ol": true, "dl": true, "table": true, "hr": true, "figure": true, "figcaption": true,
	"address": true, "main": true, "nav": true, "form": true, "fieldset": true, "details": true, "summary": true,
	"center": true, "body": true, "html": true,
}

// lines stand on lines of their own.
var lines = map[string]bool{"br": true, "li": true, "tr": true, "dt": true, "dd": true, "caption": true, "option": true}

// void elements have no content, so they cannot hide any.
var void = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "param": true, "source": true, "track": true, "wbr": true,
}

// strip walks over the tokens once; tags tells whether there were any.
func strip(markup string, limit int) (text string, tags bool) {
	if !strings.Contains(markup, "<") {
		return fold(emptyLine.ReplaceAllString(stdhtml.UnescapeString(markup), "\u2029"), limit), false
	}
	w := folder{limit: limit}
	shown := map[string]bool{} // what was never closed hides nothing
	for rest := showBangs(markup); ; {
		unclosed, at, some := w.read(rest, shown)
		tags = tags || some
		if at < 0 || len(shown) >= len(unseen) {
			return w.text(), tags
		}
		shown[unclosed] = true
		rest = rest[at:]
	}
}

// showBangs makes text of a "<!" that begins neither a comment nor anything that
// ends: a browser would hide all that follows.
func showBangs(markup string) string {
	if !strings.Contains(markup, "<!") {
		return markup
	}
	var b strings.Builder
	last := strings.LastIndexByte(markup, '>')
	for at := 0; ; {
		i := strings.Index(markup[at:], "<!")
		if i < 0 {
			b.WriteString(markup[at:])
			return b.String()
		}
		next := at + i + 2
		b.WriteString(markup[at : at+i])
		known := next < len(markup) && (markup[next] == '-' || markup[next] == '[' || next < last && isNameStart(markup[next]))
		if known {
			b.WriteString("<!")
		} else {
			b.WriteString("&lt;!")
		}
		at = next
	}
}

// read writes what is seen of markup. When an element that is not seen has no
// end, at tells where its content begins and unclosed which it is.
func (w *folder) read(markup string, shown map[string]bool) (unclosed string, at int, tags bool) {
	var skip skipper
	z := html.NewTokenizer(strings.NewReader(markup))
	for place, hidden := 0, 0; !w.full(); {
		kind := z.Next()
		place += len(z.Raw())
		switch kind {
		case html.ErrorToken:
			if skip.active() && !code[skip.name] {
				return skip.name, hidden, tags
			}
			return "", -1, tags
		case html.TextToken:
			if !skip.active() {
				w.write(stdhtml.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tags = true
			name, hasAttr := z.TagName()
			tag := string(name)
			wasSeen := !skip.active()
			if !shown[tag] {
				skip.enter(tag, z, hasAttr)
			} else {
				z.NextIsNotRawText()
			}
			switch {
			case !skip.active():
				w.tag(tag, true)
			case wasSeen:
				hidden = place
				if blocks[tag] {
					w.due(paragraphGap) // what is hidden still parts what is not
				}
			}
		case html.EndTagToken:
			tags = true
			name, _ := z.TagName()
			if !skip.leave(string(name)) {
				w.tag(string(name), false)
			}
		}
	}
	return "", -1, tags
}

// code is nobody's text, also when it never ends.
var code = map[string]bool{"script": true, "style": true}

// skipper keeps track of one element that is not seen, and of those of its name
// inside it.
type skipper struct {
	name  string
	depth int
}

func (s *skipper) active() bool { return s.depth > 0 }

func (s *skipper) enter(tag string, z *html.Tokenizer, hasAttr bool) {
	switch {
	case s.depth > 0:
		if tag == s.name {
			s.depth++
		}
	case void[tag]:
	case unseen[tag] || hasAttr && isHidden(z):
		s.name, s.depth = tag, 1
	}
}

// leave tells whether the end tag belongs to what is not seen.
func (s *skipper) leave(tag string) bool {
	if s.depth == 0 {
		return false
	}
	if tag == s.name {
		s.depth--
	}
	return true
}

func isHidden(z *html.Tokenizer) bool {
	for range 64 {
		key, value, more := z.TagAttr()
		switch string(key) {
		case "hidden":
			return true
		case "style":
			if hiddenStyle.Match(value[:min(len(value), 1024)]) {
				return true
			}
		}
		if !more {
			return false
		}
	}
	return false
}

// breaks writes the breaks of visible text as Unicode's separators.
var breaks = strings.NewReplacer("\n\n", "\u2029", "\n", "\u2028")

// fold cleans plain text in which U+2029 separates paragraphs and U+2028 lines.
func fold(text string, limit int) string {
	w := folder{limit: limit}
	w.write(text)
	return w.text()
}

// folder writes text with folded white space; breaks are written only between
// what is visible.
type folder struct {
	limit  int // bytes
	b      strings.Builder
	gap    gap
	bullet bool // a list entry waits for its text
	marks  int
	joiner rune // waits for a letter on its other side
}

// gap is the white space due before the next visible character.
type gap int

const (
	noGap gap = iota
	spaceGap
	lineGap
	paragraphGap
)

func (w *folder) full() bool { return w.b.Len() >= w.limit }

// text gives what was written, within the limit.
func (w *folder) text() string {
	return strings.TrimRightFunc(clip(w.b.String(), w.limit), unicode.IsSpace)
}

// tag writes the break a start or end tag stands for.
func (w *folder) tag(name string, start bool) {
	switch {
	case blocks[name] && start && w.bullet && name != "ul" && name != "ol":
		// A paragraph that opens a list entry stands on the entry's line.
	case blocks[name]:
		w.due(paragraphGap)
		w.bullet = false
	case name == "br":
		if w.gap == lineGap {
			w.due(paragraphGap)
		}
		w.due(lineGap)
	case lines[name]:
		w.due(lineGap)
		w.bullet = start && name == "li"
	case name == "td" || name == "th":
		w.due(spaceGap)
	}
}

func (w *folder) due(g gap) { w.gap = max(w.gap, g) }

func (w *folder) write(s string) {
	for s != "" && !w.full() {
		if n := plainRun(s[:min(len(s), w.limit-w.b.Len())]); n > 0 { // most of most texts
			w.marks = 0
			w.visible(rune(s[0]))
			w.b.WriteString(s[1:n])
			s = s[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		w.rune(r)
		s = s[size:]
	}
}

// plainRun is how many bytes at the beginning of s are visible signs of ASCII.
func plainRun(s string) (n int) {
	for n < len(s) && '!' <= s[n] && s[n] <= '~' {
		n++
	}
	return n
}

func (w *folder) rune(r rune) {
	switch {
	case r == '\u2029':
		w.due(paragraphGap)
	case r == '\u2028':
		w.due(lineGap)
	case unicode.IsSpace(r) || isFiller(r):
		w.due(spaceGap)
	case r == '\u200C' || r == '\u200D':
		// A joiner has a meaning only between two letters or two pictures.
		if w.b.Len() > 0 && w.gap == noGap {
			w.joiner = r
		}
		return
	case isJunk(r):
		return
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		if w.marks++; w.marks <= maxMarks {
			w.visible(r)
		}
		return
	default:
		w.marks = 0
		w.visible(r)
		return
	}
	w.joiner, w.marks = 0, 0
}

// visible writes the white space that is due, and the rune.
func (w *folder) visible(r rune) {
	if w.b.Len() > 0 {
		w.b.WriteString([]string{"", " ", "\n", "\n\n"}[w.gap])
	}
	if w.bullet {
		w.b.WriteString("• ")
	}
	if w.joiner != 0 && w.gap == noGap {
		w.b.WriteRune(w.joiner)
	}
	w.gap, w.bullet, w.joiner = noGap, false, 0
	w.b.WriteRune(r)
}

// isFiller tells characters that look like a space but are not one.
func isFiller(r rune) bool {
	return r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0' || r == '\u2800'
}

// isJunk tells characters that nobody sees but that change what is seen, or
// break words: controls, direction marks and overrides (Unicode UAX #9), zero
// widths, tags (U+E0000), noncharacters.
func isJunk(r rune) bool {
	switch {
	case unicode.IsControl(r),
		r == '\u00AD', r == '\u034F', r == '\u061C', r == '\u180E',
		r >= '\u200B' && r <= '\u200F',
		r >= '\u202A' && r <= '\u202E',
		r >= '\u2060' && r <= '\u206F',
		r == '\uFEFF', r >= '\uFFF9' && r <= '\uFFFB',
		r >= '\uFDD0' && r <= '\uFDEF', r&0xFFFE == 0xFFFE,
		r >= 0xE0000 && r <= 0xE0FFF && (r < 0xE0100 || r > 0xE01EF):
		return true
	}
	return false
}
