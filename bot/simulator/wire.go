package simulator

import "encoding/json"

// User is a person or a bot, as the Bot API writes it.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// botUser is what getMe adds to a User.
type botUser struct {
	User
	CanJoinGroups           bool `json:"can_join_groups"`
	CanReadAllGroupMessages bool `json:"can_read_all_group_messages"`
	SupportsInlineQueries   bool `json:"supports_inline_queries"`
}

// Chat is a conversation. Type is private, group, supergroup or channel.
type Chat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// Message is what a chat shows. Text offsets are UTF-16 units.
type Message struct {
	MessageID       int64       `json:"message_id"`
	ThreadID        int64       `json:"message_thread_id,omitempty"`
	IsTopicMessage  bool        `json:"is_topic_message,omitempty"`
	From            *User       `json:"from,omitempty"`
	ViaBot          *User       `json:"via_bot,omitempty"`
	SenderChat      *Chat       `json:"sender_chat,omitempty"`
	Date            int64       `json:"date"`
	Chat            Chat        `json:"chat"`
	ReplyTo         *Message    `json:"reply_to_message,omitempty"`
	ForwardOrigin   *Origin     `json:"forward_origin,omitempty"`
	EditDate        int64       `json:"edit_date,omitempty"`
	Text            string      `json:"text,omitempty"`
	Entities        []Entity    `json:"entities,omitempty"`
	Caption         string      `json:"caption,omitempty"`
	CaptionEntities []Entity    `json:"caption_entities,omitempty"`
	Photo           []PhotoSize `json:"photo,omitempty"`
	Document        *FileInfo   `json:"document,omitempty"`
	LinkPreview     *Preview    `json:"link_preview_options,omitempty"`
	Markup          *Markup     `json:"reply_markup,omitempty"`
	TopicReopened   *struct{}   `json:"forum_topic_reopened,omitempty"`
	MigrateTo       int64       `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom     int64       `json:"migrate_from_chat_id,omitempty"`
	NewChatMembers  []User      `json:"new_chat_members,omitempty"`
	LeftChatMember  *User       `json:"left_chat_member,omitempty"`
	HasProtected    bool        `json:"has_protected_content,omitempty"`
}

// Entity marks a part of a text. Offset and Length are UTF-16 units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

// Markup is an inline keyboard.
type Markup struct {
	InlineKeyboard [][]Button `json:"inline_keyboard"`
}

// Button is one button of an inline keyboard.
type Button struct {
	Text              string          `json:"text"`
	URL               string          `json:"url,omitempty"`
	CallbackData      string          `json:"callback_data,omitempty"`
	SwitchInlineQuery *string         `json:"switch_inline_query,omitempty"`
	SwitchInlineHere  *string         `json:"switch_inline_query_current_chat,omitempty"`
	CopyText          *CopyText       `json:"copy_text,omitempty"`
	WebApp            json.RawMessage `json:"web_app,omitempty"`
	Style             string          `json:"style,omitempty"`
}

// CopyText is what a copy button puts on the clipboard.
type CopyText struct {
	Text string `json:"text"`
}

// Preview is link_preview_options.
type Preview struct {
	IsDisabled       bool   `json:"is_disabled,omitempty"`
	URL              string `json:"url,omitempty"`
	PreferSmallMedia bool   `json:"prefer_small_media,omitempty"`
	PreferLargeMedia bool   `json:"prefer_large_media,omitempty"`
	ShowAboveText    bool   `json:"show_above_text,omitempty"`
}

// Command is a line of the commands menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// ChatMember is somebody's place in a chat. Status is creator, administrator,
// member, restricted, left or kicked.
type ChatMember struct {
	Status           string `json:"status"`
	User             User   `json:"user"`
	CanPostMessages  bool   `json:"can_post_messages,omitempty"`
	CanEditMessages  bool   `json:"can_edit_messages,omitempty"`
	CanDeleteMessage bool   `json:"can_delete_messages,omitempty"`
	CanSendMessages  *bool  `json:"can_send_messages,omitempty"`
	UntilDate        *int64 `json:"until_date,omitempty"`
}

type chatMemberUpdated struct {
	Chat Chat       `json:"chat"`
	From User       `json:"from"`
	Date int64      `json:"date"`
	Old  ChatMember `json:"old_chat_member"`
	New  ChatMember `json:"new_chat_member"`
}

type callbackQuery struct {
	ID           string   `json:"id"`
	From         User     `json:"from"`
	Message      *Message `json:"message,omitempty"`
	ChatInstance string   `json:"chat_instance"`
	Data         string   `json:"data,omitempty"`
}

type inlineQuery struct {
	ID     string `json:"id"`
	From   User   `json:"from"`
	Query  string `json:"query"`
	Offset string `json:"offset"`
}

type answer struct {
	OK          bool        `json:"ok"`
	Result      any         `json:"result,omitempty"`
	ErrorCode   int         `json:"error_code,omitempty"`
	Description string      `json:"description,omitempty"`
	Parameters  *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	MigrateToChatID int64 `json:"migrate_to_chat_id,omitempty"`
	RetryAfter      int   `json:"retry_after,omitempty"`
}
