package feed

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Options are the manners of a [Fetcher]; the zero value is fit for the open web.
type Options struct {
	// AllowNetworks may be fetched although private, on any port.
	AllowNetworks []netip.Prefix
	// Hosts are addresses (host:port) of names that are not asked of DNS, as in
	// a hosts file. The rule about private networks holds for them, too.
	Hosts map[string]string
	// UserAgent names the visitor; by default "Tidings (feed reader)".
	UserAgent string
	// Timeout bounds one fetch: connecting, redirects and body, but not the
	// wait for the host's turn. By default 10 s.
	Timeout time.Duration
	// MaxBytes bounds a body, compressed and decoded. By default 10 MiB.
	MaxBytes int64
	// Now reads the clock, for dates in headers. By default time.Now.
	Now func() time.Time
}

// Fetcher visits documents, one visit at a time per host. It is safe for
// concurrent use; make one for the whole program, so that a host sees one
// visitor.
type Fetcher struct {
	plain, secure *http.Transport // for http and for https
	border        border
	gates         gates
	unzippers     sync.Pool    // of *gzip.Reader, 40 KB each
	agent         atomic.Value // the User-Agent, a string
	timeout       time.Duration
	maxBytes      int64
	now           func() time.Time
}

const (
	defaultTimeout  = 10 * time.Second
	defaultMaxBytes = 10 << 20
	maxHeaderBytes  = 64 << 10
)

// Connections that are kept for a next visit. To open one costs both sides
// several times what asking over it does; to keep one costs 13 KB, or with TLS
// about 60 KB.
const (
	keptFor    = 30 * time.Second
	keptPlain  = 2048
	keptSecure = 128
)

// ordinaryPorts are fetched everywhere; others could be made to talk to mail
// servers and databases.
var ordinaryPorts = []uint16{80, 443, 8080, 8443}

// azureWireServer answers with a machine's secrets although its address is
// public (Azure, "What is IP address 168.63.129.16?").
var azureWireServer = netip.MustParsePrefix("168.63.129.16/32")

// NewFetcher makes a Fetcher. It starts nothing; [Fetcher.Close] gives back the
// idle connections.
func NewFetcher(o Options) *Fetcher {
	f := &Fetcher{
		gates:    gates{hosts: map[string]*gate{}},
		timeout:  o.Timeout,
		maxBytes: o.MaxBytes,
		now:      o.Now,
	}
	f.Introduce(cmp.Or(o.UserAgent, "Tidings (feed reader)"))
	if f.timeout <= 0 {
		f.timeout = defaultTimeout
	}
	if f.maxBytes <= 0 {
		f.maxBytes = defaultMaxBytes
	}
	if f.now == nil {
		f.now = time.Now
	}
	f.border = newBorder(o.AllowNetworks)
	dial := withHosts(newDialer(f.border, f.timeout), o.Hosts)
	f.plain, f.secure = newTransport(dial, keptPlain), newTransport(dial, keptSecure)
	return f
}

// Introduce gives the visits that begin from now on another User-Agent: who we
// are may be known only later than that we visit.
func (f *Fetcher) Introduce(userAgent string) { f.agent.Store(userAgent) }

// Close drops the idle connections. Fetches under way are not touched.
func (f *Fetcher) Close() {
	f.plain.CloseIdleConnections()
	f.secure.CloseIdleConnections()
}

func (f *Fetcher) transport(u *url.URL) *http.Transport {
	if u.Scheme == "https" {
		return f.secure
	}
	return f.plain
}

// newTransport has no proxy, because a proxy would dial in our place and the
// dialer's rule would not hold; and no compression of its own, because it would
// not tell a body that is too large from one that is broken.
func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error), kept int) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           kept,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        keptFor,
		WriteBufferSize:        1 << 10, // a request is smaller
		ReadBufferSize:         1 << 10, // most headers are; a body is read past it
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// withHosts dials the given addresses in place of names.
func withHosts(d *net.Dialer, hosts map[string]string) func(context.Context, string, string) (net.Conn, error) {
	hosts = maps.Clone(hosts)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		name, _, _ := net.SplitHostPort(address)
		if at := hosts[strings.ToLower(name)]; at != "" {
			address = at
		}
		return d.DialContext(ctx, network, address)
	}
}

// newDialer judges the address that is dialled, after names were resolved: so
// the rule holds for redirects and for names that change their mind.
func newDialer(b border, timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout: timeout,
		// Connections live for seconds; nobody need ask whether they still do.
		KeepAlive: -1,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return errPrivate
			}
			return b.judge(to)
		},
	}
}

// A border says which addresses are visited: those on ordinary ports of the
// public internet, and the networks that were allowed, on any port.
type border struct {
	allowed []netip.Prefix
	public  *ssrf.Guardian
}

// What a border says of an address, where it is dialled.
var (
	errPrivate = errors.New("not a public address")
	errPort    = errors.New("not an ordinary port")
)

func newBorder(allowed []netip.Prefix) border {
	return border{slices.Clone(allowed), ssrf.New(ssrf.WithDeniedV4Prefixes(azureWireServer))}
}

// judge gives nil, errPrivate or errPort. What is private is said to be private
// whatever its port.
func (b border) judge(to netip.AddrPort) error {
	a := to.Addr().WithZone("").Unmap()
	switch {
	case slices.ContainsFunc(b.allowed, func(p netip.Prefix) bool { return p.Contains(a) }):
		return nil
	case b.public.SafeAddr(a) != nil:
		return errPrivate
	case !slices.Contains(ordinaryPorts, to.Port()):
		return errPort
	}
	return nil
}

// judgeLiteral judges a numeric host before anything is asked for; names are
// judged when they are dialled.
func (b border) judgeLiteral(u *url.URL) error {
	host, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil
	}
	port := uint64(80)
	if u.Scheme == "https" {
		port = 443
	}
	if u.Port() != "" {
		if port, err = strconv.ParseUint(u.Port(), 10, 16); err != nil {
			return errPort
		}
	}
	return b.judge(netip.AddrPortFrom(host, uint16(port)))
}
