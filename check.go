package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/model"
	"tidings/storage"
)

type checkCommand struct {
	settingFlags
	Packs   bool `help:"Look at every source instead: the form of the packs, and whether each answers, has moved or fell silent."`
	Offline bool `help:"With --packs: look at their form only."`
}

// errProblems ends a check that found some; they were told already.
var errProblems = errors.New("problems were found")

const (
	checkPatience  = 15 * time.Second // for Telegram, and for all sources
	checkSources   = 5                // as many are read
	clockMayDiffer = 30 * time.Second
	webhookRecent  = time.Hour // failures older than that are history
)

// Run looks at everything that run needs, in the order in which it needs it,
// and tells what is wrong. It changes nothing and disturbs no process that
// runs.
func (c checkCommand) Run(ctx context.Context, s surroundings) error {
	x := &examination{out: s.out}
	if c.Offline && !c.Packs {
		return usageError{"--offline says something only with --packs"}
	}
	if c.Packs {
		set, err := readSettings(c.settingFlags, s.environ)
		if err != nil {
			return err
		}
		return x.conclude(ctx, x.packs(ctx, set, c.Offline))
	}
	set := x.settings(c.settingFlags, s.environ)
	inUse := x.database(ctx, set)
	x.listen(ctx, set, inUse)
	sources := x.sources(set)
	x.telegram(ctx, set)
	x.fetch(ctx, set, sources)
	x.model(ctx, set)
	return x.conclude(ctx, nil)
}

// conclude counts what was found, unless something cut it short.
func (x *examination) conclude(ctx context.Context, err error) error {
	if err != nil || ctx.Err() != nil {
		return cmp.Or(err, ctx.Err())
	}
	fmt.Fprintf(x.out, "%s, %s.\n", count(x.problems, "problem"), count(x.warnings, "warning"))
	if x.problems > 0 {
		return errProblems
	}
	return nil
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// examination tells findings, one line each.
type examination struct {
	out                io.Writer
	problems, warnings int
}

func (x *examination) line(level, what, format string, args ...any) {
	words := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	fmt.Fprintf(x.out, "%-8s %-9s %s\n", level, what, words)
}

func (x *examination) ok(what, format string, args ...any) { x.line("ok", what, format, args...) }

func (x *examination) warning(what, format string, args ...any) {
	x.warnings++
	x.line("warning", what, format, args...)
}

func (x *examination) problem(what, format string, args ...any) {
	x.problems++
	x.line("problem", what, format, args...)
}

// settings reads all of them and tells each that is wrong.
func (x *examination) settings(flags settingFlags, environ []string) settings {
	set, wrong := readAllSettings(flags, environ)
	if err := checkNames(environ); err != nil {
		wrong = append(wrong, err)
	}
	var err error
	if set.token, err = readToken(environ); err != nil {
		wrong = append(wrong, err)
	}
	if set.webhookSecret, err = readWebhookSecret(environ, set.token); err != nil {
		wrong = append(wrong, err)
	}
	if set.webhook != nil && hostOf(set.apiURL) == hostOf(telegram.DefaultBaseURL) {
		wrong = append(wrong, refusedWebhook(set.webhook)...)
	}
	for _, err := range wrong {
		x.problem("settings", "%v", err)
	}
	if len(wrong) == 0 {
		x.ok("settings", "every setting can be read")
	}
	return set
}

// refusedWebhook says why Telegram itself would not bring updates to an address
// (core.telegram.org/bots/webhooks); a Bot API server of one's own takes others.
func refusedWebhook(u *url.URL) (wrong []error) {
	if u.Scheme != "https" {
		wrong = append(wrong, errors.New("TIDINGS_WEBHOOK_URL: Telegram brings updates only to https addresses"))
	}
	if port := u.Port(); port != "" && !slices.Contains([]string{"443", "80", "88", "8443"}, port) {
		wrong = append(wrong, fmt.Errorf("TIDINGS_WEBHOOK_URL: Telegram brings updates to the ports 443, 80, 88 and 8443, not to %s", port))
	}
	return wrong
}

// database tells whether the database can be used, and whether a process does.
func (x *examination) database(ctx context.Context, set settings) (inUse bool) {
	c, err := storage.Survey(ctx, set.database)
	where := set.database
	if c.Engine == storage.Postgres {
		where = "PostgreSQL"
	}
	switch {
	case err != nil:
		x.problem("database", "%v", err)
		return c.InUse
	case c.Empty:
		x.ok("database", "%s: the first start makes the tables", where)
		return false
	}
	notes := ""
	if c.InUse {
		notes += ", in use by a running process"
	}
	if c.Version < c.Known {
		notes += fmt.Sprintf(", the next start brings it to version %d", c.Known)
	}
	if c.Unread {
		notes += ", too large to read every page in this short time"
	}
	x.ok("database", "%s: %s%s", where, c.Inventory, notes)
	return c.InUse
}

// listen tells whether health checks and the webhook can be served, or are.
func (x *examination) listen(ctx context.Context, set settings, inUse bool) {
	if !inUse {
		l, err := net.Listen("tcp", set.listen)
		switch {
		case err == nil:
			l.Close()
			x.ok("listen", "%s is free", set.listen)
			return
		case !errors.Is(err, syscall.EADDRINUSE):
			x.problem("listen", "TIDINGS_LISTEN: %s cannot be listened on: %v", set.listen, shortNetworkError(err))
			return
		}
	}
	switch said, err := readiness(ctx, set.listen); {
	case err == nil && strings.HasPrefix(said, "ready"):
		x.ok("listen", "the process that runs at %s says: %s", set.listen, said)
	case err == nil:
		x.problem("listen", "what runs at %s is not ready: %s", set.listen, said)
	case inUse:
		x.warning("listen", "a process has the database, but none answers at %s", set.listen)
	default:
		x.problem("listen", "%s is taken by another program", set.listen)
	}
}

func readiness(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return "", err
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 200))
	if answer.StatusCode == http.StatusNotFound {
		return "", errors.New("it is not Tidings")
	}
	return strings.TrimSpace(string(said)), err
}

