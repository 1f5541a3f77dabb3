package bot_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
)

const (
	hookAddress = "http://bot.test/telegram"
	hookSecret  = "the-secret-of-the-scenes"
)

// A balancer brings each request to the next of the replicas that are up.
type balancer struct {
	mu       sync.Mutex
	replicas []http.Handler
	next     int
	lost     int // requests whose answer is lost after they were served
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	if len(b.replicas) == 0 {
		b.mu.Unlock()
		return nil, io.EOF
	}
	h := b.replicas[b.next%len(b.replicas)]
	b.next++
	lost := b.lost > 0
	if lost {
		b.lost--
	}
	b.mu.Unlock()
	arrived := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	arrived.Header = r.Header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, arrived)
	if lost {
		return nil, io.ErrUnexpectedEOF
	}
	return w.Result(), nil
}

// hooked lets the scene's updates come by webhook to as many replicas on one
// shelf; the first is the one that speaks.
func (w *world) hooked(b *balancer, replicas int) {
	w.t.Helper()
	w.passes(time.Second)
	w.stop()
	ctx, cancel := context.WithCancel(context.Background())
	log := w.log.logger()
	catalog, err := bot.LoadCatalog()
	if err != nil {
		w.t.Fatal(err)
	}
	run := func(what string, act func(context.Context) error) {
		w.parts.Go(func() {
			if err := act(ctx); err != nil {
				w.log.fail("%s ended: %v", what, err)
			}
		})
	}
	var clients []*telegram.Client
	for i := range replicas {
		client, err := telegram.New(sceneToken, "http://memory.test", telegram.Options{
			Dial: w.wire.Dial, Log: log, Pauses: w.store, Speaks: func() bool { return i == 0 },
		})
		if err != nil {
			w.t.Fatal(err)
		}
		clients = append(clients, client)
		replica := bot.New(client, w.store, digest.NewFinder(w.store), digest.NewScout(w.web), catalog, bot.Options{
			Username: "tidings_bot", Admins: map[int64]bool{ada: true}, SendRate: telegram.DefaultRate,
			Fatal: storage.ErrUnusable, Now: time.Now, Log: log,
		})
		hook := &telegram.Webhook{Secret: hookSecret, Handle: replica.Handle, Log: log}
		run("webhook", hook.Run)
		run("errands", replica.Run)
		b.mu.Lock()
		b.replicas = append(b.replicas, hook)
		b.mu.Unlock()
	}
	if err := clients[0].SetWebhook(ctx, hookAddress, hookSecret); err != nil {
		w.t.Fatalf("SetWebhook = %v", err)
	}
	run("delivering", bot.NewDeliverer(clients[0], w.store, catalog, time.Now, log).Run)
	run("broadcasting", bot.NewBroadcaster(clients[0], w.store, catalog, telegram.DefaultRate, time.Now, log).Run)
	run("joining", digest.NewJoiner(w.store, w.store.NewStoryID, log).Run)
	w.stop = func() {
		cancel()
		w.parts.Wait()
		b.mu.Lock()
		b.replicas = nil
		b.mu.Unlock()
		for _, c := range clients {
			c.Close()
		}
		w.stop = func() {}
	}
}

func behind(b *balancer) func(*simulator.Config) {
	return func(c *simulator.Config) { c.Local, c.Webhook = true, b }
}

func TestSceneUpdatesComeByWebhookToAnyReplica(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.slowest = 3 * time.Second
		w.ferries()
		w.hooked(b, 2)
		for range 2 { // one on each replica
			w.wants(w.say(ida, "/help"), "/subscribe")
		}
		w.wants(w.say(ida, "/subscribe ferries"), "Following ferries")
		w.wants(w.say(ida, "/subscribe bread"), "Following bread")
		w.wantFollows(ida, "ferries, bread")
		w.say(ida, "/topics")
		before := w.last(ida)
		// A press changes the same message, whichever replica it reaches.
		w.wantsOne(w.press(ida, "ferries"), "🔕 Mute")
		w.wantsOne(w.press(ida, "🔕 Mute"), "🔔 Unmute")
		if after := w.last(ida); after != before {
			t.Errorf("presses made new messages: the last is %d, was %d", after, before)
		}
		w.wantFollows(ida, "ferries (muted), bread")
	}, behind(b))
}

