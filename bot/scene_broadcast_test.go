package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// readers makes n people known and lets each start the bot.
func (w *world) readers(n int) []int64 {
	w.t.Helper()
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(1000 + i)
		w.sim.AddPerson(simulator.Person{ID: ids[i], Name: fmt.Sprintf("Reader %d", i), Language: "en"})
		if _, err := w.sim.Say(ids[i], "/start"); err != nil {
			w.t.Fatal(err)
		}
	}
	w.settles()
	return ids
}

// count counts the bot's messages with a text in a chat.
func (w *world) count(chat int64, text string) int {
	n := 0
	for _, m := range w.since(chat, 0) {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

func TestABroadcastIsPreviewedAndReachesEachReaderOnce(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(5)
		w.say(ada, "/start")
		w.say(readers[3], "/pause")
		w.say(readers[3], "/topics") // a paused reader may still ask
		asked := w.say(ada, "/broadcast Maintenance tonight at 23:00.")
		w.wants(asked, "Maintenance tonight at 23:00.", "All readers", "5 chats, about a second.", "[✓ All][A language…]", "[Followers of a topic…]", "[Send to 5 chats]", "[Cancel]", "!announcements")
		if asked[0].Text != "Maintenance tonight at 23:00." || asked[0].Markup != nil {
			t.Errorf("the preview is %q with buttons %v, want the bare text", asked[0].Text, asked[0].Markup)
		}
		ask := asked[len(asked)-1].MessageID
		for range 2 { // pressed twice: once
			if _, err := w.sim.Press(ada, ada, ask, labelled("Send to 5 chats")); err != nil {
				t.Fatal(err)
			}
		}
		w.settles()
		w.wantsOne(w.message(ada, ask), "The broadcast has ended after", "Sent: 5", "Failed: 0", "!cannot", "![Failures as a file]")
		for i, id := range readers {
			want := 1
			if i == 3 {
				want = 0
			}
			if got := w.count(id, "Maintenance"); got != want {
				t.Errorf("reader %d got the broadcast %d times, want %d", i, got, want)
			}
		}
		if got := w.count(ada, "Maintenance"); got != 2 {
			t.Errorf("the admin sees the text %d times, want 2: preview and broadcast", got)
		}
		w.forge(ada, ada, "cast:no:"+castID(w))
		w.wants(w.since(ada, ask), "That broadcast has ended")
		if n := w.count(ada, "has ended after"); n != 1 {
			t.Errorf("the report stands %d times, want once", n)
		}
		w.wantsOne(w.message(ada, ask), "Sent: 5")
	})
}

// castID is the only broadcast's id as buttons write it.
func castID(w *world) string {
	w.t.Helper()
	var id int64
	if err := w.store.DB().QueryRowContext(w.t.Context(), "SELECT MAX(id) FROM broadcasts").Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return base36(id)
}

func TestABroadcastCanBeCancelledAndForgotten(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(2)
		w.wants(w.say(ada, "/broadcast"), "Send /broadcast and then the text")
		w.wants(w.say(ada, "/broadcast   \n "), "Send /broadcast and then the text")
		w.say(ada, "/broadcast One")
		w.wantsOne(w.press(ada, "Cancel"), "Cancelled; nothing was sent")
		w.forge(ada, ada, "cast:go:"+castID(w))
		w.wants(w.since(ada, 0), "Cancelled; nothing was sent", "!going out")
		w.say(ada, "/broadcast Two") // and never answered
		w.skips(time.Hour)
		for _, id := range readers {
			if n := w.count(id, "One") + w.count(id, "Two"); n != 0 {
				t.Errorf("reader %d got %d messages of broadcasts that were not sent", id, n)
			}
		}
		for _, data := range []string{"cast:go:", "cast:go:zzzzzzzzzzzzzzzzzzzzz", "cast:go:-5", "cast:", "cast:go:abc"} {
			w.forge(ada, ada, data)
			w.wants(w.since(ada, 0), "!Something went wrong", "!going out")
		}
		w.wantsNothing(func() shown { before := w.last(ada); w.settles(); return w.since(ada, before) }())
	})
}

