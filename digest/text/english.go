package text

// English is what most stories are written in, and a word that is not remembered must be
// stemmed before any topic can be asked about it. So Snowball's rules for English stand here
// once more, on bytes in place, for words of the letters a to z: they take a tenth of the
// time and no memory. A test holds them against the library.

// stemEnglish returns the stem of a word of three letters or more, up to stemmableBytes, all
// of them from a to z.
func stemEnglish(word string) string {
	if stem, ok := englishWhole(word); ok {
		return stem
	}
	e := englishWord{n: len(word)}
	copy(e.b[:], word)
	e.markConsonants()
	e.markRegions()
	if e.takePlural(); !e.kept() {
		e.takeVerbal()
		e.takeY()
		if r := e.longest(&englishSecond); r != nil && e.behind(r) >= e.p1 && (r.after == "" || e.endsIn(r.after, e.behind(r))) {
			e.replace(r)
		}
		if r := e.longest(&englishThird); r != nil && e.behind(r) >= e.p1 && (r.suffix != "ative" || e.behind(r) >= e.p2) {
			e.replace(r)
		}
		if r := e.longest(&englishFourth); r != nil && e.behind(r) >= e.p2 && (r.after == "" || e.endsIn(r.after, e.behind(r))) {
			e.replace(r)
		}
		e.takeLast()
	}
	return e.stem(word)
}

// An englishWord is a word being stemmed.
type englishWord struct {
	b      [stemmableBytes + 1]byte // a y that is a consonant is a capital
	n      int
	p1, p2 int // behind the first vowel and consonant, and behind the next two
}

// stem returns what is left, as a part of the word where it is one.
func (e *englishWord) stem(word string) string {
	for i, c := range e.b[:e.n] {
		if c == 'Y' {
			e.b[i] = 'y'
		}
	}
	if e.n <= len(word) && string(e.b[:e.n]) == word[:e.n] {
		return word[:e.n]
	}
	return string(e.b[:e.n])
}

func englishVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'
}

func (e *englishWord) vowel(i int) bool { return englishVowel(e.b[i]) }

// markConsonants makes each y a capital that begins the word or follows a vowel.
func (e *englishWord) markConsonants() {
	for i := range e.n {
		if e.b[i] == 'y' && (i == 0 || e.vowel(i-1)) {
			e.b[i] = 'Y'
		}
	}
}

func (e *englishWord) markRegions() {
	at := 0
	for _, begin := range []string{"gener", "commun", "arsen"} {
		if e.n >= len(begin) && string(e.b[:len(begin)]) == begin {
			at = len(begin)
		}
	}
	if at == 0 {
		at = e.behindSyllable(0)
	}
	e.p1 = at
	e.p2 = e.behindSyllable(at)
}

// behindSyllable returns what is behind the first consonant behind the first vowel from a
// place on, or the word's end.
func (e *englishWord) behindSyllable(at int) int {
	for at < e.n && !e.vowel(at) {
		at++
	}
	for at < e.n && e.vowel(at) {
		at++
	}
	return min(at+1, e.n)
}

func (e *englishWord) ends(suffix string) bool {
	return e.n >= len(suffix) && string(e.b[e.n-len(suffix):e.n]) == suffix
}

// endsIn tells whether one of letters stands in front of a place.
func (e *englishWord) endsIn(letters string, at int) bool {
	for i := range len(letters) {
		if at > 0 && e.b[at-1] == letters[i] {
			return true
		}
	}
	return false
}

// vowelBefore tells whether a vowel stands somewhere in front of a place.
func (e *englishWord) vowelBefore(at int) bool {
	for i := range at {
		if e.vowel(i) {
			return true
		}
	}
	return false
}

// short tells whether what stands in front of a place ends in a short syllable.
func (e *englishWord) short(at int) bool {
	if at == 2 {
		return e.vowel(0) && !e.vowel(1)
	}
	return at > 2 && !e.vowel(at-3) && e.vowel(at-2) && !e.vowel(at-1) && !e.endsIn("wxY", at)
}

func (e *englishWord) takePlural() {
	switch {
	case e.ends("sses"):
		e.n -= 2
	case e.ends("ied"), e.ends("ies"):
		if e.n -= 2; e.n < 3 { // ties → tie, cries → cri
			e.n++
		}
	case e.ends("us"), e.ends("ss"):
	case e.ends("s") && e.vowelBefore(e.n-2):
		e.n--
	}
}

func (e *englishWord) takeVerbal() {
	behind := 0
	switch {
	case e.ends("eedly"), e.ends("eed"):
		at := e.n - 3
		if e.b[e.n-1] == 'y' {
			at = e.n - 5
		}
		if at >= e.p1 {
			e.n = at + 2
		}
		return
	case e.ends("ed"):
		behind = e.n - 2
	case e.ends("ing"):
		behind = e.n - 3
	case e.ends("edly"):
		behind = e.n - 4
	case e.ends("ingly"):
		behind = e.n - 5
	}
	if !e.vowelBefore(behind) {
		return
	}
	e.n = behind
	switch {
	case e.ends("at"), e.ends("bl"), e.ends("iz"):
		e.add('e')
	case e.n >= 2 && e.b[e.n-1] == e.b[e.n-2] && e.endsIn("bdfgmnprt", e.n):
		e.n--
	case e.n == e.p1 && e.short(e.n):
		e.add('e')
	}
}

