package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tidings/bot/telegram"
)

// Quiet is the local hours of every day in which nothing is sent unasked: from
// From until just before To, over midnight when To is the earlier. The zero
// Quiet holds no hours.
type Quiet struct{ From, To TimeOfDay }

// String is the canonical form, which ParseQuiet reads: "22:00-07:00", "" for
// no hours.
func (q Quiet) String() string {
	if q.From == q.To {
		return ""
	}
	return q.From.String() + "-" + q.To.String()
}

// has says whether a wall clock that shows t stands in the quiet hours.
func (q Quiet) has(t TimeOfDay) bool {
	if q.From < q.To {
		return q.From <= t && t < q.To
	}
	return q.From != q.To && (t >= q.From || t < q.To)
}

// until is the first instant, from at on, at which the clock of zone does not
// show quiet hours; zero when it shows none at at. What the clock shows decides:
// an hour that it repeats is quiet twice, one that it skips is not waited for.
func (q Quiet) until(at time.Time, zone *time.Location) time.Time {
	quiet := false
	for range 8 { // a stretch, and the changes of a clock within it
		hour, minute, second := at.In(zone).Clock()
		if !q.has(TimeOfDay(60*hour + minute)) {
			break
		}
		quiet = true
		left := time.Duration(q.To)*time.Minute - (time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
			time.Duration(second)*time.Second + time.Duration(at.Nanosecond()))
		if left <= 0 {
			left += 24 * time.Hour
		}
		end := at.Add(left)
		if change := nextChange(at, zone); !change.IsZero() && change.Before(end) {
			end = change
		}
		at = end
	}
	if !quiet {
		return time.Time{}
	}
	return at.UTC()
}

// QuietUntil is when the quiet hours end that the chat's clock shows at now,
// zero when it shows none. Nothing that was not asked for at this moment is
// sent before.
func (c Chat) QuietUntil(now time.Time) time.Time {
	return quietUntil(c.Quiet, c.Zone, now)
}

// quietUntil is Chat.QuietUntil of a chat's two columns.
func quietUntil(hours, zone string, now time.Time) time.Time {
	if hours == "" {
		return time.Time{}
	}
	q, err := ParseQuiet(hours)
	if err != nil {
		return time.Time{}
	}
	return q.until(now, LoadZone(zone))
}

// edition is when the first edition after an instant comes by schedule: at the
// next slot or, if that falls into quiet hours, at their end. Slots of one
// quiet stretch so become one edition. Zero when the schedule is off.
func (c Chat) edition(after time.Time) time.Time {
	slot := c.Schedule.Next(after, c.Location())
	if slot.IsZero() {
		return slot
	}
	if end := c.QuietUntil(slot); !end.IsZero() {
		return end
	}
	return slot
}

// editions are the next n that will really come, ascending: the one that the
// chat waits for first, unless that is an answer.
func (c Chat) editions(now time.Time, n int) []time.Time {
	var all []time.Time
	after := now
	if !c.Asked && c.NextEdition.After(now) && !c.Schedule.Off() {
		all, after = append(all, c.NextEdition), c.NextEdition
	}
	for len(all) < n {
		if after = c.edition(after); after.IsZero() {
			break
		}
		all = append(all, after)
	}
	return all
}

// waits says whether an edition of a slot that has passed is still to come: it
// is due, or quiet hours hold it back.
func (c Chat) waits(now time.Time) bool {
	if c.Asked || c.NextEdition.IsZero() {
		return false
	}
	if !c.NextEdition.After(now) {
		return true
	}
	end := c.QuietUntil(now)
	slot := c.Schedule.Last(now, now.Add(-48*time.Hour), c.Location())
	return !slot.IsZero() && c.NextEdition.Equal(end) && c.QuietUntil(slot).Equal(end) && slot.After(c.LastEdition)
}

// setQuiet gives the chat other quiet hours. An edition that waited through the
// old ones comes when the new ones allow it.
func (c *Chat) setQuiet(q Quiet, now time.Time) {
	waited := c.waits(now)
	c.Quiet = q.String()
	if !waited {
		c.aim(now)
		return
	}
	if end := c.QuietUntil(now); !end.IsZero() {
		c.NextEdition = end
	} else if c.NextEdition.After(now) {
		c.NextEdition = now
	}
}

// A QuietError says why quiet hours cannot be read.
type QuietError struct {
	Kind QuietFault
	Word string // what is wrong, as the reader wrote it, shortened to 30 runes; "" when Kind tells all
}

// A QuietFault is a way in which quiet hours are wrong.
type QuietFault string

const (
	QuietUnknown QuietFault = "unknown" // not two times
	QuietNoTime  QuietFault = "notime"  // Word is no time of day: "25:00"
	QuietSame    QuietFault = "same"    // they end when they begin
	QuietMany    QuietFault = "many"    // more than one range
)

func (e *QuietError) Error() string { return fmt.Sprintf("read quiet hours: %s %q", e.Kind, e.Word) }