func TestWhoIsNoAdminLearnsNothingOfBroadcasts(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.readers(2)
		w.say(ada, "/broadcast Secret plans")
		unknown := w.say(ida, "/fly").String()
		got := w.say(ida, "/broadcast hello everyone")
		if a, b := cutHead(got.String()), cutHead(unknown); a != b {
			t.Errorf("/broadcast of a reader shows %q, want what an unknown command shows: %q", a, b)
		}
		w.say(ida, "/start")
		nonsense := w.forge(ida, ida, "nonsense:1")
		for _, data := range []string{"cast:go:" + castID(w), "cast:no:" + castID(w), "cast:go:1"} {
			if toast := w.forge(ida, ida, data); toast.Text != nonsense.Text || toast.Alert != nonsense.Alert {
				t.Errorf("a forged %q shows %+v, want what any unknown button shows: %+v", data, toast, nonsense)
			}
		}
		if b := broadcast(w); b.State != bot.BroadcastDraft {
			t.Errorf("after a reader's forged presses the broadcast is %s, want a draft", b.State)
		}
		if n := w.count(1000, "hello") + w.count(1000, "Secret"); n != 0 {
			t.Errorf("a reader's broadcast went out")
		}
	})
}

// cutHead takes the number of the message off.
func cutHead(s string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return rest
}

// progress is the message that tells the admin how far the newest broadcast is.
func (w *world) progress() simulator.Message {
	w.t.Helper()
	return w.message(ada, broadcast(w).Progress)
}

func broadcast(w *world) bot.Broadcast {
	w.t.Helper()
	var id int64
	if err := w.store.DB().QueryRowContext(w.t.Context(), "SELECT MAX(id) FROM broadcasts").Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	b, err := w.store.BroadcastByID(w.t.Context(), bot.BroadcastID(id))
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// TestABroadcastKeepsItsMarks sends a command as a client does that marks
// parts of the text; some marks are malformed or not for bots.
func TestABroadcastKeepsItsMarks(t *testing.T) {
	entity := func(kind string, offset, length int, more string) string {
		return fmt.Sprintf(`{"type":%q,"offset":%d,"length":%d%s}`, kind, offset, length, more)
	}
	for name, c := range map[string]struct {
		text     string // as JSON has it
		entities []string
		want     string
		marks    []simulator.Entity
	}{
		"marks move with the text": {
			`/broadcast Hello bold and linked`,
			[]string{entity("bot_command", 0, 10, ""), entity("bold", 17, 4, ""), entity("text_link", 26, 6, `,"url":"https://example.org/"`)},
			"Hello bold and linked",
			[]simulator.Entity{{Type: "bold", Offset: 6, Length: 4}, {Type: "text_link", Offset: 15, Length: 6, URL: "https://example.org/"}},
		},
		"offsets count UTF-16 units": {
			"/broadcast \U0001F389 gr\u00fc\u00dfe \U0001F44B all",
			[]string{entity("italic", 14, 5, ""), entity("code", 23, 3, "")},
			"\U0001F389 gr\u00fc\u00dfe \U0001F44B all",
			[]simulator.Entity{{Type: "italic", Offset: 3, Length: 5}, {Type: "code", Offset: 12, Length: 3}},
		},
		"lines and blanks before the text": {
			`/broadcast@tidings_bot \n\n  First\nsecond`,
			[]string{entity("bold", 27, 5, ""), entity("underline", 33, 6, "")},
			"First\nsecond",
			[]simulator.Entity{{Type: "bold", Offset: 0, Length: 5}, {Type: "underline", Offset: 6, Length: 6}},
		},
		"malformed marks are left out": {
			`/broadcast plain words`,
			[]string{entity("bold", -3, 5, ""), entity("bold", 11, 0, ""), entity("bold", 11, 999, ""), entity("bold", 9000000000, 5, ""),
				entity("bold", 5, 12, ""), entity("custom_emoji", 11, 5, `,"custom_emoji_id":"1"`), entity("nonsense", 11, 5, ""), entity("italic", 11, 5, "")},
			"plain words",
			[]simulator.Entity{{Type: "italic", Offset: 0, Length: 5}},
		},
		"a mark that cuts a character": {
			"/broadcast \U0001F389\U0001F389",
			[]string{entity("bold", 12, 2, ""), entity("italic", 13, 2, "")},
			"\U0001F389\U0001F389",
			[]simulator.Entity{{Type: "italic", Offset: 2, Length: 2}},
		},
		"hostile words stay words": {
			`/broadcast <b>5 < 6</b> & *stars* {{.Count}}`, nil, `<b>5 < 6</b> & *stars* {{.Count}}`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.readers(1)
				w.say(ada, "/start")
				before := w.last(ada)
				w.inject("message", `{"message_id":4000,"date":`+unix(time.Now())+`,"chat":{"id":90,"type":"private"},"from":{"id":90,"is_bot":false,"first_name":"Ada","language_code":"en"},
					"text":"`+c.text+`","entities":[`+strings.Join(c.entities, ",")+`]}`)
				shown := w.since(ada, before)
				if len(shown) != 2 {
					t.Fatalf("the preview and the question are %d messages, want 2:%s", len(shown), shown)
				}
				w.press(ada, "Send to 2 chats")
				w.settles()
				got := w.since(1000, 0)
				for who, m := range map[string]simulator.Message{"preview": shown[0], "reader": got[len(got)-1]} {
					if m.Text != c.want || fmt.Sprint(m.Entities) != fmt.Sprint(c.marks) {
						t.Errorf("the %s shows %q %v, want %q %v", who, m.Text, m.Entities, c.want, c.marks)
					}
				}
			})
		})
	}
}

