package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tidings/storage"
)

const (
	kindHubs = "hubs"
	kindTidy = "tidy"
)

// maxAttempts is small: what fails is asked for anew while it is due.
const maxAttempts = 3

// The kinds of jobs. They say what to look after and nothing else.
type (
	collectArgs struct{}
	publishArgs struct{}
	alertsArgs  struct{}
	pagesArgs   struct{}
	hubsArgs    struct{}
	tidyArgs    struct{}
)

func (collectArgs) Kind() string { return storage.KindCollect }
func (publishArgs) Kind() string { return storage.KindPublish }
func (alertsArgs) Kind() string  { return storage.KindAlerts }
func (pagesArgs) Kind() string   { return storage.KindPages }
func (hubsArgs) Kind() string    { return kindHubs }
func (tidyArgs) Kind() string    { return kindTidy }

func argsOf(kind string) (river.JobArgs, error) {
	switch kind {
	case storage.KindCollect:
		return collectArgs{}, nil
	case storage.KindPublish:
		return publishArgs{}, nil
	case storage.KindAlerts:
		return alertsArgs{}, nil
	case storage.KindPages:
		return pagesArgs{}, nil
	case kindHubs:
		return hubsArgs{}, nil
	case kindTidy:
		return tidyArgs{}, nil
	}
	return nil, fmt.Errorf("no work of kind %q", kind)
}

var (
	// unfinished are the states in which a job of the same second makes
	// another one needless; River allows no fewer.
	unfinished = []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
	// waitingStates are those of a job that will look after it was inserted.
	waitingStates = []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
	}
)

// A worker does the jobs of one kind.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	queue *Queue
	do    func(context.Context) (more bool, err error)
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return jobTimeout }

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	more, err := w.do(ctx)
	if errors.Is(err, storage.ErrUnusable) {
		select {
		case w.queue.fatal <- err:
		default:
		}
	}
	if err != nil {
		return err
	}
	if !more || ctx.Err() != nil {
		return nil
	}
	return w.next(ctx, job)
}

// next asks for the following job. It is not unique: this one is of the same
// second and still running.
func (w *worker[T]) next(ctx context.Context, job *river.Job[T]) error {
	_, err := river.ClientFromContext[*sql.Tx](ctx).Insert(ctx, job.Args, &river.InsertOpts{Queue: job.Kind, MaxAttempts: maxAttempts})
	return err
}

// askHubs does a job that another process, which has an address for hubs, asked
// for: without one there is nothing to do.
func (q *Queue) askHubs(ctx context.Context) (bool, error) {
	if q.work.Hubs == nil {
		return false, nil
	}
	return q.work.Hubs(ctx)
}

// tidy is cut off by its timeout when there is much to do; the rest is for the
// next hour.
func (q *Queue) tidy(ctx context.Context) (bool, error) {
	err := q.work.Tidy(ctx)
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return false, nil
	}
	return false, err
}

// steady tries again after the same short time.
type steady struct{}

func (steady) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(retryAfter) }

// atLeast passes on what is at least a level.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(attrs), h.level}
}

func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
