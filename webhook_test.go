package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings/bot/simulator"
)

// A proxy stands before the replicas as an operator's would: it takes what
// Telegram brings and passes it to the next of those that listen.
type proxy struct {
	mu   sync.Mutex
	at   []string // host:port
	next int
}

func (p *proxy) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.at {
		r.URL.Host = p.at[p.next%len(p.at)]
		p.next++
		body, bodyErr := r.GetBody()
		if bodyErr != nil {
			return nil, bodyErr
		}
		again := r.Clone(r.Context())
		again.Body = body
		p.mu.Unlock()
		answer, err = http.DefaultTransport.RoundTrip(again)
		p.mu.Lock()
		if err == nil {
			return answer, nil
		}
	}
	return nil, err
}

// freeAddress is one on which nobody listens. Its port is none of those that
// systems give to whoever asks for any: such a one may be another's before it is used.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port from 10000 to 20000 is free")
	return ""
}

const hookPath = "/from-telegram"

// post brings what is no update of Telegram's to a listening process.
func (w *world) post(address, secret, body string) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, "http://"+address+hookPath, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatalf("post to the webhook: %v", err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestAHubBringsNewsToTheProgram runs the program with a public address: it asks
// the hub that a feed names, and a reader finds what only the hub brought.
func TestAHubBringsNewsToTheProgram(t *testing.T) {
	at := freeAddress(t)
	w := newWorldWith(t, simulator.Config{Local: true, Webhook: &proxy{at: []string{at}}},
		"TIDINGS_LISTEN="+at, "TIDINGS_WEBHOOK_URL=http://"+at+hookPath)
	granted := make(chan url.Values, 1)
	hub := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		out.WriteHeader(http.StatusAccepted)
		answer, err := http.Get(r.PostForm.Get("hub.callback") + "?" + url.Values{"hub.mode": {"subscribe"}, "hub.topic": {r.PostForm.Get("hub.topic")},
			"hub.challenge": {"prove it"}, "hub.lease_seconds": {"86400"}}.Encode())
		if err != nil {
			t.Errorf("call back: %v", err)
			return
		}
		defer answer.Body.Close()
		if said, _ := io.ReadAll(answer.Body); string(said) == "prove it" {
			select {
			case granted <- r.PostForm:
			default:
			}
		}
	}))
	t.Cleanup(hub.Close)
	w.press.hub = hub.URL
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros.")
	w.start()
	var asked url.Values
	select {
	case asked = <-granted:
	case <-time.After(30 * time.Second):
		t.Fatalf("the hub was not asked within 30 s; log:\n%s", w.stderr)
	}
	if !strings.HasPrefix(asked.Get("hub.callback"), "http://"+at+hookPath+"/hub/") || asked.Get("hub.topic") != w.feeds.URL+"/feed.xml" {
		t.Errorf("the hub was asked to bring %s to %s", asked.Get("hub.topic"), asked.Get("hub.callback"))
	}
	body := `<rss version="2.0"><channel><title>The Test Post</title><item><title>Tram line opens along the quay</title><link>https://test-post.example/tram</link></item></channel></rss>`
	mac := hmac.New(sha256.New, []byte(asked.Get("hub.secret")))
	mac.Write([]byte(body))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, asked.Get("hub.callback"), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Hub-Signature", fmt.Sprintf("sha256=%x", mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("what the hub brought was answered with %d", answer.StatusCode)
	}
	if got := readMetrics(pageOfMetrics(t, at))[`tidings_hub_documents_total{outcome="news"}`]; got != "1" {
		t.Errorf("documents with news that hubs brought are counted as %q, want 1", got)
	}
	w.sim.AddPerson(simulator.Person{ID: 1, Name: "Reader", Language: "en"})
	for end := time.Now().Add(30 * time.Second); w.shown(1, "Tram line opens along the quay") == 0; time.Sleep(time.Second) { // a process outside of this one
		if time.Now().After(end) {
			t.Fatalf("nobody finds what only the hub brought: %s\nlog:\n%s", w.texts(1), w.stderr)
		}
		w.say(1, "tram")
	}
	if log := w.stderr.String(); strings.Contains(log, asked.Get("hub.secret")) || strings.Contains(log, asked.Get("hub.callback")) {
		t.Errorf("the log tells what only the hub may know:\n%s", log)
	}
}

