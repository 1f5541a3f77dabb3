package bot_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

var (
	ceilingChats  = flag.Int("chats", 900, "how many editions BenchmarkDelivery sends, each to a chat of its own")
	ceilingCast   = flag.Int("readers", 3000, "how many chats the broadcast of BenchmarkDelivery is for")
	ceilingAsking = flag.Duration("asking", 20*time.Second, "how long readers ask during that broadcast")
)

// telegramRate is what the simulator takes a second, and Telegram is said to.
const telegramRate = 30

// crowd makes n chats that started the bot, every twentieth a group, and puts
// them on the shelf with ids from 1 on. No act may run.
func (w *world) crowd(n int) []int64 {
	w.t.Helper()
	ids := make([]int64, n)
	for i := range ids {
		if i%20 != 19 {
			ids[i] = int64(1_000_000 + i)
			w.sim.AddPerson(simulator.Person{ID: ids[i], Name: "Reader", Language: "en"})
			if _, err := w.sim.Say(ids[i], "/start"); err != nil {
				w.t.Fatal(err)
			}
			continue
		}
		ids[i] = w.sim.AddGroup(simulator.Group{Type: "supergroup", Title: "Readers", Members: []int64{ida}})
		if err := w.sim.Invite(ida, ids[i], simulator.Rights{Send: true}); err != nil {
			w.t.Fatal(err)
		}
	}
	client := w.client()
	defer client.Close()
	if _, err := client.Updates(w.t.Context(), 1<<40, 0, nil); err != nil { // what they said is done with
		w.t.Fatal(err)
	}
	schedule, _ := json.Marshal(bot.DefaultSchedule())
	tx, err := w.store.DB().Begin()
	if err != nil {
		w.t.Fatal(err)
	}
	defer tx.Rollback()
	for i, id := range ids {
		_, err := tx.Exec(`INSERT INTO chats (id, telegram, thread, kind, language, zone, zone_set, schedule, asked, expects, paused, created)
			VALUES ($1, $2, 0, $3, 'en', 'UTC', 1, $4, 0, '', '', 0)`, i+1, id, map[bool]string{true: "private", false: "supergroup"}[id > 0], string(schedule))
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// dues are when n editions become due: half of them at once, as at eight in the
// morning, the others while those go out.
func dues(n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := n / 2; i < n; i++ {
		all[i] = time.Duration(i-n/2) * time.Second * 3 / 2 / telegramRate
	}
	return all
}

// latest is the 99th percentile.
func latest(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)*99/100]
}

// optimum is how late editions are at best that become due then: the most
// overdue first, at Telegram's rate.
func optimum(due []time.Duration) (late []time.Duration) {
	free := time.Duration(0)
	for _, d := range slices.Sorted(slices.Values(due)) {
		free = max(free, d)
		late = append(late, free-d)
		free += time.Second / telegramRate
	}
	return late
}

// A ceiling is how near to the best delivering came.
type ceiling struct {
	rate    float64 // of Telegram's
	late    float64 // the 99th percentile of lateness, of the optimum's
	tooMany int
}

