package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// alertShelf is what an Alerter asks of storage.
type alertShelf interface {
	// DueSurges returns up to limit stories that are to be looked at, the longest
	// due first.
	DueSurges(ctx context.Context, now time.Time, limit int) ([]DueSurge, error)
	// StoriesByID returns stories with articles, in any order.
	StoriesByID(ctx context.Context, ids []digest.StoryID) ([]digest.Story, error)
	// StoriesToCompare returns them with more, the newest among them.
	StoriesToCompare(ctx context.Context, ids []digest.StoryID) ([]digest.Story, error)
	// Listeners returns up to limit chats that want alerts of a topic that fits the
	// story and were not sent it, those with greater ids than after, in their order.
	Listeners(ctx context.Context, story digest.StoryID, after ChatID, now time.Time, limit int) ([]Listener, error)
	// SaveAlert saves all or nothing: digest.ErrExists when the chat was sent the
	// story, digest.ErrLimit when it had its alerts of the day, digest.ErrNotFound
	// when it does not want this one any more.
	SaveAlert(ctx context.Context, a Alert) error
	// Outgrown returns up to limit alerts of the story made since then that tell of
	// fewer hosts, of chats with greater ids than after, in their order.
	Outgrown(ctx context.Context, story digest.StoryID, hosts int, since time.Time, after ChatID, limit int) ([]Outgrown, error)
	// SaveAmendment has an alert's message changed, in place of a change that waits;
	// digest.ErrNotFound when it tells of as many hosts already.
	SaveAmendment(ctx context.Context, a Amendment) error
	// EndLook notes that the story was looked at, and when to look again, zero for
	// when an article joins. Articles that joined since it was due are looked at soon.
	EndLook(ctx context.Context, d DueSurge, began, next time.Time) error
}

const (
	alertBatch = 100              // stories
	alertPage  = 200              // chats read at once
	alertTime  = 12 * time.Second // of one batch, within the 15 s a job may take

	// alertFresh is how long after it surged a story is told at once: who was quiet or
	// whom we could not reach for longer reads of it in the next edition.
	alertFresh = 3 * time.Hour
	// lookLater is when to look again after something failed, or is not sent yet.
	lookLater = 5 * time.Minute
	// amendFor is how long an alert is brought up to date.
	amendFor = 48 * time.Hour
)

// amendSteps are the numbers of independent hosts at which an alert is brought up to
// date, so four times at most, and no sooner than lookLater after the last.
var amendSteps = []int{5, 10, 20, 50}

// amendStep is the greatest of amendSteps that so many hosts reach, 0 for none.
func amendStep(hosts int) (step int) {
	for _, s := range amendSteps {
		if hosts >= s {
			step = s
		}
	}
	return step
}

// An Alerter tells stories at once that many tell within an hour, to chats that want
// this of a topic. Joining asks for a look at a story that a few hosts carry and such a
// topic fits, and no more than one a minute; a look costs some milliseconds, and
// less than a tenth of one for every chat that listens, half of that for those who
// cannot be told now: BenchmarkListeners. Any number of them may run on one shelf.
type Alerter struct {
	shelf   alertShelf
	catalog *Catalog
	log     *slog.Logger
	now     func() time.Time
	watch   alertWatch // may be nil

	summaries digest.Summaries

	mu  sync.Mutex
	cut map[digest.StoryID]alertWalk // looks that time cut short
}

// An alertWalk is how far one look got among those who listen. It goes on while the
// story is due as it was left: for whom it passed a later article may be news.
type alertWalk struct {
	of    DueSurge
	after ChatID
	next  time.Time // when somebody it passed is to be told
}

// soon takes note of a moment, unless it is zero.
func (w *alertWalk) soon(at time.Time) {
	if !at.IsZero() && (w.next.IsZero() || at.Before(w.next)) {
		w.next = at
	}
}

// An alertWatch is told how many alerts were made, and how many brought up to date.
type alertWatch interface {
	Alerted(made, amended int)
}

// WatchedBy lets somebody count alerts; to be called before Alert.
func (a *Alerter) WatchedBy(w alertWatch) *Alerter {
	a.watch = w
	return a
}

// NewAlerter returns an Alerter that reads the machine's clock.
func NewAlerter(shelf alertShelf, catalog *Catalog, log *slog.Logger) *Alerter {
	return &Alerter{shelf: shelf, catalog: catalog, log: log, now: time.Now, cut: map[digest.StoryID]alertWalk{}}
}

