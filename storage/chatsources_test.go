package storage_test

import (
	"encoding/json"
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
	"tidings/storage"
)

func followSource(t testing.TB, s *storage.Store, chat bot.ChatID, address string) digest.Source {
	t.Helper()
	v, _, err := s.FollowSource(t.Context(), chat, digest.Source{Name: "Own", Address: address}, milli(time.Now()))
	check(t, err)
	return v.Source
}

// bring shelves articles of a source and a story of each.
func bring(t testing.TB, s *storage.Store, source digest.Source, now time.Time, articles ...digest.Article) []digest.StoryID {
	t.Helper()
	for i := range articles {
		a := &articles[i]
		a.GUID, a.Text, a.Language, a.Outlet, a.Published, a.Seen = a.Address, a.Title, "en", source.Name, now, now
	}
	must(s.ShelveVisits(t.Context(), []digest.Visit{{Source: source, Articles: articles}}))(t)
	var (
		joined []digest.Joined
		ids    []digest.StoryID
	)
	for _, a := range must(s.UnjoinedArticles(t.Context(), 1000))(t) {
		j := joinedAlone(a, now)
		j.Story.Circle, j.Words = a.Circle, strings.ToLower(a.Title)
		joined = append(joined, j)
		ids = append(ids, digest.StoryID(a.ID))
	}
	check(t, s.ShelveJoined(t.Context(), joined))
	return ids
}

func piece(site string, n int) digest.Article {
	return digest.Article{Title: fmt.Sprintf("Ferry %d leaves the old dock", n), Address: fmt.Sprintf("https://%s/%d", site, n), Host: site}
}

