package bot_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// choose changes what a person's chat chose.
func (w *world) choose(person int64, change func(*bot.Chat)) {
	w.t.Helper()
	_, err := w.store.ChangeChat(w.t.Context(), w.chat(bot.Address{Telegram: person}).ID, func(c *bot.Chat) error { change(c); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
}

// got says how often every reader has a text.
func (w *world) got(readers []int64, text string) string {
	var counts []string
	for _, id := range readers {
		counts = append(counts, fmt.Sprint(w.count(id, text)))
	}
	return strings.Join(counts, "")
}

func TestABroadcastGoesToALanguage(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(6)
		w.say(ada, "/start")
		for i, lang := range []string{"de", "de", "ja", "de"} {
			w.choose(readers[i], func(c *bot.Chat) { c.Language = lang; c.Announcements = i != 3 })
		}
		w.wants(w.say(ada, "/broadcast Wartung heute Nacht"), "All readers", "6 chats", "One more wants no announcements and is left out.", "[Send to 6 chats]")
		w.wantsOne(w.press(ada, "A language…"), "In which language", "[English (3)][Deutsch (2)]", "[日本語 (1)]", "[« Back]")
		w.wantsOne(w.press(ada, "« Back"), "All readers", "[✓ All]")
		w.press(ada, "A language…")
		w.wantsOne(w.press(ada, "Deutsch (2)"), "Readers in Deutsch", "2 chats", "One more wants no announcements", "[All][✓ A language…]", "[Send to 2 chats]")
		w.press(ada, "Send to 2 chats")
		if got := w.got(readers, "Wartung"); got != "110000" {
			t.Errorf("the readers got it %s times, want 110000: the first two read German and want announcements", got)
		}
		w.wantsOne(w.progress(), "has ended", "Sent: 2")
	})
}

func TestABroadcastGoesToFollowersOfATopic(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(5)
		w.say(ada, "/start")
		w.say(readers[0], "/subscribe electric ferries")
		w.say(readers[1], "/subscribe Ferries Electric, bread")
		w.say(readers[2], "/subscribe bread")
		w.say(readers[3], "/subscribe bread")
		w.choose(readers[3], func(c *bot.Chat) { c.Announcements = false })
		w.say(ada, "/broadcast About bread")
		card := w.press(ada, "Followers of a topic…")
		w.wantsOne(card, "Whose followers?", "[bread (2)]", "ferr", "[« Back]")
		w.wantsOne(w.press(ada, "bread (2)"), "Followers of bread", "2 chats", "One more wants no announcements", "[✓ Followers of a topic…]", "[Send to 2 chats]")

		// typed words: first such that nobody follows, then nonsense, then others
		w.press(ada, "✓ Followers of a topic…")
		w.wants(w.say(ada, "zeppelins"), "Nobody follows zeppelins")
		w.wants(w.say(ada, `"open`), "has no partner")
		typed := w.say(ada, "ELECTRIC  Ferries")
		w.wants(typed, "Followers of", "[Send to")
		card = w.message(ada, card.MessageID)
		w.wantsOne(card, "Whose followers?") // the old card still shows its list
		w.press(ada, "bread (2)")            // on the old card: the new one is out of date
		w.wantsOne(w.press(ada, sendLabel(typed)), "Followers of bread", "[Send to 2 chats]")
		if b := broadcast(w); b.State != bot.BroadcastDraft {
			t.Errorf("a button that showed another audience made it %s, want a draft still", b.State)
		}
		w.press(ada, "Send to 2 chats")
		w.settles()
		if got := w.got(readers, "About bread"); got != "01100" {
			t.Errorf("the readers got it %s times, want 01100", got)
		}
		// what is typed afterwards is no answer any more
		w.wants(w.say(ada, "ferries"), "ferries", "!Followers")
	})
}

func sendLabel(s shown) string {
	for _, m := range s {
		if m.Markup == nil {
			continue
		}
		for _, row := range m.Markup.InlineKeyboard {
			if strings.HasPrefix(row[0].Text, "Send to ") {
				return row[0].Text
			}
		}
	}
	return "Send to ? chats"
}

