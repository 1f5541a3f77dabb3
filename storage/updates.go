package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const updateOffset = "update offset"

// UpdateOffset returns what SaveUpdateOffset saved last, 0 at first.
func (s *Store) UpdateOffset(ctx context.Context) (offset int64, err error) {
	err = s.view(ctx, "read update offset", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT value FROM settings WHERE name = $1), 0)`, updateOffset).Scan(&offset)
	})
	return offset, err
}

// SaveUpdateOffset keeps where polling Telegram goes on.
func (s *Store) SaveUpdateOffset(ctx context.Context, offset int64) error {
	return s.change(ctx, "save update offset", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, updateOffset, offset)
		return err
	})
}

// UpdateHandled says whether an update was marked, within the last day.
func (s *Store) UpdateHandled(ctx context.Context, id int64) (handled bool, err error) {
	err = s.view(ctx, fmt.Sprintf("look for update %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM updates WHERE id = $1)`, id).Scan(&handled)
	})
	return handled, err
}

// MarkUpdate notes that an update was handled. Marking it again changes nothing.
func (s *Store) MarkUpdate(ctx context.Context, id int64, now time.Time) error {
	return s.change(ctx, fmt.Sprintf("mark update %d", id), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO updates (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, ms(now))
		return err
	})
}
