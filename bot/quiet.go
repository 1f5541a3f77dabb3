package bot

import (
	"strings"
	"time"
)

// QuietUntil is when the chat's quiet hours end that now lies in, zero when it
// lies in none. Hours that end before they begin pass midnight; a reading that
// daylight saving skips is the first instant after the gap, one that it repeats
// its first.
func (c Chat) QuietUntil(now time.Time) time.Time {
	from, until, ok := readQuiet(c.Quiet)
	if !ok {
		return time.Time{}
	}
	zone := c.Location()
	for day := midnight(now, zone).AddDate(0, 0, -1); !day.After(midnight(now, zone)); day = day.AddDate(0, 0, 1) {
		begin, end := firstInstant(day.Add(from), zone), firstInstant(day.Add(until), zone)
		if !now.Before(begin) && now.Before(end) {
			return end
		}
	}
	return time.Time{}
}

// readQuiet reads Settings.Quiet as the times of day it lasts from and until,
// the latter past 24 hours when it is of the next day.
func readQuiet(quiet string) (from, until time.Duration, ok bool) {
	begin, end, ok := strings.Cut(quiet, "-")
	if !ok {
		return 0, 0, false
	}
	first, err := time.Parse("15:04", begin)
	last, err2 := time.Parse("15:04", end)
	if err != nil || err2 != nil || first.Equal(last) {
		return 0, 0, false
	}
	if last.Before(first) {
		last = last.AddDate(0, 0, 1)
	}
	day := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	return first.Sub(day), last.Sub(day), true
}
