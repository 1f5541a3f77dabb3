// Package telegram: see the telegram branch; this file goes when it is merged.
package telegram

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
