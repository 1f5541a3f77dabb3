package packs

import (
	"flag"
	"strings"
	"testing"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func TestAllIsWellFormed(t *testing.T) {
	feeds, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range Faults(feeds) {
		t.Error(fault)
	}
	subjects, languages, countries := map[string]bool{}, map[string]bool{}, map[string]bool{}
	national := map[string]map[string]bool{}
	for _, f := range feeds {
		subjects[f.Subject], languages[f.Language], countries[f.Country] = true, true, true
		if f.Subject == "national" {
			if national[f.Language] == nil {
				national[f.Language] = map[string]bool{}
			}
			national[f.Language][f.Country] = true
		}
	}
	for l, all := range national {
		if len(all) > 85 { // Telegram shows up to a hundred buttons
			t.Errorf("national news in %s are of %d countries, want at most 85", l, len(all))
		}
	}
	if len(feeds) < 900 || len(subjects) != len(Subjects) || len(languages) < 45 || len(countries) < 80 {
		t.Errorf("%d feeds, %d subjects, %d languages, %d countries; want at least 900, all %d, 45 and 80", len(feeds), len(subjects), len(languages), len(countries), len(Subjects))
	}
}

func TestFaultsNamesEachOne(t *testing.T) {
	good := Feed{"A", "https://a.example/", "https://a.example/feed", "en", "GB", "world"}
	if got := Faults([]Feed{good}); len(got) != 0 {
		t.Fatalf("Faults of a good feed = %q, want none", got)
	}
	for _, c := range []struct {
		name   string
		change func(*Feed)
		want   string
	}{
		{"the same feed under another name", func(f *Feed) { f.Name, f.Home, f.Address = "B", "https://b.example/", "https://www.a.example/feed/" }, `is also that of "A"`},
		{"a name twice", func(f *Feed) { f.Home, f.Address = "https://b.example/", "https://b.example/feed" }, "stands twice"},
		{"an outlet's second feed on a subject", func(f *Feed) { f.Name, f.Address = "B", "https://a.example/feed2" }, `"A" is of the same outlet`},
		{"no name", func(f *Feed) { f.Name = " " }, "the name is empty"},
		{"http", func(f *Feed) { f.Address = "http://c.example/feed" }, "is not https"},
		{"another spelling", func(f *Feed) { f.Address = "https://C.example/feed?utm_source=x" }, `is spelt "https://c.example/feed"`},
		{"a language by its name", func(f *Feed) { f.Language = "English" }, "is no language"},
		{"a country that is none", func(f *Feed) { f.Country = "UK" }, "is no country"},
		{"a subject that is none", func(f *Feed) { f.Subject = "cats" }, `"cats" is none of`},
	} {
		f := Feed{"C", "https://c.example/", "https://c.example/feed", "en", "GB", "world"}
		if strings.HasPrefix(c.name, "a name") || strings.HasPrefix(c.name, "the same") || strings.HasPrefix(c.name, "an outlet") {
			f = good
		}
		c.change(&f)
		if got := strings.Join(Faults([]Feed{good, f}), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%s: Faults = %q, want %q in it", c.name, got, c.want)
		}
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
