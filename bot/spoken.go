package bot

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed spoken.tsv
var spokenTable string

// A sense is what a word about times means.
type sense string

const (
	senseNothing   sense = "nothing" // stands beside what says something
	senseEach      sense = "each"    // likewise, but before a number of hours
	senseCount     sense = "count"   // likewise, but behind a number, which is no hour then
	senseHours     sense = "hours"   // the number before it is an hour
	senseTo        sense = "to"      // between two days: all from one to the other
	senseOff       sense = "off"
	senseHourly    sense = "hourly"
	senseForenoon  sense = "forenoon" // of these, the half of the day that the time before it is in
	senseAfternoon sense = "afternoon"
	senseNight     sense = "night"
	senseMidday    sense = "midday"  // noon, or that the time before it is about noon
	senseUnclear   sense = "unclear" // a time that some take for noon and others for midnight
	senseTime      sense = "time"
	senseClock     sense = "clock" // of the table alone: names of hours, from one on
	senseDays      sense = "days"
)

// senseOfDays are the words of the table that stand for days, senseOfTimes those for times.
var (
	senseOfDays = map[sense]Days{
		"daily": EveryDay, "weekdays": Weekdays, "weekend": Weekend, "mon": 1 << time.Monday, "tue": 1 << time.Tuesday, "wed": 1 << time.Wednesday,
		"thu": 1 << time.Thursday, "fri": 1 << time.Friday, "sat": 1 << time.Saturday, "sun": 1 << time.Sunday,
	}
	senseOfTimes = map[sense]TimeOfDay{"noon": 12 * 60, "midnight": 0}
)

// A spoken word is one or more of a reader's words that mean one thing.
type spoken struct {
	said string // in lower case
	sense
	days  Days
	at    TimeOfDay
	named bool  // at is an hour's name, which may count something, too
	err   error // what is wrong with it: a *ScheduleError
}

// A vocabulary has the words of one language by what is left of them without accents.
// Those of English are in all, unless they mean something else there.
type vocabulary map[string]spoken

// vocabularies is read from the embedded table at its first use.
var vocabularies = sync.OnceValue(func() map[string]vocabulary {
	all := map[string]vocabulary{"en": {}}
	for line := range strings.Lines(spokenTable) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		lang := fields[0]
		if all[lang] == nil {
			all[lang] = vocabulary{}
		}
		for i, word := range strings.Split(fields[2], ", ") {
			all[lang][bare(word)] = meant(sense(fields[1]), i)
		}
	}
	for _, v := range all {
		for word, s := range all["en"] {
			if _, own := v[word]; !own {
				v[word] = s
			}
		}
	}
	return all
})

// meant is what the words of a line of the table mean; place is that of a word among them.
func meant(s sense, place int) spoken {
	if s == senseClock {
		return spoken{sense: senseTime, at: TimeOfDay(place+1) * 60, named: true}
	}
	if days, ok := senseOfDays[s]; ok {
		return spoken{sense: senseDays, days: days}
	}
	if at, ok := senseOfTimes[s]; ok {
		return spoken{sense: senseTime, at: at}
	}
	return spoken{sense: s}
}

// bare is a word in lower case without accents.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(word)))
}

