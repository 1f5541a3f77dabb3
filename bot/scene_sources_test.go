package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
	"tidings/digest"
)

const gazette = "https://gazette.example/"

// gazetteFeed puts a small outlet on the web.
func (w *world) gazetteFeed() {
	w.web.put(gazette+"feed", document(gazette, "The Gazette",
		"Old mill becomes a library|The mill by the river opens as a library in June. It stood empty for 31 years.",
		"Ferries wait for better weather|Storms keep the ferries in port since Sunday. The islands have bread for three days.",
		"Choir wins a prize in Vienna|The choir sang in front of 2,000 people and won the second prize.",
		"Baker retires after fifty years|He baked on every working day since 1976."))
	w.web.put(gazette, `<html><head><link rel="alternate" type="application/rss+xml" title="News" href="/feed"></head><body>Hello</body></html>`)
}

func TestASourceIsFollowedByItsFeedsAddress(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.wants(w.say(ida, "/source gazette.example/feed"), "✅ Following The Gazette", "• Old mill becomes a library", "• Choir wins", "!Baker retires", "[↩️ Undo][My sources]")
		w.wants(w.say(ida, "/source feed://gazette.example/feed/"), "You follow The Gazette already", "!Looking", "!Undo", "[My sources]")
		w.wants(w.say(ida, "/sources"), "Your own sources: one of 50 (1 not visited yet).", "[⭐ My source]", "[➕ Add a source]")
		w.collects()
		w.wants(w.say(ida, "/sources"), "Your own sources: one of 50 (1 fine).")
		w.wantsOne(w.press(ida, "⭐ My source"), "• The Gazette – fine", "[The Gazette]")
		w.wantsOne(w.press(ida, "The Gazette"), "The Gazette – fine", "You follow it", "[🔕 Mute][🗑 Remove]")
	})
}

func TestASourceIsFoundOnItsSite(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.wants(w.say(ida, "/source"), "Which one?", "[Cancel]")
		w.wants(w.say(ida, "Gazette.example"), "✅ Following The Gazette", "• Old mill")
		w.wants(w.say(ida, "ferries"), "I have no story on ferries") // words are a search again
	})
}

// TestAPastedAddressIsOfferedAsASource: an address alone is no topic, and is not
// searched.
func TestAPastedAddressIsOfferedAsASource(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		long := gazette + "news/" + strings.Repeat("a-long-way-", 20)
		w.web.put(long, document(gazette, "The Long Gazette", "Mill opens|The mill opens in June."))
		for _, text := range []string{gazette, "/subscribe " + gazette, "  " + gazette + "?utm_source=x ", "HTTPS://Gazette.Example/", "www.gazette.example", long} {
			got := w.say(ida, text)
			w.wants(got, "is an address. Shall its news come in your digest?", "[➕ Add this site]", "!no story", "!Follow")
		}
		w.wantsOne(w.press(ida, "➕ Add this site"), "✅ Following The Long Gazette")
		w.say(ida, gazette)
		w.wantsOne(w.press(ida, "➕ Add this site"), "✅ Following The Gazette", "• Old mill becomes a library")
		w.wants(w.say(ida, "/sources"), "Your own sources: 2 of 50")
		w.passes(time.Minute)
		w.wants(w.say(ida, "https://ida:hunter2@example.org/"), "holds a user name or password", "!hunter2")
		w.wants(w.say(ida, "https://"), "is no address")
		for _, text := range []string{"node.js", "see " + gazette, "site:bbc.co.uk ferries"} {
			w.wants(w.say(ida, text), "!Add this site")
		}
		group := w.group(simulator.Group{})
		w.wantsNothing(w.post(simulator.Post{Chat: group, From: ida, Text: gazette}))
	}, func(c *simulator.Config) { c.ReadsGroups = true })
}

func TestASiteWithoutHTTPSIsFoundByItsName(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.web.put("http://old.invalid/", document("http://old.invalid/", "The Old Page", "Mill opens|The mill opens in June."))
		w.web.put("http://bare.invalid/", "<html>nothing")
		w.wants(w.say(ida, "/source https://old.invalid"), "cannot reach old.invalid")
		w.wants(w.say(ida, "/source bare.invalid"), "I found no feed at bare.invalid")
		w.passes(2 * time.Second)
		w.wants(w.say(ida, "/source old.invalid"), "The Old Page")
		w.passes(2 * time.Second)
		w.wants(w.say(ida, "/sources"), "Your own sources: one of 50")
	})
}

