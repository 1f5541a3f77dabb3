package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidings/bot/telegram"
	"tidings/digest"
)

// castShelf is where ordered broadcasts stand.
type castShelf interface {
	AddBroadcast(ctx context.Context, b Broadcast) (BroadcastID, error)
	BroadcastByID(ctx context.Context, id BroadcastID) (Broadcast, error)
	AimBroadcast(ctx context.Context, id BroadcastID, who Audience) error
	StartBroadcast(ctx context.Context, id BroadcastID, progress int64, now time.Time) (Broadcast, error)
	CancelBroadcast(ctx context.Context, id BroadcastID) error
	PauseBroadcast(ctx context.Context, id BroadcastID) error
	ResumeBroadcast(ctx context.Context, id BroadcastID) error
	StopBroadcast(ctx context.Context, id BroadcastID) error
	UnreachedChats(ctx context.Context, id BroadcastID, after ChatID, limit int) ([]Unreached, error)

	AudienceReach(ctx context.Context, who Audience) (Reach, error)
	AudienceLanguages(ctx context.Context) ([]LanguageCount, error)
	AudienceTopics(ctx context.Context, skip, limit int) ([]TopicCount, error)
	TopicText(ctx context.Context, id digest.TopicID) (string, error)
}

// broadcast shows an announcement exactly as readers will see it, and asks
// before it goes out. It is the text after the command, or the message that the
// command answers.
func (b *Bot) broadcast(ctx context.Context, r *request) (answer, error) {
	text, original := commandBody(r.given), r.given.ReplyToMessage
	switch {
	case text.Text == "" && original == nil:
		return answer{text: r.say.Say("broadcast_usage", nil)}, nil
	case text.Text != "" && original != nil:
		return answer{text: r.say.Say("broadcast_both", nil)}, nil
	case !text.Fits():
		return answer{text: r.say.Say("broadcast_too_long", nil)}, nil
	case original != nil:
		return b.broadcastCopy(ctx, r, original)
	}
	preview := telegram.NewMessage(text)
	a, err := b.draft(ctx, r, preview)
	a.first = &preview
	return a, err
}

// broadcastCopy makes a broadcast of any message. What goes out are copies of
// the copy that is the preview: the admin can change the original still, and
// would send what nobody looked at.
func (b *Bot) broadcastCopy(ctx context.Context, r *request, original *telegram.Incoming) (answer, error) {
	if utf8.RuneCountInString(original.Caption) > telegram.MaxCaption {
		return answer{text: r.say.Say("broadcast_caption", Values{"Limit": telegram.MaxCaption})}, nil
	}
	if b.call.Ready(r.chat.Telegram).Sub(r.now) > heldBack {
		return answer{text: r.say.Say("broadcast_later", nil)}, nil
	}
	preview := telegram.Message{Copy: &telegram.Copied{Chat: r.chat.Telegram, Message: original.ID}}
	id, err := b.call.SendAnyway(ctx, telegram.Interactive, to(r.chat.Address), preview)
	switch {
	case errors.Is(err, telegram.ErrMessageGone):
		return answer{text: r.say.Say("broadcast_original", nil)}, nil
	case errors.Is(err, telegram.ErrTooLong):
		return answer{text: r.say.Say("broadcast_caption", Values{"Limit": telegram.MaxCaption})}, nil
	case errors.Is(err, telegram.ErrNoCopy), errors.Is(err, telegram.ErrRefused):
		return answer{text: r.say.Say("broadcast_kind", nil)}, nil
	case errors.Is(err, telegram.ErrRateLimited), errors.Is(err, telegram.ErrNotSent), errors.Is(err, telegram.ErrAmbiguous):
		if ctx.Err() != nil {
			return answer{}, err
		}
		return answer{text: r.say.Say("broadcast_later", nil)}, nil
	case err != nil:
		return answer{}, b.noteGone(ctx, r.chat, err)
	}
	a, err := b.draft(ctx, r, telegram.Message{Copy: &telegram.Copied{Message: id}})
	if original.MediaGroupID != "" {
		var t telegram.Builder
		a.text = t.Append(a.text).Plain("\n\n").Append(r.say.Say("broadcast_album", nil)).Text()
	}
	return a, err
}

