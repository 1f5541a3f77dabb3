package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	typingLife = 5 * time.Second
	deleteLife = 48 * time.Hour // after which only fresh messages can be deleted for everyone
)

var chatActions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "record_audio", "upload_audio",
	"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note", "cancel",
}

func (s *Simulator) getMe(*query) (any, error) {
	return botUser{User: s.me, CanJoinGroups: true, CanReadAllGroupMessages: s.cfg.ReadsGroups, SupportsInlineQueries: true}, nil
}

func (s *Simulator) sendMessage(q *query) (any, error) {
	text, err := s.readText(q.params)
	if err != nil {
		return nil, err
	}
	markup, err := readMarkup(q.params)
	if err != nil {
		return nil, err
	}
	preview, err := readPreview(q.params)
	if err != nil {
		return nil, err
	}
	m := Message{Text: text.text, Entities: text.entities, LinkPreview: preview, Markup: markup, HasProtected: q.params.flag("protect_content")}
	kept, err := s.deliver(q, m, text)
	if err != nil {
		return nil, err
	}
	return kept.Message, nil
}

// deliver takes a message through chat, topic, reply, rights, length and rate.
func (s *Simulator) deliver(q *query, m Message, text formatted) (*stored, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if err := s.mayReach(c); err != nil {
		return nil, err
	}
	if m.ThreadID, err = c.findThread(q.params); err != nil {
		return nil, err
	}
	m.IsTopicMessage = m.ThreadID != 0
	if m.ReplyTo, err = s.findReply(c, q.params); err != nil {
		return nil, err
	}
	if err := c.mayPost(); err != nil {
		return nil, err
	}
	check := s.checkLength
	if m.hasMedia() {
		check = s.checkCaption
	}
	if err := check(text); err != nil {
		return nil, err
	}
	now := s.now()
	if err := s.rates.admit(c, false, q.params.flag("allow_paid_broadcast"), q.at, now); err != nil {
		return nil, err
	}
	s.rates.accept(c, now)
	if c.Type == "channel" {
		m.SenderChat = &c.Chat
	} else {
		m.From = &s.me
	}
	m.Date = 0
	kept := s.add(c, m, true)
	q.accepted = append(q.accepted, s.evidence.accept(&Accepted{
		At: now, ChatID: c.ID, MessageID: kept.MessageID, ThreadID: m.ThreadID, Method: q.method, Text: m.Text + m.Caption, Media: m.hasMedia(), Dropped: text.dropped,
	}))
	return kept, nil
}

// findReply reads reply_parameters, or the older reply_to_message_id.
func (s *Simulator) findReply(c *chat, p params) (*Message, error) {
	var reply struct {
		MessageID int64 `json:"message_id"`
		ChatID    any   `json:"chat_id"`
		Anyway    bool  `json:"allow_sending_without_reply"`
		Quote     string
	}
	reply.MessageID, reply.Anyway = p.id("reply_to_message_id"), p.flag("allow_sending_without_reply")
	if text := strings.TrimSpace(p["reply_parameters"]); text != "" {
		if json.Unmarshal([]byte(text), &reply) != nil {
			return nil, bad("can't parse reply parameters JSON object")
		}
	}
	if reply.MessageID == 0 {
		return nil, nil
	}
	found := c.byID[reply.MessageID]
	switch {
	case found == nil && reply.Anyway:
		return nil, nil
	case found == nil:
		return nil, bad("message to be replied not found")
	case !strings.Contains(found.Text, reply.Quote) || utf8.RuneCountInString(reply.Quote) > 1024:
		return nil, bad("QUOTE_TEXT_INVALID")
	}
	m := found.Message
	m.ReplyTo = nil
	return &m, nil
}

