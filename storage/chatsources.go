package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// FollowSource makes a chat follow a source, known by its address or new, and
// says whether it did not before. A known one keeps its name and the rest; a new
// one is that chat's own and visited at once. ErrLimit says that the chat
// follows bot.MaxSources already, ErrNotFound that there is no such chat.
func (s *Store) FollowSource(ctx context.Context, chat bot.ChatID, source digest.Source, now time.Time) (v bot.ChatSource, fresh bool, err error) {
	err = s.change(ctx, fmt.Sprintf("follow a source in chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		id, added, err := s.followSource(ctx, tx, chat, source, false, now)
		if err != nil {
			return err
		}
		fresh = added
		v, err = chatSource(ctx, tx, chat, id)
		return err
	})
	return v, fresh && err == nil, err
}

// followSource is FollowSource in a transaction that has locked sources and the
// chat, in this order: two chats that add one address at once, spelt differently,
// make one source of it.
func (s *Store) followSource(ctx context.Context, tx *sql.Tx, chat bot.ChatID, source digest.Source, muted bool, now time.Time) (id digest.SourceID, fresh bool, err error) {
	id, err = knownSource(ctx, tx, source.Address)
	known := err == nil
	if err != nil && err != sql.ErrNoRows {
		return 0, false, err
	}
	if known {
		var followed bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM chat_sources WHERE chat_id = $1 AND source_id = $2 AND followed = 1)`,
			int64(chat), int64(id)).Scan(&followed)
		if err != nil || followed {
			return id, false, err
		}
	}
	var n int
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM chat_sources WHERE chat_id = $1 AND followed = 1`, int64(chat)).Scan(&n)
	if err != nil {
		return 0, false, err
	}
	if n >= bot.MaxSources {
		return 0, false, digest.ErrLimit
	}
	if id, err = s.keepSource(ctx, tx, id, source, now); err != nil {
		return 0, false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO chat_sources (id, chat_id, source_id, followed, muted, created) VALUES ($1, $2, $3, 1, $4, $5)
		ON CONFLICT (chat_id, source_id) DO UPDATE SET id = excluded.id, followed = 1, muted = excluded.muted, created = excluded.created`,
		s.newID(), int64(chat), int64(id), flag(muted), ms(now))
	return id, err == nil, err
}

// keepSource sees to it that a source is kept and visited, and holds its row: it
// must not go with its last follower while another comes.
func (s *Store) keepSource(ctx context.Context, tx *sql.Tx, known digest.SourceID, v digest.Source, now time.Time) (id digest.SourceID, err error) {
	if known != 0 {
		err := tx.QueryRowContext(ctx, `UPDATE sources SET visited = 1,
			next_visit = CASE WHEN visited = 1 THEN next_visit ELSE CAST($2 AS BIGINT) END WHERE id = $1 RETURNING id`, int64(known), ms(now)).Scan(&id)
		if err != sql.ErrNoRows {
			return id, err
		}
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO sources (id, address, name, home, language, country, subject,
			visited, listed, etag, last_modified, body_hash, next_visit, pace, failures, reason)
		VALUES ($1, $2, $3, $4, $5, '', '', 1, 0, '', '', '', $6, 0, 0, '')
		ON CONFLICT (address) DO UPDATE SET visited = 1 RETURNING id`,
		s.newID(), clean(v.Address), clean(v.Name), clean(v.Home), clean(v.Language), ms(now)).Scan(&id)
	return id, err
}

