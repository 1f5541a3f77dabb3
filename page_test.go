package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// These tests look at the chat page of try through Chromium, as a person does.
// The variable CHROMIUM names the browser; when it is not set, one is looked
// for on the PATH, and without any the tests are skipped.

// patience is how long a journey waits for anything; only a failure takes so long.
const patience = 60 * time.Second

// A trial is a process of "tidings try".
type trial struct {
	t       *testing.T
	address string // host:port
	program *exec.Cmd
	stderr  *childLog
}

// newTrial starts the program; addr may name port 0.
func newTrial(t *testing.T, addr string) *trial {
	t.Helper()
	tr := &trial{t: t, stderr: &childLog{}}
	tr.program = exec.Command(os.Args[0], "try", "--addr="+addr)
	tr.program.Env = []string{asChild + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	tr.program.Stderr = tr.stderr
	out, err := tr.program.StdoutPipe()
	if err == nil {
		err = tr.program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	_, rest, _ := strings.Cut(line, "http://")
	tr.address, _, _ = strings.Cut(rest, " ")
	if err != nil || tr.address == "" {
		t.Fatalf("try said %q, %v; its log:\n%s", line, err, tr.stderr)
	}
	return tr
}

func (tr *trial) stop() {
	if tr.program == nil {
		return
	}
	tr.program.Process.Signal(syscall.SIGTERM)
	tr.program.Wait()
	tr.program = nil
}

// A screen is a tab of the browser that shows a trial's page.
type screen struct {
	*trial
	ctx context.Context
}

// newBrowser starts Chromium for a test and those under it.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	wanted, set := os.LookupEnv("CHROMIUM")
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if set {
		names = []string{wanted}
	}
	found := ""
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil && found == "" {
			found = path
		}
	}
	switch {
	case found == "" && set:
		t.Fatalf("CHROMIUM names %q, which is not there", wanted)
	case found == "":
		t.Skip("no Chromium on the PATH, and CHROMIUM names none")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(found), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-GB"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to run as root otherwise
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", found, err)
	}
	return ctx
}

// open shows the page of a trial in a new tab.
func open(t *testing.T, browser context.Context, tr *trial, width, height int64) *screen {
	t.Helper()
	ctx, shut := chromedp.NewContext(browser)
	t.Cleanup(shut)
	s := &screen{tr, ctx}
	if err := chromedp.Do(ctx); err != nil { // binds the tab to ctx, not to a time limit
		t.Fatal(err)
	}
	s.look("light")
	s.do(chromedp.EmulateViewport(width, height), chromedp.Navigate("http://"+tr.address+"/"))
	s.waits(`document.querySelectorAll(".phone").length >= 2`)
	t.Cleanup(func() {
		if t.Failed() {
			return // said already
		}
		s.is(`$("broken").hidden`, true)
	})
	return s
}

func (s *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.t.Fatalf("%v\n%s", err, s.shows())
	}
}

// look chooses light or dark, and no motion.
func (s *screen) look(scheme string) {
	s.t.Helper()
	_, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// waits until an expression is true in the page.
func (s *screen) waits(expression string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool]("Boolean("+expression+")", chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(0)))
	if err != nil {
		s.t.Fatalf("waiting for %s: %v\n%s", expression, err, s.shows())
	}
}

// value is what an expression gives now.
func value[V any](s *screen, expression string) V {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[V](expression))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (s *screen) is(expression string, want bool) {
	s.t.Helper()
	if got := value[bool](s, "Boolean("+expression+")"); got != want {
		s.t.Errorf("%s is %v, want %v\n%s", expression, got, want, s.shows())
	}
}

// shows is what stands on the page, for failures.
func (s *screen) shows() string {
	text, err := chromedp.Run(s.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if errors.Is(err, context.Canceled) {
		text = "(the tab is gone)"
	}
	return fmt.Sprintf("the page shows:\n%s\nlog of try:\n%s", text, s.stderr)
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always encodes
	}
	return string(b)
}

// sees waits until a chat shows a text.
func (s *screen) sees(chat int64, text string) {
	s.t.Helper()
	s.waits(fmt.Sprintf(`document.querySelector("#chat-%d .log").innerText.includes(%s)`, chat, quote(text)))
}

