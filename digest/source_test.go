package digest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tidings/digest/feed"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

const least = 15 * time.Minute

func TestSourceAfterSetsTheNextVisit(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name    string
		source  Source
		outcome Outcome
		want    time.Duration
	}{
		{"a failing server cannot be asked more often than least", Source{}, Outcome{Err: broken, RetryAfter: time.Second}, least},
		{"a server that asks for a year gets a day", Source{}, Outcome{Err: broken, RetryAfter: 365 * 24 * time.Hour}, 24 * time.Hour},
		{"a thousandth failure is probed in a day", Source{Failures: 999}, Outcome{Err: broken}, 24 * time.Hour},
		{"a hundred failures do not overflow", Source{Failures: 1 << 40}, Outcome{Err: broken}, 24 * time.Hour},
		{"a nonsensical count of failures begins anew", Source{Failures: -7}, Outcome{Err: broken}, least},
		{"a negative wish is none", Source{Interval: least}, Outcome{News: 1, RetryAfter: -time.Hour, MaxAge: -time.Hour}, least},
		{"the first failure waits once", Source{}, Outcome{Err: broken}, least},
		{"the second failure waits twice as long", Source{Failures: 1}, Outcome{Err: broken}, 2 * least},
		{"the fourth failure waits eight times as long", Source{Failures: 3}, Outcome{Err: broken}, 8 * least},
		{"Retry-After is obeyed after a failure", Source{}, Outcome{Err: broken, RetryAfter: 3 * time.Hour}, 3 * time.Hour},
		{"Retry-After is obeyed after a success", Source{}, Outcome{News: 1, RetryAfter: 3 * time.Hour}, 3 * time.Hour},
		{"a long back-off outlasts a short Retry-After", Source{Failures: 3}, Outcome{Err: broken, RetryAfter: time.Minute}, 8 * least},
		{"the first visit without news sets the shortest interval", Source{}, Outcome{}, least},
		{"nothing new slows down by a tenth", Source{Interval: 40 * time.Minute}, Outcome{}, 44 * time.Minute},
		{"nothing new never slows down past two hours", Source{Interval: 2 * time.Hour}, Outcome{}, 2 * time.Hour},
		{"news after a long silence is asked for at the shortest interval again", Source{Interval: 2 * time.Hour}, Outcome{News: 3}, least},
		{"news never comes more often than least", Source{Interval: 20 * time.Minute}, Outcome{News: 3}, least},
		{"a fresh document is not asked for", Source{Interval: least}, Outcome{News: 1, MaxAge: 40 * time.Minute}, 40 * time.Minute},
		{"a document that calls itself fresh for a week is visited in an hour", Source{Interval: least}, Outcome{News: 1, MaxAge: 7 * 24 * time.Hour}, time.Hour},
		{"a slow source stays slow whatever its freshness", Source{Interval: 2 * time.Hour}, Outcome{MaxAge: time.Minute}, 2 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.source.After(tt.outcome, noon, least, 0)
			if wait := got.NextVisit.Sub(noon); wait != tt.want {
				t.Errorf("After(%+v) waits %v, want %v", tt.outcome, wait, tt.want)
			}
			if got.LastVisit != noon {
				t.Errorf("After(%+v).LastVisit = %v, want %v", tt.outcome, got.LastVisit, noon)
			}
		})
	}
}

func TestSourceAfterKeepsWhatTheNextVisitNeeds(t *testing.T) {
	known := Source{ETag: `"a"`, LastModified: "Sat", BodyHash: "h1", Interval: time.Hour, LastChange: noon.Add(-time.Hour)}

	failed := known.After(Outcome{Err: errors.New("no\nluck")}, noon, least, 0)
	if failed.ETag != known.ETag || failed.BodyHash != "h1" || failed.Interval != time.Hour {
		t.Errorf("after a failure the source is %+v, want what it knew of the last document", failed)
	}
	if failed.Reason != "no luck" || failed.Failures != 1 || failed.FailingSince != noon {
		t.Errorf("after a failure: reason %q, failures %d, since %v; want %q, 1, %v", failed.Reason, failed.Failures, failed.FailingSince, "no luck", noon)
	}
	again := failed.After(Outcome{Err: errors.New("still")}, noon.Add(time.Hour), least, 0)
	if again.FailingSince != noon || again.Failures != 2 {
		t.Errorf("after a second failure: since %v, failures %d; want %v, 2", again.FailingSince, again.Failures, noon)
	}
	well := again.After(Outcome{Changed: true, BodyHash: "h2", LastModified: "Sun", News: 1}, noon.Add(2*time.Hour), least, 0)
	if well.Failures != 0 || !well.FailingSince.IsZero() || well.Reason != "" {
		t.Errorf("after recovery: %+v, want no trace of the outage", well)
	}
	if well.ETag != "" || well.LastModified != "Sun" || well.BodyHash != "h2" {
		t.Errorf("a new document without ETag left %q %q %q, want the old ETag gone", well.ETag, well.LastModified, well.BodyHash)
	}
	if same := well.After(Outcome{}, noon.Add(3*time.Hour), least, 0); same.BodyHash != "h2" || same.LastChange != well.LastChange {
		t.Errorf("an unchanged document left %+v, want what was known", same)
	}
}

func TestSourceAfterIsNeverTooSoonNorTooLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.Int64Range(-int64(time.Hour), int64(400*24*time.Hour))
		o := Outcome{
			News: rapid.IntRange(0, 3).Draw(t, "news"), Changed: rapid.Bool().Draw(t, "changed"),
			RetryAfter: time.Duration(span.Draw(t, "retry")), MaxAge: time.Duration(span.Draw(t, "age")),
		}
		if rapid.Bool().Draw(t, "fails") {
			o.Err = errors.New("x")
		}
		shortest := time.Duration(rapid.Int64Range(int64(time.Second), int64(LongestWait)).Draw(t, "least"))
		s := Source{Interval: time.Duration(span.Draw(t, "interval")), Failures: rapid.Int().Draw(t, "failures")}
		for range rapid.IntRange(1, 5).Draw(t, "visits") {
			s = s.After(o, noon, shortest, rapid.Float64Range(-1, 2).Draw(t, "jitter"))
			if wait := s.NextVisit.Sub(noon); wait < shortest || wait > LongestWait {
				t.Fatalf("After(%+v) waits %v, want between %v and %v", o, wait, shortest, LongestWait)
			}
		}
	})
}

func TestReasonIsOnePlainLine(t *testing.T) {
	long := strings.Repeat("ж", 500)
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"line ends and controls of a server become spaces", errors.New("bad\r\n\tthing"), "bad thing"},
		{"broken bytes are replaced", errors.New("a\xffb"), "a\uFFFDb"},
		{"a long one is cut between letters", errors.New(long), strings.Repeat("ж", longestReason-1) + "…"},
		{"the address, which the source has, is left out", &feed.Error{Address: "http://a.example/", Reason: feed.ErrTooLarge, Detail: "11 MiB"}, "the document is too large: 11 MiB"},
		{"time out", context.DeadlineExceeded, "the server is too slow"},
		{"no error, no reason", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Reason(tt.err); got != tt.want {
				t.Errorf("Reason(%v) = %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}
