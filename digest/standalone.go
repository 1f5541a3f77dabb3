package digest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// sentenceEnds may end a sentence; closers may follow.
const (
	sentenceEnds = ".!?。！？｡।۔؟።։᙮៕။"
	closers      = "\"'”’»›)]）」』】》“‹"
	ellipses     = "…⋯"
)

// whole tells whether s ends like a sentence and does not break off.
func whole(s string) bool {
	bare := strings.TrimRight(s, closers)
	if strings.HasSuffix(bare, "...") || strings.HasSuffix(bare, "..") {
		return false
	}
	end, _ := utf8.DecodeLastRuneInString(bare)
	if !balanced(s) || strings.ContainsRune(ellipses, end) || strings.Contains(s, "[…") || strings.Contains(s, "[...") {
		return false
	}
	if strings.ContainsRune(sentenceEnds, end) {
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "\"'“‘«‹„(["))
		return !unicode.IsLower(first) // the tail of something that began elsewhere
	}
	// Thai has no mark for the end of a sentence.
	return unicode.In(end, unicode.Thai, unicode.Lao) && len(s) > 60
}

// balanced tells whether what s opens it closes, and the other way round: quotes and
// brackets that are not were cut.
func balanced(s string) bool {
	if strings.Count(s, "\"")%2 != 0 || strings.Count(s, "(") != strings.Count(s, ")") || strings.Count(s, "«") != strings.Count(s, "»") ||
		strings.Count(s, "「") != strings.Count(s, "」") {
		return false
	}
	low, left, right := strings.Count(s, "„"), strings.Count(s, "“"), strings.Count(s, "”")
	return low+left == right || low == left+right || left == 0 && low == 0 && right%2 == 0
}

// tabular tells lists of scores, bylines and headings: a third of their words are
// numbers, they begin with By and have only names, or all their letters are capitals.
func tabular(x stretch, words int, s string) bool {
	if n := digitWords(s); n >= 4 && 3*n >= words {
		return true
	}
	if strings.HasPrefix(s, "By ") && x.small == 0 {
		return true
	}
	return words >= fewestWords && x.names > 2 && strings.IndexFunc(s, unicode.IsLower) < 0
}

// digitWords counts what has a digit and stands between spaces.
func digitWords(s string) int {
	n, has := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			has = false
		case '0' <= c && c <= '9' && !has:
			has = true
			n++
		}
	}
	return n
}

// boilerplates are beginnings and parts, folded, of lines which belong to a
// page. A line of the news hardly ever has them.
var (
	boilerplateStarts = []string{
		"read more", "read also", "read the full", "also read", "read next", "continue reading", "click here", "tap here",
		"share this", "follow us", "follow live", "sign up", "subscribe", "post a comment", "leave a comment", "log in", "related:",
		"the post ", "image source", "image caption", "image credit", "photo:", "photo by", "photo credit", "picture:", "file photo",
		"story highlights", "scroll down", "advertisement", "copyright", "all rights reserved", "©", "this article was originally", "this article originally",
		"this story was originally", "this story originally", "first published", "download our", "listen to", "watch:", "watch the video", "see also",
		"weiterlesen", "lesen sie", "mehr zum thema", "foto:", "bild:", "hier geht es", "lire la suite", "lire aussi", "a lire",
		"abonnez", "credit photo", "photo :", "leer mas", "lea tambien", "lee tambien", "sigue leyendo", "suscribete",
		"leggi anche", "leggi tutto", "continua a leggere", "leia mais", "leia tambem", "lees meer", "lees ook", "las mer",
		"czytaj", "devamini oku", "читать далее", "читайте также", "подписывайтесь", "фото:", "اقرأ", "المزيد",
		"阅读全文", "点击", "責任編輯", "责任编辑", "続きを読む", "写真", "더 읽기",
	}
	boilerplateParts = []string{
		"appeared first on", "originally appeared on", "(pictured", "pictured left", "pictured right", "scroll down for", "originally published", "header ads", "0 comments", "use cookies",
		"uses cookies", "cookie policy", "privacy policy", "terms of service", "terms of use", "your inbox", "our newsletter", "newsletter sign",
		"enable javascript", "your browser", "getty images", "all rights reserved", "affiliate links", "earn a commission",
		"this article contains", "download the app", "our whatsapp", "our telegram", "google news", "(photo by", "(image credit",
		"submitted by /u/", "[link]", "[comments]", "alle rechte vorbehalten", "erschien zuerst auf", "est apparu en premier",
		"aparecio primero en", "unseren newsletter", "notre newsletter", "nuestro boletin",
	}
)

