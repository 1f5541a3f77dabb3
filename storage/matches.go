package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings/digest"
)

// matchColumns are a match with what choosing asks of its story, which stands beside it
// (see keepMatches): one topic's newest are read in one piece, without a look at stories.
// Field and words come as one text: with SQLite a column of a row costs half of what
// finding the row does.
const matchColumns = `m.topic_id, ` + candidateColumns

const candidateColumns = `m.story_id, m.at, m.published, m.hosts, m.score, m.field || ' ' || m.words`

func candidateFields(v *digest.MatchedStory) []any {
	return []any{whole(&v.Match.Story), at(&v.At), at(&v.Story.Published), whole(&v.Story.Hosts), &v.Score, why{&v.Match}}
}

func scanMatch(row scanner) (v digest.MatchedStory, err error) {
	err = row.Scan(append([]any{&v.Topic}, candidateFields(&v)...)...)
	v.Story.ID = v.Match.Story
	return v, err
}

// why is a match's field and words on their way out.
type why struct{ *digest.Match }

func (w why) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a match's reason is a %T", value)
	}
	field, words, _ := strings.Cut(text, " ")
	w.Field, w.Words = field, nil
	return fromJSON(&w.Words).Scan(words)
}

// ShelveMatches saves matches. Of one that is kept already the greater score
// stays, with its reason, and the first At. A match whose topic or story is
// not kept any more is left out. Of the first 30 stories the pages of articles
// whose feed gave a teaser are wanted from now on, and abstracts.
func (s *Store) ShelveMatches(ctx context.Context, matches []digest.MatchedStory) error {
	var asked bool
	err := s.change(ctx, "shelve matches", func(ctx context.Context, tx *sql.Tx) (err error) {
		asked = false
		var stories []digest.StoryID
		made := make([]madeMatch, 0, len(matches))
		for _, m := range matches {
			if m.Match.Story == 0 {
				m.Match.Story = m.Story.ID
			}
			made = append(made, madeMatch{m.Match, s.orNow(m.At)})
			stories = append(stories, m.Match.Story)
		}
		if err := s.shelveMatches(ctx, tx, made); err != nil {
			return err
		}
		stories = stories[:min(len(stories), pagesOfMatches)]
		if err := s.wantAbstracts(ctx, tx, stories); err != nil {
			return err
		}
		asked, err = s.wantPages(ctx, tx, stories)
		return err
	})
	if err == nil && asked {
		signal(s.enqueued)
	}
	return err
}

// A madeMatch is a match with the moment when it was made.
type madeMatch struct {
	digest.Match
	at time.Time
}

// shelveMatches saves matches in the order of their table, many in a statement.
// Of those that are one topic's of one story the first counts, with the greatest
// score: a statement may not meet a row twice.
func (s *Store) shelveMatches(ctx context.Context, tx *sql.Tx, made []madeMatch) error {
	slices.SortStableFunc(made, func(a, b madeMatch) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Story, b.Story))
	})
	kept := made[:0]
	for _, m := range made {
		last := len(kept) - 1
		if last < 0 || kept[last].Topic != m.Topic || kept[last].Story != m.Story {
			kept = append(kept, m)
		} else if m.Score > kept[last].Score {
			kept[last].Match = m.Match
		}
	}
	rows := make([][]any, len(kept))
	for i, m := range kept {
		rows[i] = []any{int64(m.Topic), int64(m.Story), m.Score, toJSON(m.Words), clean(m.Field), ms(m.at)}
	}
	return s.eachRows(rows, func(groups string, values []any) error {
		// the values lead, also where a planner believes the topics are few
		_, err := tx.ExecContext(ctx, `INSERT INTO matches (topic_id, story_id, score, words, field, at, published, hosts, language)
			SELECT t.id, s.id, v.column3, v.column4, v.column5, v.column6, s.published, s.hosts, s.language
			FROM (VALUES `+groups+`) v CROSS JOIN topics t CROSS JOIN stories s WHERE t.id = v.column1 AND s.id = v.column2`+s.engine.forShare("s")+`
			ON CONFLICT (story_id, topic_id) DO UPDATE
			SET score = excluded.score, words = excluded.words, field = excluded.field
			WHERE excluded.score > matches.score`, values...)
		return err
	})
}

// keepMatches keeps what stands of a story beside its matches as the story has it now.
// The story is locked, so no other replica adds a match that it does not see. PostgreSQL
// passes over every row of before in a transaction, so it is for once in each.
func keepMatches(ctx context.Context, tx *sql.Tx, v digest.Story) error {
	_, err := tx.ExecContext(ctx, `UPDATE matches SET published = $2, hosts = $3
		WHERE story_id = $1 AND (published <> $2 OR hosts <> $3)`, int64(v.ID), ms(v.Published), v.Hosts)
	return err
}

// TopicMatches returns the newest matches of each topic, at most each of them,
// made since then, with stories in one of the languages (any without), the
// newest first. A story whose language could not be told is in all of them.
// Of Story only ID, Published and Hosts are filled. Topics without matches are not in the map.
func (s *Store) TopicMatches(ctx context.Context, topics []digest.TopicID, languages []string, since time.Time, each int) (matches map[digest.TopicID][]digest.MatchedStory, err error) {
	err = s.view(ctx, "read matches", func(ctx context.Context, tx *sql.Tx) error {
		matches = map[digest.TopicID][]digest.MatchedStory{}
		for _, id := range topics {
			some, err := newestMatches(ctx, tx, id, languages, since, each)
			if err != nil {
				return err
			}
			if len(some) > 0 {
				matches[id] = some
			}
		}
		return nil
	})
	return matches, err
}

func newestMatches(ctx context.Context, tx *sql.Tx, topic digest.TopicID, languages []string, since time.Time, limit int) (all []digest.MatchedStory, err error) {
	wanted, args := "", []any{int64(topic), since.UnixMilli(), limit}
	if len(languages) > 0 {
		wanted = ` AND m.language IN ('', '` + digest.UnknownLanguage + `', ` + marks(len(args)+1, len(languages)) + `)`
		for _, l := range languages {
			args = append(args, clean(l))
		}
	}
	var v digest.MatchedStory
	fields := candidateFields(&v)
	v.Topic = topic
	err = eachRow(ctx, tx, func(row scanner) error {
		err := row.Scan(fields...)
		v.Story.ID = v.Match.Story
		all = append(all, v)
		return err
	}, `SELECT `+candidateColumns+` FROM matches m
		WHERE m.topic_id = $1 AND m.at >= $2`+wanted+` ORDER BY m.at DESC, m.story_id DESC LIMIT $3`, args...)
	return all, err
}
