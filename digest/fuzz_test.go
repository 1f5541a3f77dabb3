package digest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzMatch holds one topic against one document by every road there is.
func FuzzMatch(f *testing.F) {
	for _, s := range [][4]string{
		{"palm oil", "Palm oils", "and oil palm", "en"},
		{`"palm oil" -car`, "Palm", "oil \u200bpalm oil", "de"},
		{"technology", "Chips", "software and computers for the web", "en"},
		{"grain OR 地震 site:a.b", "Wheat", "大地震", "ja"},
		{"us c++ covid-19", "U.S.", "C++ COVID-19 A.B.C. \xff", ""},
		{"น้ำมัน", "ราคาน้ำมัน", "", "th"},
		{"A.b. F-35", "a.b f35", "x'y's l’été 1,000.5", "fr"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, query, title, body, language string) {
		topic, err := ParseTopic(query)
		if err != nil {
			return
		}
		m := NewMatcher()
		m.Add(1, topic)
		m.Add(2, topic.Broadened())
		m.Remove(2)
		d := NewDocument(title, body, []string{title}, language)
		matches := m.Match(d)
		want := naive(topic, d)
		if again := m.Match(d); len(matches) == 1 != want || !cmp.Equal(matches, again) {
			t.Fatalf("topic %q on %q / %q (%s): Match = %v, then %v; the definition says %t", topic.Text, title, body, language, matches, again, want)
		}
		have := d.Normalised()
		if want && topic.narrow == nil {
			for _, any := range topic.Candidates() {
				if !slices.ContainsFunc(any, func(w string) bool { return containsWord(have, w) }) {
					t.Fatalf("topic %q matches %q / %q, whose words %q have none of %q", topic.Text, title, body, have, any)
				}
			}
		}
	})
}

func containsWord(words, word string) bool {
	for w := range strings.SplitSeq(words, " ") {
		if w == word {
			return true
		}
	}
	return false
}
