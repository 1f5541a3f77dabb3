package sample

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"time"
)

// render writes the outlet's feed in its format. Updated is when the document
// last changed.
func (o outlet) render(items []item, updated time.Time) ([]byte, error) {
	var doc any
	switch o.Format {
	case "json":
		text, err := json.MarshalIndent(o.jsonFeed(items), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("render feed of %s: %w", o.Name, err)
		}
		return text, nil
	case "atom":
		doc = o.atom(items, updated)
	case "rdf":
		doc = o.rdf(items)
	default:
		doc = o.rss(items, updated)
	}
	text, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("render feed of %s: %w", o.Name, err)
	}
	return append([]byte(xml.Header), text...), nil
}

// The wire structs write prefixed names as they stand: encoding/xml would
// declare a namespace anew on every element, which no publisher does.

type cdata struct {
	Text string `xml:",cdata"`
}

// wrap gives nil for an empty text, so that its element is left out.
func wrap(text string) *cdata {
	if text == "" {
		return nil
	}
	return &cdata{text}
}

type rssDocument struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	GUID        rssGUID       `xml:"guid"`
	Published   string        `xml:"pubDate"`
	Creator     string        `xml:"dc:creator,omitempty"`
	Categories  []string      `xml:"category"`
	Description *cdata        `xml:"description"`
	Content     *cdata        `xml:"content:encoded"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Text      string `xml:",chardata"`
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int    `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

const (
	contentSpace = "http://purl.org/rss/1.0/modules/content/"
	dcSpace      = "http://purl.org/dc/elements/1.1/"
)

func (o outlet) rss(items []item, updated time.Time) rssDocument {
	doc := rssDocument{Version: "2.0", Content: contentSpace, DC: dcSpace, Channel: rssChannel{
		Title: cmp.Or(o.heading, o.Name), Link: o.home(), Description: o.Tagline, Language: o.Language, Built: updated.Format(time.RFC1123Z),
	}}
	for _, it := range items {
		entry := rssItem{
			Title: it.title, Link: it.link, GUID: rssGUID{Text: it.guid}, Published: it.date.Format(time.RFC1123Z),
			Creator: it.author, Categories: it.categories, Description: wrap(it.teaserHTML()), Content: wrap(it.contentHTML(o)),
		}
		if it.wears("image") {
			entry.Enclosure = &rssEnclosure{URL: it.imageURL(o), Type: "image/jpeg"}
		}
		doc.Channel.Items = append(doc.Channel.Items, entry)
	}
	return doc
}

type rdfDocument struct {
	XMLName xml.Name   `xml:"rdf:RDF"`
	RDF     string     `xml:"xmlns:rdf,attr"`
	RSS     string     `xml:"xmlns,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Channel rdfChannel `xml:"channel"`
	Items   []rdfItem  `xml:"item"`
}

type rdfChannel struct {
	About       string        `xml:"rdf:about,attr"`
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	Description string        `xml:"description"`
	Language    string        `xml:"dc:language"`
	Sequence    []rdfResource `xml:"items>rdf:Seq>rdf:li"`
}

type rdfResource struct {
	Resource string `xml:"rdf:resource,attr"`
}

type rdfItem struct {
	About       string   `xml:"rdf:about,attr"`
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	Description string   `xml:"description,omitempty"`
	Creator     string   `xml:"dc:creator,omitempty"`
	Date        string   `xml:"dc:date"`
	Subjects    []string `xml:"dc:subject"`
	Content     *cdata   `xml:"content:encoded"`
}

// rdf names its items by their links, as RSS 1.0 asks: that format has no guid.
func (o outlet) rdf(items []item) rdfDocument {
	doc := rdfDocument{
		RDF: "http://www.w3.org/1999/02/22-rdf-syntax-ns#", RSS: "http://purl.org/rss/1.0/", Content: contentSpace, DC: dcSpace,
		Channel: rdfChannel{About: o.home(), Title: cmp.Or(o.heading, o.Name), Link: o.home(), Description: o.Tagline, Language: o.Language},
	}
	for _, it := range items {
		doc.Channel.Sequence = append(doc.Channel.Sequence, rdfResource{it.link})
		doc.Items = append(doc.Items, rdfItem{
			About: it.link, Title: it.title, Link: it.link, Description: it.teaserHTML(), Creator: it.author,
			Date: it.date.Format(time.RFC3339), Subjects: it.categories, Content: wrap(it.contentHTML(o)),
		})
	}
	return doc
}

type atomDocument struct {
	XMLName  xml.Name    `xml:"feed"`
	Space    string      `xml:"xmlns,attr"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Link     atomLink    `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Relation string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Address  string `xml:"href,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Link       atomLink       `xml:"link"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Author     *atomAuthor    `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Summary    *atomText      `xml:"summary"`
	Content    *atomText      `xml:"content"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func (o outlet) atom(items []item, updated time.Time) atomDocument {
	doc := atomDocument{
		Space: "http://www.w3.org/2005/Atom", Language: o.Language, ID: "tag:" + o.Host + ",2026:feed", Title: cmp.Or(o.heading, o.Name),
		Subtitle: o.Tagline, Updated: updated.Format(time.RFC3339), Link: atomLink{"alternate", "text/html", o.home()},
	}
	for _, it := range items {
		entry := atomEntry{
			ID: it.guid, Title: it.title, Link: atomLink{"alternate", "text/html", it.link},
			Published: it.date.Format(time.RFC3339), Updated: it.date.Format(time.RFC3339),
		}
		if it.author != "" {
			entry.Author = &atomAuthor{it.author}
		}
		for _, c := range it.categories {
			entry.Categories = append(entry.Categories, atomCategory{c})
		}
		if text := it.teaserHTML(); text != "" {
			entry.Summary = &atomText{"html", text}
		}
		if text := it.contentHTML(o); text != "" {
			entry.Content = &atomText{"html", text}
		}
		doc.Entries = append(doc.Entries, entry)
	}
	return doc
}

type jsonDocument struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	HomePage    string     `json:"home_page_url"`
	Description string     `json:"description"`
	Language    string     `json:"language"`
	Items       []jsonItem `json:"items"`
}

type jsonItem struct {
	ID          string       `json:"id"`
	URL         string       `json:"url"`
	Title       string       `json:"title"`
	Summary     string       `json:"summary,omitempty"`
	ContentHTML string       `json:"content_html,omitempty"`
	ContentText string       `json:"content_text,omitempty"`
	Image       string       `json:"image,omitempty"`
	Published   string       `json:"date_published"`
	Authors     []jsonAuthor `json:"authors,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

func (o outlet) jsonFeed(items []item) jsonDocument {
	doc := jsonDocument{Version: "https://jsonfeed.org/version/1.1", Title: cmp.Or(o.heading, o.Name), HomePage: o.home(), Description: o.Tagline, Language: o.Language, Items: []jsonItem{}}
	for _, it := range items {
		entry := jsonItem{
			ID: it.guid, URL: it.link, Title: it.title, Summary: it.summary, ContentHTML: it.contentHTML(o),
			Published: it.date.Format(time.RFC3339), Tags: it.categories,
		}
		// JSON Feed wants one kind of content in every item.
		if entry.ContentHTML == "" {
			entry.ContentText = it.summary
		}
		if it.author != "" {
			entry.Authors = []jsonAuthor{{it.author}}
		}
		if it.wears("image") {
			entry.Image = it.imageURL(o)
		}
		doc.Items = append(doc.Items, entry)
	}
	return doc
}
