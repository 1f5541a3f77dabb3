package feed

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed"
)

// pictureKind is how sure it is that a picture was chosen for an item, the surest
// first.
type pictureKind int

const (
	noPicture     pictureKind = iota
	pictureMedia              // media:content that is one (Media RSS)
	pictureThumb              // media:thumbnail
	pictureLinked             // an enclosure of that type
	pictureNamed              // itunes:image, image
	pictureShown              // the first in its text
)

// leastPicture is the width from which on a picture is one: what is smaller counts
// visitors, or is a sign.
const leastPicture = 32

// A picture is the one of the open item that was found so far. It is written behind
// what an item's print is made of: addresses of pictures are often signed, and so new
// at every visit.
type picture struct {
	kind    pictureKind
	address string
	width   int // 0 when it is not told

	enclosed string // the first enclosure that is a picture
}

// offer takes another picture when it was chosen more surely, or as surely and is wider.
func (p *picture) offer(kind pictureKind, address string, width int) {
	if address == "" || len(address) > maxAddress || width > 0 && width < leastPicture {
		return
	}
	if p.kind == noPicture || kind < p.kind || kind == p.kind && width > p.width && kind != pictureShown {
		p.kind, p.address, p.width = kind, address, width
	}
}

// notePicture looks at an element of an item, under the name by which it is written,
// for a picture; text is what stands in it. It tells whether there is one.
func (m *mender) notePicture(name, text string, attributes []attr, base *url.URL) bool {
	address := cmp.Or(m.attribute(attributes, "url"), m.attribute(attributes, "href"), text)
	kind := pictureNamed
	switch name {
	case "media:content":
		kind = pictureMedia
	case "media:thumbnail":
		kind = pictureThumb
	case "enclosure":
		kind = pictureLinked
	}
	if m.began < 0 || address == "" || (kind == pictureMedia || kind == pictureLinked) && !m.isPicture(attributes, address) {
		return false
	}
	width, _ := strconv.Atoi(strings.TrimSuffix(m.attribute(attributes, "width"), "px"))
	m.picture.offer(kind, absolute(base, address), max(width, 0))
	return true
}

// pictureText is what an element says that is a picture: its text, or that of the
// address in it, as RSS writes pictures.
func (m *mender) pictureText(inside []byte) string {
	if i := bytes.Index(bytes.ToLower(inside), []byte("<url>")); i >= 0 {
		inside = inside[i+len("<url>"):]
		if end := bytes.IndexByte(inside, '<'); end >= 0 && !bytes.HasPrefix(inside[end:], []byte("<![CDATA[")) {
			inside = inside[:end]
		}
	}
	text := strings.TrimSpace(m.flat(inside))
	if strings.ContainsAny(text, " \n") {
		return ""
	}
	return text
}

// isPicture tells whether a type says that a file is a picture, or, without one, what
// its name ends in.
func (m *mender) isPicture(attributes []attr, address string) bool {
	if medium := m.attribute(attributes, "medium"); medium != "" {
		return strings.EqualFold(medium, "image")
	}
	if media := m.attribute(attributes, "type"); media != "" {
		return strings.HasPrefix(strings.ToLower(media), "image/")
	}
	path, _, _ := strings.Cut(strings.ToLower(address), "?")
	return slices.ContainsFunc(pictureEndings, func(end string) bool { return strings.HasSuffix(path, end) })
}

var pictureEndings = []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"}

// withoutPictures offers the first picture of a text, given as HTML, and gives the text
// without where its pictures are: what shows is the same.
func (m *mender) withoutPictures(markup string, base *url.URL) string {
	begin, end := pictureTag(markup)
	if m.began < 0 || end < 0 {
		return markup
	}
	if address := firstPicture(markup); address != "" {
		m.picture.offer(pictureShown, absolute(base, address), 0)
	}
	var b strings.Builder
	for ; end >= 0; begin, end = pictureTag(markup) {
		b.WriteString(markup[:begin])
		b.WriteString("<img>")
		markup = markup[end:]
	}
	b.WriteString(markup)
	return b.String()
}

// pictureTag is where the first tag of a picture in HTML begins, and where what stands
// behind it; end is -1 without one.
func pictureTag(markup string) (begin, end int) {
	for at := 0; ; {
		i := strings.IndexByte(markup[at:], '<')
		if i < 0 || at+i+5 > len(markup) {
			return 0, -1
		}
		begin = at + i
		at = begin + 1
		if !strings.EqualFold(markup[at:at+3], "img") || !strings.ContainsRune(" \t\r\n/", rune(markup[at+3])) {
			continue
		}
		quote := byte(0)
		for end = at + 3; end < len(markup); end++ {
			switch c := markup[end]; {
			case quote != 0 && c == quote:
				quote = 0
			case quote == 0 && (c == '"' || c == '\'') && markup[end-1] == '=':
				quote = c
			case quote == 0 && c == '>':
				return begin, end + 1
			}
		}
		return 0, -1 // it has no end, and so has what comes behind it
	}
}

// mostPictures of a text are looked at for one that is no sign.
const mostPictures = 10

// firstPicture is the address of the first picture in HTML, as written; "" without one.
func firstPicture(markup string) string {
	for range mostPictures {
		begin, end := pictureTag(markup)
		if end < 0 {
			return ""
		}
		if address := pictureIn(markup[begin+len("<img") : end-1]); address != "" {
			return address
		}
		markup = markup[end:]
	}
	return ""
}

// pictureIn is the address in the attributes of a picture that is no sign.
func pictureIn(inside string) string {
	list, tooMany := attributes([]byte(clip(inside, maxTag)))
	if tooMany {
		return ""
	}
	var e entities
	value := func(name string) string {
		for _, a := range list {
			if strings.EqualFold(a.name, name) {
				return strings.TrimSpace(e.decode(a.value))
			}
		}
		return ""
	}
	for _, side := range []string{"width", "height"} {
		if n, err := strconv.Atoi(strings.TrimSuffix(value(side), "px")); err == nil && n < leastPicture {
			return ""
		}
	}
	for _, name := range []string{"src", "data-src", "data-original"} { // the last two where scripts load pictures late
		if address := value(name); address != "" && !strings.HasPrefix(strings.ToLower(address), "data:") {
			return address
		}
	}
	return ""
}

// writePicture puts the open item's picture at its end, behind what was printed.
func (m *mender) writePicture(name string) {
	end := []byte("</" + name + ">")
	if m.picture.kind == noPicture || !bytes.HasSuffix(m.out.Bytes(), end) {
		return
	}
	m.out.Truncate(m.out.Len() - len(end))
	m.out.element("media:thumbnail", "", "url", m.picture.address)
	switch { // an item without a link leads to it
	case m.picture.enclosed == "":
	case m.kind == kindAtom:
		m.out.element("link", "", "href", m.picture.enclosed, "rel", "enclosure")
	default:
		m.out.element("enclosure", "", "url", m.picture.enclosed)
	}
	m.out.close(name)
}

// pictureOf is the address of an item's picture, "" without one.
func pictureOf(i *gofeed.Item, k kind, base *url.URL) string {
	if k == kindJSON {
		given := ""
		if i.Image != nil {
			given = webLink(base, i.Image.URL)
		}
		if given == "" {
			given = webLink(base, firstPicture(clip(i.Content, maxMarkup)))
		}
		return given
	}
	for _, e := range i.Extensions["media"]["thumbnail"] {
		return webLink(base, e.Attrs["url"])
	}
	return ""
}
