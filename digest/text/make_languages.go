//go:build ignore

// This program makes languages.bin, by which Language tells languages of one script
// apart, from the n-gram models of the Go module github.com/pemistahl/lingua-go
// (Apache-2.0, see NOTICE):
//
//	go run make_languages.go $(go mod download -json github.com/pemistahl/lingua-go@v1.4.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
//
// A model says how likely a letter is after the up to four before it. Kept is what
// shorter contexts would not say nearly as well.
package main

import (
	"archive/zip"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"tidings/digest/text"
)

const (
	kept    = 1_300_000 // n-grams times languages
	longest = 5
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run make_languages.go FOLDER-OF-LINGUA-GO")
	}
	if filepath.Base(os.Args[1]) != "lingua-go@v1.4.0" {
		log.Fatal("the models are those of lingua-go@v1.4.0")
	}
	type entry struct {
		gram     string
		language int
		p, worth float64
	}
	var all []entry
	var mu sync.Mutex
	var work sync.WaitGroup
	free := make(chan struct{}, runtime.NumCPU())
	for i, code := range text.Guessed() {
		work.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			m := read(filepath.Join(os.Args[1], "language-models", model(code)))
			chain := map[string]float64{"": 0}
			var mine []entry
			for n := 1; n <= longest; n++ {
				for g, p := range m {
					if utf8.RuneCountInString(g) != n {
						continue
					}
					_, last := utf8.DecodeLastRuneInString(g)
					before, ok := chain[g[:len(g)-last]]
					if !ok {
						before = -25
					}
					joint := before + math.Log(p)
					chain[g] = joint
					// What would be said without it, by the next shorter context known.
					worth := math.Inf(1)
					if n > 1 {
						rest := g
						less := 0.0
						for rest != "" {
							_, first := utf8.DecodeRuneInString(rest)
							rest = rest[first:]
							less += text.BackOff
							if q, ok := m[rest]; ok {
								less += math.Log(q)
								break
							}
						}
						if rest == "" {
							less += text.Unseen
						}
						worth = math.Exp(joint) * math.Abs(math.Log(p)-less)
					}
					mine = append(mine, entry{g, i, math.Log(p), worth})
				}
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	work.Wait()
	fmt.Println(len(all), "n-grams read")
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.language, b.language), cmp.Compare(a.gram, b.gram))
	})
	all = all[:min(len(all), kept)]
	byGram := map[uint32][]entry{}
	for _, e := range all {
		h := text.GramHash(e.gram)
		byGram[h] = append(byGram[h], e)
	}
	buckets := make([][]uint16, 1<<16)
	for h := range byGram {
		buckets[h>>16] = append(buckets[h>>16], uint16(h))
	}
	offsets := make([]byte, 0, 4<<16)
	var records []byte
	for b, low := range buckets {
		offsets = binary.LittleEndian.AppendUint32(offsets, uint32(len(records)))
		slices.Sort(low)
		for _, l := range low {
			list := byGram[uint32(b)<<16|uint32(l)]
			slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.language, b.language) })
			records = binary.LittleEndian.AppendUint16(records, l)
			records = append(records, byte(len(list)))
			for _, e := range list {
				records = append(records, byte(e.language), byte(min(255, math.Round(-e.p*text.GramScale))))
			}
		}
	}
	offsets = binary.LittleEndian.AppendUint32(offsets, uint32(len(records)))
	if err := os.WriteFile("languages.bin", append(offsets, records...), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(byGram), "kept,", len(offsets)+len(records), "bytes")
}

func model(code string) string {
	if code == "no" {
		return "nb"
	}
	return code
}

// read returns the probability of every n-gram's last letter after the others.
func read(dir string) map[string]float64 {
	m := map[string]float64{}
	for _, n := range strings.Fields("unigrams bigrams trigrams quadrigrams fivegrams") {
		z, err := zip.OpenReader(filepath.Join(dir, n+".pb.bin.zip"))
		if err != nil {
			log.Fatal(err)
		}
		f, err := z.File[0].Open()
		if err != nil {
			log.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			log.Fatal(err)
		}
		z.Close()
		for len(b) > 0 {
			key := b[0]
			v, c := binary.Uvarint(b[1:])
			b = b[1+c:]
			if key&7 != 2 {
				continue
			}
			readSet(b[:v], m)
			b = b[v:]
		}
	}
	return m
}

// readSet reads n-grams of one probability: field 1 a double, field 2 strings.
func readSet(s []byte, m map[string]float64) {
	p := 0.0
	for len(s) > 0 {
		if s[0]&7 == 1 {
			p = math.Float64frombits(binary.LittleEndian.Uint64(s[1:]))
			s = s[9:]
			continue
		}
		n, c := binary.Uvarint(s[1:])
		m[string(s[1+c:1+c+int(n)])] = p
		s = s[1+c+int(n):]
	}
}
