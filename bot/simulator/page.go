package simulator

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

const (
	shownMessages = 200 // newest of a chat that the page draws
	shownCalls    = 30
	maxControl    = 64 << 10
	redrawPause   = 40 * time.Millisecond // changes closer together are drawn at once
	heartbeat     = 20 * time.Second
)

// pagePolicy lets the page load itself and nothing else; feed text is hostile.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newsPolicy takes every right from what LinkOpener serves: it lives on the
// page's origin and must not reach the page's controls.
const newsPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// ListenLoopback listens on a TCP address of this machine only; any other
// address, also the empty host that means every interface, is an error.
func ListenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("listen on %q: the simulator serves this machine only: use 127.0.0.1, [::1] or localhost", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("listen on %q: it resolves to %s, which is not this machine only", addr, l.Addr())
	}
	return l, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// Page is the chat page with its events and controls: people side by side,
// each with their private chat with the bot. It answers requests that name
// this machine as host, and controls only from the page itself.
func (s *Simulator) Page() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded: this cannot be
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /events", s.serveEvents)
	mux.HandleFunc("GET /calls", s.serveCalls)
	mux.HandleFunc("GET /open", s.serveLink)
	mux.HandleFunc("GET /media", s.serveMedia)
	mux.HandleFunc("POST /say", control(s.controlSay))
	mux.HandleFunc("POST /press", control(s.controlPress))
	mux.HandleFunc("POST /block", control(s.controlBlock))
	return guard(mux)
}

// guard refuses foreign hosts (DNS rebinding) and foreign pages.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		site := r.Header.Get("Sec-Fetch-Site")
		origin := r.Header.Get("Origin")
		switch {
		case !isLoopback(host):
			http.Error(w, "this page is served under a loopback name only", http.StatusMisdirectedRequest)
			return
		case origin != "" && origin != "http://"+r.Host,
			r.URL.Path != "/" && site != "" && site != "same-origin" && site != "none":
			http.Error(w, "requests from other pages are refused", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// act is what the page asks for; ids are text because they exceed what a
// browser counts exactly.
type act struct {
	Person  int64  `json:"person,string"`
	Message int64  `json:"message,string"`
	Row     int    `json:"row"`
	Column  int    `json:"column"`
	Text    string `json:"text"`
	Blocked bool   `json:"blocked"`
}

// control wraps an act of the page. It asks for JSON, which another site's
// form cannot send.
func control(do func(act) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
			http.Error(w, "controls take application/json", http.StatusUnsupportedMediaType)
			return
		}
		var a act
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl)).Decode(&a); err != nil {
			http.Error(w, "read act: "+err.Error(), http.StatusBadRequest)
			return
		}
		result, err := do(a)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		writeJSON(w, result)
	}
}

func (s *Simulator) controlSay(a act) (any, error) {
	for _, part := range splitText(a.Text) {
		if _, err := s.Say(a.Person, part); err != nil {
			return nil, err
		}
	}
	return true, nil
}

// splitText cuts what is longer than a message, as Telegram's clients do.
func splitText(text string) []string {
	runes := []rune(strings.TrimSpace(text))
	var parts []string
	for len(runes) > maxText {
		parts, runes = append(parts, string(runes[:maxText])), runes[maxText:]
	}
	return append(parts, string(runes))
}

func (s *Simulator) controlPress(a act) (any, error) {
	id, err := s.Press(a.Person, a.Person, a.Message, ByPlace(a.Row, a.Column))
	return map[string]string{"query": id}, err
}

func (s *Simulator) controlBlock(a act) (any, error) {
	return true, s.setBlocked(a.Person, a.Blocked)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // the page may have left: nobody to tell
}

// personView is one column of the page.
type personView struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Username    string        `json:"username"`
	Language    string        `json:"language"`
	Role        string        `json:"role"`
	Started     bool          `json:"started"`
	Blocked     bool          `json:"blocked"`
	Typing      int64         `json:"typing"` // milliseconds left
	About       string        `json:"about"`
	Commands    []Command     `json:"commands"`
	Messages    []messageView `json:"messages"`
	BotName     string        `json:"botName"`
	BotUsername string        `json:"botUsername"`
}

type messageView struct {
	ID       string     `json:"id"`
	Version  int        `json:"version"`
	Mine     bool       `json:"mine"`
	Service  bool       `json:"service"`
	Date     int64      `json:"date"`
	Edited   bool       `json:"edited"`
	Text     string     `json:"text"`
	Entities []Entity   `json:"entities"`
	Keyboard [][]Button `json:"keyboard"`
	Reply    string     `json:"reply"`
	Photo    string     `json:"photo,omitempty"` // file id
	Document *FileInfo  `json:"document,omitempty"`
}

type toastView struct {
	Person string `json:"person"`
	Query  string `json:"query"`
	Text   string `json:"text"`
	Alert  bool   `json:"alert"`
}

// pageEvent is what the page is sent: the columns that changed, whole.
type pageEvent struct {
	People []personView `json:"people"`
	Toasts []toastView  `json:"toasts"`
	Calls  int          `json:"calls"`
}

