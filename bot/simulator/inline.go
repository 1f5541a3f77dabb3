package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

const (
	inlineLife       = 30 * time.Second // an undelivered inline query
	inlinePatience   = 10 * time.Second // after which it cannot be answered any more
	maxInlineQuery   = 256
	maxInlineResults = 50
	maxInlineID      = 64
	keepInline       = 200 // queries
)

// An ask is an inline query and what became of it.
type ask struct {
	id       string
	person   int64
	at       time.Time
	answered bool
	answer   InlineAnswer
}

// InlineAnswer is what a person sees above the place where they type.
type InlineAnswer struct {
	Results []InlineResult `json:"results"`
	Next    string         `json:"next"`
	Cache   int64          `json:"cache"` // seconds
	Button  string         `json:"button"`
	Start   string         `json:"start"`
}

// InlineResult is one result offered, with the message that choosing it sends.
type InlineResult struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	message     Message
}

// Ask lets a person type an inline query, and returns its id.
func (s *Simulator) Ask(person int64, text, offset string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[person]
	if u == nil {
		return "", fmt.Errorf("ask as %d: %w", person, ErrNoPerson)
	}
	if runes := []rune(text); len(runes) > maxInlineQuery {
		text = string(runes[:maxInlineQuery])
	}
	s.nextID++
	a := &ask{id: strconv.FormatInt(990000000000+s.nextID, 10), person: person, at: s.now()}
	if s.asks = append(s.asks, a); len(s.asks) > keepInline {
		s.asks = s.asks[1:]
	}
	s.push("inline_query", inlineQuery{ID: a.id, From: u.User, Query: text, Offset: offset}, a.at.Add(inlineLife))
	return a.id, nil
}

// Asked waits until an inline query is answered, as long as its answer is taken.
func (s *Simulator) Asked(ctx context.Context, id string) (InlineAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, inlinePatience)
	defer cancel()
	var got InlineAnswer
	err := s.Wait(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		a := s.ask(id)
		if a != nil && a.answered {
			got = a.answer
		}
		return a == nil || a.answered
	})
	return got, err
}

// Share lets a person send a result of an inline query to a chat; the bot learns of it
// only where it reads what people write.
func (s *Simulator) Share(chatID, thread int64, id, result string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, c := s.ask(id), s.chats[chatID]
	if a == nil || c == nil || c.migratedTo != 0 || c.blocked {
		return Message{}, fmt.Errorf("share in chat %d: %w", chatID, ErrNoChat)
	}
	for _, r := range a.answer.Results {
		if r.ID != result {
			continue
		}
		u, m := s.users[a.person], r.message
		m.From, m.ViaBot = &u.User, &s.me
		if c.IsForum && thread != 0 {
			m.ThreadID, m.IsTopicMessage = thread, true
		}
		kept := s.add(c, m, false)
		if s.overhears(c, kept.Message, nil) {
			s.tell("message", u, kept)
		}
		return kept.Message, nil
	}
	return Message{}, fmt.Errorf("share result %q in chat %d: %w", result, chatID, ErrNoMessage)
}

func (s *Simulator) ask(id string) *ask {
	for _, a := range s.asks {
		if a.id == id {
			return a
		}
	}
	return nil
}

// givenResult is a result as a bot writes it; only articles with a text are read.
type givenResult struct {
	Type        string          `json:"type"`
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Markup      json.RawMessage `json:"reply_markup"`
	Content     struct {
		Text     string          `json:"message_text"`
		Entities json.RawMessage `json:"entities"`
		Preview  *Preview        `json:"link_preview_options"`
	} `json:"input_message_content"`
}

var startParameter = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (s *Simulator) answerInlineQuery(q *query) (any, error) {
	var given []givenResult
	if err := json.Unmarshal([]byte(q.params["results"]), &given); err != nil {
		return nil, bad("can't parse inline query results JSON object")
	}
	if len(given) > maxInlineResults {
		return nil, bad("RESULTS_TOO_MUCH")
	}
	answer := InlineAnswer{Next: q.params["next_offset"], Cache: q.params.integer("cache_time", 300, 0, 1<<31)}
	if len(answer.Next) > maxInlineID {
		return nil, bad("NEXT_OFFSET_INVALID")
	}
	if raw := q.params["button"]; raw != "" {
		var b struct {
			Text  string `json:"text"`
			Start string `json:"start_parameter"`
		}
		switch err := json.Unmarshal([]byte(raw), &b); {
		case err != nil, b.Text == "":
			return nil, bad("SWITCH_PM_TEXT_EMPTY")
		case !startParameter.MatchString(b.Start):
			return nil, bad("START_PARAM_INVALID")
		}
		answer.Button, answer.Start = b.Text, b.Start
	}
	seen := map[string]bool{}
	for _, g := range given {
		r, err := s.readResult(g)
		if err != nil {
			return nil, err
		}
		if seen[r.ID] {
			return nil, bad("RESULT_ID_DUPLICATE")
		}
		seen[r.ID] = true
		answer.Results = append(answer.Results, r)
	}
	a := s.ask(q.params["inline_query_id"])
	if a == nil || a.answered || s.now().Sub(a.at) > inlinePatience {
		return nil, bad(textQueryTooOld)
	}
	a.answered, a.answer = true, answer
	s.touch(nil)
	return true, nil
}

func (s *Simulator) readResult(g givenResult) (InlineResult, error) {
	switch {
	case g.Type != "article":
		return InlineResult{}, bad("this simulator reads results of type article only")
	case g.ID == "" || len(g.ID) > maxInlineID:
		return InlineResult{}, bad("RESULT_ID_INVALID")
	case g.Title == "":
		return InlineResult{}, bad("ARTICLE_TITLE_EMPTY")
	}
	text, err := s.readText(params{"text": g.Content.Text, "entities": string(g.Content.Entities)})
	if err == nil {
		err = s.checkLength(text)
	}
	if err != nil {
		return InlineResult{}, err
	}
	markup, err := readMarkup(params{"reply_markup": string(g.Markup)})
	if err != nil {
		return InlineResult{}, err
	}
	m := Message{Text: text.text, Entities: text.entities, LinkPreview: g.Content.Preview, Markup: markup}
	return InlineResult{ID: g.ID, Title: g.Title, Description: g.Description, message: m}, nil
}

func (s *Simulator) controlAsk(a act) (any, error) {
	id, err := s.Ask(a.Person, a.Text, a.Offset)
	if err != nil {
		return nil, err
	}
	got, err := s.Asked(context.Background(), id)
	if err != nil {
		return nil, fmt.Errorf("the bot did not answer within %d seconds", inlinePatience/time.Second)
	}
	return struct {
		Query string `json:"query"`
		InlineAnswer
	}{id, got}, nil
}

func (s *Simulator) controlShare(a act) (any, error) {
	_, err := s.Share(a.Chat, a.Thread, a.Query, a.Result)
	return true, err
}
