package digest

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// An outcome is a match until all are known: without pointers, so that it costs little to
// be kept and moved about.
type outcome struct {
	score float64
	topic TopicID
	first int32 // the number of a word of the document, whose forms are shown, or -1: a place in said
	other int32 // of the second such word; -1 for none
	field int32 // in fieldNames
}

// decide returns the matches among the topics that were woken, best first.
func (s *search) decide() []Match {
	s.alone = append(s.alone[:0], make([]alone, len(s.words))...)
	s.spansAlone, s.said, s.outcomes = s.spansAlone[:0], s.said[:0], s.outcomes[:0]
	touched := uint32(0) // as in wake
	for _, x := range s.woken {
		touched ^= s.m.topics.at(x.code())[2]
	}
	s.touched ^= uint64(touched)
	for _, f := range s.fitting {
		s.scoreFitting(f)
	}
	for _, x := range s.woken {
		switch topic := s.m.topics.at(x.code()); {
		case x.kind()&isPlain != 0:
			s.scorePlain(topic)
		case s.possible(topic):
			s.score(x.code(), topic)
		}
	}
	if len(s.outcomes) == 0 {
		return nil
	}
	s.rank()
	found := make([]Match, len(s.outcomes))
	for i, key := range s.keys {
		x := &s.outcomes[key]
		found[i] = Match{Topic: x.topic, Score: x.score, Words: s.wordsFor(x), Field: fieldNames[x.field]}
	}
	return found
}

// fits notes an outcome with its words.
func (s *search) fits(topic TopicID, score float64, source uint8, lead bool, words []string) {
	x := outcome{score: score, topic: topic, first: -1, other: int32(len(s.said)), field: fieldOf(source, lead)}
	s.outcomes, s.said = append(s.outcomes, x), append(s.said, words)
}

// wordsFor returns the words of an outcome.
func (s *search) wordsFor(x *outcome) []string {
	switch {
	case x.first < 0:
		return s.said[x.other]
	case x.other < 0:
		return s.wordsOf(&s.alone[x.first])
	}
	return s.bothWords(s.wordsOf(&s.alone[x.first]), s.wordsOf(&s.alone[x.other]))
}

// wordsAt returns what stands at spans, each word once.
func (s *search) wordsAt(spans []span) []string {
	words := s.roomForWords()
	for _, x := range spans {
		if len(words) == matchWords {
			break
		}
		end := s.places[x.last].end
		if x.half {
			end = s.places[x.last+1].start
		}
		w := s.sources[s.number(x.first)][s.places[x.first].start:end]
		if !equalWords(words, w) {
			words = append(words, w)
		}
	}
	return s.keepWords(words)
}

// roomForWords returns no words, with room for those of a match; keepWords keeps them.
func (s *search) roomForWords() []string {
	if cap(s.shown)-len(s.shown) < matchWords {
		s.shown = make([]string, 0, shownAtOnce)
	}
	return s.shown[len(s.shown):]
}

func (s *search) keepWords(words []string) []string {
	s.shown = s.shown[:len(s.shown)+len(words)]
	return slices.Clip(words)
}

// shownAtOnce is for how many words of matches room is made at once.
const shownAtOnce = 64

// rank puts the numbers of the outcomes into keys, the best first. A key has what fits of
// score, topic and number, in this order: sorting numbers takes a fifth of the time that
// sorting outcomes does, which then find themselves in order but for a few.
func (s *search) rank() {
	low, high := s.outcomes[0].topic, s.outcomes[0].topic
	for i := range s.outcomes {
		low, high = min(low, s.outcomes[i].topic), max(high, s.outcomes[i].topic)
	}
	numberBits := bits.Len(uint(len(s.outcomes)))
	topicBits := (64 - numberBits) / 2
	scoreBits := 64 - numberBits - topicBits
	cut := max(0, bits.Len64(uint64(high)-uint64(low))-topicBits)
	worst := math.Ldexp(1, scoreBits)
	s.keys = s.keys[:0]
	for i := range s.outcomes {
		x := &s.outcomes[i]
		score := uint64(min((1-x.score)*worst, worst-1))
		topic := (uint64(x.topic) - uint64(low)) >> cut
		s.keys = append(s.keys, (score<<topicBits|topic)<<numberBits|uint64(i))
	}
	slices.Sort(s.keys)
	for i := range s.keys {
		s.keys[i] &= 1<<numberBits - 1
	}
	slices.SortFunc(s.keys, func(a, b uint64) int {
		x, y := &s.outcomes[a], &s.outcomes[b]
		if x.score != y.score {
			return cmp.Compare(y.score, x.score)
		}
		return cmp.Compare(x.topic, y.topic)
	})
}

// Beside the sources, lead is a field.
const fieldLead = 3

var fieldNames = [...]string{sourceTitle: "title", sourceText: "text", sourceCategories: "categories", fieldLead: "lead"}

func fieldOf(source uint8, lead bool) int32 {
	if source == sourceText && lead {
		return fieldLead
	}
	return int32(source)
}
