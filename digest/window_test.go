package digest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// told is an article as a window sees it; its id is given by place.
func told(host, title, lead string) Article {
	return Article{Host: host, Title: title, Text: lead, Language: "en", Published: noon, Seen: noon}
}

// placeAll puts articles into a new window, a minute apart unless they have times
// of their own, and writes their stories as numbers from 1.
func placeAll(articles []Article) string {
	id := StoryID(0)
	w := NewWindow(func() StoryID { id++; return id })
	var stories []string
	for i, a := range articles {
		a.ID = ArticleID(i + 1)
		if a.Seen == noon {
			a.Seen = noon.Add(time.Duration(i) * time.Minute)
		}
		s, _ := w.Place(a)
		stories = append(stories, fmt.Sprint(s))
	}
	return strings.Join(stories, " ")
}

func TestWindowPlaces(t *testing.T) {
	ferry := told("harbour.example", "Ferry runs aground off Port Low with 90 aboard", "The ferry Morning Star struck a sandbank off Port Low on Monday and the coastguard brought ninety passengers ashore.")
	ferryToo := told("coast.example", "Coastguard rescues passengers of stranded Port Low ferry", "Ninety passengers were brought ashore after the Morning Star ferry hit a sandbank near Port Low.")
	tram := told("city.example", "Council votes for a new tram line to the airport", "The city council of Marburg voted for a tram line that will link the airport and the old town by 2031.")
	at := func(a Article, d time.Duration) Article {
		a.Published, a.Seen = noon.Add(d), noon.Add(d)
		return a
	}
	in := func(language string, a Article) Article {
		a.Language = language
		return a
	}
	for _, tt := range []struct {
		name     string
		articles []Article
		want     string
	}{
		{"articles without a word are stories of their own", []Article{told("a", "", ""), told("b", "…", "!"), told("c", "", "")}, "1 2 3"},
		{"articles of common words only are stories of their own", []Article{told("a", "What is new today", ""), told("b", "What is it about", "")}, "1 2"},
		{"one event told twice", []Article{ferry, tram, ferryToo}, "1 2 1"},
		{"a copy with a word changed", []Article{tram, told("b", "Council votes for new tram line to airport", tram.Text)}, "1 1"},
		{"a copy with another lead is told by its title", []Article{told("a", "Mayor Alda Finch resigns over harbour loan", ""), told("b", "Mayor Alda Finch resigns over harbour loan", "The decision came late on Monday.")}, "1 1"},
		{"two earthquakes on one day", []Article{
			told("a", "Magnitude 5.2 earthquake strikes off Corrin Islands", "A magnitude 5.2 earthquake struck at a depth of ten kilometres."),
			told("b", "Magnitude 6.1 earthquake strikes off Corrin Islands", "A magnitude 6.1 earthquake struck at a depth of thirty kilometres."),
		}, "1 2"},
		{"two earthquakes in two places", []Article{
			told("a", "Strong earthquake shakes northern Veltria", "A strong earthquake shook buildings in northern Veltria."),
			told("b", "Strong earthquake shakes southern Ostmark", "A strong earthquake shook buildings in southern Ostmark."),
		}, "1 2"},
		{"two matches of one club in a week", []Article{
			told("a", "Rovers beat United 3-1 in league opener", "Rovers won at home."),
			told("b", "Rovers beat United 2-0 in league opener", "Rovers won at home."),
		}, "1 2"},
		{"one match by two outlets", []Article{
			told("a", "Rovers beat Ashby United 3-1 in league opener", "Rovers beat Ashby United at home with two late goals by Penn."),
			told("b", "Late Penn goals give Rovers 3-1 win over Ashby United", "Two late goals by Penn gave Rovers a win over Ashby United in the league opener."),
		}, "1 1"},
		{"a toll that rises is one event to two outlets", []Article{
			told("a", "Twelve dead in Marl bridge collapse, 12 missing", "A bridge over the Marl collapsed on Monday and took a bus with it."),
			told("b", "Fifteen dead in Marl bridge collapse, 15 missing", "A bridge over the Marl collapsed on Monday with a bus on it."),
		}, "1 1"},
		{"a toll that rises is one event where nobody says who tells it", []Article{
			told("", "Twelve dead in Marl bridge collapse, 12 missing", "A bridge over the Marl collapsed on Monday and took a bus with it."),
			told("", "Fifteen dead in Marl bridge collapse, 15 missing", "A bridge over the Marl collapsed on Monday with a bus on it."),
		}, "1 1"},
		{"the numbers of a series", []Article{
			told("a", "Crossword 1245: hints and answers", "All hints for the puzzle."),
			told("a", "Crossword 1246: hints and answers", "All hints for the puzzle."),
		}, "1 2"},
		{"languages never join", []Article{ferry, in("de", ferry)}, "1 2"},
		{"a headline in the words of the prevailing language is in that, whatever it was taken for", []Article{
			told("a", "Mayor Alda Finch resigns over harbour loan", ""), in("de", told("b", "Mayor Alda Finch resigns over harbour loan", "")),
		}, "1 1"},
		{"one word that nobody knows yet does not change that", []Article{
			told("a", "Mayor Alda Finch resigns over harbour loan", ""), in("de", told("b", "Zorbek mayor Alda Finch resigns over harbour loan", "")),
		}, "1 1"},
		{"a headline of names keeps its language where that knows its other word", []Article{
			told("a", "Mayor Alda Finch meets chancellor Bo Marsh in Ashby", ""), told("b", "Council votes for a new tram line", ""), told("c", "Rain expected on Monday", ""),
			in("de", told("d", "Alda Finch trifft Bo Marsh in Ashby", "Die Bürgermeisterin trifft den Kanzler in Ashby, um über den Hafen und die lange geplante Brücke über den Fluss zu sprechen, und will am Montag zurück sein.")),
			in("de", told("e", "Alda Finch trifft Bo Marsh in Ashby", "")),
		}, "1 2 3 4 4"},
		{"a headline in other words keeps its language", []Article{
			told("a", "Mayor Alda Finch resigns over harbour loan", ""), in("de", told("b", "Alda Finch tritt zurück: harbour loan", "")),
		}, "1 2"},
		{"the same event after three days is another story", []Article{ferry, at(ferryToo, StorySpan+time.Hour)}, "1 2"},
		{"the same event after two days", []Article{ferry, at(ferryToo, StorySpan-time.Hour)}, "1 1"},
		{"an old article does not stretch a story backwards", []Article{ferry, func() Article { a := ferryToo; a.Published = noon.Add(-StorySpan - time.Hour); return a }()}, "1 2"},
		{"Chinese by pairs of characters", []Article{
			in("zh", told("a", "北部码头渡轮搁浅九十名乘客获救", "晨星号渡轮周一早上撞上沙洲，海岸警卫队救出九十名乘客。")),
			in("zh", told("b", "海岸警卫队救出搁浅渡轮九十名乘客", "晨星号渡轮在北部码头附近撞上沙洲，九十名乘客获救。")),
			in("zh", told("c", "市议会批准新电车线路通往机场", "新线路将于二〇三一年通车，连接老城和机场。")),
		}, "1 1 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := placeAll(tt.articles); got != tt.want {
				t.Errorf("stories %s, want %s", got, tt.want)
			}
		})
	}
}

