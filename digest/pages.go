package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tidings/digest/feed"
	"tidings/digest/page"
)

// A WantedPage is the page of an article whose feed gave a teaser and whose
// story somebody follows.
type WantedPage struct {
	Article  ArticleID
	Address  string
	Title    string // as the feed gave it
	Language string // of the article
	Attempts int    // visits that failed so far
	Since    time.Time
}

// PageState is what became of a wanted page.
type PageState string

const (
	PageWanted  PageState = "wanted"
	PageDone    PageState = "done"    // read; its text serves summaries
	PageRefused PageState = "refused" // it is not for us, or no article; the feed's own text serves
	PageFailed  PageState = "failed"  // given up after several visits
)

// A PageVisit is what one visit made of a wanted page.
type PageVisit struct {
	Article  ArticleID
	State    PageState
	Next     time.Time // of a page that is still wanted
	Attempts int
	Reason   string    // why there is no text, in plain words
	Page     page.Page // zero when nothing was read; Text only when it is done
}

// How pages are fetched.
const (
	pagesAtOnce   = 50               // claimed by one batch
	pagesHold     = 45 * time.Second // nobody else visits them
	pagesTime     = 12 * time.Second // then those not yet visited are put back
	pageHosts     = 8                // visited side by side
	pageReadings  = 2                // pages that are parsed at once: each may take tens of mebibytes
	pageBytes     = 4 << 20
	pageSpacing   = time.Second // between two pages of a host, unless its robots.txt wants more
	pagePatience  = 24 * time.Hour
	pageSaveTime  = 10 * time.Second
	pageHostsKept = 5000
)

// pageWaits are how long a page that failed is left alone; after the last it is
// given up.
var pageWaits = []time.Duration{3 * time.Minute, 30 * time.Minute}

// errOtherPage: what is found at the address is not what the feed told of.
var errOtherPage = errors.New("the page tells of something else than the feed")

// A pageShelf is what the page reader asks of storage.
type pageShelf interface {
	ClaimPages(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]WantedPage, error)
	ShelvePage(ctx context.Context, v PageVisit) error
}

// A PageReader fetches wanted pages with manners and shelves their text: of a
// host one at a time and a second apart, and only what its robots.txt allows.
// Any number may work on one shelf; each keeps to the spacing by itself.
type PageReader struct {
	shelf   pageShelf
	fetcher *feed.Fetcher
	robots  *feed.Robots
	log     *slog.Logger
	now     func() time.Time
	parsing chan struct{}
	repeats page.Repeats // what the hosts say in every article

	mu    sync.Mutex
	turns map[string]time.Time // when a host may be visited again
}

// NewPageReader returns a reader of wanted pages.
func NewPageReader(shelf pageShelf, fetcher *feed.Fetcher, robots *feed.Robots, log *slog.Logger) *PageReader {
	return &PageReader{
		shelf: shelf, fetcher: fetcher, robots: robots, log: log, now: time.Now,
		parsing: make(chan struct{}, pageReadings), turns: map[string]time.Time{},
	}
}

// Read does one batch: it claims up to 50 wanted pages and visits them for at
// most 12 seconds, each shelved as soon as it was read. More says that others
// may be due at once. What goes wrong with a page is its Reason; an error is the
// shelf's.
func (r *PageReader) Read(ctx context.Context) (more bool, err error) {
	wanted, err := r.shelf.ClaimPages(ctx, r.now(), pagesHold, pagesAtOnce)
	if err != nil {
		return false, fmt.Errorf("claim pages: %w", err)
	}
	byHost := map[string][]WantedPage{}
	for _, w := range wanted {
		host := feed.Host(w.Address)
		byHost[host] = append(byHost[host], w)
	}
	box, cancel := context.WithTimeout(ctx, pagesTime)
	defer cancel()
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed []error
		hosts  = make(chan struct{}, pageHosts)
	)
	for host, pages := range byHost {
		all.Go(func() {
			select {
			case hosts <- struct{}{}:
				defer func() { <-hosts }()
			case <-box.Done():
			}
			if err := r.readHost(box, host, pages); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, err)
			}
		})
	}
	all.Wait()
	return len(wanted) == pagesAtOnce, errors.Join(append(failed, ctx.Err())...)
}

