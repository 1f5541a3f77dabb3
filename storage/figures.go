package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// Backlog tells what waits. It reads what waits and nothing of what is done:
// microseconds on an ordinary day, some milliseconds for every hundred thousand
// that wait.
func (s *Store) Backlog(ctx context.Context, now time.Time) (b bot.Backlog, err error) {
	err = s.view(ctx, "read backlog", func(ctx context.Context, tx *sql.Tx) error {
		b = bot.Backlog{Kinds: map[bot.DeliveryKind]bot.Queue{}}
		err := eachRow(ctx, tx, func(row scanner) error {
			var (
				kind bot.DeliveryKind
				q    bot.Queue
			)
			err := row.Scan(&kind, &q.Waiting, &q.Due, at(&q.Oldest))
			b.Kinds[kind] = q
			return err
		}, `SELECT kind, COUNT(*), COUNT(CASE WHEN due <= $1 THEN 1 END), MIN(due) FROM deliveries WHERE state = 'waiting' GROUP BY kind`, ms(now))
		if err != nil {
			return err
		}
		return readOverdue(ctx, tx, &b, now)
	})
	return b, err
}

// readOverdue finds since when editions are late: those of chats whose slot
// passed, and those composed that nothing but us holds back. Of the latter the
// thousand oldest are looked at.
func readOverdue(ctx context.Context, tx *sql.Tx, b *bot.Backlog, now time.Time) error {
	var (
		slot, held, free time.Time
		paused           bool
	)
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*), MIN(next_edition) FROM chats WHERE paused = '' AND next_edition <= $1`, ms(now)).
		Scan(&b.DueChats, at(&slot))
	if err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, `SELECT MIN(due), MIN(CASE WHEN not_before <= $2 THEN due END),
			EXISTS (SELECT 1 FROM pauses WHERE scope = 'all' AND until > $2)
		FROM (SELECT due, not_before FROM deliveries WHERE state = 'waiting' AND kind = $1 AND due <= $2 ORDER BY due LIMIT 1000) o`,
		int64(bot.EditionDelivery), ms(now)).Scan(at(&held), at(&free), &paused)
	if paused {
		free = held
	}
	b.Overdue = slot
	if !free.IsZero() && (slot.IsZero() || free.Before(slot)) {
		b.Overdue = free
	}
	return err
}

// Levels counts what there is of everything, from indexes that hold nothing
// else: about 30 ms for a million chats on SQLite.
func (s *Store) Levels(ctx context.Context, now time.Time) (l bot.Levels, err error) {
	err = s.view(ctx, "count levels", func(ctx context.Context, tx *sql.Tx) error {
		l, err = s.levels(ctx, tx, now)
		return err
	})
	return l, err
}

func (s *Store) levels(ctx context.Context, tx *sql.Tx, now time.Time) (l bot.Levels, err error) {
	err = tx.QueryRowContext(ctx, `SELECT
			(SELECT COUNT(*) FROM chats), (SELECT COUNT(*) FROM chats WHERE paused <> ''),
			(SELECT COUNT(*) FROM topics), COALESCE((SELECT value FROM settings WHERE name = $1), 0),
			(`+s.engine.size()+`)`, unknownDeliveries).Scan(&l.Readers, &l.Paused, &l.Topics, &l.Unknown, &l.Bytes)
	if err != nil {
		return l, err
	}
	l.Readers -= l.Paused
	l.Health = map[digest.Health]int{}
	err = eachRow(ctx, tx, func(row scanner) error {
		var h digest.Health
		var all, failing int
		if err := row.Scan(&h, &all, &failing); err != nil {
			return err
		}
		l.Health[h] += all
		l.Sources, l.Failing = l.Sources+all, l.Failing+failing
		return nil
	}, `SELECT health, COUNT(*), COUNT(failing_since) FROM (SELECT failing_since, `+health+` AS health FROM sources WHERE `+watched+`) AS s GROUP BY health`,
		ms(now.Add(-digest.GoneAfter)), ms(now.Add(-digest.MovedFor)), ms(now.Add(-digest.SlowAfter)))
	return l, err
}

// watched is true of the sources that the house answers for. Those that only
// readers added are visited too, but whether they work, and that anybody reads
// them, is their readers' affair.
const watched = `visited = 1 AND listed = 1`

// health is digest.Source.Health with $1, $2 and $3 being when what is gone began
// to fail at the latest, and what moved and what is slow did so.
const health = `CASE WHEN broke >= 3 THEN 'aside'
	WHEN failing_since IS NOT NULL AND (status = 410 OR failing_since <= $1) THEN 'gone'
	WHEN failing_since IS NOT NULL THEN 'failing'
	WHEN last_visit IS NULL THEN 'new'
	WHEN moved <> '' AND moved_at > $2 THEN 'moved'
	WHEN last_change <= $3 THEN 'slow'
	ELSE 'fine' END`

// slow is true of sources that work and brought nothing new since $1.
const slow = `failing_since IS NULL AND last_change <= $1`

// Census counts what a person asks for: all of Levels, the readers that had an
// edition within 7 days, the chats known since then, subscriptions, and stories
// of the last 24 hours. It looks at every chat: half a second for a million.
func (s *Store) Census(ctx context.Context, now, since time.Time) (c bot.Census, err error) {
	err = s.view(ctx, "take a census", func(ctx context.Context, tx *sql.Tx) error {
		if c, err = s.readership(ctx, tx, now); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM chats WHERE created >= $1`, ms(since)).Scan(&c.New); err != nil {
			return err
		}
		c.Stories, err = newStories(ctx, tx, now.Add(-day), now)
		return err
	})
	return c, err
}