// draft keeps an announcement and asks whom it is for.
func (b *Bot) draft(ctx context.Context, r *request, m telegram.Message) (answer, error) {
	c := Broadcast{Admin: r.chat.ID, Message: m, State: BroadcastDraft, Created: r.now}
	id, err := b.shelf.AddBroadcast(ctx, c)
	if err != nil {
		return answer{}, err
	}
	c.ID = id
	return b.castCard(ctx, r, c)
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

// castData is the data of a broadcast's button, with what it chooses if
// anything.
func castData(act string, id BroadcastID, choice ...string) string {
	return strings.Join(append([]string{"cast", act, strconv.FormatInt(int64(id), 36)}, choice...), ":")
}

// A cast is a press of a broadcast's button.
type cast struct {
	Broadcast
	choice string
}

// castActs are what a broadcast's buttons do, by the first word of their data.
func castActs() map[string]func(*Bot, context.Context, *request, cast) (answer, error) {
	return map[string]func(*Bot, context.Context, *request, cast) (answer, error){
		"go":     (*Bot).castGo,
		"no":     (*Bot).castCancel,
		"all":    (*Bot).castAll,
		"card":   (*Bot).castBack,
		"langs":  (*Bot).castLanguages,
		"lang":   (*Bot).castLanguage,
		"topics": (*Bot).castTopics,
		"topic":  (*Bot).castTopic,
		"pause":  (*Bot).castPause,
		"resume": (*Bot).castResume,
		"stop":   (*Bot).castStop,
		"file":   (*Bot).castFile,
	}
}

// pressCast does what a broadcast's button says. A broadcast is the affair of
// the admin who ordered it; to others it is not there. A second press changes
// nothing.
func (b *Bot) pressCast(ctx context.Context, r *request) (answer, error) {
	gone := answer{text: r.say.Say("broadcast_gone", nil)}
	what, rest, _ := strings.Cut(r.args, ":")
	arg, choice, _ := strings.Cut(rest, ":")
	act, ok := castActs()[what]
	id, err := strconv.ParseInt(arg, 36, 64)
	if !ok || err != nil {
		return gone, nil
	}
	c, err := b.shelf.BroadcastByID(ctx, BroadcastID(id))
	switch {
	case errors.Is(err, digest.ErrNotFound), err == nil && c.Admin != r.chat.ID:
		return gone, nil
	case err != nil:
		return answer{}, err
	}
	a, err := act(b, ctx, r, cast{c, choice})
	switch {
	case errors.Is(err, digest.ErrNotFound):
		return gone, nil
	case errors.Is(err, digest.ErrExists):
		return b.decided(ctx, r, c.ID)
	}
	return a, err
}

// castGo sends a previewed broadcast to the audience that the button showed:
// where it was changed meanwhile, the card is shown again. The message under
// the button becomes the one that tells how far it is, and the broadcaster
// writes it.
func (b *Bot) castGo(ctx context.Context, r *request, c cast) (answer, error) {
	if c.State == BroadcastDraft && c.choice != c.Audience.mark() {
		return b.castCard(ctx, r, c.Broadcast)
	}
	_, err := b.shelf.StartBroadcast(ctx, c.ID, r.under.ID, r.now)
	return answer{silent: true}, err
}

func (b *Bot) castCancel(ctx context.Context, r *request, c cast) (answer, error) {
	return answer{text: r.say.Say("broadcast_cancelled", nil)}, b.shelf.CancelBroadcast(ctx, c.ID)
}

func (b *Bot) castPause(ctx context.Context, r *request, c cast) (answer, error) {
	return answer{silent: true}, b.shelf.PauseBroadcast(ctx, c.ID)
}

func (b *Bot) castResume(ctx context.Context, r *request, c cast) (answer, error) {
	return answer{silent: true}, b.shelf.ResumeBroadcast(ctx, c.ID)
}

func (b *Bot) castStop(ctx context.Context, r *request, c cast) (answer, error) {
	return answer{silent: true}, b.shelf.StopBroadcast(ctx, c.ID)
}

// decided tells what became of a broadcast when its buttons are pressed too
// late. The message that tells how far it is stays what it is.
func (b *Bot) decided(ctx context.Context, r *request, id BroadcastID) (answer, error) {
	c, err := b.shelf.BroadcastByID(ctx, id)
	if err != nil || c.Progress == r.under.ID {
		return answer{silent: true}, err
	}
	key := "broadcast_decided"
	switch c.State {
	case BroadcastCancelled:
		key = "broadcast_cancelled"
	case BroadcastDone, BroadcastStopped:
		key = "broadcast_over"
	}
	return answer{text: r.say.Say(key, nil)}, nil
}

// maxFailureFile is the most that a file of failures holds, in bytes: Telegram
// takes 50 MB.
const maxFailureFile = 20 << 20

// castFile sends a file of the chats that were not reached.
func (b *Bot) castFile(ctx context.Context, r *request, c cast) (answer, error) {
	data, n, err := b.failures(ctx, r, c.ID)
	if err != nil {
		return answer{}, err
	}
	if n == 0 {
		return answer{silent: true}, b.send(ctx, r.chat, telegram.NewMessage(r.say.Say("broadcast_file_none", nil)))
	}
	name := r.say.Plain("broadcast_file_name", Values{"Date": c.Started.Format(time.DateOnly)})
	caption := telegram.NewMessage(r.say.Say("broadcast_file", Values{"Count": n}))
	caption.File = &telegram.File{Name: name, Data: data}
	return answer{silent: true}, b.send(ctx, r.chat, caption)
}

// failures lists the chats that were not reached, one a line, and counts them.
func (b *Bot) failures(ctx context.Context, r *request, id BroadcastID) (data []byte, n int, err error) {
	const page = 1000
	for after := ChatID(0); len(data) < maxFailureFile; {
		some, err := b.shelf.UnreachedChats(ctx, id, after, page)
		if err != nil {
			return nil, 0, err
		}
		for _, u := range some {
			data = append(data, r.unreached(u)+"\n"...)
			after = u.Chat
		}
		n += len(some)
		if len(some) < page {
			break
		}
	}
	return data, n, nil
}

// unreached is a line of the file of failures: the chat, its thread if any, and
// the reason.
func (r *request) unreached(u Unreached) string {
	why := r.say.why(u.Reason)
	if u.State == Unknown {
		why = r.say.Plain("broadcast_why_lost", nil)
	}
	where := strconv.FormatInt(u.To.Telegram, 10)
	if u.To.Thread != 0 {
		where += "/" + strconv.FormatInt(u.To.Thread, 10)
	}
	return where + "\t" + why
}
