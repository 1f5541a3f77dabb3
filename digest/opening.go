package digest

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// People ask in sentences: "what's new in AI?" is the topic AI, "news about Iceland" Iceland.
// What opens such a request is no part of what a story must have. Only what can hardly be
// meant otherwise is here: "fox news" and "news" have no opening.

// A requestOpening is how requests begin in a language: words that may stand in front, kinds of
// news, what is asked for, and the word that the topic follows. Phrases are written with _.
type requestOpening struct {
	ask, kind, news, of string
}

var openings = []requestOpening{
	{enAsk, enKind, `news headlines updates update`, `about on in from around with regarding concerning related_to out_of`},
	{enAsk, enKind, `latest newest`, `about on in from with regarding`},
	{enAsk, enKind, `information info article articles story stories report reports everything something anything`, `about regarding concerning`},
	{enAsk, ``, `what's_new what_is_new whats_new what's_happening what_is_happening whats_happening what's_going_on what_is_going_on whats_going_on
		what's_up whats_up what's_the_latest what_is_the_latest what's_the_news what_is_the_news what_are_the_news`, `in on with about at from around`},
	{enAsk, ``, `tell_me tell_me_more tell_me_everything know know_more hear read learn`, `about`},
	{enAsk, ``, `interested`, `in`}, {enAsk, ``, `keep_me_updated keep_me_posted keep_me_informed`, `on about`},
	{deAsk, `die das alle neue neuen neuesten neueste letzten letzte aktuelle aktuellen wichtigsten`,
		`nachrichten neuigkeiten meldungen schlagzeilen news infos informationen berichte neues neuestes aktuelles das_neueste`,
		`zu zum zur über in im aus von vom rund_um`},
	{deAsk, ``, `was_gibt's_neues was_gibts_neues was_gibt_es_neues was_ist_neu was_ist_los was_passiert was_läuft`, `zu zum zur über in im aus bei beim von vom mit`},
	{frAsk, `les des l' toutes dernières dernière`, `actualités actualité actus actu nouvelles news infos`, `sur de du des d' en au aux dans concernant à_propos_de à_propos_du`},
	{frAsk, ``, `quoi_de_neuf quoi_de_nouveau que_se_passe-t-il qu'est-ce_qui_se_passe`, `sur en au aux à dans chez avec`},
	{frAsk, `les des`, `articles informations reportages`, `sur concernant`},
	{esAsk, `las los últimas últimos todas unas más`, `noticias titulares novedades`, `sobre de del en acerca_de acerca_del`},
	{esAsk, ``, `qué_hay_de_nuevo qué_pasa qué_está_pasando qué_noticias_hay`, `en sobre con de del acerca_de acerca_del`},
	{``, `le gli ultime tutte`, `notizie novità news`, `su sul sulla sui sulle sullo sull' di del della dei delle dell' da dal dalla dall' in nel nella nell'`},
	{``, ``, `cosa_c'è_di_nuovo che_c'è_di_nuovo cosa_succede che_succede`, `su sul sulla in nel nella nell' a al alla con`},
	{ptAsk, `as os últimas todas mais`, `notícias novidades manchetes`, `sobre de do da dos das em no na nos nas acerca_de`},
	{ptAsk, ``, `saber ler saber_mais ler_mais ver_mais`, `sobre`},
	{``, ``, `o_que_há_de_novo o_que_está_acontecendo o_que_acontece quais_as_novidades`, `em no na nos nas sobre com`},
	{`geef toon stuur zoek mij me ik wil`, `het al alle laatste recente`, `nieuws berichten updates`, `over uit rond rondom in`},
	{``, ``, `wat_is_er_nieuw wat_gebeurt_er wat_is_het_nieuws`, `over in uit van met bij`},
	{`покажи покажите дай дайте расскажи расскажите мне хочу хотел_бы хотела_бы читать получать узнать пришли присылай`, `последние свежие главные все самые`, `новости события известия`, `о об про из в во на по`},
	{``, ``, `что_нового что_происходит что_слышно`, `о об про в во на у с по`},
	{`покажи дай розкажи мені`, `останні свіжі головні всі`, `новини події`, `про з із зі в у на щодо`},
	{``, ``, `що_нового що_відбувається`, `про в у на з`},
	{``, `najnowsze ostatnie wszystkie najważniejsze`, `wiadomości informacje newsy aktualności`, `o na_temat z ze w we dotyczące`},
	{``, ``, `co_nowego co_słychać co_się_dzieje`, `o w we na u z`},
	{`أريد أعطني`, `آخر أحدث كل جميع أهم`, `الأخبار أخبار مستجدات المستجدات`, `عن حول من بشأن`},
	{``, ``, `آخر_أخبار أحدث_أخبار آخر_مستجدات`, ``},
	{``, ``, `ما_الجديد ماذا_يحدث ما_هو_الجديد`, `في عن حول مع بشأن`},
}

