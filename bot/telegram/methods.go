package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
)

// MaxPoll is the longest a poll may wait; Telegram caps it there.
const MaxPoll = 50 * time.Second

// Me is the bot itself. A wrong token is ErrUnauthorized, also where a server
// says 404 to it.
func (c *Client) Me(ctx context.Context) (User, error) {
	u, _, err := c.Meet(ctx)
	return u, err
}

// Meet is Me and what time it was at the server, to the second; zero when it
// does not say.
func (c *Client) Meet(ctx context.Context) (User, time.Time, error) {
	var u User
	x := &exchange{ctx: ctx, client: c.send}
	e := c.callThrough(x, "getMe", nil, nil, &u)
	at, err := http.ParseTime(x.date)
	if err != nil {
		at = time.Time{}
	}
	if e == nil {
		return u, at, nil
	}
	if errors.Is(e, ErrNoMethod) {
		// Every server has getMe; what it does not have is this bot.
		e.is = []error{ErrUnauthorized, ErrNoMethod}
	}
	return User{}, at, e
}

// Updates waits up to timeout (0 to MaxPoll) for updates from offset on and
// confirms all before it. At most 100 come at once, in Telegram's order. Those
// that cannot be read are there with their id, as KindUnknown.
func (c *Client) Updates(ctx context.Context, offset int64, timeout time.Duration, allowed []Kind) ([]Update, error) {
	p := params{}.id("offset", offset).id("limit", 100).id("timeout", int64(min(timeout, MaxPoll)/time.Second))
	if allowed != nil {
		p.json("allowed_updates", allowed)
	}
	var raw []json.RawMessage
	if e := c.call(ctx, c.poll, "getUpdates", p, &raw); e != nil {
		return nil, e
	}
	updates := make([]Update, len(raw))
	for i, data := range raw {
		updates[i] = DecodeUpdate(data)
	}
	return updates, nil
}

// Send sends m and returns its message id. Any error but ErrAmbiguous means that
// it was not sent.
func (c *Client) Send(ctx context.Context, prio Priority, to To, m Message) (int64, error) {
	return c.SendMarked(ctx, prio, to, m, nil)
}

// SendMarked is Send for callers that write down what is on the wire: mark runs
// after the limiter's leave and before the first byte. Its error is returned,
// joined with ErrNotSent, and nothing is sent.
func (c *Client) SendMarked(ctx context.Context, prio Priority, to To, m Message, mark func(context.Context) error) (int64, error) {
	var sent sentMessage
	err := c.inTurn(ctx, prio, to.Chat, "sendMessage", mark, func() *Error { return c.put(ctx, to, m, &sent) })
	return sent.ID, err
}

// SendAnyway is Send for a replica that does not speak, of what cannot wait on
// the shelf: an answer to a chat that was just erased, or one whose id is needed
// at once. Such a replica sends one a second at most: nobody else counts it.
func (c *Client) SendAnyway(ctx context.Context, prio Priority, to To, m Message) (int64, error) {
	var sent sentMessage
	err := c.inTurnAnyway(ctx, prio, to.Chat, "sendMessage", nil, func() *Error { return c.put(ctx, to, m, &sent) })
	return sent.ID, err
}

// put makes the call that sends m: a new message, a file, or a copy. The copy of
// what nobody knows where it stands is not asked for: Telegram would say "chat
// not found", which reads as if the receiver were gone.
func (c *Client) put(ctx context.Context, to To, m Message, sent *sentMessage) *Error {
	switch {
	case m.File != nil:
		method, p, files := upload(to, m)
		return c.callWith(ctx, c.send, method, p, files, sent)
	case m.Copy == nil:
		return c.call(ctx, c.send, "sendMessage", say(address(to).flag("disable_notification", m.Silent), m), sent)
	case m.Copy.Chat == 0:
		return refusal("copyMessage", 400, 0, "message to copy not found", 0, 0)
	}
	p := address(to).flag("disable_notification", m.Silent).id("from_chat_id", m.Copy.Chat).id("message_id", m.Copy.Message)
	return c.call(ctx, c.send, "copyMessage", buttons(p, m.Keyboard), sent)
}

