// Package sample is the news that `tidings try` and the whole-program tests
// read when no real source may be visited: a dozen invented outlets, their
// feeds in the formats that publishers really use, and a readable page for
// every article.
//
// Every outlet, person, company and event in it is made up; hosts end in
// .example, so that no link can reach a real site. Some articles of different
// outlets tell of one event, some only look as if they did, and one
// outlet's come wrapped in the furniture of a blog template (its newest without
// a teaser), and one outlet's feed gives a few words of each text while the rest
// stands on such a page, because that is what a reader of feeds has to cope with.
//
// Ages are relative to a start, so that the news is always of today and yet a
// document stays the same from one request to the next. Thirteen breaking
// articles are held back at the start and appear one after another, every two
// minutes from the second minute on: a program that runs for half an hour sees
// its feeds change thirteen times. The first three tell of one event, so that in
// the sixth minute three hosts have told it within an hour.
//
// It is not a general feed generator, it knows nothing of the rest of Tidings,
// and it never touches the network or the disk. It costs some 80 kB in the
// binary and a few milliseconds to read at the start; every request renders
// its document anew, which takes well under a millisecond.
package sample

// Feed tells where a sample feed is served and what it is about.
type Feed struct {
	// Name is the outlet's name as it is printed, in its own language.
	Name string
	// Path is the feed's path under Handler: "/feeds/<outlet>.xml" or ".json".
	Path string
	// Host is the host of the outlet's article links; it ends in ".example".
	Host string
	// Language is a two-letter ISO 639-1 code.
	Language string
	// Subject is one lower-case English word such as "world" or "science".
	Subject string
}

// Feeds lists the sample feeds in alphabetical order of their paths. It panics
// if the data packed into the binary is damaged, which the package's tests
// exclude.
func Feeds() []Feed {
	var feeds []Feed
	for _, o := range mustOutlets() {
		feeds = append(feeds, Feed{Name: o.Name, Path: "/feeds/" + o.document(), Host: o.Host, Language: o.Language, Subject: o.Subject})
	}
	return feeds
}
