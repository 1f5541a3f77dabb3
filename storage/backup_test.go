package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
	"tidings/storage/queue"
)

var withQueue = storage.Options{Migrate: queue.Migrate, Enqueue: queue.Enqueue}

// load writes to a store from several goroutines, as acts do, until stop. Each
// edition comes with two deliveries in one transaction.
func load(t *testing.T, s *storage.Store) (stop func() (editions int64)) {
	ctx, cancel := context.WithCancel(t.Context())
	var (
		group sync.WaitGroup
		made  atomic.Int64
	)
	for g := range 4 {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				c, err := s.AddChat(t.Context(), bot.Chat{Address: bot.Address{Telegram: int64(g*1_000_000 + i + 1)}, Kind: "private", Zone: "UTC"})
				if err != nil {
					t.Errorf("AddChat while a backup is made: %v", err)
					return
				}
				if _, _, err := s.Follow(t.Context(), c.ID, digest.Topic{Text: fmt.Sprint("topic ", i%50), Label: "x"}, time.Now()); err != nil {
					t.Errorf("Follow while a backup is made: %v", err)
				}
				compose(t, s, c.ID, time.Now(), 2)
				made.Add(1)
			}
		})
	}
	return func() int64 { cancel(); group.Wait(); return made.Load() }
}

func TestABackupTakenUnderLoadIsOneStateAndRestores(t *testing.T) {
	folder := t.TempDir()
	h, copied := house{filepath.Join(folder, "tidings.db")}, filepath.Join(folder, "copy.db")
	s := h.openWithQueue(t)
	shelve(t, s, time.Now(), 200)
	stop := load(t, s)
	var v storage.Inventory
	for round := range 5 {
		var err error
		if v, err = storage.Backup(t.Context(), h.url, copied, round > 0); err != nil {
			t.Fatalf("Backup while the database is written: %v", err)
		}
	}
	if made := stop(); made == 0 || v.Chats == 0 || v.Articles != 200 {
		t.Fatalf("a backup of %+v while %d editions were made; want all of something", v, made)
	}
	if info := must(os.Stat(copied))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("the backup may be read by others: %v", info.Mode())
	}
	wantFiles(t, folder, "copy.db", "tidings.db", "tidings.db-shm", "tidings.db-wal", "tidings.db.lock")

	if _, err := storage.Restore(t.Context(), h.url, copied, withQueue, time.Now()); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("Restore under a running process = %v, want ErrInUse", err)
	}
	check(t, s.Close())
	r, err := storage.Restore(t.Context(), h.url, copied, withQueue, time.Now())
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if r.Chats != v.Chats || r.Kept == "" || r.Unknown != v.Unsent {
		t.Errorf("Restore = %+v, want the %d chats and %d unsent of the backup", r, v.Chats, v.Unsent)
	}
	s = h.openWithQueue(t)
	for _, c := range []struct {
		what, query string
		want        int
	}{
		{"chats", `SELECT COUNT(*) FROM chats`, v.Chats},
		{"subscriptions", `SELECT COUNT(*) FROM subscriptions`, v.Subscriptions},
		{"articles", `SELECT COUNT(*) FROM articles`, 200},
		{"searchable articles", `SELECT COUNT(*) FROM article_words WHERE article_words MATCH 'ferry'`, 200},
		{"editions without both of their deliveries", `SELECT COUNT(*) FROM editions e WHERE 2 <> (SELECT COUNT(*) FROM deliveries d WHERE d.edition_id = e.id)`, 0},
		{"deliveries that would be sent again", `SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'sending')`, 0},
	} {
		if got := number(t, s, c.query); got != c.want {
			t.Errorf("after the restore there are %d %s, want %d", got, c.what, c.want)
		}
	}
	addChat(t, s, -1, 0) // it can be written
	// The database that was there is whole, and can be gone back to.
	kept := house{r.Kept}.open(t)
	if got := number(t, kept, `SELECT COUNT(*) FROM editions`); got < v.Unsent/2 {
		t.Errorf("the kept database has %d editions, fewer than the backup's", got)
	}
}

func wantFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	var got []string
	for _, e := range must(os.ReadDir(folder))(t) {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// snapshot is the content of every file of a folder, to see that nothing was
// changed.
func snapshot(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(path, ".lock") || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "-wal") {
			return nil // readers make them
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %d %x\n", path, len(text), hash(text))
		return err
	})
	check(t, err)
	return b.String()
}

func hash(b []byte) (h uint64) {
	for _, c := range b {
		h = h*1099511628211 + uint64(c)
	}
	return h
}

