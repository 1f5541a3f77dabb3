package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings/bot"
	"tidings/bot/telegram"
	"tidings/digest"
	"tidings/storage"
)

func TestChats(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		if _, err := s.ChatAt(ctx, bot.Address{Telegram: 7}); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("ChatAt of an unknown address: %v, want ErrNotFound", err)
		}
		chat := addChat(t, s, -7, 3)
		if again := addChat(t, s, -7, 3); again.ID != chat.ID {
			t.Errorf("AddChat of a known address made %d, want the known %d", again.ID, chat.ID)
		}
		if other := addChat(t, s, -7, 4); other.ID == chat.ID {
			t.Error("AddChat of another thread returned the same chat")
		}
		keeper, channel := addChat(t, s, 8, 0), addChat(t, s, -9, 0)
		want := bot.Chat{
			ID: chat.ID, Address: chat.Address, Created: chat.Created, Kind: "supergroup", Language: "de", Zone: "Asia/Tokyo", ZoneSet: true,
			Schedule:    bot.Schedule{Times: []bot.TimeOfDay{480, 1110}, Days: 62},
			NextEdition: now.Add(time.Hour), Asked: true, LastEdition: now, Paused: bot.PausedBlocked, PausedAt: now,
			Settings: bot.Settings{Length: bot.LengthFull, Quiet: "22:00-07:00", TellEmpty: true, Previews: true, Announcements: true, StoryLanguages: "de en"},
			Title:    "Harbour", Keeper: keeper.ID, Steers: channel.ID, SteersUntil: now.Add(time.Minute),
		}
		got := must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error {
			*c = want
			c.ID, c.Address, c.Created = 1, bot.Address{}, now.Add(time.Hour) // these cannot be changed
			return nil
		}))(t)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ChangeChat (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(want, must(s.ChatAt(ctx, chat.Address))(t)); diff != "" {
			t.Errorf("ChatAt after ChangeChat (-want +got)\n%s", diff)
		}
		refused := errors.New("no")
		if _, err := s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.Language = "fr"; return refused }); err != refused {
			t.Errorf("ChangeChat with an error = %v, want it as it is", err)
		}
		if got := must(s.ChatAt(ctx, chat.Address))(t); got.Language != "de" {
			t.Errorf("after a refused change the language is %s, want de", got.Language)
		}
		if _, err := s.ChangeChat(ctx, 1, func(*bot.Chat) error { return nil }); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("ChangeChat of an unknown chat: %v, want ErrNotFound", err)
		}
		func() {
			defer func() { recover() }()
			s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { panic("handler") })
		}()
		if _, err := s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { return nil }); err != nil {
			t.Errorf("ChangeChat after a panic: %v", err)
		}
	})
}

func TestChangeChatAsksForThePublisher(t *testing.T) {
	const jobs = `SELECT COUNT(*) FROM river_job WHERE kind = 'publish'`
	soon := func(d time.Duration) func(*bot.Chat) error {
		return func(c *bot.Chat) error { c.NextEdition = time.Now().Add(d); return nil }
	}
	for _, c := range []struct {
		name   string
		change func(*bot.Chat) error
		want   int
	}{
		{"an edition is due", soon(-time.Second), 1},
		{"an edition is due later", soon(time.Hour), 0},
		{"nothing about editions changed", func(c *bot.Chat) error { c.Language = "de"; return nil }, 0},
		{"the chat is paused", func(c *bot.Chat) error { c.Paused = bot.PausedByReader; return soon(-time.Second)(c) }, 0},
		{"the change is refused", func(c *bot.Chat) error { soon(-time.Second)(c); return errors.New("no") }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s := h.openWithQueue(t)
				chat := addChat(t, s, 7, 0)
				s.ChangeChat(t.Context(), chat.ID, c.change)
				if n := number(t, s, jobs); n != c.want {
					t.Errorf("%d publish jobs wait, want %d", n, c.want)
				}
				select {
				case <-s.Enqueued():
					if c.want == 0 {
						t.Error("Enqueued is signalled")
					}
				default:
					if c.want > 0 {
						t.Error("Enqueued is not signalled")
					}
				}
			})
		})
	}
}

