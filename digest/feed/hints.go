package feed

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/rss"
)

// maxHint bounds what a server may wish: a typing error in a header must not
// silence a feed for a year.
const maxHint = 7 * 24 * time.Hour

// retryAfter reads Retry-After: seconds or a date (RFC 9110 §10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if d, ok := seconds(v); ok {
		return d
	}
	if at, err := http.ParseTime(v); err == nil {
		return between(at.Sub(now))
	}
	return 0
}

// maxAge reads Cache-Control and Expires (RFC 9111 §4.2.1); no-cache and
// no-store mean 0.
func maxAge(h http.Header, now time.Time) time.Duration {
	var found bool
	var age time.Duration
	for part := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "no-cache", "no-store":
			return 0
		case "max-age":
			age, found = seconds(strings.Trim(value, `" `))
		}
	}
	if found {
		past, _ := seconds(h.Get("Age"))
		return between(age - past)
	}
	if at, err := http.ParseTime(h.Get("Expires")); err == nil {
		return between(at.Sub(now))
	}
	return 0
}

// seconds reads a non-negative number of seconds; one too long for an int64 is
// the longest hint.
func seconds(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > int64(maxHint/time.Second) {
		return maxHint, true
	}
	return time.Duration(n) * time.Second, true
}

func between(d time.Duration) time.Duration { return min(max(d, 0), maxHint) }

// A Rhythm is when a document asks to be visited: RSS's ttl, skipHours and
// skipDays, and the syndication module's updatePeriod and updateFrequency.
type Rhythm struct {
	Lull      time.Duration // between two visits, at most 7 days; 0 when it does not say
	SkipHours uint32        // in UTC, a bit for each from 0 on
	SkipDays  uint8         // in UTC, a bit for each from Sunday on
}

// After is the first time from t on, in whole hours after it, that is not to be
// skipped; at most latest.
func (r Rhythm) After(t, latest time.Time) time.Time {
	for r.skips(t.UTC()) {
		if t = t.Add(time.Hour); !t.Before(latest) {
			return latest
		}
	}
	return t
}

func (r Rhythm) skips(t time.Time) bool {
	return r.SkipHours>>t.Hour()&1 == 1 || r.SkipDays>>t.Weekday()&1 == 1
}

// everyHour and everyDay would mean never, which nobody means.
const (
	everyHour = 1<<24 - 1
	everyDay  = 1<<7 - 1
)

// rhythmOf reads what an RSS document asks. What cannot be read says nothing.
func rhythmOf(doc *rss.Feed) (r Rhythm) {
	if minutes, ok := seconds(doc.TTL); ok {
		r.Lull = min(60*minutes, maxHint)
	}
	r.Lull = max(r.Lull, period(syndication(doc, "updatePeriod"), syndication(doc, "updateFrequency")))
	for _, hour := range doc.SkipHours {
		// Hour 24 is midnight in RSS 0.91.
		if n, err := strconv.Atoi(strings.TrimSpace(hour)); err == nil && n >= 0 && n <= 24 {
			r.SkipHours |= 1 << (n % 24)
		}
	}
	for _, day := range doc.SkipDays {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(day), d.String()) {
				r.SkipDays |= 1 << d
			}
		}
	}
	if r.SkipHours == everyHour {
		r.SkipHours = 0
	}
	if r.SkipDays == everyDay {
		r.SkipDays = 0
	}
	return r
}

// syndication is what an element of the syndication module says of the feed.
func syndication(doc *rss.Feed, element string) string {
	if said := doc.Extensions["sy"][element]; len(said) > 0 {
		return said[0].Value
	}
	return ""
}

// periods are those of the syndication module.
var periods = map[string]time.Duration{
	"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour, "monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour,
}

// period is the time between two of the updates that come so often in a period.
func period(name, frequency string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(frequency))
	if err != nil || n < 1 {
		n = 1
	}
	return min(periods[strings.ToLower(strings.TrimSpace(name))]/time.Duration(n), maxHint)
}
