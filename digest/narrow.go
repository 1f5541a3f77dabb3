package digest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tidings/digest/text"
)

// MostSources is the highest number that min: takes.
const MostSources = 99

// A narrowing is what a topic asks of a story besides words.
type narrowing struct {
	sites, notSites         []string // hosts, sorted
	languages, notLanguages []string // ISO 639-1, sorted
	sources                 int      // hosts that carry it, at least; 0 for any
}

// operator tells chunks that narrow a topic by outlet, language or number of sources.
func operator(chunk string) bool {
	name, _, ok := strings.Cut(strings.ToLower(chunk), ":")
	return ok && (name == "site" || name == "lang" || name == "min")
}

// readNarrowing takes the tokens that narrow out of a query; nil when there are none.
func readNarrowing(tokens []token) ([]token, *narrowing, error) {
	var n narrowing
	var words []token
	for _, t := range tokens {
		if t.kind != narrowToken {
			words = append(words, t)
			continue
		}
		if kind := n.take(t); kind != "" {
			return nil, nil, &TopicError{Kind: kind, Pos: t.pos, Word: clip(t.text)}
		}
	}
	if len(words) == len(tokens) {
		return tokens, nil, nil
	}
	for _, list := range []*[]string{&n.sites, &n.notSites, &n.languages, &n.notLanguages} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return words, &n, nil
}

// take reads one operator; what is wrong with it, or "".
func (n *narrowing) take(t token) TopicErrorKind {
	name, value, _ := strings.Cut(strings.ToLower(t.text), ":")
	switch name {
	case "site":
		host := hostOf(value)
		if host == "" {
			return TopicBadSite
		}
		put(host, t.exclude, &n.sites, &n.notSites)
	case "lang":
		code := text.LanguageCode(value)
		if code == "" {
			return TopicBadLanguage
		}
		put(code, t.exclude, &n.languages, &n.notLanguages)
	default:
		k, err := strconv.Atoi(value)
		if err != nil || k < 1 || k > MostSources || t.exclude {
			return TopicBadNumber
		}
		n.sources = max(n.sources, k)
	}
	return ""
}

// put adds a value to what is wanted, or excluded.
func put(value string, exclude bool, wanted, excluded *[]string) {
	if exclude {
		wanted = excluded
	}
	*wanted = append(*wanted, value)
}

// hostOf returns the host that an address or a host's name typed by a reader means, or "".
func hostOf(typed string) string {
	if _, after, ok := strings.Cut(typed, "://"); ok {
		typed = after
	}
	host, _, _ := strings.Cut(typed, "/")
	host, _, _ = strings.Cut(host, ":")
	host = strings.TrimPrefix(strings.Trim(host, "."), "www.")
	if !strings.Contains(host, ".") || strings.Contains(host, "..") || len(host) > 100 {
		return ""
	}
	for _, r := range host {
		if r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80 || r == 0xFFFD {
			return ""
		}
	}
	return host
}

// text returns n canonically.
func (n *narrowing) text() string {
	var parts []string
	add := func(prefix string, values []string) {
		for _, v := range values {
			parts = append(parts, prefix+v)
		}
	}
	add("lang:", n.languages)
	if n.sources > 0 {
		parts = append(parts, "min:"+strconv.Itoa(n.sources))
	}
	add("site:", n.sites)
	add("-lang:", n.notLanguages)
	add("-site:", n.notSites)
	return strings.Join(parts, " ")
}

// fits tells whether d is what n asks for. A document that nobody gave a host or a
// number of hosts has none and one.
func (n *narrowing) fits(d Document) bool {
	return n.wants(d.Host, d.Language) && cmp.Or(d.Hosts, 1) >= n.sources
}

// wants tells whether n asks for what a host tells in a language.
func (n *narrowing) wants(host, language string) bool {
	host = strings.TrimPrefix(host, "www.")
	under := func(site string) bool { return host == site || strings.HasSuffix(host, "."+site) }
	return (len(n.sites) == 0 || slices.ContainsFunc(n.sites, under)) && !slices.ContainsFunc(n.notSites, under) &&
		(len(n.languages) == 0 || slices.Contains(n.languages, language)) && !slices.Contains(n.notLanguages, language)
}

// Relead returns s led by the first of its Articles, and of more, that t asks for by outlet and
// language; as it is, and false, when there is none. Led by another it has no abstract: that is
// of all, in the language of the first.
func (t Topic) Relead(s Story, more ...Article) (Story, bool) {
	wants := func(a Article) bool { return t.narrow == nil || t.narrow.wants(a.Host, a.Language) }
	if wants(Article{Host: s.Host, Language: s.Language}) {
		return s, true
	}
	i := slices.IndexFunc(s.Articles, wants)
	if i >= 0 {
		lead := s.Articles[i]
		s.Abstract = Abstract{}
		s.Articles = append([]Article{lead}, slices.Delete(slices.Clone(s.Articles), i, i+1)...)
		return s.under(lead), true
	}
	if i = slices.IndexFunc(more, wants); i >= 0 {
		s.Abstract = Abstract{}
		s.Articles = append([]Article{more[i]}, s.Articles...)
		return s.under(more[i]), true
	}
	return s, false
}

// Languages returns the codes of the languages that t asks for, none for any.
func (t Topic) Languages() []string {
	if t.narrow == nil {
		return nil
	}
	return t.narrow.languages
}

// LanguageCode is the ISO 639-1 code of an IETF tag's language, "" of what is no tag.
func LanguageCode(tag string) string { return text.LanguageCode(tag) }

// Sources returns how many hosts must at least carry a story for t, 0 when any.
func (t Topic) Sources() int {
	if t.narrow == nil {
		return 0
	}
	return t.narrow.sources
}
