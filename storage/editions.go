package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// sentFor is how long a story that was sent does not come again (product).
const sentFor = 14 * 24 * time.Hour

// DueChats returns at most limit chats whose next edition is due at now, the
// most overdue first. Paused chats are never due.
func (s *Store) DueChats(ctx context.Context, now time.Time, limit int) (chats []bot.Chat, err error) {
	err = s.view(ctx, "read due chats", func(ctx context.Context, tx *sql.Tx) error {
		chats, err = collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats
			WHERE paused = '' AND next_edition <= $1 ORDER BY next_edition, id LIMIT $2`, now.UnixMilli(), limit)
		return err
	})
	return chats, err
}

// Material returns what an edition for a chat is composed from: its topics that
// are not muted, in the order followed, each with the newest matches made since
// then in the languages the chat reads (at most each, Story as TopicMatches fills it),
// likewise its sources with what they carried, which stories are one piece in
// two circles, whom it muted, what it was sent in the last 14 days of the stories that
// an edition may tell, and to which of that something came since matchedSince. ErrNotFound says that there is no
// such chat.
//
// A match becomes visible a moment after its At: who asks from the last edition
// on should ask from some minutes earlier; what was sent is known.
func (s *Store) Material(ctx context.Context, chat bot.ChatID, matchedSince time.Time, each int) (m bot.Material, err error) {
	err = s.view(ctx, fmt.Sprintf("read material for chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		m = bot.Material{}
		reader, err := readerOf(ctx, tx, chat)
		if err != nil {
			return err
		}
		if m.Followed, err = followedBy(ctx, tx, chat, reader.languages, matchedSince, each); err != nil {
			return err
		}
		for i, f := range m.Followed {
			m.Followed[i].Matches = slices.DeleteFunc(f.Matches, func(v digest.MatchedStory) bool { return v.Story.Published.Before(reader.told) })
		}
		if err := s.addSources(ctx, tx, chat, &m, matchedSince, reader, each); err != nil {
			return err
		}
		return s.addSent(ctx, tx, chat, &m, matchedSince, reader.told)
	})
	return m, err
}

// A reader is what an edition's candidates ask of its chat.
type reader struct {
	languages []string
	told      time.Time // see toldBefore
	sources   bool      // it follows or mutes some, or packs of them
}

func readerOf(ctx context.Context, tx *sql.Tx, chat bot.ChatID) (r reader, err error) {
	var (
		c         bot.Chat
		languages string
		lost      lostTime
	)
	err = tx.QueryRowContext(ctx, `SELECT c.story_languages, c.last_edition,
			(SELECT value FROM settings WHERE name = $2), (SELECT value FROM settings WHERE name = $3),
			CASE WHEN EXISTS (SELECT 1 FROM chat_sources x WHERE x.chat_id = c.id) OR EXISTS (SELECT 1 FROM chat_packs x WHERE x.chat_id = c.id) THEN 1 ELSE 0 END
		FROM chats c WHERE c.id = $1`, int64(chat), settingRestoredFrom, settingRestoredUntil).
		Scan(&languages, at(&c.LastEdition), at(&lost.from), at(&lost.until), &r.sources)
	r.languages, r.told = strings.Fields(languages), lost.toldBefore(c)
	return r, err
}

// followedBy returns the topics that a chat follows and has not muted, in the order
// followed, each with its newest matches.
func followedBy(ctx context.Context, tx *sql.Tx, chat bot.ChatID, languages []string, since time.Time, each int) ([]digest.Followed, error) {
	query, values := newest("u.topic_id", languages, since, each)
	return collect(ctx, tx, func(row scanner) (v digest.Followed, err error) {
		var found string
		err = row.Scan(&v.Topic, &v.Text, &v.Label, &v.Breadth, &found)
		if err == nil {
			v.Matches, err = matchesIn(found, v.Topic)
		}
		return v, err
	}, `SELECT u.topic_id, t.text, u.label, u.breadth, `+query+` FROM subscriptions u JOIN topics t ON t.id = u.topic_id
		WHERE u.chat_id = `+marks(len(values)+1, 1)+` AND u.muted = 0 ORDER BY u.id`, append(values, int64(chat))...)
}

// oldestOf is no greater than the id of a story that an edition may tell of m: one that was
// published since then, which was made since then, too, unless a joiner that began anew
// found its first articles gone and dates it by later ones.
func oldestOf(m bot.Material, since time.Time) digest.StoryID {
	oldest := digest.StoryID(idAt(since))
	look := func(v digest.Story) {
		if !v.Published.Before(since) {
			oldest = min(oldest, v.ID)
		}
	}
	for _, f := range m.Followed {
		for _, v := range f.Matches {
			look(v.Story)
		}
	}
	for _, x := range m.Sources {
		for _, v := range x.Carried {
			look(v.Story)
		}
	}
	return oldest
}

// oldestTwin is the smallest id among twins and one other: a piece may have stood in
// an older story of another circle.
func oldestTwin(twins map[digest.StoryID][]digest.StoryID, other digest.StoryID) digest.StoryID {
	for id := range twins { // of two that are twins each is a key
		other = min(other, id)
	}
	return other
}

// mostStirred is how many changed stories an edition is composed from: as many as
// a short one holds.
const mostStirred = 20

// addSent puts into an edition's material what the chat was sent of the stories that it may
// tell, and to which of these that it was sent once articles joined since then, the most
// grown first. What is told again was published within MaxAge, and so was known since. What
// a restored database lost cannot be compared: after that nothing is told again.
func (s *Store) addSent(ctx context.Context, tx *sql.Tx, chat bot.ChatID, m *bot.Material, since, told time.Time) error {
	oldest, most := oldestOf(*m, s.now().Add(-digest.MaxAge-time.Hour)), mostStirred
	if !told.IsZero() {
		most = 0
	}
	var sent, stirred string
	err := tx.QueryRowContext(ctx, `SELECT
			COALESCE((SELECT string_agg(CAST(story_id AS TEXT), ' ') FROM sent WHERE chat_id = $1 AND story_id >= $2 AND at > $3), ''),
			COALESCE((SELECT string_agg(n.grown, ' ') FROM (
				SELECT concat_ws(' ', s.hosts - x.hosts, s.joined, x.story_id, x.hosts, x.known) AS grown FROM sent x JOIN stories s ON s.id = x.story_id
				WHERE x.chat_id = $1 AND x.story_id >= $4 AND x.known > $5 AND x.updated IS NULL AND s.joined >= $6 AND s.joined > x.known
				ORDER BY s.hosts - x.hosts DESC, s.joined DESC, s.id LIMIT $7) n), '')`,
		int64(chat), int64(oldestTwin(m.Twins, oldest)), ms(s.now().Add(-sentFor)),
		int64(oldest), ms(s.now().Add(-digest.MaxAge)), ms(since), most).Scan(&sent, &stirred)
	if err != nil {
		return err
	}
	ids, err := numbersIn(sent)
	if err != nil {
		return err
	}
	m.Sent = make(map[digest.StoryID]bool, len(ids))
	for _, id := range ids {
		m.Sent[digest.StoryID(id)] = true
	}
	m.Stirred, err = stirredIn(stirred)
	return err
}

// stirredIn reads what addSent asked for of stories that grew.
func stirredIn(text string) (all []digest.Told, err error) {
	numbers, err := numbersIn(text)
	if err != nil {
		return nil, err
	}
	// neither engine promises that what it puts together keeps an order
	stories := slices.SortedFunc(slices.Chunk(numbers, 5), func(a, b []int64) int {
		return cmp.Or(cmp.Compare(b[0], a[0]), cmp.Compare(b[1], a[1]), cmp.Compare(a[2], b[2]))
	})
	for _, n := range stories {
		all = append(all, digest.Told{Story: digest.StoryID(n[2]), Hosts: int(n[3]), Known: time.UnixMilli(n[4]).UTC()})
	}
	return all, nil
}

// MatchesOf returns the matches of the topics with the stories, in any order; Story is
// filled as TopicMatches does. It is a look for every pair.
func (s *Store) MatchesOf(ctx context.Context, topics []digest.TopicID, stories []digest.StoryID) (matches []digest.MatchedStory, err error) {
	err = s.view(ctx, "read the matches of stories", func(ctx context.Context, tx *sql.Tx) error {
		matches = nil
		for chunk := range slices.Chunk(idsOf(topics), 100) {
			for _, id := range stories {
				some, err := collect(ctx, tx, scanMatch, `SELECT `+matchColumns+` FROM matches m
					WHERE m.story_id = $1 AND m.topic_id IN (`+marks(2, len(chunk))+`)`, append([]any{int64(id)}, chunk...)...)
				if err != nil {
					return err
				}
				matches = append(matches, some...)
			}
		}
		return nil
	})
	return matches, err
}

// PutOff moves a chat's NextEdition from one moment to another. When it is not
// from any more, somebody else moved it, and nothing happens.
func (s *Store) PutOff(ctx context.Context, chat bot.ChatID, from, to time.Time) error {
	return s.change(ctx, fmt.Sprintf("put off the edition of chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE chats SET next_edition = $3 WHERE id = $1 AND next_edition = $2`, int64(chat), ms(from), ms(to))
		return err
	})
}

