package digest

import "testing"

func TestSentencesThatLean(t *testing.T) {
	for _, tt := range []struct {
		name, language, given string
		want                  bool
	}{
		{"she without who", "en", "After the vote, she told reporters that the ferry would sail again.", true},
		{"his without who", "en", "The court said it would hear his appeal in the spring.", true},
		{"he said without who", "en", "The ferry had been late for a week, he said on Monday.", true},
		{"a place is nobody", "en", "In New York, the ferry company thanked him for the long years.", true},
		{"a month is nobody", "en", "March was the month when he left the harbour office.", true},
		{"a crowd is nobody", "en", "Police said he had left the ferry before the storm.", true},
		{"a name before it", "en", "Mayor Hale said she would open the harbour again.", false},
		{"a name alone before it", "en", "Roe, 47, said he had never seen such waves.", false},
		{"a name in a place's place", "en", "In New York, Ines Hale thanked her crew for the long years.", false},
		{"a person without a name", "en", "The mayor said the ferry was his last hope.", false},
		{"somebody who is brought in", "en", "A harbourmistress of forty has lost her post.", false},
		{"the name follows in the sentence", "en", "In his first speech, Mayor Roe promised a new ferry.", false},
		{"it is the court", "en", "The court said it would hear the appeal in the spring.", false},
		{"a German pronoun behind a noun", "de", "Nach der Abstimmung sagte sie Reportern, die Fähre fahre wieder.", true},
		{"a German name", "de", "Nach der Abstimmung sagte Ines Hale, die Fähre fahre wieder.", false},
		{"a French pronoun behind its place", "fr", "Après le vote, elle a promis un nouveau ferry.", true},
		{"a French name", "fr", "Après le vote, Inès Hale a promis un nouveau ferry.", false},
		{"a Spanish verb without who", "es", "Dijo que el ferri volverá a navegar en mayo.", true},
		{"an Italian verb without who", "it", "Ha detto che il traghetto tornerà a maggio.", true},
		{"a Portuguese verb without who", "pt", "Afirmou que a balsa volta a navegar em maio.", true},
		{"a Dutch pronoun", "nl", "Na de stemming beloofde hij een nieuwe veerboot.", true},
		{"a Polish verb without who", "pl", "Dodała, że prom wróci na trasę w maju.", true},
		{"a Russian pronoun", "ru", "После голосования она пообещала новый паром.", true},
		{"a Russian name", "ru", "После голосования Инесса Хейл пообещала новый паром.", false},
		{"a Ukrainian pronoun", "uk", "Після голосування вона пообіцяла новий пором.", true},
		{"a Turkish pronoun", "tr", "Onun sözlerine göre feribot mayısta dönecek.", true},
		{"an Arabic verb that adds", "ar", "وأضاف أن العبارة ستعود إلى العمل في مايو.", true},
		{"an Arabic sentence of its own", "ar", "قال رئيس البلدية إن العبارة ستعود إلى العمل في مايو.", false},
		{"a Hindi pronoun", "hi", "उन्होंने कहा कि नौका मई में फिर चलेगी।", true},
		{"a Hindi name", "hi", "महापौर हेल ने कहा कि नौका मई में फिर चलेगी।", false},
		{"a Chinese pronoun", "zh", "她表示渡轮将在五月恢复运行。", true},
		{"a Chinese pronoun behind a time", "zh", "投票结束后，她对记者说渡轮将恢复运行。", true},
		{"a Chinese name", "zh", "投票结束后，市长王明对记者说渡轮将恢复运行。", false},
		{"a Japanese pronoun", "ja", "彼はフェリーが五月に再開すると述べた。", true},
		{"a Japanese pronoun behind a time", "ja", "投票の後、彼女はフェリーの再開を約束した。", true},
		{"a Japanese name", "ja", "市長の山田氏はフェリーが五月に再開すると述べた。", false},
		{"a Korean pronoun", "ko", "그는 여객선이 오월에 다시 운항한다고 말했다.", true},
		{"a Korean name", "ko", "김민수 시장은 여객선이 오월에 다시 운항한다고 말했다.", false},
	} {
		p := newPassage(len(tt.given), tt.language)
		c := candidate{stretch: p.note(tt.given, 0), text: tt.given}
		if !standsAlone(&c, tt.language) || c.hanging != tt.want {
			t.Errorf("%s: %q leans: %t (lost %t), want %t", tt.name, tt.given, c.hanging, c.lost, tt.want)
		}
	}
}

