package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// previewSpan is how far back a new topic is searched: its count and samples.
const previewSpan = 7 * 24 * time.Hour

// samples is how many headlines show what a new topic finds.
const samples = 3

// subscribe follows the topics named, comma-separated, or asks for one.
func (b *Bot) subscribe(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		return b.askTopic(r), nil
	}
	topics, wrong := digest.ParseTopics(r.args)
	switch {
	case len(topics)+len(wrong) > 1:
		return b.followSeveral(ctx, r, topics, wrong)
	case len(wrong) > 0:
		return answer{text: r.topicError(wrong[0])}, nil
	}
	f, err := b.follow(ctx, r, topics[0])
	if err != nil || f.refused != nil {
		return answer{text: f.refusal()}, err
	}
	f.first, err = b.firstEdition(ctx, r)
	return f.answer(r), err
}

// followSeveral follows topics and lists them, as many as the chat may have, and
// says what is wrong with others.
func (b *Bot) followSeveral(ctx context.Context, r *request, topics []digest.Topic, wrong []*digest.TopicError) (answer, error) {
	var list, full telegram.Builder
	n, found := 0, 0
	for _, t := range topics {
		f, err := b.follow(ctx, r, t)
		if err != nil {
			return answer{}, err
		}
		if f.refused != nil {
			full.Append(*f.refused)
			break
		}
		n++
		found += len(f.found)
		list.Plain("\n• ").Code(shorten(f.sub.Label, 40))
	}
	var all telegram.Builder
	if n > 0 {
		all.Append(r.say.Say("subscribed_several", Values{"Count": n}))
		all.Plain("\n").Append(list.Text())
	}
	first := false
	var err error
	if n > 0 {
		first, err = b.firstEdition(ctx, r)
	}
	text := join("\n\n", all.Text(), r.wrongTopics(wrong), full.Text(), r.firstWords(first, found))
	var keys keyboard
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{text: text, keyboard: keys.rows}, err
}

// mostWrong bounds how many wrong topics one answer explains.
const mostWrong = 10

// wrongTopics says of each what is wrong with it.
func (r *request) wrongTopics(wrong []*digest.TopicError) telegram.Text {
	if len(wrong) == 0 {
		return telegram.Text{}
	}
	var list telegram.Builder
	list.Append(r.say.Say("subscribe_wrong", nil))
	for _, e := range wrong[:min(len(wrong), mostWrong)] {
		list.Plain("\n• ").Code(e.Part).Plain(" – ").Append(r.topicError(e))
	}
	if more := len(wrong) - mostWrong; more > 0 {
		list.Plain("\n• ").Append(r.say.Say("subscribe_wrong_more", Values{"Count": more}))
	}
	return list.Text()
}

func (b *Bot) askTopic(r *request) answer {
	return answer{text: r.say.Say("subscribe_ask", nil), keyboard: r.suggest("follow:0:")}
}

// followed is what following a topic came to.
type followed struct {
	sub     Subscription
	known   bool                  // it was followed before
	found   []digest.MatchedStory // of the last days
	hidden  int                   // found besides, and left out by the chat's own choice
	first   bool                  // the chat's first edition comes with it
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
	if !f.known {
		keys.add(2, r.say.Plain("button_undo", nil), "drop:"+id)
	}
	return answer{text: join("\n\n", f.text, r.firstWords(f.first, len(f.found))), keyboard: keys.rows}
}

// firstWords tells a newcomer who took no tour when digests come, the first at once if
// something was found for it.
func (r *request) firstWords(first bool, found int) telegram.Text {
	if !first {
		return telegram.Text{}
	}
	key := "subscribed_first"
	if found == 0 {
		key = "subscribed_first_later"
	}
	return r.say.Say(key, Values{"Schedule": r.scheduleWords(r.chat.Schedule), "Zone": ZoneName(r.chat.Zone)})
}

// follow subscribes the chat to a topic and fills it from the last days, so
// that its first edition has something to say.
func (b *Bot) follow(ctx context.Context, r *request, t digest.Topic) (followed, error) {
	sub, isNew, err := b.shelf.Follow(ctx, r.chat.ID, t, r.now)
	if errors.Is(err, digest.ErrLimit) {
		why := r.say.Say("topics_full", Values{"Limit": MaxTopics})
		return followed{refused: &why}, nil
	}
	if err != nil {
		return followed{}, err
	}
	found, hidden, err := b.preview(ctx, r, sub, t)
	if err != nil {
		return followed{}, err
	}
	return followed{sub: sub, known: !isNew, found: found, hidden: hidden, text: r.followedText(sub, isNew, found, hidden)}, nil
}

// preview fills a topic from the last days and returns what of it the chat would
// be shown, the samples as they would be.
func (b *Bot) preview(ctx context.Context, r *request, sub Subscription, t digest.Topic) (heard []digest.MatchedStory, hidden int, err error) {
	ears, err := b.shelf.Ears(ctx, r.chat.ID)
	if err != nil {
		return nil, 0, err
	}
	found, err := b.find.Backfill(ctx, sub.Topic, t, r.now.Add(-previewSpan), ears.Own...)
	if err != nil {
		return nil, 0, err
	}
	found = slices.DeleteFunc(found, func(m digest.MatchedStory) bool { return !sub.Breadth.Takes(m.Match) })
	all := len(found)
	if heard, err = b.heard(ctx, ears, r.chat.readable(found)); err != nil { // what its digests will tell of
		return nil, 0, err
	}
	return heard, all - len(heard), b.tellSamples(ctx, ears, heard[:min(len(heard), samples)])
}

