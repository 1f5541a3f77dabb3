package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
	"tidings/digest/text"
)

func TestSentences(t *testing.T) {
	for _, tt := range []struct{ name, lang, in string }{
		{"two plain sentences", "en", "It rained.|Nobody minded."},
		{"a title is no end", "en", "Mr. Hale met Dr. Ito.|Gen. Roe left."},
		{"an abbreviated country inside a sentence", "en", "The U.S. Navy sailed.|It returned."},
		{"an abbreviated country at the end", "en", "He moved to the U.S.|The move surprised all."},
		{"initials", "en", "J. K. Marsh wrote it.|R.E.M. Fans came."},
		{"a number with a point", "en", "Growth was 3.5 percent.|Last year it was 2."},
		{"latin abbreviations", "en", "Some fruit, e.g. Bananas, rose.|Others fell."},
		{"an ellipsis before a small letter goes on", "en", "He waited ... and left.|Then…|It ended."},
		{"closing quotes belong to the sentence", "en", "“We will stay.”|The crowd cheered.|(It was late.)|So what?"},
		{"a question said goes on in lower case", "en", "“Why now?” she asked.|He left."},
		{"companies", "en", "Acme Inc. Chairman Lee resigned.|Beta Corp. rose.|It fell at Gamma Ltd.|The end."},
		{"times of day", "en", "They met at 5 p.m. Tuesday.|It closed at 9 p.m.|The door stayed shut."},
		{"numbers after No.", "en", "She is No. 5 in the list.|He said no.|Nobody heard."},
		{"months", "en", "It opens Jan. 5 in Oslo.|Tickets cost ten."},
		{"a lost space", "en", "It happened in Paris.|The minister left."},
		{"an address is whole", "en", "See example.com/News.html for more.|Or call."},
		{"exclamations in a row", "en", "No!!!|Really?!|Yes."},
		{"paragraphs are hard", "en", "A headline without a stop\n|A second line\n\n|Third."},
		{"German ordinals and abbreviations", "de", "Am 3. Oktober ist z. B. frei.|Das gilt für ca. 80 Mio. Menschen.|Er kam nicht."},
		{"Chinese needs no space", "zh", "今天下雨。|他说：“我不去。”|你呢？|好！"},
		{"Japanese with closing brackets", "ja", "「行かない。」|彼は帰った。|終わり"},
		{"Hindi danda", "hi", "बारिश हुई।|सब खुश थे।"},
		{"Arabic question mark", "ar", "هل وصل الوزير؟|نعم وصل مساء."},
		{"Russian initials and abbreviations", "ru", "В 2020 г. выборы выиграл А. Петров.|Он рад."},
		{"numbered lists", "en", "1. Peace talks\n|2. Trade"},
		{"a lonely mark joins what stands before", "en", "It ended. ..|New start."},
		{"an ellipsis may begin a sentence", "nl", "De deur ging open.|...en daar stond hij."},
		{"four spaced dots end, three do not", "en", "He spoke of . . . many things and of ships.|. . . Then he left. . . ."},
		{"a numbered list in one line", "en", "We need three things.|1. A new pier|2. A second crane|3. Money"},
		{"a list with brackets after a colon", "en", "The plan:|1) Build the pier|2) Dredge the channel"},
		{"letters that number", "en", "a.) Bread|b.) Salt"},
		{"letters inside a sentence number nothing", "en", "He wants (a) more boats and (b) fewer taxes."},
		{"bullets after the first", "en", "• Ferries stop at nine|• Buses run all night"},
		{"bullets between names are no list", "en", "Oslo • Bergen • Tromsø"},
		{"what is said stands together", "en", "\"We lost it. Nobody knows why!\" the captain said.|He left."},
		{"a remark in brackets stands together", "en", "The pier (It was built in 1911. Nobody liked it.) is closed."},
		{"a remark behind what was said", "en", "“It can’t float . . .” (Hale 12)."},
		{"an apostrophe is no quote", "en", "The dogs' owners came.|They left with Jones' car."},
		{"a quote that never closes", "en", "\"We lost it.|Nobody knows why.|He left."},
		{"a name with a mark", "en", "He joined Yahoo! in May.|He sold his Yahoo! Japan shares."},
		{"a time of day ends a sentence", "en", "He left at 6 p.m.|Drivers who came at 5 p.m. EST waited.|At 7 p.m. Ms. Roe left."},
		{"the king's number", "en", "They met Charles I. Stuart and I.|Lee saw you and I.|Were there."},
		{"notes", "en", "It sank in 1911.[3][4]|The wreck was found.12 13|Divers went down."},
		{"a lost space in other places", "en", "They bought 3,000.|This is much.|Ask Node.js or Booking.com/Offers."},
		{"a wrapped line", "en", "The council will meet again \nin the spring."},
		{"short lines are a list", "en", "boats\n|trains\n|buses"},
		{"French", "fr", "M. Rey a vu Mme Petit à 10 h. 30, av. Foch.|« C’est fini. Partez ! » a-t-il dit.|Il est parti."},
		{"Spanish", "es", "El Sr. Gil y la Dra. Ruiz llegaron a EE. UU. ayer.|¿Por qué?|¡Nadie lo sabe!|Véase la pág. 12."},
		{"Italian", "it", "Il dott. Rossi e la sig.ra Neri abitano in p.zza Dante.|«Andiamo via. È tardi.» dice lui.|Poi tace."},
		{"Portuguese", "pt", "O Sr. Lima mora na Av. Brasil, n.º 5.|A Dra. Reis também.|Será?"},
		{"Dutch", "nl", "Dhr. de Wit en mevr. Bos kwamen o.a. Jan tegen.|Dat was ca. Maart.|Het regende."},
		{"Danish", "da", "Hr. Holm bor på 3. sal i Skt. Hans Gade.|Det er bl.a. Ole glad for.|»Ja. Nej.« sagde han."},
		{"Polish", "pl", "Prof. Nowak mieszka przy ul. Długiej 5 m. 2.|W 2020 r. Anna wyjechała.|Koszt to 5 mln. Złotych zabrakło."},
		{"Slovak", "sk", "Dňa 5. 12. 2010 prišiel Ing. Malý zo spol. s r. o. do mesta.|„Kto je tam? Ja.“ povedal."},
		{"Czech", "cs", "Dr. Novák bydlí v ul. Dlouhé č. 5.|Sejdeme se 3. května.|Ano!"},
		{"Turkish", "tr", "Dr. Kaya 3. kez geldi.|Prof. Ak da oradaydı.|Neden?"},
		{"Greek", "el", "Πού είναι ο κ. Νίκου;|Δεν ξέρω.|Ίσως στην οδ. Ερμού 5."},
		{"Ukrainian", "uk", "У 2020 р. вибори виграв О. Коваль.|Він живе на вул. Лесі Українки.|«Так. Ні.» — сказав він."},
		{"Bulgarian", "bg", "Войната продължи 30 г.|През 1940 г. Иван оцеля.|Той живее на ул. Шипка, гр. Русе."},
		{"Kazakh", "kk", "Ол 5 млн. теңге алды.|Алма, өрік, т.б. жемістер бар.|«Кел. Отыр» деді ол."},
		{"Arabic", "ar", "هل وصل د. سامي؟|نعم، وصل مساء أمس!|ثم غادر."},
		{"Arabic with marks of direction", "ar", "قال د\u200f. سامي ذلك.\u200f|ثم غادر."},
		{"Persian", "fa", "شما کجا هستید؟|من در خانه هستم.|«برو. بیا!»|رفت."},
		{"Urdu", "ur", "کیا وہ آیا؟|ہاں، وہ آیا۔|پھر چلا گیا۔"},
		{"a Hindi doctor", "hi", "डॉ. शर्मा आए।|सब खुश थे।|क्यों?"},
		{"Armenian", "hy", "Ո՞վ եկավ:|Պարզ է. նա եկավ:|Վերջ։"},
		{"Amharic", "am", "ማን መጣ፧|አበበ መጣ።|ሄደ።"},
		{"Burmese", "my", "သူလာသည်။|သူပြန်သွားသည်။"},
		{"Japanese goes on behind a quote", "ja", "「行かない。もう遅い。」と彼は言った。|終わり！"},
		{"Japanese lines", "ja", "これは母の\n家です。"},
		{"Chinese titles", "zh", "他在看《走吧！孩子》吗？|不。|“好！走！”"},
		{"a quote opens close behind a full stop", "zh", "他走了。|“你好。”|她说（没人听见。）这句话。"},
		{"Korean", "ko", "그는 3.5 퍼센트라고 말했다.|“갑시다. 늦었어요.”|그가 말했다.|끝?"},
		{"French quotes close behind a space", "fr", "Il a dit : « Je viendrai. Ou pas. »|Elle a ri.|L'art. 5 al. 2, cf. p. 12, est clair."},
		{"Italian titles behind an article", "it", "L'on. Bianchi e l'avv. Verdi sono arrivati.|Dell'ing. Neri nessuno sa."},
		{"a word of which the end is left", "nl", "Het regent.|'t Is niet anders.|’s Morgens is het droog."},
		{"two Ethiopic marks", "am", "አላውቅም፡፡|ደህና ሁን!"},
		{"a Chinese exclamation with who said it", "zh", "“你好！”他说。|“再见。”"},
		{"a Japanese remark of its own", "ja", "（注：これは例です。）|次の文です。"},
		{"a Hindi price", "hi", "कीमत 3.5 लाख रु. है।|क्या यह सच है?"},
		{"a Marathi doctor", "mr", "डॉ. जोशी आले.|ते मुंबईत राहतात.|का?"},
		{"Vietnamese", "vi", "TS. Nguyễn Văn A sống ở TP. Hồ Chí Minh.|Giá là 3.500 đồng."},
		{"Indonesian", "id", "Dr. Budi tinggal di Jl. Sudirman No. 5.|PT. Maju Tbk. naik.|Harga Rp. 5.000 per kg."},
		{"Catalan", "ca", "El Sr. Puig i la Dra. Roca viuen a l'Av. Diagonal, núm. 5.|Són metges."},
		{"Croatian", "hr", "Dr. Horvat živi u ul. Ilica br. 5.|Rođen je 3. svibnja 1950. u Zagrebu.|To je npr. daleko."},
		{"Serbian", "sr", "Др Петровић живи у ул. Кнеза Милоша бр. 5.|Рођен је 3. маја 1950. године."},
		{"Slovene", "sl", "Dr. Novak živi na Slovenski c. 5.|Rojen je bil 3. maja 1950.|To je npr. daleč."},
		{"Lithuanian", "lt", "Dr. Petraitis gyvena Gedimino pr. 5.|Jis gimė 1950 m. gegužės 3 d. Vilniuje."},
		{"Estonian", "et", "Dr. Tamm elab Tallinnas, Pikk tn. 5.|Ta sündis 3. mail 1950."},
		{"a number behind a short word in a language without a list", "eu", "Kale nag. 5.|Bilbon bizi da."},
		{"nothing", "en", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sep := " "
			if slices.Contains([]string{"zh", "ja", "am", "my"}, tt.lang) || strings.Contains(tt.name, "lost") {
				sep = ""
			}
			in := strings.ReplaceAll(strings.ReplaceAll(tt.in, "\n|", "\n"), "|", sep)
			want := strings.ReplaceAll(strings.ReplaceAll(tt.in, "\n\n", ""), "\n", "")
			var got []string
			for _, x := range text.Sentences(in, tt.lang) {
				got = append(got, x.In(in))
			}
			if strings.Join(got, "|") != want {
				t.Errorf("Sentences(%q) =\n %q, want\n %q", in, strings.Join(got, "|"), want)
			}
		})
	}
}

