package bot_test

import "testing"

func TestSmallTalkIsAnsweredAndNoTopic(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "Hello! 👋"), "Hello! Type a topic", "[🌍 World]", "!No story")
		w.wants(w.say(ida, "thank you so much"), "You’re welcome!", "/help")
		w.wants(w.say(ida, "what can you do?"), "What I can do", "/subscribe")
		w.wants(w.say(ida, "Good night, bot"), "Goodbye!")
		w.wants(w.say(ida, "Hi, ferries please"), "Headlines: ferries")
		w.wants(w.say(ida, "ferries, thanks"), "Headlines: ferries")
		w.wants(w.say(ida, "Ferries, thanks! 🙏"), "Headlines: Ferries")
		w.wants(w.say(ida, "hola.com"), "hola.com")
		w.wants(w.say(ida, "Schweiz SVP"), "Schweiz SVP")
		w.wants(w.say(luc, "Schweiz SVP"), "Schweiz SVP")
		w.wants(w.say(luc, "ferries svp"), "Titres", "ferries", "!svp")
		w.wants(w.say(ida, "unsubscribe"), "/unsubscribe", "/pause", "/forgetme", "!Did you mean")
		w.wants(w.say(ida, `"stop"`), "Headlines: \"stop\"")
		w.wants(w.say(uta, "Guten Morgen, lieber Bot"), "Hallo! Schreib ein Thema")
		w.wants(w.say(anna, "Здравствуйте, бот!"), "Здравствуйте!")
		w.wants(w.say(anna, "ferries, пожалуйста"), "Заголовки: ferries")
		w.wants(w.say(ida, `"hello"`), "I have no story on \"hello\"")
		w.wants(w.say(ida, "/subscribe hello"), "✅ Following hello")
		w.wants(w.say(ida, "hello"), "Hello! Type a topic", "![🌍 World]")
		w.wants(w.say(uta, "Grüß Gott!"), "Hallo! Schreib ein Thema")
		w.wants(w.say(uta, "danke schön 😊"), "Gern geschehen!")
		w.wants(w.say(luc, "merci beaucoup"), "Je vous en prie")
		w.wants(w.say(luc, "ferries, s’il vous plaît"), "Titres", "ferries")
		w.wants(w.say(lucia, "¡Hola!"), "¡Hola! Escribe un tema")
		w.wants(w.say(joao, "obrigado"), "De nada!")
		w.wants(w.say(anna, "Привет"), "Здравствуйте!")
		w.wants(w.say(anna, "спасибо большое"), "Пожалуйста!")
		w.wants(w.say(anna, "что ты умеешь?"), "/subscribe")
	}, withNewcomers, withSouthAndEast)
}

func TestATopicThatAsksForTooMuchIsLoosened(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "zeppelins and ferries"), "I have no story on zeppelins and ferries", "Did you mean zeppelins OR ferries?", "[Headlines: zeppelins OR ferries]")
		w.wantsOne(w.press(ida, "Headlines: zeppelins OR ferries"), "Headlines: zeppelins OR ferries", "Harbour council")
		w.wants(w.say(ida, "“electric ferry boats and ferries”"), "!Did you mean")
		w.wants(w.say(ida, "„ferries electric“"), "Did you mean ferries electric?", "[➕ Follow “„ferries electric“”]")
		w.wants(w.say(ida, "«ferries»"), "[➕ Follow “ferries”]")
		w.wants(w.say(ida, "zeppelins and submarines"), "I have no story", "!Did you mean")
	})
}

func TestATimeWithoutACommandIsOffered(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.ferries()
		w.wants(w.say(ida, "every morning at 7"), "I have no story on every morning at 7", "[⏰ every day at 07:00]", "[➕ Follow “every morning at 7”]")
		w.wantsOne(w.press(ida, "⏰ every day at 07:00"), "every day at 07:00")
		w.wants(w.say(ida, "/schedule"), "every day at 07:00")
		w.wants(w.say(uta, "werktags um acht"), "[⏰ werktags um 08:00]")
		w.wants(w.say(ida, "ferries at 7 nowhere"), "!⏰")
	}, withNewcomers)
}
