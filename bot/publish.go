package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// compareShelf has more of a story's articles.
type compareShelf interface {
	// StoriesToCompare returns stories with more articles, the newest among them.
	StoriesToCompare(ctx context.Context, ids []digest.StoryID) ([]digest.Story, error)
}

// editionShelf is what a Publisher asks of storage.
type editionShelf interface {
	// DueChats returns up to limit chats whose NextEdition is not after now and
	// that are not paused, the most overdue first.
	DueChats(ctx context.Context, now time.Time, limit int) ([]Chat, error)
	// Material returns the chat's unmuted topics, each with its newest matches
	// first made at or after matchedSince, and what was sent to the chat.
	Material(ctx context.Context, chat ChatID, matchedSince time.Time, each int) (Material, error)
	// Heard returns those of the stories that a source tells which is not muted.
	Heard(ctx context.Context, muted digest.Muted, stories []digest.StoryID) (map[digest.StoryID]bool, error)
	// StoriesByID returns stories with articles, in any order.
	StoriesByID(ctx context.Context, ids []digest.StoryID) ([]digest.Story, error)
	compareShelf
	// MatchesOf returns the matches of the topics with the stories, in any order.
	MatchesOf(ctx context.Context, topics []digest.TopicID, stories []digest.StoryID) ([]digest.MatchedStory, error)
	// SaveEdition saves all or nothing: digest.ErrExists when the chat has an
	// edition of that slot, digest.ErrNotFound when it was erased or changed.
	SaveEdition(ctx context.Context, c Composed) (EditionID, error)
	// PutOff moves the chat's NextEdition from one moment to another; nothing
	// happens when it is not from any more.
	PutOff(ctx context.Context, chat ChatID, from, to time.Time) error
}

const (
	publishBatch = 100              // chats
	publishTime  = 15 * time.Second // of one batch, within the 20 s a job may take
	matchesEach  = 50               // of one topic, the newest: ten times what it can show

	// lateCommits is how far before the last edition matches are looked at
	// again: one may be committed after an edition that is younger than it.
	// What was sent does not come twice, Material.Sent sees to that.
	lateCommits = 10 * time.Minute
	// catchUp is what an edition reaches back that is the first one or late.
	catchUp = 24 * time.Hour
	// firstPatience is how long a first edition waits for pages that are being
	// read: its reader got an answer a moment ago, and sees what Tidings can do
	// for the first time.
	firstPatience = 3 * time.Second
	// late is when an edition counts as late.
	late = time.Hour
)

// A Publisher composes due editions and puts them, with their deliveries, on
// the shelf. Any number of them may run on one shelf.
type Publisher struct {
	shelf   editionShelf
	catalog *Catalog
	log     *slog.Logger
	now     func() time.Time
	watch   editionWatch // may be nil

	summaries digest.Summaries
	changes   digest.Changes
}

// An editionWatch is told of every edition that was saved.
type editionWatch interface {
	Published(EditionID)
}

// WatchedBy lets somebody count what is published; to be called before Publish.
func (p *Publisher) WatchedBy(w editionWatch) *Publisher {
	p.watch = w
	return p
}

// NewPublisher returns a Publisher that reads the machine's clock.
func NewPublisher(shelf editionShelf, catalog *Catalog, log *slog.Logger) *Publisher {
	return &Publisher{shelf: shelf, catalog: catalog, log: log, now: time.Now}
}

// Publish publishes the editions of up to 100 due chats, for at most 15
// seconds. A chat that fails does not stop the others: it stays due, and err
// holds what happened to each. More says that it is worth to call again at
// once: chats were left, and this call got on.
func (p *Publisher) Publish(ctx context.Context) (more bool, err error) {
	began := p.now()
	chats, err := p.shelf.DueChats(ctx, began, publishBatch)
	if err != nil {
		return false, fmt.Errorf("list due chats: %w", err)
	}
	var failed []error
	tried, saved, told := 0, 0, 0
	for _, c := range chats {
		if ctx.Err() != nil || p.now().Sub(began) > publishTime {
			break
		}
		tried++
		switch stories, err := p.publishTo(ctx, c); {
		case err == nil:
			saved++
			told += stories
		case errors.Is(err, errPagesDue): // it stays due; the clock asks again within a second
		case errors.Is(err, digest.ErrExists), errors.Is(err, digest.ErrNotFound): // another publisher was first, or the chat is gone
		default:
			failed = append(failed, fmt.Errorf("publish to chat %d: %w", c.ID, err))
		}
	}
	if tried > 0 {
		p.log.Info("published editions", "due", len(chats), "saved", saved, "stories", told, "failed", len(failed), "took", p.now().Sub(began))
	}
	left := tried < len(chats) || len(chats) == publishBatch
	return left && saved > 0, errors.Join(failed...)
}

