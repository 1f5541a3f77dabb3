package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// aWeb answers from memory and notes what was asked for.
type aWeb struct {
	pages map[string]string // address → document; those of pages begin with "<html"
	asked []string
}

func (w *aWeb) fetch(ctx context.Context, r Request) (Response, error) {
	w.asked = append(w.asked, r.Address)
	if ctx.Err() != nil {
		return Response{}, ctx.Err()
	}
	body, ok := w.pages[r.Address]
	if !ok {
		return Response{}, &Error{Address: r.Address, Reason: &StatusError{404}}
	}
	if to, moved := strings.CutPrefix(body, "→"); moved {
		return Response{Body: []byte(w.pages[to]), FinalAddress: to, MovedTo: to}, nil
	}
	return Response{Body: []byte(body), FinalAddress: r.Address}, nil
}

func aFeed(title string) string {
	return `<rss version="2.0"><channel><title>` + title + `</title><link>https://site.example/</link><item><title>One</title><link>https://site.example/1</link></item></channel></rss>`
}

func TestDiscoverSaysThatAFeedIsDamaged(t *testing.T) {
	const site = "https://site.example/"
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"broken off before its first item": {aFeed("A")[:60], ErrBroken},
		"nested without end":               {`<rss version="2.0"><channel>` + strings.Repeat("<a>", 100_000), ErrTooDeep},
		"no feed":                          {"<html><body>Hello", ErrNoFeed},
		"nothing":                          {" ", ErrNoFeed},
	} {
		w := &aWeb{pages: map[string]string{site + "feed.xml": c.body}}
		if found, err := Discover(t.Context(), w.fetch, site+"feed.xml", time.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: Discover = %v, %v; want %v", name, found, err, c.want)
		}
	}
}

func TestDiscoverFindsFeeds(t *testing.T) {
	const site = "https://site.example/"
	alternate := func(href, title string) string {
		return `<link rel="alternate" type="application/rss+xml" title="` + title + `" href="` + href + `">`
	}
	for _, c := range []struct {
		name    string
		address string
		pages   map[string]string
		want    []string // title address
	}{
		{"the address is a feed", site + "rss?utm_source=x", map[string]string{site + "rss?utm_source=x": aFeed("A")}, []string{"A " + site + "rss"}},
		{"it moved for good", site + "old", map[string]string{site + "old": "→" + site + "new", site + "new": aFeed("A")}, []string{"A " + site + "new"}},
		{"the head of a page names it", site, map[string]string{site: "<html><head>" + alternate("feed.xml", "") + "</head>", site + "feed.xml": aFeed("A")}, []string{"A " + site + "feed.xml"}},
		{"the head names several, comments last", site, map[string]string{
			site:         `<html><head><base href="https://site.example/x/"/>` + alternate("/comments/feed", "Comments") + alternate("a", "") + alternate("b", "") + alternate("a", "again") + alternate("gone", ""),
			site + "x/a": aFeed("A"), site + "x/b": aFeed("B"), site + "comments/feed": aFeed("C"),
		}, []string{"A " + site + "x/a", "B " + site + "x/b", "C " + site + "comments/feed"}},
		{"a link on the page", site, map[string]string{site: `<html><body><a href="/about">x</a><a href="news/feed/">RSS</a>`, site + "news/feed/": aFeed("A")}, []string{"A " + site + "news/feed/"}},
		{"a usual place", site + "news/today", map[string]string{site + "news/today": "<html>nothing", site + "rss.xml": aFeed("A")}, []string{"A " + site + "rss.xml"}},
		{"a YouTube channel", "https://www.youtube.com/channel/UCabc/videos", map[string]string{"https://www.youtube.com/feeds/videos.xml?channel_id=UCabc": aFeed("V")}, []string{"V https://www.youtube.com/feeds/videos.xml?channel_id=UCabc"}},
		{"a subreddit", "https://old.reddit.com/r/Golang/comments/x/y", map[string]string{"https://www.reddit.com/r/golang/.rss": aFeed("R")}, []string{"R https://www.reddit.com/r/golang/.rss"}},
		{"a YouTube channel by its handle", "https://m.youtube.com/@quay/videos", map[string]string{
			"https://www.youtube.com/@quay":                           "<html>" + alternate("https://www.youtube.com/feeds/videos.xml?channel_id=UCq", "RSS"),
			"https://www.youtube.com/feeds/videos.xml?channel_id=UCq": aFeed("Q"),
		}, []string{"Q https://www.youtube.com/feeds/videos.xml?channel_id=UCq"}},
		{"a repository has releases and commits", "https://github.com/quay/ferry", map[string]string{
			"https://github.com/quay/ferry/releases.atom": aFeed("Releases"), "https://github.com/quay/ferry/commits.atom": aFeed("Commits"),
		}, []string{"Releases https://github.com/quay/ferry/releases.atom", "Commits https://github.com/quay/ferry/commits.atom"}},
		{"an account of Mastodon", "https://social.example/@quay", map[string]string{"https://social.example/@quay.rss": aFeed("Q")}, []string{"Q https://social.example/@quay.rss"}},
		{"an account of Mastodon as another server shows it", "https://there.example/@quay@social.example", map[string]string{"https://social.example/@quay.rss": aFeed("Q")}, []string{"Q https://social.example/@quay.rss"}},
		{"an account whose page names the feed", "https://pix.example/@quay", map[string]string{"https://pix.example/@quay": "<html>" + alternate("/users/quay.atom", ""), "https://pix.example/users/quay.atom": aFeed("Q")}, []string{"Q https://pix.example/users/quay.atom"}},
		{"RSS and Atom of the same news", site, map[string]string{site: "<html>" + alternate("rss", "") + alternate("atom", ""), site + "rss": aFeed("A"), site + "atom": aFeed("A")}, []string{"A " + site + "rss"}},
		{"wrong types and javascript are no feeds", site, map[string]string{site: `<html><link rel=alternate type=text/html href=/x><link rel=alternate hreflang=de href=/de><a href="javascript:feed()/feed">x</a><a href="/feed">y</a>`, site + "feed": aFeed("A")}, []string{"A " + site + "feed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &aWeb{pages: c.pages}
			found, err := Discover(t.Context(), w.fetch, c.address, time.Now())
			var got []string
			for _, f := range found {
				got = append(got, f.Feed.Title+" "+f.Address)
			}
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("Discover(%s) = %v; want -, got +\n%s", c.address, err, diff)
			}
		})
	}
}

