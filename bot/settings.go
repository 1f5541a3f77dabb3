package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tidings/bot/telegram"
)

// settingsShelf is what the screen of settings asks besides the chat.
type settingsShelf interface {
	// Languages returns the codes of the languages that stories have.
	Languages(ctx context.Context) ([]string, error)
}

// settings shows all settings on one screen of buttons that edits itself.
func (b *Bot) settings(ctx context.Context, r *request) (answer, error) {
	return b.settingsCard(r), nil
}

// pressSettings opens the screen, or one that its rows lead to.
func (b *Bot) pressSettings(ctx context.Context, r *request) (answer, error) {
	switch r.args {
	case "quiet":
		return r.quietCard("quiet_card"), nil
	case "stories":
		return b.languagesCard(ctx, r)
	case "speech":
		return b.speechCard(r), nil
	case "schedule":
		return r.scheduleCard("schedule_card"), nil
	case "zone":
		r.args = ""
		return b.timezone(ctx, r)
	}
	return b.settingsCard(r), nil
}

// pressSet changes one setting to what the button names, "<setting>:<value>";
// to press it again changes nothing more. What no button names changes nothing.
func (b *Bot) pressSet(ctx context.Context, r *request) (answer, error) {
	name, value, _ := strings.Cut(r.args, ":")
	change, card := b.settingOf(name, value)
	if change == nil {
		return b.settingsCard(r), nil
	}
	c, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		change(c)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	r.chat = c
	if r.here.ID == c.ID {
		r.here, r.say = c, b.catalog.In(c.Language)
	}
	if name == "speech" {
		r.tuneMenu(c.Language)
	}
	return card(ctx, r)
}

// settingOf is what a button changes and the screen it stands on; nil for what
// no button has.
func (b *Bot) settingOf(name, value string) (change func(*Chat), card func(context.Context, *request) (answer, error)) {
	on := value == "on"
	if !on && value != "off" && slices.Contains([]string{"empty", "news", "preview"}, name) {
		return nil, nil
	}
	switch name {
	case "length":
		if slices.Contains(lengths, Length(value)) {
			change = func(c *Chat) { c.Length = Length(value) }
		}
	case "empty":
		change = func(c *Chat) { c.TellEmpty = on }
	case "news":
		change = func(c *Chat) { c.Announcements = on }
	case "preview":
		change = func(c *Chat) { c.Previews = on }
	case "speech":
		if slices.Contains(b.catalog.Languages(), value) {
			change = func(c *Chat) { c.Language = value }
		}
		return change, func(_ context.Context, r *request) (answer, error) { return b.speechCard(r), nil }
	case "any":
		return func(c *Chat) { c.StoryLanguages = "" }, b.languagesCard
	case "read", "skip":
		if languageName(value) != "" {
			change = func(c *Chat) { c.readLanguage(value, name == "read") }
		}
		return change, b.languagesCard
	}
	return change, func(_ context.Context, r *request) (answer, error) { return b.settingsCard(r), nil }
}

