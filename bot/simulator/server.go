package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errGone ends a call whose client left or whose simulator was closed: there
// is nobody to answer.
var errGone = errors.New("nobody is there to answer")

// query is one call on its way through the checks.
type query struct {
	ctx      context.Context
	method   string
	params   params
	files    map[string]Upload
	at       time.Time
	fault    *Fault
	latency  time.Duration
	accepted []*Accepted
	violates bool
	status   int    // answered; 0: nothing was
	answer   string // the JSON answered
}

// described is a result with a sentence, as the webhook methods give.
type described struct {
	result      any
	description string
}

type method func(*Simulator, *query) (any, error)

// methods are those this simulator has, by lower-case name.
var methods = map[string]method{
	"getme":                  (*Simulator).getMe,
	"getupdates":             (*Simulator).getUpdates,
	"setwebhook":             (*Simulator).setWebhook,
	"deletewebhook":          (*Simulator).deleteWebhook,
	"getwebhookinfo":         (*Simulator).getWebhookInfo,
	"sendmessage":            (*Simulator).sendMessage,
	"sendphoto":              (*Simulator).sendPhoto,
	"senddocument":           (*Simulator).sendDocument,
	"getfile":                (*Simulator).getFile,
	"sendchataction":         (*Simulator).sendChatAction,
	"copymessage":            (*Simulator).copyMessage,
	"editmessagetext":        (*Simulator).editMessageText,
	"editmessagereplymarkup": (*Simulator).editMessageReplyMarkup,
	"deletemessage":          (*Simulator).deleteMessage,
	"answercallbackquery":    (*Simulator).answerCallbackQuery,
	"answerinlinequery":      (*Simulator).answerInlineQuery,
	"setmycommands":          (*Simulator).setMyCommands,
	"getmycommands":          (*Simulator).getMyCommands,
	"deletemycommands":       (*Simulator).deleteMyCommands,
	"setmyname":              profileSetter("name"),
	"getmyname":              profileGetter("name"),
	"setmydescription":       profileSetter("description"),
	"getmydescription":       profileGetter("description"),
	"setmyshortdescription":  profileSetter("short_description"),
	"getmyshortdescription":  profileGetter("short_description"),
	"getchat":                (*Simulator).getChat,
	"getchatmember":          (*Simulator).getChatMember,
	"getchatadministrators":  (*Simulator).getChatAdministrators,
}

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>. Checks run in the order of the real
// server: token, fault, method, parameters, entities, chat, topic, reply,
// rights, length, rate.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok && !fromAnotherPage(r) {
		s.serveFile(w, r, rest)
		return
	}
	token, name, ok := splitPath(r.URL.Path)
	switch {
	case !ok, fromAnotherPage(r):
		write(w, nil, errNotFound)
		return
	case token != s.cfg.Token:
		write(w, nil, s.tokenRefusal(token))
		return
	}
	p, files, paramErr := readParams(r)
	q := &query{ctx: r.Context(), method: name, params: p, files: files, at: s.now()}
	call := &Call{At: q.at, Method: name, ChatID: p.id("chat_id"), Params: p, Connection: r.RemoteAddr}
	s.begin(q, call)
	defer func() { // also when the connection is to be aborted
		s.end(q, call)
	}()
	s.serve(w, q, paramErr)
}

// fromAnotherPage notices a website that calls this machine from a browser:
// no bot sends these headers, and the real server is not on the reader's own
// machine.
func fromAnotherPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "none" && site != "same-origin"
}

// splitPath takes /bot<token>/<method> apart.
func splitPath(path string) (token, method string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/bot")
	if !ok {
		return "", "", false
	}
	token, method, ok = strings.Cut(rest, "/")
	return token, method, ok && token != "" && method != "" && !strings.Contains(method, "/")
}

func (s *Simulator) tokenRefusal(token string) error {
	number, _, _ := strings.Cut(token, ":")
	if _, err := strconv.ParseInt(number, 10, 64); err != nil || !strings.Contains(token, ":") {
		return errTokenShape
	}
	return errUnauthorized
}

func (s *Simulator) begin(q *query, call *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		panic(http.ErrAbortHandler)
	}
	s.evidence.begin(call)
	if s.evidence.faults == nil {
		s.evidence.faults = countOf{}
	}
	q.latency = s.latency
	if q.fault = s.chooseFault(q.method, call.ChatID); q.fault != nil {
		call.Fault = q.fault.Kind
		s.touch(nil) // the page counts what is left of it
		s.log.Debug("fault", "kind", q.fault.Kind, "method", q.method, "chat", call.ChatID)
	}
}

