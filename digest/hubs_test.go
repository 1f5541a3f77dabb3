package digest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidings/digest/feed"
)

func TestAPasswordIsNotToldToAHub(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Link", `<https://hub.example/>; rel="hub"`)
		w.Write([]byte(rss("Ferry runs aground")))
	})
	address := strings.Replace(server, "http://", "http://ann:secret@", 1) + "/rss?a=1"
	c, _ := newTestCollector(t, newMemory())
	c.hubs = true
	m := c.visit(t.Context(), "", Source{ID: 1, Address: address})
	if m.Source.Failures != 0 || m.Lease == nil || !m.Lease.Wanted || m.Lease.Topic != server+"/rss?a=1" {
		t.Errorf("a visit of %s makes %+v with the lease %+v, want one for the address without the password", address, m.Source, m.Lease)
	}
}

// A leaseDrawer is a shelf of leases that are all due.
type leaseDrawer struct {
	leaseShelf
	mu     sync.Mutex
	leases map[string]Lease
}

func (d *leaseDrawer) ClaimLeases(_ context.Context, now time.Time, _ int) (claimed []Lease, _ error) {
	for token, l := range d.leases {
		d.leases[token] = l.Asked(now)
		claimed = append(claimed, d.leases[token])
	}
	return claimed, nil
}

func (d *leaseDrawer) SaveLease(_ context.Context, l Lease) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leases[l.Token] = l
	return nil
}

// A slowHub takes requests one at a time and answers none of them.
type slowHub struct{ turn chan struct{} }

func (h slowHub) Post(ctx context.Context, address string, _ url.Values) error {
	select {
	case h.turn <- struct{}{}:
		<-ctx.Done()
		return &feed.Error{Address: address, Reason: ctx.Err()}
	case <-ctx.Done():
		return &feed.Error{Address: address, Reason: ctx.Err(), Waited: true}
	}
}

func TestWhoOnlyWaitedForAHubDidNotFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &leaseDrawer{leases: map[string]Lease{}}
		for i := range SourceID(10) {
			l := NewLease(i, feed.Hub{Address: "https://hub.example/", Topic: "https://post.example/feed"}, time.Now())
			l.Failures = 4
			d.leases[l.Token] = l
		}
		c, _ := newTestCollector(t, newMemory())
		if _, err := NewHubs(d, c, slowHub{make(chan struct{}, 1)}, "https://us.example/", c.log).Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		failed, soon := 0, 0
		for _, l := range d.leases {
			switch {
			case l.Failures == 5 && time.Until(l.NextAsk) > time.Hour:
				failed++
			case l.Failures == 4 && time.Until(l.NextAsk) == time.Minute:
				soon++
			}
		}
		if failed != 1 || soon != 9 {
			t.Errorf("of ten leases of a hub that does not answer %d failed and %d are asked for in a minute, want 1 and 9", failed, soon)
		}
	})
}

func TestWhatASourceMayBeBrought(t *testing.T) {
	c, _ := newTestCollector(t, newMemory())
	h := NewHubs(nil, c, nil, "", c.log)
	now := noon
	h.now = func() time.Time { return now }
	count := func() (n int) {
		for h.allow(1) {
			n++
		}
		return n
	}
	if n := count(); n != broughtBurst {
		t.Errorf("%d documents at once, want %d", n, broughtBurst)
	}
	now = now.Add(3 * broughtEvery)
	if n := count(); n != 3 {
		t.Errorf("%d documents more after a while, want 3", n)
	}
	now = now.Add(broughtBurst * broughtEvery)
	if h.allow(2); len(h.brought) != 1 {
		t.Errorf("%d sources are remembered, want the one of late", len(h.brought))
	}
	if n := count(); n != broughtBurst {
		t.Errorf("%d documents after a long while, want %d", n, broughtBurst)
	}
}

// TestNoTimeToReadWhatWasBrought: the hub is to come again.
func TestNoTimeToReadWhatWasBrought(t *testing.T) {
	c, _ := newTestCollector(t, newMemory())
	for range cap(c.readers) {
		c.readers <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Take(ctx, Source{ID: 1}, feed.Response{Body: []byte(rss("Ferry runs aground"))})
	if wrong := new(BroughtError); !errors.Is(err, context.Canceled) || errors.As(err, &wrong) {
		t.Errorf("with no time to read it: %v, want the end of the context and no fault of the document", err)
	}
}
