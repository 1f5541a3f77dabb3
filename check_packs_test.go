package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCheckLooksAtEverySource(t *testing.T) {
	item := func(at time.Time) string {
		return `<rss version="2.0"><channel><title>T</title><item><title>One</title><link>https://t.example/1</link><pubDate>` + at.Format(time.RFC1123Z) + `</pubDate></item></channel></rss>`
	}
	documents := map[string]string{
		"/fine": item(time.Now()), "/old": item(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)),
		"/empty": `<rss version="2.0"><channel><title>T</title></channel></rss>`, "/page": "<html>no feed",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch body, ok := documents[r.URL.Path]; {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/fine", http.StatusMovedPermanently)
		case ok:
			fmt.Fprint(w, body)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	check := func(paths ...string) (string, int) {
		list := filepath.Join(t.TempDir(), "list.txt")
		if err := os.WriteFile(list, []byte(server.URL+strings.Join(paths, "\n"+server.URL)), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		x := &examination{out: &out}
		if err := x.packs(t.Context(), settings{sources: list, allowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, false); err != nil {
			t.Errorf("packs = %v", err)
		}
		return out.String(), x.problems
	}
	said, problems := check("/fine", "/moved", "/old", "/empty", "/page", "/gone")
	for _, want := range []string{
		`warning +fetch +\S+/moved – has moved to \S+/fine\n`, `warning +fetch +\S+/old – has had nothing new since 2020-01-02\n`, `warning +fetch +\S+/empty – is empty\n`,
		`warning +fetch +\S+/page – .*not a feed`, `warning +fetch +\S+/gone – .*404`, `ok +fetch +4 sources read, 1 of them as they should be; 2 not\n`,
	} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("check --packs says\n%swant %s", said, want)
		}
	}
	if strings.Contains(said, "/fine – ") || problems != 0 {
		t.Errorf("check --packs finds %d problems and says\n%s", problems, said)
	}

	var gone []string
	for i := range 300 {
		gone = append(gone, fmt.Sprintf("/gone/%d", i))
	}
	said, problems = check(gone...)
	if !strings.Contains(said, "none could be read") || strings.Contains(said, "300 sources none") || problems != 1 {
		t.Errorf("where nothing can be read check --packs finds %d problems and says\n%swant one, before all were tried", problems, said)
	}
}
