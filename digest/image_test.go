package digest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// An imageHouse is a shelf with topics, and joiners that keep an image on it, one after
// the other.
type imageHouse struct {
	shelf *memory
	log   strings.Builder
	now   time.Time
	late  int // topics whose id is not the greatest there ever was
	*Joiner
}

// failing ends a test, and is of two kinds.
type failing interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func newImageHouse(t failing, queries ...string) *imageHouse {
	t.Helper()
	h := &imageHouse{shelf: newMemory(), now: noon}
	for _, q := range queries {
		h.follow(t, q)
	}
	h.restart(t, "this build")
	return h
}

func (h *imageHouse) follow(t failing, query string) TopicID {
	t.Helper()
	topic, err := ParseTopic(query)
	if err != nil {
		t.Fatal(err)
	}
	h.shelf.newest += 1000
	h.shelf.topics = append(h.shelf.topics, KnownTopic{ID: h.shelf.newest, Text: topic.Text})
	return h.shelf.newest
}

// restart lets another joiner of a build begin.
func (h *imageHouse) restart(t failing, build string) {
	t.Helper()
	h.log.Reset()
	h.Joiner = newTestJoiner(h.shelf).KeepsImages(func() string { return build })
	h.Joiner.log = slog.New(slog.NewTextHandler(&h.log, nil))
	h.Joiner.now = func() time.Time { return h.now }
	h.image.most = 2
	if err := h.restore(context.Background()); err != nil {
		t.Fatalf("restore: %v", err)
	}
}

// round is one of the joiner in which nothing waits, after half a minute.
func (h *imageHouse) round(t failing) {
	t.Helper()
	h.now = h.now.Add(reviseEvery)
	ctx := context.Background()
	if err := cmp.Or(h.learn(ctx), h.revise(ctx), h.keepImage(ctx, true)); err != nil {
		t.Fatal(err)
	}
}

// began tells how the last joiner began.
func (h *imageHouse) began() string {
	switch {
	case strings.Contains(h.log.String(), "image is not used"):
		return "one by one"
	case h.image.stamp != 0:
		return "image"
	}
	return "no image"
}

// right fails unless the matcher matches as one does that is made of the shelf's topics.
func (h *imageHouse) right(t failing, documents ...Document) {
	t.Helper()
	fresh := NewMatcher()
	for _, k := range h.shelf.topics {
		x, err := ParseTopic(k.Text)
		if err != nil {
			t.Fatal(err)
		}
		fresh.Add(k.ID, x)
	}
	if h.matcher.Len() != fresh.Len() {
		t.Fatalf("the matcher has %d topics, want %d", h.matcher.Len(), fresh.Len())
	}
	for _, d := range documents {
		if diff := gocmp.Diff(byTopic(fresh.Match(d)), byTopic(h.matcher.Match(d))); diff != "" {
			t.Fatalf("matches of %q / %q (%s) begun with %s: -want +got\n%s", d.Title, d.Text, d.Language, h.began(), diff)
		}
	}
}

// byTopic returns matches in an order, nil for none.
func byTopic(matches []Match) []Match {
	if len(matches) == 0 {
		return nil
	}
	slices.SortFunc(matches, func(a, b Match) int { return cmp.Compare(a.Topic, b.Topic) })
	return matches
}

