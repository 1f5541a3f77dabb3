package feed

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

const goodFeed = `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Harbour Post</title><link>https://harbour.example/</link>
<item><title>Ferry returns to service</title><link>https://harbour.example/ferry</link><guid>h1</guid>
<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><description>The ferry sails again.</description></item>
</channel></rss>`

func rssOf(items string) string {
	return `<rss version="2.0"><channel><title>t</title>` + items + `</channel></rss>`
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func fetcher(t *testing.T, o Options) *Fetcher {
	t.Helper()
	f := NewFetcher(o)
	t.Cleanup(f.Close)
	return f
}

// writeZeros sends a gzip stream of n zero bytes, until the reader has enough.
func writeZeros(w io.Writer, n int64) {
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	block := make([]byte, 1<<20)
	for ; n > 0; n -= int64(len(block)) {
		if _, err := z.Write(block); err != nil {
			return
		}
	}
	z.Close()
}

// writeMuch sends n bytes of one line, until the reader has enough.
func writeMuch(w io.Writer, n int) {
	block := bytes.Repeat([]byte("a"), 1<<16)
	for ; n > 0; n -= len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // the server would guess, with a charset
		io.WriteString(w, s)
	}
}

func namespaces(n int) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"`)
	for i := range n {
		fmt.Fprintf(&b, ` xmlns:n%d="urn:example:%d"`, i, i)
	}
	b.WriteString(`><channel><title>t</title>`)
	for range 20_000 {
		b.WriteString(`<item><title>x</title><n1:a>b</n1:a></item>`)
	}
	return b.String() + `</channel></rss>`
}

// formatting is a document of many open formatting tags, which an HTML tree
// repeats for every paragraph that follows.
func formatting() string {
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><title>t</title><entry><title>x</title><content type="html"><![CDATA[<p>`)
	for i := range 400 {
		fmt.Fprintf(&b, `<b a="%d">`, i)
	}
	b.WriteString(strings.Repeat(`</p><p>x`, 500_000))
	return b.String() + `]]></content></entry></feed>`
}

func laughs() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">`)
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	return b.String() + `]>` + rssOf(`<item><title>a &l11; b</title></item>`)
}

