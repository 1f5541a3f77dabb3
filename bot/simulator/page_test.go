package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyLoopbackAddressesAreListenedOn(t *testing.T) {
	for _, c := range []struct {
		addr string
		ok   bool
	}{
		{"127.0.0.1:0", true}, {"localhost:0", true}, {"127.8.8.8:0", true},
		{":0", false}, {"0.0.0.0:0", false}, {"[::]:0", false}, {"192.0.2.1:0", false}, {"news.example:0", false}, {"127.0.0.1", false}, {"localhost.news.example:0", false},
	} {
		l, err := ListenLoopback(c.addr)
		if (err == nil) != c.ok {
			t.Errorf("ListenLoopback(%q) = %v, want ok = %v", c.addr, err, c.ok)
		}
		if l != nil {
			l.Close()
		}
	}
}

func TestThePageIsGuardedAgainstOtherPages(t *testing.T) {
	s, _ := world(t)
	say := fmt.Sprintf(`{"person":"%d","text":"hi"}`, reader)
	for _, c := range []struct {
		name, method, path, host string
		headers                  map[string]string
		body                     string
		status                   int
	}{
		{"the page", "GET", "/", "127.0.0.1:8080", nil, "", 200},
		{"the page by name", "GET", "/", "localhost:8080", nil, "", 200},
		{"the page by IPv6", "GET", "/", "[::1]:8080", nil, "", 200},
		{"the page from a link elsewhere", "GET", "/", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 200},
		{"the script", "GET", "/app.js", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "same-origin"}, "", 200},
		{"a name that was rebound to this machine", "GET", "/", "evil.example:8080", nil, "", 421},
		{"a name that only begins like this machine", "GET", "/", "localhost.evil.example", nil, "", 421},
		{"calls from another page", "GET", "/calls", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 403},
		{"saying something", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json", "Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}, say, 200},
		{"saying something from another origin", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json", "Origin": "https://evil.example"}, say, 403},
		{"from another port of this machine", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, say, 403},
		{"from a page without origin", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json", "Origin": "null"}, say, 403},
		{"as a form", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "text/plain"}, say, 415},
		{"with GET", "GET", "/say", "127.0.0.1:8080", nil, "", 404},
		{"cut off", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json"}, `{"person":`, 400},
		{"too large", "POST", "/press", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json"}, `{"text":"` + strings.Repeat("a", maxControl) + `"}`, 400},
		{"as nobody", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json"}, `{"person":"5","text":"hi"}`, 409},
		{"nothing", "POST", "/say", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json"}, fmt.Sprintf(`{"person":"%d","text":"  "}`, reader), 409},
		{"pressing what is not there", "POST", "/press", "127.0.0.1:8080", map[string]string{"Content-Type": "application/json"}, fmt.Sprintf(`{"person":"%d","message":"1"}`, reader), 409},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Host = c.host
			for k, v := range c.headers {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			s.Page().ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%s %s = %d %s, want %d", c.method, c.path, w.Code, w.Body, c.status)
			}
			if policy := w.Header().Get("Content-Security-Policy"); c.status == 200 && (!strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe")) {
				t.Errorf("policy = %q", policy)
			}
		})
	}
}

func TestTheBotAPIDoesNotAnswerWebsites(t *testing.T) {
	s, _ := world(t)
	for site, want := range map[string]int{"": 200, "none": 200, "cross-site": 404, "same-site": 404} {
		r := httptest.NewRequest("POST", "/bot"+token+"/getMe", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		if a := do(t, s, r); a.Status != want {
			t.Errorf("getMe with Sec-Fetch-Site %q = %d, want %d", site, a.Status, want)
		}
	}
}

// local is a request as the page itself makes it.
func local(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestPeopleActThroughThePage(t *testing.T) {
	h := build(t)
	page := h.Page()
	for _, c := range []struct {
		name, path, body string
		check            func([]update) bool
	}{
		{"say", "/say", fmt.Sprintf(`{"person":"%d","text":"/help"}`, reader), func(u []update) bool { return len(u) == 1 && u[0].Message.Text == "/help" }},
		{"press", "/press", fmt.Sprintf(`{"person":"%d","message":"%s","row":0,"column":0}`, reader, h.told), func(u []update) bool { return len(u) == 1 && u[0].CallbackQuery.Data == "a" }},
		{"block", "/block", fmt.Sprintf(`{"person":"%d","blocked":true}`, reader), func(u []update) bool { return len(u) == 1 && u[0].MyChatMember.New.Status == "kicked" }},
		{"unblock", "/block", fmt.Sprintf(`{"person":"%d","blocked":false}`, reader), func(u []update) bool { return len(u) == 1 && u[0].MyChatMember.New.Status == "member" }},
		{"say more than a message holds", "/say", fmt.Sprintf(`{"person":"%d","text":"%s"}`, reader, strings.Repeat("é", 5000)), func(u []update) bool { return len(u) == 2 && len([]rune(u[0].Message.Text)) == 4096 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			got := fresh(t, h.Simulator, func() { page.ServeHTTP(w, local("POST", c.path, c.body)) })
			if w.Code != 200 || !c.check(got) {
				t.Errorf("POST %s = %d %s, updates %+v", c.path, w.Code, w.Body, got)
			}
		})
	}
}

func TestTheEventsTellThePageWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		l := newPipe()
		server := &http.Server{Handler: s.Page()}
		go server.Serve(l)
		transport := &http.Transport{DialContext: l.dial}
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		next := func() pageEvent {
			t.Helper()
			for lines.Scan() {
				var e pageEvent
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
					if err := json.Unmarshal([]byte(data), &e); err != nil {
						t.Fatal(err)
					}
					return e
				}
			}
			t.Fatalf("the stream ended: %v", lines.Err())
			return pageEvent{}
		}
		if e := next(); len(e.People) != 3 || e.People[0].ID != fmt.Sprint(reader) || e.People[0].Started {
			t.Errorf("first event = %+v, want three columns that have not started", e)
		}
		s.Say(reader, "/start")
		var m Message
		call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "hello", "reply_markup", oneButton).into(t, &m)
		if e := next(); len(e.People) != 1 || len(e.People[0].Messages) != 2 || !e.People[0].Messages[0].Mine || e.People[0].Messages[1].Keyboard[0][0].Text != "A" {
			t.Errorf("second event = %+v, want the reader's two messages", e)
		}
		id, _ := s.Press(reader, reader, 0, ByLabel("A"))
		call(t, s, "answerCallbackQuery", "callback_query_id", id, "text", "noted", "show_alert", "true")
		for {
			e := next()
			if len(e.Toasts) > 0 {
				if want := (toastView{Person: fmt.Sprint(reader), Chat: fmt.Sprint(reader), Query: id, Text: "noted", Alert: true}); e.Toasts[0] != want {
					t.Errorf("toast = %+v, want %+v", e.Toasts[0], want)
				}
				break
			}
		}
		s.Close()
		answer.Body.Close()
		server.Close()
		transport.CloseIdleConnections()
		synctest.Wait()
	})
}

func TestAStreamEndsWithItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			s.Page().ServeHTTP(httptest.NewRecorder(), local("GET", "/events", "").WithContext(ctx))
			close(ended)
		}()
		time.Sleep(time.Minute)
		leave()
		<-ended
	})
}

func TestTheCallsAreShownWithoutTheToken(t *testing.T) {
	h := build(t)
	updates(t, h.Simulator)
	w := httptest.NewRecorder()
	h.Page().ServeHTTP(w, local("GET", "/calls", ""))
	var list []callView
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatalf("GET /calls = %s: %v", w.Body, err)
	}
	if len(list) == 0 || list[0].Method != "sendMessage" || list[0].Status != 200 || list[0].Params["text"] != "Good morning" {
		t.Errorf("calls = %+v, want the newest first and no polls", list)
	}
	if strings.Contains(w.Body.String(), "secret") {
		t.Error("the token is shown")
	}
}

func TestLinksOfPretendOutletsOpenHere(t *testing.T) {
	s, _ := world(t, func(c *Config) {
		c.LinkOpener = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s %s", r.Host, r.URL.Path, r.URL.RawQuery)
		})
	})
	for _, c := range []struct {
		link   string
		status int
		body   string
	}{
		{"https://harbour.example/ferry?a=1", 200, "harbour.example /ferry a=1"},
		{"http://harbour.example", 200, "harbour.example / "},
		{"https://harbour.example.org/", 400, ""},
		{"https://example/", 400, ""},
		{"javascript://harbour.example/%0aalert(1)", 400, ""},
		{"%zz", 400, ""},
		{"", 400, ""},
	} {
		w := httptest.NewRecorder()
		s.Page().ServeHTTP(w, local("GET", "/open?url="+url.QueryEscape(c.link), ""))
		if w.Code != c.status || c.status == 200 && w.Body.String() != c.body {
			t.Errorf("open %s = %d %s, want %d %s", c.link, w.Code, w.Body, c.status, c.body)
		}
		if policy := w.Header().Get("Content-Security-Policy"); c.status == 200 && !strings.HasPrefix(policy, "sandbox;") {
			t.Errorf("open %s: policy %q gives the outlet the page's rights", c.link, policy)
		}
	}
}
