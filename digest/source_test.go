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
		{"nothing new never slows down past a day", Source{Interval: 24 * time.Hour}, Outcome{}, 24 * time.Hour},
		{"news after a long silence is asked for at the shortest interval again", Source{Interval: 2 * time.Hour}, Outcome{News: 3}, least},
		{"news of a source that publishes every eight hours lets it rest half an hour", Source{Interval: 2 * time.Hour}, Outcome{News: 1, Gap: 8 * time.Hour}, 30 * time.Minute},
		{"news of a source that publishes once a year lets it rest a day", Source{}, Outcome{News: 1, Gap: 365 * 24 * time.Hour}, 24 * time.Hour},
		{"news of a source that publishes every minute never comes more often than least", Source{}, Outcome{News: 9, Gap: time.Minute}, least},
		{"a document that asks for 40 minutes gets them", Source{}, Outcome{Changed: true, News: 1, Wish: feed.Rhythm{Lull: 40 * time.Minute}}, 40 * time.Minute},
		{"a document that asks for a week is visited in an hour", Source{}, Outcome{Changed: true, News: 1, Wish: feed.Rhythm{Lull: 7 * 24 * time.Hour}}, time.Hour},
		{"what a document asked before holds while it does not change", Source{Wish: feed.Rhythm{Lull: 40 * time.Minute}}, Outcome{}, 40 * time.Minute},
		{"hours to be skipped are, in whole hours", Source{Wish: feed.Rhythm{SkipHours: 1<<12 | 1<<13}}, Outcome{News: 1}, 2*time.Hour + least},
		{"a day to be skipped is, as far as a day's wait goes", Source{Wish: feed.Rhythm{SkipDays: 1<<time.Saturday | 1<<time.Sunday}}, Outcome{News: 1}, 24 * time.Hour},
		{"hours to be skipped do not keep a failing source waiting", Source{Wish: feed.Rhythm{SkipHours: 1 << 12}}, Outcome{Err: broken}, least},
		{"a source that its server calls gone is probed in a day", Source{}, Outcome{Err: &feed.StatusError{Code: 410}}, 24 * time.Hour},
		{"a source that is gone and was found elsewhere is visited there soon", Source{}, Outcome{Err: &feed.StatusError{Code: 410}, Found: "https://b.example/"}, least},
		{"reading that broke off twice is a failure", Source{Broke: 1}, Outcome{Err: broken, BrokeOff: true}, least},
		{"reading that broke off three times sets the source aside for a week", Source{Broke: 2}, Outcome{Err: broken, BrokeOff: true}, 7 * 24 * time.Hour},
		{"reading that broke off again after the week sets it aside once more", Source{Broke: 4}, Outcome{Err: broken, BrokeOff: true}, 7 * 24 * time.Hour},
		{"news never comes more often than least", Source{Interval: 20 * time.Minute}, Outcome{News: 3}, least},
		{"a fresh document is not asked for", Source{Interval: least}, Outcome{News: 1, MaxAge: 40 * time.Minute}, 40 * time.Minute},
		{"a document that calls itself fresh for a week is visited in an hour", Source{Interval: least}, Outcome{News: 1, MaxAge: 7 * 24 * time.Hour}, time.Hour},
		{"a slow source stays slow whatever its freshness", Source{Interval: 2 * time.Hour}, Outcome{MaxAge: time.Minute}, 2*time.Hour + 12*time.Minute},
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

// A story is what a source went through: at each letter a redirect for good to
// https://a.example ("a") or b ("b"), one that is not for good or none ("-"), a
// failure ("x"), or a look at the home page that led to c ("c").
func TestSourceMovesWhenItsServerInsists(t *testing.T) {
	for _, tt := range []struct{ name, story, want string }{
		{"two sightings are too few", "aa", ""},
		{"three in a row are believed", "aaa", "https://a.example/"},
		{"a visit without the redirect begins the count anew", "aa-aa", ""},
		{"another place begins the count anew", "aabaa", ""},
		{"a failure begins the count anew", "aaxaa", ""},
		{"a redirect that is never for good is never stored", "----------", ""},
		{"a place that moves on is followed after three more", "aaabbb", "https://b.example/"},
		{"a place that works is kept", "aaa-----", "https://a.example/"},
		{"a place that fails twice is kept", "aaaxx-", "https://a.example/"},
		{"a place that fails three times is left for the address as listed", "aaaxxx", ""},
		{"one found from the home page is tried at once", "xxc", "https://c.example/"},
		{"and left when it fails as well", "xxcx", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Source{Address: "https://old.example/"}
			for _, step := range tt.story {
				o := Outcome{}
				switch step {
				case '-':
				case 'x':
					o.Err = errors.New("down")
				case 'c':
					o.Err, o.Found = &feed.StatusError{Code: 404}, "https://c.example/"
				default:
					o.MovedTo = "https://" + string(step) + ".example/"
				}
				s = s.After(o, noon, least, 0)
			}
			if s.Moved != tt.want || (s.Moved != "") == s.MovedAt.IsZero() {
				t.Errorf("after %q the source is at %q since %v, want %q", tt.story, s.Moved, s.MovedAt, tt.want)
			}
			if s.Address != "https://old.example/" {
				t.Errorf("after %q its address is %q, want it as it was listed", tt.story, s.Address)
			}
		})
	}
}

func TestSourceIsSetAsideWhenReadingItBreaksOff(t *testing.T) {
	for broke, want := range []bool{false, false, false, true, false, true} {
		if got := (Source{Broke: broke}).mustRest(); got != want {
			t.Errorf("a source whose reading broke off %d times must rest: %v, want %v", broke, got, want)
		}
	}
	s := Source{Broke: 3}.Rest(noon)
	if !s.SetAside() || s.mustRest() || s.Health(noon) != Aside || !s.NextVisit.Equal(noon.Add(SetAsideFor)) || s.Reason == "" {
		t.Errorf("a source that rests is %+v, want it set aside for a week with a reason", s)
	}
	if s = s.After(Outcome{}, noon.Add(SetAsideFor), least, 0); s.SetAside() || s.Broke != 0 || s.Health(noon) != Fine {
		t.Errorf("a source that works again is %+v, want no trace", s)
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
