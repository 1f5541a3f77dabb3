package digest

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"tidings/digest/text"
)

// ors are what OR is in small letters, and in other languages; as a word it says nothing.
var ors = listWords(map[string]string{"": `or oder ou oppure o или або lub veya`})[""]

// ands join words that a story need not have both of; as words they say nothing.
var ands = listWords(map[string]string{"": `and und et y e и та oraz &`})[""]

// newsWords name what all stories are, and are rarely in them.
var newsWords = listWords(map[string]string{"": `news headlines latest updates update nachrichten neuigkeiten actualités actualité actus noticias titulares
	notizie notícias novidades nieuws новости новини wiadomości أخبار الأخبار haberler समाचार खबर खबरें 新闻 新聞 消息 ニュース 뉴스 소식 ข่าว`})[""]

// A speller tells what is known of words.
type speller struct {
	language string                        // of who writes
	known    func(word, other string) bool // whether a word is right as it is and was not meant to be the other; nil knows none
	told     iter.Seq[string]              // words of stories; nil for none
}

// suggestion returns t as its reader typed it, with "or" replaced by OR, or else with words
// that are right in no language replaced by those they were probably meant to be, or without the
// word news; "" when there is nothing to replace. Names are known of no language either: it is for
// topics that find nothing.
func (t Topic) suggestion(s speller) string {
	chunks := strings.Fields(t.Label)
	if !withOrs(chunks, ors) && !s.respelt(chunks) {
		if chunks = withoutNews(chunks); chunks == nil {
			return ""
		}
	}
	other := strings.Join(chunks, " ")
	if _, err := ParseTopic(other); err != nil {
		return ""
	}
	return other
}

// loosened returns a topic that asks for less than t does, or false: for its words, where it
// has phrases; else for either, where it has "and". It was meant if it finds what t does not.
func (t Topic) loosened() (Topic, bool) {
	chunks := strings.FieldsFunc(t.Label, func(r rune) bool { return isQuote(r) || unicode.IsSpace(r) })
	if !strings.ContainsFunc(t.Label, isQuote) && !withOrs(chunks, ands) {
		return Topic{}, false
	}
	looser, err := ParseTopic(strings.Join(chunks, " "))
	return looser, err == nil
}

// Unquoted is a topic that is one phrase in quotes without them, for where others stand around
// it, and any other as it is.
func Unquoted(label string) string {
	inner := strings.TrimFunc(label, func(r rune) bool { return isQuote(r) || unicode.IsSpace(r) })
	if strings.ContainsFunc(inner, isQuote) || len(label)-len(inner) < 2 {
		return label
	}
	return inner
}

// withOrs writes OR for words of a list, outside quotes, and tells whether there is any.
func withOrs(chunks []string, words map[string]bool) (changed bool) {
	quoted := false
	for i, chunk := range chunks {
		if !quoted && i > 0 && i < len(chunks)-1 && chunk != "OR" && words[text.Fold(chunk)] {
			chunks[i], changed = "OR", true
		}
		for _, r := range chunk {
			quoted = quoted != isQuote(r)
		}
	}
	return changed
}

// withoutNews leaves out the word news at either end, nil when there is none or nothing else.
func withoutNews(chunks []string) []string {
	if n := len(chunks); n > 1 && newsWords[text.Fold(chunks[n-1])] {
		return chunks[:n-1]
	} else if n > 1 && newsWords[text.Fold(chunks[0])] {
		return chunks[1:]
	}
	return nil
}

// mostRespelt bounds how many words of a topic are looked up.
const mostRespelt = 4

// respelt replaces words, and tells whether there is any to replace.
func (s speller) respelt(chunks []string) (changed bool) {
	asked := 0
	for i, chunk := range chunks {
		core := strings.TrimFunc(chunk, func(r rune) bool { return isQuote(r) || isMinus(r) || strings.ContainsRune("?!.,:", r) })
		if core == "" || operator(core) || isMinus([]rune(chunk)[0]) { // what is left out finds nothing anyway
			continue
		}
		word := text.Fold(core)
		if meansMore()[word] || desks()[word] != "" {
			continue
		}
		other := text.Suggest(core, s.language, s.told)
		if other == "" || asked == mostRespelt {
			continue
		}
		if asked++; s.known == nil || !s.known(word, text.Fold(other)) {
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
