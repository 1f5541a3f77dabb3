package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
)

// pageOfMetrics are those of a program that runs.
func pageOfMetrics(t testing.TB, listen string) string {
	t.Helper()
	answer, err := http.Get("http://" + listen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// scrape reads a page of metrics by name and labels.
func scrape(t testing.TB, h http.Handler) map[string]string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("a scrape is answered %d: %s", w.Code, w.Body)
	}
	return readMetrics(w.Body.String())
}

func readMetrics(page string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(page) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			values[name] = value
		}
	}
	return values
}

func wantMetrics(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

// TestMetricsOfARun reads what the program counts of itself after it served a
// reader.
func TestMetricsOfARun(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	free.Close()
	w := newWorld(t, "TIDINGS_LISTEN="+listen)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	w.press.publish("bread", "Bakers lower the price of rye bread", "Bakers in three towns lowered the price of rye bread by a tenth. Flour has become cheaper since spring.")
	w.start()
	const reader = 7100451
	w.sim.AddPerson(simulator.Person{ID: reader, Name: "Ida", Language: "en"})
	w.say(reader, "/start")
	w.sees(reader, "What shall I follow", 20*time.Second)
	w.say(reader, "/subscribe ferries")
	w.sees(reader, "38 million euros", 20*time.Second)
	w.say(reader, "/pause")
	w.sees(reader, "Paused", 30*time.Second)
	w.say(admin, "/stats")
	w.until(10*time.Second, "the picture of the figures", func() bool {
		for _, m := range w.sim.Snapshot(admin) {
			if len(m.Photo) > 0 {
				return true
			}
		}
		return false
	})
	w.say(admin, "/privacy") // when this is answered, what was before is done with
	w.sees(admin, "What is stored about you", 30*time.Second)

	page := pageOfMetrics(t, listen)
	got := readMetrics(page)
	wantMetrics(t, got, map[string]string{
		`tidings_deliveries_total{kind="edition",state="sent"}`:    "1",
		`tidings_deliveries_unknown_total`:                         "0",
		`tidings_deliveries_waiting{kind="edition"}`:               "0",
		`tidings_deliveries_oldest_waiting_seconds{kind="notice"}`: "0",
		`tidings_edition_lateness_seconds_count`:                   "1",
		`tidings_editions_total`:                                   "1",
		`tidings_editions_due`:                                     "0",
		`tidings_chats{state="reading"}`:                           "1",
		`tidings_chats{state="paused"}`:                            "1",
		`tidings_topics`:                                           "1",
		`tidings_sources{state="fine"}`:                            "1",
		`tidings_sources{state="failing"}`:                         "0",
		`tidings_articles_joined_total`:                            "2",
		`tidings_stories_total`:                                    "2",
		`tidings_poll_conflicts_total`:                             "0",
		`tidings_telegram_429_total`:                               "0",
		`tidings_incidents_open{kind="disk"}`:                      "0",
		`tidings_speaks`:                                           "1",
	})
	if got["tidings_update_seconds_count"] != got[`tidings_updates_total{kind="message",outcome="done"}`] || got["tidings_update_seconds_count"] < "4" {
		t.Errorf("%s updates took their time, %s were handled, want at least 4", got["tidings_update_seconds_count"], got[`tidings_updates_total{kind="message",outcome="done"}`])
	}
	for _, name := range []string{`tidings_visits_total{outcome="changed"}`, "tidings_fetched_bytes_total", "tidings_database_bytes", "go_goroutines", "process_resident_memory_bytes"} {
		if got[name] == "" || got[name] == "0" {
			t.Errorf("%s is %q, want more than 0", name, got[name])
		}
	}
	for _, secret := range []string{testToken, fmt.Sprint(reader), fmt.Sprint(admin), w.feeds.URL, "ferries", "Ida"} {
		if strings.Contains(page, secret) {
			t.Errorf("the metrics tell of %q", secret)
		}
	}
	if n := len(got); n > 300 {
		t.Errorf("%d series are served, want a bounded few", n)
	}
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// countingShelf is a shelf that takes its time.
type countingShelf struct {
	*storage.Store
	takes time.Duration
	wrong error

	mu    sync.Mutex
	reads int
}

func (s *countingShelf) Levels(ctx context.Context, now time.Time) (bot.Levels, error) {
	s.mu.Lock()
	s.reads++
	s.mu.Unlock()
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return bot.Levels{}, ctx.Err()
	}
	if s.wrong != nil {
		return bot.Levels{}, s.wrong
	}
	return s.Store.Levels(ctx, now)
}

func (s *countingShelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// onShelf runs a test beside the reader of levels.
func onShelf(t *testing.T, shelf *countingShelf, test func(t *testing.T, m *metrics)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		store, err := storage.Open(t.Context(), ":memory:", storage.Options{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		shelf.Store = store
		m := newMetrics(shelf, func() bool { return false }, log)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.shelf.run(ctx) }()
		test(t, m)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run ended with %v", err)
		}
	})
}