func TestSceneFilesOfAnyReplicaPassTheOneLimiter(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.hooked(b, 2)
		w.say(ida, "/start")
		for range 2 { // one on each replica
			w.say(ida, "/export")
			w.passes(5 * time.Second)
		}
		files := 0
		for _, m := range w.since(ida, 0) {
			if m.Document == nil {
				continue
			}
			files++
			if f, err := w.sim.File(m.Document.FileID); err != nil || len(f.Data) == 0 {
				t.Errorf("the file %s has %d bytes (%v)", m.Document.FileName, len(f.Data), err)
			}
		}
		if files != 4 {
			t.Errorf("two exports gave %d files, want 4", files)
		}
		var kept int
		if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM deliveries WHERE message LIKE '%"file"%'`).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d files are kept after they were sent (%v)", kept, err)
		}
		if states, err := w.store.DeliveryCounts(t.Context()); err != nil || states[bot.Sent] < 4 || len(states) != 1 {
			t.Errorf("deliveries are %v (%v), want all sent: of the second replica a first word, two files and a last word", states, err)
		}
	}, behind(b))
}

func TestSceneALostAnswerOfAWebhookDoesNothingTwice(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.hooked(b, 2)
		w.say(ida, "/start")
		b.mu.Lock()
		b.lost = 1
		b.mu.Unlock()
		if got := w.say(ida, "/subscribe ferries"); len(got) == 0 {
			t.Errorf("nothing was answered to an update whose confirmation was lost")
		}
		w.passes(10 * time.Second)
		answers := 0
		for _, m := range w.since(ida, 0) {
			if strings.Contains(m.Text, "Following ferries") {
				answers++
			}
		}
		if answers != 1 || w.sim.PendingUpdates() != 0 {
			t.Errorf("an update that came twice was answered %d times, %d wait; want once and none", answers, w.sim.PendingUpdates())
		}
	}, behind(b))
}

func TestSceneErasureIsToldByAReplicaThatDoesNotSpeak(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.hooked(b, 2)
		w.say(ida, "/start")
		w.say(ida, "/help")
		w.say(ida, "/forgetme") // by the first replica, so the press goes to the second
		b.mu.Lock()
		b.next = 1
		b.mu.Unlock()
		keyboard := w.since(ida, 0)
		label := keyboard[len(keyboard)-1].Markup.InlineKeyboard[0][0].Text
		before := w.last(ida)
		if _, err := w.sim.Press(ida, ida, before, simulator.ByLabel(label)); err != nil {
			t.Fatal(err)
		}
		w.settles()
		if _, err := w.store.ChatAt(t.Context(), bot.Address{Telegram: ida}); err == nil {
			t.Errorf("the chat is still on the shelf")
		}
		w.wants(w.since(ida, before-1), "rased")
	}, behind(b))
}

// TestSceneAnyReplicaTakesABroadcast orders each step of one from another
// replica.
func TestSceneAnyReplicaTakesABroadcast(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.slowest = 3 * time.Second
		w.hooked(b, 3)
		readers := w.readers(4)
		w.say(ada, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"copyMessage"}, Chats: readers[:1], Count: 3})
		w.log.expect("delivery ended")
		for n := range 3 {
			_, shows := w.announce(simulator.Post{Document: &simulator.Upload{Name: "plan.pdf", Data: []byte("%PDF")}})
			if len(shows) != 2 || shows[0].Document == nil {
				t.Fatalf("the preview is%s", shows)
			}
			w.press(ada, sendLabel(shows))
			w.passes(5 * time.Second)
			if n == 0 {
				w.wantsOne(w.progress(), "has ended", "Sent: 4", "Failed: 1", "• 1 × blocked the bot")
			}
			before := w.last(ada)
			w.press(ada, "Failures as a file")
			if file := w.since(ada, before); len(file) != 1 || file[0].Document == nil {
				t.Errorf("the file of failures is%s", file)
			}
		}
		for _, id := range readers[1:] {
			n := 0
			for _, m := range w.since(id, 0) {
				if m.Document != nil {
					n++
				}
			}
			if n != 3 {
				t.Errorf("reader %d got %d files, want 3", id, n)
			}
		}
	}, behind(b))
}

func TestSceneFromPollingToWebhookAndBack(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "/subscribe ferries"), "Following ferries") // polled
		w.stop()
		if _, err := w.sim.Say(ida, "/subscribe bread"); err != nil { // while nobody listens
			t.Fatal(err)
		}
		w.hooked(b, 1)
		w.settles()
		w.wantFollows(ida, "ferries, bread")
		w.stop()
		if _, err := w.sim.Say(ida, "/subscribe strikes"); err != nil {
			t.Fatal(err)
		}
		w.passes(5 * time.Second)                        // Telegram finds nobody at the webhook
		w.log.expect("a webhook was set for this token") // the poller finds it and takes it away
		w.start()
		w.passes(10 * time.Second)
		w.wantFollows(ida, "ferries, bread, strikes")
		for _, topic := range []string{"ferries", "bread", "strikes"} {
			n := 0
			for _, m := range w.since(ida, 0) {
				if strings.Contains(m.Text, "Following "+topic) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("following %s was told %d times, want once", topic, n)
			}
		}
	}, behind(b))
}

func TestSceneAnEditOfAMessageThatIsGoneIsANewMessage(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/help")
		chat := w.chat(bot.Address{Telegram: ida})
		before := w.last(ida)
		if err := w.store.NotifyEdit(t.Context(), chat.ID, before, words("It changed."), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wantsOne(w.message(ida, before), "It changed.")
		if err := w.store.NotifyEdit(t.Context(), chat.ID, 987654, words("It is gone."), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wants(w.since(ida, before), "It is gone.")
		counts, err := w.store.DeliveryCounts(t.Context())
		if err != nil || counts[bot.Sent] != 2 || len(counts) != 1 {
			t.Errorf("the deliveries ended as %v, %v; want both sent", counts, err)
		}
	})
}