// editionsTo sends n editions to n chats through all of the delivering, at
// 60 ± 40 ms a call, against limits that are enforced.
func (w *world) editionsTo(n int) (c ceiling) {
	w.t.Helper()
	w.stop()
	dice := rand.New(rand.NewPCG(1, 2))
	w.pace, w.lag = telegramRate, func() time.Duration { return 20*time.Millisecond + rand.N(80*time.Millisecond) }
	ids, due := w.crowd(n), dues(n)
	dice.Shuffle(n, func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	began := time.Now().Add(time.Second)
	dueAt := map[int64]time.Time{}
	tx, err := w.store.DB().Begin()
	if err != nil {
		w.t.Fatal(err)
	}
	defer tx.Rollback()
	for i, id := range ids {
		dueAt[id] = began.Add(due[i]).Truncate(time.Millisecond)
		_, err := tx.Exec(`INSERT INTO deliveries (id, chat_id, kind, message, state, not_before, due, attempts, ambiguous, sent, reason)
			SELECT $1, id, 3, '{"text":"An edition"}', 'waiting', $2, $2, 0, 0, 0, '' FROM chats WHERE telegram = $3`, i+1, dueAt[id].UnixMilli(), id)
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
	before := w.sim.AcceptedCount()
	w.start()
	for w.sim.AcceptedCount() < before+n {
		time.Sleep(time.Second)
		if time.Since(began) > time.Duration(n)*time.Second/telegramRate*2+time.Minute {
			w.t.Fatalf("after %v %d of %d editions were taken", time.Since(began), w.sim.AcceptedCount()-before, n)
		}
	}
	e := w.sim.Evidence()
	var late []time.Duration
	var first, last time.Time
	for _, a := range e.Accepted[before:] {
		late = append(late, a.At.Sub(dueAt[a.ChatID]))
		if first.IsZero() {
			first = a.At
		}
		last = a.At
	}
	c.rate = float64(n-1) / last.Sub(first).Seconds() / telegramRate
	c.late = latest(late).Seconds() / latest(optimum(due)).Seconds()
	c.tooMany = e.TooMany
	return c
}

// TestDeliveryReachesTheCeiling is what BenchmarkDelivery measures, by a clock
// that nothing holds up.
func TestDeliveryReachesTheCeiling(t *testing.T) {
	takesHours(t)
	scene(t, func(t *testing.T, w *world) {
		c := w.editionsTo(1500)
		t.Logf("rate %.4f of Telegram's, %d 429s, lateness %.4f of the optimum's", c.rate, c.tooMany, c.late)
		if c.rate < 0.99 || c.tooMany != 0 || c.late > 1.02 {
			t.Errorf("the rate is %.4f of Telegram's, %d calls were refused for theirs, lateness is %.4f of the optimum; want 0.99, none, 1.02", c.rate, c.tooMany, c.late)
		}
	})
}

// TestPeopleAreAnsweredWhileABroadcastGoesOut is the other half of it.
func TestPeopleAreAnsweredWhileABroadcastGoesOut(t *testing.T) {
	takesHours(t)
	scene(t, func(t *testing.T, w *world) {
		q := w.askedDuringABroadcast(2000, 40*time.Second)
		t.Logf("half the answers within %v, 99 of 100 within %v", q.half, q.most)
		if q.most > 300*time.Millisecond || q.tooMany != 0 {
			t.Errorf("half the answers came within %v, 99 of 100 within %v, %d calls were refused for their rate; want 300 ms at most, none", q.half, q.most, q.tooMany)
		}
	})
}

// BenchmarkDelivery measures by the real clock how near delivering comes to
// Telegram's limits and to the best order, and how soon people are answered
// while a broadcast goes out:
//
//	go test ./bot -run '^$' -bench Delivery -benchtime 1x -timeout 1h -chats 20000 -readers 100000 -asking 2m
func BenchmarkDelivery(b *testing.B) {
	for b.Loop() {
		w, end := newWorld(b, b.TempDir()+"/tidings.db")
		c := w.editionsTo(*ceilingChats)
		end()
		b.ReportMetric(c.rate, "of-30/s")
		b.ReportMetric(float64(c.tooMany), "429s")
		b.ReportMetric(c.late, "of-optimal-lateness-p99")
		w, end = newWorld(b, b.TempDir()+"/tidings.db")
		q := w.askedDuringABroadcast(*ceilingCast, *ceilingAsking)
		end()
		b.ReportMetric(q.made.Seconds(), fmt.Sprintf("s-to-make-%d", *ceilingCast))
		b.ReportMetric(float64(q.half.Milliseconds()), "ms-answer-p50")
		b.ReportMetric(float64(q.most.Milliseconds()), "ms-answer-p99")
		b.ReportMetric(float64(q.tooMany), "429s-in-broadcast")
	}
}

// A questioning is how soon readers were answered at the server while a
// broadcast went out, and how long making that took.
type questioning struct {
	made, half, most time.Duration
	tooMany          int
}

// askedDuringABroadcast lets a reader ask every fifth of a second while a
// broadcast to n chats goes out.
func (w *world) askedDuringABroadcast(n int, asking time.Duration) (q questioning) {
	w.t.Helper()
	ctx := w.t.Context()
	w.stop()
	w.lag = func() time.Duration { return 20*time.Millisecond + rand.N(80*time.Millisecond) }
	ids := slices.DeleteFunc(w.crowd(n), func(id int64) bool { return id < 0 })
	admin, err := w.store.AddChat(ctx, bot.Chat{Address: bot.Address{Telegram: ada}, Kind: "private", Language: "en", Zone: "UTC"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.start()
	began := time.Now()
	cast, err := w.store.AddBroadcast(ctx, bot.Broadcast{Admin: admin.ID, Message: words("Hello"), Created: began})
	if err == nil {
		_, err = w.store.StartBroadcast(ctx, cast, 0, began)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	asked := map[int64]time.Time{}
	for time.Since(began) < asking {
		time.Sleep(200 * time.Millisecond)
		if c, err := w.store.BroadcastByID(ctx, cast); err == nil && c.State == bot.BroadcastSending && q.made == 0 {
			q.made = time.Since(began)
		}
		who := ids[len(ids)-1-len(asked)] // the broadcast reaches them last
		asked[who] = time.Now()
		if _, err := w.sim.Say(who, "/help"); err != nil {
			w.t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Second)
	var took []time.Duration
	e := w.sim.Evidence()
	for _, a := range e.Accepted {
		if at, ok := asked[a.ChatID]; ok && strings.Contains(a.Text, "/subscribe") && a.At.After(at) {
			took = append(took, a.At.Sub(at))
			delete(asked, a.ChatID)
		}
	}
	if c, err := w.store.BroadcastByID(ctx, cast); err != nil || c.State != bot.BroadcastSending || len(asked) > 0 {
		w.t.Errorf("the broadcast is %s (%v), %d questions were not answered; want it going out, and none", c.State, err, len(asked))
	}
	q.most = latest(took)
	q.half, q.tooMany = took[len(took)/2], e.TooMany
	return q
}
