package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings/bot/simulator"
)

// blogPage wraps paragraphs as blogs do.
func blogPage(title string, paragraphs ...string) string {
	return fmt.Sprintf(`<!DOCTYPE html><html lang="en"><head><title>%[1]s | The Test Post</title></head><body>
<h3>%[1]s</h3><div class="widget">Header Ads Widget</div><h1>%[1]s</h1><div>&nbsp;</div><div><p>%[2]s</p></div>
<h4>Post a Comment</h4><p>0 Comments</p></body></html>`, title, strings.Join(paragraphs, "</p><p>"))
}

// TestAPageBecomesASummary: a feed gives teasers; a reader follows the topic and
// sees whole sentences of the article's page, where robots.txt allows it.
func TestAPageBecomesASummary(t *testing.T) {
	w := newWorld(t)
	const (
		open, closed = "Dockers find a whale in the dry dock", "Coastal museum buys the skeleton of a blue whale"
		sentence     = "Dockers who opened the gates of the dry dock on Monday found a young whale on its floor."
		second       = "It had swum in with the tide and was led out again by two tugs before noon."
	)
	w.press.publishPage(w.feeds.URL, "/news/whale", open, "Dockers who opened the gates of […]",
		blogPage(open, sentence, second, "The dock had been flooded since Friday for repairs to a pump that nobody could hear from the quay."))
	w.press.publishPage(w.feeds.URL, "/closed/whale", closed, "Bones that weigh four […]",
		blogPage(closed, "Nobody may read this sentence by machine, which is a pity.", "Nor may they read this one, however short it is and whatever it says."))
	w.press.pages["/robots.txt"] = "User-agent: *\nDisallow: /closed/\n"
	w.start()
	// The first reader's edition waits a few seconds for the page. On a machine
	// that is slower than that, one of the next readers' has it.
	var first simulator.Message
	for reader := int64(1); reader <= 10 && !strings.Contains(first.Text, sentence); reader++ {
		w.sim.AddPerson(simulator.Person{ID: reader, Name: "Ida", Language: "en"})
		w.say(reader, "/start")
		w.sees(reader, "What shall I follow", 60*time.Second)
		w.say(reader, "/subscribe whale")
		first = w.sees(reader, "📰", 60*time.Second)
	}
	for text, want := range map[string]bool{
		open: true, closed: true, sentence + " " + second: true,
		"[…]": false, "Header Ads": false, "Comment": false, "by machine": false,
	} {
		if strings.Contains(first.Text, text) != want {
			t.Errorf("the first edition has %q: %v, want %v:\n%s", text, !want, want, first.Text)
		}
	}
	if n := w.press.requests("/robots.txt"); n != 1 {
		t.Errorf("robots.txt was asked for %d times, want once", n)
	}
	if n := w.press.requests("/news/whale"); n != 1 {
		t.Errorf("the page was fetched %d times, want once", n)
	}
	if n := w.press.requests("/closed/whale"); n != 0 {
		t.Errorf("the forbidden page was fetched %d times", n)
	}
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// inspect runs the command and returns what it printed.
func inspect(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(append([]string{"inspect"}, args...), surroundings{strings.NewReader(""), &o, &e, nil})
	return code, o.String(), e.String()
}

func TestInspectTellsWhatTheBotMakesOfAnAddress(t *testing.T) {
	const title = "Town library lends out telescopes for the eclipse"
	pages := map[string]string{
		"/robots.txt": "User-agent: *\nDisallow: /closed\n",
		"/feed.xml": `<?xml version="1.0"?><rss version="2.0"><channel><title>The Test Post</title><link>https://test-post.example/</link><language>en</language>
			<item><title>` + title + `</title><link>https://test-post.example/1</link><description>The town library lends out forty telescopes until the eclipse in August. Each comes with a filter and a map of the hills.</description><category>hills</category><pubDate>Mon, 16 Mar 2026 08:00:00 GMT</pubDate></item>
			<item><title>Second</title><link>https://test-post.example/2</link><description>The second item begins with […]</description></item></channel></rss>`,
		"/empty.xml": `<?xml version="1.0"?><rss version="2.0"><channel><title>The Test Post</title></channel></rss>`,
		"/news/1": blogPage(title, "The town library lends out forty telescopes until the eclipse in August.",
			"Each comes with a filter and a map of the hills from which the sun can be seen longest.", "Whoever breaks one has to explain a constellation to the next reader in the queue."),
		"/closed": blogPage(title, "x"),
		"/wall": `<!DOCTYPE html><html lang="en"><head><title>` + title + `</title><link rel="alternate" type="application/rss+xml" href="/own.xml"></head><body><h1>` + title + `</h1>
			<p>The town library lends out forty telescopes until the eclipse in August.</p><p>Subscribe to continue reading this article.</p></body></html>`,
		"/list": `<!DOCTYPE html><html lang="en"><head><title>The Test Post</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>` +
			strings.Repeat(`<h2><a href="/n">Council decides once more about the bridge over the river</a></h2>`, 30) + `</body></html>`,
		"/feeds.opml":  `<?xml version="1.0"?><opml version="2.0"><body><outline text="a" xmlUrl="https://test-post.example/feed.xml"/></body></opml>`,
		"/map.xml":     `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>`,
		"/nowhere.xml": `<rss version="2.0"><channel><title>The Test Post</title><item><title>` + title + `</title></item></channel></rss>`,
		"/shell":       `<!DOCTYPE html><html><body><div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript></body></html>`,
		"/broken":      `<?xml version="1.0"?><rss version="2.0"><channel><item><title>`,
		"/plain":       "The town library lends out forty telescopes until the eclipse in August. Each comes with a filter.",
		"/data.bin":    "\x00\x01\x02\x03",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch page, ok := pages[r.URL.Path]; {
		case ok:
			fmt.Fprint(w, page)
			return
		case r.URL.Path == "/own.xml":
			fmt.Fprintf(w, `<rss version="2.0"><channel><title>The Test Post</title><language>en</language><item><title>%s</title><link>/wall</link><description>Forty telescopes can be borrowed from the town library. Each comes with a map.</description></item></channel></rss>`, title)
			return
		case r.URL.Path == "/old":
			http.Redirect(w, r, "/news/1", http.StatusMovedPermanently)
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	allow := "--allow-networks=127.0.0.0/8"
	inFile := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string // in what is printed, or in the error
	}{
		{"a feed", []string{allow, server.URL + "/feed.xml"}, 0, []string{"feed", "The Test Post", "2 items", "language  en", title, "2026-03-16", "Each comes with a filter", "teaser"}},
		{"a page", []string{allow, server.URL + "/news/1"}, 0, []string{"page", "article", title, "3 paragraphs", "language  en", "The town library lends out forty telescopes until the eclipse in August."}},
		{"a feed without items", []string{allow, server.URL + "/empty.xml"}, 1, []string{"no item"}},
		{"a page that robots.txt forbids", []string{allow, server.URL + "/closed"}, 1, []string{"robots.txt forbids it"}},
		{"a page that needs scripts", []string{allow, server.URL + "/shell"}, 1, []string{"script", "the page is empty until scripts have run"}},
		{"a page that only begins", []string{inFile("wall.html", `<html lang=en><title>Bank to cut jobs</title><article><h1>Bank to cut jobs</h1><p>The bank will cut 1,900 jobs by the summer, three people close to it said.</p><div class=paywall><p>To continue reading, subscribe now.</p><p>Try four weeks for one pound.</p></div></article>`)},
			1, []string{"kind      paywall: ", "summary   none: what the feed gives serves instead of the page"}},
		{"a page whose feed tells the same", []string{allow, server.URL + "/wall"}, 1, []string{"kind      paywall: a line offers the rest for money", "left out  Subscribe to continue reading this article. (offers the rest for money)",
			"its feed  " + server.URL + "/own.xml, 1 item", "it says   Forty telescopes can be borrowed from the town library."}},
		{"a list of headlines", []string{allow, server.URL + "/list"}, 1, []string{"kind      list: 30 headlines that lead elsewhere", "its feed  " + server.URL + "/feed.xml, 2 items; the bot takes it with /source", "the page is a list of headlines"}},
		{"a page that moved", []string{allow, server.URL + "/old"}, 0, []string{"asked     " + server.URL + "/old", "page      " + server.URL + "/news/1", "kind      article: "}},
		{"a list of feeds", []string{allow, server.URL + "/feeds.opml"}, 1, []string{"/feeds.opml is a list of 1 feed; send it to the bot with /import"}},
		{"XML that is no feed", []string{allow, server.URL + "/map.xml"}, 1, []string{`/map.xml is neither a feed nor a web page: it is XML of "urlset"`}},
		{"a feed whose only item leads nowhere", []string{allow, server.URL + "/nowhere.xml"}, 1, []string{"tidings: its only item cannot be shown: the item has no address that can be opened\n"}},
		{"a feed that breaks off", []string{allow, server.URL + "/broken"}, 1, []string{"the document breaks off"}},
		{"data", []string{allow, server.URL + "/data.bin"}, 1, []string{"/data.bin is neither a feed nor a web page"}},
		{"plain text", []string{allow, server.URL + "/plain"}, 1, []string{"/plain is neither a feed nor a web page: it is plain text"}},
		{"a file with a feed", []string{inFile("feed.xml", pages["/feed.xml"])}, 0, []string{"The Test Post", "2 items", "filed     hills"}},
		{"a file with a page", []string{inFile("page.html", pages["/news/1"])}, 0, []string{"article", title, "found by  readability"}},
		{"a file with nothing in it", []string{inFile("none", "")}, 1, []string{"empty"}},
		{"an address without its scheme", []string{allow, strings.TrimPrefix(server.URL, "http://") + "/feed.xml"}, 0, []string{"The Test Post"}},
		{"a name that is none", []string{"telescopes"}, 2, []string{"tidings: telescopes is neither a file here nor an address of the web"}},
		{"an address with a password", []string{"https://u:geheim@x.example/"}, 2, []string{"https://…@x.example/: an address with a user or a password is not fetched"}},
		{"nothing there", []string{allow, server.URL + "/none"}, 1, []string{"404"}},
		{"a private network that was not allowed", []string{"http://127.0.0.1:80/"}, 1, []string{"private network"}},
		{"no address", nil, 2, []string{"<address-or-file>"}},
		{"a file that is not there", []string{"/nowhere/page.html"}, 2, []string{"tidings: there is no file /nowhere/page.html\n"}},
		{"a file beside that is not there", []string{"page.html"}, 2, []string{"tidings: there is no file page.html\n"}},
		{"a text that is not there", []string{"notes.txt"}, 2, []string{"tidings: there is no file notes.txt\n"}},
		{"a file with plain text", []string{inFile("notes.txt", "The ferry is back. It sails at eight.")}, 1, []string{"notes.txt is neither a feed nor a web page: it is plain text\n"}},
		{"a directory", []string{"testdata"}, 2, []string{"tidings: testdata is a directory; give a file in it, or an address\n"}},
		{"an address that is none", []string{"ftp://x.example/"}, 2, []string{"tidings: ftp://x.example/: only http and https are fetched\n"}},
		{"networks that are none", []string{"--allow-networks=home", server.URL}, 2, []string{`--allow-networks: read "home"`}},
	} {
		code, out, errs := inspect(c.args...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.name, code, c.code, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%s: it does not tell %q but\n%s%s", c.name, want, out, errs)
			}
		}
		if c.code != 0 && strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("%s: the error is more than one line:\n%s", c.name, errs)
		}
	}
}
