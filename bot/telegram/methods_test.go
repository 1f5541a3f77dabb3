package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// calls notes what was asked and answers from a table by method.
type calls struct {
	mu      sync.Mutex
	list    []string
	answers map[string]string
}

func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	method := path.Base(r.URL.Path)
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := make([]string, 0, len(r.PostForm))
	for k := range r.PostForm {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	line := method
	for _, k := range keys {
		line += " " + k + "=" + r.PostForm.Get(k)
	}
	c.list = append(c.list, line)
	if r.URL.Path != "/base%/bot"+testToken+"/"+method {
		w.WriteHeader(404)
		fmt.Fprint(w, `{"ok":false,"error_code":404,"description":"Not Found"}`)
		return
	}
	answer, ok := c.answers[method]
	if !ok {
		answer = `{"ok":true,"result":true}`
	}
	if strings.Contains(answer, `"error_code":4`) {
		w.WriteHeader(400)
	}
	io.WriteString(w, answer)
}

func serveCalls(t *testing.T, answers map[string]string) (*Client, *calls) {
	t.Helper()
	seen := &calls{answers: answers}
	c := serve(t, seen.ServeHTTP, Options{Rate: 1000})
	base, err := url.Parse(strings.TrimSuffix(c.endpoint, "/bot%s/%s"))
	if err != nil {
		t.Fatal(err)
	}
	// A base with a path, and with a percent sign that is no verb.
	c2, err := New(testToken, base.String()+"/base%25/", Options{Rate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c2.Close)
	return c2, seen
}

func TestMethodsSayExactlyWhatIsMeant(t *testing.T) {
	const message = `{"ok":true,"result":{"message_id":4294967297,"chat":{"id":-1001234567890}}}`
	k := Keyboard{{{Text: "A", Data: "a"}}, {}}
	tests := []struct {
		name    string
		answers map[string]string
		do      func(ctx context.Context, c *Client) error
		want    []string
	}{
		{"a message of text, entities and buttons", map[string]string{"sendMessage": message}, func(ctx context.Context, c *Client) error {
			id, err := c.Send(ctx, Edition, To{-1001234567890, 5}, Message{Text: "a+b&c😀", Entities: []Entity{{Type: "bold", Offset: 0, Length: 1}}, Keyboard: k, Silent: true})
			if id != 4294967297 {
				return fmt.Errorf("id %d: %w", id, err)
			}
			return err
		}, []string{`sendMessage chat_id=-1001234567890 disable_notification=true entities=[{"type":"bold","offset":0,"length":1}] link_preview_options={"is_disabled":true} message_thread_id=5 reply_markup={"inline_keyboard":[[{"text":"A","callback_data":"a"}]]} text=a+b&c😀`}},
		{"the General thread and no buttons are not named, a preview is let be", map[string]string{"sendMessage": message}, func(ctx context.Context, c *Client) error {
			_, err := c.Send(ctx, Edition, To{7, 1}, Message{Text: "x", Keyboard: Keyboard{{}}, Preview: true})
			return err
		}, []string{`sendMessage chat_id=7 text=x`}},
		{"an edit that changes nothing", map[string]string{"editMessageText": `{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: …"}`}, func(ctx context.Context, c *Client) error {
			return c.Edit(ctx, Interactive, To{Chat: 7}, 9, Message{Text: "x"})
		}, []string{`editMessageText chat_id=7 link_preview_options={"is_disabled":true} message_id=9 text=x`}},
		{"buttons set and taken away", nil, func(ctx context.Context, c *Client) error {
			return errors.Join(c.EditKeyboard(ctx, Interactive, To{Chat: 7}, 9, k), c.EditKeyboard(ctx, Interactive, To{Chat: 8}, 9, nil))
		}, []string{`editMessageReplyMarkup chat_id=7 message_id=9 reply_markup={"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}`, `editMessageReplyMarkup chat_id=8 message_id=9`}},
		{"a message deleted", nil, func(ctx context.Context, c *Client) error {
			return c.Delete(ctx, Interactive, To{Chat: 7}, 9)
		}, []string{`deleteMessage chat_id=7 message_id=9`}},
		{"a message copied", map[string]string{"copyMessage": `{"ok":true,"result":{"message_id":3}}`}, func(ctx context.Context, c *Client) error {
			id, err := c.Send(ctx, Broadcast, To{7, 4}, Message{Copy: &Copied{Chat: -5, Message: 6}, Keyboard: k, Silent: true})
			if id != 3 {
				return fmt.Errorf("id %d: %w", id, err)
			}
			return err
		}, []string{`copyMessage chat_id=7 disable_notification=true from_chat_id=-5 message_id=6 message_thread_id=4 reply_markup={"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}`}},
		{"a copy of what nobody knows where it stands", nil, func(ctx context.Context, c *Client) error {
			marked := false
			_, err := c.SendMarked(ctx, Broadcast, To{7, 4}, Message{Copy: &Copied{Message: 6}}.Plain(), func(context.Context) error { marked = true; return nil })
			if !errors.Is(err, ErrMessageGone) || errors.Is(err, ErrChatNotFound) || !marked {
				return fmt.Errorf("SendMarked = %w, marked %v, want ErrMessageGone, marked", err, marked)
			}
			return nil
		}, nil},
		{"a press answered too late", map[string]string{"answerCallbackQuery": `{"ok":false,"error_code":400,"description":"Bad Request: query is too old and response timeout expired or query ID is invalid"}`}, func(ctx context.Context, c *Client) error {
			return c.AnswerCallback(ctx, "77", strings.Repeat("😀", 201), true)
		}, []string{`answerCallbackQuery callback_query_id=77 show_alert=true text=` + strings.Repeat("😀", 199) + "…"}},
		{"an inline query answered too late", map[string]string{"answerInlineQuery": `{"ok":false,"error_code":400,"description":"Bad Request: query is too old and response timeout expired or query ID is invalid"}`}, func(ctx context.Context, c *Client) error {
			return c.AnswerInline(ctx, "78", InlineAnswer{Results: []InlineResult{{ID: "a", Title: "Ferries", Message: Message{Text: "Two ferries"}}}, Cache: 30 * time.Second, Button: "Follow", Start: "t_ferries"})
		}, []string{`answerInlineQuery button={"text":"Follow","start_parameter":"t_ferries"} cache_time=30 inline_query_id=78 is_personal=true results=[{"type":"article","id":"a","title":"Ferries","input_message_content":{"message_text":"Two ferries","link_preview_options":{"is_disabled":true}}}]`}},
		{"an inline query without results", nil, func(ctx context.Context, c *Client) error {
			return c.AnswerInline(ctx, "79", InlineAnswer{Cache: time.Minute})
		}, []string{`answerInlineQuery cache_time=60 inline_query_id=79 is_personal=true results=[]`}},
		{"commands that are so already", map[string]string{"getMyCommands": `{"ok":true,"result":[{"command":"start","description":"Begin"}]}`}, func(ctx context.Context, c *Client) error {
			return c.SetCommands(ctx, Scope{}, "", []Command{{"start", "Begin"}})
		}, []string{`getMyCommands scope={"type":"default"}`}},
		{"commands that change", map[string]string{"getMyCommands": `{"ok":true,"result":[]}`}, func(ctx context.Context, c *Client) error {
			return c.SetCommands(ctx, Scope{"chat", -5}, "de", []Command{{"start", "Los"}})
		}, []string{`getMyCommands language_code=de scope={"type":"chat","chat_id":-5}`, `setMyCommands commands=[{"command":"start","description":"Los"}] language_code=de scope={"type":"chat","chat_id":-5}`}},
		{"commands taken away", nil, func(ctx context.Context, c *Client) error {
			return c.DeleteCommands(ctx, Scope{"chat", -5}, "")
		}, []string{`deleteMyCommands scope={"type":"chat","chat_id":-5}`}},
		{"a description that is so already", map[string]string{"getMyDescription": `{"ok":true,"result":{"description":"News","x":1}}`}, func(ctx context.Context, c *Client) error {
			return c.SetDescription(ctx, "", "News")
		}, []string{`getMyDescription`}},
		{"a short description that changes", map[string]string{"getMyShortDescription": `{"ok":true,"result":{"short_description":""}}`}, func(ctx context.Context, c *Client) error {
			return c.SetShortDescription(ctx, "en", "News")
		}, []string{`getMyShortDescription language_code=en`, `setMyShortDescription language_code=en short_description=News`}},
		{"the webhook taken away", nil, func(ctx context.Context, c *Client) error { return c.DeleteWebhook(ctx) }, []string{`deleteWebhook`}},
		{"a member looked up", map[string]string{"getChatMember": `{"ok":true,"result":{"status":"restricted","is_member":true,"user":{"id":8}}}`}, func(ctx context.Context, c *Client) error {
			m, err := c.ChatMember(ctx, -5, 8)
			if m.IsAdmin() || !m.IsPresent() || m.User.ID != 8 {
				return fmt.Errorf("member %+v: %w", m, err)
			}
			return err
		}, []string{`getChatMember chat_id=-5 user_id=8`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, seen := serveCalls(t, tt.answers)
			if err := tt.do(t.Context(), c); err != nil {
				t.Errorf("error %v, want nil", err)
			}
			if diff := cmp.Diff(tt.want, seen.list); diff != "" {
				t.Errorf("calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMalformedUpdateDoesNotLoseItsNeighbours(t *testing.T) {
	c, seen := serveCalls(t, map[string]string{"getUpdates": `{"ok":true,"result":[
		{"update_id":1,"message":{"message_id":"NaN"}},
		{"update_id":2,"message":{"message_id":2,"message_thread_id":9,"is_topic_message":true,"from":{"id":5368709120,"language_code":"pt-br"},"chat":{"id":-1001234567890,"type":"supergroup","is_forum":true},"text":"/start x","entities":[{"type":"bot_command","offset":0,"length":6}],"reply_to_message":{"message_id":1,"chat":{"id":1}}}},
		{"update_id":3,"purchased_paid_media":{"x":1}},
		{"update_id":4,"callback_query":{"id":"99","from":{"id":5},"data":"d","message":{"message_id":7,"chat":{"id":6},"date":0}}},
		{"update_id":5,"my_chat_member":{"chat":{"id":5,"type":"private"},"from":{"id":5},"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}},
		{"update_id":6,"edited_message":{"message_id":1,"chat":{"id":1},"location":{"latitude":52.5,"longitude":13.4}}},
		{"update_id":7,"channel_post":{"message_id":1,"chat":{"id":-2,"type":"channel"}}},
		{"update_id":8,"message":{"message_id":1,"message_thread_id":3,"chat":{"id":-3},"migrate_to_chat_id":-1003,"migrate_from_chat_id":-3}},
		"nonsense", null, {"update_id":"x"}]}`})
	updates, err := c.Updates(t.Context(), 5, 90*time.Second, AllowedUpdates)
	if err != nil {
		t.Fatalf("Updates = %v", err)
	}
	want := `getUpdates allowed_updates=["message","edited_message","channel_post","callback_query","inline_query","my_chat_member"] limit=100 offset=5 timeout=50`
	if len(seen.list) != 1 || seen.list[0] != want {
		t.Errorf("asked %q, want %q", seen.list, want)
	}
	var got []string
	for _, u := range updates {
		got = append(got, fmt.Sprint(u.ID, " ", u.Kind(), " ", u.ChatID()))
	}
	wantKinds := []string{"1 unknown 0", "2 message -1001234567890", "3 unknown 0", "4 callback_query 6", "5 my_chat_member 5",
		"6 edited_message 1", "7 channel_post -2", "8 message -3", "0 unknown 0", "0 unknown 0", "0 unknown 0"}
	if diff := cmp.Diff(wantKinds, got); diff != "" {
		t.Fatalf("updates differ (-want +got):\n%s", diff)
	}
	m := updates[1].Message
	if m.To() != (To{-1001234567890, 9}) || m.From.ID != 5368709120 || m.From.LanguageCode != "pt-br" || !m.Chat.IsForum || m.ReplyToMessage == nil {
		t.Errorf("message = %+v, want its thread, sender, forum and reply", m)
	}
	if s, ok := m.EntityText(m.Entities[0]); s != "/start" || !ok {
		t.Errorf("EntityText = %q, %t, want /start", s, ok)
	}
	if to := updates[7].Message.To(); to != (To{Chat: -3}) {
		t.Errorf("a reply's thread outside a forum: To() = %+v, want no thread", to)
	}
	if updates[5].EditedMessage.Location.Latitude != 52.5 || updates[7].Message.MigrateToChatID != -1003 || updates[7].Message.MigrateFromChatID != -3 {
		t.Errorf("location or migration is lost in %+v, %+v", updates[5].EditedMessage, updates[7].Message)
	}
}

func TestMeRefusesAWrongTokenHoweverItIsSaid(t *testing.T) {
	for _, h := range []http.HandlerFunc{refuse(401, "Unauthorized", ""), refuse(404, "Not Found", "")} {
		if _, err := serve(t, h, Options{}).Me(t.Context()); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("Me() = %v, want ErrUnauthorized", err)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	tests := []struct{ name, token, base string }{
		{"no token", "", ""},
		{"a token with a path in it", "1:a/../b", ""},
		{"a token with a verb of the library's format in it", "1:%s%s", ""},
		{"a token with a line end", "1:abc\n", ""},
		{"an address without a scheme", "1:abc", "api.example.com"},
		{"an address of another scheme", "1:abc", "ftp://api.example.com"},
		{"an address with a query", "1:abc", "https://api.example.com/?x=1"},
		{"an address without a host", "1:abc", "https:///x"},
	}
	for _, tt := range tests {
		if c, err := New(tt.token, tt.base, Options{}); err == nil {
			t.Errorf("%s: New(%q, %q) = %v, nil; want an error", tt.name, tt.token, tt.base, c)
		}
	}
}

func TestA429OfOneChatLetsOthersAndPressesPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var keeper saved
		c, stop := serveInBubble(t, func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			switch {
			case r.Form.Get("chat_id") == "1":
				refuse(429, "Too Many Requests: retry after 30", `{"retry_after":30}`)(w, r)
			case path.Base(r.URL.Path) == "setMyCommands":
				refuse(429, "Too Many Requests: retry after 9000", `{"retry_after":9000}`)(w, r)
			case path.Base(r.URL.Path) == "getMyCommands":
				io.WriteString(w, `{"ok":true,"result":[]}`)
			default:
				io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
			}
		}, Options{Pauses: &keeper, Log: new(record).log()})
		defer stop()
		began := time.Now()
		if _, err := c.Send(t.Context(), Edition, To{Chat: 1}, Message{Text: "x"}); !errors.Is(err, ErrRateLimited) {
			t.Errorf("Send to the limited chat = %v, want ErrRateLimited", err)
		}
		if err := c.SetCommands(t.Context(), Scope{}, "", []Command{{"a", "b"}}); !errors.Is(err, ErrRateLimited) {
			t.Errorf("SetCommands = %v, want ErrRateLimited", err)
		}
		time.Sleep(time.Minute)
		var early *Error
		if err := c.DeleteCommands(t.Context(), Scope{}, ""); !errors.As(err, &early) || !errors.Is(err, ErrRateLimited) || early.RetryAfter != 8940*time.Second {
			t.Errorf("DeleteCommands a minute after = %v, want ErrRateLimited for the rest of the 9000 s, without a call", err)
		}
		began = began.Add(time.Minute)
		if err := c.AnswerCallback(t.Context(), "1", "", false); err != nil {
			t.Errorf("AnswerCallback = %v, want nil", err)
		}
		if _, err := c.Send(t.Context(), Edition, To{Chat: 2}, Message{Text: "x"}); err != nil || time.Since(began) > time.Second {
			t.Errorf("Send to another chat = %v after %v, want at once", err, time.Since(began))
		}
		time.Sleep(8940 * time.Second)
		if err := c.DeleteCommands(t.Context(), Scope{}, ""); err != nil {
			t.Errorf("DeleteCommands after 9000 s = %v, want nil", err)
		}
		began = began.Add(-time.Minute)
		if want := (Pause{"chat:1", began.Add(30 * time.Second)}); len(keeper.pauses) != 1 || keeper.pauses[0].Scope != want.Scope || !keeper.pauses[0].Until.Equal(want.Until) {
			t.Errorf("saved pauses %v, want only %v", keeper.pauses, want)
		}
	})
}
