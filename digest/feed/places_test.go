package feed

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestTypedAddressKnowsPlaces(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"a channel by its name", "@Quay_News", "https://t.me/s/quay_news"},
		{"a channel's page", "https://t.me/Quay_News", "https://t.me/s/quay_news"},
		{"a channel's preview", "t.me/s/Quay_News?before=20", "https://t.me/s/quay_news"},
		{"a post of a channel", "https://t.me/quay_news/123?single", "https://t.me/s/quay_news"},
		{"a channel under its own host", "https://quay_news.t.me", "https://t.me/s/quay_news"},
		{"a channel by an old host", "http://telegram.me/quay_news", "http://t.me/s/quay_news"},
		{"a channel as programs link it", "tg://resolve?domain=quay_news", "https://t.me/s/quay_news"},
		{"stickers are no channel", "https://t.me/addstickers/quay", "https://t.me/addstickers/quay"},
		{"an account of Mastodon", "@ida@Social.example", "https://social.example/@ida"},
		{"an account of Mastodon by address", "https://social.example/@ida", "https://social.example/@ida"},
		{"a subreddit by its name", "r/Golang", "https://www.reddit.com/r/golang/.rss"},
		{"a subreddit with a slash", "/r/golang/", "https://www.reddit.com/r/golang/.rss"},
		{"a subreddit in an order", "https://old.reddit.com/r/golang/top/?t=week", "https://www.reddit.com/r/golang/top/.rss?t=week"},
		{"several subreddits", "https://www.reddit.com/r/golang+rust", "https://www.reddit.com/r/golang+rust/.rss"},
		{"a subreddit's feed", "https://www.reddit.com/r/golang/.rss", "https://www.reddit.com/r/golang/.rss"},
		{"a redditor", "u/ida", "https://www.reddit.com/u/ida/.rss"},
		{"a YouTube channel", "youtube.com/channel/UCabc/videos", "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc"},
		{"a YouTube playlist", "https://www.youtube.com/playlist?list=PLx", "https://www.youtube.com/feeds/videos.xml?playlist_id=PLx"},
		{"a YouTube handle", "https://m.youtube.com/@quay/shorts", "https://www.youtube.com/@quay"},
		{"a YouTube name", "youtube.com/c/Quay/videos", "https://www.youtube.com/c/Quay"},
		{"a YouTube user", "youtube.com/user/quay", "https://www.youtube.com/user/quay"},
		{"Bluesky", "https://bsky.app/profile/quay.example", "https://bsky.app/profile/quay.example/rss"},
		{"releases of a repository", "https://github.com/quay/ferry/releases/tag/v1", "https://github.com/quay/ferry/releases.atom"},
		{"a branch of a repository", "https://github.com/quay/ferry/tree/next/ferry", "https://github.com/quay/ferry/commits/next/ferry.atom"},
		{"a repository", "github.com/quay/ferry", "https://github.com/quay/ferry"},
		{"a search of news", "https://news.google.com/search?q=north%20korea&hl=en-GB&gl=GB&ceid=GB%3Aen", "https://news.google.com/rss/search?q=north%20korea&hl=en-GB&gl=GB&ceid=GB%3Aen"},
		{"a topic of news", "https://news.google.com/topics/CAAq?hl=de", "https://news.google.com/rss/topics/CAAq?hl=de"},
		{"a search that is a feed", "https://news.google.com/rss/search?q=x", "https://news.google.com/rss/search?q=x"},
		{"a writer on Medium", "https://medium.com/@ida/a-story-123", "https://medium.com/feed/@ida"},
		{"a publication on Medium", "https://medium.com/quay-review", "https://medium.com/feed/quay-review"},
		{"a publication with its own name on Medium", "https://quay.medium.com/a-story", "https://quay.medium.com/feed"},
		{"a tag on Medium", "https://medium.com/tag/ferries", "https://medium.com/feed/tag/ferries"},
		{"Medium's own pages", "https://medium.com/about", "https://medium.com/about"},
		{"Substack", "https://quay.substack.com/p/a-letter", "https://quay.substack.com/feed"},
		{"Substack's reader", "https://open.substack.com/pub/quay/p/a-letter", "https://quay.substack.com/feed"},
		{"Tumblr", "https://www.tumblr.com/quay/123/a-post", "https://quay.tumblr.com/rss"},
		{"a tag on Tumblr", "https://quay.tumblr.com/tagged/ferries", "https://quay.tumblr.com/tagged/ferries/rss"},
		{"Blogger", "https://quay.blogspot.com/2026/03/post.html", "https://quay.blogspot.com/feeds/posts/default"},
		{"WordPress", "https://quay.wordpress.com/", "https://quay.wordpress.com/feed/"},
		{"a host that only ends alike", "https://notmedium.com/@ida", "https://notmedium.com/@ida"},
		{"a host below that of another", "https://t.me.example/quay_news", "https://t.me.example/quay_news"},
	} {
		got, err := TypedAddress(c.typed)
		if got != c.want || err != nil {
			t.Errorf("%s: TypedAddress(%q) = %q, %v; want %q", c.name, c.typed, got, err, c.want)
		}
		if again, err := TypedAddress(got); again != got {
			t.Errorf("%s: TypedAddress(%q) = %q, %v; want it unchanged", c.name, got, again, err)
		}
	}
	for typed, want := range map[string]TypedKind{
		"https://t.me/+AbCdEf123": TypedClosed, "t.me/joinchat/AbC": TypedClosed, "https://t.me/c/1234/5": TypedClosed,
		"@ab": TypedHost, "@": TypedHost, "@1abc": TypedHost, "r/": TypedHost, "tg://join?invite=x": TypedScheme,
	} {
		var bad *TypedError
		if got, err := TypedAddress(typed); !errors.As(err, &bad) || bad.Kind != want {
			t.Errorf("TypedAddress(%q) = %q, %v; want %s", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{"@quay_news": "http://t.me/s/quay_news", "https://t.me/quay_news": ""} {
		if got := PlainAddress(typed); got != want {
			t.Errorf("PlainAddress(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestNewsSearch(t *testing.T) {
	for _, c := range []struct{ words, language, want string }{
		{"north korea", "en", "https://news.google.com/rss/search?ceid=US%3Aen&gl=US&hl=en&q=north+korea"},
		{"mar", "pt", "https://news.google.com/rss/search?ceid=BR%3Apt-419&gl=BR&hl=pt&q=mar"},
		{"北朝鮮 & 船", "", "https://news.google.com/rss/search?q=%E5%8C%97%E6%9C%9D%E9%AE%AE+%26+%E8%88%B9"},
		{"x", "no such language", "https://news.google.com/rss/search?q=x"},
	} {
		if got := NewsSearch(c.words, c.language); got != c.want {
			t.Errorf("NewsSearch(%q, %q) = %s, want %s", c.words, c.language, got, c.want)
		}
	}
}

func TestAListMayNameAChannelByItsPage(t *testing.T) {
	if got := byRule("https://t.me/quay_news"); got != "https://t.me/s/quay_news" || byRule(got) != got {
		t.Errorf("byRule = %q, then %q", got, byRule(got))
	}
}

func TestIsPrivate(t *testing.T) {
	allowed := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	for address, want := range map[string]bool{
		"http://127.0.0.1/feed": true, "http://0x7f.1/": true, "https://[::1]:8443/": true, "http://[::ffff:10.2.3.4]/": true, "http://169.254.169.254/latest": true,
		"http://100.64.1.1/": true, "http://[64:ff9b::7f00:1]/": true, "http://168.63.129.16/": true, "http://192.168.1.1:8080/": true, "http://127.0.0.1:22/": true,
		"http://10.1.2.3/": false, "http://8.8.8.8/": false, "https://[2606:4700::1111]/": false, "http://site.example/": false, "nonsense": false, "": false,
	} {
		if got := IsPrivate(address, allowed); got != want {
			t.Errorf("IsPrivate(%q) = %t, want %t", address, got, want)
		}
	}
}

func FuzzTypedAddress(f *testing.F) {
	for _, seed := range []string{"@quay_news", "@a@b.example", "r/x", "https://t.me/s/quay_news/1?x#y", "youtube.com/@x/videos", "medium.com/tag/x", "https://a.tumblr.com/tagged/b", "https://open.substack.com/pub/x", "x.blogspot.co.uk", "news.google.com/search?q=a%2Fb", "github.com/a/b/tree/c%2Fd", "feed://[::1]:80/", "tg://resolve?domain=a/../b", "a.example/x???",
		"a.example/" + strings.Repeat("\xff", maxTyped/4), "a.example/x'#", "https://a.example/@ida@b.0", "a.example/?%%%%33333%3%33", "open.substack.com/pub/a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		address, err := TypedAddress(typed)
		if err != nil {
			return
		}
		if again, err := TypedAddress(address); again != address {
			t.Errorf("TypedAddress(%q) = %q, and of that %q, %v; want it unchanged", typed, address, again, err)
		}
		for _, place := range likely(address) {
			if _, err := CanonicalAddress(place); err != nil {
				t.Errorf("likely(%q) has %q: %v", address, place, err)
			}
		}
	})
}
