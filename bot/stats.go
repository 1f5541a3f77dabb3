package bot

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// statsShelf is where the figures of the house stand.
type statsShelf interface {
	Census(ctx context.Context, now, since time.Time) (Census, error)
	Done(ctx context.Context, from, to time.Time) (Done, error)
	Backlog(ctx context.Context, now time.Time) (Backlog, error)
	History(ctx context.Context, since time.Time) ([]Figures, error)
	Incidents(ctx context.Context) ([]Incident, error)
	SourceHealth(ctx context.Context, now time.Time, from, limit int) (page []digest.Source, total int, err error)
	OwnSourceHealth(ctx context.Context, sites int) (OwnHealth, error)
}

// stats tells an admin how the house does: figures, and a picture of them over
// time after it. /stats sources lists the sources instead.
func (b *Bot) stats(ctx context.Context, r *request) (answer, error) {
	switch strings.ToLower(strings.TrimSpace(r.args)) {
	case "":
	case "sources":
		return b.sourceHealth(ctx, r, 0)
	default:
		return answer{text: r.say.Say("stats_usage", nil)}, nil
	}
	a, census, err := b.figures(ctx, r)
	if err != nil {
		return answer{}, err
	}
	if err := b.show(ctx, r, a); err != nil {
		return answer{}, err
	}
	b.sendChart(ctx, r, census)
	return answer{silent: true}, nil
}

// pressStats shows the figures or a page of the sources in place.
func (b *Bot) pressStats(ctx context.Context, r *request) (answer, error) {
	from, err := strconv.Atoi(r.args)
	switch {
	case err != nil || from < 0:
		a, _, err := b.figures(ctx, r)
		return a, err
	}
	return b.sourceHealth(ctx, r, from)
}

// figures are the numbers of /stats.
func (b *Bot) figures(ctx context.Context, r *request) (answer, Census, error) {
	midnight := dayOf(r.now, r.chat.Location())
	census, err := b.shelf.Census(ctx, r.now, midnight)
	if err != nil {
		return answer{}, census, err
	}
	done, err := b.shelf.Done(ctx, midnight, r.now)
	if err != nil {
		return answer{}, census, err
	}
	backlog, err := b.shelf.Backlog(ctx, r.now)
	if err != nil {
		return answer{}, census, err
	}
	incidents, err := b.shelf.Incidents(ctx)
	if err != nil {
		return answer{}, census, err
	}
	var keys keyboard
	keys.row(r.say.Plain("button_stats_sources", nil), "stats:0")
	text := join("\n\n",
		join("\n", append([]telegram.Text{r.say.Say("stats_title", Values{"Time": r.now.In(r.chat.Location()).Format("15:04")})}, r.openIncidents(incidents)...)...),
		r.censusText(census),
		r.doneText(done),
		r.backlogText(backlog),
		r.sourcesText(census),
		r.say.Say("stats_machine", Values{
			"Size": r.say.byteSize(byteCount(max(0, census.Bytes))), "Version": cmp.Or(b.options.Version, "?"), "Uptime": r.say.span(r.now.Sub(b.started)),
		}))
	return answer{text: text, keyboard: keys.rows}, census, nil
}

func (r *request) openIncidents(all []Incident) (lines []telegram.Text) {
	for _, i := range openOf(all) {
		lines = append(lines, r.say.Say("stats_incident", Values{"What": r.say.Plain("incident_"+string(i.Kind), nil), "Since": r.moment(i.Since)}))
	}
	return lines
}

func (r *request) censusText(c Census) telegram.Text {
	return join("\n",
		r.say.Say("stats_readers", Values{"Readers": grouped(c.Readers)}),
		r.say.Say("stats_readers_more", Values{"Active": grouped(c.Active), "New": grouped(c.New), "Paused": grouped(c.Paused)}),
		r.say.Say("stats_topics", Values{"Topics": grouped(c.Topics), "Subscriptions": grouped(c.Subscriptions)}))
}

func (r *request) doneText(d Done) telegram.Text {
	return join("\n",
		r.say.Say("stats_done", Values{"Sent": grouped(d.Sent)}),
		r.say.Say("stats_done_more", Values{"Failed": grouped(d.Failed), "Unknown": grouped(d.Unknown), "Dropped": grouped(d.Dropped)}),
		r.latenessText(d.Late))
}

func (r *request) latenessText(l Lateness) telegram.Text {
	if l.Total() == 0 {
		return telegram.Text{}
	}
	longest := r.say.span(LateSteps[len(LateSteps)-1])
	half, ok := l.Within(0.5)
	if !ok {
		return r.say.Say("stats_late_bad", Values{"Most": longest})
	}
	most, ok := l.Within(0.99)
	if !ok {
		return r.say.Say("stats_late_beyond", Values{"Half": r.say.span(half), "Most": longest})
	}
	return r.say.Say("stats_late", Values{"Half": r.say.span(half), "Most": r.say.span(most)})
}

