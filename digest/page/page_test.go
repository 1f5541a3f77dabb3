package page

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

var update = flag.Bool("update", false, "write the golden files anew")

// show is a page as a golden file holds it.
func show(p Page) string {
	return fmt.Sprintf("kind: %s\ntitle: %s\nauthor: %s\npublished: %s\npicture: %s\nlanguage: %s\nsite: %s\n\n%s\n",
		p.Kind, p.Title, p.Author, p.Published.Format(time.RFC3339), p.Picture, p.Language, p.Site, p.Text)
}

// TestABlogPageComesOutUnwrapped reads a story in the furniture of a blog: the
// headline twice, places for advertising, text between breaks, comments.
func TestABlogPageComesOutUnwrapped(t *testing.T) {
	source, err := os.ReadFile("testdata/blog.html")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(source, "text/html", "https://letters.example/2026/balloon.html", noon)
	if err != nil {
		t.Fatal(err)
	}
	got := show(p)
	if *update {
		if err := os.WriteFile("testdata/blog.golden", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/blog.golden")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("Read(blog.html) =\n%s\nwant\n%s", got, want)
	}
	for _, wrapping := range []string{"Header Ads", "Comment", "Advertisement", "Photo:", "Read also", "Tags", "newsletter", "cookies", "Facebook", "rights reserved", "lighthouse", "min read"} {
		if strings.Contains(p.Text, wrapping) {
			t.Errorf("the text has %q", wrapping)
		}
	}
	if strings.Contains(p.Text, p.Title) {
		t.Error("the text repeats the headline")
	}
}

// document is a page with a title and a body.
func document(title, body string) string {
	return "<!DOCTYPE html><html lang=en><head><title>" + title + "</title></head><body>" + body + "</body></html>"
}

const (
	story = "<p>The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery.</p>" +
		"<p>Residents can take home any of 412 saws, drills and ladders for a week and pay nothing for it.</p>" +
		"<p>Two retired joiners check what comes back and sharpen the blades on Monday mornings before nine.</p>"
	storyTitle = "Lower Fell opens a library of tools"
)

func TestKinds(t *testing.T) {
	headlines := ""
	for i := range 30 {
		headlines += fmt.Sprintf(`<div class="teaser"><h2><a href="/%d">Council number %d decides about the bridge over the river</a></h2></div>`, i, i)
	}
	for _, c := range []struct {
		name, page string
		want       Kind
	}{
		{"three paragraphs under a headline", document(storyTitle, "<h1>"+storyTitle+"</h1>"+story), Article},
		{"paragraphs without markup but breaks", document(storyTitle, "<h1>"+storyTitle+"</h1><div>"+strings.NewReplacer("<p>", "", "</p>", "<br><br>").Replace(story)+"</div>"), Article},
		{"a front page of headlines", document("The Fell Post", headlines), List},
		{"an article of a few words before the offer to buy", document(storyTitle, "<h1>"+storyTitle+"</h1><p>The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery.</p><div><p>Subscribe to continue reading this article.</p></div>"), Paywall},
		{"an article whose data say that it is sold", document(storyTitle, `<script type="application/ld+json">{"@type":"NewsArticle","headline":"`+storyTitle+`","isAccessibleForFree":"False"}</script><h1>`+storyTitle+"</h1>"+story), Paywall},
		{"an article beside a paragraph that is hidden", document(storyTitle, "<h1>"+storyTitle+"</h1>"+story+`<p hidden>Subscribe to continue reading this article.<p style="display: none">Already a subscriber? Sign in.`), Article},
		{"a shell for scripts", document("App", `<div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript>`), Script},
		{"a shell with a large script", document("App", `<div id="root"></div><script>`+strings.Repeat("a=b;", 5000)+`</script>`), Script},
		{"not found", document("Page not found", "<h1>Page not found</h1><p>The page you are looking for does not exist. It may have been moved, or it was never here.</p><p>Try the search above or go back to our front page to find what you need.</p>"), Failure},
		{"a gate against robots", document("Just a moment...", "<p>Checking your browser before you can visit this site. It takes a few seconds.</p>"), Failure},
		{"a page of one sentence", document("Hello", "<p>It is nice that you are here.</p>"), Other},
		{"an empty body", document("", ""), Other},
	} {
		p, err := Read([]byte(c.page), "text/html; charset=utf-8", "https://fell.example/news/1", noon)
		if err != nil || p.Kind != c.want {
			t.Errorf("%s: kind = %q, %v, want %q\n%s", c.name, p.Kind, err, c.want, show(p))
		}
		if (p.Kind.Reason() == "") != (p.Kind == Article) {
			t.Errorf("%s: reason = %q", c.name, p.Kind.Reason())
		}
	}
}

func TestWhatAPageSaysAboutItself(t *testing.T) {
	page := func(head, body string) string {
		return `<!DOCTYPE html><html><head>` + head + `</head><body>` + body + story + `</body></html>`
	}
	for _, c := range []struct {
		name, page string
		want       Page
	}{
		{"the heading when the title has the outlet behind it", page(`<title>Lower Fell opens a library of tools | The Fell Post</title>`, `<h1>Lower Fell opens a library of tools</h1>`),
			Page{Title: storyTitle}},
		{"a heading without its kicker", page(`<title>Lending – Lower Fell opens a library of tools | The Fell Post</title>`, `<h1><span>Lending</span> <span>Lower Fell opens a library of tools</span></h1>`),
			Page{Title: storyTitle}},
		{"a heading with a word set off", page(`<title>Lower Fell opens a library of tools</title>`, `<h1><em>Lower Fell</em> <span>opens a library of tools</span></h1>`),
			Page{Title: storyTitle}},
		{"a lower heading when the first is the blog's name", page(`<title>Lower Fell opens a library of tools - Fell Notes</title>`, `<h1>Fell Notes</h1><h3>Lower Fell opens a library of tools</h3>`),
			Page{Title: storyTitle}},
		{"a lower heading when the blog's name stands first in the title", page(`<title>Fell Notes - Lower Fell opens a library of tools</title>`, `<h1>Fell Notes</h1><h2>Lower Fell opens a library of tools</h2>`),
			Page{Title: storyTitle}},
		{"the first heading when no lower one is the title's", page(`<title>Tools for everybody in the old town - Fell Notes</title>`, `<h1>Lower Fell opens a library of tools</h1><h3>Most read</h3>`),
			Page{Title: storyTitle}},
		{"a short first heading that the title has before the outlet's name", page(`<title>Tools for all - The Fell Notes</title>`, `<h1>Tools for all</h1><h3>The Fell Notes</h3>`),
			Page{Title: "Tools for all"}},
		{"the title without the outlet's known name", page(`<title>The Fell Post: Lower Fell opens a library of tools - The Fell Post</title><meta property="og:site_name" content="The Fell Post"><meta property="og:title" content="Lower Fell opens a library of tools - The Fell Post">`, ``),
			Page{Title: storyTitle, Site: "The Fell Post"}},
		{"a dash inside a headline stays", page(`<meta property="og:title" content="Lower Fell opens a library – of tools, saws and very long ladders">`, ``),
			Page{Title: "Lower Fell opens a library – of tools, saws and very long ladders"}},
		{"linked data in a graph", page(`<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"x"},{"@type":["NewsArticle"],"headline":"Lower Fell opens a library of tools","author":[{"name":"Ann Bell"},{"name":"Bo Carr"}],"datePublished":"2026-03-01T08:00:00+01:00","image":{"url":"https://fell.example/a.jpg"}}]}</script>`, ``),
			Page{Title: storyTitle, Author: "Ann Bell, Bo Carr", Published: time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC), Picture: "https://fell.example/a.jpg"}},
		{"linked data that are broken", page(`<title>Lower Fell opens a library of tools</title><script type="application/ld+json">{"@type":"NewsArticle","headline":</script>`, ``),
			Page{Title: storyTitle}},
		{"an author that is an address is none", page(`<title>Lower Fell opens a library of tools</title><meta property="article:author" content="https://social.example/fell">`, ``),
			Page{Title: storyTitle}},
		{"a byline", page(`<title>Lower Fell opens a library of tools</title>`, `<p class="byline">By Ann Bell</p>`),
			Page{Title: storyTitle, Author: "Ann Bell"}},
		{"linked data that lead to the author elsewhere", page(`<title>Lower Fell opens a library of tools</title><script type="application/ld+json">{"@graph":[{"@type":"BlogPosting","author":{"@id":"#ann"}},{"@type":"Person","@id":"#ann","name":"Ann Bell"},{"@type":"Person","@id":"#bo","name":"Bo Carr"}]}</script>`, ``),
			Page{Title: storyTitle, Author: "Ann Bell"}},
		{"nobody of a work that is only cited", page(`<title>Lower Fell opens a library of tools</title>`, `<li itemprop="citation" itemscope><meta itemprop="author" content="R. Stone, K. Weir"><meta itemprop="datePublished" content="1988"></li>`),
			Page{Title: storyTitle}},
		{"people before an outlet", page(`<title>Lower Fell opens a library of tools</title><meta name="author" content="Fell Media GmbH">`, `<a rel="author" href="/about/ann">Ann Bell</a>`),
			Page{Title: storyTitle, Author: "Ann Bell"}},
		{"an outlet when nobody else is named", page(`<title>Lower Fell opens a library of tools</title><meta name="author" content="Fell Media GmbH">`, ``),
			Page{Title: storyTitle, Author: "Fell Media GmbH"}},
		{"a line in another language, with a date and a degree behind", page(`<title>Lower Fell opens a library of tools</title>`, `<h1>Lower Fell opens a library of tools</h1><div>Von Dr. Änne Bell und Bo van Carr, dpa | 1.3.2026, 14:05 Uhr</div>`),
			Page{Title: storyTitle, Author: "Dr. Änne Bell und Bo van Carr", Published: time.Date(2026, 3, 1, 14, 5, 0, 0, time.UTC)}},
		{"an author whose name is two Chinese characters", page(`<title>Lower Fell opens a library of tools</title>`, `<span>记者：王芳</span>`),
			Page{Title: storyTitle, Author: "王芳"}},
		{"what commenters are called counts for nothing", page(`<title>Lower Fell opens a library of tools</title>`, `<div class="comments"><span class="author">Zed Troll</span> <time datetime="2026-03-09">9 March</time></div>`),
			Page{Title: storyTitle}},
		{"the time of publication before the time of a change", page(`<title>Lower Fell opens a library of tools</title><meta property="article:modified_time" content="2026-03-05T00:00:00Z">`, `<time class="updated" datetime="2026-03-04T00:00:00Z">4 March</time><time class="entry-date" datetime="2026-03-01T08:00:00Z">1 March</time>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}},
		{"the time of a change when there is no other", page(`<title>Lower Fell opens a library of tools</title><meta property="article:modified_time" content="2026-03-05T00:00:00Z">`, ``),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}},
		{"day and month as the language orders them", `<html lang="en-US"><head><title>Lower Fell opens a library of tools</title></head><body><div class="date">3/2/2026</div>` + story,
			Page{Title: storyTitle, Published: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}},
		{"day and month that nobody can tell apart", `<html><head><title>Lower Fell opens a library of tools</title></head><body><div class="date">3/2/2026</div>` + story,
			Page{Title: storyTitle}},
		{"a date that is shown", page(`<title>Lower Fell opens a library of tools</title>`, `<div class="post-date">1. März 2026</div>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}},
		{"a date marked as that of publication before one that may be of anything", page(`<title>Lower Fell opens a library of tools</title><meta name="date" content="2026-03-05T00:00:00Z">`, `<time itemprop="datePublished" datetime="2026-03-01T08:00:00Z">1 March</time>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}},
		{"a date that may be of anything before one that is only shown", page(`<title>Lower Fell opens a library of tools</title><meta name="date" content="2026-03-05T00:00:00Z">`, `<time datetime="2026-03-01T08:00:00Z">1 March</time>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}},
		{"a date in the foot of an article's head, without a heading of the first order", page(`<title>Lower Fell opens a library of tools</title>`, `<div class="article"><div class="header"><h3>Lower Fell opens a library of tools</h3></div><div class="footer"><time datetime="2026-03-01T08:00:00Z">1 March</time></div>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}},
		{"a date in the foot of the page is not the article's", page(`<title>Lower Fell opens a library of tools</title>`, `</div><div class="footer"><time datetime="2026-03-01T08:00:00Z">1 March</time></div>`),
			Page{Title: storyTitle}},
		{"a line before the headline that begins with a date", page(`<title>Lower Fell opens a library of tools</title>`, `<p class="kind">1. März 2026 | Nachrichten aus dem Rathaus</p><h1>Lower Fell opens a library of tools</h1>`),
			Page{Title: storyTitle, Published: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}},
		{"a date from the future is now", page(`<title>Lower Fell opens a library of tools</title><meta property="article:published_time" content="2199-01-01T00:00:00Z">`, ``),
			Page{Title: storyTitle, Published: noon}},
		{"a picture that is no web address", page(`<title>Lower Fell opens a library of tools</title><meta property="og:image" content="javascript:alert(1)">`, ``),
			Page{Title: storyTitle}},
	} {
		p, err := Read([]byte(c.page), "text/html", "https://fell.example/news/tools", noon)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if p.Title != c.want.Title || p.Author != c.want.Author || !p.Published.Equal(c.want.Published) || p.Picture != c.want.Picture || p.Site != c.want.Site {
			t.Errorf("%s: Read =\n%swant\n%s", c.name, show(p), show(c.want))
		}
	}
}

func TestCharsets(t *testing.T) {
	const text = "Der Bürgermeister von Köln eröffnete am Samstag ein Lager für Schläuche, Leitern und Sägen."
	latin := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			b.WriteByte(byte(r))
		}
		return b.String()
	}
	utf16 := func(s string) string {
		b := "\xFF\xFE"
		for _, r := range s {
			b += string([]byte{byte(r), byte(r >> 8)})
		}
		return b
	}
	body := "<html lang=de><head>%s<title>Köln eröffnet ein Lager für Leitern</title></head><body><p>" + text + "</p><p>" + text + " Noch einmal.</p><p>Wer etwas leiht, gibt es nach einer Woche zurück.</p></body></html>"
	plain := strings.Replace(body, "%s", "", 1)
	declared := strings.Replace(body, "%s", `<meta charset="iso-8859-1">`, 1)
	for _, c := range []struct{ name, header, page string }{
		{"UTF-8 by default", "text/html", plain},
		{"UTF-8 that the header calls something else", "text/html; charset=iso-8859-1", plain},
		{"windows-1252 by the header", "text/html; charset=windows-1252", latin(plain)},
		{"latin-1 by its own declaration", "text/html", latin(declared)},
		{"latin-1 that claims to be UTF-8", "text/html; charset=utf-8", latin(plain)},
		{"latin-1 that nobody declares", "", latin(plain)},
		{"UTF-16 by its mark", "text/html", utf16(plain)},
		{"a name nobody knows", "text/html; charset=klingon", plain},
	} {
		p, err := Read([]byte(c.page), c.header, "https://koeln.example/a", noon)
		if err != nil || !strings.HasPrefix(p.Text, text) || p.Title != "Köln eröffnet ein Lager für Leitern" {
			t.Errorf("%s: Read = %q, %q, %v", c.name, p.Title, p.Text, err)
		}
	}
	if _, err := Read([]byte(plain), "application/json", "https://koeln.example/a", noon); !errors.Is(err, ErrNotPage) {
		t.Errorf("Read of what comes as JSON = %v, want %v", err, ErrNotPage)
	}
}

func TestLinesOfAPage(t *testing.T) {
	for _, line := range []string{
		"Post a Comment", "0 Comments", "12 comments", "Leave a Reply", "Header Ads Widget", "ADVERTISEMENT", "Advertisement - scroll to continue",
		"Share this article", "Share on Facebook", "Facebook Twitter WhatsApp Email", "Click to share on X (Opens in new window)", "Sign up to our newsletter",
		"Subscribe to our daily briefing and get the news straight to your inbox.", "We use cookies to improve your visit.", "© 2026 The Fell Post. All rights reserved.",
		"Read more: Council decides on the bridge", "Also read", "Related articles", "You may also like", "More from The Fell Post", "Photo: Ann Bell / Fell Post",
		"The quay on Monday. Getty Images", "Published: 3 March 2026", "3 min read", "By Ann Bell, science editor", "Tags: bridge, council", "Follow us on Telegram",
		"Please enable JavaScript to view the comments.", "Lesen Sie auch: Der Rat und die Brücke", "Lire aussi : le pont", "Lee también: el puente", "Читайте также: мост", "相关阅读",
		"By Ann Bell, Bo Carr on Monday, November 18th, 2019 at 11:08 a.m.", "Reporting by Ann Bell and Bo Carr; editing by Cy Dorn", "Dieses Skript als PDF herunterladen",
		"Sie müssen sich einloggen, um mitzureden.", "What do you think? Let us know in the comments below!", "Verratet uns eure Meinung in den Kommentaren:", "The quay on Monday © Fell Post / Ann Bell",
		"Get the news straight to your phone with the Fell Post app.", "For updates download the Fell Post apps for iOS and Android.", "Join our Telegram channel", "3 March 2026", "sexta-feira, 22 de outubro de 2010 às 20:13",
	} {
		if kept, _, _ := unwrap([]string{line}, facts{title: storyTitle}); len(kept) > 0 {
			t.Errorf("unwrap(%q) keeps it", line)
		}
	}
	for _, line := range []string{
		"The commission made cookies and newsletters a matter of national law after a debate that lasted two years.",
		"“Read my lips,” she said.", "Share prices fell by a tenth.", "Comments by the minister angered farmers.", "Photographs of the bridge were shown in court on Monday.",
		"Facebook and Twitter were fined by the court on Monday.", "By Friday the water had gone.", "Subscribers to the railway's newsletter were told last week that trains would stop.",
		"More from the reservoir was used than anyone had planned.", "Updated figures show that 412 people moved.", "Published in 1911, the novel was forgotten for decades.",
		"On 3 March 2026 the quay was closed.", "By Monday the council had to decide.", "The court forbade the Telegram channels of two parties.", "The apps were downloaded by millions on Tuesday.",
	} {
		if kept, _, _ := unwrap([]string{line}, facts{title: storyTitle}); len(kept) != 1 {
			t.Errorf("unwrap(%q) drops it", line)
		}
	}
}

func TestBlocksDoNotJoin(t *testing.T) {
	p, err := Read([]byte(document(storyTitle, "<h1>"+storyTitle+"</h1><article><div>The first block of this text ends here.</div><div>The <b>sec</b>ond block begins <a href=/x>in a link</a>, and it goes on.</div><ul><li>One entry of a list is here.</li><li>Another entry of it follows.</li></ul>"+story+"</article>")), "", "https://fell.example/a", noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ends here.\n\nThe second block begins in a link, and it goes on.", "list is here.\n"} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, p.Text)
		}
	}
}

func FuzzRead(f *testing.F) {
	blog, err := os.ReadFile("testdata/blog.html")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blog, "text/html")
	for _, seed := range []string{
		"", "<", "<html", document(storyTitle, story), "<table><tr><td><p>a<table>", "<p hidden><svg><style>", "<title>a<body><frameset>",
		`<script type="application/ld+json">{"@type":"NewsArticle","headline":["a"],"author":[null,{}],"image":[]}</script><p>a`,
		"<select><template><math><mi><a><a>", "\xff\xfe<\x00p\x00", "<base href=\"::\"><img srcset=\", ,\"><p>a<br><br>b", "<plaintext><p>a</p>",
	} {
		f.Add([]byte(seed), "text/html; charset=x")
	}
	f.Fuzz(func(t *testing.T, source []byte, header string) {
		p, err := Read(source, header, "https://fuzz.example/a", noon)
		if err != nil {
			if !errors.Is(err, ErrNotPage) && !errors.Is(err, ErrTooComplex) {
				t.Fatalf("Read = %v, an error without meaning", err)
			}
			return
		}
		for name, s := range map[string]string{"title": p.Title, "text": p.Text, "author": p.Author, "site": p.Site} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%s is no clean text: %q", name, s)
			}
		}
		if len(p.Text) > longestText || p.Published.After(noon) || strings.Contains(p.Title, "\n") {
			t.Errorf("a limit does not hold: %d bytes, %v, %q", len(p.Text), p.Published, p.Title)
		}
	})
}

func TestALeadAboveTheArticleIsPartOfIt(t *testing.T) {
	paragraphs := strings.Split(strings.NewReplacer("<p>", "", "</p>", "\n").Replace(strings.TrimSuffix(story, "</p>")), "\n")
	for _, c := range []struct {
		name, lead string
		want       bool
	}{
		{"one that adds something", "Whoever needs a ladder in Fell County no longer has to buy one.", true},
		{"one that the article says anyway", "The town of Lower Fell opened its new lending library of tools.", false},
		{"one whose words are those of the beginning", "Lower Fell opened a lending library of tools on Saturday, residents can take saws home.", false},
		{"none", "", false},
	} {
		got := withLead(c.lead, paragraphs)
		if (len(got) == len(paragraphs)+1 && got[0] == c.lead) != c.want || !slices.Equal(got[len(got)-len(paragraphs):], paragraphs) {
			t.Errorf("%s: withLead = %q; the lead first: want %v", c.name, got, c.want)
		}
		source := `<html><head><meta name="description" content="` + c.lead + `"></head><body><h1>` + storyTitle + `</h1><h2>` + c.lead + `</h2>` + story
		doc, err := parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		if got := leadOf(doc, c.lead); got != c.lead {
			t.Errorf("%s: leadOf = %q, want %q", c.name, got, c.lead)
		}
	}
}