func TestABarIsADandaInHindiOnly(t *testing.T) {
	for lang, want := range map[string]int{"hi": 2, "en": 1} {
		if got := text.Sentences("बारिश हुई | सब खुश थे", lang); len(got) != want {
			t.Errorf("Sentences(%q) has %d sentences, want %d", lang, len(got), want)
		}
	}
}

// BenchmarkSentences reads prose, and what nobody writes but an enemy.
func BenchmarkSentences(b *testing.B) {
	for _, bb := range []struct{ name, part string }{
		{"prose", "Mr. Hale of the U.S. Navy met Dr. Ito at 5 p.m. on Jan. 5. “We will stay,” he said, “until No. 3 is afloat.” It rained. "},
		{"full stops", "."}, {"spaced full stops", ". "}, {"quotes", "\""}, {"quotes that open", " \"a"}, {"brackets", "(a)"},
		{"no spaces", "a.B"}, {"numbers", "1. "}, {"letters", "a) b) "}, {"bullets", "• "}, {"line breaks", "a \n"}, {"references", "b.1 "}, {"marks of direction", ".\u200f"},
	} {
		s := strings.Repeat(bb.part, 1<<20/len(bb.part))
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				text.Sentences(s, "en")
			}
		})
	}
}

func TestSentencesKeepEveryCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"Mr", ".", " ", "The", "a", "!", "\n", "”", "。", "3", "U.S", "北", "…", "\u2028", "(", "\xff", "1.", ". . .", "\"", "•", "[1]", "–", "»", "\u200f"})).Draw(t, "parts"), "")
		var got strings.Builder
		last := 0
		for _, x := range text.Sentences(s, "en") {
			if x.Start < last || x.End <= x.Start || x.End > len(s) {
				t.Fatalf("Sentences(%q) has span %v after %d", s, x, last)
			}
			last = x.End
			got.WriteString(s[x.Start:x.End])
		}
		squeeze := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		if squeeze(got.String()) != squeeze(s) {
			t.Fatalf("Sentences(%q) keep %q, want all of it", s, got.String())
		}
	})
}

