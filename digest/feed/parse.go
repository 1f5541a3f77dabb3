package feed

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

const (
	maxItems      = 500 // items of one feed
	maxCategories = 32  // of one item
)

// Parse reads RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed, and the web
// preview of a public Telegram channel, which base tells. contentType
// is the HTTP header's (its charset counts, its type does not); base is the
// address the body came from, against which links are resolved last, after
// xml:base and the feed's own link. now clamps dates from the future.
//
// Of more than 500 items the newest are kept, in document order. A document
// that breaks off gives its whole items, or what is whole in the first, and says
// so in Truncated. The error
// wraps ErrEmpty, ErrNotFeed, ErrTooDeep, ErrTooComplex, ErrCharset, ErrBroken,
// ErrTooLarge or ErrNoPreview. The body is not changed. A parse needs at most 64 MiB
// of memory with the body, if the caller lets go of it.
func Parse(body []byte, contentType, base string, now time.Time) (Feed, error) {
	f, err := ParseNew(body, contentType, base, now, nil)
	f.Prints = nil
	return f, err
}

// ParseNew is Parse without the items that stood in a document before, whose
// prints are given.
func ParseNew(body []byte, contentType, base string, now time.Time, before Prints) (Feed, error) {
	if isPreview(base) {
		f, err := parsePreview(body, contentType, base, now)
		if err != nil {
			return Feed{}, fmt.Errorf("parse preview: %w", err)
		}
		return f, nil
	}
	g, err := guardDocument(body, contentType, base, before)
	if err != nil {
		return Feed{}, fmt.Errorf("parse feed: %w", err)
	}
	f, rhythm, err := parseGuarded(g.kind, g.body)
	g.body = nil // it was read
	if err != nil {
		return Feed{}, fmt.Errorf("parse feed: %w", err)
	}
	out := newFeed(f, g, base, now)
	out.Rhythm, out.Prints, out.Known, out.Hub = rhythm, g.prints, g.known, g.hub
	return out, nil
}

// guardDocument tells what the document is and makes it fit for gofeed.
func guardDocument(body []byte, contentType, base string, before Prints) (guarded, error) {
	b, err := toUTF8(body, contentType)
	switch {
	case err != nil:
		return guarded{}, err
	case len(b) == 0:
		return guarded{}, ErrEmpty
	case b[0] == '{':
		g, err := guardJSON(b)
		g.hub = hubOfJSON(g.body, parseWeb(base))
		return g, err
	}
	return mend(b, parseWeb(base), before)
}

// parseGuarded gives the document to gofeed's parser of its kind: gofeed's own
// detection looks at 4096 bytes only. A panic in there is this document's
// fault, not the program's.
func parseGuarded(k kind, body []byte) (f *gofeed.Feed, rhythm Rhythm, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, rhythm, err = nil, Rhythm{}, fmt.Errorf("%w: the parser gave up: %s", ErrBroken, clip(fmt.Sprint(p), 120))
		}
	}()
	r := bytes.NewReader(body)
	switch k {
	case kindRSS:
		var doc *rss.Feed
		if doc, err = new(rss.Parser).Parse(r); err == nil {
			linkPermalinks(doc)
			rhythm = rhythmOf(doc)
			f, err = (&gofeed.DefaultRSSTranslator{DisableContentImageScan: true}).Translate(doc)
		}
	case kindAtom:
		var doc *atom.Feed
		if doc, err = new(atom.Parser).Parse(r); err == nil {
			f, err = new(gofeed.DefaultAtomTranslator).Translate(doc)
		}
	case kindJSON:
		var doc *json.Feed
		if doc, err = new(json.Parser).Parse(r); err == nil {
			if !isJSONFeed(doc) {
				return nil, rhythm, fmt.Errorf("%w: JSON without version and items", ErrNotFeed)
			}
			escapeJSON(doc)
			f, err = new(gofeed.DefaultJSONTranslator).Translate(doc)
		}
	}
	if err != nil {
		return nil, rhythm, fmt.Errorf("%w: %s", ErrBroken, clip(err.Error(), 200))
	}
	return f, rhythm, nil
}

// linkPermalinks gives an item without link the address in its guid, unless the
// guid says that it is none (RSS 2.0, guid).
func linkPermalinks(doc *rss.Feed) {
	for _, i := range doc.Items {
		if i.Link == "" && i.GUID != nil && !strings.EqualFold(i.GUID.IsPermalink, "false") && isWeb(i.GUID.Value) {
			i.Link = i.GUID.Value
		}
	}
}

func isJSONFeed(doc *json.Feed) bool {
	return strings.Contains(doc.Version, "jsonfeed") || len(doc.Items) > 0
}

