package storage_test

import (
	"context"
	"flag"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"tidings/digest"
	"tidings/storage"
)

var topicsKept = flag.Int("topics", 20_000, "how many topics BenchmarkTopicsAtAStart has on the shelf")

// A startingShelf tells when a joiner has read its topics, and how long the shelf took.
type startingShelf struct {
	*storage.Store
	read  time.Duration
	ready func()
}

func (s *startingShelf) TopicsAfter(ctx context.Context, id digest.TopicID, limit int) ([]digest.KnownTopic, error) {
	defer func(began time.Time) { s.read += time.Since(began) }(time.Now())
	return s.Store.TopicsAfter(ctx, id, limit)
}

func (s *startingShelf) UnjoinedArticles(ctx context.Context, limit int) ([]digest.Article, error) {
	s.ready()
	return s.Store.UnjoinedArticles(ctx, limit)
}

// BenchmarkTopicsAtAStart is what a joiner that starts does until its topics are live: it
// reads them from SQLite (read-s) and builds the matcher meanwhile (start-s for all).
//
//	go test ./storage -run '^$' -bench TopicsAtAStart -benchtime 1x -topics 1000000
func BenchmarkTopicsAtAStart(b *testing.B) {
	s := house{b.TempDir() + "/tidings.db"}.open(b)
	for from := 0; from < *topicsKept; from += 1000 {
		furnishTopics(b, s, from, min(from+1000, *topicsKept))
	}
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		shelf := &startingShelf{Store: s}
		took, began := time.Duration(0), time.Now()
		shelf.ready = func() { took = time.Since(began); cancel() }
		check(b, digest.NewJoiner(shelf, s.NewStoryID, slog.New(slog.DiscardHandler)).Run(ctx))
		b.ReportMetric(shelf.read.Seconds(), "read-s")
		b.ReportMetric(took.Seconds(), "start-s")
	}
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
	insert, args := `INSERT INTO topics (id, text, created) VALUES `, []any{}
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
		if len(args) > 0 {
			insert += ", "
		}
		insert += "(?, ?, 0)"
		args = append(args, i+1, t.Text)
	}
	execute(b, s, insert+` ON CONFLICT DO NOTHING`, args...)
}
