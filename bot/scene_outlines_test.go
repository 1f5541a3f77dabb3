package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/bot/simulator"
)

// send lets a person send a file and returns what the bot wrote back.
func (w *world) send(person int64, name, data string) shown {
	w.t.Helper()
	return w.post(simulator.Post{From: person, Document: &simulator.Upload{Name: name, Data: []byte(data)}})
}

// files returns the files that the bot sent into a chat after a message.
func (w *world) files(chat, after int64) map[string]string {
	w.t.Helper()
	files := map[string]string{}
	for _, m := range w.since(chat, after) {
		if m.Document == nil {
			continue
		}
		data, err := w.client().Download(w.t.Context(), m.Document.FileID, 1<<20)
		if err != nil {
			w.t.Fatal(err)
		}
		files[m.Document.FileName[strings.LastIndex(m.Document.FileName, "."):]] = string(data)
	}
	return files
}

func TestImportTakesAFile(t *testing.T) {
	const opml = `<?xml version="1.0"?><opml version="2.0"><body><outline text="Boats">
		<outline type="rss" text="Harbour News" xmlUrl="https://harbour.example/rss"/><outline xmlUrl="feed://quay.example/feed"/>
		<outline text="again" xmlUrl="https://harbour.example/rss"/><outline xmlUrl="ftp://old.example/"/></outline>
		<outline type="topic" text="north korea"/><outline type="topic" text="&quot;open quote"/></body></opml>`
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe bread")
		w.wants(w.say(ida, "/import"), "Send me the file", "[Cancel]")
		w.wants(w.send(ida, "feeds.opml", opml), "!✅", "Taken from your file", "• one source", "can be read shows in /sources", "• one topic", "• 3 entries are no addresses", "[My sources][My topics]")
		w.wantFollows(ida, "bread, north korea")
		w.wants(w.send(ida, "topics.opml", `<opml version="2.0"><body><outline type="topic" text="地震"/></body></opml>`), "• one topic", "Stories come in English, Japanese, Chinese from now on")
		w.press(ida, "My topics")
		w.say(ida, "/unsubscribe 地震")
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, "⭐ My source"), "Harbour News – not visited yet")
		w.wants(w.send(ida, "feeds.opml", opml), "Nothing new was in your file", "• 2 entries you followed already")
		// with the command as its caption, and as plain text
		w.wants(w.post(simulator.Post{From: ben, Text: "/import", Document: &simulator.Upload{Name: "x.txt", Data: []byte("# mine\nhttps://quay.example/feed The Quay\n")}}), "• one source")
	})
}

func TestHostileFilesChangeNothing(t *testing.T) {
	outlines := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `<outline xmlUrl="https://x%d.example/"/>`, i)
		}
		return b.String()
	}
	scene(t, func(t *testing.T, w *world) {
		for name, c := range map[string][2]string{
			"broken":       {"<opml><body><outline text='News'>", "breaks off before its first source"},
			"empty":        {"<opml><body></body></opml>", "no source and no topic"},
			"blank":        {" \n", "no source and no topic"},
			"binary":       {strings.Repeat("\x7fELF\x00\x01\x02", 1000), "no source and no topic"},
			"page":         {"<!doctype html><html></html>", "no list of sources"},
			"feed":         {document("https://x.example/", "X", "One|Two"), "no list of sources"},
			"deep":         {"<opml><body>" + strings.Repeat("<outline text='a'>", 10_000), "nested deeper"},
			"too many":     {"<opml><body>" + outlines(10_001) + "</body></opml>", "too large"},
			"too large":    {strings.Repeat("#", 4<<20+1), "too large"},
			"prose":        {"Dear bot, here are my feeds.\nYours, Ida\n", "no source and no topic"},
			"only bad":     {`<opml><body><outline xmlUrl="javascript:alert(1)"/><outline xmlUrl="http://localhost/x"/></body></opml>`, "no source and no topic"},
			"entity bombs": {`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><opml><body><outline xmlUrl="&b;&b;&b;"/>`, "breaks off"},
		} {
			got := w.send(ida, name+".opml", c[0])
			w.wants(got, c[1], "!wrong", "!Reading")
			if len(got) != 1 {
				t.Errorf("%s: answered with %d messages, want one:%s", name, len(got), got)
			}
		}
		w.wants(w.send(ida, "many.opml", "<opml><body>"+outlines(10_000)+"</body></opml>"), "• 50 sources", "• 9950 sources are left out")
		w.wantFollows(ida, "")
	})
}

