package feed

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the present of these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

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

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // the server would guess, with a charset
		io.WriteString(w, s)
	}
}
