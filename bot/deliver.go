package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// deliverShelf is where deliveries wait and what became of them stands.
type deliverShelf interface {
	RecoverDeliveries(ctx context.Context) (int, error)
	WaitingDeliveries(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	StartDelivery(ctx context.Context, id DeliveryID) error
	EndDelivery(ctx context.Context, d Delivery) error
	closedShelf
	MigrateChat(ctx context.Context, from, to int64) error
	DeliveriesArrived() <-chan struct{}
}

// sender puts one message on the wire when the limiter lets it.
type sender interface {
	// SendMarked is Send with a last word: mark runs after the limiter's leave
	// and before the first byte; its error cancels the sending.
	SendMarked(ctx context.Context, p telegram.Priority, to telegram.To, m telegram.Message, mark func(context.Context) error) (int64, error)
	// EditMarked replaces a message in the same way.
	EditMarked(ctx context.Context, p telegram.Priority, to telegram.To, message int64, m telegram.Message, mark func(context.Context) error) error
	// Ready is the earliest moment at which the chat may be sent to.
	Ready(chat int64) time.Time
}

// A Deliverer sends what waits, most urgent first. It is a lane: only one
// replica at a time runs it, so that one limiter sees everything.
type Deliverer struct {
	send    sender
	shelf   deliverShelf
	catalog *Catalog
	now     func() time.Time
	log     *slog.Logger

	watch deliveryWatch // may be nil

	mu    sync.Mutex
	held  map[DeliveryID]bool // being sent by us
	chats map[ChatID]bool     // of those: one message of a chat at a time
	fatal chan error
	ended chan struct{} // a sending ended
}

// NewDeliverer returns a deliverer that is ready to Run.
func NewDeliverer(send sender, shelf deliverShelf, catalog *Catalog, now func() time.Time, log *slog.Logger) *Deliverer {
	return &Deliverer{
		send: send, shelf: shelf, catalog: catalog, now: now, log: log,
		held: map[DeliveryID]bool{}, chats: map[ChatID]bool{},
		fatal: make(chan error, 1), ended: make(chan struct{}, 1),
	}
}

// A deliveryWatch is told of every delivery that ended, after that was written
// down; from any goroutine.
type deliveryWatch interface {
	Delivered(d Delivery, now time.Time)
}

// WatchedBy lets somebody count what ends; to be called before Run.
func (d *Deliverer) WatchedBy(w deliveryWatch) *Deliverer {
	d.watch = w
	return d
}

const (
	sendings     = 16              // at a time: 30 a second at half a second's latency
	idlePoll     = time.Second     // between looks at the shelf when nothing wakes us
	stopGrace    = 3 * time.Second // for messages on the wire when we stop
	heldBack     = 2 * time.Second // a chat that must wait longer gives its place to others
	maxAmbiguous = 2               // lost answers after which a delivery ends as unknown
	maxUnsent    = 300             // attempts that did not leave, a day of them, after which an edition or broadcast is given up
)

// Run sends until ctx ends, then waits a few seconds for what is on the wire.
// It returns an error only when going on is pointless: the token is refused or
// the shelf is unusable.
func (d *Deliverer) Run(ctx context.Context) error {
	n, err := d.shelf.RecoverDeliveries(ctx)
	if err != nil {
		return fmt.Errorf("recover deliveries: %w", err)
	}
	if n > 0 {
		d.log.Warn("deliveries were on the wire when we stopped; sent once more", "count", n)
	}
	ctx, end := context.WithCancel(ctx)
	wire, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var wires sync.WaitGroup
	defer func() {
		end() // whoever waits for the limiter still
		late := time.AfterFunc(stopGrace, cancel)
		defer late.Stop()
		wires.Wait()
	}()
	for {
		if err := d.dispatch(ctx, wire, &wires); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-d.fatal:
			return err
		case <-d.ended:
		case <-d.shelf.DeliveriesArrived():
		case <-time.After(idlePoll):
		}
	}
}

