package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// evalCommand are the stages of the news side that can be measured: each reads JSON
// Lines and answers every line with one, in order, without network.
type evalCommand struct {
	Extract   evalExtract          `cmd:"" help:"Articles' pages: id, url, path → id, title, text, author, published, language."`
	Summarize evalSummarizeCommand `cmd:"" help:"Choose the sentences that stand for an article: id, title, text, words → id, sentences."`
	Group     evalGroupCommand     `cmd:"" help:"Place articles into stories: id, title, text, source, url, published → id, story."`
	Feed      evalFeed             `cmd:"" help:"Feeds: id, path, url, content_type → id, title, link, description, language, items."`
	Match     evalMatchCommand     `cmd:"" help:"Match stories with topics."`
	Sentences evalSentencesCommand `cmd:"" help:"Divide texts into sentences."`
	Language  evalLanguageCommand  `cmd:"" help:"Tell the language of texts."`
}

// evalLine is the longest line that is read.
const evalLine = 64 << 20

// answerLines answers every line of s.in, an Ask, by answer.
func answerLines[Ask, Answer any](ctx context.Context, s surroundings, answer func(Ask) (Answer, error)) error {
	in := bufio.NewScanner(s.in)
	in.Buffer(make([]byte, 1<<20), evalLine)
	out := bufio.NewWriterSize(s.out, 1<<16)
	encode := json.NewEncoder(out)
	encode.SetEscapeHTML(false)
	for n := 1; in.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		var ask Ask
		if err := json.Unmarshal(in.Bytes(), &ask); err != nil {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		a, err := answer(ask)
		if err != nil {
			return fmt.Errorf("answer line %d: %w", n, err)
		}
		if err := encode.Encode(a); err != nil {
			return fmt.Errorf("write answer %d: %w", n, err)
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if err := out.Flush(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("write answers: %w", err)
	}
	return nil
}
