package digest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseTopicCanonical(t *testing.T) {
	for _, tt := range []struct{ name, query, text, label string }{
		{"plain words are folded and sorted", "Öl  Palm", "ol palm", "Öl Palm"},
		{"repeated words count once", "oil Oil OIL", "oil", "oil Oil OIL"},
		{"a phrase keeps its order", `“Palm Oil” prices`, `"palm oil" prices`, "“Palm Oil” prices"},
		{"German and French quotes are quotes", `„palm oil“ «sea ice»`, `"palm oil" "sea ice"`, "„palm oil“ «sea ice»"},
		{"OR binds its neighbours only", "wind OR solar farm", "farm solar OR wind", "wind OR solar farm"},
		{"a bar is OR, AND is a space, brackets are nothing", "(wind | solar) AND farm", "farm solar OR wind", "(wind | solar) AND farm"},
		{"small or is a word", "now or never", "never now or", "now or never"},
		{"excludes come last", `-car jaguar -"sports car"`, `jaguar -"sports car" -car`, `-car jaguar -"sports car"`},
		{"a dash alone is nothing", "climate - change", "change climate", "climate - change"},
		{"a hyphen inside joins", "COVID-19 self-driving F-35", "covid-19 f35 self-driving", "COVID-19 self-driving F-35"},
		{"signs of names stay", "C++ AT&T C# #tag", "at&t c# c++ tag", "C++ AT&T C# #tag"},
		{"apostrophes may be lonely", "rock ' roll' Trump's", "rock roll trump", "rock ' roll' Trump's"},
		{"countries have one name", "DPRK", "north korea", "DPRK"},
		{"adjectives mean the country", "North Korean missiles", "missiles north korea", "North Korean missiles"},
		{"a country is one operand of OR", "north korea OR iran", "iran OR north korea", "north korea OR iran"},
		{"a country is excluded whole", "korea -North Korea", "korea -north korea", "korea -North Korea"},
		{"us alone is the country", "us election", "election united states", "us election"},
		{"U.S. is the country", "U.S. election", "election united states", "U.S. election"},
		{"who in capitals stays in capitals", "WHO report", "WHO report", "WHO report"},
		{"who in small letters is a word", "who reports", "reports who", "who reports"},
		{"AI is sought in capitals however typed", "ai", "AI", "ai"},
		{"New Mexico is no Mexico", "new mexico fire", "fire new-mexico", "new mexico fire"},
		{"polish may be for nails", "nail polish", "nail polish", "nail polish"},
		{"a country may stand in any case of Russian", "выборы в Германии", "germany в выборы", "выборы в Германии"},
		{"so may one of two words", "Северной Корее", "north korea", "Северной Корее"},
		{"and its adjective", "российской экономики", "russia экономики", "российской экономики"},
		{"a name that is the stem of a country's is none", "Росс", "росс", "Росс"},
		{"quotes keep a country from its other names", `"german"`, `"german"`, `"german"`},
		{"sorting may make a country", "zealand new", "new zealand", "zealand new"},
		{"Chinese stays together", "北京地震", "北京地震", "北京地震"},
		{"Chinese and Latin stay together", "新iPhone 发布", "发布 新iphone", "新iPhone 发布"},
		{"Japanese scripts stay together", "東京オリンピック", "東京オリンピック", "東京オリンピック"},
		{"invisible characters vanish", "\u202ano\u200bise\u202c \u200f", "noise", "noise"},
		{"emoji beside words are nothing", "🚀 launch", "launch", "🚀 launch"},
		{"other colons divide words", "mission:impossible", "mission-impossible", "mission:impossible"},
		{"operators come last", "MIN:3 oil -site:www.Example.com/news site:https://bbc.co.uk/x lang:DE lang:pt-BR min:2", "oil lang:de lang:pt min:3 site:bbc.co.uk -site:example.com", "MIN:3 oil -site:www.Example.com/news site:https://bbc.co.uk/x lang:DE lang:pt-BR min:2"},
		{"a host in another script", "oil site:bücher.example", "oil site:bücher.example", "oil site:bücher.example"},
		{"an elided article joins", "l’Élection", "l-election", "l’Élection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseTopic(tt.query)
			if err != nil || got.Text != tt.text || got.Label != tt.label {
				t.Errorf("ParseTopic(%q) = %q, %q, %v; want %q, %q", tt.query, got.Text, got.Label, err, tt.text, tt.label)
			}
		})
	}
}