// model tells whether the language model answers, if there is to be one: it is asked
// for a word, which costs some twenty tokens.
func (x *examination) model(ctx context.Context, set settings) {
	if set.llm.url == "" || set.llm.name == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	asked := model.New(set.llm.url, set.llm.name, set.llm.key)
	defer asked.Close()
	_, _, err := asked.Complete(ctx, "Answer with one word.", "Are you there?", 200)
	switch {
	case errors.Is(err, model.ErrRefused):
		x.problem("model", "%s: %v; are TIDINGS_LLM_URL, TIDINGS_LLM_MODEL and TIDINGS_LLM_KEY right?", hostOf(set.llm.url), err)
	case errors.Is(err, context.DeadlineExceeded):
		x.warning("model", "%s does not answer within %v; summaries are sentences of the articles until it does", hostOf(set.llm.url), checkPatience)
	case err != nil:
		x.warning("model", "%s: %v; summaries are sentences of the articles until it answers", hostOf(set.llm.url), err)
	default:
		x.ok("model", "%s answers as %s", hostOf(set.llm.url), set.llm.name)
	}
}

// sources tells whether the list of sources can be read.
func (x *examination) sources(set settings) []digest.Source {
	sources, err := listSources(set)
	name := set.sources + " names"
	if set.sources == "" {
		name = "the built-in packs name"
	}
	switch {
	case err != nil:
		x.problem("sources", "%v", err)
	default:
		x.ok("sources", "%s %d", name, len(sources))
	}
	return sources
}

