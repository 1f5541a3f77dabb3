// Package bot is the chat side of Tidings: it takes Telegram's updates, changes
// chats and what they follow, publishes due editions, makes alerts of stories that
// many tell at once, and delivers what waits.
// It asks package digest for stories and a shelf (package storage) for memory;
// only bot/telegram below it knows the Bot API.
//
// Everything a reader sees stands in locales; everything sent passes one
// limiter (in bot/telegram). An update costs a few reads of the shelf, at most
// one search, and one or two calls to Telegram.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// caller is what the bot asks of Telegram.
type caller interface {
	Send(ctx context.Context, p telegram.Priority, to telegram.To, m telegram.Message) (int64, error)
	Edit(ctx context.Context, p telegram.Priority, to telegram.To, message int64, m telegram.Message) error
	AnswerCallback(ctx context.Context, id, text string, alert bool) error
	AnswerInline(ctx context.Context, id string, a telegram.InlineAnswer) error
	Download(ctx context.Context, fileID string, limit int64) ([]byte, error)
	ChatMember(ctx context.Context, chat, user int64) (telegram.ChatMember, error)
	ChatNamed(ctx context.Context, name string) (telegram.Chat, error)
	SetCommands(ctx context.Context, scope telegram.Scope, language string, commands []telegram.Command) error
	DeleteCommands(ctx context.Context, scope telegram.Scope, language string) error
	// Ready is the earliest moment at which the chat may be sent to.
	Ready(chat int64) time.Time
	standbyCaller
}

// chatShelf is what the handlers remember.
type chatShelf interface {
	sourceShelf
	whyShelf
	packShelf
	outlineShelf
	standbyShelf
	ChatAt(ctx context.Context, at Address) (Chat, error)
	AddChat(ctx context.Context, c Chat) (Chat, error)
	ChangeChat(ctx context.Context, id ChatID, change func(*Chat) error) (Chat, error)
	EraseChat(ctx context.Context, id ChatID) error

	Follow(ctx context.Context, id ChatID, t digest.Topic, now time.Time) (Subscription, bool, error)
	Unfollow(ctx context.Context, id ChatID, t digest.TopicID) (Subscription, error)
	Refollow(ctx context.Context, id ChatID, t digest.TopicID) (Subscription, error)
	Retopic(ctx context.Context, id ChatID, old digest.TopicID, t digest.Topic, now time.Time) (Subscription, error)
	Mute(ctx context.Context, id ChatID, t digest.TopicID, muted bool) error
	Alert(ctx context.Context, id ChatID, t digest.TopicID, on bool) error
	AlertTopic(ctx context.Context, id ChatID, story digest.StoryID) (digest.TopicID, error)
	Broaden(ctx context.Context, id ChatID, t digest.TopicID, b digest.Breadth) error
	Subscriptions(ctx context.Context, id ChatID) ([]Subscription, error)

	TopicMatches(ctx context.Context, topics []digest.TopicID, languages []string, since time.Time, each int) (map[digest.TopicID][]digest.MatchedStory, error)
	TopStories(ctx context.Context, language string, since time.Time, limit int) ([]digest.Story, error)
	StoriesByID(ctx context.Context, ids []digest.StoryID) ([]digest.Story, error)
	compareShelf

	castShelf
	banShelf

	closedShelf
	settingsShelf
	Notify(ctx context.Context, id ChatID, m telegram.Message, now time.Time) error
	ChatByID(ctx context.Context, id ChatID) (Chat, error)
	MigrateChat(ctx context.Context, from, to int64) error

	statsShelf

	UpdateHandled(ctx context.Context, id int64) (bool, error)
	MarkUpdate(ctx context.Context, id int64, now time.Time) error
}

// finder answers a topic from everything kept, with the matcher that editions
// use.
type finder interface {
	Find(ctx context.Context, t digest.Topic, since time.Time, limit int, own ...digest.SourceID) ([]digest.MatchedStory, error)
	Suggest(ctx context.Context, t digest.Topic, language string, since time.Time, own ...digest.SourceID) (string, error)
	Backfill(ctx context.Context, id digest.TopicID, t digest.Topic, since time.Time, own ...digest.SourceID) ([]digest.MatchedStory, error)
}

// A Bot takes updates, finds the command or button, and turns errors into
// replies. It is safe for concurrent use; updates of one chat must come one
// after the other.
type Bot struct {
	call    caller
	shelf   chatShelf
	find    finder
	scout   scout
	errands chan promised
	hushed  chan string // presses that are answered with nothing, by their ids
	catalog *Catalog
	options Options
	log     *slog.Logger
	started time.Time
	waits   waits
	budgets budgets
	names   nameBook

	summaries digest.Summaries
}

// Options of a Bot.
type Options struct {
	ID       int64                                                     // the bot's own
	Username string                                                    // without @
	Inline   bool                                                      // BotFather lets people ask it in any chat
	Admins   map[int64]bool                                            // Telegram user ids
	SendRate float64                                                   // messages a second, for a broadcast's estimate
	Packs    []digest.Source                                           // of all packs, which the admins choose from; nil while the operator's own list is read
	Version  string                                                    // of the program, for /stats
	Handled  func(kind telegram.Kind, took time.Duration, failed bool) // told of every update served; may be nil
	Fatal    error                                                     // errors that are this one end the process instead of one reply
	Now      func() time.Time
	Log      *slog.Logger
}

