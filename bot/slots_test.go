package bot

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// allZones are all zones that time/tzdata embeds, read from the file that it is
// made of.
var allZones = sync.OnceValues(func() (zones []*time.Location, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		zone, err := time.LoadLocationFromTZData(f.Name, data)
		if err != nil {
			return nil, fmt.Errorf("zone %s: %w", f.Name, err)
		}
		zones = append(zones, zone)
	}
	return zones, nil
})

// A stretch is time in which a clock runs evenly: what it shows is Unix seconds
// plus an offset.
type stretch struct{ from, to, offset int64 }

// stretches looks at a zone's clock every quarter of an hour, and where it has
// jumped between two looks, for the second of the jump. It asks the zone nothing
// but what its clock shows.
func stretches(zone *time.Location, from, to int64) (all []stretch) {
	offset := func(at int64) int64 {
		l := time.Unix(at, 0).In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC).Unix() - at
	}
	all = []stretch{{from, to, offset(from)}}
	for at := from; at < to; at += 900 {
		before, end := offset(at), min(at+900, to)
		after := offset(end)
		if before == after {
			continue
		}
		same, other := at, end // the jump is in (same, other]
		for other-same > 1 {
			if middle := (same + other) / 2; offset(middle) == before {
				same = middle
			} else {
				other = middle
			}
		}
		all[len(all)-1].to = other
		all = append(all, stretch{other, to, after})
	}
	return all
}

// reaches is the first second at which the clock shows a reading, or anything
// later.
func reaches(all []stretch, reading int64) int64 {
	for _, s := range all {
		if at := max(s.from, reading-s.offset); at < s.to && at+s.offset >= reading {
			return at
		}
	}
	return all[len(all)-1].to
}

// wanted are the slots of a schedule after one second and up to another: of
// every date that a calendar has, also those that the zone left out.
func wanted(s Schedule, all []stretch, after, upTo int64) (slots []int64) {
	const day = 24 * 60 * 60
	for date := (after/day - 4) * day; date <= upTo+4*day; date += day {
		weekday := ((date/day+4)%7 + 7) % 7 // the first of January 1970 was a Thursday
		if s.Days != 0 && s.Days>>weekday&1 == 0 {
			continue
		}
		times := s.Times
		if s.Hourly {
			times = nil
			for h := range 24 {
				times = append(times, TimeOfDay(60*h))
			}
		}
		for _, t := range times {
			if at := reaches(all, date+60*int64(t)); at > after && at <= upTo {
				slots = append(slots, at)
			}
		}
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}

// quietEnds is the first second from at on at which the clock shows no quiet
// hours; 0 when it shows none at at.
func quietEnds(q Quiet, all []stretch, at int64) int64 {
	const day = 24 * 60 * 60
	long := (int64(q.To-q.From) + 1440) % 1440 * 60
	within := func(at, offset int64) bool { return ((at+offset-60*int64(q.From))%day+day)%day < long }
	for _, s := range all {
		from := max(at, s.from)
		if from >= s.to {
			continue
		}
		if !within(from, s.offset) {
			if from == at {
				return 0
			}
			return from
		}
		until := from + (60*int64(q.To)-from-s.offset)%day // when it shows To next
		for until <= from {
			until += day
		}
		if until < s.to {
			return until
		}
	}
	return 0
}

var drawQuiet = rapid.Custom(func(t *rapid.T) Quiet {
	q := Quiet{TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "from")), TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "to"))}
	if q.From == q.To {
		q.To = (q.To + 1) % 1440
	}
	return q
})

// drawMoment is a moment in two centuries, mostly one around which the zone's
// clock jumps.
func drawMoment(t *rapid.T, zone *time.Location) int64 {
	at := rapid.Int64Range(-2_600_000_000, 4_000_000_000).Draw(t, "moment")
	if rapid.IntRange(0, 4).Draw(t, "quiet year") == 0 {
		return at
	}
	start, end := time.Unix(at, 0).In(zone).ZoneBounds()
	if rapid.IntRange(0, 4).Draw(t, "turn of the year") == 0 {
		start, end = time.Time{}, time.Date(time.Unix(at, 0).UTC().Year()+1, 1, 1, 0, 0, 0, 0, zone)
	}
	switch {
	case !end.IsZero():
		at = end.Unix()
	case !start.IsZero():
		at = start.Unix()
	}
	return at + rapid.Int64Range(-3*24*60*60, 26*60*60).Draw(t, "beside")
}

