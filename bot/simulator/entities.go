package simulator

import (
	"encoding/json"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText          = 4096  // code points after cleaning (TDLib MessageContent.cpp)
	maxRawText       = 32768 // bytes before cleaning (Client.cpp)
	maxEntities      = 100   // the rest are dropped silently
	maxEntityBytes   = 9500  // ENTITIES_TOO_LONG beyond
	maxEntityOffset  = 1_000_000
	entityFixedBytes = 12 // constructor, offset and length as the server serialises them
)

// What a bot may give, and what Telegram finds by itself and so ignores when given.
var (
	givenEntities = []string{
		"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote",
		"code", "pre", "text_link", "text_mention", "custom_emoji",
	}
	foundEntities = []string{
		"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number",
	}
)

// formatted is a text as the server keeps it.
type formatted struct {
	text     string
	entities []Entity
	dropped  int // entities beyond the hundredth
}

// readText takes text and entities from the parameters and brings them into
// the server's form. Length is checked later, after rights (checkLength).
func (s *Simulator) readText(p params) (formatted, error) {
	raw := p["text"]
	switch {
	case !utf8.ValidString(raw):
		return formatted{}, bad("text must be encoded in UTF-8")
	case raw == "":
		return formatted{}, bad("message text is empty")
	case len(raw) > maxRawText:
		return formatted{}, bad("text is too long")
	case strings.TrimSpace(p["parse_mode"]) != "":
		return formatted{}, bad("unsupported parse_mode")
	}
	given, err := s.readEntities(p["entities"])
	if err != nil {
		return formatted{}, err
	}
	f, err := cleanText(raw, given)
	if err != nil {
		return formatted{}, err
	}
	if f.text == "" {
		return formatted{}, bad("text must be non-empty")
	}
	f.entities = append(f.entities, findEntities(f.text, f.entities)...)
	sortEntities(f.entities)
	if len(f.entities) > maxEntities {
		f.dropped = len(f.entities) - maxEntities
		f.entities = f.entities[:maxEntities:maxEntities]
	}
	return f, nil
}

// readEntities follows Client.cpp get_text_entity.
func (s *Simulator) readEntities(text string) ([]Entity, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var list []json.RawMessage
	if !json.Valid([]byte(text)) {
		return nil, bad("can't parse entities JSON object")
	}
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, nil // the server looks at arrays only
	}
	var given []Entity
	for _, raw := range list {
		e, err := s.readEntity(raw)
		if err != nil {
			return nil, err
		}
		if e != nil && e.Length > 0 {
			given = append(given, *e)
		}
	}
	return given, nil
}

func (s *Simulator) readEntity(raw json.RawMessage) (*Entity, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, bad("can't parse MessageEntity: expected an Object")
	}
	for _, name := range []string{"offset", "length", "type"} {
		if _, ok := fields[name]; !ok {
			return nil, bad(`can't parse MessageEntity: Can't find field "%s"`, name)
		}
	}
	var e Entity
	if json.Unmarshal(fields["offset"], &e.Offset) != nil {
		return nil, bad(`can't parse MessageEntity: Field "offset" must be a valid Number`)
	}
	if json.Unmarshal(fields["length"], &e.Length) != nil {
		return nil, bad(`can't parse MessageEntity: Field "length" must be a valid Number`)
	}
	if json.Unmarshal(fields["type"], &e.Type) != nil {
		return nil, bad(`can't parse MessageEntity: Field "type" must be of type String`)
	}
	switch {
	case e.Type == "":
		return nil, bad("can't parse MessageEntity: Type is not specified")
	case slices.Contains(foundEntities, e.Type):
		return nil, nil
	case !slices.Contains(givenEntities, e.Type):
		return nil, bad("can't parse MessageEntity: Unsupported type specified")
	}
	if err := s.readEntityExtras(&e, fields); err != nil {
		return nil, err
	}
	switch {
	case e.Offset < 0 || e.Offset > maxEntityOffset:
		return nil, bad("Receive an entity with incorrect offset %d", e.Offset)
	case e.Length < 0 || e.Length > maxEntityOffset:
		return nil, bad("Receive an entity with incorrect length %d", e.Length)
	}
	return &e, nil
}

