package digest

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// What a summary is made from.
const (
	summaryBytes    = 12 << 10 // read of each article
	summaryArticles = 4        // of a story
	summaryLead     = 8        // clean sentences among which the first is sought
	summaryStride   = 3        // places between one sentence of a summary and the next
	fewestWords     = 5        // of a sentence that can stand alone
)

// Summarize returns the sentences that stand for a story under the headline
// title: at most words words together (as text.CountWords counts) and at most
// two sentences, three from 60 words on. Each stands verbatim in the Text, the
// Content or the Page of one of the articles, and all come from the same text, in
// its order: the first of them that gives two sentences or half of the words, for
// better whole text than a teaser, else the first that gives any.
//
// Articles are asked in the order given; the first that has a fit sentence near
// its beginning answers, and the next sentences come from close behind. Left out are lines that belong to the page and not to the news,
// teasers that break off, what repeats the headline or a sentence before, and
// sentences longer than the words left; one that hangs on the sentence before
// it (But he…) is taken only next to it or when there is no other. Nothing is
// cut: when no sentence fits there is no summary.
func Summarize(title string, articles []Article, words int) []string {
	if words <= 0 {
		return nil
	}
	for _, a := range articles[:min(len(articles), summaryArticles)] {
		if chosen := summarizeOne(terms(title, a.Language), a, words); len(chosen) > 0 {
			return chosen
		}
	}
	return nil
}

// summarizeOne makes a summary of one article.
func summarizeOne(title []string, a Article, words int) (best []string) {
	for _, given := range []string{a.Text, a.Content, a.Page} {
		chosen := choose(title, sentencesOf(a, given), words)
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
	return len(chosen) >= 2 || len(chosen) == 1 && 2*text.CountWords(chosen[0]) >= words
}

// A candidate is a sentence that may stand in a summary.
type candidate struct {
	text    string
	place   int // in the article, gaps included
	words   int
	terms   []string // distinct stems, sorted
	hanging bool
}

// sentencesOf returns the whole, clean sentences of what a feed gave.
func sentencesOf(a Article, given string) []candidate {
	given, cut := shorten(given, summaryBytes)
	var list []candidate
	sentences := text.Sentences(given, a.Language)
	if cut && len(sentences) > 0 {
		sentences = sentences[:len(sentences)-1]
	}
	for place, x := range sentences {
		if len(list) == summaryLead+2*summaryStride {
			break
		}
		s := strings.TrimSpace(given[x.Start:x.End])
		s = withoutDateline(s)
		n := max(text.CountWords(s), len(strings.Fields(s)))
		if n < fewestWords || !whole(s) || boilerplate(s) {
			continue
		}
		list = append(list, candidate{
			text: s, place: place, words: n,
			terms:   terms(s, a.Language),
			hanging: hangs(s, a.Language),
		})
	}
	return list
}

// choose takes the first sentences that say something new and fit.
func choose(title []string, list []candidate, words int) []string {
	most := 2
	if words >= 60 {
		most = 3
	}
	said := [][]string{title}
	last, chosen := -2, []string(nil)
	take := func(c candidate) {
		chosen = append(chosen, c.text)
		said = append(said, c.terms)
		words -= c.words
		last = c.place
	}
	fits := func(c candidate) bool { return c.words <= words && !repeats(c.terms, said) }
	near := func(i int, c candidate) bool {
		if len(chosen) == 0 {
			return i < summaryLead
		}
		return c.place <= last+summaryStride
	}
	for i, c := range list {
		if len(chosen) < most && near(i, c) && fits(c) && (!c.hanging || c.place == last+1) {
			take(c)
		}
	}
	if len(chosen) == 0 {
		if i := slices.IndexFunc(list, fits); i >= 0 && i < summaryLead {
			take(list[i])
		}
	}
	return chosen
}

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

// sentenceEnds may end a sentence; closers may follow.
const (
	sentenceEnds = ".!?。！？｡।۔؟።։᙮៕။"
	closers      = "\"'”’»›)]）」』】》“‹"
	ellipses     = "…⋯"
)

// whole tells whether s ends like a sentence and does not break off.
func whole(s string) bool {
	bare := strings.TrimRight(s, closers)
	if strings.HasSuffix(bare, "...") || strings.HasSuffix(bare, "..") {
		return false
	}
	end, _ := utf8.DecodeLastRuneInString(bare)
	if strings.ContainsRune(ellipses, end) || strings.Contains(s, "[…") || strings.Contains(s, "[...") {
		return false
	}
	if strings.ContainsRune(sentenceEnds, end) {
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "\"'“‘«‹„(["))
		return !unicode.IsLower(first) // the tail of something that began elsewhere
	}
	// Thai has no mark for the end of a sentence.
	return unicode.In(end, unicode.Thai, unicode.Lao) && len(s) > 60
}