// TestUpdatesComeByWebhook runs the program with a webhook: strangers without
// the secret are refused, a kill loses nothing, and polling and webhook follow
// one another without losing what was said in between.
func TestUpdatesComeByWebhook(t *testing.T) {
	at := freeAddress(t)
	front := &proxy{at: []string{at}}
	byHook := []string{"TIDINGS_LISTEN=" + at, "TIDINGS_WEBHOOK_URL=http://bot.test" + hookPath, "TIDINGS_WEBHOOK_SECRET=a-secret-of-these-tests"}
	w := newWorldWith(t, simulator.Config{Local: true, Webhook: front}, byHook...)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	const readers = 12
	for id := int64(1); id <= readers; id++ {
		w.sim.AddPerson(simulator.Person{ID: id, Name: "Reader", Language: "en"})
	}
	w.start()
	w.say(1, "/start")
	w.sees(1, "What shall I follow", 20*time.Second)

	forged := `{"update_id":9,"message":{"message_id":1,"date":%d,"text":"/broadcast Forged","from":{"id":%d},"chat":{"id":%d,"type":"private"}}}`
	forged = fmt.Sprintf(forged, time.Now().Unix(), admin, admin)
	for _, secret := range []string{"", "a-secret-of-these-test", "a-secret-of-these-tests!"} {
		if got := w.post(at, secret, forged); got != http.StatusUnauthorized {
			t.Errorf("an update with the secret %q was answered with %d, want 401", secret, got)
		}
	}

	for id := int64(1); id <= readers; id++ {
		w.say(id, "/subscribe ferries")
	}
	w.kill() // in the middle of it, most likely
	for id := int64(1); id <= readers; id++ {
		w.say(id, "/subscribe strikes")
	}
	w.start()
	for id := int64(1); id <= readers; id++ {
		w.sees(id, "Following strikes", 30*time.Second)
		w.sees(id, "ollowing ferries", time.Second) // also "You are following …" when the kill came between doing and telling
	}
	if len(w.sim.Snapshot(admin)) != 0 {
		t.Errorf("somebody without the secret made the bot speak to the admin: %s", w.texts(admin))
	}

	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	w.say(2, "/subscribe bread")
	w.extraEnv = nil // polls from here on
	w.start()
	w.sees(2, "Following bread", 20*time.Second)
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	w.say(3, "/subscribe bread")
	w.extraEnv = byHook
	w.start()
	w.sees(3, "Following bread", 20*time.Second)
	w.until(5*time.Second, "the confirmation of all updates", func() bool { return w.sim.PendingUpdates() == 0 })
	for id := int64(2); id <= 3; id++ {
		if n := w.shown(id, "Following bread"); n != 1 {
			t.Errorf("reader %d was told %d times of one wish", id, n)
		}
	}
	if log := w.stderr.String(); strings.Contains(log, "a-secret-of-these") || strings.Contains(log, testToken) {
		t.Errorf("the log tells a secret:\n%s", log)
	}
}

// TestReplicasBehindAWebhook runs two replicas on one PostgreSQL: Telegram's
// requests reach either, one of them speaks, and when that one is killed the
// other does.
func TestReplicasBehindAWebhook(t *testing.T) {
	t.Parallel()
	database := throwAwayDatabase(t)
	first, second := freeAddress(t), freeAddress(t)
	front := &proxy{at: []string{first, second}}
	w := newWorldWith(t, simulator.Config{Local: true, Webhook: front})
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	env := func(at string) []string {
		return []string{"TIDINGS_DATABASE=" + database, "TIDINGS_LISTEN=" + at, "TIDINGS_WEBHOOK_URL=http://bot.test" + hookPath}
	}
	const readers = 8
	w.extraEnv = env(first)
	w.start()
	w.sim.AddPerson(simulator.Person{ID: 1, Name: "Ida", Language: "en"})
	w.say(1, "/start")
	w.sees(1, "What shall I follow", 30*time.Second)
	w.extraEnv = env(second)
	var log childLog
	standby := w.launch(&log)
	defer func() {
		standby.Process.Kill()
		standby.Wait()
		if t.Failed() {
			t.Logf("the other replica's log:\n%s", &log)
		}
	}()
	w.untilSays(second, "ready, standing by")
	for id := int64(2); id <= readers; id++ {
		w.sim.AddPerson(simulator.Person{ID: id, Name: "Reader", Language: "en"})
		w.say(id, "/start")
		w.say(id, "/help")
		w.say(id, "/topics")
	}
	for id := int64(2); id <= readers; id++ {
		w.sees(id, "What shall I follow", 20*time.Second)
		w.sees(id, "What I can do", 20*time.Second)
	}
	w.kill()
	for id := int64(1); id <= readers; id++ {
		w.say(id, "/subscribe ferries")
	}
	for id := int64(1); id <= readers; id++ {
		w.sees(id, "Following ferries", 30*time.Second)
		if n := w.shown(id, "Following ferries"); n != 1 {
			t.Errorf("reader %d was told %d times of one wish", id, n)
		}
	}
	e := w.sim.Evidence()
	if e.TooMany != 0 || e.Violations != 0 {
		t.Errorf("Telegram had to refuse %d messages and saw %d violations, want none", e.TooMany, e.Violations)
	}
}
