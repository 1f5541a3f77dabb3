package bot

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tidings/bot/telegram"
	"tidings/digest"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

var update = flag.Bool("update", false, "write golden files anew")

// now is 14:05 in Berlin.
var renderNow = time.Date(2026, 11, 24, 13, 5, 0, 0, time.UTC)

func inBerlin(t testing.TB) RenderContext {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return RenderContext{Now: renderNow, Zone: berlin}
}

// piece makes a story, by default of one outlet.
func piece(id int, title string, ago time.Duration, outlets ...string) digest.Entry {
	if len(outlets) == 0 {
		outlets = []string{"Harbour Post"}
	}
	s := digest.Story{ID: digest.StoryID(id), Title: title, Published: renderNow.Add(-ago), Hosts: len(outlets)}
	for i, o := range outlets {
		host := strings.ToLower(strings.ReplaceAll(o, " ", "")) + ".example"
		a := digest.Article{Outlet: o, Host: host, Address: fmt.Sprintf("https://%s/%d", host, id), Title: title}
		if i == 0 {
			s.Outlet, s.Host, s.Address = a.Outlet, a.Host, a.Address
		}
		s.Articles = append(s.Articles, a)
	}
	return digest.Entry{Story: s}
}

func summed(n digest.Entry, sentences ...string) digest.Entry {
	n.Summary = sentences
	return n
}

func sections(labels ...string) (e digest.Edition) {
	for _, l := range labels {
		e.Sections = append(e.Sections, digest.Section{Label: l})
	}
	return e
}

func with(e digest.Edition, section int, entries ...digest.Entry) digest.Edition {
	e.Sections[section].Entries = append(e.Sections[section].Entries, entries...)
	return e
}

func TestRenderEditionGolden(t *testing.T) {
	calm := with(sections("lighthouses", "north sea ferries"), 0,
		summed(piece(1, "Island keeps its last staffed lighthouse", 2*time.Hour+10*time.Minute, "Harbour Post", "Coast Daily", "Tide News"),
			"The council voted nine to two on Monday.", "Two keepers stay until the spring."),
		summed(piece(2, "Lamp of 1881 goes to a museum", 20*time.Hour), "It was the oldest lamp still lit."))
	calm = with(calm, 1, summed(piece(3, "Night ferry returns after eleven years", 40*time.Minute, "Sea Lines", "Harbour Post"),
		"The first crossing is sold out."))
	calm.Left = 12

	hostile := with(sections("</b> OR \"x\"", "סערה"), 0,
		piece(1, "</b><a href=\"x\">Breaking\n\n\u202e reversed \u200b\u200b\ufeff <script>", time.Minute, "<i>Out\u2067let</i>", "قناة الميناء"),
		piece(2, "العاصفة تصل إلى الساحل", 3*24*time.Hour, "قناة الميناء", "Coast Daily"),
		piece(3, "👩‍🚀👩‍🚀 Astronauts 🇩🇪 return 🏴󠁧󠁢󠁳󠁣󠁴󠁿 z̸̡̢̛̛̗̘̙̜̝̞̟ä́́́́́́́́́lgo", 0),
		piece(4, "\u200b\u3164\u2800", 30*time.Second),
		piece(5, strings.Repeat("long words without end ", 20), time.Hour))
	hostile = with(hostile, 1, summed(piece(6, "סערה מגיעה אל החוף", time.Hour), "הנמל נסגר."))
	hostile.Sections[0].Entries[3].Story.Address = "javascript:alert(1)"

	many := digest.Edition{Left: 1}
	for s := range 2 {
		many.Sections = append(many.Sections, digest.Section{Label: fmt.Sprintf("topic number %d", s+1)})
		for i := range 9 {
			n := piece(10*s+i, fmt.Sprintf("Story %d of topic %d stands here with a headline of usual length", i+1, s+1), time.Duration(i)*4*time.Hour,
				"Harbour Post", "Coast Daily")
			many.Sections[s].Entries = append(many.Sections[s].Entries, summed(n,
				strings.Repeat("A sentence of a summary has about this length and says something. ", 4)))
		}
	}

	changed := func(n digest.Entry, c digest.Change) digest.Entry { n.Change = &c; return n }
	update := with(sections("bridges", "סערה"), 0,
		changed(summed(piece(1, "Marl bridge: toll rises to 15", 5*time.Minute, "Harbour Post", "Coast Daily"), "Divers found three more of the dead on Tuesday."),
			digest.Change{Figures: []string{"15"}, Names: []string{"Bo Lund", "Ostmark", "Larn", "Ravel"}, Before: 1, Now: 2}),
		changed(summed(piece(2, "Ferry strike spreads to the south", time.Hour, "Sea Lines", "Coast Daily"), "Crews in three more ports laid down work."), digest.Change{Before: 1, Now: 2}),
		summed(piece(3, "Lamp of 1881 goes to a museum", 20*time.Hour), "It was the oldest lamp still lit."))
	update = with(update, 1,
		changed(piece(4, "העברית: העיר נסגרה", time.Minute), digest.Change{Figures: []string{"\u202e<b>12</b>"}, Names: []string{"קריית", "\u200b", strings.Repeat("Endless", 20)}, Before: 3, Now: 4}))

	for _, c := range []struct {
		name string
		e    digest.Edition
	}{
		{"calm", calm}, {"hostile", hostile}, {"many", many}, {"update", update},
		{"one", with(sections("tides"), 0, piece(1, "Spring tide comes early", 5*time.Minute))},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			for i, m := range RenderEdition(english(t), c.e, inBerlin(t)) {
				fmt.Fprintf(&b, "==== message %d: %d units, %d entities\n%s\n", i+1, m.Content().Units(), len(m.Entities), marked(m.Content()))
			}
			golden(t, "edition_"+c.name, b.String())
		})
	}
}

