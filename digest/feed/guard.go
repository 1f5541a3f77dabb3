package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
)

// The limits of a document. The most an honest feed was seen to need is about a
// tenth of each.
const (
	maxDepth      = 200       // nested elements or values; gofeed recurses once for each
	maxElements   = 400_000   // elements, or values of a JSON feed
	maxScanned    = 10_000    // items that are read before the newest are chosen
	maxTag        = 1 << 20   // bytes of one tag, so that its attributes fit in memory
	maxScopeWork  = 5_000_000 // namespaces in scope, summed over elements: gofeed copies them for each
	maxTextWork   = 256 << 20 // bytes gofeed copies to join the pieces of extension texts
	maxSmallField = 4096      // bytes of a date or a name; gofeed tries 200 layouts on a date
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
	home      string // xml:base of the root
	prints    Prints // of all its items
	known     int    // items left out because they were there before
}

// guardXML reads the document once with the tokenizer and the settings gofeed
// uses, so that it sees what gofeed will see, and refuses what would cost
// gofeed too much. It changes b in place:
//   - a type attribute that says HTML is taken out of Atom's text elements:
//     gofeed would build trees of their text, which a few open tags make grow
//     without bound, and the text becomes plain anyway;
//   - dates and names of absurd length are blanked;
//   - what follows the last whole item of a broken document is cut off and the
//     open elements are closed;
//   - items that were there before are left out.
func guardXML(b []byte, before Prints) (guarded, error) {
	g := guard{b: b, in: &tagReader{b: b}, known: before}
	d := xml.NewDecoder(g.in)
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		g.before = d.InputOffset()
		g.in.begin(int(g.before))
		t, err := d.Token()
		g.after = d.InputOffset()
		if err == nil {
			err = g.take(t)
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, errEnough):
			return g.cut(false)
		case errors.Is(err, errClosed):
			return guarded{kind: g.kind, body: g.news(g.after), home: g.home, prints: g.prints, known: len(g.drops)}, nil
		case errors.Is(err, ErrTooDeep), errors.Is(err, ErrTooComplex), errors.Is(err, ErrNotFeed):
			return guarded{}, err
		case g.kind == 0:
			return guarded{}, fmt.Errorf("%w: it has no root element", ErrNotFeed)
		case g.end == 0:
			return guarded{}, fmt.Errorf("%w: before its first whole item: %s", ErrBroken, clip(err.Error(), 120))
		default:
			return g.cut(true)
		}
	}
}

// errEnough stops a guard at as many items as are read, errClosed at the end of
// the root element: gofeed reads nothing behind it.
var (
	errEnough = errors.New("enough items")
	errClosed = errors.New("closed")
)

// guard is the state of guardXML.
type guard struct {
	b             []byte
	in            *tagReader
	before, after int64 // the current token's place
	kind          kind
	home          string
	root          int64 // where the root element begins
	open          []element
	elements      int
	scopes        int // namespaces in scope
	scopeWork     int
	textWork      int
	items         int
	known, prints Prints     // of the items before, and of these
	drops         [][2]int64 // where the known ones stand
	end           int64      // where the last whole item ends
	closers       []string   // names of the elements open around it
}

// element is an open one.
type element struct {
	raw       string // the name as written, with its prefix
	local     string // the name in lower case
	space     string
	begin     int64 // where its tag begins
	start     int64 // where its content begins
	scopes    int   // namespaces it declares
	text      int   // bytes of text directly in it
	extension bool  // gofeed keeps it as an extension
}

func (g *guard) take(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return g.push(t)
	case xml.EndElement:
		return g.pop()
	case xml.CharData:
		if n := len(g.open); n > 0 && g.open[n-1].extension {
			// Pieces are joined one by one, each time copying what is there.
			g.open[n-1].text += len(t)
			if g.textWork += g.open[n-1].text; g.textWork > maxTextWork {
				return fmt.Errorf("%w: a text in too many pieces", ErrTooComplex)
			}
		}
	}
	return nil
}

func (g *guard) push(t xml.StartElement) error {
	e := element{local: strings.ToLower(t.Name.Local), space: strings.TrimSpace(t.Name.Space), begin: g.before, start: g.after}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			e.scopes++
		}
	}
	if len(g.open) == 0 {
		if err := g.begin(e, t.Attr); err != nil {
			return err
		}
	}
	g.elements++
	g.scopes += e.scopes
	g.scopeWork += g.scopes
	switch {
	case len(g.open) >= maxDepth:
		return fmt.Errorf("%w: more than %d elements", ErrTooDeep, maxDepth)
	case g.elements > maxElements:
		return fmt.Errorf("%w: more than %d elements", ErrTooComplex, maxElements)
	case g.scopeWork > maxScopeWork:
		return fmt.Errorf("%w: too many namespaces", ErrTooComplex)
	}
	if n := len(g.open); n > 0 {
		e.extension = g.open[n-1].extension || n <= 3 && isForeign(e)
	}
	if len(g.open) < 3 {
		e.raw = rawName(g.b[g.before:g.after])
	}
	if g.kind == kindAtom && len(g.open) > 0 && e.local != "link" {
		g.plainType(t.Attr)
	}
	g.open = append(g.open, e)
	return nil
}

// begin judges the root element.
func (g *guard) begin(e element, attrs []xml.Attr) error {
	switch e.local {
	case "rss", "rdf":
		g.kind = kindRSS
	case "feed":
		g.kind = kindAtom
	case "html", "body", "head":
		return fmt.Errorf("%w: it is a web page", ErrNotFeed)
	default:
		return fmt.Errorf("%w: its root element is %q", ErrNotFeed, clip(e.local, 40))
	}
	g.root = g.before
	for _, a := range attrs {
		if a.Name.Local == "base" {
			g.home = a.Value
		}
	}
	return nil
}

