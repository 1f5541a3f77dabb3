package feed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// ErrNoPreview says that a channel shows its posts to nobody outside: it is
// private, no channel, or not there.
var ErrNoPreview = errors.New("the channel shows no public preview")

// previewHosts serve the preview of Telegram's public channels at /s/<name>.
var previewHosts = []string{"t.me", "telegram.me", "telegram.dog"}

// channel gives the preview of a public channel; "" for what is none by its
// address. A channel's name means the same in any case.
func channel(p place) string {
	name := p.part(0)
	if name == "s" {
		name = p.part(1)
	}
	if own := p.under(p.host[strings.IndexByte(p.host, '.')+1:]); own != "" && !slices.Contains(previewHosts, p.host) {
		name = own // name.t.me
	}
	if !isChannelName(name) || slices.Contains(notChannels, strings.ToLower(name)) {
		return ""
	}
	return p.at("t.me/s/" + strings.ToLower(name))
}

var channelName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)

func isChannelName(s string) bool { return channelName.MatchString(s) }

// notChannels are names that lead elsewhere.
var notChannels = []string{
	"joinchat", "addstickers", "addemoji", "addtheme", "addlist", "share", "proxy", "socks", "setlanguage", "login", "confirmphone", "invoice", "boost", "giftcode",
}

// ChannelName is the name of the public channel whose preview an address is, ""
// for other addresses.
func ChannelName(address string) string {
	p, ok := placeOf(address)
	if ok && slices.Contains(previewHosts, p.host) && p.part(0) == "s" && isChannelName(p.part(1)) {
		return p.part(1)
	}
	return ""
}

// isClosedChannel tells an invitation to a channel, or a post of one, that only
// members see.
func isClosedChannel(address string) bool {
	p, ok := placeOf(address)
	first := p.part(0)
	return ok && slices.Contains(previewHosts, p.host) && (strings.HasPrefix(first, "+") || first == "joinchat" || first == "c")
}

// isPreview tells whether a document comes from where previews are.
func isPreview(base string) bool { return slices.Contains(previewHosts, Host(base)) }

// parsePreview reads the web preview of a channel: its posts, the newest first.
// A post's first line is its title when more follows; who it was forwarded from
// is its author. A post without words is told by marks and by what its preview,
// its poll or its file is called. No tree is built, so nesting costs nothing.
func parsePreview(body []byte, contentType, base string, now time.Time) (Feed, error) {
	b, err := toUTF8(body, contentType)
	if err != nil {
		return Feed{}, err
	}
	r := previewReader{z: html.NewTokenizer(bytes.NewReader(b)), base: parseWeb(base)}
	r.z.SetMaxBuf(maxTag)
	for r.next() {
	}
	if !r.channel {
		return Feed{}, fmt.Errorf("%w: %w", ErrNotFeed, ErrNoPreview)
	}
	f := Feed{Title: r.title, Link: webLink(nil, base), Description: r.description}
	if name := ChannelName(base); name != "" {
		f.Link = "https://t.me/" + name
	}
	if f.Title == "" {
		f.Title = r.heading
	}
	for _, p := range slices.Backward(r.posts) {
		if item, ok := p.item(f.Title, now); ok && len(f.Items) < maxItems {
			f.Items = append(f.Items, item)
		}
	}
	return f, nil
}

// writeLasting writes what of a channel's preview stays the same while nobody
// posts or edits: the names of the posts, and the letters and figures between tags.
// Counts (12.3K; 812 subscribers), addresses of pictures and the page's own scripts
// differ at every visit.
func writeLasting(w io.Writer, body []byte) {
	for len(body) > 0 {
		begin := bytes.IndexByte(body, '<')
		if begin < 0 {
			begin = len(body)
		}
		if run := lettersOf(body[:begin]); len(run) > 0 {
			w.Write(append(run, '\n'))
		}
		tag := body[begin:]
		end := bytes.IndexByte(tag, '>')
		if end < 0 {
			return
		}
		tag, body = tag[:end], tag[end+1:]
		if _, rest, found := bytes.Cut(tag, []byte(`data-post="`)); found {
			name, _, _ := bytes.Cut(rest, []byte{'"'})
			w.Write(append(slices.Clone(name), '\n'))
		}
		for _, raw := range []string{"script", "style"} {
			if name, _, _ := bytes.Cut(tag, []byte{' '}); bytes.EqualFold(name, []byte("<"+raw)) {
				_, body, _ = bytes.Cut(body, []byte("</"+raw))
			}
		}
	}
}