// serveEvents streams changes until the page leaves or the simulator closes.
func (s *Simulator) serveEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	var seen uint64
	s.mu.Lock()
	told := s.version // toasts from before belong to nobody here
	s.mu.Unlock()
	for {
		event, version, changed := s.pageEvent(seen, told)
		seen, told = version, version
		body, err := json.Marshal(event)
		if err != nil {
			s.log.Error("write page event", "err", err)
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", body); err != nil || out.Flush() != nil {
			return
		}
		if !s.awaitChange(r.Context(), changed) {
			return
		}
	}
}

// awaitChange waits for the next change, or the heartbeat, and then a moment
// more so that a burst is drawn once. False: it is over.
func (s *Simulator) awaitChange(ctx context.Context, changed <-chan struct{}) bool {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return false
	case <-s.closed:
		return false
	}
	return s.pause(ctx, redrawPause)
}

func (s *Simulator) pageEvent(seen, told uint64) (pageEvent, uint64, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := pageEvent{People: []personView{}, Toasts: []toastView{}, Calls: s.evidence.total}
	for _, id := range s.people {
		if c := s.chats[id]; c.version > seen {
			e.People = append(e.People, s.view(s.users[id], c))
		}
	}
	for _, t := range s.toasts {
		if t.seq > told {
			e.Toasts = append(e.Toasts, toastView{Person: strconv.FormatInt(t.person, 10), Query: t.query, Text: t.text, Alert: t.alert})
		}
	}
	return e, s.version, s.changed
}

func (s *Simulator) view(u *user, c *chat) personView {
	language, _, _ := strings.Cut(u.LanguageCode, "-")
	v := personView{
		ID: strconv.FormatInt(u.ID, 10), Name: u.FirstName, Username: u.Username, Language: u.LanguageCode, Role: u.role,
		Started: c.started, Blocked: c.blocked, Typing: max(0, c.typing.Sub(s.now()).Milliseconds()),
		About: s.profileText("description", language), Commands: s.menu(u.ID), Messages: []messageView{},
		BotName: s.profileText("name", language), BotUsername: s.cfg.Username,
	}
	for _, m := range c.messages[max(0, len(c.messages)-shownMessages):] {
		mv := messageView{
			ID: strconv.FormatInt(m.MessageID, 10), Version: m.edits, Mine: !m.fromBot, Service: m.Text == "" && !m.hasMedia(),
			Date: m.Date, Edited: m.EditDate != 0, Text: m.Text, Entities: m.Entities, Document: m.Document,
		}
		if m.hasMedia() {
			mv.Text, mv.Entities = m.Caption, m.CaptionEntities
		}
		if len(m.Photo) > 0 {
			mv.Photo = m.Photo[len(m.Photo)-1].FileID
		}
		if m.Markup != nil {
			mv.Keyboard = m.Markup.InlineKeyboard
		}
		if m.ReplyTo != nil {
			mv.Reply = m.ReplyTo.Text + m.ReplyTo.Caption
		}
		v.Messages = append(v.Messages, mv)
	}
	return v
}

type callView struct {
	Seq     int               `json:"seq"`
	At      int64             `json:"at"`
	Method  string            `json:"method"`
	Params  map[string]string `json:"params"`
	Status  int               `json:"status"`
	Answer  json.RawMessage   `json:"answer"`
	Micros  int64             `json:"micros"`
	Fault   FaultKind         `json:"fault"`
	Running bool              `json:"running"`
}

// serveCalls lists the newest calls, newest first; polls for nothing are left
// out unless ?polls=1, and ?chat= asks for one chat's.
func (s *Simulator) serveCalls(w http.ResponseWriter, r *http.Request) {
	chatID, _ := strconv.ParseInt(r.URL.Query().Get("chat"), 10, 64)
	polls := r.URL.Query().Get("polls") == "1"
	list := []callView{}
	s.mu.Lock()
	for i := len(s.evidence.calls) - 1; i >= 0 && len(list) < shownCalls; i-- {
		c := s.evidence.calls[i]
		if !polls && strings.EqualFold(c.Method, "getUpdates") || chatID != 0 && c.ChatID != chatID {
			continue
		}
		v := callView{Seq: c.Seq, At: c.At.UnixMilli(), Method: c.Method, Params: c.Params, Status: c.Status, Micros: c.Latency.Microseconds(), Fault: c.Fault, Running: !c.done}
		if c.Answer != "" {
			v.Answer = json.RawMessage(c.Answer)
		}
		list = append(list, v)
	}
	s.mu.Unlock()
	writeJSON(w, list)
}

// serveLink opens a link to a pretend outlet, whose host ends in .example.
func (s *Simulator) serveLink(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || !strings.HasSuffix(strings.ToLower(target.Hostname()), ".example") {
		http.Error(w, "only links to .example hosts open here", http.StatusBadRequest)
		return
	}
	if s.cfg.LinkOpener == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", newsPolicy)
	visit := r.Clone(r.Context())
	visit.URL, visit.Host, visit.RequestURI = target, target.Host, target.RequestURI()
	if target.Path == "" {
		target.Path = "/"
	}
	s.cfg.LinkOpener.ServeHTTP(w, visit)
}
