package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// house is a world with a chat of every kind.
type house struct {
	*Simulator
	clock  *clock
	ids    map[string]string // name → chat id as text
	topic  string
	closed string
	told   string // a message of the bot to the reader
	said   string // the reader's /start
}

func build(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	s, c := world(t, change...)
	h := &house{Simulator: s, clock: c, ids: map[string]string{}}
	for name, g := range map[string]Group{
		"group":    {Type: "group", Title: "Family", Admins: []int64{admin}, Members: []int64{reader, silent}},
		"super":    {Type: "supergroup", Title: "Village", Username: "village", Admins: []int64{admin}},
		"forum":    {Type: "supergroup", Title: "Club", Forum: true, Admins: []int64{admin}},
		"channel":  {Type: "channel", Title: "Bulletin", Username: "bulletin", Admins: []int64{admin}},
		"stranger": {Type: "group", Title: "Strangers"},
		"muted":    {Type: "supergroup", Title: "Quiet"},
		"kickgrp":  {Type: "group", Title: "Out"},
		"kicksup":  {Type: "supergroup", Title: "Out"},
		"kickcha":  {Type: "channel", Title: "Out"},
		"moved":    {Type: "group", Title: "Moved"},
		"poster":   {Type: "channel", Title: "Mine"},
		"leftsup":  {Type: "supergroup", Title: "Public", Username: "publicsquare"},
	} {
		id := s.AddGroup(g)
		h.ids[name] = fmt.Sprint(id)
		switch name {
		case "stranger", "leftsup":
		case "muted":
			h.must(t, s.Invite(admin, id, Rights{}))
		case "poster":
			h.must(t, s.Invite(admin, id, Rights{Admin: true, Post: true}))
		case "channel":
			h.must(t, s.Invite(admin, id, Rights{Admin: true}))
		default:
			h.must(t, s.Invite(admin, id, Rights{Send: true}))
		}
		if strings.HasPrefix(name, "kick") {
			h.must(t, s.Kick(admin, id))
		}
		if name == "moved" {
			_, err := s.Migrate(id)
			h.must(t, err)
		}
		if name == "forum" {
			open, err := s.AddTopic(id, "News")
			h.must(t, err)
			shut, err := s.AddTopic(id, "Old")
			h.must(t, err)
			s.CloseTopic(id, shut)
			h.topic, h.closed = fmt.Sprint(open), fmt.Sprint(shut)
		}
	}
	h.ids["reader"], h.ids["silent"], h.ids["admin"] = fmt.Sprint(reader), fmt.Sprint(silent), fmt.Sprint(admin)
	var m Message
	call(t, s, "sendMessage", "chat_id", h.ids["reader"], "text", "Good morning", "reply_markup", oneButton).into(t, &m)
	h.told, h.said = fmt.Sprint(m.MessageID), "1"
	return h
}

func (h *house) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const oneButton = `{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}`