// lettersOf are the letters and figures of a text; none of a count such as 12.3K, and of
// one with its unit (812 subscribers) that only.
func lettersOf(text []byte) (letters []byte) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	counts := text[0] >= '0' && text[0] <= '9'
	if counts && bytes.ContainsAny(text[len(text)-1:], "0123456789KMB%") {
		return nil
	}
	if counts {
		unit := bytes.TrimLeft(text, "0123456789.,\u00a0\u202f' ")
		counts = !bytes.ContainsAny(unit, " \n")
	}
	for _, r := range string(text) {
		if unicode.IsLetter(r) || !counts && unicode.IsNumber(r) {
			letters = utf8.AppendRune(letters, r)
		}
	}
	return letters
}

// previewReader walks over the tokens of a preview once.
type previewReader struct {
	z           *html.Tokenizer
	base        *url.URL
	channel     bool // it is a channel's preview
	title       string
	heading     string // the page's title, a last resort
	description string
	posts       []*post
	held        *html.Token // read too early
}

// post is one message as its preview shows it.
type post struct {
	link    string
	at      time.Time
	text    string
	from    string   // whom it was forwarded from
	marks   []string // what it shows beside words, as signs
	extra   []string // what that is called
	name    string   // of the page that it links to
	about   string   // what that page says of itself
	picture string   // the first
	service bool     // the channel's own doings: created, renamed, pinned
}

// next reads up to the next element that tells something.
func (r *previewReader) next() bool {
	var t html.Token
	switch {
	case r.held != nil:
		t, r.held = *r.held, nil
	case r.z.Next() == html.ErrorToken:
		return false
	default:
		t = r.z.Token()
	}
	if t.Type != html.StartTagToken && t.Type != html.SelfClosingTagToken {
		return true
	}
	id := attribute(t, "data-post")
	switch {
	case id != "":
		r.channel = true
		if len(r.posts) == maxScanned {
			r.posts = r.posts[1:]
		}
		r.posts = append(r.posts, &post{link: webLink(nil, "https://t.me/"+strings.TrimLeft(id, "/")), service: hasClass(t, "service_message")})
	case t.Data == "meta" && attribute(t, "property") == "og:title":
		r.heading = line(html.EscapeString(attribute(t, "content")))
	case len(r.posts) == 0:
		r.readHead(t)
	default:
		r.readPost(r.posts[len(r.posts)-1], t)
	}
	return true
}

// readHead reads what stands before the first post.
func (r *previewReader) readHead(t html.Token) {
	switch {
	case hasClass(t, "tgme_channel_info_header_title"):
		r.channel = true
		r.title = line(r.inner(t))
	case hasClass(t, "tgme_channel_info_description"):
		r.description = Visible(r.inner(t))
	case hasClass(t, "tgme_channel_history"):
		r.channel = true
	}
}

// styledPicture is the address of a picture in a style.
var styledPicture = regexp.MustCompile(`background-image:\s*url\(['"]?([^'")]+)`)

