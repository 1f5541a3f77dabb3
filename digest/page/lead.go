package page

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"tidings/digest/text"
)

// How long a lead is, in words, and how far behind the headline it may stand, in
// elements.
const (
	shortestLead = 7
	longestLead  = 100
	leadWithin   = 60
)

// leadOf is the paragraph between headline and text that says what happened:
// the one that the page describes itself with. Engines that look
// for the densest part leave it out.
func leadOf(doc *html.Node, description string) string {
	told := wordsOf(description)
	behind := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if behind == 0 && n.Data != "h1" {
			continue
		}
		if behind++; behind > leadWithin {
			return ""
		}
		if !leadElements[n.Data] || first(n, isBlock) != nil {
			continue
		}
		shown := strings.Join(strings.Fields(textOf(n)), " ")
		words := text.CountWords(shown)
		if words < shortestLead || words > longestLead {
			continue
		}
		if beginAlike(wordsOf(shown), told) {
			return shown
		}
	}
	return ""
}

var leadElements = map[string]bool{"p": true, "div": true, "h2": true, "h3": true, "strong": true, "span": true, "b": true, "section": true}

// isBlock tells an element that has lines of its own.
func isBlock(n *html.Node) bool {
	return n.Type == html.ElementNode && (n.Data == "p" || n.Data == "div" || n.Data == "h2" || n.Data == "h3" || n.Data == "ul" || n.Data == "li" || n.Data == "section" || n.Data == "table")
}

// beginAlike tells whether two texts begin with the same words.
func beginAlike(a, b []string) bool {
	n := min(len(a), len(b), 12)
	return n >= shortestLead && slices.Equal(a[:n], b[:n])
}

// withLead puts the lead before paragraphs that do not say most of it anyway.
func withLead(lead string, paragraphs []string) []string {
	words := wordsOf(lead)
	if len(words) == 0 || len(paragraphs) == 0 {
		return paragraphs
	}
	known := map[string]bool{}
	for i, p := range paragraphs {
		w := wordsOf(p)
		if beginAlike(w, words) || strings.Contains(p, lead) {
			return paragraphs
		}
		for _, word := range w {
			known[word] = known[word] || i < 4
		}
	}
	said := 0
	for _, word := range words {
		if known[word] {
			said++
		}
	}
	if 3*said > 2*len(words) {
		return paragraphs
	}
	return append([]string{lead}, paragraphs...)
}
