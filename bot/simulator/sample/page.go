package sample

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed page.html
var pageText string

// pages holds "article" and "missing", the two pages that readers may see.
var pages = template.Must(template.New("").Parse(pageText))

// writePage shows an article to a reader: its summary as the lead, as papers
// print it, then its paragraphs. A short report is its lead alone.
func writePage(w http.ResponseWriter, o outlet, it item) {
	direction := "ltr"
	if o.Language == "ar" {
		direction = "rtl"
	}
	writeHTML(w, http.StatusOK, "article", map[string]any{
		"Outlet": o.Name, "Tagline": o.Tagline, "Home": o.home(), "Language": o.Language, "Direction": direction,
		"Title": it.title, "Author": it.author, "Lead": it.summary, "Paragraphs": it.paragraphs, "Blog": it.wears("blog"),
		"Machine": it.date.Format("2006-01-02T15:04:05Z07:00"), "Time": it.date.Format("2 January 2006, 15:04 MST"),
	})
}

func writeMissing(w http.ResponseWriter) {
	writeHTML(w, http.StatusNotFound, "missing", nil)
}

// writeHTML forbids scripts and foreign content: a sample page needs neither.
func writeHTML(w http.ResponseWriter, status int, name string, values map[string]any) {
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
