package storage_test

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkScrape is what a look at the figures costs in a house of a million
// readers, with a million deliveries that ended today and a broadcast of a
// hundred thousand waiting.
func BenchmarkScrape(b *testing.B) {
	s := house{b.TempDir() + "/tidings.db"}.open(b)
	now := time.Now()
	execute(b, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked, last_edition, expects, paused, created)
		SELECT i, i, 0, 'private', 'en', 'UTC', 0, '{}', $1, 0, $2, '', CASE WHEN i % 10 = 0 THEN 'blocked' ELSE '' END, i FROM n`,
		now.Add(time.Hour).UnixMilli(), now.UnixMilli())
	for state, count := range map[string]int{"sent": 1_000_000, "waiting": 100_000} {
		ended := "NULL"
		if state == "sent" {
			ended = fmt.Sprint(now.UnixMilli(), " - i")
		}
		execute(b, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO deliveries (id, chat_id, kind, message, state, not_before, due, ended, attempts, ambiguous, sent, reason)
			SELECT $1 * 10 + i, i, CASE WHEN $2 = 'sent' THEN 3 ELSE 4 END, 'hello', $2, $3, $3 - 5000 - i, `+ended+`, 1, 0, i, '' FROM n`,
			count, state, now.UnixMilli())
	}
	for name, look := range map[string]func() error{
		"Backlog": func() error { _, err := s.Backlog(b.Context(), now); return err },
		"Levels":  func() error { _, err := s.Levels(b.Context(), now); return err },
		"Census":  func() error { _, err := s.Census(b.Context(), now, now); return err },
		"Done":    func() error { _, err := s.Done(b.Context(), now.Add(-24*time.Hour), now); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				check(b, look())
			}
		})
	}
}
