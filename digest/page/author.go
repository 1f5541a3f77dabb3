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
func authorOf(doc *html.Node, r reduced, meta map[string]string, ld data, outlet siteName) string {
	site := outlet.name
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
		if name == "" || !isOutlet(name, outlet) {
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
	w := authorWalk{site: site, choose: choose, main: map[*html.Node]bool{}}
	for up := densest(doc); up != nil; up = up.Parent {
		w.main[up] = true
	}
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

// outlets are words of names that are nobody's, loginName is what a program calls
// somebody.
var (
	outlets   = regexp.MustCompile(`(?i)\b(gmbh|ltd|inc|llc|stiftung|verband|verein|verlag|institut|institute|ministerium|bundesamt|agentur|agency|agence|agencia|agenzia|association|foundation|fondation|corporation|redaktion|redaccion|redacción|rédaction|redazione|redacția|redakcja|redakce|redaktionen|toimitus|editorial|newsroom|staff|team|magazin|magazine|zeitung|gazette|herald|tribune|online|press|presse|media|tv|radio|news|admin|administrator|webmaster|desk)\b|\be\. ?v\.?$|редакци|агентств|^\S+\.[a-z]{2,4}$|^https?:`)
	loginName = regexp.MustCompile(`^[a-z0-9_.-]+$`)
)

// isOutlet tells a name that stands for an outlet, or is no name of a person, rather
// than for somebody.
func isOutlet(name string, site siteName) bool {
	return outlets.MatchString(name) || loginName.MatchString(name) || site.like(name)
}

// byWords stand before a name.
var byWords = regexp.MustCompile(`^(?i)(?:(?:written|words|posted|published|reviewed|story|text|texte|texto|testo|tekst|textul|ein \p{L}+|veröffentlicht|geschrieben|verfasst|erstellt|eingestellt|gastbeitrag|kommentar|publié|écrit|rédigé|propos recueillis|publicado|escrito|pubblicato|scritto|geschreven|skrevet|skriven|napisał|napisała|napsal|napsala|írta|szerző|scris|piše|pisao|autors?|autorius|avtor|author|authors|autor|autorin|autoren|autorzy|auteur|auteurs|autore|autori|autora|autores|escritor|автор|автори|авторы|автора|текст|аутор|писател|auctor|yazan|yazar|yazarı|oleh|penulis|tác giả|συντάκτης|συγγραφέας|κείμενο|autorka|kirjoittaja|teksti|forfatter|skribent|journalist|reporter|redakteur|reporting|article|artículo|a cura)(?:[ :.–-]+(?:(?:by|von|vom|par|por|door|di|da|de|af|av|od|przez|per)(?: +|$))?|$)|(?:by|von|par|por|door|di|da|af|av|od|oleh|від|от|του|της)(?: ?[:.] ?| +|$)|(?:記者|记者)[ :：/／|]*|(?:作者|文|编辑|責任編集|责任编辑|撰稿|執筆|撰文|글|취재|بقلم|كتب|كتبت|الكاتب|تحرير|نویسنده|نوشته|به قلم|تحریر|מאת|כתב|כתבה|लेखक|द्वारा|লেখক|โดย|ผู้เขียน)[ :：/／|]+)+`)

// degrees stand behind a name, and so do agencies and, in Korean, what somebody is.
var degrees = regexp.MustCompile(`(?:,| avec| mit| with| con| com| och| og| и|,? und|,? and|,? et)? \(?(?:ph\.?d\.?|m\.?d\.?|mba|r\.?d\.?n?|msc?|bsc|mph|dpa|ap|afp|reuters|apa|sid|kna|epd|efe|ansa|lusa|tass|cnn|bbc news)\)?$|,? ?(?:기자|특파원|논설위원|선임기자|記者)$`)

// authorName is what looks like people's names, without "By".
func authorName(s, site string) string {
	s = oneLine(feed.Visible(s), longestAuthor*2)
	if strings.Contains(s, "://") || strings.Contains(s, "@") && !strings.Contains(s, " ") {
		return ""
	}
	s = byWords.ReplaceAllString(strings.TrimLeft(s, signs), "")
	for _, end := range []string{" | ", " · ", " – ", " — ", " • ", " / ", "／", "\n", " - "} {
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
	main   map[*html.Node]bool // the densest part and what is around it, which is no stranger's whatever it is called
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

// withoutFoot is a name without what calls the foot of an article so, where many name
// its author.
func withoutFoot(called string) string { return articleFoot.ReplaceAllString(called, "") }

var articleFoot = regexp.MustCompile(`\b(?:post|entry|article|story|content|single|beitrag|artikel)[-_]*footer(?:[-_]\w+)*`)

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
		case !w.main[c] && c.Data != "body" && c.Data != "html" && c.Data != "article" && c.Data != "main" && isStrange(withoutFoot(called)) && first(c, isElement("h1")) == nil:
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
	line := strings.TrimLeft(firstLine(n), signs)
	if len(line) < 5 || len(line) > 160 {
		return ""
	}
	by := byWords.FindString(line)
	if by == "" && !caseless.MatchString(line) {
		return ""
	}
	if by == "" { // Korean says behind a name that it is a reporter's
		if name := degrees.ReplaceAllString(line, ""); name != line && eastern.MatchString(name) {
			return name
		}
		return ""
	}
	name := withoutRole(authorName(line, ""))
	// "Posted by" needs no family name behind it.
	if looksLikeName(name) || len(strings.Fields(by)) > 1 && capital.MatchString(name) || caseless.MatchString(name) && caseless.MatchString(strings.Trim(by, signs+"：/／")) {
		return name
	}
	return ""
}

// withoutRole is a line of names without what the last of them is: "Ann Bell,
// political editor", "Ana Lima, de São Paulo".
func withoutRole(line string) string {
	head, tail, found := strings.Cut(line, ", ")
	if !found || !looksLikeName(head) {
		return line
	}
	if next, _, _ := strings.Cut(tail, " "); !capital.MatchString(next) || roles.MatchString(text.Fold(tail)) || !looksLikeName(tail) && strings.Contains(tail, " ") {
		return head
	}
	return line
}

// roles are what those who write are called, folded.
var roles = regexp.MustCompile(`\b(editor|correspondent|reporter|writer|columnist|staff|bureau|chief|redakteur|redakteurin|korrespondent|korrespondentin|journalist|journaliste|correspondant|redacteur|redactora?|corresponsal|periodista|giornalista|inviat[oa]|corrispondente|jornalista|dziennikar|korespondent|redaktor|muhabir|toimittaja|photographer)|корреспондент|редактор|журналист|обозреватель`)

// firstLine is the text of an element up to its first break.
func firstLine(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			if addHead(&b, d.Data); b.Len() > 2*longestLine {
				return strings.Join(strings.Fields(b.String()), " ")
			}
		case d.Data == "br" && strings.TrimSpace(b.String()) != "":
			return strings.Join(strings.Fields(b.String()), " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

var (
	particles = wordSet("von van vom zu zur de der den del della di da dos das do le la el al bin ibn ben ter ten und and et y e i og och en & , -")
	capital   = regexp.MustCompile(`^[\p{Lu}\p{Lt}][\p{L}.'’-]*,?$`)
	caseless  = regexp.MustCompile(`^[\p{Lo}\p{Lm}\p{M}][\p{Lo}\p{Lm}\p{M} .·'’-]*$`)
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
