package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
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
		{"start", selves, (*Bot).start},
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
		{"quiet", owners, (*Bot).quiet},
		{"settings", anyone, (*Bot).settings},
		{"pause", owners, (*Bot).pause},
		{"resume", owners, (*Bot).resume},
		{"privacy", anyone, (*Bot).privacy},
		{"forgetme", owners, (*Bot).forgetMe},
		{"broadcast", operators, (*Bot).broadcast},
		{"stats", operators, (*Bot).stats},
		{"packs", operators, (*Bot).packs},
		{"ban", operators, (*Bot).ban},
		{"unban", operators, (*Bot).unban},
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
		"breadth":    {owners, (*Bot).pressBreadth},
		"alerts":     {owners, (*Bot).pressAlerts},
		"unalert":    {owners, (*Bot).pressNoAlerts},
		"drop":       {owners, (*Bot).pressDrop},
		"undrop":     {owners, (*Bot).pressUndrop},
		"dropall":    {owners, (*Bot).pressDropAll},
		"edit":       {owners, (*Bot).pressEdit},
		"reword":     {owners, (*Bot).pressReword},
		"unedit":     {owners, (*Bot).pressUnedit},
		"page":       {anyone, (*Bot).pressPage},
		"whypage":    {anyone, (*Bot).pressWhyPage},
		"why":        {anyone, (*Bot).pressWhy},
		"whys":       {anyone, ofStory((*Bot).whys)},
		"whyof":      {anyone, ofStory((*Bot).whyOf)},
		"whymore":    {anyone, ofStory((*Bot).whyMore)},
		"whyless":    {anyone, ofStory((*Bot).whyLess)},
		"whyhosts":   {anyone, ofStory((*Bot).whyHosts)},
		"whywords":   {anyone, ofTopic((*Bot).whyWords)},
		"whymute":    {owners, ofStory((*Bot).whyMute)},
		"whyhear":    {owners, ofStory((*Bot).whyHear)},
		"whynot":     {owners, ofTopic((*Bot).whyNot)},
		"whybreadth": {owners, ofTopic((*Bot).whyBreadth)},
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
		"quiet":      {owners, (*Bot).takeQuiet},
		"settings":   {anyone, (*Bot).pressSettings},
		"set":        {owners, (*Bot).pressSet},
		"leave":      {selves, (*Bot).pressLeave},
		"forget":     {owners, (*Bot).pressForget},
		"cast":       {operators, (*Bot).pressCast},
		"stats":      {operators, (*Bot).pressStats},
		"packs":      {operators, (*Bot).packs},
		"serve":      {operators, (*Bot).pressServe},
		"ban":        {operators, (*Bot).pressBan},
	}[verb]
	return b, ok
}

// helpGroups are the headings of /help with their commands, in order. What
// stands in none is under the last.
var helpGroups = []struct {
	title    string
	commands []string
}{
	{"help_read", []string{"subscribe", "unsubscribe", "topics", "latest", "digest"}},
	{"help_when", []string{"schedule", "timezone", "quiet", "pause", "resume"}},
	{"help_how", []string{"settings", "sources", "source", "import", "export"}},
	{"help_other", nil},
}

// helpGroup is the heading that a command stands under.
func helpGroup(c command) string {
	if c.may == operators {
		return "help_admin"
	}
	for _, g := range helpGroups {
		if slices.Contains(g.commands, c.name) {
			return g.title
		}
	}
	return helpGroups[len(helpGroups)-1].title
}

// help prints the table of commands that the reader may use, in groups.
func (b *Bot) help(ctx context.Context, r *request) (answer, error) {
	list := map[string]*telegram.Builder{}
	for _, c := range commands() {
		if c.may == operators && (!r.operator || r.group()) {
			continue
		}
		t := list[helpGroup(c)]
		if t == nil {
			t = &telegram.Builder{}
			list[helpGroup(c)] = t
			t.Bold(r.say.Plain(helpGroup(c), nil))
		}
		t.Plain("\n/" + r.say.Plain("usage_"+c.name, nil) + " – ")
		t.Append(r.say.Say("about_"+c.name, nil))
	}
	parts := []telegram.Text{r.say.Say("help_title", nil)}
	for _, g := range helpGroups {
		if t := list[g.title]; t != nil {
			parts = append(parts, t.Text())
		}
	}
	if t := list["help_admin"]; t != nil {
		parts = append(parts, t.Text())
	}
	if r.group() {
		parts = append(parts, r.say.Say("help_group", nil))
	} else {
		parts = append(parts, r.say.Say("help_plain", nil))
		if b.options.Inline {
			parts = append(parts, r.say.Say("help_inline", Values{"Bot": b.options.Username}))
		}
		parts = append(parts, r.say.Say("help_channel", nil))
	}
	return answer{text: join("\n\n", append(parts, r.say.Say("help_alerts", Values{"Sources": digest.SurgeHosts}), r.say.Say("help_topics", nil))...)}, nil
}