func (e *englishWord) add(c byte) {
	e.b[e.n] = c
	e.n++
}

// takeY makes a y at the end an i, behind a consonant that does not begin the word.
func (e *englishWord) takeY() {
	if e.n > 2 && e.endsIn("yY", e.n) && !e.vowel(e.n-2) {
		e.b[e.n-1] = 'i'
	}
}

func (e *englishWord) takeLast() {
	at := e.n - 1
	switch {
	case e.ends("e") && (at >= e.p2 || at >= e.p1 && !e.short(at)):
		e.n--
	case e.ends("ll") && at >= e.p2:
		e.n--
	}
}

// An englishRule replaces a suffix, if one of the letters in after stands in front of it.
type englishRule struct{ suffix, by, after string }

// englishRules are rules by the last letter of the suffix, a longer suffix before what it
// ends in: only the longest that a word has is looked at.
type englishRules ['z' - 'a' + 1][]englishRule

func (e *englishWord) longest(rules *englishRules) *englishRule {
	if c := e.b[e.n-1] - 'a'; int(c) < len(rules) {
		for i := range rules[c] {
			if r := &rules[c][i]; e.ends(r.suffix) {
				return r
			}
		}
	}
	return nil
}

// behind returns where the suffix of r begins.
func (e *englishWord) behind(r *englishRule) int { return e.n - len(r.suffix) }

func (e *englishWord) replace(r *englishRule) {
	e.n = e.behind(r) + copy(e.b[e.behind(r):], r.by)
}

var (
	englishSecond = englishRules{
		'i' - 'a': {
			{suffix: "lessli", by: "less"}, {suffix: "biliti", by: "ble"}, {suffix: "fulli", by: "ful"}, {suffix: "ousli", by: "ous"},
			{suffix: "entli", by: "ent"}, {suffix: "aliti", by: "al"}, {suffix: "iviti", by: "ive"}, {suffix: "abli", by: "able"},
			{suffix: "alli", by: "al"}, {suffix: "anci", by: "ance"}, {suffix: "enci", by: "ence"}, {suffix: "bli", by: "ble"},
			{suffix: "ogi", by: "og", after: "l"}, {suffix: "li", after: "cdeghkmnrt"},
		},
		'l' - 'a': {{suffix: "ational", by: "ate"}, {suffix: "tional", by: "tion"}},
		'm' - 'a': {{suffix: "alism", by: "al"}},
		'n' - 'a': {{suffix: "ization", by: "ize"}, {suffix: "ation", by: "ate"}},
		'r' - 'a': {{suffix: "izer", by: "ize"}, {suffix: "ator", by: "ate"}},
		's' - 'a': {{suffix: "iveness", by: "ive"}, {suffix: "fulness", by: "ful"}, {suffix: "ousness", by: "ous"}},
	}
	englishThird = englishRules{
		'e' - 'a': {{suffix: "icate", by: "ic"}, {suffix: "ative"}, {suffix: "alize", by: "al"}},
		'i' - 'a': {{suffix: "iciti", by: "ic"}},
		'l' - 'a': {{suffix: "ational", by: "ate"}, {suffix: "tional", by: "tion"}, {suffix: "ical", by: "ic"}, {suffix: "ful"}},
		's' - 'a': {{suffix: "ness"}},
	}
	englishFourth = englishRules{
		'c' - 'a': {{suffix: "ic"}},
		'e' - 'a': {{suffix: "ance"}, {suffix: "ence"}, {suffix: "able"}, {suffix: "ible"}, {suffix: "ate"}, {suffix: "ive"}, {suffix: "ize"}},
		'i' - 'a': {{suffix: "iti"}},
		'l' - 'a': {{suffix: "al"}},
		'm' - 'a': {{suffix: "ism"}},
		'n' - 'a': {{suffix: "ion", after: "st"}},
		'r' - 'a': {{suffix: "er"}},
		's' - 'a': {{suffix: "ous"}},
		't' - 'a': {{suffix: "ement"}, {suffix: "ment"}, {suffix: "ant"}, {suffix: "ent"}},
	}
)

// englishWhole returns the stem of a word that no rule gets right.
func englishWhole(word string) (stem string, ok bool) {
	switch word {
	case "skis":
		return "ski", true
	case "skies":
		return "sky", true
	case "dying":
		return "die", true
	case "lying":
		return "lie", true
	case "tying":
		return "tie", true
	case "idly":
		return "idl", true
	case "gently":
		return "gentl", true
	case "ugly":
		return "ugli", true
	case "early":
		return "earli", true
	case "only":
		return "onli", true
	case "singly":
		return "singl", true
	case "sky", "news", "howe", "atlas", "cosmos", "bias", "andes":
		return word, true
	}
	return "", false
}

// kept tells whether a word is left as it is without its plural's s.
func (e *englishWord) kept() bool {
	switch string(e.b[:e.n]) {
	case "inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed":
		return true
	}
	return false
}