// readership is the part of a census that is kept by the hour.
func (s *Store) readership(ctx context.Context, tx *sql.Tx, now time.Time) (c bot.Census, err error) {
	if c.Levels, err = s.levels(ctx, tx, now); err != nil {
		return c, err
	}
	err = tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM chats WHERE paused = '' AND last_edition >= $1), (SELECT COUNT(*) FROM subscriptions)`,
		ms(now.Add(-7*day))).Scan(&c.Active, &c.Subscriptions)
	return c, err
}

// newStories counts stories by their ids, which tell when they were made.
func newStories(ctx context.Context, tx *sql.Tx, from, to time.Time) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM stories WHERE id >= $1 AND id < $2`, idAt(from), idAt(to)).Scan(&n)
	return n, err
}

// Done counts the deliveries that ended from one moment up to another, and how
// late sent editions were, as far as the figures kept and the deliveries of the
// last 15 days tell. Only the hours that have no figures yet are counted, from
// an index: a third of a second for a hundred thousand deliveries.
func (s *Store) Done(ctx context.Context, from, to time.Time) (d bot.Done, err error) {
	err = s.view(ctx, "count what was done", func(ctx context.Context, tx *sql.Tx) error {
		d = bot.Done{Late: make(bot.Lateness, len(bot.LateSteps)+1)}
		var last time.Time // the row of this hour may still change; those before are final
		if err := tx.QueryRowContext(ctx, `SELECT MAX(hour) FROM figures WHERE hour < $1`, ms(to)).Scan(at(&last)); err != nil {
			return err
		}
		first := from.Truncate(time.Hour)
		if first.Before(from) {
			first = first.Add(time.Hour)
		}
		if !last.After(first) {
			return countDone(ctx, tx, from, to, &d)
		}
		if err := countDone(ctx, tx, from, first, &d); err != nil {
			return err
		}
		if err := sumFigures(ctx, tx, first, last, &d); err != nil {
			return err
		}
		return countDone(ctx, tx, last, to, &d)
	})
	return d, err
}

// sumFigures adds the figures of whole hours.
func sumFigures(ctx context.Context, tx *sql.Tx, from, to time.Time, d *bot.Done) error {
	return eachRow(ctx, tx, func(row scanner) error {
		var (
			h    bot.Done
			late bot.Lateness
		)
		if err := row.Scan(&h.Sent, &h.Failed, &h.Unknown, &h.Dropped, fromJSON(&late)); err != nil {
			return err
		}
		d.Sent, d.Failed, d.Unknown, d.Dropped = d.Sent+h.Sent, d.Failed+h.Failed, d.Unknown+h.Unknown, d.Dropped+h.Dropped
		for i := range min(len(late), len(d.Late)) {
			d.Late[i] += late[i]
		}
		return nil
	}, `SELECT sent, failed, unknown, dropped, late FROM figures WHERE hour >= $1 AND hour < $2`, ms(from), ms(to))
}

