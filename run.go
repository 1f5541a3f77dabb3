package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/model"
	"tidings/digest/packs"
	"tidings/storage"
	"tidings/storage/queue"
)

type runCommand struct {
	settingFlags
}

// Run runs the bot until the process is asked to stop.
func (c runCommand) Run(ctx context.Context, s surroundings) error {
	set, err := readSettings(c.settingFlags, s.environ)
	if err != nil {
		return err
	}
	if set.token, err = readToken(s.environ); err != nil {
		return err
	}
	if set.webhookSecret, err = readWebhookSecret(s.environ, set.token); err != nil {
		return err
	}
	log := newLog(s.err, set.logLevel)
	listener, err := net.Listen("tcp", set.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", set.listen, err)
	}
	return serve(ctx, set, listener, log)
}

// spareMemory lets garbage be half of what is in use and not as much again, unless the
// operator's GOGC says otherwise. A pass over 20,000 sources where everything is new takes
// 187 MB at most instead of 220 then, and a tenth to a quarter more of the processor.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// serve wires the rooms together and performs all four acts until ctx ends or
// one of them cannot go on.
func serve(ctx context.Context, set settings, listener net.Listener, log *slog.Logger) (err error) {
	defer listener.Close()
	spareMemory()
	defer hearLibraries(log)()
	sources, err := listSources(set) // a wrong list changes nothing
	if err != nil {
		return err
	}
	store, err := storage.Open(ctx, set.database, storage.Options{Log: log, Migrate: queue.Migrate, Enqueue: queue.Enqueue, Abstracts: set.llm.url != ""})
	if err != nil {
		return databaseSentence(ctx, set, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var offered []digest.Source // the packs, of which the admins choose
	if set.sources == "" {
		offered = sources
	}
	if err := store.ListSources(ctx, sources, offered != nil); err != nil {
		return err
	}
	health := newHealth(store)
	metrics := newMetrics(store, health.speaks, log)
	health.metrics = metrics.handler()
	client, err := newClient(store, set, telegram.Options{Speaks: health.speaks, Limited: metrics.limited.Inc}, log)
	if err != nil {
		return err
	}
	defer client.Close()
	catalog, err := bot.LoadCatalog()
	if err != nil {
		return err
	}
	fetcher := newFetcher(set)
	defer fetcher.Close()

	collector := digest.NewCollector(store, fetcher, set.fetchInterval, log).NeverLater(set.fetchAtLeast).WatchedBy(metrics)
	publisher := bot.NewPublisher(store, catalog, log).WatchedBy(metrics)
	alerter := bot.NewAlerter(store, catalog, log).WatchedBy(metrics)
	pages := digest.NewPageReader(store, fetcher, feed.NewRobots(fetcher, robotName), log)
	chores := queue.Work{Collect: collector.Collect, Publish: publisher.Publish, Alerts: alerter.Alert, Pages: pages.Read, Tidy: tidy(store)}
	if set.webhook != nil { // only then anybody can call
		hubs := digest.NewHubs(store, collector, fetcher, set.webhook.JoinPath(hubPath).String(), log).WatchedBy(metrics)
		health.hubs = hook{set.webhook.JoinPath(hubPath).Path, hubs}
		chores.Hubs = hubs.Ask
	}
	work := queue.New(store, chores, log)
	watch := bot.NewWatch(store, catalog, bot.WatchOptions{Admins: set.admins, SendRate: set.sendRate, Now: time.Now, Log: log})
	polled := func(err error) { metrics.polled(err); watch.Polled(err) }

	acts, ctx := errgroup.WithContext(ctx)
	acts.Go(func() error { return health.serve(ctx, listener) })
	acts.Go(func() error { return metrics.shelf.run(ctx) })
	acts.Go(func() error { return work.Run(ctx) })
	joiner := digest.NewJoiner(store, store.NewStoryID, log).WatchedBy(metrics).KeepsImages(programPrint())
	acts.Go(func() error { return joiner.Run(ctx) })
	if set.llm.url != "" {
		asked := model.New(set.llm.url, set.llm.name, set.llm.key)
		defer asked.Close()
		writer := digest.NewAbstractWriter(store, asked, set.llm.daily, model.ErrRefused, log).WatchedBy(metrics)
		acts.Go(func() error { return writer.Run(ctx) })
	}
	acts.Go(func() error { // all that has to know who we are; the rest waits for nobody
		me, err := introduce(ctx, client, log)
		if err != nil || ctx.Err() != nil {
			return err
		}
		fetcher.Introduce(userAgent(set.contact(me.Username)))
		chat := bot.New(client, store, digest.NewFinder(store), digest.NewScout(fetcher).Allowing(set.allowNetworks), catalog, bot.Options{
			ID:       me.ID,
			Username: me.Username,
			Inline:   me.Inline,
			Admins:   set.admins,
			SendRate: set.sendRate,
			Packs:    offered,
			Version:  buildVersion(),
			Handled:  metrics.handled,
			Fatal:    storage.ErrUnusable,
			Now:      time.Now,
			Log:      log,
		})
		if err := chat.ShowMenu(ctx); err != nil && ctx.Err() == nil { // the bot works without it
			log.Warn("menu of commands not set", "err", err)
		}
		updates := intake{store: store, client: client, bot: chat, set: set, polled: polled, log: log}
		updates.await(ctx, acts, health)
		health.introduced()
		acts.Go(func() error { return chat.Run(ctx) })
		log.Info("tidings runs", "version", buildVersion(), "bot", me.Username, "listen", listener.Addr().String())
		return inLane(ctx, store, "deliver", func(ctx context.Context) error {
			if err := readFirst(ctx, store); err != nil {
				return err
			}
			if err := heedPauses(ctx, store, client); err != nil {
				return stopped(ctx, err)
			}
			health.converses(true)
			defer health.converses(false)
			return converse(ctx,
				bot.NewDeliverer(client, store, catalog, time.Now, log).WatchedBy(metrics).Run,
				bot.NewBroadcaster(client, store, catalog, client.Limiter().Rate(), time.Now, log).Run,
				watch.Run,
				updates.run)
		})
	})
	return explain(acts.Wait(), log)
}

// databaseSentence says why a database cannot be opened as check says it. What
// may pass by itself, such as a server that does not answer, is worth another
// start; the rest is the operator's to mend.
func databaseSentence(ctx context.Context, set settings, err error) error {
	if ctx.Err() != nil || errors.Is(err, storage.ErrInUse) {
		return err
	}
	_, why := storage.Survey(ctx, set.database)
	switch {
	case why == nil:
		return err
	case errors.Is(why, storage.ErrUnusable):
		return fmt.Errorf("TIDINGS_DATABASE: %w", why)
	}
	return usageError{fmt.Sprintf("TIDINGS_DATABASE: %v", why)}
}

// explain is the last word about what ended the process: a token that Telegram
// refuses is told as at the start, for only the operator can mend it.
func explain(err error, log *slog.Logger) error {
	if errors.Is(err, telegram.ErrUnauthorized) {
		log.Error("incident", "kind", "token", "err", err)
		return tokenSentence(err)
	}
	return err
}

// converse is the lane of everything that is said to Telegram: delivering,
// broadcasting, telling admins and the way updates come, on one replica, so
// that one limiter sees it all.
func converse(ctx context.Context, acts ...func(context.Context) error) error {
	talk, ctx := errgroup.WithContext(ctx)
	for _, act := range acts {
		talk.Go(func() error { return act(ctx) })
	}
	return talk.Wait()
}

// firstReading is how long a new installation reads its sources before it
// listens to anyone.
const firstReading = 15 * time.Second

// readFirst waits on an empty database until the sources were visited once, so
// that the first reader is not told that there is no news.
func readFirst(ctx context.Context, store *storage.Store) error {
	limit := time.After(firstReading)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		unread, err := store.Unread(ctx)
		if err != nil || !unread {
			return stopped(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-limit:
			return nil
		case <-look.C:
		}
	}
}

// inLane performs an act whenever this process is the one to perform it, until
// ctx ends.
func inLane(ctx context.Context, store *storage.Store, name string, act func(context.Context) error) error {
	for ctx.Err() == nil {
		held, release, err := store.Lane(ctx, name)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		err = act(held)
		lost := held.Err() != nil
		release()
		if err != nil && !lost {
			return err
		}
	}
	return nil
}

// heedPauses tells the limiter what Telegram ordered before this replica got the
// lane, whichever replica heard it.
func heedPauses(ctx context.Context, store *storage.Store, client *telegram.Client) error {
	kept, err := store.Pauses(ctx)
	if err != nil {
		return err
	}
	pauses := make([]telegram.Pause, len(kept))
	for i, p := range kept {
		pauses[i] = telegram.Pause{Scope: p.Scope, Until: p.Until}
	}
	client.Limiter().Heed(pauses)
	return nil
}

func newClient(store *storage.Store, set settings, o telegram.Options, log *slog.Logger) (*telegram.Client, error) {
	o.Log, o.Rate, o.Pauses = log, set.sendRate, store
	client, err := telegram.New(set.token, set.apiURL, o)
	if errors.Is(err, telegram.ErrUnauthorized) {
		return nil, tokenSentence(err)
	}
	return client, err
}

// tokenSentence says what is wrong with the token: Telegram refused it (then
// the error tells a method), or it was never asked.
func tokenSentence(err error) error {
	var asked *telegram.Error
	switch {
	case errors.As(err, &asked):
		return usageError{"TELEGRAM_BOT_TOKEN: Telegram refuses this token; @BotFather shows the right one"}
	case errors.Is(err, telegram.ErrUnauthorized):
		return usageError{"TELEGRAM_BOT_TOKEN: what was read is no token; one looks like 123456:ABC-DEF…"}
	}
	return err
}

// introduce asks Telegram who we are. A refused token is the operator's to
// mend; a Telegram that cannot be reached is waited for, until ctx ends.
func introduce(ctx context.Context, client *telegram.Client, log *slog.Logger) (telegram.User, error) {
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		me, err := client.Me(ctx)
		switch {
		case err == nil:
			return me, nil
		case errors.Is(err, telegram.ErrUnauthorized):
			return me, tokenSentence(err)
		case ctx.Err() != nil:
			return me, nil
		}
		log.Warn("telegram cannot be reached yet", "err", err)
		select {
		case <-ctx.Done():
			return me, nil
		case <-time.After(wait):
		}
	}
}

// listSources reads the operator's list, or else the packs. A list that names
// nothing is a mistake: it would take every source away.
func listSources(set settings) (sources []digest.Source, err error) {
	path := set.sources
	if path == "" {
		return set.packs()
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usageError{fmt.Sprintf("TIDINGS_SOURCES: %v", err)}
	}
	defer file.Close()
	listed, err := feed.ReadList(file)
	if err != nil {
		return nil, usageError{fmt.Sprintf("TIDINGS_SOURCES: %s: %v", path, err)}
	}
	if len(listed) == 0 {
		return nil, usageError{fmt.Sprintf("TIDINGS_SOURCES: %s names no address", path)}
	}
	for _, f := range listed {
		sources = append(sources, digest.Source{Name: f.Name, Address: f.Address, Home: f.Home, Language: f.Language, Subject: f.Subject})
	}
	return sources, nil
}

// builtInPacks are the packs of the binary.
func builtInPacks() (sources []digest.Source, err error) {
	feeds, err := packs.All()
	for _, f := range feeds {
		sources = append(sources, digest.Source{Name: f.Name, Address: f.Address, Home: f.Home, Language: f.Language, Country: f.Country, Subject: f.Subject})
	}
	return sources, err
}

// hubPath is where hubs call, below the address of the webhook.
const hubPath = "hub/"

func tidy(store *storage.Store) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := store.SaveFigures(ctx, time.Now()); err != nil {
			return err
		}
		return store.Tidy(ctx, time.Now())
	}
}

func newFetcher(set settings) *feed.Fetcher {
	return feed.NewFetcher(feed.Options{AllowNetworks: set.allowNetworks, Hosts: set.hosts, UserAgent: userAgent("")})
}

// robotName is what a robots.txt calls us.
const robotName = "Tidings"

// userAgent tells those who are visited who visits, and where that one is
// found: in brackets behind a plus sign, as feed readers have it. A contact is
// known when Telegram told who we are; until then, and where there is none, it
// says what we are.
func userAgent(contact string) string {
	if contact == "" {
		return robotName + "/" + buildVersion() + " (news digest bot)"
	}
	return robotName + "/" + buildVersion() + " (+" + contact + ")"
}

// chatWith is where anyone sees what a bot of Telegram's is and writes to it.
func chatWith(bot string) string {
	if bot == "" {
		return ""
	}
	return "https://t.me/" + bot
}
