package feed

import (
	"bytes"
	stdhtml "html"
	"regexp"
	"strings"
)

// A mark is one piece of a document that is read as XML with a browser's
// patience: what is no tag is text, quotes may be missing, an end may be cut off.
type mark struct {
	kind       markKind
	start, end int    // its place in the document
	name       string // of a tag, as written
	inside     []byte // the attributes of a tag, or the characters of a text as written
	empty      bool   // <name/>
}

type markKind int

const (
	markText markKind = iota + 1
	markData          // a CDATA section
	markStart
	markEnd
	markNote // comment, instruction, document type: nothing to be read
)

// scanner goes over a document once; every byte is looked at a few times at
// most.
type scanner struct {
	b    []byte
	at   int
	part bool            // of a document: a section that is open at the end ends there
	gone map[string]bool // ends that do not come any more
}

// next is the next piece; none at the end, or where the document breaks off
// inside one.
func (s *scanner) next() (mark, bool) {
	if s.at >= len(s.b) {
		return mark{}, false
	}
	m := mark{start: s.at}
	rest := s.b[s.at:]
	length := 0
	switch {
	case !opensMark(rest):
		m.kind, length = markText, textLength(rest)
	case bytes.HasPrefix(rest, []byte("<!--")):
		m.kind, length = markNote, s.lengthUntil(4, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		m.kind, length = markData, s.lengthUntil(9, "]]>")
		if length > 0 {
			m.inside = rest[9 : length-3]
		} else if length = s.lengthUntil(9, "</"); length > 0 {
			length -= 2 // never closed: it ends with its element
			m.inside = rest[9:length]
		} else if s.part {
			m.inside, length = rest[9:], len(rest)
		}
	case rest[1] == '?':
		if m.kind, length = markNote, s.lengthUntil(2, "?>"); length == 0 {
			length = s.lengthUntil(2, ">")
		}
	case rest[1] == '!':
		m.kind, length = markNote, s.doctypeLength(rest)
	case rest[1] == '/':
		m.kind, length = markEnd, endLength(rest)
		m.name = nameIn(rest[2:])
	default:
		var tag bool
		if length, tag = tagLength(rest); length == 0 && s.part {
			m.kind, length = markText, len(rest)
		} else if !tag {
			m.kind = markText
		} else if m.kind = markStart; length > 0 {
			m.name = nameIn(rest[1:])
			m.inside = rest[1+len(m.name) : length-1]
			if m.empty = bytes.HasSuffix(m.inside, []byte("/")); m.empty {
				m.inside = m.inside[:len(m.inside)-1]
			}
		}
	}
	if length == 0 {
		s.at = len(s.b)
		return mark{}, false
	}
	if m.kind == markText {
		m.inside = rest[:length]
	}
	s.at += length
	m.end = s.at
	return m, true
}

// opensMark tells a "<" that begins markup from one that is text.
func opensMark(b []byte) bool {
	switch {
	case b[0] != '<' || len(b) < 2:
		return false
	case b[1] == '/' && len(b) > 2:
		return isNameStart(b[2]) || b[2] == '>'
	}
	return isNameStart(b[1]) || b[1] == '!' || b[1] == '?'
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// textLength is the length of the text at the beginning of b.
func textLength(b []byte) int {
	for at := 1; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 {
			return len(b)
		}
		if at += i; opensMark(b[at:]) {
			return at
		}
		at++
	}
}

// lengthUntil is the length until behind end, looked for from so many bytes
// on; 0 without one.
func (s *scanner) lengthUntil(from int, end string) int {
	if s.gone[end] || from > len(s.b)-s.at {
		return 0
	}
	if i := bytes.Index(s.b[s.at+from:], []byte(end)); i >= 0 {
		return from + i + len(end)
	}
	if s.gone == nil {
		s.gone = map[string]bool{}
	}
	s.gone[end] = true
	return 0
}

// doctypeLength goes to the end of a document type, which may have declarations
// in brackets.
func (s *scanner) doctypeLength(b []byte) int {
	end := s.lengthUntil(2, ">")
	if open := bytes.IndexByte(b[:end], '['); open > 0 && len(b) > 9 && strings.EqualFold(string(b[2:9]), "doctype") {
		if shut := s.lengthUntil(open, "]"); shut > 0 {
			return s.lengthUntil(shut, ">")
		}
	}
	return end
}

// endLength goes to the end of an end tag; one that is cut off at the end of the
// document or by the next tag counts.
func endLength(b []byte) int {
	for i := 2; i < len(b); i++ {
		switch b[i] {
		case '>':
			return i + 1
		case '<':
			return i
		}
	}
	return len(b)
}

// tagLength goes to the end of a start tag. A quote that is never closed is no
// quote, and what meets another "<" first is no tag: then it is the length of
// the text.
func tagLength(b []byte) (length int, tag bool) {
	for i := 1; i < len(b); i++ {
		switch c := b[i]; c {
		case '>':
			return i + 1, true
		case '<':
			return i, false
		case '"', '\'':
			if !quotes(b[:i]) {
				continue
			}
			if n := bytes.IndexByte(b[i+1:min(len(b), i+maxTag)], c); n >= 0 {
				i += n + 1
			}
		}
	}
	return 0, true
}

// quotes tells whether what stands before a quote makes it open a value.
func quotes(before []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(before[max(0, len(before)-16):], " \t\r\n"), []byte("="))
}