// lateStep is the place among bot.LateSteps of how late an edition was sent, -1
// for what is no edition or was not sent.
var lateStep = func() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CASE WHEN state <> 'sent' OR kind <> %d THEN -1", bot.EditionDelivery)
	for i, most := range bot.LateSteps {
		fmt.Fprintf(&b, " WHEN ended - due <= %d THEN %d", most.Milliseconds(), i)
	}
	fmt.Fprintf(&b, " ELSE %d END", len(bot.LateSteps))
	return b.String()
}()

// countDone adds what ended from one moment up to another, counted one by one,
// and what erased chats had of it. Of these it counts whole quarters of an hour,
// at which hours and days begin in every zone.
func countDone(ctx context.Context, tx *sql.Tx, from, to time.Time, d *bot.Done) error {
	return eachRow(ctx, tx, func(row scanner) error {
		var (
			state   bot.DeliveryState
			late, n int
		)
		err := row.Scan(&state, &late, &n)
		switch state {
		case bot.Sent:
			d.Sent += n
		case bot.Failed:
			d.Failed += n
		case bot.Unknown:
			d.Unknown += n
		case bot.Dropped:
			d.Dropped += n
		}
		if late >= 0 {
			d.Late[late] += n
		}
		return err
	}, `SELECT state, late, COUNT(*) FROM (SELECT state, `+lateStep+` AS late FROM deliveries WHERE ended >= $1 AND ended < $2) e
		GROUP BY state, late
		UNION ALL SELECT state, late, number FROM erased WHERE quarter >= $1 AND quarter < $2`, ms(from), ms(to))
}

