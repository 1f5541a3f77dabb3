package bot_test

import (
	"fmt"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
)

// notify puts messages for a private chat on the shelf, due now.
func (w *world) notify(person int64, texts ...string) {
	w.t.Helper()
	c := w.chat(bot.Address{Telegram: person})
	for _, text := range texts {
		if err := w.store.Notify(w.t.Context(), c.ID, words(text), time.Now()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// wantStates compares how many deliveries are in which state.
func (w *world) wantStates(want map[bot.DeliveryState]int) {
	w.t.Helper()
	got, err := w.store.DeliveryCounts(w.t.Context())
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("deliveries are %v (%v), want %v", got, err, want)
	}
}

func TestMessagesOfAChatKeepTheirOrder(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/start")
		w.say(ben, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, After: 1, Count: 1, RetryAfter: 30})
		before := w.last(ida)
		w.notify(ida, "one", "two", "three", "four")
		w.passes(10 * time.Second)
		// one chat that must wait holds nobody else up
		w.notify(ben, "hello")
		w.passes(time.Second)
		if n := w.count(ben, "hello"); n != 1 {
			t.Errorf("while one chat must wait, another got %d messages, want 1", n)
		}
		w.passes(40 * time.Second)
		var got []string
		for _, m := range w.since(ida, before) {
			got = append(got, m.Text)
		}
		if fmt.Sprint(got) != "[one two three four]" {
			t.Errorf("the chat shows %v, want one two three four", got)
		}
		w.wantStates(map[bot.DeliveryState]int{bot.Sent: 5})
	})
}

