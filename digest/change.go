package digest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest/text"
)

// changeWords is how many words of each article are read for what is new: the
// beginning, where news says what it is about.
const changeWords = 60

// A Change is what a story tells that it did not tell at an earlier moment.
type Change struct {
	Figures []string // numbers as they stand, in the order of the articles
	Names   []string // likewise; of several words when they stand together
	Before  int      // independent hosts then
	Now     int      // and now
}

// Material tells whether readers who know the story should hear of it again: there
// are new numbers or names, or twice the sources.
func (c Change) Material() bool {
	return len(c.Figures) > 0 || len(c.Names) > 0 || c.Before > 0 && c.Now >= 2*c.Before
}

// ChangeSince tells what is new in s, with its Articles, since then, when hosts
// told it. A number or a name is new that no article seen by then has, and that
// stands in the headline of a later one or in the beginnings of two hosts' later
// ones: what one desk adds for colour is no news. Years, times of day and the
// outlets' own names do not count, nor capitals where all words have them.
func ChangeSince(s Story, since time.Time, hosts int) Change {
	c := Change{Before: hosts, Now: s.Hosts}
	known := map[string]bool{}
	var later []Article
	for _, a := range s.Articles {
		if a.Seen.After(since) {
			later = append(later, a)
			continue
		}
		for _, part := range []string{a.Title, a.Text, a.Content, a.Page} {
			for w := range text.Words(clipBytes(part, documentBytes), a.Language) {
				known[w.Stem] = true
				if number(w.Surface) {
					known[figure(part, w)] = true
				}
				known[digits(w.Surface)] = true
			}
		}
	}
	if len(later) == len(s.Articles) {
		return c // nothing to compare with
	}
	found := map[string]*finding{}
	var order []*finding
	for _, a := range later {
		for _, f := range findings(a) {
			if slices.ContainsFunc(f.keys, func(k string) bool { return known[k] }) {
				continue
			}
			first := found[f.name]
			if first == nil {
				first = &f
				found[f.name] = first
				order = append(order, first)
			}
			first.titled = first.titled || f.titled
			if !slices.Contains(first.hosts, a.Host) {
				first.hosts = append(first.hosts, a.Host)
			}
		}
	}
	for _, f := range order {
		switch {
		case !f.titled && len(f.hosts) < 2:
		case f.figure:
			c.Figures = append(c.Figures, f.name)
		default:
			c.Names = append(c.Names, f.name)
		}
	}
	return c
}

// A finding is a number or a name in an article.
type finding struct {
	name   string
	keys   []string // by which it may be known
	figure bool
	titled bool
	hosts  []string
}

func findings(a Article) []finding {
	outlet := map[string]bool{}
	for _, s := range []string{a.Outlet, strings.ReplaceAll(a.Host, ".", " ")} {
		for w := range text.Words(s, a.Language) {
			outlet[w.Stem] = true
		}
	}
	var all []finding
	for i, part := range []string{clipBytes(a.Title, titleBytes), clipBytes(a.Text, leadBytes)} {
		var words []text.Word
		for w := range text.Words(part, a.Language) {
			if words = append(words, w); len(words) == changeWords {
				break
			}
		}
		titled := i == 0
		all = append(all, findingsIn(part, words, a.Language, outlet, titled)...)
	}
	return all
}

func findingsIn(part string, words []text.Word, language string, outlet map[string]bool, titled bool) []finding {
	var all []finding
	common := commonIn(language)
	names := sentenceCase(words) && !capitalNouns[language]
	joins := -1 // the end of the name before, in bytes
	for i, w := range words {
		if number(w.Surface) {
			if f := figure(part, w); f != "" && !yearOrTime(f) {
				all = append(all, finding{name: f, keys: []string{f, w.Stem}, figure: true, titled: titled})
			}
			continue
		}
		if !names || w.Case == text.Lower || w.Gram || begins(part, w.Start) || i == 0 || common[w.Surface] || outlet[w.Stem] {
			continue
		}
		name := part[w.Start:w.End]
		if n := len(all) - 1; n >= 0 && joins >= 0 && part[joins:w.Start] == " " {
			all[n].name += " " + name
			all[n].keys = append(all[n].keys, w.Stem)
		} else {
			all = append(all, finding{name: name, keys: []string{w.Stem}, titled: titled})
		}
		joins = w.End
	}
	return all
}

// begins tells whether a word at start may have its capital from the beginning of
// a sentence or a quotation.
func begins(s string, start int) bool {
	before := strings.TrimRight(s[:start], " \n\t")
	return before == "" || strings.HasSuffix(before, "\n") || strings.ContainsAny(before[len(before)-1:], ".!?:\"'(|") ||
		strings.HasSuffix(before, "“") || strings.HasSuffix(before, "‘") || strings.HasSuffix(before, "«") || strings.HasSuffix(before, "–") || strings.HasSuffix(before, "—")
}

// yearOrTime tells whether a figure says when, not how much.
func yearOrTime(figure string) bool {
	if n, err := strconv.Atoi(figure); err == nil {
		return len(figure) == 4 && n >= 1900 && n < 2100
	}
	return strings.Contains(figure, ":")
}

// digits returns the figures of a number that English writes as a word, so that
// twelve and 12 are one; "" for other words.
func digits(word string) string { return spelled[word] }

var spelled = map[string]string{
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
	"eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
	"eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
	"eighty": "80", "ninety": "90",
}
