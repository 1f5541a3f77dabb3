package digest

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A writer makes texts of words as frequent as in a language, and copies of them as
// desks edit them.
type writer struct {
	rand  *rand.Rand
	words []string
	zipf  *rand.Zipf
}

func newWriter(seed uint64) *writer {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &writer{rand: r, zipf: rand.NewZipf(r, 1.1, 20, 40_000)}
	for i := range 40_001 {
		word := ""
		for n := i + 17; n > 0; n /= 60 {
			word += string("bdfgklmnprst"[n%12]) + string("aeiou"[n/12%5])
		}
		w.words = append(w.words, word+"x")
	}
	return w
}

func (w *writer) text(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = w.words[w.zipf.Uint64()]
	}
	return words
}

// edited changes one word in twelve and in half of the cases cuts the end off.
func (w *writer) edited(words []string) []string {
	var out []string
	for _, x := range words {
		switch w.rand.IntN(36) {
		case 0: // left out
		case 1:
			out = append(out, w.words[w.zipf.Uint64()])
		case 2:
			out = append(out, x, w.words[w.zipf.Uint64()])
		default:
			out = append(out, x)
		}
	}
	if w.rand.IntN(2) == 0 {
		out = out[:len(out)-len(out)/10]
	}
	return out
}

// article makes an article of words: the first ten are its title.
func (w *writer) article(id int, words []string) Article {
	title := strings.Join(words[:10], " ")
	return Article{
		ID: ArticleID(id), Host: fmt.Sprintf("h%d.example", w.rand.IntN(500)), Language: "en",
		Title: strings.ToUpper(title[:1]) + title[1:], Text: strings.Join(words[10:], " "), Published: noon, Seen: noon,
	}
}

// termsOf returns the words' numbers, as a tongue would give them.
func termsOf(words []string, numbers map[string]uint32) []uint32 {
	terms := make([]uint32, len(words))
	for i, w := range words {
		n, ok := numbers[w]
		if !ok {
			n = uint32(len(numbers))
			numbers[w] = n
		}
		terms[i] = n
	}
	return terms
}

// copies plays originals, each followed later by an edited copy, and counts those
// that are found: rightly, wrongly, and how many there were.
func copies(n int) (right, wrong int, all [][]uint32) {
	w, numbers := newWriter(1), map[string]uint32{}
	var (
		known     prints
		originals [][]string
	)
	anybody := func(uint32) bool { return true }
	for i := range n {
		original := w.text(30 + w.rand.IntN(40))
		originals = append(originals, original)
		terms := termsOf(original, numbers)
		if _, found := known.copied(printOf(terms), anybody); found {
			wrong++
		}
		known.add(printOf(terms), uint32(i))
		all = append(all, terms)
		of := w.rand.IntN(i + 1)
		terms = termsOf(w.edited(originals[of]), numbers)
		switch s, found := known.copied(printOf(terms), anybody); {
		case found && int(s) == of:
			right++
		case found:
			wrong++
		}
		all = append(all, terms)
	}
	return right, wrong, all
}

func TestCopiesAreFound(t *testing.T) {
	const n = 2000
	right, wrong, _ := copies(n)
	if recall, precision := float64(right)/n, float64(right)/float64(right+wrong); recall < 0.9 || precision < 0.999 {
		t.Errorf("of %d edited copies %d are found and %d texts are taken for what they are not: recall %.3f, precision %.4f; want 0.9 and 0.999", n, right, wrong, recall, precision)
	}
}

