package page

import (
	"strings"
	"testing"
)

// TestNothingIsLostFromASentence reads articles whose markup invites to leave
// something out, or to tell it twice.
func TestNothingIsLostFromASentence(t *testing.T) {
	const questions = `<p><b>What do people borrow most often?</b></p><p>Ann Bell hands out ladders nearly every day, and in spring the long saws for the trees.</p>` +
		`<p><b>What do people borrow most often?</b></p><p>Bo Carr says that nobody wants the pumps before the river rises over the lower quay.</p>`
	for _, c := range []struct {
		name, body string
		want       []string // that stand in the text
		not        []string // that do not
	}{
		{"a link that opens a note, named like a window of advertising", `<p>The council found <a class="popup" href="#" onclick="note(1)">the cheapest way of all</a> to keep the bakery in use for another ten years.</p>`,
			[]string{"The council found the cheapest way of all to keep"}, nil},
		{"a heading that is a link to itself", `<h2 id="rules"><a href="#rules">What the rules say</a></h2><p>Whoever brings a blade back blunt pays for the stone with which it is sharpened again.</p>`,
			[]string{"What the rules say", "Whoever brings"}, nil},
		{"a list of sentences, one of them mostly a link", `<ul><li>The ladders went first, all nineteen of them on one morning.</li><li><a href="/pumps">The two pumps were lent to the school, where the cellar had stood under water since the first week of May</a>, said Bell.</li><li>The drills came back clean on Monday, and with new bits in their cases.</li></ul>`,
			[]string{"The ladders went first", "The two pumps were lent", "The drills came back"}, nil},
		{"a list of links", `<ul><li><a href="/1">Council decides on the old bridge</a></li><li><a href="/2">Rain floods the lower quay again</a></li><li><a href="/3">School opens its new kitchen</a></li></ul>`,
			nil, []string{"Council decides", "Rain floods", "School opens"}},
		{"a question that is asked of two people", questions,
			[]string{"often?\n\nAnn Bell", "often?\n\nBo Carr"}, nil},
		{"an offer that stands there twice", `<p>All our ladders of the week at half the price</p><p>Bell counts the screws on Sundays, when nobody comes and the oven is still warm.</p><p>All our ladders of the week at half the price</p>`,
			[]string{"Bell counts"}, []string{"price\n\nBell counts the screws on Sundays, when nobody comes and the oven is still warm.\n\nAll our ladders"}},
		{"a formula", `<p>When <math><mi>a</mi><mo>≠</mo><mn>0</mn><annotation encoding="tex">a \ne 0</annotation></math>, the joiner cuts the board twice, and once more for luck.</p>`,
			[]string{"When a≠0, the joiner cuts"}, []string{`\ne`}},
		{"a formula for ears and once more for eyes", `<p>When <span class="f"><span><math><mi>a</mi><mo>≠</mo><mn>0</mn></math></span><span aria-hidden="true"><span>a</span><span>≠0</span></span></span>, the joiner cuts the board twice.</p>`,
			[]string{"When a≠0, the joiner cuts"}, []string{"a≠0a"}},
	} {
		p, err := Read([]byte(document(storyTitle, "<h1>"+storyTitle+"</h1>"+story+c.body+story[:strings.Index(story, "</p>")]+"</p>")), "text/html", "https://fell.example/a", noon)
		if err != nil || p.Kind != Article {
			t.Errorf("%s: Read gives %q, %v", c.name, p.Kind, err)
		}
		for _, w := range c.want {
			if !strings.Contains(p.Text, w) {
				t.Errorf("%s: %q is missing in\n%s", c.name, w, p.Text)
			}
		}
		for _, n := range c.not {
			if strings.Contains(p.Text, n) {
				t.Errorf("%s: %q should not stand in\n%s", c.name, n, p.Text)
			}
		}
	}
}
