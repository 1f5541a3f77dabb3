package telegram

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a failed call means. Every *Error answers to at least one of these
// through errors.Is; what to do about it is the caller's.
var (
	// ErrRateLimited: HTTP 429. Not done; Error.RetryAfter says how long to wait.
	ErrRateLimited = errors.New("too many requests")
	// ErrBlocked: this chat cannot be reached any more; Error.Reason says why.
	ErrBlocked = errors.New("chat is closed to the bot")
	// ErrChatNotFound: a wrong id, or a chat the bot never met.
	ErrChatNotFound = errors.New("chat not found")
	// ErrMigrated: the group became a supergroup; Error.MigrateTo is its new id.
	ErrMigrated = errors.New("chat has a new id")
	// ErrNoRights: the bot is in the chat but may not do this.
	ErrNoRights = errors.New("not enough rights")
	// ErrThreadGone: the forum topic is deleted or closed.
	ErrThreadGone = errors.New("thread is gone")
	// ErrEntities: the entities were refused; the same text without them may pass.
	ErrEntities = errors.New("entities refused")
	// ErrTooLong: a text, caption or keyboard is over its limit.
	ErrTooLong = errors.New("too long")
	// ErrNotModified: an edit that changes nothing. Edit and EditKeyboard take it as success.
	ErrNotModified = errors.New("message is not modified")
	// ErrMessageGone: the message meant does not exist or can no longer be changed.
	ErrMessageGone = errors.New("message is gone")
	// ErrNoCopy: the message is of a kind that cannot be copied, or is protected.
	ErrNoCopy = errors.New("message cannot be copied")
	// ErrStaleCallback: the press was answered already or too long ago. AnswerCallback takes it as success.
	ErrStaleCallback = errors.New("callback is too old")
	// ErrUnauthorized: the token is wrong or was revoked. Nothing will work until it is replaced.
	ErrUnauthorized = errors.New("token refused")
	// ErrConflict: somebody else polls with this token, or a webhook is set.
	ErrConflict = errors.New("another poller or a webhook holds the updates")
	// ErrNoMethod: this server does not know the method.
	ErrNoMethod = errors.New("method not found")
	// ErrRefused: any other clear refusal (4xx). Not done, and the same call will be refused again.
	ErrRefused = errors.New("refused")
	// ErrServer: the server had a fault of its own (5xx). Always comes with ErrAmbiguous:
	// "Internal Server Error: restart" does not say whether the message went out before.
	ErrServer = errors.New("server fault")
	// ErrAmbiguous: the request left, but no readable answer came. It may have been done.
	ErrAmbiguous = errors.New("answer lost")
	// ErrStandby: another replica is the one that speaks to Telegram. Always comes with ErrNotSent.
	ErrStandby = errors.New("another replica speaks")
	// ErrNotSent: the request surely did not reach the Bot API. It may be repeated without doubling.
	ErrNotSent = errors.New("not sent")
)

// Reason says why a chat is closed to the bot (ErrBlocked), how an answer was
// lost (ErrAmbiguous), or what kept a request from leaving (ErrNotSent).
type Reason string

// The reasons of ErrBlocked.
const (
	ReasonBlocked      Reason = "blocked"       // the user blocked the bot
	ReasonDeactivated  Reason = "deactivated"   // the account is gone
	ReasonNeverStarted Reason = "never_started" // the user never wrote to the bot
	ReasonBot          Reason = "bot"           // the other side is a bot
	ReasonKicked       Reason = "kicked"        // removed from a group or channel
	ReasonLeft         Reason = "left"          // not a member of a group or channel
	ReasonDeleted      Reason = "deleted"       // the group was deleted
)

// How an answer is lost.
const (
	ReasonTimeout Reason = "timeout"      // none came in time
	ReasonReset   Reason = "reset"        // the connection ended before one
	ReasonEmpty   Reason = "empty"        // it had no body
	ReasonCut     Reason = "cut"          // it broke off
	ReasonGarbage Reason = "garbage"      // it was none of the Bot API
	ReasonFault   Reason = "server_fault" // the Bot API had a fault of its own (5xx)
	ReasonPage    Reason = "server_page"  // a server before it had one (5xx without the Bot API's JSON)
)

// What keeps a request from leaving.
const (
	ReasonConnection Reason = "no_connection" // none could be made
	ReasonBroken     Reason = "broken"        // it broke before all of the request was taken
	ReasonWall       Reason = "wall"          // a server before the Bot API refuses (4xx without its JSON)
)

// meaning is one row of the table below.
type meaning struct {
	code     int    // 0: any error code
	fragment string // lower case, part of the description; "": any description
	is       error
	reason   Reason
}

