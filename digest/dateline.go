package digest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// longestDateline is how many bytes a dateline may have.
const longestDateline = 72

// withoutDateline returns s without "PARIS (AP) — " in front, when what follows is a
// sentence of its own.
func withoutDateline(s string) string {
	if rest := behindSeal(s); rest != s && whole(rest) {
		return rest
	}
	for range 2 { // (ANSA) - ROMA, 3 MAR -
		rest := behindDash(s)
		if rest == s {
			break
		}
		s = rest
	}
	return behindClock(s)
}

// clockStamp is the time before an entry of a live blog, perhaps with a zone and a sign.
var clockStamp = regexp.MustCompile(`^(?:[01]?\d|2[0-3])([:.h])[0-5]\d(?::[0-5]\d)?(?: ?((?i:uhr|a\.m\.|p\.m\.|am|pm|gmt|utc|bst|cet|cest|est|edt|et|msk)\b\.?))?( ?[-–—|:：•·])?[  ]+`)

// behindClock cuts off such a time, when a sign, or a word with a capital that belongs to
// no number, follows it: 14:32 The bridge is closed.
func behindClock(s string) string {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return s
	}
	m := clockStamp.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	rest := s[len(m[0]):]
	if m[3] == "" && (m[1] == "." || m[2] != "" || !unicode.IsUpper(firstOf(rest))) || !whole(rest) {
		return s
	}
	return rest
}

// behindDash cuts off one dateline that ends with a dash, a colon or the bracket of an
// agency.
func behindDash(s string) string {
	head := s[:min(len(s), longestDateline+len(" — "))]
	if !strings.ContainsAny(head, "—–-:)]") {
		return s
	}
	for _, dash := range []string{" — ", " – ", " -- ", " - ", ") —", ".- ", ".-", ": ", ") ", "] "} {
		i := strings.Index(head, dash)
		if i <= 0 || i > longestDateline {
			continue
		}
		line, rest := s[:i+len(dash)], strings.TrimLeft(s[i+len(dash):], " -–—:_=")
		if !dateline(line) || dash == ": " && (!shouts(line) || speaksOfMe(rest)) || !whole(rest) {
			continue
		}
		if beginsSentence(rest) {
			return rest
		}
	}
	return s
}

// SpacedDateline returns an article's text with the space that its publisher left out behind
// an agency at its beginning: (CNN)The ferry, (AP)—The ferry. Summaries are of whole words of
// a text, so it is mended where an article's text is made, and not where they are.
func SpacedDateline(s string) string {
	i := strings.IndexAny(s[:min(len(s), longestDateline+1)], ")]") + 1
	if i == 0 || !dateline(s[:i]) || !ofAgency(s[:i]) {
		return s
	}
	rest := strings.TrimLeft(s[i:], "-–—")
	if !beginsSentence(rest) {
		return s
	}
	return strings.TrimSpace(s[:i]+" "+s[i:len(s)-len(rest)]) + " " + rest
}

// speaksOfMe tells whether somebody says s of himself: then the name before it is no place.
func speaksOfMe(s string) bool {
	for w := range text.Words(s, unstemmed) {
		if persons["en"][w.Surface] {
			return true
		}
	}
	return false
}

// seals are datelines of scripts without capitals: how they begin and how they end.
var seals = []struct{ begin, end string }{
	{"【", "】"},
	{"新华社", "电"}, {"新華社", "電"}, {"中新社", "电"}, {"中新网", "电"}, {"中央社", "電"}, {"（中央社", "）"}, {"本报讯", "　"}, {"本报讯", " "},
	{"(", "기자 = "}, {"(", "기자 ="}, {"[", "기자 = "}, {"[", "기자]"},
}

// behindSeal cuts off a dateline of seals and who reports behind it in brackets.
func behindSeal(s string) string {
	for _, x := range seals {
		if !strings.HasPrefix(s, x.begin) {
			continue
		}
		i := strings.Index(s, x.end)
		if i < 0 || i > longestDateline {
			continue
		}
		rest := strings.TrimLeft(s[i+len(x.end):], " 　")
		if by, ok := strings.CutPrefix(rest, "（"); ok && x.end == "电" {
			if _, behind, ok := strings.Cut(by, "）"); ok && len(by)-len(behind) <= longestDateline {
				rest = strings.TrimLeft(behind, " 　")
			}
		}
		return rest
	}
	return s
}

// dateline tells whether s is a place and perhaps an agency and a date: its first word is
// in capitals throughout, or an agency stands in brackets or alone, and there is no small word
// but the month beside its day and an agency's own: (dpa/lnw).
func dateline(s string) bool {
	words := slices.Collect(text.Words(s, unstemmed))
	if len(words) == 0 || len(words) > 8 {
		return false
	}
	agency, alone := false, true
	for i, w := range words {
		if agencies[w.Surface] {
			agency = true
			continue
		}
		alone = false
		small := w.Case == text.Lower && !number(w.Surface)
		month := i > 0 && number(words[i-1].Surface) || i+1 < len(words) && number(words[i+1].Surface)
		desk := i > 0 && agencies[words[i-1].Surface] && s[w.Start-1] != ' '
		if small && !month && !desk && !w.Gram && unicode.In(firstOf(w.Surface), unicode.Latin, unicode.Cyrillic, unicode.Greek) {
			return false
		}
	}
	return shouts(s) || agency && (alone || strings.ContainsAny(s, "([/"))
}

// ofAgency tells whether s ends with brackets that begin with an agency.
func ofAgency(s string) bool {
	i := strings.LastIndexAny(s, "([")
	if i < 0 {
		return false
	}
	for w := range text.Words(s[i:], unstemmed) {
		return agencies[w.Surface]
	}
	return false
}

// shouts tells whether the first word of s is in capitals throughout.
func shouts(s string) bool {
	for w := range text.Words(s, unstemmed) {
		return w.Case == text.Capitals && utf8.RuneCountInString(w.Surface) > 2
	}
	return false
}

// beginsSentence tells whether s begins with a letter that is not small, or a digit.
func beginsSentence(s string) bool {
	first := firstOf(s)
	return !unicode.IsLower(first) && (unicode.IsLetter(first) || unicode.IsDigit(first))
}

func firstOf(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

var agencies = map[string]bool{
	"ap": true, "afp": true, "reuters": true, "dpa": true, "upi": true, "efe": true, "ansa": true, "tass": true, "xinhua": true,
	"pti": true, "ani": true, "yonhap": true, "kyodo": true, "bloomberg": true, "cnn": true, "apa": true, "anp": true, "lusa": true,
	"bbc": true, "npr": true, "aap": true, "sid": true, "epd": true, "kna": true, "ats": true, "ians": true, "jiji": true, "bernama": true, "adnkronos": true, "agi": true, "rtr": true,
	"ria": true, "риа": true, "рбк": true, "укринформ": true, "فرانس": true, "أفب": true,
	"pap": true, "aa": true, "belga": true, "ritzau": true, "ntb": true, "tt": true, "ukrinform": true, "тасс": true, "интерфакс": true,
	"رويترز": true, "وام": true, "واس": true, "भाषा": true,
}
