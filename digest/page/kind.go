package page

import (
	"fmt"
	"regexp"
	"strings"

	"tidings/digest/text"
)

// What a text must have to be an article's.
const (
	fewestWords   = 40 // of an article
	soldWords     = 250
	fewestSayings = 2 // whole sentences
)

// failures are what titles and short pages say that show no article, folded.
var failures = regexp.MustCompile(`^(error )?(40[0-9]|410|429|50[0-9])\b|\b(page|article|story|file|content) (was |is |could |can )?(not |no longer |cannot be |not be )+(found|exist|exists|available)|page (does not|doesn'?t) exist|\bnot found\b|access (to this page has been )?denied|forbidden$|just a moment|attention required|are you (a )?(robot|human)|verify (that )?you are (a )?human|unusual traffic|checking your browser|security check|captcha|service unavailable|too many requests|bad gateway|(nothing|no such article) (was )?(found|here)?$|(site|page) is (under maintenance|temporarily unavailable)` +
	`|seite (wurde |konnte )?(leider )?nicht gefunden|seite (gibt es|existiert) nicht|(kein|ein) (roboter|mensch) (sind|bist)|sind sie ein mensch|page (introuvable|non trouvee)|page .{0,30}n.existe (pas|plus)|pas un robot|pagina .{0,20}no (encontrada|existe|se encuentra)|no (eres|es|soy) un robot|pagina non (trovata|esiste)|non sei un robot|pagina nao (encontrada|existe)` +
	`|pagina (is )?niet gevonden|pagina .{0,20}bestaat niet|nie znaleziono( strony|$)|strona .{0,30}nie istnieje|sidan (kunde inte hittas|finns inte|hittades inte)|siden (blev ikke fundet|ble ikke funnet|findes ikke|finnes ikke)|sivua ei (loydy|loytynyt)|stranka (nebyla nalezena|nenalezena|neexistuje)|az oldal nem talalhato|pagina nu (a fost gasita|exista)|sayfa bulunamad` +
	`|страниц[аы] не (найдена|существует)|сторінку не знайдено|не робот|η σελιδα δεν βρεθηκε|הדף לא נמצא|الصفحة .{0,30}غير موجودة|页面不存在|頁面不存在|找不到.{0,4}(页面|頁面)|(ページ|記事)(は|が)見つかりません|페이지를 찾을 수 없`)

// longestFailure are the words of a title that says so; longer ones are of news.
const longestFailure = 7

func titleFails(title string) bool {
	return text.CountWords(title) <= longestFailure && failures.MatchString(text.Fold(title))
}

// consents are what pages say, in the first person, that ask for consent to
// cookies and advertising before they show anything, folded.
var consents = regexp.MustCompile(`\b(we and our( \d+)? partners|wir und unsere( \d+)? partner|nous et nos( \d+)? partenaires|(nosotros y )?nuestros( \d+)? (socios|proveedores)|noi e i nostri( \d+)? partner|nos e (os )?nossos( \d+)? parceiros|wij en onze( \d+)? partners|my i nasi( \d+)? partnerzy|vi och vara( \d+)? (partner|samarbetspartner)|vi og vare( \d+)? partnere|me ja (meidan )?kumppanimme|мы и наши( \d+)? партнер)|(mit werbung weiterlesen|weiter mit werbung)|(当社|弊社|私たち).{0,20}パートナー|我们.{0,6}合作伙伴`)

// ofConsent are what such pages speak of.
var ofConsent = regexp.MustCompile(`cookie|personal data|personenbezogen|donnees personnelles|informations personnelles|datos personales|dati personali|dados pessoais|persoonsgegevens|dane osobowe|danych osobowych|personuppgift|personlige oplysninger|персональн|個人(データ|情報)|个人(数据|信息)`)

// asksConsent tells a page that is a question about cookies; not an article that
// has one beside it.
func asksConsent(b body, telling bool) bool {
	said := text.Fold(b.page.shown)
	if b.page.all > longestConsent || !consents.MatchString(said) || !ofConsent.MatchString(said) {
		return false
	}
	return !telling || consents.MatchString(text.Fold(b.text))
}

// longestConsent are the words of a page that is a question about cookies.
const longestConsent = 800

// kindOf judges what the page is, and tells by what.
func kindOf(p Page, b body, f facts, r reduced) (Kind, string) {
	short := b.page.all < 250
	whole := sayings(b.text, p.Language)
	telling := b.words >= fewestWords && whole >= fewestSayings
	found := counted(b.words, "word") + " in " + counted(whole, "whole sentence")
	switch {
	case short && (titleFails(f.ownTitle) || titleFails(p.Title)):
		return Failure, "its title says so, and the page is short"
	case short && b.words < 2*fewestWords && failures.MatchString(text.Fold(b.page.shown)):
		return Failure, "it says so in few words"
	case asksConsent(b, telling):
		return Consent, "it speaks of partners and personal data in the first person"
	case !telling && b.page.all < 60 && (r.scripts > 2000 || wantsScript(r.noscript) || wantsScript(b.page.shown)):
		return Script, fmt.Sprintf("%s and %d bytes of scripts", counted(b.page.all, "word"), r.scripts)
	case f.sold && b.words < soldWords:
		return Paywall, "its linked data say that it is not free, and it shows " + found
	case b.sold && b.words < soldWords:
		return Paywall, "a line offers the rest for money, and it shows " + found
	case !telling && (b.page.links >= 8 || len(b.cards) > 0), telling && isIndex(p, b, f):
		return List, fmt.Sprintf("%s that lead elsewhere, with %d of the page's %s", counted(b.page.links, "headline"), b.page.linked, counted(b.page.all, "word"))
	case telling && ofCards(b.text, b.cards):
		return List, fmt.Sprintf("its text is that of %d cards of one shape, which lead elsewhere", len(b.cards))
	case telling:
		return Article, found
	case wantsScript(b.page.shown):
		return Script, "it asks for scripts, and shows " + found
	}
	return Other, fmt.Sprintf("it shows %s; an article has %d in %d at least", found, fewestWords, fewestSayings)
}

// sayings counts sentences of at least five words.
func sayings(s, language string) int {
	n := 0
	for _, x := range text.Sentences(s, language) {
		if sentence := strings.TrimSpace(s[x.Start:x.End]); text.CountWords(sentence) >= 5 && endsWhole(sentence) {
			n++
		}
	}
	return n
}

func endsWhole(s string) bool {
	s = strings.TrimRight(s, "\"'”’»›)]）」』】 ")
	for _, end := range []string{".", "!", "?", "。", "！", "？", "।", "۔", "؟", "։", "။"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	// Thai has no mark for the end of a sentence.
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x0E00 && r <= 0x0EFF }) >= 0
}

// isIndex tells a page of teasers: most of its words lead elsewhere, there are
// many headlines among them, and nothing says that it is an article.
func isIndex(p Page, b body, f facts) bool {
	if strings.HasPrefix(f.kind, "article") || !p.Published.IsZero() && f.author != "" {
		return false
	}
	return b.page.links >= 20 && 2*b.page.linked > b.page.all && b.words < 2*b.page.linked
}

// wantsScript tells what is said to who runs no scripts.
func wantsScript(s string) bool {
	s = text.Fold(s)
	return strings.Contains(s, "javascript") && containsAny(s, scriptWords)
}

// scriptWords are parts of what is asked for then.
var scriptWords = strings.Fields("enable need require turn aktiv activ attiv habilit schakel wlacz zapn kapcsol kaytt etkin включ увімк 有効 启用 啟用 활성화 تفعيل לאפשר")
