package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
)

const deliveryColumns = `d.id, d.chat_id, c.telegram, c.thread, d.kind, COALESCE(d.edition_id, 0), COALESCE(d.broadcast_id, 0), COALESCE(d.story_id, 0),
	d.message, d.state, d.not_before, d.due, d.attempts, d.ambiguous, d.sent, d.reason, d.edits, c.quiet, c.zone`

// deliveryPlaces are where a row of deliveryColumns goes, the message apart.
func deliveryPlaces(v *bot.Delivery, message any) []any {
	return []any{&v.ID, &v.Chat, &v.To.Telegram, &v.To.Thread, &v.Kind, &v.Edition, &v.Broadcast, &v.Story, message,
		&v.State, at(&v.NotBefore), at(&v.Due), &v.Attempts, &v.Ambiguous, &v.Sent, &v.Reason, &v.Edits, &v.Quiet, &v.Zone}
}

// scanDelivery reads deliveryColumns, whether its edition was asked for, and whether
// it is unwanted by now.
func scanDelivery(row scanner) (v bot.Delivery, err error) {
	err = row.Scan(append(deliveryPlaces(&v, fromJSON(&v.Message)), &v.Asked, &v.Declined)...)
	return v, err
}

// insertDeliveries puts deliveries on the shelf, waiting, with ids in their
// order.
func (s *Store) insertDeliveries(ctx context.Context, tx *sql.Tx, deliveries []bot.Delivery) error {
	var rows [][]any
	for _, d := range deliveries {
		// A broadcast's deliveries hold no message of their own: a hundred
		// thousand copies of one text would be most of the database.
		message := ""
		if d.Kind != bot.BroadcastDelivery {
			message = toJSON(d.Message)
		}
		due := ms(s.orNow(d.NotBefore))
		rows = append(rows, []any{s.newID(), int64(d.Chat), int64(d.Kind), orNull(int64(d.Edition)), orNull(int64(d.Broadcast)),
			orNull(int64(d.Story)), message, string(bot.Waiting), due, due, d.Attempts, d.Ambiguous, 0, "", d.Edits})
	}
	return s.insertRows(ctx, tx, `INSERT INTO deliveries (id, chat_id, kind, edition_id, broadcast_id, story_id, message, state, not_before,
		due, attempts, ambiguous, sent, reason, edits)`, rows, `ON CONFLICT (broadcast_id, chat_id) WHERE broadcast_id IS NOT NULL DO NOTHING`)
}

func orNull(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// Notify puts a message for a chat on the shelf as a notice, due at now.
// ErrNotFound says that there is no such chat.
func (s *Store) Notify(ctx context.Context, chat bot.ChatID, m telegram.Message, now time.Time) error {
	return s.notify(ctx, bot.Delivery{Chat: chat, Message: m, NotBefore: now})
}

// NotifyEdit is Notify for what replaces a message that the chat has.
func (s *Store) NotifyEdit(ctx context.Context, chat bot.ChatID, message int64, m telegram.Message, now time.Time) error {
	return s.notify(ctx, bot.Delivery{Chat: chat, Message: m, NotBefore: now, Edits: message})
}

// NotifyAgain is Notify for what was sent once and whose answer was lost: it
// goes once more, and is unknown when that answer is lost, too.
func (s *Store) NotifyAgain(ctx context.Context, chat bot.ChatID, m telegram.Message, now time.Time) error {
	return s.notify(ctx, bot.Delivery{Chat: chat, Message: m, NotBefore: now, Attempts: 1, Ambiguous: 1})
}

func (s *Store) notify(ctx context.Context, d bot.Delivery) error {
	d.Kind = bot.NoticeDelivery
	err := s.change(ctx, fmt.Sprintf("notify chat %d", d.Chat), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := chatByID(ctx, tx, d.Chat, ""); err != nil {
			return err
		}
		return s.insertDeliveries(ctx, tx, []bot.Delivery{d})
	})
	if err == nil {
		signal(s.deliveriesArrived)
	}
	return err
}

