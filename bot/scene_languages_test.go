package bot_test

import (
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/bot/simulator"
)

// uta and luc have clients that speak German and French.
const (
	uta = int64(21)
	luc = int64(22)
)

func withNewcomers(c *simulator.Config) {
	c.People = append(c.People, simulator.Person{ID: uta, Name: "Uta", Language: "de-AT"}, simulator.Person{ID: luc, Name: "Luc", Language: "fr"})
}

func TestAGermanFromStartToADigest(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publishIn("de", "Die neuen Fähren fahren früher", "Die Stadt hat zwei neue Fähren für den Hafen gekauft. Sie fahren schon im Mai über den Fluss.")
		w.wants(w.say(uta, "/start"), "Tidings verfolgt Themen für dich", "[🌍 Welt][💻 Technik]", "[🔬 Wissenschaft][📈 Wirtschaft]", "[🌱 Klima][⚽ Sport]")
		w.wants(w.say(uta, "fähren"), "Schlagzeilen: fähren", "Die neuen Fähren fahren früher", "Stand: 08:30", "[➕ „fähren“ folgen]")
		w.wantsOne(w.press(uta, "➕ „fähren“ folgen"), "Du folgst jetzt fähren", "Um wie viel Uhr", "[07:00][08:00][12:00]")
		w.wantsOne(w.press(uta, "18:00"), "Ein Überblick täglich um 18:00", "Ich tippe auf Wien (UTC+1)", "[Berlin 08:30][Wien 08:30]", "[Zürich 08:30]")
		before := w.last(uta)
		w.wantsOne(w.press(uta, "Berlin 08:30"), "Fertig: ein Überblick täglich um 18:00 (Berlin, UTC+1)", "Sprachen der Meldungen: Deutsch, Englisch",
			"Als Nächstes:", "• Montag, 16. März, 18:00", "[Meine Themen]")
		w.wants(w.since(uta, 0), "📰 Montag, 16. März · 1 Thema", "Post de · gerade eben", "[❔ Warum?]")
		w.publish("Zwei Fähren stoßen im Nebel zusammen", "Im Hafen sind zwei Fähren zusammengestoßen, verletzt wurde niemand. Die Fahrgäste kamen mit Booten an Land.")
		w.skips(9 * time.Hour)
		w.slot("17:00")
		w.wants(w.since(uta, before), "Zwei Fähren stoßen", "vor 9 Std.", "!Die neuen Fähren", "!ago", "!Monday")
		for _, m := range w.since(uta, 0) {
			for _, english := range []string{"digest", "stories", "Following", "Topics", "sources"} {
				if strings.Contains(m.Text, english+" ") {
					t.Errorf("a German reads %q in:\n%s", english, m.Text)
				}
			}
		}
	}, withNewcomers)
}

func TestAReaderAnswersInTheirLanguage(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(uta, "/subscribe fähren")
		w.wants(w.say(uta, "/schedule werktags um 8 Uhr und 18 Uhr 30"), "✅ Dein Überblick kommt werktags um 08:00 und 18:30")
		w.wants(w.say(uta, "/schedule montags, donnerstags 8"), "jeden Montag und Donnerstag um 08:00")
		w.wants(w.say(uta, "/schedule irgendwann"), "„irgendwann“ verstehe ich nicht als Uhrzeit oder Tag")
		w.wants(w.say(uta, "/quiet von 22 Uhr bis 7 Uhr"), "Ruhe von 22:00 bis 07:00")
		w.wants(w.say(uta, "/quiet aus"), "Keine Ruhezeiten mehr")
		w.wants(w.say(uta, "/schedule aus"), "nur auf Wunsch mit /digest")
		w.wants(w.say(uta, "/timezone Wien"), "Deine Zeitzone ist Wien (UTC+1), dort ist es 08:30", "!Europe/")
		w.wants(w.say(uta, "/settings"), "(Wien, UTC+1)", "!Europe/")
		w.say(luc, "/subscribe ferries")
		w.wants(w.say(luc, "/schedule di 9h"), "le dimanche à 09:00", "• Dimanche 22 mars, 09:00")
		w.wants(w.say(uta, "/schedule di 9"), "jeden Dienstag um 09:00")
		w.wants(w.say(ben, "/schedule di 9"), "I don't understand “di”")
		w.wants(w.say(luc, "/quiet de 22h à 7h"), "Calme de 22:00 à 07:00")
	}, withNewcomers)
}

