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
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Condition is what a look at a database from outside finds.
type Condition struct {
	Inventory
	Engine   Engine
	Known    int64 // the version of the tables that this program makes
	Empty    bool  // it is not there, or has no tables: the first start makes them
	InUse    bool  // a process has the SQLite file
	Unread   bool  // it was too large to look at every page in the time there was
	ReadOnly bool  // PostgreSQL: a standby, or set so
}

const (
	surveyWrites = 1 << 20          // bytes, to see that the disk takes them
	surveyReads  = 15 * time.Second // for every page of a SQLite file
	surveyAsks   = 10 * time.Second // for PostgreSQL
)

// Survey looks at the database at an address of Open without changing it, also
// beside a process that has it in use. Its error is one sentence for an
// operator, without the password: why the database cannot be used. It is
// ErrUnusable when that may pass by itself.
func Survey(ctx context.Context, address string) (Condition, error) {
	if isPostgres(address) {
		return surveyPostgres(ctx, address)
	}
	if address == ":memory:" {
		return Condition{Engine: SQLite, Empty: true}, nil
	}
	return surveySQLite(ctx, address)
}

func surveySQLite(ctx context.Context, address string) (c Condition, err error) {
	c.Engine = SQLite
	if c.Known, err = knownVersion(SQLite); err != nil {
		return c, err
	}
	path, err := filepath.Abs(address)
	if err != nil {
		return c, err
	}
	if err := takesWrites(filepath.Dir(path)); err != nil {
		return c, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Empty = true
		return c, nil
	case err != nil:
		return c, fmt.Errorf("%s: %w", path, reason(err))
	case info.IsDir():
		return c, fmt.Errorf("%s is a folder, not a file", path)
	case info.Size() == 0: // SQLite takes it for a new one
		c.Empty = true
		return c, nil
	}
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return c, fmt.Errorf("%s may not be written: %w", path, reason(err))
	} else if err := f.Close(); err != nil {
		return c, err
	}
	if c.InUse, err = inUse(path); err != nil {
		return c, fmt.Errorf("%s.lock cannot be used: %w", path, reason(err))
	}
	if err := isSQLite(path); err != nil {
		return c, about(path, err)
	}
	return c.readSQLite(ctx, path, info.Size())
}

// readSQLite takes stock of a file that a process may be writing. One at rest is
// read as it stands, which leaves nothing beside it; if that goes wrong because a
// process took it meanwhile, it is read as one in use.
func (c Condition) readSQLite(ctx context.Context, path string, size int64) (Condition, error) {
	waiting := int64(0) // for its place in the file
	if info, err := os.Stat(path + "-wal"); err == nil {
		waiting = info.Size()
	}
	size += waiting
	if c.InUse || waiting > 0 {
		return c.readAs(ctx, path, size, "")
	}
	quiet, err := c.readAs(ctx, path, size, "&immutable=1")
	if err == nil {
		return quiet, nil
	}
	if c.InUse, _ = inUse(path); c.InUse {
		return c.readAs(ctx, path, size, "")
	}
	return quiet, err
}

// readAs reads a file with parameters of SQLite's.
func (c Condition) readAs(ctx context.Context, path string, size int64, parameters string) (Condition, error) {
	db, err := openFile(path, "&mode=ro&_pragma=query_only(1)"+parameters)
	if err != nil {
		return c, err
	}
	defer db.Close()
	if c.Inventory, err = takeStock(ctx, db, false); err != nil {
		return c, about(path, err)
	}
	c.Bytes = size
	whole, cancel := context.WithTimeout(ctx, surveyReads)
	defer cancel()
	switch err := checkPages(whole, db); {
	case err == nil:
	case whole.Err() != nil && ctx.Err() == nil:
		c.Unread = true
	default:
		return c, about(path, err)
	}
	return c, nil
}

// takesWrites writes a file into a folder and takes it away again: whoever
// only asks for rights and space does not learn of quotas.
func takesWrites(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s is not there", folder)
	case err != nil:
		return fmt.Errorf("the folder %s: %w", folder, reason(err))
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", folder)
	}
	f, err := os.CreateTemp(folder, ".tidings-check-*")
	if err != nil {
		return fmt.Errorf("nothing can be written into the folder %s: %w", folder, reason(err))
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, surveyWrites))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return passing(fmt.Sprintf("the folder %s takes no %d MiB: %v", folder, surveyWrites>>20, reason(err)))
	}
	return nil
}

