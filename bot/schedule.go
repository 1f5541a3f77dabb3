package bot

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
)

// A Schedule is when a chat wants its editions: times of day on days of the
// week, every full hour on them, or never (the zero Schedule). It knows no
// zone: its slots are local times of the zone it is asked about.
//
// A local time that the zone's clock skips fires at the first instant after
// the gap, one that it repeats fires at its first; slots that so fall on one
// instant are one slot.
type Schedule struct {
	Hourly bool
	Times  []TimeOfDay // ascending, distinct, at most MaxSlots; empty and not Hourly means off
	Days   Days        // 0 is read as every day
}

// A TimeOfDay is minutes since local midnight, 0 to 1439.
type TimeOfDay int

// String is "08:00".
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t/60, t%60) }

// Days is a set of weekdays: bit 1<<time.Sunday … 1<<time.Saturday.
type Days uint8

// Sets of days that have a name of their own.
const (
	Weekdays Days = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday
	Weekend  Days = 1<<time.Saturday | 1<<time.Sunday
	EveryDay Days = Weekdays | Weekend
)

// Has says whether the day belongs to the set; every day belongs to 0.
func (d Days) Has(day time.Weekday) bool { return d == 0 || d&(1<<day) != 0 }

// DefaultTime is when a chat without a time of its own gets its edition.
const DefaultTime TimeOfDay = 8 * 60

// DefaultSchedule is the schedule of a chat that chose none: 08:00 every day.
func DefaultSchedule() Schedule { return Schedule{Times: []TimeOfDay{DefaultTime}} }

// Off says that the schedule has no slots at all.
func (s Schedule) Off() bool { return !s.Hourly && len(s.Times) == 0 }

// String is the canonical form, which ParseSchedule reads: "08:00 18:30",
// "08:00 mon,tue", "07:15 weekend", "hourly weekdays", "off".
func (s Schedule) String() string {
	if s.Off() {
		return "off"
	}
	var words []string
	if s.Hourly {
		words = append(words, "hourly")
	} else {
		for _, t := range s.Times {
			words = append(words, t.String())
		}
	}
	if d := s.Days & EveryDay; d != 0 && d != EveryDay {
		words = append(words, d.String())
	}
	return strings.Join(words, " ")
}

// String is "daily", "weekdays", "weekend" or the days from Monday on: "mon,sat".
func (d Days) String() string {
	switch d & EveryDay {
	case 0, EveryDay:
		return "daily"
	case Weekdays:
		return "weekdays"
	case Weekend:
		return "weekend"
	}
	var names []string
	for i := range 7 {
		if day := time.Weekday((i + 1) % 7); d.Has(day) {
			names = append(names, strings.ToLower(day.String()[:3]))
		}
	}
	return strings.Join(names, ",")
}

