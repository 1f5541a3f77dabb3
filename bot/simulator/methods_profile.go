package simulator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxCommands    = 100
	maxCommand     = 32
	maxDescription = 256
)

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]+$`)
	languageCode = regexp.MustCompile(`^([a-z]{2})?$`)
	profileSizes = map[string]int{"name": 64, "description": 512, "short_description": 120}
)

// profile is what BotFather and the setMy… methods keep, by language.
type profile struct {
	commands map[string][]Command         // scope key + "/" + language
	texts    map[string]map[string]string // field → language → text
}

func newProfile(name string) profile {
	return profile{
		commands: map[string][]Command{},
		texts:    map[string]map[string]string{"name": {"": name}, "description": {}, "short_description": {}},
	}
}

// commandScope is where a list of commands applies.
type commandScope struct {
	Type   string      `json:"type"`
	ChatID json.Number `json:"chat_id"`
	UserID int64       `json:"user_id"`
}

func (s *Simulator) readScope(p params) (string, error) {
	language := p["language_code"]
	if !languageCode.MatchString(language) {
		return "", bad("invalid language code specified")
	}
	scope := commandScope{Type: "default"}
	if text := strings.TrimSpace(p["scope"]); text != "" {
		if json.Unmarshal([]byte(text), &scope) != nil {
			return "", bad("can't parse BotCommandScope: expected an Object")
		}
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type + "/" + language, nil
	case "chat", "chat_administrators", "chat_member":
		c, err := s.resolveChat(params{"chat_id": scope.ChatID.String()}, "chat_id")
		if err != nil {
			return "", err
		}
		if c.Type == "channel" {
			return "", bad("can't change commands in channel chats")
		}
		if c.Type == "private" && scope.Type != "chat" {
			return "", bad("can't use specified scope in private chats")
		}
		key := scope.Type + ":" + strconv.FormatInt(c.ID, 10)
		if scope.Type == "chat_member" {
			key += ":" + strconv.FormatInt(scope.UserID, 10)
		}
		return key + "/" + language, nil
	}
	return "", bad("can't parse BotCommandScope: Unsupported type specified")
}

func (s *Simulator) setMyCommands(q *query) (any, error) {
	var list []Command
	if err := json.Unmarshal([]byte(q.params["commands"]), &list); err != nil {
		return nil, bad("can't parse commands JSON object")
	}
	if len(list) > maxCommands {
		return nil, bad("can't set more than %d bot commands", maxCommands)
	}
	for i := range list {
		c := &list[i]
		c.Command = strings.TrimPrefix(strings.TrimSpace(c.Command), "/")
		switch {
		case c.Command == "":
			return nil, bad("command must be non-empty")
		case utf8.RuneCountInString(c.Command) > maxCommand:
			return nil, bad("command length must not exceed %d", maxCommand)
		case !commandName.MatchString(c.Command):
			return nil, bad("BOT_COMMAND_INVALID")
		case strings.TrimSpace(c.Description) == "":
			return nil, bad("command description must be non-empty")
		case utf8.RuneCountInString(c.Description) > maxDescription:
			return nil, bad("command description length must not exceed %d", maxDescription)
		}
	}
	key, err := s.readScope(q.params)
	if err != nil {
		return nil, err
	}
	s.profile.commands[key] = list
	if len(list) == 0 {
		delete(s.profile.commands, key)
	}
	s.touchMenus()
	return true, nil
}

func (s *Simulator) getMyCommands(q *query) (any, error) {
	key, err := s.readScope(q.params)
	if err != nil {
		return nil, err
	}
	list := s.profile.commands[key]
	if list == nil {
		list = []Command{}
	}
	return list, nil
}

func (s *Simulator) deleteMyCommands(q *query) (any, error) {
	key, err := s.readScope(q.params)
	if err != nil {
		return nil, err
	}
	delete(s.profile.commands, key)
	s.touchMenus()
	return true, nil
}

// touchMenus draws again what shows the bot's profile or a menu.
func (s *Simulator) touchMenus() {
	for _, id := range slices.Concat(s.people, s.groups) {
		s.touch(s.chats[id])
	}
}

// Menu is the commands list that a person's client shows in a chat.
func (s *Simulator) Menu(chat, person int64) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menu(chat, person)
}

// menu looks into the narrowest scope first, in it for the person's language
// before the fallback. Nobody's client, 0, is an administrator's that shows the
// fallback: each member's of a group shows its own.
func (s *Simulator) menu(chat, person int64) []Command {
	language := ""
	if u := s.users[person]; u != nil {
		language, _, _ = strings.Cut(strings.ToLower(u.LanguageCode), "-")
	}
	for _, scope := range s.menuScopes(chat, person) {
		for _, l := range []string{language, ""} {
			if list := s.profile.commands[scope+"/"+l]; len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

// menuScopes are the scopes that hold for a person in a chat, the narrowest first.
func (s *Simulator) menuScopes(chat, person int64) []string {
	if chat > 0 {
		return []string{fmt.Sprintf("chat:%d", chat), "all_private_chats", "default"}
	}
	scopes := []string{
		fmt.Sprintf("chat_member:%d:%d", chat, person),
		fmt.Sprintf("chat_administrators:%d", chat), fmt.Sprintf("chat:%d", chat),
		"all_chat_administrators", "all_group_chats", "default",
	}
	if c := s.chats[chat]; person == 0 || c != nil && slices.Contains([]string{"creator", "administrator"}, c.members[person]) {
		return scopes
	}
	return slices.DeleteFunc(scopes, func(scope string) bool { return strings.Contains(scope, "chat_administrators") })
}

func profileSetter(field string) method {
	return func(s *Simulator, q *query) (any, error) {
		language := q.params["language_code"]
		if !languageCode.MatchString(language) {
			return nil, bad("invalid language code specified")
		}
		text := strings.TrimSpace(q.params[field])
		if utf8.RuneCountInString(text) > profileSizes[field] {
			return nil, bad("bot %s is too long", strings.ReplaceAll(field, "_", " "))
		}
		s.profile.texts[field][language] = text
		s.touchMenus()
		return true, nil
	}
}

func profileGetter(field string) method {
	return func(s *Simulator, q *query) (any, error) {
		language := q.params["language_code"]
		if !languageCode.MatchString(language) {
			return nil, bad("invalid language code specified")
		}
		return map[string]string{field: s.profileText(field, language)}, nil
	}
}

func (s *Simulator) profileText(field, language string) string {
	if text := s.profile.texts[field][language]; text != "" {
		return text
	}
	return s.profile.texts[field][""]
}
