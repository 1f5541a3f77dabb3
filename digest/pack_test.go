package digest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTopicConcerns(t *testing.T) {
	for _, c := range []struct{ name, query, subjects, countries string }{
		{"a heading", "technology", "technology", ""},
		{"a heading of several subjects, the likeliest first", "science", "science climate", ""},
		{"a word that speaks for a subject", "opera", "culture", ""},
		{"words that speak for a subject", "quantum computing", "technology", ""},
		{"a country", "japan", "", "JP"},
		{"a country by its adjective, and what it does", "north korean missiles", "world", "KP"},
		{"two countries", "germany OR france", "", "DE FR"},
		{"what is excluded does not count", "tea -japan -football", "", ""},
		{"quotes are no country", `"german" cars`, "", ""},
		{"directions say nothing", "site:football.example lang:de zyxqv", "", ""},
		{"words of another script", "北朝鮮", "", ""},
		{"words that nobody knows", "zyxqv", "", ""},
	} {
		topic, err := ParseTopic(c.query)
		if err != nil {
			t.Fatalf("ParseTopic(%q) = %v", c.query, err)
		}
		subjects, countries := topic.Concerns()
		if strings.Join(subjects, " ") != c.subjects || strings.Join(countries, " ") != c.countries {
			t.Errorf("%s: %q concerns %v and %v; want %s and %s", c.name, c.query, subjects, countries, c.subjects, c.countries)
		}
	}
}

func TestEveryCountryHasACode(t *testing.T) {
	owner := map[string]string{}
	for _, c := range countries() {
		code := countryCodes()[c.name]
		if other, taken := owner[code]; code == "" || taken && other != c.name {
			t.Errorf("%s has the code %q, which is of %q", c.name, code, other)
		}
		owner[code] = c.name
	}
}

func TestEverySubjectBelongsToAPack(t *testing.T) {
	got := map[string]bool{}
	for _, s := range packSubjects() {
		got[s] = true
	}
	var missing []string
	for s := range subjectsOf {
		if !got[s] {
			missing = append(missing, s)
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("no subject of the words leads to (-want +got)\n%s", diff)
	}
}

func TestPackOfASource(t *testing.T) {
	for _, c := range []struct{ subject, country, want string }{{"science", "GB", ""}, {"national", "GB", "GB"}, {"national", "", ""}, {"", "GB", ""}} {
		if got := (Source{Language: "en", Subject: c.subject, Country: c.country}).Pack(); got != (Pack{"en", c.subject, c.want}) {
			t.Errorf("the pack of a source of %s about %q is %+v", c.country, c.subject, got)
		}
	}
}
