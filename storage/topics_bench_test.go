package storage_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings/digest"
	"tidings/storage"
)

var topicsKept = flag.Int("topics", 20_000, "how many topics BenchmarkTopicsAtAStart has on the shelf")

// A startingShelf tells when a joiner has its topics, how long the shelf took to read, and
// when an image of them is kept.
type startingShelf struct {
	*storage.Store
	read        atomic.Int64
	ready, kept func()
}

func (s *startingShelf) reading(began time.Time) { s.read.Add(int64(time.Since(began))) }

func (s *startingShelf) TopicsAfter(ctx context.Context, id digest.TopicID, limit int) ([]digest.KnownTopic, error) {
	defer s.reading(time.Now())
	return s.Store.TopicsAfter(ctx, id, limit)
}

func (s *startingShelf) MatcherPieces(ctx context.Context, each func(digest.MatcherPiece) error) error {
	defer s.reading(time.Now())
	return s.Store.MatcherPieces(ctx, each)
}

func (s *startingShelf) UnjoinedArticles(ctx context.Context, limit int) ([]digest.Article, error) {
	s.ready()
	return s.Store.UnjoinedArticles(ctx, limit)
}

func (s *startingShelf) SaveMatcherPieces(ctx context.Context, pieces ...digest.MatcherPiece) error {
	err := s.Store.SaveMatcherPieces(ctx, pieces...)
	if last := pieces[len(pieces)-1]; last.Part == 0 && len(last.Bytes) > 0 {
		s.kept()
	}
	return err
}

// BenchmarkTopicsAtAStart is what a joiner that starts does until its topics are live
// (start-s): it takes them from their image on the shelf (read-s). The first one finds no
// image; it reads the topics, builds the matcher meanwhile (anew-s) and keeps an image
// (keep-s). An image is worth it from ten thousand topics on.
//
//	go test ./storage -run '^$' -bench TopicsAtAStart -benchtime 3x -topics 1000000
func BenchmarkTopicsAtAStart(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkTopicsAtAStart(b, house{b.TempDir() + "/tidings.db"}) })
	b.Run("postgres", func(b *testing.B) { benchmarkTopicsAtAStart(b, postgresHouse(b)) })
}

func benchmarkTopicsAtAStart(b *testing.B, h house) {
	s := h.open(b)
	for from := 0; from < *topicsKept; from += 1000 {
		furnishTopics(b, s, from, min(from+1000, *topicsKept))
	}
	start := func(until string) (ready, kept, read time.Duration) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		shelf, began := &startingShelf{Store: s}, time.Now()
		shelf.ready = func() {
			if ready == 0 {
				ready = time.Since(began)
			}
			if until == "ready" {
				cancel()
			}
		}
		shelf.kept = func() { kept = time.Since(began); cancel() }
		joiner := digest.NewJoiner(shelf, s.NewStoryID, slog.New(slog.DiscardHandler)).KeepsImages(func() string { return "this build" })
		check(b, joiner.Run(ctx))
		return ready, kept - ready, time.Duration(shelf.read.Load())
	}
	anew, keep, _ := start("kept")
	var ready, read time.Duration
	report := processorTime(b)
	for b.Loop() {
		one, _, shelf := start("ready")
		ready, read = ready+one, read+shelf
	}
	report()
	n := float64(b.N)
	b.ReportMetric(read.Seconds()/n, "read-s")
	b.ReportMetric(ready.Seconds()/n, "start-s")
	b.ReportMetric(anew.Seconds(), "anew-s")
	b.ReportMetric(keep.Seconds(), "keep-s")
	b.ReportMetric(0, "ns/op")
}

// furnishTopics shelves topics of two or three words, each among 300,000.
func furnishTopics(b *testing.B, s *storage.Store, from, to int) {
	r := rand.New(rand.NewPCG(uint64(from), 1))
	word := func() string {
		var w []byte
		for k := int(300_000*r.Float64()*r.Float64()) + 300; k > 0; k /= 17 {
			w = append(w, "bcdfghklmnprstvwz"[k%17], "aeiou"[k%5])
		}
		return string(w)
	}
	insert, rows := `INSERT INTO topics (id, text, created) VALUES `, []string{}
	for i := from; i < to; i++ {
		query := word() + " " + word()
		switch i % 10 {
		case 0, 1, 2:
			query = `"` + query + `"`
		case 3, 4:
			query += " " + word()
		case 5:
			query += " -" + word()
		case 6:
			query += " OR " + word()
		}
		t, err := digest.ParseTopic(query)
		if err != nil {
			continue
		}
		rows = append(rows, fmt.Sprintf("(%d, '%s', 0)", i+1, t.Text)) // letters, quotes, spaces
	}
	execute(b, s, insert+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`)
}

// BenchmarkShelveAGrowingStory shelves a batch of 20 articles that join one story, which
// fits 20,000 topics: an operation is the batch.
func BenchmarkShelveAGrowingStory(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkShelveAGrowingStory(b, house{b.TempDir() + "/tidings.db"}) })
	b.Run("postgres", func(b *testing.B) { benchmarkShelveAGrowingStory(b, postgresHouse(b)) })
}

func benchmarkShelveAGrowingStory(b *testing.B, h house) {
	const topics, articles = 20_000, 20
	s, now := h.open(b), milli(time.Now())
	for from := 0; from < topics; from += 1000 {
		furnishTopics(b, s, from, from+1000)
	}
	story := shelve(b, s, now, 1)[0]
	execute(b, s, `INSERT INTO matches (topic_id, story_id, score, words, field, at, published, hosts, language)
		SELECT t.id, s.id, 0.5, '["bridge"]', 'title', s.published, s.published, s.hosts, s.language FROM topics t, stories s`)
	all := number(b, s, `SELECT COUNT(*) FROM matches`)
	fresh := shelve(b, s, now, articles)
	v := must(s.StoryHeads(b.Context(), []digest.StoryID{story}))(b)[0]
	for b.Loop() {
		var joined []digest.Joined
		for _, id := range fresh {
			v.Hosts++
			joined = append(joined, digest.Joined{Article: digest.ArticleID(id), Story: v})
		}
		check(b, s.ShelveJoined(b.Context(), joined))
	}
	if n := number(b, s, `SELECT COUNT(*) FROM matches WHERE hosts = $1`, v.Hosts); n != all {
		b.Errorf("%d matches have the story's hosts, want all %d", n, all)
	}
	b.ReportMetric(float64(all), "matches")
}
