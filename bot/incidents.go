package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// watchShelf is what a Watch looks at, and where it keeps what it told.
type watchShelf interface {
	Backlog(ctx context.Context, now time.Time) (Backlog, error)
	Visits(ctx context.Context, since time.Time) (visited, failed int, err error)
	// Space is how much of the database's disk is free, 0 of 0 when unknown.
	Space() (free, total uint64, err error)
	ChatAt(ctx context.Context, at Address) (Chat, error)
	Incidents(ctx context.Context) ([]Incident, error)
	// SaveIncident keeps an incident and its notices, both or neither.
	SaveIncident(ctx context.Context, i Incident, notices []Notice, now time.Time) error
	// Outages are the sources, at most limit, that have failed since before then,
	// or that their servers call gone, and that nobody was told of; and those told
	// of that work again.
	Outages(ctx context.Context, before time.Time, limit int) ([]Outage, error)
	// SaveOutages keeps that they were told with the notices, both or neither.
	SaveOutages(ctx context.Context, outages []Outage, notices []Notice, now time.Time) error
}

// A Watch tells the admins when something is wrong with the house, once, and
// once when it is over. What it told stands on the shelf, and what it says goes
// there as notices, so neither is lost with the process. It runs beside the
// deliverer, in its lane; a look costs a few reads a minute.
type Watch struct {
	shelf   watchShelf
	catalog *Catalog
	options WatchOptions
	known   map[IncidentKind]Incident
	calm    map[IncidentKind]int // looks in a row at which an open incident was fine
	queue   []int                // what was due to be sent at the last looks

	mu        sync.Mutex
	conflicts []time.Time // the last polls that somebody else cut short
}

// WatchOptions of a Watch.
type WatchOptions struct {
	Admins   map[int64]bool // Telegram user ids
	SendRate float64        // messages a second
	Now      func() time.Time
	Log      *slog.Logger
}

// NewWatch returns a watch that is ready to Run.
func NewWatch(shelf watchShelf, catalog *Catalog, o WatchOptions) *Watch {
	return &Watch{shelf: shelf, catalog: catalog, options: o, calm: map[IncidentKind]int{}}
}

const (
	lookEvery  = time.Minute
	tellAgain  = time.Hour // at the soonest about the same kind of trouble
	calmLooks  = 5         // at which all was well before an incident is over
	lateSlack  = 10 * time.Minute
	queueLooks = 30 // a queue that grows over so many looks …
	// … and holds what takes so long to send is told of; it is over when half
	// of that is left.
	queueTime = 30 * time.Minute

	visitsWithin = 15 * time.Minute
	visitsLeast  = 10 // fewer tell nothing
	visitsCalm   = 3  // but so many that went well do

	conflictsTold  = 2 // one is what a restart of our own looks like
	conflictWithin = 2 * time.Minute

	diskLeast = 200 << 20 // bytes free
	diskShare = 50        // or a 50th of the disk …
	diskMost  = 2 << 30   // … when that is less than this
)

// Run looks every minute until ctx ends. An error is the shelf's.
func (w *Watch) Run(ctx context.Context) error {
	all, err := w.shelf.Incidents(ctx)
	if err != nil {
		return w.unless(ctx, err)
	}
	w.known = map[IncidentKind]Incident{}
	for _, i := range all {
		w.known[i.Kind] = i
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.look(ctx); err != nil {
			return w.unless(ctx, err)
		}
	}
}

func (w *Watch) unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("watch the house: %w", err)
}

// Polled is told how every poll for updates ended; it fits telegram.Poller.
func (w *Watch) Polled(err error) {
	if !errors.Is(err, telegram.ErrConflict) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conflicts = append(w.conflicts, w.options.Now())
	if extra := len(w.conflicts) - conflictsTold; extra > 0 {
		w.conflicts = slices.Delete(w.conflicts, 0, extra)
	}
}

// A finding is what one look says about one kind of trouble.
type finding struct {
	kind   IncidentKind
	wrong  bool      // it is there
	well   bool      // it is surely not there; neither is in between
	since  time.Time // when it began, as far as can be told; zero for now
	values Values    // of the sentence that says what to do
}

// look judges every kind of trouble and tells what changed.
func (w *Watch) look(ctx context.Context) error {
	now := w.options.Now()
	backlog, err := w.shelf.Backlog(ctx, now)
	if err != nil {
		return err
	}
	visited, failed, err := w.shelf.Visits(ctx, now.Add(-visitsWithin))
	if err != nil {
		return err
	}
	findings := []finding{w.late(backlog, now), w.growth(backlog), visitsFinding(visited, failed), w.conflict(now)}
	if free, total, err := w.shelf.Space(); err != nil {
		w.options.Log.Warn("free space not told", "err", err)
	} else if total > 0 {
		findings = append(findings, disk(free, total))
	}
	for _, f := range findings {
		if err := w.judge(ctx, f, now); err != nil {
			return err
		}
	}
	return w.tellOutages(ctx, now)
}

// late finds editions overdue by more than sending what waits takes and ten
// minutes.
func (w *Watch) late(b Backlog, now time.Time) finding {
	waiting := b.DueChats
	for kind, q := range b.Kinds {
		if kind <= EditionDelivery {
			waiting += q.Due
		}
	}
	f := finding{kind: IncidentLate, well: true}
	if b.Overdue.IsZero() {
		return f
	}
	overdue := now.Sub(b.Overdue)
	f.since = b.Overdue
	f.wrong = overdue > w.sending(waiting)+lateSlack
	f.well = overdue < w.sending(waiting)+lateSlack/2
	f.values = Values{"Overdue": overdue, "Waiting": grouped(waiting)}
	return f
}

