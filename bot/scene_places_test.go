package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const quayPreview = "https://t.me/s/quay_news"

// preview is a page in the shape of a channel's preview. A post is its number, a
// "|" and its markup.
func preview(title string, posts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!DOCTYPE html><html><head><meta property="og:title" content="%s"></head><body><div class="tgme_channel_info_header_title"><span dir="auto">%s</span></div><section class="tgme_channel_history">`, title, title)
	for _, p := range posts {
		n, markup, _ := strings.Cut(p, "|")
		fmt.Fprintf(&b, `<div class="tgme_widget_message js-widget_message" data-post="quay_news/%s"><div class="tgme_widget_message_bubble">%s<a class="tgme_widget_message_date" href="https://t.me/quay_news/%s"><time datetime="%s" class="time"></time></a></div></div>`,
			n, markup, n, time.Now().UTC().Format(time.RFC3339))
	}
	return b.String() + "</section></body></html>"
}

func TestAPublicChannelIsFollowed(t *testing.T) {
	const words = `<div class="tgme_widget_message_text" dir="auto">%s</div>`
	scene(t, func(t *testing.T, w *world) {
		w.web.put(quayPreview, preview("Quay News",
			"1|"+fmt.Sprintf(words, "<b>Ferries stop for a day</b><br/><br/>Crews want shorter shifts. Talks go on in the evening."),
			`2|<div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_message_forwarded_from_name">The Pier</a></div>`+fmt.Sprintf(words, "<b>Old mill becomes a library</b><br/>It opens in June."),
			`3|<a class="tgme_widget_message_photo_wrap"></a>`))
		w.wants(w.say(ida, "/source @Quay_News"), "✅ Following Quay News", "• 🖼 Quay News", "• Old mill becomes a library", "• Ferries stop for a day", "!Looking")
		w.collects()
		for _, address := range []string{"t.me/quay_news", "https://t.me/s/quay_news", "https://t.me/quay_news/2", "https://quay_news.t.me"} {
			w.wants(w.say(ida, "/source "+address), "You follow Quay News already", "• Old mill becomes a library", "!Looking")
		}
		w.wants(w.say(ida, "/sources"), "(1 fine)")
		w.wants(w.say(ida, "library"), "Old mill becomes a library", "Quay News")
		w.slot("08:00")
		got := w.since(ida, w.last(ida)-1)
		w.wants(got, "📡 Quay News", "Ferries stop for a day", "Talks go on in the evening.", "Old mill becomes a library")
		if link := "https://t.me/quay_news/1"; !strings.Contains(fmt.Sprintf("%+v", got[len(got)-1].Entities), link) {
			t.Errorf("the edition does not link the post %s: %+v", link, got[len(got)-1].Entities)
		}
	})
}

func TestAChannelThatShowsNothingSaysSo(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.web.put("https://t.me/s/secret_quay", "<!DOCTYPE html><html><head><title>Telegram: Contact @secret_quay</title></head><body><div class='tgme_page'>contact @secret_quay</div></body></html>")
		w.wants(w.say(ida, "/source @Secret_Quay"), "@secret_quay shows no posts to the public", "!Looking")
		w.wants(w.say(ida, "/source @missing_quay"), "@missing_quay: there is nothing at its address")
		w.wants(w.say(ida, "/sources"), "Your own sources: 0 of 50")
		// one that closes later fails as any source does
		w.web.put(quayPreview, preview("Quay News", `1|<div class="tgme_widget_message_text">One.</div>`))
		w.say(ida, "/source @quay_news")
		w.collects()
		w.web.put(quayPreview, "<!DOCTYPE html><html>closed")
		w.log.expect("source fails")
		w.skips(2 * time.Hour)
		w.collects()
		w.say(ida, "/sources")
		w.press(ida, "⭐ My source")
		w.wantsOne(w.press(ida, "Quay News"), "failing since", "the channel shows no posts to the public", "!preview")
	})
}

