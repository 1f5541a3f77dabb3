package digest

import "time"

// An Article is one publisher's piece, kept. All texts are plain visible text.
type Article struct {
	ID         ArticleID
	Source     SourceID
	Outlet     string // the source's name when the article was found
	GUID       string // "" when the feed gave none
	Address    string // where readers go, absolute
	Host       string // of Address, without "www."; hosts are counted, not sources
	Title      string
	Text       string // the feed's summary; its content when there is none
	Content    string // the feed's full content, "" when it gave none
	Author     string
	Language   string // ISO 639-1 or "und"
	Categories []string
	Published  time.Time // never after Seen
	Seen       time.Time
}

// A Key is one way to recognise an article: a 64-bit hash of kind, scope and
// value. Kinds: the guid within its source, the canonical address, the host
// with the normalised title.
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
