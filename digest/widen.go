package digest

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tidings/digest/text"
)

// What another name and a kind of what a topic names are worth beside it.
const (
	sameShare = 0.95
	kindShare = 0.75
	partShare = 0.28 // of a part of the name: vegetable oil is oil, but oil is mostly not that

	unclearShare = 0.94 // of another name, if one of the topic's company stands in the story
)

// Shares that say that a word is none of the topic's names, but their company: of the
// unclear ones, or of the topic's own words.
const (
	nameCompany  = 0.00
	topicCompany = 0.01
)

// company tells whether w is only company.
func (w wider) company() bool { return w.share <= topicCompany }

// widen adds to t what its reader means without typing it: the subjects of headings
// (technology), what desks of all languages are called here (Technik is technology), other names (aluminum), and kinds (of grain, wheat; of iron steel, each).
// A word that news mostly use as something else (lead) is a metal's name only beside its
// like: a story without them mentions the topic at best. Only plain words
// mean more than they say; a quoted one is what it is.
func (t *Topic) widen() {
	var room [TopicTerms]string
	keys, all, more := room[:len(t.groups)], true, false
	for i, g := range t.groups {
		if len(g) == 1 && plain(g[0]) {
			word := g[0].atoms[0].word
			if desk := desks()[word]; desk != "" {
				keys[i], t.groups[i] = text.Key(desk), append(slices.Clip(g), term{atoms: atomsOf(desk)})
			} else {
				keys[i] = meaning(word)
			}
		}
		all, more = all && keys[i] != "", more || keys[i] != ""
	}
	if !more {
		return
	}
	key := joinKeys(keys)
	if s, ok := headings()[key]; ok && all {
		t.merge(s)
		return
	}
	about, named, every, any := make([]subjects, len(keys)), subjects(0), true, false
	for i, key := range keys {
		if key != "" {
			about[i] = headings()[key]
		}
		named, every, any = named|about[i], every && about[i] != 0, any || about[i] != 0
	}
	switch {
	case every:
		t.merge(named)
	case any:
		t.about = about
	case all:
		t.widenNames(key)
	}
}

// widenNames adds other names and kinds of what t's words, which have a key, name, and the
// company by which what is unclear is known. Of a topic that is unclear itself nothing else
// is known.
func (t *Topic) widenNames(key string) {
	var words []string
	for _, g := range t.groups {
		words = append(words, g[0].atoms[0].word)
	}
	unclear := false
	text.Kinds(strings.Join(words, " "), func(name string, is text.Kinship) {
		w := wider{term{atoms: atomsOf(name)}, kindShare}
		switch {
		case unclear:
			return
		case is == text.Company:
			w.share = nameCompany
		case is == text.Unclear && text.Key(name) == key:
			unclear = true
			for i := range t.also {
				t.also[i].share = topicCompany
			}
			return
		case is == text.Unclear:
			w.share = unclearShare
		case is != text.Source && within(w.term, words) && !companion(w.term, words):
			w.share = partShare
		case is == text.Another:
			w.share = sameShare
		}
		t.also = append(t.also, w)
	})
}

// joinKeys returns the text.Key of words with these keys together.
func joinKeys(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	parts := strings.Fields(strings.Join(keys, " "))
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// meaning returns the text.Key of a word, "" for one that no heading has and no name with
// kinds. Those met last are remembered by their hashes: of a million topics most words are
// such, and to stem them would be most of what reading takes.
func meaning(word string) string {
	hash := maphash.String(meaninglessSeed, word) | 1
	known := &meaningless[hash>>1%uint64(len(meaningless))]
	if known.Load() == hash {
		return ""
	}
	key := text.Key(word)
	for part := range strings.FieldsSeq(key) {
		if !meaningful()[part] {
			known.Store(hash)
			return ""
		}
	}
	return key
}

var (
	meaningless     [1 << 17]atomic.Uint64
	meaninglessSeed = maphash.MakeSeed()
)

// meaningful has the stems of all headings and of all names that have kinds.
var meaningful = sync.OnceValue(func() map[string]bool {
	stems := make(map[string]bool)
	add := func(key string) {
		for part := range strings.FieldsSeq(key) {
			stems[part] = true
		}
	}
	for key := range headings() {
		add(key)
	}
	text.NamesWithKinds(func(name string) {
		add(name)
		add(text.Key(name))
	})
	return stems
})

// companion tells whether a part of a name stands for all of it because the other words
// keep its company anyway: oil is mostly crude, a mark is rarely German.
func companion(t term, words []string) bool {
	near := 0
	for _, a := range t.atoms {
		text.Near(a.word, func(other string, _ float64) {
			if slices.Contains(words, other) {
				near++
			}
		})
	}
	return near >= len(words)-len(t.atoms)
}

// Broadened returns t with what only a broad reading finds: parts of its name, and words
// that keep the same company. They never reach the score of a story about the topic.
func (t Topic) Broadened() Topic {
	if t.about != nil || len(t.also) > 0 && t.also[0].share == topicCompany {
		return t // an unclear word's neighbours are those of what it mostly means
	}
	t.also = slices.Clone(t.also)
	for _, g := range t.groups {
		if len(g) != 1 || !plain(g[0]) {
			continue
		}
		word := g[0].atoms[0].word
		part := 1.0
		if len(t.groups) > 1 {
			part = broadPart
			t.also = append(t.also, wider{g[0], partShare * part})
		}
		text.Near(word, func(other string, near float64) {
			if atoms := atomsOf(other); len(atoms) == 1 {
				t.also = append(t.also, wider{term{atoms: atoms}, partShare * part * near * near})
			}
		})
	}
	return t
}

// broadPart is what a part of a name is worth beside all of a name.
const broadPart = 0.6

// merge makes one group of all: science technology is news of both.
func (t *Topic) merge(s subjects) {
	var one group
	for _, g := range t.groups {
		one = append(one, g...)
	}
	t.groups, t.about = []group{one}, []subjects{s}
}

// plain tells whether a term is one word as it is spoken.
func plain(t term) bool {
	return !t.exact && len(t.atoms) == 1 && len(t.not) == 0 && t.atoms[0].written == text.Lower && !t.atoms[0].single
}

func (t Topic) aboutAt(group int) subjects {
	if t.about == nil {
		return 0
	}
	return t.about[group]
}

// within tells whether all words of t are among words.
func within(t term, words []string) bool {
	for _, a := range t.atoms {
		if !slices.Contains(words, a.word) {
			return false
		}
	}
	return true
}
