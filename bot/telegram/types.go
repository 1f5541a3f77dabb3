package telegram

import (
	"encoding/json"
	"unicode/utf16"
)

// Update is one thing that happened, as getUpdates or a webhook tells it.
// Exactly one of the pointers is set when Kind is not KindUnknown. Ids grow,
// but jump to a random value after a quiet week.
type Update struct {
	ID            int64              `json:"update_id"`
	Message       *Incoming          `json:"message"`
	EditedMessage *Incoming          `json:"edited_message"`
	ChannelPost   *Incoming          `json:"channel_post"`
	CallbackQuery *CallbackQuery     `json:"callback_query"`
	InlineQuery   *InlineQuery       `json:"inline_query"`
	MyChatMember  *ChatMemberUpdated `json:"my_chat_member"`
}

// Kind names what an update carries, in the words of allowed_updates.
type Kind string

// The kinds of updates we read.
const (
	KindMessage       Kind = "message"
	KindEditedMessage Kind = "edited_message"
	KindChannelPost   Kind = "channel_post"
	KindCallbackQuery Kind = "callback_query"
	KindInlineQuery   Kind = "inline_query"
	KindMyChatMember  Kind = "my_chat_member"
	KindUnknown       Kind = "unknown" // a kind we do not read, or one that could not be decoded
)

// AllowedUpdates is the full list of kinds we read. Telegram remembers the list
// per bot and never queues the rest, so it is sent with every poll.
var AllowedUpdates = []Kind{KindMessage, KindEditedMessage, KindChannelPost, KindCallbackQuery, KindInlineQuery, KindMyChatMember}

// Kind tells which field is set.
func (u *Update) Kind() Kind {
	switch {
	case u.Message != nil:
		return KindMessage
	case u.EditedMessage != nil:
		return KindEditedMessage
	case u.ChannelPost != nil:
		return KindChannelPost
	case u.CallbackQuery != nil:
		return KindCallbackQuery
	case u.InlineQuery != nil:
		return KindInlineQuery
	case u.MyChatMember != nil:
		return KindMyChatMember
	}
	return KindUnknown
}

// ChatID is the Telegram id of the chat the update belongs to; without one
// (an inline query, a press under a message sent through one) the user's, else 0.
func (u *Update) ChatID() int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.EditedMessage != nil:
		return u.EditedMessage.Chat.ID
	case u.ChannelPost != nil:
		return u.ChannelPost.Chat.ID
	case u.CallbackQuery != nil && u.CallbackQuery.Message != nil:
		return u.CallbackQuery.Message.Chat.ID
	case u.CallbackQuery != nil:
		return u.CallbackQuery.From.ID
	case u.InlineQuery != nil:
		return u.InlineQuery.From.ID
	case u.MyChatMember != nil:
		return u.MyChatMember.Chat.ID
	}
	return 0
}

// DecodeUpdate reads one update. One that cannot be read keeps its id, if that
// much is readable, and is of KindUnknown: a single malformed update must not
// lose its neighbours, nor be polled for ever.
func DecodeUpdate(data []byte) Update {
	var u Update
	if err := json.Unmarshal(data, &u); err == nil {
		return u
	}
	var id struct {
		ID int64 `json:"update_id"`
	}
	// An id of the wrong type leaves 0, which the poller skips.
	_ = json.Unmarshal(data, &id)
	return Update{ID: id.ID}
}

// Incoming is a message somebody else wrote (Message is one that we send).
// From is nil in channels. Date and EditDate are Unix seconds; Date is 0 when
// the message is no longer accessible.
type Incoming struct {
	ID                int64     `json:"message_id"`
	ThreadID          int64     `json:"message_thread_id"`
	IsTopicMessage    bool      `json:"is_topic_message"`
	From              *User     `json:"from"`
	ViaBot            *User     `json:"via_bot"` // through whose inline mode it was written
	SenderChat        *Chat     `json:"sender_chat"`
	Chat              Chat      `json:"chat"`
	Date              int64     `json:"date"`
	EditDate          int64     `json:"edit_date"`
	ForwardOrigin     *Origin   `json:"forward_origin"`
	MediaGroupID      string    `json:"media_group_id"` // the same in all messages of an album
	Text              string    `json:"text"`
	Entities          []Entity  `json:"entities"`
	Caption           string    `json:"caption"`
	CaptionEntities   []Entity  `json:"caption_entities"`
	Photo             []Media   `json:"photo"` // one picture in several sizes, the largest last
	Document          *Media    `json:"document"`
	Video             *Media    `json:"video"`
	Animation         *Media    `json:"animation"`
	Audio             *Media    `json:"audio"`
	Voice             *Media    `json:"voice"`
	VideoNote         *Media    `json:"video_note"`
	Sticker           *Media    `json:"sticker"`
	Location          *Location `json:"location"`
	ReplyToMessage    *Incoming `json:"reply_to_message"`
	MigrateToChatID   int64     `json:"migrate_to_chat_id"`
	TopicReopened     *struct{} `json:"forum_topic_reopened"` // a closed forum thread is open again
	MigrateFromChatID int64     `json:"migrate_from_chat_id"`
}

