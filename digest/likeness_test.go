package digest

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	likeFiles = flag.String("likeness", "", "choose the weights of likeness from these files: JSON Lines of title, text, source, published and gold, the event, of which those told in the same words follow each other")
	likeAmong = flag.String("among", "", "texts that are about none of the events: JSON Lines of title and text")
)

const (
	likeRounds = 4 // the first with every article in its event's story, the others as the weights so far decide
	likeOrders = 3 // of articles without times
	likeFresh  = 5 // what an article weighs that begins an event: all others hang on it
	likeNext   = 0.3
	likeTimed  = 0.5 // of a set in order of time, which is larger
)

// TestFitLikeness chooses joinWeights, and says what weights chosen on the events of
// one half are worth on the other half's.
func TestFitLikeness(t *testing.T) {
	if *likeFiles == "" {
		t.Skip("no -likeness FILE,FILE")
	}
	was := joinWeights
	t.Cleanup(func() { joinWeights = was })
	var sets, halves [2][][]gilded
	for file := range strings.SplitSeq(*likeFiles, ",") {
		set := readGilded(t, file)
		sets[0] = append(sets[0], set)
		for i, part := range inHalves(set) {
			halves[i] = append(halves[i], part)
		}
	}
	var among []gilded
	if *likeAmong != "" {
		among = readGilded(t, *likeAmong)
	}
	for i := range halves {
		joinWeights = was
		fitLikeness(halves[i], among)
		for k, set := range halves[1-i] {
			t.Logf("chosen on half %d, set %d of the other: %s", i, k, worth(set))
		}
	}
	joinWeights = was
	fitLikeness(sets[0], among)
	for k, set := range sets[0] {
		t.Logf("chosen on all, set %d: %s", k, worth(set))
	}
	t.Logf("%.2f", joinWeights)
}

// inHalves divides a set by its events. Those that stand together stay together: they are
// the ones that are hard to tell apart. Where they stand far apart no half holds two of
// them, and what it is worth there (.955 instead of .85) says nothing about the whole.
func inHalves(set []gilded) (parts [2][]gilded) {
	events := map[string]int{}
	for _, a := range set {
		if _, ok := events[a.gold]; !ok {
			events[a.gold] = len(events)
		}
	}
	for _, a := range set {
		half := 2 * events[a.gold] / len(events)
		parts[half] = append(parts[half], a)
	}
	return parts
}

// A gilded article is one whose event is known.
type gilded struct {
	Article
	gold string
}

func readGilded(t *testing.T, file string) (list []gilded) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var x struct {
			Title, Text, Source, Published string
			Gold                           json.RawMessage
		}
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		a := gilded{Article{Title: x.Title, Text: x.Text, Host: x.Source, Language: "en", Published: noon}, string(x.Gold)}
		if at, err := time.Parse(time.RFC3339, x.Published); err == nil {
			a.Published = at
		}
		a.Seen = a.Published
		list = append(list, a)
	}
	return list
}

// orders are the orders of arrival in which a set is played.
func orders(set []gilded, n int) (all [][]gilded) {
	if !set[0].Published.Equal(noon) {
		return [][]gilded{set}
	}
	for i := range n {
		one := append([]gilded(nil), set...)
		rand.New(rand.NewPCG(uint64(i), 3)).Shuffle(len(one), func(i, j int) { one[i], one[j] = one[j], one[i] })
		all = append(all, one)
	}
	return all
}

// A likened is what was known of an article and a story, and whether they are of one event.
type likened struct {
	likeness
	same, weight float64
}

func fitLikeness(sets [][]gilded, among []gilded) {
	var seen []likened
	for round := range likeRounds {
		for _, set := range sets {
			timed, of := 1.0, orders(set, likeOrders)
			if len(of) == 1 {
				timed = likeTimed
			}
			for _, order := range of {
				_, seen = playGilded(order, nil, round == 0, timed, seen)
			}
			_, seen = playGilded(of[0], among, round == 0, 1, seen)
		}
		joinWeights = regress(seen)
	}
}

