package packs

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"tidings/digest/feed"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func TestAllIsWellFormed(t *testing.T) {
	feeds, err := All()
	if err != nil {
		t.Fatal(err)
	}
	seen, subjects, languages := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, f := range feeds {
		if f.Name == "" || strings.TrimSpace(f.Name) != f.Name {
			t.Errorf("%+v: the name is empty or has white space around it", f)
		}
		key, err := feed.AddressKey(f.Address)
		if other := seen[key]; err != nil || other != "" {
			t.Errorf("%s: AddressKey(%q) = %q, %v; it also belongs to %q", f.Name, f.Address, key, err, other)
		}
		seen[key] = f.Name
		for _, a := range []string{f.Address, f.Home} {
			if got, err := feed.CanonicalAddress(a); err != nil || got != a || !strings.HasPrefix(a, "https://") {
				t.Errorf("%s: CanonicalAddress(%q) = %q, %v; want it unchanged, over https", f.Name, a, got, err)
			}
		}
		if b, err := language.ParseBase(f.Language); err != nil || b.String() != f.Language || len(f.Language) != 2 {
			t.Errorf("%s: language %q, want ISO 639-1 in lower case", f.Name, f.Language)
		}
		if r, err := language.ParseRegion(f.Country); f.Country != "XX" && (err != nil || r.String() != f.Country || !r.IsCountry()) {
			t.Errorf("%s: country %q, want ISO 3166-1 in upper case", f.Name, f.Country)
		}
		if !slices.Contains(Subjects, f.Subject) {
			t.Errorf("%s: subject %q, want one of %v", f.Name, f.Subject, Subjects)
		}
		subjects[f.Subject], languages[f.Language] = true, true
	}
	if len(feeds) < 400 || len(subjects) != len(Subjects) || len(languages) < 25 {
		t.Errorf("%d feeds, %d subjects, %d languages; want at least 400, all %d, and 25", len(feeds), len(subjects), len(languages), len(Subjects))
	}
}

// TestPacksOfTheMainLanguages holds what a reader of a language finds on the
// first day.
func TestPacksOfTheMainLanguages(t *testing.T) {
	feeds, err := All()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range feeds {
		count[f.Language+" "+f.Subject]++
	}
	for _, language := range []string{"en", "de", "fr", "es", "it", "pt"} {
		for _, subject := range Subjects {
			if count[language+" "+subject] == 0 {
				t.Errorf("no feed in %s is about %s", language, subject)
			}
		}
	}
	for _, language := range []string{"nl", "pl", "ru", "uk", "ar", "ja", "ko", "zh", "tr", "sv"} {
		for _, subject := range []string{"world", "national", "business", "technology"} {
			if count[language+" "+subject] == 0 {
				t.Errorf("no feed in %s is about %s", language, subject)
			}
		}
	}
}

// TestAnOutletHasOneFeedASubject keeps packs from telling one outlet's stories
// twice.
func TestAnOutletHasOneFeedASubject(t *testing.T) {
	feeds, err := All()
	if err != nil {
		t.Fatal(err)
	}
	names, seen := map[string]bool{}, map[string]string{}
	for _, f := range feeds {
		if names[f.Name] {
			t.Errorf("%s stands in the packs twice", f.Name)
		}
		names[f.Name] = true
		key := strings.Join([]string{feed.Site(f.Home), f.Language, f.Country, f.Subject}, " ")
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s are of one outlet and one subject", other, f.Name)
		}
		seen[key] = f.Name
	}
}

func TestParseNamesTheLineOfAnError(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a missing column", "# x\n\nA\thttps://a.example/\ten\n", "line 3: read \"A\\thttps://a.example/\\ten\": 3 columns, want 6"},
		{"an address of another scheme", "A\thttps://a.example/\tftp://a.example/\ten\tGB\tworld", `line 1: `},
		{"a home that is none", "A\ta.example\thttps://a.example/\ten\tGB\tworld", `"a.example" is no http or https address`},
	} {
		if feeds, err := parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: parse = %v, %v; want an error with %q", c.name, feeds, err, c.want)
		}
	}
}
