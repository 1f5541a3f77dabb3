package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// Under an edition and an alert stands [Why?]. It tells of each story what it came for, as it was
// decided then, and what can be done about it: more of it, less, a source muted, a word
// left out. What changes a chat goes the road that /topics and /sources go.

const (
	whyPerPage = 5
	whyRunes   = 120 // of a headline
	whyWords   = 5   // of what was found
	whyWord    = 30  // runes of one
)

// whyShelf is what [Why?] asks of storage.
type whyShelf interface {
	Reasons(ctx context.Context, id ChatID, slot time.Time) ([]Reason, error)
	AlertReasons(ctx context.Context, id ChatID, story digest.StoryID) ([]Reason, error)
}

// A whyPlace is what a button means: a story of an edition, as
// "<slot in milliseconds>:<story from 0>[:<something of it>]", that of an alert,
// with ".<story>" in place of the slot, or one among headlines, see whyHeadline.
type whyPlace struct {
	slot     time.Time
	alert    digest.StoryID // 0: of no alert
	headline whyHeadline    // the zero one: of none
	n        int
	what     string
}

// at is the n-th story of the same edition.
func (w whyPlace) at(n int) whyPlace { return whyPlace{slot: w.slot, alert: w.alert, n: n} }

// listed is where the list begins that the story was chosen from, as far as the button
// tells.
func (w whyPlace) listed() whyPlace {
	if first, err := strconv.Atoi(w.what); err == nil && first >= 0 && first <= w.n && w.n < first+whyPerPage {
		return w.at(first)
	}
	return w.at(w.n - w.n%whyPerPage)
}

// data is a button's for the story, or something of it, which has no colon.
func (w whyPlace) data(verb string, what ...string) string {
	if w.headline.story != 0 {
		return w.headline.data(verb, strings.Join(what, ""))
	}
	of := strconv.FormatInt(w.slot.UnixMilli(), 36)
	if w.alert != 0 {
		of = "." + strconv.FormatInt(int64(w.alert), 36)
	}
	return strings.Join(append([]string{verb, of, strconv.Itoa(w.n)}, what...), ":")
}

func readWhyPlace(args string) (w whyPlace, ok bool) {
	if strings.HasPrefix(args, headlineMark) {
		return readWhyHeadline(args)
	}
	parts := strings.SplitN(args, ":", 3)
	if len(parts) < 2 {
		return w, false
	}
	of, alert := strings.CutPrefix(parts[0], ".")
	id, err := strconv.ParseInt(of, 36, 64)
	n, err2 := strconv.Atoi(parts[1])
	if len(parts) == 3 {
		w.what = parts[2]
	}
	if w.n = n; alert {
		w.alert = digest.StoryID(id)
	} else {
		w.slot = time.UnixMilli(id)
	}
	return w, err == nil && err2 == nil && (!alert || id != 0)
}

// whyButton is the keyboard of an edition's message whose first story is the first-th.
func whyButton(p Phrases, slot time.Time, first int) [][]telegram.Button {
	var keys keyboard
	keys.row(p.Plain("button_why", nil), whyPlace{slot: slot, n: first}.data("why"))
	return keys.rows
}

// A told is a story of an edition or alert that a button means.
type told struct {
	whyPlace
	Reason
	all []Reason
}

// toldStory finds what the button means, among what is kept of the chat's own
// editions: a forged place of another chat finds nothing.
func (b *Bot) toldStory(ctx context.Context, r *request) (t told, ok bool, err error) {
	if t.whyPlace, ok = readWhyPlace(r.args); !ok {
		return t, false, nil
	}
	if t.headline.story != 0 {
		return b.toldHeadline(ctx, r, t)
	}
	if t.alert != 0 {
		t.all, err = b.shelf.AlertReasons(ctx, r.chat.ID, t.alert)
	} else {
		t.all, err = b.shelf.Reasons(ctx, r.chat.ID, t.slot)
	}
	if errors.Is(err, digest.ErrNotFound) {
		return t, false, nil
	}
	if err != nil || t.n < 0 || t.n >= len(t.all) {
		return t, false, err
	}
	t.Reason = t.all[t.n]
	return t, true, nil
}

