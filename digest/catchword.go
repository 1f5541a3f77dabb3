package digest

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"tidings/digest/text"
)

// Bounds of what a headline offers.
const (
	narrowersShown = 6
	narrowersAny   = 3 // and no more where they hardly tell
	likesShown     = 3
	shortestWord   = 3   // letters of a word that is offered
	leastRare      = 0.4 // rarity of one that is no name
	leastTelling   = 0.2 // of one beyond narrowersAny
)

// A catchword is a name or a rare word of a headline.
type catchword struct {
	words  string // as they stand
	at     int    // in bytes
	rarity float64
	tells  float64 // 0–1, of what there is to tell: subjects of its own make a rare word worth more
	name   bool
}

// catchwords returns what tells of a headline, in its order: names, of several words when
// they stand together, and words that are neither common nor numbers. Scripts without
// spaces have words that only a dictionary could divide: they offer none.
func catchwords(title, language string) []catchword {
	title = clipBytes(title, titleBytes)
	var words []text.Word
	for w := range text.Words(title, language) {
		words = append(words, w)
	}
	var all []catchword
	common, names := commonIn(language), sentenceCase(words) && !capitalNouns[language]
	end := -1 // of the name before
	for _, w := range words {
		if w.Gram || number(w.Surface) || common[w.Surface] || utf8.RuneCountInString(w.Surface) < shortestWord && w.Case != text.Capitals {
			continue
		}
		t := catchword{words: title[w.Start:w.End], at: w.Start, rarity: text.Rarity(w.Surface)}
		t.tells = t.rarity * toldBy(w.Surface, language)
		t.name = names && w.Case != text.Lower && !begins(title, w.Start)
		if !t.name && t.rarity < leastRare {
			continue
		}
		if n := len(all) - 1; t.name && n >= 0 && all[n].name && end >= 0 && title[end:w.Start] == " " {
			all[n].words += " " + t.words
			all[n].rarity = max(all[n].rarity, t.rarity)
		} else {
			all = append(all, t)
		}
		end = w.End
	}
	return all
}

// toldBy is how much a word speaks for subjects, of at most 1. What is not known, or of
// another language, may.
func toldBy(word, language string) float64 {
	if !speaksOfSubjects(language) {
		return 1
	}
	all := 0.0
	if _, known := text.SpeakFor(word, func(_ int, weight float64) { all += weight }); !known {
		return 1
	}
	return min(all, 1)
}

// A Narrower is what a topic becomes when it leaves out a word of a headline.
type Narrower struct {
	Word  string // as it stands in the headline
	At    int    // where, in bytes
	Topic Topic
}

// Narrowed returns what t can become when one more word or name of a headline is
// excluded, what tells most first, at most six. Each excludes that headline, and none
// of what t itself asks for.
func (t Topic) Narrowed(title, language string) []Narrower {
	own := NewDocument(t.words(), "", nil, language)
	headline := NewDocument(title, "", nil, language)
	found := catchwords(title, language)
	slices.SortStableFunc(found, func(a, b catchword) int {
		if a.name != b.name {
			if a.name {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.tells, a.tells)
	})
	var all []Narrower
	for _, f := range found {
		if len(all) == narrowersShown || len(all) >= narrowersAny && !f.name && f.tells < leastTelling {
			break
		}
		word, err := ParseTopic(quoted(f.words))
		if err != nil {
			continue
		}
		if _, there := MatchOne(word, headline); !there {
			continue
		}
		if _, asked := MatchOne(word, own); asked {
			continue
		}
		n, err := ParseTopic(t.Label + " -" + quoted(f.words))
		if err == nil && len(n.exclude) > len(t.exclude) && !slices.ContainsFunc(all, func(x Narrower) bool { return x.Topic.Text == n.Text }) {
			all = append(all, Narrower{f.words, f.at, n})
		}
	}
	return all
}

// quoted is how a topic names words: several, or one with signs in it, as a phrase.
func quoted(words string) string {
	n := 0
	for w := range text.Words(words, text.Unstemmed) {
		if w.End-w.Start != len(words) {
			n++
		}
		n++
	}
	if n == 1 {
		return words
	}
	return `"` + words + `"`
}

// words is all that t asks for, without what it excludes.
func (t Topic) words() string {
	var all []string
	for _, g := range t.groups {
		for _, x := range g {
			all = append(all, x.key())
		}
	}
	return strings.Join(all, " . ")
}

// Likes returns topics that find stories like the one of a headline, at most three: its
// names, or else the two rarest of its words together.
func Likes(title, language string) []Topic {
	found := catchwords(title, language)
	var queries []string
	for _, f := range found {
		if f.name && len(queries) < likesShown {
			queries = append(queries, f.words)
		}
	}
	slices.SortStableFunc(found, func(a, b catchword) int { return cmp.Compare(b.rarity, a.rarity) })
	if len(queries) == 0 && len(found) > 1 {
		pair := found[:2]
		slices.SortFunc(pair, func(a, b catchword) int { return cmp.Compare(a.at, b.at) })
		queries = append(queries, quoted(pair[0].words)+" "+quoted(pair[1].words))
	} else if len(queries) == 0 && len(found) == 1 {
		queries = append(queries, found[0].words)
	}
	headline := NewDocument(title, "", nil, language)
	var all []Topic
	for _, q := range queries {
		t, err := ParseTopic(q)
		if err != nil || slices.ContainsFunc(all, func(x Topic) bool { return x.Text == t.Text }) {
			continue
		}
		if _, fits := MatchOne(t, headline); fits {
			all = append(all, t)
		}
	}
	return all
}
