package bot_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/page"
	"tidings/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sceneToken = "4242:the-token-of-the-scenes"
	ida        = int64(11) // a reader
	ben        = int64(12) // another
	ada        = int64(90) // an admin of the bot
	zoe        = int64(91) // another, who has not met it yet
)

// A world is all real parts of the chat side around a pretend Telegram, in a
// bubble whose time costs nothing. Its day begins on Monday, 7:30 UTC.
type world struct {
	t     testing.TB
	sim   *simulator.Simulator
	store *storage.Store
	wire  *pipes
	log   *notes
	web   *web
	bot   *bot.Bot
	space func() (free, total uint64, err error) // of the disk; unknown when nil
	mutes func()                                 // happens just before a source is muted, unless nil
	rate  float64                                // messages a second that the watch reckons with
	pace  float64                                // and that the limiter lets pass; the usual ones when 0
	lag   func() time.Duration                   // of each call, half of it on the way there; none when nil
	posts int

	answers answers       // to deliveries
	slowest time.Duration // a press may wait for its answer: the one before it in the chat may have to wait a second to be shown

	pages  map[string]string // articles' pages by address: their text
	model  languageModel     // that writes abstracts, none at first; to be set before a start
	packs  []digest.Source   // that the admins choose from; to be set before a start
	source digest.Source
	stop   func() // ends the running parts
	parts  sync.WaitGroup
}

// scene plays an act in a world of its own. Whatever happened in it, every
// press must have been answered once and in time, no limit broken, and no
// error logged that the act did not ask for with w.log.expect.
func scene(t *testing.T, act func(t *testing.T, w *world), change ...func(*simulator.Config)) {
	t.Helper()
	t.Parallel() // nothing is shared: half the time on two cores
	synctest.Test(t, func(t *testing.T) {
		monday := time.Date(2026, 3, 16, 7, 30, 0, 0, time.UTC)
		time.Sleep(time.Until(monday))
		w, end := newWorld(t, ":memory:", change...)
		defer end()
		act(t, w)
		w.check()
	})
}

// newWorld makes a world and begins all acts in it; end ends them.
func newWorld(t testing.TB, database string, change ...func(*simulator.Config)) (w *world, end func()) {
	t.Helper()
	w = &world{t: t, wire: newPipes(), log: &notes{}, web: &web{}, slowest: 1500 * time.Millisecond}
	cfg := simulator.Config{Token: sceneToken, People: []simulator.Person{
		{ID: ida, Name: "Ida", Language: "en"},
		{ID: ben, Name: "Ben", Language: "en"},
		{ID: ada, Name: "Ada", Language: "en", Role: "admin"},
		{ID: zoe, Name: "Zoe", Language: "en", Role: "admin"},
	}}
	for _, f := range change {
		f(&cfg)
	}
	w.sim = simulator.New(cfg)
	var answering sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answering.Add(1)
		defer answering.Done()
		w.serve(rw, r)
	})}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(w.wire) }()
	var err error
	w.store, err = storage.Open(t.Context(), database, storage.Options{Log: w.log.logger(), Abstracts: true})
	if err != nil {
		t.Fatalf("Open(%s) = %v", database, err)
	}
	w.start()
	return w, func() {
		w.stop()
		w.sim.Close()
		server.Close()
		w.wire.Close()
		<-served
		answering.Wait()
		if err := w.store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	}
}

// serve answers a call, as long after it was made as w.lag says.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	if w.lag == nil {
		w.sim.ServeHTTP(rw, r)
		return
	}
	way := w.lag() / 2
	time.Sleep(way)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	time.Sleep(way)
	maps.Copy(rw.Header(), answer.Header())
	rw.WriteHeader(answer.Code)
	rw.Write(answer.Body.Bytes())
}

// takesHours leaves a scene out of short runs, which are those with the race
// detector: every second of its hours would cost tenfold.
func takesHours(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("its hours are too long for a short run")
	}
}

