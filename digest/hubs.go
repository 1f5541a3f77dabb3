package digest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tidings/digest/feed"
)

// What hubs may cost.
const (
	asksAtOnce    = 32               // leases of one batch; a hub sees one request at a time
	askTime       = 12 * time.Second // for all of a batch
	callsAtOnce   = 4                // from hubs; others wait for
	callWait      = 5 * time.Second  //
	callTime      = 20 * time.Second // to read, parse and shelve what one brings
	readCall      = 10 * time.Second
	mostBrought   = 4 << 20 // bytes; a larger document is fetched
	mostChallenge = 2048
	broughtBurst  = 10               // documents of one source at once,
	broughtEvery  = 30 * time.Second // and one more in this time
	forgedEvery   = time.Hour        // between two words about documents without the right signature
)

// A leaseShelf is what hubs ask of storage.
type leaseShelf interface {
	// ClaimLeases takes leases that are due and leaves them as Asked.
	ClaimLeases(ctx context.Context, now time.Time, limit int) ([]Lease, error)
	// LeaseAt finds a lease by its token, and its source, which has no id when
	// it is not kept any more.
	LeaseAt(ctx context.Context, token string) (Lease, Source, error)
	SaveLease(ctx context.Context, l Lease) error
	EndLease(ctx context.Context, token string) error
	// HastenVisit lets a source be visited at a time, if it works and was to be
	// visited later.
	HastenVisit(ctx context.Context, id SourceID, at time.Time) error
}

// A poster posts forms as feed.Fetcher does.
type poster interface {
	Post(ctx context.Context, address string, form url.Values) error
}

// Hubs has the hubs of sources bring what they publish, as W3C WebSub says (the
// Recommendation of 23 January 2018; the paragraphs named are its). It asks for
// leases, renews and ends them, and takes what hubs bring to the address that it
// serves, at the path that is a lease's token. A document that is brought goes
// the way of one that was fetched (Collector.Take). Any replica may ask, and any
// may be called.
//
// While a hub brings news its source is visited a few times a day only, and at
// the usual pace again as soon as a visit finds what was not brought: a hub may
// be late, deaf or gone without a word, and costs nobody a story.
type Hubs struct {
	shelf     leaseShelf
	collector *Collector
	post      poster
	callback  string // to which a token is added
	log       *slog.Logger
	now       func() time.Time
	calls     chan struct{} // holds one for each call that is served

	watch hubWatch // may be nil

	mu      sync.Mutex
	brought map[SourceID]*rate.Limiter // how many documents a source may still be brought
	swept   time.Time                  // when those of brought that were full again were dropped
	forged  time.Time                  // when a wrong signature was last told
}

// A Reception is what became of a document that somebody brought to where hubs
// call.
type Reception string

// Receptions. All but the first two are refused, or answered and ignored.
const (
	BroughtNews  Reception = "news"       // articles that were not known
	BroughtKnown Reception = "known"      // nothing else than what was known
	Forged       Reception = "forged"     // without its hub's signature
	Unwanted     Reception = "unwanted"   // under no lease that holds
	TooOften     Reception = "too_often"  // more than a source may be brought
	TooLarge     Reception = "too_large"  // it is fetched instead
	CutOff       Reception = "cut_off"    // it did not arrive whole
	Unreadable   Reception = "unreadable" // it is fetched instead
	Busy         Reception = "busy"       // others took all the time there was
	NotKept      Reception = "not_kept"   // the shelf could not take it; the hub is to come again
)

// Receptions are all of them.
var Receptions = []Reception{BroughtNews, BroughtKnown, Forged, Unwanted, TooOften, TooLarge, CutOff, Unreadable, Busy, NotKept}

// A hubWatch is told what became of every document; from any goroutine.
type hubWatch interface {
	Received(Reception)
}

// WatchedBy lets somebody count what hubs bring; to be called before ServeHTTP.
func (h *Hubs) WatchedBy(w hubWatch) *Hubs {
	h.watch = w
	return h
}

func (h *Hubs) received(r Reception) {
	if h.watch != nil {
		h.watch.Received(r)
	}
}

// NewHubs returns hubs that call at callback, an address of ours that ends with
// a slash and leads to ServeHTTP; what they bring goes to collector.
func NewHubs(shelf leaseShelf, collector *Collector, post poster, callback string, log *slog.Logger) *Hubs {
	collector.expectHubs()
	return &Hubs{
		shelf: shelf, collector: collector, post: post, callback: callback, log: log, now: time.Now,
		calls: make(chan struct{}, callsAtOnce), brought: map[SourceID]*rate.Limiter{},
	}
}

