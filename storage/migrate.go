package storage

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the tables up to date, those of the shared work first. On
// PostgreSQL replicas that start together do it one after the other: without
// the lock three of four failed on an empty database.
func (s *Store) migrate(ctx context.Context, others func(context.Context, Engine, *sql.DB) error) error {
	if s.engine == Postgres {
		conn, err := s.write.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(lockMigrate)); err != nil {
			return err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lockMigrate))
	}
	if err := s.notForeign(ctx); err != nil {
		return err
	}
	if others != nil {
		if err := others(ctx, s.engine, s.write); err != nil {
			return fmt.Errorf("migrate queue: %w", err)
		}
	}
	return s.migrateOurs(ctx)
}

// notForeign refuses a SQLite file that holds somebody else's tables: ours in
// it would spoil it.
func (s *Store) notForeign(ctx context.Context) error {
	if s.engine != SQLite {
		return nil
	}
	var ours, foreign int
	err := s.write.QueryRowContext(ctx, `SELECT COALESCE(SUM(name = 'goose_db_version'), 0),
			COALESCE(SUM(name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'river\_%' ESCAPE '\'), 0)
		FROM sqlite_master WHERE type = 'table'`).Scan(&ours, &foreign)
	if err == nil && ours == 0 && foreign > 0 {
		err = ErrNotTidings
	}
	return err
}

func (s *Store) migrateOurs(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations/"+string(s.engine))
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if s.engine == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, s.write, folder,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	has, wants, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > wants {
		return fmt.Errorf("%w (its tables are at %d, this version knows %d)", ErrNewer, has, wants)
	}
	if has > 0 && has < wants {
		s.log.Info("bringing the tables up to date, which takes minutes where much is kept", "from", has, "to", wants)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