// TestADeliveryEndsInOneState lets Telegram fail in every way it has: every line
// of the table of outcomes has its scene here.
func TestADeliveryEndsInOneState(t *testing.T) {
	type row struct {
		fault  simulator.Fault
		answer string // its line
		shown  int    // times the message arrived
		state  bot.DeliveryState
		paused bot.PauseReason
	}
	const wall = 20 * time.Second
	once := func(kind simulator.FaultKind) simulator.Fault { return simulator.Fault{Kind: kind, Count: 1} }
	always := func(kind simulator.FaultKind) simulator.Fault { return simulator.Fault{Kind: kind} }
	rows := map[string]row{
		"the answer is lost once: it comes twice":   {once(simulator.FaultAcceptClose), "connection_reset", 2, bot.Sent, ""},
		"reset after it was taken":                  {once(simulator.FaultAcceptReset), "connection_reset", 2, bot.Sent, ""},
		"a proxy's page after it was taken":         {once(simulator.FaultAccept502), "server_page", 2, bot.Sent, ""},
		"no answer until we give up":                {once(simulator.FaultAcceptHang), "answer_timed_out", 2, bot.Sent, ""},
		"half an answer":                            {once(simulator.FaultTruncatedBody), "answer_cut", 2, bot.Sent, ""},
		"the answer is lost again and again":        {always(simulator.FaultAcceptClose), "connection_reset", 2, bot.Unknown, ""},
		"a slow answer":                             {simulator.Fault{Kind: simulator.FaultAcceptSlow, Delay: 15 * time.Second, Count: 1}, "", 1, bot.Sent, ""},
		"a slow server":                             {simulator.Fault{Kind: simulator.FaultSlow, Delay: 15 * time.Second, Count: 1}, "", 1, bot.Sent, ""},
		"the connection is closed":                  {once(simulator.FaultClose), "connection_reset", 1, bot.Sent, ""},
		"reset before it was taken":                 {once(simulator.FaultReset), "connection_reset", 1, bot.Sent, ""},
		"closed again and again":                    {always(simulator.FaultClose), "connection_reset", 0, bot.Unknown, ""},
		"a proxy's page":                            {once(simulator.FaultBadGateway), "server_page", 1, bot.Sent, ""},
		"no server behind the proxy":                {once(simulator.FaultUnavailable), "server_page", 1, bot.Sent, ""},
		"the proxy gives up":                        {once(simulator.FaultGateway), "server_page", 1, bot.Sent, ""},
		"something before Telegram refuses":         {once(simulator.FaultWall), "refused_on_the_way", 1, bot.Sent, ""},
		"an empty answer":                           {once(simulator.FaultEmptyBody), "answer_empty", 1, bot.Sent, ""},
		"an answer that is none":                    {once(simulator.FaultGarbageBody), "answer_garbage", 1, bot.Sent, ""},
		"a server that restarts":                    {once(simulator.FaultServerError), "server_fault", 1, bot.Sent, ""},
		"entities refused: plain":                   {once(simulator.FaultEntities), "entities_refused", 1, bot.Sent, ""},
		"entities refused also when there are none": {always(simulator.FaultEntities), "entities_refused", 0, bot.Failed, ""},
		"too long":                                  {once(simulator.FaultTooLong), "too_long", 0, bot.Failed, ""},
		"it cannot be copied":                       {once(simulator.FaultNoCopy), "not_copyable", 0, bot.Failed, ""},
		"there is nothing to copy":                  {once(simulator.FaultCopyGone), "message_gone", 0, bot.Failed, ""},
		"refused for a reason nobody knows":         {once(simulator.FaultRefused), "refused", 0, bot.Failed, ""},
		"an answer for pollers":                     {once(simulator.FaultConflict), "refused", 0, bot.Failed, ""},
		"blocked":                                   {once(simulator.FaultBlocked), "blocked", 0, bot.Failed, bot.PausedBlocked},
		"the account is deleted":                    {once(simulator.FaultDeactivated), "deactivated", 0, bot.Failed, bot.PausedGone},
		"kicked":                                    {once(simulator.FaultKicked), "kicked", 0, bot.Failed, bot.PausedGone},
		"never started":                             {once(simulator.FaultInitiate), "never_started", 0, bot.Failed, bot.PausedGone},
		"it is a bot":                               {once(simulator.FaultBot), "is_a_bot", 0, bot.Failed, bot.PausedGone},
		"we are no member":                          {once(simulator.FaultNotMember), "not_a_member", 0, bot.Failed, bot.PausedGone},
		"the group is deleted":                      {once(simulator.FaultGroupDeleted), "group_deleted", 0, bot.Failed, bot.PausedGone},
		"no right to write":                         {once(simulator.FaultNoRights), "no_rights", 0, bot.Failed, bot.PausedNoRights},
		"the thread is gone":                        {once(simulator.FaultThreadGone), "thread_gone", 0, bot.Failed, bot.PausedNoThread},
		"not found for a moment":                    {simulator.Fault{Kind: simulator.FaultChatNotFound, Count: 2}, "chat_not_found", 1, bot.Sent, ""},
		"not found three times":                     {simulator.Fault{Kind: simulator.FaultChatNotFound, Count: 3}, "chat_not_found", 0, bot.Failed, bot.PausedNotFound},
		"too many requests, five times":             {simulator.Fault{Kind: simulator.FaultTooMany, Count: 5, RetryAfter: 3}, "too_many_requests", 1, bot.Sent, ""},
		"too many requests of everybody":            {simulator.Fault{Kind: simulator.FaultTooManyGlobal, Count: 1, RetryAfter: 3}, "too_many_requests", 1, bot.Sent, ""},
		"it moved":                                  {once(simulator.FaultMigrate), "migrated", 1, bot.Sent, ""},
		"no connection can be made":                 {simulator.Fault{}, "no_connection", 1, bot.Sent, ""},
		"connections break at once":                 {simulator.Fault{}, "connection_broken", 1, bot.Sent, ""},
	}
	wires := map[string]wireState{"no_connection": wireDown, "connection_broken": wireBreaks}
	lines := map[string]bool{"sent": true, "token_refused": true} // the latter has a scene of its own
	kinds := map[simulator.FaultKind]bool{simulator.FaultUnauthorized: true, simulator.FaultRedeliver: true}
	for name, c := range rows {
		lines[c.answer], kinds[c.fault.Kind] = true, true
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				for _, line := range []string{"delivery ended", "telegram asks to wait", "entities refused", "poll"} {
					w.log.expect(line)
				}
				where := w.started(ida)
				w.started(ben)
				if c.fault.Kind == simulator.FaultMigrate {
					where = w.group(simulator.Group{})
				}
				at := w.chat(bot.Address{Telegram: where})
				c.fault.Methods, c.fault.Chats = []string{"sendMessage"}, []int64{where}
				if c.fault.Kind != "" {
					w.sim.AddFault(c.fault)
				}
				w.wire.turn(wires[c.answer])
				if err := w.store.Notify(t.Context(), at.ID, words("a parcel"), time.Now()); err != nil {
					t.Fatal(err)
				}
				if wires[c.answer] != wireWorks {
					w.passes(wall)
					w.wire.turn(wireWorks)
				}
				for range 150 {
					if n, err := w.store.DeliveryCounts(t.Context()); err != nil || n[bot.Waiting]+n[bot.Sending] == 0 {
						break
					}
					w.passes(time.Second)
				}
				now, err := w.store.ChatByID(t.Context(), at.ID)
				if err != nil || now.Paused != c.paused || (now.Telegram != where) != (c.answer == "migrated") {
					t.Errorf("the chat is %d, paused for %q (%v), want it paused for %q", now.Telegram, now.Paused, err, c.paused)
				}
				if n := w.count(now.Telegram, "a parcel"); n != c.shown {
					t.Errorf("the message arrived %d times, want %d", n, c.shown)
				}
				want := map[bot.DeliveryState]int{c.state: 1}
				if c.paused == bot.PausedNoThread {
					want[bot.Sent] = 1 // beside it is told that the thread is gone
				}
				w.wantStates(want)
				if got := w.answers.String(); got != c.answer {
					t.Errorf("the answers were %q, want %q", got, c.answer)
				}
				// and the deliverer goes on
				w.sim.ClearFaults()
				w.notify(ben, "another")
				w.settles()
				if n := w.count(ben, "another"); n != 1 {
					t.Errorf("the next chat's message arrived %d times, want once", n)
				}
			})
		})
	}
	for _, name := range bot.Answers() {
		if !lines[name] {
			t.Errorf("the line %q of the table has no scene", name)
		}
	}
	for _, kind := range simulator.FaultKinds {
		if !kinds[kind] {
			t.Errorf("the fault %q of the simulator has no scene", kind)
		}
	}
}

