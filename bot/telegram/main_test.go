package telegram

import (
	"context"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

const testToken = "123456:abcdefghijklmnopqrstuvwxyz-ABCDEF"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// record keeps what is logged, to look for what must not be there.
type record struct {
	mu   sync.Mutex
	text []byte
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, p...)
	return len(p), nil
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text)
}

func (r *record) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// serve makes a client of an HTTP server on a real socket.
func serve(t *testing.T, h http.HandlerFunc, o Options) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(testToken, server.URL, o)
	if err != nil {
		t.Fatalf("New(%s) = %v", server.URL, err)
	}
	t.Cleanup(c.Close)
	return c
}

// pipes is a listener and dialler in memory: with it a real http.Server runs
// inside a synctest bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

// serveInBubble is like serve, for a synctest bubble. The function returned ends
// everything and must be called within the bubble.
func serveInBubble(t *testing.T, h http.HandlerFunc, o Options) (*Client, func()) {
	t.Helper()
	p := newPipes()
	var busy sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Done()
		h(w, r)
	})}
	go server.Serve(p)
	o.Dial = p.Dial
	c, err := New(testToken, "http://memory.test", o)
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	return c, func() {
		c.Close()
		server.Close()
		p.Close()
		time.Sleep(time.Minute) // lets what waits on closed pipes see it; free in a bubble
		busy.Wait()             // what handlers noted may be read from here on
	}
}
