package telegram

// Message is one that we send. It is stored as JSON in the outbox and may be
// sent by another version of the program: fields may be added, never renamed.
type Message struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities,omitempty"`
	Keyboard Keyboard `json:"keyboard,omitempty"` // without buttons: none
	Silent   bool     `json:"silent,omitempty"`   // arrives without a sound
	Preview  bool     `json:"preview,omitempty"`  // shows a preview of the first link; off unless asked
}

// NewMessage is a message that says t, with the rows of buttons given.
func NewMessage(t Text, rows ...[]Button) Message {
	return Message{Text: t.Text, Entities: t.Entities, Keyboard: rows}
}

// Content is what the message says.
func (m Message) Content() Text { return Text{Text: m.Text, Entities: m.Entities} }

// Plain is the same message without entities, for the one resend after
// ErrEntities; see Text.Plain.
func (m Message) Plain() Message {
	m.Text, m.Entities = m.Content().Plain().Text, nil
	return m
}

// To is where a message goes: a chat, and in a forum one of its threads.
// Thread 0 and 1 are the General thread, which Telegram wants unnamed.
type To struct {
	Chat   int64 `json:"chat"`
	Thread int64 `json:"thread,omitempty"`
}
