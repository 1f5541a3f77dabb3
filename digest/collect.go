package digest

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"tidings/digest/feed"
)

// ShelfLife is how long articles and stories are kept; older items are not
// taken in.
const ShelfLife = 7 * 24 * time.Hour

// One batch of visits.
const (
	batchSources = 2000
	batchHold    = 60 * time.Second // no other replica visits them
	batchBegins  = 5 * time.Second  // then no visit begins: what is left is due again
	batchTime    = 15 * time.Second // then those under way are put back
	batchVisits  = 256              // at a time, each of another host

	shelveArticles = 500 // in one transaction, unless one feed has more
	shelveVisits   = 1000
	shelveEvery    = 2 * time.Second // whatever there is
	shelveTime     = 20 * time.Second
)

// The manners towards one host.
const (
	hostSpacing = 250 * time.Millisecond // between two visits
	hostVisits  = 20                     // in a batch; the others are spread over the time after it
)

// A sourceShelf is what the collector asks of storage.
type sourceShelf interface {
	ClaimSources(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]Source, error)
	ShelveVisits(ctx context.Context, visits []Visit) (fresh int, err error)
}

// A Collector visits sources and shelves their articles. Any number may work on
// one shelf. It costs what its fetches cost, and of memory little more whatever
// they bring: 256 documents of up to 64 KiB, sixteen of up to 1 MiB and one that
// is larger are in hand at a time, of which as many are parsed as there are
// processors.
type Collector struct {
	shelf   sourceShelf
	fetcher fetcher
	least   time.Duration
	most    time.Duration // between two visits of a source that answers; 0: as seldom as it publishes
	spacing time.Duration
	log     *slog.Logger
	now     func() time.Time
	jitter  func() float64
	watch   visitWatch // may be nil
	hubs    bool       // may bring documents, see Hubs
	rooms   rooms
	readers chan struct{} // holds one for each document that is parsed
	rests   rests
	memory  recall
}

// A visitWatch is told how every visit went; from any goroutine.
type visitWatch interface {
	Visited(Outcome)
}

// WatchedBy lets somebody count visits; to be called before Collect.
func (c *Collector) WatchedBy(w visitWatch) *Collector {
	c.watch = w
	return c
}

// expectHubs lets the collector note which hubs documents name; to be called
// before Collect.
func (c *Collector) expectHubs() { c.hubs = true }

// NewCollector returns a collector that visits no source more often than every
// least.
func NewCollector(shelf sourceShelf, fetcher fetcher, least time.Duration, log *slog.Logger) *Collector {
	return &Collector{
		shelf: shelf, fetcher: fetcher, least: least, spacing: hostSpacing, log: log, now: time.Now, jitter: rand.Float64,
		rooms:   newRooms(),
		readers: make(chan struct{}, runtime.GOMAXPROCS(0)),
		rests:   rests{until: map[string]time.Time{}},
	}
}

// NeverLater makes the collector visit every source that answers at least so
// often, however seldom it publishes; to be called before Collect.
func (c *Collector) NeverLater(most time.Duration) *Collector {
	c.most = most
	return c
}

// Collect does one batch: it claims up to 2,000 sources that are due, visits them
// for at most 15 seconds, and shelves what they brought, the quick ones while
// the slow ones are still under way. More says that others may be due at once.
// What goes wrong with a source is its Reason; an error is the shelf's. When ctx
// ends, what was visited until then is shelved and the rest is due again.
func (c *Collector) Collect(ctx context.Context) (more bool, err error) {
	sources, err := c.shelf.ClaimSources(ctx, c.now(), batchHold, batchSources)
	if err != nil {
		return false, fmt.Errorf("claim sources: %w", err)
	}
	visiting, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	visits := make(chan made, batchVisits/8)
	go func() {
		defer close(visits)
		c.visitAll(visiting, sources, visits)
	}()
	left, err := c.shelveAll(ctx, visits)
	if err != nil {
		cancel()
		for m := range visits { // whoever is under way must be able to end
			m.room.leave()
		}
		return false, err
	}
	suspects := len(sources) > 0 && sources[0].Broke > 0
	return left || suspects || len(sources) == batchSources, ctx.Err()
}

// made is what a visit made of a source.
type made struct {
	before Source
	Visit
	room   *room   // held until it is shelved
	learnt *learnt // to be remembered then
}

// visitAll makes a visit of each source and hands it over; of those that there
// was no time for one that leaves them due and otherwise as they were.
func (c *Collector) visitAll(ctx context.Context, sources []Source, out chan<- made) {
	begin := time.NewTimer(batchBegins)
	defer begin.Stop()
	turns := make(chan struct{}, batchVisits)
	var all sync.WaitGroup
	defer all.Wait()
	late := false
	for host, some := range byHost(sources) {
		if !late {
			select {
			case turns <- struct{}{}:
				all.Go(func() {
					defer func() { <-turns }()
					c.visitHost(ctx, host, some, out)
				})
				continue
			case <-begin.C:
			case <-ctx.Done():
			}
			late = true
		}
		for _, s := range some {
			out <- c.putOff(s, c.now())
		}
	}
}

