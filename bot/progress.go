package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
)

// A board is the message that tells how far a broadcast is, as far as this
// process knows: after a restart it is shown once more.
type board struct {
	as     BroadcastState   // what it was shown in; done with the report, "" before the first
	says   telegram.Message // what it shows
	next   time.Time        // not changed earlier, unless the broadcast is paused, resumed or stopped
	failed bool             // the last change did not come through: nothing is tried before next
	idle   time.Duration    // how long nothing happened
	under  *showing         // on its way

	since time.Time // from when on deliveries are counted, for the time left
	ended int       // that had ended by then
	pace  float64   // a second, 0 until it was measured
}

// A showing is one change of a board on its way to Telegram.
type showing struct {
	as     BroadcastState
	says   telegram.Message
	cancel context.CancelFunc
	called bool // back: it was out of date
	result chan error
}

func (b *Broadcaster) board(c Broadcast) *board {
	d := b.boards[c.ID]
	if d == nil {
		d = &board{}
		b.boards[c.ID] = d
	}
	if d.under == nil {
		return d
	}
	select {
	case err := <-d.under.result:
		d.settle(err, b.now())
	default:
	}
	return d
}

// settle takes notice of how a change went. What Telegram refuses for good
// counts as shown: there is nobody to show it to.
func (d *board) settle(err error, now time.Time) {
	s := d.under
	d.under = nil
	d.failed = passing(err) && !s.called
	switch {
	case d.failed:
		d.next = now.Add(progressPause)
	case err == nil || !s.called:
		d.as, d.says = s.as, s.says
	}
}