// New returns a bot that is ready to Handle updates; what takes long is done
// while it Runs.
func New(call caller, shelf chatShelf, find finder, scout scout, catalog *Catalog, o Options) *Bot {
	return &Bot{
		call: call, shelf: shelf, find: find, scout: scout, errands: make(chan promised, errandsWaiting), hushed: make(chan string, hushedWaiting),
		catalog: catalog, options: o, log: o.Log, started: o.Now(),
	}
}

// Handle does what an update asks for. An update handled before changes
// nothing, nor does one of somebody who asks too fast. An error means that the
// update must come again; what goes wrong inside one command is answered and
// logged instead.
func (b *Bot) Handle(ctx context.Context, u telegram.Update) error {
	if from := senderOf(u); from != nil {
		b.names.note(from.Username, from.ID)
	}
	heard := b.hears(u)
	switch {
	case heard == unheard, heard == enough && u.InlineQuery != nil:
		b.hush(u)
		return nil
	case !b.concerns(u):
		return nil
	}
	if u.InlineQuery == nil { // answering that twice does no harm
		if done, err := b.shelf.UpdateHandled(ctx, u.ID); done || err != nil {
			return err
		}
	}
	began := b.options.Now()
	err := b.dispatch(ctx, u, heard)
	if errors.Is(err, ErrBanned) {
		err = nil // banned just now, by somebody else's update
	}
	if b.options.Handled != nil {
		b.options.Handled(u.Kind(), b.options.Now().Sub(began), err != nil)
	}
	late := errors.Is(context.Cause(ctx), telegram.ErrLate)
	if err != nil {
		if ctx.Err() != nil && !late || errors.Is(err, b.options.Fatal) {
			return fmt.Errorf("handle update %d: %w", u.ID, err)
		}
		b.log.Error("update not handled", "update", u.ID, "err", err)
	}
	if u.InlineQuery != nil {
		return nil
	}
	ctx, end := afterwards(ctx)
	defer end()
	if err != nil {
		if err := b.gaveUp(ctx, u); err != nil {
			return err
		}
	}
	return b.shelf.MarkUpdate(ctx, u.ID, b.options.Now())
}

func (b *Bot) dispatch(ctx context.Context, u telegram.Update, heard hearing) error {
	if ignored, err := b.ignores(ctx, u); ignored || err != nil {
		return err
	}
	switch {
	case u.InlineQuery != nil:
		return b.handleInline(ctx, u.InlineQuery)
	case heard == enough:
		return b.sayEnough(ctx, u)
	case u.CallbackQuery != nil:
		return b.handlePress(ctx, u.CallbackQuery)
	case u.MyChatMember != nil:
		return b.handleMembership(ctx, u.MyChatMember)
	case u.Message.MigrateToChatID != 0:
		return b.shelf.MigrateChat(ctx, u.Message.Chat.ID, u.Message.MigrateToChatID)
	case u.Message.MigrateFromChatID != 0:
		return b.arrive(ctx, u.Message.MigrateFromChatID, u.Message.Chat.ID)
	case u.Message.TopicReopened != nil:
		return b.reopen(ctx, u.Message)
	}
	return b.handleMessage(ctx, u.Message)
}

// A request is one command, text or press, with all that a handler needs.
type request struct {
	chat     Chat // the one that is meant: what is read, changed and spoken of
	here     Chat // where it was asked and the answer goes; another than chat only while a channel is steered
	fresh    bool // the chat was not known before
	user     int64
	operator bool               // one of Options.Admins
	unseen   bool               // the user writes as the group itself, which only its admins can
	say      Phrases            // in the language of here
	client   string             // the language of the catalog for the user's client
	menu     *string            // see tuneMenu
	note     telegram.Text      // stands before the answer
	args     string             // what follows the command or the button's verb
	given    *telegram.Incoming // the reader's message; nil for a press
	under    *telegram.Incoming // the bot's message that holds the pressed button; nil otherwise
	now      time.Time
	senses   map[string][]string // see sensesOf
}

// group says whether several people read what is said here.
func (r *request) group() bool { return r.here.Group() }

// changed takes a chat as it was just written: the one here, and the one that
// is meant if that is the same.
func (r *request) changed(c Chat) {
	if !r.steering() {
		r.chat = c
	}
	r.here = c
}

type handler func(*Bot, context.Context, *request) (answer, error)

