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
	a.score = a.weight / (a.weight + saturations[s.words[k].rarity])
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
		s.fits(f.topic, named(weight/(weight+baseSaturation)), r.source, s.inLead(r.spans), s.wordsAt(r.spans))
		return
	}
	a := s.aloneAt(int(f.first))
	if f.second < 0 {
		s.fits(f.topic, named(a.score), a.source, a.lead, s.wordsOf(a))
		return
	}
	b := s.aloneAt(int(f.second))
	together := s.near(s.spansOf(a), s.spansOf(b))
	score := ((a.score+b.score)/2 + together/(together+baseSaturation)) / 2
	s.fits(f.topic, named(score), min(a.source, b.source), a.lead || b.lead, s.bothWords(s.wordsOf(a), s.wordsOf(b)))
}

// scorePlain is score for a topic whose terms are words in any form, anywhere.
func (s *search) scorePlain(topic []uint32) {
	h, code := headOf(topic[2]), topic[3:]
	s.there, s.ends = s.there[:0], s.ends[:0]
	for range h.groups {
		before := len(s.there)
		for more := true; more; code = code[1:] {
			if k := s.place(code[0] & mostWords); k >= 0 {
				s.there = append(s.there, int32(k))
			}
			more = code[0]&orTerm != 0
		}
		if len(s.there) == before {
			return
		}
		s.ends = append(s.ends, len(s.there))
	}
	for _, not := range code[:h.excluded] {
		if s.has(not & mostWords) {
			return
		}
	}
	sum, source, lead := 0.0, uint8(sourceCategories), false
	spans, from := s.spans[:0], 0
	for i, end := range s.ends {
		weight, saturation := 0.0, 0.0
		for _, k := range s.there[from:end] {
			a := s.aloneAt(int(k))
			weight, saturation = weight+a.weight, max(saturation, saturations[s.words[k].rarity])
			source, lead = min(source, a.source), lead || a.lead
			spans = append(spans, s.spansOf(a)...)
		}
		sum += weight / (weight + saturation)
		from, s.ends[i] = end, len(spans)
	}
	s.spans = spans
	score := sum / float64(h.groups)
	if h.groups > 1 {
		together := s.together(spans, 0)
		score = (score + together/(together+baseSaturation)) / 2
	}
	s.fits(idOf(topic), named(score), source, lead, s.wordsThere())
}

// wordsThere returns how the words of the topic at hand stand in the document.
func (s *search) wordsThere() []string {
	for _, k := range s.there {
		s.wordsOf(&s.alone[k])
	}
	words := s.roomForWords()
	for _, k := range s.there {
		words = addWords(words, s.alone[k].words)
	}
	return s.keepWords(words)
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
	return s.keepWords(addWords(append(s.roomForWords(), a...), b))
}

// addWords adds those of more that are not among words, up to matchWords.
func addWords(words, more []string) []string {
	for _, w := range more {
		if len(words) == matchWords {
			break
		}
		if !equalWords(words, w) {
			words = append(words, w)
		}
	}
	return words
}
