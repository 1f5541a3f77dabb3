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
	held  map[DeliveryID]*holding // being sent by us
	chats map[int64]*holding      // the same by Telegram id: one message to a chat, or to all its threads, at a time
	fatal chan error
	waits int           // of those held: not started yet
	freed chan struct{} // a place or a chat is free
}

// NewDeliverer returns a deliverer that is ready to Run.
func NewDeliverer(send sender, shelf deliverShelf, catalog *Catalog, now func() time.Time, log *slog.Logger) *Deliverer {
	return &Deliverer{
		send: send, shelf: shelf, catalog: catalog, now: now, log: log,
		held: map[DeliveryID]*holding{}, chats: map[int64]*holding{},
		fatal: make(chan error, 1), freed: make(chan struct{}, 1),
	}
}

// A deliveryWatch is told of every answer by the name of its line in the table
// of outcomes, and of every delivery that ended, after that was written down;
// from any goroutine.
type deliveryWatch interface {
	Answered(name string)
	Delivered(d Delivery, now time.Time)
}

// WatchedBy lets somebody count what ends; to be called before Run.
func (d *Deliverer) WatchedBy(w deliveryWatch) *Deliverer {
	d.watch = w
	return d
}

const (
	places    = 16              // for those that wait for the limiter
	sendings  = 64              // at a time, on the wire and waiting: 30 a second at two seconds' latency
	mostRead  = 1024            // deliveries looked at to find as many
	idlePoll  = time.Second     // between looks at the shelf when nothing wakes us
	stopGrace = 3 * time.Second // for messages on the wire when we stop
	heldBack  = 2 * time.Second // a chat that must wait longer gives its place to others
)

// Run sends until ctx ends, then waits a few seconds for what is on the wire.
// It returns an error only when going on is pointless: the token is refused or
// the shelf is unusable.
func (d *Deliverer) Run(ctx context.Context) error {
	n, err := d.shelf.RecoverDeliveries(ctx)
	if ctx.Err() != nil {
		return nil
	}
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
		case <-d.freed:
		case <-d.shelf.DeliveriesArrived():
		case <-time.After(idlePoll):
		}
	}
}

// dispatch begins to send the most urgent deliveries whose chats are free. When
// those it reads are of chats that are not, such as the threads of one forum, it
// reads on.
func (d *Deliverer) dispatch(ctx, wire context.Context, wires *sync.WaitGroup) error {
	for limit, more := 2*places, true; more; limit *= 4 {
		due, err := d.shelf.WaitingDeliveries(ctx, d.now(), min(limit, mostRead))
		if err != nil {
			return fmt.Errorf("look for deliveries: %w", err)
		}
		for _, w := range due {
			place, turn := d.hold(ctx, w)
			if place == nil {
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
			wires.Go(func() { d.deliver(turn, wire, w, place) })
		}
		more = len(due) == limit && d.hasPlace()
	}
	return nil
}

// heldBack says whether a delivery must wait, and puts it off until then: for
// the end of its chat's quiet hours, or for the limiter, longer than it should
// stand in the way of others. It drops what its reader took to not wanting since it
// was made: announcements, or alerts of the topic.
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

func (d *Deliverer) hasPlace() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.room()
}

// room says whether another delivery may be held; d.mu is held.
func (d *Deliverer) room() bool { return d.waits < places && len(d.held) < sendings }

// A holding is a delivery that we are about to send, or that is on the wire.
type holding struct {
	kind    DeliveryKind
	started bool
	cancel  context.CancelFunc // gives its place up, while it was not started
}

// hold takes one of the places, and the chat, for a delivery; nil when they are
// taken. What waits for the limiter makes way for what is more urgent: else a
// chat whose broadcast waits for thousands of editions would not get its own.
// The turn ends with ctx, or when it has to make way.
func (d *Deliverer) hold(ctx context.Context, w Delivery) (place *holding, turn context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[w.ID] != nil {
		return nil, nil
	}
	before := d.chats[w.To.Telegram]
	if before == nil && !d.room() {
		for _, h := range d.held {
			if !h.started && (before == nil || h.kind > before.kind) {
				before = h
			}
		}
	}
	switch {
	case before != nil && !before.started && before.kind > w.Kind:
		before.cancel()
		before.kind = 0 // once
		return nil, nil
	case before != nil, !d.room():
		return nil, nil
	}
	turn, cancel := context.WithCancel(ctx)
	place = &holding{kind: w.Kind, cancel: cancel}
	d.held[w.ID], d.chats[w.To.Telegram] = place, place
	d.waits++
	return place, turn
}

// begin counts a delivery as started.
func (d *Deliverer) begin(place *holding) {
	d.mu.Lock()
	if !place.started {
		place.started = true
		d.waits--
	}
	d.mu.Unlock()
	d.free()
}

func (d *Deliverer) release(w Delivery) {
	d.mu.Lock()
	place := d.held[w.ID]
	place.cancel()
	delete(d.held, w.ID)
	delete(d.chats, w.To.Telegram)
	d.mu.Unlock()
	d.begin(place)
}

// free asks for more to send, once half of the places are free: a look at the
// shelf costs more than what it finds.
func (d *Deliverer) free() {
	d.mu.Lock()
	enough := d.waits > places/2
	d.mu.Unlock()
	if enough {
		return
	}
	select {
	case d.freed <- struct{}{}:
	default:
	}
}

// deliver sends one message, marked as on the wire, and writes down what became
// of it. Waiting for the limiter ends with its turn; what is on the wire ends
// with wire.
func (d *Deliverer) deliver(turn, wire context.Context, w Delivery, place *holding) {
	defer d.release(w)
	id, err := d.put(turn, wire, w, place)
	if errors.Is(err, telegram.ErrEntities) && w.Message.Copy == nil {
		d.log.Error("entities refused; sent once more as plain text", "delivery", w.ID, "err", err)
		d.answered(err)
		w.Message = w.Message.Plain()
		id, err = d.show(wire, w, nil)
	}
	if errors.Is(err, errNotStarted) || wire.Err() != nil && errors.Is(err, wire.Err()) {
		return // as it was: still waiting, or ended by somebody else
	}
	d.answered(err)
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

func (d *Deliverer) answered(err error) {
	if d.watch != nil {
		d.watch.Answered(outcomeOf(err).name)
	}
}

// errNotStarted says that a delivery was not waiting any more.
var errNotStarted = errors.New("delivery is not waiting")

// put sends a delivery once and marks it when its turn has come.
func (d *Deliverer) put(turn, wire context.Context, w Delivery, place *holding) (int64, error) {
	started := false
	limited, cancel := context.WithCancel(wire)
	defer cancel()
	stop := context.AfterFunc(turn, func() { cancel() }) // while the limiter makes us wait
	defer stop()
	id, err := d.show(limited, w, func(context.Context) error {
		if !stop() {
			return errNotStarted
		}
		started = true
		d.begin(place)
		return d.shelf.StartDelivery(wire, w.ID)
	})
	if errors.Is(err, digest.ErrNotFound) || err != nil && !started {
		return id, errors.Join(errNotStarted, err)
	}
	return id, err
}

// show puts a delivery's message into its chat: a new one, or in place of the
// one it edits while that is there. An alert that is gone is not told again.
func (d *Deliverer) show(ctx context.Context, w Delivery, mark func(context.Context) error) (int64, error) {
	if w.Edits != 0 {
		err := d.send.EditMarked(ctx, w.Kind.priority(), to(w.To), w.Edits, w.Message, mark)
		if !errors.Is(err, telegram.ErrMessageGone) || w.Kind == AmendDelivery {
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