func TestParseTopicErrors(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		kind        TopicErrorKind
		pos         int
		word        string
	}{
		{"nothing", "", TopicEmpty, 0, ""},
		{"only blanks and invisible characters", " \u200b\n\u202e ", TopicEmpty, 0, ""},
		{"201 characters", strings.Repeat("ä", 201), TopicTooLong, 200, ""},
		{"a megabyte", strings.Repeat(`"a OR -`, 1<<17), TopicTooLong, 200, ""},
		{"21 words", "a b c d e f g h i j k l m n o p q r s t u", TopicTooManyTerms, 40, "u"},
		{"a quote without its partner", `sea "palm oil`, TopicOpenQuote, 4, `"`},
		{"a third quote", `"a" b"`, TopicOpenQuote, 5, `"`},
		{"only excludes", "-a -b", TopicOnlyExcludes, 0, "a"},
		{"OR first", "OR oil", TopicLonelyOr, 0, "OR"},
		{"OR last", "öl OR", TopicLonelyOr, 3, "OR"},
		{"OR twice", "a OR OR b", TopicLonelyOr, 2, "OR"},
		{"OR before an exclude", "a OR -b", TopicLonelyOr, 2, "OR"},
		{"OR beside emoji", "a OR 🚀", TopicLonelyOr, 2, "OR"},
		{"only OR", "OR", TopicLonelyOr, 0, "OR"},
		{"punctuation", "?! ...", TopicNoWords, 0, "?!"},
		{"emoji", " 🚀", TopicNoWords, 1, "🚀"},
		{"an empty phrase", `""`, TopicNoWords, 0, ""},
		{"site: without a host", "oil site:example", TopicBadSite, 4, "site:example"},
		{"site: with nothing", "oil site:", TopicBadSite, 4, "site:"},
		{"lang: with a word", "oil -Lang:german", TopicBadLanguage, 4, "Lang:german"},
		{"min: with a word", "oil min:many", TopicBadNumber, 4, "min:many"},
		{"min: excluded", "oil -min:3", TopicBadNumber, 4, "min:3"},
		{"min: beyond all numbers", "oil min:99999999999999999999", TopicBadNumber, 4, "min:99999999999999999999"},
		{"nothing but operators", "site:example.com min:3", TopicNoWords, 0, "site:example.com"},
		{"200 operators", strings.Repeat("- OR ", 40), TopicLonelyOr, 2, "OR"},
		{"a canonical form that grows too long", "ﷺ1 ﷺ2 ﷺ3 ﷺ4 ﷺ5 ﷺ6 ﷺ7 ﷺ8 ﷺ9 ﷺ10 ﷺ11 ﷺ12", TopicTooLong, 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseTopic(tt.query)
			var e *TopicError
			if !errors.As(err, &e) || e.Kind != tt.kind || e.Pos != tt.pos || e.Word != tt.word {
				t.Errorf("ParseTopic(%.40q) = %q, %#v; want %s at %d: %q", tt.query, got.Text, err, tt.kind, tt.pos, tt.word)
			}
		})
	}
}

func TestParseTopics(t *testing.T) {
	for _, tt := range []struct{ name, query, want string }{
		{"commas divide", "north korea, palm oil", "north korea|oil palm"},
		{"empty parts and repetitions go", ", oil,, Oil ;oil,", "oil"},
		{"a comma in quotes or a number stays", `"paris, texas", 1,000 jobs`, `"paris texas"|1,000 jobs`},
		{"Chinese commas divide", "北京，地震、台风", "北京|地震|台风"},
		{"lines divide", "oil\nsea ice", "oil|ice sea"},
		{"a comma at the edge of quotes stays", `"oil, " gas, "sea"`, `"oil" gas|"sea"`},
		{"quotes of many countries", "„palm, oil“, «sea, ice», gas", `"palm oil"|"sea ice"|gas`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			topics, wrong := ParseTopics(tt.query)
			var got []string
			for _, x := range topics {
				got = append(got, x.Text)
			}
			if len(wrong) > 0 || strings.Join(got, "|") != tt.want {
				t.Errorf("ParseTopics(%q) = %q, %v; want %q", tt.query, got, wrong, tt.want)
			}
		})
	}
	for _, tt := range []struct {
		name, query string
		kind        TopicErrorKind
		pos         int
	}{
		{"the place counts from the start of the topic", "öl,  rough \u200b \"gas", TopicOpenQuote, 6},
		{"one of several is too long", "oil, " + strings.Repeat("x", 201) + ", gas", TopicTooLong, TopicRunes},
		{"an open quote spoils one topic only", `oil, "gas, "palm oil", sea`, TopicOpenQuote, 0},
		{"and the last one none", `"palm oil", "sea ice, "gas", "ferries"`, TopicOpenQuote, 0},
		{"nothing but commas", " ,, ", TopicEmpty, 0},
		{"a megabyte", strings.Repeat("a,", 1<<19), TopicTooLong, TopicsQuery * TopicRunes},
		{"51 topics", manyTopics(51), TopicTooMany, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, wrong := ParseTopics(tt.query)
			if len(wrong) != 1 || wrong[0].Kind != tt.kind || tt.kind != TopicTooMany && wrong[0].Pos != tt.pos {
				t.Errorf("ParseTopics(%.40q) = %v, want %s at %d", tt.query, wrong, tt.kind, tt.pos)
			}
		})
	}
	topics, wrong := ParseTopics("oil, min:many, ferries, " + strings.Repeat("é", 201) + `, "gas`)
	var got []string
	for _, x := range topics {
		got = append(got, x.Label)
	}
	for _, e := range wrong {
		got = append(got, e.Part)
	}
	if want := "oil|ferries|min:many|" + clip(strings.Repeat("é", 201)) + "|\"gas"; strings.Join(got, "|") != want {
		t.Errorf("of a list with good and bad ones are taken and refused %q, want %q", got, want)
	}
}

