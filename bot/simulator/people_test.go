package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fresh are the updates made by an act.
func fresh(t *testing.T, s *Simulator, act func()) []update {
	t.Helper()
	s.mu.Lock()
	s.queue.waiting = nil
	s.mu.Unlock()
	act()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]update, len(s.queue.waiting))
	for i, u := range s.queue.waiting {
		if err := json.Unmarshal(u.body, &list[i]); err != nil {
			t.Fatalf("decode update %s: %v", u.body, err)
		}
	}
	return list
}

func TestCommandsOfPeopleAreMarked(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Entity
	}{
		{"/start t_north-korea", []Entity{{Type: "bot_command", Offset: 0, Length: 6}}},
		{"/latest@tidings_bot berlin 5", []Entity{{Type: "bot_command", Offset: 0, Length: 19}}},
		{"see 😀 /help", []Entity{{Type: "bot_command", Offset: 7, Length: 5}}},
		{"a/b and 1/2", nil},
		{"https://a.example/start", []Entity{{Type: "url", Offset: 0, Length: 23}}},
	} {
		s, _ := world(t)
		got := fresh(t, s, func() { s.Say(reader, c.text) })
		if len(got) != 1 {
			t.Fatalf("Say(%q) made %d updates", c.text, len(got))
		}
		if diff := cmp.Diff(c.want, got[0].Message.Entities); diff != "" {
			t.Errorf("entities of %q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestInGroupsTheBotHearsWhatPrivacyModeLetsThrough(t *testing.T) {
	h := build(t)
	group := atoi(h.ids["group"])
	var told Message
	call(t, h.Simulator, "sendMessage", "chat_id", h.ids["group"], "text", "hello all").into(t, &told)
	for _, c := range []struct {
		name  string
		post  Post
		hears bool
	}{
		{"talk", Post{Text: "nice weather"}, false},
		{"a command", Post{Text: "/topics"}, true},
		{"a command to it", Post{Text: "/topics@Tidings_Bot x"}, true},
		{"a command to another bot", Post{Text: "/topics@other_bot"}, false},
		{"a mention", Post{Text: "ask @tidings_bot about it"}, true},
		{"a reply to it", Post{Text: "thanks", ReplyTo: told.MessageID}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.post.Chat, c.post.From = group, reader
			got := fresh(t, h.Simulator, func() {
				if _, err := h.Post(c.post); err != nil {
					t.Fatal(err)
				}
			})
			if (len(got) == 1) != c.hears {
				t.Errorf("%q made %d updates, want heard = %v", c.post.Text, len(got), c.hears)
			}
		})
	}
	h.must(t, h.Invite(admin, group, Rights{Admin: true, Send: true}))
	if got := fresh(t, h.Simulator, func() { h.Post(Post{Chat: group, From: reader, Text: "talk"}) }); len(got) != 1 {
		t.Error("an administrator does not hear talk")
	}
}

func TestActsOfPeopleReachTheBot(t *testing.T) {
	h := build(t)
	group, poster := atoi(h.ids["group"]), atoi(h.ids["poster"])
	said, err := h.Say(reader, "first")
	h.must(t, err)
	for _, c := range []struct {
		name  string
		act   func() error
		check func([]update) bool
	}{
		{"a block", func() error { return h.Block(reader) }, func(u []update) bool {
			return len(u) == 1 && u[0].MyChatMember.Old.Status == "member" && u[0].MyChatMember.New.Status == "kicked" && u[0].MyChatMember.Chat.Type == "private"
		}},
		{"a second block does nothing", func() error { return h.Block(reader) }, func(u []update) bool { return len(u) == 0 }},
		{"an unblock", func() error { return h.Unblock(reader) }, func(u []update) bool { return len(u) == 1 && u[0].MyChatMember.New.Status == "member" }},
		{"an edit", func() error { return h.Amend(reader, said.MessageID, "second") }, func(u []update) bool {
			return len(u) == 1 && u[0].EditedMessage.Text == "second" && u[0].EditedMessage.EditDate == noon.Unix()
		}},
		{"a channel post", func() error { _, err := h.Post(Post{Chat: poster, Text: "bulletin"}); return err }, func(u []update) bool {
			return len(u) == 1 && u[0].ChannelPost.Text == "bulletin" && u[0].ChannelPost.From == nil
		}},
		{"a kick", func() error { return h.Kick(admin, group) }, func(u []update) bool { return len(u) == 1 && u[0].MyChatMember.New.Status == "kicked" }},
		{"an invitation", func() error { return h.Invite(admin, group, Rights{Send: true}) }, func(u []update) bool {
			return len(u) == 2 && u[0].MyChatMember.New.Status == "member" && u[1].Message.NewChatMembers[0].ID == 4242
		}},
		{"a migration", func() error { _, err := h.Migrate(group); return err }, func(u []update) bool {
			return len(u) == 2 && u[0].Message.MigrateTo == u[1].Message.Chat.ID && u[1].Message.MigrateFrom == group && u[1].Message.Chat.Type == "supergroup"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			got := fresh(t, h.Simulator, func() { err = c.act() })
			if err != nil || !c.check(got) {
				t.Errorf("updates = %+v, err %v", got, err)
			}
		})
	}
	if _, err := h.Migrate(group); !errors.Is(err, ErrNoChat) {
		t.Errorf("a second migration = %v, want ErrNoChat", err)
	}
}

func TestOnlyAButtonThatIsShownCanBePressed(t *testing.T) {
	h := build(t)
	message := atoi(h.told)
	for _, c := range []struct {
		name    string
		message int64
		which   ButtonAt
		err     error
	}{
		{"by label", message, ByLabel("A"), nil},
		{"by data", message, ByData("a"), nil},
		{"by place", message, ByPlace(0, 0), nil},
		{"on the newest message that has it", 0, ByLabel("A"), nil},
		{"a label that is not there", message, ByLabel("B"), ErrNoButton},
		{"a place that is not there", message, ByPlace(0, 1), ErrNoButton},
		{"a message without keyboard", 1, ByPlace(0, 0), ErrNoButton},
		{"a message that is not there", 999, ByLabel("A"), ErrNoButton},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := fresh(t, h.Simulator, func() {
				if _, err := h.Press(reader, reader, c.message, c.which); !errors.Is(err, c.err) {
					t.Errorf("Press = %v, want %v", err, c.err)
				}
			})
			if c.err == nil && (len(got) != 1 || got[0].CallbackQuery.Data != "a" || got[0].CallbackQuery.Message.MessageID != message) {
				t.Errorf("updates = %+v, want the callback query", got)
			}
		})
	}
	call(t, h.Simulator, "editMessageReplyMarkup", "chat_id", h.ids["reader"], "message_id", h.told)
	if _, err := h.Press(reader, reader, message, ByLabel("A")); !errors.Is(err, ErrNoButton) {
		t.Errorf("a press after the keyboard went = %v, want ErrNoButton", err)
	}
	got := fresh(t, h.Simulator, func() { h.PressForged(reader, reader, 999, strings.Repeat("x", 500)) })
	if len(got) != 1 || got[0].CallbackQuery.Message != nil || len(got[0].CallbackQuery.Data) != 500 {
		t.Errorf("a forged press made %+v", got)
	}
}

