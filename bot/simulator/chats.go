package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Group describes a conversation of several: a group, supergroup or channel.
type Group struct {
	ID       int64  // 0: a fresh negative id of the right shape
	Type     string // group (when empty), supergroup or channel
	Title    string
	Username string // public name without @; supergroups and channels only
	Forum    bool   // a supergroup with topics
	Admins   []int64
	Members  []int64
}

// Rights is what the bot may do in a chat.
type Rights struct {
	Admin bool // administrator; needed to post in a channel and to see every message
	Post  bool // may post in a channel (with Admin)
	Send  bool // may send text messages in a group
}

type user struct {
	User
	role        string
	seen        bool // some update about them reached the bot, so it may know their id
	deactivated bool
}

type thread struct {
	name   string
	closed bool
}

type chat struct {
	Chat
	started    bool // private: the person wrote at least once
	blocked    bool // private: the person blocked the bot
	bot        string
	rights     Rights
	members    map[int64]string // user id → status
	threads    map[int64]thread
	migratedTo int64

	messages []*stored
	byID     map[int64]*stored
	lastID   int64
	typing   time.Time
	version  uint64
}

// AddPerson makes a person known, with a private chat that the bot cannot
// write to until they wrote first. A person with the same id is renamed.
func (s *Simulator) AddPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[p.ID]
	if u == nil {
		u = &user{}
		s.users[p.ID] = u
		s.people = append(s.people, p.ID)
		s.chats[p.ID] = newChat(Chat{ID: p.ID, Type: "private"})
	}
	u.User = User{ID: p.ID, FirstName: p.Name, Username: p.Username, LanguageCode: p.Language}
	u.role = p.Role
	c := s.chats[p.ID]
	c.FirstName, c.Chat.Username = p.Name, p.Username
	s.touch(c)
}

// AddGroup makes a group in which the bot is not yet a member and returns its
// id. Admins and members must be known people; unknown ids are left out.
func (s *Simulator) AddGroup(g Group) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.Type = cmp.Or(g.Type, "group")
	if g.ID == 0 {
		g.ID = s.freshGroupID(g.Type)
	}
	c := newChat(Chat{ID: g.ID, Type: g.Type, Title: g.Title, Username: g.Username, IsForum: g.Forum})
	c.bot = "left"
	if g.Forum {
		c.lastID = 1 // the topic General
	}
	for _, id := range g.Members {
		c.join(s, id, "member")
	}
	for i, id := range g.Admins {
		c.join(s, id, map[bool]string{true: "creator", false: "administrator"}[i == 0])
	}
	s.chats[g.ID] = c
	s.groups = append(s.groups, g.ID)
	if g.Username != "" {
		s.names[strings.ToLower(g.Username)] = g.ID
	}
	s.touch(c)
	return g.ID
}

// SetMember gives a person another place in a group or channel: creator,
// administrator, member, left or kicked. The bot is not told: it gets no
// chat_member updates.
func (s *Simulator) SetMember(chatID, person int64, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || c.Type == "private" || s.users[person] == nil {
		return fmt.Errorf("set member %d of chat %d: %w", person, chatID, ErrNoChat)
	}
	c.join(s, person, status)
	return nil
}

// AddTopic opens a topic in a forum and returns its thread id.
func (s *Simulator) AddTopic(chatID int64, name string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || !c.IsForum {
		return 0, fmt.Errorf("add topic %q: chat %d is no forum", name, chatID)
	}
	c.lastID++
	c.threads[c.lastID] = thread{name: name}
	s.touch(c)
	return c.lastID, nil
}

// CloseTopic closes a topic: the bot gets TOPIC_CLOSED there unless it is an
// administrator.
func (s *Simulator) CloseTopic(chatID, threadID int64) {
	s.changeTopic(chatID, threadID, false)
}

