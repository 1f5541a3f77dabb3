package digest

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"
)

// One round of the joiner.
const (
	joinBatch = 500
	joinPoll  = time.Second // beside ArticlesArrived, for other replicas' articles
	joinLane  = "join"

	mostOwnStories = 20_000 // of readers' own sources, in memory
	backfillMost   = 100    // newest topics filled again at a start, see restore

	reviseEvery  = 30 * time.Second
	topicsAtOnce = 20_000 // read from the shelf
	idsAtOnce    = 100_000
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

// recall puts back the articles of stories that still live. While they are read from
// the shelf their words are taken apart on all cores; in the window they arrive one by
// one, as they did.
func (j *Joiner) recall(ctx context.Context) error {
	batches := make(chan *recalled, recalledAhead)
	var err error
	go func() {
		defer close(batches)
		batch := newRecalled()
		send := func() {
			go batch.read(j.now().Add(-lessonsAgain))
			batches <- batch
			batch = newRecalled()
		}
		err = j.shelf.JoinedArticles(ctx, j.now().Add(-StorySpan), func(a Article, s StoryID) error {
			if batch.articles = append(batch.articles, recalledArticle{article: a, story: s}); len(batch.articles) == joinBatch {
				send()
			}
			return ctx.Err()
		})
		send()
	}()
	for batch := range batches {
		<-batch.done
		for _, a := range batch.articles {
			j.remember(a)
		}
	}
	return err
}

// recalledAhead is how many batches of articles wait for being put back.
const recalledAhead = 8

// A recalled is a batch of articles from the shelf.
type recalled struct {
	articles []recalledArticle
	done     chan struct{} // closed: they are read
}

type recalledArticle struct {
	article  Article
	story    StoryID
	spelling spelling
	lesson   Document // without words: none
}

func newRecalled() *recalled {
	return &recalled{make([]recalledArticle, 0, joinBatch), make(chan struct{})}
}

// read takes the words of articles apart, and as a lesson too of those seen since then.
// As in decide, the circle of all teaches; a reader's own source must not teach what
// everybody's stories are about.
func (r *recalled) read(taughtSince time.Time) {
	defer close(r.done)
	for i := range r.articles {
		a := &r.articles[i]
		a.spelling = spell(a.article)
		if a.article.Circle == 0 && a.article.Subjects.some() && !a.article.Seen.Before(taughtSince) {
			a.lesson = documentOf(a.article)
			a.lesson.Title, a.lesson.Text = clipBytes(a.lesson.Title, lessonBytes), clipBytes(a.lesson.Text, lessonBytes)
			a.lesson.reading()
		}
	}
}

// learn makes topics live that were followed since the last call, and finds
// what the last days have for them.
func (j *Joiner) learn(ctx context.Context) error {
	topics, err := j.take(ctx, math.MaxInt)
	if err != nil {
		return err
	}
	return j.fill(ctx, topics)
}

// take puts the topics after the newest known one into the matcher, and returns the newest
// of them. Topics are read ahead while others are added.
func (j *Joiner) take(ctx context.Context, most int) (newest []KnownTopic, err error) {
	after := TopicID(0)
	if n := len(j.known); n > 0 {
		after = j.known[n-1]
	}
	page := j.page(ctx, after)
	for {
		if page.err != nil {
			return nil, page.err
		}
		topics, more := page.topics, len(page.topics) == topicsAtOnce
		next := make(chan topicPage, 1)
		if more {
			go func() { next <- j.page(ctx, topics[len(topics)-1].ID) }()
		}
		j.add(page)
		for _, k := range topics {
			j.known = append(j.known, k.ID)
		}
		newest = append(newest, topics...)
		newest = newest[max(0, len(newest)-most):]
		if !more {
			return newest, nil
		}
		page = <-next
	}
}

// A topicPage is topics of the shelf, and what they say.
type topicPage struct {
	topics []KnownTopic
	read   []readTopic
	err    error
}

// page reads the topics after one.
func (j *Joiner) page(ctx context.Context, after TopicID) topicPage {
	topics, err := j.shelf.TopicsAfter(ctx, after, topicsAtOnce)
	if err != nil {
		return topicPage{err: fmt.Errorf("read the topics after %d: %w", after, err)}
	}
	return topicPage{topics: topics, read: readTopics(topics)}
}

// add puts topics into the matcher. One that this version cannot read is left out, and
// told.
func (j *Joiner) add(page topicPage) {
	for i, x := range page.read {
		if x.err != nil {
			j.log.Error("a topic on the shelf cannot be read", "topic", page.topics[i].ID, "err", x.err)
			continue
		}
		j.matcher.Add(page.topics[i].ID, x.topic)
		j.image.behind++
	}
}

// A readTopic is a known topic's text read, or why it cannot be.
type readTopic struct {
	topic Topic
	err   error
}

// topicsAlone is how many topics one core reads before another begins.
const topicsAlone = 1000

// readTopics reads topics on all cores.
func readTopics(topics []KnownTopic) []readTopic {
	read := make([]readTopic, len(topics))
	var all sync.WaitGroup
	for from := 0; from < len(topics); from += topicsAlone {
		all.Go(func() {
			for i := from; i < min(from+topicsAlone, len(topics)); i++ {
				read[i].topic, read[i].err = ParseTopic(topics[i].Text)
			}
		})
	}
	all.Wait()
	return read
}

// revise holds some of the known topics against the shelf, now and then: those that nobody
// follows any more are gone there. Followed again, a topic has another id and is learnt as
// a new one. It finds, too, a topic whose id is not greater than those known before: of a
// replica whose clock was behind, when the topic with the greatest id is gone.
func (j *Joiner) revise(ctx context.Context) error {
	if j.now().Sub(j.revised) < reviseEvery {
		return nil
	}
	j.revised = j.now()
	kept, err := j.shelf.TopicIDsAfter(ctx, j.upTo, idsAtOnce)
	if err != nil {
		return fmt.Errorf("read the ids of topics after %d: %w", j.upTo, err)
	}
	begin, _ := slices.BinarySearch(j.known, j.upTo+1)
	end := len(j.known)
	j.upTo = 0
	if len(kept) == idsAtOnce {
		j.upTo = kept[len(kept)-1]
		end, _ = slices.BinarySearch(j.known, j.upTo+1)
	}
	gone, unknown := compareTopics(j.known[begin:end], kept)
	for _, id := range gone {
		j.matcher.Remove(id)
		j.image.behind++
	}
	topics, err := j.topicsOf(ctx, unknown)
	if err != nil {
		return err
	}
	j.add(topicPage{topics: topics, read: readTopics(topics)})
	if len(gone) > 0 || len(unknown) > 0 {
		j.known = slices.Replace(j.known, begin, end, kept...)
	}
	return j.fill(ctx, topics)
}

// topicsOf reads the topics with some ids, which rise: no more at once than are wanted, as
// what stands between them is read for nothing.
func (j *Joiner) topicsOf(ctx context.Context, ids []TopicID) (topics []KnownTopic, err error) {
	for len(ids) > 0 {
		limit := min(len(ids), topicsAtOnce)
		some, err := j.shelf.TopicsAfter(ctx, ids[0]-1, limit)
		if err != nil {
			return nil, fmt.Errorf("read the topics from %d on: %w", ids[0], err)
		}
		for _, k := range some {
			for len(ids) > 0 && ids[0] < k.ID {
				ids = ids[1:] // it is gone meanwhile
			}
			if len(ids) > 0 && ids[0] == k.ID {
				topics, ids = append(topics, k), ids[1:]
			}
		}
		if len(some) < limit {
			break
		}
	}
	return topics, nil
}

// compareTopics returns which known topics are not kept any more, and which that are kept
// are not known. All rise.
func compareTopics(known, kept []TopicID) (gone, unknown []TopicID) {
	for _, id := range kept {
		for len(known) > 0 && known[0] < id {
			gone, known = append(gone, known[0]), known[1:]
		}
		if len(known) > 0 && known[0] == id {
			known = known[1:]
			continue
		}
		unknown = append(unknown, id)
	}
	return append(gone, known...), unknown
}

// fill finds older stories for topics that are in the matcher already: what
// arrives meanwhile is matched, so nothing falls between.
func (j *Joiner) fill(ctx context.Context, topics []KnownTopic) error {
	for _, k := range topics {
		t, err := ParseTopic(k.Text)
		if err != nil {
			continue // add has told
		}
		if _, err := j.finder.Backfill(ctx, k.ID, t, j.now().Add(-ShelfLife)); err != nil {
			return err
		}
	}
	return nil
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

// lessonsAgain is from when on articles are learned from once more after a start: in
// full they would take longer to read than the window does.
const lessonsAgain = 24 * time.Hour

// remember puts back what was decided of an article. As in decide, what begins a story
// is a lesson: copies of it say nothing new.
func (j *Joiner) remember(a recalledArticle) {
	window := j.windowOf(a.article)
	_, known := window.Story(a.story)
	window.restore(a.article, a.spelling, a.story)
	if !known && a.lesson.words != nil {
		j.lessons.Learn(a.lesson, a.article.Subjects)
	}
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
