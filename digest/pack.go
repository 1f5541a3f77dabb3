package digest

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tidings/digest/text"
)

// A Pack is the listed sources of one language and subject; those that tell of
// one country only are a pack for each country.
type Pack struct {
	Language string // ISO 639-1, "" when unknown
	Subject  string // "" when unknown
	Country  string // ISO 3166-1 alpha-2 where Subject is National, else ""
}

// National is the subject of sources that tell of their own country.
const National = "national"

// Pack returns the pack that s stands in if it is listed.
func (s Source) Pack() Pack {
	p := Pack{Language: s.Language, Subject: s.Subject}
	if s.Subject == National {
		p.Country = s.Country
	}
	return p
}

// subjectsOf names for each subject of a pack what text.Subjects call so.
var subjectsOf = map[string]string{
	"sport":      "football american-sports racket-and-golf cricket-and-rugby racing athletics",
	"culture":    "film music television arts celebrity",
	"technology": "computing internet telecoms gadgets cyber",
	"science":    "space science",
	"climate":    "environment",
	"health":     "health drugmakers",
	"business":   "markets companies economy energy farming property labour transport retailing",
	"politics":   "politics government law",
	"world":      "war terror diplomacy disaster",
}

// packSubjects gives the subject of a pack for each of text.Subjects, by number.
var packSubjects = sync.OnceValue(func() []string {
	all := make([]string, len(text.Subjects()))
	for subject, names := range subjectsOf {
		for name := range strings.FieldsSeq(names) {
			if i := slices.Index(text.Subjects(), name); i >= 0 {
				all[i] = subject
			}
		}
	}
	return all
})

// leastSurely is how surely the words of a topic must speak for a subject.
const leastSurely = 0.35

// Concerns tells which packs are most likely to tell of t: their subjects, the
// likeliest first, and the countries that it names, by their codes. Of a heading
// it is certain; of other words only English ones say something. It is a guess
// for what is shown first, never for what is read.
func (t Topic) Concerns() (subjects, countries []string) {
	sums := map[string]float64{}
	for i := range t.groups {
		for n := range packSubjects() {
			if t.aboutAt(i)>>n&1 == 1 {
				sums[packSubjects()[n]]++
			}
		}
	}
	if len(sums) == 0 {
		words := 0
		for w := range text.Words(wantedWords(t.Text), "en") {
			words++
			text.SpeakFor(w.Surface, func(n int, weight float64) { sums[packSubjects()[n]] += weight })
		}
		maps.DeleteFunc(sums, func(subject string, sum float64) bool { return sum < leastSurely*float64(words) })
	}
	delete(sums, "")
	subjects = slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		if sums[a] != sums[b] {
			return map[bool]int{true: -1, false: 1}[sums[a] > sums[b]]
		}
		return strings.Compare(a, b)
	})
	for name, code := range countryCodes() {
		if strings.Contains(" "+t.Text+" ", " "+name+" ") {
			countries = append(countries, code)
		}
	}
	slices.Sort(countries)
	return subjects, countries
}

// wantedWords is a canonical topic without what it excludes and without its
// directions.
func wantedWords(topic string) string {
	var wanted []string
	for word := range strings.FieldsSeq(topic) {
		if word[0] != '-' && !strings.Contains(word, ":") && word != "OR" {
			wanted = append(wanted, word)
		}
	}
	return strings.Join(wanted, " ")
}

// countryCodes gives the code of each country by its name in a canonical topic.
var countryCodes = sync.OnceValue(func() map[string]string {
	codes, named := map[string]string{}, countries()
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !region.IsCountry() || region.String() != string(a)+string(b) || region.Canonicalize() != region {
				continue
			}
			t, err := parseQuery(strings.NewReplacer("&", "and", "(", " ", ")", " ").Replace(names.Name(region)))
			if err != nil {
				continue
			}
			if c := named[strings.ToLower(t.Text)]; c != nil {
				codes[c.name] = region.String()
			}
		}
	}
	for name, code := range oddlyNamed {
		if c := named[name]; c != nil {
			codes[c.name] = code
		}
	}
	return codes
})

// oddlyNamed are countries that countries.txt and x/text call differently.
var oddlyNamed = map[string]string{
	"republic of the congo": "CG", "guinea bissau": "GW", "palestine": "PS", "saint vincent and the grenadines": "VC",
}
