package storage

import (
	"context"
	"database/sql"
	"time"

	"tidings/digest"
)

const sourceColumns = `v.id, v.name, v.address, v.home, v.language, v.country, v.subject, v.listed, v.etag, v.last_modified,
	v.body_hash, v.next_visit, v.last_visit, v.last_change, v.pace, v.failures, v.failing_since, v.reason`

// sourceFields are where the columns of a source go; pace is in milliseconds.
func sourceFields(v *digest.Source, pace *int64) []any {
	return []any{&v.ID, &v.Name, &v.Address, &v.Home, &v.Language, &v.Country, &v.Subject, &v.Listed, &v.ETag,
		&v.LastModified, &v.BodyHash, at(&v.NextVisit), at(&v.LastVisit), at(&v.LastChange), pace, &v.Failures,
		at(&v.FailingSince), &v.Reason}
}

func scanSource(row scanner) (digest.Source, error) {
	var (
		v    digest.Source
		pace int64
	)
	err := row.Scan(sourceFields(&v, &pace)...)
	v.Interval = time.Duration(pace) * time.Millisecond
	return v, err
}

// AddSources puts sources on the operator's list by their address and counts
// those that were not kept. A known one takes the given name, home, language, country
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
			visited, listed, etag, last_modified, body_hash, next_visit, pace, failures, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1, '', '', '', $8, $9, 0, '')
		ON CONFLICT (address) DO UPDATE SET name = excluded.name, home = excluded.home,
			language = excluded.language, country = excluded.country, subject = excluded.subject, visited = 1, listed = 1
		RETURNING id`,
		id, clean(v.Address), clean(v.Name), clean(v.Home), clean(v.Language), clean(v.Country), clean(v.Subject),
		ms(v.NextVisit), v.Interval.Milliseconds()).Scan(&kept)
	return kept == id, err
}

// RetainSources takes every source off the operator's list whose address is not
// given: it and its articles stay, but it is visited only while some chat
// follows it. Those given are listed and visited again.
func (s *Store) RetainSources(ctx context.Context, addresses []string) error {
	return s.change(ctx, "retain sources", func(ctx context.Context, tx *sql.Tx) error {
		return s.retainSources(ctx, tx, addresses)
	})
}

func (s *Store) retainSources(ctx context.Context, tx *sql.Tx, addresses []string) error {
	given := make(map[string]bool, len(addresses))
	for _, a := range addresses {
		given[clean(a)] = true
	}
	type row struct {
		id                        int64
		address                   string
		listed, visited, followed bool
	}
	rows, err := collect(ctx, tx, func(r scanner) (v row, err error) {
		err = r.Scan(&v.id, &v.address, &v.listed, &v.visited, &v.followed)
		return v, err
	}, `SELECT v.id, v.address, v.listed, v.visited,
			EXISTS (SELECT 1 FROM chat_sources c WHERE c.source_id = v.id AND c.followed = 1)
		FROM sources v ORDER BY v.id`+s.engine.forUpdate())
	if err != nil {
		return err
	}
	for _, r := range rows {
		listed := given[r.address]
		visited := listed || r.followed
		if listed == r.listed && visited == r.visited {
			continue
		}
		_, err := tx.ExecContext(ctx, `UPDATE sources SET listed = $1, visited = $2 WHERE id = $3`, flag(listed), flag(visited), r.id)
		if err != nil {
			return err
		}
	}
	return nil
}

// ClaimSources takes at most limit sources that are due at now, the most
// overdue first, and puts their next visit off to now+hold, so that nobody
// else visits them meanwhile and somebody does if the claimer dies. They are
// returned as they stood before, NextVisit included.
func (s *Store) ClaimSources(ctx context.Context, now time.Time, hold time.Duration, limit int) (claimed []digest.Source, err error) {
	err = s.change(ctx, "claim sources", func(ctx context.Context, tx *sql.Tx) error {
		claimed, err = collect(ctx, tx, scanSource, `SELECT `+sourceColumns+` FROM sources v
			WHERE v.visited = 1 AND v.next_visit <= $1 ORDER BY v.next_visit, v.id LIMIT $2`+s.engine.skipLocked(),
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
// is still kept, and whether it is listed. What its owner wrote (name, address …)
// is left alone.
func saveVisited(ctx context.Context, tx *sql.Tx, v digest.Source) (kept, listed bool, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE sources SET etag = $2, last_modified = $3, body_hash = $4,
			next_visit = $5, last_visit = $6, last_change = $7, pace = $8, failures = $9, failing_since = $10,
			reason = $11 WHERE id = $1 RETURNING listed`,
		int64(v.ID), clean(v.ETag), clean(v.LastModified), clean(v.BodyHash), ms(v.NextVisit), ms(v.LastVisit),
		ms(v.LastChange), v.Interval.Milliseconds(), v.Failures, ms(v.FailingSince), clean(v.Reason)).Scan(&listed)
	if err == sql.ErrNoRows {
		return false, false, nil
	}
	return err == nil, listed, err
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
