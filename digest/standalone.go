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
	if initials(bare) || glued(s) {
		return false
	}
	if strings.ContainsRune(sentenceEnds, end) {
		return !unicode.IsLower(firstOf(strings.TrimLeft(s, "\"'“‘«‹„(["))) // the tail of something that began elsewhere
	}
	// Thai has no mark for the end of a sentence.
	return unicode.In(end, unicode.Thai, unicode.Lao) && len(s) > 60
}

// initials tells whether s ends with those of a name, J. P., whose rest was cut.
func initials(s string) bool {
	last := s[strings.LastIndexByte(s, ' ')+1:]
	if len(last)%2 != 0 || len(last) < 4 || slices.Contains(states, last) {
		return false
	}
	for i := 0; i < len(last); i += 2 {
		if last[i] < 'A' || last[i] > 'Z' || last[i+1] != '.' {
			return false
		}
	}
	return true
}

// states are initials that a sentence may end with.
var states = []string{"U.S.", "U.K.", "U.N.", "U.A.E.", "U.S.A.", "E.U.", "D.C.", "L.A.", "N.Y.", "N.J.", "N.C.", "S.C.", "B.C.", "A.D.", "J.R.", "M.D.", "B.A.", "M.A."}

// glued tells whether two lines of a page were taken for one sentence: its captions have
// no full stop, and so an English word that only begins sentences stands in the middle The
// next line begins.
func glued(s string) bool {
	for i := 1; i+1 < len(s); i++ {
		if s[i] != ' ' || s[i-1] < 'a' || s[i-1] > 'z' || s[i+1] < 'A' || s[i+1] > 'Z' {
			continue
		}
		word, rest, ok := strings.Cut(s[i+1:], " ")
		if ok && rest != "" && 'a' <= rest[0] && rest[0] <= 'z' && slices.Contains(beginners, word) {
			return true
		}
	}
	return false
}

// beginners have a capital at the beginning of a sentence and, before a small word, hardly
// ever elsewhere.
var beginners = []string{"The", "An", "They", "He", "She", "It", "This", "These", "But", "And", "In", "On", "At", "When", "While", "After", "We"}

// balanced tells whether what s opens it closes, and the other way round: quotes and
// brackets that are not were cut.
func balanced(s string) bool {
	straight, round, angle, single, corner, double, full, low, left, right := 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
	for i, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			switch r {
			case '«':
				angle++
			case '»':
				angle--
			case '‹':
				single++
			case '›':
				single--
			case '「':
				corner++
			case '」':
				corner--
			case '『', '《':
				double++
			case '』', '》':
				double--
			case '（':
				full++
			case '）':
				full--
			case '„':
				low++
			case '“':
				left++
			case '”':
				right++
			}
		case r == '"':
			straight++
		case r == '(':
			round++
		case r == ')' && i > 0:
			round--
		}
	}
	if low == straight && left+right == 0 { // „So", as typewriters have it
		low, straight = 0, 0
	}
	return straight%2 == 0 && round == 0 && angle == 0 && single == 0 && corner == 0 && double == 0 && full == 0 &&
		(low+left == right || low == left+right || left == 0 && low == 0 && right%2 == 0)
}

// tabular tells lists of scores, bylines and headings: a third of their words are
// numbers, they begin with By and have only names, or all their letters are capitals.
func tabular(x stretch, words, digits int, s string) bool {
	if digits >= 4 && 3*digits >= words {
		return true
	}
	if strings.HasPrefix(s, "By ") && x.small == 0 {
		return true
	}
	return words >= fewestWords && x.names > 2 && strings.IndexFunc(s, unicode.IsLower) < 0
}

// spacedWords counts what stands between spaces, and how many of it have a digit.
func spacedWords(s string) (all, digits int) {
	in, counted := false, false
	for i := 0; i < len(s); {
		b, size, space := s[i], 1, false
		if b < utf8.RuneSelf {
			space = b == ' '
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			space = unicode.IsSpace(r)
		}
		i += size
		if space {
			in = false
			continue
		}
		if !in {
			in, counted = true, false
			all++
		}
		if b-'0' <= 9 && !counted {
			counted = true
			digits++
		}
	}
	return all, digits
}

