package bot

import (
	"context"
	"errors"

	"tidings/bot/telegram"
	"tidings/digest"
)

// An answer is what a handler shows: a new message after a command, the same
// message changed in place after a press.
type answer struct {
	text     telegram.Text
	keyboard [][]telegram.Button
	promised bool              // an errand shows it
	silent   bool              // nothing is shown: what was asked for comes by itself
	apart    bool              // a message of its own, although a button was pressed
	first    *telegram.Message // sent before the answer
}

func (a answer) message() telegram.Message {
	return telegram.NewMessage(a.text, a.keyboard...)
}

// show sends an answer, or puts it in place of the message whose button was
// pressed.
func (b *Bot) show(ctx context.Context, r *request, a answer) error {
	if a.promised {
		return nil
	}
	a = r.about(a)
	if a.silent {
		return nil
	}
	if a.first != nil {
		if err := b.send(ctx, r.here, *a.first); err != nil {
			return err
		}
	}
	if r.under == nil || a.first != nil || a.apart {
		return b.send(ctx, r.here, a.message())
	}
	return b.edit(ctx, r.here, r.under.ID, a.message())
}

// edit changes a message in place. When it is gone, or its chat must wait
// longer than anybody looks at a screen, the answer is a new message.
func (b *Bot) edit(ctx context.Context, c Chat, id int64, m telegram.Message) error {
	now := b.options.Now()
	if !b.waits.allow(c.Telegram, b.call.Ready(c.Telegram).Sub(now), now) {
		return b.send(ctx, c, m)
	}
	return b.replace(ctx, c, id, m)
}

// replace is edit that waits for its turn, however long.
func (b *Bot) replace(ctx context.Context, c Chat, id int64, m telegram.Message) error {
	err := b.call.Edit(ctx, telegram.Interactive, to(c.Address), id, m)
	if errors.Is(err, telegram.ErrEntities) {
		err = b.call.Edit(ctx, telegram.Interactive, to(c.Address), id, m.Plain())
	}
	ctx, end := afterwards(ctx)
	defer end()
	switch {
	case errors.Is(err, telegram.ErrStandby), errors.Is(err, telegram.ErrAmbiguous), errors.Is(err, telegram.ErrNotSent): // to edit twice does no harm
		return b.leaveEdit(ctx, c, id, m)
	case errors.Is(err, telegram.ErrMessageGone), errors.Is(err, telegram.ErrRateLimited):
		return b.send(ctx, c, m)
	}
	return b.noteGone(ctx, c, err)
}

// send answers at once; what Telegram would not take now goes to the shelf, so
// that the deliverer sends it in its turn and nobody else waits for it.
func (b *Bot) send(ctx context.Context, c Chat, m telegram.Message) error {
	now := b.options.Now()
	if b.call.Ready(c.Telegram).After(now) {
		err := b.shelf.Notify(ctx, c.ID, m, now)
		if !errors.Is(err, digest.ErrNotFound) { // a chat just erased has no shelf
			return err
		}
	}
	_, err := b.call.Send(ctx, telegram.Interactive, to(c.Address), m)
	if errors.Is(err, telegram.ErrEntities) {
		_, err = b.call.Send(ctx, telegram.Interactive, to(c.Address), m.Plain())
	}
	ctx, end := afterwards(ctx)
	defer end()
	var refused *telegram.Error
	switch {
	case errors.Is(err, telegram.ErrStandby):
		return b.leave(ctx, c, m)
	case errors.Is(err, telegram.ErrRateLimited), errors.Is(err, telegram.ErrNotSent), errors.Is(err, telegram.ErrChatNotFound):
		return b.shelf.Notify(ctx, c.ID, m, now)
	case errors.As(err, &refused) && refused.MigrateTo != 0:
		if err := b.shelf.MigrateChat(ctx, c.Telegram, refused.MigrateTo); err != nil {
			return err
		}
		return b.shelf.Notify(ctx, c.ID, m, now)
	case errors.Is(err, telegram.ErrAmbiguous):
		b.log.Warn("answer perhaps not sent; sent once more", "chat", c.ID, "err", err)
		if err := b.shelf.NotifyAgain(ctx, c.ID, m, now); !errors.Is(err, digest.ErrNotFound) {
			return err
		}
		return nil
	case err == nil && (c.Paused == PausedNoRights || c.Paused == PausedNoThread): // the right came back unseen
		_, err := b.wake(ctx, c.ID)
		return err
	}
	return b.noteGone(ctx, c, err)
}

// noteGone pauses a chat that cannot be reached any more and lets other errors
// through.
func (b *Bot) noteGone(ctx context.Context, c Chat, err error) error {
	switch why := pauseFor(err); why {
	case "":
		return err
	case PausedNoThread:
		return closeChat(ctx, b.shelf, b.catalog, c.Telegram, &c.Thread, why, b.options.Now())
	default:
		return closeChat(ctx, b.shelf, b.catalog, c.Telegram, nil, why, b.options.Now())
	}
}

func to(a Address) telegram.To { return telegram.To{Chat: a.Telegram, Thread: a.Thread} }
