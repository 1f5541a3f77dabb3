package feed

import (
	"net/http"
	"strconv"
	"strings"
	"time"
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