func TestHostileDocumentsGiveAReasonAndBoundedCost(t *testing.T) {
	open := strings.Repeat
	cases := []struct {
		name  string
		serve http.HandlerFunc
		want  error // nil: it can be read
		title string
	}{
		{"a web page instead of a feed", text("<!DOCTYPE html><html><head><title>x</title></head><body>hello</body></html>"), ErrNotFeed, ""},
		{"a web page written as XML", text(`<?xml version="1.0"?><!-- x --><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>`), ErrNotFeed, ""},
		{"plain text", text("Service temporarily unavailable"), ErrNotFeed, ""},
		{"an outline list", text(`<opml version="2.0"><body/></opml>`), ErrNotFeed, ""},
		{"JSON that is no feed", text(`{"error":"not found"}`), ErrNotFeed, ""},
		{"nothing", text(""), ErrEmpty, ""},
		{"only white space", text("\ufeff \n\t "), ErrEmpty, ""},
		{"50 MiB announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(50<<20))
			writeMuch(w, 50<<20)
		}, ErrTooLarge, ""},
		{"a line of 100 MB, not announced", func(w http.ResponseWriter, _ *http.Request) { writeMuch(w, 100e6) }, ErrTooLarge, ""},
		{"a gzip bomb of 1 GiB", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			writeZeros(w, 1<<30)
		}, ErrTooLarge, ""},
		{"a gzip bomb inside the limit of bytes but not of a feed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			writeZeros(w, 9<<20)
		}, ErrEmpty, ""},
		{"brotli that was not asked for", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "xx")
		}, ErrEncoding, ""},
		{"gzip that is none", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, goodFeed)
		}, ErrEncoding, ""},
		{"a connection that ends early", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			io.WriteString(w, goodFeed)
		}, ErrCutOff, ""},
		{"a header of 1 MiB", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", open("a", 1<<20))
		}, ErrTooLarge, ""},
		{"a flood of 10,000 headers", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10_000 {
				w.Header().Set(fmt.Sprintf("X-Flood-%d", i), "a")
			}
		}, ErrTooLarge, ""},
		{"a redirect to itself", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, ErrRedirects, ""},
		{"gzip of gzip, announced as gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			outer := gzip.NewWriter(w)
			inner := gzip.NewWriter(outer)
			io.WriteString(inner, goodFeed)
			inner.Close()
			outer.Close()
		}, ErrNotFeed, ""},
		{"100,000 nested elements", text(rssOf("<item>" + open("<a>", 100_000) + open("</a>", 100_000) + "</item>")), ErrTooDeep, ""},
		{"1,000,000 nested elements, never closed", text(rssOf("<item>" + open("<a>", 1_000_000))), ErrTooDeep, ""},
		{"1,000,000 nested JSON arrays", text(`{"version":"https://jsonfeed.org/version/1.1","items":` + open("[", 1_000_000)), ErrTooDeep, ""},
		{"1,000,000 nested tags of escaped HTML", text(rssOf("<item><title>deep</title><description>" + open("&lt;b&gt;", 500_000) + "</description></item>")), nil, "deep"},
		{"400 open formatting tags before 500,000 paragraphs", text(formatting()), nil, "x"},
		{"10,000 namespaces and 20,000 items", text(namespaces(10_000)), ErrTooComplex, ""},
		{"1,000,000 empty extension elements", text(rssOf("<item>" + open("<m:a/>", 1_000_000) + "</item>")), ErrTooComplex, ""},
		{"1,000,000 items of JSON", text(`{"version":"https://jsonfeed.org/version/1.1","items":[` + open(`{"title":"a"},`, 600_000) + `{"title":"last"}]}`), nil, "a"},
		{"a text of 500,000 pieces", text(rssOf("<item><title>x</title><m:a>" + open("0123<!---->", 500_000) + "</m:a></item>")), nil, "x"},
		{"a tag with 500,000 attributes", text(rssOf("<item" + open(` a="b"`, 500_000) + "></item>")), ErrTooComplex, ""},
		{"a date of 5 MiB", text(rssOf("<item><title>d</title><pubDate>" + open("Mon, 23 ", 600_000) + "</pubDate></item>")), nil, "d"},
		{"cut off before the first whole item", text(goodFeed[:250]), ErrBroken, ""},
		{"a character set nobody knows", text(`<?xml version="1.0" encoding="x-klingon"?>` + rssOf("<item><title>x\xb1</title></item>")), ErrCharset, ""},
		{"invalid UTF-8", text(rssOf("<item><title>a\xff\xfe\xc3b – ü – é</title></item>")), nil, "a�b – ü – é"},
		{"entities that expand", text(laughs()), nil, "a &l11; b"},
		{"500,000 sections that never end", text(rssOf("<item><title>x</title></item><item>" + open("<![CDATA[<?", 500_000))), nil, "x"},
		{"500,000 document types with open brackets", text(open("<!DOCTYPE [>", 500_000) + rssOf("<item><title>x</title></item>")), nil, "x"},
		{"500,000 quotes that never end", text(rssOf("<item><title>x</title></item>" + open("<a b='\"", 250_000) + open("<a b=\"", 250_000))), nil, "x"},
		{"500,000 items that never end", text(rssOf(open("<item><title>x", 500_000))), nil, "x"},
		{"500,000 tags that never end", text(rssOf("<item><title>x</title></item>" + open("<a <", 500_000))), nil, "x"},
		{"an entity of a kilobyte, used a million times", text(`<!DOCTYPE rss [<!ENTITY big "` + open("x", 1000) + `">]>` + rssOf("<item><title>x</title></item>"+open("<item><description>"+open("&big;", 1000)+"</description></item>", 1000))), nil, "x"},
		{"300,000 hidden elements that never end", text(rssOf("<item><title>x</title><description>" + open("&lt;object&gt;&lt;select&gt;&lt;p hidden&gt;", 100_000) + "</description></item>")), nil, "x"},
		{"a script in a title", text(rssOf("<item><title>&lt;script&gt;alert(1)&lt;/script&gt;Safe &lt;b onclick=x&gt;news&lt;/b&gt;</title></item>")), nil, "Safe news"},
		{"a direction override in a title", text(rssOf("<item><title>gpj.\u202eexe\u2066 x\u200b</title></item>")), nil, "gpj.exe x"},
	}
	mux := http.NewServeMux()
	for i, c := range cases {
		mux.Handle(fmt.Sprintf("/%d", i), c.serve)
	}
	mux.Handle("/good", text(goodFeed))
	site := serve(t, mux)
	f := fetcher(t, Options{AllowNetworks: loopback, Timeout: 20 * time.Second})
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			got, err := read(f, fmt.Sprintf("%s/%d", site, i))
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.want) {
				t.Errorf("reason %v, want %v", err, c.want)
			}
			if c.want == nil && (len(got.Items) == 0 || got.Items[0].Title != c.title) {
				t.Errorf("items %.300v, want the first titled %q", got.Items, c.title)
			}
			// The server and its text live in this process too.
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 700<<20 {
				t.Errorf("allocated %d MiB in all, want at most 700", grown>>20)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 400<<20 {
				t.Errorf("the heap grew by %d MiB, want at most 400", grown>>20)
			}
			if took > 15*time.Second {
				t.Errorf("took %v, want at most 15 s", took)
			}
			t.Logf("%v, %d MiB allocated, heap %+d MiB: %v", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20,
				(int64(after.HeapSys)-int64(before.HeapSys))>>20, err)
			if got, err := read(f, site+"/good"); err != nil || len(got.Items) != 1 {
				t.Errorf("the next feed gave %d items and %v, want 1 and nil", len(got.Items), err)
			}
		})
	}
}

// read fetches and parses, as a caller does.
func read(f *Fetcher, address string) (Feed, error) {
	r, err := f.Fetch(context.Background(), Request{Address: address})
	if err != nil {
		return Feed{}, err
	}
	return Parse(r.Body, r.ContentType, r.FinalAddress, noon)
}
