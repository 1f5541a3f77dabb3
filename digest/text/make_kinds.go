//go:build ignore

// This part of make_words.go finds the other names and the kinds of nouns.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tidings/digest/text"
)

// A meaning is a set of words of the dictionary with one sense.
type meaning struct {
	names  []string
	class  string   // what sort of thing it is, by the dictionary's number
	kinds  []string // offsets, as all below
	above  []string // what it is a kind of
	wholes []string // what it is a part of
	parts  []string // its parts, and what it consists of
	gloss  string
}

// A dictionary is the nouns of WordNet.
type dictionary struct {
	meanings map[string]meaning
	senses   map[string][]string // meanings of a name, the commonest first
	order    []string            // names
	tags     map[string]int      // how often a text had a meaning of a name; "v name" as a verb
}

// The sorts of things by which the dictionary divides its nouns.
const (
	animalClass = "05"
	thingClass  = "06"
	foodClass   = "13"
	plantClass  = "20"
	moneyClass  = "21"
	unitClass   = "23"
	stuffClass  = "27"
)

// concrete are those of things that are had, grown and traded, raw those that other things
// are made of, and mistaken those whose names often mean something else.
var (
	concrete = map[string]bool{animalClass: true, thingClass: true, foodClass: true, plantClass: true, moneyClass: true, stuffClass: true}
	raw      = map[string]bool{foodClass: true, plantClass: true, stuffClass: true}
	mistaken = map[string]bool{animalClass: true, plantClass: true, unitClass: true, stuffClass: true}
)

// A kind is a name of what is meant by a head.
type kind struct {
	name string
	like float64
	same bool
}

// A namer finds the names and kinds of one head.
type namer struct {
	dictionary
	place    map[string]int
	words    []string
	all      []vector
	vectorOf func(name string) (vector, bool)
	head     string
	own      string   // its key
	vectors  []vector // of the head, and of its other forms if it is a class of use
	found    map[string]kind
	company  []string        // words by which something unclear is known
	unclear  map[string]bool // names that mostly mean something else, the head's own among them
}

// ambiguous notes the head's name, and the parts of it that stand for it, if the news
// mostly use them as something else than at, and what company at keeps: of lead, copper
// and zinc; of a mark, dollar and yen.
func (n *namer) ambiguous(at string) {
	m := n.meanings[at]
	if len(n.company) > 0 || len(m.names) == 0 || !mistaken[m.class] {
		return
	}
	single := !strings.Contains(n.head, " ")
	if single && (m.class == unitClass || n.tags[at+" "+n.head] < fewestTags || n.tags["v "+n.head] < 2*n.tags[at+" "+n.head] || !n.means(n.head, at, 2)) || !single && m.class != unitClass {
		return
	}
	among := commonWords
	if m.class == unitClass {
		among = vocabulary
	}
	sisters := n.sisters(at, among)
	if len(sisters) < fewestSisters {
		return
	}
	middle := mean(sisters)
	n.unclear = map[string]bool{}
	for _, name := range m.names {
		v, ok := n.vectorOf(name)
		mine := single && name == n.head || !single && name != n.head && includes(n.own, text.Key(name))
		if !ok || !mine || dot(&v, &middle) >= clearFrom || n.told(&v, m) {
			continue
		}
		n.unclear[name] = true
		n.found[name] = kind{name, 1, true}
	}
	if len(n.unclear) == 0 {
		return
	}
	n.company = n.nearest(&middle)
}

// told tells whether a name is like what the dictionary says that m is a kind of.
func (n *namer) told(v *vector, m meaning) bool {
	for _, up := range m.above {
		for _, name := range n.meanings[up].names {
			for w := range strings.FieldsSeq(name) {
				if i, ok := n.place[w]; ok && dot(v, &n.all[i]) >= toldFrom {
					return true
				}
			}
		}
	}
	return false
}

