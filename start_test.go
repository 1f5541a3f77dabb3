package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// waitReady waits until the process at an address says that it is ready.
func (w *world) waitReady(at string) {
	w.t.Helper()
	w.untilSays(at, "ready")
}

// untilSays waits until /readyz at an address says a text.
func (w *world) untilSays(at, want string) {
	w.t.Helper()
	said := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) { // a process outside of this one
		if said, _ = readiness(w.t.Context(), at); said == want {
			return
		}
	}
	w.t.Fatalf("/readyz said %q at last, want %q; log:\n%s", said, want, w.stderr)
}

// ends starts the program and waits until it ends by itself.
func (w *world) ends(extraEnv ...string) (code int, said string) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), os.Args[0], "run")
	c.Env = append(w.environ(), extraEnv...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// number asks the world's database, which no process has open.
func (w *world) number(query string) (n int) {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.folder, "tidings.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestAListThatNamesNothingTakesNoSourceAway(t *testing.T) {
	at := freeAddress(t)
	w := newWorld(t, "TIDINGS_LISTEN="+at)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "They replace diesel boats.")
	w.start()
	w.waitReady(at)
	if err := w.stop(); err != nil {
		t.Fatalf("stop: %v", err)
	}
	list := filepath.Join(w.folder, "nothing.txt")
	if err := os.WriteFile(list, []byte("# nothing yet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := w.ends("TIDINGS_SOURCES=" + list)
	if code != exitUsage || !strings.HasSuffix(said, "nothing.txt names no address\n") {
		t.Errorf("run with a list that names nothing ended with %d and said %q, want %d and a sentence", code, said, exitUsage)
	}
	if n := w.number(`SELECT COUNT(*) FROM sources WHERE listed = 1 AND visited = 1`); n != 1 {
		t.Errorf("afterwards %d sources are listed, want 1", n)
	}
}

// TestTelegramOutOfReachAtTheStart has a process that waits for Telegram tell
// so, read its sources meanwhile, and stop without a word of complaint.
func TestTelegramOutOfReachAtTheStart(t *testing.T) {
	for name, extra := range map[string][]string{
		"polling": nil,
		"webhook": {"TIDINGS_WEBHOOK_URL=https://bot.example/telegram"},
	} {
		t.Run(name, func(t *testing.T) {
			at := freeAddress(t)
			w := newWorld(t, append(extra, "TIDINGS_LISTEN="+at, "TELEGRAM_API_URL=http://"+freeAddress(t))...)
			w.press.publish("ferry", "Harbour council orders two electric ferries", "They replace diesel boats.")
			w.start()
			w.untilSays(at, "waiting for Telegram")
			for end := time.Now().Add(20 * time.Second); w.press.requests("/feed.xml") == 0; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("nothing is collected while Telegram is out of reach; log:\n%s", w.stderr)
				}
			}
			if err := w.stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
			log := w.stderr.String()
			for _, untrue := range []string{"tidings runs", "menu of commands", "tidings: ", `"ERROR"`} {
				if strings.Contains(log, untrue) {
					t.Errorf("the log holds %q:\n%s", untrue, log)
				}
			}
		})
	}
}