// TestWindowPrefersWhatManyTell restores stories as they were split before and places one
// more article.
func TestWindowPrefersWhatManyTell(t *testing.T) {
	aground := []Article{
		told("a", "Ferry Morning Star runs aground off Port Low with 90 aboard", "The ferry Morning Star struck a sandbank off Port Low on Monday and the coastguard brought ninety passengers ashore."),
		told("b", "Coastguard rescues 90 from Port Low ferry", "Ninety passengers were brought ashore after the Morning Star ferry hit a sandbank near Port Low."),
		told("c", "Stranded ferry: all 90 passengers safe, says Port Low coastguard", "The coastguard said that everybody on the Morning Star was brought ashore from the sandbank."),
		told("d", "Port Low ferry hits sandbank", "The Morning Star hit a sandbank off Port Low. The coastguard rescued ninety passengers."),
	}
	rovers := []Article{
		told("a", "Rovers beat Ashby United 3-1 in league opener", "Rovers beat Ashby United at home with two late goals by Penn."),
		told("b", "Late Penn goals give Rovers win over Ashby United", "Two late goals by Penn gave Rovers a win over Ashby United in the league opener."),
		told("c", "Penn strikes twice as Rovers see off Ashby United", "Penn scored two late goals in the league opener for Rovers against Ashby United."),
		told("d", "Ashby United fall to late Penn double at Rovers", "Rovers won the league opener against Ashby United by two late goals of Penn."),
	}
	for _, tt := range []struct {
		name         string
		large, small []Article
		article      Article
		want         StoryID
	}{
		{"an event that was split in two goes on with its larger part", aground[:3], aground[3:],
			told("e", "Morning Star ferry hits sandbank off Port Low", "Ninety people on board were brought ashore."), 1},
		{"many tell of another match of the day", rovers,
			[]Article{told("a", "Rangers beat Low City 2-0 in league opener", "Rangers beat Low City away with two early goals by Marsh.")},
			told("e", "Early Marsh goals give Rangers win at Low City", "Two early goals by Marsh gave Rangers a win over Low City in the league opener."), 2},
		{"many tell of another fire of the day",
			[]Article{
				told("a", "Fire destroys Corner supermarket in Banford", "A large fire has destroyed the Corner supermarket in the High Street of Banford."),
				told("b", "Blaze guts Banford supermarket", "The Corner supermarket in Banford was gutted by a large fire, police said."),
				told("c", "Banford supermarket fire suspicious, say police", "Police treat the fire at the Corner supermarket in Banford as suspicious."),
			},
			[]Article{told("a", "Fire damages Corner supermarket in Welling", "A fire has damaged the Corner supermarket in Welling, and a man was arrested.")},
			told("e", "Man charged over Welling supermarket fire", "A man was charged with arson after the fire at the Corner supermarket in Welling."), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWindow(func() StoryID { return 3 })
			for i, a := range slices.Concat(tt.large, tt.small) {
				a.ID = ArticleID(i + 1)
				story := StoryID(1)
				if i >= len(tt.large) {
					story = 2
				}
				w.Restore(a, story)
			}
			tt.article.ID = 100
			if got, _ := w.Place(tt.article); got != tt.want {
				t.Errorf("Place(%q) = story %d, want %d", tt.article.Title, got, tt.want)
			}
		})
	}
}

