package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"tidings/bot"
	"tidings/digest"
)

const chatColumns = `id, telegram, thread, kind, language, zone, zone_set, schedule, next_edition, asked,
	last_edition, expects, paused, paused_at, created, length, quiet, tell_empty, previews, announcements, story_languages,
	title, COALESCE(keeper_id, 0), COALESCE(steers_id, 0), steers_until`

func scanChat(row scanner) (bot.Chat, error) {
	var v bot.Chat
	err := row.Scan(&v.ID, &v.Telegram, &v.Thread, &v.Kind, &v.Language, &v.Zone, &v.ZoneSet, fromJSON(&v.Schedule),
		at(&v.NextEdition), &v.Asked, at(&v.LastEdition), &v.Expects, &v.Paused, at(&v.PausedAt), at(&v.Created),
		&v.Length, &v.Quiet, &v.TellEmpty, &v.Previews, &v.Announcements, &v.StoryLanguages,
		&v.Title, &v.Keeper, &v.Steers, at(&v.SteersUntil))
	return v, err
}

// ChatAt returns the chat at an address, or ErrNotFound.
func (s *Store) ChatAt(ctx context.Context, to bot.Address) (chat bot.Chat, err error) {
	err = s.view(ctx, "read a chat by its address", func(ctx context.Context, tx *sql.Tx) error {
		chat, err = chatAt(ctx, tx, to, "")
		return err
	})
	return chat, err
}

// ChatByID returns the chat of an id, or ErrNotFound.
func (s *Store) ChatByID(ctx context.Context, id bot.ChatID) (chat bot.Chat, err error) {
	err = s.view(ctx, fmt.Sprintf("read chat %d", id), func(ctx context.Context, tx *sql.Tx) error {
		chat, err = chatByID(ctx, tx, id, "")
		return err
	})
	return chat, err
}

func chatAt(ctx context.Context, tx *sql.Tx, to bot.Address, lock string) (bot.Chat, error) {
	return scanChat(tx.QueryRowContext(ctx, `SELECT `+chatColumns+` FROM chats WHERE telegram = $1 AND thread = $2`+lock,
		to.Telegram, to.Thread))
}

func chatByID(ctx context.Context, tx *sql.Tx, id bot.ChatID, lock string) (bot.Chat, error) {
	return scanChat(tx.QueryRowContext(ctx, `SELECT `+chatColumns+` FROM chats WHERE id = $1`+lock, int64(id)))
}

// AddChat keeps a new chat under an id of our own and returns it. When the
// address is known already, the chat that has it is returned as it stands and
// the given one is forgotten. Created is now unless it is given. bot.ErrBanned
// says that it would be the private chat of a user who is banned.
func (s *Store) AddChat(ctx context.Context, given bot.Chat) (chat bot.Chat, err error) {
	err = s.change(ctx, "add chat", func(ctx context.Context, tx *sql.Tx) error {
		if given.Telegram > 0 {
			if banned, err := isBanned(ctx, tx, given.Telegram); err != nil {
				return err
			} else if banned {
				return bot.ErrBanned
			}
		}
		v := given
		v.ID = bot.ChatID(s.newID())
		v.Created = s.orNow(v.Created)
		result, err := tx.ExecContext(ctx, `INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule,
				next_edition, asked, last_edition, expects, paused, paused_at, created,
				length, quiet, tell_empty, previews, announcements, story_languages, title, keeper_id, steers_id, steers_until)
			VALUES (`+marks(1, 25)+`)
			ON CONFLICT (telegram, thread) DO NOTHING`,
			int64(v.ID), v.Telegram, v.Thread, clean(v.Kind), clean(v.Language), clean(v.Zone), flag(v.ZoneSet),
			toJSON(v.Schedule), ms(v.NextEdition), flag(v.Asked), ms(v.LastEdition), clean(v.Expects), string(v.Paused), ms(v.PausedAt), ms(v.Created),
			string(v.Length), clean(v.Quiet), flag(v.TellEmpty), flag(v.Previews), flag(v.Announcements), clean(v.StoryLanguages),
			clean(v.Title), orNull(int64(v.Keeper)), orNull(int64(v.Steers)), ms(v.SteersUntil))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n > 0 {
			if err := s.askEdition(ctx, tx, bot.Chat{}, v); err != nil {
				return err
			}
		}
		chat, err = chatAt(ctx, tx, v.Address, "")
		return err
	})
	if err == nil {
		s.wakeIfDue(chat)
	}
	return chat, err
}

