package digest

import "testing"

func TestARequestIsReadAsWhatItAsksFor(t *testing.T) {
	for query, want := range map[string]string{
		"news about Iceland":          "Iceland",
		"news about the US":           "US",
		"news about IT":               "IT",
		"News from north korea":       "north korea",
		"latest on the Fed":           "Fed",
		"the latest news on the Fed?": "Fed",
		"what's new in AI?":           "AI",
		"What’s new in AI today?":     "AI",
		"please show me all the latest news about ferries -strike": "ferries -strike",
		"Tell me more about solar OR wind":                         "solar OR wind",
		`news about "palm oil" lang:en`:                            `"palm oil" lang:en`,
		"headlines from The Hague":                                 "The Hague",
		"news about latest on trump":                               "trump",
		"Was gibt's Neues zum Bundestag?":                          "Bundestag",
		"aktuelle Nachrichten über die Bahn":                       "Bahn",
		"Nachrichten aus Österreich":                               "Österreich",
		"dernières actualités sur l'Islande":                       "Islande",
		"actualités d’Islande":                                     "Islande",
		"¿Qué hay de nuevo en Chile?":                              "Chile",
		"últimas noticias sobre el petróleo":                       "petróleo",
		"notizie dall'Islanda":                                     "Islanda",
		"notícias do Brasil":                                       "Brasil",
		"het laatste nieuws over stikstof":                         "stikstof",
		"последние новости о выборах":                              "выборах",
		"Що нового про вибори":                                     "вибори",
		"najnowsze wiadomości o powodzi":                           "powodzi",
		"آخر أخبار غزة":                                            "غزة",
		"ما الجديد في مصر":                                         "مصر",
		"关于台湾的最新消息":                                                "台湾",
		"台湾最新消息":                                                   "台湾",
		"東京に関するニュース":                                               "東京",
		"부산에 대한 뉴스":                                                "부산",
		"बाढ़ के बारे में समाचार":                                  "बाढ़",
		"ข่าวเกี่ยวกับน้ำท่วม":                                     "น้ำท่วม",
		"новости спорта":                                           "спорта",
		"Nachrichten Sport":                                        "Sport",
		"noticias deporte":                                         "deporte",
		"actualités sport":                                         "sport",
		"quero notícias sobre inteligência artificial":             "inteligência artificial",
		"gostaria de ler mais sobre eleições":                      "eleições",
		"хочу читать новости про выборы":                           "выборы",
		"notícias esporte":                                         "esporte",
		"sports news":                                              "sports",
		"latest tech news":                                         "tech",
		"climate news":                                             "climate",
		"the latest world news":                                    "world",
		"climate news -oil":                                        "climate -oil",
		"latest tech news? lang:en -\"artificial intelligence\"":   `tech lang:en -"artificial intelligence"`,
		"tech headlines site:bbc.co.uk":                            "tech site:bbc.co.uk",
		"die neuesten Nachrichten Sport":                           "Sport",
		"последние новости экономики":                              "экономики",
		"site:bbc.co.uk news about Iran":                           "Iran site:bbc.co.uk",
		"lang:de Nachrichten über die Bahn":                        "Bahn lang:de",
		"deprem hakkında haberler":                                 "deprem",
	} {
		got, asked := topic(t, query), topic(t, want)
		if got.Text != asked.Text || got.Label != want {
			t.Errorf("%q is the topic %q (%q), want %q (%q)", query, got.Text, got.Label, asked.Text, want)
		}
	}
}

func TestWhatIsNoRequestKeepsItsWords(t *testing.T) {
	for _, query := range []string{
		"tell me about it", "news about the", "news", "fake news", "Fox News", "latest", `"news about town"`, "news OR weather", "news about", "latest on", "BBC news", "news of the world",
		"L'Équipe", "D’Artagnan", "good news", "what's new", "news about OR weather", "everything", "new york", "all about eve", "show jumping", "tell tale heart", "news media",
		"actualités", "nouvelles technologies", "nachrichtendienst", "假新闻", "新闻自由", "أخبار", "ข่าว", "нові технології", "Trump latest",
		"Le Monde actualités", "actualités Le Monde", "Die Welt Nachrichten", "El Mundo noticias", "Мир новостей", "Известия экономика", "software updates", "climate -oil news", "it news",
	} {
		got := topic(t, query)
		if got.Label != query {
			t.Errorf("%q is read as %q", query, got.Label)
		}
		if again := topic(t, got.Text); again.Text != got.Text {
			t.Errorf("%q is canonical %q, and that %q", query, got.Text, again.Text)
		}
	}
	if got := topic(t, "trump latest on").Text; got != "trump" { // as its words stand sorted
		t.Errorf(`"trump latest on" is %q, want what "latest on trump" is`, got)
	}
}

func TestARequestThatIsWrongIsToldWithItsPlace(t *testing.T) {
	_, err := ParseTopic(`news about central "bank`)
	if e, ok := err.(*TopicError); !ok || e.Kind != TopicOpenQuote || e.Pos != 19 {
		t.Errorf("ParseTopic = %+v, want the quote at 19", err)
	}
}
