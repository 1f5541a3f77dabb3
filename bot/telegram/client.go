package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// DefaultBaseURL is where Telegram serves the Bot API.
const DefaultBaseURL = "https://api.telegram.org"

const (
	pollTimeout = 70 * time.Second // above MaxPoll
	sendTimeout = 20 * time.Second
)

// tokenForm is the form of every token BotFather gave out.
var tokenForm = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// retryText finds the wait in the description of a 429 that lacks parameters.
var retryText = regexp.MustCompile(`(?i)retry after (\d{1,9})`)

// Options are what a Client may be given; the zero value is fit for Telegram.
type Options struct {
	Now    func() time.Time // time.Now
	Log    *slog.Logger     // slog.Default()
	Rate   float64          // messages a second in all; DefaultRate
	Pauses PauseKeeper      // none: pauses end with the process
	// Limited is told of every 429 to a call that writes into a chat or answers
	// a press; may be nil.
	Limited func()

	// Speaks says whether this process is the one that writes into chats now.
	// While it says no, messages, files, copies and edits are ErrStandby: of
	// several replicas only one sends them, so that its limiter sees everything.
	// By default always.
	Speaks func() bool

	// Dial makes connections; by default TCP. Proxy chooses one for a request;
	// by default none.
	Dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	Proxy func(*http.Request) (*url.URL, error)
}

// Client calls the Bot API with one token. It is safe for concurrent use. All
// its errors from calls are *Error, and neither they nor its log hold the token.
type Client struct {
	token    string
	endpoint string // the library's format, with a place for token and method
	files    string // where files are read; holds the token
	redact   *strings.Replacer
	log      *slog.Logger
	now      func() time.Time
	limiter  *Limiter
	aside    *Limiter // of what goes out while another replica speaks
	speaks   func() bool
	limited  func()
	menus    atomic.Int64 // unix nanoseconds until which a 429 keeps menus as they are
	poll     *http.Client
	send     *http.Client
}

// New makes a client for the Bot API at baseURL (http or https; "" means
// DefaultBaseURL). It does not call: Me tells whether the token is good. A token
// that cannot be one is ErrUnauthorized.
func New(token, baseURL string, o Options) (*Client, error) {
	if !tokenForm.MatchString(token) {
		return nil, fmt.Errorf("%w: it does not look like 123456:AbC-dEf", ErrUnauthorized)
	}
	if baseURL == "" {
		baseURL = DefaultBaseURL
	}
	u, err := url.Parse(baseURL)
	// Neither the address nor the parse error is told: both may hold a secret.
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("address of the Bot API is not of the form https://host[:port][/path]")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Speaks == nil {
		o.Speaks = func() bool { return true }
	}
	limiter, err := NewLimiter(o.Rate, o.Now, o.Pauses)
	if err != nil {
		return nil, err
	}
	aside, err := NewLimiter(min(asideRate, limiter.Rate()), o.Now, nil)
	if err != nil {
		return nil, err
	}
	base := strings.TrimRight(u.String(), "/")
	return &Client{
		token:    token,
		endpoint: strings.ReplaceAll(base, "%", "%%") + "/bot%s/%s",
		files:    base + "/file/bot" + token,
		redact:   newRedactor(token, u),
		log:      o.Log,
		now:      o.Now,
		limiter:  limiter,
		aside:    aside,
		speaks:   o.Speaks,
		limited:  o.Limited,
		poll:     newHTTPClient(o, pollTimeout),
		send:     newHTTPClient(o, sendTimeout),
	}, nil
}

// Limiter is what paces the client's sending.
func (c *Client) Limiter() *Limiter { return c.limiter }

// Close drops idle connections. Calls in flight end by themselves.
func (c *Client) Close() {
	c.poll.CloseIdleConnections()
	c.send.CloseIdleConnections()
}

// String keeps the token out of whatever prints a Client.
func (c *Client) String() string { return "telegram.Client" }

// GoString is like String, for %#v.
func (c *Client) GoString() string { return c.String() }

// params are a method's parameters. Those that are empty are left out.
type params map[string]string