// ChangeChat reads a chat, lets change alter it and writes it back, all in one
// transaction, and returns it as written. ID, Address and Created stay what
// they are. An error of change undoes everything and is returned as it is.
// When the chat's edition became due, shared work is asked for in the same
// transaction; when its quiet hours or zone changed, what they held back is due.
// Change may run twice and must not call the store.
func (s *Store) ChangeChat(ctx context.Context, id bot.ChatID, change func(*bot.Chat) error) (chat bot.Chat, err error) {
	var (
		refused  error
		released bool
	)
	err = s.change(ctx, fmt.Sprintf("change chat %d", id), func(ctx context.Context, tx *sql.Tx) error {
		before, err := chatByID(ctx, tx, id, s.engine.forUpdate())
		if err != nil {
			return err
		}
		chat = before
		if refused = change(&chat); refused != nil {
			return refused
		}
		chat.ID, chat.Address, chat.Created = before.ID, before.Address, before.Created
		if err := saveChat(ctx, tx, chat); err != nil {
			return err
		}
		if before.Quiet != chat.Quiet || before.Zone != chat.Zone {
			if released, err = releaseDeliveries(ctx, tx, id, s.now()); err != nil {
				return err
			}
		}
		return s.askEdition(ctx, tx, before, chat)
	})
	switch {
	case refused != nil && ctx.Err() == nil && !errors.Is(err, ErrUnusable):
		return bot.Chat{}, refused
	case err != nil:
		return bot.Chat{}, err
	}
	s.wakeIfDue(chat)
	if released {
		signal(s.deliveriesArrived)
	}
	return chat, nil
}

