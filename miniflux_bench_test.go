package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// BenchmarkBesideMiniflux visits 2,000 feeds of 30 items by turns: once as a
// Miniflux does that is built of its own sources, with its own defaults and on
// PostgreSQL, the only database it knows, and once as we do. Both ask the same
// publishers, and what else the machine does meets both. It runs where MINIFLUX is
// the path of that program and TEST_DATABASE_URL a server for it:
//
//	go test -run '^$' -bench BesideMiniflux -benchtime 3x .
//
// "times" is how many times as many feeds in a second of the clock we visit, and
// "cpu-times" how many times as many in a second of the processor; what the
// database server computes counts for neither.
func BenchmarkBesideMiniflux(b *testing.B) {
	program, server := os.Getenv("MINIFLUX"), os.Getenv("TEST_DATABASE_URL")
	if program == "" || server == "" {
		b.Skip("MINIFLUX and TEST_DATABASE_URL name nothing to be compared with")
	}
	const feeds = 2000
	p := startPublishers(b, 0)
	theirs := newMiniflux(b, program, server, p, feeds)
	theirs.pass()
	for name, database := range benchDatabases(b) {
		store, collector := benchCollector(b, database(), p, feeds)
		p.pass(b, store, collector, feeds) // everything is new
		for _, c := range []struct {
			name    string
			changed int
		}{{"nothing new", 0}, {"a tenth changed", 10}} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				var them, us spent
				for b.Loop() {
					p.tell("change " + strconv.Itoa(c.changed))
					them.add(theirs.pass())
					makeDue(b, store)
					runtime.GC()
					began, computed := time.Now(), processorTime(b)
					p.collect(b, collector, feeds)
					us.add(spent{time.Since(began), processorTime(b) - computed})
				}
				n := float64(b.N * feeds)
				b.ReportMetric(n/them.clock.Seconds(), "miniflux-feeds/s")
				b.ReportMetric(n/us.clock.Seconds(), "feeds/s")
				b.ReportMetric(them.clock.Seconds()/us.clock.Seconds(), "times")
				b.ReportMetric(them.processor.Seconds()/us.processor.Seconds(), "cpu-times")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// spent is time of the clock and of the processor.
type spent struct{ clock, processor time.Duration }

func (s *spent) add(o spent) { s.clock, s.processor = s.clock+o.clock, s.processor+o.processor }

// miniflux is the other program with a database of its own.
type miniflux struct {
	b       *testing.B
	program string
	env     []string
	db      *sql.DB
	feeds   int
}

func newMiniflux(b *testing.B, program, server string, p *publishers, feeds int) *miniflux {
	b.Helper()
	admin, err := sql.Open("pgx", server)
	check(b, err)
	name := fmt.Sprintf("miniflux_%d", rand.Uint64())
	_, err = admin.Exec("CREATE DATABASE " + name)
	check(b, err)
	u, err := url.Parse(server)
	check(b, err)
	u.Path = "/" + name
	m := &miniflux{b: b, program: program, feeds: feeds}
	m.db, err = sql.Open("pgx", u.String())
	check(b, err)
	b.Cleanup(func() {
		m.db.Close()
		admin.Exec("DROP DATABASE " + name)
		admin.Close()
	})
	m.env = []string{
		"DATABASE_URL=" + u.String(), "FETCHER_ALLOW_PRIVATE_NETWORKS=1", "BATCH_SIZE=" + strconv.Itoa(feeds),
		"LOG_LEVEL=warning",
	}
	m.run("-migrate")
	_, err = m.db.Exec(`INSERT INTO users (username, password) VALUES ('reader', '')`)
	check(b, err)
	_, err = m.db.Exec(`INSERT INTO categories (user_id, title) SELECT id, 'All' FROM users`)
	check(b, err)
	for i := range feeds {
		_, err := m.db.Exec(`INSERT INTO feeds (user_id, category_id, title, feed_url, site_url)
			SELECT user_id, id, $1, $2, $2 FROM categories LIMIT 1`, fmt.Sprintf("Paper %d", i), "http://"+p.address(i)+"/feed.xml")
		check(b, err)
	}
	return m
}

// pass makes all feeds due and visits them.
func (m *miniflux) pass() spent {
	_, err := m.db.Exec(`UPDATE feeds SET next_check_at = now() - interval '1 hour'`)
	check(m.b, err)
	s := m.run("-refresh-feeds")
	var visited int
	check(m.b, m.db.QueryRow(`SELECT count(*) FROM feeds WHERE checked_at > now() - $1 * interval '1 second' AND parsing_error_count = 0`, s.clock.Seconds()+5).Scan(&visited))
	if visited != m.feeds {
		m.b.Fatalf("Miniflux visited %d of %d feeds", visited, m.feeds)
	}
	return s
}

func (m *miniflux) run(what string) spent {
	c := exec.Command(m.program, what)
	c.Dir, c.Env, c.Stderr = filepath.Dir(m.program), m.env, os.Stderr
	began := time.Now()
	check(m.b, c.Run())
	return spent{time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}
