package simulator

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultsThatAreAnAnswer(t *testing.T) {
	for _, c := range []struct {
		kind FaultKind
		code int
		text string
	}{
		{FaultTooMany, 429, "Too Many Requests: retry after 7"},
		{FaultTooManyGlobal, 429, "Too Many Requests: retry after 7"},
		{FaultServerError, 500, "Internal Server Error: restart"},
		{FaultBlocked, 403, "Forbidden: bot was blocked by the user"},
		{FaultDeactivated, 403, "Forbidden: user is deactivated"},
		{FaultKicked, 403, "Forbidden: bot was kicked from the group chat"},
		{FaultInitiate, 403, "Forbidden: bot can't initiate conversation with a user"},
		{FaultBot, 403, "Forbidden: bots can't send messages to bots"},
		{FaultNotMember, 403, "Forbidden: bot is not a member of the supergroup chat"},
		{FaultGroupDeleted, 403, "Forbidden: the group chat was deleted"},
		{FaultThreadGone, 400, "Bad Request: message thread not found"},
		{FaultCopyGone, 400, "Bad Request: message to copy not found"},
		{FaultRefused, 400, "Bad Request: PEER_FLOOD_OF_NEWS"},
		{FaultEntities, 400, "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 0"},
		{FaultChatNotFound, 400, "Bad Request: chat not found"},
		{FaultNoRights, 400, "Bad Request: not enough rights to send text messages to the chat"},
		{FaultTooLong, 400, "Bad Request: message is too long"},
		{FaultNoCopy, 400, "Bad Request: message can't be copied"},
		{FaultMigrate, 400, "Bad Request: group chat was upgraded to a supergroup chat"},
		{FaultUnauthorized, 401, "Unauthorized"},
		{FaultConflict, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			h := build(t)
			h.AddFault(Fault{Kind: c.kind, RetryAfter: 7, MigrateTo: -1009999999999, Count: 1})
			before := len(h.Snapshot(atoi(h.ids["group"])))
			a := call(t, h.Simulator, "sendMessage", "chat_id", h.ids["group"], "text", "x")
			if a.Status != c.code || a.Description != c.text {
				t.Errorf("sendMessage = %d %s, want %d %s", a.Status, a.Description, c.code, c.text)
			}
			if c.kind == FaultMigrate {
				if a.Parameters.MigrateToChatID != -1009999999999 || !call(t, h.Simulator, "sendMessage", "chat_id", "-1009999999999", "text", "x").OK {
					t.Errorf("the group did not really move: %+v", a.Parameters)
				}
			} else if after := len(h.Snapshot(atoi(h.ids["group"]))); after != before {
				t.Error("the message was accepted all the same")
			}
			if n := h.Evidence().FaultsInjected[c.kind]; n != 1 {
				t.Errorf("evidence counts %d faults, want 1", n)
			}
		})
	}
}

func TestAnInjected429ClosesWhatItSays(t *testing.T) {
	s, c := world(t)
	s.AddFault(Fault{Kind: FaultTooMany, RetryAfter: 7, Count: 1, Chats: []int64{reader}})
	send(t, s, reader)
	c.advance(time.Second)
	if wait := send(t, s, reader); wait != 7 || s.Evidence().Violations != 1 {
		t.Errorf("a second later: retry after %d, %d violations, want 6 and one more, 1", wait, s.Evidence().Violations)
	}
	if wait := send(t, s, admin); wait != 0 {
		t.Errorf("another chat: retry after %d", wait)
	}
	s.AddFault(Fault{Kind: FaultTooManyGlobal, RetryAfter: 3, Count: 1})
	send(t, s, admin)
	c.advance(2 * time.Second)
	if wait := send(t, s, admin); wait == 0 {
		t.Error("everything should be closed for three seconds")
	}
}

