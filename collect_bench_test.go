package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tidings/digest"
	"tidings/digest/feed"
	"tidings/storage"
)

// The publishers of the benchmarks are a copy of this program: what they cost
// is not ours, and nothing of theirs is in our memory.
const (
	asPublishers   = "RUN_AS_PUBLISHERS"
	benchItems     = 30
	benchPublisher = "127.%d.%d.1:%d" // each on an address of its own
)

// BenchmarkPass visits 2,000 feeds of 30 items once: when nothing is new, and
// when every tenth has a new item. Beside the feeds in a second of the clock it
// tells what one feed costs us in time of the processor; the publishers, another
// process, share the machine.
func BenchmarkPass(b *testing.B) {
	const feeds = 2000
	for name, database := range benchDatabases(b) {
		p := startPublishers(b, 0)
		store, collector := benchCollector(b, database(), p, feeds)
		p.pass(b, store, collector, feeds) // everything is new
		for _, c := range []struct {
			name    string
			changed int
		}{{"nothing new", 0}, {"a tenth changed", 10}} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				used := time.Duration(0)
				parsed := collector.parsed.Load()
				for b.Loop() {
					b.StopTimer()
					if c.changed > 0 {
						p.tell("change " + strconv.Itoa(c.changed))
					}
					makeDue(b, store)
					runtime.GC()
					before := processorTime(b)
					b.StartTimer()
					p.collect(b, collector, feeds)
					b.StopTimer()
					used += processorTime(b) - before
					b.StartTimer()
				}
				n := float64(b.N * feeds)
				b.ReportMetric(n/b.Elapsed().Seconds(), "feeds/s")
				b.ReportMetric(float64(used.Microseconds())/n, "cpu-µs/feed")
				b.ReportMetric(float64(collector.parsed.Load()-parsed)/float64(b.N), "parses/pass")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkSweep visits 5,000 sources whose servers take 200 ms to answer.
func BenchmarkSweep(b *testing.B) {
	const feeds = 5000
	p := startPublishers(b, 200*time.Millisecond)
	store, collector := benchCollector(b, filepath.Join(b.TempDir(), "tidings.db"), p, feeds)
	p.pass(b, store, collector, feeds)
	for b.Loop() {
		b.StopTimer()
		makeDue(b, store)
		b.StartTimer()
		p.collect(b, collector, feeds)
	}
}

// BenchmarkTwentyThousand tells the most that the process ever held of the
// machine's memory, and what it holds afterwards, when it visits 20,000 sources
// again and again: the first time everything is new. Pages of files that are
// mapped count, too, and so does the program itself.
//
//	go test . -run '^$' -bench TwentyThousand -benchtime 1x
func BenchmarkTwentyThousand(b *testing.B) {
	const feeds = 20_000
	p := startPublishers(b, 0)
	store, collector := benchCollector(b, filepath.Join(b.TempDir(), "tidings.db"), p, feeds)
	for b.Loop() {
		p.pass(b, store, collector, feeds)
	}
	held := heldMemory(b)
	b.ReportMetric(held["VmHWM"]/1e6, "MB-at-most")
	b.ReportMetric(held["VmRSS"]/1e6, "MB")
	b.ReportMetric(held["RssFile"]/1e6, "MB-of-files")
}

func benchDatabases(b *testing.B) map[string]func() string {
	all := map[string]func() string{"sqlite": func() string { return filepath.Join(b.TempDir(), "tidings.db") }}
	if address := os.Getenv("TEST_DATABASE_URL"); address != "" {
		all["postgres"] = func() string { return benchSchema(b, address) }
	}
	return all
}

// benchSchema makes an empty schema on a server, which goes with the benchmark.
func benchSchema(b *testing.B, server string) string {
	name := fmt.Sprintf("bench_%d", rand.Uint64())
	s, err := storage.Open(b.Context(), server, storage.Options{})
	check(b, err)
	_, err = s.DB().Exec("CREATE SCHEMA " + name)
	check(b, err)
	b.Cleanup(func() {
		s.DB().Exec("DROP SCHEMA " + name + " CASCADE")
		s.Close()
	})
	if strings.Contains(server, "?") {
		return server + "&search_path=" + name
	}
	return server + "?search_path=" + name
}

// A benchedCollector counts what it was told of visits.
type benchedCollector struct {
	*digest.Collector
	visited, parsed, failed atomic.Int64
}

func (c *benchedCollector) Visited(o digest.Outcome) {
	c.visited.Add(1)
	switch {
	case o.Err != nil:
		c.failed.Add(1)
	case o.Changed:
		c.parsed.Add(1)
	}
}

func benchCollector(b *testing.B, database string, p *publishers, feeds int) (*storage.Store, *benchedCollector) {
	b.Helper()
	spareMemory()
	store, err := storage.Open(b.Context(), database, storage.Options{})
	check(b, err)
	b.Cleanup(func() { store.Close() })
	sources := make([]digest.Source, feeds)
	for i := range sources {
		sources[i] = digest.Source{Name: fmt.Sprintf("Paper %d", i), Address: "http://" + p.address(i) + "/feed.xml", Language: "en"}
	}
	_, err = store.AddSources(b.Context(), sources)
	check(b, err)
	fetcher := feed.NewFetcher(feed.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	b.Cleanup(fetcher.Close)
	c := &benchedCollector{}
	c.Collector = digest.NewCollector(store, fetcher, 15*time.Minute, slog.New(slog.DiscardHandler)).WatchedBy(c)
	return store, c
}

func makeDue(b *testing.B, store *storage.Store) {
	_, err := store.DB().Exec(`UPDATE sources SET next_visit = 0`)
	check(b, err)
}

// publishers are the other process.
type publishers struct {
	port int
	in   io.Writer
	out  *bufio.Reader
	b    *testing.B
}

func startPublishers(b *testing.B, latency time.Duration) *publishers {
	b.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asPublishers+"="+latency.String())
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	check(b, err)
	out, err := child.StdoutPipe()
	check(b, err)
	check(b, child.Start())
	b.Cleanup(func() { in.Close(); child.Wait() })
	p := &publishers{in: in, out: bufio.NewReader(out), b: b}
	p.port, err = strconv.Atoi(p.hear())
	check(b, err)
	return p
}

func (p *publishers) address(i int) string {
	return fmt.Sprintf(benchPublisher, 1+i/250, i%250, p.port)
}

func (p *publishers) hear() string {
	line, err := p.out.ReadString('\n')
	check(p.b, err)
	return strings.TrimSpace(line)
}

func (p *publishers) tell(words string) {
	fmt.Fprintln(p.in, words)
	p.hear()
}

// pass makes all sources due and visits them.
func (p *publishers) pass(b *testing.B, store *storage.Store, c *benchedCollector, feeds int) {
	makeDue(b, store)
	p.collect(b, c, feeds)
}

func (p *publishers) collect(b *testing.B, c *benchedCollector, feeds int) {
	visited := c.visited.Load()
	for more := true; more; {
		var err error
		more, err = c.Collect(b.Context())
		check(b, err)
	}
	if got := c.visited.Load() - visited; got != int64(feeds) || c.failed.Load() > 0 {
		b.Fatalf("%d of %d sources visited, %d visits failed", got, feeds, c.failed.Load())
	}
}

// publish is the other process: it answers every request, by its Host and what
// it asks for. "change 10" on standard input gives every tenth feed a new item.
func publish() {
	latency, _ := time.ParseDuration(os.Getenv(asPublishers))
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var round, every atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answerAll(c, latency, &round, &every)
		}
	}()
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		n, _ := strconv.ParseInt(strings.TrimPrefix(in.Text(), "change "), 10, 64)
		every.Store(n)
		round.Add(1)
		fmt.Println("done")
	}
	os.Exit(0)
}