// releaseDeliveries makes what quiet hours held back due: the hours are others
// now, and the deliverer looks at them anew.
func releaseDeliveries(ctx context.Context, tx *sql.Tx, chat bot.ChatID, now time.Time) (bool, error) {
	result, err := tx.ExecContext(ctx, `UPDATE deliveries SET not_before = $2, due = $2, reason = '' WHERE chat_id = $1 AND state = $3 AND reason = $4`,
		int64(chat), ms(now), string(bot.Waiting), bot.HeldQuiet)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func saveChat(ctx context.Context, tx *sql.Tx, v bot.Chat) error {
	_, err := tx.ExecContext(ctx, `UPDATE chats SET kind = $2, language = $3, zone = $4, zone_set = $5, schedule = $6,
			next_edition = $7, asked = $8, last_edition = $9, expects = $10, paused = $11, paused_at = $12,
			length = $13, quiet = $14, tell_empty = $15, previews = $16, announcements = $17, story_languages = $18,
			title = $19, keeper_id = $20, steers_id = $21, steers_until = $22 WHERE id = $1`,
		int64(v.ID), clean(v.Kind), clean(v.Language), clean(v.Zone), flag(v.ZoneSet), toJSON(v.Schedule),
		ms(v.NextEdition), flag(v.Asked), ms(v.LastEdition), clean(v.Expects), string(v.Paused), ms(v.PausedAt),
		string(v.Length), clean(v.Quiet), flag(v.TellEmpty), flag(v.Previews), flag(v.Announcements), clean(v.StoryLanguages),
		clean(v.Title), orNull(int64(v.Keeper)), orNull(int64(v.Steers)), ms(v.SteersUntil))
	return err
}

// due says whether a chat waits for an edition.
func due(v bot.Chat, now time.Time) bool {
	return v.Paused == "" && !v.NextEdition.IsZero() && !v.NextEdition.After(now)
}

// askEdition asks for the publisher when a change made a chat's edition due.
func (s *Store) askEdition(ctx context.Context, tx *sql.Tx, before, after bot.Chat) error {
	if s.enqueue == nil || !due(after, s.now()) || before.Paused == after.Paused && before.NextEdition.Equal(after.NextEdition) {
		return nil
	}
	return s.enqueue(ctx, s.engine, tx, KindPublish)
}

func (s *Store) wakeIfDue(v bot.Chat) {
	if due(v, s.now()) {
		signal(s.enqueued)
	}
}

// EraseChat erases everything that is kept about a chat: itself and its rows in
// every table. Topics, and sources that no list names, that nobody else follows
// go too. ErrNotFound says that there was no such chat.
func (s *Store) EraseChat(ctx context.Context, id bot.ChatID) error {
	return s.change(ctx, fmt.Sprintf("erase chat %d", id), func(ctx context.Context, tx *sql.Tx) error {
		return s.eraseChat(ctx, tx, id)
	})
}

func (s *Store) eraseChat(ctx context.Context, tx *sql.Tx, id bot.ChatID) error {
	chat, err := chatByID(ctx, tx, id, s.engine.forUpdate())
	if err != nil {
		return err
	}
	topics, err := collect(ctx, tx, scanOne[digest.TopicID], `SELECT topic_id FROM subscriptions WHERE chat_id = $1
		UNION SELECT topic_id FROM unfollowed WHERE chat_id = $1`, int64(id))
	if err != nil {
		return err
	}
	own, err := collect(ctx, tx, scanOne[digest.SourceID], `SELECT source_id FROM chat_sources WHERE chat_id = $1 AND followed = 1 ORDER BY source_id`, int64(id))
	if err != nil {
		return err
	}
	if err := countErased(ctx, tx, id); err != nil {
		return err
	}
	// subscriptions, sources and packs, editions, deliveries and the record of
	// what was sent go with the row; broadcasts forget who ordered them
	if _, err := tx.ExecContext(ctx, `DELETE FROM chats WHERE id = $1`, int64(id)); err != nil {
		return err
	}
	if err := forgetTopics(ctx, tx, topics...); err != nil {
		return err
	}
	if err := s.forgetSources(ctx, tx, own...); err != nil {
		return err
	}
	// what is kept for minutes to tell a hub is too long: a call tells it
	if _, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE NOT EXISTS (SELECT 1 FROM sources v WHERE v.id = leases.source_id)`); err != nil {
		return err
	}
	// No chat stands between an id and the one below it, so no broadcast
	// reaches more or fewer by this.
	for _, column := range []string{"reached", "last_chat"} {
		if _, err := tx.ExecContext(ctx, `UPDATE broadcasts SET `+column+` = `+column+` - 1 WHERE `+column+` = $1`, int64(id)); err != nil {
			return err
		}
	}
	return forgetPauses(ctx, tx, chat.Telegram)
}

var numbers = regexp.MustCompile(`-?[0-9]+`)

// forgetPauses deletes limiter state whose scope names a Telegram id. The words
// of a scope are the limiter's; only the numbers in it are looked at.
func forgetPauses(ctx context.Context, tx *sql.Tx, telegram int64) error {
	scopes, err := collect(ctx, tx, scanOne[string], `SELECT scope FROM pauses`)
	if err != nil {
		return err
	}
	name := strconv.FormatInt(telegram, 10)
	for _, scope := range scopes {
		for _, n := range numbers.FindAllString(scope, -1) {
			if n == name {
				if _, err := tx.ExecContext(ctx, `DELETE FROM pauses WHERE scope = $1`, scope); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// PauseTelegramChat pauses the chat of a Telegram id with all its threads, or
// only the given thread, for a reason, and drops what waits to be sent there.
// It returns the chats that read until now, none when no such chat is kept.
// When there are any, it puts the notices on the shelf in the same transaction,
// as SaveIncident does: what is told once must not be lost between the two.
func (s *Store) PauseTelegramChat(ctx context.Context, telegram int64, thread *int64, why bot.PauseReason, now time.Time,
	notices ...bot.Notice) (closed []bot.Chat, err error) {
	where, whose := `telegram = $1`, []any{telegram}
	if thread != nil {
		where, whose = where+` AND thread = $2`, append(whose, *thread)
	}
	err = s.change(ctx, "pause a telegram chat", func(ctx context.Context, tx *sql.Tx) error {
		closed, err = collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE paused = '' AND `+where+`
			ORDER BY id`+s.engine.forUpdate(), whose...)
		if err != nil {
			return err
		}
		// the same reason again does not put off the day of erasure
		reason, when := fmt.Sprint("$", len(whose)+1), fmt.Sprint("$", len(whose)+2)
		paused, err := collect(ctx, tx, scanOne[bot.ChatID], `UPDATE chats SET
				paused_at = CASE WHEN paused = `+reason+` THEN paused_at ELSE CAST(`+when+` AS BIGINT) END, paused = `+reason+`
			WHERE `+where+` RETURNING id`, append(whose, string(why), ms(now))...)
		if err != nil {
			return err
		}
		for _, id := range paused {
			_, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = $2, reason = $3, ended = $5 WHERE chat_id = $1 AND state = $4`,
				int64(id), string(bot.Dropped), string(why), string(bot.Waiting), ms(now))
			if err != nil {
				return err
			}
			if err := takeBack(ctx, tx, id); err != nil {
				return err
			}
		}
		if len(closed) == 0 {
			return nil
		}
		return s.insertNotices(ctx, tx, notices, now)
	})
	if err == nil && len(closed) > 0 && len(notices) > 0 {
		signal(s.deliveriesArrived)
	}
	return closed, err
}

// TelegramChats returns the chats of a Telegram id: a group and its threads.
func (s *Store) TelegramChats(ctx context.Context, telegram int64) (chats []bot.Chat, err error) {
	err = s.view(ctx, "read the chats of a telegram chat", func(ctx context.Context, tx *sql.Tx) error {
		chats, err = collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE telegram = $1 ORDER BY thread`, telegram)
		return err
	})
	return chats, err
}

