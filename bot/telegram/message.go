package telegram

// Message is one that we send: Text, or a copy of another message. It is stored
// as JSON in the outbox and may be sent by another version of the program:
// fields may be added, never renamed.
type Message struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities,omitempty"`
	Keyboard Keyboard `json:"keyboard,omitempty"` // without buttons: none
	Silent   bool     `json:"silent,omitempty"`   // arrives without a sound
	Preview  bool     `json:"preview,omitempty"`  // shows a preview of the first link; off unless asked
	Copy     *Copied  `json:"copy,omitempty"`     // sent in place of Text; Entities and Preview are the original's
	File     *File    `json:"file,omitempty"`     // goes with Text, which then is its caption (see MaxCaption)
}

// Copied is a message that is sent once more, with its media, words and marks
// and without its origin. The copy lives on its own, but none can be made when
// the original is gone.
type Copied struct {
	Chat    int64 `json:"chat,omitempty"` // where the original stands; 0 where nobody knows any more
	Message int64 `json:"message"`
}

// NewMessage is a message that says t, with the rows of buttons given.
func NewMessage(t Text, rows ...[]Button) Message {
	return Message{Text: t.Text, Entities: t.Entities, Keyboard: rows}
}

// Content is what the message says.
func (m Message) Content() Text { return Text{Text: m.Text, Entities: m.Entities} }

// Plain is the same message without entities, for the one resend after
// ErrEntities; see Text.Plain. A copy stays what it is: its marks are not ours.
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