func answerAll(c net.Conn, latency time.Duration, round, every *atomic.Int64) {
	defer c.Close()
	in := make([]byte, 4096)
	for {
		n, err := c.Read(in)
		if err != nil || !bytes.HasSuffix(in[:n], []byte("\r\n\r\n")) {
			return
		}
		time.Sleep(latency)
		var a, b int
		local := c.LocalAddr().(*net.TCPAddr).IP.To4()
		a, b = int(local[1]), int(local[2])
		i, news := (a-1)*250+b, int64(0)
		if k := every.Load(); k > 0 && int64(i)%k == 0 {
			news = round.Load()
		}
		tag := fmt.Sprintf(`"%d"`, news)
		if bytes.Contains(in[:n], []byte("If-None-Match: "+tag)) {
			fmt.Fprintf(c, "HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n", tag)
			continue
		}
		body := benchFeed(i, int(news))
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n%s", tag, len(body), body)
	}
}

// benchFeed is the feed of a publisher with so many items newer than the first
// thirty, which push the oldest out.
func benchFeed(publisher, news int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Paper %d</title><link>https://paper%d.example/</link><language>en</language>`, publisher, publisher)
	now := time.Now().Add(-time.Hour).Truncate(time.Hour)
	for n := benchItems + news; n > news; n-- {
		words := benchWords(publisher, n)
		fmt.Fprintf(&b, `<item><title>%s</title><link>https://paper%d.example/%d/%s</link><guid>https://paper%d.example/?p=%d</guid><pubDate>%s</pubDate><category>News</category><description>&lt;p&gt;%s said on Tuesday that %s. %s, the board wrote, and "%s".&lt;/p&gt;</description></item>`,
			strings.Join(words[:8], " "), publisher, n, strings.Join(words[:3], "-"), publisher, n, now.Add(time.Duration(n-1000)*time.Minute).Format(time.RFC1123Z),
			strings.Join(words[8:14], " "), strings.Join(words[14:28], " "), strings.Join(words[28:40], " "), strings.Join(words[40:], " "))
	}
	b.WriteString(`</channel></rss>`)
	return b.Bytes()
}

// benchWords are sixty words that no other item has in this order.
func benchWords(publisher, item int) []string {
	r := rand.New(rand.NewPCG(uint64(publisher), uint64(item)))
	pool := strings.Fields(`harbour council ferry engine wind market school hospital river bridge minister budget tram
		museum strike court police coast storm price grain energy library research vaccine satellite election border
		festival league captain orchestra factory union airport station forest drought flood island treaty census`)
	words := make([]string, 60)
	for i := range words {
		words[i] = pool[r.IntN(len(pool))]
	}
	return words
}

func processorTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// heldMemory is what the process holds of the machine's memory, in bytes, by the
// names that the system has for it (proc_pid_status(5)).
func heldMemory(b *testing.B) map[string]float64 {
	file, err := os.ReadFile("/proc/self/status")
	check(b, err)
	held := map[string]float64{}
	for line := range strings.Lines(string(file)) {
		var name string
		var kilobytes float64
		if n, _ := fmt.Sscanf(strings.Replace(line, ":", " ", 1), "%s %f kB", &name, &kilobytes); n == 2 {
			held[name] = kilobytes * 1024
		}
	}
	return held
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
