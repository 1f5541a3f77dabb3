package digest

import (
	_ "embed"
	"strings"
	"sync"

	"tidings/digest/text"
)

//go:embed countries.txt
var countryLines string

// A country is one line of countries.txt: the ways stories write it.
type country struct {
	name  string   // as a canonical topic writes it
	forms []term   // any of them means the country
	not   []string // folded words that must not stand before: new mexico
}

// countries finds a country by the folded words of one of its names, with spaces
// between. It is read once, when the first topic is parsed (a millisecond).
var countries = sync.OnceValue(func() map[string]*country {
	found := make(map[string]*country)
	for line := range strings.Lines(countryLines) {
		line = strings.TrimSpace(line)
		name, rest, ok := strings.Cut(line, " = ")
		if !ok || strings.HasPrefix(line, "#") {
			name, ok = strings.CutSuffix(line, " =")
			if !ok {
				continue
			}
		}
		readCountry(found, name, rest)
	}
	return found
})

// countryOf is the country that folded words name, nil for none: in Russian in any case.
func countryOf(name []string) *country {
	if c := countries()[strings.Join(name, " ")]; c != nil || !cyrillic(name[0]) {
		return c
	}
	stems := declinedName(name)
	if stems == name[len(name)-1] { // Ross is no Russia
		return nil
	}
	return declined()[stems]
}

func cyrillic(word string) bool {
	return strings.HasPrefix(word, "\xd0") || strings.HasPrefix(word, "\xd1")
}

// declinedName is a name without the endings of its words.
func declinedName(words []string) string {
	stems := make([]string, len(words))
	for i, w := range words {
		stems[i] = w
		for _, ending := range caseEndings {
			if stem, ok := strings.CutSuffix(w, ending); ok {
				stems[i] = stem
				break
			}
		}
	}
	return strings.Join(stems, " ")
}

// caseEndings are those of Russian nouns and adjectives, the longer first. The stemmer's stems
// of Корея and Корее differ.
var caseEndings = strings.Fields(`ими ыми ого его ому ему еей ией ая яя ой ую юю ые ие ий ый их ых им ым ом ем ии ию ия ея еи ее ею ей а я е у ю ы и ь`)

// shortestDeclined is how many bytes the stem of a name has at least: the shorter ones are
// those of other words, too (Cuba's of cubes).
const shortestDeclined = 8

// declined finds a country by the stems of a Russian name, where they are of one alone.
var declined = sync.OnceValue(func() map[string]*country {
	found := make(map[string]*country)
	for name, c := range countries() {
		if !cyrillic(name) {
			continue
		}
		stems := declinedName(strings.Fields(name))
		if known, twice := found[stems]; twice && known != c {
			c = nil
		}
		if len(stems) >= shortestDeclined {
			found[stems] = c
		}
	}
	return found
})

// countryWords is the most words that a name in countries.txt has, as typed between spaces.
const countryWords = 6

func readCountry(found map[string]*country, name, rest string) {
	others, not, _ := strings.Cut(rest, ";")
	c := &country{name: strings.TrimLeft(name, "^")}
	for word := range strings.SplitSeq(not, ",") {
		if word = strings.TrimSpace(word); word != "" {
			c.not = append(c.not, word)
		}
	}
	for form := range strings.SplitSeq(name+","+others, ",") {
		form = strings.TrimSpace(form)
		if form == "" {
			continue
		}
		form, exact := strings.CutPrefix(form, "=")
		written := strings.TrimLeft(form, "^")
		spelled, silent := strings.CutSuffix(written, "?")
		t := term{atoms: atomsOf(spelled), exact: exact, not: c.not}
		t.atoms[0].written = text.Case(len(form) - len(written))
		c.forms = append(c.forms, t)
		if key := t.key(); !silent && found[key] == nil {
			found[key] = c
		}
	}
}