// countErased keeps, without the chat, what was done for one that is erased.
func countErased(ctx context.Context, tx *sql.Tx, chat bot.ChatID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO erased (quarter, state, late, number)
		SELECT quarter, state, late, COUNT(*) FROM (SELECT ended - ended % $2 AS quarter, state, `+lateStep+` AS late
			FROM deliveries WHERE chat_id = $1 AND ended IS NOT NULL) e WHERE true GROUP BY quarter, state, late
		ON CONFLICT (quarter, state, late) DO UPDATE SET number = erased.number + excluded.number`,
		int64(chat), (15 * time.Minute).Milliseconds())
	return err
}

// SaveFigures writes the row of the hour that now lies in, and once more those
// that were not over when they were written. Doing it often costs no row. It
// reads in one transaction and writes in another, so that nobody waits for the
// counting.
func (s *Store) SaveFigures(ctx context.Context, now time.Time) error {
	this := now.UTC().Truncate(time.Hour)
	var rows [][]any
	err := s.view(ctx, "read figures", func(ctx context.Context, tx *sql.Tx) error {
		rows = nil
		var last time.Time
		if err := tx.QueryRowContext(ctx, `SELECT MAX(hour) FROM figures WHERE hour <= $1`, ms(this)).Scan(at(&last)); err != nil {
			return err
		}
		c, err := s.readership(ctx, tx, now)
		if err != nil {
			return err
		}
		hours := []time.Time{this}
		if before := this.Add(-time.Hour); !last.IsZero() && !last.After(before) {
			hours = append(hours, before)
			if last.Before(before) {
				hours = append(hours, last)
			}
		}
		for _, hour := range hours {
			d := bot.Done{Late: make(bot.Lateness, len(bot.LateSteps)+1)}
			if err := countDone(ctx, tx, hour, hour.Add(time.Hour), &d); err != nil {
				return err
			}
			stories, err := newStories(ctx, tx, hour, hour.Add(time.Hour))
			if err != nil {
				return err
			}
			rows = append(rows, []any{ms(hour), c.Readers, c.Active, c.Paused, c.Topics, c.Subscriptions, c.Failing, c.Bytes,
				d.Sent, d.Failed, d.Unknown, d.Dropped, stories, toJSON(d.Late)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.change(ctx, "save figures", func(ctx context.Context, tx *sql.Tx) error {
		// the levels of an hour long past are those it was written with
		if len(rows) == 3 {
			past := rows[2]
			_, err := tx.ExecContext(ctx, `UPDATE figures SET sent = $2, failed = $3, unknown = $4, dropped = $5, stories = $6, late = $7 WHERE hour = $1`,
				append([]any{past[0]}, past[8:]...)...)
			if err != nil {
				return err
			}
		}
		return s.insertRows(ctx, tx, `INSERT INTO figures (`+figureColumns+`, late)`, rows[:min(2, len(rows))], `ON CONFLICT (hour) DO UPDATE SET
			readers = excluded.readers, active = excluded.active, paused = excluded.paused, topics = excluded.topics,
			subscriptions = excluded.subscriptions, failing = excluded.failing, bytes = excluded.bytes, sent = excluded.sent,
			failed = excluded.failed, unknown = excluded.unknown, dropped = excluded.dropped, stories = excluded.stories,
			late = excluded.late`)
	})
}

const figureColumns = `hour, readers, active, paused, topics, subscriptions, failing, bytes, sent, failed, unknown, dropped, stories`

// History returns the figures of hours from since on, in order. Hours in which
// nobody ran are not there.
func (s *Store) History(ctx context.Context, since time.Time) (hours []bot.Figures, err error) {
	err = s.view(ctx, "read figures", func(ctx context.Context, tx *sql.Tx) error {
		hours, err = collect(ctx, tx, func(row scanner) (f bot.Figures, err error) {
			err = row.Scan(at(&f.From), &f.Readers, &f.Active, &f.Paused, &f.Topics, &f.Subscriptions, &f.Failing, &f.Bytes,
				&f.Sent, &f.Failed, &f.Unknown, &f.Dropped, &f.Stories)
			return f, err
		}, `SELECT `+figureColumns+` FROM figures WHERE hour >= $1 ORDER BY hour`, ms(since))
		return err
	})
	return hours, err
}

// SourceHealth returns the listed sources from one place on, at most limit, and
// how many there are: those that fail first, the longest failing leading, then
// the slow ones, then the others.
func (s *Store) SourceHealth(ctx context.Context, now time.Time, from, limit int) (page []digest.Source, total int, err error) {
	err = s.view(ctx, "read the health of sources", func(ctx context.Context, tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sources WHERE `+watched).Scan(&total); err != nil {
			return err
		}
		page, err = collect(ctx, tx, scanSource, `SELECT `+sourceColumns+` FROM sources v WHERE `+watched+`
			ORDER BY CASE WHEN failing_since IS NOT NULL THEN 0 WHEN `+slow+` THEN 1 ELSE 2 END,
				CASE WHEN failing_since IS NOT NULL THEN failing_since WHEN `+slow+` THEN last_change ELSE 0 END,
				name, id LIMIT $2 OFFSET $3`, ms(now.Add(-digest.SlowAfter)), limit, from)
		return err
	})
	return page, total, err
}

// ownWatched are the sources that readers added.
const ownWatched = `visited = 1 AND listed = 0`

// mostOwnFailing bounds what OwnSourceHealth reads: of more, those that fail for
// the longest time decide which sites are the worst.
const mostOwnFailing = 5000

// OwnSourceHealth counts the sources that readers added and nobody lists, and
// names at most so many sites of which most fail.
func (s *Store) OwnSourceHealth(ctx context.Context, sites int) (h bot.OwnHealth, err error) {
	var failing []digest.Source
	err = s.view(ctx, "read the health of own sources", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(failing_since) FROM sources WHERE `+ownWatched).Scan(&h.Sources, &h.Failing)
		if err != nil {
			return err
		}
		failing, err = collect(ctx, tx, func(row scanner) (v digest.Source, err error) {
			err = row.Scan(&v.Address, &v.Moved, at(&v.FailingSince))
			return v, err
		}, `SELECT address, moved, failing_since FROM sources WHERE `+ownWatched+` AND failing_since IS NOT NULL
			ORDER BY failing_since, id LIMIT $1`, mostOwnFailing)
		return err
	})
	h.Worst = digest.FailingSites(failing, sites)
	return h, err
}

// Visits counts the listed sources visited since then, and those of them whose last
// visit failed.
func (s *Store) Visits(ctx context.Context, since time.Time) (visited, failed int, err error) {
	err = s.view(ctx, "count visits", func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(failing_since) FROM sources WHERE `+watched+` AND last_visit >= $1`,
			ms(since)).Scan(&visited, &failed)
	})
	return visited, failed, err
}
