package digest

import (
	"slices"
	"testing"
)

func TestSentencesThatReferBack(t *testing.T) {
	for _, tt := range []struct {
		name, language, given string
		want                  string // back, adds, vague or ""
	}{
		{"another way than which", "en", "The engineers in Inverness took another way with three cheap chips.", "back"},
		{"another that has its partner", "en", "The ferry sails from one harbour to another in an hour.", ""},
		{"the other one", "en", "The other semi-final will be played on Sunday in Port Low.", "back"},
		{"two others", "en", "Two other ferries lay in the dock with broken engines.", "back"},
		{"agencies and others", "en", "Police and other agencies searched the harbour for the whole night.", ""},
		{"the same as what", "en", "The same happened at the northern pier in the spring.", "back"},
		{"the same with its partner", "en", "The same ferry sails to Holm as in the years before.", ""},
		{"a marriage", "en", "Same-sex couples may marry on the ferry from next year.", ""},
		{"such things", "en", "Such storms are common along the coast in the winter.", "back"},
		{"such as", "en", "Ships such as the Morning Star will be sold next year.", ""},
		{"the first of two", "en", "The first measured 4.8 on the scale and the second 4.3.", "back"},
		{"the first of all", "en", "The first ferry is to sail in the spring of next year.", ""},
		{"the latter", "en", "The latter must find a new leader before the winter.", "back"},
		{"so did somebody", "en", "So did the mayor of Port Low on the next morning.", "back"},
		{"a former mayor", "en", "The former mayor of Port Low died on Monday at home.", ""},
		{"also", "en", "The company also said that two captains would leave.", "adds"},
		{"not only, but also", "en", "The ferry is quick but also costs more than the old one.", ""},
		{"also known as", "en", "Ines Hale, also known as the pilot, won the vote.", ""},
		{"the move", "en", "The move sent its shares down by nine percent.", "vague"},
		{"the move to what it says", "en", "The move to sell the ferries sent its shares down.", ""},
		{"whose decision", "en", "The decision of the court came on Monday afternoon.", ""},
		{"a German other", "de", "Ein anderer Bergsteiger hatte die Lawine am Morgen beobachtet.", "back"},
		{"German children and others", "de", "Kinder und andere Gäste blieben über Nacht im Hafen.", ""},
		{"a German same", "de", "Das gleiche Ziel hatte sich der Konkurrent im März gesetzt.", "back"},
		{"a German latter", "de", "Letzteres überraschte viele Beobachter in der Hauptstadt sehr.", "back"},
		{"a German decision", "de", "Die Entscheidung stieß bei der Gewerkschaft auf Kritik.", "vague"},
		{"a German decision of a court", "de", "Die Entscheidung des Gerichts fiel am Montag nach langer Beratung.", ""},
		{"a French same", "fr", "Le même scénario s'était produit en mars à Kerlan.", "back"},
		{"a French even if", "fr", "Même si la mer est calme, le ferry reste au port.", ""},
		{"another French solution", "fr", "Une autre solution serait de faire appel à un médiateur.", "back"},
		{"a French decision", "fr", "La décision fait suite à un échec des négociations.", "vague"},
		{"a French decision to do something", "fr", "La décision de fermer le port a surpris les habitants.", ""},
		{"another Spanish proposal", "es", "Otra propuesta quedó fuera del texto de la ley.", "back"},
		{"both Spanish sides", "es", "Ambas partes volverán a reunirse en enero en Madrid.", "back"},
		{"a Spanish measure", "es", "La medida beneficiará a dos millones de trabajadores jóvenes.", "vague"},
		{"a Portuguese same", "pt", "O mesmo documento pedia novas portas para o mercado.", "back"},
		{"a Portuguese even so", "pt", "Mesmo com chuva, a balsa sai do porto às nove.", ""},
		{"an Italian other", "it", "Un altro traghetto è rimasto fermo nel porto di Genova.", "back"},
		{"a Dutch other", "nl", "Een andere veerboot lag met een kapotte motor in de haven.", "back"},
		{"a Russian other", "ru", "Другой ледокол вышел из порта и будет на месте завтра.", "back"},
		{"both in Russian", "ru", "Оба судна построены в тысяча девятьсот восемьдесят девятом году.", "back"},
		{"Russian that adds", "ru", "Компания также сообщила об уходе двух капитанов.", "adds"},
		{"a Polish other", "pl", "Inny prom stał w porcie z zepsutym silnikiem.", "back"},
		{"a Swedish same", "sv", "Samma sak hände vid den norra piren i våras.", "back"},
		{"a Czech other", "cs", "Další trajekt stál v přístavu s rozbitým motorem.", "back"},
		{"a Turkish same", "tr", "Aynı uyarı ocak ayında da kuzey illeri için yapılmıştı.", "back"},
		{"both in Turkish", "tr", "Her iki köprü de sabaha kadar trafiğe kapatıldı.", "back"},
		{"an Arabic context", "ar", "وفي السياق نفسه أعلن رئيس الوزراء استقالته من منصبه.", "back"},
		{"a Chinese other line", "zh", "另一条线路预计二〇二八年建成。", "back"},
		{"a Chinese project that was named", "zh", "该项目总投资二百一十亿元，历时六年建成。", "back"},
		{"the same town in Japanese", "ja", "同市は月曜日に新しいフェリーの運航を始めた。", "back"},
		{"a Japanese university", "ja", "同志社大学は月曜日に新しい研究所を開いた。", ""},
		{"another Japanese expert", "ja", "別の専門家は今後一週間の揺れに注意が必要だと話した。", "back"},
		{"a plain sentence", "en", "Divers found a crack of nine metres in the hull.", ""},
		{"nothing", "en", "", ""},
	} {
		r, got := referenceIn(tt.given, tt.language), ""
		switch {
		case r.back:
			got = "back"
		case r.adds:
			got = "adds"
		case r.vague:
			got = "vague"
		}
		if got != tt.want {
			t.Errorf("%s: %q refers %q, want %q", tt.name, tt.given, got, tt.want)
		}
	}
}