// Whatever happens in whatever order, a joiner that begins has the topics that the shelf
// has, each as if it had just been read.
func TestAJoinerThatBeginsWithAnImageHasTheTopicsOfTheShelf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newImageHouse(t, "ferry", "oil", "north korea")
		h.round(t)
		for _, act := range rapid.SliceOfN(rapid.SampledFrom([]string{"follow", "follow", "unfollow", "unfollow", "round", "match", "restart", "behind", "short"}), 3, 25).Draw(t, "acts") {
			switch act {
			case "follow":
				for _, x := range drawTopics(t) {
					h.follow(t, x.Text)
				}
			case "unfollow":
				for range min(2, len(h.shelf.topics)) {
					h.shelf.unfollow(rapid.SampledFrom(h.shelf.topics).Draw(t, "topic").ID)
				}
			case "round":
				h.round(t)
			case "short": // words of one letter have the shortest room
				h.follow(t, rapid.SampledFrom([]string{"q", "z", "q z", "z ferry"}).Draw(t, "short"))
			case "match":
				h.matcher.Match(drawDocument(t))
			case "restart":
				h.restart(t, "this build")
				h.right(t, drawDocument(t), drawDocument(t))
			case "behind": // the topic with the greatest id is gone, and the clock that makes the next one is behind
				n := len(h.shelf.topics)
				if n < 2 || h.shelf.topics[n-1].ID-h.shelf.topics[n-2].ID < 1000 {
					continue
				}
				greatest := h.shelf.topics[n-1].ID
				h.shelf.unfollow(greatest)
				h.late++
				h.shelf.topics = append(h.shelf.topics, KnownTopic{ID: greatest - 500 + TopicID(h.late), Text: "late oil"})
			}
		}
		h.restart(t, "this build")
		h.right(t, drawDocument(t), drawDocument(t), drawDocument(t))
		h.round(t)
		h.right(t, drawDocument(t))
	})
}

