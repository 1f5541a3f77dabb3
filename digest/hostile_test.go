package digest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What one bad thing may cost.
const (
	mostGrown    = 64 << 20 // bytes above rest
	mostComputed = 10 * time.Second
)

// A hostile is one bad thing that a stranger may send.
type hostile struct {
	name  string
	road  road
	serve http.HandlerFunc
	want  string // in the reason; "" when something can be read:
	title string // of the first that is
}

// TestNothingAStrangerSendsHarms serves every bad thing that we know of from one
// server, to a visitor in a process of its own: each costs bounded memory and time
// and has a reason in words, and the next source is served.
func TestNothingAStrangerSendsHarms(t *testing.T) {
	rude := rudeness()
	cases := append(rude, bombs()...)
	mux := http.NewServeMux()
	for i, c := range cases {
		mux.Handle(fmt.Sprintf("case%d.example/", i), c.serve)
	}
	mux.Handle("good.example/", say(rss("Ferry runs aground off the pier")))
	server := httptest.NewServer(mux)
	defer server.Close()
	v := startVisitor(t)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := errand{Road: c.road, Address: fmt.Sprintf("http://case%d.example/", i), At: server.Listener.Addr().String(), Patience: 30 * time.Second}
			if strings.Contains(c.name, "drips") || strings.Contains(c.name, "says nothing") {
				e.Patience = 300 * time.Millisecond
			}
			if i >= len(rude) && raceDetector() {
				t.Skip("with the race detector it takes ten times as long, and memory of the detector's own")
			}
			a := v.run(t, e)
			t.Logf("%v, %+d MiB: %q %s", a.Computed.Round(time.Millisecond), a.Grown>>20, a.Title, a.Reason)
			if !strings.Contains(a.Reason, c.want) || (c.want == "") != (a.Reason == "") {
				t.Errorf("reason %q, want %q", a.Reason, c.want)
			}
			if c.title != "" && a.Title != c.title {
				t.Errorf("title %q, want %q", a.Title, c.title)
			}
			if a.Next != "" {
				t.Errorf("the next source: %s", a.Next)
			}
			if a.Computed > mostComputed {
				t.Errorf("computed for %v, want at most %v", a.Computed, mostComputed)
			}
			if a.Grown > mostGrown && !raceDetector() {
				t.Errorf("the memory in use grew by %d MiB, want at most %d", a.Grown>>20, mostGrown>>20)
			}
		})
	}
}

