package digest

import (
	"slices"
	"strings"

	"tidings/digest/text"
)

// A sentence refers back when no pronoun shows it and yet only what stands before it tells
// what it speaks of: The engineers took another way. The move came as a surprise.

// partners are words at the beginning of a sentence whose partner stands before it, behind
// nothing but articles, numbers and common words; of those in sameness only behind an article.
// Phrases are written with _.
var partners = listWords(map[string]string{
	"en": `another other others such latter pair_was pair_were pair_had pair_have trio duo likewise similarly two_had two_have two_were two_are so_did so_does so_do
		so_was so_were so_has so_have neither_did neither_does at_the_same_time elsewhere`,
	"de": `andere anderer anderes anderen weitere weiterer weiteres weiteren solche solcher solches letztere letzterer letzteres erstere ersterer ersteres beide beiden ebenso stattdessen hinzu
		derselbe dieselbe dasselbe gleichzeitig anders dazu davon daran darauf hierzu dagegen danach davor zuvor anschliessend`,
	"fr": `autre autres tel telle tels telles tous_deux toutes_deux les_deux en_revanche par_ailleurs parallèlement de_même`,
	"es": `otro otra otros otras tal tales ambos ambas los_dos las_dos en_cambio en_tanto por_otra por_su_parte`,
	"it": `altro altra altri altre tale tali entrambi entrambe i_due le_due`,
	"pt": `outro outra outros outras tal tais ambos ambas os_dois as_duas por_outro por_sua_vez`,
	"nl": `andere ander zulke beide laatstgenoemde hetzelfde dezelfde eveneens daarnaast daarvoor daarna`,
	"ru": `другой другая другое другие такой такая такое такие оба обе тот_же та_же то_же те_же тогда_же там_же кроме_того при_этом в_свою_очередь`,
	"uk": `інший інша інше інші такий така таке такі обидва обидві той_же та_ж те_саме той_самий та_сама ті_самі крім_того водночас`,
	"pl": `inny inna inne inni taki taka takie obaj obie oba podobnie z_kolei`,
	"sv": `annan annat andra samma sådan sådant sådana båda bägge dessutom däremot`,
	"da": `anden andet andre samme sådan sådanne begge desuden derimod`,
	"no": `annen annet andre samme slik slike begge dessuten derimot`,
	"cs": `jiný jiná jiné jiní další stejný stejná stejné takový taková takové oba obě`,
	"sk": `iný iná iné iní ďalší ďalšia ďalšie rovnaký rovnaká rovnaké taký taká také obaja obe`,
	"hr": `drugi druga drugo isti ista isto takav takva takvo oba obje`,
	"bg": `друг друга друго други същият същата същото същите такъв такава такова такива двамата двете`,
	"ro": `alt altă alți alte același aceeași aceiași aceleași asemenea ambii ambele`,
	"hu": `másik ugyanez ugyanaz ilyen mindkét mindkettő`,
	"fi": `toinen toiset sama samat samoin molemmat tällainen tällaiset`,
	"el": `άλλος άλλη άλλο άλλοι άλλες άλλα ίδιος ίδια ίδιο ίδιοι ίδιες τέτοιος τέτοια τέτοιο και_οι_δύο και_τα_δύο`,
	"tr": `aynı diğer başka böyle öteki her_iki ikisi`,
	"ar": `الآخر الأخرى وفي_السياق في_السياق وفي_المقابل في_المقابل من_جهته من_جهتها من_جانبه من_جانبها من_جهة_أخرى من_ناحية_أخرى كلاهما وجاء_هذا وجاءت_هذه ويأتي_هذا وتأتي_هذه يأتي_هذا تأتي_هذه`,
	"he": `אותו אותה אותם אחר אחרת שני_הצדדים שניהם`,
	"fa": `دیگر همان چنین همین هر_دو`,
	"hi": `दूसरा दूसरी दूसरे अन्य दोनों ऐसा ऐसी ऐसे वही`,
	"id": `lain sama tersebut keduanya kedua_pihak sementara_itu`,
	"vi": `khác cùng_ngày cả_hai`,
	"ko": `다른 같은 이런 이러한 두_사람은 두_회사는 양측은 양사는 반면`,
})

var sameness = listWords(map[string]string{
	"en": `same`, "de": `gleiche gleichen gleicher gleiches`, "fr": `même mêmes`, "es": `mismo misma mismos mismas`, "it": `stesso stessa stessi stesse`,
	"pt": `mesmo mesma mesmos mesmas`, "nl": `zelfde`, "id": `yang_sama`,
})

