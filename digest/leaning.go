package digest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// A sentence leans when only the one before it tells who or what it is about.

// connectors begin sentences that say little without the one before, folded.
var connectors = listWords(map[string]string{
	"en": `he she it they his her its their him them this that these those but and or so also however meanwhile moreover
		furthermore additionally therefore thus then instead still yet besides nevertheless nonetheless otherwise both such here
		there afterwards`,
	"de": `er sie es sein seine ihr ihre dies diese dieser dieses aber und doch jedoch allerdings zudem ausserdem auch daher
		deshalb dennoch dabei damit dort so dazwischen danach davor zuvor daraufhin anschliessend`,
	"fr": `il elle ils elles son sa ses leur leurs ce cet cette ces cela mais et or donc aussi cependant toutefois pourtant ainsi
		celui celle ceux`,
	"es": `ella ellos ellas su sus esto eso pero y tambien ademas asi`,
	"it": `lui lei egli essi suo sua questo questa questi queste ma e inoltre tuttavia anche cosi pero`,
	"pt": `ele ela eles elas seu sua isso isto este esta esse essa mas e tambem alem porem assim`,
	"nl": `hij zij ze zijn haar dit dat deze die maar en ook echter toch daarom`,
	"ru": `он она оно они его ее их это этот эта эти но а и также однако при`,
	"uk": `він вона воно вони його її їх це цей ця ці але а і й та також однак при`,
	"pl": `on ona ono oni one jego jej ich to ten ta te ale a i oraz jednak także też ponadto dlatego`,
	"tr": `o onlar onun bu bunlar şu ama ancak fakat ve ayrıca`,
	"sv": `han hon den det de hans hennes deras detta dessa men och också dock`,
	"da": `han hun den det de hans hendes deres dette disse men og også dog`,
	"no": `han hun den det de hans hennes deres dette disse men og også`,
	"ar": `هو هي هم هذا هذه ذلك تلك لكن ولكن كما وأضاف وأضافت وتابع وتابعت وأوضح وأوضحت وأشار وأشارت ولفت`,
	"hi": `वह वे वो उन्होंने उसने उन्हें उसे उनके उनका उनकी उसके उसका उसकी इसके इसका इसकी यह ये इस इन लेकिन हालांकि और मगर इसलिए`,
	"cs": `on ona ono oni ten ta to ti tyto jeho její jejich ale a však také proto navíc`,
	"sk": `on ona ono oni ten tá to tí tieto jeho jej ich ale a však tiež preto navyše`,
	"hr": `on ona ono oni to taj ta ti ovi njegov njihov ali a i no međutim također zato`,
	"bg": `той тя то те това този тази тези но а и обаче също освен`,
	"ro": `el ea ei ele acesta aceasta acestea dar iar și însă totuși`,
	"hu": `ő ők ez ezek ezt de és azonban emellett ezért`,
	"fi": `hän he se ne tämä nämä mutta ja myös lisäksi siksi`,
	"el": `αυτός αυτή αυτό αυτοί αυτές αυτά εκείνος εκείνη όμως αλλά και επίσης ωστόσο`,
	"he": `הוא היא הם הן זה זאת אלה אך אבל גם כך בנוסף`,
	"fa": `این آن او وی آنها آنان اما ولی همچنین و`,
	"id": `ia dia mereka itu ini namun tetapi dan juga selain hal`,
	"vi": `họ nhưng và tuy điều đó đây ngoài`,
	"th": `นอกจากนี้ นอกจากนั้น อย่างไรก็ตาม อย่างไรก็ดี ทั้งนี้ ขณะที่ ขณะเดียวกัน ในขณะที่ ด้าน ส่วน แต่ ดังนั้น จากนั้น ต่อมา อีกทั้ง รวมทั้ง เขา เธอ`,
	"ko": `그는 그가 그의 그녀는 그녀가 그들은 그들의 이는 이를 이에 이들은 이번 그러나 하지만 그리고 또 또한 한편 따라서 이어`,
	"zh": `他 她 它 这 這 那 但 此外 另外 然而 不过 不過 同时 同時 因此 对此 對此 所以 而且 并且 並且 其`,
	"ja": `彼 これ それ この その こうした また さらに しかし だが ただ 一方 そして そのため なお 同氏 同社 同日 同署 同省`,
})

// openers begin what only says when, in languages of which no plainWords are listed.
var openers = listWords(map[string]string{
	"uk": `після перед під у в за на для коли через протягом`,
	"pl": `po przed podczas w we na za gdy przy od do dla kiedy`,
	"sv": `efter under vid i på när före`, "da": `efter under ved i på da før`, "no": `etter under ved i på da før`,
})

