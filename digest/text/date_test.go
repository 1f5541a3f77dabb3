package text

import (
	"testing"
	"time"
)

func TestFindDateReadsDatesAsPeopleWriteThem(t *testing.T) {
	day := "2026-02-03T00:00:00Z"
	for _, c := range []struct {
		written string
		order   DayOrder
		want    string // "" for none
		clock   bool
	}{
		{"3 February 2026", 0, day, false},
		{"Published on Feb 3rd, 2026 by Ada", 0, day, false},
		{"3. Februar 2026", 0, day, false},
		{"3 de febrero de 2026", 0, day, false},
		{"3 févr. 2026", 0, day, false},
		{"1er mars 2026", 0, "2026-03-01T00:00:00Z", false},
		{"03.02.2026", 0, day, false},
		{"3. 2. 2026", 0, day, false},
		{"03.02.26", 0, day, false},
		{"03/02/2026", DayFirst, day, false},
		{"02/03/2026", MonthFirst, day, false},
		{"02/03/2026", OrderUnknown, "", false},
		{"23/02/2026", MonthFirst, "2026-02-23T00:00:00Z", false},
		{"2026年2月3日", 0, day, false},
		{"2026년 2월 3일 오후 01:31:15", 0, "2026-02-03T13:31:15Z", true},
		{"2026-02-03 오전 12:05", 0, "2026-02-03T00:05:00Z", true},
		{"3 февраля 2026 г.", 0, day, false},
		{"3 лютого 2026", 0, day, false},
		{"Τρί, 03 Φεβ 2026 12:00:00 EST", 0, "2026-02-03T17:00:00Z", true},
		{"2026-február-3T9:15-05:00", 0, "2026-02-03T14:15:00Z", true},
		{"2026. február 3.", 0, day, false},
		{"3. února 2026", 0, day, false},
		{"3 lutego 2026", 0, day, false},
		{"3 Şubat 2026", 0, day, false},
		{"ngày 3 tháng 2, 2026", 0, day, false},
		{"3 فبراير 2026", 0, day, false},
		{"3. července 2026", 0, "2026-07-03T00:00:00Z", false},
		{"3. června 2026", 0, "2026-06-03T00:00:00Z", false},
		{"Tue, 2026/02/03 08:19:53 EDT", 0, "2026-02-03T12:19:53Z", true},
		{"Tue Feb  3 08:19:53 2026", 0, "2026-02-03T00:00:00Z", false},
		{"2026-W06-2", 0, day, false},
		{"2026-034", 0, day, false},
		{"20260203T101500Z", 0, day, false},
		{"February 3, 2026 | 5:30 p.m. ET", 0, "2026-02-03T17:30:00Z", true},
		{"14:05, 3 February 2026", 0, "2026-02-03T14:05:00Z", true},
		{"31 February 2026", 0, "", false},
		{"Call 555 1234 now", 0, "", false},
		{"versions 1.2.3 and 10.20.30", 0, "", false},
		{"", 0, "", false},
	} {
		got, clock := FindDate(c.written, c.order)
		shown := ""
		if !got.IsZero() {
			shown = got.Format(time.RFC3339)
		}
		if shown != c.want || clock != c.clock {
			t.Errorf("FindDate(%q, %d) = %q, %v; want %q, %v", c.written, c.order, shown, clock, c.want, c.clock)
		}
	}
}

func TestFindDayReadsDaysWithoutAYear(t *testing.T) {
	for written, want := range map[string]string{
		"3 February": "02-03", "Feb 3rd, 14:05": "02-03", "Tuesday, March 3": "03-03", "3. Februar, 14:05 Uhr": "02-03", "3 de febrero": "02-03", "1er mars à 8h": "03-01",
		"30.11. | Book of the week": "11-30", "[06月24日 11時30分]": "06-24", "2월 3일": "02-03", "3 февраля, 12:00": "02-03", "ngày 3 tháng 2": "02-03", "3 فبراير": "02-03",
		"29 February": "", "31.4.": "", "version 1.2.3": "", "10.20.30": "", "14:05": "", "5 comments": "", "5 min read": "", "": "",
	} {
		got := ""
		if day := FindDay(written, 2026); !day.IsZero() {
			got = day.Format("01-02")
		}
		if got != want {
			t.Errorf("FindDay(%q, 2026) = %q, want %q", written, got, want)
		}
	}
	if got := FindDay("29 February", 2028); got.IsZero() {
		t.Error("FindDay finds no 29 February in 2028")
	}
}
