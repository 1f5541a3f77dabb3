package bot

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tidings/digest"
)

func TestParseQuiet(t *testing.T) {
	for text, want := range map[string]string{
		"22:00-07:00": "22:00-07:00", "22-7": "22:00-07:00", "10pm-7am": "22:00-07:00", "10 pm – 7 am": "22:00-07:00", "22h-7h30": "22:00-07:30",
		"from 22 to 7": "22:00-07:00", "between 11pm and 6:30am": "23:00-06:30", "2200 0700": "22:00-07:00", "22:00 7": "22:00-07:00",
		"midnight till 8": "00:00-08:00", "12:00–13:00": "12:00-13:00", "noon to 1pm": "12:00-13:00", "23:00 - 24:00": "23:00-00:00",
		"0-24": "", "24-6": "00:00-06:00", "２２：００-０７：００": "22:00-07:00", "off": "", " OFF ": "", "none": "", "never": "", "no": "",
		"10-7pm": "10:00-19:00", "22.30-6.15": "22:30-06:15", "22:00−07:00": "22:00-07:00", "from 22 o'clock to 7 o'clock": "22:00-07:00",
	} {
		q, err := ParseQuiet(text)
		if text == "0-24" {
			var fault *QuietError
			if !errors.As(err, &fault) || fault.Kind != QuietSame {
				t.Errorf("ParseQuiet(%q) = %q, %v; want that both ends are the same", text, q, err)
			}
			continue
		}
		if err != nil || q.String() != want {
			t.Errorf("ParseQuiet(%q) = %q, %v; want %q", text, q, err, want)
		}
		if again, err := ParseQuiet(q.String()); want != "" && (err != nil || again != q) {
			t.Errorf("ParseQuiet(%q) = %+v, %v; want the same again", q, again, err)
		}
	}
	for text, want := range map[string]QuietFault{
		"25:00-07:00": QuietNoTime, "22:00-7:60": QuietNoTime, "13pm-7am": QuietNoTime, "22-99": QuietNoTime, "-22:00 07:00 x": QuietMany,
		"22:00-22:00": QuietSame, "10pm-22": QuietSame, "24-0": QuietSame, "22:00": QuietUnknown, "": QuietUnknown, "-": QuietUnknown,
		"at night": QuietUnknown, "soon-later": QuietUnknown, "22:00-07:00 weekdays": QuietMany, "22-7, 12-13": QuietMany, "<b>-7": QuietUnknown,
		"quiet hours please": QuietUnknown, "22:00-dawn": QuietUnknown, "\x00-\xff": QuietUnknown, "off 22-7": QuietMany,
	} {
		q, err := ParseQuiet(text)
		var fault *QuietError
		if !errors.As(err, &fault) || fault.Kind != want || q != (Quiet{}) {
			t.Errorf("ParseQuiet(%q) = %+v, %v; want fault %q and nothing else", text, q, err, want)
		}
	}
}

func FuzzParseQuiet(f *testing.F) {
	f.Add("22:00-07:00")
	f.Add("from 10 pm to 7 am")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuiet(text)
		if err != nil {
			return
		}
		if again, err := ParseQuiet(q.String()); q.String() != "" && (err != nil || again != q) {
			t.Errorf("ParseQuiet(%q) = %+v, which is read again as %+v, %v", text, q, again, err)
		}
	})
}

