package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/digest/feed"
)

// told counts what the admins were told, "begun ended", of a kind of trouble.
func (w *world) told(admin int64, what string) string {
	begun, over := 0, 0
	for _, m := range w.since(admin, 0) {
		switch {
		case strings.HasPrefix(m.Text, "⚠️ "+what):
			begun++
		case strings.HasPrefix(m.Text, "✅ Over: "+what):
			over++
		}
	}
	return fmt.Sprintf("%d %d", begun, over)
}

func (w *world) wantTold(admin int64, what, want, when string) {
	w.t.Helper()
	if got := w.told(admin, what); got != want {
		w.t.Errorf("%s admin %d was told %s times (begun, over) of %q, want %s:%s", when, admin, got, what, want, w.since(admin, 0))
	}
}

const nearlyFull = "The disk is nearly full"

func TestAnIncidentIsToldOnceAndItsEndOnce(t *testing.T) {
	takesHours(t)
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("msg=incident")
		w.log.expect(`msg="incident over"`)
		w.say(ada, "/start")
		w.say(ida, "/start") // a reader learns nothing
		free := uint64(5 << 30)
		w.space = func() (uint64, uint64, error) { return free, 40 << 30, nil }
		w.passes(10 * time.Minute)
		w.wantTold(ada, nearlyFull, "0 0", "on an ordinary day")

		free = 150 << 20
		w.passes(2 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 0", "when it begins")
		w.wants(w.since(ada, 0), "The disk is nearly full, since 07:4", "157 MB are free")
		w.passes(8 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 0", "while it lasts")
		w.skips(time.Minute)
		w.passes(5 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 0", "after a restart")

		// somebody looks while it lasts
		w.wants(w.say(ada, "/stats"), "⚠️ The disk is nearly full, since 07:4")

		// a little more room is not enough, and a moment of it neither
		free = 900 << 20
		w.passes(7 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 0", "at the edge")
		free = 5 << 30
		w.passes(3 * time.Minute)
		free = 100 << 20
		w.passes(3 * time.Minute)
		free = 5 << 30
		w.passes(2 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 0", "as it comes and goes")
		w.skips(time.Minute) // the end comes just as we are off
		w.passes(6 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 1", "when it is over")
		w.skips(time.Hour)
		w.passes(2 * time.Minute)
		w.wantTold(ada, nearlyFull, "1 1", "after another restart")

		free = 1 << 20
		w.passes(2 * time.Minute)
		w.wantTold(ada, nearlyFull, "2 1", "when it begins again hours later")
		free = 5 << 30
		w.passes(7 * time.Minute)
		free = 1 << 20
		w.passes(5 * time.Minute)
		w.wantTold(ada, nearlyFull, "2 2", "when it begins again within the hour")
		w.skips(time.Hour)
		w.passes(2 * time.Minute)
		w.wantTold(ada, nearlyFull, "3 2", "when it still lasts after the hour")
		w.wantTold(ida, nearlyFull, "0 0", "a reader")
	})
}

func TestEveryAdminWhoStartedTheBotIsTold(t *testing.T) {
	takesHours(t)
	for name, c := range map[string]struct {
		before   func(w *world)
		ada, zoe string
	}{
		"nobody started it": {func(w *world) {}, "0 0", "0 0"},
		"one did":           {func(w *world) { w.say(ada, "/start") }, "1 0", "0 0"},
		"two did":           {func(w *world) { w.say(ada, "/start"); w.say(zoe, "/start") }, "1 0", "1 0"},
		"one rests":         {func(w *world) { w.say(ada, "/start"); w.say(zoe, "/start"); w.say(zoe, "/pause") }, "1 0", "1 0"},
		"one blocked it": {func(w *world) {
			w.say(ada, "/start")
			w.say(zoe, "/start")
			w.sim.Block(zoe)
			w.settles()
		}, "1 0", "0 0"},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("msg=incident")
				c.before(w)
				w.space = func() (uint64, uint64, error) { return 1 << 20, 40 << 30, nil }
				w.passes(2 * time.Minute)
				w.wantTold(ada, nearlyFull, c.ada, name)
				w.wantTold(zoe, nearlyFull, c.zoe, name)
				if !w.log.has("msg=incident kind=disk") {
					t.Error("the log does not tell of it")
				}
			})
		})
	}
}

