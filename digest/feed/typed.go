package feed

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// maxTyped is the longest address that a person may give, in bytes, as typed and
// with its escapes: longer ones are pasted by mistake.
const maxTyped = 1000

// A TypedKind is what is wrong with an address that a person typed.
type TypedKind string

// What can be wrong with a typed address.
const (
	TypedNone    TypedKind = "none"    // no address at all
	TypedLong    TypedKind = "long"    // more than a thousand bytes
	TypedSpaces  TypedKind = "spaces"  // several words
	TypedScheme  TypedKind = "scheme"  // ftp:, javascript: …
	TypedSecret  TypedKind = "secret"  // with a user or a password
	TypedHost    TypedKind = "host"    // no name of a machine on the web
	TypedPrivate TypedKind = "private" // this machine by name, or a network that is nobody's
	TypedClosed  TypedKind = "closed"  // a channel of Telegram that only its members see
)

// A TypedError says why a typed address was refused.
type TypedError struct{ Kind TypedKind }

func (e *TypedError) Error() string { return "read a typed address: " + string(e.Kind) }

// TypedAddress makes a canonical address of what a person typed: without a
// scheme it is https, feed: stands for what follows it, names may be written in
// any script, and what people call a channel or an account (@name, @name@host,
// r/name) stands for its address. Where the feed of a well-known site follows
// from an address it is the feed's. Credentials are refused, because whoever
// lists sources would show them. The error is a *TypedError. Whether a host may
// be visited is decided when it is.
func TypedAddress(typed string) (string, error) {
	bad := func(k TypedKind) (string, error) { return "", &TypedError{k} }
	s := trimTyped(typed)
	switch {
	case s == "":
		return bad(TypedNone)
	case len(s) > maxTyped:
		return bad(TypedLong)
	case strings.ContainsFunc(s, unicode.IsSpace):
		return bad(TypedSpaces)
	case s[0] == '@':
		return bad(TypedHost) // the name of nobody
	}
	s, _ = withScheme(s)
	u, err := url.Parse(s)
	switch scheme, _, _ := strings.Cut(s, ":"); {
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		return bad(TypedScheme)
	case err != nil || u.Hostname() == "":
		return bad(TypedHost)
	case u.User != nil:
		return bad(TypedSecret)
	}
	address, err := CanonicalAddress(s)
	if err != nil {
		return bad(TypedHost)
	}
	if isClosedChannel(address) {
		return bad(TypedClosed)
	}
	if address, err = CanonicalAddress(byRule(address)); err != nil {
		return bad(TypedHost)
	}
	c, err := url.Parse(address)
	if err != nil {
		return bad(TypedHost)
	}
	if bare, quoted := strings.CutSuffix(address, "'"); quoted {
		address = bare + "%27" // or it would be taken for a writer's when the address is given back
	}
	if len(address) > maxTyped { // escapes are longer than what they stand for
		return bad(TypedLong)
	}
	host := strings.ToLower(c.Hostname())
	if _, err := netip.ParseAddr(host); err == nil {
		return address, nil
	}
	switch {
	case host == "localhost", strings.HasSuffix(host, ".localhost"), strings.HasSuffix(host, ".local"), strings.HasSuffix(host, ".internal"):
		return bad(TypedPrivate)
	case !strings.Contains(host, "."):
		return bad(TypedHost)
	}
	return address, nil
}

// PlainAddress is TypedAddress by http, for a site that has no https; "" when
// the writer named a scheme, or TypedAddress refuses it.
func PlainAddress(typed string) string {
	address, err := TypedAddress(typed)
	if _, assumed := withScheme(trimTyped(typed)); err != nil || !assumed {
		return ""
	}
	return "http" + strings.TrimPrefix(address, "https")
}

// trimTyped takes away what people write around an address, and writes out what
// they write in place of one.
func trimTyped(typed string) string {
	return shorthand(strings.Trim(strings.Map(dropShapeless, typed), "<>\"'“”«» \t\r\n"))
}

// withScheme gives an address the scheme that its writer meant, and tells
// whether that is a guess.
func withScheme(s string) (address string, assumed bool) {
	lower := strings.ToLower(s)
	for _, p := range []string{"feed://", "feed:", "rss://"} {
		if strings.HasPrefix(lower, p) {
			s = s[len(p):]
			lower = lower[len(p):]
		}
	}
	switch {
	case strings.HasPrefix(s, "//"):
		return "https:" + s, true
	case strings.Contains(s, "://"):
		return s, false
	}
	// "example.org:8080/x" has a colon and no scheme; "mailto:x" has one
	if head, rest, ok := strings.Cut(s, ":"); ok && !strings.ContainsAny(head, "./[") && (rest == "" || rest[0] < '0' || rest[0] > '9') {
		return s, false
	}
	return "https://" + s, true
}

func dropShapeless(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}