// readHost reads pages of one host, one after the other; those that there is no
// time for are put back, each behind the one before.
func (r *PageReader) readHost(ctx context.Context, host string, pages []WantedPage) error {
	for i, w := range pages {
		visit := PageVisit{Article: w.Article, State: PageWanted, Attempts: w.Attempts, Next: r.now().Add(time.Duration(i+1) * pageSpacing)}
		if r.await(ctx, host) {
			if v := r.visit(ctx, w); v.Reason == "" || ctx.Err() == nil {
				visit = v // otherwise our time was up, which is not the page's fault
			}
			r.leave(host, r.robots.Delay(w.Address))
		}
		save, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageSaveTime)
		err := r.shelf.ShelvePage(save, visit)
		cancel()
		if err != nil {
			return fmt.Errorf("shelve page of article %d: %w", w.Article, err)
		}
		r.log.Debug("page visited", "article", w.Article, "state", visit.State, "reason", visit.Reason)
	}
	return nil
}

// await waits for the host's turn; false when time is up first.
func (r *PageReader) await(ctx context.Context, host string) bool {
	r.mu.Lock()
	wait := r.turns[host].Sub(r.now())
	r.mu.Unlock()
	if end, ok := ctx.Deadline(); ok && wait > time.Until(end) {
		return false
	}
	if wait <= 0 {
		return ctx.Err() == nil
	}
	turn := time.NewTimer(wait)
	defer turn.Stop()
	select {
	case <-turn.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave notes when the host may be visited again.
func (r *PageReader) leave(host string, delay time.Duration) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.turns) >= pageHostsKept {
		for h, turn := range r.turns {
			if turn.Before(now) {
				delete(r.turns, h)
			}
		}
	}
	r.turns[host] = now.Add(max(delay, pageSpacing))
}

// visit makes one visit.
func (r *PageReader) visit(ctx context.Context, w WantedPage) PageVisit {
	v := PageVisit{Article: w.Article, Attempts: w.Attempts + 1}
	now := r.now()
	if now.Sub(w.Since) > pagePatience {
		v.State, v.Reason = PageFailed, "it was not read within a day"
		return v
	}
	answer, err := r.fetcher.Fetch(ctx, feed.Request{
		Address: w.Address, Accept: page.Accept, MaxBytes: pageBytes, Judge: r.robots.Allow,
	})
	if err == nil {
		v.Page, err = r.parse(ctx, w, answer, now)
	}
	switch {
	case err == nil:
		v.State = PageDone
		return v
	case !passing(err):
		v.State = PageRefused
	case v.Attempts > len(pageWaits):
		v.State = PageFailed
	default:
		v.State = PageWanted
		v.Next = now.Add(max(pageWaits[v.Attempts-1], answer.RetryAfter))
	}
	v.Reason, v.Page.Text = Reason(err), ""
	return v
}

// parse reads the page; an error tells why its text does not serve.
func (r *PageReader) parse(ctx context.Context, w WantedPage, answer feed.Response, now time.Time) (page.Page, error) {
	select {
	case r.parsing <- struct{}{}:
		defer func() { <-r.parsing }()
	case <-ctx.Done():
		return page.Page{}, ctx.Err()
	}
	p, err := page.Read(answer.Body, answer.ContentType, answer.FinalAddress, now)
	switch {
	case err != nil:
		return page.Page{}, err
	case p.Kind != page.Article:
		return p, errors.New(p.Kind.Reason())
	case !tellsOf(p, w):
		return p, errOtherPage
	}
	p = r.repeats.Drop(feed.Host(answer.FinalAddress), w.Address, p)
	p.Text = SpacedDateline(p.Text)
	return p, nil
}

// passing tells whether a later visit may go better.
func passing(err error) bool {
	var status *feed.StatusError
	if errors.As(err, &status) {
		return status.Code == 429 || status.Code == 408 || status.Code == 425 || status.Code >= 500
	}
	for _, passes := range []error{feed.ErrUnreachable, feed.ErrTooSlow, feed.ErrCutOff, feed.ErrRobotsUnknown, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, passes) {
			return true
		}
	}
	return false
}

// tellsOf tells whether a page is the one that the feed meant: a third of the
// headline's words stand in its title or text. A server may answer a page that
// is gone with its front page, or with another article.
func tellsOf(p page.Page, w WantedPage) bool {
	headline := terms(w.Title, w.Language)
	if len(headline) < 3 {
		return true
	}
	begin, _ := shorten(p.Text, summaryBytes)
	return 3*common(headline, terms(p.Title+"\n"+begin, w.Language)) >= len(headline)
}

// Teaser tells whether a's feed gave too little for an ordinary summary: neither
// its Text nor its Content has two sentences for one, or one that takes half of
// its words.
func (a Article) Teaser() bool {
	for _, given := range []string{a.Text, a.Content} {
		if full(read(a.Title, given, a.Language, nil).choose(NormalLimits.Words), NormalLimits.Words) {
			return false
		}
	}
	return true
}