// MigrateChat gives the chats of one Telegram id, thread by thread, another:
// a group became a supergroup. Where a chat with the new id is kept already,
// the older of the two stays and takes over what the other follows, was sent
// and waits for; the other is erased. Either way the chat reads again unless
// its reader paused it.
func (s *Store) MigrateChat(ctx context.Context, from, to int64) error {
	if from == to {
		return nil
	}
	return s.change(ctx, "migrate a telegram chat", func(ctx context.Context, tx *sql.Tx) error {
		old, err := collect(ctx, tx, scanChat, `SELECT `+chatColumns+` FROM chats WHERE telegram = $1 ORDER BY id`+s.engine.forUpdate(), from)
		if err != nil {
			return err
		}
		for _, chat := range old {
			if err := forgetMessages(ctx, tx, chat.ID); err != nil {
				return err
			}
			known, err := chatAt(ctx, tx, bot.Address{Telegram: to, Thread: chat.Thread}, s.engine.forUpdate())
			stays, goes := chat, known
			switch {
			case err == sql.ErrNoRows:
			case err != nil:
				return err
			default:
				if known.Created.Before(chat.Created) {
					stays, goes = known, chat
				}
				if err := s.mergeChats(ctx, tx, stays.ID, goes.ID); err != nil {
					return err
				}
			}
			_, err = tx.ExecContext(ctx, `UPDATE chats SET telegram = $2, kind = $3,
					paused_at = CASE WHEN paused = $4 THEN paused_at ELSE NULL END,
					paused = CASE WHEN paused = $4 THEN paused ELSE '' END
				WHERE id = $1`, int64(stays.ID), to, "supergroup", string(bot.PausedByReader))
			if err != nil {
				return err
			}
		}
		return forgetPauses(ctx, tx, from)
	})
}

// forgetMessages leaves the alerts of a group that became a supergroup as they are: its
// messages are counted anew, so what we would edit by its old id is another message.
func forgetMessages(ctx context.Context, tx *sql.Tx, chat bot.ChatID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE chat_id = $1 AND state IN ('waiting', 'sending') AND kind = $2`, int64(chat), int64(bot.AmendDelivery))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE deliveries SET sent = 0 WHERE chat_id = $1 AND state = 'sent' AND kind = $2`, int64(chat), int64(bot.AlertDelivery))
	return err
}

