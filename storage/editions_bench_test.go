package storage_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// BenchmarkMaterial is what an edition's candidates cost to read in a house of
// 200,000 chats that follow a million topics between them, of which few are
// followed by many, with 350,000 stories and seven million matches of the last
// week. Those who are asked for were sent 20 stories a day for a fortnight; to one
// story in ten an article came in the last hours. It takes minutes to furnish. An operation is one reader's; p50-ms to
// max-ms are over all of them, and so is p99-cpu-ms, the processor's time, which counts
// where others use the machine; collected is in how many of a hundred the collector of
// garbage began. Nothing is written meanwhile, or something before each reader, as in
// life, where what a connection has of the file is read anew after every commit.
//
//	go test ./storage -run '^$' -bench Material -benchtime 20000x -timeout 30m -shelf /tmp/house.db
func BenchmarkMaterial(b *testing.B) {
	path := cmp.Or(*everyShelf, b.TempDir()+"/tidings.db")
	s := house{path}.open(b)
	if number(b, s, `SELECT COUNT(*) FROM chats`) == 0 {
		furnishHouse(b, s, time.Now())
	}
	now := time.UnixMilli(int64(number(b, s, `SELECT MAX(at) FROM matches`)))
	if age := time.Since(now); age > 3*time.Hour {
		b.Fatalf("%s was furnished %s ago: its stories have become old", path, age.Round(time.Minute))
	}
	execute(b, s, "PRAGMA synchronous = OFF")
	for _, writing := range []bool{false, true} {
		b.Run(fmt.Sprintf("writing=%t", writing), func(b *testing.B) { benchmarkMaterial(b, s, now, writing) })
	}
}