func TestTheLanguageIsChangedInSettings(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(luc, "/subscribe ferries"), "✅ Vous suivez ferries")
		w.wants(w.say(luc, "/settings"), "Réglages", "[Je parle\u202f: Français]")
		w.wantsOne(w.press(luc, "Je parle\u202f: Français"), "Ici, je parle français", "[✓ Français]", "English", "Deutsch")
		w.wantsOne(w.press(luc, "Deutsch"), "Ich spreche hier Deutsch", "[✓ Deutsch]", "[« Einstellungen]")
		w.wantsOne(w.press(luc, "« Einstellungen"), "Einstellungen", "Sprachen der Meldungen: Englisch, Französisch", "[Ich spreche: Deutsch]")
		w.wants(w.say(luc, "/topics"), "Du folgst einem Thema")
		if c := w.chat(bot.Address{Telegram: luc}); c.Language != "de" || c.StoryLanguages != "en fr" {
			t.Errorf("the chat is spoken to in %q and reads %q; want de, and stories in English and French as before", c.Language, c.StoryLanguages)
		}
		w.forge(luc, luc, "set:speech:xx")
		if c := w.chat(bot.Address{Telegram: luc}); c.Language != "de" {
			t.Errorf("a forged language made it %q", c.Language)
		}
		// A client whose language changes later changes nothing: the chat chose.
		w.wants(w.say(luc, "/start"), "Willkommen zurück!")
	}, withNewcomers)
}

// menu is the language in which a person's client shows the menu in a chat, "+"
// behind it when the admins' commands are there.
func (w *world) menu(chat, person int64) string {
	w.t.Helper()
	catalog, err := bot.LoadCatalog()
	if err != nil {
		w.t.Fatal(err)
	}
	speaks, more := "", ""
	for _, c := range w.sim.Menu(chat, person) {
		for _, lang := range catalog.Languages() {
			if c.Command == "topics" && c.Description == catalog.In(lang).Plain("about_topics", nil) {
				speaks = lang
			}
		}
		if c.Command == "broadcast" {
			more = "+"
		}
	}
	return speaks + more
}

// calls counts those of a method, whatever came of them.
func (w *world) calls(method string) (n int) {
	for _, c := range w.sim.Evidence().Calls {
		if c.Method == method {
			n++
		}
	}
	return n
}

func (w *world) showsMenu() {
	w.t.Helper()
	if err := w.bot.ShowMenu(w.t.Context()); err != nil {
		w.t.Fatalf("ShowMenu() = %v", err)
	}
}

func TestTheMenuSpeaksTheLanguageOfTheChat(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.showsMenu()
		speaks := func(when string, chat, person int64, want string) {
			t.Helper()
			if got := w.menu(chat, person); got != want {
				t.Errorf("%s the menu is in %q, want %q", when, got, want)
			}
		}
		w.say(luc, "/start")
		speaks("at first", luc, luc, "fr")
		w.forge(luc, luc, "set:speech:de")
		speaks("after a choice", luc, luc, "de")
		speaks("for another", uta, uta, "de")
		w.skips(time.Minute)
		w.showsMenu()
		speaks("after a restart", luc, luc, "de")
		set, gone := w.calls("setMyCommands"), w.calls("deleteMyCommands")
		w.say(luc, "/start")
		w.forge(luc, luc, "set:speech:de")
		w.forge(luc, luc, "set:length:full")
		if got := w.calls("setMyCommands"); got != set || w.calls("deleteMyCommands") != gone {
			t.Errorf("what is so already was set %d times and deleted %d times", got-set, w.calls("deleteMyCommands")-gone)
		}
		w.forge(luc, luc, "set:speech:fr")
		speaks("back in the client's language", luc, luc, "fr")
		if got := w.calls("deleteMyCommands"); got != gone+1 || w.calls("setMyCommands") != set {
			t.Errorf("the client's language took %d deletions, want one and nothing set", got-gone)
		}
		w.forge(luc, luc, "set:speech:ru")
		w.forge(luc, luc, "forget:yes")
		speaks("of an erased chat", luc, luc, "fr")

		w.say(ada, "/start")
		w.forge(ada, ada, "set:speech:es")
		speaks("of an admin", ada, ada, "es+")
		w.skips(time.Minute)
		w.showsMenu()
		speaks("of an admin after a restart", ada, ada, "es+")
		w.forge(ada, ada, "forget:yes")
		speaks("of an admin who was erased", ada, ada, "en+")
	}, withNewcomers)
}