// byHost are the sources that one server has.
func byHost(sources []Source) map[string][]Source {
	hosts := make(map[string][]Source, len(sources))
	for _, s := range sources {
		host := feed.Server(s.Place())
		hosts[host] = append(hosts[host], s)
	}
	return hosts
}

// visitHost visits sources of one host one after the other, with a pause between
// two, until the host asks to be left alone.
func (c *Collector) visitHost(ctx context.Context, host string, sources []Source, out chan<- made) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for i, s := range sources {
		if i >= hostVisits {
			out <- c.putOff(s, c.now().Add(time.Duration(i-hostVisits+1)*c.spacing))
			continue
		}
		select {
		case <-pause.C:
			pause.Reset(c.spacing)
		case <-ctx.Done():
		}
		until, rests := c.rests.of(host, c.now())
		switch {
		case ctx.Err() != nil:
			out <- c.putOff(s, c.now())
		case rests:
			out <- c.putOff(s, until.Add(time.Duration(c.jitter()*float64(time.Minute))))
		default:
			out <- c.visit(ctx, host, s)
		}
	}
}

// putOff leaves a source as it was and due at a time.
func (c *Collector) putOff(s Source, due time.Time) made {
	after := s
	after.NextVisit = due
	return made{before: s, Visit: Visit{Source: after, TimesOnly: true}}
}

// shelveAll saves visits as they come, also when ctx has ended: the sources are
// claimed, and what was read need not be read again. Left says that some sources
// are due at once.
func (c *Collector) shelveAll(ctx context.Context, all <-chan made) (left bool, err error) {
	var batch []made
	articles := 0
	tick := time.NewTicker(shelveEvery)
	defer tick.Stop()
	shelve := func() error {
		err := c.shelve(ctx, batch)
		batch, articles = batch[:0], 0
		return err
	}
	for {
		select {
		case m, some := <-all:
			if !some {
				return left, shelve()
			}
			left = left || !m.Source.NextVisit.After(c.now())
			if articles > 0 && articles+len(m.Articles) > shelveArticles || len(batch) == shelveVisits {
				if err := shelve(); err != nil {
					m.room.leave()
					return left, err
				}
			}
			batch = append(batch, m)
			if articles += len(m.Articles); m.room.crowded() {
				if err := shelve(); err != nil {
					return left, err
				}
			}
		case <-tick.C:
			if err := shelve(); err != nil {
				return left, err
			}
		}
	}
}

func (c *Collector) shelve(ctx context.Context, batch []made) error {
	if len(batch) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelveTime)
	defer cancel()
	visits := make([]Visit, len(batch))
	for i, m := range batch {
		visits[i] = m.Visit
		m.room.leave()
	}
	if _, err := c.shelf.ShelveVisits(ctx, visits); err != nil {
		return fmt.Errorf("shelve %d visits: %w", len(visits), err)
	}
	for _, m := range batch {
		c.tell(m.before, m.Source)
		if m.learnt != nil {
			c.memory.keep(m.Source.ID, *m.learnt)
		}
	}
	clear(batch) // articles are large
	return nil
}

// tell logs where an outage begins and where it ends, not each visit. An address
// may hold a password, so it is not told.
func (c *Collector) tell(before, after Source) {
	host := func() string { return feed.Host(after.Place()) }
	switch {
	case after.SetAside() && after.Broke != before.Broke:
		c.log.Error("source set aside", "source", after.ID, "host", host(), "until", after.NextVisit)
	case before.Failures == 0 && after.Failures > 0:
		c.log.Warn("source fails", "source", after.ID, "host", host(), "reason", after.Reason, "next", after.NextVisit)
	case before.Failures > 0 && after.Failures == 0:
		c.log.Info("source works again", "source", after.ID, "host", host(), "since", before.FailingSince, "failures", before.Failures)
	}
	if before.Moved != after.Moved {
		c.log.Info("source moved", "source", after.ID, "from", feed.Host(before.Place()), "to", host())
	}
}

// rests are the hosts that asked to be left alone, which a source of theirs was
// told.
type rests struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// mostRests bounds how many hosts are remembered; each asks again.
const mostRests = 10_000

func (r *rests) add(host string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.until) < mostRests && until.After(r.until[host]) {
		r.until[host] = until
	}
}

// of says until when a host rests, if it does.
func (r *rests) of(host string, now time.Time) (until time.Time, rests bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	until, rests = r.until[host]
	if rests && !now.Before(until) {
		delete(r.until, host)
		return until, false
	}
	return until, rests
}
