package digest

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"tidings/digest/text"
)

// How much of a document is read: more is no news story.
const (
	documentBytes      = 100_000 // of Text; of Title a hundredth
	documentCategories = 50
	leadWords          = 40 // the first words of Text, where news says what it is about
)

// A Document is what topics are matched with: one article as the feed gave it. Make it
// with NewDocument, which reads it once; the copies share the words and may be used by
// any number of goroutines.
type Document struct {
	Title      string
	Text       string
	Categories []string
	Language   string        // ISO 639-1, "" or "und" when unknown
	Host       string        // of its address; "" when unknown
	Hosts      int           // that carry its story, with its own; 0 when unknown
	Subjects   SubjectShares // as they were decided when it was joined; nil to read the words

	words *readOnce
}

// NewDocument makes a document. It is read once, when its words are first asked for:
// about 100 µs for 400 words, 60 bytes a word.
func NewDocument(title, body string, categories []string, language string) Document {
	return Document{Title: title, Text: body, Categories: categories, Language: language, words: new(readOnce)}
}

type readOnce struct {
	once sync.Once
	*reading
}

// reading returns d's words, also of a Document that was not made by NewDocument.
func (d Document) reading() *reading {
	if d.words == nil {
		return readDocument(d)
	}
	d.words.once.Do(func() { d.words.reading = readDocument(d) })
	return d.words.reading
}

// Tokens returns the stems of title and text in reading order, pairs of characters for
// scripts without spaces: what two documents about one event have in common.
func (d Document) Tokens() []string {
	r := d.reading()
	var out []string
	for _, p := range r.places {
		if p.form < 0 || p.source > sourceText {
			continue
		}
		f := r.forms[p.form]
		if f.gram {
			out = append(out, f.surface)
		} else {
			out = append(out, f.stem)
		}
	}
	return out
}

// Normalised returns the distinct words of title, text and categories, surfaces and
// stems, in order of first appearance with spaces between: what a database indexes to
// find candidates for a topic (see Topic.Candidates). It holds letters, digits and
// marks only, and must be divided at spaces only, or at everything but letters, digits
// and marks.
func (d Document) Normalised() string {
	r := d.reading()
	seen := make(map[string]bool, 2*len(r.forms))
	var out strings.Builder
	add := func(word string) {
		word = searchWord(word)
		if seen[word] {
			return
		}
		seen[word] = true
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(word)
	}
	for _, f := range r.forms {
		add(f.surface)
		add(f.stem)
	}
	for _, w := range subjectWords(d.subjects().spokenFor()) {
		add(w)
	}
	return out.String()
}

// searchWord makes a word safe for a database's own division: c++ is c, at&t is att.
func searchWord(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, word)
}

// A reading is the words of a document.
type reading struct {
	sources []string // title, text, categories
	forms   []form   // distinct words
	places  []place  // every word, in order; between sources one without a form
	stemmer int

	aboutOnce sync.Once
	about     SubjectShares
}

const (
	sourceTitle = iota
	sourceText
	sourceCategories // and all above
)

// A form is a word as documents compare it.
type form struct {
	surface, stem string
	first, last   int32 // its places, linked by next
	gram          bool
}

// A place is one occurrence of a form.
type place struct {
	form       int32 // -1 between sources
	next       int32 // place of the same form, -1 at the end
	start, end int32 // in its source
	source     uint8
}

func readDocument(d Document) *reading {
	r := &reading{stemmer: text.Stemmer(d.Language), sources: make([]string, 0, 2+len(d.Categories))}
	r.sources = append(r.sources, clipBytes(d.Title, documentBytes/100), clipBytes(d.Text, documentBytes))
	for i, c := range d.Categories {
		if i == documentCategories {
			break
		}
		r.sources = append(r.sources, clipBytes(c, documentBytes/100))
	}
	known := make(map[string]int32, 256)
	for i, s := range r.sources {
		for w := range text.Words(s, text.Unstemmed) {
			r.add(known, w, uint8(i))
		}
		r.places = append(r.places, place{form: -1, next: -1})
	}
	return r
}

// clipBytes cuts s to at most n bytes at a character's edge.
func clipBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

func (r *reading) add(known map[string]int32, w text.Word, source uint8) {
	at := int32(len(r.places))
	n, ok := known[w.Surface]
	if !ok {
		n = int32(len(r.forms))
		stem := w.Stem
		if !w.Gram {
			stem = text.Stem(w.Surface, r.stemmer)
		}
		known[w.Surface] = n
		r.forms = append(r.forms, form{surface: w.Surface, stem: stem, first: at, last: at, gram: w.Gram})
	} else {
		r.places[r.forms[n].last].next = at
		r.forms[n].last = at
	}
	r.places = append(r.places, place{form: n, next: -1, start: int32(w.Start), end: int32(w.End), source: source})
}

// equalWords tells whether two words as they stand are the same word.
func equalWords(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		if w[0]|word[0] < utf8.RuneSelf && (w[0]^word[0])&^0x20 != 0 {
			return false // the first letter, small or not
		}
		return w == word || strings.EqualFold(w, word) || !(ascii(w) && ascii(word)) && text.Fold(w) == text.Fold(word)
	})
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
