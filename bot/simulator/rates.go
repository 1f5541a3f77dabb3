package simulator

import (
	"math"
	"time"
)

// Limits are the rates at which messages are accepted. Telegram does not
// publish exact numbers; the defaults are those of its FAQ. A zero field means
// its default.
type Limits struct {
	GlobalPerSecond float64       // all chats together; 30
	GlobalBurst     float64       // 30
	ChatPerSecond   float64       // one chat; 1
	ChatBurst       float64       // 3
	GroupPerMinute  float64       // one group or supergroup, on top of the chat's; 20
	PaidPerSecond   float64       // what allow_paid_broadcast skips the global limit for; 0: it does not
	Extra           time.Duration // added to every retry_after
	Grace           time.Duration // what arrives so soon after a 429 was on its way and violates nothing; 500 ms
	MeasureOnly     bool          // refuse nothing, keep counters and peaks
}

func (l Limits) orDefaults() Limits {
	for _, f := range []struct {
		field *float64
		usual float64
	}{{&l.GlobalPerSecond, 30}, {&l.GlobalBurst, 30}, {&l.ChatPerSecond, 1}, {&l.ChatBurst, 3}, {&l.GroupPerMinute, 20}} {
		if *f.field == 0 {
			*f.field = f.usual
		}
	}
	if l.Grace == 0 {
		l.Grace = 500 * time.Millisecond
	}
	return l
}

const penalty = time.Second // what each violation adds to the wait

// rates are the buckets of every scope.
type rates struct {
	limits Limits
	global scope
	paid   scope
	chats  map[int64]*scope
	groups map[int64]*scope

	violations int
	overLimit  int // refused, or in measure-only mode what would have been
	peaks      Peaks
}

// Peaks are the most messages accepted in any window of the length named.
type Peaks struct {
	GlobalSecond int
	ChatSecond   int
	GroupMinute  int
}

// scope is one token bucket with the time until which it is closed.
type scope struct {
	perSecond, burst float64
	tokens           float64
	filled           time.Time
	refusedAt        time.Time
	closedUntil      time.Time
	recent           []time.Time // accepted within the window
}

// admit takes one token from every scope a message falls into, or from none
// and says after how many seconds to come back. What arrived before a scope was
// closed, and was held up, violates nothing.
func (r *rates) admit(c *chat, edit, paid bool, arrived, now time.Time) error {
	scopes := r.scopes(c, edit, paid)
	for _, s := range scopes {
		if now.Before(s.closedUntil) {
			if arrived.Sub(s.refusedAt) > r.limits.Grace {
				r.violations++
				s.closedUntil = s.closedUntil.Add(penalty)
			}
			r.overLimit++
			return tooMany(ceilSeconds(s.closedUntil.Sub(now)))
		}
	}
	var wait time.Duration
	var tight *scope
	for _, s := range scopes {
		s.fill(now)
		if w := s.wait(); w > wait {
			wait, tight = w, s
		}
	}
	if tight != nil {
		r.overLimit++
		if !r.limits.MeasureOnly {
			seconds := ceilSeconds(wait + r.limits.Extra)
			tight.shut(now, seconds)
			return tooMany(seconds)
		}
	}
	for _, s := range scopes {
		s.tokens--
	}
	return nil
}

// scopes are the buckets a message counts in; an edit counts for its chat only.
func (r *rates) scopes(c *chat, edit, paid bool) []*scope {
	l := r.limits
	list := []*scope{r.chat(c.ID)}
	if c.Type == "group" || c.Type == "supergroup" {
		list = append(list, r.group(c.ID))
	}
	switch {
	case edit:
	case paid && l.PaidPerSecond > 0:
		list = append(list, r.paid.sized(l.PaidPerSecond, l.PaidPerSecond))
	default:
		list = append(list, r.global.sized(l.GlobalPerSecond, l.GlobalBurst))
	}
	return list
}

func (r *rates) chat(id int64) *scope {
	if r.chats == nil {
		r.chats = map[int64]*scope{}
	}
	if r.chats[id] == nil {
		r.chats[id] = &scope{}
	}
	return r.chats[id].sized(r.limits.ChatPerSecond, r.limits.ChatBurst)
}

func (r *rates) group(id int64) *scope {
	if r.groups == nil {
		r.groups = map[int64]*scope{}
	}
	if r.groups[id] == nil {
		r.groups[id] = &scope{}
	}
	return r.groups[id].sized(r.limits.GroupPerMinute/60, r.limits.GroupPerMinute)
}

// accept counts a message for the peaks. Edits count nowhere here.
func (r *rates) accept(c *chat, now time.Time) {
	r.peaks.GlobalSecond = max(r.peaks.GlobalSecond, r.global.count(now, time.Second))
	r.peaks.ChatSecond = max(r.peaks.ChatSecond, r.chat(c.ID).count(now, time.Second))
	if c.Type == "group" || c.Type == "supergroup" {
		r.peaks.GroupMinute = max(r.peaks.GroupMinute, r.group(c.ID).count(now, time.Minute))
	}
}

func (s *scope) sized(perSecond, burst float64) *scope {
	s.perSecond, s.burst = perSecond, burst
	return s
}

func (s *scope) fill(now time.Time) {
	if s.filled.IsZero() {
		s.tokens = s.burst
	} else if d := now.Sub(s.filled); d > 0 {
		s.tokens = min(s.burst, s.tokens+d.Seconds()*s.perSecond)
	}
	s.filled = now
}

// wait is the time until a whole token is there; the billionth forgives the
// rounding of seconds into floats.
func (s *scope) wait() time.Duration {
	missing := 1 - s.tokens
	if missing <= 1e-9 {
		return 0
	}
	return time.Duration(math.Ceil(missing / s.perSecond * float64(time.Second)))
}

func (s *scope) shut(now time.Time, seconds int) {
	s.refusedAt = now
	s.closedUntil = now.Add(time.Duration(seconds) * time.Second)
}

func (s *scope) count(now time.Time, window time.Duration) int {
	first := 0
	for first < len(s.recent) && now.Sub(s.recent[first]) >= window {
		first++
	}
	s.recent = append(s.recent[first:], now)
	return len(s.recent)
}

func ceilSeconds(d time.Duration) int {
	return max(1, int(math.Ceil(d.Seconds()-1e-9)))
}
