package digest

import "testing"

// TestDesksAreFoundByTheirNameInAnyLanguage: who follows Technik gets what German sources of
// technology publish, and English stories about it.
func TestDesksAreFoundByTheirNameInAnyLanguage(t *testing.T) {
	english := map[string]Document{
		"technology": NewDocument("New processor doubles the speed of laptops", "The chip runs Linux and Windows software, its maker Intel said.", nil, "en"),
		"science":    NewDocument("Researchers describe a fossil of a swimming lizard", "The scientists found the species in a quarry, with a genome older than any.", nil, "en"),
		"business":   NewDocument("Shares fall as profit shrinks", "Investors sold stocks after quarterly earnings of the company.", nil, "en"),
		"climate":    NewDocument("Greenhouse emissions rise again", "Carbon and warming threaten wildlife and its habitat.", nil, "en"),
	}
	for _, tt := range []struct{ words, lang, title, subject string }{
		{"technik", "de", "Neuer Rechner ist doppelt so schnell", "technology"},
		{"Technologie", "fr", "Un nouveau téléphone deux fois plus rapide", "technology"},
		{"tecnología", "es", "Un teléfono nuevo, el doble de rápido", "technology"},
		{"технологии", "ru", "Новый телефон вдвое быстрее", "technology"},
		{"wissenschaft", "de", "Ein Fund im Steinbruch", "science"},
		{"sciences", "fr", "Une trouvaille dans la carrière", "science"},
		{"économie", "fr", "La bourse recule à Paris", "business"},
		{"wirtschaft", "de", "Börse gibt nach", "business"},
		{"klima", "de", "Wieder ein warmer Winter", "climate"},
		{"новости о климате", "ru", "Снова тёплая зима", "climate"},
		{"новости об экономике", "ru", "Биржа в Москве упала", "business"},
		{"l'économie", "fr", "La bourse recule à Paris", "business"},
		{"actualités de l’économie", "fr", "La bourse recule à Paris", "business"},
	} {
		topic := topic(t, tt.words)
		filed := NewDocument(tt.title, "", withSubject(nil, tt.subject), tt.lang)
		if m, ok := MatchOne(topic, filed); !ok || m.Score < NormalBreadth.Least() {
			t.Errorf("%s: %q of a source for %s scores %.2f, %t; want it delivered", tt.words, tt.title, tt.subject, m.Score, ok)
		}
		if m, ok := MatchOne(topic, english[tt.subject]); !ok || m.Score < NormalBreadth.Least() {
			t.Errorf("%s: an English story about %s scores %.2f, %t; want it delivered", tt.words, tt.subject, m.Score, ok)
		}
		other := NewDocument(tt.title, "", withSubject(nil, "culture"), tt.lang)
		if m, ok := MatchOne(topic, other); ok {
			t.Errorf("%s: %q of a source for culture scores %.2f; want no match", tt.words, tt.title, m.Score)
		}
	}
	// The English headings mean what they meant: economy is no business.
	if a, b := topic(t, "economy"), topic(t, "business"); a.about[0] == b.about[0] || len(a.groups[0]) != 1 {
		t.Errorf("economy has %d terms and the subjects %b; want its own word and subjects, not %b", len(a.groups[0]), a.about, b.about)
	}
}
