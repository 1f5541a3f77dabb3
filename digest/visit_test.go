package digest

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"tidings/digest/feed"
)

// FuzzVisit lets a server answer a visit with whatever bytes there are: what
// comes out is a failure with its reason, or articles that are fit for a chat.
func FuzzVisit(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + rss("Ferry runs aground off the pier"),
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + rss("x"),
		"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nETag: \"\x01\"\r\n\r\n", "HTTP/1.1 200\r\n\r\n\xff\xfe<\x00r\x00",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\b\x00\x00", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n<rss>",
		"HTTP/1.1 429 No\r\nRetry-After: 99999999999999999999\r\nCache-Control: max-age=-1\r\n\r\n", "\x00\x01\x02", "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 410 Gone\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n" + strings.Replace(rss("gpj.\u202eexe &lt;script&gt;x&lt;/script&gt; <![CDATA[<b>\u200b\u2066]]>"), "<channel>", "<channel><ttl>-9</ttl><skipHours><hour>24</hour></skipHours>", 1),
		"HTTP/1.1 200 OK\r\n\r\n" + `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"url":"https://a.example/\u202e","title":"a\u0007\u202eb","content_html":"<p>x"}]}`,
		"HTTP/1.1 200 OK\r\n\r\n" + `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">&lt;a href="javascript:1"&gt;x</title><link href="javascript:alert(1)"/><link href="//b.example/1"/></entry></feed>`,
	} {
		f.Add(s)
	}
	var answer atomic.Value
	answer.Store("")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { // one may be opened and never asked
				defer c.Close()
				if _, err := c.Read(make([]byte, 4096)); err == nil {
					c.Write([]byte(answer.Load().(string)))
				}
			}()
		}
	}()
	web := feed.NewFetcher(feed.Options{AllowNetworks: loopback})
	defer web.Close()
	f.Fuzz(func(t *testing.T, bytes string) {
		answer.Store(bytes)
		shelf := newMemory(Source{Address: "http://" + l.Addr().String() + "/feed"})
		c, _ := newTestCollector(t, shelf)
		c.fetcher = web
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := shelf.source(1)
		if !s.NextVisit.After(noon) || (s.Failures > 0) != (s.Reason != "") || s.Broke > 0 {
			t.Fatalf("the source is %+v, want it due later, and a reason exactly when it failed", s)
		}
		for _, a := range shelf.articles {
			for _, words := range []string{a.Title, a.Text, a.Content, a.Author, a.Outlet, strings.Join(a.Categories, "")} {
				if i := strings.IndexFunc(words, unfit); i >= 0 {
					t.Fatalf("%q holds %q, which must not reach a chat", words, words[i:])
				}
			}
			if !strings.HasPrefix(a.Address, "http://") && !strings.HasPrefix(a.Address, "https://") || a.Title == "" || a.Published.After(noon) {
				t.Fatalf("the article is %+v, want an address that can be opened, a title, and no date to come", a)
			}
		}
	})
}

// unfit are controls and what turns, hides or widens what stands around it;
// joiners are letters' in Persian and in emoji.
func unfit(r rune) bool {
	switch r {
	case '\n', '\u200c', '\u200d':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
}
