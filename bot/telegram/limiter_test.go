package telegram

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// grant is one turn as a strict observer sees it.
type grant struct {
	at   time.Time
	chat int64
	prio Priority
	seq  int // of arrival
}

// book notes grants in their order.
type book struct {
	mu     sync.Mutex
	grants []grant
}

func (b *book) add(g grant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.grants = append(b.grants, g)
}

func newTestLimiter(t testing.TB, rate float64, keeper PauseKeeper, pauses ...Pause) *Limiter {
	t.Helper()
	l, err := NewLimiter(rate, time.Now, keeper)
	if err != nil {
		t.Fatalf("NewLimiter(%v) = %v", rate, err)
	}
	l.Heed(pauses)
	return l
}

// busiest is the most grants in any window of the given length.
func busiest(at []time.Time, window time.Duration) int {
	most := 0
	for i := range at {
		n := 0
		for _, t := range at[i:] {
			if t.Sub(at[i]) < window {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestLimiterReachesItsRateWithManyWorkers(t *testing.T) {
	for _, rate := range []float64{28, 29.9, 30} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newTestLimiter(t, rate, nil)
				var b book
				var group sync.WaitGroup
				began := time.Now()
				for worker := range 30 {
					group.Go(func() {
						for chat := int64(worker + 1); chat <= 900; chat += 30 {
							if err := l.Wait(t.Context(), Broadcast, chat); err != nil {
								t.Errorf("Wait(%d) = %v", chat, err)
							}
							b.add(grant{at: time.Now()})
							time.Sleep(80 * time.Millisecond) // the call
						}
					})
				}
				group.Wait()
				at := make([]time.Time, len(b.grants))
				for i, g := range b.grants {
					at[i] = g.at
				}
				took := at[899].Sub(began)
				if got := 899 / took.Seconds(); got < 0.99*rate {
					t.Errorf("900 sends took %v: %.2f a second, want at least %.2f", took, got, 0.99*rate)
				}
				if got := busiest(at, time.Second); got > 30 {
					t.Errorf("a second held %d grants, want at most 30", got)
				}
			})
		})
	}
}

// Timers fire late, and a busy machine stalls; the rate must not suffer, and no
// second hold more than 30.
func TestLimiterReachesItsRateWithLateTimers(t *testing.T) {
	for name, late := range map[string]func(time.Time) time.Duration{
		"up to 6 ms": func(t time.Time) time.Duration {
			return time.Duration(3e6 * (1 + math.Sin(float64(t.UnixMicro())/17000)))
		},
		"400 ms every 2 s": func(t time.Time) time.Duration {
			if into := t.UnixMilli() % 2000; into < 400 {
				return time.Duration(400-into) * time.Millisecond
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) { reachRate(t, late) })
	}
}

func reachRate(t *testing.T, late func(time.Time) time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		const rate = 29.9
		// A clock that is ahead of the timers.
		now := func() time.Time {
			t := time.Now()
			return t.Add(late(t))
		}
		l, err := NewLimiter(rate, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b book
		var group sync.WaitGroup
		for chat := range int64(900) {
			group.Go(func() {
				if err := l.Wait(t.Context(), Broadcast, chat+1); err != nil {
					t.Errorf("Wait = %v", err)
				}
				b.add(grant{at: now()})
			})
		}
		group.Wait()
		at := make([]time.Time, len(b.grants))
		for i, g := range b.grants {
			at[i] = g.at
		}
		took := at[899].Sub(at[0])
		if got := 899 / took.Seconds(); got < 0.99*rate {
			t.Errorf("900 sends took %v: %.2f a second, want at least %.2f", took, got, 0.99*rate)
		}
		if got := busiest(at, time.Second); got > 30 {
			t.Errorf("a second held %d grants, want at most 30", got)
		}
	})
}

