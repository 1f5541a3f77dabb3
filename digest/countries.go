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