// readLanguage adds a language to those the chat reads, or takes it away; with
// the last of them gone it reads any.
func (s *Settings) readLanguage(code string, read bool) {
	codes := strings.Fields(s.StoryLanguages)
	codes = slices.DeleteFunc(codes, func(c string) bool { return c == code })
	if read && len(codes) < maxLanguages {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	s.StoryLanguages = strings.Join(codes, " ")
}

// maxLanguages is how many languages a chat can choose; who reads more reads any.
const maxLanguages = 12

var lengths = []Length{LengthHeadlines, LengthShort, LengthFull}

func (b *Bot) settingsCard(r *request) answer {
	c := r.chat
	var keys keyboard
	for _, l := range lengths {
		keys.add(3, r.chosen(r.say.Plain("settings_length_"+string(l), nil), l == c.Length), "set:length:"+string(l))
	}
	quiet := r.say.Plain("quiet_none", nil)
	if c.Quiet != "" {
		quiet = hoursWords(c.Quiet)
	}
	keys.row(r.say.Plain("settings_button_quiet", Values{"Value": quiet}), "settings:quiet")
	r.flip(&keys, "settings_button_empty", "set:empty:", c.TellEmpty)
	r.flip(&keys, "settings_button_news", "set:news:", c.Announcements)
	r.flip(&keys, "settings_button_preview", "set:preview:", c.Previews)
	keys.row(r.say.Plain("settings_button_stories", Values{"Value": shorten(r.languagesWords(), 40)}), "settings:stories")
	if len(b.catalog.Languages()) > 1 {
		keys.row(r.say.Plain("settings_button_speech", Values{"Value": languageName(c.Language)}), "settings:speech")
	}
	keys.row(r.say.Plain("settings_button_schedule", nil), "settings:schedule")
	keys.add(2, r.say.Plain("settings_button_zone", nil), "settings:zone")
	paused := telegram.Text{}
	if c.Paused != "" {
		paused = r.say.Say("paused", nil)
		keys.row(r.say.Plain("button_resume", nil), "resume:")
	}
	limits := c.Length.limits()
	detail := "settings_detail_summaries"
	if limits.Words == 0 {
		detail = "settings_detail_headlines"
	}
	return answer{
		text: join("\n\n", paused, r.say.Say("settings", Values{
			"Length":   r.say.Plain("settings_length_"+string(cmp.Or(c.Length, LengthShort)), nil),
			"Detail":   r.say.Plain(detail, Values{"Each": limits.PerTopic, "Total": limits.Total, "Words": limits.Words}),
			"Quiet":    quiet,
			"Empty":    r.either(c.TellEmpty, "settings_empty_on", "settings_empty_off"),
			"News":     r.onOff(c.Announcements),
			"Preview":  r.onOff(c.Previews),
			"Stories":  r.languagesWords(),
			"Schedule": r.scheduleWords(c.Schedule),
			"Zone":     r.zoneAside(),
		})),
		keyboard: keys.rows,
	}
}

// flip adds the button of a setting that is on or off; it says what it is and
// changes it to the other.
func (r *request) flip(keys *keyboard, label, data string, on bool) {
	to := "on"
	if on {
		to = "off"
	}
	keys.row(r.say.Plain(label, Values{"Value": r.onOff(on)}), data+to)
}

func (r *request) onOff(on bool) string { return r.either(on, "settings_on", "settings_off") }

// either says one sentence or the other.
func (r *request) either(on bool, yes, no string) string {
	if on {
		return r.say.Plain(yes, nil)
	}
	return r.say.Plain(no, nil)
}

// chosen marks the label of what is chosen now.
func (r *request) chosen(label string, now bool) string {
	if now {
		return r.say.Plain("settings_chosen", Values{"Label": label})
	}
	return label
}

// chosenLanguages are those that the chat asked stories in, its own first.
func (c Chat) chosenLanguages() []string {
	chosen := strings.Fields(c.StoryLanguages)
	if i := slices.Index(chosen, c.Language); i > 0 {
		chosen = slices.Insert(slices.Delete(chosen, i, i+1), 0, c.Language)
	}
	return chosen
}

// languagesWords names the languages of the chat's stories within a sentence.
func (r *request) languagesWords() string {
	if r.chat.StoryLanguages == "" {
		return r.say.Plain("settings_languages_any", nil)
	}
	var names []string
	for _, code := range r.chat.chosenLanguages() {
		names = append(names, cmp.Or(r.say.languageName(code), code))
	}
	return strings.Join(names, ", ")
}

// languagesCard offers the languages that stories have, and those chosen.
func (b *Bot) languagesCard(ctx context.Context, r *request) (answer, error) {
	chosen := strings.Fields(r.chat.StoryLanguages)
	codes, err := b.shelf.Languages(ctx)
	if err != nil {
		return answer{}, err
	}
	codes = slices.DeleteFunc(append(codes, chosen...), func(code string) bool { return languageName(code) == "" })
	slices.SortFunc(codes, func(x, y string) int { return cmp.Or(cmp.Compare(languageName(x), languageName(y)), cmp.Compare(x, y)) })
	codes = slices.Compact(codes)
	var keys keyboard
	for _, code := range codes[:min(len(codes), mostLanguages)] {
		reads, verb := slices.Contains(chosen, code), "set:read:"
		if reads {
			verb = "set:skip:"
		}
		keys.add(3, r.chosen(languageName(code), reads), verb+code)
	}
	keys.row(r.chosen(r.say.Plain("settings_languages_any", nil), len(chosen) == 0), "set:any:")
	keys.row(r.say.Plain("button_settings", nil), "settings:")
	text := r.say.Say("settings_languages", Values{"Languages": r.languagesWords()})
	if len(chosen) >= maxLanguages {
		text = join("\n\n", text, r.say.Say("settings_languages_full", Values{"Max": maxLanguages}))
	}
	return answer{text: text, keyboard: keys.rows}, nil
}

// mostLanguages is how many languages are offered: a keyboard holds about a
// hundred buttons.
const mostLanguages = 90

// speechCard offers the languages that the bot speaks.
func (b *Bot) speechCard(r *request) answer {
	var keys keyboard
	for _, code := range b.catalog.Languages() {
		keys.add(3, r.chosen(languageName(code), code == r.chat.Language), "set:speech:"+code)
	}
	keys.row(r.say.Plain("button_settings", nil), "settings:")
	return answer{text: r.say.Say("settings_speech", Values{"Language": cmp.Or(r.say.languageName(r.chat.Language), r.chat.Language)}), keyboard: keys.rows}
}

// languageName is a language's own name for itself, "" for what is none.
func languageName(code string) string {
	if len(code) < 2 || len(code) > 3 {
		return ""
	}
	base, err := language.ParseBase(code)
	if err != nil || base.String() != code && code != "no" {
		return ""
	}
	name := display.Self.Name(language.Make(code))
	if name == "" {
		return ""
	}
	return capital(name)
}

// capital writes a name with a capital, as a button begins.
func capital(name string) string {
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[n:]
}