// rudeness is what is small and false.
func rudeness() []hostile {
	many := strings.Repeat
	return []hostile{
		// No document, or none that comes to its end.
		{"a web page instead of a feed", roadVisit, say("<!DOCTYPE html><html><head><title>x</title></head><body>hello</body></html>"), "not a feed: it is a web page", ""},
		{"JSON that is no feed", roadVisit, say(`{"error":"not found"}`), "not a feed", ""},
		{"nothing", roadVisit, say(""), "empty", ""},
		{"only white space", roadVisit, say("\ufeff \n\t "), "empty", ""},
		{"a body that drips", roadVisit, drip("HTTP/1.1 200 OK\r\n\r\n"+"<rss version='2.0'><channel>", "<"), "too slow", ""},
		{"a header that drips", roadVisit, drip("HTTP/1.1 200 OK\r\n", "X: a\r\n"), "too slow", ""},
		{"a server that says nothing", roadVisit, drip("", ""), "too slow", ""},
		{"a redirect that drips", roadVisit, drip("HTTP/1.1 302 Found\r\nLocation: /", "a"), "too slow", ""},
		// Headers that lie.
		{"more announced than comes", roadVisit, raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + rss("A whole title of the paper")), "cut off", ""},
		{"less announced than comes", roadVisit, raw("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n" + rss("A whole title of the paper")), "broken", ""},
		{"a length that is no number", roadVisit, raw("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + rss("x")), "reached", ""},
		{"two lengths", roadVisit, raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n" + rss("x")), "reached", ""},
		{"a chunk of 2^60 bytes", roadVisit, raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0fffffffffffffff\r\n<rss>"), "cut off", ""},
		{"a header of 1 MiB", roadVisit, raw("HTTP/1.1 200 OK\r\nX-Long: " + many("a", 1<<20) + "\r\n\r\n" + rss("x")), "64 KiB", ""},
		{"a flood of headers", roadVisit, raw("HTTP/1.1 200 OK\r\n" + many("X-Flood: a\r\n", 100_000) + "\r\n" + rss("x")), "64 KiB", ""},
		{"a flood of early hints", roadVisit, raw(many("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 100_000) + "HTTP/1.1 200 OK\r\n\r\n" + rss("x")), "64 KiB", ""},
		{"no HTTP at all", roadVisit, raw("\x00\x01\x02" + many("\xff", 1<<20)), "64 KiB", ""},
		{"a redirect to itself", roadVisit, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "redirect", ""},
		{"two addresses that redirect to each other for good", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, map[bool]string{true: "/there", false: "/"}[r.URL.Path == "/"], http.StatusMovedPermanently)
		}, "redirect", ""},
		{"redirects to longer and longer addresses", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+many("longer/", 300), http.StatusFound)
		}, "4096", ""},
		{"a redirect into a private network", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}, "private network", ""},
		{"a redirect to a file", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, "only http", ""},
		// Documents.
		{"gzip of gzip", roadVisit, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			outer := gzip.NewWriter(w)
			inner := gzip.NewWriter(outer)
			io.WriteString(inner, rss("x"))
			inner.Close()
			outer.Close()
		}, "not a feed", ""},
		{"gzip that is none", roadVisit, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, rss("x"))
		}, "gzip", ""},
		{"brotli that was not asked for", roadVisit, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "xx")
		}, "br", ""},
		{"cut off before the first whole item", roadVisit, say(rss("A whole title of the paper")[:150]), "broken", ""},
		{"entities that expand a billion times", roadVisit, say(laughs()), "", "a &l11; b"},
		{"an entity that is a file", roadVisit, say(`<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + channel(item("a &f; b"))), "", "a &f; b"},
		// Letters.
		{"a character set nobody knows", roadVisit, say(`<?xml version="1.0" encoding="x-klingon"?>` + channel(item("x\xb1"))), "character", ""},
		{"invalid UTF-8", roadVisit, say(channel(item("a\xff\xfe\xc3b – ü – é"))), "", "a\ufffdb – ü – é"},
		{"control characters", roadVisit, say(channel(item("a\x00\x01\x1b[31mb\u0085c"))), "", "a[31mb c"},
		{"a script in a title", roadVisit, say(channel(item("&lt;script&gt;alert(1)&lt;/script&gt;Safe &lt;b onclick=x&gt;news&lt;/b&gt;"))), "", "Safe news"},
		{"a direction override in a title", roadVisit, say(channel(item("gpj.\u202eexe\u2066 x\u200b"))), "", "gpj.exe x"},
		{"a thousand marks on one letter", roadVisit, say(channel(item("Z" + many("\u0301", 1000) + "algo speaks"))), "", "\u0179" + many("\u0301", 7) + "algo speaks"},
		// Other roads.
		{"a page that leads to itself", roadLook, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<html><link rel="alternate" type="application/rss+xml" href="%s/again">`, r.URL.Path)
		}, "no feed", ""},
		{"a page of an article", roadPage, sayArticle(""), "", toolTitle},
		{"robots.txt that redirects to itself", roadPage, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, "/robots.txt", http.StatusFound)
				return
			}
			io.WriteString(w, toolPage)
		}, "", toolTitle},
		{"robots.txt that drips", roadPage, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				drip("HTTP/1.1 200 OK\r\n\r\n", "#")(w, r)
				return
			}
			io.WriteString(w, toolPage)
		}, "robots.txt cannot be read now", ""},
		{"100,000 nested outlines", roadOutline, say("<opml>" + many(`<outline text="a">`, 100_000)), "deep", ""},
		{"a list of expanding entities", roadOutline, say(strings.ReplaceAll(laughs(), "rss", "opml")), "empty", ""},
	}
}