// Ready is the earliest moment at which a message to chat may be sent, as far
// as that chat and pauses of everything are concerned.
func (c *Client) Ready(chat int64) time.Time { return c.limiter.Ready(chat) }

type sentMessage struct {
	ID int64 `json:"message_id"`
}

// Edit replaces text and buttons of a message of ours; without a keyboard the
// buttons go. Nothing to change is success.
func (c *Client) Edit(ctx context.Context, prio Priority, to To, messageID int64, m Message) error {
	return c.EditMarked(ctx, prio, to, messageID, m, nil)
}

// EditMarked is Edit with mark as in SendMarked.
func (c *Client) EditMarked(ctx context.Context, prio Priority, to To, messageID int64, m Message, mark func(context.Context) error) error {
	p := say(params{}.id("chat_id", to.Chat).id("message_id", messageID), m)
	return unlessSame(c.tellMarked(ctx, prio, to.Chat, "editMessageText", p, nil, mark))
}

// EditKeyboard replaces the buttons of a message of ours; an empty keyboard
// takes them away. Nothing to change is success.
func (c *Client) EditKeyboard(ctx context.Context, prio Priority, to To, messageID int64, k Keyboard) error {
	p := buttons(params{}.id("chat_id", to.Chat).id("message_id", messageID), k)
	return unlessSame(c.tell(ctx, prio, to.Chat, "editMessageReplyMarkup", p, nil))
}

// Delete takes a message away; ErrMessageGone if it is away already, or older
// than 48 hours.
func (c *Client) Delete(ctx context.Context, prio Priority, to To, messageID int64) error {
	p := params{}.id("chat_id", to.Chat).id("message_id", messageID)
	return c.tell(ctx, prio, to.Chat, "deleteMessage", p, nil)
}

// maxAnswerRunes is the longest notice an answered press can show.
const maxAnswerRunes = 200

// AnswerCallback ends the waiting sign on a pressed button, with a notice of up
// to 200 characters (what is longer is cut) or none; alert makes it one that has
// to be dismissed. It goes at once, past the limiter, and too late is success:
// there is nobody left to tell.
func (c *Client) AnswerCallback(ctx context.Context, id, text string, alert bool) error {
	if r := []rune(text); len(r) > maxAnswerRunes {
		text = string(r[:maxAnswerRunes-1]) + "…"
	}
	p := params{}.text("callback_query_id", id).text("text", text).flag("show_alert", alert)
	e := c.call(ctx, c.send, "answerCallbackQuery", p, nil)
	if e == nil || errors.Is(e, ErrStaleCallback) {
		return nil
	}
	c.heed(ctx, 0, e)
	return e
}

// SetCommands sets the menu of scope for language (two letters; "" for all
// others) if it is not so already.
func (c *Client) SetCommands(ctx context.Context, scope Scope, language string, commands []Command) error {
	var have []Command
	if err := c.ask(ctx, "getMyCommands", menuPlace(scope, language), &have); err == nil && slices.Equal(have, commands) {
		return nil
	} else if err != nil && !errors.Is(err, ErrNoMethod) {
		return err
	}
	if commands == nil {
		commands = []Command{}
	}
	return c.arrange(ctx, "setMyCommands", menuPlace(scope, language).json("commands", commands))
}

// DeleteCommands takes the menu of scope for language away, so that the next
// wider one shows again. None to take away is success.
func (c *Client) DeleteCommands(ctx context.Context, scope Scope, language string) error {
	return c.arrange(ctx, "deleteMyCommands", menuPlace(scope, language))
}

func menuPlace(scope Scope, language string) params {
	if scope.Type == "" {
		scope.Type = "default"
	}
	return params{}.json("scope", scope).text("language_code", language)
}