func TestAMenuThatIsRefusedDisturbsNothing(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.log.expect("menu of a chat not set")
		w.showsMenu()
		w.say(luc, "/settings")
		w.sim.AddFault(simulator.Fault{Kind: simulator.FaultTooMany, Methods: []string{"setMyCommands"}, Count: 1, RetryAfter: 600})
		w.press(luc, "Je parle\u202f: Français")
		w.wantsOne(w.press(luc, "Deutsch"), "Ich spreche hier Deutsch")
		before := w.calls("setMyCommands")
		w.wantsOne(w.press(luc, "Español"), "[✓ Español]")
		if got := w.calls("setMyCommands"); got != before {
			t.Errorf("within the 600 s after a 429 the menu was set %d times", got-before)
		}
		if got := w.menu(luc, luc); got != "fr" {
			t.Errorf("the menu that could not be set is in %q, want fr as before", got)
		}
		w.passes(10 * time.Minute)
		w.say(luc, "/start")
		if got := w.menu(luc, luc); got != "es" {
			t.Errorf("the next /start left the menu in %q, want es", got)
		}
	}, withNewcomers)
}

func TestTheMenuOfAGroup(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.showsMenu()
		group := w.group(simulator.Group{})
		in := func(chat int64, want string) {
			t.Helper()
			for _, person := range []int64{ada, ida} {
				if got := w.menu(chat, person); got != want {
					t.Errorf("the menu of the group is in %q for %d, want %q", got, person, want)
				}
			}
		}
		w.post(simulator.Post{Chat: group, From: ada, Text: "/settings"})
		w.forge(ida, group, "set:speech:de") // is no admin of it
		in(group, "en")
		w.forge(ada, group, "set:speech:de")
		in(group, "de")
		if got := w.menu(ida, ida); got != "en" {
			t.Errorf("the choice of the group set the menu of a member's own chat to %q", got)
		}
		moved, err := w.sim.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		w.settles()
		in(moved, "de")
		w.post(simulator.Post{Chat: moved, From: ada, Text: "/forgetme"})
		w.pressIn(ada, moved, "Alles löschen")
		in(moved, "en")

		forum := w.group(simulator.Group{Type: "supergroup", Forum: true})
		boats, err := w.sim.AddTopic(forum, "Boats")
		if err != nil {
			t.Fatal(err)
		}
		w.post(simulator.Post{Chat: forum, From: ada, Text: "/settings"})
		w.forge(ada, forum, "set:speech:fr")
		w.post(simulator.Post{Chat: forum, Thread: boats, From: ada, Text: "/start"}) // a chat of its own, in English
		in(forum, "fr")

		w.channel("harbourwire")
		set, gone := w.calls("setMyCommands"), w.calls("deleteMyCommands")
		w.say(ida, "@harbourwire")
		w.say(ida, "/settings")
		w.press(ida, "I speak: English")
		w.wantsOne(w.press(ida, "Deutsch"), "[✓ Deutsch]")
		if w.calls("setMyCommands") != set || w.calls("deleteMyCommands") != gone {
			t.Error("the language of a channel changed a menu")
		}
	})
}

// lucia, joao and anna have clients that speak Spanish, Brazilian Portuguese and Russian.
const (
	lucia = int64(23)
	joao  = int64(24)
	anna  = int64(25)
)

func withSouthAndEast(c *simulator.Config) {
	c.People = append(c.People, simulator.Person{ID: lucia, Name: "Lucía", Language: "es"},
		simulator.Person{ID: joao, Name: "João", Language: "pt-br"}, simulator.Person{ID: anna, Name: "Анна", Language: "ru"})
}

