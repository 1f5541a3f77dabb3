// Package digest is the news side of Tidings: it visits sources, keeps their
// articles, joins them into stories, matches stories with topics and chooses
// what one reader is shown. It has never heard of Telegram.
//
// # Words
//
// A source is a place we visit for news. A feed is the document found there,
// an item one entry in it; both live for one visit. An article is one
// publisher's piece, kept. A story is one or more articles about the same
// event. A topic is what a reader asked for, in words; equal topics are one. A
// match is a story that fits a topic, with score and reason. An edition is one
// digest composed for one chat for one slot, an alert one story told at once,
// outside of slots, and an amendment brings its message up to date. A story surges
// when three independent hosts begin to carry it within an hour.
//
// A pack is the sources of one language and subject. A circle is whose articles
// may join one story: all listed sources together, or one reader's own source
// alone, so that a stranger's feed can neither lead nor join what all others are
// shown.
//
// A fault is why a visit failed as far as it makes a difference to people, a reason
// what exactly happened.
//
// An image is all topics as they lie in the joiner's memory, kept on the shelf so that
// the next start has them at once.
//
// A hub is who brings a source's document when it changes, instead of a visit; a
// lease is what it granted: to do so until a time.
//
// # The road
//
//	collect   due sources → fetch → items → articles          shelf: articles
//	join      new articles → stories → match topics           shelf: stories, matches
//	publish   matches since the last edition → choose         shelf: editions + deliveries (package bot)
//	deliver   waiting deliveries → Telegram                   (package bot)
//
// The acts meet only at the shelf (package storage) and never call each other.
// Between two shelves everything is pure: values in, values out, now given.
package digest

import "errors"

// Ids are made by storage: 63 bits, rising with time, never zero.
type (
	SourceID  int64
	ArticleID int64
	StoryID   int64
	TopicID   int64
)

// Errors that callers branch on. Storage turns what drivers say into them.
var (
	// ErrNotFound says that what was asked for is not kept (any more).
	ErrNotFound = errors.New("not found")
	// ErrExists says that what was to be made is there already.
	ErrExists = errors.New("already exists")
	// ErrLimit says that a limit of the product stands against the change.
	ErrLimit = errors.New("limit reached")
)
