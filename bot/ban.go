package bot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// ErrBanned says that a chat would be the private chat of a banned user.
var ErrBanned = errors.New("the user is banned")

// banShelf knows who is not served, by a keyed hash of their id only.
type banShelf interface {
	Ban(ctx context.Context, user int64, now time.Time) (fresh bool, err error)
	Unban(ctx context.Context, user int64) error
	Banned(ctx context.Context, user int64) (bool, error)
}

// ban asks before a user is served no more, because their private chat is
// erased with it.
func (b *Bot) ban(ctx context.Context, r *request) (answer, error) {
	user, refusal := b.target(r, "ban_usage")
	switch {
	case refusal != "":
		return answer{text: r.say.Say(refusal, nil)}, nil
	case b.options.Admins[user]:
		return answer{text: r.say.Say("ban_admin", nil)}, nil
	}
	id := Values{"User": strconv.FormatInt(user, 10)}
	banned, err := b.shelf.Banned(ctx, user)
	if err != nil || banned {
		return answer{text: r.say.Say("ban_already", id)}, err
	}
	var keys keyboard
	keys.add(2, r.say.Plain("ban_button", id), "ban:"+strconv.FormatInt(user, 10))
	keys.add(2, r.say.Plain("ban_button_cancel", nil), "ban:no")
	return answer{text: r.say.Say("ban_ask", id), keyboard: keys.rows}, nil
}

// pressBan ends serving a user, who is told nothing. What their private chat had
// is erased.
func (b *Bot) pressBan(ctx context.Context, r *request) (answer, error) {
	user, err := strconv.ParseInt(r.args, 10, 64)
	switch {
	case err != nil || user <= 0:
		return answer{text: r.say.Say("ban_cancelled", nil)}, nil
	case b.options.Admins[user]:
		return answer{text: r.say.Say("ban_admin", nil)}, nil
	}
	fresh, err := b.shelf.Ban(ctx, user, r.now)
	key := "ban_done"
	if !fresh {
		key = "ban_already"
	}
	return answer{text: r.say.Say(key, Values{"User": strconv.FormatInt(user, 10)})}, err
}

// unban serves a user again, who begins anew.
func (b *Bot) unban(ctx context.Context, r *request) (answer, error) {
	user, refusal := b.target(r, "unban_usage")
	if refusal != "" {
		return answer{text: r.say.Say(refusal, nil)}, nil
	}
	err := b.shelf.Unban(ctx, user)
	key := "unban_done"
	if errors.Is(err, digest.ErrNotFound) {
		key, err = "unban_none", nil
	}
	return answer{text: r.say.Say(key, Values{"User": strconv.FormatInt(user, 10)})}, err
}

// target is the user whom a command means: by id, by @name as far as it was
// seen, or the one whose message it answers. Refusal names the sentence that
// says what is wrong.
func (b *Bot) target(r *request, usage string) (user int64, refusal string) {
	word := strings.TrimSpace(r.args)
	switch name, named := strings.CutPrefix(word, "@"); {
	case named:
		user, known := b.names.find(name)
		if !known {
			return 0, "ban_name"
		}
		return user, ""
	case word != "":
		user, err := strconv.ParseInt(word, 10, 64)
		if err != nil || user <= 0 {
			return 0, usage
		}
		return user, ""
	case r.given.ReplyToMessage == nil:
		return 0, usage
	}
	return authorOf(r.given.ReplyToMessage)
}

// authorOf is who wrote a message, or first wrote what it forwards.
func authorOf(m *telegram.Incoming) (user int64, refusal string) {
	who := m.From
	if m.ForwardOrigin != nil {
		who = m.ForwardOrigin.SenderUser
	}
	switch {
	case who == nil:
		return 0, "ban_hidden"
	case who.IsBot: // also who writes as a group or channel
		return 0, "ban_bot"
	}
	return who.ID, ""
}

// senderOf is who an update comes from; nil for what happened to a chat, which is
// not theirs alone.
func senderOf(u telegram.Update) *telegram.User {
	switch {
	case u.CallbackQuery != nil:
		return &u.CallbackQuery.From
	case u.InlineQuery != nil:
		return &u.InlineQuery.From
	case u.MyChatMember != nil && u.MyChatMember.New.IsPresent():
		return &u.MyChatMember.From
	case u.Message != nil && u.Message.MigrateToChatID == 0 && u.Message.MigrateFromChatID == 0:
		return u.Message.From
	}
	return nil
}

// ignores says whether an update comes from somebody who is banned.
func (b *Bot) ignores(ctx context.Context, u telegram.Update) (bool, error) {
	from := senderOf(u)
	if from == nil || b.options.Admins[from.ID] {
		return false, nil
	}
	banned, err := b.shelf.Banned(ctx, from.ID)
	if banned && u.CallbackQuery != nil {
		err = b.call.AnswerCallback(ctx, u.CallbackQuery.ID, "", false) // or the button seems to work for ever
	}
	return banned, err
}

// nameBook remembers which user has which name, of those who wrote of late. It
// lives as long as the process and never reaches the shelf. The zero nameBook
// is ready.
type nameBook struct {
	mu           sync.Mutex
	young, older map[string]int64
}

// mostNames is how many names are remembered at least.
const mostNames = 5000

func (n *nameBook) note(name string, user int64) {
	if name == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.young == nil || len(n.young) >= mostNames {
		n.young, n.older = map[string]int64{}, n.young
	}
	n.young[strings.ToLower(name)] = user
}

func (n *nameBook) find(name string) (user int64, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name = strings.ToLower(name)
	if user, known = n.young[name]; !known {
		user, known = n.older[name]
	}
	return user, known
}
