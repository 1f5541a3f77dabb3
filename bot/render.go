package bot

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/bidi"

	"tidings/bot/telegram"
	"tidings/digest"
)

// RenderContext is what a text's times depend on.
type RenderContext struct {
	Now  time.Time
	Zone *time.Location // the reader's

	Length Length    // how much of each story; of an edition only
	Slot   time.Time // of an edition whose stories [Why?] explains; zero: no such button
	Dated  bool      // stories are read at any time: they say their day instead of their age
}

// HeadlinesPerPage is how many stories stand under one page of headlines.
const HeadlinesPerPage = 5

// How much of a publisher's text is shown, in runes. With these a lone story
// always fits into a message, whatever was published.
const (
	maxHeadline = 200
	maxSummary  = 700
	maxOutlet   = 40
	maxLabel    = 200
	maxLink     = 1400 // bytes; a longer address is no link, so that five of them fit a page
	maxOutlets  = 5    // named in a story's quote
)

// RenderEdition returns an edition as messages in order, each within the
// limits of Telegram: a title line with the local date, stories under their
// topics, at last how many were left out. It is cut between stories; parts are
// numbered and a topic that goes on is named again. Where naming every outlet
// would need another message, outlets are left out. An empty edition is none.
func RenderEdition(p Phrases, e digest.Edition, when RenderContext) []telegram.Message {
	if len(e.Stories()) == 0 {
		return nil
	}
	r := renderer{p, when}
	parts, firsts := r.parts(e, withOutlets)
	if len(parts) > 1 {
		if fewer, others := r.parts(e, withSummary); len(fewer) < len(parts) {
			parts, firsts = fewer, others
		}
	}
	messages := make([]telegram.Message, len(parts))
	for i, part := range parts {
		texts := []telegram.Text{r.title(e, i+1, len(parts)), part}
		if i == len(parts)-1 {
			texts = append(texts, r.more(e.Left))
		}
		messages[i] = telegram.NewMessage(join("\n\n", texts...))
		if !when.Slot.IsZero() {
			messages[i].Keyboard = whyButton(p, when.Slot, firsts[i])
		}
	}
	return messages
}

// RenderHeadlines returns stories as one message under a title, with the time
// of day at the end ("as of 14:05"). When they do not fit, outlets are left
// out first, then summaries, at last the stories at the end.
func RenderHeadlines(p Phrases, title telegram.Text, stories []digest.Entry, when RenderContext) telegram.Text {
	r := renderer{p, when}
	var b telegram.Builder
	asOf := b.Italic(p.Plain("headlines_as_of", Values{"Time": r.clock(when.Now)})).Text()
	for shown := len(stories); ; shown-- {
		for d := withOutlets; d >= headlineOnly; d-- {
			texts := []telegram.Text{title}
			for _, n := range stories[:shown] {
				texts = append(texts, r.story(n, d))
			}
			if t := join("\n\n", append(texts, asOf)...); t.Fits() || shown == 0 {
				return t
			}
		}
	}
}

type renderer struct {
	Phrases
	when RenderContext
}

// A detail says how much of a story is shown.
type detail int

const (
	headlineOnly detail = iota // with its small line
	withSummary
	withOutlets
)

// parts cuts the body of an edition between stories; firsts are the numbers of the
// stories that parts begin with.
func (r renderer) parts(e digest.Edition, d detail) (parts []telegram.Text, firsts []int) {
	// Every part is cut as if it had the longest title and the last line.
	around := sizeOf(r.title(e, 1, 1000)).plus(sizeOf(r.more(e.Left)))
	var open telegram.Text
	used, number := around, 0
	firsts = []int{0}
	for _, s := range e.Sections {
		for i, n := range s.Entries {
			story, between := r.story(n, d), r.between()
			if i == 0 {
				story, between = join("\n", r.topic("edition_topic", s), story), "\n\n"
			}
			if !used.plus(sizeOf(story)).fits() {
				if open.Text != "" {
					parts, firsts = append(parts, open), append(firsts, number)
				}
				open, used = telegram.Text{}, around
				story = r.opening(s, i, d, used)
			}
			open, used = join(between, open, story), used.plus(sizeOf(story))
			number++
		}
	}
	return append(parts, open), firsts
}

// between is what stands between two stories of a topic: headlines alone make
// a list.
func (r renderer) between() string {
	if r.when.Length == LengthHeadlines {
		return "\n"
	}
	return "\n\n"
}

// opening is a part's first story under its topic's line, in less detail if
// the part would be too long with it alone.
func (r renderer) opening(s digest.Section, i int, d detail, used size) telegram.Text {
	topic := r.topic("edition_topic", s)
	if i > 0 {
		topic = r.topic("edition_topic_continued", s)
	}
	for {
		t := join("\n", topic, r.story(s.Entries[i], d))
		if used.plus(sizeOf(t)).fits() || d == headlineOnly {
			return t
		}
		d--
	}
}