// Whatever arrives when: no second over the rate, no chat twice a second, no
// group over 20 a minute, and one chat's messages of one priority in order.
func TestLimiterHoldsItsLimitsForAnyArrivals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rate := rapid.Float64Range(2, 40).Draw(rt, "rate")
		type arrival struct {
			after time.Duration
			chat  int64
			prio  Priority
		}
		arrivals := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) arrival {
			return arrival{
				time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 30, 400, 3000}).Draw(rt, "ms")) * time.Millisecond,
				rapid.SampledFrom([]int64{-2, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}).Draw(rt, "chat"),
				Priority(rapid.IntRange(0, 3).Draw(rt, "prio")),
			}
		}), 1, 150).Draw(rt, "arrivals")

		synctest.Test(t, func(t *testing.T) {
			l := newTestLimiter(t, rate, nil)
			var b book
			var group sync.WaitGroup
			for seq, a := range arrivals {
				time.Sleep(a.after)
				group.Go(func() {
					if err := l.Wait(t.Context(), a.prio, a.chat); err != nil {
						rt.Errorf("Wait = %v", err)
					}
					b.add(grant{time.Now(), a.chat, a.prio, seq})
				})
				synctest.Wait()
			}
			group.Wait()

			var all []time.Time
			byChat := make(map[int64][]time.Time)
			lastSeq := make(map[[2]int64]int)
			for _, g := range b.grants {
				all = append(all, g.at)
				byChat[g.chat] = append(byChat[g.chat], g.at)
				key := [2]int64{g.chat, int64(g.prio)}
				if last, ok := lastSeq[key]; ok && g.seq < last {
					rt.Errorf("chat %d priority %d: arrival %d was granted after %d", g.chat, g.prio, g.seq, last)
				}
				lastSeq[key] = g.seq
			}
			if got := busiest(all, time.Second); float64(got) > rate+1 {
				rt.Errorf("rate %v: a second held %d grants", rate, got)
			}
			for chat, at := range byChat {
				if chat == 0 {
					continue
				}
				if got := busiest(at, time.Second); got > 1 {
					rt.Errorf("chat %d: a second held %d grants", chat, got)
				}
				if got := busiest(at, time.Minute); chat < 0 && got > 20 {
					rt.Errorf("group %d: a minute held %d grants", chat, got)
				}
			}
		})
	})
}

func TestLimiterGrantsTheMostUrgentFirstInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 10, nil)
		var b book
		wait := func(p Priority, chat int64) {
			go func() {
				if err := l.Wait(t.Context(), p, chat); err != nil {
					t.Errorf("Wait = %v", err)
				}
				b.add(grant{at: time.Now(), chat: chat})
			}()
			synctest.Wait()
		}
		began := time.Now()
		wait(Broadcast, 1) // goes at once
		wait(Broadcast, 2)
		wait(Broadcast, 3)
		wait(Edition, 4)
		wait(Alert, 5)
		wait(Interactive, 1) // its chat had one just now: must hold nobody up
		wait(Interactive, 6)
		wait(Interactive, 7)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var got []int64
		for _, g := range b.grants {
			got = append(got, g.chat)
		}
		if want := []int64{1, 6, 7, 5, 4, 2, 3, 1}; !slices.Equal(got, want) {
			t.Errorf("chats in order %v, want %v", got, want)
		}
		if late := b.grants[1].at.Sub(began); late > 100*time.Millisecond {
			t.Errorf("an interactive message waited %v behind broadcasts, want one spacing (100ms)", late)
		}
	})
}

func TestLimiterIdleTimeEarnsNoBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 30, nil)
		time.Sleep(time.Hour)
		began := time.Now()
		for chat := range int64(31) {
			if err := l.Wait(t.Context(), Edition, chat+1); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < time.Second {
			t.Errorf("31 messages after an idle hour took %v, want a second at least", took)
		}
	})
}

func TestLimiterGivesAGroupTwentyAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 28, nil)
		began := time.Now()
		var at []time.Time
		for range 45 {
			if err := l.Wait(t.Context(), Edition, -1001234567890); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Now())
		}
		if got := busiest(at, time.Minute); got != 20 {
			t.Errorf("the fullest minute held %d messages, want 20", got)
		}
		if got := at[19].Sub(began); got > 20*time.Second {
			t.Errorf("the first 20 took %v, want at most 20s: only their chat's pace", got)
		}
		began = time.Now()
		if err := l.Wait(t.Context(), Edition, 1); err != nil || time.Since(began) > time.Second {
			t.Errorf("a private chat waited %v (%v), want less than a second", time.Since(began), err)
		}
	})
}

