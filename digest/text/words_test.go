package text_test

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
	"tidings/digest/text"
)

var _ = flag.Duration("soak", 0, "for package main: see soak_test.go there")

func surfaces(s, lang string) []string {
	var out []string
	for w := range text.Words(s, lang) {
		out = append(out, w.Surface)
	}
	return out
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"ASCII in lower case comes back as it is", "plain words", "plain words"},
		{"ASCII capitals fall", "NASA Launch", "nasa launch"},
		{"accents go, composed or not", "Élection é", "election e"},
		{"sharp s is two", "Straße GROẞ", "strasse gross"},
		{"letters with a stroke lose it", "Łódź Ørsted Đà", "lodz orsted da"},
		{"Turkish i with and without its dot is i", "İstanbul Kılıç", "istanbul kilic"},
		{"Greek final sigma is sigma", "ΟΔΟΣ οδός", "οδοσ οδοσ"},
		{"Cyrillic й stays, ё loses its points", "Йод Ёлка", "йод елка"},
		{"a decomposed й is the same й", "и\u0306", "й"},
		{"Japanese voicing stays, width goes", "がﾃﾚﾋﾞ", "がテレビ"},
		{"Hangul is composed", norm.NFD.String("한국"), "한국"},
		{"Arabic vowels, hamza and tatweel go", "أَخْبَـار", "اخبار"},
		{"Hindi vowel signs stay", "हिन्दी", "हिन्दी"},
		{"full-width letters become ordinary", "ＡＢＣ１", "abc1"},
		{"format characters vanish", "\u200eso\u00adft\u200d", "soft"},
		{"a ligature is its letters", "ﬁnance œuvre", "finance oeuvre"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := text.Fold(s)
		if twice := text.Fold(once); twice != once {
			t.Fatalf("Fold(Fold(%q)) = %q, want %q", s, twice, once)
		}
	})
}

func TestWordsDivide(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"punctuation falls away", "“Stop!”, he said (twice).", "stop he said twice"},
		{"a possessive is left out", "Trump’s and James's plan", "trump and james plan"},
		{"other apostrophes stay", "don't O’Brien 'quoted'", "don't o'brien quoted"},
		{"a Romance article is a word", "l'élection dell’arte aujourd'hui", "l election dell arte aujourd'hui"},
		{"dotted letters are one word", "the U.S. and U.K, e.g. J.K. Rowling at 5 p.m.", "the us and uk eg jk rowling at 5 pm"},
		{"an initial is a word", "Harry S. Truman", "harry s truman"},
		{"a full stop without space divides", "in Paris.The node.js bbc.co.uk", "in paris the node js bbc co uk"},
		{"numbers keep their points", "3.5 of 1,000 and 7.", "3.5 of 1,000 and 7"},
		{"hyphens divide words", "COVID-19 self-driving", "covid 19 self driving"},
		{"a letter and a number are one word", "F-35 F35 G-7 MH-370 F-16s 5G", "f35 f35 g7 mh370 f16s 5g"},
		{"names with signs keep them", "AT&T R&D C++ C# F# B&B", "at&t r&d c++ c# f# b&b"},
		{"an ampersand between long words divides", "Johnson&Johnson, a&b&c", "johnson johnson a&b c"},
		{"tags and mentions lose their signs", "#climate @nasa C#.", "climate nasa c#"},
		{"Han is read in pairs", "北京市。", "北京 京市 市"},
		{"one ideograph is one word", "水", "水"},
		{"Katakana is a word beside Han", "東京オリンピック開幕", "東京 京 オリンピック 開幕 幕"},
		{"Latin inside Han is a word", "新iPhone发布", "新 iphone 发布 布"},
		{"Korean is read by words", "북한이 미사일을", "북한이 미사일을"},
		{"Thai is read in pairs of characters with marks", "น้ำมัน", text.Fold("น้ำมั") + " มัน น"},
		{"Hindi words stay whole", "भारत की नीति", "भारत की नीति"},
		{"Arabic words are folded", "أخبار اليوم", "اخبار اليوم"},
		{"a soft hyphen does not divide", "elec\u00adtion", "election"},
		{"emoji are no words", "🚀 👩‍🚀 go", "go"},
		{"signs alone are nothing", "--- + # & ' ...", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(surfaces(tt.in, ""), " "); got != tt.want {
				t.Errorf("Words(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestWordsStandWhereTheySay(t *testing.T) {
	in := "The U.S. Élection: Trump’s 北京 visit"
	want := []string{"The", "U.S.", "Élection", "Trump", "北京", "京", "visit"}
	var got []string
	for w := range text.Words(in, "en") {
		got = append(got, in[w.Start:w.End])
	}
	if !slices.Equal(got, want) {
		t.Errorf("Words(%q) stand at %q, want %q", in, got, want)
	}
}

func TestWordsKnowTheirCase(t *testing.T) {
	in := "tell US, Us and us: U.S. iPhone 5G Polish É"
	want := []text.Case{text.Lower, text.Capitals, text.Capital, text.Lower, text.Lower, text.Capitals, text.Lower, text.Capital, text.Capital, text.Capital}
	var got []text.Case
	for w := range text.Words(in, "en") {
		got = append(got, w.Case)
	}
	if !slices.Equal(got, want) {
		t.Errorf("cases of %q = %v, want %v", in, got, want)
	}
}

func TestStem(t *testing.T) {
	for _, tt := range []struct{ name, lang, one, other string }{
		{"English plural", "en", "election", "elections"},
		{"an unknown language is read as English", "", "missile", "missiles"},
		{"German plural with umlaut", "de", "haus", "häuser"},
		{"German case", "de", "wahl", "Wahlen"},
		{"French plural and accent", "fr", "élection", "elections"},
		{"Spanish plural", "es", "elección", "elecciones"},
		{"Russian cases", "ru", "выборы", "выборах"},
		{"Russian adjectives keep their й", "ru", "российский", "российского"},
		{"Korean particles", "ko", "북한", "북한에서"},
		{"Arabic article", "ar", "أخبار", "الأخبار"},
		{"Swedish definite form", "sv", "valen", "val"},
		{"Norwegian by its other code", "nb", "valget", "valg"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one, other := text.Stem(text.Fold(tt.one), text.Stemmer(tt.lang)), text.Stem(text.Fold(tt.other), text.Stemmer(tt.lang))
			if one != other {
				t.Errorf("stems of %q and %q in %q = %q and %q, want the same", tt.one, tt.other, tt.lang, one, other)
			}
		})
	}
	for _, tt := range []struct{ name, lang, one, other string }{
		{"war is not warm", "en", "war", "warm"},
		{"art is not party", "en", "art", "party"},
		{"policy is not police", "en", "policy", "police"},
		{"a language without a stemmer changes nothing", "pl", "wybory", "wyborach"},
		{"Korean nouns of two syllables keep their last", "ko", "국", "국가"},
		{"signs are not stemmed", "en", "c", "c++"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one, other := text.Stem(tt.one, text.Stemmer(tt.lang)), text.Stem(tt.other, text.Stemmer(tt.lang))
			if one == other {
				t.Errorf("stems of %q and %q in %q are both %q, want different ones", tt.one, tt.other, tt.lang, one)
			}
		})
	}
}

