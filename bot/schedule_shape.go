package bot

import "time"

// A Schedule is when a chat wants its editions: times of day on days of the
// week, every full hour, or never.
type Schedule struct {
	Hourly bool
	Times  []TimeOfDay // ascending, distinct, at most MaxSlots; empty and not Hourly means off
	Days   Days        // 0 is read as every day
}

// A TimeOfDay is minutes since local midnight, 0 to 1439.
type TimeOfDay int

// Days is a set of weekdays: bit 1<<time.Sunday … 1<<time.Saturday.
type Days uint8

// ParseSchedule reads what a reader or String wrote.
func ParseSchedule(text string) (Schedule, error) { panic("schedule branch") }

// String is the canonical form, which ParseSchedule reads: "08:00 18:30 mon,tue", "hourly", "off".
func (s Schedule) String() string { panic("schedule branch") }

// Next returns the first slot after the given instant in zone, or the zero
// time when there is none.
func (s Schedule) Next(after time.Time, zone *time.Location) time.Time { panic("schedule branch") }

// Last returns the latest slot at or before the instant, not earlier than
// since; zero when there is none. It tells which slot a late edition serves.
func (s Schedule) Last(at, since time.Time, zone *time.Location) time.Time { panic("schedule branch") }
