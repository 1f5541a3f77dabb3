package storage_test

import (
	"bytes"
	"errors"
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

func TestPiecesOfTheMatchersImage(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s, ctx := h.open(t), t.Context()
		large := bytes.Repeat([]byte{0, 0xFF, '\'', 7}, 1<<18)
		piece := func(part, number int, b ...byte) digest.MatcherPiece {
			return digest.MatcherPiece{Part: part, Piece: number, Bytes: b}
		}
		kept := func() string {
			all := ""
			check(t, s.MatcherPieces(ctx, func(p digest.MatcherPiece) error {
				if len(p.Bytes) > 100 && !bytes.Equal(p.Bytes, large) {
					t.Errorf("piece %d of part %d comes back as other %d bytes", p.Part, p.Piece, len(p.Bytes))
				}
				all += fmt.Sprintf("%d/%d:%d ", p.Part, p.Piece, len(p.Bytes))
				return nil
			}))
			return all
		}
		for _, c := range []struct {
			name string
			save []digest.MatcherPiece
			want string
		}{
			{"nothing", nil, ""},
			{"in any order", []digest.MatcherPiece{piece(2, 1, 1), piece(1, 10, large...), piece(2, 0, 1, 2), piece(1, 9, 0)}, "1/9:1 1/10:1048576 2/0:2 2/1:1 "},
			{"in the place of another, and the cover", []digest.MatcherPiece{piece(2, 0, 1, 2, 3), piece(0, 0, 5)}, "0/0:1 1/9:1 1/10:1048576 2/0:3 2/1:1 "},
			{"one without bytes takes those behind it away", []digest.MatcherPiece{piece(1, 10), piece(2, 0), piece(7, 0)}, "0/0:1 1/9:1 "},
		} {
			check(t, s.SaveMatcherPieces(ctx, c.save...))
			if got := kept(); got != c.want {
				t.Errorf("%s: kept are %q, want %q", c.name, got, c.want)
			}
		}
		enough := errors.New("enough")
		if err := s.MatcherPieces(ctx, func(digest.MatcherPiece) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("MatcherPieces = %v, want the error of each", err)
		}
	})
}
