package feed

import (
	"fmt"
	"strings"
	"testing"
)

func TestPicturesOfItems(t *testing.T) {
	const own = "https://site.example/"
	for _, c := range []struct{ name, item, want string }{
		{"a thumbnail", `<media:thumbnail url="/a.jpg" width="120" height="90"/>`, own + "a.jpg"},
		{"the widest of several", `<media:thumbnail url="/s.jpg" width="120"/><media:thumbnail url="/l.jpg" width="640"/><media:thumbnail url="/m.jpg" width="320"/>`, own + "l.jpg"},
		{"content in a group before its thumbnail", `<media:group><media:thumbnail url="/s.jpg" width="1200"/><media:content url="/l" medium="image"/></media:group>`, own + "l"},
		{"content that is a film", `<media:content url="/film.mp4" type="video/mp4"><media:thumbnail url="/still.jpg"/></media:content>`, own + "still.jpg"},
		{"content that tells by its ending only", `<media:content url="https://img.example/a.JPG?w=900&amp;sig=1"/>`, "https://img.example/a.JPG?w=900&sig=1"},
		{"an enclosure", `<enclosure url="/a" type="image/webp" length="1"/>`, own + "a"},
		{"an enclosure of sound", `<enclosure url="/a.mp3" type="audio/mpeg"/>`, ""},
		{"an Atom link in RSS", `<atom:link rel="enclosure" href="/a.png" type="image/png"/>`, own + "a.png"},
		{"that of a podcast", `<itunes:image href="/pod.jpg"/>`, own + "pod.jpg"},
		{"an image as RSS writes that of channels", `<image><title>x</title><url>/a.gif</url><link>/</link></image>`, own + "a.gif"},
		{"an image that is an address", `<image>https://img.example/a</image>`, "https://img.example/a"},
		{"the first in the text as the last resort", `<description>&lt;p&gt;Text &lt;img alt="&gt;" src="/a.jpg?x=1&amp;amp;y=2"&gt; &lt;img src=/b.jpg&gt;</description>`, own + "a.jpg?x=1&y=2"},
		{"what was chosen before what is in the text", `<description>&lt;img src="/a.jpg"&gt;</description><media:thumbnail url="/b.jpg"/>`, own + "b.jpg"},
		{"no counter of visitors", `<description>&lt;img src="/count.gif" width="1" height="1"&gt;&lt;IMG SRC=/b.jpg&gt;&lt;img src='/a.jpg'&gt;</description>`, own + "b.jpg"},
		{"a picture that scripts load late", `<content:encoded><![CDATA[<img src="data:image/gif;base64,R0" data-src="/a.jpg">]]></content:encoded>`, own + "a.jpg"},
		{"a picture that is a script", `<media:thumbnail url="javascript:alert(1)"/>`, ""},
		{"credentials in the address", `<media:thumbnail url="https://u:p@img.example/a.jpg"/>`, "https://img.example/a.jpg"},
		{"a tiny one", `<media:thumbnail url="/dot.png" width="1" height="1"/>`, ""},
		{"words where an address should be", `<image>a fine view of the harbour</image>`, ""},
		{"an address that never ends", `<media:thumbnail url="/` + strings.Repeat("a", 5000) + `"/>`, ""},
		{"none", `<description>words</description>`, ""},
	} {
		rss := `<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><image><url>/logo.png</url></image><item><title>A</title><link>/a</link>` + c.item + `</item><item><title>B</title></item></channel></rss>`
		f := mustParse(t, rss)
		if got := f.Items[0].Picture; got != c.want || f.Items[1].Picture != "" || f.Items[0].Title != "A" || f.Items[0].Link != own+"a" {
			t.Errorf("%s: Parse gives the picture %q of %+v; want %q", c.name, got, f.Items, c.want)
		}
	}
	for _, c := range []struct{ name, body, want string }{
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://img.example/x/"><entry><title>A</title><link rel="enclosure" type="image/jpeg" href="a.jpg"/></entry></feed>`, "https://img.example/x/a.jpg"},
		{"a JSON feed", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A","image":"/a.jpg","banner_image":"/b.jpg"}]}`, own + "a.jpg"},
		{"the banner of a JSON feed", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A","banner_image":"/b.jpg"}]}`, own + "b.jpg"},
		{"the text of a JSON feed", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A","content_html":"<p><img src='/c.jpg'>"}]}`, own + "c.jpg"},
	} {
		if f := mustParse(t, c.body); f.Items[0].Picture != c.want {
			t.Errorf("%s: Parse gives the picture %q; want %q", c.name, f.Items[0].Picture, c.want)
		}
	}
}

// TestASignedPictureMakesNoItemNew: addresses of pictures change at every visit.
func TestASignedPictureMakesNoItemNew(t *testing.T) {
	body := func(signature int) []byte {
		return fmt.Appendf(nil, `<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>A</title><link>/a</link><media:thumbnail url="https://img.example/a.jpg?sig=%d"/><enclosure url="/b.jpg?sig=%[1]d" type="image/jpeg"/><description>&lt;img src="/c.jpg?sig=%[1]d"&gt; words</description></item></channel></rss>`, signature)
	}
	before, err := ParseNew(body(1), "", base, noon, nil)
	if err != nil || len(before.Items) != 1 || before.Items[0].Picture != "https://img.example/a.jpg?sig=1" {
		t.Fatalf("ParseNew = %+v, %v", before, err)
	}
	again, err := ParseNew(body(2), "", base, noon, before.Prints)
	if err != nil || again.Known != 1 || len(again.Items) != 0 {
		t.Errorf("ParseNew of the same item with another signature knows %d items and gives %+v, %v; want it known", again.Known, again.Items, err)
	}
}