// WaitingDeliveries returns at most limit deliveries that may be sent at now,
// ordered by Kind, NotBefore and ID, with To and Message filled; broadcasts one
// after the other, and only those that are not paused or stopped, before amendments.
// Of each chat and kind it returns the first unfinished one only, and none while that is
// being sent or must wait: the parts of an edition arrive in order. What quiet
// hours hold back keeps nothing waiting: an edition's parts are held one by one.
// A chat may have one of each broadcast.
//
// It reads about limit rows, however many wait.
func (s *Store) WaitingDeliveries(ctx context.Context, now time.Time, limit int) (waiting []bot.Delivery, err error) {
	err = s.view(ctx, "read waiting deliveries", func(ctx context.Context, tx *sql.Tx) error {
		waiting = nil
		// Kind by kind, so that the index is entered at what is due: editions
		// put off by a long pause are not read on the way to others.
		for kind := bot.NoticeDelivery; kind < bot.BroadcastDelivery && len(waiting) < limit; kind++ {
			some, err := waitingOf(ctx, tx, kind, now, limit-len(waiting))
			if err != nil {
				return err
			}
			waiting = append(waiting, some...)
		}
		running, err := collect(ctx, tx, scanBroadcast, `SELECT `+broadcastColumns+` FROM broadcasts b
			WHERE b.state IN ('spreading', 'sending') ORDER BY b.started, b.id`)
		if err != nil {
			return err
		}
		for _, b := range running {
			if len(waiting) == limit {
				break
			}
			some, err := broadcastDeliveries(ctx, tx, b, now, limit-len(waiting))
			if err != nil {
				return err
			}
			waiting = append(waiting, some...)
		}
		if len(waiting) < limit {
			some, err := waitingOf(ctx, tx, bot.AmendDelivery, now, limit-len(waiting))
			waiting = append(waiting, some...)
			return err
		}
		return nil
	})
	return waiting, err
}

// waitingOf is the part of WaitingDeliveries of one kind.
func waitingOf(ctx context.Context, tx *sql.Tx, kind bot.DeliveryKind, now time.Time, limit int) ([]bot.Delivery, error) {
	return collect(ctx, tx, scanDelivery, `SELECT `+deliveryColumns+`, COALESCE(o.asked, 0), CASE WHEN `+unwanted+` THEN 1 ELSE 0 END
		FROM deliveries d JOIN chats c ON c.id = d.chat_id LEFT JOIN editions o ON o.id = d.edition_id
		WHERE d.state = 'waiting' AND d.broadcast_id IS NULL AND d.kind = $1 AND d.not_before <= $2
			AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.chat_id = d.chat_id AND e.state = 'waiting'
				AND e.kind = d.kind AND e.id < d.id AND e.reason <> '`+bot.HeldQuiet+`')
			AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.chat_id = d.chat_id AND e.state = 'sending'
				AND e.kind = d.kind AND e.id < d.id)
		ORDER BY d.not_before, d.id LIMIT $3`, int64(kind), now.UnixMilli(), limit)
}

// StartDelivery marks a waiting delivery as being sent and counts the attempt.
// ErrNotFound says that it must not be sent: it does not wait any more, was
// erased, its broadcast was paused or stopped, or the chat wants no such alerts now.
func (s *Store) StartDelivery(ctx context.Context, id bot.DeliveryID) error {
	return s.change(ctx, fmt.Sprintf("start delivery %d", id), func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE deliveries AS d SET state = $2, attempts = attempts + 1 WHERE id = $1 AND state = $3 AND NOT `+unwanted+`
			AND (broadcast_id IS NULL OR EXISTS (SELECT 1 FROM broadcasts b WHERE b.id = broadcast_id AND b.state IN ('spreading', 'sending')))`,
			int64(id), string(bot.Sending), string(bot.Waiting))
		return touched(result, err, digest.ErrNotFound)
	})
}

// EndDelivery writes how an attempt ended: State, NotBefore, Ambiguous, Sent and
// Reason of d. ErrNotFound says that the delivery ended or was erased meanwhile:
// what was dropped does not wait again. What should wait for a chat that was
// paused meanwhile is dropped. What is held back by quiet hours is due at their
// end: nobody is late by it.
func (s *Store) EndDelivery(ctx context.Context, d bot.Delivery) error {
	const paused = `EXISTS (SELECT 1 FROM chats c WHERE c.id = chat_id AND c.paused <> '')`
	return s.change(ctx, fmt.Sprintf("end delivery %d", d.ID), func(ctx context.Context, tx *sql.Tx) error {
		if d.Kind == bot.EditionDelivery && d.State == bot.Waiting && d.Reason == bot.HeldQuiet {
			if taken, err := s.bundle(ctx, tx, d); taken || err != nil {
				return err
			}
		}
		if d.Kind == bot.AlertDelivery && d.State == bot.Waiting && d.Reason == bot.HeldQuiet {
			if taken, err := s.holdAlert(ctx, tx, d); taken || err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, `UPDATE deliveries SET
				state = CASE WHEN CAST($2 AS TEXT) = 'waiting' AND `+paused+` THEN 'dropped' ELSE CAST($2 AS TEXT) END,
				ended = CASE WHEN CAST($2 AS TEXT) = 'waiting' AND NOT `+paused+` THEN NULL ELSE CAST($7 AS BIGINT) END,
				due = CASE WHEN CAST($8 AS BIGINT) = 1 THEN CAST($3 AS BIGINT) ELSE due END,
				not_before = $3, ambiguous = $4, sent = $5, reason = $6
			WHERE id = $1 AND state IN ('waiting', 'sending')`,
			int64(d.ID), string(d.State), ms(s.orNow(d.NotBefore)), d.Ambiguous, d.Sent, clean(d.Reason), ms(s.now()), flag(d.Reason == bot.HeldQuiet))
		if err := touched(result, err, digest.ErrNotFound); err != nil {
			return err
		}
		if d.State != bot.Waiting && d.Message.File != nil {
			if err := dropFile(ctx, tx, d); err != nil {
				return err
			}
		}
		if d.State == bot.Unknown {
			return countUnknown(ctx, tx, 1)
		}
		if d.Kind == bot.AlertDelivery && d.State == bot.Dropped {
			return forgetAlert(ctx, tx, d.Chat, d.Story)
		}
		if (d.Kind == bot.EditionDelivery || d.Kind == bot.AlertDelivery) && d.State != bot.Sent {
			return takeBack(ctx, tx, d.Chat)
		}
		return nil
	})
}

// dropFile takes the file out of a delivery that has ended: it may be large, and
// tell a reader's whole story.
func dropFile(ctx context.Context, tx *sql.Tx, d bot.Delivery) error {
	d.Message.File = nil
	_, err := tx.ExecContext(ctx, `UPDATE deliveries SET message = $2 WHERE id = $1`, int64(d.ID), toJSON(d.Message))
	return err
}

const unknownDeliveries = "unknown deliveries"

// countUnknown counts deliveries whose answer was lost for good. The count
// outlives their rows, and so is exact over restarts.
func countUnknown(ctx context.Context, tx *sql.Tx, n int) error {
	if n == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = settings.value + excluded.value`, unknownDeliveries, n)
	return err
}