func TestSendMessageRefusesInTelegramsWords(t *testing.T) {
	h := build(t)
	ok := h.ids["reader"]
	keyboard := func(button string) string { return `{"inline_keyboard":[[` + button + `]]}` }
	mark := func(e string) []string { return []string{"chat_id", ok, "text", "hi 😀 you", "entities", e} }
	long := make([]string, 100)
	for i := range long {
		long[i] = fmt.Sprintf(`{"type":"text_link","offset":0,"length":2,"url":"https://a.example/%s%d"}`, strings.Repeat("x", 100), i)
	}
	for _, c := range []struct {
		name   string
		params []string
		text   string
	}{
		{"no text", []string{"chat_id", ok}, "message text is empty"},
		{"blanks only", []string{"chat_id", ok, "text", " \n\t "}, "text must be non-empty"},
		{"text before chat", []string{"chat_id", "1"}, "message text is empty"},
		{"raw text beyond 32768 bytes", []string{"chat_id", ok, "text", strings.Repeat("a", 32769)}, "text is too long"},
		{"4097 code points", []string{"chat_id", ok, "text", strings.Repeat("é", 4097)}, "message is too long"},
		{"a parse_mode", []string{"chat_id", ok, "text", "x", "parse_mode", "XML"}, "unsupported parse_mode"},
		{"text that is no UTF-8", []string{"chat_id", ok, "text", "a\xff"}, "text must be encoded in UTF-8"},

		{"no chat", []string{"text", "x"}, "chat_id is empty"},
		{"an unknown chat", []string{"chat_id", "99", "text", "x"}, "chat not found"},
		{"a chat that is no number", []string{"chat_id", "abc", "text", "x"}, "chat not found"},
		{"somebody never met", []string{"chat_id", h.ids["silent"], "text", "x"}, "chat not found"},
		{"a group never joined", []string{"chat_id", h.ids["stranger"], "text", "x"}, "chat not found"},
		{"entities before chat", []string{"chat_id", "99", "text", "x", "entities", "{"}, "can't parse entities JSON object"},

		{"a topic that is not there", []string{"chat_id", h.ids["forum"], "text", "x", "message_thread_id", "77"}, "message thread not found"},
		{"the general topic by number", []string{"chat_id", h.ids["forum"], "text", "x", "message_thread_id", "1"}, "message thread not found"},
		{"a closed topic", []string{"chat_id", h.ids["forum"], "text", "x", "message_thread_id", h.closed}, "TOPIC_CLOSED"},
		{"a reply to nothing", []string{"chat_id", ok, "text", "x", "reply_parameters", `{"message_id":777}`}, "message to be replied not found"},
		{"an old reply to nothing", []string{"chat_id", ok, "text", "x", "reply_to_message_id", "777"}, "message to be replied not found"},
		{"reply parameters cut off", []string{"chat_id", ok, "text", "x", "reply_parameters", `{"message_id`}, "can't parse reply parameters JSON object"},
		{"a quote that was not said", []string{"chat_id", ok, "text", "x", "reply_parameters", `{"message_id":` + h.told + `,"quote":"evening"}`}, "QUOTE_TEXT_INVALID"},
		{"muted in a group", []string{"chat_id", h.ids["muted"], "text", "x"}, "not enough rights to send text messages to the chat"},
		{"no right to post in a channel", []string{"chat_id", "@bulletin", "text", "x"}, "need administrator rights in the channel chat"},
		{"rights before length", []string{"chat_id", h.ids["muted"], "text", strings.Repeat("a", 5000)}, "not enough rights to send text messages to the chat"},
		{"a preview cut off", []string{"chat_id", ok, "text", "x", "link_preview_options", "{"}, "can't parse link preview options JSON object"},

		{"entities cut off", mark("["), "can't parse entities JSON object"},
		{"an entity that is no object", mark("[1]"), "can't parse MessageEntity: expected an Object"},
		{"an entity without offset", mark(`[{"type":"bold","length":1}]`), `can't parse MessageEntity: Can't find field "offset"`},
		{"an entity without type", mark(`[{"offset":0,"length":1}]`), `can't parse MessageEntity: Can't find field "type"`},
		{"an entity with an empty type", mark(`[{"type":"","offset":0,"length":1}]`), "can't parse MessageEntity: Type is not specified"},
		{"an entity of an unknown type", mark(`[{"type":"sparkle","offset":0,"length":1}]`), "can't parse MessageEntity: Unsupported type specified"},
		{"an entity before the text", mark(`[{"type":"bold","offset":-1,"length":1}]`), "receive an entity with incorrect offset -1"},
		{"an entity of negative length", mark(`[{"type":"bold","offset":0,"length":-1}]`), "receive an entity with incorrect length -1"},
		{"an entity that begins after the text", mark(`[{"type":"bold","offset":10,"length":1}]`), "entity begins after the end of the text at UTF-16 offset 10"},
		{"an entity that ends after the text", mark(`[{"type":"bold","offset":3,"length":9}]`), "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 12"},
		{"an entity that begins inside an emoji", mark(`[{"type":"bold","offset":4,"length":2}]`), "entity begins in a middle of a UTF-16 symbol at byte offset 7"},
		{"an entity that ends inside an emoji", mark(`[{"type":"bold","offset":0,"length":4}]`), "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 7"},
		{"a link without address", mark(`[{"type":"text_link","offset":0,"length":2}]`), `can't parse MessageEntity: Can't find field "url"`},
		{"a link with an empty address", mark(`[{"type":"text_link","offset":0,"length":2,"url":""}]`), "entity URL '' is invalid: URL host is empty"},
		{"a link to a host without a dot", mark(`[{"type":"text_link","offset":0,"length":2,"url":"http://localhost/x"}]`), "entity URL 'http://localhost/x' is invalid: Wrong HTTP URL"},
		{"a link with another scheme", mark(`[{"type":"text_link","offset":0,"length":2,"url":"javascript:alert(1)"}]`), "entity URL 'javascript:alert(1)' is invalid: Unsupported URL protocol"},
		{"entities of too many bytes", []string{"chat_id", ok, "text", "hi", "entities", "[" + strings.Join(long, ",") + "]"}, "ENTITIES_TOO_LONG"},

		{"a keyboard cut off", []string{"chat_id", ok, "text", "x", "reply_markup", "{"}, "can't parse reply keyboard markup JSON object"},
		{"a keyboard that is a list", []string{"chat_id", ok, "text", "x", "reply_markup", "[]"}, "object expected as reply markup"},
		{"a keyboard of null", []string{"chat_id", ok, "text", "x", "reply_markup", `{"inline_keyboard":null}`}, `field "inline_keyboard" must be of type Array`},
		{"a row of null", []string{"chat_id", ok, "text", "x", "reply_markup", `{"inline_keyboard":[null]}`}, `field "inline_keyboard" must be an Array of Arrays`},
		{"callback data of 65 bytes", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(`{"text":"A","callback_data":"` + strings.Repeat("d", 65) + `"}`)}, "BUTTON_DATA_INVALID"},
		{"callback data of 33 two-byte letters", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(`{"text":"A","callback_data":"` + strings.Repeat("ä", 33) + `"}`)}, "BUTTON_DATA_INVALID"},
		{"empty callback data", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(`{"text":"A","callback_data":""}`)}, "BUTTON_DATA_INVALID"},
		{"a button without action", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(`{"text":"A"}`)}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"a button with a wrong address", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(`{"text":"A","url":"http://localhost"}`)}, "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL"},
		{"101 buttons", []string{"chat_id", ok, "text", "x", "reply_markup", keyboard(strings.Repeat(`{"text":"A","callback_data":"a"},`, 100) + `{"text":"A","callback_data":"a"}`)}, "reply markup is too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(h.Evidence().Accepted)
			a := call(t, h.Simulator, "sendMessage", c.params...)
			if want := "Bad Request: " + c.text; a.Status != 400 || a.ErrorCode != 400 || a.Description != want {
				t.Errorf("sendMessage = %d %s, want 400 %s", a.Status, a.Description, want)
			}
			if after := len(h.Evidence().Accepted); after != before {
				t.Errorf("%d messages were accepted all the same", after-before)
			}
		})
	}
}

