// Package simulator is a pretend Telegram: an http.Handler that answers the Bot
// API as the real server does, keeps chats, messages and the update queue in
// memory, brings updates to a webhook when one is set, lets tests and a chat page act as people, and can be told to fail.
//
// It is not a Telegram client and it knows nothing of Tidings: it imports
// nothing of ours and declares its own wire structs, so that a mistaken JSON
// tag on either side shows. It has no parse_mode parser and no albums, and
// reads inline results of type article only; methods it lacks answer 404 as an older server would.
//
// Everything lives in memory under one mutex. A message costs about a
// kilobyte, a recorded call about as much (Config.KeepCalls bounds them).
package simulator

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says who the bot is, who the people are and how strict the pretend
// server is. The zero value of every field but Token works.
type Config struct {
	Token     string // what stands between /bot and /method; its number before the colon is the bot's user id
	Username  string // the bot's username without @; "tidings_bot" when empty
	FirstName string // the bot's name; "Tidings" when empty

	Now    func() time.Time // the clock of dates, limits and expiry; time.Now when nil
	Log    *slog.Logger     // ids, methods and counts only, never texts; discarded when nil
	People []Person         // known from the start, in the order the chat page shows them

	Limits        Limits        // rate limits; the zero value means the published ones
	CallbackTTL   time.Duration // how long a pressed button waits for its answer; 15 s when 0
	Strict16      bool          // count message length in UTF-16 units, not code points: the safe upper bound
	ReadsGroups   bool          // privacy mode off: the bot sees every group message
	FirstUpdateID int64         // id of the first update; 710000001 when 0
	KeepCalls     int           // how many calls Evidence remembers; 20000 when 0

	// Local makes it a Bot API server of one's own, as telegram-bot-api --local:
	// webhooks may be plain http, on any port.
	Local   bool
	Webhook http.RoundTripper // brings updates to a webhook; http.DefaultTransport when nil

	LinkOpener http.Handler // serves links whose host ends in .example to the chat page; nil: they answer 404
}

// Person is somebody who can talk to the bot.
type Person struct {
	ID       int64 // positive; also the id of the private chat with the bot
	Name     string
	Username string // without @; may be empty
	Language string // IETF tag; may be empty
	Role     string // shown on the chat page, such as "reader" or "admin"
}

// Simulator is one pretend Telegram for one bot. All methods are safe for
// concurrent use.
type Simulator struct {
	cfg    Config
	now    func() time.Time
	log    *slog.Logger
	me     User
	run    string // tells this simulator from others at the same address
	closed chan struct{}

	mu       sync.Mutex
	shut     bool
	changed  chan struct{} // closed and replaced at every change of state
	version  uint64
	users    map[int64]*user
	people   []int64
	groups   []int64 // groups, supergroups and channels, in the order they came
	chats    map[int64]*chat
	names    map[string]int64 // lower-case public username → chat id
	queue    updateQueue
	webhook  *webhook // nil: updates are polled for
	presses  map[string]*press
	asks     []*ask
	files    map[string]*file // by file_id
	nextFile int
	nextID   int64 // callback ids, group ids
	profile  profile
	rates    rates
	faults   []*armedFault
	latency  time.Duration
	nextRule int
	evidence evidence
	toasts   []toast
}

// New returns a simulator that knows cfg.People and has an empty queue.
func New(cfg Config) *Simulator {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Username == "" {
		cfg.Username = "tidings_bot"
	}
	if cfg.FirstName == "" {
		cfg.FirstName = "Tidings"
	}
	if cfg.CallbackTTL == 0 {
		cfg.CallbackTTL = 15 * time.Second
	}
	if cfg.FirstUpdateID == 0 {
		cfg.FirstUpdateID = 710000001
	}
	if cfg.Webhook == nil {
		cfg.Webhook = http.DefaultTransport
	}
	if cfg.KeepCalls == 0 {
		cfg.KeepCalls = 20000
	}
	number, _, _ := strings.Cut(cfg.Token, ":")
	id, _ := strconv.ParseInt(number, 10, 64)
	s := &Simulator{
		cfg:     cfg,
		now:     cfg.Now,
		log:     cfg.Log,
		me:      User{ID: id, IsBot: true, FirstName: cfg.FirstName, Username: cfg.Username},
		run:     rand.Text(),
		closed:  make(chan struct{}),
		changed: make(chan struct{}),
		users:   map[int64]*user{},
		chats:   map[int64]*chat{},
		names:   map[string]int64{},
		presses: map[string]*press{},
		files:   map[string]*file{},
		profile: newProfile(cfg.FirstName),
	}
	s.queue.next = cfg.FirstUpdateID
	s.rates.limits = cfg.Limits.orDefaults()
	s.evidence.keep = cfg.KeepCalls
	for _, p := range cfg.People {
		s.AddPerson(p)
	}
	return s
}

// Close ends every waiting poll, hanging answer and page stream. Requests that
// arrive later have their connection closed. It may be called twice.
func (s *Simulator) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shut {
		s.shut = true
		close(s.closed)
	}
}

// touch tells everybody who waits that something changed, and stamps the chat,
// if any, so that the chat page knows what to draw again. s.mu is held.
func (s *Simulator) touch(c *chat) {
	s.version++
	if c != nil {
		c.version = s.version
	}
	close(s.changed)
	s.changed = make(chan struct{})
}