func TestAnImageThatIsNotRightIsNotUsed(t *testing.T) {
	queries := []string{"ferry", "palm oil", `"north korea"`, "technology", "ice -cream", "tram lang:de", "grain OR wheat"}
	d := NewDocument("Palm oil ferry in North Korea", "Ice on the tram. Software and scientists; wheat is grain.", nil, "en")
	first := [2]int{topicsPart, 0}
	for _, c := range []struct {
		name   string
		harm   func(pieces, others map[[2]int][]byte)
		build  string
		begins string
	}{
		{"nothing is wrong", func(_, _ map[[2]int][]byte) {}, "this build", "image"},
		{"no image", func(p, _ map[[2]int][]byte) { clear(p) }, "this build", "no image"},
		{"another build's", func(_, _ map[[2]int][]byte) {}, "that build", "one by one"},
		{"a build that cannot be told", func(_, _ map[[2]int][]byte) {}, "", "one by one"},
		{"no cover", func(p, _ map[[2]int][]byte) { delete(p, [2]int{coverPart, 0}) }, "this build", "one by one"},
		{"a cover alone", func(p, _ map[[2]int][]byte) {
			maps.DeleteFunc(p, func(k [2]int, _ []byte) bool { return k[0] != coverPart })
		}, "this build", "one by one"},
		{"a cover that is cut", func(p, _ map[[2]int][]byte) { p[[2]int{coverPart, 0}] = p[[2]int{coverPart, 0}][:3] }, "this build", "one by one"},
		{"a cover that says something else", func(p, _ map[[2]int][]byte) {
			p[[2]int{coverPart, 0}] = sealPiece(7, coverPart, 0, []byte("a cover")).Bytes
		}, "this build", "one by one"},
		{"two covers", func(p, _ map[[2]int][]byte) { p[[2]int{coverPart, 1}] = p[[2]int{coverPart, 0}] }, "this build", "one by one"},
		{"an empty piece", func(p, _ map[[2]int][]byte) { p[first] = []byte{} }, "this build", "one by one"},
		{"a piece that is cut", func(p, _ map[[2]int][]byte) { p[first] = p[first][:len(p[first])-1] }, "this build", "one by one"},
		{"a piece that is cut where a value ends", func(p, _ map[[2]int][]byte) { p[first] = p[first][:len(p[first])-4] }, "this build", "one by one"},
		{"half a value, sealed", func(p, _ map[[2]int][]byte) {
			raw, stamp, _ := unsealPiece(MatcherPiece{Part: first[0], Bytes: p[first]})
			p[first] = sealPiece(stamp, first[0], 0, raw[:len(raw)-1]).Bytes
		}, "this build", "one by one"},
		{"a piece of a part that is none", func(p, _ map[[2]int][]byte) { p[[2]int{imageParts, 0}] = p[first] }, "this build", "one by one"},
		{"a piece too many", func(p, _ map[[2]int][]byte) { p[[2]int{first[0], 1}] = p[first] }, "this build", "one by one"},
		{"a piece too many, sealed", func(p, _ map[[2]int][]byte) {
			raw, stamp, _ := unsealPiece(MatcherPiece{Part: first[0], Bytes: p[first]})
			p[[2]int{first[0], 1}] = sealPiece(stamp, first[0], 1, raw).Bytes
		}, "this build", "one by one"},
		{"two pieces in each other's place", func(p, _ map[[2]int][]byte) {
			other := [2]int{orderPart, 0}
			p[first], p[other] = p[other], p[first]
		}, "this build", "one by one"},
		{"a piece of the image before", func(p, o map[[2]int][]byte) { p[first] = o[first] }, "this build", "one by one"},
		{"the cover of the image before", func(p, o map[[2]int][]byte) { p[[2]int{coverPart, 0}] = o[[2]int{coverPart, 0}] }, "this build", "one by one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newImageHouse(t, queries[:4]...)
			h.round(t)
			others := maps.Clone(h.shelf.pieces)
			for _, q := range queries[4:] {
				h.follow(t, q)
			}
			h.round(t)
			c.harm(h.shelf.pieces, others)
			h.restart(t, c.build)
			if got := h.began(); got != c.begins {
				t.Errorf("the joiner begins with %s, want %s; log: %s", got, c.begins, &h.log)
			}
			h.right(t, d)
			h.round(t) // heals it
			if h.restart(t, c.build); c.build == "" {
				if len(h.shelf.pieces) > 0 {
					t.Error("a build that cannot be told leaves another's image on the shelf")
				}
			} else if got := h.began(); got != "image" {
				t.Errorf("the next joiner begins with %s, want the image; log: %s", got, &h.log)
			}
			h.right(t, d)
		})
	}
	t.Run("each bit of each part", func(t *testing.T) {
		h := newImageHouse(t, queries...)
		h.round(t)
		for k, b := range h.shelf.pieces {
			for i := 0; i < len(b); i += 1 + len(b)/20 {
				b[i] ^= 1 << (i % 8)
				if h.restart(t, "this build"); h.began() != "one by one" {
					t.Errorf("byte %d of piece %v is wrong, and the image used", i, k)
				}
				b[i] ^= 1 << (i % 8)
			}
		}
		h.right(t, d)
	})
}

func TestAForgottenWordLeavesTheImage(t *testing.T) {
	h := newImageHouse(t, "ferry", "zebrafish ferry", `"unspeakable" harbour`, "harbour", "ferry site:secret.example")
	on := func(word string) bool {
		for _, b := range h.shelf.pieces {
			if bytes.Contains(b, []byte(word)) {
				return true
			}
		}
		return false
	}
	h.round(t)
	if !on("zebrafish") || !on("unspeakable") || !on("ferry") || !on("secret.example") {
		t.Fatal("the image has not got the words of the topics: this test would show nothing")
	}
	stamp := h.image.stamp
	h.shelf.unfollow(2000)
	h.round(t)
	if on("zebrafish") || !on("ferry") || h.image.stamp != stamp {
		t.Errorf("after its topic went, zebrafish is in the image: %t; ferry: %t; written anew: %t; want only ferry, in the same image",
			on("zebrafish"), on("ferry"), h.image.stamp != stamp)
	}
	// A new word in the place of the old one: the image must not take it for that.
	h.follow(t, "butterfly")
	h.shelf.unfollow(3000)
	h.image.most = 100
	h.round(t)
	d := NewDocument("Zebrafish, butterfly and unspeakable ferry", "in the harbour", nil, "en")
	h.restart(t, "this build")
	if h.began() != "image" || on("unspeakable") {
		t.Errorf("the joiner begins with %s, want the image; unspeakable is in it: %t", h.began(), on("unspeakable"))
	}
	h.right(t, d)

	// A host stands elsewhere.
	h.shelf.unfollow(5000)
	h.round(t)
	if on("secret.example") {
		t.Error("a host of a topic that is forgotten is in the image")
	}
	h.restart(t, "this build")
	h.right(t, d)

	// Forgotten while nobody joined.
	h.shelf.unfollow(4000)
	h.restart(t, "this build")
	h.right(t, d)
	h.round(t)
	if on("harbour") {
		t.Error("a word that was forgotten while nobody joined is in the image")
	}
	h.restart(t, "this build")
	h.right(t, d)
}

