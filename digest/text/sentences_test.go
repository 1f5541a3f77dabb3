package text_test

import (
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
		{"nothing", "en", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sep := " "
			if tt.lang == "zh" || tt.lang == "ja" {
				sep = ""
			}
			if strings.Contains(tt.name, "lost") {
				sep = ""
			}
			in := strings.ReplaceAll(strings.ReplaceAll(tt.in, "\n|", "\n"), "|", sep)
			want := strings.ReplaceAll(strings.ReplaceAll(tt.in, "\n\n", ""), "\n", "")
			var got []string
			for _, x := range text.Sentences(in, tt.lang) {
				got = append(got, in[x.Start:x.End])
			}
			if strings.Join(got, "|") != want {
				t.Errorf("Sentences(%q) =\n %q, want\n %q", in, strings.Join(got, "|"), want)
			}
		})
	}
}

func TestSentencesKeepEveryCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"Mr", ".", " ", "The", "a", "!", "\n", "”", "。", "3", "U.S", "北", "…", "\u2028", "(", "\xff"})).Draw(t, "parts"), "")
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
