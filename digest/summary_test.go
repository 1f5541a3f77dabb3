package digest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"tidings/digest/feed"
	"tidings/digest/text"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

var update = flag.Bool("update", false, "write the golden files anew")

func TestSummarize(t *testing.T) {
	const title = "Ferry runs aground off the northern pier"
	const (
		first  = "The ferry Morning Star struck a sandbank at seven with ninety people on board."
		second = "Coastguard boats brought every passenger ashore within two hours."
		third  = "Divers will look at the hull when the tide allows."
	)
	for _, tt := range []struct {
		name, language, title string
		given                 []string
		words                 int
		want                  []string
	}{
		{"no words, no summary", "en", title, []string{first}, 0, nil},
		{"no articles, no summary", "en", title, nil, 35, nil},
		{"nothing but white space", "en", title, []string{" \n\t\n"}, 35, nil},
		{"a sentence longer than the budget is not cut", "en", title, []string{strings.Repeat("very ", 60) + "long."}, 35, nil},
		{"the next that fits stands in for one too long", "en", title, []string{"It was " + strings.Repeat("very ", 60) + "long. " + second}, 35, []string{second}},
		{"a megabyte of one letter", "en", title, []string{strings.Repeat("a", 1<<20)}, 35, nil},
		{"a megabyte of full stops", "en", title, []string{strings.Repeat(". ", 1<<19)}, 35, nil},
		{"the first two sentences", "en", title, []string{first + " " + second + " " + third}, 35, []string{first, second}},
		{"three from sixty words on", "en", title, []string{first + " " + second + " " + third}, 66, []string{first, second, third}},
		{"the headline is not repeated", "en", title, []string{"A ferry ran aground off the northern pier. " + first}, 35, []string{first}},
		{"a sentence is not repeated", "en", title, []string{first + "\n" + first + "\n" + second}, 35, []string{first, second}},
		{"widgets around a story", "en", title, []string{title + "\n\nHeader Ads Widget\n\n" + title + "\n\n" + first + "\n\n" + second + "\n\nPost a Comment\n\n0 Comments"}, 35, []string{first, second}},
		{"a teaser that breaks off", "en", title, []string{"Ninety people had to leave the ship when it …"}, 35, nil},
		{"a teaser in brackets", "en", title, []string{first + " The company that runs the ferry said on Monday […]"}, 35, []string{first}},
		{"a teaser with three dots", "en", title, []string{"Ninety people had to leave the ship when it..."}, 35, nil},
		{"the footer of a blog", "en", title, []string{first + "\nThe post Ferry runs aground appeared first on Harbour Post."}, 35, []string{first}},
		{"an invitation to read on", "en", title, []string{"Read more about the ferry and its long history here. " + first + " Continue reading the whole of this story."}, 35, []string{first}},
		{"cookies", "en", title, []string{"We and our partners use cookies to make this site better. " + first}, 35, []string{first}},
		{"a photo credit", "en", title, []string{"Photo: The ferry lies on the sandbank on Monday morning. " + first}, 35, []string{first}},
		{"a dateline is left out", "en", title, []string{"PORT LOW (AP) — " + first}, 35, []string{first}},
		{"a dash inside a sentence is no dateline", "en", title, []string{"Ninety people – many of them children – slept in a school."}, 35, []string{"Ninety people – many of them children – slept in a school."}},
		{"a dangling sentence waits for a better one", "en", title, []string{"But they had to wait two hours in the cold wind.\nNobody knows why.\n" + second}, 35, []string{second}},
		{"a dangling sentence may follow its own", "en", title, []string{first + " They had to wait in the cold wind."}, 35, []string{first, "They had to wait in the cold wind."}},
		{"a dangling sentence is better than none", "en", title, []string{"They had to wait two hours in the cold wind."}, 35, []string{"They had to wait two hours in the cold wind."}},
		{"a quotation does not stand alone", "en", title, []string{"“I thought it was the end of us all.” " + second}, 35, []string{second}},
		{"a bare link", "en", title, []string{"See https://harbour.example/a for all of the details today. " + first}, 35, []string{first}},
		{"the tail of something", "en", title, []string{"and so the ferry lay there until the morning.\n" + first}, 35, []string{first}},
		{"the next article answers for one that has nothing", "en", title, []string{"0 Comments", first}, 35, []string{first}},
		{"a list of scores", "en", title, []string{"Hale 6 3 6, Roe 4 6 2, Ito 7 7 1.\n" + first}, 35, []string{first}},
		{"a byline", "en", title, []string{"By Mara Quill, Harbour Desk, Port Low.\n" + first}, 35, []string{first}},
		{"a quote that was cut", "en", title, []string{"The captain said that it was “the end of us all.\n" + first}, 35, []string{first}},
		{"a pronoun without a name waits for better", "en", title, []string{"In the evening he told reporters about the long night.\n" + first}, 35, []string{first}},
		{"a name that the pronoun stands for", "en", title, []string{"Captain Roe said he had told reporters about the long night."}, 35, []string{"Captain Roe said he had told reporters about the long night."}},
		{"what is said to a whole speech is not divided", "en", title, []string{"“We ran aground. Nobody knew why.” " + first + " " + third}, 35, []string{first, third}},
		{"a question and a person's own words wait for others", "en", title, []string{first + "\n" + "Why did it leave its course?\nI saw it from my own window.\n" + second + "\n" + third}, 35, []string{first, second}},
		{"a wrapped line is one line", "en", title, []string{"The ferry Morning Star struck a sandbank at seven with \nninety people on board."}, 35, []string{first}},
		{"what stands behind six kilobytes of scraps", "en", title, []string{strings.Repeat("Menu\nNews\nSport\n", 400) + first}, 35, []string{first}},
		{"Chinese", "zh", "北部码头渡轮搁浅", []string{"晨星号渡轮周一早上七点撞上沙洲，船上载有九十名乘客。海岸警卫队两小时内把所有人送上岸。阅读全文"}, 35,
			[]string{"晨星号渡轮周一早上七点撞上沙洲，船上载有九十名乘客。", "海岸警卫队两小时内把所有人送上岸。"}},
		{"Arabic", "ar", "جنوح عبارة قرب الرصيف الشمالي", []string{"اصطدمت العبارة نجمة الصباح بحاجز رملي وعلى متنها تسعون راكبا. نقل خفر السواحل جميع الركاب إلى البر خلال ساعتين."}, 35,
			[]string{"اصطدمت العبارة نجمة الصباح بحاجز رملي وعلى متنها تسعون راكبا.", "نقل خفر السواحل جميع الركاب إلى البر خلال ساعتين."}},
		{"German", "de", "Fähre läuft auf Grund", []string{"Die Fähre rammte am 3. März eine Sandbank. Sie war nach Angaben der Reederei voll besetzt."}, 35,
			[]string{"Die Fähre rammte am 3. März eine Sandbank.", "Sie war nach Angaben der Reederei voll besetzt."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var articles []Article
			for _, g := range tt.given {
				articles = append(articles, Article{Text: g, Language: tt.language})
			}
			got := Summarize(tt.title, articles, tt.words)
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("Summarize(%d words) = %q, want %q", tt.words, got, tt.want)
			}
		})
	}
}

