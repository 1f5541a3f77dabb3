package digest

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest/text"
)

const (
	// changeWords is how many words of each article are read for what is new: the
	// beginning, where news says what it is about.
	changeWords = 60
	// changeKnownBytes is how much is read of each text that an article has, for
	// what was known.
	changeKnownBytes = 8 << 10
)

// A Told is a story as one reader was told it.
type Told struct {
	Story StoryID
	Hosts int       // that carried it then
	Known time.Time // when the newest of the articles was seen that told it
	Again bool      // they knew it, and were told what had changed
}

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
	return len(c.Figures) > 0 || len(c.Names) > 0 || c.Doubled()
}

// Doubled tells whether twice the sources tell the story.
func (c Change) Doubled() bool { return c.Before > 0 && c.Now >= 2*c.Before }

// retoldArticles is how many articles a story has that is told again.
const retoldArticles = 12

// ledBy is s as the article tells it; s itself for none.
func (s Story) ledBy(lead ArticleID, since time.Time) Story {
	at := slices.IndexFunc(s.Articles, func(a Article) bool { return a.ID == lead })
	if at < 0 || !s.Articles[at].Seen.After(since) {
		return s
	}
	a := s.Articles[at]
	s.Title, s.Address, s.Outlet, s.Host, s.Published = a.Title, a.Address, a.Outlet, a.Host, a.Published
	order := slices.Clone(s.Articles)
	class := func(x Article) int {
		switch {
		case x.ID == lead:
			return 0
		case x.Seen.After(since):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(x, y Article) int {
		if d := cmp.Compare(class(x), class(y)); d != 0 || class(x) == 2 {
			return d // what was known stays in its order
		}
		return y.Published.Compare(x.Published)
	})
	s.Articles = order[:min(len(order), retoldArticles)]
	return s
}

// retell tells what is new in s, with its Articles, since then, when hosts told it,
// and which article tells most of it; 0 when none does. A number or a name is new
// that no article seen by then has, and that stands in the headline of a later one or
// in the beginnings of two hosts' later ones: what one desk adds for colour is no
// news. Years, times of day and the outlets' own names do not count, nor capitals
// where all words have them, nor hosts that only copied what others had told.
func retell(s Story, since time.Time, hosts int) (lead ArticleID, c Change) {
	c = Change{Before: hosts, Now: max(s.Hosts, hosts)}
	var known, later []Article
	for _, a := range s.Articles {
		if a.Seen.After(since) {
			later = append(later, a)
		} else {
			known = append(known, a)
		}
	}
	if len(known) == 0 || len(later) == 0 {
		return 0, c // nothing to compare
	}
	own := ownTellings(known, later)
	c.Now = hosts + ownHosts(known, later, own, c.Now-hosts)
	news := whatIsNew(known, later)
	for _, f := range news {
		if f.figure {
			c.Figures = append(c.Figures, f.name)
		} else {
			c.Names = append(c.Names, f.name)
		}
	}
	if !c.Material() {
		return 0, c
	}
	best, most := later[0], -1
	for i, a := range later {
		if tells := newsTold(a, news, own[i]); tells > most || tells == most && a.Published.After(best.Published) {
			best, most = a, tells
		}
	}
	return best.ID, c
}

// newsTold weighs how much of what is new an article tells: its headline counts
// more than its beginning, and what is its own more than a copy.
func newsTold(a Article, news []*finding, own bool) int {
	sum := 0
	if own {
		sum++
	}
	for _, f := range findings(a) {
		if i := slices.IndexFunc(news, func(n *finding) bool { return n.name == f.name }); i >= 0 {
			sum += 2
			if f.titled {
				sum += 4
			}
		}
	}
	return sum
}

// whatIsNew returns the numbers and names of later articles that none of the known
// has, in the order of the articles.
func whatIsNew(known, later []Article) (news []*finding) {
	words := wordsKnown(known)
	found := map[string]*finding{}
	var order []*finding
	for _, a := range later {
		for _, f := range findings(a) {
			if slices.ContainsFunc(f.keys, func(k string) bool { return words[k] }) {
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
	return slices.DeleteFunc(order, func(f *finding) bool { return !f.titled && len(f.hosts) < 2 })
}

// wordsKnown are the stems and figures of all that the articles told.
func wordsKnown(articles []Article) map[string]bool {
	known := map[string]bool{}
	for _, a := range articles {
		for _, part := range []string{a.Title, a.Text, a.Content, a.Page} {
			part = clipBytes(part, changeKnownBytes)
			for w := range text.Words(part, a.Language) {
				known[w.Stem] = true
				if number(w.Surface) {
					known[figure(part, w)] = true
				}
				known[digits(w.Surface)] = true
			}
		}
	}
	return known
}

// ownTellings says of each later article whether it is more than a copy of one that
// is known or stands before it.
func ownTellings(known, later []Article) []bool {
	var prints []print
	plain := map[string]bool{}
	copied := func(a Article) bool {
		p, words := articlePrint(a)
		defer func() { prints, plain[words] = append(prints, p), true }()
		if p[0] == 0 {
			return plain[words]
		}
		return plain[words] || slices.ContainsFunc(prints, func(q print) bool { return q.alike(p) >= printSame })
	}
	for _, a := range known {
		copied(a)
	}
	own := make([]bool, len(later))
	for i, a := range later {
		own[i] = !copied(a)
	}
	return own
}

// articlePrint is by what copies of an article's beginning are known: its print and,
// for what is too short to have one, its words.
func articlePrint(a Article) (print, string) {
	var (
		order []uint32
		plain strings.Builder
	)
	title, lead := clipBytes(a.Title, titleBytes), clipBytes(cmp.Or(a.Text, a.Content), leadBytes)
	common := commonIn(a.Language)
	for _, part := range []string{title, strings.TrimPrefix(lead, strings.TrimSuffix(title, "…"))} {
		for w := range text.Words(part, a.Language) {
			plain.WriteString(w.Surface + " ")
			if !common[w.Surface] {
				order = append(order, hashed(w.Stem))
			}
		}
	}
	return printOf(order), plain.String()
}

// ownHosts says how many of more hosts told the story in their own words, as far as
// the later articles at hand tell.
func ownHosts(known, later []Article, own []bool, more int) int {
	before, fresh := hostsOf(known), map[string]bool{}
	for i, a := range later {
		if !before[a.Host] {
			fresh[a.Host] = fresh[a.Host] || own[i]
		}
	}
	n := 0
	for _, told := range fresh {
		if told {
			n++
		}
	}
	if len(fresh) == 0 || more <= 0 {
		return 0
	}
	return min(more, (more*n+len(fresh)/2)/len(fresh))
}

// Changes decides what has changed in stories and remembers the latest few thousand
// decisions: one story is compared once for all readers who were told it alike. The
// zero value is ready; any number of goroutines may ask.
type Changes struct {
	recent recent[changeKey, changed]
}

type changeKey struct {
	story         StoryID
	before, hosts int
	read          uint64 // a hash of which articles were known and which came
}

type changed struct {
	lead   ArticleID
	change Change
}

// Retell returns s, with its Articles, as it is told to a reader who was told it
// before: led by the article seen since then that tells most of what is new, and
// published when that was. The others since then follow, the newest first, at last
// what was known; together at most retoldArticles. When nothing changed s stays as
// it is.
func (c *Changes) Retell(s Story, told Told) (Story, Change) {
	hash := c.recent.hash()
	for _, a := range s.Articles {
		maphash.WriteComparable(&hash, a.ID)
		maphash.WriteComparable(&hash, a.Seen.After(told.Known))
		maphash.WriteComparable(&hash, len(a.Page))
	}
	made := c.recent.of(changeKey{s.ID, told.Hosts, s.Hosts, hash.Sum64()}, func() changed {
		lead, change := retell(s, told.Known, told.Hosts)
		return changed{lead, change}
	})
	return s.ledBy(made.lead, told.Known), made.change
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
