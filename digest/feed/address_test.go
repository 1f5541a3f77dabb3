package feed

import (
	"errors"
	"strings"
	"testing"
)

func TestCanonicalAddressHasOneSpelling(t *testing.T) {
	cases := []struct{ raw, want string }{
		{"HTTPS://User:Pw@Example.COM:443/a/../b/./c?x=1#frag", "https://example.com/b/c?x=1"},
		{"http://example.com", "http://example.com/"},
		{"http://example.com.:80/", "http://example.com/"},
		{"http://example.com:8080/x", "http://example.com:8080/x"},
		{" https://www.example.com/a?utm_source=rss&id=7&UTM_Medium=x&fbclid=abc ", "https://www.example.com/a?id=7"},
		{"https://example.com/a?at_medium=RSS&at_campaign=rss", "https://example.com/a"},
		{"https://example.com/a?", "https://example.com/a"},
		{"https://example.com/a?b&c=&d=%7e", "https://example.com/a?b&c=&d=~"},
		{"https://example.com/%7euser/caf%c3%a9", "https://example.com/~user/caf%C3%A9"},
		{"https://example.com/~user/café", "https://example.com/~user/caf%C3%A9"},
		{"https://example.com/a%2Fb%2e", "https://example.com/a%2Fb%2E"},
		{"https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"},
		{"https://example.com//a//b", "https://example.com//a//b"},
		{"https:\\\\example.com\\a", "https://example.com/a"},
		{"http://[::1]:8080/", "http://[::1]:8080/"},
		{"http://0x7f.1/", "http://127.0.0.1/"},
	}
	for _, c := range cases {
		got, err := CanonicalAddress(c.raw)
		if err != nil || got != c.want {
			t.Errorf("CanonicalAddress(%q) = %q, %v; want %q", c.raw, got, err, c.want)
		}
		if again, err := CanonicalAddress(got); err != nil || again != got {
			t.Errorf("CanonicalAddress(%q) = %q, %v; want it unchanged", got, again, err)
		}
	}
	for _, raw := range []string{"", "example.com/a", "ftp://example.com/", "javascript:alert(1)", "mailto:a@b.c", "data:text/html,x",
		"file:///etc/passwd", "http://", "http://./", "http://+İ/", "https://exa mple.com/", "http://example.com/" + strings.Repeat("a", 5000)} {
		if got, err := CanonicalAddress(raw); !errors.Is(err, ErrBadAddress) {
			t.Errorf("CanonicalAddress(%.60q) = %q, %v; want ErrBadAddress", raw, got, err)
		}
	}
}

func TestAddressKeyIsEqualForOneDocument(t *testing.T) {
	cases := []struct{ a, b string }{
		{"http://example.com/a", "https://www.example.com/a/"},
		{"https://m.bbc.co.uk/news/1", "https://www.bbc.co.uk/news/1?at_medium=RSS"},
		{"https://amp.example.com/a/amp/", "https://example.com/a"},
		{"https://example.com/a?amp=1", "https://example.com/a"},
		{"https://example.com/a?x=1&y=2", "https://example.com/a?y=2&x=1#top"},
		{"https://example.com", "https://example.com/"},
	}
	for _, c := range cases {
		a, errA := AddressKey(c.a)
		b, errB := AddressKey(c.b)
		if errA != nil || errB != nil || a != b {
			t.Errorf("AddressKey(%q) = %q, AddressKey(%q) = %q; want equal", c.a, a, c.b, b)
		}
	}
	for _, c := range []struct{ a, b string }{
		{"https://example.com/a", "https://example.com/b"},
		{"https://example.com/a?id=1", "https://example.com/a?id=2"},
		{"https://news.example.com/", "https://example.com/"},
		{"https://example.com/A", "https://example.com/a"},
		{"http://127.0.0.1:1/", "http://127.0.0.1:2/"},
		{"https://www.co.uk/", "https://co.uk/"},
		{"https://amp.dev/", "https://dev/"},
	} {
		a, _ := AddressKey(c.a)
		b, _ := AddressKey(c.b)
		if a == b {
			t.Errorf("AddressKey(%q) = AddressKey(%q) = %q; want different keys", c.a, c.b, a)
		}
	}
}

func TestHostAndSite(t *testing.T) {
	for _, c := range []struct{ address, host, site string }{
		{"https://www.BBC.co.uk:443/news", "bbc.co.uk", "bbc.co.uk"},
		{"https://feeds.bbci.co.uk/news", "feeds.bbci.co.uk", "bbci.co.uk"},
		{"https://m.example.com/", "example.com", "example.com"},
		{"https://amp.dev/", "amp.dev", "amp.dev"},
		{"https://anna.blogspot.com/feed", "anna.blogspot.com", "anna.blogspot.com"},
		{"http://127.0.0.1:8081/a", "127.0.0.1:8081", "127.0.0.1:8081"},
		{"http://[::1]:8081/a", "[::1]:8081", "[::1]:8081"},
		{"http://localhost:8081/a", "localhost:8081", "localhost:8081"},
		{"http://localhost/a", "localhost", "localhost"},
		{"ftp://example.com/", "", ""},
		{"nonsense", "", ""},
	} {
		if host, site := Host(c.address), Site(c.address); host != c.host || site != c.site {
			t.Errorf("Host, Site(%q) = %q, %q; want %q, %q", c.address, host, site, c.host, c.site)
		}
	}
}

func FuzzCanonicalAddress(f *testing.F) {
	for _, seed := range []string{"https://a.b/c?utm_x=1&d#e", "http://[::1]/%2e%2E/", "http://a..b/", "http://www./%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := CanonicalAddress(raw)
		if err != nil {
			return
		}
		if again, err := CanonicalAddress(got); len(got) <= maxAddress && (err != nil || again != got) {
			t.Errorf("CanonicalAddress(%q) = %q, then %q, %v; want it unchanged", raw, got, again, err)
		}
		Host(raw)
		Site(raw)
		AddressKey(raw)
	})
}
