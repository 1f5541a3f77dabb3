package digest

import (
	"cmp"
	"slices"

	"tidings/digest/text"
)

// What an occurrence is worth. A headline says what a story is about, its first
// sentences nearly as much; categories are often the publisher's whole list.
const (
	titleWeight    = 3.0
	leadWeight     = 1.5
	bodyWeight     = 0.6
	categoryWeight = 0.4
	stemShare      = 0.85 // of an occurrence in another form than the reader's
	measureShare   = 0.1  // of an occurrence after a number: two billion dollars
	mostInPassing  = 0.14 // for all that is not a topic's name, see Broadened
	baseSaturation = 1.5  // the weight of rare words that scores one half
	commonness     = 1.5  // how much more of the commonest it takes
)

// A search is one document being matched.
type search struct {
	*reading
	hits    []hit    // sorted by word, then form
	present []uint64 // a bit for every word of topics: there is a hit
	woken   []uint32
	spans   []span
	ends    []int // of spans, by group
}

// A hit is a form of the document that is a word of a topic.
type hit struct {
	word  uint32
	form  int32
	typed bool // as the reader typed it, not by its stem
	half  bool // the word is the first character of a pair
}

// compareHits orders by word, then form, then the better kind of hit.
func compareHits(a, b hit) int {
	if c := cmp.Or(cmp.Compare(a.word, b.word), cmp.Compare(a.form, b.form)); c != 0 || a.typed == b.typed {
		return c
	}
	if a.typed {
		return -1
	}
	return 1
}

// encode returns t as numbers, and holds its words:
//
//	groups | also<<8 | excluded<<16 | about<<31
//	per group: terms, subjects (two numbers, if about)
//	per term: atoms | exact<<8 | not<<16     also: share, term     excluded: term
//	per atom: word, offset | written<<16 | rarity<<20     per not: word
func (m *Matcher) encode(t Topic, unknown wordForms) []uint32 {
	code := []uint32{uint32(len(t.groups)) | uint32(len(t.also))<<8 | uint32(len(t.exclude))<<16}
	if t.about != nil {
		code[0] |= 1 << 31
	}
	encodeTerm := func(t term) {
		head := uint32(len(t.atoms)) | uint32(len(t.not))<<16
		if t.exact {
			head |= 1 << 8
		}
		code = append(code, head)
		for _, a := range t.atoms {
			rarity := uint32(rarest * text.Rarity(a.word))
			code = append(code, m.hold(a.word, a.single, unknown), uint32(a.offset)|uint32(a.written)<<16|rarity<<20)
		}
		for _, not := range t.not {
			code = append(code, m.hold(not, false, unknown))
		}
	}
	for i, g := range t.groups {
		code = append(code, uint32(len(g)))
		if t.about != nil {
			code = append(code, uint32(t.about[i]), uint32(t.about[i]>>32))
		}
		for _, alternative := range g {
			encodeTerm(alternative)
		}
	}
	for _, x := range t.also {
		code = append(code, uint32(x.share*100))
		encodeTerm(x.term)
	}
	for _, x := range t.exclude {
		encodeTerm(x)
	}
	return code
}

// rarest is the code of a rarity of one.
const rarest = 15

// A codeHead is what stands at the beginning of an encoded topic.
type codeHead struct {
	groups, also, excluded int
	about                  bool
}

func (c *cursor) head() codeHead {
	n := c.next()
	return codeHead{groups: int(n & 0xFF), also: int(n >> 8 & 0xFF), excluded: int(n >> 16 & 0xFF), about: n>>31 == 1}
}

// group reads a group's number of terms and its subjects.
func (c *cursor) group(h codeHead) (terms int, about subjects) {
	terms = int(c.next())
	if h.about {
		low, high := c.next(), c.next()
		about = subjects(low) | subjects(high)<<32
	}
	return terms, about
}