// RecoverDeliveries settles what was on the wire when its sender died, and
// counts it: it waits again, once; what was ambiguous before ends as unknown.
// It is for the one who just got the deliver lane.
func (s *Store) RecoverDeliveries(ctx context.Context) (n int, err error) {
	err = s.change(ctx, "recover deliveries", func(ctx context.Context, tx *sql.Tx) error {
		states, err := collect(ctx, tx, scanOne[bot.DeliveryState], `UPDATE deliveries SET
				state = CASE WHEN ambiguous > 0 THEN 'unknown' ELSE 'waiting' END,
				ended = CASE WHEN ambiguous > 0 THEN CAST($1 AS BIGINT) END, ambiguous = ambiguous + 1
			WHERE state = 'sending' RETURNING state`, ms(s.now()))
		if err != nil {
			return err
		}
		n = len(states)
		states = slices.DeleteFunc(states, func(s bot.DeliveryState) bool { return s != bot.Unknown })
		return countUnknown(ctx, tx, len(states))
	})
	if err == nil && n > 0 {
		signal(s.deliveriesArrived)
	}
	return n, err
}

// DeliveryCounts counts the deliveries kept by state. It reads all of them: for
// tests and small houses. Backlog and Done are the cheap ones.
func (s *Store) DeliveryCounts(ctx context.Context) (counts map[bot.DeliveryState]int, err error) {
	err = s.view(ctx, "count deliveries", func(ctx context.Context, tx *sql.Tx) error {
		counts = map[bot.DeliveryState]int{}
		return eachRow(ctx, tx, func(row scanner) error {
			var (
				state bot.DeliveryState
				n     int
			)
			err := row.Scan(&state, &n)
			counts[state] = n
			return err
		}, `SELECT state, COUNT(*) FROM deliveries GROUP BY state`)
	})
	return counts, err
}

// Pauses returns what the limiter saved, also what is over.
func (s *Store) Pauses(ctx context.Context) (all []bot.SendPause, err error) {
	err = s.view(ctx, "read pauses", func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(row scanner) (v bot.SendPause, err error) {
			err = row.Scan(&v.Scope, at(&v.Until))
			return v, err
		}, `SELECT scope, until FROM pauses ORDER BY scope`)
		return err
	})
	return all, err
}

// SavePause keeps a pause of the limiter in place of an earlier one of the same
// scope. A scope that names a chat must name it by its Telegram id in digits,
// by which it is erased with the chat.
func (s *Store) SavePause(ctx context.Context, scope string, until time.Time) error {
	return s.change(ctx, "save pause", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO pauses (scope, until) VALUES ($1, $2)
			ON CONFLICT (scope) DO UPDATE SET until = excluded.until`, clean(scope), until.UnixMilli())
		return err
	})
}
