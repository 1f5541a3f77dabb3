package page

import (
	"strings"
	"testing"
)

// teasers are what an overview shows of six articles.
var teasers = []struct{ path, title, begin string }{
	{"/news/tools", "Lower Fell opens a library of tools", "The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery by the river."},
	{"/news/bridge", "Council closes the old bridge to trucks", "The bridge of 1911 is closed to trucks from Monday until its piers have been looked at by divers."},
	{"/news/school", "The school gets a kitchen of its own", "Four hundred children will eat what is cooked in their own school, and not what comes in a truck."},
	{"/news/rain", "Rain floods the lower quay again", "Firefighters pumped out nineteen cellars after the third storm of the month pushed the river over the quay."},
	{"/news/choir", "The choir that sings for ships", "Every evening in the summer forty people stand on the pier and sing to whoever sails out of the harbour."},
	{"/news/owls", "Owls return to the church tower", "A pair of barn owls has nested in the tower of the church for the first time since it burnt down in 1964."},
}

// overview writes each teaser in a shape; PATH, TITLE and BEGIN stand for what is its own.
func overview(shape string) string {
	var b strings.Builder
	for _, t := range teasers {
		b.WriteString(strings.NewReplacer("PATH", t.path, "TITLE", t.title, "BEGIN", t.begin).Replace(shape))
	}
	return b.String()
}

func TestCardsOfOneShapeAreAList(t *testing.T) {
	const (
		card   = `<div class="card"><h3><a href="PATH">TITLE</a></h3><p>BEGIN</p></div>`
		second = "<p>Most of the tools came from the cellar of a joiner who died last year and left them to the town.</p>" +
			"<p>The bakery had stood empty since its ovens went out, and the smell of bread is said to hang in the beams.</p>" +
			"<p>Whoever brings a saw back blunt pays nothing either, but has to watch how it is sharpened.</p>"
		article = "<h1>" + storyTitle + "</h1><article>" + story + second + "</article>"
	)
	for _, c := range []struct {
		name, page string
		want       Kind
	}{
		{"cards with a heading that is linked", document("News", "<h1>News</h1><main>"+overview(card)+"</main>"), List},
		{"cards that are links as a whole", document("News", "<main>"+overview(`<a class="teaser" href="PATH"><h2>TITLE</h2><p>BEGIN</p></a>`)+"</main>"), List},
		{"cards with a heading and read more", document("News", "<main>"+overview(`<div class="card"><h5>TITLE</h5><p>BEGIN</p><p><a class="btn" href="PATH">Read more</a></p></div>`)+"</main>"), List},
		{"cards with pictures, dates, authors and a section", document("News", "<main>"+overview(`<article class="post"><a href="PATH"><img src="a.jpg"></a><div class="meta"><a href="/town">Town</a> <time datetime="2026-03-01">1 March</time> by Ann Bell</div><h2><a href="PATH">TITLE</a></h2><div><p>BEGIN</p></div></article>`)+"</main>"), List},
		{"entries of a list", document("News", "<ul>"+overview(`<li><div><a href="PATH">TITLE</a></div><p>BEGIN</p></li>`)+"</ul>"), List},
		{"rows of a table", document("News", "<table>"+overview(`<tr><td><h3><a href="PATH">TITLE</a></h3><p>BEGIN</p></td></tr>`)+"</table>"), List},
		{"cards with whole addresses and counted classes", document("News", "<main>"+overview(`<section class="item1"><h3><a href="https://fell.example/PATH">TITLE</a></h3><p>BEGIN</p></section>`)+"</main>"), List},
		{"cards in German", strings.Replace(document("Nachrichten", "<main>"+strings.NewReplacer("The ", "Die ", " of ", " von ").Replace(overview(card))+"</main>"), "lang=en", "lang=de", 1), List},

		{"an article above cards", document(storyTitle, article+`<section>`+overview(card)+`</section>`), Article},
		{"an article beside cards", document(storyTitle, `<div>`+overview(card)+`</div>`+article), Article},
		{"an article with a card between its paragraphs", document(storyTitle, strings.Replace(article, "</p><p>", `</p><div class="card"><h3><a href="/news/bridge">Council closes the old bridge to trucks</a></h3><p>The bridge of 1911 is closed to trucks from Monday.</p></div><p>`, 4)), Article},
		{"an article whose paragraphs begin with links", document(storyTitle, "<h1>"+storyTitle+"</h1>"+overview(`<p><a href="PATH">TITLE</a>, the paper wrote. BEGIN</p>`)), Article},
		{"an article of places, with links elsewhere", document("Six places to see", "<h1>Six places to see</h1>"+overview(`<div class="place"><h2><a href="https://places.example/PATH">TITLE</a></h2><p>BEGIN</p></div>`)), Article},
		{"an article of chapters with links to themselves", document("Six places to see", "<h1>Six places to see</h1>"+overview(`<div class="place"><h2><a href="#PATH">TITLE</a></h2><p>BEGIN</p></div>`)), Article},
		{"an article that its data call one", strings.Replace(document("The week in Fell", "<h1>The week in Fell</h1>"+overview(card)), "<head>", `<head><script type="application/ld+json">{"@type":"NewsArticle","headline":"The week in Fell"}</script>`, 1), Article},
		{"three cards are none", document(storyTitle, "<h1>"+storyTitle+"</h1>"+strings.Join(strings.SplitAfter(overview(card), "</div>")[:3], "")+story), Article},
	} {
		p, err := Read([]byte(c.page), "text/html; charset=utf-8", "https://fell.example/news/", noon)
		if err != nil || p.Kind != c.want {
			t.Errorf("%s: kind = %q (%s), %v, want %q\n%s", c.name, p.Kind, p.Why, err, c.want, show(p))
		}
	}
}

// TestWhatWeighsTooMuchIsNotGivenToReadability counts what readability would have to read,
// for what it costs is that.
func TestWhatWeighsTooMuchIsNotGivenToReadability(t *testing.T) {
	nested := func(depth int, between string) string {
		return document(storyTitle, "<h1>"+storyTitle+"</h1>"+strings.Repeat("<div>"+between, depth)+story)
	}
	for _, c := range []struct {
		name, page string
		plain      bool
	}{
		{"a page of news", newspaper(30, linked), false},
		{"a long read", newspaper(150, linked), false},
		{"little text in many elements", nested(140, ""), false},
		{"much text in one element", document(storyTitle, strings.Repeat(story, 3000)), false},
		{"much text in many elements", nested(140, "<p>"+strings.Repeat("One, two, three, four, five. ", 300)+"</p>"), true},
		{"many elements in many", nested(140, strings.Repeat("<p>One, two, three, four, five, six.</p>", 180)), true},
	} {
		r, err := reduce([]byte(c.page))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := parse(r.markup)
		if err != nil {
			t.Fatal(err)
		}
		weight := weightOf(doc)
		t.Logf("%s weighs %.1f MB", c.name, float64(weight)/(1<<20))
		if weight > mostWeight != c.plain {
			t.Errorf("%s weighs %d, more than %d: %t, want %t", c.name, weight, mostWeight, weight > mostWeight, c.plain)
		}
		p, err := Read([]byte(c.page), "text/html", "https://fell.example/a", noon)
		if plain := strings.Contains(p.Found, "nested too deeply"); err != nil || plain != c.plain || p.Text == "" {
			t.Errorf("%s: found by %q, %v, %d bytes", c.name, p.Found, err, len(p.Text))
		}
	}
}
