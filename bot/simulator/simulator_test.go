package simulator

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "4242:secret"
	reader = int64(7000000001)
	admin  = int64(7000000002)
	silent = int64(7000000003) // never started
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// clock is set by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func people() []Person {
	return []Person{
		{ID: reader, Name: "Mira", Username: "mira", Language: "de-AT", Role: "reader"},
		{ID: admin, Name: "Okan", Username: "okan", Language: "en", Role: "admin"},
		{ID: silent, Name: "Nobody", Language: "en"},
	}
}

// world is a simulator with a clock set by hand and two people who started.
func world(t *testing.T, change ...func(*Config)) (*Simulator, *clock) {
	t.Helper()
	c := &clock{at: noon}
	cfg := Config{Token: token, Now: c.now, People: people(), Limits: Limits{MeasureOnly: true}}
	for _, f := range change {
		f(&cfg)
	}
	s := New(cfg)
	t.Cleanup(s.Close)
	for _, id := range []int64{reader, admin} {
		if _, err := s.Say(id, "/start"); err != nil {
			t.Fatal(err)
		}
	}
	return s, c
}

type reply struct {
	OK          bool
	Result      json.RawMessage
	ErrorCode   int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	}
	Status int         `json:"-"`
	Header http.Header `json:"-"`
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if !r.OK {
		t.Fatalf("answer = %d %s, want ok", r.ErrorCode, r.Description)
	}
	if err := json.Unmarshal(r.Result, v); err != nil {
		t.Fatalf("decode %s: %v", r.Result, err)
	}
}

// call sends form parameters straight to the handler.
func call(t *testing.T, s *Simulator, method string, pairs ...string) reply {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", "/bot"+token+"/"+method, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, s, r)
}

func do(t *testing.T, h http.Handler, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := reply{Status: w.Code, Header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s %s answered %q: %v", r.Method, r.URL, w.Body, err)
	}
	return a
}

type update struct {
	UpdateID      int64 `json:"update_id"`
	Message       *Message
	EditedMessage *Message           `json:"edited_message"`
	ChannelPost   *Message           `json:"channel_post"`
	CallbackQuery *callbackQuery     `json:"callback_query"`
	MyChatMember  *chatMemberUpdated `json:"my_chat_member"`
}

func updates(t *testing.T, s *Simulator, pairs ...string) []update {
	t.Helper()
	var list []update
	call(t, s, "getUpdates", pairs...).into(t, &list)
	return list
}

// pipe is a listener whose connections are net.Pipe pairs, so that a real
// http.Server runs inside a synctest bubble.
type pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipe) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipe) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestALongPollOverARealServerTakesNoTimeInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		l := newPipe()
		server := &http.Server{Handler: s}
		go server.Serve(l)
		transport := &http.Transport{DialContext: l.dial}
		client := &http.Client{Transport: transport}

		begin := time.Now()
		body := get(t, client, "http://sim/bot"+token+"/getUpdates?timeout=50")
		if want := `{"ok":true,"result":[]}`; body != want || time.Since(begin) != 50*time.Second {
			t.Errorf("empty poll = %s after %v, want %s after 50s", body, time.Since(begin), want)
		}

		begin = time.Now()
		go func() {
			time.Sleep(7 * time.Second)
			s.Say(reader, "hello")
		}()
		body = get(t, client, "http://sim/bot"+token+"/getUpdates?timeout=90")
		if !strings.Contains(body, `"text":"hello"`) || time.Since(begin) != 7*time.Second {
			t.Errorf("poll = %s after %v, want the message after 7s", body, time.Since(begin))
		}

		begin = time.Now()
		go func() {
			time.Sleep(time.Second)
			s.Close()
		}()
		if _, err := client.Get("http://sim/bot" + token + "/getUpdates?timeout=50&offset=999999999999"); time.Since(begin) != time.Second {
			t.Errorf("a poll cut by Close ended with %v after %v, want the end after 1s", err, time.Since(begin))
		}
		server.Close()
		transport.CloseIdleConnections()
		synctest.Wait()
	})
}

func get(t *testing.T, client *http.Client, address string) string {
	t.Helper()
	r, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestWaitEndsWhenMetOrCancelledOrClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() {
			time.Sleep(time.Second)
			s.Say(reader, "/start")
			time.Sleep(time.Second)
			call(t, s, "sendMessage", "chat_id", "7000000001", "text", "welcome in")
		}()
		m, err := s.WaitText(ctx, reader, "welcome")
		if err != nil || m.Text != "welcome in" {
			t.Errorf("WaitText = %q, %v, want the bot's message", m.Text, err)
		}
		if err := s.Wait(ctx, func() bool { return false }); err != context.DeadlineExceeded {
			t.Errorf("Wait for what never comes = %v, want the deadline", err)
		}
		s.Close()
		s.Close()
		if err := s.Wait(t.Context(), func() bool { return false }); err != ErrClosed {
			t.Errorf("Wait after Close = %v, want ErrClosed", err)
		}
	})
}
