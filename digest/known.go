package digest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

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

// How many are read from the shelf at once, and how often they are held against it.
const (
	reviseEvery  = 30 * time.Second
	topicsAtOnce = 20_000
	idsAtOnce    = 100_000
)

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
