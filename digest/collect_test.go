package digest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings/digest/feed"
)

// rss is a feed of items with these titles, published an hour before noon.
func rss(titles ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Harbour Post</title><language>en</language>`)
	for _, title := range titles {
		fmt.Fprintf(&b, `<item><title>%s</title><guid>%s</guid><link>https://harbour.example/%x</link><pubDate>%s</pubDate></item>`,
			title, title, title, noon.Add(-time.Hour).Format(time.RFC1123Z))
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// loopback may be fetched by tests.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// newCollector returns a collector at noon, its log, and a server for its sources.
func newTestCollector(t *testing.T, shelf sourceShelf) (*Collector, *bytes.Buffer) {
	t.Helper()
	fetcher := feed.NewFetcher(feed.Options{AllowNetworks: loopback})
	t.Cleanup(fetcher.Close)
	var log bytes.Buffer
	c := NewCollector(shelf, fetcher, least, slog.New(slog.NewTextHandler(&log, nil)))
	c.now, c.jitter, c.spacing = func() time.Time { return noon }, func() float64 { return 0 }, time.Millisecond
	return c, &log
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestCollectHostileSourcesHarmNoOther(t *testing.T) {
	deep := strings.Repeat("<a>", 100_000)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			fmt.Fprint(w, "<!doctype html><html><body>Welcome</body></html>")
		case "/empty":
		case "/deep":
			fmt.Fprint(w, `<rss version="2.0"><channel><item><title>`+deep)
		case "/gone":
			http.Error(w, "gone", http.StatusGone)
		case "/cut":
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, rss("A whole title of the paper"))
		case "/nowhere":
			fmt.Fprint(w, `<rss version="2.0"><channel><item><title>No address at all here</title></item></channel></rss>`)
		case "/good":
			fmt.Fprint(w, rss("Ferry runs aground off the pier", "Council votes for a new tram"))
		}
	})
	busy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7200")
		http.Error(w, "later", http.StatusTooManyRequests)
	})
	shelf := newMemory(
		Source{Address: server + "/page"}, Source{Address: server + "/empty"}, Source{Address: server + "/deep"},
		Source{Address: server + "/gone"}, Source{Address: busy}, Source{Address: server + "/cut"},
		Source{Address: server + "/nowhere"}, Source{Address: "gopher://harbour.example/"}, Source{Address: "http://10.0.0.1/feed"},
		Source{Address: server + "/good"},
	)
	c, log := newTestCollector(t, shelf)
	more, err := c.Collect(t.Context())
	if more || err != nil {
		t.Fatalf("Collect = %v, %v; want false, nil", more, err)
	}
	for id, want := range []string{"not a feed", "empty", "broken", "410", "429", "cut off", "no address", "only http", "private network", ""} {
		s := shelf.source(SourceID(id + 1))
		if want == "" && s.Reason != "" || !strings.Contains(s.Reason, want) {
			t.Errorf("%s: reason %q, want %q", s.Address, s.Reason, want)
		}
		if bad := want != ""; (s.Failures == 1) != bad {
			t.Errorf("%s: %d failures, want %v", s.Address, s.Failures, bad)
		}
	}
	if got := shelf.source(5).NextVisit; got != noon.Add(2*time.Hour) {
		t.Errorf("a source that asked for two hours is visited at %v, want %v", got, noon.Add(2*time.Hour))
	}
	if len(shelf.articles) != 2 {
		t.Errorf("%d articles on the shelf, want the 2 of the good source", len(shelf.articles))
	}
	if got := strings.Count(log.String(), "source fails"); got != 9 {
		t.Errorf("%d lines about outages, want 9:\n%s", got, log)
	}
}

func TestCollectTellsOutagesOnce(t *testing.T) {
	var down atomic.Bool
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, rss("Ferry runs aground off the pier"))
	})
	shelf := newMemory(Source{Address: strings.Replace(server, "//", "//me:secret@", 1) + "/feed"})
	c, log := newTestCollector(t, shelf)
	now := noon
	c.now = func() time.Time { return now }
	for _, broken := range []bool{false, true, true, true, false, false} {
		down.Store(broken)
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := shelf.source(1); (s.Failures > 0) != broken {
			t.Fatalf("the source has %d failures, want broken %v: %s", s.Failures, broken, s.Reason)
		}
		now = now.Add(25 * time.Hour)
	}
	if fails, works := strings.Count(log.String(), "source fails"), strings.Count(log.String(), "source works again"); fails != 1 || works != 1 {
		t.Errorf("%d lines where it fails and %d where it works again, want one of each:\n%s", fails, works, log)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log tells a password:\n%s", log)
	}
	if len(shelf.articles) != 1 {
		t.Errorf("%d articles after three visits to the same document, want 1", len(shelf.articles))
	}
}

