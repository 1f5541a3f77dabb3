package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// judged is a delivery as it ended.
type judged struct {
	id        bot.DeliveryID
	chat      bot.ChatID
	at        int64 // the Telegram id it has by now
	kind      bot.DeliveryKind
	state     bot.DeliveryState
	sent      int64
	reason    string
	text      string
	plain     string // as it goes out when its marks are refused
	cast      bot.BroadcastID
	attempts  int
	ambiguous int
}

// message is one of the simulator's.
type message struct{ chat, id int64 }

// judge accounts for every edition's and every broadcast's delivery.
func (s *soaking) judge() {
	s.t.Helper()
	e := s.sim.Evidence()
	taken := map[string][]simulator.Accepted{} // by chat and text
	key := func(chat int64, text string) string { return fmt.Sprint(chat, " ", text) }
	for _, a := range e.Accepted {
		taken[key(a.ChatID, a.Text)] = append(taken[key(a.ChatID, a.Text)], a)
	}
	dying := map[bot.DeliveryID][]life{}
	for _, l := range s.lives {
		for _, v := range l.sending {
			dying[v.id] = append(dying[v.id], l)
		}
	}
	f := soakFigures{states: map[bot.DeliveryState]int{}, faults: e.FaultsInjected}
	reached := map[bot.BroadcastID]map[bot.ChatID]int{}
	ordered := map[bot.ChatID]int{} // the last edition's place in the order of acceptance
	paused := map[bot.ChatID]bool{}
	db := s.look()
	defer db.Close()
	s.each(db, `SELECT id, paused <> '' FROM chats`, func(scan func(...any) error) error {
		var (
			id bot.ChatID
			is bool
		)
		err := scan(&id, &is)
		paused[id] = is
		return err
	})
	owners := map[message]bot.DeliveryID{}
	s.each(db, `SELECT d.id, c.telegram, d.sent FROM deliveries d JOIN chats c ON c.id = d.chat_id WHERE d.state = 'sent'`, func(scan func(...any) error) error {
		var (
			id bot.DeliveryID
			m  message
		)
		err := scan(&id, &m.chat, &m.id)
		owners[m] = id
		return err
	})
	s.each(db, `SELECT d.id, d.chat_id, c.telegram, d.kind, d.state, d.sent, d.reason, d.message, COALESCE(d.broadcast_id, 0), d.attempts, d.ambiguous
		FROM deliveries d JOIN chats c ON c.id = d.chat_id WHERE d.kind IN (3, 4) ORDER BY d.id`, func(scan func(...any) error) error {
		var (
			d    judged
			says string
		)
		if err := scan(&d.id, &d.chat, &d.at, &d.kind, &d.state, &d.sent, &d.reason, &says, &d.cast, &d.attempts, &d.ambiguous); err != nil {
			return err
		}
		if _, ours := s.chats[d.chat]; !ours {
			return nil // the admin's
		}
		d.text, d.plain = s.textOf(says, d.cast)
		// An edition that was taken back may have been composed again, word for
		// word: what another delivery was sent as is not this one's.
		var came []simulator.Accepted
		for _, chat := range slices.Compact([]int64{s.chats[d.chat].telegram, d.at}) { // a group may have moved
			for _, text := range slices.Compact([]string{d.text, d.plain}) {
				for _, a := range taken[key(chat, text)] {
					if owner := owners[message{chat, a.MessageID}]; owner == 0 || owner == d.id {
						came = append(came, a)
					}
				}
			}
		}
		f.deliveries++
		f.states[d.state]++
		s.account(&f, d, came, dying[d.id])
		if d.cast != 0 {
			if reached[d.cast] == nil {
				reached[d.cast] = map[bot.ChatID]int{}
			}
			reached[d.cast][d.chat]++
		} else if len(came) > 0 {
			if came[0].Seq < ordered[d.chat] {
				s.t.Errorf("chat %d: delivery %d came before an earlier one", d.chat, d.id)
			}
			ordered[d.chat] = came[0].Seq
		}
		return nil
	})
	for cast, o := range s.casts {
		for id, c := range s.chats {
			want := c.language == o.language
			if n := reached[cast][id]; n > 1 || n == 0 && want && !paused[id] && !s.spoke[c.telegram] || n > 0 && !want {
				f.lost++
				s.t.Errorf("%q for who speaks %s has %d deliveries for chat %d, who speaks %s", o.text, o.language, n, id, c.language)
			}
		}
	}
	var unknown string // notices, too
	if err := db.QueryRow(`SELECT COUNT(*) FROM deliveries WHERE state = 'unknown'`).Scan(&unknown); err != nil || s.told != unknown {
		s.t.Errorf("tidings_deliveries_unknown_total is %s, %s deliveries are unknown (%v)", s.told, unknown, err)
	}
	if n := s.sim.PendingUpdates(); n != 0 {
		s.t.Errorf("%d updates were not taken in the end", n)
	}
	if e.Violations != 0 {
		s.t.Errorf("Telegram saw %d violations, want none", e.Violations)
		for _, c := range e.Calls {
			if c.Violation || c.Status == http.StatusTooManyRequests {
				s.t.Logf("%s %s to chat %d: %d, violation %v, fault %q, %s", c.At.Format("05.000"), c.Method, c.ChatID, c.Status, c.Violation, c.Fault, c.Answer)
			}
		}
		for i, l := range s.lives {
			s.t.Logf("process %d from %s to %s", i+1, l.began.Format("05.000"), l.ended.Format("05.000"))
		}
	}
	f.report(s, e)
}