// escapeJSON makes HTML of the fields that JSON Feed defines as plain text, so
// that one rule serves all formats afterwards, and shortens what gofeed would
// look at again and again.
func escapeJSON(doc *json.Feed) {
	doc.Items = slices.DeleteFunc(doc.Items, func(i *json.Item) bool { return i == nil })
	doc.Authors = cleanAuthors(doc.Authors)
	clipAuthor(doc.Author)
	doc.Title = html.EscapeString(doc.Title)
	doc.Description = html.EscapeString(doc.Description)
	for _, i := range doc.Items {
		i.Authors = cleanAuthors(i.Authors)
		clipAuthor(i.Author)
		i.DatePublished = clip(i.DatePublished, 100)
		i.DateModified = clip(i.DateModified, 100)
		i.Title = html.EscapeString(i.Title)
		i.Summary = escapeLines(i.Summary)
		if i.ContentHTML == "" {
			i.ContentHTML = escapeLines(i.ContentText)
		}
		i.URL = cmp.Or(i.URL, i.ExternalURL)
	}
}

func cleanAuthors(authors []*json.Author) []*json.Author {
	authors = slices.DeleteFunc(authors, func(a *json.Author) bool { return a == nil })
	for _, a := range authors {
		clipAuthor(a)
	}
	return authors
}

func clipAuthor(a *json.Author) {
	if a != nil {
		a.Name = clip(a.Name, maxSmallField)
	}
}

func escapeLines(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>")
}

// newFeed makes plain text, absolute links and sober dates of what gofeed read.
func newFeed(f *gofeed.Feed, g guarded, base string, now time.Time) Feed {
	root := parseWeb(base)
	out := Feed{
		Title:       firstShown(line, f.Title, first(f.Extensions, "dc", "title")),
		Link:        webLink(root, f.Link),
		Description: firstShown(Visible, f.Description, first(f.Extensions, "dc", "description"), first(f.Extensions, "atom", "subtitle")),
		Language:    clip(strings.TrimSpace(cmp.Or(f.Language, first(f.Extensions, "dc", "language"))), 35),
		Truncated:   g.truncated,
	}
	if home := parseWeb(out.Link); home != nil {
		root = home
	}
	for _, i := range newest(f.Items, now) {
		out.Items = append(out.Items, newItem(i, f, g.kind, root, now))
	}
	return out
}

func newItem(i *gofeed.Item, f *gofeed.Feed, k kind, base *url.URL, now time.Time) Item {
	x := i.Extensions
	item := Item{
		GUID:      guid(cmp.Or(first(x, "dc", "identifier"), i.GUID), base),
		Link:      webLink(base, i.Link),
		Title:     firstShown(line, i.Title, first(x, "dc", "title"), first(x, "media", "title")),
		Summary:   firstShown(Visible, i.Description, first(x, "dc", "description"), first(x, "itunes", "summary"), first(x, "itunes", "subtitle"), first(x, "media", "description")),
		Content:   firstShown(Visible, i.Content, first(x, "content", "encoded")),
		Author:    authorOf(i, f),
		Picture:   pictureOf(i, k, base),
		Published: sober(dateOf(ownDate(i), i.Published, first(x, "dcterms", "issued"), first(x, "dcterms", "created"), first(x, "dc", "date")), now),
		Updated:   sober(dateOf(i.UpdatedParsed, i.Updated, first(x, "dcterms", "modified")), now),
	}
	for _, l := range i.Links {
		item.Link = cmp.Or(item.Link, webLink(base, l))
	}
	for _, e := range i.Enclosures {
		item.Link = cmp.Or(item.Link, webLink(base, e.URL))
	}
	for _, c := range slices.Concat(i.Categories, all(x, "dc", "subject"), strings.Split(first(x, "itunes", "keywords"), ",")) {
		if c = line(c); c != "" && len(item.Categories) < maxCategories && !slices.Contains(item.Categories, c) {
			item.Categories = append(item.Categories, c)
		}
	}
	return item
}

// guid is an item's as given; one that is a path is made the address it stands for.
func guid(given string, base *url.URL) string {
	given = clip(strings.TrimSpace(given), 2048)
	if strings.HasPrefix(given, "/") {
		return cmp.Or(webLink(base, given), given)
	}
	return given
}

// authorOf names who wrote an item; in Atom its feed's author counts for every
// entry without one (RFC 4287 §4.2.1).
func authorOf(i *gofeed.Item, f *gofeed.Feed) string {
	people := i.Authors
	x := i.Extensions
	who := cmp.Or(first(x, "dc", "creator"), first(x, "itunes", "author"))
	if len(people) == 0 && who == "" && f.FeedType == "atom" {
		people = f.Authors
	}
	if len(people) > 0 && people[0] != nil && people[0].Name != "" {
		who = people[0].Name
	}
	return line(who)
}

// all are the texts of an element of a vocabulary.
func all(x ext.Extensions, vocabulary, name string) []string {
	var texts []string
	for _, e := range x[vocabulary][name] {
		texts = append(texts, e.Value)
	}
	return texts
}

