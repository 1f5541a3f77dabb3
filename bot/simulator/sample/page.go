package sample

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

// pages holds "article", "front" and "missing", the pages that readers may see,
// and "channel" and "contact", which Telegram would serve.
var pages = template.Must(template.New("").Parse(pageText + channelText))

// writePage shows an article to a reader: its summary as the lead, as papers
// print it, then its paragraphs. A short report is its lead alone.
func writePage(w http.ResponseWriter, o outlet, it item) {
	writeHTML(w, http.StatusOK, "article", map[string]any{
		"Outlet": o.Name, "Tagline": o.Tagline, "Home": o.home(), "Language": o.Language, "Direction": o.direction(), "Feeds": o.alternates(),
		"Title": it.title, "Author": it.author, "Lead": it.summary, "Paragraphs": it.paragraphs, "Blog": it.wears("blog"),
		"Machine": it.date.Format("2006-01-02T15:04:05Z07:00"), "Time": it.date.Format("2 January 2006, 15:04 MST"),
	})
}

// frontLength is how many headlines stand on an outlet's front page.
const frontLength = 12

// writeFront shows an outlet's front page: its newest headlines, linked as to
// says, because they lie elsewhere for who came through /open.
func writeFront(w http.ResponseWriter, o outlet, items []item, to func(item) string) {
	type headline struct{ Title, Link, Machine, Time string }
	var headlines []headline
	for _, it := range items[:min(len(items), frontLength)] {
		headlines = append(headlines, headline{it.title, to(it), it.date.Format(time.RFC3339), it.date.Format("2 January 2006, 15:04 MST")})
	}
	writeHTML(w, http.StatusOK, "front", map[string]any{
		"Outlet": o.Name, "Tagline": o.Tagline, "Language": o.Language, "Direction": o.direction(), "Feeds": o.alternates(), "Headlines": headlines,
	})
}

func (o outlet) direction() string {
	if o.Language == "ar" {
		return "rtl"
	}
	return "ltr"
}

// An alternate is a feed as a page's head names it.
type alternate struct{ Title, Type, Path string }

func (o outlet) alternates() (all []alternate) {
	kind, _, _ := strings.Cut(formats[o.Format].mediaType, ";")
	for _, c := range o.channels() {
		all = append(all, alternate{c.title, kind, "/feeds/" + c.document})
	}
	return all
}

func writeMissing(w http.ResponseWriter) {
	writeHTML(w, http.StatusNotFound, "missing", nil)
}

// writeHTML forbids scripts and foreign content: a sample page needs neither.
func writeHTML(w http.ResponseWriter, status int, name string, values any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, values); err != nil {
		http.Error(w, "render sample page "+name+": "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The reader may have gone; there is nobody left to tell.
	_, _ = w.Write(b.Bytes())
}