// clicks waits for what a selector and a text find last, until nothing covers
// it, and clicks it.
func (s *screen) clicks(selector, text string) {
	s.t.Helper()
	s.waits(fmt.Sprintf(`(() => {
		const node = [...document.querySelectorAll(%s)].filter((n) => n.innerText.includes(%s)).at(-1);
		if (!node) return false;
		node.scrollIntoView({ block: "nearest" });
		const r = node.getBoundingClientRect();
		if (!r.width || !node.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2))) return false;
		node.click();
		return true;
	})()`, quote(selector), quote(text)))
}

// presses presses the newest button of a chat with a text.
func (s *screen) presses(chat int64, label string) {
	s.t.Helper()
	s.clicks(fmt.Sprintf("#chat-%d .key", chat), label)
}

// types sends keys to what has the focus.
func (s *screen) types(keys string) {
	s.t.Helper()
	s.do(chromedp.KeyEvent(keys))
}

// focuses puts the focus into a chat's composer.
func (s *screen) focuses(chat int64) {
	s.t.Helper()
	s.waits(fmt.Sprintf(`(() => { const t = document.querySelector("#chat-%d textarea"); t.focus(); return document.activeElement === t; })()`, chat))
}

// says lets a person write as with their keyboard.
func (s *screen) says(chat int64, text string) {
	s.t.Helper()
	s.focuses(chat)
	s.types(text + kb.Enter)
}

func TestChatPage(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	t.Parallel()
	browser := newBrowser(t)
	for _, journey := range []struct {
		name string
		goes func(*testing.T, context.Context)
	}{
		{"a newcomer starts, reads and searches", journeyNewcomer},
		{"a topic is muted by keyboard", journeyMute},
		{"an admin broadcasts", journeyBroadcast},
		{"commands by keyboard", journeyCommands},
		{"faults are shown, survived and switched off", journeyFaults},
		{"a phone shows one chat at a time", journeyPhone},
		{"a picture is sent and replied to", journeyPicture},
		{"a group is played by its admin and a member", journeyGroup},
		{"a headline is shared from a group", journeyInline},
		{"a lost connection is told and mended", journeyLost},
		{"text keeps its contrast, light and dark", journeyContrast},
	} {
		t.Run(journey.name, func(t *testing.T) { journey.goes(t, browser) })
	}
}

func journeyNewcomer(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.waits(`document.activeElement === document.querySelector("#chat-1001 textarea")`) // ready to type
	s.presses(tryReader, "Science")
	s.presses(tryReader, "08:00")
	s.presses(tryReader, "London")
	s.sees(tryReader, "All set")
	s.sees(tryReader, "1 topic") // the first digest's title line
	s.waits(`document.querySelector("#chat-1001 .message.theirs .body a[href^='open?url=']")`)

	s.says(tryReader, "ferries")
	s.sees(tryReader, "Headlines: ferries")
	s.presses(tryReader, "Follow “ferries”")
	s.sees(tryReader, "Following ferries")

	s.says(tryReader, `<img src=x onerror="document.body.remove()"> & <b>bold</b>`)
	s.sees(tryReader, `<img src=x onerror="document.body.remove()"> & <b>bold</b>`)
	s.is(`document.querySelector(".log img, .log b")`, false)
}

// journeyMute goes by keyboard: the focus stays where the message is edited.
func journeyMute(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.says(tryReader, "/subscribe ferries")
	s.sees(tryReader, "1 topic") // the first digest
	s.says(tryReader, "/topics")
	s.sees(tryReader, "You follow one topic")
	before := value[int](s, `document.querySelectorAll("#chat-1001 .message").length`)
	s.presses(tryReader, "ferries")
	s.waits(`(() => { const k = [...document.querySelectorAll("#chat-1001 .key")].find((k) => k.innerText.includes("Mute")); k?.focus(); return k; })()`)
	s.types(kb.Enter)
	s.sees(tryReader, "Muted")
	s.waits(`document.activeElement.closest("#chat-1001 .message")?.innerText.includes("Muted")`)
	s.is(`document.activeElement.matches(".key")`, true)
	if after := value[int](s, `document.querySelectorAll("#chat-1001 .message").length`); after != before {
		t.Errorf("muting made %d messages of %d; it edits one in place", after, before)
	}
}

func journeyBroadcast(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1680, 1000)
	s.clicks("#chat-1001 .start", "Start")
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.sees(tryAdmin, "What shall I follow first?")
	s.says(tryReader, "/broadcast no")
	s.waits(`document.querySelectorAll("#chat-1001 .theirs").length === 2`) // a polite refusal
	s.says(tryAdmin, "/broadcast The digest now knows ferries.")
	s.sees(tryAdmin, "This is how readers will see it")
	s.is(`document.querySelector("#chat-1001 .log").innerText.includes("The digest now knows")`, false)
	s.presses(tryAdmin, "Send to")
	s.sees(tryReader, "The digest now knows ferries.")
	s.waits(`[...document.querySelectorAll("#chat-1002 .theirs")].filter((m) => m.innerText.includes("The digest now knows ferries.")).length >= 2`) // preview and copy
}

