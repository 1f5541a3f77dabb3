package feed

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadListReadsOPMLAndPlainText(t *testing.T) {
	harbour := Listed{Name: "Harbour & Port", Address: "https://harbour.example/rss", Home: "https://harbour.example/", Language: "en", Subject: "Sea"}
	cases := []struct {
		name, text string
		want       []Listed
	}{
		{"outlines in folders", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<opml version='2.0'><head><title>x</title></head><body>" +
			"<outline text='Sea'><outline type='rss' text='Harbour &amp;amp; Port' xmlUrl='https://harbour.example/rss' htmlUrl='https://harbour.example/' language='en'/></outline>" +
			"<outline title='M\xf6we' XMLURL='https://moewe.example/'/></body></opml>",
			[]Listed{harbour, {Name: "Möwe", Address: "https://moewe.example/"}}},
		{"an inner folder names the subject", `<opml><body><outline text="A"><outline text="B"><outline xmlUrl="https://x.example/"/></outline><outline xmlUrl="https://y.example/" text="&lt;script&gt;y&lt;/script&gt;"/></outline></body></opml>`,
			[]Listed{{Address: "https://x.example/", Subject: "B"}, {Address: "https://y.example/", Subject: "A"}}},
		{"addresses a line", "\ufeff# mine\r\n\r\nhttps://a.example/rss\r\n  http://b.example/rss\tThe B's  Post\nhttps://c.example/ C News\nhttps://a.example/rss again\n",
			[]Listed{{Address: "https://a.example/rss"}, {Name: "The B's Post", Address: "http://b.example/rss"}, {Name: "C News", Address: "https://c.example/"}}},
	}
	for _, c := range cases {
		got, err := ReadList(strings.NewReader(c.text))
		if err != nil {
			t.Errorf("%s: ReadList = %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", c.name, diff)
		}
	}
}

func TestReadListNamesTheLineAndKeepsTheRest(t *testing.T) {
	const outline = `<outline text="x" xmlUrl="https://x%d.example/"/>`
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, outline+"\n", i)
		}
		return b.String()
	}
	cases := []struct {
		name, text string
		want       int
		is         error
		says       []string
	}{
		{"a wrong scheme in a text", "# x\nhttps://a.example/\nftp://b.example/\nc.example\nhttps://d.example/", 2, nil,
			[]string{`line 3: read "ftp://b.example/"`, `line 4: read "c.example"`, "only http and https"}},
		{"lines before the first address count", "\n\n\nnonsense", 0, nil, []string{"line 4"}},
		{"a wrong scheme in an outline", "\n<?xml version='1.0'?>\n<opml>\n<body>\n" + `<outline xmlUrl="gopher://a"/>` + "\n" + fmt.Sprintf(outline, 1) + "</body></opml>", 1, nil,
			[]string{`line 5: read "gopher://a"`}},
		{"credentials are not repeated", "ftp://anna:hunter2@example.com/", 0, nil, []string{`line 1: read "…@example.com/"`}},
		{"outlines before a break", "<opml><body>\n" + many(3) + "<outline text=\"cut", 3, nil, []string{"line 5", "breaks off"}},
		{"too many outlines", "<opml><body>" + many(10_001) + "</body></opml>", 10_000, ErrTooLarge, nil},
		{"outlines nested too deep", "<opml><body>" + strings.Repeat("<outline text='x'>", 100_000), 0, ErrTooDeep, nil},
		{"a web page", "<!DOCTYPE html><html></html>", 0, ErrNotList, nil},
		{"a feed instead of a list", goodFeed, 0, ErrNotList, nil},
		{"nothing", " \n", 0, ErrEmpty, nil},
		{"11 MiB", strings.Repeat("#", 11<<20), 0, ErrTooLarge, nil},
	}
	for _, c := range cases {
		got, err := ReadList(strings.NewReader(c.text))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || len(got) != c.want {
			t.Errorf("%s: ReadList = %d feeds, %v; want %d and an error", c.name, len(got), err, c.want)
			continue
		}
		for _, s := range append(c.says, "read list: ") {
			if !strings.Contains(err.Error(), s) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: error %q, want %q in it", c.name, err, s)
			}
		}
		var e *ListError
		if c.is == nil && !errors.As(err, &e) {
			t.Errorf("%s: %v holds no *ListError", c.name, err)
		}
	}
	_, err := ReadList(strings.NewReader(strings.Repeat("bad\n", 1000)))
	if n := strings.Count(fmt.Sprint(err), "line "); n != maxListErrors {
		t.Errorf("1000 bad lines give %d errors, want %d", n, maxListErrors)
	}
}