// TestRenderEditionOfEachLengthGolden shows the same 40 stories as headlines
// and in full, where they take several messages.
func TestRenderEditionOfEachLengthGolden(t *testing.T) {
	e := digest.Edition{Left: 3}
	id := 0
	for _, label := range []string{"lighthouses", "north sea ferries", "סערה", "bread", "wolves"} {
		s := digest.Section{Label: label}
		for i := range 8 {
			id++
			n := piece(id, fmt.Sprintf("Story %d of %s stands here with a headline of usual length", i+1, label), time.Duration(id)*31*time.Minute, "Harbour Post", "Coast Daily")
			s.Entries = append(s.Entries, summed(n, strings.Repeat("A sentence of a full summary has about this length, and says more than one thing at once. ", 4)))
		}
		e.Sections = append(e.Sections, s)
	}
	e.Sections[2].Entries[0].Story.Title = "סערה מגיעה אל החוף"
	for _, length := range []Length{LengthHeadlines, LengthFull} {
		t.Run(string(length), func(t *testing.T) {
			when := inBerlin(t)
			when.Length = length
			var b strings.Builder
			stories := 0
			for i, m := range RenderEdition(english(t), e, when) {
				if !m.Content().Fits() {
					t.Errorf("message %d does not fit: %d units, %d entities", i+1, m.Content().Units(), len(m.Entities))
				}
				stories += strings.Count(m.Text, "stands here") + strings.Count(m.Text, "סערה מגיעה")
				fmt.Fprintf(&b, "==== message %d: %d units, %d entities\n%s\n", i+1, m.Content().Units(), len(m.Entities), marked(m.Content()))
			}
			if stories != 40 {
				t.Errorf("%d stories are told, want 40", stories)
			}
			golden(t, "edition_"+string(length), b.String())
		})
	}
}

