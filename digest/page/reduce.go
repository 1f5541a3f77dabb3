package page

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"tidings/digest/feed"
)

// The limits of a page. Ordinary pages need about a tenth of each.
const (
	maxElements  = 30_000
	maxMarkup    = 3 << 19   // bytes, without scripts and styles
	maxDepth     = 150       // elements open at once
	maxAttribute = 2 << 10   // bytes of a value
	maxData      = 512 << 10 // bytes of linked data
	maxNoscript  = 300
	maxLearned   = 64 << 10 // bytes of one script that are looked at
)

// decode gives the page in UTF-8. A byte order mark decides, then the header,
// then the page's own declaration. Bytes outweigh names: what is valid UTF-8
// beyond ASCII is UTF-8, and what claims to be but mostly is not, or says nothing, is
// what its bytes look like.
func decode(body []byte, contentType string) ([]byte, error) {
	media, _, _ := mime.ParseMediaType(contentType)
	if media != "" && !strings.Contains(media, "html") && !strings.HasPrefix(media, "text/plain") && !strings.HasSuffix(media, "octet-stream") {
		return nil, fmt.Errorf("%w: it comes as %.60q", ErrNotPage, media)
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrNotPage)
	}
	encoding, name, certain := charset.DetermineEncoding(body[:min(len(body), 1024)], contentType)
	switch {
	case !bytes.HasPrefix(body, []byte("\xFE\xFF")) && !bytes.HasPrefix(body, []byte("\xFF\xFE")) && utf8.Valid(body):
		name = "utf-8"
	case name == "utf-8" && strays(body) || name == "windows-1252" && !certain:
		encoding, name = feed.GuessEncoding(body), "what its bytes look like"
	}
	out := body
	if name != "utf-8" {
		var err error
		if out, err = encoding.NewDecoder().Bytes(body); err != nil {
			return nil, fmt.Errorf("%w: its character set %s cannot be read", ErrNotPage, name)
		}
	}
	out = bytes.TrimPrefix(bytes.ToValidUTF8(out, []byte("\uFFFD")), []byte("\uFEFF"))
	if sniffed := http.DetectContentType(out); !strings.HasPrefix(sniffed, "text/") {
		return nil, fmt.Errorf("%w: its bytes are %s", ErrNotPage, sniffed)
	}
	if head := bytes.ToLower(bytes.TrimSpace(out[:min(len(out), 512)])); bytes.HasPrefix(head, []byte("<?xml")) && !bytes.Contains(head, []byte("<html")) && !bytes.Contains(head, []byte("<!doctype html")) {
		return nil, fmt.Errorf("%w: it is XML", ErrNotPage)
	}
	return out, nil
}

// strays tells whether most of what is beyond ASCII is not UTF-8.
func strays(body []byte) bool {
	whole, stray := 0, 0
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRune(body[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			stray++
		case n > 1:
			whole++
		}
		i += n
	}
	return stray > whole
}

// A reduced page is the page without what nobody reads, and what was learned
// while leaving it out.
type reduced struct {
	markup   []byte
	data     []string // linked data (JSON-LD), as written
	props    []string // what scripts are given as JSON, as written
	scripts  int      // bytes of scripts
	noscript string   // what is said to who runs none
	author   string   // as a script calls it
	dated    string   // likewise when it was published
	cut      bool     // the page goes on behind a limit
}

// dropped elements are left out with their content; script and noscript are
// looked at first.
var dropped = map[string]bool{
	"script": true, "noscript": true, "style": true, "template": true, "iframe": true, "svg": true, "annotation": true, "annotation-xml": true, "object": true,
	"canvas": true, "audio": true, "video": true, "select": true, "textarea": true, "noframes": true, "noembed": true, "map": true,
	"dialog": true, "button": true, "datalist": true,
}

// raw elements hold text, not elements, so their own end tag ends them.
var raw = map[string]bool{"script": true, "style": true, "iframe": true, "noembed": true, "noframes": true, "textarea": true, "noscript": true}

// void elements have no content.
var void = map[string]bool{
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "param": true, "source": true, "track": true, "wbr": true,
}

// keptAttributes are those that somebody behind reads.
var keptAttributes = map[string]bool{
	"id": true, "class": true, "href": true, "src": true, "content": true, "name": true, "property": true, "rel": true,
	"itemprop": true, "role": true, "datetime": true, "lang": true, "http-equiv": true, "itemtype": true, "itemscope": true,
}

