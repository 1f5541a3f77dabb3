package digest

import "time"

// A Source is a place we visit for news, with its address and manners.
type Source struct {
	ID       SourceID
	Name     string // the outlet as readers know it
	Address  string // what is fetched
	Home     string // the outlet's home page, "" when unknown
	Language string // ISO 639-1, "" when unknown
	Country  string // ISO 3166-1 alpha-2, "" when unknown
	Subject  string // world, technology, …; "" when unknown

	ETag         string // of the last document, for the next conditional request
	LastModified string // likewise, as the server wrote it
	BodyHash     string // of the last document parsed

	NextVisit    time.Time
	LastVisit    time.Time     // zero before the first
	LastChange   time.Time     // the last visit that brought a new document
	Interval     time.Duration // until the next visit when all goes well
	Failures     int           // visits failed in a row
	FailingSince time.Time     // zero while it works
	Reason       string        // why the last visit failed, "" when it did not
}

// A Visit is what one visit made of a source: the source as it stands
// afterwards and the articles its feed held, known ones included.
type Visit struct {
	Source   Source
	Articles []Article
}
