package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"tidings/digest"
)

type evalMatchCommand struct {
	Topics string `required:"" placeholder:"FILE" help:"JSON Lines of topics: id and query."`
}

type evalTopic struct {
	ID    string `json:"id"`
	Query string `json:"query"`
}

type evalStory struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Language string `json:"language"`
}

type evalMatches struct {
	ID      string      `json:"id"`
	Matches []evalMatch `json:"matches"`
}

type evalMatch struct {
	Topic   string  `json:"topic"`
	Score   float64 `json:"score"`
	Deliver bool    `json:"deliver"`
}

// Run matches stories with all topics of a file, in order, as the joiner does.
func (c evalMatchCommand) Run(ctx context.Context, s surroundings) error {
	topics, err := readEvalTopics(c.Topics)
	if err != nil {
		return err
	}
	matcher := digest.NewMatcher()
	for i, t := range topics {
		topic, err := digest.ParseTopic(t.Query)
		if err != nil {
			return fmt.Errorf("topic %q of %s: %w", t.ID, c.Topics, err)
		}
		matcher.Add(digest.TopicID(i), topic.Broadened())
	}
	lessons := digest.NewLessons()
	return answerLines(ctx, s, func(story evalStory) (evalMatches, error) {
		a := evalMatches{story.ID, []evalMatch{}}
		d := digest.NewDocument(story.Title, story.Text, nil, story.Language)
		d.Subjects = lessons.Decide(d)
		lessons.Learn(d, d.Subjects)
		for _, m := range matcher.Match(d) {
			a.Matches = append(a.Matches, evalMatch{topics[m.Topic].ID, m.Score, m.Score >= digest.NormalBreadth.Least()})
		}
		return a, nil
	})
}

func readEvalTopics(file string) ([]evalTopic, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{fmt.Sprintf("--topics: %v", err)}
	}
	var topics []evalTopic
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var t evalTopic
		if err := json.Unmarshal(line, &t); err != nil {
			return nil, fmt.Errorf("read line %d of %s: %w", len(topics)+1, file, err)
		}
		topics = append(topics, t)
	}
	return topics, nil
}
