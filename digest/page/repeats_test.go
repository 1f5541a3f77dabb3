package page

import (
	"fmt"
	"strings"
	"testing"
)

func TestLinesThatRepeatAtAHostAreLearntAndDropped(t *testing.T) {
	const offer = "The Fell Post is made by forty neighbours; a year of it costs thirty crowns."
	told := func(n int, line string) Page {
		return Page{Kind: Article, Text: fmt.Sprintf("Council number %d met on Monday and closed the bridge over the river for %d days.\n\nAn engineer told meeting %d that the wood would have held for another winter at most.\n\n%s", n, n, n, line)}
	}
	address := func(n int) string { return fmt.Sprintf("https://fell.example/%d", n) }

	t.Run("from the third article on", func(t *testing.T) {
		var r Repeats
		for n := 1; n <= 5; n++ {
			p := r.Drop("fell.example", address(n), told(n, offer))
			if got, want := strings.Contains(p.Text, offer), n < 3; got != want {
				t.Errorf("article %d has the line: %v, want %v", n, got, want)
			}
			if !strings.Contains(p.Text, "closed the bridge") {
				t.Errorf("article %d lost its text: %q", n, p.Text)
			}
		}
	})
	t.Run("an article that is read again teaches nothing", func(t *testing.T) {
		var r Repeats
		for range 5 {
			if p := r.Drop("fell.example", address(1), told(1, offer)); p.Text != told(1, offer).Text {
				t.Fatalf("Drop = %q", p.Text)
			}
		}
	})
	t.Run("other hosts are others", func(t *testing.T) {
		var r Repeats
		for n := 1; n <= 5; n++ {
			if p := r.Drop(fmt.Sprintf("fell%d.example", n), address(n), told(n, offer)); !strings.Contains(p.Text, offer) {
				t.Fatalf("article %d lost the line", n)
			}
		}
	})
	t.Run("an article under many addresses stays whole", func(t *testing.T) {
		var r Repeats
		for n := 1; n <= 5; n++ {
			if p := r.Drop("fell.example", address(n), told(7, offer)); p.Text != told(7, offer).Text {
				t.Fatalf("Drop %d = %q", n, p.Text)
			}
		}
	})
	t.Run("what is no article teaches nothing", func(t *testing.T) {
		var r Repeats
		for n := 1; n <= 5; n++ {
			p := told(n, offer)
			p.Kind = List
			r.Drop("fell.example", address(n), p)
		}
		if p := r.Drop("fell.example", address(9), told(9, offer)); !strings.Contains(p.Text, offer) {
			t.Error("the line is gone")
		}
	})
	t.Run("hosts and lines without end keep within bounds, and a line that repeats stays known", func(t *testing.T) {
		var r Repeats
		for n := range 2 * repeatHosts {
			r.Drop(fmt.Sprintf("h%d.example", n), "a", told(n, offer))
		}
		for n := range 3 * repeatLines {
			r.Drop("fell.example", address(n), told(n, offer))
		}
		if len(r.hosts) > repeatHosts || len(r.hosts["fell.example"].lines) > repeatLines {
			t.Errorf("%d hosts, %d lines", len(r.hosts), len(r.hosts["fell.example"].lines))
		}
		if p := r.Drop("fell.example", address(-1), told(9999, offer)); strings.Contains(p.Text, offer) {
			t.Error("the line was forgotten")
		}
	})
}
