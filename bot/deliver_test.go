package bot

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings/bot/telegram"
)

// answered is the error that a client makes of an answer of Telegram.
func answered(t *testing.T, answer http.HandlerFunc) error {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	c, err := telegram.New("4242:the-token-of-the-tests", server.URL, telegram.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Send(t.Context(), telegram.Edition, telegram.To{Chat: 11}, telegram.Message{Text: "x"})
	return err
}

// says answers with a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

func refuses(code string, description string, more ...string) http.HandlerFunc {
	status := map[byte]int{'4': 400, '5': 500}[code[0]]
	return says(status, `{"ok":false,"error_code":`+code+`,"description":"`+description+`"`+strings.Join(more, "")+`}`)
}

func hangsUp(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }

// TestAfterTellsWhatBecomesOfADelivery is the table of outcomes: each answer
// that Telegram gives, or does not, leaves one state.
func TestAfterTellsWhatBecomesOfADelivery(t *testing.T) {
	now := time.Date(2026, 3, 16, 8, 0, 0, 0, time.UTC)
	edition := Delivery{ID: 1, Chat: 2, To: Address{Telegram: -11, Thread: 3}, Kind: EditionDelivery, State: Sending, NotBefore: now}
	ambiguous, tired, tiredNotice, missed, sought3, copied := edition, edition, edition, edition, edition, edition
	missed.Attempts, sought3.Attempts, copied.Message.Copy = 1, 2, &telegram.Copied{Message: 5}
	ambiguous.Ambiguous = 1
	tired.Attempts = maxUnsent - 1
	tiredNotice.Attempts, tiredNotice.Kind = maxUnsent-1, NoticeDelivery
	for name, c := range map[string]struct {
		before Delivery
		answer http.HandlerFunc
		state  DeliveryState
		wait   time.Duration // until it may be sent again
		lost   int           // answers lost so far
		chat   chatNews
		reason string
	}{
		"Telegram has it":                 {edition, says(200, `{"ok":true,"result":{"message_id":77}}`), Sent, 0, 0, chatNews{}, ""},
		"too many requests":               {edition, refuses("429", "Too Many Requests: retry after 35", `,"parameters":{"retry_after":35}`), Waiting, 35 * time.Second, 0, chatNews{}, "retry after 35"},
		"too many, the time in the words": {edition, refuses("429", "Too Many Requests: retry after 10072"), Waiting, 10072 * time.Second, 0, chatNews{}, "retry after"},
		"the group has a new id":          {edition, refuses("400", "Bad Request: group chat was upgraded to a supergroup chat", `,"parameters":{"migrate_to_chat_id":-1001}`), Waiting, 0, 0, chatNews{movedTo: -1001}, "upgraded"},
		"a new id that is not told":       {edition, refuses("400", "Bad Request: group chat was upgraded to a supergroup chat"), Failed, 0, 0, chatNews{}, "upgraded"},
		"the answer is lost":              {edition, hangsUp, Waiting, 2 * time.Second, 1, chatNews{}, ""},
		"lost a second time":              {ambiguous, hangsUp, Unknown, 0, 2, chatNews{}, ""},
		"a proxy's page":                  {edition, says(502, "<html>502 Bad Gateway</html>"), Waiting, 2 * time.Second, 1, chatNews{}, ""},
		"a proxy's page again":            {ambiguous, says(502, "<html>502 Bad Gateway</html>"), Unknown, 0, 2, chatNews{}, ""},
		"the server restarts":             {edition, refuses("500", "Internal Server Error: restart"), Waiting, 2 * time.Second, 1, chatNews{}, "restart"},
		"success that cannot be read":     {edition, says(200, "\x00 not JSON"), Waiting, 2 * time.Second, 1, chatNews{}, ""},
		"a wall before Telegram":          {edition, says(407, "who are you?"), Waiting, time.Second, 0, chatNews{}, ""},
		"a wall for a day":                {tired, says(407, "who are you?"), Failed, 0, 0, chatNews{}, ""},
		"a wall for a day, a notice":      {tiredNotice, says(407, "who are you?"), Waiting, 5 * time.Minute, 0, chatNews{}, ""},
		"blocked":                         {edition, refuses("403", "Forbidden: bot was blocked by the user"), Failed, 0, 0, chatNews{pause: PausedBlocked}, "blocked"},
		"account deleted":                 {edition, refuses("403", "Forbidden: user is deactivated"), Failed, 0, 0, chatNews{pause: PausedGone}, "deactivated"},
		"never started":                   {edition, refuses("403", "Forbidden: bot can't initiate conversation with a user"), Failed, 0, 0, chatNews{pause: PausedGone}, "initiate"},
		"kicked from the group":           {edition, refuses("403", "Forbidden: bot was kicked from the supergroup chat"), Failed, 0, 0, chatNews{pause: PausedGone}, "kicked"},
		"not a member of the channel":     {edition, refuses("403", "Forbidden: bot is not a member of the channel chat"), Failed, 0, 0, chatNews{pause: PausedGone}, "not a member"},
		"chat not found":                  {edition, refuses("400", "Bad Request: chat not found"), Waiting, 5 * time.Second, 0, chatNews{}, "not found"},
		"not found once more":             {missed, refuses("400", "Bad Request: chat not found"), Waiting, 5 * time.Second, 0, chatNews{}, "not found"},
		"not found a third time":          {sought3, refuses("400", "Bad Request: chat not found"), Failed, 0, 0, chatNews{pause: PausedNotFound}, "not found"},
		"a copy of what is not found":     {copied, refuses("400", "Bad Request: chat not found"), Failed, 0, 0, chatNews{}, "not found"},
		"no right to write":               {edition, refuses("400", "Bad Request: not enough rights to send text messages to the chat"), Failed, 0, 0, chatNews{pause: PausedNoRights}, "rights"},
		"thread deleted":                  {edition, refuses("400", "Bad Request: message thread not found"), Failed, 0, 0, chatNews{pause: PausedNoThread}, "thread"},
		"thread closed":                   {edition, refuses("400", "Bad Request: TOPIC_CLOSED"), Failed, 0, 0, chatNews{pause: PausedNoThread}, "TOPIC_CLOSED"},
		"entities refused, also as plain": {edition, refuses("400", "Bad Request: can't parse entities: x"), Failed, 0, 0, chatNews{}, "entities"},
		"too long":                        {edition, refuses("400", "Bad Request: message is too long"), Failed, 0, 0, chatNews{}, "too long"},
		"refused for another reason":      {edition, refuses("400", "Bad Request: wrong colour"), Failed, 0, 0, chatNews{}, "wrong colour"},
		"the token is refused":            {edition, refuses("401", "Unauthorized"), Waiting, time.Second, 0, chatNews{}, "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			err := answered(t, c.answer)
			got, chat := c.before.after(77, err, now)
			if got.State != c.state || got.NotBefore.Sub(now) != c.wait || got.Ambiguous != c.lost || chat != c.chat {
				t.Errorf("after(%v) = %s in %v, %d lost, %+v; want %s in %v, %d lost, %+v",
					err, got.State, got.NotBefore.Sub(now), got.Ambiguous, chat, c.state, c.wait, c.lost, c.chat)
			}
			if !strings.Contains(got.Reason, c.reason) || c.state != Sent && got.Reason == "" {
				t.Errorf("after(%v) gives the reason %q, want one with %q", err, got.Reason, c.reason)
			}
			if (got.State == Sent) != (got.Sent == 77) {
				t.Errorf("after(%v) = %s as message %d", err, got.State, got.Sent)
			}
			if got.Attempts != c.before.Attempts+1 {
				t.Errorf("after(%v) counts %d attempts, want %d", err, got.Attempts, c.before.Attempts+1)
			}
		})
	}
}