// sisters returns the vectors of what is of the same kind as a meaning, as near as there
// are some.
func (n *namer) sisters(at string, among int) []vector {
	for range 2 {
		if len(n.meanings[at].above) == 0 {
			break
		}
		up := n.meanings[at].above[0]
		var all []vector
		var gather func(at string, depth int)
		gather = func(from string, depth int) {
			for _, k := range n.meanings[from].kinds {
				for _, name := range n.meanings[k].names {
					if n.known(name, among) && n.means(name, k, 2) && !includes(n.own, text.Key(name)) {
						all = append(all, n.all[n.place[name]])
					}
				}
				if depth > 0 {
					gather(k, depth-1)
				}
			}
		}
		gather(up, 1)
		if len(all) >= fewestSisters {
			return all
		}
		at = up
	}
	return nil
}

// nearest returns the words of the vocabulary that are the nearest to v.
func (n *namer) nearest(v *vector) []string {
	order := make([]int, commonWords)
	like := make([]float64, commonWords)
	for i := range order {
		order[i], like[i] = i, dot(v, &n.all[i])
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(like[b], like[a]), cmp.Compare(a, b)) })
	var words []string
	for _, i := range order {
		if w := n.words[i]; !includes(n.own, text.Key(w)) {
			if words = append(words, w); len(words) == companyOf {
				break
			}
		}
	}
	return words
}

// add takes a name, if it is like the head enough.
func (n *namer) add(name string, same bool, from float64) {
	k := text.Key(name)
	if k == n.own || len(name) < 3 || includes(k, n.own) {
		return
	}
	if like := n.like(name); like >= from {
		if old, ok := n.found[name]; !ok || same && !old.same {
			n.found[name] = kind{name, like, same}
		}
	}
}

// like tells how like the head a name is, the likest form of both; 0 when it is not known.
func (n *namer) like(name string) float64 {
	best := 0.0
	for i, form := range []string{name, name + "s"} {
		x, ok := n.vectorOf(form)
		if !ok || i > 0 && (len(n.vectors) == 1 || !n.known(form, rareWords)) || strings.Contains(name, " ") && rarest(name, n.place) >= vocabulary {
			continue
		}
		for _, v := range n.vectors {
			best = max(best, dot(&v, &x))
		}
	}
	return best
}

// widen compares other forms of the head, too: the names of classes are often rare, and
// little is known of rare words.
func (n *namer) widen() {
	if len(n.vectors) > 1 {
		return
	}
	n.vectors = append(n.vectors, n.vectors[0])
	if v, ok := n.vectorOf(n.head + "s"); ok && n.known(n.head+"s", rareWords) {
		n.vectors = append(n.vectors, v)
	}
}

// known tells whether a word is among the commonest.
func (n *namer) known(word string, among int) bool {
	i, ok := n.place[word]
	return ok && i < among
}

// means tells whether a name means at mostly, or often.
func (n *namer) means(name, at string, within int) bool {
	all := n.senses[name]
	return slices.Contains(all[:min(len(all), within)], at)
}

// gather adds the kinds of a meaning.
func (n *namer) gather(at string, depth int) {
	for _, k := range n.meanings[at].kinds {
		for _, name := range n.meanings[k].names {
			if n.means(name, k, namesWithin) {
				n.add(name, false, kindFrom)
			}
		}
		if depth < kindsDeep {
			n.gather(k, depth+1)
		}
	}
}

// nephews adds what a class of use has for kinds though the dictionary, which divides by
// descent, puts them elsewhere under what the class is of: animals kept for use are cattle,
// seeds that yield oil are soybeans.
func (n *namer) nephews(at string) {
	m := n.meanings[at]
	n.widen()
	of := useful.FindStringSubmatch(m.gloss)[1]
	for _, name := range []string{of, strings.TrimSuffix(of, "s")} {
		if all := n.senses[name]; len(all) > 0 {
			n.descend(all[0], 0, m)
			return
		}
	}
}

func (n *namer) descend(at string, depth int, class meaning) {
	for _, k := range n.meanings[at].kinds {
		for _, name := range n.meanings[k].names {
			if depth == 0 || strings.Contains(name, " ") || strings.Contains(class.gloss, name) || !n.means(name, k, 2) {
				continue
			}
			before := len(n.found)
			n.add(name, false, nephewFrom)
			if len(n.found) > before {
				n.products(k)
			}
		}
		if depth < nephewsDeep {
			n.descend(k, depth+1, class)
		}
	}
}