// growth finds a queue that is long and grew for half an hour. Broadcasts do
// not count: they are meant to be long.
func (w *Watch) growth(b Backlog) finding {
	waiting := 0
	for kind, q := range b.Kinds {
		if kind < BroadcastDelivery {
			waiting += q.Due
		}
	}
	w.queue = append(w.queue, waiting)
	if extra := len(w.queue) - queueLooks - 1; extra > 0 {
		w.queue = slices.Delete(w.queue, 0, extra)
	}
	grew := len(w.queue) > queueLooks && waiting > w.queue[0]
	return finding{
		kind:   IncidentQueue,
		wrong:  grew && w.sending(waiting) > queueTime,
		well:   w.sending(waiting) < queueTime/2,
		values: Values{"Waiting": grouped(waiting), "Time": w.sending(waiting)},
	}
}

// sending is how long n messages take at the rate allowed.
func (w *Watch) sending(n int) time.Duration {
	return time.Duration(float64(n) / w.options.SendRate * float64(time.Second))
}

// visitsFinding judges the sources visited of late. A network that is down
// makes their visits few, which must not look like its return.
func visitsFinding(visited, failed int) finding {
	return finding{
		kind:   IncidentFetch,
		wrong:  visited >= visitsLeast && 2*failed > visited,
		well:   visited >= visitsCalm && 4*failed <= visited,
		values: Values{"Visited": grouped(visited), "Failed": grouped(failed)},
	}
}

func (w *Watch) conflict(now time.Time) finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := finding{kind: IncidentConflict, well: true}
	if n := len(w.conflicts); n > 0 {
		f.since = w.conflicts[0]
		last := w.conflicts[n-1]
		f.wrong = n == conflictsTold && last.Sub(f.since) <= conflictWithin && now.Sub(last) <= conflictWithin
		f.well = now.Sub(last) > conflictWithin
	}
	return f
}

func disk(free, total uint64) finding {
	least := max(diskLeast, min(total/diskShare, diskMost))
	return finding{kind: IncidentDisk, wrong: free < least, well: free > least+least/2, values: Values{"Free": byteCount(free)}}
}

// judge opens or ends an incident. What comes and goes is told once an hour at
// most, and is over only when it stayed away for some looks.
func (w *Watch) judge(ctx context.Context, f finding, now time.Time) error {
	known, ever := w.known[f.kind]
	open := ever && known.Open()
	if !open || !f.well {
		w.calm[f.kind] = 0
	}
	switch {
	case !open && f.wrong && now.Sub(known.Told) >= tellAgain:
		if f.since.IsZero() {
			f.since = now
		}
		i := Incident{Kind: f.kind, Since: f.since, Told: now}
		w.options.Log.Error("incident", "kind", string(f.kind), "since", f.since)
		return w.tell(ctx, i, now, func(p Phrases, zone *time.Location) telegram.Text {
			return join("\n\n",
				p.Say("incident_begins", Values{"What": p.Plain("incident_"+string(i.Kind), nil), "Since": p.moment(i.Since, now, zone)}),
				p.Say("incident_do_"+string(i.Kind), p.spans(f.values)))
		})
	case open && f.well:
		if w.calm[f.kind]++; w.calm[f.kind] < calmLooks {
			return nil
		}
		w.calm[f.kind] = 0
		known.Ended = now
		w.options.Log.Warn("incident over", "kind", string(f.kind), "since", known.Since)
		return w.tell(ctx, known, now, func(p Phrases, _ *time.Location) telegram.Text {
			return p.Say("incident_over", Values{"What": p.Plain("incident_"+string(f.kind), nil), "Time": p.span(now.Sub(known.Since))})
		})
	}
	return nil
}

// A byteCount is told in the unit that suits it.
type byteCount uint64

// spans puts lengths of time and amounts of bytes into words.
func (p Phrases) spans(v Values) Values {
	words := Values{}
	for name, value := range v {
		switch of := value.(type) {
		case time.Duration:
			value = p.span(of)
		case byteCount:
			value = p.byteSize(of)
		}
		words[name] = value
	}
	return words
}

// tell keeps the incident and puts a notice for every admin who has started the
// bot on the shelf.
func (w *Watch) tell(ctx context.Context, i Incident, now time.Time, say func(Phrases, *time.Location) telegram.Text) error {
	admins, err := w.admins(ctx)
	if err != nil {
		return err
	}
	var notices []Notice
	for _, c := range admins {
		notices = append(notices, Notice{Chat: c.ID, Message: telegram.NewMessage(say(w.catalog.In(c.Language), c.Location()))})
	}
	if err := w.shelf.SaveIncident(ctx, i, notices, now); err != nil {
		return err
	}
	w.known[i.Kind] = i
	return nil
}

// admins are the chats of the admins who have started the bot and can be reached.
func (w *Watch) admins(ctx context.Context) (chats []Chat, err error) {
	for admin := range w.options.Admins {
		c, err := w.shelf.ChatAt(ctx, Address{Telegram: admin})
		switch {
		case errors.Is(err, digest.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		case c.Paused != "" && c.Paused != PausedByReader: // cannot be reached; who only rests must know
			continue
		}
		chats = append(chats, c)
	}
	return chats, nil
}
