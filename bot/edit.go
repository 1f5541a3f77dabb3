package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest"
)

// editFor is how long new words for a topic are waited for: who types
// something tomorrow means something else.
const editFor = time.Hour

// What may be expected.
const (
	expectEdit     = "edit"   // new words for a topic
	expectAudience = "cast"   // the topic whose followers a broadcast is for
	expectSource   = "source" // a source's address
	expectImport   = "import" // a file
)

// An expectation is what a chat's next plain message answers. It stands in
// Chat.Expects as "<kind>:<about>:<message>:<unix seconds>".
type expectation struct {
	kind    string
	about   string // the topic or broadcast, in the digits of buttons; "" for what is asked of the chat
	message int64  // the bot's message that asks; 0 when the question had not been sent yet
	until   time.Time
}

func (e expectation) String() string {
	return fmt.Sprintf("%s:%s:%d:%d", e.kind, e.about, e.message, e.until.Unix())
}

func readExpectation(s string) (e expectation, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 4 || !slices.Contains([]string{expectEdit, expectAudience, expectSource, expectImport}, parts[0]) {
		return e, false
	}
	message, err := strconv.ParseInt(parts[2], 10, 64)
	until, err2 := strconv.ParseInt(parts[3], 10, 64)
	return expectation{parts[0], parts[1], message, time.Unix(until, 0)}, err == nil && err2 == nil
}

// expects says whether the message answers what the chat was asked; among
// several people only a reply to the question does.
func (r *request) expects() bool {
	e, ok := readExpectation(r.here.Expects)
	if !ok || r.now.After(e.until) || (e.kind == expectImport) != (r.given.Document != nil) || e.kind != expectImport && r.given.Text == "" {
		return false
	}
	// what came without a reply to the bot was left aside before
	return !r.group() || r.given.ReplyToMessage != nil && (e.message == 0 || r.given.ReplyToMessage.ID == e.message)
}

// ask puts a question that the chat's next message answers.
func (b *Bot) ask(ctx context.Context, r *request, kind, key string) (answer, error) {
	e := expectation{kind: kind, until: r.now.Add(editFor)}
	if r.under != nil {
		e.message = r.under.ID
	}
	err := b.expect(ctx, r, e)
	var keys keyboard
	keys.row(r.say.Plain("button_cancel", nil), "unask:")
	return answer{text: r.say.Say(key, nil), keyboard: keys.rows}, err
}

// pressUnask takes a question back and shows what feeds the chat.
func (b *Bot) pressUnask(ctx context.Context, r *request) (answer, error) {
	if err := b.expectNothing(ctx, r); err != nil {
		return answer{}, err
	}
	r.args = ""
	return b.sources(ctx, r)
}

// expect waits for an answer to the message that asks.
func (b *Bot) expect(ctx context.Context, r *request, e expectation) error {
	_, err := b.shelf.ChangeChat(ctx, r.here.ID, func(c *Chat) error {
		c.Expects = e.String()
		return nil
	})
	return err
}

// expectNothing ends the waiting for new words.
func (b *Bot) expectNothing(ctx context.Context, r *request) error {
	if r.here.Expects == "" {
		return nil
	}
	c, err := b.shelf.ChangeChat(ctx, r.here.ID, func(c *Chat) error {
		c.Expects = ""
		return nil
	})
	if err == nil {
		r.changed(c)
	}
	return err
}

// pressEdit asks for a topic's new words; the chat's next message is them.
func (b *Bot) pressEdit(ctx context.Context, r *request) (answer, error) {
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	e := expectation{expectEdit, strconv.FormatInt(int64(sub.Topic), 36), r.under.ID, r.now.Add(editFor)}
	err = b.expect(ctx, r, e)
	key := "edit_ask"
	if r.group() {
		key = "edit_ask_group"
	}
	var keys keyboard
	keys.row(r.say.Plain("button_cancel", nil), "unedit:"+e.about)
	return answer{text: r.say.Say(key, Values{"Topic": sub.Label}), keyboard: keys.rows}, err
}