func drawZone(t *rapid.T) *time.Location {
	zones, err := allZones()
	if err != nil || len(zones) < 400 {
		t.Fatalf("%d zones (%v); want those of time/tzdata", len(zones), err)
	}
	if rapid.IntRange(0, 3).Draw(t, "odd") == 0 {
		name := rapid.SampledFrom(restless).Draw(t, "restless zone")
		return zones[slices.IndexFunc(zones, func(z *time.Location) bool { return z.String() == name })]
	}
	return rapid.SampledFrom(zones).Draw(t, "zone")
}

// TestSlotsOfAnyZoneComeOnceAndInOrder walks through a week of any zone, in any
// year, by Next, and back by Last.
func TestSlotsOfAnyZoneComeOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, s := drawZone(t), drawSchedule.Draw(t, "schedule")
		after := drawMoment(t, zone)
		upTo := after + 8*24*60*60
		all := stretches(zone, after-5*24*60*60, upTo+5*24*60*60)
		want := wanted(s, all, after, upTo)
		var got []int64
		for at := s.Next(time.Unix(after, 0), zone); !at.IsZero() && at.Unix() <= upTo; at = s.Next(at, zone) {
			got = append(got, at.Unix())
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %s after %s: slots %v; want %v", s, zone, time.Unix(after, 0).In(zone), moments(got, zone), moments(want, zone))
		}
		for i, slot := range want {
			next := upTo
			if i+1 < len(want) {
				next = want[i+1]
			}
			at := rapid.Int64Range(slot, max(slot, next-1)).Draw(t, "later")
			if last := s.Last(time.Unix(at, 0), time.Unix(after, 0), zone); last.Unix() != slot && at-slot < 7*24*60*60 {
				t.Fatalf("%q in %s: Last(%s) = %s; want %v", s, zone, time.Unix(at, 0).In(zone), last.In(zone), moments([]int64{slot}, zone))
			}
		}
	})
}

// TestTheLastDayOfALeapYearIsADayLikeAnother asks every zone on the days of which
// Time.ZoneBounds tells an end that has passed.
func TestTheLastDayOfALeapYearIsADayLikeAnother(t *testing.T) {
	zones, err := allZones()
	if err != nil {
		t.Fatal(err)
	}
	s, q := DefaultSchedule(), Quiet{From: 22 * 60, To: 7 * 60}
	for _, zone := range zones {
		for _, year := range []int{2024, 2028, 2040, 2096} {
			eve := time.Date(year, 12, 30, 12, 30, 0, 0, time.UTC)
			all := stretches(zone, eve.Unix()-2*24*60*60, eve.Unix()+4*24*60*60)
			for hour := 0; hour < 48; hour += 5 {
				at := eve.Add(time.Duration(hour) * time.Hour)
				slots := wanted(s, all, at.Unix(), at.Unix()+24*60*60)
				if got := s.Next(at, zone); len(slots) != 1 || got.Unix() != slots[0] {
					t.Fatalf("%q in %s after %s: %s; want %v", s, zone, at.In(zone), got.In(zone), moments(slots, zone))
				}
				if got, want := q.until(at, zone), quietEnds(q, all, at.Unix()); got.IsZero() != (want == 0) || want != 0 && got.Unix() != want {
					t.Fatalf("%s in %s at %s: quiet until %s; want %v", q, zone, at.In(zone), got.In(zone), moments([]int64{want}, zone))
				}
			}
		}
	}
}

func moments(seconds []int64, zone *time.Location) (all []string) {
	for _, at := range seconds {
		all = append(all, time.Unix(at, 0).In(zone).Format("Mon 2006-01-02 15:04:05 -07:00:00"))
	}
	return all
}

func TestQuietHoursOfAnyZoneEndWhereItsClockLeavesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, q := drawZone(t), drawQuiet.Draw(t, "quiet")
		at := drawMoment(t, zone)
		want := quietEnds(q, stretches(zone, at, at+5*24*60*60), at)
		got := q.until(time.Unix(at, 0), zone)
		if got.IsZero() && want != 0 || !got.IsZero() && got.Unix() != want { // 0 is none, and a moment of 1970
			t.Fatalf("%s in %s at %s: quiet until %s; want %v", q, zone, time.Unix(at, 0).In(zone), got.In(zone), moments([]int64{want}, zone))
		}
	})
}

