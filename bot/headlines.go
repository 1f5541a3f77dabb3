package bot

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

const (
	pageSize    = HeadlinesPerPage
	maxPageSize = 10
	maxListed   = 100                // headlines one can page through
	maxFound    = 4 * maxListed      // where some are left out
	latestSpan  = 24 * time.Hour     // of /latest without a topic
	searchSpan  = 7 * 24 * time.Hour // of a topic: as long as stories are kept
)

// latest shows headlines now: for a topic, for the chat's topics, or the most
// reported stories. It never fetches and marks nothing as sent.
func (b *Bot) latest(ctx context.Context, r *request) (answer, error) {
	words, size, asked := splitCount(r.args)
	a, err := b.headlines(ctx, r, words, 0, size)
	if asked != "" {
		a.text = join("\n\n", a.text, r.say.Say("latest_sizes", Values{"Max": maxPageSize, "Asked": shorten(asked, 20), "Size": size}))
	}
	return a, err
}

// search shows headlines for plain text, with a button to follow it.
func (b *Bot) search(ctx context.Context, r *request) (answer, error) {
	return b.headlines(ctx, r, r.args, 0, pageSize)
}

// aCount is a number as somebody may write how many they want.
var aCount = regexp.MustCompile(`^[-−+]?\d+$`)

// splitCount takes a number at the end of "/latest climate 3" as how many. A
// number alone is a count, too. One beyond a limit is the limit; then beyond is
// what was asked.
func splitCount(args string) (words string, size int, beyond string) {
	fields := strings.Fields(args)
	if len(fields) == 0 || !aCount.MatchString(fields[len(fields)-1]) {
		return args, pageSize, ""
	}
	last := strings.Replace(fields[len(fields)-1], "−", "-", 1)
	n, _ := strconv.Atoi(last) // the nearest there is, for one too long to hold
	if size = min(max(n, 1), maxPageSize); n != size {
		beyond = last
	}
	return strings.Join(fields[:len(fields)-1], " "), size, beyond
}

// pressPage turns to another page: "<first>/<size>[:<topic>]".
func (b *Bot) pressPage(ctx context.Context, r *request) (answer, error) {
	first, size, words := r.readPage()
	return b.headlines(ctx, r, words, first, size)
}

// pageData is what a button holds about a page; readPage reads it, whoever forged it.
// Of the chat's own list no topic is named.
func pageData(verb string, first, size int, words string) string {
	data := verb + strconv.Itoa(first) + "/" + strconv.Itoa(size)
	if words == "" {
		return data
	}
	return topicData(data+":", words)
}

func (r *request) readPage() (first, size int, words string) {
	place, words, named := strings.Cut(r.args, ":")
	if named {
		words = topicOf(words, r.under)
	}
	first, size = readPlace(place)
	return first, size, words
}

// readPlace reads "<first>/<size>", within their limits.
func readPlace(place string) (first, size int) {
	from, sizes, _ := strings.Cut(place, "/")
	first, err := strconv.Atoi(from)
	if err != nil || first < 0 || first > maxListed {
		first = 0
	}
	size, err = strconv.Atoi(sizes)
	if err != nil || size < 1 || size > maxPageSize {
		size = pageSize
	}
	return first, size
}

// headlines shows a page of what fits the words, or the chat's topics when
// there are none.
func (b *Bot) headlines(ctx context.Context, r *request, words string, first, size int) (answer, error) {
	list, err := b.listFor(ctx, r, words)
	if err == nil && (list.hidden == 0 || len(list.stories) > 0) {
		if topics, wrong := digest.ParseTopics(words); len(topics) > 0 && len(topics)+len(wrong) > 1 && !list.quoted(topics) {
			return r.askWhich(words, topics, size), nil
		}
	}
	if list.refused.Text != "" || err != nil {
		return answer{text: list.refused}, err
	}
	if len(list.stories) == 0 {
		return answer{text: list.none, keyboard: r.pageKeys(list, 0, size)}, nil
	}
	if first >= len(list.stories) {
		first = 0
	}
	page := list.stories[first:min(first+size, len(list.stories))]
	entries, err := b.entries(ctx, list, page)
	if err != nil {
		return answer{}, err
	}
	text := RenderHeadlines(r.say, list.title, entries, RenderContext{Now: r.now, Zone: r.chat.Location()})
	return answer{text: text, keyboard: r.pageKeys(list, first, size)}, nil
}

