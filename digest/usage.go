package digest

import (
	"slices"
	"strings"

	"tidings/digest/text"
)

// A usage is how the articles of one story use words: which are names, which are
// things, and in how many of the headlines each stands. It takes the place of a
// dictionary, which would not know the names of today.
type usage struct {
	language string
	stemmer  int
	words    map[string]*used // by folded word, things and headlines by stem
}

// A used is what is known of one word.
type used struct {
	capital, small int // in mid-sentence
	thing, act     int // behind a word that a thing follows, or an act
	headlines      int
}

// usageBytes are read of an article's text.
const usageBytes = 2000

// Words that things follow, adjectives before them included, and words that acts follow.
// Languages without such words are not here: of their words it is not known.
var (
	beforeThings = listWords(map[string]string{
		"en": `the a an his her its their our your my this these those some several many both each every no`,
		"de": `der die das den dem des ein eine einen einem einer eines`,
		"fr": `le la les l un une des du au aux ce cette ces son sa ses leur leurs`,
		"es": `el la los las un una unos unas del al su sus este esta estos estas`,
		"it": `il lo la i gli le un uno una del dello della dei degli delle al allo alla ai nel nella sul sulla l`,
		"pt": `o a os as um uma uns umas do da dos das no na nos nas ao seu sua seus suas`,
		"nl": `de het een zijn haar hun deze dit`,
	})
	beforeActs = listWords(map[string]string{
		"en": `to will would can could may might must should shall not did does do they he she we i you who`,
		"nl": `te zal kan wil moet`,
		"fr": `ne se ils elles il elle`,
		"es": `no se que`,
		"pt": `não se que`,
		"it": `non si che`,
	})
)

// usageOf reads the articles of s that are in its language.
func usageOf(s Story) usage {
	u := usage{language: s.Language, stemmer: text.Stemmer(s.Language), words: map[string]*used{}}
	for _, a := range s.Articles {
		if a.Language != s.Language {
			continue
		}
		title := clipBytes(a.Title, titleBytes)
		words, seen := slices.Collect(text.Words(title, text.Unstemmed)), map[string]bool{}
		for _, w := range words {
			if stem := u.stem(w.Surface); !seen[stem] {
				seen[stem] = true
				u.of(stem).headlines++
			}
		}
		if tellsNames(title, words, s.Language) {
			u.read(title)
		}
		u.read(clipBytes(a.Text, usageBytes))
	}
	return u
}

// tellsNames tells whether capitals in a headline are names': most words have none, or
// one has none that would have one where all do.
func tellsNames(title string, words []text.Word, language string) bool {
	common := commonIn(language)
	return sentenceCase(words) || slices.ContainsFunc(words, func(w text.Word) bool {
		return w.Case == text.Lower && !w.Gram && !begins(title, w.Start) && !number(w.Surface) && !common[w.Surface] && len(w.Surface) >= shortestWord
	})
}

// read counts how words stand in what an article says.
func (u usage) read(s string) {
	things, acts := beforeThings[u.language], beforeActs[u.language]
	before, end := "", -1
	for w := range text.Words(s, text.Unstemmed) {
		if w.Gram { // pairs of characters overlap
			before, end = "", -1
			continue
		}
		inside := !begins(s, w.Start)
		if inside && w.Case == text.Lower {
			u.of(w.Surface).small++
		} else if inside {
			u.of(w.Surface).capital++
		}
		if inside && end >= 0 && strings.Trim(s[end:w.Start], " '’") == "" {
			if things[before] {
				u.of(u.stem(w.Surface)).thing++
			} else if acts[before] {
				u.of(u.stem(w.Surface)).act++
			}
		}
		before, end = w.Surface, w.End
	}
}

func (u usage) stem(word string) string { return "\x00" + text.Stem(word, u.stemmer) }

func (u usage) of(key string) *used {
	x := u.words[key]
	if x == nil {
		x = &used{}
		u.words[key] = x
	}
	return x
}

// name tells whether the articles write a word with a capital only.
func (u usage) name(word string) bool {
	x := u.words[word]
	return x != nil && x.capital > 0 && x.small == 0 && !capitalNouns[u.language]
}

// thing tells whether the articles name something by a word.
func (u usage) thing(word string) bool {
	if x := u.words[word]; capitalNouns[u.language] {
		return x != nil && x.capital > x.small
	}
	x := u.words[u.stem(word)]
	return x != nil && x.thing > x.act
}

// act tells whether the articles tell by a word what is done.
func (u usage) act(word string) bool {
	x := u.words[u.stem(word)]
	return x != nil && x.act > x.thing
}

// headlines is in how many headlines a word stands.
func (u usage) headlines(word string) int {
	if x := u.words[u.stem(word)]; x != nil {
		return x.headlines
	}
	return 0
}
