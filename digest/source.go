package digest

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"tidings/digest/feed"
)

// A Source is a place we visit for news, with its address and manners.
type Source struct {
	ID       SourceID
	Name     string // the outlet as readers know it
	Address  string // what is fetched
	Home     string // the outlet's home page, "" when unknown
	Language string // ISO 639-1, "" when unknown
	Country  string // ISO 3166-1 alpha-2, "" when unknown
	Subject  string // world, technology, …; "" when unknown
	Listed   bool   // the operator lists it, in the packs or in a file; else it is a reader's own

	ETag         string // of the last document, for the next conditional request
	LastModified string // likewise, as the server wrote it
	BodyHash     string // of the last document parsed

	NextVisit    time.Time
	LastVisit    time.Time     // zero before the first
	LastChange   time.Time     // the last visit that brought a new document
	Interval     time.Duration // until the next visit when all goes well
	Failures     int           // visits failed in a row
	FailingSince time.Time     // zero while it works
	Fault        Fault         // why the last visit failed, as people are told; "" when it did not
	Reason       string        // likewise, as logs tell
	Status       int           // with which its server refused then, 0 when it did not
	Broke        int           // visits in a row that broke off, see SetAside; one under way counts on the shelf

	Moved     string      // where its server says that it lives now; "" for Address
	MovedAt   time.Time   // since when we believe so, zero without Moved
	Sighted   string      // where a redirect for good led the last time, "" without one
	Sightings int         // how often in a row it led there
	Wish      feed.Rhythm // when its document asks to be visited

	Brought time.Time // when its hub last brought news, zero when none does or may be relied on
}

// Place is where the source is fetched.
func (s Source) Place() string { return cmp.Or(s.Moved, s.Address) }

// A Visit is what one visit made of a source: the source as it stands
// afterwards and the articles its feed held, known ones included unless they are
// known to stand on the shelf.
type Visit struct {
	Source    Source
	Articles  []Article
	TimesOnly bool // of the source only NextVisit, LastVisit, Interval and Broke are to be saved

	Lease   *Lease // what its document says of a hub, not Wanted when it names none; nil when it says nothing new
	Brought bool   // no visit: a hub brought it. Of the source only Brought is to be saved, when an article is new
}

// What a source's interval may become, whatever its server says. The shortest
// time between two visits is the operator's and is given to After.
const (
	// SlowestInterval is where a source that brings nothing slows down to.
	SlowestInterval = 24 * time.Hour
	// LongestFreshness is how far a server's max-age may put a visit off: many
	// servers send the max-age of their pictures with their feeds.
	LongestFreshness = time.Hour
	// LongestWait is the longest time between two visits of a source, however
	// often it failed and whatever its server asks: no source is dead for good.
	LongestWait = 24 * time.Hour
	// BroughtInterval is the shortest time between two visits of a source while
	// its hub brings its news, which it is relied on for BroughtHolds after the
	// last time. A visit that finds what was published more than BroughtLag after
	// that, and so was not brought, ends it.
	BroughtInterval = 6 * time.Hour
	BroughtHolds    = 48 * time.Hour
	BroughtLag      = 30 * time.Minute
	// EnoughSightings is after how many visits in a row a redirect for good is
	// believed, and after how many failures what was believed is dropped.
	EnoughSightings = 3
	// gapShare is the part of the usual time between two items that a source
	// rests after one.
	gapShare = 16
)

// A visit that breaks off – the program dies, reading panics, or does not end –
// is the source's doing or bad luck. Once is luck for most: after it a source is
// visited in the company of few, and after the second time alone, so that of
// thousands under way the one that does it is found. After the third it is set
// aside and tried again, alone, after SetAsideFor.
const (
	SuspectsAtOnce = 32
	SetAsideFor    = 7 * 24 * time.Hour

	brokeMost = 3             // then it is set aside,
	setAside  = brokeMost + 1 // which this number of Broke says
)

// ErrSetAside is the reason of a source that was set aside.
var ErrSetAside = errors.New("reading it broke off three times in a row, so it is left alone for a week")

