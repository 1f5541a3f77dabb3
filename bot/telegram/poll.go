package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	firstRetry    = time.Second
	longestRetry  = 30 * time.Second
	conflictRetry = 15 * time.Second       // for whoever polls beside us to be stopped
	emptyPause    = 200 * time.Millisecond // between empty answers that did not wait
	stopGrace     = 1500 * time.Millisecond
	stopLimit     = 1900 * time.Millisecond

	// handleLimit ends the context of one handler: one that waits for a paused
	// chat must not hold up all that follow.
	handleLimit = 30 * time.Second
	// handlersAtOnce bounds how many chats of a batch are served at one time.
	handlersAtOnce = 16
	// rememberedIDs bounds how many handled updates are recognised when they
	// come again: more than a batch.
	rememberedIDs = 512
)

// OffsetKeeper remembers where to go on polling: the id after the last update
// handled; 0 before the first.
type OffsetKeeper interface {
	LoadOffset(ctx context.Context) (int64, error)
	SaveOffset(ctx context.Context, offset int64) error
}

// Poller takes updates from Telegram and hands them over, at least once each:
// those of one chat in order, of different chats side by side. An update counts
// as handled when Handle has returned, whatever it returned: an error or panic
// is logged, for the same update would only fail again. Updates of kinds we do
// not read are passed over.
type Poller struct {
	Client *Client
	// Handle serves one update. It must be idempotent, and return soon after its
	// context's end, which comes after 30 s or late in a stop.
	Handle  func(ctx context.Context, u Update) error
	Offsets OffsetKeeper
	Polled  func(error)   // told how every poll ended, but one that a stop cut short; may be nil
	Timeout time.Duration // of one poll; MaxPoll when 0
	Allowed []Kind        // AllowedUpdates when nil
	Log     *slog.Logger  // the client's when nil
}

// Run polls until ctx ends, then returns nil within two seconds, in which
// handlers may finish; what was handled by then is saved. It returns an error
// only if the offset cannot be loaded, or ErrUnauthorized. Whatever else goes
// wrong is logged and tried again.
func (p *Poller) Run(ctx context.Context) error {
	r := run{Poller: *p, done: make(map[int64]bool)}
	if r.Timeout <= 0 {
		r.Timeout = MaxPoll
	}
	if r.Allowed == nil {
		r.Allowed = AllowedUpdates
	}
	if r.Log == nil {
		r.Log = r.Client.log
	}
	var err error
	if r.offset, err = r.Offsets.LoadOffset(ctx); ctx.Err() != nil {
		return nil
	} else if err != nil {
		return fmt.Errorf("load poll offset: %w", err)
	}
	for ctx.Err() == nil {
		if err := r.turn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run is the state of one Run.
type run struct {
	Poller
	offset int64
	delay  time.Duration // of the last retry; 0 after success
	done   map[int64]bool
	order  []int64 // ids in done, oldest first
}

// turn is one poll with what follows from it.
func (r *run) turn(ctx context.Context) error {
	began := r.Client.now()
	updates, err := r.Client.Updates(ctx, r.offset, r.Timeout, r.Allowed)
	if r.Polled != nil && ctx.Err() == nil {
		r.Polled(err)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, ErrUnauthorized):
		return fmt.Errorf("poll for updates: %w", err)
	case err != nil:
		if webhookIsSet(err) {
			r.makeWay(ctx)
		}
		r.rest(ctx, r.retryDelay(err))
		return nil
	}
	r.delay = 0
	next := r.serve(ctx, updates)
	if next == r.offset {
		// A server that does not wait must not make us spin.
		r.rest(ctx, emptyPause-r.Client.now().Sub(began))
		return nil
	}
	r.offset = next
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit-stopGrace)
	defer cancel()
	if err := r.Offsets.SaveOffset(saving, next); err != nil {
		// Not fatal: Telegram too remembers what the next poll confirms.
		r.Log.Error("poll offset was not saved", "err", err)
	}
	return nil
}

// webhookIsSet says whether a poll was refused because updates go elsewhere.
func webhookIsSet(err error) bool {
	var e *Error
	return errors.Is(err, ErrConflict) && errors.As(err, &e) && strings.Contains(e.Description, "webhook is active")
}

// makeWay takes away a webhook that an earlier life of this bot has left.
// Updates that wait stay.
func (r *run) makeWay(ctx context.Context) {
	if err := r.Client.DeleteWebhook(ctx); err != nil {
		r.Log.Warn("webhook not deleted", "err", err)
	}
}

// retryDelay tells, and logs, how long to rest after a failed poll.
func (r *run) retryDelay(err error) time.Duration {
	var e *Error
	switch {
	case webhookIsSet(err):
		r.Log.Error("a webhook was set for this token and is taken away to poll; if it comes back, another instance sets it: stop one of them")
		return jitter(firstRetry)
	case errors.Is(err, ErrConflict):
		r.Log.Error("a second instance polls with this token, or a webhook is set: stop one of them", "err", err)
		return jitter(conflictRetry)
	case errors.Is(err, ErrRateLimited) && errors.As(err, &e):
		r.Log.Warn("telegram asks to wait before the next poll", "seconds", int(e.RetryAfter.Seconds()))
		return e.RetryAfter
	}
	r.delay = min(max(2*r.delay, firstRetry), longestRetry)
	r.Log.Warn("poll for updates", "err", err)
	return jitter(r.delay)
}

