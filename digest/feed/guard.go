package feed

import (
	"bytes"
	"hash/fnv"
)

// The limits of a document. The most an honest feed was seen to need is about a
// tenth of each.
const (
	maxDepth      = 200       // nested elements or values
	maxElements   = 400_000   // elements outside texts, or values of a JSON feed
	maxLeaves     = 200       // texts and links of one item, or before the first
	maxScanned    = 10_000    // items that are read before the newest are chosen
	maxTag        = 1 << 20   // bytes of one tag
	maxAttributes = 1000      // of one tag
	maxSpaces     = 500       // names of namespaces in scope
	maxMarkup     = 512 << 10 // bytes of one text as written
	maxSmallField = 4096      // bytes of a date or a name; gofeed tries 200 layouts on a date
	maxJunk       = 64 << 10  // bytes before the first element of a feed
	maxDecoded    = 10 << 20  // bytes of the document in UTF-8, and as it is written anew
)

// kind is the family a document belongs to.
type kind int

const (
	kindRSS kind = iota + 1
	kindAtom
	kindJSON
)

// guarded is a document that may be given to gofeed.
type guarded struct {
	kind      kind
	body      []byte
	truncated bool   // cut after the last whole item
	prints    Prints // of all its items
	known     int    // items left out because they were there before
	hub       Hub
}

// Prints tell the items of a document from others: 64 bits of each, in document
// order. To make two that agree helps a publisher to hide an item of its own from
// us and nothing else.
type Prints []uint64

func printOf(item []byte) uint64 {
	h := fnv.New64a()
	h.Write(item)
	return h.Sum64()
}

// writer writes a well-formed document. What it writes about a text is data: no
// text can become markup.
type writer struct{ bytes.Buffer }

// element writes one with a text in it.
func (w *writer) element(name, text string, attributes ...string) {
	w.open(name, attributes...)
	w.text(text)
	w.close(name)
}

// open writes a start tag; attributes are names and values by turns, and those
// without a value are left out.
func (w *writer) open(name string, attributes ...string) {
	w.WriteByte('<')
	w.WriteString(name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			w.WriteByte(' ')
			w.WriteString(attributes[i])
			w.WriteString(`="`)
			w.WriteString(escapeAttribute.Replace(attributes[i+1]))
			w.WriteByte('"')
		}
	}
	w.WriteByte('>')
}

func (w *writer) close(name string) { w.WriteString("</" + name + ">") }

func (w *writer) text(s string) {
	if s != "" {
		w.WriteString("<![CDATA[" + splitData.Replace(s) + "]]>")
	}
}
