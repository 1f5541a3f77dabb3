package telegram

import (
	"container/list"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Priority orders what waits to be sent; a lower value goes first.
type Priority int

// The priorities, most urgent first.
const (
	Interactive Priority = iota // answers to somebody who is looking
	Alert
	Edition
	Broadcast

	priorities = int(Broadcast) + 1
)

// What Telegram publishes about its limits (core.telegram.org/bots/faq): about
// 30 messages a second in all, one a second to one chat, 20 a minute to a group.
const (
	// DefaultRate is how many messages a second are sent in all, unless told otherwise.
	DefaultRate = 28.0

	strictRate  = 30 // no second may hold more
	groupCount  = 20
	groupWindow = time.Minute
	chatSpacing = time.Second
	// catchUp is how much delay of our own is made up for: a stalled process
	// keeps its rate over the second in which it stalled.
	catchUp = 500 * time.Millisecond
	// travelJitter is kept over the second that the strict count is taken in: a
	// message may travel so much faster than those before it. At 30 a second
	// it costs 0.6 percent of the rate.
	travelJitter = 6 * time.Millisecond
	maxRate      = 1000 // what Telegram sells at most
	// jitterMargin is added to what holds for one chat, because two messages can
	// travel at different speeds.
	jitterMargin = 30 * time.Millisecond

	slowAfter  = 3           // so many 429 …
	slowWithin = time.Minute // … within this time …
	slowFor    = 5 * time.Minute
	slowShare  = 0.9 // … lower the rate to this part of it
)

// Pause is a stretch in which Telegram wants no message, for one chat or all.
type Pause struct {
	Scope string // "all" or "chat:<Telegram id>"
	Until time.Time
}

const scopeAll = "all"

func chatScope(chat int64) string { return "chat:" + strconv.FormatInt(chat, 10) }

// PauseKeeper remembers pauses across restarts. A later pause of the same scope
// replaces the earlier one; those past their time may be forgotten.
type PauseKeeper interface {
	SavePause(ctx context.Context, scope string, until time.Time) error
}

// Limiter paces everything that is sent, so that Telegram has nothing to
// refuse, and holds back what it did refuse.
//
// All messages keep an even distance of 1/rate, and no second holds more than
// one above the rate (30 at 29 to 30). Idle time earns no burst; only what this
// machine was late itself is made up for, at twice the pace at most. One
// chat gets one message a second, a group (id below 0; channels too, for ids do
// not tell them apart) 20 in any minute. Among those waiting whose chat is
// ready the most urgent goes first, in order of arrival; a chat that must wait
// holds nobody up.
//
// A 429 pauses its chat for exactly the time told. One that belongs to no chat
// pauses everything, and so does a second one, from another chat while the
// first lasts, unless a message that set out in between was accepted: then not
// everything is closed. Afterwards the rate is at once what it was. Three within
// a minute lower it by a tenth for five minutes.
//
// It is safe for concurrent use, has no goroutine, and forgets chats that it
// has not seen for a minute. A grant costs a look at each waiter of its priority
// whose chat is not ready.
type Limiter struct {
	now    func() time.Time
	keeper PauseKeeper // may be nil

	mu      sync.Mutex
	rate    float64
	next    time.Time   // when the next message of all is due
	sent    []time.Time // the last grants, as many as one second may hold
	paused  time.Time   // everything waits until then
	slow    time.Time   // the rate is lowered until then
	refused []time.Time
	took    time.Time // when the last message that was accepted had set out
	chats   map[int64]*chatPace
	swept   time.Time
	waiting [priorities]list.List // of *waiter
	timer   *time.Timer
	wakeAt  time.Time // when the timer fires; zero when it is not set
}

// chatPace is what is remembered of one chat.
type chatPace struct {
	last    time.Time   // last grant
	paused  time.Time   // by a 429
	refused time.Time   // when that came; zero when an earlier process got it
	recent  []time.Time // grants of the last minute, groups only
}

type waiter struct {
	chat    int64
	arrived time.Time
	granted bool
	ready   chan struct{} // closed when granted
}

// NewLimiter makes a limiter of rate messages a second in all; 0 means
// DefaultRate. keeper may be nil; what it remembers is for Heed.
func NewLimiter(rate float64, now func() time.Time, keeper PauseKeeper) (*Limiter, error) {
	if rate == 0 {
		rate = DefaultRate
	}
	if !(rate > 0 && rate <= maxRate) {
		return nil, fmt.Errorf("send rate %v is not above 0 and at most %d a second", rate, maxRate)
	}
	return &Limiter{now: now, keeper: keeper, rate: rate, chats: make(map[int64]*chatPace), swept: now()}, nil
}

// Heed adds pauses that were remembered, by an earlier process or by another
// replica. Of those past their time and of unknown scopes it takes no notice.
func (l *Limiter) Heed(pauses []Pause) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, p := range pauses {
		if !p.Until.After(now) {
			continue
		}
		if p.Scope == scopeAll {
			l.paused = later(l.paused, p.Until)
		} else if id, ok := strings.CutPrefix(p.Scope, "chat:"); ok {
			if chat, err := strconv.ParseInt(id, 10, 64); err == nil && chat != 0 {
				c := l.pace(chat)
				c.paused = later(c.paused, p.Until)
			}
		}
	}
}

