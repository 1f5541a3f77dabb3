package page

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/itlightning/dateparse"
	"golang.org/x/net/html"

	"tidings/digest/text"
)

// publishedOf finds when it was published: as the page tells machines, then as
// it shows near its headline, then as its address says. A date whose name leaves
// open what it is of comes behind one that is marked on the page as that of
// publication; the time of a change counts only when there is no other.
func publishedOf(doc *html.Node, r reduced, meta map[string]string, ld data, title, language, address string) time.Time {
	order := orderOf(language, address)
	given := []string{ld.published}
	for _, key := range dateMeta {
		given = append(given, meta[key])
	}
	if t := firstTime(given, order); !t.IsZero() {
		return t
	}
	headed := aroundHeadings(doc, title)
	published, shown := markedDate(doc, headed, order)
	if !published.IsZero() {
		return published
	}
	given = given[:0]
	for _, key := range vagueMeta {
		given = append(given, meta[key])
	}
	if t := cmp.Or(firstTime(given, order), shown, readTime(r.dated, order)); !t.IsZero() {
		return t
	}
	inAddress := addressDate(address)
	if t := shownDate(doc, headed, order); !t.IsZero() && (inAddress.IsZero() || t.Sub(inAddress).Abs() < 45*24*time.Hour) {
		return t
	}
	if !inAddress.IsZero() {
		return inAddress
	}
	for _, name := range sortedKeys(meta) {
		if dateName.MatchString(name) && !changeName.MatchString(name) {
			if t := readTime(meta[name], order); !t.IsZero() {
				return t
			}
		}
	}
	return readTime(cmp.Or(ld.modified, meta["article:modified_time"], meta["og:updated_time"], meta["last-modified"]), order)
}

// dateMeta are the names of meta elements for the date of publication, the
// surest first; vagueMeta those that some fill with another day.
var (
	dateMeta = []string{"article:published_time", "datepublished", "og:published_time", "article:published", "article.published", "parsely-pub-date", "sailthru.date",
		"dc.date.issued", "dcterms.issued", "dc.issued", "publishdate", "publish-date", "publish_date", "pubdate", "publication_date", "publication-date",
		"citation_publication_date", "citation_date", "cxenseparse:recs:publishtime", "rnews:datepublished", "schema:datepublished", "originalpublicationdate", "article_date_original", "vr:published_time"}
	vagueMeta = []string{"dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date", "schema:datecreated", "datecreated", "release_date", "displaydate"}
)

