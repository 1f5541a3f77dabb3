package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// An errand is what a reader waits for but nobody else may: looking at a site,
// reading a file, sending one. Its answer takes the place of a first word.
type errand func(ctx context.Context) (answer, error)

const (
	errandsAtOnce  = 8
	errandsWaiting = 200
	errandTime     = 30 * time.Second
	errandGrace    = 3 * time.Second // to say what came of them when the bot stops
)

// A promised errand knows whom to answer, and where.
type promised struct {
	act     errand
	request *request
	message int64 // the first word, to be edited; 0 when it was not sent
}

// Run does errands, and answers presses of those who press too fast, until ctx ends; those begun or waiting then are cut short,
// and their readers told, for which all of them together have the grace. Handle
// only promises them.
func (b *Bot) Run(ctx context.Context) error {
	grace, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(errandGrace, end) })()
	var all sync.WaitGroup
	for range hushersAtOnce {
		all.Go(func() { b.hushPresses(ctx) })
	}
	for range errandsAtOnce {
		all.Go(func() {
			for ctx.Err() == nil {
				select {
				case p := <-b.errands:
					b.do(ctx, grace, p)
				case <-ctx.Done():
				}
			}
			for {
				select {
				case p := <-b.errands:
					b.do(ctx, grace, p)
				default:
					return
				}
			}
		})
	}
	all.Wait()
	return nil
}

// promise says a first word, under a press in place of the message that was
// pressed, and leaves the rest to an errand. It is the last thing a handler does.
func (b *Bot) promise(ctx context.Context, r *request, word telegram.Text, act errand) (answer, error) {
	if len(b.errands) >= errandsWaiting {
		return answer{text: r.say.Say("errand_busy", nil)}, nil
	}
	p := promised{act: act, request: r}
	if r.under != nil {
		p.message = r.under.ID
	} else if !b.call.Ready(r.here.Telegram).After(r.now) {
		id, err := b.call.Send(ctx, telegram.Interactive, to(r.here.Address), r.about(answer{text: word}).message())
		if err := b.noteGone(ctx, r.here, err); err != nil && !errors.Is(err, telegram.ErrAmbiguous) && !errors.Is(err, telegram.ErrRateLimited) && !errors.Is(err, telegram.ErrNotSent) {
			return answer{}, err
		}
		p.message = id
	}
	select {
	case b.errands <- p:
		return answer{promised: true}, nil
	default:
		return answer{text: r.say.Say("errand_busy", nil)}, nil
	}
}

// do does an errand until ctx ends and tells what came of it until grace does.
// A chat that was erased meanwhile is told nothing.
func (b *Bot) do(ctx, grace context.Context, p promised) {
	r := p.request
	limited, cancel := context.WithTimeout(ctx, errandTime)
	defer cancel()
	a, err := p.act(limited)
	switch {
	case errors.Is(err, digest.ErrNotFound):
		return
	case ctx.Err() != nil && err != nil:
		a = answer{text: r.say.Say("errand_interrupted", nil)}
	case err != nil:
		b.log.Error("errand not done", "chat", r.chat.ID, "err", err)
		a = answer{text: r.say.Say("went_wrong", nil)}
	}
	told, stop := context.WithTimeout(grace, errandTime)
	defer stop()
	a = r.about(a)
	if p.message != 0 {
		err = b.replace(told, r.here, p.message, a.message())
	} else {
		err = b.send(told, r.here, a.message())
	}
	if err != nil {
		b.log.Warn("what came of an errand is not told", "chat", r.chat.ID, "err", err)
	}
}