// boilerplate tells whether s belongs to the page around the news.
func boilerplate(s string) bool {
	folded := text.Fold(strings.TrimLeft(s, " -–—•·*|>»\"“("))
	if strings.Contains(folded, "http://") || strings.Contains(folded, "https://") || strings.Contains(folded, "www.") {
		return true
	}
	starts := func(b string) bool { return strings.HasPrefix(folded, b) }
	parts := func(b string) bool { return strings.Contains(folded, b) }
	return slices.ContainsFunc(boilerplateStarts, starts) || slices.ContainsFunc(boilerplateParts, parts)
}

// withoutDateline returns s without "PARIS (AP) — " in front, when what follows
// is a sentence of its own.
func withoutDateline(s string) string {
	const longest = 60 // bytes of a dateline
	for _, dash := range []string{" — ", " – ", " -- ", " - ", ") —"} {
		i := strings.Index(s, dash)
		if i <= 0 || i > longest {
			continue
		}
		rest := strings.TrimLeft(s[i+len(dash):], " -–—")
		if !dateline(s[:i+len(dash)]) || !whole(rest) {
			continue
		}
		if first, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(first) || unicode.IsDigit(first) {
			return rest
		}
	}
	return s
}

// dateline tells whether s is a place and perhaps an agency and a date: its
// first word is in capitals throughout, or an agency stands in brackets, and
// there is no small word but in the date.
func dateline(s string) bool {
	words := slices.Collect(text.Words(s, unstemmed))
	if len(words) == 0 || len(words) > 8 {
		return false
	}
	shouted := words[0].Case == text.Capitals && len(words[0].Surface) > 2
	agency := slices.ContainsFunc(words, func(w text.Word) bool { return agencies[w.Surface] })
	small := slices.ContainsFunc(words, func(w text.Word) bool { return w.Case == text.Lower && !number(w.Surface) })
	return !small && (shouted || agency && strings.ContainsAny(s, "(/"))
}

var agencies = map[string]bool{
	"ap": true, "afp": true, "reuters": true, "dpa": true, "upi": true, "efe": true, "ansa": true, "tass": true, "xinhua": true,
	"pti": true, "ani": true, "yonhap": true, "kyodo": true, "bloomberg": true, "cnn": true, "apa": true, "anp": true, "lusa": true,
}

// connectors begin sentences that say little without the one before, folded.
var connectors = listWords(map[string]string{
	"en": `he she it they his her its their him them this that these those but and or so also however meanwhile moreover
		furthermore additionally therefore thus then instead still yet besides nevertheless nonetheless otherwise both such here
		there afterwards`,
	"de": `er sie es sein seine ihr ihre dies diese dieser dieses aber und doch jedoch allerdings zudem ausserdem auch daher
		deshalb dennoch dabei damit dort so`,
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
})

// pronouns want a name before them, in whatever place.
var pronouns = listWords(map[string]string{
	"en": `he she they him his her their them`,
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
})

// articles begin sentences whose noun a pronoun may stand for.
var articles = listWords(map[string]string{"": `the a an der die das ein eine le la les un une el los las il lo gli o a os as um uma de het een`})[""]

// persons are words of those who speak of themselves.
var persons = listWords(map[string]string{
	"en": `i we my our me us`,
	"de": `ich wir mein meine meinen uns unser unsere`,
	"fr": `je j nous mon ma mes notre nos`,
	"es": `yo nosotros mi mis nuestro nuestra`,
	"it": `io noi mio mia nostro nostra`,
	"pt": `eu nos meu minha nosso nossa`,
	"nl": `ik wij we mijn ons onze`,
	"ru": `я мы мой моя наш наша нам меня мне`,
})

// opening quotes begin what somebody said, whom only the sentence before may name.
const openingQuotes = "\"'“‘«‹„「『"

// unstemmed is the language of text in no language: words without stems.
const unstemmed = "zxx"

// hangs tells whether s leans on the sentence before it: it begins with a quotation or
// a connector, or has a pronoun near its beginning for which no name stands before it.
func hangs(s, language string) bool {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune(openingQuotes, first) {
		return true
	}
	leans, ok := connectors[language]
	if !ok {
		leans = connectors["en"]
	}
	const near = 4 // words
	n, named := 0, false
	for w := range text.Words(s, unstemmed) {
		switch {
		case n == 0 && leans[w.Surface]:
			return true
		case n == 0 && articles[w.Surface], n == near, named:
			return false
		case n > 0 && pronouns[language][w.Surface]:
			return true
		}
		named = w.Case != text.Lower && (n > 0 || len(w.Surface) > 3) && !commonIn(language)[w.Surface]
		n++
	}
	return false
}

// quotes tells whether s has something that somebody said.
func quotes(s string) bool {
	return strings.ContainsAny(s, "\"“„«‘「") || strings.Contains(s, " '")
}
