package storage_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// joins lets further hosts tell a story at a moment.
func joins(t testing.TB, s *storage.Store, story digest.StoryID, hosts int, at time.Time) {
	t.Helper()
	lot := rand.Uint64()
	source := addSource(t, s, fmt.Sprintf("https://%d.example/feed", lot), time.Now().Add(time.Second))
	var articles []digest.Article
	for n := range hosts {
		a := article(n, at)
		a.Host = fmt.Sprintf("paper%d-%d.example", n, lot)
		a.Address, a.GUID, a.Title = "https://"+a.Host+"/1", a.Host, fmt.Sprintf("Paper %d tells of the dock in its own words", n)
		articles = append(articles, a)
	}
	must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: articles}}))(t)
	v := must(s.StoryHeads(t.Context(), []digest.StoryID{story}))(t)[0]
	var joined []digest.Joined
	for _, a := range must(s.UnjoinedArticles(t.Context(), hosts))(t) {
		v.Hosts, v.Joined = v.Hosts+1, milli(at)
		joined = append(joined, digest.Joined{Article: a.ID, Story: v})
	}
	check(t, s.ShelveJoined(t.Context(), joined))
}

// tell saves an edition in which stories are told as they stand.
func tell(t testing.TB, s *storage.Store, chat bot.ChatID, at time.Time, again bool, stories ...digest.StoryID) bot.EditionID {
	t.Helper()
	c := bot.Composed{Chat: chat, Slot: at, Composed: at}
	for _, v := range must(s.StoryHeads(t.Context(), stories))(t) {
		c.Told = append(c.Told, digest.Told{Story: v.ID, Hosts: v.Hosts, Known: v.Joined, Again: again})
	}
	c.Messages = append(c.Messages, message("edition"))
	return must(s.SaveEdition(t.Context(), c))(t)
}

// stirred is what Material says is stirred, as "story of hosts".
func stirred(t testing.TB, s *storage.Store, chat bot.ChatID, since time.Time) string {
	t.Helper()
	m := must(s.Material(t.Context(), chat, since, 50))(t)
	var all []string
	for _, v := range m.Stirred {
		if !m.Sent[v.Story] {
			t.Errorf("story %d is stirred and counts as not sent", v.Story)
		}
		all = append(all, fmt.Sprintf("%d of %d", v.Story, v.Hosts))
	}
	return fmt.Sprint(all)
}

func TestWhatWasToldIsStirredByNewArticles(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		before, slot := now.Add(-3*time.Hour), now.Add(-2*time.Hour)
		ids := shelve(t, s, before, 4)
		chat, other := addChat(t, s, 7, 0), addChat(t, s, 8, 0)
		tell(t, s, chat.ID, slot, false, ids[:3]...)
		tell(t, s, other.ID, slot, false, ids[3])
		want := func(what, want string) {
			t.Helper()
			if got := stirred(t, s, chat.ID, slot); got != want {
				t.Errorf("%s: Stirred = %s, want %s", what, got, want)
			}
		}
		want("nothing came", "[]")
		joins(t, s, ids[0], 1, now.Add(-time.Hour))
		joins(t, s, ids[1], 2, now.Add(-time.Hour))
		joins(t, s, ids[3], 5, now.Add(-time.Hour)) // which the chat does not know
		want("two have grown", fmt.Sprintf("[%d of 1 %d of 1]", ids[1], ids[0]))
		if got := stirred(t, s, chat.ID, now.Add(-time.Minute)); got != "[]" {
			t.Errorf("asked from later on, Stirred = %s, want none: an edition has looked since", got)
		}
		tell(t, s, chat.ID, now.Add(-30*time.Minute), true, ids[1])
		want("one was told again", fmt.Sprintf("[%d of 1]", ids[0]))
		joins(t, s, ids[1], 9, now.Add(-time.Minute))
		want("it has grown once more", fmt.Sprintf("[%d of 1]", ids[0]))
		execute(t, s, `UPDATE sent SET known = NULL`)
		want("what was told before it was kept how much was known", "[]")
	})
}

func TestWhatIsToldAgainIsTakenBackWithItsEdition(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		slot := now.Add(-2 * time.Hour)
		ids := shelve(t, s, now.Add(-3*time.Hour), 2)
		chat := addChat(t, s, 7, 0)
		tell(t, s, chat.ID, slot, false, ids[0])
		d := must(s.WaitingDeliveries(ctx, now, 9))(t)[0]
		d.State = bot.Sent
		check(t, s.EndDelivery(ctx, d))
		joins(t, s, ids[0], 3, now.Add(-time.Hour))
		tell(t, s, chat.ID, now.Add(-time.Minute), true, ids...)
		if got := stirred(t, s, chat.ID, slot); got != "[]" {
			t.Fatalf("told again, and Stirred = %s", got)
		}
		must(s.PauseTelegramChat(ctx, 7, nil, bot.PausedBlocked, now))(t)
		if got, want := stirred(t, s, chat.ID, slot), fmt.Sprintf("[%d of 1]", ids[0]); got != want {
			t.Errorf("after the edition was taken back Stirred = %s, want %s", got, want)
		}
		if m := must(s.Material(ctx, chat.ID, slot, 9))(t); !m.Sent[ids[0]] || len(m.Sent) != 1 {
			t.Errorf("Sent = %v, want story %d alone", m.Sent, ids[0])
		}
	})
}