func (p params) text(key, value string) params {
	if value != "" {
		p[key] = value
	}
	return p
}

func (p params) id(key string, value int64) params {
	if value != 0 {
		p[key] = strconv.FormatInt(value, 10)
	}
	return p
}

func (p params) flag(key string, value bool) params {
	if value {
		p[key] = "true"
	}
	return p
}

// json sets what our own structs make; they always can be encoded.
func (p params) json(key string, value any) params {
	if data, err := json.Marshal(value); err == nil {
		p[key] = string(data)
	}
	return p
}

// ask calls a method that sends nothing: it does not wait for the limiter, and
// its 429 (profile methods have their own, long ones) pauses nothing else.
func (c *Client) ask(ctx context.Context, method string, p params, result any) error {
	if e := c.call(ctx, c.send, method, p, result); e != nil {
		return e
	}
	return nil
}

// tell calls a method that writes into a chat, in its turn.
func (c *Client) tell(ctx context.Context, prio Priority, chat int64, method string, p params, result any) error {
	return c.tellMarked(ctx, prio, chat, method, p, result, nil)
}

// tellMarked is tell with a last word before the first byte: an error of mark
// is returned with ErrNotSent, and nothing is sent.
func (c *Client) tellMarked(ctx context.Context, prio Priority, chat int64, method string, p params, result any, mark func(context.Context) error) error {
	return c.inTurn(ctx, prio, chat, method, mark, func() *Error { return c.call(ctx, c.send, method, p, result) })
}

// mayBeLeft are the methods whose calls can be left to the replica that speaks.
var mayBeLeft = map[string]bool{"sendMessage": true, "editMessageText": true}

// asideRate is how many messages a second a replica may send that does not speak.
const asideRate = 1

// inTurn makes a call that writes into a chat when the limiter lets it.
func (c *Client) inTurn(ctx context.Context, prio Priority, chat int64, method string, mark func(context.Context) error, call func() *Error) error {
	if mayBeLeft[method] && !c.speaks() {
		return &Error{Method: method, Description: "it is not this replica's turn to speak", is: []error{ErrStandby, ErrNotSent}}
	}
	return c.inTurnAnyway(ctx, prio, chat, method, mark, call)
}

func (c *Client) inTurnAnyway(ctx context.Context, prio Priority, chat int64, method string, mark func(context.Context) error, call func() *Error) error {
	limiter := c.pacer()
	if err := limiter.Wait(ctx, prio, chat); err != nil {
		return notItsTurn(method, err)
	}
	if mark != nil {
		if err := mark(ctx); err != nil {
			return &Error{Method: method, Description: "while marking it: " + err.Error(), is: []error{ErrNotSent, err}}
		}
	}
	out := c.now()
	e := call()
	if e == nil {
		limiter.Accepted(out)
		return nil
	}
	if limiter != c.limiter && errors.Is(e, ErrRateLimited) {
		limiter.pause(chat, e.RetryAfter)
	}
	c.heed(ctx, chat, e)
	return e
}

// pacer is the limiter of what this process sends now.
func (c *Client) pacer() *Limiter {
	if c.speaks() {
		return c.limiter
	}
	return c.aside
}

func notItsTurn(method string, err error) *Error {
	return &Error{Method: method, Description: "while waiting for its turn: " + err.Error(), is: []error{ErrNotSent, err}}
}

