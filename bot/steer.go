package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// A channel has nobody to talk with: its posts have no author. So an admin of it
// steers it from their private chat: names it there, and from then on what they
// send is about the channel, until they press [Back], or are silent for an hour.
//
// Which chat is meant is settled before any handler runs: request.chat is the
// one that is meant, request.here the one where it was asked. A message that is
// about a channel carries the channel's link in its first line, and a press
// means what its message is about, whatever is steered meanwhile.

// steersFor is how long a channel is steered since the last word.
const steersFor = time.Hour

// steering says whether the request is about a channel.
func (r *request) steering() bool { return r.chat.ID != r.here.ID }

// channelName is a message that names a channel and says nothing else.
var channelName = regexp.MustCompile(`^@([A-Za-z][A-Za-z0-9_]{3,31})$`)

// namesChannel says whether a private message names a channel: its @name alone,
// or a post of it that was forwarded.
func namesChannel(m *telegram.Incoming) bool {
	return m.Chat.Type == "private" && (forwardedFrom(m) != nil || channelName.MatchString(strings.TrimSpace(m.Text)))
}

func forwardedFrom(m *telegram.Incoming) *telegram.Chat {
	if o := m.ForwardOrigin; o != nil && o.Type == "channel" && o.Chat != nil {
		return o.Chat
	}
	return nil
}

