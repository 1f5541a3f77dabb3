package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tidings/bot"
)

// BenchmarkMaterial is what an edition's candidates cost to read in a house of
// 200,000 chats that follow a million topics between them, of which few are
// followed by many, with 350,000 stories and seven million matches of the last
// week. It takes minutes to furnish. An operation is one reader's; p50-ms and
// p99-ms are over all of them.
//
//	go test ./storage -run '^$' -bench Material -benchtime 20000x
func BenchmarkMaterial(b *testing.B) {
	const chats, topics, subscriptions, stories, matches = 200_000, 100_000, 1_000_000, 350_000, 7_000_000
	s := house{b.TempDir() + "/tidings.db"}.open(b)
	now := time.Now()
	// one in [0, 1), and one that is mostly small: a topic's rank
	const some, rank = `(ABS(RANDOM()) % 16777216) / 16777216.0`, `(ABS(RANDOM()) % 4096) / 4096.0 * ((ABS(RANDOM()) % 4096) / 4096.0) * ((ABS(RANDOM()) % 4096) / 4096.0)`
	counted := func(n int) string {
		return fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
	}
	execute(b, s, counted(chats)+`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked, last_edition, expects, paused, created)
		SELECT i, i, 0, 'private', 'en', 'UTC', 0, '{}', $1, 0, $2, '', '', i FROM n`, now.Add(time.Hour).UnixMilli(), now.Add(-24*time.Hour).UnixMilli())
	execute(b, s, counted(topics)+`INSERT INTO topics (id, text, created) SELECT i, 'topic ' || i, i FROM n`)
	execute(b, s, counted(stories)+`INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
		SELECT i, 'The council of town number ' || i || ' votes on its bridge', 'https://paper.example/' || i, 'The Harbour Post', 'paper.example', 'en',
			$1 - (`+fmt.Sprint(stories)+` - i) * 1728, $1 - (`+fmt.Sprint(stories)+` - i) * 1728, 1 + i % 5 FROM n`, now.UnixMilli())
	execute(b, s, counted(subscriptions)+`INSERT OR IGNORE INTO subscriptions (id, chat_id, topic_id, label, muted, created)
		SELECT i, 1 + i % `+fmt.Sprint(chats)+`, 1 + CAST(`+rank+` * `+fmt.Sprint(topics)+` AS INTEGER), 'Town', 0, i FROM n`)
	for range 7 { // in the order the joiner finds them
		execute(b, s, counted(matches/7)+`INSERT OR IGNORE INTO matches (topic_id, story_id, score, words, field, at)
			SELECT topic, story, 0.5, '["council","bridge"]', 'headline', $1 - (`+fmt.Sprint(stories)+` - story) * 1728 FROM (
				SELECT 1 + CAST(`+rank+` * `+fmt.Sprint(topics)+` AS INTEGER) AS topic, 1 + CAST(`+some+` * `+fmt.Sprint(stories)+` AS INTEGER) AS story FROM n)`,
			now.UnixMilli())
	}
	random := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	read := 0
	for b.Loop() {
		began := time.Now()
		m, err := s.Material(b.Context(), bot.ChatID(1+random.IntN(chats)), now.Add(-24*time.Hour), 50)
		check(b, err)
		took = append(took, time.Since(began))
		for _, f := range m.Followed {
			read += len(f.Matches)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(read)/float64(len(took)), "matches/op")
}
