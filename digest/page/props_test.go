package page

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTextThatIsGivenToMachinesOnly reads pages that show little of the text that
// they give in JSON.
func TestTextThatIsGivenToMachinesOnly(t *testing.T) {
	sentences := []string{
		"The town of Lower Fell opened its new lending library of tools on Saturday in a former bakery.",
		"Residents can take home any of 412 saws, drills and ladders for a week and pay nothing for it.",
		"Two retired joiners check what comes back and sharpen the blades on Monday mornings before nine.",
		"A second room will open in spring, the mayor said on Saturday, when the oven has been taken out.",
		"Nothing was lost in the first year, and of all the saws that were lent only two came back broken.",
	}
	type object = map[string]any
	var blocks, related []any
	for _, s := range sentences {
		blocks = append(blocks, object{"type": "paragraph", "data": object{"text": "<b>" + s[:4] + "</b>" + s[4:]}})
	}
	for range 9 {
		related = append(related, object{"title": "Another article about the bridge", "url": "/x", "body": strings.Repeat("The bridge is closed to trucks until the piers were looked at by somebody. ", 30)})
	}
	messages := object{"consent": strings.Repeat("Please read our terms before you accept all of the cookies that we use. ", 40)}
	shell := func(props any, visible string) string {
		b, _ := json.Marshal(object{"props": object{"pageProps": props}, "messages": messages, "buildId": strings.Repeat("x", shortestProps)})
		return `<!DOCTYPE html><html lang="en"><head><title>` + storyTitle + ` | Fell Post</title></head><body><div id="__next">` + visible + `</div><script id="__NEXT_DATA__" type="application/json">` + string(b) + `</script></body></html>`
	}
	linked := func(free bool, visible string) string {
		b, _ := json.Marshal(object{"@type": "NewsArticle", "headline": storyTitle, "isAccessibleForFree": free, "articleBody": strings.Join(sentences, "\n\n")})
		return document(storyTitle, `<script type="application/ld+json">`+string(b)+`</script><h1>`+storyTitle+`</h1>`+visible)
	}
	begun := "<p>" + sentences[0] + "</p>"
	whole := Page{Kind: Article, Text: strings.Join(sentences, "\n\n")}
	for _, c := range []struct {
		name, page string
		want       Page
	}{
		{"paragraphs in a list of blocks", shell(object{"article": object{"title": storyTitle, "blocks": blocks, "related": related}}, ""), whole},
		{"a string of HTML", shell(object{"post": object{"headline": storyTitle, "content": "<p>" + strings.Join(sentences, "</p><p>") + "</p>"}}, ""), whole},
		{"the beginning is shown", shell(object{"article": object{"title": storyTitle, "blocks": blocks}}, "<h1>"+storyTitle+"</h1>"+begun), whole},
		{"only other articles and messages", shell(object{"related": related}, ""), Page{Kind: Script}},
		{"an object of the title without a text", shell(object{"article": object{"title": storyTitle, "tags": []string{"tools", "town"}}}, ""), Page{Kind: Script}},
		{"linked data of which the beginning is shown", linked(true, begun+"<p>"+sentences[1]+"</p>"), whole},
		{"linked data of what is sold", linked(false, begun), Page{Kind: Paywall, Text: whole.Text}},
		{"what scripts show to those who paid", strings.Replace(shell(object{"article": object{"title": storyTitle, "blocks": blocks}}, "<h1>"+storyTitle+"</h1>"+begun), "</head>", `<script type="application/ld+json">{"@type":"NewsArticle","headline":"`+storyTitle+`","isAccessibleForFree":false}</script></head>`, 1), Page{Kind: Script, Text: sentences[0]}},
		{"JSON that is broken", strings.Replace(shell(object{"title": storyTitle, "blocks": blocks}, ""), `"pageProps":`, `"pageProps"`, 1), Page{Kind: Script}},
	} {
		p, err := Read([]byte(c.page), "text/html", "https://fell.example/news/tools", noon)
		if err != nil || p.Kind != c.want.Kind || p.Text != c.want.Text {
			t.Errorf("%s: Read gives %q, %v, want %q\n%s\n(found by %s)", c.name, p.Kind, err, c.want.Kind, p.Text, p.Found)
		}
	}
}

func TestOnlyScriptsWithoutSpacesMakeATextOfOneWord(t *testing.T) {
	for _, c := range []struct {
		name, given string
		want        bool
	}{
		{"Chinese", "镇上的图书馆周六在旧面包房里开始出借锯子和梯子。", true},
		{"Thai", "ห้องสมุดเครื่องมือเปิดแล้วในร้านขนมปังเก่า", true},
		{"a key with a dash", "read-more—label", false},
		{"a key in quotes", "“label”", false},
		{"a picture", "🔨", false},
		{"Korean, which has spaces", "도서관", false},
	} {
		if got := strings.IndexFunc(c.given, isWide) >= 0; got != c.want {
			t.Errorf("%s: %q is of a script without spaces: %t, want %t", c.name, c.given, got, c.want)
		}
	}
}
