package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings/bot/simulator"
)

// TestMain lets the test binary be the program that it tests: as a child with
// asChild set it runs main, so that it can be killed. To scripts it is the
// command tidings.
func TestMain(m *testing.M) {
	if os.Getenv(asPublishers) != "" {
		publish()
	}
	if os.Getenv(asChild) != "" {
		os.Unsetenv(asChild)
		main()
	}
	testscript.Main(m, map[string]func(){"tidings": main})
}

const (
	asChild   = "RUN_AS_TIDINGS"
	testToken = "4242:the-token-of-the-tests"
	admin     = 9001
)

// A world is a pretend Telegram, a publisher, and the program between them.
type world struct {
	t        *testing.T
	sim      *simulator.Simulator
	api      *httptest.Server
	press    *press
	feeds    *httptest.Server
	folder   string
	program  *exec.Cmd
	stderr   *childLog
	extraEnv []string
}

func newWorld(t *testing.T, extraEnv ...string) *world {
	return newWorldWith(t, simulator.Config{}, extraEnv...)
}

// newWorldWith is newWorld with a Telegram of another kind.
func newWorldWith(t *testing.T, cfg simulator.Config, extraEnv ...string) *world {
	w := &world{t: t, press: &press{}, folder: t.TempDir(), extraEnv: extraEnv}
	cfg.Token, cfg.People = testToken, []simulator.Person{{ID: admin, Name: "Ada", Language: "en", Role: "admin"}}
	w.sim = simulator.New(cfg)
	w.api = httptest.NewServer(w.sim)
	w.feeds = httptest.NewServer(w.press)
	t.Cleanup(func() {
		w.stop()
		w.sim.Close()
		w.api.Close()
		w.feeds.Close()
	})
	list := filepath.Join(w.folder, "sources.txt")
	if err := os.WriteFile(list, []byte(w.feeds.URL+"/feed.xml\tThe Test Post\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) environ() []string {
	return append([]string{
		asChild + "=1",
		"PATH=" + os.Getenv("PATH"),
		"TMPDIR=" + w.folder,
		"TELEGRAM_BOT_TOKEN=" + testToken,
		"TELEGRAM_API_URL=" + w.api.URL,
		"TIDINGS_DATABASE=" + filepath.Join(w.folder, "tidings.db"),
		"TIDINGS_SOURCES=" + filepath.Join(w.folder, "sources.txt"),
		"TIDINGS_ALLOW_NETWORKS=127.0.0.0/8",
		"TIDINGS_FETCH_INTERVAL=1s",
		"TIDINGS_LISTEN=127.0.0.1:0",
		fmt.Sprintf("TIDINGS_ADMINS=%d", admin),
	}, w.extraEnv...)
}

func (w *world) start() {
	w.t.Helper()
	w.stderr = &childLog{}
	w.program = w.launch(w.stderr)
}

// A childLog is what a running program wrote, which may be read meanwhile.
type childLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *childLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *childLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// launch starts a process of the program.
func (w *world) launch(stderr io.Writer) *exec.Cmd {
	w.t.Helper()
	c := exec.Command(os.Args[0], "run")
	c.Env = w.environ()
	c.Stderr = stderr
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// kill ends the program as a power cut would.
func (w *world) kill() {
	w.t.Helper()
	w.program.Process.Kill()
	w.program.Wait()
	w.program = nil
}

// stop asks the program to end and tells how it ended.
func (w *world) stop() error {
	if w.program == nil {
		return nil
	}
	w.program.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	program := w.program
	go func() { done <- program.Wait() }()
	w.program = nil
	select {
	case err := <-done:
		return err
	case <-time.After(15 * time.Second):
		program.Process.Kill()
		<-done
		return fmt.Errorf("the program did not stop within 15 s; its log:\n%s", w.stderr)
	}
}

// say sends a text as a person.
func (w *world) say(person int64, text string) {
	w.t.Helper()
	if _, err := w.sim.Say(person, text); err != nil {
		w.t.Fatalf("Say(%d, %q): %v", person, text, err)
	}
}

// sees waits until the chat shows a message with the text.
func (w *world) sees(chat int64, text string, within time.Duration) simulator.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), within)
	defer cancel()
	m, err := w.sim.WaitText(ctx, chat, text)
	if err != nil {
		w.t.Fatalf("chat %d shows no message with %q within %v: %v\nit shows: %s\nlog:\n%s", chat, text, within, err, w.texts(chat), w.stderr)
	}
	return m
}

