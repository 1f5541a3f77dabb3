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

// previewSpan is how far back a new topic is searched: its count and samples.
const previewSpan = 7 * 24 * time.Hour

// subscribe follows the topics named, comma-separated, or asks for one.
func (b *Bot) subscribe(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		return b.askTopic(r), nil
	}
	topics, err := digest.ParseTopics(r.args)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	var all telegram.Builder
	var last followed
	for i, t := range topics {
		f, err := b.follow(ctx, r, t)
		if err != nil {
			return answer{}, err
		}
		if f.refused != nil {
			f.text = *f.refused
		}
		if i > 0 {
			all.Plain("\n\n")
		}
		all.Append(f.text)
		last = f
	}
	if len(topics) == 1 && last.refused == nil {
		return last.answer(r), nil
	}
	keys := keyboard{}
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{text: all.Text(), keyboard: keys.rows}, nil
}

func (b *Bot) askTopic(r *request) answer {
	var keys keyboard
	for _, s := range suggestions {
		keys.add(2, r.say.Plain("suggest_"+s, nil), "follow:0:"+r.say.Plain("topic_"+s, nil))
	}
	return answer{text: r.say.Say("subscribe_ask", nil), keyboard: keys.rows}
}

// followed is what following a topic came to.
type followed struct {
	sub     Subscription
	text    telegram.Text
	refused *telegram.Text // why it was not followed
}

func (f followed) refusal() telegram.Text {
	if f.refused == nil {
		return telegram.Text{}
	}
	return *f.refused
}

// answer shows the topic's count and samples with [Edit] and [Undo].
func (f followed) answer(r *request) answer {
	var keys keyboard
	id := strconv.FormatInt(int64(f.sub.Topic), 36)
	keys.add(2, r.say.Plain("button_edit", nil), "edit:"+id)
	keys.add(2, r.say.Plain("button_undo", nil), "drop:"+id)
	return answer{text: f.text, keyboard: keys.rows}
}

// follow subscribes the chat to a topic and fills it from the last days, so
// that its first edition has something to say. The first topic of a chat sends
// that edition at once.
func (b *Bot) follow(ctx context.Context, r *request, t digest.Topic) (followed, error) {
	sub, isNew, err := b.shelf.Follow(ctx, r.chat.ID, t, r.now)
	if errors.Is(err, digest.ErrLimit) {
		why := r.say.Say("topics_full", Values{"Limit": MaxTopics})
		return followed{refused: &why}, nil
	}
	if err != nil {
		return followed{}, err
	}
	found, err := b.find.Backfill(ctx, sub.Topic, t, r.now.Add(-previewSpan))
	if err != nil {
		return followed{}, err
	}
	if isNew {
		if err := b.firstEdition(ctx, r); err != nil {
			return followed{}, err
		}
	}
	return followed{sub: sub, text: r.followedText(sub, isNew, found)}, nil
}

// firstEdition makes an edition due now for a chat that never had one, and
// the next slot for one that had none ahead.
func (b *Bot) firstEdition(ctx context.Context, r *request) error {
	c, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		switch {
		case c.LastEdition.IsZero() && !c.Asked:
			c.NextEdition, c.Asked = r.now, true
		case c.NextEdition.IsZero():
			c.NextEdition = c.Schedule.Next(r.now, c.Location())
		}
		return nil
	})
	r.chat = c
	return err
}

func (r *request) followedText(sub Subscription, isNew bool, found []digest.MatchedStory) telegram.Text {
	var t telegram.Builder
	key := "subscribed"
	if !isNew {
		key = "subscribed_already"
	}
	t.Append(r.say.Say(key, Values{"Topic": sub.Label}))
	t.Plain("\n")
	if len(found) == 0 {
		t.Append(r.say.Say("subscribed_none", nil))
		return t.Text()
	}
	t.Append(r.say.Say("subscribed_count", Values{"Count": len(found)}))
	for i, m := range found {
		if i == 3 {
			break
		}
		t.Plain("\n• ")
		t.Link(m.Story.Title, m.Story.Address)
		t.Plain(" – " + m.Story.Outlet)
	}
	return t.Text()
}

// unsubscribe stops following the topic named, or asks which.
func (b *Bot) unsubscribe(ctx context.Context, r *request) (answer, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	if strings.TrimSpace(r.args) == "" {
		return r.topicList(subs, "drop:", "unsubscribe_ask"), nil
	}
	wanted, err := digest.ParseTopic(r.args)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	for _, s := range subs {
		if s.Text == wanted.Text {
			return b.drop(ctx, r, s.Topic)
		}
	}
	a := r.topicList(subs, "drop:", "unsubscribe_ask")
	a.text = r.say.Say("unsubscribe_unknown", Values{"Topic": wanted.Label})
	return a, nil
}

// topics lists what the chat follows, a button each.
func (b *Bot) topics(ctx context.Context, r *request) (answer, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	return r.topicList(subs, "topic:", "topics"), nil
}

func (r *request) topicList(subs []Subscription, verb, title string) answer {
	if len(subs) == 0 {
		return answer{text: r.say.Say("topics_none", nil)}
	}
	var keys keyboard
	for _, s := range subs {
		label := shorten(s.Label, 40)
		if s.Muted {
			label = r.say.Plain("muted_label", Values{"Topic": label})
		}
		keys.add(2, label, verb+strconv.FormatInt(int64(s.Topic), 36))
	}
	return answer{text: r.say.Say(title, Values{"Count": len(subs)}), keyboard: keys.rows}
}

