package page

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/itlightning/dateparse"
	"golang.org/x/net/html"

	"tidings/digest/text"
)

// publishedOf finds when it was published: as the page tells machines, then as
// it shows near its headline, then as its address says. Where what it tells
// machines are several days, the one that it shows is believed. A date whose name
// leaves open what it is of comes behind one that is shown with the headline; the
// time of a change counts only when there is no other.
func publishedOf(doc *html.Node, r reduced, meta map[string]string, ld data, f facts, address string, now time.Time) time.Time {
	order := orderOf(f.language, address)
	linked, told := readTime(ld.published, order), timeIn(meta, dateMeta, order)
	if told.IsZero() || linked.IsZero() || sameDay(told, linked) {
		if t := cmp.Or(linked, told); !t.IsZero() {
			return t
		}
	}
	h := headingsOf(doc, f)
	shown := datesShown(doc, h, order)
	if !told.IsZero() {
		if sameDay(told, shown.near) {
			return told
		}
		return linked
	}
	published, changed := markedDate(doc, h, order)
	if t := cmp.Or(published, shown.near, timeIn(meta, vagueMeta, order), shown.timed, readTime(r.dated, order)); !t.IsZero() {
		return t
	}
	if t := cmp.Or(addressDate(address), shown.far); !t.IsZero() {
		return t
	}
	for _, name := range sortedKeys(meta) {
		if dateName.MatchString(name) && !changeName.MatchString(name) {
			if t := readTime(meta[name], order); !t.IsZero() {
				return t
			}
		}
	}
	if t := yearlessDate(doc, h, r.markup, now); !t.IsZero() {
		return t
	}
	return cmp.Or(shown.listed, changed, shown.changed, readTime(cmp.Or(ld.modified, meta["article:modified_time"], meta["og:updated_time"], meta["last-modified"]), order))
}

// dateMeta are the names of meta elements for the date of publication, the
// surest first; vagueMeta those that some fill with another day.
var (
	dateMeta = []string{"article:published_time", "datepublished", "og:published_time", "article:published", "article.published", "parsely-pub-date", "sailthru.date",
		"dc.date.issued", "dcterms.issued", "dc.issued", "publishdate", "publish-date", "publish_date", "pubdate", "publication_date", "publication-date",
		"citation_publication_date", "citation_date", "cxenseparse:recs:publishtime", "rnews:datepublished", "schema:datepublished", "originalpublicationdate", "article_date_original", "vr:published_time"}
	vagueMeta = []string{"dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date", "schema:datecreated", "datecreated", "release_date", "displaydate"}
)

