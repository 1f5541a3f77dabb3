package storage

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func TestAConnectionKeepsItsStatements(t *testing.T) {
	db, err := openKeeping("file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx := t.Context()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(ctx, query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec(`CREATE TABLE n (i BIGINT PRIMARY KEY)`)
	for i := range 3 {
		exec(`INSERT INTO n (i) VALUES ($1)`, i)
	}

	t.Run("a question is put again while its rows are read", func(t *testing.T) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		const all = `SELECT i FROM n WHERE i >= $1 ORDER BY i`
		outer, err := tx.QueryContext(ctx, all, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer outer.Close()
		var pairs []string
		for outer.Next() {
			var a, b int
			if err := outer.Scan(&a); err != nil {
				t.Fatal(err)
			}
			if err := tx.QueryRowContext(ctx, all, 2).Scan(&b); err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, fmt.Sprint(a, b))
		}
		if got := fmt.Sprint(pairs); got != "[0 2 1 2 2 2]" {
			t.Errorf("pairs = %s", got)
		}
	})
	t.Run("a statement whose verb ends its line is kept, settings are not", func(t *testing.T) {
		for query, want := range map[string]bool{"\n\tSELECT\n\t\ti FROM n": true, "insert\tINTO n": true, "PRAGMA user_version": false, "SELECT 1; SELECT 2": false, "": false} {
			if got := worthKeeping(query); got != want {
				t.Errorf("worthKeeping(%q) = %t, want %t", query, got, want)
			}
		}
	})
	t.Run("a refused statement can be asked again", func(t *testing.T) {
		if _, err := db.ExecContext(ctx, `INSERT INTO n (i) VALUES ($1)`, 1); err == nil {
			t.Error("the same key twice was taken")
		}
		exec(`INSERT INTO n (i) VALUES ($1)`, 3)
	})
	t.Run("a context that ended ends a statement, not its next use", func(t *testing.T) {
		const long = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $1) SELECT COUNT(*) FROM c`
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		var n int
		if err := db.QueryRowContext(short, long, 1<<40).Scan(&n); err == nil {
			t.Error("it did not end")
		}
		if err := db.QueryRowContext(ctx, long, 10).Scan(&n); err != nil || n != 10 {
			t.Errorf("n = %d, %v", n, err)
		}
	})
	t.Run("more statements than are kept", func(t *testing.T) {
		for i := range 2 * keptStatements {
			var n int
			if err := db.QueryRowContext(ctx, fmt.Sprintf(`SELECT %d FROM n LIMIT 1`, i)).Scan(&n); err != nil || n != i {
				t.Fatalf("%d: got %d, %v", i, n, err)
			}
		}
		conn, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		err = conn.Raw(func(c any) error {
			if kept := len(c.(*keeper).kept); kept > keptStatements {
				t.Errorf("%d statements are kept, want %d at most", kept, keptStatements)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("a changed table", func(t *testing.T) {
		var columns int
		ask := func() int {
			rows, err := db.QueryContext(ctx, `SELECT * FROM n`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			names, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			columns = len(names)
			return columns
		}
		before := ask()
		exec(`ALTER TABLE n ADD COLUMN j BIGINT`)
		if after := ask(); before != 1 || after != 2 {
			t.Errorf("%d columns before, %d after", before, after)
		}
	})
}
