package digest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings/digest/feed"
)

// A Fault is why a visit failed, as far as it makes a difference to people: each
// is a sentence to them. What exactly happened is the Reason, which is for logs.
type Fault string

// faults are what errors mean to people, the narrower first. ErrStatus stands for
// what a code does not say better, see refusals.
var faults = []struct {
	is    error
	fault Fault
}{
	{ErrSetAside, "aside"},
	{feed.ErrPrivateAddress, "private"},
	{feed.ErrBadAddress, "address"},
	{feed.ErrNoHost, "nohost"},
	{feed.ErrCertificate, "certificate"},
	{feed.ErrUnreachable, "unreachable"},
	{feed.ErrTooSlow, "slow"},
	{context.DeadlineExceeded, "slow"},
	{feed.ErrCutOff, "cut"},
	{feed.ErrRedirects, "redirects"},
	{feed.ErrStatus, "refused"},
	{feed.ErrEmpty, "empty"},
	{feed.ErrNoPreview, "closed"},
	{feed.ErrNotFeed, "notfeed"},
	{feed.ErrTooLarge, "large"},
	{feed.ErrTooDeep, "large"},
	{feed.ErrTooComplex, "large"},
	{feed.ErrEncoding, "broken"},
	{feed.ErrCharset, "broken"},
	{feed.ErrBroken, "broken"},
	{errNoneShown, "nolinks"},
}

// refusals are what the codes of servers mean.
var refusals = map[int]Fault{
	http.StatusUnauthorized:               "members",
	http.StatusPaymentRequired:            "members",
	http.StatusForbidden:                  "forbidden",
	http.StatusNotFound:                   "missing",
	http.StatusGone:                       "ended",
	http.StatusTooManyRequests:            "often",
	http.StatusInternalServerError:        "server",
	http.StatusBadGateway:                 "server",
	http.StatusServiceUnavailable:         "server",
	http.StatusGatewayTimeout:             "server",
	http.StatusUnavailableForLegalReasons: "forbidden",
}

// FaultUnknown is any other: reading broke, or what it was is not kept.
const FaultUnknown Fault = "unknown"

// FaultOf says what an error of a visit means to people, "" of nil.
func FaultOf(err error) Fault {
	if f, known := refusals[StatusOf(err)]; known {
		return f
	}
	for _, f := range faults {
		if errors.Is(err, f.is) {
			return f.fault
		}
	}
	if err == nil {
		return ""
	}
	return FaultUnknown
}

// StatusOf is the code with which a server refused a visit, 0 when it did not.
func StatusOf(err error) int {
	var refused *feed.StatusError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// Faults are all of them.
func Faults() []Fault {
	all := []Fault{FaultUnknown}
	for _, f := range faults {
		all = append(all, f.fault)
	}
	for _, f := range refusals {
		all = append(all, f)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Reason tells in an operator's words, on one line, why a visit failed.
func Reason(err error) string {
	var fetch *feed.Error
	words := ""
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fetch):
		words = fetch.Reason.Error()
		if fetch.Detail != "" {
			words += ": " + fetch.Detail
		}
	case errors.Is(err, context.DeadlineExceeded):
		words = feed.ErrTooSlow.Error()
	default:
		words = err.Error()
	}
	return oneLine(words)
}

// longestReason bounds what one server's words may take on the shelf.
const longestReason = 200

// oneLine makes words fit for a list: no line ends, at most longestReason runes.
func oneLine(words string) string {
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " ")
	if letters := []rune(words); len(letters) > longestReason {
		words = string(letters[:longestReason-1]) + "…"
	}
	return words
}

// A FailingSite is a site of which sources fail.
type FailingSite struct {
	Site    string // its registered name: what stands before it, as the rest of an address, may be a secret
	Failing int
	Since   time.Time // when the first of them began to
}

// FailingSites are the sites, at most so many, of which most of the sources fail,
// given with the longest failing first.
func FailingSites(failing []Source, most int) (sites []FailingSite) {
	at := map[string]int{}
	for _, s := range failing {
		site := feed.Site(s.Place())
		i, known := at[site]
		if !known {
			i = len(sites)
			at[site] = i
			sites = append(sites, FailingSite{Site: site, Since: s.FailingSince})
		}
		sites[i].Failing++
	}
	slices.SortStableFunc(sites, func(a, b FailingSite) int { return b.Failing - a.Failing })
	return sites[:min(len(sites), most)]
}
