package feed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Hub is who brings a document when it changes to those that asked for it, and
// what the document is called there (W3C WebSub, Recommendation of 2018, §4).
type Hub struct {
	Address string // where it takes requests; "" without one
	Topic   string // the document's own address as it names it; "" when it does not
}

// Or fills in what h does not say.
func (h Hub) Or(other Hub) Hub {
	return Hub{cmp.Or(h.Address, other.Address), cmp.Or(h.Topic, other.Topic)}
}

// note takes a link that may name one of them; the first counts, for a
// subscriber may choose among several hubs (§4).
func (h *Hub) note(rel, address string) {
	for _, word := range strings.Fields(strings.ToLower(rel)) {
		switch word {
		case "hub":
			h.Address = cmp.Or(h.Address, address)
		case "self":
			h.Topic = cmp.Or(h.Topic, address)
		}
	}
}

// mostLinks bounds how many links of a header are read.
const mostLinks = 100

// hubOf reads the Link headers of an answer from an address (§4; RFC 8288 §3).
func hubOf(header http.Header, from *url.URL) (h Hub) {
	rest := strings.Join(header.Values("Link"), ", ")
	for range mostLinks {
		_, after, ok := strings.Cut(rest, "<")
		target, params, whole := strings.Cut(after, ">")
		if !ok || !whole {
			break
		}
		var rel string
		rel, rest = linkRel(params)
		h.note(rel, webLink(from, target))
	}
	return h
}

// linkRel reads the parameters of a link up to the comma that ends it and gives
// its relation types and what stands behind.
func linkRel(params string) (rel, rest string) {
	for {
		params = strings.TrimLeft(params, " \t;")
		end := strings.IndexAny(params, "=;,")
		if end < 0 {
			return rel, ""
		}
		name := strings.TrimSpace(params[:end])
		if params[end] == ',' {
			return rel, params[end+1:]
		}
		value, next := "", params[end+1:]
		if params[end] == '=' {
			value, next = paramValue(strings.TrimLeft(next, " \t"))
		}
		if strings.EqualFold(name, "rel") {
			rel = cmp.Or(rel, value)
		}
		params = next
	}
}

// paramValue is the value at the beginning of s, quoted or not, and what stands
// behind it.
func paramValue(s string) (value, rest string) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		value, rest, _ = strings.Cut(quoted, `"`)
		return value, rest
	}
	end := strings.IndexAny(s, ";,")
	if end < 0 {
		end = len(s)
	}
	return strings.TrimSpace(s[:end]), s[end:]
}

// hubOfJSON reads what a JSON Feed says of hubs (version 1.1, "hubs"), of which
// those of type WebSub are meant.
func hubOfJSON(body []byte, from *url.URL) (h Hub) {
	if !bytes.Contains(body, []byte(`"hubs"`)) {
		return h
	}
	var doc struct {
		FeedURL string `json:"feed_url"`
		Hubs    []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"hubs"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return h
	}
	h.note("self", webLink(from, doc.FeedURL))
	for _, hub := range doc.Hubs {
		if strings.EqualFold(hub.Type, "WebSub") {
			h.note("hub", webLink(from, hub.URL))
		}
	}
	return h
}

// signatures are the methods that X-Hub-Signature may name (§7.1).
var signatures = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}

// Signed says whether a body was signed with a secret, as X-Hub-Signature tells:
// method=hexadecimal HMAC of the body (§7.1). Nothing is signed with no secret.
func Signed(signature, secret string, body []byte) bool {
	method, digits, _ := strings.Cut(strings.TrimSpace(signature), "=")
	with := signatures[strings.ToLower(method)]
	got, err := hex.DecodeString(digits)
	if with == nil || err != nil || secret == "" {
		return false
	}
	mac := hmac.New(with, []byte(secret))
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

// Post sends a form to an address under the same rules as Fetch: who may be
// dialled, one visit at a time to a host, the time limit. Redirects that keep the
// method (307 and 308) are followed. An answer of 2xx is success, what it says
// else is not read; the error is an [*Error] and never holds the form.
func (f *Fetcher) Post(ctx context.Context, address string, form url.Values) error {
	u, err := parseAddress(address)
	if err != nil {
		return err
	}
	body := form.Encode()
	v := visit{fetcher: f, left: f.timeout}
	for range maxRedirects + 1 {
		next, err := v.post(ctx, u, body)
		if err != nil || next == nil {
			return err
		}
		u = next
	}
	return &Error{Address: shown(u), Reason: ErrRedirects, Detail: "stopped after 5"}
}

// post is hop for a form.
func (v *visit) post(ctx context.Context, u *url.URL, body string) (*url.URL, error) {
	f := v.fetcher
	if err := f.border.judgeLiteral(u); err != nil {
		return nil, wrap(ctx, u, err)
	}
	leave, err := f.gates.enter(ctx, gateKey(u))
	if err != nil {
		return nil, &Error{Address: shown(u), Reason: err, Detail: "while waiting for the host's turn", Waited: true}
	}
	defer leave()
	began := f.now()
	ctx, cancel := context.WithTimeoutCause(ctx, v.left, ErrTooSlow)
	defer cancel()
	defer func() { v.left -= f.now().Sub(began) }()

	req := v.newRequest(ctx, u)
	req.Method = http.MethodPost
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "*/*")
	answer, err := f.transport(u).RoundTrip(req)
	if err != nil {
		return nil, wrap(ctx, u, err)
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, 4<<10) // so that the connection can be kept
	switch code := answer.StatusCode; {
	case code >= 200 && code <= 299:
		return nil, nil
	case slices.Contains([]int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, code):
		return v.redirect(u, answer)
	default:
		return nil, &Error{Address: shown(u), Reason: &StatusError{Code: code}}
	}
}
