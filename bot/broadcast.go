package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// broadcastShelf is where broadcasts stand and their deliveries are made.
type broadcastShelf interface {
	ActiveBroadcasts(ctx context.Context) ([]Broadcast, error)
	SpreadBroadcast(ctx context.Context, id BroadcastID, limit int, now time.Time) (int, error)
	DropBroadcast(ctx context.Context, id BroadcastID, limit int) (int, error)
	BroadcastOpen(ctx context.Context, id BroadcastID) (bool, error)
	TallyBroadcast(ctx context.Context, id BroadcastID, now time.Time) (Turnout, error)
	StopBroadcast(ctx context.Context, id BroadcastID) error
	SaveProgress(ctx context.Context, id BroadcastID, message int64) error
	EndBroadcast(ctx context.Context, id BroadcastID, now time.Time) error
	ChatByID(ctx context.Context, id ChatID) (Chat, error)
	BroadcastsChanged() <-chan struct{}
}

// announcer shows the admin how far a broadcast is.
type announcer interface {
	Send(ctx context.Context, p telegram.Priority, to telegram.To, m telegram.Message) (int64, error)
	Edit(ctx context.Context, p telegram.Priority, to telegram.To, message int64, m telegram.Message) error
}

// A Broadcaster turns ordered broadcasts into ordinary deliveries, drops those
// of stopped ones, and keeps one message in the admin's chat up to date, which
// at last becomes the report. It runs beside the deliverer, in its lane.
type Broadcaster struct {
	send    announcer
	shelf   broadcastShelf
	catalog *Catalog
	rate    float64 // messages a second, for the time left until it was measured
	now     func() time.Time
	log     *slog.Logger

	boards map[BroadcastID]*board
	wake   chan struct{} // a showing ended
	shows  sync.WaitGroup
}

// NewBroadcaster returns a broadcaster that is ready to Run.
func NewBroadcaster(send announcer, shelf broadcastShelf, catalog *Catalog, rate float64, now func() time.Time, log *slog.Logger) *Broadcaster {
	return &Broadcaster{
		send: send, shelf: shelf, catalog: catalog, rate: rate, now: now, log: log,
		boards: map[BroadcastID]*board{}, wake: make(chan struct{}, 1),
	}
}

const (
	spreadBatch   = 1000             // deliveries that one transaction makes or drops
	progressPause = 3 * time.Second  // between two changes of a progress message
	progressIdle  = 30 * time.Second // between two tallies when nothing happens, at most
)

// Run looks after broadcasts, once a second and whenever one is changed, until
// ctx ends. All that it knows stands on the shelf, so it goes on where any
// other left off.
func (b *Broadcaster) Run(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer b.shows.Wait()
	defer end()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		more, err := b.advance(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if more && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-b.wake:
		case <-b.shelf.BroadcastsChanged():
		}
	}
}

// advance takes every active broadcast one step further and says whether there
// is more to do at once.
func (b *Broadcaster) advance(ctx context.Context) (more bool, err error) {
	active, err := b.shelf.ActiveBroadcasts(ctx)
	if err != nil {
		return false, fmt.Errorf("look for broadcasts: %w", err)
	}
	known := map[BroadcastID]bool{}
	for _, c := range active {
		known[c.ID] = true
		full, err := b.step(ctx, c)
		if errors.Is(err, digest.ErrNotFound) || errors.Is(err, digest.ErrExists) {
			continue // paused, stopped or ended under our hands: seen in the next round
		}
		if err != nil {
			return false, fmt.Errorf("advance broadcast %d: %w", c.ID, err)
		}
		more = more || full
	}
	maps.DeleteFunc(b.boards, func(id BroadcastID, _ *board) bool { return !known[id] })
	return more, nil
}

// step makes or drops a batch of a broadcast's deliveries, shows how far it is,
// and ends it after the last of them. It says whether there are more batches.
func (b *Broadcaster) step(ctx context.Context, c Broadcast) (more bool, err error) {
	n := 0
	switch c.State {
	case BroadcastSpreading:
		n, err = b.shelf.SpreadBroadcast(ctx, c.ID, spreadBatch, b.now())
		if n < spreadBatch {
			return err == nil, err // it is sending now
		}
	case BroadcastStopping:
		n, err = b.shelf.DropBroadcast(ctx, c.ID, spreadBatch)
	}
	if err != nil {
		return false, err
	}
	if c.State == BroadcastSending || c.State == BroadcastStopping && n < spreadBatch {
		open, err := b.shelf.BroadcastOpen(ctx, c.ID)
		if err != nil {
			return false, err
		}
		if !open {
			return false, b.finish(ctx, c)
		}
	}
	return n == spreadBatch, b.tell(ctx, c)
}

// tell shows how far a broadcast is: at once after it was paused, resumed or
// stopped, else every few seconds if something changed.
func (b *Broadcaster) tell(ctx context.Context, c Broadcast) error {
	d, now := b.board(c), b.now()
	if c.Admin == 0 || !d.mayShow(c.State, now) {
		return nil
	}
	t, err := b.shelf.TallyBroadcast(ctx, c.ID, now)
	if err != nil {
		return err
	}
	if c.lostOriginal(t) && (c.State == BroadcastSpreading || c.State == BroadcastSending) {
		b.log.Warn("broadcast stopped: the message to copy is gone", "broadcast", c.ID)
		return b.shelf.StopBroadcast(ctx, c.ID)
	}
	d.measure(c.State, t, now)
	admin, err := b.shelf.ChatByID(ctx, c.Admin)
	if err != nil {
		return err
	}
	m := progress{c, t, d.timeLeft(t, b.rate)}.message(b.catalog.In(admin.Language))
	if d.as == c.State && reflect.DeepEqual(m, d.says) {
		d.idle = min(2*max(d.idle, progressPause), progressIdle)
		d.next = now.Add(d.idle)
		return nil
	}
	d.idle = 0
	b.show(ctx, c, admin, d, showing{as: c.State, says: m})
	return nil
}

// lostOriginal says whether a copy cannot be made any more, of which each
// delivery would have to learn for itself.
func (c Broadcast) lostOriginal(t Turnout) bool {
	if c.Message.Copy == nil {
		return false
	}
	for reason := range t.Reasons {
		if _, is := telegram.MeaningOf(reason); is == telegram.ErrMessageGone || is == telegram.ErrNoCopy {
			return true
		}
	}
	return false
}

// finish shows the report of a broadcast whose deliveries have all ended, and
// then ends it. When the admin cannot be reached it ends all the same.
func (b *Broadcaster) finish(ctx context.Context, c Broadcast) error {
	d, now := b.board(c), b.now()
	if c.Admin != 0 && d.as != BroadcastDone {
		if !d.mayShow(BroadcastDone, now) {
			return nil
		}
		t, err := b.shelf.TallyBroadcast(ctx, c.ID, now)
		if err != nil {
			return err
		}
		admin, err := b.shelf.ChatByID(ctx, c.Admin)
		if err != nil {
			return err
		}
		b.show(ctx, c, admin, d, showing{as: BroadcastDone, says: report{c, t, now}.message(b.catalog.In(admin.Language))})
		return nil
	}
	b.log.Info("broadcast ended", "broadcast", c.ID, "state", string(c.State))
	return b.shelf.EndBroadcast(ctx, c.ID, now)
}
