package telegram

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// secretHeader is where Telegram repeats the secret that setWebhook told it.
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	// maxUpdate bounds one update, in bytes. Texts are at most 4096 characters
	// and a reply quotes one more message, so real ones are a tenth of it.
	maxUpdate = 1 << 20
	// readUpdate is how long the body of a request may take.
	readUpdate = 10 * time.Second
	// WebhookConnections is how many updates Telegram may send us at once.
	WebhookConnections = 40

	refusedEvery = time.Minute // between two words about a wrong secret
)

// SetWebhook asks Telegram to send the kinds of updates we read to address, and
// secret (up to 256 of A-Z, a-z, 0-9, _ and -) with each. Updates that wait
// stay. An address that Telegram does not take is ErrRefused.
func (c *Client) SetWebhook(ctx context.Context, address, secret string) error {
	p := params{}.text("url", address).text("secret_token", secret).
		id("max_connections", WebhookConnections).json("allowed_updates", AllowedUpdates)
	return c.ask(ctx, "setWebhook", p, nil)
}

// WebhookInfo is what Telegram tells about the webhook. LastError is zero when
// the last update was delivered, or never failed to be.
type WebhookInfo struct {
	URL              string // "" when none is set
	Pending          int    // updates that wait
	LastError        time.Time
	LastErrorMessage string
}

// Webhook tells where Telegram sends updates and how that goes.
func (c *Client) Webhook(ctx context.Context) (WebhookInfo, error) {
	var w struct {
		URL       string `json:"url"`
		Pending   int    `json:"pending_update_count"`
		ErrorDate int64  `json:"last_error_date"`
		ErrorText string `json:"last_error_message"`
	}
	if err := c.ask(ctx, "getWebhookInfo", nil, &w); err != nil {
		return WebhookInfo{}, err
	}
	info := WebhookInfo{URL: w.URL, Pending: w.Pending, LastErrorMessage: cutText(c.redact.Replace(w.ErrorText))}
	if w.ErrorDate != 0 {
		info.LastError = time.Unix(w.ErrorDate, 0)
	}
	return info, nil
}

// A Webhook is the other door for updates: Telegram brings each in a request of
// its own, and takes any answer but 2xx as "again later". So an update is
// answered with 200 only after it was handled, and a process that dies in
// between loses none.
//
// Updates of one chat are handled one after the other, different chats side by
// side. Telegram itself waits with the next message of a chat for the answer to
// the one before, whichever replica it goes to; only a press and a message of
// one chat can reach two replicas at the same time.
//
// It answers 503 but while Run runs.
type Webhook struct {
	// Secret must come with every request; all else is answered with 401 before
	// it is read.
	Secret string
	// Handle serves one update, under the conditions of Poller.Handle. Its error
	// makes Telegram come again.
	Handle func(ctx context.Context, u Update) error
	Log    *slog.Logger

	mu      sync.Mutex
	open    bool
	late    chan struct{}      // closed late in a stop: handlers end
	busy    int                // handlers
	idle    chan struct{}      // closed when the last of them ended after the stop
	chats   map[int64]*waiting // being served
	refused time.Time          // when a wrong secret was last told
}

// waiting is a chat's turn and how many have it or wait for it.
type waiting struct {
	turn chan struct{} // capacity 1
	all  int
}

// Run lets updates in until ctx ends, then lets those in hand finish: 1.5 s on
// their own, then their context ends, and 1.9 s at most. What was not handled
// is answered so that Telegram brings it again.
func (h *Webhook) Run(ctx context.Context) error {
	h.mu.Lock()
	h.open, h.late, h.idle = true, make(chan struct{}), make(chan struct{})
	h.mu.Unlock()

	<-ctx.Done()
	h.mu.Lock()
	h.open = false
	if h.busy == 0 {
		close(h.idle)
	}
	h.mu.Unlock()
	grace, limit := time.NewTimer(stopGrace), time.NewTimer(stopLimit)
	defer grace.Stop()
	defer limit.Stop()
	for {
		select {
		case <-h.idle:
			return nil
		case <-grace.C:
			close(h.late)
		case <-limit.C:
			h.Log.Error("handlers did not stop in time")
			return nil
		}
	}
}

// ServeHTTP takes one update. It judges the secret, not the path.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), []byte(h.Secret)) != 1 || h.Secret == "":
		h.tellRefused()
		http.Error(w, "this is not for you", http.StatusUnauthorized)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "updates are posted", http.StatusMethodNotAllowed)
		return
	}
	late, ok := h.enter()
	if !ok {
		again(w)
		return
	}
	defer h.leave()
	// Servers in memory have no deadlines; there it is the test that ends.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readUpdate))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, "an update is smaller", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the update did not arrive whole", http.StatusBadRequest)
		return
	}
	u := DecodeUpdate(body)
	switch {
	case u.ID <= 0:
		http.Error(w, "that is no update", http.StatusBadRequest)
		return
	case u.Kind() == KindUnknown: // to come again would change nothing
		h.Log.Debug("update of an unknown kind", "update", u.ID)
	case !h.handle(context.WithoutCancel(r.Context()), late, u):
		again(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// again asks Telegram to bring the update once more, soon.
func again(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "not now", http.StatusServiceUnavailable)
}

func (h *Webhook) enter() (late <-chan struct{}, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		return nil, false
	}
	h.busy++
	return h.late, true
}

func (h *Webhook) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	if h.busy == 0 && !h.open {
		close(h.idle)
	}
}

// handle serves an update in its chat's turn and tells whether it is done with.
// It goes on when the request's connection breaks: the update comes again and
// then is found to be handled.
func (h *Webhook) handle(ctx context.Context, late <-chan struct{}, u Update) bool {
	ctx, cancel := context.WithTimeoutCause(ctx, handleLimit, ErrLate)
	defer cancel()
	go func() {
		select {
		case <-late:
			cancel()
		case <-ctx.Done():
		}
	}()
	done, err := h.turn(ctx, u.ChatID())
	if err != nil {
		return false
	}
	defer done()
	return handleOnce(ctx, h.Log, h.Handle, u) == nil
}

// turn waits until no other update of the chat is being handled.
func (h *Webhook) turn(ctx context.Context, chat int64) (done func(), err error) {
	h.mu.Lock()
	if h.chats == nil {
		h.chats = map[int64]*waiting{}
	}
	c := h.chats[chat]
	if c == nil {
		c = &waiting{turn: make(chan struct{}, 1)}
		h.chats[chat] = c
	}
	c.all++
	h.mu.Unlock()
	quit := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if c.all--; c.all == 0 {
			delete(h.chats, chat)
		}
	}
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn; quit() }, nil
	case <-ctx.Done():
		quit()
		return nil, ctx.Err()
	}
}

// tellRefused says that somebody knocks without the secret, now and then.
func (h *Webhook) tellRefused() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.Sub(h.refused) >= refusedEvery {
		h.refused = now
		h.Log.Warn("a request to the webhook came without the right secret and was refused")
	}
}