// boilerplates are beginnings and parts of lines which belong to a page. A line of the news
// hardly ever has them.
var (
	boilerplateStarts = byFirst(folded(
		"read more", "read also", "read the full", "also read", "read next", "continue reading", "click here", "tap here",
		"share this", "follow us", "follow live", "follow the latest", "follow our live", "here is what we know", "here's what we know", "here’s what we know", "sign up", "subscribe", "post a comment", "leave a comment", "log in", "related:",
		"image source", "image caption", "image credit", "photo:", "photo by", "photo credit", "picture:", "file photo",
		"story highlights", "scroll down", "advertisement", "copyright ©", "copyright (c)", "copyright 20", "all rights reserved", "©", "this article was originally", "this article originally",
		"this story was originally", "this story originally", "first published", "download our", "listen to", "watch:", "watch the video", "see also",
		"weiterlesen", "lesen sie", "mehr zum thema", "foto:", "bild:", "hier geht es", "lire la suite", "lire aussi", "a lire",
		"abonnez", "credit photo", "photo :", "leer mas", "lea tambien", "lee tambien", "sigue leyendo", "suscribete",
		"leggi anche", "leggi tutto", "continua a leggere", "leia mais", "leia tambem", "lees meer", "lees ook", "las mer",
		"czytaj", "devamini oku", "читать далее", "читайте также", "подписывайтесь", "фото:", "اقرأ", "المزيد",
		"阅读全文", "点击", "責任編輯", "责任编辑", "続きを読む", "写真", "더 읽기",
		"más información", "te puede interesar", "síguenos", "foto di", "iscriviti", "guarda anche", "seguici", "veja também", "siga o",
		"saiba mais", "bekijk ook", "volg ons", "fot.", "zobacz też", "zobacz także", "przeczytaj", "haberin devamı", "ilgili haber",
		"подробнее", "источник:", "смотрите также", "читайте також", "підписуйтесь", "джерело:", "تابعونا", "صورة:", "शेयर करें", "और पढ़ें",
		"यह भी पढ़ें", "फोटो:", "来源：", "原标题", "延伸閱讀", "更多新聞", "関連記事", "【写真", "사진=", "무단 전재", "관련기사", "저작권자",
	))
	boilerplateParts = folded(
		"appeared first on", "originally appeared on", "(pictured", "(not pictured", "pictured left", "pictured right", "scroll down for", "originally published", "header ads", "0 comments", "use cookies",
		"uses cookies", "cookie policy", "privacy policy", "terms of service", "terms of use", "your inbox", "our newsletter", "newsletter sign",
		"enable javascript", "your browser", "getty images", "all rights reserved", "affiliate links", "earn a commission",
		"this article contains", "download the app", "our whatsapp", "our telegram", "google news", "(photo by", "(image credit",
		"submitted by /u/", "[link]", "[comments]", "alle rechte vorbehalten", "erschien zuerst auf", "est apparu en premier",
		"aparecio primero en", "unseren newsletter", "notre newsletter", "nuestro boletin", "無断転載", "무단전재", "无断转载",
	)
)

// folded are words as boilerplate compares them.
func folded(words ...string) []string {
	for i, w := range words {
		words[i] = text.Fold(w)
	}
	return words
}

// byFirst are beginnings by what they begin with.
func byFirst(beginnings []string) map[rune][]string {
	by := map[rune][]string{}
	for _, b := range beginnings {
		by[firstOf(b)] = append(by[firstOf(b)], b)
	}
	return by
}

// boilerplate tells whether s belongs to the page around the news. Only what is suspected
// is searched for parts.
func boilerplate(s string, suspected bool) bool {
	const longest = 60 // bytes of a beginning
	s = strings.TrimLeft(s, " -–—•·*|>»\"“(")
	begin, _ := shorten(s, longest)
	begin = text.Fold(begin)
	if slices.ContainsFunc(boilerplateStarts[firstOf(begin)], func(b string) bool { return strings.HasPrefix(begin, b) }) {
		return true
	}
	if aboutSomebody(s) {
		return true
	}
	if !suspected {
		return false
	}
	line := text.Fold(s)
	if strings.Contains(line, "http://") || strings.Contains(line, "https://") || strings.Contains(line, "www.") {
		return true
	}
	return slices.ContainsFunc(boilerplateParts, func(b string) bool { return strings.Contains(line, b) })
}

// abouts begin what a press release says of who sent it.
var abouts = []string{"About ", "Über ", "À propos de ", "A propos de ", "Acerca de ", "Sobre ", "Informazioni su ", "Chi è ", "Over ", "О компании ", "Om ", "O firmie "}

// aboutSomebody tells "About Norhaven Robotics: Founded in 2009, …", which is no news.
func aboutSomebody(s string) bool {
	const longest = 60 // bytes of a name
	for _, a := range abouts {
		name, found := strings.CutPrefix(s, a)
		if !found {
			continue
		}
		name, rest, colon := strings.Cut(name, ": ")
		return colon && len(name) <= longest && unicode.IsUpper(firstOf(name)) && unicode.IsUpper(firstOf(rest)) && !strings.ContainsAny(name, ",.") && strings.Count(name, " ") <= 4
	}
	return false
}

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

// unstemmed is the language of text in no language: words without stems.
const unstemmed = text.Unstemmed

// quotes tells whether s has something that somebody said.
func quotes(s string) bool {
	for i, r := range s {
		switch r {
		case '"', '“', '„', '«', '‘', '「':
			return true
		case '\'':
			if i > 0 && s[i-1] == ' ' {
				return true
			}
		}
	}
	return false
}
