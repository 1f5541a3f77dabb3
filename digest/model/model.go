// Package model asks a language model behind an endpoint that speaks as
// OpenAI's chat completions do: a service's, or a server's in the same house. It
// is the only code that knows the client library.
package model

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sashabaranov/go-openai"
)

// ErrRefused says that the endpoint will not answer whatever is asked: the key,
// the model or the address is wrong, which only the operator can mend.
var ErrRefused = errors.New("the endpoint refuses")

// Unknown is what an answer cost when nobody says.
const Unknown = -1

var errLate = fmt.Errorf("no answer within %v", patience)

const (
	patience    = 60 * time.Second // for one answer; a model on a small machine takes its time
	answerBytes = 1 << 20          // of one answer, read at most
	mostTokens  = 10_000_000       // that an answer can have cost
)

// A Client asks one model. It is safe for several goroutines.
type Client struct {
	api     *openai.Client
	idle    func() // closes what nobody uses
	name    string
	newName atomic.Bool // the endpoint calls the most tokens max_completion_tokens
}

// New returns a client of the model of that name at base, such as
// https://api.example.org/v1. The key may be "": many servers of one's own want none.
func New(base, name, key string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	config := openai.DefaultConfig(key)
	config.BaseURL = strings.TrimRight(base, "/")
	config.HTTPClient = &http.Client{
		Timeout:       patience,
		Transport:     bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key is for this address
	}
	return &Client{api: openai.NewClientWithConfig(config), idle: transport.CloseIdleConnections, name: name}
}

// Close lets go of connections that nobody uses.
func (c *Client) Close() { c.idle() }

// Complete answers with what the model makes of material as the instruction says, in at
// most so many tokens, and with how many were spent, those of the question too: none when
// the endpoint did not take the question, Unknown when it does not say. An answer that
// was cut off is an error. No error holds the key or anything that the endpoint wrote.
func (c *Client) Complete(ctx context.Context, instruction, material string, most int) (answer string, spent int, err error) {
	for {
		newName := c.newName.Load()
		answer, spent, err = c.complete(ctx, instruction, material, most, newName)
		var e *openai.APIError
		if newName || !errors.As(err, &e) || e.HTTPStatusCode != http.StatusBadRequest || e.Param == nil || *e.Param != "max_tokens" {
			if err = told(ctx, err); errors.Is(err, errLate) {
				spent = Unknown
			}
			return answer, spent, err
		}
		c.newName.Store(true)
	}
}

func (c *Client) complete(ctx context.Context, instruction, material string, most int, newName bool) (string, int, error) {
	ask := openai.ChatCompletionRequest{Model: c.name, Messages: []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: instruction},
		{Role: openai.ChatMessageRoleUser, Content: material},
	}}
	if newName {
		ask.MaxCompletionTokens = most
	} else {
		ask.MaxTokens = most //lint:ignore SA1019 many servers know no other name, and would write without end
	}
	r, err := c.api.CreateChatCompletion(ctx, ask)
	spent := r.Usage.TotalTokens
	if spent <= 0 || spent > mostTokens { // neither a counter nor the day's sum could take it
		spent = Unknown
	}
	switch {
	case err != nil:
		return "", 0, err
	case len(r.Choices) == 0:
		return "", spent, errors.New("the answer is empty")
	case r.Choices[0].FinishReason == openai.FinishReasonLength:
		return "", spent, errors.New("the answer was cut off")
	}
	return r.Choices[0].Message.Content, spent, nil
}

// told is an error in our own words.
func told(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	status := 0
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.As(err, &api):
		status = api.HTTPStatusCode
	case errors.As(err, &request):
		status = request.HTTPStatusCode
	}
	switch {
	case status == http.StatusTooManyRequests:
		return fmt.Errorf("the endpoint is busy (status %d)", status)
	case status >= 400 && status < 500:
		return fmt.Errorf("%w (status %d)", ErrRefused, status)
	case status != 0:
		return fmt.Errorf("the endpoint failed (status %d)", status)
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errLate
	}
	if strings.HasPrefix(err.Error(), "the answer ") {
		return err
	}
	return errors.New("the endpoint cannot be reached, or what it says is no answer")
}

// bounded reads only the beginning of answers.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, answerBytes), answer.Body}
	}
	return answer, err
}