func TestFollowSource(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat, other := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		listed := addSource(t, s, "https://post.example/feed", now)

		v, fresh, err := s.FollowSource(ctx, chat.ID, digest.Source{Name: "Mine", Address: "https://own.example/feed", Home: "https://own.example/"}, now)
		if err != nil || !fresh || !v.Followed || v.Listed || v.Name != "Mine" {
			t.Errorf("FollowSource of a new one = %+v, %v, %v; want it followed, own and fresh", v, fresh, err)
		}
		for _, spelling := range []string{"http://own.example/feed/", "https://www.own.example/feed", "http://www.own.example/feed/"} {
			again, fresh, err := s.FollowSource(ctx, chat.ID, digest.Source{Name: "Else", Address: spelling}, now)
			if err != nil || fresh || again.ID != v.ID || again.Name != "Mine" {
				t.Errorf("FollowSource(%s) = %+v, %v, %v; want the same as it stands", spelling, again, fresh, err)
			}
		}
		if got := followSource(t, s, other.ID, "https://own.example/feed"); got.ID != v.ID {
			t.Errorf("another chat's source of the same address is %d, want %d", got.ID, v.ID)
		}
		if got := followSource(t, s, chat.ID, listed.Address); got.ID != listed.ID || got.Name != listed.Name || !got.Listed {
			t.Errorf("FollowSource of a listed one = %+v, want it as listed", got)
		}
		if due := must(s.ClaimSources(ctx, now.Add(time.Second), time.Hour, 10))(t); len(due) != 1 || due[0].ID != v.ID {
			t.Errorf("due are %+v, want the new one at once", due)
		}
		var names []string
		for _, c := range must(s.ChatSources(ctx, chat.ID))(t) {
			names = append(names, fmt.Sprint(c.Name, c.Followed, c.Listed))
		}
		if want := []string{"Minetrue false", "The Harbour Posttrue true"}; !slices.Equal(names, want) {
			t.Errorf("ChatSources = %v, want %v", names, want)
		}
		for i := range bot.MaxSources {
			_, _, err = s.FollowSource(ctx, other.ID, digest.Source{Address: fmt.Sprintf("https://x%d.example/", i)}, now)
		}
		if !errors.Is(err, digest.ErrLimit) {
			t.Errorf("source %d of a chat: %v, want ErrLimit", bot.MaxSources+1, err)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM sources WHERE address = 'https://x49.example/'`); n != 0 {
			t.Error("a source that was refused is kept all the same")
		}
		if _, _, err := s.FollowSource(ctx, 12345, digest.Source{Address: "https://y.example/"}, now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("FollowSource in no chat: %v, want ErrNotFound", err)
		}
	})
}

// TestSpellingsOfOneAddressAtOnce has eight chats add one address in as many
// spellings at the same moment, by hand and by lists.
func TestSpellingsOfOneAddressAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		var chats []bot.Chat
		for i := range 8 {
			chats = append(chats, addChat(t, s, int64(i+1), 0))
		}
		for round := range 5 {
			begin := make(chan struct{})
			var group sync.WaitGroup
			for i, chat := range chats {
				address := fmt.Sprintf("%s://%sown.example/feed-%d%s", []string{"http", "https"}[i&1], []string{"", "www."}[i>>1&1], round, []string{"", "/"}[i>>2&1])
				group.Go(func() {
					<-begin
					var err error
					if i%4 == 3 {
						_, err = s.Import(ctx, chat.ID, digest.Outlines{Sources: []digest.OutlinedSource{{Source: digest.Source{Address: address}}}}, now)
					} else {
						_, _, err = s.FollowSource(ctx, chat.ID, digest.Source{Address: address}, now)
					}
					if err != nil {
						t.Errorf("adding %s: %v", address, err)
					}
				})
			}
			close(begin)
			group.Wait()
			if n := number(t, s, `SELECT COUNT(*) FROM sources`); n != round+1 {
				t.Fatalf("after %d addresses, each in eight spellings at once, %d sources are kept", round+1, n)
			}
		}
		if n := number(t, s, `SELECT COUNT(*) FROM chat_sources WHERE followed = 1`); n != 8*5 {
			t.Errorf("%d subscriptions of 40", n)
		}
	})
}

func TestUnfollowedSourcesAreForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat, other := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		own := followSource(t, s, chat.ID, "https://own.example/feed")
		followSource(t, s, other.ID, own.Address)
		bring(t, s, own, now, piece("own.example", 1), piece("own.example", 2))

		v := must(s.UnfollowSource(ctx, chat.ID, own.ID))(t)
		if v.Address != own.Address || number(t, s, `SELECT COUNT(*) FROM sources WHERE visited = 1`) != 1 {
			t.Errorf("after one of two stops following (%+v) the source is not visited any more", v)
		}
		if _, err := s.UnfollowSource(ctx, chat.ID, own.ID); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("UnfollowSource again: %v, want ErrNotFound", err)
		}
		must(s.UnfollowSource(ctx, other.ID, own.ID))(t)
		for _, table := range []string{"sources", "articles", "stories", "article_keys", "chat_sources"} {
			if n := number(t, s, `SELECT COUNT(*) FROM `+table); n != 0 {
				t.Errorf("after the last follower went, %s has %d rows, want none", table, n)
			}
		}

		// one that was listed once keeps its articles, and rests
		old := addSource(t, s, "https://old.example/feed", now)
		bring(t, s, old, now, piece("old.example", 3))
		followSource(t, s, chat.ID, old.Address)
		check(t, s.RetainSources(ctx, nil))
		if n := number(t, s, `SELECT COUNT(*) FROM sources WHERE visited = 1 AND listed = 0`); n != 1 {
			t.Errorf("RetainSources switched off a source that a chat follows")
		}
		must(s.UnfollowSource(ctx, chat.ID, old.ID))(t)
		if n := number(t, s, `SELECT COUNT(*) FROM articles`); n != 1 || number(t, s, `SELECT COUNT(*) FROM sources WHERE visited = 1`) != 0 {
			t.Errorf("of a source listed once and followed no more %d articles are kept, want 1, and no visits", n)
		}
	})
}

// TestOwnSourcesStayAmongThemselves looks from two chats at what an own source
// of one of them brings.
func TestOwnSourcesStayAmongThemselves(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat, other := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		listed := addSource(t, s, "https://post.example/feed", now)
		own := followSource(t, s, chat.ID, "https://own.example/feed")
		// the same piece in both, the copy first
		copied := bring(t, s, own, now, piece("post.example", 1), piece("own.example", 2))
		shared := bring(t, s, listed, now, piece("post.example", 1))
		if len(shared) != 1 || len(copied) != 2 {
			t.Fatalf("a copy in an own circle kept the piece from the others: %d and %d stories, want 2 and 1", len(copied), len(shared))
		}
		for _, c := range []struct {
			chat bot.ChatID
			want int
		}{{chat.ID, 3}, {other.ID, 1}} {
			ears := must(s.Ears(ctx, c.chat))(t)
			n := 0
			check(t, s.SearchArticles(ctx, [][]string{{"ferry"}}, ears.Own, now.Add(-time.Hour), 10, func(digest.Article, digest.StoryID) error { n++; return nil }))
			if n != c.want {
				t.Errorf("chat %d finds %d articles, want %d", c.chat, n, c.want)
			}
		}
		if top := must(s.TopStories(ctx, "en", now.Add(-time.Hour), 10))(t); len(top) != 1 || top[0].ID != shared[0] {
			t.Errorf("TopStories = %+v, want the listed source's alone", top)
		}
		m := must(s.Material(ctx, chat.ID, now.Add(-time.Hour), 10))(t)
		if len(m.Sources) != 1 || len(m.Sources[0].Carried) != 2 || m.Sources[0].Carried[0].Story.Circle != own.ID {
			t.Errorf("Material.Sources = %+v, want the own one with two articles of its circle", m.Sources)
		}
		want := map[digest.StoryID][]digest.StoryID{copied[0]: shared, shared[0]: copied[:1]}
		if diff := cmp.Diff(want, m.Twins); diff != "" {
			t.Errorf("Material.Twins (-want +got)\n%s", diff)
		}
		if m := must(s.Material(ctx, other.ID, now.Add(-time.Hour), 10))(t); len(m.Sources)+len(m.Twins) != 0 {
			t.Errorf("the other chat's material has %+v, want none of it", m)
		}
		// the piece may stand in a story of the others that is older than what can be told
		old := digest.StoryID(now.Add(-4*24*time.Hour).UnixMilli() << 21)
		execute(t, s, `INSERT INTO stories (id, title, address, outlet, host, language, published, joined, hosts)
			SELECT CAST($1 AS BIGINT), title, address, outlet, host, language, published, joined, hosts FROM stories WHERE id = $2`, int64(old), int64(shared[0]))
		execute(t, s, `UPDATE articles SET story_id = $1 WHERE story_id = $2`, int64(old), int64(shared[0]))
		for _, c := range []bot.ChatID{chat.ID, other.ID} {
			compose(t, s, c, now.Add(-time.Minute), 0, old)
			if m := must(s.Material(ctx, c, now.Add(-time.Hour), 10))(t); m.Sent[old] != (c == chat.ID) {
				t.Errorf("Material of chat %d says that the old story was sent: %t, want it only for whom it is a twin", c, m.Sent[old])
			}
		}
		// muted, it is not heard
		check(t, s.MuteSource(ctx, chat.ID, own.ID, true))
		if told := must(s.Told(ctx, chat.ID, now.Add(-time.Hour), 10))(t); len(told) != 0 {
			t.Errorf("a muted source tells %+v", told)
		}
	})
}

// TestToldFindsWhatAnotherSourceHadFirst follows one of two feeds of an outlet.
func TestToldFindsWhatAnotherSourceHadFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 1, 0)
		first, second := addSource(t, s, "https://post.example/all", now), addSource(t, s, "https://post.example/world", now)
		followSource(t, s, chat.ID, second.Address)
		bring(t, s, first, now, piece("post.example", 1), piece("post.example", 2))
		bring(t, s, second, now, piece("post.example", 2), piece("post.example", 3))
		told := must(s.Told(ctx, chat.ID, now.Add(-time.Minute), 10))(t)
		if len(told) != 1 || len(told[0].Carried) != 2 {
			t.Errorf("Told = %+v, want the two articles that the followed feed lists", told)
		}
	})
}

func TestMuting(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 1, 0)
		must(s.AddSources(ctx, []digest.Source{
			{Name: "A", Address: "https://a.example/", Language: "en", Subject: "sport"}, {Name: "B", Address: "https://b.example/", Language: "en", Subject: "sport"},
			{Name: "C", Address: "https://c.example/", Language: "de", Subject: "sport"},
		}))(t)
		byName := map[string]digest.Source{}
		for _, v := range must(s.ChatSources(ctx, chat.ID))(t) {
			byName[v.Name] = v.Source
		}
		a, b, c := byName["A"], byName["B"], byName["C"]
		stories := append(bring(t, s, a, now, piece("a.example", 1)), bring(t, s, c, now, piece("c.example", 2))...)
		heard := func() []digest.StoryID {
			ears := must(s.Ears(ctx, chat.ID))(t)
			var got []digest.StoryID
			for id := range must(s.Heard(ctx, ears.Muted, stories))(t) {
				got = append(got, id)
			}
			slices.Sort(got)
			return got
		}
		check(t, s.MutePack(ctx, chat.ID, a.Pack(), true))
		check(t, s.MutePack(ctx, chat.ID, a.Pack(), true))
		if got := heard(); !slices.Equal(got, stories[1:]) {
			t.Errorf("with a pack muted %v is heard, want %v", got, stories[1:])
		}
		followSource(t, s, chat.ID, a.Address)
		if got := must(s.Ears(ctx, chat.ID))(t); got.Muted[a.ID] || !got.Muted[b.ID] || got.Muted[c.ID] {
			t.Errorf("of a muted pack with one source followed the muted are %v, want the other alone", got.Muted)
		}
		check(t, s.MutePack(ctx, chat.ID, a.Pack(), false))
		check(t, s.MuteSource(ctx, chat.ID, a.ID, true))
		check(t, s.MuteSource(ctx, chat.ID, c.ID, true))
		if got := heard(); len(got) != 0 {
			t.Errorf("with both sources muted %v is heard, want none", got)
		}
		check(t, s.MuteSource(ctx, chat.ID, c.ID, false))
		if n := number(t, s, `SELECT COUNT(*) FROM chat_sources`); n != 1 {
			t.Errorf("%d rows remember what a chat thinks, want the one of the source followed and muted", n)
		}
		own := followSource(t, s, addChat(t, s, 2, 0).ID, "https://own.example/")
		if err := s.MuteSource(ctx, chat.ID, own.ID, true); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("MuteSource of another chat's own: %v, want ErrNotFound", err)
		}
	})
}

func TestImport(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 1, 0)
		_, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "known", Label: "known"}, now)
		check(t, err)
		followSource(t, s, chat.ID, "https://known.example/")
		var list digest.Outlines
		for i := range 60 {
			list.Topics = append(list.Topics, digest.OutlinedTopic{Topic: digest.Topic{Text: fmt.Sprintf("t%d", i), Label: "T"}, Muted: i == 0})
			list.Sources = append(list.Sources, digest.OutlinedSource{Source: digest.Source{Address: fmt.Sprintf("https://s%d.example/", i)}, Muted: i == 0})
		}
		list.Topics = append(list.Topics, digest.OutlinedTopic{Topic: digest.Topic{Text: "known"}})
		list.Sources = append(list.Sources, digest.OutlinedSource{Source: digest.Source{Address: "http://known.example/"}})
		had := len(must(s.Subscriptions(ctx, chat.ID))(t))
		done := must(s.Import(ctx, chat.ID, list, now))(t)
		want := bot.Imported{
			Topics:  bot.Taken{Added: bot.MaxTopics - had, Known: 1, Left: 60 - (bot.MaxTopics - had)},
			Sources: bot.Taken{Added: bot.MaxSources - 1, Known: 1, Left: 11},
		}
		if done != want {
			t.Errorf("Import = %+v, want %+v", done, want)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM chat_sources WHERE muted = 1`); n != 1 {
			t.Errorf("%d imported sources are muted, want 1", n)
		}
		if _, err := s.Import(ctx, 12345, list, now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Import into no chat: %v, want ErrNotFound", err)
		}
	})
}