// products adds the meat of an animal.
func (n *namer) products(at string) {
	if n.meanings[at].class != animalClass {
		return
	}
	for _, p := range n.meanings[at].parts {
		if n.meanings[p].class != foodClass {
			continue
		}
		for _, name := range n.meanings[p].names {
			if n.means(name, p, 2) {
				n.add(name, false, kindFrom)
			}
		}
	}
}

// useful finds glosses of classes of things by their use, not by their descent, and what
// they are classes of: the dictionary says of livestock "any animals kept for use".
var useful = regexp.MustCompile(`^any (?:of (?:several|various|numerous|many) )?(\w+) (?:for|that|used|kept|obtained|grown|raised)\b`)

// under tells whether a meaning is a kind of what a name says.
func (n *namer) under(at, name string) bool {
	m := n.meanings[at]
	return slices.Contains(m.names, name) || slices.ContainsFunc(m.above, func(up string) bool { return n.under(up, name) })
}

// plants adds the plant whose part a name says: sunflower seed is news of sunflowers.
func (n *namer) plants(at string) {
	first, _, several := strings.Cut(n.head, " ")
	if !several || n.meanings[at].class != foodClass && !n.under(at, "seed") {
		return
	}
	for _, whole := range n.meanings[at].wholes {
		if n.meanings[whole].class != plantClass {
			continue
		}
		up := append([]string{whole}, n.meanings[whole].above...)
		for _, w := range up {
			if slices.Contains(n.meanings[w].names, first) && n.means(first, w, 1) {
				n.found["+"+first] = kind{"+" + first, 1, false}
			}
		}
	}
}

// kinds returns lines of a noun's key (see text.Key), a tab, and its other names (with =)
// and kinds, the likeliest first, with commas between.
func kinds(files map[string][]byte, all []string, vectors []vector) string {
	place := make(map[string]int, len(all))
	for i, w := range all {
		place[w] = i
	}
	d := readDictionary(files)
	vectorOf := func(name string) (vector, bool) {
		var all []vector
		for w := range strings.FieldsSeq(name) {
			i, ok := place[w]
			if !ok {
				return vector{}, false
			}
			all = append(all, vectors[i])
		}
		return mean(all), len(all) > 0
	}
	// Of heads with the same stems the commonest counts: computer, not computation.
	slices.SortStableFunc(d.order, func(a, b string) int { return cmp.Compare(rarest(a, place), rarest(b, place)) })
	lines := map[string]string{}
	for _, head := range d.order {
		n := namer{dictionary: d, place: place, words: all, all: vectors, vectorOf: vectorOf, head: head, own: text.Key(head), found: map[string]kind{}}
		v, ok := vectorOf(head)
		if !ok {
			continue
		}
		n.vectors = []vector{v}
		for _, at := range d.senses[head][:min(len(d.senses[head]), sensesOf)] {
			m := d.meanings[at]
			for _, name := range m.names {
				if n.means(name, at, namesWithin) || m.class == unitClass && includes(n.own, text.Key(name)) {
					n.add(name, true, kindFrom)
				}
			}
			if useful.MatchString(m.gloss) && concrete[m.class] {
				n.nephews(at)
			}
			n.gather(at, 1)
			n.plants(at)
			n.ambiguous(at)
		}
		if joined := strings.ReplaceAll(head, " ", ""); joined != head {
			if n.known(joined, vocabulary) {
				n.found[joined] = kind{joined, 1, true}
			}
		}
		list := n.list()
		if _, taken := lines[n.own]; !taken && list != "" {
			lines[n.own] = list
		} else if _, taken := lines[head]; lines[n.own] != "" && !taken {
			lines[head] = list
		}
	}
	d.pairs(lines, vectorOf)
	var out strings.Builder
	for _, k := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&out, "%s\t%s\n", k, lines[k])
	}
	return out.String()
}

// rarest returns the place of the rarest word of a name, behind all if one is not known.
func rarest(name string, place map[string]int) int {
	last := 0
	for w := range strings.FieldsSeq(name) {
		i, ok := place[w]
		if !ok {
			return len(place)
		}
		last = max(last, i)
	}
	return last
}

