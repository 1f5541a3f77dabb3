package bot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func TestParseSchedule(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a time alone holds every day", "8", "08:00"},
		{"times and a set of days", "08:00 18:30 weekdays", "08:00 18:30 weekdays"},
		{"the days may come first", "weekdays 18:30, 8:00", "08:00 18:30 weekdays"},
		{"half past with am and pm", "8am 6.30pm", "08:00 18:30"},
		{"am and pm after a space", "8 a.m., 6:30 PM", "08:00 18:30"},
		{"twelve am is midnight and twelve pm is noon", "12am 12pm", "00:00 12:00"},
		{"the French way", "8h30 18h", "08:30 18:00"},
		{"four digits without a colon", "0800 1830", "08:00 18:30"},
		{"three digits without a colon", "730", "07:30"},
		{"full-width digits", "０８：３０", "08:30"},
		{"noon and midnight", "noon and midnight", "00:00 12:00"},
		{"the same time twice is one", "8 08:00 8am", "08:00"},
		{"short names of days", "mon wed 7:15", "07:15 mon,wed"},
		{"full names and plurals of days", "Mondays, Tues, Thurs. at 7:15", "07:15 mon,tue,thu"},
		{"a day", "on Sunday at 9", "09:00 sun"},
		{"a range of days", "mon-fri 8:00", "08:00 weekdays"},
		{"a range with a dash and spaces", "Monday – Wednesday 8:00", "08:00 mon,tue,wed"},
		{"a range in words", "monday to thursday 8:00", "08:00 mon,tue,wed,thu"},
		{"a range over the end of the week", "sat-mon 10", "10:00 mon,sat,sun"},
		{"a range and a day", "mon-wed, sat 10", "10:00 mon,tue,wed,sat"},
		{"the weekend", "weekend 10:00", "10:00 weekend"},
		{"daily", "daily 8", "08:00"},
		{"days alone mean the default time", "every day", "08:00"},
		{"weekdays alone mean the default time", "every weekday", "08:00 weekdays"},
		{"weekdays and weekend are every day", "weekdays weekend 7", "07:00"},
		{"hourly", "Hourly", "hourly"},
		{"every hour", "every hour", "hourly"},
		{"hourly on some days", "hourly mon-fri", "hourly weekdays"},
		{"off", "OFF", "off"},
		{"never", "never", "off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseSchedule(c.text)
			if err != nil || got.String() != c.want {
				t.Errorf("ParseSchedule(%q) = %q, %v; want %q", c.text, got, err, c.want)
			}
		})
	}
}

func TestParseScheduleRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind       ScheduleFault
		word       string
	}{
		{"nothing", "", ScheduleEmpty, ""},
		{"only small words", "at every", ScheduleEmpty, ""},
		{"a word that is no day", "8:00 someday", ScheduleUnknown, "someday"},
		{"a range of hours", "8-18", ScheduleUnknown, "8-18"},
		{"a range that ends nowhere", "mon-xyz 8", ScheduleUnknown, "mon-xyz"},
		{"hour 25", "25:00", ScheduleNoTime, "25:00"},
		{"hour 24", "24:00", ScheduleNoTime, "24:00"},
		{"minute 60", "8:60", ScheduleNoTime, "8:60"},
		{"one digit of minutes", "8:3", ScheduleNoTime, "8:3"},
		{"seconds", "8:30:00", ScheduleNoTime, "8:30:00"},
		{"thirteen pm", "13pm", ScheduleNoTime, "13pm"},
		{"zero am", "0am", ScheduleNoTime, "0am"},
		{"nine times", "1 2 3 4 5 6 7 8 9", ScheduleTooMany, ""},
		{"off beside a time", "off 8:00", ScheduleContrary, "off"},
		{"hourly beside a time", "hourly 8:00", ScheduleContrary, "hourly"},
		{"a word without end is shortened", strings.Repeat("x", 4000), ScheduleUnknown, strings.Repeat("x", 29) + "…"},
		{"an endless number", strings.Repeat("9", 4000), ScheduleNoTime, strings.Repeat("9", 29) + "…"},
		{"bytes that are no text", "\xff\xfe", ScheduleUnknown, "\ufffd\ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSchedule(c.text)
			var fault *ScheduleError
			if !errors.As(err, &fault) || fault.Kind != c.kind || strings.ToValidUTF8(fault.Word, "\ufffd\ufffd") != c.word {
				t.Errorf("ParseSchedule(%.40q) fails with %v; want %s %q", c.text, err, c.kind, c.word)
			}
		})
	}
}