// start begins all acts but collecting; publishing happens when an edition is
// asked for and every few seconds, as the queue does it.
func (w *world) start() {
	t, log := w.t, w.log.logger()
	ctx, cancel := context.WithCancel(context.Background())
	client := w.client()
	catalog, err := bot.LoadCatalog()
	if err != nil {
		t.Fatalf("LoadCatalog() = %v", err)
	}
	w.bot = bot.New(client, overtaken{w.store, w}, digest.NewFinder(w.store), digest.NewScout(w.web), catalog, bot.Options{
		ID:       4242,
		Username: "tidings_bot",
		Admins:   map[int64]bool{ada: true, zoe: true},
		SendRate: telegram.DefaultRate,
		Packs:    w.packs,
		Version:  "v1.2.3",
		Fatal:    storage.ErrUnusable,
		Now:      time.Now,
		Log:      log,
	})
	publisher := bot.NewPublisher(w.store, catalog, log)
	run := func(what string, act func(context.Context) error) {
		w.parts.Go(func() {
			if err := act(ctx); err != nil {
				w.log.fail("%s ended: %v", what, err)
			}
		})
	}
	watch := bot.NewWatch(watched{w.store, w}, catalog, bot.WatchOptions{
		Admins: map[int64]bool{ada: true, zoe: true}, SendRate: cmp.Or(w.rate, telegram.DefaultRate), Now: time.Now, Log: log,
	})
	run("watching", watch.Run)
	poller := telegram.Poller{Client: client, Offsets: offsets{w.store}, Log: log, Handle: w.bot.Handle, Polled: watch.Polled}
	run("polling", poller.Run)
	run("errands", w.bot.Run)
	run("delivering", bot.NewDeliverer(client, w.store, catalog, time.Now, log).WatchedBy(&w.answers).Run)
	run("broadcasting", bot.NewBroadcaster(client, w.store, catalog, telegram.DefaultRate, time.Now, log).Run)
	run("joining", digest.NewJoiner(w.store, w.store.NewStoryID, log).Run)
	run("publishing", func(ctx context.Context) error {
		tick := time.NewTicker(time.Second) // as the clock of the queue
		defer tick.Stop()
		for {
			if _, err := publisher.Publish(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-w.store.Enqueued():
			case <-tick.C:
			}
		}
	})
	alerter := bot.NewAlerter(w.store, catalog, log)
	run("alerting", func(ctx context.Context) error {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			if _, err := alerter.Alert(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	run("reading pages", w.readPages)
	if w.model != nil {
		run("writing abstracts", digest.NewAbstractWriter(w.store, w.model, 1_000_000, errNoModel, log).Run)
	}
	w.stop = func() {
		cancel()
		w.parts.Wait()
		client.Close()
		w.stop = func() {}
	}
}

// readPages answers for the pages of articles, a moment after they are wanted:
// those that w.pages holds are articles, the others are forbidden by robots.txt.
func (w *world) readPages(ctx context.Context) error {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		wanted, err := w.store.ClaimPages(ctx, time.Now(), time.Minute, 50)
		for _, p := range wanted {
			v := digest.PageVisit{Article: p.Article, State: digest.PageRefused, Attempts: 1, Reason: feed.ErrRobots.Error()}
			if text := w.pages[p.Address]; text != "" {
				v.State, v.Page = digest.PageDone, page.Page{Kind: page.Article, Text: text}
			}
			if err == nil {
				err = w.store.ShelvePage(ctx, v)
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (w *world) client() *telegram.Client {
	c, err := telegram.New(sceneToken, "http://memory.test", telegram.Options{Dial: w.wire.Dial, Log: w.log.logger(), Pauses: w.store, Rate: w.pace})
	if err != nil {
		w.t.Fatalf("telegram.New = %v", err)
	}
	kept, err := w.store.Pauses(w.t.Context())
	if err != nil {
		w.t.Fatalf("Pauses() = %v", err)
	}
	for _, p := range kept {
		c.Limiter().Heed([]telegram.Pause{{Scope: p.Scope, Until: p.Until}})
	}
	return c
}

// check is what holds after every scene.
func (w *world) check() {
	w.t.Helper()
	w.stop() // whatever was not answered by now would not be
	w.passes(20 * time.Second)
	e := w.sim.Evidence()
	if e.Unanswered != 0 || e.AnsweredTwice != 0 || e.AnsweredLate != 0 {
		w.t.Errorf("of %d presses %d were not answered, %d twice, %d late; want each once and in time", e.Presses, e.Unanswered, e.AnsweredTwice, e.AnsweredLate)
	}
	if e.Slowest > w.slowest {
		w.t.Errorf("a press was answered after %v, want at most %v", e.Slowest, w.slowest)
	}
	if e.Violations != 0 || e.DroppedMarks != 0 {
		w.t.Errorf("Telegram saw %d violations and dropped %d entities, want none", e.Violations, e.DroppedMarks)
	}
	for _, a := range e.Accepted {
		if strings.Contains(a.Text, "<no value>") || strings.TrimSpace(a.Text) == "" && !a.Media {
			w.t.Errorf("chat %d was sent %q, which lacks a value", a.ChatID, a.Text)
		}
	}
	var odd int
	if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM deliveries WHERE (state IN ('waiting', 'sending')) <> (ended IS NULL)`).Scan(&odd); err != nil || odd != 0 {
		w.t.Errorf("%d deliveries ended without a time, or have one without an end (%v)", odd, err)
	}
	for _, problem := range w.log.unexpected() {
		w.t.Errorf("unexpected in the log: %s", problem)
	}
}

// passes lets time go by.
func (w *world) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// skips lets time go by while the bot is off, which costs nothing, and starts
// it again.
func (w *world) skips(d time.Duration) {
	w.stop()
	w.passes(d)
	w.start()
	w.settles()
}

// slot lets time go by until shortly after a moment of Monday, UTC, which the
// bot comes to awake.
func (w *world) slot(clock string) {
	w.t.Helper()
	at, err := time.Parse("2006-01-02 15:04", "2026-03-16 "+clock)
	if err != nil || time.Until(at) < 10*time.Second {
		w.t.Fatalf("it is %s: %s is no slot to come (%v)", time.Now().UTC().Format("15:04:05"), clock, err)
	}
	w.skips(time.Until(at) - 5*time.Second)
	w.passes(time.Until(at) + 6*time.Second)
}

// quiet is how long nothing happens when the bot has nothing more to say: a
// chat gets a message a second, and a first edition is found due at the second
// tick after its topic.
const quiet = 2500 * time.Millisecond

// settles waits until the bot has nothing more to say, for ten seconds at most.
func (w *world) settles() {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(context.Background(), quiet)
		looks := 0
		err := w.sim.Wait(ctx, func() bool { looks++; return looks > 1 }) // until something changes
		cancel()
		if err != nil {
			break
		}
	}
	synctest.Wait()
}

// say lets a person write to the bot and returns what it wrote back.
func (w *world) say(person int64, text string) shown {
	w.t.Helper()
	return w.post(simulator.Post{From: person, Text: text})
}

// post lets a person write anywhere and returns what the bot wrote back there.
func (w *world) post(p simulator.Post) shown {
	w.t.Helper()
	where := p.Chat
	if where == 0 {
		where = p.From
	}
	before := w.last(where)
	if _, err := w.sim.Post(p); err != nil {
		w.t.Fatalf("Post(%+v) = %v", p, err)
	}
	w.settles()
	return w.since(where, before)
}

// press lets a person press the newest button with the label and returns the
// message that held it, as it is afterwards.
func (w *world) press(person int64, label string) simulator.Message {
	w.t.Helper()
	return w.pressIn(person, person, label)
}

func (w *world) pressIn(person, chat int64, label string) simulator.Message {
	w.t.Helper()
	var id int64
	for _, m := range w.sim.Snapshot(chat) {
		if find(m, label) {
			id = m.MessageID
		}
	}
	if _, err := w.sim.Press(person, chat, id, simulator.ByLabel(label)); err != nil {
		w.t.Fatalf("Press(%q) in chat %d = %v; it shows:%s", label, chat, err, w.since(chat, 0))
	}
	w.settles()
	return w.message(chat, id)
}

// forge presses what no keyboard shows, under the newest message of the bot,
// and returns the notice that the person saw.
func (w *world) forge(person, chat int64, data string) simulator.Toast {
	w.t.Helper()
	under := int64(0)
	for _, m := range w.since(chat, 0) {
		under = m.MessageID
	}
	id, err := w.sim.PressForged(person, chat, under, data)
	if err != nil {
		w.t.Fatalf("PressForged(%q) = %v", data, err)
	}
	w.settles()
	return w.toast(id)
}

func find(m simulator.Message, label string) bool {
	if m.Markup == nil {
		return false
	}
	for _, row := range m.Markup.InlineKeyboard {
		for _, b := range row {
			if b.Text == label {
				return true
			}
		}
	}
	return false
}

func (w *world) message(chat, id int64) simulator.Message {
	for _, m := range w.sim.Snapshot(chat) {
		if m.MessageID == id {
			return m
		}
	}
	w.t.Fatalf("message %d of chat %d is not there", id, chat)
	return simulator.Message{}
}

func (w *world) last(chat int64) int64 {
	list := w.sim.Snapshot(chat)
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].MessageID
}

// since returns what the bot wrote in a chat after a message.
func (w *world) since(chat, message int64) shown {
	var out shown
	for _, m := range w.sim.Snapshot(chat) {
		posted := m.From == nil && m.Chat.Type == "channel" // nobody else posts in channels
		if m.MessageID > message && (posted || m.From != nil && m.From.IsBot && m.From.ID == 4242) {
			out = append(out, m)
		}
	}
	return out
}

// shown is messages of the bot in order.
type shown []simulator.Message

func (s shown) String() string {
	var b strings.Builder
	for _, m := range s {
		fmt.Fprintf(&b, "\n--- %d ---\n%s", m.MessageID, m.Text)
		if m.Markup != nil {
			for _, row := range m.Markup.InlineKeyboard {
				b.WriteString("\n")
				for _, k := range row {
					fmt.Fprintf(&b, "[%s]", k.Text)
				}
			}
		}
	}
	return b.String()
}

// wants fails unless the messages hold all the texts, buttons as [label]; a
// text that begins with "!" must not be there.
func (w *world) wants(got fmt.Stringer, texts ...string) {
	w.t.Helper()
	all := got.String()
	for _, text := range texts {
		if absent, ok := strings.CutPrefix(text, "!"); ok == strings.Contains(all, absent) {
			if ok {
				w.t.Errorf("the bot shows %q, which it must not:%s", absent, all)
			} else {
				w.t.Errorf("the bot does not show %q but:%s", text, all)
			}
		}
	}
}

// wantsOne is wants for one message.
func (w *world) wantsOne(m simulator.Message, texts ...string) {
	w.t.Helper()
	w.wants(shown{m}, texts...)
}

// wantsNothing fails if the bot wrote.
func (w *world) wantsNothing(got shown) {
	w.t.Helper()
	if len(got) > 0 {
		w.t.Errorf("the bot must keep silent, but shows:%s", got)
	}
}

// publish lets an outlet publish an article, and waits until it has its story.
func (w *world) publish(title, text string) {
	w.t.Helper()
	w.tells("test-post.example", title, text)
}

// tells is publish by an outlet of that host.
func (w *world) tells(host, title, text string) {
	w.t.Helper()
	if w.source.ID == 0 {
		if _, err := w.store.AddSources(w.t.Context(), []digest.Source{{Name: "The Test Post", Address: "https://test-post.example/feed", Language: "en"}}); err != nil {
			w.t.Fatal(err)
		}
		claimed, err := w.store.ClaimSources(w.t.Context(), time.Now().Add(time.Hour), time.Hour, 1)
		if err != nil || len(claimed) != 1 {
			w.t.Fatalf("ClaimSources = %d sources, %v", len(claimed), err)
		}
		w.source = claimed[0]
	}
	w.posts++
	now := time.Now()
	a, err := digest.NewArticle(w.source, feed.Item{
		GUID: fmt.Sprint(w.posts), Link: fmt.Sprintf("https://%s/%d", host, w.posts), Title: title, Summary: text, Published: now,
	}, now)
	if err != nil {
		w.t.Fatalf("NewArticle(%q) = %v", title, err)
	}
	if _, err := w.store.ShelveVisits(w.t.Context(), []digest.Visit{{Source: w.source, Articles: []digest.Article{a}}}); err != nil {
		w.t.Fatal(err)
	}
	w.passes(100 * time.Millisecond)
}

// ferries publishes three stories, two of which fit "ferries".
func (w *world) ferries() {
	w.publish("Harbour council orders two electric ferries", "The council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	w.publish("Bakers lower the price of rye bread", "Bakers in three towns lowered the price of rye bread by a tenth. Flour has become cheaper since spring.")
	w.publish("Ferries stop for a day as crews strike", "Crews want shorter shifts, and no boat left the port on Tuesday. About 4,000 commuters must find another way.")
}

// chat is what the shelf has about an address.
func (w *world) chat(at bot.Address) bot.Chat {
	w.t.Helper()
	c, err := w.store.ChatAt(w.t.Context(), at)
	if err != nil {
		w.t.Fatalf("ChatAt(%+v) = %v", at, err)
	}
	return c
}

// follows lists a private chat's topics.
func (w *world) follows(person int64) string {
	w.t.Helper()
	return w.followsAt(bot.Address{Telegram: person})
}

func (w *world) followsAt(at bot.Address) string {
	w.t.Helper()
	subs, err := w.store.Subscriptions(w.t.Context(), w.chat(at).ID)
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, s := range subs {
		name := s.Label
		if s.Muted {
			name += " (muted)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (w *world) wantFollows(person int64, want string) {
	w.t.Helper()
	if got := w.follows(person); got != want {
		w.t.Errorf("chat %d follows %q, want %q", person, got, want)
	}
}

// inject lets Telegram say anything.
func (w *world) inject(kind, payload string) int64 {
	w.t.Helper()
	id, err := w.sim.Inject(kind, json.RawMessage(payload))
	if err != nil {
		w.t.Fatalf("Inject(%s, %s) = %v", kind, payload, err)
	}
	w.settles()
	return id
}

// watched is the shelf on a disk that the scene fills.
type watched struct {
	*storage.Store
	w *world
}

func (s watched) Space() (free, total uint64, err error) {
	if s.w.space == nil {
		return s.Store.Space()
	}
	return s.w.space()
}

// overtaken is a shelf where something else may happen between two looks.
type overtaken struct {
	*storage.Store
	w *world
}

func (s overtaken) MuteSource(ctx context.Context, chat bot.ChatID, source digest.SourceID, muted bool) error {
	if s.w.mutes != nil {
		s.w.mutes()
	}
	return s.Store.MuteSource(ctx, chat, source, muted)
}

// answers counts answers to deliveries by name.
type answers struct {
	mu   sync.Mutex
	seen map[string]int
}

func (a *answers) Answered(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen == nil {
		a.seen = map[string]int{}
	}
	a.seen[name]++
}

func (a *answers) Delivered(bot.Delivery, time.Time) {}

// String is the names but "sent", in order, each once.
func (a *answers) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	names := slices.Sorted(maps.Keys(a.seen))
	return strings.Join(slices.DeleteFunc(names, func(n string) bool { return n == "sent" }), " ")
}

// offsets keeps the poller's offset on the shelf.
type offsets struct{ store *storage.Store }

func (o offsets) LoadOffset(ctx context.Context) (int64, error) { return o.store.UpdateOffset(ctx) }
func (o offsets) SaveOffset(ctx context.Context, offset int64) error {
	return o.store.SaveUpdateOffset(ctx, offset)
}

// notes keeps warnings and errors of the log.
type notes struct {
	mu       sync.Mutex
	lines    []string
	expected []string
}

func (n *notes) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(n, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, strings.TrimSpace(string(p)))
	return len(p), nil
}

func (n *notes) fail(format string, args ...any) { fmt.Fprintf(n, format, args...) }

// expect allows log lines that hold a text.
func (n *notes) expect(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expected = append(n.expected, text)
}

func (n *notes) unexpected() (out []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
next:
	for _, line := range n.lines {
		for _, e := range n.expected {
			if strings.Contains(line, e) {
				continue next
			}
		}
		out = append(out, line)
	}
	return out
}

// pipes is a listener and dialler in memory: with it a real http.Server runs
// in a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	state wireState
	open  []net.Conn
}

// A wireState is how a connection fares that is made now.
type wireState int

const (
	wireWorks  wireState = iota
	wireDown             // none can be made
	wireBreaks           // it breaks before anything is taken
)

// turn cuts all connections and lets those to come fare otherwise.
func (p *pipes) turn(to wireState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = to
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}

// brokenPipe takes nothing.
type brokenPipe struct{ net.Conn }

func (c brokenPipe) Write([]byte) (int, error) {
	c.Close()
	return 0, errors.New("connection reset by peer")
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	state := p.state
	client, server := net.Pipe()
	p.open = append(p.open, client)
	p.mu.Unlock()
	switch state {
	case wireDown:
		return nil, errors.New("connection refused")
	case wireBreaks:
		return brokenPipe{client}, nil
	}
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (w *world) toast(id string) simulator.Toast {
	w.t.Helper()
	toast, ok := w.sim.Answer(id)
	if !ok || !toast.Answered {
		w.t.Errorf("the press %s was not answered", id)
	}
	return toast
}

func unix(at time.Time) string { return fmt.Sprint(at.Unix()) }

func labelled(text string) simulator.ButtonAt { return simulator.ByLabel(text) }

// words is a message without marks or buttons.
func words(text string) telegram.Message { return telegram.NewMessage(telegram.Text{Text: text}) }

func base36(id int64) string { return strconv.FormatInt(id, 36) }

func (n *notes) has(text string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Contains(strings.Join(n.lines, "\n"), text)
}