func TestDiscoverIsBounded(t *testing.T) {
	const site = "https://site.example/"
	var links strings.Builder
	pages := map[string]string{}
	for i := range 1000 {
		fmt.Fprintf(&links, `<link rel="alternate" type="application/atom+xml" href="/f%d">`, i)
		pages[fmt.Sprintf("%sf%d", site, i)] = aFeed(fmt.Sprint(i))
	}
	pages[site] = "<html>" + links.String()
	w := &aWeb{pages: pages}
	if found, err := Discover(t.Context(), w.fetch, site, time.Now()); len(found) != mostFound || err != nil || len(w.asked) != 1+mostFound {
		t.Errorf("of a thousand feeds %d were found (%v) with %d visits, want %d with %d", len(found), err, len(w.asked), mostFound, 1+mostFound)
	}
	w = &aWeb{pages: map[string]string{site: "<html>" + links.String()}}
	if found, err := Discover(t.Context(), w.fetch, site, time.Now()); !errors.Is(err, ErrNoFeed) || len(w.asked) > 1+mostTried {
		t.Errorf("of a thousand dead links came %v, %v after %d visits; want ErrNoFeed after at most %d", found, err, len(w.asked), 1+mostTried)
	}
	for name, page := range map[string]string{
		"nothing": "", "deep": "<html>" + strings.Repeat("<div>", 500_000), "binary": string(bytes.Repeat([]byte{0, 1, 2, 0xff}, 100_000)),
		"one endless tag": "<html><a href=\"" + strings.Repeat("x", 3<<20), "no end": "<html><!--" + strings.Repeat("-", 1<<20),
	} {
		w = &aWeb{pages: map[string]string{site: page}}
		if _, err := Discover(t.Context(), w.fetch, site, time.Now()); !errors.Is(err, ErrNoFeed) {
			t.Errorf("%s: Discover = %v, want ErrNoFeed", name, err)
		}
	}
	w = &aWeb{}
	if _, err := Discover(t.Context(), w.fetch, site, time.Now()); !errors.Is(err, ErrStatus) || len(w.asked) != 1 {
		t.Errorf("Discover of what is not there = %v after %d visits, want the fetch's error after one", err, len(w.asked))
	}
}

