package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"time"

	"tidings/digest/feed"
)

// visit makes one visit: fetch, parse, articles, and when to come again. One
// that our own lack of time or room ended is not the source's fault.
func (c *Collector) visit(ctx context.Context, host string, s Source) made {
	if s.mustRest() {
		return made{before: s, Visit: Visit{Source: s.Rest(c.now())}}
	}
	room := &room{rooms: &c.rooms}
	articles, outcome, learnt := c.read(ctx, s, room)
	if outcome.Err != nil && (ctx.Err() != nil || room.refused) {
		room.leave()
		return c.putOff(s, c.now())
	}
	if outcome.vanished() && (s.Status == http.StatusGone || s.Failures+1 >= EnoughSightings) {
		outcome.Found = c.rediscover(ctx, s, room)
	}
	if outcome.RetryAfter > 0 && outcome.Err != nil {
		c.rests.add(host, c.now().Add(min(outcome.RetryAfter, LongestWait)))
	}
	if c.watch != nil {
		c.watch.Visited(outcome)
	}
	before := s
	var lease *Lease
	if c.hubs && outcome.Changed && outcome.Err == nil {
		l := NewLease(s.ID, outcome.Hub.Or(feed.Hub{Topic: feed.Bare(s.Place())}), c.now())
		lease = &l
	}
	if !c.hubs || lease != nil && !lease.Wanted {
		s.Brought = time.Time{} // nobody can bring anything any more
	}
	after := s.After(outcome, c.now(), c.least, c.jitter())
	if latest := c.now().Add(c.most); c.most > 0 && outcome.Err == nil && after.NextVisit.After(latest) {
		after.NextVisit = latest
	}
	v := Visit{Source: after, Articles: articles, TimesOnly: timesOnly(before, after), Lease: lease}
	return made{before: before, Visit: v, room: room, learnt: learnt}
}

// A BroughtError says why what was brought could not be read.
type BroughtError struct {
	Reason   error
	BrokeOff bool // reading it panicked or did not end
}

func (e *BroughtError) Error() string { return "read what was brought: " + e.Reason.Error() }
func (e *BroughtError) Unwrap() error { return e.Reason }

// Take makes articles of a document of s that a hub brought, and shelves them, as
// a visit does, and counts those that were not known. What it does not do is what
// a visit learns of manners and health: nobody was visited. The error is a
// *BroughtError, or the end of ctx, or the shelf's.
func (c *Collector) Take(ctx context.Context, s Source, d feed.Response) (fresh int, err error) {
	articles, o, _ := c.parse(ctx, s, d, Outcome{})
	if err := ctx.Err(); err != nil && !o.BrokeOff { // ours was the lack of time
		return 0, fmt.Errorf("read what was brought: %w", err)
	}
	if o.Err != nil {
		return 0, &BroughtError{o.Err, o.BrokeOff}
	}
	s.Brought = c.now()
	fresh, err = c.shelf.ShelveVisits(ctx, []Visit{{Source: s, Articles: articles, Brought: true}})
	if err != nil {
		return 0, fmt.Errorf("shelve what was brought: %w", err)
	}
	return fresh, nil
}

// timesOnly says that a visit changed nothing but when it was and when the next
// one is.
func timesOnly(before, after Source) bool {
	before.NextVisit, before.LastVisit, before.Interval, before.Broke = after.NextVisit, after.LastVisit, after.Interval, after.Broke
	return before == after
}

// vanished says that there is nothing any more at the address.
func (o Outcome) vanished() bool {
	code := StatusOf(o.Err)
	return code == http.StatusNotFound || code == http.StatusGone
}

// read fetches what s has and makes articles of it. A panic on the way, in
// whoever's code, is one more thing that can be wrong with a document.
func (c *Collector) read(ctx context.Context, s Source, room *room) (articles []Article, o Outcome, l *learnt) {
	defer func() {
		if wrong := recover(); wrong != nil {
			articles, o, l = nil, broke(wrong), nil
		}
	}()
	answer, err := c.fetcher.Fetch(ctx, feed.Request{Address: s.Place(), ETag: s.ETag, LastModified: s.LastModified, BodyHash: s.BodyHash, Room: room.ask})
	o = Outcome{Err: err, RetryAfter: answer.RetryAfter}
	if err != nil {
		return nil, o, nil
	}
	o.MaxAge, o.ETag, o.LastModified, o.BodyHash = answer.MaxAge, answer.ETag, answer.LastModified, answer.BodyHash
	o.MovedTo = answer.MovedTo
	if answer.NotModified {
		return nil, o, nil
	}
	return c.parse(ctx, s, answer, o)
}

