package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
	"tidings/storage/queue"
)

// Every package's tests know -soak, so that "go test ./... -run Soak -soak=2m"
// works; here it is read.
var soakFor = flag.Duration("soak", 0, "how long TestSoak lasts; a few seconds when 0")

const (
	soakRate   = 200  // messages a second: Telegram's 30 would make a long night of it
	soakLoad   = 60   // editions that become due in a second of life
	soakFaults = 0.10 // of all calls that write into a chat
	soakWait   = 3    // seconds that a 429 asks for
)

// TestSoak lets the program deliver editions and broadcasts to thousands of
// chats while a tenth of all sending fails in every way that the simulator
// knows, kills it again and again, and then asks of every message whether it
// is accounted for. With -v it prints the figures, and each message that came
// twice by name.
func TestSoak(t *testing.T) {
	if testing.Short() && *soakFor == 0 {
		t.Skip("kills a program in real time")
	}
	s := newSoaking(t)
	s.populate()
	end := time.Now().Add(s.lasts)
	for time.Now().Before(end) {
		s.feed()
		s.live(time.Duration(float64(s.life)*(0.6+0.8*s.dice.Float64())), func() bool { return false })
	}
	s.live(s.lasts, func() bool { return s.open() < 50 })
	s.sim.ClearFaults()
	s.clear = time.Now()
	s.settle()
	s.judge()
}

// soaking is a world that is soaked.
type soaking struct {
	*world
	dice   *rand.Rand
	lasts  time.Duration
	life   time.Duration // of one process, about
	listen string
	chats  map[bot.ChatID]soaked
	groups []int64
	casts  map[bot.BroadcastID]ordered
	lives  []life
	told   string // the metrics of the last process
	items  int
	clear  time.Time      // no faults from then on
	spoke  map[int64]bool // whose pause may have ended meanwhile
}

// soaked is a chat as it was at first.
type soaked struct {
	telegram int64
	language string
}

// ordered is a broadcast.
type ordered struct{ text, language string }

