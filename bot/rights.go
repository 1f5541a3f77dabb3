package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// rights say who may use a command or a button.
type rights int

const (
	anyone    rights = iota
	owners           // who may change the chat: the reader alone, in groups its admins, of a channel those who may post
	selves           // as owners; meant is always the chat where it is asked
	operators        // Options.Admins
)

// allowed says whether the user may do what needs these rights. Of a channel
// that is steered mean has asked.
func (b *Bot) allowed(ctx context.Context, r *request, may rights) (bool, error) {
	switch {
	case may == operators:
		return r.operator, nil
	case may == anyone || !r.chat.Group() || r.unseen || r.steering():
		return true, nil
	}
	m, err := b.call.ChatMember(ctx, r.chat.Telegram, r.user)
	if err != nil {
		return false, fmt.Errorf("ask for rights in chat %d: %w", r.chat.ID, err)
	}
	return m.IsAdmin(), nil
}

// postsIn says whether a member may write in a chat of this type.
func postsIn(kind string, m telegram.ChatMember) bool {
	if kind == "channel" {
		return m.Status == "creator" || m.IsAdmin() && m.CanPost
	}
	return m.IsPresent() && (m.Status != "restricted" || m.CanWrite == nil || *m.CanWrite)
}

// noteKeeper remembers who changed a group last, if the bot may write to them.
func (b *Bot) noteKeeper(ctx context.Context, r *request, may rights) error {
	if may != owners && may != selves || !r.here.Group() || r.unseen {
		return nil
	}
	own, err := b.shelf.ChatAt(ctx, Address{Telegram: r.user})
	if errors.Is(err, digest.ErrNotFound) || err == nil && own.ID == r.chat.Keeper {
		return nil
	}
	if err != nil {
		return err
	}
	r.chat, err = b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Keeper = own.ID
		return nil
	})
	r.here = r.chat
	return err
}

// endsByWord says whether a chat that was taken for gone is there when somebody
// writes in it.
func (p PauseReason) endsByWord() bool {
	return p == PausedBlocked || p == PausedGone || p == PausedNotFound
}

// endsByRights says whether the pause ends when we may write there again.
func (p PauseReason) endsByRights() bool { return p.endsByWord() || p == PausedNoRights }

// handleMembership pauses a chat whose reader blocked the bot, or that threw it
// out or took its rights, and resumes it, with all its threads, when they come
// back.
func (b *Bot) handleMembership(ctx context.Context, m *telegram.ChatMemberUpdated) error {
	now := b.options.Now()
	switch {
	case !m.New.IsPresent() && m.Chat.Type == "private":
		return closeChat(ctx, b.shelf, b.catalog, m.Chat.ID, nil, PausedBlocked, now)
	case !m.New.IsPresent():
		return closeChat(ctx, b.shelf, b.catalog, m.Chat.ID, nil, PausedGone, now)
	case !postsIn(m.Chat.Type, m.New):
		return closeChat(ctx, b.shelf, b.catalog, m.Chat.ID, nil, PausedNoRights, now)
	}
	known, err := b.shelf.TelegramChats(ctx, m.Chat.ID)
	if err != nil {
		return err
	}
	for _, c := range known {
		if err := b.comeBack(ctx, c); err != nil {
			return err
		}
	}
	if m.Chat.Type == "private" {
		return nil
	}
	return b.settleIn(ctx, m, known)
}

// comeBack ends a chat's pause now that we may write there again. A thread that
// was closed stays so.
func (b *Bot) comeBack(ctx context.Context, c Chat) error {
	if !c.Paused.endsByRights() {
		return nil
	}
	_, err := b.wake(ctx, c.ID)
	return err
}

// reopen ends the pause of a forum thread that was closed.
func (b *Bot) reopen(ctx context.Context, m *telegram.Incoming) error {
	where := m.To()
	c, err := b.shelf.ChatAt(ctx, Address{Telegram: where.Chat, Thread: where.Thread})
	if errors.Is(err, digest.ErrNotFound) || err == nil && c.Paused != PausedNoThread {
		return nil
	}
	if err == nil {
		_, err = b.wake(ctx, c.ID)
	}
	return err
}

// arrive takes a group along to its new id, where it has no menu of its own yet.
func (b *Bot) arrive(ctx context.Context, from, to int64) error {
	if err := b.shelf.MigrateChat(ctx, from, to); err != nil {
		return err
	}
	c, err := b.shelf.ChatAt(ctx, Address{Telegram: to})
	if errors.Is(err, digest.ErrNotFound) {
		return nil
	}
	if err == nil {
		b.changeMenu(ctx, c, c.Language)
	}
	return err
}