// ofStory is the handler of a button that means a story; one of an edition that is
// not kept any more says so.
func ofStory(handle func(*Bot, context.Context, *request, told) (answer, error)) func(*Bot, context.Context, *request) (answer, error) {
	return func(b *Bot, ctx context.Context, r *request) (answer, error) {
		t, ok, err := b.toldStory(ctx, r)
		if !ok || err != nil {
			return answer{text: r.say.Say("why_gone", nil)}, err
		}
		a, err := handle(b, ctx, r, t)
		a.text = join("\n\n", r.headlineWords(t.headline), a.text)
		return a, err
	}
}

// ofTopic is ofStory for what is done to the topic that the story came for, while it
// is followed.
func ofTopic(handle func(*Bot, context.Context, *request, told, Subscription) (answer, error)) func(*Bot, context.Context, *request) (answer, error) {
	return ofStory(func(b *Bot, ctx context.Context, r *request, t told) (answer, error) {
		sub, ok, err := b.subscriptionOf(ctx, r, t.Reason)
		if err != nil || !ok {
			return r.whyTopicGone(t), err
		}
		return handle(b, ctx, r, t, sub)
	})
}

// pressWhy answers below an edition, which stays as it is.
func (b *Bot) pressWhy(ctx context.Context, r *request) (answer, error) {
	if r.here.Kind == "channel" { // no edition there offers it
		return answer{silent: true}, nil
	}
	show := (*Bot).whys
	if place, _ := readWhyPlace(r.args); place.alert != 0 {
		show = (*Bot).whyOf // a list of one
	}
	a, err := ofStory(show)(b, ctx, r)
	a.apart = true
	return a, err
}

// whys lists why stories stood in an edition, from the one that is meant on.
func (b *Bot) whys(ctx context.Context, r *request, t told) (answer, error) {
	first := t.n
	page := t.all[first:min(first+whyPerPage, len(t.all))]
	stories, err := b.toldNow(ctx, r, page)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	for i := range page {
		keys.add(whyPerPage, strconv.Itoa(first+i+1), t.at(first+i).data("whyof", strconv.Itoa(first)))
	}
	var turn []telegram.Button
	if first > 0 {
		turn = append(turn, telegram.Button{Text: r.say.Plain("button_newer", nil), Data: t.at(max(0, first-whyPerPage)).data("whys")})
	}
	if next := first + whyPerPage; next < len(t.all) {
		turn = append(turn, telegram.Button{Text: r.say.Plain("button_more", nil), Data: t.at(next).data("whys")})
	}
	if len(turn) > 0 {
		keys.rows = append(keys.rows, turn)
	}
	text := join("\n\n", r.say.Say("why_title", nil), r.whyList(page, first, stories), r.say.Say("why_tap", nil))
	return answer{text: text, keyboard: keys.rows}, nil
}

// toldNow reads the stories of reasons that are still kept.
func (b *Bot) toldNow(ctx context.Context, r *request, reasons []Reason) (map[digest.StoryID]digest.Story, error) {
	ids := make([]digest.StoryID, len(reasons))
	for i, x := range reasons {
		ids[i] = x.Story
	}
	stories, err := b.shelf.StoriesByID(ctx, ids)
	now := map[digest.StoryID]digest.Story{}
	for _, s := range stories {
		now[s.ID] = s
	}
	return now, err
}

// whyList numbers stories from first on, with their reasons; linked if the message
// has room for that.
func (r *request) whyList(reasons []Reason, first int, stories map[digest.StoryID]digest.Story) telegram.Text {
	var list telegram.Text
	for _, linked := range []bool{true, false} {
		var parts []telegram.Text
		for i, x := range reasons {
			var t telegram.Builder
			t.Plain(strconv.Itoa(first+i+1) + ". ")
			r.whyTitle(&t, x, stories, linked)
			parts = append(parts, t.Plain("\n").Append(r.whyLine(x)).Text())
		}
		if list = join("\n\n", parts...); list.EntityBytes() < telegram.MaxEntityBytes/2 {
			break
		}
	}
	return list
}

