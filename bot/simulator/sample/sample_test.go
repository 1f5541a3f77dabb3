package sample

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"

	"tidings/digest/feed"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

var (
	start = time.Date(2026, time.August, 21, 17, 3, 8, 250_000_000, time.UTC)
	whole = start.Add(time.Hour) // by then every breaking article is out
)

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func request(h http.Handler, method, target string, header map[string]string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	return string(text)
}

func TestFeedsParseWithUniqueIdentities(t *testing.T) {
	h := Handler(at(whole), start)
	guids, links, kinds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range Feeds() {
		r := request(h, "GET", f.Path, nil)
		doc, err := gofeed.NewParser().Parse(r.Body)
		if err != nil {
			t.Errorf("parse %s: %v", f.Path, err)
			continue
		}
		kinds[doc.FeedType+doc.FeedVersion] = true
		if doc.Title != f.Name {
			t.Errorf("title of %s = %q, want %q", f.Path, doc.Title, f.Name)
		}
		if !strings.HasSuffix(f.Host, ".example") {
			t.Errorf("host of %s = %q, want one that ends in .example", f.Path, f.Host)
		}
		for _, it := range doc.Items {
			checkParsed(t, f, it)
			guid := it.GUID
			if doc.FeedVersion == "1.0" && doc.FeedType == "rss" {
				guid = it.Link // the format has no guid
			}
			if guid == "" || guids[guid] || links[it.Link] {
				t.Errorf("%s: guid %q is empty, or it or %q occurs twice", f.Path, guid, it.Link)
			}
			guids[guid], links[it.Link] = true, true
		}
	}
	want := []string{"atom1.0", "jsonhttps://jsonfeed.org/version/1.1", "rss1.0", "rss2.0"}
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, want) {
		t.Errorf("formats served = %q, want %q", got, want)
	}
}

// checkParsed compares what a reader of the feed gets with the article.
func checkParsed(t *testing.T, f Feed, it *gofeed.Item) {
	t.Helper()
	link, err := url.Parse(it.Link)
	if err != nil || link.Scheme != must(url.Parse(hostHome(f.Host))).Scheme || link.Host != f.Host || !strings.HasPrefix(link.Path, "/2026/") {
		t.Errorf("%s: link %q (%v), want one of https://%s/2026/", f.Path, it.Link, err, f.Host)
		return
	}
	o, a := find(t, link)
	want := start.UTC().Truncate(time.Second).Add(a.After - a.Age)
	if it.PublishedParsed == nil || !it.PublishedParsed.Equal(want) {
		t.Errorf("%s: date of %s = %v, want %v", f.Path, a.Slug, it.PublishedParsed, want)
	}
	if filled := fillDates(a.Title, o.Language, want); it.Title != filled {
		t.Errorf("%s: title = %q, want %q", f.Path, it.Title, filled)
	}
	if it.Description+it.Content == "" || len(it.Categories) == 0 {
		t.Errorf("%s: %s lacks its text or categories", f.Path, a.Slug)
	}
	if len(it.Authors) != 1 || it.Authors[0].Name != a.Author {
		t.Errorf("%s: authors of %s = %v, want %q", f.Path, a.Slug, it.Authors, a.Author)
	}
}

// hostHome is the front page of the outlet at a host.
func hostHome(host string) string {
	for _, o := range mustOutlets() {
		if o.Host == host {
			return o.home()
		}
	}
	return ""
}

// find gives the article behind a link.
func find(t *testing.T, link *url.URL) (outlet, article) {
	t.Helper()
	for _, o := range mustOutlets() {
		for _, a := range o.Articles {
			if o.Host == link.Host && "/2026/"+a.Slug == link.Path {
				return o, a
			}
		}
	}
	t.Fatalf("no article has the link %s", link)
	return outlet{}, article{}
}