// parseTime is how long a document may take to be read. The largest that the
// guard lets through takes a few seconds.
const parseTime = 10 * time.Second

// parse makes articles of a document, as one of a few at a time. One that does
// not end is left to itself: nothing can stop it, but its source is set aside
// before there are many.
func (c *Collector) parse(ctx context.Context, s Source, answer feed.Response, o Outcome) ([]Article, Outcome, *learnt) {
	select {
	case c.readers <- struct{}{}:
		defer func() { <-c.readers }()
	case <-ctx.Done():
		return nil, Outcome{Err: context.Cause(ctx)}, nil
	}
	type result struct {
		articles []Article
		Outcome
		*learnt
	}
	known := c.memory.of(s, c.now())
	size := len(answer.Body) // which is not kept for as long as this waits
	done := make(chan result, 1)
	go func() {
		defer func() {
			if wrong := recover(); wrong != nil {
				done <- result{nil, broke(wrong), nil}
			}
		}()
		articles, o, learnt := parseDocument(s, answer, known, o, c.now())
		done <- result{articles, o, learnt}
	}()
	limit := time.NewTimer(parseTime)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.articles, r.Outcome, r.learnt
	case <-limit.C:
		return nil, Outcome{Err: errors.New("reading the document does not end"), BrokeOff: true, Bytes: size}, nil
	}
}

func broke(wrong any) Outcome {
	return Outcome{Err: fmt.Errorf("reading the document broke: %v", wrong), BrokeOff: true}
}

// parseDocument is pure: what an answer holds as articles, but of items that are
// known, how it went, and what is known then.
func parseDocument(s Source, answer feed.Response, known learnt, o Outcome, now time.Time) ([]Article, Outcome, *learnt) {
	o.Bytes = len(answer.Body)
	found, err := feed.ParseNew(answer.Body, answer.ContentType, answer.FinalAddress, now, known.prints)
	if err != nil {
		return nil, Outcome{Err: err, RetryAfter: o.RetryAfter, Bytes: o.Bytes}, nil
	}
	articles, err := makeArticles(s, found, now)
	o.Err, o.Changed, o.News, o.Wish = err, true, news(s, articles), found.Rhythm
	o.Newest, o.Hub = newestOf(articles), answer.Hub.Or(found.Hub)
	if found.Known == 0 { // all were read
		known = learnt{gap: usualGap(found.Items), listed: s.Listed, at: now}
	}
	o.Gap, known.prints = known.gap, found.Prints
	return articles, o, &known
}

