package digest

import (
	"time"

	"tidings/digest/text"
)

// UnknownLanguage is the language of what is too short to tell, or in one that
// we do not know.
const UnknownLanguage = text.Undetermined

// A Story is the articles about one event; a lone article is a story of one.
// Its headline fields are those of its leading article.
type Story struct {
	ID        StoryID
	Circle    SourceID // whose articles may join: 0 for listed sources, else one own source
	Title     string
	Address   string
	Outlet    string
	Host      string
	Language  string
	Published time.Time // of its first article
	Joined    time.Time // when an article last joined
	Hosts     int       // independent hosts that carry it, at least 1
	Articles  []Article // best first, at most 12, with Page; only where a method says that it fills them
	Abstract  Abstract  // filled with Articles
}

// LeadSource is the source of the leading article, 0 when s has no Articles.
func (s Story) LeadSource() SourceID {
	for _, a := range s.Articles {
		if a.Address == s.Address {
			return a.Source
		}
	}
	if len(s.Articles) > 0 {
		return s.Articles[0].Source
	}
	return 0
}

// Joined is one article's way into a story: what the joiner decided.
type Joined struct {
	Article  ArticleID
	Story    Story         // as it stands with the article; Articles is not read, the headline only of a new story
	New      bool          // the story begins with this article
	Subjects SubjectShares // of the article
	Words    string        // the article's distinct normalised tokens, space-separated, for full-text candidates
	Matches  []Match       // topics the article fits; Story is set
}

// A KnownTopic is a topic on the shelf.
type KnownTopic struct {
	ID   TopicID
	Text string // canonical
}