func (r *request) whyTitle(t *telegram.Builder, x Reason, stories map[digest.StoryID]digest.Story, linked bool) {
	title := isolate(cmp.Or(tidy(x.Title, whyRunes), r.say.Plain("headline_unnamed", nil)))
	if s, ok := stories[x.Story]; ok && linked {
		link(t, title, s.Address)
		return
	}
	t.Plain(title)
}

// byTopic tells that a topic is what a story came for.
func (x Reason) byTopic() bool {
	return x.Label != "" && (x.Topic != 0 || len(x.Words) > 0 || x.Field != "")
}

// whyLine is "ferries · in the headline: ferries, Ferry · 62 of 100".
func (r *request) whyLine(x Reason) telegram.Text {
	switch {
	case x.Label == "": // of no topic: told by most
		return r.say.Say("why_top", nil)
	case !x.byTopic():
		return r.say.Say("why_followed", Values{"Source": isolate(tidy(x.Label, maxOutlet))})
	}
	var t telegram.Builder
	t.Code(tidy(x.Label, maxLabel))
	if where := r.whyWhere(x); where.Text != "" {
		t.Plain(" · ").Append(where)
	}
	return t.Plain(" · ").Append(r.say.Say("why_number", Values{"Score": hundredths(x.Score)})).Text()
}

// whyFields are the fields of a match that there are sentences for.
var whyFields = []string{"title", "lead", "text", "categories"}

// whyWhere tells which words were found, and where the best of them stand.
func (r *request) whyWhere(x Reason) telegram.Text {
	if !slices.Contains(whyFields, x.Field) {
		return telegram.Text{}
	}
	var words []string
	for _, w := range x.Words[:min(len(x.Words), whyWords)] {
		if w = tidy(w, whyWord); w != "" {
			words = append(words, isolate(w))
		}
	}
	if len(words) == 0 {
		return r.say.Say("why_only_"+x.Field, nil)
	}
	return r.say.Say("why_in_"+x.Field, Values{"Words": strings.Join(words, ", ")})
}

func hundredths(score float64) int { return min(max(int(score*100+0.5), 1), 99) }

// whyDegree names how much a story is about its topic.
func whyDegree(score float64) string {
	switch {
	case score >= 0.75:
		return "whole"
	case score >= 0.5:
		return "mostly"
	case score >= digest.NormalBreadth.Least():
		return "partly"
	}
	return "passing"
}

// whyOf tells of one story, and what can be done about it.
func (b *Bot) whyOf(ctx context.Context, r *request, t told) (answer, error) {
	stories, err := b.toldNow(ctx, r, []Reason{t.Reason})
	if err != nil {
		return answer{}, err
	}
	var head telegram.Builder
	r.whyTitle(&head, t.Reason, stories, true)
	lines := []telegram.Text{head.Text()}
	if !t.byTopic() {
		lines = append(lines, r.whyLine(t.Reason))
	} else {
		topic, err := b.whyTopic(ctx, r, t)
		if err != nil {
			return answer{}, err
		}
		lines = append(lines, topic)
		if where := r.whyWhere(t.Reason); where.Text != "" {
			lines = append(lines, r.say.Say("why_card_found", Values{"Where": where}))
		}
		lines = append(lines, r.say.Say("why_card_score", Values{
			"Score": hundredths(t.Score), "Degree": r.say.Plain("why_degree_"+whyDegree(t.Score), nil),
		}))
	}
	if t.Again {
		lines = append(lines, r.say.Say("why_card_again", nil))
	}
	if t.Abstract {
		lines = append(lines, r.say.Say("why_card_abstract", nil))
	}
	var names []string
	for _, s := range r.tellers(t, stories) {
		names = append(names, isolate(s.name))
	}
	if len(names) > 0 {
		lines = append(lines, r.say.Say("why_card_sources", Values{"Sources": strings.Join(names, ", "), "Count": len(names)}))
	}
	var keys keyboard
	keys.add(2, r.say.Plain("button_more_like", nil), t.data("whymore"))
	keys.add(2, r.say.Plain("button_less_like", nil), t.data("whyless"))
	keys.row(r.say.Plain("button_mute_source", nil), t.data("whyhosts"))
	if t.Topic != 0 {
		keys.add(2, r.say.Plain("button_exclude", nil), t.data("whywords"))
	}
	switch {
	case t.headline.story != 0:
		keys.row(r.say.Plain("button_back", nil), t.headline.page("whypage:"))
	case t.alert == 0:
		keys.row(r.say.Plain("button_back", nil), t.listed().data("whys"))
	}
	return answer{text: join("\n", lines...), keyboard: keys.rows}, nil
}

