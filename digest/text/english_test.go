package text

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// snowballEnglish is what the library makes of a word.
func snowballEnglish(word string) string {
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

func TestEnglishStemsAreThoseOfTheLibrary(t *testing.T) {
	check := func(word string) {
		if len(word) < 3 || len(word) > stemmableBytes || !fromAToZ(word) {
			return
		}
		if got, want := stemEnglish(word), snowballEnglish(word); got != want {
			t.Errorf("stemEnglish(%q) = %q, want %q", word, got, want)
		}
	}
	for word := range strings.FieldsSeq(`skis skies dying lying tying idly gently ugly early only singly sky news howe atlas cosmos bias andes
		inning innings outing outings canning herring herrings earring proceed proceeds exceed exceeds succeed succeeds
		generate generous communism communication arsenal ties cries tied cried by say yes youth enjoying yyy ayyy syzygy
		hopping hoped hoping bed shed eed feed agreed agreedly kindly yuppies gas this kiwis bus misses ski eel fall roll controll
		luxuriated hopefulness rationalization apologist apologi geology formalities adoption replacement sensational native`) {
		check(word)
	}
	// Words of all endings behind all beginnings, and endings behind endings.
	endings := strings.Fields(`s es ss us sses ies ied eed eedly ed edly ing ingly y ly li logi ogi at bl iz bb tt ll e ee
		tional ational enci anci abli entli izer ization ation ator alism aliti alli fulness ousli ousness iveness iviti biliti bli fulli lessli
		alize icate iciti ical ful ness ative al ance ence er ic able ible ant ement ment ent ion sion tion ism ate iti ous ive ize`)
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		var b strings.Builder
		for range r.IntN(7) {
			b.WriteByte("aeiouybcdfghjklmnprstvwxzaeiouy"[r.IntN(31)])
		}
		for range 1 + r.IntN(3) {
			b.WriteString(endings[r.IntN(len(endings))])
		}
		check(b.String())
	}
}

// BenchmarkEnglish has the library beside our own.
func BenchmarkEnglish(b *testing.B) {
	words := strings.Fields("government nationalization running sky agreed ferries technology ministers said relational unchanged table")
	for name, stem := range map[string]func(string) string{"ours": stemEnglish, "library": snowballEnglish} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				stem(words[i%len(words)])
			}
		})
	}
}