// TestQuietUntilIsWhereTheClockLeavesThem walks minute by minute and looks at
// the clock.
func TestQuietUntilIsWhereTheClockLeavesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(restless).Draw(t, "zone")
		zone := LoadZone(name)
		q := Quiet{TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "from")), TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "to"))}
		at := time.Unix(rapid.Int64Range(0, 1<<31).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano")).UTC()
		if near := rapid.Bool().Draw(t, "near a change"); near {
			if _, change := at.In(zone).ZoneBounds(); !change.IsZero() {
				at = change.Add(time.Duration(rapid.Int64Range(-int64(26*time.Hour), int64(3*time.Hour)).Draw(t, "beside")))
			}
		}
		shows := func(at time.Time) bool {
			hour, minute, _ := at.In(zone).Clock()
			return q.has(TimeOfDay(60*hour + minute))
		}
		got := Chat{Zone: name, Settings: Settings{Quiet: q.String()}}.QuietUntil(at)
		if !shows(at) {
			if !got.IsZero() {
				t.Fatalf("%s in %s at %s: quiet until %s; the clock shows no quiet hours", q, name, at.In(zone), got.In(zone))
			}
			return
		}
		if shows(got) || shows(got.Add(-time.Nanosecond)) == false || !got.After(at) {
			t.Fatalf("%s in %s at %s: quiet until %s, which is not where they end", q, name, at.In(zone), got.In(zone))
		}
		for step := at; step.Before(got); step = step.Add(time.Minute) {
			if !shows(step) {
				t.Fatalf("%s in %s at %s: quiet until %s; the clock shows no quiet hours at %s before", q, name, at.In(zone), got.In(zone), step.In(zone))
			}
		}
	})
}

func TestQuietUntilOverDaylightSaving(t *testing.T) {
	for name, c := range map[string]struct{ zone, quiet, at, want string }{
		"an ordinary night":          {"Europe/Berlin", "22:00-07:00", "2026-11-24T23:30:00Z", "2026-11-25T06:00:00Z"},
		"the minute they begin":      {"Europe/Berlin", "22:00-07:00", "2026-11-24T21:00:00Z", "2026-11-25T06:00:00Z"},
		"the minute they end":        {"Europe/Berlin", "22:00-07:00", "2026-11-25T06:00:00Z", ""},
		"within a day":               {"Europe/Berlin", "12:00-14:00", "2026-11-25T12:15:00Z", "2026-11-25T13:00:00Z"},
		"a night of eight hours":     {"Europe/Berlin", "22:00-07:00", "2026-03-28T21:30:00Z", "2026-03-29T05:00:00Z"},
		"a night of ten hours":       {"Europe/Berlin", "22:00-07:00", "2026-10-24T20:30:00Z", "2026-10-25T06:00:00Z"},
		"the end is skipped":         {"Europe/Berlin", "22:00-02:30", "2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z"},
		"the end comes twice":        {"Europe/Berlin", "22:00-02:30", "2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"},
		"and is quiet again":         {"Europe/Berlin", "22:00-02:30", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"},
		"a zone a quarter off":       {"Asia/Kathmandu", "22:00-07:00", "2026-11-24T17:00:00Z", "2026-11-25T01:15:00Z"},
		"a day that was left out":    {"Pacific/Apia", "22:00-07:00", "2011-12-30T09:00:00Z", "2011-12-30T17:00:00Z"},
		"no quiet hours":             {"Europe/Berlin", "", "2026-11-24T23:30:00Z", ""},
		"what nobody could have set": {"Europe/Berlin", "nonsense", "2026-11-24T23:30:00Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := Chat{Zone: c.zone, Settings: Settings{Quiet: c.quiet}}.QuietUntil(instantAt(t, c.at))
			want := time.Time{}
			if c.want != "" {
				want = instantAt(t, c.want)
			}
			if !got.Equal(want) {
				t.Errorf("%s in %s at %s: quiet until %s; want %s", c.quiet, c.zone, c.at, got, want)
			}
		})
	}
}

func TestEditionsComeAtTheEndOfQuietHours(t *testing.T) {
	c := Chat{Zone: "Europe/Berlin", Schedule: readSchedule(t, "hourly"), Settings: Settings{Quiet: "22:00-07:00"}}
	at := instantAt(t, "2026-11-24T19:30:00Z") // 20:30
	var got []string
	c.NextEdition = c.edition(at)
	for _, e := range c.editions(at, 4) {
		got = append(got, e.In(LoadZone(c.Zone)).Format("Mon 15:04"))
	}
	want := []string{"Tue 21:00", "Wed 07:00", "Wed 08:00", "Wed 09:00"}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("editions(%s) = %q; want %q", at, got, want)
		}
	}
}

