package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waited is how long updates took from their arrival to the end of their
// handling.
type waited struct {
	mu      sync.Mutex
	arrived map[int64]time.Time
	took    map[int64]time.Duration
}

func (w *waited) arrives(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrived[id] = time.Now()
}

func (w *waited) done(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took[id] = time.Since(w.arrived[id])
}

// TestOthersDoNotWaitBesideASlowHandler: somebody's update takes as long as it
// may, or longer; what others say meanwhile is handled at once, as far as
// Telegram shows it, and nothing is confirmed before it was handled.
func TestOthersDoNotWaitBesideASlowHandler(t *testing.T) {
	heeds := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
	deaf := func(context.Context) error { time.Sleep(10 * time.Minute); return nil }
	for _, c := range []struct {
		name    string
		slow    func(context.Context) error
		every   time.Duration // another chat says something
		others  int
		longest time.Duration // that one of them may wait; its own handling takes 20 ms
		stuck   time.Duration // until the slow one is confirmed
	}{
		{"one that heeds its context", heeds, 300 * time.Millisecond, 90, 300 * time.Millisecond, handleLimit},
		{"one that heeds nothing", deaf, 400 * time.Millisecond, 80, 300 * time.Millisecond, handleLimit + leaveAfter},
		{"a full window hurries it", heeds, 10 * time.Millisecond, 400, hurryAfter, hurryAfter},
		{"a full window leaves it behind", deaf, 10 * time.Millisecond, 400, hurryAfter + leaveAfter, hurryAfter + leaveAfter},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, keep := newQueue(), new(offsets)
				w := waited{arrived: map[int64]time.Time{}, took: map[int64]time.Duration{}}
				var confirmed time.Duration
				began := time.Now()
				q.confirm = func(id int64) {
					w.mu.Lock()
					defer w.mu.Unlock()
					if id == 1 {
						confirmed = time.Since(began)
					} else if w.took[id] == 0 {
						t.Errorf("update %d was confirmed before it was handled", id)
					}
				}
				stop := poll(t, q, keep, func(ctx context.Context, u Update) error {
					if u.ID == 1 {
						return c.slow(ctx)
					}
					time.Sleep(20 * time.Millisecond)
					w.done(u.ID)
					return nil
				}, new(record))
				q.add(1, said(1, 10, "slow"))
				for i := range c.others {
					time.Sleep(c.every)
					id := int64(i + 2)
					w.arrives(id)
					q.add(id, said(id, 1000+id, "quick"))
				}
				time.Sleep(time.Minute)
				if _, err := stop(); err != nil {
					t.Errorf("Run = %v", err)
				}
				longest := time.Duration(0)
				for _, took := range w.took {
					longest = max(longest, took)
				}
				t.Logf("others waited %v at most; %d polls", longest, len(q.at))
				if len(w.took) != c.others || longest > c.longest {
					t.Errorf("%d of %d others were handled, after %v at most; want all after at most %v", len(w.took), c.others, longest, c.longest)
				}
				if late := confirmed - c.stuck; late < 0 || late > time.Second {
					t.Errorf("the slow one was confirmed after %v, want %v", confirmed, c.stuck)
				}
				if q.most > windowSize || keep.at != int64(c.others+2) {
					t.Errorf("offset %d, want %d", keep.at, c.others+2)
				}
				time.Sleep(time.Hour) // for the one left behind
			})
		})
	}
}

// A life is a bot's memory of what it did: the shelf, and what was seen of the
// handlers, over several processes that are stopped or killed.
type life struct {
	t *testing.T

	mu      sync.Mutex
	killed  bool            // nothing reaches the shelf any more
	marked  map[int64]bool  // handled, on the shelf
	begun   map[int64]bool  // by this process, and not found to be handled
	ended   map[int64]bool  // handled in the sense of the poller
	serving map[int64]int64 // chat: the update it is served
	last    map[int64]int64 // chat: the place of its last update
	order   []int64         // ids by place
	most    int             // chats served at one time
	dice    *rand.Rand
}

// LoadOffset and SaveOffset are the shelf's.
type lifeOffsets struct {
	l *life
	*offsets
}

func (o lifeOffsets) SaveOffset(ctx context.Context, offset int64) error {
	o.l.mu.Lock()
	dead := o.l.killed
	o.l.mu.Unlock()
	if dead {
		return errors.New("the process is dead")
	}
	return o.offsets.SaveOffset(ctx, offset)
}

func (l *life) place(id int64) int64 { return int64(slices.Index(l.order, id)) }