// account compares what became of a delivery with what the simulator took.
func (s *soaking) account(f *soakFigures, d judged, came []simulator.Accepted, dying []life) {
	s.t.Helper()
	// why the simulator may have taken it without the program knowing
	unheard := func(a simulator.Accepted) string {
		if !a.Told {
			return "the answer was withheld"
		}
		for _, l := range dying {
			if a.At.After(l.began) && !a.At.After(l.ended) {
				return "in flight when process " + strconv.Itoa(s.number(l)) + " was killed"
			}
		}
		return ""
	}
	switch d.state {
	case bot.Sent:
		if !slices.ContainsFunc(came, func(a simulator.Accepted) bool { return a.MessageID == d.sent }) {
			f.lost++
			s.t.Errorf("delivery %d to chat %d counts as sent as message %d, which Telegram has not got", d.id, d.at, d.sent)
		}
	case bot.Failed, bot.Dropped, bot.Unknown:
		for _, a := range came {
			if unheard(a) == "" {
				s.t.Errorf("delivery %d to chat %d is %s (%s), but Telegram took it and said so", d.id, d.at, d.state, d.reason)
			}
		}
		if d.state == bot.Unknown && d.ambiguous < 2 {
			s.t.Errorf("delivery %d is unknown after %d lost answers", d.id, d.ambiguous)
		}
	default:
		f.lost++
		s.t.Errorf("delivery %d is %s in the end", d.id, d.state)
	}
	for _, a := range came[:max(0, len(came)-1)] {
		why := unheard(a)
		f.repeats++
		s.t.Logf("twice: delivery %d to chat %d, %q: %s", d.id, d.at, d.text[:min(30, len(d.text))], why)
		if why == "" {
			s.t.Errorf("delivery %d came to chat %d once more although its answer was heard", d.id, d.at)
		}
	}
}

func (s *soaking) number(l life) int {
	return 1 + slices.IndexFunc(s.lives, func(o life) bool { return o.began.Equal(l.began) })
}

// soakFigures are what a soak comes to.
type soakFigures struct {
	deliveries, lost, repeats int
	states                    map[bot.DeliveryState]int
	faults                    map[simulator.FaultKind]int
}

func (f soakFigures) report(s *soaking, e simulator.Evidence) {
	var out bytes.Buffer
	injected, missing := 0, []simulator.FaultKind(nil)
	for _, kind := range simulator.FaultKinds {
		injected += f.faults[kind]
		if f.faults[kind] == 0 {
			missing = append(missing, kind)
		}
	}
	var work, composed time.Duration
	kills, flying := 0, 0
	for _, l := range s.lives {
		work, composed = max(work, l.work), max(composed, l.composed)
		flying += len(l.sending)
		if !l.token {
			kills++
		}
	}
	sends := 0
	for _, c := range e.Calls {
		if c.At.Before(s.clear) && slices.Contains(soakSends, c.Method) {
			sends++
		}
	}
	fmt.Fprintf(&out, "%d chats, %d processes killed, %d ended by a refused token\n", len(s.chats), kills, len(s.lives)-kills)
	fmt.Fprintf(&out, "%d calls that wrote into chats meanwhile, %d faults (%.1f %%), none of: %v\n", sends, injected, 100*float64(injected)/float64(max(1, sends)), missing)
	fmt.Fprintf(&out, "%d deliveries: sent %d, unknown %d, failed %d, dropped %d\n", f.deliveries, f.states[bot.Sent], f.states[bot.Unknown], f.states[bot.Failed], f.states[bot.Dropped])
	fmt.Fprintf(&out, "lost %d; came twice %d, each by a withheld answer or a kill (%d were on the wire at kills); unknown by the metric %s\n", f.lost, f.repeats, flying, s.told)
	fmt.Fprintf(&out, "429s %d, violations %d; first message after a restart within %v, first edition composed within %v\n",
		e.TooMany, e.Violations, work.Round(10*time.Millisecond), composed.Round(10*time.Millisecond))
	s.t.Logf("\n%s", &out)
	if *soakFor >= time.Minute && len(missing) > 0 {
		s.t.Errorf("in so long a time these faults never happened: %v", missing)
	}
	if work > time.Minute || composed > time.Minute {
		s.t.Errorf("after a restart work was taken up after %v and %v, want within a minute", work, composed)
	}
	if f.deliveries < 100 || kills == 0 {
		s.t.Errorf("%d deliveries and %d kills prove nothing", f.deliveries, kills)
	}
}