func TestImportTellsWhatItLeavesOutAndWhy(t *testing.T) {
	const outlines = `<outline xmlUrl="https://quay.example/feed"/><outline xmlUrl="http://quay.example/feed/"/>` +
		`<outline xmlUrl="http://127.0.0.1/feed"/><outline xmlUrl="http://[::1]:8080/x"/><outline xmlUrl="http://0xa9fea9fe/latest"/><outline xmlUrl="http://localhost/x"/>` +
		`<outline xmlUrl="https://t.me/quay_news"/><outline type="topic" text="bread"/>`
	scene(t, func(t *testing.T, w *world) {
		w.wants(w.send(ida, "whole.opml", "<opml><body>"+outlines+"</body></opml>"), "• 2 sources\n", "• one topic\n", "• one entry you followed already",
			"• 3 sources lie in a private network, where I do not go", "• one entry is no address", "!breaks off")
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, "⭐ My 2 sources"), "quay.example", "@quay_news")
		w.wants(w.send(ben, "broken.opml", "<opml><body>"+outlines+"<outline xmlU"), "Taken from your file", "• 2 sources\n", "• one topic\n", "• the file breaks off")
		w.wantFollows(ben, "bread")
		w.wants(w.send(ben, "private.opml", `<opml><body><outline xmlUrl="http://10.1.2.3/feed"/></body></opml>`), "Nothing new was in your file", "• one source lies in a private network")
	})
}

func TestExportImportedElsewhereIsTheSame(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, `/subscribe north korea, "central bank" OR rates, 北朝鮮, c++`)
		w.say(ida, "/topics")
		w.press(ida, "c++")
		w.press(ida, "🔕 Mute")
		w.press(ida, "Broad")
		w.say(ida, "/source gazette.example/feed")
		w.web.put("https://minato.example/feed", document("https://minato.example/", "港の新聞 & \"Co\"", "船が出る|朝に船が出た。"))
		w.say(ida, "/source minato.example/feed")
		w.say(ida, "/sources")
		w.press(ida, "⭐ My 2 sources")
		w.press(ida, "The Gazette")
		w.press(ida, "🔕 Mute")

		before := w.last(ida)
		w.wants(w.say(ida, "/export"), "Here is what you follow")
		files := w.files(ida, before)
		if want := `type="topic" text="c++" breadth="broad" muted="true"`; !strings.Contains(files[".opml"], want) {
			t.Errorf("the list does not hold %s:\n%s", want, files[".opml"])
		}
		w.wants(w.send(ben, "mine.opml", files[".opml"]), "• 2 sources", "• 4 topics")
		w.wantFollows(ben, w.follows(ida))
		before = w.last(ben)
		w.say(ben, "/export")
		if diff := cmp.Diff(files[".opml"], w.files(ben, before)[".opml"]); diff != "" {
			t.Errorf("what was exported, imported and exported again (-first +second)\n%s", diff)
		}

		var everything map[string][]map[string]any
		if err := json.Unmarshal([]byte(files[".json"]), &everything); err != nil {
			t.Fatalf("everything is no JSON: %v", err)
		}
		if n := len(everything["subscriptions"]); n != 4 {
			t.Errorf("everything holds %d subscriptions, want 4", n)
		}
		if got := everything["chats"][0]["telegram"]; fmt.Sprint(got) != fmt.Sprint(ida) {
			t.Errorf("everything is about chat %v, want %d", got, ida)
		}
		chat := w.chat(bot.Address{Telegram: ben})
		if strings.Contains(files[".json"], fmt.Sprint(chat.ID)) {
			t.Errorf("what is stored about one chat names another")
		}
	})
}

func TestAGroupImportsByReply(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		group := w.group(simulator.Group{})
		got := w.post(simulator.Post{From: ada, Chat: group, Text: "/import"})
		w.wants(got, "Reply to this message with the file")
		file := &simulator.Upload{Name: "x.txt", Data: []byte("https://quay.example/feed\n")}
		ask := got[len(got)-1].MessageID
		w.wantsNothing(w.post(simulator.Post{From: ada, Chat: group, Document: file})) // not said to the bot
		w.wants(w.post(simulator.Post{From: ben, Chat: group, Document: file, ReplyTo: ask}), "Only admins")
		w.wants(w.post(simulator.Post{From: ada, Chat: group, Document: file, ReplyTo: ask}), "• one source")
	})
}
