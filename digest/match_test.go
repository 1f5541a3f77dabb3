package digest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"tidings/digest/text"
)

func topic(t testing.TB, query string) Topic {
	t.Helper()
	got, err := ParseTopic(query)
	if err != nil {
		t.Fatalf("ParseTopic(%q): %v", query, err)
	}
	return got
}

func TestTopicsMatchLikeAPersonWould(t *testing.T) {
	for _, tt := range []struct {
		name, query, lang, title, body string
		want                           string // words with bars between, "" for no match
	}{
		{"a plain word", "election", "en", "Election called", "", "Election"},
		{"plural matches singular", "elections", "en", "An election is called", "", "election"},
		{"singular matches plural", "election", "", "Elections near", "", "Elections"},
		{"art is not party", "art", "en", "The party starts", "", ""},
		{"war is not warm", "war", "en", "A warm day", "", ""},
		{"all words must stand", "palm oil", "en", "Oil prices rise", "no trees here", ""},
		{"in any order and field", "oil palm", "en", "Oil prices rise", "The palm did it.", "Oil|palm"},
		{"a phrase stands in order", `"palm oil"`, "en", "Oil palm", "and palm oil", "palm oil"},
		{"a phrase is exact", `"palm oil"`, "en", "Palm oils", "", ""},
		{"a phrase does not reach over fields", `"palm oil"`, "en", "The palm", "Oil is dear", ""},
		{"a quoted word is exact", `"election"`, "en", "Elections", "", ""},
		{"one of OR", "wind OR solar farm", "en", "Solar farms planned", "", "farms|Solar"},
		{"none of OR", "wind OR solar farm", "en", "Fish farms planned", "", ""},
		{"an excluded word", "jaguar -car", "en", "Jaguar seen", "It hid behind cars.", ""},
		{"an excluded phrase elsewhere in order", `jaguar -"sports car"`, "en", "Jaguar seen", "No car, no sports.", "Jaguar"},
		{"accents do not matter", "elysee", "fr", "À l’Élysée", "", "Élysée"},
		{"the country by its adjective", "north korea", "en", "North Korean missiles", "", "North Korean"},
		{"the country by its letters", "north korea", "en", "DPRK fires", "", "DPRK"},
		{"the adjective by the country", "german cars", "en", "Cars from Germany", "", "Cars|Germany"},
		{"people of a country", "north korea", "en", "Two North Koreans fled", "", "North Koreans"},
		{"a country by its German name and adjective", "Nordkorea", "de", "Nordkoreanische Rakete geht ins Meer", "", "Nordkoreanische"},
		{"a German name in an English story", "Deutschland", "en", "German cabinet agrees on a budget", "", "German"},
		{"an English name in a German story", "germany", "de", "Kabinett in Deutschlands Norden berät", "", "Deutschlands"},
		{"the feminine of a French adjective", "Allemagne", "fr", "L’économie allemande ralentit", "", "allemande"},
		{"a Spanish adjective in the plural", "Alemania", "es", "Los sindicatos alemanes convocan una huelga", "", "alemanes"},
		{"a Portuguese name of several words", "Coreia do Norte", "pt", "Míssil norte-coreano cai no mar", "", "norte-coreano"},
		{"an Italian adjective", "Francia", "it", "Il governo francese cade", "", "francese"},
		{"a Russian adjective, declined", "Германия", "ru", "Немецкие рабочие бастуют", "", "Немецкие"},
		{"a Russian name, declined", "Китай", "ru", "Торговля с Китаем растёт", "", "Китаем"},
		{"letters that mean a country in Russian", "сша", "ru", "Власти США ответили", "", "США"},
		{"Credit Suisse is no Switzerland", "switzerland", "en", "Credit Suisse lowers its forecast", "", ""},
		{"what is no stem of a country", "danemark", "es", "Dan comida a los niños", "", ""},
		{"a whale is no China", "китай", "ru", "Кит выплыл к берегу", "", ""},
		{"an island is no Iceland", "iceland", "en", "An island votes", "", ""},
		{"South Korea is not the North", "north korea", "en", "South Korea votes", "", ""},
		{"us as a pronoun is no country", "us", "en", "They told us", "Tell Us more", ""},
		{"US in capitals is", "us", "en", "The US votes", "", "US"},
		{"U.S. is", "united states", "en", "A U.S. ship", "", "U.S."},
		{"US in a shouting headline says nothing", "us", "en", "THEY TOLD US EVERYTHING", "", ""},
		{"U.S. in a shouting headline is", "us", "en", "THEY TOLD THE U.S. EVERYTHING", "", "U.S."},
		{"Latin America is no United States", "usa", "en", "Latin American leaders meet", "", ""},
		{"New Mexico is no Mexico", "mexico", "en", "New Mexico burns", "", ""},
		{"New Mexico itself", "new mexico", "en", "Fire in New Mexico", "", "New Mexico"},
		{"South Sudan is no Sudan", "sudan", "en", "South Sudan talks", "", ""},
		{"polishing is no Poland", "poland", "en", "How to polish shoes", "", ""},
		{"Polish is", "poland", "en", "Polish farmers protest", "", "Polish"},
		{"turkey may be a bird", "turkey", "en", "Roast turkey", "", ""},
		{"WHO in capitals is an agency", "WHO", "en", "Who won?", "Those who ran.", ""},
		{"WHO found", "WHO", "en", "New WHO report", "", "WHO"},
		{"AI is no Italian word", "ai", "it", "Aiuti ai lavoratori", "", ""},
		{"signs of a name", "c++", "en", "Vitamin C and C++", "", "C++"},
		{"C is not C++", "c++", "en", "Vitamin C", "", ""},
		{"a number in a name", "covid-19", "en", "Covid 19 wave", "", "Covid 19"},
		{"the name without its number", "covid", "en", "COVID-19 wave", "", "COVID"},
		{"a hyphen in a type", "F35", "en", "An F-35 landed", "", "F-35"},
		{"a possessive", "trump", "en", "Trump’s plan", "", "Trump"},
		{"stems are the story's language", "wahl", "de", "Nach den Wahlen", "", "Wahlen"},
		{"Russian cases", "выборы", "ru", "На выборах", "", "выборах"},
		{"Korean particles", "북한", "ko", "북한이 발사", "", "북한이"},
		{"Chinese inside running text", "北京", "zh", "记者在北京市报道", "", "北京"},
		{"Japanese earthquake", "地震", "ja", "昨夜の大地震で", "", "地震"},
		{"Chinese in the wrong order", "北京", "zh", "京北", "", ""},
		{"three characters need all", "北京市", "zh", "北京和城市", "", ""},
		{"one ideograph", "水", "zh", "洪水来了", "", "水"},
		{"one ideograph at the end", "水", "zh", "洪水", "", "水"},
		{"India is not Indonesia in Katakana", "インド", "ja", "インドネシアで地震", "", ""},
		{"mixed scripts", "東京オリンピック", "ja", "東京オリンピック開幕", "", "東京オリンピック"},
		{"Thai inside running text", "น้ำมัน", "th", "ราคาน้ำมันแพง", "", "น้ำมัน"},
		{"Hindi", "भारत", "hi", "भारत की नीति", "", "भारत"},
		{"Arabic with its article", "أخبار", "ar", "الأخبار اليوم", "", "الأخبار"},
		{"another script never matches", "北京", "en", "Beijing speaks", "", ""},
		{"emoji in a title do not disturb", "launch", "en", "🚀Launch🚀", "", "Launch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDocument(tt.title, tt.body, nil, tt.lang)
			m, ok := MatchOne(topic(t, tt.query), d)
			got := strings.Join(m.Words, "|")
			if ok != (tt.want != "") || got != tt.want {
				t.Errorf("MatchOne(%q, %q / %q) = %q, %t; want %q", tt.query, tt.title, tt.body, got, ok, tt.want)
			}
		})
	}
}

