package feed

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const base = "https://site.example/feeds/all.xml"

func mustParse(t *testing.T, body string) Feed {
	t.Helper()
	f, err := Parse([]byte(body), "", base, noon)
	if err != nil {
		t.Fatalf("Parse(%.80q) = %v", body, err)
	}
	return f
}

func TestParseReadsEveryFamilyOfFeeds(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	cases := []struct {
		name, body string
		want       Feed
	}{
		{"RSS 2.0 with full text and Dublin Core", `<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbour &amp;amp; Port</title><link>https://site.example/</link><description>News</description><language>en-gb</language>
<item><title><![CDATA[Ferry <i>returns</i>]]></title><link>/ferry</link><guid isPermaLink="false">f1</guid><dc:creator>Ada Lund</dc:creator>
<category>Transport</category><category>Transport</category><pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>
<description>It sails&lt;br/&gt;again.</description><content:encoded><![CDATA[<p>First.</p><script>x()</script><p>Second &amp; last.</p>]]></content:encoded></item>
</channel></rss>`,
			Feed{Title: "Harbour & Port", Link: "https://site.example/", Description: "News", Language: "en-gb", Items: []Item{{
				GUID: "f1", Link: "https://site.example/ferry", Title: "Ferry returns", Summary: "It sails\nagain.", Content: "First.\n\nSecond & last.",
				Author: "Ada Lund", Categories: []string{"Transport"}, Published: at}}}},
		{"RSS 0.91", `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Old</title><link>https://site.example</link><item><title>One</title><link>https://site.example/1</link></item></channel></rss>`,
			Feed{Title: "Old", Link: "https://site.example", Items: []Item{{Title: "One", Link: "https://site.example/1"}}}},
		{"RDF (RSS 1.0)", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://site.example/"><title>Graph</title><link>https://site.example/</link></channel>
<item rdf:about="https://site.example/1"><title>One</title><link>https://site.example/1</link><dc:date>2026-11-23T09:00:00+01:00</dc:date></item></rdf:RDF>`,
			Feed{Title: "Graph", Link: "https://site.example/", Items: []Item{{Title: "One", Link: "https://site.example/1", Published: at, Updated: at}}}},
		{"Atom 1.0 with HTML, XHTML and xml:base", `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://other.example/blog/"><title type="html">Caf&amp;eacute;</title>
<link href="./"/><entry><id>urn:1</id><title type='html'>Ein &lt;b&gt;Wort&lt;/b&gt;</title><link href="a/1"/><author><name>Jo</name></author>
<published>2026-11-23T08:00:00Z</published><updated>2026-11-23T08:00:00Z</updated><summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>5 &lt; 6</p><p>ja</p></div></summary></entry></feed>`,
			Feed{Title: "Café", Link: "https://other.example/blog/", Language: "de", Items: []Item{{
				GUID: "urn:1", Link: "https://other.example/blog/a/1", Title: "Ein Wort", Summary: "5 < 6\n\nja", Author: "Jo", Published: at, Updated: at}}}},
		{"Atom 0.3", `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old Atom</title><link rel="alternate" type="text/html" href="https://site.example/"/>
<entry><title>One</title><link rel="alternate" type="text/html" href="https://site.example/1"/><id>tag:1</id><issued>2026-11-23T08:00:00Z</issued><modified>2026-11-23T08:00:00Z</modified>
<content type="text/html" mode="escaped">&lt;p&gt;Hi &amp;amp; bye&lt;/p&gt;</content></entry></feed>`,
			Feed{Title: "Old Atom", Link: "https://site.example/", Items: []Item{{GUID: "tag:1", Link: "https://site.example/1", Title: "One", Content: "Hi & bye", Published: at, Updated: at}}}},
		{"JSON Feed 1.1 with plain text", `{"version":"https://jsonfeed.org/version/1.1","title":"J <3","home_page_url":"https://site.example/","language":"en",
"items":[null,{"id":7,"url":"/7","title":"Use of <b>","content_text":"a < b\nc","date_published":"2026-11-23T08:00:00Z","tags":["x"],"authors":[null,{"name":"Li"}]}]}`,
			Feed{Title: "J <3", Link: "https://site.example/", Language: "en", Items: []Item{{
				GUID: "7", Link: "https://site.example/7", Title: "Use of <b>", Content: "a < b\nc", Author: "Li", Categories: []string{"x"}, Published: at}}}},
		{"a permalink guid without link", rssOf(`<item><title>G</title><guid>https://site.example/g</guid></item>`),
			Feed{Title: "t", Items: []Item{{GUID: "https://site.example/g", Link: "https://site.example/g", Title: "G"}}}},
		{"a guid that is no permalink", rssOf(`<item><title>G</title><guid isPermaLink="false">https://site.example/g</guid></item>`),
			Feed{Title: "t", Items: []Item{{GUID: "https://site.example/g", Title: "G"}}}},
		{"a relative link without any other address", rssOf(`<item><title>G</title><link>../g?a=b c</link></item>`),
			Feed{Title: "t", Items: []Item{{Link: "https://site.example/g?a=b%20c", Title: "G"}}}},
		{"a link that is a script", rssOf(`<item><title>G</title><link>javascript:alert(1)</link></item>`),
			Feed{Title: "t", Items: []Item{{Title: "G"}}}},
		{"a date in the future and one from before the web", rssOf(`<item><title>A</title><pubDate>Mon, 23 Nov 2099 08:00:00 GMT</pubDate></item><item><title>B</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item><item><title>C</title><pubDate>yesterday</pubDate></item>`),
			Feed{Title: "t", Items: []Item{{Title: "A", Published: noon}, {Title: "B"}, {Title: "C"}}}},
		{"control characters and references to them", "\n<?xml version=\"1.1\"?>" + rssOf("<item><title>a\x00\x1b&#0;&#x1F;b&#xFFFE;&#8364;</title></item>"),
			Feed{Title: "t", Items: []Item{{Title: "ab€"}}}},
		{"a root far behind 4096 bytes of comment", "<!--" + strings.Repeat("x", 9000) + "-->" + rssOf(`<item><title>A</title></item>`),
			Feed{Title: "t", Items: []Item{{Title: "A"}}}},
		{"unclosed HTML in a description and bare ampersands", rssOf(`<item><title>R&D at A & B</title><description><p>one<br>two</p></description></item>`),
			Feed{Title: "t", Items: []Item{{Title: "R&D at A & B", Summary: "one\ntwo"}}}},
		{"junk behind the end", rssOf(`<item><title>A</title></item>`) + "<!-- cached -->\n</html",
			Feed{Title: "t", Items: []Item{{Title: "A"}}}},
		{"an item of nothing but a name", rssOf(`<item><guid isPermaLink="false">x</guid></item>`), Feed{Title: "t", Items: []Item{{GUID: "x"}}}},
		{"entities of HTML, of the document and of nobody", `<!DOCTYPE rss [<!ENTITY who "Ada &lt; Bo"><!ENTITY port 'Harbour'>]>` + rssOf(`<item><title>&port; caf&eacute;&nbsp;&hellip; &nobody; R&D &amp;amp; &#8217;s</title><link>https://site.example/?a=1&copy=2&b</link></item>`),
			Feed{Title: "t", Items: []Item{{Title: "Harbour café … &nobody; R&D & ’s", Link: "https://site.example/?a=1&copy=2&b"}}}},
		{"attributes without quotes, tags crossed, left open and in the wrong case", `<RSS version=2.0><Channel><Title>t</Title><item><title>A</title><link>https://site.example/a<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><enclosure url=/a.mp3><guid isPermaLink=false>a</item></guid>
<item><title>if a <b then</title><description><p>one</b><p>two</description><item><title>C</title></channel></rss>`,
			Feed{Title: "t", Items: []Item{{GUID: "a", Link: "https://site.example/a", Title: "A", Published: at}, {Title: "if a <b then", Summary: "one\n\ntwo"}, {Title: "C"}}}},
		{"junk before the feed and a document type of HTML", `<br /><b>Warning</b>: include(x.php) in <b>/y</b> on line <b>3</b><br /> <!DOCTYPE html PUBLIC "x"><?xml version="1.0"?>` + rssOf(`<item><title>A</title></item>`),
			Feed{Title: "t", Items: []Item{{Title: "A"}}}},
		{"prefixes of its own, one that nobody declared, and one that is foreign", `<r:rss xmlns:r="http://backend.userland.com/rss2" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:z="urn:z"><r:channel><r:title>t</r:title>
<r:item><r:title>A</r:title><z:title>no</z:title><d:creator>Ada</d:creator><media:title>B</media:title><content:encoded>Long</content:encoded><z:box><r:title>C</r:title></z:box></r:item></r:channel></r:rss>`,
			Feed{Title: "t", Items: []Item{{Title: "A", Author: "Ada", Content: "Long"}}}},
		{"plain and encoded texts of Atom", `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title mode="base64" type="text/html">PGI+Ym9sZDwvYj4=</title><entry><title>The &lt;video&gt; tag</title>
<content type="image/png">iVBORw0KGgo=</content><summary type="text/plain" mode="escaped">a &lt; b</summary></entry></feed>`,
			Feed{Title: "bold", Items: []Item{{Title: "The <video> tag", Summary: "a < b"}}}},
		{"media, podcasts and what stands in groups", `<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><itunes:subtitle>s</itunes:subtitle><title>t</title><item><media:group><media:title>M</media:title>
<media:content url="https://site.example/m.mp4"><media:description>told</media:description></media:content></media:group><itunes:author>Ada</itunes:author><itunes:keywords>a, b</itunes:keywords><enclosure url="https://site.example/m.mp3"/></item></channel></rss>`,
			Feed{Title: "t", Description: "s", Items: []Item{{Title: "M", Summary: "told", Author: "Ada", Categories: []string{"a", "b"}, Link: "https://site.example/m.mp3"}}}},
		{"a feed of channel definitions", `<CHANNEL HREF="https://site.example/"><TITLE>t</TITLE><ABSTRACT>s</ABSTRACT><ITEM HREF="/1" LASTMOD="2026-11-23T08:00Z"><TITLE>A</TITLE><ABSTRACT>B</ABSTRACT></ITEM></CHANNEL>`,
			Feed{Title: "t", Link: "https://site.example/", Description: "s", Items: []Item{{Title: "A", Link: "https://site.example/1", Summary: "B", Published: at}}}},
		{"xml:base on the way down", `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><entry xml:base="2026/"><link href="a"/><id>/x</id></entry><entry><link href="b"/><author>Ada</author></entry></feed>`,
			Feed{Items: []Item{{GUID: "https://site.example/x", Link: "https://site.example/blog/2026/a"}, {Link: "https://site.example/blog/b", Author: "Ada"}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, mustParse(t, c.body)); diff != "" {
				t.Errorf("Parse: want -, got +\n%s", diff)
			}
		})
	}
}