// timeIn is the first of the named meta elements that is a date.
func timeIn(meta map[string]string, names []string, order text.DayOrder) time.Time {
	for _, name := range names {
		if t := readTime(meta[name], order); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// sameDay tells whether two times may be of one day, in whatever zone.
func sameDay(a, b time.Time) bool { return a.Sub(b).Abs() <= 36*time.Hour }

var (
	dateName   = regexp.MustCompile(`date|publi|issued|created|release|time$|_at$`)
	changeName = regexp.MustCompile(`mod|updat|chang|expir|valid|review|until|event|timezone|build`)
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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
// the one in an element that is marked as that of a change.
func markedDate(doc *html.Node, h headings, order text.DayOrder) (published, changed time.Time) {
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		property := strings.ToLower(value(n, "itemprop") + " " + value(n, "property"))
		marked := strings.Contains(property, "datepublished") || strings.Contains(property, "datecreated")
		if n.Data != "time" && !marked || n.Data == "meta" && inHead(n) {
			continue
		}
		t := timeOf(n, order)
		switch {
		case t.IsZero() || inStrange(n, h) || ofAnotherWork(n):
		case marked || hasToken(n, publishedTokens):
			return t, changed
		case ofChange(n):
			changed = cmp.Or(changed, t)
		}
	}
	return time.Time{}, changed
}

// timeOf is the date that an element gives: by an attribute, or as it shows.
func timeOf(n *html.Node, order text.DayOrder) time.Time {
	shown := spaced(n)
	if t := readTime(cmp.Or(value(n, "datetime"), value(n, "content"), shown), order); !t.IsZero() {
		return t
	}
	return readTime(shown, order)
}

// ofChange tells an element that is named after changes, not after publication.
func ofChange(n *html.Node) bool {
	called := strings.ToLower(value(n, "class") + " " + value(n, "itemprop") + " " + value(n, "property"))
	return changeName.MatchString(called) && !hasToken(n, publishedTokens)
}

// inStrange tells whether an element stands in comments, or among links to other
// articles, but not with a headline.
func inStrange(n *html.Node, h headings) bool {
	foot := false // what is called a footer may be that of the article
	for up, steps := n.Parent, 0; up != nil && steps < 12; up, steps = up.Parent, steps+1 {
		switch {
		case up.Data == "article" || up.Data == "main" || strings.HasSuffix(value(up, "itemtype"), "Article"):
			return false
		case up.Data == "body":
			return foot
		}
		called := strings.ToLower(value(up, "class") + " " + value(up, "id"))
		if up.Data == "aside" && len(spaced(up)) > longestLine || up.Data == "nav" || isStrange(strings.ReplaceAll(called, "footer", "")) {
			return !h.around[up] && !h.main[up]
		}
		foot = !h.around[up] && (foot || strings.Contains(called, "footer"))
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

// shownDates are the dates that a page shows to its readers.
type shownDates struct {
	near    time.Time // close to the headline, as its line of date and author
	timed   time.Time // elsewhere, in an element for times
	far     time.Time // elsewhere: behind a label of publication, in an element named after dates, in a short line, or where the text begins
	changed time.Time // where words say that it is of a change
	listed  time.Time // of the first in a list of articles
}

// How far from the headline its date may stand, in elements: above it, and behind
// it in an element named after dates, in a line of its own, or where the text
// begins.
const (
	aboveWithin = 15
	namedWithin = 120
	lineWithin  = 120
	begunWithin = 60
)

// mostShown are the elements of a page and the dates in it that are looked at.
const (
	mostShown = 5000
	mostDates = 60
)

// datesShown finds the dates that a page shows.
func datesShown(doc *html.Node, h headings, order text.DayOrder) (d shownDates) {
	var named, timed, elsewhere dateKinds
	var above, line, told, begun, before time.Time
	passed, behind, found, aboveAt := 0, 0, 0, 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || inHead(n) {
			continue
		}
		if h.again[n] && named.kinds == nil && line.IsZero() {
			behind = 0
		}
		if passed++; n == h.first || h.again[n] || behind > 0 {
			if behind++; behind == 1 && passed-aboveAt > aboveWithin {
				above = time.Time{}
			}
		}
		if behind > mostShown || found >= mostDates || named.kinds != nil || behind > lineWithin && !line.IsZero() {
			break
		}
		if behind == 0 && passed > mostShown {
			continue
		}
		t, shown, changed := dayShown(n, order)
		if t.IsZero() || inStrange(n, h) || inTeaser(n, h) {
			continue
		}
		found++
		called, short := calledDate(n) && len(shown) < 200, len(shown) < 80 && !inSentence(n)
		if behind == 0 && !changed && (called || short) {
			above, aboveAt = t, passed
		}
		switch {
		case changed:
			d.changed = cmp.Or(d.changed, t)
		case called && behind > 0 && behind <= namedWithin:
			named.add(n, t)
		case short && behind > 0 && behind < lineWithin && !called:
			line = cmp.Or(line, t)
		case n.Data == "time":
			timed.add(n, t)
		case dateAlone(shown) && labelOf(n) == ofPublication:
			told = cmp.Or(told, t)
		case called:
			elsewhere.add(n, t)
		case behind > 0 && behind < begunWithin, n.Data == "p" && !dayIn(shown[:min(len(shown), 30)], order).IsZero():
			begun = cmp.Or(begun, t)
		case short && (dateAlone(shown) || !dayIn(shown[:min(len(shown), 22)], order).IsZero()):
			before = cmp.Or(before, t)
		}
	}
	d.near, d.timed = cmp.Or(named.first(), line, above), timed.single()
	d.far = cmp.Or(told, elsewhere.single(), d.changed, begun, before)
	d.listed = cmp.Or(timed.first(), elsewhere.first())
	if h.first != nil && h.first.Data == "body" { // there is no headline to be near to
		d.near, d.timed = time.Time{}, cmp.Or(d.near, d.timed)
	}
	return d
}

// calledDate tells an element for dates, or one named after them.
func calledDate(n *html.Node) bool {
	return n.Data == "time" || containsAny(strings.ToLower(value(n, "class")+" "+value(n, "id")), dateTokens)
}

// inTeaser tells an element that holds or stands beside a link with the headline of
// another article.
func inTeaser(n *html.Node, h headings) bool {
	for up, steps := n, 0; up != nil && steps < 4 && !h.around[up]; up, steps = up.Parent, steps+1 {
		if len(spaced(up)) > longestTeaser {
			return false
		}
		if first(up, func(c *html.Node) bool { return c.Data == "a" && text.CountWords(textOf(c)) >= shortestTeaser }) != nil {
			return true
		}
	}
	return false
}

const (
	longestTeaser  = 400 // bytes of text
	shortestTeaser = 4   // words of the link
)

// inSentence tells an element that is a part of a longer text.
func inSentence(n *html.Node) bool {
	return !isBlock(n) && n.Parent != nil && len(spaced(n.Parent)) > longestLine
}

const longestLine = 160 // bytes of a line that tells date and author

// dayShown is the date that an element shows outside of links to other pages,
// the text that shows it, and whether words say that it is of a change.
func dayShown(n *html.Node, order text.DayOrder) (t time.Time, shown string, changed bool) {
	if !calledDate(n) && (!lineElements[n.Data] || n.Data == "section") && n.Data != "h2" && n.Data != "h3" && n.Data != "dd" {
		return time.Time{}, "", false
	}
	for up := n; up != nil; up = up.Parent {
		if up.Data == "a" && !dateAlone(spaced(up)) {
			return time.Time{}, "", false
		}
	}
	shown = spacedWithout(n, func(c *html.Node) bool { return c.Data == "a" && !dateAlone(spaced(c)) })
	if n.Data == "time" {
		return timeOf(n, order), shown, ofChange(n) || labelOf(n) == ofAChange
	}
	said := text.Fold(shown[:min(len(shown), 200)])
	switch {
	case len(shown) < 6, len(shown) > 400 && n.Data != "p", !mayDate(said):
		return time.Time{}, "", false
	case len(likeDate.FindAllStringIndex(said, daysOfList)) == daysOfList:
		return time.Time{}, "", false
	}
	if t = dayIn(said, order); t.IsZero() || len(shown) > 200 {
		return t, shown, false
	}
	word := changeWords.FindStringIndex(said)
	if word == nil {
		label := ofNothing
		if dateAlone(shown) {
			label = labelOf(n)
		}
		return t, shown, label == ofAChange || label == ofNothing && ofChange(n)
	}
	if t := dayIn(said[:word[0]], order); !t.IsZero() {
		return t, shown, false
	}
	said = said[word[1]:]
	if word := publishWords.FindStringIndex(said); word != nil {
		if t := dayIn(said[word[1]:], order); !t.IsZero() {
			return t, shown, false
		}
	}
	return t, shown, true
}

// A dateLabel is what the short line before a date says that it is of.
type dateLabel int

const (
	ofNothing dateLabel = iota
	ofPublication
	ofAChange
)

// labelOf reads the line right before an element, or before what it alone stands
// in: before a term's meaning, in a table's first column.
func labelOf(n *html.Node) dateLabel {
	for up, steps := n, 0; up != nil && steps < 3; up, steps = up.Parent, steps+1 {
		for p := up.PrevSibling; p != nil; p = p.PrevSibling {
			said := spaced(p)
			if p.Type == html.TextNode {
				said = strings.TrimSpace(p.Data)
			}
			if said != "" {
				return labelIn(said, p.Data == "p")
			}
		}
	}
	return ofNothing
}

// labelIn reads what stands before a date. A paragraph is no label, and what stands
// before another date is of that one.
func labelIn(said string, paragraph bool) dateLabel {
	if paragraph || len(said) > longestLabel {
		return ofNothing
	}
	said = text.Fold(said[strings.LastIndexAny(said, "0123456789")+1:])
	switch {
	case changeWords.MatchString(said):
		return ofAChange
	case publishWords.MatchString(said):
		return ofPublication
	}
	return ofNothing
}

const longestLabel = 80 // bytes of a line that says what stands behind it

// mayDate tells a text that has a year in it, or a short one with several numbers:
// in most there is no date to be sought.
func mayDate(s string) bool {
	numbers, digits := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && '0' <= s[i] && s[i] <= '9' {
			digits++
			continue
		}
		if digits >= 4 {
			if century := s[i-digits : i-digits+2]; century == "19" || century == "20" {
				return true
			}
		}
		if digits > 0 {
			numbers++
		}
		digits = 0
	}
	return numbers >= 2 && len(s) < 80
}

// likeDate is what most dates have; a line with several is a list of them.
var likeDate = regexp.MustCompile(`\d[./-]\d{1,2}[./-]\d|\b(?:19|20)\d\d\b`)

// Words that stand beside the date of a change, and beside that of publication,
// folded.
var (
	changeWords  = regexp.MustCompile(`aktualisier|geandert|\bupdated?\b|modified|\bcorrected|last edit|mise? a jour|modifie|actualizad[oa]|atualizad[oa]|modificad[oa]|aggiornat[oa]|bijgewerkt|gewijzigd|uppdatera|andrad|opdatere|oppdatert|paivitetty|aktualiz|frissit|actualizat|guncelle|обновл|изменен|оновлен|更新|修正|수정|تحديث|עודכן|अपडेट`)
	publishWords = regexp.MustCompile(`publi[sckeé]|\bposted|veroffentlicht|erschienen|erstellt|\bparu|mis en ligne|pubblicat|geplaatst|udgivet|julkaistu|megjelent|kozzetev|yayin|опубликован|опублікован|发布|發布|公開|掲載|입력|등록|نشر|פורסם|प्रकाशित`)
)

// dateKinds are dates by the kind of element that shows them. Where elements of
// one kind show several days, they are of a list of articles.
type dateKinds struct {
	kinds []string
	days  map[string][]time.Time
}

const daysOfList = 3

func (k *dateKinds) add(n *html.Node, t time.Time) {
	if k.days == nil {
		k.days = map[string][]time.Time{}
	}
	kind := n.Data + " " + value(n, "class")
	days := k.days[kind]
	if len(days) == 0 {
		k.kinds = append(k.kinds, kind)
	}
	if len(days) < daysOfList && !slices.ContainsFunc(days, func(d time.Time) bool { return sameDay(d, t) }) {
		k.days[kind] = append(days, t)
	}
}

// first is the first date, single the first of a kind that is no list's.
func (k *dateKinds) first() time.Time {
	if len(k.kinds) == 0 {
		return time.Time{}
	}
	return k.days[k.kinds[0]][0]
}

func (k *dateKinds) single() time.Time {
	for _, kind := range k.kinds {
		if days := k.days[kind]; len(days) < daysOfList {
			return days[0]
		}
	}
	return time.Time{}
}

// dateAlone tells a line of a date and hardly more.
func dateAlone(s string) bool { return len(s) < 30 && len(strings.Fields(s)) < 5 }