// Alert looks at up to 100 due stories, for about 12 seconds. One that fails does not
// stop the others: it is looked at again, and err holds what happened to each. More
// says that it is worth to call again at once.
func (a *Alerter) Alert(ctx context.Context) (more bool, err error) {
	began := a.now()
	due, err := a.shelf.DueSurges(ctx, began, alertBatch)
	if err != nil {
		return false, fmt.Errorf("list due surges: %w", err)
	}
	a.forget(due)
	var failed []error
	made, amended := 0, 0
	more = len(due) == alertBatch
	for _, d := range due {
		if ctx.Err() != nil || a.now().Sub(began) > alertTime {
			more = true
			break
		}
		l := &looking{Alerter: a, due: d, now: a.now(), until: began.Add(alertTime), surges: map[string]digest.Surge{}}
		err := l.look(ctx)
		made, amended = made+l.made, amended+l.amended
		more = more || l.cutShort
		if err != nil {
			failed = append(failed, fmt.Errorf("alert of story %d: %w", d.Story, err))
		}
	}
	if made+amended > 0 {
		a.log.Info("alerted", "stories", len(due), "made", made, "amended", amended, "failed", len(failed), "took", a.now().Sub(began))
	}
	if a.watch != nil {
		a.watch.Alerted(made, amended)
	}
	return more, errors.Join(failed...)
}

// forget drops how far looks got at stories that are not due now.
func (a *Alerter) forget(due []DueSurge) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.cut, func(id digest.StoryID, _ alertWalk) bool {
		return !slices.ContainsFunc(due, func(d DueSurge) bool { return d.Story == id })
	})
}

// A looking is one look at one story.
type looking struct {
	*Alerter
	due      DueSurge
	now      time.Time
	until    time.Time // when time is up
	story    digest.Story
	articles []digest.Article        // more than those of story
	surges   map[string]digest.Surge // by which articles are left out, see surge

	made, amended int
	cutShort      bool
}

// look tells the story to those who listen, if it surged just now, and brings up to
// date what was told of it.
func (l *looking) look(ctx context.Context) (err error) {
	w := l.resume()
	defer func() {
		if err != nil {
			w.soon(l.now.Add(lookLater))
		}
		switch {
		case ctx.Err() != nil:
			l.pause(w)
		case l.cutShort:
			err = errors.Join(err, l.postpone(ctx, w))
		default:
			err = errors.Join(err, l.shelf.EndLook(ctx, l.due, l.now, w.next))
		}
	}()
	defer caught(&err) // one story must not keep all others waiting
	if kept, err := l.read(ctx); err != nil || !kept {
		return err
	}
	surge := l.surge(nil)
	var failed, wrong error
	if l.fresh(surge) {
		failed = l.tellAll(ctx, &w)
	}
	if step := amendStep(surge.Hosts); step > 0 && !l.cutShort {
		wrong = l.amendAll(ctx, step, &w)
	}
	return errors.Join(failed, wrong)
}

// caught makes a panic an error of what it is deferred in.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}

// resume is how far the look got that was cut short, if nothing happened since.
func (l *looking) resume() alertWalk {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.cut[l.due.Story]
	delete(l.cut, l.due.Story)
	if w.of.News != l.due.News || !w.of.Look.Equal(l.due.Look) {
		w = alertWalk{of: l.due}
	}
	return w
}

// postpone has the look go on after those at the other stories that are due.
func (l *looking) postpone(ctx context.Context, w alertWalk) error {
	w.of.Look = l.Alerter.now().Truncate(time.Millisecond)
	l.pause(w)
	return l.shelf.EndLook(ctx, l.due, l.now, w.of.Look)
}

func (l *looking) pause(w alertWalk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut[l.due.Story] = w
}

// timeIsUp says whether the look is cut short; it then goes on later.
func (l *looking) timeIsUp(ctx context.Context) bool {
	l.cutShort = l.cutShort || ctx.Err() != nil || l.Alerter.now().After(l.until)
	return l.cutShort
}

// read reads the story as editions tell it, and more articles to count hosts by.
func (l *looking) read(ctx context.Context) (kept bool, err error) {
	ids := []digest.StoryID{l.due.Story}
	stories, err := l.shelf.StoriesByID(ctx, ids)
	if err != nil || len(stories) == 0 || len(stories[0].Articles) == 0 {
		return false, err
	}
	wide, err := l.shelf.StoriesToCompare(ctx, ids)
	if err != nil || len(wide) == 0 {
		return false, err
	}
	l.story, l.articles = stories[0], wide[0].Articles
	return true, nil
}

