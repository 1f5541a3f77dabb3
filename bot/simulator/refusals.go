package simulator

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// refusal is an answer with ok=false; its status is also the HTTP status.
type refusal struct {
	code       int
	text       string
	retryAfter int
	migrateTo  int64
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.code, r.text) }

// bad is a 400 in Telegram's wording: the first letter is lower-cased unless
// the second character is upper-case or an underscore (Client.cpp fail_query).
func bad(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	first, n := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[n:])
	if !unicode.IsUpper(second) && second != '_' {
		text = string(unicode.ToLower(first)) + text[n:]
	}
	return &refusal{code: 400, text: "Bad Request: " + text}
}

func forbidden(text string) error { return &refusal{code: 403, text: "Forbidden: " + text} }

func conflict(text string) error { return &refusal{code: 409, text: "Conflict: " + text} }

func tooMany(seconds int) error {
	return &refusal{code: 429, text: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retryAfter: seconds}
}

func migrated(to int64) error {
	return &refusal{code: 400, text: "Bad Request: group chat was upgraded to a supergroup chat", migrateTo: to}
}

var (
	errNotFound     = &refusal{code: 404, text: "Not Found"}
	errNoMethod     = &refusal{code: 404, text: "Not Found: method not found"}
	errUnauthorized = &refusal{code: 401, text: "Unauthorized"}
	errTokenShape   = &refusal{code: 401, text: "Unauthorized: invalid token specified"}
	errTooLarge     = &refusal{code: 413, text: "Request Entity Too Large"}
)

const (
	textOtherPoll   = "terminated by other getUpdates request; make sure that only one bot instance is running"
	textWebhookPoll = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	textSetWebhook  = "terminated by setWebhook request"
	textQueryTooOld = "query is too old and response timeout expired or query ID is invalid"
	textNotModified = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
)

// kind is the word 403 texts use for a chat.
func (c *chat) kind() string {
	switch c.Type {
	case "channel":
		return "channel chat"
	case "supergroup":
		return "supergroup chat"
	}
	return "group chat"
}

func notMember(c *chat) error {
	// A supergroup and a channel stand without "chat" here, a group with it.
	if c.Type == "group" {
		return forbidden("bot is not a member of the group chat")
	}
	return forbidden("bot is not a member of the " + strings.TrimSuffix(c.kind(), " chat"))
}