// telegram tells whether Telegram can be reached, takes the token, agrees on
// the time, and how updates come.
func (x *examination) telegram(ctx context.Context, set settings) {
	if set.token == "" {
		x.line("skipped", "telegram", "without a token it cannot be asked")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	client, err := telegram.New(set.token, set.apiURL, telegram.Options{Log: slog.New(slog.DiscardHandler), Speaks: func() bool { return false }})
	if err != nil {
		x.problem("telegram", "%v", tokenSentence(err))
		return
	}
	defer client.Close()
	began := time.Now()
	me, there, err := client.Meet(ctx)
	took := time.Since(began)
	if err != nil {
		x.problem("telegram", "%s", unreachable(set.apiURL, err))
		return
	}
	x.ok("telegram", "the token is that of @%s", me.Username)
	if !me.Inline {
		x.line("note", "inline", "headlines cannot be shared from other chats until @BotFather is told /setinline")
	}
	x.clock(began.Add(took/2), there, took)
	x.updates(ctx, client, set)
	x.admins(ctx, client, set)
}

// unreachable says why Telegram did not tell who we are.
func unreachable(apiURL string, err error) string {
	host := apiURL
	if u, parseErr := url.Parse(apiURL); parseErr == nil {
		host = u.Host
	}
	var e *telegram.Error
	switch {
	case errors.Is(err, telegram.ErrUnauthorized):
		return tokenSentence(err).Error()
	case !errors.As(err, &e):
		return err.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Sprintf("%s does not answer", host)
	case e.Code != 0:
		return fmt.Sprintf("%s answers: %s", host, e.Description)
	case e.Status != 0:
		return fmt.Sprintf("%s answers, but not as a Bot API server does (HTTP %d): is TELEGRAM_API_URL right?", host, e.Status)
	case errors.Is(err, telegram.ErrNotSent):
		return fmt.Sprintf("%s cannot be reached: %s", host, e.Description)
	}
	return fmt.Sprintf("%s gives no answer that can be read: %s", host, e.Description)
}

// clock compares this machine's time with the server's, which it tells to the
// second.
func (x *examination) clock(here, there time.Time, took time.Duration) {
	if there.IsZero() {
		return
	}
	off := here.Sub(there)
	switch {
	case off > clockMayDiffer+took:
		x.warning("clock", "this machine is %s ahead of Telegram's; digests come early and dates are wrong", off.Round(time.Second))
	case -off > clockMayDiffer+took:
		x.warning("clock", "this machine is %s behind Telegram's; digests come late and dates are wrong", (-off).Round(time.Second))
	default:
		x.ok("clock", "agrees with Telegram's")
	}
}

// updates tells how updates come and whether that is what the settings say.
func (x *examination) updates(ctx context.Context, client *telegram.Client, set settings) {
	info, err := client.Webhook(ctx)
	if err != nil {
		x.warning("updates", "Telegram does not tell whether a webhook is set: %v", err)
		return
	}
	failed := ""
	if time.Since(info.LastError) < webhookRecent {
		failed = fmt.Sprintf("; at %s an update could not be brought: %s", info.LastError.UTC().Format(time.TimeOnly), info.LastErrorMessage)
	}
	waiting := count(info.Pending, "update") + " wait" + map[bool]string{true: "s"}[info.Pending == 1]
	switch {
	case set.webhook == nil && info.URL == "":
		x.ok("updates", "they are polled for; %s", waiting)
	case set.webhook == nil:
		x.warning("updates", "a webhook is set at %s, but the settings say polling: tidings run takes it away and loses nothing; %s%s", hostOf(info.URL), waiting, failed)
	case info.URL == "":
		x.ok("updates", "tidings run sets the webhook; %s", waiting)
	case info.URL != set.webhook.String():
		x.warning("updates", "a webhook is set at %s, the settings name %s: tidings run sets that; %s%s", hostOf(info.URL), set.webhook.Host, waiting, failed)
	case failed != "":
		x.warning("updates", "Telegram brings them to %s; %s%s", set.webhook.Host, waiting, failed)
	default:
		x.ok("updates", "Telegram brings them to %s; %s", set.webhook.Host, waiting)
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address that cannot be read"
	}
	return u.Host
}

// admins tells which of them the bot cannot write to.
func (x *examination) admins(ctx context.Context, client *telegram.Client, set settings) {
	if len(set.admins) == 0 {
		x.warning("admins", "TIDINGS_ADMINS names nobody: no one can broadcast, and no one is told when something goes wrong")
		return
	}
	var strangers []string
	ids := make([]int64, 0, len(set.admins))
	for id := range set.admins {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		switch _, err := client.Chat(ctx, id); {
		case errors.Is(err, telegram.ErrChatNotFound):
			strangers = append(strangers, fmt.Sprint(id))
		case err != nil:
			x.warning("admins", "Telegram does not tell about admin %d: %v", id, err)
			return
		}
	}
	if len(strangers) > 0 {
		x.warning("admins", "not yet started the bot, so it cannot write to them: %s", strings.Join(strangers, ", "))
		return
	}
	x.ok("admins", "%s, and the bot can write to all", count(len(ids), "admin"))
}

// fetch reads a few sources, spread over the list.
func (x *examination) fetch(ctx context.Context, set settings, sources []digest.Source) {
	if len(sources) == 0 {
		x.line("skipped", "fetch", "no list of sources could be read, so none was tried")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	fetcher := feed.NewFetcher(feed.Options{AllowNetworks: set.allowNetworks, UserAgent: userAgent("")})
	defer fetcher.Close()
	n := min(checkSources, len(sources))
	items, failures := make([]int, n), make([]string, n)
	var visits sync.WaitGroup
	for i := range n {
		visits.Go(func() {
			s := sources[i*len(sources)/n]
			read, err := visit(ctx, fetcher, s.Address)
			items[i] = read
			if err != nil {
				failures[i] = feed.Host(s.Address) + " – " + digest.Reason(err)
			}
		})
	}
	visits.Wait()
	all := 0
	for _, n := range items {
		all += n
	}
	failed := slices.DeleteFunc(failures, func(s string) bool { return s == "" })
	switch {
	case len(failed) == n:
		x.problem("fetch", "of %s none could be read: %s", count(n, "source"), strings.Join(failed, "; "))
	case len(failed) > 0:
		x.warning("fetch", "of %s %d could not be read: %s", count(n, "source"), len(failed), strings.Join(failed, "; "))
	default:
		x.ok("fetch", "%s read, %s", count(n, "source"), count(all, "item"))
	}
}

// visit reads one feed and counts its items.
func visit(ctx context.Context, fetcher *feed.Fetcher, address string) (items int, err error) {
	answer, err := fetcher.Fetch(ctx, feed.Request{Address: address})
	if err != nil {
		return 0, err
	}
	found, err := feed.Parse(answer.Body, answer.ContentType, answer.FinalAddress, time.Now())
	return len(found.Items), err
}

// shortNetworkError is what went wrong without the addresses around it.
func shortNetworkError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