// surge is how the story got about among those whom a chat hears.
func (l *looking) surge(m digest.Muted) digest.Surge {
	left := m.Without(l.articles)
	key := ""
	if len(left) < len(l.articles) {
		for _, a := range left {
			key += strconv.FormatInt(int64(a.ID), 36) + " "
		}
	}
	s, known := l.surges[key]
	if !known {
		s = digest.SurgeOf(left)
		l.surges[key] = s
	}
	return s
}

// fresh says whether a story is still to be told at once.
func (l *looking) fresh(s digest.Surge) bool {
	return !s.At.IsZero() && l.now.Sub(s.At) <= alertFresh
}

// tellAll tells the story to those who listen and were not sent it.
func (l *looking) tellAll(ctx context.Context, w *alertWalk) error {
	return eachChat(ctx, l, w, &w.after, func(after ChatID) ([]Listener, error) {
		return l.shelf.Listeners(ctx, l.due.Story, after, l.now, alertPage)
	}, l.tell)
}

// eachChat does something for every chat that is read, a page at a time from after on,
// while there is time. What fails for one does not stop the others.
func eachChat[T interface{ chatID() ChatID }](ctx context.Context, l *looking, w *alertWalk, after *ChatID,
	read func(after ChatID) ([]T, error), do func(context.Context, T) (later time.Time, err error)) error {
	var failed []error
	for {
		if l.timeIsUp(ctx) {
			return errors.Join(failed...)
		}
		page, err := read(*after)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, c := range page {
			later, err := do(ctx, c)
			if err != nil {
				failed = append(failed, fmt.Errorf("chat %d: %w", c.chatID(), err))
			}
			w.soon(later)
			*after = c.chatID()
		}
		if len(page) < alertPage {
			return errors.Join(failed...)
		}
	}
}

func (c Listener) chatID() ChatID { return c.Chat.ID }
func (o Outgrown) chatID() ChatID { return o.Chat.ID }

// alertLimits are those of an edition that tells one story.
var alertLimits = digest.Limits{PerTopic: 1, Total: 1, Words: digest.NormalLimits.Words}

// tell makes an alert for one chat, if an edition would tell the story there; or says
// when quiet hours end that it waits for.
func (l *looking) tell(ctx context.Context, c Listener) (later time.Time, err error) {
	defer caught(&err)
	if !c.Ready(l.story.Language, l.now) {
		return l.wait(c), nil
	}
	surge := l.surge(c.Muted)
	story, heard := c.Muted.Relead(l.story)
	if !heard || !l.fresh(surge) || !surge.At.After(c.Restored) {
		return later, nil
	}
	edition := digest.Compose(c.Followed, nil, alertLimits, l.now)
	if len(edition.Sections) == 0 {
		return later, nil
	}
	if topic, ok := edition.Narrow(c.Followed)[story.ID]; ok {
		story, _ = topic.Relead(story, c.Muted.Without(l.articles)...)
	}
	edition = l.summaries.Fill(edition, []digest.Story{story}, nil, alertLimits.Words)
	section := edition.Sections[0]
	err = l.shelf.SaveAlert(ctx, Alert{
		Chat: c.Chat.ID, Topic: section.Topic, Hosts: surge.Hosts, Made: l.now, Since: c.Chat.Midnight(l.now),
		Told: edition.Told()[0], Reason: reasonsOf(edition)[0], Message: l.message(c.Chat, section.Topic, section.Label, section.Entries[0]),
	})
	switch {
	case err == nil:
		l.made++
	case errors.Is(err, digest.ErrExists), errors.Is(err, digest.ErrLimit), errors.Is(err, digest.ErrNotFound): // somebody was first, or it is not wanted any more
		err = nil
	}
	return later, err
}

// wait says when quiet hours end that a chat is told after, zero when it is not: the
// next edition tells it.
func (l *looking) wait(c Listener) time.Time {
	end := c.Chat.QuietUntil(l.now)
	if c.Ready(l.story.Language, end) && end.Sub(l.now) <= alertFresh {
		return end
	}
	return time.Time{}
}

// amendAll brings alerts of the story up to date that tell of fewer hosts than step.
func (l *looking) amendAll(ctx context.Context, step int, w *alertWalk) error {
	first := ChatID(0)
	return eachChat(ctx, l, w, &first, func(after ChatID) ([]Outgrown, error) {
		return l.shelf.Outgrown(ctx, l.due.Story, step, l.now.Add(-amendFor), after, alertPage)
	}, l.amend)
}

