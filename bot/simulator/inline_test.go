package simulator

import (
	"strings"
	"testing"
	"time"
)

func TestInlineAnswersThatTelegramRefuses(t *testing.T) {
	h := build(t)
	article := func(id, title, text string) string {
		return `{"type":"article","id":"` + id + `","title":"` + title + `","input_message_content":{"message_text":"` + text + `"}}`
	}
	ask := func() string {
		t.Helper()
		id, err := h.Ask(reader, "ferries", "")
		h.must(t, err)
		return id
	}
	id := ask()
	for name, c := range map[string]struct {
		key, value, want string
	}{
		"nonsense":              {"results", `{`, "can't parse inline query results JSON object"},
		"too many":              {"results", "[" + strings.Repeat(article("a", "b", "c")+",", 50) + article("a", "b", "c") + "]", "RESULTS_TOO_MUCH"},
		"no id":                 {"results", "[" + article("", "b", "c") + "]", "RESULT_ID_INVALID"},
		"a long id":             {"results", "[" + article(strings.Repeat("x", 65), "b", "c") + "]", "RESULT_ID_INVALID"},
		"one id twice":          {"results", "[" + article("a", "b", "c") + "," + article("a", "d", "e") + "]", "RESULT_ID_DUPLICATE"},
		"no title":              {"results", "[" + article("a", "", "c") + "]", "ARTICLE_TITLE_EMPTY"},
		"no text":               {"results", "[" + article("a", "b", "") + "]", "message text is empty"},
		"a long text":           {"results", "[" + article("a", "b", strings.Repeat("c", 4097)) + "]", "message is too long"},
		"a long place":          {"next_offset", strings.Repeat("9", 65), "NEXT_OFFSET_INVALID"},
		"a button without text": {"button", `{"text":"","start_parameter":"a"}`, "SWITCH_PM_TEXT_EMPTY"},
		"a wrong parameter":     {"button", `{"text":"a","start_parameter":"two words"}`, "START_PARAM_INVALID"},
	} {
		p := map[string]string{"results": "[]", "inline_query_id": id}
		p[c.key] = c.value
		var list []string
		for k, v := range p {
			list = append(list, k, v)
		}
		if a := call(t, h.Simulator, "answerInlineQuery", list...); a.Description != "Bad Request: "+c.want {
			t.Errorf("%s = %q, want %q", name, a.Description, c.want)
		}
	}
	if a := call(t, h.Simulator, "answerInlineQuery", "inline_query_id", id, "results", "["+article("a", "b", "c")+"]"); !a.OK {
		t.Errorf("a good answer = %s", a.Description)
	}
	late := ask()
	h.clock.advance(11 * time.Second)
	for name, id := range map[string]string{"a second answer": id, "a late answer": late, "an unknown query": "1"} {
		if a := call(t, h.Simulator, "answerInlineQuery", "inline_query_id", id, "results", "[]"); a.Description != "Bad Request: "+textQueryTooOld {
			t.Errorf("%s = %q, want that it is too old", name, a.Description)
		}
	}
	if _, err := h.Share(reader, 0, id, "b"); err == nil {
		t.Error("a result that was not offered is shared")
	}
	if m, err := h.Share(reader, 0, id, "a"); err != nil || m.Text != "c" || m.ViaBot == nil {
		t.Errorf("Share = %+v, %v", m, err)
	}
}