func (s *Simulator) end(q *query, call *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Latency, call.Status, call.Answer = s.now().Sub(q.at), q.status, q.answer
	call.Violation, call.done = q.violates, true
	if call.Status == http.StatusTooManyRequests {
		s.evidence.tooMany++
	}
	s.touch(nil)
}

// serve answers one call, with its fault if it has one.
func (s *Simulator) serve(w http.ResponseWriter, q *query, paramErr error) {
	if q.latency > 0 && !s.pause(q.ctx, q.latency) || q.fault != nil && s.failEarly(w, q) {
		return
	}
	result, err := s.carryOut(q, paramErr)
	if errors.Is(err, errGone) {
		return
	}
	if q.fault != nil && s.failLate(w, q, result, err) {
		return
	}
	q.status, q.answer = write(w, result, err)
	if http.NewResponseController(w).Flush() == nil && q.ctx.Err() == nil {
		s.mu.Lock()
		for _, a := range q.accepted {
			a.Told = true
		}
		s.mu.Unlock()
	}
}

func (s *Simulator) carryOut(q *query, paramErr error) (any, error) {
	do, known := methods[strings.ToLower(q.method)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.fault != nil {
		if err := s.refuse(q.fault, s.chats[q.params.id("chat_id")]); err != nil {
			return nil, err
		}
	}
	switch {
	case !known:
		return nil, errNoMethod
	case paramErr != nil:
		return nil, paramErr
	}
	before := s.rates.violations
	result, err := do(s, q)
	q.violates = s.rates.violations > before
	return result, err
}

// failEarly plays the faults that leave the call undone.
func (s *Simulator) failEarly(w http.ResponseWriter, q *query) bool {
	switch q.fault.Kind {
	case FaultBadGateway, FaultUnavailable, FaultGateway:
		status, _ := strconv.Atoi(string(q.fault.Kind))
		q.status = writeHTML(w, status)
	case FaultEmptyBody:
		q.status = http.StatusOK
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(q.status)
	case FaultGarbageBody:
		q.status = http.StatusOK
		w.Write([]byte("\x00\x1f<!-- not what you asked for -->"))
	case FaultWall:
		q.status = writeHTML(w, http.StatusForbidden)
	case FaultClose:
		panic(http.ErrAbortHandler)
	case FaultReset:
		reset(w)
	case FaultSlow:
		return !s.pause(q.ctx, q.fault.Delay)
	default:
		return false
	}
	return true
}

// failLate plays the faults that lose the answer of a call carried out.
func (s *Simulator) failLate(w http.ResponseWriter, q *query, result any, err error) bool {
	switch q.fault.Kind {
	case FaultTruncatedBody:
		body := encode(result, err)
		q.status = http.StatusOK
		w.Header().Set("Content-Type", "application/json")
		w.Write(body[:len(body)/2])
	case FaultAcceptHang:
		select {
		case <-q.ctx.Done():
		case <-s.closed:
		}
	case FaultAcceptClose:
		panic(http.ErrAbortHandler)
	case FaultAcceptReset:
		reset(w)
	case FaultAccept502:
		q.status = writeHTML(w, http.StatusBadGateway)
	case FaultAcceptSlow:
		return !s.pause(q.ctx, q.fault.Delay)
	default:
		return false
	}
	return true
}

// reset ends the connection with RST, where there is TCP.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if c, ok := conn.(*net.TCPConn); ok {
		c.SetLinger(0)
	}
	conn.Close()
}

// pause waits and reports whether the client is still there.
func (s *Simulator) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.closed:
	}
	return false
}

func encode(result any, err error) []byte {
	a := answer{OK: true, Result: result}
	if d, ok := result.(described); ok {
		a.Result, a.Description = d.result, d.description
	}
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			r = &refusal{code: 500, text: "Internal Server Error"}
		}
		a = answer{ErrorCode: r.code, Description: r.text}
		if r.retryAfter > 0 || r.migrateTo != 0 {
			a.Parameters = &parameters{RetryAfter: r.retryAfter, MigrateToChatID: r.migrateTo}
		}
	}
	body, encodeErr := json.Marshal(a)
	if encodeErr != nil {
		return []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	return body
}

// write answers with JSON and returns what it said.
func write(w http.ResponseWriter, result any, err error) (int, string) {
	status := http.StatusOK
	var r *refusal
	if err != nil {
		status = http.StatusInternalServerError
	}
	if errors.As(err, &r) {
		status = r.code
		if r.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(r.retryAfter))
		}
	}
	body := encode(result, err)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
	return status, string(body)
}

func writeHTML(w http.ResponseWriter, status int) int {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	w.Write([]byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text + "</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"))
	return status
}
