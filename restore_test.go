package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings/bot/simulator"
)

// operate runs another command of the program on the world's installation and
// returns its exit code and what it said.
func (w *world) operate(args ...string) (int, string) {
	w.t.Helper()
	var out bytes.Buffer
	code := run(args, surroundings{strings.NewReader(""), &out, &out, w.environ()})
	if strings.Contains(out.String(), testToken) {
		w.t.Errorf("%q tells the token: %s", args, &out)
	}
	return code, out.String()
}

// TestABackupUnderLoadIsRestored backs the database up in the middle of a
// broadcast, lets it go on, kills the program, restores, and goes on: the
// restored installation passes the check that the first one passed, readers are
// known, and nobody gets a message twice.
func TestABackupUnderLoadIsRestored(t *testing.T) {
	w := newWorld(t)
	w.press.publish("ferry", "Harbour council orders two electric ferries", "The harbour council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
	copied := filepath.Join(w.folder, "copy.db")
	w.say(admin, "/start")
	w.start()
	const readers = 90
	for id := int64(100); id < 100+readers; id++ {
		w.sim.AddPerson(simulator.Person{ID: id, Name: "Reader", Language: "en"})
		w.say(id, "/subscribe ferries")
	}
	for id := int64(100); id < 100+readers; id++ {
		w.sees(id, "38 million euros", 40*time.Second) // the first edition
	}
	w.say(admin, "/broadcast Maintenance tonight at eleven.")
	ask := w.sees(admin, "This is how readers will see it", 30*time.Second)
	if _, err := w.sim.Press(admin, admin, ask.MessageID, labelBegins("Send to")); err != nil {
		t.Fatal(err)
	}
	got := func(text string) (n int) {
		for id := int64(100); id < 100+readers; id++ {
			n += w.shown(id, text)
		}
		return n
	}
	w.until(30*time.Second, "a third of the broadcast", func() bool { return got("Maintenance tonight") >= readers/3 })
	if code, said := w.operate("check"); code != 0 {
		t.Errorf("check of the running bot = %d:\n%s", code, said)
	}
	if code, said := w.operate("backup", copied); code != 0 {
		t.Fatalf("backup in the middle of a broadcast = %d: %s", code, said)
	}
	if n := got("Maintenance tonight"); n == readers {
		t.Errorf("the broadcast was over before the backup: nothing was tested")
	}
	w.until(30*time.Second, "the whole broadcast", func() bool { return got("Maintenance tonight") == readers })
	w.kill()

	code, said := w.operate("restore", copied)
	if code != 0 || !strings.Contains(said, "broadcasts that end: 1") {
		t.Fatalf("restore = %d: %s", code, said)
	}
	if code, said := w.operate("check"); code != 0 || !strings.Contains(said, "database  "+filepath.Join(w.folder, "tidings.db")+": 91 chats, 90 subscriptions") {
		t.Errorf("check after the restore = %d, want the %d chats:\n%s", code, readers+1, said)
	}
	w.start()
	for id := int64(100); id < 100+readers; id++ {
		w.say(id, "/topics")
	}
	for id := int64(100); id < 100+readers; id++ {
		w.sees(id, "You follow", 30*time.Second)
	}
	if n := got("Maintenance tonight"); n != readers {
		t.Errorf("the broadcast was shown %d times to %d readers", n, readers)
	}
	if n := got("38 million euros"); n != readers {
		t.Errorf("the first edition was shown %d times to %d readers", n, readers)
	}
	if err := w.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// labelBegins chooses the button whose label begins with a text.
func labelBegins(text string) simulator.ButtonAt {
	return func(_, _ int, b simulator.Button) bool { return strings.HasPrefix(b.Text, text) }
}