// Ask does one batch of what is due: leases that are wanted are asked for or
// renewed, others are ended. A lease that its hub refuses is asked for again in a
// week; one that it does not answer, later and later; one whose turn did not come
// within the batch, in a minute. The error is the shelf's.
func (h *Hubs) Ask(ctx context.Context) (more bool, err error) {
	leases, err := h.shelf.ClaimLeases(ctx, h.now(), asksAtOnce)
	if err != nil {
		return false, fmt.Errorf("claim leases: %w", err)
	}
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	wrong := make([]error, len(leases))
	var all sync.WaitGroup
	for i, l := range leases {
		all.Go(func() { wrong[i] = h.ask(asking, ctx, l) })
	}
	all.Wait()
	return len(leases) == asksAtOnce, errors.Join(wrong...)
}

// ask sends one request (§5.1). What it asks for is granted by a call to us,
// which may come before the answer.
func (h *Hubs) ask(asking, ctx context.Context, l Lease) error {
	if !l.Wanted && (l.Until.IsZero() || l.Failures > 1) {
		return h.shelf.EndLease(ctx, l.Token) // nothing was granted, or the hub was told
	}
	form := url.Values{"hub.mode": {"unsubscribe"}, "hub.topic": {l.Topic}, "hub.callback": {h.callback + l.Token}}
	if l.Wanted {
		form.Set("hub.mode", "subscribe")
		form.Set("hub.lease_seconds", strconv.Itoa(int(leaseWish/time.Second)))
		form.Set("hub.secret", l.Secret)
	}
	err := h.post.Post(asking, l.Hub, form)
	var refused *feed.StatusError
	var waited *feed.Error
	switch {
	case err == nil:
		h.log.Debug("hub asked", "source", l.Source, "host", feed.Host(l.Hub), "mode", form.Get("hub.mode"))
	case ctx.Err() != nil:
		return nil
	case asking.Err() != nil && errors.As(err, &waited) && waited.Waited:
		return h.shelf.SaveLease(ctx, l.Unasked(h.now()))
	case errors.As(err, &refused) && refused.Code >= 400 && refused.Code <= 499 && refused.Code != http.StatusTooManyRequests,
		errors.Is(err, feed.ErrPrivateAddress), errors.Is(err, feed.ErrBadAddress):
		h.log.Info("hub refuses", "source", l.Source, "host", feed.Host(l.Hub), "reason", Reason(err))
		return h.refuse(ctx, l)
	default:
		h.log.Info("hub cannot be asked", "source", l.Source, "host", feed.Host(l.Hub), "reason", Reason(err), "next", l.NextAsk)
	}
	return nil
}

// refuse notes that a hub will not have a lease; one that was to end is over.
func (h *Hubs) refuse(ctx context.Context, l Lease) error {
	if !l.Wanted {
		return h.shelf.EndLease(ctx, l.Token)
	}
	return h.shelf.SaveLease(ctx, l.Refused(h.now()))
}

// ServeHTTP serves the calls of hubs. The path is a token and nothing else.
func (h *Hubs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isToken(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	brings := r.Method == http.MethodPost
	if !h.enter(r.Context()) {
		if brings {
			h.received(Busy)
		}
		later(w, http.StatusServiceUnavailable, callWait)
		return
	}
	defer func() { <-h.calls }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTime)
	defer cancel()
	l, source, err := h.shelf.LeaseAt(ctx, r.URL.Path)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		if brings {
			h.received(NotKept)
		}
		h.log.Warn("lease not found for a hub's call", "err", err)
		later(w, http.StatusServiceUnavailable, time.Minute)
	case r.Method == http.MethodGet && err == nil:
		h.verify(ctx, w, r.URL.Query(), l)
	case brings && err == nil && l.Wanted && l.Until.After(h.now()) && source.ID != 0 && !source.SetAside():
		h.received(h.take(ctx, w, r, l, source))
	case brings:
		h.received(Unwanted)
		http.Error(w, "nobody waits for this any more", http.StatusGone) // ends it at the hub, too (§7)
	case r.Method == http.MethodGet:
		http.NotFound(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "hubs get and post", http.StatusMethodNotAllowed)
	}
}

func (h *Hubs) enter(ctx context.Context) bool {
	wait := time.NewTimer(callWait)
	defer wait.Stop()
	select {
	case h.calls <- struct{}{}:
		return true
	case <-wait.C:
	case <-ctx.Done():
	}
	return false
}

