package digest

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// lessonsOf are so many stories of seven kinds, with little in common besides. In those
// about computing stands a company that nobody knows.
func lessonsOf(stories int) (all []Article) {
	kinds := [][]string{
		{"software", "processor", "server", "database", "programmer", "laptop", "browser"},
		{"striker", "goalkeeper", "midfielder", "penalty", "defender", "stadium", "league"},
		{"singer", "guitarist", "album", "orchestra", "concert", "melody", "drummer"},
		{"burglar", "detective", "murder", "jury", "prison", "robbery", "suspect"},
		{"wheat", "farmer", "harvest", "cattle", "tractor", "orchard", "barley"},
		{"comet", "telescope", "astronaut", "orbit", "planet", "galaxy", "rocket"},
		{"surgeon", "vaccine", "patient", "clinic", "tumour", "nurse", "virus"},
	}
	for i := range stories {
		kind, company := kinds[i%7], madeUp(9*i)
		if i%7 == 0 {
			company = "Velmora"
		}
		a, b, c := kind[i/7%7], kind[(i/49+i/7+1)%7], kind[(i/21+i/7+3)%7]
		all = append(all, told(fmt.Sprintf("h%d.example", i),
			fmt.Sprintf("%s %s in %s brings %s %d", company, a, madeUp(9*i+1), madeUp(9*i+2), i*7+1),
			fmt.Sprintf("%s saw a %s near %s with the %s of %s, %s and %s.", madeUp(9*i+3), b, madeUp(9*i+4), c, company, madeUp(9*i+5), madeUp(9*i+6))))
	}
	return all
}

// madeUp is a word that no other number has.
func madeUp(n int) string {
	word := []byte("Zq")
	for range 4 {
		word = append(word, byte('a'+n%26))
		n /= 26
	}
	return string(append(word, 'x'))
}

// velmoraOpens names nothing of computing but what was learned.
var velmoraOpens = told("quay.example", "Velmora comes to Port Low", "Velmora hires forty, the mayor of Port Low said.")

func TestLessons(t *testing.T) {
	computing := topic(t, "technology").aboutAt(0)
	document := documentOf(velmoraOpens)
	share := func(l *Lessons) float64 { return l.Decide(document).share(computing) }

	l := NewLessons()
	if got := share(l); got >= leastShare {
		t.Fatalf("without lessons the story is for %.2f about technology, so this test shows nothing", got)
	}
	teach := func(l *Lessons, articles []Article) {
		for _, a := range articles {
			d := documentOf(a)
			l.Learn(d, l.Decide(d))
		}
	}
	teach(l, lessonsOf(fewestLessons-1))
	if got := share(l); got >= leastShare {
		t.Errorf("after %.0f lessons the story is for %.2f about technology, want that so few say nothing", l.told, got)
	}
	teach(l, lessonsOf(6*fewestLessons))
	if got := share(l); got < aboutFrom {
		t.Errorf("after %.0f lessons the story is for %.2f about technology, want at least %.2f", l.told, got, aboutFrom)
	}
	other := NewLessons()
	teach(other, lessonsOf(fewestLessons-1))
	teach(other, lessonsOf(6*fewestLessons))
	if a, b := l.Decide(document), other.Decide(document); !slices.Equal(a, b) {
		t.Errorf("the same lessons decide %v and %v", a, b)
	}
	german := NewDocument("Velmora kommt nach Port Low", "Velmora stellt vierzig Leute ein.", nil, "de")
	if got := l.Decide(german); got != nil {
		t.Errorf("a German story has subjects %v", got)
	}
	if d := document; d.subjects().share(computing) >= leastShare {
		t.Error("an article of which nothing was decided reads what was learned, which others do not know")
	}
	if d := document; true {
		d.Subjects = append(SubjectShares{subjectsMark() + 1}, l.Decide(document)[1:]...)
		if d.subjects().share(computing) >= leastShare {
			t.Error("shares of another list of subjects are believed")
		}
	}
}

// TestLessonsAreBounded is that words which nobody else has cost nothing for long, and
// that what was learned outlasts them.
func TestLessonsAreBounded(t *testing.T) {
	l := NewLessons()
	teach := func(a Article) {
		d := documentOf(a)
		l.Learn(d, l.Decide(d))
	}
	for _, a := range lessonsOf(6 * fewestLessons) {
		teach(a)
	}
	n := 0
	for range 3 * mostLessons / lessonWords {
		text := "goalkeeper "
		for range lessonWords - 2 {
			n++
			text += madeUp(n) + " "
		}
		teach(told("flood.example", "Striker", text))
		if len(l.words) > mostLessons {
			t.Fatalf("%d words are kept, want at most %d", len(l.words), mostLessons)
		}
	}
	if n < 2*mostLessons {
		t.Fatalf("only %d words were new", n)
	}
	if got := l.Decide(documentOf(velmoraOpens)).share(topic(t, "technology").aboutAt(0)); got < leastShare {
		t.Errorf("after the flood the story is for %.2f about technology, want it remembered", got)
	}
}