// dispatch begins to send the most urgent deliveries whose chats are free.
func (d *Deliverer) dispatch(ctx, wire context.Context, wires *sync.WaitGroup) error {
	busy := d.busy()
	if busy >= sendings {
		return nil
	}
	due, err := d.shelf.WaitingDeliveries(ctx, d.now(), sendings+busy)
	if err != nil {
		return fmt.Errorf("look for deliveries: %w", err)
	}
	for _, w := range due {
		if busy >= sendings {
			break
		}
		if !d.hold(w) {
			continue
		}
		if d.heldBack(&w) {
			err := d.shelf.EndDelivery(ctx, w)
			d.release(w)
			if err != nil && !errors.Is(err, digest.ErrNotFound) {
				return fmt.Errorf("hold delivery %d back: %w", w.ID, err)
			}
			continue
		}
		busy++
		wires.Go(func() { d.deliver(ctx, wire, w) })
	}
	return nil
}

// heldBack says whether a delivery must wait, and puts it off until then: for
// the end of its chat's quiet hours, or for the limiter, longer than it should
// stand in the way of others. It drops a broadcast's whose reader took to
// wanting no announcements since it was made.
func (d *Deliverer) heldBack(w *Delivery) bool {
	now := d.now()
	if w.Declined {
		w.State, w.Reason = Dropped, ReasonDeclined
		return true
	}
	if until := w.quietUntil(now); !until.IsZero() {
		w.NotBefore, w.Reason = until, HeldQuiet
		return true
	}
	if ready := d.send.Ready(w.To.Telegram); ready.Sub(now) > heldBack {
		w.NotBefore, w.Reason = ready, "" // whatever held it before: now it keeps what follows waiting
		return true
	}
	return false
}

func (d *Deliverer) busy() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.held)
}

func (d *Deliverer) hold(w Delivery) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[w.ID] || d.chats[w.Chat] {
		return false
	}
	d.held[w.ID], d.chats[w.Chat] = true, true
	return true
}

func (d *Deliverer) release(w Delivery) {
	d.mu.Lock()
	delete(d.held, w.ID)
	delete(d.chats, w.Chat)
	d.mu.Unlock()
	select {
	case d.ended <- struct{}{}:
	default:
	}
}

// deliver sends one message, marked as on the wire, and writes down what became
// of it. Waiting for the limiter ends with ctx; what is on the wire ends with
// wire.
func (d *Deliverer) deliver(ctx, wire context.Context, w Delivery) {
	defer d.release(w)
	id, err := d.put(ctx, wire, w)
	if errors.Is(err, telegram.ErrEntities) && w.Message.Copy == nil {
		d.log.Error("entities refused; sent once more as plain text", "delivery", w.ID, "err", err)
		w.Message = w.Message.Plain()
		id, err = d.show(wire, w, nil)
	}
	if errors.Is(err, errNotStarted) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return // as it was: still waiting, or ended by somebody else
	}
	end, keep := w.after(id, err, d.now())
	switch err := d.settle(wire, end, keep); {
	case err == nil && d.watch != nil && end.State != Waiting:
		d.watch.Delivered(end, d.now())
	case err != nil && !errors.Is(err, digest.ErrNotFound): // erased meanwhile: nothing to note
		select {
		case d.fatal <- fmt.Errorf("write down delivery %d: %w", w.ID, err):
		default:
		}
	}
	if end.State == Failed || end.State == Unknown {
		d.log.Warn("delivery ended", "delivery", w.ID, "state", string(end.State), "err", err)
	}
	if errors.Is(err, telegram.ErrUnauthorized) {
		select {
		case d.fatal <- err:
		default:
		}
	}
}

// errNotStarted says that a delivery was not waiting any more.
var errNotStarted = errors.New("delivery is not waiting")

// put sends a delivery once and marks it when its turn has come.
func (d *Deliverer) put(ctx, wire context.Context, w Delivery) (int64, error) {
	started := false
	limited, cancel := context.WithCancel(wire)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { cancel() }) // while the limiter makes us wait
	defer stop()
	id, err := d.show(limited, w, func(context.Context) error {
		if !stop() {
			return errNotStarted
		}
		started = true
		return d.shelf.StartDelivery(wire, w.ID)
	})
	if errors.Is(err, digest.ErrNotFound) || err != nil && !started {
		return id, errors.Join(errNotStarted, err)
	}
	return id, err
}

// show puts a delivery's message into its chat: a new one, or in place of the
// one it edits while that is there.
func (d *Deliverer) show(ctx context.Context, w Delivery, mark func(context.Context) error) (int64, error) {
	if w.Edits != 0 {
		err := d.send.EditMarked(ctx, w.Kind.priority(), to(w.To), w.Edits, w.Message, mark)
		if !errors.Is(err, telegram.ErrMessageGone) {
			return w.Edits, err
		}
		mark = nil // it was on the wire
	}
	return d.send.SendMarked(ctx, w.Kind.priority(), to(w.To), w.Message, mark)
}

