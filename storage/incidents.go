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

// Outages returns, at most limit, the sources that are visited and have failed
// since before then, or that their servers call gone, and that nobody was told
// of; and those told of that work again. Channels are no audience: what is said
// there everybody reads.
func (s *Store) Outages(ctx context.Context, before time.Time, limit int) (outages []bot.Outage, err error) {
	err = s.view(ctx, "read outages", func(ctx context.Context, tx *sql.Tx) error {
		outages, err = collect(ctx, tx, func(row scanner) (o bot.Outage, err error) {
			err = row.Scan(sourceFields(&o.Source)...)
			o.Over = o.Source.FailingSince.IsZero()
			return o, err
		}, `SELECT `+sourceColumns+` FROM sources v WHERE v.visited = 1 AND (v.told IS NOT NULL AND v.failing_since IS NULL
				OR v.told IS NULL AND v.failing_since IS NOT NULL AND (v.failing_since <= $1 OR v.status = 410))
			ORDER BY v.failing_since, v.id LIMIT $2`, ms(before), limit)
		if err != nil {
			return err
		}
		for i, o := range outages {
			outages[i].Followers, err = collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE paused = '' AND kind <> 'channel'
				AND id IN (SELECT chat_id FROM chat_sources WHERE source_id = $1 AND followed = 1 AND muted = 0) ORDER BY id`, int64(o.Source.ID))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return outages, err
}

// SaveOutages keeps that outages were told, and puts what is said about them on
// the shelf, both or neither: nobody is told twice.
func (s *Store) SaveOutages(ctx context.Context, outages []bot.Outage, notices []bot.Notice, now time.Time) error {
	err := s.change(ctx, "save outages", func(ctx context.Context, tx *sql.Tx) error {
		for _, o := range outages {
			told := now
			if o.Over {
				told = time.Time{}
			}
			if _, err := tx.ExecContext(ctx, `UPDATE sources SET told = $2 WHERE id = $1`, int64(o.Source.ID), ms(told)); err != nil {
				return err
			}
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