func TestCollectAsksOnlyForWhatIsNew(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			asked.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, rss("Ferry runs aground off the pier"))
	})
	shelf := newMemory(Source{Address: server})
	c, _ := newTestCollector(t, shelf)
	now := noon
	c.now = func() time.Time { return now }
	var waits []time.Duration
	for range 3 {
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, shelf.source(1).NextVisit.Sub(now))
		now = now.Add(3 * time.Hour)
	}
	if asked.Load() != 2 {
		t.Errorf("%d conditional requests, want 2", asked.Load())
	}
	if !(waits[0] < waits[1] && waits[1] < waits[2]) {
		t.Errorf("the waits are %v, want them to grow while nothing is new", waits)
	}
}

func TestCollectLeavesOldItems(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, rss("Ferry runs aground off the pier"))
	})
	shelf := newMemory(Source{Address: server})
	c, _ := newTestCollector(t, shelf)
	c.now = func() time.Time { return noon.Add(ShelfLife) }
	if _, err := c.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := shelf.source(1); len(shelf.articles) != 0 || s.Failures != 0 {
		t.Errorf("%d articles, reason %q; want none, and no failure", len(shelf.articles), s.Reason)
	}
}

func TestCollectShelvesInParts(t *testing.T) {
	var titles []string
	for i := range 400 {
		titles = append(titles, fmt.Sprintf("Ship number %d leaves the harbour", i))
	}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.ReplaceAll(rss(titles...), "harbour.example/", "harbour.example"+r.URL.Path+"/"))
	})
	shelf := newMemory(Source{Address: server + "/1"}, Source{Address: server + "/2"}, Source{Address: server + "/3"})
	c, _ := newTestCollector(t, shelf)
	if _, err := c.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(shelf.shelved); got != "[400 400 400]" {
		t.Errorf("articles were shelved in parts of %s, want [400 400 400]", got)
	}
}

func TestCollectPutsBackWhatItHadNoTimeFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			cancel() // the program is told to stop while this is under way
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, rss("Ferry runs aground off the pier"))
	})
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rss("Council votes for a new tram")) })
	known := Source{Address: server + "/slow", Failures: 2, Reason: "before", NextVisit: noon.Add(-time.Hour)}
	shelf := newMemory(known, Source{Address: other})
	c, log := newTestCollector(t, shelf)
	if _, err := c.Collect(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Collect = %v, want %v", err, context.Canceled)
	}
	if s := shelf.source(1); s.NextVisit.After(noon) || s.Failures != 2 || s.Reason != "before" {
		t.Errorf("the source is %+v, want it due and otherwise as it was", s)
	}
	if log.Len() != 0 {
		t.Errorf("the log says %s, want nothing", log)
	}
}

func TestCollectSaysThatMoreIsDue(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rss("Ferry runs aground off the pier")) })
	sources := make([]Source, batchSources+1)
	for i := range sources {
		sources[i].Address = strings.Replace(server, "127.0.0.1", fmt.Sprintf("127.1.%d.%d", i/250, i%250), 1)
	}
	shelf := newMemory(sources...)
	c, _ := newTestCollector(t, shelf)
	c.now = time.Now
	visits := 0
	for more := true; more; visits++ {
		var err error
		if more, err = c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if visits < 2 {
		t.Errorf("%d batches for %d sources, want at least 2", visits, len(sources))
	}
	for id := range sources {
		if s := shelf.source(SourceID(id + 1)); s.LastVisit.IsZero() {
			t.Fatalf("source %d was not visited: %+v", id+1, s)
		}
	}
}

func TestCollectReadsNoItemTwice(t *testing.T) {
	titles := []string{"Ferry runs aground off the pier", "Council votes for a new tram"}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rss(titles...)) })
	shelf := newMemory(Source{Address: server})
	c, _ := newTestCollector(t, shelf)
	now := noon
	c.now = func() time.Time { return now }
	for _, step := range []struct {
		after   time.Duration
		title   string // new in the feed
		shelves int    // articles handed over, known ones included
		keeps   int    // articles on the shelf
	}{
		{0, "", 2, 2},
		{3 * time.Hour, "Museum opens its doors at night", 1, 3},
		{3 * time.Hour, "Storm closes the northern harbour", 1, 4},
		{learntHolds, "School wins the science prize", 5, 5}, // twice a day all are read
	} {
		if now = now.Add(step.after); step.title != "" {
			titles = append([]string{step.title}, titles...)
		}
		shelf.shelved = nil
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(shelf.shelved); got != fmt.Sprintf("[%d]", step.shelves) || len(shelf.articles) != step.keeps {
			t.Errorf("with %q new %s articles were handed over and %d are kept, want %d and %d", step.title, got, len(shelf.articles), step.shelves, step.keeps)
		}
	}
	shelf.broken, titles = errors.New("disk full"), append([]string{"Bridge is closed for repairs"}, titles...)
	if now = now.Add(3 * time.Hour); func() error { _, err := c.Collect(t.Context()); return err }() == nil {
		t.Fatal("Collect on a broken shelf = nil, want its error")
	}
	shelf.broken, now = nil, now.Add(3*time.Hour)
	if _, err := c.Collect(t.Context()); err != nil || len(shelf.articles) != 6 {
		t.Errorf("what a shelf did not take was read again: %d articles, %v; want 6, nil", len(shelf.articles), err)
	}
}

