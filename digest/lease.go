package digest

import (
	"crypto/rand"
	"strings"
	"time"

	"tidings/digest/feed"
)

// A Lease is what we ask of a source's hub and what it granted: to bring us the
// source's document whenever it changes, until a time (W3C WebSub §5). A source
// has one at most.
type Lease struct {
	Source   SourceID
	Hub      string    // where the hub takes requests
	Topic    string    // what the hub calls the document
	Token    string    // the end of the address at which the hub finds us; nobody else is told
	Secret   string    // with which the hub signs what it brings
	Wanted   bool      // the source is visited and its document names the hub; else the lease is to end
	Until    time.Time // zero while nothing is granted
	Failures int       // requests in a row that were not followed by a grant
	NextAsk  time.Time // when the hub is asked next
}

// How often a hub is asked. One that refuses, or never answers, is asked more
// and more seldom, down to once a week: a source may name any address.
const (
	askAgain    = 10 * time.Minute
	askSoon     = time.Minute // when others of the same hub took the time
	askSeldom   = 7 * 24 * time.Hour
	longestHeld = 90 * 24 * time.Hour // a longer lease is asked for anew by then
	leaseWish   = 10 * 24 * time.Hour // what is asked for; the hub decides
)

// NewLease is what is to be asked of a hub, at once, or with no address the end
// of what was. Token and secret are 130 bits of chance each.
func NewLease(source SourceID, hub feed.Hub, now time.Time) Lease {
	l := Lease{Source: source, Hub: hub.Address, Topic: hub.Topic, Wanted: hub.Address != "", NextAsk: now}
	if l.Wanted {
		l.Token, l.Secret = rand.Text(), rand.Text()
	}
	return l
}

// isToken says whether a text looks like the token of a lease: as rand.Text
// makes them, in letters of base 32.
func isToken(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// Asked is l when the hub is asked at now: as if it were not going to grant
// anything, for its grant comes by another way, maybe before its answer.
func (l Lease) Asked(now time.Time) Lease {
	wait := askAgain
	for range l.Failures {
		if wait *= 2; wait >= askSeldom {
			break
		}
	}
	l.Failures++
	l.NextAsk = now.Add(min(wait, askSeldom))
	if !l.Until.After(now) {
		l.Until = time.Time{}
	}
	return l
}

// Unasked is l, Asked before, when the hub was not reached for want of time.
func (l Lease) Unasked(now time.Time) Lease {
	l.Failures = max(l.Failures-1, 0)
	l.NextAsk = now.Add(askSoon)
	return l
}

// Granted is l when its hub granted it for a time; it is asked again when three
// quarters of that are over.
func (l Lease) Granted(now time.Time, lasts time.Duration) Lease {
	lasts = min(max(lasts, 0), longestHeld)
	l.Until, l.Failures = now.Add(lasts), 0
	l.NextAsk = now.Add(max(lasts/4*3, askAgain))
	return l
}

// Refused is l when its hub will not have it.
func (l Lease) Refused(now time.Time) Lease {
	l.Until, l.Failures = time.Time{}, l.Failures+1
	l.NextAsk = now.Add(askSeldom)
	return l
}
