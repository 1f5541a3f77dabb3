package digest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"tidings/digest/feed"
)

// A SourceErrorKind is why a source cannot be followed; the bot has a sentence
// for each.
type SourceErrorKind string

// Why a source cannot be followed. The first eight are about its address as it
// was typed.
const (
	SourceNone        SourceErrorKind = "none"        // no address
	SourceLong        SourceErrorKind = "long"        // longer than addresses are
	SourceSpaces      SourceErrorKind = "spaces"      // several words
	SourceScheme      SourceErrorKind = "scheme"      // neither http nor https
	SourceSecret      SourceErrorKind = "secret"      // with a user or a password
	SourceNoHost      SourceErrorKind = "host"        // no name of a machine on the web
	SourcePrivate     SourceErrorKind = "private"     // within a private network
	SourceClosed      SourceErrorKind = "closed"      // a channel of Telegram that only its members see
	SourceUnreachable SourceErrorKind = "unreachable" // no such host, or it does not answer
	SourceFailed      SourceErrorKind = "failed"      // it could not be read; FaultOf tells why
	SourceNoFeed      SourceErrorKind = "nofeed"      // neither a feed nor a page that leads to one
	SourceNoChannel   SourceErrorKind = "nochannel"   // no channel of Telegram that shows its posts to everybody
)

// A SourceError says why a source cannot be followed.
type SourceError struct {
	Kind SourceErrorKind
	Err  error // what was met on the way; may be nil
}

func (e *SourceError) Error() string {
	if e.Err == nil {
		return "look for a source: " + string(e.Kind)
	}
	return fmt.Sprintf("look for a source: %s: %v", e.Kind, e.Err)
}

// Unwrap gives what was met on the way.
func (e *SourceError) Unwrap() error { return e.Err }

// longestSearch bounds the words of a search for news, in bytes.
const longestSearch = 200

// SourceAddress makes the canonical address of what a person typed: an address,
// what people call a channel or an account, or "news:" and words, which stand for
// a search among the news of their language (ISO 639-1, "" for any). The error
// is a *SourceError.
func SourceAddress(typed, language string) (string, error) {
	if words, ok := searchFor(typed); ok {
		switch {
		case words == "":
			return "", &SourceError{Kind: SourceNone}
		case len(words) > longestSearch:
			return "", &SourceError{Kind: SourceLong}
		}
		return feed.CanonicalAddress(feed.NewsSearch(words, language))
	}
	address, err := feed.TypedAddress(typed)
	var bad *feed.TypedError
	if errors.As(err, &bad) {
		return "", &SourceError{Kind: SourceErrorKind(bad.Kind)}
	}
	return address, err
}

func searchFor(typed string) (words string, ok bool) {
	head, words, ok := strings.Cut(strings.TrimSpace(typed), ":")
	if !ok || !strings.EqualFold(head, "news") || strings.HasPrefix(words, "//") {
		return "", false
	}
	return strings.Join(strings.Fields(words), " "), true
}

// PlainAddress is SourceAddress by http, for a site that has no https; "" when
// the writer named a scheme.
func PlainAddress(typed string) string {
	if _, ok := searchFor(typed); ok {
		return ""
	}
	return feed.PlainAddress(typed)
}

// SourceLabel is what people call the place of an address: "@name" for a channel
// of Telegram, else its host.
func SourceLabel(address string) string {
	if name := feed.ChannelName(address); name != "" {
		return "@" + name
	}
	return feed.Host(address)
}

// A fetcher is what a scout and a collector ask of the web.
type fetcher interface {
	Fetch(ctx context.Context, r feed.Request) (feed.Response, error)
}

// lookTime bounds one look: a person waits for it.
const lookTime = 10 * time.Second

// longestName bounds a source's name, in runes.
const longestName = 100

// A Scout looks at addresses that readers name. It costs a few documents of at
// most 10 MiB each, one after the other; of those that are large one is in hand at
// a time, however many readers ask.
type Scout struct {
	web     fetcher
	allowed []netip.Prefix
	now     func() time.Time
	rooms   rooms
}

// NewScout returns a scout that looks through web, a *feed.Fetcher.
func NewScout(web fetcher) *Scout { return &Scout{web: web, now: time.Now, rooms: newRooms()} }

// Allowing tells the scout which private networks web may visit; to be called
// before its first use.
func (s *Scout) Allowing(networks []netip.Prefix) *Scout {
	s.allowed = networks
	return s
}

// Private tells by an address alone that it lies in a private network, so that
// every visit would be refused. Of a name only a visit can tell.
func (s *Scout) Private(address string) bool { return feed.IsPrivate(address, s.allowed) }

// A Prospect is a source that could be followed, with its newest headlines.
type Prospect struct {
	Source    Source // Name, Address and Home
	Headlines []Headline
}

// A Headline is one item of a feed, as a sample.
type Headline struct {
	Title   string
	Address string // "" when the item leads nowhere
}

// Look finds the feeds at an address, or behind the page there, with at most
// samples headlines each. It takes at most ten seconds. The error is a
// *SourceError, or ctx's.
func (s *Scout) Look(ctx context.Context, address string, samples int) ([]Prospect, error) {
	looking, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	room := &room{rooms: &s.rooms}
	defer room.leave()
	found, err := feed.Discover(looking, room.fetch(s.web), address, s.now())
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &SourceError{lookFault(err), err}
	}
	var prospects []Prospect
	for _, f := range found {
		p := Prospect{Source: Source{Address: f.Address, Home: f.Home, Name: clipName(cmp.Or(f.Feed.Title, SourceLabel(f.Address)))}}
		for _, item := range f.Feed.Items {
			if len(p.Headlines) == samples {
				break
			}
			if title := cmp.Or(item.Title, firstWords(cmp.Or(item.Summary, item.Content))); title != "" {
				p.Headlines = append(p.Headlines, Headline{title, item.Link})
			}
		}
		prospects = append(prospects, p)
	}
	return prospects, nil
}

