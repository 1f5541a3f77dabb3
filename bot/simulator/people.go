package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Errors of acts that a person could not do either.
var (
	ErrNoChat    = errors.New("no such chat")
	ErrNoPerson  = errors.New("no such person")
	ErrNoMessage = errors.New("no such message")
	ErrNoButton  = errors.New("no such button on the keyboard shown")
)

// Post is something a person, or a channel, says.
type Post struct {
	Chat     int64     // 0: the private chat of From
	Thread   int64     // a forum topic
	From     int64     // 0: the channel itself
	Text     string    // plain; commands, links and mentions in it are marked as Telegram does; the caption of a file
	Photo    *Upload   // a picture, PNG or JPEG
	Document *Upload   // a file
	Forward  *Origin   // where the message was forwarded from
	ReplyTo  int64     // a message id of the same chat
	Date     time.Time // zero: now; an old date makes a stale update
}

// Say lets a person write to the bot in private, as from their phone. It returns what the chat shows.
func (s *Simulator) Say(person int64, text string) (Message, error) {
	return s.Post(Post{From: person, Text: text})
}

// Post lets a person write anywhere. In groups the bot gets only what privacy
// mode lets through; the chat shows the message all the same.
func (s *Simulator) Post(p Post) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Chat = cmp.Or(p.Chat, p.From)
	c := s.chats[p.Chat]
	u := s.users[p.From]
	switch {
	case c == nil || c.migratedTo != 0:
		return Message{}, fmt.Errorf("post in chat %d: %w", p.Chat, ErrNoChat)
	case u == nil && c.Type != "channel":
		return Message{}, fmt.Errorf("post as %d: %w", p.From, ErrNoPerson)
	case c.blocked:
		return Message{}, fmt.Errorf("post in chat %d: the person blocked the bot", p.Chat)
	}
	m, err := s.written(p)
	if err != nil {
		return Message{}, fmt.Errorf("post in chat %d: %w", p.Chat, err)
	}
	if !p.Date.IsZero() {
		m.Date = p.Date.Unix()
	}
	if c.IsForum && p.Thread != 0 {
		m.ThreadID, m.IsTopicMessage = p.Thread, true
	}
	reply := c.byID[p.ReplyTo]
	if reply != nil {
		quoted := reply.Message
		quoted.ReplyTo = nil
		m.ReplyTo = &quoted
	}
	kind := "message"
	if c.Type == "channel" {
		kind, m.SenderChat = "channel_post", &c.Chat
	} else {
		m.From = &u.User
	}
	kept := s.add(c, m, false)
	if c.Type == "private" {
		c.started = true
	}
	if s.overhears(c, kept.Message, reply) {
		s.tell(kind, u, kept)
	}
	return kept.Message, nil
}

// written makes the message of a post: a text, or a file with a caption.
func (s *Simulator) written(p Post) (m Message, err error) {
	text := strings.TrimSpace(p.Text)
	marks := findEntities(text, nil)
	sortEntities(marks)
	m = Message{ForwardOrigin: p.Forward}
	switch {
	case p.Photo != nil:
		m.Photo, err = s.keepPhoto(*p.Photo)
	case p.Document != nil:
		f := s.keepFile(*p.Document, "documents")
		m.Document = &f
	case text == "":
		return m, errors.New("empty text")
	default:
		m.Text, m.Entities = text, marks
		return m, nil
	}
	m.Caption, m.CaptionEntities = text, marks
	return m, err
}

// tell queues an update about a message.
func (s *Simulator) tell(kind string, u *user, m *stored) {
	if u != nil {
		u.seen = true
	}
	s.push(kind, m.Message, time.Unix(m.Date, 0).Add(messageLife))
}