// A size is what a text takes of each of a message's limits, with the blank
// line after it.
type size struct{ units, entities, bytes int }

func sizeOf(t telegram.Text) size {
	return size{t.Units() + 2, len(t.Entities), t.EntityBytes()}
}

func (s size) plus(t size) size {
	return size{s.units + t.units, s.entities + t.entities, s.bytes + t.bytes}
}

func (s size) fits() bool {
	return s.units <= telegram.MaxUnits && s.entities <= telegram.MaxEntities && s.bytes <= telegram.MaxEntityBytes
}

func (r renderer) title(e digest.Edition, part, parts int) telegram.Text {
	date := capital(SayDate(r.Phrases, r.when.Now.In(r.when.Zone)))
	v := Values{"Date": date, "Topics": r.sections(e), "Part": part, "Parts": parts}
	switch {
	case parts == 1:
		return r.Say("edition_title", v)
	case part == 1:
		return r.Say("edition_title_first", v)
	}
	return r.Say("edition_title_part", v)
}

// sections is "3 topics", "1 source" or "3 topics · 1 source".
func (r renderer) sections(e digest.Edition) string {
	topics, sources := 0, 0
	for _, s := range e.Sections {
		if s.Source != 0 {
			sources++
		} else {
			topics++
		}
	}
	var parts []string
	if topics > 0 || sources == 0 {
		parts = append(parts, r.Plain("edition_topics", Values{"Count": topics}))
	}
	if sources > 0 {
		parts = append(parts, r.Plain("edition_sources", Values{"Count": sources}))
	}
	return strings.Join(parts, " · ")
}

func (r renderer) topic(id string, s digest.Section) telegram.Text {
	if s.Source != 0 {
		id = map[string]string{"edition_topic": "edition_source", "edition_topic_continued": "edition_source_continued"}[id]
	}
	return r.Say(id, Values{"Topic": isolate(tidy(s.Label, maxLabel))})
}

// more is the last line, empty when nothing was left out.
func (r renderer) more(left int) telegram.Text {
	if left <= 0 {
		return telegram.Text{}
	}
	return r.Say("edition_more", Values{"Count": left})
}

// story is one story on lines of its own: linked headline, summary, small line,
// quote of further outlets. Headline and summary stand alone on their lines,
// so that each runs in the direction of its own language. Where headlines are
// all, a story is one line of a list.
func (r renderer) story(n digest.Entry, d detail) telegram.Text {
	var b telegram.Builder
	headline := r.headline(n.Story)
	if r.when.Length == LengthHeadlines {
		b.Plain("• ")
		r.update(&b, n)
		link(&b, isolate(headline), n.Story.Address)
		return b.Plain(" – ").Italic(r.smallLine(n.Story)).Text()
	}
	if n.Change != nil {
		r.update(&b, n)
		headline = isolate(headline)
	}
	link(&b, headline, n.Story.Address)
	if summary := r.summary(n); summary != "" && d >= withSummary {
		b.Plain("\n" + summary)
	}
	if news := r.news(n); news != "" {
		b.Plain("\n" + news)
	}
	b.Plain("\n").Italic(r.smallLine(n.Story))
	if others := r.outlets(n.Story); others.Text != "" && d >= withOutlets {
		b.Plain("\n").ExpandableQuote(others)
	}
	return b.Text()
}

// headline is a story's, the outlet's name where it has none.
func (r renderer) headline(s digest.Story) string {
	if h := tidy(s.Title, maxHeadline); h != "" {
		return h
	}
	return r.outlet(s.Outlet, s.Host)
}

func (r renderer) summary(n digest.Entry) string {
	return tidy(digest.JoinSentences(n.Summary), maxSummary)
}

// update puts "Update: " before the headline of a story that the reader knows.
func (r renderer) update(b *telegram.Builder, n digest.Entry) {
	if n.Change != nil {
		b.Append(r.Say("headline_update", nil)).Plain(" ")
	}
}

// How much is named of what is new in a story.
const (
	maxNews     = 3  // numbers, and names
	maxNewsWord = 40 // runes of one
)

// news is "New: 15, Bo Lund · 6 sources now, 2 before"; empty when nothing is.
func (r renderer) news(n digest.Entry) string {
	c := n.Change
	if c == nil {
		return ""
	}
	var words []string
	for _, list := range [][]string{c.Figures, c.Names} {
		for _, w := range list[:min(len(list), maxNews)] {
			if w = tidy(w, maxNewsWord); w != "" {
				words = append(words, isolate(w))
			}
		}
	}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, r.Plain("headline_new", Values{"New": strings.Join(words, ", ")}))
	}
	if c.Doubled() {
		parts = append(parts, r.Plain("headline_new_sources", Values{"Count": n.Story.Hosts, "Before": c.Before}))
	}
	return strings.Join(parts, " · ")
}

