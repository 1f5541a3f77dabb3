package digest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings/digest/feed"
)

func TestAFaultIsWhatAnErrorMeansToPeople(t *testing.T) {
	of := func(reason error) error {
		return &feed.Error{Address: "https://a.example/", Reason: reason, Detail: "dial tcp"}
	}
	for name, c := range map[string]struct {
		err  error
		want Fault
	}{
		"a visit that went well has none":    {nil, ""},
		"a name that nobody has":             {of(feed.ErrNoHost), "nohost"},
		"a certificate that is not accepted": {of(feed.ErrCertificate), "certificate"},
		"a server that refuses connections":  {of(feed.ErrUnreachable), "unreachable"},
		"our own time limit":                 {context.DeadlineExceeded, "slow"},
		"a private network":                  {of(feed.ErrPrivateAddress), "private"},
		"a page where posts were":            {fmt.Errorf("%w: %w", feed.ErrNotFeed, feed.ErrNoPreview), "closed"},
		"a page where a feed was":            {fmt.Errorf("%w: it is a web page", feed.ErrNotFeed), "notfeed"},
		"404":                                {of(&feed.StatusError{Code: 404}), "missing"},
		"410":                                {of(&feed.StatusError{Code: 410}), "ended"},
		"429":                                {of(&feed.StatusError{Code: 429}), "often"},
		"a code that says nothing":           {of(&feed.StatusError{Code: 418}), "refused"},
		"a source that was set aside":        {ErrSetAside, "aside"},
		"items without links":                {fmt.Errorf("of 3 items %w: %w", errNoneShown, ErrNoAddress), "nolinks"},
		"a panic":                            {broke("index out of range").Err, FaultUnknown},
		"what nobody thought of":             {errors.New("something"), FaultUnknown},
	} {
		got := FaultOf(c.err)
		if got != c.want {
			t.Errorf("%s: FaultOf(%v) = %q, want %q", name, c.err, got, c.want)
		}
		if got != "" && !slices.Contains(Faults(), got) {
			t.Errorf("%s: Faults() does not hold %q", name, got)
		}
	}
}

func TestFailingSitesAreThoseOfWhichMostFail(t *testing.T) {
	at := func(address, moved string, hour int) Source {
		return Source{Address: address, Moved: moved, FailingSince: time.Date(2026, 3, 16, hour, 0, 0, 0, time.UTC)}
	}
	got := fmt.Sprint(FailingSites([]Source{
		at("https://www.pier.example/feed", "", 1),
		at("https://t0ken.quay.example/s3cret", "", 2),
		at("https://old.example/feed", "https://quay.example/feed", 3),
		at("https://user:pa55@mill.example/?key=s3cret", "", 4),
	}, 2))
	if want := "[{quay.example 2 2026-03-16 02:00:00 +0000 UTC} {pier.example 1 2026-03-16 01:00:00 +0000 UTC}]"; got != want {
		t.Errorf("FailingSites = %s, want %s", got, want)
	}
}