func TestAPressIsAnsweredOnceAndInTime(t *testing.T) {
	h := build(t)
	press := func() string {
		t.Helper()
		id, err := h.Press(reader, reader, 0, ByLabel("A"))
		h.must(t, err)
		return id
	}
	old := "Bad Request: query is too old and response timeout expired or query ID is invalid"
	first := press()
	h.clock.advance(2 * time.Second)
	if a := call(t, h.Simulator, "answerCallbackQuery", "callback_query_id", first, "text", strings.Repeat("x", 201)); a.Description != "Bad Request: MESSAGE_TOO_LONG" {
		t.Errorf("201 characters = %s", a.Description)
	}
	if a := call(t, h.Simulator, "answerCallbackQuery", "callback_query_id", first, "text", "done", "show_alert", "true"); !a.OK {
		t.Errorf("first answer = %s, want ok", a.Description)
	}
	late := press()
	h.clock.advance(16 * time.Second)
	for name, id := range map[string]string{"a second answer": first, "a late answer": late, "an unknown query": "1", "no query": ""} {
		if a := call(t, h.Simulator, "answerCallbackQuery", "callback_query_id", id); a.Status != 400 || a.Description != old {
			t.Errorf("%s = %d %s, want 400 %s", name, a.Status, a.Description, old)
		}
	}
	press()
	if got, ok := h.Answer(first); !ok || !got.Answered || got.Text != "done" || !got.Alert || got.After != 2*time.Second {
		t.Errorf("Answer = %+v, %v", got, ok)
	}
	e := h.Evidence()
	if e.Presses != 3 || e.Unanswered != 2 || e.AnsweredTwice != 1 || e.AnsweredLate != 1 || e.Slowest != 2*time.Second {
		t.Errorf("evidence = %d presses, %d unanswered, %d twice, %d late, slowest %v", e.Presses, e.Unanswered, e.AnsweredTwice, e.AnsweredLate, e.Slowest)
	}
}

