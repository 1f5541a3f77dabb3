package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"tidings/digest/feed"
)

type evalFeed struct{}

type evalDocument struct {
	ID          string `json:"id"`
	URL         string `json:"url"`
	Path        string `json:"path"`
	ContentType string `json:"content_type"`
}

// evalItem is an item as the contract wants it.
type evalItem struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Link       string   `json:"link"`
	Summary    string   `json:"summary"`
	Content    string   `json:"content"`
	Author     string   `json:"author"`
	Published  string   `json:"published"`
	Categories []string `json:"categories"`
}

// Run reads documents named on standard input as a visit of a source does.
func (evalFeed) Run(ctx context.Context, s surroundings) error {
	return answerLines(ctx, s, func(ask evalDocument) (map[string]any, error) {
		if ask.Path == "" {
			return nil, errNoPath
		}
		body, err := readMeasured(ask.Path)
		if err != nil {
			return nil, fmt.Errorf("read document %s: %w", ask.Path, err)
		}
		f, err := feed.Parse(body, ask.ContentType, ask.URL, time.Now())
		if err != nil {
			return map[string]any{"id": ask.ID, "error": err.Error()}, nil
		}
		items := make([]evalItem, len(f.Items))
		for i, item := range f.Items {
			items[i] = evalItem{
				ID: item.GUID, Title: item.Title, Link: item.Link, Summary: item.Summary, Content: item.Content, Author: item.Author,
				Published: evalTime(cmp.Or(item.Published, item.Updated)), Categories: append([]string{}, item.Categories...),
			}
		}
		return map[string]any{"id": ask.ID, "title": f.Title, "link": f.Link, "description": f.Description, "language": f.Language, "items": items}, nil
	})
}

// evalTime is t as the contract wants it, "" when it is not known.
func evalTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
