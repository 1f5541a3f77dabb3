package simulator

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestPathsTokensAndMethodsAreRefusedInTelegramsWords(t *testing.T) {
	s, _ := world(t)
	for _, c := range []struct {
		name, path string
		status     int
		body       string
	}{
		{"a path that is no bot's", "/", 404, `{"ok":false,"error_code":404,"description":"Not Found"}`},
		{"a bot without a method", "/bot" + token, 404, `{"ok":false,"error_code":404,"description":"Not Found"}`},
		{"a method with a slash after", "/bot" + token + "/getMe/x", 404, `{"ok":false,"error_code":404,"description":"Not Found"}`},
		{"a token of another bot", "/bot4243:secret/getMe", 401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`},
		{"a token without a number", "/botsecret/getMe", 401, `{"ok":false,"error_code":401,"description":"Unauthorized: invalid token specified"}`},
		{"a method nobody knows", "/bot" + token + "/sendCarrierPigeon", 404, `{"ok":false,"error_code":404,"description":"Not Found: method not found"}`},
		{"a method this server is too old for", "/bot" + token + "/sendRichMessage", 404, `{"ok":false,"error_code":404,"description":"Not Found: method not found"}`},
		{"a method in any case", "/bot" + token + "/GETME", 200, `{"ok":true,"result":{"id":4242,"is_bot":true,"first_name":"Tidings","username":"tidings_bot","can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":true}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
			if w.Code != c.status || w.Body.String() != c.body {
				t.Errorf("GET %s = %d %s, want %d %s", c.path, w.Code, w.Body, c.status, c.body)
			}
		})
	}
}

func TestParametersComeInEveryFormTelegramTakes(t *testing.T) {
	s, _ := world(t)
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	m.WriteField("chat_id", fmt.Sprint(reader))
	m.WriteField("text", "hi")
	m.Close()
	markup := `{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}`
	encoded := url.Values{"chat_id": {fmt.Sprint(reader)}, "text": {"hi"}}.Encode()
	for _, c := range []struct{ name, method, query, kind, body string }{
		{"in the query of a GET", "GET", "?" + encoded, "", ""},
		{"in the query of a POST", "POST", "?" + encoded, "", ""},
		{"as a form", "POST", "", "application/x-www-form-urlencoded", encoded},
		{"as multipart", "POST", "", m.FormDataContentType(), form.String()},
		{"as JSON with a number for an id", "POST", "", "application/json", fmt.Sprintf(`{"chat_id":%d,"text":"hi","reply_markup":%s,"entities":null}`, reader, markup)},
		{"as JSON with the charset named", "POST", "", "application/json; charset=utf-8", fmt.Sprintf(`{"chat_id":"%d","text":"hi"}`, reader)},
		{"the body wins over the query", "POST", "?text=other", "application/x-www-form-urlencoded", encoded},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/bot"+token+"/sendMessage"+c.query, strings.NewReader(c.body))
			if c.kind != "" {
				r.Header.Set("Content-Type", c.kind)
			}
			var got Message
			do(t, s, r).into(t, &got)
			if got.Text != "hi" || got.Chat.ID != reader {
				t.Errorf("sent %q to %d, want hi to %d", got.Text, got.Chat.ID, reader)
			}
		})
	}
}

func TestABodyBeyondTheLimitOrNoJSONIsRefused(t *testing.T) {
	s, _ := world(t)
	for _, c := range []struct {
		name, kind, body string
		status           int
		text             string
	}{
		{"a form too large", "application/x-www-form-urlencoded", "text=" + strings.Repeat("a", maxBody+1), 413, "Request Entity Too Large"},
		{"JSON too large", "application/json", `{"text":"` + strings.Repeat("a", maxBody+1) + `"}`, 413, "Request Entity Too Large"},
		{"JSON cut off", "application/json", `{"text":`, 400, "Bad Request: can't parse JSON object"},
		{"JSON that is a list", "application/json", `[1]`, 400, "Bad Request: can't parse JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/bot"+token+"/sendMessage", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			if a := do(t, s, r); a.Status != c.status || a.Description != c.text {
				t.Errorf("answer = %d %s, want %d %s", a.Status, a.Description, c.status, c.text)
			}
		})
	}
}

func TestA429CarriesItsSecondsInBodyAndHeader(t *testing.T) {
	s, _ := world(t)
	s.AddFault(Fault{Kind: FaultTooMany, RetryAfter: 35})
	a := call(t, s, "sendMessage", "chat_id", fmt.Sprint(reader), "text", "x")
	if a.Status != http.StatusTooManyRequests || a.Description != "Too Many Requests: retry after 35" ||
		a.Parameters.RetryAfter != 35 || a.Header.Get("Retry-After") != "35" {
		t.Errorf("answer = %d %q, parameters %+v, header %q", a.Status, a.Description, a.Parameters, a.Header.Get("Retry-After"))
	}
}