// first is the first of them that is not empty.
func first(x ext.Extensions, vocabulary, name string) string {
	return cmp.Or(all(x, vocabulary, name)...)
}

// firstShown is the first text of which something is seen.
func firstShown(show func(string) string, texts ...string) string {
	for _, t := range texts {
		if t != "" {
			if s := show(t); s != "" {
				return s
			}
		}
	}
	return ""
}

// ownDate is when an item was published, unless gofeed took the time of its
// update because it could not read the other.
func ownDate(i *gofeed.Item) *time.Time {
	if i.PublishedParsed == i.UpdatedParsed && i.Published != i.Updated {
		if t := readDate(i.Published); !t.IsZero() {
			return &t
		}
	}
	return i.PublishedParsed
}

// dateOf is the date that was read, or the first that can be read of those
// written.
func dateOf(read *time.Time, written ...string) *time.Time {
	if read != nil {
		return read
	}
	for _, w := range written {
		if t := readDate(w); !t.IsZero() {
			return &t
		}
	}
	return nil
}

// newest keeps the 500 newest items in document order. Among items of one date,
// or without any, the first are the newest: that is how feeds are written.
func newest(items []*gofeed.Item, now time.Time) []*gofeed.Item {
	if len(items) <= maxItems {
		return items
	}
	type dated struct {
		at    time.Time
		place int
	}
	all := make([]dated, len(items))
	for n, i := range items {
		at := sober(i.PublishedParsed, now)
		if at.IsZero() {
			at = sober(i.UpdatedParsed, now)
		}
		all[n] = dated{at, n}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return b.at.Compare(a.at) })
	all = all[:maxItems]
	slices.SortFunc(all, func(a, b dated) int { return cmp.Compare(a.place, b.place) })
	kept := make([]*gofeed.Item, len(all))
	for n, d := range all {
		kept[n] = items[d.place]
	}
	return kept
}

// dates are those of the open item, as written.
type dates struct{ published, updated string }

func (d *dates) note(element, written string) {
	switch element {
	case "pubDate", "published", "atom:published", "dc:date", "dcterms:created":
		d.published = cmp.Or(d.published, written)
	case "updated", "atom:updated":
		d.updated = cmp.Or(d.updated, written)
	}
}

func (d dates) newest() time.Time {
	written := clip(cmp.Or(d.published, d.updated), 100)
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, time.RFC3339} {
		if t, err := time.Parse(layout, written); err == nil {
			return t
		}
	}
	return readDate(written)
}

// A writtenItem is a whole item in the output.
type writtenItem struct {
	begin, end int
	dates      dates
}

// wrote notes an item that was written from a place on. When there are twice as
// many as are wanted in the end, those that newest would leave out go at once, so
// that nobody behind needs memory for thousands.
func (m *mender) wrote(begin int) {
	m.written = append(m.written, writtenItem{begin, m.out.Len(), m.dates})
	if len(m.written) < 2*maxItems {
		return
	}
	at := make([]time.Time, len(m.written))
	order := make([]int, len(m.written))
	for i, w := range m.written {
		order[i], at[i] = i, w.dates.newest()
	}
	slices.SortStableFunc(order, func(a, b int) int { return at[b].Compare(at[a]) })
	stays := make([]bool, len(order))
	for _, i := range order[:maxItems] {
		stays[i] = true
	}
	out, to, from := m.out.Bytes(), 0, 0
	var kept []writtenItem
	for i, w := range m.written {
		to += copy(out[to:], out[from:w.begin])
		if from = w.end; stays[i] {
			kept = append(kept, writtenItem{to, to + w.end - w.begin, w.dates})
			to += copy(out[to:], out[w.begin:w.end])
		}
	}
	m.out.Truncate(to)
	m.written = kept
}

// sober is a date that can be believed: not in the future, not before the web.
func sober(t *time.Time, now time.Time) time.Time {
	switch {
	case t == nil || t.Year() < 1990:
		return time.Time{}
	case t.After(now):
		return now.UTC()
	}
	return t.UTC()
}

// resolve gives the address of ref seen from base; base when ref is unreadable.
func resolve(base *url.URL, ref string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(ref))
	switch {
	case err != nil || ref == "":
		return base
	case base == nil:
		return u
	}
	return base.ResolveReference(u)
}

// webLink is ref as an absolute http or https address, or empty.
func webLink(base *url.URL, ref string) string {
	if ref = strings.TrimSpace(ref); ref == "" || len(ref) > maxAddress {
		return ""
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	u.User = nil
	return u.String()
}

// absolute is ref seen from base, or ref when there is no base.
func absolute(base *url.URL, ref string) string {
	if base == nil {
		return ref
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ref
	}
	return base.ResolveReference(u).String()
}

// parseWeb is an absolute http or https address, or nil.
func parseWeb(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}

func isWeb(s string) bool { return parseWeb(s) != nil }
