package text

import (
	_ "embed"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
)

// words.bin is made by make_words.go and says what is known of English words before any
// story is read. It is used where it lies; only an index of 1 MB is made of it, the first
// time that something is asked.
//
//go:embed words.bin
var wordsFile string

const (
	subjectsOfWord = 5
	nearOfWord     = 8
	commonWords    = 500 // see Rarity
)

// A vocabulary is words.bin, taken apart.
type vocabulary struct {
	words    string   // a line each, the more frequent first
	begins   []uint32 // of words, and the end
	index    []uint32 // open addressing: place+1 by hash
	seed     maphash.Seed
	subjects []string
	expected []float64 // of each subject, from an average word
	speakFor string
	near     string
	kinds    string
	heads    []uint32 // where lines of kinds begin
}

var known = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{seed: maphash.MakeSeed()}
	rest := strings.TrimPrefix(wordsFile, "words 1\n")
	v.words, rest = blob(rest)
	names, rest := blob(rest)
	v.subjects = strings.Split(names, "\n")
	for range v.subjects {
		v.expected = append(v.expected, float64(math.Float32frombits(binary.LittleEndian.Uint32([]byte(rest[:4])))))
		rest = rest[4:]
	}
	n := strings.Count(v.words, "\n") + 1
	v.speakFor, rest = rest[:2*subjectsOfWord*n], rest[2*subjectsOfWord*n:]
	v.near, rest = blob(rest)
	v.kinds, _ = blob(rest)
	v.index = make([]uint32, 1<<17)
	at := 0
	for w := range strings.SplitSeq(v.words, "\n") {
		v.begins = append(v.begins, uint32(at))
		at += len(w) + 1
		slot := v.slot(w)
		for v.index[slot] != 0 {
			slot = (slot + 1) % uint32(len(v.index))
		}
		v.index[slot] = uint32(len(v.begins))
	}
	v.begins = append(v.begins, uint32(at))
	for at := 0; at < len(v.kinds); {
		v.heads = append(v.heads, uint32(at))
		at += strings.IndexByte(v.kinds[at:], '\n') + 1
	}
	return v
})

// blob cuts off a text with its length in front.
func blob(s string) (string, string) {
	n := binary.LittleEndian.Uint32([]byte(s[:4]))
	return s[4 : 4+n], s[4+n:]
}

func (v *vocabulary) slot(w string) uint32 {
	return uint32(maphash.String(v.seed, w)) % uint32(len(v.index))
}

// place returns the place of a folded word in the order of frequency, or -1.
func (v *vocabulary) place(w string) int {
	for slot := v.slot(w); v.index[slot] != 0; slot = (slot + 1) % uint32(len(v.index)) {
		if n := int(v.index[slot] - 1); v.word(n) == w {
			return n
		}
	}
	return -1
}

func (v *vocabulary) word(n int) string { return v.words[v.begins[n] : v.begins[n+1]-1] }

// Rarity tells how much one mention of a folded word says, from near 0 for the commonest
// English words to 1 from about the five thousandth on and for all that are not known.
func Rarity(w string) float64 {
	v := known()
	if n := v.place(w); n >= 0 {
		return rarityAt(n)
	}
	return 1
}

func rarityAt(place int) float64 {
	return min(1, math.Log(float64(place+10)/10)/math.Log(commonWords))
}

// Known tells whether a folded word is among the 60,000 commonest of English news.
func Known(w string) bool { return known().place(w) >= 0 }

// Subjects returns the names of what the news is about, in the order of their numbers.
func Subjects() []string { return known().subjects }

// ExpectSubjects returns what each subject gets from an average word.
func ExpectSubjects() []float64 { return known().expected }

// SpeakFor calls yield with the numbers of the subjects that a folded English word speaks
// for and how surely, at most 1 times its rarity. It tells whether the word is known.
func SpeakFor(w string, yield func(subject int, weight float64)) (rarity float64, ok bool) {
	v := known()
	n := v.place(w)
	if n < 0 {
		return 0, false
	}
	rarity = rarityAt(n)
	row := v.speakFor[2*subjectsOfWord*n : 2*subjectsOfWord*(n+1)]
	for i := 0; yield != nil && i < len(row) && row[i] > 0; i += 2 {
		yield(int(row[i])-1, float64(row[i+1])/255)
	}
	return rarity, true
}

// Near calls yield with words that stand in the same company as a folded English word,
// the nearest first, and how near, below 1.
func Near(w string, yield func(word string, near float64)) {
	v := known()
	const row = 3 * nearOfWord
	n := v.place(w)
	if n < 0 || (n+1)*row > len(v.near) {
		return
	}
	for i := n * row; i < (n+1)*row; i += 3 {
		if v.near[i+2] == 0 {
			return
		}
		yield(v.word(int(v.near[i])|int(v.near[i+1])<<8), float64(v.near[i+2])/255)
	}
}

// How a name is related to another one, see Kinds.
type Kinship int

const (
	AKind   Kinship = iota // a kind of it: of grain, wheat
	Another                // another name of it: cereal
	Unclear                // another name, or its own, that mostly means something else
	Company                // a word that what is unclear stands with: with lead, zinc
	Source                 // what it is a part of and named after: of sunflower seed, sunflower
)

// kinships are those that are marked in words.bin.
var kinships = map[byte]Kinship{'=': Another, '!': Unclear, '?': Company, '+': Source}

// Kinds calls yield with other names of what a name says, in any order and form of its
// words, and with its kinds. The company of unclear names comes first, then the likelier.
func Kinds(name string, yield func(name string, is Kinship)) {
	list, ok := kindsOf(name)
	if !ok {
		list, _ = kindsOf(Key(name))
	}
	for name := range strings.SplitSeq(list, ",") {
		if name == "" {
			continue
		}
		if is, marked := kinships[name[0]]; marked {
			yield(name[1:], is)
		} else {
			yield(name, AKind)
		}
	}
}

// NamesWithKinds calls yield with every name, or key of names, that has kinds or other names.
func NamesWithKinds(yield func(name string)) {
	v := known()
	for _, at := range v.heads {
		name, _, _ := strings.Cut(v.kinds[at:], "\t")
		yield(name)
	}
}

// kindsOf returns the list of a head in words.bin.
func kindsOf(head string) (list string, ok bool) {
	v := known()
	i := sort.Search(len(v.heads), func(i int) bool {
		other, _, _ := strings.Cut(v.kinds[v.heads[i]:], "\t")
		return other >= head
	})
	if i == len(v.heads) {
		return "", false
	}
	line, _, _ := strings.Cut(v.kinds[v.heads[i]:], "\n")
	other, list, _ := strings.Cut(line, "\t")
	if other != head {
		return "", false
	}
	return list, true
}

// Key returns what the words of a name have in common in any order and number: their
// English stems, sorted, with spaces between.
func Key(name string) string {
	var stems []string
	for w := range Words(name, "en") {
		stems = append(stems, w.Stem)
	}
	slices.Sort(stems)
	return strings.Join(stems, " ")
}

// Usual returns about which part of short news texts a folded English word stands in, by
// its place in the order of frequency: a quarter for the commonest, 2 in 100,000 for what
// is not among the 60,000 words that are known.
func Usual(w string) float64 {
	v := known()
	n := v.place(w)
	if n < 0 {
		n = 100_000
	}
	return 2 / float64(n+8)
}
