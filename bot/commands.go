package bot

import (
	"context"
	"errors"
	"fmt"

	"tidings/bot/telegram"
)

// A command is one line of the table that /help and Telegram's menu are
// printed from. Its sentences stand in the catalog: usage_<name> and
// about_<name>.
type command struct {
	name string
	may  rights
	run  handler
}

func commands() []command {
	return []command{
		{"start", owners, (*Bot).start},
		{"help", anyone, (*Bot).help},
		{"subscribe", owners, (*Bot).subscribe},
		{"unsubscribe", owners, (*Bot).unsubscribe},
		{"topics", anyone, (*Bot).topics},
		{"latest", anyone, (*Bot).latest},
		{"digest", owners, (*Bot).digestNow},
		{"sources", anyone, (*Bot).sources},
		{"source", owners, (*Bot).source},
		{"import", owners, (*Bot).importAsk},
		{"export", owners, (*Bot).export},
		{"schedule", owners, (*Bot).schedule},
		{"timezone", owners, (*Bot).timezone},
		{"pause", owners, (*Bot).pause},
		{"resume", owners, (*Bot).resume},
		{"privacy", anyone, (*Bot).privacy},
		{"forgetme", owners, (*Bot).forgetMe},
		{"broadcast", operators, (*Bot).broadcast},
	}
}

func findCommand(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// A button is what a press does; its callback data is "<verb>:<arguments>".
type button struct {
	may rights
	run handler
}

// buttonFor finds what a press does among all verbs that our keyboards use. A
// press of anything else is answered as stale, whoever forged it.
func buttonFor(verb string) (button, bool) {
	b, ok := map[string]button{
		"follow":     {owners, (*Bot).pressFollow},
		"time":       {owners, (*Bot).pressFirstTime},
		"zone":       {owners, (*Bot).pressFirstZone},
		"topics":     {anyone, (*Bot).topics},
		"topic":      {anyone, (*Bot).pressTopic},
		"mute":       {owners, (*Bot).pressMute},
		"unmute":     {owners, (*Bot).pressUnmute},
		"drop":       {owners, (*Bot).pressDrop},
		"edit":       {owners, (*Bot).pressEdit},
		"unedit":     {owners, (*Bot).pressUnedit},
		"page":       {anyone, (*Bot).pressPage},
		"when":       {owners, (*Bot).pressWhen},
		"where":      {owners, (*Bot).pressWhere},
		"sources":    {anyone, (*Bot).sources},
		"source":     {anyone, (*Bot).pressSource},
		"newsource":  {owners, (*Bot).askSource},
		"unask":      {owners, (*Bot).pressUnask},
		"feed":       {owners, (*Bot).pressFeed},
		"unsource":   {owners, (*Bot).pressUnsource},
		"srcmute":    {owners, (*Bot).pressMuteSource},
		"srcunmute":  {owners, (*Bot).pressUnmuteSource},
		"srcfollow":  {owners, (*Bot).pressFollowSource},
		"pack":       {anyone, (*Bot).pressPack},
		"packmute":   {owners, (*Bot).pressMutePack},
		"packunmute": {owners, (*Bot).pressUnmutePack},
		"resume":     {owners, (*Bot).resume},
		"forget":     {owners, (*Bot).pressForget},
		"cast":       {operators, (*Bot).pressCast},
	}[verb]
	return b, ok
}

// help prints the table of commands that the reader may use.
func (b *Bot) help(ctx context.Context, r *request) (answer, error) {
	var t telegram.Builder
	t.Append(r.say.Say("help_title", nil))
	for _, c := range commands() {
		if c.may == operators && !r.operator {
			continue
		}
		t.Plain("\n/" + r.say.Plain("usage_"+c.name, nil) + " – ")
		t.Append(r.say.Say("about_"+c.name, nil))
	}
	t.Plain("\n\n")
	t.Append(r.say.Say("help_topics", nil))
	return answer{text: t.Text()}, nil
}

func (b *Bot) unknownCommand(ctx context.Context, r *request) (answer, error) {
	return answer{text: r.say.Say("unknown_command", nil)}, nil
}

// ShowMenu tells Telegram the menu of commands in every language of the
// catalog, and the admins' own to those who have met the bot; the others get
// it with their /start.
func (b *Bot) ShowMenu(ctx context.Context) error {
	if err := b.setMenu(ctx, telegram.Scope{}, false); err != nil {
		return err
	}
	for admin := range b.options.Admins {
		if err := b.showOperatorMenu(ctx, admin); err != nil {
			return err
		}
	}
	return nil
}

// showOperatorMenu gives an admin the menu with the admins' commands.
func (b *Bot) showOperatorMenu(ctx context.Context, admin int64) error {
	err := b.setMenu(ctx, telegram.Scope{Type: "chat", Chat: admin}, true)
	if errors.Is(err, telegram.ErrChatNotFound) {
		return nil
	}
	return err
}

func (b *Bot) setMenu(ctx context.Context, scope telegram.Scope, operator bool) error {
	for _, lang := range b.catalog.Languages() {
		p := b.catalog.In(lang)
		var menu []telegram.Command
		for _, c := range commands() {
			if c.may != operators || operator {
				menu = append(menu, telegram.Command{Command: c.name, Description: p.Plain("about_"+c.name, nil)})
			}
		}
		code := lang
		if lang == "en" {
			code = "" // the fallback for every language without a catalog
		}
		if err := b.call.SetCommands(ctx, scope, code, menu); err != nil {
			return fmt.Errorf("set the menu in %s: %w", lang, err)
		}
	}
	return nil
}
