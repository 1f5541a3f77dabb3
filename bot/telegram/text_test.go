package telegram

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBuilderCountsInUTF16Units(t *testing.T) {
	var inner Builder
	inner.Plain("6 sources: ").Link("Example", "https://example.com/a?b=1&c=<d>")
	tests := []struct {
		name  string
		build func(b *Builder)
		want  Text
	}{
		{"nothing is empty", func(b *Builder) { b.Plain("").Bold("").Link("", "https://example.com") }, Text{}},
		{"markup in a headline stays words", func(b *Builder) { b.Bold("<b>&amp; _x_") },
			Text{"<b>&amp; _x_", []Entity{{Type: "bold", Offset: 0, Length: 12}}}},
		{"an emoji is two units", func(b *Builder) { b.Plain("😀 ").Italic("a😀").Code("c") },
			Text{"😀 a😀c", []Entity{{Type: "italic", Offset: 3, Length: 3}, {Type: "code", Offset: 6, Length: 1}}}},
		{"blanks at the ends go and entities follow", func(b *Builder) { b.Plain(" \n😀").Bold(" x ").Plain("\n") },
			Text{"😀 x", []Entity{{Type: "bold", Offset: 2, Length: 2}}}},
		{"an entity of blanks only is left out", func(b *Builder) { b.Plain("a").Bold(" ").Plain("b") }, Text{"a b", nil}},
		{"a script address leaves words", func(b *Builder) { b.Link("x", "javascript:alert(1)").Link("y", "https://").Link("z", "http://a b") }, Text{"xyz", nil}},
		{"a quote stands around its entities", func(b *Builder) { b.Plain("A\n").ExpandableQuote(inner.Text()) },
			Text{"A\n6 sources: Example", []Entity{
				{Type: "expandable_blockquote", Offset: 2, Length: 18},
				{Type: "text_link", Offset: 13, Length: 7, URL: "https://example.com/a?b=1&c=<d>"}}}},
		{"quotes do not nest", func(b *Builder) {
			var q Builder
			q.Quote(Text{Text: "deep"})
			b.Quote(q.Text())
		}, Text{"deep", []Entity{{Type: "blockquote", Offset: 0, Length: 4}}}},
		{"bad bytes and hidden controls do not pass", func(b *Builder) { b.Bold("a\xff\x00\r\u202eb\tc\u2028d") },
			Text{"a\uFFFDb c\nd", []Entity{{Type: "bold", Offset: 0, Length: 7}}}},
		{"appended entities move", func(b *Builder) {
			b.Plain("😀").Append(Text{"ab", []Entity{{Type: "bold", Offset: 1, Length: 1}}})
		}, Text{"😀ab", []Entity{{Type: "bold", Offset: 3, Length: 1}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Builder
			tt.build(&b)
			if diff := cmp.Diff(tt.want, b.Text()); diff != "" {
				t.Errorf("Text() differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainKeepsLinksWhileThereIsRoom(t *testing.T) {
	var b Builder
	b.Plain("😀 ").Link("One", "https://example.com/1").Plain(" and ").Bold("two").Plain(" ").Link("Three", "https://example.com/3")
	want := "😀 One (https://example.com/1) and two Three (https://example.com/3)"
	if got := b.Text().Plain(); got.Text != want || got.Entities != nil {
		t.Errorf("Plain() = %q, %v; want %q without entities", got.Text, got.Entities, want)
	}
	var full Builder
	full.Link("One", "https://example.com/1").Plain(strings.Repeat("x", MaxUnits-10))
	if got := full.Text().Plain(); got.Units() > MaxUnits || strings.Contains(got.Text, "http") {
		t.Errorf("Plain() of a full text has %d units and begins %.40q; want at most %d and no address", got.Units(), got.Text, MaxUnits)
	}
}

func TestFitsAtEachLimitAndNotPastIt(t *testing.T) {
	entities := func(n int) []Entity { return make([]Entity, n) }
	long := entities(1)
	long[0].URL = strings.Repeat("u", MaxEntityBytes-entityCost)
	over := []Entity{{URL: long[0].URL + "u"}}
	tests := []struct {
		name string
		text Text
		want bool
	}{
		{"4096 units", Text{Text: strings.Repeat("😀", 2048)}, true},
		{"4097 units", Text{Text: strings.Repeat("😀", 2048) + "a"}, false},
		{"90 entities", Text{Entities: entities(90)}, true},
		{"91 entities", Text{Entities: entities(91)}, false},
		{"8000 bytes of entities", Text{Entities: long}, true},
		{"8001 bytes of entities", Text{Entities: over}, false},
	}
	for _, tt := range tests {
		if got := tt.text.Fits(); got != tt.want {
			t.Errorf("%s: Fits() = %t, want %t (units %d, entities %d, bytes %d)", tt.name, got, tt.want, tt.text.Units(), len(tt.text.Entities), tt.text.EntityBytes())
		}
	}
}

// Whatever words come, entities lie within the text, on character borders, and
// even their JSON keeps below what Telegram refuses when Fits says yes.
func TestBuilderHoldsForAnyWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Builder
		build(t, &b, 0)
		got := b.Text()
		if !utf8.ValidString(got.Text) || strings.TrimSpace(got.Text) != got.Text {
			t.Fatalf("text %q is invalid or has blanks at its ends", got.Text)
		}
		units := utf16.Encode([]rune(got.Text))
		if got.Units() != len(units) {
			t.Fatalf("Units() = %d, want %d", got.Units(), len(units))
		}
		m := Incoming{Text: got.Text}
		last := 0
		for _, e := range got.Entities {
			if _, ok := m.EntityText(e); !ok {
				t.Fatalf("entity %+v does not lie on characters of %q", e, got.Text)
			}
			if e.Offset < last {
				t.Fatalf("entity %+v comes after offset %d", e, last)
			}
			last = e.Offset
		}
		data, err := json.Marshal(got.Entities)
		if err != nil {
			t.Fatalf("Marshal = %v", err)
		}
		if got.Fits() && len(data) > 9500 && !strings.ContainsAny(string(data), "\\") {
			t.Fatalf("a fitting text has %d bytes of entities as JSON", len(data))
		}
	})
}

func build(t *rapid.T, b *Builder, depth int) {
	for range rapid.IntRange(0, 12).Draw(t, "parts") {
		s := rapid.String().Draw(t, "s")
		switch rapid.IntRange(0, 7).Draw(t, "act") {
		case 0:
			b.Plain(s)
		case 1:
			b.Bold(s)
		case 2:
			b.Italic(s)
		case 3:
			b.Code(s)
		case 4, 5:
			b.Link(s, "https://example.com/"+strings.Repeat("x", rapid.IntRange(0, 900).Draw(t, "url")))
		default:
			if depth < 2 {
				var q Builder
				build(t, &q, depth+1)
				b.ExpandableQuote(q.Text())
			}
		}
	}
}

func TestEntityTextRefusesWhatDoesNotFit(t *testing.T) {
	m := Incoming{Text: "a😀/start"}
	tests := []struct {
		name string
		e    Entity
		want string
		ok   bool
	}{
		{"a command after an emoji", Entity{Offset: 3, Length: 6}, "/start", true},
		{"the emoji", Entity{Offset: 1, Length: 2}, "😀", true},
		{"half an emoji", Entity{Offset: 1, Length: 1}, "", false},
		{"from within an emoji", Entity{Offset: 2, Length: 2}, "", false},
		{"past the end", Entity{Offset: 3, Length: 7}, "", false},
		{"after the end", Entity{Offset: 9, Length: 1}, "", false},
		{"before the beginning", Entity{Offset: -1, Length: 2}, "", false},
		{"of no length", Entity{Offset: 0, Length: 0}, "", false},
		{"of a length that overflows", Entity{Offset: 1 << 62, Length: 1 << 62}, "", false},
	}
	for _, tt := range tests {
		if got, ok := m.EntityText(tt.e); got != tt.want || ok != tt.ok {
			t.Errorf("%s: EntityText(%+v) = %q, %t; want %q, %t", tt.name, tt.e, got, ok, tt.want, tt.ok)
		}
	}
}

// The outbox outlives versions: what was stored yesterday must read the same.
func TestMessageKeepsItsStoredForm(t *testing.T) {
	const stored = `{"text":"Hi 😀","entities":[{"type":"text_link","offset":0,"length":2,"url":"https://example.com"}],"keyboard":[[{"text":"Go","callback_data":"g"},{"text":"See","url":"https://example.com"}]],"silent":true,"preview":true}`
	var m Message
	if err := json.Unmarshal([]byte(stored), &m); err != nil {
		t.Fatalf("Unmarshal = %v", err)
	}
	want := Message{Text: "Hi 😀", Entities: []Entity{{Type: EntityLink, Length: 2, URL: "https://example.com"}},
		Keyboard: Keyboard{{{Text: "Go", Data: "g"}, {Text: "See", URL: "https://example.com"}}}, Silent: true, Preview: true}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("stored message differs (-want +got):\n%s", diff)
	}
	back, err := json.Marshal(m)
	if err != nil || string(back) != stored {
		t.Errorf("Marshal = %s, %v; want %s", back, err, stored)
	}
	if p := m.Plain(); p.Text != "Hi (https://example.com) 😀" || p.Entities != nil || len(p.Keyboard) != 1 || m.Entities == nil {
		t.Errorf("Plain() = %+v of %+v; want the address in the text, the keyboard kept, the original unchanged", p, m)
	}
}