// whyTopic names the topic that a story came for, and what the chat made of it since.
func (b *Bot) whyTopic(ctx context.Context, r *request, t told) (telegram.Text, error) {
	sub, follows, err := b.subscriptionOf(ctx, r, t.Reason)
	then := tidy(t.Label, maxLabel)
	switch now := tidy(sub.Label, maxLabel); {
	case t.headline.story != 0 || follows && strings.EqualFold(now, then):
	case follows:
		return r.say.Say("why_card_topic_edited", Values{"Topic": then, "Now": now}), err
	default:
		return r.say.Say("why_card_topic_dropped", Values{"Topic": then}), err
	}
	return r.say.Say("why_card_topic", Values{"Topic": then}), err
}

// A teller is a source that tells a story.
type teller struct {
	source digest.SourceID
	name   string
}

// tellers are the sources of a story, who led it first, at most a handful; of a story
// that is not kept any more only who led it is known.
func (r *request) tellers(t told, stories map[digest.StoryID]digest.Story) (all []teller) {
	say := renderer{Phrases: r.say}
	if t.Source != 0 {
		all = append(all, teller{t.Source, say.outlet(t.Outlet, "")})
	}
	for _, a := range stories[t.Story].Articles {
		known := slices.ContainsFunc(all, func(x teller) bool { return x.source == a.Source })
		if !known && len(all) <= maxOutlets {
			all = append(all, teller{a.Source, say.outlet(a.Outlet, a.Host)})
		}
	}
	return all
}

// whyHosts offers to mute each source of a story.
func (b *Bot) whyHosts(ctx context.Context, r *request, t told) (answer, error) {
	stories, err := b.toldNow(ctx, r, []Reason{t.Reason})
	if err != nil {
		return answer{}, err
	}
	all, err := b.shelf.ChatSources(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	text := []telegram.Text{r.say.Say("why_mute", nil)}
	for _, s := range r.tellers(t, stories) {
		i := slices.IndexFunc(all, func(x ChatSource) bool { return x.ID == s.source })
		switch {
		case i < 0: // it went, or is somebody's own
		case all[i].Muted:
			text = append(text, r.say.Say("why_muted", Values{"Source": isolate(s.name)}))
			keys.row(r.say.Plain("button_unmute_one", Values{"Source": s.name}), t.data("whyhear", id36(s.source)))
		default:
			keys.row(r.say.Plain("button_mute_one", Values{"Source": s.name}), t.data("whymute", id36(s.source)))
		}
	}
	if len(keys.rows) == 0 {
		text = []telegram.Text{r.say.Say("source_stale", nil)}
	}
	keys.row(r.say.Plain("button_back", nil), t.data("whyof"))
	return answer{text: join("\n\n", text...), keyboard: keys.rows}, nil
}

func (b *Bot) whyMute(ctx context.Context, r *request, t told) (answer, error) {
	return b.whySetMuted(ctx, r, t, true)
}

func (b *Bot) whyHear(ctx context.Context, r *request, t told) (answer, error) {
	return b.whySetMuted(ctx, r, t, false)
}

func (b *Bot) whySetMuted(ctx context.Context, r *request, t told, muted bool) (answer, error) {
	if id, ok := readID36(t.what); ok {
		err := b.shelf.MuteSource(ctx, r.chat.ID, id, muted)
		if err != nil && !errors.Is(err, digest.ErrNotFound) { // which the list below tells
			return answer{}, err
		}
	}
	return b.whyHosts(ctx, r, t)
}
