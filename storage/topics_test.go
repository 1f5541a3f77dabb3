package storage_test

import (
	"fmt"
	"testing"
	"time"

	"tidings/digest"
)

func TestIDsOfTopicsAreThoseOfTheTopics(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		ids := []digest.TopicID{}
		for i := range 12 {
			id := digest.TopicID(1<<62 + 1<<i) // as far apart as nobody sorts them as texts
			if i < 3 {
				id = digest.TopicID(i + 8)
			}
			execute(t, s, `INSERT INTO topics (id, text, created) VALUES ($1, $2, $3)`, int64(id), fmt.Sprint("topic ", i), time.Now().UnixMilli())
			ids = append(ids, id)
		}
		for _, c := range []struct {
			after digest.TopicID
			limit int
			want  []digest.TopicID
		}{
			{0, 100, ids},
			{0, 5, ids[:5]},
			{ids[2], 3, ids[3:6]},
			{ids[4] + 1, 100, ids[5:]},
			{ids[11], 100, nil},
		} {
			got := must(s.TopicIDsAfter(ctx, c.after, c.limit))(t)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("TopicIDsAfter(%d, %d) = %v, want %v", c.after, c.limit, got, c.want)
			}
			var of []digest.TopicID
			for _, k := range must(s.TopicsAfter(ctx, c.after, c.limit))(t) {
				of = append(of, k.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(of) {
				t.Errorf("TopicIDsAfter(%d, %d) = %v, TopicsAfter has %v", c.after, c.limit, got, of)
			}
		}
	})
}
