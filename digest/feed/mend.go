package feed

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// mend reads a document as XML with a browser's patience and writes what a feed
// may have anew: well-formed, with one set of prefixes, links made absolute
// where xml:base says so, and every text as the HTML it stands for. So gofeed
// never sees what a stranger wrote, only what we wrote about it: what would make
// it stop (an unknown entity, an attribute without quotes, tags crossed, a
// document cut off) and what would cost it too much (depth, namespaces, pieces)
// are gone.
//
// It looks at each byte a few times and needs memory for the output, which is
// hardly more than the input; where it would be more than maxDecoded, or there are
// more than maxScanned items, the rest is not read. Of an item in which the
// document breaks off nothing is kept, unless it is the first: then what is whole
// in it is. base is where the document came from. The error wraps ErrNotFeed,
// ErrTooDeep, ErrTooComplex or ErrBroken. Items whose prints are among those
// before are left out.
func mend(b []byte, base *url.URL, before Prints) (guarded, error) {
	m := mender{in: scanner{b: b}, document: base, began: -1, before: before}
	m.out.Grow(len(b)) // of which only what is written costs memory
	if err := m.begin(); err != nil {
		return guarded{}, err
	}
	for len(m.open) > m.around && !m.full() {
		t, ok := m.in.next()
		if !ok {
			break
		}
		switch t.kind {
		case markStart:
			if err := m.start(t); err != nil {
				return guarded{}, err
			}
		case markEnd:
			m.end(t.name)
		}
	}
	truncated := len(m.open) > m.around && m.items < maxScanned
	if truncated && m.items == 0 && m.began < 0 {
		return guarded{}, fmt.Errorf("%w: before its first item", ErrBroken)
	}
	if m.began >= 0 && m.items > 0 {
		m.out.Truncate(m.began)
		m.shut(m.item + 1)
		m.open = m.open[:m.item]
	}
	m.shut(0)
	return guarded{kind: m.kind, body: m.out.Bytes(), truncated: truncated, prints: m.prints, known: m.known, hub: m.hub}, nil
}

// full says that enough was written.
func (m *mender) full() bool { return m.items >= maxScanned || m.out.Len() >= maxDecoded }

// mender is the state of mend.
type mender struct {
	in       scanner
	document *url.URL // where it came from
	out      writer
	kind     kind
	entities entities
	around   int // elements that are written around the document's own
	open     []element
	scope    []binding
	elements int
	leaves   int // written since an item began or ended
	items    int // whole ones
	began    int // where the open item begins in the output, or -1
	item     int // where it stands in open
	dates    dates
	picture  picture
	written  []writtenItem

	before, prints Prints // of the items before, and of these
	known          int    // items that are both
	hub            Hub    // that the document names
}

// element is an open one that holds others.
type element struct {
	raw   string   // its name as written, in lower case
	name  string   // as what it was written; "" when it was not
	as    string   // the element whose children its children count as; "" when they are dropped
	base  *url.URL // by xml:base, nil without
	scope int      // bindings outside it
}

// binding is a prefix and what it stands for.
type binding struct {
	prefix string
	space  space
}

// begin finds the first element of a feed behind whatever stands before it.
func (m *mender) begin() error {
	first := ""
	for m.in.at < maxJunk || first == "" {
		t, ok := m.in.next()
		if !ok {
			break
		}
		if t.kind == markNote && m.entities.values == nil {
			m.entities.declare(m.in.b[t.start:t.end])
		}
		if t.kind != markStart {
			continue
		}
		prefix, local := splitName(t.name)
		if first == "" {
			first = local
		}
		switch local {
		case "rss", "rdf", "feed", "channel":
			return m.root(t, prefix, local)
		case "html", "head", "body", "frameset":
			if prefix == "" || prefix == "html" || prefix == "xhtml" {
				return fmt.Errorf("%w: it is a web page", ErrNotFeed)
			}
		}
	}
	switch {
	case m.in.b[0] != '<':
		return fmt.Errorf("%w: it begins with %q", ErrNotFeed, clip(string(m.in.b[:min(len(m.in.b), 40)]), 20))
	case first == "":
		return fmt.Errorf("%w: it has no root element", ErrNotFeed)
	}
	return fmt.Errorf("%w: its root element is %q", ErrNotFeed, clip(first, 40))
}

