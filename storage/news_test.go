package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/digest"
	"tidings/digest/feed"
	"tidings/storage"
)

func TestSources(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		list := []digest.Source{
			{Name: "Post", Address: "https://post.example/feed", Home: "https://post.example", Language: "en", Country: "GB",
				Subject: "world", Interval: 15 * time.Minute, NextVisit: now.Add(-time.Minute)},
			{Name: "Blatt", Address: "https://blatt.example/feed", Interval: time.Second, NextVisit: now.Add(-time.Hour)},
			{Name: "Bad\x00 name\xff", Address: "https://bad.example/feed", NextVisit: now.Add(time.Hour)},
		}
		if n := must(s.AddSources(ctx, list))(t); n != 3 {
			t.Errorf("AddSources of 3 new = %d", n)
		}
		list[0].Name = "The Post"
		if n := must(s.AddSources(ctx, list))(t); n != 0 {
			t.Errorf("AddSources of 3 known = %d", n)
		}
		if first := must(s.ClaimSources(ctx, now, 0, 1))(t); len(first) != 1 || first[0].Name != "Blatt" {
			t.Fatalf("ClaimSources of one = %+v, want Blatt, the most overdue", first)
		} else {
			must(s.ShelveVisits(ctx, []digest.Visit{{Source: first[0]}}))(t)
		}
		claimed := must(s.ClaimSources(ctx, now, 20*time.Second, 10))(t)
		slices.SortFunc(claimed, func(a, b digest.Source) int { return strings.Compare(a.Name, b.Name) })
		if len(claimed) != 2 || claimed[0].Name != "Blatt" || claimed[1].Name != "The Post" {
			t.Fatalf("ClaimSources = %+v, want Blatt and The Post", claimed)
		}
		want := list[0]
		want.ID, want.Listed, want.NextVisit = claimed[1].ID, true, now.Add(20*time.Second)
		if diff := cmp.Diff(want, claimed[1]); diff != "" {
			t.Errorf("ClaimSources (-want +got)\n%s", diff)
		}
		if again := must(s.ClaimSources(ctx, now, 20*time.Second, 10))(t); len(again) != 0 {
			t.Errorf("ClaimSources at once again = %v, want none", again)
		}
		if again := must(s.ClaimSources(ctx, now.Add(20*time.Second), 0, 1))(t); len(again) != 1 {
			t.Errorf("ClaimSources after the hold = %v, want 1 (the limit)", again)
		}

		visited := claimed[1]
		visited.ETag, visited.LastModified, visited.BodyHash = `"abc"`, "yesterday", "f00"
		visited.LastVisit, visited.LastChange, visited.FailingSince = now, now.Add(-time.Second), now
		visited.NextVisit, visited.Interval, visited.Failures, visited.Reason = now, time.Hour, 3, "it is a page, not a feed"
		visited.Status, visited.Moved, visited.MovedAt, visited.Sighted, visited.Sightings = 404, "https://new.example/", now, "https://newer.example/", 2
		visited.Wish = feed.Rhythm{Lull: time.Hour, SkipHours: 1 << 23, SkipDays: 1 << 6}
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: visited}}))(t)
		check(t, s.RetainSources(ctx, []string{"https://post.example/feed"}))
		got := must(s.ClaimSources(ctx, now.Add(time.Hour), 0, 10))(t)
		visited.NextVisit = now.Add(time.Hour)
		if diff := cmp.Diff([]digest.Source{visited}, got); diff != "" {
			t.Errorf("ClaimSources of what a visit left (-want +got)\n%s", diff)
		}
		check(t, s.RetainSources(ctx, []string{"https://post.example/feed", "https://blatt.example/feed"}))
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: visited}, {Source: claimed[0]}}))(t)
		if got := must(s.ClaimSources(ctx, now.Add(2*time.Hour), 0, 10))(t); len(got) != 2 {
			t.Errorf("ClaimSources after both are listed again = %d, want 2", len(got))
		}
	})
}

