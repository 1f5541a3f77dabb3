package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

const (
	// windowSize is how many updates Telegram shows from the offset on.
	windowSize = 100
	// handlersAtOnce bounds how many chats are served at one time, as many as
	// with a webhook.
	handlersAtOnce = WebhookConnections

	// handleLimit ends the context of one handler: one that waits for a paused
	// chat must not hold up all that follow.
	handleLimit = 30 * time.Second
	// hurryAfter ends it when the window is full, so that nobody else is seen
	// before the first in it is done.
	hurryAfter = 5 * time.Second
	// leaveAfter is how long after its context's end a handler is waited for.
	leaveAfter = 5 * time.Second

	// On a stop handlers have so long until their context ends, and until they
	// are left behind.
	stopGrace = 1300 * time.Millisecond
	stopLimit = 1600 * time.Millisecond

	// rememberedIDs bounds how many confirmed updates are recognised when they
	// come again: more than a window.
	rememberedIDs = 512
)

// ErrLate is the cause of a handler's context that ended because the update
// took too long. It will not come again.
var ErrLate = errors.New("the update took too long")

// A window is the updates that were taken from Telegram and are not confirmed,
// with a lane for each chat that has some to be handled. It is safe for
// concurrent use.
type window struct {
	do  func(ctx context.Context, u Update) error
	log *slog.Logger
	ctx context.Context // of all handlers; ends late in a stop
	cut context.CancelFunc

	mu     sync.Mutex
	next   int64    // confirms all that was let go
	held   []*taken // in their order; the first is not done
	byID   map[int64]*taken
	known  map[int64]bool     // let go of late
	order  []int64            // ids in known, oldest first
	lanes  map[int64][]*taken // by chat: what is not begun, while the chat is served or queued
	queue  []int64            // chats to be served next
	busy   map[*taken]bool    // being handled
	closed bool
	moved  chan struct{} // told when an update is done
}

// taken is an update on its way.
type taken struct {
	Update
	done    bool
	began   time.Time
	hurry   context.CancelCauseFunc
	hurried bool
	leave   *time.Timer
}

func newWindow(ctx context.Context, offset int64, do func(context.Context, Update) error, log *slog.Logger) *window {
	w := &window{
		do: do, log: log, next: offset,
		byID: map[int64]*taken{}, known: map[int64]bool{}, lanes: map[int64][]*taken{}, busy: map[*taken]bool{},
		moved: make(chan struct{}, 1),
	}
	w.ctx, w.cut = context.WithCancel(context.WithoutCancel(ctx))
	return w
}

// offset is what confirms all that may be confirmed, and whether anything is
// held beyond it.
func (w *window) offset() (next int64, busy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 {
		return w.next, false
	}
	return min(w.next, w.held[0].ID), true // the latter is less after a quiet week
}

// take lets new updates of a poll in, and says whether there were any.
func (w *window) take(updates []Update) (news bool) {
	slices.SortStableFunc(updates, func(a, b Update) int { return cmp.Compare(a.ID, b.ID) })
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range updates {
		switch {
		case u.ID <= 0: // no offset can pass it
			continue
		case w.byID[u.ID] != nil, len(w.held) >= windowSize: // the latter come again
			continue
		case w.known[u.ID] && u.ID < w.next: // else it is new after a quiet week
			continue
		}
		t := &taken{Update: u, done: w.known[u.ID] || u.Kind() == KindUnknown}
		w.held, w.byID[u.ID], news = append(w.held, t), t, true
		if t.done {
			w.log.Debug("update passed over", "update", u.ID, "kind", string(u.Kind()))
			continue
		}
		chat := u.ChatID()
		lane, served := w.lanes[chat]
		w.lanes[chat] = append(lane, t)
		if !served {
			w.queue = append(w.queue, chat)
		}
	}
	w.advance()
	w.begin()
	return news
}

// advance lets go of what may be confirmed.
func (w *window) advance() {
	for len(w.held) > 0 && w.held[0].done {
		id := w.held[0].ID
		w.held = w.held[1:]
		delete(w.byID, id)
		w.next = id + 1
		if w.known[id] {
			continue
		}
		w.known[id] = true
		w.order = append(w.order, id)
		if len(w.order) > rememberedIDs {
			delete(w.known, w.order[0])
			w.order = w.order[1:]
		}
	}
}

