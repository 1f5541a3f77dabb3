package feed

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const quayPreview = "https://t.me/s/quay_news"

// aPreview is a page in the shape of a channel's preview; the channel is
// invented.
func aPreview(posts ...string) string {
	return `<!DOCTYPE html><html class="theme"><head><title>Quay News – Telegram</title><meta property="og:title" content="Quay &amp; News">
<meta property="og:description" content="All about ferries"></head><body class="widget_frame_base tgme_webpreview emoji_image">
<header class="tgme_header search_collapsed"><div class="tgme_channel_info"><div class="tgme_channel_info_header">
<div class="tgme_channel_info_header_title_wrap"><div class="tgme_channel_info_header_title"><span dir="auto">Quay &amp; News</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/quay_news">@quay_news</a></div></div></div>
<div class="tgme_channel_info_description">All about <b>ferries</b><br/>Every day</div></div></header>
<main class="tgme_main" data-url="/s/quay_news"><section class="tgme_channel_history js-message_history">
` + strings.Join(posts, "\n") + `</section></main></body></html>`
}

// aPost is a post as a preview shows it, with what stands in its bubble.
func aPost(n int, hour, bubble string) string {
	return fmt.Sprintf(`<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="quay_news/%d" data-view="x">
<div class="tgme_widget_message_user"><a href="https://t.me/quay_news"><i class="tgme_widget_message_user_photo"><img src="https://cdn.example/a.jpg"></i></a></div>
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="https://t.me/quay_news"><span dir="auto">Quay &amp; News</span></a></div>
%s
<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info"><span class="tgme_widget_message_views">1.2K</span><span class="tgme_widget_message_meta">
<a class="tgme_widget_message_date" href="https://t.me/quay_news/%d"><time datetime="2026-03-16T%s:00+03:00" class="time">%s</time></a></span></div></div></div></div></div>`, n, bubble, n, hour, hour)
}

func aText(markup string) string {
	return `<div class="tgme_widget_message_text js-message_text" dir="auto">` + markup + `</div>`
}

const aPhoto = `<a class="tgme_widget_message_photo_wrap 12 34" href="https://t.me/quay_news/9" style="width:800px;background-image:url('https://cdn.example/p.jpg')"><div class="tgme_widget_message_photo" style="padding-top:56%"></div></a>`
const aVideo = `<a class="tgme_widget_message_video_player js-message_video_player" href="x"><i class="tgme_widget_message_video_thumb"></i><time class="message_video_duration">0:15</time></a>`