func TestASiteWithSeveralFeedsLetsTheReaderChoose(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.web.put(gazette, `<html><link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate" type="application/atom+xml" href="/sport">`)
		w.web.put(gazette+"sport", document(gazette, "Gazette Sport", "Rowers win the cup|By two lengths."))
		w.wants(w.say(ida, "/source gazette.example"), "gazette.example has 2 feeds", "1. The Gazette", "Old mill becomes", "2. Gazette Sport", "Rowers win", "[1 · The Gazette]", "[2 · Gazette Sport]")
		w.wantsOne(w.press(ida, "2 · Gazette Sport"), "✅ Following Gazette Sport", "• Rowers win the cup", "[↩️ Undo]")
		w.wantsOne(w.press(ida, "↩️ Undo"), "Not following Gazette Sport any more", "[↩️ Undo]")
		w.wants(w.say(ida, "/sources"), "Your own sources: 0 of 50")
		w.wantsOne(w.press(ida, "↩️ Undo"), "✅ Following Gazette Sport")
		w.wants(w.say(ida, "/sources"), "Your own sources: one of 50")
	})
}

func TestAnAddressOfOddFormChangesNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.web.put("https://page.example/", "<html>no feed here")
		for address, want := range map[string]string{
			"north korea":                         "more than one word",
			"ftp://example.org/rss":               "begin with https://",
			"javascript:alert(1)":                 "begin with https://",
			"https://ida:hunter2@example.org/rss": "holds a user name or password",
			"http://localhost:8080/feed":          "lies in a private network",
			"http://127.0.0.1/feed":               "lies in a private network",
			"http://10.1.2.3/feed":                "lies in a private network",
			"@ab":                                 "is no address",
			"https://t.me/+AbCdEf123":             "Only its members see that channel",
			"https://t.me/c/1234/5":               "Only its members see that channel",
			"news:":                               "Which site?",
			"news: " + strings.Repeat("x", 300):   "too long",
			"add":                                 "Which one?",
			"add page.example":                    "I found no feed at page.example",
			"news":                                "“news” is no address",
			"https://":                            "is no address",
			"http://[::1":                         "is no address",
			"<b>bold</b>":                         "is no address",
			"missing.example":                     "missing.example: there is nothing at its address",
			"nowhere.invalid":                     "I cannot reach nowhere.invalid",
			"page.example":                        "I found no feed at page.example",
			"bücher.example":                      "there is nothing at its address",
			"example.org/" + strings.Repeat("x", 2000): "too long",
		} {
			got := w.say(ida, "/source "+address)
			w.wants(got, want, "!Something went wrong", "!hunter2", "!Looking")
			if len(got) != 1 {
				t.Errorf("/source %.40s is answered with %d messages, want one:%s", address, len(got), got)
			}
		}
		w.wants(w.say(ida, "/sources"), "Your own sources: 0 of 50")
		w.passes(2 * time.Second)
		// the question stays open while the answer is no address
		w.say(ida, "/source")
		w.wants(w.say(ida, "not an address"), "more than one word")
		w.wants(w.say(ida, "page.example"), "I found no feed")
	})
}

func TestASlowSiteKeepsNobodyWaiting(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.web.delay(gazette, time.Minute)
		if _, err := w.sim.Say(ida, "/source gazette.example"); err != nil {
			t.Fatal(err)
		}
		w.passes(time.Second)
		w.wants(w.since(ida, 0), "🔎 Looking at gazette.example")
		began := time.Now()
		w.wants(w.say(ben, "/help"), "What I can do")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("while a slow site is looked at, another reader waits %v", took)
		}
		w.passes(12 * time.Second)
		w.wants(w.since(ida, 0), "gazette.example: its site takes too long to answer", "!Looking")
	})
}

func TestWhatIsInterruptedSaysSo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.web.delay(gazette, time.Minute)
		if _, err := w.sim.Say(ida, "/source gazette.example"); err != nil {
			t.Fatal(err)
		}
		w.passes(time.Second)
		w.stop()
		w.wants(w.since(ida, 0), "I was interrupted", "!Looking")
		w.start()
		w.wants(w.say(ida, "/sources"), "Your own sources: 0 of 50")
	})
}

