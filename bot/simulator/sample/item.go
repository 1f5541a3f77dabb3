package sample

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// item is an article as its feed shows it: dated, with its words filled in.
type item struct {
	guid       string
	path       string // of the article's page on its host, "/2026/…"
	link       string // with the outlet's tracking parameters
	title      string
	author     string
	categories []string
	date       time.Time
	summary    string
	paragraphs []string
	dress      []string
	teaser     bool // the feed gives the beginning only
	closed     bool // to robots
}

// items lists what the outlet has published by now, newest first. Dates are
// whole seconds, because feeds cannot tell more.
func (o outlet) items(start, now time.Time) []item {
	start = start.UTC().Truncate(time.Second)
	var items []item
	for _, a := range o.Articles {
		date := start.Add(a.After - a.Age)
		if a.After > 0 && now.Before(date) {
			continue
		}
		items = append(items, o.item(a, date))
	}
	slices.SortStableFunc(items, func(a, b item) int {
		return cmp.Or(b.date.Compare(a.date), cmp.Compare(a.path, b.path))
	})
	return items
}

func (o outlet) item(a article, date time.Time) item {
	it := item{
		guid:       "tag:" + o.Host + ",2026:" + a.Slug,
		path:       "/2026/" + a.Slug,
		title:      fillDates(a.Title, o.Language, date),
		author:     a.Author,
		categories: a.Categories,
		date:       date,
		summary:    fillDates(strings.TrimSpace(a.Summary), o.Language, date),
		dress:      slices.Concat(o.Dress, a.Dress),
		teaser:     o.Teasers,
		closed:     a.Closed,
	}
	it.link = o.scheme() + "://" + o.Host + it.path
	if o.Tracking != "" {
		it.link += "?" + o.Tracking
	}
	for p := range strings.SplitSeq(a.Content, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			it.paragraphs = append(it.paragraphs, fillDates(p, o.Language, date))
		}
	}
	return it
}

// dateWord finds {weekday} and {date} in an article's text.
var dateWord = regexp.MustCompile(`\{(weekday|date)\}`)

// weekdays are their names from Sunday on, as they stand inside a sentence.
var weekdays = map[string][7]string{
	"ar": {"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
	"de": {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	"es": {"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	"fr": {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	"ja": {"日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"},
}

// fillDates writes the day of date for {weekday}, in the outlet's language,
// and its English month and day for {date}: an article that says when
// something happened must agree with the date its feed gives.
func fillDates(text, language string, date time.Time) string {
	return dateWord.ReplaceAllStringFunc(text, func(word string) string {
		if word == "{date}" {
			return date.Format("January 2")
		}
		return weekdays[language][date.Weekday()]
	})
}