// ReopenTopic opens a closed topic again; the bot gets the service message.
func (s *Simulator) ReopenTopic(chatID, threadID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil || !c.threads[threadID].closed {
		return fmt.Errorf("reopen topic %d of chat %d: %w", threadID, chatID, ErrNoChat)
	}
	t := c.threads[threadID]
	t.closed = false
	c.threads[threadID] = t
	by := User{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	s.tell("message", nil, s.add(c, Message{From: &by, ThreadID: threadID, IsTopicMessage: true, TopicReopened: &struct{}{}}, false))
	return nil
}

// DeleteTopic removes a topic: the bot gets "message thread not found" there.
func (s *Simulator) DeleteTopic(chatID, threadID int64) {
	s.changeTopic(chatID, threadID, true)
}

func (s *Simulator) changeTopic(chatID, threadID int64, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return
	}
	t, ok := c.threads[threadID]
	switch {
	case ok && gone:
		delete(c.threads, threadID)
	case ok:
		t.closed = true
		c.threads[threadID] = t
	}
}

func newChat(c Chat) *chat {
	return &chat{Chat: c, bot: "member", rights: Rights{Send: true}, members: map[int64]string{}, threads: map[int64]thread{}, byID: map[int64]*stored{}}
}

func (c *chat) join(s *Simulator, id int64, status string) {
	if s.users[id] != nil {
		c.members[id] = status
	}
}

func (s *Simulator) freshGroupID(kind string) int64 {
	s.nextID++
	if kind == "group" {
		return -4000000 - s.nextID
	}
	return -1002000000000 - s.nextID
}

// resolveChat finds the chat a parameter names: an id or @publicname. A group
// the bot never was in is as unknown as a wrong id.
func (s *Simulator) resolveChat(p params, name string) (*chat, error) {
	text := strings.TrimSpace(p[name])
	if text == "" {
		return nil, bad("chat_id is empty")
	}
	id := p.id(name)
	if public, ok := strings.CutPrefix(text, "@"); ok {
		id = s.names[strings.ToLower(public)]
	}
	c := s.chats[id]
	switch {
	case id == s.me.ID:
		return nil, forbidden("the bot can't send messages to the bot")
	case c == nil:
		return nil, bad("chat not found")
	case c.Type == "private" && !c.started && !s.users[c.ID].seen:
		return nil, bad("chat not found")
	case c.Type != "private" && c.bot == "left" && c.Username == "" && len(c.byID) == 0:
		return nil, bad("chat not found")
	case c.migratedTo != 0:
		return nil, migrated(c.migratedTo)
	}
	return c, nil
}

// mayReach refuses what the bot's place in the chat forbids.
func (s *Simulator) mayReach(c *chat) error {
	if c.Type == "private" {
		switch {
		case s.users[c.ID].deactivated:
			return forbidden("user is deactivated")
		case c.blocked:
			return forbidden("bot was blocked by the user")
		case !c.started:
			return forbidden("bot can't initiate conversation with a user")
		}
		return nil
	}
	switch c.bot {
	case "kicked":
		return forbidden("bot was kicked from the " + c.kind())
	case "left":
		return notMember(c)
	}
	return nil
}

// mayPost refuses what the bot's rights forbid; it comes after topic and reply.
func (c *chat) mayPost() error {
	switch {
	case c.Type == "channel" && !(c.rights.Admin && c.rights.Post):
		return bad("need administrator rights in the channel chat")
	case !c.rights.Send && !c.rights.Admin:
		return bad("not enough rights to send text messages to the chat")
	}
	return nil
}

// findThread reads message_thread_id: ignored outside forums; General may not
// be named (Client.cpp, "message thread not found").
func (c *chat) findThread(p params) (int64, error) {
	id := p.id("message_thread_id")
	if id == 0 || !c.IsForum {
		return 0, nil
	}
	t, ok := c.threads[id]
	switch {
	case !ok:
		return 0, bad("message thread not found")
	case t.closed && !c.rights.Admin:
		return 0, bad("TOPIC_CLOSED")
	}
	return id, nil
}

func (s *Simulator) botMember(c *chat) ChatMember {
	m := ChatMember{Status: c.bot, User: s.me}
	if c.Type == "private" && c.blocked {
		m.Status = "kicked"
	}
	switch m.Status {
	case "administrator":
		m.CanPostMessages = c.rights.Post
	case "restricted":
		send := c.rights.Send
		m.CanSendMessages = &send
	case "kicked":
		forever := int64(0)
		m.UntilDate = &forever
	}
	return m
}

// memberIDs are the people in a chat, ordered by id.
func (c *chat) memberIDs() []int64 {
	var ids []int64
	for id := range c.members {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