// Two topics change places: an image that has only their words' pieces anew would take
// one for the other.
func TestAnImageIsWrittenAnewAfterATopicCameBack(t *testing.T) {
	h := newImageHouse(t, "zebra", "tiger", "ferry")
	h.round(t)
	for _, idle := range []bool{false, true} {
		for _, k := range h.shelf.topics[:2] {
			h.matcher.Remove(k.ID)
		}
		for _, k := range h.shelf.topics[:2] {
			x, err := ParseTopic(k.Text)
			if err != nil {
				t.Fatal(err)
			}
			h.matcher.Add(k.ID, x)
		}
		if err := h.keepImage(t.Context(), idle); err != nil {
			t.Fatal(err)
		}
		if h.restart(t, "this build"); h.began() != "image" {
			t.Errorf("begun with %s", h.began())
		}
		h.right(t, NewDocument("A zebra", "", nil, "en"), NewDocument("A tiger", "", nil, "en"))
	}
}

func TestAnImageThatCannotBeWrittenStopsNobody(t *testing.T) {
	h := newImageHouse(t, "ferry", "palm oil", "tram")
	h.shelf.broken = errors.New("disk full")
	h.round(t)
	if !strings.Contains(h.log.String(), "disk full") || len(h.shelf.pieces) > 0 {
		t.Errorf("the log says %q and the shelf has %d pieces, want that it is full", &h.log, len(h.shelf.pieces))
	}
	h.shelf.broken = nil
	h.round(t)
	if len(h.shelf.pieces) > 0 {
		t.Error("the image is tried again within half a minute")
	}
	h.now = h.now.Add(imageAgain)
	h.round(t)
	if len(h.shelf.pieces) == 0 {
		t.Error("the image is not tried again")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.image.behind = h.image.most
	if err := h.keepImage(ctx, true); !errors.Is(err, context.Canceled) {
		t.Errorf("keepImage when told to end = %v, want that it was", err)
	}
	if err := h.restore(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("restore when told to end = %v, want that it was", err)
	}
	h.restart(t, "this build") // what was cut off left no cover
	h.right(t, NewDocument("Palm oil on the ferry", "", nil, "en"))
}

// Written anew because a host is forgotten, it is cut off: what was there has the host still.
func TestAnImageThatWasCutOffIsWrittenToItsEnd(t *testing.T) {
	h := newImageHouse(t, "ferry", "tram", "ferry site:secret.example", "zebrafish")
	h.round(t)
	h.image.most = 100
	h.shelf.unfollow(3000)
	h.shelf.unfollow(4000)
	h.shelf.broken = errors.New("disk full")
	h.round(t)
	h.shelf.broken = nil
	h.now = h.now.Add(imageAgain)
	h.round(t)
	for place, b := range h.shelf.pieces {
		for _, word := range []string{"zebrafish", "secret.example"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s of a forgotten topic is in piece %v", word, place)
			}
		}
	}
	if h.restart(t, "this build"); h.began() != "image" {
		t.Errorf("the next joiner begins with %s", h.began())
	}
}