// Next returns the first slot after the given instant in zone, in UTC, or the
// zero time when the schedule is off.
func (s Schedule) Next(after time.Time, zone *time.Location) time.Time {
	date := midnight(after, zone)
	for range 10 { // a week, and the days that a date line may skip
		for _, t := range s.timesOn(date) {
			if slot := firstInstant(date.Add(t), zone); slot.After(after) {
				return slot
			}
		}
		date = date.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// Last returns the latest slot at or before the instant, in UTC and not
// earlier than since; zero when there is none within the week before the
// instant. It tells which slot a late edition serves.
func (s Schedule) Last(at, since time.Time, zone *time.Location) time.Time {
	date := midnight(at, zone).AddDate(0, 0, 1) // a repeated day may have got further before
	for range 10 {
		for _, t := range slices.Backward(s.timesOn(date)) {
			if slot := firstInstant(date.Add(t), zone); !slot.After(at) {
				if slot.Before(since) {
					return time.Time{}
				}
				return slot
			}
		}
		date = date.AddDate(0, 0, -1)
	}
	return time.Time{}
}

// timesOn returns the local times of the schedule on a local date, ascending.
func (s Schedule) timesOn(date time.Time) []time.Duration {
	if !s.Days.Has(date.Weekday()) {
		return nil
	}
	var times []time.Duration
	if s.Hourly {
		for h := range 24 {
			times = append(times, time.Duration(h)*time.Hour)
		}
		return times
	}
	for _, t := range s.Times {
		times = append(times, time.Duration(t)*time.Minute)
	}
	return times
}

// midnight returns the local date of an instant as 00:00 of that date, a wall
// clock reading that is written down in UTC.
func midnight(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// farthest is more than any zone's clock was ever away from UTC (15 h 13 min,
// Manila and Metlakatla before 1867).
const farthest = 16 * time.Hour

// firstInstant returns the first instant at which the zone's clock shows the
// wall clock reading or, where it jumps over it, anything later. (time.Date
// does not say which instant it chooses for skipped and repeated readings.)
func firstInstant(wall time.Time, zone *time.Location) time.Time {
	at := wall.Add(-farthest) // the clock was before the reading then, whatever the zone
	for {
		_, offset := at.In(zone).Zone()
		end := nextChange(at, zone)
		shown := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case shown.Before(at):
			return at.UTC() // the period began with a jump over the reading
		case end.IsZero() || shown.Before(end):
			return shown
		}
		at = end
	}
}

// nextChange returns an instant after at up to which the zone's clock runs
// evenly, zero when it does so for ever. (On the last day of a leap year that a
// rule and no table tells, the end of Time.ZoneBounds is the day's beginning.)
func nextChange(at time.Time, zone *time.Location) time.Time {
	for from := at; ; from = from.Add(time.Hour) {
		if _, end := from.In(zone).ZoneBounds(); end.IsZero() || end.After(at) {
			return end
		}
	}
}

// A ScheduleError says why a schedule cannot be read.
type ScheduleError struct {
	Kind ScheduleFault
	Word string // what is wrong, as the reader wrote it, shortened to 30 runes; "" when Kind tells all
}

// A ScheduleFault is a way in which a schedule is wrong.
type ScheduleFault string

const (
	ScheduleEmpty    ScheduleFault = "empty"    // neither times nor days
	ScheduleUnknown  ScheduleFault = "unknown"  // Word is neither a time nor a day
	ScheduleNoTime   ScheduleFault = "notime"   // Word is no time of day: "25:00"
	ScheduleTooMany  ScheduleFault = "toomany"  // more than MaxSlots times
	ScheduleContrary ScheduleFault = "contrary" // Word ("off", "hourly") stands against the times beside it
)

func (e *ScheduleError) Error() string {
	return fmt.Sprintf("read schedule: %s %q", e.Kind, e.Word)
}

// Say returns the fault as a sentence for the reader.
func (e *ScheduleError) Say(p Phrases) telegram.Text {
	return p.Say("schedule_error_"+string(e.Kind), Values{"Word": e.Word, "Max": MaxSlots})
}

func scheduleError(kind ScheduleFault, word string) error {
	return &ScheduleError{kind, cut(word, 30)}
}

// ParseSchedule reads what a reader or String wrote: times ("8", "08:00",
// "6.30pm", "8h30", "0800", "noon"), days ("mon", "Tuesdays", "mon-fri",
// "weekend", "daily"), "hourly" and "off", in any order and case, with spaces
// or commas between. Times alone hold every day, days alone mean 08:00 on them.
// Errors are *ScheduleError. The time it takes grows with the text alone.
func ParseSchedule(text string) (Schedule, error) { return ParseScheduleIn("en", text) }

// ParseScheduleIn is ParseSchedule of what was written in a chat of a language: its
// words come first ("täglich um 8 Uhr"), then English ones, then those of other languages
// if they mean one thing.
func ParseScheduleIn(lang, text string) (Schedule, error) {
	canonical, err := inLanguages(lang, func(v vocabulary) (string, error) {
		s, err := v.schedule(text)
		return s.String(), err
	}, func(err error) bool {
		var fault *ScheduleError
		return errors.As(err, &fault) && fault.Kind == ScheduleUnknown
	})
	if err != nil {
		return Schedule{}, err
	}
	return vocabularies()["en"].schedule(canonical)
}

// schedule reads a text in one language.
func (v vocabulary) schedule(text string) (s Schedule, err error) {
	off, hourly := "", ""
	var face clockface
	heard := v.listen(v.words(text))
	for i, w := range heard {
		if w.err != nil {
			return Schedule{}, w.err
		}
		if lapse := v.lapse(heard, i); lapse != "" {
			return Schedule{}, scheduleError(ScheduleUnknown, lapse)
		}
		switch w.sense {
		case senseOff:
			off = w.said
		case senseHourly:
			hourly, s.Hourly = w.said, true
		case senseDays:
			s.Days |= w.days
		case senseTime:
			face.add(w.at)
		case senseForenoon, senseAfternoon, senseNight:
			face.inHalf(w.sense)
		case senseMidday:
			face.midday()
		case senseTo:
			if i == 0 || i+1 == len(heard) {
				continue
			}
			before, after := heard[i-1], heard[i+1]
			first, ok := before.weekday()
			last, ok2 := after.weekday()
			switch {
			case ok && ok2:
				s.Days |= fromTo(first, last)
			case (before.sense == senseTime || before.sense == senseHours) && (after.sense == senseTime || after.sense == senseMidday): // a range of hours
				return Schedule{}, scheduleError(ScheduleUnknown, before.said+" "+w.said+" "+after.said)
			}
		}
	}
	for _, t := range face.times {
		if s.Times = insertTime(s.Times, t); len(s.Times) > MaxSlots {
			return Schedule{}, scheduleError(ScheduleTooMany, "")
		}
	}
	return s.settle(off, hourly)
}

// settle says what the words mean together.
func (s Schedule) settle(off, hourly string) (Schedule, error) {
	timed := s.Hourly || len(s.Times) > 0
	switch {
	case off != "" && (timed || s.Days != 0):
		return Schedule{}, scheduleError(ScheduleContrary, off)
	case off != "":
		return Schedule{}, nil
	case s.Hourly && len(s.Times) > 0:
		return Schedule{}, scheduleError(ScheduleContrary, hourly)
	case !timed && s.Days == 0:
		return Schedule{}, scheduleError(ScheduleEmpty, "")
	case !timed:
		s.Times = []TimeOfDay{DefaultTime}
	}
	if s.Days == EveryDay {
		s.Days = 0
	}
	return s, nil
}

var (
	clock    = regexp.MustCompile(`^(\d{1,2})(?:[:.h](\d{2})?h?)?(?:([ap])\.?m\.?)?$`)
	military = regexp.MustCompile(`^(\d{1,2})(\d{2})h?$`)
)

func setOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// parseDay reads a weekday's English name, its plural, or its first two letters or more.
func parseDay(word string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		if len(word) >= 2 && (strings.HasPrefix(name, word) || strings.HasPrefix(name, strings.TrimSuffix(word, "s")) && len(word) > 3) {
			return day, true
		}
	}
	return 0, false
}

// parseTime reads one time of day.
func parseTime(word string) (TimeOfDay, error) {
	m := clock.FindStringSubmatch(word)
	if m == nil {
		if m = military.FindStringSubmatch(word); m != nil {
			m = append(m, "")
		}
	}
	if m == nil && strings.Trim(word, "0123456789:.h") == "" && strings.ContainsAny(word, "0123456789") {
		return 0, scheduleError(ScheduleNoTime, word)
	}
	if m == nil {
		return 0, scheduleError(ScheduleUnknown, word)
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi("0" + m[2])
	if half := m[3]; half != "" {
		if hour < 1 || hour > 12 {
			return 0, scheduleError(ScheduleNoTime, word)
		}
		hour %= 12
		if half == "p" {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 {
		return 0, scheduleError(ScheduleNoTime, word)
	}
	return TimeOfDay(hour*60 + minute), nil
}

// insertTime keeps the times ascending and distinct.
func insertTime(times []TimeOfDay, t TimeOfDay) []TimeOfDay {
	at, found := slices.BinarySearch(times, t)
	if found {
		return times
	}
	return slices.Insert(times, at, t)
}
