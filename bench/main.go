// Bench matches stories with very many topics, by this project's matcher and by the
// Aho-Corasick libraries for Go, and prints ratios:
//
//	cd bench && go run . -topics 100000 -peers petar,cloudflare
//	cd bench && go run . -topics 1000000 -stories 500 -peers petar
//
// It is a module of its own, so that the libraries are none of the product's.
//
// The libraries get the easier task: they find a topic's words as one phrase, byte by
// byte, in a story in small letters. The matcher reads the raw story, folds and stems its
// words, and decides topics whose words may stand anywhere, phrases, OR and excludes. All
// times are of the processor, on one core, and of each matcher's best round: other work
// on the machine spoils the others. What a naive reading of the topics finds in the first
// stories is compared with what the matcher found, which must be the same.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/cloudflare/ahocorasick"
	petar "github.com/petar-dambovaliev/aho-corasick"

	"tidings/digest"
)

func main() {
	topics := flag.Int("topics", 100_000, "distinct topics")
	stories := flag.Int("stories", 2000, "stories of 400 words")
	peers := flag.String("peers", "petar", "libraries: petar, cloudflare")
	flag.Parse()
	runtime.GOMAXPROCS(1)

	queries := makeTopics(*topics)
	news := makeStories(*stories)
	fmt.Printf("%d topics, %d stories of 400 words\n\n%-28s %12s %12s %14s %12s\n", *topics, *stories, "", "built in s", "stories/s", "bytes/topic", "found/story")

	digest.MatchOne(parse(queries[:1])[0], document(news[0])) // reads what all topics need
	before := heap()
	m := digest.NewMatcher()
	var built time.Duration
	for from := 0; from < len(queries); from += 1000 {
		parsed := parse(queries[from:min(from+1000, len(queries))])
		begin := used()
		for i, t := range parsed {
			m.Add(digest.TopicID(from+i), t)
		}
		built += used() - begin
	}
	ours := result{name: "this matcher", built: built, bytes: heap() - before}
	ours.run(news, *topics, func(s string) int { return len(m.Match(document(s))) })
	fmt.Printf("%-28s %.1f bytes a topic\n", "with what it remembers", float64(heap()-before)/float64(*topics))
	same(m, queries, news[:min(20, len(news))])
	change(m, *topics, parse(queries[:min(2000, len(queries))]))

	for name := range strings.SplitSeq(*peers, ",") {
		phrases := make([]string, len(queries))
		for i := range phrases {
			phrases[i] = phrase(queries[i])
		}
		var r result
		before := heap()
		begin := used()
		switch name {
		case "":
			continue
		case "petar":
			b := petar.NewAhoCorasickBuilder(petar.Opts{MatchKind: petar.StandardMatch, DFA: false})
			ac := b.Build(phrases)
			r = result{name: "petar-dambovaliev", built: used() - begin, bytes: heap() - before}
			r.run(news, *topics, func(s string) int {
				n := 0
				it := ac.IterOverlapping(strings.ToLower(s))
				for next := it.Next(); next != nil; next = it.Next() {
					n++
				}
				return n
			})
			runtime.KeepAlive(ac)
		case "cloudflare":
			ac := ahocorasick.NewStringMatcher(phrases)
			r = result{name: "cloudflare", built: used() - begin, bytes: heap() - before}
			r.run(news, *topics, func(s string) int { return len(ac.Match([]byte(strings.ToLower(s)))) })
			runtime.KeepAlive(ac)
		default:
			log.Fatalf("no library %q", name)
		}
		fmt.Printf("%-28s %11.1f× %11.1f× %13.2f×\n", "  ours against it", r.built.Seconds()/ours.built.Seconds(), ours.rate/r.rate, float64(ours.bytes)/float64(r.bytes))
		debug.FreeOSMemory()
	}
	runtime.KeepAlive(m)
}

func parse(queries []string) []digest.Topic {
	parsed := make([]digest.Topic, len(queries))
	for i, q := range queries {
		t, err := digest.ParseTopic(q)
		if err != nil {
			log.Fatalf("topic %q: %v", q, err)
		}
		parsed[i] = t
	}
	return parsed
}

func document(s string) digest.Document { return digest.NewDocument(s[:60], s[60:], nil, "en") }

// A result is one matcher's figures.
type result struct {
	name  string
	built time.Duration
	bytes uint64
	rate  float64
}

// rounds is how many parts the stories are matched in, twice; the first time warms up.
const rounds = 20

func (r *result) run(news []string, topics int, match func(string) int) {
	found := 0
	for range 2 {
		found = 0
		for part := range slices.Chunk(news, max(1, len(news)/rounds)) {
			begin := used()
			for _, s := range part {
				found += match(s)
			}
			r.rate = max(r.rate, float64(len(part))/(used()-begin).Seconds())
		}
	}
	fmt.Printf("%-28s %12.2f %12.0f %14.1f %12.1f\n", r.name, r.built.Seconds(), r.rate, float64(r.bytes)/float64(topics), float64(found)/float64(len(news)))
}

