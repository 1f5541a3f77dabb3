package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings/digest/feed"
)

// A pageMemory is a shelf of wanted pages that forgets when the test ends.
type pageMemory struct {
	mu     sync.Mutex
	wanted []WantedPage
	visits []PageVisit
	broken error
}

func (m *pageMemory) ClaimPages(_ context.Context, _ time.Time, _ time.Duration, limit int) ([]WantedPage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := min(limit, len(m.wanted))
	claimed := m.wanted[:n]
	m.wanted = m.wanted[n:]
	return claimed, nil
}

func (m *pageMemory) ShelvePage(ctx context.Context, v PageVisit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.visits = append(m.visits, v)
	return m.broken
}

func (m *pageMemory) visit(id ArticleID) PageVisit {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.visits, func(v PageVisit) bool { return v.Article == id })
	if i < 0 {
		return PageVisit{}
	}
	return m.visits[i]
}

// pageServer serves pages by path and counts what is asked for.
type pageServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
	most  int // requests at once
	now   int
}

const toolTitle = "Lower Fell opens a library of tools"

const toolPage = `<!DOCTYPE html><html lang=en><head><title>Lower Fell opens a library of tools</title></head><body><h3>Lower Fell opens a library of tools</h3>
<div>Header Ads Widget</div><h1>Lower Fell opens a library of tools</h1>
<p>The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery.</p>
<p>Residents can take home any of 412 saws, drills and ladders for a week.</p>
<p>Two retired joiners check what comes back and sharpen the blades on Monday mornings.</p><h4>Post a Comment</h4><p>0 Comments</p></body></html>`

func newPageServer(t *testing.T) *pageServer {
	s := &pageServer{asked: map[string]int{}}
	slow := make(chan struct{})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked[r.URL.Path]++
		s.now++
		s.most = max(s.most, s.now)
		s.mu.Unlock()
		defer func() { s.mu.Lock(); s.now--; s.mu.Unlock() }()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch path := r.URL.Path; path {
		case "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /forbidden\n")
		case "/private":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, "/forbidden", http.StatusFound)
		case "/slow":
			select {
			case <-slow:
			case <-r.Context().Done():
			}
		case "/busy":
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/data":
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF-1.7")
		case "/other":
			fmt.Fprint(w, strings.NewReplacer("library", "harbour", "tools", "whales", "Lower Fell", "Upper Marsh").Replace(toolPage))
		case "/shell":
			fmt.Fprint(w, `<html><body><div id=root></div><noscript>Please enable JavaScript.</noscript></body></html>`)
		case "/endless":
			for range 6 << 10 {
				fmt.Fprint(w, strings.Repeat("<p>word ", 128))
			}
		case "/deep":
			fmt.Fprint(w, strings.Repeat("<div>", 100_000))
		case "/cut":
			w.Header().Set("Content-Length", "99999")
			fmt.Fprint(w, toolPage)
		default:
			if code, err := strconv.Atoi(path[1:]); err == nil {
				w.WriteHeader(code)
			}
			fmt.Fprint(w, toolPage)
		}
	}))
	t.Cleanup(func() { close(slow); s.CloseClientConnections(); s.Close() })
	return s
}

// newReader makes a page reader that may visit this machine.
func newReader(t *testing.T, shelf pageShelf, timeout time.Duration) *PageReader {
	f := feed.NewFetcher(feed.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: timeout})
	t.Cleanup(f.Close)
	return NewPageReader(shelf, f, feed.NewRobots(f, "Tidings"), slog.New(slog.DiscardHandler))
}