// readPost reads an element of a post.
func (r *previewReader) readPost(p *post, t html.Token) {
	mark := func(sign string) {
		if !slices.Contains(p.marks, sign) {
			p.marks = append(p.marks, sign)
		}
	}
	extra := func() {
		if s := line(r.inner(t)); s != "" && len(p.extra) < 16 {
			p.extra = append(p.extra, s)
		}
	}
	switch {
	case t.Data == "time" && p.at.IsZero():
		if at, err := time.Parse(time.RFC3339, attribute(t, "datetime")); err == nil {
			p.at = at
		}
	case hasClass(t, "tgme_widget_message_reply"):
		r.inner(t) // the words of another post
	case hasClass(t, "tgme_widget_message_forwarded_from_name"):
		p.from = line(r.inner(t))
	case hasClass(t, "tgme_widget_message_text"):
		if s := Visible(r.inner(t)); p.text == "" {
			p.text = s
		}
	case hasClass(t, "tgme_widget_message_photo_wrap"):
		if m := styledPicture.FindStringSubmatch(attribute(t, "style")); m != nil && p.picture == "" {
			p.picture = webLink(r.base, m[1])
		}
		mark("🖼")
	case hasClass(t, "tgme_widget_message_video_player"), hasClass(t, "tgme_widget_message_roundvideo_player"):
		mark("🎬")
	case hasClass(t, "tgme_widget_message_voice_player"):
		mark("🎧")
	case hasClass(t, "tgme_widget_message_location_wrap"):
		mark("📍")
	case hasClass(t, "tgme_widget_message_document_title"):
		mark("📎")
		extra()
	case hasClass(t, "tgme_widget_message_poll_question"):
		mark("📊")
		extra()
	case hasClass(t, "tgme_widget_message_poll_option_text"):
		if s := line(r.inner(t)); s != "" && len(p.extra) < 16 {
			p.extra = append(p.extra, "• "+s)
		}
	case hasClass(t, "link_preview_title"):
		p.name = line(r.inner(t))
	case hasClass(t, "link_preview_description"):
		p.about = Visible(r.inner(t))
	}
}

// inner gives the markup within an element, at most as much as a text may need,
// and leaves the reader behind its end. An element that was never closed ends
// where the next post begins.
func (r *previewReader) inner(t html.Token) string {
	if t.Type == html.SelfClosingTagToken || void[t.Data] {
		return ""
	}
	var b strings.Builder
	for depth := 1; ; {
		kind := r.z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		raw := string(r.z.Raw())
		switch found := r.z.Token(); {
		case kind == html.StartTagToken && attribute(found, "data-post") != "":
			r.held = &found
			return b.String()
		case kind == html.StartTagToken && found.Data == t.Data:
			depth++
		case kind == html.EndTagToken && found.Data == t.Data:
			if depth--; depth == 0 {
				return b.String()
			}
		}
		if b.Len()+len(raw) <= 2*maxText {
			b.WriteString(raw)
		}
	}
}

// longestHead is how long the first line of a post may be to serve as its title,
// in runes.
const longestHead = 140

// item makes an item of a post of a channel; false for the channel's own doings
// and for what shows nothing.
func (p *post) item(channel string, now time.Time) (Item, bool) {
	if p.service || p.link == "" {
		return Item{}, false
	}
	item := Item{GUID: p.link, Link: p.link, Author: p.from, Picture: p.picture}
	if !p.at.IsZero() {
		item.Published = sober(&p.at, now)
	}
	head, rest, more := strings.Cut(p.text, "\n")
	switch {
	case p.name != "" && (p.text == "" || bareLink.MatchString(p.text)):
		item.Title, item.Summary = p.name, p.about
	case more && utf8.RuneCountInString(head) <= longestHead && strings.ContainsFunc(head, unicode.IsLetter):
		item.Title, item.Summary = head, strings.TrimSpace(rest)
	default:
		item.Summary = p.text
	}
	signs := strings.Join(p.marks, "") + " "
	switch silent := item.Title == "" && item.Summary == ""; {
	case silent && len(p.extra) > 0:
		item.Title, item.Summary = signs+p.extra[0], strings.Join(p.extra[1:], "\n")
	case silent && len(p.marks) > 0:
		item.Title = strings.TrimSpace(signs + channel)
	case len(p.extra) > 0:
		item.Summary = strings.TrimSpace(item.Summary + "\n\n" + strings.Join(p.extra, "\n"))
	}
	return item, item.Title != "" || item.Summary != ""
}

// bareLink is a text that only leads elsewhere.
var bareLink = regexp.MustCompile(`^https?://\S+$`)

// attribute is the value of a tag's attribute, "" when it has none.
func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(t html.Token, class string) bool {
	return slices.Contains(strings.Fields(attribute(t, "class")), class)
}