// Wait returns nil when a message to chat may be sent, which must then be done
// at once, or an error that is the context's. Chat 0 means that no single chat
// is concerned.
func (l *Limiter) Wait(ctx context.Context, p Priority, chat int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p = min(max(p, Interactive), Broadcast)
	l.mu.Lock()
	now := l.now()
	w := &waiter{chat: chat, arrived: now, ready: make(chan struct{})}
	at := l.waiting[p].PushBack(w)
	l.arrive(w, now)
	l.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.granted {
		return nil // the turn is spent; the call itself will see the context
	}
	l.waiting[p].Remove(at)
	return ctx.Err()
}

// Ready tells from when on a message to chat would not be held back by the
// chat's own pace or by a pause. It does not count those waiting, nor the rate
// in all. A time in the past (or zero) means now.
func (l *Limiter) Ready(chat int64) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return later(l.chatReady(chat), l.paused)
}

// Rate is how many messages a second are sent in all at present.
func (l *Limiter) Rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rateAt(l.now())
}

// Limited takes notice of a 429 on a call that concerned chat (0: none), and
// has the pause remembered. The error is only about the remembering.
func (l *Limiter) Limited(ctx context.Context, chat int64, retryAfter time.Duration) error {
	p := l.pause(chat, retryAfter)
	if l.keeper == nil {
		return nil
	}
	if err := l.keeper.SavePause(ctx, p.Scope, p.Until); err != nil {
		return fmt.Errorf("remember a pause: %w", err)
	}
	return nil
}

// Accepted takes notice of a message that was accepted and had set out then.
func (l *Limiter) Accepted(out time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = later(l.took, out)
}

func (l *Limiter) pause(chat int64, retryAfter time.Duration) Pause {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	until := now.Add(retryAfter)

	l.refused = append(l.refused, now)
	for len(l.refused) > slowAfter || now.Sub(l.refused[0]) > slowWithin {
		l.refused = l.refused[1:]
	}
	if len(l.refused) == slowAfter {
		l.slow = now.Add(slowFor)
	}

	if chat == 0 || l.otherPaused(chat, now) {
		l.paused = later(l.paused, until)
		return Pause{scopeAll, l.paused}
	}
	c := l.pace(chat)
	c.paused, c.refused = later(c.paused, until), now
	return Pause{chatScope(chat), c.paused}
}

// otherPaused says whether another chat is paused by a 429 since which nothing
// that set out was accepted.
func (l *Limiter) otherPaused(chat int64, now time.Time) bool {
	for id, c := range l.chats {
		if id != chat && c.paused.After(now) && !c.refused.IsZero() && !l.took.After(c.refused) {
			return true
		}
	}
	return false
}

// arrive serves a newcomer without looking at the others, where that can be:
// they wait for the next turn of all, or each for its chat.
func (l *Limiter) arrive(w *waiter, now time.Time) {
	if open := l.opens(now); open.After(now) {
		l.wake(open, now)
		return
	}
	if !l.wakeAt.IsZero() && !l.wakeAt.After(now) {
		l.admit(now)
		return
	}
	if ready := l.chatReady(w.chat); ready.After(now) {
		l.wake(ready, now)
		return
	}
	l.admit(now)
}

// admit grants all turns that are due and sets the timer for the next.
func (l *Limiter) admit(now time.Time) {
	for {
		if open := l.opens(now); open.After(now) {
			if l.anyWaiting() {
				l.wake(open, now)
			}
			return
		}
		w, next := l.pick(now)
		if w == nil {
			if !next.IsZero() {
				l.wake(next, now)
			}
			return
		}
		l.grant(w, now)
	}
}

