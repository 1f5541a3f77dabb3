package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"tidings/digest/feed"
	"tidings/digest/text"
)

// body is the main text of a page and what its kind is judged by.
type body struct {
	text    string
	words   int
	page    pageWords
	sold    bool     // a line says that the rest is for subscribers
	cards   []string // of an overview, if there are enough
	dropped []Dropped
	how     string // which engine found it and why that one was believed
}

// pageWords are the words of a whole page.
type pageWords struct {
	all, linked int
	links       int // links of at least four words: headlines that lead elsewhere
	shown       string
}

// enough words make a text that no other way of finding it needs to be tried.
const enough = 80

// mainText finds the paragraphs that tell the news: what the engines take for
// the main part; when that is little, what the page's paragraphs hold, or what it
// gives to machines as the text.
func mainText(doc *html.Node, r reduced, f facts, address string) body {
	u, err := url.Parse(address)
	if err != nil {
		u = &url.URL{}
	}
	b := body{page: wordsOfPage(doc)}
	if !strings.HasPrefix(f.kind, "article") {
		b.cards = cardsOf(doc, u)
	}
	var whole *html.Node
	if b.page.all <= mostWeighed && elements(doc) <= mostCompared && weightOf(doc) <= mostWeight {
		whole = clone(doc)
	}
	prune(doc)
	plain, lead := paragraphsOf(doc), leadOf(doc, f.description)
	c := choose(doc, whole, plain, u, b.page, strings.HasPrefix(f.kind, "article"))
	b.how = c.how
	b.take(withLead(lead, c.paragraphs), f)
	if b.words < enough {
		b.takeBetter(withLead(lead, plain), f, "the plain count of paragraphs")
	}
	if told := strings.Split(f.body, "\n\n"); f.body != "" && (b.words < enough || continues(told, b.text)) {
		b.takeBetter(told, f, "the text that the page's linked data give")
	}
	if b.words < enough && len(r.props) > 0 && !f.sold && !b.sold { // else what is not shown is not meant to be
		b.takeBetter(heldText(r.props, cmp.Or(f.title, f.ownTitle)), f, "the text that the page gives to its scripts")
	}
	return b
}

// continues tells whether most paragraphs of a text stand in another as well.
func continues(whole []string, shown string) bool {
	places := map[uint64]int{}
	for _, p := range whole {
		for s := range shingles(p) {
			places[s] = 0
		}
	}
	all, both := 0, 0
	for p := range strings.SplitSeq(shown, "\n\n") {
		if all++; placeOf(p, places) >= 0 {
			both++
		}
	}
	return 3*both > 2*all
}

// take makes the paragraphs the text, without what belongs to the page.
func (b *body) take(paragraphs []string, f facts) {
	kept, dropped, sold := unwrap(paragraphs, f)
	b.dropped = dropped
	b.text = atMost(strings.Join(kept, "\n\n"))
	b.words = text.CountWords(b.text)
	b.sold = b.sold || sold
}

// takeBetter is take when that gives clearly more.
func (b *body) takeBetter(paragraphs []string, f facts, engine string) {
	other := *b
	other.take(paragraphs, f)
	if 2*other.words > 3*b.words {
		other.how = fmt.Sprintf("%s: %s found %d words only", engine, b.how, b.words)
		*b = other
	}
}

// longestText is the most of a text that is kept.
const longestText = 192 << 10

// atMost is s up to the last paragraph that ends within the limit.
func atMost(s string) string {
	if len(s) <= longestText {
		return s
	}
	s = s[:longestText]
	if i := strings.LastIndex(s, "\n\n"); i > 0 {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "")
}

// render gives the visible paragraphs of a tree: every block is a paragraph of
// its own, so that no two words of different blocks join.
func render(n *html.Node) []string {
	length := 0 // about what is rendered; a builder that grows is copied again and again
	for d := range n.Descendants() {
		switch d.Type {
		case html.TextNode:
			length += len(d.Data) + len(d.Data)/8
		case html.ElementNode:
			length += 24
		}
	}
	var b strings.Builder
	b.Grow(min(length, maxMarkup))
	if html.Render(&b, n) != nil {
		return nil
	}
	return visibleParagraphs(b.String())
}

// visibleParagraphs are those of rendered elements.
func visibleParagraphs(markup string) (list []string) {
	for p := range strings.SplitSeq(feed.VisibleWithin(markup, longestText), "\n\n") {
		if p = strings.TrimSpace(p); p != "" && len(list) < mostParagraphs {
			list = append(list, p)
		}
	}
	return list
}

// mostParagraphs of a text are read.
const mostParagraphs = 1000

// paragraphsOf gives the paragraphs of the densest element: the plain way to find
// a text.
func paragraphsOf(doc *html.Node) []string {
	best := densest(doc)
	if best == nil {
		return nil
	}
	var markup strings.Builder
	shares, length := map[*html.Node]share{}, 0
	measure(best, false, shares)
	for n := range best.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "p" || n.Data == "h2" || n.Data == "h3") && shares[n].mostlyText() && length < longestText {
			length += shares[n].all
			if html.Render(&markup, n) != nil {
				return nil
			}
		}
	}
	return visibleParagraphs(markup.String())
}

