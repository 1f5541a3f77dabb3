package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// The place of a copy's original is not kept with the message but with the
// admin's chat: nothing names that chat after it was erased.
const broadcastColumns = `b.id, COALESCE(b.admin_id, 0), COALESCE((SELECT c.telegram FROM chats c WHERE c.id = b.admin_id), 0),
	b.message, b.language, b.topic, b.state, b.progress, b.reached, b.created, b.started, b.ended`

func scanBroadcast(row scanner) (v bot.Broadcast, err error) {
	var ordered int64
	err = row.Scan(&v.ID, &v.Admin, &ordered, fromJSON(&v.Message), &v.Audience.Language, &v.Audience.Topic, &v.State, &v.Progress,
		&v.Reached, at(&v.Created), at(&v.Started), at(&v.Ended))
	if v.Message.Copy != nil {
		v.Message.Copy.Chat = ordered
	}
	return v, err
}

func broadcastByID(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, lock string) (bot.Broadcast, error) {
	return scanBroadcast(tx.QueryRowContext(ctx, `SELECT `+broadcastColumns+` FROM broadcasts b WHERE b.id = $1`+lock, int64(id)))
}

// AddBroadcast keeps an announcement as a draft, with its Admin, Message and
// Audience. A copy's original stands in the admin's chat, whatever Copy.Chat
// says.
func (s *Store) AddBroadcast(ctx context.Context, b bot.Broadcast) (id bot.BroadcastID, err error) {
	if b.Message.Copy != nil {
		original := *b.Message.Copy
		original.Chat = 0
		b.Message.Copy = &original
	}
	err = s.change(ctx, "add broadcast", func(ctx context.Context, tx *sql.Tx) error {
		id = bot.BroadcastID(s.newID())
		_, err := tx.ExecContext(ctx, `INSERT INTO broadcasts (id, admin_id, message, language, topic, state, reached, created)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`, int64(id), orNull(int64(b.Admin)), toJSON(b.Message),
			clean(b.Audience.Language), clean(b.Audience.Topic), string(bot.BroadcastDraft), ms(s.orNow(b.Created)))
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

// ActiveBroadcasts returns the broadcasts that have begun and not ended, also
// paused ones, the oldest first.
func (s *Store) ActiveBroadcasts(ctx context.Context) (all []bot.Broadcast, err error) {
	err = s.view(ctx, "read active broadcasts", func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanBroadcast, `SELECT `+broadcastColumns+` FROM broadcasts b
			WHERE b.state IN ('spreading', 'sending', 'paused', 'stopping') ORDER BY b.id`)
		return err
	})
	return all, err
}

// AimBroadcast chooses whom a draft is for. ErrExists says that it was started
// or cancelled before.
func (s *Store) AimBroadcast(ctx context.Context, id bot.BroadcastID, who bot.Audience) error {
	return s.change(ctx, fmt.Sprintf("aim broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.moveBroadcast(ctx, tx, id, bot.BroadcastDraft, bot.BroadcastDraft); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE broadcasts SET language = $2, topic = $3 WHERE id = $1`,
			int64(id), clean(who.Language), clean(who.Topic))
		return err
	})
}