// list writes down what was found.
func (n *namer) list() string {
	kept := slices.SortedFunc(maps.Values(n.found), func(a, b kind) int {
		return cmp.Or(cmp.Compare(b.like, a.like), cmp.Compare(a.name, b.name))
	})
	var list []string
	for _, w := range n.company {
		list = append(list, "?"+w)
	}
	for _, k := range kept[:min(len(kept), kindsOf)] {
		if n.unclear[k.name] {
			list = append(list, "!"+k.name)
		} else if k.same {
			list = append(list, "="+k.name)
		} else {
			list = append(list, k.name)
		}
	}
	return strings.Join(list, ",")
}

// pairs adds what two names mean side by side, when one is made of the other and no
// compound is: iron steel is news of iron and of steel.
func (d dictionary) pairs(lines map[string]string, vectorOf func(string) (vector, bool)) {
	for _, name := range d.order {
		v, ok := vectorOf(name)
		if !ok || strings.Contains(name, " ") {
			continue
		}
		for _, at := range d.senses[name][:1] {
			for _, part := range append(d.meanings[at].parts, d.meanings[at].wholes...) {
				for _, other := range d.meanings[part].names {
					x, ok := vectorOf(other)
					key := text.Key(name + " " + other)
					if !ok || strings.Contains(other, " ") || lines[key] != "" || !raw[d.meanings[part].class] || !raw[d.meanings[at].class] || dot(&v, &x) < pairFrom || d.senses[other][0] != part {
						continue
					}
					both := []string{name, other}
					slices.Sort(both)
					lines[key] = strings.Join(both, ",")
				}
			}
		}
	}
}

// includes tells whether all words of b are among those of a.
func includes(a, b string) bool {
	have := strings.Fields(a)
	for w := range strings.FieldsSeq(b) {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

func readDictionary(files map[string][]byte) dictionary {
	d := dictionary{meanings: map[string]meaning{}, senses: map[string][]string{}, tags: map[string]int{}}
	for line := range strings.Lines(string(files["package/dict/index.sense"])) {
		f := strings.Fields(line)
		name, kind, _ := strings.Cut(f[0], "%")
		count, _ := strconv.Atoi(f[3])
		if name = strings.ReplaceAll(name, "_", " "); kind[0] == '2' {
			d.tags["v "+name] += count
		} else if kind[0] == '1' {
			d.tags[f[1]+" "+name] += count
		}
	}
	s := bufio.NewScanner(bytes.NewReader(files["package/dict/data.noun"]))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line, gloss, _ := strings.Cut(s.Text(), " | ")
		if f := strings.Fields(line); line[0] != ' ' && len(f) >= 6 {
			d.meanings[f[0]] = readMeaning(f, gloss)
		}
	}
	s = bufio.NewScanner(bytes.NewReader(files["package/dict/index.noun"]))
	for s.Scan() {
		f := strings.Fields(s.Text())
		if s.Text()[0] == ' ' || len(f) < 6 {
			continue
		}
		n, _ := strconv.Atoi(f[2])
		name := strings.ReplaceAll(f[0], "_", " ")
		d.order = append(d.order, name)
		d.senses[name] = f[len(f)-n:]
	}
	return d
}

func readMeaning(f []string, gloss string) meaning {
	m := meaning{class: f[1], gloss: gloss}
	n, _ := strconv.ParseInt(f[3], 16, 32)
	for i := range int(n) {
		if name := f[4+2*i]; strings.ToLower(name) == name {
			m.names = append(m.names, strings.ReplaceAll(name, "_", " "))
		}
	}
	at := 4 + 2*int(n)
	pointers, _ := strconv.Atoi(f[at])
	for i := range pointers {
		p := f[at+1+4*i : at+5+4*i]
		if p[2] != "n" {
			continue
		}
		switch p[0] {
		case "~":
			m.kinds = append(m.kinds, p[1])
		case "@":
			m.above = append(m.above, p[1])
		case "#p":
			m.wholes = append(m.wholes, p[1])
		case "%p", "%s":
			m.parts = append(m.parts, p[1])
		}
	}
	return m
}