// newsOf are words for news that stand behind a heading, or before it in languages that put
// it there, without any word between: tech news, Nachrichten Sport. Of what is no heading it
// cannot be told from a name: BBC news. Nor is what has another sense beside a heading here:
// software updates, Известия экономика.
var newsOf = listWords(map[string]string{"": `news headlines latest nachrichten neuigkeiten meldungen schlagzeilen actualités actualité actus actu infos noticias titulares novedades
	notizie notícias novidades manchetes nieuws новости новостях новини`})[""]

// newsWith are the words that may stand with one of newsOf at the same end.
var newsWith = listWords(map[string]string{"": `latest newest recent breaking current today's top the all new some any neue neueste neuesten aktuelle aktuellen die alle letzte letzten wichtigsten
	dernières dernière les des toutes últimas últimos las los todas as le ultime tutte laatste recente het последние свежие главные все самые останні свіжі`})[""]

// withoutNewsOf returns the heading of which a query asks the news, with what narrows it.
func withoutNewsOf(query string) (string, bool) {
	first, _, more := strings.Cut(query, " ")
	if !more {
		return query, false
	}
	asked, narrower := query, ""
	if at := narrowerAt(query); at > 0 {
		asked, narrower = query[:at], query[at:]
	}
	asked = strings.TrimRight(asked, "?!. ")
	if first = openingWord(first); !newsOf[first] && !newsWith[first] && !newsOf[openingWord(asked[strings.LastIndexByte(asked, ' ')+1:])] {
		return query, false
	}
	words, article := strings.Fields(asked), false
	for len(words) > 0 && newsWith[openingWord(words[0])] {
		article = article || determiners[openingWord(words[0])]
		words = words[1:]
	}
	switch last := len(words) - 1; {
	case last < 1:
		return query, false
	case newsOf[openingWord(words[0])]:
		words = words[1:]
	case newsOf[openingWord(words[last])]:
		words = words[:last]
	default:
		return query, false
	}
	rest := strings.Join(words, " ")
	if !namesDesk(rest) || article && desks()[text.Fold(rest)] == "world" { // Le Monde, Die Welt
		return query, false
	}
	return rest + narrower, true
}

// narrowerAt is where what a query leaves out or is narrowed by begins, with the space before
// it, if that is all that follows; -1 for nowhere.
func narrowerAt(query string) int {
	for at := 0; ; at++ {
		next := strings.IndexByte(query[at:], ' ')
		if next < 0 {
			return -1
		}
		at += next
		chunk, _, _ := strings.Cut(query[at+1:], " ")
		if r, _ := utf8.DecodeRuneInString(chunk); isMinus(r) || strings.Contains(chunk, ":") && operator(chunk) {
			return at
		}
	}
}

// namesDesk tells whether a query is a heading by one of its names.
func namesDesk(query string) bool {
	folded := text.Fold(query)
	return desks()[folded] != "" || headings()[text.Key(query)] != 0
}

const (
	enAsk  = `please hi hello hey can could would you show give tell send bring get find me us i want to know see read hear like i'd i'm am looking for follow follow subscribe`
	enKind = `the all any some more latest newest recent breaking current daily today's new`
	deAsk  = `bitte hallo zeig zeige gib gebt schick such suche mir ich möchte will gibt es`
	frAsk  = `donne montre envoie moi je veux voudrais cherche`
	ptAsk  = `quero queria gostaria de procuro busco ver ler receber me mostre mostra mostrar mande manda envie dê`
	esAsk  = `dame muéstrame envíame quiero busco ver leer`
)

// closings are what requests end with, when they have an opening.
var closings = listWords(map[string]string{"": `please today now lately recently bitte heute hoy oggi hoje vandaag сегодня сьогодні dzisiaj اليوم`})[""]

// determiners stand before the name of what is asked for; with a capital they are part of it.
var determiners = listWords(map[string]string{"": `the a an der die das den dem les la le los las el il lo gli as os het de l'`})[""]

// wraps are requests that the topic stands within, or before.
var wraps = []*regexp.Regexp{
	regexp.MustCompile(`^(?:关于|關於|有关|有關)(.+?)的?(?:最新)?(?:新闻|新聞|消息|报道|報道|報導|资讯|資訊)$`),
	regexp.MustCompile(`^(.+?)的?最新(?:新闻|新聞|消息|报道|報道|動態|动态|进展|進展)$`),
	regexp.MustCompile(`^(.+?)(?:に関する|についての|に関しての|の最新の?)(?:最新の?)?(?:ニュース|記事|情報|報道)$`),
	regexp.MustCompile(`^(.+?) ?(?:에 관한|에 대한|관련|최신|의 최신) ?(?:최신 )?(?:뉴스|소식|기사)$`),
	regexp.MustCompile(`^(.+?) (?:के बारे में|से जुड़ी|से जुड़े|से संबंधित|की ताज़ा|की ताजा)(?: ताज़ा| ताजा| नई| सभी)? (?:समाचार|खबर|खबरें|ख़बर|ख़बरें|न्यूज़|न्यूज)$`),
	regexp.MustCompile(`^ข่าว(?:ล่าสุด)?(?:เกี่ยวกับ|ล่าสุด) ?(.+)$`),
	regexp.MustCompile(`(?i)^(.+?) (?:hakkında|ile ilgili)(?: son)? (?:haberler|haber|gelişmeler)$`),
}

