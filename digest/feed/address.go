package feed

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/publicsuffix"
)

// trackingParameters tell the publisher where a reader came from; the document
// is the same without them. A name that ends in * stands for all that begin so.
// Collected from what the publishers' and the advertisers' manuals name: Urchin
// and Google (utm, gclid), Meta (fbclid), Mailchimp (mc_), HubSpot (_hs),
// Adobe (s_cid, icid), AT Internet (at_), Matomo (mtm_, pk_), and news sites' own.
// "ref" and "rss" are not here: some sites serve another document with them.
var trackingParameters = []string{
	"utm_*", "at_*", "mtm_*", "pk_campaign", "pk_kwd", "pk_source", "pk_medium", "matomo_*", "ns_*", "_hs*", "hsa_*", "mc_cid", "mc_eid", "oly_*", "vero_*",
	"gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "igshid", "igsh", "msclkid", "yclid", "ysclid", "twclid",
	"ttclid", "li_fat_id", "mkt_tok", "s_cid", "icid", "cmpid", "cmp", "ito", "ocid", "ncid", "xtor", "wt_mc", "wt.mc_id",
	"ftag", "smid", "cmpredirectid", "ref_src", "ref_url", "spm", "from_rss", "campaign_id",
	"traffic_source", "traffic_medium", "guccounter", "guce_referrer", "guce_referrer_sig", "__twitter_impression",
}

// CanonicalAddress gives an http or https address in one spelling that can still
// be opened: the WHATWG rules (lower case, punycode, default port, dots in the
// path), percent-encoding undone where it is not needed, and without user,
// fragment, trailing dot of the host and tracking parameters. Scheme, "www." and
// the order of parameters stay as they are; [AddressKey] folds those too.
// Anything else is ErrBadAddress.
func CanonicalAddress(raw string) (string, error) {
	u, err := parseCanonical(raw)
	if err != nil {
		return "", err
	}
	return u.Href(false), nil
}

// AddressKey gives the key under which two addresses of one document are equal.
// It is no address: the scheme is gone (nobody serves different news over
// http), and so are "www.", "m.", "mobile." and "amp." before a host that can
// stand alone, a last slash and a last "/amp" of the path; parameters are sorted.
func AddressKey(raw string) (string, error) {
	u, err := parseCanonical(raw)
	if err != nil {
		return "", err
	}
	key := bareHost(u.Hostname())
	if u.Port() != "" {
		key += ":" + u.Port()
	}
	path := strings.TrimRight(u.Pathname(), "/")
	key += strings.TrimRight(strings.TrimSuffix(path, "/amp"), "/")
	if query := strings.TrimPrefix(u.Search(), "?"); query != "" {
		pairs := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool { return p == "amp" || p == "amp=1" || p == "outputType=amp" })
		slices.Sort(pairs)
		if len(pairs) > 0 {
			key += "?" + strings.Join(pairs, "&")
		}
	}
	return key, nil
}

// Host is the host of an address as people say it: lower case, without "www.",
// "m.", "mobile." or "amp." where it can stand alone. A numeric address or a
// name without dot keeps its port, since each port is another server there.
// Empty for what is no http or https address.
func Host(address string) string {
	u, err := parseCanonical(address)
	if err != nil {
		return ""
	}
	if host := u.Hostname(); u.Port() != "" && isLocalName(host) {
		return host + ":" + u.Port()
	}
	return bareHost(u.Hostname())
}

// Site is the registrable domain of an address ("bbc.co.uk" for
// feeds.news.bbc.co.uk), by the public suffix list: who publishes. It falls back
// to [Host].
func Site(address string) string {
	host := Host(address)
	if host == "" || isLocalName(host) {
		return host
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// IsPrivate tells by an address alone that a [Fetcher] with these networks
// allowed refuses it: its host is a number, and that lies in a private, local or
// otherwise special network. Of a name only a visit can tell.
func IsPrivate(address string, allowed []netip.Prefix) bool {
	u, err := parseCanonical(address)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]"))
	if err != nil {
		return false
	}
	// by an ordinary port, for it is the network that is asked about
	return errors.Is(newBorder(allowed).judge(netip.AddrPortFrom(a, 80)), errPrivate)
}

// parseCanonical does what CanonicalAddress promises.
func parseCanonical(raw string) (*url.Url, error) {
	bad := func(detail string) error {
		return &Error{Address: "(unreadable)", Reason: ErrBadAddress, Detail: detail}
	}
	if len(raw) > maxAddress {
		return nil, bad("longer than 4096 bytes")
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		return nil, bad("it cannot be read as an address")
	case u.Scheme() != "http" && u.Scheme() != "https":
		return nil, bad("only http and https are fetched")
	case strings.Trim(u.Hostname(), ".") == "":
		return nil, bad("it names no host")
	}
	u.SetUsername("")
	u.SetPassword("")
	u.SetHash("")
	if host := u.Hostname(); strings.HasSuffix(host, ".") {
		u.SetHostname(strings.TrimRight(host, "."))
	}
	if strings.Contains(u.Hostname(), "xn--") { // made of other letters, not always with success
		if _, err := url.Parse(u.Href(true)); err != nil {
			return nil, bad("it cannot be read as an address")
		}
	}
	u.SetPathname(unescapeNeedless(u.Pathname()))
	query := dropTracking(strings.TrimPrefix(u.Search(), "?"))
	if query != "" {
		query = "?" + query // SetSearch takes one away, also if it is the query's own
	}
	u.SetSearch(query)
	return u, nil
}

// dropTracking takes the tracking parameters out of a query; the others stay as
// they are written.
func dropTracking(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && !isTracking(strings.ToLower(name)) {
			kept = append(kept, unescapeNeedless(pair))
		}
	}
	return strings.Join(kept, "&")
}

func isTracking(name string) bool {
	return slices.ContainsFunc(trackingParameters, func(p string) bool {
		prefix, open := strings.CutSuffix(p, "*")
		return p == name || open && strings.HasPrefix(name, prefix)
	})
}

// unescapeNeedless decodes what RFC 3986 §2.3 calls unreserved and writes the
// remaining escapes in upper case. A digit stays escaped where a percent sign
// that escapes nothing would take it: "%%3233" is not "%233".
func unescapeNeedless(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	alone := -3 // where in b the last percent sign without digits stands
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			if s[i] == '%' {
				alone = b.Len()
			}
			b.WriteByte(s[i])
			continue
		}
		if c := unhex(s[i+1])<<4 | unhex(s[i+2]); isUnreserved(c) && !(isHex(c) && b.Len()-alone <= 2) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// isUnreserved leaves the dot out: "%2e%2e" is a name in the path, ".." a step up.
func isUnreserved(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '~'
}

// bareHost drops the first label of a host where it says how, not what: only if
// what remains is a registrable name or below one ("amp.dev" and "m.co.uk" stay).
func bareHost(host string) string {
	for _, label := range []string{"www.", "m.", "mobile.", "amp."} {
		rest, ok := strings.CutPrefix(host, label)
		if !ok {
			continue
		}
		if _, err := publicsuffix.EffectiveTLDPlusOne(rest); err == nil {
			host = rest
		}
	}
	return host
}

func isLocalName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || !strings.Contains(host, ".")
}