// TestANewcomerIsLedInTheirLanguage: from /start to what is followed, said in one language.
func TestANewcomerIsLedInTheirLanguage(t *testing.T) {
	for name, tt := range map[string]struct {
		who                    int64
		lang, title            string
		suggested              string
		start, time, zone, all []string
		pressZone, typed       string
		edition                []string
		schedule, settings     []string
	}{
		"in Spanish": {
			who: lucia, lang: "es", title: "La nueva tecnología llega al puerto", suggested: "💻 Tecnología",
			start:     []string{"Tidings sigue temas por ti", "[🌍 Mundo][💻 Tecnología]", "[🔬 Ciencia][📈 Economía]", "[🌱 Clima][⚽ Deportes]"},
			time:      []string{"Sigues tecnología", "¿A qué hora"},
			zone:      []string{"un boletín todos los días a las 12:00", "He supuesto Madrid (UTC+1)", "[Madrid 08:30]"},
			pressZone: "Madrid 08:30",
			all:       []string{"Todo listo", "Idiomas de las noticias: español, inglés", "• Lunes 16 de marzo a las 12:00", "[Mis temas]"},
			edition:   []string{"📰 Lunes 16 de marzo · 1 tema", "🔹 tecnología", "La nueva tecnología", "ahora mismo", "[❔ ¿Por qué?]"},
			typed:     "/schedule 08:00 18:30 laborables", schedule: []string{"de lunes a viernes a las 08:00 y 18:30"},
			settings: []string{"Extensión: Breve", "[Mi idioma: Español]"},
		},
		"in Portuguese": {
			who: joao, lang: "pt", title: "A nova tecnologia chega ao porto", suggested: "💻 Tecnologia",
			start:     []string{"O Tidings acompanha temas para você", "[🌍 Mundo][💻 Tecnologia]", "[🔬 Ciência][📈 Economia]", "[🌱 Clima][⚽ Esportes]"},
			time:      []string{"Seguindo tecnologia", "A que horas"},
			zone:      []string{"um boletim todos os dias às 12:00", "Meu palpite é São Paulo (UTC-3)", "[São Paulo 04:30]"},
			pressZone: "São Paulo 04:30",
			all:       []string{"Tudo pronto", "Idiomas das notícias: português, inglês", "• Segunda-feira, 16 de março, às 12:00", "[Meus temas]"},
			edition:   []string{"📰 Segunda-feira, 16 de março · 1 tema", "🔹 tecnologia", "A nova tecnologia", "agora mesmo", "[❔ Por quê?]"},
			typed:     "/schedule 08:00 18:30 dias úteis", schedule: []string{"de segunda a sexta às 08:00 e 18:30"},
			settings: []string{"Tamanho: Curto", "[Meu idioma: Português]"},
		},
		"in Russian": {
			who: anna, lang: "ru", title: "Новые технологии пришли в порт", suggested: "💻 Технологии",
			start:     []string{"Tidings следит за темами", "[🌍 В мире][💻 Технологии]", "[🔬 Наука][📈 Экономика]", "[🌱 Климат][⚽ Спорт]"},
			time:      []string{"Вы подписались на тему технологии", "В какое время"},
			zone:      []string{"каждый день в 12:00", "Похоже, Москва (UTC+3)", "[Москва 10:30]"},
			pressZone: "Москва 10:30",
			all:       []string{"Готово", "Языки новостей: русский, английский", "• Понедельник, 16 марта, 12:00", "[Мои темы]"},
			edition:   []string{"📰 Понедельник, 16 марта · 1 тема", "🔹 технологии", "Новые технологии", "только что", "[❔ Почему?]"},
			typed:     "/schedule 08:00 18:30 будни", schedule: []string{"по будням в 08:00 и 18:30"},
			settings: []string{"Объём: Кратко", "[Мой язык: Русский]", "!Украин", "!украин"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.publishIn(tt.lang, tt.title, tt.title+".")
				w.wants(w.say(tt.who, "/start"), tt.start...)
				w.wantsOne(w.press(tt.who, tt.suggested), tt.time...)
				w.wantsOne(w.press(tt.who, "12:00"), tt.zone...)
				w.wantsOne(w.press(tt.who, tt.pressZone), tt.all...)
				w.wants(w.since(tt.who, 0), tt.edition...)
				w.wants(w.say(tt.who, tt.typed), tt.schedule...)
				w.wants(w.say(tt.who, "/settings"), tt.settings...)
				for _, m := range w.since(tt.who, 0) {
					for _, english := range []string{"digest ", "stories ", "Following ", "topics ", "sources ", "every day"} {
						if strings.Contains(m.Text, " "+english) { // with a slash it is a command
							t.Errorf("who reads %s is told %q in:\n%s", tt.lang, english, m.Text)
						}
					}
				}
			}, withSouthAndEast)
		})
	}
}
