package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tidings/bot/telegram"
)

// broadcastShelf is where broadcasts stand and their deliveries are made.
type broadcastShelf interface {
	ActiveBroadcasts(ctx context.Context) ([]Broadcast, error)
	SpreadBroadcast(ctx context.Context, id BroadcastID, limit int, now time.Time) (int, error)
	TallyBroadcast(ctx context.Context, id BroadcastID) (Tally, map[string]int, error)
	EndBroadcast(ctx context.Context, id BroadcastID, report telegram.Message, now time.Time) error
	ChatByID(ctx context.Context, id ChatID) (Chat, error)
}

// A Broadcaster turns ordered broadcasts into ordinary deliveries and reports
// when the last of them has ended. It runs beside the deliverer, in its lane.
type Broadcaster struct {
	shelf   broadcastShelf
	catalog *Catalog
	now     func() time.Time
	log     *slog.Logger
}

// NewBroadcaster returns a broadcaster that is ready to Run.
func NewBroadcaster(shelf broadcastShelf, catalog *Catalog, now func() time.Time, log *slog.Logger) *Broadcaster {
	return &Broadcaster{shelf, catalog, now, log}
}

// spreadBatch is how many deliveries one transaction makes.
const spreadBatch = 1000

// Run looks after broadcasts once a second until ctx ends. All that it knows
// stands on the shelf, so it goes on where any other left off.
func (b *Broadcaster) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := b.advance(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// advance takes every active broadcast one step further.
func (b *Broadcaster) advance(ctx context.Context) error {
	active, err := b.shelf.ActiveBroadcasts(ctx)
	if err != nil {
		return fmt.Errorf("look for broadcasts: %w", err)
	}
	for _, c := range active {
		if c.State == BroadcastSpreading {
			err = b.spread(ctx, c.ID)
		} else {
			err = b.finish(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("advance broadcast %d: %w", c.ID, err)
		}
	}
	return nil
}

func (b *Broadcaster) spread(ctx context.Context, id BroadcastID) error {
	for {
		made, err := b.shelf.SpreadBroadcast(ctx, id, spreadBatch, b.now())
		if made < spreadBatch || err != nil {
			return err
		}
	}
}

// finish ends a broadcast whose deliveries have all ended, with a report to
// the admin who ordered it.
func (b *Broadcaster) finish(ctx context.Context, c Broadcast) error {
	tally, reasons, err := b.shelf.TallyBroadcast(ctx, c.ID)
	if err != nil || tally[Waiting]+tally[Sending] > 0 {
		return err
	}
	admin, err := b.shelf.ChatByID(ctx, c.Admin)
	if err != nil {
		admin = Chat{Language: "en"} // the admin's chat was erased; the broadcast ends all the same
	}
	report := b.report(b.catalog.In(admin.Language), c, tally, reasons)
	b.log.Info("broadcast ended", "broadcast", c.ID, "sent", tally[Sent], "failed", tally[Failed], "dropped", tally[Dropped], "unknown", tally[Unknown])
	return b.shelf.EndBroadcast(ctx, c.ID, telegram.NewMessage(report), b.now())
}

func (b *Broadcaster) report(p Phrases, c Broadcast, tally Tally, reasons map[string]int) telegram.Text {
	var t telegram.Builder
	t.Append(p.Say("broadcast_report", Values{
		"Time":    p.span(b.now().Sub(c.Started)),
		"Sent":    tally[Sent],
		"Failed":  tally[Failed],
		"Dropped": tally[Dropped],
		"Unknown": tally[Unknown],
	}))
	var names []string
	for name := range reasons {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int { return reasons[y] - reasons[x] })
	for i, name := range names {
		if i == 5 {
			break
		}
		t.Plain("\n")
		t.Append(p.Say("broadcast_reason", Values{"Number": reasons[name], "Reason": name}))
	}
	return t.Text()
}
