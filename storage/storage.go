// Package storage is everything Tidings remembers and what remains to be done:
// the shelf between the acts. It keeps sources, articles, stories, topics,
// matches, chats, subscriptions, editions, deliveries and broadcasts in SQLite
// (one process, no server) or PostgreSQL (any number of processes), chosen by
// the address given to Open.
//
// Every exported method is one transaction with a deadline, and an error of
// this package or of package digest tells what it means; nothing of a driver
// gets out. Methods never call each other, and neither may a function that was
// handed to one: SQLite has a single connection that writes, so it would wait
// for itself. Tidy and Lane are the exceptions and say what they are instead.
//
// One SQL text serves both databases; package file dialect.go holds the few
// places where they differ. Times are kept as unix milliseconds and come back
// in UTC, so they lose what is finer.
//
// It costs one disk flush for every committed change on SQLite (about half a
// millisecond on a good disk); reading does not wait for writing.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// A Store is the shelf. Its methods may be called from any goroutine.
type Store struct {
	engine    Engine
	url       string
	write     *sql.DB
	read      *sql.DB // the same as write but on SQLite files
	lock      *flock.Flock
	log       *slog.Logger
	enqueue   func(context.Context, Engine, *sql.Tx, string) error
	abstracts bool
	now       func() time.Time
	ids       *sequence

	articlesArrived   chan struct{}
	deliveriesArrived chan struct{}
	broadcastsChanged chan struct{}
	enqueued          chan struct{}

	mu    sync.Mutex
	lanes map[string]chan struct{} // by name, capacity 1: SQLite's lanes
}

// Options of Open. The zero value is a store without shared work.
type Options struct {
	// Log gets what an operator should know and nobody is told otherwise; nil
	// is slog.Default.
	Log *slog.Logger
	// Migrate makes or updates the tables of the shared work, before ours and
	// under the same lock (queue.Migrate). Nil makes none.
	Migrate func(ctx context.Context, engine Engine, db *sql.DB) error
	// Enqueue asks for shared work of a kind ("collect", "publish", "pages", "alerts")
	// inside the transaction of the change that makes it due, so that both
	// happen or neither (queue.Enqueue). Nil asks nobody.
	Enqueue func(ctx context.Context, engine Engine, tx *sql.Tx, kind string) error
	// Abstracts says that there is a language model: abstracts of stories are wanted.
	Abstracts bool
}

// Kinds of shared work that storage asks for.
const (
	KindCollect = "collect"
	KindPublish = "publish"
	KindPages   = "pages"
	KindAlerts  = "alerts"
)

// Deadlines. They are generous: passing one means that the database is stuck,
// not that it is busy, and the process gives up.
const (
	deadline        = 30 * time.Second
	openDeadline    = 2 * time.Minute
	migrateDeadline = 30 * time.Minute // of a large house, and waiting for another replica's
	lockWait        = 300 * time.Millisecond
	lockRetry       = 20 * time.Millisecond
)

// Open opens the database at url and brings its tables up to date. The url is
// a file's path for SQLite (made if missing; its folder is not), ":memory:" for
// a database that lives as long as the Store and only in it, or a
// postgres:// address.
//
// A SQLite file belongs to one process at a time: ErrInUse says that another
// has it. ErrUnusable says that the database cannot be used at all.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	parent := ctx
	ctx, cancel := context.WithTimeout(parent, openDeadline)
	defer cancel()
	s := &Store{
		url:               url,
		log:               options.Log,
		enqueue:           options.Enqueue,
		abstracts:         options.Abstracts,
		now:               time.Now,
		ids:               new(sequence),
		articlesArrived:   make(chan struct{}, 1),
		deliveriesArrived: make(chan struct{}, 1),
		broadcastsChanged: make(chan struct{}, 1),
		enqueued:          make(chan struct{}, 1),
		lanes:             map[string]chan struct{}{},
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	open := s.openSQLite
	if isPostgres(url) {
		open = s.openPostgres
	}
	err := open(ctx)
	if err == nil {
		ctx, cancel := context.WithTimeout(parent, migrateDeadline)
		defer cancel()
		err = s.migrate(ctx, options.Migrate)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open database %s: %w", publicURL(url), convertError(parent, err))
	}
	return s, nil
}

// writing gives the connection that writes room for the pages of a batch, 16 MB,
// which take 35: each lies in 8 KB. In SQLite's own 2 MB a batch of matches pushes
// its pages out and reads them again; with twice as many nothing is faster
// (BenchmarkJoin and BenchmarkTwentyThousand in package main).
const writing = "&_pragma=cache_size(-16000)"

