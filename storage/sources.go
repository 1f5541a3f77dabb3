package storage

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"tidings/digest"
)

const sourceColumns = `v.id, v.name, v.address, v.home, v.language, v.country, v.subject, v.listed, v.etag, v.last_modified,
	v.body_hash, v.next_visit, v.last_visit, v.last_change, v.pace, v.failures, v.failing_since, v.fault, v.reason, v.status, v.broke,
	v.moved, v.moved_at, v.sighted, v.sightings, v.lull, v.skip_hours, v.skip_days, v.brought`

// sourceFields are where the columns of a source go.
func sourceFields(v *digest.Source) []any {
	return []any{&v.ID, &v.Name, &v.Address, &v.Home, &v.Language, &v.Country, &v.Subject, &v.Listed, &v.ETag,
		&v.LastModified, &v.BodyHash, at(&v.NextVisit), at(&v.LastVisit), at(&v.LastChange), inMs(&v.Interval), &v.Failures,
		at(&v.FailingSince), &v.Fault, &v.Reason, &v.Status, &v.Broke, &v.Moved, at(&v.MovedAt), &v.Sighted, &v.Sightings,
		inMs(&v.Wish.Lull), &v.Wish.SkipHours, &v.Wish.SkipDays, at(&v.Brought)}
}

func scanSource(row scanner) (v digest.Source, err error) {
	err = row.Scan(sourceFields(&v)...)
	return v, err
}