// errPagesDue says that a first edition waits a moment for better text.
var errPagesDue = errors.New("pages are being read")

// pagesDue says whether the leading article of a story waits for its page.
func pagesDue(stories []digest.Story) bool {
	return slices.ContainsFunc(stories, func(s digest.Story) bool { return len(s.Articles) > 0 && s.Articles[0].PageDue })
}

// publishTo composes and saves the edition that a chat is due, and counts its
// stories. An empty one says nothing unless it was asked for or the chat wants
// to be told, without a sound. One that is due in quiet hours is put off.
func (p *Publisher) publishTo(ctx context.Context, c Chat) (told int, err error) {
	defer func() {
		if r := recover(); r != nil { // one chat's material must not keep all others from their editions
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	now, zone := p.now(), LoadZone(c.Zone)
	if end := c.QuietUntil(now); !c.Asked && !end.IsZero() { // we were down, or late
		return 0, p.shelf.PutOff(ctx, c.ID, c.NextEdition, end)
	}
	since := matchedSince(c, now)
	material, err := p.shelf.Material(ctx, c.ID, since, matchesEach)
	if err != nil {
		return 0, err
	}
	if err := p.hear(ctx, &material); err != nil {
		return 0, err
	}
	again, err := p.tellAgain(ctx, c, &material)
	if err != nil {
		return 0, err
	}
	if reachesBack(c, now) {
		dropOlder(material.Followed, since)
	}
	limits := c.Length.limits()
	edition := digest.Compose(material.Followed, digest.WithTwins(material.Sent, material.Twins), limits, now)
	ids := edition.Stories()
	if len(ids) > 0 {
		stories, err := p.stories(ctx, ids, again)
		if err != nil {
			return 0, err
		}
		if c.LastEdition.IsZero() && now.Sub(c.NextEdition) < firstPatience && pagesDue(stories) {
			return 0, errPagesDue
		}
		for i, s := range stories {
			stories[i], _ = material.Muted.Relead(s)
		}
		if err := releadAll(ctx, p.shelf, material.Muted, stories, edition.Narrow(material.Followed)); err != nil {
			return 0, err
		}
		edition = p.summaries.Fill(edition, stories, again.changes, limits.Words)
	}
	phrases := p.catalog.In(c.Language)
	slot := dueSlot(c, now, zone)
	when := RenderContext{Now: now, Zone: zone, Length: c.Length}
	if c.Kind != "channel" { // where its answer would be a post for everybody
		when.Slot = slot
	}
	messages := RenderEdition(phrases, edition, when)
	switch {
	case len(messages) > 0:
		messages[0].Preview = c.Previews // its first link leads to the best story
	case c.Asked, c.TellEmpty && len(material.Followed) > 0:
		m := telegram.NewMessage(phrases.Say(emptySentence(c, material), nil))
		m.Silent = !c.Asked
		messages = append(messages, m)
	}
	id, err := p.shelf.SaveEdition(ctx, Composed{
		Chat: c.ID, Slot: slot, Asked: c.Asked, After: c.LastEdition, Composed: now, Next: c.edition(now),
		Messages: messages, Told: edition.Told(), Reasons: reasonsOf(edition),
	})
	if err == nil && p.watch != nil {
		p.watch.Published(id)
	}
	return len(edition.Stories()), err
}

// hear adds to the material's topics what the chat's sources told, and leaves
// out what only muted ones did.
func (p *Publisher) hear(ctx context.Context, m *Material) error {
	m.Followed = digest.WithSources(m.Followed, m.Sources, m.Twins)
	if len(m.Muted) == 0 {
		return nil
	}
	var ids []digest.StoryID
	for _, f := range m.Followed {
		for _, x := range f.Matches {
			ids = append(ids, x.Story.ID)
		}
	}
	slices.Sort(ids)
	heard, err := p.shelf.Heard(ctx, m.Muted, slices.Compact(ids))
	for i := range m.Followed {
		m.Followed[i].Matches = slices.DeleteFunc(m.Followed[i].Matches, func(x digest.MatchedStory) bool { return !heard[x.Story.ID] })
	}
	return err
}

// releadAll has stories led as the topics ask for that found them. Where none of the articles
// that a story is told by does, it looks among more of them.
func releadAll(ctx context.Context, shelf compareShelf, muted digest.Muted, stories []digest.Story, topics map[digest.StoryID]digest.Topic) error {
	far := map[digest.StoryID]int{}
	for i, s := range stories {
		led, ok := topics[s.ID].Relead(s)
		if stories[i] = led; !ok {
			far[s.ID] = i
		}
	}
	if len(far) == 0 {
		return nil
	}
	wide, err := shelf.StoriesToCompare(ctx, slices.Collect(maps.Keys(far)))
	for _, s := range wide {
		i := far[s.ID]
		stories[i], _ = topics[s.ID].Relead(stories[i], muted.Without(s.Articles)...)
	}
	return err
}

// A retelling is what an edition may tell although its reader knows the stories.
type retelling struct {
	stories map[digest.StoryID]digest.Story // as they are told now, with articles
	changes map[digest.StoryID]digest.Change
}

// tellAgain looks which of the stories that the chat was sent have materially
// changed since, and puts them among what its topics and sources found, as not sent.
func (p *Publisher) tellAgain(ctx context.Context, c Chat, m *Material) (again retelling, err error) {
	if len(m.Stirred) == 0 {
		return again, nil
	}
	told := map[digest.StoryID]digest.Told{}
	for _, v := range m.Stirred {
		told[v.Story] = v
	}
	stories, err := p.shelf.StoriesToCompare(ctx, slices.Collect(maps.Keys(told)))
	if err != nil {
		return again, err
	}
	again = retelling{map[digest.StoryID]digest.Story{}, map[digest.StoryID]digest.Change{}}
	for _, s := range stories {
		if s, heard := m.Muted.Relead(s); heard && (s.Circle != 0 || c.reads(s.Language)) {
			if s, change := p.changes.Retell(s, told[s.ID]); change.Material() {
				again.stories[s.ID], again.changes[s.ID] = s, change
				delete(m.Sent, s.ID)
			}
		}
	}
	if len(again.stories) == 0 {
		return again, nil
	}
	var topics []digest.TopicID
	for _, f := range m.Followed {
		if f.Source == 0 {
			topics = append(topics, f.Topic)
		}
	}
	matches, err := p.shelf.MatchesOf(ctx, topics, slices.Sorted(maps.Keys(again.stories)))
	m.Followed = digest.Anew(m.Followed, again.stories, matches)
	return again, err
}

// stories reads what an edition tells, but for what it tells again.
func (p *Publisher) stories(ctx context.Context, ids []digest.StoryID, again retelling) ([]digest.Story, error) {
	var known []digest.Story
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id digest.StoryID) bool {
		s, ok := again.stories[id]
		if ok {
			known = append(known, s)
		}
		return ok
	})
	if len(fresh) == 0 {
		return known, nil
	}
	stories, err := p.shelf.StoriesByID(ctx, fresh)
	return append(stories, known...), err
}