// boilerplates are beginnings and parts, folded, of lines which belong to a
// page. A line of the news hardly ever has them.
var (
	boilerplateStarts = []string{
		"read more", "read also", "read the full", "also read", "read next", "continue reading", "click here", "tap here",
		"share this", "follow us", "follow live", "sign up", "subscribe", "post a comment", "leave a comment", "log in", "related:",
		"the post ", "image source", "image caption", "image credit", "photo:", "photo by", "photo credit", "picture:", "file photo",
		"advertisement", "copyright", "all rights reserved", "©", "this article was originally", "this article originally",
		"this story was originally", "this story originally", "first published", "download our", "listen to", "watch:", "watch the video", "see also",
		"weiterlesen", "lesen sie", "mehr zum thema", "foto:", "bild:", "hier geht es", "lire la suite", "lire aussi", "a lire",
		"abonnez", "credit photo", "photo :", "leer mas", "lea tambien", "lee tambien", "sigue leyendo", "suscribete",
		"leggi anche", "leggi tutto", "continua a leggere", "leia mais", "leia tambem", "lees meer", "lees ook", "las mer",
		"czytaj", "devamini oku", "читать далее", "читайте также", "подписывайтесь", "фото:", "اقرأ", "المزيد",
		"阅读全文", "点击", "責任編輯", "责任编辑", "続きを読む", "写真", "더 읽기",
	}
	boilerplateParts = []string{
		"appeared first on", "originally appeared on", "originally published", "header ads", "0 comments", "use cookies",
		"uses cookies", "cookie policy", "privacy policy", "terms of service", "terms of use", "your inbox", "our newsletter", "newsletter sign",
		"enable javascript", "your browser", "getty images", "all rights reserved", "affiliate links", "earn a commission",
		"this article contains", "download the app", "our whatsapp", "our telegram", "google news", "(photo by", "(image credit",
		"submitted by /u/", "[link]", "[comments]", "alle rechte vorbehalten", "erschien zuerst auf", "est apparu en premier",
		"aparecio primero en", "unseren newsletter", "notre newsletter", "nuestro boletin",
	}
)

// boilerplate tells whether s belongs to the page around the news.
func boilerplate(s string) bool {
	folded := text.Fold(strings.TrimLeft(s, " -–—•·*|>»\"“("))
	if strings.Contains(folded, "http://") || strings.Contains(folded, "https://") || strings.Contains(folded, "www.") {
		return true
	}
	starts := func(b string) bool { return strings.HasPrefix(folded, b) }
	parts := func(b string) bool { return strings.Contains(folded, b) }
	return slices.ContainsFunc(boilerplateStarts, starts) || slices.ContainsFunc(boilerplateParts, parts)
}

// withoutDateline returns s without "PARIS (AP) — " in front, when what follows
// is a sentence of its own.
func withoutDateline(s string) string {
	const longest = 60 // bytes of a dateline
	for _, dash := range []string{" — ", " – ", " -- ", " - ", ") —"} {
		i := strings.Index(s, dash)
		if i <= 0 || i > longest {
			continue
		}
		rest := strings.TrimLeft(s[i+len(dash):], " -–—")
		if !dateline(s[:i+len(dash)]) || !whole(rest) {
			continue
		}
		if first, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(first) || unicode.IsDigit(first) {
			return rest
		}
	}
	return s
}