func TestASecondPollerIsTold(t *testing.T) {
	takesHours(t)
	const what = "Somebody else takes my updates"
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("a second instance polls")
		w.log.expect("kind=conflict")
		w.say(ada, "/start")
		conflict := func(n int) {
			w.sim.AddFault(simulator.Fault{Kind: simulator.FaultConflict, Methods: []string{"getUpdates"}, Count: n})
		}
		conflict(1)
		w.passes(4 * time.Minute)
		w.wantTold(ada, what, "0 0", "when one poll was cut short")
		conflict(25)
		w.passes(3 * time.Minute)
		w.wantTold(ada, what, "1 0", "when another one polls")
		w.skips(time.Second)
		w.passes(2 * time.Minute)
		w.wantTold(ada, what, "1 0", "after a restart")
		w.passes(10 * time.Minute)
		w.wantTold(ada, what, "1 1", "when it is gone")
		w.wants(w.since(ada, 0), "Stop the other one", "Over: Somebody else takes my updates. It lasted")
	})
}

// visits lets n sources be visited now, some of which fail.
func (w *world) visits(n, failed int) {
	w.t.Helper()
	var all []digest.Source
	for i := range n {
		all = append(all, digest.Source{Name: fmt.Sprintf("Outlet %d", i), Address: fmt.Sprintf("https://outlet-%d.example/feed", i), Language: "en"})
	}
	if _, err := w.store.AddSources(w.t.Context(), all); err != nil {
		w.t.Fatal(err)
	}
	now := time.Now()
	claimed, err := w.store.ClaimSources(w.t.Context(), now.Add(30*24*time.Hour), time.Hour, n)
	if err != nil || len(claimed) != n {
		w.t.Fatalf("ClaimSources = %d, %v; want %d", len(claimed), err, n)
	}
	var visits []digest.Visit
	for i, s := range claimed {
		o := digest.Outcome{Changed: true}
		if i < failed {
			o = digest.Outcome{Err: context.DeadlineExceeded}
		}
		visits = append(visits, digest.Visit{Source: s.After(o, now, 15*time.Minute, 0)})
	}
	if _, err := w.store.ShelveVisits(w.t.Context(), visits); err != nil {
		w.t.Fatal(err)
	}
}

// deadOwn lets a reader follow n sources of their own, which cannot be read.
func (w *world) deadOwn(person int64, n int) {
	w.t.Helper()
	c, now := w.chat(bot.Address{Telegram: person}), time.Now()
	var visits []digest.Visit
	for i := range n {
		s, _, err := w.store.FollowSource(w.t.Context(), c.ID, digest.Source{Name: fmt.Sprintf("private %d", i),
			Address: fmt.Sprintf("https://private-%d.example/feed", i)}, now)
		if err != nil {
			w.t.Fatal(err)
		}
		o := digest.Outcome{Err: context.DeadlineExceeded}
		visits = append(visits, digest.Visit{Source: s.Source.After(o, now, 15*time.Minute, 0)})
	}
	if _, err := w.store.ShelveVisits(w.t.Context(), visits); err != nil {
		w.t.Fatal(err)
	}
}

func TestANetworkThatIsDownIsTold(t *testing.T) {
	takesHours(t)
	const what = "Most sources cannot be read"
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("kind=fetch")
		w.say(ada, "/start")
		w.visits(9, 9)
		w.passes(2 * time.Minute)
		w.wantTold(ada, what, "0 0", "when too few were visited to tell")
		w.visits(20, 10)
		w.passes(2 * time.Minute)
		w.wantTold(ada, what, "0 0", "when half of them fail")
		w.visits(20, 11)
		w.passes(2 * time.Minute)
		w.wantTold(ada, what, "1 0", "when more than half fail")
		w.wants(w.since(ada, 0), "Of 20 visited in the last 15 minutes 11 failed. Is the network down?")
		w.skips(3 * time.Hour) // failing sources are visited more and more seldom
		w.passes(7 * time.Minute)
		w.wantTold(ada, what, "1 0", "when nothing is visited")
		w.visits(20, 2)
		w.passes(7 * time.Minute)
		w.wantTold(ada, what, "1 1", "when they work again")
	})
}

func TestAReadersOwnSourcesAreTheirAffair(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.say(ben, "/start")
		w.deadOwn(ben, 50)
		w.passes(2 * time.Minute)
		w.wantTold(ada, "Most sources cannot be read", "0 0", "when one reader's own sources fail")
		w.wants(w.say(ada, "/stats sources"), "There are no sources", "Added by readers: 50, of which 50 fail", "🔴 private-0.example: one, since 07:", "!private 0", "!private-5.example")
	})
}