func TestRenderHeadlinesGolden(t *testing.T) {
	title := english(t).Say("edition_topic", Values{"Topic": "lighthouses"})
	entries := []digest.Entry{
		summed(piece(1, "Island keeps its last staffed lighthouse", 2*time.Hour, "Harbour Post", "Coast Daily"), "The council voted nine to two."),
		piece(2, "Lamp of 1881 goes to a museum", 15*time.Hour),
		piece(3, "Keepers remember the winter of 1963", 50*time.Hour),
	}
	golden(t, "headlines", marked(RenderHeadlines(english(t), title, entries, inBerlin(t)))+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and review.\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// marked writes a text with its entities as ⟦kind url|words⟧ and shapeless
// runes as escapes.
func marked(t telegram.Text) string {
	units := utf16.Encode([]rune(t.Text))
	var b strings.Builder
	for i := 0; i <= len(units); i++ {
		for _, e := range t.Entities {
			if e.Offset+e.Length == i {
				b.WriteString("⟧")
			}
		}
		for _, e := range t.Entities {
			if e.Offset == i {
				b.WriteString(strings.TrimSpace("⟦"+e.Type+" "+e.URL) + "|")
			}
		}
		if i < len(units) {
			r := rune(units[i])
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, rune(units[i+1]))
				i++
			}
			if r != '\n' && !unicode.IsPrint(r) {
				fmt.Fprintf(&b, "{%U}", r)
				continue
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestAge(t *testing.T) {
	r := renderer{english(t), inBerlin(t)}
	for _, c := range []struct{ name, at, want string }{
		{"the future is now", "2026-11-24T15:00:00Z", "just now"},
		{"seconds", "2026-11-24T13:04:30Z", "just now"},
		{"minutes", "2026-11-24T12:06:00Z", "59 min ago"},
		{"an hour", "2026-11-24T12:05:00Z", "1 h ago"},
		{"this morning", "2026-11-24T00:05:00Z", "13 h ago"},
		{"last night by the reader's clock", "2026-11-23T22:59:00Z", "yesterday 23:59"},
		{"yesterday", "2026-11-23T17:05:00Z", "yesterday 18:05"},
		{"the day before", "2026-11-22T22:59:00Z", "22 November 23:59"},
	} {
		if got := r.age(instantAt(t, c.at)); got != c.want {
			t.Errorf("%s: age(%s) = %q; want %q", c.name, c.at, got, c.want)
		}
	}
	r.when.Now = instantAt(t, "2026-11-24T00:30:00+01:00")
	if got := r.age(instantAt(t, "2026-11-23T22:00:00+01:00")); got != "2 h ago" {
		t.Errorf("shortly after midnight: age = %q; want %q", got, "2 h ago")
	}
}

func TestTidy(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"blanks of all kinds are one", " a\n\tb\u00a0\u2003c\u2028d ", "a b c d"},
		{"direction marks go", "\u202eevil\u202c \u2067x\u2069 \u200fy", "evil x y"},
		{"zero-width signs go", "ze\u200bro\ufeff w\u00adidth\u2060", "zero width"},
		{"joined emoji stay", "👩‍🚀 up", "👩‍🚀 up"},
		{"Persian joiners stay", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiners without letters go", "\u200d\u200d a \u200d b\u200d", "a b"},
		{"marks do not pile up", "a" + strings.Repeat("\u0301", 50) + "b", "a" + strings.Repeat("\u0301", 4) + "b"},
		{"a mark without its letter goes", "\u0301\u0301a", "a"},
		{"nothing to see is nothing", "\u3164\u2800\u200b\u0000", ""},
		{"bytes that are no text go", "a\xff\xfeb", "ab"},
		{"a long text ends at a word", "alpha beta gamma delta", "alpha beta gamma…"},
		{"a long word is cut", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrs…"},
		{"an emoji is not cut", "abcdefghijklmnopqr👩‍🚀👩‍🚀", "abcdefghijklmnopqr…"},
		{"endlessly joined emoji are cut", strings.Repeat("👩\u200d", 40), strings.Repeat("👩\u200d", 9) + "👩…"},
	} {
		if got := tidy(c.text, 20); got != c.want {
			t.Errorf("%s: tidy(%+q, 20) = %+q; want %+q", c.name, c.text, got, c.want)
		}
	}
}

var drawText = rapid.OneOf(
	rapid.String(),
	rapid.StringOfN(rapid.SampledFrom([]rune("ab <>&/\n\t\"'_*\u200b\u200d\u202e\u2066\u2069\u0301שלםעربي日本👩🚀🏽🇩🇪\ufe0f\u3164")), 0, 400, -1),
	rapid.SampledFrom([]string{"", " ", "</b>", strings.Repeat("🚀", 5000), strings.Repeat("x", 9000), strings.Repeat("a\u0301", 900), "\xff\xfe\xfd"}),
)

var drawEntry = rapid.Custom(func(t *rapid.T) digest.Entry {
	n := digest.Entry{Story: digest.Story{
		ID: digest.StoryID(rapid.IntRange(1, 1<<40).Draw(t, "id")), Title: drawText.Draw(t, "title"), Address: drawAddress.Draw(t, "address"),
		Outlet: drawText.Draw(t, "outlet"), Host: drawText.Draw(t, "host"), Hosts: rapid.IntRange(0, 9).Draw(t, "hosts"),
		Published: renderNow.Add(-time.Duration(rapid.IntRange(-10, 72*60).Draw(t, "age")) * time.Minute),
	}}
	for i := range rapid.IntRange(0, 12).Draw(t, "articles") {
		n.Story.Articles = append(n.Story.Articles, digest.Article{
			Outlet: drawText.Draw(t, "outlet"), Host: fmt.Sprint(i), Address: drawAddress.Draw(t, "address")})
	}
	n.Summary = rapid.SliceOfN(drawText, 0, 3).Draw(t, "summary")
	return n
})

var drawAddress = rapid.SampledFrom([]string{
	"https://harbour.example/1", "", "javascript:alert(1)", "https://long.example/" + strings.Repeat("a", 2000), "https://longer.example/" + strings.Repeat("b", 9000)})

// TestNoEditionBreaks proves for any publisher and any topic: every message is
// within the limits and numbered, every entity marks whole words, no story is
// lost or doubled, and what is linked is the story's headline.
func TestNoEditionBreaks(t *testing.T) {
	p, when := english(t), inBerlin(t)
	rapid.Check(t, func(t *rapid.T) {
		var e digest.Edition
		id := digest.StoryID(0)
		for range rapid.IntRange(1, 5).Draw(t, "sections") {
			s := digest.Section{Label: drawText.Draw(t, "label"), Entries: rapid.SliceOfN(drawEntry, 1, 8).Draw(t, "entries")}
			for i := range s.Entries {
				id++
				s.Entries[i].Story.ID = id
				if strings.HasPrefix(s.Entries[i].Story.Address, "https://") {
					s.Entries[i].Story.Address = fmt.Sprintf("https://story.example/%d", id)
				}
			}
			e.Sections = append(e.Sections, s)
		}
		e.Left = rapid.IntRange(0, 5000).Draw(t, "left")
		var linked []string
		when.Length = rapid.SampledFrom(lengths).Draw(t, "length")
		messages := RenderEdition(p, e, when)
		for i, m := range messages {
			whole(t, m.Content())
			for _, n := range m.Entities {
				if strings.HasPrefix(n.URL, "https://story.example/") {
					linked = append(linked, n.URL+" "+slice(m.Content(), n))
				}
			}
			first, _, _ := strings.Cut(m.Text, "\n")
			if part := fmt.Sprintf("(%d/%d)", i+1, len(messages)); strings.HasSuffix(first, part) != (len(messages) > 1) {
				t.Fatalf("message %d of %d begins %q", i+1, len(messages), first)
			}
		}
		var want []string
		r := renderer{p, when}
		for _, s := range e.Sections {
			for _, n := range s.Entries {
				if strings.HasPrefix(n.Story.Address, "https://story.example/") {
					headline := tidy(n.Story.Title, maxHeadline)
					if headline == "" {
						headline = r.outlet(n.Story.Outlet, n.Story.Host)
					}
					if when.Length == LengthHeadlines {
						headline = isolate(headline)
					}
					want = append(want, n.Story.Address+" "+headline)
				}
			}
		}
		if !slices.Equal(linked, want) {
			t.Fatalf("linked headlines %q; want %q", linked, want)
		}
		if end := messages[len(messages)-1].Text; strings.HasSuffix(end, "/latest") != (e.Left > 0) {
			t.Fatalf("%d left, and the edition ends %q", e.Left, end[max(0, len(end)-40):])
		}
	})
}

func TestNoHeadlinesBreak(t *testing.T) {
	p, when := english(t), inBerlin(t)
	rapid.Check(t, func(t *rapid.T) {
		title := p.Say("edition_topic", Values{"Topic": tidy(drawText.Draw(t, "title"), maxLabel)})
		entries := rapid.SliceOfN(drawEntry, 0, 20).Draw(t, "entries")
		got := RenderHeadlines(p, title, entries, when)
		whole(t, got)
		if !strings.HasSuffix(got.Text, "as of 14:05") {
			t.Fatalf("RenderHeadlines ends %q; want the time", got.Text[max(0, len(got.Text)-40):])
		}
		if len(entries) <= HeadlinesPerPage {
			small := regexp.MustCompile(`(?m)( ago|just now|yesterday \d\d:\d\d|November \d\d:\d\d)$`)
			if shown := len(small.FindAllString(got.Text, -1)); shown < len(entries) {
				t.Fatalf("RenderHeadlines shows %d of %d stories of one page", shown, len(entries))
			}
		}
	})
}

func TestALoneMonsterIsTrimmed(t *testing.T) {
	monster := piece(1, strings.Repeat("🚀", 5000), time.Hour)
	monster.Summary = []string{strings.Repeat("🚀 ", 5000)}
	monster.Story.Outlet = strings.Repeat("🚀", 5000)
	for i := range 12 {
		monster.Story.Articles = append(monster.Story.Articles, digest.Article{
			Outlet: strings.Repeat("x", 500), Host: fmt.Sprint(i), Address: "https://x.example/" + strings.Repeat("y", 2000)})
	}
	got := RenderEdition(english(t), with(sections(strings.Repeat("z", 200)), 0, monster), inBerlin(t))
	if len(got) != 1 || !got[0].Content().Fits() || !strings.Contains(got[0].Text, "🚀…") || !strings.Contains(got[0].Text, "\n🚀 🚀") {
		t.Errorf("RenderEdition of a monster: %d messages, %d units; want one that fits", len(got), got[0].Content().Units())
	}
}

// TestTheLastLineHasRoom lets an edition grow letter by letter over the end of
// a message: title and last line are part of what must fit.
func TestTheLastLineHasRoom(t *testing.T) {
	p, when := english(t), inBerlin(t)
	fewest, most := 9, 0
	for letters := range maxSummary {
		e := sections("tides")
		for i := range 6 {
			e = with(e, 0, summed(piece(i+1, "Spring tide comes early", time.Hour), strings.Repeat("x", 650)))
		}
		e.Sections[0].Entries[5].Summary[0] = strings.Repeat("x", letters)
		e.Left = 1234
		messages := RenderEdition(p, e, when)
		fewest, most = min(fewest, len(messages)), max(most, len(messages))
		for _, m := range messages {
			if !m.Content().Fits() {
				t.Fatalf("with %d letters a message of %d has %d units", letters, len(messages), m.Content().Units())
			}
		}
	}
	if fewest != 1 || most != 2 {
		t.Errorf("the edition grew from %d to %d messages; want from 1 to 2", fewest, most)
	}
}

func BenchmarkRenderEdition(b *testing.B) {
	c, err := LoadCatalog()
	if err != nil {
		b.Fatal(err)
	}
	p, when := c.In("en"), inBerlin(b)
	e := sections("tides", "ferries", "lamps", "fog")
	for i := range 40 {
		e = with(e, i%4, summed(piece(i+1, "Spring tide comes early to the northern islands this year", time.Hour, "Harbour Post", "Coast Daily", "Tide News"),
			strings.Repeat("A sentence of usual length. ", 6)))
	}
	for b.Loop() {
		RenderEdition(p, e, when)
	}
}

func TestAnEmptyEditionIsNoMessage(t *testing.T) {
	if got := RenderEdition(english(t), digest.Edition{}, inBerlin(t)); len(got) != 0 {
		t.Errorf("RenderEdition of nothing = %v; want no messages", got)
	}
}

// whole fails unless a text is one that Telegram takes as it stands.
func whole(t *rapid.T, text telegram.Text) {
	if !text.Fits() || !utf8.ValidString(text.Text) || strings.TrimSpace(text.Text) == "" {
		t.Fatalf("text of %d units, %d entities, %d bytes of them does not fit", text.Units(), len(text.Entities), text.EntityBytes())
	}
	units := utf16.Encode([]rune(text.Text))
	depth := 0
	for _, r := range text.Text {
		switch r {
		case '\u2068':
			depth++
		case '\u2069':
			depth--
		case '\n':
			if depth != 0 {
				t.Fatalf("an isolate runs over the end of a line in %+q", text.Text)
			}
		}
	}
	for _, e := range text.Entities {
		if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > len(units) {
			t.Fatalf("entity %+v outside of %d units", e, len(units))
		}
		s := slice(text, e)
		if strings.ContainsRune(s, utf8.RuneError) || strings.TrimSpace(s) != s {
			t.Fatalf("entity %+v marks %+q", e, s)
		}
		if e.Type != telegram.EntityExpandable && strings.Contains(s, "\n") {
			t.Fatalf("entity %+v marks more than a line: %q", e, s)
		}
	}
}

// slice is what an entity marks.
func slice(t telegram.Text, e telegram.Entity) string {
	return string(utf16.Decode(utf16.Encode([]rune(t.Text))[e.Offset : e.Offset+e.Length]))
}

func TestEachPartOfAnEditionExplainsItsOwnStories(t *testing.T) {
	var e digest.Edition
	for i := range 3 {
		s := digest.Section{Topic: digest.TopicID(i + 1), Label: fmt.Sprint("topic", i)}
		for k := range 7 {
			s.Entries = append(s.Entries, digest.Entry{
				Story:   digest.Story{ID: digest.StoryID(10*i + k + 1), Title: fmt.Sprintf("Headline %d of %d", k, i), Address: "https://a.example/", Outlet: "A", Hosts: 1},
				Summary: []string{strings.Repeat("words ", 100)},
			})
		}
		e.Sections = append(e.Sections, s)
	}
	when := inBerlin(t)
	for _, m := range RenderEdition(english(t), e, when) {
		if len(m.Keyboard) != 0 {
			t.Fatalf("an edition of no slot has buttons: %v", m.Keyboard)
		}
	}
	when.Slot = time.UnixMilli(1774000000000)
	parts := RenderEdition(english(t), e, when)
	first := 0
	for i, m := range parts {
		if len(m.Keyboard) != 1 || len(m.Keyboard[0]) != 1 {
			t.Fatalf("part %d has the buttons %v, want [Why?]", i+1, m.Keyboard)
		}
		if w, ok := readWhyPlace(strings.TrimPrefix(m.Keyboard[0][0].Data, "why:")); !ok || w.n != first || !w.slot.Equal(when.Slot) {
			t.Errorf("part %d begins with story %d, its button means %+v, %t", i+1, first, w, ok)
		}
		first += strings.Count(m.Text, "Headline ")
	}
	if len(parts) < 3 || first != 21 {
		t.Errorf("%d parts tell %d stories, want several that tell 21", len(parts), first)
	}
}