// wordsOf calls yield with every word of an encoded topic, as often as it stands there.
func wordsOf(code []uint32, yield func(uint32)) {
	c := cursor(code)
	h := c.head()
	for range h.groups {
		n, _ := c.group(h)
		for range n {
			c.term().each(yield)
		}
	}
	for range h.also {
		c.next()
		c.term().each(yield)
	}
	for range h.excluded {
		c.term().each(yield)
	}
}

// eachWord calls yield with every word of t.
func (t Topic) eachWord(yield func(word string, single bool)) {
	each := func(t term) {
		for _, a := range t.atoms {
			yield(a.word, a.single)
		}
		for _, not := range t.not {
			yield(not, false)
		}
	}
	for _, g := range t.groups {
		for _, alternative := range g {
			each(alternative)
		}
	}
	for _, x := range t.also {
		each(x.term)
	}
	for _, x := range t.exclude {
		each(x)
	}
}

// A cursor reads an encoded topic.
type cursor []uint32

func (c *cursor) next() uint32 {
	n := (*c)[0]
	*c = (*c)[1:]
	return n
}

// A codedTerm is a term inside an encoded topic.
type codedTerm struct {
	atoms []uint32 // pairs
	not   []uint32
	exact bool
}

func (c *cursor) term() codedTerm {
	head := c.next()
	atoms, not := 2*int(head&0xFF), int(head>>16)
	t := codedTerm{atoms: (*c)[:atoms], not: (*c)[atoms : atoms+not], exact: head>>8&1 == 1}
	*c = (*c)[atoms+not:]
	return t
}

func (t codedTerm) each(yield func(uint32)) {
	for i := 0; i < len(t.atoms); i += 2 {
		yield(t.atoms[i])
	}
	for _, w := range t.not {
		yield(w)
	}
}

// mark notes in present which words have hits, of size words of topics.
func (s *search) mark(size uint32) {
	n := int(size+63) / 64
	s.present = slices.Grow(s.present[:0], n)[:n]
	clear(s.present)
	for _, h := range s.hits {
		s.present[h.word/64] |= 1 << (h.word % 64)
	}
}

func (s *search) has(word uint32) bool { return s.present[word/64]>>(word%64)&1 == 1 }

// possible tells whether the words of a topic stand in the document somewhere. Most
// topics that are woken end here, without looking at places.
func (s *search) possible(code []uint32) bool {
	c := cursor(code)
	h := c.head()
	all := true
	for range h.groups {
		alternatives, about := c.group(h)
		found := about != 0 && s.subjects().share(about) >= leastShare
		for range alternatives {
			found = s.hasAll(c.term().atoms) || found
		}
		if all = all && found; !all && h.also == 0 {
			return false
		}
	}
	for range h.also {
		c.next()
		all = s.hasAll(c.term().atoms) || all
	}
	return all
}

func (s *search) hasAll(atoms []uint32) bool {
	for i := 0; i < len(atoms); i += 2 {
		if !s.has(atoms[i]) {
			return false
		}
	}
	return true
}

// check decides whether the document fits a topic: every group, or another name of all
// of them, then no excluded term.
func (s *search) check(code []uint32) (Match, bool) {
	if !s.possible(code) {
		return Match{}, false
	}
	c := cursor(code)
	h := c.head()
	r := reason{source: sourceCategories, spans: s.spans[:0]}
	defer func() { s.spans = r.spans }()
	score, without := s.checkGroups(&c, h, &r), 1.0
	for range h.also {
		share, t := float64(c.next())/100, c.term()
		if w := s.weigh(t, &r); w > 0 {
			if w = w / (w + saturationOf(t)); share > partShare {
				score = max(score, share*w)
			} else {
				without *= 1 - share/partShare*w
			}
		}
	}
	if score > 0 && score < aboutFrom {
		score = mostInPassing + (aboutFrom-mostInPassing)*score/aboutFrom // what is named is worth more than what is not
	}
	score = max(score, mostInPassing*(1-without))
	if score == 0 {
		return Match{}, false
	}
	for range h.excluded {
		if s.weigh(c.term(), nil) > 0 {
			return Match{}, false
		}
	}
	return Match{Score: score, Words: s.wordsAt(r.spans), Field: fields[r.source]}, true
}

