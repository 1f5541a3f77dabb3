package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// press answers for all outlets at once.
type press struct {
	mux     *http.ServeMux
	outlets []outlet
	now     func() time.Time
	start   time.Time
}

// Handler serves the feeds under the paths that Feeds tells, with ETag and
// Last-Modified and 304 for who has the document already, and the outlets'
// front pages and articles: at /open?url=<a link>, with or without its tracking
// parameters, and under each outlet's own host, where a robots.txt is, too. The
// pages name the outlet's feeds. Under ChannelHost stands the preview of a channel
// in the shape of Telegram's. An article that has not
// appeared yet, like anything unknown, is answered 404 with a page that says
// so. Articles are dated by start; now only decides which breaking articles
// are out, and must be safe for concurrent use. Handler panics as Feeds does.
func Handler(now func() time.Time, start time.Time) http.Handler {
	p := &press{mux: http.NewServeMux(), outlets: mustOutlets(), now: now, start: start}
	p.mux.HandleFunc("GET /feeds/{document}", p.serveFeed)
	p.mux.HandleFunc("GET /open", p.openArticle)
	p.mux.HandleFunc("GET /robots.txt", p.serveRobots)
	p.mux.HandleFunc("GET /", p.serveSite)
	return p
}

// ServeHTTP makes press an http.Handler.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

func (p *press) serveFeed(w http.ResponseWriter, r *http.Request) {
	for _, o := range p.outlets {
		for _, c := range o.channels() {
			if c.document == r.PathValue("document") {
				p.writeFeed(w, r, o, c)
				return
			}
		}
	}
	writeMissing(w)
}

func (p *press) writeFeed(w http.ResponseWriter, r *http.Request, o outlet, c channel) {
	items := c.of(o.items(p.start, p.now()))
	o.heading = c.title
	updated := p.start.UTC().Truncate(time.Second)
	if len(items) > 0 && items[0].date.After(updated) {
		updated = items[0].date
	}
	text, err := o.render(items, updated)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(text)
	w.Header().Set("Content-Type", formats[o.Format].mediaType)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", updated, bytes.NewReader(text))
}

func (p *press) openArticle(w http.ResponseWriter, r *http.Request) {
	link, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil {
		writeMissing(w)
		return
	}
	if strings.EqualFold(link.Hostname(), ChannelHost) {
		p.serveChannel(w, r, link.Path)
		return
	}
	// a reference without a path leads here again, wherever here is
	p.writeSite(w, link.Hostname(), link.Path, func(it item) string { return "?url=" + url.QueryEscape(it.link) })
}

func (p *press) serveSite(w http.ResponseWriter, r *http.Request) {
	if strings.EqualFold(hostOf(r), ChannelHost) {
		p.serveChannel(w, r, r.URL.Path)
		return
	}
	p.writeSite(w, hostOf(r), r.URL.Path, func(it item) string { return it.path })
}

func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return r.Host // it had no port
	}
	return host
}

// serveRobots forbids what an outlet keeps for people.
func (p *press) serveRobots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, "User-agent: *\nDisallow: /share\n")
	for _, o := range p.outlets {
		if !strings.EqualFold(o.Host, hostOf(r)) {
			continue
		}
		for _, it := range o.items(p.start, p.now()) {
			if it.closed {
				fmt.Fprintf(w, "Disallow: %s\n", it.path)
			}
		}
	}
}

// writeSite writes an outlet's front page or an article's; to says where the
// front page's headlines lead.
func (p *press) writeSite(w http.ResponseWriter, host, path string, to func(item) string) {
	for _, o := range p.outlets {
		if !strings.EqualFold(o.Host, host) {
			continue
		}
		items := o.items(p.start, p.now())
		if path == "" || path == "/" {
			writeFront(w, o, items, to)
			return
		}
		for _, it := range items {
			if it.path == path {
				writePage(w, o, it)
				return
			}
		}
	}
	writeMissing(w)
}
