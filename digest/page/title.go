package page

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"tidings/digest/feed"
	"tidings/digest/text"
)

// titleOf chooses the headline: what the page shows as its heading when its
// title or its linked data say the same, or hold it as a part; else the page's only
// heading, which outlets write for readers and their titles for search engines; else
// the best of what they say.
func titleOf(doc *html.Node, f facts, meta map[string]string, ld data, address string) string {
	site := siteOf(f.site, address)
	said := []string{ld.title, meta["og:title"], meta["twitter:title"], f.ownTitle}
	whole := make([]string, len(said))
	for i, s := range said {
		s = oneLine(feed.Visible(s), longestTitle)
		said[i], whole[i] = site.cut(s), site.cutName(s)
	}
	shown := headlinesOf(doc, site, address)
	for i, agree := range []func(said, heading string) bool{sameWords, partOf, similar} {
		for _, s := range said {
			for _, h := range shown {
				if !agree(s, h) {
					continue
				}
				if i == 0 {
					return h
				}
				if part := headedPart(doc, f.ownTitle, site); 2*len(part) > 3*len(h) { // the name is shorter
					return part
				}
				return agreed(h, whole)
			}
		}
	}
	if len(shown) == 1 && text.CountWords(shown[0]) >= leastAlone && slices.ContainsFunc(said, func(s string) bool { return speakAlike(s, shown[0]) }) {
		return shown[0]
	}
	if part := headedPart(doc, f.ownTitle, site); part != "" {
		return part
	}
	heading := ""
	if len(shown) > 0 && (text.CountWords(shown[0]) >= leastAlone || text.CountWords(said[3]) < leastAlone || speakAlike(shown[0], said[3])) {
		heading = shown[0] // and not that of a section
	}
	return cmp.Or(said[0], said[1], said[2], heading, said[3])
}

// agreed is a heading that is alike to what a page says, without what stands before or
// behind the headline in the same element, when its linked data, its meta elements and
// its own title agree on what that is.
func agreed(heading string, said []string) string {
	for _, s := range said[:2] {
		if s != "" && len(s) < len(heading) && sameWords(s, said[3]) && !sameWords(s, heading) && similar(s, heading) {
			return s
		}
	}
	return heading
}

const leastAlone = 4 // words of a heading that is believed against all titles

// headlinesOf are the headings of the first order that are not the outlet's name.
func headlinesOf(doc *html.Node, site siteName, address string) (list []string) {
	looked := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "h1" && value(n, "itemprop") != "headline" {
			continue
		}
		if looked++; looked > mostHeadings {
			break
		}
		h := site.cutName(oneLine(headline(n), longestTitle))
		if h != "" && !site.is(h) && !leadsHome(n, address) && !slices.ContainsFunc(list, func(other string) bool { return sameWords(other, h) }) {
			list = append(list, h)
		}
	}
	return list
}

const mostHeadings = 11

// leadsHome tells a heading that is a link to the outlet's first page, as its name is.
func leadsHome(heading *html.Node, address string) bool {
	link := first(heading, isElement("a"))
	if link == nil {
		link = heading.Parent
	}
	if link == nil || link.Data != "a" || value(link, "href") == "" {
		return false
	}
	u, err := url.Parse(absolute(address, value(link, "href")))
	return err == nil && u.Host != "" && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && strings.TrimRight(u.String(), "/") != strings.TrimRight(address, "/") && u.Fragment == ""
}

// partOf tells whether a heading is one of the parts that a title is made of.
func partOf(title, heading string) bool {
	if text.CountWords(heading) < 2 {
		return false
	}
	return slices.ContainsFunc(partsOf(title), func(part string) bool { return sameWords(part, heading) })
}

// partsOf are what stands between the separators of a title, and before and behind
// its colon.
func partsOf(title string) (parts []string) {
	for _, sep := range append([]string{": "}, separators...) {
		title = strings.ReplaceAll(title, sep, "\x00")
	}
	for part := range strings.SplitSeq(title, "\x00") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// speakAlike tells whether two lines have a word of some length in common.
func speakAlike(a, b string) bool {
	words := wordsOf(a)
	return slices.ContainsFunc(wordsOf(b), func(w string) bool { return len(w) >= longWord && slices.Contains(words, w) })
}

const longWord = 5 // bytes

// headedPart is the longest part of a title that is a heading of a lower order, or all of
// it: a blog has its own name in the first and the headline in one of these.
func headedPart(doc *html.Node, title string, site siteName) string {
	var parts []string
	for _, part := range append(partsOf(title), title, site.cut(title)) {
		if !site.is(part) && text.CountWords(part) >= 2 {
			parts = append(parts, part)
		}
	}
	best, looked := "", 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "h2" && n.Data != "h3" {
			continue
		}
		if looked++; looked > mostTitleLines {
			break
		}
		line := spaced(n)
		for _, part := range parts {
			if len(part) > len(best) && len(line) <= 2*len(part) && len(part) <= 2*len(line) && sameWords(part, line) {
				best = part
			}
		}
	}
	return best
}