// listedWords is how many words one of several topics has at most; a part of a headline has more.
const listedWords = 3

// quoted tells whether topics between commas are rather a headline with commas in it, of a
// story in the list: all are in the story's headline, or one is too long to be one of a list.
// Broad ones fit many a story together (sport, business) that is about one of them.
func (l headlineList) quoted(topics []digest.Topic) bool {
	if len(l.stories) > 0 && slices.ContainsFunc(topics, func(t digest.Topic) bool { return len(strings.Fields(t.Label)) > listedWords }) {
		return true
	}
	return slices.ContainsFunc(l.stories, func(m digest.MatchedStory) bool {
		headline := digest.NewDocument(m.Story.Title, "", nil, m.Story.Language)
		return !slices.ContainsFunc(topics, func(t digest.Topic) bool {
			_, fits := digest.MatchOne(t, headline)
			return !fits
		})
	})
}

// mostAsked bounds how many topics of a list get a button.
const mostAsked = 8

// askWhich asks whose headlines are wanted of several topics, and offers to follow them all.
func (r *request) askWhich(words string, topics []digest.Topic, size int) answer {
	words = strings.Join(strings.Fields(words), " ")
	var keys keyboard
	for _, t := range topics[:min(len(topics), mostAsked)] {
		r.meantKey(&keys, "button_meant", pageData("page:", 0, size, "")+":", t.Label)
	}
	keys.row(r.say.Plain("button_follow_all", nil), topicData("follow:0:", words))
	return answer{text: r.say.Say("headlines_several", Values{"Topics": words}), keyboard: keys.rows}
}

// A headlineList is what /latest pages through.
type headlineList struct {
	topic  *digest.Topic  // nil for the chat's topics or the top stories
	subs   []Subscription // the chat's topics, when they are listed
	follow string         // the verb of [Follow "…"], "" when it is followed
	title  telegram.Text
	none   telegram.Text // what is said when there are no stories
	sifted
	ears    Ears
	refused telegram.Text // why there is no list
}

func (b *Bot) listFor(ctx context.Context, r *request, words string) (headlineList, error) {
	if strings.TrimSpace(words) != "" {
		return b.listForTopic(ctx, r, words)
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return headlineList{}, err
	}
	ears, err := b.shelf.Ears(ctx, r.chat.ID)
	if err != nil {
		return headlineList{}, err
	}
	l := headlineList{
		subs:  subs,
		ears:  ears,
		title: r.say.Say("latest_topics", Values{"Count": len(subs)}),
		none:  r.say.Say("latest_topics_none", Values{"Count": len(subs)}),
	}
	if len(subs) == 0 && len(ears.Own) == 0 {
		l.title, l.none = r.say.Say("latest_top", nil), r.say.Say("latest_top_none", nil)
	}
	l.stories, err = b.latestOf(ctx, r, subs, ears)
	l.stories = l.stories[:min(len(l.stories), maxListed)]
	return l, err
}

// latestOf is the best of what is followed, or of what most tell where nothing is.
func (b *Bot) latestOf(ctx context.Context, r *request, subs []Subscription, ears Ears) ([]digest.MatchedStory, error) {
	since := r.now.Add(-latestSpan)
	if len(subs) == 0 && len(ears.Own) == 0 {
		return b.topStories(ctx, r, ears, since)
	}
	followed, err := b.followedOf(ctx, r, subs, ears, since)
	if err != nil {
		return nil, err
	}
	return b.heard(ctx, ears, bestOf(followed, since, r.now))
}

// followedOf is what the chat's topics found since then and its sources told.
func (b *Bot) followedOf(ctx context.Context, r *request, subs []Subscription, ears Ears, since time.Time) ([]digest.Followed, error) {
	var (
		ids    []digest.TopicID
		topics []digest.Followed
	)
	for _, s := range subs {
		if !s.Muted {
			ids = append(ids, s.Topic)
			topics = append(topics, digest.Followed{Topic: s.Topic, Text: s.Text, Label: s.Label, Breadth: s.Breadth})
		}
	}
	matches, err := b.shelf.TopicMatches(ctx, ids, strings.Fields(r.chat.StoryLanguages), since, maxListed)
	if err != nil {
		return nil, err
	}
	for i := range topics {
		topics[i].Matches = matches[topics[i].Topic]
	}
	if len(ears.Own) == 0 {
		return topics, nil
	}
	told, err := b.shelf.Told(ctx, r.chat.ID, since, maxListed)
	if err != nil {
		return nil, err
	}
	twins, err := b.shelf.Twins(ctx, ears.Own)
	return digest.WithSources(topics, told, twins), err
}

