package digest

import "math"

// A likeness is what an article and a story have in common, in features that do
// not depend on how long the texts are or how many tell the story.
type likeness [likenessFeatures]float64

const (
	likeCosine     = iota // root of the cosine of both term vectors
	likeConflict          // names of the story that the article lacks and the other way round
	likeEvidence          // weight of the terms in common, of which the first say the most
	likeFigures           // both have figures, and none in common
	likeMargin            // how much nearer than the next story
	likeShort             // the article is a headline
	likeShortLone         // and the story has few articles
	likeLoneCosine        // the story has few articles
	likeLoneEvidence
	likeBias
	likeDays // between the article and the nearer of the story's first and last, at most one
	likenessFeatures
)

// joinWeights make a probability of a likeness. But for that of the days they come
// from a logistic regression on articles of two collections whose events are known,
// headlines and short texts, played in several orders of arrival, alone and among
// two thousand texts that have nothing to do with them:
//
//	go test ./digest -run TestFitLikeness -v -likeness SHORT.jsonl,HEADLINES.jsonl -among OTHER.jsonl
//
// The weight of a day is half of what is reckoned: who tells of an event does it
// within half a day of the one before, on average, where others' articles are as
// many on each of three days. With all of it what changed in the evening did not
// join the morning's story. After the first day it counts no more.
var joinWeights = likeness{
	likeCosine: 0.77, likeConflict: -2.32, likeEvidence: 10.51, likeFigures: -0.79, likeMargin: 0.78,
	likeShort: 3.07, likeShortLone: -2.74, likeLoneCosine: 4.61, likeLoneEvidence: -2.87, likeBias: -8.32,
	likeDays: -1,
}

// What probability is enough to join.
const (
	joinFrom = 0.4
	joinCold = 0.5 // more, before any story is known
	fewKnown = 10  // stories at which half of that is left
	joinOwn  = 0.9 // within one outlet of a circle of its own: it seldom tells of one event twice
)

// joinLarge is the power of how many tell a story, by which its odds count among those of
// the stories that are like enough. Of 0, 0.2, 0.3 and 0.5 the command above finds 0.3 the
// last that is better than the one before on either half of the events of both collections.
const joinLarge = 0.3

// score is the probability that the article tells of the story's event.
func (l likeness) score() float64 {
	z := 0.0
	for i, x := range l {
		z += x * joinWeights[i]
	}
	return 1 / (1 + math.Exp(-z))
}

// presence weighs a term with its share in a story as if that were one long article.
func (t *tongue) presence(key uint32, x share) float64 {
	e := &t.terms[numberOf(key)]
	value := float64(x.articles) * float64(e.weight)
	if x.titles > 0 {
		value *= 1 + (titleBoost-1)*float64(x.titles)/float64(x.articles)
	}
	if x.names > 0 {
		value *= 1 + nameBoost*float64(x.names)/float64(x.articles)
	}
	return value
}

// cosine returns how near p points to s.
func (t *tongue) cosine(p piece, s *telling) float64 {
	dot, norm, j := 0.0, 0.0, 0
	for i, key := range t.keys(s) {
		value := t.presence(key, s.share(i, key))
		norm += value * value
		for j < len(p.marks) && p.marks[j].number < numberOf(key) {
			j++
		}
		if j < len(p.marks) && p.marks[j].number == numberOf(key) {
			dot += value * float64(p.marks[j].value)
		}
	}
	if norm == 0 {
		return 0
	}
	return dot / math.Sqrt(norm)
}

// likeness compares p with s, whose cosine is given with that of the best other story.
func (t *tongue) likeness(p piece, s *telling, cosine, other float64) likeness {
	c := t.compare(p, s)
	evidence := c.evidence / (c.evidence + 5)
	short := 1 / (1 + math.Exp((float64(len(p.marks))-15)/2))
	root := math.Sqrt(max(0, cosine))
	told := float64(s.told)
	l := likeness{
		likeCosine:       root,
		likeConflict:     min(c.novel/(c.ours+4), c.missing/(c.names+4)),
		likeEvidence:     evidence,
		likeMargin:       cosine - other,
		likeShort:        short,
		likeShortLone:    short / told,
		likeLoneCosine:   root / told,
		likeLoneEvidence: evidence / told,
		likeBias:         1,
		likeDays:         min(1, s.days(p.published)),
	}
	if c.figures && c.otherFigures && !c.sameFigure {
		l[likeFigures] = 1
	}
	return l
}

// A comparison holds sums over the terms of a piece and a story.
type comparison struct {
	evidence                          float64
	ours, novel                       float64 // names of the piece; not in the story
	names, missing                    float64 // names of the story; not in the piece
	figures, otherFigures, sameFigure bool
}

