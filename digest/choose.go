package digest

import (
	"math"
	"slices"
)

// weights say what a choice of sentences is worth. They are chosen by
//
//	go test ./digest -v -run TestWeigh -weigh FILE
//
// from a file of articles with summaries that people wrote; see weigh_test.go.
type weights struct {
	near    float64 // sentences after which a concept's place counts a third
	late    float64 // of a concept wherever it stands
	pairs   float64 // of two words in a row, one word being 1
	single  float64 // of a concept that stands in one sentence only
	often   float64 // power of the number of sentences that have a concept
	first   float64 // for taking the first sentence
	number  float64 // for a sentence with a number
	hanging float64 // against a sentence that leans on the one before
	mine    float64 // against a sentence of those who speak of themselves
	word    float64 // against each hundred words spent
}

var chosenWeights = weights{near: 3.2, late: .008, pairs: 2.1, single: .1, often: .26, first: .019, number: .0034, hanging: .0085, mine: .064, word: .1125}

// What no data was asked about.
const (
	toldAlready = .5  // of a concept that the title has
	supported   = 1   // more, times the share of other articles that have it
	askingCost  = .15 // of a question
	spokenCost  = .03 // of a sentence that begins with what somebody said
	unknownCost = .02 // of one about something that was told in a sentence left out
)

// worth returns what each concept is worth, all together 1.
func (p *passage) worth(w weights) []float32 {
	worth, sum := make([]float32, len(p.spread)), float32(0)
	for _, x := range p.sentences {
		near := float32(nearness(x.place, w) + w.late)
		for _, id := range p.concepts[x.from:x.mid] {
			worth[id] += near
		}
		near *= float32(w.pairs)
		for _, id := range p.concepts[x.mid:x.to] {
			worth[id] += near
		}
	}
	most := float32(1)
	for _, n := range p.support {
		most = max(most, n)
	}
	for i := range worth {
		switch {
		case p.spread[i] > 1:
			worth[i] *= float32(math.Pow(float64(p.spread[i]), w.often))
		case p.support[i] == 0:
			worth[i] *= float32(w.single)
		}
		worth[i] *= 1 + supported*p.support[i]/most
		if p.told[i] {
			worth[i] *= toldAlready
		}
		sum += worth[i]
	}
	for i := range worth {
		worth[i] /= max(sum, 1e-9)
	}
	return worth
}

// nearness is what a place in an article counts: the first few nearly alike, and hardly
// anything far below.
func nearness(place int, w weights) float64 {
	far := float64(place) / w.near
	return math.Exp(-far * far)
}

// choose returns the sentences of the best choice.
func (p *passage) choose(words int) []string {
	var list []string
	for _, i := range p.best(words, chosenWeights) {
		list = append(list, p.candidates[i].text)
	}
	return list
}

// A choosing goes through all choices of sentences that fit.
type choosing struct {
	*passage
	weights weights
	worth   []float32
	own     []float64 // of each candidate by itself
	repeats [summaryLead]uint16
	covered []uint8 // by concept: chosen sentences that have it
	chosen  []int
	alone   int // 1: those that refer back may stand alone, 2: those that hang, too
	best    []int
	value   float64
}

// best returns the candidates of the best choice within words, in order.
func (p *passage) best(words int, w weights) []int {
	if len(p.candidates) == 0 {
		return nil
	}
	s := choosing{passage: p, weights: w, worth: p.worth(w), own: make([]float64, len(p.candidates)), covered: make([]uint8, len(p.spread)), value: math.Inf(-1)}
	for i, c := range p.candidates {
		if i == 0 {
			s.own[i] += w.first
		}
		s.own[i] -= w.word * float64(c.words) / 100
		if c.hanging {
			s.own[i] -= w.hanging
		}
		if c.personal {
			s.own[i] -= w.mine
		}
		if c.asks {
			s.own[i] -= askingCost
		}
		if c.spoken {
			s.own[i] -= spokenCost
		}
		if c.numbers > 0 {
			s.own[i] += w.number
		}
	}
	s.findRepeats()
	most := 2
	if words >= 60 {
		most = 3
	}
	s.from(0, most, words, 0)
	for s.alone < 2 && len(s.best) == 0 {
		s.alone++
		s.from(0, 1, words, 0)
	}
	return s.best
}