var (
	quietRange  = regexp.MustCompile(`[-‐‑‒–—−~→]`)
	quietDigits = regexp.MustCompile(`\d`)
)

// ParseQuiet reads what a reader or Quiet.String wrote: two times of day as
// ParseSchedule takes them, with a dash, "to" or a space between ("22:00-07:00",
// "22-7", "10pm – 7am", "23 7"), or "off". In "10-7am" and "10 to 7pm" both times
// are read by themselves. Errors are *QuietError.
func ParseQuiet(text string) (Quiet, error) { return ParseQuietIn("en", text) }

// ParseQuietIn is ParseQuiet of what was written in a chat of a language, whose words
// come first ("von 22 Uhr bis 7 Uhr").
func ParseQuietIn(lang, text string) (Quiet, error) {
	return inLanguages(lang, func(v vocabulary) (Quiet, error) { return v.quiet(text) }, func(err error) bool {
		var fault *QuietError
		return errors.As(err, &fault) && fault.Kind != QuietNoTime && fault.Kind != QuietSame
	})
}

// quiet reads a text in one language.
func (v vocabulary) quiet(text string) (Quiet, error) {
	unknown := &QuietError{QuietUnknown, cut(strings.TrimSpace(text), 30)}
	var face clockface
	var wrong error
	said := 0
	for _, w := range v.listen(v.words(quietRange.ReplaceAllString(norm.NFKC.String(text), " "))) {
		switch w.sense {
		case senseNothing, senseEach, senseCount, senseHours, senseTo:
			continue
		case senseForenoon, senseAfternoon, senseNight:
			face.inHalf(w.sense)
			continue
		case senseMidday:
			if !face.midday() {
				continue
			}
		case senseOff:
			if len(v.words(text)) == len(strings.Fields(w.said)) {
				return Quiet{}, nil
			}
		case senseTime:
			if w.said == "24:00" || w.said == "24" {
				w.at, w.err = 0, nil
			}
			face.add(w.at)
			wrong = cmp.Or(wrong, w.err)
		}
		said++
	}
	switch {
	case said > 2 && quietDigits.MatchString(text):
		return Quiet{}, &QuietError{QuietMany, ""}
	case said != 2 || len(face.times) != 2:
		return Quiet{}, unknown
	}
	var fault *ScheduleError
	switch q := (Quiet{face.times[0], face.times[1]}); {
	case errors.As(wrong, &fault) && fault.Kind == ScheduleNoTime:
		return Quiet{}, &QuietError{QuietNoTime, fault.Word}
	case wrong != nil:
		return Quiet{}, unknown
	case q.From == q.To:
		return Quiet{}, &QuietError{QuietSame, q.From.String()}
	default:
		return q, nil
	}
}

// quiet shows or changes the quiet hours.
func (b *Bot) quiet(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		return r.quietCard("quiet_card"), nil
	}
	return b.takeQuiet(ctx, r)
}

// takeQuiet reads quiet hours from a command or a button.
func (b *Bot) takeQuiet(ctx context.Context, r *request) (answer, error) {
	q, err := ParseQuietIn(r.say.lang, r.args)
	var fault *QuietError
	if errors.As(err, &fault) {
		return answer{text: r.say.Say("quiet_error_"+string(fault.Kind), Values{"Word": fault.Word})}, nil
	}
	r.chat, err = b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.setQuiet(q, r.now)
		return nil
	})
	return r.quietCard("quiet_set"), err
}

// commonQuiet are the ranges that buttons offer.
var commonQuiet = []string{"21:00-07:00", "22:00-07:00", "22:00-08:00", "23:00-07:00", "23:00-08:00", "00:00-08:00"}

func (r *request) quietCard(title string) answer {
	if r.chat.Quiet == "" {
		title += "_off"
	}
	var keys keyboard
	for _, hours := range commonQuiet {
		keys.add(2, r.chosen(hoursWords(hours), hours == r.chat.Quiet), "quiet:"+hours)
	}
	keys.row(r.chosen(r.say.Plain("quiet_none", nil), r.chat.Quiet == ""), "quiet:off")
	keys.row(r.say.Plain("button_settings", nil), "settings:")
	from, to, _ := strings.Cut(r.chat.Quiet, "-")
	return answer{
		text: r.say.Say(title, Values{
			"Hours": hoursWords(r.chat.Quiet), "From": from, "To": to, "Zone": r.zoneAside(), "Slots": r.nextSlots(),
		}),
		keyboard: keys.rows,
	}
}

// hoursWords shows quiet hours to people.
func hoursWords(hours string) string { return strings.Replace(hours, "-", "–", 1) }

// quietNote tells of the quiet hours under a schedule; empty without any.
func (r *request) quietNote() telegram.Text {
	if r.chat.Quiet == "" {
		return telegram.Text{}
	}
	from, to, _ := strings.Cut(r.chat.Quiet, "-")
	return r.say.Say("quiet_note", Values{"From": from, "To": to})
}