func TestNounsOfTradeKnowTheirKindsAndCompany(t *testing.T) {
	for _, tt := range []struct {
		name, query, title, body string
		want                     bool
	}{
		{"a class of use has its kinds", "livestock", "Cattle prices rise", "", true},
		{"and what they give", "livestock", "More beef is shipped", "", true},
		{"also if the class is rarely named", "oilseed", "Soybean harvest begins", "", true},
		{"a sister is no kind", "coffee", "Tea prices rise", "", false},
		{"what it is made from is no kind", "petrochemicals", "Petroleum prices rise", "", false},
		{"what is made of the other stands beside it", "iron steel", "Steel output falls", "", true},
		{"other words side by side must all stand", "iron wheat", "Wheat output falls", "", false},
		{"a plant for its seed", "sunflower seed", "More sunflowers are sown", "", true},
		{"no oil for its seed", "rapeseed oil", "More rapeseed is sown", "", false},
		{"a verb is no metal", "lead", "Champions lead at half time", "They lead by two goals.", false},
		{"nor is an actor", "lead", "Film star dies", "The star was 80.", false},
		{"lead among metals is", "lead", "Lead falls again", "Zinc and copper fell, too.", true},
		{"in another form of the topic, too", "leads", "Champions lead at half time", "", false},
		{"a phrase says what it means", "lead poisoning", "Lead poisoning in schools", "", true},
		{"a quoted word is taken as it is", `"lead"`, "Champions lead at half time", "", true},
		{"a currency's short name among currencies", "deutsche mark", "Mark firmer against dollar", "", true},
		{"a name is no currency", "deutsche mark", "Mark leaves the board", "", false},
		{"in another language nothing is widened away", "blei", "Blei wird teurer", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := MatchOne(topic(t, tt.query), NewDocument(tt.title, tt.body, nil, "en"))
			if got := NormalBreadth.Takes(m); got != tt.want {
				t.Errorf("NormalBreadth.Takes(MatchOne(%q, %q / %q)) = %t at %.2f, want %t", tt.query, tt.title, tt.body, got, m.Score, tt.want)
			}
		})
	}
}

