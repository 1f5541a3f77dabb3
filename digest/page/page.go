// Package page reads an article's page: from the bytes a web server sent to a
// title, clean paragraphs, author, date, picture and language, and what kind of
// page it is. It keeps nothing and fetches nothing.
//
// Before the engines a guard makes the page small and harmless. Readability finds
// the main part; what domdistiller and a plain count of paragraphs found beside it
// is put in between. After them our own rules add the lead above the text and
// drop what belongs to the page and not to the news: the headline said twice,
// places for advertising, sharing, comments, newsletters, credits. The rules are
// general, there are none for single hosts.
//
// A page costs at most about a second and some ten times its size in memory,
// whatever is in it: what is read ends at 30,000 elements and 1.5 MiB without
// scripts, and nesting beyond 150 elements is refused. An ordinary page takes
// some ten milliseconds.
//
// It is not a browser: no script runs. What a page shows only by script is not
// there, and is told as such.
package page

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tidings/digest/text"
)

// Kind is what a page turned out to be.
type Kind string

const (
	Article Kind = "article" // it tells one thing in whole sentences
	List    Kind = "list"    // headlines that lead elsewhere
	Paywall Kind = "paywall" // the beginning of an article; the rest is sold
	Consent Kind = "consent" // a question about cookies and advertising stands before the article
	Script  Kind = "script"  // empty until scripts have run
	Failure Kind = "failure" // "not found", "access denied" and the like, whatever the status said
	Other   Kind = "other"   // none of these: too little text
)

// Reason tells in words why a page of that kind gives no text; "" for an article.
func (k Kind) Reason() string {
	switch k {
	case Article:
		return ""
	case List:
		return "the page is a list of headlines, not an article"
	case Paywall:
		return "only the beginning of the article is free to read"
	case Consent:
		return "the page asks for consent to cookies before it shows the article"
	case Script:
		return "the page is empty until scripts have run"
	case Failure:
		return "the page says that the article cannot be shown"
	}
	return "the page has too little text for an article"
}

// A Page is what one page says. Any field but Kind may be empty.
type Page struct {
	Kind      Kind
	Title     string // one line, without the outlet's name
	Text      string // paragraphs with an empty line between; at most 192 KiB; only an Article's serves readers
	Author    string // names, comma-separated
	Published time.Time
	Picture   string // absolute address
	Language  string // ISO 639-1 or "und"
	Site      string // the outlet as it calls itself
	Found     string // how the text was found, in words for an operator
	Why       string // what Kind was judged by, likewise
	Dropped   []Dropped
}

// Dropped is a line of the main part that belongs to the page and not to the news,
// and why it was taken for that, in words for an operator.
type Dropped struct{ Line, Why string }

// Paragraphs are the text's, in order.
func (p Page) Paragraphs() []string {
	if p.Text == "" {
		return nil
	}
	return strings.Split(p.Text, "\n\n")
}

// Accept is what a visitor of pages asks a server for.
const Accept = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"

// Errors of Read, wrapped with details.
var (
	// ErrNotPage: no web page, but another kind of document.
	ErrNotPage = errors.New("the document is not a web page")
	// ErrTooComplex: nested deeper than any page is, or made to be hard to read.
	ErrTooComplex = errors.New("the page is too complex")
)

// Read reads the page that was found at address. contentType is the HTTP
// header's; now clamps dates from the future. The error wraps ErrNotPage or
// ErrTooComplex; a page that is no article is no error, see Kind.
func Read(body []byte, contentType, address string, now time.Time) (p Page, err error) {
	defer func() { // a panic in there is this page's fault, not the program's
		if wrong := recover(); wrong != nil {
			p, err = Page{}, fmt.Errorf("read page: %w: the parser gave up", ErrTooComplex)
		}
	}()
	source, err := decode(body, contentType)
	if err != nil {
		return Page{}, fmt.Errorf("read page: %w", err)
	}
	r, err := reduce(source)
	if err != nil {
		return Page{}, fmt.Errorf("read page: %w", err)
	}
	doc, err := parse(r.markup)
	if err != nil {
		return Page{}, fmt.Errorf("read page: %w", err)
	}
	facts := factsOf(doc, r, address, now)
	main := mainText(doc, r, facts, address)
	p = Page{
		Title:     facts.title,
		Author:    facts.author,
		Published: sober(facts.published, now),
		Picture:   facts.picture,
		Site:      facts.site,
		Text:      main.text,
		Found:     main.how,
		Dropped:   main.dropped,
	}
	p.Language = text.Language(p.Title+"\n"+p.Text, facts.language)
	p.Kind, p.Why = kindOf(p, main, facts, r)
	return p, nil
}

// sober is a date that can be believed: not in the future, not before the web.
func sober(t, now time.Time) time.Time {
	switch {
	case t.IsZero() || t.Year() < 1990:
		return time.Time{}
	case t.After(now):
		return now.UTC()
	}
	return t.UTC()
}
