package sample

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/BurntSushi/toml"
)

// data holds a TOML file per outlet; data/README.md describes its keys.
//
//go:embed data/*.toml
var data embed.FS

// errData is wrapped by every complaint about an outlet's file.
var errData = errors.New("sample data is wrong")

// formats are the kinds of document an outlet may publish, with the
// extension and the media type that they are served under.
var formats = map[string]struct{ extension, mediaType string }{
	"rss":  {".xml", "application/rss+xml; charset=utf-8"},
	"atom": {".xml", "application/atom+xml; charset=utf-8"},
	"rdf":  {".xml", "application/rdf+xml; charset=utf-8"},
	"json": {".json", "application/feed+json; charset=utf-8"},
}

// outlet is one publisher as its data file describes it.
type outlet struct {
	key      string // the file's name without extension
	heading  string // of the feed that is rendered
	Name     string
	Host     string
	Language string
	Subject  string
	Format   string
	Tagline  string
	Tracking string   // a query string that the feed appends to its links
	Teasers  bool     // the feed gives the beginning of each text only; links are http, so that pages can be served without a certificate
	Dress    []string // what the outlet's site adds to every article's text
	Sections []string // categories with a feed of their own, beside that of everything
	Articles []article
}

// article is one piece as its data file describes it. Content is paragraphs
// separated by empty lines; it may be empty, and so may Summary, not both.
type article struct {
	Slug       string
	Age        time.Duration // before the start; zero for a breaking article
	After      time.Duration // after the start; zero for an ordinary article
	Title      string
	Author     string
	Categories []string
	Event      string // the same for all articles about one event; never published
	Dress      []string
	Closed     bool // robots.txt forbids its page
	Summary    string
	Content    string
}

// mustOutlets reads the packed outlets. A failure is a fault of the build, as
// with a pattern that does not compile, so it panics.
func mustOutlets() []outlet {
	outlets, err := readOutlets(data)
	if err != nil {
		panic(err)
	}
	return outlets
}

// readOutlets reads data/*.toml in alphabetical order.
func readOutlets(files fs.FS) ([]outlet, error) {
	names, err := fs.Glob(files, "data/*.toml")
	if err != nil {
		return nil, fmt.Errorf("list sample outlets: %w", err)
	}
	var outlets []outlet
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read sample outlet %s: %w", name, err)
		}
		o, err := parseOutlet(strings.TrimSuffix(path.Base(name), ".toml"), string(text))
		if err != nil {
			return nil, fmt.Errorf("read sample outlet %s: %w", name, err)
		}
		outlets = append(outlets, o)
	}
	return outlets, nil
}

// parseOutlet reads one outlet's file and refuses keys it does not know, so
// that a misspelt one cannot go unseen.
func parseOutlet(key, text string) (outlet, error) {
	o := outlet{key: key}
	if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); at >= 0 {
		return o, fmt.Errorf("control character at byte %d: %w", at, errData)
	}
	meta, err := toml.Decode(text, &o)
	if err != nil {
		return o, fmt.Errorf("%w: %w", errData, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return o, fmt.Errorf("unknown key %s: %w", unknown[0], errData)
	}
	return o, o.check()
}

// check refuses an outlet that could not be published.
func (o outlet) check() error {
	switch _, known := formats[o.Format]; {
	case !known:
		return fmt.Errorf("format %q: %w", o.Format, errData)
	case o.Name == "" || o.Subject == "" || len(o.Language) != 2:
		return fmt.Errorf("name, subject or language is missing: %w", errData)
	case !strings.HasSuffix(o.Host, ".example"):
		return fmt.Errorf("host %q does not end in .example: %w", o.Host, errData)
	}
	for _, s := range o.Sections {
		if strings.IndexFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 || s == "" ||
			!slices.ContainsFunc(o.Articles, func(a article) bool { return slices.Contains(a.Categories, s) }) {
			return fmt.Errorf("section %q: %w", s, errData)
		}
	}
	for _, d := range o.Dress {
		if !slices.Contains(dresses, d) {
			return fmt.Errorf("dress %q: %w", d, errData)
		}
	}
	for _, a := range o.Articles {
		if err := a.check(); err != nil {
			return fmt.Errorf("article %q: %w", a.Slug, err)
		}
	}
	return nil
}

func (a article) check() error {
	switch {
	case a.Slug == "" || a.Title == "" || a.Summary+a.Content == "":
		return fmt.Errorf("slug, title or text is missing: %w", errData)
	case strings.IndexFunc(a.Slug, func(r rune) bool { return !slugRune(r) }) >= 0:
		return fmt.Errorf("slug has other than a-z, 0-9, hyphen and slash: %w", errData)
	case (a.Age > 0) == (a.After > 0):
		return fmt.Errorf("either age or after must be positive: %w", errData)
	}
	for _, d := range a.Dress {
		if !slices.Contains(dresses, d) {
			return fmt.Errorf("dress %q: %w", d, errData)
		}
	}
	return nil
}

func slugRune(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '/'
}

// document is the file name that the outlet's feed is served under.
func (o outlet) document() string { return o.key + formats[o.Format].extension }

// channel is one of an outlet's feeds: of everything, or of one category.
type channel struct {
	title    string
	document string // the file name it is served under
	category string // "" for everything
}

// channels are the outlet's feeds, that of everything first.
func (o outlet) channels() []channel {
	all := []channel{{title: o.Name, document: o.document()}}
	for _, s := range o.Sections {
		all = append(all, channel{
			title:    o.Name + " · " + s,
			document: o.key + "-" + strings.ToLower(s) + formats[o.Format].extension,
			category: s,
		})
	}
	return all
}

// of keeps what belongs to the channel.
func (c channel) of(items []item) []item {
	if c.category == "" {
		return items
	}
	return slices.DeleteFunc(items, func(it item) bool { return !slices.Contains(it.categories, c.category) })
}

// home is the address of the outlet's front page.
func (o outlet) home() string { return o.scheme() + "://" + o.Host + "/" }

func (o outlet) scheme() string {
	if o.Teasers {
		return "http"
	}
	return "https"
}
