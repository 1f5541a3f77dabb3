package page

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"tidings/digest/feed"
)

// facts are what a page says about itself.
type facts struct {
	title, author, site, picture, language string
	published                              time.Time
	ownTitle                               string // as in <title>
	description                            string
	body                                   string // the text as linked data, "" mostly
	kind                                   string // og:type, or the type of linked data
	sold                                   bool   // linked data says that it is not free
}

// longest words of a fact.
const (
	longestTitle       = 300
	longestAuthor      = 100
	longestDescription = 1000
	mostAuthors        = 5
)

// factsOf reads what a page says about itself: linked data before meta elements
// before what is shown.
func factsOf(doc *html.Node, r reduced, address string, now time.Time) facts {
	meta := metaOf(doc)
	ld := dataOf(r.data)
	f := facts{
		site:        oneLine(cmp.Or(meta["og:site_name"], meta["application-name"], ld.site), longestAuthor),
		language:    cmp.Or(languageOf(doc), meta["content-language"], ld.language, strings.ReplaceAll(meta["og:locale"], "_", "-")),
		kind:        cmp.Or(ld.kind, strings.ToLower(meta["og:type"])),
		body:        ld.body,
		description: oneLine(cmp.Or(meta["og:description"], meta["description"]), longestDescription),
		sold:        ld.sold,
	}
	if t := first(doc, isElement("title")); t != nil {
		f.ownTitle = oneLine(textOf(t), longestTitle)
	}
	f.title = titleOf(doc, f, meta, ld, address)
	f.author = authorOf(doc, r, meta, ld, siteOf(f.site, address))
	f.published = publishedOf(doc, r, meta, ld, f, address, now)
	f.picture = absolute(address, cmp.Or(meta["og:image"], meta["twitter:image"], ld.picture))
	return f
}

// metaOf collects meta elements by name in lower case, the first of each, of authors
// all.
func metaOf(doc *html.Node) map[string]string {
	meta := map[string]string{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "meta" {
			continue
		}
		name := strings.ToLower(strings.TrimSpace(cmp.Or(value(n, "property"), value(n, "name"), value(n, "itemprop"), value(n, "http-equiv"))))
		content := strings.TrimSpace(value(n, "content"))
		switch {
		case name == "" || content == "" || ofAnotherWork(n):
		case meta[name] == "":
			meta[name] = content
		case slices.Contains(authorMeta, name) && strings.Count(meta[name], ", ") < mostAuthors-1 && !strings.Contains(meta[name], content):
			meta[name] += ", " + content // each author has an element
		}
	}
	return meta
}

// anotherWork are the properties by which microdata (schema.org) name works that
// a page only speaks of.
var anotherWork = wordSet("citation comment review hasPart isRelatedTo isBasedOn mentions itemListElement")

// ofAnotherWork says whether microdata tell it of a work that the page cites,
// not of the page.
func ofAnotherWork(n *html.Node) bool {
	if value(n, "itemprop") == "" {
		return false
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if slices.ContainsFunc(strings.Fields(value(up, "itemprop")), func(p string) bool { return anotherWork[p] }) {
			return true
		}
	}
	return false
}

func languageOf(doc *html.Node) string {
	if root := first(doc, isElement("html")); root != nil {
		return strings.TrimSpace(value(root, "lang"))
	}
	return ""
}

// headings are where a page tells its headline: the first element that says the
// title, else the first heading of the first order before the text, else where the text
// or the page begins; and what is around all of them.
type headings struct {
	first  *html.Node
	again  map[*html.Node]bool // others that say the title: the first may be one that nobody sees
	around map[*html.Node]bool
	main   map[*html.Node]bool // the densest part and what is around it
}

// headingsOf finds the headings of a page.
func headingsOf(doc *html.Node, f facts) headings {
	title, bare := f.title, withoutSite(f.title, f.site)
	h := headings{again: map[*html.Node]bool{}, around: map[*html.Node]bool{}, main: map[*html.Node]bool{}}
	around := func(n *html.Node) {
		for up := n; up != nil && !h.around[up]; up = up.Parent {
			h.around[up] = true
		}
	}
	var top *html.Node // the first heading of the first order
	looked := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		heads := n.Data == "h1" || value(n, "itemprop") == "headline"
		if !heads && (!titleElements[n.Data] || looked >= mostTitleLines) {
			continue
		}
		looked++
		line := spaced(n)
		says := len(line) <= 2*len(title) && len(bare) <= 2*len(line) && (sameWords(line, bare) || sameWords(line, title))
		if says && h.first == nil {
			h.first = n
		} else if says {
			h.again[n] = true
		}
		if heads && top == nil {
			top = n
		}
		if heads || says {
			around(n.Parent)
		}
	}
	main := densest(doc)
	if h.first == nil {
		h.first = cmp.Or(top, first(doc, isElement("body")))
		if main != nil {
			if around(main); precedes(doc, main, h.first) {
				h.first = main
			}
		}
	}
	for up := main; up != nil; up = up.Parent {
		h.main[up] = true
	}
	return h
}

