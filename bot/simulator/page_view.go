package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the page is sent: chats as it shows them, whenever they change.

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
	v.Commands = s.menu(c.ID, u.ID)
	return v
}

func (s *Simulator) groupView(c *chat) chatView {
	v := s.view(c, "")
	v.Name, v.Username, v.Role, v.Started = c.Title, c.Chat.Username, strings.TrimPrefix(c.Type, "super"), true
	v.Commands = s.menu(c.ID, 0)
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
