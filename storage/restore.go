package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"tidings/bot"
)

// Restored tells what Restore did.
type Restored struct {
	Inventory
	Made    time.Time // when the backup was made
	Kept    string    // where the database that was there is now; "" if there was none
	Until   time.Time // everything due until then counts as sent; zero when nothing had to be settled
	Unknown int       // deliveries that ended as unknown
	Moved   int       // chats whose slots until then were passed over
	Ended   int       // broadcasts that ended
}

// Restore puts a copy of a backup in the place of a SQLite database, made if
// there is none. The copy is examined, brought up to date and settled under
// another name first; then the old database is kept beside it under a dated
// name and the copy takes its place in one step. What fails before that leaves
// everything as it was. ErrInUse says that a process has the database.
//
// A backup is older than what Telegram has seen since. So what was due until
// the replaced database was last in use counts as sent: deliveries end as
// unknown, slots are passed over, broadcasts end. Slots after that are made up
// for as after any stop. Without a database to tell, it is the time of the
// backup. A backup made while no process ran, of a database that none has used
// since, goes on where it stopped.
func Restore(ctx context.Context, database, file string, o Options, now time.Time) (r Restored, err error) {
	to, err := sqlitePath(database, "a restore")
	if err != nil {
		return r, err
	}
	from, err := filepath.Abs(file)
	if err != nil {
		return r, err
	}
	if err := mayRestore(from, to); err != nil {
		return r, err
	}
	lock := flock.New(to + ".lock")
	looking, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	held, err := lock.TryLockContext(looking, lockRetry)
	switch {
	case err != nil && looking.Err() == nil:
		return r, fmt.Errorf("lock %s: %w", database, reason(err))
	case !held:
		return r, ErrInUse
	}
	defer lock.Close()
	next, err := copyBeside(ctx, from, to)
	if err != nil {
		return r, err
	}
	defer removeAll(next)
	if r.Inventory, err = examine(ctx, next); err != nil {
		return r, about(file, err)
	}
	if err := r.settle(ctx, next, lastUse(ctx, to), o, now); err != nil {
		return r, fmt.Errorf("settle the copy of %s: %w", file, err)
	}
	if r.Kept, err = swap(next, to, now); err != nil {
		return r, fmt.Errorf("put the copy of %s in place: %w", file, err)
	}
	return r, nil
}

// mayRestore refuses files that are no backup.
func mayRestore(from, to string) error {
	if _, err := regularFile(from); err != nil {
		return err
	}
	if partOf(from, to) {
		return wrongFile("%s belongs to the database itself; name a backup", from)
	}
	if err := isSQLite(from); err != nil {
		return wrongFile("%s %v", from, err)
	}
	if info, err := os.Stat(from + "-wal"); err == nil && info.Size() > 0 {
		return wrongFile("%s has a log beside it, so it is a living database; make a backup of it and restore that", from)
	}
	if folder, err := os.Stat(filepath.Dir(to)); err != nil || !folder.IsDir() {
		return wrongFile("the folder %s is not there", filepath.Dir(to))
	}
	if info, err := os.Stat(to); err == nil && !info.Mode().IsRegular() {
		return wrongFile("the database %s is not an ordinary file", to)
	}
	return nil
}

// copyBeside copies a file into the folder of another, under a name of its own.
func copyBeside(ctx context.Context, from, to string) (path string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", wrongFile("%s: %v", from, reason(err))
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".restore-*")
	if err != nil {
		return "", fmt.Errorf("make a file in %s: %w", filepath.Dir(to), reason(err))
	}
	_, err = io.Copy(out, readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return in.Read(p)
	}))
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(out.Name())
		return "", fmt.Errorf("copy %s: %w", from, reason(err))
	}
	return out.Name(), nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// removeAll takes away a file and what SQLite and we put beside it.
func removeAll(path string) {
	os.Remove(path)
	for _, end := range besides {
		os.Remove(path + end)
	}
}

