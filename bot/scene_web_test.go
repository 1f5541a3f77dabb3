package bot_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tidings/digest"
	"tidings/digest/feed"
)

// A web is what the bot and its collector find at addresses, in memory: in a
// bubble there are no sockets.
type web struct {
	mu    sync.Mutex
	pages map[string]string        // document by address
	slow  map[string]time.Duration // how long an address takes to answer
	asked []string
}

// Fetch answers as a feed.Fetcher does.
func (w *web) Fetch(ctx context.Context, r feed.Request) (feed.Response, error) {
	w.mu.Lock()
	w.asked = append(w.asked, r.Address)
	page, ok := w.pages[r.Address]
	wait := w.slow[r.Address]
	w.mu.Unlock()
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return feed.Response{}, &feed.Error{Address: r.Address, Reason: ctx.Err()}
		}
	}
	switch host := feed.Host(r.Address); {
	case strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "10."):
		return feed.Response{}, &feed.Error{Address: r.Address, Reason: feed.ErrPrivateAddress}
	case !ok && strings.HasSuffix(host, ".invalid"): // as a site without https
		return feed.Response{}, &feed.Error{Address: r.Address, Reason: feed.ErrUnreachable}
	case !ok:
		return feed.Response{}, &feed.Error{Address: r.Address, Reason: &feed.StatusError{Code: 404}}
	}
	return feed.Response{Status: 200, Body: []byte(page), FinalAddress: r.Address}, nil
}

func (w *web) put(address, page string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pages == nil {
		w.pages = map[string]string{}
	}
	w.pages[address] = page
}

func (w *web) delay(address string, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slow = map[string]time.Duration{address: d}
}

func (w *web) visits() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

// An item is a headline, a "|" and its text.
func document(site, title string, items ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0"><channel><title>%s</title><link>%s</link><language>en</language>`, title, site)
	for _, item := range items {
		headline, text, _ := strings.Cut(item, "|")
		slug := strings.ReplaceAll(strings.ToLower(headline), " ", "-")
		fmt.Fprintf(&b, `<item><title>%s</title><link>%s%s</link><guid>%s</guid><description>%s</description><pubDate>%s</pubDate></item>`,
			headline, site, slug, slug, text, time.Now().UTC().Format(time.RFC1123Z))
	}
	return b.String() + `</channel></rss>`
}

// list puts sources on the operator's list.
func (w *world) list(sources ...digest.Source) {
	w.t.Helper()
	if _, err := w.store.AddSources(w.t.Context(), sources); err != nil {
		w.t.Fatal(err)
	}
}

// collects visits what is due and waits until its articles have their stories.
func (w *world) collects() {
	w.t.Helper()
	c := digest.NewCollector(w.store, w.web, time.Minute, w.log.logger())
	if _, err := c.Collect(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.passes(1100 * time.Millisecond)
}
