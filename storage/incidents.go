package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// Incidents returns what is known of every kind of trouble that there ever was.
func (s *Store) Incidents(ctx context.Context) (all []bot.Incident, err error) {
	err = s.view(ctx, "read incidents", func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(row scanner) (i bot.Incident, err error) {
			err = row.Scan(&i.Kind, at(&i.Since), at(&i.Told), at(&i.Ended))
			return i, err
		}, `SELECT kind, since, told, ended FROM incidents ORDER BY kind`)
		return err
	})
	return all, err
}

// SaveIncident keeps an incident in place of an earlier one of its kind and puts
// what is said about it on the shelf, both or neither: nobody is told twice. A
// notice for a chat that is not kept is left out.
func (s *Store) SaveIncident(ctx context.Context, i bot.Incident, notices []bot.Notice, now time.Time) error {
	err := s.change(ctx, fmt.Sprintf("save incident %s", i.Kind), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO incidents (kind, since, told, ended) VALUES ($1, $2, $3, $4)
			ON CONFLICT (kind) DO UPDATE SET since = excluded.since, told = excluded.told, ended = excluded.ended`,
			string(i.Kind), ms(i.Since), ms(i.Told), ms(i.Ended))
		if err != nil {
			return err
		}
		return s.insertNotices(ctx, tx, notices, now)
	})
	if err == nil && len(notices) > 0 {
		signal(s.deliveriesArrived)
	}
	return err
}

// insertNotices puts notices on the shelf, due at now, but those for chats that
// are not kept.
func (s *Store) insertNotices(ctx context.Context, tx *sql.Tx, notices []bot.Notice, now time.Time) error {
	var deliveries []bot.Delivery
	for _, n := range notices {
		_, err := chatByID(ctx, tx, n.Chat, "")
		if errors.Is(convertError(ctx, err), digest.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		deliveries = append(deliveries, bot.Delivery{Chat: n.Chat, Kind: bot.NoticeDelivery, Message: n.Message, NotBefore: now})
	}
	return s.insertDeliveries(ctx, tx, deliveries)
}
