package page

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"tidings/digest/text"
)

// shownDate is the date that the page shows near its beginning in an element
// named after dates, or has in its address.
func shownDate(doc *html.Node, address string) time.Time {
	if m := pathDate.FindStringSubmatch(address); m != nil {
		if t := date(m[1], number(m[2]), m[3]); !t.IsZero() {
			return t
		}
	}
	looked := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || !slices.ContainsFunc(tokens(n), func(t string) bool { return dateTokens[t] }) {
			continue
		}
		if looked++; looked > 50 {
			break
		}
		if shown := spaced(n); len(shown) < 200 {
			if t := findDate(shown); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

var (
	pathDate   = regexp.MustCompile(`/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/-]|$)`)
	dateTokens = wordSet(`date datum fecha data time timestamp dateline published posted publish pubdate meta postmeta entrymeta byline info created datetime`)

	isoDate    = regexp.MustCompile(`\b((?:19|20)\d\d)[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})`)
	dottedDate = regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)\b`)
	dayMonth   = regexp.MustCompile(`\b(\d{1,2})(?:\.|er|st|nd|rd|th)?(?: de| of)? (\p{L}{3,12})\.?,?(?: de)? ((?:19|20)\d\d)\b`)
	monthDay   = regexp.MustCompile(`\b(\p{L}{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b`)
)

// months are the beginnings of their names in several languages, folded.
var months = [12][]string{
	{"jan", "ene", "gen", "янв", "stycz"}, {"feb", "fev", "fevr", "фев", "lut"}, {"mar", "mrz", "mae", "maa", "мар", "march"},
	{"apr", "avr", "abr", "апр", "kwi"}, {"may", "mai", "mei", "mag", "maj", "мая", "май"}, {"jun", "juin", "giu", "июн", "czer"},
	{"jul", "juil", "lug", "июл", "lip"}, {"aug", "aou", "ago", "авг", "sie"}, {"sep", "set", "сен", "wrz"},
	{"oct", "okt", "out", "ott", "окт", "paz"}, {"nov", "ноя", "lis"}, {"dec", "dez", "dic", "дек", "gru"},
}

// findDate is the first date written out in s; none whose day and month could
// be taken for each other (01/02/2003).
func findDate(s string) time.Time {
	s = text.Fold(s)
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return date(m[1], number(m[2]), m[3])
	}
	if m := dottedDate.FindStringSubmatch(s); m != nil {
		return date(m[3], number(m[2]), m[1])
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return date(m[3], monthOf(m[2]), m[1])
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return date(m[3], monthOf(m[1]), m[2])
	}
	return time.Time{}
}

func monthOf(name string) int {
	for i, beginnings := range months {
		if slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(name, b) }) {
			return i + 1
		}
	}
	return 0
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// date is noon of a day in UTC, which is that day almost everywhere.
func date(year string, month int, day string) time.Time {
	y, d := number(year), number(day)
	if month < 1 || month > 12 || d < 1 || d > 31 {
		return time.Time{}
	}
	t := time.Date(y, time.Month(month), d, 12, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return time.Time{}
	}
	return t
}

// spaced is all text below n, pieces of different elements apart.
func spaced(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
		if b.Len() > 1000 {
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
