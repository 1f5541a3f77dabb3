package bot

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAnAllowanceIsWhatItSays asks at random times and holds the answers against
// the words of the rule: never more than the allowance within its time, told
// once each time it is spent, and then nothing until a third is there again.
func TestAnAllowanceIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]allowance{readerAllowance, memberAllowance, operatorAllowance}).Draw(t, "allowance")
		var (
			b        budgets
			now      = time.Unix(1_800_000_000, 0)
			answered []time.Time
			closed   time.Time // when it was told; zero while it is heard
			heard    = rapid.IntRange(20, 400).Draw(t, "questions")
		)
		for range heard {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*a.every)).Draw(t, "pause")) / time.Duration(rapid.SampledFrom([]int{1, 30}).Draw(t, "haste")))
			if rapid.IntRange(0, 30).Draw(t, "rest") == 0 {
				now = now.Add(2 * time.Minute)
			}
			switch v := b.take(spender{user: 1}, a, now); v {
			case granted:
				if !closed.IsZero() && now.Sub(closed) < a.again()-a.every {
					t.Fatalf("heard again %v after it was told to wait %v", now.Sub(closed), a.again())
				}
				closed = time.Time{}
				answered = append(answered, now)
			case enough:
				if !closed.IsZero() {
					t.Fatal("told twice without an answer between")
				}
				closed = now
			case unheard:
				if closed.IsZero() || now.Sub(closed) > a.again() {
					t.Fatalf("unheard, %v after it was told to wait %v", now.Sub(closed), a.again())
				}
			}
			first := len(answered)
			for first > 0 && now.Sub(answered[first-1]) < a.every*time.Duration(a.most) {
				first--
			}
			if n := len(answered) - first; n > 2*a.most {
				t.Fatalf("%d answers within %v", n, a.every*time.Duration(a.most))
			}
		}
	})
}

func TestBudgetsForgetWhoIsSilentAndSurviveAClockThatJumps(t *testing.T) {
	var b budgets
	now := time.Unix(1_800_000_000, 0)
	for i := range 200_000 {
		b.take(spender{user: int64(i)}, readerAllowance, now)
		if n := len(b.young) + len(b.older); n > 2*mostPurses {
			t.Fatalf("%d purses are kept", n)
		}
	}
	for range 3 {
		now = now.Add(2 * time.Minute)
		b.take(spender{user: 7}, readerAllowance, now)
	}
	if n := len(b.young) + len(b.older); n > 2 {
		t.Errorf("%d purses are kept minutes later, want one or two", n)
	}
	for range readerAllowance.most {
		b.take(spender{user: 7}, readerAllowance, now)
	}
	if got := b.take(spender{user: 7}, readerAllowance, now.Add(-time.Hour)); got == granted {
		t.Error("a clock that goes back fills a purse")
	}
	if got := b.take(spender{user: 7}, readerAllowance, now.Add(-time.Hour).Add(time.Minute)); got != granted {
		t.Error("a clock that went back keeps a purse empty for an hour")
	}
	if got := b.take(spender{user: 8}, readerAllowance, now.Add(-time.Hour)); got != granted {
		t.Error("somebody else is not heard")
	}
}