// dateline tells whether s is a place and perhaps an agency and a date: its
// first word is in capitals throughout, or an agency stands in brackets, and
// there is no small word but in the date.
func dateline(s string) bool {
	words := slices.Collect(text.Words(s, ""))
	if len(words) == 0 || len(words) > 8 {
		return false
	}
	shouted := words[0].Case == text.Capitals && len(words[0].Surface) > 2
	agency := slices.ContainsFunc(words, func(w text.Word) bool { return agencies[w.Surface] })
	small := slices.ContainsFunc(words, func(w text.Word) bool { return w.Case == text.Lower && !number(w.Surface) })
	return !small && (shouted || agency && strings.ContainsAny(s, "(/"))
}

var agencies = map[string]bool{
	"ap": true, "afp": true, "reuters": true, "dpa": true, "upi": true, "efe": true, "ansa": true, "tass": true, "xinhua": true,
	"pti": true, "ani": true, "yonhap": true, "kyodo": true, "bloomberg": true, "cnn": true, "apa": true, "anp": true, "lusa": true,
}

// connectors begin sentences that say little without the one before, folded.
var connectors = map[string][]string{
	"en": {"he", "she", "it", "they", "his", "her", "its", "their", "him", "them", "this", "that", "these", "those", "but", "and",
		"or", "so", "also", "however", "meanwhile", "moreover", "furthermore", "additionally", "therefore", "thus", "then",
		"instead", "still", "yet", "besides", "nevertheless", "nonetheless", "otherwise", "both", "such", "here", "there", "afterwards"},
	"de": {"er", "sie", "es", "sein", "seine", "ihr", "ihre", "dies", "diese", "dieser", "dieses", "aber", "und", "doch",
		"jedoch", "allerdings", "zudem", "ausserdem", "auch", "daher", "deshalb", "dennoch", "dabei", "damit", "dort", "so"},
	"fr": {"il", "elle", "ils", "elles", "son", "sa", "ses", "leur", "leurs", "ce", "cet", "cette", "ces", "cela", "mais", "et",
		"or", "donc", "aussi", "cependant", "toutefois", "pourtant", "ainsi", "celui", "celle", "ceux"},
	"es": {"ella", "ellos", "ellas", "su", "sus", "esto", "eso", "pero", "y", "tambien", "ademas", "asi"},
	"it": {"lui", "lei", "egli", "essi", "suo", "sua", "questo", "questa", "questi", "queste", "ma", "e", "inoltre", "tuttavia",
		"anche", "cosi", "pero"},
	"pt": {"ele", "ela", "eles", "elas", "seu", "sua", "isso", "isto", "este", "esta", "esse", "essa", "mas", "e", "tambem",
		"alem", "porem", "assim"},
	"nl": {"hij", "zij", "ze", "zijn", "haar", "dit", "dat", "deze", "die", "maar", "en", "ook", "echter", "toch", "daarom"},
	"ru": {"он", "она", "оно", "они", "его", "ее", "их", "это", "этот", "эта", "эти", "но", "а", "и", "также", "однако", "при"},
}

// quotes open what somebody said, whom only the sentence before may name.
const quotes = "\"'“‘«‹„「『"

// hangs tells whether s leans on the sentence before it.
func hangs(s, language string) bool {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(quotes, first) {
		return true
	}
	words, ok := connectors[language]
	if !ok {
		words = connectors["en"]
	}
	for w := range text.Words(s, language) {
		return slices.Contains(words, w.Surface)
	}
	return false
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

// sameSaid is the share of terms in common from which a sentence repeats.
const sameSaid = 0.7

// repeats tells whether a sentence says no more than one that was said: most of
// its terms stand there.
func repeats(sentence []string, said [][]string) bool {
	return slices.ContainsFunc(said, func(s []string) bool {
		return len(sentence) == 0 || float64(common(sentence, s)) >= sameSaid*float64(len(sentence))
	})
}