// playGilded places the articles, in their events' stories if they are led, and adds to
// seen what they were compared with.
func playGilded(order, among []gilded, led bool, weight float64, seen []likened) ([]StoryID, []likened) {
	id := StoryID(0)
	w := NewWindow(func() StoryID { id++; return id })
	for i, a := range among {
		a.ID, a.Published, a.Seen = ArticleID(-1-i), order[0].Published, order[0].Seen
		if order[0].Text == "" {
			a.Text = ""
		}
		w.Restore(a.Article, StoryID(-1-i))
	}
	first, golds := map[string]StoryID{}, map[StoryID]map[string]int{}
	var placed []StoryID
	for i, a := range order {
		a.ID = ArticleID(i + 1)
		w.tick(a.Seen)
		spelling := spell(a.Article)
		tongue := w.tongue(a.Article, spelling)
		piece := tongue.read(spelling)
		for n, c := range tongue.compared(piece) {
			if tongue.apart(piece, c.story) {
				continue
			}
			x := likened{c.likeness, 0, weight}
			if most(golds[c.story.id]) == a.gold {
				x.same = 1
			}
			if n > 0 {
				x.weight *= likeNext
			}
			if first[a.gold] == 0 {
				x.weight *= likeFresh
			}
			seen = append(seen, x)
		}
		story := first[a.gold]
		if led && story != 0 {
			w.Restore(a.Article, story)
		} else if led {
			story = w.newID()
			w.Restore(a.Article, story)
		} else {
			story, _ = w.Place(a.Article)
		}
		if first[a.gold] == 0 {
			first[a.gold] = story
		}
		if golds[story] == nil {
			golds[story] = map[string]int{}
		}
		golds[story][a.gold]++
		placed = append(placed, story)
	}
	return placed, seen
}

func most(golds map[string]int) (gold string) {
	n := 0
	for g, k := range golds {
		if k > n || k == n && g < gold {
			gold, n = g, k
		}
	}
	return gold
}

// regress is a logistic regression by Newton's steps, with a ridge.
func regress(seen []likened) (w likeness) {
	const n = likeDays // and likeDays is given
	w[likeDays] = joinWeights[likeDays]
	for range 25 {
		var h [n][n + 1]float64
		for _, x := range seen {
			z := 0.0
			for i := range w {
				z += w[i] * x.likeness[i]
			}
			p := 1 / (1 + math.Exp(-z))
			for i := range n {
				h[i][n] += x.weight * (x.same - p) * x.likeness[i]
				for j := range n {
					h[i][j] += x.weight * p * (1 - p) * x.likeness[i] * x.likeness[j]
				}
			}
		}
		for i := range n {
			h[i][n] -= w[i]
			h[i][i]++
		}
		for i := range n { // no pivot: the matrix is positive definite
			for r := range n {
				if r != i {
					f := h[r][i] / h[i][i]
					for c := i; c <= n; c++ {
						h[r][c] -= f * h[i][c]
					}
				}
			}
		}
		for i := range n {
			w[i] += h[i][n] / h[i][i]
		}
	}
	return w
}

// worth plays a set and returns its BCubed figures and its precision over pairs.
func worth(set []gilded) string {
	var p, r, pairs float64
	all := orders(set, 2*likeOrders)
	for _, order := range all {
		placed, _ := playGilded(order, nil, false, 1, nil)
		type both struct {
			gold  string
			story StoryID
		}
		golds, stories, boths := map[string]float64{}, map[StoryID]float64{}, map[both]float64{}
		for i, a := range order {
			golds[a.gold]++
			stories[placed[i]]++
			boths[both{a.gold, placed[i]}]++
		}
		right, told := 0.0, 0.0
		for b, k := range boths {
			n := float64(len(order) * len(all))
			p += k * k / stories[b.story] / n
			r += k * k / golds[b.gold] / n
			right += k * (k - 1)
		}
		for _, k := range stories {
			told += k * (k - 1)
		}
		pairs += right / max(told, 1) / float64(len(all))
	}
	return fmt.Sprintf("F1 %.3f, precision %.3f, recall %.3f, of pairs %.3f", 2*p*r/(p+r), p, r, pairs)
}
