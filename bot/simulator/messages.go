package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"time"
)

// ErrClosed is what waiting ends with when the simulator is closed.
var ErrClosed = errors.New("simulator is closed")

// stored is a message with what it said before.
type stored struct {
	Message
	history []Message
	fromBot bool
	edits   int
}

// Snapshot is what the chat shows now, oldest first. The messages are copies;
// their slices are never written to again.
func (s *Simulator) Snapshot(chatID int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return nil
	}
	list := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		list = append(list, m.Message)
	}
	return list
}

// History is everything one message said, oldest first, the present last.
func (s *Simulator) History(chatID, messageID int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(chatID, messageID)
	if m == nil {
		return nil
	}
	return append(append([]Message(nil), m.history...), m.Message)
}

// Wait returns nil as soon as met reports true. It asks at once and after
// every change of state, without holding any lock, so met may call any method
// of the simulator. It ends with ctx's error, or ErrClosed.
func (s *Simulator) Wait(ctx context.Context, met func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if met() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closed:
			return ErrClosed
		}
	}
}

// WaitText waits until the bot shows a message in the chat that contains part,
// and returns the newest such message.
func (s *Simulator) WaitText(ctx context.Context, chatID int64, part string) (Message, error) {
	var found Message
	err := s.Wait(ctx, func() bool {
		list := s.Snapshot(chatID)
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].From != nil && list[i].From.IsBot && strings.Contains(list[i].Text+list[i].Caption, part) {
				found = list[i]
				return true
			}
		}
		return false
	})
	return found, err
}

func (s *Simulator) find(chatID, messageID int64) *stored {
	if c := s.chats[chatID]; c != nil {
		return c.byID[messageID]
	}
	return nil
}

// add appends a message to the chat under the chat's next id. s.mu is held.
func (s *Simulator) add(c *chat, m Message, fromBot bool) *stored {
	c.lastID++
	m.MessageID, m.Chat = c.lastID, c.Chat
	if m.Date == 0 {
		m.Date = s.now().Unix()
	}
	kept := &stored{Message: m, fromBot: fromBot}
	c.messages = append(c.messages, kept)
	c.byID[m.MessageID] = kept
	if fromBot {
		c.typing = time.Time{}
	}
	s.touch(c)
	return kept
}

// change replaces a message's content and keeps the former one.
func (s *Simulator) change(c *chat, m *stored, to Message, dated bool) {
	m.history = append(m.history, m.Message)
	if dated {
		to.EditDate = s.now().Unix()
	}
	m.Message = to
	m.edits++
	s.touch(c)
}

func (s *Simulator) remove(c *chat, m *stored) {
	delete(c.byID, m.MessageID)
	for i, other := range c.messages {
		if other == m {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			break
		}
	}
	s.touch(c)
}

func sameContent(a, b Message) bool {
	return a.Text == b.Text && a.Caption == b.Caption && sameJSON(a.Entities, b.Entities) && sameJSON(a.CaptionEntities, b.CaptionEntities) && sameJSON(a.Markup, b.Markup) && reflect.DeepEqual(a.LinkPreview, b.LinkPreview)
}

func sameJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