// lastUse is when a database was last worked with, as far as it can tell: by
// its own rows, or by its files when it cannot be read. Zero when there is
// none.
func lastUse(ctx context.Context, path string) (last time.Time) {
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(path + end); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	if last.IsZero() {
		return last
	}
	db, err := openFile(path, "&mode=ro&_pragma=query_only(1)")
	if err != nil {
		return last
	}
	defer db.Close()
	var told int64
	err = db.QueryRowContext(ctx, `SELECT MAX(COALESCE((SELECT value FROM settings WHERE name = $1), 0),
		COALESCE((SELECT MAX(composed) FROM editions), 0), COALESCE((SELECT MAX(at) FROM updates), 0))`, settingProbe).Scan(&told)
	if err != nil || told == 0 {
		return last
	}
	return time.UnixMilli(told)
}

// settle brings the copy up to date and makes it agree with what was sent since
// it was made.
func (r *Restored) settle(ctx context.Context, path string, used time.Time, o Options, now time.Time) (err error) {
	s, err := Open(ctx, path, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.change(ctx, "settle", func(ctx context.Context, tx *sql.Tx) error {
		made, atRest, err := backupNotes(ctx, tx)
		if err != nil {
			return err
		}
		r.Made = time.UnixMilli(made).UTC()
		if made == 0 {
			r.Made = time.Time{}
		}
		until := min(max(made, ms(used).Int64), now.UnixMilli())
		if atRest && until <= made {
			return s.saveNotes(ctx, tx, 0, 0)
		}
		r.Until = time.UnixMilli(until).UTC()
		if r.Unknown, err = affected(tx.ExecContext(ctx, `UPDATE deliveries SET state = 'unknown', reason = 'a backup was restored', ended = $1
			WHERE state = 'sending' OR state = 'waiting' AND not_before <= $1`, until)); err != nil {
			return err
		}
		if err := countUnknown(ctx, tx, r.Unknown); err != nil {
			return err
		}
		if r.Ended, err = affected(tx.ExecContext(ctx, `UPDATE broadcasts SET state = 'cancelled', ended = $1
			WHERE state NOT IN ('done', 'stopped', 'cancelled', 'draft')`, until)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'dropped', reason = 'a backup was restored', ended = $1
			WHERE state = 'waiting' AND broadcast_id IS NOT NULL`, until); err != nil {
			return err
		}
		// A draft may have been confirmed since; it is asked for again.
		if _, err := tx.ExecContext(ctx, `UPDATE broadcasts SET state = 'cancelled', ended = $1 WHERE state = 'draft'`, until); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE surges SET look = NULL WHERE look <= $1`, until); err != nil {
			return err
		}
		if r.Moved, err = passSlots(ctx, tx, r.Until); err != nil {
			return err
		}
		return s.saveNotes(ctx, tx, made, until)
	})
}

// backupNotes are when the copy was made and whether at rest. A copy made by
// other means tells at least when its database was in use.
func backupNotes(ctx context.Context, tx *sql.Tx) (made int64, atRest bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COALESCE((SELECT value FROM settings WHERE name = $1), (SELECT value FROM settings WHERE name = $2), 0),
		COALESCE((SELECT value FROM settings WHERE name = $3), 0) = 1`, settingBackup, settingProbe, settingAtRest).Scan(&made, &atRest)
	return made, atRest, err
}

// passSlots moves the chats that were due until then to their next slot, as if
// they had had their edition in the last one.
func passSlots(ctx context.Context, tx *sql.Tx, until time.Time) (int, error) {
	chats, err := collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE next_edition <= $1 ORDER BY id`, until.UnixMilli())
	if err != nil {
		return 0, err
	}
	for _, c := range chats {
		last := c.Schedule.Last(until, c.NextEdition, c.Location())
		if last.Before(c.NextEdition) {
			last = c.NextEdition // it was asked for, or the schedule has no slot since
		}
		_, err := tx.ExecContext(ctx, `UPDATE chats SET last_edition = $2, next_edition = $3, asked = 0 WHERE id = $1`,
			int64(c.ID), ms(last), ms(c.Schedule.Next(until, c.Location())))
		if err != nil {
			return 0, err
		}
	}
	return len(chats), nil
}

