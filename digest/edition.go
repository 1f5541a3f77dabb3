package digest

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Followed is one topic, or one source, of the reader for whom an edition is
// composed, with its newest matches as the shelf keeps them.
type Followed struct {
	Topic   TopicID
	Source  SourceID // 0 for a topic
	Text    string   // the topic's canonical text
	Label   string   // as the reader typed it
	Breadth Breadth
	Matches []MatchedStory
}

// A MatchedStory is a match with the story it stands for, of which the shelf fills no
// more than choosing needs where it says so.
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

// A Section is the part of an edition under one topic or source.
type Section struct {
	Topic   TopicID
	Source  SourceID // 0 for a topic
	Label   string
	Entries []Entry
}

// An Entry is one story in an edition.
type Entry struct {
	Story   Story // with Articles
	Match   Match
	Summary []string  // verbatim sentences of one of its articles, in reading order; or of its abstract
	From    ArticleID // which article; 0 when there is no summary, or it is of the abstract
	Change  *Change   // of a story that the reader knows: what is new; nil for others
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

// Narrow returns the topics under which stories stand in e, of those that ask for outlets or
// languages; see Topic.Relead.
func (e Edition) Narrow(followed []Followed) map[StoryID]Topic {
	found := map[StoryID]Topic{}
	for _, section := range e.Sections {
		f := slices.IndexFunc(followed, func(f Followed) bool { return f.Source == 0 && f.Topic == section.Topic })
		if f < 0 || section.Source != 0 {
			continue
		}
		if topic, err := ParseTopic(followed[f].Text); err == nil && topic.narrow != nil {
			for _, n := range section.Entries {
				found[n.Story.ID] = topic
			}
		}
	}
	return found
}

// Told returns what a reader of e knows of its stories, in order.
func (e Edition) Told() []Told {
	var all []Told
	for _, s := range e.Sections {
		for _, n := range s.Entries {
			all = append(all, Told{Story: n.Story.ID, Hosts: n.Story.Hosts, Known: n.Story.Joined, Again: n.Change != nil})
		}
	}
	return all
}

// Rank orders stories for readers, in digests and in /latest alike: a better
// match first, more independent hosts first, fresher first. A story carried by
// four hosts stands like one that matches twice as well; every 24 hours of age
// halve it. Scores below zero and what is no number count as zero.
func Rank(score float64, hosts int, age time.Duration) float64 {
	if !(score > 0) || math.IsInf(score, 1) {
		return 0
	}
	weight := 1 + math.Log2(float64(max(hosts, 1)))/2
	return score * weight * math.Exp2(-max(age, 0).Hours()/24)
}

// Compose chooses what one reader is shown: stories not yet sent and not older
// than MaxAge, each once, under the topic it fits best (of equal topics the one
// followed first); under each topic the best first, and every topic gets its
// best story before another gets its second. Sections stand in the order of
// their best stories. Stories come without Articles and summaries; see
// Summaries.Fill.
func Compose(followed []Followed, sent map[StoryID]bool, limits Limits, now time.Time) Edition {
	shelves, fitting := arrange(followed, sent, now)
	var e Edition
	taken := make([]int, len(shelves))
	total := 0
	for round := 0; round < limits.PerTopic && total < limits.Total; round++ {
		for _, i := range nextBest(shelves, round) {
			if total == limits.Total {
				break
			}
			taken[i]++
			total++
		}
	}
	for _, i := range nextBest(shelves, 0) {
		if taken[i] == 0 {
			continue
		}
		s := Section{Topic: followed[i].Topic, Source: followed[i].Source, Label: followed[i].Label}
		for _, c := range shelves[i][:taken[i]] {
			s.Entries = append(s.Entries, Entry{Story: c.Story, Match: c.Match})
		}
		e.Sections = append(e.Sections, s)
	}
	e.Left = fitting - total
	return e
}

// A choice is a story that may be shown, with its rank.
type choice struct {
	MatchedStory
	rank float64
}

// arrange puts every story that may be shown under its best topic, best first,
// and counts them.
func arrange(followed []Followed, sent map[StoryID]bool, now time.Time) (shelves [][]choice, fitting int) {
	best := map[StoryID]int{} // the topic, as an index of followed
	at := map[StoryID]choice{}
	for i, f := range followed {
		for _, m := range f.Matches {
			id := m.Story.ID
			age := now.Sub(m.Story.Published)
			if sent[id] || age > MaxAge || !f.Breadth.Takes(m.Match) {
				continue
			}
			c := ranked(m, now)
			if known, ok := at[id]; !ok || c.rank > known.rank {
				best[id], at[id] = i, c
			}
		}
	}
	shelves = make([][]choice, len(followed))
	for id, i := range best {
		shelves[i] = append(shelves[i], at[id])
	}
	for _, s := range shelves {
		slices.SortFunc(s, byRank)
	}
	return shelves, len(best)
}

// ranked weighs a match as it stands at now.
func ranked(m MatchedStory, now time.Time) choice {
	return choice{m, Rank(m.Score, m.Story.Hosts, now.Sub(m.Story.Published))}
}

// byRank puts the better first, then the fresher, then the one known longer, so
// that the same matches always make the same edition.
func byRank(a, b choice) int {
	return cmp.Or(
		cmp.Compare(b.rank, a.rank),
		b.Story.Published.Compare(a.Story.Published),
		cmp.Compare(a.Story.ID, b.Story.ID))
}

// nextBest returns the shelves that hold a story number n (from 0), in the
// order of these stories.
func nextBest(shelves [][]choice, n int) []int {
	var order []int
	for i, s := range shelves {
		if n < len(s) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return byRank(shelves[a][n], shelves[b][n]) })
	return order
}

// Fill returns e with the stories as the shelf tells them now, articles
// included, and with summaries of at most words words (none for 0). A story
// that is not among stories has gone and is left out. Of those that the reader
// knows changes tells what is new.
func (s *Summaries) Fill(e Edition, stories []Story, changes map[StoryID]Change, words int) Edition {
	known := make(map[StoryID]Story, len(stories))
	for _, story := range stories {
		known[story.ID] = story
	}
	var sections []Section
	for _, section := range e.Sections {
		var entries []Entry
		for _, n := range section.Entries {
			story, ok := known[n.Story.ID]
			if !ok {
				continue
			}
			n.Story = story
			n.Summary, n.From = s.Of(story, words)
			if change, ok := changes[n.Story.ID]; ok {
				n.Change = &change
			}
			entries = append(entries, n)
		}
		if section.Entries = entries; len(entries) > 0 {
			sections = append(sections, section)
		}
	}
	e.Sections = sections
	return e
}

// Anew returns followed with the stories that are told again in place of what it
// has of them, and with the matches that they had before.
func Anew(followed []Followed, again map[StoryID]Story, before []MatchedStory) []Followed {
	all := slices.Clone(followed)
	for i, f := range all {
		all[i].Matches = slices.Clone(f.Matches)
		for _, m := range before {
			has := slices.ContainsFunc(f.Matches, func(x MatchedStory) bool { return x.Story.ID == m.Story.ID })
			if f.Source == 0 && f.Topic == m.Topic && !has {
				all[i].Matches = append(all[i].Matches, m)
			}
		}
		for j, m := range all[i].Matches {
			if story, ok := again[m.Story.ID]; ok {
				story.Articles = nil
				all[i].Matches[j].Story = story
			}
		}
	}
	return all
}
