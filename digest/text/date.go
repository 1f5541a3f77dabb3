package text

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A DayOrder tells whether 3/4/2026 is a day in April or in March.
type DayOrder int

const (
	OrderUnknown DayOrder = iota // such a date is none, unless one number can be no month
	DayFirst
	MonthFirst
)

// FindDate is the first date written in s, as people write it in some forty
// languages, with the time of day and the zone behind it: clock tells whether
// there is one, otherwise it is midnight. Without a zone it is UTC. Years from
// 1990 on; zero for none.
func FindDate(s string, order DayOrder) (t time.Time, clock bool) {
	s = strings.Join(strings.Fields(Fold(s)), " ")
	at, y, m, d := len(s)+1, 0, 0, 0
	end := 0
	for _, way := range dateWays {
		found := way.pattern.FindStringSubmatchIndex(s)
		if found == nil || found[0] >= at {
			continue
		}
		part := func(i int) string {
			if found[2*i] < 0 {
				return ""
			}
			return s[found[2*i]:found[2*i+1]]
		}
		year, month, day := way.read(part(1), part(2), part(3), order)
		if validDay(year, month, day) {
			at, end, y, m, d = found[0], found[1], year, month, day
		}
	}
	if y == 0 {
		return time.Time{}, false
	}
	hours, zone, clock := findClock(s[:at], s[end:])
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Add(hours - zone), clock
}

