package digest

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// One round of the joiner.
const (
	joinBatch = 500
	joinPoll  = time.Second // beside ArticlesArrived, for other replicas' articles
	joinLane  = "join"

	mostOwnStories = 20_000 // of readers' own sources, in memory
	backfillMost   = 100    // newest topics filled again at a start, see restore
)

// A joinShelf is what the joiner asks of storage.
type joinShelf interface {
	findShelf
	UnjoinedArticles(ctx context.Context, limit int) ([]Article, error)
	JoinedArticles(ctx context.Context, since time.Time, each func(Article, StoryID) error) error
	ShelveJoined(ctx context.Context, joined []Joined) error
	TopicsAfter(ctx context.Context, id TopicID, limit int) ([]KnownTopic, error)
	TopicIDsAfter(ctx context.Context, id TopicID, limit int) ([]TopicID, error)
	MatcherPieces(ctx context.Context, each func(MatcherPiece) error) error
	SaveMatcherPieces(ctx context.Context, pieces ...MatcherPiece) error
	ArticlesArrived() <-chan struct{}
	Lane(ctx context.Context, name string) (held context.Context, release func(), err error)
}

// A Joiner makes stories of new articles and matches them with all topics. Of
// all replicas one joins at a time. It holds a Window and a Matcher in memory,
// both rebuilt from the shelf when the lane is won.
type Joiner struct {
	shelf   joinShelf
	finder  *Finder
	newID   func() StoryID
	log     *slog.Logger
	now     func() time.Time
	window  *Window // of listed sources
	own     *Window // of readers' own ones: however many articles these bring, no other story is let go for them
	matcher *Matcher
	lessons *Lessons
	known   []TopicID // topics on the shelf that are in the matcher or cannot be read, rising
	revised time.Time // when, and up to which of them, see revise
	upTo    TopicID
	image   keptImage
	watch   joinWatch // may be nil
}

// A joinWatch is told how many articles were joined and shelved, and how many
// stories began with them.
type joinWatch interface {
	Joined(articles, stories int)
}

// WatchedBy lets somebody count what is joined; to be called before Run.
func (j *Joiner) WatchedBy(w joinWatch) *Joiner {
	j.watch = w
	return j
}

// NewJoiner returns a joiner that gives new stories ids from newID, which must
// rise.
func NewJoiner(shelf joinShelf, newID func() StoryID, log *slog.Logger) *Joiner {
	return &Joiner{shelf: shelf, finder: NewFinder(shelf), newID: newID, log: log, now: time.Now, image: keptImage{most: imageBehind}}
}

// Run joins until ctx ends and then returns nil. It waits for the lane, and
// again when the lane is lost. An error is the shelf's; Run may be called again
// after it and begins anew.
func (j *Joiner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		held, release, err := j.shelf.Lane(ctx, joinLane)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return fmt.Errorf("take the lane %q: %w", joinLane, err)
		}
		err = j.work(held)
		lost := held.Err() != nil
		release()
		switch {
		case ctx.Err() != nil:
			return nil
		case lost:
			j.log.Warn("joining goes on elsewhere: the lane is lost")
		case err != nil:
			return err
		}
	}
	return nil
}

// work joins while the lane is held.
func (j *Joiner) work(ctx context.Context) error {
	if err := j.restore(ctx); err != nil {
		return err
	}
	poll := time.NewTicker(joinPoll)
	defer poll.Stop()
	for {
		if err := j.learn(ctx); err != nil {
			return err
		}
		if err := j.revise(ctx); err != nil {
			return err
		}
		n, err := j.join(ctx)
		if err != nil {
			return err
		}
		if err := j.keepImage(ctx, n < joinBatch); err != nil {
			return err
		}
		if n == joinBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-j.shelf.ArticlesArrived():
		case <-poll.C:
		}
	}
}

// restore rebuilds the window and the matcher. The newest topics are filled again: whoever joined before may have ended between
// learning one and filling it.
func (j *Joiner) restore(ctx context.Context) error {
	j.window, j.own, j.matcher, j.known = NewWindow(j.newID), NewWindow(j.newID), NewMatcher(), nil
	j.revised, j.upTo = j.now(), 0
	j.own.most, j.lessons = mostOwnStories, NewLessons()
	if err := j.recall(ctx); err != nil {
		return fmt.Errorf("restore the stories of the last days: %w", err)
	}
	topics, err := j.reload(ctx)
	if err != nil {
		return err
	}
	if err := j.fill(ctx, topics); err != nil {
		return err
	}
	if _, err := j.take(ctx, 0); err != nil {
		return err
	}
	topics, err = j.topicsOf(ctx, j.known[max(0, len(j.known)-backfillMost):])
	if err != nil {
		return err
	}
	return j.fill(ctx, topics)
}

// join gives the oldest unjoined articles their stories and topics, and returns
// how many there were.
func (j *Joiner) join(ctx context.Context) (int, error) {
	articles, err := j.shelf.UnjoinedArticles(ctx, joinBatch)
	if err != nil {
		return 0, fmt.Errorf("read articles to join: %w", err)
	}
	if len(articles) == 0 {
		return 0, nil
	}
	joined := make([]Joined, 0, len(articles))
	for _, a := range articles {
		joined = append(joined, j.decide(a))
	}
	if err := j.shelf.ShelveJoined(ctx, joined); err != nil {
		return 0, fmt.Errorf("shelve %d joined articles: %w", len(joined), err)
	}
	if j.watch != nil {
		fresh := 0
		for _, one := range joined {
			if one.New {
				fresh++
			}
		}
		j.watch.Joined(len(joined), fresh)
	}
	return len(articles), nil
}

func (j *Joiner) windowOf(a Article) *Window {
	if a.Circle != 0 {
		return j.own
	}
	return j.window
}

// decide is the whole way of one article: its story, its words, its topics. An
// article of a reader's own source is matched with no topic here: only its
// followers' topics are held against it, when their edition is composed (see
// WithSources).
func (j *Joiner) decide(a Article) Joined {
	window := j.windowOf(a)
	id, fresh := window.Place(a)
	story, _ := window.Story(id)
	story.Title, story.Address, story.Outlet, story.Host, story.Joined = a.Title, a.Address, a.Outlet, a.Host, a.Seen
	document := documentOf(a)
	document.Subjects = j.lessons.Decide(document)
	joined := Joined{Article: a.ID, Story: story, New: fresh, Subjects: document.Subjects, Words: document.Normalised()}
	if a.Circle != 0 {
		return joined
	}
	if fresh {
		j.lessons.Learn(document, document.Subjects)
	}
	document.Hosts = story.Hosts
	joined.Matches = j.matcher.Match(document)
	for i := range joined.Matches {
		joined.Matches[i].Story = id
	}
	return joined
}

// documentOf returns what topics are matched with: all that the feed gave.
func documentOf(a Article) Document {
	body := a.Text
	if a.Content != "" {
		body += "\n\n" + a.Content
	}
	d := NewDocument(a.Title, body, a.Categories, a.Language)
	d.Host, d.Subjects = a.Host, a.Subjects
	return d
}