// tellSamples puts the stories in, where only one article's words stood.
func (b *Bot) tellSamples(ctx context.Context, ears Ears, found []digest.MatchedStory) error {
	ids := make([]digest.StoryID, len(found))
	for i, m := range found {
		ids[i] = m.Story.ID
	}
	stories, err := b.shelf.StoriesByID(ctx, ids)
	for _, s := range stories {
		found[slices.Index(ids, s.ID)].Story, _ = ears.Muted.Relead(s)
	}
	return err
}

// firstEditionPause lets the confirmation come before the edition; a chat gets
// one message a second anyway.
const firstEditionPause = time.Second

// firstEdition makes an edition due for a chat that follows something and
// never had one, which is told, and the next slot for one that had none ahead.
func (b *Bot) firstEdition(ctx context.Context, r *request) (first bool, err error) {
	c, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		first = false
		switch {
		case c.LastEdition.IsZero() && !c.Asked:
			c.NextEdition, c.Asked, first = r.now.Add(firstEditionPause), true, true
		case c.NextEdition.IsZero():
			c.NextEdition = c.edition(r.now)
		}
		return nil
	})
	r.chat = c
	return first, err
}

// meant asks about a topic that finds nothing whether another word was meant.
func (r *request) meant(t digest.Topic) telegram.Text {
	other := t.Suggestion()
	if other == "" {
		return telegram.Text{}
	}
	return r.say.Say("meant_other", Values{"Topic": other})
}

func (r *request) followedText(sub Subscription, isNew bool, found []digest.MatchedStory, hidden int) telegram.Text {
	key := "subscribed"
	if !isNew {
		key = "subscribed_already"
	}
	return join("\n", r.say.Say(key, Values{"Topic": sub.Label}), r.foundText(sub, found, hidden))
}

// foundText tells what the last days have on a topic: how many stories, and a
// few of them.
func (r *request) foundText(sub Subscription, found []digest.MatchedStory, hidden int) telegram.Text {
	var t telegram.Builder
	switch {
	case len(found) == 0 && hidden > 0:
		return r.say.Say("subscribed_hidden", Values{"Count": hidden})
	case len(found) == 0:
		none := r.say.Say("subscribed_none", nil)
		if topic, err := digest.ParseTopic(sub.Text); err == nil {
			topic.Label = sub.Label
			return join("\n", none, r.meant(topic))
		}
		return none
	}
	key := "subscribed_count"
	if len(found) > samples {
		key = "subscribed_sample"
	}
	t.Append(r.say.Say(key, Values{"Count": len(found)}))
	for _, m := range found[:min(len(found), samples)] {
		t.Plain("\n• ")
		link(&t, tidy(m.Story.Title, maxHeadline), m.Story.Address)
		t.Plain(" – " + isolate(tidy(m.Story.Outlet, maxOutlet)))
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
	if len(subs) > 0 {
		a.text = r.say.Say("unsubscribe_unknown", Values{"Topic": wanted.Label})
	}
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

func (r *request) topicCard(s Subscription) answer {
	id := strconv.FormatInt(int64(s.Topic), 36)
	mute, verb, title := "button_mute", "mute:", ""
	for _, b := range breadths {
		if b.Breadth == s.Breadth {
			title = b.card
		}
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
	if s.Alerts && !s.Muted {
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
	for _, one := range breadths {
		if one.String() == name {
			sub.Breadth = one.Breadth
		}
	}
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

// pressUndrop takes a removal back: "<topic>:<words>". What was removed too long ago
// is followed anew.
func (b *Bot) pressUndrop(ctx context.Context, r *request) (answer, error) {
	digits, words, _ := strings.Cut(r.args, ":")
	id, err := strconv.ParseInt(digits, 36, 64)
	if err != nil {
		return b.topicGone(ctx, r, nil)
	}
	sub, err := b.shelf.Refollow(ctx, r.chat.ID, digest.TopicID(id))
	switch {
	case errors.Is(err, digest.ErrNotFound):
		r.args = "0:" + words
		return b.pressFollow(ctx, r)
	case errors.Is(err, digest.ErrLimit):
		return answer{text: r.say.Say("topics_full", Values{"Limit": MaxTopics})}, nil
	case err != nil:
		return answer{}, err
	}
	topic, err := sub.topicNow()
	if err != nil {
		return answer{}, fmt.Errorf("read topic %d: %w", sub.Topic, err)
	}
	found, hidden, err := b.preview(ctx, r, sub, topic)
	text := join("\n", r.say.Say("subscribed_again", Values{"Topic": sub.Label}), r.foundText(sub, found, hidden))
	return followed{sub: sub, text: text}.answer(r), err
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
