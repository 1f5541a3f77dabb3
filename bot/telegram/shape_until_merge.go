// Package telegram: see the telegram branch; this file goes when it is merged.
package telegram

import "unicode/utf16"

type Text struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities,omitempty"`
}

type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

type Message struct {
	Text
	Keyboard [][]Button `json:"keyboard,omitempty"`
	Silent   bool       `json:"silent,omitempty"`
	Preview  bool       `json:"preview,omitempty"`
}

type Builder struct{ t Text }

func (b *Builder) add(kind, s, url string) {
	n := len(utf16.Encode([]rune(s)))
	if kind != "" && n > 0 {
		b.t.Entities = append(b.t.Entities, Entity{Type: kind, Offset: b.t.Units(), Length: n, URL: url})
	}
	b.t.Text += s
}
func (b *Builder) Plain(s string)     { b.add("", s, "") }
func (b *Builder) Bold(s string)      { b.add("bold", s, "") }
func (b *Builder) Italic(s string)    { b.add("italic", s, "") }
func (b *Builder) Code(s string)      { b.add("code", s, "") }
func (b *Builder) Link(s, url string) { b.add("text_link", s, url) }
func (b *Builder) Append(t Text) {
	at := b.t.Units()
	for _, e := range t.Entities {
		e.Offset += at
		b.t.Entities = append(b.t.Entities, e)
	}
	b.t.Text += t.Text
}
func (b *Builder) Text() Text { return b.t }
func (t Text) Units() int     { return len(utf16.Encode([]rune(t.Text))) }