// pick takes the first waiter whose chat is ready, or tells when the first will be.
func (l *Limiter) pick(now time.Time) (w *waiter, next time.Time) {
	for p := range l.waiting {
		for at := l.waiting[p].Front(); at != nil; at = at.Next() {
			w := at.Value.(*waiter)
			ready := l.chatReady(w.chat)
			if !ready.After(now) {
				l.waiting[p].Remove(at)
				return w, time.Time{}
			}
			if next.IsZero() || ready.Before(next) {
				next = ready
			}
		}
	}
	return nil, next
}

func (l *Limiter) grant(w *waiter, now time.Time) {
	// From when this turn could have been taken counts, not when the timer came:
	// each fires up to milliseconds late, which would cost percents of the rate.
	due := later(later(l.next, w.arrived), later(l.paused, l.chatReady(w.chat)))
	l.next = later(due, now.Add(-catchUp)).Add(l.interval(now))
	l.sent = append(l.sent, now)
	if count := l.perSecond(l.rate); len(l.sent) > count {
		l.sent = append(l.sent[:0], l.sent[len(l.sent)-count:]...)
	}
	if w.chat != 0 {
		c := l.pace(w.chat)
		c.last = now
		if w.chat < 0 {
			c.recent = append(c.recent, now)
			if len(c.recent) > groupCount {
				c.recent = append(c.recent[:0], c.recent[1:]...)
			}
		}
	}
	l.sweep(now)
	w.granted = true
	close(w.ready)
}

// opens is when the next message of all may go.
func (l *Limiter) opens(now time.Time) time.Time {
	open := later(l.next, l.paused)
	if len(l.sent) > 0 {
		open = later(open, l.sent[len(l.sent)-1].Add(l.interval(now)/2))
	}
	count := l.perSecond(l.rateAt(now))
	if len(l.sent) >= count {
		open = later(open, l.sent[len(l.sent)-count].Add(time.Second+travelJitter))
	}
	return open
}

// perSecond is how many messages any second may hold at a rate.
func (l *Limiter) perSecond(rate float64) int {
	if rate == strictRate {
		return strictRate
	}
	return int(rate) + 1
}

func (l *Limiter) chatReady(chat int64) time.Time {
	c := l.chats[chat]
	if c == nil {
		return time.Time{}
	}
	ready := c.paused
	if !c.last.IsZero() {
		ready = later(ready, c.last.Add(chatSpacing+jitterMargin))
	}
	if len(c.recent) == groupCount {
		ready = later(ready, c.recent[0].Add(groupWindow+jitterMargin))
	}
	return ready
}

func (l *Limiter) rateAt(now time.Time) float64 {
	if l.slow.After(now) {
		return l.rate * slowShare
	}
	return l.rate
}

func (l *Limiter) interval(now time.Time) time.Duration {
	return time.Duration(math.Ceil(float64(time.Second) / l.rateAt(now)))
}

// sweep forgets chats that nothing is to be remembered of, once a minute.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < groupWindow {
		return
	}
	l.swept = now
	for id, c := range l.chats {
		if now.Sub(c.last) > groupWindow+jitterMargin && !c.paused.After(now) {
			delete(l.chats, id)
		}
	}
}

func (l *Limiter) pace(chat int64) *chatPace {
	c := l.chats[chat]
	if c == nil {
		c = new(chatPace)
		l.chats[chat] = c
	}
	return c
}

func (l *Limiter) anyWaiting() bool {
	for p := range l.waiting {
		if l.waiting[p].Len() > 0 {
			return true
		}
	}
	return false
}

// wake sets the timer to t unless it fires earlier anyway.
func (l *Limiter) wake(t, now time.Time) {
	if !l.wakeAt.IsZero() && !l.wakeAt.After(t) {
		return
	}
	l.wakeAt = t
	if l.timer == nil {
		l.timer = time.AfterFunc(t.Sub(now), l.tick)
		return
	}
	l.timer.Reset(t.Sub(now))
}

func (l *Limiter) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.wakeAt.After(now) {
		// Fired for a time since replaced, or the clocks differ by a hair.
		l.timer.Reset(max(l.wakeAt.Sub(now), 100*time.Microsecond))
		return
	}
	l.wakeAt = time.Time{}
	l.admit(now)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
