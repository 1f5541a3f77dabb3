package bot

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

const (
	inlinePage   = 10
	inlineCache  = 30 * time.Second
	inlineButton = 60 // runes
)

// handleInline answers what somebody types after the bot's name in any chat with
// headlines to share. Typing asks again and again, so nothing is kept of it: neither
// that it was handled nor, of a stranger, a chat.
func (b *Bot) handleInline(ctx context.Context, q *telegram.InlineQuery) error {
	r, err := b.inlineRequest(ctx, q)
	if err != nil {
		return err
	}
	list, err := b.inlineList(ctx, r, q.Query)
	if err != nil {
		return err
	}
	first, _ := strconv.Atoi(q.Offset)
	if first < 0 || first >= len(list.stories) {
		first = 0
	}
	page := list.stories[first:min(first+inlinePage, len(list.stories))]
	entries, err := b.entries(ctx, list, page)
	if err != nil {
		return err
	}
	a := telegram.InlineAnswer{Cache: inlineCache}
	for _, n := range entries {
		a.Results = append(a.Results, renderShared(r.say, n, RenderContext{Now: r.now, Zone: r.chat.Location()}))
	}
	if next := first + inlinePage; next < len(list.stories) {
		a.Next = strconv.Itoa(next)
	}
	a.Button, a.Start = r.inlineButton(list)
	return b.call.AnswerInline(ctx, q.ID, a)
}

// inlineRequest is a request as from the person's private chat. One that is not known is
// not added: its ID is 0.
func (b *Bot) inlineRequest(ctx context.Context, q *telegram.InlineQuery) (*request, error) {
	c, err := b.shelf.ChatAt(ctx, Address{Telegram: q.From.ID})
	if errors.Is(err, digest.ErrNotFound) {
		c, err = b.newChat(&q.From, telegram.Chat{ID: q.From.ID, Type: "private"}), nil
	}
	return &request{chat: c, here: c, user: q.From.ID, say: b.catalog.In(c.Language), args: q.Query, now: b.options.Now()}, err
}

// inlineList is what there is for the words, or without words for the person's topics,
// as /latest has it. Their own sources stay out of it: what those tell may be for nobody
// else.
func (b *Bot) inlineList(ctx context.Context, r *request, words string) (l headlineList, err error) {
	if r.chat.ID != 0 {
		if l.ears, err = b.shelf.Ears(ctx, r.chat.ID); err != nil {
			return l, err
		}
		l.ears.Own = nil
		if l.subs, err = b.shelf.Subscriptions(ctx, r.chat.ID); err != nil {
			return l, err
		}
	}
	if strings.TrimSpace(words) != "" {
		topic, err := digest.ParseTopic(words)
		if err != nil {
			l.refused = r.topicError(err)
			return l, nil
		}
		l.topic = &topic
		if l.sifted, err = b.findFor(ctx, r, topic, l.ears); err != nil {
			return l, err
		}
		return l, b.findMeant(ctx, r, &l)
	}
	l.stories, err = b.latestOf(ctx, r, l.subs, l.ears)
	return l, err
}

// findMeant puts what may have been meant in the place of a topic that found nothing, if it
// finds more.
func (b *Bot) findMeant(ctx context.Context, r *request, l *headlineList) error {
	if err := b.guessMeant(ctx, r, *l.topic, l.ears, &l.sifted); err != nil || l.meant == "" {
		return err
	}
	topic, err := digest.ParseTopic(l.meant)
	if err != nil {
		return nil
	}
	found, err := b.findFor(ctx, r, topic, l.ears)
	if err == nil && len(found.stories) > 0 {
		found.meant = topic.Label
		l.topic, l.sifted = &topic, found
	}
	return err
}

// inlineButton leads to the chat with the bot: to follow what was typed, or to see what
// is wrong with it.
func (r *request) inlineButton(l headlineList) (text, start string) {
	switch {
	case l.refused.Text != "":
		line, _, _ := strings.Cut(l.refused.Text, "\n")
		return shorten(line, inlineButton), "inline"
	case l.topic == nil:
		return "", ""
	case l.meant != "" && len(l.stories) > 0:
		text = r.say.Plain("inline_meant", Values{"Topic": shorten(l.topic.Label, 30)})
	case len(l.stories) == 0:
		text = r.say.Plain("inline_none", Values{"Topic": shorten(l.topic.Label, 30)})
	default:
		text = r.say.Plain("inline_follow", Values{"Topic": shorten(l.topic.Label, 30)})
	}
	return text, startWords(l.topic.Label)
}

// linkable is what a link to /start can carry.
var linkable = regexp.MustCompile(`^[A-Za-z0-9 -]{1,62}$`)

// startWords is what a link gives to /start so that a topic is followed; words that a
// link cannot carry are typed again.
func startWords(topic string) string {
	if !linkable.MatchString(topic) {
		return "inline"
	}
	return "t_" + strings.ReplaceAll(topic, " ", "_")
}

// renderShared is a story as it is offered, and as the message that shares it.
func renderShared(p Phrases, n digest.Entry, when RenderContext) telegram.InlineResult {
	offered, shared := renderer{p, when}, renderer{p, when}
	shared.when.Dated = true
	return telegram.InlineResult{
		ID:          strconv.FormatInt(int64(n.Story.ID), 36),
		Title:       offered.headline(n.Story),
		Description: offered.smallLine(n.Story) + "\n" + offered.summary(n),
		Message:     telegram.NewMessage(shared.story(n, withSummary)),
	}
}
