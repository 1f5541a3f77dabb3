package feed

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRobotsAreObeyed(t *testing.T) {
	slash := func(s string) string { return "User-agent: *\nDisallow: /\n" + s }
	for _, c := range []struct {
		name   string
		status int
		body   string
		path   string
		want   error
	}{
		{"without a file everything is allowed", 404, "", "/a", nil},
		{"who may not read the rules is bound by none", 403, "", "/a", nil},
		{"a server that fails allows nothing for now", 503, "", "/a", ErrRobotsUnknown},
		{"a server that is asked too much allows nothing for now", 429, "", "/a", ErrRobotsUnknown},
		{"an empty file allows everything", 200, "", "/a", nil},
		{"what is forbidden to all is forbidden", 200, "User-agent: *\nDisallow: /private/\n", "/private/a", ErrRobots},
		{"beside it all is allowed", 200, "User-agent: *\nDisallow: /private/\n", "/a", nil},
		{"the longer rule wins", 200, "User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", nil},
		{"our own name outweighs the star", 200, slash("User-agent: Tidings\nDisallow: /x\n"), "/a", nil},
		{"our own name is forbidden what it says", 200, "User-agent: tidings\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "/a", ErrRobots},
		{"another's name does not concern us", 200, "User-agent: OtherBot\nDisallow: /\n", "/a", nil},
		{"a query counts", 200, "User-agent: *\nDisallow: /a?print=\n", "/a?print=1", ErrRobots},
		{"a star stands for anything", 200, "User-agent: *\nDisallow: /*.pdf$\n", "/a/b.pdf", ErrRobots},
		{"a line that cannot be read spoils no other", 200, "Disallow: /\nUser-agent: *\nCrawl-delay: soon\nDisallow: /a\n", "/a", ErrRobots},
		{"a page in place of the file forbids nothing", 200, "<!DOCTYPE html><html><body>Not here: no</body></html>", "/a", nil},
		{"bytes without meaning forbid nothing", 200, "\x00\xff\xfe\x01:\x02", "/a", nil},
		{"a hundred thousand rules are read in part", 200, "User-agent: *\nDisallow: /a\n" + strings.Repeat("Disallow: /*x*y*z\n", 20_000), "/a", ErrRobots},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/robots.txt" {
					t.Errorf("%s was asked for", r.URL)
				}
				w.WriteHeader(c.status)
				w.Write([]byte(c.body))
			}))
			defer server.Close()
			f := NewFetcher(Options{AllowNetworks: loopback})
			defer f.Close()
			if err := NewRobots(f, "Tidings").Allow(t.Context(), server.URL+c.path); !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("Allow(%s) = %v, want %v", c.path, err, c.want)
			}
		})
	}
}

func TestRobotsAreAskedOnceAWhile(t *testing.T) {
	asked, status := 0, 503
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.WriteHeader(status)
		w.Write([]byte("User-agent: *\nCrawl-delay: 7\nDisallow: /no\n"))
	}))
	defer server.Close()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := NewFetcher(Options{AllowNetworks: loopback, Now: func() time.Time { return now }})
	defer f.Close()
	robots := NewRobots(f, "Tidings")
	expect := func(what string, want error, times int) {
		t.Helper()
		err := robots.Allow(t.Context(), server.URL+"/a")
		if !errors.Is(err, want) || want == nil && err != nil || asked != times {
			t.Errorf("%s: Allow = %v after %d requests, want %v after %d", what, err, asked, want, times)
		}
	}
	expect("while the server fails", ErrRobotsUnknown, 1)
	expect("at once again", ErrRobotsUnknown, 1)
	now, status = now.Add(11*time.Minute), 200
	expect("when it works again", nil, 2)
	now = now.Add(11 * time.Hour)
	expect("hours later", nil, 2)
	if d := robots.Delay(server.URL + "/a"); d != 7*time.Second {
		t.Errorf("Delay = %v, want 7s", d)
	}
	now = now.Add(2 * time.Hour)
	expect("half a day later", nil, 3)
}

func TestEveryRedirectIsJudged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			w.Write([]byte("User-agent: *\nDisallow: /secret\n"))
		case "/open":
			http.Redirect(w, r, "/secret", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://10.1.2.3/", http.StatusFound)
		default:
			t.Errorf("%s was fetched", r.URL)
		}
	}))
	defer server.Close()
	f := NewFetcher(Options{AllowNetworks: loopback})
	defer f.Close()
	robots := NewRobots(f, "Tidings")
	for path, want := range map[string]error{"/open": ErrRobots, "/away": ErrPrivateAddress} {
		if _, err := f.Fetch(t.Context(), Request{Address: server.URL + path, Judge: robots.Allow}); !errors.Is(err, want) {
			t.Errorf("Fetch(%s) = %v, want %v", path, err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewRobots(f, "Tidings").Allow(ended, server.URL+"/a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Allow after the end = %v, want context.Canceled", err)
	}
}

func TestGivenHostsAreNotAskedOfDNS(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.Host)) }))
	defer server.Close()
	at := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct {
		name, at string
		want     error
	}{
		{"a given host is dialled", at, nil},
		{"the rule about private networks holds for it", "10.1.2.3:80", ErrPrivateAddress},
	} {
		f := NewFetcher(Options{AllowNetworks: loopback, Hosts: map[string]string{"paper.example": c.at}})
		answer, err := f.Fetch(t.Context(), Request{Address: "http://Paper.example/a"})
		if c.want == nil && (err != nil || string(answer.Body) != "Paper.example") || !errors.Is(err, c.want) && c.want != nil {
			t.Errorf("%s: Fetch = %q, %v, want %v", c.name, answer.Body, err, c.want)
		}
		f.Close()
	}
}
