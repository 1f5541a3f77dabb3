package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalAnswersLineByLine(t *testing.T) {
	topics := filepath.Join(t.TempDir(), "topics.jsonl")
	if err := os.WriteFile(topics, []byte(`{"id":"p","query":"palm oil"}`+"\n\n"+`{"id":"w","query":"whales -zoo"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(t.TempDir(), "feed.xml")
	if err := os.WriteFile(document, []byte(`<rss><channel><title>t<item><title>R&D</title><link>/1</link><guid>1</guid><pubDate>Mon, 23 Nov 2026 08:00 GMT</item>`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		args      []string
		in        string
		code      int
		out, errs string // what each must have
	}{
		{"a story about a topic is delivered", []string{"eval", "match", "--topics", topics},
			`{"id":"1","title":"Palm oil is dear","text":"","language":"en"}` + "\n" + `{"id":"2","title":"Zoo","text":"Whales in a zoo","language":"en"}`,
			0, `"topic":"p","score":0.`, ""},
		{"a story without topics has an empty list", []string{"eval", "match", "--topics", topics}, `{"id":"2"}`, 0, `{"id":"2","matches":[]}`, ""},
		{"languages", []string{"eval", "language"}, `{"id":"1","text":"Die Minister sprachen über den Haushalt"}`, 0, `{"id":"1","language":"de"}`, ""},
		{"sentences", []string{"eval", "sentences"}, `{"id":"1","text":"Dr. Roe came \nlate. We left.","language":"en"}`, 0, `{"id":"1","sentences":["Dr. Roe came late.","We left."]}`, ""},
		{"a text without a sentence has an empty list", []string{"eval", "sentences"}, `{"id":"1","text":" "}`, 0, `{"id":"1","sentences":[]}`, ""},
		{"a summary keeps to its words", []string{"eval", "summarize"}, `{"id":"1","title":"Pier closed","text":"The old pier of Port Low was closed on Monday. It rained.","words":10}`, 0, `{"id":"1","sentences":["The old pier of Port Low was closed on Monday."]}`, ""},
		{"a text that gives no summary", []string{"eval", "summarize"}, `{"id":"1","title":"Pier closed","text":"Read more","words":35}`, 0, `{"id":"1","sentences":[]}`, ""},
		{"a feed", []string{"eval", "feed"}, `{"id":"f","path":"` + document + `","url":"https://a.example/feed","content_type":"text/xml"}`, 0,
			`"items":[{"id":"1","title":"R&D","link":"https://a.example/1","summary":"","content":"","author":"","published":"2026-11-23T08:00:00Z","categories":[]}],"language":"","link":"","title":"t"`, ""},
		{"a document that is no feed", []string{"eval", "feed"}, `{"id":"f","path":"` + topics + `"}`, 0, `"error":"parse feed:`, ""},
		{"a document that is not there", []string{"eval", "feed"}, `{"id":"f","path":"` + topics + `x"}`, 1, "", "read document"},
		{"one event is one story", []string{"eval", "group"},
			`{"id":"1","title":"Ferry Morning Star runs aground off Port Low","published":"2026-03-14T10:00:00Z"}` + "\n" +
				`{"id":"2","title":"Morning Star ferry aground near Port Low","text":"","source":"b.example","published":""}`,
			0, `{"id":"1","story":"1"}` + "\n" + `{"id":"2","story":"1"}`, ""},
		{"an article without words is a story of its own", []string{"eval", "group"}, `{"id":"1"}` + "\n" + `{"id":"2"}`, 0, `{"id":"2","story":"2"}`, ""},
		{"nothing in, nothing out", []string{"eval", "language"}, "", 0, "", ""},
		{"a line that is no JSON", []string{"eval", "language"}, "{}\n}", 1, "", "read line 2"},
		{"a file of topics that is not there", []string{"eval", "match", "--topics", topics + "x"}, "", 2, "", "--topics"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(tt.args, surroundings{strings.NewReader(tt.in), &out, &errs, nil})
			if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.errs) {
				t.Errorf("tidings %q = %d, %q, %q; want %d with %q and %q", tt.args, code, out.String(), errs.String(), tt.code, tt.out, tt.errs)
			}
		})
	}
}