// started lets a person start the bot.
func (w *world) started(person int64) int64 {
	w.say(person, "/start")
	return person
}

func TestWhatIsOnTheWireFinishesWhenTheBotStops(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultAcceptSlow, Methods: []string{"sendMessage"}, Delay: 2 * time.Second, Count: 1})
		w.notify(ida, "a parcel")
		w.passes(100 * time.Millisecond)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the bot stopped after %v, want at most 4 s", took)
		}
		w.wantStates(map[bot.DeliveryState]int{bot.Sent: 1})
		w.start()
		w.settles()
		if n := w.count(ida, "a parcel"); n != 1 {
			t.Errorf("the message arrived %d times, want once", n)
		}
	})
}

// TestWhatWasOnTheWireAtACrashGoesOnceMore leaves a delivery as a crash does.
func TestWhatWasOnTheWireAtACrashGoesOnceMore(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("on the wire when we stopped")
		w.say(ida, "/start")
		crash := func() {
			waiting, err := w.store.WaitingDeliveries(t.Context(), time.Now(), 1)
			if err != nil || len(waiting) != 1 {
				t.Fatalf("WaitingDeliveries = %d, %v; want one", len(waiting), err)
			}
			if err := w.store.StartDelivery(t.Context(), waiting[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		w.stop()
		w.notify(ida, "a parcel")
		crash()
		w.start()
		w.settles()
		if n := w.count(ida, "a parcel"); n != 1 {
			t.Errorf("after a crash the message arrived %d times, want once more", n)
		}
		w.wantStates(map[bot.DeliveryState]int{bot.Sent: 1})

		// two crashes: nobody knows any more
		w.stop()
		w.notify(ida, "a letter")
		crash()
		if _, err := w.store.RecoverDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		crash()
		w.start()
		w.settles()
		if n := w.count(ida, "a letter"); n != 0 {
			t.Errorf("after two crashes the message arrived %d times, want not: it may have come twice before", n)
		}
		w.wantStates(map[bot.DeliveryState]int{bot.Sent: 1, bot.Unknown: 1})
	})
}

// TestErasingAChatDoesNotStopTheDeliverer erases a chat while a message to it
// is on the wire, and while one is held back.
func TestErasingAChatDoesNotStopTheDeliverer(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultAcceptSlow, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Delay: 3 * time.Second, Count: 1})
		w.notify(ida, "a parcel", "a letter")
		w.passes(time.Second)
		if err := w.store.EraseChat(t.Context(), w.chat(bot.Address{Telegram: ida}).ID); err != nil {
			t.Fatal(err)
		}
		w.passes(10 * time.Second)
		w.notify(w.started(ben), "hello")
		w.settles()
		if n := w.count(ben, "hello"); n != 1 {
			t.Errorf("after a chat was erased another got %d messages, want 1", n)
		}
		if n := w.count(ida, "a letter"); n != 0 {
			t.Errorf("the erased chat got what was still waiting")
		}
	})
}

