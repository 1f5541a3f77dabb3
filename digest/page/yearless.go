package page

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"

	"tidings/digest/text"
)

// yearlessDate is the day that a page shows behind its headline without a year: in
// the year in which the page holds that day in full, as in the names of its parts,
// else in that which brings it closest to the latest day that it holds, or in that
// of its copyright. A page that tells no year has no such date.
func yearlessDate(doc *html.Node, h headings, markup []byte, now time.Time) time.Time {
	line := yearlessLine(doc, h)
	if line == "" {
		return time.Time{}
	}
	same, latest := daysNamed(markup, text.FindDay(line, leapYear), now)
	if !same.IsZero() {
		return same.Add(12 * time.Hour)
	}
	if latest.IsZero() {
		return time.Time{}
	}
	var best time.Time
	for year := latest.Year() - 1; year <= latest.Year()+1; year++ {
		t := text.FindDay(line, year)
		if !t.IsZero() && !t.After(now) && (best.IsZero() || t.Sub(latest).Abs() < best.Sub(latest).Abs()) {
			best = t.Add(12 * time.Hour)
		}
	}
	return best
}

// daysNamed are the latest of the days that stand in full in markup up to now, and
// the latest that is the wanted one of some year. Without any, latest is the middle
// of the year of the copyright.
func daysNamed(markup []byte, wanted, now time.Time) (same, latest time.Time) {
	for _, m := range fullDate.FindAllSubmatch(markup, mostFull) {
		t, err := time.Parse("20060102", string(m[1])+string(m[2])+string(m[3]))
		if err != nil || t.After(now) {
			continue
		}
		if t.After(latest) {
			latest = t
		}
		if t.Month() == wanted.Month() && t.Day() == wanted.Day() && t.After(same) {
			same = t
		}
	}
	if m := copyrightYear.FindSubmatch(markup); latest.IsZero() && m != nil {
		if year, err := time.Parse("2006", string(m[1])); err == nil {
			latest = year.AddDate(0, 6, 0)
		}
	}
	return same, latest
}

// mostFull days of a page are looked at.
const mostFull = 2000

var (
	fullDate      = regexp.MustCompile(`(20[0-9][0-9])[-/_.]?(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12][0-9]|3[01])(?:[0-9]{6}|[0-9]{4})?(?:[^0-9]|$)`)
	copyrightYear = regexp.MustCompile(`(?i)(?:©|&copy;|\(c\)|copyright)[^<>0-9]{0,40}(?:(?:19|20)[0-9]{2} ?[-–] ?)?(20[0-9]{2})`)
)

// yearlessLine is the first short line behind the headline that is a day without a
// year: hardly more than it, in an element named after dates, or behind a numeric
// day.
func yearlessLine(doc *html.Node, h headings) string {
	behind := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || inHead(n) {
			continue
		}
		if n == h.first || h.again[n] || behind > 0 {
			behind++
		}
		if behind > lineWithin {
			break
		}
		if behind == 0 || !calledDate(n) && !lineElements[n.Data] && !titleElements[n.Data] {
			continue
		}
		line := spaced(n)
		inner := func(c *html.Node) bool { return c.Type == html.ElementNode && spaced(c) == line }
		// What the element itself is called counts, too: hence its first child.
		if len(line) < 4 || len(line) > longestYearless || !strings.ContainsAny(line, "0123456789") || first(n, inner) != nil || inSentence(n) || inStrange(n.FirstChild, h) || inTeaser(n, h) {
			continue
		}
		begin, _, _ := strings.Cut(line, " ")
		switch {
		case calledDate(n), dateAlone(line):
		case !text.FindDay(begin, leapYear).IsZero():
			line = begin
		default:
			continue
		}
		if !text.FindDay(line, leapYear).IsZero() {
			return line
		}
	}
	return ""
}

const (
	longestYearless = 60   // bytes of a line that is such a date
	leapYear        = 2024 // has every day
)
