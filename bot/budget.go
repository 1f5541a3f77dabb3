package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// An allowance is how many answers one person gets: so many at once, and one
// more whenever a stretch has passed.
type allowance struct {
	most  int
	every time.Duration
}

// Whoever asks faster is told so once and then not heard until a third of the
// allowance is there again: nothing that comes meanwhile changes anything. In a
// group a person may take half of what Telegram lets us say there.
var (
	readerAllowance   = allowance{30, 2 * time.Second}
	memberAllowance   = allowance{12, 5 * time.Second}
	operatorAllowance = allowance{120, 500 * time.Millisecond}
	typingAllowance   = allowance{40, time.Second} // of inline queries, one for every pause
)

// again is how long it takes until somebody who spent all is heard again.
func (a allowance) again() time.Duration { return time.Duration(a.most/3) * a.every }

// A spender is a person, in each group another one, and one who types an inline query.
type spender struct {
	user, group int64
	typing      bool
}

// A hearing says what becomes of a question.
type hearing int

const (
	granted hearing = iota
	enough          // spent: it is told so, once
	unheard
)

// A purse is what a spender has left.
type purse struct {
	spent  time.Duration // of the allowance's time
	at     time.Time
	closed bool
	sorry  bool // told that we were away
}

func (p *purse) settle(now time.Time) {
	p.spent = max(0, p.spent-max(0, now.Sub(p.at)))
	p.at = now
}

func (p *purse) take(a allowance, now time.Time) hearing {
	p.settle(now)
	full := time.Duration(a.most) * a.every
	switch {
	case p.closed && p.spent > full-a.again():
		return unheard
	case p.spent > full-a.every:
		p.closed = true
		return enough
	}
	p.closed = false
	p.spent += a.every
	return granted
}

// budgets are the purses of those who asked of late. The zero budgets are ready.
type budgets struct {
	mu           sync.Mutex
	since        time.Time // young's beginning
	young, older map[spender]*purse
}

const (
	// longestFill is after what time nothing need be remembered of a spender:
	// every allowance is full again.
	longestFill = time.Minute
	// mostPurses bounds what is remembered, twice; beyond it people get anew
	// what they have spent.
	mostPurses = 50_000
)

func (b *budgets) take(who spender, a allowance, now time.Time) hearing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.purse(who, now).take(a, now)
}

// sorry says whether the spender was not yet told that we were away.
func (b *budgets) sorry(who spender, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.purse(who, now)
	p.settle(now)
	fresh := !p.sorry
	p.sorry = true
	return fresh
}

func (b *budgets) purse(who spender, now time.Time) *purse {
	if b.young == nil || now.Sub(b.since) >= longestFill || len(b.young) >= mostPurses {
		b.since, b.young, b.older = now, map[spender]*purse{}, b.young
	}
	p := b.young[who]
	if p == nil {
		if p = b.older[who]; p == nil {
			p = &purse{at: now}
		}
		b.young[who] = p
	}
	return p
}

// hears judges an update by what its sender has asked of late.
func (b *Bot) hears(u telegram.Update) hearing {
	who, a, ok := b.asks(u)
	if !ok || b.late(u.Message) {
		return granted
	}
	return b.budgets.take(who, a, b.options.Now())
}

// hush leaves an update that is not heard. A press is answered all the same,
// with nothing, or its button seems to work for ever; but nobody waits for that.
func (b *Bot) hush(u telegram.Update) {
	if u.CallbackQuery == nil {
		return
	}
	select {
	case b.hushed <- u.CallbackQuery.ID:
	default: // beyond that the person's own client gives up
	}
}

const (
	hushersAtOnce = 4
	hushedWaiting = 200
)

// hushPresses answers presses that are not heard, until ctx ends.
func (b *Bot) hushPresses(ctx context.Context) {
	for {
		select {
		case id := <-b.hushed:
			if err := b.call.AnswerCallback(ctx, id, "", false); err != nil && ctx.Err() == nil {
				b.log.Debug("press not answered", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// sayEnough tells somebody that they ask too fast.
func (b *Bot) sayEnough(ctx context.Context, u telegram.Update) error {
	_, a, _ := b.asks(u)
	from, m := senderOf(u), u.Message
	if q := u.CallbackQuery; q != nil {
		m = q.Message
		if m == nil {
			return b.handlePress(ctx, q)
		}
	}
	r, err := b.request(ctx, from, m)
	if err != nil {
		return err
	}
	b.log.Info("somebody asks too fast", "chat", r.here.ID)
	wait := Values{"Time": r.say.span(a.again())}
	if q := u.CallbackQuery; q != nil {
		return b.call.AnswerCallback(ctx, q.ID, r.say.Plain("asked_too_fast_press", wait), true)
	}
	return b.send(ctx, r.here, telegram.NewMessage(r.say.Say("asked_too_fast", wait)))
}

// saySorry tells once that what was asked while we were away is not answered. A
// group has talked of other things since.
func (b *Bot) saySorry(ctx context.Context, m *telegram.Incoming) error {
	if m.Chat.Type != "private" || !b.budgets.sorry(spender{user: m.From.ID}, b.options.Now()) {
		return nil
	}
	r, err := b.request(ctx, m.From, m)
	if err != nil {
		return err
	}
	return b.send(ctx, r.here, telegram.NewMessage(r.say.Say("asked_long_ago", nil)))
}

// afterwards is a context for what must still be noted when an update took too
// long: a moment more. While it did not, it is ctx itself.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	if !errors.Is(context.Cause(ctx), telegram.ErrLate) {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
}

// gaveUp leaves a word for somebody whose update could not be served or took too
// long, for it does not come again.
func (b *Bot) gaveUp(ctx context.Context, u telegram.Update) error {
	if _, _, ok := b.asks(u); !ok {
		return nil
	}
	m := u.Message
	if u.CallbackQuery != nil {
		m = u.CallbackQuery.Message
	}
	if m == nil {
		return nil
	}
	where := m.To()
	c, err := b.shelf.ChatAt(ctx, Address{Telegram: where.Chat, Thread: where.Thread})
	if err == nil {
		err = b.shelf.Notify(ctx, c.ID, telegram.NewMessage(b.catalog.In(c.Language).Say("went_wrong", nil)), b.options.Now())
	}
	if errors.Is(err, digest.ErrNotFound) {
		return nil
	}
	return err
}

// waits is how long chats kept an edit waiting of late. While one waits, its
// update is not done with, and Telegram shows only so many beyond it.
type waits struct {
	mu    sync.Mutex
	since time.Time
	spent map[int64]time.Duration
}

const (
	waitsFor    = 5 * time.Second // of one chat within waitsWithin
	waitsWithin = 30 * time.Second
)

// allow says whether a chat may wait so long once more.
func (w *waits) allow(chat int64, wait time.Duration, now time.Time) bool {
	if wait <= 0 {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spent == nil || now.Sub(w.since) > waitsWithin {
		w.since, w.spent = now, map[int64]time.Duration{}
	}
	if wait > heldBack || w.spent[chat]+wait > waitsFor {
		return false
	}
	w.spent[chat] += wait
	return true
}