func TestAPreviewIsRead(t *testing.T) {
	now := time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, post string
		want       *Item // without GUID, Link and Published; nil for none
	}{
		{"a headline and its text", aText(`<b>Ferries stop for a day</b><br/><br/>Crews want <a href="https://quay.example/x?utm_source=tg">shorter</a> shifts.<br/>Talks go on. <i class="emoji" style="background-image:url('//x.example/e.png')"><b>🚢</b></i>`),
			&Item{Title: "Ferries stop for a day", Summary: "Crews want shorter shifts.\nTalks go on. 🚢"}},
		{"a text alone", aText("Ferries stop for a day."), &Item{Summary: "Ferries stop for a day."}},
		{"a first line too long for a headline", aText(strings.Repeat("word ", 40) + "<br/>more"), &Item{Summary: strings.TrimSpace(strings.Repeat("word ", 40)) + "\nmore"}},
		{"a first line of signs", aText("⚡⚡⚡<br/>Ferries stop."), &Item{Summary: "⚡⚡⚡\nFerries stop."}},
		{"a forwarded post", `<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/pier/5"><span dir="auto">The Pier</span></a></div>` + aText("Old mill becomes a library."),
			&Item{Summary: "Old mill becomes a library.", Author: "The Pier"}},
		{"an answer does not repeat what it answers", `<a class="tgme_widget_message_reply user-color-default" href="https://t.me/quay_news/1"><div class="tgme_widget_message_author"><span>Quay</span></div><div class="tgme_widget_message_text js-message_reply_text" dir="auto">Old words</div></a>` + aText("New words."),
			&Item{Summary: "New words."}},
		{"a picture with words", aPhoto + aText("The new ferry."), &Item{Summary: "The new ferry.", Picture: "https://cdn.example/p.jpg"}},
		{"pictures without words", aPhoto + aPhoto, &Item{Title: "🖼 Quay & News", Picture: "https://cdn.example/p.jpg"}},
		{"a video with its caption", aVideo + aText("The launch, <b>filmed</b>."), &Item{Summary: "The launch, filmed."}},
		{"a video without words", aVideo, &Item{Title: "🎬 Quay & News"}},
		{"a poll", `<div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">Which ferry first?</div><div class="tgme_widget_message_poll_type">Anonymous poll</div><div class="tgme_widget_message_poll_options"><div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">52%</div><div class="tgme_widget_message_poll_option_text">North</div></div><div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_text">South &amp; west</div></div></div></div>`,
			&Item{Title: "📊 Which ferry first?", Summary: "• North\n• South & west"}},
		{"a file", `<a class="tgme_widget_message_document_wrap" href="x"><div class="tgme_widget_message_document_title accent_color" dir="auto">timetable.pdf</div><div class="tgme_widget_message_document_extra">2.1 MB</div></a>`,
			&Item{Title: "📎 timetable.pdf"}},
		{"a bare link goes by what it leads to", aText(`<a href="https://quay.example/1">https://quay.example/1</a>`) + `<a class="tgme_widget_message_link_preview" href="https://quay.example/1"><div class="link_preview_site_name">Quay</div><div class="link_preview_title" dir="auto">Choir wins a prize</div><div class="link_preview_description" dir="auto">In Vienna.</div></a>`,
			&Item{Title: "Choir wins a prize", Summary: "In Vienna."}},
		{"right to left", aText("<b>العبارات تتوقف</b><br/>\u202eالبحارة يريدون"), &Item{Title: "العبارات تتوقف", Summary: "البحارة يريدون"}},
		{"markup in words stays words", aText("&lt;b&gt;1 &lt; 2&lt;/b&gt; <script>alert(1)</script>@everyone"), &Item{Summary: "<b>1 < 2</b> @everyone"}},
		{"a post that shows nothing", "", nil},
	} {
		f, err := Parse([]byte(aPreview(aPost(9, "10:30", c.post))), "text/html; charset=utf-8", quayPreview, now)
		if err != nil {
			t.Errorf("%s: Parse = %v", c.name, err)
			continue
		}
		var want []Item
		if c.want != nil {
			c.want.GUID, c.want.Link, c.want.Published = "https://t.me/quay_news/9", "https://t.me/quay_news/9", time.Date(2026, 3, 16, 7, 30, 0, 0, time.UTC)
			want = []Item{*c.want}
		}
		if diff := cmp.Diff(Feed{Title: "Quay & News", Link: "https://t.me/quay_news", Description: "All about ferries\nEvery day", Items: want}, f); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestAPreviewGivesTheNewestFirst(t *testing.T) {
	service := strings.Replace(aPost(2, "08:30", aText("Channel photo updated")), "text_not_supported_wrap", "service_message", 1)
	f, err := Parse([]byte(aPreview(aPost(1, "08:00", aText("One.")), service, aPost(3, "09:00", aText("Three.")))), "", quayPreview, time.Now())
	var got []string
	for _, i := range f.Items {
		got = append(got, i.Summary)
	}
	if diff := cmp.Diff([]string{"Three.", "One."}, got); diff != "" || err != nil {
		t.Errorf("Parse = %v (-want +got)\n%s", err, diff)
	}
}

func TestAChannelWithoutPreviewSaysSo(t *testing.T) {
	for name, page := range map[string]string{
		"a private or missing one": `<!DOCTYPE html><html><head><meta property="og:title" content="Telegram: Contact @quay_news"></head><body class="no_transition"><div class="tgme_page"><div class="tgme_page_description">If you have <strong>Telegram</strong>, you can contact <a class="tgme_username_link" href="tg://resolve?domain=quay_news">@quay_news</a> right away.</div></div></body></html>`,
		"nothing":                  "", "another document": aFeed("A"), "binary": strings.Repeat("\x00\xff<", 1000),
	} {
		_, err := Parse([]byte(page), "text/html", "https://t.me/quay_news", time.Now())
		if !errors.Is(err, ErrNoPreview) || !errors.Is(err, ErrNotFeed) {
			t.Errorf("%s: Parse = %v, want ErrNoPreview", name, err)
		}
	}
	w := &aWeb{pages: map[string]string{quayPreview: "→https://t.me/quay_news", "https://t.me/quay_news": "<html>no preview"}}
	if found, err := Discover(t.Context(), w.fetch, "https://t.me/Quay_News", time.Now()); !errors.Is(err, ErrNoPreview) || len(w.asked) != 1 {
		t.Errorf("Discover = %v, %v after %d visits; want ErrNoPreview after one", found, err, len(w.asked))
	}
	w = &aWeb{pages: map[string]string{quayPreview: aPreview()}} // a channel before its first post
	if found, err := Discover(t.Context(), w.fetch, "https://t.me/Quay_News", time.Now()); err != nil || len(found) != 1 || found[0].Feed.Title != "Quay & News" {
		t.Errorf("Discover of an empty channel = %v, %v; want it", found, err)
	}
}

func TestAHostilePreviewIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		most int // items
	}{
		"deep":                      {aPreview(aPost(1, "08:00", aText("One."+strings.Repeat("<div>", 200_000)))), 1},
		"never closed":              {aPreview(aPost(1, "08:00", `<div class="tgme_widget_message_text">One.`), aPost(2, "09:00", aText("Two."))), 2},
		"one endless text":          {aPreview(aPost(1, "08:00", aText(strings.Repeat("word ", 300_000)))), 0},
		"one endless tag":           {aPreview(aPost(1, "08:00", `<a href="`+strings.Repeat("x", 1<<20)+`">`)), 0},
		"more posts than are kept":  {aPreview(strings.Repeat(`<div data-post="quay_news/1">`+aText("One."), 12_000)), maxItems},
		"a poll of endless answers": {aPreview(aPost(1, "08:00", strings.Repeat(`<div class="tgme_widget_message_poll_option_text">x</div>`, 20_000))), 1},
	} {
		f, err := Parse([]byte(c.page), "", quayPreview, time.Now())
		if err != nil || len(f.Items) != c.most {
			t.Errorf("%s: %d items, %v; want %d", name, len(f.Items), err, c.most)
		}
		for _, i := range f.Items {
			if len(i.Summary) > maxText+1000 || len([]rune(i.Title)) > maxTitle {
				t.Errorf("%s: an item of %d and %d bytes", name, len(i.Title), len(i.Summary))
			}
		}
	}
	f, _ := Parse([]byte(aPreview(aPost(1, "08:00", `<div class="tgme_widget_message_text">One.`), aPost(2, "09:00", aText("Two.")))), "", quayPreview, time.Now())
	if len(f.Items) != 2 || f.Items[0].Summary != "Two." || f.Items[1].Title != "One." {
		t.Errorf("after an element that is never closed: %+v, want both posts", f.Items)
	}
}

