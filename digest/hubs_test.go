package digest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

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
