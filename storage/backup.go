package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Rows of the table settings that Backup puts into the copy and Restore reads.
const (
	settingBackup = "backup"         // when it was made
	settingAtRest = "backup at rest" // 1: no process had the database then
	settingProbe  = "probe"          // when a process last wrote it
)

// Backup copies a SQLite database, which a process may have in use, to a file:
// one consistent state of it, examined before it gets its name, readable by its
// owner only. It never waits for the process that writes, nor makes it wait; a
// long copy makes the write-ahead log grow meanwhile. A file that is there is
// replaced only if told so, and kept when anything fails.
func Backup(ctx context.Context, database, file string, replace bool) (v Inventory, err error) {
	from, err := sqlitePath(database, "a backup")
	if err != nil {
		return v, err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return v, err
	}
	if err := mayBackUp(from, to, replace); err != nil {
		return v, err
	}
	busy, err := inUse(from)
	if err != nil {
		return v, fmt.Errorf("look at the lock of %s: %w", database, err)
	}
	part, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".part-*") // 0600
	if err != nil {
		return v, fmt.Errorf("make a file in %s: %w", filepath.Dir(to), reason(err))
	}
	part.Close() // SQLite fills a file that is empty
	defer os.Remove(part.Name())
	if err := copyInto(ctx, from, part.Name(), busy); err != nil {
		return v, about(database, err)
	}
	if v, err = examine(ctx, part.Name()); err != nil {
		return v, about("the copy of "+database, err)
	}
	if err := syncFile(part.Name()); err != nil {
		return v, fmt.Errorf("write %s: %w", file, reason(err))
	}
	if err := publish(part.Name(), to, replace); err != nil {
		return v, err
	}
	return v, syncFolder(filepath.Dir(to))
}

// mayBackUp refuses what would be no backup or cost another file.
func mayBackUp(from, to string, replace bool) error {
	if _, err := regularFile(from); err != nil {
		return fmt.Errorf("the database: %w", err)
	}
	if err := isSQLite(from); err != nil {
		return about(from, err)
	}
	info, err := os.Stat(to)
	switch {
	case partOf(to, from):
		return wrongFile("%s belongs to the database itself; name another file", to)
	case errors.Is(err, fs.ErrNotExist):
		if folder, err := os.Stat(filepath.Dir(to)); err != nil || !folder.IsDir() {
			return wrongFile("the folder %s is not there", filepath.Dir(to))
		}
		return nil
	case err != nil:
		return wrongFile("%s: %v", to, reason(err))
	case info.IsDir():
		return wrongFile("%s is a folder; name a file in it", to)
	case !info.Mode().IsRegular():
		return wrongFile("%s is not an ordinary file", to)
	case !replace:
		return wrongFile("%s is there already; --force replaces it", to)
	}
	if busy, err := inUse(to); err != nil || busy {
		return wrongFile("%s is a database that a process has in use", to)
	}
	return nil
}

// copyInto fills an empty file with the database's present state and notes when
// it was made. VACUUM INTO reads in one transaction, so it sees one state, and
// the copy has no log beside it.
func copyInto(ctx context.Context, from, to string, busy bool) error {
	db, err := openFile(from, "&mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := tablesVersion(ctx, db); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
		return meaningOfFile(err)
	}
	copied, err := openFile(to, "&_pragma=journal_mode(DELETE)")
	if err != nil {
		return err
	}
	defer copied.Close()
	_, err = copied.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2), ($3, $4)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		settingBackup, time.Now().UnixMilli(), settingAtRest, flag(!busy))
	return meaningOfFile(err)
}

// publish gives a finished file its name. Where the file system can, the name
// is taken only if it is still free.
func publish(part, to string, replace bool) error {
	if replace {
		return os.Rename(part, to)
	}
	err := os.Link(part, to)
	if errors.Is(err, fs.ErrExist) {
		return wrongFile("%s is there already; --force replaces it", to)
	}
	if err == nil {
		return nil
	}
	if _, err := os.Lstat(to); err == nil {
		return wrongFile("%s is there already; --force replaces it", to)
	}
	return os.Rename(part, to)
}
