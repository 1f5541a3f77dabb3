package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hook is a bot's end of a webhook: it notes what it is brought and answers as
// told, each update a second after it came.
type hook struct {
	mu     sync.Mutex
	notes  []string // "<update id> <begin or status>"
	answer func(id int64, attempt int) (status int, retryAfter string)
	tries  map[int64]int
	secret string
	most   int // at once
	now    int
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	var u struct {
		ID int64 `json:"update_id"`
	}
	if err != nil || json.Unmarshal(body, &u) != nil || r.Method != http.MethodPost {
		return nil, fmt.Errorf("%s of %q: %v", r.Method, body, err)
	}
	h.mu.Lock()
	if h.tries == nil {
		h.tries = map[int64]int{}
	}
	h.tries[u.ID]++
	attempt := h.tries[u.ID]
	h.notes = append(h.notes, fmt.Sprint(u.ID, " begins"))
	h.secret = r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	h.now++
	h.most = max(h.most, h.now)
	h.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now--
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	status, again := h.answer(u.ID, attempt)
	if again != "" {
		w.Header().Set("Retry-After", again)
	}
	w.WriteHeader(status)
	h.notes = append(h.notes, fmt.Sprint(u.ID, " ", status))
	return w.Result(), nil
}

func (h *hook) at(note string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Index(h.notes, note)
}

func hooked(t *testing.T, h *hook, act func(s *Simulator)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people(), Webhook: h, FirstUpdateID: 1, Limits: Limits{MeasureOnly: true}})
		act(s)
		s.Close()
		time.Sleep(time.Minute) // requests under way end
		synctest.Wait()
	})
}

func say(t *testing.T, s *Simulator, person int64, text string) {
	t.Helper()
	if _, err := s.Say(person, text); err != nil {
		t.Fatal(err)
	}
}

func TestAWebhookIsBroughtEveryUpdateInTheOrderOfItsChat(t *testing.T) {
	h := &hook{answer: func(id int64, attempt int) (int, string) {
		switch {
		case id == 1 && attempt < 3:
			return http.StatusInternalServerError, ""
		case id == 3 && attempt == 1:
			return http.StatusServiceUnavailable, "30"
		}
		return http.StatusOK, ""
	}}
	hooked(t, h, func(s *Simulator) {
		say(t, s, reader, "/start") // 1, refused twice
		say(t, s, reader, "two")    // waits for it
		say(t, s, admin, "/start")  // 3, another chat, asked to wait
		if a := call(t, s, "setWebhook", "url", "https://bot.example/hook", "secret_token", "abc-DEF_1"); !a.OK {
			t.Fatalf("setWebhook = %s", a.Description)
		}
		time.Sleep(20 * time.Second)
		if h.at("1 200") < 0 || h.at("2 begins") < h.at("1 200") {
			t.Errorf("the second message of a chat did not wait for the first: %q", h.notes)
		}
		if h.at("3 200") >= 0 {
			t.Errorf("a webhook that asked for 30 s was called again before: %q", h.notes)
		}
		var info struct {
			Pending int    `json:"pending_update_count"`
			At      int64  `json:"last_error_date"`
			Why     string `json:"last_error_message"`
		}
		call(t, s, "getWebhookInfo").into(t, &info)
		if info.Pending != 1 || info.At == 0 || !strings.Contains(info.Why, "Wrong response from the webhook: 50") {
			t.Errorf("getWebhookInfo = %+v, want one update waiting and why", info)
		}
		time.Sleep(20 * time.Second)
		if n := s.PendingUpdates(); n != 0 || h.at("3 200") < 0 {
			t.Errorf("%d updates wait after the webhook took all; it saw %q", n, h.notes)
		}
		if h.secret != "abc-DEF_1" {
			t.Errorf("the secret came as %q", h.secret)
		}
	})
}

func TestAWebhookIsNotBroughtMoreAtOnceThanItAskedFor(t *testing.T) {
	h := &hook{answer: func(int64, int) (int, string) { return http.StatusOK, "" }}
	hooked(t, h, func(s *Simulator) {
		for id := int64(100); id < 140; id++ {
			s.AddPerson(Person{ID: id, Name: "Reader"})
			say(t, s, id, "/start")
		}
		call(t, s, "setWebhook", "url", "https://bot.example/hook", "max_connections", "4")
		time.Sleep(time.Minute)
		synctest.Wait()
		if h.most != 4 || s.PendingUpdates() != 0 {
			t.Errorf("%d requests at once, %d updates left; want 4 and none", h.most, s.PendingUpdates())
		}
	})
}

func TestAWebhookTakenAwayLeavesItsUpdatesToThePoll(t *testing.T) {
	h := &hook{answer: func(int64, int) (int, string) { return http.StatusOK, "" }}
	hooked(t, h, func(s *Simulator) {
		call(t, s, "setWebhook", "url", "https://bot.example/hook")
		say(t, s, reader, "/start")
		time.Sleep(500 * time.Millisecond) // on its way
		call(t, s, "deleteWebhook")
		var updates []struct {
			ID int64 `json:"update_id"`
		}
		call(t, s, "getUpdates", "timeout", "0").into(t, &updates)
		if len(updates) != 1 || updates[0].ID != 1 {
			t.Errorf("getUpdates after deleteWebhook = %v, want the update that was not taken", updates)
		}
	})
}

func TestSetWebhookRefuses(t *testing.T) {
	s, _ := world(t)
	local, _ := world(t, func(c *Config) {
		c.Local = true
		c.Webhook = &hook{answer: func(int64, int) (int, string) { return 200, "" }}
	})
	for _, c := range []struct {
		s            *Simulator
		url, secret  string
		wantContains string
	}{
		{s, "http://127.0.0.1:8080/hook", "", "An HTTPS URL must be provided"},
		{s, "https://bot.example/hook", "no spaces", "secret token contains unallowed characters"},
		{s, "https://bot.example/hook", strings.Repeat("x", 257), "secret token is too long"},
		{local, "ftp://bot.example/hook", "", "An HTTPS URL must be provided"},
		{local, "http://127.0.0.1:8080/hook", "", "Webhook was set"},
	} {
		a := call(t, c.s, "setWebhook", "url", c.url, "secret_token", c.secret)
		if !strings.Contains(a.Description, c.wantContains) {
			t.Errorf("setWebhook(%s, %.10q) = %s, want %q", c.url, c.secret, a.Description, c.wantContains)
		}
	}
}
