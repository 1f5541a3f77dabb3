package storage_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/digest/feed"
	"tidings/storage"
)

// A wire is a publisher, its hub, and two replicas of ours, of which one visits
// and asks and the other is called, all over HTTP.
type wire struct {
	*testing.T
	s         *storage.Store
	collector *digest.Collector
	hubs      *digest.Hubs // of the replica that asks
	log       *syncBuffer
	paper     *httptest.Server
	hub       *httptest.Server
	ours      *httptest.Server

	mu       sync.Mutex
	items    []string
	names    string // the hub that the feed names; "" for hub
	visits   int
	manner   string // of the hub: "" verifies at once, silent, refuses, denies
	requests []url.Values
	received map[digest.Reception]int
}

// Received counts what became of documents, as metrics do.
func (w *wire) Received(r digest.Reception) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.received[r]++
}

// wantReceived compares what became of all documents until now.
func (w *wire) wantReceived(want string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.TrimPrefix(fmt.Sprint(w.received), "map"); got != want {
		w.Errorf("what became of documents is counted as %s, want %s", got, want)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

const wireLeast = 15 * time.Minute

func newWire(t *testing.T, h house) *wire {
	w := &wire{T: t, s: h.open(t), log: &syncBuffer{}, received: map[digest.Reception]int{}}
	serve := func(h http.HandlerFunc) *httptest.Server {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server
	}
	w.paper, w.hub = serve(w.publishes), serve(w.takesRequests)
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	replica := func() (*digest.Collector, *feed.Fetcher) {
		f := feed.NewFetcher(feed.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		t.Cleanup(f.Close)
		return digest.NewCollector(w.s, f, wireLeast, log), f
	}
	called, f := replica()
	listener := digest.NewHubs(w.s, called, f, "", log).WatchedBy(w)
	w.ours = serve(http.StripPrefix("/telegram/hub/", listener).ServeHTTP)
	w.collector, f = replica()
	w.hubs = digest.NewHubs(w.s, w.collector, f, w.ours.URL+"/telegram/hub/", log)
	return w
}

// publishes serves the feed.
func (w *wire) publishes(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visits++
	io.WriteString(out, w.document())
}

func (w *wire) document() string {
	hub := w.names
	if hub == "" {
		hub = w.hub.URL
	}
	return fmt.Sprintf(`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour Post</title>
		<atom:link rel="hub" href="%s"/><atom:link rel="self" href="%s/feed"/>%s</channel></rss>`, hub, w.paper.URL, strings.Join(w.items, ""))
}

// news adds an item and returns the document with it.
func (w *wire) news(title string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, fmt.Sprintf(`<item><title>%s</title><link>https://harbour.example/%x</link><pubDate>%s</pubDate></item>`,
		title, title, time.Now().UTC().Format(time.RFC1123Z)))
	return w.document()
}

// takesRequests is the hub's door for subscribers (WebSub §5.1): it verifies the
// intent before it answers, which a subscriber must stand.
func (w *wire) takesRequests(out http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	w.mu.Lock()
	w.requests = append(w.requests, r.PostForm)
	manner := w.manner
	w.mu.Unlock()
	if manner == "refuses" {
		http.Error(out, "no such topic", http.StatusNotFound)
		return
	}
	q := url.Values{"hub.mode": {r.PostForm.Get("hub.mode")}, "hub.topic": {r.PostForm.Get("hub.topic")}, "hub.challenge": {"say <this>"}, "hub.lease_seconds": {"864000"}}
	switch manner {
	case "denies":
		q = url.Values{"hub.mode": {"denied"}, "hub.topic": {r.PostForm.Get("hub.topic")}, "hub.reason": {"not\nfor you"}}
		w.call(http.MethodGet, r.PostForm.Get("hub.callback")+"?"+q.Encode(), "", "")
	case "":
		code, said := w.call(http.MethodGet, r.PostForm.Get("hub.callback")+"?"+q.Encode(), "", "")
		if code != http.StatusOK || said != "say <this>" {
			w.Errorf("our answer to the hub's challenge is %d %q", code, said)
		}
	}
	out.WriteHeader(http.StatusAccepted)
}

func (w *wire) call(method, address, body, signature string) (code int, said string) {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	check(w, err)
	r.Header.Set("Content-Type", "application/rss+xml")
	if signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	answer, err := http.DefaultClient.Do(r)
	check(w, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	check(w, err)
	return answer.StatusCode, string(text)
}

func signedWith(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// visit makes everything due and collects.
func (w *wire) visit() digest.Source {
	w.Helper()
	execute(w, w.s, `UPDATE sources SET next_visit = 0`)
	must(w.collector.Collect(w.Context()))(w)
	p := must(w.s.SourceAt(w.Context(), w.paper.URL+"/feed", 0))(w)
	return p.Source
}

// ask makes every lease due and asks the hub.
func (w *wire) ask() {
	w.Helper()
	execute(w, w.s, `UPDATE leases SET next_ask = 0`)
	must(w.hubs.Ask(w.Context()))(w)
}

// asked are the modes that the hub was asked for.
func (w *wire) asked() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var modes []string
	for _, r := range w.requests {
		modes = append(modes, r.Get("hub.mode"))
	}
	return strings.Join(modes, " ")
}

// lease is the only one.
func (w *wire) lease() digest.Lease {
	w.Helper()
	var token string
	check(w, w.s.DB().QueryRow(`SELECT token FROM leases`).Scan(&token))
	l, _, err := w.s.LeaseAt(w.Context(), token)
	check(w, err)
	return l
}

func (w *wire) callback(l digest.Lease) string { return w.ours.URL + "/telegram/hub/" + l.Token }

func (w *wire) articles() int { return number(w, w.s, `SELECT COUNT(*) FROM articles`) }

// granted is a wire whose source was visited once and is brought by its hub.
func granted(t *testing.T, h house) (*wire, digest.Lease) {
	w := newWire(t, h)
	w.news("Ferry returns to the old dock")
	addSource(t, w.s, w.paper.URL+"/feed", time.Now())
	w.visit()
	w.ask()
	l := w.lease()
	if !l.Wanted || !l.Until.After(time.Now().Add(9*24*time.Hour)) || l.Failures != 0 || w.articles() != 1 {
		t.Fatalf("after a visit and a request the lease is %+v and %d articles are kept", l, w.articles())
	}
	return w, l
}

func TestAHubBringsNews(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		w, l := granted(t, h)
		visits := w.visits
		body := w.news("Council votes for a new tram line")
		for what, signature := range map[string]string{
			"no signature": "", "another's signature": signedWith("a guess", body), "the signature of another body": signedWith(l.Secret, body+" "),
		} {
			if code, _ := w.call(http.MethodPost, w.callback(l), body, signature); code != http.StatusAccepted || w.articles() != 1 {
				t.Errorf("a document with %s: %d and %d articles; want it answered like a good one and ignored", what, code, w.articles())
			}
		}
		if code, said := w.call(http.MethodPost, w.callback(l), body, signedWith(l.Secret, body)); code != http.StatusAccepted || w.articles() != 2 || w.visits != visits {
			t.Fatalf("what the hub brought: %d %s, %d articles, %d visits; want 202, 2 and none", code, said, w.articles(), w.visits-visits)
		}
		brought := func() int { return number(t, w.s, `SELECT COALESCE(MAX(brought), 0) FROM sources`) }
		at := brought()
		if code, _ := w.call(http.MethodPost, w.callback(l), body, signedWith(l.Secret, body)); code != http.StatusAccepted || w.articles() != 2 || brought() != at {
			t.Errorf("the same again: %d, %d articles; want it to count for nothing", code, w.articles())
		}
		w.wantReceived("[forged:3 known:1 news:1]")

		now := time.Now()
		if v := w.visit(); v.NextVisit.Sub(now) < digest.BroughtInterval || v.Brought.IsZero() || w.articles() != 2 {
			t.Errorf("while its hub brings news the next visit is in %v, brought %v; want %v at least", v.NextVisit.Sub(now), v.Brought, digest.BroughtInterval)
		}
		execute(t, w.s, `UPDATE sources SET brought = brought - 7200000`)
		w.news("Museum opens a lighthouse to visitors")
		if v := w.visit(); v.NextVisit.Sub(now) > 2*time.Hour || !v.Brought.IsZero() || w.articles() != 3 {
			t.Errorf("after news that were not brought the next visit is in %v, brought %v; want the usual pace", v.NextVisit.Sub(now), v.Brought)
		}

		w.ask()
		if again := w.lease(); w.asked() != "subscribe subscribe" || again.Token != l.Token || again.Secret != l.Secret || w.requests[1].Get("hub.callback") != w.callback(l) {
			t.Errorf("a renewal asked %s at %s", w.asked(), w.requests[1].Get("hub.callback"))
		}
		w.log.mu.Lock()
		defer w.log.mu.Unlock()
		if text := w.log.String(); strings.Contains(text, l.Secret) || strings.Contains(text, l.Token) {
			t.Errorf("the log tells a secret:\n%s", text)
		}
	})
}

func TestCallsOfStrangersAndOfBadHubs(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		w, l := granted(t, h)
		query := func(mode, topic, challenge string) string {
			return "?" + url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {challenge}, "hub.lease_seconds": {"60"}}.Encode()
		}
		other := w.ours.URL + "/telegram/hub/" + strings.Repeat("A", 26)
		for _, c := range []struct {
			name, method, address, body string
			want                        int
		}{
			{"no token", http.MethodPost, w.ours.URL + "/telegram/hub/", "x", 404},
			{"what is no token", http.MethodPost, w.ours.URL + "/telegram/hub/../../etc", "x", 404},
			{"a token of nobody", http.MethodPost, other, w.news("Planted story of a stranger"), 410},
			{"a challenge to nobody", http.MethodGet, other + query("subscribe", l.Topic, "c"), "", 404},
			{"a challenge for another topic", http.MethodGet, w.callback(l) + query("subscribe", "https://evil.example/", "c"), "", 404},
			{"a challenge without an end", http.MethodGet, w.callback(l) + query("subscribe", l.Topic, strings.Repeat("c", 3000)), "", 404},
			{"no challenge", http.MethodGet, w.callback(l) + query("subscribe", l.Topic, ""), "", 404},
			{"an end that we did not ask for", http.MethodGet, w.callback(l) + query("unsubscribe", l.Topic, "c"), "", 404},
			{"another mode", http.MethodGet, w.callback(l) + query("publish", l.Topic, "c"), "", 404},
			{"another method", http.MethodPut, w.callback(l), "x", 405},
		} {
			if code, said := w.call(c.method, c.address, c.body, ""); code != c.want || strings.Contains(said, l.Secret) {
				t.Errorf("%s: %d %q, want %d", c.name, code, said, c.want)
			}
		}
		if after := w.lease(); after != l || w.articles() != 1 {
			t.Errorf("the lease became %+v of %+v, and %d articles", after, l, w.articles())
		}

		due := func() bool {
			return number(t, w.s, `SELECT COUNT(*) FROM sources WHERE next_visit <= last_visit + $1`, wireLeast.Milliseconds()) == 1
		}
		for what, body := range map[string]string{"a giant": strings.Repeat("<item>", 1<<20), "a page": "<!doctype html><p>Welcome", "a bomb": "<rss>" + strings.Repeat("<a>", 100_000)} {
			execute(t, w.s, `UPDATE sources SET next_visit = last_visit + 86400000`)
			code, _ := w.call(http.MethodPost, w.callback(l), body, signedWith(l.Secret, body))
			if want := map[bool]int{true: 413, false: 202}[what == "a giant"]; code != want || !due() {
				t.Errorf("%s: %d, a visit is due as soon as manners allow: %v; want %d and true", what, code, due(), want)
			}
		}
		refused := 0
		for range 20 {
			if code, _ := w.call(http.MethodPost, w.callback(l), "x", ""); code == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused < 10 {
			t.Errorf("of twenty documents in a moment %d were refused", refused)
		}
		w.wantReceived(fmt.Sprintf("[forged:%d too_large:1 too_often:%d unreadable:2 unwanted:1]", 20-refused, refused))
	})
}

