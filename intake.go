package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/storage"
)

// intake is how updates come in: polled by the replica that has the lane, or
// brought by Telegram to any replica. Both hand them to the same bot, and the
// shelf knows those that come by both ways.
type intake struct {
	store  *storage.Store
	client *telegram.Client
	bot    *bot.Bot
	set    settings
	polled func(error) // told how every poll ended
	log    *slog.Logger
}

// await begins what every replica does: with a webhook it lets updates in.
func (i intake) await(ctx context.Context, acts *errgroup.Group, health *health) {
	if i.set.webhook == nil {
		return
	}
	handle, unusable := i.guard()
	hook := &telegram.Webhook{Secret: i.set.webhookSecret, Handle: handle, Log: i.log}
	health.receives(i.set.webhook.Path, hook)
	acts.Go(func() error {
		if err := readFirst(ctx, i.store); err != nil {
			return err
		}
		return whileUsable(ctx, unusable, hook.Run)
	})
}

// run is what the replica with the lane does until ctx ends.
func (i intake) run(ctx context.Context) error {
	if i.set.webhook != nil {
		return i.keepWebhook(ctx)
	}
	return i.poll(ctx)
}

// guard is the bot's Handle that also tells when the shelf is unusable, once.
func (i intake) guard() (handle func(context.Context, telegram.Update) error, unusable <-chan error) {
	first := make(chan error, 1)
	return func(ctx context.Context, u telegram.Update) error {
		err := i.bot.Handle(ctx, u)
		if errors.Is(err, storage.ErrUnusable) {
			select {
			case first <- err:
			default:
			}
		}
		return err
	}, first
}

// whileUsable runs act until ctx ends, or the shelf is unusable, which then is
// the error.
func whileUsable(ctx context.Context, unusable <-chan error, act func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case err := <-unusable:
			stop(err)
		case <-ctx.Done():
		}
	}()
	err := act(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, storage.ErrUnusable) {
		return cause
	}
	return err
}

// poll asks Telegram for updates. A webhook of an earlier life is taken away;
// what waits for it stays and is polled.
func (i intake) poll(ctx context.Context) error {
	if err := i.client.DeleteWebhook(ctx); err != nil && ctx.Err() == nil {
		i.log.Warn("webhook not deleted; polling does it once Telegram can be reached", "err", err)
	}
	handle, unusable := i.guard()
	poller := telegram.Poller{Client: i.client, Offsets: offsets{i.store}, Log: i.log, Handle: handle, Polled: i.polled}
	return whileUsable(ctx, unusable, poller.Run)
}

const (
	webhookLook  = 5 * time.Minute // between two looks whether the webhook is still ours
	webhookRetry = 30 * time.Second
)

// keepWebhook sets the webhook and sees to it that it stays, until ctx ends. It
// is not taken away at the end: updates wait for the next process.
func (i intake) keepWebhook(ctx context.Context) error {
	// Polling begins anew after a webhook: ids may have jumped meanwhile, and
	// what comes twice is known.
	if err := i.store.SaveUpdateOffset(ctx, 0); err != nil {
		return stopped(ctx, err)
	}
	var seen time.Time // the last failure told
	for wait := time.Second; ctx.Err() == nil; {
		err := i.lookAtWebhook(ctx, &seen)
		switch {
		case err == nil:
			wait = webhookLook
		case errors.As(err, new(usageError)), errors.Is(err, telegram.ErrUnauthorized):
			return err
		case ctx.Err() == nil:
			i.log.Warn("webhook not set yet", "err", err)
			wait = min(2*min(wait, webhookRetry), webhookRetry)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// lookAtWebhook sets the webhook when it is not ours, and tells how Telegram
// fares with it. Setting it again every time is how a new secret gets there.
func (i intake) lookAtWebhook(ctx context.Context, seen *time.Time) error {
	info, err := i.client.Webhook(ctx)
	if err != nil {
		return err
	}
	if !seen.IsZero() && info.URL != i.set.webhook.String() {
		i.log.Error("somebody took the webhook away; it is set again; if that repeats, another instance runs with this token: stop one of them")
	}
	if err := i.client.SetWebhook(ctx, i.set.webhook.String(), i.set.webhookSecret); err != nil {
		var refused *telegram.Error
		if errors.Is(err, telegram.ErrRefused) && errors.As(err, &refused) {
			return usageError{fmt.Sprintf("TIDINGS_WEBHOOK_URL: Telegram refuses it: %s", refused.Description)}
		}
		return err
	}
	switch {
	case seen.IsZero():
		i.log.Info("updates come by webhook", "waiting", info.Pending)
		*seen = time.Now().Truncate(time.Second)
	case info.LastError.After(*seen):
		i.log.Warn("telegram could not bring an update", "why", info.LastErrorMessage, "waiting", info.Pending)
		*seen = info.LastError
	}
	return nil
}

// stopped is err unless it only says that ctx ended.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// offsets keeps the poller's offset on the shelf.
type offsets struct{ store *storage.Store }

func (o offsets) LoadOffset(ctx context.Context) (int64, error) { return o.store.UpdateOffset(ctx) }
func (o offsets) SaveOffset(ctx context.Context, offset int64) error {
	return o.store.SaveUpdateOffset(ctx, offset)
}