func TestParseReadsDatesInEveryHabit(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 15, 0, 0, time.UTC)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		written string
		want    time.Time
	}{
		{"Mon, 23 Nov 2026 08:15:00 GMT", at}, {"Mon, 23 Nov 2026 09:15:00 +0100", at}, {"23 Nov 26 03:15 EST", at}, {"Monday, 23-Nov-26 08:15:00 UTC", at},
		{"2026-11-23T08:15:00Z", at}, {"2026-11-23T09:15+01:00", at}, {"20261123T081500Z", at}, {"2026-11-23", day}, {"2026-W48-1", day}, {"2026-327", day}, {"20261123", day},
		{"Mon Nov 23 08:15:00 2026", at}, {"Mon, 2026/11/23 03:15:00 EST", at}, {"2026년 11월 23일 오후 05:15:00 KST", at}, {"2026-11-23 오전 08:15", at},
		{"Δευ, 23 Νοέ 2026 03:15:00 EST", at}, {"2026-november-23T9:15+01:00", at}, {"23 novembre 2026, 08:15", at}, {"lun., 23 nov. 2026 08:15:00 +0000", at},
		{"23.11.2026 08:15", at}, {"пн, 23 ноя 2026 11:15:00 +0300", at}, {"yesterday", time.Time{}}, {"0000-00-00", time.Time{}}, {"32 Nov 2026", time.Time{}},
	} {
		later := at.Add(24 * time.Hour)
		f, err := Parse([]byte(rssOf("<item><pubDate>"+c.written+"</pubDate></item>")), "", base, later)
		if err != nil || !f.Items[0].Published.Equal(c.want) {
			t.Errorf("a date written %q is read as %v, %v; want %v", c.written, f.Items, err, c.want)
		}
	}
	f := mustParse(t, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dcterms="http://purl.org/dc/terms/"><entry><published>21 listopada 2026</published><updated>2026-11-22T08:00:00Z</updated></entry><entry><dcterms:issued>2026-11-21</dcterms:issued></entry></feed>`)
	for _, i := range f.Items {
		if want := day.AddDate(0, 0, -2); !i.Published.Equal(want) {
			t.Errorf("item %+v, want published %v", i, want)
		}
	}
}

func TestParseReadsTheCharsetThatFitsTheBytes(t *testing.T) {
	const word = "Überraschung in Zürich – façade"
	doc := func(prolog string) string { return prolog + rssOf("<item><title>"+word+"</title></item>") }
	latin, _ := charmap.Windows1252.NewEncoder().String(doc(""))
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(doc(`<?xml version="1.0" encoding="utf-16"?>`))
	bare, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(doc(""))
	wider, _ := utf32.UTF32(utf32.BigEndian, utf32.UseBOM).NewEncoder().String(doc(""))
	named := func(s, name string) string { return `<?xml version="1.0" encoding='` + name + `'?>` + s }
	cases := []struct {
		name, body, contentType string
		want                    error
	}{
		{"UTF-8 without a word about it", doc(""), "", nil},
		{"UTF-8 with a mark, declared as Latin-1", "\ufeff" + doc(named("", "iso-8859-1")), "text/xml; charset=iso-8859-1", nil},
		{"UTF-16 with a mark", wide, "", nil},
		{"UTF-16 without a mark", bare, "", nil},
		{"windows-1252 by header", latin, "application/rss+xml; charset=windows-1252", nil},
		{"Latin-1 by declaration", named(latin, "ISO-8859-1"), "application/xml", nil},
		{"declared UTF-8, really windows-1252", named(latin, "utf-8"), "", nil},
		{"undeclared windows-1252", latin, "", nil},
		{"declared Latin-1, really UTF-8", doc(named("", "iso-8859-1")), "", nil},
		{"declared UTF-16, really UTF-8", doc(named("", "utf-16")), "", nil},
		{"an unknown header and a known declaration", named(latin, "windows-1252"), "text/xml; charset=klingon", nil},
		{"an unknown header alone", latin, "text/xml; charset=klingon", ErrCharset},
		{"an unknown declaration alone", named(latin, "klingon"), "", ErrCharset},
		{"a name that is wrong but does no harm", doc(named("", "bogus")), "", nil},
		{"a header with quotes it must not have", latin, "application/rss+xml;charset= 'windows-1252'", nil},
		{"UTF-32 with a mark", wider, "", nil},
		{"a header that cannot be read", named(latin, "windows-1252"), `text/xml; charset="`, nil},
	}
	for _, c := range cases {
		f, err := Parse([]byte(c.body), c.contentType, base, noon)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: Parse = %v, want %v", c.name, err, c.want)
		}
		if c.want == nil && (len(f.Items) != 1 || f.Items[0].Title != word) {
			t.Errorf("%s: Parse = %+v, want one item titled %q", c.name, f.Items, word)
		}
	}
	for name, enc := range map[string]encoding.Encoding{"Shift_JIS": japanese.ShiftJIS, "euc-jp": japanese.EUCJP, "iso-2022-jp": japanese.ISO2022JP, "gb2312": simplifiedchinese.GBK, "big5": traditionalchinese.Big5} {
		kana, _ := enc.NewEncoder().String(rssOf("<item><title>日本</title></item>"))
		if f := mustParse(t, named(kana, name)); f.Items[0].Title != "日本" {
			t.Errorf("%s: title %q, want 日本", name, f.Items[0].Title)
		}
	}
	damaged := rssOf("<item><title>für \xff möglich, größer</title></item>")
	if f := mustParse(t, damaged); f.Items[0].Title != "für \ufffd möglich, größer" {
		t.Errorf("UTF-8 with one bad byte: title %q, want U+FFFD in its place", f.Items[0].Title)
	}
}