// pressUnedit takes the question back.
func (b *Bot) pressUnedit(ctx context.Context, r *request) (answer, error) {
	if err := b.expectNothing(ctx, r); err != nil {
		return answer{}, err
	}
	return b.pressTopic(ctx, r)
}

// takeExpected reads the message that the chat was asked for. What cannot be
// understood leaves everything as it was, and the question open.
func (b *Bot) takeExpected(ctx context.Context, r *request) (answer, error) {
	e, _ := readExpectation(r.here.Expects)
	switch e.kind {
	case expectAudience:
		return b.takeAudience(ctx, r, e)
	case expectSource:
		if _, err := digest.SourceAddress(r.given.Text, r.chat.Language); err != nil {
			return answer{text: r.sourceError(err, r.given.Text)}, nil
		}
		if err := b.expectNothing(ctx, r); err != nil {
			return answer{}, err
		}
		return b.addSource(ctx, r, r.given.Text)
	case expectImport:
		if err := b.expectNothing(ctx, r); err != nil {
			return answer{}, err
		}
		return b.importFile(ctx, r)
	}
	return b.takeEdit(ctx, r, e)
}

// takeEdit reads new words for a topic. Words that cannot be understood leave
// everything as it was, and the question open.
func (b *Bot) takeEdit(ctx context.Context, r *request, e expectation) (answer, error) {
	topic, err := digest.ParseOneTopic(r.given.Text)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	r.args = e.about
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
	return b.retopic(ctx, r, old, topic)
}

// retopic gives a topic new words, and shows what it finds now with a way back.
func (b *Bot) retopic(ctx context.Context, r *request, old Subscription, topic digest.Topic) (answer, error) {
	sub, err := b.shelf.Retopic(ctx, r.chat.ID, old.Topic, topic, r.now)
	switch {
	case errors.Is(err, digest.ErrExists):
		return answer{text: r.say.Say("edit_exists", Values{"Topic": topic.Label})}, nil
	case errors.Is(err, digest.ErrNotFound): // changed or removed in the same moment
		return answer{text: r.say.Say("topic_gone", nil)}, nil
	case err != nil:
		return answer{}, err
	}
	return b.retopicked(ctx, r, old.Label, sub, topic)
}

// retopicked tells what a topic became, and what was its label.
func (b *Bot) retopicked(ctx context.Context, r *request, former string, sub Subscription, topic digest.Topic) (answer, error) {
	wider, err := b.readFor(ctx, r, topic)
	if err != nil {
		return answer{}, err
	}
	found, err := b.preview(ctx, r, sub, topic)
	if err != nil {
		return answer{}, err
	}
	if found.reads {
		wider = r.readsNow()
	}
	text := join("\n", r.say.Say("edit_done", Values{"Old": former, "Topic": sub.Label}), r.foundText(found))
	text = join("\n\n", text, wider)
	var keys keyboard
	id := strconv.FormatInt(int64(sub.Topic), 36)
	keys.add(2, r.say.Plain("button_edit", nil), "edit:"+id)
	keys.add(2, r.say.Plain("button_undo", nil), topicData("reword:"+id+":", former)) // the old words stand first in the message
	r.meantKey(&keys, "button_meant_follow", "reword:"+id+":", found.meant)
	r.anyLanguageKey(&keys, found)
	return answer{text: text, keyboard: keys.rows}, nil
}

// pressReword gives a topic other words: "<topic>:<its former words>", which takes an edit
// back, or what may have been meant. A topic that was removed or changed again meanwhile
// stays as it is.
func (b *Bot) pressReword(ctx context.Context, r *request) (answer, error) {
	id, words, _ := strings.Cut(r.args, ":")
	r.args = id
	now, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	former, err := digest.ParseTopic(topicOf(words, r.under))
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	sub, err := b.shelf.Retopic(ctx, r.chat.ID, now.Topic, former, r.now)
	if errors.Is(err, digest.ErrExists) {
		return answer{text: r.say.Say("edit_exists", Values{"Topic": former.Label})}, nil
	}
	if err != nil {
		return answer{}, err
	}
	return b.retopicked(ctx, r, now.Label, sub, former)
}
