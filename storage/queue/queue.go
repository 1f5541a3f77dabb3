// Package queue is the shared work: what any process may do, whoever learned
// that it is due. It calls collector, publisher, alerter, page reader, the asking of hubs
// and tidying as jobs of River,
// in the same database as everything else, and is the only code that knows
// River.
//
// It is not where work is remembered: sources, chats and pages know when they are due,
// and a job is only a nudge to look. Jobs carry no arguments, so nothing about
// a reader stands in River's tables, and doing one too many does no harm. That
// is also how work goes on after a crash: whoever is left sees within a second
// that something is due and asks for a new job, while River takes up the dead
// one's in its own time.
//
// A job costs about half a millisecond of CPU on SQLite, a third of that on
// PostgreSQL, so a job is a batch: a hundred sources or slots, never one.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"tidings/storage"
)

// Times of the work. Timeout and rescue are what design asks for so that the
// work of a killed process goes on soon.
const (
	tick        = time.Second
	probeEvery  = 10 * time.Second // in a quiet hour nothing else writes
	jobTimeout  = 15 * time.Second
	rescueAfter = 20 * time.Second // must be longer than a job may take
	retryAfter  = 3 * time.Second
	softStop    = 3 * time.Second // what a job in hand is given when asked to stop
	hardStop    = 8 * time.Second
	cooldown    = 25 * time.Millisecond // between two looks into the queue
	keepDone    = time.Hour
	tidyEvery   = time.Hour
	pageJobs    = 3
)

// Work is what there is to do. Each call does one batch, within 15 seconds, and
// must be safe to run twice at once and again after it was cut off. More says
// that work of the kind is left: the next job follows at once. Errors are
// logged and the work is tried again within seconds; an error that is
// storage.ErrUnusable ends Run.
type Work struct {
	Collect func(context.Context) (more bool, err error)
	Publish func(context.Context) (more bool, err error)
	Alerts  func(context.Context) (more bool, err error)
	Pages   func(context.Context) (more bool, err error)
	Hubs    func(context.Context) (more bool, err error) // nil: none are asked
	Tidy    func(context.Context) error                  // every hour, by one process
}

// A Queue does shared work for one process.
type Queue struct {
	store *storage.Store
	work  Work
	log   *slog.Logger
	fatal chan error
}

// New makes a queue over an open store, which must have been opened with
// Migrate and, for work asked for in transactions, Enqueue of this package.
func New(store *storage.Store, work Work, log *slog.Logger) *Queue {
	return &Queue{store: store, work: work, log: log, fatal: make(chan error, 1)}
}