// bombs are what is large, or grows.
func bombs() []hostile {
	many := strings.Repeat
	return []hostile{
		// What does not end.
		{"ten megabytes of white space", roadVisit, say(many(" \n", 5<<20-1)), "empty", ""},
		{"an endless feed", roadVisit, endless("<rss version=\"2.0\"><channel>", item("Another one")), "too large", ""},
		{"an endless line", roadVisit, endless("", "a"), "too large", ""},
		{"a title of 100 MB in one line", roadVisit, endless("<rss version=\"2.0\"><channel><item><title>", "a"), "too large", ""},
		{"an endless array of JSON", roadVisit, endless(`{"version":"https://jsonfeed.org/version/1.1","items":[`, `{"id":"1","url":"https://a.example/1","title":"x"},`), "too large", ""},
		{"50 MiB announced", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(50<<20))
			endless("", "a")(w, r)
		}, "too large", ""},
		// What grows when it is unpacked.
		{"a gzip bomb of 1 GiB", roadVisit, packed("gzip", 1<<30), "too large", ""},
		{"a deflate bomb of 1 GiB", roadVisit, packed("deflate", 1<<30), "too large", ""},
		{"a gzip bomb inside the limit", roadVisit, packed("gzip", 10<<20), "empty", ""},
		{"gzip streams of nothing without end", roadVisit, func(w http.ResponseWriter, r *http.Request) {
			var nothing bytes.Buffer
			gzip.NewWriter(&nothing).Close()
			w.Header().Set("Content-Encoding", "gzip")
			endless("", nothing.String())(w, r)
		}, "too large", ""},
		// Shapes.
		{"1,000,000 nested elements", roadVisit, say(channel("<item>" + many("<a>", 1_000_000) + many("</a>", 1_000_000) + "</item>")), "too deep", ""},
		{"1,000,000 nested elements, never closed", roadVisit, say(channel("<item>" + many("<a>", 1_000_000))), "too deep", ""},
		{"1,000,000 nested arrays of JSON", roadVisit, say(jsonFeed(many("[", 1_000_000))), "too deep", ""},
		{"1,000,000 nested objects of JSON", roadVisit, say(jsonFeed(many(`{"a":`, 1_000_000))), "too deep", ""},
		{"1,000,000 nested tags of escaped HTML", roadVisit, say(channel(item("deep", many("&lt;b&gt;", 1_000_000)))), "", "deep"},
		{"400 open formatting tags before 500,000 paragraphs", roadVisit, say(formatting(400)), "", "x"},
		{"10,000 namespaces and 20,000 items", roadVisit, say(namespaces(10_000)), "too complex", ""},
		{"150 namespaces, each in an element of its own, and one 10,000 times", roadVisit, say(channel(item("x") + numbered(`<a xmlns:n%[1]d="urn:example:%[1]d">`, 150) + many(`<m:b xmlns:m="urn:m"/>`, 10_000))), "", "x"},
		{"1,000,000 empty elements", roadVisit, say(channel("<item>" + many("<m:a/>", 1_000_000) + "</item>")), "too complex", ""},
		{"390,000 items of nothing", roadVisit, say(channel(item("x") + many("<item/>", 390_000))), "", "x"},
		{"390,000 categories", roadVisit, say(channel(item("x", many("</description><category>a</category><description>", 195_000)))), "", "x"},
		{"600,000 items of JSON", roadVisit, say(jsonFeed(`{"title":"a","url":"https://a.example/1"},` + many(`{"title":"a"},`, 600_000) + `{"title":"last"}]}`)), "", "a"},
		{"200,000 items of JSON", roadVisit, say(jsonFeed(many(`{"title":"a","url":"https://a.example/1"},`, 200_000) + `{"title":"last"}]}`)), "", "a"},
		{"an item of JSON with 399,000 authors", roadVisit, say(jsonFeed(`{"title":"a","url":"https://a.example/1","authors":[` + many(`{},`, 399_000) + `{}]}]}`)), "", "a"},
		{"an item of JSON with 399,000 unknown members", roadVisit, say(jsonFeed(`{"title":"a","url":"https://a.example/1"` + numbered(`,"_%d":1`, 399_000) + `}]}`)), "", "a"},
		{"a text of JSON of nine megabytes of escapes", roadVisit, say(jsonFeed(`{"title":"a","url":"https://a.example/1","content_html":"` + many(`\u0041`, 1_500_000) + `"}]}`)), "", "a"},
		{"a number of nine megabytes", roadVisit, say(jsonFeed(`{"title":"a","url":"https://a.example/1","date_modified":` + many("1", 9<<20) + `}]}`)), "broken", ""},
		{"a text of 500,000 pieces", roadVisit, say(channel(item("x") + "<item><m:a>" + many("0123<!---->", 500_000) + "</m:a></item>")), "", "x"},
		{"a tag with 500,000 attributes", roadVisit, say(channel("<item" + many(` a="b"`, 500_000) + "></item>")), "too complex", ""},
		{"a date of 5 MiB", roadVisit, say(channel(`<item><title>d</title><link>https://a.example/1</link><pubDate>` + many("Mon, 23 ", 600_000) + "</pubDate></item>")), "", "d"},
		{"an address of nine megabytes", roadVisit, say(channel("<item><title>d</title><link>https://a.example/" + many("a", 9<<20) + "</link></item>")), "no address", ""},
		{"390 items of 1,000 categories", roadVisit, say(channel(many(item("x", "</description>"+many("<category>a</category>", 1000)+"<description>"), 390))), "", "x"},
		{"a text of 170,000 ends of sections", roadVisit, say(channel(item("x", many("]]&gt;", 170_000)))), "", "x"},
		{"ten megabytes of text in one item", roadVisit, say(channel(item("x", many("Word by word it goes on. ", 9<<20/25)))), "", "x"},
		{"ten megabytes of text in 10,000 items", roadVisit, say(channel(many(item("x", many("Word by word it goes on. ", 32)), 10_000))), "", "x"},
		{"500 items of 20 KB of marked text", roadVisit, say(channel(many(item("x", many("&lt;p&gt;A &lt;b&gt;word&lt;/b&gt; by word it goes on.&lt;/p&gt;", 310)), 500))), "", "x"},
		// Ends that never come.
		{"500,000 sections that never end", roadVisit, say(channel(item("x") + "<item>" + many("<![CDATA[<?", 500_000))), "", "x"},
		{"500,000 document types with open brackets", roadVisit, say(many("<!DOCTYPE [>", 500_000) + channel(item("x"))), "", "x"},
		{"500,000 quotes that never end", roadVisit, say(channel(item("x") + many("<a b='\"", 250_000) + many("<a b=\"", 250_000))), "", "x"},
		{"500,000 items that never end", roadVisit, say(channel(many("<item><link>https://a.example/</link><title>x", 200_000))), "", "x"},
		{"500,000 tags that never end", roadVisit, say(channel(item("x") + many("<a <", 500_000))), "", "x"},
		{"300,000 hidden elements that never end", roadVisit, say(channel(item("x", many("&lt;object&gt;&lt;select&gt;&lt;p hidden&gt;", 100_000)))), "", "x"},
		// Entities.
		{"an entity of a kilobyte, used a million times", roadVisit, say(`<!DOCTYPE rss [<!ENTITY big "` + many("x", 1000) + `">]>` + channel(item("x")+many(item("y", many("&big;", 1000)), 1000))), "", "x"},
		{"1,000,000 entities declared", roadVisit, say(`<!DOCTYPE rss [` + many(`<!ENTITY a "b">`, 600_000) + `]>` + channel(item("x"))), "", "x"},
		// Letters.
		{"ten megabytes of invalid UTF-8", roadVisit, say(channel(item("x – ü – é – ß", many("\xff\xc3", 9<<19)))), "too large", ""},
		{"bytes that become three times as long", roadVisit, say(`<?xml version="1.0" encoding="windows-1252"?>` + channel(item("x", many("\x80", 9<<20)))), "too large", ""},
		{"three megabytes that become nine", roadVisit, say(`<?xml version="1.0" encoding="windows-1252"?>` + channel(item("x", many("\x80", 3<<20)))), "", "x"},
		{"a million invalid bytes among letters", roadVisit, say(channel(item("x", many("ab\xff", 1<<20)+many("é", 2<<20)))), "", "x"},
		{"two million control characters", roadVisit, say(channel(item("x", many("a\u0080", 2<<20)))), "", "x"},
		{"nine megabytes of UTF-16", roadVisit, say("\xff\xfe" + many("a\x00", 9<<19)), "not a feed", ""},
		// What a reader names.
		{"a page that leads to eight bombs", roadLook, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				io.WriteString(w, numbered(`<link rel="alternate" type="application/rss+xml" href="/%d">`, 1000))
				return
			}
			packed("gzip", 1<<30)(w, r)
		}, "no feed", ""},
		{"a page that leads to eight feeds of ten megabytes", roadLook, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				io.WriteString(w, numbered(`<link rel="alternate" type="application/rss+xml" href="/%d">`, 1000))
				return
			}
			say(channel(item("x"+r.URL.Path[1:])+many(item("y", many("Word by word it goes on. ", 32)), 10_000)))(w, r)
		}, "", "x0"},
		{"a page of nine megabytes of links", roadLook, say("<html>" + many(`<a href="x">`, 9<<20/12)), "no feed", ""},
		{"a page of one endless tag", roadLook, say(`<html><a href="` + many("x", 10<<20-16)), "no feed", ""},
		{"a page of a million nested elements", roadLook, say("<html>" + many("<div>", 1_000_000)), "no feed", ""},
		{"an endless page", roadLook, endless("<html>", "<p>word"), "too large", ""},
		// Articles' pages and robots.txt.
		{"an article of 1 GiB, packed", roadPage, robots("", packed("gzip", 1<<30)), "too large", ""},
		{"an endless article", roadPage, robots("", endless("<html><p>", "word ")), "too large", ""},
		{"an article of 800,000 nested elements", roadPage, robots("", sayPage(many("<div>", 800_000))), "too complex", ""},
		{"an article of four megabytes of paragraphs", roadPage, robots("", sayPage(many("<p>One short sentence stands here. ", 4<<20/36))), "too little text", ""},
		{"an article of 100,000 nested tables", roadPage, robots("", sayPage(many("<table><tr><td>x", 100_000))), "too complex", ""},
		{"an article that reopens its formatting in every paragraph", roadPage, robots("", sayPage(numbered(`<b class="c%d">`, 140)+many("<p>word", 60_000))), "too little text", ""},
		{"robots.txt that never ends", roadPage, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				endless("User-agent: *\n", "Disallow: /*a*b*c\n")(w, r)
				return
			}
			io.WriteString(w, toolPage)
		}, "", toolTitle},
		{"robots.txt of 1 GiB, packed", roadPage, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				packed("gzip", 1<<30)(w, r)
				return
			}
			io.WriteString(w, toolPage)
		}, "", toolTitle},
		{"robots.txt of patterns that take for ever", roadPage, sayArticle("User-agent: *\n" + many("Disallow: /"+many("*a", 240)+"$\n", 1000)), "", toolTitle},
		{"robots.txt of 20,000 patterns", roadPage, sayArticle("User-agent: *\n" + many("Disallow: /*a*b*c*d*e*f*g$\n", 20_000)), "", toolTitle},
		{"robots.txt of 15,000 visitors", roadPage, sayArticle(numbered("User-agent: bot%d\nDisallow: /\n", 15_000)), "", toolTitle},
		// Lists.
		{"20,000 outlines", roadOutline, say("<opml>" + numbered(`<outline xmlUrl="http://a.example/%d"/>`, 20_000)), "large", ""},
		{"an outline with four megabytes of attributes", roadOutline, say("<opml><outline" + many(` a="b"`, 600_000)), "deep", ""},
		{"an outline with an address of four megabytes", roadOutline, say(`<opml><outline xmlUrl="http://a.example/` + many("a", 4<<20)), "deep", ""},
		{"a list of four megabytes in one line", roadOutline, say(many("http://a.example/", 1<<18)), "empty", ""},
		{"a list of a million short lines", roadOutline, say(many("x\n", 1<<20)), "empty", ""},
	}
}