func journeyCommands(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.sees(tryAdmin, "What shall I follow first?")
	chosen := func(want string) {
		t.Helper()
		s.waits(fmt.Sprintf(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.dataset.command === %s`, quote(want)))
	}
	s.focuses(tryReader)
	s.types("/")
	chosen("/start")
	s.is(`[...document.querySelectorAll("#chat-1001 .menu-item")].some((m) => m.innerText.includes("/broadcast"))`, false)
	s.is(`document.querySelector("#chat-1001 .menu-item .menu-what").innerText`, true)
	s.types(kb.ArrowDown)
	chosen("/help")
	s.types(kb.ArrowUp + kb.ArrowUp)
	chosen(value[string](s, `document.querySelector("#chat-1001 .menu-item:last-child").dataset.command`))
	s.types(kb.Escape)
	s.waits(`document.querySelector("#chat-1001 .menu").hidden`)
	s.types("lat")
	chosen("/latest")
	s.types(kb.Tab)
	s.waits(`document.activeElement.value === "/latest "`)
	s.types("ferries" + kb.Enter)
	s.sees(tryReader, "Headlines: ferries")
	s.types("/he" + kb.Enter) // the choice is sent
	s.sees(tryReader, "What I can do")
	s.types("two" + kb.Shift + "lines")
	s.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierShift)))
	s.waits(`document.activeElement.value === "twolines\n"`)

	s.clicks("#chat-1002 .menu-toggle", "")
	chosen("/start")
	s.types(kb.ArrowUp)
	s.waits(`[...document.querySelectorAll("#chat-1002 .menu-item")].some((m) => m.innerText.includes("/broadcast"))`)
	s.types(kb.Escape)
	s.waits(`document.querySelector("#chat-1002 .menu").hidden && document.activeElement.closest("#chat-1002")`)
}

func journeyFaults(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.is(`$("faults").hidden && !$("active").children.length`, true)
	s.clicks("#faults-toggle", "Faults")
	choose := func(name, value string) {
		t.Helper()
		s.waits(fmt.Sprintf(`(() => { const f = $("fault").elements[%s]; f.value = %s; f.dispatchEvent(new Event("change")); return f.value === %[2]s; })()`, quote(name), quote(value)))
	}
	choose("kind", "429")
	choose("seconds", "1")
	choose("chat", "1001")
	s.clicks("#fault .go", "Switch on")
	s.waits(`$("active").innerText.includes("429") && $("active").innerText.includes("Robin") && $("faults-count").innerText === "1"`)
	s.says(tryReader, "/help")
	s.waits(`!$("active").children.length`) // it struck
	s.sees(tryReader, "What I can do")      // and the bot tried again
	s.clicks("#calls-toggle", "Calls")
	s.waits(`[...document.querySelectorAll(".call")].some((c) => c.innerText.includes("429") && c.innerText.includes("fault"))`)
	s.clicks(".call:has(.faulty) summary", "sendMessage")
	s.waits(`document.querySelector(".call details[open]").innerText.includes("retry_after")`)

	s.clicks("#faults-toggle", "Faults")
	choose("kind", "500")
	choose("count", "0")
	s.clicks("#fault .go", "Switch on")
	s.waits(`$("active").innerText.includes("until switched off")`)
	s.says(tryReader, "/privacy")
	s.waits(`document.querySelector("#chat-1001 .log").innerText.includes("/privacy")`)
	s.is(`document.querySelector("#chat-1001 .log").innerText.includes("What is stored about you")`, false)
	s.clicks("#active .off", "Switch off")
	s.waits(`!$("active").children.length && $("faults-count").hidden`)
	s.says(tryReader, "/topics")
	s.sees(tryReader, "You follow nothing yet")

	s.clicks("#chat-1001 .block", "Block")
	s.sees(tryReader, "You follow nothing yet")
	s.waits(`!document.querySelector("#chat-1001 .start").hidden && document.querySelector("#chat-1001 .composer").hidden`)
	s.clicks("#chat-1001 .start", "Unblock")
	s.waits(`!document.querySelector("#chat-1001 .composer").hidden`)
}

func journeyPhone(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 390, 844)
	visible := func(want ...string) {
		t.Helper()
		s.waits(fmt.Sprintf(`[...document.querySelectorAll(".phone")].filter((p) => p.offsetWidth).map((p) => p.querySelector(".name").innerText).join() === %s`, quote(strings.Join(want, ","))))
	}
	visible("Robin")
	s.is(`document.documentElement.scrollWidth <= innerWidth`, true)
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.clicks(".tab", "Alex")
	visible("Alex")
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryAdmin, "What shall I follow first?")
	s.says(tryAdmin, "/broadcast Good morning.")
	s.presses(tryAdmin, "Send to")
	s.waits(`[...document.querySelectorAll(".tab")].find((t) => t.innerText === "Robin").classList.contains("news")`)
	s.waits(`(() => { const t = [...document.querySelectorAll(".tab")].find((t) => t.innerText === "Alex"); t.focus(); return document.activeElement === t; })()`)
	s.types(kb.ArrowLeft + kb.Enter)
	visible("Robin")
	s.clicks("#calls-toggle", "")
	s.waits(`!$("calls").hidden`)
	s.clicks(".tab", "Robin") // a chat comes before the panel that covers it
	s.waits(`$("calls").hidden`)
	s.sees(tryReader, "Good morning.")
	s.is(`document.querySelector(".tab[aria-pressed=true]").classList.contains("news")`, false)
	s.waits(`(() => { const l = document.querySelector("#chat-1001 .log"); return l.scrollHeight - l.scrollTop - l.clientHeight < 2; })()`)
	s.do(chromedp.EmulateViewport(1280, 800))
	visible("Robin", "Alex")
}

func journeyPicture(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryAdmin, "What shall I follow first?")
	picture := filepath.Join(t.TempDir(), "harbour.png")
	if err := os.WriteFile(picture, samplePicture(64, 36), 0o600); err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.SetUploadFiles(chromedp.CSS("#chat-1002 .file"), []string{picture}, chromedp.NodeReady))
	s.waits(`document.querySelector("#chat-1002 .attached").innerText.includes("harbour.png")`)
	s.waits(`document.querySelector("#chat-1002 .thumb img").naturalWidth === 64`)
	s.says(tryAdmin, "The quay at dawn")
	s.sees(tryAdmin, "The quay at dawn")
	s.waits(`document.querySelector("#chat-1002 .mine .photo img")?.naturalWidth === 64`)
	s.is(`document.querySelector("#chat-1002 .attached").hidden`, true)

	// the picture is the newest message of Alex; arrow keys go there, R replies
	s.waits(`(() => { const l = document.querySelector("#chat-1002 .log"); l.focus(); return document.activeElement === l; })()`)
	s.types(kb.ArrowUp)
	s.waits(`document.activeElement.matches(".message")`)
	for range 5 {
		if value[bool](s, `Boolean(document.activeElement.querySelector(".photo"))`) {
			break
		}
		s.types(kb.ArrowUp)
	}
	s.types("r")
	s.waits(`document.activeElement.matches("#chat-1002 textarea") && document.querySelector("#chat-1002 .answering").innerText.includes("The quay at dawn")`)
	s.types("What a sight" + kb.Enter)
	s.waits(`[...document.querySelectorAll("#chat-1002 .mine")].some((m) => m.innerText.includes("What a sight") && m.querySelector(".reply")?.innerText.includes("The quay at dawn"))`)

	list := filepath.Join(t.TempDir(), "sources.opml")
	if err := os.WriteFile(list, []byte(`<opml version="2.0"><body/></opml>`), 0o600); err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.SetUploadFiles(chromedp.CSS("#chat-1002 .file"), []string{list}, chromedp.NodeReady))
	s.waits(`document.querySelector("#chat-1002 .attached").innerText.includes("sources.opml")`)
	s.types(kb.Enter)
	s.waits(`document.querySelector("#chat-1002 .mine .document")?.innerText.includes("34 B")`)
	s.is(`document.querySelector("#chat-1002 .document").download === "sources.opml"`, true)
}

func journeyGroup(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks(".tab", "Harbour club")
	group := value[int64](s, `Number([...phones.keys()].at(-1))`)
	thread := func(name string) {
		t.Helper()
		s.clicks(".thread", name)
		s.waits(fmt.Sprintf(`document.querySelector(".thread[aria-pressed=true]").innerText === %s`, quote(name)))
	}
	thread("Ferries")
	s.says(group, "/subscribe ferries")
	s.sees(group, "Following ferries")
	thread("Space")
	s.is(fmt.Sprintf(`document.querySelector("#chat-%d .log").innerText.includes("Following")`, group), false)
	s.waits(fmt.Sprintf(`(() => { const a = document.querySelector("#chat-%d .actor"); a.value = "1002"; a.dispatchEvent(new Event("change")); return a.value === "1002"; })()`, group))
	s.says(group, "/subscribe moon")
	s.sees(group, "Only admins of this group may change that")
	thread("Ferries")
	s.sees(group, "Robin") // whose message it was
	s.presses(group, "Undo")
	s.waits(fmt.Sprintf(`document.querySelector("#chat-%d .alert").innerText.includes("Only admins")`, group))
	s.types(kb.Enter)
	s.waits(fmt.Sprintf(`document.querySelector("#chat-%d .alert").hidden`, group))
}

func journeyLost(t *testing.T, browser context.Context) {
	tr := newTrial(t, "127.0.0.1:0")
	s := open(t, browser, tr, 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.is(`$("lost").hidden`, true)
	tr.stop()
	s.waits(`!$("lost").hidden`)
	s.says(tryReader, "anybody there?")
	s.waits(`!document.querySelector("#chat-1001 .toast").hidden && document.querySelector("#chat-1001 textarea").value === "anybody there?"`) // not lost
	again := newTrial(t, tr.address)
	s.waits(`$("lost").hidden`)
	s.waits(`!document.querySelector("#chat-1001 .start").hidden && !document.querySelector("#chat-1001 .message")`) // another world
	s.stderr = again.stderr
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
}

// worstContrast is the lowest contrast of a text that a selector finds, over
// everything that lies under it.
const worstContrast = `(() => {
	const parts = (c) => { const m = c.match(/[\d.]+/g).map(Number); return c.startsWith("color(srgb") ? [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
	const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
	const light = (c) => { const l = c.slice(0, 3).map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
	const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
	const grounds = (node) => {
		if (!node) return [[255, 255, 255, 1]];
		const style = getComputedStyle(node), own = parts(style.backgroundColor);
		const stops = style.backgroundImage.match(/(rgba?|color)\([^)]*\)/g)?.map(parts);
		const layers = stops?.every((s) => s[3] === 1) ? stops : [own];
		if (layers.every((l) => l[3] === 1)) return layers;
		return grounds(node.parentElement).flatMap((under) => layers.map((l) => over(l, under)));
	};
	return (selector) => Math.min(...[...document.querySelectorAll(selector)].filter((n) => n.offsetWidth).map((n) => {
		const ink = parts(getComputedStyle(n).color);
		return Math.min(...grounds(n).map((g) => ratio(over(ink, g), g)));
	}));
})()`

func journeyContrast(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.presses(tryReader, "Science")
	s.sees(tryReader, "1 topic")
	s.clicks("#chat-1001 .block", "Block")
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryAdmin, "What shall I follow first?")
	s.clicks("#faults-toggle", "Faults")
	s.clicks("#fault .go", "Switch on")
	s.waits(`$("active").children.length === 1`)
	s.focuses(tryAdmin)
	s.types("/")
	s.waits(`document.querySelector("#chat-1002 .menu-item")`)
	for _, scheme := range []string{"light", "dark"} {
		s.look(scheme)
		s.waits(fmt.Sprintf(`matchMedia("(prefers-color-scheme: %s)").matches`, scheme))
		dark := value[bool](s, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((v) => v < 60)`)
		if dark != (scheme == "dark") {
			t.Errorf("asked for %s, the page's ground is dark: %v", scheme, dark)
		}
		for _, selector := range []string{
			"h1", ".what", ".tab", ".link", ".quiet:enabled", ".name", ".role", ".state", ".day", ".body", ".body a", ".mine .command", ".theirs .time", ".mine .time", ".key-text",
			".menu-name", ".menu-what", ".start", ".fault-on strong", ".active-what", ".off", ".hint", ".field", ".field select", ".go", "blockquote",
		} {
			got := value[*float64](s, worstContrast+"("+quote(selector)+")")
			if got == nil || *got < 4.5 {
				t.Errorf("%s: the contrast of %s is %v, want 4.5 or more", scheme, selector, deref(got))
			}
		}
	}
}

func deref(f *float64) any {
	if f == nil {
		return "unknown: nothing found"
	}
	return *f
}