// soakTongues are the audiences of broadcasts.
var soakTongues = []string{"en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "cs", "tr", "ru", "uk", "ar", "he", "ja", "ko", "zh", "th", "hi"}

// A life is one process from its start to its end.
type life struct {
	began, ended time.Time
	waited       bool          // something was due when it began
	work         time.Duration // until its first message was taken
	composed     time.Duration // until its first edition was composed
	sending      []sending     // on the wire when it ended
	token        bool          // it ended by itself: the token was refused
}

// sending is a delivery on the wire.
type sending struct {
	id   bot.DeliveryID
	text string
}

func newSoaking(t *testing.T) *soaking {
	listen := freeAddress(t)
	limit := float64(soakRate) * 30 / telegram.DefaultRate
	s := &soaking{
		dice: rand.New(rand.NewPCG(7, 11)), lasts: 4 * time.Second, life: 1500 * time.Millisecond, listen: listen,
		chats: map[bot.ChatID]soaked{}, casts: map[bot.BroadcastID]ordered{}, spoke: map[int64]bool{},
		world: newWorldWith(t, simulator.Config{
			Limits: simulator.Limits{GlobalPerSecond: limit, GlobalBurst: limit, Grace: soakWait * time.Second * 2 / 3}, KeepCalls: 1 << 20,
		}, "TIDINGS_LISTEN="+listen, "TIDINGS_SEND_RATE="+strconv.Itoa(soakRate)),
	}
	if *soakFor > 0 {
		s.lasts, s.life = *soakFor, 6*time.Second
	}
	return s
}

// shelf opens the database between two lives.
func (s *soaking) shelf(act func(ctx context.Context, store *storage.Store)) {
	s.t.Helper()
	store, err := storage.Open(s.t.Context(), filepath.Join(s.folder, "tidings.db"), storage.Options{Migrate: queue.Migrate, Enqueue: queue.Enqueue})
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	act(s.t.Context(), store)
}

// populate makes readers who started the bot and follow ferries, and some groups.
func (s *soaking) populate() {
	const groups = 60
	people := 2000
	if *soakFor > 0 {
		people = 6000
	}
	var chats []int64
	for i := range people {
		id := int64(10_000 + i)
		s.sim.AddPerson(simulator.Person{ID: id, Name: "Reader", Language: "en"})
		s.say(id, "/start")
		chats = append(chats, id)
	}
	s.say(admin, "/start")
	for range groups {
		id := s.sim.AddGroup(simulator.Group{Title: "Harbour watchers", Members: []int64{10_000}})
		if err := s.sim.Invite(10_000, id, simulator.Rights{Send: true}); err != nil {
			s.t.Fatal(err)
		}
		chats, s.groups = append(chats, id), append(s.groups, id)
	}
	s.call("getUpdates?offset=" + fmt.Sprint(1<<40)) // the bot knows them: what they said is done with
	schedule, _ := json.Marshal(bot.DefaultSchedule())
	topic, err := digest.ParseTopic("ferries")
	if err != nil {
		s.t.Fatal(err)
	}
	s.shelf(func(ctx context.Context, store *storage.Store) {
		if _, err := store.AddChat(ctx, bot.Chat{Address: bot.Address{Telegram: admin}, Kind: "private", Language: "en", Zone: "UTC"}); err != nil {
			s.t.Fatal(err)
		}
		s.run(store, `INSERT INTO topics (id, text, created) VALUES (1, $1, 0)`, topic.Text)
		tx, err := store.DB().Begin()
		if err != nil {
			s.t.Fatal(err)
		}
		defer tx.Rollback()
		for i, id := range chats {
			kind := "private"
			if id < 0 {
				kind = "group"
			}
			for _, row := range []string{
				`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, asked, expects, paused, created) VALUES ($1, $2, 0, $3, $5, 'UTC', 1, $4, 0, '', '', 0)`,
				`INSERT INTO subscriptions (id, chat_id, topic_id, label, muted, created) VALUES ($1, $1, 1, 'ferries', 0, 0)`,
			} {
				args := []any{i + 1, id, kind, string(schedule), soakTongues[i%len(soakTongues)]}
				if _, err := tx.Exec(row, args[:max(1, 5*strings.Count(row, "$5"))]...); err != nil {
					s.t.Fatal(err)
				}
			}
			s.chats[bot.ChatID(i+1)] = soaked{id, soakTongues[i%len(soakTongues)]}
		}
		if err := tx.Commit(); err != nil {
			s.t.Fatal(err)
		}
	})
}

func (s *soaking) run(store *storage.Store, query string, args ...any) {
	s.t.Helper()
	if _, err := store.DB().ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// call calls the pretend Telegram as the bot would.
func (s *soaking) call(method string) {
	s.t.Helper()
	answer, err := http.Get(s.api.URL + "/bot" + testToken + "/" + method)
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
}

// feed publishes news, makes editions due and orders broadcasts, while no
// process runs.
func (s *soaking) feed() {
	for range 3 {
		s.items++
		who, what := s.word(), s.word()
		s.press.publish(fmt.Sprint("ferry-", s.items), fmt.Sprintf("%s ferries of %s carry %s", s.word(), who, what),
			fmt.Sprintf("The ferries of %s carried %d %s on Monday. %s wants %d more.", who, 1000+s.dice.IntN(90_000), what, s.word(), 2+s.dice.IntN(900)))
	}
	for range 20 {
		who := int64(10_000 + s.dice.IntN(2000))
		s.spoke[who] = true
		s.say(who, "/help")
	}
	s.shelf(func(ctx context.Context, store *storage.Store) {
		now := time.Now()
		share := soakLoad * s.life.Seconds() / float64(len(s.chats))
		for id := range s.chats {
			if s.dice.Float64() < share {
				at := now.Add(time.Duration(s.dice.Int64N(int64(s.life)))).UnixMilli()
				s.run(store, `UPDATE chats SET next_edition = $2 WHERE id = $1`, int64(id), at)
			}
		}
		home, err := store.ChatAt(ctx, bot.Address{Telegram: admin})
		if err != nil {
			s.t.Fatal(err)
		}
		text := fmt.Sprintf("Announcement %d about %s", len(s.lives)+1, s.word())
		m := telegram.NewMessage(telegram.Text{Text: text})
		if len(s.lives)%3 == 1 { // a copy of what the admin wrote
			said, err := s.sim.Say(admin, text)
			if err != nil {
				s.t.Fatal(err)
			}
			m = telegram.Message{Copy: &telegram.Copied{Message: said.MessageID}}
		}
		tongue := soakTongues[len(s.lives)%len(soakTongues)]
		cast, err := store.AddBroadcast(ctx, bot.Broadcast{Admin: home.ID, Message: m, Created: now, Audience: bot.Audience{Language: tongue}})
		if err == nil {
			_, err = store.StartBroadcast(ctx, cast, 0, now)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		s.casts[cast] = ordered{text, tongue}
	})
}

// word is one that nobody uses.
func (s *soaking) word() string {
	var b strings.Builder
	for range 3 + s.dice.IntN(2) {
		b.WriteByte("bcdfghklmnprstvwz"[s.dice.IntN(17)])
		b.WriteByte("aeiou"[s.dice.IntN(5)])
	}
	return strings.ToUpper(b.String()[:1]) + b.String()[1:]
}

// soakSends are the calls that write into chats.
var soakSends = []string{"sendMessage", "copyMessage", "editMessageText"}

// arm lets a tenth of what is sent fail, in every way, each as often as the
// others but for those that stop everything for a while.
func (s *soaking) arm() {
	s.sim.ClearFaults()
	share := soakFaults / float64(len(simulator.FaultKinds)-4)
	for i, kind := range simulator.FaultKinds {
		f := simulator.Fault{Kind: kind, Methods: soakSends, Probability: share, Seed: uint64(len(s.lives)*100 + i), RetryAfter: soakWait, Delay: 300 * time.Millisecond}
		switch kind {
		case simulator.FaultTooManyGlobal:
			if *soakFor == 0 && len(s.lives) > 0 {
				continue
			}
			f.Probability, f.After, f.Count = 1, 50+s.dice.IntN(100), 1
		case simulator.FaultMigrate:
			f.Probability, f.Chats = 0.1, s.groups
		case simulator.FaultNoCopy, simulator.FaultCopyGone: // each stops a whole broadcast: there is nothing to copy
			if (len(s.lives)%2 == 0) == (kind == simulator.FaultNoCopy) {
				continue
			}
			f.Methods, f.Probability, f.Count = soakSends[1:2], 0.05, 1
		case simulator.FaultUnauthorized: // ends the process, rightly
			if len(s.lives)%5 != 4 {
				continue
			}
			f.Probability, f.After, f.Count = 1, 300+s.dice.IntN(300), 1
		case simulator.FaultConflict, simulator.FaultRedeliver:
			f.Methods, f.Probability = []string{"getUpdates"}, 0.2
		}
		s.sim.AddFault(f)
	}
}

// live lets a process work for a while, or until that is enough, and kills it.
func (s *soaking) live(span time.Duration, enough func() bool) {
	s.t.Helper()
	s.arm()
	l := life{began: time.Now(), waited: true}
	taken := s.sim.AcceptedCount()
	s.start()
	ended := make(chan struct{})
	program := s.program
	go func() { program.Wait(); close(ended) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for alive := true; alive; {
		select {
		case <-tick.C:
			if l.work == 0 && s.sim.AcceptedCount() > taken {
				l.work = time.Since(l.began)
			}
			if l.work == 0 && time.Since(l.began) < time.Minute || time.Since(l.began) < l.work+span && !enough() {
				continue
			}
			program.Process.Kill()
			<-ended
			alive = false
		case <-ended:
			l.token = true
			alive = false
			if log := s.stderr.String(); !strings.Contains(log, "refuses this token") {
				s.t.Fatalf("the program ended by itself:\n%s", log)
			}
		}
	}
	s.program = nil
	l.ended = time.Now()
	s.close(&l)
	time.Sleep(time.Until(s.swallowed(l.ended))) // the simulator's clock is the real one, as the child's
}

// swallowed is until when a 429 holds whose answer a kill perhaps swallowed: who
// did not hear it cannot obey it.
func (s *soaking) swallowed(killed time.Time) (until time.Time) {
	calls := s.sim.Evidence().Calls
	for i := len(calls) - 1; i >= 0 && killed.Sub(calls[i].At) < 2*time.Second; i-- {
		if calls[i].Status == http.StatusTooManyRequests {
			return calls[i].At.Add(soakWait*time.Second + 200*time.Millisecond)
		}
	}
	return killed
}

// close notes what was on the wire when a process died.
func (s *soaking) close(l *life) {
	db := s.look()
	defer db.Close()
	s.each(db, `SELECT d.id, d.message, COALESCE(d.broadcast_id, 0) FROM deliveries d WHERE d.state = 'sending' ORDER BY d.id`, func(scan func(...any) error) error {
		var (
			v       sending
			message string
			cast    bot.BroadcastID
		)
		err := scan(&v.id, &message, &cast)
		v.text, _ = s.textOf(message, cast)
		l.sending = append(l.sending, v)
		return err
	})
	var first sql.NullInt64
	if err := db.QueryRow(`SELECT MIN(composed) FROM editions WHERE composed >= ?`, l.began.UnixMilli()).Scan(&first); err != nil {
		s.t.Fatal(err)
	}
	if first.Valid {
		l.composed = time.UnixMilli(first.Int64).Sub(l.began)
	}
	s.lives = append(s.lives, *l)
}

func (s *soaking) textOf(message string, cast bot.BroadcastID) (text, plain string) {
	if cast != 0 {
		return s.casts[cast].text, s.casts[cast].text
	}
	var m telegram.Message
	if err := json.Unmarshal([]byte(message), &m); err != nil {
		s.t.Fatalf("a delivery's message is %q: %v", message, err)
	}
	return m.Text, m.Plain().Text
}

// look opens the database beside the program.
func (s *soaking) look() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "tidings.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

func (s *soaking) each(db *sql.DB, query string, row func(scan func(...any) error) error) {
	s.t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			s.t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// open counts the deliveries, editions and broadcasts that are not done with.
func (s *soaking) open() (n int) {
	s.t.Helper()
	db := s.look()
	defer db.Close()
	err := db.QueryRow(`SELECT (SELECT COUNT(*) FROM deliveries WHERE state IN ('waiting', 'sending'))
		+ (SELECT COUNT(*) FROM chats WHERE paused = '' AND next_edition <= ?)
		+ (SELECT COUNT(*) FROM broadcasts WHERE state IN ('spreading', 'sending', 'stopping'))`, time.Now().Add(s.life).UnixMilli()).Scan(&n)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// settle lets a last process finish everything, and reads its metrics.
func (s *soaking) settle() {
	s.t.Helper()
	s.start()
	for deadline := time.Now().Add(3*time.Minute + s.lasts); s.open() > 0; time.Sleep(100 * time.Millisecond) { // a process outside of this one
		if time.Now().After(deadline) {
			s.t.Fatalf("%d deliveries, editions and broadcasts are left; its log:\n%s", s.open(), tail(s.stderr.String()))
		}
	}
	answer, err := http.Get("http://" + s.listen + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.told = readMetrics(string(page))["tidings_deliveries_unknown_total"]
	if err := s.stop(); err != nil {
		s.t.Errorf("the last process: %v", err)
	}
}

func tail(log string) string { return log[max(0, len(log)-4000):] }
