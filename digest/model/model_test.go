package model

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "sk-a-secret-of-this-test"

// endpoint answers every request with what serve says.
func endpoint(t *testing.T, serve http.HandlerFunc) *Client {
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	c := New(s.URL+"/v1/", "small", key)
	t.Cleanup(c.Close)
	return c
}

func TestAnAnswerAndItsCost(t *testing.T) {
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Model    string
			Messages []struct{ Role, Content string }
			Most     int `json:"max_tokens"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+key || asked.Model != "small" || asked.Most != 50 ||
			len(asked.Messages) != 2 || asked.Messages[0].Content != "Be short." || asked.Messages[1].Content != "A ferry." {
			t.Errorf("asked %s %+v", r.URL, asked)
		}
		io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"A ferry sank."},"finish_reason":"stop"}],"usage":{"total_tokens":31}}`)
	})
	answer, spent, err := c.Complete(t.Context(), "Be short.", "A ferry.", 50)
	if answer != "A ferry sank." || spent != 31 || err != nil {
		t.Errorf("Complete = %q, %d, %v", answer, spent, err)
	}
}

func TestACostThatCannotBeIsNoneSaid(t *testing.T) {
	for _, said := range []string{"-31", "9223372036854775807"} {
		c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"A ferry sank."},"finish_reason":"stop"}],"usage":{"total_tokens":`+said+`}}`)
		})
		answer, spent, err := c.Complete(t.Context(), "Be short.", "A ferry.", 50)
		if answer != "A ferry sank." || spent != Unknown || err != nil {
			t.Errorf("%s tokens: Complete = %q, %d, %v, want the answer, and that nobody knows its cost", said, answer, spent, err)
		}
	}
}

// TestWhatGoesWrongIsOneSentence, which holds neither the key nor a word of the endpoint's.
func TestWhatGoesWrongIsOneSentence(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"error":{"message":"evil words about %s","type":"x"}}`, key)
		}
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) }
	}
	for _, c := range []struct {
		name    string
		serve   http.HandlerFunc
		refused bool
		says    string
	}{
		{"a wrong key", status(401), true, "the endpoint refuses (status 401)"},
		{"an unknown model", status(404), true, "the endpoint refuses (status 404)"},
		{"too many requests", status(429), false, "the endpoint is busy (status 429)"},
		{"a failure", status(503), false, "the endpoint failed (status 503)"},
		{"a way elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, false, "the endpoint cannot be reached, or what it says is no answer"},
		{"a page", body("<html>evil words</html>"), false, "the endpoint cannot be reached, or what it says is no answer"},
		{"no choice", body(`{"choices":[]}`), false, "the answer is empty"},
		{"half an answer", body(`{"choices":[{"message":{"content":"A ferry"},"finish_reason":"length"}]}`), false, "the answer was cut off"},
		{"an endless answer", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("evil words ", 10_000)); err != nil {
					return
				}
			}
		}, false, "the endpoint cannot be reached, or what it says is no answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := endpoint(t, c.serve).Complete(t.Context(), "Be short.", "A ferry.", 50)
			if err == nil || err.Error() != c.says || errors.Is(err, ErrRefused) != c.refused {
				t.Errorf("Complete: %v, want %s", err, c.says)
			}
		})
	}
}

func TestAnEndpointThatIsNotThere(t *testing.T) {
	c := New("http://127.0.0.1:1/v1", "small", "")
	if _, _, err := c.Complete(t.Context(), "Be short.", "A ferry.", 50); err == nil || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("Complete: %v", err)
	}
}

func TestAnEndpointThatHasAnotherNameForTheMostTokens(t *testing.T) {
	asked := 0
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"max_completion_tokens":50`) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			io.WriteString(w, `{"error":{"message":"use another","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`)
			return
		}
		io.WriteString(w, `{"choices":[{"message":{"content":"A ferry sank."}}],"usage":{"total_tokens":31}}`)
	})
	for range 2 {
		if answer, _, err := c.Complete(t.Context(), "Be short.", "A ferry.", 50); err != nil || answer == "" {
			t.Fatalf("Complete = %q, %v", answer, err)
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times, want 3: the name is learnt once", asked)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the server looks for the client's leaving only then
		cancel()
		<-r.Context().Done()
	})
	if _, _, err := c.Complete(ctx, "Be short.", "A ferry.", 50); !errors.Is(err, context.Canceled) {
		t.Errorf("Complete: %v", err)
	}
}