func TestWindowAnswersTheSameTwice(t *testing.T) {
	id := StoryID(0)
	w := NewWindow(func() StoryID { id++; return id })
	a := told("a", "Mayor Alda Finch resigns over harbour loan", "")
	a.ID = 5
	first, fresh := w.Place(a)
	again, freshAgain := w.Place(a)
	if first != again || !fresh || freshAgain {
		t.Errorf("Place = %d %v, then %d %v; want one story, new once", first, fresh, again, freshAgain)
	}
	if s, _ := w.Story(first); s.Hosts != 1 {
		t.Errorf("the story has %d hosts, want 1", s.Hosts)
	}
}

func TestWindowCountsHostsOnce(t *testing.T) {
	w := NewWindow(func() StoryID { return 1 })
	for i, host := range []string{"a.example", "b.example", "a.example"} {
		a := told(host, "Mayor Alda Finch resigns over harbour loan", "")
		a.ID, a.Published = ArticleID(i+1), noon.Add(-time.Duration(i)*time.Hour)
		w.Place(a)
	}
	s, _ := w.Story(1)
	if s.Hosts != 2 || !s.Published.Equal(noon.Add(-2*time.Hour)) {
		t.Errorf("Story = %+v, want 2 hosts, published with its earliest article", s)
	}
}

