package main

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/text"
)

type evalGroupCommand struct{}

type evalArrival struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Text      string `json:"text"`
	Source    string `json:"source"`
	URL       string `json:"url"`
	Published string `json:"published"`
}

type evalPlaced struct {
	ID    string `json:"id"`
	Story string `json:"story"`
}

// Run places articles into stories in order of arrival, by the window that the joiner
// holds. One without a time arrives together with the one before it.
func (evalGroupCommand) Run(ctx context.Context, s surroundings) error {
	stories, articles := digest.StoryID(0), digest.ArticleID(0)
	window := digest.NewWindow(func() digest.StoryID { stories++; return stories })
	now := time.Unix(0, 0).UTC()
	return answerLines(ctx, s, func(e evalArrival) (evalPlaced, error) {
		articles++
		published, err := time.Parse(time.RFC3339, e.Published)
		if err != nil {
			published = now
		}
		if published.After(now) {
			now = published
		}
		story, _ := window.Place(digest.Article{
			ID: articles, Address: e.URL, Host: cmp.Or(e.Source, feed.Host(e.URL)), Title: e.Title, Text: e.Text,
			Language: text.Language(e.Title+"\n"+e.Text, ""), Published: published, Seen: now,
		})
		return evalPlaced{e.ID, strconv.FormatInt(int64(story), 10)}, nil
	})
}