// languagesToTry are the languages in which a text is read, its writer's first.
func languagesToTry(lang string) []string {
	tried := []string{lang, "en"}
	var others []string
	for other := range vocabularies() {
		if !slices.Contains(tried, other) {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	return append(tried, others...)
}

// inLanguages reads a text in its writer's language, or else in English, or in one of
// the others. What means two things in others is not guessed at. The error is that of the
// first language. Unknown says whether an error is that a word is not known.
func inLanguages[T comparable](lang string, read func(vocabulary) (T, error), unknown func(error) bool) (T, error) {
	var result T
	var first, err error
	others := 0 // that read it
	for i, l := range languagesToTry(lang) {
		v, ok := vocabularies()[l]
		if !ok {
			continue
		}
		got, wrong := read(v)
		if first == nil {
			first = wrong
		}
		switch {
		case unknown(wrong):
		case i < 2:
			return got, wrong
		case others > 0 && (got != result || (wrong == nil) != (err == nil)):
			return *new(T), first
		default:
			result, err = got, wrong
			others++
		}
	}
	if others > 0 {
		return result, err
	}
	return result, first
}

// lapse is what is said of a length of time where the word at i would be a time of day: every
// 6 hours, in 10 minutes; "" of what is one.
func (v vocabulary) lapse(heard []spoken, i int) string {
	w := heard[i]
	number, unit := w.said, ""
	if m := numbered.FindStringSubmatch(number); m != nil {
		number, unit = m[1], m[2]
	}
	if w.sense != senseTime || !w.named && (number == "" || strings.Trim(number, "0123456789") != "") {
		return ""
	}
	behind := spoken{said: unit, sense: v[bare(unit)].sense}
	if unit == "" && i+1 < len(heard) {
		behind = heard[i+1]
	}
	switch {
	case behind.sense == senseCount:
		return number + " " + behind.said
	case behind.sense == senseHours && i > 0 && heard[i-1].sense == senseEach:
		return heard[i-1].said + " " + number + " " + behind.said
	}
	return ""
}

var (
	// dashes are the signs that stand between the ends of a range.
	dashes = regexp.MustCompile(`\s*[-‐‑‒–—−]\s*`)
	// halves joins "6:30 p. m." to one word.
	halves     = regexp.MustCompile(`(\d)\s+([ap])\.?\s?m\b\.?`)
	separators = regexp.MustCompile(`[,;|/]`)
	minutes    = regexp.MustCompile(`^[0-5]\d$`)
	numbered   = regexp.MustCompile(`^(\d[\d:.]*)(\pL+)$`)
)

// longestRange is how many bytes two names of days may have.
const longestRange = 100

// longestPhrase is of how many words a phrase of the table may be.
const longestPhrase = 4

// words splits a text into lower-case words: ranges, and times with their am or pm, are
// one word each, and commas stand alone.
func (v vocabulary) words(text string) []string {
	text = strings.ToLower(strings.ReplaceAll(norm.NFKC.String(text), "’", "'"))
	text = dashes.ReplaceAllString(readClockPhrases(text), "-")
	if _, own := v["am"]; own && v["am"] != vocabularies()["en"]["am"] {
		text = strings.ReplaceAll(text, "a.m.", "am")
	} else {
		text = halves.ReplaceAllString(text, "$1${2}m")
	}
	return strings.Fields(separators.ReplaceAllString(text, " , "))
}

// listen tells what words mean, each one or several that belong together.
func (v vocabulary) listen(words []string) (heard []spoken) {
	for len(words) > 0 {
		s, n := v.next(words)
		if s.sense == senseHours && len(heard) > 0 && n < len(words) && minutes.MatchString(words[n]) && (n+1 == len(words) || v[bare(words[n+1])].sense != senseHours) {
			if last := &heard[len(heard)-1]; last.sense == senseTime && last.at%60 == 0 && last.err == nil { // 8 h 30
				more, _ := parseTime("0:" + words[n])
				last.at += more
				n++
			}
		}
		heard, words = append(heard, s), words[n:]
	}
	return heard
}

// next reads the longest phrase that the words begin with.
func (v vocabulary) next(words []string) (s spoken, n int) {
	for n = min(len(words), longestPhrase); n > 0; n-- {
		said := strings.Join(words[:n], " ")
		for _, form := range []string{said, strings.TrimRight(said, ".:")} {
			if s, ok := v[bare(form)]; ok {
				if s.said = said; s.sense == senseUnclear {
					s.err = scheduleError(ScheduleUnknown, said)
				}
				return s, n
			}
		}
	}
	word := words[0]
	s = spoken{said: word, sense: senseDays}
	if word == "," {
		s.sense = senseNothing
		return s, 1
	}
	if days, ok := v.days(strings.TrimRight(word, ".:")); ok {
		s.days = days
		return s, 1
	}
	if m := numbered.FindStringSubmatch(word); m != nil && v[bare(m[2])].sense == senseHours {
		word = m[1] // 8uhr
	}
	s.sense = senseTime
	s.at, s.err = parseTime(word)
	return s, 1
}

// days reads a day or a range of them with a dash, which may go over the end of the week.
func (v vocabulary) days(word string) (Days, bool) {
	if day, ok := v.day(word); ok {
		return 1 << day, true
	}
	for i, r := range word {
		if r != '-' || len(word) > longestRange {
			continue
		}
		first, ok := v.day(word[:i])
		last, ok2 := v.day(word[i+1:])
		if ok && ok2 {
			return fromTo(first, last), true
		}
	}
	return 0, false
}

// day reads one weekday's name.
func (v vocabulary) day(word string) (time.Weekday, bool) {
	word = strings.TrimRight(word, ".")
	if s, ok := v[bare(word)]; ok {
		return s.weekday()
	}
	return parseDay(word)
}

// weekday is the one day that a word means.
func (s spoken) weekday() (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if s.sense == senseDays && s.days == 1<<day {
			return day, true
		}
	}
	return 0, false
}

func fromTo(first, last time.Weekday) Days {
	days := Days(1 << last)
	for day := first; day != last; day = (day + 1) % 7 {
		days |= 1 << day
	}
	return days
}

// A clockface puts times into the half of the day that is named behind them or, where
// none waits for that, before them.
type clockface struct {
	times  []TimeOfDay
	halved bool  // the last of them
	half   sense // of the next
}

func (c *clockface) add(t TimeOfDay) {
	c.halved = c.half != ""
	c.times, c.half = append(c.times, t.inHalf(c.half)), ""
}

func (c *clockface) inHalf(half sense) {
	last := len(c.times) - 1
	if last < 0 || c.halved {
		c.half = half
		return
	}
	c.times[last], c.halved = c.times[last].inHalf(half), true
}

// midday says of a time about noon, or one o'clock or two, in which half of the day it is,
// and is noon behind any other; it tells whether it is.
func (c *clockface) midday() (noon bool) {
	const hour = 60
	if last := len(c.times) - 1; last >= 0 && !c.halved {
		switch t := c.times[last]; {
		case t >= hour && t < 3*hour:
			c.inHalf(senseAfternoon)
			return false
		case t >= 11*hour && t < 15*hour:
			c.halved = true
			return false
		}
	}
	c.add(senseOfTimes["noon"])
	c.halved = true
	return true
}

// inHalf moves a time into a half of the day.
func (t TimeOfDay) inHalf(half sense) TimeOfDay {
	const noon = 12 * 60
	switch {
	case t >= 13*60:
	case half == senseAfternoon && t > 0 && t < noon:
		t += noon
	case half == senseNight && t >= noon:
		t -= noon
	case half == senseNight && t >= noon/2:
		t += noon
	}
	return t
}
