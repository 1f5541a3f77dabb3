package page

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// fill repeats a piece until the page has four mebibytes, which is what is
// fetched at most; one in short runs, which are those with the race detector.
func fill(piece string) string {
	size := 4 << 20
	if testing.Short() {
		size = 1 << 20
	}
	return strings.Repeat(piece, size/len(piece))
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestHostilePages holds what each page may cost: time and memory are bounded
// whatever is in it, and the answer is an error with a meaning or a page.
func TestHostilePages(t *testing.T) {
	deep := func(n int, open, between string) string { return strings.Repeat(open+between, n) }
	for _, c := range []struct {
		name, page string
		want       error // nil: read, as whatever kind
	}{
		{"nothing", "", ErrNotPage},
		{"white space", " \n\t ", ErrNotPage},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ErrNotPage},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3", ErrNotPage},
		{"bytes without meaning", "\x00\x01\x02\x03\x04\x05\xff\xfe\xfd", ErrNotPage},
		{"a feed", `<?xml version="1.0"?><rss version="2.0"><channel><title>A</title></channel></rss>`, ErrNotPage},
		{"ten mebibytes of nested divs", deep(2<<20, "<div>", ""), ErrTooComplex},
		{"nested spans", fill("<span>"), ErrTooComplex},
		{"open formatting", fill("<b><i><font>"), ErrTooComplex},
		{"formatting that differs, reopened in every paragraph", numbered(`<b class="c%d">`, 140) + strings.Repeat("<p>word", 60_000), nil},
		{"tables in tables", deep(100_000, "<table><tr><td>", "x"), ErrTooComplex},
		{"paragraphs", fill("<p>One short sentence stands here. "), nil},
		{"as many paragraphs as several engines are asked about", strings.Repeat("<div><p>One, two, three, four, five, six, seven, eight, nine.</p></div>", mostDistilled/2-10), nil},
		{"paragraphs with links", fill(`<p><a href="/x">One short sentence</a> stands here.`), nil},
		{"divs side by side", fill("<div>One, two, three, four, five.</div>"), nil},
		{"lists nested as deep as may be, with much text", deep(140, "<div>", strings.Repeat("One, two, three, four, five. ", 300)), nil},
		{"sections nested, each with paragraphs", deep(140, "<section><p>One, two, three, four, five, six.</p>", strings.Repeat("<p>One, two, three, four, five.</p>", 200)), nil},
		{"dates of commenters without end", deep(140, `<div class="comments">`, "") + fill(`<time class="date">1 March 2026</time>`), nil},
		{"authors nested as deep as may be", deep(140, `<div class="author byline">`, `<span class="author">By Ann Bell`), ErrTooComplex},
		{"authors without end", fill(`<a rel="author" href="/author/ann-bell">Ann Bell</a>`), nil},
		{"scripts that name authors without end", fill(`<script>{"author":"Ann Bell","x":"y"}</script>`), nil},
		{"an endless line", "<html><body><p>" + fill("word "), nil},
		{"an endless word", "<html><body><p>" + fill("a"), nil},
		{"a million attributes", "<html><body><p " + fill("a b c ") + ">One.</p>", nil},
		{"a long attribute", `<html><body><p class="` + fill("a ") + `">One.</p>`, nil},
		{"a tag that never ends", "<html><body><p>One.</p><div " + fill("x"), nil},
		{"a long script", "<html><body><script>" + fill("if(a<b){c()}") + "</script><p>One.</p>", nil},
		{"a script that never ends", "<html><body><p>One.</p><script>" + fill("if(a<b){c()}"), nil},
		{"many small scripts", "<html><body>" + fill("<script>a</script>"), nil},
		{"a comment that never ends", "<html><body><p>One.</p><!--" + fill("-"), nil},
		{"entities", "<html><body><p>" + fill("&#x1F600;&amp;&nbsp;"), nil},
		{"combining marks", "<html><body><p>" + fill("a\u0301\u0302"), nil},
		{"linked data nested deep", `<html><script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, 20_000) + `</script><p>One.</p>`, nil},
		{"linked data many times", "<html>" + fill(`<script type="application/ld+json">{"@type":"NewsArticle","headline":"A"}</script>`), nil},
		{"properties nested deep", `<html><title>One two three</title><script type="application/json">` + strings.Repeat(`{"title":"One two three","x":[`, 12_000) + strings.Repeat(`]}`, 12_000) + `</script><p>One.</p>`, nil},
		{"properties of many lists in lists", `<html><title>One two three</title><script type="application/json">{"title":"One two three","x":` + strings.Repeat("[", 35) + strings.Repeat(`["one two three four five six.","b"],`, 12_000) + "0" + strings.Repeat("]", 35) + `}</script><p>One.</p>`, nil},
		{"properties many times", `<html><title>One two three</title>` + fill(`<script type="application/json">{"title":"One two three","x":["`+strings.Repeat("one two three four five. ", 60)+`"]}</script>`), nil},
		{"meta elements", "<html><head>" + fill(`<meta name="author" content="A"><meta property="x" content="y">`), nil},
		{"headings", "<html><body>" + fill("<h1>One two three</h1>"), nil},
		{"breaks", "<html><body>" + fill("<br>"), nil},
		{"breaks between words", "<html><body><div>" + fill("word<br><br>"), nil},
		{"end tags without beginnings", "<html><body>" + fill("</div></p></b>"), nil},
		{"select and options", "<html><body>" + fill("<option>a<optgroup>"), ErrTooComplex},
		{"hidden elements nested", "<html><body>" + fill("<div hidden>"), nil},
		{"forms and cells misplaced", "<html><body>" + fill("<form><table>x<td>y</form>"), ErrTooComplex},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := processor(t)
			_, err := Read([]byte(c.page), "text/html", "https://news.example/a", noon)
			took := processor(t) - began
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MiB allocated", took.Round(time.Millisecond), allocated)
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("Read = %v, want %v", err, c.want)
			}
			most := 10 * time.Second // a few times what the slowest needs
			if testing.Short() {     // as it runs with the race detector
				most = 40 * time.Second
			}
			if took > most {
				t.Errorf("Read computed for %v", took)
			}
			// with the race detector, which runs short, sync.Pool forgets on
			// purpose, and every use of a regular expression is a new one
			if allocated > 500 && !testing.Short() {
				t.Errorf("Read allocated %d MiB", allocated)
			}
		})
	}
}
