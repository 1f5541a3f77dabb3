package page

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	distiller "github.com/markusmobius/go-domdistiller"
	"golang.org/x/net/html"

	"tidings/digest/text"
)

// Several engines look for the main part of a page, each in its own way, and
// each fails on pages of its own. Readability finds the densest part; it finds
// it more surely on a page that was pruned, unless the names there mislead and
// the text went with them. Domdistiller and the plain way judge every block for
// itself: they keep a block that readability lost between two that it has.
const (
	// wholeWords: readability is believed on the whole page when it finds half as
	// much again there, and so many words more.
	wholeWords = 30
	// What another engine found is taken in when it is a sentence of so many words
	// at least, and no farther from the text than so many paragraphs.
	filledWords  = 8
	filledBefore = 2
	filledBehind = 3
)

// Only readability is asked about pages beyond these limits: the time that
// domdistiller takes grows with the square of a page.
const (
	mostCompared  = 10_000 // elements of a page
	mostDistilled = 3_000  // and of one that was pruned
	mostWeighed   = 40_000 // words of a page
)

// mostWeight is how much of a page readability is given: it reads the text of an element
// again for each that stands around it, several times over, and some 20 MB of that take it a
// tenth of a second. A page of news weighs one or two, a book on one page ten; 1.5 MB of text
// in 140 elements would be 200. There the plain count of paragraphs serves.
const mostWeight = 24 << 20

// weightOf is the bytes of all text below n, each as often as elements stand around it, and
// the same of the elements' own.
func weightOf(n *html.Node) int {
	const element = 32
	weight, depth := 0, 0
	for d := n.FirstChild; d != nil; {
		if d.Type == html.TextNode {
			weight += depth * len(d.Data)
		} else {
			weight += depth * element
		}
		if d.FirstChild != nil {
			d = d.FirstChild
			depth++
			continue
		}
		for d != n && d.NextSibling == nil {
			d = d.Parent
			depth--
		}
		if d == n {
			break
		}
		d = d.NextSibling
	}
	return weight
}

// chosen are the paragraphs that the engines agree upon, and how in words.
type chosen struct {
	paragraphs []string
	how        string
	places     map[uint64]int // the first paragraph of each shingle; nil until they are asked for
}

// choose finds the main part by readability, and puts in what others found
// beside it. It changes doc, which comes pruned; whole is the page before that, nil
// when the page is too large for more than one engine.
func choose(doc, whole *html.Node, plain []string, u *url.URL, page pageWords, article bool) chosen {
	if weightOf(doc) > mostWeight {
		return chosen{paragraphs: plain, how: "the plain count of paragraphs: the page is nested too deeply for so much text"}
	}
	var pruned *html.Node
	if whole != nil && (!page.teasers() || article) && elements(doc) <= mostDistilled { // teasers are sentences beside the text, too
		pruned = clone(doc)
	}
	c := chosen{paragraphs: readable(doc, u), how: "readability"}
	few := words(c.paragraphs)
	if whole != nil && 3*few < 2*(page.all-page.linked) {
		if all := readable(whole, u); 2*words(all) > 3*few && words(all) >= few+wholeWords {
			c.paragraphs = all
			c.how = fmt.Sprintf("readability on the whole page: without what is named like the parts around an article it found %d words only", few)
		}
	}
	if pruned == nil {
		return c
	}
	if c.lacks(render(pruned)) {
		distilled := distil(pruned, u)
		if distilled == nil {
			return c
		}
		c.fill(distilled, "domdistiller", 0)
	}
	c.fill(plain, "the plain count of paragraphs", filledBehind)
	return c
}

// words counts those of paragraphs.
func words(paragraphs []string) (n int) {
	for _, p := range paragraphs {
		n += text.CountWords(p)
	}
	return n
}

// elements counts them below n.
func elements(n *html.Node) (count int) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			count++
		}
	}
	return count
}

// teasers tells a page most of whose words lead elsewhere.
func (w pageWords) teasers() bool { return w.links >= 20 && 2*w.linked > w.all }

// readable gives the paragraphs of what readability takes for the main part. It
// changes doc.
func readable(doc *html.Node, address *url.URL) []string {
	p := readability.NewParser()
	p.KeepClasses = true
	p.DisableJSONLD = true
	article, err := p.ParseAndMutate(doc, address)
	if err != nil || article.Node == nil {
		return nil
	}
	trim(article.Node)
	return render(article.Node)
}

// distil gives the paragraphs of what domdistiller takes for the main part. It
// changes doc. An engine that gives up takes nothing from the others.
func distil(doc *html.Node, address *url.URL) (paragraphs []string) {
	defer func() {
		if recover() != nil {
			paragraphs = nil
		}
	}()
	found, err := distiller.Apply(doc, &distiller.Options{OriginalURL: address, SkipPagination: true})
	if err != nil || found.Node == nil {
		return nil
	}
	trim(found.Node)
	return render(found.Node)
}