func TestArticleIdentity(t *testing.T) {
	now := milli(time.Now())
	for _, c := range []struct {
		name   string
		second func(a *digest.Article)
		want   int
	}{
		{"the same item again", func(*digest.Article) {}, 0},
		{"another title under the same guid", func(a *digest.Article) { a.Title, a.Address = "Corrected", "https://harbour.example/x" }, 0},
		{"another guid at the same address", func(a *digest.Article) { a.GUID, a.Title = "other", "Corrected" }, 0},
		{"the same title at the host an hour later", func(a *digest.Article) {
			a.GUID, a.Address, a.Published = "other", "https://harbour.example/x", now.Add(-time.Hour)
		}, 0},
		{"the same title at the host a day earlier", func(a *digest.Article) {
			a.GUID, a.Address, a.Published = "other", "https://harbour.example/x", now.Add(-24*time.Hour)
		}, 1},
		{"everything else", func(a *digest.Article) { *a = article(2, now) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s := h.open(t)
				source := addSource(t, s, "https://harbour.example/feed", now)
				first := article(1, now)
				second := article(1, now)
				c.second(&second)
				if n := must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: []digest.Article{first, first}}}))(t); n != 1 {
					t.Fatalf("ShelveVisits of one item listed twice = %d, want 1", n)
				}
				if n := must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: []digest.Article{second}}}))(t); n != c.want {
					t.Errorf("ShelveVisits of the second = %d new, want %d", n, c.want)
				}
			})
		})
	}
}

func TestKeysAreSeenOnceADay(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		for _, c := range []struct{ after, want time.Duration }{{0, 0}, {time.Hour, 0}, {25 * time.Hour, 25 * time.Hour}} {
			a := article(1, now)
			a.Seen = now.Add(c.after)
			must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: []digest.Article{a}}}))(t)
			if got := number(t, s, `SELECT MIN(seen) FROM article_keys`); got != int(now.Add(c.want).UnixMilli()) {
				t.Errorf("listed %s later: seen is %s after the first time, want %s", c.after, time.UnixMilli(int64(got)).Sub(now), c.want)
			}
		}
	})
}