func TestMigrationMovesSources(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		from, to := addChat(t, s, -7, 0), addChat(t, s, -100, 0)
		for i := range 30 {
			followSource(t, s, from.ID, fmt.Sprintf("https://a%d.example/", i))
			followSource(t, s, to.ID, fmt.Sprintf("https://b%d.example/", i))
		}
		followSource(t, s, to.ID, "https://a0.example/")
		check(t, s.MutePack(ctx, from.ID, digest.Pack{Language: "en"}, true))
		check(t, s.MutePack(ctx, to.ID, digest.Pack{Language: "de"}, true))
		check(t, s.MigrateChat(ctx, -7, -100))
		stays := must(s.ChatAt(ctx, bot.Address{Telegram: -100}))(t)
		if n := number(t, s, `SELECT COUNT(*) FROM chat_sources WHERE chat_id = $1`, int64(stays.ID)); n != bot.MaxSources {
			t.Errorf("after merging chats of 30 and 31 sources it follows %d, want %d", n, bot.MaxSources)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM chat_packs WHERE chat_id = $1`, int64(stays.ID)); n != 2 {
			t.Errorf("it mutes %d packs, want both chats'", n)
		}
		if kept, followed := number(t, s, `SELECT COUNT(*) FROM sources`), number(t, s, `SELECT COUNT(DISTINCT source_id) FROM chat_sources`); kept != followed {
			t.Errorf("%d sources are kept, of which %d are followed", kept, followed)
		}
	})
}

func TestMigrationKeepsWhatOneChatFollowsAndTheOtherMutes(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		stays, goes := addChat(t, s, -7, 0), addChat(t, s, -100, 0)
		execute(t, s, `UPDATE chats SET created = 1 WHERE id = $1`, int64(stays.ID))
		var listed []digest.Source
		for i := range 3 {
			v := addSource(t, s, fmt.Sprintf("https://post-%d.example/", i), now)
			followSource(t, s, goes.ID, v.Address)
			check(t, s.MuteSource(ctx, stays.ID, v.ID, true))
			listed = append(listed, v)
		}
		for i := range bot.MaxSources - 2 { // leaves room for two of the three
			followSource(t, s, stays.ID, fmt.Sprintf("https://a%d.example/", i))
		}
		check(t, s.MigrateChat(ctx, -7, -100))
		got := map[digest.SourceID]bot.ChatSource{}
		for _, v := range must(s.ChatSources(ctx, stays.ID))(t) {
			got[v.ID] = v
		}
		for i, v := range listed {
			if c := got[v.ID]; !c.Muted || c.Followed != (i < 2) {
				t.Errorf("source %d is followed: %t, muted: %t; want all muted and the first two followed", i, c.Followed, c.Muted)
			}
		}
	})
}

func TestTidyBoundsOwnSources(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat := addChat(t, s, 1, 0)
		own, listed := followSource(t, s, chat.ID, "https://own.example/"), addSource(t, s, "https://post.example/", now)
		small := followSource(t, s, chat.ID, "https://small.example/")
		bring(t, s, small, now.Add(-time.Hour), piece("small.example", 1))
		more := followSource(t, s, chat.ID, "https://more.example/")
		for i := range 11 { // more than one batch too many
			var some []digest.Article
			for n := range 100 {
				some = append(some, piece("more.example", 100*i+n))
			}
			bring(t, s, more, now.Add(time.Duration(i-20)*time.Minute), some...)
		}
		for i := range 3 {
			var some, others []digest.Article
			for n := range 200 {
				some, others = append(some, piece("own.example", 200*i+n)), append(others, piece("post.example", 200*i+n))
			}
			bring(t, s, own, now.Add(time.Duration(i-10)*time.Minute), some...)
			bring(t, s, listed, now.Add(time.Duration(i-10)*time.Minute), others...)
		}
		check(t, s.Tidy(ctx, now))
		const of = `SELECT COUNT(*) FROM articles WHERE source_id = $1`
		for _, c := range []struct {
			source digest.Source
			want   int
		}{{own, 500}, {more, 500}, {small, 1}, {listed, 600}} {
			if n := number(t, s, of, int64(c.source.ID)); n != c.want {
				t.Errorf("after Tidy %d articles of %s are kept, want %d", n, c.source.Address, c.want)
			}
		}
		if n := number(t, s, of+` AND seen < $2`, int64(more.ID), now.Add(-15*time.Minute).UnixMilli()+1); n != 0 {
			t.Errorf("%d articles older than the newest 500 are kept", n)
		}
	})
}

// TestEverything fills every table with rows of a chat and looks for each in
// what is exported.
func TestEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.openWithQueue(t), t.Context(), milli(time.Now())
		const secret = "zanzibarquux"
		chat := must(s.AddChat(ctx, bot.Chat{Address: bot.Address{Telegram: 987654321987, Thread: 55512345}, Kind: "private", Language: "en", Zone: secret}))(t)
		other := addChat(t, s, 11, 0)
		stories := shelve(t, s, now, 1)
		for _, c := range []bot.ChatID{chat.ID, other.ID} {
			mark := secret
			if c == other.ID {
				mark = "somebodyelse"
			}
			_, _, err := s.Follow(ctx, c, digest.Topic{Text: mark, Label: mark}, now)
			check(t, err)
			followSource(t, s, c, "https://"+mark+".example/feed")
			check(t, s.MutePack(ctx, c, digest.Pack{Language: "en", Subject: mark}, true))
			must(s.SaveEdition(ctx, bot.Composed{Chat: c, Slot: now, Composed: now, Told: toldOf(stories...), Messages: append(bot.Composed{}.Messages, message(mark))}))(t)
			must(s.AddBroadcast(ctx, bot.Broadcast{Admin: c, Message: message(mark)}))(t)
		}
		execute(t, s, `UPDATE sources SET brought = $1, moved_at = $1, last_visit = $1, last_change = $1, failing_since = $1`, now.UnixMilli())
		check(t, s.SavePause(ctx, "chat:987654321987", now.Add(time.Hour)))
		check(t, s.SavePause(ctx, "chat:11", now.Add(time.Hour)))
		all := must(s.Everything(ctx, chat.ID))(t)
		for _, place := range lookFor(t, s, []string{secret, fmt.Sprint(chat.ID), "987654321987", "55512345"}) {
			table, column, _ := strings.Cut(place, ".")
			if strings.HasPrefix(table, "article") || table == "matches" || table == "stories" {
				continue // of a source's, not of the chat's
			}
			if len(all[table]) == 0 || all[table][0][column] == nil {
				t.Errorf("%s holds something of the chat, which Everything does not tell: %v", place, all[table])
			}
		}
		for table, rows := range all {
			for _, row := range rows {
				for column, value := range row {
					if n, ok := value.(int64); ok && n >= now.UnixMilli() {
						t.Errorf("%s.%s is told as %d, want a time as people write it", table, column, n)
					}
				}
			}
		}
		text := string(must(json.Marshal(all))(t))
		for _, absent := range []string{"somebodyelse", fmt.Sprint(other.ID), `"chat:11"`} {
			if strings.Contains(text, absent) {
				t.Errorf("Everything of one chat tells %q of another", absent)
			}
		}
		if _, err := s.Everything(ctx, 12345); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Everything of no chat: %v, want ErrNotFound", err)
		}
	})
}
