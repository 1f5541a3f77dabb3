package queue_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
	"tidings/storage/queue"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

// childDatabase names, to a copy of this program, the database in which it is
// to take up work and hang until it is killed.
const childDatabase = "QUEUE_TEST_CHILD_DATABASE"

func TestMain(m *testing.M) {
	if address := os.Getenv(childDatabase); address != "" {
		hang(address)
	}
	goleak.VerifyTestMain(m)
}

// hang takes a publish job, says so on standard output and never ends it.
func hang(address string) {
	ctx := context.Background()
	s, err := storage.Open(ctx, address, storage.Options{Migrate: queue.Migrate, Enqueue: queue.Enqueue})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	w := idle()
	w.Publish = func(context.Context) (bool, error) {
		fmt.Println("working")
		select {}
	}
	fmt.Println(queue.New(s, w, slog.New(slog.DiscardHandler)).Run(ctx))
	os.Exit(1)
}

// onBoth runs a test on each engine, the two beside each other: mostly they wait.
func onBoth(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "tidings.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := os.Getenv("TEST_DATABASE_URL")
		if server == "" {
			t.Skip("TEST_DATABASE_URL is not set: nothing is tried on PostgreSQL")
		}
		schema := fmt.Sprintf("test_%d", rand.Uint64())
		execute(t, server, "CREATE SCHEMA "+schema)
		t.Cleanup(func() { execute(t, server, "DROP SCHEMA "+schema+" CASCADE") })
		u, err := url.Parse(server)
		check(t, err)
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		test(t, u.String())
	})
}

func execute(t *testing.T, server, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	check(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	check(t, err)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, address string) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), address, storage.Options{Migrate: queue.Migrate, Enqueue: queue.Enqueue})
	check(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// idle is work of which there is none.
func idle() queue.Work {
	nothing := func(context.Context) (bool, error) { return false, nil }
	return queue.Work{Collect: nothing, Publish: nothing, Alerts: nothing, Pages: nothing, Tidy: func(context.Context) error { return nil }}
}

// run starts a queue and returns how to stop it and hear what it says.
func run(t testing.TB, s *storage.Store, w queue.Work) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- queue.New(s, w, slog.New(slog.NewTextHandler(io.Discard, nil))).Run(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			return errors.New("Run did not return within 20 s of being asked to stop")
		}
	}
	t.Cleanup(func() { stop() })
	return stop
}

func await[T any](t testing.TB, c <-chan T, within time.Duration, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(within):
		t.Fatalf("%s: not within %s", what, within)
		panic("unreachable")
	}
}

func addChat(t testing.TB, s *storage.Store) bot.Chat {
	t.Helper()
	c, err := s.AddChat(t.Context(), bot.Chat{Address: bot.Address{Telegram: 7}})
	check(t, err)
	return c
}

// wants makes the chat's edition due; done takes that back, as the publisher
// does by saving one.
func wants(ctx context.Context, s *storage.Store, id bot.ChatID, next time.Time) error {
	_, err := s.ChangeChat(ctx, id, func(c *bot.Chat) error { c.NextEdition = next; return nil })
	return err
}

func TestWorkIsPickedUpAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		chat := addChat(t, s)
		picked := make(chan time.Time, 100)
		w := idle()
		w.Publish = func(ctx context.Context) (bool, error) {
			picked <- time.Now()
			return false, wants(ctx, s, chat.ID, time.Time{})
		}
		stop := run(t, s, w)
		check(t, wants(t.Context(), s, chat.ID, time.Now()))
		await(t, picked, 10*time.Second, "the first job") // while everything starts
		const times = 5
		var waited []time.Duration
		for range times {
			waitFor(t, s, func(sources, chats bool) bool { return !chats })
			for len(picked) > 0 {
				<-picked
			}
			before := time.Now()
			check(t, wants(t.Context(), s, chat.ID, before))
			waited = append(waited, await(t, picked, 10*time.Second, "the job").Sub(before))
		}
		// Left to the clock, each would wait for most of a second; a busy machine delays one or two.
		slices.Sort(waited)
		t.Logf("pickups after %v", waited)
		if waited[times/2] > 500*time.Millisecond {
			t.Errorf("jobs were picked up after %v, want about 0.2 s at most", waited)
		}
		check(t, stop())
	})
}