// heard leaves out stories that only muted sources tell, and those of own
// sources whose piece stands in another story already.
func (b *Bot) heard(ctx context.Context, ears Ears, found []digest.MatchedStory) ([]digest.MatchedStory, error) {
	if len(ears.Own) > 0 && len(found) > 0 {
		twins, err := b.shelf.Twins(ctx, ears.Own)
		if err != nil {
			return nil, err
		}
		found = digest.WithoutTwins(found, twins)
	}
	if len(ears.Muted) == 0 || len(found) == 0 {
		return found, nil
	}
	ids := make([]digest.StoryID, len(found))
	for i, m := range found {
		ids[i] = m.Story.ID
	}
	heard, err := b.shelf.Heard(ctx, ears.Muted, ids)
	return slices.DeleteFunc(found, func(m digest.MatchedStory) bool { return !heard[m.Story.ID] }), err
}

// listForTopic searches everything kept for the words.
func (b *Bot) listForTopic(ctx context.Context, r *request, words string) (headlineList, error) {
	topic, err := digest.ParseTopic(words)
	if err != nil {
		return headlineList{refused: r.topicError(err)}, nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return headlineList{}, err
	}
	l := headlineList{
		topic:  &topic,
		follow: "follow:0:",
		title:  r.say.Say("latest_topic", Values{"Topic": topic.Label}),
	}
	if slices.ContainsFunc(subs, func(s Subscription) bool { return s.asks(topic) }) {
		l.follow = ""
	}
	if len(subs) == 0 && !r.chat.Group() {
		l.follow = "follow:1:" // a newcomer who types instead of tapping goes the same way
	}
	if l.ears, err = b.shelf.Ears(ctx, r.chat.ID); err != nil {
		return l, err
	}
	if l.sifted, err = b.findFor(ctx, r, topic, l.ears); err != nil || len(l.stories) > 0 {
		return l, err
	}
	l.none = r.say.Say("latest_topic_hidden", Values{"Topic": topic.Label, "Count": l.hidden})
	if err := b.guessMeant(ctx, r, topic, l.ears, &l.sifted); err != nil {
		return l, err
	}
	if l.hidden == 0 {
		l.none = join("\n", r.say.Say("latest_topic_none", Values{"Topic": topic.Label}), r.meant(l.meant))
	}
	return l, nil
}

// findFor searches among what the chat hears, in the languages that it reads,
// and counts what it found besides.
func (b *Bot) findFor(ctx context.Context, r *request, t digest.Topic, ears Ears) (f sifted, err error) {
	most := maxListed
	if r.chat.StoryLanguages != "" || len(ears.Muted) > 0 {
		most = maxFound
	}
	found, err := b.find.Find(ctx, t, r.now.Add(-searchSpan), most, ears.Own...)
	if err != nil {
		return f, err
	}
	f, err = b.siftFor(ctx, r.chat.readingFor(t), ears, found)
	f.stories = f.stories[:min(len(f.stories), maxListed)]
	return f, err
}

// readable leaves out stories in languages that the chat does not read; its own
// sources it reads in any.
func (s Settings) readable(found []digest.MatchedStory) []digest.MatchedStory {
	return slices.DeleteFunc(found, func(m digest.MatchedStory) bool { return m.Story.Circle == 0 && !s.reads(m.Story.Language) })
}

// topStories are the most reported stories that the chat hears in the languages
// that it reads; in its own while it reads any.
func (b *Bot) topStories(ctx context.Context, r *request, ears Ears, since time.Time) ([]digest.MatchedStory, error) {
	languages := strings.Fields(r.chat.StoryLanguages)
	if len(languages) == 0 {
		languages = []string{r.chat.Language}
	}
	var all []digest.MatchedStory
	for _, l := range languages {
		top, err := b.shelf.TopStories(ctx, l, since, maxListed)
		if err != nil {
			return nil, err
		}
		for _, s := range top {
			all = append(all, digest.MatchedStory{Story: s})
		}
	}
	slices.SortStableFunc(all, func(x, y digest.MatchedStory) int {
		return cmp.Or(cmp.Compare(y.Story.Hosts, x.Story.Hosts), y.Story.Published.Compare(x.Story.Published), cmp.Compare(y.Story.ID, x.Story.ID))
	})
	return b.heard(ctx, ears, all[:min(len(all), maxListed)])
}