func (w *world) texts(chat int64) string {
	var b strings.Builder
	for _, m := range w.sim.Snapshot(chat) {
		fmt.Fprintf(&b, "\n--- %d ---\n%s", m.MessageID, m.Text)
	}
	return b.String()
}

// shown counts the chat's messages that hold the text.
func (w *world) shown(chat int64, text string) int {
	n := 0
	for _, m := range w.sim.Snapshot(chat) {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

// press publishes items in a feed.
type press struct {
	mu    sync.Mutex
	items []string
	pages map[string]string // by path, on the press's own host
	agent string            // who asked for the feed last
	hub   string            // that the feed names, "" for none
	asked map[string]int    // requests by path
}

func (p *press) publish(slug, title, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append([]string{fmt.Sprintf(
		"<item><title>%s</title><link>https://test-post.example/%s</link><guid>%s</guid><description>%s</description><pubDate>%s</pubDate></item>",
		title, slug, slug, text, time.Now().UTC().Format(time.RFC1123Z))}, p.items...)
}

// publishPage publishes an item whose link leads to a page that the press
// serves itself.
func (p *press) publishPage(base, path, title, teaser, page string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pages == nil {
		p.pages = map[string]string{}
	}
	p.pages[path] = page
	p.items = append([]string{fmt.Sprintf(
		"<item><title>%s</title><link>%s</link><guid>%s</guid><description>%s</description><pubDate>%s</pubDate></item>",
		title, base+path, path, teaser, time.Now().UTC().Format(time.RFC1123Z))}, p.items...)
}

// visitor is who asked for the feed last, by its own word.
func (p *press) visitor() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agent
}

// requests counts what was asked for.
func (p *press) requests(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked == nil {
		p.asked = map[string]int{}
	}
	p.asked[r.URL.Path]++
	if page, ok := p.pages[r.URL.Path]; ok {
		io.WriteString(w, page)
		return
	}
	if r.URL.Path != "/feed.xml" {
		http.NotFound(w, r)
		return
	}
	p.agent = r.UserAgent()
	if p.hub != "" {
		w.Header().Set("Link", "<"+p.hub+`>; rel="hub"`)
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>The Test Post</title><link>https://test-post.example/</link><description>Tests</description>%s</channel></rss>`, strings.Join(p.items, ""))
}

// TestTheRoad drives the whole program: a reader subscribes and gets a first
// edition at once, then one at the scheduled minute; an admin broadcasts; the
// program is killed in the middle of it and started again; nothing is lost.
func TestTheRoad(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a minute to begin")
	}
	w := newWorld(t)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	w.press.publish("bread", "Bakers lower the price of rye bread", "Bakers in three towns lowered the price of rye bread by a tenth. Flour has become cheaper since spring.")
	w.start()

	const reader = 1
	w.sim.AddPerson(simulator.Person{ID: reader, Name: "Ida", Language: "en"})
	w.say(reader, "/start")
	w.sees(reader, "What shall I follow", 20*time.Second)
	w.say(reader, "/timezone UTC")
	w.sees(reader, "time zone is UTC", 30*time.Second)
	w.say(reader, "/subscribe ferries")
	w.sees(reader, "Following ferries", 30*time.Second)
	first := w.sees(reader, "38 million euros", 20*time.Second)
	if strings.Contains(first.Text, "rye bread") {
		t.Errorf("the first edition holds a story that does not match:\n%s", first.Text)
	}

	slot := time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	if time.Until(slot) < 15*time.Second {
		slot = slot.Add(time.Minute)
	}
	w.say(reader, "/schedule "+slot.Format("15:04"))
	w.sees(reader, "every day at "+slot.Format("15:04"), 30*time.Second)
	w.press.publish("strike", "Ferries stop for a day as crews strike", "Ferries stay in port on Tuesday because crews strike for shorter shifts. About 4,000 commuters must find another way.")
	edition := w.sees(reader, "crews strike for shorter shifts", time.Until(slot)+60*time.Second)
	if at := time.Unix(edition.Date, 0); at.Before(slot) || at.Sub(slot) > 20*time.Second {
		t.Errorf("the edition of %s came at %s", slot.Format(time.TimeOnly), at.UTC().Format(time.TimeOnly))
	}
	if me := w.press.visitor(); !strings.Contains(me, "(+https://t.me/") {
		t.Errorf("a publisher is visited by %q, which tells nobody whom to ask", me)
	}
	if strings.Contains(edition.Text, "38 million euros") {
		t.Errorf("the second edition repeats a story of the first:\n%s", edition.Text)
	}

	const readers = 120
	for id := int64(100); id < 100+readers; id++ {
		w.sim.AddPerson(simulator.Person{ID: id, Name: "Reader", Language: "en"})
		w.say(id, "/start")
	}
	for id := int64(100); id < 100+readers; id++ {
		w.sees(id, "What shall I follow", 30*time.Second)
	}
	w.say(admin, "/broadcast Maintenance tonight at eleven.")
	ask := w.sees(admin, "This is how readers will see it", 30*time.Second)
	if _, err := w.sim.Press(admin, admin, ask.MessageID, labelBegins("Send to")); err != nil {
		t.Fatal(err)
	}
	got := func() (n int) {
		for id := int64(100); id < 100+readers; id++ {
			n += min(1, w.shown(id, "Maintenance tonight"))
		}
		return n
	}
	w.until(30*time.Second, "a third of the broadcast", func() bool { return got() >= readers/3 })
	w.kill()
	if n := got(); n == readers {
		t.Errorf("the broadcast was over before the kill: nothing was tested")
	}
	w.start()
	w.until(60*time.Second, "the whole broadcast", func() bool { return got() == readers })
	w.sees(admin, "The broadcast has ended", 20*time.Second)
	twice := 0
	for id := int64(100); id < 100+readers; id++ {
		twice += w.shown(id, "Maintenance tonight") - 1
	}
	if twice > 16 {
		t.Errorf("%d messages came twice; at most those in flight may", twice)
	}
	e := w.sim.Evidence()
	if e.TooMany != 0 || e.Violations != 0 {
		t.Errorf("Telegram had to refuse %d messages and saw %d violations, want none", e.TooMany, e.Violations)
	}
	if e.Unanswered != 0 || e.AnsweredTwice != 0 {
		t.Errorf("presses unanswered %d, answered twice %d, want none", e.Unanswered, e.AnsweredTwice)
	}
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if log := w.stderr.String(); strings.Contains(log, testToken) || strings.Contains(log, "Maintenance") {
		t.Errorf("the log holds the token or a message text:\n%s", log)
	}
}

// TestReplicasTakeOver runs two replicas on one PostgreSQL: one of them talks
// to Telegram; when it is killed the other goes on, and no message comes twice.
func TestReplicasTakeOver(t *testing.T) {
	database := throwAwayDatabase(t)
	w := newWorld(t, "TIDINGS_DATABASE="+database)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	const reader = 1
	w.sim.AddPerson(simulator.Person{ID: reader, Name: "Ida", Language: "en"})
	w.start()
	w.say(reader, "/start")
	w.sees(reader, "What shall I follow", 30*time.Second)
	var second childLog
	standby := w.launch(&second)
	defer func() {
		standby.Process.Kill()
		standby.Wait()
	}()
	w.say(reader, "/subscribe ferries")
	w.sees(reader, "38 million euros", 30*time.Second)
	w.say(reader, "/privacy") // its answer shows that the edition is off the wire
	w.sees(reader, "What is stored about you", 30*time.Second)
	// What Telegram ordered the one to wait holds for the other, too.
	const wait = 8 * time.Second
	w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"sendMessage"}, Chats: []int64{reader}, Count: 1, RetryAfter: int(wait.Seconds())})
	w.say(reader, "/quiet")
	w.until(10*time.Second, "a refusal", func() bool { return w.sim.Evidence().TooMany == 1 })
	refused := time.Now()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for kept := 0; kept == 0; time.Sleep(10 * time.Millisecond) { // until that is on the shelf
		if err := db.QueryRow(`SELECT COUNT(*) FROM pauses`).Scan(&kept); err != nil || time.Since(refused) > 10*time.Second {
			t.Fatalf("after %v there are %d pauses on the shelf (%v)", time.Since(refused), kept, err)
		}
	}
	w.kill()
	w.sees(reader, "You have no quiet hours", 30*time.Second)
	if after := time.Since(refused); after < wait-100*time.Millisecond {
		t.Errorf("a chat that must wait %v was written to after %v by the replica that took over", wait, after)
	}
	w.say(reader, "/subscribe strikes")
	w.sees(reader, "Following strikes", 30*time.Second)
	w.press.publish("strike", "Crews of the ferries go on strikes", "Ferries stay in port on Tuesday because crews strike for shorter shifts. About 4,000 commuters must find another way.")
	for range 10 { // until the feed was visited again
		w.say(reader, "/digest")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_, err := w.sim.WaitText(ctx, reader, "4,000 commuters")
		cancel()
		if err == nil {
			break
		}
	}
	if n := w.shown(reader, "4,000 commuters"); n != 1 {
		t.Errorf("the edition of the replica that took over was shown %d times, want once\nlog:\n%s", n, &second)
	}
	if e := w.sim.Evidence(); e.Violations != 0 {
		t.Errorf("Telegram saw %d violations, want none", e.Violations)
	}
	if n := w.shown(reader, "38 million euros"); n != 1 {
		t.Errorf("the first edition was shown %d times, want once", n)
	}
}