// StartBroadcast turns a draft into a broadcast that spreads, once: ErrExists
// says that it was started or cancelled before. It is for the chats known by
// now; progress is the message in the admin's chat that tells how far it is.
func (s *Store) StartBroadcast(ctx context.Context, id bot.BroadcastID, progress int64, now time.Time) (b bot.Broadcast, err error) {
	err = s.changeBroadcasts(ctx, fmt.Sprintf("start broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.moveBroadcast(ctx, tx, id, bot.BroadcastSpreading, bot.BroadcastDraft); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE broadcasts SET started = $2, progress = $3,
			last_chat = (SELECT COALESCE(MAX(id), 0) FROM chats) WHERE id = $1`, int64(id), ms(now), progress)
		if err != nil {
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
	return s.changeBroadcasts(ctx, fmt.Sprintf("cancel broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.endBroadcast(ctx, tx, id, s.now(), bot.BroadcastCancelled, bot.BroadcastDraft)
	})
}

// PauseBroadcast lets nothing of a broadcast begin to be sent from now on.
// ErrExists says that it is not under way.
func (s *Store) PauseBroadcast(ctx context.Context, id bot.BroadcastID) error {
	return s.changeBroadcasts(ctx, fmt.Sprintf("pause broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.moveBroadcast(ctx, tx, id, bot.BroadcastPaused, bot.BroadcastSpreading, bot.BroadcastSending)
	})
}

// ResumeBroadcast lets a paused broadcast go on. ErrExists says that it is not
// paused.
func (s *Store) ResumeBroadcast(ctx context.Context, id bot.BroadcastID) error {
	err := s.changeBroadcasts(ctx, fmt.Sprintf("resume broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.moveBroadcast(ctx, tx, id, bot.BroadcastSpreading, bot.BroadcastPaused)
	})
	if err == nil {
		signal(s.deliveriesArrived)
	}
	return err
}

// StopBroadcast lets nothing of a broadcast begin to be sent any more;
// DropBroadcast does the rest. ErrExists says that it is not under way.
func (s *Store) StopBroadcast(ctx context.Context, id bot.BroadcastID) error {
	return s.changeBroadcasts(ctx, fmt.Sprintf("stop broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.moveBroadcast(ctx, tx, id, bot.BroadcastStopping, bot.BroadcastSpreading, bot.BroadcastSending, bot.BroadcastPaused)
	})
}

// BroadcastsChanged is signalled after this process started, paused, resumed or
// stopped a broadcast; otherwise like ArticlesArrived.
func (s *Store) BroadcastsChanged() <-chan struct{} { return s.broadcastsChanged }

func (s *Store) changeBroadcasts(ctx context.Context, what string, act func(context.Context, *sql.Tx) error) error {
	err := s.change(ctx, what, act)
	if err == nil {
		signal(s.broadcastsChanged)
	}
	return err
}

// moveBroadcast changes a broadcast's state; ErrExists says that it is in none
// of the states from.
func (s *Store) moveBroadcast(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, to bot.BroadcastState, from ...bot.BroadcastState) error {
	b, err := broadcastByID(ctx, tx, id, s.engine.forUpdate())
	if err != nil {
		return err
	}
	if !slices.Contains(from, b.State) {
		return fmt.Errorf("it is %s: %w", b.State, digest.ErrExists)
	}
	_, err = tx.ExecContext(ctx, `UPDATE broadcasts SET state = $2 WHERE id = $1`, int64(id), string(to))
	return err
}

func (s *Store) endBroadcast(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, now time.Time, to bot.BroadcastState, from ...bot.BroadcastState) error {
	if err := s.moveBroadcast(ctx, tx, id, to, from...); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE broadcasts SET ended = $2 WHERE id = $1`, int64(id), ms(now))
	return err
}

// SpreadBroadcast makes the broadcast's deliveries for the next chats after
// Reached, at most limit, due at now or when their quiet hours end, and counts
// them. When no chat is left the broadcast is sending. ErrNotFound says that it
// is not spreading.
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
		chats, err := nextReaders(ctx, tx, b, limit)
		if err != nil {
			return err
		}
		if len(chats) > 0 {
			last := chats[len(chats)-1].ID
			if err := s.insertBroadcast(ctx, tx, b, last, len(chats), now); err != nil {
				return err
			}
			b.Reached = last
		}
		if err := holdQuiet(ctx, tx, id, chats, now); err != nil {
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

// insertBroadcast makes a broadcast's deliveries for the chats of its audience
// after Reached up to last, of which there are about n, due at now.
func (s *Store) insertBroadcast(ctx context.Context, tx *sql.Tx, b bot.Broadcast, last bot.ChatID, n int, now time.Time) error {
	from, id, args, err := audience(ctx, tx, b.Audience, 6)
	if err != nil {
		return err
	}
	// More chats than n can only have come by a clock set back; they have ids to
	// spare.
	first := s.ids.nextFew(s.now(), 2*n)
	_, err = tx.ExecContext(ctx, `INSERT INTO deliveries (id, chat_id, kind, broadcast_id, message, state, not_before, due, attempts, ambiguous, sent, reason)
		SELECT CAST($1 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY `+id+`) - 1, `+id+`, `+fmt.Sprint(int(bot.BroadcastDelivery))+`, CAST($2 AS BIGINT), '', 'waiting', CAST($3 AS BIGINT), CAST($3 AS BIGINT), 0, 0, 0, ''
			FROM `+from+` AND c.announcements = 1 AND `+id+` > $4 AND `+id+` <= $5
		ON CONFLICT (broadcast_id, chat_id) WHERE broadcast_id IS NOT NULL DO NOTHING`,
		append([]any{first, int64(b.ID), ms(now), int64(b.Reached), int64(last)}, args...)...)
	return err
}

// holdQuiet lets deliveries wait for the end of their chats' quiet hours, when
// they are due: nobody is late by it.
func holdQuiet(ctx context.Context, tx *sql.Tx, id bot.BroadcastID, chats []bot.Chat, now time.Time) error {
	zones := map[[2]string]time.Time{} // by what makes the moment: reading a zone is dear
	for _, chat := range chats {
		if chat.Quiet == "" {
			continue
		}
		key := [2]string{chat.Zone, chat.Quiet}
		until, known := zones[key]
		if !known {
			until = chat.QuietUntil(now)
			zones[key] = until
		}
		if until.IsZero() {
			continue
		}
		_, err := tx.ExecContext(ctx, `UPDATE deliveries SET not_before = $3, due = $3, reason = $4 WHERE broadcast_id = $1 AND chat_id = $2`,
			int64(id), int64(chat.ID), ms(until), bot.HeldQuiet)
		if err != nil {
			return err
		}
	}
	return nil
}

// DropBroadcast drops what waits of a broadcast that is stopping, at most limit
// deliveries, and counts them.
func (s *Store) DropBroadcast(ctx context.Context, id bot.BroadcastID, limit int) (dropped int, err error) {
	err = s.change(ctx, fmt.Sprintf("drop broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = $3, reason = $4, ended = $5 WHERE id IN (
			SELECT d.id FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id
			WHERE d.broadcast_id = $1 AND d.state = 'waiting' AND b.state = 'stopping' LIMIT $2)`,
			int64(id), limit, string(bot.Dropped), bot.ReasonStopped, ms(s.now()))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		dropped = int(n)
		return err
	})
	return dropped, err
}

// broadcastDeliveries returns what may be sent of a broadcast at now, at most
// limit deliveries, the most overdue first.
func broadcastDeliveries(ctx context.Context, tx *sql.Tx, b bot.Broadcast, now time.Time, limit int) ([]bot.Delivery, error) {
	return collect(ctx, tx, func(row scanner) (v bot.Delivery, err error) {
		var none string
		err = row.Scan(append(deliveryPlaces(&v, &none), &v.Declined)...)
		v.Message = b.Message
		return v, err
	}, `SELECT `+deliveryColumns+`, 1 - c.announcements
		FROM deliveries d JOIN chats c ON c.id = d.chat_id
		WHERE d.state = 'waiting' AND d.broadcast_id = $1 AND d.not_before <= $2
		ORDER BY d.not_before, d.id LIMIT $3`, int64(b.ID), now.UnixMilli(), limit)
}

// BroadcastOpen says whether a delivery of a broadcast waits or is being sent.
// It costs a look at the index.
func (s *Store) BroadcastOpen(ctx context.Context, id bot.BroadcastID) (open bool, err error) {
	err = s.view(ctx, fmt.Sprintf("look at broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deliveries WHERE broadcast_id = $1 AND state = 'waiting')
			OR EXISTS (SELECT 1 FROM deliveries WHERE broadcast_id = $1 AND state = 'sending')`, int64(id)).Scan(&open)
	})
	return open, err
}