// precedes tells which of two nodes below root begins first.
func precedes(root, a, b *html.Node) bool {
	return first(root, func(n *html.Node) bool { return n == a || n == b }) == a
}

// titleElements are those, beside h1, that may hold the headline; so many of a
// page are looked at.
var titleElements = map[string]bool{"h2": true, "h3": true, "p": true}

const mostTitleLines = 300

// data is what the linked data of an article tells.
type data struct {
	title, site, picture, language, published, modified, body, kind string
	authors                                                         []string
	person                                                          string // somebody who is named without a word why
	sold                                                            bool
}

// dataOf reads JSON-LD and keeps what the first article in it says.
func dataOf(documents []string) (d data) {
	for _, text := range documents {
		var v any
		text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "<![CDATA["), "]]>")
		if json.Unmarshal([]byte(text), &v) != nil {
			// Line ends inside strings are the commonest fault.
			if json.Unmarshal([]byte(strings.Join(strings.Fields(text), " ")), &v) != nil {
				continue
			}
		}
		budget := 5000
		people := map[string]string{}
		peopleIn(v, people, &budget, 0)
		if len(people) == 1 {
			for _, name := range people {
				d.person = cmp.Or(d.person, name)
			}
		}
		if a := findArticle(v, &budget, 0); a != nil && d.kind == "" {
			d.take(a, people)
		}
	}
	return d
}

// peopleIn collects who is named in linked data, by identifier.
func peopleIn(v any, people map[string]string, budget *int, depth int) {
	if *budget--; *budget < 0 || depth > 12 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			peopleIn(x, people, budget, depth+1)
		}
	case map[string]any:
		if isType(v["@type"], "Person") {
			if id, name := word(v["@id"]), word(v["name"]); id != "" && name != "" {
				people[id] = name
			}
		}
		for _, key := range []string{"@graph", "mainEntity", "author"} {
			peopleIn(v[key], people, budget, depth+1)
		}
	}
}

// isType tells whether a type is, or is among others, the one of that name.
func isType(v any, name string) bool {
	switch v := v.(type) {
	case string:
		return v == name
	case []any:
		return slices.Contains(v, any(name))
	}
	return false
}

// findArticle seeks an object whose type is an article's, at most so many
// values and levels deep.
func findArticle(v any, budget *int, depth int) map[string]any {
	if *budget--; *budget < 0 || depth > 12 {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if a := findArticle(x, budget, depth+1); a != nil {
				return a
			}
		}
	case map[string]any:
		if isArticleType(v["@type"]) {
			return v
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "itemListElement"} {
			if a := findArticle(v[key], budget, depth+1); a != nil && key != "itemListElement" {
				return a
			}
		}
	}
	return nil
}

func isArticleType(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.HasSuffix(v, "Article") || strings.HasSuffix(v, "BlogPosting") || strings.HasSuffix(v, "Report")
	case []any:
		return slices.ContainsFunc(v, isArticleType)
	}
	return false
}

func (d *data) take(a map[string]any, people map[string]string) {
	d.kind = "article"
	d.title = feed.Visible(word(a["headline"]))
	if d.title == "" {
		d.title = feed.Visible(word(a["name"]))
	}
	d.published = cmp.Or(word(a["datePublished"]), word(a["dateCreated"]))
	d.modified = word(a["dateModified"])
	d.language = word(a["inLanguage"])
	d.picture = cmp.Or(word(a["image"]), member(a["image"], "url"), member(a["image"], "contentUrl"))
	d.site = member(a["publisher"], "name")
	d.body = feed.Visible(word(a["articleBody"]))
	d.sold = a["isAccessibleForFree"] == false || strings.EqualFold(word(a["isAccessibleForFree"]), "false")
	given := a["author"]
	if given == nil {
		given = a["creator"]
	}
	authors, ok := given.([]any)
	if !ok {
		authors = []any{given}
	}
	for _, x := range authors[:min(len(authors), mostAuthors)] {
		if name := authorName(cmp.Or(word(x), member(x, "name"), people[member(x, "@id")]), d.site); name != "" && !slices.Contains(d.authors, name) {
			d.authors = append(d.authors, name)
		}
	}
}

// word is a string, or the first of a list of strings.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case map[string]any: // a text with its language or type
		s, _ := v["@value"].(string)
		return strings.TrimSpace(s)
	case []any:
		if len(v) > 0 {
			if s, ok := v[0].(string); ok {
				return strings.TrimSpace(s)
			}
		}
	}
	return ""
}

// member is a field of an object, or of the first in a list.
func member(v any, key string) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	if object, ok := v.(map[string]any); ok {
		return word(object[key])
	}
	return ""
}

// absolute is ref as an absolute web address seen from base, or "".
func absolute(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil || ref == "" {
		return ""
	}
	u, err := b.Parse(strings.TrimSpace(ref))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User = nil
	return u.String()
}