// SaveEdition saves an edition with its deliveries, notes its stories as sent
// and moves the chat on: LastEdition is when it was composed, NextEdition the
// next slot and Asked false, unless the reader set another time meanwhile
// (NextEdition is no longer at or before Composed), which then stands.
//
// ErrNotFound says that the chat was erased or paused meanwhile, or had another
// edition (After is not its LastEdition any more) or an alert, whose stories this one
// might repeat; ErrExists that
// the slot has an edition: nothing is sent twice, but the chat moves on all the
// same, so that it does not stay due for ever.
func (s *Store) SaveEdition(ctx context.Context, c bot.Composed) (id bot.EditionID, err error) {
	var known bool
	err = s.change(ctx, fmt.Sprintf("save edition of chat %d", c.Chat), func(ctx context.Context, tx *sql.Tx) error {
		chat, err := chatByID(ctx, tx, c.Chat, s.engine.forUpdate())
		if err != nil {
			return err
		}
		if chat.Paused != "" || !c.After.IsZero() && !chat.LastEdition.Equal(c.After) {
			return digest.ErrNotFound
		}
		if alerted, err := alertedOf(ctx, tx, c); err != nil || alerted {
			return cmp.Or(err, digest.ErrNotFound)
		}
		_, err = tx.ExecContext(ctx, `UPDATE chats SET next_edition = $2, asked = 0 WHERE id = $1 AND next_edition <= $3`,
			int64(c.Chat), ms(c.Next), ms(c.Composed))
		if err != nil {
			return err
		}
		id, known, err = s.insertEdition(ctx, tx, c)
		if err != nil || known {
			return err
		}
		return s.fillEdition(ctx, tx, id, c)
	})
	if err == nil && known {
		return 0, fmt.Errorf("save edition of chat %d: slot %s: %w", c.Chat, c.Slot.UTC().Format(time.RFC3339), digest.ErrExists)
	}
	if err == nil && len(c.Messages) > 0 {
		signal(s.deliveriesArrived)
	}
	return id, err
}

