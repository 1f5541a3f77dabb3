package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
	"tidings/storage/queue"
)

// TestPlaceholdersMayComeInAnyOrder is what the shared SQL text stands on.
func TestPlaceholdersMayComeInAnyOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		var got string
		err := s.DB().QueryRow(`SELECT CAST($2 AS TEXT) || '-' || CAST($1 AS TEXT) || '-' || CAST($2 AS TEXT)`, "one", "two").Scan(&got)
		if err != nil || got != "two-one-two" {
			t.Errorf("$2 $1 $2 of (one, two) = %q, %v; want two-one-two", got, err)
		}
	})
}

func TestIDsRiseAndNeverRepeat(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, before := h.open(t), time.Now()
		var (
			mu    sync.Mutex
			seen  = map[bot.ChatID]bool{}
			group sync.WaitGroup
		)
		for g := range 8 {
			group.Go(func() {
				last := bot.ChatID(0)
				for i := range 40 {
					c, err := s.AddChat(t.Context(), bot.Chat{Address: bot.Address{Telegram: int64(g*1000 + i + 1)}})
					if err != nil {
						t.Errorf("AddChat: %v", err)
						return
					}
					if c.ID <= last {
						t.Errorf("id %d came after %d", c.ID, last)
					}
					last = c.ID
					mu.Lock()
					seen[c.ID] = true
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if len(seen) != 320 {
			t.Errorf("%d different ids of 320", len(seen))
		}
		for id := range seen {
			if made := time.UnixMilli(int64(id) >> 21); made.Before(before.Add(-time.Second)) || made.After(time.Now().Add(time.Second)) {
				t.Fatalf("id %d tells the time %s", id, made)
			}
		}
	})
}

func TestOpenAgainKeepsEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.openWithQueue(t)
		chat := addChat(t, s, 7, 0)
		check(t, s.Ping(t.Context()))
		check(t, s.Close())
		if err := s.Ping(t.Context()); err == nil {
			t.Error("Ping of a closed store says that it answers")
		}
		s = h.openWithQueue(t)
		if got := must(s.ChatAt(t.Context(), chat.Address))(t); got.ID != chat.ID {
			t.Errorf("after opening again the chat is %d, want %d", got.ID, chat.ID)
		}
	})
}

func TestANewFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such rights there")
	}
	folder := t.TempDir()
	link := filepath.Join(folder, "link.db") // leads to a file that is not there yet
	check(t, os.Symlink(filepath.Join(folder, "linked.db"), link))
	shared := filepath.Join(folder, "shared.db") // its operator lets a group read it
	check(t, os.WriteFile(shared, nil, 0o600))
	check(t, os.Chmod(shared, 0o640))
	for _, url := range []string{filepath.Join(folder, "tidings.db"), link, shared} {
		addChat(t, house{url}.open(t), 7, 0)
	}
	for name, want := range map[string]fs.FileMode{
		"tidings.db": 0o600, "tidings.db-wal": 0o600, "tidings.db-shm": 0o600, "linked.db": 0o600, "shared.db": 0o640,
	} {
		info, err := os.Stat(filepath.Join(folder, name))
		check(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the rights %o, want %o", name, got, want)
		}
	}
}

func TestReplicasOpenAnEmptyDatabaseTogether(t *testing.T) {
	h := postgresHouse(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			s, err := storage.Open(t.Context(), h.url, storage.Options{Migrate: queue.Migrate})
			if err != nil {
				t.Errorf("Open together with others: %v", err)
				return
			}
			s.Close()
		})
	}
	group.Wait()
}

// olderHouse is an empty database whose tables are at a version, for filling.
func olderHouse(t *testing.T, h house, upTo int64) *sql.DB {
	t.Helper()
	driver, dialect, folder := "sqlite", goose.DialectSQLite3, "migrations/sqlite"
	if strings.HasPrefix(h.url, "postgres:") {
		driver, dialect, folder = "pgx", goose.DialectPostgres, "migrations/postgres"
	}
	db := must(sql.Open(driver, h.url))(t)
	var steps []*goose.Migration
	for _, file := range must(filepath.Glob(folder + "/*.sql"))(t) {
		if version := must(goose.NumericComponent(file))(t); version <= upTo {
			text := string(must(os.ReadFile(file))(t))
			steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, text)
				return err
			}}, nil))
		}
	}
	old := must(goose.NewProvider(dialect, db, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())))(t)
	must(old.Up(t.Context()))(t)
	return db
}