// say serves a text as it is.
func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // the server would guess, with a charset
		io.WriteString(w, text)
	}
}

// raw is all that the server says, in its own words.
func raw(answer string) http.HandlerFunc {
	return drip(answer, "\x00")
}

// drip says the beginning and then one piece after the other, for ever; without
// a piece, nothing more. The piece "\x00" ends it.
func drip(begin, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := io.WriteString(c, begin); err != nil || piece == "\x00" {
			return
		}
		gone := make(chan struct{})
		go func() { io.Copy(io.Discard, c); close(gone) }()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-gone:
				return
			case <-tick.C:
				if _, err := io.WriteString(c, piece); err != nil {
					return
				}
			}
		}
	}
}

// endless says the beginning and then pieces until the reader has enough, or
// 100 MB of them.
func endless(begin, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, begin)
		block := strings.Repeat(piece, 1<<16/len(piece)+1)
		for n := 0; n < 100e6; n += len(block) {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	}
}

// packed says so many zero bytes in little space.
func packed(encoding string, size int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		var z io.WriteCloser
		if z, _ = flate.NewWriter(w, flate.BestSpeed); encoding == "gzip" {
			z, _ = gzip.NewWriterLevel(w, gzip.BestSpeed)
		}
		block := make([]byte, 1<<20)
		for ; size > 0; size -= int64(len(block)) {
			if _, err := z.Write(block); err != nil {
				return
			}
		}
		z.Close()
	}
}