func (s *Simulator) readEntityExtras(e *Entity, fields map[string]json.RawMessage) error {
	switch e.Type {
	case "text_link":
		if _, ok := fields["url"]; !ok {
			return bad(`can't parse MessageEntity: Can't find field "url"`)
		}
		if json.Unmarshal(fields["url"], &e.URL) != nil {
			return bad(`can't parse MessageEntity: Field "url" must be of type String`)
		}
		// Only an href in HTML vanishes silently; a wrong link in an explicit
		// entity refuses the message (TDLib get_message_entities).
		if fault := linkFault(e.URL); fault != "" {
			return bad("Entity URL '%s' is invalid: %s", e.URL, fault)
		}
	case "text_mention":
		var u struct{ ID int64 }
		if json.Unmarshal(fields["user"], &u) != nil {
			return bad(`can't parse MessageEntity: Can't find field "user"`)
		}
		known := s.users[u.ID]
		if known == nil {
			return bad("User not found")
		}
		e.User = &known.User
	case "pre":
		if raw, ok := fields["language"]; ok && json.Unmarshal(raw, &e.Language) != nil {
			return bad(`can't parse MessageEntity: Field "language" must be of type String`)
		}
	case "custom_emoji":
		if _, ok := fields["custom_emoji_id"]; !ok {
			return bad(`can't parse MessageEntity: Can't find field "custom_emoji_id"`)
		}
		if json.Unmarshal(fields["custom_emoji_id"], &e.CustomEmojiID) != nil {
			return bad(`can't parse MessageEntity: Field "custom_emoji_id" must be a valid Number`)
		}
	}
	return nil
}

// cleanText replaces control characters, drops carriage returns, trims, and
// moves the entities accordingly (TDLib fix_formatted_text). An entity outside
// the text or through the middle of a character refuses the message.
func cleanText(raw string, given []Entity) (formatted, error) {
	var out strings.Builder
	moved := make([]int, length16(raw)+1) // UTF-16 offset in raw → offset in out; -1 inside a character
	bytesAt := make([]int, len(moved))    // UTF-16 offset in raw → byte offset where it is noticed
	at, to := 0, 0
	for i, r := range raw {
		moved[at], bytesAt[at] = to, i
		if width16(r) == 2 {
			moved[at+1], bytesAt[at+1] = -1, i+utf8.RuneLen(r)
		}
		at += width16(r)
		if r == '\r' {
			continue
		}
		if r < ' ' && r != '\n' {
			r = ' '
		}
		out.WriteRune(r)
		to += width16(r)
	}
	moved[at], bytesAt[at] = to, len(raw)

	var entities []Entity
	for _, e := range given {
		end := e.Offset + e.Length
		switch {
		case e.Offset > at:
			return formatted{}, bad("Entity begins after the end of the text at UTF-16 offset %d", e.Offset)
		case end > at:
			return formatted{}, bad("Entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d", e.Offset, end)
		case moved[e.Offset] < 0:
			return formatted{}, bad("Entity begins in a middle of a UTF-16 symbol at byte offset %d", bytesAt[e.Offset])
		case moved[end] < 0:
			return formatted{}, bad("Entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol at byte offset %d", e.Offset, bytesAt[end])
		}
		e.Offset, e.Length = moved[e.Offset], moved[end]-moved[e.Offset]
		entities = append(entities, e)
	}
	return trimText(out.String(), entities), nil
}

