package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	firstRetry    = time.Second
	longestRetry  = 30 * time.Second
	conflictRetry = 15 * time.Second       // for whoever polls beside us to be stopped
	emptyPause    = 200 * time.Millisecond // between empty answers that did not wait
	saveEvery     = time.Second            // between two saves of the offset while there is no rest
	saveTime      = 300 * time.Millisecond // for the last one

	// While an update is being handled every poll answers at once, for it is not
	// confirmed: we poll beside it so often, slower while there is no news.
	quickLook = 50 * time.Millisecond
	slowLook  = 250 * time.Millisecond
)

// OffsetKeeper remembers where to go on polling: the id after the last update
// handled; 0 before the first.
type OffsetKeeper interface {
	LoadOffset(ctx context.Context) (int64, error)
	SaveOffset(ctx context.Context, offset int64) error
}

// Poller takes updates from Telegram and hands them over, at least once each:
// those of one chat in order, of different chats side by side. One that takes
// long holds up its own chat only: the others' updates are taken and handled
// meanwhile, as far as Telegram shows them, which is 100 from the first that is
// not confirmed.
//
// An update counts as handled when Handle has returned, whatever it returned: an
// error or panic is logged, for the same update would only fail again. Confirmed
// is what lies before the first that is not handled. Updates of kinds we do not
// read are passed over.
//
// It holds at most 100 updates, and serves at most 40 chats at one time.
type Poller struct {
	Client *Client
	// Handle serves one update. It must be idempotent, and return soon after its
	// context's end, which comes after 30 s, after 5 s when all others wait for
	// it (the cause of both is ErrLate), or late in a stop.
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
	r := run{Poller: *p}
	if r.Timeout <= 0 {
		r.Timeout = MaxPoll
	}
	if r.Allowed == nil {
		r.Allowed = AllowedUpdates
	}
	if r.Log == nil {
		r.Log = r.Client.log
	}
	offset, err := r.Offsets.LoadOffset(ctx)
	if ctx.Err() != nil {
		return nil
	} else if err != nil {
		return fmt.Errorf("load poll offset: %w", err)
	}
	r.saved = offset
	r.window = newWindow(ctx, offset, r.Handle, r.Log)
	for err == nil && ctx.Err() == nil {
		err = r.turn(ctx)
	}
	r.window.close()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	r.save(last)
	return err
}

// run is the state of one Run.
type run struct {
	Poller
	window  *window
	saved   int64 // the offset on the shelf
	savedAt time.Time
	delay   time.Duration // of the last retry; 0 after success
	look    time.Duration // of the last look beside handlers
}

// turn is one poll with what follows from it.
func (r *run) turn(ctx context.Context) error {
	began := r.Client.now()
	offset, busy := r.window.offset()
	if !busy || began.Sub(r.savedAt) >= saveEvery {
		r.save(ctx)
	}
	updates, err := r.Client.Updates(ctx, offset, r.Timeout, r.Allowed)
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
		rest(ctx, r.retryDelay(err))
		return nil
	}
	r.delay = 0
	news := r.window.take(updates)
	r.look = min(2*r.look, slowLook)
	if news || r.look == 0 {
		r.look = quickLook
	}
	if next, busy := r.window.offset(); !news && !busy && next == offset {
		// A server that does not wait must not make us spin.
		rest(ctx, emptyPause-r.Client.now().Sub(began))
	}
	r.window.wait(ctx, r.look)
	return nil
}

// save keeps the offset, unless it is on the shelf.
func (r *run) save(ctx context.Context) {
	offset, _ := r.window.offset()
	if offset == r.saved {
		return
	}
	if err := r.Offsets.SaveOffset(ctx, offset); err != nil {
		// Not fatal: Telegram too remembers what the next poll confirms.
		if ctx.Err() == nil {
			r.Log.Error("poll offset was not saved", "err", err)
		}
		return
	}
	r.saved, r.savedAt = offset, r.Client.now()
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

func rest(ctx context.Context, d time.Duration) {
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
