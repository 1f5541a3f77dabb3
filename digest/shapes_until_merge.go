package digest

// Topic and Match as the words branch defines them; this file goes when that
// branch is merged.

type Topic struct {
	Text  string // canonical form: equal topics have equal text
	Label string // as the reader typed it, tidied
}

func ParseTopic(query string) (Topic, error) { return Topic{Text: query, Label: query}, nil }

func (t Topic) Candidates() [][]string { return nil }

type Match struct {
	Topic TopicID
	Story StoryID // set by the joiner and by storage
	Score float64
	Words []string // as they stand in the text
	Field string   // "title", "text" or "categories"
}
