package feed

import (
	"bytes"
	"encoding/base64"
	stdhtml "html"
	"strings"
	"unicode/utf8"
)

// flat is the text in an element with its references decoded; tags in it are
// left out.
func (m *mender) flat(inside []byte) string {
	text, _ := m.read(inside)
	return text
}

// read gives the text in an element with its references decoded, and whether
// there are elements in it.
func (m *mender) read(inside []byte) (text string, children bool) {
	var b strings.Builder
	s := scanner{b: clip(inside, maxMarkup), part: true}
	for {
		t, ok := s.next()
		if !ok {
			return b.String(), children
		}
		switch t.kind {
		case markText:
			// A "<" that stands in a text is one to be seen.
			b.WriteString(m.entities.decode(bytes.ReplaceAll(t.inside, []byte("<"), []byte("&amp;lt;"))))
		case markData:
			b.Write(t.inside)
		case markStart, markEnd:
			children = true
		}
	}
}

// prose gives a text as HTML. How it is written is told by attributes: plain,
// HTML that is escaped or stands as elements, or base64 (Atom 0.3).
func (m *mender) prose(inside []byte, attributes []attr) string {
	if isEmptyText(inside) {
		return ""
	}
	kind, mode := strings.ToLower(m.attribute(attributes, "type")), strings.ToLower(m.attribute(attributes, "mode"))
	text, children := m.read(inside)
	if mode == "base64" || !children && isBinary(kind) {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		switch {
		case err == nil && utf8.Valid(decoded):
			text, children = string(decoded), false
		case mode != "base64":
			return ""
		}
	}
	switch {
	case children, strings.Contains(kind, "xhtml") && mode != "escaped" && !bytes.Contains(inside, []byte("<![CDATA[")):
		return m.markup(inside)
	case kind == "text" || kind == "plain" || strings.HasPrefix(kind, "text/plain") || m.kind == kindAtom && kind == "":
		// What is called plain and has tags nevertheless is told by Visible.
		return stdhtml.EscapeString(text)
	}
	return text
}

// isBinary tells a type of content whose characters stand for bytes.
func isBinary(kind string) bool {
	return strings.Contains(kind, "/") && !strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "xml") && !strings.HasSuffix(kind, "html")
}

// markup writes elements as HTML: without prefixes, which HTML does not know.
func (m *mender) markup(inside []byte) string {
	var b strings.Builder
	s := scanner{b: clip(inside, maxMarkup), part: true}
	for {
		t, ok := s.next()
		if !ok {
			return b.String()
		}
		_, local := splitName(t.name)
		switch t.kind {
		case markText:
			b.WriteString(m.entities.own(t.inside))
		case markData:
			b.Write(t.inside)
		case markStart:
			b.WriteString("<" + local)
			b.Write(t.inside)
			if b.WriteByte('>'); t.empty && !void[local] {
				b.WriteString("</" + local + ">")
			}
		case markEnd:
			b.WriteString("</" + local + ">")
		}
	}
}