// firstTime is the first of the given that is a date.
func firstTime(given []string, order text.DayOrder) time.Time {
	for _, g := range given {
		if t := readTime(g, order); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

var (
	dateName   = regexp.MustCompile(`date|publi|issued|created|release|time$|_at$`)
	changeName = regexp.MustCompile(`mod|updat|chang|expir|valid|review|until|event|timezone|build`)
)

func sortedKeys(meta map[string]string) []string {
	names := make([]string, 0, len(meta))
	for name := range meta {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// orderOf is how numbers of day and month follow each other on a page: the month
// first in American English only.
func orderOf(language, address string) text.DayOrder {
	l := strings.ToLower(language)
	switch {
	case l == "", l == "en" && !britishHost.MatchString(address):
		return text.OrderUnknown
	case strings.HasPrefix(l, "en-us"), strings.HasPrefix(l, "en_us"):
		if britishHost.MatchString(address) {
			return text.OrderUnknown
		}
		return text.MonthFirst
	}
	return text.DayFirst
}

// britishHost are hosts of countries whose English puts the day first.
var britishHost = regexp.MustCompile(`^https?://[^/]+\.(uk|au|nz|ie|in|za|ng|ke|sg|my|pk|eu)(/|:|$)`)

// readTime reads a date as pages write it; zero for what is none. Dates without
// a zone are taken for UTC.
func readTime(s string, order text.DayOrder) time.Time {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 80 {
		return time.Time{}
	}
	t, err := dateparse.ParseStrict(s)
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		t = dayIn(s, order)
	}
	return t
}

// dayIn is the first date written in s; without a time of day noon in UTC, which
// is that day almost everywhere.
func dayIn(s string, order text.DayOrder) time.Time {
	t, clock := text.FindDate(s, order)
	if !t.IsZero() && !clock {
		t = t.Add(12 * time.Hour)
	}
	return t
}

// markedDate is the date in an element that is marked as that of publication, and
// the one in an element that is marked as a date only.
func markedDate(doc *html.Node, headed map[*html.Node]bool, order text.DayOrder) (published, shown time.Time) {
	changed := time.Time{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		property := strings.ToLower(value(n, "itemprop") + " " + value(n, "property"))
		marked := strings.Contains(property, "datepublished") || strings.Contains(property, "datecreated")
		if n.Data != "time" && !marked || n.Data == "meta" && inHead(n) {
			continue
		}
		t := readTime(cmp.Or(value(n, "datetime"), value(n, "content"), spaced(n)), order)
		if t.IsZero() {
			t = readTime(spaced(n), order)
		}
		called := strings.ToLower(value(n, "class") + " " + property)
		switch {
		case t.IsZero() || inStrange(n, headed) || ofAnotherWork(n):
		case marked || hasToken(n, publishedTokens):
			return t, shown
		case changeName.MatchString(called):
			changed = cmp.Or(changed, t)
		case shown.IsZero():
			shown = t
		}
	}
	return time.Time{}, cmp.Or(shown, changed)
}

// aroundHeadings are the elements that hold a headline: a heading of the first
// order, or another line that says the title.
func aroundHeadings(doc *html.Node, title string) map[*html.Node]bool {
	around := map[*html.Node]bool{}
	looked := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		says := n.Data == "h1" || value(n, "itemprop") == "headline"
		if !says && titleElements[n.Data] && looked < mostTitleLines {
			looked++
			line := spaced(n)
			says = len(line) <= 2*len(title) && len(title) <= 2*len(line) && sameWords(line, title)
		}
		if says {
			for up := n.Parent; up != nil && !around[up]; up = up.Parent {
				around[up] = true
			}
		}
	}
	return around
}

// titleElements are those, beside h1, that may hold the headline; so many of a
// page are looked at.
var titleElements = map[string]bool{"h2": true, "h3": true, "p": true}

const mostTitleLines = 100

// inStrange tells whether an element stands in comments, or among links to other
// articles, but not with a headline.
func inStrange(n *html.Node, headed map[*html.Node]bool) bool {
	foot := false // what is called a footer may be that of the article
	for up, steps := n.Parent, 0; up != nil && steps < 12; up, steps = up.Parent, steps+1 {
		switch {
		case up.Data == "article" || up.Data == "main" || strings.HasSuffix(value(up, "itemtype"), "Article"):
			return false
		case up.Data == "body":
			return foot
		}
		called := strings.ToLower(value(up, "class") + " " + value(up, "id"))
		if up.Data == "aside" || up.Data == "nav" || isStrange(strings.ReplaceAll(called, "footer", "")) {
			return !headed[up]
		}
		foot = !headed[up] && (foot || strings.Contains(called, "footer"))
	}
	return foot
}

var publishedTokens = map[string]bool{"published": true, "entry-date": true, "pubdate": true, "post-date": true, "publish": true}

// addressDate is the date in an address.
func addressDate(address string) time.Time {
	if m := pathDate.FindStringSubmatch(address); m != nil {
		return dayIn(m[1]+"-"+m[2]+"-"+m[3], text.DayFirst)
	}
	return time.Time{}
}

var (
	pathDate   = regexp.MustCompile(`/((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2]|\b[1-9])[/_-]?(0[1-9]|[12]\d|3[01]|\b[1-9])(?:[/_.-]|$)`)
	dateTokens = []string{"date", "datum", "fecha", "data", "time", "publish", "posted", "pubdate", "publication", "meta", "byline", "info", "created", "stand", "veroeff"}
)

// shownDate is the date that the page shows near its headline: in an element
// named after dates, else in a short line, else at the beginning of the text.
func shownDate(doc *html.Node, headed map[*html.Node]bool, order text.DayOrder) time.Time {
	var named, short, begun time.Time
	looked, behind := 0, 0
	start := "h1"
	if len(headed) == 0 {
		start = "body" // the headline is not marked
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || inHead(n) {
			continue
		}
		if n.Data == start && behind == 0 {
			behind = 1
		}
		if behind > 0 {
			behind++
		}
		if looked++; looked > 3000 || behind > 250 && !named.IsZero() {
			break
		}
		called := containsAny(strings.ToLower(value(n, "class")+" "+value(n, "id")), dateTokens)
		line := lineElements[n.Data] && n.Data != "section" || n.Data == "h2" || n.Data == "h3"
		if !called && !line || !named.IsZero() && behind == 0 {
			continue
		}
		shown := spaced(n)
		if len(shown) < 6 || len(shown) > 400 {
			continue
		}
		t := dayIn(shown[:min(len(shown), 200)], order)
		if t.IsZero() || inStrange(n, headed) {
			continue
		}
		switch {
		case called && len(shown) < 200:
			if named.IsZero() {
				named = t
			}
		case len(shown) < 80 && (behind > 0 && behind < 120 || dateAlone(shown) || !dayIn(shown[:min(len(shown), 22)], order).IsZero()):
			short = cmp.Or(short, t)
		case behind > 0 && behind < 60:
			begun = cmp.Or(begun, t)
		}
		if !named.IsZero() && behind > 0 {
			break
		}
	}
	return cmp.Or(named, short, begun)
}

// dateAlone tells a line of a date and hardly more.
func dateAlone(s string) bool { return len(s) < 30 && len(strings.Fields(s)) < 5 }

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