// turns are what a first part of a sentence without spaces ends with when it only says when
// or where: after the vote, she …
var turns = map[string][]string{"zh": {"后", "後", "时", "時", "中", "前", "日", "上", "天", "晚"}, "th": {}, "ja": {"後", "時", "前", "日", "夜", "中", "で", "に", "は"}}

// pronouns want a name before them, in whatever place.
var pronouns = listWords(map[string]string{
	"en": `they their them`, // of others see whoever
	"de": `er sie ihm ihn`,
	"fr": `elle ils elles`,
	"es": `ella ellos ellas`,
	"it": `lui lei essi`,
	"pt": `ele ela eles elas`,
	"nl": `hij zij hem`,
	"ru": `он она они его ее их ему ей`,
	"uk": `він вона вони його її їх йому їй`,
	"pl": `ona oni jego jej ich jemu`,
	"sv": `han hon`, "da": `han hun`, "no": `han hun`,
	"hi": `उन्होंने उसने उन्हें उनके उनका उनकी`,
	"ar": `إنه إنها أنه أنها`,
	"ko": `그는 그가 그녀는 그녀가`,
	"zh": `他 她`, "ja": `彼`,
})

// Pronouns of people with which a sentence begins that wants its person before it (outside
// English, see whoever): in scripts without capitals any, elsewhere those of who speaks, for
// others may stand for things. And parts of words by which somebody is brought in.
var (
	peoplePronouns = map[string][]string{
		"zh": {"他", "她"}, "ja": {"彼は", "彼が", "彼女"}, "ko": {"그는 ", "그가 ", "그녀는 ", "그녀가 "},
		"hi": {"उन्होंने ", "उसने "},
		"ru": {"По его словам", "По ее словам", "По её словам", "По его мнению", "По ее мнению", "По её мнению", "Он сказал", "Она сказала", "Он заявил", "Она заявила",
			"Он отметил", "Она отметила", "Он добавил", "Она добавила", "Он подчеркнул", "Она подчеркнула", "Он рассказал", "Она рассказала", "Как он ", "Как она "},
		"uk": {"За його словами", "За її словами", "На його думку", "На її думку", "Він сказав", "Вона сказала", "Він заявив", "Вона заявила", "Він додав", "Вона додала", "Він зазначив", "Вона зазначила"},
		"pl": {"Jego zdaniem", "Jej zdaniem", "Według niego", "Według niej", "Jak dodał", "Jak podkreślił", "Jak zaznaczył", "Powiedział", "Dodał", "Podkreślił", "Zaznaczył"},
		"de": {"Er sagte", "Sie sagte", "Er erklärte", "Sie erklärte", "Ihm zufolge", "Seinen Angaben", "Seinen Worten", "Nach seinen Angaben", "Nach seinen Worten", "Nach ihren Worten"},
		"fr": {"Selon lui", "Selon elle", "D'après lui", "D’après lui", "D'après elle", "D’après elle", "Il a dit", "Elle a dit", "Il a ajouté", "Elle a ajouté", "Il a déclaré", "Elle a déclaré", "À ses yeux"},
		"es": {"Según él", "Según ella", "Según dijo", "Según explicó", "Él dijo", "Ella dijo", "Dijo ", "Añadió ", "Agregó ", "Afirmó ", "Aseguró ", "Explicó ", "Señaló ", "A su juicio", "Así lo "},
		"it": {"Secondo lui", "Secondo lei", "A suo dire", "A suo avviso", "Lo ha detto", "Lo ha annunciato", "Lo ha reso noto", "Ha detto", "Ha aggiunto", "Ha spiegato", "Ha dichiarato"},
		"pt": {"Segundo ele", "Segundo ela", "Ele disse", "Ela disse", "Ele afirmou", "Ela afirmou", "De acordo com ele", "De acordo com ela", "Disse ", "Afirmou ", "Acrescentou "},
		"nl": {"Volgens hem", "Volgens haar", "Hij zei", "Zij zei", "Ze zei", "Hij zegt", "Zij zegt", "Ze zegt"},
		"sv": {"Enligt honom", "Enligt henne", "Han sade", "Hon sade", "Han säger", "Hon säger"},
		"da": {"Ifølge ham", "Ifølge hende", "Han sagde", "Hun sagde", "Han siger", "Hun siger"},
		"no": {"Ifølge ham", "Ifølge henne", "Han sa ", "Hun sa ", "Han sier", "Hun sier"},
		"cs": {"Podle něj", "Podle něho", "Podle ní", "Podle jeho slov", "Podle jejích slov", "Řekl ", "Dodal ", "Uvedl "},
		"tr": {"Ona göre", "Onun sözlerine"},
		"el": {"Σύμφωνα με τον ίδιο", "Σύμφωνα με την ίδια", "Όπως είπε", "Όπως δήλωσε", "Όπως τόνισε"},
	}
	pluralPronouns = []string{"他们", "他們", "她们", "她們", "彼女ら", "彼女たち"}
	peopleBrought  = map[string][]string{
		"zh": strings.Fields(`总统 總統 主席 总理 總理 首相 部长 部長 市长 市長 省长 省長 州长 州長 议员 議員 大使 发言人 發言人 先生 女士 教授 博士
			主任 院长 院長 局长 局長 校长 校長 队长 隊長 教练 教練 总裁 總裁 董事长 董事長 经理 經理 创始人 創辦人 男子 女子 学者 學者 专家 專家
			演员 演員 导演 導演 球员 球員 选手 選手 国王 國王 王子`),
		"ja": strings.Fields(`氏 さん 首相 大統領 大臣 知事 市長 町長 村長 社長 会長 教授 選手 監督 容疑者 被告 男性 女性 議員 長官`),
		"ko": strings.Fields(`대통령 총리 장관 시장 대표 의원 교수 위원장 회장 감독 선수 씨 지사 총장 남성 여성`),
		"hi": strings.Fields(`मंत्री राष्ट्रपति अध्यक्ष नेता श्री श्रीमती डॉ महापौर राज्यपाल न्यायाधीश खिलाड़ी कप्तान कोच अभिनेता अभिनेत्री प्रवक्ता अधिकारी`),
		"ru": strings.Fields(`президент премьер министр мэр глава главы губернатор депутат сенатор директор представител спикер посол профессор эксперт тренер адвокат прокурор судь командир капитан учён режиссёр актёр
			мужчин женщин житель жительниц писател врач начальник секретар`),
		"uk": strings.Fields(`президент прем'єр міністр мер голова очільник губернатор депутат директор речни посол професор експерт тренер адвокат прокурор судд командир капітан науков режисер актор чоловік жінк мешкан лікар начальник секретар`),
		"pl": strings.Fields(`prezydent premier minister burmistrz wójt wojewod poseł posłank senator dyrektor rzeczni ambasador profesor ekspert trener adwokat prokurator sędzi dowódc kapitan naukow reżyser aktor aktork mężczyzn kobiet lekarz szef prezes`),
		"de": strings.Fields(`präsident kanzler minister bürgermeister abgeordnet senator direktor leiter sprecher botschafter professor experte expertin trainer anwalt anwält richter kapitän forscher regisseur schauspieler mann frau chef vorsitzend`),
		"fr": strings.Fields(`président premier ministre maire député sénateur directeur directrice porte-parole ambassadeur professeur expert entraîneur avocat procureur juge capitaine chercheu acteur actrice homme femme chef patron m. mme`),
		"es": strings.Fields(`president ministr alcald diputad senador director portavoz vocero embajador profesor expert entrenador abogad fiscal juez capitán científic actor actriz hombre mujer jefe jefa líder`),
		"it": strings.Fields(`president premier ministr sindac deputat senator direttor portavoce ambasciator professor espert allenator avvocat procurator giudic capitan ricercator attor attric uomo donna capo leader`),
		"pt": strings.Fields(`president ministr prefeit deputad senador diretor porta-voz embaixador professor especialista treinador técnico advogad procurador juiz capitão cientista ator atriz homem mulher chefe líder`),
		"nl": strings.Fields(`president premier minister burgemeester wethouder kamerlid senator directeur woordvoerder ambassadeur hoogleraar professor deskundige trainer advocaat rechter kapitein onderzoeker acteur actrice man vrouw voorzitter`),
		"sv": strings.Fields(`president statsminister minister borgmästare riksdagsledamot direktör talesperson talesman ambassadör professor expert tränare advokat åklagare domare kapten forskare skådespelare mannen kvinnan chef ordförande`),
		"da": strings.Fields(`præsident statsminister minister borgmester direktør talsmand talskvinde ambassadør professor ekspert træner advokat anklager dommer kaptajn forsker skuespiller mand kvinde chef formand`),
		"no": strings.Fields(`president statsminister minister ordfører direktør talsmann talskvinne ambassadør professor ekspert trener advokat dommer kaptein forsker skuespiller mann kvinne sjef leder`),
		"cs": strings.Fields(`prezident premiér ministr starost primátor hejtman poslan senátor ředitel mluvčí velvyslan profesor expert trenér advokát žalobc soudc kapitán vědec režisér herec herečk muž žen šéf předsed`),
		"tr": strings.Fields(`başkan bakan vali milletvekili müdür sözcü büyükelçi profesör uzman antrenör avukat savcı hakim kaptan oyuncu adam kadın lider`),
		"el": strings.Fields(`πρόεδρο πρωθυπουργ υπουργ δήμαρχο βουλευτ διευθυντ εκπρόσωπο πρέσβη καθηγητ ειδικό προπονητ δικηγόρο εισαγγελέα δικαστ άνδρα γυναίκα`),
	}
)

