package digest

import (
	"strings"

	"tidings/digest/text"
)

// plainWords are the words that stand in any news whatever the event, by
// language: articles, prepositions, auxiliaries and what reporters always write
// ("said"). Two articles are not alike because they share them. Weights learnt
// from the stream would say the same after some thousand articles; the list is
// for the first ones.
var plainWords = listWords(map[string]string{
	"en": `a an the of in on at to for from by with without within and or but nor as is are was were be been being am has
		have had having will would can could may might must shall should do does did done not no its it his her him he she
		they them their this that these those there here who whom which what when where how why after before over under into
		out up down off about against between during through while since until more most less than new says say said saying
		told tells tell just also only even still now then so if all any some each other another such very too much many own
		i me my you your we us our one two three first last next year years month months week weeks day days today yesterday
		tomorrow monday tuesday wednesday thursday friday saturday sunday time times according report reports reported
		reportedly news latest update updates live video photos watch get gets got make makes made take takes took go goes
		set back amid via per mr mrs ms`,
	"de": `der die das den dem des ein eine einen einem einer eines und oder aber auch als am an auf aus bei beim bis da dann
		dass durch er es sie ihr ihre ihrer ihren fuer für gegen hat haben hatte hatten ich im in ins ist sind war waren kann
		können kein keine mehr mit nach nicht noch nun nur ob ohne sei sein seine seiner seinen seit sich so über um unter
		vom von vor was wegen wenn wer werden wird wurde wurden wie will wir wo wollen soll sollen sagte sagt zu zum zur
		zwischen neue neuen neuer neues jahr jahre jahren tag tage tagen heute gestern laut uhr`,
	"fr": `le la les l un une des de du d et ou mais où que qui quoi dont ce cet cette ces se s sa son ses leur leurs il elle
		ils elles on nous vous je j à a au aux en dans par pour sur sous avec sans chez entre vers contre depuis pendant
		après avant plus moins très est sont été être était ont avait avoir fait faire ne n pas si comme selon dit ans an
		jour jours nouveau nouvelle nouveaux deux aussi y tout tous toute`,
	"es": `el la los las un una unos unas de del al a y o u e pero que qué quien como cómo cuando donde en con sin por para
		sobre entre desde hasta tras ante contra durante es son fue fueron ser sido era está están estar ha han había haber
		hay se su sus lo le les no ni si sí más menos muy ya este esta estos estas ese esa eso según dijo dice año años día
		días hoy ayer nuevo nueva dos también`,
	"it": `il lo la i gli le un uno una di del dello della dei degli delle da dal dalla dai dalle a al allo alla ai alle in nel
		nella nei nelle con su sul sulla sui per tra fra e ed o ma che chi cui come quando dove è sono era erano essere
		stato stata stati ha hanno aveva avere si non né se più meno anche dopo prima contro secondo detto anni anno giorno
		giorni oggi ieri nuovo nuova due l d`,
	"pt": `o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas para com sem sobre entre até
		desde após contra e ou mas que quem como quando onde é são foi foram ser sido era está estão estar tem têm há ter
		se seu sua seus suas não nem mais menos muito já ao aos à às este esta esse essa isso segundo disse diz ano anos dia
		dias hoje ontem novo nova dois`,
	"nl": `de het een en of maar dat die dit deze van voor met zonder aan in op te bij uit door over onder tegen tussen naar
		om tot na is zijn was waren wordt worden werd werden heeft hebben had niet geen ook nog al meer er hij zij ze hun
		haar zich wat wie hoe waar als dan jaar jaren dag dagen nieuwe volgens zegt`,
	"ru": `и в во на с со к ко по за из от до о об у не ни но а же ли бы что чтобы как так это этот эта эти тот для при над под
		без через после перед между он она они оно его её их мы вы я был была были было быть есть будет будут уже еще ещё
		или если когда где кто который которая которые свой также более год года лет день сообщил заявил`,
	"ar": `في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين أن ان إن لا ما لم لن قد كان كانت بعد قبل خلال بين عند حتى كما
		أو او ثم هو هي هم وقد وكان قال قالت اليوم`,
})

func listWords(lists map[string]string) map[string]map[string]bool {
	listed := map[string]map[string]bool{}
	for lang, words := range lists {
		listed[lang] = map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			listed[lang][text.Fold(w)] = true
		}
	}
	return listed
}

// commonIn returns the common words of a language, folded; those of English
// where we have no list, for its words stand everywhere.
func commonIn(language string) map[string]bool {
	if words, ok := plainWords[language]; ok {
		return words
	}
	return plainWords["en"]
}
