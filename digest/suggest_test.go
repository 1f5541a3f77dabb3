package digest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestARightWordIsNotCorrected: what people follow, in seven languages, whether they use the bot
// in theirs or in English.
func TestARightWordIsNotCorrected(t *testing.T) {
	list, err := os.ReadFile("testdata/right.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		language, words, _ := strings.Cut(strings.TrimSpace(line), " ")
		for word := range strings.FieldsSeq(words) {
			for _, chat := range []string{language, "en"} {
				if got := topic(t, word).suggestion(speller{language: chat}); got != "" {
					t.Errorf("%s in a chat in %s gets the suggestion %q", word, chat, got)
				}
			}
		}
	}
}

func TestAWordTypedWrongIsCorrectedInTheChatsLanguage(t *testing.T) {
	told := slices.Values([]string{"Nordschleswig", "Seebrücke"})
	for _, tt := range []struct{ language, query, want string }{
		{"en", "inteligence", "intelligence"},
		{"en", "Futbol", ""}, {"en", "technologie", ""}, {"en", "Coreia", ""},
		{"en", "politca", "política"},
		{"pt", "politca", "política"}, {"pt", "tecnolgia artificial", "tecnologia artificial"}, {"pt", "futbeol", "futebol"},
		{"es", "futbool", "fútbol"}, {"es", "tecnologia", ""}, {"es", "eleciones", "elecciones"},
		{"fr", "changemnt climatique", "changement climatique"}, {"fr", "technologie", ""},
		{"de", "bundesliag", "bundesliga"}, {"de", "Kilmawandel", "klimawandel"}, {"de", "Nordschlewig", "Nordschleswig"}, {"de", "Seebrucke", ""}, {"de", "Seebruke", "Seebrücke"},
		{"ru", "экономка", "экономика"}, {"ru", "землетресение", "землетрясение"}, {"ru", "війна", ""},
		{"de", "goverment", "government"},
	} {
		if got := topic(t, tt.query).suggestion(speller{language: tt.language, told: told}); got != tt.want {
			t.Errorf("%q in a chat in %s: suggestion = %q, want %q", tt.query, tt.language, got, tt.want)
		}
	}
}