// checkGroups returns the score of a topic's groups, 0 if not all of them stand, and
// moves c behind them.
func (s *search) checkGroups(c *cursor, h codeHead, r *reason) float64 {
	all, sum := true, 0.0
	s.ends = s.ends[:0]
	before := len(r.spans)
	for range h.groups {
		alternatives, about := c.group(h)
		weight, saturation, categories := 0.0, 0.0, r.categories
		for range alternatives {
			t := c.term()
			if w := s.weigh(t, r); w > 0 {
				weight += w
				saturation = max(saturation, saturationOf(t))
			}
		}
		s.ends = append(s.ends, len(r.spans))
		score := 0.0
		if weight > 0 {
			score = weight / (weight + saturation)
		}
		if about != 0 {
			score = s.aboutScore(about, score, r.categories > categories, r)
		}
		sum += score
		all = all && score > 0
	}
	if !all {
		return 0
	}
	score := sum / float64(h.groups)
	if h.groups > 1 && !h.about {
		together := s.together(r.spans[before:], before)
		score = (score + together/(together+baseSaturation)) / 2
	}
	return score
}

// What a story's subject is worth beside the word itself: a heading in a headline says
// less than all of the story's words, but who files a story under it knows.
const (
	namedShare = 0.2
	filedScore = 0.4
)

// aboutScore is the score of a group that stands for subjects: what share of the story
// they are, with the score of the word itself on top.
func (s *search) aboutScore(about subjects, named float64, filed bool, r *reason) float64 {
	sums := s.subjects()
	if sums.total == 0 {
		if filed {
			return max(named, filedScore)
		}
		return named
	}
	share := sums.share(about)
	if share < leastShare {
		share = 0
	} else if named == 0 {
		for _, f := range s.telling(about, subjectWordsShown) {
			r.source = min(r.source, s.places[f.first].source)
			r.spans = append(r.spans, span{first: f.first, last: f.first})
		}
	}
	score := share + (1-share)*namedShare*named
	if filed {
		score = max(score, filedScore)
	}
	return score
}

const subjectWordsShown = 3

// togetherWords is how near the words of a topic stand in what it is about: palm and
// oil at two ends of a story are not palm oil.
const togetherWords = 8

// together sums what the occurrences of the last group are worth that have all other
// groups nearby.
func (s *search) together(spans []span, offset int) float64 {
	total := 0.0
	last := spans[s.ends[len(s.ends)-2]-offset:]
	for _, x := range last {
		near := true
		from := 0
		for _, end := range s.ends[:len(s.ends)-1] {
			group := spans[from : end-offset]
			from = end - offset
			near = near && slices.ContainsFunc(group, func(y span) bool {
				return y.first-x.last <= togetherWords && x.first-y.last <= togetherWords
			})
		}
		if near {
			total += s.placeWeight(int(x.first))
		}
	}
	return total
}

// saturationOf is the weight of a term that scores one half: the commoner its words, the
// more of them it takes to be what a story is about.
func saturationOf(t codedTerm) float64 {
	rarity := uint32(0)
	for i := 1; i < len(t.atoms); i += 2 {
		rarity = max(rarity, t.atoms[i]>>20)
	}
	if len(t.atoms) > 2 {
		rarity = rarest
	}
	return baseSaturation * (1 + commonness*(1-float64(rarity)/rarest))
}

var fields = [...]string{sourceTitle: "title", sourceText: "text", sourceCategories: "categories"}

// A reason is what check saw.
type reason struct {
	source     uint8
	categories int // occurrences in them
	spans      []span
}

// A span is an occurrence of a term: its first and last place.
type span struct {
	first, last int32
	half        bool // of the pair at last, only the first character
}