// TestPlacesHaveTheirFeeds adds a source of each kind by what people know of it.
func TestPlacesHaveTheirFeeds(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		at    string // where its feed is
		page  string // of the address itself, if it is visited
	}{
		"a subreddit":                  {"r/Ferries", "https://www.reddit.com/r/ferries/.rss", ""},
		"a subreddit by an old page":   {"https://old.reddit.com/r/ferries/comments/1/x/", "https://www.reddit.com/r/ferries/.rss", ""},
		"a YouTube channel":            {"https://www.youtube.com/channel/UCferry", "https://www.youtube.com/feeds/videos.xml?channel_id=UCferry", ""},
		"a YouTube handle":             {"youtube.com/@ferry", "https://www.youtube.com/feeds/videos.xml?channel_id=UCferry", "https://www.youtube.com/@ferry"},
		"a YouTube name":               {"https://www.youtube.com/c/Ferry/videos", "https://www.youtube.com/feeds/videos.xml?channel_id=UCferry", "https://www.youtube.com/c/Ferry"},
		"an account of Mastodon":       {"@ferry@social.example", "https://social.example/@ferry.rss", ""},
		"a profile of Mastodon":        {"https://social.example/@ferry", "https://social.example/@ferry.rss", ""},
		"Bluesky":                      {"https://bsky.app/profile/ferry.example", "https://bsky.app/profile/ferry.example/rss", ""},
		"releases of a repository":     {"https://github.com/ferry/bell/releases", "https://github.com/ferry/bell/releases.atom", ""},
		"a writer on Medium":           {"https://medium.com/@ferry", "https://medium.com/feed/@ferry", ""},
		"a letter of Substack":         {"ferry.substack.com/p/one", "https://ferry.substack.com/feed", ""},
		"a blog of Blogger":            {"ferry.blogspot.com", "https://ferry.blogspot.com/feeds/posts/default", ""},
		"a blog of WordPress":          {"ferry.wordpress.com", "https://ferry.wordpress.com/feed/", ""},
		"a blog of Tumblr":             {"https://www.tumblr.com/ferry", "https://ferry.tumblr.com/rss", ""},
		"a search of Google News":      {"https://news.google.com/search?q=ferry&hl=en-US", "https://news.google.com/rss/search?q=ferry&hl=en-US", ""},
		"words for Google News":        {"news: electric  ferry", "https://news.google.com/rss/search?ceid=US%3Aen&gl=US&hl=en&q=electric+ferry", ""},
		"a feed by the address of old": {"feed:blog.example/rss", "https://blog.example/rss", ""},
	} {
		t.Run(name, func(t *testing.T) {
			scene(t, func(t *testing.T, w *world) {
				w.web.put(c.at, document("https://ferry.example/", "The Ferry", "A bell rings|At dawn."))
				if c.page != "" {
					w.web.put(c.page, `<html><head><link rel="alternate" type="application/rss+xml" title="RSS" href="`+c.at+`"></head>`)
				}
				w.wants(w.say(ida, "/source "+c.typed), "✅ Following The Ferry", "• A bell rings")
				w.wants(w.say(ben, "/source "+c.at), "✅ Following The Ferry") // the same
				w.collects()
				w.wants(w.say(ida, "/latest"), "A bell rings")
				var n int
				if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM sources`).Scan(&n); err != nil || n != 1 {
					t.Errorf("%d sources are kept (%v), want one for both", n, err)
				}
			})
		})
	}
}

func TestARepositoryLetsTheReaderChoose(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.web.put("https://github.com/ferry/bell/releases.atom", document("https://github.com/ferry/bell/releases", "Release notes from bell", "Bell 2.0|Louder."))
		w.web.put("https://github.com/ferry/bell/commits.atom", document("https://github.com/ferry/bell/commits", "Recent Commits to bell:main", "Ring twice|As asked."))
		w.wants(w.say(ida, "/source github.com/ferry/bell"), "github.com has 2 feeds", "1. Release notes from bell", "Bell 2.0", "2. Recent Commits to bell:main", "Ring twice")
		w.wantsOne(w.press(ida, "1 · Release notes from bell"), "✅ Following Release notes from bell", "• Bell 2.0")
	})
}

func TestAddressesOfOneFeedAreOneSource(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.gazetteFeed()
		w.wants(w.say(ida, "/source gazette.example/feed"), "✅ Following The Gazette")
		for _, address := range []string{"http://gazette.example/feed", "https://www.gazette.example/feed/", "HTTP://WWW.Gazette.Example/feed?utm_source=x#top", "feed://gazette.example/feed"} {
			w.wants(w.say(ida, "/source "+address), "You follow The Gazette already", "!Looking")
		}
		w.wants(w.say(ben, "/source http://www.gazette.example/feed/"), "✅ Following The Gazette", "!Looking")
		var n int
		if err := w.store.DB().QueryRow(`SELECT COUNT(*) FROM sources`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d sources are kept (%v), want one", n, err)
		}
	})
}
