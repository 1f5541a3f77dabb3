package digest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"tidings/digest/text"
)

// lexRank is what we measure ourselves against: the program as it is usually written,
// with maps. Sentences are nodes, idf-modified cosines from .1 on their edges, and the rank
// is that of a random walk; the best ranked that fit are the summary.
func lexRank(given, language string, words int) []string {
	var sentences []string
	var bags []map[string]float64
	idf := map[string]float64{}
	for _, x := range text.Sentences(given, language) {
		s := x.In(given)
		bag := map[string]float64{}
		for w := range text.Words(s, language) {
			bag[w.Stem]++
		}
		for w := range bag {
			idf[w]++
		}
		sentences, bags = append(sentences, s), append(bags, bag)
	}
	n := len(sentences)
	for w, spread := range idf {
		idf[w] = math.Log(1 + float64(n)/spread)
	}
	edges := make([]map[int]float64, n)
	for i := range bags {
		edges[i] = map[int]float64{}
		for j := range bags {
			if idfCosine(bags[i], bags[j], idf) >= .1 {
				edges[i][j] = 1
			}
		}
	}
	rank := walk(edges)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(math.Copysign(1, rank[b]-rank[a])) })
	var chosen []int
	for _, i := range order {
		if c := text.CountWords(sentences[i]); c <= words && len(chosen) < 4 {
			words -= c
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	var list []string
	for _, i := range chosen {
		list = append(list, sentences[i])
	}
	return list
}

func idfCosine(a, b, idf map[string]float64) float64 {
	dot, left, right := 0.0, 0.0, 0.0
	for w, v := range a {
		dot += v * b[w] * idf[w] * idf[w]
		left += v * v * idf[w] * idf[w]
	}
	for w, v := range b {
		right += v * v * idf[w] * idf[w]
	}
	return dot / math.Sqrt(left*right)
}

// walk returns the stationary distribution of a random walk, found by repetition.
func walk(edges []map[int]float64) []float64 {
	n := len(edges)
	rank := make([]float64, n)
	for i := range rank {
		rank[i] = 1 / float64(n)
	}
	for range 100 {
		next, moved := make([]float64, n), 0.0
		for i := range next {
			next[i] = .15 / float64(n)
		}
		for i, out := range edges {
			for j, v := range out {
				next[j] += .85 * rank[i] * v / float64(len(out))
			}
		}
		for i := range next {
			moved += math.Abs(next[i] - rank[i])
		}
		if rank = next; moved < 1e-4 {
			break
		}
	}
	return rank
}

// invented is an article of some 600 words, 24 sentences, about nothing.
func invented() string {
	subjects := []string{"The council of Port Low", "Mayor Ines Hale", "A spokesman for the ferry company", "Dr. Tom Ito", "The harbour's oldest pilot", "An engineer from Lower Fell"}
	verbs := []string{"ordered", "opposes", "has measured", "will pay for", "inspected", "never wanted"}
	objects := []string{"two electric ferries", "the new northern pier", "a bridge of 412 metres", "repairs to the lighthouse", "the cranes on the eastern quay", "a survey of the sandbank"}
	ends := []string{"on Monday", "after a long debate about costs", "because the old ships leak oil", "in spite of 3.5 million in debts", "until the tide allows it", "while ninety people watched from the shore"}
	var b strings.Builder
	for i := range 24 {
		fmt.Fprintf(&b, "%s %s %s %s, and %s, who %s %s, said “%s is what we need” %s. ", subjects[i*5%6], verbs[i*7/2%6], objects[i*11/3%6], ends[(i*i+i)/2%6],
			strings.ToLower(subjects[(i+i/6)%6]), verbs[i*i%6], objects[(i+1)%6], objects[i*5/2%6], ends[i*7/3%6])
	}
	return b.String()
}

// BenchmarkSummarize compares the summary of one article with that of lexRank.
func BenchmarkSummarize(b *testing.B) {
	given := invented()
	articles := []Article{{Text: given, Language: "en"}}
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(given)))
		b.ReportAllocs()
		for b.Loop() {
			Summarize("Port Low orders ferries", articles, 66)
		}
	})
	b.Run("lexrank", func(b *testing.B) {
		b.SetBytes(int64(len(given)))
		b.ReportAllocs()
		for b.Loop() {
			lexRank(given, "en", 66)
		}
	})
	b.Run("remembered", func(b *testing.B) {
		story, summaries := Story{ID: 1, Title: "Port Low orders ferries", Articles: articles}, new(Summaries)
		b.SetBytes(int64(len(given)))
		b.ReportAllocs()
		for b.Loop() {
			summaries.Of(story, 66)
		}
	})
}