// handle is what a bot does, as far as the poller sees it.
func (l *life) handle(ctx context.Context, u Update) error {
	l.mu.Lock()
	if l.marked[u.ID] {
		l.mu.Unlock()
		return nil
	}
	chat := u.ChatID()
	if other := l.serving[chat]; other != 0 {
		l.t.Errorf("chat %d is served updates %d and %d at one time", chat, other, u.ID)
	}
	if before := l.last[chat]; l.place(u.ID) < before {
		l.t.Errorf("update %d came after update %d", u.ID, l.order[before])
	}
	l.serving[chat], l.last[chat] = u.ID, l.place(u.ID)
	if l.begun[u.ID] {
		l.t.Errorf("update %d was handed over twice", u.ID)
	}
	l.begun[u.ID] = true
	l.most = max(l.most, len(l.serving))
	takes, fails := time.Duration(l.dice.IntN(300))*time.Millisecond, l.dice.IntN(20)
	l.mu.Unlock()
	if fails == 0 {
		takes = time.Minute
	}
	var err error
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.serving, chat)
	if l.killed || err != nil && !errors.Is(err, ErrLate) {
		return errors.New("the process is dead")
	}
	l.ended[u.ID] = true
	switch fails {
	case 1:
		panic("a bad update")
	case 2:
		return errors.New("the shelf is full")
	}
	l.marked[u.ID] = true
	return err
}

// TestEveryUpdateIsHandledOnceWhateverHappens lets bursts of updates of several
// chats come to processes that are stopped and killed, over a Telegram that
// loses confirmations, fails, and begins its ids anew.
func TestEveryUpdateIsHandledOnceWhateverHappens(t *testing.T) {
	worlds := uint64(12)
	if testing.Short() {
		worlds = 4
	}
	for seed := range worlds {
		t.Run(fmt.Sprintf("world %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(seed, 7))
				l := &life{t: t, marked: map[int64]bool{}, ended: map[int64]bool{}, dice: rand.New(rand.NewPCG(seed, 8))}
				q, keep := newQueue(), new(offsets)
				lost := rand.New(rand.NewPCG(seed, 9)) // of the server
				q.repeat = func() bool { return lost.IntN(5) == 0 }
				q.confirm = func(id int64) {
					l.mu.Lock()
					defer l.mu.Unlock()
					if !l.ended[id] {
						t.Errorf("update %d was confirmed before it was handled", id)
					}
				}
				id := int64(900_000)
				for process := range 6 {
					l.mu.Lock()
					l.serving, l.last, l.begun, l.killed = map[int64]int64{}, map[int64]int64{}, map[int64]bool{}, false
					l.mu.Unlock()
					stop := liveOn(t, q, lifeOffsets{l, keep}, l)
					for range dice.IntN(8) + 3 {
						burst := dice.IntN(60)
						if dice.IntN(6) == 0 {
							burst = 250
						}
						for range burst {
							id += 1 + int64(dice.IntN(2))
							l.mu.Lock()
							l.order = append(l.order, id)
							l.mu.Unlock()
							q.add(id, said(id, 10+int64(dice.IntN(60)), "x"))
						}
						if dice.IntN(6) == 0 {
							q.mu.Lock()
							q.fail = append(q.fail, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
							q.mu.Unlock()
						}
						time.Sleep(time.Duration(dice.IntN(5000)) * time.Millisecond)
					}
					if process == 2 { // a quiet week: all is done, and ids begin anew below
						time.Sleep(30 * time.Minute)
						id = 5000
					}
					if process == 5 {
						time.Sleep(30 * time.Minute)
					}
					if dice.IntN(2) == 0 {
						l.mu.Lock()
						l.killed = true
						l.mu.Unlock()
					}
					stop()
				}
				l.mu.Lock()
				defer l.mu.Unlock()
				gone := 0
				for _, id := range l.order {
					if !l.ended[id] {
						gone++
					}
				}
				if gone > 0 || l.most < 2 || l.most > handlersAtOnce {
					t.Errorf("of %d updates %d were lost, at most %d were handled at one time", len(l.order), gone, l.most)
				}
				q.mu.Lock()
				defer q.mu.Unlock()
				if len(q.waiting) > 1 { // the last may still be to confirm, where its confirmation was lost
					t.Errorf("%d updates are not confirmed", len(q.waiting))
				}
			})
		})
	}
}

// liveOn is poll with any keeper.
func liveOn(t *testing.T, h http.Handler, keep OffsetKeeper, l *life) (stop func()) {
	t.Helper()
	c, end := serveInBubble(t, h.ServeHTTP, Options{Log: new(record).log()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	p := &Poller{Client: c, Handle: l.handle, Offsets: keep}
	go func() { done <- p.Run(ctx) }()
	return func() {
		began := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(began) > 2*time.Second {
			t.Errorf("Run = %v after %v", err, time.Since(began))
		}
		end()
	}
}

// BenchmarkWindow tells what the poller's own work costs an update.
func BenchmarkWindow(b *testing.B) {
	w := newWindow(b.Context(), 0, func(context.Context, Update) error { return nil }, new(record).log())
	defer w.close()
	b.ReportAllocs()
	for i := 0; i < b.N; {
		batch := make([]Update, 0, windowSize)
		for range windowSize {
			i++
			batch = append(batch, Update{ID: int64(i), Message: &Incoming{Chat: Chat{ID: int64(i % 40)}}})
		}
		w.take(batch)
		w.wait(b.Context(), time.Minute)
	}
}
