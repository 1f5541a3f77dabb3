package bot_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// breaking are events that fit the topic of their name, each as three outlets tell it
// in their own words.
var breaking = map[string][3][2]string{
	"ferries": {
		{"Harbour council orders two electric ferries", "The council ordered two electric ferries on Monday for 38 million euros. They replace diesel boats built in 1991."},
		{"Harbour council orders two electric ferries: price rises to 45 million euros",
			"The yard wants seven million more because steel became dearer. The harbour council ordered the two electric ferries on Monday; they replace diesel boats built in 1991."},
		{"Two electric ferries for the harbour: council places its order",
			"Commuters will cross without diesel smoke from next year. The harbour council ordered two electric ferries, which cost 38 million euros in all."},
	},
	"bread": {
		{"Bakers lower the price of rye bread by a tenth", "Bakers in three towns lowered the price of rye bread by a tenth. Flour has become cheaper since spring."},
		{"Rye bread becomes cheaper as bakers lower the price by a tenth",
			"Customers queued in the morning. Bakers in three towns lowered the price of rye bread by a tenth because flour has become cheaper."},
		{"Bakers in three towns lower the price of rye bread", "A loaf costs three euros now. The price of rye bread was lowered by a tenth, the bakers said, thanks to cheap flour."},
	},
	"comet": {
		{"Comet Velkin passes the Earth on Friday", "Comet Velkin passes the Earth on Friday at nine million kilometres. It can be seen with the naked eye after dusk."},
		{"Naked eye is enough for comet Velkin on Friday", "Astronomers expect a bright tail. Comet Velkin passes the Earth on Friday at a distance of nine million kilometres."},
		{"Comet Velkin comes close to the Earth on Friday", "Observatories open their doors after dusk, when comet Velkin passes the Earth at nine million kilometres."},
	},
	"bridge": {
		{"Stone bridge of Arlen closes after a crack was found", "The stone bridge of Arlen closed on Monday after divers found a crack in its middle pier. Buses take the long way."},
		{"Crack in a pier closes the stone bridge of Arlen", "Divers saw it by chance. The stone bridge of Arlen closed because of a crack in the middle pier, and buses take the long way."},
		{"Arlen closes its stone bridge because of a crack", "Engineers will look for a year. The middle pier of the stone bridge of Arlen has a crack, divers say."},
	},
	"trams": {
		{"Old trams of Brovek return to the lakeside line", "Eleven old trams of Brovek run on the lakeside line again from Sunday. Volunteers painted them green and cream."},
		{"Lakeside line of Brovek gets its old trams back", "Volunteers worked for six winters. Eleven trams, green and cream, run along the lakeside line of Brovek from Sunday."},
		{"Green and cream: Brovek brings back eleven old trams", "From Sunday the lakeside line is served by old trams, which volunteers of Brovek painted."},
	},
	"library": {
		{"Library of Tsalu lends its globes", "The library of Tsalu lends two hundred antique globes to schools. Each comes in a wooden crate with a lamp."},
		{"Schools may borrow antique globes from the library of Tsalu", "A crate and a lamp belong to it. Two hundred antique globes of the library of Tsalu go to schools."},
		{"Antique globes leave the library of Tsalu for schools", "Teachers asked for years. The library of Tsalu now lends two hundred globes in wooden crates."},
	},
}

// breaks lets outlets tell an event, from the first-th of them up to another: the first
// three as people would, others with the same words in an order of their own.
func (w *world) breaks(topic string, from, to int) {
	w.t.Helper()
	for n := from; n < to; n++ {
		said := breaking[topic][min(n, 2)]
		if n > 2 {
			order := rand.New(rand.NewPCG(uint64(n), 0))
			for i := range said {
				words := strings.Fields(breaking[topic][0][i])
				order.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
				said[i] = strings.Join(words, " ")
			}
		}
		w.tells(fmt.Sprintf("paper%d.example", n), said[0], said[1])
	}
	w.passes(3 * time.Second)
}

// alerting lets a person follow topics with alerts, and returns their last message.
func (w *world) alerting(person int64, topics ...string) int64 {
	w.t.Helper()
	w.say(person, "/subscribe "+strings.Join(topics, ", "))
	w.say(person, "/schedule off")
	w.alertsOn(bot.Address{Telegram: person})
	return w.last(person)
}

// alertsOn turns the alerts of all topics of a chat on.
func (w *world) alertsOn(at bot.Address) {
	w.t.Helper()
	subs, err := w.store.Subscriptions(w.t.Context(), w.chat(at).ID)
	for _, s := range subs {
		if err == nil {
			err = w.store.Alert(w.t.Context(), s.Chat, s.Topic, true)
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// wantAlerts compares how many alerts a chat shows that were sent after a message, and
// returns the last.
func (w *world) wantAlerts(chat, after int64, want int) (last simulator.Message) {
	w.t.Helper()
	n := 0
	for _, m := range w.since(chat, after) {
		if strings.HasPrefix(m.Text, "🔔") && !strings.Contains(m.Text, "Alerts are on") {
			n, last = n+1, m
		}
	}
	if n != want {
		w.t.Errorf("chat %d shows %d alerts, want %d:%s", chat, n, want, w.since(chat, after))
	}
	return last
}

// sub is a person's only subscription.
func (w *world) sub(person int64) bot.Subscription {
	w.t.Helper()
	subs, err := w.store.Subscriptions(w.t.Context(), w.chat(bot.Address{Telegram: person}).ID)
	if err != nil || len(subs) != 1 {
		w.t.Fatalf("Subscriptions = %d, %v; want one", len(subs), err)
	}
	return subs[0]
}

// changes changes a person's chat on the shelf.
func (w *world) changes(person int64, change func(*bot.Chat)) {
	w.t.Helper()
	_, err := w.store.ChangeChat(w.t.Context(), w.chat(bot.Address{Telegram: person}).ID, func(c *bot.Chat) error {
		change(c)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
