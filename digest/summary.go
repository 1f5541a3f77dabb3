package digest

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// What a summary is made from.
const (
	summaryBytes    = 12 << 10 // read of each article
	summaryArticles = 4        // of a story
	summaryLead     = 12       // clean sentences among which a summary is chosen
	fewestWords     = 5        // of a sentence that can stand alone
)

// Summarize returns the sentences that stand for a story under the headline
// title: at most words words together (see readingWords; a lead written without spaces may
// have a fifth more, and then stands alone) and at most two sentences, three from 60 words
// on. Each stands verbatim (line breaks aside) in the
// Text, the Content or the Page of one of the articles, and all come from the same text,
// in its order: the first of them that gives two sentences or half of the words, for
// better whole text than a teaser, else the first that gives any.
//
// Articles are asked in the order given; the first that has a fit sentence near its
// beginning answers, and what the others tell counts in the choice, see choose. Left out
// are lines that belong to the page and not to the news, teasers that break off, what
// repeats the headline or a sentence before, and sentences longer than the words left;
// one that hangs on the sentence before it (But he…) is taken only next to it or when
// there is no other. Nothing is cut: when no sentence fits there is no summary.
func Summarize(title string, articles []Article, words int) []string {
	chosen, _ := summarize(title, articles, words)
	return chosen
}

// summarize also returns the article that the sentences are from.
func summarize(title string, articles []Article, words int) ([]string, ArticleID) {
	if words <= 0 {
		return nil, 0
	}
	articles = articles[:min(len(articles), summaryArticles)]
	for i, a := range articles {
		others := slices.Concat(articles[:i], articles[i+1:])
		if chosen := summarizeOne(title, a, others, words); len(chosen) > 0 {
			return chosen, a.ID
		}
	}
	return nil, 0
}

// Summaries makes the summaries of stories and remembers the latest few thousand, so that
// a story is read once for all its readers; one whose title, articles or texts have
// changed since is read again. The zero value is ready; any number of goroutines may ask.
type Summaries struct {
	recent recent[summaryKey, summary]
}

type summaryKey struct {
	story StoryID
	words int
	read  uint64 // a hash of all that was read
}

type summary struct {
	sentences []string
	from      ArticleID
}

// Of returns what Summarize makes of a story, and the article that it is from; or the
// beginning of the story's abstract, and 0, if it has one of which a sentence fits.
// Whoever asks must not change it.
func (s *Summaries) Of(story Story, words int) ([]string, ArticleID) {
	if words <= 0 {
		return nil, 0
	}
	if told := story.Abstract.within(story, words); len(told) > 0 {
		return told, 0
	}
	made := s.recent.of(summaryKey{story.ID, words, s.hash(story)}, func() (made summary) {
		made.sentences, made.from = summarize(story.Title, story.Articles, words)
		return made
	})
	return made.sentences, made.from
}

// hash sums up what a story's summary is made from.
func (s *Summaries) hash(story Story) uint64 {
	h := s.recent.hash()
	h.WriteString(story.Title)
	for _, a := range story.Articles[:min(len(story.Articles), summaryArticles)] {
		for _, part := range []string{a.Language, a.Title, a.Text, a.Content, a.Page} {
			h.WriteByte(0)
			h.WriteString(part)
		}
		maphash.WriteComparable(&h, a.ID)
	}
	return h.Sum64()
}

// recent remembers what was made of late, at most twice rememberedMost: when the young
// are that many, the old are forgotten. Of what is small that is some four megabytes.
type recent[K comparable, V any] struct {
	mu         sync.Mutex
	seed       maphash.Seed
	young, old map[K]V
}

const rememberedMost = 4096

// hash begins one that goes into a key.
func (r *recent[K, V]) hash() (h maphash.Hash) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seed == (maphash.Seed{}) {
		r.seed = maphash.MakeSeed()
	}
	h.SetSeed(r.seed)
	return h
}

// of returns what is remembered, or makes it. Two who ask at once may both make it.
func (r *recent[K, V]) of(key K, make func() V) V {
	made, ok := r.known(key)
	if !ok {
		made = make()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= rememberedMost {
		r.old, r.young = r.young, nil
	}
	if r.young == nil {
		r.young = map[K]V{}
	}
	r.young[key] = made
	return made
}

func (r *recent[K, V]) known(key K) (made V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if made, ok = r.young[key]; !ok {
		made, ok = r.old[key]
	}
	return made, ok
}

// summarizeOne makes a summary of one article.
func summarizeOne(title string, a Article, others []Article, words int) (best []string) {
	for _, given := range []string{a.Text, a.Content, a.Page} {
		chosen := read(title, given, a.Language, others).choose(words)
		if full(chosen, words) {
			return chosen
		}
		if len(best) == 0 {
			best = chosen
		}
	}
	return best
}

// full tells whether a summary needs no better text: it has two sentences, or one
// that takes half of the words.
func full(chosen []string, words int) bool {
	return len(chosen) >= 2 || len(chosen) == 1 && 2*readingWords(chosen[0]) >= words
}

// readingWords says what s costs of the words that a reader wants to read: its words, and
// where most of it is written without spaces one for each five columns that its letters take
// of a line, if that is less. So 35 words of Japanese are some 85 characters, about as wide
// as what English says in as many; the leads of its news have 60 to 100.
func readingWords(s string) int {
	const columns = 5
	words, wide, narrow, spaced := text.CountWords(s), 0, 0, 0
	for _, r := range s {
		switch {
		case r >= 0x0E00 && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			if !unicode.Is(unicode.M, r) {
				narrow++
			}
		case spaceless(r) || r == 'ー':
			wide++
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			spaced++
		}
	}
	if 2*wide+narrow <= spaced {
		return words
	}
	return min(words, (2*wide+narrow+spaced+columns-1)/columns)
}

// withoutSpaces tells a sentence of such a script.
func withoutSpaces(s string) bool { return readingWords(s) < text.CountWords(s) }

// shorten returns at most n bytes of s, whole letters, and whether it cut.
func shorten(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// terms returns the distinct stems of s, sorted; pairs of characters where
// there are no spaces. Common words say nothing and are left out.
func terms(s, language string) []string {
	common := commonIn(language)
	var list []string
	for w := range text.Words(s, language) {
		switch {
		case w.Gram:
			list = append(list, w.Surface)
		case !common[w.Surface]:
			list = append(list, w.Stem)
		}
	}
	slices.SortFunc(list, cmp.Compare[string])
	return slices.Compact(list)
}

// JoinSentences writes sentences behind each other, with a space between where the writing
// has spaces.
func JoinSentences(sentences []string) string {
	var all strings.Builder
	for _, s := range sentences {
		if last, _ := utf8.DecodeLastRuneInString(all.String()); all.Len() > 0 && !fullWidth(last) {
			all.WriteByte(' ')
		}
		all.WriteString(s)
	}
	return all.String()
}

// fullWidth tells signs, and characters, of Chinese and Japanese, which fill their space.
func fullWidth(r rune) bool {
	return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
