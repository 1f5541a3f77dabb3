package feed

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// ErrNoFeed says that a page was read and that neither it nor the usual places
// of its site lead to a feed.
var ErrNoFeed = errors.New("no feed was found there")

// Found is a feed found at or behind an address.
type Found struct {
	Address string // canonical, to be visited from now on
	Home    string // the page that leads to it, or that it names; may be empty
	Feed    Feed
}

// Bounds of one discovery.
const (
	mostFound    = 5       // feeds of one site that are offered
	mostTried    = 8       // places visited beside the address itself
	mostOnPage   = 200     // links of a page that are looked at
	scannedBytes = 2 << 20 // of a page
)

// usualPlaces are where sites keep a feed that they do not tell of.
var usualPlaces = []string{"/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml"}

// Discover finds the feeds at an address: those that a well-known site has for
// it; else the document there, if it is one; else those that the page names, in
// its head or in its links; else one in a usual place of its site. What tells the
// same news in another format is left out. It visits at most nine documents, one
// after the other, until ctx ends; what was found by then is returned. The error
// is fetch's for the address itself, Parse's for a feed there that cannot be read,
// ErrNoPreview or ErrNoFeed.
func Discover(ctx context.Context, fetch func(context.Context, Request) (Response, error), address string, now time.Time) ([]Found, error) {
	d := discovery{fetch: fetch, now: now, seen: map[string]bool{}}
	address = byRule(address)
	if d.try(ctx, likely(address), mostFound); len(d.found) > 0 {
		return d.found, nil
	}
	answer, err := fetch(ctx, Request{Address: address})
	if err != nil {
		return nil, err
	}
	f, err := d.read(address, answer)
	switch {
	case err == nil:
		return []Found{f}, nil
	case errors.Is(err, ErrNoPreview):
		return nil, err
	}
	page := readPage(answer)
	d.home, d.site = answer.FinalAddress, Site(answer.FinalAddress)
	d.seen[keyOf(answer.FinalAddress)] = true
	d.try(ctx, page.named, mostFound)
	if len(d.found) == 0 {
		d.try(ctx, page.linked, mostFound)
	}
	if len(d.found) == 0 {
		d.try(ctx, d.usual(), 1)
	}
	switch {
	case len(d.found) > 0:
		return d.found, nil
	case errors.Is(err, ErrNotFeed), errors.Is(err, ErrEmpty):
		return nil, ErrNoFeed
	}
	return nil, err // a feed that nobody can read
}

// discovery is one search under way.
type discovery struct {
	fetch      func(context.Context, Request) (Response, error)
	now        time.Time
	home, site string
	seen       map[string]bool
	tried      int
	found      []Found
}

// read takes an answer for a feed. The error says why it is none.
func (d *discovery) read(address string, answer Response) (Found, error) {
	body := answer.Body
	answer.Body = nil // which may be large, and is read now
	f, err := Parse(body, answer.ContentType, answer.FinalAddress, d.now)
	if err != nil {
		return Found{}, err
	}
	if answer.MovedTo != "" {
		address = answer.MovedTo
	}
	if address, err = CanonicalAddress(address); err != nil {
		return Found{}, err
	}
	return Found{Address: address, Home: cmp.Or(f.Link, d.home), Feed: f}, nil
}

// try visits places until that many feeds are found.
func (d *discovery) try(ctx context.Context, places []string, most int) {
	for _, place := range places {
		if len(d.found) >= most || d.tried >= mostTried || ctx.Err() != nil {
			return
		}
		key := keyOf(place)
		if key == "" || d.seen[key] {
			continue
		}
		d.seen[key] = true
		d.tried++
		answer, err := d.fetch(ctx, Request{Address: place})
		if err != nil {
			continue
		}
		f, err := d.read(place, answer)
		if err == nil && !slices.ContainsFunc(d.found, func(o Found) bool { return keyOf(o.Address) == keyOf(f.Address) || tellSame(o.Feed, f.Feed) }) {
			d.found = append(d.found, f)
		}
	}
}

// tellSame tells two feeds of a site that differ only in their format: they have
// one title and lead to the same places.
func tellSame(a, b Feed) bool {
	n := min(len(a.Items), len(b.Items), 5)
	if n == 0 || a.Title != b.Title || n < 3 && len(a.Items) != len(b.Items) {
		return false
	}
	return slices.EqualFunc(a.Items[:n], b.Items[:n], func(a, b Item) bool { return a.Link != "" && a.Link == b.Link })
}

func (d *discovery) usual() (places []string) {
	base, err := url.Parse(d.home)
	if err != nil {
		return nil
	}
	for _, place := range usualPlaces {
		places = append(places, base.ResolveReference(&url.URL{Path: place}).String())
	}
	return places
}

// keyOf is AddressKey, empty for what is no address.
func keyOf(address string) string {
	key, _ := AddressKey(address)
	return key
}

// A page is what a web page tells of feeds.
type page struct {
	named  []string // by <link rel="alternate">
	linked []string // by links that look so
}

// readPage collects the links of a page to feeds, those of comments last. It
// builds no tree, so that nesting costs nothing.
func readPage(answer Response) (p page) {
	body, err := toUTF8(answer.Body[:min(len(answer.Body), scannedBytes)], answer.ContentType)
	if err != nil {
		return p
	}
	base := parseWeb(answer.FinalAddress)
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(maxTag)
	var comments []string
	for links := 0; links < mostOnPage; {
		switch z.Next() {
		case html.ErrorToken:
			p.named = append(p.named, comments...)
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		t := z.Token()
		if t.Data != "link" && t.Data != "a" && t.Data != "base" {
			continue
		}
		a := map[string]string{}
		for _, attr := range t.Attr {
			a[strings.ToLower(attr.Key)] = attr.Val
		}
		to := webLink(base, a["href"])
		if to == "" {
			continue
		}
		switch {
		case t.Data == "base":
			base = parseWeb(to)
		case t.Data == "link" && isAlternate(a["rel"], a["type"]):
			links++
			if tellsComments(to, a["title"]) {
				comments = append(comments, to)
			} else {
				p.named = append(p.named, to)
			}
		case t.Data == "a" && looksLikeFeed(to) && !tellsComments(to, ""):
			links++
			p.linked = append(p.linked, to)
		}
	}
	p.named = append(p.named, comments...)
	return p
}

// FeedsOn are the addresses of the feeds that a page names in its head, else of those
// that its links look like; nobody has looked whether they are feeds.
func FeedsOn(answer Response) []string {
	p := readPage(answer)
	if len(p.named) > 0 {
		return slices.Compact(p.named)
	}
	return slices.Compact(p.linked)
}

func isAlternate(rel, kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
	return slices.Contains(strings.Fields(strings.ToLower(rel)), "alternate") &&
		slices.Contains([]string{"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json", "application/xml", "text/xml"}, kind)
}

// tellsComments says whether a feed is of a page's comments, which are no news.
func tellsComments(address, title string) bool {
	return strings.Contains(strings.ToLower(address), "comments") || strings.Contains(strings.ToLower(title), "comment")
}

// looksLikeFeed says whether the path of a link is one of a feed.
func looksLikeFeed(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := strings.ToLower(strings.TrimRight(u.Path, "/"))
	for _, end := range []string{".rss", ".atom", ".rdf", "/rss", "/feed", "/atom", "rss.xml", "feed.xml", "atom.xml", "feed.json", "index.xml"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return strings.HasPrefix(u.Hostname(), "feeds.") || strings.HasPrefix(u.Hostname(), "rss.")
}
