package sample

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// dresses are the additions that sites make to an article's text in a feed:
// none of them is news, and a reader of the feed must see through all of them.
var dresses = []string{
	"image",    // a picture with a caption
	"share",    // links to share the article
	"more",     // a teaser that ends in a "Read more…" link
	"appeared", // "The post … appeared first on …."
	"entities", // typographic marks as named HTML entities
	"blog",     // the whole text of a blog's template
}

// marks are the characters that the dress "entities" spells out.
var marks = strings.NewReplacer(
	"’", "&rsquo;", "‘", "&lsquo;", "“", "&ldquo;", "”", "&rdquo;", "–", "&ndash;", "—", "&mdash;",
	"…", "&hellip;", "é", "&eacute;", "è", "&egrave;", "£", "&pound;", "€", "&euro;", "\u00a0", "&nbsp;",
)

func (it item) wears(dress string) bool { return slices.Contains(it.dress, dress) }

// teaserHTML is the summary as a feed's description carries it; empty if the
// article has no summary.
func (it item) teaserHTML() string {
	if it.teaser {
		return it.spell(html.EscapeString(it.beginning()))
	}
	if it.summary == "" {
		return ""
	}
	text := html.EscapeString(it.summary)
	if it.wears("more") {
		text = fmt.Sprintf(`<p>%s <a href="%s" class="more">Read more…</a></p>`, text, html.EscapeString(it.link))
	}
	return it.spell(text)
}

// beginning is the text up to somewhere in its first sentence.
func (it item) beginning() string {
	words := strings.Fields(strings.Join(append([]string{it.summary}, it.paragraphs...), " "))
	return strings.Join(words[:min(len(words), 14)], " ") + " […]"
}

// contentHTML is the whole text as content:encoded or its like carries it;
// empty if the feed gives the teaser only.
func (it item) contentHTML(o outlet) string {
	if len(it.paragraphs) == 0 || it.teaser {
		return ""
	}
	if it.wears("blog") {
		return it.blogHTML()
	}
	var b strings.Builder
	title, link := html.EscapeString(it.title), html.EscapeString(it.link)
	for i, p := range it.paragraphs {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(p))
		if i == 0 && it.wears("image") {
			fmt.Fprintf(&b, "<figure><img src=\"%s\" alt=\"\" width=\"640\" height=\"360\" /><figcaption>Photo: %s</figcaption></figure>\n", html.EscapeString(it.imageURL(o)), html.EscapeString(o.Name))
		}
	}
	if it.wears("share") {
		share := html.EscapeString(o.home() + "share?page=" + it.path)
		fmt.Fprintf(&b, "<p class=\"share\"><a href=\"%s&amp;to=mail\">Share by e-mail</a> | <a href=\"%s&amp;to=chat\">Share in a chat</a> | <a href=\"%s&amp;to=print\">Print</a></p>\n", share, share, share)
	}
	if it.wears("appeared") {
		fmt.Fprintf(&b, "<p>The post <a href=\"%s\">%s</a> appeared first on <a href=\"%s\">%s</a>.</p>\n", link, title, html.EscapeString(o.home()), html.EscapeString(o.Name))
	}
	return it.spell(b.String())
}

// blogHTML wraps the paragraphs as free blog templates do when they publish
// their whole page: the title twice, the place for advertising, the comments.
func (it item) blogHTML() string {
	var b strings.Builder
	title := html.EscapeString(it.title)
	fmt.Fprintf(&b, "<h3>%s</h3>\n<div class=\"widget\">Header Ads Widget</div>\n<h1>%s</h1>\n<div>&nbsp;</div>\n<br />\n", title, title)
	for _, p := range it.paragraphs {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(p))
	}
	b.WriteString("<br />\n<h4>Post a Comment</h4>\n<p>0 Comments</p>\n")
	return it.spell(b.String())
}

// spell turns typographic marks into entities if the outlet does so.
func (it item) spell(text string) string {
	if it.wears("entities") {
		return marks.Replace(text)
	}
	return text
}

// imageURL is the address of the article's picture; nothing is served there.
func (it item) imageURL(o outlet) string {
	return "https://" + o.Host + "/images" + it.path + ".jpg"
}