func TestScoreFollowsThePlaceAndTheNumber(t *testing.T) {
	filler := strings.Repeat("nothing of it stands in these lines at all ", 8)
	palm := topic(t, "palm")
	last := 2.0
	for _, tt := range []struct {
		name, field string
		d           Document
	}{
		{"title and text", "title", NewDocument("Palm", "palm", nil, "en")},
		{"title", "title", NewDocument("Palm", "", nil, "en")},
		{"title, in another form", "title", NewDocument("Palms", "", nil, "en")},
		{"lead", "lead", NewDocument("", "palm", nil, "en")},
		{"body of a short text", "text", NewDocument("", filler+"palm", nil, "en")},
		{"body of a long text", "text", NewDocument("", strings.Repeat(filler, 9)+"palm", nil, "en")},
		{"categories", "categories", NewDocument("", "", []string{"News", "Palm"}, "en")},
	} {
		m, ok := MatchOne(palm, tt.d)
		if !ok || m.Field != tt.field || m.Score <= 0 || m.Score >= 1 || m.Score >= last {
			t.Errorf("%s: MatchOne = %+v, %t; want field %q and a score in (0, %.3f)", tt.name, m, ok, tt.field, last)
		}
		last = m.Score
	}
	once, _ := MatchOne(palm, NewDocument("", "palm", nil, "en"))
	twice, _ := MatchOne(palm, NewDocument("", "palm and palm", nil, "en"))
	if twice.Score <= once.Score || twice.Score >= 2*once.Score {
		t.Errorf("scores of a word once and twice = %.3f and %.3f, want more, but not double", once.Score, twice.Score)
	}
}

func TestMatcherForgetsWhatIsRemoved(t *testing.T) {
	m := NewMatcher()
	d := NewDocument("Palm oil and sea ice in North Korea", "", nil, "en")
	for i, q := range []string{"palm", "palm oil", "north korea", "ice -coal", `"sea ice" OR coal`} {
		m.Add(TopicID(i+1), topic(t, q))
	}
	if got := m.Match(d); len(got) != 5 || m.Len() != 5 {
		t.Errorf("Match = %v of %d topics, want all 5", got, m.Len())
	}
	m.Add(1, topic(t, "coal"))
	m.Add(1, topic(t, "oil"))
	m.Remove(2)
	m.Remove(2)
	m.Remove(77)
	if got := m.Match(d); len(got) != 4 || m.Len() != 4 {
		t.Errorf("Match after Remove = %v of %d topics, want 4", got, m.Len())
	}
	for i := range 6 {
		m.Remove(TopicID(i))
	}
	if got := m.Match(d); len(got) != 0 || m.forms.count != 0 || len(m.words.free[1]) != int(m.words.len()) {
		t.Errorf("empty matcher: Match = %v, %d forms and %d of %d words kept, want none", got, m.forms.count, int(m.words.len())-len(m.words.free[1]), m.words.len())
	}
}