// reduce walks over the tokens once, in linear time and without a tree: scripts,
// styles, comments, hidden elements and attributes of no use are left out, and
// limits hold before anything recurses over the page.
func reduce(source []byte) (reduced, error) {
	var (
		r        reduced
		out      bytes.Buffer
		elements int
		open     []string
		formula  bool // stands in the block that is open
	)
	out.Grow(min(len(source), maxMarkup))
	z := html.NewTokenizer(bytes.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if elements >= maxElements || out.Len() >= maxMarkup {
			r.cut = true
			break
		}
		switch kind {
		case html.TextToken:
			text := z.Raw()
			out.Write(text[:min(len(text), maxMarkup-out.Len())])
		case html.StartTagToken, html.SelfClosingTagToken:
			elements++
			name, attributes, hidden := startTag(z)
			switch {
			case name == "math":
				formula = true
			case name == "p" || name == "div":
				formula = false
			case name == "span" && formula: // the formula once more, for eyes only
				hidden = hidden || hiddenFromEars(attributes)
			}
			if dropped[name] || hidden && !void[name] && !implied[name] && name != "body" && name != "html" {
				if kind == html.SelfClosingTagToken && name != "script" {
					continue
				}
				elements += r.skip(z, name, attributes)
				if name != "span" && name != "annotation" { // which stand within words
					out.WriteByte(' ')
				}
				continue
			}
			if hidden && implied[name] {
				attributes = append(attributes, attribute{"hidden", ""}) // where it ends shows only in the tree
			}
			writeTag(&out, name, attributes)
			if !void[name] {
				if open = append(open, name); len(open) > maxDepth {
					open = closeImplied(open)
				}
				if len(open) > maxDepth {
					return r, fmt.Errorf("%w: more than %d elements are nested", ErrTooComplex, maxDepth)
				}
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if n := string(name); isName(n) {
				out.WriteString("</" + n + ">")
				if at := lastIndex(open, n); at >= 0 {
					open = open[:at]
				}
			}
		}
	}
	if elements == 0 {
		return r, fmt.Errorf("%w: it is plain text", ErrNotPage)
	}
	r.markup = out.Bytes()
	return r, nil
}

// lastIndex is where the open element of that name is, if it is near the top:
// an end tag that is far from its start closes nothing anyone counts on.
func lastIndex(open []string, name string) int {
	for i := len(open) - 1; i >= 0 && i >= len(open)-maxDepth; i-- {
		if open[i] == name {
			return i
		}
	}
	return -1
}

// implied elements need no end tag; many of them open at once are not nested.
var implied = map[string]bool{
	"p": true, "li": true, "dt": true, "dd": true, "tr": true, "td": true, "th": true, "tbody": true, "thead": true, "option": true,
}

func closeImplied(open []string) []string {
	return slices.DeleteFunc(open, func(n string) bool { return implied[n] })
}

type attribute struct{ name, value string }

// startTag reads the current tag: its attributes that matter, and whether it
// hides its content.
func startTag(z *html.Tokenizer) (name string, kept []attribute, hidden bool) {
	n, more := z.TagName()
	name = string(n)
	for seen := 0; more && seen < 200; seen++ {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch k := string(key); {
		case k == "hidden":
			hidden = true
		case k == "aria-hidden" && string(value) == "true":
			if name == "span" {
				kept = append(kept, attribute{k, "true"})
			}
			hidden = hidden || name != "a" && name != "span" && name != "img"
		case k == "style":
			hidden = hidden || hiding(value)
		case (keptAttributes[k] || k == "type" && name == "script") && len(kept) < 20:
			v := strings.ToValidUTF8(string(value[:min(len(value), maxAttribute)]), "")
			kept = append(kept, attribute{k, v})
		}
	}
	return name, kept, hidden
}

// hiddenFromEars tells an element that no screen reader reads.
func hiddenFromEars(attributes []attribute) bool {
	return slices.ContainsFunc(attributes, func(a attribute) bool { return a.name == "aria-hidden" })
}

func hiding(style []byte) bool {
	s := strings.ReplaceAll(strings.ToLower(string(style[:min(len(style), 1024)])), " ", "")
	return strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden")
}

// writeTag writes a start tag anew.
func writeTag(out *bytes.Buffer, name string, attributes []attribute) {
	if !isName(name) {
		return
	}
	out.WriteByte('<')
	out.WriteString(name)
	for _, a := range attributes {
		out.WriteByte(' ')
		out.WriteString(a.name)
		out.WriteString(`="`)
		out.WriteString(html.EscapeString(a.value))
		out.WriteByte('"')
	}
	out.WriteByte('>')
}

// isName tells a name that can be written as a tag again.
func isName(n string) bool {
	if n == "" || len(n) > 64 || n[0] < 'a' || n[0] > 'z' {
		return false
	}
	return strings.IndexFunc(n, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != ':' && r != '_'
	}) < 0
}