func TestDroppedDeliveriesStayDropped(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("telegram asks to wait")
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1, RetryAfter: 20})
		w.notify(ida, "a parcel", "a letter")
		w.settles()
		c := w.chat(bot.Address{Telegram: ida})
		if _, err := w.store.PauseTelegramChat(t.Context(), ida, nil, bot.PausedByReader, time.Now()); err != nil {
			t.Fatal(err)
		}
		w.passes(30 * time.Second)
		w.wantStates(map[bot.DeliveryState]int{bot.Dropped: 2})
		if n := w.count(c.Telegram, "a parcel") + w.count(c.Telegram, "a letter"); n != 0 {
			t.Errorf("a paused chat got %d messages that were dropped", n)
		}
	})
}

func TestARefusedTokenEndsTheDeliverer(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/start")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultUnauthorized, Methods: []string{"sendMessage"}})
		w.log.expect("delivering ended: sendMessage: 401 Unauthorized")
		w.notify(ida, "a parcel")
		w.settles()
		if !w.log.has("delivering ended: sendMessage: 401 Unauthorized") {
			t.Errorf("the deliverer goes on with a token that is refused")
		}
		w.wantStates(map[bot.DeliveryState]int{bot.Waiting: 1})
	})
}

// TestABroadcastKeepsTheRate sends to many and looks at what Telegram saw.
func TestABroadcastKeepsTheRate(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		const readers = 120
		w.readers(readers)
		w.say(ada, "/broadcast Hello")
		w.press(ada, fmt.Sprintf("Send to %d chats", readers+1))
		w.settles()
		var first, last time.Time
		n := 0
		for _, a := range w.sim.Evidence().Accepted {
			if a.Text == "Hello" && a.ChatID != ada {
				if n++; first.IsZero() {
					first = a.At
				}
				last = a.At
			}
		}
		if rate := float64(n-1) / last.Sub(first).Seconds(); n != readers || rate < 27 || rate > 28.5 {
			t.Errorf("%d messages went out at %.2f a second, want %d at 28", n, rate, readers)
		}
		if e := w.sim.Evidence(); e.TooMany != 0 {
			t.Errorf("Telegram refused %d messages for their rate, want none", e.TooMany)
		}
	})
}

// edition composes an edition of one message for a chat that is kept, due at a
// moment.
func (w *world) edition(at bot.Address, text string, due time.Time) {
	w.t.Helper()
	c := w.chat(at)
	_, err := w.store.SaveEdition(w.t.Context(), bot.Composed{Chat: c.ID, Slot: due, After: c.LastEdition, Composed: due, Next: due.Add(24 * time.Hour),
		Messages: []telegram.Message{words(text)}})
	if err != nil {
		w.t.Fatalf("SaveEdition(%+v) = %v", at, err)
	}
}