// smallLine is "BBC News · +6 sources · 2 h ago".
func (r renderer) smallLine(s digest.Story) string {
	parts := []string{isolate(r.outlet(s.Outlet, s.Host))}
	if s.Hosts > 1 {
		parts = append(parts, r.Plain("headline_sources", Values{"Count": s.Hosts - 1}))
	}
	switch {
	case s.Published.IsZero():
	case r.when.Dated:
		parts = append(parts, SayDate(r.Phrases, s.Published.In(r.when.Zone)))
	default:
		parts = append(parts, r.age(s.Published))
	}
	return strings.Join(parts, " · ")
}

// outlets are the other outlets of a story, each linked to its article, one a host.
func (r renderer) outlets(s digest.Story) telegram.Text {
	var b telegram.Builder
	named := map[string]bool{s.Host: true}
	for _, a := range s.Articles {
		if named[a.Host] || len(named) > maxOutlets {
			continue
		}
		if len(named) > 1 {
			b.Plain(" · ")
		}
		named[a.Host] = true
		link(&b, isolate(r.outlet(a.Outlet, a.Host)), a.Address)
	}
	return b.Text()
}

// outlet is a name that can be seen: the outlet's, else its host's.
func (r renderer) outlet(name, host string) string {
	for _, s := range []string{name, host} {
		if s = tidy(s, maxOutlet); s != "" {
			return s
		}
	}
	return r.Plain("headline_unnamed", nil)
}

// age tells when something was published: "2 h ago" today, "yesterday 18:05".
func (r renderer) age(at time.Time) string {
	now, then := r.when.Now.In(r.when.Zone), at.In(r.when.Zone)
	ago := now.Sub(then)
	switch {
	case ago < time.Minute:
		return r.Plain("headline_age_now", nil)
	case ago < time.Hour:
		return r.Plain("headline_age_minutes", Values{"Count": int(ago.Minutes())})
	case ago < 6*time.Hour || ago < 24*time.Hour && sameDate(now, then):
		return r.Plain("headline_age_hours", Values{"Count": int(ago.Hours())})
	case sameDate(now.AddDate(0, 0, -1), then):
		return r.Plain("headline_age_yesterday", Values{"Time": r.clock(at)})
	}
	return r.Plain("headline_age_date", Values{
		"Day": r.monthDay(then), "Month": r.Plain("month_"+strconv.Itoa(int(then.Month())), nil), "Time": r.clock(at),
	})
}

func sameDate(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func (r renderer) clock(at time.Time) string { return at.In(r.when.Zone).Format("15:04") }

// join puts texts that are not empty one after another.
func join(between string, texts ...telegram.Text) telegram.Text {
	var b telegram.Builder
	for _, t := range texts {
		if t.Text == "" {
			continue
		}
		if b.Units() > 0 {
			b.Plain(between)
		}
		b.Append(t)
	}
	return b.Text()
}

// link writes words linked to an address, unlinked when the address alone
// would fill a message's room for entities.
func link(b *telegram.Builder, words, address string) {
	if len(address) > maxLink {
		address = ""
	}
	b.Link(words, address)
}

// isolate keeps words of right-to-left writing from turning the line around
// them: between FSI and PDI they have their own direction.
func isolate(s string) string {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}

// tidy makes one line of a publisher's words that can be seen: blanks are
// single, what has no shape of its own (controls, direction marks, zero-width
// signs but joiners between letters) is gone, marks do not pile up, and what
// is longer than max runes ends in "…" at a word or at least a whole character.
func tidy(s string, max int) string {
	var b strings.Builder
	blank, marks, last := false, 0, ' '
	count := 0
	for _, r := range s {
		if count > 2*max {
			break // enough to know that it is too long
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2800': // an empty Braille cell
			blank = true
			continue
		case isJoiner(r):
			if blank || isJoiner(last) || last == ' ' {
				continue
			}
		case unicode.IsMark(r):
			if marks++; marks > 4 || last == ' ' {
				continue
			}
		case !hasShape(r):
			continue
		default:
			marks = 0
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
			count++
		}
		blank, last = false, r
		b.WriteRune(r)
		count++
	}
	return shorten(strings.TrimRightFunc(b.String(), isJoiner), max)
}

// isJoiner says whether a rune has no shape but changes those beside it:
// Persian and Indic words and joined emoji need these.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// hasShape says whether a rune shows on a screen.
func hasShape(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\ufffc', '\ufffd': // Hangul fillers, signs for what is missing
		return false
	}
	return unicode.IsGraphic(r) || unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r >= 0xE0020 && r <= 0xE007F // flags end in tags
}

// shorten cuts a text to max runes, the "…" among them.
func shorten(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	end, word, count := 0, 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		if count += utf8.RuneCountInString(g.Value()); count > max-1 {
			break
		}
		if g.Value() == " " {
			word = g.Start()
		}
		end = g.End()
	}
	if word > end*2/3 { // a cut word is better than a third of the text lost
		end = word
	}
	if end == 0 { // one character of endless joined parts
		return cut(s, max)
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + "…"
}

// cut shortens a text to max runes, the "…" among them, wherever that is.
func cut(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max-1]) + "…"
}
