package digest

import (
	"context"
	"time"
)

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
