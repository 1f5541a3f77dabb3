package storage

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"tidings/digest"
)

// spellings are an address and those that differ only in what every server takes
// for the same: the scheme, "www." and a last slash.
func spellings(address string) (all []any) {
	place := placeOf(address)
	for _, a := range []string{place, "www." + place} {
		for _, scheme := range []string{"https://", "http://"} {
			all = append(all, clean(scheme+a), clean(scheme+a+"/"))
		}
	}
	return all
}

// placeOf is what all spellings of an address have in common.
func placeOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	return strings.TrimPrefix(strings.TrimSuffix(rest, "/"), "www.")
}

// A sourceAt is a source that an address means.
type sourceAt struct {
	id      digest.SourceID
	address string
	listed  bool
}

// sourcesAt finds the sources with an address in any spelling: the one that has
// it as it is written, then listed ones, then the oldest.
func sourcesAt(ctx context.Context, tx *sql.Tx, address string) ([]sourceAt, error) {
	all := spellings(address)
	found, err := collect(ctx, tx, func(row scanner) (v sourceAt, err error) {
		err = row.Scan(&v.id, &v.address, &v.listed)
		return v, err
	}, `SELECT id, address, listed FROM sources WHERE address IN (`+marks(1, len(all))+`) ORDER BY listed DESC, id`, all...)
	slices.SortStableFunc(found, func(a, b sourceAt) int {
		switch {
		case a.address == address:
			return -1
		case b.address == address:
			return 1
		}
		return 0
	})
	return found, err
}

// knownSource finds a source by its address in any spelling, or a listed one by where it
// lives now: the address of one that a reader added may be a secret of theirs, and who
// adds where that leads must not be given it.
func knownSource(ctx context.Context, tx *sql.Tx, address string) (id digest.SourceID, err error) {
	all := spellings(address)
	err = tx.QueryRowContext(ctx, `SELECT id FROM (
			SELECT id, listed, 0 AS place FROM sources WHERE address IN (`+marks(1, len(all))+`)
			UNION ALL SELECT id, listed, 1 FROM sources WHERE listed = 1 AND moved <> '' AND moved IN (`+marks(1, len(all))+`)) v
		ORDER BY place, listed DESC, id LIMIT 1`, all...).Scan(&id)
	return id, err
}

// mergeMoved makes one source of two where one lives for good at the other's
// address: whoever followed either follows the one that is left. Of two that are
// listed both stay, for the list says so; what both tell comes once anyway.
func (s *Store) mergeMoved(ctx context.Context) error {
	var moved []digest.SourceID
	err := s.view(ctx, "read which sources moved", func(ctx context.Context, tx *sql.Tx) (err error) {
		moved, err = collect(ctx, tx, scanOne[digest.SourceID], `SELECT id FROM sources
			WHERE moved <> '' AND visited = 1 AND failing_since IS NULL ORDER BY id`)
		return err
	})
	for _, id := range moved {
		if err == nil && ctx.Err() == nil {
			err = s.mergeMovedSource(ctx, id)
		}
	}
	return err
}

func (s *Store) mergeMovedSource(ctx context.Context, id digest.SourceID) error {
	pair := func(ctx context.Context, tx *sql.Tx) (from, to digest.SourceID, err error) {
		x, err := scanSource(tx.QueryRowContext(ctx, `SELECT `+sourceColumns+` FROM sources v WHERE v.id = $1`, int64(id)))
		if err == sql.ErrNoRows || err == nil && x.Moved == "" {
			return 0, 0, nil
		}
		if err != nil {
			return 0, 0, err
		}
		there, err := sourcesAt(ctx, tx, x.Moved)
		there = slices.DeleteFunc(there, func(y sourceAt) bool { return y.id == id || x.Listed && y.listed })
		if err != nil || len(there) == 0 {
			return 0, 0, err
		}
		if x.Listed {
			return there[0].id, id, nil
		}
		return id, there[0].id, nil
	}
	var from digest.SourceID
	err := s.view(ctx, "look where a source moved", func(ctx context.Context, tx *sql.Tx) (err error) {
		from, _, err = pair(ctx, tx)
		return err
	})
	if from == 0 || err != nil {
		return err // most moved where nobody is
	}
	return s.change(ctx, "merge two sources", func(ctx context.Context, tx *sql.Tx) error {
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
		from, to, err := pair(ctx, tx)
		if from == 0 || err != nil {
			return err
		}
		ready := false // else something that was told would come again: later, then
		err = tx.QueryRowContext(ctx, `SELECT v.visited = 1 AND v.failing_since IS NULL AND v.last_visit >= COALESCE(f.last_change, 0)
				AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.source_id = v.id AND a.story_id IS NULL)
			FROM sources v, sources f WHERE v.id = $1 AND f.id = $2`, int64(to), int64(from)).Scan(&ready)
		if err != nil || !ready {
			return err
		}
		return s.mergeSources(ctx, tx, from, to)
	})
}

// mergeSources lets who follows or mutes one source, which is not listed, follow
// or mute another instead, and forgets the first. What it told them counts as told
// by the other, so that nothing comes twice.
func (s *Store) mergeSources(ctx context.Context, tx *sql.Tx, from, to digest.SourceID) error {
	for _, statement := range []string{
		`INSERT INTO sent (chat_id, story_id, at, hosts, known, updated)
			SELECT t.chat_id, p.same, MAX(t.at), MAX(v.hosts), MAX(v.joined), MAX(t.updated) FROM sent t JOIN (
				SELECT a.story_id AS told, b.story_id AS same FROM articles a JOIN articles b ON b.source_id = $2 AND b.address = a.address
					WHERE a.source_id = $1 AND a.circle = $1 AND a.story_id IS NOT NULL AND b.story_id IS NOT NULL
				UNION SELECT a.story_id, b.story_id FROM articles a JOIN article_keys k ON k.hash = a.twin JOIN articles b ON b.id = k.article_id AND b.circle = 0
					WHERE a.source_id = $1 AND a.circle = $1 AND a.twin <> 0 AND a.story_id IS NOT NULL AND b.story_id IS NOT NULL
			) p ON p.told = t.story_id JOIN stories v ON v.id = p.same
				WHERE p.same <> p.told AND t.chat_id IN (SELECT chat_id FROM chat_sources WHERE source_id = $1) GROUP BY t.chat_id, p.same
			ON CONFLICT (chat_id, story_id) DO NOTHING`,
		// heard is who was heard through either
		`UPDATE chat_sources SET followed = 1, muted = CASE WHEN followed = 1 AND muted = 0 THEN 0 ELSE (SELECT o.muted FROM chat_sources o
				WHERE o.source_id = $1 AND o.chat_id = chat_sources.chat_id) END
			WHERE source_id = $2 AND chat_id IN (SELECT chat_id FROM chat_sources WHERE source_id = $1 AND followed = 1)`,
		`DELETE FROM chat_sources WHERE source_id = $1 AND chat_id IN (SELECT chat_id FROM chat_sources WHERE source_id = $2)`,
		`UPDATE chat_sources SET source_id = $2 WHERE source_id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, int64(from), int64(to)); err != nil {
			return err
		}
	}
	return s.forgetSources(ctx, tx, from)
}