// bestOf merges the matches of several topics and sources: each story once,
// under its best score, in the order of editions.
func bestOf(followed []digest.Followed, since, now time.Time) []digest.MatchedStory {
	best := map[digest.StoryID]digest.MatchedStory{}
	for _, f := range followed {
		for _, m := range f.Matches {
			if have, ok := best[m.Story.ID]; f.Breadth.Takes(m.Match) && m.Story.Published.After(since) && (!ok || m.Score > have.Score) {
				best[m.Story.ID] = m
			}
		}
	}
	all := make([]digest.MatchedStory, 0, len(best))
	for _, m := range best {
		all = append(all, m)
	}
	rank := func(m digest.MatchedStory) float64 {
		return digest.Rank(m.Score, m.Story.Hosts, now.Sub(m.Story.Published))
	}
	slices.SortFunc(all, func(x, y digest.MatchedStory) int {
		return cmp.Or(cmp.Compare(rank(y), rank(x)), cmp.Compare(x.Story.ID, y.Story.ID))
	})
	return all
}

// entries puts articles and summaries to a page of a list's stories.
func (b *Bot) entries(ctx context.Context, l headlineList, page []digest.MatchedStory) ([]digest.Entry, error) {
	ids := make([]digest.StoryID, len(page))
	for i, m := range page {
		ids[i] = m.Story.ID
	}
	stories, err := b.shelf.StoriesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	topics := map[digest.StoryID]digest.Topic{}
	for _, m := range page {
		topics[m.Story.ID] = l.topicOf(m.Match)
	}
	for i, s := range stories {
		stories[i], _ = l.ears.Muted.Relead(s)
	}
	if err := releadAll(ctx, b.shelf, l.ears.Muted, stories, topics); err != nil {
		return nil, err
	}
	full := map[digest.StoryID]digest.Story{}
	for _, s := range stories {
		full[s.ID] = s
	}
	var entries []digest.Entry
	for _, m := range page {
		if s, ok := full[m.Story.ID]; ok {
			n := digest.Entry{Story: s, Match: m.Match}
			n.Summary, n.From = b.summaries.Of(s, digest.NormalLimits.Words)
			entries = append(entries, n)
		}
	}
	return entries, nil
}

// topicOf is the topic that found a match of the list, the zero one for none.
func (l headlineList) topicOf(m digest.Match) (t digest.Topic) {
	if l.topic != nil {
		return *l.topic
	}
	if i := slices.IndexFunc(l.subs, func(s Subscription) bool { return m.Topic != 0 && s.Topic == m.Topic }); i >= 0 {
		t, _ = digest.ParseTopic(l.subs[i].Text)
	}
	return t
}

// pageKeys are the buttons under a list: back and forth, and [Follow "…"] for
// a topic that was searched.
func (r *request) pageKeys(l headlineList, first, size int) [][]telegram.Button {
	words := ""
	if l.topic != nil {
		words = l.topic.Label
	}
	at := func(n int) string { return pageData("page:", n, size, words) }
	var keys keyboard
	if first > 0 {
		keys.add(2, r.say.Plain("button_newer", nil), at(max(0, first-size)))
	}
	if first+size < len(l.stories) {
		keys.add(2, r.say.Plain("button_more", nil), at(first+size))
	}
	if len(l.stories) > 0 {
		keys.row(r.say.Plain("button_why", nil), pageData("whypage:", first, size, words))
	}
	r.meantKey(&keys, "button_meant", pageData("page:", 0, size, "")+":", l.meant)
	r.anyLanguageKey(&keys, l.sifted)
	if len(l.stories) == 0 {
		r.timeKey(&keys, words)
	}
	if l.topic != nil && l.follow != "" {
		shown := words
		if l.meant == "" { // which may be the same without quotes
			shown = digest.Unquoted(words)
		}
		keys.row(r.say.Plain("button_follow", Values{"Topic": shorten(shown, 30)}), topicData(l.follow, words))
	}
	return keys.rows
}