func TestWrongFilesAreRefusedAndChangeNothing(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	ours := house{at("tidings.db")}
	s := ours.openWithQueue(t)
	addChat(t, s, 1, 0)
	shelve(t, s, time.Now(), 50)
	check(t, s.Close())
	must(storage.Backup(t.Context(), ours.url, at("good.db"), false))(t)
	good := must(os.ReadFile(at("good.db")))(t)

	write := func(name string, content []byte) { check(t, os.WriteFile(at(name), content, 0o600)) }
	write("text.db", []byte(strings.Repeat("This is not a database. ", 200)))
	write("empty.db", nil)
	write("cut.db", good[:len(good)*2/3])
	torn := append([]byte(nil), good...)
	for i := len(torn) / 4; i < len(torn)*3/4; i++ {
		torn[i] ^= 0x5a
	}
	write("torn.db", torn)
	write("header.db", good[:100])
	check(t, os.Mkdir(at("folder"), 0o700))
	other := must(sql.Open("sqlite", at("other.db")))(t)
	must(other.Exec(`CREATE TABLE chats (id INTEGER)`))(t)
	check(t, other.Close())
	newer := house{at("newer.db")}.open(t)
	execute(t, newer, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	check(t, newer.Close())
	living := house{at("living.db")}.open(t)
	addChat(t, living, 5, 0)
	check(t, os.Link(at("tidings.db"), at("hardlink.db")))

	for _, c := range []struct {
		name, file string
		want       string // in the sentence
		is         error
	}{
		{"a file that is not there", at("none.db"), "there is no such file", storage.ErrWrongFile},
		{"a folder", at("folder"), "is a folder", storage.ErrWrongFile},
		{"an empty file", at("empty.db"), "is empty", storage.ErrWrongFile},
		{"a text", at("text.db"), "is not a Tidings database", storage.ErrWrongFile},
		{"a database of somebody else", at("other.db"), "is not a Tidings database", storage.ErrNotTidings},
		{"the first third missing", at("cut.db"), "is damaged", storage.ErrDamaged},
		{"pages overwritten", at("torn.db"), "is damaged", storage.ErrDamaged},
		{"a header and nothing else", at("header.db"), "", nil},
		{"a backup of a newer version", at("newer.db"), "newer version of tidings", storage.ErrNewer},
		{"a living database", at("living.db"), "make a backup of it", storage.ErrWrongFile},
		{"the database itself", at("tidings.db"), "belongs to the database itself", storage.ErrWrongFile},
		{"the database by another name", at("hardlink.db"), "belongs to the database itself", storage.ErrWrongFile},
		{"the database's lock", at("tidings.db.lock"), "", storage.ErrWrongFile},
		{"a device", os.DevNull, "not an ordinary file", storage.ErrWrongFile},
	} {
		t.Run("restore refuses "+c.name, func(t *testing.T) {
			before := snapshot(t, folder)
			_, err := storage.Restore(t.Context(), ours.url, c.file, withQueue, time.Now())
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Restore(%s) = %v, want one sentence with %q that is %v", c.file, err, c.want, c.is)
			}
			if after := snapshot(t, folder); after != before {
				t.Errorf("Restore(%s) changed files:\n%s\nbefore:\n%s", c.file, after, before)
			}
		})
	}
	for _, c := range []struct {
		name, database, file string
		force                bool
		want                 string
		is                   error
	}{
		{"a file that is there", ours.url, at("good.db"), false, "is there already; --force", storage.ErrWrongFile},
		{"a folder", ours.url, at("folder"), true, "is a folder", storage.ErrWrongFile},
		{"a folder that is not there", ours.url, at("no/such.db"), false, "is not there", storage.ErrWrongFile},
		{"the database itself", ours.url, at("tidings.db"), true, "belongs to the database itself", storage.ErrWrongFile},
		{"the database by another name", ours.url, at("hardlink.db"), true, "belongs to the database itself", storage.ErrWrongFile},
		{"the database's log", ours.url, at("tidings.db-wal"), true, "belongs to the database itself", storage.ErrWrongFile},
		{"a database in use", ours.url, at("living.db"), true, "in use", storage.ErrWrongFile},
		{"no database", at("none.db"), at("new.db"), false, "there is no such file", storage.ErrWrongFile},
		{"a database that is none", at("text.db"), at("new.db"), false, "is not a Tidings database", storage.ErrNotTidings},
		{"somebody else's database", at("other.db"), at("new.db"), false, "is not a Tidings database", storage.ErrNotTidings},
		{"a damaged database", at("torn.db"), at("new.db"), false, "is damaged", storage.ErrDamaged},
		{"a newer database", at("newer.db"), at("new.db"), false, "newer version", storage.ErrNewer},
		{"PostgreSQL", "postgres://u:hunter2@127.0.0.1/t", at("new.db"), false, "pg_dump", storage.ErrWrongFile},
		{"a database in memory", ":memory:", at("new.db"), false, "needs a database in a file", storage.ErrWrongFile},
	} {
		t.Run("backup refuses "+c.name, func(t *testing.T) {
			before := snapshot(t, folder)
			_, err := storage.Backup(t.Context(), c.database, c.file, c.force)
			if err == nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Backup(%s, %s) = %v, want a sentence with %q that is %v", c.database, c.file, err, c.want, c.is)
			}
			if after := snapshot(t, folder); after != before {
				t.Errorf("Backup(%s, %s) changed files:\n%s\nbefore:\n%s", c.database, c.file, after, before)
			}
		})
	}
}

