package simulator

import (
	"time"
	"unicode/utf8"
)

const (
	maxToast  = 200
	keepToast = time.Minute
)

// toast is the answer to a press as the person's screen shows it.
type toast struct {
	seq    uint64
	person int64
	chat   int64
	at     time.Time
	query  string
	text   string
	alert  bool
	url    string
}

// Toast is what answering a callback query showed to the person.
type Toast struct {
	Answered bool
	Text     string
	Alert    bool
	After    time.Duration // from the press to the answer
}

// Answer tells what became of a press by its callback query id.
func (s *Simulator) Answer(id string) (Toast, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.presses[id]
	if p == nil {
		return Toast{}, false
	}
	t := Toast{Answered: !p.answered.IsZero(), Text: p.text, Alert: p.alert}
	if t.Answered {
		t.After = p.answered.Sub(p.at)
	}
	return t, true
}

func (s *Simulator) answerCallbackQuery(q *query) (any, error) {
	text := q.params["text"]
	if utf8.RuneCountInString(text) > maxToast {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	p := s.presses[q.params["callback_query_id"]]
	now := s.now()
	switch {
	case p == nil:
		return nil, bad(textQueryTooOld)
	case !p.answered.IsZero():
		p.again++
		return nil, bad(textQueryTooOld)
	case now.Sub(p.at) > s.cfg.CallbackTTL:
		p.tooLate++
		return nil, bad(textQueryTooOld)
	}
	p.answered, p.text, p.alert = now, text, q.params.flag("show_alert")
	s.touch(s.chats[p.chat])
	s.show(toast{seq: s.version, person: p.person, chat: p.chat, at: now, query: p.id, text: p.text, alert: p.alert, url: q.params["url"]})
	return true, nil
}

// show keeps a toast for the chat page for a while.
func (s *Simulator) show(t toast) {
	first := 0
	for first < len(s.toasts) && t.at.Sub(s.toasts[first].at) > keepToast {
		first++
	}
	s.toasts = append(s.toasts[first:], t)
}
