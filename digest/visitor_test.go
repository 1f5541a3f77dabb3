package digest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tidings/digest/feed"
)

// asVisitor makes a copy of this program a visitor, which has a process of its
// own: what it holds of the machine's memory is all its own.
const asVisitor = "RUN_AS_VISITOR"

func TestMain(m *testing.M) {
	if os.Getenv(asVisitor) != "" {
		runErrands(os.Stdin, os.Stdout)
		return
	}
	goleak.VerifyTestMain(m)
}

// A road is one way by which a stranger's bytes come in.
type road string

const (
	roadVisit   road = "visit"   // a feed, by the collector
	roadLook    road = "look"    // what a reader named, by the scout
	roadPage    road = "page"    // an article's page, by the page reader, robots.txt first
	roadOutline road = "outline" // a list that a reader sent
)

// An errand sends a visitor to an address. Every name is looked up as At.
type errand struct {
	Road     road
	Address  string
	At       string        // host:port
	Patience time.Duration // for one fetch
}

// An account tells how an errand went, and a visit after it.
type account struct {
	Title    string // of the first that was found
	Reason   string
	Next     string // why the good source could not be read afterwards; "" when it could
	Computed time.Duration
	Grown    int64 // bytes of memory in use at the worst moment, above those before; -1 where nobody tells
}

// good is the source that every visitor visits after the bad one.
const good = "http://good.example/feed"

// A visitor is the other process.
type visitor struct {
	in  *json.Encoder
	out *json.Decoder
}

func startVisitor(t *testing.T) visitor {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), asVisitor+"=1")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); child.Wait() })
	return visitor{json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))}
}

func (v visitor) run(t *testing.T, e errand) (a account) {
	t.Helper()
	if err := v.in.Encode(e); err != nil {
		t.Fatal(err)
	}
	if err := v.out.Decode(&a); err != nil {
		t.Fatalf("the visitor gives no account of %+v: %v", e, err) // it died
	}
	return a
}

// runErrands is what the other process does.
func runErrands(in io.Reader, out io.Writer) {
	asked, answers := json.NewDecoder(in), json.NewEncoder(out)
	for e := (errand{}); asked.Decode(&e) == nil; e = (errand{}) {
		debug.FreeOSMemory()
		before, marked := residentNow(), resetPeak()
		computed := computedSoFar()
		a := e.run()
		a.Computed = computedSoFar() - computed
		a.Grown = -1
		if marked {
			a.Grown = residentPeak() - before
		}
		e.Road, e.Address = roadVisit, good
		a.Next = e.run().Reason
		answers.Encode(a)
	}
}

// run goes by the road, as the product goes there.
func (e errand) run() (a account) {
	ctx := context.Background()
	u, _ := url.Parse(e.Address)
	web := feed.NewFetcher(feed.Options{AllowNetworks: loopback, Hosts: map[string]string{u.Hostname(): e.At}, Timeout: e.Patience})
	defer web.Close()
	silent := slog.New(slog.DiscardHandler)
	switch e.Road {
	case roadVisit:
		shelf := newMemory(Source{Address: e.Address})
		c := NewCollector(shelf, web, least, silent)
		c.now = func() time.Time { return noon }
		if _, err := c.Collect(ctx); err != nil {
			a.Reason = err.Error()
		} else if a.Reason = shelf.source(1).Reason; len(shelf.articles) > 0 {
			a.Title = shelf.articles[0].Title
		}
	case roadLook:
		found, err := NewScout(web).Look(ctx, e.Address, 3)
		if err != nil {
			a.Reason = err.Error()
		} else if a.Title = found[0].Source.Name; len(found[0].Headlines) > 0 {
			a.Title = found[0].Headlines[0].Title
		}
	case roadPage:
		shelf := &pageMemory{wanted: []WantedPage{{Article: 1, Address: e.Address, Title: toolTitle, Language: "en", Since: time.Now()}}}
		if _, err := NewPageReader(shelf, web, feed.NewRobots(web, "Tidings"), silent).Read(ctx); err != nil {
			a.Reason = err.Error()
		} else {
			a.Title, a.Reason = shelf.visit(1).Page.Title, shelf.visit(1).Reason
		}
	case roadOutline:
		ask, _ := http.NewRequest(http.MethodGet, "http://"+e.At+u.Path, nil)
		ask.Host = u.Host
		answer, err := http.DefaultClient.Do(ask) // Telegram stands between, with the same bytes
		if err != nil {
			return account{Reason: err.Error()}
		}
		defer answer.Body.Close()
		file, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
		o, err := ReadOutlines(file)
		if err != nil {
			a.Reason = err.Error()
		} else if len(o.Sources) > 0 {
			a.Title = o.Sources[0].Source.Name
		}
	}
	return a
}

func computedSoFar() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resetPeak makes the kernel forget the most memory that this process held.
func resetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

func residentNow() int64  { return statusBytes("VmRSS:") }
func residentPeak() int64 { return statusBytes("VmHWM:") }

func statusBytes(name string) int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		var kilobytes int64
		if rest, ok := strings.CutPrefix(string(line), name); ok {
			fmt.Sscan(rest, &kilobytes)
			return kilobytes << 10
		}
	}
	return 0
}

// raceDetector tells whether this program was built with it.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" && s.Value == "true" {
			return true
		}
	}
	return false
}