func FuzzPreview(f *testing.F) {
	f.Add(aPreview(aPost(1, "08:00", aText("<b>One</b><br/>two")), aPost(2, "09:00", aPhoto+aVideo)))
	f.Add(`<div data-post="x/1"><div class="tgme_widget_message_text"><div data-post="x/2">`)
	f.Add(`<div data-post="//evil.example/1"><i class="link_preview_title"/>x`)
	f.Fuzz(func(t *testing.T, page string) {
		now := time.Now()
		feed, err := Parse([]byte(page), "", quayPreview, now)
		if err != nil {
			return
		}
		for _, i := range feed.Items {
			if !strings.HasPrefix(i.Link, "https://t.me/") || i.Title == "" && i.Summary == "" || i.Published.After(now) {
				t.Errorf("Parse(%q) has the item %+v", page, i)
			}
		}
	})
}

// TestAPreviewChangesWithItsPosts: what Telegram writes anew at every visit does
// not make a preview another document, and every post and every edit does.
func TestAPreviewChangesWithItsPosts(t *testing.T) {
	ferry, mill := aPost(1, "09:00", aText("Ferries stop for 2 days.")), aPost(2, "09:30", aText("Old mill becomes a <b>library</b>."))
	page := strings.Replace(aPreview(ferry, mill), "Every day", "Every day</div><div>12 812 subscribers", 1)
	varied := strings.NewReplacer(
		"1.2K", "998",
		"12 812 subscribers", "13 001 subscribers",
		"https://cdn.example/a.jpg", "https://cdn4.example/b.jpg?token=x",
		`data-view="x"`, `data-view="y"`,
		"<head>", `<head><script>var t = "stel_token"; if (a < b) { c() }</script><style>p { color: red }</style>`,
	)
	current := page
	site := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, current) }))
	f := fetcher(t, Options{AllowNetworks: loopback, Hosts: map[string]string{"t.me": strings.TrimPrefix(site, "http://")}})
	visit := func(hash string) Response {
		t.Helper()
		answer, err := f.Fetch(t.Context(), Request{Address: "http://t.me/s/quay_news", BodyHash: hash})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	first := visit("")
	for _, c := range []struct {
		name, page string
		same       bool
	}{
		{"nothing new, seen by fewer", varied.Replace(page), true},
		{"a new post", aPreview(ferry, mill, aPost(3, "10:00", aText("Tram line opens."))), false},
		{"a new post without words", aPreview(ferry, mill, aPost(3, "10:00", aPhoto)), false},
		{"a post that is gone", aPreview(mill), false},
		{"an edited post", strings.Replace(page, "library", "museum", 1), false},
		{"an edited figure", strings.Replace(page, "2 days", "9 days", 1), false},
		{"an edit in another script", strings.Replace(page, "library", "図書館", 1), false},
		{"a channel that shows nothing any more", "<!DOCTYPE html><html>contact", false},
		{"a tag without an end behind all posts", page[:len(page)-40] + "<a ", true},
		{"a script without an end", "<script>" + page, false},
	} {
		current = c.page
		if got := visit(first.BodyHash); got.NotModified != c.same {
			t.Errorf("%s: not modified %v, want %v", c.name, got.NotModified, c.same)
		}
	}
	current = strings.Repeat("<script", 100_000)
	visit(first.BodyHash) // no more than once over it
}

func BenchmarkPreviewThatDidNotChange(b *testing.B) {
	var posts []string
	for n := range 20 {
		posts = append(posts, aPost(n, "09:00", aPhoto+aText(strings.Repeat("Ferries stop for a day, and nobody knows why. ", 12))))
	}
	body := []byte(aPreview(posts...))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		hashOf(body, quayPreview)
	}
}