func (r *request) backlogText(b Backlog) telegram.Text {
	waiting, oldest := 0, r.now
	for _, q := range b.Kinds {
		waiting += q.Waiting
		if q.Waiting > 0 && q.Oldest.Before(oldest) {
			oldest = q.Oldest
		}
	}
	text := r.say.Say("stats_waiting_none", nil)
	if waiting > 0 {
		text = r.say.Say("stats_waiting", Values{"Waiting": grouped(waiting), "Time": r.say.span(r.now.Sub(oldest))})
	}
	if b.DueChats == 0 {
		return text
	}
	return join("\n", text, r.say.Say("stats_slots", Values{"Chats": grouped(b.DueChats), "Time": r.say.span(r.now.Sub(b.Overdue))}))
}

func (r *request) sourcesText(c Census) telegram.Text {
	return join("\n",
		r.say.Say("stats_sources", Values{"Number": grouped(c.Sources), "Health": r.healthCounts(c.Health)}),
		r.say.Say("stats_stories", Values{"Stories": grouped(c.Stories)}))
}

// sendChart sends the picture of the figures over time. The figures were shown
// already, so that a picture which cannot be sent is only logged.
func (b *Bot) sendChart(ctx context.Context, r *request, now Census) {
	history, err := b.shelf.History(ctx, r.now.Add(-(chartDays+1)*24*time.Hour))
	if err != nil {
		b.log.Warn("history of figures not read", "err", err)
		return
	}
	history, err = b.upToNow(ctx, r, history, now)
	if err != nil {
		b.log.Warn("figures of this hour not counted", "err", err)
		return
	}
	picture, err := chartOf(r.say, history, r.chat.Location(), r.now).draw(r.say)
	if err != nil {
		b.log.Warn("picture of figures not drawn", "err", err)
		return
	}
	caption := telegram.NewMessage(r.say.Say("stats_caption", nil))
	caption.File = &telegram.File{Name: "tidings.png", Data: picture, Picture: true}
	if err := b.send(ctx, r.chat, caption); err != nil {
		b.log.Warn("picture of figures not sent", "err", err)
	}
}

// upToNow lets the history end with this hour as it stands.
func (b *Bot) upToNow(ctx context.Context, r *request, history []Figures, c Census) ([]Figures, error) {
	hour := r.now.UTC().Truncate(time.Hour)
	for len(history) > 0 && !history[len(history)-1].From.Before(hour) {
		history = history[:len(history)-1]
	}
	done, err := b.shelf.Done(ctx, hour, r.now)
	return append(history, Figures{
		From: hour, Readers: c.Readers, Active: c.Active, Paused: c.Paused, Topics: c.Topics, Subscriptions: c.Subscriptions,
		Failing: c.Failing, Bytes: c.Bytes, Sent: done.Sent, Failed: done.Failed, Unknown: done.Unknown, Dropped: done.Dropped,
	}), err
}

// hostOf is an address without what may be secret in it.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host[strings.LastIndex(host, "@")+1:]
}

// moment is a time as the reader's clock tells it, with its date unless it is of
// the same day.
func (r *request) moment(t time.Time) string { return r.say.moment(t, r.now, r.chat.Location()) }

func (p Phrases) moment(t, now time.Time, zone *time.Location) string {
	clock := t.In(zone).Format("15:04")
	if dayOf(t, zone).Equal(dayOf(now, zone)) {
		return clock
	}
	return p.shortDate(t.In(zone)) + ", " + clock
}

// grouped writes a number with narrow gaps between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "\u202f" + s[at:]
	}
	return s
}

// byteSize writes bytes in the unit that leaves one to three digits before the
// point.
func (p Phrases) byteSize(n byteCount) string {
	size, unit := float64(n), 0
	for size >= 999.5 && unit < len(byteUnits)-1 {
		size, unit = size/1000, unit+1
	}
	digits := 0
	if unit > 1 && size < 100 {
		digits = 1
	}
	return p.Plain(byteUnits[unit], Values{"Number": p.decimal(size, digits)})
}

// byteUnits are each a thousand of the one before.
var byteUnits = []string{"size_bytes", "size_kilo", "size_mega", "size_giga", "size_tera"}

// decimal writes a number with so many digits behind the language's point; -1: as many
// as it has.
func (p Phrases) decimal(n float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', digits, 64), ".", p.Plain("decimal_point", nil), 1)
}