// root writes the beginning of the document.
func (m *mender) root(t mark, prefix, local string) error {
	attributes, err := m.attributes(t)
	if err != nil {
		return err
	}
	e := element{raw: strings.ToLower(t.name), base: m.baseOf(attributes, nil)}
	m.bind(attributes)
	// Whatever the root calls its vocabulary, it is the feed's.
	for i := range m.scope {
		if m.scope[i].prefix == prefix {
			m.scope[i].space = core
		}
	}
	lang := m.attribute(attributes, "xml:lang")
	switch local {
	case "feed":
		m.kind, e.name, e.as = kindAtom, "feed", "feed"
		m.out.WriteString(atomOpening)
		if lang != "" {
			m.out.WriteString(` xml:lang="` + escapeAttribute.Replace(lang) + `"`)
		}
		m.out.WriteByte('>')
	case "channel":
		m.kind = kindRSS
		m.out.WriteString(rssOpening)
		m.open, m.around = append(m.open, element{name: "rss", as: "rss", base: e.base}), 1
		e.name, e.as = "channel", "channel"
		m.out.open("channel")
		m.definition(attributes, e.base)
		defer m.language(lang)
	default:
		m.kind, e.name, e.as = kindRSS, "rss", "rss"
		m.out.WriteString(rssOpening)
	}
	if m.open = append(m.open, e); t.empty {
		m.end(t.name)
	}
	return nil
}

// definition writes what the Channel Definition Format gives as attributes.
func (m *mender) definition(attributes []attr, base *url.URL) {
	if href := m.attribute(attributes, "href"); href != "" {
		m.out.element("link", absolute(base, href))
	}
	if at := m.attribute(attributes, "lastmod"); at != "" {
		m.out.element("pubDate", clip(at, maxSmallField))
	}
}

func (m *mender) language(lang string) {
	if lang != "" {
		m.out.element("language", clip(lang, maxSmallField))
	}
}

// attributes reads those of a tag, within the limits.
func (m *mender) attributes(t mark) ([]attr, error) {
	if len(t.inside) > maxTag {
		return nil, fmt.Errorf("%w: a tag of more than %d bytes", ErrTooComplex, maxTag)
	}
	list, tooMany := attributes(t.inside)
	if tooMany {
		return nil, fmt.Errorf("%w: more than %d attributes", ErrTooComplex, maxAttributes)
	}
	return list, nil
}

// attribute is the decoded value of the attribute of that name, in lower case;
// "" without it.
func (m *mender) attribute(list []attr, name string) string {
	for _, a := range list {
		if strings.EqualFold(a.name, name) {
			return strings.TrimSpace(m.entities.decode(a.value))
		}
	}
	return ""
}

// baseOf is the address that links in an element are seen from. It is nil
// without xml:base: then the caller knows better.
func (m *mender) baseOf(attributes []attr, around *url.URL) *url.URL {
	if ref := m.attribute(attributes, "xml:base"); ref != "" && len(ref) <= maxAddress {
		if around == nil {
			around = m.document
		}
		return resolve(around, ref)
	}
	return around
}

// bind notes the namespaces that attributes declare.
func (m *mender) bind(attributes []attr) {
	for _, a := range attributes {
		switch prefix, local, ok := strings.Cut(strings.ToLower(a.name), ":"); {
		case prefix == "xmlns" && ok:
			m.scope = append(m.scope, binding{local, m.space(a)})
		case prefix == "xmlns":
			m.scope = append(m.scope, binding{"", m.space(a)})
		}
	}
}

func (m *mender) space(a attr) space { return spaceOf(m.entities.decode(a.value)) }

// spaceFor is what a prefix stands for here.
func (m *mender) spaceFor(prefix string) space {
	for i := len(m.scope) - 1; i >= 0; i-- {
		if m.scope[i].prefix == prefix {
			return m.scope[i].space
		}
	}
	if s, ok := spacePrefixes[prefix]; ok || prefix == "" {
		return s
	}
	return foreign
}

