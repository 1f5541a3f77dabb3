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
// words, and decides topics whose words may stand anywhere, phrases, OR and excludes, with
// score and words of each. What a naive reading of the topics finds in the first stories is
// compared with what the matcher found, which must be the same.
//
// All times are of the processor, on one core. Other work on the machine spoils its caches,
// now more, now less, and the smaller matcher's more than the larger one's, which never fit
// into them. So matcher and library take turns in one process, each for about as long, and
// the ratio is the median of the turns'; beside it stand the best turn of each, which is
// what a quiet machine would show. The topics' texts are not kept meanwhile: the collector
// would follow them in every turn.
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

	news := makeStories(*stories)
	fmt.Printf("%d topics, %d stories of 400 words\n\n%-28s %12s %12s %14s %12s\n", *topics, *stories, "", "built in s", "stories/s", "bytes/topic", "found/story")
	m := digest.NewMatcher()
	ours, remembered := build(m, *topics, news)
	fmt.Printf("%-28s %12.2f %12.0f %14.1f %12.1f\n", ours.name, ours.built.Seconds(), ours.rate, float64(ours.bytes)/float64(*topics), float64(ours.found)/float64(len(news)))
	fmt.Printf("%-28s %.1f bytes a topic, of which %.1f are the words' letters\n", "with what it remembers", float64(remembered)/float64(*topics), float64(letters(*topics))/float64(*topics))
	same(m, makeTopics(*topics), news[:min(20, len(news))])
	change(m, *topics, parse(makeTopics(min(2000, *topics))))

	for name := range strings.SplitSeq(*peers, ",") {
		if name == "" {
			continue
		}
		compare(ours, newPeer(name, makeTopics(*topics)), news, *topics)
		debug.FreeOSMemory()
	}
	runtime.KeepAlive(m)
}

// build fills a matcher, and returns besides how many bytes it has with what it remembers
// of stories. What reading topics remembers of words is none of the matcher's.
func build(m *digest.Matcher, topics int, news []string) (r *result, remembered uint64) {
	queries := makeTopics(topics)
	parse(queries[:min(100_000, topics)])
	r = &result{name: "this matcher", before: heap(), match: func(s string) int { return len(m.Match(document(s))) }}
	for from := 0; from < len(queries); from += 1000 {
		parsed := parse(queries[from:min(from+1000, len(queries))])
		begin := used()
		for i, t := range parsed {
			m.Add(digest.TopicID(from+i), t)
		}
		r.built += used() - begin
	}
	r.bytes = r.grown()
	r.round(news)
	remembered = r.grown()
	runtime.KeepAlive(queries)
	return r, remembered
}

// letters counts those of the distinct words of topics.
func letters(topics int) int {
	n, seen := 0, make(map[string]bool)
	for _, q := range makeTopics(topics) {
		for w := range strings.FieldsSeq(strings.NewReplacer(`"`, "", "-", "").Replace(q)) {
			if w != "OR" && !seen[w] {
				seen[w] = true
				n += len(w)
			}
		}
	}
	return n
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
	name   string
	before uint64 // the heap without it
	built  time.Duration
	bytes  uint64
	match  func(story string) int
	rate   float64 // of the best round
	found  int     // in the last round
}

// grown returns by how much the heap has grown.
func (r *result) grown() uint64 { return heap() - r.before }

// round matches stories and returns how many a second.
func (r *result) round(news []string) float64 {
	r.found = 0
	begin := used()
	for _, s := range news {
		r.found += r.match(s)
	}
	rate := float64(len(news)) / (used() - begin).Seconds()
	r.rate = max(r.rate, rate)
	return rate
}

// rounds is how often a matcher and its peer take turns.
const rounds = 20

// compare lets the two take turns, and prints the peer's figures and ratios. In a turn the
// peer has a tenth of the stories, which takes about as long as all do with the matcher.
func compare(ours, peer *result, news []string, topics int) {
	peer.round(news[:len(news)/10])
	ours.round(news)
	ours.rate, peer.rate = 0, 0
	var ratios []float64
	found := 0
	for i := range rounds {
		tenth := i % 10
		theirs := peer.round(news[len(news)*tenth/10 : len(news)*(tenth+1)/10])
		found += peer.found
		ratios = append(ratios, ours.round(news)/theirs)
	}
	slices.Sort(ratios)
	fmt.Printf("%-28s %12.2f %12.0f %14.1f %12.1f\n", peer.name, peer.built.Seconds(), peer.rate, float64(peer.bytes)/float64(topics), float64(found)/float64(len(news)*rounds/10))
	fmt.Printf("%-28s %11.1f× %11.1f× %13.2f×\n", "  ours against it", peer.built.Seconds()/ours.built.Seconds(), ratios[rounds/2], float64(ours.bytes)/float64(peer.bytes))
	fmt.Printf("%-28s %11.1f× to %.1f×, best rounds %.0f and %.0f a second: %.1f×\n", "  its rounds", ratios[0], ratios[rounds-1], ours.rate, peer.rate, ours.rate/peer.rate)
}

// newPeer builds a library's matcher.
func newPeer(name string, queries []string) *result {
	phrases := make([]string, len(queries))
	for i := range phrases {
		phrases[i] = phrase(queries[i])
	}
	r := &result{before: heap()}
	begin := used()
	switch name {
	case "petar":
		b := petar.NewAhoCorasickBuilder(petar.Opts{MatchKind: petar.StandardMatch, DFA: false})
		ac := b.Build(phrases)
		r.name, r.match = "petar-dambovaliev", func(s string) int {
			n := 0
			it := ac.IterOverlapping(strings.ToLower(s))
			for next := it.Next(); next != nil; next = it.Next() {
				n++
			}
			return n
		}
	case "cloudflare":
		ac := ahocorasick.NewStringMatcher(phrases)
		r.name, r.match = "cloudflare", func(s string) int { return len(ac.Match([]byte(strings.ToLower(s)))) }
	default:
		log.Fatalf("no library %q", name)
	}
	r.built = used() - begin
	r.bytes = r.grown()
	runtime.KeepAlive(phrases)
	return r
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
	clear(stemmed)
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

// stemmed keeps the stems that the naive reading took.
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