func (b *Bot) handleMessage(ctx context.Context, m *telegram.Incoming) error {
	if b.late(m) {
		return b.saySorry(ctx, m)
	}
	name, args, _ := b.readCommand(saidIn(m))
	r, err := b.request(ctx, m.From, m)
	if err != nil {
		return err
	}
	r.given, r.args, r.unseen = m, args, asGroup(m)
	run, may := handlerOf(name, r)
	if run == nil {
		return nil
	}
	if name != "" && !r.group() {
		if err := b.expectNothing(ctx, r); err != nil {
			return err
		}
	}
	refused, err := b.mean(ctx, r, may)
	if err != nil {
		return err
	}
	if refused.Text != "" {
		return b.show(ctx, r, answer{text: refused})
	}
	return b.run(ctx, r, run, may)
}

func (b *Bot) handlePress(ctx context.Context, q *telegram.CallbackQuery) error {
	if q.Message == nil { // too old for Telegram to tell which message it was
		say := b.catalog.In(b.catalog.Speaks(q.From.LanguageCode))
		return b.call.AnswerCallback(ctx, q.ID, say.Plain("press_stale", nil), false)
	}
	r, err := b.request(ctx, &q.From, q.Message)
	if err != nil {
		return err
	}
	verb, args, _ := strings.Cut(q.Data, ":")
	r.under, r.args = q.Message, args
	p, ok := buttonFor(verb)
	if !ok || p.may == operators && (!r.operator || r.group()) {
		return b.call.AnswerCallback(ctx, q.ID, r.say.Plain("press_stale", nil), false)
	}
	refused, err := b.mean(ctx, r, p.may)
	if refused.Text != "" || err != nil {
		return errors.Join(err, b.call.AnswerCallback(ctx, q.ID, refused.Text, true))
	}
	if ok, err := b.allowed(ctx, r, p.may); !ok || err != nil {
		return errors.Join(err, b.call.AnswerCallback(ctx, q.ID, r.say.Plain("press_refused", nil), true))
	}
	if err := b.call.AnswerCallback(ctx, q.ID, "", false); err != nil {
		b.log.Warn("press not answered", "err", err) // the press itself still counts
	}
	if !r.group() {
		if err := b.expectNothing(ctx, r); err != nil {
			return err
		}
	}
	if err := b.noteKeeper(ctx, r, p.may); err != nil {
		return err
	}
	return b.run(ctx, r, p.run, anyone)
}

// run checks the rights, lets the handler work and shows its answer.
func (b *Bot) run(ctx context.Context, r *request, run handler, may rights) error {
	ok, err := b.allowed(ctx, r, may)
	if err != nil {
		return err
	}
	if !ok {
		return b.show(ctx, r, answer{text: r.say.Say("refused_group", nil)})
	}
	if err := b.noteKeeper(ctx, r, may); err != nil {
		return err
	}
	a, err := run(b, ctx, r)
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, b.options.Fatal) {
			return err
		}
		b.log.Error("request not served", "chat", r.chat.ID, "err", err)
		a = answer{text: r.say.Say("went_wrong", nil)}
	}
	if err := b.show(ctx, r, a); err != nil || r.menu == nil {
		return err
	}
	b.changeMenu(ctx, r.here, *r.menu)
	return nil
}

// request finds the chat of a message, or begins to know it. A chat that was
// taken for gone and speaks again is there.
func (b *Bot) request(ctx context.Context, from *telegram.User, m *telegram.Incoming) (*request, error) {
	where := m.To()
	at := Address{Telegram: where.Chat, Thread: where.Thread}
	now := b.options.Now()
	fresh := false
	c, err := b.shelf.ChatAt(ctx, at)
	switch {
	case errors.Is(err, digest.ErrNotFound):
		fresh = true
		c = b.newChat(from, m.Chat)
		c.Thread = at.Thread
		c, err = b.shelf.AddChat(ctx, c)
	case err == nil && c.Paused.endsByWord():
		c, err = b.wake(ctx, c.ID)
	}
	if err == nil && c.Title != m.Chat.Title {
		c, err = b.shelf.ChangeChat(ctx, c.ID, func(c *Chat) error {
			c.Title = m.Chat.Title
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	return &request{
		chat:     c,
		here:     c,
		fresh:    fresh,
		user:     from.ID,
		operator: b.options.Admins[from.ID],
		say:      b.catalog.In(c.Language),
		client:   b.catalog.Speaks(from.LanguageCode),
		now:      now,
	}, nil
}

// newChat is a chat as we begin to know it through a person.
func (b *Bot) newChat(from *telegram.User, where telegram.Chat) Chat {
	return Chat{
		Address:  Address{Telegram: where.ID},
		Kind:     where.Type,
		Title:    where.Title,
		Language: b.catalog.Speaks(from.LanguageCode),
		Zone:     GuessZone(from.LanguageCode),
		Schedule: DefaultSchedule(),
		Settings: settingsOf(from.LanguageCode),
		Created:  b.options.Now(),
	}
}

// wake ends a pause: the next edition is the one that was missed meanwhile, if
// any, and then the schedule's.
func (b *Bot) wake(ctx context.Context, id ChatID) (Chat, error) {
	return b.shelf.ChangeChat(ctx, id, func(c *Chat) error {
		c.Paused, c.PausedAt = "", time.Time{}
		if c.NextEdition.IsZero() {
			c.aim(b.options.Now())
		}
		return nil
	})
}