func benchmarkMaterial(b *testing.B, s *storage.Store, now time.Time, writing bool) {
	random := rand.New(rand.NewPCG(1, 2))
	var took, used []time.Duration
	read, stirred, collected := 0, 0, 0
	cycles := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	for b.Loop() {
		if writing {
			check(b, s.Probe(b.Context()))
		}
		metrics.Read(cycles)
		before, began, spent := cycles[0].Value.Uint64(), time.Now(), processorSpent(b)
		m, err := s.Material(b.Context(), bot.ChatID(20*(1+random.IntN(houseChats/20))), now.Add(-24*time.Hour), 50)
		took, used = append(took, time.Since(began)), append(used, processorSpent(b)-spent)
		check(b, err)
		if metrics.Read(cycles); cycles[0].Value.Uint64() > before {
			collected++
		}
		stirred += len(m.Stirred)
		for _, f := range m.Followed {
			read += len(f.Matches)
		}
	}
	var all time.Duration
	for _, d := range used {
		all += d
	}
	slices.Sort(took)
	slices.Sort(used)
	n := len(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportAllocs()
	for name, d := range map[string]time.Duration{"p50-ms": took[n/2], "p90-ms": took[n*9/10], "p99-ms": took[n*99/100], "max-ms": took[n-1],
		"p99-cpu-ms": used[n*99/100], "cpu-ms/op": all / time.Duration(n)} {
		b.ReportMetric(ms(d), name)
	}
	b.ReportMetric(100*float64(collected)/float64(n), "collected")
	b.ReportMetric(float64(read)/float64(n), "matches/op")
	b.ReportMetric(float64(stirred)/float64(n), "stirred/op")
}

const houseChats = 200_000

// furnishHouse fills a SQLite database as BenchmarkMaterial tells. It writes without
// flushing and without looking up what rows refer to.
func furnishHouse(b *testing.B, s *storage.Store, now time.Time) {
	b.Helper()
	const topics, subscriptions, stories, matches = 100_000, 1_000_000, 350_000, 7_000_000
	for _, pragma := range []string{"synchronous(OFF)", "foreign_keys(0)", "cache_size(-1000000)"} {
		execute(b, s, "PRAGMA "+pragma)
	}
	// one in [0, 1), and one that is mostly small: a topic's rank
	const some, rank = `(ABS(RANDOM()) % 16777216) / 16777216.0`, `(ABS(RANDOM()) % 4096) / 4096.0 * ((ABS(RANDOM()) % 4096) / 4096.0) * ((ABS(RANDOM()) % 4096) / 4096.0)`
	counted := func(n int) string {
		return fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
	}
	// the i-th of all stories, in the order of time, is made then and has that id
	made := func(i string) string { return fmt.Sprintf(`($1 - (%d - (%s)) * 1728)`, stories, i) }
	id := func(i string) string { return `(` + made(i) + ` << 21)` }
	execute(b, s, counted(houseChats)+`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked, last_edition, expects, paused, created)
		SELECT i, i, 0, 'private', 'en', 'UTC', 0, '{}', $1, 0, $2, '', '', i FROM n`, now.Add(time.Hour).UnixMilli(), now.Add(-24*time.Hour).UnixMilli())
	execute(b, s, counted(topics)+`INSERT INTO topics (id, text, created) SELECT i, 'topic ' || i, i FROM n`)
	execute(b, s, counted(stories)+`INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
		SELECT `+id("i")+`, 'The council of town number ' || i || ' votes on its bridge', 'https://paper.example/' || i, 'The Harbour Post', 'paper.example', 'en',
			`+made("i")+`, `+made("i")+`, 1 + i % 5 FROM n`, now.UnixMilli())
	execute(b, s, counted(subscriptions)+`INSERT OR IGNORE INTO subscriptions (id, chat_id, topic_id, label, muted, created)
		SELECT i, 1 + i % `+fmt.Sprint(houseChats)+`, 1 + CAST(`+rank+` * `+fmt.Sprint(topics)+` AS INTEGER), 'Town', 0, i FROM n`)
	const parts = 70
	for part := range parts { // in the order the joiner finds them
		execute(b, s, counted(matches/parts)+`INSERT OR IGNORE INTO matches (topic_id, story_id, score, words, field, at, published, hosts, language)
			SELECT topic, `+id("story")+`, 0.5, '["council","bridge"]', 'headline', `+made("story")+`, `+made("story")+`, 1 + story % 5, 'en' FROM (
				SELECT 1 + CAST(`+rank+` * `+fmt.Sprint(topics)+` AS INTEGER) AS topic, `+fmt.Sprint(1+part*stories/parts)+` + CAST(`+some+` * `+fmt.Sprint(stories/parts)+` AS INTEGER) AS story FROM n)`,
			now.UnixMilli())
	}
	execute(b, s, `UPDATE stories SET joined = $1 WHERE (published / 1728) % 10 = 0`, now.Add(-time.Hour).UnixMilli())
	const readers, aDay = houseChats / 20, stories / 7
	for day := range 14 { // what was sent before the last week is not kept any more
		execute(b, s, counted(readers*20)+`INSERT OR IGNORE INTO sent (chat_id, story_id, at, hosts, known)
			SELECT 20 * (1 + i % `+fmt.Sprint(readers)+`), `+id(fmt.Sprint(stories-day*aDay)+` - CAST(`+some+` * `+fmt.Sprint(aDay)+` AS INTEGER)`)+`, $2, 1, $2 FROM n`,
			now.UnixMilli(), now.Add(-time.Duration(24*day)*time.Hour).UnixMilli())
	}
	for _, pragma := range []string{"synchronous(FULL)", "foreign_keys(1)", "cache_size(-16000)", "wal_checkpoint(TRUNCATE)"} {
		execute(b, s, "PRAGMA "+pragma)
	}
}

// BenchmarkPublish composes, renders and saves the editions of 1,000 chats that
// follow the same 50 topics and know 20 stories each: nothing came to these, or to
// each an article that changes it. An operation is all of them; ms/edition is one.
//
//	go test ./storage -run '^$' -bench Publish -benchtime 1x
func BenchmarkPublish(b *testing.B) {
	for _, grown := range []bool{false, true} {
		b.Run(fmt.Sprintf("grown=%t", grown), func(b *testing.B) {
			var took time.Duration
			updates, n := 0, 0
			for b.Loop() {
				b.StopTimer()
				s := house{b.TempDir() + "/tidings.db"}.open(b)
				furnishKnown(b, s, grown)
				catalog := must(bot.LoadCatalog())(b)
				p := bot.NewPublisher(s, catalog, slog.New(slog.DiscardHandler))
				b.StartTimer()
				began := time.Now()
				for more := true; more; {
					more = must(p.Publish(b.Context()))(b)
				}
				took += time.Since(began)
				b.StopTimer()
				updates += number(b, s, `SELECT COUNT(*) FROM sent WHERE updated IS NOT NULL`)
				n += 1000
				b.StartTimer()
			}
			b.ReportMetric(float64(updates)/float64(n), "updates/edition")
			b.ReportMetric(float64(took.Microseconds())/1000/float64(n), "ms/edition")
		})
	}
}

// furnishKnown makes 1,000 due chats with 50 topics and 200 stories of three
// articles, ten of which fit each topic; each chat was told 20.
func furnishKnown(b *testing.B, s *storage.Store, grown bool) {
	b.Helper()
	const chats, topics, stories = 1000, 50, 200
	now := time.Now()
	counted := func(n int) string {
		return fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
	}
	ago := func(h int) int64 { return now.Add(-time.Duration(h) * time.Hour).UnixMilli() }
	joined := ago(6)
	if grown {
		joined = ago(1)
	}
	execute(b, s, counted(chats)+`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked, last_edition, expects, paused, created)
		SELECT i, i, 0, 'private', 'en', 'UTC', 0, '{}', $1, 0, $2, '', '', i FROM n`, now.Add(-time.Second).UnixMilli(), ago(3))
	execute(b, s, counted(topics)+`INSERT INTO topics (id, text, created) SELECT i, 'topic ' || i, i FROM n`)
	execute(b, s, `INSERT INTO subscriptions (id, chat_id, topic_id, label, muted, created) SELECT c.id * 100 + t.id, c.id, t.id, 'Town', 0, 1 FROM chats c, topics t`)
	first := ago(8) << 21 // ids tell when they were made
	execute(b, s, counted(stories)+`INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
		SELECT $3 + i, 'The council of town number ' || i || ' votes on its bridge', 'https://paper1.example/' || i, 'Paper 1', 'paper1.example', 'en', $1, $2, 3 FROM n`, ago(8), joined, first)
	source := addSource(b, s, "https://paper.example/feed", now)
	execute(b, s, counted(3*stories)+`INSERT INTO articles (id, source_id, story_id, outlet, guid, address, host, title, text, content, author, language, categories, published, seen)
		SELECT i, $1, $5 + 1 + i % `+fmt.Sprint(stories)+`, 'Paper', '', 'https://paper' || (i % 7) || '.example/' || i, 'paper' || (i % 7) || '.example',
			'The council of town number ' || (1 + i % `+fmt.Sprint(stories)+`) || ' votes on its bridge',
			'The council voted on Monday to rebuild the bridge for ' || i || ' million euros, said the mayor. Work begins in spring and takes two years at least.', $4, '', 'en', '[]', $2, $3 FROM n`,
		int64(source.ID), ago(8), ago(6), strings.Repeat("Residents had asked for it since the flood, when trucks had to drive around the valley. ", 30), first)
	if grown {
		execute(b, s, `UPDATE articles SET title = title || ': price rises to ' || (1000 + id) || ' million', seen = $1, published = $1 WHERE id > $2`, joined, 2*stories)
	}
	execute(b, s, `INSERT INTO matches (topic_id, story_id, score, words, field, at, published, hosts, language) SELECT t.id, s.id, 0.5, '["bridge"]', 'headline', $1, s.published, s.hosts, s.language FROM topics t, stories s WHERE (s.id - $2) % 20 = t.id % 20`, ago(6), first)
	execute(b, s, `INSERT INTO sent (chat_id, story_id, at, hosts, known) SELECT c.id, s.id, $1, 2, $2 FROM chats c, stories s WHERE (s.id - $3) % 10 = c.id % 10`, ago(3), ago(5), first)
}

// BenchmarkListeners is what a look at a story costs for each of 2,000 chats that listen,
// and for each that had its alerts of the day.
func BenchmarkListeners(b *testing.B) {
	for name, had := range map[string]int{"ready": 0, "not now": bot.MaxAlerts} {
		b.Run(name, func(b *testing.B) { benchmarkListeners(b, had) })
	}
}

func benchmarkListeners(b *testing.B, had int) {
	s, ctx, now := house{b.TempDir() + "/tidings.db"}.open(b), b.Context(), milli(time.Now())
	story := shelve(b, s, now, 1)[0]
	for n := range 2000 {
		listens(b, s, addChat(b, s, int64(n+1), 0).ID, fmt.Sprintf("ferries %d", n%20))
	}
	known := must(s.TopicsAfter(ctx, 0, 100))(b)
	for _, k := range known {
		check(b, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: k.ID, Story: story, Score: 0.7}}}))
	}
	execute(b, s, `INSERT INTO alerts (story_id, chat_id, topic_id, made, hosts, shown, reasons)
		SELECT v.id, c.id, 1, $1, 3, $1, '[]' FROM chats c, (SELECT 1000000 + id AS id FROM chats ORDER BY id LIMIT $2) v`, now.UnixMilli(), had)
	defer processorTime(b)()
	chats := 0
	for b.Loop() {
		after := bot.ChatID(0)
		for {
			page := must(s.Listeners(ctx, story, after, now, 200))(b)
			if len(page) == 0 {
				break
			}
			chats, after = chats+len(page), page[len(page)-1].Chat.ID
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(chats), "ns/chat")
}