func manyTopics(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("x", i+1) + ",")
	}
	return b.String()
}

func TestEveryCountryNameLeadsToItsCountry(t *testing.T) {
	if n := len(countries()); n < 400 {
		t.Errorf("countries() has %d names, want at least 400", n)
	}
	for key, c := range countries() {
		topic, err := ParseTopic(key)
		if err != nil || topic.Text != c.name {
			t.Errorf("ParseTopic(%q) = %q, %v; want %q", key, topic.Text, err, c.name)
		}
		if n := strings.Count(key, " ") + 1; n > countryWords {
			t.Errorf("country name %q has %d words, want at most %d", key, n, countryWords)
		}
	}
}

// queryParts are what random queries are made of.
var queryParts = []string{"oil", "Oil", "OR", "AND", "-", `"`, "north", "korea", "new", "zealand", "mexico", "south", "sudan", "us", "U.S.", "WHO", "ai", "c++", "at&t",
	"covid-19", "f-35", "f", "35", "北京", "地震", "水", "東京オリンピック", "น้ำมัน", "l'été", "don't", "(", ")", "|", "'", "\u200b", "🚀", "guinea", "papua", "of", "the", "republic", "congo", "dr", "a.b.", "x.y", "site:bbc.co.uk", "-site:bücher.example", "lang:de", "min:3", "technology", "science", "grain", "ß", "ﬁ", "é", "１", ","}

func drawQuery(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(queryParts), 1, 14).Draw(t, "parts"), rapid.SampledFrom([]string{" ", " ", " ", "", "-"}).Draw(t, "sep"))
}

func TestCanonicalTopicsParseToThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkTopic(t, drawQuery(t)) })
	rapid.Check(t, func(t *rapid.T) { checkTopic(t, rapid.String().Draw(t, "query")) })
}

func checkTopic(t interface{ Fatalf(string, ...any) }, query string) {
	topic, err := ParseTopic(query)
	if err != nil {
		var e *TopicError
		if !errors.As(err, &e) || e.Pos < 0 || e.Pos > max(TopicRunes, utf8.RuneCountInString(query)) {
			t.Fatalf("ParseTopic(%q) = %#v, want a *TopicError with a place in the query", query, err)
		}
		return
	}
	if len(topic.groups) == 0 || topic.Text == "" || utf8.RuneCountInString(topic.Text) > TopicRunes {
		t.Fatalf("ParseTopic(%q) = %q with %d groups, want a text within limits and something to find", query, topic.Text, len(topic.groups))
	}
	again, err := ParseTopic(topic.Text)
	if err != nil || again.Text != topic.Text {
		t.Fatalf("ParseTopic(%q) = %q, and of that %q, %v; want the same", query, topic.Text, again.Text, err)
	}
}