func TestWhatChatsKnowIsMerged(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		slot := now.Add(-3 * time.Hour)
		ids := shelve(t, s, now.Add(-4*time.Hour), 3)
		old, young := addChat(t, s, 7, 0), addChat(t, s, 8, 0)
		execute(t, s, `UPDATE chats SET created = 1 WHERE id = $1`, int64(old.ID))
		tell(t, s, old.ID, slot, false, ids[:2]...)
		joins(t, s, ids[0], 2, now.Add(-2*time.Hour))
		tell(t, s, young.ID, now.Add(-90*time.Minute), false, ids...) // knows more of the first
		joins(t, s, ids[1], 1, now.Add(-time.Hour))
		tell(t, s, young.ID, now.Add(-30*time.Minute), true, ids[1])
		for _, id := range ids {
			joins(t, s, id, 1, now.Add(-time.Minute))
		}
		check(t, s.MigrateChat(t.Context(), 7, 8))
		if got, want := stirred(t, s, old.ID, slot), fmt.Sprintf("[%d of 3 %d of 1]", ids[0], ids[2]); got != want &&
			got != fmt.Sprintf("[%d of 1 %d of 3]", ids[2], ids[0]) {
			t.Errorf("after the merge Stirred = %s, want %s: the second was told again in one of them", got, want)
		}
	})
}

func TestStirredIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		slot := now.Add(-time.Hour)
		ids := shelve(t, s, slot.Add(-time.Hour), 40)
		chat := addChat(t, s, 7, 0)
		tell(t, s, chat.ID, slot, false, ids...)
		execute(t, s, `UPDATE stories SET joined = $1`, now.UnixMilli())
		execute(t, s, `UPDATE stories SET hosts = 9 WHERE id = $1`, int64(ids[39]))
		m := must(s.Material(t.Context(), chat.ID, slot, 50))(t)
		if len(m.Stirred) != 20 || m.Stirred[0].Story != ids[39] {
			t.Errorf("of 40 grown stories %d are stirred, the first %+v; want 20, and the most grown first", len(m.Stirred), m.Stirred[:1])
		}
		execute(t, s, `UPDATE sent SET known = known - $1`, (6 * 24 * time.Hour).Milliseconds())
		if got := stirred(t, s, chat.ID, slot); got != "[]" {
			t.Errorf("what was known six days ago is stirred: %s", got)
		}
	})
}

func TestStoriesToCompareHaveTheNewestArticles(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		begin := now.Add(-10 * time.Hour)
		id := shelve(t, s, begin, 1)[0]
		joins(t, s, id, 59, begin.Add(time.Hour))
		joins(t, s, id, 24, now.Add(-time.Minute))
		stories := must(s.StoriesToCompare(t.Context(), []digest.StoryID{id, 5}))(t)
		if len(stories) != 1 {
			t.Fatalf("StoriesToCompare returns %d stories, want the one that is kept", len(stories))
		}
		v := stories[0]
		late := slices.DeleteFunc(slices.Clone(v.Articles), func(a digest.Article) bool { return a.Seen.Before(now.Add(-time.Hour)) })
		if v.Hosts != 84 || len(v.Articles) != 72 || len(late) != 24 || v.Articles[0].Address != v.Address {
			t.Errorf("of 84 articles it has %d, %d of the newest 24; want 72 and 24, the leading one first", len(v.Articles), len(late))
		}
		slices.SortFunc(v.Articles, func(a, b digest.Article) int { return cmp.Compare(a.ID, b.ID) })
		for i, a := range v.Articles[1:] {
			if a.ID == v.Articles[i].ID {
				t.Errorf("article %d is there twice", a.ID)
			}
		}
	})
}

func TestMatchesOf(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 3)
		chat := addChat(t, s, 7, 0)
		var topics []digest.TopicID
		for _, text := range []string{"ferries", "docks", "boats"} {
			u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: text, Label: text}, now)
			check(t, err)
			topics = append(topics, u.Topic)
			for _, id := range ids[:2] {
				check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: id, Score: .5, Words: []string{text}}}}))
			}
		}
		got := must(s.MatchesOf(ctx, topics[:2], ids[1:]))(t)
		if len(got) != 2 || got[0].Story.ID != ids[1] || got[1].Match.Story != ids[1] || got[0].Topic == got[1].Topic {
			t.Errorf("MatchesOf = %+v, want the second story's two", got)
		}
		if got := must(s.MatchesOf(ctx, nil, ids))(t); len(got) != 0 {
			t.Errorf("MatchesOf no topic = %+v", got)
		}
	})
}