// Matches of a house whose tables are at 25 stand beside what the stories have now, but
// for those whose stories are too old to be told.
func TestMatchesOfAnOlderHouse(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		db := olderHouse(t, h, 25)
		now := milli(time.Now())
		for topic := range 3 {
			must(db.Exec(`INSERT INTO topics (id, text, created) VALUES ($1, $2, 1)`, topic, fmt.Sprint("topic ", topic)))(t)
		}
		for i := range 100 {
			at := now.Add(-time.Duration(i)*time.Hour - 30*time.Minute).UnixMilli()
			must(db.Exec(`INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
				VALUES ($1, 'A story', '', '', '', 'fi', $2, $2, $3)`, at<<21, at-1, i))(t)
			must(db.Exec(`INSERT INTO matches (topic_id, story_id, score, words, field, at) VALUES ($1, $2, 0.5, '["quay"]', 'lead', $3)`, i%3, at<<21, at))(t)
		}
		check(t, db.Close())
		s := h.open(t)
		got := must(s.TopicMatches(t.Context(), []digest.TopicID{0, 1, 2}, []string{"fi"}, now.Add(-100*time.Hour), 100))(t)
		if len(got[0]) != 24 || len(got[1]) != 24 || len(got[2]) != 24 {
			t.Fatalf("after the migration there are %d, %d and %d matches, want those of three days: 24 each", len(got[0]), len(got[1]), len(got[2]))
		}
		at := now.Add(-7*time.Hour - 30*time.Minute)
		want := digest.MatchedStory{
			Match: digest.Match{Topic: 1, Story: digest.StoryID(at.UnixMilli() << 21), Score: 0.5, Words: []string{"quay"}, Field: "lead"},
			Story: digest.Story{ID: digest.StoryID(at.UnixMilli() << 21), Published: at.Add(-time.Millisecond), Hosts: 7},
			At:    at,
		}
		if diff := cmp.Diff(want, got[1][2]); diff != "" {
			t.Errorf("the third of the second topic (-want +got)\n%s", diff)
		}
		execute(t, s, `DELETE FROM topics WHERE id = 0`)
		execute(t, s, `DELETE FROM stories WHERE hosts % 3 = 1`)
		if n := number(t, s, `SELECT COUNT(*) FROM matches`); n != 24 {
			t.Errorf("without a topic and the stories of another %d matches are left, want 24", n)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	house{filepath.Join(folder, "used.db")}.open(t)
	check(t, os.WriteFile(filepath.Join(folder, "text.db"), []byte(strings.Repeat("This is not a database. ", 100)), 0o600))
	newer := house{filepath.Join(folder, "newer.db")}
	s := newer.open(t)
	execute(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	check(t, s.Close())
	for _, c := range []struct {
		name, url string
		want      error
	}{
		{"a file another process has", filepath.Join(folder, "used.db"), storage.ErrInUse},
		{"a folder that is not there", filepath.Join(folder, "no", "such", "tidings.db"), storage.ErrUnusable},
		{"a folder", folder, storage.ErrUnusable},
		{"a file that is no database", filepath.Join(folder, "text.db"), storage.ErrUnusable},
		{"tables of a newer version", newer.url, storage.ErrNewer},
		{"a server that is not there", "postgres://reader:hunter2@127.0.0.1:1/tidings", storage.ErrUnusable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := storage.Open(t.Context(), c.url, storage.Options{})
			if !errors.Is(err, c.want) {
				t.Errorf("Open(%s) = %v, want %v", c.url, err, c.want)
			}
			if s != nil {
				s.Close()
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// TestUnusable breaks the database under a change of several tables.
func TestUnusable(t *testing.T) {
	for _, c := range []struct {
		name   string
		small  error // what a write of one row meets: a page may still have room
		damage func(t *testing.T, h house, s *storage.Store) (repair func())
	}{
		{"the disk is full", nil, func(t *testing.T, h house, s *storage.Store) func() {
			execute(t, s, fmt.Sprintf(`PRAGMA max_page_count = %d`, number(t, s, `PRAGMA page_count`)))
			return func() { execute(t, s, `PRAGMA max_page_count = 1000000`) }
		}},
		{"the database is read-only", storage.ErrUnusable, func(t *testing.T, h house, s *storage.Store) func() {
			execute(t, s, `PRAGMA query_only = 1`)
			return func() { execute(t, s, `PRAGMA query_only = 0`) }
		}},
		{"somebody else locks the file", storage.ErrUnusable, func(t *testing.T, h house, s *storage.Store) func() {
			execute(t, s, `PRAGMA busy_timeout = 20`)
			db := must(sql.Open("sqlite", h.url))(t)
			conn := must(db.Conn(t.Context()))(t)
			_, err := conn.ExecContext(t.Context(), `BEGIN EXCLUSIVE`)
			check(t, err)
			return func() {
				conn.ExecContext(context.Background(), `ROLLBACK`)
				conn.Close()
				db.Close()
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := house{filepath.Join(t.TempDir(), "tidings.db")}
			s, now := h.open(t), milli(time.Now())
			chat := addChat(t, s, 7, 0)
			wants(t, s, chat.ID, now)
			source := addSource(t, s, "https://harbour.example/feed", now)
			repair := c.damage(t, h, s)
			edition := bot.Composed{Chat: chat.ID, Slot: now, Composed: now}
			for range 40 {
				edition.Messages = append(edition.Messages, message(strings.Repeat("x", 4000)))
			}
			var articles []digest.Article
			for i := range 200 {
				a := article(i, now)
				a.Content = strings.Repeat("y", 5000)
				articles = append(articles, a)
			}
			if _, err := s.SaveEdition(t.Context(), edition); !errors.Is(err, storage.ErrUnusable) {
				t.Errorf("SaveEdition = %v, want ErrUnusable", err)
			}
			if _, err := s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: articles}}); !errors.Is(err, storage.ErrUnusable) {
				t.Errorf("ShelveVisits = %v, want ErrUnusable", err)
			}
			if err := s.Probe(t.Context()); !errors.Is(err, c.small) {
				t.Errorf("Probe = %v, want %v", err, c.small)
			}
			repair()
			check(t, s.Probe(t.Context()))
			for _, table := range []string{"editions", "deliveries", "sent", "articles", "article_keys"} {
				if n := number(t, s, `SELECT COUNT(*) FROM `+table); n != 0 {
					t.Errorf("%d rows were half-written to %s", n, table)
				}
			}
			if got := must(s.ChatAt(t.Context(), chat.Address))(t); !got.NextEdition.Equal(now) || !got.LastEdition.IsZero() {
				t.Errorf("the chat moved on without its edition: %+v", got)
			}
			must(s.SaveEdition(t.Context(), edition))(t)
		})
	}
}

func TestACallerWhoGivesUpIsToldSo(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		why := errors.New("stopping")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if _, err := s.ChatAt(ctx, bot.Address{Telegram: 1}); !errors.Is(err, why) || errors.Is(err, storage.ErrUnusable) {
			t.Errorf("ChatAt with an ended context = %v, want its cause", err)
		}
	})
}

func TestInMemoryUnderSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := house{":memory:"}.open(t)
		addChat(t, s, 7, 0)
		time.Sleep(24 * time.Hour) // of the bubble
		if got := must(s.ChatAt(t.Context(), bot.Address{Telegram: 7}))(t); time.Since(got.Created) < 24*time.Hour {
			t.Errorf("Created = %s, now %s", got.Created, time.Now())
		}
		held, release, err := s.Lane(t.Context(), "join")
		check(t, err)
		release()
		<-held.Done()
		s.Close()
	})
}
