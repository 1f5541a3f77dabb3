package digest

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tidings/digest/text"
)

var weigh = flag.String("weigh", "", "choose the weights of summaries from this file: JSON Lines of text and refs (a sentence a line)")

// TestWeigh looks for weights by random steps, and says what weights chosen on four
// fifths of the articles are worth on the fifth that was left out.
func TestWeigh(t *testing.T) {
	if *weigh == "" {
		t.Skip("no -weigh FILE")
	}
	articles := readWeighed(t, *weigh)
	all := make([]int, len(articles))
	for i := range all {
		all[i] = i
	}
	report := func(name string, w weights, of []int) {
		for _, words := range budgets {
			t.Logf("%-28s %2d words: R1 R2 Lsum %.2f", name, words, mean(articles, of, w, words))
		}
	}
	report("as they are", chosenWeights, all)
	const folds = 5
	var sum [2][3]float64
	for fold := range folds {
		var in, out []int
		for i := range articles {
			if i%folds == fold {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		w := climb(articles, in, 2000, uint64(fold))
		for b, words := range budgets {
			m := mean(articles, out, w, words)
			for k := range m {
				sum[b][k] += m[k] * float64(len(out)) / float64(len(articles))
			}
		}
		t.Logf("without fold %d: %+v", fold, w)
	}
	t.Logf("on what was left out: %.2f", sum)
	w := climb(articles, all, 4000, 9)
	t.Logf("on all: %+v", w)
	report("on all", w, all)
}

var budgets = [2]int{66, 80}

// A weighed is one article with what is asked of its summary.
type weighed struct {
	passage *passage
	tokens  [][]string // of each candidate
	refs    [][][]string
	memo    map[string][3]float64
}

func readWeighed(t *testing.T, file string) []*weighed {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []*weighed
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var x struct {
			Text string   `json:"text"`
			Refs []string `json:"refs"`
		}
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		a := &weighed{passage: read("", x.Text, "en", nil), memo: map[string][3]float64{}}
		for _, c := range a.passage.candidates {
			a.tokens = append(a.tokens, rougeTokens(c.text))
		}
		for _, ref := range x.Refs {
			var lines [][]string
			for line := range strings.Lines(ref) {
				lines = append(lines, rougeTokens(line))
			}
			a.refs = append(a.refs, lines)
		}
		list = append(list, a)
	}
	return list
}

func mean(articles []*weighed, of []int, w weights, words int) (m [3]float64) {
	for _, i := range of {
		for k, x := range articles[i].rouge(articles[i].passage.best(words, w)) {
			m[k] += x / float64(len(of))
		}
	}
	return m
}

func objective(articles []*weighed, of []int, w weights) float64 {
	v := 0.0
	for _, words := range budgets {
		m := mean(articles, of, w, words)
		v += m[0] + m[1] + m[2]
	}
	return v
}

// climb takes random steps, larger ones first, and keeps what is better.
func climb(articles []*weighed, of []int, steps int, seed uint64) weights {
	r := rand.New(rand.NewPCG(seed, 7))
	best := chosenWeights
	value := objective(articles, of, best)
	for n := range steps {
		w := best
		size := math.Exp2(1 - 3*float64(n)/float64(steps))
		fields := []*float64{&w.decay, &w.late, &w.pairs, &w.single, &w.first, &w.early, &w.hanging, &w.word, &w.number, &w.name}
		for range 1 + r.IntN(3) {
			f := fields[r.IntN(len(fields))]
			switch {
			case r.IntN(12) == 0:
				*f = 0
			case *f == 0:
				*f = .02 * r.Float64() * size
			default:
				*f *= math.Exp(size * r.NormFloat64() / 2)
			}
		}
		w.decay = max(w.decay, .3)
		if v := objective(articles, of, w); v > value {
			best, value = w, v
		}
	}
	return best
}

// rougeTokens are the stems that ROUGE counts.
func rougeTokens(s string) []string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i, f := range fields {
		if len(f) > 3 {
			fields[i] = text.Stem(f, text.Stemmer("en"))
		}
	}
	return fields
}

// rouge returns R1, R2 and Lsum of a choice, the best over the references.
func (a *weighed) rouge(chosen []int) (best [3]float64) {
	key := fmt.Sprint(chosen)
	if v, ok := a.memo[key]; ok {
		return v
	}
	var sentences [][]string
	for _, i := range chosen {
		sentences = append(sentences, a.tokens[i])
	}
	flat := slices.Concat(sentences...)
	for _, ref := range a.refs {
		words := slices.Concat(ref...)
		best[0] = max(best[0], overlap(words, flat, 1))
		best[1] = max(best[1], overlap(words, flat, 2))
		best[2] = max(best[2], unionLCS(ref, sentences))
	}
	a.memo[key] = best
	return best
}

func harmonic(hits, a, b int) float64 {
	if hits == 0 {
		return 0
	}
	p, r := float64(hits)/float64(a), float64(hits)/float64(b)
	return 100 * 2 * p * r / (p + r)
}

func overlap(ref, got []string, n int) float64 {
	if len(ref) < n || len(got) < n {
		return 0
	}
	left, hits := map[string]int{}, 0
	for i := range len(ref) - n + 1 {
		left[strings.Join(ref[i:i+n], " ")]++
	}
	for i := range len(got) - n + 1 {
		if g := strings.Join(got[i:i+n], " "); left[g] > 0 {
			left[g]--
			hits++
		}
	}
	return harmonic(hits, len(got)-n+1, len(ref)-n+1)
}

func unionLCS(refs, sentences [][]string) float64 {
	leftRef, leftGot := map[string]int{}, map[string]int{}
	n, m, hits := 0, 0, 0
	for _, s := range refs {
		n += len(s)
		for _, w := range s {
			leftRef[w]++
		}
	}
	for _, s := range sentences {
		m += len(s)
		for _, w := range s {
			leftGot[w]++
		}
	}
	for _, ref := range refs {
		in := make([]bool, len(ref))
		for _, s := range sentences {
			lcs(ref, s, in)
		}
		for i, w := range ref {
			if in[i] && leftRef[w] > 0 && leftGot[w] > 0 {
				leftRef[w]--
				leftGot[w]--
				hits++
			}
		}
	}
	return harmonic(hits, m, n)
}

// lcs marks in a a longest common subsequence with b.
func lcs(a, b []string, in []bool) {
	t := make([][]int, len(a)+1)
	for i := range t {
		t[i] = make([]int, len(b)+1)
	}
	for i, x := range a {
		for j, y := range b {
			if x == y {
				t[i+1][j+1] = t[i][j] + 1
			} else {
				t[i+1][j+1] = max(t[i][j+1], t[i+1][j])
			}
		}
	}
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			in[i-1] = true
			i, j = i-1, j-1
		case t[i][j-1] > t[i-1][j]:
			j--
		default:
			i--
		}
	}
}
