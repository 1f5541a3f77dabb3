package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
)

const broadcastColumns = `id, COALESCE(admin_id, 0), message, state, reached, created, started, ended`

func scanBroadcast(row scanner) (v bot.Broadcast, err error) {
	err = row.Scan(&v.ID, &v.Admin, fromJSON(&v.Message), &v.State, &v.Reached, at(&v.Created), at(&v.Started), at(&v.Ended))
	return v, err
}

func broadcastByID(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, lock string) (bot.Broadcast, error) {
	return scanBroadcast(tx.QueryRowContext(ctx, `SELECT `+broadcastColumns+` FROM broadcasts WHERE id = $1`+lock, int64(id)))
}

// AddBroadcast keeps an announcement as a draft, with its Admin and Message.
func (s *Store) AddBroadcast(ctx context.Context, b bot.Broadcast) (id bot.BroadcastID, err error) {
	err = s.change(ctx, "add broadcast", func(ctx context.Context, tx *sql.Tx) error {
		id = bot.BroadcastID(s.newID())
		_, err := tx.ExecContext(ctx, `INSERT INTO broadcasts (id, admin_id, message, state, reached, created)
			VALUES ($1, $2, $3, $4, 0, $5)`, int64(id), orNull(int64(b.Admin)), toJSON(b.Message),
			string(bot.BroadcastDraft), ms(s.orNow(b.Created)))
		return err
	})
	return id, err
}

// BroadcastByID returns a broadcast, or ErrNotFound. Admin is 0 when that chat
// was erased.
func (s *Store) BroadcastByID(ctx context.Context, id bot.BroadcastID) (b bot.Broadcast, err error) {
	err = s.view(ctx, fmt.Sprintf("read broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		b, err = broadcastByID(ctx, tx, id, "")
		return err
	})
	return b, err
}

// ActiveBroadcasts returns the broadcasts that are spreading or sending, the
// oldest first.
func (s *Store) ActiveBroadcasts(ctx context.Context) (all []bot.Broadcast, err error) {
	err = s.view(ctx, "read active broadcasts", func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanBroadcast, `SELECT `+broadcastColumns+` FROM broadcasts
			WHERE state IN ('spreading', 'sending') ORDER BY id`)
		return err
	})
	return all, err
}

// StartBroadcast turns a draft into a broadcast that spreads, once: ErrExists
// says that it was started or cancelled before.
func (s *Store) StartBroadcast(ctx context.Context, id bot.BroadcastID, now time.Time) (b bot.Broadcast, err error) {
	err = s.change(ctx, fmt.Sprintf("start broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.moveBroadcast(ctx, tx, id, bot.BroadcastDraft, bot.BroadcastSpreading, time.Time{}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE broadcasts SET started = $2 WHERE id = $1`, int64(id), ms(now)); err != nil {
			return err
		}
		b, err = broadcastByID(ctx, tx, id, "")
		return err
	})
	return b, err
}

// CancelBroadcast ends a draft. ErrExists says that it was started or
// cancelled before.
func (s *Store) CancelBroadcast(ctx context.Context, id bot.BroadcastID) error {
	return s.change(ctx, fmt.Sprintf("cancel broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.moveBroadcast(ctx, tx, id, bot.BroadcastDraft, bot.BroadcastCancelled, s.now())
	})
}

// moveBroadcast changes a broadcast's state; ErrExists says that it is not in
// the state from.
func (s *Store) moveBroadcast(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, from, to bot.BroadcastState, ended time.Time) error {
	b, err := broadcastByID(ctx, tx, id, s.engine.forUpdate())
	if err != nil {
		return err
	}
	if b.State != from {
		return fmt.Errorf("it is %s: %w", b.State, digest.ErrExists)
	}
	_, err = tx.ExecContext(ctx, `UPDATE broadcasts SET state = $2, ended = $3 WHERE id = $1`, int64(id), string(to), ms(ended))
	return err
}

// Audience counts the chats that a broadcast reaches: those that are not
// paused, for whatever reason.
func (s *Store) Audience(ctx context.Context) (n int, err error) {
	err = s.view(ctx, "count audience", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM chats WHERE paused = ''`).Scan(&n)
	})
	return n, err
}

// SpreadBroadcast makes the broadcast's deliveries for the next chats after
// Reached, at most limit, due at now, and counts them. When no chat is left the
// broadcast is sending. ErrNotFound says that it is not spreading.
func (s *Store) SpreadBroadcast(ctx context.Context, id bot.BroadcastID, limit int, now time.Time) (made int, err error) {
	err = s.change(ctx, fmt.Sprintf("spread broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		made = 0
		b, err := broadcastByID(ctx, tx, id, s.engine.forUpdate())
		if err != nil {
			return err
		}
		if b.State != bot.BroadcastSpreading {
			return fmt.Errorf("it is %s: %w", b.State, digest.ErrNotFound)
		}
		chats, err := collect(ctx, tx, scanOne[bot.ChatID], `SELECT id FROM chats WHERE paused = '' AND id > $1
			ORDER BY id LIMIT $2`, int64(b.Reached), limit)
		if err != nil {
			return err
		}
		var deliveries []bot.Delivery
		for _, chat := range chats {
			deliveries = append(deliveries, bot.Delivery{Chat: chat, Kind: bot.BroadcastDelivery, Broadcast: id, NotBefore: now})
			b.Reached = chat
		}
		if err := s.insertDeliveries(ctx, tx, deliveries); err != nil {
			return err
		}
		if made = len(chats); made < limit {
			b.State = bot.BroadcastSending
		}
		_, err = tx.ExecContext(ctx, `UPDATE broadcasts SET state = $2, reached = $3 WHERE id = $1`,
			int64(id), string(b.State), int64(b.Reached))
		return err
	})
	if err != nil {
		return 0, err
	}
	if made > 0 {
		signal(s.deliveriesArrived)
	}
	return made, nil
}

// TallyBroadcast counts a broadcast's deliveries by state, and those that
// failed or were dropped by their reason.
func (s *Store) TallyBroadcast(ctx context.Context, id bot.BroadcastID) (tally bot.Tally, reasons map[string]int, err error) {
	err = s.view(ctx, fmt.Sprintf("tally broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		tally, reasons = bot.Tally{}, map[string]int{}
		return eachRow(ctx, tx, func(row scanner) error {
			var (
				state  bot.DeliveryState
				reason string
				n      int
			)
			err := row.Scan(&state, &reason, &n)
			tally[state] += n
			if state == bot.Failed || state == bot.Dropped {
				reasons[reason] += n
			}
			return err
		}, `SELECT state, reason, COUNT(*) FROM deliveries WHERE broadcast_id = $1 GROUP BY state, reason`, int64(id))
	})
	return tally, reasons, err
}

// EndBroadcast ends a broadcast that is sending and puts the report for its
// Admin on the shelf as a notice, unless that chat was erased. ErrExists says
// that it is not sending: the report was made before.
func (s *Store) EndBroadcast(ctx context.Context, id bot.BroadcastID, report telegram.Message, now time.Time) error {
	err := s.change(ctx, fmt.Sprintf("end broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.moveBroadcast(ctx, tx, id, bot.BroadcastSending, bot.BroadcastDone, now); err != nil {
			return err
		}
		b, err := broadcastByID(ctx, tx, id, "")
		if err != nil || b.Admin == 0 {
			return err
		}
		return s.insertDeliveries(ctx, tx, []bot.Delivery{{Chat: b.Admin, Kind: bot.NoticeDelivery, Message: report, NotBefore: now}})
	})
	if err == nil {
		signal(s.deliveriesArrived)
	}
	return err
}