func TestThereIsEnoughNews(t *testing.T) {
	articles, breaking, fresh := 0, 0, 0
	hosts := map[string]map[string]bool{}
	for _, o := range mustOutlets() {
		for _, a := range o.Articles {
			if a.After > 0 {
				breaking++
				continue
			}
			articles++
			if a.Age < 24*time.Hour {
				fresh++
			}
			if a.Age > 46*time.Hour {
				t.Errorf("%s/%s is %v old, want at most 46h", o.Host, a.Slug, a.Age)
			}
			if a.Event != "" {
				if hosts[a.Event] == nil {
					hosts[a.Event] = map[string]bool{}
				}
				hosts[a.Event][o.Host] = true
			}
		}
	}
	shared := 0
	for _, h := range hosts {
		if len(h) >= 2 {
			shared++
		}
	}
	t.Logf("%d outlets, %d articles (%d younger than a day), %d breaking, %d events with several outlets", len(mustOutlets()), articles, fresh, breaking, shared)
	if articles < 64 || breaking < 10 || shared < 10 || fresh*3 < articles*2 {
		t.Errorf("articles = %d (%d of the last day), breaking = %d, shared events = %d; want at least 64 (two thirds), 10, 10", articles, fresh, breaking, shared)
	}
	for _, alike := range [][2]string{{"quake-iwate", "quake-miyazaki"}, {"denmark-belgium", "norway-austria"}, {"sweden-rate", "norway-rate"}} {
		if len(hosts[alike[0]]) == 0 || len(hosts[alike[1]]) == 0 {
			t.Errorf("events %q: one of them is missing", alike)
		}
	}
}