// verify answers whether we asked for what a hub says that we asked for (§5.3):
// its challenge if we did, 404 if not. A hub also tells here that it denies a
// lease, or ends one (§5.2).
func (h *Hubs) verify(ctx context.Context, w http.ResponseWriter, q url.Values, l Lease) {
	mode, challenge, err := q.Get("hub.mode"), q.Get("hub.challenge"), error(nil)
	echo := challenge != "" && len(challenge) <= mostChallenge
	seconds, number := strconv.Atoi(q.Get("hub.lease_seconds"))
	switch {
	case q.Get("hub.topic") != l.Topic:
		http.NotFound(w, nil)
		return
	case mode == "subscribe" && l.Wanted && echo && number == nil && seconds > 0:
		lasts := time.Duration(min(seconds, int(longestHeld/time.Second))) * time.Second
		err = h.shelf.SaveLease(ctx, l.Granted(h.now(), lasts))
		h.log.Info("hub brings a source", "source", l.Source, "host", feed.Host(l.Hub), "for", lasts)
	case mode == "unsubscribe" && !l.Wanted && echo:
		err = h.shelf.EndLease(ctx, l.Token)
	case mode == "denied":
		challenge = ""
		err = h.refuse(ctx, l)
		h.log.Info("hub denies a source", "source", l.Source, "host", feed.Host(l.Hub), "reason", oneLine(q.Get("hub.reason")))
	default:
		http.NotFound(w, nil)
		return
	}
	if err != nil {
		h.log.Warn("word of a hub not kept", "source", l.Source, "err", err)
		later(w, http.StatusServiceUnavailable, time.Minute)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8") // what it echoes is a stranger's
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, challenge)
}

// take takes what a hub brings (§7). A document with a wrong signature is
// answered like a good one and forgotten (§7.1.1), so that who guesses learns
// nothing. One that is too large or cannot be read lets the source be visited
// instead; when we cannot keep it, the hub is to come again.
func (h *Hubs) take(ctx context.Context, w http.ResponseWriter, r *http.Request, l Lease, s Source) Reception {
	if !h.allow(s.ID) {
		later(w, http.StatusTooManyRequests, broughtEvery)
		return TooOften
	}
	// Servers in memory have no deadlines; there it is the test that ends.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readCall))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBrought))
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		h.visitSoon(ctx, s)
		http.Error(w, "it is fetched instead", http.StatusRequestEntityTooLarge)
		return TooLarge
	} else if err != nil {
		http.Error(w, "the document did not arrive whole", http.StatusBadRequest)
		return CutOff
	}
	if !feed.Signed(r.Header.Get("X-Hub-Signature"), l.Secret, body) {
		h.tellForged(l)
		w.WriteHeader(http.StatusAccepted)
		return Forged
	}
	fresh, err := h.collector.Take(ctx, s, feed.Response{Body: body, ContentType: r.Header.Get("Content-Type"), FinalAddress: feed.Bare(s.Place())})
	unreadable, became := new(BroughtError), BroughtKnown
	switch {
	case err == nil:
		h.log.Debug("hub brought a document", "source", s.ID, "new", fresh)
		if fresh > 0 {
			became = BroughtNews
		}
	case errors.As(err, &unreadable):
		h.log.Info("what a hub brought cannot be read", "source", s.ID, "host", feed.Host(l.Hub), "reason", Reason(err))
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWait) // finding that out may have taken all of its time
		defer cancel()
		if unreadable.BrokeOff { // never again from here: the visit knows how to be careful
			if err := h.refuse(ctx, l); err != nil {
				h.log.Warn("lease not given up", "source", s.ID, "err", err)
			}
		}
		h.visitSoon(ctx, s)
		became = Unreadable
	default:
		h.log.Warn("what a hub brought is not kept", "source", s.ID, "err", err)
		later(w, http.StatusServiceUnavailable, time.Minute)
		return NotKept
	}
	w.WriteHeader(http.StatusAccepted)
	return became
}

// visitSoon lets a source be visited as soon as manners allow.
func (h *Hubs) visitSoon(ctx context.Context, s Source) {
	at := h.now()
	if earliest := s.LastVisit.Add(h.collector.least); earliest.After(at) {
		at = earliest
	}
	if err := h.shelf.HastenVisit(ctx, s.ID, at); err != nil {
		h.log.Warn("visit not hastened", "source", s.ID, "err", err)
	}
}

// allow says whether a source may be brought another document now.
func (h *Hubs) allow(id SourceID) bool {
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.swept) >= broughtBurst*broughtEvery {
		maps.DeleteFunc(h.brought, func(_ SourceID, l *rate.Limiter) bool { return l.TokensAt(now) >= broughtBurst })
		h.swept = now
	}
	l, known := h.brought[id]
	if !known {
		l = rate.NewLimiter(rate.Every(broughtEvery), broughtBurst)
		h.brought[id] = l
	}
	return l.AllowN(now, 1)
}

// tellForged says that somebody knows where a hub calls and not how it signs, now
// and then.
func (h *Hubs) tellForged(l Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); now.Sub(h.forged) >= forgedEvery {
		h.forged = now
		h.log.Warn("a document came without its hub's signature and was ignored", "source", l.Source, "host", feed.Host(l.Hub))
	}
}

func later(w http.ResponseWriter, code int, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	http.Error(w, "later", code)
}
