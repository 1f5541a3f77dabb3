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

// Following topics: one, several, one that finds the same as another, one that was
// removed, and what each finds.

// previewSpan is how far back a new topic is searched: its count and samples.
const previewSpan = 7 * 24 * time.Hour

// samples is how many headlines show what a new topic finds.
const samples = 3

// subscribe follows the topics named, comma-separated, or asks for one.
func (b *Bot) subscribe(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		return b.askTopic(r), nil
	}
	if pastedAddress(r.args) {
		return b.offerSource(ctx, r)
	}
	topics, wrong := digest.ParseTopics(r.args)
	switch {
	case len(topics)+len(wrong) > 1:
		return b.followSeveral(ctx, r, topics, wrong)
	case len(wrong) > 0:
		return answer{text: r.topicError(wrong[0])}, nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	if same, ok := r.sameTopic(topics[0], subs); ok {
		return r.offerSame(topics[0], same), nil
	}
	f, err := b.follow(ctx, r, topics[0])
	if err != nil || f.refused != nil {
		return answer{text: f.refusal()}, err
	}
	f.first, err = b.firstEdition(ctx, r)
	return f.answer(r), err
}

// sameTopic finds among what is followed in other words what finds the same stories in a
// language of the chat's.
func (r *request) sameTopic(t digest.Topic, subs []Subscription) (Subscription, bool) {
	i := slices.IndexFunc(subs, func(s Subscription) bool { return s.Text == t.Text })
	if i >= 0 {
		return Subscription{}, false // what is followed already is told otherwise
	}
	languages := ownLanguages(r.chat, subs)
	senses := t.Senses(languages...)
	i = slices.IndexFunc(subs, func(s Subscription) bool {
		return slices.ContainsFunc(r.sensesOf(s, languages), func(sense string) bool { return slices.Contains(senses, sense) })
	})
	if i < 0 {
		return Subscription{}, false
	}
	return subs[i], true
}

// sensesOf returns what a subscription asks for by stems. It is worked out once for a request,
// as each topic of a list is held against all that is followed.
func (r *request) sensesOf(s Subscription, languages []string) []string {
	key := strings.Join(languages, " ") + " " + s.Text
	senses, ok := r.senses[key]
	if !ok {
		if t, err := digest.ParseTopic(s.Text); err == nil {
			senses = t.Senses(languages...)
		}
		if r.senses == nil {
			r.senses = make(map[string][]string)
		}
		r.senses[key] = senses
	}
	return senses
}

// offerSame says that what is followed finds the same, and lets the reader insist.
func (r *request) offerSame(t digest.Topic, same Subscription) answer {
	var keys keyboard
	keys.row(r.say.Plain("button_follow_same", Values{"Topic": shorten(t.Label, 30)}), topicData("follow:2:", t.Label))
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{text: r.say.Say("subscribed_same", Values{"Topic": t.Label, "Known": same.Label}), keyboard: keys.rows}
}

func (b *Bot) askTopic(r *request) answer {
	return answer{text: r.say.Say("subscribe_ask", nil), keyboard: r.suggest("follow:0:")}
}

// followed is what following a topic came to.
type followed struct {
	sub     Subscription
	known   bool   // it was followed before
	found   sifted // of the last days
	first   bool   // the chat's first edition comes with it
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
	r.meantKey(&keys, "button_meant_follow", "reword:"+id+":", f.found.meant)
	r.anyLanguageKey(&keys, f.found)
	return answer{text: join("\n\n", f.text, r.firstWords(f.first, len(f.found.stories))), keyboard: keys.rows}
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
	return r.say.Say(key, Values{"Schedule": r.scheduleWords(r.chat.Schedule), "Zone": r.zoneAside(), "Languages": r.languagesWords()})
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
	wider, err := b.readFor(ctx, r, t)
	if err != nil {
		return followed{}, err
	}
	found, err := b.preview(ctx, r, sub, t)
	if err != nil {
		return followed{}, err
	}
	if found.reads {
		wider = r.readsNow()
	}
	f := followed{sub: sub, known: !isNew, found: found, text: r.followedText(sub, isNew, found)}
	f.text = join("\n\n", f.text, wider)
	return f, nil
}