// opened are the patterns of openings, by the words that they begin with.
var opened = sync.OnceValue(func() map[string][]*regexp.Regexp {
	all := map[string][]*regexp.Regexp{}
	any := func(words string) string {
		return `(?:` + strings.ReplaceAll(strings.Join(strings.Fields(words), "|"), "_", " ") + `)`
	}
	for _, o := range openings {
		pattern := any(o.news) + ` `
		if o.kind != "" {
			pattern = `(?:` + any(o.kind) + ` )*` + pattern
		}
		if o.ask != "" {
			pattern = `(?:` + any(o.ask) + ` )*` + pattern
		}
		if o.of != "" {
			pattern += any(o.of) + ` `
		}
		compiled := regexp.MustCompile(text.Fold(`^` + pattern))
		seen := map[string]bool{}
		for phrase := range strings.FieldsSeq(o.ask + " " + o.kind + " " + o.news) {
			first, _, _ := strings.Cut(text.Fold(phrase), "_")
			if !seen[first] {
				seen[first] = true
				all[first] = append(all[first], compiled)
			}
		}
	}
	return all
})

// elision is what some languages write together with the word behind it.
var elision = regexp.MustCompile(`^(?i:l|d|dell|sull|all|nell|dall)['’]`)

// withoutOpening returns what a request asks for, and whether it is one. A single word is
// none.
func withoutOpening(query string) (string, bool) {
	if rest, ok := cutRequest(query); ok {
		return rest, true
	}
	if rest, ok := withoutNewsOf(query); ok {
		return rest, true
	}
	// L'Équipe is a name, l'économie is not: other forms of it have another article, or none.
	if !strings.ContainsAny(query, "'’") {
		return query, false
	}
	if at := len(elision.FindString(query)); at > 0 {
		if next, _ := utf8.DecodeRuneInString(query[at:]); unicode.IsLower(next) {
			return query[at:], true
		}
	}
	return query, false
}

// cutRequest is withoutOpening but for a bare article.
func cutRequest(query string) (string, bool) {
	first, _, more := strings.Cut(query, " ")
	if wrapped(query) {
		for _, w := range wraps {
			if found := w.FindStringSubmatch(query); found != nil && strings.TrimSpace(found[1]) != "" {
				return strings.TrimSpace(found[1]), true
			}
		}
	}
	if !more {
		return query, false
	}
	patterns := opened()[openingWord(first)]
	if patterns == nil {
		return query, false
	}
	return cutOpening(query, patterns)
}

// namesSomething tells whether words are more than those that every sentence has: "tell me
// about it" asks for nothing, "news about IT" does.
func namesSomething(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		w := strings.Trim(openingWord(strings.TrimSpace(word)), "?!.")
		return w != "" && (!plainWords["en"][w] && !determiners[w] || strings.ToLower(word) != word)
	})
}

// wrapped tells whether a request may be one of wraps: they have letters beyond Latin-1, or
// end with one of two words.
func wrapped(query string) bool {
	return strings.ContainsFunc(query, func(r rune) bool { return r > 0xFF }) || strings.HasSuffix(query, "haberler") || strings.HasSuffix(query, "haber")
}

// openingWord is a word as openings have it. Most on the shelf are that already.
func openingWord(word string) string {
	if strings.IndexFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) < 0 {
		return word
	}
	return text.Fold(strings.Trim(strings.ReplaceAll(word, "’", "'"), "¿¡:"))
}

// cutOpening is withoutOpening where one of the patterns may fit.
func cutOpening(query string, patterns []*regexp.Regexp) (string, bool) {
	var parts, folded []string // with what is written together divided
	for word := range strings.FieldsSeq(query) {
		if at := len(elision.FindString(word)); at > 0 && at < len(word) {
			parts, folded = append(parts, word[:at]), append(folded, openingWord(word[:at]))
			word = " " + word[at:]
		}
		parts, folded = append(parts, word), append(folded, openingWord(strings.TrimSpace(word)))
	}
	whole, most := strings.Join(folded, " ")+" ", 0
	for _, p := range patterns {
		most = max(most, strings.Count(p.FindString(whole), " "))
	}
	if most == 0 || most == len(parts) {
		return query, false
	}
	if n := most + 1; n < len(parts) && determiners[folded[most]] && parts[most] == strings.ToLower(parts[most]) {
		most = n
	}
	end := len(parts)
	for end > most+1 && closings[strings.TrimRight(folded[end-1], "?!.")] {
		end--
	}
	rest := strings.Join(parts[most:end], " ")
	rest = strings.ReplaceAll(strings.TrimSpace(rest), "  ", "") // together again
	rest = strings.TrimRight(rest, "?？؟ ")
	next, _, _ := strings.Cut(rest, " ")
	if rest == "" || next == "OR" || next == "AND" || next == "|" || !namesSomething(parts[most:end]) {
		return query, false
	}
	return rest, true
}
