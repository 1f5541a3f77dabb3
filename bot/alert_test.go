package bot

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidings/digest"
)

// An alertDesk is storage in memory, in its smallest extent that an Alerter can work
// on. Its chats follow one topic each, with the chat's id.
type alertDesk struct {
	stories map[digest.StoryID]digest.Story
	surges  map[digest.StoryID]DueSurge
	listen  map[digest.StoryID]map[ChatID]bool
	poison  ChatID // whose alert cannot be made
	such    func(*Listener)
	slow    time.Duration

	told   map[digest.StoryID][]ChatID
	looked []digest.StoryID // in this order
}

var ferryTellings = []string{
	"Harbour council orders two electric ferries for its crossings next spring",
	"Electric ferries are coming, the mayor tells reporters at the quay on Friday",
	"Shipyard wins ferries contract after long bidding war among five northern companies",
}

// newAlertDesk has stories that three hosts just told, and chats that listen for them.
func newAlertDesk(stories, chats int) *alertDesk {
	d := &alertDesk{
		stories: map[digest.StoryID]digest.Story{}, surges: map[digest.StoryID]DueSurge{},
		listen: map[digest.StoryID]map[ChatID]bool{}, told: map[digest.StoryID][]ChatID{},
	}
	for n := range stories {
		id := digest.StoryID(n + 1)
		s := digest.Story{ID: id, Title: ferryTellings[0], Language: "en", Hosts: 3, Published: time.Now(), Host: "h0.example"}
		for i, text := range ferryTellings {
			s.Articles = append(s.Articles, digest.Article{ID: digest.ArticleID(i + 1), Title: text, Text: text, Host: fmt.Sprintf("h%d.example", i), Language: "en", Published: time.Now()})
		}
		d.stories[id], d.surges[id] = s, DueSurge{Story: id, Look: time.Now().Truncate(time.Millisecond), News: 1}
		d.listen[id] = map[ChatID]bool{}
		for c := range chats {
			d.listen[id][ChatID(c+1)] = true
		}
	}
	return d
}

func (d *alertDesk) DueSurges(_ context.Context, now time.Time, limit int) (due []DueSurge, err error) {
	for _, s := range d.surges {
		if !s.Look.IsZero() && !s.Look.After(now) {
			due = append(due, s)
		}
	}
	slices.SortFunc(due, func(a, b DueSurge) int { return cmp.Or(a.Look.Compare(b.Look), cmp.Compare(a.Story, b.Story)) })
	return due[:min(limit, len(due))], nil
}

func (d *alertDesk) StoriesByID(_ context.Context, ids []digest.StoryID) ([]digest.Story, error) {
	d.looked = append(d.looked, ids[0])
	return []digest.Story{d.stories[ids[0]]}, nil
}

func (d *alertDesk) StoriesToCompare(_ context.Context, ids []digest.StoryID) ([]digest.Story, error) {
	return []digest.Story{d.stories[ids[0]]}, nil
}

func (d *alertDesk) Listeners(_ context.Context, story digest.StoryID, after ChatID, _ time.Time, limit int) (all []Listener, err error) {
	for id := range d.listen[story] {
		if id > after && !slices.Contains(d.told[story], id) {
			m := digest.MatchedStory{Match: digest.Match{Topic: digest.TopicID(id), Story: story, Score: 0.9, Field: "title", Words: []string{"ferries"}}, Story: d.stories[story]}
			l := Listener{Chat: Chat{ID: id}, Followed: []digest.Followed{{Topic: m.Topic, Text: "ferries", Label: "ferries", Matches: []digest.MatchedStory{m}}}}
			if d.such != nil {
				d.such(&l)
			}
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b Listener) int { return cmp.Compare(a.Chat.ID, b.Chat.ID) })
	return all[:min(limit, len(all))], nil
}

func (d *alertDesk) SaveAlert(_ context.Context, a Alert) error {
	if a.Chat == d.poison {
		panic("poison")
	}
	time.Sleep(d.slow) // on the clock of the test
	d.told[a.Told.Story] = append(d.told[a.Told.Story], a.Chat)
	return nil
}

func (d *alertDesk) Outgrown(context.Context, digest.StoryID, int, time.Time, ChatID, int) ([]Outgrown, error) {
	return nil, nil
}

func (d *alertDesk) SaveAmendment(context.Context, Amendment) error { return nil }

func (d *alertDesk) EndLook(_ context.Context, v DueSurge, began, next time.Time) error {
	s := d.surges[v.Story]
	if s.Look = next; s.News != v.News {
		s.Look = began.Add(time.Minute)
	}
	d.surges[v.Story] = s
	return nil
}

// joins has the story become news for a chat.
func (d *alertDesk) joins(story digest.StoryID, c ChatID) {
	s := d.surges[story]
	s.News++
	d.surges[story], d.listen[story][c] = s, true
}

// alertsUntil calls an Alerter until nothing is left to do, for so many times at most.
func (d *alertDesk) alertsUntil(t *testing.T, a *Alerter, calls int) (err error) {
	t.Helper()
	more := true
	for n := 0; more; n++ {
		if n == calls {
			t.Fatalf("after %d calls there is more to do", calls)
		}
		more, err = a.Alert(t.Context())
	}
	return err
}

// alertsOf runs f on a desk and an Alerter that works on it.
func alertsOf(t *testing.T, stories, chats int, f func(*testing.T, *alertDesk, *Alerter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		catalog, err := LoadCatalog()
		if err != nil {
			t.Fatal(err)
		}
		d := newAlertDesk(stories, chats)
		f(t, d, NewAlerter(d, catalog, slog.New(slog.DiscardHandler)))
	})
}

func TestALookThatTimeCutShortGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*alertDesk)
		want      int
	}{
		"where it was": {meanwhile: func(*alertDesk) {}, want: 500},
		"from the beginning when it is news now for whom it passed": {meanwhile: func(d *alertDesk) { d.joins(1, 1) }, want: 501},
		"from the beginning when another looked meanwhile": {meanwhile: func(d *alertDesk) {
			s := d.surges[1]
			s.Look = time.Now().Add(-time.Millisecond).Truncate(time.Millisecond)
			d.surges[1], d.listen[1][1] = s, true
		}, want: 501},
	} {
		t.Run(name, func(t *testing.T) {
			alertsOf(t, 1, 501, func(t *testing.T, d *alertDesk, a *Alerter) {
				delete(d.listen[1], 1) // whose topic does not fit yet
				d.slow = 100 * time.Millisecond
				if more, err := a.Alert(t.Context()); !more || err != nil || len(d.told[1]) >= 500 {
					t.Fatalf("Alert = %v, %v with %d told: it was not cut short", more, err, len(d.told[1]))
				}
				c.meanwhile(d)
				if err := d.alertsUntil(t, a, 10); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Minute) // after which a look may come again, on the clock of the test
				if err := d.alertsUntil(t, a, 10); err != nil {
					t.Error(err)
				}
				if n := len(d.told[1]); n != c.want {
					t.Errorf("%d chats were told, want %d", n, c.want)
				}
			})
		})
	}
}

func TestALongLookDoesNotKeepOtherStoriesWaiting(t *testing.T) {
	alertsOf(t, 3, 400, func(t *testing.T, d *alertDesk, a *Alerter) {
		d.slow = 100 * time.Millisecond
		if err := d.alertsUntil(t, a, 40); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(d.looked[:4]), "[1 2 3 1]"; got != want {
			t.Errorf("stories were looked at in the order %s, want %s", got, want)
		}
		for id := range d.stories {
			if n := len(d.told[id]); n != 400 {
				t.Errorf("story %d was told to %d chats, want 400", id, n)
			}
		}
		if len(a.cut) != 0 {
			t.Errorf("%d looks are kept as cut short, want none", len(a.cut))
		}
	})
}

func TestALookThatIsNotDueAnyMoreIsForgotten(t *testing.T) {
	alertsOf(t, 1, 500, func(t *testing.T, d *alertDesk, a *Alerter) {
		d.slow = 100 * time.Millisecond
		if more, err := a.Alert(t.Context()); !more || err != nil || len(a.cut) != 1 {
			t.Fatalf("Alert = %v, %v: it was not cut short", more, err)
		}
		d.surges[1] = DueSurge{Story: 1, News: 1} // another replica went to its end
		if more, err := a.Alert(t.Context()); more || err != nil || len(a.cut) != 0 {
			t.Errorf("Alert = %v, %v with %d looks kept, want none", more, err, len(a.cut))
		}
	})
}

func TestWhoIsNotToldNow(t *testing.T) {
	for name, c := range map[string]struct {
		such func(*Listener)
		told bool
		in   time.Duration // the next look
	}{
		"who listens is told":                      {such: func(*Listener) {}, told: true},
		"who had two alerts today is":              {such: func(l *Listener) { l.Alerts = 2 }, told: true},
		"who had three is not":                     {such: func(l *Listener) { l.Alerts, l.Chat.Quiet = 3, "23:00-01:00" }},
		"who reads other languages is not":         {such: func(l *Listener) { l.Chat.StoryLanguages, l.Chat.Quiet = "de fr", "23:00-01:00" }},
		"in quiet hours it waits for their end":    {such: func(l *Listener) { l.Chat.Quiet = "23:00-01:00" }, in: time.Hour},
		"in long ones it is left to the edition":   {such: func(l *Listener) { l.Chat.Quiet = "23:00-03:01" }},
		"what surged before a restore is not news": {such: func(l *Listener) { l.Restored = time.Now() }},
		"what surged after it is":                  {such: func(l *Listener) { l.Restored = time.Now().Add(-time.Millisecond) }, told: true},
	} {
		t.Run(name, func(t *testing.T) {
			alertsOf(t, 1, 1, func(t *testing.T, d *alertDesk, a *Alerter) { // at midnight
				d.such = c.such
				if err := d.alertsUntil(t, a, 2); err != nil {
					t.Error(err)
				}
				if got := len(d.told[1]) == 1; got != c.told {
					t.Errorf("told: %v, want %v", got, c.told)
				}
				var in time.Duration
				if look := d.surges[1].Look; !look.IsZero() {
					in = time.Until(look)
				}
				if in != c.in {
					t.Errorf("the next look is in %s, want %s", in, c.in)
				}
			})
		})
	}
}

func TestAChatWhoseAlertPanicsDoesNotKeepOthersWaiting(t *testing.T) {
	alertsOf(t, 1, 300, func(t *testing.T, d *alertDesk, a *Alerter) {
		d.poison = 7
		_, err := a.Alert(t.Context())
		if err == nil || !strings.Contains(err.Error(), "chat 7: panic: poison") {
			t.Errorf("Alert: %v, want what happened to chat 7", err)
		}
		if n := len(d.told[1]); n != 299 {
			t.Errorf("%d chats were told, want 299", n)
		}
		if in := time.Until(d.surges[1].Look); in != lookLater {
			t.Errorf("the next look is in %s, want %s", in, lookLater)
		}
	})
}