// TestAStopWaitsForAllErrandsTogether stops the bot while many errands wait and
// Telegram does not answer.
func TestAStopWaitsForAllErrandsTogether(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.web.delay(gazette, time.Minute)
		for range 20 {
			if _, err := w.sim.Say(ida, "/source gazette.example"); err != nil {
				t.Fatal(err)
			}
			w.passes(300 * time.Millisecond)
		}
		w.log.expect("what came of an errand is not told")
		w.log.expect("answer perhaps not sent")
		w.sim.SetLatency(time.Minute)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("stopping with twenty errands took %v, want one grace of 3 s for all", took)
		}
		w.sim.SetLatency(0)
	})
}

func TestAnOwnSourceComesAsASectionOfItsOwn(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, "/source gazette.example/feed")
		w.say(ida, "/subscribe bread")
		w.collects()
		w.slot("08:00")
		got := w.since(ida, w.last(ida)-2)
		w.wants(got, "1 topic · 1 source", "📡 The Gazette", "Old mill becomes a library", "🔹 bread", "Ferries wait for better weather")
		if n := strings.Count(got.String(), "Ferries wait"); n != 1 {
			t.Errorf("a story that fits a topic and comes of an own source stands %d times:%s", n, got)
		}
		w.wants(w.say(ida, "/digest"), "Nothing new")
		w.wants(w.say(ida, "/latest"), "Old mill", "Ferries wait")
		w.wants(w.say(ida, "choir"), "Choir wins a prize")
		// nobody else sees any of it
		w.wants(w.say(ben, "choir"), "I have no story on choir")
		w.wants(w.say(ben, "/latest"), "!Old mill", "!Ferries wait")

		// and what is said of them is said to who follows the source only
		w.say(ida, "/latest")
		w.wantsOne(w.press(ida, "❔ Why?"), "you follow ")
		data := w.buttonData(ida, "1")
		w.press(ida, "1")
		w.press(ida, "🔕 Mute a source")
		w.forge(ben, ben, data)
		w.wants(w.since(ben, 0), "I do not know that any more", "!Old mill", "!Ferries wait")
		w.wants(w.say(ben, "/subscribe bread"), "No story in the last 7 days", "!Ferries wait")
		w.wants(w.say(ben, "/digest"), "!Ferries wait")
	})
}

// TestAStrangersFeedCannotPlantHeadlines lets a feed copy a story that a listed
// source tells, before and after it.
func TestAStrangersFeedCannotPlantHeadlines(t *testing.T) {
	const post = "https://post.example/"
	const told = "Harbour council orders two electric ferries|The council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991."
	for name, before := range map[string]bool{"before": true, "after": false} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.web.put("https://spam.example/feed", strings.ReplaceAll(document(post, "Spam", told, "Buy my electric ferries now|Ferries, cheap."), post+"buy", "https://spam.example/buy"))
				w.web.put(post+"feed", document(post, "The Post", told))
				w.list(digest.Source{Name: "The Post", Address: post + "feed", Language: "en", Subject: "world", NextVisit: time.Now().Add(time.Hour)})
				w.passes(time.Second)
				if !before {
					w.skips(time.Hour)
					w.collects()
				}
				w.say(ida, "/source spam.example/feed")
				w.collects()
				if before {
					w.skips(time.Hour)
					w.collects()
				}
				got := w.say(ben, "/subscribe ferries")
				w.wants(got, "One story in the last 7 days", "Harbour council orders two electric ferries – The Post", "!Spam", "!Buy my")
				w.wants(w.since(ben, 0), "The Post", "!Spam", "!+1 source")
				// who follows it gets both, and the copied piece once
				w.say(ida, "/subscribe electric ferries")
				w.wants(w.since(ida, 0), "Buy my electric ferries now")
				w.wants(w.since(ida, 0), "2 stories in the last 7 days")
				w.wants(w.say(ida, "/digest"))
				if n := strings.Count(w.since(ida, 0).String(), "38 million"); n != 1 {
					t.Errorf("the piece told in two circles comes %d times in editions, want once:%s", n, w.since(ida, 0))
				}
				w.wants(w.say(ida, "/digest"), "Nothing new")
				w.wants(w.say(ida, "electric ferries"), "Buy my electric", "The Post", "!Harbour council orders two electric ferries\nSpam")
			})
		})
	}
}