func TestParseGivesTheWholeItemsBeforeABreak(t *testing.T) {
	rss := `<rss version="2.0" xmlns:m="urn:m"><channel><title>t</title><item><title>A</title></item><item><title>B</title><m:x/></item><item><title>C is cut`
	atom := `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>t</a:title><a:entry><a:title>A</a:title></a:entry><a:entry><a:title>B</a:title></a:entry><a:entry><a:tit`
	rdf := `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>t</title></channel><item><title>A</title></item><item><title>B</title></item><item`
	json := `{"version":"https://jsonfeed.org/version/1","title":"t","items":[{"title":"A","tags":["]}"]},{"title":"B"},{"title":"C","x":{"y":[`
	cdata := rss[:strings.Index(rss, "C is")] + `<![CDATA[never closed </title></item></channel></rss>`
	crossed := rssOf(`<item><title>A</title></item><item><title>B</title></item></rss></channel></item><item><title>C`)
	for name, body := range map[string]string{"RSS": rss, "Atom with a prefix": atom, "RDF": rdf, "JSON": json} {
		f := mustParse(t, body)
		var titles []string
		for _, i := range f.Items {
			titles = append(titles, i.Title)
		}
		if got := strings.Join(titles, " "); got != "A B" || !f.Truncated || f.Title != "t" {
			t.Errorf("%s: items %q, truncated %v, title %q; want A B, true, t", name, got, f.Truncated, f.Title)
		}
	}
	if f := mustParse(t, cdata); len(f.Items) != 3 || f.Items[2].Title != "never closed" {
		t.Errorf("open CDATA: %+v, want three items, the last titled %q", f.Items, "never closed")
	}
	if f := mustParse(t, crossed); len(f.Items) != 2 {
		t.Errorf("crossed end tags: %d items, want 2", len(f.Items))
	}
	// Wherever it is cut, a document gives whole items, what is whole in its first,
	// or one error.
	first := strings.Index(rss, "</title></item>")
	for n := range len(rss) {
		f, err := Parse([]byte(rss[:n]), "", base, noon)
		if err == nil && (len(f.Items) == 0 || !f.Truncated || f.Items[0].Title != "A" && n > first+len("</title>")) {
			t.Fatalf("cut at %d: %+v, want whole items", n, f)
		}
		if (err != nil) != (n < strings.Index(rss, "<item>")+len("<item>")) {
			t.Fatalf("cut at %d: Parse = %v, want an error only before the first item", n, err)
		}
	}
	opened := rss[:strings.Index(rss, "<item>")] + `<item><title>A</title><link>https://site.example/a</link><description>It was cut <![CDA`
	if f := mustParse(t, opened); len(f.Items) != 1 || f.Items[0].Title != "A" || f.Items[0].Link == "" || f.Items[0].Summary != "" || !f.Truncated {
		t.Errorf("cut in the text of the first item: %+v, want it with title and link, without the text", f)
	}
}

