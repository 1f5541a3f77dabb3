package digest

import (
	"bufio"
	"cmp"
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

// TestWeigh draws weights at random and takes the middle of the best tenth, which is worth
// less than the best on these articles and more on others; it says what weights that were
// chosen so on one half of the articles are worth on the other.
func TestWeigh(t *testing.T) {
	if *weigh == "" {
		t.Skip("no -weigh FILE")
	}
	articles := readWeighed(t, *weigh)
	all := make([]int, len(articles))
	for i := range all {
		all[i] = i
	}
	r := rand.New(rand.NewPCG(1, 7))
	drawn := make([]weights, 800)
	values := make([][]float64, len(drawn)) // by article
	for k := range drawn {
		drawn[k] = draw(r)
		values[k] = make([]float64, len(articles))
		for i, a := range articles {
			values[k][i] = a.value(drawn[k])
		}
	}
	const halvings = 8
	var held [2][3]float64
	for range halvings {
		order := r.Perm(len(articles))
		half := len(order) / 2
		for _, x := range [][2][]int{{order[:half], order[half:]}, {order[half:], order[:half]}} {
			w := middle(drawn, values, x[0])
			for b, words := range budgets {
				for k, v := range mean(articles, x[1], w, words) {
					held[b][k] += v / (2 * halvings)
				}
			}
		}
	}
	t.Logf("on halves that were left out: %.2f", held)
	chosen := middle(drawn, values, all)
	t.Logf("on all: %+v", chosen)
	for _, words := range budgets {
		t.Logf("%d words: R1 R2 Lsum %.2f as they are, %.2f as chosen", words, mean(articles, all, chosenWeights, words), mean(articles, all, chosen, words))
	}
}

// ranges are where weights are looked for.
var ranges = []struct {
	of       func(*weights) *float64
	from, to float64
}{
	{func(w *weights) *float64 { return &w.near }, 1.5, 6},
	{func(w *weights) *float64 { return &w.late }, .002, .1},
	{func(w *weights) *float64 { return &w.pairs }, .5, 4},
	{func(w *weights) *float64 { return &w.single }, .03, .5},
	{func(w *weights) *float64 { return &w.often }, .1, 1},
	{func(w *weights) *float64 { return &w.first }, .005, .08},
	{func(w *weights) *float64 { return &w.number }, .001, .02},
	{func(w *weights) *float64 { return &w.hanging }, .003, .03},
	{func(w *weights) *float64 { return &w.mine }, .02, .2},
	{func(w *weights) *float64 { return &w.word }, .05, .25},
}

// draw returns weights anywhere in their ranges.
func draw(r *rand.Rand) (w weights) {
	for _, x := range ranges {
		*x.of(&w) = x.from * math.Pow(x.to/x.from, r.Float64())
	}
	return w
}

// middle returns the geometric mean of those tenth of the drawn weights that are worth the
// most on some articles.
func middle(drawn []weights, values [][]float64, of []int) (w weights) {
	order, sums := make([]int, len(drawn)), make([]float64, len(drawn))
	for k := range drawn {
		order[k] = k
		for _, i := range of {
			sums[k] += values[k][i]
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sums[b], sums[a]) })
	best := order[:len(order)/10]
	for _, x := range ranges {
		logs := 0.0
		for _, k := range best {
			logs += math.Log(*x.of(&drawn[k]))
		}
		*x.of(&w) = math.Exp(logs / float64(len(best)))
	}
	return w
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

// value is the sum of all that is asked of the summaries of an article.
func (a *weighed) value(w weights) (v float64) {
	for _, words := range budgets {
		for _, x := range a.rouge(a.passage.best(words, w)) {
			v += x
		}
	}
	return v
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
