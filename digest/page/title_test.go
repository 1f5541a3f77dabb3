package page

import "testing"

// TestTheHeadline reads pages whose titles are made of several parts, or say for
// search engines what the heading says for readers.
func TestTheHeadline(t *testing.T) {
	const text = `<p>Der Rat von Niederfell beschloss am Montag nach drei Stunden, die alte Brücke für Lastwagen zu sperren.</p><p>Das Gutachten nennt Risse in zwei Pfeilern, die seit dem Winter breiter wurden.</p><p>Wer nach Oberfell will, fährt bis zum Herbst über die Fähre.</p>`
	page := func(title, og, body string) string {
		if og != "" {
			og = `<meta property="og:title" content="` + og + `">`
		}
		return `<html lang=de><head><title>` + title + `</title>` + og + `</head><body>` + body + text
	}
	const headline = "Risse in zwei Pfeilern: Niederfell sperrt seine Brücke"
	for _, c := range []struct{ name, page, want string }{
		{"a heading that says otherwise than titles made for search engines", page("Brücke gesperrt: Umleitung für Niederfell", "Brücke in Niederfell gesperrt", "<h1>Der alten Brücke von Niederfell geht die Luft aus</h1>"), "Der alten Brücke von Niederfell geht die Luft aus"},
		{"a heading of the section is not the headline", page(headline+" | Fellpost", "", "<h1>Aus den Gemeinden</h1>"), headline},
		{"one of several headings that says what the page calls itself", page("Niederfell sperrt Brücke — Beige", "Niederfell sperrt Brücke", "<h1>Beige</h1><h1>Niederfell sperrt Brücke</h1><h1>Mehr davon</h1>"), "Niederfell sperrt Brücke"},
		{"a heading that is one part of a long title", page("Ann Bell: Niederfell sperrt Brücke - Fell online", "", "<h1>Niederfell sperrt Brücke</h1>"), "Niederfell sperrt Brücke"},
		{"a heading with a tail after a dash keeps it", page("Niederfell sperrt seine alte Brücke – bis Herbst | Fellpost", "", "<h1>Niederfell sperrt seine alte Brücke – bis Herbst</h1>"), "Niederfell sperrt seine alte Brücke – bis Herbst"},
		{"the blog's name in the first heading, the headline in the second", page("Notizen aus dem Tal : Niederfell sperrt seine alte Brücke", "", "<h1>Notizen aus dem Tal</h1><h2>Niederfell sperrt seine alte Brücke</h2>"), "Niederfell sperrt seine alte Brücke"},
		{"no heading of the first order, the outlet's name in front", page("Anns Notizen | Niederfell sperrt Brücke", "", "<h2>Niederfell sperrt Brücke</h2>"), "Niederfell sperrt Brücke"},
		{"a heading that leads home is the outlet's name", page("Niederfell sperrt seine Brücke für Lastwagen", "", `<h1><a href="/">Das Tal und seine Niederfeller Blätter</a></h1>`), "Niederfell sperrt seine Brücke für Lastwagen"},
		{"a kicker in the heading that no title has", page("Niederfell sperrt Brücke", "Niederfell sperrt Brücke", "<h1><i>Verkehr</i> <b>Niederfell</b> sperrt Brücke</h1>"), "Niederfell sperrt Brücke"},
		{"the outlet's name as its address says", page("Niederfell: Brücke zu • FELLPOST", "", ""), "Niederfell: Brücke zu"},
		{"the outlet's name behind the heading's own words", page(headline, headline, "<h1>"+headline+" | Fellpost</h1>"), headline},
	} {
		p, err := Read([]byte(c.page), "text/html; charset=utf-8", "https://www.fellpost.example/tal/bruecke", noon)
		if err != nil || p.Title != c.want {
			t.Errorf("%s: Read gives the title %q, %v; want %q", c.name, p.Title, err, c.want)
		}
	}
}