func TestASourceThatGoesWhileItIsMutedIsNotShownAsMuted(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, "/source gazette.example/feed")
		w.collects()
		w.say(ida, "/sources")
		w.press(ida, "⭐ My source")
		w.press(ida, "The Gazette")
		w.mutes = func() { // she removes it on another device
			c := w.chat(bot.Address{Telegram: ida})
			all, err := w.store.ChatSources(t.Context(), c.ID)
			if err != nil || len(all) != 1 {
				t.Fatalf("ChatSources = %+v, %v; want the one", all, err)
			}
			if _, err := w.store.UnfollowSource(t.Context(), c.ID, all[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		w.wantsOne(w.press(ida, "🔕 Mute"), "That source is not there any more", "!🔕 Muted", "!Unmute")
	})
}

func TestASourceOfAPackIsJustFollowed(t *testing.T) {
	const post = "https://post.example/"
	scene(t, func(t *testing.T, w *world) {
		w.web.put(post+"feed", document(post, "The Post", "Ferries stop for a day|Crews want shorter shifts."))
		w.list(digest.Source{Name: "The Post", Address: post + "feed", Language: "en", Subject: "world"})
		w.collects()
		w.wants(w.say(ida, "/source http://post.example/feed"), "✅ Following The Post", "Ferries stop", "!Looking")
		w.wantsOne(w.press(ida, "My sources"), "English: one pack", "[⭐ My source]", "[World]")
		w.press(ida, "World")
		w.wantsOne(w.press(ida, "The Post"), "Pack: English · World", "You follow it", "[🔕 Mute][🗑 Remove]")
		w.wants(w.say(ben, "ferries"), "Ferries stop for a day")
		w.slot("08:00")
		w.wants(w.since(ida, 0), "📡 The Post")
		w.press(ida, "🗑 Remove")
		w.wants(w.say(ben, "/sources"), "English: one pack, 1 source (1 fine)")
	})
}

// postAndWire publishes one story at two listed sources, and another at the first.
func (w *world) postAndWire() {
	w.t.Helper()
	const post, wire = "https://post.example/", "https://wire.example/"
	const told = "Harbour council orders two electric ferries|The council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991."
	w.web.put(post+"feed", document(post, "The Post", told, "Ferries smell of paint|All ferries were painted white this winter, says a captain."))
	w.list(digest.Source{Name: "The Post", Address: post + "feed", Language: "en", Subject: "world"})
	w.collects()
	w.passes(time.Second)
	w.web.put(wire+"feed", document(wire, "The Wire", told))
	w.list(digest.Source{Name: "The Wire", Address: wire + "feed", Language: "en", Subject: "business"})
	w.collects()
}

func TestMutedSourcesKeepSilent(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.postAndWire()
		w.wants(w.say(ida, "ferries"), "The Post · +1 source", "Ferries smell")

		w.say(ida, "/sources")
		w.press(ida, "World")
		w.press(ida, "The Post")
		w.wantsOne(w.press(ida, "🔕 Mute"), "🔕 Muted", "[🔔 Unmute]")
		w.wants(w.say(ida, "ferries"), "Harbour council", "The Wire", "!The Post", "!Ferries smell")
		w.wants(w.say(ida, "/subscribe ferries"), "One story in the last 7 days", "– The Wire", "!The Post", "!Ferries smell")
		w.wants(w.say(ida, "/latest"), "The Wire", "!The Post")
		w.wants(w.say(ben, "/subscribe ferries"), "2 stories", "The Post")
		w.press(ida, "🔔 Unmute")
		w.wants(w.say(ida, "ferries"), "The Post", "Ferries smell")

		w.say(ida, "/sources")
		w.press(ida, "World")
		w.wantsOne(w.press(ida, "🔕 Mute this pack"), "🔕 Muted", "1 source, all 🔕", "!(1 fine)", "[🔕 The Post]", "[🔔 Unmute this pack]")
		w.wants(w.say(ida, "ferries"), "The Wire", "!The Post", "!Ferries smell")
		w.wants(w.say(ida, "/sources"), "[🔕 World][Business]", "2 packs, 🔕 muted: 1. The others: 1 source (1 fine).")
		w.press(ida, "🔕 World")
		w.press(ida, "🔔 Unmute this pack")
		w.wants(w.say(ida, "ferries"), "The Post", "Ferries smell")
	})
}