// same insists that the matcher finds what a naive reading of topics finds: this one
// knows nothing but single spaces, stops, small letters and English stems.
func same(m *digest.Matcher, queries, news []string) {
	topics := make([]naiveTopic, len(queries))
	for i, q := range queries {
		topics[i] = readTopic(q)
	}
	total := 0
	for _, s := range news {
		stems, pairs := make(map[string]bool), make(map[string]bool)
		for _, part := range []string{s[:60], s[60:]} {
			before := ""
			for _, w := range strings.Fields(part) {
				w = strings.ToLower(strings.TrimSuffix(w, "."))
				stems[stem(w)], pairs[before+" "+w] = true, true
				before = w
			}
		}
		var want, got []digest.TopicID
		for i, t := range topics {
			if t.fits(stems, pairs) {
				want = append(want, digest.TopicID(i))
			}
		}
		for _, x := range m.Match(document(s)) {
			got = append(got, x.Topic)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			log.Fatalf("the matcher finds %d topics, naive reading %d", len(got), len(want))
		}
		total += len(got)
	}
	fmt.Printf("%-28s %d matches in %d stories, all the same\n", "against naive reading", total, len(news))
}

// A naiveTopic is a query of makeTopics.
type naiveTopic struct {
	phrase        string   // a pair in a row
	all, any, not []string // stems
}

func readTopic(q string) naiveTopic {
	if strings.HasPrefix(q, `"`) {
		return naiveTopic{phrase: strings.Trim(q, `"`)}
	}
	var t naiveTopic
	f := strings.Fields(q)
	for i, w := range f {
		switch {
		case w == "OR":
		case i > 0 && f[i-1] == "OR" || i+1 < len(f) && f[i+1] == "OR":
			t.any = append(t.any, stem(w))
		case w[0] == '-':
			t.not = append(t.not, stem(w[1:]))
		default:
			t.all = append(t.all, stem(w))
		}
	}
	return t
}

func (t naiveTopic) fits(stems, pairs map[string]bool) bool {
	in := func(s string) bool { return stems[s] }
	if t.phrase != "" {
		return pairs[t.phrase]
	}
	for _, s := range t.all {
		if !stems[s] {
			return false
		}
	}
	return (len(t.any) == 0 || slices.ContainsFunc(t.any, in)) && !slices.ContainsFunc(t.not, in)
}

var stemmed = make(map[string]string)

func stem(w string) string {
	s, ok := stemmed[w]
	if !ok {
		env := snowballstem.NewEnv(w)
		s = w
		if english.Stem(env); len(w) > 2 {
			s = env.Current()
		}
		stemmed[w] = s
	}
	return s
}

// change adds and removes topics and prints how long the slowest took.
func change(m *digest.Matcher, topics int, parsed []digest.Topic) {
	var all []time.Duration
	for _, t := range parsed {
		begin := time.Now()
		m.Add(digest.TopicID(topics+1), t)
		all = append(all, time.Since(begin))
		begin = time.Now()
		m.Remove(digest.TopicID(topics + 1))
		all = append(all, time.Since(begin))
	}
	slices.Sort(all)
	fmt.Printf("%-28s median %s, 99th percentile %s\n", "a topic added or removed", all[len(all)/2], all[len(all)*99/100])
}

// used is the processor's time of this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// words are as many as news has with its names, and as often: the second half as often
// as the first.
const words = 300_000

func word(n int) string {
	ends := []string{"", "s", "ing", "ed", "er", "ation"}
	var b strings.Builder
	for k := n*7 + 11; k > 0; k /= 17 {
		b.WriteByte("bcdfghklmnprstvwz"[k%17])
		b.WriteByte("aeiou"[k%5])
	}
	return b.String() + ends[n%len(ends)]
}

// spoken draws a word as texts have them: the n-th is n times as rare as the first.
func spoken(r *rand.Rand) string { return word(int(math.Pow(words, r.Float64()))) }

// sought draws a word as readers seek them: hardly any of the two hundred commonest.
func sought(r *rand.Rand) string { return word(int(200 * math.Pow(words/200, r.Float64()))) }

func makeTopics(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	seen := make(map[string]bool, n)
	queries := make([]string, 0, n)
	for len(queries) < n {
		a, b := sought(r), sought(r)
		q := ""
		switch r.IntN(10) {
		case 0, 1, 2, 3:
			q = a + " " + b
		case 4, 5, 6:
			q = `"` + a + " " + b + `"`
		case 7:
			q = sought(r) + " " + a + " OR " + b
		case 8:
			q = a + " " + b + " -" + sought(r)
		default:
			q = a + " " + b + " " + sought(r)
		}
		if a != b && !seen[q] {
			seen[q] = true
			queries = append(queries, q)
		}
	}
	return queries
}

// phrase is what a library is given for a topic.
func phrase(q string) string {
	f := strings.FieldsFunc(q, func(r rune) bool { return r == '"' || r == ' ' })
	if f[1] == "OR" || len(f) < 2 {
		return f[0]
	}
	return f[0] + " " + f[1]
}

func makeStories(n int) []string {
	r := rand.New(rand.NewPCG(3, 4))
	news := make([]string, n)
	for i := range news {
		var b strings.Builder
		for k := range 400 {
			w := spoken(r)
			if k%20 == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			b.WriteString(w)
			if k%20 == 19 {
				b.WriteString(". ")
			} else {
				b.WriteByte(' ')
			}
		}
		news[i] = b.String()
	}
	return news
}
