package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// MaxCaption is the longest text under a picture or file, in UTF-16 units;
// Telegram counts code points (1024), which are never more.
const MaxCaption = 1024

// File is what is uploaded with a message: at most 10 MB as a picture (PNG or
// JPEG), 50 MB as a document. Name is what readers see and save it under.
type File struct {
	Name    string `json:"name"`
	Data    []byte `json:"data"`
	Picture bool   `json:"picture,omitempty"` // shown as one
}

// upload is the call that sends m with its file.
func upload(to To, m Message) (method string, p params, files []tgbotapi.RequestFile) {
	method, field := "sendDocument", "document"
	if m.File.Picture {
		method, field = "sendPhoto", "photo"
	}
	p = address(to).text("caption", m.Text).flag("disable_notification", m.Silent)
	if len(m.Entities) > 0 {
		p.json("caption_entities", m.Entities)
	}
	data := tgbotapi.FileBytes{Name: m.File.Name, Bytes: m.File.Data}
	return method, buttons(p, m.Keyboard), []tgbotapi.RequestFile{{Name: field, Data: data}}
}

// Download returns a file that somebody sent, at most limit bytes: ErrTooLong
// when it has more. Telegram gives bots files of up to 20 MB.
func (c *Client) Download(ctx context.Context, fileID string, limit int64) ([]byte, error) {
	var f struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := c.ask(ctx, "getFile", params{}.text("file_id", fileID), &f); err != nil {
		return nil, err
	}
	tooLong := &Error{Method: "getFile", Description: fmt.Sprintf("the file has more than %d bytes", limit), is: []error{ErrTooLong}}
	if f.Size > limit {
		return nil, tooLong
	}
	x := &exchange{ctx: ctx, client: c.send}
	data, err := c.read(x, f.Path, limit)
	switch {
	case err != nil:
		return nil, c.judge("file", x, err)
	case int64(len(data)) > limit:
		return nil, tooLong
	}
	return data, nil
}

// read fetches a file by its path. It stops one byte after limit.
func (c *Client) read(x *exchange, path string, limit int64) ([]byte, error) {
	address := c.files + "/" + (&url.URL{Path: strings.TrimLeft(path, "/")}).EscapedPath()
	req, err := http.NewRequestWithContext(x.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the file has no address that can be read") // not the parse error: it holds the token
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if x.status = resp.StatusCode; x.status != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, limit+1))
}

// wholeBody gives an upload its length: only a request that knows how long it
// is can tell whether all of it was taken (see exchange.Do).
func wholeBody(req *http.Request) error {
	if req.Body == nil || req.Body == http.NoBody || req.ContentLength > 0 {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return fmt.Errorf("read what is to be sent: %w", err)
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}
