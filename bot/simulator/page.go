package simulator

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
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

// chatView is one column of the page: a person's private chat, or a group.
type chatView struct {
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
	People      []memberView  `json:"people,omitempty"` // of a group: who may be played
	Threads     []threadView  `json:"threads"`
	Messages    []messageView `json:"messages"`
	BotName     string        `json:"botName"`
	BotUsername string        `json:"botUsername"`
}

type memberView struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

type threadView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type messageView struct {
	ID       string     `json:"id"`
	Version  int        `json:"version"`
	From     string     `json:"from"`
	Name     string     `json:"name"`
	Via      string     `json:"via,omitempty"` // the bot through which it was written
	Mine     bool       `json:"mine"`          // in private: not the bot's
	Thread   string     `json:"thread"`
	Service  bool       `json:"service"`
	Date     int64      `json:"date"`
	Edited   bool       `json:"edited"`
	Text     string     `json:"text"`
	Entities []Entity   `json:"entities"`
	Keyboard [][]Button `json:"keyboard"`
	Reply    *replyView `json:"reply,omitempty"`
	Photo    *PhotoSize `json:"photo,omitempty"`
	Document *FileInfo  `json:"document,omitempty"`
}

type replyView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text string `json:"text"`
}

type toastView struct {
	Person string `json:"person"`
	Chat   string `json:"chat"`
	Query  string `json:"query"`
	Text   string `json:"text"`
	Alert  bool   `json:"alert"`
}

// pageEvent is what the page is sent: the chats that changed, whole, and the
// faults that are on.
type pageEvent struct {
	Run     string      `json:"run"` // tells one simulator from another at the same address
	People  []chatView  `json:"people"`
	Toasts  []toastView `json:"toasts"`
	Faults  []faultView `json:"faults"`
	Latency int64       `json:"latency"` // milliseconds
	Calls   int         `json:"calls"`
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
	e := pageEvent{
		Run: s.run, People: []chatView{}, Toasts: []toastView{}, Faults: s.faultViews(), Latency: s.latency.Milliseconds(), Calls: s.evidence.total,
	}
	for _, id := range s.people {
		if c := s.chats[id]; c.version > seen {
			e.People = append(e.People, s.privateView(s.users[id], c))
		}
	}
	for _, id := range s.groups {
		if c := s.chats[id]; c.version > seen && c.migratedTo == 0 {
			e.People = append(e.People, s.groupView(c))
		}
	}
	for _, t := range s.toasts {
		if t.seq > told {
			e.Toasts = append(e.Toasts, toastView{idText(t.person), idText(t.chat), t.query, t.text, t.alert})
		}
	}
	return e, s.version, s.changed
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

func (s *Simulator) privateView(u *user, c *chat) chatView {
	language, _, _ := strings.Cut(u.LanguageCode, "-")
	v := s.view(c, language)
	v.Name, v.Username, v.Language, v.Role = u.FirstName, u.Username, u.LanguageCode, u.role
	v.Started, v.Blocked = c.started, c.blocked
	v.Commands = s.menu(u.ID)
	return v
}

func (s *Simulator) groupView(c *chat) chatView {
	v := s.view(c, "")
	v.Name, v.Username, v.Role, v.Started = c.Title, c.Chat.Username, strings.TrimPrefix(c.Type, "super"), true
	v.Commands = s.groupMenu(c.ID)
	v.People = []memberView{}
	for _, id := range s.people { // in the page's order
		if status, in := c.members[id]; in {
			v.People = append(v.People, memberView{idText(id), s.users[id].FirstName, status != "member"})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.threads)) {
		v.Threads = append(v.Threads, threadView{idText(id), c.threads[id].name})
	}
	return v
}

// view is what private chats and groups have in common.
func (s *Simulator) view(c *chat, language string) chatView {
	v := chatView{
		ID: idText(c.ID), Typing: max(0, c.typing.Sub(s.now()).Milliseconds()), About: s.profileText("description", language),
		Threads: []threadView{}, Messages: []messageView{}, BotName: s.profileText("name", language), BotUsername: s.cfg.Username,
	}
	for _, m := range c.messages[max(0, len(c.messages)-shownMessages):] {
		v.Messages = append(v.Messages, m.view(v.BotName))
	}
	return v
}

func (m *stored) view(botName string) messageView {
	v := messageView{
		ID: idText(m.MessageID), Version: m.edits, Name: m.author(botName), Mine: !m.fromBot, Thread: idText(m.ThreadID),
		Date: m.Date, Edited: m.EditDate != 0, Text: m.Text, Entities: m.Entities, Document: m.Document,
	}
	if m.From != nil {
		v.From = idText(m.From.ID)
	}
	if m.ViaBot != nil {
		v.Via = m.ViaBot.Username
	}
	switch {
	case m.hasMedia():
		v.Text, v.Entities = m.Caption, m.CaptionEntities
	case m.Text == "":
		v.Service, v.Text = true, m.serviceText(botName)
	}
	if len(m.Photo) > 0 {
		v.Photo = &m.Photo[len(m.Photo)-1]
	}
	if m.Markup != nil {
		v.Keyboard = m.Markup.InlineKeyboard
	}
	if to := m.ReplyTo; to != nil {
		v.Reply = &replyView{idText(to.MessageID), to.author(botName), to.quoted()}
	}
	return v
}

func (m *Message) author(botName string) string {
	switch {
	case m.From == nil && m.SenderChat != nil:
		return m.SenderChat.Title
	case m.From == nil:
		return ""
	case m.From.IsBot:
		return botName
	}
	return m.From.FirstName
}

// quoted is the beginning of a message above a reply to it.
func (m *Message) quoted() string {
	text := m.Text + m.Caption
	switch {
	case text == "" && len(m.Photo) > 0:
		text = "Picture"
	case text == "" && m.Document != nil:
		text = m.Document.FileName
	}
	runes := []rune(text)
	return string(runes[:min(len(runes), 200)])
}

// serviceText says what happened, as a client does in the middle of a chat.
func (m *Message) serviceText(botName string) string {
	switch {
	case len(m.NewChatMembers) > 0:
		return botName + " joined the group"
	case m.LeftChatMember != nil:
		return botName + " left the group"
	case m.MigrateTo != 0:
		return "The group became a supergroup"
	case m.MigrateFrom != 0:
		return "This supergroup was a group before"
	}
	return "Message"
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