func (t *tongue) compare(p piece, s *telling) comparison {
	var c comparison
	told, i, keys := float64(s.told), 0, t.keys(s)
	for _, m := range p.marks {
		for ; i < len(keys) && numberOf(keys[i]) < m.number; i++ {
			c.lack(t, keys[i], s.share(i, keys[i]), told)
		}
		weight, named := float64(m.weight), float64(m.named)
		figure := t.terms[m.number].figure
		c.figures = c.figures || figure
		c.ours += named * weight
		if i == len(keys) || numberOf(keys[i]) != m.number {
			c.novel += named * weight
			continue
		}
		x := s.share(i, keys[i])
		part := min(1, float64(x.articles)/told)
		if !t.terms[m.number].common {
			c.evidence += math.Sqrt(part) * weight
		}
		c.names += float64(x.names) / float64(x.articles) * weight * part * part
		c.sameFigure = c.sameFigure || figure
		i++
	}
	for ; i < len(keys); i++ {
		c.lack(t, keys[i], s.share(i, keys[i]), told)
	}
	return c
}

// lack counts a term of a story that so many told, which the piece does not have.
func (c *comparison) lack(t *tongue, key uint32, x share, told float64) {
	e := &t.terms[numberOf(key)]
	part := min(1, float64(x.articles)/told)
	c.otherFigures = c.otherFigures || e.figure && part > 0.4
	name := float64(x.names) / float64(x.articles) * float64(e.weight) * part * part
	c.names += name
	c.missing += name
}

// sameMould is the share of a title's terms from which two titles are alike
// enough for a difference in names or figures to be the news itself.
const sameMould = 0.5

// apart tells whether the titles of p and s are of one mould and what sets them
// apart is names or figures: magnitude 5.2 here, magnitude 6.1 there.
func (t *tongue) apart(p piece, s *telling) bool {
	d := t.differ(p, s)
	if less := min(p.titled, d.titled); less < 3 || float64(d.same) < sameMould*float64(less) {
		return false
	}
	if d.novelNames > 0 && 2*d.novelNames >= d.novel && d.goneNames > 0 && 2*d.goneNames >= d.gone {
		return true
	}
	// A toll rises and outlets round, so whole numbers may differ within one
	// event; scores and magnitudes do not, nor do the numbers of a series.
	oneHost := p.host != 0 && s.hosts() == 1 && s.host == p.host
	return d.novelExact && d.goneExact || oneHost && d.novelFigures && d.goneFigures
}

// agree tells whether a text that is worded as one of s tells the same: neither the
// names nor the figures of the titles differ.
func (t *tongue) agree(p piece, s *telling) bool {
	d := t.differ(p, s)
	return !d.novelFigures && !d.goneFigures && (d.novelNames == 0 || d.goneNames == 0)
}

// A difference tells what the title of a piece has that no article of a story has
// (novel), and what most titles of the story have that the piece has not (gone).
type difference struct {
	titled, same                                     int // terms of most titles; in the piece's too
	novel, novelNames, gone, goneNames               int
	novelFigures, novelExact, goneFigures, goneExact bool
}

func (t *tongue) differ(p piece, s *telling) difference {
	var d difference
	i, keys := 0, t.keys(s)
	for _, m := range p.marks {
		for ; i < len(keys) && numberOf(keys[i]) < m.number; i++ {
			d.lack(t, keys[i], s.share(i, keys[i]), s.told)
		}
		known := i < len(keys) && numberOf(keys[i]) == m.number
		if known {
			if 2*uint32(s.share(i, keys[i]).titles) >= s.told {
				d.titled++
				if m.title {
					d.same++
				}
			}
			i++
		}
		if known || !m.title {
			continue
		}
		e := &t.terms[m.number]
		d.novel++
		d.novelFigures, d.novelExact = d.novelFigures || e.figure, d.novelExact || e.exact
		if m.named >= 0.7 {
			d.novelNames++
		}
	}
	for ; i < len(keys); i++ {
		d.lack(t, keys[i], s.share(i, keys[i]), s.told)
	}
	return d
}

func (d *difference) lack(t *tongue, key uint32, x share, told uint32) {
	if 2*uint32(x.titles) < told {
		return
	}
	number := numberOf(key)
	e := &t.terms[number]
	d.titled++
	d.gone++
	d.goneFigures, d.goneExact = d.goneFigures || e.figure, d.goneExact || e.exact
	if t.named(number, 2*x.names >= x.articles) >= 0.7 {
		d.goneNames++
	}
}
