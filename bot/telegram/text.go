package telegram

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// How much one message may hold. A text is cut at the first of the three.
const (
	// MaxUnits is the longest text, in UTF-16 units. Telegram counts code points
	// after parsing (4096), but some servers count units; units are never fewer.
	MaxUnits = 4096
	// MaxEntities is the most entities we put into a message. Telegram drops
	// those past 100 without a word.
	MaxEntities = 90
	// MaxEntityBytes bounds the entities with their links, as EntityBytes counts
	// them. Telegram refuses about 9500 with ENTITIES_TOO_LONG.
	MaxEntityBytes = 8000
)

// entityCost is what EntityBytes counts for an entity beside its link. On the
// wire it is 12 to 24 bytes; 44 is chosen so that 90 entities at MaxEntityBytes
// stay under 9500 bytes even if a server measures their JSON.
const entityCost = 44

// Text is what a message says: plain text and the entities that mark parts of
// it. Nothing in the text is ever read as markup, so hostile words cannot break
// a message. A Builder makes it.
type Text struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities,omitempty"`
}

// Units is the length in UTF-16 units, the measure of entities and MaxUnits.
func (t Text) Units() int { return unitsOf(t.Text) }

// EntityBytes is the size of the entities for MaxEntityBytes: their links and a
// generous fixed cost each.
func (t Text) EntityBytes() int {
	n := 0
	for _, e := range t.Entities {
		n += entityCost + len(e.URL)
	}
	return n
}

// Fits tells whether the text can be one message.
func (t Text) Fits() bool {
	return t.Units() <= MaxUnits && len(t.Entities) <= MaxEntities && t.EntityBytes() <= MaxEntityBytes
}

// Plain is the text without entities, for the one resend after ErrEntities.
// Each link follows its words in parentheses as long as the whole stays within
// MaxUnits: a digest without its links would be of little use.
func (t Text) Plain() Text {
	type link struct {
		end int // in units
		url string
	}
	var links []link
	room := MaxUnits - t.Units()
	for _, e := range t.Entities {
		if e.Type != EntityLink || e.URL == "" {
			continue
		}
		if room -= unitsOf(e.URL) + len(" ()"); room < 0 {
			break
		}
		links = append(links, link{e.Offset + e.Length, e.URL})
	}
	slices.SortStableFunc(links, func(a, b link) int { return a.end - b.end })
	var b strings.Builder
	units := 0
	put := func() {
		for len(links) > 0 && links[0].end <= units {
			b.WriteString(" (" + links[0].url + ")")
			links = links[1:]
		}
	}
	for _, r := range t.Text {
		put()
		b.WriteRune(r)
		units += utf16.RuneLen(r)
	}
	put()
	return Text{Text: b.String()}
}

// Builder writes a Text from left to right. The zero Builder is empty and
// ready. Whatever is written is made fit for Telegram first: invalid UTF-8
// becomes U+FFFD; carriage returns, other control characters and direction
// overrides, which Telegram would drop or a headline could abuse, are taken out.
// Empty parts leave no entity.
type Builder struct {
	text     strings.Builder
	entities []Entity
	units    int
}

// Plain writes unmarked text.
func (b *Builder) Plain(s string) *Builder { return b.mark("", s, "") }

// Bold writes s in bold.
func (b *Builder) Bold(s string) *Builder { return b.mark(EntityBold, s, "") }

// Italic writes s in italics.
func (b *Builder) Italic(s string) *Builder { return b.mark(EntityItalic, s, "") }

// Code writes s in a fixed width; a tap copies it.
func (b *Builder) Code(s string) *Builder { return b.mark(EntityCode, s, "") }

// Link writes s as a link. An address that is not http, https or tg, or that
// holds blanks, leaves plain words: Telegram would drop the link silently.
func (b *Builder) Link(s, url string) *Builder {
	if !linkable(url) {
		return b.Plain(s)
	}
	return b.mark(EntityLink, s, url)
}

// Quote writes t as a block quotation. Quotations within t lose their mark,
// for they do not nest. The caller puts line ends around it.
func (b *Builder) Quote(t Text) *Builder { return b.quote(EntityQuote, t) }

// ExpandableQuote writes t as a quotation that shows its first lines until it
// is tapped. Like Quote otherwise.
func (b *Builder) ExpandableQuote(t Text) *Builder { return b.quote(EntityExpandable, t) }

// Append writes t with its entities.
func (b *Builder) Append(t Text) *Builder {
	base := b.units
	for _, e := range t.Entities {
		e.Offset += base
		b.entities = append(b.entities, e)
	}
	b.text.WriteString(t.Text)
	b.units += t.Units()
	return b
}

// Units is the length so far in UTF-16 units, blanks at the ends included.
func (b *Builder) Units() int { return b.units }

// Text is what was written, without blanks at its ends; entities are cut to
// what remains, and ordered by offset, the outer before the inner. The Builder
// can be written on.
func (b *Builder) Text() Text {
	whole := b.text.String()
	left := strings.TrimLeftFunc(whole, unicode.IsSpace)
	text := strings.TrimRightFunc(left, unicode.IsSpace)
	lead := unitsOf(whole[:len(whole)-len(left)])
	size := unitsOf(text)
	t := Text{Text: text}
	for _, e := range b.entities {
		from, to := max(e.Offset-lead, 0), min(e.Offset-lead+e.Length, size)
		if from >= to {
			continue
		}
		e.Offset, e.Length = from, to-from
		t.Entities = append(t.Entities, e)
	}
	slices.SortStableFunc(t.Entities, func(x, y Entity) int {
		if x.Offset != y.Offset {
			return x.Offset - y.Offset
		}
		return y.Length - x.Length
	})
	return t
}

func (b *Builder) mark(kind, s, url string) *Builder {
	s = cleanText(s)
	n := unitsOf(s)
	if kind != "" && strings.TrimSpace(s) != "" {
		b.entities = append(b.entities, Entity{Type: kind, Offset: b.units, Length: n, URL: url})
	}
	b.text.WriteString(s)
	b.units += n
	return b
}

func (b *Builder) quote(kind string, t Text) *Builder {
	if strings.TrimSpace(t.Text) == "" {
		return b
	}
	inner := slices.DeleteFunc(slices.Clone(t.Entities), func(e Entity) bool {
		return e.Type == EntityQuote || e.Type == EntityExpandable
	})
	b.entities = append(b.entities, Entity{Type: kind, Offset: b.units, Length: t.Units()})
	return b.Append(Text{Text: t.Text, Entities: inner})
}

// cleanText keeps what Telegram keeps, so that lengths counted here are the
// lengths counted there.
func cleanText(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E':
			return -1
		}
		return r
	}, s)
}

func linkable(url string) bool {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || rest == "" || !utf8.ValidString(url) || strings.ContainsFunc(url, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	scheme = strings.ToLower(scheme)
	return scheme == "http" || scheme == "https" || scheme == "tg"
}

// unitsOf counts UTF-16 units: two for a character past U+FFFF, else one.
func unitsOf(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
