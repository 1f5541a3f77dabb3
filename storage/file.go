package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// This file looks at SQLite files from outside, as backup, restore and check
// do: read-only, beside a process that may have them in use.

var (
	// ErrWrongFile says that a file named by the operator cannot be what it is
	// named for. Its text is a sentence for them, and nothing was changed.
	ErrWrongFile = errors.New("wrong file")
	// ErrNotTidings says that a file is no database, or not one of Tidings.
	ErrNotTidings = errors.New("is not a Tidings database")
	// ErrDamaged says that a database is a database no more, or only in part.
	ErrDamaged = errors.New("is damaged")
)

// fileError is an ErrWrongFile with its sentence.
type fileError string

func (e fileError) Error() string        { return string(e) }
func (e fileError) Is(target error) bool { return target == ErrWrongFile }

func wrongFile(format string, args ...any) error { return fileError(fmt.Sprintf(format, args...)) }

// An Inventory is what a database holds.
type Inventory struct {
	Version       int64 // of our tables
	Bytes         int64
	Chats         int
	Subscriptions int
	Articles      int
	Unsent        int // deliveries that wait or are on the wire
}

// besides are the files that SQLite and we put beside a database.
var besides = []string{"-wal", "-shm", "-journal", ".lock"}

// sqlitePath is the file that an address of Open names.
func sqlitePath(address, what string) (string, error) {
	switch {
	case isPostgres(address):
		return "", wrongFile("%s is for SQLite; a PostgreSQL database is saved with pg_dump and brought back with pg_restore", what)
	case address == ":memory:":
		return "", wrongFile("%s needs a database in a file, and :memory: is none", what)
	}
	return filepath.Abs(address)
}

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// openFile opens a SQLite file with extra parameters of its address.
func openFile(path, parameters string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String()+"?_pragma=busy_timeout(5000)"+parameters)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// inUse says whether a process has the file. It looks for less than a
// millisecond, which Open waits out.
func inUse(path string) (bool, error) {
	if _, err := os.Stat(path + ".lock"); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	lock := flock.New(path + ".lock")
	held, err := lock.TryRLock()
	return err == nil && !held, errors.Join(err, lock.Close())
}

// knownVersion is the version of the tables that this program makes.
func knownVersion(engine Engine) (newest int64, err error) {
	files, err := fs.ReadDir(migrations, "migrations/"+string(engine))
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		n, bad := strconv.ParseInt(number, 10, 64)
		if bad != nil {
			return 0, bad
		}
		newest = max(newest, n)
	}
	return newest, err
}

// examine reads a whole file that nobody writes and tells what is in it:
// ErrNotTidings, ErrDamaged or ErrNewer say that it is nothing to work with.
func examine(ctx context.Context, path string) (v Inventory, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return v, err
	}
	if err := isSQLite(path); err != nil {
		return v, err
	}
	db, err := openFile(path, "&mode=ro&immutable=1&_pragma=query_only(1)")
	if err != nil {
		return v, err
	}
	defer db.Close()
	v, err = takeStock(ctx, db, true)
	v.Bytes = info.Size()
	return v, err
}

// isSQLite reads the first bytes, which are the same in every database.
func isSQLite(path string) error {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	n, _ := f.Read(head)
	if string(head[:n]) != magic {
		return ErrNotTidings
	}
	return nil
}

// ourTables are some that every version had.
var ourTables = []string{"sources", "articles", "chats", "subscriptions", "editions", "deliveries", "settings"}

// takeStock looks at an open SQLite file; wholly also checks every page and
// every reference, some seconds for a hundred megabytes.
func takeStock(ctx context.Context, db *sql.DB, wholly bool) (v Inventory, err error) {
	v.Version, err = tablesVersion(ctx, db)
	if err != nil {
		return v, err
	}
	known, err := knownVersion(SQLite)
	if err != nil {
		return v, err
	}
	if v.Version > known {
		return v, fmt.Errorf("%w (its tables are at %d, this version knows %d)", ErrNewer, v.Version, known)
	}
	if wholly {
		if err := checkPages(ctx, db); err != nil {
			return v, err
		}
	}
	for _, c := range []struct {
		into  *int
		query string
	}{
		{&v.Chats, `SELECT COUNT(*) FROM chats`},
		{&v.Subscriptions, `SELECT COUNT(*) FROM subscriptions`},
		{&v.Articles, `SELECT COUNT(*) FROM articles`},
		{&v.Unsent, `SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'sending')`},
	} {
		if err := db.QueryRowContext(ctx, c.query).Scan(c.into); err != nil {
			return v, meaningOfFile(err)
		}
	}
	return v, nil
}

// tablesVersion is the version of our tables, ErrNotTidings when they are not
// there.
func tablesVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	for _, table := range append([]string{"goose_db_version"}, ourTables...) {
		var n int
		err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`, table).Scan(&n)
		if err != nil {
			return 0, meaningOfFile(err)
		}
		if n == 0 {
			return 0, ErrNotTidings
		}
	}
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err == nil && version < 1 {
		err = ErrNotTidings
	}
	return version, meaningOfFile(err)
}

func checkPages(ctx context.Context, db *sql.DB) error {
	var found string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found); err != nil {
		return meaningOfFile(err)
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, strings.ReplaceAll(found, "\n", "; "))
	}
	var table sql.NullString
	err := db.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`).Scan(&table)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return meaningOfFile(err)
	}
	return fmt.Errorf("%w: a row of %s refers to one that is missing", ErrDamaged, table.String)
}

// meaningOfFile turns what SQLite says about a file into our words.
func meaningOfFile(err error) error {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return err
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return ErrNotTidings
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %s", ErrDamaged, lite)
	case sqlite3.SQLITE_FULL:
		return errors.New("the disk is full")
	case sqlite3.SQLITE_ERROR: // a table or column of ours that is not there
		return fmt.Errorf("%w: %s", ErrDamaged, lite)
	}
	return lite
}

// about puts a file's name before what is wrong with it.
func about(name string, err error) error {
	if errors.Is(err, ErrNotTidings) || errors.Is(err, ErrDamaged) {
		return fmt.Errorf("%s %w", name, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// regularFile says, in a sentence, why a file that should be read cannot be.
func regularFile(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, wrongFile("%s: there is no such file", path)
	case err != nil:
		return nil, wrongFile("%s: %v", path, reason(err))
	case info.IsDir():
		return nil, wrongFile("%s is a folder, not a file", path)
	case !info.Mode().IsRegular():
		return nil, wrongFile("%s is not an ordinary file", path)
	case info.Size() == 0:
		return nil, wrongFile("%s is empty", path)
	}
	return info, nil
}

// reason is an error about a file without the file's name.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// sameFile says whether two names lead to one file.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// partOf says whether a name leads to a database or what belongs to it.
func partOf(path, database string) bool {
	for _, end := range append([]string{""}, besides...) {
		if sameFile(path, database+end) {
			return true
		}
	}
	return false
}

// syncFile makes the file's bytes, and its folder's entries, survive a power
// cut.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// String tells it to a person.
func (v Inventory) String() string {
	size := fmt.Sprintf("%.1f MB", float64(v.Bytes)/1e6)
	if v.Bytes < 1e6 {
		size = fmt.Sprintf("%d kB", (v.Bytes+999)/1000)
	}
	return fmt.Sprintf("%s, %s, %s, %s, tables at version %d", counted(v.Chats, "chat"), counted(v.Subscriptions, "subscription"),
		counted(v.Articles, "article"), size, v.Version)
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