// A run under a word that is longer than a piece of its arena moves as a whole, and one id
// is found among many that wait under the same word.
func TestManyTopicsWaitUnderOneWord(t *testing.T) {
	m := NewMatcher()
	d := NewDocument("Palm oil", "The palm of the north.", nil, "en")
	simple, coded := topic(t, "palm"), topic(t, "palm oil north -coal")
	const many = 3000
	live := make(map[TopicID]bool)
	check := func(when string) {
		t.Helper()
		found := m.Match(d)
		for _, x := range found {
			if !live[x.Topic] {
				t.Errorf("%s: Match finds topic %d, which is not there", when, x.Topic)
			}
		}
		if len(found) != len(live) || m.Len() != len(live) {
			t.Errorf("%s: Match finds %d of %d topics, want all %d", when, len(found), m.Len(), len(live))
		}
	}
	for id := range TopicID(many) {
		m.Add(id, simple)
		m.Add(1<<62+id, coded)
		live[id], live[1<<62+id] = true, true
	}
	check("all")
	for id := TopicID(0); id < many; id += 2 {
		m.Remove(id)
		m.Add(1<<62+id, simple)
		m.Remove(1<<62 + id + 1)
		delete(live, id)
		delete(live, 1<<62+id+1)
	}
	check("half of them")
	for id := range live {
		m.Remove(id)
	}
	clear(live)
	check("none")
	if n := m.forms.count + m.ids.count; n != 0 {
		t.Errorf("%d entries of tables are left of nothing", n)
	}
}

