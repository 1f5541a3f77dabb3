package storage_test

import (
	order "cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings/digest"
)

func TestCandidatesComeBackAsTheyWereShelved(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx, now := h.open(t), t.Context(), milli(time.Now())
		ids := shelve(t, s, now, 7)
		chat := addChat(t, s, 7, 0)
		u, _, err := s.Follow(ctx, chat.ID, digest.Topic{Text: "ferries", Label: "ferries"}, now)
		check(t, err)
		newestFirst := func(a, b digest.MatchedStory) int {
			return order.Or(b.At.Compare(a.At), order.Compare(b.Story.ID, a.Story.ID))
		}
		var want []digest.MatchedStory
		for i, c := range []struct {
			score float64
			field string
			words []string
		}{
			{0.123456789, "title", []string{"ferry"}},
			{0.7, "lead", []string{"two words", "", "a \"quoted\" one", `back\slash`}},
			{1.0 / (1 << 9), "text", []string{"line\nend", "tab\there", "\u2028", "\u200f", "0 1 2"}},
			{0.999999999, "categories", []string{"паром", "渡轮", "🛳️", "عبّارة"}},
			{0, "", nil},
			{0.5, "title", []string{}},
			{1, "title", []string{strings.Repeat("long", 5000)}},
		} {
			m := digest.MatchedStory{
				Match: digest.Match{Topic: u.Topic, Story: ids[i], Score: c.score, Field: c.field, Words: c.words},
				Story: digest.Story{ID: ids[i]}, At: now.Add(time.Duration(i/2) * time.Second), // two at once, the greater id first
			}
			want = append(want, m)
		}
		check(t, s.ShelveMatches(ctx, want))
		slices.SortFunc(want, newestFirst)
		alike := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(digest.Story{}, "Published", "Hosts")}
		got := must(s.TopicMatches(ctx, []digest.TopicID{u.Topic}, nil, now, 50))(t)[u.Topic]
		if diff := cmp.Diff(want, got, alike...); diff != "" {
			t.Errorf("TopicMatches (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(got, must(s.Material(ctx, chat.ID, now, 50))(t).Followed[0].Matches); diff != "" {
			t.Errorf("Material differs from TopicMatches (-TopicMatches +Material)\n%s", diff)
		}
		again := must(s.MatchesOf(ctx, []digest.TopicID{u.Topic}, ids))(t)
		slices.SortFunc(again, newestFirst)
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("MatchesOf differs from TopicMatches (-TopicMatches +MatchesOf)\n%s", diff)
		}
	})
}
