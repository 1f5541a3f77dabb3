package digest

import (
	"slices"
	"strings"
	"unicode"

	"tidings/digest/text"
)

// A token is a piece of a query: a chunk between spaces, a phrase in quotes, or OR.
type token struct {
	kind    tokenKind
	text    string // without quotes and minus
	pos     int    // in runes
	exclude bool
}

type tokenKind uint8

const (
	chunkToken tokenKind = iota
	phraseToken
	orToken
	narrowToken // site:, lang: or min:
)

// An operand is what OR and the space stand between.
type operand struct {
	token
	canonical string
	terms     []term // alternatives
	or        bool   // it is the OR itself
}

// parseQuery reads a query whose length was checked.
func parseQuery(query string) (Topic, error) {
	tokens, err := scanQuery([]rune(query))
	if err != nil {
		return Topic{}, err
	}
	if len(tokens) == 0 {
		return Topic{}, &TopicError{Kind: TopicEmpty}
	}
	words, narrow, err := readNarrowing(tokens)
	if err != nil {
		return Topic{}, err
	}
	operands, err := readOperands(words)
	if err != nil {
		return Topic{}, err
	}
	t, err := assemble(tokens, operands)
	if err != nil || narrow == nil {
		return t, err
	}
	t.Text += " " + narrow.text()
	t.narrow = narrow
	return t, nil
}

// scanQuery divides a query into tokens.
func scanQuery(q []rune) ([]token, error) {
	var tokens []token
	for i := 0; i < len(q); {
		if blank(q[i]) {
			i++
			continue
		}
		t := token{pos: i}
		if isMinus(q[i]) && i+1 < len(q) && !blank(q[i+1]) && !isMinus(q[i+1]) {
			t.exclude = true
			i++
		}
		if isQuote(q[i]) {
			end := slices.IndexFunc(q[i+1:], isQuote)
			if end < 0 {
				return nil, &TopicError{Kind: TopicOpenQuote, Pos: i, Word: string(q[i])}
			}
			t.kind, t.text = phraseToken, string(q[i+1:i+1+end])
			i += end + 2
		} else {
			end := i
			for end < len(q) && !unicode.IsSpace(q[end]) && !unicode.IsControl(q[end]) && !isQuote(q[end]) {
				end++
			}
			t.text = tidy(string(q[i:end]))
			i = end
		}
		switch {
		case t.kind == chunkToken && t.text == "AND":
			continue
		case t.kind == chunkToken && (t.text == "OR" || t.text == "|"):
			t.kind = orToken
		case t.kind == chunkToken && operator(t.text):
			t.kind = narrowToken
		}
		tokens = append(tokens, t)
	}
	return tokens, nil
}

func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func isMinus(r rune) bool { return r == '-' || r == '−' || r == '–' || r == '—' }

func isQuote(r rune) bool {
	switch r {
	case '"', '“', '”', '„', '‟', '«', '»', '〝', '〞', '＂', '「', '」', '『', '』', '《', '》':
		return true
	}
	return false
}

// readOperands gives tokens their words. What has none is left out.
func readOperands(tokens []token) ([]operand, error) {
	var all []operand
	terms := 0
	for i := 0; i < len(tokens); {
		if tokens[i].kind == orToken {
			all = append(all, operand{token: tokens[i], or: true})
			i++
			continue
		}
		o, n := readOperand(tokens[i:])
		i += n
		if len(o.terms) == 0 {
			continue
		}
		if terms++; terms > TopicTerms {
			return nil, &TopicError{Kind: TopicTooManyTerms, Pos: o.pos, Word: clip(o.text)}
		}
		all = append(all, o)
	}
	return all, nil
}

// readOperand reads the operand that tokens begin with, and tells how many it took.
func readOperand(tokens []token) (operand, int) {
	first := tokens[0]
	if first.kind == phraseToken {
		return readPhrase(first), 1
	}
	if o, n := readCountryName(tokens); n > 0 {
		return o, n
	}
	compound, n := first.text, 1
	if name := barredCountry(tokens); name != "" {
		compound, n = name, 2
	}
	atoms, written := divide(compound)
	o := operand{token: first, canonical: written}
	if len(atoms) == 0 {
		return o, n
	}
	if len(atoms) == 1 {
		if capitals := strings.ToUpper(atoms[0].word); capitalWords[capitals] || first.text == capitals && commonWords[capitals] {
			atoms[0].written = text.Capitals
			o.canonical = capitals
		}
	}
	o.terms = []term{{atoms: atoms}}
	return o, n
}

// barredCountry returns the phrase that tokens begin with if its second word would be
// a country alone, and is none behind the first: new mexico, latin america.
func barredCountry(tokens []token) string {
	if len(tokens) < 2 {
		return ""
	}
	name, n := readCountryName(tokens[1:])
	before := atomsOf(tokens[0].text)
	if n != 1 || name.exclude || len(before) != 1 || !slices.Contains(name.terms[0].not, before[0].word) {
		return ""
	}
	return tokens[0].text + "-" + tokens[1].text
}

