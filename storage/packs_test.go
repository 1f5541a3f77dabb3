package storage_test

import (
	"slices"
	"strings"
	"testing"

	"tidings/digest"
)

// listed are the sources on the list, by name.
func listed(t *testing.T, sources []string) string {
	t.Helper()
	slices.Sort(sources)
	return strings.Join(sources, " ")
}

func TestServePacks(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		chat := addChat(t, s, 1, 0)
		all := []digest.Source{
			{Name: "A", Address: "https://a.example/", Language: "en", Country: "GB", Subject: "sport"},
			{Name: "B", Address: "https://b.example/", Language: "en", Country: "GB", Subject: "national"},
			{Name: "C", Address: "https://c.example/", Language: "en", Country: "IN", Subject: "national"},
			{Name: "D", Address: "https://d.example/", Language: "de", Country: "DE", Subject: "national"},
		}
		pack := func(i int) []digest.Pack { return []digest.Pack{all[i].Pack()} }
		want := func(step, names, visited string) {
			t.Helper()
			var on []string
			for _, v := range must(s.ChatSources(ctx, chat.ID))(t) {
				if v.Listed {
					on = append(on, v.Name)
				}
			}
			var due []string
			rows := must(s.DB().QueryContext(ctx, `SELECT name FROM sources WHERE visited = 1`))(t)
			defer rows.Close()
			for rows.Next() {
				var name string
				check(t, rows.Scan(&name))
				due = append(due, name)
			}
			check(t, rows.Err())
			if got := listed(t, on); got != names || listed(t, due) != visited {
				t.Errorf("%s: listed are %q, visited %q; want %q and %q", step, got, listed(t, due), names, visited)
			}
		}
		check(t, s.ListSources(ctx, all, true))
		want("at first", "A B C D", "A B C D")
		check(t, s.ServePacks(ctx, pack(2), nil, false))
		check(t, s.ServePacks(ctx, pack(2), nil, false))
		want("without the news of one country", "A B D", "A B D")
		check(t, s.ListSources(ctx, all, true))
		want("after a start", "A B D", "A B D")
		check(t, s.ListSources(ctx, all, false))
		want("with a list of the operator's own", "A B C D", "A B C D")
		check(t, s.ListSources(ctx, all, true))
		followSource(t, s, chat.ID, "https://c.example/")
		want("followed though not served", "A B D", "A B C D")
		check(t, s.ServePacks(ctx, append(pack(0), pack(3)...), nil, false))
		want("with one pack left", "B", "B C")
		if got := must(s.UnservedPacks(ctx))(t); len(got) != 3 || got[0] != all[3].Pack() || got[1] != all[2].Pack() || got[2] != all[0].Pack() {
			t.Errorf("UnservedPacks = %+v, want those of D, C and A", got)
		}
		check(t, s.ServePacks(ctx, pack(2), all[2:3], true))
		want("served again", "B C", "B C")
		check(t, s.ListSources(ctx, all[:3], true))
		want("after a start with a shorter list", "B C", "B C")
		// a pack that was never read is added when it is wanted
		check(t, s.ServePacks(ctx, []digest.Pack{{Language: "fr", Subject: "world"}}, []digest.Source{{Name: "E", Address: "https://e.example/", Language: "fr", Subject: "world"}}, true))
		want("with a new one", "B C E", "B C E")
	})
}

func TestNationalNewsAreMutedByCountry(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		chat := addChat(t, s, 1, 0)
		check(t, s.ListSources(ctx, []digest.Source{
			{Name: "B", Address: "https://b.example/", Language: "en", Country: "GB", Subject: "national"},
			{Name: "C", Address: "https://c.example/", Language: "en", Country: "IN", Subject: "national"},
			{Name: "A", Address: "https://a.example/", Language: "en", Country: "IN", Subject: "sport"},
		}, true))
		muted := func() string {
			var names []string
			ears := must(s.Ears(ctx, chat.ID))(t)
			for _, v := range must(s.ChatSources(ctx, chat.ID))(t) {
				if v.PackMuted != ears.Muted[v.ID] {
					t.Errorf("%s: ChatSources says that its pack is muted: %t; Ears says %t", v.Name, v.PackMuted, ears.Muted[v.ID])
				}
				if v.PackMuted {
					names = append(names, v.Name)
				}
			}
			return listed(t, names)
		}
		check(t, s.MutePack(ctx, chat.ID, digest.Pack{Language: "en", Subject: "national", Country: "IN"}, true))
		check(t, s.MutePack(ctx, chat.ID, digest.Pack{Language: "en", Subject: "sport"}, true))
		if got := muted(); got != "A C" {
			t.Errorf("muted are %q, want A and C", got)
		}
		check(t, s.MutePack(ctx, chat.ID, digest.Pack{Language: "en", Subject: "national", Country: "IN"}, false))
		if got := muted(); got != "A" {
			t.Errorf("muted are %q, want A", got)
		}
	})
}
