package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	messageLife  = 24 * time.Hour    // an undelivered message, from its date
	callbackLife = 150 * time.Second // an undelivered callback query
	maxPoll      = 50                // seconds
	slowPoll     = 3 * time.Second   // what a hasty repeat of the same offset is slowed to
)

// unasked are the kinds that come only when allowed_updates names them.
var unasked = []string{"chat_member", "message_reaction", "message_reaction_count"}

type queued struct {
	id      int64
	body    json.RawMessage
	expires time.Time
}

// updateQueue is what the bot has not confirmed yet.
type updateQueue struct {
	next       int64
	waiting    []queued
	allowed    []string // nil: everything but unasked
	poll       int64    // number of the newest poll: older ones end with 409
	ousted     string   // what an older poll is told
	lastOffset int64
	lastStart  time.Time
	polled     bool
}

// push queues an update unless the bot did not ask for its kind.
func (s *Simulator) push(kind string, payload any, expires time.Time) {
	q := &s.queue
	if q.allowed == nil && slices.Contains(unasked, kind) || q.allowed != nil && !slices.Contains(q.allowed, kind) {
		return
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		s.log.Error("write update", "kind", kind, "err", err)
		return
	}
	s.enqueue(kind, raw, expires)
}

func (s *Simulator) enqueue(kind string, payload json.RawMessage, expires time.Time) int64 {
	q := &s.queue
	id := q.next
	q.next++
	name, _ := json.Marshal(kind)
	body := fmt.Appendf(nil, `{"update_id":%d,%s:%s}`, id, name, payload)
	q.waiting = append(q.waiting, queued{id: id, body: body, expires: expires})
	s.touch(nil)
	return id
}

// Inject queues an update of any kind with any JSON inside, whatever the bot
// asked for: forged, malformed or of a kind not invented yet. It returns the
// update id, or an error when payload is no JSON.
func (s *Simulator) Inject(kind string, payload json.RawMessage) (int64, error) {
	if !json.Valid(payload) {
		return 0, fmt.Errorf("inject update %q: payload is not JSON", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueue(kind, payload, s.now().Add(messageLife)), nil
}

// PendingUpdates is how many updates the bot has not confirmed.
func (s *Simulator) PendingUpdates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.forget(s.now())
	return len(s.queue.waiting)
}

func (q *updateQueue) forget(now time.Time) {
	q.waiting = slices.DeleteFunc(q.waiting, func(u queued) bool { return !now.Before(u.expires) })
}

// confirm drops what an offset confirms; a negative one keeps the last -offset.
func (q *updateQueue) confirm(offset int64) {
	switch {
	case offset > 0:
		q.waiting = slices.DeleteFunc(q.waiting, func(u queued) bool { return u.id < offset })
	case offset < 0:
		if keep := int(min(-offset, int64(len(q.waiting)))); keep < len(q.waiting) {
			q.waiting = slices.Delete(q.waiting, 0, len(q.waiting)-keep)
		}
	}
}

// getUpdates waits for updates. s.mu is held on entry and on return, not while
// waiting.
func (s *Simulator) getUpdates(q *query) (any, error) {
	if s.webhook != nil {
		return nil, conflict(textWebhookPoll)
	}
	limit := int(q.params.integer("limit", 100, 1, 100))
	offset := q.params.integer("offset", 0, -1<<62, 1<<62)
	patience := time.Duration(q.params.integer("timeout", 0, 0, maxPoll)) * time.Second
	s.queue.remember(q.params["allowed_updates"])
	if s.queue.polled && offset == s.queue.lastOffset && patience < slowPoll && q.at.Sub(s.queue.lastStart) < slowPoll {
		patience = slowPoll
	}
	s.queue.polled, s.queue.lastOffset, s.queue.lastStart = true, offset, q.at
	if q.fault == nil || q.fault.Kind != FaultRedeliver {
		s.queue.confirm(offset)
	}
	s.oust(textOtherPoll)
	return s.awaitUpdates(q.ctx, s.queue.poll, limit, patience)
}

// oust ends the poll that is waiting, if any, with a conflict.
func (s *Simulator) oust(text string) {
	s.queue.poll++
	s.queue.ousted = text
	s.touch(nil)
}

func (s *Simulator) awaitUpdates(ctx context.Context, poll int64, limit int, patience time.Duration) (any, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	over := patience == 0
	for {
		if s.queue.poll != poll {
			return nil, conflict(s.queue.ousted)
		}
		s.queue.forget(s.now())
		if ready := s.queue.waiting; len(ready) > 0 || over {
			list := make([]json.RawMessage, 0, min(limit, len(ready)))
			for _, u := range ready[:min(limit, len(ready))] {
				list = append(list, u.body)
			}
			return list, nil
		}
		changed := s.changed
		s.mu.Unlock()
		gone := false
		select {
		case <-changed:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			gone = true
		case <-s.closed:
			gone = true
		}
		s.mu.Lock()
		if gone {
			return nil, errGone
		}
	}
}

// remember keeps allowed_updates: [] asks for the default, absence or nonsense
// changes nothing.
func (q *updateQueue) remember(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	var kinds []string
	if json.Unmarshal([]byte(text), &kinds) != nil {
		return
	}
	q.allowed = nil
	if len(kinds) > 0 {
		q.allowed = kinds
	}
}
