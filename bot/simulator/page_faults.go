package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// What the chat page may switch on. Kinds that end a trial, such as a refused
// token, are left to tests.
var (
	pageFaults = []FaultKind{
		FaultTooMany, FaultTooManyGlobal, FaultBlocked, FaultChatNotFound, FaultEntities, FaultServerError, FaultBadGateway,
		FaultAcceptHang, FaultAccept502, FaultAcceptClose, FaultTruncatedBody, FaultSlow, FaultClose, FaultGarbageBody,
	}
	pageCalls = map[string][]string{
		"messages": {"sendMessage", "sendPhoto", "sendDocument", "copyMessage", "editMessageText", "editMessageReplyMarkup"},
		"answers":  {"answerCallbackQuery"},
		"polls":    {"getUpdates"},
		"all":      nil,
	}
)

const (
	maxFaultSeconds = 120
	maxFaultCount   = 1000
	maxLatency      = 5 * time.Second
)

// faultAct is a fault as the page asks for it.
type faultAct struct {
	Kind    FaultKind `json:"kind"`
	Seconds int       `json:"seconds"` // of 429 and slow
	Chat    int64     `json:"chat,string"`
	Calls   string    `json:"calls"` // a key of pageCalls
	Count   int       `json:"count"` // 0: until switched off
}

func (s *Simulator) controlFault(a faultAct) (any, error) {
	methods, known := pageCalls[a.Calls]
	timed := a.Kind == FaultTooMany || a.Kind == FaultTooManyGlobal || a.Kind == FaultSlow
	switch {
	case !slices.Contains(pageFaults, a.Kind):
		return nil, fmt.Errorf("%q is no fault that this page offers", a.Kind)
	case !known:
		return nil, fmt.Errorf("%q names no calls", a.Calls)
	case timed && (a.Seconds < 1 || a.Seconds > maxFaultSeconds):
		return nil, fmt.Errorf("the seconds are %d; allowed is 1 to %d", a.Seconds, maxFaultSeconds)
	case a.Chat != 0 && (a.Calls == "answers" || a.Calls == "polls"):
		return nil, fmt.Errorf("%s name no chat: choose every chat", a.Calls)
	case a.Count < 0 || a.Count > maxFaultCount:
		return nil, fmt.Errorf("the count is %d; allowed is 0 to %d", a.Count, maxFaultCount)
	}
	f := Fault{Kind: a.Kind, Methods: methods, Count: a.Count, RetryAfter: a.Seconds, Delay: time.Duration(a.Seconds) * time.Second}
	if a.Chat != 0 {
		s.mu.Lock()
		there := s.chats[a.Chat] != nil
		s.mu.Unlock()
		if !there {
			return nil, fmt.Errorf("a fault for chat %d: %w", a.Chat, ErrNoChat)
		}
		f.Chats = []int64{a.Chat}
	}
	return map[string]int{"rule": s.AddFault(f)}, nil
}

// unfaultAct names a rule to disarm; 0 means all of them.
type unfaultAct struct {
	Rule int `json:"rule"`
}

func (s *Simulator) controlUnfault(a unfaultAct) (any, error) {
	if a.Rule == 0 {
		s.ClearFaults()
		return true, nil
	}
	s.RemoveFault(a.Rule)
	return true, nil
}

type latencyAct struct {
	Millis int64 `json:"millis"`
}

func (s *Simulator) controlLatency(a latencyAct) (any, error) {
	d := time.Duration(a.Millis) * time.Millisecond
	if a.Millis < 0 || d > maxLatency {
		return nil, fmt.Errorf("the latency is %d ms; allowed is 0 to %d", a.Millis, maxLatency.Milliseconds())
	}
	s.SetLatency(d)
	return true, nil
}

// faultView is a rule that may still fire.
type faultView struct {
	Rule  int       `json:"rule"`
	Kind  FaultKind `json:"kind"`
	Chats []string  `json:"chats"`
	Left  int       `json:"left"` // -1: for ever
}

// faultViews lists the rules that are on. s.mu is held.
func (s *Simulator) faultViews() []faultView {
	list := []faultView{}
	for _, f := range s.faults {
		v := faultView{Rule: f.id, Kind: f.Kind, Chats: []string{}, Left: -1}
		if f.Count > 0 {
			v.Left = f.Count - f.fired
		}
		for _, id := range f.Chats {
			v.Chats = append(v.Chats, strconv.FormatInt(id, 10))
		}
		if v.Left != 0 {
			list = append(list, v)
		}
	}
	return list
}
