package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// What telegram-bot-api does with a webhook (WebhookActor.cpp).
const (
	webhookTimeout     = 60 * time.Second
	webhookFirstRetry  = time.Second
	webhookLastRetry   = time.Minute
	webhookMostAsked   = time.Hour // of a Retry-After
	webhookConnections = 40
	webhookSecret      = "X-Telegram-Bot-Api-Secret-Token"
)

var (
	webhookPorts    = []string{"", "80", "88", "443", "8443"}
	webhookSecretIs = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)
)

// webhook is where updates are brought and how that goes. Everything in it is
// under the simulator's mutex.
type webhook struct {
	url     string
	secret  string
	most    int // connections
	end     context.CancelFunc
	busy    map[string]bool // lanes with an update on its way
	retry   map[string]retry
	flying  int
	failed  time.Time // the last time an update was not taken
	failure string
}

// retry is when a lane is tried again, and how long it was made to wait.
type retry struct {
	at    time.Time
	delay time.Duration
}

func (s *Simulator) setWebhook(q *query) (any, error) {
	address := q.params["url"]
	if address == "" {
		return s.deleteWebhook(q)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && !(s.cfg.Local && u.Scheme == "http"):
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	case !s.cfg.Local && !slices.Contains(webhookPorts, u.Port()):
		return nil, bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	case len(q.params["secret_token"]) > 256:
		return nil, bad("secret token is too long")
	case !webhookSecretIs.MatchString(q.params["secret_token"]):
		return nil, bad("secret token contains unallowed characters")
	}
	s.queue.remember(q.params["allowed_updates"])
	if q.params.flag("drop_pending_updates") {
		s.queue.waiting = nil
	}
	most := int(q.params.integer("max_connections", webhookConnections, 1, 100))
	if w := s.webhook; w != nil && w.url == address && w.secret == q.params["secret_token"] && w.most == most {
		return described{true, "Webhook is already set"}, nil
	}
	s.dropWebhook()
	ctx, end := context.WithCancel(context.Background())
	s.webhook = &webhook{
		url: address, secret: q.params["secret_token"], most: most, end: end,
		busy: map[string]bool{}, retry: map[string]retry{},
	}
	go s.bring(ctx, s.webhook)
	s.oust(textSetWebhook)
	return described{true, "Webhook was set"}, nil
}

func (s *Simulator) deleteWebhook(q *query) (any, error) {
	if q.params.flag("drop_pending_updates") {
		s.queue.waiting = nil
	}
	if s.webhook == nil {
		return described{true, "Webhook is already deleted"}, nil
	}
	s.dropWebhook()
	return described{true, "Webhook was deleted"}, nil
}

// dropWebhook begins no further request; those under way are broken off, and
// what they brought comes again.
func (s *Simulator) dropWebhook() {
	if s.webhook != nil {
		s.webhook.end()
		s.webhook = nil
	}
}

func (s *Simulator) getWebhookInfo(*query) (any, error) {
	s.queue.forget(s.now())
	info := struct {
		URL            string   `json:"url"`
		HasCertificate bool     `json:"has_custom_certificate"`
		Pending        int      `json:"pending_update_count"`
		LastErrorDate  int64    `json:"last_error_date,omitempty"`
		LastError      string   `json:"last_error_message,omitempty"`
		MaxConnections int      `json:"max_connections,omitempty"`
		AllowedUpdates []string `json:"allowed_updates,omitempty"`
	}{Pending: len(s.queue.waiting), AllowedUpdates: s.queue.allowed}
	if w := s.webhook; w != nil {
		info.URL, info.MaxConnections = w.url, w.most
		if !w.failed.IsZero() {
			info.LastErrorDate, info.LastError = w.failed.Unix(), w.failure
		}
	}
	return info, nil
}

// bring takes updates to the webhook until ctx ends: those of one lane one
// after the other, of different lanes side by side.
func (s *Simulator) bring(ctx context.Context, w *webhook) {
	for {
		s.mu.Lock()
		changed := s.changed
		soonest := s.bringReady(ctx, w)
		s.mu.Unlock()
		again := time.NewTimer(soonest)
		select {
		case <-changed:
		case <-again.C:
		case <-ctx.Done():
		case <-s.closed:
		}
		again.Stop()
		select {
		case <-ctx.Done():
			return
		case <-s.closed:
			w.end()
			return
		default:
		}
	}
}

// bringReady begins a request for the first update of every lane that is free,
// and tells how long until another lane is tried again. s.mu is held.
func (s *Simulator) bringReady(ctx context.Context, w *webhook) (soonest time.Duration) {
	now := s.now()
	soonest = webhookLastRetry
	s.queue.forget(now)
	passed := map[string]bool{}
	for _, u := range s.queue.waiting {
		lane := laneOf(u.body)
		if passed[lane] || w.busy[lane] {
			continue
		}
		passed[lane] = true
		if wait := w.retry[lane].at.Sub(now); wait > 0 {
			soonest = min(soonest, wait)
			continue
		}
		if w.flying >= w.most {
			break
		}
		w.busy[lane] = true
		w.flying++
		go s.bringOne(ctx, w, lane, u)
	}
	return soonest
}

// laneOf names the updates that keep their order: messages of a chat, presses
// of a person.
func laneOf(body json.RawMessage) string {
	var u map[string]json.RawMessage
	_ = json.Unmarshal(body, &u) // what cannot be read shares a lane
	for kind, payload := range u {
		var p struct {
			Chat *struct{ ID int64 }
			From *struct{ ID int64 }
		}
		if kind == "update_id" || json.Unmarshal(payload, &p) != nil {
			continue
		}
		switch {
		case p.Chat != nil:
			return fmt.Sprint("chat ", p.Chat.ID)
		case p.From != nil:
			return fmt.Sprint("person ", p.From.ID)
		}
	}
	return ""
}

// bringOne makes one request and notes how it went: 2xx confirms the update,
// everything else makes its lane wait.
func (s *Simulator) bringOne(ctx context.Context, w *webhook, lane string, u queued) {
	asked, err := s.post(ctx, w, u.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(w.busy, lane)
	w.flying--
	if err == nil {
		delete(w.retry, lane)
		s.queue.waiting = slices.DeleteFunc(s.queue.waiting, func(v queued) bool { return v.id == u.id })
	} else if ctx.Err() == nil {
		delay := min(max(2*w.retry[lane].delay, webhookFirstRetry), webhookLastRetry)
		if asked > 0 {
			delay = asked
		}
		w.retry[lane] = retry{s.now().Add(delay), min(delay, webhookLastRetry)}
		w.failed, w.failure = s.now(), err.Error()
		s.log.Debug("update not taken by the webhook", "update", u.id, "err", err)
	}
	s.touch(nil)
}

// post brings one update; asked is the answer's Retry-After.
func (s *Simulator) post(ctx context.Context, w *webhook, body json.RawMessage) (asked time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if w.secret != "" {
		r.Header.Set(webhookSecret, w.secret)
	}
	answer, err := s.cfg.Webhook.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		//lint:ignore ST1005 Telegram's own words
		return min(time.Duration(seconds)*time.Second, webhookMostAsked), fmt.Errorf("Wrong response from the webhook: %s", answer.Status)
	}
	return 0, nil
}