func TestARefusedConnectionIsTriedAgainLater(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := telegram.New("4242:the-token-of-the-tests", server.URL, telegram.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Send(t.Context(), telegram.Edition, telegram.To{Chat: 11}, telegram.Message{Text: "x"})
	if !errors.Is(err, telegram.ErrNotSent) {
		t.Fatalf("Send(nobody listens) = %v, want %v", err, telegram.ErrNotSent)
	}
	d := Delivery{Kind: BroadcastDelivery}
	now := time.Now()
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		d, _ = d.after(0, err, now)
		if got := d.NotBefore.Sub(now); d.State != Waiting || got != want || d.Ambiguous != 0 {
			t.Errorf("after attempt %d the delivery is %s, again in %v, %d lost; want %s in %v, none", d.Attempts, d.State, got, d.Ambiguous, Waiting, want)
		}
	}
}

func TestBackOffGrowsToFiveMinutes(t *testing.T) {
	for attempts, want := range map[int]time.Duration{-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 1 << 40: 5 * time.Minute} {
		if got := backOff(attempts); got != want {
			t.Errorf("backOff(%d) = %v, want %v", attempts, got, want)
		}
	}
}

func TestTheKindsOfDeliveriesHaveTheirPriorities(t *testing.T) {
	for kind, want := range map[DeliveryKind]telegram.Priority{
		NoticeDelivery: telegram.Interactive, AlertDelivery: telegram.Alert, EditionDelivery: telegram.Edition, BroadcastDelivery: telegram.Broadcast,
	} {
		if got := kind.priority(); got != want {
			t.Errorf("DeliveryKind(%d).priority() = %d, want %d", kind, got, want)
		}
	}
}
