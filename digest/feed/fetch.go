package feed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Request asks for one document. ETag, LastModified and BodyHash are what the
// last Response gave; empty at the first visit.
type Request struct {
	Address      string // http or https; user:password@ is sent as basic authentication
	ETag         string
	LastModified string
	BodyHash     string
	// Accept names the kinds of document wanted; by default those of feeds.
	Accept string
	// Room is asked before a body grows past 64 KiB and past 1 MiB, with the bytes
	// that it may have then. Its error ends the visit. Nil has room.
	Room func(ctx context.Context, bytes int64) error
	// MaxBytes bounds the body more tightly than the Fetcher does; 0 does not.
	MaxBytes int64
	// Judge is asked before every address that is visited, redirects included;
	// its error ends the visit. It is asked outside the time limit and the
	// host's turn, so it may fetch. Nil allows all.
	Judge func(ctx context.Context, address string) error
}

// feedKinds is Accept for feeds.
const feedKinds = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"

// Response is the server's answer. With an [ErrStatus] it holds Status,
// RetryAfter and FinalAddress; with any other error it is empty.
type Response struct {
	Status       int
	NotModified  bool   // 304, or a body with the hash of the request; Body is nil then
	Body         []byte // decompressed, in the charset it came in
	ContentType  string
	ETag         string // to be sent with the next request; empty when unusable
	LastModified string // likewise
	BodyHash     string // SHA-256 of Body, hexadecimal; of a channel's preview, of what lasts in it
	FinalAddress string // where the answer came from, without credentials
	Hub          Hub    // that its header names; of a document only
	// MovedTo is the final address when every redirect said "for good" (301 or
	// 308) and none left https; empty otherwise, and empty for an address with
	// credentials, which must not wander.
	MovedTo string
	// RetryAfter is how long the server asks us to stay away, on whatever
	// status; at most 7 days, 0 when it does not ask.
	RetryAfter time.Duration
	// MaxAge is how long the answer stays fresh (Cache-Control max-age less
	// Age, else Expires); at most 7 days, 0 when unknown.
	MaxAge time.Duration
}

const (
	maxRedirects = 5
	maxAddress   = 4096
	maxValidator = 1024 // bytes of an ETag worth remembering
)

// Fetch visits the address and follows at most five redirects. It waits for the
// host's turn as long as ctx allows; after that the time limit runs. The error
// is an [*Error].
func (f *Fetcher) Fetch(ctx context.Context, r Request) (Response, error) {
	u, err := parseAddress(r.Address)
	if err != nil {
		return Response{}, err
	}
	v := visit{fetcher: f, request: r, left: f.timeout, permanent: true, secret: u.User != nil}
	for range maxRedirects + 1 {
		if r.Judge != nil {
			if err := r.Judge(ctx, bare(u)); err != nil {
				return Response{}, &Error{Address: shown(u), Reason: err}
			}
		}
		resp, next, err := v.hop(ctx, u)
		if err != nil || next == nil {
			return resp, err
		}
		u = next
	}
	return Response{}, &Error{Address: shown(u), Reason: ErrRedirects, Detail: "stopped after 5"}
}

// visit is one Fetch under way, over its redirects.
type visit struct {
	fetcher   *Fetcher
	request   Request
	left      time.Duration // of the time limit
	hops      int
	permanent bool // every redirect so far was for good
	secret    bool // the address came with credentials
}

// hop visits one address: it gives the final response, or the next address. The
// host's turn is passed on before the next host is entered, so two hosts that
// redirect to each other cannot wait for each other.
func (v *visit) hop(ctx context.Context, u *url.URL) (Response, *url.URL, error) {
	f := v.fetcher
	if err := f.border.judgeLiteral(u); err != nil {
		return Response{}, nil, wrap(ctx, u, err)
	}
	leave, err := f.gates.enter(ctx, gateKey(u))
	if err != nil {
		return Response{}, nil, &Error{Address: shown(u), Reason: err, Detail: "while waiting for the host's turn", Waited: true}
	}
	defer leave()
	began := f.now()
	ctx, cancel := context.WithTimeoutCause(ctx, v.left, ErrTooSlow)
	defer cancel()
	defer func() { v.left -= f.now().Sub(began) }()

	answer, err := f.transport(u).RoundTrip(v.newRequest(ctx, u))
	if err != nil {
		return Response{}, nil, wrap(ctx, u, err)
	}
	defer answer.Body.Close()
	if next, err := v.redirect(u, answer); err != nil || next != nil {
		// A short body is read to its end so that the connection can be kept.
		io.CopyN(io.Discard, answer.Body, 4<<10)
		return Response{}, next, err
	}
	resp, err := v.read(ctx, u, answer)
	if err != nil {
		return resp, nil, wrap(ctx, u, err)
	}
	return resp, nil, nil
}