func TestChangeChatUndoesTheChangeWhenNoWorkCanBeAskedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		full := errors.New("queue is full")
		s := h.openWith(t, storage.Options{Enqueue: func(context.Context, storage.Engine, *sql.Tx, string) error { return full }})
		chat := addChat(t, s, 7, 0)
		_, err := s.ChangeChat(t.Context(), chat.ID, func(c *bot.Chat) error { c.NextEdition = time.Now().Add(-time.Second); return nil })
		if !errors.Is(err, full) {
			t.Errorf("ChangeChat = %v, want %v", err, full)
		}
		if got := must(s.ChatAt(t.Context(), chat.Address))(t); !got.NextEdition.IsZero() {
			t.Errorf("NextEdition is %s, want it undone", got.NextEdition)
		}
	})
}

func TestSubscriptions(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		a, b := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		topic := func(text string) digest.Topic { return digest.Topic{Text: text, Label: strings.ToUpper(text)} }
		u, fresh, err := s.Follow(ctx, a.ID, topic("ferry"), now)
		want := bot.Subscription{Chat: a.ID, Topic: u.Topic, Text: "ferry", Label: "FERRY", Created: now}
		if diff := cmp.Diff(want, u); diff != "" || !fresh || err != nil {
			t.Errorf("Follow = fresh %v, err %v (-want +got)\n%s", fresh, err, diff)
		}
		if again, fresh, err := s.Follow(ctx, a.ID, topic("ferry"), now.Add(time.Hour)); fresh || err != nil || again != u {
			t.Errorf("Follow again = %+v, %v, %v; want the same, not new", again, fresh, err)
		}
		if shared, _, err := s.Follow(ctx, b.ID, topic("ferry"), now); err != nil || shared.Topic != u.Topic {
			t.Errorf("Follow by another chat = topic %d, %v; want the shared %d", shared.Topic, err, u.Topic)
		}
		if _, _, err := s.Follow(ctx, 5, topic("ferry"), now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Follow by an unknown chat: %v, want ErrNotFound", err)
		}
		v, _, err := s.Follow(ctx, a.ID, topic("quay"), now)
		check(t, err)
		if got := must(s.TopicsAfter(ctx, u.Topic, 9))(t); len(got) != 1 || got[0] != (digest.KnownTopic{ID: v.Topic, Text: "quay"}) {
			t.Errorf("TopicsAfter the first = %v, want quay", got)
		}

		check(t, s.Mute(ctx, a.ID, u.Topic, true))
		check(t, s.Broaden(ctx, a.ID, u.Topic, digest.OnlyTitle))
		if err := s.Broaden(ctx, b.ID, v.Topic, digest.Broad); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Broaden of another chat's topic: %v, want ErrNotFound", err)
		}
		if err := s.Mute(ctx, b.ID, v.Topic, true); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Mute of another chat's topic: %v, want ErrNotFound", err)
		}
		w, err := s.Retopic(ctx, a.ID, u.Topic, topic("harbour"), now.Add(time.Hour))
		want = bot.Subscription{Chat: a.ID, Topic: w.Topic, Text: "harbour", Label: "HARBOUR", Muted: true, Breadth: digest.OnlyTitle, Created: now}
		if diff := cmp.Diff(want, w); diff != "" || err != nil {
			t.Errorf("Retopic: %v (-want +got)\n%s", err, diff)
		}
		if _, err := s.Retopic(ctx, a.ID, w.Topic, topic("quay"), now); !errors.Is(err, digest.ErrExists) {
			t.Errorf("Retopic to a topic it follows: %v, want ErrExists", err)
		}
		if _, err := s.Retopic(ctx, a.ID, u.Topic, topic("x"), now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Retopic of what it does not follow: %v, want ErrNotFound", err)
		}
		if same, err := s.Retopic(ctx, a.ID, w.Topic, digest.Topic{Text: "harbour", Label: "Harbour"}, now); err != nil || same.Topic != w.Topic || same.Label != "Harbour" {
			t.Errorf("Retopic to the same topic = %+v, %v; want only the label changed", same, err)
		}
		var order []string
		for _, u := range must(s.Subscriptions(ctx, a.ID))(t) {
			order = append(order, u.Text)
		}
		if !slices.Equal(order, []string{"harbour", "quay"}) {
			t.Errorf("Subscriptions = %v, want in the order followed", order)
		}

		if _, err := s.Unfollow(ctx, b.ID, v.Topic); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Unfollow of another chat's topic: %v, want ErrNotFound", err)
		}
		if got, err := s.Unfollow(ctx, a.ID, v.Topic); err != nil || got.Text != "quay" {
			t.Errorf("Unfollow = %+v, %v", got, err)
		}
		forgetUnfollowed(t, s)
		var texts []string
		for _, k := range must(s.TopicsAfter(ctx, 0, 9))(t) {
			texts = append(texts, k.Text)
		}
		if !slices.Equal(texts, []string{"ferry", "harbour"}) {
			t.Errorf("topics left: %v, want those that are followed", texts)
		}

		for i := range bot.MaxTopics - 1 {
			if _, _, err := s.Follow(ctx, b.ID, topic(fmt.Sprintf("topic %d", i)), now); err != nil {
				t.Fatalf("Follow number %d: %v", i+2, err)
			}
		}
		if _, _, err := s.Follow(ctx, b.ID, topic("one more"), now); !errors.Is(err, digest.ErrLimit) {
			t.Errorf("Follow number %d: %v, want ErrLimit", bot.MaxTopics+1, err)
		}
		if _, fresh, err := s.Follow(ctx, b.ID, topic("ferry"), now); fresh || err != nil {
			t.Errorf("Follow of a known topic at the limit = %v, %v; want it as it stands", fresh, err)
		}
	})
}

func TestFollowersComeAndGoTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		var group sync.WaitGroup
		for i := range 8 {
			chat := addChat(t, s, int64(i+1), 0)
			group.Go(func() {
				for range 15 {
					u, _, err := s.Follow(t.Context(), chat.ID, digest.Topic{Text: "ferry", Label: "ferry"}, now)
					if err != nil {
						t.Errorf("Follow: %v", err)
						return
					}
					if _, err := s.Unfollow(t.Context(), chat.ID, u.Topic); err != nil {
						t.Errorf("Unfollow: %v", err)
						return
					}
				}
			})
		}
		group.Wait()
		forgetUnfollowed(t, s)
		if n := number(t, s, `SELECT COUNT(*) FROM topics`); n != 0 {
			t.Errorf("%d topics are left that nobody follows", n)
		}
	})
}

// forgetUnfollowed lets the days pass after which nobody follows again by taking back.
func forgetUnfollowed(t *testing.T, s *storage.Store) {
	t.Helper()
	execute(t, s, `UPDATE unfollowed SET ended = ended - $1`, (8 * 24 * time.Hour).Milliseconds())
	check(t, s.Tidy(t.Context(), time.Now()))
}

func TestWhyAStoryCameIsToldOfTheTopicThatItsOwnBecame(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		chat, other := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		_, _, err := s.Follow(ctx, other.ID, digest.Topic{Text: "ferries", Label: "ferries"}, now)
		check(t, err)
		first, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferries", Label: "ferries"}, now)
		check(t, err)
		hostile := fmt.Sprintf(`"t":%d,"n":`, first.Topic)
		for _, c := range []bot.Chat{chat, other} {
			must(s.SaveEdition(ctx, bot.Composed{Chat: c.ID, Slot: now, Composed: now, Reasons: []bot.Reason{
				{Story: 1, Title: hostile, Topic: first.Topic, Label: "ferries"}, {Story: 2, Title: "b", Topic: first.Topic + 1, Label: hostile},
			}}))(t)
		}
		second, err := s.Retopic(ctx, chat.ID, first.Topic, digest.Topic{Text: "boats", Label: "boats"}, now)
		check(t, err)
		for c, want := range map[bot.ChatID]digest.TopicID{chat.ID: second.Topic, other.ID: first.Topic} {
			got := must(s.Reasons(ctx, c, now))(t)
			if got[0].Topic != want || got[0].Label != "ferries" || got[0].Title != hostile || got[1].Topic != first.Topic+1 || got[1].Label != hostile {
				t.Errorf("Reasons of chat %d = %+v, want topic %d under the words of then", c, got, want)
			}
		}
	})
}

func TestUnfollowingIsTakenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		stories := shelve(t, s, now, 1)
		a, b := addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		topic := func(words string) digest.Topic { return digest.Topic{Text: words, Label: words} }
		u, _, err := s.Follow(ctx, a.ID, digest.Topic{Text: "ferry", Label: "Ferry!"}, now.Add(-time.Hour))
		check(t, err)
		_, _, err = s.Follow(ctx, a.ID, topic("quay"), now)
		check(t, err)
		check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: stories[0]}, At: now}}))
		check(t, s.Mute(ctx, a.ID, u.Topic, true))
		check(t, s.Broaden(ctx, a.ID, u.Topic, digest.Broad))
		check(t, s.Alert(ctx, a.ID, u.Topic, true))
		before := must(s.Subscriptions(ctx, a.ID))(t)

		must(s.Unfollow(ctx, a.ID, u.Topic))(t)
		if _, err := s.Refollow(ctx, b.ID, u.Topic); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Refollow of what another chat unfollowed: %v, want ErrNotFound", err)
		}
		for range 2 { // pressed twice, the second finds it followed
			if v, err := s.Refollow(ctx, a.ID, u.Topic); err != nil || v != before[0] {
				t.Errorf("Refollow = %+v, %v; want %+v", v, err, before[0])
			}
		}
		if after := must(s.Subscriptions(ctx, a.ID))(t); !slices.Equal(after, before) {
			t.Errorf("Subscriptions = %+v, want them as before: %+v", after, before)
		}
		if m := must(s.TopicMatches(ctx, []digest.TopicID{u.Topic}, nil, now.Add(-time.Hour), 5))(t); len(m[u.Topic]) != 1 {
			t.Errorf("the topic has the matches %v, want its one", m)
		}

		// followed anew it is another subscription, and there is nothing to take back
		must(s.Unfollow(ctx, a.ID, u.Topic))(t)
		anew, fresh, err := s.Follow(ctx, a.ID, topic("ferry"), now)
		if err != nil || !fresh || anew.Muted || anew.Alerts || anew.Breadth != digest.NormalBreadth {
			t.Errorf("Follow = %+v, %v, %v; want a subscription as every new one", anew, fresh, err)
		}
		if v, err := s.Refollow(ctx, a.ID, anew.Topic); err != nil || v != anew {
			t.Errorf("Refollow of what is followed anew = %+v, %v; want it as it stands", v, err)
		}
		must(s.Unfollow(ctx, a.ID, anew.Topic))(t)
		forgetUnfollowed(t, s)
		if _, err := s.Refollow(ctx, a.ID, anew.Topic); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Refollow after a week: %v, want ErrNotFound", err)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM topics`); n != 1 {
			t.Errorf("after a week %d topics are kept, want the one that is followed", n)
		}

		// no more is kept than a chat can follow, and none beyond that comes back
		var last digest.TopicID
		for i := range bot.MaxTopics + 5 {
			v, _, err := s.Follow(ctx, a.ID, topic(fmt.Sprintf("topic %d", i)), now)
			check(t, err)
			last = v.Topic
			must(s.Unfollow(ctx, a.ID, last))(t)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM topics`); n != 1+bot.MaxTopics {
			t.Errorf("%d topics are kept, want the one followed and %d to take back", n, bot.MaxTopics)
		}
		for i := range bot.MaxTopics - 1 {
			_, _, err := s.Follow(ctx, a.ID, topic(fmt.Sprintf("other %d", i)), now)
			check(t, err)
		}
		if _, err := s.Refollow(ctx, a.ID, last); !errors.Is(err, digest.ErrLimit) {
			t.Errorf("Refollow with %d topics: %v, want ErrLimit", bot.MaxTopics, err)
		}
	})
}

func TestPauseTelegramChat(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		general, thread, other := addChat(t, s, -7, 0), addChat(t, s, -7, 5), addChat(t, s, 8, 0)
		for _, c := range []bot.Chat{general, thread, other} {
			compose(t, s, c.ID, now, 1)
		}
		five := int64(5)
		must(s.PauseTelegramChat(ctx, -7, &five, bot.PausedNoThread, now))(t)
		if got := must(s.ChatAt(ctx, general.Address))(t); got.Paused != "" {
			t.Errorf("pausing thread 5 paused the general thread: %s", got.Paused)
		}
		if closed := must(s.PauseTelegramChat(ctx, -7, nil, bot.PausedBlocked, now.Add(time.Hour)))(t); len(closed) != 1 || closed[0].ID != general.ID {
			t.Errorf("PauseTelegramChat says that %+v read until now, want the general thread only", closed)
		}
		if closed := must(s.PauseTelegramChat(ctx, -7, nil, bot.PausedBlocked, now.Add(2*time.Hour)))(t); len(closed) != 0 {
			t.Errorf("PauseTelegramChat again says that %+v read until now, want none", closed)
		}
		if all := must(s.TelegramChats(ctx, -7))(t); len(all) != 2 || all[0].ID != general.ID || all[1].ID != thread.ID {
			t.Errorf("TelegramChats = %+v, want the general thread and the other", all)
		}
		for _, c := range []bot.Chat{general, thread} {
			if got := must(s.ChatAt(ctx, c.Address))(t); got.Paused != bot.PausedBlocked || !got.PausedAt.Equal(now.Add(time.Hour)) {
				t.Errorf("chat %+v is paused %q at %s, want blocked, since the first time", c.Address, got.Paused, got.PausedAt)
			}
		}
		waiting := must(s.WaitingDeliveries(ctx, now.Add(time.Hour), 9))(t)
		if len(waiting) != 1 || waiting[0].Chat != other.ID {
			t.Errorf("WaitingDeliveries = %+v, want only the other chat's", waiting)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE state = 'dropped' AND reason <> ''`); n != 2 {
			t.Errorf("%d deliveries are dropped with a reason, want 2", n)
		}
	})
}

