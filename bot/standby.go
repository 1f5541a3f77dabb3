package bot

import (
	"context"
	"errors"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// With a webhook any replica may be brought an update, but only the one that
// delivers speaks to Telegram, so that one limiter sees everything. The others
// leave their answers on the shelf as notices, the most urgent deliveries;
// the deliverer finds them within a second. An answer to a press waits there
// as an edit, so that the reader sees the same message change, whichever
// replica the press reached.

// standbyShelf is where a replica that does not speak leaves its answers.
type standbyShelf interface {
	NotifyEdit(ctx context.Context, id ChatID, message int64, m telegram.Message, now time.Time) error
	// NotifyAgain is Notify for what was perhaps sent already.
	NotifyAgain(ctx context.Context, id ChatID, m telegram.Message, now time.Time) error
}

// standbyCaller sends what cannot wait on the shelf.
type standbyCaller interface {
	SendAnyway(ctx context.Context, p telegram.Priority, to telegram.To, m telegram.Message) (int64, error)
}

// leave puts a new message on the shelf for the replica that speaks. A chat
// that was just erased has no shelf: its one last answer goes at once.
func (b *Bot) leave(ctx context.Context, c Chat, m telegram.Message) error {
	err := b.shelf.Notify(ctx, c.ID, m, b.options.Now())
	if !errors.Is(err, digest.ErrNotFound) {
		return err
	}
	_, err = b.call.SendAnyway(ctx, telegram.Interactive, to(c.Address), m)
	if errors.Is(err, telegram.ErrAmbiguous) {
		b.log.Warn("answer perhaps not sent", "chat", c.ID, "err", err)
		return nil
	}
	return err
}

// leaveEdit puts a message on the shelf that replaces one the chat has.
func (b *Bot) leaveEdit(ctx context.Context, c Chat, message int64, m telegram.Message) error {
	err := b.shelf.NotifyEdit(ctx, c.ID, message, m, b.options.Now())
	if errors.Is(err, digest.ErrNotFound) {
		return b.leave(ctx, c, m)
	}
	return err
}
