// Package packs holds lists of feeds that are known from the first day, so that
// a reader who follows a topic gets news before anybody has added a source. A
// pack is the feeds of one language and subject; all stand in one readable file
// of facts: who publishes, where, in what language and country, about what.
//
// The addresses were picked by hand from what publishers list; they were not
// verified to be alive, and publishers move them without notice. Whoever visits
// them finds out.
//
// It fetches nothing. The packs cost their 95 kilobytes in the binary.
package packs

import (
	_ "embed"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"tidings/digest/feed"
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

// Faults tells what is wrong with the form of feeds, a sentence each: what stands
// twice, an outlet's second feed on one subject, names and codes that are none,
// addresses that are not https or have another spelling.
func Faults(feeds []Feed) (all []string) {
	names, addresses, outlets := map[string]bool{}, map[string]string{}, map[string]string{}
	for _, f := range feeds {
		say := func(format string, args ...any) {
			all = append(all, f.Name+": "+fmt.Sprintf(format, args...))
		}
		if f.Name == "" || strings.TrimSpace(f.Name) != f.Name {
			say("the name is empty or has white space around it")
		}
		if names[f.Name] {
			say("the name stands twice")
		}
		names[f.Name] = true
		key, err := feed.AddressKey(f.Address)
		if other, twice := addresses[key]; err != nil || twice {
			say("the address %q is also that of %q", f.Address, other)
		}
		addresses[key] = f.Name
		outlet := strings.Join([]string{feed.Site(f.Home), f.Language, f.Country, f.Subject}, " ")
		if other, twice := outlets[outlet]; twice {
			say("%q is of the same outlet and subject", other)
		}
		outlets[outlet] = f.Name
		for _, a := range []string{f.Address, f.Home} {
			if got, err := feed.CanonicalAddress(a); err != nil || got != a || !strings.HasPrefix(a, "https://") {
				say("%q is not https, or is spelt %q", a, got)
			}
		}
		if b, err := language.ParseBase(f.Language); err != nil || b.String() != f.Language || len(f.Language) != 2 {
			say("%q is no language (ISO 639-1, small letters)", f.Language)
		}
		if r, err := language.ParseRegion(f.Country); f.Country != "XX" && (err != nil || r.String() != f.Country || r.Canonicalize() != r || !r.IsCountry()) {
			say("%q is no country (ISO 3166-1, capitals)", f.Country)
		}
		if !slices.Contains(Subjects, f.Subject) {
			say("the subject %q is none of %v", f.Subject, Subjects)
		}
	}
	return all
}
