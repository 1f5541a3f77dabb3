package digest

import "time"

// A Followed is one topic of the reader for whom an edition is composed, with
// its newest matches as the shelf keeps them.
type Followed struct {
	Topic   TopicID
	Label   string // as the reader typed it
	Matches []MatchedStory
}

// A MatchedStory is a match with the story it stands for.
type MatchedStory struct {
	Match
	Story Story
	At    time.Time // when the match was first made
}

// Limits of one edition, by the chat's chosen length (product: 5 a topic and
// 20 in all with 35 words of summary by default).
type Limits struct {
	PerTopic, Total int
	Words           int // of a story's summary; 0 for headlines only
}

// NormalLimits are the defaults of every chat.
var NormalLimits = Limits{PerTopic: 5, Total: 20, Words: 35}

// MaxAge is how old a story's first article may be to stand in an edition.
const MaxAge = 48 * time.Hour

// An Edition is one digest composed for one reader: sections in the order of
// their best stories, each story once, under the topic where it scores best.
type Edition struct {
	Sections []Section
	Left     int // stories that matched and did not fit
}

// A Section is the part of an edition under one topic.
type Section struct {
	Topic   TopicID
	Label   string
	Entries []Entry
}

// An Entry is one story in an edition.
type Entry struct {
	Story   Story // with Articles
	Match   Match
	Summary []string // verbatim sentences of its articles, in reading order
}

// Stories returns the ids of all stories in e, in order.
func (e Edition) Stories() []StoryID {
	var ids []StoryID
	for _, s := range e.Sections {
		for _, n := range s.Entries {
			ids = append(ids, n.Story.ID)
		}
	}
	return ids
}