// robots serves a page, and robots.txt when there is any.
func robots(txt string, page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/robots.txt":
			page(w, r)
		case txt == "":
			http.NotFound(w, r)
		default:
			io.WriteString(w, txt)
		}
	}
}

// sayPage serves a page about what readers want to read, with another text.
func sayPage(body string) http.HandlerFunc {
	return say("<!DOCTYPE html><html><head><title>" + toolTitle + "</title></head><body>" + body)
}

// sayArticle serves an article beside these rules for robots.
func sayArticle(rules string) http.HandlerFunc { return robots(rules, say(toolPage)) }

func channel(items string) string {
	return `<rss version="2.0"><channel><title>t</title>` + items + `</channel></rss>`
}

func item(title string, description ...string) string {
	return `<item><title>` + title + `</title><link>https://a.example/1</link><description>` + strings.Join(description, "") + `</description></item>`
}

func jsonFeed(items string) string {
	return `{"version":"https://jsonfeed.org/version/1.1","items":[` + items
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func namespaces(n int) string {
	return `<rss version="2.0"` + numbered(` xmlns:n%[1]d="urn:example:%[1]d"`, n) + `><channel><title>t</title>` +
		strings.Repeat(`<item><title>x</title><n1:a>b</n1:a></item>`, 20_000) + `</channel></rss>`
}

// formatting is a document of many open formatting tags, which an HTML tree
// repeats for every paragraph that follows.
func formatting(open int) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><title>t</title><entry><title>x</title><link href="/1"/><content type="html"><![CDATA[<p>` +
		numbered(`<b a="%d">`, open) + strings.Repeat(`</p><p>x`, 500_000) + `]]></content></entry></feed>`
}

// laughs are entities of entities.
func laughs() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">`)
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	return b.String() + `]>` + channel(item("a &l11; b"))
}
