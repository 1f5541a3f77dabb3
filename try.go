package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings/bot/simulator"
	"tidings/bot/simulator/sample"
	"tidings/digest"
)

type tryCommand struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the chat page is served; loopback only."`
	Keep string `placeholder:"FILE" help:"Keep the database in this file; without it nothing is left behind."`
	Live bool   `help:"Read the real feeds of the built-in packs instead of the sample news."`
	Log  string `default:"warn" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// The people of the chat page, and a token that only the simulator knows.
const (
	tryReader = 1001
	tryAdmin  = 1002
	tryToken  = "1000:try-it-on-this-machine"
)

// Run starts everything on this machine: the simulator, sample news and the
// bot, which is the one that run runs, told where to find them.
func (c tryCommand) Run(ctx context.Context, s surroundings) error {
	page, err := simulator.ListenLoopback(c.Addr)
	if err != nil {
		return usageError{fmt.Sprintf("--addr: %v", err)}
	}
	defer page.Close()
	folder, err := os.MkdirTemp("", "tidings-try-")
	if err != nil {
		return fmt.Errorf("make a folder for the database: %w", err)
	}
	defer os.RemoveAll(folder)

	start := time.Now()
	news := sample.Handler(time.Now, start)
	set, err := c.settings(s, page.Addr().String(), folder)
	if err != nil {
		return err
	}
	log := newLog(s.err, set.logLevel)
	sim := simulator.New(simulator.Config{
		Token: tryToken,
		Log:   log,
		People: []simulator.Person{
			{ID: tryReader, Name: "Robin", Username: "robin", Language: "en", Role: "reader"},
			{ID: tryAdmin, Name: "Alex", Username: "alex", Language: "en", Role: "admin"},
		},
		LinkOpener: news,
	})
	defer sim.Close()
	if err := addTryGroup(sim); err != nil {
		return fmt.Errorf("make the group of the trial: %w", err)
	}
	health, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for health checks: %w", err)
	}

	acts, ctx := errgroup.WithContext(ctx)
	acts.Go(func() error {
		defer sim.Close() // ends the page's open streams
		<-ctx.Done()
		return nil
	})
	acts.Go(func() error { return serveHTTP(ctx, page, tryMux(sim, news)) })
	acts.Go(func() error { return serve(ctx, set, health, log) })
	fmt.Fprintf(s.out, "Tidings is on trial at http://%s – press Ctrl-C to end it.\n", page.Addr())
	return acts.Wait()
}

// addTryGroup makes a group with topics, which Robin runs and the bot is in.
func addTryGroup(sim *simulator.Simulator) error {
	id := sim.AddGroup(simulator.Group{
		Type: "supergroup", Title: "Harbour club", Forum: true, Admins: []int64{tryReader}, Members: []int64{tryAdmin},
	})
	for _, topic := range []string{"Ferries", "Space"} {
		if _, err := sim.AddTopic(id, topic); err != nil {
			return err
		}
	}
	return sim.Invite(tryReader, id, simulator.Rights{Send: true})
}

// tryMux serves the Bot API, the sample feeds, the pages of their outlets and the
// preview of a channel under each one's own name, and the chat page at one
// address.
func tryMux(sim *simulator.Simulator, news http.Handler) http.Handler {
	page := sim.Page()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/bot"), strings.HasPrefix(r.URL.Path, "/file/bot"):
			sim.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/feeds/"), strings.HasSuffix(r.Host, ".example"), r.Host == sample.ChannelHost:
			news.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// settings are those of run, pointed at what try serves itself. The operator's
// environment plays no part: a trial must not touch a real database.
func (c tryCommand) settings(s surroundings, addr, folder string) (settings, error) {
	flags := settingFlags{
		TelegramAPIURL: "http://" + addr,
		Database:       filepath.Join(folder, "tidings.db"),
		Admins:         strconv.Itoa(tryAdmin),
		FetchInterval:  "15m", // of real publishers no more is asked than by run
		Log:            c.Log,
	}
	if c.Keep != "" {
		flags.Database = c.Keep
	}
	if !c.Live {
		host, _ := netip.ParseAddrPort(addr)
		flags.AllowNetworks = netip.PrefixFrom(host.Addr(), host.Addr().BitLen()).String()
		flags.FetchInterval = "10s"
	}
	set, err := readSettings(flags, nil)
	set.token = tryToken
	set.contact = func(string) string { return "" } // Telegram may have a bot of that name, which is not this one
	if !c.Live {
		set.packs = samplePacks
		set.fetchAtLeast = set.fetchInterval // the samples are dated hours apart, and some come while one looks
		set.hosts = map[string]string{sample.ChannelHost: addr}
		for _, f := range sample.Feeds() {
			set.hosts[f.Host] = addr
		}
	}
	return set, err
}

// samplePacks are the sample feeds, in place of the built-in packs: at the
// outlets' own names, under which their pages name them, too.
func samplePacks() (sources []digest.Source, err error) {
	for _, f := range sample.Feeds() {
		sources = append(sources, digest.Source{Name: f.Name, Address: "http://" + f.Host + f.Path, Language: f.Language, Subject: f.Subject})
	}
	return sources, nil
}
