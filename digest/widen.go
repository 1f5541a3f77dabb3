package digest

import (
	"slices"
	"strings"

	"tidings/digest/text"
)

// What another name and a kind of what a topic names are worth beside it.
const (
	sameShare = 0.95
	kindShare = 0.75
	partShare = 0.28 // of a part of the name: vegetable oil is oil, but oil is mostly not that
)

// widen adds to t what its reader means without typing it: the subjects of headings
// (technology), other names (aluminum), and kinds (of grain, wheat). Only plain words
// mean more than they say; a quoted one is what it is.
func (t *Topic) widen() {
	words := make([]string, 0, len(t.groups))
	for _, g := range t.groups {
		if len(g) != 1 || !plain(g[0]) {
			words = nil
			break
		}
		words = append(words, g[0].atoms[0].word)
	}
	key := text.Key(strings.Join(words, " "))
	if s, ok := headings()[key]; ok && words != nil {
		t.merge(s)
		return
	}
	all, any := subjects(0), false
	about := make([]subjects, len(t.groups))
	every := true
	for i, g := range t.groups {
		if len(g) == 1 && plain(g[0]) {
			about[i] = headings()[text.Key(g[0].atoms[0].word)]
		}
		all |= about[i]
		any = any || about[i] != 0
		every = every && about[i] != 0
	}
	switch {
	case every:
		t.merge(all)
	case any:
		t.about = about
	case words != nil:
		text.Kinds(key, func(name string, same bool) {
			w := wider{term{atoms: atomsOf(name)}, kindShare}
			switch {
			case within(w.term, words):
				w.share = partShare
			case same:
				w.share = sameShare
			}
			t.also = append(t.also, w)
		})
	}
}

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