func TestSummarizeIsVerbatimAndInBudget(t *testing.T) {
	pieces := []string{
		"The harbour was closed on Monday.", "Read more", "But he left at once.", "“Nobody saw it,” she said.", "…", "PARIS (AP) — ",
		"LONDON – ", " ", "\n", "\n\n", "Dr. Marsh of the U.S. Navy came.", "船は港に戻った。", "0 Comments", "(Reuters) - ", "A 3.5 percent rise followed.",
		"وصلت السفينة مساء أمس.", "a", ".", "? ", "Header Ads Widget", "Ferry", "\xff",
	}
	rapid.Check(t, func(t *rapid.T) {
		given := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "glue"))
		words := rapid.IntRange(-1, 70).Draw(t, "words")
		got := Summarize("Harbour closed", []Article{{Text: given, Language: "en"}}, words)
		spent, lines := 0, strings.Join(strings.Fields(given), " ") // a line that is wrapped becomes one
		for _, s := range got {
			if s == "" || !strings.Contains(lines, strings.Join(strings.Fields(s), " ")) {
				t.Fatalf("%q does not stand in %q", s, given)
			}
			spent += text.CountWords(s)
		}
		if len(got) > 0 && spent > words || len(got) > 3 || words < 60 && len(got) > 2 {
			t.Fatalf("Summarize(%d words) spent %d on %d sentences", words, spent, len(got))
		}
	})
}

