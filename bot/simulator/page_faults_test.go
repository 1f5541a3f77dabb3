package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// act does what the page asks for and returns the status and the answer.
func acts(s *Simulator, path, body string) (int, string) {
	w := httptest.NewRecorder()
	s.Page().ServeHTTP(w, local("POST", path, body))
	return w.Code, strings.TrimSpace(w.Body.String())
}

// now is what the page is shown at first.
func shownNow(s *Simulator) pageEvent {
	e, _, _ := s.pageEvent(0, 0)
	return e
}

func TestThePageOffersWhatTheServerTakes(t *testing.T) {
	page, err := pageFiles.ReadFile("page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	options := func(name string) []string {
		body := regexp.MustCompile(`(?s)<select name="` + name + `">(.*?)</select>`).FindSubmatch(page)
		if body == nil {
			t.Fatalf("no choice of %s on the page", name)
		}
		var list []string
		for _, o := range regexp.MustCompile(`<option value="([^"]*)"`).FindAllSubmatch(body[1], -1) {
			list = append(list, string(o[1]))
		}
		slices.Sort(list)
		return list
	}
	var kinds, calls []string
	for _, k := range pageFaults {
		kinds = append(kinds, string(k))
	}
	for c := range pageCalls {
		calls = append(calls, c)
	}
	slices.Sort(kinds)
	slices.Sort(calls)
	if got := options("kind"); !slices.Equal(got, kinds) {
		t.Errorf("the page offers the faults %q, want %q", got, kinds)
	}
	if got := options("calls"); !slices.Equal(got, calls) {
		t.Errorf("the page offers the calls %q, want %q", got, calls)
	}
	for _, list := range pageCalls {
		for _, m := range list {
			if methods[strings.ToLower(m)] == nil {
				t.Errorf("%s is no method of this simulator", m)
			}
		}
	}
}

func TestAFaultOfThePageStrikesAsOftenAsAsked(t *testing.T) {
	s, c := world(t)
	if status, answer := acts(s, "/fault", fmt.Sprintf(`{"kind":"429","seconds":7,"chat":"%d","calls":"messages","count":2}`, reader)); status != 200 {
		t.Fatalf("switch a fault on = %d %s", status, answer)
	}
	want := faultView{Rule: 1, Kind: FaultTooMany, Chats: []string{fmt.Sprint(reader)}, Left: 2}
	if got := shownNow(s).Faults; len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
		t.Errorf("the page shows %+v, want %+v", got, want)
	}
	call(t, s, "getUpdates")                                                      // not a message
	call(t, s, "sendMessage", "chat_id", fmt.Sprint(admin), "text", "to another") // not this chat
	for left := 1; left >= 0; left-- {
		if a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x"); a.Status != 429 || a.Parameters.RetryAfter != 7 {
			t.Errorf("a call that the fault is for = %+v, want 429 for 7 s", a)
		}
		if got := shownNow(s).Faults; left == 1 && (len(got) != 1 || got[0].Left != 1) || left == 0 && len(got) != 0 {
			t.Errorf("after it struck, %d to come, the page shows %+v", left, got)
		}
		c.advance(8 * time.Second)
	}
	if a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x"); a.Status != 200 {
		t.Errorf("a call after the last = %+v, want 200", a)
	}
}

func TestFaultsAreSwitchedOffOneByOneOrAll(t *testing.T) {
	s, _ := world(t)
	for range 3 {
		acts(s, "/fault", `{"kind":"500","chat":"0","calls":"all","count":0}`)
	}
	if got := shownNow(s).Faults; len(got) != 3 || got[0].Left != -1 || len(got[0].Chats) != 0 {
		t.Errorf("the page shows %+v, want three for ever", got)
	}
	acts(s, "/unfault", `{"rule":2}`)
	if got := shownNow(s).Faults; len(got) != 2 || got[0].Rule != 1 || got[1].Rule != 3 {
		t.Errorf("without the second the page shows %+v, want 1 and 3", got)
	}
	acts(s, "/unfault", `{"rule":0}`)
	if got := shownNow(s).Faults; len(got) != 0 {
		t.Errorf("all switched off, the page shows %+v", got)
	}
	if a := call(t, s, "getMe"); a.Status != 200 {
		t.Errorf("getMe = %+v, want 200", a)
	}
}

func TestWrongFaultsAreRefusedAndChangeNothing(t *testing.T) {
	s, _ := world(t)
	for _, c := range []struct{ path, body, want string }{
		{"/fault", `{"kind":"401","chat":"0","calls":"all"}`, `"401" is no fault that this page offers`},
		{"/fault", `{"kind":"","chat":"0","calls":"all"}`, `"" is no fault`},
		{"/fault", `{"kind":"500","chat":"0","calls":"some"}`, `"some" names no calls`},
		{"/fault", `{"kind":"429","chat":"0","calls":"all","seconds":0}`, "allowed is 1 to 120"},
		{"/fault", `{"kind":"slow","chat":"0","calls":"all","seconds":9999999}`, "allowed is 1 to 120"},
		{"/fault", `{"kind":"500","chat":"0","calls":"all","count":-1}`, "allowed is 0 to 1000"},
		{"/fault", `{"kind":"500","chat":"55","calls":"all"}`, "no such chat"},
		{"/fault", fmt.Sprintf(`{"kind":"500","chat":"%d","calls":"polls"}`, reader), "name no chat"},
		{"/latency", `{"millis":-1}`, "allowed is 0 to 5000"},
		{"/latency", `{"millis":5001}`, "allowed is 0 to 5000"},
	} {
		if status, answer := acts(s, c.path, c.body); status != http.StatusConflict || !strings.Contains(answer, c.want) {
			t.Errorf("POST %s %s = %d %s, want %q", c.path, c.body, status, answer, c.want)
		}
	}
	if e := shownNow(s); len(e.Faults) != 0 || e.Latency != 0 {
		t.Errorf("after refusals the page shows %+v", e)
	}
}

func TestLatencyDelaysEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		took := func() time.Duration {
			begin := time.Now()
			call(t, s, "getMe")
			return time.Since(begin)
		}
		acts(s, "/latency", `{"millis":1500}`)
		if got := took(); got != 1500*time.Millisecond || shownNow(s).Latency != 1500 {
			t.Errorf("with a latency of 1.5 s getMe took %v, the page shows %d ms", got, shownNow(s).Latency)
		}
		acts(s, "/latency", `{"millis":0}`)
		if got := took(); got != 0 {
			t.Errorf("without latency getMe took %v", got)
		}
	})
}

func TestFilesAndRepliesThroughThePage(t *testing.T) {
	h := build(t)
	say := func(extra string) (int, string, []update) {
		var status int
		var answer string
		got := fresh(t, h.Simulator, func() { status, answer = acts(h.Simulator, "/say", fmt.Sprintf(`{"person":"%d",%s}`, reader, extra)) })
		return status, answer, got
	}
	status, answer, got := say(fmt.Sprintf(`"text":"and this?","reply":"%s"`, h.told))
	if status != 200 || len(got) != 1 || got[0].Message.ReplyTo == nil || got[0].Message.ReplyTo.Text != "Good morning" {
		t.Errorf("a reply = %d %s, updates %+v", status, answer, got)
	}
	status, answer, got = say(`"text":"my list","upload":{"name":"C:\\lists\\..\\my list.opml","data":"PG9wbWwvPg=="}`)
	if status != 200 || len(got) != 1 || got[0].Message.Document == nil || got[0].Message.Document.FileName != "my list.opml" || got[0].Message.Caption != "my list" {
		t.Fatalf("a file = %d %s, updates %+v", status, answer, got)
	}
	if f, err := h.File(got[0].Message.Document.FileID); err != nil || string(f.Data) != "<opml/>" {
		t.Errorf("the file holds %q, %v", f.Data, err)
	}
	messages := h.Snapshot(reader)
	count := len(messages)
	for name, extra := range map[string]string{
		"an empty file":               `"text":"","upload":{"name":"a","data":""}`,
		"a picture that is none":      `"text":"","upload":{"name":"a.png","picture":true,"data":"PG9wbWwvPg=="}`,
		"a caption too long":          `"text":"` + strings.Repeat("a", maxCaption+1) + `","upload":{"name":"a","data":"PG9wbWwvPg=="}`,
		"a group that is not there":   `"text":"x","chat":"-5"`,
		"no text, no file, two lines": `"text":" \n "`,
	} {
		if status, answer, got := say(extra); status != http.StatusConflict || len(got) != 0 || len(h.Snapshot(reader)) != count {
			t.Errorf("%s = %d %s, %d updates, want a refusal and no change", name, status, answer, len(got))
		}
	}
	for _, c := range []struct{ name, want string }{{"", "file"}, {"..", "file"}, {"/", "file"}, {"a/b/", "b"}, {"../../etc/x", "x"}, {"تقرير.pdf", "تقرير.pdf"}} {
		if got := fileName(c.name); got != c.want {
			t.Errorf("fileName(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestThePageShowsGroupsWithWhoMayBePlayed(t *testing.T) {
	s, _ := world(t)
	id := s.AddGroup(Group{Type: "supergroup", Title: "Club", Forum: true, Admins: []int64{admin}, Members: []int64{reader}})
	thread, err := s.AddTopic(id, "Boats")
	if err != nil {
		t.Fatal(err)
	}
	if thread == 1 {
		t.Error("a topic has the id of General")
	}
	if err := s.Invite(admin, id, Rights{Send: true}); err != nil {
		t.Fatal(err)
	}
	if status, answer := acts(s, "/say", fmt.Sprintf(`{"person":"%d","chat":"%d","thread":"%d","text":"/topics"}`, reader, id, thread)); status != 200 {
		t.Fatalf("say in a topic = %d %s", status, answer)
	}
	views := shownNow(s).People
	v := views[len(views)-1]
	if v.Name != "Club" || v.Role != "group" || len(v.Threads) != 1 || v.Threads[0] != (threadView{fmt.Sprint(thread), "Boats"}) ||
		!slices.Equal(v.People, []memberView{{fmt.Sprint(reader), "Mira", false}, {fmt.Sprint(admin), "Okan", true}}) {
		t.Errorf("the group is shown as %+v", v)
	}
	if len(v.Messages) != 2 || !v.Messages[0].Service || v.Messages[0].Text != "Tidings joined the group" ||
		v.Messages[1].Name != "Mira" || v.Messages[1].Thread != fmt.Sprint(thread) || v.Messages[1].From != fmt.Sprint(reader) {
		t.Errorf("its messages are shown as %+v", v.Messages)
	}
}

func TestAnotherSimulatorAtTheSameAddressIsTold(t *testing.T) {
	one, _ := world(t)
	two, _ := world(t)
	if a, b := shownNow(one).Run, shownNow(two).Run; a == "" || a == b || a != shownNow(one).Run {
		t.Errorf("two simulators call themselves %q and %q", a, b)
	}
}

func TestTheViewIsJSONThatThePageReads(t *testing.T) {
	s, _ := world(t)
	body, err := json.Marshal(shownNow(s))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"people":[`, `"toasts":[]`, `"faults":[]`, `"messages":[`, `"threads":[]`} {
		if !strings.Contains(string(body), part) { // a null here would stop the page
			t.Errorf("the event has no %s: %s", part, body)
		}
	}
}