// overhears is privacy mode: in groups a bot sees commands that may be meant
// for it, mentions and replies to it, unless it is an administrator.
func (s *Simulator) overhears(c *chat, m Message, reply *stored) bool {
	switch {
	case c.Type == "private":
		return true
	case c.bot != "member" && c.bot != "administrator" && c.bot != "restricted":
		return false
	case c.rights.Admin || s.cfg.ReadsGroups || reply != nil && reply.fromBot:
		return true
	}
	for _, e := range m.Entities {
		word := strings.ToLower(cut16(m.Text, e.Offset, e.Length))
		_, addressee, addressed := strings.Cut(word, "@")
		if e.Type == "bot_command" && (!addressed || addressee == strings.ToLower(s.cfg.Username)) ||
			e.Type == "mention" && addressee == strings.ToLower(s.cfg.Username) {
			return true
		}
	}
	return false
}

// Amend lets a person change what they said; the bot gets edited_message.
func (s *Simulator) Amend(chatID, messageID int64, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(chatID, messageID)
	if m == nil || m.fromBot {
		return fmt.Errorf("amend message %d in chat %d: %w", messageID, chatID, ErrNoMessage)
	}
	c := s.chats[chatID]
	to := m.Message
	to.Text, to.Entities = text, findEntities(text, nil)
	s.change(c, m, to, true)
	kind := "edited_message"
	if c.Type == "channel" {
		kind = "edited_channel_post"
	}
	if s.overhears(c, m.Message, nil) {
		s.tell(kind, nil, m)
	}
	return nil
}

// Delete lets a person take any message of a private chat away for both, as
// they can. The bot is not told.
func (s *Simulator) Delete(person, messageID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(person, messageID)
	if m == nil {
		return fmt.Errorf("delete message %d in chat %d: %w", messageID, person, ErrNoMessage)
	}
	s.remove(s.chats[person], m)
	return nil
}

// press is a callback query and what became of it.
type press struct {
	id       string
	person   int64
	chat     int64
	at       time.Time
	answered time.Time
	tooLate  int
	again    int
	text     string
	alert    bool
}

// ButtonAt chooses a button of a keyboard: see ByLabel, ByData and ByPlace.
type ButtonAt func(row, column int, b Button) bool

// ByLabel chooses the first button with exactly this text.
func ByLabel(text string) ButtonAt { return func(_, _ int, b Button) bool { return b.Text == text } }

// ByData chooses the first button with this callback data.
func ByData(data string) ButtonAt {
	return func(_, _ int, b Button) bool { return b.CallbackData == data }
}

// ByPlace chooses by row and column, counted from 0.
func ByPlace(row, column int) ButtonAt {
	return func(r, c int, _ Button) bool { return r == row && c == column }
}

// Press lets a person press a callback button that the message shows now and
// returns the callback query's id. With messageID 0 the newest message of the
// chat that has such a button is meant.
func (s *Simulator) Press(person, chatID, messageID int64, which ButtonAt) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[chatID], s.users[person]
	if c == nil || u == nil {
		return "", fmt.Errorf("press as %d in chat %d: %w", person, chatID, ErrNoPerson)
	}
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		if messageID != 0 && m.MessageID != messageID {
			continue
		}
		if b := m.button(which); b != nil {
			return s.press(c, u, m, b.CallbackData), nil
		}
	}
	return "", fmt.Errorf("press in chat %d, message %d: %w", chatID, messageID, ErrNoButton)
}

func (m *stored) button(which ButtonAt) *Button {
	if m.Markup == nil || !m.fromBot {
		return nil
	}
	for r, row := range m.Markup.InlineKeyboard {
		for i, b := range row {
			if b.CallbackData != "" && which(r, i, b) {
				return &b
			}
		}
	}
	return nil
}

// PressForged sends a callback query with any data for a message of the bot,
// as a changed client can. A message id that is not there leaves the query
// without its message.
func (s *Simulator) PressForged(person, chatID, messageID int64, data string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[chatID], s.users[person]
	if c == nil || u == nil {
		return "", fmt.Errorf("press as %d in chat %d: %w", person, chatID, ErrNoPerson)
	}
	return s.press(c, u, c.byID[messageID], data), nil
}

func (s *Simulator) press(c *chat, u *user, m *stored, data string) string {
	s.nextID++
	p := &press{id: strconv.FormatInt(880000000000+s.nextID, 10), person: u.ID, chat: c.ID, at: s.now()}
	s.presses[p.id] = p
	q := callbackQuery{ID: p.id, From: u.User, ChatInstance: strconv.FormatInt(c.ID*31+7, 10), Data: data}
	if m != nil {
		q.Message = &m.Message
	}
	u.seen = true
	s.push("callback_query", q, p.at.Add(callbackLife))
	return p.id
}