// skip passes over an element and counts the elements in it. Of scripts it
// keeps linked data, of noscript the beginning.
func (r *reduced) skip(z *html.Tokenizer, name string, attributes []attribute) (elements int) {
	media := ""
	if i := slices.IndexFunc(attributes, func(a attribute) bool { return a.name == "type" }); i >= 0 && name == "script" {
		media = strings.ToLower(attributes[i].value)
	}
	data, props := strings.Contains(media, "ld+json"), strings.Contains(media, "application/json")
	for depth := 1; depth > 0; {
		switch z.Next() {
		case html.ErrorToken:
			return elements
		case html.TextToken:
			switch text := z.Raw(); {
			case data && len(text) <= maxData && len(r.data) < 20:
				r.data = append(r.data, string(text))
				r.learn(text)
			case name == "script":
				if props && len(text) >= shortestProps && len(text) <= maxData && len(r.props) < mostProps {
					r.props = append(r.props, string(text))
				}
				r.scripts += len(text)
				r.learn(text)
			case name == "noscript" && len(r.noscript) < maxNoscript:
				r.noscript += string(text[:min(len(text), maxNoscript)])
			}
		case html.StartTagToken:
			elements++
			if n, _ := z.TagName(); string(n) == name && !raw[name] {
				depth++
			}
		case html.EndTagToken:
			if n, _ := z.TagName(); string(n) == name {
				depth--
			}
		}
	}
	return elements
}

// scriptFacts are what scripts that count visitors are told about an article.
var scriptFacts = regexp.MustCompile(`(?i)^(?:(author|authors|postedby|autor|bu_author|page_?author)|(date_?published|publish_?date|published_?(?:at|date|time)|pub_?date|publication_?date|dateposted|first_?published(?:_?date)?|ver(?:ö|\\u00f6)ffentlichungsdatum))["']?\s*[:=,]\s*["']([^"'\n]{4,60})["']`)

// factBegins are the first four letters of the names in scriptFacts.
var factBegins = wordSet("auth post auto bu_a page date publ pub_ pubd firs verö ver\\")

// longestFact is more than a name in a script and its value.
const longestFact = 160

// learn keeps the first author and date that a script names. Names are sought
// where a word begins, because the expression is slow on a whole script.
func (r *reduced) learn(script []byte) {
	script = script[:min(len(script), maxLearned)]
	for i, tried := 1, 0; i+5 < len(script) && tried < mostFacts && (r.author == "" || r.dated == ""); i++ {
		if !strings.ContainsRune("\"'{, \t\r\n", rune(script[i-1])) {
			continue
		}
		begin := [5]byte(script[i : i+5])
		for k, c := range begin {
			if 'A' <= c && c <= 'Z' {
				begin[k] = c + 'a' - 'A'
			}
		}
		if !factBegins[string(begin[:4])] && !factBegins[string(begin[:5])] {
			continue
		}
		tried++
		m := scriptFacts.FindSubmatch(script[i:min(len(script), i+longestFact)])
		switch {
		case m == nil:
		case len(m[1]) > 0 && r.author == "":
			r.author = string(m[3])
		case len(m[2]) > 0 && r.dated == "":
			r.dated = string(m[3])
		}
	}
}

// mostFacts are looked at in one script.
const mostFacts = 500

// parse builds the tree.
func parse(markup []byte) (*html.Node, error) {
	doc, err := html.ParseWithOptions(bytes.NewReader(markup), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be parsed", ErrTooComplex)
	}
	removeWhere(doc, func(n *html.Node) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" })
	})
	return doc, nil
}