func TestNothingIsTakenWithoutAGrant(t *testing.T) {
	for _, c := range []struct{ name, before string }{
		{"nothing is granted yet", `UPDATE leases SET until = NULL`},
		{"the lease ran out", `UPDATE leases SET until = 1`},
		{"it is to end", `UPDATE leases SET wanted = 0`},
		{"its source is set aside", `UPDATE sources SET broke = 3`},
		{"its source is not visited", `UPDATE sources SET visited = 0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				w, l := granted(t, h)
				execute(t, w.s, c.before)
				body := w.news("Council votes for a new tram line")
				if code, _ := w.call(http.MethodPost, w.callback(l), body, signedWith(l.Secret, body)); code != http.StatusGone || w.articles() != 1 {
					t.Errorf("what the hub brings is answered with %d and %d articles are kept, want 410 and 1", code, w.articles())
				}
				w.wantReceived("[unwanted:1]")
			})
		})
	}
}

func TestHubsThatWillNot(t *testing.T) {
	week := 7 * 24 * time.Hour
	for _, c := range []struct {
		name, manner, names string
		least               time.Duration // until the next request, after three
	}{
		{"it never answers the question", "silent", "", 40 * time.Minute},
		{"it refuses", "refuses", "", week},
		{"it denies", "denies", "", week},
		{"it is in a private network", "", "http://10.0.0.1/hub", week},
		{"it is the cloud's own", "", "http://169.254.169.254/latest", week},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				w := newWire(t, h)
				w.manner, w.names = c.manner, c.names
				w.news("Ferry returns to the old dock")
				addSource(t, w.s, w.paper.URL+"/feed", time.Now())
				w.visit()
				var l digest.Lease
				for range 3 {
					w.ask()
					l = w.lease()
				}
				if wait := time.Until(l.NextAsk); !l.Until.IsZero() || wait < c.least-time.Minute || wait > week {
					t.Errorf("after three requests the lease is %+v, asked for again in %v; want nothing granted and %v", l, wait, c.least)
				}
				if v := w.visit(); time.Until(v.NextVisit) > 2*time.Hour {
					t.Errorf("its source is visited in %v; want the usual pace", time.Until(v.NextVisit))
				}
			})
		})
	}
}

// TestNobodyIsReliedOnWithoutALease: when the lease ends, however it does, the
// source is visited at its usual pace again.
func TestNobodyIsReliedOnWithoutALease(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(w *wire, l digest.Lease)
	}{
		{"the document names no hub any more", func(w *wire, l digest.Lease) {
			w.names = "mailto:nobody"
			w.news("Museum opens a lighthouse to visitors")
			w.visit()
		}},
		{"it names another", func(w *wire, l digest.Lease) {
			w.names = "https://other.example/hub"
			w.news("Museum opens a lighthouse to visitors")
			w.visit()
			if next := w.lease(); next.Hub != w.names || !next.Until.IsZero() || next.NextAsk.After(time.Now()) {
				w.Errorf("the lease became %+v, want the other hub to be asked at once", next)
			}
		}},
		{"the hub refuses", func(w *wire, l digest.Lease) { check(w, w.s.SaveLease(w.Context(), l.Refused(time.Now()))) }},
		{"it ran out", func(w *wire, l digest.Lease) {
			w.manner = "silent"
			execute(w, w.s, `UPDATE leases SET until = 1`)
			w.ask()
		}},
		{"it is forgotten", func(w *wire, l digest.Lease) { check(w, w.s.EndLease(w.Context(), l.Token)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				w, l := granted(t, h)
				body := w.news("Council votes for a new tram line")
				w.call(http.MethodPost, w.callback(l), body, signedWith(l.Secret, body))
				if v := w.visit(); v.Brought.IsZero() || time.Until(v.NextVisit) < digest.BroughtInterval-time.Minute {
					t.Fatalf("the hub brought news and the source is %+v, want it to be relied on", v)
				}
				c.end(w, l)
				v := must(w.s.SourceAt(t.Context(), w.paper.URL+"/feed", 0))(t).Source
				if !v.Brought.IsZero() || time.Until(v.NextVisit) > 2*time.Hour || v.NextVisit.Before(v.LastVisit.Add(wireLeast)) {
					t.Errorf("its hub brought news at %v and the next visit is in %v, want it forgotten and the usual pace", v.Brought, time.Until(v.NextVisit))
				}
			})
		})
	}
}

func TestALeaseThatIsToEndIsNotGranted(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		w, l := granted(t, h)
		execute(t, w.s, `UPDATE leases SET wanted = 0, next_ask = 1`) // between the hub's question and our note
		check(t, w.s.SaveLease(t.Context(), l.Granted(time.Now(), 90*24*time.Hour)))
		if after := w.lease(); after.Wanted || after.NextAsk.UnixMilli() != 1 {
			t.Errorf("the lease became %+v, want its end to be due still", after)
		}
	})
}

func TestNamingAnotherHubDoesNotHastenTheNextRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		w := newWire(t, h)
		w.manner = "refuses"
		w.news("Ferry returns to the old dock")
		addSource(t, w.s, w.paper.URL+"/feed", time.Now())
		w.visit()
		w.ask()
		before := w.lease()
		w.names = w.hub.URL + "/another"
		w.news("Council votes for a new tram line")
		w.visit()
		if after := w.lease(); after.Hub != w.names || after.Failures != before.Failures || !after.NextAsk.Equal(before.NextAsk) {
			t.Errorf("the refused lease %+v became %+v, want the other hub and the same wait", before, after)
		}
	})
}

func TestLeasesEnd(t *testing.T) {
	end := func(t *testing.T, h house, stop func(w *wire, v digest.Source), told string) {
		w := newWire(t, h)
		w.news("Ferry returns to the old dock")
		chat := addChat(t, w.s, 7, 0)
		own := followSource(t, w.s, chat.ID, w.paper.URL+"/feed")
		w.visit()
		w.ask()
		l := w.lease()
		stop(w, own)
		w.ask()
		if n := number(t, w.s, `SELECT COUNT(*) FROM leases`); n != 0 || w.asked() != told {
			t.Errorf("%d leases are left and the hub was asked %q, want none and %q", n, w.asked(), told)
		}
		if code, _ := w.call(http.MethodPost, w.callback(l), "x", ""); code != http.StatusGone {
			t.Errorf("what the hub brings now is answered with %d, want 410", code)
		}
	}
	onBoth(t, func(t *testing.T, h house) {
		end(t, h, func(w *wire, v digest.Source) {
			chat := must(w.s.ChatAt(t.Context(), bot.Address{Telegram: 7}))(t)
			must(w.s.UnfollowSource(t.Context(), chat.ID, v.ID))(t)
		}, "subscribe unsubscribe")
	})
	onBoth(t, func(t *testing.T, h house) {
		end(t, h, func(w *wire, v digest.Source) {
			chat := must(w.s.ChatAt(t.Context(), bot.Address{Telegram: 7}))(t)
			check(t, w.s.EraseChat(t.Context(), chat.ID))
		}, "subscribe") // nothing that tells of the reader waits for a hub
	})
	onBoth(t, func(t *testing.T, h house) {
		end(t, h, func(w *wire, v digest.Source) {
			execute(t, w.s, `UPDATE sources SET visited = 0`)
			check(t, w.s.Tidy(context.WithoutCancel(t.Context()), time.Now()))
		}, "subscribe unsubscribe")
	})
	onBoth(t, func(t *testing.T, h house) {
		end(t, h, func(w *wire, v digest.Source) { // the feed names no hub any more
			w.names = "mailto:nobody"
			w.news("Council votes for a new tram line")
			w.visit()
		}, "subscribe unsubscribe")
	})
}