// Block lets a person block the bot; it gets my_chat_member. Blocking twice
// changes nothing.
func (s *Simulator) Block(person int64) error { return s.setBlocked(person, true) }

// Unblock takes a block back.
func (s *Simulator) Unblock(person int64) error { return s.setBlocked(person, false) }

func (s *Simulator) setBlocked(person int64, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[person], s.users[person]
	if c == nil || u == nil {
		return fmt.Errorf("block as %d: %w", person, ErrNoPerson)
	}
	if c.blocked == blocked {
		return nil
	}
	before := s.botMember(c)
	c.blocked = blocked
	s.tellPlace(c, u, before)
	return nil
}

// Deactivate deletes a person's account: sends to them answer 403.
func (s *Simulator) Deactivate(person int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[person]
	if u == nil {
		return fmt.Errorf("deactivate %d: %w", person, ErrNoPerson)
	}
	u.deactivated = true
	return nil
}

// Invite adds the bot to a group or channel with these rights, or changes its
// rights there; it gets my_chat_member and, when new in a group, the service
// message.
func (s *Simulator) Invite(by, chatID int64, r Rights) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[chatID], s.users[by]
	if c == nil || c.Type == "private" || c.migratedTo != 0 {
		return fmt.Errorf("invite to chat %d: %w", chatID, ErrNoChat)
	}
	if u == nil {
		return fmt.Errorf("invite as %d: %w", by, ErrNoPerson)
	}
	before := s.botMember(c)
	fresh := c.bot == "left" || c.bot == "kicked"
	c.rights = r
	switch {
	case r.Admin:
		c.bot = "administrator"
	case r.Send:
		c.bot = "member"
	default:
		c.bot = "restricted"
	}
	s.tellPlace(c, u, before)
	if fresh && c.Type != "channel" {
		s.tell("message", u, s.add(c, Message{From: &u.User, NewChatMembers: []User{s.me}}, false))
	}
	return nil
}

// Kick removes the bot from a group or channel.
func (s *Simulator) Kick(by, chatID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, u := s.chats[chatID], s.users[by]
	if c == nil || c.Type == "private" {
		return fmt.Errorf("kick from chat %d: %w", chatID, ErrNoChat)
	}
	if u == nil {
		return fmt.Errorf("kick as %d: %w", by, ErrNoPerson)
	}
	before := s.botMember(c)
	c.bot, c.rights = "kicked", Rights{}
	s.tellPlace(c, u, before)
	return nil
}

// tellPlace queues my_chat_member.
func (s *Simulator) tellPlace(c *chat, by *user, before ChatMember) {
	now := s.now()
	by.seen = true
	s.touch(c)
	s.push("my_chat_member", chatMemberUpdated{Chat: c.Chat, From: by.User, Date: now.Unix(), Old: before, New: s.botMember(c)}, now.Add(messageLife))
}

// Migrate turns a group into a supergroup and returns its new id. The old id
// answers 400 with the new one from then on, and both service messages are
// queued.
func (s *Simulator) Migrate(chatID int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || c.Type != "group" || c.migratedTo != 0 {
		return 0, fmt.Errorf("migrate chat %d: %w", chatID, ErrNoChat)
	}
	return s.migrate(c, 0), nil
}

func (s *Simulator) migrate(old *chat, id int64) int64 {
	if id == 0 || s.chats[id] != nil {
		id = s.freshGroupID("supergroup")
	}
	c := newChat(Chat{ID: id, Type: "supergroup", Title: old.Title})
	c.bot, c.rights, c.members = old.bot, old.rights, old.members
	s.chats[id] = c
	s.groups = append(s.groups, id)
	old.migratedTo = id
	by := User{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	s.tell("message", nil, s.add(old, Message{From: &by, MigrateTo: id}, false))
	s.tell("message", nil, s.add(c, Message{From: &by, MigrateFrom: old.ID}, false))
	return id
}
