package bot

import (
	"errors"
	"time"

	"tidings/bot/telegram"
)

// An outcome is what one answer to a delivery means for it and for its chat:
// a line of the table below.
type outcome struct {
	name   string          // of the answer, in figures
	is     error           // the answer; nil for "Telegram has it"
	reason telegram.Reason // of is; "" is any
	then   verdict
	pause  PauseReason // of the chat, once the delivery has failed by it; "" is none
}

// A verdict is what becomes of a delivery.
type verdict int

const (
	arrived verdict = iota // sent
	later                  // waits exactly as long as Telegram says
	moved                  // waits for its chat, which gets its new id
	lost                   // perhaps sent: waits two seconds, then once more; lost again it is unknown
	unsent                 // surely not sent: waits a second, doubling to five minutes
	sought                 // refused as if in error: waits five seconds, twice; refused again it has failed
	refused                // failed
)

// outcomes is the one table of what Telegram may answer to a delivery; the
// first line that fits holds. Which words mean which answer stands in
// bot/telegram. docs/operating.md explains the lines by name.
var outcomes = []outcome{
	{"sent", nil, "", arrived, ""},
	{"too_many_requests", telegram.ErrRateLimited, "", later, ""},
	{"migrated", telegram.ErrMigrated, "", moved, ""},

	{"blocked", telegram.ErrBlocked, telegram.ReasonBlocked, refused, PausedBlocked},
	{"deactivated", telegram.ErrBlocked, telegram.ReasonDeactivated, refused, PausedGone},
	{"never_started", telegram.ErrBlocked, telegram.ReasonNeverStarted, refused, PausedGone},
	{"is_a_bot", telegram.ErrBlocked, telegram.ReasonBot, refused, PausedGone},
	{"kicked", telegram.ErrBlocked, telegram.ReasonKicked, refused, PausedGone},
	{"not_a_member", telegram.ErrBlocked, telegram.ReasonLeft, refused, PausedGone},
	{"group_deleted", telegram.ErrBlocked, telegram.ReasonDeleted, refused, PausedGone},
	{"chat_not_found", telegram.ErrChatNotFound, "", sought, PausedNotFound},
	{"no_rights", telegram.ErrNoRights, "", refused, PausedNoRights},
	{"thread_gone", telegram.ErrThreadGone, "", refused, PausedNoThread},

	{"entities_refused", telegram.ErrEntities, "", refused, ""}, // after it was sent once more as plain text
	{"too_long", telegram.ErrTooLong, "", refused, ""},
	{"message_gone", telegram.ErrMessageGone, "", refused, ""}, // that was to be copied; an edit becomes a new message, or none
	{"not_copyable", telegram.ErrNoCopy, "", refused, ""},

	{"server_fault", telegram.ErrServer, telegram.ReasonFault, lost, ""},
	{"server_page", telegram.ErrServer, telegram.ReasonPage, lost, ""},
	{"answer_timed_out", telegram.ErrAmbiguous, telegram.ReasonTimeout, lost, ""},
	{"answer_empty", telegram.ErrAmbiguous, telegram.ReasonEmpty, lost, ""},
	{"answer_cut", telegram.ErrAmbiguous, telegram.ReasonCut, lost, ""},
	{"answer_garbage", telegram.ErrAmbiguous, telegram.ReasonGarbage, lost, ""},
	{"connection_reset", telegram.ErrAmbiguous, "", lost, ""}, // after the request had left

	{"no_connection", telegram.ErrNotSent, telegram.ReasonConnection, unsent, ""},
	{"connection_broken", telegram.ErrNotSent, telegram.ReasonBroken, unsent, ""}, // before the request had left
	{"refused_on_the_way", telegram.ErrNotSent, "", unsent, ""},
	{"token_refused", telegram.ErrUnauthorized, "", unsent, ""}, // and the process ends

	refusedOtherwise,
}

// refusedOtherwise is the last line: a refusal without one of its own.
var refusedOtherwise = outcome{"refused", telegram.ErrRefused, "", refused, ""}

// Answers are the names of all lines, as figures have them.
func Answers() []string {
	names := make([]string, len(outcomes))
	for i, o := range outcomes {
		names[i] = o.name
	}
	return names
}

// outcomeOf finds the line of an answer. A new id that is not told is of no use.
func outcomeOf(err error) outcome {
	var t *telegram.Error
	errors.As(err, &t)
	for _, o := range outcomes {
		switch {
		case o.is == nil && err != nil, o.is != nil && !errors.Is(err, o.is):
		case o.reason != "" && (t == nil || t.Reason != o.reason), o.then == moved && (t == nil || t.MigrateTo == 0):
		default:
			return o
		}
	}
	return refusedOtherwise
}

// pauseFor is why an answer pauses the chat, "" if it does not.
func pauseFor(err error) PauseReason { return outcomeOf(err).pause }

const (
	lostAgain    = 2 * time.Second // before what was perhaps sent is sent once more
	maxAmbiguous = 2               // lost answers after which a delivery ends as unknown
	maxUnsent    = 300             // attempts that did not leave, a day of them, after which an edition or broadcast is given up
	maxSought    = 3               // attempts at a chat that is not found
	soughtAgain  = 5 * time.Second // between them
)

// chatNews is what an answer says about the chat itself.
type chatNews struct {
	movedTo int64
	pause   PauseReason
}

// after is the delivery as an answer leaves it, and what the answer says about
// its chat.
func (w Delivery) after(id int64, err error, now time.Time) (Delivery, chatNews) {
	var t *telegram.Error
	errors.As(err, &t)
	w.Attempts++
	o := outcomeOf(err)
	switch o.then {
	case arrived:
		w.State, w.Sent, w.Reason = Sent, id, ""
		return w, chatNews{}
	case later:
		return w.again(err, now.Add(t.RetryAfter)), chatNews{}
	case moved:
		return w.again(err, now), chatNews{movedTo: t.MigrateTo}
	case lost:
		if w.Ambiguous++; w.Ambiguous >= maxAmbiguous {
			return w.end(Unknown, err), chatNews{}
		}
		return w.again(err, now.Add(lostAgain)), chatNews{}
	case unsent:
		if w.Attempts < maxUnsent || w.Kind < EditionDelivery {
			return w.again(err, now.Add(backOff(w.Attempts))), chatNews{}
		}
	case sought:
		switch {
		case w.Message.Copy != nil:
			o.pause = "" // perhaps it is the original's chat that is not found
		case w.Attempts < maxSought:
			return w.again(err, now.Add(soughtAgain)), chatNews{}
		}
	case refused:
		if w.Kind == AmendDelivery && o.pause == "" { // the reader deleted it, or it is too old: there is nothing to bring up to date
			return w.end(Dropped, err), chatNews{}
		}
	}
	return w.end(Failed, err), chatNews{pause: o.pause}
}

func (w Delivery) again(err error, at time.Time) Delivery {
	w.State, w.NotBefore, w.Reason = Waiting, at, reasonOf(err)
	return w
}

func (w Delivery) end(s DeliveryState, err error) Delivery {
	w.State, w.Reason = s, reasonOf(err)
	return w
}

// reasonOf is what is kept of an error: Telegram's own description, which
// holds neither token nor text.
func reasonOf(err error) string {
	var t *telegram.Error
	if errors.As(err, &t) && t.Description != "" {
		return shorten(t.Description, 200)
	}
	return shorten(err.Error(), 200)
}

// backOff grows from a second to five minutes.
func backOff(attempts int) time.Duration {
	return min(time.Second<<min(max(attempts-1, 0), 9), 5*time.Minute)
}