func TestParseKeepsTheNewestItemsInDocumentOrder(t *testing.T) {
	for _, c := range []struct {
		name        string
		items       int
		step        time.Duration
		first, last string
		layout      string
	}{
		{"newest first", 700, -time.Minute, "n0", "n499", time.RFC1123Z},
		{"oldest first", 700, time.Minute, "n200", "n699", time.RFC1123Z},
		{"without dates", 700, 0, "n0", "n499", ""},
		{"thousands, newest first", 3700, -time.Minute, "n0", "n499", time.RFC1123},
		{"thousands, oldest first", 3700, time.Minute, "n3200", "n3699", time.RFC1123},
		{"thousands, oldest first, dated in another habit", 3700, time.Minute, "n3200", "n3699", "2006-01-02 15:04"},
		{"thousands without dates", 3700, 0, "n0", "n499", ""},
	} {
		var b strings.Builder
		for n := range c.items {
			fmt.Fprintf(&b, "<item><title>n%d</title>", n)
			if c.layout != "" {
				fmt.Fprintf(&b, "<pubDate>%s</pubDate>", noon.Add(-96*time.Hour).Add(time.Duration(n)*c.step).Format(c.layout))
			}
			b.WriteString("</item><!-- between -->")
		}
		f := mustParse(t, rssOf(b.String()+"<language>en</language>"))
		if len(f.Items) != 500 || f.Items[0].Title != c.first || f.Items[499].Title != c.last || f.Truncated || f.Language != "en" {
			t.Errorf("%s: %d items from %s to %s, want 500 from %s to %s", c.name, len(f.Items), f.Items[0].Title, f.Items[len(f.Items)-1].Title, c.first, c.last)
		}
	}
}