func TestPlainTopicsAreReadAsAnyOther(t *testing.T) {
	plain := 0
	check := func(query string) {
		got, ok := plainTopic(query)
		if !ok {
			return
		}
		plain++
		want, err := parseTopic(query)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("plainTopic(%q) = %+v\nparseTopic: %+v, %v", query, got, want, err)
		}
	}
	long := strings.Repeat("x", 65)
	for _, query := range []string{
		"", " ", "-", `"`, `""`, "oil", "oil palm", "palm oil", "oil oil", " oil", "oil ", "oil  palm", `"palm oil"`, `"palm oil" tree`, `tree "palm oil"`,
		`"palm`, `"palm "`, `" palm"`, `"palm" oil`, `"oil"palm`, `oil"palm"`, "farm solar OR wind", "farm wind OR solar", "solar OR", "OR solar", "a OR b OR c", "a OR -b",
		"jaguar -car", "-car jaguar", "-car", "jaguar -car -zoo", "jaguar -zoo -car", `jaguar -"sports car"`, "jaguar -car OR bus", "-car OR bus jaguar", "jaguar --car",
		"us", "ai", "north korea", "korea north", "mexico new", "new mexico", "x -us", `"us"`, `"north korea"`, "who", "or", "and", "technology", "science technology",
		"grain", "oil vegetable", `"grain"`, "grain -wheat", "apple OR grain", "climate change", "lang:de oil", "c++", "covid-19", "été", "oil\tpalm", "oil\n",
		long, long[1:], `"` + long + `"`, strings.Repeat("a ", 99) + "a", "a b c d e f g h i j k l m n o p q r s t", "a b c d e f g h i j k l m n o p q r s t u",
	} {
		check(query)
		if canonical, err := parseTopic(query); err == nil {
			check(canonical.Text)
		}
	}
	if plain < 25 {
		t.Errorf("%d topics were read as plain ones, want those above that are", plain)
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, x := range drawTopics(t) {
			check(x.Text)
		}
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"oil", "palm", "tree", `"palm oil"`, "-car", "OR", "grain", "science", "north", "-", `"`}), 1, 5).Draw(t, "words")
		check(strings.Join(words, " "))
	})
	for _, query := range benchmarkTopics(300) {
		canonical := topic(t, query)
		check(canonical.Text)
		if _, ok := plainTopic(canonical.Text); !ok {
			t.Errorf("plainTopic(%q) leaves it to the slow reading", canonical.Text)
		}
	}
}

func TestAMeaningIsFoundAgain(t *testing.T) {
	for _, tt := range []struct{ name, word, want string }{
		{"a word that names with others have, in another form", "vegetables", "veget"},
		{"a heading", "technology", "technolog"},
		{"a word that has kinds", "grains", "grain"},
		{"a word of neither", "quizzaciously", ""},
		{"letters that no word has", "bagucido", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // what is remembered of it is the same
				if got := meaning(tt.word); got != tt.want {
					t.Errorf("meaning(%q) = %q, want %q", tt.word, got, tt.want)
				}
			}
		})
	}
}

