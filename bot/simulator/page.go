package simulator

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed page
var pageFiles embed.FS

const (
	shownMessages = 200 // newest of a chat that the page draws
	shownCalls    = 30
	maxControl    = 64 << 10
	maxSay        = maxControl + maxDownload*4/3 // a file travels as base64
	redrawPause   = 40 * time.Millisecond        // changes closer together are drawn at once
	heartbeat     = 20 * time.Second
)

// pagePolicy lets the page load itself and nothing else; feed text is hostile.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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
// each with their private chat with the bot, and the groups. It answers requests that name
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
	mux.HandleFunc("POST /say", control(maxSay, s.controlSay))
	mux.HandleFunc("POST /press", control(maxControl, s.controlPress))
	mux.HandleFunc("POST /ask", control(maxControl, s.controlAsk))
	mux.HandleFunc("POST /share", control(maxControl, s.controlShare))
	mux.HandleFunc("POST /block", control(maxControl, s.controlBlock))
	mux.HandleFunc("POST /fault", control(maxControl, s.controlFault))
	mux.HandleFunc("POST /unfault", control(maxControl, s.controlUnfault))
	mux.HandleFunc("POST /latency", control(maxControl, s.controlLatency))
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
	Person  int64       `json:"person,string"`
	Chat    int64       `json:"chat,string"` // 0: the person's private chat
	Thread  int64       `json:"thread,string"`
	Reply   int64       `json:"reply,string"`
	Message int64       `json:"message,string"`
	Row     int         `json:"row"`
	Column  int         `json:"column"`
	Text    string      `json:"text"`
	Upload  *pageUpload `json:"upload"`
	Blocked bool        `json:"blocked"`
	Offset  string      `json:"offset"` // of an inline query, and what was chosen of which
	Query   string      `json:"query"`
	Result  string      `json:"result"`
}

// pageUpload is a file that the page sends with a message.
type pageUpload struct {
	Name    string `json:"name"`
	Picture bool   `json:"picture"` // sent to be looked at, not as a file
	Data    []byte `json:"data"`
}

// control wraps an act of the page, at most limit bytes long. It asks for JSON,
// which another site's form cannot send.
func control[A any](limit int64, do func(A) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
			http.Error(w, "controls take application/json", http.StatusUnsupportedMediaType)
			return
		}
		var a A
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit)).Decode(&a); err != nil {
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
	p := Post{Chat: a.Chat, Thread: a.Thread, From: a.Person, ReplyTo: a.Reply}
	parts := splitText(a.Text)
	if u := a.Upload; u != nil {
		if utf8.RuneCountInString(parts[0]) > maxCaption {
			return nil, fmt.Errorf("a caption has up to %d characters", maxCaption)
		}
		if len(u.Data) == 0 || len(u.Data) > maxDownload {
			return nil, fmt.Errorf("the file has %d bytes; allowed is 1 to %d", len(u.Data), maxDownload)
		}
		sent := &Upload{Name: fileName(u.Name), Data: u.Data}
		if p.Document = sent; u.Picture {
			p.Document, p.Photo = nil, sent
		}
	}
	for _, p.Text = range parts {
		if _, err := s.Post(p); err != nil {
			return nil, err
		}
	}
	return true, nil
}

// fileName is the last part of a name, whatever system it comes from.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return "file"
	}
	return name
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
	id, err := s.Press(a.Person, cmp.Or(a.Chat, a.Person), a.Message, ByPlace(a.Row, a.Column))
	return map[string]string{"query": id}, err
}

func (s *Simulator) controlBlock(a act) (any, error) {
	return true, s.setBlocked(a.Person, a.Blocked)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // the page may have left: nobody to tell
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