func TestLimiterGivesUpWithTheContextAndLosesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 10, nil)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Wait(done, Edition, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait with an ended context = %v, want context.Canceled", err)
		}
		if err := l.Wait(t.Context(), Edition, 1); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := l.Wait(short, Edition, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait for a chat not ready = %v, want context.DeadlineExceeded", err)
		}
		began := time.Now()
		if err := l.Wait(t.Context(), Edition, 2); err != nil || time.Since(began) != 0 {
			t.Errorf("Wait after one that gave up = %v after %v, want at once", err, time.Since(began))
		}
	})
}

// saved is a keeper in memory.
type saved struct {
	pauses []Pause
	err    error
}

func (s *saved) SavePause(_ context.Context, scope string, until time.Time) error {
	s.pauses = append(s.pauses, Pause{scope, until})
	return s.err
}

func TestLimiterPausesExactlyWhatA429Concerns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var keeper saved
		l := newTestLimiter(t, 20, &keeper)
		ctx := t.Context()
		start := time.Now()
		granted := func(chat int64) time.Duration {
			if err := l.Wait(ctx, Edition, chat); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		limited := func(chat int64, d time.Duration) {
			if err := l.Limited(ctx, chat, d); err != nil {
				t.Fatalf("Limited(%d, %v) = %v", chat, d, err)
			}
		}

		limited(1, 35*time.Second)
		if got := granted(2); got != 0 {
			t.Errorf("another chat waited %v for a paused one, want 0", got)
		}
		if got, want := l.Ready(1), start.Add(35*time.Second); !got.Equal(want) {
			t.Errorf("Ready(1) = %v, want %v", got, want)
		}
		limited(1, 40*time.Second) // the same chat again: still only it
		if got := granted(3); got > 50*time.Millisecond {
			t.Errorf("another chat waited until %v after a chat's second 429, want one spacing", got)
		}
		began := time.Now()
		limited(4, 7*time.Second) // another chat while that lasts: everything
		if got, want := l.Ready(99), began.Add(7*time.Second); !got.Equal(want) {
			t.Errorf("Ready(99) after two chats' 429 = %v, want %v", got, want)
		}
		granted(5)
		if got := time.Since(began); got != 7*time.Second {
			t.Errorf("a third chat waited %v, want exactly 7s", got)
		}
		if got := granted(1); got != 40*time.Second {
			t.Errorf("the first chat went at %v, want exactly 40s", got)
		}

		want := []string{"chat:1", "chat:1", "all"}
		for i, p := range keeper.pauses[:min(3, len(keeper.pauses))] {
			if p.Scope != want[i] {
				t.Errorf("saved pause %d is of %s, want %s", i, p.Scope, want[i])
			}
		}
		if got := keeper.pauses[2].Until; !got.Equal(began.Add(7 * time.Second)) {
			t.Errorf("saved %d pauses, the last until %v; want 3, until %v", len(keeper.pauses), got, began.Add(7*time.Second))
		}
		time.Sleep(time.Minute)
		limited(6, 35*time.Second)
		time.Sleep(time.Millisecond)
		l.Accepted(time.Now()) // something went through: not everything is closed
		limited(7, 7*time.Second)
		if got := l.Ready(8); got.After(time.Now()) {
			t.Errorf("Ready(8) after two chats' 429 with a message accepted between = %v, want now", got)
		}
		limited(8, 7*time.Second) // nothing went through since
		if got, want := l.Ready(9), time.Now().Add(7*time.Second); !got.Equal(want) {
			t.Errorf("Ready(9) after two chats' 429 in a row = %v, want %v", got, want)
		}
		time.Sleep(time.Minute)
		limited(0, 3*time.Second) // no chat: everything
		if got, want := l.Ready(7), time.Now().Add(3*time.Second); !got.Equal(want) {
			t.Errorf("Ready(7) after a 429 without a chat = %v, want %v", got, want)
		}
	})
}

