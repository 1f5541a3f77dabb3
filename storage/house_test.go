package storage_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
	"tidings/storage/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A house is an empty database of one engine.
type house struct{ url string }

// onBoth runs a test on SQLite in a temporary folder and, when
// TEST_DATABASE_URL names a server, on PostgreSQL in a schema of its own. The two
// run beside each other, after the test that asks for them has said all.
func onBoth(t *testing.T, test func(t *testing.T, h house)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, house{filepath.Join(t.TempDir(), "tidings.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgresHouse(t))
	})
}

func postgresHouse(t testing.TB) house {
	t.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		t.Skip("TEST_DATABASE_URL is not set: nothing is tried on PostgreSQL")
	}
	schema := fmt.Sprintf("test_%d", rand.Uint64())
	run := func(statement string) {
		t.Helper()
		db, err := sql.Open("pgx", server)
		if err != nil {
			t.Fatalf("open %s: %v", server, err)
		}
		defer db.Close()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run("CREATE SCHEMA " + schema)
	t.Cleanup(func() { run("DROP SCHEMA " + schema + " CASCADE") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TEST_DATABASE_URL: %v", err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return house{u.String()}
}

func (h house) open(t testing.TB) *storage.Store {
	t.Helper()
	return h.openWith(t, storage.Options{})
}

// openWithQueue has the tables of the shared work too.
func (h house) openWithQueue(t testing.TB) *storage.Store {
	t.Helper()
	return h.openWith(t, storage.Options{Migrate: queue.Migrate, Enqueue: queue.Enqueue})
}

func (h house) openWith(t testing.TB, o storage.Options) *storage.Store {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s, err := storage.Open(t.Context(), h.url, o)
	if err != nil {
		t.Fatalf("Open(%q): %v", h.url, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// must stops the test when a step that prepares it fails.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func number(t testing.TB, s *storage.Store, query string, args ...any) int {
	t.Helper()
	var n int
	if err := s.DB().QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func execute(t testing.TB, s *storage.Store, query string, args ...any) {
	t.Helper()
	if _, err := s.DB().Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// addSource puts one source on the list and returns it as kept.
func addSource(t testing.TB, s *storage.Store, address string, now time.Time) digest.Source {
	t.Helper()
	must(s.AddSources(t.Context(), []digest.Source{{Name: "The Harbour Post", Address: address, NextVisit: now}}))(t)
	for _, v := range must(s.ClaimSources(t.Context(), now, time.Minute, 1000))(t) {
		if v.Address == address {
			return v
		}
	}
	t.Fatalf("source %s is not due after it was added", address)
	return digest.Source{}
}

func article(n int, at time.Time) digest.Article {
	return digest.Article{
		GUID: fmt.Sprintf("item-%d", n), Address: fmt.Sprintf("https://harbour.example/news/%d", n), Host: "harbour.example",
		Outlet: "The Harbour Post", Title: fmt.Sprintf("Ferry number %d leaves the dock", n), Text: "It left at noon.",
		Language: "en", Categories: []string{"Shipping"}, Published: milli(at), Seen: milli(at),
	}
}

// shelve puts articles and one story of each on the shelf and returns the
// stories.
func shelve(t testing.TB, s *storage.Store, now time.Time, n int) []digest.StoryID {
	t.Helper()
	source := addSource(t, s, fmt.Sprintf("https://harbour.example/feed/%d", rand.Uint64()), now)
	var articles []digest.Article
	base := rand.IntN(1 << 40)
	for i := range n {
		articles = append(articles, article(base+i, now))
	}
	must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: articles}}))(t)
	var (
		joined []digest.Joined
		ids    []digest.StoryID
	)
	for _, a := range must(s.UnjoinedArticles(t.Context(), n))(t) {
		joined = append(joined, joinedAlone(a, now))
		ids = append(ids, digest.StoryID(a.ID))
	}
	check(t, s.ShelveJoined(t.Context(), joined))
	return ids
}

func joinedAlone(a digest.Article, now time.Time, matches ...digest.Match) digest.Joined {
	return digest.Joined{
		Article: a.ID, New: true, Words: "ferry dock c++ at&t",
		Story: digest.Story{Title: a.Title, Address: a.Address, Outlet: a.Outlet, Host: a.Host, Language: a.Language,
			Published: a.Published, Joined: milli(now), Hosts: 1},
		Matches: matches,
	}
}

func addChat(t testing.TB, s *storage.Store, telegramID, thread int64) bot.Chat {
	t.Helper()
	return must(s.AddChat(t.Context(), bot.Chat{
		Address: bot.Address{Telegram: telegramID, Thread: thread}, Kind: "private", Language: "en", Zone: "Europe/Berlin",
		Schedule: bot.Schedule{Times: []bot.TimeOfDay{480}}, Settings: bot.DefaultSettings(),
	}))(t)
}

func message(text string) telegram.Message { return telegram.NewMessage(telegram.Text{Text: text}) }

// toldOf is what is told with stories when nothing is known of them.
func toldOf(stories ...digest.StoryID) (told []digest.Told) {
	for _, id := range stories {
		told = append(told, digest.Told{Story: id})
	}
	return told
}

// compose saves an edition of that many messages for a chat.
func compose(t testing.TB, s *storage.Store, chat bot.ChatID, slot time.Time, messages int, stories ...digest.StoryID) bot.EditionID {
	t.Helper()
	c := bot.Composed{Chat: chat, Slot: slot, Composed: slot, Told: toldOf(stories...)}
	for i := range messages {
		c.Messages = append(c.Messages, message(fmt.Sprintf("part %d", i+1)))
	}
	return must(s.SaveEdition(t.Context(), c))(t)
}
