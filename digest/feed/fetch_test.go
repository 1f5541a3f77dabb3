package feed

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func TestFetchRefusesAddressesItMustNotVisit(t *testing.T) {
	f := fetcher(t, Options{Timeout: 5 * time.Second})
	cases := []struct {
		address string
		want    error
	}{
		{"http://127.0.0.1/", ErrPrivateAddress},
		{"http://2130706433/", ErrPrivateAddress}, // 127.0.0.1 as one number, as resolvers read it
		{"http://localhost:8080/", ErrPrivateAddress},
		{"http://10.1.2.3/", ErrPrivateAddress},
		{"http://172.16.0.1/", ErrPrivateAddress},
		{"http://192.168.1.1:8443/", ErrPrivateAddress},
		{"http://100.64.0.1/", ErrPrivateAddress},
		{"http://100.100.100.200/latest/meta-data", ErrPrivateAddress},
		{"http://169.254.169.254/latest/meta-data", ErrPrivateAddress},
		{"http://168.63.129.16/", ErrPrivateAddress},
		{"http://0.0.0.0/", ErrPrivateAddress},
		{"http://[::1]/", ErrPrivateAddress},
		{"http://[::ffff:127.0.0.1]/", ErrPrivateAddress},
		{"http://[::ffff:a9fe:a9fe]/", ErrPrivateAddress},
		{"http://[64:ff9b::7f00:1]/", ErrPrivateAddress},
		{"http://[fe80::1]/", ErrPrivateAddress},
		{"http://[fd00:ec2::254]/", ErrPrivateAddress},
		{"http://[2002:7f00:1::]/", ErrPrivateAddress},
		{"http://[::1]:6379/", ErrPrivateAddress}, // whatever its port
		{"http://192.168.1.1:25/", ErrPrivateAddress},
		{"http://203.0.113.9/", ErrPrivateAddress}, // for documentation
		{"http://8.8.8.8:25/", ErrBadAddress},
		{"http://[2001:4860:4860::8888]:22/", ErrBadAddress},
		{"ftp://example.com/feed", ErrBadAddress},
		{"file:///etc/passwd", ErrBadAddress},
		{"gopher://x:70/", ErrBadAddress},
		{"http:///feed", ErrBadAddress},
		{"example.com/feed", ErrBadAddress},
		{"http://exa mple.com/", ErrBadAddress},
		{"http://example.com/" + strings.Repeat("a", 5000), ErrBadAddress},
		{"", ErrBadAddress},
	}
	for _, c := range cases {
		_, err := f.Fetch(context.Background(), Request{Address: c.address})
		var e *Error
		if c.address == "http://2130706433/" && errors.Is(err, ErrUnreachable) {
			continue // this machine's resolver does not read numbers as addresses
		}
		if !errors.Is(err, c.want) || !errors.As(err, &e) {
			t.Errorf("Fetch(%.60q) = %v, want an *Error with %v", c.address, err, c.want)
		}
	}
}

func TestFetchAllowsAnyPortInAllowedNetworksOnly(t *testing.T) {
	site := serve(t, text(goodFeed))
	for _, c := range []struct {
		allow string
		want  error
	}{
		{"127.0.0.0/8", nil},
		{"10.0.0.0/8", ErrPrivateAddress},
	} {
		f := fetcher(t, Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix(c.allow)}})
		if _, err := f.Fetch(context.Background(), Request{Address: site}); !errors.Is(err, c.want) {
			t.Errorf("Fetch with %s allowed = %v, want %v", c.allow, err, c.want)
		}
	}
}

func TestFetchErrorsNeverHoldCredentials(t *testing.T) {
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/away":
			http.Redirect(w, r, "ftp://anna:hunter2@example.com/", http.StatusFound)
		}
	}))
	host := strings.TrimPrefix(site, "http://")
	f := fetcher(t, Options{AllowNetworks: loopback, Timeout: time.Second})
	for _, address := range []string{
		"http://anna:hunter2@" + host + "/missing",
		"http://anna:hunter2@" + host + "/away",
		"http://anna:hunter2@10.0.0.1/",
		"http://anna:hunter2@127.0.0.1:1/",
		"http://anna:hunter2@host.invalid/",
		"ftp://anna:hunter2@example.com/",
		"mailto:anna:hunter2@example.com",
		"http://anna:hunter2@exa mple/%zz",
		"http://anna:hunter2@" + strings.Repeat("a", 5000),
	} {
		_, err := f.Fetch(context.Background(), Request{Address: address})
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "anna") {
			t.Errorf("Fetch(%.60q) = %v, want an error without user and password", address, err)
		}
	}
}

