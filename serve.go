package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// ownPaths are what the program serves about itself; a webhook must have
// another path.
var ownPaths = []string{"/healthz", "/readyz", "/metrics"}

// health answers /healthz, /readyz and /metrics, and gives the webhook its
// requests, and hubs theirs.
type health struct {
	store   pinger
	known   atomic.Bool // Telegram told who we are
	talking atomic.Bool // this replica speaks to Telegram
	hook    atomic.Pointer[hook]
	hubs    hook         // at every path below its own; none without a webhook
	metrics http.Handler // nil: none are served
}

// A hook takes updates in at a path.
type hook struct {
	path string
	http.Handler
}

type pinger interface{ Ping(context.Context) error }

func newHealth(store pinger) *health { return &health{store: store} }

// receives lets updates in at a path.
func (h *health) receives(path string, updates http.Handler) { h.hook.Store(&hook{path, updates}) }

// introduced notes that Telegram told who we are.
func (h *health) introduced() { h.known.Store(true) }

// speaks says whether this replica holds the lane to Telegram.
func (h *health) speaks() bool { return h.talking.Load() }

// converses notes whether this replica holds the lane to Telegram.
func (h *health) converses(yes bool) { h.talking.Store(yes) }

// serve answers until ctx ends.
func (h *health) serve(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.alive)
	mux.HandleFunc("GET /readyz", h.ready)
	if h.metrics != nil {
		mux.Handle("GET /metrics", h.metrics)
	}
	return serveHTTP(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hook := h.hook.Load(); hook != nil && r.URL.Path == hook.path {
			hook.ServeHTTP(w, r)
			return
		}
		if below, ok := strings.CutPrefix(r.URL.Path, h.hubs.path); ok && h.hubs.path != "" {
			r.URL.Path = below
			h.hubs.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// alive says that the process serves.
func (h *health) alive(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "ok\n")
}

// ready says that the database answers, that Telegram was reached, and whether
// this replica is the one that talks to it; one that stands by is ready, too.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	switch {
	case h.store.Ping(ctx) != nil:
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
	case !h.known.Load():
		http.Error(w, "waiting for Telegram", http.StatusServiceUnavailable)
	case h.talking.Load():
		io.WriteString(w, "ready\n")
	default:
		io.WriteString(w, "ready, standing by\n")
	}
}

// serveHTTP serves until ctx ends, then lets requests finish for two seconds.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close()
		}
	})
	defer stop()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// newLog writes text to a terminal and JSON elsewhere.
func newLog(w io.Writer, level slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, o))
		}
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

// A libraryLog is where libraries write that know no other log than the standard
// one.
type libraryLog struct{ log *slog.Logger }

// hearLibraries lets what libraries write come as lines of log, until it is
// called off.
func hearLibraries(log *slog.Logger) (callOff func()) {
	before, flags := stdlog.Writer(), stdlog.Flags()
	stdlog.SetOutput(libraryLog{log})
	stdlog.SetFlags(0)
	return func() {
		stdlog.SetOutput(before)
		stdlog.SetFlags(flags)
	}
}

// Write takes one line. net/http writes one, with what it read, when a server sent
// more than it had announced; the connection is given up and nothing is lost, so
// nobody need read of it.
func (l libraryLog) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("Unsolicited response received on idle HTTP channel")) {
		l.log.Debug("a server sent more than it announced")
	} else {
		l.log.Warn("a library warns", "line", strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