func lookFault(err error) SourceErrorKind {
	switch {
	case errors.Is(err, feed.ErrNoPreview):
		return SourceNoChannel
	case errors.Is(err, feed.ErrNoFeed):
		return SourceNoFeed
	case errors.Is(err, feed.ErrPrivateAddress):
		return SourcePrivate
	case errors.Is(err, feed.ErrNoHost), errors.Is(err, feed.ErrUnreachable), errors.Is(err, feed.ErrCertificate):
		return SourceUnreachable
	}
	return SourceFailed
}

func clipName(name string) string {
	if letters := []rune(name); len(letters) > longestName {
		return strings.TrimSpace(string(letters[:longestName-1])) + "…"
	}
	return name
}

// Outlines are sources and topics as a list carries them from one chat to
// another.
type Outlines struct {
	Sources []OutlinedSource
	Topics  []OutlinedTopic
	Refused int  // places that name a source or a topic and cannot be used
	Broken  bool // the list breaks off: what stood behind is not here
}

// An OutlinedSource is a source in a list.
type OutlinedSource struct {
	Source Source // Name, Address and Home
	Muted  bool
}

// An OutlinedTopic is a topic in a list.
type OutlinedTopic struct {
	Topic   Topic
	Breadth Breadth
	Muted   bool
	Alerts  bool
}

// An OutlineErrorKind is why a file cannot be taken; the bot has a sentence for
// each.
type OutlineErrorKind string

// Why a file cannot be taken.
const (
	OutlineNone   OutlineErrorKind = "none"   // no list of sources
	OutlineEmpty  OutlineErrorKind = "empty"  // a list without sources and topics
	OutlineBroken OutlineErrorKind = "broken" // it breaks off before its first source or topic
	OutlineLarge  OutlineErrorKind = "large"  // more than 10,000 entries, or than 10 MiB
	OutlineDeep   OutlineErrorKind = "deep"   // nested or adorned beyond all reason
)

// An OutlineError says why a file cannot be taken.
type OutlineError struct {
	Kind OutlineErrorKind
	Err  error
}

func (e *OutlineError) Error() string { return fmt.Sprintf("read outlines: %s: %v", e.Kind, e.Err) }

// Unwrap gives what was met on the way.
func (e *OutlineError) Unwrap() error { return e.Err }

// ReadOutlines reads OPML, or text with an address a line. What stands before a
// break is read, too. If there is nothing to be used the error, an *OutlineError,
// says why. Sources of one address and topics of one meaning come once.
func ReadOutlines(file []byte) (o Outlines, err error) {
	read, err := feed.ReadOutlines(bytes.NewReader(file))
	if err != nil {
		return o, &OutlineError{outlineFault(err), err}
	}
	o.Refused, o.Broken = read.Refused, read.Broken
	seen := map[string]bool{}
	for _, f := range read.Feeds {
		address, err := SourceAddress(f.Address, "")
		if err != nil {
			o.Refused++
			continue
		}
		if !seen[address] {
			seen[address] = true
			o.Sources = append(o.Sources, OutlinedSource{Source{Address: address, Home: f.Home, Name: clipName(cmp.Or(f.Name, SourceLabel(address)))}, f.Muted})
		}
	}
	for _, t := range read.Topics {
		topic, err := ParseTopic(t.Words)
		if err != nil {
			o.Refused++
			continue
		}
		if !seen["topic "+topic.Text] {
			seen["topic "+topic.Text] = true
			o.Topics = append(o.Topics, OutlinedTopic{topic, BreadthNamed(t.Breadth), t.Muted, t.Alerts})
		}
	}
	switch none := len(o.Sources)+len(o.Topics) == 0; {
	case none && o.Broken:
		return o, &OutlineError{OutlineBroken, errors.New("it breaks off before anything that can be used")}
	case none:
		return o, &OutlineError{OutlineEmpty, errors.New("nothing in it can be used")}
	}
	return o, nil
}

func outlineFault(err error) OutlineErrorKind {
	switch {
	case errors.Is(err, feed.ErrTooLarge):
		return OutlineLarge
	case errors.Is(err, feed.ErrTooDeep), errors.Is(err, feed.ErrTooComplex):
		return OutlineDeep
	case errors.Is(err, feed.ErrEmpty):
		return OutlineEmpty
	}
	return OutlineNone
}

// WriteOutlines writes OPML that ReadOutlines reads.
func WriteOutlines(w io.Writer, title string, o Outlines) error {
	var list feed.Outlines
	for _, s := range o.Sources {
		list.Feeds = append(list.Feeds, feed.Listed{Name: s.Source.Name, Address: s.Source.Address, Home: s.Source.Home, Language: s.Source.Language, Subject: s.Source.Subject, Muted: s.Muted})
	}
	for _, t := range o.Topics {
		listed := feed.ListedTopic{Words: t.Topic.Label, Muted: t.Muted, Alerts: t.Alerts}
		if t.Breadth != NormalBreadth {
			listed.Breadth = t.Breadth.String()
		}
		list.Topics = append(list.Topics, listed)
	}
	return feed.WriteOPML(w, title, list)
}