func TestSourcesThatLookAlikeAreToldApartAndFailingOnesComeFirst(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("source fails")
		for _, at := range []string{"https://one.example/feed", "https://two.example/a", "https://two.example/b", "https://three.example/feed", "https://zz.example/feed"} {
			name := "News"
			if strings.Contains(at, "zz") {
				name = "The Last"
			}
			w.web.put(at, document(at, name, "Something happened|It did."))
			w.say(ida, "/source "+at)
		}
		w.collects()
		w.web.put("https://zz.example/feed", "<html>moved away")
		w.skips(2 * time.Hour)
		w.collects()
		w.say(ida, "/sources")
		list := w.press(ida, "⭐ My 5 sources")
		w.wantsOne(list, "• The Last – failing since", "• News (one.example) – fine", "• News (two.example/a) – fine", "• News (two.example/b) – fine", "• News (three.example) – fine",
			"[The Last][News (one.example)]", "[News (two.example/a)][News (two.example/b)]")
		if first := strings.Index(list.Text, "The Last"); first > strings.Index(list.Text, "News") {
			t.Errorf("the source that fails does not stand first:\n%s", list.Text)
		}
	})
}

func TestAListWithoutLanguagesIsNotHidden(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.list(digest.Source{Name: "The Post", Address: "https://post.example/feed"}, digest.Source{Name: "The Wire", Address: "https://wire.example/feed"})
		w.wants(w.say(ida, "/sources"), "Any language: one pack, 2 sources", "[Everything else]", "!All languages", "!other language")
		w.wantsOne(w.press(ida, "Everything else"), "• The Post", "• The Wire")
		w.list(digest.Source{Name: "Die Post", Address: "https://post.example/de", Language: "de", Subject: "world"})
		w.wants(w.say(ida, "/sources"), "Any language: one pack", "[Everything else]", "[🌐 All languages]")
	})
}

func TestAListInAnotherLanguageIsNotHidden(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.list(digest.Source{Name: "Die Post", Address: "https://post.example/de", Language: "de", Subject: "world"})
		w.wants(w.say(ida, "/sources"), "German: one pack, 1 source", "[World]", "!All languages")
	})
}

func TestAFailingSourceSaysSinceWhen(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, "/source gazette.example/feed")
		w.collects()
		w.web.put(gazette+"feed", "<html>moved away")
		w.log.expect("source fails")
		w.skips(2 * time.Hour)
		w.collects()
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, "⭐ My source"), "The Gazette – failing since 09:3")
		w.wantsOne(w.press(ida, "The Gazette"), "Its last visit failed: what stands at its address is no feed.")
		w.skips(24 * time.Hour)
		w.wantsOne(w.press(ida, "« Back"), "The Gazette – failing since Monday, 16 March")
		w.press(ida, "The Gazette")
		w.skips(15 * 24 * time.Hour)
		w.wantsOne(w.press(ida, "« Back"), "The Gazette – gone since Monday, 16 March")
	})
}

func TestAnOwnSourceThatNobodyFollowsIsForgotten(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, "/source gazette.example/feed")
		w.say(ben, "/source gazette.example/feed")
		w.collects()
		w.wants(w.say(ida, "choir"), "Choir wins")
		w.say(ida, "/sources")
		w.press(ida, "⭐ My source")
		w.press(ida, "The Gazette")
		w.wantsOne(w.press(ida, "🗑 Remove"), "Not following The Gazette")
		w.wants(w.say(ida, "choir"), "I have no story")
		w.wants(w.say(ben, "choir"), "Choir wins")
		before := w.web.visits()
		w.skips(3 * time.Hour)
		w.collects()
		if w.web.visits() != before+1 {
			t.Errorf("a source that one still follows was visited %d times, want once", w.web.visits()-before)
		}
		w.say(ben, "/forgetme")
		w.press(ben, "Erase everything")
		w.skips(3 * time.Hour)
		w.collects()
		if w.web.visits() != before+1 {
			t.Errorf("a source that nobody follows was visited %d times more, want none", w.web.visits()-before-1)
		}
	})
}