func TestCommandsAreKeptByScopeAndLanguage(t *testing.T) {
	s, _ := world(t)
	set := func(params ...string) { t.Helper(); var ok bool; call(t, s, "setMyCommands", params...).into(t, &ok) }
	set("commands", `[{"command":"help","description":"fallback"}]`)
	set("commands", `[{"command":"/help","description":"deutsch"}]`, "language_code", "de")
	set("commands", `[{"command":"stats","description":"for the admin"}]`, "scope", fmt.Sprintf(`{"type":"chat","chat_id":%d}`, admin))
	group := s.AddGroup(Group{Title: "Harbour", Admins: []int64{admin}, Members: []int64{reader}})
	if err := s.Invite(admin, group, Rights{Send: true}); err != nil {
		t.Fatal(err)
	}
	set("commands", `[{"command":"help","description":"for groups"}]`, "scope", `{"type":"all_group_chats"}`)
	set("commands", `[{"command":"help","description":"for those who lead"}]`, "scope", fmt.Sprintf(`{"type":"chat_administrators","chat_id":%d}`, group))
	elsewhere := s.AddGroup(Group{Title: "Island", Members: []int64{reader}})
	for _, c := range []struct {
		name         string
		chat, person int64
		want         string
	}{
		{"a language before the fallback", reader, reader, "deutsch"}, {"a chat before everything", admin, admin, "for the admin"},
		{"an admin of a group", group, admin, "for those who lead"}, {"a member of a group", group, reader, "for groups"},
		{"any group", elsewhere, reader, "for groups"},
	} {
		if got := s.Menu(c.chat, c.person); len(got) != 1 || got[0].Description != c.want {
			t.Errorf("%s: menu = %+v, want %s", c.name, got, c.want)
		}
	}
	channel := s.AddGroup(Group{Type: "channel", Title: "Wire", Username: "wire"})
	var list []Command
	call(t, s, "getMyCommands", "language_code", "de").into(t, &list)
	if len(list) != 1 || list[0].Command != "help" {
		t.Errorf("getMyCommands de = %+v", list)
	}
	call(t, s, "deleteMyCommands", "language_code", "de")
	call(t, s, "getMyCommands", "language_code", "de").into(t, &list)
	if len(list) != 0 {
		t.Errorf("after deleteMyCommands = %+v, want none", list)
	}
	one := func(name, what string) string {
		return fmt.Sprintf(`[{"command":%q,"description":%q}]`, name, what)
	}
	for _, c := range []struct{ commands, extra, want string }{
		{"", "", "can't parse commands JSON object"},
		{one(strings.Repeat("a", 33), "x"), "", "command length must not exceed 32"},
		{one("Hallo", "x"), "", "BOT_COMMAND_INVALID"},
		{one("ok", ""), "", "command description must be non-empty"},
		{one("ok", strings.Repeat("x", 257)), "", "command description length must not exceed 256"},
		{"[" + strings.Repeat(`{"command":"a","description":"b"},`, 100) + `{"command":"a","description":"b"}]`, "", "can't set more than 100 bot commands"},
		{one("ok", "x"), `{"type":"moon"}`, "can't parse BotCommandScope: Unsupported type specified"},
		{one("ok", "x"), `{"type":"chat","chat_id":99}`, "chat not found"},
		{one("ok", "x"), fmt.Sprintf(`{"type":"chat","chat_id":%d}`, channel), "can't change commands in channel chats"},
		{one("ok", "x"), fmt.Sprintf(`{"type":"chat_administrators","chat_id":%d}`, reader), "can't use specified scope in private chats"},
	} {
		if a := call(t, s, "setMyCommands", "commands", c.commands, "scope", c.extra); a.Description != "Bad Request: "+c.want {
			t.Errorf("setMyCommands %.40s = %s, want %s", c.commands, a.Description, c.want)
		}
	}
}

func TestTheProfileIsKeptByLanguage(t *testing.T) {
	s, _ := world(t)
	for _, c := range []struct {
		field, set, get string
		size            int
	}{
		{"name", "setMyName", "getMyName", 64},
		{"description", "setMyDescription", "getMyDescription", 512},
		{"short_description", "setMyShortDescription", "getMyShortDescription", 120},
	} {
		if a := call(t, s, c.set, c.field, strings.Repeat("é", c.size+1)); a.Status != 400 {
			t.Errorf("%s of %d characters = %d, want 400", c.set, c.size+1, a.Status)
		}
		call(t, s, c.set, c.field, "all")
		call(t, s, c.set, c.field, "deutsch", "language_code", "de")
		for language, want := range map[string]string{"": "all", "de": "deutsch", "fr": "all"} {
			var got map[string]string
			call(t, s, c.get, "language_code", language).into(t, &got)
			if got[c.field] != want {
				t.Errorf("%s %q = %q, want %q", c.get, language, got[c.field], want)
			}
		}
	}
}

func TestTypingLastsFiveSecondsOrUntilAMessage(t *testing.T) {
	s, c := world(t)
	typing := func() int64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.privateView(s.users[reader], s.chats[reader]).Typing
	}
	call(t, s, "sendChatAction", "chat_id", fmt.Sprint(reader), "action", "typing")
	c.advance(2 * time.Second)
	if got := typing(); got != 3000 {
		t.Errorf("after two seconds %d ms are left, want 3000", got)
	}
	call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x")
	if got := typing(); got != 0 {
		t.Errorf("after a message %d ms are left, want none", got)
	}
}

func TestDuplicatesAreTextsSentTwiceToOneChat(t *testing.T) {
	s, _ := world(t)
	for _, text := range []string{"one", "two", "one"} {
		call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", text)
		call(t, s, "sendMessage", "chat_id", fmt.Sprint(admin), "text", text+text)
	}
	want := []Duplicate{{reader, "one", 2}, {admin, "oneone", 2}}
	if got := s.Evidence().Duplicates; !slices.Equal(got, want) {
		t.Errorf("duplicates = %+v, want %+v", got, want)
	}
}