// mergeChats moves what chat from has to chat to where to has not got the same,
// and erases from.
func (s *Store) mergeChats(ctx context.Context, tx *sql.Tx, to, from bot.ChatID) error {
	for _, move := range []string{
		// of what both follow either may have asked to hear at once
		`UPDATE subscriptions SET alerts = 1 WHERE chat_id = $1
			AND topic_id IN (SELECT topic_id FROM subscriptions WHERE chat_id = $2 AND alerts = 1)`,
		// up to the limit on topics, in the order followed
		`UPDATE subscriptions SET chat_id = $1 WHERE id IN (
			SELECT id FROM subscriptions WHERE chat_id = $2
				AND topic_id NOT IN (SELECT topic_id FROM subscriptions WHERE chat_id = $1)
			ORDER BY id LIMIT ` + fmt.Sprint(bot.MaxTopics) + ` - (SELECT COUNT(*) FROM subscriptions WHERE chat_id = $1))`,
		`UPDATE unfollowed SET chat_id = $1 WHERE chat_id = $2
			AND topic_id NOT IN (SELECT topic_id FROM unfollowed WHERE chat_id = $1)`,
		`UPDATE chat_sources SET chat_id = $1 WHERE chat_id = $2 AND followed = 0
			AND source_id NOT IN (SELECT source_id FROM chat_sources WHERE chat_id = $1)`,
		// what it mutes and the other follows is followed, and still muted
		`UPDATE chat_sources SET followed = 1 WHERE chat_id = $1 AND source_id IN (
			SELECT f.source_id FROM chat_sources f JOIN chat_sources m ON m.source_id = f.source_id
				WHERE f.chat_id = $2 AND f.followed = 1 AND m.chat_id = $1 AND m.followed = 0
			ORDER BY f.id LIMIT ` + fmt.Sprint(bot.MaxSources) + ` - (SELECT COUNT(*) FROM chat_sources WHERE chat_id = $1 AND followed = 1))`,
		`UPDATE chat_sources SET chat_id = $1 WHERE id IN (
			SELECT id FROM chat_sources WHERE chat_id = $2 AND followed = 1
				AND source_id NOT IN (SELECT source_id FROM chat_sources WHERE chat_id = $1)
			ORDER BY id LIMIT ` + fmt.Sprint(bot.MaxSources) + ` - (SELECT COUNT(*) FROM chat_sources WHERE chat_id = $1 AND followed = 1))`,
		`INSERT INTO chat_packs (chat_id, language, subject, country) SELECT CAST($1 AS BIGINT), language, subject, country FROM chat_packs WHERE chat_id = $2
			ON CONFLICT (chat_id, language, subject, country) DO NOTHING`,
		// of what both were sent the more is known, and told again it was by either
		`INSERT INTO sent (chat_id, story_id, at, hosts, known, updated)
			SELECT CAST($1 AS BIGINT), story_id, at, hosts, known, updated FROM sent WHERE chat_id = $2
			ON CONFLICT (chat_id, story_id) DO UPDATE SET updated = COALESCE(sent.updated, excluded.updated),
				hosts = CASE WHEN excluded.known > COALESCE(sent.known, 0) THEN excluded.hosts ELSE sent.hosts END,
				known = CASE WHEN excluded.known > COALESCE(sent.known, 0) THEN excluded.known ELSE sent.known END`,
		`UPDATE editions SET chat_id = $1 WHERE chat_id = $2
			AND slot NOT IN (SELECT slot FROM editions WHERE chat_id = $1)`,
		`UPDATE alerts SET chat_id = $1 WHERE chat_id = $2
			AND story_id NOT IN (SELECT story_id FROM alerts WHERE chat_id = $1)`,
		`UPDATE deliveries SET chat_id = $1 WHERE chat_id = $2 AND (broadcast_id IS NULL
			OR broadcast_id NOT IN (SELECT broadcast_id FROM deliveries WHERE chat_id = $1 AND broadcast_id IS NOT NULL))`,
		`UPDATE broadcasts SET admin_id = $1 WHERE admin_id = $2`,
		`UPDATE chats SET title = CASE WHEN title = '' THEN (SELECT title FROM chats WHERE id = $2) ELSE title END,
			keeper_id = COALESCE(keeper_id, (SELECT keeper_id FROM chats WHERE id = $2)) WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, move, int64(to), int64(from)); err != nil {
			return err
		}
	}
	return s.eraseChat(ctx, tx, from)
}