var errNoneShown = errors.New("none can be shown")

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
		if at := cmp.Or(item.Published, item.Updated); !at.IsZero() && now.Sub(at) > ShelfLife {
			old++
			continue
		}
		a, err := NewArticle(s, item, now)
		if err != nil {
			refused = err
			continue
		}
		articles = append(articles, a)
	}
	if len(articles)+old+found.Known == 0 && refused != nil {
		if found.Truncated {
			refused = fmt.Errorf("%w: before its first item is whole", feed.ErrBroken)
		}
		return nil, fmt.Errorf("of %d items %w: %w", len(found.Items), errNoneShown, refused)
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

// newestOf is when the newest of the articles was published, zero without any.
func newestOf(articles []Article) (at time.Time) {
	for _, a := range articles {
		if a.Published.After(at) {
			at = a.Published
		}
	}
	return at
}

// gapItems are how many of the newest items tell how often a source publishes.
const gapItems = 10

// usualGap is the time between two of the newest items, on average; 0 when they
// have no dates.
func usualGap(items []feed.Item) time.Duration {
	var dates []time.Time
	for _, i := range items {
		if at := cmp.Or(i.Published, i.Updated); !at.IsZero() {
			dates = append(dates, at)
		}
	}
	if len(dates) < 3 {
		return 0
	}
	slices.SortFunc(dates, func(a, b time.Time) int { return b.Compare(a) })
	dates = dates[:min(len(dates), gapItems)]
	return dates[0].Sub(dates[len(dates)-1]) / time.Duration(len(dates)-1)
}

// rediscover looks on the home page of a source that has vanished for where it is
// now: "" unless the page leads to exactly one feed of the same site.
func (c *Collector) rediscover(ctx context.Context, s Source, room *room) string {
	home := s.Home
	if home == "" {
		u, err := url.Parse(s.Address)
		if err != nil {
			return ""
		}
		home = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
	}
	found, err := feed.Discover(ctx, room.fetch(c.fetcher), home, c.now())
	if err != nil {
		return ""
	}
	site := feed.Site(s.Address)
	found = slices.DeleteFunc(found, func(f feed.Found) bool {
		return f.Address == s.Place() || f.Address == s.Address || len(f.Feed.Items) == 0 || feed.Site(f.Address) != site
	})
	if len(found) != 1 {
		return ""
	}
	return found[0].Address
}

// What a collector remembers of the items that sources listed, so that those
// which it shelved are not read again. Twice a day all are: the shelf forgets
// what it has not seen for long.
const (
	learntHolds = 12 * time.Hour
	mostPrints  = 1 << 20 // 8 MB
)

// learnt is what was read of a source's document.
type learnt struct {
	prints feed.Prints   // of its items
	gap    time.Duration // see Outcome
	listed bool          // the source was: else its articles were of another circle
	at     time.Time     // when all items were read
}

// A recall is what was learnt of sources, until the process ends.
type recall struct {
	mu      sync.Mutex
	sources map[SourceID]learnt
	prints  int
}

func (m *recall) of(s Source, now time.Time) learnt {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.sources[s.ID]
	if l.listed != s.Listed || now.Sub(l.at) >= learntHolds {
		return learnt{}
	}
	return l
}

// keep is called when everything that was read stands on the shelf.
func (m *recall) keep(id SourceID, l learnt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(id)
	for other := range m.sources {
		if m.prints+len(l.prints) <= mostPrints {
			break
		}
		m.drop(other) // any: it is read once more
	}
	if m.sources == nil {
		m.sources = map[SourceID]learnt{}
	}
	m.sources[id] = l
	m.prints += len(l.prints)
}

func (m *recall) drop(id SourceID) {
	m.prints -= len(m.sources[id].prints)
	delete(m.sources, id)
}

// How many documents are in hand that take more memory than most: of up to
// 1 MiB, and of more.
const (
	mediumBodies = 16
	largeBodies  = 1
	mediumBody   = 1 << 20
)

// rooms hold one for each document that is in them.
type rooms struct{ medium, large chan struct{} }

func newRooms() rooms {
	return rooms{medium: make(chan struct{}, mediumBodies), large: make(chan struct{}, largeBodies)}
}

// room is what one visit holds of them. Who waits for the large one keeps the
// medium one, and none that has the large one waits.
type room struct {
	rooms   *rooms
	held    []chan struct{}
	refused bool // our lack of room ended the visit
}

// ask is feed.Request.Room.
func (r *room) ask(ctx context.Context, bytes int64) error {
	want := r.rooms.medium
	if bytes > mediumBody {
		want = r.rooms.large
	}
	select {
	case want <- struct{}{}:
		r.held = append(r.held, want)
		return nil
	default:
	}
	r.refused = true // unless there is some in time
	select {
	case want <- struct{}{}:
		r.held = append(r.held, want)
		r.refused = false
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fetch fetches documents of which one is in hand at a time: the room of each is
// given back when the next is asked for, and the memory of a large one with it.
func (r *room) fetch(web fetcher) func(context.Context, feed.Request) (feed.Response, error) {
	return func(ctx context.Context, ask feed.Request) (feed.Response, error) {
		if r.crowded() {
			runtime.GC()
		}
		r.leave()
		ask.Room = r.ask
		return web.Fetch(ctx, ask)
	}
}

// crowded says that others may wait for what r holds; r may be nil.
func (r *room) crowded() bool { return r != nil && len(r.held) > 1 }

// leave gives back what is held; r may be nil.
func (r *room) leave() {
	if r == nil {
		return
	}
	for _, room := range r.held {
		<-room
	}
	r.held = nil
}
