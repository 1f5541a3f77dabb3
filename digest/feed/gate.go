package feed

import (
	"context"
	"sync"
)

// gates lets one visitor at a time through to each host. http.Transport's
// MaxConnsPerHost counts connections, not visits: over HTTP/2 it would let any
// number of visits share the one connection, and its queue does not tell
// waiting from fetching, so waiting would eat the time limit.
//
// A host has an entry only while somebody visits or waits, so the map is never
// larger than the number of fetches under way.
type gates struct {
	mu    sync.Mutex
	hosts map[string]*gate
}

type gate struct {
	turn  chan struct{} // holds one token while somebody visits
	users int           // visitors and waiters
}

// enter waits for the host's turn and returns the function that passes it on,
// or the context's error.
func (g *gates) enter(ctx context.Context, host string) (leave func(), err error) {
	h := g.join(host)
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn; g.quit(host, h) }, nil
	case <-ctx.Done():
		g.quit(host, h)
		return nil, context.Cause(ctx)
	}
}

func (g *gates) join(host string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hosts[host]
	if h == nil {
		h = &gate{turn: make(chan struct{}, 1)}
		g.hosts[host] = h
	}
	h.users++
	return h
}

func (g *gates) quit(host string, h *gate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if h.users--; h.users == 0 {
		delete(g.hosts, host)
	}
}

// open counts the hosts that have an entry.
func (g *gates) open() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.hosts)
}