// seekPeople finds out of a sentence that is not English what a whoever does of others.
func (x *stretch) seekPeople(s, language string) {
	pronouns, ok := peoplePronouns[language]
	if !ok {
		return
	}
	begins := func(w string) bool { return strings.HasPrefix(s, w) }
	if slices.ContainsFunc(pronouns, begins) && !slices.ContainsFunc(pluralPronouns, begins) {
		x.lost = true
	}
	if first := firstOf(pronouns[0]); unicode.IsUpper(first) { // a capital alone is no person
		x.person = twoNames(s, language) || slices.ContainsFunc(strings.Fields(strings.ToLower(s)), func(word string) bool {
			return slices.ContainsFunc(peopleBrought[language], func(w string) bool {
				return strings.HasPrefix(word, w) || capitalNouns[language] && strings.Contains(word, w)
			})
		})
		return
	}
	if !x.person {
		x.person = slices.ContainsFunc(peopleBrought[language], func(w string) bool { return strings.Contains(s, w) })
	}
}

// beforePlaces stand before a place, in any of the languages above.
var beforePlaces = listWords(map[string]string{"": `в во на из у w we z ze in im aus en à au aux em no na te i på v ve`})[""]

// twoNames tells whether two words with capitals, neither the first of a sentence nor a
// common one, stand in a row and not behind a word that comes before places, or initials
// before one: Инесса Хейл, А. И. Лосев.
func twoNames(s, language string) bool {
	common := commonIn(language)
	n, row, placed := 0, 0, false
	for w := range text.Words(s, unstemmed) {
		initial := n > 0 && utf8.RuneCountInString(w.Surface) == 1 // А. И., which are common words, too
		capital := w.Case != text.Lower && (initial || !common[w.Surface])
		switch {
		case !capital:
			row, placed = 0, beforePlaces[w.Surface]
		case n > 0 || len(w.Surface) > 3:
			row++
		}
		if row == 2 && !placed {
			return true
		}
		n++
	}
	return false
}

