package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// Limits of a topic: what one phone line holds, and what the matcher is promised.
const (
	TopicRunes  = 200 // of the tidied query and of its canonical text
	TopicTerms  = 20  // words, phrases and countries, excluded ones too
	TopicsQuery = 50  // topics in one comma-separated query
	queryBytes  = 4 * TopicRunes * utf8.UTFMax
)

// A Topic is what a reader asked for. Its language:
//
//	palm oil            both words must stand in the story, in any order and form
//	"palm oil"          these words, in this order and exactly these forms
//	solar OR wind farm  (solar or wind) and farm: OR binds closer than the space
//	jaguar -car         no story with car; also -"sports car"
//	north korea         also North Korean, DPRK: countries know their other names
//	c++ at&t covid-19   a word of several parts is a phrase in any form
//	news about Iceland  Iceland: how a request opens is no part of it, see openings
//	site:bbc.co.uk      only stories of this host and those under it; also -site:
//	lang:de             only stories in this language; several are alternatives; also -lang:
//	min:3               only stories that three hosts or more carry
//
// Words are compared folded and by their stem in the story's language, always whole.
// US, WHO, IT and a few more that are common words in small letters are found only in
// capitals; "us" alone means the country. Quotes of all countries are quotes; a lonely
// apostrophe, emoji and punctuation mean nothing; AND in capitals is what the space is.
//
// Topics of equal Text match the same stories: a Topic is always built from its Text.
type Topic struct {
	Text  string // canonical: folded, sorted, countries by one name; ParseTopic(Text).Text == Text
	Label string // as the reader typed it, without invisible characters, doubled spaces and the commas between topics

	groups  []group    // all must occur
	about   []subjects // of groups: what a story may be about instead of naming it; nil when none has any
	also    []wider    // any of them stands for all groups
	exclude []term     // none may occur
	narrow  *narrowing // nil for none
}

// A wider term is another name of what a topic names, or a kind of it.
type wider struct {
	term
	share float64 // of what the name itself is worth
}

// A group is alternatives, of which one must occur.
type group []term

// A term is words in a row.
type term struct {
	atoms []atom
	exact bool     // these forms only, no stems
	not   []string // folded words that must not stand before
}

// An atom is one word of a term.
type atom struct {
	word    string
	offset  int       // words after the first atom
	written text.Case // as stories must write it at least: Lower for anyhow
	single  bool      // one character of a script without spaces, alone
}

// A TopicErrorKind is what is wrong with a query; the bot has a sentence for each.
type TopicErrorKind string

// What can be wrong with a query.
const (
	TopicEmpty        TopicErrorKind = "empty"
	TopicTooLong      TopicErrorKind = "too long"        // more than TopicRunes
	TopicTooManyTerms TopicErrorKind = "too many terms"  // more than TopicTerms
	TopicTooMany      TopicErrorKind = "too many topics" // more than TopicsQuery
	TopicSeveral      TopicErrorKind = "several"         // more than one where one is asked for; Pos is the comma
	TopicOpenQuote    TopicErrorKind = "open quote"      // Pos is the quote without a partner
	TopicOnlyExcludes TopicErrorKind = "only excludes"   // nothing that a story must have
	TopicLonelyOr     TopicErrorKind = "lonely or"       // OR needs a word or phrase, not excluded, on both sides
	TopicNoWords      TopicErrorKind = "no words"        // only punctuation, signs or emoji
	TopicBadSite      TopicErrorKind = "bad site"        // site: without a host's name
	TopicBadLanguage  TopicErrorKind = "bad language"    // lang: without a code of two letters
	TopicBadNumber    TopicErrorKind = "bad number"      // min: without a number from 1 to MostSources
)

// A TopicError says what is wrong with a query, and where.
type TopicError struct {
	Kind TopicErrorKind
	Pos  int    // in runes from the start of the topic
	Word string // what stands there, at most 40 runes; "" when there is nothing
	Part string // by ParseTopics: the topic of several that is meant, at most 40 runes
}