func TestALostPronounWantsAPersonBeforeIt(t *testing.T) {
	const (
		nobody = "The vote on the ferry was held on a cold Tuesday night."
		told   = "Afterwards she told reporters that the old boats would be sold."
		mayor  = "Mayor Ines Hale won the vote on the ferry by eleven to three."
		other  = "Two boats of the company have lain in the dock since the storm."
	)
	for _, tt := range []struct {
		name, language, given, told string
		want                        bool
	}{
		{"nobody stands before it", "en", nobody + " " + told + " " + other, told, false},
		{"its person stands before it", "en", mayor + " " + told, told, true},
		{"nobody in Chinese", "zh", "海港渡轮周一恢复运行，共有四艘船。他表示，明年还将增加两艘。", "他表示，明年还将增加两艘。", false},
		{"a minister in Chinese", "zh", "交通部长王明周一宣布渡轮恢复运行。他表示，明年还将增加两艘。", "他表示，明年还将增加两艘。", true},
		{"several people in Chinese", "zh", "四百名居民周一参观了新渡轮。他们表示，船舱比以前宽敞。", "他们表示，船舱比以前宽敞。", true},
		{"nobody in Japanese", "ja", "港のフェリーは月曜日に運航を再開した。彼は来年さらに二隻を増やすと述べた。", "彼は来年さらに二隻を増やすと述べた。", false},
		{"a mayor in Japanese", "ja", "山田市長は月曜日にフェリーの再開を発表した。彼は来年さらに二隻を増やすと述べた。", "彼は来年さらに二隻を増やすと述べた。", true},
		{"nobody in Korean", "ko", "항구의 여객선이 월요일에 운항을 다시 시작했다. 그는 내년에 두 척을 더 늘리겠다고 말했다.", "그는 내년에 두 척을 더 늘리겠다고 말했다.", false},
		{"a minister in Korean", "ko", "김민수 장관이 월요일에 여객선 운항 재개를 발표했다. 그는 내년에 두 척을 더 늘리겠다고 말했다.", "그는 내년에 두 척을 더 늘리겠다고 말했다.", true},
		{"nobody in Hindi", "hi", "बंदरगाह की नौका सोमवार को फिर चलने लगी। उन्होंने कहा कि अगले साल दो और नौकाएँ आएँगी।", "उन्होंने कहा कि अगले साल दो और नौकाएँ आएँगी।", false},
		{"a place in Russian", "ru", "Новый мост через реку Волок открыли в Нижнем Волоке. По его словам, движение начнется в мае.", "По его словам, движение начнется в мае.", false},
		{"a mayor in Russian", "ru", "Мэр Лосев открыл в понедельник новый мост через реку. По его словам, движение начнется в мае.", "По его словам, движение начнется в мае.", true},
		{"initials in Russian", "ru", "Новый мост через реку в понедельник открыл А. И. Лосев. По его словам, движение начнется в мае.", "По его словам, движение начнется в мае.", true},
		{"nobody in German", "de", "Die neue Fähre nach Niederfels fährt seit Montag wieder. Er sagte, im Mai kämen zwei weitere Schiffe.", "Er sagte, im Mai kämen zwei weitere Schiffe.", false},
		{"a mayor in German", "de", "Oberbürgermeister Kunz gab die neue Fähre am Montag frei. Er sagte, im Mai kämen zwei weitere Schiffe.", "Er sagte, im Mai kämen zwei weitere Schiffe.", true},
		{"nobody in French", "fr", "Le ferry de Kerlan a repris la mer lundi après une semaine. Selon lui, deux navires arriveront en mai prochain.", "Selon lui, deux navires arriveront en mai prochain.", false},
		{"a mayor in French", "fr", "La maire de Kerlan a remis le ferry à flot lundi matin. Selon elle, deux navires arriveront en mai prochain.", "Selon elle, deux navires arriveront en mai prochain.", true},
		{"a name in Spanish", "es", "El ferri volvió a navegar el lunes, según anunció Inés Robles. Según dijo, en mayo llegarán dos barcos más.", "Según dijo, en mayo llegarán dos barcos más.", true},
		{"a minister in Hindi", "hi", "परिवहन मंत्री रमेश ने सोमवार को नौका फिर शुरू की। उन्होंने कहा कि अगले साल दो और नौकाएँ आएँगी।", "उन्होंने कहा कि अगले साल दो और नौकाएँ आएँगी।", true},
	} {
		said := false
		for _, s := range Summarize("", []Article{{Language: tt.language, Text: tt.given}}, 35) {
			said = said || s == tt.told
		}
		if said != tt.want {
			t.Errorf("%s: the pronoun's sentence is taken: %t, want %t", tt.name, said, tt.want)
		}
	}
}

