package feed

import (
	"bytes"
	"strings"
)

// A space is a vocabulary that names of elements come from.
type space string

const (
	core    space = "" // RSS, RDF and Channel Definition Format; in an Atom feed Atom
	atoms   space = "atom"
	dublin  space = "dc"
	terms   space = "dcterms"
	content space = "content"
	itunes  space = "itunes"
	media   space = "media"
	xhtml   space = "xhtml"
	rhythm  space = "sy"
	foreign space = "?"
)

// spaceAddresses are the addresses that stand for vocabularies, in lower case
// and without what ends them.
var spaceAddresses = map[string]space{
	"":                                      core,
	"http://purl.org/rss/1.0":               core,
	"http://purl.org/net/rss1.1":            core,
	"http://my.netscape.com/rdf/simple/0.9": core,
	"http://channel.netscape.com/rdf/simple/0.9":  core,
	"http://www.w3.org/1999/02/22-rdf-syntax-ns":  core,
	"http://backend.userland.com/rss":             core,
	"http://backend.userland.com/rss2":            core,
	"http://backend.userland.com/rss091":          core,
	"http://blogs.law.harvard.edu/tech/rss":       core,
	"http://www.w3.org/2005/atom":                 atoms,
	"http://purl.org/atom/ns":                     atoms,
	"http://purl.org/echo":                        atoms,
	"http://purl.org/dc":                          dublin,
	"http://purl.org/dc/elements/1.0":             dublin,
	"http://purl.org/dc/elements/1.1":             dublin,
	"http://purl.org/metadata/dublin_core":        dublin,
	"http://purl.org/dc/terms":                    terms,
	"http://purl.org/rss/1.0/modules/content":     content,
	"http://www.itunes.com/dtds/podcast-1.0.dtd":  itunes,
	"http://example.com/dtds/podcast-1.0.dtd":     itunes,
	"http://www.itunes.com/dtds/podcast":          itunes,
	"http://search.yahoo.com/mrss":                media,
	"http://search.yahoo.com/rss":                 media,
	"http://tools.search.yahoo.com/mrss":          media,
	"http://video.search.yahoo.com/mrss":          media,
	"http://www.w3.org/1999/xhtml":                xhtml,
	"http://purl.org/rss/1.0/modules/syndication": rhythm,
}

// spacePrefixes are what prefixes mean that nobody declared.
var spacePrefixes = map[string]space{
	"rss": core, "rdf": core, "atom": atoms, "atom10": atoms, "atom03": atoms, "dc": dublin, "dcterms": terms,
	"content": content, "itunes": itunes, "media": media, "sy": rhythm, "xhtml": xhtml, "html": xhtml,
}

func spaceOf(address string) space {
	address = strings.TrimRight(strings.ToLower(strings.TrimSpace(address)), "/#")
	address = strings.Replace(address, "https://", "http://", 1)
	if s, ok := spaceAddresses[address]; ok {
		return s
	}
	return foreign
}

// use is what is done with an element.
type use int

const (
	drop     use = iota // with all that is in it
	through             // its children count as its parent's
	holder              // it has children
	prose               // its content is text with markup
	value               // its content is a short text
	linked              // a link
	person              // a person
	depicted            // a picture of an item
)

// A rule is what an element is written as and how.
type rule struct {
	name string
	use  use
}