func (e *TopicError) Error() string {
	if e.Word == "" {
		return fmt.Sprintf("parse topic: %s", e.Kind)
	}
	return fmt.Sprintf("parse topic: %s at character %d: %q", e.Kind, e.Pos+1, e.Word)
}

// ParseTopic reads one topic. Every error is a *TopicError. It takes bounded time
// whatever the length.
func ParseTopic(query string) (Topic, error) {
	if t, ok := plainTopic(query); ok {
		if _, asks := withoutOpening(query); !asks {
			return t, nil
		}
	}
	return parseTopic(query)
}

// parseTopic is ParseTopic for whatever a reader may type.
func parseTopic(query string) (Topic, error) {
	if len(query) > queryBytes {
		return Topic{}, &TopicError{Kind: TopicTooLong, Pos: TopicRunes}
	}
	query = strings.Join(splitQuery([]rune(query)), " ") // whoever follows what was searched follows one topic
	label := tidy(query)
	if utf8.RuneCountInString(label) > TopicRunes {
		return Topic{}, &TopicError{Kind: TopicTooLong, Pos: TopicRunes}
	}
	if t, ok := requested(label); ok {
		return t, nil
	}
	t, err := parseQuery(query)
	if err != nil {
		return Topic{}, err
	}
	// Sorting may bring words together that mean more (korea north → north korea), so
	// the topic is what its canonical text says. Each round has fewer terms or ends.
	before := query
	for range TopicTerms {
		if t.Text == before {
			break
		}
		before = t.Text
		if t, err = parseQuery(before); err != nil {
			return Topic{}, err
		}
	}
	if utf8.RuneCountInString(t.Text) > TopicRunes {
		return Topic{}, &TopicError{Kind: TopicTooLong, Pos: TopicRunes}
	}
	if asked, ok := requested(t.Text); ok { // once its words were sorted: so says its Text, too
		t = asked
	}
	t.Label = label
	return t, nil
}

// requested reads what a request asks for, see openings, if it is a topic.
func requested(query string) (Topic, bool) {
	narrowing := ""
	for first, more, ok := strings.Cut(query, " "); ok && operator(strings.TrimLeftFunc(first, isMinus)); first, more, ok = strings.Cut(query, " ") {
		narrowing, query = narrowing+" "+first, more // site:bbc.co.uk news about Iran
	}
	rest, ok := withoutOpening(query)
	rest += narrowing
	if !ok {
		return Topic{}, false
	}
	t, err := parseTopic(rest)
	return t, err == nil
}

// ParseOneTopic is ParseTopic where commas divide several topics, which are an error: of
// a list one cannot tell what is meant.
func ParseOneTopic(query string) (Topic, error) {
	if len(query) > queryBytes {
		return Topic{}, &TopicError{Kind: TopicTooLong, Pos: TopicRunes}
	}
	runes, at, first := []rune(query), 0, ""
	for _, part := range splitQuery(runes) {
		words := tidy(part)
		if words != "" && first != "" {
			return Topic{}, &TopicError{Kind: TopicSeveral, Pos: at - 1, Word: string(runes[at-1])}
		}
		first = cmp.Or(first, words)
		at += utf8.RuneCountInString(part) + 1
	}
	return ParseTopic(first)
}