func TestWindowRestoredDecidesAsBefore(t *testing.T) {
	counter := func(from StoryID) func() StoryID { return func() StoryID { from++; return from } }
	w := NewWindow(counter(0))
	articles := samples(300)
	stories := map[ArticleID]StoryID{}
	last := StoryID(0)
	for _, a := range articles[:200] {
		stories[a.ID], _ = w.Place(a)
		last = max(last, stories[a.ID])
	}
	again := NewWindow(counter(last))
	for _, a := range articles[:200] {
		again.Restore(a, stories[a.ID])
	}
	for _, a := range articles[200:] {
		was, fresh := w.Place(a)
		now, freshAgain := again.Place(a)
		if was != now || fresh != freshAgain {
			t.Fatalf("Place(%q) = %d %v before and %d %v after a restart", a.Title, was, fresh, now, freshAgain)
		}
	}
}

func TestWindowForgets(t *testing.T) {
	id := StoryID(0)
	w := NewWindow(func() StoryID { id++; return id })
	for i, a := range samples(3 * sweepEach / 2) {
		a.ID = ArticleID(i + 1)
		a.Seen = noon.Add(time.Duration(i) * time.Minute)
		a.Published = a.Seen
		w.Place(a)
		if limit := int(StorySpan/time.Minute) + 1; len(w.placed) > limit || len(w.arrived) > limit || len(w.stories) > limit {
			t.Fatalf("after %d articles the window holds %d articles and %d stories, want at most %d", i+1, len(w.placed), len(w.stories), limit)
		}
	}
	words := w.tongues[spoken{0, "en"}]
	if len(words.numbers) > sweepEach*4 {
		t.Errorf("the window knows %d terms of %d articles that it forgot, want few", len(words.numbers), 3*sweepEach/2)
	}
}

// samples makes n articles, about three to an event, of words of their own.
func samples(n int) []Article {
	var list []Article
	for i := range n {
		event := i / 3
		a := told(fmt.Sprintf("h%d.example", i%7),
			fmt.Sprintf("Mayor of Town%d opens bridge%d over river%d", event, event, event),
			fmt.Sprintf("The bridge%d over river%d in Town%d was opened by mayor Name%d on Monday.", event, event, event, event))
		a.ID = ArticleID(i + 1)
		a.Seen = noon.Add(time.Duration(i) * time.Second)
		list = append(list, a)
	}
	return list
}

func TestWindowStandsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := StoryID(0)
		w := NewWindow(func() StoryID { id++; return id })
		for i := range rapid.IntRange(1, 12).Draw(t, "articles") {
			a := Article{
				ID: ArticleID(i + 1), Title: rapid.String().Draw(t, "title"), Text: rapid.String().Draw(t, "text"),
				Language: rapid.SampledFrom([]string{"en", "zh", "und", ""}).Draw(t, "language"),
				Seen:     noon.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "seen"))),
			}
			a.Published = a.Seen
			s, fresh := w.Place(a)
			if s == 0 || fresh && s != id {
				t.Fatalf("Place = %d, %v; want a story", s, fresh)
			}
			if _, ok := w.Story(s); !ok {
				t.Fatalf("story %d is not in the window that placed an article in it", s)
			}
		}
	})
}

func BenchmarkWindowPlace(b *testing.B) {
	id := StoryID(0)
	w := NewWindow(func() StoryID { id++; return id })
	articles := samples(20000)
	for _, a := range articles {
		w.Place(a)
	}
	i := 0
	for b.Loop() {
		a := articles[i%len(articles)]
		a.ID = ArticleID(len(articles) + i)
		w.Place(a)
		i++
	}
}