func TestChangedQuietHoursKeepAnEditionThatWaited(t *testing.T) {
	night := instantAt(t, "2026-11-25T02:00:00Z") // 03:00 in Berlin
	morning := instantAt(t, "2026-11-25T06:00:00Z")
	chat := func(schedule, quiet string, next time.Time) Chat {
		return Chat{Zone: "Europe/Berlin", Schedule: readSchedule(t, schedule), NextEdition: next,
			LastEdition: instantAt(t, "2026-11-24T17:00:00Z"), Settings: Settings{Quiet: quiet}}
	}
	for name, c := range map[string]struct {
		chat  Chat
		quiet Quiet
		want  time.Time
	}{
		"turned off: it comes now":            {chat("2:00 18:00", "22:00-07:00", morning), Quiet{}, night},
		"longer: it comes at the new end":     {chat("2:00 18:00", "22:00-07:00", morning), Quiet{22 * 60, 8 * 60}, morning.Add(time.Hour)},
		"turned on while one is due: held":    {chat("2:00 18:00", "", night.Add(-time.Second)), Quiet{22 * 60, 7 * 60}, morning},
		"nothing waited: the next slot":       {chat("6:00 18:00", "22:00-07:00", morning), Quiet{}, morning.Add(-time.Hour)},
		"nothing waited, slots are held back": {chat("6:00 18:00", "", morning.Add(-time.Hour)), Quiet{22 * 60, 7 * 60}, morning},
		"the slot was before the night":       {chat("20:00 7:00", "22:00-07:00", morning), Quiet{22 * 60, 6 * 60}, morning},
		"what was asked for stays":            {func() Chat { c := chat("2:00", "", night); c.Asked = true; return c }(), Quiet{22 * 60, 7 * 60}, night},
		"a chat that waits for its topic":     {Chat{Zone: "UTC", Schedule: DefaultSchedule()}, Quiet{22 * 60, 7 * 60}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.chat.setQuiet(c.quiet, night)
			if !c.chat.NextEdition.Equal(c.want) || c.chat.Quiet != c.quiet.String() {
				t.Errorf("with quiet hours %q the next edition is at %s; want %s", c.chat.Quiet, c.chat.NextEdition, c.want)
			}
		})
	}
}

// TestNothingIsPublishedInQuietHours lets a chat of every restless zone go
// through a week around a change of its clock, with the house down at random.
func TestNothingIsPublishedInQuietHours(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of nights are too long for a short run")
	}
	for _, name := range restless {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				zone := zoneNamed(t, name)
				from := sleepUntil(t, "2026-10-20T12:00:00Z")
				c := reader(t, 1, "hourly", name, from)
				c.Quiet = "21:30-06:15"
				c.NextEdition = c.edition(from)
				s := newDeskShelf(c)
				p, _ := publisherOn(t, s)
				n := 0
				for time.Since(from) < 14*24*time.Hour {
					if n++; n%97 < 80 { // else the house is down
						s.happen(1, digest.StoryID(n), time.Now())
						publishOnce(t, p)
					}
					time.Sleep(7 * time.Minute)
				}
				ends := 0
				for i, e := range s.editions {
					if end := c.QuietUntil(e.Composed); !end.IsZero() {
						t.Errorf("an edition was composed at %s, in quiet hours", e.Composed.In(zone))
					}
					if i > 0 && e.Composed.Sub(s.editions[i-1].Composed) > 8*time.Hour {
						ends++
					}
				}
				if ends < 12 || len(s.editions) < 100 {
					t.Errorf("%d editions in 14 days, %d of them after a night; want them by day, and one after each night", len(s.editions), ends)
				}
			})
		})
	}
}