// headingsWith are topics that wait for one subject, and differ in what they leave out.
func headingsWith(t testing.TB, heading string, n int) (all []Topic) {
	for i := range n {
		x, err := ParseTopic(fmt.Sprintf("%s -left%dout", heading, i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// aStoryOfBanks is about no sport.
var aStoryOfBanks = NewDocument("Central bank raises interest rates to slow inflation",
	"The central bank raised its key interest rate by half a point on Thursday. Banks will charge more for loans and mortgages, economists said.", nil, "en")

func TestTopicsThatWaitForSubjectsComeAndGo(t *testing.T) {
	m := NewMatcher()
	game := NewDocument("Striker scores twice as club wins the cup final",
		"The striker scored two goals in the second half and the club won the league cup. The coach praised the team and its goalkeeper.", nil, "en")
	for i, x := range headingsWith(t, "sport", 300) {
		m.Add(TopicID(i+1), x)
	}
	m.Add(1001, topic(t, "economy"))
	if got := len(m.Match(game)); got != 300 {
		t.Errorf("a game fits %d topics, want all 300 of sport", got)
	}
	if got := m.Match(aStoryOfBanks); len(got) != 1 || got[0].Topic != 1001 {
		t.Errorf("a story of banks fits %v, want economy alone", got)
	}
	for id := range TopicID(301) {
		m.Remove(id)
	}
	m.Remove(1001)
	if len(m.about) != 0 {
		t.Errorf("of removed topics %v still wait", m.about)
	}
}

// BenchmarkHeadings is what a story costs that is of another subject than ten thousand topics.
func BenchmarkHeadings(b *testing.B) {
	m := NewMatcher()
	for i, x := range headingsWith(b, "sport", 10_000) {
		m.Add(TopicID(i), x)
	}
	for b.Loop() {
		m.Match(aStoryOfBanks)
	}
}

func TestATopicNotMadeByParseTopicMatchesNothing(t *testing.T) {
	m := NewMatcher()
	m.Add(1, Topic{Text: "palm"})
	if got := m.Match(NewDocument("palm", "", nil, "en")); len(got) != 0 || m.Len() != 0 {
		t.Errorf("Match = %v, Len = %d; want nothing", got, m.Len())
	}
}

// naive decides from the words alone, without hits, keys or codes: the definition.
func naive(t Topic, d Document) bool {
	r := readDocument(d)
	written := func(at int) text.Case {
		all, loud := 0, 0
		raw := func(p place) string { return r.sources[p.source][p.start:p.end] }
		for _, p := range r.places {
			if p.form >= 0 && p.source == r.places[at].source {
				all++
				if text.CaseOf(raw(p)) == text.Capitals {
					loud++
				}
			}
		}
		c := text.CaseOf(raw(r.places[at]))
		if c == text.Capitals && all >= 4 && 2*loud > all && !strings.Contains(raw(r.places[at]), ".") {
			return text.Capital
		}
		return c
	}
	same := func(a atom, exact bool, at int) bool {
		if at < 0 || at >= len(r.places) || r.places[at].form < 0 || a.written > text.Lower && written(at) < a.written {
			return false
		}
		f := r.forms[r.places[at].form]
		if a.word == f.surface || a.single && f.gram && a.word == f.stem {
			return true
		}
		return !exact && !f.gram && text.Stem(a.word, r.stemmer) == f.stem
	}
	occurs := func(x term) bool {
		for at := range r.places {
			all := true
			for _, a := range x.atoms {
				all = all && same(a, x.exact, at+a.offset)
			}
			for _, not := range x.not {
				all = all && !same(atom{word: not}, true, at-1)
			}
			if all {
				return true
			}
		}
		return false
	}
	all := true
	for i, g := range t.groups {
		about := t.aboutAt(i) != 0 && d.subjects().share(t.aboutAt(i)) >= leastShare
		all = all && (about || slices.ContainsFunc(g, occurs))
	}
	for _, x := range t.also {
		all = all || !x.company() && occurs(x.term)
	}
	return all && !slices.ContainsFunc(t.exclude, occurs) && (t.narrow == nil || t.narrow.fits(d))
}

var documentParts = []string{"oil", "Oils", "the", "north", "North Korean", "korea", "New", "Mexico", "mexican", "Sudan", "South", "US", "us", "U.S.", "WHO", "who", "AI", "C++", "AT&T", "COVID-19", "F-35", "f", "35",
	"北京", "地震", "水", "大", "東京", "オリンピック", "น้ำมัน", "l'été", "DR Congo", "papua new guinea", "Guinea", "wheat", "Palm oil", "vegetable", "led", "lead", "zinc", "marks", "dollar", "scientists", "telescope", "astronauts", "software", "shares", "republic of the congo", ".", "Zealand", "é"}

func drawDocument(t *rapid.T) Document {
	draw := func(name string, n int) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(documentParts), 0, n).Draw(t, name), rapid.SampledFrom([]string{" ", " ", ""}).Draw(t, "sep"))
	}
	d := NewDocument(draw("title", 6), draw("text", 20), []string{draw("category", 2)}, rapid.SampledFrom([]string{"en", "de", "fr", "pl", "ja", ""}).Draw(t, "language"))
	d.Host = rapid.SampledFrom([]string{"", "bbc.co.uk", "news.bbc.co.uk", "abbc.co.uk"}).Draw(t, "host")
	d.Hosts = rapid.IntRange(0, 4).Draw(t, "hosts")
	return d
}

func drawTopics(t *rapid.T) []Topic {
	var topics []Topic
	for range rapid.IntRange(1, 12).Draw(t, "topics") {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"oil", "the", "north korea", "mexico", "new", "-oil", "-us", "us", `"north korean"`, "WHO", "who", "AI", "c++", "at&t", "covid-19", "covid", "f35", "f", "北京", "京", "北京地震", `"東京 オリンピック"`, "น้ำมัน", "มัน", "été",
			"congo", "dr congo", "guinea", "sudan", "oil OR 地震", "水 OR who OR mexico", "new zealand", "-guinea", `-"f 35"`,
			"grain", "vegetable oil", "lead", "deutsche mark", "technology", "science technology", "science", "space", "site:bbc.co.uk", "-site:news.bbc.co.uk", "lang:de", "-lang:fr", "min:3"}), 1, 3).Draw(t, "parts")
		if x, err := ParseTopic(strings.Join(parts, " ")); err == nil {
			topics = append(topics, x)
		}
	}
	return topics
}

func TestMatcherAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topics := drawTopics(t)
		m := NewMatcher()
		for i, x := range topics {
			m.Add(TopicID(i), x)
		}
		removed := rapid.IntRange(0, 12).Draw(t, "removed")
		m.Remove(TopicID(removed))
		for range 4 {
			d := drawDocument(t)
			found := make(map[TopicID]Match)
			for _, match := range m.Match(d) {
				found[match.Topic] = match
			}
			if again := m.Match(d); len(again) != len(found) {
				t.Fatalf("Match(%q / %q / %q) finds %v, then %v", d.Title, d.Text, d.Categories, found, again)
			}
			have := strings.Fields(d.Normalised())
			for i, x := range topics {
				match, ok := found[TopicID(i)]
				if want := naive(x, d) && i != removed; ok != want {
					t.Fatalf("topic %q on %q / %q / %q (%s): Matcher says %t, the definition %t", x.Text, d.Title, d.Text, d.Categories, d.Language, ok, want)
				}
				if !ok {
					continue
				}
				one, _ := MatchOne(x, d)
				one.Topic = match.Topic
				if diff := cmp.Diff(match, one); diff != "" {
					t.Fatalf("topic %q on %q: Match and MatchOne differ: %s", x.Text, d.Title, diff)
				}
				if len(match.Words) == 0 || match.Score <= 0 || match.Score >= 1 {
					t.Fatalf("topic %q on %q: %+v, want words and a score in (0, 1)", x.Text, d.Title, match)
				}
				for _, any := range x.Candidates() {
					if !slices.ContainsFunc(any, func(w string) bool { return slices.Contains(have, w) }) {
						t.Fatalf("topic %q matches %q, whose words %q have none of the candidates %q", x.Text, d.Title, have, any)
					}
				}
			}
		}
	})
}

// A topic of one word or two, or a pair in quotes, is decided where it wakes, and one of
// words only by their numbers; with a phrase that is excluded and nowhere it is read like
// any other, and must be worth the same.
func TestSimpleTopicsAreWorthWhatOthersAre(t *testing.T) {
	filler := strings.Repeat("nothing of it stands in this line ", 10)
	documents := []Document{
		NewDocument("Harbours", "", nil, "en"),
		NewDocument("", "the harbour ferry sails", nil, "en"),
		NewDocument("", filler+"ferry harbours "+filler+"harbour ferry, 2 mln ferries, Ferry HARBOUR", nil, "en"),
		NewDocument("Ferry", "a ferry harbour "+filler+"harbour", []string{"Ferry", "Harbour ferry"}, "en"),
		NewDocument("", filler+"harbour", []string{"harbour ferry"}, "en"),
		NewDocument("Harbour "+filler+"ferry", strings.Repeat("ferry harbour Ferries FERRY harbours ", 50), nil, "en"),
	}
	for _, query := range []string{"harbour", "ferry", "harbour ferry", "ferry harbours", "ferries ferry", `"harbour ferry"`, `"ferry harbour"`,
		"ferry harbour stands", "line OR ferry harbours", "ferry harbours OR sails", "ferries OR harbour OR line", "ferry -zebra", "ferry -sails", "ferry harbours -mln"} {
		simple, read := topic(t, query), topic(t, query+` -"zebra zebra"`)
		for _, d := range documents {
			got, ok := MatchOne(simple, d)
			want, wantOK := MatchOne(read, d)
			if diff := cmp.Diff(want, got); diff != "" || ok != wantOK {
				t.Errorf("topic %q on %.40q / %.40q: %t, want %t (-read +simple)\n%s", query, d.Title, d.Text, ok, wantOK, diff)
			}
		}
	}
}

func TestTopicsChangeWhileOthersMatch(t *testing.T) {
	m := NewMatcher()
	stay := []string{"palm oil", "north korea", "oil OR ice"}
	for i, q := range stay {
		m.Add(TopicID(i+1), topic(t, q))
	}
	d := NewDocument("Palm oil from North Korea", "and ice", nil, "en")
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 300 {
				id := TopicID(100 + w*1000 + i%50)
				if i%3 == 2 {
					m.Remove(id)
				} else {
					x, _ := ParseTopic(fmt.Sprintf("palm word%d -x%d", i%7, w))
					m.Add(id, x)
				}
			}
		})
		wg.Go(func() {
			for range 300 {
				seen := 0
				for _, match := range m.Match(d) {
					if match.Topic <= TopicID(len(stay)) {
						seen++
					}
				}
				if seen != len(stay) {
					t.Errorf("Match found %d of %d topics that were there all the time", seen, len(stay))
				}
			}
		})
	}
	wg.Wait()
}