const (
	settingRestoredFrom  = "restored from"
	settingRestoredUntil = "restored until"
)

// saveNotes keeps the time that the restored database knows nothing of, and
// lets polling begin anew: an offset from then could be above the ids of now,
// and would confirm them unseen.
func (s *Store) saveNotes(ctx context.Context, tx *sql.Tx, from, until int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM settings WHERE name IN ($1, $2, $3)`, settingBackup, settingAtRest, updateOffset)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2), ($3, $4)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingRestoredFrom, from, settingRestoredUntil, until)
	return err
}

// A lostTime is what a restored database knows nothing of, zero when none is.
type lostTime struct{ from, until time.Time }

func timeLost(ctx context.Context, tx *sql.Tx) (l lostTime, err error) {
	err = tx.QueryRowContext(ctx, `SELECT (SELECT value FROM settings WHERE name = $1), (SELECT value FROM settings WHERE name = $2)`,
		settingRestoredFrom, settingRestoredUntil).Scan(at(&l.from), at(&l.until))
	return l, err
}

// toldBefore says from when on stories may be told to a chat whose last edition
// fell into that time: what was published before that edition was in it or in an
// earlier one, but is collected and matched anew after the restore. Zero for every
// other chat.
func (l lostTime) toldBefore(c bot.Chat) time.Time {
	if c.LastEdition.IsZero() || !c.LastEdition.After(l.from) || c.LastEdition.After(l.until) {
		return time.Time{}
	}
	return c.LastEdition
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// swap puts a finished database in the place of another, which it keeps under a
// dated name with its log. The place is never empty meanwhile: a process that
// started then would make a new database there.
func swap(next, to string, now time.Time) (kept string, err error) {
	for _, end := range []string{"-wal", "-shm"} {
		os.Remove(next + end) // closed: its log is empty
	}
	old, err := os.Stat(to)
	switch {
	case err == nil:
		if kept, err = keep(to, now); err != nil {
			return "", err
		}
		belongTo(next, old)
		belongTo(to+".lock", old)
		if err := os.Chmod(next, old.Mode().Perm()); err != nil {
			return "", err
		}
	case errors.Is(err, fs.ErrNotExist):
		if folder, err := os.Stat(filepath.Dir(to)); err == nil {
			belongTo(next, folder)
			belongTo(to+".lock", folder)
		}
	default:
		return "", err
	}
	if err := syncFile(next); err != nil {
		return "", err
	}
	// The log belongs to the old database: left there, its pages would be read
	// into the new one.
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(to + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Rename(next, to); err != nil {
		return "", err
	}
	return kept, syncFolder(filepath.Dir(to))
}

// keep gives a database and its log a second, dated name.
func keep(path string, now time.Time) (kept string, err error) {
	kept = path + ".before-restore-" + now.UTC().Format("20060102-150405")
	for n := 2; ; n++ {
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			break
		}
		kept = fmt.Sprintf("%s.before-restore-%s-%d", path, now.UTC().Format("20060102-150405"), n)
	}
	for _, end := range []string{"-wal", "-journal", ""} {
		if info, err := os.Stat(path + end); end != "" && err == nil && info.Size() == 0 {
			continue // whoever only reads leaves an empty log
		}
		err := os.Link(path+end, kept+end)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil { // a file system without links
			err = copyFile(path+end, kept+end)
		}
		if err != nil {
			return "", fmt.Errorf("keep %s: %w", path, reason(err))
		}
	}
	return kept, syncFolder(filepath.Dir(path))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