// speeches begin sentences of languages that leave out who spoke: Dijo que… Their forms
// are of the third person.
var speeches = listWords(map[string]string{
	"es": `dijo afirmó aseguró añadió explicó señaló agregó indicó declaró sostuvo manifestó recordó subrayó`,
	"it": `ha aveva`,
	"pt": `disse afirmou acrescentou explicou declarou ressaltou destacou informou garantiu`,
	"pl": `powiedział powiedziała dodał dodała stwierdził stwierdziła podkreślił podkreśliła zaznaczył zaznaczyła`,
	"tr": `dedi`,
})

// articles begin sentences whose noun a pronoun may stand for.
var articles = listWords(map[string]string{"": `the a an der die das ein eine le la les un une el los las il lo gli o a os as um uma de het een`})[""]

// What an English sentence says of a person: words that want one before them, words that
// are one, words that begin a sentence or are a time or a crowd though they have a capital,
// and words before a place.
const (
	englishGendered = `he she him his her himself herself hers`
	englishPeople   = `man woman boy girl child baby teenager mother father parent son daughter husband wife brother sister widow
		uncle aunt cousin friend neighbour neighbor partner girlfriend boyfriend fiance president premier minister mayor king queen
		prince princess pope bishop archbishop priest chancellor governor senator congressman congresswoman mp judge lawyer attorney
		prosecutor captain coach manager player striker goalkeeper midfielder defender footballer golfer boxer batsman bowler driver
		pilot officer constable detective sheriff doctor surgeon nurse patient teacher professor student pupil actor actress singer
		musician rapper comedian presenter writer author novelist artist painter director producer designer model scientist
		researcher engineer leader chief boss chairman chairwoman founder owner official spokesman spokeswoman spokesperson secretary
		ambassador candidate suspect victim defendant prisoner inmate convict killer gunman attacker soldier general commander rebel
		marine veteran farmer worker employee journalist reporter photographer editor pensioner passenger cyclist hiker climber star
		champion winner billionaire millionaire businessman businesswoman executive investor activist refugee migrant tourist customer
		buyer tenant landlord resident user dictator emperor envoy diplomat banker trader dancer swimmer runner athlete rider jockey skater pundit commentator
		cleaner schoolboy schoolgirl builder chef waiter gardener shopper bride groom grandmother grandfather mum dad toddler twin
		who somebody someone anyone everyone nobody person old`
	englishNoNames = `although though despite asked following because once whether given unlike like among having being speaking
		earlier later january february march april may june july august september october november december spring summer
		autumn winter christmas easter police officials officers authorities doctors scientists experts investigators prosecutors
		firefighters witnesses residents critics supporters reports sources fans researchers lawmakers english british american`
	englishBeforePlaces = `in at near across outside`
)