// headline is the text of a heading without a kicker: a few words in an element of
// their own, before the headline in another.
func headline(heading *html.Node) string {
	var parts []*html.Node
	for c := range heading.ChildNodes() {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) != "":
			return textOf(heading)
		case c.Type == html.ElementNode && strings.TrimSpace(textOf(c)) != "":
			parts = append(parts, c)
		}
	}
	if len(parts) != 2 || !slices.Contains(kickers, parts[0].Data) {
		return textOf(heading)
	}
	kicker, rest := len(strings.Fields(textOf(parts[0]))), len(strings.Fields(textOf(parts[1])))
	if kicker <= mostKicker && rest >= leastHeadline {
		return textOf(parts[1])
	}
	return textOf(heading)
}

// kickers are the elements that a kicker may be.
var kickers = []string{"span", "div", "small", "p", "strong"}

const (
	mostKicker    = 5 // words
	leastHeadline = 3
)

// A siteName is how an outlet is called: by itself, and in its address.
type siteName struct {
	name string // "The Fell Post"; "" when it does not say
	host string // "fellpost.example", as letters and digits only
	bare string // without the public suffix: "fellpost"
}

// siteOf is what the outlet is called whose page was found at address.
func siteOf(name, address string) siteName {
	domain := feed.Site(address)
	bare, _, _ := strings.Cut(domain, ".")
	return siteName{name: name, host: letters(domain), bare: letters(bare)}
}

// letters are the letters and digits of s, folded.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, text.Fold(s))
}

// is tells whether a line is the outlet's name and no more.
func (s siteName) is(line string) bool {
	if s.name != "" && sameWords(line, s.name) {
		return true
	}
	l := letters(line)
	return l != "" && (l == s.bare || l == s.host)
}

// like tells whether a part of a title is the outlet's name, or most of it.
func (s siteName) like(part string) bool {
	return s.is(part) || s.name != "" && similar(part, s.name) ||
		len(s.bare) >= shortestHost && strings.HasPrefix(letters(part), s.bare)
}

const shortestHost = 5 // letters of an address that a longer name may begin with

// separators stand between a headline and the outlet's name.
var separators = []string{" | ", " - ", " – ", " — ", " · ", " » ", " « ", " :: ", " / ", " • ", " │ ", " ┃ ", "｜", "│", " -", "_"}

// cut takes the outlet's name from the end or the beginning of a title. A last part of
// few words is taken for one when most of the title is left.
func (s siteName) cut(title string) string { return s.cutWhere(title, s.guess) }

// cutName is cut of a heading, in which a last part of few words is the outlet's name
// only when it is known to be.
func (s siteName) cutName(heading string) string {
	return s.cutWhere(heading, func(head, tail, sep string) bool { return s.like(tail) })
}

// guess tells whether what stands behind a separator may be the outlet's name.
func (s siteName) guess(head, tail, sep string) bool {
	if s.like(tail) {
		return true
	}
	runes := utf8.RuneCountInString(head)
	long := len(strings.Fields(head)) >= 4 || runes >= 20
	return long && strings.TrimSpace(sep) != sep && sep != " -" && len(strings.Fields(tail)) <= 4 && runes > 2*utf8.RuneCountInString(tail)
}

func (s siteName) cutWhere(title string, isName func(head, tail, sep string) bool) string {
	for range 2 {
		cut := false
		for _, sep := range separators {
			if i := strings.LastIndex(title, sep); i > 0 {
				head, tail := strings.TrimSpace(title[:i]), strings.TrimSpace(title[i+len(sep):])
				if isName(head, tail, sep) {
					title, cut = head, true
					break
				}
			}
			if i := strings.Index(title, sep); i > 0 && s.is(title[:i]) {
				title, cut = strings.TrimSpace(title[i+len(sep):]), true
				break
			}
		}
		if !cut {
			break
		}
	}
	return title
}

// withoutSite takes the outlet's name from the end or the beginning of a title.
func withoutSite(title, site string) string { return siteName{name: site}.cut(title) }