// mustRest says that the visits of s broke off so often that it is to be set
// aside instead of being visited. One that was set aside may be tried when it is
// due again.
func (s Source) mustRest() bool { return s.Broke >= brokeMost && s.Broke != setAside }

// SetAside says that s is left alone because reading it broke off.
func (s Source) SetAside() bool { return s.Broke >= brokeMost }

// An Outcome is what one visit found, as far as the next one depends on it.
type Outcome struct {
	Err        error         // why the visit failed, nil when it did not
	BrokeOff   bool          // it failed because reading the document panicked or did not end
	News       int           // articles published since the visit before
	Gap        time.Duration // the usual time between two items, 0 when that cannot be told
	Changed    bool          // the document is another one than last time
	RetryAfter time.Duration // how long the server asks to be left alone, 0 when it does not
	MaxAge     time.Duration // how long the server calls the document fresh, 0 when it does not
	Bytes      int           // of a document that was read, decompressed; nothing depends on it
	Wish       feed.Rhythm   // of a document that changed
	Newest     time.Time     // when the newest article that was read was published
	Hub        feed.Hub      // that a document which changed names
	MovedTo    string        // where redirects for good led, "" when there were none or others
	Found      string        // of a source that has vanished: where its home page says that it is now

	ETag, LastModified, BodyHash string // of the document found; "" keeps what is known
}

// After returns s as it stands after a visit at now with outcome o, its next
// visit included. It is arithmetic only.
//
// After news a source rests a sixteenth of the usual time between two of its
// items; without any it slows down by a tenth each time; in between are least
// and SlowestInterval. So news are found late by at most about a tenth of the
// silence before them. A failing one is left alone for least, then twice as long
// each time, up to LongestWait, and keeps the pace it had; one that its server
// calls gone (410) for LongestWait at once. Retry-After, and up to
// LongestFreshness max-age and what the document asks, only lengthen the wait;
// hours and days that the document wants to be skipped are. jitter in [0, 1)
// lengthens it by up to a tenth, so that sources which were added together drift
// apart. The next visit is never sooner than least and never later than
// LongestWait (or than least, if that is longer), but for what was set aside. One
// whose hub brings its news is visited every BroughtInterval at most.
func (s Source) After(o Outcome, now time.Time, least time.Duration, jitter float64) Source {
	s.LastVisit = now
	least = max(least, time.Second)
	wait := time.Duration(0)
	if o.Err != nil {
		s = s.failed(o, now)
		wait = backOff(least, s.Failures)
		if s.Status == http.StatusGone && s.Moved == "" {
			wait = LongestWait
		}
	} else {
		s = s.worked(o, now, least)
		wait = max(s.Interval, min(max(o.MaxAge, s.Wish.Lull), LongestFreshness))
		if !s.Brought.IsZero() {
			wait = max(wait, BroughtInterval)
		}
	}
	wait = min(max(wait, o.RetryAfter), LongestWait)
	if jitter > 0 && jitter < 1 {
		wait += time.Duration(float64(wait) / 10 * jitter)
	}
	s.NextVisit = now.Add(max(least, min(wait, LongestWait)))
	if s.Failures == 0 {
		s.NextVisit = s.Wish.After(s.NextVisit, now.Add(max(least, LongestWait)))
	}
	if o.BrokeOff && s.mustRest() {
		return s.Rest(now)
	}
	return s
}

// Rest sets s aside at now.
func (s Source) Rest(now time.Time) Source {
	s = s.failed(Outcome{Err: ErrSetAside}, now)
	s.Broke = setAside
	s.NextVisit = now.Add(SetAsideFor)
	return s
}