func surveyPostgres(parent context.Context, address string) (c Condition, err error) {
	ctx, cancel := context.WithTimeout(parent, surveyAsks)
	defer cancel()
	c.Engine = Postgres
	if c.Known, err = knownVersion(Postgres); err != nil {
		return c, err
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return c, sayPostgres(address, err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return c, sayPostgres(address, err)
	}
	defer tx.Rollback()
	if err := c.askPostgres(ctx, tx); err != nil {
		return c, sayPostgres(address, err)
	}
	return c, nil
}

func (c *Condition) askPostgres(ctx context.Context, tx *sql.Tx) error {
	var schema sql.NullString
	var mayMake, made bool
	err := tx.QueryRowContext(ctx, `SELECT current_schema(), COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false),
		to_regclass('goose_db_version') IS NOT NULL, pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'`).
		Scan(&schema, &mayMake, &made, &c.ReadOnly)
	switch {
	case err != nil:
		return err
	case c.ReadOnly:
		return errSentence("this PostgreSQL can only be read: a standby, or one set read-only")
	case !schema.Valid:
		return errSentence("the search_path names no schema that is there")
	case !made && !mayMake:
		return errSentence(fmt.Sprintf("this user may not make tables in the schema %s", schema.String))
	case !made:
		c.Empty = true
		return nil
	}
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&c.Version); err != nil {
		return err
	}
	switch {
	case c.Version > c.Known:
		return fmt.Errorf("%w (its tables are at %d, this version knows %d)", ErrNewer, c.Version, c.Known)
	case c.Version < 1:
		c.Empty = true
		return nil
	}
	return tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM chats), (SELECT COUNT(*) FROM subscriptions), (SELECT COUNT(*) FROM articles),
		(SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'sending')), pg_database_size(current_database())`).
		Scan(&c.Chats, &c.Subscriptions, &c.Articles, &c.Unsent, &c.Bytes)
}

// errSentence is a finding of our own among the driver's errors.
type errSentence string

func (e errSentence) Error() string { return string(e) }

// passing is a finding that may pass by itself, an ErrUnusable.
type passing string

func (e passing) Error() string        { return string(e) }
func (e passing) Is(target error) bool { return target == ErrUnusable }

// sayPostgres puts into a sentence why PostgreSQL cannot be used.
func sayPostgres(address string, err error) error {
	var (
		ours       errSentence
		pg         *pgconn.PgError
		unreadable *pgconn.ParseConfigError
	)
	switch {
	case errors.As(err, &ours), errors.Is(err, ErrNewer):
		return err
	case errors.As(err, &unreadable):
		return errors.New("the address of PostgreSQL cannot be read; signs such as @ : / # % in a password are written as %40 %3A %2F %23 %25")
	case errors.As(err, &pg) && strings.HasPrefix(pg.Code, "28"):
		return errors.New("PostgreSQL refuses this user or password")
	case errors.As(err, &pg) && pg.Code == "3D000":
		return errors.New("there is no database of that name on this PostgreSQL")
	case errors.As(err, &pg) && pg.Code == "42501":
		return errors.New("this user may not read the tables of Tidings")
	case errors.As(err, &pg):
		return passing("PostgreSQL answers: " + hidePassword(address, pg.Message))
	case errors.Is(err, context.DeadlineExceeded):
		return passing(fmt.Sprintf("PostgreSQL does not answer within %d seconds", int(surveyAsks/time.Second)))
	}
	words := err.Error()
	if at := strings.LastIndex(words, "\n"); at >= 0 { // one line for each address tried
		words = strings.TrimSpace(words[at:])
	}
	return passing("PostgreSQL cannot be reached: " + hidePassword(address, words))
}

// hidePassword takes an address's password out of words, in both its forms.
func hidePassword(address, words string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "its address cannot be read"
	}
	if password, ok := u.User.Password(); ok && password != "" {
		words = strings.NewReplacer(password, "…", url.QueryEscape(password), "…", url.PathEscape(password), "…").Replace(words)
	}
	return words
}
