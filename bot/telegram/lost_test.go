package telegram

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rawServer answers each connection with f, after the whole request was read.
func rawServer(t *testing.T, f func(c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				io.Copy(io.Discard, req.Body)
				f(c.(*net.TCPConn))
			}
			c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func answer(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) { io.WriteString(c, text) }
}

// Whether a message may have been sent decides whether it may be sent again.
func TestLostAnswersAreToldFromUnsentRequests(t *testing.T) {
	const json = `{"ok":true,"result":{"message_id":1}}`
	refused := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return "http://" + l.Addr().String()
	}
	tests := []struct {
		name   string
		server func(t *testing.T) string
		is     []error
		not    error
		status int
		reason Reason
	}{
		{"connection refused", func(*testing.T) string { return refused() }, []error{ErrNotSent}, ErrAmbiguous, 0, ReasonConnection},
		{"host unknown", func(*testing.T) string { return "http://nowhere.invalid" }, []error{ErrNotSent}, ErrAmbiguous, 0, ReasonConnection},
		{"TLS fails", func(t *testing.T) string {
			server := httptest.NewUnstartedServer(nil)
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return server.URL
		}, []error{ErrNotSent}, ErrAmbiguous, 0, ReasonConnection},
		{"closed after the request", func(t *testing.T) string { return rawServer(t, answer("")) }, []error{ErrAmbiguous}, ErrNotSent, 0, ReasonReset},
		{"reset after the request", func(t *testing.T) string {
			return rawServer(t, func(c *net.TCPConn) { c.SetLinger(0) })
		}, []error{ErrAmbiguous}, ErrNotSent, 0, ReasonReset},
		{"502 with a page", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 18\r\n\r\n<html>nginx</html>"))
		}, []error{ErrAmbiguous, ErrServer}, ErrNotSent, 502, ReasonPage},
		{"504 without a body", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"))
		}, []error{ErrAmbiguous, ErrServer}, ErrNotSent, 504, ReasonPage},
		{"empty body", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonEmpty},
		{"cut body", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+json[:20]))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonCut},
		{"body cut in chunks", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n25\r\n"+json+"\r\n"))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonCut},
		{"garbage", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\x00\xffx"))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonGarbage},
		{"no HTTP at all", func(t *testing.T) string { return rawServer(t, answer("SSH-2.0-x\r\n")) }, []error{ErrAmbiguous}, ErrNotSent, 0, ReasonReset},
		{"JSON that is not the Bot API's", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull"))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonGarbage},
		{"ok without a result", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"))
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonGarbage},
		{"a redirect is not followed", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"))
		}, []error{ErrAmbiguous}, ErrNotSent, 302, ReasonEmpty},
		{"a page of a proxy that refuses", func(t *testing.T) string {
			return rawServer(t, answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n<html></>"))
		}, []error{ErrNotSent}, ErrAmbiguous, 403, ReasonWall},
		{"an endless body", func(t *testing.T) string {
			return rawServer(t, func(c *net.TCPConn) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
				for page := make([]byte, 1<<20); ; {
					if _, err := c.Write(page); err != nil {
						return
					}
				}
			})
		}, []error{ErrAmbiguous}, ErrNotSent, 200, ReasonGarbage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(testToken, tt.server(t), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
			for _, is := range tt.is {
				if !errors.Is(err, is) {
					t.Errorf("Send = %v, want %v", err, is)
				}
			}
			var e *Error
			if errors.Is(err, tt.not) || !errors.As(err, &e) || e.Status != tt.status || e.Reason != tt.reason {
				t.Errorf("Send = %#v, want status %d, reason %q and not %v", err, tt.status, tt.reason, tt.not)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), testToken[7:]) {
				t.Errorf("Send = %#v: it holds the token", err)
			}
		})
	}
}

// brokenConn is a connection that breaks at its first Write, having taken n bytes.
type brokenConn struct {
	net.Conn
	n int
}

func (c brokenConn) Write(p []byte) (int, error) {
	c.Conn.Close()
	return min(c.n, len(p)), errors.New("connection reset by peer")
}

func TestARequestThatBrokeOnTheWayWasNotSent(t *testing.T) {
	for _, n := range []int{0, 100} {
		c, err := New(testToken, "http://memory.test", Options{Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			t.Cleanup(func() { server.Close() })
			return brokenConn{client, n}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: strings.Repeat("x", 3000)})
		if !errors.Is(err, ErrNotSent) || errors.Is(err, ErrAmbiguous) {
			t.Errorf("Send over a connection that broke after %d bytes = %v, want ErrNotSent", n, err)
		}
	}
}

func TestAServerThatHangsIsGivenUpAndAmbiguous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := serveInBubble(t, func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-release
		}, Options{})
		began := time.Now()
		_, err := c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
		if !errors.Is(err, ErrAmbiguous) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 20*time.Second {
			t.Errorf("Send to a server that hangs = %v after %v, want ErrAmbiguous after 20s", err, time.Since(began))
		}

		began = time.Now()
		short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = c.Send(short, Interactive, To{Chat: 8}, Message{Text: "x"})
		if !errors.Is(err, ErrAmbiguous) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("Send with a deadline = %v after %v, want ErrAmbiguous after 5s", err, time.Since(began))
		}
		close(release)
		stop()
	})
}

func TestAnEndedContextBeforeSendingIsNotSent(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") }, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Send(ctx, Interactive, To{Chat: 7}, Message{Text: "x"})
	if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.Canceled) {
		t.Errorf("Send with an ended context = %v, want ErrNotSent and context.Canceled", err)
	}
	if _, err = c.Me(ctx); !errors.Is(err, ErrNotSent) || !errors.Is(err, context.Canceled) {
		t.Errorf("Me with an ended context = %v, want ErrNotSent and context.Canceled", err)
	}
}

// A server that repeats our request, and one that cannot be reached at all.
func TestTheTokenIsInNoErrorAndNoLog(t *testing.T) {
	var log record
	echo := func(w http.ResponseWriter, r *http.Request) {
		refuse(429, "Too Many Requests: "+r.URL.Path+" "+url.QueryEscape(testToken)+" "+testToken[7:], `{"retry_after":1}`)(w, r)
	}
	page := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(502)
		fmt.Fprint(w, r.URL.Path)
	}
	var errs []error
	for _, h := range []http.HandlerFunc{echo, page} {
		c := serve(t, h, Options{Log: log.log()})
		_, err := c.Me(t.Context())
		errs = append(errs, err)
		_, err = c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
		errs = append(errs, err, c.AnswerCallback(t.Context(), "1", "", false))
		log.log().Info("client", "client", c)
		fmt.Fprintf(&log, "%v %+v %#v %s", c, c, c, c)
	}
	for _, base := range []string{"http://127.0.0.1:1", "http://nowhere.invalid", "https://127.0.0.1:1/x%2Fy"} {
		c, err := New(testToken, base, Options{Log: log.log()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Me(t.Context())
		errs = append(errs, err)
	}
	_, err := New(testToken+"\n", "", Options{})
	errs = append(errs, err)
	_, err = New(testToken, "http://user:"+testToken+"@[bad", Options{})
	errs = append(errs, err)
	for _, err := range errs {
		for e := err; e != nil; e = errors.Unwrap(e) {
			fmt.Fprintf(&log, "%v %+v %#v\n", e, e, e)
		}
		if err == nil {
			t.Error("a call that must fail did not")
		}
	}
	if strings.Contains(log.String(), testToken[7:]) {
		t.Errorf("the token is in errors or log:\n%s", log.String())
	}
}
