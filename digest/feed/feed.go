// Package feed knows documents on the web that list news: it fetches them with
// manners, reads them, and reads lists of them. Its words are fetch, feed and
// item; it has never heard of what its callers make of an item, and keeps
// nothing between two calls but idle connections.
//
// Everything it reads is hostile until proved otherwise. A fetch costs at most
// ten seconds and ten mebibytes of decoded body; what is parsed was written anew
// before: a mender reads broken documents as a browser would, within limits of
// depth, elements and namespaces, and the parser, gofeed, which recurses without
// a limit, sees only what the mender wrote. What comes out is plain text: no
// markup, no control characters, no direction overrides.
//
// It is not a browser: no scripts, no cookies, no pages.
package feed

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The reasons why a document was not fetched. Each comes wrapped in an [Error],
// which tells the address and the detail; test with errors.Is.
var (
	// ErrBadAddress: not an http or https address of an ordinary port.
	ErrBadAddress = errors.New("not an address that is fetched")
	// ErrPrivateAddress: the address leads into a private, local or otherwise
	// special network that was not allowed.
	ErrPrivateAddress = errors.New("the address is in a private network")
	// ErrUnreachable: refused, reset, or a name that cannot be looked up now.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrNoHost: nobody has this name. It is an ErrUnreachable.
	ErrNoHost = fmt.Errorf("%w: no such host", ErrUnreachable)
	// ErrCertificate: the server does not prove to be the one that was asked
	// for. It is an ErrUnreachable.
	ErrCertificate = fmt.Errorf("%w: its certificate is not accepted", ErrUnreachable)
	// ErrTooSlow: the answer was not complete within the time limit.
	ErrTooSlow = errors.New("the server is too slow")
	// ErrTooLarge: more bytes than the limit, counted after decompression.
	ErrTooLarge = errors.New("the document is too large")
	// ErrCutOff: the connection or the compressed stream ended early.
	ErrCutOff = errors.New("the answer was cut off")
	// ErrEncoding: compressed in a way that was not asked for, or broken.
	ErrEncoding = errors.New("the compression cannot be read")
	// ErrRedirects: more than five redirects, or one that leads nowhere.
	ErrRedirects = errors.New("too many redirects")
	// ErrStatus: the server answered with neither a document nor "not
	// modified"; the code is in the [StatusError].
	ErrStatus = errors.New("the server refused")
)

// The reasons why a document is not a feed that can be read. They come wrapped
// with details.
var (
	// ErrEmpty: nothing, or nothing but white space.
	ErrEmpty = errors.New("the document is empty")
	// ErrNotFeed: a web page, or anything else that is no RSS, Atom or JSON feed.
	ErrNotFeed = errors.New("the document is not a feed")
	// ErrNotList: no OPML and no text with an address a line; a feed is none.
	ErrNotList = errors.New("this is no list of feeds, which is OPML or a text with an address a line")
	// ErrTooDeep: elements or values nested deeper than any feed nests them.
	ErrTooDeep = errors.New("the document is nested too deep")
	// ErrTooComplex: so many elements, attributes or namespaces that reading
	// them would cost more than a feed may cost.
	ErrTooComplex = errors.New("the document is too complex")
	// ErrCharset: a character set that is not known.
	ErrCharset = errors.New("the character set is unknown")
	// ErrBroken: the document breaks before its first item.
	ErrBroken = errors.New("the document is broken")
)

// Error tells why one address was not fetched. It never holds credentials:
// Address is the address without user and password.
type Error struct {
	Address string
	Reason  error  // one of the sentinels, a *StatusError, or a context's error
	Detail  string // what was seen, in words; may be empty
	Waited  bool   // the host was not asked: its turn did not come
}

// Error is one sentence: act, address, reason, detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("fetch %s: %v", e.Address, e.Reason)
	}
	return fmt.Sprintf("fetch %s: %v: %s", e.Address, e.Reason, e.Detail)
}

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Reason }

// StatusError is an answer whose status is neither 2xx nor 304; errors.Is
// finds [ErrStatus] in it.
type StatusError struct{ Code int }

// Error names the code and its standard text.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.Code, http.StatusText(e.Code))
}

// Is tells that every StatusError is an ErrStatus.
func (e *StatusError) Is(target error) bool { return target == ErrStatus }

// Feed is a document found at an address. All text is plain and visible, all
// links are absolute or empty.
type Feed struct {
	Title       string // one line, at most 300 runes
	Link        string // the site it belongs to
	Description string
	Language    string // as declared, e.g. "en-gb"; may be empty or wrong
	Items       []Item // in document order, at most 500
	Truncated   bool   // the document broke off; Items are the whole ones before, or the first without what is cut
	Rhythm      Rhythm // when it asks to be visited
	Hub         Hub    // who brings it when it changes, as it says
	Prints      Prints // of its items, by ParseNew; none of a JSON feed's
	Known       int    // items that were there before and are left out
}

// Item is one entry of a feed. Any field may be empty.
type Item struct {
	GUID       string // as given; unique within its feed at best
	Link       string // absolute http or https address, or empty
	Title      string // one line, at most 300 runes
	Summary    string // at most 64 KiB
	Content    string // at most 64 KiB
	Author     string // one line
	Categories []string
	Picture    string    // absolute http or https address, as likely signed and new at every visit as not; no part of what an item is known by
	Published  time.Time // UTC; zero when absent or unreadable; never after now
	Updated    time.Time // likewise
}