// start takes up an element.
func (m *mender) start(t mark) error {
	if m.elements++; m.elements > maxElements {
		return fmt.Errorf("%w: more than %d elements", ErrTooComplex, maxElements)
	}
	attributes, err := m.attributes(t)
	if err != nil {
		return err
	}
	outer := len(m.scope)
	if m.bind(attributes); len(m.scope) > maxSpaces {
		return fmt.Errorf("%w: more than %d namespaces", ErrTooComplex, maxSpaces)
	}
	prefix, local := splitName(t.name)
	s := m.spaceFor(prefix)
	if m.begins(s, local) {
		m.endItem() // the one before was never closed
	}
	top := m.open[len(m.open)-1]
	e := element{raw: strings.ToLower(t.name), base: m.baseOf(attributes, top.base), scope: outer}
	p := rule{}
	if top.as != "" {
		p = ruleOf(m.kind, top.as, s, local)
	}
	switch p.use {
	case drop:
	case through:
		e.as = top.as
		m.notePicture(string(s)+":"+local, "", attributes, e.base)
	case holder:
		e.name, e.as = p.name, p.name
		if e.name == "item" || e.name == "entry" {
			m.began, m.item, m.leaves, m.dates, m.picture = m.out.Len(), len(m.open), 0, dates{}, picture{}
		}
		m.out.open(e.name)
		if m.kind == kindRSS {
			m.definition(attributes, e.base)
		}
		if e.name == "channel" {
			m.language(m.attribute(attributes, "xml:lang"))
		}
	default:
		m.leaf(p, t, attributes, e.base)
		m.scope = m.scope[:outer]
		return nil
	}
	if len(m.open) >= maxDepth {
		return fmt.Errorf("%w: more than %d elements", ErrTooDeep, maxDepth)
	}
	if m.open = append(m.open, e); t.empty {
		m.end(t.name)
	}
	return nil
}

// begins tells whether an element is an item, so that no other can be around it.
func (m *mender) begins(s space, local string) bool {
	return m.kind == kindRSS && s == core && local == "item" || m.kind == kindAtom && (s == core || s == atoms) && local == "entry"
}

// end closes the innermost open element of that name, and what is open in it;
// an end without beginning is none.
func (m *mender) end(raw string) {
	raw = strings.ToLower(raw)
	for i := len(m.open) - 1; i >= 0; i-- {
		if m.open[i].raw == raw {
			m.shut(i)
			return
		}
	}
}

// endItem closes the open item, if there is one.
func (m *mender) endItem() {
	if m.began >= 0 {
		m.shut(m.item)
	}
}

// shut closes the open elements from a place on.
func (m *mender) shut(from int) {
	for i := len(m.open) - 1; i >= from; i-- {
		e := m.open[i]
		if m.open, m.scope = m.open[:i], m.scope[:min(e.scope, len(m.scope))]; e.name == "" {
			continue
		}
		m.out.close(e.name)
		if i == m.item && m.began >= 0 {
			print := printOf(m.out.Bytes()[m.began:])
			if m.prints = append(m.prints, print); slices.Contains(m.before, print) {
				m.out.Truncate(m.began)
				m.known++
			} else {
				m.writePicture(e.name)
				m.wrote(m.began)
			}
			m.began, m.leaves = -1, 0
			m.items++
		}
	}
}

// leaf reads an element without children of its own and writes it.
func (m *mender) leaf(p rule, t mark, attributes []attr, base *url.URL) {
	inside, whole := []byte(nil), true
	if !t.empty {
		inside, whole = m.inside(t.name, p.use)
	}
	if m.leaves++; !whole || m.leaves > maxLeaves {
		return // what is cut off goes with its item
	}
	switch p.use {
	case prose:
		m.out.element(p.name, m.withoutPictures(m.prose(inside, attributes), base))
	case value:
		m.value(p.name, strings.TrimSpace(m.flat(inside)), attributes, base)
	case linked:
		m.link(p.name, strings.TrimSpace(m.flat(inside)), attributes, base)
	case person:
		m.person(p.name, inside)
	case depicted:
		m.notePicture(p.name, m.pictureText(inside), attributes, base)
	}
}

