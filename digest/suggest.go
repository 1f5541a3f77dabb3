package digest

import (
	"fmt"
	"slices"
	"strings"

	"tidings/digest/text"
)

// ors are what OR is in small letters, and in other languages; as a word it says nothing.
var ors = listWords(map[string]string{"": `or oder ou oppure или або lub veya`})[""]

// Suggestion returns t as its reader typed it, with "or" replaced by OR, or else with words
// that are in no dictionary replaced by those they were probably meant to be; "" when there
// is nothing to replace. Names are in no dictionary either: it is for topics that find
// nothing.
func (t Topic) Suggestion() string {
	chunks := strings.Fields(t.Label)
	if !withOrs(chunks) && !respelt(chunks) {
		return ""
	}
	other := strings.Join(chunks, " ")
	if _, err := ParseTopic(other); err != nil {
		return ""
	}
	return other
}

// withOrs writes OR for what means it, outside quotes, and tells whether there is any.
func withOrs(chunks []string) (changed bool) {
	quoted := false
	for i, chunk := range chunks {
		if !quoted && i > 0 && i < len(chunks)-1 && chunk != "OR" && ors[text.Fold(chunk)] {
			chunks[i], changed = "OR", true
		}
		for _, r := range chunk {
			quoted = quoted != isQuote(r)
		}
	}
	return changed
}

// respelt replaces words, and tells whether there is any to replace.
func respelt(chunks []string) (changed bool) {
	for i, chunk := range chunks {
		core := strings.TrimFunc(chunk, func(r rune) bool { return isQuote(r) || isMinus(r) })
		if core == "" || operator(core) || isMinus([]rune(chunk)[0]) { // what is left out finds nothing anyway
			continue
		}
		if other := text.Suggest(text.Fold(core)); other != "" {
			chunks[i], changed = strings.Replace(chunk, core, other, 1), true
		}
	}
	return changed
}

// Senses returns what t asks for by stems, in each of the languages that have stems: topics
// that share one find the same stories there. Their words have the same stems (ferries,
// Ferry), and whatever else they ask for is the same.
func (t Topic) Senses(languages ...string) (senses []string) {
	for _, language := range languages {
		if n := text.Stemmer(language); n != text.NoStemmer {
			senses = append(senses, language+" "+t.sense(n))
		}
	}
	return senses
}

// sense is what t asks for, by stems: equal of topics that find the same stories.
func (t Topic) sense(stemmer int) string {
	var groups, also, exclude []string
	for i, g := range t.groups {
		var terms []string
		for _, x := range g {
			terms = append(terms, x.sense(stemmer))
		}
		groups = append(groups, fmt.Sprint(sortedSet(terms), t.aboutAt(i)))
	}
	for _, w := range t.also {
		also = append(also, fmt.Sprint(w.sense(stemmer), w.share))
	}
	for _, x := range t.exclude {
		exclude = append(exclude, x.sense(stemmer))
	}
	narrow := ""
	if t.narrow != nil {
		narrow = t.narrow.text()
	}
	return fmt.Sprintf("%q %q %q %q", sortedSet(groups), sortedSet(also), sortedSet(exclude), narrow)
}

// sense is the words of x as they are compared.
func (x term) sense(stemmer int) string {
	var words []string
	for _, a := range x.atoms {
		word := a.word
		if !x.exact {
			word = text.Stem(word, stemmer)
		}
		words = append(words, fmt.Sprint(word, a.offset, a.written, a.single))
	}
	return fmt.Sprintf("%v %q %q", x.exact, words, x.not)
}

func sortedSet(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}
