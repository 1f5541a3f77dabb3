package digest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestATopicIsNarrowedByWordsOfAHeadline(t *testing.T) {
	for _, tt := range []struct {
		name, topic, title, language string
		want                         []string
	}{
		{"a name before rare words", "jaguar", "New jaguar of Land Rover has a range of 600 kilometres", "en", []string{"Land Rover", "kilometres", "range"}},
		{"what hardly tells does not stand beside what does", "ferries", "Ferries emptied as eleven crews of the harbour strike over oats, warns envoy", "en", []string{"crews", "envoy", "harbour", "oats", "strike", "warns"}},
		{"never what the topic asks for", "electric ferries", "Ferry of the council is electric", "en", []string{"council"}},
		{"nor another name of its country", "north korea", "North Korean envoy meets Seoul officials", "en", []string{"Seoul", "envoy", "meets"}},
		{"an alternative is asked for, too", "solar OR wind", "Solar park beside a wind farm opens", "en", []string{"farm", "opens", "beside"}},
		{"what is excluded already is not offered", "jaguar -village", "Jaguar seen near a village", "en", []string{"near", "seen"}},
		{"German nouns", "Fähre", "Fähre rammt Brücke im Hafen", "de", []string{"rammt", "Brücke", "Hafen"}},
		{"a word with signs is a phrase", "strike", "Crews at O'Hare's gates strike", "en", []string{"O'Hare's", "Crews", "gates"}},
		{"no word stands alone in a script without spaces", "電気", "港の船が電気になる", "ja", nil},
		{"Cyrillic", "паром", "Паром протаранил мост Петербурга", "ru", []string{"Петербурга", "протаранил", "мост"}},
		{"Arabic", "عبارة", "عبارة تصطدم بجسر", "ar", []string{"تصطدم", "بجسر"}},
		{"nothing in a headline", "ferries", "", "en", nil},
		{"no room for another term", strings.Repeat("a1 b2 c3 d4 ", 5), "Ferries stop", "en", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := topic(t, tt.topic)
			var got []string
			for _, n := range asked.Narrowed(tt.title, tt.language) {
				got = append(got, n.Word)
				if tt.title[n.At:n.At+len(n.Word)] != n.Word {
					t.Errorf("%q is said to stand at %d of %q", n.Word, n.At, tt.title)
				}
				if _, fits := MatchOne(n.Topic, NewDocument(tt.title+" "+tt.topic, "", nil, tt.language)); fits {
					t.Errorf("%q still fits %q", n.Topic.Text, tt.title)
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("Narrowed(%q, %q) = %q, want %q", tt.topic, tt.title, got, tt.want)
			}
		})
	}
}

func TestTopicsLikeAHeadline(t *testing.T) {
	for _, tt := range []struct {
		name, title, language string
		want                  []string
	}{
		{"names", "The owners of Land Rover will talk with engineers and with Hannah Okoro about the plant near the river", "en", []string{"Land Rover", "Hannah Okoro"}},
		{"no names", "Harbour council orders two electric ferries", "en", nil},
		{"capitals everywhere say nothing", "Harbour Council Orders Electric Ferries", "en", nil},
		{"one word", "Ferries", "en", []string{"Ferries"}},
		{"a script without spaces", "港の船が電気になる", "ja", nil},
		{"nothing", "!!! 🎉", "en", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, x := range Likes(tt.title, tt.language) {
				got = append(got, x.Label)
				if _, fits := MatchOne(x, NewDocument(tt.title, "", nil, tt.language)); !fits {
					t.Errorf("%q does not fit %q", x.Label, tt.title)
				}
			}
			t.Logf("%q", got)
			for _, w := range tt.want {
				if !slices.Contains(got, w) {
					t.Errorf("Likes(%q) = %q, want %q among them", tt.title, got, w)
				}
			}
			if len(got) > likesShown || tt.want == nil && len(got) > 1 {
				t.Errorf("Likes(%q) = %q: too many", tt.title, got)
			}
		})
	}
}

func TestAnyHeadlineNarrowsSanely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.OneOf(rapid.String(), rapid.StringMatching(`([A-Za-z"'\-&:.,]{1,9} ){0,12}`)).Draw(t, "title")
		asked, err := ParseTopic(rapid.SampledFrom([]string{"ferries", `"central bank" OR rates -car`, "site:bbc.co.uk us", "北朝鮮"}).Draw(t, "topic"))
		if err != nil {
			t.Fatal(err)
		}
		language := rapid.SampledFrom([]string{"", "en", "de", "zh"}).Draw(t, "language")
		for _, n := range asked.Narrowed(title, language) {
			if n.Topic.Text == asked.Text || !strings.HasPrefix(n.Topic.Label, asked.Label+" -") {
				t.Fatalf("Narrowed(%q, %q) offers %q", asked.Label, title, n.Topic.Label)
			}
		}
		Likes(title, language)
	})
}