// inside is what stands in the element whose start tag was read last, up to its
// end tag; an element around it that ends, or an item that begins, ends it, too.
// Another element ends what has none in it.
func (m *mender) inside(raw string, u use) (content []byte, whole bool) {
	from, nested := m.in.at, 0
	for {
		t, ok := m.in.next()
		if !ok {
			return nil, false
		}
		prefix, local := "", ""
		if t.kind == markStart || t.kind == markEnd {
			prefix, local = splitName(t.name)
		}
		switch {
		case t.kind == markStart && (u == value || u == linked || m.begins(m.spaceFor(prefix), local)):
			m.in.at = t.start
			return m.in.b[from:t.start], true
		case t.kind == markStart && strings.EqualFold(t.name, raw) && !t.empty:
			nested++
		case t.kind == markEnd && strings.EqualFold(t.name, raw):
			if nested--; nested < 0 {
				return m.in.b[from:t.start], true
			}
		case t.kind == markEnd && m.ends(t.name):
			m.in.at = t.start
			return m.in.b[from:t.start], true
		}
	}
}

// ends tells whether an end tag closes an element around this one.
func (m *mender) ends(raw string) bool {
	for i := len(m.open) - 1; i >= 0 && i >= len(m.open)-8; i-- {
		if m.open[i].name != "" && strings.EqualFold(m.open[i].raw, raw) {
			return true
		}
	}
	return false
}

// value writes a short text.
func (m *mender) value(name, text string, attributes []attr, base *url.URL) {
	switch name {
	case "guid":
		m.out.element(name, clip(text, maxSmallField), "isPermaLink", clip(m.attribute(attributes, "ispermalink"), 10))
		return
	case "category":
		term, label := m.attribute(attributes, "term"), m.attribute(attributes, "label")
		if text == "" {
			text = cmp.Or(label, term, m.attribute(attributes, "text"))
		}
		m.out.element(name, clip(text, maxSmallField), "term", clip(cmp.Or(term, text), maxSmallField), "label", clip(label, maxSmallField))
		return
	}
	m.dates.note(name, text)
	m.out.element(name, clip(text, maxSmallField))
}

// link writes a link, seen from base.
func (m *mender) link(name, text string, attributes []attr, base *url.URL) {
	rel := strings.ToLower(m.attribute(attributes, "rel"))
	href := cmp.Or(m.attribute(attributes, "href"), m.attribute(attributes, "url"), text)
	if href == "" || len(href) > maxAddress {
		return
	}
	enclosed := (name == "enclosure" || rel == "enclosure") && m.notePicture("enclosure", href, attributes, base)
	href = absolute(base, href)
	if in := m.open[len(m.open)-1].as; in == "channel" || in == "feed" {
		m.hub.note(rel, webLink(m.document, href))
	}
	switch {
	case enclosed:
		m.picture.enclosed = cmp.Or(m.picture.enclosed, href)
	case name == "enclosure":
		m.out.element(name, "", "url", href, "type", clip(m.attribute(attributes, "type"), 100))
	case m.kind == kindRSS && name == "link":
		if rel == "" || rel == "alternate" {
			m.out.element(name, href)
		}
	default:
		m.out.element(name, "", "href", href, "rel", clip(rel, 100), "type", clip(m.attribute(attributes, "type"), 100))
	}
}

// person writes who is named by a name and an address in elements, or by a text.
func (m *mender) person(name string, inside []byte) {
	text, children := m.read(inside)
	given := map[string]string{"name": text}
	if children {
		given = map[string]string{}
		s := scanner{b: clip(inside, maxSmallField), part: true}
		open := ""
		for t, ok := s.next(); ok; t, ok = s.next() {
			switch {
			case t.kind == markStart:
				_, open = splitName(t.name)
			case t.kind == markEnd:
				open = ""
			case t.kind == markText && open != "":
				given[open] += m.entities.decode(t.inside)
			case t.kind == markData && open != "":
				given[open] += string(t.inside)
			}
		}
	}
	who, address := strings.TrimSpace(clip(given["name"], maxSmallField)), strings.TrimSpace(clip(given["email"], maxSmallField))
	if m.kind == kindRSS && name == "author" {
		m.out.element(name, cmp.Or(who, address))
		return
	}
	inner := strings.TrimSuffix(name, "author")
	m.out.open(name)
	m.out.element(inner+"name", who)
	m.out.element(inner+"email", address)
	m.out.close(name)
}
