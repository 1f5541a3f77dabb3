package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings/digest"
)

const leaseColumns = `l.source_id, l.hub, l.topic, l.token, l.secret, l.wanted, l.until, l.failures, l.next_ask`

func scanLease(row scanner) (l digest.Lease, err error) {
	err = row.Scan(&l.Source, &l.Hub, &l.Topic, &l.Token, &l.Secret, &l.Wanted, at(&l.Until), &l.Failures, at(&l.NextAsk))
	return l, err
}

// saveLeases keeps what visits were told of hubs. A lease that is as it was stays
// as it is; one of another hub, or of another name there, takes the place of the
// one before, which its hub ends when it is told that nobody waits any more. It is
// not asked for sooner than that one after a failure: a document may name another
// hub at every visit.
func (s *Store) saveLeases(ctx context.Context, tx *sql.Tx, visits []digest.Visit) error {
	var wanted [][]any
	for _, v := range visits {
		l := v.Lease
		if l == nil {
			continue
		}
		if !l.Wanted {
			if err := endLease(ctx, tx, l.Source, l.NextAsk); err != nil {
				return err
			}
			continue
		}
		wanted = append(wanted, []any{int64(l.Source), clean(l.Hub), clean(l.Topic), l.Token, l.Secret, 1, 0, ms(l.NextAsk)})
	}
	if err := s.distrustReplaced(ctx, tx, wanted); err != nil {
		return err
	}
	return s.insertRows(ctx, tx, `INSERT INTO leases (source_id, hub, topic, token, secret, wanted, failures, next_ask)`, wanted,
		`ON CONFLICT (source_id) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, token = excluded.token, secret = excluded.secret,
			wanted = 1, until = NULL,
			next_ask = CASE WHEN leases.failures > 0 AND leases.next_ask > excluded.next_ask THEN leases.next_ask ELSE excluded.next_ask END
		WHERE leases.hub <> excluded.hub OR leases.topic <> excluded.topic OR leases.wanted = 0`)
}

// distrust is the end of relying on a hub for what follows, the sources: they are
// visited at their usual pace again.
const distrust = `UPDATE sources SET brought = NULL, next_visit = CASE
		WHEN sources.next_visit > sources.last_visit + sources.pace AND sources.failures = 0 AND sources.broke = 0
		THEN sources.last_visit + sources.pace ELSE sources.next_visit END
	`

// distrustReplaced relies no more on hubs whose leases others will replace.
func (s *Store) distrustReplaced(ctx context.Context, tx *sql.Tx, wanted [][]any) error {
	return s.eachRows(wanted, func(groups string, values []any) error {
		_, err := tx.ExecContext(ctx, distrust+`FROM (VALUES `+groups+`) AS u, leases l WHERE sources.id = u.column1 AND sources.brought IS NOT NULL
			AND l.source_id = u.column1 AND (l.hub <> u.column2 OR l.topic <> u.column3 OR l.wanted = 0)`, values...)
		return err
	})
}

// endLease lets the lease of a source end as soon as its hub was told.
func endLease(ctx context.Context, tx *sql.Tx, source digest.SourceID, now time.Time) error {
	n, err := affected(tx.ExecContext(ctx, `UPDATE leases SET wanted = 0, failures = 0, next_ask = $2 WHERE source_id = $1 AND wanted = 1`, int64(source), ms(now)))
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, distrust+`WHERE id = $1 AND brought IS NOT NULL`, int64(source))
	return err
}

