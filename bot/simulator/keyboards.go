package simulator

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	maxCallbackData = 64 // bytes
	maxButtons      = 100
	maxMarkupBytes  = 10_000
)

// readMarkup takes reply_markup from the parameters; nil means none. Only
// inline keyboards are kept; remove_keyboard and force_reply change nothing
// that this simulator shows.
func readMarkup(p params) (*Markup, error) {
	text := strings.TrimSpace(p["reply_markup"])
	if text == "" {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if !json.Valid([]byte(text)) {
		return nil, bad("can't parse reply keyboard markup JSON object")
	}
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil, bad("object expected as reply markup")
	}
	raw, ok := fields["inline_keyboard"]
	if !ok {
		if _, ok := fields["keyboard"]; ok {
			return nil, bad("reply keyboards are not part of this simulator")
		}
		return nil, nil
	}
	var rows []json.RawMessage
	if json.Unmarshal(raw, &rows) != nil || string(raw) == "null" {
		return nil, bad(`field "inline_keyboard" must be of type Array`)
	}
	if len(text) > maxMarkupBytes {
		return nil, bad("reply markup is too long")
	}
	return readRows(rows)
}

func readRows(rows []json.RawMessage) (*Markup, error) {
	m := &Markup{InlineKeyboard: [][]Button{}}
	count := 0
	for _, raw := range rows {
		var cells []json.RawMessage
		if json.Unmarshal(raw, &cells) != nil || string(raw) == "null" {
			return nil, bad(`field "inline_keyboard" must be an Array of Arrays`)
		}
		var row []Button
		for _, cell := range cells {
			b, err := readButton(cell)
			if err != nil {
				return nil, err
			}
			row = append(row, b)
			count++
		}
		if len(row) > 0 {
			m.InlineKeyboard = append(m.InlineKeyboard, row)
		}
	}
	switch {
	case count > maxButtons:
		return nil, bad("reply markup is too long")
	case count == 0:
		return nil, nil
	}
	return m, nil
}

func readButton(raw json.RawMessage) (Button, error) {
	const prefix = "can't parse inline keyboard button: "
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return Button{}, bad(prefix + "InlineKeyboardButton must be an Object")
	}
	if _, ok := fields["text"]; !ok {
		return Button{}, bad(prefix + `Can't find field "text"`)
	}
	var b Button
	if err := json.Unmarshal(raw, &b); err != nil {
		return Button{}, bad(prefix + "Field has a wrong type")
	}
	_, hasURL := fields["url"]
	_, hasData := fields["callback_data"]
	switch {
	case strings.TrimSpace(b.Text) == "" || !utf8.ValidString(b.Text):
		return Button{}, bad("Keyboard button text must be non-empty")
	case hasURL:
		if fault := linkFault(b.URL); fault != "" {
			return Button{}, bad("Inline keyboard button URL '%s' is invalid: %s", b.URL, fault)
		}
		b.CallbackData = ""
	case hasData:
		if n := len(b.CallbackData); n < 1 || n > maxCallbackData {
			return Button{}, bad("BUTTON_DATA_INVALID")
		}
	case b.CopyText != nil:
		if n := utf8.RuneCountInString(b.CopyText.Text); n < 1 || n > 256 {
			return Button{}, bad("BUTTON_COPY_TEXT_INVALID")
		}
	case b.SwitchInlineQuery != nil || b.SwitchInlineHere != nil || b.WebApp != nil:
	default:
		return Button{}, bad(prefix + "Text buttons are unallowed in the inline keyboard")
	}
	return b, nil
}

// readPreview takes link_preview_options, or the older
// disable_web_page_preview.
func readPreview(p params) (*Preview, error) {
	text := strings.TrimSpace(p["link_preview_options"])
	if text == "" {
		if p.flag("disable_web_page_preview") {
			return &Preview{IsDisabled: true}, nil
		}
		return nil, nil
	}
	var v Preview
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil, bad("can't parse link preview options JSON object")
	}
	return &v, nil
}
