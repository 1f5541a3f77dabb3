package page

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"tidings/digest/feed"
	"tidings/digest/text"
)

// Limits of the data that a page gives to its scripts.
const (
	shortestProps = 1 << 10 // bytes; in less there is no article
	mostProps     = 3       // documents that are kept
	propsBudget   = 50_000  // values that are looked at
	propsDepth    = 40
	propsWords    = 5 // of a string that is a part of a text
)

// heldText gives the paragraphs of an article that a page gives to its scripts
// only: in JSON, inside the object that is called by the page's title. What
// stands beside it, as messages of the page and other articles, is none.
func heldText(documents []string, title string) (best []string) {
	if text.CountWords(title) < 2 {
		return nil
	}
	most := 0
	for _, document := range documents {
		var v any
		if json.Unmarshal([]byte(document), &v) != nil {
			continue
		}
		h := holder{title: title, budget: propsBudget}
		h.seek(v, 0)
		if n := words(h.best); n > most {
			most, best = n, h.best
		}
	}
	return best
}

// holder seeks objects that are called by the title.
type holder struct {
	title  string
	budget int
	best   []string
	most   int
}

func (h *holder) seek(v any, depth int) {
	if h.budget--; h.budget < 0 || depth > propsDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			h.seek(x, depth+1)
		}
	case map[string]any:
		if h.called(v) {
			h.densest(v, depth)
			return
		}
		for _, key := range sortedKeys(v) {
			h.seek(v[key], depth+1)
		}
	}
}

// titleKeys are under which objects tell their titles.
var titleKeys = []string{"title", "headline", "name", "seoTitle", "heading"}

// called tells an object that has the title.
func (h *holder) called(object map[string]any) bool {
	return slices.ContainsFunc(titleKeys, func(key string) bool {
		s, ok := object[key].(string)
		return ok && len(s) <= 2*longestTitle && similar(feed.Visible(s), h.title)
	})
}

// densest keeps the list or the string below v that holds the longest text.
func (h *holder) densest(v any, depth int) {
	if h.budget--; h.budget < 0 || depth > propsDepth {
		return
	}
	switch v := v.(type) {
	case string:
		h.offer(paragraphsIn(v))
	case []any:
		var list []string
		for _, x := range v {
			list = append(list, h.parts(x, depth+1)...)
		}
		h.offer(list)
		for _, x := range v {
			if object, ok := x.(map[string]any); !ok || !isOther(object) {
				h.densest(x, depth+1)
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			h.densest(v[key], depth+1)
		}
	}
}

// parts are the texts of an element of a list, as editors keep paragraphs.
func (h *holder) parts(v any, depth int) (list []string) {
	if h.budget--; h.budget < 0 || depth > propsDepth {
		return nil
	}
	switch v := v.(type) {
	case string:
		return paragraphsIn(v)
	case []any:
		for _, x := range v {
			list = append(list, h.parts(x, depth+1)...)
		}
	case map[string]any:
		if isOther(v) {
			return nil
		}
		for _, key := range sortedKeys(v) {
			list = append(list, h.parts(v[key], depth+1)...)
		}
	}
	return list
}

func (h *holder) offer(list []string) {
	if n := words(list); n > h.most {
		h.most, h.best = n, list
	}
}

// isOther tells an object that is an article of its own: it has a title and an
// address.
func isOther(object map[string]any) bool {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { s, _ := object[key].(string); return s != "" })
	}
	return has("headline", "title") && has("url", "slug", "href", "path", "link")
}

// paragraphsIn are those of a string that is text or HTML; none of one that is
// neither.
func paragraphsIn(s string) []string {
	if len(s) > longestText || strings.Count(s, " ") < propsWords-1 && strings.IndexFunc(s, isWide) < 0 {
		return nil
	}
	var list []string
	for p := range strings.SplitSeq(feed.Visible(s), "\n\n") {
		if p = strings.TrimSpace(p); text.CountWords(p) >= propsWords {
			list = append(list, p)
		}
	}
	return list
}

// isWide tells a letter of a script that needs no spaces; those of signs, as quotes and
// dashes, are none.
func isWide(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