// throwAwayDatabase makes a database on the server that TEST_DATABASE_URL
// names, for one test.
func throwAwayDatabase(t testing.TB) string {
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		t.Skip("TEST_DATABASE_URL names no PostgreSQL")
	}
	address, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TEST_DATABASE_URL: %v", err)
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("tidings_test_%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create database %s: %v", name, err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database %s: %v", name, err)
		}
		db.Close()
	})
	address.Path = "/" + name
	return address.String()
}

// until waits for something that the simulator shows.
func (w *world) until(within time.Duration, what string, met func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), within)
	defer cancel()
	if err := w.sim.Wait(ctx, met); err != nil {
		w.t.Fatalf("%s did not come within %v: %v\nlog:\n%s", what, within, err, w.stderr)
	}
}

func TestWrongUseIsOneSentenceAndExitCodeTwo(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)
	}))
	defer refusing.Close()
	folder := t.TempDir()
	base := []string{"TIDINGS_DATABASE=" + filepath.Join(folder, "t.db"), "TIDINGS_LISTEN=127.0.0.1:0", "TELEGRAM_API_URL=" + refusing.URL}
	for name, c := range map[string]struct {
		args    []string
		environ []string
		want    string
	}{
		"no token":                {[]string{"run"}, nil, "TELEGRAM_BOT_TOKEN is not set"},
		"a token that is none":    {[]string{"run"}, []string{"TELEGRAM_BOT_TOKEN=hello"}, "no token"},
		"a token that is refused": {[]string{"run"}, []string{"TELEGRAM_BOT_TOKEN=" + testToken}, "refuses this token"},
		"a variable nobody reads": {[]string{"run"}, []string{"TIDINGS_DATABSE=x"}, "TIDINGS_DATABSE is no setting"},
		"a rate that is no number": {[]string{"run"}, []string{"TIDINGS_SEND_RATE=fast"},
			`TIDINGS_SEND_RATE: read "fast"; allowed is a number from 0.1 to 1000`},
		"an interval too short":              {[]string{"run", "--fetch-interval=10ms"}, nil, `--fetch-interval: read "10ms"`},
		"an admin that is a name":            {[]string{"run"}, []string{"TIDINGS_ADMINS=alice"}, `TIDINGS_ADMINS: read "alice"`},
		"a network that is none":             {[]string{"run"}, []string{"TIDINGS_ALLOW_NETWORKS=10.0.0.1"}, `TIDINGS_ALLOW_NETWORKS: read "10.0.0.1"`},
		"a list that is missing":             {[]string{"run"}, []string{"TELEGRAM_BOT_TOKEN=" + testToken, "TIDINGS_SOURCES=" + filepath.Join(folder, "none.opml")}, "TIDINGS_SOURCES"},
		"a model without a name":             {[]string{"run"}, []string{"TIDINGS_LLM_URL=http://127.0.0.1:1/v1"}, "TIDINGS_LLM_MODEL is not set"},
		"a model's key in its address":       {[]string{"run"}, []string{"TIDINGS_LLM_URL=https://api.example/v1?key=secret"}, `TIDINGS_LLM_URL: read "https://api.example/v1?…"; allowed is an http or https address`},
		"tokens that are too few":            {[]string{"run"}, []string{"TIDINGS_LLM_DAILY_TOKENS=-5"}, `TIDINGS_LLM_DAILY_TOKENS: read "-5"; allowed is a whole number from 1000 on`},
		"a model's key as a flag":            {[]string{"run", "--llm-key=secret"}, nil, "--llm-key"},
		"a key's file that is missing":       {[]string{"run"}, []string{"TIDINGS_LLM_KEY_FILE=" + filepath.Join(folder, "none")}, "TIDINGS_LLM_KEY_FILE: read"},
		"an unknown command":                 {[]string{"fly"}, nil, "fly"},
		"a public address for the chat page": {[]string{"try", "--addr=0.0.0.0:0"}, nil, "--addr"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(c.args, surroundings{strings.NewReader(""), &out, &errs, append(base[:len(base):len(base)], c.environ...)})
			lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
			if last := lines[len(lines)-1]; code != exitUsage || !strings.Contains(last, c.want) {
				t.Errorf("run(%q) with %q = %d, %q; want %d and %q", c.args, c.environ, code, errs.String(), exitUsage, c.want)
			}
			if strings.Contains(errs.String(), testToken) {
				t.Errorf("the token stands in %q", errs.String())
			}
		})
	}
}

