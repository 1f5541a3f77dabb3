package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

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
	steps, err := stepsIn(folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, s.write, nil, goose.WithGoMigrations(steps...),
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
	up := func() error {
		_, err := p.Up(ctx)
		return err
	}
	if has > 0 && has < wants {
		s.log.Info("bringing the tables up to date, which takes minutes where much is kept", "from", has, "to", wants)
		err = s.sortingOnDisk(ctx, up)
	} else {
		err = up()
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// sortingOnDisk lets what SQLite sorts during act lie in files instead of in memory, of
// which the index of seven million matches would take half a gigabyte. Left alone SQLite
// looks for a folder among those of the system, and a container may have none; beside the
// database it can write, and its files have no name there: they go with the process. The
// folder is the whole process's, so act is for one house at a time.
func (s *Store) sortingOnDisk(ctx context.Context, act func() error) error {
	if s.engine != SQLite {
		return act()
	}
	sorting.Lock()
	defer sorting.Unlock()
	path, err := filepath.Abs(s.url)
	if err != nil {
		return err
	}
	folder := "'" + strings.ReplaceAll(filepath.Dir(path), "'", "''") + "'"
	err = s.setTemporary(ctx, "FILE", folder)
	if err == nil {
		err = act()
	}
	return errors.Join(err, s.setTemporary(context.WithoutCancel(ctx), "MEMORY", "''"))
}

var sorting sync.Mutex

// setTemporary says where SQLite puts what is temporary.
func (s *Store) setTemporary(ctx context.Context, store, folder string) error {
	if _, err := s.write.ExecContext(ctx, `PRAGMA temp_store_directory = `+folder); err != nil {
		return err
	}
	_, err := s.write.ExecContext(ctx, `PRAGMA temp_store = `+store)
	return err
}

// stepsIn reads the files of a folder, each of which is run whole: goose's own
// reader, which takes a text apart into statements, makes buffers of megabytes for
// every line.
func stepsIn(folder fs.FS) (steps []*goose.Migration, err error) {
	files, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		statements, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(statements))
			return err
		}}, nil))
	}
	return steps, nil
}
