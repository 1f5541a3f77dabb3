package page

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"tidings/digest/feed"
	"tidings/digest/text"
)

// authorOf finds who wrote it. What names people comes before what names an
// outlet, and what a page tells machines before what it shows: linked data, meta
// elements, elements that are called after authors, lines that begin with "By".
func authorOf(doc *html.Node, r reduced, meta map[string]string, ld data, site string) string {
	named := []string{strings.Join(ld.authors, ", ")}
	for _, key := range authorMeta {
		named = append(named, meta[key])
	}
	for _, n := range []string{"1", "2"} {
		if byWords.MatchString(meta["twitter:label"+n] + " ") {
			named = append(named, meta["twitter:data"+n])
		}
	}
	weak := ""
	choose := func(given string) string {
		name := authorName(given, site)
		if name == "" || !isOutlet(name, site) {
			return name
		}
		if weak == "" {
			weak = name
		}
		return ""
	}
	for _, given := range named {
		if name := choose(given); name != "" {
			return name
		}
	}
	w := authorWalk{site: site, choose: choose}
	w.walk(doc, 0)
	for _, given := range []string{strings.Join(w.names, ", "), w.line, ld.person, r.author, w.sign} {
		if name := choose(given); name != "" {
			return name
		}
	}
	return weak
}

// authorMeta are the names of meta elements for authors.
var authorMeta = []string{"author", "article:author", "article:author_name", "authors", "dc.creator", "dcterms.creator", "dc.contributor", "parsely-author", "sailthru.author",
	"byl", "byline", "citation_author", "article.author", "cxenseparse:author", "og:author", "vr:author", "autor", "lp.article:author"}

// outlets are words of names that are nobody's.
var outlets = regexp.MustCompile(`(?i)\b(gmbh|e\. ?v\.|ltd|inc|llc|stiftung|verband|verlag|redaktion|redaccion|redacción|rédaction|redazione|editorial|newsroom|staff|team|magazin|magazine|zeitung|online|press|presse|media|tv|radio|news|admin|administrator|webmaster|desk)\b|^\S+\.[a-z]{2,4}$|^https?:`)

// isOutlet tells a name that stands for an outlet rather than for somebody.
func isOutlet(name, site string) bool {
	return outlets.MatchString(name) || site != "" && similar(name, site)
}

// byWords stand before a name.
var byWords = regexp.MustCompile(`^(?i)(?:(?:(?:written|words|posted|published|reviewed|story|text|texte|texto|testo|tekst|ein \p{L}+|veröffentlicht|geschrieben|verfasst|erstellt|eingestellt|gastbeitrag|kommentar|publié|écrit|rédigé|publicado|escrito|pubblicato|scritto|geschreven|skrevet|skriven|author|authors|autor|autorin|autoren|auteur|auteurs|autore|autora|escritor|автор|текст|auctor|yazar|autorka|kirjoittaja|teksti|forfatter|journalist|reporter|redakteur|reporting|article|artículo|a cura)\b[ :.–-]*(?:(?:by|von|vom|par|por|door|di|da|af|av|od|przez|per)\b)?|by|von|par|por|door|di|da|af|av|від|от)\b ?[:.]? ?|(?:作者|文|記者|记者|编辑|責任編集|责任编辑|撰稿|執筆|글|기자)[ :：/／|]+)+`)

// degrees stand behind a name, and so do agencies.
var degrees = regexp.MustCompile(`,? \(?(?:ph\.?d\.?|m\.?d\.?|mba|r\.?d\.?n?|msc?|bsc|mph|dpa|ap|afp|reuters|apa|sid|kna|epd|efe|ansa|lusa|tass|cnn|bbc news)\)?$`)

