package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tidings/bot/telegram"
	"tidings/digest"
)

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
	i := slices.IndexFunc(subs, func(s Subscription) bool { return s.Text == wanted.Text })
	if i < 0 {
		i = slices.IndexFunc(subs, func(s Subscription) bool { return s.asks(wanted) })
	}
	if i >= 0 {
		return b.drop(ctx, r, subs[i].Topic)
	}
	a := r.topicList(subs, "drop:", "unsubscribe_ask")
	if _, err := digest.ParseOneTopic(r.args); err != nil && len(subs) > 0 {
		a.text = r.topicError(err)
	} else if len(subs) > 0 {
		a.text = r.say.Say("unsubscribe_unknown", Values{"Topic": wanted.Label})
	}
	return a, nil
}

// asks tells whether a subscription is for a topic. One of an earlier version may read its
// own words as others by now: what it was followed by is what ends it.
func (s Subscription) asks(t digest.Topic) bool {
	if s.Text == t.Text {
		return true
	}
	now, err := digest.ParseTopic(s.Text)
	return err == nil && now.Text == t.Text
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
		} else if s.Alerts {
			label = r.say.Plain("alert_label", Values{"Topic": label})
		}
		keys.add(2, label, verb+strconv.FormatInt(int64(s.Topic), 36))
	}
	return answer{text: r.say.Say(title, Values{"Count": len(subs)}), keyboard: keys.rows}
}

// pressTopic shows one topic with what can be done to it.
func (b *Bot) pressTopic(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	return r.topicCard(sub), nil
}

// topicGone answers a button of a topic that is not followed any more with
// those that are.
func (b *Bot) topicGone(ctx context.Context, r *request, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return b.topics(ctx, r)
}

// A breadthChoice is a breadth, its button on a topic's card and what the card says then.
type breadthChoice struct {
	digest.Breadth
	button, card string
}

// breadths are what a topic's card offers, from the narrowest on.
var breadths = []breadthChoice{
	{digest.OnlyTitle, "button_breadth_title", "topic_card_title"},
	{digest.NormalBreadth, "button_breadth_normal", "topic_card_normal"},
	{digest.Broad, "button_breadth_broad", "topic_card_broad"},
}

// breadthAt is where a breadth stands among breadths, by its name; -1 for what names none.
func breadthAt(name string) int {
	return slices.IndexFunc(breadths, func(b breadthChoice) bool { return b.String() == name })
}

func (r *request) topicCard(s Subscription) answer {
	id := strconv.FormatInt(int64(s.Topic), 36)
	mute, verb, title := "button_mute", "mute:", ""
	if i := breadthAt(s.Breadth.String()); i >= 0 {
		title = breadths[i].card
	}
	if s.Muted {
		mute, verb, title = "button_unmute", "unmute:", "topic_card_muted"
	}
	var keys keyboard
	keys.add(3, r.say.Plain(mute, nil), verb+id)
	keys.add(3, r.say.Plain("button_edit", nil), "edit:"+id)
	keys.add(3, r.say.Plain("button_remove", nil), "drop:"+id)
	for _, b := range breadths {
		keys.add(3, r.chosen(r.say.Plain(b.button, nil), b.Breadth == s.Breadth), "breadth:"+b.String()+":"+id)
	}
	alerts, verb := "button_alerts_off", "alerts:on:"
	if s.Alerts {
		alerts, verb = "button_alerts_on", "alerts:off:"
	}
	keys.row(r.say.Plain(alerts, nil), verb+id)
	keys.row(r.say.Plain("button_headlines", nil), topicData("page:0:", s.Label))
	keys.row(r.say.Plain("button_back", nil), "topics:")
	text := r.say.Say(title, Values{"Topic": s.Label})
	switch {
	case s.Alerts && s.Muted:
		text = join("\n\n", text, r.say.Say("topic_card_alerts_muted", nil))
	case s.Alerts:
		text = join("\n\n", text, r.say.Say("topic_card_alerts", Values{"Sources": digest.SurgeHosts, "Most": MaxAlerts}))
	}
	return answer{text: text, keyboard: keys.rows}
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
	return b.setMuted(ctx, r, true)
}

func (b *Bot) pressUnmute(ctx context.Context, r *request) (answer, error) {
	return b.setMuted(ctx, r, false)
}

func (b *Bot) setMuted(ctx context.Context, r *request, muted bool) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	sub.Muted = muted
	if err := b.shelf.Mute(ctx, r.chat.ID, sub.Topic, muted); err != nil {
		return answer{}, err
	}
	return r.topicCard(sub), nil
}

// pressBreadth chooses how much of what fits a topic the chat is shown. What
// fits it is found as before, so the choice holds for what came earlier, too.
func (b *Bot) pressBreadth(ctx context.Context, r *request) (answer, error) {
	name, id, _ := strings.Cut(r.args, ":")
	r.args = id
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	i := breadthAt(name)
	if i < 0 {
		return r.topicCard(sub), nil
	}
	sub.Breadth = breadths[i].Breadth
	if err := b.shelf.Broaden(ctx, r.chat.ID, sub.Topic, sub.Breadth); err != nil {
		return answer{}, err
	}
	return r.topicCard(sub), nil
}

// pressDrop stops following a topic. A second press finds it gone and says the
// same again, as long as the message tells which it was.
func (b *Bot) pressDrop(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	switch {
	case err != nil:
		return answer{}, err
	case ok:
		return b.drop(ctx, r, sub.Topic)
	}
	if label := topicOf("", r.under); label != "" {
		return r.dropped(r.args, label), nil
	}
	return b.topicGone(ctx, r, nil)
}

func (b *Bot) drop(ctx context.Context, r *request, id digest.TopicID) (answer, error) {
	sub, err := b.shelf.Unfollow(ctx, r.chat.ID, id)
	if errors.Is(err, digest.ErrNotFound) {
		return b.topicGone(ctx, r, nil)
	}
	return r.dropped(strconv.FormatInt(int64(id), 36), sub.Label), err
}

// dropped tells that a topic is not followed any more and offers to take that back.
func (r *request) dropped(id, label string) answer {
	var keys keyboard
	keys.add(2, r.say.Plain("button_undo", nil), topicData("undrop:"+id+":", label))
	keys.add(2, r.say.Plain("button_topics", nil), "topics:")
	return answer{text: r.say.Say("unsubscribed", Values{"Topic": label}), keyboard: keys.rows}
}

// topicError says what is wrong with a topic's words, and where.
func (r *request) topicError(err error) telegram.Text {
	var t *digest.TopicError
	if !errors.As(err, &t) {
		return r.say.Say("topic_error_other", nil)
	}
	if site, only := strings.CutPrefix(strings.ToLower(t.Word), "site:"); only && t.Kind == digest.TopicNoWords {
		return r.say.Say("topic_only_site", Values{"Site": site})
	}
	return r.say.Say("topic_error_"+strings.ReplaceAll(string(t.Kind), " ", "_"), Values{
		"Word":   t.Word,
		"Place":  t.Pos + 1,
		"Runes":  digest.TopicRunes,
		"Terms":  digest.TopicTerms,
		"Topics": digest.TopicsQuery,
	})
}
