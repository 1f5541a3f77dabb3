package text

import "testing"

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
			if other := Suggest(w.Surface); other == w.Surface || other != "" && !Known(other) {
				t.Fatalf("Suggest(%q) = %q, want another, known word", w.Surface, other)
			}
			if r := Rarity(w.Surface); r < 0 || r > 1 {
				t.Fatalf("Rarity(%q) = %g, want 0 to 1", w.Surface, r)
			}
			Stem(w.Surface, Stemmer(lang))
		}
		Kinds(Key(s), func(string, bool) {})
	})
}