// amend brings one alert up to date, or says when to look again: what was sent a moment
// ago, or is about to be, can wait, and nothing is touched in quiet hours.
func (l *looking) amend(ctx context.Context, o Outgrown) (later time.Time, err error) {
	defer caught(&err)
	surge := l.surge(o.Muted)
	story, heard := o.Muted.Relead(l.story)
	if !heard || amendStep(surge.Hosts) <= o.Hosts {
		return later, nil
	}
	if end := o.Chat.QuietUntil(l.now); !end.IsZero() {
		return end, nil
	}
	if wait := o.Shown.Add(lookLater); wait.After(l.now) && !o.Shown.After(l.now) {
		return wait, nil
	}
	if o.Message == 0 {
		return l.now.Add(lookLater), nil
	}
	if topic, err := digest.ParseTopic(o.Label); err == nil {
		story, _ = topic.Relead(story, o.Muted.Without(l.articles)...)
	}
	entry := digest.Entry{Story: story}
	entry.Summary, entry.From = l.summaries.Of(story, alertLimits.Words)
	err = l.shelf.SaveAmendment(ctx, Amendment{
		Chat: o.Chat.ID, Story: story.ID, Hosts: surge.Hosts, Carried: story.Hosts, At: l.now, Edits: o.Message,
		Message: l.message(o.Chat, o.Topic, o.Label, entry),
	})
	if errors.Is(err, digest.ErrNotFound) {
		return later, nil
	}
	if err == nil {
		l.amended++
	}
	return later, err
}

// message is an alert: one story as an edition tells it, under its topic, with buttons
// for why it came and against more like it.
func (l *looking) message(c Chat, topic digest.TopicID, label string, n digest.Entry) telegram.Message {
	p := l.catalog.In(c.Language)
	r := renderer{p, RenderContext{Now: l.now, Zone: c.Location()}}
	title := p.Say("alert_title", Values{"Topic": isolate(tidy(label, maxLabel))})
	text := join("\n", title, r.story(n, withOutlets))
	for d := withSummary; !text.Fits() && d >= headlineOnly; d-- {
		text = join("\n", title, r.story(n, d))
	}
	m := telegram.NewMessage(text)
	m.Preview = c.Previews
	if c.Kind != "channel" { // where its answer would be a post for everybody
		var keys keyboard
		keys.add(2, p.Plain("button_why", nil), whyPlace{alert: n.Story.ID}.data("why"))
		keys.add(2, p.Plain("button_no_alerts", nil), "unalert:"+strconv.FormatInt(int64(topic), 36)+":"+strconv.FormatInt(int64(n.Story.ID), 36))
		m.Keyboard = keys.rows
	}
	return m
}

// pressAlerts has the topic's stories come at once, or no more: "on:<topic>".
func (b *Bot) pressAlerts(ctx context.Context, r *request) (answer, error) {
	to, id, _ := strings.Cut(r.args, ":")
	r.args = id
	sub, ok, err := b.pressedTopic(ctx, r)
	if !ok || err != nil {
		return b.topicGone(ctx, r, err)
	}
	sub.Alerts = to == "on"
	if err := b.shelf.Alert(ctx, r.chat.ID, sub.Topic, sub.Alerts); err != nil {
		return answer{}, err
	}
	return r.topicCard(sub), nil
}

// pressNoAlerts answers below an alert, which stays as it is: no more of its topic,
// "<topic>:<story>". A topic that was edited since is the alert's under its new words.
// A second press has nothing to end: what the first one said stands below.
func (b *Bot) pressNoAlerts(ctx context.Context, r *request) (answer, error) {
	topic, story, _ := strings.Cut(r.args, ":")
	r.args = topic
	if id, err := strconv.ParseInt(story, 36, 64); err == nil {
		switch now, err := b.shelf.AlertTopic(ctx, r.chat.ID, digest.StoryID(id)); {
		case err == nil:
			r.args = strconv.FormatInt(int64(now), 36)
		case !errors.Is(err, digest.ErrNotFound): // not kept any more: the button knows
			return answer{}, err
		}
	}
	sub, ok, err := b.pressedTopic(ctx, r)
	if err != nil {
		return answer{}, err
	}
	if !ok {
		return answer{text: r.say.Say("topic_gone", nil), apart: true}, nil
	}
	if !sub.Alerts {
		return answer{silent: true}, nil
	}
	if err := b.shelf.Alert(ctx, r.chat.ID, sub.Topic, false); err != nil {
		return answer{}, err
	}
	var keys keyboard
	keys.add(2, r.say.Plain("button_undo", nil), "alerts:on:"+r.args)
	keys.add(2, r.say.Plain("button_topics", nil), "topics:")
	return answer{text: r.say.Say("alerts_ended", Values{"Topic": sub.Label}), keyboard: keys.rows, apart: true}, nil
}