func TestHostileTextIsShelved(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		a := article(1, now)
		a.Title, a.Text, a.Categories = "a\x00b\xff'; DROP TABLE articles; --", strings.Repeat("\\\x00", 100), []string{"\x00", "\xff"}
		a.Published = now.Add(100 * time.Hour)
		must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: []digest.Article{a}}}))(t)
		kept := must(s.UnjoinedArticles(t.Context(), 9))(t)
		if len(kept) != 1 || kept[0].Title != "ab\uFFFD'; DROP TABLE articles; --" || !kept[0].Published.Equal(now) {
			t.Fatalf("UnjoinedArticles = %+v, want the title made valid and not published after it was seen", kept)
		}
		j := joinedAlone(kept[0], now)
		j.Words = "a\x00b \xff '' \" \\ " + strings.Repeat("x", 5000)
		check(t, s.ShelveJoined(t.Context(), []digest.Joined{j}))
		for _, token := range []string{`"`, `''`, `\`, "ab"} {
			found := 0
			check(t, s.SearchArticles(t.Context(), [][]string{{token}}, nil, now.Add(-time.Hour), 9,
				func(digest.Article, digest.StoryID) error { found++; return nil }))
			if found != 1 {
				t.Errorf("SearchArticles(%q) = %d, want 1", token, found)
			}
		}
	})
}

func TestJoining(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		chat := addChat(t, s, 7, 0)
		u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferry", Label: "Ferry"}, now)
		check(t, err)
		select {
		case <-s.ArticlesArrived():
			t.Error("ArticlesArrived is signalled before any came")
		default:
		}
		second := article(2, now)
		second.Host, second.Address = "quay.example", "https://quay.example/2"
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: source, Articles: []digest.Article{article(1, now.Add(-time.Hour)), second}}}))(t)
		select {
		case <-s.ArticlesArrived():
		default:
			t.Error("ArticlesArrived is not signalled after articles came")
		}
		fresh := must(s.UnjoinedArticles(ctx, 10))(t)
		want := article(1, now.Add(-time.Hour))
		want.ID, want.Source = fresh[0].ID, source.ID
		if diff := cmp.Diff(want, fresh[0]); diff != "" {
			t.Errorf("UnjoinedArticles, the first (-want +got)\n%s", diff)
		}

		match := digest.Match{Topic: u.Topic, Score: 2, Words: []string{"Ferry"}, Field: "title"}
		joined := []digest.Joined{joinedAlone(fresh[0], now.Add(-time.Minute), match, digest.Match{Topic: 12345, Score: 1})}
		check(t, s.ShelveJoined(ctx, joined))
		story := joined[0].Story
		if story.ID != digest.StoryID(fresh[0].ID) {
			t.Errorf("ShelveJoined set Story.ID = %d, want its article's %d", story.ID, fresh[0].ID)
		}
		story.Hosts, story.Joined, story.Published = 2, now, story.Published.Add(-time.Minute)
		match.Score, match.Words = 1, []string{"worse"}
		later := story
		later.Title, later.Address, later.Outlet, later.Host = second.Title, second.Address, second.Outlet, second.Host
		check(t, s.ShelveJoined(ctx, []digest.Joined{{Article: fresh[1].ID, Story: later, Words: "ferry", Subjects: digest.SubjectShares{7, 0, 255}, Matches: []digest.Match{match}}}))
		if left := must(s.UnjoinedArticles(ctx, 10))(t); len(left) != 0 {
			t.Errorf("UnjoinedArticles after joining = %d, want none", len(left))
		}

		matches := must(s.TopicMatches(ctx, []digest.TopicID{u.Topic, 12345}, nil, now.Add(-time.Hour), 5))(t)
		match.Score, match.Words, match.Story = 2, []string{"Ferry"}, story.ID
		head := digest.Story{ID: story.ID, Published: story.Published, Hosts: 2}
		wantMatches := map[digest.TopicID][]digest.MatchedStory{u.Topic: {{Match: match, Story: head, At: now.Add(-time.Minute)}}}
		if diff := cmp.Diff(wantMatches, matches); diff != "" {
			t.Errorf("TopicMatches: want the greater score, the first At and the story as it stands (-want +got)\n%s", diff)
		}
		var m digest.MatchedStory
		for i, at := range []time.Time{now.Add(-time.Minute), now} { // in the same moment, and later
			better := digest.MatchedStory{Match: match, At: at}
			better.Score, better.Words = float64(3+i), []string{fmt.Sprint("best, ", i), `of "all"`}
			check(t, s.ShelveMatches(ctx, []digest.MatchedStory{better}))
			m = must(s.TopicMatches(ctx, []digest.TopicID{u.Topic}, nil, now.Add(-time.Hour), 5))(t)[u.Topic][0]
			if m.Score != better.Score || !slices.Equal(m.Words, better.Words) || !m.At.Equal(now.Add(-time.Minute)) {
				t.Errorf("after a better ShelveMatches: %+v, want score %v, its words and the first At", m, better.Score)
			}
		}
		// one batch may bring the same match thrice
		another, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "quay", Label: "Quay"}, now)
		check(t, err)
		var thrice []digest.MatchedStory
		for i, score := range []float64{0.25, 0.75, 0.5} {
			thrice = append(thrice, digest.MatchedStory{Match: digest.Match{Topic: another.Topic, Story: story.ID, Score: score, Words: []string{fmt.Sprint("word ", i)}},
				At: now.Add(time.Duration(i) * time.Second)})
		}
		check(t, s.ShelveMatches(ctx, thrice))
		m = must(s.TopicMatches(ctx, []digest.TopicID{another.Topic}, nil, now.Add(-time.Hour), 5))(t)[another.Topic][0]
		if m.Score != 0.75 || m.Words[0] != "word 1" || !m.At.Equal(now) {
			t.Errorf("one match thrice in a batch: %+v, want score 0.75 with its reason and the first At", m)
		}
		if m := must(s.TopicMatches(ctx, []digest.TopicID{u.Topic}, nil, now, 5))(t); len(m) != 0 {
			t.Errorf("TopicMatches since after the match = %v, want none", m)
		}

		stories := must(s.StoriesByID(ctx, []digest.StoryID{story.ID, 99}))(t)
		if len(stories) != 1 || len(stories[0].Articles) != 2 || stories[0].Articles[0].ID != fresh[0].ID {
			t.Fatalf("StoriesByID = %+v, want the story with its leading article first", stories)
		}
		stories[0].Articles = nil
		if diff := cmp.Diff(story, stories[0]); diff != "" {
			t.Errorf("StoriesByID (-want +got)\n%s", diff)
		}
		var window []digest.ArticleID
		check(t, s.JoinedArticles(ctx, now.Add(-2*time.Hour), func(a digest.Article, id digest.StoryID) error {
			if id != story.ID {
				t.Errorf("JoinedArticles: article %d in story %d, want %d", a.ID, id, story.ID)
			}
			if want := map[digest.ArticleID]string{fresh[1].ID: "\a\x00\xff"}; string(a.Subjects) != want[a.ID] {
				t.Errorf("JoinedArticles: article %d has subjects %q, want %q", a.ID, a.Subjects, want[a.ID])
			}
			window = append(window, a.ID)
			return nil
		}))
		if !slices.Equal(window, []digest.ArticleID{fresh[0].ID, fresh[1].ID}) {
			t.Errorf("JoinedArticles = %v, want both, in the order seen", window)
		}
		check(t, s.JoinedArticles(ctx, now.Add(time.Second), func(a digest.Article, _ digest.StoryID) error {
			t.Errorf("JoinedArticles since after the last joined: article %d, want none", a.ID)
			return nil
		}))
		enough := errors.New("enough")
		if err := s.JoinedArticles(ctx, time.Time{}, func(digest.Article, digest.StoryID) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("JoinedArticles with an error of each = %v", err)
		}
	})
}

func TestATopicFollowedAgainFindsWhatItHad(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		chat := addChat(t, s, 7, 0)
		ferry, err := digest.ParseTopic("ferry")
		check(t, err)
		first, _, err := s.Follow(ctx, chat.ID, ferry, now)
		check(t, err)
		a := article(1, now.Add(-time.Hour))
		a.Title = "The ferry sails again"
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: source, Articles: []digest.Article{a}}}))(t)
		fresh := must(s.UnjoinedArticles(ctx, 10))(t)
		joined := joinedAlone(fresh[0], now, digest.Match{Topic: first.Topic, Score: 1})
		joined.Words = "ferry"
		check(t, s.ShelveJoined(ctx, []digest.Joined{joined}))
		seen := map[digest.TopicID]bool{}
		for topic := first.Topic; len(seen) < 3; {
			seen[topic] = true
			must(s.Unfollow(ctx, chat.ID, topic))(t)
			if left := must(s.TopicsAfter(ctx, 0, 5))(t); len(left) != 1 {
				t.Errorf("a topic that may be followed again: %v, want it kept", left)
			}
			forgetUnfollowed(t, s)
			if left := must(s.TopicsAfter(ctx, 0, 5))(t); len(left) != 0 {
				t.Errorf("topics without a follower: %v, want none", left)
			}
			again, _, err := s.Follow(ctx, chat.ID, ferry, now)
			check(t, err)
			if topic = again.Topic; seen[topic] {
				t.Errorf("followed again the topic has the id %d, which it had before", topic)
			}
			must(digest.NewFinder(s).Backfill(ctx, topic, ferry, now.Add(-2*time.Hour)))(t)
			if m := must(s.TopicMatches(ctx, []digest.TopicID{topic}, nil, now.Add(-2*time.Hour), 5))(t)[topic]; len(m) != 1 {
				t.Errorf("followed again the topic has %d matches, want 1", len(m))
			}
		}
		for i := range 3 {
			_, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: fmt.Sprint("topic ", i)}, now)
			check(t, err)
		}
		all := must(s.TopicsAfter(ctx, 0, 9))(t)
		some := must(s.TopicsAfter(ctx, all[0].ID, 2))(t)
		if len(all) != 4 || !slices.Equal(some, all[1:3]) {
			t.Errorf("TopicsAfter the first, at most 2 = %v of %v; want the second and the third", some, all)
		}
	})
}

func TestStoryArticlesPreferHosts(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		var articles []digest.Article
		for i := range 20 {
			a := article(i, now.Add(time.Duration(i-100)*time.Minute))
			if i >= 18 {
				a.Host = fmt.Sprintf("late%d.example", i)
			}
			articles = append(articles, a)
		}
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: source, Articles: articles}}))(t)
		kept := must(s.UnjoinedArticles(ctx, 50))(t)
		story := joinedAlone(kept[5], now).Story // the sixth leads
		story.ID = 1
		var joined []digest.Joined
		for _, a := range kept {
			joined = append(joined, digest.Joined{Article: a.ID, Story: story})
		}
		check(t, s.ShelveJoined(ctx, joined))
		got := must(s.StoriesByID(ctx, []digest.StoryID{1}))(t)[0].Articles
		var hosts []string
		for _, a := range got {
			hosts = append(hosts, a.Host)
		}
		if len(got) != 12 || got[0].ID != kept[5].ID || hosts[1] != "late18.example" || hosts[2] != "late19.example" || got[3].ID != kept[0].ID {
			t.Errorf("StoriesByID articles: %d, hosts %v; want 12: the leading one, the other hosts, then the earliest", len(got), hosts)
		}
	})
}

func TestTopStories(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		shelve(t, s, now, 4)
		execute(t, s, `UPDATE stories SET hosts = 5 WHERE id = (SELECT MIN(id) FROM stories)`)
		execute(t, s, `UPDATE stories SET language = 'de', hosts = 9 WHERE id = (SELECT MAX(id) FROM stories)`)
		top := must(s.TopStories(ctx, "en", now.Add(-time.Hour), 2))(t)
		if len(top) != 2 || top[0].Hosts != 5 || len(top[0].Articles) != 1 {
			t.Errorf("TopStories = %+v, want 2 of English, the one with 5 hosts first, with articles", top)
		}
		if titles := must(s.StoryTitles(ctx, "en", now.Add(-time.Hour), 2))(t); len(titles) != 2 || titles[0] != top[0].Title || titles[1] != top[1].Title {
			t.Errorf("StoryTitles = %q, want those of TopStories", titles)
		}
		if top := must(s.TopStories(ctx, "en", now.Add(time.Hour), 2))(t); len(top) != 0 {
			t.Errorf("TopStories since the future = %v", top)
		}
	})
}

func TestSearch(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		source := addSource(t, s, "https://harbour.example/feed", now)
		words := []string{"c++ ferry", "c ferry", "at&t strike", "at t strike", "København færge", "日本 船", "İstanbul don't"}
		var articles []digest.Article
		for i := range words {
			articles = append(articles, article(i, now))
		}
		articles[1].Published = now.Add(-48 * time.Hour)
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: source, Articles: articles}}))(t)
		var joined []digest.Joined
		for i, a := range must(s.UnjoinedArticles(ctx, 50))(t) {
			j := joinedAlone(a, now)
			j.Words = words[i]
			joined = append(joined, j)
		}
		check(t, s.ShelveJoined(ctx, joined))
		for _, c := range []struct {
			name  string
			anyOf [][]string
			since time.Duration
			want  []int
		}{
			{"one token", [][]string{{"strike"}}, 1, []int{3, 2}},
			{"a token with punctuation is not its parts", [][]string{{"at&t"}}, 1, []int{2}},
			{"parts are not the token", [][]string{{"at"}}, 1, []int{3}},
			{"pluses are part of the token", [][]string{{"c++"}}, 72, []int{0}},
			{"too old", [][]string{{"c"}}, 1, nil},
			{"old enough", [][]string{{"c"}}, 72, []int{1}},
			{"either", [][]string{{"c++", "日本"}}, 1, []int{5, 0}},
			{"both groups", [][]string{{"c++", "c"}, {"ferry"}}, 72, []int{1, 0}},
			{"both groups, one missing", [][]string{{"ferry"}, {"strike"}}, 72, nil},
			{"letters beyond ASCII", [][]string{{"færge"}}, 1, []int{4}},
			{"capitals are other tokens", [][]string{{"københavn"}}, 1, nil},
			{"an apostrophe", [][]string{{"don't"}}, 1, []int{6}},
			{"a token that holds a query", [][]string{{`strike" OR "ferry`}}, 1, nil},
			{"a token that holds the other query", [][]string{{`strike' | 'ferry`}}, 1, nil},
			{"nothing asked", nil, 1, nil},
			{"an empty group", [][]string{{"strike"}, {}}, 1, nil},
			{"an empty token", [][]string{{""}}, 1, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				var got []int
				check(t, s.SearchArticles(ctx, c.anyOf, nil, now.Add(-c.since*time.Hour), 50, func(a digest.Article, id digest.StoryID) error {
					if id != digest.StoryID(a.ID) {
						t.Errorf("article %d in story %d", a.ID, id)
					}
					got = append(got, slices.IndexFunc(joined, func(j digest.Joined) bool { return j.Article == a.ID }))
					return nil
				}))
				if !slices.Equal(got, c.want) {
					t.Errorf("SearchArticles(%q) = articles %v, want %v", c.anyOf, got, c.want)
				}
			})
		}
		n := 0
		check(t, s.SearchArticles(ctx, [][]string{{"strike"}}, nil, now.Add(-time.Hour), 1, func(digest.Article, digest.StoryID) error { n++; return nil }))
		if n != 1 {
			t.Errorf("SearchArticles with limit 1 = %d", n)
		}
	})
}

func TestReplicasClaimDifferentSources(t *testing.T) {
	h := postgresHouse(t)
	a, b, now := h.open(t), h.open(t), milli(time.Now())
	var list []digest.Source
	for i := range 200 {
		list = append(list, digest.Source{Address: fmt.Sprintf("https://%d.example/feed", i), NextVisit: now})
	}
	must(a.AddSources(t.Context(), list))(t)
	var (
		mu      sync.Mutex
		claimed = map[digest.SourceID]int{}
		group   sync.WaitGroup
	)
	for _, s := range []*storage.Store{a, b} {
		for range 4 {
			group.Go(func() {
				for {
					got, err := s.ClaimSources(t.Context(), now, time.Minute, 7)
					if err != nil {
						t.Errorf("ClaimSources: %v", err)
					}
					if len(got) == 0 {
						return
					}
					mu.Lock()
					for _, v := range got {
						claimed[v.ID]++
					}
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	for id, n := range claimed {
		if n != 1 {
			t.Errorf("source %d was claimed %d times", id, n)
		}
	}
	if len(claimed) != 200 {
		t.Errorf("%d sources were claimed, want 200", len(claimed))
	}
}

func TestReplicasShelveAnArticleOnce(t *testing.T) {
	h := postgresHouse(t)
	a, b, now := h.open(t), h.open(t), milli(time.Now())
	source := addSource(t, a, "https://harbour.example/feed", now)
	var articles []digest.Article
	for i := range 50 {
		articles = append(articles, article(i, now))
	}
	var group sync.WaitGroup
	for _, s := range []*storage.Store{a, b, a, b} {
		group.Go(func() {
			if _, err := s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: articles}}); err != nil {
				t.Errorf("ShelveVisits: %v", err)
			}
		})
	}
	group.Wait()
	if n := number(t, a, `SELECT COUNT(*) FROM articles`); n != 50 {
		t.Errorf("four replicas shelved %d articles, want 50", n)
	}
}

func BenchmarkShelveVisits(b *testing.B) {
	for _, c := range []struct {
		name string
		open func() house
	}{
		{"sqlite", func() house { return house{b.TempDir() + "/tidings.db"} }},
		{"postgres", func() house { return postgresHouse(b) }},
	} {
		b.Run(c.name+", ten feeds of forty known articles and two new", func(b *testing.B) {
			s, now := c.open().open(b), milli(time.Now())
			var list []digest.Source
			for i := range 10 {
				list = append(list, digest.Source{Address: fmt.Sprintf("https://%d.example/feed", i), NextVisit: now})
			}
			must(s.AddSources(b.Context(), list))(b)
			sources := must(s.ClaimSources(b.Context(), now, time.Hour, 10))(b)
			next := 0
			for b.Loop() {
				var visits []digest.Visit
				for i, v := range sources {
					visit := digest.Visit{Source: v}
					for n := max(0, next-40); n < next+2; n++ {
						a := article(i*1_000_000+n, now)
						a.Title, a.Text = fmt.Sprintf("Title %d of %d", n, i), strings.Repeat("word ", 60)
						visit.Articles = append(visit.Articles, a)
					}
					visits = append(visits, visit)
				}
				if got := must(s.ShelveVisits(b.Context(), visits))(b); got != 20 {
					b.Fatalf("ShelveVisits = %d, want 20", got)
				}
				next += 2
			}
		})
	}
}

func TestUnreadUntilTheFirstNewsIsJoined(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		want := func(when string, want bool) {
			t.Helper()
			if got := must(s.Unread(ctx))(t); got != want {
				t.Errorf("Unread %s = %v, want %v", when, got, want)
			}
		}
		want("without sources", false)
		source := addSource(t, s, "https://harbour.example/feed", now)
		want("before the first visit", true)
		source.LastVisit = now
		must(s.ShelveVisits(ctx, []digest.Visit{{Source: source, Articles: []digest.Article{article(1, now)}}}))(t)
		want("before its articles are joined", true)
		fresh := must(s.UnjoinedArticles(ctx, 10))(t)
		check(t, s.ShelveJoined(ctx, []digest.Joined{joinedAlone(fresh[0], now)}))
		want("when there is a story", false)
		addSource(t, s, "https://quay.example/feed", now)
		want("with a story and a new source", false)
	})
}

func TestSearchSeesABatchThatWasReadInAnotherOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		quay := addSource(t, s, "https://quay.example/feed", now)
		post := addSource(t, s, "https://post.example/feed", now)
		late, early := article(1, now), article(2, now.Add(-time.Second)) // visits overlap; the shelf takes them by source
		late.Seen, early.Seen = now, now.Add(-time.Second)
		must(s.ShelveVisits(ctx, []digest.Visit{
			{Source: quay, Articles: []digest.Article{late}},
			{Source: post, Articles: []digest.Article{early}},
		}))(t)
		var joined []digest.Joined
		for _, a := range must(s.UnjoinedArticles(ctx, 10))(t) {
			j := joinedAlone(a, now)
			j.Words = "ferry"
			joined = append(joined, j)
		}
		check(t, s.ShelveJoined(ctx, joined))
		found := 0
		check(t, s.SearchArticles(ctx, [][]string{{"ferry"}}, nil, now.Add(-time.Hour), 10,
			func(digest.Article, digest.StoryID) error { found++; return nil }))
		if found != 2 {
			t.Errorf("SearchArticles found %d of 2 articles", found)
		}
	})
}

func TestLanguages(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		if got := must(s.Languages(ctx))(t); len(got) != 0 {
			t.Errorf("Languages of an empty shelf = %v, want none", got)
		}
		chat := addChat(t, s, 7, 0)
		u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferry", Label: "ferry"}, now)
		check(t, err)
		ids := shelve(t, s, now, 6)
		for i, language := range []string{"de", "en", "", digest.UnknownLanguage, "de", "zh"} {
			execute(t, s, `UPDATE stories SET language = $1 WHERE id = $2`, language, int64(ids[i]))
			check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: ids[i], Score: 1}, At: now}}))
		}
		if got := must(s.Languages(ctx))(t); !slices.Equal(got, []string{"de", "en", "zh"}) {
			t.Errorf("Languages = %v, want de, en, zh", got)
		}
		for languages, want := range map[string]int{"": 6, "de": 4, "de zh": 5, "fr": 2, "' OR 1=1 --": 2} {
			chosen := strings.Fields(languages)
			if got := len(must(s.TopicMatches(ctx, []digest.TopicID{u.Topic}, chosen, now, 9))(t)[u.Topic]); got != want {
				t.Errorf("TopicMatches in %v = %d, want %d", chosen, got, want)
			}
			must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.StoryLanguages = languages; return nil }))(t)
			if got := len(must(s.Material(ctx, chat.ID, now, 9))(t).Followed[0].Matches); got != want {
				t.Errorf("Material for a chat that reads %q has %d matches, want %d", languages, got, want)
			}
		}
	})
}

// A process that dies with what it visits, again and again, must find the source
// that does it, and nobody else may suffer.
func TestTheSourceThatEndsTheProgramIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		var list []digest.Source
		for i := range 500 {
			list = append(list, digest.Source{Address: fmt.Sprintf("https://paper%d.example/", i), NextVisit: now.Add(time.Duration(i) * time.Millisecond)})
		}
		must(s.AddSources(ctx, list))(t)
		const killer = "https://paper321.example/"
		visited, deaths := 0, 0
		for now = now.Add(time.Second); ; now = now.Add(2 * time.Minute) {
			claimed := must(s.ClaimSources(ctx, now, time.Minute, 1000))(t)
			if len(claimed) == 0 {
				t.Fatalf("nothing is due any more and nobody was found; %d deaths, %d visited", deaths, visited)
			}
			at := slices.IndexFunc(claimed, func(v digest.Source) bool { return v.Address == killer })
			if at >= 0 && claimed[at].Broke == 3 {
				break
			}
			if at >= 0 {
				deaths++
				continue
			}
			var visits []digest.Visit
			for _, v := range claimed {
				v.Broke, v.NextVisit = 0, now.Add(24*time.Hour)
				visits = append(visits, digest.Visit{Source: v})
			}
			must(s.ShelveVisits(ctx, visits))(t)
			visited += len(visits)
		}
		if deaths != 3 || visited != 499 {
			t.Errorf("found after %d deaths with %d others visited, want 3 and 499", deaths, visited)
		}
	})
}