func BenchmarkParseCanonical(b *testing.B) {
	topics := benchmarkTopics(1000)
	for i, query := range topics {
		topics[i] = topic(b, query).Text
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := ParseTopic(topics[i%len(topics)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func FuzzParseTopic(f *testing.F) {
	for _, s := range []string{`a OR "b c" -d`, "north korea", "北京 -水", `"`, "-", "OR", "\u202e\u200b", "site:x", "ﷺ", "\xff", "a-b-c", "zealand new", "f-3-5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkTopic(t, s)
		ParseTopics(s)
	})
}

func TestHostileTopicsTakeNoTime(t *testing.T) {
	begin := time.Now()
	for _, s := range []string{strings.Repeat("\u200b", 1<<20), strings.Repeat(`"`, 1<<20), strings.Repeat("e\u0301", 1<<19), strings.Repeat("OR ", 66), strings.Repeat("-", 200), strings.Repeat(`"" `, 66), strings.Repeat("ﷺ", 200), strings.Repeat("congo ", 33)} {
		ParseTopic(s)
		ParseTopics(s)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("hostile topics took %s, want bounded time", took)
	}
}

func TestTopicsTypedWrongGetASuggestion(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{"technlogy", "technology"},
		{"goverment -Parliment", "government -Parliment"},
		{`"climte change" site:exampel.org`, `"climate change" site:exampel.org`},
		{"solar or wind", "solar OR wind"},
		{"Wind oder Regen oder technlogy", "Wind OR Regen OR technlogy"},
		{"Regen", ""}, // of other languages
		{"Streik Fussball", ""},
		{"presidente", ""},
		{"elecciones Chile", ""},
		{"hôpital", ""},
		{"governo footbal", "governo football"},
		{"Iceland news", "Iceland"},
		{"noticias chile", "chile"},
		{"news", ""},
		{"technlogy news", "technology news"},
		{"ветер Или солнце", "ветер OR солнце"},
		{"solar OR wind", ""},
		{`"trick or treat"`, ""},
		{"or solar or", ""},
		{"solar or -wind", ""},
		{"elections", ""},
		{"öl", ""},
		{"北京地震", ""},
		{"xqzvbnmkjh", ""},
	} {
		if got := topic(t, tt.query).suggestion(speller{language: "en"}); got != tt.want {
			t.Errorf("topic %q: suggestion() = %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestOneTopicIsNoList(t *testing.T) {
	for _, tt := range []struct {
		name, query, want string
		kind              TopicErrorKind
		pos               int
	}{
		{name: "one", query: "  sea  ice ", want: "ice sea"},
		{name: "a comma at an end divides nothing", query: ", sea ice,; ", want: "ice sea"},
		{name: "a comma in quotes or a number stays", query: `"paris, texas" 1,000`, want: `"paris texas" 1,000`},
		{name: "two", query: "abc, def", kind: TopicSeveral, pos: 3},
		{name: "the comma that divides first", query: " , öl ،gas;oil", kind: TopicSeveral, pos: 6},
		{name: "the same twice", query: "abc\nabc", kind: TopicSeveral, pos: 3},
		{name: "what is wrong with the one", query: `rye "bread,`, kind: TopicOpenQuote, pos: 4},
		{name: "nothing", query: " , ", kind: TopicEmpty},
		{name: "a megabyte", query: strings.Repeat("a,", 1<<19), kind: TopicTooLong, pos: TopicRunes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseOneTopic(tt.query)
			var wrong *TopicError
			if !errors.As(err, &wrong) {
				wrong = &TopicError{}
			}
			if got.Text != tt.want || wrong.Kind != tt.kind || wrong.Pos != tt.pos {
				t.Errorf("ParseOneTopic(%.40q) = %q, %v; want %q, or %q at %d", tt.query, got.Text, err, tt.want, tt.kind, tt.pos)
			}
		})
	}
}

func TestTopicsThatFindTheSame(t *testing.T) {
	for _, tt := range []struct {
		a, b, languages string
		want            bool
	}{
		{"ferries", "Ferry", "en", true},
		{"electric ferries", "ferry ELECTRIC", "en", true},
		{"ferries", "Ferry", "fi", false},
		{"Fähren", "Fähre", "de", true},
		{"Fähren", "Fähre", "en", false},
		{"Fähren", "Fähre", "en de", true},
		{"санкции", "санкция", "ru", true},
		{"北朝鮮", "北朝鮮の", "ja zh", false},
		{`"ferries"`, `"ferry"`, "en", false},
		{`"ferry"`, "ferry", "en", false},
		{"ferries -strikes", "ferry -strike", "en", true},
		{"ferries", "ferry -strike", "en", false},
		{"ferries OR boats", "boat OR ferry", "en", true},
		{"ferries boats", "boat OR ferry", "en", false},
		{"ferries lang:de", "ferry", "en", false},
		{"ferries min:3", "ferry min:3", "en", true},
		{"technology", "tech", "en", false},
		{"US", "us", "en", true},
		{"WHO", "who", "en", false},
		{"ferries", "trams", "en", false},
		{"ferries", "Ferry", "", false},
	} {
		a, b := topic(t, tt.a), topic(t, tt.b)
		languages := strings.Fields(tt.languages)
		of := b.Senses(languages...)
		same := slices.ContainsFunc(a.Senses(languages...), func(sense string) bool { return slices.Contains(of, sense) })
		if same != tt.want {
			t.Errorf("%q and %q in %q share a sense: %v, want %v", tt.a, tt.b, tt.languages, same, tt.want)
		}
	}
}

func TestALabelIsReadAsTheTopicItNames(t *testing.T) {
	for query, want := range map[string]string{
		"ferries, trams":              "ferries trams",
		"a,b harbour":                 "a b harbour",
		"over 1,000 boats":            "over 1,000 boats",
		`"Oslo, Norway"; ships`:       `"Oslo, Norway" ships`,
		"渡船，电车":                       "渡船 电车",
		"Council orders boats,\nship": "Council orders boats ship",
	} {
		topic, err := ParseTopic(query)
		again, err2 := ParseTopic(topic.Label)
		if err != nil || err2 != nil || topic.Label != want || again.Text != topic.Text || again.Label != want {
			t.Errorf("ParseTopic(%q) is labelled %q (%v), want %q; read again it is %q, was %q", query, topic.Label, err, want, again.Text, topic.Text)
		}
		if one, wrong := ParseTopics(topic.Label); len(one) != 1 || len(wrong) > 0 {
			t.Errorf("%q, followed, is %d topics", topic.Label, len(one))
		}
	}
}
