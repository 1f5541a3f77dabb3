package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tidings/bot"
	"tidings/digest"
)

var (
	// ErrUnusable says that the database cannot be worked with: the disk is
	// full, it is read-only, locked by somebody else, damaged or gone. The
	// transaction left no trace. There is no use in going on: the process
	// says so in one line and exits.
	ErrUnusable = errors.New("the database is not usable")
	// ErrInUse says that another process has the SQLite file open.
	ErrInUse = errors.New("the database is in use by another tidings process")
	// ErrNewer says that a later version of tidings made the tables.
	ErrNewer = errors.New("the database was made by a newer version of tidings")
)

// Meaning is what an error of the database means to those who work in it on
// their own (package queue): ErrUnusable, or one of digest's, or the error.
func Meaning(ctx context.Context, err error) error { return convertError(ctx, err) }

// convertError turns what a driver says into an error with a meaning. What is
// not the driver's passes as it is.
func convertError(ctx context.Context, err error) error {
	var (
		lite *sqlite.Error
		pg   *pgconn.PgError
	)
	switch {
	case err == nil, isOurs(err):
		return err
	case ctx.Err() != nil: // the caller's doing, whatever the driver makes of it
		return context.Cause(ctx)
	case errors.Is(err, sql.ErrNoRows):
		return digest.ErrNotFound
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: no answer in time", ErrUnusable)
	case errors.As(err, &lite):
		return convertSQLite(lite)
	case errors.As(err, &pg):
		return convertPostgres(pg)
	case connectionGone(err):
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	return err
}

func isOurs(err error) bool {
	for _, ours := range []error{ErrUnusable, ErrInUse, ErrNewer, digest.ErrNotFound, digest.ErrExists, digest.ErrLimit, bot.ErrBanned} {
		if errors.Is(err, ours) {
			return true
		}
	}
	return false
}

func convertSQLite(err *sqlite.Error) error {
	switch err.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return digest.ErrExists
	}
	switch err.Code() & 0xff { // the rest is detail
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %s", ErrUnusable, err)
	}
	return err
}

// convertPostgres reads the class of the SQLSTATE (PostgreSQL manual,
// appendix A).
func convertPostgres(err *pgconn.PgError) error {
	if err.Code == "23505" {
		return digest.ErrExists
	}
	if err.Code == "25006" { // a standby or a database set read-only
		return fmt.Errorf("%w: %s", ErrUnusable, err.Message)
	}
	switch err.Code[:2] {
	case "08", // connection
		"28", "3D", // refused: password, no such database
		"53",       // out of disk, memory, connections
		"57",       // shut down, cancelled by an operator
		"58", "XX": // the system, damaged data
		return fmt.Errorf("%w: %s", ErrUnusable, err.Message)
	}
	return err
}

func connectionGone(err error) bool {
	var (
		network net.Error
		connect *pgconn.ConnectError
	)
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) || errors.As(err, &connect)
}

// mayRetry says whether the transaction should simply run again: PostgreSQL
// undid it because of another one, a row it refers to went away under it, or
// two processes made the same id.
func mayRetry(err error) bool {
	var (
		pg   *pgconn.PgError
		lite *sqlite.Error
	)
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40001", "40P01", "23503":
			return true
		case "23505":
			return strings.HasSuffix(pg.ConstraintName, "_pkey")
		}
	}
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}
