package digest

import (
	"cmp"
	"slices"
)

// A FollowedSource is a source that the reader follows, with what it newly told.
type FollowedSource struct {
	Source  SourceID
	Name    string
	Carried []Carried // the newest first
}

// A Carried is an article that a source carries, with its story (without
// Articles).
type Carried struct {
	Article Article
	Story   Story
}

// followedScore is the score of a story whose source the reader follows: as good
// as a topic's fair match.
const followedScore = 0.5

// WithSources adds to a reader's topics what the sources they follow told: each
// source becomes a Followed of its own, and the topics are held against the
// articles of readers' own sources, which no topic of the shelf has seen. A
// story goes by the name of its twin when that is among the topics' matches:
// the same piece in the circle of all.
func WithSources(topics []Followed, sources []FollowedSource, twins map[StoryID][]StoryID) []Followed {
	if len(sources) == 0 {
		return topics
	}
	all := slices.Clone(topics)
	known := map[StoryID]Story{}
	for i, f := range all {
		all[i].Matches = slices.Clone(f.Matches)
		for _, m := range f.Matches {
			known[m.Story.ID] = m.Story
		}
	}
	matcher, places := matcherOf(topics)
	for _, s := range sources {
		section := Followed{Source: s.Source, Label: s.Name}
		for _, c := range s.Carried {
			if c.Story.Circle != 0 {
				d := documentOf(c.Article)
				d.Hosts = c.Story.Hosts
				for _, m := range matcher.Match(d) {
					i := places[m.Topic]
					all[i].Matches = append(all[i].Matches, matched(m, c, known, twins))
				}
			}
			told := matched(Match{Score: followedScore}, c, known, twins)
			section.Matches = append(section.Matches, told)
			known[told.Story.ID] = told.Story
		}
		all = append(all, section)
	}
	return all
}

// matcherOf returns a matcher of a reader's topics, and where each stands. A
// topic that cannot be read finds nothing.
func matcherOf(topics []Followed) (*Matcher, map[TopicID]int) {
	matcher, places := NewMatcher(), map[TopicID]int{}
	for i, f := range topics {
		if t, err := ParseTopic(cmp.Or(f.Text, f.Label)); err == nil {
			matcher.Add(f.Topic, t)
			places[f.Topic] = i
		}
	}
	return matcher, places
}

func matched(m Match, c Carried, known map[StoryID]Story, twins map[StoryID][]StoryID) MatchedStory {
	story := c.Story
	for _, id := range twins[story.ID] {
		if twin, ok := known[id]; ok {
			story = twin
			break
		}
	}
	m.Story = story.ID
	return MatchedStory{Match: m, Story: story, At: c.Article.Seen}
}

// WithTwins returns sent with the twins of what was sent: the same piece in
// another circle does not come again.
func WithTwins(sent map[StoryID]bool, twins map[StoryID][]StoryID) map[StoryID]bool {
	if len(twins) == 0 {
		return sent
	}
	all := make(map[StoryID]bool, len(sent))
	for id := range sent {
		all[id] = true
	}
	for id, others := range twins {
		if sent[id] {
			for _, other := range others {
				all[other] = true
			}
		}
	}
	return all
}

// WithoutTwins returns found with every piece once: the story of listed sources
// rather than that of an own one, else the better placed.
func WithoutTwins(found []MatchedStory, twins map[StoryID][]StoryID) []MatchedStory {
	if len(twins) == 0 {
		return found
	}
	there := map[StoryID]bool{}
	for _, m := range found {
		there[m.Story.ID] = m.Story.Circle == 0
	}
	kept := map[StoryID]bool{}
	var all []MatchedStory
	for _, m := range found {
		id := m.Story.ID
		told := slices.ContainsFunc(twins[id], func(other StoryID) bool { return there[other] || kept[other] })
		if m.Story.Circle != 0 && told {
			continue
		}
		kept[id] = true
		all = append(all, m)
	}
	return all
}

// Muted are the sources that one reader does not want to hear.
type Muted map[SourceID]bool

// Relead returns s, which has Articles, without those of muted sources, led by
// the best of the others when the leading article is muted. The answer is false
// when none is left.
func (m Muted) Relead(s Story) (Story, bool) {
	if len(m) == 0 || len(s.Articles) == 0 {
		return s, true
	}
	heard := slices.DeleteFunc(slices.Clone(s.Articles), func(a Article) bool { return m[a.Source] })
	if len(heard) == len(s.Articles) {
		return s, true
	}
	if len(heard) == 0 {
		return s, false
	}
	s.Hosts = max(1, s.Hosts-len(hostsOf(s.Articles))+len(hostsOf(heard)))
	leads := slices.ContainsFunc(heard, func(a Article) bool { return a.Address == s.Address })
	if !leads {
		s = s.under(heard[0])
	}
	s.Articles = heard
	return s, true
}

// under is s with the headline of one of its articles.
func (s Story) under(lead Article) Story {
	s.Title, s.Address, s.Outlet, s.Host = lead.Title, lead.Address, lead.Outlet, lead.Host
	return s
}

func hostsOf(articles []Article) map[string]bool {
	hosts := map[string]bool{}
	for _, a := range articles {
		hosts[a.Host] = true
	}
	return hosts
}
