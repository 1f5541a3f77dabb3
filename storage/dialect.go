package storage

import (
	"context"
	"database/sql"
	"strings"
)

// An Engine is one of the two databases. This file is every difference between
// them in what is asked; what they are made of stands in migrations.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// viewing makes a transaction see one state, as SQLite's always do.
func (e Engine) viewing() *sql.TxOptions {
	if e == Postgres {
		return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	return nil
}

// forUpdate ends a query whose rows the transaction will change. On SQLite a
// transaction that writes has the whole database.
func (e Engine) forUpdate() string {
	if e == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// forShare ends a query of rows that nobody may change until the transaction ends, of
// the table with that alias.
func (e Engine) forShare(of string) string {
	if e == Postgres {
		return " FOR SHARE OF " + of
	}
	return ""
}

// skipLocked is forUpdate that passes over rows another replica is changing.
func (e Engine) skipLocked() string {
	if e == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// mostValues is how many values a statement of many rows holds.
func (e Engine) mostValues() int {
	if e == Postgres {
		return 8000
	}
	return 2000
}

// row are n placeholders for values that come in this order and nothing else,
// from the first on. SQLite looks for a name like $1 among all before it, so it
// gets none.
func (e Engine) row(first, n int) string {
	if e == SQLite {
		return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
	}
	return marks(first, n)
}

// groups are n rows of placeholders: "($1, $2), ($3, $4)". PostgreSQL takes what
// stands in VALUES for text unless the first row says otherwise.
func (e Engine) groups(row []any, n int) string {
	if e == SQLite {
		return strings.TrimSuffix(strings.Repeat("("+e.row(1, len(row))+"), ", n), ", ")
	}
	var all []string
	for i, v := range row {
		mark := marks(i+1, 1)
		switch v.(type) {
		case string:
			mark = "CAST(" + mark + " AS TEXT)"
		case int, int64, sql.NullInt64:
			mark = "CAST(" + mark + " AS BIGINT)"
		case float64:
			mark = "CAST(" + mark + " AS DOUBLE PRECISION)"
		}
		all = append(all, mark)
	}
	groups := []string{"(" + strings.Join(all, ", ") + ")"}
	for i := 1; i < n; i++ {
		groups = append(groups, "("+e.row(i*len(row)+1, len(row))+")")
	}
	return strings.Join(groups, ", ")
}

// tablesOfChats lists the tables that name a chat in each row.
func (e Engine) tablesOfChats() string {
	if e == SQLite {
		return `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'chat_id'`
	}
	return `SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'chat_id'`
}

// Locks that a transaction holds to its end; others wait.
const (
	lockTopics   = 0x7469646901 // topic ids rise in the order of their commits
	lockArticles = 0x7469646902 // no article is shelved twice by two replicas
	lockMigrate  = 0x7469646903 // held by a session, not a transaction
	lockSources  = 0x7469646904 // one address is not kept twice under two spellings
)

func (e Engine) lock(ctx context.Context, tx *sql.Tx, key int64) error {
	if e == SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, key)
	return err
}

// size asks how many bytes the database takes.
func (e Engine) size() string {
	if e == SQLite {
		return `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	}
	return `SELECT pg_database_size(current_database())`
}

// saveWords is the statement that makes an article findable by its tokens.
func (e Engine) saveWords() string {
	if e == SQLite {
		return `INSERT OR REPLACE INTO article_words (rowid, words) VALUES ($1, $2)`
	}
	return `INSERT INTO article_words (article_id, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))
		ON CONFLICT (article_id) DO UPDATE SET words = excluded.words`
}

// search finds joined articles whose words fit $1, an expression of wordQuery,
// from id $2 on, published since $3, the newest first, at most $4, in the circle
// of all or in those of own sources from $5 on.
func (e Engine) search(own int) string {
	words, fit := "w.rowid", "article_words MATCH $1"
	if e == Postgres {
		words, fit = "w.article_id", "w.words @@ CAST($1 AS tsquery)"
	}
	circles := "a.circle = 0"
	if own > 0 {
		circles = "(a.circle = 0 OR a.circle IN (" + marks(5, own) + "))"
	}
	return `SELECT ` + articleColumns + ` FROM article_words w JOIN articles a ON a.id = ` + words + `
		WHERE ` + fit + ` AND ` + words + ` >= $2 AND a.published >= $3 AND a.story_id IS NOT NULL AND ` + circles + `
		ORDER BY ` + words + ` DESC LIMIT $4`
}

// word is a token as the index holds it. PostgreSQL takes it as it is. SQLite's
// tokenizer splits at ASCII punctuation and folds ASCII capitals, so those move
// to where it looks at nothing: Unicode's private use area.
func (e Engine) word(token string) string {
	if e == Postgres {
		return token
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return 0xE000 + r
		}
		return r
	}, token)
}

// wordQuery asks for one token of every group.
func (e Engine) wordQuery(groups [][]string) string {
	and, or, quote := " AND ", " OR ", strings.NewReplacer(`"`, `""`)
	mark := `"`
	if e == Postgres {
		and, or, quote, mark = " & ", " | ", strings.NewReplacer(`'`, `''`, `\`, `\\`), `'`
	}
	var all []string
	for _, group := range groups {
		var one []string
		for _, token := range group {
			one = append(one, mark+quote.Replace(e.word(token))+mark)
		}
		all = append(all, "("+strings.Join(one, or)+")")
	}
	return strings.Join(all, and)
}
