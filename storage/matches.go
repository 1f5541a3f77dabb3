package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest"
)

// candidate is a match of m as one text, with what choosing asks of its story, which stands
// beside it (see keepMatches). Handing a column of a row over costs more than finding the
// row does, so candidates come as few texts, and their scores in billionths.
const candidate = `concat_ws(' ', m.story_id, m.at, m.published, m.hosts, CAST(ROUND(m.score * 1e9) AS BIGINT), m.field, m.words)`

// newest are the newest matches of the topic that a column names, at most $2, made since
// $1, in languages from $3 on: a text of candidates, one a line (no JSON has a line's end
// in it). One topic's stand together, so they are read in one piece. The values are for it.
func newest(topic string, languages []string, since time.Time, each int) (query string, values []any) {
	wanted, values := "", []any{since.UnixMilli(), each}
	if len(languages) > 0 {
		wanted = ` AND m.language IN ('', '` + digest.UnknownLanguage + `', ` + marks(len(values)+1, len(languages)) + `)`
		for _, l := range languages {
			values = append(values, clean(l))
		}
	}
	return `COALESCE((SELECT string_agg(n.match, '` + "\n" + `') FROM (SELECT ` + candidate + ` AS match FROM matches m
		WHERE m.topic_id = ` + topic + ` AND m.at >= $1` + wanted + ` ORDER BY m.at DESC, m.story_id DESC LIMIT $2) n), '')`, values
}

// matchesIn reads a topic's candidates, the newest first.
func matchesIn(text string, topic digest.TopicID) ([]digest.MatchedStory, error) {
	if text == "" {
		return nil, nil
	}
	all := make([]digest.MatchedStory, strings.Count(text, "\n")+1)
	var told lastWords
	for i := range all {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if err := readCandidate(line, &all[i], &told); err != nil {
			return nil, fmt.Errorf("match of topic %d: %w", topic, err)
		}
		all[i].Topic = topic
	}
	// neither engine promises that what it puts together keeps an order
	slices.SortFunc(all, func(a, b digest.MatchedStory) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Story.ID, a.Story.ID))
	})
	return all, nil
}

// matchColumns are a match of m, for scanMatch.
const matchColumns = `m.topic_id, ` + candidate

func scanMatch(row scanner) (v digest.MatchedStory, err error) {
	var text string
	if err = row.Scan(&v.Topic, &text); err == nil {
		err = readCandidate(text, &v, new(lastWords))
	}
	return v, err
}

// lastWords are the words of a match, and the text that they were read from: most of a
// topic's matches have the same, and share one slice, which nobody changes.
type lastWords struct {
	text  string
	words []string
}

func readCandidate(text string, v *digest.MatchedStory, last *lastWords) error {
	var numbers [5]int64
	for i := range numbers {
		n, rest, err := numberIn(text)
		if err != nil {
			return err
		}
		numbers[i], text = n, rest
	}
	v.Match.Story, v.Story.ID = digest.StoryID(numbers[0]), digest.StoryID(numbers[0])
	v.At, v.Story.Published = time.UnixMilli(numbers[1]).UTC(), time.UnixMilli(numbers[2]).UTC()
	v.Story.Hosts, v.Score = int(numbers[3]), float64(numbers[4])/1e9
	field, words, _ := strings.Cut(text, " ")
	v.Field = field
	if words != last.text {
		last.text, last.words = words, nil
		if err := fromJSON(&last.words).Scan(words); err != nil {
			return err
		}
	}
	v.Words = last.words
	return nil
}

// numberIn reads the number that a text begins with, and returns what stands behind the
// space after it.
func numberIn(text string) (n int64, rest string, err error) {
	number, rest, _ := strings.Cut(text, " ")
	n, err = strconv.ParseInt(number, 10, 64)
	return n, rest, err
}

// numbersIn reads a text of numbers.
func numbersIn(text string) (all []int64, err error) {
	if text == "" {
		return nil, nil
	}
	all = make([]int64, 0, strings.Count(text, " ")+1)
	for text != "" && err == nil {
		var n int64
		n, text, err = numberIn(text)
		all = append(all, n)
	}
	return all, err
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
		query, values := newest("t.id", languages, since, each)
		for chunk := range slices.Chunk(idsOf(topics), 100) {
			err := eachRow(ctx, tx, func(row scanner) error {
				var (
					topic digest.TopicID
					found string
				)
				err := row.Scan(&topic, &found)
				if err != nil || found == "" {
					return err
				}
				matches[topic], err = matchesIn(found, topic)
				return err
			}, `SELECT t.id, `+query+` FROM topics t WHERE t.id IN (`+marks(len(values)+1, len(chunk))+`)`, slices.Concat(values, chunk)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return matches, err
}