// settle writes the outcome and acts on what it says about the chat.
func (d *Deliverer) settle(ctx context.Context, end Delivery, chat chatNews) error {
	switch {
	case chat.movedTo != 0:
		if err := d.shelf.MigrateChat(ctx, end.To.Telegram, chat.movedTo); err != nil {
			return err
		}
	case chat.pause != "":
		var thread *int64
		if chat.pause == PausedNoThread {
			thread = &end.To.Thread
		}
		if err := closeChat(ctx, d.shelf, d.catalog, end.To.Telegram, thread, chat.pause, d.now()); err != nil {
			return err
		}
	}
	return d.shelf.EndDelivery(ctx, end)
}

// chatNews is what an answer says about the chat itself.
type chatNews struct {
	movedTo int64
	pause   PauseReason
}

// after is the delivery as an answer leaves it, and what the answer says about
// its chat. This is the one table of outcomes; which answer means what stands
// in bot/telegram.
func (w Delivery) after(id int64, err error, now time.Time) (Delivery, chatNews) {
	var t *telegram.Error
	errors.As(err, &t)
	w.Attempts++
	switch {
	case err == nil:
		w.State, w.Sent, w.Reason = Sent, id, ""
		return w, chatNews{}
	case t != nil && t.MigrateTo != 0:
		return w.again(err, now), chatNews{movedTo: t.MigrateTo}
	case errors.Is(err, telegram.ErrRateLimited):
		return w.again(err, now.Add(retryAfter(t))), chatNews{}
	case errors.Is(err, telegram.ErrAmbiguous), errors.Is(err, telegram.ErrServer):
		w.Ambiguous++
		if w.Ambiguous >= maxAmbiguous {
			return w.end(Unknown, err), chatNews{}
		}
		return w.again(err, now.Add(2*time.Second)), chatNews{}
	case errors.Is(err, telegram.ErrNotSent), errors.Is(err, telegram.ErrUnauthorized):
		if w.Attempts >= maxUnsent && w.Kind >= EditionDelivery {
			return w.end(Failed, err), chatNews{}
		}
		return w.again(err, now.Add(backOff(w.Attempts))), chatNews{}
	}
	why := pauseFor(err)
	if why == PausedNotFound && w.Message.Copy != nil {
		why = "" // perhaps it is the original's chat that is not found
	}
	return w.end(Failed, err), chatNews{pause: why}
}

// retryAfter is how long a 429 asks to wait.
func retryAfter(t *telegram.Error) time.Duration {
	if t == nil {
		return time.Second
	}
	return t.RetryAfter
}

func (w Delivery) again(err error, at time.Time) Delivery {
	w.State, w.NotBefore, w.Reason = Waiting, at, reasonOf(err)
	return w
}

func (w Delivery) end(s DeliveryState, err error) Delivery {
	w.State, w.Reason = s, reasonOf(err)
	return w
}

// reasonOf is what is kept of an error: Telegram's own description, which
// holds neither token nor text.
func reasonOf(err error) string {
	var t *telegram.Error
	if errors.As(err, &t) && t.Description != "" {
		return shorten(t.Description, 200)
	}
	return shorten(err.Error(), 200)
}

// pauseFor is why an answer pauses the chat, "" if it does not.
func pauseFor(err error) PauseReason {
	var t *telegram.Error
	switch {
	case errors.Is(err, telegram.ErrBlocked):
		if errors.As(err, &t) && t.Reason == telegram.ReasonBlocked {
			return PausedBlocked
		}
		return PausedGone
	case errors.Is(err, telegram.ErrChatNotFound):
		return PausedNotFound
	case errors.Is(err, telegram.ErrNoRights):
		return PausedNoRights
	case errors.Is(err, telegram.ErrThreadGone):
		return PausedNoThread
	}
	return ""
}

// backOff grows from a second to five minutes.
func backOff(attempts int) time.Duration {
	return min(time.Second<<min(max(attempts-1, 0), 9), 5*time.Minute)
}

func (k DeliveryKind) priority() telegram.Priority {
	switch k {
	case NoticeDelivery:
		return telegram.Interactive
	case AlertDelivery:
		return telegram.Alert
	case EditionDelivery:
		return telegram.Edition
	}
	return telegram.Broadcast
}
