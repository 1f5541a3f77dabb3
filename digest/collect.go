package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"tidings/digest/feed"
)

// ShelfLife is how long articles and stories are kept; older items are not
// taken in.
const ShelfLife = 7 * 24 * time.Hour

// One batch of visits.
const (
	batchSources = 100
	batchHold    = 60 * time.Second // no other replica visits them
	batchTime    = 15 * time.Second // then those not yet visited are put back
	batchVisits  = 16               // at a time
	batchShelve  = 1000             // articles in one transaction, unless one feed has more
	shelveTime   = 20 * time.Second
)

// A sourceShelf is what the collector asks of storage.
type sourceShelf interface {
	ClaimSources(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]Source, error)
	ShelveVisits(ctx context.Context, visits []Visit) (fresh int, err error)
}

// A Collector visits sources and shelves their articles. Any number may work on
// one shelf. It costs what its fetches cost: at most 16 documents in memory.
type Collector struct {
	shelf   sourceShelf
	fetcher fetcher
	least   time.Duration
	log     *slog.Logger
	now     func() time.Time
	jitter  func() float64
	watch   visitWatch // may be nil
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

// NewCollector returns a collector that visits no source more often than every
// least.
func NewCollector(shelf sourceShelf, fetcher fetcher, least time.Duration, log *slog.Logger) *Collector {
	return &Collector{shelf: shelf, fetcher: fetcher, least: least, log: log, now: time.Now, jitter: rand.Float64}
}

// Collect does one batch: it claims up to 100 sources that are due, visits them
// for at most 15 seconds, and shelves what they brought. More says that others
// may be due at once. What goes wrong with a source is its Reason; an error is
// the shelf's. When ctx ends, what was visited until then is shelved and the
// rest is due again.
func (c *Collector) Collect(ctx context.Context) (more bool, err error) {
	sources, err := c.shelf.ClaimSources(ctx, c.now(), batchHold, batchSources)
	if err != nil {
		return false, fmt.Errorf("claim sources: %w", err)
	}
	visits := c.visitAll(ctx, sources)
	if err := c.shelve(ctx, visits); err != nil {
		return false, err
	}
	for i, v := range visits {
		c.tell(sources[i], v.Source)
	}
	return len(sources) == batchSources, ctx.Err()
}

// visitAll returns a visit for each source, in order; those that there was no
// time for are due again and otherwise as they were.
func (c *Collector) visitAll(ctx context.Context, sources []Source) []Visit {
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	visits := make([]Visit, len(sources))
	turns := make(chan struct{}, batchVisits)
	var all sync.WaitGroup
	for i, s := range sources {
		all.Go(func() {
			select {
			case turns <- struct{}{}:
				defer func() { <-turns }()
				visits[i] = c.visit(ctx, s)
			case <-ctx.Done():
				visits[i] = c.putBack(s)
			}
		})
	}
	all.Wait()
	return visits
}

// visit makes one visit: fetch, parse, articles, and when to come again.
func (c *Collector) visit(ctx context.Context, s Source) Visit {
	articles, outcome := c.read(ctx, s)
	if outcome.Err != nil && ctx.Err() != nil {
		return c.putBack(s) // our time was up, which is not the source's fault
	}
	if c.watch != nil {
		c.watch.Visited(outcome)
	}
	return Visit{Source: s.After(outcome, c.now(), c.least, c.jitter()), Articles: articles}
}

func (c *Collector) putBack(s Source) Visit {
	s.NextVisit = c.now()
	return Visit{Source: s}
}

// read fetches what s has and makes articles of it. A panic on the way, in
// whoever's code, is one more thing that can be wrong with a document.
func (c *Collector) read(ctx context.Context, s Source) (articles []Article, o Outcome) {
	defer func() {
		if wrong := recover(); wrong != nil {
			articles, o = nil, Outcome{Err: fmt.Errorf("reading the document broke: %v", wrong)}
		}
	}()
	answer, err := c.fetcher.Fetch(ctx, feed.Request{Address: s.Address, ETag: s.ETag, LastModified: s.LastModified, BodyHash: s.BodyHash})
	o = Outcome{Err: err, RetryAfter: answer.RetryAfter}
	if err != nil {
		return nil, o
	}
	o.MaxAge, o.ETag, o.LastModified, o.BodyHash = answer.MaxAge, answer.ETag, answer.LastModified, answer.BodyHash
	if answer.NotModified {
		return nil, o
	}
	now := c.now()
	o.Bytes = len(answer.Body)
	found, err := feed.Parse(answer.Body, answer.ContentType, answer.FinalAddress, now)
	if err != nil {
		return nil, Outcome{Err: err, RetryAfter: o.RetryAfter, Bytes: o.Bytes}
	}
	articles, o.Err = makeArticles(s, found, now)
	o.Changed, o.News = true, news(s, articles)
	return articles, o
}

// makeArticles returns the articles of a feed that are young enough to keep. It
// is an error when the feed has items and none can be one.
func makeArticles(s Source, found feed.Feed, now time.Time) ([]Article, error) {
	if s.Language == "" {
		s.Language = found.Language
	}
	if s.Name == "" {
		s.Name = found.Title
	}
	var (
		articles []Article
		refused  error
		old      int
	)
	for _, item := range found.Items {
		a, err := NewArticle(s, item, now)
		switch {
		case err != nil:
			refused = err
		case now.Sub(a.Published) > ShelfLife:
			old++
		default:
			articles = append(articles, a)
		}
	}
	if len(articles) == 0 && old == 0 && refused != nil {
		return nil, fmt.Errorf("none of %d items can be shown: %w", len(found.Items), refused)
	}
	return articles, nil
}

// news counts what was published since the visit before the last: publishers
// take a while from the hour they write to the feed.
func news(s Source, articles []Article) int {
	since, n := s.LastVisit.Add(-s.Interval), 0
	for _, a := range articles {
		if a.Published.After(since) {
			n++
		}
	}
	return n
}

// shelve saves visits, a thousand articles a time, also when ctx has ended: the
// sources are claimed, and what was read need not be read again.
func (c *Collector) shelve(ctx context.Context, visits []Visit) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shelveTime)
	defer cancel()
	for len(visits) > 0 {
		n, articles := 1, len(visits[0].Articles)
		for n < len(visits) && articles+len(visits[n].Articles) <= batchShelve {
			articles += len(visits[n].Articles)
			n++
		}
		if _, err := c.shelf.ShelveVisits(ctx, visits[:n]); err != nil {
			return fmt.Errorf("shelve %d visits: %w", n, err)
		}
		visits = visits[n:]
	}
	return nil
}

// tell logs where an outage begins and where it ends, not each visit. An address
// may hold a password, so it is not told.
func (c *Collector) tell(before, after Source) {
	switch {
	case before.Failures == 0 && after.Failures > 0:
		c.log.Warn("source fails", "source", after.ID, "host", feed.Host(after.Address), "reason", after.Reason, "next", after.NextVisit)
	case before.Failures > 0 && after.Failures == 0:
		c.log.Info("source works again", "source", after.ID, "host", feed.Host(after.Address), "since", before.FailingSince, "failures", before.Failures)
	}
}

// Reason tells in plain words, on one line, why a visit failed.
func Reason(err error) string {
	var fetch *feed.Error
	words := ""
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fetch):
		words = fetch.Reason.Error()
		if fetch.Detail != "" {
			words += ": " + fetch.Detail
		}
	case errors.Is(err, context.DeadlineExceeded):
		words = feed.ErrTooSlow.Error()
	default:
		words = err.Error()
	}
	return oneLine(words)
}