// weigh sums what the occurrences of t are worth, and notes them in r. Without r the
// first one is enough.
func (s *search) weigh(t codedTerm, r *reason) float64 {
	if !s.hasAll(t.atoms) {
		return 0
	}
	total, noted := 0.0, 0
	for _, h := range s.formsOf(t.atoms[0]) {
		for at := s.forms[h.form].first; at >= 0; at = s.places[at].next {
			x, typed, ok := s.occurs(t, at)
			if !ok {
				continue
			}
			weight := s.placeWeight(int(at))
			if !typed {
				weight *= stemShare
			}
			if s.measured(at) {
				weight *= measureShare
			}
			total += weight
			if r == nil {
				return total
			}
			r.source = min(r.source, s.places[at].source)
			if s.places[at].source > sourceText {
				r.categories++
			}
			if noted < spansNoted {
				r.spans = append(r.spans, x)
				noted++
			}
		}
	}
	return total
}

// spansNoted is how many occurrences of a term are compared with those of others.
const spansNoted = 40

// measured tells whether the word at a place is what something is counted in: 50 mln
// dollars are not about the dollar.
func (s *search) measured(at int32) bool {
	if at == 0 || s.places[at-1].form < 0 {
		return false
	}
	before := s.forms[s.places[at-1].form].surface
	return number(before) || counts[before]
}

var counts = map[string]bool{"hundred": true, "thousand": true, "million": true, "billion": true, "trillion": true, "mln": true, "bln": true, "mn": true, "bn": true}

// formsOf returns the hits of a word.
func (s *search) formsOf(word uint32) []hit {
	from, _ := slices.BinarySearchFunc(s.hits, word, func(h hit, w uint32) int { return cmp.Compare(h.word, w) })
	to := from
	for to < len(s.hits) && s.hits[to].word == word {
		to++
	}
	return s.hits[from:to]
}

// occurs tells whether t stands at a place, what it spans, and whether all of it
// stands there as the reader typed it.
func (s *search) occurs(t codedTerm, at int32) (x span, typed, ok bool) {
	x, typed = span{first: at, last: at}, true
	for i := 0; i < len(t.atoms); i += 2 {
		offset, written := int32(t.atoms[i+1]&0xFFFF), text.Case(t.atoms[i+1]>>16&0xF)
		x.last = at + offset
		if int(x.last) >= len(s.places) || s.places[x.last].written < written {
			return x, false, false
		}
		h, found := s.hitAt(t.atoms[i], x.last)
		if !found || t.exact && !h.typed {
			return x, false, false
		}
		typed, x.half = typed && h.typed, h.half
	}
	for _, not := range t.not {
		if at == 0 {
			break
		}
		if h, found := s.hitAt(not, at-1); found && h.typed {
			return x, false, false
		}
	}
	return x, typed, true
}

// hitAt returns how the word at a place is a topic's word.
func (s *search) hitAt(word uint32, at int32) (hit, bool) {
	form := s.places[at].form
	for _, h := range s.formsOf(word) {
		if h.form == form {
			return h, true
		}
	}
	return hit{}, false
}

// placeWeight is what an occurrence is worth by where it stands: a long body says
// less with one word than a short one, but more than a category.
func (s *search) placeWeight(at int) float64 {
	switch {
	case s.places[at].source == sourceTitle:
		return titleWeight
	case s.places[at].source > sourceText:
		return categoryWeight
	case at < s.lead:
		return leadWeight
	}
	return bodyWeight * max(0.75, 1-float64(s.length)/4000)
}

// wordsAt returns what stands at spans, each word once.
func (s *search) wordsAt(spans []span) []string {
	var words []string
	for _, x := range spans {
		first, last := s.places[x.first], s.places[x.last]
		end := last.end
		if x.half {
			end = s.places[x.last+1].start
		}
		w := s.sources[first.source][first.start:end]
		if len(words) < matchWords && !equalWords(words, w) {
			words = append(words, w)
		}
	}
	return words
}