// passing says whether a failure is worth another try.
func passing(err error) bool {
	for _, is := range []error{telegram.ErrRateLimited, telegram.ErrAmbiguous, telegram.ErrServer, telegram.ErrNotSent, telegram.ErrUnauthorized,
		context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// mayShow says whether the board should be looked at now. A change that is
// on its way and out of date is called back.
func (d *board) mayShow(as BroadcastState, now time.Time) bool {
	if d.under != nil {
		if d.under.as != as {
			d.under.called = true
			d.under.cancel()
		}
		return false
	}
	if now.Before(d.next) {
		return d.as != as && !d.failed
	}
	return true
}

// show changes the board, without waiting for it: while editions go out a
// progress message waits for all of them, and with it nothing else. A change of
// state is what somebody who pressed a button looks for.
func (b *Broadcaster) show(ctx context.Context, c Broadcast, admin Chat, d *board, s showing) {
	priority := telegram.Broadcast
	if d.as != s.as && s.as != BroadcastDone {
		priority = telegram.Interactive
	}
	d.next = b.now().Add(progressPause)
	ctx, s.cancel = context.WithCancel(ctx)
	s.result = make(chan error, 1)
	d.under = &s
	b.shows.Go(func() {
		defer s.cancel()
		s.result <- b.put(ctx, c, admin, s.says, priority)
		select {
		case b.wake <- struct{}{}:
		default:
		}
	})
}

// put edits the progress message, or sends it anew when it is gone.
func (b *Broadcaster) put(ctx context.Context, c Broadcast, admin Chat, m telegram.Message, p telegram.Priority) error {
	if c.Progress != 0 {
		err := b.send.Edit(ctx, p, to(admin.Address), c.Progress, m)
		if errors.Is(err, telegram.ErrEntities) {
			err = b.send.Edit(ctx, p, to(admin.Address), c.Progress, m.Plain())
		}
		if !errors.Is(err, telegram.ErrMessageGone) {
			return err
		}
	}
	id, err := b.send.Send(ctx, p, to(admin.Address), m)
	if err != nil {
		return err
	}
	// Also when we are about to stop: without it the next process would send
	// a third.
	return b.shelf.SaveProgress(context.WithoutCancel(ctx), c.ID, id)
}

// measure takes a look at how fast deliveries end, from when the broadcast last
// began to move.
func (d *board) measure(state BroadcastState, t Turnout, now time.Time) {
	ended := t.Tally.ended()
	if d.as != state || d.since.IsZero() || ended < d.ended {
		d.since, d.ended = now, ended
		return
	}
	if spent := now.Sub(d.since); spent >= progressPause && ended > d.ended {
		d.pace = float64(ended-d.ended) / spent.Seconds()
	}
}

// timeLeft is how long what is due will take.
func (d *board) timeLeft(t Turnout, rate float64) time.Duration {
	left := t.Tally.left() - t.Held
	return time.Duration(float64(max(left, 0)) / cmp.Or(d.pace, rate) * float64(time.Second)).Round(time.Second)
}

func (t Tally) ended() int { return t[Sent] + t[Failed] + t[Dropped] + t[Unknown] }
func (t Tally) left() int  { return t[Waiting] + t[Sending] }

// progress is how far a broadcast is.
type progress struct {
	cast Broadcast
	out  Turnout
	left time.Duration
}

const barCells = 12

func (g progress) message(p Phrases) telegram.Message {
	titles := map[BroadcastState]string{
		BroadcastSpreading: "broadcast_spreading",
		BroadcastSending:   "broadcast_sending",
		BroadcastPaused:    "broadcast_paused",
		BroadcastStopping:  "broadcast_stopping",
	}
	tally := g.out.Tally
	var t telegram.Builder
	t.Append(p.Say(titles[g.cast.State], nil))
	if all := tally.ended() + tally.left(); all > 0 && g.cast.State != BroadcastSpreading {
		cells := tally.ended() * barCells / all
		t.Plain("\n" + strings.Repeat("▰", cells) + strings.Repeat("▱", barCells-cells) + " " + strconv.Itoa(tally.ended()*100/all) + " %")
	}
	t.Plain("\n")
	t.Append(p.Say("broadcast_counts", Values{"Sent": tally[Sent], "Failed": tally.ended() - tally[Sent], "Left": tally.left()}))
	if g.cast.State == BroadcastSending && tally.left() > g.out.Held {
		t.Plain("\n")
		t.Append(p.Say("broadcast_left", Values{"Time": p.span(g.left)}))
	}
	if g.out.Held > 0 && g.cast.State != BroadcastStopping {
		t.Plain("\n")
		t.Append(p.Say("broadcast_held", Values{"Count": g.out.Held}))
	}
	return telegram.NewMessage(t.Text(), g.keys(p)...)
}

func (g progress) keys(p Phrases) [][]telegram.Button {
	var keys keyboard
	switch g.cast.State {
	case BroadcastSpreading, BroadcastSending:
		keys.add(2, p.Plain("button_cast_pause", nil), castData("pause", g.cast.ID))
		keys.add(2, p.Plain("button_cast_stop", nil), castData("stop", g.cast.ID))
	case BroadcastPaused:
		keys.add(2, p.Plain("button_cast_resume", nil), castData("resume", g.cast.ID))
		keys.add(2, p.Plain("button_cast_stop", nil), castData("stop", g.cast.ID))
	}
	return keys.rows
}

// report is what became of a broadcast.
type report struct {
	cast Broadcast
	out  Turnout
	now  time.Time
}

func (g report) message(p Phrases) telegram.Message {
	title := "broadcast_done"
	if g.cast.State == BroadcastStopping {
		title = "broadcast_stopped"
	}
	tally := g.out.Tally
	var t telegram.Builder
	t.Append(p.Say(title, Values{"Time": p.span(g.now.Sub(g.cast.Started))}))
	t.Plain("\n\n")
	t.Append(p.Say("broadcast_report", Values{
		"Sent": tally[Sent], "Failed": tally[Failed], "Dropped": tally[Dropped], "Unknown": tally[Unknown],
	}))
	for _, why := range p.reasons(g.out.Reasons) {
		t.Plain("\n")
		t.Append(p.Say("broadcast_reason", Values{"Number": why.chats, "Reason": why.says}))
	}
	var keys keyboard
	if tally[Failed]+tally[Dropped]+tally[Unknown] > 0 {
		keys.row(p.Plain("button_cast_file", nil), castData("file", g.cast.ID))
	}
	return telegram.NewMessage(t.Text(), keys.rows...)
}

// reasonCount is how many chats were not reached for one reason.
type reasonCount struct {
	says  string
	chats int
}

// mostReasons is how many reasons a report names.
const mostReasons = 8

// reasons puts reasons into plain words, the most frequent first.
func (p Phrases) reasons(kept map[string]int) []reasonCount {
	counts := map[string]int{}
	for reason, n := range kept {
		counts[p.why(reason)] += n
	}
	var all []reasonCount
	for says, n := range counts {
		all = append(all, reasonCount{says, n})
	}
	slices.SortFunc(all, func(x, y reasonCount) int {
		return cmp.Or(y.chats-x.chats, strings.Compare(x.says, y.says))
	})
	return all[:min(len(all), mostReasons)]
}

// why says in plain words why a delivery was not sent.
func (p Phrases) why(reason string) string {
	key := whyKey(reason)
	if key == "" {
		return shorten(reason, 80)
	}
	return p.Plain(key, nil)
}

// whyKey is the sentence for a reason that is kept with a delivery, "" for one
// that has none.
func whyKey(reason string) string {
	switch reason {
	case ReasonStopped:
		return "broadcast_why_stopped"
	case ReasonDeclined:
		return "broadcast_why_declined"
	case string(PausedByReader):
		return "broadcast_why_paused"
	case string(PausedBlocked):
		return "broadcast_why_blocked"
	case string(PausedGone):
		return "broadcast_why_gone"
	case string(PausedNoRights):
		return "broadcast_why_rights"
	case string(PausedNotFound):
		return "broadcast_why_unknown"
	case string(PausedNoThread):
		return "broadcast_why_thread"
	}
	blocked, is := telegram.MeaningOf(reason)
	switch {
	case blocked == telegram.ReasonBlocked:
		return "broadcast_why_blocked"
	case blocked == telegram.ReasonDeactivated:
		return "broadcast_why_deleted"
	}
	return map[error]string{
		telegram.ErrBlocked:      "broadcast_why_gone",
		telegram.ErrChatNotFound: "broadcast_why_unknown",
		telegram.ErrNoRights:     "broadcast_why_rights",
		telegram.ErrThreadGone:   "broadcast_why_thread",
		telegram.ErrMessageGone:  "broadcast_why_original",
		telegram.ErrNoCopy:       "broadcast_why_copy",
		telegram.ErrTooLong:      "broadcast_why_long",
	}[is]
}