func TestFetchSendsCredentialsToTheirOwnHostOnly(t *testing.T) {
	var other atomic.Value
	elsewhere := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		other.Store(r.Header.Get("Authorization"))
		io.WriteString(w, goodFeed)
	}))
	var seen []string
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		seen = append(seen, user+":"+password)
		switch r.URL.Path {
		case "/a":
			http.Redirect(w, r, "/b", http.StatusMovedPermanently)
		case "/b":
			http.Redirect(w, r, elsewhere+"/c", http.StatusMovedPermanently)
		}
	}))
	f := fetcher(t, Options{AllowNetworks: loopback})
	r, err := f.Fetch(context.Background(), Request{Address: strings.Replace(site, "://", "://anna:secret@", 1) + "/a"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, " "); got != "anna:secret anna:secret" {
		t.Errorf("the host saw %q, want the credentials twice", got)
	}
	if got := other.Load(); got != "" {
		t.Errorf("the other host saw %q, want nothing", got)
	}
	if r.FinalAddress != elsewhere+"/c" || r.MovedTo != "" {
		t.Errorf("FinalAddress %q, MovedTo %q; want %q and nothing", r.FinalAddress, r.MovedTo, elsewhere+"/c")
	}
}

func TestFetchFollowsRedirectsWithinReason(t *testing.T) {
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch {
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case r.URL.Path == "/private":
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusMovedPermanently)
		case r.URL.Path == "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case r.URL.Path == "/nowhere":
			w.WriteHeader(http.StatusFound)
		case r.URL.Path == "/soft":
			http.Redirect(w, r, "/hops/1", http.StatusFound)
		default:
			fmt.Sscanf(r.URL.Path, "/hops/%d", &n)
			if n == 0 {
				io.WriteString(w, goodFeed)
				return
			}
			http.Redirect(w, r, fmt.Sprintf("/hops/%d", n-1), http.StatusPermanentRedirect)
		}
	}))
	f := fetcher(t, Options{AllowNetworks: loopback, Timeout: 5 * time.Second})
	for _, c := range []struct {
		path  string
		want  error
		moved string
	}{
		{"/hops/0", nil, ""},
		{"/hops/1", nil, site + "/hops/0"},
		{"/hops/5", nil, site + "/hops/0"},
		{"/hops/6", ErrRedirects, ""},
		{"/soft", nil, ""},
		{"/loop", ErrRedirects, ""},
		{"/nowhere", ErrRedirects, ""},
		{"/private", ErrPrivateAddress, ""},
		{"/file", ErrBadAddress, ""},
	} {
		r, err := f.Fetch(context.Background(), Request{Address: site + c.path})
		if !errors.Is(err, c.want) || r.MovedTo != c.moved {
			t.Errorf("Fetch(%s) = moved to %q, %v; want %q, %v", c.path, r.MovedTo, err, c.moved, c.want)
		}
	}
}

func TestFetchIntroducesItself(t *testing.T) {
	var agents []string
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { agents = append(agents, r.UserAgent()) }))
	f := fetcher(t, Options{AllowNetworks: loopback, UserAgent: "Tidings/1"})
	for _, agent := range []string{"", "Tidings/1 (+https://t.me/tidings_bot)"} {
		if agent != "" {
			f.Introduce(agent)
		}
		if _, err := f.Fetch(t.Context(), Request{Address: at}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"Tidings/1", "Tidings/1 (+https://t.me/tidings_bot)"}; !slices.Equal(agents, want) {
		t.Errorf("visits came as %q, want %q", agents, want)
	}
}