// dateWays are the ways to write a date, with what their three parts mean. Of
// several that are found the first in the text counts; at one place, the first
// here.
var dateWays = []struct {
	pattern *regexp.Regexp
	read    func(a, b, c string, order DayOrder) (year, month, day int)
}{
	{regexp.MustCompile(`\b(\d{4})\s?(?:[-/._]|年|년)\s?(\d{1,2})\s?(?:[-/._]|月|월)\s?(\d{1,2})`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(a), number(b), number(c)
	}},
	{regexp.MustCompile(`\b(\d{4})\.?[- /](\p{L}{3,12})\.?[- /](\d{1,2})(?:t|\b)`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(a), monthOf(b), number(c)
	}},
	{regexp.MustCompile(`\b(20\d\d)(0[1-9]|1[0-2])([0-3]\d)(?:t|z|\b)`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(a), number(b), number(c)
	}},
	{regexp.MustCompile(`\b(\d{4})-?w(\d\d)(?:-?([1-7]))?\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return weekDate(number(a), number(b), max(number(c), 1))
	}},
	{regexp.MustCompile(`\b(\d{4})-(\d{3})()\b`), func(a, b, _ string, _ DayOrder) (int, int, int) {
		y, m, d := time.Date(number(a), 1, number(b), 0, 0, 0, 0, time.UTC).Date()
		return y, int(m), d
	}},
	{regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)?\d\d)\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return yearOf(c), number(b), number(a)
	}},
	{regexp.MustCompile(`\b(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d\d)\b`), func(a, b, c string, order DayOrder) (int, int, int) {
		x, y := number(a), number(b)
		switch {
		case x > 12, order == DayFirst && y <= 12, x == y:
			return number(c), y, x
		case y > 12, order == MonthFirst:
			return number(c), x, y
		}
		return 0, 0, 0
	}},
	{regexp.MustCompile(`\b(\d{1,2})(?:\.|er|st|nd|rd|th|o|a|-е)?(?:[ -]|\.| de | del | of | d')\s?(?:d'|de )?(\p{L}{3,12})\.?,?(?: de| del| г)?[ -]?((?:19|20)\d\d)\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(c), monthOf(b), number(a)
	}},
	{regexp.MustCompile(`\b(\d{1,2})[ -](\p{L}{3,12})[ -](\d\d)\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return yearOf(c), monthOf(b), number(a)
	}},
	{regexp.MustCompile(`\b(\p{L}{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(c), monthOf(a), number(b)
	}},
	{regexp.MustCompile(`\b(\p{L}{3,9}) (\d{1,2}) [\d:]+ (?:[a-z]{1,4} )?((?:19|20)\d\d)\b`), func(a, b, c string, _ DayOrder) (int, int, int) { // as C's ctime
		return number(c), monthOf(a), number(b)
	}},
	{regexp.MustCompile(`\b(\d{1,2}) thang (\d{1,2}),? (?:nam )?(\d{4})\b`), func(a, b, c string, _ DayOrder) (int, int, int) {
		return number(c), number(b), number(a)
	}},
}

// FindDay is the first day that is written in s without its year, as it is in
// that year; zero for none.
func FindDay(s string, year int) time.Time {
	s = strings.Join(strings.Fields(Fold(s)), " ")
	at, m, d := len(s)+1, 0, 0
	for _, way := range dayWays {
		found := way.pattern.FindStringSubmatchIndex(s)
		if found == nil || found[0] >= at {
			continue
		}
		if month, day := way.read(s[found[2]:found[3]], s[found[4]:found[5]]); validDay(year, month, day) {
			at, m, d = found[0], month, day
		}
	}
	if m == 0 {
		return time.Time{}
	}
	return time.Date(year, time.Month(m), d, 0, 0, 0, 0, time.UTC)
}

// dayWays are the ways to write a day of a month, with what their two parts mean.
var dayWays = []struct {
	pattern *regexp.Regexp
	read    func(a, b string) (month, day int)
}{
	{regexp.MustCompile(`(?:^|\D)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]`), func(a, b string) (int, int) { return number(a), number(b) }},
	{regexp.MustCompile(`(?:^|[^\d.])(\d{1,2})\.\s?(\d{1,2})\.(?:\D|$)`), func(a, b string) (int, int) { return number(b), number(a) }},
	{regexp.MustCompile(`(?:^|[^\d.:])(\d{1,2})(?:\.|er|st|nd|rd|th|o|a|-е)?(?:[ -]|\.| de | del | of | d')\s?(?:d'|de )?(\p{L}{3,12})(?:\P{L}|$)`), func(a, b string) (int, int) { return monthOf(b), number(a) }},
	{regexp.MustCompile(`(?:^|\P{L})(\p{L}{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?(?:[^\d:.]|$)`), func(a, b string) (int, int) { return monthOf(a), number(b) }},
	{regexp.MustCompile(`\b(\d{1,2}) thang (\d{1,2})\b`), func(a, b string) (int, int) { return number(b), number(a) }},
}

// months are the beginnings of their names, folded; the longest that fits
// decides.
var months = beginnings([12]string{
	"jan ene gen янв янў січ stycz styc ιαν led ocak oca tammi ian saus jaan gener يناير ינואר जनवरी януари ยนว sijec",
	"feb fev febr фев лют lut φεβ unor subat sub helmi vas veebr فبراير פברואר फरवरी şub",
	"mar mrz mae maa мар бер μαρ brez maalis kov marts مارس מרץ मार्च marz",
	"apr avr abr апр кві kwi απρ dub nis huhti bal ابريل אפריל अप्रैल",
	"may mai mei mag maj мая май тра μαι kve touko geg maig مايو מאי मई mayis",
	"jun juin giu июн чер czerw ιουν cerv cerven cervna haz kesa iun birz juuni juny يونيو יוני जून юни",
	"jul juil lug июл лип lip ιουλ cervenec cervence tem heina iul liep juuli يوليو יולי जुलाई юли lipiec",
	"aug aou ago авг сер sie αυγ srp agu elo rugp اغسطس אוגוסט अगस्त agost",
	"sep set сен вер wrz σεπ zar eyl syys rugs sept سبتمبر ספטמבר सितंबर septem",
	"oct okt out ott окт жов paz οκτ rij eki loka spal اكتوبر אוקטובר अक्टूबर",
	"nov ноя лис lis νοε kas marras noi lapk نوفمبر נובמבר नवंबर ное listop",
	"dec dez dic дек гру gru δεκ pro ara joulu des gruod ديسمبر דצמבר दिसंबर",
})

func beginnings(names [12]string) map[string]int {
	table := map[string]int{}
	for i, list := range names {
		for name := range strings.FieldsSeq(list) {
			table[Fold(name)] = i + 1
		}
	}
	return table
}

// monthOf is the number of the month that a folded word names, 0 for none.
func monthOf(name string) int {
	runes := []rune(name)
	for n := min(len(runes), 9); n >= 2; n-- {
		if m := months[string(runes[:n])]; m > 0 {
			return m
		}
	}
	return 0
}

var (
	clockPattern = regexp.MustCompile(`^[^\d]{0,24}?(오전|오후|上午|下午|午前|午後|[ap]\.?m\.?)?\s?(\d{1,2})(?:[:.h]|時|시|点|點)\s?(\d{2})(?:[:.]|分|분)?(\d{2})?(?:[.,]\d+)?\s?(?:초|秒)?\s?([ap]\.?m\b)?[ ,]*\(?(z\b|utc|gmt|[a-z]{3,4}\b)?\)?\s?([+-]\d{1,2}:?\d{2})?`)
	clockBefore  = regexp.MustCompile(`\b(\d{1,2}):(\d{2})(?::(\d{2}))?\s?([ap]\.?m\b)?[ ,]*(?:\(?(z|utc|gmt|[a-z]{3,4})\)?)?[^\d]{0,12}$`)
)

// findClock is the time of day that stands behind a date, or before it.
func findClock(before, after string) (hours, zone time.Duration, clock bool) {
	var half, h, m, s, name, offset string
	if c := clockPattern.FindStringSubmatch(after); c != nil {
		half, h, m, s, name, offset = c[1]+c[5], c[2], c[3], c[4], c[6], c[7]
	} else if c := clockBefore.FindStringSubmatch(before); c != nil {
		h, m, s, half, name = c[1], c[2], c[3], c[4], c[5]
	} else {
		return 0, 0, false
	}
	hour := number(h)
	switch {
	case hour > 24 || number(m) > 59 || number(s) > 60:
		return 0, 0, false
	case hour == 12 && strings.ContainsAny(half, "a전上前"):
		hour = 0
	case hour < 12 && strings.ContainsAny(half, "p후下後"):
		hour += 12
	}
	hours = time.Duration(hour)*time.Hour + time.Duration(number(m))*time.Minute + time.Duration(number(s))*time.Second
	zone = time.Duration(zones[name]) * time.Hour
	if offset != "" {
		digits := strings.ReplaceAll(offset[1:], ":", "")
		n := number(digits)
		if zone = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute; offset[0] == '-' {
			zone = -zone
		}
		if zone.Abs() > 15*time.Hour {
			zone = 0
		}
	}
	return hours, zone, true
}

// zones are hours ahead of UTC of abbreviations that mean one thing nearly
// everywhere in feeds.
var zones = map[string]int{
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "hst": -10,
	"wet": 0, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "bst": 1, "msk": 3, "sast": 2,
	"jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "brt": -3, "art": -3,
}

// weekDate is a day of a week by ISO 8601.
func weekDate(year, week, day int) (int, int, int) {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // is always in the first week
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	y, m, d := monday.AddDate(0, 0, (week-1)*7+day-1).Date()
	return y, int(m), d
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// yearOf reads a year of two or four digits.
func yearOf(s string) int {
	switch n := number(s); {
	case len(s) > 2:
		return n
	case n < 70:
		return 2000 + n
	default:
		return 1900 + n
	}
}

func validDay(year, month, day int) bool {
	if year < 1990 || year > 2200 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}