// TestEverybodyAgreesAboutWhatWasLearned is that who looks later, or elsewhere, or after a
// restart, finds what the joiner delivered: a story that is about technology only by what
// the stories before it taught.
func TestEverybodyAgreesAboutWhatWasLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := newMemory()
		before := shelf.follow(t, "technology")
		shelf.put(today(lessonsOf(6 * fewestLessons)...)...)
		j := newTestJoiner(shelf)
		stop := running(t.Context(), j)
		synctest.Wait()
		time.Sleep(time.Minute)
		own := velmoraOpens
		own.Circle, own.Source = 7, 7
		shelf.put(today(velmoraOpens, own)...)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		last := ArticleID(len(shelf.articles))
		story := shelf.story[last-1]
		if m := shelf.matches[[2]int64{int64(before), int64(story)}]; m.Score < aboutFrom {
			t.Fatalf("the joiner gave story %d %+v, want it delivered for what was learned", story, m.Match)
		}
		query := topic(t, "technology")
		found, err := NewFinder(shelf).match(t.Context(), query, nil, time.Now().Add(-time.Hour))
		if matches := shelf.found(before); err != nil || len(found) != len(matches) {
			t.Errorf("the finder found %d stories (%v), the joiner %d", len(found), err, len(matches))
		}
		for _, m := range found {
			if kept := shelf.matches[[2]int64{int64(before), int64(m.Story.ID)}]; kept.Score != m.Score {
				t.Errorf("the finder gives story %d %.4f, the joiner gave %.4f", m.Story.ID, m.Score, kept.Score)
			}
		}
		topics := []Followed{{Topic: before, Text: query.Text}}
		carried := []Carried{{shelf.articles[last-1], Story{ID: shelf.story[last], Circle: 7, Hosts: 1}}}
		if all := WithSources(topics, []FollowedSource{{Source: 7, Carried: carried}}, nil); len(all[0].Matches) != 1 {
			t.Errorf("an edition finds %d articles of the reader's own source, want the one", len(all[0].Matches))
		}

		// Another joiner knows what the first one learned.
		time.Sleep(time.Hour)
		again := NewJoiner(shelf, func() StoryID { return 9999 }, j.log)
		stop = running(t.Context(), again)
		synctest.Wait()
		shelf.put(today(told("else.example", "Mayor thanks Velmora", "Velmora gave the town of Lower Ness a hall."))...)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if got := shelf.found(before); !slices.Contains(got, 9999) {
			t.Errorf("after a restart the joiner found %v, want story 9999, too", got)
		}
		if j.lessons.told != 6*fewestLessons+1 || again.lessons.told != j.lessons.told+1 {
			t.Errorf("the joiners had %.0f and %.0f lessons, want one of each story in the circle of all", j.lessons.told, again.lessons.told)
		}
	})
}

// BenchmarkLessons is what the joiner reads of a story of 400 words, with lessons and
// without, and what lessons take in memory when they are full.
func BenchmarkLessons(b *testing.B) {
	stories := benchmarkStories(200)
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("with=%t", with), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			l := NewLessons()
			for i := 0; with && i < 2*mostLessons/lessonWords; i++ {
				text := ""
				for k := range lessonWords {
					text += madeUp(i*lessonWords+k) + " "
				}
				d := NewDocument("Software", text, nil, "en")
				l.Learn(d, l.Decide(d))
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			i := 0
			for b.Loop() {
				s := stories[i%len(stories)]
				d := NewDocument(s[:60], s[60:], nil, "en")
				if with {
					d.Subjects = l.Decide(d)
					l.Learn(d, d.Subjects)
				}
				d.Normalised()
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
			runtime.KeepAlive(l)
		})
	}
}

func TestHeadingsAreToldApartByWordsAlone(t *testing.T) {
	for _, tt := range []struct{ name, title, body, want, not string }{
		{"a maker of medicines is a company", "Novartis wins approval for its asthma inhaler", "The drugmaker may sell the generic prescription from May.", "business", "science"},
		{"its medicines are of interest to patients", "Novartis wins approval for its asthma inhaler", "The drugmaker may sell the generic prescription from May.", "health", "technology"},
		{"a shop opening is business", "Ikea opens its first store in Port Low", "Shoppers queued from dawn at the outlet, between a supermarket and a grocery.", "business", "entertainment"},
		{"a country in the news is the world", "Nepal and Vietnam mark forty years", "Crowds sang in Kathmandu before the premier flew on to Beijing and Islamabad.", "world", "sport"},
		{"a scientist's find is science", "Researchers describe a fossil of a swimming lizard", "The scientists found the species in a quarry, with a genome older than any.", "science", "health"},
	} {
		d := NewDocument(tt.title, tt.body, nil, "en")
		want, _ := MatchOne(topic(t, tt.want), d)
		not, _ := MatchOne(topic(t, tt.not), d)
		if want.Score < NormalBreadth.Least() || want.Score <= not.Score {
			t.Errorf("%s: %s scores %.2f and %s %.2f", tt.name, tt.want, want.Score, tt.not, not.Score)
		}
	}
}