// readFor has the chat read the languages that topics it follows are written in or ask
// for, and says so: nothing would come of them otherwise.
func (b *Bot) readFor(ctx context.Context, r *request, topics ...digest.Topic) (said telegram.Text, err error) {
	if r.chat.readingFor(topics...) == r.chat.Settings {
		return said, nil
	}
	c, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Settings = c.readingFor(topics...)
		return nil
	})
	if err != nil {
		return said, err
	}
	r.chat = c
	return r.readsNow(), nil
}

// readsNow says which languages the chat reads from now on.
func (r *request) readsNow() telegram.Text {
	return r.say.Say("subscribed_languages", Values{"Languages": r.languagesWords()})
}

// readingFor is s with the languages that topics ask for, or that their writing tells where
// s reads none of these.
func (s Settings) readingFor(topics ...digest.Topic) Settings {
	if s.StoryLanguages == "" {
		return s
	}
	for _, t := range topics {
		languages := t.Languages()
		if len(languages) == 0 {
			if languages = writtenIn(t.Label); slices.ContainsFunc(languages, s.reads) {
				continue
			}
		}
		for _, l := range languages {
			if !s.reads(l) {
				s.readLanguage(l, true)
			}
		}
	}
	return s
}

// What a topic found is sifted for a chat.
type sifted struct {
	stories  []digest.MatchedStory
	hidden   int    // besides, left out by the languages that the chat reads and whom it muted
	unread   int    // of these, by languages
	tongue   string // the language of most of the unread, if it is one of nearly all
	inTongue int    // of the unread
	reads    bool   // tongue was read, for nothing was found otherwise
	meant    string // another topic, when there is nothing of this
}

// preview fills a topic from the last days and returns what of it the chat would
// be shown, the samples as they would be.
func (b *Bot) preview(ctx context.Context, r *request, sub Subscription, t digest.Topic) (f sifted, err error) {
	ears, err := b.shelf.Ears(ctx, r.chat.ID)
	if err != nil {
		return f, err
	}
	found, err := b.find.Backfill(ctx, sub.Topic, t, r.now.Add(-previewSpan), ears.Own...)
	if err != nil {
		return f, err
	}
	found = slices.DeleteFunc(found, func(m digest.MatchedStory) bool { return !sub.Breadth.Takes(m.Match) })
	if f, err = b.siftFor(ctx, r.chat.Settings, ears, found); err != nil { // what its digests will tell of
		return f, err
	}
	if f.reads {
		r.chat, err = b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
			c.readLanguage(f.tongue, true)
			return nil
		})
		if err != nil {
			return f, err
		}
	}
	if err := b.guessMeant(ctx, r, t, ears, &f); err != nil {
		return f, err
	}
	return f, b.tellSamples(ctx, ears, t, f.stories[:min(len(f.stories), samples)])
}

// sift leaves out what the chat does not read, or does not want to hear.
func (b *Bot) sift(ctx context.Context, s Settings, ears Ears, found []digest.MatchedStory) (f sifted, err error) {
	all := len(found)
	unread := map[string]int{}
	for _, m := range found {
		if m.Story.Circle == 0 && !s.reads(m.Story.Language) {
			f.unread++
			unread[m.Story.Language]++
		}
	}
	for l, n := range unread {
		if 4*n >= 3*f.unread && languageName(l) != "" {
			f.tongue, f.inTongue = l, n
		}
	}
	f.stories, err = b.heard(ctx, ears, s.readable(found))
	f.hidden = all - len(f.stories)
	return f, err
}

// leastInTongue is how many stories tell that a topic is of their language; one may be
// chance.
const leastInTongue = 2