// trimText cuts blanks at the end, and at the start as far as the first
// entity; entities of nothing but blanks vanish.
func trimText(text string, entities []Entity) formatted {
	sortEntities(entities)
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	units := length16(text)
	lead := len(text)
	if len(entities) > 0 {
		lead = entities[0].Offset // blanks are one byte and one unit alike
	}
	cut := 0
	for cut < min(lead, len(text)) && (text[cut] == ' ' || text[cut] == '\n') {
		cut++
	}
	places := places16(text)
	kept := entities[:0]
	for _, e := range entities {
		e.Length = min(e.Offset+e.Length, units) - e.Offset
		if e.Length > 0 && strings.TrimSpace(text[places[e.Offset]:places[e.Offset+e.Length]]) != "" {
			e.Offset -= cut
			kept = append(kept, e)
		}
	}
	return formatted{text: text[cut:], entities: kept}
}

// findEntities marks what Telegram marks by itself in any text: commands,
// links, mentions and hashtags that no given entity of the same kind covers.
func findEntities(text string, taken []Entity) []Entity {
	var found []Entity
	for _, f := range entityFinders {
		// One more than is kept shows that some are dropped; what a hostile text
		// holds beyond that is not looked for.
		for _, at := range f.pattern.FindAllStringSubmatchIndex(text, maxEntities+1) {
			from, to := at[2], at[3]
			if f.kind == "url" {
				to = from + len(strings.TrimRight(text[from:to], `.,;:!?'")]}»`))
			}
			e := Entity{Type: f.kind, Offset: length16(text[:from]), Length: length16(text[from:to])}
			covered := func(t Entity) bool { return covers(t, e) }
			if !slices.ContainsFunc(found, covered) && !slices.ContainsFunc(taken, covered) {
				found = append(found, e)
			}
		}
	}
	return found
}

var entityFinders = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"url", regexp.MustCompile(`(?i)(?:^|[\s(\["'«])(https?://[^\s<>"]+\.[^\s<>"]+)`)},
	{"bot_command", regexp.MustCompile(`(?:^|[\s(\["'«])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?:\b)`)},
	{"mention", regexp.MustCompile(`(?:^|[\s(\["'«])(@[A-Za-z][A-Za-z0-9_]{3,31})\b`)},
	{"hashtag", regexp.MustCompile(`(?:^|[\s(\["'«])(#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*)`)},
}

func covers(t, e Entity) bool {
	switch t.Type {
	case "text_link", "text_mention", "code", "pre", "url", "bot_command", "mention", "hashtag", "custom_emoji":
		return t.Offset < e.Offset+e.Length && e.Offset < t.Offset+t.Length
	}
	return false
}

// checkLength refuses what is too long after cleaning.
func (s *Simulator) checkLength(f formatted) error {
	n := utf8.RuneCountInString(f.text)
	if s.cfg.Strict16 {
		n = length16(f.text)
	}
	if n > maxText {
		return bad("message is too long")
	}
	size := 0
	for _, e := range f.entities {
		size += entityFixedBytes
		if extra := e.URL + e.Language; extra != "" || e.Type == "text_link" {
			size += (len(extra) + 4) / 4 * 4 // a string is padded to four bytes
		}
	}
	if size > maxEntityBytes {
		return bad("ENTITIES_TOO_LONG")
	}
	return nil
}

func sortEntities(list []Entity) {
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].Offset != list[j].Offset {
			return list[i].Offset < list[j].Offset
		}
		return list[i].Length > list[j].Length
	})
}

func width16(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func length16(text string) int {
	n := 0
	for _, r := range text {
		n += width16(r)
	}
	return n
}

// places16 gives for every UTF-16 offset at a character the byte offset.
func places16(text string) []int {
	places := make([]int, 1, len(text)+1)
	for i, r := range text {
		places[len(places)-1] = i
		places = append(places, 0)
		if width16(r) == 2 {
			places = append(places, 0)
		}
	}
	places[len(places)-1] = len(text)
	return places
}

// cut16 is the part of text from offset for length, in UTF-16 units.
func cut16(text string, offset, length int) string {
	from, to, at := len(text), len(text), 0
	for i, r := range text {
		if at == offset {
			from = i
		}
		if at == offset+length {
			to = i
			break
		}
		at += width16(r)
	}
	return text[min(from, to):to]
}
