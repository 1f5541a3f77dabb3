package digest

// An alone is what a word of topics is worth in a document, in any form and anywhere. It
// is found out once, for all topics that have the word.
type alone struct {
	weight, score float64
	begin, end    int32 // its spans
	categories    int32 // occurrences in them
	source        uint8
	lead          bool     // one of its spans is in the lead
	words         []string // as they stand, distinct
}

// aloneAt returns what the word of a number is worth.
func (s *search) aloneAt(k int) *alone {
	a := &s.alone[k]
	if a.weight > 0 {
		return a
	}
	a.source, a.begin = sourceCategories, int32(len(s.spansAlone))
	for i := s.words[k].first; i >= 0; i = s.found[i].next {
		f := &s.found[i]
		weight := s.worthOf(f)
		if f.flags&typedFlag == 0 {
			weight *= stemShare
		}
		a.weight += weight
		source := s.sourceAt(f.at)
		a.source = min(a.source, source)
		if source > sourceText {
			a.categories++
		}
		if int32(len(s.spansAlone))-a.begin < spansNoted {
			s.spansAlone = append(s.spansAlone, span{f.at, f.at, f.flags&halfFlag != 0})
		}
	}
	a.end = int32(len(s.spansAlone))
	a.lead = s.inLead(s.spansOf(a))
	a.score = a.weight / (a.weight + saturations[s.m.word(s.words[k].word).rarity()])
	return a
}

func (s *search) spansOf(a *alone) []span { return s.spansAlone[a.begin:a.end] }

// wordsOf returns how the word of a number stands in the document.
func (s *search) wordsOf(a *alone) []string {
	if a.words == nil {
		a.words = s.wordsAt(s.spansOf(a))
	}
	return a.words
}

// weighAlone is weigh for a term that is a word in any form.
func (s *search) weighAlone(k int, r *reason) float64 {
	a := s.aloneAt(k)
	if r != nil {
		r.source = min(r.source, a.source)
		r.categories += int(a.categories)
		r.spans = append(r.spans, s.spansOf(a)...)
	}
	return a.weight
}

// scoreFitting is score for a topic of which no more need be asked.
func (s *search) scoreFitting(f fitting) {
	if f.pair {
		r := reason{source: sourceCategories, spans: s.spans[:0]}
		weight := s.pair(f.first, f.second, &r)
		s.spans = r.spans
		s.matched(f.topic, weight/(weight+baseSaturation), s.wordsAt(r.spans), s.fieldOf(&r))
		return
	}
	a := s.aloneAt(int(f.first))
	if f.second < 0 {
		s.matched(f.topic, a.score, s.wordsOf(a), fieldNamed(a.source, a.lead))
		return
	}
	b := s.aloneAt(int(f.second))
	together := s.near(s.spansOf(a), s.spansOf(b))
	score := ((a.score+b.score)/2 + together/(together+baseSaturation)) / 2
	s.matched(f.topic, score, s.bothWords(s.wordsOf(a), s.wordsOf(b)), fieldNamed(min(a.source, b.source), a.lead || b.lead))
}

// matched notes a match.
func (s *search) matched(place uint32, score float64, words []string, field string) {
	s.matches = append(s.matches, Match{Topic: idAt(&s.m.topics, place), Score: named(score), Words: words, Field: field})
}

// near is together for two words.
func (s *search) near(others, last []span) float64 {
	total := 0.0
	for _, x := range last {
		for _, y := range others {
			if y.first-x.last <= togetherWords && x.first-y.last <= togetherWords {
				total += s.placeWeight(x.first)
				break
			}
		}
	}
	return total
}

// bothWords joins distinct words.
func (s *search) bothWords(a, b []string) []string {
	words := s.roomForWords()
	words = append(words, a...)
	for _, w := range b {
		if len(words) == matchWords {
			break
		}
		if !equalWords(words, w) {
			words = append(words, w)
		}
	}
	return s.keepWords(words)
}