// TallyBroadcast counts a broadcast's deliveries. It reads the index of all of
// them, some hundredths of a second for a hundred thousand: for every few
// seconds, not for every message.
func (s *Store) TallyBroadcast(ctx context.Context, id bot.BroadcastID, now time.Time) (t bot.Turnout, err error) {
	err = s.view(ctx, fmt.Sprintf("tally broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		t = bot.Turnout{Tally: bot.Tally{}, Reasons: map[string]int{}}
		err := eachRow(ctx, tx, func(row scanner) error {
			var (
				state  bot.DeliveryState
				reason string
				n      int
			)
			err := row.Scan(&state, &reason, &n)
			t.Tally[state] += n
			if state == bot.Failed || state == bot.Dropped {
				t.Reasons[reason] += n
			}
			return err
		}, `SELECT state, reason, COUNT(*) FROM deliveries WHERE broadcast_id = $1 GROUP BY state, reason`, int64(id))
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE state = 'waiting' AND broadcast_id = $1 AND not_before > $2`,
			int64(id), now.UnixMilli()).Scan(&t.Held)
	})
	return t, err
}

// UnreachedChats returns chats that a broadcast did not reach, or perhaps not,
// after a chat in the order of ids, at most limit.
func (s *Store) UnreachedChats(ctx context.Context, id bot.BroadcastID, after bot.ChatID, limit int) (all []bot.Unreached, err error) {
	err = s.view(ctx, fmt.Sprintf("read whom broadcast %d did not reach", id), func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(row scanner) (v bot.Unreached, err error) {
			err = row.Scan(&v.Chat, &v.To.Telegram, &v.To.Thread, &v.State, &v.Reason)
			return v, err
		}, `SELECT d.chat_id, c.telegram, c.thread, d.state, d.reason FROM deliveries d JOIN chats c ON c.id = d.chat_id
			WHERE d.broadcast_id = $1 AND d.chat_id > $2 AND d.state IN ('failed', 'dropped', 'unknown')
			ORDER BY d.chat_id LIMIT $3`, int64(id), int64(after), limit)
		return err
	})
	return all, err
}

// SaveProgress keeps which message in the admin's chat tells how far a
// broadcast is.
func (s *Store) SaveProgress(ctx context.Context, id bot.BroadcastID, message int64) error {
	return s.change(ctx, fmt.Sprintf("keep the progress of broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE broadcasts SET progress = $2 WHERE id = $1`, int64(id), message)
		return touched(result, err, digest.ErrNotFound)
	})
}

// EndBroadcast ends a broadcast that is sending or stopping, after its report
// was shown. ErrExists says that it is neither.
func (s *Store) EndBroadcast(ctx context.Context, id bot.BroadcastID, now time.Time) error {
	return s.change(ctx, fmt.Sprintf("end broadcast %d", id), func(ctx context.Context, tx *sql.Tx) error {
		b, err := broadcastByID(ctx, tx, id, "")
		if err != nil {
			return err
		}
		to := bot.BroadcastDone
		if b.State == bot.BroadcastStopping {
			to = bot.BroadcastStopped
		}
		return s.endBroadcast(ctx, tx, id, now, to, bot.BroadcastSending, bot.BroadcastStopping)
	})
}