func TestAdminsSeeWhichSitesFailReadersAndNotWhomNorWhere(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.say(ben, "/start")
		w.visits(3, 0)
		w.wants(w.say(ada, "/stats sources"), "Sources, 1 to 3 of 3", "!Added by readers")
		c, now := w.chat(bot.Address{Telegram: ben}), time.Now()
		for i, address := range []string{"https://t0ken.feeds.quay.example/rss", "https://quay.example/s3cret/rss?key=k3y", "https://pier.example/feed", "https://fine.example/feed"} {
			s, _, err := w.store.FollowSource(t.Context(), c.ID, digest.Source{Name: "Ben's own", Address: address}, now)
			if err != nil {
				t.Fatal(err)
			}
			if i < 3 {
				w.visited(s.Source, now.Add(-time.Duration(30-i)*time.Hour), &feed.Error{Address: address, Reason: feed.ErrUnreachable, Detail: "dial tcp 192.0.2.7:443: i/o timeout"})
			}
		}
		w.wants(w.say(ada, "/stats sources"), "Added by readers: 4, of which 3 fail\n🔴 quay.example: 2, the first since Sunday, 15 March\n🔴 pier.example: one, since Sunday, 15 March",
			"!Ben", "!t0ken", "!s3cret", "!k3y", "!fine.example", "!dial")
		w.wants(w.say(ben, "/stats sources"), "!quay")
	})
}

func TestLateDigestsAreTold(t *testing.T) {
	takesHours(t)
	const what = "Digests are late"
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("kind=late")
		w.log.expect("telegram asks to wait")
		w.say(ada, "/start")
		w.say(ida, "/start")
		w.say(ben, "/start")
		edition := func() {
			c := w.chat(bot.Address{Telegram: ida})
			now := time.Now()
			if _, err := w.store.SaveEdition(t.Context(), bot.Composed{Chat: c.ID, Slot: now, Composed: now, Messages: []telegram.Message{words("the digest")}}); err != nil {
				t.Fatal(err)
			}
		}
		// one chat that Telegram makes wait is late, and nobody's fault
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 840})
		edition()
		w.passes(15 * time.Minute)
		w.wantTold(ada, what, "0 0", "when one chat had to wait")
		if n := w.count(ida, "the digest"); n != 1 {
			t.Fatalf("the digest came %d times, want once", n)
		}

		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooManyGlobal, Methods: []string{"sendMessage"}, Count: 1, RetryAfter: 1200})
		edition()
		w.notify(ben, "hello") // a second chat's refusal means all
		open := func() bool {
			all, err := w.store.Incidents(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return len(all) == 1 && all[0].Kind == bot.IncidentLate && all[0].Open()
		}
		w.passes(9 * time.Minute)
		if open() {
			t.Error("digests count as late after nine minutes, want ten and the time that sending takes")
		}
		w.passes(4 * time.Minute)
		if !open() {
			t.Error("digests do not count as late after thirteen minutes")
		}
		w.skips(time.Minute) // what is to be told waits on the shelf
		w.passes(6 * time.Minute)
		w.wantTold(ada, what, "1 0", "when Telegram takes messages again")
		w.wants(w.since(ada, 0), "The oldest has been due for 11 minutes; waiting: 2.")
		w.passes(10 * time.Minute)
		w.wantTold(ada, what, "1 1", "when all was sent")
		if n := w.count(ida, "the digest"); n != 2 {
			t.Errorf("the digests came %d times, want each once", n)
		}
	})
}

func TestAGrowingQueueIsTold(t *testing.T) {
	takesHours(t)
	const what = "More is waiting than can be sent"
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("kind=queue")
		w.settles()
		w.stop()
		w.rate = 0.02 // so that 36 messages take half an hour
		w.start()
		w.say(ada, "/start")
		group := w.group(simulator.Group{})
		w.post(simulator.Post{Chat: group, From: ida, Text: "/latest"})
		c := w.chat(bot.Address{Telegram: group})
		for minute := range 35 {
			for range 22 { // a group gets hardly twenty a minute
				if err := w.store.Notify(t.Context(), c.ID, words("psst"), time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			w.passes(time.Minute)
			if minute == 27 {
				w.wantTold(ada, what, "0 0", "while it may still be a wave")
			}
		}
		w.wantTold(ada, what, "1 0", "after half an hour of growth")
		w.passes(12 * time.Minute)
		w.wantTold(ada, what, "1 1", "when it was sent")
	})
}