// arrange changes a menu in its turn among all that is sent: readers do it, as
// many as there are. A 429 pauses nothing but menus, for as long as it says.
func (c *Client) arrange(ctx context.Context, method string, p params) error {
	if wait := time.Unix(0, c.menus.Load()).Sub(c.now()); wait > 0 {
		return &Error{Method: method, Description: "menus have to wait since a 429", RetryAfter: wait, is: []error{ErrRateLimited}}
	}
	if err := c.pacer().Wait(ctx, Interactive, 0); err != nil {
		return notItsTurn(method, err)
	}
	err := c.ask(ctx, method, p, nil)
	var refused *Error
	if errors.As(err, &refused) && errors.Is(err, ErrRateLimited) {
		c.menus.Store(c.now().Add(refused.RetryAfter).UnixNano())
	}
	return err
}

// SetDescription sets what is shown before /start (up to 512 characters), for
// language as in SetCommands, if it is not so already: Telegram limits the
// setting hard.
func (c *Client) SetDescription(ctx context.Context, language, text string) error {
	return c.setProfile(ctx, "MyDescription", "description", language, text)
}

// SetShortDescription sets the line on the bot's profile (up to 120
// characters), as SetDescription does.
func (c *Client) SetShortDescription(ctx context.Context, language, text string) error {
	return c.setProfile(ctx, "MyShortDescription", "short_description", language, text)
}

func (c *Client) setProfile(ctx context.Context, what, field, language, text string) error {
	var have map[string]json.RawMessage
	err := c.ask(ctx, "get"+what, params{}.text("language_code", language), &have)
	if err == nil {
		var now string
		if json.Unmarshal(have[field], &now) == nil && now == text {
			return nil
		}
	} else if err != nil && !errors.Is(err, ErrNoMethod) {
		return err
	}
	return c.ask(ctx, "set"+what, params{}.text("language_code", language).text(field, text), nil)
}

// ChatMember tells the place of user in chat.
func (c *Client) ChatMember(ctx context.Context, chat, user int64) (ChatMember, error) {
	var m ChatMember
	err := c.ask(ctx, "getChatMember", params{}.id("chat_id", chat).id("user_id", user), &m)
	return m, err
}

// ChatNamed finds a public group or channel by its name, "@name". People are
// not found by theirs.
func (c *Client) ChatNamed(ctx context.Context, name string) (Chat, error) {
	var chat Chat
	err := c.ask(ctx, "getChat", params{}.text("chat_id", name), &chat)
	return chat, err
}

// Chat is a chat that the bot has met; ErrChatNotFound of any other.
func (c *Client) Chat(ctx context.Context, chat int64) (Chat, error) {
	var found Chat
	err := c.ask(ctx, "getChat", params{}.id("chat_id", chat), &found)
	return found, err
}

// DeleteWebhook makes way for polling. Updates that wait stay.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	return c.ask(ctx, "deleteWebhook", nil, nil)
}

// address names chat and thread. The General thread (1) must not be named:
// Telegram answers "message thread not found" to it.
func address(to To) params {
	p := params{}.id("chat_id", to.Chat)
	if to.Thread > 1 {
		p.id("message_thread_id", to.Thread)
	}
	return p
}

func say(p params, m Message) params {
	p["text"] = m.Text
	if len(m.Entities) > 0 {
		p.json("entities", m.Entities)
	}
	if !m.Preview {
		p.json("link_preview_options", linkPreview{IsDisabled: true})
	}
	return buttons(p, m.Keyboard)
}

type linkPreview struct {
	IsDisabled bool `json:"is_disabled"`
}

// buttons leaves the parameter out when there are none: a keyboard without rows
// is refused, and its absence is what removes one.
func buttons(p params, k Keyboard) params {
	k = slices.DeleteFunc(slices.Clone(k), func(row []Button) bool { return len(row) == 0 })
	if len(k) > 0 {
		p.json("reply_markup", struct {
			Rows Keyboard `json:"inline_keyboard"`
		}{k})
	}
	return p
}

func unlessSame(err error) error {
	if errors.Is(err, ErrNotModified) {
		return nil
	}
	return err
}