func (g *guard) pop() error {
	n := len(g.open) - 1
	if n < 0 {
		return nil
	}
	e := g.open[n]
	g.open = g.open[:n]
	g.scopes -= e.scopes
	if smallFields[e.local] && g.before-e.start > maxSmallField {
		blank(g.b[e.start:g.before])
	}
	if (e.local == "item" || e.local == "entry") && (n == 1 || n == 2) {
		g.end = g.after
		g.remember(e)
		g.closers = g.closers[:0]
		for _, o := range g.open {
			g.closers = append(g.closers, o.raw)
		}
		if g.items++; g.items >= maxScanned {
			return errEnough
		}
	}
	if n == 0 {
		return errClosed
	}
	return nil
}

// cut gives the document up to its last whole item, closed again.
func (g *guard) cut(truncated bool) (guarded, error) {
	body := slices.Clip(g.news(g.end))
	for _, name := range slices.Backward(g.closers) {
		body = append(body, "</"+name+">"...)
	}
	return guarded{kind: g.kind, body: body, truncated: truncated, home: g.home, prints: g.prints, known: len(g.drops)}, nil
}

// remember notes the item that ends here, and leaves it out when it is known.
func (g *guard) remember(e element) {
	print := printOf(g.b[e.begin:g.after])
	g.prints = append(g.prints, print)
	if g.known.has(print) {
		g.drops = append(g.drops, [2]int64{e.begin, g.after})
	}
}

// news is the document up to end without the items that are known.
func (g *guard) news(end int64) []byte {
	if len(g.drops) == 0 {
		return g.b[g.root:end]
	}
	var kept []byte
	from := g.root
	for _, drop := range g.drops {
		kept = append(kept, g.b[from:drop[0]]...)
		from = drop[1]
	}
	return append(kept, g.b[from:end]...)
}

// Prints tell the items of a document, as they are written there, from others:
// 64 bits of each, in document order. To make two that agree helps a publisher to
// hide an item of its own from us and nothing else.
type Prints []uint64

func printOf(item []byte) uint64 {
	h := fnv.New64a()
	h.Write(item)
	return h.Sum64()
}

func (p Prints) has(print uint64) bool { return slices.Contains(p, print) }

// plainType takes a type attribute that says HTML out of the current tag, with
// the other attributes. XHTML's text stays as it is written, which an unknown
// type tells gofeed; without a type its entities are decoded, which is what
// escaped HTML needs.
func (g *guard) plainType(attrs []xml.Attr) {
	for _, a := range attrs {
		value := strings.ToLower(a.Value)
		if a.Name.Local != "type" || !strings.Contains(value, "html") {
			continue
		}
		tag := g.b[g.before:g.after]
		inside := tag[1+len(rawName(tag)) : len(tag)-1]
		inside = bytes.TrimSuffix(inside, []byte("/"))
		if len(inside) == 0 || tag[len(tag)-1] != '>' {
			return
		}
		blank(inside)
		if strings.Contains(value, "xhtml") {
			copy(inside, ` type="x"`)
		}
		return
	}
}

// smallFields are elements that gofeed looks at again and again.
var smallFields = map[string]bool{
	"pubdate": true, "lastbuilddate": true, "date": true, "published": true, "updated": true,
	"modified": true, "issued": true, "created": true, "author": true, "creator": true,
	"managingeditor": true, "webmaster": true, "name": true, "email": true,
}

// isForeign tells an element that gofeed keeps as an extension; in doubt it is one.
func isForeign(e element) bool {
	if e.local == "encoded" {
		return false
	}
	return e.space != "" && !nativeSpaces[e.space]
}

// nativeSpaces are the namespaces of RSS, RDF and Atom themselves.
var nativeSpaces = map[string]bool{
	"http://www.w3.org/2005/Atom":                 true,
	"http://purl.org/atom/ns#":                    true,
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#": true,
	"http://purl.org/rss/1.0/":                    true,
	"http://channel.netscape.com/rdf/simple/0.9/": true,
	"http://my.netscape.com/rdf/simple/0.9/":      true,
}

// rawName is the name in a start tag as it is written.
func rawName(tag []byte) string {
	if len(tag) < 2 || tag[0] != '<' {
		return ""
	}
	name := tag[1:]
	if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return string(name)
}

func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// tagReader feeds the tokenizer and fails inside a tag that is too long, before
// its attributes fill the memory.
type tagReader struct {
	b     []byte
	at    int
	limit int
}

// begin is called before each token, with the place where it begins.
func (r *tagReader) begin(at int) {
	r.limit = len(r.b)
	if at+1 < len(r.b) && r.b[at] == '<' && r.b[at+1] != '!' && r.b[at+1] != '?' {
		r.limit = min(len(r.b), at+maxTag)
	}
}

func (r *tagReader) ReadByte() (byte, error) {
	if r.at >= r.limit {
		return 0, r.stop()
	}
	c := r.b[r.at]
	r.at++
	return c, nil
}

func (r *tagReader) Read(p []byte) (int, error) {
	if r.at >= r.limit {
		return 0, r.stop()
	}
	n := copy(p, r.b[r.at:r.limit])
	r.at += n
	return n, nil
}

func (r *tagReader) stop() error {
	if r.at < len(r.b) {
		return fmt.Errorf("%w: a tag of more than %d bytes", ErrTooComplex, maxTag)
	}
	return io.EOF
}
