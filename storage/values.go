package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// ms is a time on its way into the database, NULL for the zero time.
func ms(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// at is a time on its way out.
func at(t *time.Time) sql.Scanner { return (*instant)(t) }

type instant time.Time

func (t *instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*t = instant{}
	case int64:
		*t = instant(time.UnixMilli(v).UTC())
	default:
		return fmt.Errorf("time is a %T", value)
	}
	return nil
}

// inMs is a length of time, kept in milliseconds, on its way out.
func inMs(d *time.Duration) sql.Scanner { return (*span)(d) }

type span time.Duration

func (d *span) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("length of time is a %T", value)
	}
	*d = span(time.Duration(n) * time.Millisecond)
	return nil
}

// flag is a truth on its way in; out it scans into a bool.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// toJSON cannot fail: what it is given are our own plain structs, whose
// strings json makes valid.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(string(b), `\u0000`, "")
}

// fromJSON scans JSON into v.
func fromJSON(v any) sql.Scanner { return document{v} }

type document struct{ v any }

func (d document) Scan(value any) error {
	switch v := value.(type) {
	case string:
		if list, ok := d.v.(*[]string); ok && plainList(v) {
			*list = strings.Split(v[2:len(v)-2], `","`)
			return nil
		}
		return json.Unmarshal([]byte(v), d.v)
	case []byte:
		return json.Unmarshal(v, d.v)
	}
	return fmt.Errorf("document is a %T", value)
}

// plainList says whether a text is a list of strings as toJSON makes it of what needs
// no escape: a match's words, of which an edition's choice reads hundreds.
func plainList(text string) bool {
	return len(text) >= 4 && strings.HasPrefix(text, `["`) && strings.HasSuffix(text, `"]`) && !strings.Contains(text, `\`)
}

// clean is a text that both databases take: PostgreSQL refuses NUL and what is
// not UTF-8, both of which the web holds.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// marks are n placeholders from $first on: "$2, $3, $4".
func marks(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	return b.String()
}

// insertRows inserts rows of equal length, many in a statement.
func (s *Store) insertRows(ctx context.Context, tx *sql.Tx, head string, rows [][]any, tail string) error {
	return s.eachRows(rows, func(groups string, values []any) error {
		_, err := tx.ExecContext(ctx, head+" VALUES "+groups+" "+tail, values...)
		return err
	})
}

// eachRows hands rows of equal length over in parts: as many as one statement
// takes, as "($1, $2), ($3, $4)" and the values for it. Parts have sizes that
// come again, powers of two: drivers keep what they prepared.
func (s *Store) eachRows(rows [][]any, each func(groups string, values []any) error) error {
	groups, size := "", 0
	for len(rows) > 0 {
		n := min(max(s.engine.mostValues()/len(rows[0]), 1), len(rows))
		n = 1 << (bits.Len(uint(n)) - 1)
		if n != size {
			groups, size = s.engine.groups(rows[0], n), n
		}
		values := make([]any, 0, n*len(rows[0]))
		for _, row := range rows[:n] {
			values = append(values, row...)
		}
		if err := each(groups, values); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// collect reads every row of a query with scan.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := eachRow(ctx, tx, func(row scanner) error {
		v, err := scan(row)
		all = append(all, v)
		return err
	}, query, args...)
	return all, err
}

// A scanner is a row that has been read.
type scanner interface{ Scan(...any) error }

func eachRow(ctx context.Context, tx *sql.Tx, each func(scanner) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanOne reads a row of one column.
func scanOne[T any](row scanner) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}

// touched turns a change of no row into missing.
func touched(result sql.Result, err, missing error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = missing
	}
	return err
}

// idsOf are ids as a query takes them.
func idsOf[T ~int64](ids []T) []any {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = int64(id)
	}
	return values
}
