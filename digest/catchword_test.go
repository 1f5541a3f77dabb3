package digest

import (
	"cmp"
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
			for _, n := range asked.Narrowed(Story{Title: tt.title, Language: tt.language}) {
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

func TestTopicsLikeAStory(t *testing.T) {
	for _, tt := range []struct {
		name, title, language string
		texts                 []string // of articles, "<headline>|<text>"; the first headline may be left out
		want                  string
	}{
		{"names", "The owners of Land Rover will talk with engineers and with Hannah Okoro about the plant near the river", "en", nil, "Land Rover, Hannah Okoro"},
		{"without articles no word is known to be a thing", "Harbour council orders two electric ferries", "en", nil, ""},
		{"capitals everywhere say nothing", "Harbour Council Orders Electric Ferries", "en", nil, ""},
		{"a name that begins the headline, and never a verb", "Brovex loses two million as refinery margins fall", "en",
			[]string{"|Shares of Brovex fell on Monday. A refinery lives of its margins, and it loses more."}, "Brovex, refinery margins"},
		{"a name where capitals say nothing", "Mayor Okoro Opens a Library", "en",
			[]string{"|Residents cheered as Okoro opened the library. A mayor rarely sings."}, "Okoro"},
		{"things beside each other", "Harbour council orders two electric ferries", "en",
			[]string{"|The council orders them from Finland. The harbour is old; an electric ferry is silent, as the ferries must be."}, "Harbour council, electric ferries"},
		{"an act that is written as a thing elsewhere", "Ferries stop as crews strike", "en",
			[]string{"|The ferries will stop, and they strike. A stop was made by the crews, who would strike or stop again."}, "Ferries crews"},
		{"two things that most headlines have", "Library of the mill opens beside a bridge", "en",
			[]string{"Library opens in the old mill|The library is new.", "A mill becomes a library|The mill has a bridge."}, "Library mill"},
		{"the name that most headlines have comes first", "Envoys of Tavia meet in Orlund", "en",
			[]string{"Talks in Orlund end|Envoys met.", "Nothing new from Orlund|The envoys left."}, "Orlund, Tavia"},
		{"no month is a name", "Talks end in March without Tavia", "en", nil, "Tavia"},
		{"a German capital makes a thing", "Fähre rammt Brücke im Hafen", "de", []string{"|Eine Fähre hat eine Brücke gerammt. Der Hafen blieb offen."}, "Fähre Brücke"},
		{"a French article, too", "Le conseil commande deux bacs", "fr", []string{"|Selon le conseil, le bac sera neuf. Il ne commande pas un autre."}, "conseil bacs"},
		{"a language without articles has names", "Паром протаранил мост Петербурга", "ru", []string{"|Вчера паром протаранил мост. Мост Петербурга закрыт."}, "Петербурга"},
		{"articles in another language say nothing", "Brovex loses millions", "en", []string{"de|Der Konzern Brovex verliert."}, ""},
		{"a script without spaces", "港の船が電気になる", "ja", []string{"|港の船は古い。"}, ""},
		{"nothing", "!!! 🎉", "en", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Story{Title: tt.title, Language: tt.language}
			for _, a := range tt.texts {
				title, said, _ := strings.Cut(a, "|")
				language := tt.language
				if title == "de" {
					title, language = "", "de"
				}
				s.Articles = append(s.Articles, Article{Title: cmp.Or(title, tt.title), Text: said, Language: language})
			}
			var got []string
			for _, x := range Likes(s) {
				got = append(got, x.Label)
				if _, fits := MatchOne(x, NewDocument(tt.title, "", nil, tt.language)); !fits {
					t.Errorf("%q does not fit %q", x.Label, tt.title)
				}
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("Likes(%q) = %q, want %q", tt.title, got, tt.want)
			}
		})
	}
}

func TestWordsOfAStorysArticlesNarrowATopic(t *testing.T) {
	s := Story{Title: "Ferries stop for a day as Brovex crews strike over pay", Language: "en"}
	s.Articles = []Article{{Title: s.Title, Language: "en", Text: "It is the crews of Brovex who strike. The ferries will stop again, and they strike until the pay is right."}}
	var got []string
	for _, n := range topic(t, "ferries").Narrowed(s) {
		got = append(got, n.Word)
	}
	if want := []string{"Brovex", "pay", "crews"}; !slices.Equal(got, want) {
		t.Errorf("Narrowed = %q, want %q: names and things, no acts", got, want)
	}
	for _, c := range []struct {
		from, to int
		ok       bool
	}{{0, 7, false}, {8, 12, true}, {-1, 4, false}, {4, 4, false}, {8, 999, false}, {9, 12, false}, {5, 3, false}, {24, 27, false}} {
		if n, ok := topic(t, "ferries").Without(s.Title, c.from, c.to, "en"); ok != c.ok {
			t.Errorf("Without(%d, %d) = %+v, %v, want %v", c.from, c.to, n, ok, c.ok)
		}
	}
}

func TestATopicWithinAnother(t *testing.T) {
	for _, c := range []struct {
		t, o string
		want bool
	}{{"electric ferries", "ferry", true}, {"ferry", "electric ferries", false}, {"ferries", "Ferry OR boat", true}, {"ferries", "ferry -strike", true}, {"ferries", "ferry site:x.example", false}, {"trams", "ferry", false}} {
		if got := topic(t, c.t).Within(topic(t, c.o), "en"); got != c.want {
			t.Errorf("%q within %q = %v, want %v", c.t, c.o, got, c.want)
		}
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
		s := Story{Title: title, Language: language, Articles: []Article{{Title: title, Text: rapid.String().Draw(t, "text") + title, Language: language}}}
		for _, n := range asked.Narrowed(s) {
			if n.Topic.Text == asked.Text || !strings.HasPrefix(n.Topic.Label, asked.Label+" -") {
				t.Fatalf("Narrowed(%q, %q) offers %q", asked.Label, title, n.Topic.Label)
			}
		}
		Likes(s)
	})
}
