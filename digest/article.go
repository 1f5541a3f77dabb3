package digest

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest/feed"
	"tidings/digest/text"
)

// An Article is one publisher's piece, kept. All texts are plain visible text.
type Article struct {
	ID         ArticleID
	Source     SourceID
	Circle     SourceID // 0 for listed sources, else Source; set when it is shelved
	Outlet     string   // the source's name when the article was found
	GUID       string   // "" when the feed gave none
	Address    string   // where readers go, absolute
	Host       string   // of Address, without "www."; hosts are counted, not sources
	Title      string
	Text       string // the feed's summary; its content when there is none
	Content    string // the feed's full content, "" when it gave none or it is Text
	Author     string
	Language   string // ISO 639-1 or "und"
	Categories []string
	Subjects   SubjectShares // as the joiner decided them, nil before
	Page       string        // the text of its page, "" while it was not read; only where a method says that it fills it
	PageDue    bool          // its page is wanted and was not visited yet; likewise
	Published  time.Time     // never after Seen
	Seen       time.Time
}

// ErrNoAddress refuses an item that readers could not be led to.
var ErrNoAddress = errors.New("the item has no address that can be opened")

// NewArticle makes an article of an item found at s. s.Language is believed as
// far as the letters allow; the date is clamped to now, and now when there is
// none. An item without a title gets the first words of its text. The error is
// ErrNoAddress, or says that there is nothing to read.
func NewArticle(s Source, i feed.Item, now time.Time) (Article, error) {
	address, err := feed.CanonicalAddress(i.Link)
	if err != nil {
		return Article{}, fmt.Errorf("make an article of item %.60q: %w", cmp.Or(i.Title, i.GUID), ErrNoAddress)
	}
	a := Article{
		Source:     s.ID,
		Outlet:     s.Name,
		GUID:       i.GUID,
		Address:    address,
		Host:       feed.Host(address),
		Title:      strings.TrimSpace(i.Title),
		Text:       SpacedDateline(cmp.Or(i.Summary, i.Content)),
		Author:     i.Author,
		Categories: withSubject(i.Categories, s.Subject),
		Published:  cmp.Or(i.Published, i.Updated),
		Seen:       now,
	}
	if i.Summary != "" && i.Content != i.Summary {
		a.Content = SpacedDateline(i.Content)
	}
	a.Outlet = cmp.Or(a.Outlet, a.Host)
	if a.Title == "" {
		a.Title = firstWords(a.Text)
	}
	if a.Title == "" {
		return Article{}, fmt.Errorf("make an article of item %.60q: it has neither title nor text", address)
	}
	if a.Published.IsZero() || a.Published.After(now) {
		a.Published = now
	}
	a.Language = text.Language(a.Title+"\n"+a.Text, s.Language)
	return a, nil
}

// withSubject adds the source's subject to what the publisher filed an item
// under: of a source for science every article is about science.
func withSubject(categories []string, subject string) []string {
	if subject == "" || slices.ContainsFunc(categories, func(c string) bool { return strings.EqualFold(c, subject) }) {
		return categories
	}
	return append(slices.Clone(categories), subject)
}

// How long a title made of a text may be.
const (
	madeTitleWords = 12
	madeTitleBytes = 120
)

// firstWords returns the beginning of the first line of s that has words, cut
// between words and marked with "…" where it is cut.
func firstWords(s string) string {
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		n, end := 0, 0
		for w := range text.Words(line, "") {
			if n == madeTitleWords || w.End > madeTitleBytes {
				if n == 0 {
					break // one endless word is data
				}
				return line[:end] + "…"
			}
			n, end = n+1, w.End
		}
		if n > 0 {
			return line
		}
	}
	return ""
}

// A Key is one way to recognise an article: a 64-bit hash of kind, scope and
// value. Kinds: the guid within its source, the canonical address, the host
// with the normalised title.
//
// The hash is the beginning of a SHA-256, so that no publisher can make up an
// item which passes for another's. Among ten million keys the odds that any two
// agree by chance are one to 370,000; then one article is taken for another.
type Key struct {
	Hash  int64
	Title bool // a title key holds only near the time it was published, see SameArticle
}

// A KnownKey is a key found on the shelf with the article that left it.
type KnownKey struct {
	Key
	Article   ArticleID
	Published time.Time
}

// What makes a title telling enough to be a key, and for how long.
const (
	titleKeyWords = 4
	titleKeyGrams = 8 // characters of a script without spaces
	titleKeyHolds = 12 * time.Hour
)

// Keys returns the ways to recognise a, the surest first: at most three. An
// address without path or query is no key (many items lead to a front page),
// nor is a short title ("Live", "Morning briefing").
//
// What a reader's own source tells is never the article of another circle: else
// whoever publishes a copy first would keep the piece from everybody else.
func (a Article) Keys() []Key {
	var keys []Key
	within := ""
	if a.Circle != 0 {
		within = "\x00" + strconv.FormatInt(int64(a.Circle), 10)
	}
	if a.GUID != "" {
		keys = append(keys, newKey("guid", strconv.FormatInt(int64(a.Source), 10), a.GUID))
	}
	if address, err := feed.AddressKey(a.Address); err == nil && !frontPage(address) {
		keys = append(keys, newKey("address"+within, address))
	}
	if title, telling := normalTitle(a.Title); telling {
		k := newKey("title"+within, a.Host, title)
		k.Title = true
		keys = append(keys, k)
	}
	return keys
}

// Twin is the hash under which a listed source would have left the address of
// a: how one piece is recognised in two circles. 0 is for none.
func (a Article) Twin() int64 {
	address, err := feed.AddressKey(a.Address)
	if err != nil || frontPage(address) {
		return 0
	}
	return newKey("address", address).Hash
}

func newKey(parts ...string) Key {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return Key{Hash: int64(binary.BigEndian.Uint64(sum[:]))}
}

// frontPage tells whether the key of an address leads to a whole site.
func frontPage(addressKey string) bool { return !strings.ContainsAny(addressKey, "/?") }

// normalTitle returns the folded words of a title, and whether they are enough
// to tell it from others.
func normalTitle(title string) (string, bool) {
	var words []string
	grams := 0
	for w := range text.Words(title, "") {
		if w.Gram {
			grams++
		}
		words = append(words, w.Surface)
	}
	return strings.Join(words, " "), len(words)-grams >= titleKeyWords || grams >= titleKeyGrams
}

// SameArticle returns the article on the shelf that one with these keys is, by
// the surest of them that is among known. Titles count only when both were
// published within twelve hours.
func SameArticle(keys []Key, published time.Time, known []KnownKey) (ArticleID, bool) {
	for _, k := range keys {
		i := slices.IndexFunc(known, func(n KnownKey) bool {
			return n.Key == k && (!k.Title || published.Sub(n.Published).Abs() <= titleKeyHolds)
		})
		if i >= 0 {
			return known[i].Article, true
		}
	}
	return 0, false
}