// TestWhatWaitsMakesWayForWhatIsMoreUrgent lets editions to everybody become due
// while a broadcast goes out, also to those whose broadcast is next in turn.
func TestWhatWaitsMakesWayForWhatIsMoreUrgent(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.going(200, "Hello")
		for _, id := range readers {
			w.edition(bot.Address{Telegram: id}, "an edition", time.Now())
		}
		w.passes(100*time.Second/28 + time.Second)
		if n := w.heard(readers[:100], "an edition"); n != 100 {
			t.Errorf("when there was time for the first 100 editions, %d of them had come", n)
		}
		w.passes(100*time.Second/28 + time.Second)
		if n := w.heard(readers, "an edition"); n != 200 {
			t.Errorf("when there was time for all 200 editions, %d had come", n)
		}
		if n := w.heard(readers, "Hello"); n > 130 {
			t.Errorf("meanwhile %d of 200 had the broadcast, want it to stand still", n)
		}
		w.passes(10 * time.Second)
		if n := w.heard(readers, "Hello"); n != 200 {
			t.Errorf("in the end %d of 200 had the broadcast", n)
		}
	})
}

// TestAForumHoldsNobodyUp makes a message due in each of many threads of one
// forum, and then to others.
func TestAForumHoldsNobodyUp(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		forum := w.sim.AddGroup(simulator.Group{Title: "Forum", Type: "supergroup", Forum: true, Members: []int64{ida}})
		if err := w.sim.Invite(ida, forum, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		hello, now := w.last(forum), time.Now()
		for i := range 70 {
			thread, err := w.sim.AddTopic(forum, fmt.Sprint("thread ", i))
			if err != nil {
				t.Fatal(err)
			}
			at := bot.Address{Telegram: forum, Thread: thread}
			if _, err := w.store.AddChat(t.Context(), bot.Chat{Address: at, Kind: "supergroup", Language: "en", Zone: "UTC", Settings: bot.DefaultSettings()}); err != nil {
				t.Fatal(err)
			}
			w.edition(at, fmt.Sprint("to thread ", i), now)
		}
		readers := w.readers(20)
		for _, id := range readers {
			w.edition(bot.Address{Telegram: id}, "an edition", now.Add(time.Millisecond))
		}
		w.passes(2500 * time.Millisecond)
		if n := w.heard(readers, "an edition"); n != 20 {
			t.Errorf("while a forum waits for its turns, %d of 20 others were served", n)
		}
		w.passes(5 * time.Minute)
		if n := len(w.since(forum, hello)); n != 70 {
			t.Errorf("the forum got %d messages, want 70", n)
		}
		if e := w.sim.Evidence(); e.TooMany != 0 {
			t.Errorf("Telegram refused %d messages for their rate, want none", e.TooMany)
		}
	})
}

// TestAfterAPauseOfEverythingTheRateIsWhatItWas lets Telegram ask everybody to
// wait while a broadcast goes out, and restarts the bot meanwhile.
func TestAfterAPauseOfEverythingTheRateIsWhatItWas(t *testing.T) {
	for name, restart := range map[string]bool{"by the same process": false, "over a restart": true} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				const wait = 20
				w.log.expect("telegram asks to wait")
				readers := w.going(400, "Hello")
				w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooManyGlobal, Methods: []string{"sendMessage"}, Count: 1, RetryAfter: wait})
				shut := time.Now()
				w.passes(5 * time.Second)
				if restart {
					w.stop()
					w.start()
				}
				w.passes(wait*time.Second - 5*time.Second - 100*time.Millisecond)
				before := w.heard(readers, "Hello")
				w.passes(1100 * time.Millisecond) // n + 1 seconds after it
				after := w.heard(readers, "Hello")
				w.passes(2 * time.Second)
				if n := w.heard(readers, "Hello") - after; n < 54 || n > 57 {
					t.Errorf("in the two seconds after it %d messages went out, want 28 a second", n)
				}
				if after == before {
					t.Errorf("within a second after the pause nothing was sent")
				}
				refused := 0
				for _, c := range w.sim.Evidence().Calls {
					since := c.At.Sub(shut)
					if c.Method != "sendMessage" || since < 0 || since >= wait*time.Second {
						continue
					}
					if refused++; since > 500*time.Millisecond {
						t.Errorf("%v after everything was closed for %d s there was a call", since, wait)
					}
				}
				if refused == 0 || refused > 3 {
					t.Errorf("%d calls were refused, want two or so", refused)
				}
			})
		})
	}
}