func (s *Simulator) copyMessage(q *query) (any, error) {
	from, err := s.resolveChat(q.params, "from_chat_id")
	if err != nil {
		return nil, err
	}
	if q.params.id("message_id") == 0 {
		return nil, bad("message identifier is not specified")
	}
	source := from.byID[q.params.id("message_id")]
	if source == nil {
		return nil, bad("message to copy not found")
	}
	if source.Text == "" && !source.hasMedia() {
		return nil, bad("message can't be copied")
	}
	markup, err := readMarkup(q.params)
	if err != nil {
		return nil, err
	}
	m := Message{
		Text: source.Text, Entities: source.Entities, LinkPreview: source.LinkPreview, Markup: markup,
		Caption: source.Caption, CaptionEntities: source.CaptionEntities, Photo: source.Photo, Document: source.Document,
	}
	said := formatted{text: m.Text, entities: m.Entities}
	if m.hasMedia() {
		said = formatted{text: m.Caption, entities: m.CaptionEntities}
	}
	kept, err := s.deliver(q, m, said)
	if err != nil {
		return nil, err
	}
	return struct {
		MessageID int64 `json:"message_id"`
	}{kept.MessageID}, nil
}

func (s *Simulator) editMessageText(q *query) (any, error) {
	text, err := s.readText(q.params)
	if err != nil {
		return nil, err
	}
	markup, err := readMarkup(q.params)
	if err != nil {
		return nil, err
	}
	preview, err := readPreview(q.params)
	if err != nil {
		return nil, err
	}
	c, m, err := s.editable(q)
	if err != nil {
		return nil, err
	}
	if err := s.checkLength(text); err != nil {
		return nil, err
	}
	to := m.Message
	to.Text, to.Entities, to.LinkPreview, to.Markup = text.text, text.entities, preview, markup
	return s.edit(q, c, m, to, true)
}

func (s *Simulator) editMessageReplyMarkup(q *query) (any, error) {
	markup, err := readMarkup(q.params)
	if err != nil {
		return nil, err
	}
	c, m, err := s.editable(q)
	if err != nil {
		return nil, err
	}
	to := m.Message
	to.Markup = markup
	return s.edit(q, c, m, to, false)
}

// editable finds the message of an edit and refuses what may not be edited.
func (s *Simulator) editable(q *query) (*chat, *stored, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, nil, err
	}
	if q.params.id("message_id") == 0 {
		return nil, nil, bad("message identifier is not specified")
	}
	if err := s.mayReach(c); err != nil {
		return nil, nil, err
	}
	m := c.byID[q.params.id("message_id")]
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case !m.fromBot:
		return nil, nil, bad("message can't be edited")
	case m.Text == "":
		return nil, nil, bad("there is no text in the message to edit")
	}
	return c, m, c.mayPost()
}

func (s *Simulator) edit(q *query, c *chat, m *stored, to Message, dated bool) (any, error) {
	if sameContent(m.Message, to) {
		return nil, bad(textNotModified)
	}
	if err := s.rates.admit(c, true, false, q.at, s.now()); err != nil {
		return nil, err
	}
	s.change(c, m, to, dated)
	return m.Message, nil
}

func (s *Simulator) deleteMessage(q *query) (any, error) {
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if q.params.id("message_id") == 0 {
		return nil, bad("message identifier is not specified")
	}
	if err := s.mayReach(c); err != nil {
		return nil, err
	}
	m := c.byID[q.params.id("message_id")]
	switch {
	case m == nil:
		return nil, bad("message to delete not found")
	case !m.fromBot && c.Type != "private" && !c.rights.Admin, s.now().Sub(time.Unix(m.Date, 0)) > deleteLife && !c.rights.Admin:
		return nil, bad("message can't be deleted for everyone")
	}
	s.remove(c, m)
	return true, nil
}

func (s *Simulator) sendChatAction(q *query) (any, error) {
	if !slices.Contains(chatActions, strings.ToLower(strings.TrimSpace(q.params["action"]))) {
		return nil, bad("wrong parameter action in request")
	}
	c, err := s.resolveChat(q.params, "chat_id")
	if err != nil {
		return nil, err
	}
	if err := s.mayReach(c); err != nil {
		return nil, err
	}
	if _, err := c.findThread(q.params); err != nil {
		return nil, err
	}
	c.typing = s.now().Add(typingLife)
	if q.params["action"] == "cancel" {
		c.typing = time.Time{}
	}
	s.touch(c)
	return true, nil
}