// TestGoldenSummaries has stories in several languages, with what surrounds them on pages,
// at the lengths that readers choose.
func TestGoldenSummaries(t *testing.T) {
	stories, err := os.ReadFile(filepath.Join("testdata", "stories.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, story := range strings.Split(string(stories), "== ")[1:] {
		language, rest, _ := strings.Cut(story, "\n")
		title, body, _ := strings.Cut(rest, "\n")
		for _, words := range []int{15, 35, 66} {
			out.WriteString(fmt.Sprintf("%s, %d words: %s\n", language, words, title))
			for _, s := range Summarize(title, []Article{{Title: title, Text: SpacedDateline(body), Language: language}}, words) {
				if !strings.Contains(body, s) {
					t.Errorf("%q does not stand in the story", s)
				}
				out.WriteString("  " + s + "\n")
			}
		}
	}
	sameAsGolden(t, "summaries.golden", out.String())
}

func sameAsGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// TestSummarizeHearsOtherArticles: of two sentences that fit alone, the one that others
// tell as well is taken.
func TestSummarizeHearsOtherArticles(t *testing.T) {
	const (
		told  = "Divers found a crack of nine metres in the hull."
		alone = "Gulls gathered above the northern pier of Port Low today."
	)
	lead := Article{ID: 1, Title: "Ferry aground", Text: alone + " " + told, Language: "en"}
	other := Article{ID: 2, Title: "Crack in the hull", Text: "A crack of nine metres was found in the ferry's hull by divers.", Language: "en"}
	if got := Summarize("Ferry aground", []Article{lead}, 10); len(got) != 1 || got[0] != alone {
		t.Errorf("alone: Summarize = %q, want what stands first, %q", got, alone)
	}
	if got := Summarize("Ferry aground", []Article{lead, other, other}, 10); len(got) != 1 || got[0] != told {
		t.Errorf("with others: Summarize = %q, want what they tell, %q", got, told)
	}
}

func TestSummariesAreMadeOnce(t *testing.T) {
	var s Summaries
	story := Story{ID: 1, Title: "Ferry aground", Articles: []Article{{ID: 7, Language: "en", Text: "Divers found a crack of nine metres in the hull."}}}
	first, from := s.Of(story, 35)
	if len(first) != 1 || from != 7 {
		t.Fatalf("Of = %q from %d, want one sentence from 7", first, from)
	}
	if again, _ := s.Of(story, 35); &again[0] != &first[0] {
		t.Error("a story that did not change was read again")
	}
	if short, _ := s.Of(story, 5); len(short) != 0 {
		t.Errorf("Of(5 words) = %q, want none", short)
	}
	story.Articles[0].Page = "The ferry was towed to the dock in Port Low at noon. It will be repaired there."
	if changed, _ := s.Of(story, 35); len(changed) < 2 {
		t.Errorf("with the article's page: %q, want two sentences", changed)
	}
	before, _ := s.Of(story, 35)
	story.Hosts, story.Joined = 9, noon // more carry it: that is not read
	if again, _ := s.Of(story, 35); &again[0] != &before[0] {
		t.Error("a story was read again because its count of hosts changed")
	}
	story.Articles = append(story.Articles, Article{ID: 8, Language: "en", Text: "The ferry lies in the dock of Port Low, and the owners say that nobody was hurt."})
	if joined, _ := s.Of(story, 35); &joined[0] == &before[0] {
		t.Error("a story that another article joined was not read again")
	}
	for id := range StoryID(3 * rememberedMost) {
		s.Of(Story{ID: id}, 35)
	}
	if n := len(s.recent.young) + len(s.recent.old); n > 2*rememberedMost {
		t.Errorf("%d summaries are remembered, want at most %d", n, 2*rememberedMost)
	}
}

// TestGoldenEntry follows a page of the kind that blogs put into their feeds,
// with all its wrapping, to what a reader sees of it.
func TestGoldenEntry(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "wrapped.xml"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := feed.Parse(body, "application/rss+xml", "https://blog.example/feed", noon)
	if err != nil {
		t.Fatal(err)
	}
	topic, err := ParseTopic("north korea")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, item := range found.Items {
		a, err := NewArticle(Source{ID: 1, Name: "Far Desk", Language: "en"}, item, noon)
		if err != nil {
			t.Fatal(err)
		}
		a.ID = 1
		m, ok := MatchOne(topic, documentOf(a))
		story := storyOf(a, 1)
		story.Articles = []Article{a}
		e := Compose([]Followed{{Label: topic.Label, Matches: []MatchedStory{{Match: m, Story: story, At: noon}}}}, nil, NormalLimits, noon)
		e = new(Summaries).Fill(e, []Story{story}, nil, NormalLimits.Words)
		if !ok || len(e.Sections) != 1 {
			t.Fatalf("%q does not match %q", a.Title, topic.Label)
		}
		n := e.Sections[0].Entries[0]
		out.WriteString(n.Story.Title + "\n" + n.Story.Address + "\n" + n.Story.Outlet + "\n" + strings.Join(n.Summary, "\n") + "\n")
	}
	sameAsGolden(t, "wrapped.golden", out.String())
}

func TestSentencesAreJoinedAsTheirWritingDoes(t *testing.T) {
	for _, c := range []struct {
		sentences []string
		want      string
	}{
		{nil, ""},
		{[]string{"One."}, "One."},
		{[]string{"One.", "Two."}, "One. Two."},
		{[]string{"港口今天关闭。", "船只停在港内。"}, "港口今天关闭。船只停在港内。"},
		{[]string{"「港は閉鎖」", "船は止まった！", "Then English."}, "「港は閉鎖」船は止まった！Then English."},
		{[]string{"항구가 닫혔다.", "배가 멈췄다."}, "항구가 닫혔다. 배가 멈췄다."},
	} {
		if got := JoinSentences(c.sentences); got != c.want {
			t.Errorf("JoinSentences(%q) = %q, want %q", c.sentences, got, c.want)
		}
	}
}