// settleIn remembers who let us into a group or channel, and tells what to do
// next: in a new group there, for a channel its admin.
func (b *Bot) settleIn(ctx context.Context, m *telegram.ChatMemberUpdated, known []Chat) error {
	keeper, err := b.shelf.ChatAt(ctx, Address{Telegram: m.From.ID})
	if err != nil && !errors.Is(err, digest.ErrNotFound) {
		return err
	}
	for _, c := range known {
		_, err := b.shelf.ChangeChat(ctx, c.ID, func(c *Chat) error {
			c.Title = m.Chat.Title
			if keeper.ID != 0 {
				c.Keeper = keeper.ID
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	switch {
	case m.Chat.Type == "channel":
		if keeper.ID == 0 || postsIn("channel", m.Old) {
			return nil
		}
		text := b.catalog.In(keeper.Language).Say("channel_hello", Values{"Name": m.Chat.Title})
		return b.send(ctx, keeper, telegram.NewMessage(text))
	case len(known) > 0 || m.Old.IsPresent():
		return nil
	}
	c := b.newChat(&m.From, m.Chat)
	c.Keeper = keeper.ID
	if c, err = b.shelf.AddChat(ctx, c); err != nil {
		return err
	}
	r := &request{chat: c, here: c, say: b.catalog.In(c.Language)}
	hello := b.groupHello(r)
	return b.send(ctx, c, telegram.NewMessage(hello.text, hello.keyboard...))
}

// groupHello tells a group what the bot does there and how to begin.
func (b *Bot) groupHello(r *request) answer {
	return answer{
		text:     r.say.Say("group_hello", Values{"Bot": "@" + b.options.Username}),
		keyboard: r.suggest("follow:0:"),
	}
}

// closedShelf is what is asked when a chat cannot be written to any more.
type closedShelf interface {
	// PauseTelegramChat returns the chats that read until now. When there are
	// any, it puts the notices on the shelf with the pause, both or neither.
	PauseTelegramChat(ctx context.Context, chat int64, thread *int64, why PauseReason, now time.Time, notices ...Notice) ([]Chat, error)
	TelegramChats(ctx context.Context, telegram int64) ([]Chat, error)
	ChatAt(ctx context.Context, at Address) (Chat, error)
	ChatByID(ctx context.Context, id ChatID) (Chat, error)
}

// closeChat pauses a chat that cannot be written to, with all its threads or
// only the given one. When rights or a thread were lost, it tells: once, for
// what is paused already is not told of again.
func closeChat(ctx context.Context, shelf closedShelf, catalog *Catalog, chat int64, thread *int64, why PauseReason, now time.Time) error {
	var notices []Notice
	if why == PausedNoRights || why == PausedNoThread {
		var err error
		if notices, err = lossNotices(ctx, shelf, catalog, chat, thread, why); err != nil {
			return err
		}
	}
	_, err := shelf.PauseTelegramChat(ctx, chat, thread, why, now, notices...)
	return err
}

// lossNotices say that a chat is about to close, to whom that concerns; none
// when nobody can be told.
func lossNotices(ctx context.Context, shelf closedShelf, catalog *Catalog, chat int64, thread *int64, why PauseReason) ([]Notice, error) {
	closing, err := shelf.TelegramChats(ctx, chat)
	if err != nil {
		return nil, err
	}
	closing = slices.DeleteFunc(closing, func(c Chat) bool { return c.Paused != "" || thread != nil && c.Thread != *thread })
	if len(closing) == 0 {
		return nil, nil
	}
	listener, err := keeperOf(ctx, shelf, closing)
	if err == nil && listener.ID == 0 && why == PausedNoThread {
		listener, err = shelf.ChatAt(ctx, Address{Telegram: chat}) // the General thread beside it
	}
	if errors.Is(err, digest.ErrNotFound) || err == nil && (listener.ID == 0 || listener.Paused.endsByRights()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key := "lost_rights"
	if why == PausedNoThread {
		key = "lost_thread"
	}
	text := catalog.In(listener.Language).Say(key, Values{"Name": closing[0].Title})
	return []Notice{{Chat: listener.ID, Message: telegram.NewMessage(text)}}, nil
}

// keeperOf is the private chat of the admin who is told what happens to chats;
// without an ID when nobody is known.
func keeperOf(ctx context.Context, shelf closedShelf, chats []Chat) (Chat, error) {
	for _, c := range chats {
		if c.Keeper != 0 {
			return shelf.ChatByID(ctx, c.Keeper)
		}
	}
	return Chat{}, nil
}