// ParseTopics reads several topics with commas between; a comma between digits (1,000)
// or inside quotes does not divide. Empty parts and repeated topics are left out. It
// returns those that are right and says what is wrong with each of the others, its place
// being in that one as it is tidied. Too long a query, too many topics and none at all are one
// error, and no topic.
func ParseTopics(query string) (topics []Topic, wrong []*TopicError) {
	if len(query) > TopicsQuery*queryBytes {
		return nil, []*TopicError{{Kind: TopicTooLong, Pos: TopicsQuery * TopicRunes}}
	}
	seen := make(map[string]bool)
	for _, part := range splitQuery([]rune(query)) {
		words := tidy(part)
		if words == "" {
			continue
		}
		t, err := ParseTopic(words)
		if e, ok := err.(*TopicError); ok {
			e.Part = clip(words)
			wrong = append(wrong, e)
		} else if !seen[t.Text] {
			seen[t.Text] = true
			topics = append(topics, t)
		}
		if len(topics)+len(wrong) > TopicsQuery {
			return nil, []*TopicError{{Kind: TopicTooMany, Word: clip(words)}}
		}
	}
	if len(topics)+len(wrong) == 0 {
		return nil, []*TopicError{{Kind: TopicEmpty}}
	}
	return topics, wrong
}

// Candidates returns words to look for in the space-separated words of
// Document.Normalised: a document that matches has, of each inner list, at least one
// word. Documents that have them need not match: the Matcher decides.
func (t Topic) Candidates() [][]string {
	var all [][]string
	for i, g := range t.groups {
		if len(g) == 1 && t.aboutAt(i) == 0 {
			for _, a := range g[0].atoms {
				all = append(all, a.forms(g[0].exact))
			}
			continue
		}
		var any []string
		for _, alternative := range g {
			any = append(any, alternative.rarest().forms(alternative.exact)...)
		}
		any = append(any, subjectWords(t.aboutAt(i))...)
		all = append(all, any)
	}
	if len(t.also) > 0 {
		// One list must do for all that the topic may be: the shortest of its groups.
		any := slices.MinFunc(all, func(a, b []string) int { return len(a) - len(b) })
		for _, x := range t.also {
			if x.company() {
				continue
			}
			any = append(any, x.rarest().forms(x.exact)...)
		}
		all = [][]string{any}
	}
	for i := range all {
		slices.Sort(all[i])
		all[i] = slices.Compact(all[i])
	}
	return all
}

// forms returns the words of Normalised by which a document may have a.
func (a atom) forms(exact bool) []string {
	forms := []string{searchWord(a.word)}
	if !exact {
		text.Stems(a.word, ^uint32(0), func(_ int, stem string) { forms = append(forms, searchWord(stem)) })
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// rarest guesses the word of t that the fewest stories have: the longest.
func (t term) rarest() atom {
	return slices.MaxFunc(t.atoms, func(a, b atom) int { return len(a.word) - len(b.word) })
}

// key is t's words with spaces between: how a country is found.
func (t term) key() string {
	words := make([]string, len(t.atoms))
	for i, a := range t.atoms {
		words[i] = a.word
	}
	return strings.Join(words, " ")
}

// tidy strips characters without a shape, and makes every run of white space a space.
func tidy(query string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(query, "\uFFFD"))), " ")
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40])
	}
	return s
}

// atomsOf divides query text into the words of a term, and is the twin of how a
// document is read: of a run without spaces it takes the pairs, and its single
// character only if it is one.
func atomsOf(s string) []atom {
	atoms, _ := divide(s)
	return atoms
}

// divide returns also how the words are written canonically: parts of what was
// written together are joined by nothing or a hyphen.
func divide(s string) (atoms []atom, written string) {
	var out strings.Builder
	place, end, gram := 0, 0, false
	for w := range text.Words(s, text.Unstemmed) {
		switch {
		case gram && w.Gram && w.Start < end && w.End == end: // the last of a run, in the pair already
			place++
			continue
		case gram && w.Gram && w.Start < end: // the next pair
			out.WriteString(text.Fold(s[end:w.End]))
		default:
			if len(atoms) > 0 && w.Start > end {
				out.WriteByte('-')
			}
			out.WriteString(w.Surface)
		}
		atoms = append(atoms, atom{word: w.Surface, offset: place, single: w.Gram && w.Stem == w.Surface})
		place++
		end, gram = w.End, w.Gram
	}
	return atoms, out.String()
}