// openingQuotes begin what somebody said, whom only the sentence before may name.
const openingQuotes = "\"'“‘«‹„「『"

// hangs tells whether s leans on the sentence before it by how it begins: with a quotation,
// a connector or, where speakers are left out, with having said; or with a pronoun before
// which no name stands.
func hangs(s, language string) bool {
	if strings.ContainsRune(openingQuotes, firstOf(s)) {
		return true
	}
	if turns[language] != nil {
		return hangsWithoutSpaces(s, language)
	}
	leans, ok := connectors[language]
	if !ok {
		leans = connectors["en"]
	}
	common, names := commonIn(language), !capitalNouns[language]
	n, near, named, capital := 0, 4, false, false // near in words
	for w := range text.Words(s, unstemmed) {
		switch {
		case n == 0 && (leans[w.Surface] || speeches[language][w.Surface]):
			return true
		case n == 0 && articles[w.Surface], n == near, named:
			return false
		case n == 0 && (common[w.Surface] || openers[language][w.Surface]):
			near = 8 // After the vote in the old town hall, …
		case n > 0 && pronouns[language][w.Surface]:
			return true
		}
		before := capital
		capital = w.Case != text.Lower && !common[w.Surface] && !openers[language][w.Surface]
		named = capital && (n == 0 && len(w.Surface) > 3 || n > 0 && (names || before))
		n++
	}
	return false
}

// hangsWithoutSpaces is hangs for scripts that have none: the pronoun may stand behind
// what only says when or where.
func hangsWithoutSpaces(s, language string) bool {
	begins := func(s string, words map[string]bool) bool {
		for w := range words {
			if strings.HasPrefix(s, w) {
				return true
			}
		}
		return false
	}
	if begins(s, connectors[language]) {
		return true
	}
	const longest = 60 // bytes of what says when
	when, rest := s, ""
	for _, comma := range []string{"，", "、"} {
		if i := strings.Index(s, comma); i >= 0 && i < len(when) {
			when, rest = s[:i], s[i+len(comma):]
		}
	}
	ends := func(turn string) bool { return strings.HasSuffix(when, turn) }
	return len(when) <= longest && begins(rest, pronouns[language]) && slices.ContainsFunc(turns[language], ends)
}

// A whoever finds out, word by word, whether a sentence says he or she of somebody whom it
// does not name.
type whoever struct {
	s      string
	comma  int  // the first one
	before int  // where the word before ended
	placed bool // and whether it is before a place, or the place's name
	person bool // somebody was named, or brought in: a …
	lost   bool // and somebody was not
	early  bool // before the comma, as in: in his speech, Roe …
}

func whoeverIn(s string) whoever {
	comma := strings.IndexByte(s, ',')
	if comma < 0 {
		comma = len(s)
	}
	return whoever{s: s, comma: comma, person: strings.HasPrefix(s, "A ") || strings.HasPrefix(s, "An ")}
}

// take reads the next word.
func (w *whoever) take(t quickWord, use wordUse) {
	const near = 12 // bytes from the comma to the name behind it
	joined := w.before == 0 || w.before < len(w.s) && w.s[w.before] == ' '
	switch {
	case use&useGendered != 0:
		if !w.person && !w.lost {
			w.lost, w.early = true, t.end <= w.comma
		}
	case use&usePerson != 0:
		w.person = true
	case t.kind == quickCapital && use&(useCommon|useNoName) == 0 && t.letters > 1 && !(w.placed && joined):
		w.person = true
		if w.early && t.end > w.comma && t.end-t.letters-w.comma <= near {
			w.lost = false
		}
	}
	w.placed = use&useBeforePlace != 0 || w.placed && joined && t.kind == quickCapital
	w.before = t.end
}
