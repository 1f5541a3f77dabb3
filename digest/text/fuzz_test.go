package text

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzLanguage asks about any text what a publisher and a reader may ask.
func FuzzLanguage(f *testing.F) {
	for _, s := range []string{"Palm oil's C++", "l’Élection d'été", "北京市 東京オリンピック", "น้ำมัน", "हिन्दी", "\u200b\u202e\xff", "technlogy"} {
		f.Add(s, "en-GB")
	}
	f.Fuzz(func(t *testing.T, s, lang string) {
		if code := Language(s, lang); len(code) != 2 && code != Undetermined {
			t.Fatalf("Language(%q, %q) = %q, want two letters or %s", s, lang, code, Undetermined)
		}
		for w := range Words(s, lang) {
			if other := Suggest(w.Surface, lang, nil); other == w.Surface || other != "" && !listed(Fold(other)) && !formOfListed(Fold(other)) && !Known(other) {
				t.Fatalf("Suggest(%q, %q) = %q, want another, known word", w.Surface, lang, other)
			}
			if r := Rarity(w.Surface); r < 0 || r > 1 {
				t.Fatalf("Rarity(%q) = %g, want 0 to 1", w.Surface, r)
			}
			Stem(w.Surface, Stemmer(lang))
			if stem := StemOnce(w.Surface, Stemmer("en")); len(w.Surface) > 2 && fromAToZ(w.Surface) && len(w.Surface) <= stemmableBytes && stem != snowballEnglish(w.Surface) {
				t.Fatalf("StemOnce(%q) = %q, want %q", w.Surface, stem, snowballEnglish(w.Surface))
			}
		}
		Kinds(s, func(string, Kinship) {})
	})
}

// FuzzSentences insists that every character that is no white space stands in exactly
// one sentence, in order.
func FuzzSentences(f *testing.F) {
	for _, s := range []string{
		"“Stay! No.” (Hale 5). He left at 5 p.m. \nNow.", "1.) a 2.) b • c • d", "a. . . . B ...c . .. D", "Am 3. Mai, z. B. ,,so“.[1][2] Da",
		"「行かない。」と。母の\n家", "Πού; \u202a.\u202c Όχι", "x.Y\"Z\" .12 The I. \xff", "(((\"'«»„“”‘’", "(" + strings.Repeat("\xbb", 16),
	} {
		f.Add(s, "en")
		f.Add(s, "de")
	}
	f.Fuzz(func(t *testing.T, s, lang string) {
		at := 0
		for _, x := range Sentences(s, lang) {
			if x.Start < at || x.End <= x.Start || x.End > len(s) || strings.TrimSpace(s[at:x.Start]) != "" {
				t.Fatalf("Sentences(%q, %q) has %v after %d", s, lang, x, at)
			}
			if strings.Join(strings.Fields(x.In(s)), "") != strings.Join(strings.Fields(s[x.Start:x.End]), "") && !strings.ContainsFunc(s, unicode.IsControl) {
				t.Fatalf("%v of %q is written %q", x, s, x.In(s))
			}
			at = x.End
		}
		if strings.TrimSpace(s[at:]) != "" {
			t.Fatalf("Sentences(%q, %q) end at %d", s, lang, at)
		}
	})
}