// authorName is what looks like people's names, without "By".
func authorName(s, site string) string {
	s = oneLine(feed.Visible(s), longestAuthor*2)
	if strings.Contains(s, "://") || strings.Contains(s, "@") && !strings.Contains(s, " ") {
		return ""
	}
	s = byWords.ReplaceAllString(strings.TrimLeft(s, signs), "")
	for _, end := range []string{" | ", " · ", " – ", " — ", " • ", " / ", "\n", " - "} {
		head, tail, found := strings.Cut(s, end)
		if !found {
			continue
		}
		if s = head; sameWords(head, site) || strings.TrimSpace(head) == "" {
			s = tail
		}
	}
	for _, end := range shownBehind {
		if i := strings.Index(text.Fold(s), end); i > 0 && len(text.Fold(s)) == len(s) {
			s = s[:i]
		}
	}
	if i := datesBegin(s); i > 0 {
		s = s[:i]
	}
	for range 2 {
		if loc := degrees.FindStringIndex(strings.ToLower(s)); loc != nil && len(strings.ToLower(s)) == len(s) && loc[0] > 3 {
			s = s[:loc[0]]
		}
	}
	s = strings.Trim(s, " ,;:|·-–—*/\\\"“”„")
	s = strings.ReplaceAll(s, " ,", ",")
	switch {
	case s == "", utf8.RuneCountInString(s) > longestAuthor, len(strings.Fields(s)) > 12, strings.ContainsAny(s, "?!{}<>=[]"), !strings.ContainsFunc(s, unicode.IsLetter):
		return ""
	case utf8.RuneCountInString(s) < 2, utf8.RuneCountInString(s) < 3 && s[0] < utf8.RuneSelf, nobody.MatchString(text.Fold(s)):
		return ""
	case strings.HasSuffix(strings.ToLower(s), "admin"):
		return ""
	}
	if t, _ := text.FindDate(s, text.DayFirst); !t.IsZero() {
		return ""
	}
	return s
}

// nobody are words of labels that no name has, and days of the week.
var nobody = regexp.MustCompile(`\b(about|mehr|interview|alle|vor|min|datum|stand|quelle|authors?|autor|autoren|auteur|login|log in|sign in|kontakt|contact|follow|share|subscribe|read|more|posts?|profile?|artikel\w*|articles?|kiosques?|comments?|kommentare?|unknown|anonymous|guest|(mon|tues|wednes|thurs|fri|satur|sun)day|(mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b`)

// shownBehind are beginnings of what pages show behind a name, folded.
var shownBehind = []string{" alle artikel", " all articles", " all posts", " view all", " see all", " follow", " mehr von", " more from", " zur autor", " profil", " read more", " am ", " on ", " stand", " for the ", " uhr", " vor ", " publi", " illustration", " foto", " photo", " bild", " updated", " published", " posted", " in: ", " | "}

// datesBegin is where a name ends because a date follows; -1 without one.
func datesBegin(s string) int {
	loc := dateBehind.FindStringIndex(s)
	if loc == nil {
		return -1
	}
	return loc[0]
}

var dateBehind = regexp.MustCompile(`(?i),? \(?(?:(?:am|on|le|el|il|at|um|vom|the|den|,)? ?)?(?:\d{1,2}[./]\d{1,2}[./]|\d{1,2}\.? \p{L}{3,10}\.?,? \d{4}|\d{4}-\d\d-\d\d|\p{L}{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}:\d\d|\d+ (?:min|hour|day|stunde|tag|heure))`)

// authorWalk seeks, in one walk over what is no comment and no other article,
// elements that are called after authors and lines that begin with "By".
type authorWalk struct {
	site   string
	choose func(string) string
	names  []string
	parent *html.Node // of the element that gave the first name
	class  string
	line   string
	sign   string // a name alone in the last paragraph
	told   int    // words in the paragraph before
	looked int
}

// strangers are parts of the names of elements that hold what others wrote.
var strangers = []string{"comment", "kommentar", "related", "sidebar", "recommend", "teaser", "widget", "newsletter", "popular", "trending", "footer", "disqus", "reply", "respond", "carousel", "mostread", "most-read", "menu", "cookie", "similar"}

// isStrange tells whether an element that is called so holds what others wrote;
// some call the blog itself a widget.
func isStrange(called string) bool {
	return containsAny(called, strangers) && !strings.Contains(called, "blog")
}

// authorNames are parts of the names of elements that hold an author's name.
var authorNames = []string{"author", "autor", "auteur", "byline", "redakteur", "writer", "journalist", "verfasser", "credit-text", "username", "by-line", "reporter"}

func (w *authorWalk) walk(n *html.Node, depth int) {
	for c := n.FirstChild; c != nil && w.looked < 4000; c = c.NextSibling {
		if c.Type != html.ElementNode || depth > 2*maxDepth {
			continue
		}
		w.looked++
		called := strings.ToLower(value(c, "class") + " " + value(c, "id"))
		switch {
		case c.Data == "head" || c.Data == "nav" || c.Data == "footer" && first(c, isElement("p")) == nil || c.Data == "aside" && !containsAny(called, authorNames):
			continue
		case c.Data != "body" && c.Data != "html" && c.Data != "article" && c.Data != "main" && isStrange(called) && first(c, isElement("h1")) == nil:
			continue
		}
		if w.isAuthor(c, called) {
			w.take(c, called)
		}
		if c.Data == "p" {
			w.signature(c)
		}
		if w.line == "" && lineElements[c.Data] {
			w.line = w.choose(byLine(c))
		}
		w.walk(c, depth+1)
	}
}

