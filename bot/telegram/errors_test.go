package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// refuse answers every call as the Bot API refuses.
func refuse(code int, description, parameters string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text, _ := json.Marshal(description)
		if parameters != "" {
			parameters = `,"parameters":` + parameters
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"ok":false,"error_code":%d,"description":%s%s}`, code, text, parameters)
	}
}

func TestRefusalsMeanWhatTheySay(t *testing.T) {
	tests := []struct {
		code       int
		text       string
		parameters string
		is         error
		want       Error // RetryAfter, MigrateTo and Reason
	}{
		{429, "Too Many Requests: retry after 35", `{"retry_after":35}`, ErrRateLimited, Error{RetryAfter: 35 * time.Second}},
		{429, "Too Many Requests: retry after 10072", ``, ErrRateLimited, Error{RetryAfter: 10072 * time.Second}},
		{429, "Too Many Requests: retry after 5", `{"retry_after":9000000000000}`, ErrRateLimited, Error{RetryAfter: 24 * time.Hour}},
		{429, "Too Many Requests", `{}`, ErrRateLimited, Error{RetryAfter: time.Second}},

		{403, "Forbidden: bot was blocked by the user", ``, ErrBlocked, Error{Reason: ReasonBlocked}},
		{403, "Forbidden: user is deactivated", ``, ErrBlocked, Error{Reason: ReasonDeactivated}},
		{403, "Forbidden: bot can't initiate conversation with a user", ``, ErrBlocked, Error{Reason: ReasonNeverStarted}},
		{403, "Forbidden: the bot can't send messages to the bot", ``, ErrBlocked, Error{Reason: ReasonBot}},
		{403, "Forbidden: bots can't send messages to bots", ``, ErrBlocked, Error{Reason: ReasonBot}},
		{403, "Forbidden: bot was kicked from the group chat", ``, ErrBlocked, Error{Reason: ReasonKicked}},
		{403, "Forbidden: bot was kicked from the supergroup chat", ``, ErrBlocked, Error{Reason: ReasonKicked}},
		{403, "Forbidden: bot was kicked from the channel chat", ``, ErrBlocked, Error{Reason: ReasonKicked}},
		{403, "Forbidden: bot is not a member of the group chat", ``, ErrBlocked, Error{Reason: ReasonLeft}},
		{403, "Forbidden: bot is not a member of the supergroup chat", ``, ErrBlocked, Error{Reason: ReasonLeft}},
		{403, "Forbidden: bot is not a member of the channel chat", ``, ErrBlocked, Error{Reason: ReasonLeft}},
		{403, "Forbidden: the group chat was deleted", ``, ErrBlocked, Error{Reason: ReasonDeleted}},
		{400, "Bad Request: group chat was upgraded to a supergroup chat", `{"migrate_to_chat_id":-1001234567890}`, ErrMigrated, Error{MigrateTo: -1001234567890}},
		{400, "Bad Request: group chat was upgraded to a supergroup chat", ``, ErrMigrated, Error{}},
		{400, "Bad Request: chat not found", ``, ErrChatNotFound, Error{}},
		{400, "Bad Request: not enough rights to send text messages to the chat", ``, ErrNoRights, Error{}},
		{400, "Bad Request: not enough rights to send photos to the chat", ``, ErrNoRights, Error{}},
		{400, "Bad Request: have no write access to the chat", ``, ErrNoRights, Error{}},
		{400, "Bad Request: need administrator rights in the channel chat", ``, ErrNoRights, Error{}},
		{400, "Bad Request: message thread not found", ``, ErrThreadGone, Error{}},
		{400, "Bad Request: TOPIC_CLOSED", ``, ErrThreadGone, Error{}},
		{400, "Bad Request: TOPIC_DELETED", ``, ErrThreadGone, Error{}},

		{400, `Bad Request: can't parse entities: Unsupported start tag "div" at byte offset 0`, ``, ErrEntities, Error{}},
		{400, "Bad Request: can't parse MessageEntity: Field \"offset\" must be of type Number", ``, ErrEntities, Error{}},
		{400, "Bad Request: entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 9", ``, ErrEntities, Error{}},
		{400, "Bad Request: ENTITIES_TOO_LONG", ``, ErrEntities, Error{}},
		{400, "Bad Request: message is too long", ``, ErrTooLong, Error{}},
		{400, "Bad Request: text is too long", ``, ErrTooLong, Error{}},
		{400, "Bad Request: MESSAGE_TOO_LONG", ``, ErrTooLong, Error{}},
		{400, "Bad Request: message caption is too long", ``, ErrTooLong, Error{}},
		{400, "Bad Request: reply markup is too long", ``, ErrTooLong, Error{}},
		{400, "Bad Request: REPLY_MARKUP_TOO_LONG", ``, ErrTooLong, Error{}},

		{400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", ``, ErrNotModified, Error{}},
		{400, "Bad Request: message to edit not found", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message can't be edited", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message to delete not found", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message can't be deleted for everyone", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message to copy not found", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message can't be copied", ``, ErrNoCopy, Error{}},
		{400, "Bad Request: message to be replied not found", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: message identifier is not specified", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: there is no text in the message to edit", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: there is no caption in the message to edit", ``, ErrMessageGone, Error{}},
		{400, "Bad Request: query is too old and response timeout expired or query ID is invalid", ``, ErrStaleCallback, Error{}},

		{400, "Bad Request: message text is empty", ``, ErrRefused, Error{}},
		{400, "Bad Request: text must be non-empty", ``, ErrRefused, Error{}},
		{400, "Bad Request: BUTTON_DATA_INVALID", ``, ErrRefused, Error{}},
		{400, "Bad Request: inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL", ``, ErrRefused, Error{}},
		{400, `Bad Request: field "inline_keyboard" must be of type Array`, ``, ErrRefused, Error{}},
		{400, `Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard`, ``, ErrRefused, Error{}},
		{400, "Bad Request: what nobody saw before, retry after 77", ``, ErrRefused, Error{}},
		{403, "Forbidden: for a new reason", ``, ErrRefused, Error{}},

		{401, "Unauthorized", ``, ErrUnauthorized, Error{}},
		{401, "Unauthorized: invalid token specified", ``, ErrUnauthorized, Error{}},
		{404, "Not Found: method not found", ``, ErrNoMethod, Error{}},
		{404, "Not Found", ``, ErrNoMethod, Error{}},
		{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", ``, ErrConflict, Error{}},
		{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", ``, ErrConflict, Error{}},
		{409, "Conflict: terminated by setWebhook request", ``, ErrConflict, Error{}},
		{500, "Internal Server Error: restart", ``, ErrServer, Error{Reason: ReasonFault}},
		{500, "Internal Server Error: restart", ``, ErrAmbiguous, Error{Reason: ReasonFault}},
		{502, "Bad Gateway", ``, ErrServer, Error{Reason: ReasonFault}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %.60s", tt.code, tt.text), func(t *testing.T) {
			c := serve(t, refuse(tt.code, tt.text, tt.parameters), Options{Log: new(record).log()})
			_, err := c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, tt.is) {
				t.Fatalf("Send = %v, want %v", err, tt.is)
			}
			if e.Method != "sendMessage" || e.Code != tt.code || e.Status != tt.code || e.Description != tt.text ||
				e.RetryAfter != tt.want.RetryAfter || e.MigrateTo != tt.want.MigrateTo || e.Reason != tt.want.Reason {
				t.Errorf("Send = %#v, want code %d, text %q and %+v", e, tt.code, tt.text, tt.want)
			}
			if tt.code < 500 && (errors.Is(err, ErrAmbiguous) || errors.Is(err, ErrNotSent)) {
				t.Errorf("Send = %v: a clear refusal is neither lost nor unsent", err)
			}
		})
	}
}

// Each row of the table must be reached by its own text: a broader row above it
// would hide it.
func TestNoRowOfTheTableIsHidden(t *testing.T) {
	for _, m := range meanings {
		reason, is := meaningOf(m.code, "Bad Request: "+strings.ToUpper(m.fragment))
		if is != m.is || reason != m.reason {
			t.Errorf("meaningOf(%d, %q) = %q, %v; want %q, %v", m.code, m.fragment, reason, is, m.reason, m.is)
		}
	}
}

func TestA429WithoutParametersUsesTheHeader(t *testing.T) {
	for name, body := range map[string]string{
		"an answer of the Bot API":     `{"ok":false,"error_code":429,"description":"Too Many Requests"}`,
		"a page of a server before it": `<html>429 Too Many Requests</html>`,
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "12")
			w.WriteHeader(429)
			fmt.Fprint(w, body)
		}, Options{Log: new(record).log()})
		_, err := c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrRateLimited) || e.RetryAfter != 12*time.Second {
			t.Errorf("%s: Send = %#v, want ErrRateLimited with 12s", name, err)
		}
		if got := time.Until(c.Limiter().Ready(7)); got < 11*time.Second || got > 12*time.Second {
			t.Errorf("%s: chat 7 is ready in %v, want 12s", name, got)
		}
	}
}

func TestALongDescriptionIsCut(t *testing.T) {
	c := serve(t, refuse(400, "Bad Request: "+strings.Repeat("é", 1_000_000), ""), Options{})
	_, err := c.Send(t.Context(), Interactive, To{Chat: 7}, Message{Text: "x"})
	if err == nil || len(err.Error()) > 400 {
		t.Errorf("Send = an error of %d bytes, want at most 400", len(err.Error()))
	}
}
