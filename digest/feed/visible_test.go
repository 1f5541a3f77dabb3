package feed

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestVisibleGivesWhatAReaderSees(t *testing.T) {
	cases := []struct{ name, markup, want string }{
		{"nothing", "", ""},
		{"plain text", "Two  words\nand more", "Two words and more"},
		{"plain text with an empty line", "One.\n \nTwo.", "One.\n\nTwo."},
		{"plain text with signs", "5 < 6 & 7 > 2, x <3", "5 < 6 & 7 > 2, x <3"},
		{"paragraphs", "<p>One</p>\n<p>Two</p>", "One\n\nTwo"},
		{"nested blocks make one gap", "<div><div><p>One</p></div></div><div>Two</div>", "One\n\nTwo"},
		{"inline tags join", "un<b>believ</b>able <i>news</i>", "unbelievable news"},
		{"readings beside characters", "<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>の<ruby>船<rt>ふね</rt></ruby>", "港の船"},
		{"letters and their marks in two", "Cafe\u0301", "Caf\u00e9"},
		{"line breaks", "a<br>b<br/>c", "a\nb\nc"},
		{"two line breaks are a paragraph", "a<br><br />b", "a\n\nb"},
		{"a list", "<p>Has:</p><ul><li>one</li><li><p>two</p></li></ul>after", "Has:\n\n• one\n• two\n\nafter"},
		{"a table", "<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"scripts, styles, comments", "a<script>if (x<y) '</p>'</script><style>p{}</style><!-- c -->b", "ab"},
		{"hidden elements", `a<span hidden>x</span><p style="Display : none">y<p>z</p></p><img hidden>b`, "a\n\nb"},
		{"a picture and its frame", `<figure><img src=x onerror=y alt="z"></figure>text<iframe>f</iframe>`, "text"},
		{"entities", "caf&eacute;&nbsp;&#8211; &quot;x&quot; &#x2026;", "café – \"x\" …"},
		{"entities escaped twice", "AT&amp;amp;T &amp;#8217;s", "AT&T ’s"},
		{"HTML escaped twice", "&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "One\n\nTwo"},
		{"a tag that is spoken about", "How to use &lt;b&gt;", "How to use <b>"},
		{"paragraphs survive a second decoding", "<p>a &amp;amp; b</p><p>c<br>d</p>", "a & b\n\nc\nd"},
		{"control characters", "a\x00b\x1b[31mc\u0085d", "ab[31mc d"},
		{"direction overrides and isolates", "\u202eabc\u202c \u2066d\u2069", "abc d"},
		{"overrides as entities", "a&#x202E;b&#8203;c", "abc"},
		{"zero widths and soft hyphens", "\ufeffex\u00adam\u200bple\u2060", "example"},
		{"joiners inside words stay", "می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"},
		{"joiners elsewhere go", "\u200dword\u200c \u200d x\u200d", "word x"},
		{"letters with far too many marks", "a" + strings.Repeat("\u0301", 50) + "b", "\u00e1" + strings.Repeat("\u0301", 7) + "b"},
		{"invalid UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"an unfinished tag", "text <a href='x", "text"},
		{"Chinese", "<p>中文　新闻</p>", "中文 新闻"},
	}
	for _, c := range cases {
		if got := Visible(c.markup); got != c.want {
			t.Errorf("%s: Visible(%q) = %q, want %q", c.name, c.markup, got, c.want)
		}
	}
}

func TestVisibleIsBoundedAndLinear(t *testing.T) {
	most := 5 * time.Second
	if testing.Short() { // as it runs with the race detector, which takes ten times as long
		most = 30 * time.Second
	}
	for name, unit := range map[string]string{
		"nested tags": "<div>", "closing tags": "</div>", "open comments": "<!--", "open scripts": "<script>", "open titles": "<title>",
		"angle brackets": "<", "ampersands": "&", "entities": "&amp;amp;", "hidden": "<p hidden>", "attributes": "<a b c d e>",
		"text": "word ", "breaks": "x<br>", "empty lines": "\n\n", "marks": "\u0301", "half tags": "<a ", "questions": "<?", "cdata": "<![CDATA[",
	} {
		began := time.Now()
		got := Visible(strings.Repeat(unit, 4<<20/len(unit)))
		if took := time.Since(began); took > most {
			t.Errorf("%s: 4 MiB took %v", name, took)
		}
		if len(got) > maxText || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, valid %v; want at most 64 KiB of UTF-8", name, len(got), utf8.ValidString(got))
		}
	}
}

func TestTitlesAreOneShortLine(t *testing.T) {
	if got := line("<h1>One</h1><p>two<br>three</p>"); got != "One two three" {
		t.Errorf("line = %q, want one line", got)
	}
	got := line(strings.Repeat("ü", 400))
	if utf8.RuneCountInString(got) != 300 || !strings.HasSuffix(got, "…") {
		t.Errorf("line of 400 runes = %d runes, want 300 that end in …", utf8.RuneCountInString(got))
	}
}

func FuzzVisible(f *testing.F) {
	for _, seed := range []string{"<p>a</p>", "&amp;lt;p&gt;", "<li><li>\u200d", "<script>", "a&#x202e;b", "<a style='display:none'>x</a>\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		got := Visible(markup)
		if !utf8.ValidString(got) || len(got) > maxText || got != strings.TrimSpace(got) {
			t.Errorf("Visible(%q) = %q, want short, trimmed UTF-8", markup, got)
		}
		for _, r := range got {
			if r != '\n' && unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
				t.Errorf("Visible(%q) = %q holds %U", markup, got, r)
			}
		}
		if strings.Contains(got, "\n\n\n") || strings.Contains(got, "  ") {
			t.Errorf("Visible(%q) = %q, want folded white space", markup, got)
		}
	})
}
