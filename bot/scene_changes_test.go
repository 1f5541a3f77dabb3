package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// ferryOrder tells of one event at a host, in the first outlet's words.
func (w *world) ferryOrder(host string) {
	w.t.Helper()
	w.tells(host, "Harbour council orders two electric ferries", "The council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991.")
}

// ferryPrice tells what has changed since.
func (w *world) ferryPrice(host string) {
	w.t.Helper()
	w.tells(host, "Harbour council orders two electric ferries: price rises to 45 million euros",
		"The yard wants seven million more because steel became dearer. The harbour council ordered the two electric ferries on Monday; they replace diesel boats built in 1991.")
}

// hosts is how many hosts tell the only story of ferries.
func (w *world) hosts() (n int) {
	w.t.Helper()
	if err := w.store.DB().QueryRow(`SELECT hosts FROM stories WHERE title LIKE 'Harbour council%'`).Scan(&n); err != nil {
		w.t.Fatalf("the council's order is not one story: %v", err)
	}
	return n
}

func TestAChangedStoryComesOnceMoreAsUpdate(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.settles()
		w.ferryOrder("test-post.example")
		first := w.last(ida)
		w.slot("08:00")
		w.wants(w.since(ida, first), "electric ferries", "38 million", "!Update")

		w.ferryPrice("northwire.example")
		if n := w.hosts(); n != 2 {
			t.Fatalf("%d hosts tell the story, want 2: the scene does not make one story", n)
		}
		w.wants(w.say(ida, "/latest"), "Harbour council", "!Update") // headlines are no editions
		before := w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		update := w.since(ida, before)
		w.wants(update, "Update: Harbour council orders two electric ferries: price rises to 45 million euros",
			"The yard wants seven million more because steel became dearer.", "New: 45 · 2 sources now, 1 before", "1 topic")

		w.tells("ledger.example", "Harbour council orders two electric ferries: price rises to 52 million euros, says Bo Lund",
			"The price of the two electric ferries that the harbour council ordered on Monday rose to 52 million euros, says Bo Lund. They replace diesel boats built in 1991.")
		if n := w.hosts(); n != 3 {
			t.Fatalf("%d hosts tell the story, want 3", n)
		}
		before = w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Nothing new", "!ferries:")
	})
}

func TestAnUpdateComesWithTheScheduledEditionToo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 08:00 12:00 18:00")
		w.ferryOrder("test-post.example")
		w.slot("08:00")
		w.ferryPrice("northwire.example")
		before := w.last(ida)
		w.slot("12:00")
		w.wants(w.since(ida, before), "Update: Harbour council", "45 million")
		w.tells("ledger.example", "Harbour council orders two electric ferries, and the price rises to 52 million euros",
			"The price of the two electric ferries that the harbour council ordered on Monday rose to 52 million euros.")
		before = w.last(ida)
		w.slot("18:00")
		w.wantsNothing(w.since(ida, before))
	})
}

func TestCopiesAreNoUpdate(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.ferryOrder("test-post.example")
		w.slot("08:00")
		for n := range 4 {
			w.ferryOrder(fmt.Sprintf("copy%d.example", n))
		}
		if n := w.hosts(); n != 5 {
			t.Fatalf("%d hosts tell the story, want 5", n)
		}
		before := w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		w.wants(w.since(ida, before), "Nothing new", "!Update")
	})
}

// exec changes the shelf behind the bot's back.
func (w *world) exec(query string) {
	w.t.Helper()
	if _, err := w.store.DB().Exec(query); err != nil {
		w.t.Fatal(err)
	}
}

func TestUpdatesObeyTheReader(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"as headlines":            {func(w *world) { w.choose(ida, func(c *bot.Chat) { c.Length = bot.LengthHeadlines }) }, "• Update: Harbour council orders two electric ferries: price"},
		"the topic was given up":  {func(w *world) { w.say(ida, "/unsubscribe ferries"); w.say(ida, "/subscribe bread") }, "!Update"},
		"the topic is muted":      {func(w *world) { w.exec(`UPDATE subscriptions SET muted = 1`) }, "!Update"},
		"the language is not one": {func(w *world) { w.choose(ida, func(c *bot.Chat) { c.StoryLanguages = "fr" }) }, "!Update"},
		"the source is muted": {func(w *world) {
			w.exec(`INSERT INTO chat_sources (id, chat_id, source_id, followed, muted, created) SELECT 1, c.id, v.id, 0, 1, 0 FROM chats c, sources v`)
		}, "!Update"},
		"everything was erased meanwhile": {func(w *world) {
			w.say(ida, "/forgetme")
			w.press(ida, "Erase everything")
			w.say(ida, "/start t_ferries")
		}, "!Update"},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.say(ida, "/subscribe ferries")
				w.ferryOrder("test-post.example")
				w.slot("08:00")
				w.ferryPrice("northwire.example")
				c.do(w)
				before := w.last(ida)
				w.say(ida, "/digest")
				w.settles()
				w.wants(w.since(ida, before), c.want)
			})
		})
	}
}

// TestUpdatesStandAmongOtherStories lets more happen than a topic may show.
func TestUpdatesStandAmongOtherStories(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferries")
		w.ferryOrder("test-post.example")
		w.slot("08:00")
		w.ferryPrice("northwire.example")
		for i, what := range []string{
			"Fog stops the ferries of Larn: Pilots saw nothing beyond the lighthouse until noon, and cars turned back.",
			"Museum opens in old ferries: Children may blow the horn and steer a wheel from 1920 there.",
			"Ferries race for a hospital: The winner was rowed by nurses, who raised a record sum with cake.",
			"More bicycles than cars on ferries: Commuters in Ostmark save a toll since spring, a survey finds.",
			"Painter shows her ferries in Dublin: Forty canvases hang in a former brewery beside the canal.",
			"Ferries learn to dock alone: Engineers at the university tested software in a wave tank.",
		} {
			title, text, _ := strings.Cut(what, ": ")
			w.tells(fmt.Sprintf("paper%d.example", i), title, text)
		}
		before := w.last(ida)
		w.say(ida, "/digest")
		w.settles()
		got := w.since(ida, before)
		w.wants(got, "Update: Harbour council", "+2 more")
		if strings.Count(got.String(), "just now") != 5 {
			t.Errorf("the edition does not tell 5 stories:%s", got)
		}
	})
}

func TestAnUpdateThatABlockRefusedComesLater(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("delivery ended")
		w.say(ida, "/subscribe ferries")
		w.say(ida, "/schedule 08:00 12:00")
		w.ferryOrder("test-post.example")
		w.slot("08:00")
		w.ferryPrice("northwire.example")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultBlocked, Methods: []string{"sendMessage"}, Chats: []int64{ida}, Count: 1})
		w.slot("12:00")
		before := w.last(ida)
		w.wants(w.say(ida, "/start"), "Welcome back")
		w.passes(5 * time.Second)
		w.wants(w.since(ida, before), "Update: Harbour council")
	})
}