func TestLimiterSlowsForFiveMinutesAfterThree429InAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 20, nil)
		hit := func() {
			if err := l.Limited(t.Context(), 1, time.Second); err != nil {
				t.Fatal(err)
			}
		}
		hit()
		time.Sleep(40 * time.Second)
		hit()
		time.Sleep(21 * time.Second)
		hit() // the first is older than a minute
		if got := l.Rate(); got != 20 {
			t.Errorf("Rate() after three 429 in 61 s = %v, want 20", got)
		}
		time.Sleep(38 * time.Second)
		hit() // 59 s after the second
		if got := l.Rate(); got != 18 {
			t.Errorf("Rate() after three 429 in a minute = %v, want 18", got)
		}
		time.Sleep(5*time.Minute - time.Millisecond)
		if got := l.Rate(); got != 18 {
			t.Errorf("Rate() just before five minutes = %v, want 18", got)
		}
		time.Sleep(time.Millisecond)
		if got := l.Rate(); got != 20 {
			t.Errorf("Rate() after five minutes = %v, want 20", got)
		}
	})
}

func TestLimiterBeginsWithRememberedPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		// As from a database: no monotonic part, another zone, and rubbish.
		l := newTestLimiter(t, 20, nil,
			Pause{"chat:-100123", now.Add(10072 * time.Second).Round(0).UTC()},
			Pause{"all", now.Add(4 * time.Second).Round(0).UTC()},
			Pause{"chat:5", now.Add(-time.Second)}, Pause{"chat:x", now.Add(time.Hour)}, Pause{"planet", now.Add(time.Hour)})
		if err := l.Wait(t.Context(), Interactive, 5); err != nil || time.Since(now) != 4*time.Second {
			t.Errorf("Wait(5) = %v after %v, want 4s", err, time.Since(now))
		}
		if err := l.Wait(t.Context(), Interactive, -100123); err != nil || time.Since(now) != 10072*time.Second {
			t.Errorf("Wait(-100123) = %v after %v, want 10072s", err, time.Since(now))
		}
	})
}

func TestLimiterTellsWhenAPauseCouldNotBeSaved(t *testing.T) {
	full := errors.New("disk is full")
	l := newTestLimiter(t, 20, &saved{err: full})
	if err := l.Limited(t.Context(), 1, time.Hour); !errors.Is(err, full) {
		t.Errorf("Limited with a failing keeper = %v, want %v", err, full)
	}
	if got := l.Ready(1); time.Until(got) < 59*time.Minute {
		t.Errorf("Ready(1) = %v, want the pause kept in memory", got)
	}
}

func TestLimiterForgetsChatsAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimiter(t, 30, nil)
		for chat := range int64(20_000) {
			if err := l.Wait(t.Context(), Broadcast, chat-10_000); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(l.chats); got > 2*60*30+2 {
			t.Errorf("after 20,000 chats %d are remembered, want at most two minutes' worth", got)
		}
	})
}

func TestNewLimiterRefusesImpossibleRates(t *testing.T) {
	for _, rate := range []float64{-1, 1000.1, math.Inf(1), math.NaN()} {
		if _, err := NewLimiter(rate, time.Now, nil); err == nil {
			t.Errorf("NewLimiter(%v) = nil, want an error", rate)
		}
	}
}

// BenchmarkLimiter measures the rate reached by real timers, as a part of the
// rate asked for: go test -bench Limiter -benchtime 900x.
func BenchmarkLimiter(b *testing.B) {
	const rate = 29.9
	l := newTestLimiter(b, rate, nil)
	var mu sync.Mutex
	var at []time.Time
	chats := make(chan int64)
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			for chat := range chats {
				if err := l.Wait(b.Context(), Broadcast, chat); err != nil {
					b.Errorf("Wait = %v", err)
				}
				mu.Lock()
				at = append(at, time.Now())
				mu.Unlock()
			}
		})
	}
	for n := range b.N {
		chats <- int64(n + 1)
	}
	close(chats)
	group.Wait()
	if b.N > 1 {
		took := at[b.N-1].Sub(at[0]).Seconds()
		b.ReportMetric(float64(b.N-1)/took/rate, "of-rate")
		b.ReportMetric(float64(busiest(at, time.Second)), "peak/s")
	}
}
