package storage

import (
	"context"
	"database/sql"
	"time"

	"tidings/digest"
)

const sourceColumns = `id, name, address, home, language, country, subject, etag, last_modified, body_hash,
	next_visit, last_visit, last_change, pace, failures, failing_since, reason`

func scanSource(row scanner) (digest.Source, error) {
	var (
		v    digest.Source
		pace int64
	)
	err := row.Scan(&v.ID, &v.Name, &v.Address, &v.Home, &v.Language, &v.Country, &v.Subject, &v.ETag,
		&v.LastModified, &v.BodyHash, at(&v.NextVisit), at(&v.LastVisit), at(&v.LastChange), &pace, &v.Failures,
		at(&v.FailingSince), &v.Reason)
	v.Interval = time.Duration(pace) * time.Millisecond
	return v, err
}

// AddSources puts sources on the list by their address and counts those that
// were not there. A known one takes the given name, home, language, country
// and subject and keeps what its visits made of it. A new one is visited at
// its NextVisit, at once when that is zero.
func (s *Store) AddSources(ctx context.Context, sources []digest.Source) (added int, err error) {
	err = s.change(ctx, "add sources", func(ctx context.Context, tx *sql.Tx) error {
		added = 0
		for _, v := range sources {
			fresh, err := s.addSource(ctx, tx, v)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

func (s *Store) addSource(ctx context.Context, tx *sql.Tx, v digest.Source) (fresh bool, err error) {
	id := s.newID()
	if v.NextVisit.IsZero() {
		v.NextVisit = s.now()
	}
	var kept int64
	err = tx.QueryRowContext(ctx, `INSERT INTO sources (id, address, name, home, language, country, subject,
			visited, etag, last_modified, body_hash, next_visit, pace, failures, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, '', '', '', $8, $9, 0, '')
		ON CONFLICT (address) DO UPDATE SET name = excluded.name, home = excluded.home,
			language = excluded.language, country = excluded.country, subject = excluded.subject, visited = 1
		RETURNING id`,
		id, clean(v.Address), clean(v.Name), clean(v.Home), clean(v.Language), clean(v.Country), clean(v.Subject),
		ms(v.NextVisit), v.Interval.Milliseconds()).Scan(&kept)
	return kept == id, err
}

// RetainSources switches off every source whose address is not listed: it and
// its articles stay, but it is not visited. Listed ones are switched on again.
func (s *Store) RetainSources(ctx context.Context, addresses []string) error {
	listed := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		listed[clean(a)] = true
	}
	type row struct {
		id      int64
		address string
		visited bool
	}
	return s.change(ctx, "retain sources", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := collect(ctx, tx, func(r scanner) (v row, err error) {
			err = r.Scan(&v.id, &v.address, &v.visited)
			return v, err
		}, `SELECT id, address, visited FROM sources ORDER BY id`+s.engine.forUpdate())
		if err != nil {
			return err
		}
		for _, r := range rows {
			if on := listed[r.address]; on != r.visited {
				if _, err := tx.ExecContext(ctx, `UPDATE sources SET visited = $1 WHERE id = $2`, flag(on), r.id); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// ClaimSources takes at most limit sources that are due at now, the most
// overdue first, and puts their next visit off to now+hold, so that nobody
// else visits them meanwhile and somebody does if the claimer dies. They are
// returned as they stood before, NextVisit included.
func (s *Store) ClaimSources(ctx context.Context, now time.Time, hold time.Duration, limit int) (claimed []digest.Source, err error) {
	err = s.change(ctx, "claim sources", func(ctx context.Context, tx *sql.Tx) error {
		claimed, err = collect(ctx, tx, scanSource, `SELECT `+sourceColumns+` FROM sources
			WHERE visited = 1 AND next_visit <= $1 ORDER BY next_visit, id LIMIT $2`+s.engine.skipLocked(),
			ms(now), limit)
		if err != nil {
			return err
		}
		for _, v := range claimed {
			_, err := tx.ExecContext(ctx, `UPDATE sources SET next_visit = $2 WHERE id = $1`, int64(v.ID), ms(now.Add(hold)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

// saveVisited saves what a visit made of a source and tells whether the source
// is still kept. What its owner wrote (name, address …) is left alone.
func saveVisited(ctx context.Context, tx *sql.Tx, v digest.Source) (kept bool, err error) {
	result, err := tx.ExecContext(ctx, `UPDATE sources SET etag = $2, last_modified = $3, body_hash = $4,
			next_visit = $5, last_visit = $6, last_change = $7, pace = $8, failures = $9, failing_since = $10,
			reason = $11 WHERE id = $1`,
		int64(v.ID), clean(v.ETag), clean(v.LastModified), clean(v.BodyHash), ms(v.NextVisit), ms(v.LastVisit),
		ms(v.LastChange), v.Interval.Milliseconds(), v.Failures, ms(v.FailingSince), clean(v.Reason))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Due says whether a source waits for a visit or a chat for an edition at now.
// It reads two index entries: cheap enough for every second.
func (s *Store) Due(ctx context.Context, now time.Time) (sources, chats bool, err error) {
	err = s.view(ctx, "look for due work", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT
			EXISTS (SELECT 1 FROM sources WHERE visited = 1 AND next_visit <= $1),
			EXISTS (SELECT 1 FROM chats WHERE paused = '' AND next_edition <= $1)`, ms(now)).Scan(&sources, &chats)
	})
	return sources, chats, err
}

// Unread says that nothing is known yet and something is on its way: there is
// no story, and a source was never visited or an article has not been joined.
func (s *Store) Unread(ctx context.Context) (unread bool, err error) {
	err = s.view(ctx, "ask for first news", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM stories) AND (
			EXISTS (SELECT 1 FROM sources WHERE visited = 1 AND last_visit IS NULL)
			OR EXISTS (SELECT 1 FROM articles WHERE story_id IS NULL))`).Scan(&unread)
	})
	return unread, err
}