// jitter spreads d over its upper half, so that instances do not retry in step.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func (r *run) rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// serve hands a batch over and returns the offset that confirms what was
// handled: all of it, unless ctx ended.
func (r *run) serve(ctx context.Context, updates []Update) int64 {
	lanes, pending := r.sort(updates)
	handled := r.handleAll(ctx, lanes)
	// Confirmed is what lies before the first update not handled.
	slices.SortFunc(updates, func(a, b Update) int { return cmp.Compare(a.ID, b.ID) })
	next := r.offset
	for _, u := range updates {
		if pending[u.ID] && !handled[u.ID] {
			break
		}
		// An id below the offset is new after a quiet week; else it came twice.
		if u.ID > 0 && !(r.done[u.ID] && u.ID < r.offset) {
			next = u.ID + 1
		}
	}
	for id := range handled {
		r.remember(id)
	}
	return next
}

// sort makes a lane per chat of what is to be handled, in the order it came.
func (r *run) sort(updates []Update) (lanes [][]Update, pending map[int64]bool) {
	byChat := make(map[int64]int)
	pending = make(map[int64]bool)
	for _, u := range updates {
		if r.done[u.ID] || pending[u.ID] {
			continue
		}
		if u.Kind() == KindUnknown {
			r.Log.Debug("update of an unknown kind", "update", u.ID)
			continue
		}
		pending[u.ID] = true
		i, ok := byChat[u.ChatID()]
		if !ok {
			i = len(lanes)
			byChat[u.ChatID()] = i
			lanes = append(lanes, nil)
		}
		lanes[i] = append(lanes[i], u)
	}
	return lanes, pending
}

// handleAll serves the lanes and returns the ids that were handled. When ctx
// ends no further update is begun; those begun have stopGrace to finish, then
// their context ends, and stopLimit, then they are left behind.
func (r *run) handleAll(ctx context.Context, lanes [][]Update) map[int64]bool {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var mu sync.Mutex
	handled := make(map[int64]bool)
	todo := make(chan []Update, len(lanes))
	for _, lane := range lanes {
		todo <- lane
	}
	close(todo)
	var group sync.WaitGroup
	for range min(handlersAtOnce, len(lanes)) {
		group.Go(func() {
			for lane := range todo {
				for _, u := range lane {
					if ctx.Err() != nil {
						return
					}
					if r.handle(working, u) {
						mu.Lock()
						handled[u.ID] = true
						mu.Unlock()
					}
				}
			}
		})
	}
	finished := make(chan struct{})
	go func() { group.Wait(); close(finished) }()

	select {
	case <-finished:
		return handled
	case <-ctx.Done():
	}
	grace, limit := time.NewTimer(stopGrace), time.NewTimer(stopLimit)
	defer grace.Stop()
	defer limit.Stop()
	for {
		select {
		case <-finished:
			return handled
		case <-grace.C:
			cancel()
		case <-limit.C:
			r.Log.Error("handlers did not stop in time")
			mu.Lock()
			defer mu.Unlock()
			left := make(map[int64]bool, len(handled))
			for id := range handled {
				left[id] = true
			}
			return left
		}
	}
}

// handle serves one update and tells whether it is done with: not if the stop
// cut it short.
func (r *run) handle(ctx context.Context, u Update) (handled bool) {
	limited, cancel := context.WithTimeout(ctx, handleLimit)
	defer cancel()
	handled, err := handleOnce(limited, r.Log, r.Handle, u)
	return handled && (err == nil || ctx.Err() == nil)
}

// handleOnce serves one update and logs how that failed. A panic is logged with
// its stack, of its value only what cannot quote somebody's words, and counts
// as handled: the same update would only panic again.
func handleOnce(ctx context.Context, log *slog.Logger, handle func(context.Context, Update) error, u Update) (handled bool, err error) {
	log = log.With("update", u.ID, "kind", string(u.Kind()))
	defer func() {
		if v := recover(); v != nil {
			what := fmt.Sprintf("%T", v)
			if e, ok := v.(runtime.Error); ok {
				what = e.Error()
			}
			log.Error("handler panicked", "panic", what, "stack", string(debug.Stack()))
			handled, err = true, nil
		}
	}()
	if err := handle(ctx, u); err != nil {
		log.Error("handle update", "err", err)
		return true, err
	}
	return true, nil
}

// remember notes a handled id and forgets the oldest.
func (r *run) remember(id int64) {
	r.done[id] = true
	r.order = append(r.order, id)
	if len(r.order) > rememberedIDs {
		delete(r.done, r.order[0])
		r.order = r.order[1:]
	}
}