// lacks tells whether among the paragraphs of a whole page there is one that fill
// could put in: domdistiller takes long, and finds no other.
func (c *chosen) lacks(page []string) bool {
	at, first, last := c.find(page)
	if first < 0 {
		return true
	}
	for i := max(0, first-filledBefore); i <= last; i++ {
		if at[i] < 0 && fills(page[i]) {
			return true
		}
	}
	return false
}

// find gives the place of each of other paragraphs in c, -1 when it is not there,
// and which are the first and the last that are.
func (c *chosen) find(others []string) (at []int, first, last int) {
	if c.places == nil {
		c.places = map[uint64]int{}
		for i, p := range c.paragraphs {
			for s := range shingles(p) {
				if _, known := c.places[s]; !known {
					c.places[s] = i
				}
			}
		}
	}
	at, first, last = make([]int, len(others)), -1, -1
	for i, p := range others {
		if at[i] = placeOf(p, c.places); at[i] >= 0 {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return at, first, last
}

// fills tells a paragraph that is worth to be put in.
func fills(p string) bool { return text.CountWords(p) >= filledWords && endsSentence(p) }

// fill puts the sentences of another engine's paragraphs that c has not into
// their places: between two that both have, up to filledBefore before the first,
// and up to behind after the last.
func (c *chosen) fill(others []string, engine string, behind int) {
	at, first, last := c.find(others)
	if first < 0 {
		return
	}
	added := map[int][]string{} // by the place before which it goes
	n := 0
	for i, next := max(0, first-filledBefore), at[first]; i < min(len(others), last+1+behind); i++ {
		if at[i] >= 0 {
			next = at[i] + 1
			continue
		}
		if fills(others[i]) {
			added[next] = append(added[next], others[i])
			n++
		}
	}
	if n == 0 {
		return
	}
	var all []string
	for i := range len(c.paragraphs) + 1 {
		all = append(all, added[i]...)
		if i < len(c.paragraphs) {
			all = append(all, c.paragraphs[i])
		}
	}
	c.paragraphs, c.places = all, nil
	c.how += fmt.Sprintf("; %s that only %s found", counted(n, "paragraph"), engine)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// endsSentence tells a paragraph that ends as sentences do, or leads to a list.
func endsSentence(p string) bool {
	p = strings.TrimSpace(p)
	return endsWhole(p) || strings.HasSuffix(p, ":") || strings.HasSuffix(p, "…")
}

// placeOf is where most of a paragraph stands; -1 when less than half of it does.
func placeOf(p string, places map[uint64]int) int {
	var room [128]int
	found, all := room[:0], 0
	for s := range shingles(p) {
		all++
		if at, ok := places[s]; ok {
			found = append(found, at)
		}
	}
	if len(found) == 0 || 2*len(found) < all {
		return -1
	}
	slices.Sort(found)
	return found[len(found)/2]
}

// FNV-1a.
const (
	hashOffset = 14695981039346656037
	hashPrime  = 1099511628211
)

// shingles are the runs of three words of a paragraph, hashed; of a shorter one
// all its words. A sign of a script without spaces is a word.
func shingles(p string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		var before, last uint64 // two words
		n := 0
		for hash := range hashedWords(p) {
			if n++; n >= 3 && !yield((before*hashPrime^last)*hashPrime^hash) {
				return
			}
			before, last = last, hash
		}
		switch all := uint64(hashOffset); n {
		case 1:
			yield(all*hashPrime ^ last)
		case 2:
			yield((all*hashPrime^before)*hashPrime ^ last)
		}
	}
}

// hashedWords are the words of a paragraph.
func hashedWords(p string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		hash, within := uint64(hashOffset), false
		more := true
		end := func() {
			if within {
				more = yield(hash)
			}
			hash, within = hashOffset, false
		}
		for _, r := range p {
			switch {
			case !more:
				return
			case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
				hash, within = (hash^uint64(r))*hashPrime, true
			case 'A' <= r && r <= 'Z':
				hash, within = (hash^uint64(r|0x20))*hashPrime, true
			case r < utf8.RuneSelf || !unicode.In(r, unicode.L, unicode.N, unicode.M):
				end()
			case isWide(r):
				end()
				if hash, within = (hash^uint64(unicode.ToLower(r)))*hashPrime, true; more {
					end()
				}
			default:
				hash, within = (hash^uint64(unicode.ToLower(r)))*hashPrime, true
			}
		}
		if more {
			end()
		}
	}
}