// The division is our own for speed; on plain prose it must be the one of UAX 29.
func TestWordsAgreeWithUAX29OnPlainProse(t *testing.T) {
	prose := `The ministers met in Geneva on Monday, and nobody (not even the hosts) expected a result. Über 300 Gäste kamen;
		los niños pequeños cantaron. Министр прибыл вечером в Москву. Ο υπουργός μίλησε. العالم يتغير بسرعة. भारत की नीति.`
	var want []string
	for it := words.FromString(prose); it.Next(); {
		if r, _ := utf8.DecodeRuneInString(it.Value()); r > ' ' && !strings.ContainsRune(".,;()", r) {
			want = append(want, text.Fold(it.Value()))
		}
	}
	if got := surfaces(prose, ""); !slices.Equal(got, want) {
		t.Errorf("Words = %q\nUAX 29: %q", got, want)
	}
}

func checkWords(t interface{ Fatalf(string, ...any) }, s string) {
	last := -1
	for w := range text.Words(s, "en") {
		if w.Start <= last || w.Start >= w.End || w.End > len(s) || w.Surface == "" || w.Stem == "" {
			t.Fatalf("Words(%q): word %+v after one at %d, want places that rise inside the text and no empty form", s, w, last)
		}
		last = w.Start
	}
}

func TestWordsHaveRisingPlacesInAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkWords(t, rapid.String().Draw(t, "s")) })
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"U.S.A. don't l'été F-35 AT&T C++", "北京市อาหาร", "\xff\xfe'\u0301-1", "a.b.c", "é\u0301\u0301'", "\u200b\u200d北\u0301", "ア\u3099ー"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkWords(t, s) })
}

func TestHostileTextsTakeBoundedTime(t *testing.T) {
	for name, unit := range map[string]string{
		"one endless word": "a", "combining marks": "e\u0301\u0301", "initials": "A.", "full stops": ". ", "apostrophes": "a'", "ampersands": "a&",
		"ideographs": "字", "marks in Thai": "ก้", "hyphens": "a-1", "invisible": "\u200b", "broken UTF-8": "\xc3", "sentences": "Mr. A. ",
	} {
		t.Run(name, func(t *testing.T) {
			s := strings.Repeat(unit, 1<<18/len(unit))
			begin := time.Now()
			checkWords(t, s)
			text.Sentences(s, "en")
			text.CountWords(s)
			text.Language(s, "")
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("256 KiB of %q took %s, want time in proportion to its length", unit, took)
			}
		})
	}
}

func BenchmarkWords(b *testing.B) {
	s := strings.Repeat("The ministers met in Geneva on Monday, and nobody expected a lasting result from the talks about North Korea. ", 25)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		for range text.Words(s, "en") {
		}
	}
}

func TestKindsAreFoundByNameAndByStems(t *testing.T) {
	for _, tt := range []struct {
		of, name string
		want     text.Kinship
	}{
		{"grain", "wheat", text.AKind},
		{"grains", "wheat", text.AKind},
		{"oil crude", "petroleum", text.Another},
		{"lead", "lead", text.Unclear},
		{"lead", "zinc", text.Company},
		{"sunflower seeds", "sunflower", text.Source},
		{"fertilizer", "manure", text.AKind}, // its stem is fertility's, too
		{"housing", "apartment", text.AKind}, // and this one's a house's
	} {
		found := false
		text.Kinds(tt.of, func(name string, is text.Kinship) { found = found || name == tt.name && is == tt.want })
		if !found {
			t.Errorf("Kinds(%q) does not yield %q as %d", tt.of, tt.name, tt.want)
		}
	}
	for _, none := range []string{"", "\t", "zzz", "a,b", "=", "xyzzy plugh"} {
		text.Kinds(none, func(name string, is text.Kinship) { t.Errorf("Kinds(%q) yields %q, %d, want nothing", none, name, is) })
	}
}