// signature notes a name that stands alone, written otherwise than the text,
// behind a paragraph.
func (w *authorWalk) signature(p *html.Node) {
	line := spaced(p)
	words := strings.Fields(line)
	if len(words) > 1 && len(words) < 5 && w.told > 20 && looksLikeName(strings.Trim(line, "()[] –—-")) && first(p, func(d *html.Node) bool {
		return d.Data == "b" || d.Data == "strong" || d.Data == "em" || d.Data == "i"
	}) != nil {
		w.sign = w.choose(strings.Trim(line, "()[] –—-"))
	}
	if len(words) > 0 {
		w.told = len(words)
	}
}

func (w *authorWalk) isAuthor(n *html.Node, called string) bool {
	return strings.Contains(value(n, "rel"), "author") && n.Data == "a" || strings.Contains(strings.ToLower(value(n, "itemprop")), "author") || n.Data == "byline" ||
		strings.Contains(strings.ToLower(value(n, "property")), "author") || containsAny(called, authorNames) && !strings.Contains(called, "authori") ||
		n.Data == "a" && authorPath.MatchString(value(n, "href"))
}

// authorPath is the address of an author's page.
var authorPath = regexp.MustCompile(`(?i)/(authors?|autor(?:en|es|a|in|innen)?|auteurs?|redakteure?|journalists?|people|profile|contributors?|by|staff|redaktion|team|newsteam)/[\p{L}%][^/?#]{3,}/?$`)

// take takes the names in an element; further elements count beside the first
// when they stand in the same place and are called the same.
func (w *authorWalk) take(n *html.Node, called string) {
	if len(w.names) > 0 && (len(w.names) > 4 || n.Parent != w.parent || w.class != called) {
		return
	}
	for _, given := range namesIn(n) {
		if value(n, "rel") == "" && authorPath.MatchString(value(n, "href")) && !containsAny(called, authorNames) && !looksLikeName(given) {
			continue
		}
		if name := w.choose(given); name != "" && !slices.Contains(w.names, name) {
			if len(w.names) == 0 {
				w.parent, w.class = n.Parent, called
			}
			w.names = append(w.names, name)
		}
	}
}

// namesIn are the texts in an element that may be names: what is called a name,
// else links, else all of it.
func namesIn(n *html.Node) (list []string) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (value(d, "itemprop") == "name" || d.Data != "meta" && slices.Contains(strings.Fields(value(d, "class")), "fn")) {
			return []string{spaced(d) + value(d, "content")}
		}
	}
	whole := spaced(n)
	if len(whole) < 2*longestAuthor {
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && d.Data == "a" && len(list) < 5 {
				if t := spaced(d); len(strings.Fields(t)) < 6 && (authorPath.MatchString(value(d, "href")) || strings.Contains(value(d, "rel"), "author")) && !slices.Contains(list, t) {
					list = append(list, t)
				}
			}
		}
		if len(list) == 0 && whole != "" && len(strings.Fields(whole)) <= 14 {
			list = append(list, whole)
		}
	}
	return list
}

// lineElements may be a line of their own.
var lineElements = map[string]bool{"p": true, "div": true, "span": true, "em": true, "strong": true, "small": true, "li": true, "h4": true, "h5": true, "h6": true, "b": true, "i": true, "td": true, "address": true, "cite": true, "time": true, "section": true}

// byLine is the name in a short line that begins with "By", or "".
func byLine(n *html.Node) string {
	line := strings.TrimLeft(spaced(n), signs)
	if len(line) < 5 || len(line) > 160 {
		return ""
	}
	by := byWords.FindString(line)
	if by == "" {
		return ""
	}
	name := authorName(line, "")
	// "Posted by" needs no family name behind it.
	if looksLikeName(name) || len(strings.Fields(by)) > 1 && capital.MatchString(name) {
		return name
	}
	return ""
}

var (
	particles = wordSet("von van vom zu zur de der den del della di da dos das do le la el al bin ibn ben ter ten und and et y e i og och en & , -")
	capital   = regexp.MustCompile(`^[\p{Lu}\p{Lt}][\p{L}.'’-]*,?$`)
	eastern   = regexp.MustCompile(`^[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}·]{2,8}$`)
)

// looksLikeName tells one or several people's names: capitals and particles.
func looksLikeName(s string) bool {
	words := strings.Fields(s)
	if eastern.MatchString(s) {
		return true
	}
	capitals := 0
	for _, w := range words {
		switch {
		case capital.MatchString(w):
			capitals++
		case !particles[strings.ToLower(w)]:
			return false
		}
	}
	return capitals >= 2 && len(words) <= 12
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}