// waitFor polls until what is due is as wanted.
func waitFor(t testing.TB, s *storage.Store, want func(sources, chats bool) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		sources, chats, err := s.Due(t.Context(), time.Now())
		check(t, err)
		if want(sources, chats) {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatal("what is due is not as wanted within 10 s")
}

func TestTheClockFindsWhatBecameDue(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		var claimed atomic.Int32
		first := make(chan time.Time, 100)
		w := idle()
		w.Collect = func(ctx context.Context) (bool, error) {
			got, err := s.ClaimSources(ctx, time.Now(), time.Hour, 10)
			claimed.Add(int32(len(got)))
			if len(got) > 0 {
				first <- time.Now()
			}
			return len(got) == 10, err
		}
		stop := run(t, s, w)
		due := time.Now().Add(2 * time.Second)
		var sources []digest.Source
		for i := range 35 {
			sources = append(sources, digest.Source{Address: fmt.Sprintf("https://%d.example/feed", i), NextVisit: due})
		}
		_, err := s.AddSources(t.Context(), sources)
		check(t, err)
		late := await(t, first, 10*time.Second, "the first batch").Sub(due)
		var gaps []time.Duration
		for range 3 { // more is left: the next batches follow without the clock
			before := time.Now()
			gaps = append(gaps, await(t, first, 10*time.Second, "the next batch").Sub(before))
		}
		slices.Sort(gaps)
		t.Logf("first batch %s after it was due, the next ones after %v", late, gaps)
		if gaps[1] > 900*time.Millisecond {
			t.Errorf("the next batches followed after %v, want less than the clock's second", gaps)
		}
		if late < 0 || late > 3*time.Second {
			t.Errorf("the first batch came %s after it was due, want within about a second", late)
		}
		if n := claimed.Load(); n != 35 {
			t.Errorf("%d sources were claimed, want 35", n)
		}
		check(t, stop())
	})
}

func TestWantedPagesAreAskedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s, ctx, now := open(t, address), t.Context(), time.Now()
		chat := addChat(t, s)
		topic, err := digest.ParseTopic("ferries")
		check(t, err)
		sub, _, err := s.Follow(ctx, chat.ID, topic, now)
		check(t, err)
		_, err = s.AddSources(ctx, []digest.Source{{Address: "https://a.example/feed", NextVisit: now.Add(time.Hour)}})
		check(t, err)
		sources, err := s.ClaimSources(ctx, now.Add(2*time.Hour), time.Hour, 1)
		check(t, err)
		_, err = s.ShelveVisits(ctx, []digest.Visit{{Source: sources[0], Articles: []digest.Article{
			{GUID: "1", Address: "https://a.example/1", Host: "a.example", Title: "Ferries stop", Text: "Ferries […]", Published: now, Seen: now}}}})
		check(t, err)
		articles, err := s.UnjoinedArticles(ctx, 1)
		check(t, err)

		claimed := make(chan int, 100)
		w := idle()
		w.Pages = func(ctx context.Context) (bool, error) {
			wanted, err := s.ClaimPages(ctx, time.Now(), time.Hour, 10)
			if len(wanted) > 0 {
				claimed <- len(wanted)
			}
			return false, err
		}
		stop := run(t, s, w)
		check(t, s.ShelveJoined(ctx, []digest.Joined{{Article: articles[0].ID, New: true, Words: "ferry",
			Story:   digest.Story{ID: 7, Title: "Ferries stop", Address: "https://a.example/1", Published: now, Joined: now, Hosts: 1},
			Matches: []digest.Match{{Topic: sub.Topic, Score: 1}}}}))
		if n := await(t, claimed, 10*time.Second, "the job for a wanted page"); n != 1 {
			t.Errorf("%d pages were claimed, want 1", n)
		}
		check(t, stop())
	})
}

func TestJobsSayNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		chat := addChat(t, s)
		for range 20 {
			check(t, wants(t.Context(), s, chat.ID, time.Now()))
		}
		var jobs, others int
		text := `json(args)`
		if s.Engine() == storage.Postgres {
			text = `CAST(args AS TEXT)`
		}
		check(t, s.DB().QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN `+text+` <> '{}' THEN 1 END) FROM river_job`).Scan(&jobs, &others))
		if jobs != 1 {
			t.Errorf("twenty changes while nobody works left %d jobs, want 1 that waits", jobs)
		}
		if others > 0 {
			t.Errorf("%d jobs carry arguments", others)
		}
	})
}

func TestFailedWorkIsTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		chat := addChat(t, s)
		tries := make(chan time.Time, 100)
		var n atomic.Int32
		w := idle()
		w.Publish = func(ctx context.Context) (bool, error) {
			tries <- time.Now()
			switch n.Add(1) {
			case 1:
				return false, errors.New("no luck")
			case 2:
				panic("worse luck")
			}
			return false, wants(ctx, s, chat.ID, time.Time{})
		}
		stop := run(t, s, w)
		check(t, wants(t.Context(), s, chat.ID, time.Now()))
		for i := range 3 {
			await(t, tries, 15*time.Second, fmt.Sprintf("try %d", i+1))
		}
		check(t, stop())
	})
}

func TestAnUnusableDatabaseEndsRun(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		chat := addChat(t, s)
		w := idle()
		w.Publish = func(context.Context) (bool, error) { return false, fmt.Errorf("save: %w", storage.ErrUnusable) }
		check(t, wants(t.Context(), s, chat.ID, time.Now()))
		done := make(chan error, 1)
		go func() { done <- queue.New(s, w, slog.New(slog.DiscardHandler)).Run(t.Context()) }()
		if err := await(t, done, 15*time.Second, "Run returning"); !errors.Is(err, storage.ErrUnusable) {
			t.Errorf("Run = %v, want ErrUnusable", err)
		}
	})
}

func TestStopCancelsWhatDoesNotEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		s := open(t, address)
		chat := addChat(t, s)
		started, cancelled := make(chan bool, 9), make(chan bool, 9)
		w := idle()
		w.Publish = func(ctx context.Context) (bool, error) {
			started <- true
			<-ctx.Done()
			cancelled <- true
			return false, ctx.Err()
		}
		stop := run(t, s, w)
		check(t, wants(t.Context(), s, chat.ID, time.Now()))
		await(t, started, 10*time.Second, "the job")
		before := time.Now()
		check(t, stop())
		await(t, cancelled, time.Second, "the job's end")
		if took := time.Since(before); took > 10*time.Second {
			t.Errorf("stopping took %s, want a few seconds", took)
		}
	})
}

func TestWorkGoesOnAfterAKill(t *testing.T) {
	onBoth(t, func(t *testing.T, address string) {
		// the chat is there before the child, which has the file to itself
		s := open(t, address)
		chat := addChat(t, s)
		check(t, wants(t.Context(), s, chat.ID, time.Now()))
		check(t, s.Close())

		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childDatabase+"="+address)
		out, err := child.StdoutPipe()
		check(t, err)
		check(t, child.Start())
		line, _ := bufio.NewReader(out).ReadString('\n')
		if strings.TrimSpace(line) != "working" {
			t.Fatalf("the child says %q", line)
		}
		check(t, child.Process.Kill())
		killed := time.Now()
		child.Wait()

		s = open(t, address)
		resumed := make(chan time.Time, 9)
		w := idle()
		w.Publish = func(ctx context.Context) (bool, error) {
			resumed <- time.Now()
			return false, wants(ctx, s, chat.ID, time.Time{})
		}
		stop := run(t, s, w)
		took := await(t, resumed, 20*time.Second, "work after kill -9").Sub(killed)
		t.Logf("work went on %s after kill -9", took)
		check(t, stop())
	})
}
