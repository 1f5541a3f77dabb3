package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings/bot"
)

// keptElsewhere are the rows about a chat ($1, its Telegram id $2) in tables
// that do not name it in a column chat_id, and what rows about it point to.
var keptElsewhere = map[string]string{
	"chats": `SELECT * FROM chats WHERE id = $1`,
	"topics": `SELECT t.* FROM topics t JOIN (SELECT id, topic_id FROM subscriptions WHERE chat_id = $1
		UNION ALL SELECT id, topic_id FROM unfollowed WHERE chat_id = $1) u ON u.topic_id = t.id ORDER BY u.id`,
	"sources":    `SELECT v.* FROM sources v JOIN chat_sources c ON c.source_id = v.id WHERE c.chat_id = $1 ORDER BY c.id`,
	"broadcasts": `SELECT * FROM broadcasts WHERE admin_id = $1 ORDER BY id`,
	"channels":   `SELECT id, telegram, title, keeper_id FROM chats WHERE keeper_id = $1 ORDER BY id`,
}

// Everything returns all that is stored about a chat, by table and column, times
// as people write them. ErrNotFound says that there is no such chat.
func (s *Store) Everything(ctx context.Context, chat bot.ChatID) (all map[string][]map[string]any, err error) {
	err = s.view(ctx, fmt.Sprintf("read everything about chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		all = map[string][]map[string]any{}
		kept, err := chatByID(ctx, tx, chat, "")
		if err != nil {
			return err
		}
		queries := map[string]string{}
		tables, err := collect(ctx, tx, scanOne[string], s.engine.tablesOfChats())
		if err != nil {
			return err
		}
		for _, table := range tables {
			queries[table] = `SELECT * FROM ` + table + ` WHERE chat_id = $1`
		}
		for table, query := range keptElsewhere {
			queries[table] = query
		}
		for table, query := range queries {
			if all[table], err = readTable(ctx, tx, query, int64(chat)); err != nil {
				return fmt.Errorf("table %s: %w", table, err)
			}
		}
		all["pauses"], err = pausesOf(ctx, tx, kept.Telegram)
		return err
	})
	return all, err
}

// readTable reads rows of any columns.
func readTable(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]map[string]any, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	all := []map[string]any{}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, column := range columns {
			row[column] = readable(column, values[i])
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// moments are the columns that hold times.
var moments = []string{"created", "next_edition", "last_edition", "paused_at", "slot", "composed", "at", "not_before", "started", "ended",
	"until", "due", "steers_until", "next_visit", "last_visit", "last_change", "failing_since", "known", "updated",
	"brought", "moved_at", "made", "shown"}

// readable is a value as people read it.
func readable(column string, value any) any {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case int64:
		if slices.Contains(moments, column) {
			return time.UnixMilli(v).UTC().Format(time.RFC3339Nano)
		}
		if v > 1<<53 || strings.HasSuffix(column, "id") {
			return fmt.Sprint(v) // beyond what many readers of JSON can hold
		}
	}
	return value
}

// pausesOf reads limiter state whose scope names a Telegram id.
func pausesOf(ctx context.Context, tx *sql.Tx, telegram int64) ([]map[string]any, error) {
	rows, err := readTable(ctx, tx, `SELECT scope, until FROM pauses`)
	name := fmt.Sprint(telegram)
	return slices.DeleteFunc(rows, func(row map[string]any) bool {
		return !slices.Contains(numbers.FindAllString(fmt.Sprint(row["scope"]), -1), name)
	}), err
}
