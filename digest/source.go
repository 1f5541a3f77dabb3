package digest

import (
	"cmp"
	"strings"
	"time"
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
	Reason       string        // why the last visit failed, "" when it did not
}

// A Visit is what one visit made of a source: the source as it stands
// afterwards and the articles its feed held, known ones included.
type Visit struct {
	Source   Source
	Articles []Article
}

// What a source's interval may become, whatever its server says. The shortest
// time between two visits is the operator's and is given to After.
const (
	// SlowestInterval is where a source that brings nothing slows down to.
	SlowestInterval = 2 * time.Hour
	// LongestFreshness is how far a server's max-age may put a visit off: many
	// servers send the max-age of their pictures with their feeds.
	LongestFreshness = time.Hour
	// LongestWait is the longest time between two visits of a source, however
	// often it failed and whatever its server asks: no source is dead for good.
	LongestWait = 24 * time.Hour
)

// An Outcome is what one visit found, as far as the next one depends on it.
type Outcome struct {
	Err        error         // why the visit failed, nil when it did not
	News       int           // articles published since the visit before
	Changed    bool          // the document is another one than last time
	RetryAfter time.Duration // how long the server asks to be left alone, 0 when it does not
	MaxAge     time.Duration // how long the server calls the document fresh, 0 when it does not
	Bytes      int           // of a document that was read, decompressed; nothing depends on it

	ETag, LastModified, BodyHash string // of the document found; "" keeps what is known
}

// After returns s as it stands after a visit at now with outcome o, its next
// visit included. It is arithmetic only.
//
// A source with news is visited every least; one without slows down by a tenth
// each time, up to SlowestInterval. So after a silence its news are found late
// by at most about a tenth of that silence. A failing one is left alone for
// least, then twice as long each time, up to LongestWait, and keeps the pace it
// had. Retry-After and (up to LongestFreshness) max-age only lengthen the wait.
// jitter in [0, 1) lengthens it by up to a tenth, so that sources which were
// added together drift apart. The next visit is never sooner than least and
// never later than LongestWait (or than least, if that is longer).
func (s Source) After(o Outcome, now time.Time, least time.Duration, jitter float64) Source {
	s.LastVisit = now
	least = max(least, time.Second)
	wait := time.Duration(0)
	if o.Err != nil {
		s = s.failed(o, now)
		wait = backOff(least, s.Failures)
	} else {
		s = s.worked(o, now, least)
		wait = max(s.Interval, min(o.MaxAge, LongestFreshness))
	}
	wait = min(max(wait, o.RetryAfter), LongestWait)
	if jitter > 0 && jitter < 1 {
		wait += time.Duration(float64(wait) / 10 * jitter)
	}
	s.NextVisit = now.Add(max(least, min(wait, LongestWait)))
	return s
}

func (s Source) failed(o Outcome, now time.Time) Source {
	if s.Failures == 0 || s.FailingSince.IsZero() {
		s.FailingSince = now
	}
	s.Failures = max(s.Failures, 0) + 1
	s.Reason = Reason(o.Err)
	return s
}

func (s Source) worked(o Outcome, now time.Time, least time.Duration) Source {
	s.Failures, s.FailingSince, s.Reason = 0, time.Time{}, ""
	s.ETag = cmp.Or(o.ETag, s.ETag)
	s.LastModified = cmp.Or(o.LastModified, s.LastModified)
	s.BodyHash = cmp.Or(o.BodyHash, s.BodyHash)
	if o.Changed {
		s.LastChange = now
		// Validators that belong to another document would hide the next one.
		s.ETag, s.LastModified = o.ETag, o.LastModified
	}
	if o.News > 0 {
		s.Interval = least
	} else {
		s.Interval += s.Interval / 10
	}
	s.Interval = max(least, min(s.Interval, SlowestInterval))
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

// longestReason bounds what one server's words may take on the shelf.
const longestReason = 200

// oneLine makes words fit for a list: no line ends, at most longestReason runes.
func oneLine(words string) string {
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " ")
	if letters := []rune(words); len(letters) > longestReason {
		words = string(letters[:longestReason-1]) + "…"
	}
	return words
}

// Health is how a source does, in one word.
type Health string

// How sources do. A slow one answers and has had nothing new for SlowAfter; a
// gone one has failed for GoneAfter: it is visited once a day, in case that it
// comes back.
const (
	Unvisited Health = "new"
	Fine      Health = "fine"
	Slow      Health = "slow"
	Failing   Health = "failing"
	Gone      Health = "gone"

	SlowAfter = 7 * 24 * time.Hour
	GoneAfter = 14 * 24 * time.Hour
)

// Health judges s at now.
func (s Source) Health(now time.Time) Health {
	switch {
	case s.Failures > 0 && now.Sub(s.FailingSince) >= GoneAfter:
		return Gone
	case s.Failures > 0:
		return Failing
	case s.LastVisit.IsZero():
		return Unvisited
	case !s.LastChange.IsZero() && now.Sub(s.LastChange) >= SlowAfter:
		return Slow
	}
	return Fine
}