func TestParseLeavesTheBodyAlone(t *testing.T) {
	body := rssOf("<item><title type='html'>a&#0;b</title><pubDate>" + strings.Repeat("x", 9000) + "</pubDate></item><item><ti")
	given := []byte(body)
	if _, err := Parse(given, "", base, noon); err != nil || string(given) != body {
		t.Errorf("Parse changed its input, or %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		goodFeed, goodFeed[:300], rssOf("<item><title>a</b></item>"), `{"version":"https://jsonfeed.org/version/1","items":[{"id":1},{`,
		`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="x"><entry><content type="xhtml"><div/></content><title type="html"/></entry></feed>`,
		"\xff\xfe<\x00r\x00", "<?xml version='1.0' encoding='gbk'?><rss><item/></rss>", "<rss><?xml encoding='utf-16'?><channel><item></item>",
	} {
		f.Add([]byte(seed), "text/xml; charset=utf-8")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := Parse(body, contentType, base, noon)
		if err != nil {
			known := false
			for _, e := range []error{ErrEmpty, ErrNotFeed, ErrTooDeep, ErrTooComplex, ErrCharset, ErrBroken} {
				known = known || errors.Is(err, e)
			}
			if !known {
				t.Errorf("Parse = %v, want one of the reasons", err)
			}
		}
		if strings.Contains(fmt.Sprint(err), "the parser gave up") {
			t.Errorf("Parse = %v, want no panic in the parser", err)
		}
		for _, i := range got.Items {
			if i.Link != "" && !strings.HasPrefix(i.Link, "http") || strings.ContainsAny(i.Title, "\n\u202e\x00") || i.Published.After(noon) {
				t.Errorf("item %+v, want a web link, a title in one line, no date from the future", i)
			}
		}
	})
}