// Media is a file in a message, as far as we ask: Client.Download reads it by
// FileID. Name and Type are what the sender says they are, Size is in bytes and
// 0 when it is not told.
type Media struct {
	FileID string `json:"file_id"`
	Name   string `json:"file_name"`
	Type   string `json:"mime_type"`
	Size   int64  `json:"file_size"`
}

// Origin is where a forwarded message comes from. Type is user, hidden_user,
// chat or channel; Chat and MessageID are set for channels.
type Origin struct {
	Type       string `json:"type"`
	Chat       *Chat  `json:"chat"`
	MessageID  int64  `json:"message_id"`
	SenderUser *User  `json:"sender_user"`
}

// To is where an answer to the message belongs: its chat, and its thread only
// if it stands in a forum topic (a reply in an ordinary supergroup has a thread
// id too, which must not be answered into).
func (m *Incoming) To() To {
	if m.IsTopicMessage {
		return To{Chat: m.Chat.ID, Thread: m.ThreadID}
	}
	return To{Chat: m.Chat.ID}
}

// EntityText is the part of the text that e covers. It is false when e does not
// lie within the text or begins or ends inside a character: entities come from
// outside.
func (m *Incoming) EntityText(e Entity) (string, bool) {
	end := int64(e.Offset) + int64(e.Length)
	if e.Offset < 0 || e.Length <= 0 {
		return "", false
	}
	from, to, units := -1, -1, int64(0)
	for i, r := range m.Text {
		if units == int64(e.Offset) {
			from = i
		}
		if units == end {
			to = i
			break
		}
		units += int64(utf16.RuneLen(r))
	}
	if units == end && to < 0 {
		to = len(m.Text)
	}
	if from < 0 || to < 0 {
		return "", false
	}
	return m.Text[from:to], true
}

// Chat is a Telegram conversation. Private chats have the user's id (> 0),
// groups and channels ids below 0 that exceed 32 bits.
type Chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group, supergroup or channel
	Title    string `json:"title"`
	Username string `json:"username"`
	IsForum  bool   `json:"is_forum"`
}

// User is a person or a bot. LanguageCode is an IETF tag, optional: a first
// guess only.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	Username     string `json:"username"`
	LanguageCode string `json:"language_code"`
	Inline       bool   `json:"supports_inline_queries"` // of the bot itself: BotFather lets people ask it in any chat
}

// Location is a point in degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// CallbackQuery is a press of a button. Data is what the button held, but a
// client can send anything: judge it like typed text. Message is nil under a
// message sent through inline mode.
type CallbackQuery struct {
	ID      string    `json:"id"`
	From    User      `json:"from"`
	Message *Incoming `json:"message"`
	Data    string    `json:"data"`
}

// ChatMemberUpdated says that the bot's own place in a chat changed: blocked
// and unblocked in private chats; added, promoted and removed elsewhere.
type ChatMemberUpdated struct {
	Chat Chat       `json:"chat"`
	From User       `json:"from"`
	Date int64      `json:"date"`
	Old  ChatMember `json:"old_chat_member"`
	New  ChatMember `json:"new_chat_member"`
}

// ChatMember is somebody's place in a chat. Status is creator, administrator,
// member, restricted, left or kicked.
type ChatMember struct {
	Status   string `json:"status"`
	User     User   `json:"user"`
	InChat   bool   `json:"is_member"` // only told of restricted members
	CanPost  bool   `json:"can_post_messages"`
	CanEdit  bool   `json:"can_edit_messages"`
	CanWrite *bool  `json:"can_send_messages"` // only told of restricted members
}

// IsAdmin tells whether the member owns or administers the chat.
func (m ChatMember) IsAdmin() bool { return m.Status == "creator" || m.Status == "administrator" }

// IsPresent tells whether the member is in the chat now.
func (m ChatMember) IsPresent() bool {
	return m.IsAdmin() || m.Status == "member" || m.Status == "restricted" && m.InChat
}

// Entity marks a stretch of text. Offset and Length count UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"` // only of text_link
}

// The entity types we write, and the two we look for in what others write.
const (
	EntityBold       = "bold"
	EntityItalic     = "italic"
	EntityCode       = "code"
	EntityLink       = "text_link"
	EntityQuote      = "blockquote"
	EntityExpandable = "expandable_blockquote"
	EntityCommand    = "bot_command"
	EntityMention    = "mention"
)

// Keyboard is rows of buttons under a message. At most 8 stand in a row and
// about 100 in all.
type Keyboard [][]Button

// Button either sends Data back (a callback) or opens URL. Data is 1 to 64
// bytes; the host of URL needs a dot, or Telegram refuses the whole message.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Command is one line of the commands menu: a name of 1 to 32 of a-z, 0-9 and _,
// and a description of 1 to 256 characters.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// Scope says whose menu is meant. The zero Scope is the default for everyone.
type Scope struct {
	Type string `json:"type"` // default, all_private_chats, all_group_chats, all_chat_administrators, chat, chat_administrators
	Chat int64  `json:"chat_id,omitempty"`
}