// TestEverySlotIsServedOnceWhateverHappens publishes to some chats of any zones
// while the house is down now and then and its clock is put forward and back.
// Whenever it is up, no slot may be left behind but those that quiet hours hold;
// none is served twice; and who is longest overdue comes first.
func TestEverySlotIsServedOnceWhateverHappens(t *testing.T) {
	catalog, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		const day = 24 * 60 * 60
		start := rapid.Int64Range(0, 4_000_000_000).Draw(t, "start")
		now := start
		var chats []Chat
		var zones []*time.Location
		for id := range rapid.IntRange(1, 3).Draw(t, "chats") {
			zone := drawZone(t)
			if id == 0 {
				start = max(0, drawMoment(t, zone))
				now = start
			}
			c := Chat{ID: ChatID(id + 1), Language: "en", Zone: zone.String(), Schedule: drawSchedule.Draw(t, "schedule"), LastEdition: time.Unix(now, 0).UTC()}
			if rapid.Bool().Draw(t, "has quiet hours") {
				c.Quiet = drawQuiet.Draw(t, "quiet").String()
			}
			c.NextEdition = c.edition(time.Unix(now, 0))
			chats, zones = append(chats, c), append(zones, LoadZone(zone.String()))
		}
		shelf := newDeskShelf(chats...)
		p := NewPublisher(shelf, catalog, slog.New(slog.DiscardHandler))
		p.now = func() time.Time { return time.Unix(now, 0).UTC() }

		all := make([][]stretch, len(chats))
		for i, zone := range zones {
			all[i] = stretches(zone, start-6*day, start+22*day)
		}
		held := make([]int64, len(chats))   // what waits comes then, for quiet hours that were seen
		served := make([]int64, len(chats)) // all slots up to this one are served
		for i := range served {
			served[i] = start
		}
		seen := 0
		for now < start+10*day {
			switch rapid.IntRange(0, 20).Draw(t, "what happens") {
			case 0: // the house is down
				now += rapid.Int64Range(0, 4*day).Draw(t, "down")
			case 1: // the clock is put right
				now += rapid.Int64Range(-day, day).Draw(t, "jump")
			default:
				now += rapid.Int64Range(1, 5*60*60).Draw(t, "time")
			}
			due := map[ChatID]time.Time{}
			for id, c := range shelf.chats {
				due[id] = c.NextEdition
			}
			if _, err := p.Publish(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !slices.IsSortedFunc(shelf.editions[seen:], func(a, b Composed) int { return due[a.Chat].Compare(due[b.Chat]) }) {
				t.Fatalf("editions that were due %v came in the order %v", due, shelf.editions[seen:])
			}
			for ; seen < len(shelf.editions); seen++ {
				e := shelf.editions[seen]
				i := int(e.Chat) - 1
				if e.Slot.Unix() <= served[i] {
					t.Fatalf("chat %d in %s: slot %s served again, after %v", e.Chat, zones[i], e.Slot.In(zones[i]), moments(served[i:i+1], zones[i]))
				}
				if e.Slot.Unix() > now {
					t.Fatalf("chat %d: slot %s served early, at %v", e.Chat, e.Slot.In(zones[i]), moments([]int64{now}, zones[i]))
				}
				slots := wanted(chats[i].Schedule, all[i], served[i], now)
				q, _ := ParseQuiet(chats[i].Quiet)
				if len(slots) == 0 {
					t.Fatalf("chat %d in %s: an edition at %s without a slot since %v", e.Chat, zones[i], e.Slot.In(zones[i]), moments(served[i:i+1], zones[i]))
				}
				if chats[i].Quiet != "" && quietEnds(q, all[i], now) != 0 {
					t.Fatalf("chat %d in %s: an edition in quiet hours, at %v", e.Chat, zones[i], moments([]int64{now}, zones[i]))
				}
				served[i] = now
			}
			for i := range chats {
				q, _ := ParseQuiet(chats[i].Quiet)
				left := wanted(chats[i].Schedule, all[i], served[i], now)
				if len(left) == 0 {
					continue
				}
				if chats[i].Quiet != "" {
					held[i] = max(held[i], quietEnds(q, all[i], now))
				}
				if now >= held[i] {
					t.Fatalf("chat %d in %s, %q, quiet %q: at %v the slots %v are not served", i+1, zones[i], chats[i].Schedule, chats[i].Quiet,
						moments([]int64{now}, zones[i]), moments(left, zones[i]))
				}
			}
		}
	})
}
