package storage_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the upgrade of a house of many matches sorts lies in files beside the database,
// whose folder may have a name that SQL must quote, and nowhere else; afterwards nothing
// does.
func TestAnUpgradeSortsBesideTheDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as many matches as SQLite does not sort in its cache")
	}
	folder := filepath.Join(t.TempDir(), "the baker's 🥖")
	check(t, os.Mkdir(folder, 0o700))
	h := house{filepath.Join(folder, "tidings.db")}
	db := olderHouse(t, h, 26)
	db.SetMaxOpenConns(1)
	for _, step := range []string{
		`PRAGMA synchronous = OFF`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO topics (id, text, created) SELECT $1 + i, 'topic ' || i, 1 FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
			INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts) SELECT ($1 + i) << 21, '', '', '', '', 'en', $1, $1, 1 FROM n`,
		`INSERT INTO matches (topic_id, story_id, score, words, field, at) SELECT t.id, s.id, 0.5, '[]', 'lead', s.published FROM topics t CROSS JOIN stories s ORDER BY 1, 2`,
	} {
		if _, err := db.Exec(step, time.Now().UnixMilli()); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	check(t, db.Close())

	stop, places := make(chan struct{}), map[string]bool{}
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			for _, file := range temporaryFiles() {
				places[filepath.Dir(file)] = true
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	s := h.open(t)
	close(stop)
	looking.Wait()
	if len(places) != 1 || !places[folder] {
		t.Errorf("an upgrade sorts in %v, want %s alone", slices.Collect(maps.Keys(places)), folder)
	}
	if n := number(t, s, `SELECT COUNT(*) FROM matches`); n != 450_000 {
		t.Errorf("after the upgrade there are %d matches, want 450000", n)
	}
	if got := number(t, s, `PRAGMA temp_store`); got != 2 {
		t.Errorf("afterwards temp_store is %d, want 2: memory", got)
	}
	if left := temporaryFiles(); len(left) > 0 {
		t.Errorf("afterwards %q are open", left)
	}
}

// temporaryFiles are those that SQLite has open in this process. None has a name any more,
// and most never had one.
func temporaryFiles() (files []string) {
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, one := range open {
		file, _ := os.Readlink(one)
		if base := filepath.Base(file); strings.HasSuffix(file, " (deleted)") && (strings.HasPrefix(base, "#") || strings.HasPrefix(base, "etilqs_")) {
			files = append(files, file)
		}
	}
	return files
}