// nameIn is the name at the beginning of b.
func nameIn(b []byte) string {
	if i := bytes.IndexAny(b[:min(len(b), 256)], " \t\r\n/><="); i >= 0 {
		return string(b[:i])
	}
	return string(b[:min(len(b), 256)])
}

// An attr is an attribute with its prefix, as written.
type attr struct {
	name  string
	value []byte
}

// attributes reads the inside of a tag; values may stand without quotes. Of too
// many, none are given.
func attributes(b []byte) (list []attr, tooMany bool) {
	for {
		b = bytes.TrimLeft(b, " \t\r\n/\"'")
		if len(b) == 0 {
			return list, false
		}
		if len(list) >= maxAttributes {
			return nil, true
		}
		i := bytes.IndexAny(b, " \t\r\n=/")
		if i < 0 {
			i = len(b)
		}
		a := attr{name: string(b[:min(i, 256)])}
		b = b[i:]
		if after := bytes.TrimLeft(b, " \t\r\n"); len(after) > 0 && after[0] == '=' {
			a.value, b = attributeValue(bytes.TrimLeft(after[1:], " \t\r\n"))
		} else if i == 0 {
			b = b[1:]
			continue
		}
		list = append(list, a)
	}
}

// attributeValue reads a value and gives what stands behind it.
func attributeValue(b []byte) (value, rest []byte) {
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		if i := bytes.IndexByte(b[1:], b[0]); i >= 0 {
			return b[1 : 1+i], b[2+i:]
		}
		b = b[1:]
	}
	if i := bytes.IndexAny(b, " \t\r\n"); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

// entities are those that a document declares itself.
type entities struct {
	values map[string]string
	budget int // bytes that may still be written for them
}

// Limits of the entities of one document.
const (
	mostEntities  = 100
	longestEntity = 1024
	entityBudget  = 1 << 20
)

// declare reads the declarations in a document type. Entities in values stay as
// they are written, so none can grow by another.
func (e *entities) declare(doctype []byte) {
	e.budget = entityBudget
	for range mostEntities {
		i := bytes.Index(doctype, []byte("<!ENTITY"))
		if i < 0 {
			return
		}
		doctype = doctype[i+8:]
		name, rest, ok := strings.Cut(strings.TrimLeft(string(doctype[:min(len(doctype), longestEntity)]), " \t\r\n"), " ")
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !ok || rest == "" || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		if end := strings.IndexByte(rest[1:], rest[0]); end >= 0 && !strings.ContainsAny(rest[1:1+end], "&<%") {
			if e.values == nil {
				e.values = map[string]string{}
			}
			e.values[name] = rest[1 : 1+end]
		}
	}
}

// decode replaces references to characters and entities, all that HTML knows
// among them. An ampersand that begins none stays.
func (e *entities) decode(b []byte) string {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	var out strings.Builder
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			out.Write(b)
			return out.String()
		}
		out.Write(b[:i])
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 40)], ';')
		if end < 2 {
			out.WriteByte('&')
			b = b[1:]
			continue
		}
		out.WriteString(e.value(string(b[:end+1])))
		b = b[end+1:]
	}
}

// own replaces only the entities that the document declares itself.
func (e *entities) own(b []byte) string {
	if len(e.values) == 0 || bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	return reference.ReplaceAllStringFunc(string(b), func(r string) string {
		if e.values[r[1:len(r)-1]] == "" {
			return r
		}
		return e.value(r)
	})
}

// reference is one to an entity.
var reference = regexp.MustCompile(`&[\w.-]{1,40};`)

// value is what a reference stands for, or the reference.
func (e *entities) value(reference string) string {
	if v, ok := e.values[reference[1:len(reference)-1]]; ok {
		if e.budget -= len(v); e.budget < 0 {
			return ""
		}
		return v
	}
	if strings.Contains(reference[1:], "&") {
		// "a & b &amp; c": the first is none.
		i := strings.LastIndexByte(reference, '&')
		return reference[:i] + e.value(reference[i:])
	}
	v := stdhtml.UnescapeString(reference)
	if len(v) > 1 && strings.HasSuffix(v, ";") {
		return reference // HTML takes the beginning of "&copying;" for a reference
	}
	return v
}