// capitalWords are sought in capitals however the reader typed them: in small letters
// they are common words of other languages, that nobody follows.
var capitalWords = map[string]bool{"AI": true, "EU": true, "US": true}

// commonWords are sought in capitals when typed in capitals.
var commonWords = map[string]bool{
	"AIDS": true, "AM": true, "ICE": true, "IT": true, "LA": true, "NO": true, "OR": true, "UN": true, "WHO": true,
}

// readPhrase reads quoted words. Spaces and hyphens between them are the same.
func readPhrase(t token) operand {
	o := operand{token: t}
	var parts []string
	atoms, _ := divide(t.text)
	for part := range strings.FieldsSeq(tidy(t.text)) {
		if _, written := divide(part); written != "" {
			parts = append(parts, written)
		}
	}
	if len(atoms) > 0 {
		o.canonical = `"` + strings.Join(parts, " ") + `"`
		o.terms = []term{{atoms: atoms, exact: true}}
	}
	return o
}

// readCountryName reads the longest country name that tokens begin with. A minus in
// front excludes all of it. It takes no tokens if there is no country.
func readCountryName(tokens []token) (operand, int) {
	var name []string
	var found *country
	used := 0
	for i, t := range tokens {
		if i == countryWords || t.kind != chunkToken || i > 0 && t.exclude {
			break
		}
		key := term{atoms: atomsOf(t.text)}.key()
		if key == "" {
			break
		}
		name = append(name, key)
		if c := countryOf(name); c != nil {
			found, used = c, i+1
		}
	}
	if found == nil {
		return operand{}, 0
	}
	return operand{token: tokens[0], canonical: found.name, terms: found.forms}, used
}

// assemble joins operands to a topic.
func assemble(tokens []token, operands []operand) (Topic, error) {
	type alternatives map[string][]term
	var groups []alternatives
	excluded := make(alternatives)
	for i, o := range operands {
		switch {
		case o.or:
			if i == 0 || i == len(operands)-1 || !joinable(operands[i-1]) || !joinable(operands[i+1]) {
				return Topic{}, &TopicError{Kind: TopicLonelyOr, Pos: o.pos, Word: o.text}
			}
		case o.exclude:
			excluded[o.canonical] = o.terms
		case i > 0 && operands[i-1].or:
			groups[len(groups)-1][o.canonical] = o.terms
		default:
			groups = append(groups, alternatives{o.canonical: o.terms})
		}
	}
	if len(groups) == 0 {
		if len(excluded) > 0 {
			return Topic{}, &TopicError{Kind: TopicOnlyExcludes, Pos: tokens[0].pos, Word: clip(tokens[0].text)}
		}
		return Topic{}, &TopicError{Kind: TopicNoWords, Pos: tokens[0].pos, Word: clip(tokens[0].text)}
	}
	parts := make(map[string]group)
	for _, g := range groups {
		keys := sortedKeys(g)
		var terms group
		for _, k := range keys {
			terms = append(terms, g[k]...)
		}
		parts[strings.Join(keys, " OR ")] = terms
	}
	var t Topic
	words := sortedKeys(parts)
	for _, k := range words {
		t.groups = append(t.groups, parts[k])
	}
	for _, k := range sortedKeys(excluded) {
		words = append(words, "-"+k)
		t.exclude = append(t.exclude, excluded[k]...)
	}
	t.Text = strings.Join(words, " ")
	t.widen()
	return t, nil
}

func joinable(o operand) bool { return !o.or && !o.exclude }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// splitQuery divides at commas and semicolons outside quotes. A quote without a partner
// reaches to the next of them only, so that it spoils one topic.
func splitQuery(q []rune) []string {
	var parts []string
	start, closing := 0, -1
	for i, r := range q {
		switch {
		case isQuote(r) && i > closing:
			closing = max(i, closingQuote(q, i))
		case i < closing || !divides(r):
		case r == ',' && i > 0 && i+1 < len(q) && unicode.IsDigit(q[i-1]) && unicode.IsDigit(q[i+1]):
		default:
			parts = append(parts, string(q[start:i]))
			start = i + 1
		}
	}
	return append(parts, string(q[start:]))
}

// closingQuote finds the partner of the quote at i, or -1: the next one is none when a
// topic ends between them and it stands as one that opens.
func closingQuote(q []rune, i int) int {
	n := slices.IndexFunc(q[i+1:], isQuote)
	if n < 0 {
		return -1
	}
	end := i + 1 + n
	opens := (blank(q[end-1]) || divides(q[end-1]) || isMinus(q[end-1])) && end+1 < len(q) && !blank(q[end+1]) && !divides(q[end+1])
	if opens && slices.ContainsFunc(q[i:end], divides) {
		return -1
	}
	return end
}

func divides(r rune) bool {
	switch r {
	case ',', ';', '，', '；', '、', '،', '؛', '\n':
		return true
	}
	return false
}
