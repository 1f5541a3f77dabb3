package digest

import "slices"

// decide returns the matches among the topics that were woken.
func (s *search) decide() []Match {
	s.alone = append(s.alone[:0], make([]alone, len(s.words))...)
	s.spansAlone = s.spansAlone[:0]
	s.matches = make([]Match, 0, len(s.fitting)+len(s.woken)) // most that were woken fit
	s.shownAtOnce = min(matchWords+2*(len(s.fitting)+len(s.woken)), mostShownAtOnce)
	touched := uint32(0) // as in wake
	for _, x := range s.woken {
		code := s.m.topics.at(x.code())
		touched ^= code[0] ^ code[min(len(code), usualCode)-1]
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
	found := s.matches
	if s.matches = nil; 2*len(found) < cap(found) {
		return slices.Clone(found)
	}
	return found
}

// usualCode is how long a code mostly is. It may stand in two lines of the cache.
const usualCode = 6

// fits notes a match.
func (s *search) fits(topic TopicID, score float64, source uint8, lead bool, words []string) {
	s.matches = append(s.matches, Match{Topic: topic, Score: score, Words: words, Field: fieldOf(source, lead)})
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
		s.shown = make([]string, 0, s.shownAtOnce)
	}
	return s.shown[len(s.shown):]
}

func (s *search) keepWords(words []string) []string {
	s.shown = s.shown[:len(s.shown)+len(words)]
	return slices.Clip(words)
}

// mostShownAtOnce is for how many words of matches room is made at once, at most.
const mostShownAtOnce = 512

// Beside the sources, lead is a field.
const fieldLead = 3

var fieldNames = [...]string{sourceTitle: "title", sourceText: "text", sourceCategories: "categories", fieldLead: "lead"}

func fieldOf(source uint8, lead bool) string {
	if source == sourceText && lead {
		return fieldNames[fieldLead]
	}
	return fieldNames[source]
}