// pressTopic shows one topic with what can be done to it.
func (b *Bot) pressTopic(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return answer{text: r.say.Say("topic_gone", nil)}, err
	}
	return r.topicCard(sub), nil
}

func (r *request) topicCard(s Subscription) answer {
	id := strconv.FormatInt(int64(s.Topic), 36)
	mute, title := "button_mute", "topic_card"
	if s.Muted {
		mute, title = "button_unmute", "topic_card_muted"
	}
	var keys keyboard
	keys.add(3, r.say.Plain(mute, nil), "mute:"+id)
	keys.add(3, r.say.Plain("button_edit", nil), "edit:"+id)
	keys.add(3, r.say.Plain("button_remove", nil), "drop:"+id)
	keys.row(r.say.Plain("button_headlines", nil), topicData("page:0:", s.Label))
	keys.row(r.say.Plain("button_back", nil), "topics:")
	return answer{text: r.say.Say(title, Values{"Topic": s.Label}), keyboard: keys.rows}
}

// pressedTopic finds the subscription whose id the button holds; a forged id
// of another chat finds nothing.
func (b *Bot) pressedTopic(ctx context.Context, r *request) (Subscription, bool, error) {
	id, err := strconv.ParseInt(r.args, 36, 64)
	if err != nil {
		return Subscription{}, false, nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	for _, s := range subs {
		if s.Topic == digest.TopicID(id) {
			return s, true, err
		}
	}
	return Subscription{}, false, err
}

func (b *Bot) pressMute(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return answer{text: r.say.Say("topic_gone", nil)}, err
	}
	sub.Muted = !sub.Muted
	if err := b.shelf.Mute(ctx, r.chat.ID, sub.Topic, sub.Muted); err != nil {
		return answer{}, err
	}
	return r.topicCard(sub), nil
}

func (b *Bot) pressDrop(ctx context.Context, r *request) (answer, error) {
	id, err := strconv.ParseInt(r.args, 36, 64)
	if err != nil {
		return answer{text: r.say.Say("topic_gone", nil)}, nil
	}
	return b.drop(ctx, r, digest.TopicID(id))
}

// drop stops following a topic and offers to follow it again.
func (b *Bot) drop(ctx context.Context, r *request, id digest.TopicID) (answer, error) {
	sub, err := b.shelf.Unfollow(ctx, r.chat.ID, id)
	if errors.Is(err, digest.ErrNotFound) {
		return answer{text: r.say.Say("topic_gone", nil)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	keys.add(2, r.say.Plain("button_undo", nil), topicData("follow:0:", sub.Label))
	keys.add(2, r.say.Plain("button_topics", nil), "topics:")
	return answer{text: r.say.Say("unsubscribed", Values{"Topic": sub.Label}), keyboard: keys.rows}, nil
}

const expectEdit = "edit:"

// pressEdit asks for a topic's new words; the chat's next message is them.
func (b *Bot) pressEdit(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return answer{text: r.say.Say("topic_gone", nil)}, err
	}
	_, err = b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Expects = expectEdit + r.args
		return nil
	})
	var keys keyboard
	keys.row(r.say.Plain("button_cancel", nil), "unedit:"+r.args)
	return answer{text: r.say.Say("edit_ask", Values{"Topic": sub.Label}), keyboard: keys.rows}, err
}

func (b *Bot) pressUnedit(ctx context.Context, r *request) (answer, error) {
	if err := b.expectNothing(ctx, r); err != nil {
		return answer{}, err
	}
	return b.pressTopic(ctx, r)
}

func (b *Bot) expectNothing(ctx context.Context, r *request) error {
	c, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Expects = ""
		return nil
	})
	r.chat = c
	return err
}

// takeExpected reads the message that the chat was asked for: new words for a
// topic. Words that cannot be understood leave everything as it was, and the
// question open.
func (b *Bot) takeExpected(ctx context.Context, r *request) (answer, error) {
	topic, err := digest.ParseTopic(r.given.Text)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	r.args = strings.TrimPrefix(r.chat.Expects, expectEdit)
	old, ok, err := b.pressedTopic(ctx, r)
	if err != nil {
		return answer{}, err
	}
	if err := b.expectNothing(ctx, r); err != nil {
		return answer{}, err
	}
	if !ok {
		return answer{text: r.say.Say("topic_gone", nil)}, nil
	}
	sub, err := b.shelf.Retopic(ctx, r.chat.ID, old.Topic, topic, r.now)
	if errors.Is(err, digest.ErrExists) {
		return answer{text: r.say.Say("edit_exists", Values{"Topic": topic.Label})}, nil
	}
	if err != nil {
		return answer{}, err
	}
	found, err := b.find.Backfill(ctx, sub.Topic, topic, r.now.Add(-previewSpan))
	if err != nil {
		return answer{}, err
	}
	return followed{sub: sub, text: r.followedText(sub, true, found)}.answer(r), nil
}

// topicError says what is wrong with a topic's words, and where.
func (r *request) topicError(err error) telegram.Text {
	var t *digest.TopicError
	if !errors.As(err, &t) {
		return r.say.Say("topic_error_other", nil)
	}
	return r.say.Say("topic_error_"+strings.ReplaceAll(string(t.Kind), " ", "_"), Values{
		"Word":   t.Word,
		"Place":  t.Pos + 1,
		"Runes":  digest.TopicRunes,
		"Terms":  digest.TopicTerms,
		"Topics": digest.TopicsQuery,
	})
}