func TestFetchAsksForChangesOnly(t *testing.T) {
	modified := noon.Add(-time.Hour).Format(http.TimeFormat)
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tag":
			w.Header().Set("ETag", `"v1"`)
			if r.Header.Get("If-None-Match") == `"v1"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		case "/date":
			w.Header().Set("Last-Modified", modified)
			if r.Header.Get("If-Modified-Since") == modified {
				w.Header().Del("Last-Modified")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		io.WriteString(w, goodFeed)
	}))
	f := fetcher(t, Options{AllowNetworks: loopback})
	for _, c := range []struct {
		path   string
		status int
	}{{"/tag", 304}, {"/date", 304}, {"/same-body", 200}} {
		first, err := f.Fetch(context.Background(), Request{Address: site + c.path})
		if err != nil || first.NotModified || string(first.Body) != goodFeed || len(first.BodyHash) != 64 {
			t.Fatalf("first Fetch(%s) = %+v, %v; want the body with its hash", c.path, first, err)
		}
		again := Request{Address: site + c.path, ETag: first.ETag, LastModified: first.LastModified, BodyHash: first.BodyHash}
		second, err := f.Fetch(context.Background(), again)
		if err != nil || !second.NotModified || second.Status != c.status || second.Body != nil {
			t.Errorf("second Fetch(%s) = %+v, %v; want not modified with %d", c.path, second, err, c.status)
		}
		if second.ETag != first.ETag || second.LastModified != first.LastModified || second.BodyHash != first.BodyHash {
			t.Errorf("second Fetch(%s) = %+v, want the validators of the first %+v", c.path, second, first)
		}
	}
	// What storage gives back may be damaged; it must not reach the header.
	if _, err := f.Fetch(context.Background(), Request{Address: site + "/tag", ETag: "a\r\nX: y", LastModified: "\x00"}); err != nil {
		t.Errorf("Fetch with a damaged ETag = %v, want nil", err)
	}
}

func TestFetchTellsWhatTheServerWishes(t *testing.T) {
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for name, values := range q {
			if name != "status" {
				w.Header().Set(name, values[0])
			}
		}
		var status int
		fmt.Sscan(q.Get("status"), &status)
		w.WriteHeader(status)
		if status == 200 {
			io.WriteString(w, goodFeed)
		}
	}))
	f := fetcher(t, Options{AllowNetworks: loopback, Now: func() time.Time { return noon }})
	for _, c := range []struct {
		query         string
		status        int // of the error; 0 for none
		after, maxAge time.Duration
	}{
		{"status=429&Retry-After=120", 429, 2 * time.Minute, 0},
		{"status=503&Retry-After=Mon,+23+Nov+2026+12:30:00+GMT", 503, 30 * time.Minute, 0},
		{"status=503&Retry-After=Mon,+23+Nov+2026+11:30:00+GMT", 503, 0, 0},
		{"status=503&Retry-After=99999999999999999999", 503, 7 * 24 * time.Hour, 0},
		{"status=503&Retry-After=-5", 503, 0, 0},
		{"status=503&Retry-After=soon", 503, 0, 0},
		{"status=404", 404, 0, 0},
		{"status=300", 300, 0, 0},
		{"status=200&Retry-After=60", 0, time.Minute, 0},
		{"status=200&Cache-Control=public,+max-age%3D600&Age=60", 0, 0, 9 * time.Minute},
		{"status=200&Cache-Control=no-cache,+max-age%3D600", 0, 0, 0},
		{"status=200&Expires=Mon,+23+Nov+2026+13:00:00+GMT", 0, 0, time.Hour},
		{"status=200&Expires=0", 0, 0, 0},
	} {
		r, err := f.Fetch(context.Background(), Request{Address: site + "/?" + c.query})
		var status *StatusError
		if errors.As(err, &status) != (c.status != 0) || c.status != 0 && (status.Code != c.status || !errors.Is(err, ErrStatus) || r.Status != c.status) {
			t.Errorf("Fetch(%s) = %d, %v; want status %d", c.query, r.Status, err, c.status)
		}
		if r.RetryAfter != c.after || r.MaxAge != c.maxAge {
			t.Errorf("Fetch(%s) = retry after %v, max age %v; want %v, %v", c.query, r.RetryAfter, r.MaxAge, c.after, c.maxAge)
		}
	}
}

func TestFetchDecompressesWhatItAskedFor(t *testing.T) {
	pack := func(open func(io.Writer) io.WriteCloser) string {
		var b bytes.Buffer
		w := open(&b)
		io.WriteString(w, goodFeed)
		w.Close()
		return b.String()
	}
	bodies := map[string]string{
		"gzip":    pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zlib":    pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"flate":   pack(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z }),
		"cut":     pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })[:150],
		"damaged": "\x78\x9c" + strings.Repeat("\xff", 200),
	}
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "gzip, deflate" {
			t.Errorf("Accept-Encoding %q, want gzip and deflate only", got)
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		w.Header().Set("Content-Encoding", map[string]string{"gzip": "gzip", "cut": "gzip"}[name])
		if w.Header().Get("Content-Encoding") == "" {
			w.Header().Set("Content-Encoding", "deflate")
		}
		io.WriteString(w, bodies[name])
	}))
	f := fetcher(t, Options{AllowNetworks: loopback})
	for _, c := range []struct {
		name string
		want error
	}{{"gzip", nil}, {"zlib", nil}, {"flate", nil}, {"cut", ErrCutOff}, {"damaged", ErrEncoding}} {
		r, err := f.Fetch(context.Background(), Request{Address: site + "/" + c.name})
		if !errors.Is(err, c.want) || c.want == nil && string(r.Body) != goodFeed {
			t.Errorf("Fetch(%s) = %q, %v; want %v", c.name, clip(string(r.Body), 40), err, c.want)
		}
	}
}

func TestFetchLeavesASlowServer(t *testing.T) {
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/silent" {
			<-r.Context().Done()
			return
		}
		// One byte at a time, for ever: each read succeeds, the whole never does.
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
				io.WriteString(w, "<")
				w.(http.Flusher).Flush()
			}
		}
	}))
	f := fetcher(t, Options{AllowNetworks: loopback, Timeout: 200 * time.Millisecond})
	for _, path := range []string{"/silent", "/endless"} {
		began := time.Now()
		_, err := f.Fetch(context.Background(), Request{Address: site + path})
		if took := time.Since(began); !errors.Is(err, ErrTooSlow) || took > 5*time.Second {
			t.Errorf("Fetch(%s) = %v after %v, want ErrTooSlow after 200 ms", path, err, took)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Fetch(ctx, Request{Address: site + "/silent"}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTooSlow) {
		t.Errorf("Fetch of a cancelled caller = %v, want context.Canceled", err)
	}
}

func TestFetchVisitsAHostOnceAtATime(t *testing.T) {
	var now, most, visits atomic.Int32
	busy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		visits.Add(1)
		defer now.Add(-1)
		if r.URL.Path == "/away" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
			return
		}
		io.WriteString(w, goodFeed)
	})
	a, b := serve(t, busy), serve(t, text(goodFeed))
	f := fetcher(t, Options{AllowNetworks: loopback})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			address := a + "/away?to=" + b
			if i%2 == 0 {
				address = a
			}
			if _, err := f.Fetch(context.Background(), Request{Address: address}); err != nil {
				t.Errorf("Fetch(%s) = %v, want nil", address, err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 || visits.Load() != 40 {
		t.Errorf("%d visits, %d at once; want 40, 1 at once", visits.Load(), most.Load())
	}
	if n := f.gates.open(); n != 0 {
		t.Errorf("%d hosts are remembered after the last visit, want 0", n)
	}
}

func TestFetchWaitsForItsTurnOnlyAsLongAsItsCaller(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(inside); <-release })
		io.WriteString(w, goodFeed)
	}))
	f := fetcher(t, Options{AllowNetworks: loopback})
	first := make(chan error, 1)
	go func() {
		_, err := f.Fetch(context.Background(), Request{Address: site})
		first <- err
	}()
	<-inside
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := f.Fetch(ctx, Request{Address: site}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a waiting Fetch = %v, want context.DeadlineExceeded", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the visitor's Fetch = %v, want nil", err)
	}
	if n := f.gates.open(); n != 0 {
		t.Errorf("%d hosts are remembered, want 0", n)
	}
}
