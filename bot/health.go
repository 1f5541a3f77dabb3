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

// health says how a source does: "fine", "failing since Monday, 16 March".
func (r *request) health(s digest.Source) string {
	h, since := s.Health(r.now), s.FailingSince
	switch h {
	case digest.Slow:
		since = s.LastChange
	case digest.Moved:
		since = s.MovedAt
	}
	return r.say.Plain("source_health_"+string(h), Values{
		"Date": r.day(since), "Place": isolate(tidy(hostOf(s.Place()), maxOutlet)),
	})
}

// day is the day of a time in the chat's zone, of one of today the time.
func (r *request) day(t time.Time) string {
	zone := r.chat.Location()
	if dayOf(t, zone).Equal(dayOf(r.now, zone)) {
		return r.say.moment(t, r.now, zone)
	}
	return SayDate(r.say, t.In(zone))
}

// fault says why the last visit of a source failed, in words without an end. What
// exactly happened is told by logs.
func (p Phrases) fault(s digest.Source) string {
	return p.Plain("fault_"+string(cmp.Or(s.Fault, digest.FaultUnknown)), Values{"Status": s.Status})
}

func (r *request) healthsOf(all []ChatSource) map[digest.Health]int {
	count := map[digest.Health]int{}
	for _, s := range all {
		count[s.Health(r.now)]++
	}
	return count
}

// healthCounts tells how many are in each health: "(12 fine, 1 failing)"; "" of
// none.
func (r *request) healthCounts(count map[digest.Health]int) string {
	var parts []string
	for _, h := range digest.Healths {
		if count[h] > 0 {
			parts = append(parts, r.say.Plain("source_count_"+string(h), Values{"Number": grouped(count[h])}))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// OwnHealth is how the sources do that readers added and nobody lists. Whose they
// are it does not tell, nor any address: one may hold a secret.
type OwnHealth struct {
	Sources, Failing int
	Worst            []digest.FailingSite
}

const (
	sourcesPerPage = 10 // in one message of /stats sources
	worstSites     = 5  // of readers' own sources
)

// sourceHealth lists the sources from one place on, the worst first, and under
// the first page how those do that readers added.
func (b *Bot) sourceHealth(ctx context.Context, r *request, from int) (answer, error) {
	page, total, err := b.shelf.SourceHealth(ctx, r.now, from, sourcesPerPage)
	if len(page) == 0 && total > 0 && err == nil { // the list has become shorter
		from = 0
		page, total, err = b.shelf.SourceHealth(ctx, r.now, 0, sourcesPerPage)
	}
	if err != nil {
		return answer{}, err
	}
	var lines []telegram.Text
	if total > 0 {
		lines = append(lines, r.say.Say("stats_sources_title", Values{"From": from + 1, "To": from + len(page), "Number": total}))
	} else {
		lines = append(lines, r.say.Say("stats_sources_none", nil))
	}
	for _, h := range page {
		lines = append(lines, r.sourceLine(h))
	}
	if from == 0 || total == 0 {
		own, err := b.shelf.OwnSourceHealth(ctx, worstSites)
		if err != nil {
			return answer{}, err
		}
		lines = append(lines, r.ownHealth(own)...)
	}
	var keys keyboard
	if from > 0 && total > 0 {
		keys.add(2, r.say.Plain("button_newer", nil), "stats:"+strconv.Itoa(max(0, from-sourcesPerPage)))
	}
	if from+len(page) < total {
		keys.add(2, r.say.Plain("button_more", nil), "stats:"+strconv.Itoa(from+sourcesPerPage))
	}
	if total > 0 {
		keys.row(r.say.Plain("button_stats", nil), "stats:")
	}
	return answer{text: join("\n\n", lines...), keyboard: keys.rows}, nil
}

// ownHealth is nothing while readers have no sources of their own.
func (r *request) ownHealth(h OwnHealth) []telegram.Text {
	if h.Sources == 0 {
		return nil
	}
	lines := []telegram.Text{r.say.Say("stats_own", Values{"Number": grouped(h.Sources), "Failing": grouped(h.Failing)})}
	for _, w := range h.Worst {
		lines = append(lines, r.say.Say("stats_own_site", Values{
			"Site": isolate(tidy(w.Site, maxOutlet)), "Count": w.Failing, "Date": r.day(w.Since),
		}))
	}
	return []telegram.Text{join("\n", lines...)}
}

// marks are how a list shows healths.
var marks = map[digest.Health]string{
	digest.Fine: "🟢", digest.Moved: "🟢", digest.Slow: "🟡", digest.Failing: "🔴", digest.Gone: "🔴", digest.Aside: "🔴", digest.Unvisited: "⚪",
}

// sourceLine is one source with what is wrong with it.
func (r *request) sourceLine(s digest.Source) telegram.Text {
	v := Values{
		"Mark": marks[s.Health(r.now)], "Name": isolate(tidy(cmp.Or(s.Name, hostOf(s.Address)), maxOutlet)),
		"Health": r.health(s), "Failures": s.Failures, "Reason": r.say.fault(s),
	}
	line := r.say.Say("source_line", v)
	if s.Failures > 0 {
		return join("\n", line, r.say.Say("source_line_failed", v))
	}
	if !s.LastChange.IsZero() {
		v["Since"] = r.moment(s.LastChange)
		return join("\n", line, r.say.Say("source_line_news", v))
	}
	return line
}