// Migrate makes or updates River's tables. It fits storage.Options.
func Migrate(ctx context.Context, engine storage.Engine, db *sql.DB) error {
	m, err := rivermigrate.New(driverFor(engine, db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Enqueue asks for a job of a kind in the caller's transaction, unless one
// waits already: it appears with the caller's rows or not at all, and workers
// everywhere wake when it does. It fits storage.Options.
func Enqueue(ctx context.Context, engine storage.Engine, tx *sql.Tx, kind string) error {
	args, err := argsOf(kind)
	if err != nil {
		return err
	}
	// River's uniqueness would also count a job that runs, which may have
	// looked before this transaction's rows were there. Should the waiting one
	// be taken up this very moment, the clock finds what it missed.
	var waits bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM river_job
		WHERE state = 'available' AND queue = $1 AND kind = $1)`, kind).Scan(&waits)
	if err != nil || waits {
		return err
	}
	// A client that only inserts is a small value; there is nothing to keep.
	c, err := river.NewClient(driverFor(engine, nil), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	if _, err := c.InsertTx(ctx, tx, args, &river.InsertOpts{Queue: kind, MaxAttempts: maxAttempts}); err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	return nil
}

func driverFor(engine storage.Engine, db *sql.DB) riverdriver.Driver[*sql.Tx] {
	if engine == storage.Postgres {
		return riverdatabasesql.New(db)
	}
	return quiet{riversqlite.New(db)}
}

// quiet is River's SQLite driver without its listener, a query every 50 ms: the
// one process that has the file wakes itself.
type quiet struct{ *riversqlite.Driver }

func (quiet) SupportsListener() bool     { return false }
func (quiet) SupportsListenNotify() bool { return false }

// once makes the job unique for its kind within the second, among all
// processes. Without the second a running job would count, and one that died
// with its process would stop its kind until it is rescued.
func once(kind string) *river.InsertOpts {
	return &river.InsertOpts{
		Queue: kind, MaxAttempts: maxAttempts,
		UniqueOpts: river.UniqueOpts{ByPeriod: tick, ByState: unfinished},
	}
}

// Run does work and asks for it when something is due, looking every second,
// until ctx ends; then it gives what is in hand a few seconds. It returns nil
// when it was asked to stop and an error when work is impossible.
func (q *Queue) Run(ctx context.Context) error {
	driver, closeDriver, err := q.driver(ctx)
	if err != nil {
		return fmt.Errorf("open queue: %w", err)
	}
	defer closeDriver()
	c, err := river.NewClient(driver, q.config())
	if err != nil {
		return fmt.Errorf("make queue: %w", err)
	}
	// Stop below ends the work, not ctx: it knows how to wait.
	if err := c.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start queue: %w", err)
	}
	err = q.ask(ctx, c)
	return errors.Join(err, stop(c))
}

// driver opens what River works on. On SQLite it is the connection that
// writes, for there may be only one. On PostgreSQL it is a pool of its own and
// a connection that listens, so that work does not wait for the bot nor the
// bot for work.
func (q *Queue) driver(ctx context.Context) (riverdriver.Driver[*sql.Tx], func(), error) {
	if q.store.Engine() == storage.SQLite {
		return driverFor(storage.SQLite, q.store.DB()), func() {}, nil
	}
	db, err := sql.Open("pgx", q.store.URL())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(6)
	db.SetMaxIdleConns(3)
	settings, err := pgxpool.ParseConfig(q.store.URL())
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	settings.MinConns, settings.MaxConns = 0, 1
	listener, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return riverdatabasesql.NewWithPgxListener(db, listener), func() { listener.Close(); db.Close() }, nil
}

func (q *Queue) config() *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker[collectArgs]{queue: q, do: q.work.Collect})
	river.AddWorker(workers, &worker[publishArgs]{queue: q, do: q.work.Publish})
	river.AddWorker(workers, &worker[alertsArgs]{queue: q, do: q.work.Alerts})
	river.AddWorker(workers, &worker[pagesArgs]{queue: q, do: q.work.Pages})
	river.AddWorker(workers, &worker[hubsArgs]{queue: q, do: q.askHubs})
	river.AddWorker(workers, &worker[tidyArgs]{queue: q, do: q.tidy})
	poll := 2 * time.Second // in case a notification is lost
	if q.store.Engine() == storage.SQLite {
		poll = 5 * time.Second // every insert of this process wakes it
	}
	return &river.Config{
		// one job of a kind at a time in a process: batches, which spread their
		// own work; of pages a few, for a batch with a slow server would keep a
		// new reader's first edition waiting
		Queues: map[string]river.QueueConfig{
			storage.KindCollect: {MaxWorkers: 1}, storage.KindPublish: {MaxWorkers: 1}, storage.KindAlerts: {MaxWorkers: 1},
			storage.KindPages: {MaxWorkers: pageJobs}, kindHubs: {MaxWorkers: 1}, kindTidy: {MaxWorkers: 1},
		},
		Workers:                     workers,
		Logger:                      slog.New(atLeast{q.log.Handler(), slog.LevelWarn}),
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		RetryPolicy:                 steady{},
		MaxAttempts:                 maxAttempts,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDone,
		DiscardedJobRetentionPeriod: keepDone,
		FetchCooldown:               cooldown,
		FetchPollInterval:           poll,
		PollOnly:                    q.store.Engine() == storage.SQLite,
		SoftStopTimeout:             softStop,
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(tidyEvery),
			func() (river.JobArgs, *river.InsertOpts) { return tidyArgs{}, once(kindTidy) },
			&river.PeriodicJobOpts{RunOnStart: true})},
	}
}

// ask looks every second, and when the store says that work was asked for,
// whether something is due, and asks for the job.
func (q *Queue) ask(ctx context.Context, c *river.Client[*sql.Tx]) error {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	for {
		wake := false
		var err error
		select {
		case <-ctx.Done():
			return nil
		case err := <-q.fatal:
			return err
		case <-q.store.Enqueued():
			wake = q.store.Engine() == storage.SQLite // PostgreSQL notifies
		case <-clock.C:
		case <-probe.C:
			err = q.store.Probe(ctx)
		}
		if err == nil {
			err = storage.Meaning(ctx, q.askForDue(ctx, c, wake))
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, storage.ErrUnusable):
			return err
		case err != nil:
			q.log.Warn("work could not be asked for", "err", err)
		}
	}
}

func (q *Queue) askForDue(ctx context.Context, c *river.Client[*sql.Tx], wake bool) error {
	sources, chats, err := q.store.Due(ctx, time.Now())
	if err != nil {
		return err
	}
	if sources {
		err = q.askFor(ctx, c, storage.KindCollect, false)
	}
	if chats {
		err = errors.Join(err, q.askFor(ctx, c, storage.KindPublish, wake))
	}
	pages, wrong := q.store.PagesDue(ctx, time.Now())
	if pages {
		wrong = q.askFor(ctx, c, storage.KindPages, wake)
	}
	alerts, odd := q.store.AlertsDue(ctx, time.Now())
	if alerts {
		odd = q.askFor(ctx, c, storage.KindAlerts, wake)
	}
	return errors.Join(err, wrong, odd, q.askForHubs(ctx, c))
}

func (q *Queue) askForHubs(ctx context.Context, c *river.Client[*sql.Tx]) error {
	if q.work.Hubs == nil {
		return nil
	}
	due, err := q.store.LeasesDue(ctx, time.Now())
	if err != nil || !due {
		return err
	}
	return q.askFor(ctx, c, kindHubs, false)
}

// askFor inserts a job of a kind unless one waits already. With wake it inserts
// even then: on SQLite that is how the workers of this process learn of a job
// that came in somebody's transaction.
func (q *Queue) askFor(ctx context.Context, c *river.Client[*sql.Tx], kind string, wake bool) error {
	if !wake {
		waiting, err := c.JobList(ctx, river.NewJobListParams().Kinds(kind).States(waitingStates...).First(1))
		if err != nil || len(waiting.Jobs) > 0 {
			return err
		}
	}
	args, err := argsOf(kind)
	if err != nil {
		return err
	}
	if _, err := c.Insert(ctx, args, once(kind)); err != nil {
		return fmt.Errorf("ask for %s: %w", kind, err)
	}
	return nil
}

// stop lets jobs in hand finish for a few seconds and then cancels them.
func stop(c *river.Client[*sql.Tx]) error {
	ctx, cancel := context.WithTimeout(context.Background(), hardStop)
	defer cancel()
	if err := c.Stop(ctx); err == nil {
		return nil
	}
	ctx, cancel = context.WithTimeout(context.Background(), hardStop)
	defer cancel()
	if err := c.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop queue: %w", err)
	}
	return nil
}
