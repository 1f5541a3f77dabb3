package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"tidings/bot/telegram"
	"tidings/digest"
)

// Several topics at once: followed, told of, taken back.

const (
	severalSamples = 5  // topics up to which each shows a headline
	severalCards   = 10 // up to which each has a button
	severalLabel   = 40 // runes of one
)

// followSeveral follows topics and lists them with what they find, as many as the chat may
// have, and says which it followed already and what is wrong with others.
func (b *Bot) followSeveral(ctx context.Context, r *request, topics []digest.Topic, wrong []*digest.TopicError) (answer, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	var fresh []followed
	var known, full telegram.Builder
	var all sifted
	read := r.chat.StoryLanguages
	for _, t := range topics {
		if same, ok := r.sameTopic(t, subs); ok {
			known.Plain("\n• ").Append(r.say.Say("subscribed_known_same", Values{"Topic": shorten(t.Label, severalLabel), "Known": shorten(same.Label, severalLabel)}))
			continue
		}
		f, err := b.follow(ctx, r, t)
		if err != nil {
			return answer{}, err
		}
		if f.refused != nil {
			full.Append(*f.refused)
			break
		}
		if f.known {
			known.Plain("\n• ").Code(shorten(f.sub.Label, severalLabel))
			continue
		}
		fresh = append(fresh, f)
		all.stories = append(all.stories, f.found.stories...)
		all.unread += f.found.unread // of whatever languages
		subs = append(subs, f.sub)
	}
	var parts []telegram.Text
	first := false
	if len(fresh) > 0 {
		parts = append(parts, r.severalText(fresh))
		first, err = b.firstEdition(ctx, r)
	}
	if held := known.Text(); held.Text != "" {
		parts = append(parts, join("\n", r.say.Say("subscribed_known", nil), held))
	}
	if r.chat.StoryLanguages != read {
		parts = append(parts, r.readsNow())
	}
	text := join("\n\n", append(parts, r.wrongTopics(wrong), full.Text(), r.firstWords(first, len(all.stories)))...)
	return answer{text: text, keyboard: r.severalKeys(fresh, all)}, err
}

// severalText lists topics just followed, each with what it found.
func (r *request) severalText(fresh []followed) telegram.Text {
	var list telegram.Builder
	for _, f := range fresh {
		found := f.found.stories
		list.Plain("\n• ").Code(shorten(f.sub.Label, severalLabel)).Plain(" – ")
		switch {
		case len(found) == 0 && f.found.hidden > 0:
			list.Append(r.say.Say("several_hidden", Values{"Count": f.found.hidden}))
		case len(found) == 0 && f.found.meant != "":
			list.Append(r.say.Say("several_none", nil)).Plain(". ").Append(r.meant(f.found.meant))
		case len(found) == 0:
			list.Append(r.say.Say("several_none", nil))
		default:
			list.Append(r.say.Say("several_found", Values{"Count": len(found)}))
			if len(fresh) <= severalSamples {
				list.Plain(": ")
				link(&list, isolate(tidy(found[0].Story.Title, whyRunes)), found[0].Story.Address)
			}
		}
	}
	return join("\n", r.say.Say("subscribed_several", Values{"Count": len(fresh)}), list.Text())
}

// severalKeys lead to each topic's card, if they are few, and take them all back.
func (r *request) severalKeys(fresh []followed, all sifted) [][]telegram.Button {
	var keys keyboard
	if len(fresh) <= severalCards {
		for _, f := range fresh {
			keys.add(2, shorten(f.sub.Label, severalLabel), "topic:"+strconv.FormatInt(int64(f.sub.Topic), 36))
		}
	}
	r.anyLanguageKey(&keys, all)
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	if len(fresh) > 0 {
		keys.add(2, r.say.Plain("button_undo_all", nil), "dropall:")
	}
	return keys.rows
}

// pressDropAll stops following the topics that the message says it began to follow, those of
// them that still are.
func (b *Bot) pressDropAll(ctx context.Context, r *request) (answer, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	var list telegram.Builder
	n := 0
	for _, label := range listedTopics(r.under) {
		i := len(subs) - 1 // of those that are listed alike the one that was followed last
		for i >= 0 && shorten(subs[i].Label, severalLabel) != label {
			i--
		}
		if i < 0 {
			continue
		}
		if _, err := b.shelf.Unfollow(ctx, r.chat.ID, subs[i].Topic); err != nil {
			return answer{}, err
		}
		list.Plain("\n• ").Code(label)
		subs = slices.Delete(subs, i, i+1)
		n++
	}
	if n == 0 {
		return b.topics(ctx, r)
	}
	var keys keyboard
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{text: join("\n", r.say.Say("unsubscribed_several", Values{"Count": n}), list.Text()), keyboard: keys.rows}, nil
}

// listedTopics are the labels of severalText in a message: what is code at the beginning of
// a line, up to the first empty one.
func listedTopics(m *telegram.Incoming) (labels []string) {
	if m == nil {
		return nil
	}
	head, _, _ := strings.Cut(m.Text, "\n\n")
	units := utf16.Encode([]rune(head))
	for _, e := range m.Entities {
		if label, ok := m.EntityText(e); ok && e.Type == "code" && e.Offset >= 2 && e.Offset < len(units) && string(utf16.Decode(units[e.Offset-2:e.Offset])) == "• " {
			labels = append(labels, label)
		}
	}
	return labels
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