// steer begins to steer the channel that the message names.
func (b *Bot) steer(ctx context.Context, r *request) (answer, error) {
	channel, name := telegram.Chat{}, ""
	if c := forwardedFrom(r.given); c != nil {
		channel, name = *c, c.Title
	} else {
		name = "@" + channelName.FindStringSubmatch(strings.TrimSpace(r.given.Text))[1]
		c, err := b.call.ChatNamed(ctx, name)
		switch {
		case refusedForGood(err):
			return answer{text: r.say.Say("steer_unknown", Values{"Name": name})}, nil
		case err != nil:
			return answer{}, err
		}
		channel = c
	}
	if channel.Type != "channel" {
		return answer{text: r.say.Say("steer_group", Values{"Name": name})}, nil
	}
	why, err := b.mayNotSteer(ctx, r, channel.ID)
	if why != "" || err != nil {
		return answer{text: r.say.Say(cmp.Or(why, "went_wrong"), Values{"Name": name, "Bot": "@" + b.options.Username})}, err
	}
	if err := b.takeHelm(ctx, r, channel); err != nil {
		return answer{}, err
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	key := "steer_begun"
	if len(subs) == 0 {
		key = "steer_begun_new"
	}
	return answer{text: r.say.Say(key, Values{"Count": len(subs), "Schedule": r.scheduleWords(r.chat.Schedule), "Zone": r.zoneAside()})}, err
}

// mayNotSteer names the sentence that says why a channel cannot be steered: we
// may not post there, or the user may not; "" when both may.
func (b *Bot) mayNotSteer(ctx context.Context, r *request, channel int64) (why string, err error) {
	for _, who := range []struct {
		id  int64
		why string
	}{{b.options.ID, "steer_add_me"}, {r.user, "steer_refused"}} {
		m, err := b.call.ChatMember(ctx, channel, who.id)
		if refusedForGood(err) || err == nil && !postsIn("channel", m) {
			return who.why, nil
		}
		if err != nil {
			return "", fmt.Errorf("ask for rights in a channel: %w", err)
		}
	}
	return "", nil
}

// refusedForGood says that Telegram refused to tell of a chat: it is none, or
// none of ours.
func refusedForGood(err error) bool {
	return errors.Is(err, telegram.ErrChatNotFound) || errors.Is(err, telegram.ErrBlocked) ||
		errors.Is(err, telegram.ErrNoRights) || errors.Is(err, telegram.ErrRefused)
}

// takeHelm makes the private chat steer a channel, which begins to be known.
func (b *Bot) takeHelm(ctx context.Context, r *request, channel telegram.Chat) error {
	settings := DefaultSettings()
	settings.StoryLanguages = r.here.StoryLanguages
	c, err := b.shelf.AddChat(ctx, Chat{
		Address:  Address{Telegram: channel.ID},
		Kind:     channel.Type,
		Title:    channel.Title,
		Language: r.here.Language,
		Zone:     r.here.Zone,
		ZoneSet:  r.here.ZoneSet,
		Schedule: DefaultSchedule(),
		Settings: settings,
		Keeper:   r.here.ID,
		Created:  r.now,
	})
	if err != nil {
		return err
	}
	if c.Paused.endsByRights() {
		if c, err = b.wake(ctx, c.ID); err != nil {
			return err
		}
	}
	if c, err = b.shelf.ChangeChat(ctx, c.ID, func(c *Chat) error {
		c.Title, c.Keeper = channel.Title, r.here.ID
		return nil
	}); err != nil {
		return err
	}
	r.here, err = b.shelf.ChangeChat(ctx, r.here.ID, func(h *Chat) error {
		h.Steers, h.SteersUntil, h.Expects = c.ID, r.now.Add(steersFor), ""
		return nil
	})
	r.chat = c
	return err
}

// mean settles which chat a request is about: the one it stands in, or the
// channel that this one steers. Requests of the reader's own and of operators
// are never about a channel. Refused is what to say instead when the channel
// cannot be steered any more.
func (b *Bot) mean(ctx context.Context, r *request, may rights) (refused telegram.Text, err error) {
	if may == selves || may == operators {
		return telegram.Text{}, nil
	}
	lost := r.under != nil && r.under.Date == 0 && r.here.Steers != 0 // it may have been about the channel
	channel, steers, err := b.helm(ctx, r)
	if err != nil {
		return telegram.Text{}, err
	}
	if r.under != nil {
		about := linkedChannel(r.under)
		if about == 0 && !lost {
			return telegram.Text{}, nil // a card of the reader's own
		}
		if !steers || channel.Telegram != about {
			return r.say.Say("steer_stale", nil), nil
		}
	}
	if !steers {
		return telegram.Text{}, nil
	}
	why, err := b.mayNotSteer(ctx, r, channel.Telegram)
	if err != nil {
		return telegram.Text{}, err
	}
	if why != "" {
		if err := b.leaveHelm(ctx, r); err != nil {
			return telegram.Text{}, err
		}
		return r.say.Say("steer_lost", Values{"Name": channel.Title}), nil
	}
	here, err := b.shelf.ChangeChat(ctx, r.here.ID, func(h *Chat) error {
		h.SteersUntil = r.now.Add(steersFor)
		return nil
	})
	r.here, r.chat = here, channel
	return telegram.Text{}, err
}

// helm finds the channel that the chat steers now. When its hour is over, that
// is noted on the answer.
func (b *Bot) helm(ctx context.Context, r *request) (channel Chat, steers bool, err error) {
	if r.here.Steers == 0 {
		return Chat{}, false, nil
	}
	channel, err = b.shelf.ChatByID(ctx, r.here.Steers)
	if err != nil && !errors.Is(err, digest.ErrNotFound) {
		return Chat{}, false, err
	}
	if err == nil && r.now.Before(r.here.SteersUntil) {
		return channel, true, nil
	}
	r.note = r.say.Say("steer_over", Values{"Name": channel.Title})
	return Chat{}, false, b.leaveHelm(ctx, r)
}

// leaveHelm ends steering: what is meant is the reader's own chat again.
func (b *Bot) leaveHelm(ctx context.Context, r *request) error {
	if r.here.Steers != 0 {
		here, err := b.shelf.ChangeChat(ctx, r.here.ID, func(h *Chat) error {
			h.Steers, h.SteersUntil, h.Expects = 0, time.Time{}, ""
			return nil
		})
		if err != nil {
			return err
		}
		r.here = here
	}
	r.chat = r.here
	return nil
}

// pressLeave goes back to the reader's own chat.
func (b *Bot) pressLeave(ctx context.Context, r *request) (answer, error) {
	return answer{text: r.say.Say("steer_left", nil)}, b.leaveHelm(ctx, r)
}

// about puts what an answer is about before it: the channel's name, with a
// button to go back, or what else there is to note.
func (r *request) about(a answer) answer {
	if a.silent && r.steering() {
		a = answer{text: r.say.Say("steer_silent", nil)}
	}
	if a.silent {
		return a
	}
	if r.steering() {
		var head telegram.Builder
		head.Plain("📢 ").Link(isolate(tidy(cmp.Or(r.chat.Title, strconv.FormatInt(r.chat.Telegram, 10)), maxOutlet)), channelLink(r.chat.Telegram))
		a.text = join("\n\n", head.Text(), a.text)
		keys := keyboard{rows: a.keyboard}
		keys.row(r.say.Plain("steer_button_leave", nil), "leave:")
		a.keyboard = keys.rows
	}
	a.text = join("\n\n", r.note, a.text)
	return a
}

// channels have ids that are a link's number behind this.
const channelBase = -1_000_000_000_000

// channelLink is Telegram's address of a channel, by its id.
func channelLink(id int64) string { return fmt.Sprintf("https://t.me/c/%d/1", channelBase-id) }

var channelLinks = regexp.MustCompile(`^https://t\.me/c/([0-9]{1,15})/1$`)

// linkedChannel is the channel that a message of ours is about; 0 for none.
func linkedChannel(m *telegram.Incoming) int64 {
	if len(m.Entities) == 0 || !strings.HasPrefix(m.Text, "📢 ") {
		return 0
	}
	e := m.Entities[0]
	found := channelLinks.FindStringSubmatch(e.URL)
	if found == nil || e.Offset != headOffset {
		return 0
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		return 0
	}
	return channelBase - n
}

// headOffset is where the name of a channel begins in the line above an answer:
// behind "📢 ", in UTF-16.
const headOffset = 3
