package page

import (
	"testing"
	"time"
)

// TestDatesThatAPageShows reads pages that tell machines nothing of their date, or
// several things.
func TestDatesThatAPageShows(t *testing.T) {
	const title = `<title>Lower Fell opens a library of tools</title>`
	const heading = `<h1>Lower Fell opens a library of tools</h1>`
	teasers := `<div class="news"><div class="item"><a href="/a">Council decides on the old bridge</a><span class="item-date">9.3.2026</span></div>` +
		`<div class="item"><a href="/b">Rain floods the lower quay</a><span class="item-date">8.3.2026</span></div></div>`
	article := func(language, head, body string) string {
		return `<!DOCTYPE html><html lang="` + language + `"><head>` + title + head + `</head><body>` + body + `</body></html>`
	}
	for _, c := range []struct {
		name, page string
		want       string // "" for none
	}{
		{"English, published and updated", article("en-GB", "", heading+`<p class="meta">Published 3 March 2026. Updated 5 March 2026</p>`+story), "2026-03-03"},
		{"English, updated before first published", article("en-GB", "", heading+`<p class="meta">Updated 5 March 2026, first published 3 March 2026</p>`+story), "2026-03-03"},
		{"German, with the day of a change behind", article("de", "", heading+`<p>Veröffentlicht am 3. März 2026, aktualisiert am 5. März 2026</p>`+story), "2026-03-03"},
		{"French, put online and brought up to date", article("fr", "", heading+`<p>Mis à jour le 5 mars 2026, publié le 3 mars 2026</p>`+story), "2026-03-03"},
		{"Spanish", article("es", "", heading+`<p>Publicado el 3 de marzo de 2026</p>`+story), "2026-03-03"},
		{"Italian", article("it", "", heading+`<p>Pubblicato il 3 marzo 2026 - Aggiornato il 5 marzo 2026</p>`+story), "2026-03-03"},
		{"Portuguese", article("pt", "", heading+`<p>Publicado em 3 de março de 2026</p>`+story), "2026-03-03"},
		{"Polish", article("pl", "", heading+`<p>Opublikowano: 3 marca 2026</p>`+story), "2026-03-03"},
		{"Russian, with the day of a change first", article("ru", "", heading+`<p>Обновлено 5 марта 2026, опубликовано 3 марта 2026</p>`+story), "2026-03-03"},
		{"Turkish", article("tr", "", heading+`<p>Yayın tarihi: 3 Mart 2026, güncelleme: 5 Mart 2026</p>`+story), "2026-03-03"},
		{"Japanese", article("ja", "", heading+`<p>2026年3月3日 公開</p>`+story), "2026-03-03"},
		{"Chinese", article("zh", "", heading+`<p>发布时间：2026年3月3日 更新时间：2026年3月5日</p>`+story), "2026-03-03"},
		{"Korean, put in and corrected", article("ko", "", heading+`<p>입력 2026.03.03 14:20 수정 2026.03.05 09:10</p>`+story), "2026-03-03"},
		{"numbers as Americans order them", article("en-US", "", heading+`<p class="byline">3/2/2026</p>`+story), "2026-03-02"},
		{"numbers as others order them", article("en-GB", "", heading+`<p class="byline">3/2/2026</p>`+story), "2026-02-03"},
		{"only a change is told", article("en", "", heading+`<p>Last updated: 5 March 2026</p>`+story), "2026-03-05"},
		{"a time that words say is of a change", article("en", "", heading+`<p>Updated <time datetime="2026-03-05">Thursday</time></p><p class="date">3 March 2026</p>`+story), "2026-03-03"},
		{"a list of terms", article("en", "", heading+`<dl><dt>Modified</dt><dd>5 March 2026</dd><dt>Last updated</dt><dd>5 March 2026</dd><dt>Published</dt><dd>3 March 2026</dd></dl>`+story), "2026-03-03"},
		{"a table with labels, at the end", article("de", "", heading+story+story+`<table><tr><td>Zuletzt geändert am:</td><td>05.03.2026</td></tr><tr><td>Erschienen am:</td><td>03.03.2026</td></tr></table>`), "2026-03-03"},
		{"a label in an element of its own, and a name that says something else", article("fr", "", heading+`<div class="event"><span>Publié le :</span><h2 class="event-title">3 mars 2026</h2></div>`+story+`<h4>Dernière mise à jour :</h4><ul class="dates"><li class="dates-item">5 mars 2026</li></ul>`), "2026-03-03"},
		{"labels in Russian", article("ru", "", heading+story+`<div><span>Обновлено:</span> <b>05.03.2026</b></div><div><span>Опубликовано:</span> <b>03.03.2026</b></div>`), "2026-03-03"},
		{"labels in Japanese", article("ja", "", heading+`<table><tr><th>更新日</th><td>2026年3月5日</td></tr><tr><th>公開日</th><td>2026年3月3日</td></tr></table>`+story), "2026-03-03"},
		{"labels in Arabic", article("ar", "", heading+`<ul><li><b>تحديث</b> <span>5 مارس 2026</span></li><li><b>نشر</b> <span>3 مارس 2026</span></li></ul>`+story), "2026-03-03"},
		{"one label of both", article("en", "", heading+`<p>Published on Tuesday and updated <b>5 March 2026</b></p><p>3 March 2026</p>`+story), "2026-03-03"},
		{"a text in a wrapping that is named after teasers", article("de", "", `<div class="teaser-single"><div class="newsHeader"><b>Fell</b> <span class="blue">03.03.2026</span></div>`+story+`</div><div class="teaser-list"><p class="date">09.03.2026</p></div>`), "2026-03-03"},
		{"no year, and the whole day in the name of a picture", article("ja", `<link rel="stylesheet" href="/css/20240105.css">`, heading+`<p class="date">[03月03日 11時30分]</p><img src="/news/20250303/a.jpg">`+story), "2025-03-03"},
		{"no year, and a later day in an address", article("de", `<link rel="stylesheet" href="/a.css?v=2026-02-22">`, heading+`<p>3. März, 14:05 Uhr</p>`+story), "2026-03-03"},
		{"no year, over the turn of one", article("fr", `<link rel="stylesheet" href="/a.css?v=20260104120000">`, heading+`<p>28 décembre</p>`+story), "2025-12-28"},
		{"no year, and the copyright's", article("en", "", heading+`<p class="meta">Tuesday, March 3</p>`+story+`<footer><p>© 2019–2025 Fell Post</p></footer>`), "2025-03-03"},
		{"no year, and the day is still to come in that of the copyright", article("en", "", heading+`<p>28 December</p>`+story+`<footer><p>Copyright Fell Post 2026</p></footer>`), "2025-12-28"},
		{"no year anywhere", article("en", "", heading+`<p class="date">3 March</p>`+story), ""},
		{"numbers that are no day", article("en", `<link rel="stylesheet" href="/a.css?v=2026-02-22">`, heading+`<p class="meta">5 min read, 12 comments, version 1.2.3</p>`+story), ""},
		{"days of other articles without a year", article("de", `<link rel="stylesheet" href="/a.css?v=2026-02-22">`, heading+story+`<div class="teaser-list"><p class="date">3. März</p></div>`), ""},
		{"today in the page's head", article("de", "", `<div id="clock">Montag, 9. März 2026</div>`+teasers+heading+`<p>3. März 2026, 14:05 Uhr</p>`+story), "2026-03-03"},
		{"a date right above the headline", article("de", "", `<span class="metadata">Fell, 3.3.2026</span>`+heading+`<p>Gestern, am <strong>Mittwoch, 1.4.2026</strong>, sahen die Fellbahner, was aus der alten Schmiede am Kai geworden ist, und wer die Leitern in Ordnung hält, die dort nun an der Wand hängen.</p>`+story), "2026-03-03"},
		{"dates of other articles in lists", article("de", "", teasers+heading+`<p>3. März 2026</p>`+story+teasers), "2026-03-03"},
		{"only dates of other articles", article("de", "", heading+story+teasers), ""},
		{"a date in a link to a document", article("de", "", heading+`<p>Siehe <a class="publication" href="/x.pdf">Pressemitteilung Nr. 4 vom 1. Februar 2026</a></p>`+story), ""},
		{"a text that begins with its date", article("de", "", `<div class="item"><div>Angebote</div></div><div class="text"><p>(3. März 2026) Die Leute von Lower Fell können sich seit Samstag Leitern, Sägen und Schläuche leihen, die niemand jeden Tag braucht und die sonst in einem Keller stehen, bis sie rosten.</p></div>`), "2026-03-03"},
		{"a date in a wrapping that is named after the sidebar", article("en", "", `<div class="layout-with-right-sidebar"><ul><li class="newsdate"><time datetime="2026-03-03 16:11">3 March</time></li></ul><h2>Tools for everyone</h2>`+story+`</div>`), "2026-03-03"},
		{"a headline with the outlet's name at the top, and once more with the date", article("en", `<meta property="og:site_name" content="Fell Post">`, `<h1 class="hidden">Lower Fell opens a library of tools | Fell Post</h1>`+teasers+`<h2>Lower Fell opens a library of tools</h2><p><time datetime="2026-03-03T08:00:00Z">3 March</time></p>`+story), "2026-03-03"},
		{"machines are told two days, and readers the later", article("en", `<meta property="article:published_time" content="2026-03-03T08:00:00Z"><script type="application/ld+json">{"@type":"NewsArticle","headline":"x","datePublished":"2026-02-20"}</script>`, heading+`<p class="date">3 March 2026</p>`+story), "2026-03-03"},
		{"machines are told two days, and readers none", article("en", `<meta property="article:published_time" content="2026-03-03T08:00:00Z"><script type="application/ld+json">{"@type":"NewsArticle","headline":"x","datePublished":"2026-02-20"}</script>`, heading+story), "2026-02-20"},
		{"a date of anything, and another with the headline", article("en", `<meta name="date" content="2026-03-09">`, heading+`<p><time datetime="2026-03-03T08:00:00Z">3 March</time></p>`+story), "2026-03-03"},
	} {
		p, err := Read([]byte(c.page), "text/html", "https://fell.example/news/tools", noon)
		got := ""
		if !p.Published.IsZero() {
			got = p.Published.Format(time.DateOnly)
		}
		if err != nil || got != c.want {
			t.Errorf("%s: Read gives %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	for address, want := range map[string]string{
		"https://fell.example/2026/03/03/tools": "2026-03-03", "https://fell.example/news/20260303/tools": "2026-03-03", "https://fell.example/2026-3-3-tools": "2026-03-03",
		"https://fell.example/20260303162711/tools": "", "https://fell.example/2026/43/tools": "",
	} {
		p, err := Read([]byte(article("en", "", heading+story)), "text/html", address, noon)
		if got := p.Published; err != nil || want == "" && !got.IsZero() || want != "" && got.Format(time.DateOnly) != want {
			t.Errorf("at %s Read gives %v, %v; want %q", address, got, err, want)
		}
	}
}