// from tries all choices that add candidates from i on.
func (s *choosing) from(i, most, words int, value float64) {
	if len(s.chosen) > 0 && value > s.value {
		s.value, s.best = value, slices.Clone(s.chosen)
	}
	if most == 0 {
		return
	}
	for ; i < len(s.candidates); i++ {
		c := &s.candidates[i]
		if !s.fits(i, words) || s.repeated(i) || s.leans(c) {
			continue
		}
		gain := s.own[i]
		if !c.refers.vague && s.unknown(c) {
			gain -= unknownCost
		}
		for _, id := range s.concepts[c.from:c.to] {
			if s.covered[id] == 0 {
				gain += float64(s.worth[id])
			}
			s.covered[id]++
		}
		s.chosen = append(s.chosen, i)
		s.from(i+1, most-1, words-c.words, value+gain)
		s.chosen = s.chosen[:len(s.chosen)-1]
		for _, id := range s.concepts[c.from:c.to] {
			s.covered[id]--
		}
	}
}

// fits tells whether candidate i has at most so many words; the lead alone may have a fifth
// more where a line of its writing holds more than words say.
func (s *choosing) fits(i, words int) bool {
	c := &s.candidates[i]
	return c.words <= words || i == 0 && len(s.chosen) == 0 && 5*c.words <= 6*words && withoutSpaces(c.text)
}

// leans tells whether what explains c is missing.
func (s *choosing) leans(c *candidate) bool {
	if c.hanging && s.alone < 2 && !s.follows(c) {
		return true
	}
	if s.alone > 0 {
		return false
	}
	switch r := c.refers; {
	case r.back:
		return !s.behind(c)
	case r.vague && (c.noun < 0 || s.unknown(c)):
		return !s.behind(c) && (len(s.chosen) == 0 || s.chosen[0] > 0) // the lead tells of what most others speak
	case r.adds:
		return len(s.chosen) == 0
	}
	return false
}

// unknown tells whether what c begins with was told before, and neither in the title nor in
// a sentence chosen.
func (s *choosing) unknown(c *candidate) bool {
	return c.noun >= 0 && !s.told[c.noun] && s.covered[c.noun] == 0
}

// behind tells whether c stands right behind the last sentence chosen, or behind one that
// says what the title says.
func (s *choosing) behind(c *candidate) bool {
	if n := len(s.chosen); n > 0 && s.candidates[s.chosen[n-1]].place == c.place-1 {
		return true
	}
	for i, x := range s.candidates {
		if x.place == c.place-1 {
			return s.repeats[i]&(1<<itself) != 0
		}
	}
	return false
}

// follows tells whether c stands right behind the last sentence chosen, and that one names
// somebody if c says he or she.
func (s *choosing) follows(c *candidate) bool {
	if len(s.chosen) == 0 {
		return false
	}
	last := &s.candidates[s.chosen[len(s.chosen)-1]]
	return last.place == c.place-1 && (!c.lost || last.person || last.lost)
}

// sameSaid is the share of words in common from which a sentence repeats.
const sameSaid = 0.7

// itself marks, in repeats, a candidate that repeats the title.
const itself = 15

// findRepeats notes for each candidate which others, or the title, have most of its
// words.
func (s *choosing) findRepeats() {
	for i, c := range s.candidates {
		told := 0
		for _, id := range s.concepts[c.from:c.mid] {
			s.covered[id] = 1
			if s.told[id] {
				told++
			}
		}
		if n := c.mid - c.from; n == 0 || float64(told) >= sameSaid*float64(n) {
			s.repeats[i] |= 1 << itself
		}
		for j, other := range s.candidates {
			same := 0
			for _, id := range s.concepts[other.from:other.mid] {
				same += int(s.covered[id])
			}
			if n := min(c.mid-c.from, other.mid-other.from); i != j && float64(same) >= sameSaid*float64(n) {
				s.repeats[i] |= 1 << j
			}
		}
		for _, id := range s.concepts[c.from:c.mid] {
			s.covered[id] = 0
		}
	}
}

// repeated tells whether candidate i says what the title or a chosen sentence says.
func (s *choosing) repeated(i int) bool {
	if s.repeats[i]&(1<<itself) != 0 {
		return true
	}
	for _, j := range s.chosen {
		if s.repeats[i]&(1<<j) != 0 {
			return true
		}
	}
	return false
}
