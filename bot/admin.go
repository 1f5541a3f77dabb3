package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// broadcast shows an announcement exactly as readers will see it, and asks
// before it goes out.
func (b *Bot) broadcast(ctx context.Context, r *request) (answer, error) {
	if r.chat.Kind != "private" {
		return answer{text: r.say.Say("broadcast_private", nil)}, nil
	}
	text := commandBody(r.given)
	if text.Text == "" {
		return answer{text: r.say.Say("broadcast_usage", nil)}, nil
	}
	preview := telegram.NewMessage(text)
	n, err := b.shelf.Audience(ctx)
	if err != nil {
		return answer{}, err
	}
	id, err := b.shelf.AddBroadcast(ctx, Broadcast{Admin: r.chat.ID, Message: preview, State: BroadcastDraft, Created: r.now})
	if err != nil {
		return answer{}, err
	}
	arg := strconv.FormatInt(int64(id), 36)
	var keys keyboard
	keys.row(r.say.Plain("button_send", Values{"Count": n}), "cast:go:"+arg)
	keys.row(r.say.Plain("button_cancel", nil), "cast:no:"+arg)
	return answer{
		first:    &preview,
		text:     r.say.Say("broadcast_ask", Values{"Count": n, "Time": r.say.span(b.sendingTime(n))}),
		keyboard: keys.rows,
	}, nil
}

// sendingTime estimates how long n messages take.
func (b *Bot) sendingTime(n int) time.Duration {
	return time.Duration(float64(n) / b.options.SendRate * float64(time.Second)).Round(time.Second)
}

// commandBody is what follows the command in a message, with the entities that
// lie wholly in it and whose kind a bot may send; malformed ones are left out.
func commandBody(m *telegram.Incoming) telegram.Text {
	body := m.Text
	if at := strings.IndexFunc(body, isSpace); at >= 0 {
		body = strings.TrimSpace(body[at:])
	} else {
		body = ""
	}
	skipped := telegram.Text{Text: m.Text[:len(strings.TrimRightFunc(m.Text, isSpace))-len(body)]}.Units()
	out := telegram.Text{Text: body}
	for _, e := range m.Entities {
		if _, ok := m.EntityText(e); ok && e.Offset >= skipped && sendable[e.Type] && e.Offset+e.Length <= skipped+out.Units() {
			e.Offset -= skipped
			out.Entities = append(out.Entities, e)
		}
	}
	return out
}

// sendable are the entity kinds that are repeated in a broadcast; Telegram
// finds addresses, mentions and tags by itself.
var sendable = map[string]bool{
	"bold": true, "italic": true, "underline": true, "strikethrough": true, "spoiler": true,
	"code": true, "pre": true, "text_link": true, "blockquote": true, "expandable_blockquote": true,
}

// pressCast sends or cancels a previewed broadcast. A second press changes
// nothing.
func (b *Bot) pressCast(ctx context.Context, r *request) (answer, error) {
	what, arg, _ := strings.Cut(r.args, ":")
	id, err := strconv.ParseInt(arg, 36, 64)
	if err != nil {
		return answer{text: r.say.Say("broadcast_gone", nil)}, nil
	}
	act, done := b.shelf.CancelBroadcast, "broadcast_cancelled"
	if what == "go" {
		act, done = func(ctx context.Context, id BroadcastID) error {
			_, err := b.shelf.StartBroadcast(ctx, id, r.now)
			return err
		}, "broadcast_started"
	}
	err = act(ctx, BroadcastID(id))
	switch {
	case errors.Is(err, digest.ErrNotFound):
		return answer{text: r.say.Say("broadcast_gone", nil)}, nil
	case errors.Is(err, digest.ErrExists):
		return b.decided(ctx, r, BroadcastID(id), what)
	}
	return answer{text: r.say.Say(done, nil)}, err
}

// decided tells what became of a broadcast when its buttons are pressed again:
// the same button says the same.
func (b *Bot) decided(ctx context.Context, r *request, id BroadcastID, what string) (answer, error) {
	c, err := b.shelf.BroadcastByID(ctx, id)
	key := "broadcast_decided"
	switch {
	case c.State == BroadcastCancelled:
		key = "broadcast_cancelled"
	case what == "go":
		key = "broadcast_started"
	}
	return answer{text: r.say.Say(key, nil)}, err
}
