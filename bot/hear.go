package bot

import (
	"strings"
	"time"

	"tidings/bot/telegram"
)

// concerns says whether an update can change or ask anything. What a group talks
// about costs no look at the shelf.
func (b *Bot) concerns(u telegram.Update) bool {
	switch m := u.Message; {
	case u.CallbackQuery != nil, u.InlineQuery != nil, u.MyChatMember != nil:
		return true
	case m == nil:
		return false
	default:
		return m.MigrateToChatID != 0 || m.MigrateFromChatID != 0 || m.TopicReopened != nil || b.spokenTo(m)
	}
}

// asks says who wants an answer, and by which allowance; false for an update
// that gets none, or is not said to us.
func (b *Bot) asks(u telegram.Update) (who spender, a allowance, ok bool) {
	m := u.Message
	if q := u.InlineQuery; q != nil {
		return spender{user: q.From.ID, typing: true}, typingAllowance, true
	}
	if q := u.CallbackQuery; q != nil {
		who = spender{user: q.From.ID}
		m = q.Message
	} else {
		if m == nil || !b.spokenTo(m) {
			return who, a, false
		}
		who = spender{user: m.From.ID}
		if asGroup(m) { // which all its unseen admins do under one id
			who.user = m.Chat.ID
		}
	}
	a = readerAllowance
	if m != nil && m.Chat.Type != "private" {
		who.group, a = m.Chat.ID, memberAllowance
	}
	if b.options.Admins[who.user] {
		a = operatorAllowance
	}
	return who, a, true
}

// spokenTo says whether a message is a person's, meant for us and can be answered.
func (b *Bot) spokenTo(m *telegram.Incoming) bool {
	name, _, toUs := b.readCommand(saidIn(m))
	switch {
	case m.From == nil, m.From.IsBot && !asGroup(m), m.ViaBot != nil: // what is shared is said to others
		return false
	case m.Text == "" && m.Location == nil && m.Document == nil && !namesChannel(m), !toUs:
		return false
	case m.Chat.Type == "private":
		return true
	case name == "":
		return b.wrote(m.ReplyToMessage)
	}
	_, known := findCommand(name)
	return known || strings.Contains(firstWord(m.Text), "@")
}

// staleAfter is how late a question is still answered.
const staleAfter = time.Hour

// shows are the commands that only show something, whatever they are told: what
// was asked long ago nobody waits for any more. Of the others a late one is
// carried out if it says what is wanted.
var (
	shows  = setOf("help", "topics", "latest", "digest", "sources", "settings", "privacy", "stats", "export")
	simple = setOf("start", "pause", "resume", "forgetme") // say by their name what is wanted
)

// late says whether a message was said so long ago that answering it would only
// surprise.
func (b *Bot) late(m *telegram.Incoming) bool {
	if m == nil || b.options.Now().Sub(time.Unix(m.Date, 0)) <= staleAfter {
		return false
	}
	name, args, _ := b.readCommand(saidIn(m))
	return name == "" || shows[name] || args == "" && !simple[name]
}

// asGroup says whether somebody writes as the group itself.
func asGroup(m *telegram.Incoming) bool {
	return m.SenderChat != nil && m.SenderChat.ID == m.Chat.ID
}

// wrote says whether a message is the bot's own.
func (b *Bot) wrote(m *telegram.Incoming) bool {
	return m != nil && m.From != nil && m.From.IsBot && strings.EqualFold(m.From.Username, b.options.Username)
}

// saidIn is what a message says in words.
func saidIn(m *telegram.Incoming) string {
	if m.Document != nil {
		return m.Caption
	}
	return m.Text
}

// handlerOf finds what serves a message: its command, what the chat expects,
// or headlines for plain text. Nil is for what was not said to the bot: a
// group may have other bots, and talks about other things.
func handlerOf(name string, r *request) (handler, rights) {
	if namesChannel(r.given) {
		return (*Bot).steer, selves
	}
	if name != "" {
		c, ok := findCommand(name)
		switch {
		case ok && (c.may != operators || r.operator && !r.group()): // among others nobody learns of them
			return c.run, c.may
		case r.group() && !strings.Contains(firstWord(r.given.Text), "@"):
			return nil, anyone
		}
		return (*Bot).unknownCommand, anyone // whoever is no operator learns nothing
	}
	switch {
	case r.expects():
		return (*Bot).takeExpected, owners
	case r.group():
		return nil, anyone
	case r.given.Document != nil:
		return (*Bot).importFile, owners
	case r.given.Location != nil:
		return (*Bot).setZoneByPlace, owners
	}
	r.args = withoutManners(r.given.Text, r.say.lang)
	if smallTalkIn(r.args) != "" {
		return (*Bot).chat, anyone
	}
	if pastedAddress(r.args) {
		return (*Bot).offerSource, anyone
	}
	return (*Bot).search, anyone
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// readCommand splits "/latest@bot climate 3" into its name and arguments. Text
// decides, not entities: those may be malformed. toUs is false for commands
// that name another bot. A text that is no command has the empty name.
func (b *Bot) readCommand(text string) (name, args string, toUs bool) {
	if !strings.HasPrefix(text, "/") {
		return "", text, true
	}
	head, args := text[1:], ""
	if at := strings.IndexFunc(head, isSpace); at >= 0 {
		head, args = head[:at], strings.TrimSpace(head[at:])
	}
	name, bot, addressed := strings.Cut(head, "@")
	if addressed && !strings.EqualFold(bot, b.options.Username) {
		return "", "", false
	}
	if name == "" {
		name = "/" // no command's name, and no plain text
	}
	return strings.ToLower(name), args, true
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\u00a0' }