func TestAPauseAndItsNoticeAreOneThing(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		group, keeper, gone := addChat(t, s, -7, 0), addChat(t, s, 1, 0), addChat(t, s, 2, 0)
		check(t, s.EraseChat(ctx, gone.ID))
		notices := []bot.Notice{{Chat: keeper.ID, Message: message("lost")}, {Chat: gone.ID, Message: message("lost")}}
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := s.PauseTelegramChat(canceled, -7, nil, bot.PausedNoRights, now, notices...); !errors.Is(err, context.Canceled) {
			t.Errorf("PauseTelegramChat with an ended context = %v", err)
		}
		if got := must(s.ChatByID(ctx, group.ID))(t).Paused; got != "" || len(must(s.WaitingDeliveries(ctx, now, 9))(t)) != 0 {
			t.Errorf("after what was undone the group is paused %q, or somebody is told", got)
		}
		for range 2 { // after it came back it may be lost again
			must(s.PauseTelegramChat(ctx, -7, nil, bot.PausedNoRights, now, notices...))(t)
			waiting := must(s.WaitingDeliveries(ctx, now, 9))(t)
			if len(waiting) != 1 || waiting[0].Chat != keeper.ID || waiting[0].Kind != bot.NoticeDelivery || waiting[0].Message.Text != "lost" {
				t.Fatalf("%+v waits, want one notice for the keeper", waiting)
			}
			end(t, s, keeper.ID, bot.Sent)
			if got := must(s.ChatByID(ctx, group.ID))(t).Paused; got != bot.PausedNoRights {
				t.Errorf("the group is paused %q, want %q", got, bot.PausedNoRights)
			}
			if closed := must(s.PauseTelegramChat(ctx, -7, nil, bot.PausedNoRights, now, notices...))(t); len(closed) != 0 {
				t.Errorf("PauseTelegramChat again says that %+v read until now", closed)
			}
			if again := must(s.WaitingDeliveries(ctx, now, 9))(t); len(again) != 0 {
				t.Errorf("what was lost before is told again: %+v", again)
			}
			must(s.ChangeChat(ctx, group.ID, func(c *bot.Chat) error { c.Paused = ""; return nil }))(t)
		}
	})
}