func TestTheReportTellsWhoWasNotReached(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("delivery ended")
		readers := w.readers(6)
		w.say(ada, "/broadcast Hello")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"sendMessage"}, Chats: readers[:1]})
		if err := w.sim.Deactivate(readers[1]); err != nil {
			t.Fatal(err)
		}
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultAcceptClose, Methods: []string{"sendMessage"}, Chats: readers[2:3]})
		w.press(ada, "Send to 7 chats")
		w.passes(20 * time.Second)
		w.wantsOne(w.progress(), "The broadcast has ended after", "Sent: 4", "Failed: 2", "perhaps sent: 1", "• 1 × blocked the bot", "• 1 × deleted the account", "[Failures as a file]")
		before := w.last(ada)
		w.press(ada, "Failures as a file")
		file := w.since(ada, before)
		if len(file) != 1 || file[0].Document == nil {
			t.Fatalf("the file of failures is%s", file)
		}
		w.wantsOne(w.progress(), "The broadcast has ended after")
		if file[0].Caption != "The 3 chats that were not reached, and why." || file[0].Document.FileName != "not-reached-2026-03-16.txt" {
			t.Errorf("the file is %q, %q", file[0].Document.FileName, file[0].Caption)
		}
		got, err := w.sim.File(file[0].Document.FileID)
		want := fmt.Sprintf("%d\tblocked the bot\n%d\tdeleted the account\n%d\tanswer lost, perhaps sent", readers[0], readers[1], readers[2])
		lines := strings.Split(strings.TrimSpace(string(got.Data)), "\n")
		slices.Sort(lines)
		if err != nil || strings.Join(lines, "\n") != want {
			t.Errorf("the file holds %q (%v), want %q", got.Data, err, want)
		}
		for i, want := range []bot.PauseReason{bot.PausedBlocked, bot.PausedGone, "", ""} {
			if got := w.chat(bot.Address{Telegram: readers[i]}).Paused; got != want {
				t.Errorf("reader %d is paused for %q, want %q", i, got, want)
			}
		}
		if b := broadcast(w); b.State != bot.BroadcastDone {
			t.Errorf("the broadcast is %s, want done", b.State)
		}
	})
}

// TestABroadcastSurvivesRestarts stops everything again and again while it
// goes out.
func TestABroadcastSurvivesRestarts(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(60)
		w.say(ada, "/broadcast Hello")
		w.press(ada, "Send to 61 chats")
		for range 5 {
			w.stop()
			w.start()
			w.passes(300 * time.Millisecond)
		}
		w.settles()
		for _, id := range readers {
			if n := w.count(id, "Hello"); n != 1 {
				t.Errorf("reader %d got the broadcast %d times, want once", id, n)
			}
		}
		w.wantsOne(w.progress(), "The broadcast has ended", "Sent: 61", "Failed: 0", "perhaps sent: 0")
		if n := w.count(ada, "The broadcast"); n != 1 {
			t.Errorf("%d messages tell how far it is, want one", n)
		}
	})
}