func TestEveryScheduleFaultHasASentence(t *testing.T) {
	p := english(t)
	for _, kind := range []ScheduleFault{ScheduleEmpty, ScheduleUnknown, ScheduleNoTime, ScheduleTooMany, ScheduleContrary} {
		got := (&ScheduleError{kind, "w0rd"}).Say(p).Text
		if !strings.Contains(got, " ") || strings.Contains(got, "<no value>") {
			t.Errorf("ScheduleError{%s}.Say = %q; want a sentence", kind, got)
		}
	}
}

var drawSchedule = rapid.Custom(func(t *rapid.T) Schedule {
	s := Schedule{Days: Days(rapid.IntRange(0, 127).Draw(t, "days"))}
	if s.Days == EveryDay {
		s.Days = 0
	}
	if rapid.IntRange(0, 4).Draw(t, "hourly") == 0 {
		s.Hourly = true
		return s
	}
	for range rapid.IntRange(1, MaxSlots).Draw(t, "times") {
		s.Times = insertTime(s.Times, TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "time")))
	}
	return s
})

func TestScheduleStringIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule.Draw(t, "schedule")
		got, err := ParseSchedule(s.String())
		if err != nil || got.Hourly != s.Hourly || got.Days != s.Days || !slices.Equal(got.Times, s.Times) {
			t.Errorf("ParseSchedule(%q) = %+v, %v; want %+v", s, got, err, s)
		}
	})
}

func TestParseScheduleOnAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9:.hpam \-,a-z]{0,40}`)).Draw(t, "text")
		s, err := ParseSchedule(text)
		if err != nil {
			return
		}
		again, err := ParseSchedule(s.String())
		if err != nil || again.String() != s.String() || len(s.Times) > MaxSlots {
			t.Errorf("ParseSchedule(%q) = %q, which reads back as %q, %v", text, s, again, err)
		}
	})
}

func TestNextAtTheEdgesOfLocalTime(t *testing.T) {
	for _, c := range []struct{ name, schedule, zone, after, want string }{
		{"an ordinary day", "8:00", "Europe/Berlin", "2026-11-23T06:59:00Z", "2026-11-23T07:00:00Z"},
		{"a slot is not after itself", "8:00", "Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"},
		{"days are local days", "mon 0:30", "Pacific/Auckland", "2026-11-20T00:00:00Z", "2026-11-22T11:30:00Z"},
		{"a week later", "mon 8:00", "Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z"},
		{"Berlin skips 02:30: the gap's end", "2:30", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"Berlin skips 02:30: the day after as usual", "2:30", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		{"Berlin skips 02:30 and 03:00 falls on it", "2:30 3:00", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		{"Berlin repeats 02:30: its first", "2:30", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"Berlin repeats 02:30: not its second", "2:30", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"New York skips 02:30", "2:30", "America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-08T03:00:00-04:00"},
		{"New York repeats 01:30", "1:30", "America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-01T01:30:00-04:00"},
		{"Sao Paulo skips midnight", "0:00", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T01:00:00-02:00"},
		{"Sao Paulo skips midnight of the only day asked for", "sun 0:30", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T01:00:00-02:00"},
		{"Beirut skips midnight", "0:00", "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00+03:00"},
		{"Lord Howe skips half an hour", "2:15", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T02:30:00+11:00"},
		{"Lord Howe repeats half an hour", "1:45", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-05T01:45:00+11:00"},
		{"Apia skips the whole 30th", "8:00", "Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"Apia goes on", "8:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00", "2011-12-31T08:00:00+14:00"},
		{"Kwajalein skips the Saturday asked for", "sat 8:00 9:00", "Pacific/Kwajalein", "1993-08-20T00:00:00-12:00", "1993-08-22T00:00:00+12:00"},
		{"hourly runs over a gap", "hourly", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
		{"hourly leaves the repeated hour out", "hourly", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"},
		{"hourly where the offset is no full hour", "hourly", "Asia/Kathmandu", "2026-11-23T00:00:00Z", "2026-11-23T00:15:00Z"},
		{"hourly on weekdays waits for Monday", "hourly weekdays", "Europe/Berlin", "2026-11-20T22:00:00Z", "2026-11-22T23:00:00Z"},
		{"a zone without any change", "8:00", "UTC", "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, zone, after, want := readSchedule(t, c.schedule), zoneNamed(t, c.zone), instantAt(t, c.after), instantAt(t, c.want)
			if got := s.Next(after, zone); !got.Equal(want) {
				t.Errorf("%q.Next(%s, %s) = %s; want %s", s, c.after, zone, got.In(zone), want.In(zone))
			}
			if got := s.Last(want, after, zone); !got.Equal(want) {
				t.Errorf("%q.Last(%s) = %s; want the slot itself", s, c.want, got.In(zone))
			}
		})
	}
}

func TestLast(t *testing.T) {
	for _, c := range []struct{ name, schedule, at, since, want string }{
		{"the slot of today", "8:00", "2026-11-23T12:00:00Z", "2026-11-20T00:00:00Z", "2026-11-23T07:00:00Z"},
		{"the latest of several", "8:00 10:00", "2026-11-23T12:00:00Z", "2026-11-20T00:00:00Z", "2026-11-23T09:00:00Z"},
		{"the slot of last week", "tue 8:00", "2026-11-23T12:00:00Z", "2026-11-10T00:00:00Z", "2026-11-17T07:00:00Z"},
		{"a slot at since counts", "8:00", "2026-11-23T12:00:00Z", "2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z"},
		{"a slot before since does not", "8:00", "2026-11-23T12:00:00Z", "2026-11-23T07:00:01Z", ""},
		{"off has none", "off", "2026-11-23T12:00:00Z", "2026-11-01T00:00:00Z", ""},
		{"St. John's was on the next day before its clock went back", "St_Johns 0:00", "2006-10-29T02:45:00Z", "2006-10-28T12:00:00Z", "2006-10-29T02:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := time.Time{}
			if c.want != "" {
				want = instantAt(t, c.want)
			}
			zone := zoneNamed(t, "Europe/Berlin")
			times, abroad := strings.CutPrefix(c.schedule, "St_Johns ")
			if abroad {
				zone = zoneNamed(t, "America/St_Johns")
			}
			got := readSchedule(t, times).Last(instantAt(t, c.at), instantAt(t, c.since), zone)
			if !got.Equal(want) {
				t.Errorf("%q.Last(%s, %s) = %s; want %s", c.schedule, c.at, c.since, got, want)
			}
		})
	}
}

func TestOffHasNoNext(t *testing.T) {
	if got := (Schedule{}).Next(time.Now(), time.UTC); !got.IsZero() {
		t.Errorf("Schedule{}.Next = %s; want never", got)
	}
}

// restless are zones whose clocks do whatever clocks do.
var restless = []string{
	"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia",
	"Pacific/Kwajalein", "Africa/Casablanca", "Asia/Tehran", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Troll",
	"America/Scoresbysund", "Asia/Gaza", "Africa/Cairo", "Asia/Pyongyang", "America/Caracas", "Pacific/Chatham", "UTC",
	"Asia/Manila", "America/Juneau", "Europe/Dublin", "America/Havana", "Asia/Amman",
}

// changes are instants around which the clocks of restless change oddly.
var changes = []string{
	"2011-12-30T10:00:00Z", "1993-08-21T12:00:00Z", "2018-11-04T03:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
	"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z", "2015-08-14T15:00:00Z",
	"1844-12-31T16:00:00Z", "2006-10-29T02:31:00Z", "1867-10-18T08:00:00Z", "2037-10-25T01:00:00Z", "2099-03-29T01:00:00Z", "2024-03-31T01:00:00Z",
}

// TestSlotsAreTheFirstInstants compares Next with the plainest reading of its
// rule: walking minute by minute, a local time fires when the clock shows it,
// or anything later, for the first time.
func TestSlotsAreTheFirstInstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(restless).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		change, err := time.Parse(time.RFC3339, rapid.SampledFrom(changes).Draw(t, "change"))
		if err != nil {
			t.Fatal(err)
		}
		s := drawSchedule.Draw(t, "schedule")
		start := change.Add(time.Duration(rapid.IntRange(-3*24*60, 0).Draw(t, "minutes")) * time.Minute)
		end := start.Add(5 * 24 * time.Hour)
		want := walk(s, zone, start, end)
		var got []time.Time
		for at := s.Next(start, zone); !at.IsZero() && !at.After(end); at = s.Next(at, zone) {
			got = append(got, at)
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%q in %s after %s: slots %v; want %v", s, zone, start.In(zone), inZone(got, zone), inZone(want, zone))
		}
		for _, slot := range want {
			if last := s.Last(slot.Add(30*time.Second), start, zone); !last.Equal(slot) {
				t.Fatalf("%q.Last(%s + 30s) = %s; want the slot", s, slot.In(zone), last.In(zone))
			}
		}
	})
}

// walk returns the minutes in (start, end] at which the clock first reaches a
// local time of the schedule. Zones with offsets of odd seconds change between
// two minutes, therefore it walks the zone's minutes after each change.
func walk(s Schedule, zone *time.Location, start, end time.Time) []time.Time {
	var slots []time.Time
	reached := time.Time{} // the latest wall clock reading so far, written down in UTC
	at := start.Add(-3 * 24 * time.Hour)
	for !at.After(end) {
		wall := reading(at, zone)
		fires := false
		if !reached.IsZero() {
			for m := reached.Add(time.Minute).Truncate(time.Minute); !m.After(wall); m = m.Add(time.Minute) {
				fires = fires || asks(s, m)
			}
		}
		if fires && at.After(start) {
			slots = append(slots, at)
		}
		if wall.After(reached) {
			reached = wall
		}
		next := at.Add(time.Minute - time.Duration(wall.Second())*time.Second)
		if _, end := at.In(zone).ZoneBounds(); end.After(at) && end.Before(next) {
			next = end
		}
		at = next.UTC()
	}
	return slots
}

func reading(at time.Time, zone *time.Location) time.Time {
	l := at.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

func asks(s Schedule, wall time.Time) bool {
	if !s.Days.Has(wall.Weekday()) {
		return false
	}
	if s.Hourly {
		return wall.Minute() == 0
	}
	return slices.Contains(s.Times, TimeOfDay(wall.Hour()*60+wall.Minute()))
}

func inZone(times []time.Time, zone *time.Location) []string {
	var s []string
	for _, t := range times {
		s = append(s, t.In(zone).Format("Mon 2006-01-02 15:04:05 -07:00"))
	}
	return s
}

func readSchedule(t *testing.T, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instantAt(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func english(t *testing.T) Phrases {
	t.Helper()
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return c.In("en")
}

func ExampleSchedule_Next() {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	s, _ := ParseSchedule("8am 6:30pm weekdays")
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for range 3 {
		at = s.Next(at, berlin)
		fmt.Println(at.In(berlin).Format("Mon 15:04"))
	}
	// Output:
	// Fri 18:30
	// Mon 08:00
	// Mon 18:30
}
