package main

import (
	"bufio"
	"context"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tidings/digest/feed"
)

// said hands over every line of a log.
type said chan slog.Record

func (s said) Enabled(context.Context, slog.Level) bool      { return true }
func (s said) Handle(_ context.Context, r slog.Record) error { s <- r; return nil }
func (s said) WithAttrs([]slog.Attr) slog.Handler            { return s }
func (s said) WithGroup(string) slog.Handler                 { return s }

// TestAServerThatSendsMoreThanItAnnouncedIsNobodysAffair: net/http tells so on the
// standard log, with what the server sent; every other line is still told.
func TestAServerThatSendsMoreThanItAnnouncedIsNobodysAffair(t *testing.T) {
	lines := make(said, 100)
	defer hearLibraries(slog.New(lines))()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and a secret")
			}
		}
	}()
	f := feed.NewFetcher(feed.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer f.Close()
	answer, err := f.Fetch(t.Context(), feed.Request{Address: "http://" + l.Addr().String() + "/"})
	if err != nil || string(answer.Body) != "hello" {
		t.Fatalf("Fetch = %q, %v, want what was announced", answer.Body, err)
	}
	next := func() slog.Record {
		t.Helper()
		select {
		case r := <-lines:
			return r
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is logged")
			return slog.Record{}
		}
	}
	if r := next(); r.Level != slog.LevelDebug || strings.Contains(r.Message, "secret") || r.NumAttrs() != 0 {
		t.Errorf("what net/http says of it is logged as %v, want it for debugging and without what was sent", r)
	}
	stdlog.Print("http: something else is wrong")
	r := next()
	r.Attrs(func(a slog.Attr) bool {
		if r.Level != slog.LevelWarn || a.Value.String() != "http: something else is wrong" {
			t.Errorf("another line is logged as %v %v", r.Level, a)
		}
		return true
	})
	if r.NumAttrs() != 1 {
		t.Errorf("another line is logged as %v", r)
	}
}