func TestTwoLinesInOneAreNoSentence(t *testing.T) {
	for _, tt := range []struct {
		name, given string
		want        bool
	}{
		{"a caption before the text", "The ferry at the northern pier yesterday evening The company said it was late.", false},
		{"a name with The", "The mayor read The Harbour Post in the morning.", true},
		{"initials that were cut", "On board were Ines Hale and J.P.", false},
		{"a country", "The ferry was built in the U.S.", true},
	} {
		if got := whole(tt.given); got != tt.want {
			t.Errorf("%s: whole(%q) = %t", tt.name, tt.given, got)
		}
	}
}

func TestQuotesThatWereCut(t *testing.T) {
	for _, tt := range []struct {
		given string
		want  bool
	}{
		{"Sie sagte: „Wir bleiben.“", true}, {"Sie sagte: „Wir bleiben.", false}, {"Wir bleiben“, sagte sie.", false},
		{"„Wir bleiben\", sagte sie der Zeitung am Abend.", true}, {"„Wir bleiben, sagte sie der „Zeitung\".", false},
		{"Il a dit : « Nous restons. »", true}, {"Nous restons », a-t-il dit.", false},
		{"「行かない」と彼は言った。", true}, {"「行かないと彼は言った。", false}, {"彼は『港の朝を読んだ。", false}, {"他读了《港口晨报》。", true}, {"他读了《港口晨报。", false},
		{"船（九十人が乗っていた。", false}, {"»Vi bliver,« sagde hun.", true}, {"Vi bliver,« sagde hun.", false}, {"”Vi stannar”, sade hon.", true}, {"Vi stannar”, sade hon.", false},
	} {
		if got := balanced(tt.given); got != tt.want {
			t.Errorf("balanced(%q) = %t", tt.given, got)
		}
	}
}

func TestLinesOfAPageInItsLanguage(t *testing.T) {
	for _, line := range []string{
		"Read more about the ferry here.", "Más información sobre el ferri aquí.", "Leggi anche: il traghetto di Port Low.", "Veja também: a balsa de Port Low.",
		"Foto: de veerboot in de haven van gisteren.", "Zobacz też: prom w porcie.", "Haberin devamı için tıklayın.", "Читайте также: паром сел на мель.",
		"Подписывайтесь на наш канал о пароме.", "Читайте також: пором сів на мілину.", "اقرأ أيضا: العبارة في الميناء.", "यह भी पढ़ें: नौका बंदरगाह में।", "来源：港口日报。",
		"関連記事はこちらからどうぞ。", "무단 전재 및 재배포 금지.", "Lesen Sie auch: die Fähre im Hafen.", "À lire aussi : le ferry au port.",
	} {
		if !boilerplate(line, false) {
			t.Errorf("%q is taken for news", line)
		}
	}
	for _, line := range []string{"Seguirá la huelga de los ferris.", "Seguiranno altri giorni di sciopero.", "The post office of Port Low has burnt down.", "Copyright in old charts ends this year."} {
		if boilerplate(line, false) {
			t.Errorf("%q is taken for a line of the page", line)
		}
	}
}
