package bot

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"tidings/bot/telegram"
)

//go:embed locales/*.toml
var locales embed.FS

// A Catalog holds every sentence the bot says, in every language it speaks.
type Catalog struct {
	bundle    *i18n.Bundle
	languages map[string]bool
}

// LoadCatalog reads the embedded catalogs. A file is named <subject>.<language>.toml.
func LoadCatalog() (*Catalog, error) {
	c := &Catalog{bundle: i18n.NewBundle(language.English), languages: map[string]bool{}}
	c.bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	files, err := locales.ReadDir("locales")
	if err != nil {
		return nil, fmt.Errorf("list catalogs: %w", err)
	}
	for _, f := range files {
		m, err := c.bundle.LoadMessageFileFS(locales, "locales/"+f.Name())
		if err != nil {
			return nil, fmt.Errorf("read catalog %s: %w", f.Name(), err)
		}
		base, _ := m.Tag.Base()
		c.languages[base.String()] = true
	}
	return c, nil
}

// In returns the sentences in a language; in English where the catalog of that
// language has none.
func (c *Catalog) In(lang string) Phrases {
	return Phrases{i18n.NewLocalizer(c.bundle, lang, "en"), lang}
}

// Speaks returns the catalog language for a IETF language tag that a client
// sent: its base language if there is a catalog, else English.
func (c *Catalog) Speaks(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if c.languages[base] {
		return base
	}
	return "en"
}

// Phrases are the sentences of one language.
type Phrases struct {
	localizer *i18n.Localizer
	lang      string // ISO 639-1
}

// Values fill the places of a sentence, {{.Name}}. Count chooses the plural.
// A telegram.Text among them keeps its entities.
type Values map[string]any

// Say returns the sentence with its marks as entities: <b>, <i> and <code> in
// the catalog's own words. Values are never read as marks.
func (p Phrases) Say(id string, v Values) telegram.Text {
	kept := make([]telegram.Text, 0, len(v))
	places := make(Values, len(v))
	for name, value := range v {
		switch value := value.(type) {
		case telegram.Text:
			places[name] = place(len(kept))
			kept = append(kept, value)
		case string:
			places[name] = place(len(kept))
			kept = append(kept, telegram.Text{Text: value})
		default:
			places[name] = value
		}
	}
	return readMarks(p.fill(id, places), kept)
}

// Plain returns the sentence without entities: for buttons, toasts and menus.
func (p Phrases) Plain(id string, v Values) string { return p.Say(id, v).Text }

func (p Phrases) fill(id string, v Values) string {
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: v, PluralCount: v["Count"]})
	if err != nil && s == "" {
		return id // a test proves that every sentence asked for stands in the catalog
	}
	return s
}

// placeBase begins a range of private-use runes that stand for values while
// the catalog's marks are read, so that no value can be taken for a mark.
const placeBase = 0xF0000

func place(i int) string { return string(rune(placeBase + i)) }

// readMarks turns the catalog's marks into entities and puts the values in.
func readMarks(s string, values []telegram.Text) telegram.Text {
	var b telegram.Builder
	style := ""
	for s != "" {
		at := strings.IndexFunc(s, func(r rune) bool { return r == '<' || r >= placeBase && r < placeBase+rune(len(values)) })
		if at < 0 {
			at = len(s)
		}
		put(&b, style, telegram.Text{Text: s[:at]})
		s = s[at:]
		if s == "" {
			break
		}
		if s[0] == '<' {
			if mark, rest, ok := cutMark(s); ok {
				style, s = mark, rest
				continue
			}
			put(&b, style, telegram.Text{Text: "<"})
			s = s[1:]
			continue
		}
		r := []rune(s[:4])[0]
		put(&b, style, values[r-placeBase])
		s = withoutStop(s[4:], values[r-placeBase].Text)
	}
	return b.Text()
}

// withoutStop is what a sentence says after a value, without the full stop right behind one
// that ends with its own: following U.S.
func withoutStop(rest, value string) string {
	value = strings.TrimRight(value, "\u2069")
	mark, stop, ok := strings.Cut(rest, ".")
	if !ok || strings.HasPrefix(stop, ".") || !strings.HasSuffix(value, ".") && !strings.HasSuffix(value, "…") {
		return rest
	}
	if _, plain, marked := cutMark(mark); mark == "" || marked && plain == "" {
		return mark + stop
	}
	return rest
}

func cutMark(s string) (style, rest string, ok bool) {
	for _, m := range []string{"b", "i", "code"} {
		if rest, ok = strings.CutPrefix(s, "<"+m+">"); ok {
			return m, rest, true
		}
		if rest, ok = strings.CutPrefix(s, "</"+m+">"); ok {
			return "", rest, true
		}
	}
	return "", s, false
}

func put(b *telegram.Builder, style string, t telegram.Text) {
	switch {
	case t.Text == "":
	case len(t.Entities) > 0 || style == "":
		b.Append(t)
	case style == "b":
		b.Bold(t.Text)
	case style == "i":
		b.Italic(t.Text)
	default:
		b.Code(t.Text)
	}
}

// span tells a length of time in one unit, rounded up.
func (p Phrases) span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return p.Plain("span_seconds", Values{"Count": max(1, int(d/time.Second))})
	case d < 2*time.Hour:
		return p.Plain("span_minutes", Values{"Count": int((d + time.Minute - 1) / time.Minute)})
	case d <= 72*time.Hour:
		return p.Plain("span_hours", Values{"Count": int((d + time.Hour - 1) / time.Hour)})
	}
	return p.Plain("span_days", Values{"Count": int((d + 24*time.Hour - 1) / (24 * time.Hour))})
}

// SayDate returns the date of an instant in its own location, as it stands within a
// sentence: "Tuesday, 24 November", "mardi 24 novembre".
func SayDate(p Phrases, at time.Time) string {
	return p.Plain("date_day", Values{
		"Weekday": p.Plain("weekday_"+strconv.Itoa(int(at.Weekday())), nil),
		"Day":     p.monthDay(at),
		"Month":   p.Plain("month_"+strconv.Itoa(int(at.Month())), nil),
	})
}

// monthDay is the day of a month, whose first some languages count by another kind of number.
func (p Phrases) monthDay(at time.Time) string {
	if at.Day() == 1 {
		return p.Plain("date_first", nil)
	}
	return strconv.Itoa(at.Day())
}

// Languages lists the languages that have a catalog, in order.
func (c *Catalog) Languages() []string { return slices.Sorted(maps.Keys(c.languages)) }
