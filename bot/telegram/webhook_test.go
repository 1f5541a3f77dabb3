package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const hookSecret = "0123456789abcdef"

// bring posts a body to the webhook as Telegram does and returns the status.
func bring(h http.Handler, secret, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/telegram", strings.NewReader(body))
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// running lets the webhook run in a bubble while act goes on; stop ends it and
// returns how long that took.
func running(t *testing.T, h *Webhook, act func(stop func() time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		notes := &record{}
		h.Log = notes.log()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		synctest.Wait()
		stop := sync.OnceValue(func() time.Duration {
			began := time.Now()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run = %v", err)
			}
			return time.Since(began)
		})
		act(stop)
		stop()
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}

func TestWebhookRefusesWhatIsNoUpdateOfTelegram(t *testing.T) {
	handled := 0
	h := &Webhook{Secret: hookSecret, Handle: func(context.Context, Update) error { handled++; return nil }}
	good := said(1, 11, "hello")
	running(t, h, func(func() time.Duration) {
		for _, c := range []struct {
			name, secret, body string
			want               int
		}{
			{"no secret", "", good, 401},
			{"a wrong secret", hookSecret[1:] + "x", good, 401},
			{"the beginning of the secret", hookSecret[:8], good, 401},
			{"a body that is no JSON", hookSecret, "hello", 400},
			{"an empty body", hookSecret, "", 400},
			{"an update without an id", hookSecret, `{"message":{}}`, 400},
			{"a list", hookSecret, `[]`, 400},
			{"more than a mebibyte", hookSecret, `{"update_id":1,"x":"` + strings.Repeat("x", maxUpdate) + `"}`, 413},
			{"a kind that we do not read", hookSecret, `{"update_id":1,"poll":{}}`, 200},
		} {
			if got := bring(h, c.secret, c.body); got != c.want {
				t.Errorf("%s: %d, want %d", c.name, got, c.want)
			}
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/telegram", nil)
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", hookSecret)
		if h.ServeHTTP(w, r); w.Code != 405 {
			t.Errorf("GET = %d, want 405", w.Code)
		}
		if handled != 0 {
			t.Errorf("%d of them were handled", handled)
		}
		if got := bring(h, hookSecret, good); got != 200 || handled != 1 {
			t.Errorf("a good update = %d, handled %d times", got, handled)
		}
	})
	closed := &Webhook{Handle: h.Handle, Log: (&record{}).log()}
	if got := bring(closed, "", good); got != 401 {
		t.Errorf("a webhook without a secret lets anybody in: %d", got)
	}
}

func TestWebhookAnswersOnlyAfterTheUpdateWasHandled(t *testing.T) {
	fail := errors.New("the shelf does not answer")
	h := &Webhook{Secret: hookSecret, Handle: func(_ context.Context, u Update) error {
		switch u.ID {
		case 2:
			return fail
		case 3:
			panic("a poisoned update")
		}
		return nil
	}}
	if got := bring(h, hookSecret, said(1, 11, "early")); got != 503 {
		t.Errorf("before Run = %d, want 503 so that it comes again", got)
	}
	running(t, h, func(stop func() time.Duration) {
		for id, want := range map[int64]int{1: 200, 2: 503, 3: 200} {
			if got := bring(h, hookSecret, said(id, 11, "x")); got != want {
				t.Errorf("update %d = %d, want %d", id, got, want)
			}
		}
		if d := stop(); d != 0 {
			t.Errorf("an idle webhook took %v to stop", d)
		}
		if got := bring(h, hookSecret, said(4, 11, "late")); got != 503 {
			t.Errorf("after the stop = %d, want 503", got)
		}
	})
}

func TestWebhookServesAChatInOrderAndNobodyWaitsForAnother(t *testing.T) {
	var mu sync.Mutex
	var notes []string
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		notes = append(notes, fmt.Sprintf(format, args...))
	}
	h := &Webhook{Secret: hookSecret, Handle: func(_ context.Context, u Update) error {
		note("%d begins", u.ID)
		if u.ChatID() == 11 {
			time.Sleep(10 * time.Second)
		}
		note("%d ends", u.ID)
		return nil
	}}
	running(t, h, func(func() time.Duration) {
		var all sync.WaitGroup
		for _, u := range []string{said(1, 11, "slow"), said(2, 11, "slow, too"), said(3, 12, "quick")} {
			all.Go(func() {
				if got := bring(h, hookSecret, u); got != 200 {
					t.Errorf("%s = %d", u, got)
				}
			})
			time.Sleep(time.Second)
		}
		all.Wait()
		want := []string{"1 begins", "3 begins", "3 ends", "1 ends", "2 begins", "2 ends"}
		if !slices.Equal(notes, want) {
			t.Errorf("the handlers ran as %q, want %q", notes, want)
		}
		if len(h.chats) != 0 {
			t.Errorf("%d chats are remembered after all was served", len(h.chats))
		}
	})
}

func TestWebhookStopsWithinTwoSeconds(t *testing.T) {
	for _, c := range []struct {
		name   string
		handle func(ctx context.Context, u Update) error
		want   int
		longer time.Duration
	}{
		{"a handler that is nearly done", func(context.Context, Update) error { time.Sleep(time.Second); return nil }, 200, 0},
		{"a handler that heeds its context", func(ctx context.Context, _ Update) error { <-ctx.Done(); return ctx.Err() }, 503, stopGrace},
		{"a handler that heeds nothing", func(context.Context, Update) error { time.Sleep(20 * time.Second); return nil }, 200, stopLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &Webhook{Secret: hookSecret, Handle: c.handle}
			running(t, h, func(stop func() time.Duration) {
				got := make(chan int, 1)
				go func() { got <- bring(h, hookSecret, said(1, 11, "x")) }()
				synctest.Wait()
				if d := stop(); d > 2*time.Second || d < c.longer {
					t.Errorf("the stop took %v, want at least %v and at most 2s", d, c.longer)
				}
				if status := <-got; status != c.want {
					t.Errorf("the update was answered with %d, want %d", status, c.want)
				}
			})
		})
	}
}

