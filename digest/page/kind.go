package page

import (
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

// failures are what titles and short pages say that show no article.
var failures = regexp.MustCompile(`^(error )?(40[0-9]|410|429|50[0-9])\b|\b(page|article|story|file|content) (was |is |could |can )?(not |no longer |cannot be |not be )+(found|exist|exists|available)|page (does not|doesn'?t) exist|\bnot found\b|access (to this page has been )?denied|forbidden$|just a moment|attention required|are you (a )?(robot|human)|verify (that )?you are (a )?human|unusual traffic|checking your browser|security check|captcha|seite (wurde )?nicht gefunden|page introuvable|page non trouvee|pagina no (encontrada|existe)|pagina non trovata|pagina nao encontrada|страница не найдена|页面不存在|ページが見つかりません|service unavailable|too many requests|bad gateway|(nothing|no such article) (was )?(found|here)?$|(site|page) is (under maintenance|temporarily unavailable)`)

// kindOf judges what the page is.
func kindOf(p Page, b body, f facts, r reduced) Kind {
	short := b.page.all < 250
	telling := b.words >= fewestWords && sayings(b.text, p.Language) >= fewestSayings
	switch {
	case short && (failures.MatchString(text.Fold(f.ownTitle)) || failures.MatchString(text.Fold(p.Title)) || b.words < 2*fewestWords && failures.MatchString(text.Fold(b.page.shown))):
		return Failure
	case !telling && b.page.all < 60 && (r.scripts > 2000 || wantsScript(r.noscript) || wantsScript(b.page.shown)):
		return Script
	case (b.sold || f.sold) && b.words < soldWords:
		return Paywall
	case !telling && b.page.links >= 8, telling && isIndex(p, b, f):
		return List
	case telling:
		return Article
	case wantsScript(b.page.shown):
		return Script
	}
	return Other
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

func wantsScript(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "javascript") && (strings.Contains(s, "enable") || strings.Contains(s, "need") || strings.Contains(s, "require") || strings.Contains(s, "aktiv") || strings.Contains(s, "activ"))
}