// TestAScrapeCostsNoMoreThanAMoment asks again and again of a shelf that takes
// two seconds to be read.
func TestAScrapeCostsNoMoreThanAMoment(t *testing.T) {
	shelf := &countingShelf{takes: 2 * time.Second}
	onShelf(t, shelf, func(t *testing.T, m *metrics) {
		timed := func() map[string]string {
			began := time.Now()
			got := scrape(t, m.handler())
			if took := time.Since(began); took > 300*time.Millisecond {
				t.Errorf("a scrape took %v, want at most 300 ms", took)
			}
			return got
		}
		if got := timed(); got["tidings_topics"] != "" || got["tidings_editions_total"] != "0" {
			t.Errorf("before the first reading topics are %q and editions %q; want none and 0", got["tidings_topics"], got["tidings_editions_total"])
		}
		time.Sleep(3 * time.Second)
		if got := timed(); got["tidings_topics"] != "0" || got["tidings_levels_age_seconds"] == "" {
			t.Errorf("after the first reading topics are %q, want 0", got["tidings_topics"])
		}
		for range 60 { // an hour
			time.Sleep(time.Minute)
			timed()
		}
		if n := shelf.count(); n > 20 { // every 200 s at most
			t.Errorf("the shelf was read %d times in an hour, want a hundredth of the time", n)
		}
	})
}

// TestEverySeriesStandsThereFromTheStart because what appears with its first
// event hides that event from a rate.
func TestEverySeriesStandsThereFromTheStart(t *testing.T) {
	told, err := os.ReadFile("docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	onShelf(t, &countingShelf{}, func(t *testing.T, m *metrics) {
		want := map[string]string{
			"tidings_deliveries_unknown_total": "0", `tidings_chats{state="paused"}`: "0", "tidings_telegram_429_total": "0",
			`tidings_updates_total{kind="callback_query",outcome="failed"}`: "0", `tidings_visits_total{outcome="failed"}`: "0",
		}
		for kind := bot.NoticeDelivery; kind <= bot.BroadcastDelivery; kind++ {
			for _, name := range []string{"waiting", "oldest_waiting_seconds"} {
				want[fmt.Sprintf(`tidings_deliveries_%s{kind=%q}`, name, kind)] = "0"
			}
			for _, state := range []bot.DeliveryState{bot.Sent, bot.Unknown, bot.Failed, bot.Dropped} {
				want[fmt.Sprintf(`tidings_deliveries_total{kind=%q,state=%q}`, kind, state)] = "0"
			}
		}
		for _, r := range digest.Receptions {
			want[fmt.Sprintf(`tidings_hub_documents_total{outcome=%q}`, r)] = "0"
			if !strings.Contains(string(told), string(r)) {
				t.Errorf("docs/operating.md does not tell of %s", r)
			}
		}
		for _, answer := range bot.Answers() {
			want[fmt.Sprintf(`tidings_delivery_answers_total{answer=%q}`, answer)] = "0"
			if !strings.Contains(string(told), "`"+answer+"`") {
				t.Errorf("docs/operating.md does not say what the answer %q means", answer)
			}
		}
		wantMetrics(t, scrape(t, m.handler()), want)
	})
}

