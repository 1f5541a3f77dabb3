package main

import (
	"context"

	"tidings/digest/text"
)

type evalLanguageCommand struct{}

type evalText struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type evalLanguage struct {
	ID       string `json:"id"`
	Language string `json:"language"`
}

// Run tells the language of texts of which nobody has said anything.
func (evalLanguageCommand) Run(ctx context.Context, s surroundings) error {
	return answerLines(ctx, s, func(t evalText) (evalLanguage, error) {
		return evalLanguage{t.ID, text.Language(t.Text, "")}, nil
	})
}
