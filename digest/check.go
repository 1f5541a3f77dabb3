package digest

import (
	"slices"
	"strings"

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

// possible tells whether the words of a topic stand in the document somewhere. Most
// topics that are woken end here, without looking at places.
func (s *search) possible(topic []uint32) bool {
	c := cursor(topic[2:])
	h := c.head()
	all := true
	for i := range h.groups {
		one := false
		for more := true; more; {
			var t codedTerm
			t, more = c.term()
			one = one || s.hasAll(&t)
		}
		if about := h.aboutAt(topic, i); about != 0 {
			one = one || s.d.subjects().share(about) >= leastShare
		}
		if all = all && one; !all && h.also == 0 {
			return false
		}
	}
	for range h.also {
		share := c.next()
		t, _ := c.term()
		all = all || share > companyCode && s.hasAll(&t)
	}
	return all
}

func (s *search) hasAll(t *codedTerm) bool {
	if !s.has(t.word) {
		return false
	}
	for i := 0; i < len(t.further); i += 2 {
		if !s.has(t.further[i]) {
			return false
		}
	}
	return true
}

// score notes the match of a topic whose words are there, if the document fits it: every group, or another
// name of all of them, then no excluded term.
func (s *search) score(place uint32, topic []uint32) {
	c := cursor(topic[2:])
	h := c.head()
	if h.narrow && !s.m.narrow[place].fits(s.d) {
		return
	}
	r := reason{source: sourceCategories, spans: s.spans[:0]}
	score := s.checkNames(&c, s.checkGroups(&c, topic, h, &r), h, &r)
	s.spans = r.spans
	if score == 0 {
		return
	}
	for range h.excluded {
		if t, _ := c.term(); s.weigh(&t, nil) > 0 {
			return
		}
	}
	s.fits(idOf(topic), score, r.source, s.inLead(r.spans), s.wordsAt(r.spans))
}

// checkNames returns the score of a topic with its other names, of which groups is that of
// its own words, and moves c behind them. What mostly means something else is named only
// in the company of its like: lead with zinc.
func (s *search) checkNames(c *cursor, groups float64, h codeHead, r *reason) float64 {
	score, without := groups, 1.0
	own, kept := false, false // whether the topic's own words need company, and have it
	for range h.also {
		code := c.next()
		t, _ := c.term()
		if code <= companyCode {
			own, kept = code == companyCode, kept || s.hasAll(&t)
			continue
		}
		share := float64(code) / 100
		if code == unclearCode && !kept {
			share = partShare
		}
		if w := s.weigh(&t, r); w > 0 {
			if w = w / (w + saturationOf(&t)); share > partShare {
				score = max(score, share*w)
			} else {
				without *= 1 - share/partShare*w
			}
		}
	}
	if own && !kept {
		return mostInPassing * score
	}
	return max(named(score), mostInPassing*(1-without))
}

// Codes of shares with a meaning of their own.
const (
	companyCode = topicCompany * 100
	unclearCode = unclearShare * 100
)

// named raises the score of what is named over what is not.
func named(score float64) float64 {
	if score > 0 && score < aboutFrom {
		return mostInPassing + (aboutFrom-mostInPassing)*score/aboutFrom
	}
	return score
}

// checkGroups returns the score of a topic's groups, 0 if not all of them stand, and
// moves c behind them.
func (s *search) checkGroups(c *cursor, topic []uint32, h codeHead, r *reason) float64 {
	all, sum := true, 0.0
	s.ends = s.ends[:0]
	before := len(r.spans)
	for i := range h.groups {
		weight, saturation, categories := 0.0, 0.0, r.categories
		for more := true; more; {
			var t codedTerm
			t, more = c.term()
			if w := s.weigh(&t, r); w > 0 {
				weight += w
				saturation = max(saturation, saturationOf(&t))
			}
		}
		s.ends = append(s.ends, len(r.spans))
		score := 0.0
		if weight > 0 {
			score = weight / (weight + saturation)
		}
		if about := h.aboutAt(topic, i); about != 0 {
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
	subjects := s.d.subjects()
	if !subjects.some() {
		if filed {
			return max(named, filedScore)
		}
		return named
	}
	share := subjects.share(about)
	if share < leastShare {
		share = 0
	} else if named == 0 {
		r.source = min(r.source, sourceText) // all its words, if it was learned
		for _, f := range s.d.reading().telling(about, subjectWordsShown) {
			r.source = min(r.source, s.sourceAt(f.first))
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
			total += s.placeWeight(x.first)
		}
	}
	return total
}

// saturationOf is the weight of a term that scores one half: the commoner its words, the
// more of them it takes to be what a story is about.
func saturationOf(t *codedTerm) float64 {
	if len(t.further) > 0 {
		return saturations[rarest]
	}
	return saturations[t.rarity]
}

// saturations are those of words, by rarity.
var saturations = func() (all [rarest + 1]float64) {
	for rarity := range all {
		all[rarity] = baseSaturation * (1 + commonness*(1-float64(rarity)/rarest))
	}
	return all
}()

// inLead tells whether one of spans begins in the lead.
func (s *search) inLead(spans []span) bool {
	body := s.begins[sourceText]
	return slices.ContainsFunc(spans, func(x span) bool { return x.first >= body && x.first < body+leadWords })
}

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
func (s *search) weigh(t *codedTerm, r *reason) float64 {
	if !s.hasAll(t) {
		return 0
	}
	if t.plain() {
		return s.weighAlone(s.place(t.word), r)
	}
	total, noted := 0.0, 0
	s.begin(t)
	for i := s.words[s.place(t.word)].first; i >= 0; i = s.found[i].next {
		f := &s.found[i]
		x, typed, ok := s.occurs(t, f)
		if !ok {
			continue
		}
		weight := s.worthOf(f)
		if !typed {
			weight *= stemShare
		}
		total += weight
		if r == nil {
			return total
		}
		source := s.sourceAt(f.at)
		r.source = min(r.source, source)
		if source > sourceText {
			r.categories++
		}
		if noted < spansNoted {
			r.spans = append(r.spans, x)
			noted++
		}
	}
	return total
}

// spansNoted is how many occurrences of a term are compared with those of others.
const spansNoted = 40

// begin makes ready to follow the words of t through the document: steps are the
// occurrences of its further words and of those that must not stand before that come
// next. As they only go on, a term costs no more than the occurrences of its words.
func (s *search) begin(t *codedTerm) {
	s.steps = s.steps[:0]
	for i := 0; i < len(t.further); i += 2 {
		s.steps = append(s.steps, s.words[s.place(t.further[i])].first)
	}
	for _, not := range t.not {
		first := int32(-1)
		if k := s.place(not); k >= 0 {
			first = s.words[k].first
		}
		s.steps = append(s.steps, first)
	}
}

// step moves a step on to a place and returns what was found there, or nil.
func (s *search) step(n int, at int32) *found {
	i := s.steps[n]
	for i >= 0 && s.found[i].at < at {
		i = s.found[i].next
	}
	s.steps[n] = i
	if i >= 0 && s.found[i].at == at {
		return &s.found[i]
	}
	return nil
}

// occurs tells whether t stands where its first word was found, what it spans, and
// whether all of it stands there as the reader typed it.
func (s *search) occurs(t *codedTerm, f *found) (x span, typed, ok bool) {
	x, typed = span{f.at, f.at, f.flags&halfFlag != 0}, f.flags&typedFlag != 0
	if t.exact && !typed || t.written > text.Lower && s.writtenAt(x.first) < t.written {
		return x, false, false
	}
	n := len(t.further) / 2
	for i := range n {
		x.last = f.at + int32(t.further[2*i+1]&0xFFFF)
		g := s.step(i, x.last)
		written := text.Case(t.further[2*i+1] >> 16)
		if g == nil || t.exact && g.flags&typedFlag == 0 || written > text.Lower && s.writtenAt(x.last) < written {
			return x, false, false
		}
		typed, x.half = typed && g.flags&typedFlag != 0, g.flags&halfFlag != 0
	}
	for i := range t.not {
		if g := s.step(n+i, f.at-1); g != nil && g.flags&typedFlag != 0 {
			return x, false, false
		}
	}
	return x, typed, true
}

// worthOf is what an occurrence is worth by where it stands and what stands before.
func (s *search) worthOf(f *found) float64 {
	if f.worth == 0 {
		if f.worth = s.placeWeight(f.at); s.measured(f.at) {
			f.worth *= measureShare
		}
	}
	return f.worth
}

// measured tells whether the word at a place is what something is counted in: 50 mln
// dollars are not about the dollar.
func (s *search) measured(at int32) bool {
	if at == 0 {
		return false
	}
	before := s.textAt(at - 1)
	if before == "" {
		return false
	}
	switch c := before[0]; {
	case c >= '0' && c <= '9':
		return true
	case c < 0x80 && !countsBegin[c]:
		return false
	}
	if plainWord(before) {
		if len(before) > longestCount {
			return false
		}
		var small [longestCount]byte
		for i := range len(before) {
			small[i] = before[i] | 0x20
		}
		return counts[string(small[:len(before)])]
	}
	for w := range text.Words(before, text.Unstemmed) {
		return number(w.Surface) || counts[w.Surface]
	}
	return false
}

var (
	counts      = map[string]bool{"hundred": true, "thousand": true, "million": true, "billion": true, "trillion": true, "mln": true, "bln": true, "mn": true, "bn": true}
	countsBegin = byteSet("htmbHTMB")
)

const longestCount = len("thousand")

// textAt returns the word at a place as it stands, "" between sources.
func (s *search) textAt(at int32) string {
	x := s.places[at]
	return s.sources[s.number(at)][x.start:x.end]
}

// number returns the number of the source that a place is of.
func (s *search) number(at int32) int {
	n := 0
	for n+1 < s.count && s.begins[n+1] <= at {
		n++
	}
	return n
}

func (s *search) sourceAt(at int32) uint8 { return uint8(min(s.number(at), sourceCategories)) }

// writtenAt tells how the word at a place is written, or would be if not all the text
// around were in capitals: in THEY TOLD US nothing says that it is a country.
func (s *search) writtenAt(at int32) text.Case {
	word := s.textAt(at)
	written := text.CaseOf(word)
	if written == text.Capitals && !strings.Contains(word, ".") && s.shouts(s.number(at)) {
		return text.Capital
	}
	return written
}

// shouts tells whether most words of a source are in capitals.
func (s *search) shouts(source int) bool {
	if s.loud[source] == 0 {
		loud, from, to := 0, s.begins[source], s.begins[source+1]-1
		for at := from; at < to; at++ {
			if text.CaseOf(s.textAt(at)) == text.Capitals {
				loud++
			}
		}
		s.loud[source] = -1
		if words := int(to - from); words >= 4 && 2*loud > words {
			s.loud[source] = 1
		}
	}
	return s.loud[source] > 0
}

// placeWeight is what an occurrence is worth by where it stands: a long body says
// less with one word than a short one, but more than a category.
func (s *search) placeWeight(at int32) float64 {
	body, end := s.begins[sourceText], s.begins[sourceText+1]
	switch {
	case at < body:
		return titleWeight
	case at >= end:
		return categoryWeight
	case at < body+leadWords:
		return leadWeight
	}
	return bodyWeight * max(0.75, 1-float64(end-1-body)/4000)
}
