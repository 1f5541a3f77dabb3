package page

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"tidings/digest/text"
)

// An overview shows cards of one shape, each a headline that leads to an article of the
// same site and the beginning of it. Their sentences look like a text; they are a list.
const (
	fewestCards   = 4
	longestCard   = 900 // bytes of text
	cardWords     = 8   // beside what is linked
	headlineWords = 3
	cardClimb     = 6 // elements between a link and its card
)

// cardsOf are the texts of the cards that most of one shape are, if they are enough for an
// overview. Links inside of sentences lead to no card, nor do links to the page itself.
func cardsOf(doc *html.Node, u *url.URL) []string {
	c := cardSeeker{shares: map[*html.Node]share{}, read: map[*html.Node]cardText{}}
	shares := c.shares
	measure(doc, false, shares)
	seen, targets := map[*html.Node]bool{}, map[string]bool{}
	shapes, best := map[string][]string{}, ""
	for n := range doc.Descendants() {
		target := ""
		if n.Type == html.ElementNode && n.Data == "a" && shares[n].all <= longestCard {
			target = targetOf(value(n, "href"), u)
		}
		if target == "" || targets[target] || !ownLine(n, shares) {
			continue
		}
		card := c.around(n)
		if card == nil || seen[card] {
			continue
		}
		seen[card], targets[target] = true, true
		class, _, _ := strings.Cut(value(card, "class"), " ")
		shape := card.Data + " " + strings.TrimRight(class, "0123456789")
		if shapes[shape] = append(shapes[shape], spaced(card)); len(shapes[shape]) > len(shapes[best]) {
			best = shape
		}
	}
	if len(shapes[best]) < fewestCards {
		return nil
	}
	return shapes[best]
}

// targetOf is where a link leads on the same site, "" for other places and for the page
// itself.
func targetOf(href string, u *url.URL) string {
	to, err := u.Parse(strings.TrimSpace(href))
	if err != nil || href == "" || to.Host != u.Host || to.Path == u.Path || to.Path == "" || to.Path == "/" {
		return ""
	}
	return to.Path + "?" + to.RawQuery
}

// ownLine tells whether a link is all of its block, or has blocks itself.
func ownLine(a *html.Node, shares map[*html.Node]share) bool {
	if shares[a].all == 0 {
		return false // a picture; its card has another
	}
	for c := range a.Descendants() {
		if isLine(c) {
			return true
		}
	}
	for up := a.Parent; up != nil; up = up.Parent {
		if shares[up].all > shares[a].all {
			return false
		}
		if isLine(up) {
			return true
		}
	}
	return false
}

// isLine tells an element that stands on lines of its own.
func isLine(n *html.Node) bool {
	return isBlock(n) || isHeading(n) || n.Type == html.ElementNode && (n.Data == "article" || n.Data == "td" || n.Data == "dt" || n.Data == "dd")
}

// A cardSeeker reads an element once, however many links look for their card in it.
type cardSeeker struct {
	shares map[*html.Node]share
	read   map[*html.Node]cardText
}

// A cardText is how many words an element has.
type cardText struct {
	headed      bool // there is a heading in it
	head, words int  // of the first heading, and of all
}

func (c *cardSeeker) textOf(n *html.Node) cardText {
	x, known := c.read[n]
	if !known {
		x.words = text.CountWords(spaced(n))
		if head := first(n, isHeading); head != nil {
			x.headed, x.head = true, text.CountWords(textOf(head))
		}
		c.read[n] = x
	}
	return x
}

// around is the smallest element around a link that has a text beside its headline.
func (c *cardSeeker) around(a *html.Node) *html.Node {
	linked := text.CountWords(textOf(a))
	for up, n := a, 0; up != nil && n < cardClimb && c.shares[up].all <= longestCard; up, n = up.Parent, n+1 {
		x := c.textOf(up)
		switch {
		case up == a: // all of the card is a link
			if x.headed && linked-x.head >= cardWords {
				return a
			}
		case !x.headed && linked < headlineWords:
		case !x.headed && x.words-linked >= cardWords, x.headed && x.words-max(linked, x.head) >= cardWords:
			return up
		}
	}
	return nil
}

func isHeading(n *html.Node) bool {
	return n.Type == html.ElementNode && len(n.Data) == 2 && n.Data[0] == 'h' && '2' <= n.Data[1] && n.Data[1] <= '6'
}

// ofCards tells whether two of three words of a text stand in cards.
func ofCards(told string, cards []string) bool {
	if len(cards) < fewestCards {
		return false
	}
	places := map[uint64]int{}
	for i, c := range cards {
		for s := range shingles(c) {
			places[s] = i
		}
	}
	all, there := 0, 0
	for p := range strings.SplitSeq(told, "\n\n") {
		n := text.CountWords(p)
		all += n
		if placeOf(p, places) >= 0 {
			there += n
		}
	}
	return 3*there > 2*all
}