func TestWhatBecomesOfAPage(t *testing.T) {
	server := newPageServer(t)
	now := time.Now()
	for _, c := range []struct {
		name, path string
		change     func(*WantedPage)
		state      PageState
		reason     string        // part of it
		later      time.Duration // of a page still wanted, at least
	}{
		{name: "an article is read", path: "/tools", state: PageDone},
		{name: "robots.txt forbids it", path: "/forbidden/a", state: PageRefused, reason: "robots.txt forbids it"},
		{name: "a redirect to what robots.txt forbids", path: "/elsewhere", state: PageRefused, reason: "robots.txt forbids it"},
		{name: "a redirect into a private network", path: "/private", state: PageRefused, reason: "private network"},
		{name: "not found", path: "/404", state: PageRefused, reason: "404"},
		{name: "forbidden", path: "/403", state: PageRefused, reason: "403"},
		{name: "a server in trouble is visited later", path: "/503", state: PageWanted, reason: "503", later: time.Minute},
		{name: "a server that asks for patience gets it", path: "/busy", state: PageWanted, reason: "429", later: 2*time.Hour - time.Minute},
		{name: "the last of its visits", path: "/503", change: func(w *WantedPage) { w.Attempts = len(pageWaits) }, state: PageFailed, reason: "503"},
		{name: "too slow", path: "/slow", state: PageWanted, reason: "too slow", later: time.Minute},
		{name: "cut off", path: "/cut", state: PageWanted, reason: "cut off", later: time.Minute},
		{name: "no page but data", path: "/data", state: PageRefused, reason: "not a web page"},
		{name: "another article than the feed told of", path: "/other", state: PageRefused, reason: "something else"},
		{name: "a shell for scripts", path: "/shell", state: PageRefused, reason: "scripts"},
		{name: "more than a page may be", path: "/endless", state: PageRefused, reason: "too large"},
		{name: "nested without end", path: "/deep", state: PageRefused, reason: "too complex"},
		{name: "nothing that was wanted a day ago", path: "/tools", change: func(w *WantedPage) { w.Since = now.Add(-25 * time.Hour) }, state: PageFailed, reason: "within a day"},
		{name: "no address", path: "", change: func(w *WantedPage) { w.Address = "gopher://x.example/" }, state: PageRefused, reason: "only http and https"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := WantedPage{Article: 1, Address: server.URL + c.path, Title: toolTitle, Language: "en", Since: now}
			if c.change != nil {
				c.change(&w)
			}
			shelf := &pageMemory{wanted: []WantedPage{w}}
			if more, err := newReader(t, shelf, 2*time.Second).Read(t.Context()); more || err != nil {
				t.Errorf("Read = %v, %v", more, err)
			}
			v := shelf.visit(1)
			if v.State != c.state || !strings.Contains(v.Reason, c.reason) || (v.Page.Text != "") != (c.state == PageDone) {
				t.Errorf("visit = %+v, want %s because of %q", v, c.state, c.reason)
			}
			if c.state == PageWanted && v.Next.Before(now.Add(c.later)) {
				t.Errorf("it is visited again after %v, want at least %v", v.Next.Sub(now), c.later)
			}
			if c.state == PageDone && strings.Contains(v.Page.Text, "Comment") {
				t.Errorf("text = %q", v.Page.Text)
			}
		})
	}
}

func TestPagesOfAHostAreReadOneAfterAnother(t *testing.T) {
	server := newPageServer(t)
	shelf := &pageMemory{}
	for id := range ArticleID(3) {
		shelf.wanted = append(shelf.wanted, WantedPage{Article: id + 1, Address: fmt.Sprintf("%s/a/%d", server.URL, id), Title: toolTitle, Language: "en", Since: time.Now()})
	}
	began := time.Now()
	if _, err := newReader(t, shelf, time.Second).Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 2*pageSpacing {
		t.Errorf("three pages of a host took %v, want two pauses of %v", took, pageSpacing)
	}
	if server.most != 1 || server.asked["/robots.txt"] != 1 {
		t.Errorf("%d requests at once, robots.txt %d times; want one and once", server.most, server.asked["/robots.txt"])
	}
	if len(shelf.visits) != 3 {
		t.Errorf("%d visits were shelved, want 3", len(shelf.visits))
	}
}

