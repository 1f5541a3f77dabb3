package simulator

import (
	"fmt"
	"testing"
	"time"
)

// strict is a world whose limits refuse.
func strict(t *testing.T, l Limits, chats int) (*Simulator, *clock) {
	t.Helper()
	s, c := world(t, func(cfg *Config) { cfg.Limits = l })
	for i := range chats {
		id := int64(1000 + i)
		s.AddPerson(Person{ID: id, Name: fmt.Sprint("P", i)})
		if _, err := s.Say(id, "/start"); err != nil {
			t.Fatal(err)
		}
	}
	return s, c
}

// send sends a text not accepted before and returns retry_after, 0 for accepted.
func send(t *testing.T, s *Simulator, chat int64, extra ...string) int {
	t.Helper()
	a := call(t, s, "sendMessage", append([]string{"chat_id", fmt.Sprint(chat), "text", fmt.Sprint("n", s.AcceptedCount())}, extra...)...)
	if !a.OK && a.Status != 429 {
		t.Fatalf("sendMessage to %d = %s", chat, a.Description)
	}
	return a.Parameters.RetryAfter
}

func TestOneChatTakesThreeAtOnceAndThenOneASecond(t *testing.T) {
	s, c := strict(t, Limits{}, 0)
	for i := range 3 {
		if wait := send(t, s, reader); wait != 0 {
			t.Fatalf("message %d of the burst: retry after %d", i+1, wait)
		}
	}
	if wait := send(t, s, reader); wait != 1 {
		t.Errorf("the fourth: retry after %d, want 1", wait)
	}
	if wait := send(t, s, admin); wait != 0 {
		t.Errorf("another chat: retry after %d, want none", wait)
	}
	c.advance(time.Second)
	if wait := send(t, s, reader); wait != 0 {
		t.Errorf("after a second: retry after %d, want none", wait)
	}
	if e := s.Evidence(); e.TooMany != 1 || e.Violations != 0 || e.Peaks.ChatSecond != 3 {
		t.Errorf("evidence = %d refusals, %d violations, peak %d, want 1, 0, 3", e.TooMany, e.Violations, e.Peaks.ChatSecond)
	}
}

func TestAllChatsTogetherTakeThirtyASecond(t *testing.T) {
	s, c := strict(t, Limits{}, 100)
	sent := 0
	for second := range 3 {
		for i := range 40 {
			wait := send(t, s, int64(1000+sent%100))
			if wait > 0 {
				if second == 0 && i != 30 {
					t.Errorf("second %d: refused at message %d, want at 31", second, i+1)
				}
				break
			}
			sent++
		}
		c.advance(time.Second)
	}
	if sent != 90 {
		t.Errorf("%d accepted in three seconds, want 90", sent)
	}
	if p := s.Evidence().Peaks.GlobalSecond; p != 30 {
		t.Errorf("peak = %d in a second, want 30", p)
	}
}

func TestAGroupTakesTwentyAMinute(t *testing.T) {
	h := build(t, func(c *Config) { c.Limits = Limits{} })
	h.clock.advance(time.Minute)
	group := atoi(h.ids["group"])
	for i := range 20 {
		if wait := send(t, h.Simulator, group); wait != 0 {
			t.Fatalf("message %d: retry after %d", i+1, wait)
		}
		h.clock.advance(time.Second)
	}
	// Twenty seconds refill six and two thirds.
	for i := range 6 {
		if wait := send(t, h.Simulator, group); wait != 0 {
			t.Fatalf("message %d after the burst: retry after %d", i+1, wait)
		}
		h.clock.advance(time.Second)
	}
	for send(t, h.Simulator, group) == 0 {
		h.clock.advance(time.Second)
	}
	if e := h.Evidence(); e.TooMany != 1 || e.Peaks.GroupMinute < 20 {
		t.Errorf("evidence = %d refusals, peak %d a minute", e.TooMany, e.Peaks.GroupMinute)
	}
}

func TestSendingToAClosedScopeIsAViolationAndLengthensIt(t *testing.T) {
	s, c := strict(t, Limits{Extra: 9 * time.Second}, 0)
	for range 3 {
		send(t, s, reader)
	}
	if wait := send(t, s, reader); wait != 10 {
		t.Fatalf("retry after %d, want 1 + 9", wait)
	}
	for _, step := range []struct {
		name    string
		advance time.Duration
		wait    int
		count   int
	}{
		{"what was on its way is forgiven", 500 * time.Millisecond, 10, 0},
		{"later it is a violation and costs a second", 500 * time.Millisecond, 10, 1},
		{"each one more", time.Second, 10, 2},
		{"after the deadline it is open", 10 * time.Second, 0, 2},
	} {
		c.advance(step.advance)
		if wait := send(t, s, reader); wait != step.wait || s.Evidence().Violations != step.count {
			t.Errorf("%s: retry after %d with %d violations, want %d with %d", step.name, wait, s.Evidence().Violations, step.wait, step.count)
		}
	}
}

func TestEditsCountForTheirChatOnly(t *testing.T) {
	s, _ := strict(t, Limits{GlobalPerSecond: 1, GlobalBurst: 1}, 0)
	var m Message
	call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x").into(t, &m)
	edit := func(text string) reply {
		return call(t, s, "editMessageText", "chat_id", fmt.Sprint(reader), "message_id", fmt.Sprint(m.MessageID), "text", text)
	}
	for _, text := range []string{"a", "b"} {
		if a := edit(text); !a.OK {
			t.Errorf("edit to %s = %s, want ok though the global limit is reached", text, a.Description)
		}
	}
	if a := edit("c"); a.Status != 429 {
		t.Errorf("the third edit at once = %d, want 429", a.Status)
	}
}

func TestPaidBroadcastSkipsTheGlobalLimitOnlyWhereItIsEnabled(t *testing.T) {
	for _, c := range []struct {
		name string
		rate float64
		want bool
	}{{"enabled", 1000, true}, {"not enabled", 0, false}} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := strict(t, Limits{GlobalPerSecond: 1, GlobalBurst: 1, PaidPerSecond: c.rate}, 5)
			ok := true
			for i := range 5 {
				ok = ok && send(t, s, int64(1000+i), "allow_paid_broadcast", "true") == 0
			}
			if ok != c.want {
				t.Errorf("five at once accepted = %v, want %v", ok, c.want)
			}
		})
	}
}

func TestMeasuringOnlyRefusesNothingAndCounts(t *testing.T) {
	s, _ := strict(t, Limits{MeasureOnly: true}, 0)
	for range 10 {
		if wait := send(t, s, reader); wait != 0 {
			t.Fatalf("retry after %d", wait)
		}
	}
	if e := s.Evidence(); e.OverLimit != 7 || e.TooMany != 0 || e.Peaks.ChatSecond != 10 {
		t.Errorf("evidence = %d over, %d refused, peak %d, want 7, 0, 10", e.OverLimit, e.TooMany, e.Peaks.ChatSecond)
	}
}