func TestRulesChooseTheirCalls(t *testing.T) {
	for _, c := range []struct {
		name string
		rule Fault
		want string // of six sendMessage to the reader, x fails
	}{
		{"all", Fault{}, "xxxxxx"},
		{"after two", Fault{After: 2}, "..xxxx"},
		{"twice", Fault{Count: 2}, "xx...."},
		{"after one, twice", Fault{After: 1, Count: 2}, ".xx..."},
		{"another method", Fault{Methods: []string{"editMessageText"}}, "......"},
		{"the method in any case", Fault{Methods: []string{"SENDMESSAGE"}}, "xxxxxx"},
		{"another chat", Fault{Chats: []int64{admin}}, "......"},
		{"this chat", Fault{Chats: []int64{reader}}, "xxxxxx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := world(t)
			c.rule.Kind = FaultBlocked
			s.AddFault(c.rule)
			if got := sixSends(t, s); got != c.want {
				t.Errorf("six sends = %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheSameSeedThrowsTheSameDice(t *testing.T) {
	var got []string
	for range 2 {
		s, _ := world(t)
		rule := s.AddFault(Fault{Kind: FaultBlocked, Probability: 0.5, Seed: 3})
		got = append(got, sixSends(t, s)+sixSends(t, s))
		s.RemoveFault(rule)
		if after := sixSends(t, s); after != "......" {
			t.Errorf("a removed rule still fires: %s", after)
		}
	}
	if got[0] != got[1] || !strings.Contains(got[0], "x") || !strings.Contains(got[0], ".") {
		t.Errorf("two runs = %v, want the same mixture", got)
	}
}

func sixSends(t *testing.T, s *Simulator) string {
	t.Helper()
	var out strings.Builder
	for range 6 {
		out.WriteByte("x."[map[bool]int{false: 0, true: 1}[call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x").OK]])
	}
	return out.String()
}

// outcome is what a client with ten seconds of patience sees of one send.
type outcome struct {
	status int
	body   string
	err    error
	took   time.Duration
}

func overTheWire(t *testing.T, s *Simulator) outcome {
	t.Helper()
	l := newPipe()
	server := &http.Server{Handler: s}
	go server.Serve(l)
	transport := &http.Transport{DialContext: l.dial}
	defer func() {
		transport.CloseIdleConnections()
		server.Close()
		s.Close()
		synctest.Wait()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	form := url.Values{"chat_id": {fmt.Sprint(reader)}, "text": {"news"}}
	r, err := http.NewRequestWithContext(ctx, "POST", "http://sim/bot"+token+"/sendMessage", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	begin := time.Now()
	answer, err := (&http.Client{Transport: transport}).Do(r)
	o := outcome{err: err, took: time.Since(begin)}
	if err == nil {
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		o.status, o.body = answer.StatusCode, string(body)
	}
	synctest.Wait()
	return o
}

func TestFaultsOfTheWire(t *testing.T) {
	html := func(code int) func(outcome) bool {
		return func(o outcome) bool { return o.status == code && strings.HasPrefix(o.body, "<html>") }
	}
	lost := func(o outcome) bool { return o.err != nil && !errors.Is(o.err, context.DeadlineExceeded) }
	for _, c := range []struct {
		kind     FaultKind
		accepted bool
		told     bool
		want     func(outcome) bool
	}{
		{FaultBadGateway, false, false, html(502)},
		{FaultUnavailable, false, false, html(503)},
		{FaultGateway, false, false, html(504)},
		{FaultEmptyBody, false, false, func(o outcome) bool { return o.status == 200 && o.body == "" }},
		{FaultGarbageBody, false, false, func(o outcome) bool { return o.status == 200 && strings.HasPrefix(o.body, "\x00") }},
		{FaultTruncatedBody, true, false, func(o outcome) bool {
			return o.status == 200 && strings.HasPrefix(o.body, `{"ok":true`) && !strings.HasSuffix(o.body, "}}")
		}},
		{FaultClose, false, false, lost},
		{FaultReset, false, false, lost},
		{FaultWall, false, false, html(403)},
		{FaultSlow, true, true, func(o outcome) bool { return o.status == 200 && o.took == 4*time.Second }},
		{FaultAcceptHang, true, false, func(o outcome) bool { return errors.Is(o.err, context.DeadlineExceeded) && o.took == 10*time.Second }},
		{FaultAcceptClose, true, false, lost},
		{FaultAcceptReset, true, false, lost},
		{FaultAccept502, true, false, html(502)},
		{FaultAcceptSlow, true, true, func(o outcome) bool { return o.status == 200 && o.took == 4*time.Second }},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{Token: token, People: people()})
				s.Say(reader, "/start")
				s.AddFault(Fault{Kind: c.kind, Delay: 4 * time.Second})
				o := overTheWire(t, s)
				if !c.want(o) {
					t.Errorf("the client saw %+v", o)
				}
				e := s.Evidence()
				if (len(e.Accepted) == 1) != c.accepted {
					t.Errorf("%d messages accepted, want accepted = %v", len(e.Accepted), c.accepted)
				}
				if c.accepted && len(e.Accepted) == 1 && e.Accepted[0].Told != c.told {
					t.Errorf("told = %v, want %v", e.Accepted[0].Told, c.told)
				}
				if call := e.Calls[0]; call.Fault != c.kind || call.Method != "sendMessage" || call.Status != o.status {
					t.Errorf("evidence of the call = %+v, client saw status %d", call, o.status)
				}
			})
		})
	}
}

func TestASlowAnswerToAClientThatLeftIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		s.Say(reader, "/start")
		s.AddFault(Fault{Kind: FaultAcceptSlow, Delay: time.Minute})
		o := overTheWire(t, s)
		if e := s.Evidence(); o.err == nil || len(e.Accepted) != 1 || e.Accepted[0].Told {
			t.Errorf("client %v, accepted %+v, want a timeout and not told", o.err, e.Accepted)
		}
	})
}

func TestALostConfirmationBringsUpdatesAgain(t *testing.T) {
	s, _ := world(t)
	first := updates(t, s)
	s.AddFault(Fault{Kind: FaultRedeliver, Methods: []string{"getUpdates"}, Count: 1})
	next := fmt.Sprint(first[len(first)-1].UpdateID + 1)
	if again := updates(t, s, "offset", next); len(again) != len(first) {
		t.Errorf("%d updates came again, want %d", len(again), len(first))
	}
	s.Say(reader, "new")
	if got := texts(updates(t, s, "offset", next, "timeout", "5")); got != "new" {
		t.Errorf("afterwards = %q, want new only", got)
	}
}

// TestFaultKindsHasAll reads the constants from the source: a kind that is
// missing would be left out by whoever goes through all.
func TestFaultKindsHasAll(t *testing.T) {
	file, err := parser.ParseFile(gotoken.NewFileSet(), "faults.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if name, ok := v.Type.(*ast.Ident); ok && name.Name == "FaultKind" {
				declared += len(v.Names)
			}
		}
		return true
	})
	if n := len(FaultKinds); declared != n || declared == 0 {
		t.Errorf("FaultKinds has %d kinds, %d are declared", n, declared)
	}
}