func TestChatsThatAreGoneAnswerInTelegramsWords(t *testing.T) {
	h := build(t)
	h.must(t, h.Block(admin))
	s := h.Simulator
	s.AddPerson(Person{ID: 55, Name: "Gone"})
	s.Say(55, "/start")
	h.must(t, s.Deactivate(55))
	for _, c := range []struct {
		name, chat, text string
		code             int
	}{
		{"blocked", h.ids["admin"], "Forbidden: bot was blocked by the user", 403},
		{"deactivated", "55", "Forbidden: user is deactivated", 403},
		{"itself", "4242", "Forbidden: the bot can't send messages to the bot", 403},
		{"kicked from a group", h.ids["kickgrp"], "Forbidden: bot was kicked from the group chat", 403},
		{"kicked from a supergroup", h.ids["kicksup"], "Forbidden: bot was kicked from the supergroup chat", 403},
		{"kicked from a channel", h.ids["kickcha"], "Forbidden: bot was kicked from the channel chat", 403},
		{"not a member of a public supergroup", "@publicsquare", "Forbidden: bot is not a member of the supergroup", 403},
		{"moved", h.ids["moved"], "Bad Request: group chat was upgraded to a supergroup chat", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := call(t, s, "sendMessage", "chat_id", c.chat, "text", "x")
			if a.Status != c.code || a.Description != c.text {
				t.Errorf("sendMessage = %d %s, want %d %s", a.Status, a.Description, c.code, c.text)
			}
			if c.name == "moved" && a.Parameters.MigrateToChatID >= -1000000000000 {
				t.Errorf("migrate_to_chat_id = %d, want a supergroup's id", a.Parameters.MigrateToChatID)
			}
		})
	}
	if _, err := s.Post(Post{Chat: atoi(h.ids["group"]), From: silent, Text: "/help@tidings_bot"}); err != nil {
		t.Fatal(err)
	}
	if a := call(t, s, "sendMessage", "chat_id", h.ids["silent"], "text", "x"); a.Description != "Forbidden: bot can't initiate conversation with a user" {
		t.Errorf("to somebody met in a group only: %s", a.Description)
	}
}

