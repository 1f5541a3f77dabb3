package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidings/bot/telegram"
	"tidings/digest"
)

// More of what a story is like, or less: what [Why?] offers to do about the topic that
// it came for.

const whySamples = 2 // of a topic that finds stories alike

// subscriptionOf finds what the chat follows now of the topic that a story came for:
// the topic itself, the same followed anew, or what editing made of it.
func (b *Bot) subscriptionOf(ctx context.Context, r *request, x Reason) (Subscription, bool, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if !x.byTopic() || err != nil {
		return Subscription{}, false, err
	}
	i := -1
	if topic, err := digest.ParseTopic(x.Label); err == nil {
		i = slices.IndexFunc(subs, func(s Subscription) bool { return s.Text == topic.Text })
	}
	if i < 0 {
		i = slices.IndexFunc(subs, func(s Subscription) bool { return s.Topic == x.Topic })
	}
	if i < 0 {
		i = slices.IndexFunc(subs, func(s Subscription) bool { return strings.HasPrefix(s.Label, x.Label+" -") })
	}
	if i < 0 {
		return Subscription{}, false, nil
	}
	return subs[i], true, nil
}

// topicNow is what a subscription asks for.
func (s Subscription) topicNow() (digest.Topic, error) {
	t, err := digest.ParseTopic(s.Label)
	if err != nil || t.Text != s.Text {
		return digest.ParseTopic(s.Text)
	}
	return t, nil
}

// whyTopicGone answers when the topic that a story came for is not followed any more.
func (r *request) whyTopicGone(t told) answer {
	var keys keyboard
	keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
	return answer{text: r.say.Say("topic_gone", nil), keyboard: keys.rows}
}

// storyOf is the story that a button means, with its articles while they are kept, under
// the headline that the reader saw.
func (b *Bot) storyOf(ctx context.Context, r *request, t told) (digest.Story, error) {
	stories, err := b.toldNow(ctx, r, []Reason{t.Reason})
	s := stories[t.Story]
	s.Title, s.Language = t.Title, t.Language
	return s, err
}

// whyWords offers words of the headline that the topic may leave out.
func (b *Bot) whyWords(ctx context.Context, r *request, t told, sub Subscription) (answer, error) {
	topic, err := sub.topicNow()
	if err != nil {
		return answer{}, fmt.Errorf("read topic %d: %w", sub.Topic, err)
	}
	story, err := b.storyOf(ctx, r, t)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	key := "why_words_none"
	for _, n := range topic.Narrowed(story) {
		key = "why_words"
		keys.add(2, r.say.Plain("button_without", Values{"Word": shorten(n.Word, whyWord)}), t.data("whynot", fmt.Sprintf("%d-%d", n.At, n.At+len(n.Word))))
	}
	keys.row(r.say.Plain("button_edit", nil), "edit:"+strconv.FormatInt(int64(sub.Topic), 36))
	keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
	return answer{text: r.say.Say(key, Values{"Topic": sub.Label}), keyboard: keys.rows}, nil
}

// whyNot leaves a word of the headline out of the topic, as /topics would. A
// second press says the same again.
func (b *Bot) whyNot(ctx context.Context, r *request, t told, sub Subscription) (answer, error) {
	if n, ok := narrowerAt(sub.Label, t); ok {
		return r.backToWhy(t)(b.retopic(ctx, r, sub, n.Topic))
	}
	n, ok := narrowerAt(t.Label, t)
	former, left := strings.CutSuffix(sub.Label, strings.TrimPrefix(n.Topic.Label, t.Label))
	topic, err := sub.topicNow()
	if !ok || !left || err != nil {
		return b.whyWords(ctx, r, t, sub)
	}
	return r.backToWhy(t)(b.retopicked(ctx, r, former, sub, topic))
}

// narrowerAt finds what a topic becomes without the words that a button means, "<from>-<to>".
func narrowerAt(label string, t told) (digest.Narrower, bool) {
	topic, err := digest.ParseTopic(label)
	if err != nil {
		return digest.Narrower{}, false
	}
	first, last, _ := strings.Cut(t.what, "-")
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil {
		return digest.Narrower{}, false
	}
	return topic.Without(t.Title, from, to, t.Language)
}

// backToWhy puts a way back to the story under an answer.
func (r *request) backToWhy(t told) func(answer, error) (answer, error) {
	return func(a answer, err error) (answer, error) {
		keys := keyboard{rows: a.keyboard}
		keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
		a.keyboard = keys.rows
		return a, err
	}
}

// whyLess asks what there should be less of.
func (b *Bot) whyLess(ctx context.Context, r *request, t told) (answer, error) {
	sub, follows, err := b.subscriptionOf(ctx, r, t.Reason)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	if follows {
		keys.row(r.say.Plain("button_exclude", nil), t.data("whywords"))
		r.breadthKey(&keys, t, sub, -1)
	}
	keys.row(r.say.Plain("button_mute_source", nil), t.data("whyhosts"))
	if languageName(t.Language) != "" && t.Language != digest.UnknownLanguage && t.Language != r.chat.Language {
		keys.row(r.say.Plain("button_why_languages", nil), "settings:stories")
	}
	keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
	return answer{text: r.say.Say("why_less", nil), keyboard: keys.rows}, nil
}

