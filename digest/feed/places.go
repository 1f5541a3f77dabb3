package feed

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	xlanguage "golang.org/x/text/language"
)

// A place is an address taken apart, for what well-known sites make of theirs.
type place struct {
	u     *url.URL
	host  string   // as Host has it
	parts []string // of the path; nil for the front page
}

func placeOf(address string) (place, bool) {
	u, err := url.Parse(address)
	host := Host(address)
	if err != nil || host == "" {
		return place{}, false
	}
	return place{u, host, strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })}, true
}

// part is the n-th part of the path, "" when it is shorter.
func (p place) part(n int) string {
	if n < len(p.parts) {
		return p.parts[n]
	}
	return ""
}

// under is the name that stands before a host: "ida" in ida.blog.example.
func (p place) under(host string) string {
	name, _ := strings.CutSuffix(p.host, "."+host)
	if name == p.host || strings.Contains(name, ".") {
		return ""
	}
	return name
}

// at is another address by the same scheme.
func (p place) at(rest string) string { return p.u.Scheme + "://" + rest }

// feedRules say for sites and the names under them which feed follows from an
// address; "" when none does.
var feedRules = []struct {
	site string
	feed func(place) string
}{
	{"youtube.com", youtube},
	{"reddit.com", reddit},
	{"t.me", channel}, {"telegram.me", channel}, {"telegram.dog", channel},
	{"bsky.app", bluesky},
	{"github.com", github},
	{"news.google.com", googleNews},
	{"medium.com", medium},
	{"substack.com", substack},
	{"tumblr.com", tumblr},
	{"wordpress.com", wordPress},
}

// byRule gives the feed of an address whose feed follows from it, or the one
// page of a place that tells of it. Others stay as they are. What it gives stays
// as it is when it is asked again.
func byRule(address string) string {
	p, ok := placeOf(address)
	if !ok {
		return address
	}
	for _, r := range feedRules {
		if p.host != r.site && !strings.HasSuffix(p.host, "."+r.site) {
			continue
		}
		if to := r.feed(p); to != "" {
			return to
		}
		return address
	}
	if strings.Contains(p.host, ".blogspot.") && p.part(0) != "feeds" {
		return p.at(p.u.Host + "/feeds/posts/default")
	}
	return address
}

func youtube(p place) string {
	const home = "www.youtube.com/"
	videos := home + "feeds/videos.xml?"
	switch first := p.part(0); {
	case first == "channel" && p.part(1) != "":
		return p.at(videos + "channel_id=" + p.part(1))
	case first == "playlist" && p.u.Query().Get("list") != "":
		return p.at(videos + "playlist_id=" + url.QueryEscape(p.u.Query().Get("list")))
	case strings.HasPrefix(first, "@"):
		return p.at(home + first) // the channel's page names the feed
	case (first == "c" || first == "user") && p.part(1) != "":
		return p.at(home + first + "/" + p.part(1))
	}
	return ""
}

// reddit has a feed of each subreddit, in each order, and of each redditor.
func reddit(p place) string {
	kind, name := p.part(0), p.part(1)
	if name == "" || !slices.Contains([]string{"r", "u", "user"}, kind) || strings.HasSuffix(p.u.Path, ".rss") {
		return ""
	}
	to := "www.reddit.com/" + kind + "/" + strings.ToLower(name) + "/"
	switch order := p.part(2); order {
	case "new", "rising", "controversial", "top":
		to += order + "/.rss"
		if span := p.u.Query().Get("t"); span != "" {
			to += "?t=" + url.QueryEscape(span)
		}
		return p.at(to)
	}
	return p.at(to + ".rss")
}

func bluesky(p place) string {
	if p.part(0) != "profile" || p.part(1) == "" {
		return ""
	}
	return p.at("bsky.app/profile/" + p.part(1) + "/rss")
}

// github has feeds of a repository's releases, tags and commits, the last by
// branch; of a repository itself see likely.
func github(p place) string {
	if len(p.parts) < 3 || strings.HasSuffix(p.u.Path, ".atom") {
		return ""
	}
	repository := "github.com/" + p.parts[0] + "/" + p.parts[1] + "/"
	switch kind := p.parts[2]; kind {
	case "releases", "tags":
		return p.at(repository + kind + ".atom")
	case "commits", "tree":
		branch := strings.Join(p.parts[3:], "/")
		if branch == "" {
			return p.at(repository + "commits.atom")
		}
		return p.at(repository + "commits/" + branch + ".atom")
	}
	return ""
}

// googleNews has feeds of a search, a topic, and of all.
func googleNews(p place) string {
	to := "news.google.com/rss"
	switch first := p.part(0); {
	case first == "search" && p.u.Query().Get("q") != "":
		to += "/search"
	case first == "topics" && p.part(1) != "":
		to += "/topics/" + p.part(1)
	case first == "", first == "home", first == "topstories":
	default:
		return ""
	}
	if p.u.RawQuery != "" {
		to += "?" + p.u.RawQuery
	}
	return p.at(to)
}

// mediumsOwn are pages of Medium itself where publications have their names.
var mediumsOwn = []string{"feed", "m", "p", "me", "search", "topics", "about", "plans", "creators", "membership", "new-story"}