func atoi(s string) int64 { return params{"x": s}.id("x") }

func TestWhatTelegramTakesItKeepsAsTelegramDoes(t *testing.T) {
	h := build(t)
	for _, c := range []struct {
		name   string
		params []string
		want   Message
	}{
		{"blanks around, carriage returns and control characters go", []string{"text", "\n  a\r\nb\x01c \n"}, Message{Text: "a\nb c"}},
		{"entities move with what is trimmed", []string{"text", "  hi you  ", "entities", `[{"type":"bold","offset":5,"length":5}]`},
			Message{Text: "hi you", Entities: []Entity{{Type: "bold", Offset: 3, Length: 3}}}},
		{"an entity of blanks goes", []string{"text", "a   b", "entities", `[{"type":"bold","offset":1,"length":2},{"type":"italic","offset":4,"length":1},{"type":"bold","offset":0,"length":0}]`},
			Message{Text: "a   b", Entities: []Entity{{Type: "italic", Offset: 4, Length: 1}}}},
		{"offsets count UTF-16 units", []string{"text", "😀 b", "entities", `[{"type":"bold","offset":3,"length":1}]`},
			Message{Text: "😀 b", Entities: []Entity{{Type: "bold", Offset: 3, Length: 1}}}},
		{"commands and links are found", []string{"text", "see /help, (https://a.example/x)."},
			Message{Text: "see /help, (https://a.example/x).", Entities: []Entity{{Type: "bot_command", Offset: 4, Length: 5}, {Type: "url", Offset: 12, Length: 19}}}},
		{"found kinds are ignored when given", []string{"text", "plain", "entities", `[{"type":"url","offset":0,"length":5}]`}, Message{Text: "plain"}},
		{"nothing is found inside code or a link", []string{"text", "/a /b", "entities", `[{"type":"code","offset":0,"length":2},{"type":"text_link","offset":3,"length":2,"url":"https://b.example"}]`},
			Message{Text: "/a /b", Entities: []Entity{{Type: "code", Offset: 0, Length: 2}, {Type: "text_link", Offset: 3, Length: 2, URL: "https://b.example"}}}},
		{"a keyboard without buttons is none", []string{"text", "x", "reply_markup", `{"inline_keyboard":[[],[]]}`}, Message{Text: "x"}},
		{"the older preview switch", []string{"text", "x", "disable_web_page_preview", "true"}, Message{Text: "x", LinkPreview: &Preview{IsDisabled: true}}},
		{"a reply to nothing, if allowed", []string{"text", "x", "reply_parameters", `{"message_id":777,"allow_sending_without_reply":true}`}, Message{Text: "x"}},
		{"a thread outside forums is ignored", []string{"text", "x", "message_thread_id", "9"}, Message{Text: "x"}},
		{"4096 emoji of two units each", []string{"text", strings.Repeat("😀", 4096)}, Message{Text: strings.Repeat("😀", 4096)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got Message
			call(t, h.Simulator, "sendMessage", append(c.params, "chat_id", h.ids["reader"])...).into(t, &got)
			got = Message{Text: got.Text, Entities: got.Entities, LinkPreview: got.LinkPreview, Markup: got.Markup, ReplyTo: got.ReplyTo, ThreadID: got.ThreadID}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("kept message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStrict16CountsUnitsNotCharacters(t *testing.T) {
	s, _ := world(t, func(c *Config) { c.Strict16 = true })
	if a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", strings.Repeat("😀", 2049)); a.Description != "Bad Request: message is too long" {
		t.Errorf("4098 units = %q, want too long", a.Description)
	}
	if a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", strings.Repeat("😀", 2048)); !a.OK {
		t.Errorf("4096 units = %q, want ok", a.Description)
	}
}

func TestEntitiesBeyondTheHundredthAreDroppedAndCounted(t *testing.T) {
	s, _ := world(t)
	var list []Entity
	for i := range 130 {
		list = append(list, Entity{Type: "bold", Offset: i, Length: 1})
	}
	raw, _ := json.Marshal(list)
	var got Message
	call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", strings.Repeat("x", 130), "entities", string(raw)).into(t, &got)
	if e := s.Evidence(); len(got.Entities) != 100 || e.DroppedMarks != 30 || e.Accepted[0].Dropped != 30 {
		t.Errorf("kept %d entities, evidence says %d dropped, want 100 and 30", len(got.Entities), e.DroppedMarks)
	}
}

func TestForumMessagesStandInTheirTopic(t *testing.T) {
	h := build(t)
	var got Message
	call(t, h.Simulator, "sendMessage", "chat_id", h.ids["forum"], "text", "x", "message_thread_id", h.topic).into(t, &got)
	if fmt.Sprint(got.ThreadID) != h.topic || !got.IsTopicMessage || !got.Chat.IsForum {
		t.Errorf("sent to thread %d (topic message %v), want %s", got.ThreadID, got.IsTopicMessage, h.topic)
	}
	h.DeleteTopic(atoi(h.ids["forum"]), atoi(h.topic))
	if a := call(t, h.Simulator, "sendMessage", "chat_id", h.ids["forum"], "text", "x", "message_thread_id", h.topic); a.Description != "Bad Request: message thread not found" {
		t.Errorf("to a deleted topic: %s", a.Description)
	}
}

func TestEditsDeletesAndCopiesRefuseInTelegramsWords(t *testing.T) {
	h := build(t)
	chat := h.ids["reader"]
	same := "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	for _, c := range []struct {
		name, method string
		params       []string
		text         string
	}{
		{"an edit without id", "editMessageText", []string{"chat_id", chat, "text", "x"}, "message identifier is not specified"},
		{"an edit of nothing", "editMessageText", []string{"chat_id", chat, "message_id", "777", "text", "x"}, "message to edit not found"},
		{"an edit of what the person said", "editMessageText", []string{"chat_id", chat, "message_id", h.said, "text", "x"}, "message can't be edited"},
		{"an edit that changes nothing", "editMessageText", []string{"chat_id", chat, "message_id", h.told, "text", "Good morning", "reply_markup", oneButton}, same},
		{"a keyboard that changes nothing", "editMessageReplyMarkup", []string{"chat_id", chat, "message_id", h.told, "reply_markup", oneButton}, same},
		{"an edit to nothing", "editMessageText", []string{"chat_id", chat, "message_id", h.told}, "message text is empty"},
		{"an edit too long", "editMessageText", []string{"chat_id", chat, "message_id", h.told, "text", strings.Repeat("a", 4097)}, "message is too long"},
		{"a delete of nothing", "deleteMessage", []string{"chat_id", chat, "message_id", "777"}, "message to delete not found"},
		{"a delete without id", "deleteMessage", []string{"chat_id", chat}, "message identifier is not specified"},
		{"a copy of nothing", "copyMessage", []string{"chat_id", chat, "from_chat_id", chat, "message_id", "777"}, "message to copy not found"},
		{"an unknown action", "sendChatAction", []string{"chat_id", chat, "action", "dancing"}, "wrong parameter action in request"},
		{"no action", "sendChatAction", []string{"chat_id", chat}, "wrong parameter action in request"},
		{"administrators of a private chat", "getChatAdministrators", []string{"chat_id", chat}, "there are no administrators in the private chat"},
		{"a member that is nobody", "getChatMember", []string{"chat_id", chat, "user_id", "0"}, "invalid user_id specified"},
		{"a member never heard of", "getChatMember", []string{"chat_id", chat, "user_id", "123"}, "member not found"},
		{"a chat never heard of", "getChat", []string{"chat_id", "123"}, "chat not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := call(t, h.Simulator, c.method, c.params...); a.Status != 400 || a.Description != "Bad Request: "+c.text {
				t.Errorf("%s = %d %s, want 400 Bad Request: %s", c.method, a.Status, a.Description, c.text)
			}
		})
	}
}