// openSQLite opens one connection that writes and a few that read. None maps the file:
// SQLite lets a mapping go with every commit of another connection, and who reads next
// meets each page anew, which costs several times what reading it does
// (BenchmarkMaterial).
//
// Transactions of the writer take the write lock at once (_txlock): one that
// began by reading and turns to writing would fail instead of waiting.
// synchronous=FULL flushes at every commit: with NORMAL a power cut, ordinary
// where people run such a bot, undoes the last commits, and a delivery that
// Telegram already has would be sent again.
func (s *Store) openSQLite(ctx context.Context) (err error) {
	s.engine = SQLite
	if s.url == ":memory:" {
		s.write, err = openKeeping("file::memory:?_txlock=immediate&_pragma=foreign_keys(1)")
		if err != nil {
			return err
		}
		s.write.SetMaxOpenConns(1) // a second connection would be a second database
		s.read = s.write
		return s.write.PingContext(ctx)
	}
	path, err := filepath.Abs(s.url)
	if err != nil {
		return err
	}
	s.lock = flock.New(path + ".lock")
	// For a moment it may be held by who only looks whether it is held.
	looking, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	held, err := s.lock.TryLockContext(looking, lockRetry)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && looking.Err() == nil:
		return fmt.Errorf("%w: lock file: %w", ErrUnusable, err)
	case !held:
		return ErrInUse
	}
	if err := makePrivate(path); err != nil {
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	name := (&url.URL{Scheme: "file", Path: path}).String()
	const pragmas = "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
	s.write, err = openKeeping(name + pragmas + "&_txlock=immediate&_pragma=journal_mode(WAL)" +
		writing + "&_pragma=synchronous(FULL)&_pragma=secure_delete(FAST)&_pragma=journal_size_limit(67108864)")
	if err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if err := s.write.PingContext(ctx); err != nil {
		return err
	}
	s.read, err = openKeeping(name + pragmas + "&mode=ro&_pragma=query_only(1)")
	if err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	return nil
}

// makePrivate makes the file of a new database, which nobody but its owner may
// read: SQLite would let everybody. What SQLite puts beside it gets the same
// rights. A file that is there keeps those its operator gave it.
func makePrivate(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // what is wrong with it, SQLite tells
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func (s *Store) openPostgres(ctx context.Context) (err error) {
	s.engine = Postgres
	s.write, err = sql.Open("pgx", s.url)
	if err != nil {
		return err
	}
	s.write.SetMaxOpenConns(16)
	s.write.SetMaxIdleConns(8)
	s.write.SetConnMaxIdleTime(5 * time.Minute)
	s.read = s.write
	return s.write.PingContext(ctx)
}

// Close gives back everything Open took. Lanes end with it.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Ping says whether the database answers and can be read.
func (s *Store) Ping(ctx context.Context) error {
	return s.view(ctx, "ping database", func(ctx context.Context, tx *sql.Tx) error {
		var n int64
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM settings`).Scan(&n)
	})
}

// Probe writes a row. Whoever only looks does not learn that the disk is full
// or that somebody holds the database; ErrUnusable tells.
func (s *Store) Probe(ctx context.Context) error {
	return s.change(ctx, "write to the database", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ('probe', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, ms(s.now()))
		return err
	})
}

// Engine tells which database it is; URL where, as given to Open (it may hold
// a password); DB is the pool that writes. They are for package queue, which
// works on the same tables.
func (s *Store) Engine() Engine { return s.engine }

// URL is described at Engine.
func (s *Store) URL() string { return s.url }

// DB is described at Engine.
func (s *Store) DB() *sql.DB { return s.write }

// ArticlesArrived is signalled after this process shelved new articles. It
// holds one signal. When several processes share the database, look every
// second beside it.
func (s *Store) ArticlesArrived() <-chan struct{} { return s.articlesArrived }

// DeliveriesArrived is signalled after this process made deliveries; otherwise
// like ArticlesArrived.
func (s *Store) DeliveriesArrived() <-chan struct{} { return s.deliveriesArrived }

// Enqueued is signalled after this process committed a change together with
// shared work; otherwise like ArticlesArrived.
func (s *Store) Enqueued() <-chan struct{} { return s.enqueued }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// change runs act in a transaction that writes. An error of act undoes all of
// it. Act runs again when PostgreSQL asks for it, so it must not touch
// anything but the database and what it resets itself.
func (s *Store) change(ctx context.Context, what string, act func(context.Context, *sql.Tx) error) error {
	return s.transact(ctx, what, s.write, nil, act)
}

// view runs act in a transaction that only reads, and so sees one state.
func (s *Store) view(ctx context.Context, what string, act func(context.Context, *sql.Tx) error) error {
	return s.transact(ctx, what, s.read, s.engine.viewing(), act)
}

func (s *Store) transact(parent context.Context, what string, db *sql.DB, options *sql.TxOptions,
	act func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(parent, deadline)
	defer cancel()
	const attempts = 5
	for attempt := 1; ; attempt++ {
		err := transactOnce(ctx, db, options, act)
		if err == nil {
			return nil
		}
		if attempt < attempts && mayRetry(err) {
			if wait(ctx, time.Duration(attempt*attempt)*5*time.Millisecond) {
				continue
			}
		}
		if ctx.Err() != nil && parent.Err() == nil && !isOurs(err) {
			err = ctx.Err() // drivers have other words for a deadline, too
		}
		return fmt.Errorf("%s: %w", what, convertError(parent, err))
	}
}

func transactOnce(ctx context.Context, db *sql.DB, options *sql.TxOptions, act func(context.Context, *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer tx.Rollback() // also when act panics; after a commit it does nothing
	if err := act(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// wait tells whether the time passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// publicURL is url without its password, for errors.
func publicURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		if strings.Contains(address, "://") {
			return "(address)"
		}
		return address
	}
	u.RawQuery = ""
	return u.Redacted()
}