func TestPlainAddress(t *testing.T) {
	for typed, want := range map[string]string{
		"old.example": "http://old.example/", " //old.example/x ": "http://old.example/x", "feed:old.example": "http://old.example/",
		"https://old.example": "", "http://old.example": "", "mailto:x@old.example": "", "": "",
	} {
		if got := PlainAddress(typed); got != want {
			t.Errorf("PlainAddress(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestTypedAddress(t *testing.T) {
	for typed, want := range map[string]string{
		"example.org":                        "https://example.org/",
		"  <https://Example.org/Feed#top> ":  "https://example.org/Feed",
		"http://example.org/?utm_source=rss": "http://example.org/",
		"feed://example.org/rss":             "https://example.org/rss",
		"feed:https://example.org/rss":       "https://example.org/rss",
		"FEED:http://example.org/rss":        "http://example.org/rss",
		"//example.org/rss":                  "https://example.org/rss",
		"example.org:8080/rss":               "https://example.org:8080/rss",
		"https://Bücher.example/neu":         "https://xn--bcher-kva.example/neu",
		"пример.рф/лента":                    "https://xn--e1afmkfd.xn--p1ai/%D0%BB%D0%B5%D0%BD%D1%82%D0%B0",
		"https://example.org/\u200bfeed":     "https://example.org/feed",
		"“example.org/a”":                    "https://example.org/a",
		"http://127.0.0.1:8080/feed":         "http://127.0.0.1:8080/feed", // the dialler decides
		"http://[::1]/feed":                  "http://[::1]/feed",
	} {
		if got, err := TypedAddress(typed); got != want || err != nil {
			t.Errorf("TypedAddress(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
	for typed, want := range map[string]TypedKind{
		"":                               TypedNone,
		" \u200b ":                       TypedNone,
		"https://example.org/a b":        TypedSpaces,
		"north korea":                    TypedSpaces,
		"https://example.org/\nx":        TypedSpaces,
		"ftp://example.org/rss":          TypedScheme,
		"javascript:alert(1)":            TypedScheme,
		"mailto:ida@example.org":         TypedScheme,
		"file:///etc/passwd":             TypedScheme,
		"data:text/html,x":               TypedScheme,
		"https://ida:secret@example.org": TypedSecret,
		"ida:secret@example.org":         TypedScheme,
		"https://ida@example.org/rss":    TypedSecret,
		"https://":                       TypedHost,
		"news":                           TypedHost,
		"http://news/rss":                TypedHost,
		"https://exa%zzmple.org":         TypedHost,
		"https://[::1":                   TypedHost,
		"http://localhost:8080/rss":      TypedPrivate,
		"LOCALHOST":                      TypedPrivate,
		"printer.local":                  TypedPrivate,
		"https://example.org/" + strings.Repeat("x", 2000): TypedLong,
	} {
		got, err := TypedAddress(typed)
		var e *TypedError
		if !errors.As(err, &e) || e.Kind != want {
			t.Errorf("TypedAddress(%.60q) = %q, %v; want the kind %q", typed, got, err, want)
		}
	}
}

func TestOutlinesComeBackAsTheyWere(t *testing.T) {
	want := Outlines{
		Feeds: []Listed{
			{Name: "Harbour & \"Post\"", Address: "https://harbour.example/rss?a=1&b=2", Home: "https://harbour.example/", Language: "en", Subject: "Sea"},
			{Name: "港の新聞", Address: "https://minato.example/feed", Muted: true},
		},
		Topics: []ListedTopic{{Words: `"central bank" OR rates -"interest group"`}, {Words: "北朝鮮"}, {Words: "c++ & <b>", Muted: true}},
	}
	var b bytes.Buffer
	if err := WriteOPML(&b, "Tidings & \x00co", want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadOutlines(bytes.NewReader(b.Bytes()))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ReadOutlines(WriteOPML(x)) = %v; want -, got +\n%s\n%s", err, diff, b.String())
	}
}

func TestReadOutlinesTakesWhatCanBeUsed(t *testing.T) {
	outline := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `<outline xmlUrl="https://x%d.example/"/><outline type="topic" text="t%d"/>`, i, i)
		}
		return b.String()
	}
	bomb := `<!DOCTYPE opml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><opml><body><outline text="&c;" xmlUrl="https://x.example/"/></body></opml>`
	for _, c := range []struct {
		name, text    string
		feeds, topics int
		refused       int
		want          error
		broken        bool
	}{
		{"ten thousand", "<opml><body>" + outline(5000) + "</body></opml>", 5000, 5000, 0, nil, false},
		{"one more", "<opml><body>" + outline(5000) + `<outline type="topic" text="x"/></body></opml>`, 0, 0, 0, ErrTooLarge, false},
		{"it breaks off", "<opml><body>" + outline(3), 3, 3, 0, nil, true},
		{"it breaks off in a tag", "<opml><body>" + outline(3) + "<outline xmlU", 3, 3, 0, nil, true},
		{"some places cannot be used", `<opml><body>` + outline(1) + `<outline xmlUrl="ftp://x.example/"/><outline xmlUrl=""/></body></opml>`, 1, 1, 1, nil, false},
		{"an entity bomb is text", bomb, 1, 0, 0, nil, false},
		{"a feed", aFeed("A"), 0, 0, 0, ErrNotList, false},
		{"a page", "<!doctype html><html>", 0, 0, 0, ErrNotList, false},
		{"nothing", "", 0, 0, 0, ErrEmpty, false},
		{"deep", "<opml><body>" + strings.Repeat(`<outline text="x">`, 5000), 0, 0, 0, ErrTooDeep, false},
		{"addresses a line", "https://a.example/\nhttps://b.example/\nnonsense\n", 2, 0, 1, nil, false},
	} {
		got, err := ReadOutlines(strings.NewReader(c.text))
		if !errors.Is(err, c.want) || len(got.Feeds) != c.feeds || len(got.Topics) != c.topics || got.Refused != c.refused || got.Broken != c.broken {
			t.Errorf("%s: %d feeds, %d topics, %d refused, broken %t, %v; want %d, %d, %d, %t, %v", c.name, len(got.Feeds), len(got.Topics), got.Refused, got.Broken, err, c.feeds, c.topics, c.refused, c.broken, c.want)
		}
	}
}