func (v *visit) newRequest(ctx context.Context, u *url.URL) *http.Request {
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	req := (&http.Request{
		Method: http.MethodGet, URL: &bare, Host: bare.Host, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	req.Header.Set("User-Agent", v.fetcher.agent.Load().(string))
	req.Header.Set("Accept", cmp.Or(v.request.Accept, feedKinds))
	req.Header.Set("Accept-Encoding", "gzip, deflate")
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
	}
	if validator(v.request.ETag) != "" {
		req.Header.Set("If-None-Match", v.request.ETag)
	}
	if validator(v.request.LastModified) != "" {
		req.Header.Set("If-Modified-Since", v.request.LastModified)
	}
	return req
}

// redirect gives the address an answer points to, or nil when it is final.
// Credentials are carried on within the same scheme, host and port only; those
// that a redirect brings are dropped.
func (v *visit) redirect(u *url.URL, answer *http.Response) (*url.URL, error) {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusPermanentRedirect:
	case http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect:
		v.permanent = false
	default:
		return nil, nil
	}
	location := answer.Header.Get("Location")
	to, err := u.Parse(strings.TrimSpace(location))
	if location == "" || err != nil {
		return nil, &Error{Address: shown(u), Reason: ErrRedirects, Detail: "a redirect without a readable target"}
	}
	to.User = nil
	if err := checkAddress(to); err != nil {
		return nil, err
	}
	if to.Scheme == u.Scheme && strings.EqualFold(to.Host, u.Host) {
		to.User = u.User
	}
	if u.Scheme == "https" && to.Scheme == "http" {
		v.permanent = false
	}
	v.hops++
	return to, nil
}

// read turns a final answer into a Response.
func (v *visit) read(ctx context.Context, u *url.URL, answer *http.Response) (Response, error) {
	now := v.fetcher.now()
	resp := Response{
		Status:       answer.StatusCode,
		ContentType:  answer.Header.Get("Content-Type"),
		ETag:         validator(answer.Header.Get("ETag")),
		LastModified: validator(answer.Header.Get("Last-Modified")),
		FinalAddress: bare(u),
		RetryAfter:   retryAfter(answer.Header, now),
		MaxAge:       maxAge(answer.Header, now),
	}
	notModified := answer.StatusCode == http.StatusNotModified
	if !notModified && (answer.StatusCode < 200 || answer.StatusCode > 299 || answer.StatusCode == http.StatusPartialContent) {
		return Response{Status: resp.Status, RetryAfter: resp.RetryAfter, FinalAddress: resp.FinalAddress},
			&StatusError{Code: answer.StatusCode}
	}
	if v.hops > 0 && v.permanent && !v.secret {
		resp.MovedTo = resp.FinalAddress
	}
	if notModified {
		resp.NotModified = true
		resp.BodyHash = v.request.BodyHash
		resp.ETag = cmp.Or(resp.ETag, v.request.ETag)
		resp.LastModified = cmp.Or(resp.LastModified, v.request.LastModified)
		return resp, nil
	}
	limit := v.fetcher.maxBytes
	if v.request.MaxBytes > 0 {
		limit = min(limit, v.request.MaxBytes)
	}
	body, err := v.fetcher.readBody(answer, limit, func(bytes int64) error {
		if v.request.Room == nil {
			return nil
		}
		return v.request.Room(ctx, bytes)
	})
	if err != nil {
		return Response{}, err
	}
	resp.BodyHash = hashOf(body, resp.FinalAddress)
	if resp.BodyHash == v.request.BodyHash {
		resp.NotModified = true
		return resp, nil
	}
	resp.Body, resp.Hub = body, hubOf(answer.Header, u)
	return resp, nil
}