func TestWhoDoesNotSpeakLeavesTextsToWhoDoes(t *testing.T) {
	asked := 0
	speaks := false
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprint(w, `{"ok":true,"result":{"message_id":5}}`)
	}, Options{Speaks: func() bool { return speaks }})
	ctx, to := t.Context(), To{Chat: 11}
	_, sent := c.Send(ctx, Interactive, to, Message{Text: "x"})
	edited := c.Edit(ctx, Interactive, to, 3, Message{Text: "x"})
	_, copied := c.Send(ctx, Broadcast, to, Message{Copy: &Copied{Chat: 12, Message: 3}})
	_, uploaded := c.Send(ctx, Interactive, to, Message{File: &File{Name: "a.txt", Data: []byte("x")}})
	for what, err := range map[string]error{"Send of a file": uploaded, "Send": sent, "Edit": edited, "Send of a copy": copied} {
		if !errors.Is(err, ErrStandby) || !errors.Is(err, ErrNotSent) {
			t.Errorf("%s = %v, want ErrStandby and ErrNotSent", what, err)
		}
	}
	if asked != 0 {
		t.Errorf("%d requests left", asked)
	}
	if id, err := c.SendAnyway(ctx, Interactive, to, Message{Text: "x"}); id != 5 || err != nil {
		t.Errorf("SendAnyway = %d, %v", id, err)
	}
	if err := c.AnswerCallback(ctx, "1", "", false); err != nil {
		t.Errorf("AnswerCallback = %v; a press cannot wait for another replica", err)
	}
	began := time.Now()
	if id, err := c.SendAnyway(ctx, Interactive, To{Chat: 12}, Message{Text: "x"}); id != 5 || err != nil || time.Since(began) < 500*time.Millisecond {
		t.Errorf("a second SendAnyway = %d, %v after %v; want one a second: nobody else counts them", id, err, time.Since(began))
	}
	speaks = true
	if id, err := c.Send(ctx, Interactive, to, Message{Text: "x"}); id != 5 || err != nil {
		t.Errorf("Send of who speaks = %d, %v", id, err)
	}
}
