package main

import (
	"context"

	"tidings/digest/text"
)

type evalSentencesCommand struct{}

type evalWritten struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Language string `json:"language"`
}

type evalSentences struct {
	ID        string   `json:"id"`
	Sentences []string `json:"sentences"`
}

// Run divides texts into sentences.
func (evalSentencesCommand) Run(ctx context.Context, s surroundings) error {
	return answerLines(ctx, s, func(t evalWritten) (evalSentences, error) {
		a := evalSentences{t.ID, []string{}}
		for _, x := range text.Sentences(t.Text, t.Language) {
			a.Sentences = append(a.Sentences, x.In(t.Text))
		}
		return a, nil
	})
}
