package page

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"tidings/digest/text"
)

// value is an attribute's value, "" without it.
func value(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func isElement(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == name }
}

// first is the first node below n, in document order, that is wanted.
func first(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	for d := range n.Descendants() {
		if wanted(d) {
			return d
		}
	}
	return nil
}

// textOf is all text below n.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.Type == html.ElementNode && d.Data == "br":
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// spaced is all text below n, pieces of different elements apart.
func spaced(n *html.Node) string {
	return spacedWithout(n, func(*html.Node) bool { return false })
}

// spacedWithout is spaced without some elements.
func spacedWithout(n *html.Node, without func(*html.Node) bool) string {
	var b strings.Builder
	addSpaced(&b, n, without)
	return strings.Join(strings.Fields(b.String()), " ")
}

func addSpaced(b *strings.Builder, n *html.Node, without func(*html.Node) bool) {
	for c := n.FirstChild; c != nil && b.Len() <= spacedMost; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			addHead(b, c.Data)
		case c.Type == html.ElementNode && !without(c):
			addSpaced(b, c, without)
		}
	}
}

// spacedMost is about how many bytes spaced reads: every element around a long text is
// asked what it says, and none of a line has as many.
const spacedMost = 1000

// addHead adds the beginning of s, and a space.
func addHead(b *strings.Builder, s string) {
	if len(s) > spacedMost {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		s = strings.ToValidUTF8(s[:min(len(s), 2*spacedMost)], "")
	}
	b.WriteString(s)
	b.WriteByte(' ')
}

// hasToken tells whether a class or the id of n is one of names.
func hasToken(n *html.Node, names map[string]bool) bool {
	for _, key := range []string{"class", "id"} {
		for t := range strings.FieldsSeq(strings.ToLower(value(n, key))) {
			if names[t] {
				return true
			}
		}
	}
	return false
}

// tokens are the words that class and id of n are made of, in lower case.
func tokens(n *html.Node) []string {
	names := strings.ToLower(value(n, "class") + " " + value(n, "id"))
	return strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == ':' || unicode.IsSpace(r) })
}

// oneLine folds white space and cuts at most runes runes off between words.
func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200C' && r != '\u200D' {
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " ") + "…"
}

// noLanguage is none of any text: no stem is wanted.
const noLanguage = "zxx"

// wordsOf are the folded words of s.
func wordsOf(s string) []string {
	list := make([]string, 0, len(s)/8+1)
	for w := range text.Words(s, noLanguage) {
		list = append(list, w.Surface)
	}
	return list
}

func sameWords(a, b string) bool {
	x := wordsOf(a)
	return len(x) > 0 && slices.Equal(x, wordsOf(b))
}

// similar tells whether one of two lines is most of the other: the same words
// in the same order at one end.
func similar(a, b string) bool {
	x, y := wordsOf(a), wordsOf(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 || 2*len(x) < len(y) {
		return false
	}
	return slices.Equal(x, y[:len(x)]) || slices.Equal(x, y[len(y)-len(x):])
}

// clone is a copy of a tree.
func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for child := range n.ChildNodes() {
		c.AppendChild(clone(child))
	}
	return c
}