func TestPagesThereIsNoTimeForAreDueAgain(t *testing.T) {
	server := newPageServer(t)
	shelf := &pageMemory{}
	for id := range ArticleID(4) {
		shelf.wanted = append(shelf.wanted, WantedPage{Article: id + 1, Address: fmt.Sprintf("%s/slow", server.URL), Title: toolTitle, Attempts: 1, Since: time.Now()})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := newReader(t, shelf, 10*time.Second).Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Read when time is up = %v", err)
	}
	if len(shelf.visits) != 4 {
		t.Fatalf("%d visits were shelved, want 4", len(shelf.visits))
	}
	for _, v := range shelf.visits {
		if v.State != PageWanted || v.Attempts != 1 || v.Next.After(time.Now().Add(time.Minute)) {
			t.Errorf("put back: %+v, want wanted soon, with 1 attempt", v)
		}
	}
}

func TestAShelfThatBreaksIsTold(t *testing.T) {
	full := errors.New("the disk is full")
	shelf := &pageMemory{wanted: []WantedPage{{Article: 1, Address: "gopher://x.example/", Since: time.Now()}}, broken: full}
	if _, err := newReader(t, shelf, time.Second).Read(t.Context()); !errors.Is(err, full) {
		t.Errorf("Read = %v, want %v", err, full)
	}
}

func TestTeasers(t *testing.T) {
	const (
		first  = "The town of Lower Fell opened its lending library in a former bakery on Saturday."
		second = "Residents can take home any of 412 saws, drills and ladders for a week."
	)
	for _, c := range []struct {
		name          string
		text, content string
		want          bool
	}{
		{"nothing", "", "", true},
		{"words that break off", "The town of Lower Fell opened its […]", "", true},
		{"a short sentence", "A town lends out tools.", "", true},
		{"a sentence and an invitation", "A town lends out tools. Read more…", "", true},
		{"the headline again", toolTitle + ". The town opened a library of tools.", "", true},
		{"two sentences", first + " " + second, "", false},
		{"one sentence that takes half of the words", "The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery by the river.", "", false},
		{"a teaser beside the whole text", "A town lends […]", first + "\n\n" + second, false},
		{"a wrapped text", "Header Ads Widget\n\n" + toolTitle + "\n\n" + first + "\n\n" + second + "\n\nPost a Comment", "", false},
	} {
		a := Article{Title: toolTitle, Text: c.text, Content: c.content, Language: "en"}
		if got := a.Teaser(); got != c.want {
			t.Errorf("%s: Teaser() = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSummariesPreferWholeText(t *testing.T) {
	const (
		short  = "A town lends out tools from now on."
		first  = "The town of Lower Fell opened its lending library in a former bakery on Saturday."
		second = "Residents can take home any of 412 saws, drills and ladders for a week."
	)
	whole := first + "\n\n" + second
	for _, c := range []struct {
		name    string
		article Article
		want    []string
	}{
		{"the page behind a teaser", Article{Text: "The town of Lower […]", Page: whole}, []string{first, second}},
		{"the page rather than one short sentence", Article{Text: short, Page: whole}, []string{first, second}},
		{"the feed's own two sentences rather than the page", Article{Text: short + " Nobody has to pay for them.", Page: whole}, []string{short, "Nobody has to pay for them."}},
		{"the feed's content before the page", Article{Text: short, Content: whole, Page: "Something else stands here, on the page itself. It has two sentences, too, and they fit."}, []string{first, second}},
		{"the teaser when the page gives nothing", Article{Text: short, Page: "0 Comments"}, []string{short}},
		{"the page's one sentence when the feed has none", Article{Text: "A town […]", Page: "Nobody has to pay for them."}, []string{"Nobody has to pay for them."}},
	} {
		c.article.Language = "en"
		got := Summarize("Lower Fell opens a library", []Article{c.article}, 35)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: Summarize = %q, want %q", c.name, got, c.want)
		}
		for _, s := range got {
			if !strings.Contains(c.article.Text+"\n"+c.article.Content+"\n"+c.article.Page, s) {
				t.Errorf("%s: %q stands nowhere", c.name, s)
			}
		}
	}
}
