package telegram

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// maxAnswer bounds one answer, in bytes. The server cuts getUpdates at 4 MB.
const maxAnswer = 8 << 20

// exchange is the HTTP client of one call. It gives the library's request the
// context it lacks, keeps the status, and judges what became of the request.
type exchange struct {
	ctx    context.Context
	client *http.Client

	status     int
	retryAfter string // header
	date       string // header
	connected  bool   // a connection was there
	unsent     bool   // the whole request surely never left
}

// Do sends the request once and reads the whole answer, so that a cut one is an
// error here and the connection can be used again.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	var got bool   // a connection was chosen
	var used *wire // that connection, if it is one of ours
	var before int64
	trace := &httptrace.ClientTrace{
		// Called again if the transport, before anything was written, changes to
		// another connection.
		GotConn: func(info httptrace.GotConnInfo) {
			got = true
			if used = wireOf(info.Conn); used != nil {
				before = used.taken()
			}
		},
		GetConn: func(string) { got, used = false, nil },
	}
	if err := wholeBody(req); err != nil {
		x.unsent = true
		return nil, err
	}
	req = req.WithContext(httptrace.WithClientTrace(x.ctx, trace))
	resp, err := x.client.Do(req)
	if err != nil {
		// A request is incomplete, and so not acted upon, unless more bytes
		// than its body were taken: the head is never empty.
		x.connected = got
		x.unsent = !got || used != nil && used.seal()-before <= req.ContentLength
		return nil, err
	}
	defer resp.Body.Close()
	x.status, x.retryAfter, x.date = resp.StatusCode, resp.Header.Get("Retry-After"), resp.Header.Get("Date")
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// unsentBy tells what kept the request from the Bot API.
func (x *exchange) unsentBy() Reason {
	switch {
	case x.status != 0:
		return ReasonWall
	case x.connected:
		return ReasonBroken
	}
	return ReasonConnection
}

// lostBy tells how the answer was lost.
func (x *exchange) lostBy(err error) Reason {
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	case x.status == 0:
		return ReasonReset
	case errors.Is(err, io.EOF):
		return ReasonEmpty
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ReasonCut
	}
	return ReasonGarbage
}

// wire counts what a connection took. httptrace.WroteRequest cannot be used for
// that: it is told before the transport's buffer is flushed.
type wire struct {
	net.Conn

	mu     sync.Mutex
	sealed bool
	bytes  int64
}

// Write passes on, unless the connection was sealed. Bytes being written count
// as taken, until the connection says that it took fewer.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.sealed {
		w.mu.Unlock()
		return 0, net.ErrClosed
	}
	w.bytes += int64(len(p))
	w.mu.Unlock()
	n, err := w.Conn.Write(p)
	if n < len(p) {
		w.mu.Lock()
		w.bytes -= int64(len(p) - n)
		w.mu.Unlock()
	}
	return n, err
}

func (w *wire) taken() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes
}

// seal lets nothing more out and tells how many bytes went. It is called when
// the transport has given the connection up, but may not yet have written.
func (w *wire) seal() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = true
	return w.bytes
}

// wireOf finds our connection beneath TLS.
func wireOf(c net.Conn) *wire {
	for {
		switch v := c.(type) {
		case *wire:
			return v
		case *tls.Conn:
			c = v.NetConn()
		default:
			return nil
		}
	}
}

// newHTTPClient makes a client that talks HTTP/1.1, follows no redirect (it
// would carry the token elsewhere) and gives up after timeout, the reading of
// the answer included.
func newHTTPClient(o Options, timeout time.Duration) *http.Client {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: o.Proxy,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := dial(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				return &wire{Conn: c}, nil
			},
			Protocols:           protocols,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     50 * time.Second, // below the 60–75 s after which servers commonly hang up
			TLSHandshakeTimeout: 10 * time.Second,
		},
	}
}