// TestASummaryExplainsItself: a sentence that refers back is told behind what it refers to,
// or not at all.
func TestASummaryExplainsItself(t *testing.T) {
	const (
		lead   = "Radiation flips bits, and processors for space that resist it cost as much as a house in the best part of Port Low does."
		other  = "The engineers in Inverness took another way: three cheap chips compute the same."
		own    = "A test satellite was launched in May and has flown 4,000 orbits."
		sold   = "The harbour of Port Low sold its nine old diesel ferries to a yard in the far north of the country on Tuesday."
		move   = "The move brought in 41 million crowns for the town."
		ships  = "Six electric ships will sail between the islands from spring."
		repeat = "The harbour sells its ferries."
	)
	for _, tt := range []struct {
		name, title, given string
		words              int
		want               []string
	}{
		{"what takes another way does not stand first", "Chips that vote go to orbit", lead + " " + other + " " + own, 15, []string{own}},
		{"it stands behind what explains it", "Chips that vote go to orbit", lead + " " + other, 66, []string{lead, other}},
		{"what begins a text refers to nothing in it", "Chips that vote go to orbit", other, 35, []string{other}},
		{"a move that nothing names waits for others", "Port Low changes its ships", sold + " " + move + " " + ships, 15, []string{ships}},
		{"a move stands behind it", "Port Low changes its ships", sold + " " + move, 66, []string{sold, move}},
		{"a move stands behind the headline said again", "The harbour sells its ferries", repeat + " " + move, 15, []string{move}},
		{"a move that the headline names", "A move that paid: harbour sells", sold + " " + move, 15, []string{move}},
		{"nothing else is there", "Port Low changes its ships", sold + " " + move, 15, []string{move}},
		{"the answer to an interviewer wants its question", "Ines Marsh on the station", "Ines Marsh came back last month from a long time on the station above us, which is a very long sentence.\nWhat did you miss most?\nRain. The smell of it on warm stone.\nMarsh repaired a pump in March.", 8, []string{"Marsh repaired a pump in March."}},
	} {
		if got := Summarize(tt.title, []Article{{Language: "en", Text: tt.given}}, tt.words); !slices.Equal(got, tt.want) {
			t.Errorf("%s: Summarize = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWordsOfWritingWithoutSpaces(t *testing.T) {
	const lead = "27日午前4時12分ごろ、北港地方を震源とする地震があり、北港市と南浜町で震度5強を観測したほか、周辺の広い範囲で震度4の揺れを感じた。"
	for _, tt := range []struct {
		given string
		want  int
	}{
		{"", 0}, {"The ferry of Port Low is late.", 7}, {"渡轮", 1}, {"北港地铁三号线周六上午正式开通运营。", 7}, {lead, 25}, {"The 渡轮 sails.", 3},
		{"フェリー", 2}, {"เรือข้ามฟากไฟฟ้า", 3}, {"김민수 시장이 왔다.", 3},
	} {
		if got := readingWords(tt.given); got != tt.want {
			t.Errorf("readingWords(%q) = %d, want %d", tt.given, got, tt.want)
		}
	}
	story := []Article{{Language: "ja", Text: lead + "震源の深さは約18キロと推定される。気象庁によると津波の心配はない。"}}
	if got := Summarize("北港で地震", story, 21); len(got) != 1 || got[0] != lead {
		t.Errorf("in 21 words: %q, want the lead, a fifth longer, alone", got)
	}
	if got := Summarize("北港で地震", story, 20); slices.Contains(got, lead) {
		t.Errorf("in 20 words: %q, a lead more than a fifth longer", got)
	}
}

func TestWhatAPressReleaseSaysOfItsSender(t *testing.T) {
	for given, want := range map[string]bool{
		"About Norhaven Robotics: Founded in 2009, it builds machines.": true,
		"Über die Brandner AG: Gegründet 1902, fertigt sie Lacke.":      false, // not a name
		"Über Brandner: Das Unternehmen fertigt seit 1902 Lacke.":       true,
		"About 40 people: That is how many came.":                       false,
		"About Friday nobody speaks any more in Port Low.":              false,
	} {
		if got := aboutSomebody(given); got != want {
			t.Errorf("aboutSomebody(%q) = %t", given, got)
		}
	}
}

// TestALeadRefersToNothing: what would refer back names its matter itself where nothing stands before.
func TestALeadRefersToNothing(t *testing.T) {
	for _, tt := range []struct{ language, lead string }{
		{"en", "Both houses of parliament passed the budget on Monday after nine hours of debate."},
		{"en", "HARBOUR CITY (AP) — Such gales have not been measured on the islands since 1951, forecasters said."},
		{"en", "Other ports will open to traffic in May, ministers said after a meeting on Monday."},
		{"de", "Beide Kammern des Parlaments nahmen den Haushalt am Montag nach neun Stunden an."},
		{"de", "Andere Häfen öffnen ihre Tore im Mai, sagten Minister nach einem Treffen am Montag."},
		{"es", "Ambas cámaras del parlamento aprobaron el lunes el presupuesto tras nueve horas."},
	} {
		article := Article{Title: "What a week it was", Language: tt.language, Content: tt.lead + " Lower Fell 1951 Holm Brandvik 19 Norhaven 12 Velmara."}
		got := Summarize(article.Title, []Article{article}, 35)
		if want := withoutDateline(tt.lead); len(got) == 0 || got[0] != want {
			t.Errorf("the summary of %q is %v", tt.lead, got)
		}
	}
}
