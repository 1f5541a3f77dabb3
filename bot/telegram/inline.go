package telegram

import (
	"context"
	"errors"
	"time"
)

// InlineQuery is what somebody types after the bot's name in any chat, so far:
// up to 256 characters. Offset is the Next of the answer before, "" at first.
type InlineQuery struct {
	ID     string `json:"id"`
	From   User   `json:"from"`
	Query  string `json:"query"`
	Offset string `json:"offset"`
}

// MaxInlineResults is how many results one answer may have.
const MaxInlineResults = 50

// InlineResult is one of the results offered: a line and a smaller one, and the
// message that the person sends by choosing it. ID has 1 to 64 bytes and is unique
// in its answer.
type InlineResult struct {
	ID          string
	Title       string
	Description string
	Message     Message // its text, entities, keyboard and preview
}

// InlineAnswer is what an inline query is answered with. It is the person's own:
// Telegram shows it to nobody else.
type InlineAnswer struct {
	Results []InlineResult
	Next    string        // Offset of the query for more; "": there are no more
	Cache   time.Duration // how long the person's client may show it again
	Button  string        // above the results; leads to the chat with the bot; "": none
	Start   string        // what /start is given there: A–Z, a–z, 0–9, _ and -, up to 64
}

type inlineArticle struct {
	Type        string        `json:"type"`
	ID          string        `json:"id"`
	Title       string        `json:"title"`
	Description string        `json:"description,omitempty"`
	Content     inlineContent `json:"input_message_content"`
	Markup      *inlineMarkup `json:"reply_markup,omitempty"`
}

type inlineContent struct {
	Text     string       `json:"message_text"`
	Entities []Entity     `json:"entities,omitempty"`
	Preview  *linkPreview `json:"link_preview_options,omitempty"`
}

type inlineMarkup struct {
	Rows Keyboard `json:"inline_keyboard"`
}

type inlineButton struct {
	Text  string `json:"text"`
	Start string `json:"start_parameter"`
}

// AnswerInline answers an inline query. It goes at once, past the limiter, as it is
// no message; too late is success: the person has typed on.
func (c *Client) AnswerInline(ctx context.Context, id string, a InlineAnswer) error {
	results := make([]inlineArticle, len(a.Results))
	for i, r := range a.Results {
		content := inlineContent{Text: r.Message.Text, Entities: r.Message.Entities}
		if !r.Message.Preview {
			content.Preview = &linkPreview{IsDisabled: true}
		}
		results[i] = inlineArticle{Type: "article", ID: r.ID, Title: r.Title, Description: r.Description, Content: content}
		if len(r.Message.Keyboard) > 0 {
			results[i].Markup = &inlineMarkup{r.Message.Keyboard}
		}
	}
	p := params{}.text("inline_query_id", id).json("results", results).text("next_offset", a.Next).
		id("cache_time", int64(a.Cache/time.Second)).flag("is_personal", true)
	if a.Button != "" {
		p.json("button", inlineButton{a.Button, a.Start})
	}
	e := c.call(ctx, c.send, "answerInlineQuery", p, nil)
	if e == nil || errors.Is(e, ErrStaleCallback) {
		return nil
	}
	c.heed(ctx, 0, e)
	return e
}