func TestCountWords(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int
	}{
		{"nothing", "", 0},
		{"what stands between spaces", "A well-known, 3.5 percent rise — again!", 6},
		{"punctuation is no word", "... — & !", 0},
		{"an apostrophe does not divide", "don't can't", 2},
		{"two ideographs are a word", "北京今天下雨。", 3},
		{"odd runs round up", "新iPhone发布", 3},
		{"Japanese", "東京オリンピック", 4},
		{"Hindi and Korean count by spaces", "भारत की नीति 북한이 미사일을", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.CountWords(tt.in); got != tt.want {
				t.Errorf("CountWords(%q) = %d, want %d", tt.in, got, tt.want)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	for _, tt := range []struct{ name, in, declared, want string }{
		{"declared is believed", "Hello", "en-GB", "en"},
		{"three letters become two", "Guten Tag", "deu", "de"},
		{"Bokmål is Norwegian", "Statsministeren reiste", "nb-NO", "no"},
		{"a declaration in another script is not believed", "Министр прибыл вечером в Москву, сообщили вчера журналисты", "en", "ru"},
		{"a declaration that is none is ignored", "The ministers met in Geneva on Monday evening and talked for hours", "english!!", "en"},
		{"English", "The ministers met in Geneva on Monday evening and talked for hours about the budget", "", "en"},
		{"German", "Die Minister trafen sich am Montagabend in Genf und sprachen stundenlang über den Haushalt", "", "de"},
		{"French", "Les ministres se sont réunis lundi soir à Genève et ont parlé pendant des heures du budget", "", "fr"},
		{"Spanish", "Los ministros se reunieron el lunes por la noche en Ginebra y hablaron durante horas", "", "es"},
		{"Portuguese", "Os ministros reuniram-se na segunda-feira à noite em Genebra e falaram durante horas", "", "pt"},
		{"Italian", "I ministri si sono incontrati lunedì sera a Ginevra e hanno parlato per ore del bilancio", "", "it"},
		{"Dutch", "De ministers kwamen maandagavond in Genève bijeen en spraken urenlang over de begroting", "", "nl"},
		{"Polish", "Ministrowie spotkali się w poniedziałek wieczorem w Genewie i rozmawiali godzinami o budżecie", "", "pl"},
		{"Turkish", "Bakanlar pazartesi akşamı Cenevre'de bir araya geldi ve saatlerce bütçeyi konuştu", "", "tr"},
		{"Ukrainian by its letters", "Міністри зустрілися ввечері", "", "uk"},
		{"Russian by its letters", "Выборы прошли", "", "ru"},
		{"Arabic", "اجتمع الوزراء في جنيف مساء الاثنين لمناقشة الميزانية", "", "ar"},
		{"Persian by its letters", "گفتگو درباره پیمان", "", "fa"},
		{"Hindi by its script", "मंत्री जिनेवा में मिले", "", "hi"},
		{"Chinese by its script", "部长们在日内瓦会面", "", "zh"},
		{"Japanese by its syllables", "大臣たちはジュネーブで会談した", "", "ja"},
		{"Korean by its script", "장관들은 제네바에서 만났다", "", "ko"},
		{"Thai by its script", "รัฐมนตรีพบกันที่เจนีวา", "", "th"},
		{"too short to tell", "Berlin", "", "und"},
		{"nothing to tell", "123 — !", "", "und"},
		{"nothing at all", "", "", "und"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Language(tt.in, tt.declared); got != tt.want {
				t.Errorf("Language(%q, %q) = %q, want %q", tt.in, tt.declared, got, tt.want)
			}
		})
	}
}