func medium(p place) string {
	first := p.part(0)
	switch {
	case p.under("medium.com") != "" && first != "feed":
		return p.at(p.u.Host + "/feed")
	case p.host != "medium.com" || first == "" || slices.Contains(mediumsOwn, first):
		return ""
	case first == "tag":
		if p.part(1) == "" {
			return ""
		}
		return p.at("medium.com/feed/tag/" + p.part(1))
	}
	return p.at("medium.com/feed/" + first)
}

func substack(p place) string {
	switch name := p.under("substack.com"); {
	case name == "open" && p.part(0) == "pub" && p.part(1) != "":
		return p.at(p.part(1) + ".substack.com/feed")
	case name != "" && name != "open":
		return p.at(name + ".substack.com/feed")
	}
	return ""
}

// tumblrsOwn are pages of Tumblr itself where blogs have their names.
var tumblrsOwn = []string{"explore", "dashboard", "tagged", "search", "login", "register", "about", "settings"}

func tumblr(p place) string {
	name, path := p.under("tumblr.com"), ""
	switch first := p.part(0); {
	case name != "" && first == "tagged" && p.part(1) != "":
		path = "tagged/" + p.part(1) + "/"
	case name != "":
	case first == "" || slices.Contains(tumblrsOwn, first):
		return ""
	default:
		name = strings.TrimPrefix(first, "@")
	}
	return p.at(name + ".tumblr.com/" + path + "rss")
}

func wordPress(p place) string {
	if p.under("wordpress.com") == "" || p.host == "public-api.wordpress.com" || len(p.parts) > 0 {
		return ""
	}
	return p.at(p.u.Host + "/feed/")
}

// likely gives the places where an address's own feeds are likely to be, to be
// tried before its page: those of a repository, of an account of Mastodon and
// its like, or of a tag there.
func likely(address string) []string {
	p, ok := placeOf(address)
	switch {
	case !ok:
		return nil
	case p.host == "github.com" && len(p.parts) >= 2 && !strings.HasSuffix(p.u.Path, ".atom"):
		repository := "github.com/" + p.parts[0] + "/" + strings.TrimSuffix(p.parts[1], ".git") + "/"
		return []string{p.at(repository + "releases.atom"), p.at(repository + "commits.atom")}
	case p.host == "youtube.com":
		return nil
	case len(p.parts) == 1 && fediverseAccount.MatchString(p.parts[0]):
		m := fediverseAccount.FindStringSubmatch(p.parts[0])
		host := p.u.Host
		if m[2] != "" { // an account of elsewhere, seen from here
			host = m[2]
			if _, err := CanonicalAddress(p.at(host)); err != nil {
				return nil
			}
		}
		return []string{p.at(host + "/@" + m[1] + ".rss")}
	case len(p.parts) == 2 && p.parts[0] == "tags" && !strings.Contains(p.parts[1], "."):
		return []string{p.at(p.u.Host + "/tags/" + p.parts[1] + ".rss")}
	}
	return nil
}

// fediverseAccount is an account in a path: its name, and its host when that is
// another.
var fediverseAccount = regexp.MustCompile(`^@([A-Za-z0-9_][A-Za-z0-9_.-]*?)(?:@([a-z0-9.-]+\.[a-z0-9-]+(?::\d+)?))?$`)

// typedAccount is an account as people write it: @name@host.
var typedAccount = regexp.MustCompile(`^@([A-Za-z0-9_][A-Za-z0-9_.-]*)@([^/@\s]+\.[^/@\s]+)$`)

// shorthand gives the address of what people write in place of one: @channel,
// @account@host, r/subreddit, u/redditor. Anything else comes back as it is.
func shorthand(typed string) string {
	if m := typedAccount.FindStringSubmatch(typed); m != nil {
		return m[2] + "/@" + m[1]
	}
	if name, is := strings.CutPrefix(typed, "@"); is && isChannelName(name) {
		return "t.me/" + name
	}
	if u, err := url.Parse(typed); err == nil && u.Scheme == "tg" && u.Host == "resolve" {
		return "t.me/" + u.Query().Get("domain")
	}
	if kind, name, is := strings.Cut(strings.TrimPrefix(typed, "/"), "/"); is && (kind == "r" || kind == "u") && redditName.MatchString(strings.TrimSuffix(name, "/")) {
		return "www.reddit.com/" + kind + "/" + name
	}
	return typed
}

var redditName = regexp.MustCompile(`^[A-Za-z0-9_+-]+$`)

// NewsSearch is the feed of a search for words among the news of a language
// (ISO 639-1) in the country where most speak it; "" is for any.
func NewsSearch(words, language string) string {
	q := url.Values{"q": {words}}
	if base, err := xlanguage.ParseBase(language); err == nil {
		region, _ := xlanguage.Make(base.String()).Region()
		edition := language
		switch language { // written as the service writes them
		case "zh":
			edition = "zh-Hans"
		case "pt":
			edition = "pt-419"
		}
		q.Set("hl", language)
		q.Set("gl", region.String())
		q.Set("ceid", region.String()+":"+edition)
	}
	return "https://news.google.com/rss/search?" + q.Encode()
}