func TestAChatFollowsUpToFiftySources(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		var list strings.Builder
		for i := range bot.MaxSources + 1 {
			fmt.Fprintf(&list, "https://blog%02d.example/feed Blog %02d\n", i, i)
		}
		w.wants(w.send(ida, "list.txt", list.String()), "Taken from your file", "• 50 sources", "• one source is left out: 50 are as many")
		w.gazetteFeed()
		w.wants(w.say(ida, "/source gazette.example"), "You follow 50 sources, which is as many")
		w.say(ida, "/sources")
		w.wantsOne(w.press(ida, "⭐ My 50 sources"), "Blog 00", "Blog 07", "!Blog 08", "[More »]")
		w.wantsOne(w.press(ida, "More »"), "Blog 08", "Blog 15", "!Blog 07", "[« Back][More »]")
	})
}

func TestOnlyAdminsOfAGroupChangeItsSources(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		group := w.group(simulator.Group{})
		post := func(from int64, text string) shown {
			return w.post(simulator.Post{From: from, Chat: group, Text: text})
		}
		w.wants(post(ben, "/source gazette.example/feed"), "Only admins")
		w.wants(post(ben, "/import"), "Only admins")
		w.wants(post(ben, "/export"), "Only admins")
		w.wants(post(ben, "/sources"), "What feeds you", "[➕ Add a source]")
		got := post(ada, "/source")
		w.wants(got, "Reply to this message")
		ask := got[len(got)-1].MessageID
		w.wants(w.post(simulator.Post{From: ben, Chat: group, Text: "gazette.example/feed", ReplyTo: ask}), "Only admins")
		w.wants(w.post(simulator.Post{From: ada, Chat: group, Text: "gazette.example/feed", ReplyTo: ask}), "✅ Following The Gazette")
		w.wants(post(ida, "/sources"), "one of 50")
	})
}

func TestForgedButtonsOfSourcesChangeNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.say(ida, "/source gazette.example/feed")
		l, err := w.store.ChatSources(t.Context(), w.chat(bot.Address{Telegram: ida}).ID)
		if err != nil || len(l) != 1 {
			t.Fatalf("ChatSources = %v, %v", l, err)
		}
		id := base36(int64(l[0].ID))
		w.say(ben, "/help")
		for _, verb := range []string{"source", "srcmute", "srcunmute", "srcfollow", "unsource", "pack", "packmute", "packunmute", "feed", "sources", "unask", "newsource"} {
			for _, args := range []string{id, "", "zzzzzzzzzzzzzzzzzzzz", "-1", "own:9999999999", "lang:xx", "1", "💣"} {
				w.forge(ben, ben, verb+":"+args)
			}
		}
		w.wants(w.since(ben, 0), "!Gazette", "!Something went wrong")
		w.wants(w.say(ida, "/sources"), "one of 50")
	})
}

// TestAnyReplicaLooksAtSites brings the updates to replicas by turns, of which
// one speaks.
func TestAnyReplicaLooksAtSites(t *testing.T) {
	b := &balancer{}
	scene(t, func(t *testing.T, w *world) {
		w.slowest = 3 * time.Second
		w.gazetteFeed()
		w.web.put("https://minato.example/feed", document("https://minato.example/", "Minato", "A boat sails|At dawn."))
		w.hooked(b, 2)
		w.wants(w.say(ida, "/source gazette.example"), "✅ Following The Gazette")
		w.wants(w.say(ida, "/source minato.example/feed"), "✅ Following Minato")
		w.wants(w.send(ida, "x.txt", "https://quay.example/feed\n"), "• one source")
		w.wants(w.send(ida, "x.txt", "https://pier.example/feed\n"), "• one source")
		w.wants(w.say(ida, "/sources"), "4 of 50")
	}, behind(b))
}

func TestASourceThatAReaderNamedFirstAndAListLaterIsOne(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.wants(w.say(ida, "/source gazette.example/feed"), "✅ Following The Gazette")
		w.collects()
		if err := w.store.ListSources(t.Context(), []digest.Source{{Name: "Gazette of the List", Address: "https://www.gazette.example/feed/", Language: "en", Subject: "world"}}, false); err != nil {
			t.Fatal(err)
		}
		w.wants(w.say(ida, "/source http://gazette.example/feed"), "You follow Gazette of the List already", "!Looking")
		w.wants(w.say(ida, "/sources"), "Your own sources: one of 50", "1 source (1 fine)")
	})
}