// TestARestoreSendsNothingTwice restores a backup of the morning in the
// afternoon, after a slot at noon was served.
func TestARestoreSendsNothingTwice(t *testing.T) {
	folder := t.TempDir()
	h, copied := house{filepath.Join(folder, "tidings.db")}, filepath.Join(folder, "copy.db")
	now := milli(time.Now())
	s := h.openWithQueue(t)
	noon, hour := now.Add(time.Hour), time.Hour
	served := addChat(t, s, 1, 0)
	later := addChat(t, s, 2, 0)
	for id, at := range map[bot.ChatID]time.Time{served.ID: noon, later.ID: now.Add(10 * hour)} {
		must(s.ChangeChat(t.Context(), id, func(c *bot.Chat) error {
			c.Schedule = bot.Schedule{Hourly: true}
			c.NextEdition, c.LastEdition = at, now.Add(-hour)
			return nil
		}))(t)
	}
	check(t, s.Notify(t.Context(), served.ID, message("an answer of the morning"), now))
	check(t, s.Notify(t.Context(), later.ID, message("held back"), now.Add(9*hour)))
	cast := must(s.AddBroadcast(t.Context(), bot.Broadcast{Admin: served.ID, Message: message("tonight"), Created: now}))(t)
	must(s.StartBroadcast(t.Context(), cast, 1, now))(t)
	check(t, s.SaveUpdateOffset(t.Context(), 700))
	must(storage.Backup(t.Context(), h.url, copied, false))(t)

	// The day goes on in the database that will be lost.
	until := now.Add(3 * hour)
	execute(t, s, `INSERT INTO settings (name, value) VALUES ('probe', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, until.UnixMilli())
	check(t, s.Close())

	r, err := storage.Restore(t.Context(), h.url, copied, withQueue, now.Add(4*hour))
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if !r.Until.Equal(until) || r.Unknown != 1 || r.Moved != 1 || r.Ended != 1 {
		t.Errorf("Restore = %+v, want 1 unknown, 1 moved and 1 ended until %v", r, until)
	}
	s = h.openWithQueue(t)
	if l := must(s.Levels(t.Context(), now))(t); l.Unknown != 1 {
		t.Errorf("Levels tells of %d unknown deliveries, want the 1 of the restore", l.Unknown)
	}
	if got := must(s.UpdateOffset(t.Context()))(t); got != 0 {
		t.Errorf("polling goes on at %d, want from the beginning of what waits", got)
	}
	c := must(s.ChatByID(t.Context(), served.ID))(t)
	if !c.NextEdition.After(until) || c.NextEdition.Sub(until) > hour || c.LastEdition.After(until) || until.Sub(c.LastEdition) > hour {
		t.Errorf("the chat that was served had its last edition at %v and has the next at %v, want those around %v", c.LastEdition, c.NextEdition, until)
	}
	if d := must(s.ChatByID(t.Context(), later.ID))(t); !d.NextEdition.Equal(now.Add(10*hour)) || !d.LastEdition.Equal(now.Add(-hour)) {
		t.Errorf("the chat that was not due was changed: last %v, next %v", d.LastEdition, d.NextEdition)
	}
	if n := len(must(s.WaitingDeliveries(t.Context(), now.Add(20*hour), 10))(t)); n != 1 {
		t.Errorf("%d deliveries wait, want the one that was held back", n)
	}
	if n := len(must(s.ActiveBroadcasts(t.Context()))(t)); n != 0 {
		t.Errorf("%d broadcasts go on", n)
	}

	// What was published before the last edition is collected again and is no
	// news to whom it was told; to others it is.
	stories := shelve(t, s, c.LastEdition.Add(-30*time.Minute), 1)
	for _, id := range []bot.ChatID{served.ID, later.ID} {
		u, _, err := s.Follow(t.Context(), id, digest.Topic{Text: "ferry", Label: "ferry"}, now)
		check(t, err)
		check(t, s.ShelveMatches(t.Context(), []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: stories[0]}, At: now.Add(5 * hour)}}))
	}
	for id, want := range map[bot.ChatID]int{served.ID: 0, later.ID: 1} {
		m := must(s.Material(t.Context(), id, now, 10))(t)
		if got := len(m.Followed[0].Matches); got != want {
			t.Errorf("chat %d would be told %d stories from before its last edition, want %d", id, got, want)
		}
	}
}

func TestADatabaseThatMovesGoesOnWhereItStopped(t *testing.T) {
	folder := t.TempDir()
	h, copied := house{filepath.Join(folder, "tidings.db")}, filepath.Join(folder, "copy.db")
	now := milli(time.Now())
	s := h.openWithQueue(t)
	c := addChat(t, s, 1, 0)
	check(t, s.Notify(t.Context(), c.ID, message("an answer"), now))
	check(t, s.Probe(t.Context()))
	check(t, s.Close())
	must(storage.Backup(t.Context(), h.url, copied, false))(t) // at rest

	elsewhere := house{filepath.Join(t.TempDir(), "moved.db")}
	r, err := storage.Restore(t.Context(), elsewhere.url, copied, withQueue, now.Add(time.Hour))
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if r.Unknown != 0 || !r.Until.IsZero() || r.Kept != "" {
		t.Errorf("Restore where nothing was = %+v, want nothing settled", r)
	}
	s = elsewhere.openWithQueue(t)
	if n := len(must(s.WaitingDeliveries(t.Context(), now.Add(time.Hour), 10))(t)); n != 1 {
		t.Errorf("%d deliveries wait, want the one that was not sent", n)
	}
}

func TestABackupOfAnOlderVersionIsBroughtUpToDate(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "old.db")
	db := must(sql.Open("sqlite", old))(t)
	text := string(must(os.ReadFile("migrations/sqlite/001_shelves.sql"))(t))
	must(db.Exec(text))(t)
	must(db.Exec(`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`))(t)
	must(db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`))(t)
	must(db.Exec(`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked, expects, paused, created)
		VALUES (1, 7, 0, 'private', 'en', 'UTC', 0, '{}', 1000, 0, '', '', 0)`))(t)
	check(t, db.Close())
	h := house{filepath.Join(folder, "tidings.db")}
	if _, err := storage.Restore(t.Context(), h.url, old, withQueue, time.Now()); err != nil {
		t.Fatalf("Restore of a backup of version 1: %v", err)
	}
	s := h.openWithQueue(t)
	if c := must(s.ChatAt(t.Context(), bot.Address{Telegram: 7}))(t); c.Length != bot.LengthShort {
		t.Errorf("the chat came back as %+v", c)
	}
}