// dueSlot is the slot that an edition composed now serves: the moment that was
// asked for, else the latest of the slots that became due. So a chat that
// missed several gets one edition.
func dueSlot(c Chat, now time.Time, zone *time.Location) time.Time {
	if !c.Asked {
		if slot := c.Schedule.Last(now, c.NextEdition, zone); !slot.IsZero() {
			return slot
		}
	}
	return c.NextEdition.UTC()
}

// matchedSince is from when on matches are news to a chat: since its last
// edition, as far as a story may be old; no more than 24 hours for the first
// edition and for one that is late.
func matchedSince(c Chat, now time.Time) time.Time {
	reach := digest.MaxAge
	if reachesBack(c, now) {
		reach = catchUp
	}
	since := now.Add(-reach)
	if last := c.LastEdition.Add(-lateCommits); last.After(since) {
		since = last
	}
	return since
}

// reachesBack says whether the edition is the first one or late: it tells of the
// last day, whenever its topics found out.
func reachesBack(c Chat, now time.Time) bool {
	return c.LastEdition.IsZero() || now.Sub(c.NextEdition) > late
}

// dropOlder leaves out stories published before since: a topic that was
// followed just now was filled from more days than a first edition tells.
func dropOlder(followed []digest.Followed, since time.Time) {
	for i := range followed {
		followed[i].Matches = slices.DeleteFunc(followed[i].Matches, func(m digest.MatchedStory) bool {
			return m.Story.Published.Before(since)
		})
	}
}

// emptySentence names the sentence that answers when there is nothing to tell.
func emptySentence(c Chat, m Material) string {
	switch {
	case len(m.Followed) == 0:
		return "edition_empty_topics"
	case c.LastEdition.IsZero():
		return "edition_empty_first"
	}
	return "edition_empty"
}