func TestMigrateChat(t *testing.T) {
	for _, c := range []struct {
		name         string
		known, older bool // is the new id known, and is its chat the older one
	}{
		{name: "the new id is unknown"},
		{name: "the new id belongs to a younger chat", known: true},
		{name: "the new id belongs to an older chat", known: true, older: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, h house) {
				s, ctx, now := h.open(t), t.Context(), milli(time.Now())
				const from, to = -7, -100500
				stories := shelve(t, s, now, 3)
				follow := func(chat bot.ChatID, text string) {
					_, _, err := s.Follow(ctx, chat, digest.Topic{Text: text, Label: text}, now)
					check(t, err)
				}
				old, thread := addChat(t, s, from, 0), addChat(t, s, from, 9)
				keeper := addChat(t, s, 77, 0)
				chosen := bot.Settings{Length: bot.LengthFull, Quiet: "22:00-07:00", TellEmpty: true, Previews: true, Announcements: true, StoryLanguages: "de"}
				for _, id := range []bot.ChatID{old.ID, thread.ID} {
					must(s.ChangeChat(ctx, id, func(c *bot.Chat) error {
						c.Settings, c.Title, c.Keeper = chosen, "Harbour", keeper.ID
						return nil
					}))(t)
				}
				follow(old.ID, "ferry")
				follow(old.ID, "quay")
				gone, _, err := s.Follow(ctx, old.ID, digest.Topic{Text: "tram"}, now)
				check(t, err)
				must(s.Unfollow(ctx, old.ID, gone.Topic))(t)
				compose(t, s, old.ID, now, 2, stories[0], stories[1])
				execute(t, s, `UPDATE deliveries SET state = 'sent', ended = 1 WHERE id = (SELECT MIN(id) FROM deliveries)`)
				check(t, s.SavePause(ctx, fmt.Sprintf("chat %d", from), now))
				b := must(s.AddBroadcast(ctx, bot.Broadcast{Admin: old.ID, Message: message("hello")}))(t)
				stays := old.ID
				if c.known {
					kept := addChat(t, s, to, 0)
					if c.older {
						execute(t, s, `UPDATE chats SET created = 1 WHERE id = $1`, int64(kept.ID))
						stays = kept.ID
					}
					follow(kept.ID, "quay")
					follow(kept.ID, "crane")
					compose(t, s, kept.ID, now, 1, stories[1], stories[2])
				}
				must(s.StartBroadcast(ctx, b, 1, now))(t)
				must(s.SpreadBroadcast(ctx, b, 100, now))(t)
				must(s.PauseTelegramChat(ctx, from, nil, bot.PausedGone, now))(t)
				check(t, s.MigrateChat(ctx, from, to))
				check(t, s.MigrateChat(ctx, from, to)) // told twice

				if v, err := s.Refollow(ctx, stays, gone.Topic); err != nil || v.Text != "tram" {
					t.Errorf("Refollow of what was unfollowed before = %+v, %v", v, err)
				}
				must(s.Unfollow(ctx, stays, gone.Topic))(t)
				got := must(s.ChatAt(ctx, bot.Address{Telegram: to}))(t)
				if got.ID != stays || got.Kind != "supergroup" || got.Paused != "" || got.Title != "Harbour" || got.Keeper != keeper.ID {
					t.Errorf("at the new id: %+v, want chat %d, a supergroup that reads and has a title and a keeper", got, stays)
				}
				if got := must(s.ChatAt(ctx, bot.Address{Telegram: to, Thread: 9}))(t); got.ID != thread.ID || got.Settings != chosen || got.Title != "Harbour" || got.Keeper != keeper.ID {
					t.Errorf("thread 9 at the new id is %+v, want chat %d as it was", got, thread.ID)
				}
				if got.Settings != chosen && !c.older || got.Settings == chosen && c.older {
					t.Errorf("the settings at the new id are %+v, want those of the older chat", got.Settings)
				}
				if _, err := s.ChatAt(ctx, bot.Address{Telegram: from}); !errors.Is(err, digest.ErrNotFound) {
					t.Errorf("ChatAt the old id: %v, want ErrNotFound", err)
				}
				var texts []string
				for _, u := range must(s.Subscriptions(ctx, stays))(t) {
					texts = append(texts, u.Text)
				}
				slices.Sort(texts)
				want, sent := []string{"ferry", "quay"}, 2
				if c.known {
					want, sent = []string{"crane", "ferry", "quay"}, 3
				}
				if !slices.Equal(texts, want) {
					t.Errorf("it follows %v, want %v", texts, want)
				}
				if m := must(s.Material(ctx, stays, now, 5))(t); len(m.Sent) != sent {
					t.Errorf("it was sent %d stories, want %d", len(m.Sent), sent)
				}
				if n := number(t, s, `SELECT COUNT(*) FROM deliveries WHERE chat_id = $1 AND broadcast_id IS NOT NULL`, int64(stays)); n != 1 {
					t.Errorf("it has %d deliveries of the broadcast, want 1", n)
				}
				if got := must(s.BroadcastByID(ctx, b))(t); got.Admin != stays {
					t.Errorf("the broadcast's admin is chat %d, want %d", got.Admin, stays)
				}
				if all := must(s.Pauses(ctx))(t); len(all) != 0 {
					t.Errorf("pauses of the old id are left: %v", all)
				}
			})
		})
	}
}

func TestMigrationKeepsWithinTheLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, now := h.open(t), milli(time.Now())
		for i, id := range []int64{-7, -8} {
			chat := addChat(t, s, id, 0)
			for n := range 30 {
				_, _, err := s.Follow(t.Context(), chat.ID, digest.Topic{Text: fmt.Sprintf("topic %d %d", i, n)}, now)
				check(t, err)
			}
		}
		check(t, s.MigrateChat(t.Context(), -7, -8))
		if n := number(t, s, `SELECT COUNT(*) FROM subscriptions`); n != bot.MaxTopics {
			t.Errorf("after merging two chats of 30 topics it follows %d, want %d", n, bot.MaxTopics)
		}
		if a, b := number(t, s, `SELECT COUNT(*) FROM topics`), bot.MaxTopics; a != b {
			t.Errorf("%d topics are kept, want %d", a, b)
		}
	})
}

// TestEraseChat fills every table with rows of a chat, erases it and looks
// through every column of every table, ours and the queue's, for its ids and
// its words.
func TestEraseChat(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.openWithQueue(t), t.Context(), milli(time.Now())
		const secret = "zanzibarquux"
		stories := shelve(t, s, now, 3)
		other := addChat(t, s, 11, 0)
		chat := must(s.AddChat(ctx, bot.Chat{Address: bot.Address{Telegram: 987654321987, Thread: 55512345}, Kind: secret, Language: secret, Zone: secret}))(t)
		for _, text := range []string{secret + " alone", "shared"} {
			u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: text, Label: secret}, now)
			check(t, err)
			check(t, s.ShelveMatches(ctx, []digest.MatchedStory{{Match: digest.Match{Topic: u.Topic, Story: stories[0], Words: []string{text}}}}))
		}
		gone, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: secret + " gone", Label: secret}, now)
		check(t, err)
		must(s.Unfollow(ctx, chat.ID, gone.Topic))(t)
		_, _, err = s.Follow(ctx, other.ID, digest.Topic{Text: "shared", Label: "shared"}, now)
		check(t, err)
		for _, c := range []bot.ChatID{chat.ID, other.ID} {
			followSource(t, s, c, "https://shared.example/feed")
			check(t, s.MutePack(ctx, c, digest.Pack{Language: "en", Subject: "sport"}, true))
		}
		own := followSource(t, s, chat.ID, "https://"+secret+".example/feed")
		bring(t, s, own, now, digest.Article{Title: secret, Address: "https://" + secret + ".example/1", Host: secret})
		composed := bot.Composed{Chat: chat.ID, Slot: now, Composed: now, Told: toldOf(stories[:2]...)}
		composed.Reasons = []bot.Reason{{Story: stories[0], Title: secret + "\x00", Label: secret, Topic: 7, Score: 0.62, Words: []string{secret}, Field: "lead"}}
		composed.Messages = append(composed.Messages, message(secret))
		must(s.SaveEdition(ctx, composed))(t)
		kept := must(s.Reasons(ctx, chat.ID, now))(t)
		if len(kept) != 1 || kept[0].Title != secret || kept[0].Score != 0.62 || kept[0].Field != "lead" || kept[0].Story != stories[0] {
			t.Errorf("Reasons = %+v, want what was saved", kept)
		}
		if _, err := s.Reasons(ctx, other.ID, now); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("Reasons of another chat's edition: %v, want ErrNotFound", err)
		}
		listening := must(s.Subscriptions(ctx, chat.ID))(t)[0].Topic
		check(t, s.Alert(ctx, chat.ID, listening, true))
		alert := alertOf(chat.ID, listening, stories[2], now)
		alert.Message, alert.Reason.Label = message(secret), secret
		check(t, s.SaveAlert(ctx, alert))
		check(t, s.SaveAmendment(ctx, bot.Amendment{Chat: chat.ID, Story: stories[2], Hosts: 5, At: now, Edits: 3, Message: message(secret)}))
		b := must(s.AddBroadcast(ctx, bot.Broadcast{Admin: chat.ID, Message: telegram.Message{Copy: &telegram.Copied{Chat: chat.Telegram, Message: 5}}}))(t)
		must(s.StartBroadcast(ctx, b, 1, now))(t)
		must(s.SpreadBroadcast(ctx, b, 2, now))(t)
		if d := must(s.WaitingDeliveries(ctx, now, 10))(t); d[len(d)-2].Message.Copy.Chat != chat.Telegram { // before the amendment
			t.Errorf("the original stands in chat %d, want the admin's", d[len(d)-2].Message.Copy.Chat)
		}
		check(t, s.SavePause(ctx, "chat:987654321987", now.Add(time.Hour)))
		check(t, s.SavePause(ctx, "chat:11", now.Add(time.Hour)))
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error { c.NextEdition = time.Now().Add(-time.Second); return nil }))(t)
		must(s.ChangeChat(ctx, chat.ID, func(c *bot.Chat) error {
			c.Title, c.Quiet, c.StoryLanguages, c.Length = secret, secret, secret, secret
			c.Keeper, c.Steers, c.SteersUntil = chat.ID, chat.ID, now
			return nil
		}))(t)
		must(s.ChangeChat(ctx, other.ID, func(c *bot.Chat) error { c.Keeper, c.Steers = chat.ID, chat.ID; return nil }))(t)

		marks := []string{secret, fmt.Sprint(chat.ID), "987654321987", "55512345"}
		if found := lookFor(t, s, marks); len(found) < 11 {
			t.Fatalf("before: found in %v only; the test does not fill enough", found)
		}
		check(t, s.EraseChat(ctx, chat.ID))
		if found := lookFor(t, s, marks); len(found) != 0 {
			t.Errorf("after EraseChat traces are left in %v", found)
		}
		if n := len(must(s.Subscriptions(ctx, other.ID))(t)); n != 1 {
			t.Errorf("the other chat follows %d topics, want its 1", n)
		}
		if n := len(must(s.ChatSources(ctx, other.ID))(t)); n != 2 {
			t.Errorf("the other chat has %d sources, want the listed one and the one both followed", n)
		}
		if n := number(t, s, `SELECT COUNT(*) FROM deliveries`); n != 1 {
			t.Errorf("%d deliveries are left, want the other chat's 1", n)
		}
		if d := must(s.WaitingDeliveries(ctx, now, 10))(t); len(d) != 1 || d[0].Message.Copy == nil || d[0].Message.Copy.Chat != 0 {
			t.Errorf("of the erased admin's broadcast %+v waits, want a copy of what stands nowhere", d)
		}
		if n := len(must(s.Pauses(ctx))(t)); n != 1 {
			t.Errorf("%d pauses are left, want the other chat's 1", n)
		}
		if err := s.EraseChat(ctx, chat.ID); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("EraseChat again: %v, want ErrNotFound", err)
		}
		if err := s.EndDelivery(ctx, bot.Delivery{ID: 1, State: bot.Sent}); !errors.Is(err, digest.ErrNotFound) {
			t.Errorf("EndDelivery of what is gone: %v, want ErrNotFound", err)
		}
	})
}

// lookFor names the columns, from the database's own catalog, that hold one of
// the marks.
func lookFor(t *testing.T, s *storage.Store, marks []string) []string {
	t.Helper()
	catalog := `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	if s.Engine() == storage.Postgres {
		catalog = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	rows, err := s.DB().Query(catalog)
	check(t, err)
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		check(t, rows.Scan(&c[0], &c[1]))
		columns = append(columns, c)
	}
	check(t, rows.Err())
	rows.Close()
	if len(columns) < 100 {
		t.Fatalf("the catalog lists %d columns only", len(columns))
	}
	var found []string
	for _, c := range columns {
		if strings.HasPrefix(c[0], "article_words") && c[1] != "words" {
			continue // the index's own shadow tables, bytes
		}
		for _, mark := range marks {
			n := number(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE CAST(%q AS TEXT) LIKE $1`, c[0], c[1]), "%"+mark+"%")
			if n > 0 {
				found = append(found, c[0]+"."+c[1])
				break
			}
		}
	}
	return found
}
