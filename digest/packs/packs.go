// Package packs holds lists of feeds that are known from the first day, so that
// a reader who follows a topic gets news before anybody has added a source. A
// pack is the feeds of one language and subject; all stand in one readable file
// of facts: who publishes, where, in what language and country, about what.
//
// The addresses were picked by hand from what publishers list; they were not
// verified to be alive, and publishers move them without notice. Whoever visits
// them finds out.
//
// It fetches nothing and knows nothing of how feeds are read. The packs cost
// their 45 kilobytes in the binary.
package packs

import (
	_ "embed"
	"fmt"
	"net/url"
	"strings"
)

// Feed is one line of a pack.
type Feed struct {
	Name     string // as the publisher calls itself
	Home     string // https address of the site
	Address  string // http or https address of the feed
	Language string // ISO 639-1, lower case
	Country  string // ISO 3166-1 alpha-2, upper case; "XX" for international bodies
	Subject  string // one of Subjects
}

// Subjects are what a feed of a pack may be about, in the order they are shown.
//
// "national" is news of the feed's own country.
var Subjects = []string{"world", "national", "politics", "business", "technology", "science", "health", "climate", "sport", "culture"}

//go:embed packs.tsv
var table string

// All gives the feeds of the built-in packs in the order of their file. The
// error names the line and what was read; it can only come from a damaged build.
func All() ([]Feed, error) {
	feeds, err := parse(table)
	if err != nil {
		return nil, fmt.Errorf("read pack packs.tsv: %w", err)
	}
	return feeds, nil
}

// parse reads six columns apart by one or more tabs; # begins a comment, blank
// lines are skipped.
func parse(text string) ([]Feed, error) {
	var feeds []Feed
	n := 0
	for row := range strings.Lines(text) {
		n++
		row = strings.TrimSpace(row)
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		f, err := parseRow(row)
		if err != nil {
			return nil, fmt.Errorf("line %d: read %q: %w", n, row, err)
		}
		feeds = append(feeds, f)
	}
	return feeds, nil
}

func parseRow(row string) (Feed, error) {
	cells := strings.FieldsFunc(row, func(r rune) bool { return r == '\t' })
	if len(cells) != 6 {
		return Feed{}, fmt.Errorf("%d columns, want 6: name, home, address, language, country, subject", len(cells))
	}
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	f := Feed{Name: cells[0], Home: cells[1], Address: cells[2], Language: cells[3], Country: cells[4], Subject: cells[5]}
	for _, a := range []string{f.Home, f.Address} {
		if u, err := url.Parse(a); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return Feed{}, fmt.Errorf("%q is no http or https address", a)
		}
	}
	return f, nil
}