// UnfollowSource makes a chat follow a source no more and returns it as it
// stood. A source that no list names is forgotten with its last follower.
// ErrNotFound says that the chat does not follow it.
func (s *Store) UnfollowSource(ctx context.Context, chat bot.ChatID, source digest.SourceID) (v bot.ChatSource, err error) {
	err = s.change(ctx, fmt.Sprintf("unfollow source %d in chat %d", source, chat), func(ctx context.Context, tx *sql.Tx) error {
		if v, err = chatSource(ctx, tx, chat, source); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM chat_sources WHERE chat_id = $1 AND source_id = $2 AND followed = 1`, int64(chat), int64(source))
		if err := touched(result, err, digest.ErrNotFound); err != nil {
			return err
		}
		return s.forgetSources(ctx, tx, source)
	})
	return v, err
}

// forgetSources ends the visits to those of the sources that nobody lists and
// nobody follows, and erases them with their articles: an address may tell of
// the reader who added it. One that was listed once is kept for its articles,
// which stand in everybody's stories.
func (s *Store) forgetSources(ctx context.Context, tx *sql.Tx, ids ...digest.SourceID) error {
	for _, id := range ids {
		var listed bool
		err := tx.QueryRowContext(ctx, `SELECT listed FROM sources WHERE id = $1`+s.engine.forUpdate(), int64(id)).Scan(&listed)
		if err == sql.ErrNoRows || err == nil && listed {
			continue
		}
		if err != nil {
			return err
		}
		var followed, shared bool
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM chat_sources WHERE source_id = $1 AND followed = 1),
			EXISTS (SELECT 1 FROM articles WHERE source_id = $1 AND circle = 0)`, int64(id)).Scan(&followed, &shared)
		if err != nil {
			return err
		}
		if followed {
			continue
		}
		if err := endLease(ctx, tx, id, s.now()); err != nil {
			return err
		}
		forget := []string{`DELETE FROM articles WHERE circle = $1`, `DELETE FROM stories WHERE circle = $1`, `DELETE FROM sources WHERE id = $1`}
		if shared {
			forget = []string{`UPDATE sources SET visited = 0 WHERE id = $1`}
		}
		for _, statement := range forget {
			if _, err := tx.ExecContext(ctx, statement, int64(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// MuteSource mutes a source for a chat or lets it be heard again. ErrNotFound
// says that no such source is listed or followed by the chat.
func (s *Store) MuteSource(ctx context.Context, chat bot.ChatID, source digest.SourceID, muted bool) error {
	return s.change(ctx, fmt.Sprintf("mute source %d in chat %d", source, chat), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		if _, err := chatSource(ctx, tx, chat, source); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO chat_sources (id, chat_id, source_id, followed, muted, created) VALUES ($1, $2, $3, 0, $4, $5)
			ON CONFLICT (chat_id, source_id) DO UPDATE SET muted = excluded.muted`, s.newID(), int64(chat), int64(source), flag(muted), ms(s.now()))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM chat_sources WHERE chat_id = $1 AND followed = 0 AND muted = 0`, int64(chat))
		return err
	})
}

const chatSourceColumns = sourceColumns + `, COALESCE(c.followed, 0), COALESCE(c.muted, 0),
	CASE WHEN p.chat_id IS NOT NULL AND v.listed = 1 AND COALESCE(c.followed, 0) = 0 THEN 1 ELSE 0 END`

// $1 is the chat
const fromChatSources = ` FROM sources v LEFT JOIN chat_sources c ON c.source_id = v.id AND c.chat_id = $1
	LEFT JOIN chat_packs p ON p.chat_id = $1 AND ` + inPack + `
	WHERE (v.listed = 1 OR c.followed = 1)`

func scanChatSource(row scanner) (v bot.ChatSource, err error) {
	err = row.Scan(append(sourceFields(&v.Source), &v.Followed, &v.Muted, &v.PackMuted)...)
	return v, err
}

func chatSource(ctx context.Context, tx *sql.Tx, chat bot.ChatID, source digest.SourceID) (bot.ChatSource, error) {
	return scanChatSource(tx.QueryRowContext(ctx, `SELECT `+chatSourceColumns+fromChatSources+` AND v.id = $2`, int64(chat), int64(source)))
}

// ChatSources returns all listed sources and those that a chat follows, with
// what the chat thinks of each: those followed in the order added, then the
// others as listed.
func (s *Store) ChatSources(ctx context.Context, chat bot.ChatID) (all []bot.ChatSource, err error) {
	err = s.view(ctx, fmt.Sprintf("read sources of chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanChatSource, `SELECT `+chatSourceColumns+fromChatSources+`
			ORDER BY COALESCE(c.followed, 0) DESC, CASE WHEN c.followed = 1 THEN c.id ELSE v.id END`, int64(chat))
		return err
	})
	return all, err
}

// Ears returns whom a chat hears beside the listed sources, and whom it does
// not.
func (s *Store) Ears(ctx context.Context, chat bot.ChatID) (e bot.Ears, err error) {
	err = s.view(ctx, fmt.Sprintf("read whom chat %d hears", chat), func(ctx context.Context, tx *sql.Tx) error {
		e, err = ears(ctx, tx, chat)
		return err
	})
	return e, err
}

func ears(ctx context.Context, tx *sql.Tx, chat bot.ChatID) (e bot.Ears, err error) {
	e.Muted = digest.Muted{}
	// a source that the chat follows is heard even when its pack is muted
	err = eachRow(ctx, tx, func(row scanner) error {
		var (
			id              digest.SourceID
			followed, muted bool
		)
		if err := row.Scan(&id, &followed, &muted); err != nil {
			return err
		}
		if muted {
			e.Muted[id] = true
		} else if followed {
			e.Own = append(e.Own, id)
		}
		return nil
	}, `SELECT source_id, followed, muted FROM chat_sources WHERE chat_id = $1 ORDER BY id`, int64(chat))
	if err != nil {
		return e, err
	}
	packed, err := collect(ctx, tx, scanOne[digest.SourceID], `SELECT v.id FROM chat_packs p JOIN sources v
		ON `+inPack+` WHERE p.chat_id = $1 AND v.listed = 1
		AND NOT EXISTS (SELECT 1 FROM chat_sources c WHERE c.chat_id = $1 AND c.source_id = v.id AND c.followed = 1)`, int64(chat))
	for _, id := range packed {
		e.Muted[id] = true
	}
	return e, err
}

// Told returns the sources that a chat follows and has not muted, in the order
// added, each with the articles it carried since then, the newest first, at most
// each.
func (s *Store) Told(ctx context.Context, chat bot.ChatID, since time.Time, each int) (told []digest.FollowedSource, err error) {
	err = s.view(ctx, fmt.Sprintf("read what sources told chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		told, err = toldBy(ctx, tx, chat, since, each)
		return err
	})
	return told, err
}

func toldBy(ctx context.Context, tx *sql.Tx, chat bot.ChatID, since time.Time, each int) (told []digest.FollowedSource, err error) {
	followed, err := collect(ctx, tx, func(row scanner) (v digest.FollowedSource, err error) {
		err = row.Scan(&v.Source, &v.Name)
		return v, err
	}, `SELECT v.id, CASE WHEN v.name = '' THEN v.address ELSE v.name END FROM chat_sources c JOIN sources v ON v.id = c.source_id
		WHERE c.chat_id = $1 AND c.followed = 1 AND c.muted = 0 ORDER BY c.id`, int64(chat))
	if err != nil {
		return nil, err
	}
	for _, f := range followed {
		// an article that another source had first left only keys here
		f.Carried, err = collect(ctx, tx, scanCarried, `SELECT `+articleColumns+`, `+storyColumns+` FROM articles a JOIN stories s ON s.id = a.story_id
			WHERE a.seen >= $2 AND a.id IN (SELECT id FROM articles WHERE source_id = $1 AND seen >= $2
				UNION SELECT article_id FROM article_keys WHERE source_id = $1 AND article_id >= $3)
			ORDER BY a.seen DESC, a.id DESC LIMIT $4`,
			int64(f.Source), since.UnixMilli(), idAt(since.Add(-time.Hour)), each)
		if err != nil {
			return nil, err
		}
		told = append(told, f)
	}
	return told, nil
}

func scanCarried(row scanner) (digest.Carried, error) {
	var (
		v digest.Carried
		a shelved
	)
	err := row.Scan(append(articleFields(&a), storyFields(&v.Story)...)...)
	v.Article = a.Article
	return v, err
}

// addSources puts into an edition's material what the chat's sources told of
// stories that the reader may still be told.
func (s *Store) addSources(ctx context.Context, tx *sql.Tx, chat bot.ChatID, m *bot.Material, since time.Time, r reader, each int) error {
	m.Muted = digest.Muted{}
	if !r.sources {
		return nil
	}
	e, err := ears(ctx, tx, chat)
	if err != nil {
		return err
	}
	m.Muted = e.Muted
	if len(e.Own) == 0 {
		return nil
	}
	if m.Sources, err = toldBy(ctx, tx, chat, since, each); err != nil {
		return err
	}
	for i := range m.Sources {
		m.Sources[i].Carried = slices.DeleteFunc(m.Sources[i].Carried, func(v digest.Carried) bool { return v.Story.Published.Before(r.told) })
	}
	m.Twins, err = twins(ctx, tx, e.Own, s.now().Add(-twinsFor))
	return err
}

// twinsFor is how long a piece is recognised in another circle: as long as
// articles are kept.
const twinsFor = digest.ShelfLife

// Twins returns the stories of own sources that are one piece with a story of
// another circle, each with those.
func (s *Store) Twins(ctx context.Context, own []digest.SourceID) (same map[digest.StoryID][]digest.StoryID, err error) {
	err = s.view(ctx, "read twins", func(ctx context.Context, tx *sql.Tx) error {
		same, err = twins(ctx, tx, own, s.now().Add(-twinsFor))
		return err
	})
	return same, err
}

func twins(ctx context.Context, tx *sql.Tx, own []digest.SourceID, since time.Time) (map[digest.StoryID][]digest.StoryID, error) {
	pieces := map[int64]map[digest.StoryID]bool{}
	note := func(piece int64, story digest.StoryID) {
		if pieces[piece] == nil {
			pieces[piece] = map[digest.StoryID]bool{}
		}
		pieces[piece][story] = true
	}
	for _, id := range own {
		err := eachRow(ctx, tx, func(row scanner) error {
			var (
				piece          int64
				story, another digest.StoryID
			)
			if err := row.Scan(&piece, &story, &another); err != nil {
				return err
			}
			note(piece, story)
			if another != 0 {
				note(piece, another)
			}
			return nil
		}, `SELECT a.twin, a.story_id, COALESCE(b.story_id, 0) FROM articles a
			LEFT JOIN article_keys k ON k.hash = a.twin LEFT JOIN articles b ON b.id = k.article_id AND b.circle = 0
			WHERE a.circle = $1 AND a.circle <> 0 AND a.seen >= $2 AND a.twin <> 0 AND a.story_id IS NOT NULL`, int64(id), since.UnixMilli())
		if err != nil {
			return nil, err
		}
	}
	same := map[digest.StoryID][]digest.StoryID{}
	for _, stories := range pieces {
		for story := range stories {
			for another := range stories {
				if story != another {
					same[story] = append(same[story], another)
				}
			}
		}
	}
	return same, nil
}

// Heard returns those of the stories that at least one source tells which is not
// muted.
func (s *Store) Heard(ctx context.Context, muted digest.Muted, stories []digest.StoryID) (heard map[digest.StoryID]bool, err error) {
	err = s.view(ctx, "read who tells stories", func(ctx context.Context, tx *sql.Tx) error {
		heard = map[digest.StoryID]bool{}
		const atOnce = 500
		for from := 0; from < len(stories); from += atOnce {
			some := idsOf(stories[from:min(from+atOnce, len(stories))])
			err := eachRow(ctx, tx, func(row scanner) error {
				var (
					story  digest.StoryID
					source digest.SourceID
				)
				err := row.Scan(&story, &source)
				if !muted[source] {
					heard[story] = true
				}
				return err
			}, `SELECT DISTINCT story_id, source_id FROM articles WHERE story_id IN (`+marks(1, len(some))+`)`, some...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return heard, err
}

// Import makes a chat follow topics and sources, all or, on an error, none, and
// says what came of it. What is beyond the limits of a chat is counted and left
// out.
func (s *Store) Import(ctx context.Context, chat bot.ChatID, list digest.Outlines, now time.Time) (done bot.Imported, err error) {
	err = s.change(ctx, fmt.Sprintf("import into chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		done = bot.Imported{}
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		for _, t := range list.Topics {
			_, fresh, err := s.follow(ctx, tx, chat, t, now)
			if err := done.Topics.Count(fresh, err); err != nil {
				return err
			}
		}
		for _, v := range list.Sources {
			_, fresh, err := s.followSource(ctx, tx, chat, v.Source, v.Muted, now)
			if err := done.Sources.Count(fresh, err); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// SourceAt returns the source at an address, or at one that is the same to every
// server, with at most samples of its newest headlines. ErrNotFound says that
// none is kept, or none that is visited.
func (s *Store) SourceAt(ctx context.Context, address string, samples int) (p digest.Prospect, err error) {
	err = s.view(ctx, "read a source by its address", func(ctx context.Context, tx *sql.Tx) error {
		id, err := knownSource(ctx, tx, address)
		if err != nil {
			return err
		}
		p.Source, err = scanSource(tx.QueryRowContext(ctx, `SELECT `+sourceColumns+` FROM sources v WHERE v.id = $1 AND v.visited = 1`, int64(id)))
		if err != nil {
			return err
		}
		p.Headlines, err = collect(ctx, tx, func(row scanner) (h digest.Headline, err error) {
			err = row.Scan(&h.Title, &h.Address)
			return h, err
		}, `SELECT title, address FROM articles WHERE source_id = $1 ORDER BY seen DESC, published DESC, id LIMIT $2`, int64(id), samples)
		return err
	})
	return p, err
}