// siftFor sifts what a topic found. One of which there is nothing but in another language is
// taken for a topic in that language, which is read for it then: somebody who follows
// Bundestag gets German stories, where names that English ones tell, too, bring in none.
func (b *Bot) siftFor(ctx context.Context, s Settings, ears Ears, found []digest.MatchedStory) (sifted, error) {
	f, err := b.sift(ctx, s, ears, slices.Clone(found))
	if err != nil || f.hidden > f.unread || len(f.stories) > 0 || f.inTongue < leastInTongue {
		return f, err
	}
	wide := s
	if wide.readLanguage(f.tongue, true); !wide.reads(f.tongue) {
		return f, nil
	}
	w, err := b.sift(ctx, wide, ears, found)
	w.tongue, w.inTongue, w.reads = f.tongue, f.inTongue, true
	return w, err
}

// anyLanguageKey offers to read another language, or any, when that hides something.
func (r *request) anyLanguageKey(keys *keyboard, f sifted) {
	switch {
	case f.unread > 0 && f.tongue != "" && !f.reads:
		keys.row(r.say.Plain("button_language", Values{"Count": f.inTongue, "Language": r.say.languageName(f.tongue)}), "set:read:"+f.tongue)
	case f.unread > 0:
		keys.row(r.say.Plain("button_any_language", Values{"Count": f.unread}), "set:any:")
	}
}

// tellSamples puts the stories that a topic found in, where only one article's words stood.
func (b *Bot) tellSamples(ctx context.Context, ears Ears, t digest.Topic, found []digest.MatchedStory) error {
	ids := make([]digest.StoryID, len(found))
	for i, m := range found {
		ids[i] = m.Story.ID
	}
	stories, err := b.shelf.StoriesByID(ctx, ids)
	if err != nil {
		return err
	}
	topics := map[digest.StoryID]digest.Topic{}
	for i, s := range stories {
		stories[i], _ = ears.Muted.Relead(s)
		topics[s.ID] = t
	}
	err = releadAll(ctx, b.shelf, ears.Muted, stories, topics)
	for _, s := range stories {
		found[slices.Index(ids, s.ID)].Story = s
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

// guessMeant finds what may have been meant by a topic that found nothing.
func (b *Bot) guessMeant(ctx context.Context, r *request, t digest.Topic, ears Ears, f *sifted) (err error) {
	if len(f.stories) == 0 && f.hidden == 0 {
		f.meant, err = b.find.Suggest(ctx, t, r.say.lang, r.now.Add(-searchSpan), ears.Own...)
	}
	return err
}

// meant asks whether another topic was meant.
func (r *request) meant(other string) telegram.Text {
	if other == "" {
		return telegram.Text{}
	}
	return r.say.Say("meant_other", Values{"Topic": other})
}

// meantKey offers what meant asks about in one tap; one too long for a button is typed.
func (r *request) meantKey(keys *keyboard, key, verb, other string) {
	if data := topicData(verb, other); data != verb {
		keys.row(r.say.Plain(key, Values{"Topic": shorten(other, 30)}), data)
	}
}

func (r *request) followedText(sub Subscription, isNew bool, found sifted) telegram.Text {
	key := "subscribed"
	if !isNew {
		key = "subscribed_already"
	}
	return join("\n", r.say.Say(key, Values{"Topic": sub.Label}), r.foundText(found))
}

// foundText tells what the last days have on a topic: how many stories, and a
// few of them.
func (r *request) foundText(f sifted) telegram.Text {
	found := f.stories
	var t telegram.Builder
	switch {
	case len(found) == 0 && f.hidden > 0:
		return r.say.Say("subscribed_hidden", Values{"Count": f.hidden})
	case len(found) == 0:
		return join("\n", r.say.Say("subscribed_none", nil), r.meant(f.meant))
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
	found, err := b.preview(ctx, r, sub, topic)
	text := join("\n", r.say.Say("subscribed_again", Values{"Topic": sub.Label}), r.foundText(found))
	if found.reads {
		text = join("\n\n", text, r.readsNow())
	}
	if sub.Muted {
		text = join("\n\n", text, r.say.Say("subscribed_again_muted", nil))
	}
	return followed{sub: sub, found: found, text: text}.answer(r), err
}
