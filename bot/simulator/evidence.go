package simulator

import (
	"maps"
	"time"
)

// Call is one request to the Bot API as it came and as it was answered.
type Call struct {
	Seq        int
	At         time.Time
	Method     string // as the client spelt it
	ChatID     int64  // of chat_id, 0 without one
	Params     map[string]string
	Status     int // HTTP status answered; 0: the connection was closed or the client left
	Answer     string
	Latency    time.Duration
	Connection string // the client's address: one per connection
	Fault      FaultKind
	Violation  bool // it was sent to a scope that was still closed
	done       bool
}

// Accepted is a message that the server took, in order.
type Accepted struct {
	Seq       int
	At        time.Time
	ChatID    int64
	MessageID int64
	ThreadID  int64
	Method    string
	Text      string // or caption
	Media     bool   // a picture or file came with it
	Dropped   int    // entities beyond the hundredth
	Told      bool   // the true answer was written whole to a client still there
}

// Duplicate is a text that was accepted more than once for a chat.
type Duplicate struct {
	ChatID int64
	Text   string
	Times  int
}

// Evidence is what the simulator saw the bot do.
type Evidence struct {
	Calls      []Call // the newest Config.KeepCalls
	TotalCalls int
	Accepted   []Accepted

	TooMany    int // 429 answered for a limit or a fault
	OverLimit  int // messages beyond a limit, also in measure-only mode
	Violations int // messages sent to a scope that was still closed
	Peaks      Peaks

	Presses        int // callback queries made
	Unanswered     int // past their time without an answer, or still waiting
	AnsweredTwice  int // answers to a query that was answered already
	AnsweredLate   int // answers after the time was over
	Slowest        time.Duration
	DroppedMarks   int // entities beyond the hundredth, over all messages
	Duplicates     []Duplicate
	FaultsInjected map[FaultKind]int
}

// evidence is the mutable side of Evidence.
type evidence struct {
	keep     int
	calls    []*Call
	total    int
	accepted []*Accepted
	tooMany  int
	faults   countOf
}

type countOf map[FaultKind]int

// Evidence is a copy of everything seen so far.
func (s *Simulator) Evidence() Evidence {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := Evidence{
		TotalCalls:     s.evidence.total,
		TooMany:        s.evidence.tooMany,
		OverLimit:      s.rates.overLimit,
		Violations:     s.rates.violations,
		Peaks:          s.rates.peaks,
		FaultsInjected: maps.Clone(s.evidence.faults),
		Duplicates:     s.evidence.duplicates(),
	}
	for _, c := range s.evidence.calls {
		e.Calls = append(e.Calls, *c)
	}
	for _, a := range s.evidence.accepted {
		e.Accepted = append(e.Accepted, *a)
		e.DroppedMarks += a.Dropped
	}
	for _, p := range s.presses {
		e.Presses++
		e.AnsweredTwice += p.again
		e.AnsweredLate += p.tooLate
		if p.answered.IsZero() {
			e.Unanswered++
			continue
		}
		e.Slowest = max(e.Slowest, p.answered.Sub(p.at))
	}
	return e
}

// AcceptedCount is how many messages were accepted so far; cheap enough to ask
// in Wait.
func (s *Simulator) AcceptedCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.evidence.accepted)
}

// keptParam bounds what is remembered of one parameter; no valid text is longer.
const keptParam = 32 << 10

func (e *evidence) begin(c *Call) {
	for name, value := range c.Params {
		if len(value) > keptParam {
			c.Params = maps.Clone(c.Params)
			c.Params[name] = value[:keptParam]
		}
	}
	e.total++
	c.Seq = e.total
	e.calls = append(e.calls, c)
	if len(e.calls) > e.keep+e.keep/4 { // cut now and then, not at each call
		e.calls = append([]*Call(nil), e.calls[len(e.calls)-e.keep:]...)
	}
}

func (e *evidence) accept(a *Accepted) *Accepted {
	a.Seq = len(e.accepted) + 1
	e.accepted = append(e.accepted, a)
	return a
}

func (e *evidence) duplicates() []Duplicate {
	type key struct {
		chat, thread int64
		text         string
	}
	times := map[key]int{}
	var list []Duplicate
	for _, a := range e.accepted {
		times[key{a.ChatID, a.ThreadID, a.Text}]++
	}
	seen := map[key]bool{}
	for _, a := range e.accepted {
		k := key{a.ChatID, a.ThreadID, a.Text}
		if times[k] > 1 && !seen[k] {
			seen[k] = true
			list = append(list, Duplicate{ChatID: a.ChatID, Text: a.Text, Times: times[k]})
		}
	}
	return list
}