// breadthKey offers the next narrower (-1) or broader (1) breadth, if there is one.
func (r *request) breadthKey(keys *keyboard, t told, sub Subscription, step int) {
	i := breadthAt(sub.Breadth.String()) + step
	if i >= 0 && i < len(breadths) {
		next := breadths[i].Breadth.String()
		keys.row(r.say.Plain("button_why_"+next, Values{"Topic": shorten(sub.Label, whyWord)}), t.data("whybreadth", next+"."+sub.Breadth.String()))
	}
}

// whyBreadth chooses another breadth for the topic, and tells so with a way back to
// what it was. A second press says the same again.
func (b *Bot) whyBreadth(ctx context.Context, r *request, t told, sub Subscription) (answer, error) {
	name, was, _ := strings.Cut(t.what, ".")
	i := breadthAt(name)
	if i < 0 {
		return b.whyOf(ctx, r, t)
	}
	former := cmp.Or(was, sub.Breadth.String())
	sub.Breadth = breadths[i].Breadth
	if err := b.shelf.Broaden(ctx, r.chat.ID, sub.Topic, sub.Breadth); err != nil {
		return answer{}, err
	}
	var keys keyboard
	keys.row(r.say.Plain("button_undo", nil), t.data("whybreadth", former+"."+name))
	return r.backToWhy(t)(answer{text: r.say.Say(breadths[i].card, Values{"Topic": sub.Label}), keyboard: keys.rows}, nil)
}

// whyMore offers topics made of the story's names and rare words, with what each
// finds, and the topic itself in its next breadth.
func (b *Bot) whyMore(ctx context.Context, r *request, t told) (answer, error) {
	sub, follows, err := b.subscriptionOf(ctx, r, t.Reason)
	if err != nil {
		return answer{}, err
	}
	parts, keys, title, err := b.alike(ctx, r, t)
	if err != nil {
		return answer{}, err
	}
	if follows {
		r.breadthKey(&keys, t, sub, 1)
	}
	keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
	text := join("\n\n", append([]telegram.Text{r.say.Say(title, nil)}, parts...)...)
	return answer{text: text, keyboard: keys.rows}, nil
}

// alike tells of topics that find stories like one, and what they found in the last
// days, with a button each, under a title. Those that find nothing beyond what is followed
// are left out; those that find no other story are offered for what is to come, if there are
// none better.
func (b *Bot) alike(ctx context.Context, r *request, t told) (parts []telegram.Text, keys keyboard, title string, err error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return nil, keys, "", err
	}
	ears, err := b.shelf.Ears(ctx, r.chat.ID)
	if err != nil {
		return nil, keys, "", err
	}
	story, err := b.storyOf(ctx, r, t)
	if err != nil {
		return nil, keys, "", err
	}
	var lone keyboard
	for _, topic := range digest.Likes(story) {
		data := "follow:0:" + topic.Label
		if len(data) > maxCallbackData || followsWithin(subs, topic, t.Language) {
			continue
		}
		got, err := b.findFor(ctx, r, topic, ears)
		if err != nil {
			return nil, keys, "", err
		}
		all := len(got.stories)
		found := slices.DeleteFunc(got.stories, func(m digest.MatchedStory) bool { return m.Story.ID == t.Story })
		if len(found) == 0 {
			if all > 0 {
				lone.row(r.say.Plain("button_follow", Values{"Topic": shorten(topic.Label, 30)}), data)
			}
			continue
		}
		sample := found[:min(len(found), whySamples)]
		if err := b.tellSamples(ctx, ears, topic, sample); err != nil {
			return nil, keys, "", err
		}
		var list telegram.Builder
		list.Append(r.say.Say("why_more_topic", Values{"Topic": topic.Label, "Count": all}))
		for _, m := range sample {
			list.Plain("\n• ")
			link(&list, isolate(tidy(m.Story.Title, whyRunes)), m.Story.Address)
		}
		parts = append(parts, list.Text())
		keys.row(r.say.Plain("button_follow", Values{"Topic": shorten(topic.Label, 30)}), data)
	}
	switch {
	case len(parts) > 0:
		return parts, keys, "why_more", nil
	case len(lone.rows) > 0:
		return nil, lone, "why_more_lone", nil
	}
	return nil, keys, "why_more_none", nil
}

// followsWithin tells whether what fits a topic comes for one that is followed anyway.
func followsWithin(subs []Subscription, t digest.Topic, language string) bool {
	return slices.ContainsFunc(subs, func(s Subscription) bool {
		o, err := s.topicNow()
		return err == nil && !s.Muted && t.Within(o, language)
	})
}