func TestTopicsFindSomeStories(t *testing.T) {
	for _, topic := range [][]string{{"north korea"}, {"climate"}, {"elections"}, {"space"}, {"football"}, {"japan"}, {"electric cars"}, {"central bank"}} {
		found := map[string]bool{}
		for _, o := range mustOutlets() {
			for _, it := range o.items(start, start) {
				text := plain(it.title + " " + it.summary + " " + strings.Join(it.paragraphs, " "))
				if strings.Contains(text, " "+topic[0]+" ") || topic[0] == "north korea" && strings.Contains(text, " north korean ") {
					_, a := find(t, must(url.Parse(it.link)))
					found[cmp.Or(a.Event, a.Slug)] = true
				}
			}
		}
		if len(found) < 3 || len(found) > 10 {
			t.Errorf("stories with %q = %d %q, want 3 to 10", topic[0], len(found), slices.Sorted(maps.Keys(found)))
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// plain is text in lower case with single spaces instead of all but letters
// and digits.
func plain(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}

var sentenceEnd = regexp.MustCompile(`[.!?]\s|[。\n]`)

func TestNoSentenceStandsInTwoArticles(t *testing.T) {
	seen := map[string]string{}
	for _, o := range mustOutlets() {
		for _, a := range o.Articles {
			place := o.Host + "/" + a.Slug
			for _, sentence := range sentenceEnd.Split(a.Title+"\n"+a.Summary+"\n"+a.Content, -1) {
				sentence = plain(sentence)
				if utf8.RuneCountInString(sentence) < 12 {
					continue
				}
				if other := seen[sentence]; other != "" && other != place {
					t.Errorf("%q stands in %s and in %s", sentence, other, place)
				}
				seen[sentence] = place
			}
		}
	}
}

func TestTextsAreClean(t *testing.T) {
	for _, o := range mustOutlets() {
		for _, it := range o.items(start, whole) {
			for _, text := range append([]string{it.title, it.summary, it.author}, it.paragraphs...) {
				if strings.ContainsAny(text, "{}<>\t") || strings.Contains(text, "  ") || text != strings.TrimSpace(text) || strings.Contains(text, " .") || strings.Contains(text, " ,") {
					t.Errorf("%s%s: %q has stray characters", o.Host, it.path, text)
				}
			}
			for _, text := range append(slices.Clone(it.paragraphs), it.summary) {
				if text != "" && !strings.ContainsRune(".!?。”“」", lastRune(text)) {
					t.Errorf("%s%s: %q does not end as a sentence", o.Host, it.path, text)
				}
			}
			if n := len(strings.Fields(it.title)); o.Language != "ja" && (n < 6 || n > 14) {
				t.Errorf("%s%s: title %q has %d words, want 6 to 14", o.Host, it.path, it.title, n)
			}
			if n := len(strings.Fields(it.summary)); o.Language != "ja" && it.summary != "" && (n < 18 || n > 60) {
				t.Errorf("%s%s: summary has %d words, want 18 to 60", o.Host, it.path, n)
			}
		}
	}
}

func lastRune(text string) rune {
	r, _ := utf8.DecodeLastRuneInString(text)
	return r
}

func TestOneArticleComesAsABlogServesIt(t *testing.T) {
	text := body(t, request(Handler(at(start), start), "GET", "/feeds/peninsula-notes.xml", nil))
	doc, err := gofeed.NewParser().ParseString(text)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	it := doc.Items[0]
	if it.Description != "" {
		t.Errorf("description = %q, want none", it.Description)
	}
	if n := strings.Count(it.Content, it.Title); n != 2 {
		t.Errorf("the title stands %d times in the content, want 2", n)
	}
	at := -1
	for _, want := range []string{"Header Ads Widget", "North Korean state television", "Post a Comment", "0 Comments"} {
		next := strings.Index(it.Content, want)
		if next <= at {
			t.Errorf("index of %q in the content = %d, want more than %d", want, next, at)
		}
		at = next
	}
	if want := "on Friday, August 21, showed"; !strings.Contains(it.Content, want) {
		t.Errorf("content lacks %q", want)
	}
}

func TestFeedsAreNotSentTwice(t *testing.T) {
	now := start
	h := Handler(func() time.Time { return now }, start)
	first := request(h, "GET", "/feeds/northwire.xml", nil)
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if tag == "" || modified != "Fri, 21 Aug 2026 17:03:08 GMT" {
		t.Fatalf("ETag = %q, Last-Modified = %q, want a tag and the start", tag, modified)
	}
	for _, c := range []struct {
		name   string
		after  time.Duration
		header map[string]string
		want   int
	}{
		{"the same tag a minute later is not modified", time.Minute, map[string]string{"If-None-Match": tag}, http.StatusNotModified},
		{"the same date a minute later is not modified", time.Minute, map[string]string{"If-Modified-Since": modified}, http.StatusNotModified},
		{"another tag gets the document", time.Minute, map[string]string{"If-None-Match": `"x"`}, http.StatusOK},
		{"a breaking article changes the tag", 2*time.Minute + time.Second, map[string]string{"If-None-Match": tag}, http.StatusOK},
		{"a breaking article changes the date", 2*time.Minute + time.Second, map[string]string{"If-Modified-Since": modified}, http.StatusOK},
	} {
		now = start.Add(c.after)
		r := request(h, "GET", "/feeds/northwire.xml", c.header)
		if r.StatusCode != c.want {
			t.Errorf("%s: status = %d, want %d", c.name, r.StatusCode, c.want)
		}
		if c.want == http.StatusNotModified && body(t, r) != "" {
			t.Errorf("%s: 304 with a body", c.name)
		}
	}
}

func TestBreakingArticlesAppearOneAfterAnother(t *testing.T) {
	var times []time.Duration
	first := map[string]string{}
	for _, o := range mustOutlets() {
		for _, a := range o.Articles {
			if a.After == 0 {
				continue
			}
			times = append(times, a.After)
			if a.After <= 6*time.Minute {
				first[o.Host] = a.Event
			}
			due := start.Truncate(time.Second).Add(a.After)
			page := "/open?url=" + url.QueryEscape("https://"+o.Host+"/2026/"+a.Slug)
			for _, c := range []struct {
				now  time.Time
				want int
			}{{due.Add(-time.Millisecond), http.StatusNotFound}, {due, http.StatusOK}} {
				h := Handler(at(c.now), start)
				if got := request(h, "GET", page, nil).StatusCode; got != c.want {
					t.Errorf("page of %s at start+%v = %d, want %d", a.Slug, c.now.Sub(start), got, c.want)
				}
				listed := strings.Contains(body(t, request(h, "GET", "/feeds/"+o.document(), nil)), "/2026/"+a.Slug)
				if listed != (c.want == http.StatusOK) {
					t.Errorf("feed of %s lists %s at start+%v = %v", o.Name, a.Slug, c.now.Sub(start), listed)
				}
			}
		}
	}
	if events := slices.Compact(slices.Collect(maps.Values(first))); len(first) != 3 || len(events) != 1 {
		t.Errorf("the first three breaking articles tell %v, want three hosts with one event", first)
	}
	slices.Sort(times)
	for i, got := range times {
		if want := time.Duration(i+1) * 2 * time.Minute; got != want {
			t.Errorf("breaking article %d appears after %v, want %v", i, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	h := Handler(at(start), start)
	link := "https://harbour-post.example/2026/world/paros-ferry-rescue"
	for _, c := range []struct {
		name, target string
		status       int
		want         []string
	}{
		{"a link opens its article", "/open?url=" + url.QueryEscape(link), 200, []string{"<h1>Everyone safe after ferry", "Harbour Post", "Eleni Varda", "The last person left the ship", `datetime="2026-08-21T03:28:08Z"`, "five trips", "Sample news."}},
		{"tracking parameters do not matter", "/open?url=" + url.QueryEscape(link+"?utm_source=rss#top"), 200, []string{"Everyone safe"}},
		{"the outlet's own host serves it", "http://harbour-post.example:8080/2026/world/paros-ferry-rescue", 200, []string{"Everyone safe"}},
		{"an article without content shows its summary", "/open?url=https://northwire.example/2026/wire/paros-ferry", 200, []string{"in winds of force eight"}},
		{"the blog keeps its wrapping", "/open?url=https://peninsula-notes.example/2026/notes/north-korea-rason-freight-train", 200, []string{"Header Ads Widget", "Post a Comment", "0 Comments"}},
		{"Arabic runs from right to left", "/open?url=https://al-mirsad.example/2026/culture/amman-night-library", 200, []string{`lang="ar" dir="rtl"`}},
		{"an outlet's front page has its headlines", "http://harbour-post.example:8080/", 200, []string{`<a href="/2026/world/paros-ferry-rescue">Everyone safe`, "Sample news."}},
		{"a link to it opens it, and its headlines lead on", "/open?url=https://harbour-post.example", 200, []string{`<a href="?url=https%3A%2F%2Fharbour-post.example%2F2026%2Fworld%2Fparos-ferry-rescue%3Futm_source`, "Everyone safe"}},
		{"an unknown article is missing", "/open?url=https://harbour-post.example/2026/none", 404, []string{"No such article"}},
		{"an unknown host is missing", "/open?url=https://other.example/2026/world/paros-ferry-rescue", 404, []string{"No such article"}},
		{"a broken address is missing", "/open?url=%25zz%3A", 404, []string{"No such article"}},
		{"no address is missing", "/open", 404, []string{"No such article"}},
		{"an unknown feed is missing", "/feeds/harbour-post.json", 404, []string{"No such article"}},
		{"a script in the address is not echoed", "/open?url=" + url.QueryEscape("https://x.example/<script>"), 404, []string{"No such article"}},
	} {
		r := request(h, "GET", c.target, nil)
		text := body(t, r)
		if r.StatusCode != c.status {
			t.Errorf("%s: status = %d, want %d", c.name, r.StatusCode, c.status)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: page lacks %q", c.name, want)
			}
		}
		if strings.Contains(text, "<script") {
			t.Errorf("%s: page has a script", c.name)
		}
	}
	if got := request(h, "POST", "/open", nil).StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST /open = %d, want 405", got)
	}
}

// TestEverySiteLeadsToItsFeeds looks for feeds as a reader who knows the name of
// an outlet, or has the link of an article, would.
func TestEverySiteLeadsToItsFeeds(t *testing.T) {
	h := Handler(at(whole), start)
	fetch := func(_ context.Context, r feed.Request) (feed.Response, error) {
		answer := request(h, "GET", r.Address, nil)
		text := body(t, answer)
		if answer.StatusCode != http.StatusOK {
			return feed.Response{}, feed.ErrStatus
		}
		return feed.Response{Body: []byte(text), ContentType: answer.Header.Get("Content-Type"), FinalAddress: r.Address}, nil
	}
	several := 0
	for _, f := range Feeds() {
		want := "http://" + f.Host + f.Path
		places := []string{"http://" + f.Host + "/"}
		for _, o := range mustOutlets() {
			if o.Host == f.Host {
				places = append(places, "http://"+f.Host+o.items(start, whole)[0].path)
			}
		}
		for _, place := range places {
			found, err := feed.Discover(t.Context(), fetch, place, whole)
			if err != nil || found[0].Address != want || found[0].Feed.Title != f.Name {
				t.Errorf("feeds at %s = %v (%v), want first %s", place, found, err, want)
				continue
			}
			if len(found) > 1 {
				several++
				if all, some := found[0].Feed, found[1].Feed; all.Title == some.Title || len(some.Items) == 0 || len(some.Items) >= len(all.Items) {
					t.Errorf("the second feed at %s is %q with %d items, the first %q with %d", place, some.Title, len(some.Items), all.Title, len(all.Items))
				}
			}
		}
	}
	if several == 0 {
		t.Error("no outlet lets a reader choose among feeds")
	}
}

func TestTheChannelHasAPreview(t *testing.T) {
	h := Handler(at(whole), start)
	fetch := func(_ context.Context, r feed.Request) (feed.Response, error) {
		answer := request(h, "GET", r.Address, nil)
		if to := answer.Header.Get("Location"); to != "" {
			r.Address = "http://" + ChannelHost + to
			answer = request(h, "GET", r.Address, nil)
		}
		return feed.Response{Body: []byte(body(t, answer)), ContentType: answer.Header.Get("Content-Type"), FinalAddress: r.Address}, nil
	}
	found, err := feed.Discover(t.Context(), fetch, "http://"+ChannelHost+"/"+ChannelName, whole)
	if err != nil || len(found) != 1 || found[0].Feed.Title != "Harbour Lights" || len(found[0].Feed.Items) != len(posts) {
		t.Fatalf("Discover of the channel = %+v, %v; want its %d posts", found, err, len(posts))
	}
	for i, it := range found[0].Feed.Items {
		m := posts[len(posts)-1-i]
		if want := start.Truncate(time.Second).Add(-m.Age); !it.Published.Equal(want) || it.Title == "" || it.Author != m.From {
			t.Errorf("post %d is %+v, want one of %v forwarded from %q", len(posts)-i, it, want, m.From)
		}
		answer := request(h, "GET", "http://page.example/open?url="+url.QueryEscape(it.Link), nil)
		if text := body(t, answer); answer.StatusCode != http.StatusOK || strings.Count(text, "data-post=") != 1 {
			t.Errorf("the link of post %d leads to %d posts (%d)", len(posts)-i, strings.Count(text, "data-post="), answer.StatusCode)
		}
	}
	if found, err := feed.Discover(t.Context(), fetch, "http://"+ChannelHost+"/s/somebody", whole); !errors.Is(err, feed.ErrNoPreview) {
		t.Errorf("Discover of another name = %v, %v; want ErrNoPreview", found, err)
	}
}

func TestEveryFeedLinkOpens(t *testing.T) {
	h := Handler(at(whole), start)
	for _, o := range mustOutlets() {
		for _, it := range o.items(start, whole) {
			if got := request(h, "GET", "/open?url="+url.QueryEscape(it.link), nil).StatusCode; got != 200 {
				t.Errorf("open %s = %d, want 200", it.link, got)
			}
		}
	}
}

func TestHostileCharactersSurviveEveryFormat(t *testing.T) {
	const title = `]]> & <script>alert("x")</script> 'quoted' &amp; 🛰️ عربي`
	const text = `One ]]> two <b>bold</b> & "three" <![CDATA[four]]> &lt;five&gt;.`
	for format := range formats {
		for _, dress := range [][]string{nil, {"blog"}, {"image", "share", "more", "appeared", "entities"}} {
			o := outlet{key: "x", Name: `A & <B>`, Host: "x.example", Language: "en", Subject: "world", Format: format, Tracking: "a=1&b=2", Dress: dress,
				Articles: []article{{Slug: "x", Age: time.Hour, Title: title, Author: `O'Brien & "Sons"`, Summary: text, Content: text}}}
			name := fmt.Sprintf("%s dressed in %q", format, dress)
			items := o.items(start, start)
			doc, err := o.render(items, start)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			feed, err := gofeed.NewParser().Parse(bytes.NewReader(doc))
			if err != nil {
				t.Errorf("%s: parse: %v", name, err)
				continue
			}
			it := feed.Items[0]
			if it.Title != title || feed.Title != o.Name || it.Link != "https://x.example/2026/x?a=1&b=2" || it.Authors[0].Name != `O'Brien & "Sons"` {
				t.Errorf("%s: title %q, feed %q, link %q, author %q", name, it.Title, feed.Title, it.Link, it.Authors[0].Name)
			}
			if want := `One ]]&gt; two &lt;b&gt;bold&lt;/b&gt; &amp; &#34;three&#34;`; !strings.Contains(it.Content, want) {
				t.Errorf("%s: content = %q, want it to hold %q", name, it.Content, want)
			}
			if strings.Contains(it.Content, "<script") {
				t.Errorf("%s: content has a script", name)
			}
		}
	}
}

func TestWrongDataIsRefused(t *testing.T) {
	const head = "name = \"A\"\nhost = \"a.example\"\nlanguage = \"en\"\nsubject = \"world\"\nformat = \"rss\"\n"
	const good = "[[articles]]\nslug = \"x\"\nage = \"1h\"\ntitle = \"T\"\nsummary = \"S.\"\n"
	if _, err := parseOutlet("a", head+good); err != nil {
		t.Fatalf("parseOutlet of a good file: %v", err)
	}
	for _, c := range []struct{ name, text string }{
		{"not TOML", "name = "},
		{"a control character", head + good + "\x00"},
		{"an unknown key", head + "colour = \"red\"\n" + good},
		{"an unknown format", strings.Replace(head, "rss", "fax", 1) + good},
		{"a section without articles", head + "sections = [\"Sport\"]\n" + good},
		{"a section that is no file name", head + "sections = [\"a/b\"]\n" + good + "categories = [\"a/b\"]\n"},
		{"an unknown dress", head + "dress = [\"tie\"]\n" + good},
		{"an unknown dress of an article", head + good + "dress = [\"tie\"]\n"},
		{"a real host", strings.Replace(head, "a.example", "a.com", 1) + good},
		{"no name", strings.Replace(head, `"A"`, `""`, 1) + good},
		{"a slug with a query", head + strings.Replace(good, `"x"`, `"x?y"`, 1)},
		{"no title", head + strings.Replace(good, `"T"`, `""`, 1)},
		{"no text", head + strings.Replace(good, `"S."`, `""`, 1)},
		{"neither age nor after", head + strings.Replace(good, "age", "#", 1)},
		{"both age and after", head + good + "after = \"2m\"\n"},
		{"an age that is no duration", head + strings.Replace(good, "1h", "soon", 1)},
	} {
		if _, err := parseOutlet("a", c.text); !errors.Is(err, errData) {
			t.Errorf("%s: parseOutlet = %v, want %v", c.name, err, errData)
		}
	}
}