func TestLevelsOfASmallHouseAreFresh(t *testing.T) {
	shelf := &countingShelf{}
	onShelf(t, shelf, func(t *testing.T, m *metrics) {
		for n := range 5 {
			if _, err := shelf.AddChat(t.Context(), bot.Chat{Address: bot.Address{Telegram: int64(n + 1)}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Second)
			wantMetrics(t, scrape(t, m.handler()), map[string]string{`tidings_chats{state="reading"}`: fmt.Sprint(n + 1), "tidings_levels_age_seconds": "0"})
		}
	})
}

func TestAShelfThatFailsLeavesTheCounts(t *testing.T) {
	shelf := &countingShelf{wrong: errors.New("gone")}
	onShelf(t, shelf, func(t *testing.T, m *metrics) {
		m.Joined(3, 2)
		got := scrape(t, m.handler())
		wantMetrics(t, got, map[string]string{"tidings_articles_joined_total": "3", "tidings_stories_total": "2"})
		if _, told := got["tidings_topics"]; told {
			t.Error("levels are told that could not be read")
		}
	})
}

// TestMetricsFromEverywhereAtOnce is for the race detector.
func TestMetricsFromEverywhereAtOnce(t *testing.T) {
	store, err := storage.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), storage.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	m := newMetrics(store, func() bool { return true }, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.shelf.run(ctx) }()
	var all sync.WaitGroup
	now := time.Now()
	for range 8 {
		all.Go(func() {
			for range 50 {
				m.Delivered(bot.Delivery{Kind: bot.EditionDelivery, State: bot.Sent, Due: now.Add(-4 * time.Second)}, now)
				m.Delivered(bot.Delivery{Kind: bot.BroadcastDelivery, State: bot.Unknown}, now)
				m.Published(1)
				m.Visited(digest.Outcome{Err: errors.New("https://secret.example")})
				m.Visited(digest.Outcome{Changed: true, Bytes: 10})
				m.Visited(digest.Outcome{})
				m.handled(telegram.KindCallbackQuery, time.Second, true)
				m.polled(fmt.Errorf("poll: %w", telegram.ErrConflict))
				m.polled(nil)
			}
			scrape(t, m.handler())
		})
	}
	all.Wait()
	wantMetrics(t, scrape(t, m.handler()), map[string]string{
		`tidings_deliveries_total{kind="edition",state="sent"}`:         "400",
		`tidings_deliveries_total{kind="broadcast",state="unknown"}`:    "400",
		`tidings_edition_lateness_seconds_bucket{le="3"}`:               "0",
		`tidings_edition_lateness_seconds_bucket{le="5"}`:               "400",
		`tidings_editions_total`:                                        "400",
		`tidings_visits_total{outcome="failed"}`:                        "400",
		`tidings_visits_total{outcome="changed"}`:                       "400",
		`tidings_visits_total{outcome="unchanged"}`:                     "400",
		`tidings_fetched_bytes_total`:                                   "4000",
		`tidings_updates_total{kind="callback_query",outcome="failed"}`: "400",
		`tidings_poll_conflicts_total`:                                  "400",
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestATokenRevokedWhileRunning ends the program with the sentence that it
// would begin with.
func TestATokenRevokedWhileRunning(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.say(admin, "/start")
	w.sees(admin, "What shall I follow", 30*time.Second)
	w.sim.AddFault(simulator.Fault{Kind: simulator.FaultUnauthorized})
	w.say(admin, "/help") // ends the poll that waits
	done := make(chan error, 1)
	program := w.program
	w.program = nil
	go func() { done <- program.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		program.Process.Kill()
		<-done
		t.Fatal("the program goes on with a token that is refused")
	}
	if code := program.ProcessState.ExitCode(); code != exitUsage {
		t.Errorf("it ended with code %d, want %d", code, exitUsage)
	}
	log := w.stderr.String()
	if !strings.Contains(log, "tidings: TELEGRAM_BOT_TOKEN: Telegram refuses this token") || !strings.Contains(log, `"kind":"token"`) {
		t.Errorf("it does not say why it ended:\n%s", log)
	}
}