// hashOf is a BodyHash.
func hashOf(body []byte, address string) string {
	sum := sha256.New()
	if isPreview(address) {
		writeLasting(sum, body)
	} else {
		sum.Write(body)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// wrap names the reason of a failed visit. The transport's own texts are used
// as details only where they cannot repeat what the address held.
func wrap(ctx context.Context, u *url.URL, err error) error {
	e := &Error{Address: shown(u), Reason: ErrUnreachable, Detail: clip(err.Error(), 200)}
	var known *Error
	var status *StatusError
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &status):
		e.Reason, e.Detail = status, ""
	case ctx.Err() != nil:
		e.Reason, e.Detail = context.Cause(ctx), ""
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrEncoding), errors.Is(err, ErrCutOff):
		e.Reason, e.Detail = err, ""
	case errors.Is(err, errPort):
		e.Reason, e.Detail = ErrBadAddress, "its port is not one that is fetched (80, 443, 8080, 8443)"
	case errors.Is(err, errPrivate):
		e.Reason, e.Detail = ErrPrivateAddress, ""
	case errors.As(err, &lookup) && (lookup.IsTimeout || lookup.IsTemporary):
		e.Detail = "the name cannot be looked up now"
	case errors.As(err, &lookup):
		e.Reason, e.Detail = ErrNoHost, ""
	case errors.As(err, &certificate):
		e.Reason = ErrCertificate
	case isTimeout(err):
		e.Reason, e.Detail = ErrTooSlow, ""
	case strings.Contains(err.Error(), "response headers exceeded"):
		e.Reason, e.Detail = ErrTooLarge, "its header alone exceeds 64 KiB"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason, e.Detail = ErrCutOff, ""
	}
	return e
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// parseAddress reads an address that somebody typed.
func parseAddress(raw string) (*url.URL, error) {
	if len(raw) > maxAddress {
		return nil, &Error{Address: "(long)", Reason: ErrBadAddress, Detail: "longer than 4096 bytes"}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		// The parser's error quotes the address, credentials included.
		return nil, &Error{Address: "(unreadable)", Reason: ErrBadAddress, Detail: "it cannot be read as an address"}
	}
	return u, checkAddress(u)
}

func checkAddress(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return &Error{Address: shown(u), Reason: ErrBadAddress, Detail: "only http and https are fetched"}
	case u.Hostname() == "" || u.Opaque != "":
		return &Error{Address: shown(u), Reason: ErrBadAddress, Detail: "it names no host"}
	case len(u.String()) > maxAddress:
		return &Error{Address: u.Scheme + "://" + clip(u.Host, 100), Reason: ErrBadAddress, Detail: "longer than 4096 bytes"}
	}
	return nil
}

// bare is an address without credentials and fragment.
func bare(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	return c.String()
}

// Bare is an address without credentials and fragment, as strangers may be told
// it; "" when it is no address.
func Bare(address string) string {
	u, err := parseAddress(address)
	if err != nil {
		return ""
	}
	return bare(u)
}

// shown is an address as an error may show it: credentials gone, and with them
// the opaque form, which could hide some.
func shown(u *url.URL) string {
	if u.Opaque != "" {
		return u.Scheme + ":…"
	}
	return clip(bare(u), 500)
}

// gateKey is the host as one visitor sees it: http and https on their own ports
// are the same machine.
func gateKey(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch p := u.Port(); p {
	case "", "80", "443":
		return host
	default:
		return net.JoinHostPort(host, p)
	}
}

// Server is the host of an address, and the port if it is an unusual one: what
// one visitor at a time is let through to. It is "" when there is none.
func Server(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return gateKey(u)
}

// validator keeps what may be sent back in a header.
func validator(s string) string {
	if len(s) > maxValidator || !httpguts.ValidHeaderFieldValue(s) {
		return ""
	}
	return s
}
