package bot

import (
	"slices"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// A Backlog is what waits to be done, now.
type Backlog struct {
	Kinds    map[DeliveryKind]Queue
	DueChats int // whose edition is due and not composed

	// Overdue is since when the most overdue edition is late, composed or not;
	// zero when none is due. Editions that Telegram makes one chat wait for do
	// not count; a pause of everything does.
	Overdue time.Time
}

// A Queue is what waits of one kind of delivery.
type Queue struct {
	Waiting int       // all that waits
	Due     int       // of it: what became due, whether or not Telegram makes it wait
	Oldest  time.Time // when the oldest of it became due first; zero when none waits
}

// Levels are how much there is of everything, now: what is cheap to count.
type Levels struct {
	Readers int // chats that are not paused
	Paused  int
	Topics  int                   // distinct ones
	Sources int                   // visited
	Health  map[digest.Health]int // of these
	Failing int                   // of these: the last visit failed, whatever follows from that
	Unknown int                   // deliveries whose answer was lost for good, ever
	Bytes   int64
}

// A Census is Levels with what costs a look at every chat.
type Census struct {
	Levels
	Active        int // readers that had an edition within 7 days
	New           int // chats known since the moment asked for
	Subscriptions int
	Stories       int // new within 24 hours
}

// Done is what was done in a stretch of time.
type Done struct {
	Sent, Failed, Unknown, Dropped int
	Late                           Lateness
}

// LateSteps are the bounds in which lateness is counted.
var LateSteps = []time.Duration{
	time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour,
}

// Lateness counts sent editions by how long after they were due they were
// sent: up to each of LateSteps, and at last the later ones.
type Lateness []int

// Total is how many editions were counted.
func (l Lateness) Total() (n int) {
	for _, some := range l {
		n += some
	}
	return n
}

// Within is the step that a share of the editions (0.5, 0.99) was not later
// than. False says that there were none, or that they were later than all steps.
func (l Lateness) Within(share float64) (time.Duration, bool) {
	total := l.Total()
	n := 0
	for i, some := range l {
		n += some
		if total > 0 && float64(n) >= share*float64(total) {
			if i == len(LateSteps) {
				return 0, false
			}
			return LateSteps[i], true
		}
	}
	return 0, false
}

// Figures are one hour or day of the past: levels at its end, and what was done
// in it.
type Figures struct {
	From                                    time.Time
	Readers, Active, Paused                 int
	Topics, Subscriptions, Failing          int
	Bytes                                   int64
	Sent, Failed, Unknown, Dropped, Stories int
}

// byDay sums hours, in order, up to days of a zone.
func byDay(hours []Figures, zone *time.Location) (days []Figures) {
	for _, h := range hours {
		from := dayOf(h.From, zone)
		if len(days) == 0 || !days[len(days)-1].From.Equal(from) {
			days = append(days, Figures{From: from})
		}
		d := &days[len(days)-1]
		sum := *d
		*d = h
		d.From = from
		d.Sent += sum.Sent
		d.Failed += sum.Failed
		d.Unknown += sum.Unknown
		d.Dropped += sum.Dropped
		d.Stories += sum.Stories
	}
	return days
}

// dayOf is the midnight at which the local day of t began.
func dayOf(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// An Incident is a kind of trouble that the admins were told of. It stands on
// the shelf, so that nobody is told twice.
type Incident struct {
	Kind  IncidentKind
	Since time.Time
	Told  time.Time // when they were told that it began
	Ended time.Time // and over; zero while it lasts
}

// Open says whether the trouble lasts.
func (i Incident) Open() bool { return i.Ended.IsZero() }

// An IncidentKind names a trouble; its sentences stand in the catalog as
// incident_<kind> and incident_<kind>_over.
type IncidentKind string

const (
	IncidentLate     IncidentKind = "late"     // editions are overdue
	IncidentQueue    IncidentKind = "queue"    // more waits than can be sent
	IncidentFetch    IncidentKind = "fetch"    // most visits of sources fail
	IncidentConflict IncidentKind = "conflict" // somebody else takes the updates
	IncidentDisk     IncidentKind = "disk"     // the disk is nearly full
)

// IncidentKinds are all of them.
var IncidentKinds = []IncidentKind{IncidentLate, IncidentQueue, IncidentFetch, IncidentConflict, IncidentDisk}

// A Notice is a message for one chat.
type Notice struct {
	Chat    ChatID
	Message telegram.Message
}

// openOf are the incidents that last, the oldest first.
func openOf(all []Incident) (open []Incident) {
	for _, i := range all {
		if i.Open() {
			open = append(open, i)
		}
	}
	slices.SortFunc(open, func(a, b Incident) int { return a.Since.Compare(b.Since) })
	return open
}
