package feed

import (
	"strings"
	"time"

	"github.com/itlightning/dateparse"

	words "tidings/digest/text"
)

// readDate reads a date in a habit that gofeed does not know: other languages,
// weeks and days of the year (ISO 8601), what programs print. One whose day and
// month could be taken for each other is read as in most of the world, the day
// first.
func readDate(s string) time.Time {
	s = strings.TrimSpace(clip(s, 100))
	if len(s) < 4 {
		return time.Time{}
	}
	if t, err := time.Parse("20060102T150405Z0700", s); err == nil {
		return t.UTC()
	}
	if t, _ := words.FindDate(s, words.DayFirst); !t.IsZero() {
		return t
	}
	if t, err := dateparse.ParseStrict(s); err == nil {
		return t.UTC()
	}
	return time.Time{}
}
