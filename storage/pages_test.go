package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/digest"
	"tidings/digest/page"
	"tidings/storage"
)

// A newsroom is a shelf with a source, a reader, and what a test publishes.
type newsroom struct {
	*testing.T
	s      *storage.Store
	source digest.Source
	topic  digest.TopicID
	now    time.Time
}

func newNewsroom(t *testing.T, s *storage.Store) *newsroom {
	now := milli(time.Now())
	n := &newsroom{T: t, s: s, now: now, source: addSource(t, s, "https://harbour.example/feed", now)}
	c := must(s.AddChat(t.Context(), bot.Chat{Address: bot.Address{Telegram: 1}, Created: now}))(t)
	topic := must(digest.ParseTopic("ferries"))(t)
	sub, _, err := s.Follow(t.Context(), c.ID, topic, now)
	check(t, err)
	n.topic = sub.Topic
	return n
}

// publish shelves an article and returns it as kept.
func (n *newsroom) publish(i int, text string, at time.Time) digest.Article {
	n.Helper()
	a := article(i, at)
	a.Text, a.Content, a.Language = text, "", "en"
	must(n.s.ShelveVisits(n.Context(), []digest.Visit{{Source: n.source, Articles: []digest.Article{a}}}))(n)
	unjoined := must(n.s.UnjoinedArticles(n.Context(), 10))(n)
	if len(unjoined) == 0 {
		n.Fatalf("article %d is not there", i)
	}
	return unjoined[len(unjoined)-1]
}

// join puts an article into a story, which it leads when it is the first.
func (n *newsroom) join(story digest.StoryID, a, leads digest.Article, matched bool) {
	n.Helper()
	j := digest.Joined{Article: a.ID, New: a.ID == leads.ID, Words: "ferry", Story: digest.Story{
		ID: story, Title: leads.Title, Address: leads.Address, Outlet: leads.Outlet, Host: leads.Host, Language: "en",
		Published: leads.Published, Joined: n.now, Hosts: 1,
	}}
	if matched {
		j.Matches = []digest.Match{{Topic: n.topic, Story: story, Score: 1}}
	}
	check(n, n.s.ShelveJoined(n.Context(), []digest.Joined{j}))
}

// wanted counts the pages of a story that are known.
func (n *newsroom) wanted(story digest.StoryID) int {
	n.Helper()
	return number(n, n.s, `SELECT COUNT(*) FROM pages p JOIN articles a ON a.id = p.article_id WHERE a.story_id = $1`, int64(story))
}

const (
	teaserText = "The ferry was […]"
	wholeText  = "The ferry Morning Star struck a sandbank at seven with ninety people on board. Coastguard boats brought every passenger ashore within two hours."
)

func TestWhichPagesAreWanted(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.open(t))
		story := func(i int) digest.StoryID { return digest.StoryID(1000 + i) }

		a := n.publish(1, teaserText, n.now)
		n.join(story(1), a, a, true)
		if got := n.wanted(story(1)); got != 1 {
			t.Errorf("a teaser of a followed story: %d pages wanted, want 1", got)
		}
		b := n.publish(2, teaserText, n.now)
		n.join(story(2), b, b, false)
		if got := n.wanted(story(2)); got != 0 {
			t.Errorf("a teaser of a story that nobody follows: %d pages wanted, want 0", got)
		}
		w := n.publish(3, wholeText, n.now)
		n.join(story(3), w, w, true)
		if got := n.wanted(story(3)); got != 0 {
			t.Errorf("whole text of a followed story: %d pages wanted, want 0", got)
		}
		old := n.publish(4, teaserText, n.now.Add(-digest.MaxAge-time.Hour))
		n.join(story(4), old, old, true)
		if got := n.wanted(story(4)); got != 0 {
			t.Errorf("a teaser too old for an edition: %d pages wanted, want 0", got)
		}

		// a story that many join asks for the first pages only
		for i := range 8 {
			n.join(story(1), n.publish(10+i, teaserText, n.now.Add(time.Duration(i)*time.Minute-time.Hour)), a, true)
		}
		if got := n.wanted(story(1)); got != 2 {
			t.Errorf("nine teasers of a followed story: %d pages wanted, want 2", got)
		}
		// whatever was published before them
		for i := range 8 {
			n.join(story(1), n.publish(30+i, teaserText, n.now.Add(-2*time.Hour-time.Duration(i)*time.Minute)), a, true)
		}
		if got := n.wanted(story(1)); got < 3 || got > 4 {
			t.Errorf("after eight articles that were published earlier: %d pages wanted, want 3 or 4", got)
		}

		// a topic that is followed later wants pages as well, of the best stories
		var found []digest.MatchedStory
		found = append(found, digest.MatchedStory{Match: digest.Match{Topic: n.topic, Story: story(2), Score: 1}, At: n.now})
		for i := range 40 {
			a := n.publish(100+i, teaserText, n.now)
			n.join(story(100+i), a, a, false)
			found = append(found, digest.MatchedStory{Match: digest.Match{Topic: n.topic, Story: story(100 + i), Score: 0.5}, At: n.now})
		}
		check(t, n.s.ShelveMatches(t.Context(), found))
		if got := n.wanted(story(2)); got != 1 {
			t.Errorf("a teaser of a story that a new topic finds: %d pages wanted, want 1", got)
		}
		if got := number(t, n.s, `SELECT COUNT(*) FROM pages`); got > 40 {
			t.Errorf("a topic that finds 41 stories leaves %d pages wanted, want those of 30 at most", got)
		}
	})
}