// BenchmarkCopies is the step that recognises copies, a story an operation, among
// 40,000 others.
func BenchmarkCopies(b *testing.B) {
	const n = 20_000
	right, wrong, all := copies(n)
	var known prints
	for i, terms := range all {
		known.add(printOf(terms), uint32(i))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		at := i % len(all)
		x := printOf(all[at])
		known.copied(x, func(uint32) bool { return true })
		known.add(x, uint32(at))
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
	b.ReportMetric(float64(right)/n, "recall")
	b.ReportMetric(float64(right)/float64(right+wrong), "precision")
}

// BenchmarkWindowRestore rebuilds the window of 72 hours at 350,000 stories a week from
// a shelf in memory, and tells what a story costs in memory, with the words it knows. The
// stories have no subjects, so that there are no lessons.
func BenchmarkWindowRestore(b *testing.B) {
	const n = 150_000
	w, shelf := newWriter(2), newMemory()
	for i := range n {
		a := w.article(i+1, w.text(35+w.rand.IntN(15)))
		a.Seen = noon.Add(time.Duration(i-n) * StorySpan / n)
		a.Published = a.Seen
		shelf.articles, shelf.story[a.ID] = append(shelf.articles, a), StoryID(i+1)
	}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		j := NewJoiner(shelf, func() StoryID { return 0 }, slog.New(slog.DiscardHandler))
		j.now = func() time.Time { return noon }
		if err := j.restore(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		j.lessons = nil
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/story")
		if got := len(j.window.stories); got != n {
			b.Fatalf("%d stories in the window, want %d", got, n)
		}
		runtime.KeepAlive(j)
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/rebuild")
}

func TestWindowBoundsWhatHostileFeedsCost(t *testing.T) {
	const n = 800
	for _, tt := range []struct {
		name    string
		article func(i int) Article
		stories int // at most
	}{
		{"one text again and again", func(int) Article {
			return told("a.example", "Mayor Alda Finch resigns over harbour loan", strings.Repeat("The mayor resigned on Monday after the loan. ", 3))
		}, 1},
		{"titles of one word", func(i int) Article { return told("a.example", "Live", "") }, n},
		{"titles without letters", func(i int) Article { return told("a.example", strings.Repeat("!", i%50), "…") }, n},
		{"one common frame", func(i int) Article {
			return told("a.example", fmt.Sprintf("Results %d", i), "All results of the day at a glance, with tables.")
		}, n},
		{"endless texts", func(i int) Article {
			return told("a.example", strings.Repeat("mayor ", 50_000), strings.Repeat("loan\u200b", 100_000)+fmt.Sprint(i))
		}, n},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := StoryID(0)
			w := NewWindow(func() StoryID { id++; return id })
			few := n
			if tt.name == "endless texts" {
				few = 5
			}
			for i := range few {
				a := tt.article(i)
				a.ID, a.Seen = ArticleID(i+1), noon.Add(time.Duration(i)*time.Second)
				w.Place(a)
			}
			tongue := w.tongues[spoken{0, "en"}]
			widest, postings := 0, 0
			for _, s := range w.stories {
				widest = max(widest, len(s.tongue.keys(s)))
			}
			for _, e := range tongue.terms {
				postings += len(e.stories)
			}
			if len(w.stories) > tt.stories || widest > widestStory || postings > listedTerms*few || len(tongue.prints.known) > few {
				t.Errorf("%d stories, the widest of %d terms, %d postings, %d prints; want at most %d, %d, %d and %d", len(w.stories), widest,
					postings, len(tongue.prints.known), tt.stories, widestStory, listedTerms*few, few)
			}
		})
	}
}

func TestPrintsOfOneTextTakeNoMoreRoom(t *testing.T) {
	var p prints
	for range 1000 {
		p.add(printOf([]uint32{1, 2, 3, 4, 5, 6, 7, 8}), 7)
	}
	if len(p.known) != 1 || len(p.table) > math.MaxUint16 {
		t.Errorf("a text told a thousand times takes %d prints and %d slots, want one print", len(p.known), len(p.table))
	}
}

func TestPackedTermsAreWhatTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfDistinct(rapid.Uint32Max(1<<(32-keyBits)-1), rapid.ID).Draw(t, "numbers")
		slices.Sort(numbers)
		var marks []mark
		var want []uint32
		for _, n := range numbers {
			m := mark{number: n, name: rapid.Bool().Draw(t, "name"), title: rapid.Bool().Draw(t, "title")}
			marks, want = append(marks, m), append(want, m.key())
		}
		var words tongue
		if got := unpack(words.pack(marks), nil); !slices.Equal(got, want) {
			t.Fatalf("unpack(pack(%v)) = %v, want %v", marks, got, want)
		}
	})
}