func TestAnEditReplacesTheTextAndRemovesTheKeyboard(t *testing.T) {
	h := build(t)
	var got Message
	call(t, h.Simulator, "editMessageText", "chat_id", h.ids["reader"], "message_id", h.told, "text", "Good evening").into(t, &got)
	if got.Text != "Good evening" || got.Markup != nil || got.EditDate != noon.Unix() {
		t.Errorf("edited message = %+v, want the new text, no keyboard, an edit date", got)
	}
	if said := h.History(reader, atoi(h.told)); len(said) != 2 || said[0].Text != "Good morning" || said[1].Text != "Good evening" {
		t.Errorf("history = %+v, want both texts", said)
	}
	call(t, h.Simulator, "editMessageReplyMarkup", "chat_id", h.ids["reader"], "message_id", h.told, "reply_markup", oneButton).into(t, &got)
	if got.Markup == nil {
		t.Error("the keyboard did not come back")
	}
	var done bool
	call(t, h.Simulator, "deleteMessage", "chat_id", h.ids["reader"], "message_id", h.told).into(t, &done)
	if slices.ContainsFunc(h.Snapshot(reader), func(m Message) bool { return fmt.Sprint(m.MessageID) == h.told }) {
		t.Error("the deleted message is still shown")
	}
}

func TestAMessageOlderThanTwoDaysIsNotDeletedForEveryone(t *testing.T) {
	h := build(t)
	h.clock.advance(49 * time.Hour)
	if a := call(t, h.Simulator, "deleteMessage", "chat_id", h.ids["reader"], "message_id", h.told); a.Description != "Bad Request: message can't be deleted for everyone" {
		t.Errorf("deleteMessage after 49 hours = %s", a.Description)
	}
}