// alertedOf says whether the chat was alerted of a story that the edition tells as new.
func alertedOf(ctx context.Context, tx *sql.Tx, c bot.Composed) (bool, error) {
	stories, err := collect(ctx, tx, scanOne[digest.StoryID], `SELECT story_id FROM alerts WHERE chat_id = $1 AND made > $2`,
		int64(c.Chat), ms(c.Composed.Add(-day)))
	return slices.ContainsFunc(c.Told, func(v digest.Told) bool { return !v.Again && slices.Contains(stories, v.Story) }), err
}

func (s *Store) insertEdition(ctx context.Context, tx *sql.Tx, c bot.Composed) (id bot.EditionID, known bool, err error) {
	id = bot.EditionID(s.newID())
	reasons := ""
	if len(c.Reasons) > 0 {
		reasons = toJSON(c.Reasons)
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO editions (id, chat_id, slot, asked, composed, reasons) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (chat_id, slot) DO NOTHING`, int64(id), int64(c.Chat), ms(c.Slot), flag(c.Asked), ms(c.Composed), reasons)
	if err != nil {
		return 0, false, err
	}
	n, err := result.RowsAffected()
	return id, n == 0, err
}

// Reasons returns why the stories of the chat's edition of a slot stood in it, in
// order. ErrNotFound says that no such edition is kept.
func (s *Store) Reasons(ctx context.Context, chat bot.ChatID, slot time.Time) (all []bot.Reason, err error) {
	err = s.view(ctx, fmt.Sprintf("read why stories were sent to chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		var kept string
		err := tx.QueryRowContext(ctx, `SELECT reasons FROM editions WHERE chat_id = $1 AND slot = $2`, int64(chat), ms(slot)).Scan(&kept)
		if err == nil && kept == "" {
			return digest.ErrNotFound // composed before reasons were kept
		}
		if err != nil {
			return err
		}
		return fromJSON(&all).Scan(kept)
	})
	return all, err
}

func (s *Store) fillEdition(ctx context.Context, tx *sql.Tx, id bot.EditionID, c bot.Composed) error {
	_, err := tx.ExecContext(ctx, `UPDATE chats SET last_edition = $2 WHERE id = $1`, int64(c.Chat), ms(c.Composed))
	if err != nil {
		return err
	}
	var deliveries []bot.Delivery
	for _, m := range c.Messages {
		deliveries = append(deliveries, bot.Delivery{Chat: c.Chat, Kind: bot.EditionDelivery, Edition: id, Message: m, NotBefore: c.Slot})
	}
	if err := s.insertDeliveries(ctx, tx, deliveries); err != nil {
		return err
	}
	var (
		rows  [][]any
		noted = map[digest.StoryID]bool{}
	)
	for _, v := range c.Told {
		if noted[v.Story] { // one statement may not write a row twice
			continue
		}
		noted[v.Story] = true
		var updated time.Time
		if v.Again {
			updated = c.Composed
		}
		rows = append(rows, []any{int64(c.Chat), int64(v.Story), ms(c.Composed), v.Hosts, ms(v.Known), ms(updated)})
	}
	// what is told again stays known as of the first time: see forgetEdition
	return s.insertRows(ctx, tx, `INSERT INTO sent (chat_id, story_id, at, hosts, known, updated)`, rows,
		`ON CONFLICT (chat_id, story_id) DO UPDATE SET updated = excluded.updated,
			at = CASE WHEN excluded.updated IS NULL THEN excluded.at ELSE sent.at END,
			hosts = CASE WHEN excluded.updated IS NULL THEN excluded.hosts ELSE sent.hosts END,
			known = CASE WHEN excluded.updated IS NULL THEN excluded.known ELSE sent.known END`)
}

// bundle takes an edition back that quiet hours overtook before anything of it
// was sent, and has another composed at their end: one message then tells what
// stood in it and what came since. It says whether it did.
func (s *Store) bundle(ctx context.Context, tx *sql.Tx, d bot.Delivery) (bool, error) {
	const whole = `edition_id = $1 AND chat_id = $2`
	var begun int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE `+whole+` AND (state <> 'waiting' OR ambiguous > 0)`,
		int64(d.Edition), int64(d.Chat)).Scan(&begun)
	if err != nil || begun > 0 {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE deliveries SET state = $3, reason = $4, ended = $5 WHERE `+whole,
		int64(d.Edition), int64(d.Chat), string(bot.Dropped), bot.ReasonBundled, ms(s.now()))
	if err != nil {
		return false, err
	}
	return true, forgetEdition(ctx, tx, d.Chat, d.Edition, d.NotBefore)
}

// takeBack takes those editions and alerts of a chat back of which nothing reached it,
// because it was paused: the first edition after the pause tells what stood in
// them. In a chat that reads it changes nothing: what was refused there would be
// refused again.
func takeBack(ctx context.Context, tx *sql.Tx, chat bot.ChatID) error {
	type unsent struct {
		id   bot.EditionID
		slot time.Time
	}
	all, err := collect(ctx, tx, func(row scanner) (v unsent, err error) {
		err = row.Scan(&v.id, at(&v.slot))
		return v, err
	}, `SELECT e.id, e.slot FROM editions e JOIN chats c ON c.id = e.chat_id WHERE e.chat_id = $1 AND c.paused <> ''
			AND EXISTS (SELECT 1 FROM deliveries d WHERE d.chat_id = e.chat_id AND d.edition_id = e.id)
			AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.chat_id = e.chat_id AND d.edition_id = e.id
				AND (d.state NOT IN ('failed', 'dropped') OR d.ambiguous > 0))
		ORDER BY e.slot DESC`, int64(chat))
	for i := 0; i < len(all) && err == nil; i++ {
		err = forgetEdition(ctx, tx, chat, all[i].id, all[i].slot)
	}
	if err != nil {
		return err
	}
	return takeBackAlerts(ctx, tx, chat)
}

// forgetEdition makes an edition one that was never composed: its stories count
// as not sent, or as not told again, the chat's last edition is the one before it, and the next is due
// at again, unless it is earlier. Its deliveries stay what they are.
func forgetEdition(ctx context.Context, tx *sql.Tx, chat bot.ChatID, id bot.EditionID, again time.Time) error {
	for _, step := range []string{
		`DELETE FROM sent WHERE chat_id = $1 AND at = (SELECT composed FROM editions WHERE id = $2)
			AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.chat_id = $1 AND a.story_id = sent.story_id AND a.made = sent.at)`,
		`UPDATE sent SET updated = NULL WHERE chat_id = $1 AND updated = (SELECT composed FROM editions WHERE id = $2)`,
		`DELETE FROM editions WHERE chat_id = $1 AND id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, step, int64(chat), int64(id)); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE chats SET last_edition = (SELECT MAX(composed) FROM editions WHERE chat_id = $1),
			next_edition = CASE WHEN next_edition < $2 THEN next_edition ELSE CAST($2 AS BIGINT) END WHERE id = $1`, int64(chat), ms(again))
	return err
}