// What an element may hold, by vocabulary and name. Of what is not here nothing
// is wanted.
var (
	rssRoot = map[string]rule{
		"channel": {"channel", holder}, "item": {"item", holder},
	}
	rssChannel = map[string]rule{
		"item": {"item", holder}, "items": {"", drop},
		"ttl": {"ttl", value}, "skiphours": {"skipHours", holder}, "skipdays": {"skipDays", holder},
		"sy:updateperiod": {"sy:updatePeriod", value}, "sy:updatefrequency": {"sy:updateFrequency", value},
		"title": {"title", prose}, "link": {"link", linked}, "description": {"description", prose}, "language": {"language", value},
		"abstract": {"description", prose}, "tagline": {"atom:subtitle", prose}, "subtitle": {"atom:subtitle", prose},
		"atom:link": {"atom:link", linked}, "atom:subtitle": {"atom:subtitle", prose}, "atom:title": {"dc:title", prose}, "atom:id": {"", drop},
		"dc:title": {"dc:title", prose}, "dc:description": {"dc:description", prose}, "dc:language": {"dc:language", value},
		"itunes:subtitle": {"atom:subtitle", prose}, "itunes:summary": {"dc:description", prose}, "media:title": {"dc:title", prose}, "media:description": {"dc:description", prose},
	}
	rssSkips = map[string]rule{"hour": {"hour", value}, "day": {"day", value}}
	rssItem  = map[string]rule{
		"title": {"title", prose}, "link": {"link", linked}, "description": {"description", prose}, "guid": {"guid", value},
		"abstract": {"description", prose}, "summary": {"atom:summary", prose}, "content": {"content:encoded", prose}, "encoded": {"content:encoded", prose},
		"body": {"content:encoded", prose}, "fullitem": {"content:encoded", prose}, "xhtml:body": {"content:encoded", prose}, "content:encoded": {"content:encoded", prose},
		"pubdate": {"pubDate", value}, "author": {"author", person}, "category": {"category", value}, "enclosure": {"enclosure", linked},
		"published": {"atom:published", value}, "issued": {"atom:published", value}, "created": {"dcterms:created", value}, "updated": {"atom:updated", value},
		"modified": {"atom:updated", value}, "date": {"dc:date", value}, "id": {"guid", value}, "creator": {"dc:creator", value},
		"atom:link": {"atom:link", linked}, "atom:summary": {"atom:summary", prose}, "atom:content": {"content:encoded", prose}, "atom:title": {"dc:title", prose},
		"atom:published": {"atom:published", value}, "atom:updated": {"atom:updated", value}, "atom:author": {"atom:author", person}, "atom:category": {"category", value},
	}
	atomFeed = map[string]rule{
		"entry": {"entry", holder}, "title": {"title", prose}, "subtitle": {"subtitle", prose}, "tagline": {"subtitle", prose}, "link": {"link", linked},
		"info": {"dc:description", prose}, "description": {"dc:description", prose}, "author": {"author", person}, "language": {"dc:language", value},
		"dc:title": {"dc:title", prose}, "dc:description": {"dc:description", prose}, "dc:language": {"dc:language", value},
	}
	atomEntry = map[string]rule{
		"title": {"title", prose}, "summary": {"summary", prose}, "content": {"content", prose}, "link": {"link", linked}, "id": {"dc:identifier", value},
		"published": {"published", value}, "issued": {"published", value}, "created": {"dcterms:created", value}, "updated": {"updated", value}, "modified": {"updated", value},
		"author": {"author", person}, "category": {"category", value}, "description": {"dc:description", prose}, "guid": {"dc:identifier", value}, "pubdate": {"published", value},
		"content:encoded": {"content:encoded", prose}, "xhtml:body": {"content:encoded", prose}, "xhtml:div": {"content:encoded", prose},
	}
	// extra is what both may have in an item.
	extra = map[string]rule{
		"dc:title": {"dc:title", prose}, "dc:description": {"dc:description", prose}, "dc:creator": {"dc:creator", value}, "dc:author": {"dc:creator", value},
		"dc:date": {"dc:date", value}, "dc:subject": {"dc:subject", value},
		"dcterms:issued": {"dcterms:issued", value}, "dcterms:created": {"dcterms:created", value}, "dcterms:modified": {"dcterms:modified", value},
		"dcterms:title": {"dc:title", prose}, "dcterms:abstract": {"dc:description", prose}, "dcterms:description": {"dc:description", prose},
		"dcterms:creator": {"dc:creator", value}, "dcterms:subject": {"dc:subject", value},
		"itunes:author": {"itunes:author", value}, "itunes:subtitle": {"itunes:subtitle", prose}, "itunes:summary": {"itunes:summary", prose},
		"itunes:keywords": {"itunes:keywords", value}, "itunes:title": {"dc:title", prose},
		"media:group": {"", through}, "media:content": {"", through}, "media:title": {"media:title", prose}, "media:description": {"media:description", prose},
		"media:keywords": {"itunes:keywords", value}, "media:thumbnail": {"media:thumbnail", depicted}, "itunes:image": {"image", depicted}, "image": {"image", depicted},
	}
)

// ruleOf tells what becomes of an element inside another.
func ruleOf(k kind, holding string, s space, local string) rule {
	if k == kindAtom && s == atoms {
		s = core
	}
	name := local
	if s != core {
		name = string(s) + ":" + local
	}
	switch holding {
	case "rss":
		return rssRoot[name]
	case "channel":
		return rssChannel[name]
	case "skipHours", "skipDays":
		return rssSkips[name]
	case "feed":
		return atomFeed[name]
	case "item":
		if p, ok := rssItem[name]; ok {
			return p
		}
	case "entry":
		if p, ok := atomEntry[name]; ok {
			return p
		}
	}
	return extra[name]
}

// splitName parts the prefix from the name, both in lower case.
func splitName(raw string) (prefix, local string) {
	raw = strings.ToLower(raw)
	if p, l, ok := strings.Cut(raw, ":"); ok {
		return p, l
	}
	return "", raw
}

// openings of the documents a mender writes.
const (
	ownSpaces = ` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:content="http://purl.org/rss/1.0/modules/content/"` +
		` xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"`
	rssOpening  = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"` + ownSpaces + `>`
	atomOpening = `<feed xmlns="http://www.w3.org/2005/Atom"` + ownSpaces
)

var (
	escapeAttribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", " ", "\r", " ", "\t", " ")
	splitData       = strings.NewReplacer("]]>", "]]]]><![CDATA[>")
)

// isEmptyText tells a text that shows nothing.
func isEmptyText(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }
