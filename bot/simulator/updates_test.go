package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// texts are the messages of a batch, to compare.
func texts(list []update) string {
	var out []string
	for _, u := range list {
		if u.Message != nil {
			out = append(out, u.Message.Text)
		}
	}
	return strings.Join(out, " ")
}

func TestUpdatesComeUntilTheirOffsetIsConfirmed(t *testing.T) {
	s, _ := world(t)
	for _, text := range []string{"a", "b", "c"} {
		s.Say(reader, text)
	}
	all := updates(t, s)
	if got := texts(all); got != "/start /start a b c" {
		t.Fatalf("first poll = %s", got)
	}
	next := func(i int) string { return fmt.Sprint(all[i].UpdateID) }
	for _, c := range []struct {
		name   string
		params []string
		want   string
	}{
		{"unconfirmed updates come again", []string{"timeout", "5"}, "/start /start a b c"},
		{"limit takes the oldest", []string{"limit", "2", "timeout", "5"}, "/start /start"},
		{"a limit is at least one", []string{"limit", "0", "timeout", "5"}, "/start"},
		{"and at most a hundred", []string{"limit", "1000", "timeout", "5"}, "/start /start a b c"},
		{"an offset confirms what is below", []string{"offset", next(2), "timeout", "5"}, "a b c"},
		{"an older offset brings nothing back", []string{"offset", next(0), "timeout", "5"}, "a b c"},
		{"a negative offset keeps the last", []string{"offset", "-2", "timeout", "5"}, "b c"},
		{"and forgets the rest", []string{"timeout", "5"}, "b c"},
	} {
		if got := texts(updates(t, s, c.params...)); got != c.want {
			t.Errorf("%s: getUpdates %v = %q, want %q", c.name, c.params, got, c.want)
		}
	}
	if n := s.PendingUpdates(); n != 2 {
		t.Errorf("pending = %d, want 2", n)
	}
}

func TestUndeliveredUpdatesExpire(t *testing.T) {
	h := build(t)
	updates(t, h.Simulator, "offset", "-1")
	updates(t, h.Simulator, "offset", "999999999")
	h.Say(reader, "kept for a day")
	if _, err := h.Press(reader, reader, 0, ByLabel("A")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Post(Post{From: reader, Text: "stale", Date: noon.Add(-23 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{149 * time.Second, 3}, {time.Second, 2}, {time.Hour, 1}, {23 * time.Hour, 0}} {
		h.clock.advance(c.after)
		if got := h.PendingUpdates(); got != c.want {
			t.Errorf("after %v more: %d pending, want %d", c.after, got, c.want)
		}
	}
}

func TestAllowedUpdatesFilterWhenAnUpdateIsMade(t *testing.T) {
	s, _ := world(t)
	drain := func(params ...string) []update {
		t.Helper()
		list := updates(t, s, params...)
		if len(list) > 0 {
			updates(t, s, "offset", fmt.Sprint(list[len(list)-1].UpdateID+1), "timeout", "0", "limit", "1")
		}
		return list
	}
	drain("allowed_updates", `["callback_query"]`)
	s.Say(reader, "not asked for")
	s.Block(reader)
	s.Unblock(reader)
	if n := s.PendingUpdates(); n != 0 {
		t.Errorf("%d updates queued that nobody asked for", n)
	}
	if _, err := s.Inject("poll_of_the_future", json.RawMessage(`{"x":1}`)); err != nil || s.PendingUpdates() != 1 {
		t.Errorf("an injected update was filtered (err %v)", err)
	}
	drain("allowed_updates", `[]`)
	s.Say(reader, "asked for again")
	if got := texts(drain("timeout", "5")); got != "asked for again" {
		t.Errorf("after [] = %q", got)
	}
	if _, err := s.Inject("broken", json.RawMessage(`{`)); err == nil {
		t.Error("an update that is no JSON was queued")
	}
}

func TestAPollWaitsNoLongerThanAsked(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout string
		want    time.Duration
	}{{"no timeout answers at once", "0", 0}, {"a timeout is waited for", "20", 20 * time.Second}, {"at most fifty seconds", "600", 50 * time.Second}, {"nonsense is none", "x", 0}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{Token: token})
				begin := time.Now()
				updates(t, s, "timeout", c.timeout)
				if took := time.Since(begin); took != c.want {
					t.Errorf("timeout=%s took %v, want %v", c.timeout, took, c.want)
				}
			})
		})
	}
}

func TestAHastyRepeatIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token})
		updates(t, s)
		begin := time.Now()
		updates(t, s)
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("the same offset at once took %v, want 3s", took)
		}
	})
}

func TestTheOlderOfTwoPollsGetsTheConflict(t *testing.T) {
	for _, c := range []struct {
		name, method string
		params       []string
		want         string
	}{
		{"by another poll", "getUpdates", nil, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"},
		{"by a webhook", "setWebhook", []string{"url", "https://bot.example/hook"}, "Conflict: terminated by setWebhook request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{Token: token})
				older := make(chan reply)
				go func() { older <- call(t, s, "getUpdates", "timeout", "50") }()
				synctest.Wait()
				if a := call(t, s, c.method, c.params...); !a.OK {
					t.Errorf("the newer call = %s, want ok", a.Description)
				}
				if a := <-older; a.Status != 409 || a.Description != c.want {
					t.Errorf("the older poll = %d %s, want 409 %s", a.Status, a.Description, c.want)
				}
				s.Close()
			})
		})
	}
}

func TestPollingAndAWebhookExcludeEachOther(t *testing.T) {
	s, _ := world(t, func(c *Config) {
		c.Webhook = &hook{answer: func(int64, int) (int, string) { return http.StatusBadGateway, "" }}
	})
	for _, c := range []struct{ url, want string }{
		{"http://bot.example/hook", "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{"https://bot.example:81/hook", "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{"https://bot.example:8443/hook", "Webhook was set"},
		{"https://bot.example:8443/hook", "Webhook is already set"},
	} {
		if a := call(t, s, "setWebhook", "url", c.url); a.Description != c.want {
			t.Errorf("setWebhook %s = %s, want %s", c.url, a.Description, c.want)
		}
	}
	want := "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	if a := call(t, s, "getUpdates"); a.Status != 409 || a.Description != want {
		t.Errorf("getUpdates = %d %s, want 409 %s", a.Status, a.Description, want)
	}
	var info struct {
		URL     string
		Pending int `json:"pending_update_count"`
	}
	call(t, s, "getWebhookInfo").into(t, &info)
	if info.URL != "https://bot.example:8443/hook" || info.Pending != 2 {
		t.Errorf("getWebhookInfo = %+v", info)
	}
	if a := call(t, s, "deleteWebhook"); a.Description != "Webhook was deleted" {
		t.Errorf("deleteWebhook = %s", a.Description)
	}
	if a := call(t, s, "deleteWebhook", "drop_pending_updates", "true"); a.Description != "Webhook is already deleted" || s.PendingUpdates() != 0 {
		t.Errorf("deleteWebhook again = %s, %d pending", a.Description, s.PendingUpdates())
	}
}

func TestAClientThatLeavesEndsItsPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token})
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			r := httptest.NewRequest("GET", "/bot"+token+"/getUpdates?timeout=50", nil).WithContext(ctx)
			s.ServeHTTP(httptest.NewRecorder(), r)
			close(ended)
		}()
		synctest.Wait()
		begin := time.Now()
		leave()
		<-ended
		if time.Since(begin) != 0 {
			t.Errorf("the poll stayed for %v", time.Since(begin))
		}
	})
}