// heed passes a 429 to the limiter. The pause is saved even if the caller is
// about to stop, for the next process needs it most.
func (c *Client) heed(ctx context.Context, chat int64, e *Error) {
	if !errors.Is(e, ErrRateLimited) {
		return
	}
	if c.limited != nil {
		c.limited()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := c.limiter.Limited(ctx, chat, e.RetryAfter)
	c.log.Warn("telegram asks to wait", "method", e.Method, "seconds", int(e.RetryAfter.Seconds()), "rate", c.limiter.Rate())
	if err != nil {
		c.log.Error("pause will not survive a restart", "err", err)
	}
}

// call makes one request. It returns *Error, not error, so that callers must
// not forget the nil inside an interface.
func (c *Client) call(ctx context.Context, client *http.Client, method string, p params, result any) *Error {
	return c.callWith(ctx, client, method, p, nil, result)
}

// callWith is call with files to upload.
func (c *Client) callWith(ctx context.Context, client *http.Client, method string, p params, files []tgbotapi.RequestFile, result any) *Error {
	return c.callThrough(&exchange{ctx: ctx, client: client}, method, p, files, result)
}

func (c *Client) callThrough(x *exchange, method string, p params, files []tgbotapi.RequestFile, result any) *Error {
	api := tgbotapi.BotAPI{Token: c.token, Client: x}
	api.SetAPIEndpoint(c.endpoint)
	request := func() (*tgbotapi.APIResponse, error) { return api.MakeRequest(method, tgbotapi.Params(p)) }
	if len(files) > 0 {
		request = func() (*tgbotapi.APIResponse, error) { return api.UploadFiles(method, tgbotapi.Params(p), files) }
	}
	resp, err := request()
	if err != nil {
		return c.judge(method, x, err)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(resp.Result, result); err != nil {
		return c.judge(method, x, fmt.Errorf("read result: %w", err))
	}
	return nil
}

// judge tells what a failed request means.
func (c *Client) judge(method string, x *exchange, err error) *Error {
	var refused *tgbotapi.Error
	if errors.As(err, &refused) && (refused.Code != 0 || refused.Message != "") {
		code := refused.Code
		if code == 0 { // the library loses it on some ways
			code = x.status
		}
		description := c.redact.Replace(refused.Message)
		return refusal(method, code, x.status, description, waitOf(x, code, refused), refused.MigrateToChatID)
	}

	// No answer of the Bot API. Of *url.Error only the inside is kept: its text
	// holds the whole address.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	e := &Error{Method: method, Status: x.status, Description: cutText(c.redact.Replace(err.Error()))}
	switch {
	case x.status == http.StatusTooManyRequests:
		// A proxy in front of the Bot API refuses.
		e.is, e.RetryAfter = []error{ErrRateLimited}, min(max(headerWait(x.retryAfter), time.Second), longestWait)
	case x.unsent, x.status >= 400 && x.status < 500:
		// What answers 4xx without the Bot API's JSON stands before it.
		e.is, e.Reason = []error{ErrNotSent}, x.unsentBy()
	case x.status >= 500:
		e.is, e.Reason = []error{ErrAmbiguous, ErrServer}, ReasonPage
	default:
		e.is, e.Reason = []error{ErrAmbiguous}, x.lostBy(err)
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.is = append(e.is, end)
		}
	}
	return e
}

// waitOf finds how long a refusal wants us to wait; 0 if it does not say.
func waitOf(x *exchange, code int, refused *tgbotapi.Error) time.Duration {
	if refused.RetryAfter > 0 {
		return seconds(refused.RetryAfter)
	}
	if code != http.StatusTooManyRequests {
		return 0
	}
	if found := retryText.FindStringSubmatch(refused.Message); found != nil {
		n, _ := strconv.Atoi(found[1]) // nine digits always fit
		return seconds(n)
	}
	return headerWait(x.retryAfter)
}

func headerWait(value string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < 0 {
		return 0
	}
	return seconds(n)
}

// seconds makes a duration that cannot overflow.
func seconds(n int) time.Duration {
	return time.Duration(min(n, int(longestWait/time.Second))) * time.Second
}

// newRedactor takes the token, in all forms an address may have it, and the
// address's own secrets out of texts.
func newRedactor(token string, base *url.URL) *strings.Replacer {
	const mask = "[token]"
	pairs := []string{token, mask, url.PathEscape(token), mask, url.QueryEscape(token), mask}
	// The part after the colon is the secret; a short one, as in a try-out, would
	// be found in innocent words.
	if _, secret, _ := strings.Cut(token, ":"); len(secret) >= 16 {
		pairs = append(pairs, secret, mask)
	}
	if password, ok := base.User.Password(); ok && password != "" {
		pairs = append(pairs, password, mask)
	}
	return strings.NewReplacer(pairs...)
}
