package feed

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/temoto/robotstxt"
)

// ErrRobots: the server's robots.txt forbids the address.
var ErrRobots = errors.New("robots.txt forbids it")

// ErrRobotsUnknown: robots.txt cannot be read now, so nothing is (RFC 9309
// §2.3.1.4).
var ErrRobotsUnknown = errors.New("robots.txt cannot be read now")

// Limits of what is kept of robots.txt.
const (
	maxRobots      = 512 << 10 // bytes that count (RFC 9309 §2.5 asks for 500 KiB)
	maxRobotsLine  = 500       // bytes of a value
	maxRobotsRules = 5000
	maxPatterns    = 1000    // rules with stars, each of which is compiled
	maxStars       = 8       // of one rule
	mostRobots     = 4 << 20 // bytes of rules, of all servers together
	robotsHolds    = 12 * time.Hour
	robotsRetry    = 10 * time.Minute // after it could not be read
	robotsHosts    = 2000             // in memory
	longestDelay   = 30 * time.Second
)

// Robots knows what servers allow visitors of one name to fetch. It asks each
// server at most every twelve hours, and ten minutes after it did not answer. It
// is safe for concurrent use.
type Robots struct {
	fetcher *Fetcher
	agent   string
	now     func() time.Time

	mu    sync.Mutex
	hosts map[string]rules
	size  int // of all of them
}

// rules are one server's.
type rules struct {
	until time.Time
	group *robotstxt.Group // nil: everything is allowed
	err   error            // ErrRobotsUnknown
	size  int              // bytes of what they were read from
}

// NewRobots makes a Robots for visits of f under the name agent, the product
// token in the User-Agent.
func NewRobots(f *Fetcher, agent string) *Robots {
	return &Robots{fetcher: f, agent: agent, now: f.now, hosts: map[string]rules{}}
}

// Allow says whether address may be fetched: nil, or an error that wraps
// ErrRobots or ErrRobotsUnknown, or the context's. It fits [Request.Judge].
func (r *Robots) Allow(ctx context.Context, address string) error {
	u, known, err := r.rulesFor(ctx, address)
	switch {
	case err != nil:
		return err
	case known.err != nil:
		return known.err
	case known.group == nil || u.Path == "/robots.txt":
		return nil
	case !known.group.Test(u.RequestURI()):
		return ErrRobots
	}
	return nil
}

// Delay is how long the server wants to be left alone between two visits; at
// most 30 s, 0 when it says nothing or is not known yet.
func (r *Robots) Delay(address string) time.Duration {
	u, err := parseAddress(address)
	if err != nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if g := r.hosts[serverKey(u)].group; g != nil {
		return min(max(g.CrawlDelay, 0), longestDelay)
	}
	return 0
}

// serverKey is what has a robots.txt of its own (RFC 9309 §2.3).
func serverKey(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

func (r *Robots) rulesFor(ctx context.Context, address string) (*url.URL, rules, error) {
	u, err := parseAddress(address)
	if err != nil {
		return nil, rules{}, err
	}
	key := serverKey(u)
	r.mu.Lock()
	known, ok := r.hosts[key]
	r.mu.Unlock()
	if ok && r.now().Before(known.until) {
		return u, known, nil
	}
	known = r.read(ctx, key)
	if ctx.Err() != nil {
		return nil, rules{}, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.size -= r.hosts[key].size
	delete(r.hosts, key)
	for k, other := range r.hosts { // any: it is asked again
		if len(r.hosts) < robotsHosts && r.size+known.size <= mostRobots {
			break
		}
		r.size -= other.size
		delete(r.hosts, k)
	}
	r.hosts[key] = known
	r.size += known.size
	return u, known, nil
}

// read asks a server for its rules. One that has none (4xx) allows all; one that
// fails or cannot be reached allows nothing for now. Rules that cannot be
// understood allow all, line by line.
func (r *Robots) read(ctx context.Context, server string) rules {
	now := r.now()
	answer, err := r.fetcher.Fetch(ctx, Request{Address: server + "/robots.txt", Accept: "text/plain, */*;q=0.5", MaxBytes: 4 * maxRobots})
	var status *StatusError
	switch {
	case err == nil:
		group, size := groupOf(answer.Body, r.agent)
		return rules{until: now.Add(robotsHolds), group: group, size: size}
	case errors.As(err, &status) && status.Code >= 400 && status.Code < 500 && status.Code != 429:
		return rules{until: now.Add(robotsHolds)}
	case errors.Is(err, ErrRedirects), errors.Is(err, ErrTooLarge), errors.Is(err, ErrEncoding):
		// §2.3.1.2: after five redirects the file may be taken for absent.
		return rules{until: now.Add(robotsHolds)}
	case errors.Is(err, ErrPrivateAddress), errors.Is(err, ErrBadAddress):
		return rules{until: now.Add(robotsRetry), err: err}
	}
	return rules{until: now.Add(max(robotsRetry, answer.RetryAfter)), err: ErrRobotsUnknown}
}

// groupOf gives the rules for agent, nil without any, and how many bytes they were
// read from.
func groupOf(body []byte, agent string) (*robotstxt.Group, int) {
	body, err := toUTF8(body[:min(len(body), maxRobots)], "text/plain; charset=utf-8")
	if err != nil {
		return nil, 0
	}
	readable := readableRules(body)
	data, err := robotstxt.FromBytes(readable)
	if err != nil || data == nil {
		return nil, 0
	}
	return data.FindGroup(agent), len(readable)
}

// readableRules keeps the lines that can be read: the parser refuses a whole
// file for one that cannot, and makes a pattern of every star.
func readableRules(body []byte) []byte {
	var kept strings.Builder
	begun, n, patterns := false, 0, 0
	for line := range strings.Lines(string(body)) {
		line, _, _ = strings.Cut(line, "#")
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		delay, notNumber := strconv.ParseFloat(value, 64)
		switch {
		case value == "" || len(value) > maxRobotsLine || strings.ContainsAny(value, " \t\r"):
			continue
		case name == "user-agent":
			begun = true
		case !begun:
			continue
		case name == "disallow" || name == "allow":
			stars := strings.Count(value, "*")
			if stars > 0 || strings.HasSuffix(value, "$") {
				patterns++
			}
			if value[0] != '/' && value[0] != '*' || stars > maxStars || patterns > maxPatterns {
				continue
			}
		case name == "crawl-delay":
			if notNumber != nil || !(delay >= 0 && delay < 1e6) {
				continue
			}
		default:
			continue
		}
		if n++; n > maxRobotsRules {
			break
		}
		kept.WriteString(name + ": " + value + "\n")
	}
	return []byte(kept.String())
}