// partnersWithoutSpaces are what partners are in scripts that have none: what a sentence
// begins with.
var partnersWithoutSpaces = map[string][]string{
	"zh": {"另一", "另有", "其他", "同样", "同樣", "类似", "類似", "两者", "兩者", "两人", "兩人", "双方", "雙方", "后者", "後者", "前者", "该", "該", "上述", "与此", "與此"},
	"ja": {"別の", "他の", "ほかの", "もう一", "同じ", "同様", "同市", "同県", "同町", "同村", "同国", "同局", "同庁", "同校", "同大は", "同大の", "同法", "同店", "同月", "同年", "同機", "同船", "同館",
		"両社", "両国", "両氏", "両者", "両県", "両市", "両チーム", "このほか", "これら", "後者", "前者", "当該", "あわせて"},
	"th": {"อีกคน", "อีกราย", "อีกด้าน", "เช่นเดียวกัน", "ทั้งสองฝ่าย", "ทั้งคู่", "รายหลัง"},
}

// adders say that there was something before, whatever it was: a summary does not begin with
// their sentences.
var adders = listWords(map[string]string{
	"en": `also`, "de": `auch ebenfalls`, "fr": `aussi également`, "es": `también`, "it": `anche inoltre`, "pt": `também`, "nl": `ook eveneens`,
	"ru": `также тоже`, "uk": `також теж`, "pl": `także również też`, "sv": `också även`, "da": `også`, "no": `også`, "cs": `také rovněž`, "sk": `tiež`,
	"hr": `također`, "id": `juga`,
})

// notAdding stand next to an adder that adds to nothing before the sentence: not only … but
// also, also known as, а также.
var notAdding = listWords(map[string]string{"": `but only nur sondern mais seulement sino solo sólo ma mas só maar alleen а но не только tylko ale utan kun bara jen
	and und et y e en og och i und known called named si wenn auch`})[""]

// anothers want the partner wherever near the beginning they stand, as English another does.
var anothers = listWords(map[string]string{"de": `anderen anderer anderes andere`, "fr": `autre`, "es": `otro otra`, "it": `altro altra`, "pt": `outro outra`, "nl": `andere`})

// indefinite articles make one of these of what else is a list: ein anderer Weg, but Kinder und
// andere.
var indefinite = listWords(map[string]string{"": `ein eine einen einem einer un une uno una um uma een`})[""]

// definite articles begin a sentence with something that is known.
var definite = listWords(map[string]string{
	"en": `the`, "de": `der die das`, "fr": `le la les l`, "es": `el la los las`, "it": `il lo la i gli le l`, "pt": `o a os as`, "nl": `de het`, "el": `ο η το οι τα`,
})

// vagueNouns behind a definite article stand for what was told before, unless what follows
// says which: the decision to close the port.
var vagueNouns = listWords(map[string]string{
	"en": `move decision ruling verdict announcement news result results outcome incident accident attack crash blast explosion shooting deal agreement plan
		plans proposal measure measures finding findings study report figure figures number comments comment remarks statement claim claims charge charges
		allegations change changes step project discovery effort request vote tragedy disaster event victory win defeat loss increase decrease rise fall drop
		cuts closure appointment resignation arrest arrests raid operation investigation test tests experiment investment order warning idea`,
	"de": `entscheidung schritt massnahme massnahmen urteil ankündigung nachricht ergebnis vorfall unfall unglück angriff anschlag explosion vereinbarung abkommen plan
		pläne vorschlag studie bericht zahl zahlen äusserung äusserungen erklärung vorwurf vorwürfe änderung projekt abstimmung tragödie sieg niederlage anstieg
		rückgang schliessung ernennung rücktritt festnahme festnahmen untersuchung warnung idee einigung tat`,
	"fr": `décision mesure mesures annonce nouvelle résultat incident accident attaque explosion accord plan projet proposition étude rapport chiffre chiffres
		déclaration accusations changement vote drame tragédie victoire défaite hausse baisse fermeture nomination démission arrestation enquête idée`,
	"es": `decisión medida medidas anuncio noticia resultado incidente accidente ataque explosión acuerdo plan proyecto propuesta estudio informe cifra cifras
		declaración acusaciones cambio votación tragedia victoria derrota subida bajada aumento cierre nombramiento dimisión detención investigación idea`,
	"it": `decisione misura misure annuncio notizia risultato incidente attacco esplosione accordo piano progetto proposta studio rapporto cifra dichiarazione accuse
		cambiamento voto tragedia vittoria sconfitta aumento calo chiusura nomina dimissioni arresto indagine idea`,
	"pt": `decisão medida medidas anúncio notícia resultado incidente acidente ataque explosão acordo plano projeto projecto proposta estudo relatório número números
		declaração acusações mudança votação tragédia vitória derrota alta queda aumento fechamento nomeação renúncia prisão investigação ideia`,
	"nl": `beslissing besluit maatregel maatregelen aankondiging nieuws uitslag incident ongeluk aanval explosie akkoord plan plannen voorstel onderzoek rapport cijfer
		cijfers verklaring wijziging project stemming tragedie overwinning nederlaag stijging daling sluiting benoeming ontslag aanhouding idee`,
	"el": `απόφαση κίνηση μέτρο μέτρα ανακοίνωση είδηση αποτέλεσμα περιστατικό επίθεση έκρηξη συμφωνία σχέδιο πρόταση έρευνα έκθεση δήλωση αλλαγή ψηφοφορία τραγωδία νίκη ήττα`,
})