func TestStatsAreFiguresAndAPicture(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.say(ida, "/start")
		w.say(ida, "/subscribe ferries, bread")
		w.say(ben, "/start")
		w.say(ben, "/subscribe ferries")
		w.passes(10 * time.Second) // their first digests
		w.say(ben, "/pause")
		w.visits(13, 3)
		if _, err := w.store.DB().Exec(`UPDATE sources SET last_change = $1 WHERE id = (SELECT MAX(id) FROM sources WHERE failing_since IS NULL AND last_visit IS NOT NULL)`,
			time.Now().AddDate(0, 0, -8).UnixMilli()); err != nil {
			t.Fatal(err)
		}
		w.say(ada, "/start")
		for day := range 20 { // what tidying wrote in the weeks before
			if err := w.store.SaveFigures(t.Context(), time.Now().AddDate(0, 0, day-20)); err != nil {
				t.Fatal(err)
			}
		}
		before := w.last(ada)
		got := w.say(ada, "/stats")
		w.wants(got, "Tidings at 07:3", "Readers 2", "had a digest within 7 days: 1", "new today: 3", "paused or gone: 1", "Topics 2, followed 3 times",
			"Sent today 2", "failed: 0", "Digests: half within", "Waiting nothing", "Sources 14 (9 fine, 1 slow, 3 failing, 1 not visited yet)", "New stories in 24 hours: 3", "version v1.2.3", "[Sources]")
		w.settles()
		picture, caption := w.picture(ada, before)
		if b := picture.Bounds(); b.Dx() != 1280 || b.Dy() != 1120 {
			t.Errorf("the picture is %d × %d, want 1280 × 1120", b.Dx(), b.Dy())
		}
		if n := colours(picture); n < 50 {
			t.Errorf("the picture has %d colours: it is blank", n)
		}
		if !strings.Contains(caption, "over time") {
			t.Errorf("its caption is %q", caption)
		}
		page := w.press(ada, "Sources")
		w.wantsOne(page, "Sources, 1 to 10 of 14, the worst first", "🔴 Outlet", "failing since ", "visits failed: 1", "[More »]", "[« Figures]", "![« Back]")
		page = w.press(ada, "More »")
		w.wantsOne(page, "Sources, 11 to 14 of 14", "🟢 Outlet", "[« Back]", "![More »]")
		w.wantsOne(w.press(ada, "« Back"), "Sources, 1 to 10 of 14")
		w.wantsOne(w.press(ada, "« Figures"), "Readers 2")
		w.wants(w.say(ada, "/stats sources"), "Sources, 1 to 10 of 14")
		w.wants(w.say(ada, "/stats weather"), "I know /stats and /stats sources")
		for _, data := range []string{"stats:99999", "stats:-4", "stats:x", "stats:99999999999999999999"} {
			w.forge(ada, ada, data)
		}
		w.wants(w.since(ada, 0), "!Something went wrong")
	})
}

// picture is the one that the bot sent after a message, with its caption.
func (w *world) picture(chat, after int64) (image.Image, string) {
	w.t.Helper()
	for _, m := range w.since(chat, after) {
		if len(m.Photo) == 0 {
			continue
		}
		file, err := w.sim.File(m.Photo[len(m.Photo)-1].FileID)
		if err != nil {
			w.t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(file.Data))
		if err != nil {
			w.t.Fatalf("the picture is no PNG: %v", err)
		}
		return picture, m.Caption
	}
	w.t.Fatalf("no picture came:%s", w.since(chat, after))
	return nil, ""
}

func colours(picture image.Image) int {
	seen := map[[3]uint32]bool{}
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		for x := b.Min.X; x < b.Max.X; x += 2 {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}

func TestStatsComeWithoutAPictureThatCannotBeSent(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("picture of figures not sent")
		w.log.expect("answer perhaps not sent")
		w.log.expect("delivery ended")
		w.say(ada, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultServerError, Methods: []string{"sendPhoto"}})
		got := w.say(ada, "/stats")
		w.wants(got, "Readers 1", "!Something went wrong")
		if len(got) != 1 {
			t.Errorf("%d messages came, want the figures only:%s", len(got), got)
		}
	})
}

func TestStatsOfAnEmptyHouse(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		before := w.last(ada)
		w.wants(w.say(ada, "/stats"), "Readers 1", "Sources 0", "Sent today 0", "!Digests:")
		w.settles()
		w.picture(ada, before)
		w.wants(w.say(ada, "/stats sources"), "There are no sources")
	})
}

func TestWhoIsNoAdminLearnsNothingOfStats(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		unknown := w.say(ida, "/fly").String()
		for _, text := range []string{"/stats", "/stats sources", "/STATS"} {
			if got := w.say(ida, text); trimHead(got.String()) != trimHead(unknown) {
				t.Errorf("%s shows %s to a reader, want what an unknown command shows: %s", text, got, unknown)
			}
		}
		w.wants(w.say(ida, "/help"), "!stats")
		w.wants(w.say(ada, "/help"), "/stats – figures of the bot")
		if toast := w.forge(ida, ida, "stats:0"); !strings.Contains(toast.Text, "not in use") {
			t.Errorf("a forged press of a reader shows %q", toast.Text)
		}
		w.wants(w.since(ida, 0), "!Sources", "!Readers")
	})
}

// trimHead drops the line with the message's number.
func trimHead(s string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return rest
}
