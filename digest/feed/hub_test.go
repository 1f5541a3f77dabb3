package feed

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHubsThatDocumentsName(t *testing.T) {
	const rss = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title>`
	const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>`
	hub, self := "https://hub.example/", "https://post.example/feed"
	for _, c := range []struct {
		name, link, body string
		want             Hub
	}{
		{"none", "", rss + `</channel></rss>`, Hub{}},
		{"an RSS feed", "", rss + `<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://post.example/feed"/></channel></rss>`, Hub{hub, self}},
		{"behind the items", "", rss + `<item><title>a</title></item><atom:link rel="hub" href="https://hub.example/"/></channel></rss>`, Hub{hub, ""}},
		{"an Atom feed, relative", "", atom + `<link rel="hub" href="https://hub.example/"/><link rel="self" href="/feed"/></feed>`, Hub{hub, self}},
		{"an item's links are not the feed's", "", atom + `<entry><link rel="hub" href="https://evil.example/"/></entry></feed>`, Hub{}},
		{"of several the first", "", atom + `<link rel="hub" href="https://hub.example/"/><link rel="hub" href="https://other.example/"/></feed>`, Hub{hub, ""}},
		{"no address of the web", "", atom + `<link rel="hub" href="javascript:alert(1)"/><link rel="hub" href="file:///etc/passwd"/></feed>`, Hub{}},
		{"a password is not carried", "", atom + `<link rel="hub" href="https://a:b@hub.example/"/></feed>`, Hub{hub, ""}},
		{"a JSON feed", "", `{"version":"https://jsonfeed.org/version/1.1","title":"t","feed_url":"https://post.example/feed","hubs":[{"type":"rssCloud","url":"https://x.example/"},{"type":"WebSub","url":"https://hub.example/"}],"items":[]}`, Hub{hub, self}},
		{"a JSON feed that names none", "", `{"version":"https://jsonfeed.org/version/1.1","title":"t","hubs":"none","items":[]}`, Hub{}},
		{"a header", `<https://hub.example/>; rel="hub", </feed>; rel=self`, rss + `</channel></rss>`, Hub{hub, self}},
		{"a header counts before the document", `<https://hub.example/>; rel="hub"`, rss + `<atom:link rel="hub" href="https://other.example/"/></channel></rss>`, Hub{hub, ""}},
		{"a header with other parameters", `<https://a.example/,;>; title="a, b; rel=hub", <https://hub.example/> ; type=x ; rel = "alternate HUB"`, rss + `</channel></rss>`, Hub{hub, ""}},
		{"a header that breaks off", `<https://hub.example/; rel="hub`, rss + `</channel></rss>`, Hub{}},
		{"a header of nothing but links", strings.Repeat(`<https://a.example/>; rel="next", `, 500), rss + `</channel></rss>`, Hub{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{}
			if c.link != "" {
				header.Set("Link", c.link)
			}
			f, err := Parse([]byte(c.body), "", self, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if got := hubOf(header, parseWeb(self)).Or(f.Hub); got != c.want {
				t.Errorf("hub is %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestSigned(t *testing.T) {
	body, secret := []byte("<rss/>"), "a secret between two"
	sign := func(with func() hash.Hash, secret string) string {
		mac := hmac.New(with, []byte(secret))
		mac.Write(body)
		return hex.EncodeToString(mac.Sum(nil))
	}
	for _, c := range []struct {
		name, signature, secret string
		want                    bool
	}{
		{"sha1", "sha1=" + sign(sha1.New, secret), secret, true},
		{"sha256 in capitals", "SHA256=" + strings.ToUpper(sign(sha256.New, secret)), secret, true},
		{"sha384", "sha384=" + sign(sha512.New384, secret), secret, true},
		{"sha512", "sha512=" + sign(sha512.New, secret), secret, true},
		{"another secret", "sha256=" + sign(sha256.New, "guess"), secret, false},
		{"another method's digits", "sha512=" + sign(sha256.New, secret), secret, false},
		{"the beginning of one", "sha256=" + sign(sha256.New, secret)[:8], secret, false},
		{"an unknown method", "md5=" + sign(sha256.New, secret), secret, false},
		{"no digits", "sha256=", secret, false},
		{"not signed", "", secret, false},
		{"no secret", "sha256=" + sign(sha256.New, ""), "", false},
	} {
		if got := Signed(c.signature, c.secret, body); got != c.want {
			t.Errorf("%s: Signed(%q) = %v, want %v", c.name, c.signature, got, c.want)
		}
	}
}

func TestPostGoesWhereFetchMay(t *testing.T) {
	var got []string
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/hub", http.StatusPermanentRedirect)
		case "/seen":
			http.Redirect(w, r, "/hub", http.StatusSeeOther)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusTemporaryRedirect)
		case "/inside":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusTemporaryRedirect)
		case "/hub":
			got = append(got, r.Method+" "+r.FormValue("hub.mode")+" "+r.Header.Get("Content-Type"))
			w.WriteHeader(http.StatusAccepted)
		default:
			http.NotFound(w, r)
		}
	}))
	f := fetcher(t, Options{AllowNetworks: loopback})
	for _, c := range []struct {
		address string
		want    error
	}{
		{at + "/hub", nil},
		{at + "/moved", nil},
		{at + "/seen", ErrStatus}, // would become a GET
		{at + "/none", ErrStatus},
		{at + "/round", ErrRedirects},
		{at + "/inside", ErrPrivateAddress},
		{"http://169.254.169.254/", ErrPrivateAddress},
		{"gopher://hub.example/", ErrBadAddress},
	} {
		err := f.Post(t.Context(), c.address, url.Values{"hub.mode": {"subscribe"}, "hub.secret": {"between us"}})
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("Post(%s) = %v, want %v", c.address, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "between") {
			t.Errorf("the error tells what was posted: %v", err)
		}
	}
	want := "POST subscribe application/x-www-form-urlencoded"
	if len(got) != 2 || got[0] != want || got[1] != want {
		t.Errorf("the hub got %q, want twice %q", got, want)
	}
	if n := f.gates.open(); n != 0 {
		t.Errorf("%d hosts are still held", n)
	}
}