func TestAnAudienceOfNobodyCannotBeSentTo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ada, "/start")
		w.choose(ada, func(c *bot.Chat) { c.Announcements = false })
		w.wants(w.say(ada, "/broadcast Hello"), "Nobody is there to send it to.", "One more wants no announcements", "![Send to")
		w.wantsOne(w.press(ada, "A language…"), "In which language", "[« Back]")
		for _, data := range []string{"cast:langs:" + castID(w) + ":-5", "cast:langs:" + castID(w) + ":zz", "cast:lang:" + castID(w) + ":<b>", "cast:topic:" + castID(w) + ":1",
			"cast:topics:" + castID(w) + ":99999999999999999999", "cast:topic:" + castID(w) + ":-", "cast:lang:" + castID(w)} {
			w.forge(ada, ada, data)
			w.wants(w.since(ada, 0), "!Something went wrong", "![Send to")
		}
	})
}

// picture is a small PNG.
func picture() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// announce lets an admin write a message and answer it with /broadcast.
func (w *world) announce(p simulator.Post) (original simulator.Message, shows shown) {
	w.t.Helper()
	p.From = ada
	original, err := w.sim.Post(p)
	if err != nil {
		w.t.Fatalf("Post(%+v) = %v", p, err)
	}
	w.settles()
	return original, w.post(simulator.Post{From: ada, Text: "/broadcast", ReplyTo: original.MessageID})
}

func TestAnyMessageIsBroadcastWithItsMedia(t *testing.T) {
	for name, c := range map[string]struct {
		post simulator.Post
		same func(got, want simulator.Message) bool
	}{
		"a picture with a caption": {simulator.Post{Text: "Look: https://example.org/", Photo: &simulator.Upload{Name: "a.png", Data: picture()}}, func(got, want simulator.Message) bool {
			return len(got.Photo) == 1 && got.Photo[0].FileID == want.Photo[0].FileID && got.Caption == want.Caption && fmt.Sprint(got.CaptionEntities) == fmt.Sprint(want.CaptionEntities)
		}},
		"a file": {simulator.Post{Document: &simulator.Upload{Name: "plan.pdf", Data: []byte("%PDF")}}, func(got, want simulator.Message) bool {
			return got.Document != nil && got.Document.FileName == "plan.pdf"
		}},
		"a text of 4,000 characters with marks": {simulator.Post{Text: strings.Repeat("ä😀 ", 1300) + "#tag https://example.org/"}, func(got, want simulator.Message) bool {
			return got.Text == want.Text && fmt.Sprint(got.Entities) == fmt.Sprint(want.Entities)
		}},
		"something forwarded": {simulator.Post{Text: "from elsewhere", Forward: &simulator.Origin{Type: "hidden_user"}}, func(got, want simulator.Message) bool {
			return got.Text == want.Text && got.ForwardOrigin == nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.log.expect("ended")
				readers := w.readers(2)
				w.say(ada, "/start")
				original, shows := w.announce(c.post)
				if len(shows) != 2 || !c.same(shows[0], original) || shows[0].Markup != nil {
					t.Fatalf("the preview of %+v is %+v", original, shows)
				}
				w.wants(shows[1:], "This is how readers will see it", "3 chats", "[Send to 3 chats]")
				w.press(ada, "Send to 3 chats")
				w.settles()
				for _, id := range readers {
					got := w.since(id, 0)
					if last := got[len(got)-1]; !c.same(last, original) {
						t.Errorf("reader %d got %+v, want a copy of %+v", id, last, original)
					}
				}
				w.wantsOne(w.progress(), "Sent: 3")
			})
		})
	}
}

// TestWhatIsSentIsWhatWasPreviewed changes and deletes the original after the
// preview.
func TestWhatIsSentIsWhatWasPreviewed(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		readers := w.readers(2)
		original, _ := w.announce(simulator.Post{Text: "The harmless words"})
		if err := w.sim.Amend(ada, original.MessageID, "Quite other words"); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.press(ada, "Send to 3 chats")
		w.settles()
		if a, b := w.got(readers, "harmless"), w.got(readers, "other words"); a != "11" || b != "00" {
			t.Errorf("the readers got what was previewed %s times and what it was changed to %s times, want 11 and 00", a, b)
		}
	})
}