func (s Source) failed(o Outcome, now time.Time) Source {
	if s.Failures == 0 || s.FailingSince.IsZero() {
		s.FailingSince = now
	}
	s.Failures = max(s.Failures, 0) + 1
	s.Fault, s.Reason, s.Status = FaultOf(o.Err), Reason(o.Err), StatusOf(o.Err)
	s.Broke++
	if !o.BrokeOff {
		s.Broke = 0
	}
	s.Sighted, s.Sightings = "", 0
	switch {
	case o.Found != "":
		s = s.moveTo(o.Found, now)
		s.ETag, s.LastModified = "", ""
	case s.Moved != "" && s.Failures >= EnoughSightings:
		s = s.moveTo("", now)
		s.ETag, s.LastModified = "", ""
	}
	return s
}

func (s Source) worked(o Outcome, now time.Time, least time.Duration) Source {
	s.Failures, s.FailingSince, s.Fault, s.Reason, s.Status, s.Broke = 0, time.Time{}, "", "", 0, 0
	s.ETag = cmp.Or(o.ETag, s.ETag)
	s.LastModified = cmp.Or(o.LastModified, s.LastModified)
	s.BodyHash = cmp.Or(o.BodyHash, s.BodyHash)
	if o.Changed {
		s.LastChange = now
		// Validators that belong to another document would hide the next one.
		s.ETag, s.LastModified = o.ETag, o.LastModified
		s.Wish = o.Wish
	}
	if o.News > 0 {
		s.Interval = o.Gap / gapShare
	} else {
		s.Interval += s.Interval / 10
	}
	s.Interval = max(least, min(s.Interval, SlowestInterval))
	if o.Newest.After(s.Brought.Add(BroughtLag)) || now.Sub(s.Brought) > BroughtHolds {
		s.Brought = time.Time{}
	}
	return s.sighted(o.MovedTo, now)
}

// sighted notes that redirects for good led to an address, or that there were
// none ("").
func (s Source) sighted(to string, now time.Time) Source {
	switch to {
	case "", s.Place():
		s.Sighted, s.Sightings = "", 0
		return s
	case s.Sighted:
		s.Sightings++
	default:
		s.Sighted, s.Sightings = to, 1
	}
	if s.Sightings >= EnoughSightings {
		return s.moveTo(to, now)
	}
	return s
}

// moveTo believes that s lives at an address, or where it always did ("").
func (s Source) moveTo(to string, now time.Time) Source {
	s.Sighted, s.Sightings = "", 0
	s.Moved, s.MovedAt = to, now
	if to == "" || to == s.Address {
		s.Moved, s.MovedAt = "", time.Time{}
	}
	return s
}

// backOff doubles least with every failure after the first.
func backOff(least time.Duration, failures int) time.Duration {
	wait := least
	for range failures - 1 {
		if wait >= LongestWait {
			break
		}
		wait *= 2
	}
	return wait
}

// Health is how a source does, in one word.
type Health string

// How sources do. A slow one answers and has had nothing new for SlowAfter; a
// gone one was called so by its server or has failed for GoneAfter: it is
// visited once a day, in case that it comes back. One that moved within
// MovedFor is fetched where its server, or its home page, says.
const (
	Unvisited Health = "new"
	Fine      Health = "fine"
	Moved     Health = "moved"
	Slow      Health = "slow"
	Failing   Health = "failing"
	Gone      Health = "gone"
	Aside     Health = "aside"

	SlowAfter = 7 * 24 * time.Hour
	GoneAfter = 14 * 24 * time.Hour
	MovedFor  = 7 * 24 * time.Hour
)

// Healths are all of them, the best first.
var Healths = []Health{Fine, Moved, Slow, Failing, Gone, Aside, Unvisited}

// Health judges s at now.
func (s Source) Health(now time.Time) Health {
	switch {
	case s.SetAside():
		return Aside
	case s.Failures > 0 && (s.Status == http.StatusGone || now.Sub(s.FailingSince) >= GoneAfter):
		return Gone
	case s.Failures > 0:
		return Failing
	case s.LastVisit.IsZero():
		return Unvisited
	case s.Moved != "" && now.Sub(s.MovedAt) < MovedFor:
		return Moved
	case !s.LastChange.IsZero() && now.Sub(s.LastChange) >= SlowAfter:
		return Slow
	}
	return Fine
}