// AddSources puts sources on the operator's list by their address and counts
// those that were not kept. A known one takes the given name, home, language, country
// and subject and keeps what its visits made of it. A new one is visited at
// its NextVisit, at once when that is zero.
func (s *Store) AddSources(ctx context.Context, sources []digest.Source) (added int, err error) {
	err = s.change(ctx, "add sources", func(ctx context.Context, tx *sql.Tx) error {
		added = 0
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
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

// addSource puts a source on the list in a transaction that has locked sources.
// One that stands there under another spelling takes the list's, and own sources
// beside it become one with it.
func (s *Store) addSource(ctx context.Context, tx *sql.Tx, v digest.Source) (fresh bool, err error) {
	if v.NextVisit.IsZero() {
		v.NextVisit = s.now()
	}
	address := clean(v.Address)
	same, err := sourcesAt(ctx, tx, address)
	if err != nil {
		return false, err
	}
	if len(same) == 0 {
		_, err = tx.ExecContext(ctx, `INSERT INTO sources (id, address, name, home, language, country, subject,
				visited, listed, etag, last_modified, body_hash, next_visit, pace, failures, reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1, '', '', '', $8, $9, 0, '')`,
			s.newID(), address, clean(v.Name), clean(v.Home), clean(v.Language), clean(v.Country), clean(v.Subject),
			ms(v.NextVisit), v.Interval.Milliseconds())
		return err == nil, err
	}
	kept := same[0]
	_, err = tx.ExecContext(ctx, `UPDATE sources SET address = $2, name = $3, home = $4, language = $5, country = $6, subject = $7,
			visited = 1, listed = 1, etag = CASE WHEN address = $2 THEN etag ELSE '' END,
			last_modified = CASE WHEN address = $2 THEN last_modified ELSE '' END
		WHERE id = $1`,
		int64(kept.id), address, clean(v.Name), clean(v.Home), clean(v.Language), clean(v.Country), clean(v.Subject))
	for _, other := range same[1:] {
		if err == nil && !other.listed {
			err = s.mergeSources(ctx, tx, other.id, kept.id)
		}
	}
	return false, err
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
// else visits them meanwhile and somebody does if the claimer dies. Each is
// marked as under visit until it is shelved: a mark that is left tells that its
// visit broke off. They are returned in any order as they stood before, but with
// the next visit put off.
//
// What broke off before is claimed when nothing else is due, and with little
// company: thirty-two at a time, or alone when it did so twice.
func (s *Store) ClaimSources(ctx context.Context, now time.Time, hold time.Duration, limit int) (claimed []digest.Source, err error) {
	err = s.change(ctx, "claim sources", func(ctx context.Context, tx *sql.Tx) error {
		for _, group := range []struct {
			broke string
			most  int
		}{{"= 0", limit}, {"= 1", min(limit, digest.SuspectsAtOnce)}, {"> 1", 1}} {
			claimed, err = collect(ctx, tx, scanSource, `WITH due AS MATERIALIZED (SELECT id AS due_id FROM sources
					WHERE visited = 1 AND next_visit <= $1 AND broke `+group.broke+` ORDER BY next_visit, id LIMIT $3`+s.engine.skipLocked()+`)
				UPDATE sources SET next_visit = $2, broke = broke + 1 FROM due WHERE id = due_id
				RETURNING `+strings.ReplaceAll(sourceColumns, "v.", ""), ms(now), ms(now.Add(hold)), group.most)
			if err != nil || len(claimed) > 0 {
				break
			}
		}
		for i := range claimed {
			claimed[i].Broke--
		}
		return err
	})
	return claimed, err
}

// saveVisited saves what visits made of their sources. What their owner wrote
// (name, address …) is left alone, and so is a source that is no longer kept.
func (s *Store) saveVisited(ctx context.Context, tx *sql.Tx, visits []digest.Visit) error {
	var rows, times [][]any
	for _, visit := range visits {
		v := visit.Source
		if visit.Brought {
			continue
		}
		if visit.TimesOnly {
			times = append(times, []any{int64(v.ID), ms(v.NextVisit), ms(v.LastVisit), v.Interval.Milliseconds(), v.Broke})
			continue
		}
		rows = append(rows, []any{int64(v.ID), ms(v.NextVisit), ms(v.LastVisit), ms(v.LastChange), v.Interval.Milliseconds(), v.Failures,
			ms(v.FailingSince), v.Status, v.Broke, ms(v.MovedAt), v.Sightings, v.Wish.Lull.Milliseconds(), int64(v.Wish.SkipHours),
			int64(v.Wish.SkipDays), clean(v.ETag), clean(v.LastModified), clean(v.BodyHash), clean(v.Reason), clean(v.Moved), clean(v.Sighted), ms(v.Brought), string(v.Fault)})
	}
	err := s.eachRows(times, func(groups string, values []any) error {
		_, err := tx.ExecContext(ctx, `UPDATE sources SET next_visit = u.column2, last_visit = u.column3, pace = u.column4, broke = u.column5
			FROM (VALUES `+groups+`) AS u WHERE sources.id = u.column1`, values...)
		return err
	})
	if err != nil {
		return err
	}
	return s.eachRows(rows, func(groups string, values []any) error {
		_, err := tx.ExecContext(ctx, `UPDATE sources SET next_visit = u.column2, last_visit = u.column3, last_change = u.column4,
				pace = u.column5, failures = u.column6, failing_since = u.column7, status = u.column8, broke = u.column9,
				moved_at = u.column10, sightings = u.column11, lull = u.column12, skip_hours = u.column13, skip_days = u.column14,
				etag = u.column15, last_modified = u.column16, body_hash = u.column17, reason = u.column18, moved = u.column19,
				sighted = u.column20, brought = CASE WHEN u.column21 IS NULL THEN NULL ELSE brought END, fault = u.column22
			FROM (VALUES `+groups+`) AS u WHERE sources.id = u.column1`, values...)
		return err
	})
}

// circles tells of the sources of visits with articles which are still kept,
// and in which circle: 0 for those listed.
func (s *Store) circles(ctx context.Context, tx *sql.Tx, visits []digest.Visit) (map[digest.SourceID]digest.SourceID, error) {
	var ids []any
	for _, v := range visits {
		if len(v.Articles) > 0 {
			ids = append(ids, int64(v.Source.ID))
		}
	}
	kept := make(map[digest.SourceID]digest.SourceID, len(ids))
	for part := range slices.Chunk(ids, 1000) {
		err := eachRow(ctx, tx, func(row scanner) error {
			var (
				id     digest.SourceID
				listed bool
			)
			err := row.Scan(&id, &listed)
			kept[id] = id
			if listed {
				kept[id] = 0
			}
			return err
		}, `SELECT id, listed FROM sources WHERE id IN (`+s.engine.row(1, len(part))+`)`, part...)
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
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