// begin serves chats that are queued, an update of each in turn.
func (w *window) begin() {
	for !w.closed && len(w.queue) > 0 && len(w.busy) < handlersAtOnce {
		chat := w.queue[0]
		t := w.lanes[chat][0]
		w.queue, w.lanes[chat] = w.queue[1:], w.lanes[chat][1:]
		ctx, hurry := context.WithCancelCause(w.ctx)
		t.began, t.hurry = time.Now(), hurry
		t.leave = time.AfterFunc(handleLimit+leaveAfter, func() { w.finish(t, true, "handler did not end and was left behind") })
		w.busy[t] = true
		go w.handle(ctx, t)
	}
}

// handle serves one update. It is not done with if the stop cut it short.
func (w *window) handle(ctx context.Context, t *taken) {
	ctx, cancel := context.WithTimeoutCause(ctx, handleLimit, ErrLate)
	defer cancel()
	err := handleOnce(ctx, w.log, w.do, t.Update)
	w.finish(t, err == nil || w.ctx.Err() == nil, "")
}

// finish ends an update's time in its lane. Only the first end counts.
func (w *window) finish(t *taken, done bool, complaint string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.busy[t] {
		return
	}
	delete(w.busy, t)
	t.leave.Stop()
	t.hurry(nil)
	t.done = done
	if complaint != "" {
		w.log.Error(complaint, "update", t.ID, "kind", string(t.Kind()))
	}
	chat := t.ChatID()
	if len(w.lanes[chat]) == 0 {
		delete(w.lanes, chat)
	} else {
		w.queue = append(w.queue, chat)
	}
	w.advance()
	w.begin()
	select {
	case w.moved <- struct{}{}:
	default:
	}
}

// wait returns when nothing is held, when ctx ends, or after d if there is room
// for more. While there is none, who has kept all others waiting is hurried.
func (w *window) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	over := false
	for {
		held, soonest := w.pressed()
		if held == 0 || over && held < windowSize {
			return
		}
		if over {
			timer.Reset(soonest)
		}
		select {
		case <-w.moved:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			return
		}
	}
}

// pressed counts what is held. If the window is full, it ends handlers that had
// their time, and tells when the next will have had it.
func (w *window) pressed() (held int, soonest time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	soonest = hurryAfter
	if len(w.held) < windowSize {
		return len(w.held), soonest
	}
	for t := range w.busy {
		if left := hurryAfter - time.Since(t.began); left > 0 {
			soonest = min(soonest, left)
		} else if !t.hurried {
			t.hurried = true
			t.hurry(ErrLate)
			t.leave.Reset(leaveAfter)
		}
	}
	return len(w.held), soonest
}

// close begins no further handler and waits for those begun, which have
// stopGrace to finish, then their context ends, and stopLimit, then they are
// left behind.
func (w *window) close() {
	defer w.cut()
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	grace, limit := time.NewTimer(stopGrace), time.NewTimer(stopLimit)
	defer grace.Stop()
	defer limit.Stop()
	for w.inHand() > 0 {
		select {
		case <-w.moved:
		case <-grace.C:
			w.cut()
		case <-limit.C:
			w.log.Error("handlers did not stop in time")
			w.forsake()
			return
		}
	}
}

func (w *window) inHand() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.busy)
}

// forsake lets what is still being handled come again.
func (w *window) forsake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for t := range w.busy {
		t.leave.Stop()
		delete(w.busy, t)
	}
}

// handleOnce serves one update and logs how that failed. A panic is logged with
// its stack, of its value only what cannot quote somebody's words, and is no
// error: the same update would only panic again.
func handleOnce(ctx context.Context, log *slog.Logger, handle func(context.Context, Update) error, u Update) (err error) {
	log = log.With("update", u.ID, "kind", string(u.Kind()))
	defer func() {
		if v := recover(); v != nil {
			what := fmt.Sprintf("%T", v)
			if e, ok := v.(runtime.Error); ok {
				what = e.Error()
			}
			log.Error("handler panicked", "panic", what, "stack", string(debug.Stack()))
			err = nil
		}
	}()
	if err = handle(ctx, u); err != nil {
		log.Error("handle update", "err", err)
	}
	return err
}
