package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings/storage"
	"tidings/storage/queue"
)

type backupCommand struct {
	Database string `placeholder:"PATH" help:"The database (TIDINGS_DATABASE; default tidings.db)."`
	File     string `arg:"" help:"Where the copy goes."`
	Force    bool   `help:"Replace FILE if it is there."`
}

// Run copies the database while the bot may be running.
func (c backupCommand) Run(ctx context.Context, s surroundings) error {
	set, err := readSettings(settingFlags{Database: c.Database}, s.environ)
	if err != nil {
		return err
	}
	began := time.Now()
	v, err := storage.Backup(ctx, set.database, c.File, c.Force)
	if err != nil {
		return askedWrongly(err)
	}
	fmt.Fprintf(s.out, "%s holds %s now, examined: %s, in %s.\n", c.File, set.database, v, time.Since(began).Round(time.Millisecond))
	return nil
}

type restoreCommand struct {
	Database string `placeholder:"PATH" help:"The database (TIDINGS_DATABASE; default tidings.db)."`
	File     string `arg:"" help:"The backup."`
}

// Run puts a backup in the place of the database.
func (c restoreCommand) Run(ctx context.Context, s surroundings) error {
	set, err := readSettings(settingFlags{Database: c.Database}, s.environ)
	if err != nil {
		return err
	}
	r, err := storage.Restore(ctx, set.database, c.File, storage.Options{Log: newLog(s.err, set.logLevel), Migrate: queue.Migrate}, time.Now())
	if err != nil {
		return askedWrongly(err)
	}
	fmt.Fprintf(s.out, "%s is %s again, examined: %s.\n", set.database, c.File, r.Inventory)
	if !r.Made.IsZero() {
		fmt.Fprintf(s.out, "The backup was made at %s.\n", r.Made.Format(time.RFC3339))
	}
	if r.Kept != "" {
		fmt.Fprintf(s.out, "The database that was there is kept as %s.\n", r.Kept)
	}
	if r.Until.IsZero() {
		fmt.Fprintln(s.out, "It goes on where it stopped.")
		return nil
	}
	fmt.Fprintf(s.out, "What was due until %s counts as sent. Messages that end as unknown: %d; chats that wait for their next time: %d; broadcasts that end: %d.\n",
		r.Until.Format(time.RFC3339), r.Unknown, r.Moved, r.Ended)
	return nil
}

// askedWrongly tells what the operator can mend by asking otherwise from what
// went wrong.
func askedWrongly(err error) error {
	if errors.Is(err, storage.ErrWrongFile) || errors.Is(err, storage.ErrNotTidings) {
		return usageError{err.Error()}
	}
	if errors.Is(err, storage.ErrInUse) {
		return fmt.Errorf("%w: stop it first", err)
	}
	return err
}
