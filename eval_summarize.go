package main

import (
	"context"

	"tidings/digest"
	"tidings/digest/text"
)

type evalSummarizeCommand struct{}

type evalArticle struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Words int    `json:"words"`
}

// Run makes the summary of articles, each a story of its own, as an edition does.
func (evalSummarizeCommand) Run(ctx context.Context, s surroundings) error {
	return answerLines(ctx, s, func(t evalArticle) (evalSentences, error) {
		a := digest.Article{Title: t.Title, Text: t.Text, Language: text.Language(t.Title+"\n"+t.Text, "")}
		chosen := digest.Summarize(t.Title, []digest.Article{a}, t.Words)
		return evalSentences{t.ID, append([]string{}, chosen...)}, nil
	})
}
