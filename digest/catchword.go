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
	thing  bool // the articles name something by it
	act    bool // they tell what is done
	shared int  // headlines of the story that have it
}

// catchwords returns what tells of a story's headline, in its order: names, of several
// words when they stand together, and words that are neither common nor numbers. What is
// a name its articles tell, too. Scripts without spaces have words that only a dictionary
// could divide: they offer none.
func catchwords(s Story, u usage) []catchword {
	title := clipBytes(s.Title, titleBytes)
	var words []text.Word
	for w := range text.Words(title, s.Language) {
		words = append(words, w)
	}
	var all []catchword
	common, names := commonIn(s.Language), tellsNames(title, words, s.Language) && !capitalNouns[s.Language]
	end := -1 // of the name before
	for _, w := range words {
		if w.Gram || number(w.Surface) || common[w.Surface] || utf8.RuneCountInString(w.Surface) < shortestWord && w.Case != text.Capitals || months[s.Language][w.Surface] {
			continue
		}
		t := catchword{words: title[w.Start:w.End], at: w.Start, rarity: text.Rarity(w.Surface)}
		t.tells = t.rarity * toldBy(w.Surface, s.Language)
		t.name = w.Case != text.Lower && (names && !begins(title, w.Start) || u.name(w.Surface))
		t.thing, t.act, t.shared = u.thing(w.Surface), u.act(w.Surface), u.headlines(w.Surface)
		if !t.name && t.rarity < leastRare {
			continue
		}
		if n := len(all) - 1; t.name && n >= 0 && all[n].name && end >= 0 && title[end:w.Start] == " " {
			all[n].words += " " + t.words
			all[n].rarity = max(all[n].rarity, t.rarity)
			all[n].shared = min(all[n].shared, t.shared)
		} else {
			all = append(all, t)
		}
		end = w.End
	}
	return all
}

// months are written like names, and tell when and not what.
var months = listWords(map[string]string{
	"en": `january february march april may june july august september october november december`,
	"de": `januar februar märz april mai juni juli august september oktober november dezember`,
})

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

// Narrowed returns what t can become when one more word or name of a story's headline is
// excluded, at most six: names first, then what its articles name something by, what tells
// most first, and other words when these are few. Each excludes that headline, and none of
// what t itself asks for.
func (t Topic) Narrowed(s Story) []Narrower {
	found := slices.DeleteFunc(catchwords(s, usageOf(s)), func(c catchword) bool { return !c.name && c.act })
	slices.SortStableFunc(found, func(a, b catchword) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.tells, a.tells))
	})
	better := slices.ContainsFunc(found, func(c catchword) bool { return c.thing })
	var all []Narrower
	for _, f := range found {
		if len(all) == narrowersShown || len(all) >= narrowersAny && (!f.name && f.tells < leastTelling || f.rank() == otherWord && better) {
			break
		}
		n, ok := t.Without(s.Title, f.at, f.at+len(f.words), s.Language)
		if ok && !slices.ContainsFunc(all, func(x Narrower) bool { return x.Topic.Text == n.Topic.Text }) {
			all = append(all, n)
		}
	}
	return all
}

// The ranks of catchwords.
const (
	aName = iota
	aThing
	otherWord
)

func (c catchword) rank() int {
	switch {
	case c.name:
		return aName
	case c.thing:
		return aThing
	}
	return otherWord
}

// Without returns what t becomes when it leaves out the words of a headline from a byte to
// another; ok says that they can be left out.
func (t Topic) Without(title string, from, to int, language string) (n Narrower, ok bool) {
	if from < 0 || to <= from || to > len(title) {
		return n, false
	}
	word, err := ParseTopic(quoted(title[from:to]))
	if err != nil {
		return n, false
	}
	if _, there := MatchOne(word, NewDocument(title, "", nil, language)); !there {
		return n, false
	}
	if _, asked := MatchOne(word, NewDocument(t.words(), "", nil, language)); asked {
		return n, false
	}
	n = Narrower{Word: title[from:to], At: from}
	n.Topic, err = ParseTopic(t.Label + " -" + quoted(n.Word))
	return n, err == nil && len(n.Topic.exclude) > len(t.exclude)
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

// Likes returns topics that find stories like s, at most three: names of its headline,
// those first that stand in most of its articles' headlines; then what they name with
// two words beside each other, or else the two things that most of them have. Without
// articles to tell what is a thing there are names only.
func Likes(s Story) []Topic {
	found := catchwords(s, usageOf(s))
	headline := NewDocument(s.Title, "", nil, s.Language)
	var all []Topic
	offer := func(query string) {
		t, err := ParseTopic(query)
		if err != nil || len(all) == likesShown || slices.ContainsFunc(all, func(x Topic) bool { return x.Text == t.Text }) {
			return
		}
		if _, fits := MatchOne(t, headline); fits {
			all = append(all, t)
		}
	}
	names := slices.DeleteFunc(slices.Clone(found), func(c catchword) bool { return !c.name })
	slices.SortStableFunc(names, func(a, b catchword) int { return cmp.Compare(b.shared, a.shared) })
	for _, n := range names {
		offer(n.words)
	}
	things := slices.DeleteFunc(slices.Clone(found), func(c catchword) bool { return c.name || !c.thing })
	beside := false
	for i := 1; i < len(things); i++ {
		a, b := things[i-1], things[i]
		if a.at+len(a.words)+1 == b.at && s.Title[b.at-1] == ' ' {
			offer(quoted(a.words) + " " + quoted(b.words))
			beside = true
		}
	}
	if len(names) > 0 || beside || len(things) == 0 {
		return all
	}
	slices.SortStableFunc(things, func(a, b catchword) int {
		return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(b.rarity, a.rarity))
	})
	pair := things[:min(2, len(things))]
	slices.SortFunc(pair, func(a, b catchword) int { return cmp.Compare(a.at, b.at) })
	var query []string
	for _, c := range pair {
		query = append(query, quoted(c.words))
	}
	offer(strings.Join(query, " "))
	return all
}

// Within tells whether whatever fits t in a language fits o, as far as their words tell.
func (t Topic) Within(o Topic, language string) bool {
	_, fits := MatchOne(o, NewDocument(t.words(), "", nil, language))
	return fits
}
