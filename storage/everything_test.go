package storage_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

// Everything kept is at most so many articles (or those of 7 days).
var (
	everything = flag.Int("articles", 350_000, "how many articles BenchmarkOverEverythingKept puts on the shelf")
	everyShelf = flag.String("shelf", "", "the database file that BenchmarkOverEverythingKept or BenchmarkMaterial fills, or finds filled by an earlier run")
)

// BenchmarkOverEverythingKept measures what a reader waits for, /latest, plain
// text and the back-fill of a topic that is followed, over as many articles as are
// ever kept, on SQLite. It takes some minutes to fill the shelf:
//
//	go test ./storage -run '^$' -bench OverEverythingKept -benchtime 5x -timeout 30m -shelf /tmp/everything.db
func BenchmarkOverEverythingKept(b *testing.B) {
	file := *everyShelf
	if file == "" {
		file = filepath.Join(b.TempDir(), "tidings.db")
	}
	s := house{file}.open(b)
	now := time.Now()
	if number(b, s, `SELECT COUNT(*) FROM articles`) == 0 {
		fillEverything(b, s, now, *everything)
		b.Logf("%d articles shelved in %s", *everything, time.Since(now).Round(time.Second))
	}
	chat, another := addChat(b, s, 7, 0), addChat(b, s, 8, 0)
	var topics []digest.TopicID
	finder := digest.NewFinder(s)
	ctx := b.Context()
	for i := range bot.MaxTopics { // from what is everywhere to what is rare
		t := parse(b, word(1<<(i/4)+i))
		u, _, err := s.Follow(ctx, chat.ID, t, now)
		check(b, err)
		_, err = finder.Backfill(ctx, u.Topic, t, now.Add(-7*24*time.Hour))
		check(b, err)
		topics = append(topics, u.Topic)
	}
	week, day := now.Add(-7*24*time.Hour), now.Add(-24*time.Hour)
	for _, c := range []struct{ name, words string }{
		{"a word of half of all articles", word(0)},
		{"a word of every tenth", word(6)},
		{"a word of every hundredth", word(80)},
		{"a rare word", word(20_000)},
		{"a word that is nowhere", "nowhereatall"},
		{"two common words", word(0) + " " + word(1)},
		{"a common and a rare word", word(0) + " " + word(20_000)},
		{"two words that are rarely together", word(300) + " " + word(301)},
		{"a phrase of common words", `"` + word(0) + " " + word(1) + " " + word(2) + `"`},
		{"either of five common words", strings.Join([]string{word(0), word(1), word(2), word(3), word(4)}, " OR ")},
		{"twenty words", strings.Join(wordsUpTo(20), " ")},
		{"one without another", word(0) + " -" + word(1)},
	} {
		t := parse(b, c.words)
		b.Run("text: "+c.name, func(b *testing.B) {
			found := 0
			defer processorTime(b)()
			for b.Loop() {
				list, err := finder.Find(ctx, t, week, 100)
				check(b, err)
				found = len(list)
			}
			b.ReportMetric(float64(found), "stories")
		})
		b.Run("back-fill: "+c.name, func(b *testing.B) {
			found := 0
			defer processorTime(b)()
			for b.Loop() { // following and unfollowing is a thousandth of it
				u, _, err := s.Follow(ctx, another.ID, t, now)
				check(b, err)
				list, err := finder.Backfill(ctx, u.Topic, t, week)
				check(b, err)
				must(s.Unfollow(ctx, another.ID, u.Topic))(b)
				found = len(list)
			}
			b.ReportMetric(float64(found), "stories")
		})
	}
	b.Run("latest of 50 topics", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			must(s.TopicMatches(ctx, topics, nil, day, 100))(b)
		}
	})
	b.Run("latest of 50 topics in a language few stories have", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			must(s.TopicMatches(ctx, topics, []string{"fi"}, day, 100))(b)
		}
	})
	b.Run("most reported", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			must(s.TopStories(ctx, "en", day, 100))(b)
		}
	})
	b.Run("an edition's material", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			must(s.Material(ctx, chat.ID, now.Add(-48*time.Hour), 50))(b)
		}
	})
	b.Run("languages", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			must(s.Languages(ctx))(b)
		}
	})
}

// processorTime reports what an operation costs on whatever else the machine
// does meanwhile.
func processorTime(b *testing.B) (report func()) {
	began := processorSpent(b)
	return func() { b.ReportMetric(float64(processorSpent(b)-began)/float64(b.N)/1e6, "cpu-ms/op") }
}

// processorSpent is how long this process has used the processor.
func processorSpent(b *testing.B) time.Duration {
	var u syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func parse(t testing.TB, words string) digest.Topic {
	t.Helper()
	return must(digest.ParseTopic(words))(t)
}

// word is the n-th most frequent word of an invented language, of letters.
func word(n int) string {
	var b strings.Builder
	for n += 26; n > 0; n /= 26 {
		b.WriteByte('a' + byte(n%26))
		b.WriteString([]string{"k", "x", "zt"}[n%3])
	}
	return b.String() + "o"
}

func wordsUpTo(n int) (words []string) {
	for i := range n {
		words = append(words, word(i))
	}
	return words
}

// fillEverything puts articles of a week on the shelf, a story of three each,
// with words as frequent as those of languages are; every sixteenth gives its
// whole text. It writes the rows itself: the road that articles take is not what
// is measured, and takes an hour for as many.
func fillEverything(t testing.TB, s *storage.Store, now time.Time, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	frequent := rand.NewZipf(random, 1.07, 6, 60_000)
	say := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			words[i] = word(int(frequent.Uint64()))
		}
		return words
	}
	languages := []string{"en", "en", "en", "en", "de", "fr", "es", "ru", "zh", "fi"}
	source := int64(addSource(t, s, "https://harbour.example/feed", now).ID)
	story := int64(0)
	for first := 0; first < n; first += 5000 {
		tx := must(s.DB().Begin())(t)
		do := func(query string, args ...any) {
			_, err := tx.Exec(query, args...)
			check(t, err)
		}
		for i := first; i < min(first+5000, n); i++ {
			at := now.Add(-time.Duration(float64(7*24*time.Hour) * float64(n-i) / float64(n))).UnixMilli()
			id := at<<21 + int64(i) // ids tell when they were made
			said, content := say(60), ""
			if i%16 == 0 {
				content = strings.Join(say(600), " ")
			}
			title, host, language := strings.Join(said[:10], " "), fmt.Sprintf("h%d.example", i%500), languages[i/3%len(languages)]
			address := fmt.Sprintf("https://%s/%d", host, i)
			if i%3 == 0 {
				story = id
				do(`INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
					VALUES ($1, $2, $3, 'The Harbour Post', $4, $5, $6, $6, 3)`, id, title, address, host, language, at)
			}
			do(`INSERT INTO articles (id, source_id, story_id, outlet, guid, address, host, title, text, content, author, language, categories, published, seen)
				VALUES ($1, $2, $3, 'The Harbour Post', $4, $4, $5, $6, $7, $8, '', $9, '[]', $10, $10)`,
				id, source, story, address, host, title, strings.Join(said[10:], " "), content, language, at)
			words := append(said, strings.Fields(content)...)
			slices.Sort(words)
			do(`INSERT INTO article_words (rowid, words) VALUES ($1, $2)`, id, strings.Join(slices.Compact(words), " "))
		}
		check(t, tx.Commit())
	}
}