// densest is the element that holds most words in paragraphs directly, or nearly.
func densest(doc *html.Node) *html.Node {
	weights := map[*html.Node]int{}
	var best *html.Node
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "p" || n.Parent == nil {
			continue
		}
		words := text.CountWords(textOf(n))
		for up, share := n.Parent, words; up != nil && share > 0 && up.Type == html.ElementNode && up.Data != "html"; up, share = up.Parent, share*2/3 {
			weights[up] += share
			if best == nil || weights[up] > weights[best] {
				best = up
			}
		}
	}
	return best
}

// wordsOfPage counts what a reader sees of the whole page.
func wordsOfPage(doc *html.Node) (w pageWords) {
	var shown strings.Builder
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "a":
			words := text.CountWords(textOf(n))
			w.linked += words
			if words >= 4 {
				w.links++
			}
		case n.Type == html.TextNode && !inHead(n):
			w.all += text.CountWords(n.Data)
			if shown.Len() < 4096 {
				shown.WriteString(n.Data)
				shown.WriteByte(' ')
			}
		}
	}
	w.shown = oneLine(shown.String(), 2000)
	return w
}

func inHead(n *html.Node) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Data == "head" || up.Data == "title" {
			return true
		}
		if up.Data == "body" {
			return false
		}
	}
	return false
}

// asides are elements that stand beside an article.
var asides = map[string]bool{"nav": true, "aside": true, "footer": true, "form": true, "figcaption": true, "menu": true}

// asideRoles likewise (WAI-ARIA).
var asideRoles = map[string]bool{
	"navigation": true, "complementary": true, "contentinfo": true, "search": true, "dialog": true, "alertdialog": true, "banner": true, "menu": true, "toolbar": true,
}

// asideTokens are words of classes and ids whose elements stand beside an
// article.
var asideTokens = wordSet(`share sharing sharebar sharedaddy social socials sociallinks newsletter newsletters subscribe subscription signup cookie cookies
	consent gdpr comments comment disqus respond related recommended recommendations promo promotion advert advertisement advertising ads adsbygoogle sponsor
	sponsored breadcrumb breadcrumbs pagination pager sidebar popup modal paywall tags taglist tagcloud toolbar caption figcaption credit
	copyright skip widget widgets byline byl authorbox author-box bio dateline timestamp outbrain taboola trending popular mostread`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// prune takes out of a whole page what stands beside the article. An element is
// kept, whatever it is called, when it holds much of the page's text.
func prune(doc *html.Node) {
	root := first(doc, isElement("body"))
	if root == nil {
		return
	}
	shares := map[*html.Node]share{}
	most := measure(root, false, shares).all / 4
	removeWhere(root, func(n *html.Node) bool {
		if n.Data == "body" || n.Data == "main" || n.Data == "article" {
			return false
		}
		beside := asides[n.Data] || asideRoles[value(n, "role")] || slices.ContainsFunc(tokens(n), func(t string) bool { return asideTokens[t] })
		if n.Data == "header" {
			beside = first(n, isElement("h1")) == nil
		}
		if beside && !isBlock(n) && n.Parent.Data == "p" && 3*shares[n].all < shares[n.Parent].all {
			return false // a few words of a sentence
		}
		return beside && shares[n].all <= most
	})
}

// trim takes out of the main part what is no text of the article: captions,
// blocks that are mostly links, and lists of them.
func trim(root *html.Node) {
	shares := map[*html.Node]share{}
	measure(root, false, shares)
	removeWhere(root, func(n *html.Node) bool {
		switch n.Data {
		case "figcaption", "figure", "aside", "footer", "form", "nav", "img":
			return true
		case "li":
			return !shares[n].mostlyText() && !shares[n.Parent].mostlyText()
		case "p", "div", "section", "ul", "ol", "h2", "h3", "h4", "h5", "h6", "table":
			return !shares[n].mostlyText()
		}
		return false
	})
}

// A share is how many bytes of text stand in an element, and how many of them in
// links.
type share struct{ all, linked int }

// mostlyText tells whether a block is text of its own and not a set of links. A
// link inside a sentence is text.
func (s share) mostlyText() bool { return s.all == 0 || 3*s.linked < 2*s.all }

// measure notes the share of every element, in one walk. A link to a place of the
// page itself, as headings and notes have, is text.
func measure(n *html.Node, within bool, shares map[*html.Node]share) share {
	var sum share
	within = within || n.Type == html.ElementNode && n.Data == "a" && !strings.HasPrefix(value(n, "href"), "#")
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.TextNode {
			s := measure(c, within, shares)
			sum.all += s.all
			sum.linked += s.linked
			continue
		}
		length := len(strings.TrimSpace(c.Data))
		sum.all += length
		if within {
			sum.linked += length
		}
	}
	shares[n] = sum
	return sum
}

// removeWhere removes the elements below root that are unwanted, the outer ones
// first.
func removeWhere(root *html.Node, unwanted func(*html.Node) bool) {
	for c := root.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			if unwanted(c) {
				root.RemoveChild(c)
			} else {
				removeWhere(c, unwanted)
			}
		}
		c = next
	}
}