func TestParseReadsWhenADocumentAsksToBeVisited(t *testing.T) {
	day := Rhythm{SkipDays: 1<<time.Saturday | 1<<time.Sunday}
	for _, c := range []struct {
		name, asks string
		want       Rhythm
	}{
		{"it does not", "", Rhythm{}},
		{"twice a day", "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", Rhythm{Lull: 12 * time.Hour}},
		{"every 40 minutes", "<ttl>40</ttl>", Rhythm{Lull: 40 * time.Minute}},
		{"never, which nobody means", "<ttl>99999999999999</ttl>", Rhythm{Lull: 7 * 24 * time.Hour}},
		{"nonsense", "<ttl>-4</ttl><skipHours><hour>x</hour><hour>99</hour></skipHours><skipDays><day>Someday</day></skipDays>", Rhythm{}},
		{"not at midnight, by both its names, and not at one", "<skipHours><hour>0</hour><hour>24</hour><hour> 1 </hour></skipHours>", Rhythm{SkipHours: 3}},
		{"not at weekends", "<skipDays><day>saturday</day><day>Sunday</day></skipDays>", day},
	} {
		f, err := Parse([]byte(`<rss version="2.0"><channel>`+c.asks+`<item><title>a</title></item></channel></rss>`), "", "https://a.example/", noon)
		if err != nil || f.Rhythm != c.want {
			t.Errorf("%s: Parse of %q asks %+v, %v; want %+v", c.name, c.asks, f.Rhythm, err, c.want)
		}
	}
}