func (b *Bot) unknownCommand(ctx context.Context, r *request) (answer, error) {
	return answer{text: r.say.Say("unknown_command", nil)}, nil
}

// ShowMenu tells Telegram the menu of commands in every language of the
// catalog, and the admins' own to those who have met the bot; the others get
// it with their /start. The menus of other chats are kept by Telegram.
func (b *Bot) ShowMenu(ctx context.Context) error {
	if err := b.setMenu(ctx, telegram.Scope{}, "", false); err != nil {
		return err
	}
	for admin := range b.options.Admins {
		c, err := b.shelf.ChatAt(ctx, Address{Telegram: admin})
		if err != nil && !errors.Is(err, digest.ErrNotFound) {
			return err
		}
		if err := b.showChatMenu(ctx, admin, c.Language); err != nil {
			return err
		}
	}
	return nil
}

// tuneMenu lets the menu of the chat speak a language once the answer is shown;
// "" gives it back to each client, which shows the menu in its own. A channel,
// which is steered, has no menu.
func (r *request) tuneMenu(language string) {
	if !r.group() && language == r.client && !r.operator {
		language = ""
	}
	if !r.steering() {
		r.menu = &language
	}
}

// menuTime is how long the next words in a chat may wait for its menu.
const menuTime = 10 * time.Second

// changeMenu does what tuneMenu asks for. What goes wrong is mended by the next
// /start or the next choice.
func (b *Bot) changeMenu(ctx context.Context, c Chat, language string) {
	ctx, cancel := context.WithTimeout(ctx, menuTime)
	defer cancel()
	if err := b.showChatMenu(ctx, c.Telegram, language); err != nil {
		b.log.Warn("menu of a chat not set", "chat", c.ID, "err", err)
	}
}

// showChatMenu sets the menu of one chat, by its id at Telegram, in a language,
// or with "" takes it away. An admin's stays, with the admins' commands. A chat
// that Telegram does not know has none.
func (b *Bot) showChatMenu(ctx context.Context, chat int64, language string) error {
	scope, operator := telegram.Scope{Type: "chat", Chat: chat}, b.options.Admins[chat]
	var err error
	if language == "" && !operator {
		err = b.call.DeleteCommands(ctx, scope, "")
	} else {
		err = b.setMenu(ctx, scope, language, operator)
	}
	if errors.Is(err, telegram.ErrChatNotFound) {
		return nil
	}
	return err
}

// setMenu sets the menu of a scope: for clients of each language of the catalog
// in theirs, or in one language for all.
func (b *Bot) setMenu(ctx context.Context, scope telegram.Scope, language string, operator bool) error {
	for _, lang := range b.catalog.Languages() {
		code := lang
		if lang == "en" {
			code = "" // the fallback for every language without a catalog
		}
		if language != "" && code != "" && !operator {
			continue // the fallback alone is for all; admins had others, which would come before it
		}
		if err := b.call.SetCommands(ctx, scope, code, b.menuIn(cmp.Or(language, lang), operator)); err != nil {
			return fmt.Errorf("set the menu in %s: %w", lang, err)
		}
	}
	return nil
}

func (b *Bot) menuIn(lang string, operator bool) []telegram.Command {
	p := b.catalog.In(lang)
	var menu []telegram.Command
	for _, c := range commands() {
		if c.may != operators || operator {
			menu = append(menu, telegram.Command{Command: c.name, Description: p.Plain("about_"+c.name, nil)})
		}
	}
	return menu
}
