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

// menu is the commands list that a person's client shows in private: the
// narrowest scope first, in it the person's language before the fallback.
func (s *Simulator) menu(person int64) []Command {
	u := s.users[person]
	language, _, _ := strings.Cut(strings.ToLower(u.LanguageCode), "-")
	for _, scope := range []string{fmt.Sprintf("chat:%d", person), "all_private_chats", "default"} {
		for _, l := range []string{language, ""} {
			if list := s.profile.commands[scope+"/"+l]; len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

// groupMenu is the commands list that an administrator's client shows in a
// group, in the fallback language: each member's client shows its own.
func (s *Simulator) groupMenu(chat int64) []Command {
	for _, scope := range []string{fmt.Sprintf("chat_administrators:%d", chat), fmt.Sprintf("chat:%d", chat), "all_chat_administrators", "all_group_chats", "default"} {
		if list := s.profile.commands[scope+"/"]; len(list) > 0 {
			return list
		}
	}
	return nil
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