// LeasesDue says whether a hub is to be asked at now.
func (s *Store) LeasesDue(ctx context.Context, now time.Time) (due bool, err error) {
	err = s.view(ctx, "look for due leases", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM leases WHERE next_ask <= $1)`, ms(now)).Scan(&due)
	})
	return due, err
}

// ClaimLeases takes at most limit leases whose hub is to be asked at now, the
// most overdue first, and returns them as Asked, as which they are saved, too:
// no other replica asks, and somebody does if the claimer dies. A lease that ran
// out is not relied on any more.
func (s *Store) ClaimLeases(ctx context.Context, now time.Time, limit int) (claimed []digest.Lease, err error) {
	err = s.change(ctx, "claim leases", func(ctx context.Context, tx *sql.Tx) error {
		claimed, err = collect(ctx, tx, scanLease, `SELECT `+leaseColumns+` FROM leases l WHERE l.next_ask <= $1
			ORDER BY l.next_ask, l.source_id LIMIT $2`+s.engine.skipLocked(), ms(now), limit)
		if err != nil {
			return err
		}
		for i := range claimed {
			claimed[i] = claimed[i].Asked(now)
			if err := s.saveLease(ctx, tx, claimed[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

// LeaseAt returns the lease of a token and its source, which is zero when it is
// not kept any more. ErrNotFound says that there is no such lease.
func (s *Store) LeaseAt(ctx context.Context, token string) (l digest.Lease, v digest.Source, err error) {
	err = s.view(ctx, "read a lease", func(ctx context.Context, tx *sql.Tx) error {
		if l, err = scanLease(tx.QueryRowContext(ctx, `SELECT `+leaseColumns+` FROM leases l WHERE l.token = $1`, token)); err != nil {
			return err
		}
		v, err = scanSource(tx.QueryRowContext(ctx, `SELECT `+sourceColumns+` FROM sources v WHERE v.id = $1 AND v.visited = 1`, int64(l.Source)))
		if err == sql.ErrNoRows {
			v, err = digest.Source{}, nil
		}
		return err
	})
	return l, v, err
}

// SaveLease saves what became of a lease, unless another took its place or it is
// to end meanwhile, or not to end.
func (s *Store) SaveLease(ctx context.Context, l digest.Lease) error {
	return s.change(ctx, fmt.Sprintf("save the lease of source %d", l.Source), func(ctx context.Context, tx *sql.Tx) error {
		return s.saveLease(ctx, tx, l)
	})
}

func (s *Store) saveLease(ctx context.Context, tx *sql.Tx, l digest.Lease) error {
	n, err := affected(tx.ExecContext(ctx, `UPDATE leases SET until = $2, failures = $3, next_ask = $4 WHERE token = $1 AND wanted = $5`,
		l.Token, ms(l.Until), l.Failures, ms(l.NextAsk), flag(l.Wanted)))
	if err != nil || n == 0 || !l.Until.IsZero() {
		return err
	}
	_, err = tx.ExecContext(ctx, distrust+`WHERE id = $1 AND brought IS NOT NULL`, int64(l.Source))
	return err
}

// EndLease forgets a lease.
func (s *Store) EndLease(ctx context.Context, token string) error {
	return s.change(ctx, "end a lease", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, distrust+`WHERE id = (SELECT source_id FROM leases WHERE token = $1) AND brought IS NOT NULL`, token)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM leases WHERE token = $1`, token)
		}
		return err
	})
}

// HastenVisit lets a source be visited at a time, if it works, is not under visit
// and was to be visited later.
func (s *Store) HastenVisit(ctx context.Context, id digest.SourceID, at time.Time) error {
	return s.change(ctx, fmt.Sprintf("hasten the visit of source %d", id), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sources SET next_visit = $2 WHERE id = $1 AND next_visit > $2 AND failures = 0 AND broke = 0`, int64(id), ms(at))
		return err
	})
}

// endUnwanted lets the leases of sources that are not visited any more end.
func (s *Store) endUnwanted(ctx context.Context, now time.Time) error {
	return s.change(ctx, "end leases of sources that are not visited", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE leases SET wanted = 0, failures = 0, next_ask = $1
			WHERE wanted = 1 AND NOT EXISTS (SELECT 1 FROM sources v WHERE v.id = leases.source_id AND v.visited = 1)`, ms(now))
		return err
	})
}

// saveBrought notes that hubs brought news.
func saveBrought(ctx context.Context, tx *sql.Tx, visits []digest.Visit) error {
	for _, v := range visits {
		if !v.Brought {
			continue
		}
		_, err := tx.ExecContext(ctx, `UPDATE sources SET brought = $2, last_change = $2 WHERE id = $1`, int64(v.Source.ID), ms(v.Source.Brought))
		if err != nil {
			return err
		}
	}
	return nil
}
