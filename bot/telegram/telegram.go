// Package telegram is the only code of this house that knows the Bot API. It
// builds message texts with entities, sends and edits messages at the pace
// Telegram allows, tells what every refusal means, and polls for updates.
//
// It is not a full binding: it has the methods we call and the fields we read,
// in its own structs, because the library beneath it
// (github.com/go-telegram-bot-api/telegram-bot-api/v5) stopped in 2021. Of that
// library it uses MakeRequest only, with an HTTP client made for each call that
// adds what the library lacks: a context, a deadline, the HTTP status, and
// whether the request can have reached Telegram.
//
// It imports nothing of ours and keeps nothing on disk. What must outlive the
// process (pauses, the poll offset) goes through two small interfaces.
//
// Costs: one HTTP/1.1 connection per call in flight, kept alive; no goroutine
// of its own outside a running Poller; about 200 bytes for each chat sent to in
// the last minute.
package telegram