// sayingWhich follow a vague noun that says itself which it is.
var sayingWhich = listWords(map[string]string{
	"en": `of to by on over for that whether about against between from which into in at`, "de": `von über zu des der für gegen zum zur dass zwischen in im vom`,
	"fr": `de du des d sur que contre entre pour`, "es": `de del sobre que por contra entre para`, "it": `di del della dei degli delle dell sul sulla su che contro tra`,
	"pt": `de do da dos das sobre que contra entre para`, "nl": `van om over dat tegen tussen voor in`, "el": `του της των για να στο στη`,
})

// A reference is how a sentence refers back.
type reference struct {
	back  bool // it wants the sentence before it
	adds  bool // it wants any before it
	vague bool // what its opening names stands for what was told
	noun  int  // where in the sentence that is, 0 for nothing
}

// openingWords of a sentence are asked whether they refer back.
const openingWords = 8

// referenceIn reads the beginning of a sentence.
func referenceIn(s, language string) (r reference) {
	if begins := partnersWithoutSpaces[language]; begins != nil {
		r.back = slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(s, b) })
		return r
	}
	var room [openingWords]text.Word
	words := room[:0]
	for w := range text.Words(s, unstemmed) {
		if words = append(words, w); len(words) == openingWords {
			break
		}
	}
	r.back = wantsPartner(words, s, language)
	r.adds = addsToOthers(words, language)
	if len(words) > 2 && definite[language][words[0].Surface] {
		r.noun = words[1].Start
		r.vague = vagueNouns[language][words[1].Surface] && !sayingWhich[language][words[2].Surface] && words[2].Case == text.Lower
	}
	return r
}

// wantsPartner tells whether one of the words has its partner before the sentence.
func wantsPartner(words []text.Word, s, language string) bool {
	common, alone := commonIn(language), true
	if language == "en" && len(words) > 1 && (words[1].Surface == "first" || words[1].Surface == "one") && (strings.Contains(s, " the second ") || strings.Contains(s, " the other ")) {
		return true // of two
	}
	for i, w := range words {
		joined := w.End < len(s) && s[w.End] == '-' // same-sex
		before := ""
		if i > 0 {
			before = words[i-1].Surface
		}
		switch {
		case joined || i > 0 && w.Case != text.Lower:
		case alone && (partners[language][w.Surface] && !(w.Surface == "such" && i+1 < len(words) && words[i+1].Surface == "as") || phraseAt(words[i:], partners[language])):
			return true
		case alone && i > 0 && sameness[language][w.Surface] && (definite[language][before] || indefinite[before]) && !strings.Contains(s, " as "):
			return true
		case language == "en" && w.Surface == "another" && !slices.ContainsFunc(words[:i], func(w text.Word) bool { return w.Surface == "one" || w.Surface == "or" }):
			return true
		case i > 0 && anothers[language][w.Surface] && indefinite[before]:
			return true
		}
		alone = alone && i < 3 && (articles[w.Surface] || common[w.Surface] || number(w.Surface))
	}
	return false
}

// phraseAt tells whether words begin with a phrase of a list.
func phraseAt(words []text.Word, list map[string]bool) bool {
	if len(words) < 2 || list == nil {
		return false
	}
	two := words[0].Surface + "_" + words[1].Surface
	return list[two] || len(words) > 2 && list[two+"_"+words[2].Surface]
}

// addsToOthers tells whether the words say also.
func addsToOthers(words []text.Word, language string) bool {
	adding := adders[language]
	for i, w := range words {
		if adding[w.Surface] && w.Case == text.Lower {
			before, after := i > 0 && notAdding[words[i-1].Surface], i+1 < len(words) && notAdding[words[i+1].Surface]
			return !before && !after
		}
	}
	return false
}

// refer fills in how c refers back; known are the concepts that stood before it. What nothing
// stands before that may stand in a summary begins the text, and refers to nothing.
func (p *passage) refer(c *candidate, known int, language string) {
	c.noun = -1
	if len(p.candidates) == 0 {
		return
	}
	if c.refers = referenceIn(c.text, language); c.refers.noun == 0 {
		return
	}
	t := nextQuick(c.text, c.refers.noun)
	if id, ok := p.find(t.stem); ok && (id < known || c.refers.vague) && p.known[t.whole]&useCommon == 0 {
		c.noun = id
	}
}