func TestABroadcastWhoseMessageIsDeletedStopsAndSaysSo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("delivery ended")
		w.log.expect("the message to copy is gone")
		readers := w.readers(300)
		_, shows := w.announce(simulator.Post{Text: "Soon gone", Photo: &simulator.Upload{Name: "a.png", Data: picture()}})
		w.pressNow("Send to 301 chats")
		w.passes(2 * time.Second)
		if err := w.sim.Delete(ada, shows[0].MessageID); err != nil {
			t.Fatal(err)
		}
		w.passes(15 * time.Second)
		told := w.progress()
		w.wantsOne(told, "The broadcast was stopped", "the message to copy was deleted", "not sent, the broadcast was stopped", "[Failures as a file]")
		var sent, failed, dropped int
		if _, err := fmt.Sscanf(told.Text[strings.Index(told.Text, "Sent:"):], "Sent: %d\nFailed: %d\nNot sent: %d", &sent, &failed, &dropped); err != nil || sent+failed+dropped != 301 || sent < 30 || failed > 130 || failed == 0 {
			t.Errorf("%d were sent, %d failed, %d not sent (%v): want 301 in all, and not all of them tried", sent, failed, dropped, err)
		}
		if c := w.chat(bot.Address{Telegram: readers[299]}); c.Paused != "" {
			t.Errorf("a reader is paused for %q because the message was deleted", c.Paused)
		}
	})
}

func TestABroadcastThatCannotBeIsRefusedInASentence(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.readers(1)
		w.say(ada, "/start")
		old := w.last(ada)
		_, shows := w.announce(simulator.Post{Text: strings.Repeat("x", 1025), Photo: &simulator.Upload{Name: "a.png", Data: picture()}})
		w.wants(shows, "up to 1024 characters fit", "!Something went wrong")
		m, err := w.sim.Post(simulator.Post{From: ada, Text: "a text"})
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wants(w.post(simulator.Post{From: ada, Text: "/broadcast and words", ReplyTo: m.MessageID}), "Is it the text or the message")
		for what, reply := range map[string]string{
			"Telegram does not let me copy": `{"message_id":7000,"date":1,"chat":{"id":90,"type":"private"},"from":{"id":90,"first_name":"Ada"},"location":{"latitude":1,"longitude":2}}`,
			"is not there any more":         `{"message_id":7001,"date":1,"chat":{"id":90,"type":"private"},"from":{"id":90,"first_name":"Ada"},"text":"deleted"}`,
		} {
			if strings.HasPrefix(what, "Telegram") {
				w.sim.AddFault(simulator.Fault{Kind: simulator.FaultNoCopy, Methods: []string{"copyMessage"}, Count: 1})
			}
			before := w.last(ada)
			w.inject("message", `{"message_id":`+fmt.Sprint(9000+len(what))+`,"date":`+unix(time.Now())+`,"chat":{"id":90,"type":"private"},"from":{"id":90,"is_bot":false,"first_name":"Ada"},"text":"/broadcast","reply_to_message":`+reply+`}`)
			w.wants(w.since(ada, before), what, "!Something went wrong")
		}
		w.inject("message", `{"message_id":9900,"date":`+unix(time.Now())+`,"chat":{"id":90,"type":"private"},"from":{"id":90,"is_bot":false,"first_name":"Ada"},"text":"/broadcast `+strings.Repeat("y", 5000)+`"}`)
		w.wants(w.since(ada, old), "too long for one message")
		var n int
		if err := w.store.DB().QueryRow("SELECT COUNT(*) FROM broadcasts").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d broadcasts are kept (%v), want none", n, err)
		}
		group := w.sim.AddGroup(simulator.Group{Title: "Crew", Type: "supergroup", Members: []int64{ada}})
		if err := w.sim.Invite(ada, group, simulator.Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		w.settles()
		w.wants(w.post(simulator.Post{From: ada, Chat: group, Text: "/broadcast@tidings_bot Hello"}), "I do not know that command")
	})
}

// pressNow lets the admin press and goes on at once.
func (w *world) pressNow(label string) {
	w.t.Helper()
	if _, err := w.sim.Press(ada, ada, 0, labelled(label)); err != nil {
		w.t.Fatalf("Press(%q) = %v; the chat shows:%s", label, err, w.since(ada, 0))
	}
}
