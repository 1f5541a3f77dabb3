package feed

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
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
	transport *http.Transport
	gates     gates
	agent     string
	timeout   time.Duration
	maxBytes  int64
	now       func() time.Time
}

const (
	defaultTimeout  = 10 * time.Second
	defaultMaxBytes = 10 << 20
	maxHeaderBytes  = 64 << 10
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
		agent:    o.UserAgent,
		timeout:  o.Timeout,
		maxBytes: o.MaxBytes,
		now:      o.Now,
	}
	if f.agent == "" {
		f.agent = "Tidings (feed reader)"
	}
	if f.timeout <= 0 {
		f.timeout = defaultTimeout
	}
	if f.maxBytes <= 0 {
		f.maxBytes = defaultMaxBytes
	}
	if f.now == nil {
		f.now = time.Now
	}
	f.transport = newTransport(withHosts(newDialer(o.AllowNetworks, f.timeout), o.Hosts))
	return f
}

// Close drops the idle connections. Fetches under way are not touched.
func (f *Fetcher) Close() { f.transport.CloseIdleConnections() }

// newTransport has no proxy, because a proxy would dial in our place and the
// dialer's rule would not hold; and no compression of its own, because it would
// not tell a body that is too large from one that is broken.
func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
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
func newDialer(allowed []netip.Prefix, timeout time.Duration) *net.Dialer {
	allowed = slices.Clone(allowed)
	guardian := ssrf.New(ssrf.WithPorts(ordinaryPorts...), ssrf.WithDeniedV4Prefixes(azureWireServer))
	return &net.Dialer{
		Timeout: timeout,
		Control: func(network, address string, c syscall.RawConn) error {
			if to, err := netip.ParseAddrPort(address); err == nil && contains(allowed, to.Addr()) {
				return nil
			}
			return guardian.Safe(network, address, c)
		},
	}
}

func contains(networks []netip.Prefix, a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}
