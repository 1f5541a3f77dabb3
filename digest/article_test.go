package digest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tidings/digest/feed"
)

func TestNewArticle(t *testing.T) {
	s := Source{ID: 7, Name: "The Harbour Post", Language: "en"}
	for _, tt := range []struct {
		name  string
		item  feed.Item
		check func(Article) (got, want any)
	}{
		{"a date from the future is now", feed.Item{Published: noon.Add(time.Hour)}, func(a Article) (any, any) { return a.Published, noon }},
		{"a missing date is when it was seen", feed.Item{}, func(a Article) (any, any) { return a.Published, a.Seen }},
		{"the update stands in for the date", feed.Item{Updated: noon.Add(-time.Hour)}, func(a Article) (any, any) { return a.Published, noon.Add(-time.Hour) }},
		{"no title: the first words of the text", feed.Item{Title: " ", Summary: "\n \nA short note.\nMore."}, func(a Article) (any, any) { return a.Title, "A short note." }},
		{"a made title is cut between words", feed.Item{Title: " ", Summary: "one two three four five six seven eight nine ten eleven twelve thirteen"},
			func(a Article) (any, any) {
				return a.Title, "one two three four five six seven eight nine ten eleven twelve…"
			}},
		{"a line of one endless word makes no title", feed.Item{Title: " ", Summary: strings.Repeat("A", 127) + "\nThe rest."},
			func(a Article) (any, any) { return a.Title, "The rest." }},
		{"a made title in ideographs is short", feed.Item{Title: " ", Summary: strings.Repeat("語", 200)},
			func(a Article) (any, any) { return len(a.Title) <= madeTitleBytes+len("…"), true }},
		{"the content stands in for the summary, once", feed.Item{Content: "All of it."}, func(a Article) (any, any) { return a.Text + "|" + a.Content, "All of it.|" }},
		{"summary and content stay apart", feed.Item{Summary: "Some.", Content: "All of it."}, func(a Article) (any, any) { return a.Text + "|" + a.Content, "Some.|All of it." }},
		{"tracking goes from the address", feed.Item{Link: "https://www.harbour.example/a?utm_source=rss&id=3"}, func(a Article) (any, any) { return a.Address, "https://www.harbour.example/a?id=3" }},
		{"the host loses www", feed.Item{Link: "https://www.harbour.example/a"}, func(a Article) (any, any) { return a.Host, "harbour.example" }},
		{"a declared language that the letters deny is not believed", feed.Item{Title: "Порт закрыт из-за сильного ветра до утра", Summary: "Суда ждут на рейде, сообщила администрация порта."},
			func(a Article) (any, any) { return a.Language, "ru" }},
		{"a declared language is believed", feed.Item{Title: "Ok"}, func(a Article) (any, any) { return a.Language, "en" }},
		{"the outlet is the source's name", feed.Item{}, func(a Article) (any, any) { return a.Outlet, "The Harbour Post" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.item.Title == "" {
				tt.item.Title = "Harbour closes for the night"
			}
			if tt.item.Link == "" {
				tt.item.Link = "https://harbour.example/news/1"
			}
			a, err := NewArticle(s, tt.item, noon)
			if err != nil {
				t.Fatalf("NewArticle(%+v): %v", tt.item, err)
			}
			if got, want := tt.check(a); got != want {
				t.Errorf("NewArticle(%+v): got %v, want %v", tt.item, got, want)
			}
		})
	}
}

func TestNewArticleRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		item feed.Item
		want error
	}{
		{"no address", feed.Item{Title: "A"}, ErrNoAddress},
		{"a script for an address", feed.Item{Title: "A", Link: "javascript:alert(1)"}, ErrNoAddress},
		{"nothing to read", feed.Item{Link: "https://a.example/1", Summary: " .. "}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := NewArticle(Source{}, tt.item, noon)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("NewArticle(%+v) = %+v, %v; want error %v", tt.item, a, err, tt.want)
			}
		})
	}
}

// article is a piece of the Harbour Post; change makes it another.
func article(change func(*Article)) Article {
	a := Article{
		ID: 1, Source: 7, Outlet: "The Harbour Post", GUID: "g1", Address: "https://harbour.example/news/1", Host: "harbour.example",
		Title: "Ferry runs aground off the northern pier", Language: "en", Published: noon, Seen: noon,
	}
	if change != nil {
		change(&a)
	}
	return a
}

func sameAs(a Article, known []KnownKey) (ArticleID, bool) {
	return SameArticle(a.Keys(), a.Published, known)
}

func TestSameArticle(t *testing.T) {
	other := func(a *Article) {
		a.GUID, a.Address, a.Title = "g2", "https://harbour.example/news/2", "Council votes for a new tram line"
	}
	for _, tt := range []struct {
		name   string
		change func(*Article)
		want   bool
	}{
		{"another piece", other, false},
		{"the same guid of another source", func(a *Article) { other(a); a.GUID, a.Source = "g1", 8 }, false},
		{"the same guid, corrected title and new address", func(a *Article) { other(a); a.GUID = "g1" }, true},
		{"the same address from another feed", func(a *Article) { other(a); a.Source = 8; a.Address = "http://www.harbour.example/news/1/" }, true},
		{"the same title on the same host within hours", func(a *Article) {
			other(a)
			a.Title, a.Published = "FERRY runs aground off the Northern Pier!", noon.Add(11*time.Hour)
		}, true},
		{"the same title a day later is another piece", func(a *Article) {
			other(a)
			a.Title, a.Published = "Ferry runs aground off the northern pier", noon.Add(13*time.Hour)
		}, false},
		{"the same title on another host", func(a *Article) {
			other(a)
			a.Title, a.Host = "Ferry runs aground off the northern pier", "coast.example"
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := article(nil)
			if id, ok := sameAs(article(tt.change), knownKeys(first)); ok != tt.want || ok && id != first.ID {
				t.Errorf("SameArticle = %d, %v; want %v", id, ok, tt.want)
			}
		})
	}
	t.Run("short titles and front pages say nothing", func(t *testing.T) {
		short := func(a *Article) { a.GUID, a.Address, a.Title = "", "https://harbour.example/", "Morning briefing" }
		if id, ok := sameAs(article(short), knownKeys(article(short))); ok {
			t.Errorf("SameArticle = %d, true; want false", id)
		}
	})
	t.Run("a title in ideographs is telling", func(t *testing.T) {
		han := func(a *Article) {
			a.GUID, a.Address, a.Title = "", "https://harbour.example/", "北部码头渡轮搁浅乘客获救"
		}
		if _, ok := sameAs(article(han), knownKeys(article(han))); !ok {
			t.Error("SameArticle = false, want true")
		}
	})
	t.Run("the guid is surer than the address", func(t *testing.T) {
		byAddress, byGUID := article(other), article(nil)
		byAddress.ID, byAddress.GUID, byAddress.Address = 2, "g9", byGUID.Address
		byGUID.Address = "https://harbour.example/moved"
		if id, _ := sameAs(article(nil), append(knownKeys(byAddress), knownKeys(byGUID)...)); id != byGUID.ID {
			t.Errorf("SameArticle = %d, want %d", id, byGUID.ID)
		}
	})
}

func knownKeys(a Article) []KnownKey {
	var known []KnownKey
	for _, k := range a.Keys() {
		known = append(known, KnownKey{Key: k, Article: a.ID, Published: a.Published})
	}
	return known
}
