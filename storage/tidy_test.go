package storage_test

import (
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

func TestTidy(t *testing.T) {
	const day = 24 * time.Hour
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, start := h.open(t), t.Context(), milli(time.Now())
		stories := shelve(t, s, start, 1200) // more than one batch
		chat, blocked, rests := addChat(t, s, 1, 0), addChat(t, s, 2, 0), addChat(t, s, 3, 0)
		u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferry", Label: "ferry"}, start)
		check(t, err)
		check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: stories[0]}, At: start}}))
		compose(t, s, chat.ID, start, 2, stories[0])
		first := must(s.WaitingDeliveries(ctx, start, 1))(t)[0]
		check(t, s.StartDelivery(ctx, first.ID))
		first.State = bot.Sent
		check(t, s.EndDelivery(ctx, first))
		check(t, s.MarkUpdate(ctx, 1, start))
		check(t, s.SavePause(ctx, "all", start))
		must(s.PauseTelegramChat(ctx, 2, nil, bot.PausedBlocked, start))(t)
		must(s.PauseTelegramChat(ctx, 3, nil, bot.PausedByReader, start))(t)
		check(t, s.ShelveMatches(ctx, nil))
		counts := func() map[string]int {
			all := map[string]int{}
			for _, table := range []string{"articles", "stories", "matches", "sent", "deliveries", "editions", "updates", "pauses", "chats"} {
				all[table] = number(t, s, `SELECT COUNT(*) FROM `+table)
			}
			all["keys"] = number(t, s, `SELECT COUNT(*) FROM article_keys`)
			words := `SELECT COUNT(*) FROM article_words`
			if s.Engine() == storage.SQLite {
				words = `SELECT COUNT(*) FROM article_words WHERE article_words MATCH 'ferry'`
			}
			all["words"] = number(t, s, words)
			return all
		}
		for _, c := range []struct {
			after time.Duration
			left  map[string]int // of what the step before left
		}{
			{time.Hour, map[string]int{"pauses": 0}},
			{25 * time.Hour, map[string]int{"updates": 0}},
			{7*day - time.Minute, nil},
			{7*day + time.Minute, map[string]int{"articles": 0, "stories": 0, "matches": 0, "words": 0}},
			{14 * day, nil},
			// the sent delivery goes, the waiting one stays
			{15*day + time.Minute, map[string]int{"sent": 0, "editions": 0, "deliveries": 1}},
			{179 * day, nil},
			{180*day + time.Minute, map[string]int{"chats": 2}},
		} {
			want := counts()
			for table, n := range c.left {
				want[table] = n
			}
			check(t, s.Tidy(ctx, start.Add(c.after)))
			got := counts()
			for table, n := range want {
				if got[table] != n {
					t.Errorf("Tidy after %s left %d %s, want %d", c.after, got[table], table, n)
				}
			}
		}
		if _, err := s.ChatAt(ctx, blocked.Address); err == nil {
			t.Error("a chat that blocked the bot 180 days ago is kept")
		}
		if _, err := s.ChatAt(ctx, rests.Address); err != nil {
			t.Errorf("a chat that its reader paused: %v", err)
		}
	})
}

func TestKeysStayWhileTheirSourceIsSilent(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		change func(v *digest.Source, now time.Time)
		want   int
	}{
		{"it answers that nothing changed", func(v *digest.Source, now time.Time) {}, 3},
		{"it fails", func(v *digest.Source, now time.Time) { v.LastChange, v.FailingSince = now, now }, 3},
		{"it changed without the article", func(v *digest.Source, now time.Time) { v.LastChange = now }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, start := h.open(t), milli(time.Now())
				source := addSource(t, s, "https://harbour.example/feed", start)
				source.LastChange = start
				must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: []digest.Article{article(1, start)}}}))(t)
				later := start.Add(16 * day)
				source.LastVisit = later
				c.change(&source, later)
				must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source}}))(t)
				check(t, s.Tidy(t.Context(), later))
				if n := number(t, s, `SELECT COUNT(*) FROM article_keys`); n != c.want {
					t.Errorf("%d keys are left, want %d", n, c.want)
				}
			})
		})
	}
}

func TestTidyKeepsTheNewestArticles(t *testing.T) {
	if testing.Short() {
		t.Skip("it shelves 350,000 articles")
	}
	s, start := house{t.TempDir() + "/tidings.db"}.open(t), milli(time.Now())
	source := addSource(t, s, "https://harbour.example/feed", start)
	execute(t, s, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 350700)
		INSERT INTO articles (id, source_id, outlet, guid, address, host, title, text, content, author, language, categories, published, seen)
		SELECT i, $1, '', '', '', '', '', '', '', '', '', '[]', $2 + i, $2 + i FROM n`, int64(source.ID), start.UnixMilli())
	check(t, s.Tidy(t.Context(), start))
	if n, oldest := number(t, s, `SELECT COUNT(*) FROM articles`), number(t, s, `SELECT MIN(id) FROM articles`); n != 350_000 || oldest != 701 {
		t.Errorf("Tidy left %d articles from number %d, want 350000 from 701", n, oldest)
	}
}