func TestHostileDocumentsAreCut(t *testing.T) {
	huge := strings.Repeat("palm ", 1<<20)
	categories := make([]string, 10_000)
	for i := range categories {
		categories[i] = huge
	}
	d := NewDocument(huge, huge, categories, "en")
	if n := len(d.reading().places); n > 60_000 {
		t.Errorf("a document of gigabytes has %d words, want at most 60,000", n)
	}
	m, ok := MatchOne(topic(t, `"palm palm palm" -"palm oil"`), d)
	if !ok || len(m.Words) != 1 {
		t.Errorf("MatchOne = %+v, %t; want one phrase", m, ok)
	}
}

func TestDocumentTokensAndNormalised(t *testing.T) {
	d := NewDocument("C++ elections", "北京市", []string{"Elections"}, "en")
	if got, want := strings.Join(d.Tokens(), " "), "c++ elect 北京 京市 市"; got != want {
		t.Errorf("Tokens() = %q, want %q", got, want)
	}
	if got, want := d.Normalised(), "c elections elect 北京 北 京市 京 市 xqsubjectxpolitics"; got != want {
		t.Errorf("Normalised() = %q, want %q", got, want)
	}
}

// benchmarkTopics are topics in the proportions that readers have: half a word, the
// rest two words, phrases, alternatives and excludes, over a vocabulary as skewed as a
// language.
func benchmarkTopics(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	queries := make([]string, n)
	for i := range queries {
		a, b := benchmarkWord(r), benchmarkWord(r)
		switch r.IntN(10) {
		case 0, 1, 2, 3, 4:
			queries[i] = fmt.Sprintf("%s %s", a, b)
		case 5, 6:
			queries[i] = fmt.Sprintf(`"%s %s"`, a, b)
		case 7:
			queries[i] = fmt.Sprintf("%s %s OR %s", benchmarkWord(r), a, b)
		case 8:
			queries[i] = fmt.Sprintf("%s %s -%s", a, b, benchmarkWord(r))
		default:
			queries[i] = fmt.Sprintf("%s %s %s", a, b, benchmarkWord(r))
		}
	}
	return queries
}

var benchmarkEnds = []string{"", "s", "ing", "ed", "er", "ation"}

func benchmarkWord(r *rand.Rand) string {
	n := int(60_000 * r.Float64() * r.Float64() * r.Float64())
	var b strings.Builder
	for k := n*7 + 11; k > 0; k /= 17 {
		b.WriteByte("bcdfghklmnprstvwz"[k%17])
		b.WriteByte("aeiou"[k%5])
	}
	return b.String() + benchmarkEnds[n%len(benchmarkEnds)]
}

// benchmarkStories are stories of 400 words.
func benchmarkStories(n int) []string {
	r := rand.New(rand.NewPCG(3, 4))
	stories := make([]string, n)
	for i := range stories {
		words := make([]string, 400)
		for k := range words {
			words[k] = benchmarkWord(r)
		}
		stories[i] = strings.Join(words, " ")
	}
	return stories
}

func BenchmarkMatch(b *testing.B) {
	const topics = 100_000
	parsed := make([]Topic, 0, topics)
	for _, q := range benchmarkTopics(topics) {
		parsed = append(parsed, topic(b, q))
	}
	stories := benchmarkStories(200)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := NewMatcher()
	for i, t := range parsed {
		m.Add(TopicID(i), t)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(parsed)
	matches, i := 0, 0
	b.ResetTimer()
	for b.Loop() {
		s := stories[i%len(stories)]
		matches += len(m.Match(NewDocument(s[:60], s[60:], nil, "en")))
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/topics, "bytes/topic")
	b.ReportMetric(float64(matches)/float64(b.N), "matches/story")
}

func BenchmarkAddRemove(b *testing.B) {
	m := NewMatcher()
	for i, q := range benchmarkTopics(20_000) {
		m.Add(TopicID(i), topic(b, q))
	}
	x := topic(b, "an entirely unheard-of topic")
	b.ResetTimer()
	for b.Loop() {
		m.Add(1<<40, x)
		m.Remove(1 << 40)
	}
}
