package bot

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"strconv"

	"golang.org/x/text/language"

	"tidings/bot/telegram"
	"tidings/digest"
)

// mark tells audiences apart in a button's data.
func (a Audience) mark() string {
	h := fnv.New32a()
	h.Write([]byte(a.Language + "\x00" + a.Topic))
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// castCard asks whom a previewed broadcast is for.
func (b *Bot) castCard(ctx context.Context, r *request, c Broadcast) (answer, error) {
	reach, err := b.shelf.AudienceReach(ctx, c.Audience)
	if err != nil {
		return answer{}, err
	}
	var t telegram.Builder
	t.Append(r.say.Say("broadcast_ask", nil)).Plain("\n\n").Append(r.audience(c.Audience)).Plain("\n")
	if reach.Chats > 0 {
		t.Append(r.say.Say("broadcast_reach", Values{"Count": reach.Chats, "Time": r.say.span(b.sendingTime(reach.Chats))}))
	} else {
		t.Append(r.say.Say("broadcast_nobody", nil))
	}
	if reach.Declined > 0 {
		t.Plain("\n").Append(r.say.Say("broadcast_declined", Values{"Count": reach.Declined}))
	}
	return answer{text: t.Text(), keyboard: r.castKeys(c, reach.Chats)}, nil
}

// audience names whom a broadcast is for.
func (r *request) audience(who Audience) telegram.Text {
	switch {
	case who.Topic != "":
		return r.say.Say("broadcast_to_topic", Values{"Topic": shorten(who.Topic, 100)})
	case who.Language != "":
		return r.say.Say("broadcast_to_language", Values{"Language": nameOf(who.Language)})
	}
	return r.say.Say("broadcast_to_all", nil)
}

// nameOf is a language's own name for itself, or its code.
func nameOf(code string) string { return cmp.Or(languageName(code), code) }

func (r *request) castKeys(c Broadcast, chats int) [][]telegram.Button {
	var keys keyboard
	keys.row(r.chosen(r.say.Plain("button_cast_all", nil), c.Audience == Audience{}), castData("all", c.ID))
	keys.add(2, r.chosen(r.say.Plain("button_cast_language", nil), c.Audience.Language != ""), castData("langs", c.ID, "0"))
	keys.row(r.chosen(r.say.Plain("button_cast_topic", nil), c.Audience.Topic != ""), castData("topics", c.ID, "0"))
	if chats > 0 {
		keys.row(r.say.Plain("button_send", Values{"Count": chats}), castData("go", c.ID, c.Audience.mark()))
	}
	keys.row(r.say.Plain("button_cancel", nil), castData("no", c.ID))
	return keys.rows
}

// aim chooses an audience and shows the card again.
func (b *Bot) aim(ctx context.Context, r *request, c Broadcast, who Audience) (answer, error) {
	if err := b.shelf.AimBroadcast(ctx, c.ID, who); err != nil {
		return answer{}, err
	}
	c.Audience = who
	return b.castCard(ctx, r, c)
}

func (b *Bot) castAll(ctx context.Context, r *request, c cast) (answer, error) {
	return b.aim(ctx, r, c.Broadcast, Audience{})
}

// castBack shows the card again, from a list of languages or topics.
func (b *Bot) castBack(ctx context.Context, r *request, c cast) (answer, error) {
	return b.aim(ctx, r, c.Broadcast, c.Audience)
}

// choices is how many languages or topics a page of buttons shows.
const choices = 8

// castLanguages lists the languages that chats have.
func (b *Bot) castLanguages(ctx context.Context, r *request, c cast) (answer, error) {
	if c.State != BroadcastDraft {
		return answer{}, digest.ErrExists
	}
	all, err := b.shelf.AudienceLanguages(ctx)
	if err != nil {
		return answer{}, err
	}
	first := pageStart(c.choice, len(all))
	var keys keyboard
	for _, l := range all[first:min(first+choices, len(all))] {
		label := r.say.Plain("button_cast_choice", Values{"Name": nameOf(l.Language), "Number": l.Chats})
		keys.add(2, label, castData("lang", c.ID, l.Language))
	}
	r.turnPage(&keys, "langs", c.ID, first, first+choices < len(all))
	return answer{text: r.say.Say("broadcast_which_language", nil), keyboard: keys.rows}, nil
}

// pageStart reads a page's first place, 0 for one that is not there.
func pageStart(choice string, n int) int {
	first, err := strconv.Atoi(choice)
	if err != nil || first < 0 || first >= n {
		return 0
	}
	return first
}

// turnPage adds the buttons to the pages before and after, and back to the
// card.
func (r *request) turnPage(keys *keyboard, act string, id BroadcastID, first int, more bool) {
	var turn []telegram.Button
	if first > 0 {
		turn = append(turn, telegram.Button{Text: r.say.Plain("button_cast_before", nil), Data: castData(act, id, strconv.Itoa(max(first-choices, 0)))})
	}
	if more {
		turn = append(turn, telegram.Button{Text: r.say.Plain("button_more", nil), Data: castData(act, id, strconv.Itoa(first+choices))})
	}
	if len(turn) > 0 {
		keys.rows = append(keys.rows, turn)
	}
	keys.row(r.say.Plain("button_back", nil), castData("card", id))
}

func (b *Bot) castLanguage(ctx context.Context, r *request, c cast) (answer, error) {
	tag, err := language.ParseBase(c.choice)
	if err != nil {
		return b.castBack(ctx, r, c)
	}
	return b.aim(ctx, r, c.Broadcast, Audience{Language: tag.String()})
}

// farthestTopic is how far the list of topics can be turned: what is further
// down is better typed.
const farthestTopic = 200

// castTopics lists the most followed topics; the words of any other may be
// typed.
func (b *Bot) castTopics(ctx context.Context, r *request, c cast) (answer, error) {
	if c.State != BroadcastDraft {
		return answer{}, digest.ErrExists
	}
	first := pageStart(c.choice, farthestTopic)
	all, err := b.shelf.AudienceTopics(ctx, first, choices+1)
	if err != nil {
		return answer{}, err
	}
	if err := b.expect(ctx, r, expectation{expectAudience, strconv.FormatInt(int64(c.ID), 36), r.under.ID, r.now.Add(editFor)}); err != nil {
		return answer{}, err
	}
	var keys keyboard
	for _, t := range all[:min(len(all), choices)] {
		label := r.say.Plain("button_cast_choice", Values{"Name": shorten(t.Text, 40), "Number": t.Chats})
		keys.row(label, castData("topic", c.ID, strconv.FormatInt(int64(t.Topic), 36)))
	}
	r.turnPage(&keys, "topics", c.ID, first, len(all) > choices && first+choices < farthestTopic)
	return answer{text: r.say.Say("broadcast_which_topic", nil), keyboard: keys.rows}, nil
}

func (b *Bot) castTopic(ctx context.Context, r *request, c cast) (answer, error) {
	id, err := strconv.ParseInt(c.choice, 36, 64)
	if err != nil {
		return b.castBack(ctx, r, c)
	}
	text, err := b.shelf.TopicText(ctx, digest.TopicID(id))
	if errors.Is(err, digest.ErrNotFound) { // its last follower left meanwhile
		return b.castTopics(ctx, r, cast{c.Broadcast, "0"})
	}
	if err != nil {
		return answer{}, err
	}
	return b.aim(ctx, r, c.Broadcast, Audience{Topic: text})
}

// takeAudience reads the words of the topic whose followers a broadcast is for.
// Words that nobody follows leave everything as it was, and the question open.
func (b *Bot) takeAudience(ctx context.Context, r *request, e expectation) (answer, error) {
	if !r.operator { // no admin any more
		if err := b.expectNothing(ctx, r); err != nil {
			return answer{}, err
		}
		r.args = r.given.Text
		return b.search(ctx, r)
	}
	topic, err := digest.ParseTopic(r.given.Text)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	who := Audience{Topic: topic.Text}
	reach, err := b.shelf.AudienceReach(ctx, who)
	if err != nil {
		return answer{}, err
	}
	if reach == (Reach{}) {
		return answer{text: r.say.Say("broadcast_no_followers", Values{"Topic": shorten(topic.Label, 100)})}, nil
	}
	if err := b.expectNothing(ctx, r); err != nil {
		return answer{}, err
	}
	id, _ := strconv.ParseInt(e.about, 36, 64)
	c, err := b.shelf.BroadcastByID(ctx, BroadcastID(id))
	if errors.Is(err, digest.ErrNotFound) || err == nil && c.Admin != r.here.ID {
		return answer{text: r.say.Say("broadcast_gone", nil)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	a, err := b.aim(ctx, r, c, who)
	if errors.Is(err, digest.ErrExists) {
		return answer{text: r.say.Say("broadcast_decided", nil)}, nil
	}
	return a, err
}