func TestRoomOfForgottenTopicsIsUsedAgainAfterAStart(t *testing.T) {
	h := newImageHouse(t, "zebrafish ferry", "butterfly", "harbour")
	h.shelf.unfollow(1000)
	h.shelf.unfollow(2000)
	h.round(t)
	h.image.behind = h.image.most
	h.round(t)
	h.restart(t, "this build")
	room := func() [4]uint32 {
		return [4]uint32{h.matcher.topics.len(), h.matcher.words.len(), h.matcher.letters.len(), h.matcher.wakes.len()}
	}
	before := room()
	h.follow(t, "butterfly")
	h.follow(t, "zebrafish ferry")
	h.round(t)
	if after := room(); h.began() != "image" || after != before {
		t.Errorf("begun with %s, two topics in the room of two take %v, want %v as before", h.began(), after, before)
	}
}

// An image is written in transactions of a megabyte, and a million topics' need many
// pieces of each part.
func TestAnImageOfManyPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty thousand topics take too long for a short run")
	}
	h := newImageHouse(t, benchmarkTopics(60_000)...)
	largest := 0
	err := h.matcher.image("this build", 1, h.known, func(pieces ...MatcherPiece) error {
		size := 0
		for _, p := range pieces {
			size += len(p.Bytes)
		}
		largest = max(largest, size)
		return h.shelf.SaveMatcherPieces(t.Context(), pieces...)
	})
	if err != nil || largest > imageBatch || len(h.shelf.pieces) < 30 {
		t.Errorf("image: %v, %d pieces, at most %d bytes at once; want more than 30 of at most %d", err, len(h.shelf.pieces), largest, imageBatch)
	}
	h.restart(t, "this build")
	if got := fmt.Sprint(h.began(), " ", h.image.letters > 1); got != "image true" {
		t.Errorf("begun with, of several pieces of letters: %s", got)
	}
	var documents []Document
	for _, s := range benchmarkStories(20) {
		documents = append(documents, NewDocument(s[:60], s[60:], nil, "en"))
	}
	h.right(t, documents...)
}

// countedTopics counts what is read of topics.
type countedTopics struct {
	*memory
	read int
}

func (c *countedTopics) TopicsAfter(ctx context.Context, id TopicID, limit int) ([]KnownTopic, error) {
	topics, err := c.memory.TopicsAfter(ctx, id, limit)
	c.read += len(topics)
	return topics, err
}

func TestAFewTopicsAmongManyAreReadWithoutTheMany(t *testing.T) {
	shelf := &countedTopics{memory: newMemory()}
	for id := TopicID(2); id <= 2000; id += 2 {
		shelf.topics = append(shelf.topics, KnownTopic{ID: id, Text: "ferries"})
	}
	j := NewJoiner(shelf, rising(), slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		name      string
		ids, want []TopicID
		most      int // read
	}{
		{"none", nil, nil, 0},
		{"three far apart", []TopicID{2, 900, 2000}, []TopicID{2, 900, 2000}, 3 + 2 + 1},
		{"some that are gone", []TopicID{1, 900, 901, 2001}, []TopicID{900}, 4 + 3 + 2},
		{"all in a row", []TopicID{1996, 1998, 2000}, []TopicID{1996, 1998, 2000}, 3},
		{"only gone ones", []TopicID{3, 5, 2001}, nil, 3 + 3},
	} {
		shelf.read = 0
		topics, err := j.topicsOf(t.Context(), c.ids)
		var got []TopicID
		for _, k := range topics {
			got = append(got, k.ID)
		}
		if err != nil || !slices.Equal(got, c.want) || shelf.read > c.most {
			t.Errorf("%s: topicsOf(%d) = %d, %v after reading %d, want %d after at most %d", c.name, c.ids, got, err, shelf.read, c.want, c.most)
		}
	}
}
