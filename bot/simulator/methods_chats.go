package simulator

// chatFullInfo is the part of ChatFullInfo this simulator knows.
type chatFullInfo struct {
	Chat
	AccentColor      int `json:"accent_color_id"`
	MaxReactionCount int `json:"max_reaction_count"`
}

func (s *Simulator) getChat(q *query) (any, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if err := s.maySee(c); err != nil {
		return nil, err
	}
	return chatFullInfo{Chat: c.Chat, MaxReactionCount: 11}, nil
}

// maySee refuses chats the bot was thrown out of; a block does not hide a
// private chat.
func (s *Simulator) maySee(c *chat) error {
	if c.Type == "private" || c.bot == "left" && c.Chat.Username != "" {
		return nil
	}
	return s.mayReach(c)
}

func (s *Simulator) getChatMember(q *query) (any, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if err := s.maySee(c); err != nil {
		return nil, err
	}
	id := q.params.id("user_id")
	switch {
	case id <= 0:
		return nil, bad("invalid user_id specified")
	case id == s.me.ID:
		return s.botMember(c), nil
	case c.Type == "channel" && c.bot != "administrator":
		return nil, bad("member list is inaccessible")
	case s.users[id] == nil:
		return nil, bad("member not found")
	}
	return s.member(c, id), nil
}

func (s *Simulator) member(c *chat, id int64) ChatMember {
	status := c.members[id]
	switch {
	case c.Type == "private" && c.ID == id:
		status = "member"
	case status == "":
		status = "left"
	}
	return ChatMember{Status: status, User: s.users[id].User, CanPostMessages: c.Type == "channel" && status == "administrator"}
}

func (s *Simulator) getChatAdministrators(q *query) (any, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if c.Type == "private" {
		return nil, bad("There are no administrators in the private chat")
	}
	if err := s.maySee(c); err != nil {
		return nil, err
	}
	list := []ChatMember{}
	for _, id := range c.memberIDs() {
		if m := s.member(c, id); m.Status == "creator" || m.Status == "administrator" {
			list = append(list, m)
		}
	}
	if c.bot == "administrator" {
		list = append(list, s.botMember(c))
	}
	return list, nil
}