// meanings tells what Telegram's refusals mean; the first row that fits wins.
// The texts were read from the sources of tdlib/telegram-bot-api (Client.cpp)
// and tdlib/td. They are matched by part and without case, because the server
// lower-cases first letters by a rule of its own, and the code is not asked for
// where the text is plain: uploads through the library lose it.
var meanings = []meaning{
	{429, "", ErrRateLimited, ""},
	{0, "too many requests", ErrRateLimited, ""},

	{0, "bot was blocked by the user", ErrBlocked, ReasonBlocked},
	{0, "user is deactivated", ErrBlocked, ReasonDeactivated},
	{0, "can't initiate conversation with a user", ErrBlocked, ReasonNeverStarted},
	{0, "can't send messages to the bot", ErrBlocked, ReasonBot},
	{0, "can't send messages to bots", ErrBlocked, ReasonBot},
	{0, "bot was kicked from", ErrBlocked, ReasonKicked},
	{0, "bot is not a member of", ErrBlocked, ReasonLeft},
	{0, "the group chat was deleted", ErrBlocked, ReasonDeleted},

	{0, "group chat was upgraded to a supergroup", ErrMigrated, ""},
	{0, "chat not found", ErrChatNotFound, ""},
	{0, "not enough rights", ErrNoRights, ""},
	{0, "have no write access", ErrNoRights, ""},
	{0, "need administrator rights", ErrNoRights, ""},
	{0, "message thread not found", ErrThreadGone, ""},
	{0, "topic_closed", ErrThreadGone, ""},
	{0, "topic_deleted", ErrThreadGone, ""},

	{0, "can't parse entities", ErrEntities, ""},
	{0, "can't parse messageentity", ErrEntities, ""},
	{0, "entity beginning at utf-16 offset", ErrEntities, ""},
	{0, "entities_too_long", ErrEntities, ""},
	{0, "text is too long", ErrTooLong, ""},
	{0, "message is too long", ErrTooLong, ""},
	{0, "message_too_long", ErrTooLong, ""},
	{0, "caption is too long", ErrTooLong, ""},
	{0, "file is too big", ErrTooLong, ""},
	{0, "reply markup is too long", ErrTooLong, ""},
	{0, "reply_markup_too_long", ErrTooLong, ""},

	{0, "message is not modified", ErrNotModified, ""},
	{0, "message to edit not found", ErrMessageGone, ""},
	{0, "message can't be edited", ErrMessageGone, ""},
	{0, "message to delete not found", ErrMessageGone, ""},
	{0, "message can't be deleted", ErrMessageGone, ""},
	{0, "message to copy not found", ErrMessageGone, ""},
	{0, "message can't be copied", ErrNoCopy, ""},
	{0, "messages can't be copied", ErrNoCopy, ""},
	{0, "message to be replied not found", ErrMessageGone, ""},
	{0, "message identifier is not specified", ErrMessageGone, ""},
	{0, "there is no text in the message to edit", ErrMessageGone, ""},
	{0, "there is no caption in the message to edit", ErrMessageGone, ""},
	{0, "query is too old", ErrStaleCallback, ""},
	{0, "query id is invalid", ErrStaleCallback, ""},

	{401, "", ErrUnauthorized, ""},
	{404, "", ErrNoMethod, ""}, // "method not found", and the bare "Not Found" of a path the server does not serve
	{409, "", ErrConflict, ""},
}

// longestWait bounds what a server may ask us to wait; the longest seen in the
// wild is 10072 s.
const longestWait = 24 * time.Hour

// maxDescription cuts what a server says before it is logged, in bytes.
const maxDescription = 300

// Error is a call that failed. Ask errors.Is for the meanings above; a call
// ended by its context also is context.Canceled or context.DeadlineExceeded.
// Its text never holds the token.
type Error struct {
	Method      string        // the Bot API method
	Code        int           // error_code of the answer; 0 without a readable one
	Status      int           // HTTP status; 0 without an answer
	Description string        // what Telegram said, or what happened on the way; at most 300 bytes
	RetryAfter  time.Duration // only with ErrRateLimited: 1 s to 24 h
	MigrateTo   int64         // only with ErrMigrated; 0 when the server kept it to itself
	Reason      Reason        // only with ErrBlocked, ErrAmbiguous and ErrNotSent; may be ""

	is []error
}

// Error tells method, meaning, codes and description.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", e.Method)
	switch {
	case e.Code != 0:
		fmt.Fprintf(&b, "%d ", e.Code)
	case e.Status != 0:
		fmt.Fprintf(&b, "%s (HTTP %d): ", e.is[0], e.Status)
	default:
		fmt.Fprintf(&b, "%s: ", e.is[0])
	}
	b.WriteString(e.Description)
	return b.String()
}

// Unwrap gives the meanings, most telling first.
func (e *Error) Unwrap() []error { return e.is }

// refusal makes the error of an answer that the Bot API itself gave.
func refusal(method string, code, status int, description string, retryAfter time.Duration, migrateTo int64) *Error {
	e := &Error{Method: method, Code: code, Status: status, Description: cutText(description)}
	reason, is := meaningOf(code, description)
	if migrateTo != 0 {
		is, e.MigrateTo = ErrMigrated, migrateTo
	}
	if retryAfter > 0 && code < 500 {
		is = ErrRateLimited
	}
	e.is, e.Reason = []error{is}, reason
	switch is {
	case ErrRateLimited:
		e.RetryAfter = min(max(retryAfter, time.Second), longestWait)
	case ErrServer:
		e.is, e.Reason = []error{ErrServer, ErrAmbiguous}, ReasonFault
	}
	return e
}

// MeaningOf tells what a refusal meant whose description was kept: one of the
// errors above, with the Reason of ErrBlocked. ErrRefused is for every text
// that is not known.
func MeaningOf(description string) (Reason, error) { return meaningOf(0, description) }

func meaningOf(code int, description string) (Reason, error) {
	if code >= 500 {
		return "", ErrServer
	}
	text := strings.ToLower(description)
	for _, m := range meanings {
		if (m.code == 0 || m.code == code) && strings.Contains(text, m.fragment) {
			return m.reason, m.is
		}
	}
	return "", ErrRefused
}

// cutText keeps a description fit for a log line.
func cutText(s string) string {
	if len(s) > maxDescription {
		s = s[:maxDescription]
	}
	return strings.ToValidUTF8(s, "")
}