func TestPagesAreClaimedReadAndGoWithTheirArticle(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		n := newNewsroom(t, h.openWithQueue(t))
		ctx, s := t.Context(), n.s
		for i := range 3 {
			a := n.publish(i, teaserText, n.now.Add(-time.Minute))
			n.join(digest.StoryID(10+i), a, a, true)
		}
		select {
		case <-s.Enqueued():
		default:
			t.Error("Enqueued is not signalled")
		}
		if got := number(t, s, `SELECT COUNT(*) FROM river_job WHERE kind = 'pages'`); got != 1 {
			t.Errorf("%d jobs wait for three wanted pages, want 1", got)
		}
		now := milli(time.Now()).Add(time.Second)
		if due := must(s.PagesDue(ctx, now))(t); !due {
			t.Error("PagesDue = false with three wanted pages")
		}
		claimed := must(s.ClaimPages(ctx, now, time.Minute, 2))(t)
		if len(claimed) != 2 {
			t.Fatalf("ClaimPages = %d pages, want 2 (the limit)", len(claimed))
		}
		rest := must(s.ClaimPages(ctx, now, time.Minute, 10))(t)
		if len(rest) != 1 || rest[0].Article == claimed[0].Article || rest[0].Article == claimed[1].Article {
			t.Fatalf("ClaimPages again = %+v, want the third", rest)
		}
		if due := must(s.PagesDue(ctx, now))(t); due {
			t.Error("PagesDue = true while all are claimed")
		}
		if again := must(s.ClaimPages(ctx, now.Add(2*time.Minute), 0, 10))(t); len(again) != 3 {
			t.Errorf("ClaimPages after the hold = %d, want 3", len(again))
		}
		w := claimed[0]
		if w.Address == "" || w.Title == "" || w.Language != "en" || w.Attempts != 0 || now.Sub(w.Since).Abs() > time.Minute {
			t.Errorf("claimed %+v, want what a visit needs", w)
		}

		stories := func() map[digest.ArticleID]digest.Article {
			all := map[digest.ArticleID]digest.Article{}
			for _, v := range must(s.StoriesByID(ctx, []digest.StoryID{10, 11, 12}))(t) {
				for _, a := range v.Articles {
					all[a.ID] = a
				}
			}
			return all
		}
		if a := stories()[w.Article]; !a.PageDue || a.Page != "" {
			t.Errorf("before a visit: PageDue %v, Page %q, want due and empty", a.PageDue, a.Page)
		}
		check(t, s.ShelvePage(ctx, digest.PageVisit{Article: w.Article, State: digest.PageDone, Attempts: 1,
			Page: page.Page{Kind: page.Article, Title: "Ti\x00tle", Text: wholeText, Author: "Ann", Published: now, Language: "en"}}))
		check(t, s.ShelvePage(ctx, digest.PageVisit{Article: claimed[1].Article, State: digest.PageRefused, Attempts: 1,
			Reason: "robots.txt forbids it", Page: page.Page{Kind: page.List, Text: "must not be kept"}}))
		check(t, s.ShelvePage(ctx, digest.PageVisit{Article: rest[0].Article, State: digest.PageWanted, Attempts: 1, Reason: "too slow", Next: now.Add(time.Hour)}))
		check(t, s.ShelvePage(ctx, digest.PageVisit{Article: 999, State: digest.PageDone}))
		want := map[digest.ArticleID]string{w.Article: wholeText, claimed[1].Article: "", rest[0].Article: ""}
		got := map[digest.ArticleID]string{}
		for id, a := range stories() {
			got[id] = a.Page
			if a.PageDue {
				t.Errorf("article %d: its page is due after a visit", id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages after the visits (-want +got)\n%s", diff)
		}
		if later := must(s.ClaimPages(ctx, now.Add(2*time.Hour), 0, 10))(t); len(later) != 1 || later[0].Article != rest[0].Article || later[0].Attempts != 1 {
			t.Errorf("ClaimPages later = %+v, want the one to be visited again", later)
		}
		// what was read is not wanted again when the story is joined once more
		a := n.publish(50, teaserText, n.now)
		n.join(10, a, stories()[w.Article], true)
		var state string
		check(t, s.DB().QueryRow(fmt.Sprintf(`SELECT state FROM pages WHERE article_id = %d`, w.Article)).Scan(&state))
		if state != string(digest.PageDone) {
			t.Errorf("after another article joined, the state is %q, want %q", state, digest.PageDone)
		}

		check(t, s.Tidy(ctx, now.Add(30*24*time.Hour)))
		if left := number(t, s, `SELECT COUNT(*) FROM pages`); left != 0 {
			t.Errorf("%d pages are left when their articles are gone", left)
		}
	})
}