func TestACopyCarriesTextAndMarks(t *testing.T) {
	h := build(t)
	m, err := h.Say(admin, "read /latest now")
	h.must(t, err)
	var id struct {
		MessageID int64 `json:"message_id"`
	}
	call(t, h.Simulator, "copyMessage", "chat_id", h.ids["reader"], "from_chat_id", h.ids["admin"], "message_id", fmt.Sprint(m.MessageID)).into(t, &id)
	list := h.Snapshot(reader)
	if last := list[len(list)-1]; last.MessageID != id.MessageID || last.Text != m.Text || len(last.Entities) != 1 || !last.From.IsBot {
		t.Errorf("the reader sees %+v, want a copy of %+v by the bot", last, m)
	}
}

func TestMembersAreToldByPlace(t *testing.T) {
	h := build(t)
	for _, c := range []struct{ name, chat, user, want string }{
		{"the creator", "group", h.ids["admin"], "creator"},
		{"a member", "group", h.ids["reader"], "member"},
		{"somebody elsewhere", "forum", h.ids["reader"], "left"},
		{"the bot", "group", "4242", "member"},
		{"the bot where it may post", "poster", "4242", "administrator"},
		{"the bot where it is muted", "muted", "4242", "restricted"},
		{"oneself in private", "reader", h.ids["reader"], "member"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m ChatMember
			call(t, h.Simulator, "getChatMember", "chat_id", h.ids[c.chat], "user_id", c.user).into(t, &m)
			if m.Status != c.want {
				t.Errorf("status = %s, want %s", m.Status, c.want)
			}
		})
	}
	var list []ChatMember
	call(t, h.Simulator, "getChatAdministrators", "chat_id", h.ids["group"]).into(t, &list)
	if len(list) != 1 || list[0].User.ID != admin {
		t.Errorf("administrators = %+v, want the one creator", list)
	}
}

// hours would pass if a hostile text cost its length squared.
func TestAHostileTextCostsBoundedTime(t *testing.T) {
	h := build(t)
	marks := strings.TrimSuffix(strings.Repeat(`{"type":"bold","offset":0,"length":4000},`, 20000), ",")
	for name, pairs := range map[string][]string{
		"commands":         {"text", strings.Repeat("/a ", 10900)},
		"hashtags":         {"text", strings.Repeat("#a ", 10900)},
		"opening brackets": {"text", strings.Repeat("(", 32000)},
		"marks":            {"text", strings.Repeat("a ", 4000), "entities", "[" + marks + "]"},
		"nested JSON":      {"text", "x", "entities", strings.Repeat("[", 400000)},
	} {
		begin := time.Now()
		call(t, h.Simulator, "sendMessage", append(pairs, "chat_id", h.ids["reader"])...)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzSendMessageKeepsEntitiesInsideTheText(f *testing.F) {
	f.Add("hi 😀 you", `[{"type":"bold","offset":0,"length":5}]`, oneButton)
	f.Add(" \r\n/a #b @cdef https://a.example", `[{"type":"text_link","offset":1,"length":9,"url":"a.example"}]`, `{"inline_keyboard":[[{"text":"A","url":"tg://x"}]]}`)
	f.Add("\u202eabc\x00", `[null]`, `{"inline_keyboard":[[null]]}`)
	f.Fuzz(func(t *testing.T, text, entities, markup string) {
		s, _ := world(t)
		a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", text, "entities", entities, "reply_markup", markup)
		if !a.OK {
			return
		}
		var m Message
		a.into(t, &m)
		for _, e := range m.Entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > length16(m.Text) || cut16(m.Text, e.Offset, e.Length) == "" {
				t.Errorf("%+v lies outside %q", e, m.Text)
			}
		}
	})
}
