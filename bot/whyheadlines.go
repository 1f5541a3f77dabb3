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

// [Why?] under headlines. What stands there is kept nowhere, so a button holds all that
// leads to it: the page, the story, and the words that found it. Why it stands there is
// found out anew, by the matcher that found it.

// headlineMark begins what a button holds about a story among headlines.
const headlineMark = "="

// A whyHeadline is a story on a page of headlines, as "=<list><first>/<size>/<story>/<something
// of it>[:<topic>]"; before a topic of the chat's is known by its words, what is its id.
type whyHeadline struct {
	list        string // one of those below
	first, size int
	story       digest.StoryID
	words       string // of the topic that found it
	under       bool   // words did not fit the button, and stand in the message
}

// The lists of headlines that a story may stand in.
const (
	listSearched = "s" // what fits words
	listTopics   = "t" // of the chat's topics
	listSources  = "o" // of the chat's own sources, among its topics'
	listTop      = "m" // the most reported
)

func (h whyHeadline) data(verb, what string) string {
	data := fmt.Sprintf("%s:%s%s%d/%d/%s/%s", verb, headlineMark, h.list, h.first, h.size, strconv.FormatInt(int64(h.story), 36), what)
	if h.words == "" {
		return data
	}
	return topicData(data+":", h.words)
}

// page is what a button holds about the page that the story stands on.
func (h whyHeadline) page(verb string) string {
	if h.list == listSearched {
		return pageData(verb, h.first, h.size, h.words)
	}
	return pageData(verb, h.first, h.size, "")
}

func readWhyHeadline(args string) (w whyPlace, ok bool) {
	place, words, named := strings.Cut(strings.TrimPrefix(args, headlineMark), ":")
	parts := strings.Split(place, "/")
	if len(parts) != 4 || len(parts[0]) == 0 {
		return w, false
	}
	h := whyHeadline{list: parts[0][:1], words: words, under: named && words == ""}
	h.first, h.size = readPlace(parts[0][1:] + "/" + parts[1])
	id, err := strconv.ParseInt(parts[2], 36, 64)
	h.story, w.what = digest.StoryID(id), parts[3]
	w.headline = h
	return w, err == nil && id != 0
}

// headlineWords stand above an answer if buttons under it cannot hold them.
func (r *request) headlineWords(h whyHeadline) telegram.Text {
	if h.words == "" || strings.HasSuffix(h.data("whybreadth", "normal.normal"), h.words) {
		return telegram.Text{}
	}
	return r.say.Say("latest_topic", Values{"Topic": h.words})
}

// toldHeadline finds why a story stands among headlines, also when what was muted since
// keeps it out of them. A story of somebody else's own source is none.
func (b *Bot) toldHeadline(ctx context.Context, r *request, t told) (told, bool, error) {
	h := &t.headline
	switch {
	case h.under:
		h.words = topicOf("", r.under)
	case h.list == listTopics && h.words == "":
		r.args = t.what
		sub, ok, err := b.pressedTopic(ctx, r)
		if !ok || err != nil {
			return t, false, err
		}
		h.words = sub.Label
	}
	stories, err := b.shelf.StoriesByID(ctx, []digest.StoryID{h.story})
	if err != nil || len(stories) == 0 {
		return t, false, err
	}
	ears, err := b.shelf.Ears(ctx, r.chat.ID)
	if err != nil {
		return t, false, err
	}
	if circle := stories[0].Circle; circle != 0 {
		if follows, err := b.followsSource(ctx, r, circle); !follows || err != nil {
			return t, false, err
		}
		ears.Own = []digest.SourceID{circle}
	}
	n := digest.Entry{}
	n.Story, _ = ears.Muted.Relead(stories[0])
	switch {
	case h.list == listSources:
		t.Reason = entryReason(n, 0, cmp.Or(n.Story.Outlet, n.Story.Host))
		return t, true, nil
	case h.words == "":
		t.Reason = entryReason(n, 0, "")
		t.Abstract = n.Story.Abstracted(digest.NormalLimits.Words)
		return t, true, nil
	}
	topic, err := digest.ParseTopic(h.words)
	if err != nil {
		return t, false, nil
	}
	found, err := b.find.Find(ctx, topic, r.now.Add(-searchSpan), maxFound, ears.Own...)
	i := slices.IndexFunc(found, func(m digest.MatchedStory) bool { return m.Story.ID == h.story })
	if i < 0 || err != nil {
		return t, false, err
	}
	led := []digest.Story{n.Story}
	if err := releadAll(ctx, b.shelf, ears.Muted, led, map[digest.StoryID]digest.Topic{n.Story.ID: topic}); err != nil {
		return t, false, err
	}
	n.Match, n.Story = found[i].Match, led[0]
	t.Reason = entryReason(n, 0, topic.Label)
	t.Abstract = n.Story.Abstracted(digest.NormalLimits.Words)
	sub, follows, err := b.subscriptionOf(ctx, r, t.Reason)
	if follows {
		t.Topic = sub.Topic
	}
	return t, true, err
}

// followsSource tells whether a source is the chat's own, muted or not.
func (b *Bot) followsSource(ctx context.Context, r *request, id digest.SourceID) (bool, error) {
	all, err := b.shelf.ChatSources(ctx, r.chat.ID)
	return slices.ContainsFunc(all, func(s ChatSource) bool { return s.ID == id && s.Followed }), err
}

// pressWhyPage tells why the headlines of a page stand in it, in their place.
func (b *Bot) pressWhyPage(ctx context.Context, r *request) (answer, error) {
	first, size, words := r.readPage()
	list, err := b.listFor(ctx, r, words)
	if err != nil || list.refused.Text != "" {
		return answer{text: list.refused}, err
	}
	if first >= len(list.stories) {
		return b.headlines(ctx, r, words, 0, size)
	}
	entries, err := b.entries(ctx, list, list.stories[first:min(first+size, len(list.stories))])
	if err != nil {
		return answer{}, err
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	var reasons []Reason
	stories := map[digest.StoryID]digest.Story{}
	for i, n := range entries {
		h := whyHeadline{first: first, size: size, story: n.Story.ID}
		h.list, h.words = list.foundBy(n, subs)
		label := h.words
		if h.list == listSources {
			label = cmp.Or(n.Story.Outlet, n.Story.Host)
		}
		reasons = append(reasons, entryReason(n, n.Match.Topic, label))
		stories[n.Story.ID] = n.Story
		topic := ""
		if h.list == listTopics { // its words may not fit, and several topics' stand in the message
			h.words, topic = "", strconv.FormatInt(int64(n.Match.Topic), 36)
		}
		keys.add(whyPerPage, strconv.Itoa(first+i+1), h.data("whyof", topic))
	}
	keys.row(r.say.Plain("button_back", nil), pageData("page:", first, size, words))
	text := join("\n\n", list.title, r.whyList(reasons, first, stories), r.say.Say("why_tap", nil))
	return answer{text: text, keyboard: keys.rows}, nil
}

// foundBy tells in which list a story stands, and the words of the topic that found it.
func (l headlineList) foundBy(n digest.Entry, subs []Subscription) (list, words string) {
	switch {
	case l.topic != nil:
		return listSearched, l.topic.Label
	case n.Match.Topic != 0:
		if i := slices.IndexFunc(subs, func(s Subscription) bool { return s.Topic == n.Match.Topic }); i >= 0 {
			return listTopics, subs[i].Label
		}
	case n.Match.Score > 0:
		return listSources, ""
	}
	return listTop, ""
}
