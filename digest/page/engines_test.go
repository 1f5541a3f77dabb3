package page

import (
	"slices"
	"strings"
	"testing"
)

// Paragraphs of a text that several engines found in part.
const (
	lead   = "The town of Lower Fell lends tools to whoever needs them, and asks for nothing."
	second = "Residents can take home any of 412 saws, drills and ladders for a week."
	third  = "Two retired joiners check what comes back and sharpen the blades before nine."
	fourth = "A second room will open in spring, the mayor said on Saturday at the door."
	label  = "More about the town and its many old tools"
)

func TestFillPutsSentencesIntoTheirPlaces(t *testing.T) {
	for _, c := range []struct {
		name        string
		base, other []string
		behind      int
		want        []string
		noted       string
	}{
		{"a block between two that both have", []string{second, fourth}, []string{second, third, fourth}, 0, []string{second, third, fourth}, "1 paragraph that only another found"},
		{"the lead before the first", []string{second, third}, []string{lead, second, third}, 0, []string{lead, second, third}, "1 paragraph"},
		{"not what stands far before the first", []string{fourth}, []string{label, lead, second, third, fourth}, 0, []string{second, third, fourth}, "2 paragraphs"},
		{"nothing behind the last, unless that is asked for", []string{second}, []string{second, third}, 0, []string{second}, ""},
		{"what stands behind the last", []string{second}, []string{second, third, fourth}, 1, []string{second, third}, "1 paragraph"},
		{"no line that is no sentence", []string{second, fourth}, []string{second, label, fourth}, 0, []string{second, fourth}, ""},
		{"nothing of a text that has no part in common", []string{second}, []string{third, fourth}, 3, []string{second}, ""},
		{"a paragraph that is cut otherwise is the same", []string{second + " " + third, fourth}, []string{second, third, fourth}, 0, []string{second + " " + third, fourth}, ""},
		{"Chinese has no spaces between words", []string{"下谷镇免费出租工具。", "春天将开放第二个房间。"}, []string{"下谷镇免费出租工具。", "两位退休的木匠负责检查归还的工具并磨利刀片。", "春天将开放第二个房间。"}, 0,
			[]string{"下谷镇免费出租工具。", "两位退休的木匠负责检查归还的工具并磨利刀片。", "春天将开放第二个房间。"}, "1 paragraph"},
		{"nothing to fill", nil, []string{second}, 3, nil, ""},
	} {
		got := chosen{paragraphs: c.base}
		got.fill(c.other, "another", c.behind)
		if !slices.Equal(got.paragraphs, c.want) || !strings.Contains(got.how, c.noted) || c.noted == "" && got.how != "" {
			t.Errorf("%s: fill = %q (%s), want %q (%s)", c.name, got.paragraphs, got.how, c.want, c.noted)
		}
	}
}

// TestAnotherEngineIsAskedWhenSomethingIsLost: what a page holds beside the text
// decides whether domdistiller is worth its time.
func TestAnotherEngineIsAskedWhenSomethingIsLost(t *testing.T) {
	const menu = "Town"
	for _, c := range []struct {
		name       string
		base, page []string
		want       bool
	}{
		{"all of the page is in the text", []string{second, third}, []string{second, third}, false},
		{"a sentence between two that are there", []string{second, fourth}, []string{second, third, fourth}, true},
		{"a sentence above the text", []string{second, third}, []string{lead, second, third}, true},
		{"a sentence far above the text", []string{fourth}, []string{lead, menu, menu, fourth}, false},
		{"a sentence below the text", []string{second}, []string{second, third}, false},
		{"a line that is no sentence", []string{second, fourth}, []string{second, label, fourth}, false},
		{"two paragraphs that the text has as one", []string{second + " " + third}, []string{second, third}, false},
		{"a text that is nowhere on the page", []string{second}, []string{third, fourth}, true},
		{"no text", nil, []string{second}, true},
	} {
		if got := (&chosen{paragraphs: c.base}).lacks(c.page); got != c.want {
			t.Errorf("%s: lacks = %v, want %v", c.name, got, c.want)
		}
	}
}

// TestNamesThatMislead reads pages whose text stands, block by block, in what is
// called like the parts around an article.
func TestNamesThatMislead(t *testing.T) {
	for _, class := range []string{"popup", "widget", "toolbar", "tags"} {
		body := "<h1>" + storyTitle + "</h1>"
		for _, p := range []string{lead, second, third, fourth, "Nothing was lost in the first year, and only two saws came back broken.", "Whoever brings a tool back late sweeps the floor of the bakery once."} {
			body += `<div class="` + class + `"><p>` + p + "</p></div>"
		}
		p, err := Read([]byte(document(storyTitle, body)), "text/html", "https://fell.example/a", noon)
		if err != nil || p.Kind != Article || !strings.HasPrefix(p.Text, lead) || !strings.Contains(p.Text, "sweeps the floor") {
			t.Errorf("%s: Read = %v\n%s", class, err, show(p))
		}
		if !strings.Contains(p.Found, "whole page") {
			t.Errorf("%s: found by %q", class, p.Found)
		}
	}
}
