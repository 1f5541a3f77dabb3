package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"unicode"

	"modernc.org/sqlite"
)

// keptStatements is how many statements a SQLite connection keeps ready.
// Ours are about three hundred; lists of marks make more of some.
const keptStatements = 400

// openKeeping opens a SQLite database whose connections keep their statements.
// SQLite reads and plans a statement each time it is asked; for the short ones
// that most of ours are, that costs more than the answer. PostgreSQL's driver
// keeps them by itself.
func openKeeping(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeping{c}), nil
}

// keeping opens connections that keep their statements.
type keeping struct{ driver.Connector }

func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{sqliteConn: c.(sqliteConn), kept: make(map[string]*statement)}, nil
}

// sqliteConn is what the driver says each of its connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A keeper is a connection with its statements, the longest unused of which
// makes room. Like every connection it serves one caller at a time.
type keeper struct {
	sqliteConn
	kept map[string]*statement
	used uint64 // counts uses
}

// A statement is busy while its rows are read: meanwhile the same question is
// put anew.
type statement struct {
	driver.Stmt
	used uint64
	busy bool
}

// Unwrap returns the driver's own connection.
func (k *keeper) Unwrap() driver.Conn { return k.sqliteConn }

func (k *keeper) Close() error {
	for _, s := range k.kept {
		s.Close()
	}
	clear(k.kept)
	return k.sqliteConn.Close()
}

// statement returns query ready to be asked, or nil if it is to be asked anew.
func (k *keeper) statement(ctx context.Context, query string) (*statement, error) {
	k.used++
	if s := k.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		s.used = k.used
		return s, nil
	}
	if !worthKeeping(query) {
		return nil, nil
	}
	prepared, err := k.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	k.makeRoom()
	s := &statement{Stmt: prepared, used: k.used}
	k.kept[query] = s
	return s, nil
}

// worthKeeping leaves out what is asked once (tables, settings of the
// connection) and texts of several statements, of which migrations consist.
func worthKeeping(query string) bool {
	query = strings.TrimSpace(query)
	verb := query[:max(0, strings.IndexFunc(query, unicode.IsSpace))]
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return len(query) < 10_000 && !strings.Contains(query, ";")
	}
	return false
}

func (k *keeper) makeRoom() {
	if len(k.kept) < keptStatements {
		return
	}
	oldest, query := uint64(0), ""
	for q, s := range k.kept {
		if !s.busy && (query == "" || s.used < oldest) {
			oldest, query = s.used, q
		}
	}
	if query != "" {
		k.kept[query].Close()
		delete(k.kept, query)
	}
}

func (k *keeper) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (k *keeper) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{rows, s}, nil
}

// keptRows give their statement back when they are closed.
type keptRows struct {
	driver.Rows
	of *statement
}

func (r *keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
