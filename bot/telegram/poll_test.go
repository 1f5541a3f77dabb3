package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// queue is a server of updates: it keeps them until they are confirmed, shows at
// most 100, waits as long polls do, and can fail the next polls.
type queue struct {
	mu      sync.Mutex
	waiting []queued
	fail    []http.HandlerFunc
	offsets []int64
	at      []time.Time
	most    int            // updates shown in one answer
	repeat  func() bool    // whether a poll's confirmation is lost, so that what it confirms is shown again
	confirm func(id int64) // told of each that is confirmed
	added   chan struct{}
}

type queued struct {
	id   int64
	body string
}

func newQueue(updates ...string) *queue {
	q := &queue{added: make(chan struct{}, 1)}
	for i, u := range updates { // ids from 1
		q.waiting = append(q.waiting, queued{int64(i + 1), u})
	}
	return q
}

func said(id, chat int64, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"chat":{"id":%d},"text":%q}}`, id, chat, text)
}

func (q *queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	offset, _ := strconv.ParseInt(r.Form.Get("offset"), 10, 64)
	wait, _ := strconv.Atoi(r.Form.Get("timeout"))
	q.mu.Lock()
	q.offsets = append(q.offsets, offset)
	q.at = append(q.at, time.Now())
	if len(q.fail) > 0 {
		fail := q.fail[0]
		q.fail = q.fail[1:]
		q.mu.Unlock()
		fail(w, r)
		return
	}
	q.drop(offset)
	list := q.list()
	q.mu.Unlock()
	if len(list) == 0 {
		select {
		case <-q.added:
		case <-time.After(time.Duration(wait) * time.Second):
		case <-r.Context().Done():
		}
		q.mu.Lock()
		list = q.list()
		q.mu.Unlock()
	}
	fmt.Fprintf(w, `{"ok":true,"result":[%s]}`, strings.Join(list, ","))
}

// drop forgets what an offset confirms. One beyond all that wait is from before
// the ids began anew.
func (q *queue) drop(offset int64) {
	if n := len(q.waiting); n == 0 || offset > q.waiting[n-1].id+1 || q.repeat != nil && q.repeat() {
		return
	}
	for len(q.waiting) > 0 && q.waiting[0].id < offset {
		if q.confirm != nil {
			q.confirm(q.waiting[0].id)
		}
		q.waiting = q.waiting[1:]
	}
}

func (q *queue) list() (bodies []string) {
	for _, u := range q.waiting[:min(100, len(q.waiting))] {
		bodies = append(bodies, u.body)
	}
	q.most = max(q.most, len(bodies))
	return bodies
}

func (q *queue) add(id int64, update string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, queued{id, update})
	select {
	case q.added <- struct{}{}:
	default:
	}
}

// offsets is a keeper in memory.
type offsets struct {
	mu    sync.Mutex
	at    int64
	saves []int64
	err   error
}

func (o *offsets) LoadOffset(context.Context) (int64, error) { return o.at, o.err }
func (o *offsets) SaveOffset(_ context.Context, offset int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = offset
	o.saves = append(o.saves, offset)
	return nil
}

// poll runs a poller in a bubble until the test has seen enough; the function
// returned stops it and tells how long that took.
func poll(t *testing.T, h http.Handler, keep *offsets, handle func(context.Context, Update) error, log *record) (stop func() (time.Duration, error)) {
	t.Helper()
	c, end := serveInBubble(t, h.ServeHTTP, Options{Log: log.log()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	p := &Poller{Client: c, Handle: handle, Offsets: keep}
	go func() { done <- p.Run(ctx) }()
	return func() (time.Duration, error) {
		began := time.Now()
		cancel()
		err := <-done
		took := time.Since(began)
		end()
		return took, err
	}
}

func TestPollerHandlesInOrderWithinAChatAndConfirmsWhatIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(said(1, 10, "a"), said(2, 20, "b"), said(3, 10, "c"), `{"update_id":4,"new_thing":{}}`, `{"update_id":5,"message":[]}`, said(6, 20, "d"))
		keep := new(offsets)
		var b book
		stop := poll(t, q, keep, func(_ context.Context, u Update) error {
			time.Sleep(time.Duration(7-u.ID) * time.Second) // the first are the slowest
			b.add(grant{at: time.Now(), chat: u.ChatID(), seq: int(u.ID)})
			return nil
		}, new(record))
		began := time.Now()
		time.Sleep(9 * time.Second) // 1 is done, 3 is not
		keep.mu.Lock()
		if keep.at > 3 {
			t.Errorf("offset %d saved, which confirms what is not handled", keep.at)
		}
		keep.mu.Unlock()
		time.Sleep(20 * time.Second)
		q.add(7, said(7, 10, "e"))
		time.Sleep(time.Second)
		if took, err := stop(); err != nil || took > 2*time.Second {
			t.Errorf("Run = %v, %v after being asked to stop", err, took)
		}
		byChat := map[int64][]int{}
		for _, g := range b.grants {
			byChat[g.chat] = append(byChat[g.chat], g.seq)
		}
		if !slices.Equal(byChat[10], []int{1, 3, 7}) || !slices.Equal(byChat[20], []int{2, 6}) {
			t.Errorf("handled %v, want 10:[1 3 7] 20:[2 6]", byChat)
		}
		if first := b.grants[0]; first.at.Sub(began) != 5*time.Second {
			t.Errorf("the first was done after %v, want 5s: chats side by side", first.at.Sub(began))
		}
		if asked := slices.Compact(q.offsets); !slices.Equal(keep.saves, []int64{3, 7, 8}) || !slices.Equal(asked, []int64{0, 3, 7, 8}) {
			t.Errorf("saved %v, asked with %v; want [3 7 8], [0 3 7 8]", keep.saves, asked)
		}
	})
}

func TestPollerSurvivesHandlersThatPanicOrFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(said(1, 10, "my secret"), said(2, 10, "my secret"), said(3, 10, "my secret"))
		keep, log := new(offsets), new(record)
		var ids []int64
		stop := poll(t, q, keep, func(_ context.Context, u Update) error {
			ids = append(ids, u.ID)
			switch u.ID {
			case 1:
				panic("cannot bear " + u.Message.Text)
			case 2:
				return errors.New("shelf is full")
			}
			return nil
		}, log)
		synctest.Wait()
		if _, err := stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if !slices.Equal(ids, []int64{1, 2, 3}) || keep.at != 4 {
			t.Errorf("handled %v, offset %d; want [1 2 3], 4", ids, keep.at)
		}
		out := log.String()
		if strings.Contains(out, "my secret") || !strings.Contains(out, "panicked") || !strings.Contains(out, "shelf is full") || !strings.Contains(out, "poll_test.go") {
			t.Errorf("log tells a text, or not of panic and error:\n%s", out)
		}
	})
}

func TestPollerRetriesAsTheFaultAsks(t *testing.T) {
	hangUp := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	page := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); fmt.Fprint(w, "<html>") }
	tests := []struct {
		name     string
		fail     []http.HandlerFunc
		min, max []time.Duration // between polls
		log      string
	}{
		{"an answer lost doubles the rest up to 30 s", []http.HandlerFunc{hangUp, page, page, hangUp, page, page, page},
			[]time.Duration{500e6, 1e9, 2e9, 4e9, 8e9, 15e9, 15e9}, []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}, "poll for updates"},
		{"a 429 is obeyed to the second", []http.HandlerFunc{refuse(429, "Too Many Requests: retry after 47", `{"retry_after":47}`)},
			[]time.Duration{47e9}, []time.Duration{47e9}, "asks to wait"},
		{"a second instance is told plainly", []http.HandlerFunc{refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", "")},
			[]time.Duration{7500e6}, []time.Duration{15e9}, "second instance"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue()
				q.fail = tt.fail
				log := new(record)
				stop := poll(t, q, new(offsets), func(context.Context, Update) error { return nil }, log)
				time.Sleep(3 * time.Minute)
				if took, err := stop(); err != nil || took > 2*time.Second {
					t.Errorf("Run = %v after %v", err, took)
				}
				for i := range tt.min {
					if got := q.at[i+1].Sub(q.at[i]); got < tt.min[i] || got > tt.max[i] {
						t.Errorf("rest %d was %v, want %v to %v", i, got, tt.min[i], tt.max[i])
					}
				}
				if !strings.Contains(log.String(), tt.log) {
					t.Errorf("log has no %q:\n%s", tt.log, log)
				}
			})
		})
	}
}

func TestPollerEndsWhenTheTokenIsRefusedOrTheOffsetUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, end := serveInBubble(t, refuse(401, "Unauthorized", ""), Options{Log: new(record).log()})
		defer end()
		p := Poller{Client: c, Offsets: new(offsets)}
		if err := p.Run(t.Context()); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("Run with a refused token = %v, want ErrUnauthorized", err)
		}
		full := errors.New("no such table")
		p.Offsets = &offsets{err: full}
		if err := p.Run(t.Context()); !errors.Is(err, full) {
			t.Errorf("Run without an offset = %v, want %v", err, full)
		}
	})
}

func TestPollerStopsInTwoSecondsWhateverHandlersDo(t *testing.T) {
	tests := []struct {
		name   string
		handle func(ctx context.Context) error
		took   time.Duration
		offset int64
	}{
		{"one that finishes in time is confirmed", func(context.Context) error { time.Sleep(time.Second); return nil }, 500 * time.Millisecond, 2},
		{"one that obeys its context is not confirmed", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, stopGrace, 0},
		{"one that obeys nothing is left behind", func(context.Context) error { time.Sleep(time.Hour); return nil }, stopLimit, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, keep := newQueue(said(1, 10, "a"), said(2, 10, "b")), new(offsets)
				var begun atomic.Int32
				stop := poll(t, q, keep, func(ctx context.Context, u Update) error { begun.Add(1); return tt.handle(ctx) }, new(record))
				time.Sleep(500 * time.Millisecond)
				took, err := stop()
				if err != nil || took != tt.took {
					t.Errorf("Run = %v after %v, want nil after %v", err, took, tt.took)
				}
				if begun.Load() != 1 || keep.at != tt.offset {
					t.Errorf("%d updates were begun, offset %d; want 1, %d", begun.Load(), keep.at, tt.offset)
				}
				time.Sleep(time.Hour) // for the one left behind
			})
		})
	}
}

// A server that does not wait, one that repeats itself, and ids that no offset
// can pass: none makes the poller spin, go back, or handle twice.
func TestPollerKeepsItsHeadWithAServerThatMisbehaves(t *testing.T) {
	tests := []struct {
		name    string
		answers []string // the last one for ever
		handled []int64
		offset  int64
	}{
		{"empty answers at once", []string{`[]`}, nil, 0},
		{"updates without an id", []string{`[{"update_id":"x"},7]`}, nil, 0},
		{"an old update again", []string{`[` + said(8, 1, "") + `,` + said(9, 1, "") + `]`, `[` + said(8, 1, "") + `]`}, []int64{8, 9}, 10},
		{"the same update twice in a batch", []string{`[` + said(8, 1, "") + `,` + said(8, 1, "") + `]`, `[]`}, []int64{8}, 9},
		{"ids out of order", []string{`[` + said(9, 1, "") + `,` + said(8, 1, "") + `]`, `[]`}, []int64{8, 9}, 10},
		{"ids that begin anew after a quiet week", []string{`[` + said(900, 1, "") + `]`, `[` + said(4, 1, "") + `]`, `[]`}, []int64{900, 4}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls, keep := 0, new(offsets)
				var handled []int64
				stop := poll(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					fmt.Fprintf(w, `{"ok":true,"result":%s}`, tt.answers[min(polls, len(tt.answers)-1)])
					polls++
				}), keep, func(_ context.Context, u Update) error { handled = append(handled, u.ID); return nil }, new(record))
				time.Sleep(10 * time.Second)
				if _, err := stop(); err != nil {
					t.Errorf("Run = %v", err)
				}
				if polls > 55 || !slices.Equal(handled, tt.handled) || keep.at != tt.offset {
					t.Errorf("%d polls in 10 s, handled %v, offset %d; want at most 55, %v, %d", polls, handled, keep.at, tt.handled, tt.offset)
				}
			})
		})
	}
}

func TestPollerEndsTheContextOfAHandlerThatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keep := new(offsets)
		var took time.Duration
		stop := poll(t, newQueue(said(1, 10, "a")), keep, func(ctx context.Context, _ Update) error {
			began := time.Now()
			<-ctx.Done()
			took = time.Since(began)
			return ctx.Err()
		}, new(record))
		time.Sleep(time.Minute)
		if _, err := stop(); err != nil || took != 30*time.Second || keep.at != 2 {
			t.Errorf("Run = %v, context ended after %v, offset %d; want nil, 30s, 2", err, took, keep.at)
		}
	})
}

func FuzzDecodeUpdate(f *testing.F) {
	f.Add([]byte(said(1, 2, "x")))
	f.Add([]byte(`{"update_id":9,"message":{"entities":[{"offset":-1,"length":99999999999}]}}`))
	f.Add([]byte(strings.Repeat(`{"message":`, 20_000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		u := DecodeUpdate(data)
		if u.Kind() == KindUnknown && u.ChatID() != 0 {
			t.Errorf("DecodeUpdate(%q): unknown, but of chat %d", data, u.ChatID())
		}
		if !json.Valid(data) && u.Kind() != KindUnknown {
			t.Errorf("DecodeUpdate(%q) = %s, want unknown", data, u.Kind())
		}
	})
}