func TestCollectSparesAHost(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/stop" {
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, rss("Ferry runs aground off the pier"))
	})
	t.Run("its sources are visited some at a time, the others spread over the time after", func(t *testing.T) {
		sources := make([]Source, 3*hostVisits)
		for i := range sources {
			sources[i].Address = fmt.Sprintf("%s/%d", server, i)
		}
		shelf := newMemory(sources...)
		c, _ := newTestCollector(t, shelf)
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load(); got != hostVisits {
			t.Errorf("the host was asked %d times, want %d", got, hostVisits)
		}
		due := map[time.Time]int{}
		for id := range sources {
			if s := shelf.source(SourceID(id + 1)); s.LastVisit.IsZero() {
				due[s.NextVisit]++
			}
		}
		if len(due) != 2*hostVisits {
			t.Errorf("the sources left are due at %d times, want each at its own", len(due))
		}
	})
	t.Run("and none more once it asked to be left alone", func(t *testing.T) {
		shelf := newMemory(Source{Address: server + "/stop"}, Source{Address: server + "/a"}, Source{Address: server + "/b", Failures: 1, Reason: "before"})
		c, _ := newTestCollector(t, shelf)
		asked.Store(0)
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load(); got != 1 {
			t.Errorf("the host was asked %d times, want 1", got)
		}
		for id := SourceID(1); id <= 3; id++ {
			if s := shelf.source(id); s.NextVisit.Before(noon.Add(2 * time.Hour)) {
				t.Errorf("source %d is due at %v, want in two hours", id, s.NextVisit)
			}
		}
		if s := shelf.source(3); s.Failures != 1 || s.Reason != "before" {
			t.Errorf("a source that was spared is %+v, want it as it was", s)
		}
	})
}

func TestCollectFindsWhatHasMoved(t *testing.T) {
	head := `<!doctype html><html><head>%s</head><body>Home</body></html>`
	link := `<link rel="alternate" type="application/rss+xml" href="%s">`
	for _, tt := range []struct{ name, links, want string }{
		{"one feed on the home page is it", fmt.Sprintf(link, "/new.xml"), "/new.xml"},
		{"of two none is", fmt.Sprintf(link, "/new.xml") + fmt.Sprintf(link, "/other.xml"), ""},
		{"the address that is gone is not", fmt.Sprintf(link, "/old.xml"), ""},
		{"nor a feed without items", fmt.Sprintf(link, "/empty.xml"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					fmt.Fprintf(w, head, tt.links)
				case "/new.xml", "/other.xml":
					fmt.Fprint(w, strings.Replace(rss("Ferry runs aground off the pier"), "Harbour Post", r.URL.Path, 1))
				case "/empty.xml":
					fmt.Fprint(w, rss())
				default:
					http.Error(w, "gone", http.StatusGone)
				}
			})
			shelf := newMemory(Source{Address: server + "/old.xml", Status: http.StatusGone, Failures: 1})
			c, _ := newTestCollector(t, shelf)
			if _, err := c.Collect(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := ""
			if tt.want != "" {
				want = server + tt.want
			}
			if s := shelf.source(1); s.Moved != want {
				t.Errorf("the source is at %q, want %q", s.Moved, want)
			}
		})
	}
}

func TestCollectReturnsWhatTheShelfSays(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rss("Ferry runs aground off the pier")) })
	shelf := newMemory(Source{Address: server})
	shelf.broken = errors.New("disk full")
	c, _ := newTestCollector(t, shelf)
	if _, err := c.Collect(t.Context()); !errors.Is(err, shelf.broken) {
		t.Errorf("Collect = %v, want %v", err, shelf.broken)
	}
}

func TestCollectOutlivesAPanic(t *testing.T) {
	shelf := newMemory(Source{Address: "https://harbour.example/feed"})
	c, _ := newTestCollector(t, shelf)
	c.fetcher = nil // which makes every visit a bug of ours
	if _, err := c.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := shelf.source(1); s.Failures != 1 || !strings.Contains(s.Reason, "broke") || !s.NextVisit.After(noon) {
		t.Errorf("the source is %+v, want a failure with its reason and a later visit", s)
	}
}