func TestHelpOfRunNamesEverySetting(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"run", "--help"}, surroundings{strings.NewReader(""), &out, &errs, nil}); code != 0 {
		t.Fatalf("run --help ended with %d: %s", code, &errs)
	}
	words := strings.FieldsFunc(out.String(), func(r rune) bool { return strings.ContainsRune(" \n(),;.", r) })
	want := append([]string{}, secretNames...)
	for _, s := range settingTable {
		want = append(want, s.name)
	}
	for _, name := range append(want, ownPaths...) {
		if !slices.Contains(words, name) {
			t.Errorf("run --help does not name %s", name)
		}
	}
}

func TestATrialAsksLittleOfRealPublishers(t *testing.T) {
	for live, want := range map[bool]time.Duration{true: 15 * time.Minute, false: 10 * time.Second} {
		set, err := tryCommand{Live: live, Log: "warn"}.settings(surroundings{}, "127.0.0.1:8080", t.TempDir())
		if err != nil || set.fetchInterval != want {
			t.Errorf("a trial with live = %v visits every %v (%v), want %v", live, set.fetchInterval, err, want)
		}
		if agent := userAgent(set.contact("tidings_bot")); !strings.HasSuffix(agent, " (news digest bot)") {
			t.Errorf("a trial with live = %v visits as %q: that names a bot of Telegram's, which it is not", live, agent)
		}
	}
}

func TestAPrintIsOfTheProgramThatRuns(t *testing.T) {
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%x", sha256.Sum256(program))
	said := programPrint()
	for range 2 {
		if got := said(); got != want {
			t.Errorf("programPrint says %q, want the hash of the file each time: %q", got, want)
		}
	}
}

func TestVersionNamesTheBuild(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"version"}, surroundings{strings.NewReader(""), &out, &errs, nil}); code != 0 || !strings.HasPrefix(out.String(), "tidings ") {
		t.Errorf("run(version) = %d, %q, %q", code, out.String(), errs.String())
	}
}