func TestOpenLeavesSomebodyElsesDatabaseAlone(t *testing.T) {
	path := t.TempDir() + "/other.db"
	other := must(sql.Open("sqlite", path))(t)
	must(other.Exec(`CREATE TABLE chats (id INTEGER)`))(t)
	check(t, other.Close())
	before := must(os.ReadFile(path))(t)
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if !errors.Is(err, storage.ErrNotTidings) {
		t.Errorf("Open of a foreign database: %v, want ErrNotTidings", err)
	}
	if err == nil {
		s.Close()
	}
	db := must(sql.Open("sqlite", path))(t)
	defer db.Close()
	var tables int
	check(t, db.QueryRow(`SELECT COUNT(*) FROM sqlite_master`).Scan(&tables))
	if tables != 1 || len(before) == 0 {
		t.Errorf("the foreign database has %d tables now, want its one", tables)
	}
}

func TestListenersOfARestoredDatabaseSayUntilWhenItKnowsNothing(t *testing.T) {
	folder := t.TempDir()
	h, copied := house{filepath.Join(folder, "tidings.db")}, filepath.Join(folder, "copy.db")
	ctx, now := t.Context(), milli(time.Now())
	s := h.openWithQueue(t)
	ids := shelve(t, s, now.Add(-5*time.Minute), 1)
	chat := addChat(t, s, 7, 0)
	topic := listens(t, s, chat.ID, "ferries", ids[0])
	if l := must(s.Listeners(ctx, ids[0], 0, now, 9))(t); len(l) != 1 || !l[0].Restored.IsZero() {
		t.Errorf("Listeners of no restored database = %+v", l)
	}
	must(storage.Backup(ctx, h.url, copied, false))(t)
	check(t, s.SaveAlert(ctx, alertOf(chat.ID, topic, ids[0], now.Add(time.Minute))))
	check(t, s.Close())
	report, err := storage.Restore(ctx, h.url, copied, withQueue, now.Add(11*time.Minute))
	check(t, err)
	l := must(h.openWithQueue(t).Listeners(ctx, ids[0], 0, now.Add(12*time.Minute), 9))(t)
	if len(l) != 1 || l[0].Restored.IsZero() || !l[0].Restored.Equal(milli(report.Until)) {
		t.Errorf("Listeners = %+v, want the chat and %s", l, report.Until)
	}
}
