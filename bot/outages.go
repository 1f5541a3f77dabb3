package bot

import (
	"cmp"
	"context"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// An Outage is a source that has failed for long and of which nobody was told,
// or one that was told of and works again.
type Outage struct {
	Source    digest.Source
	Over      bool
	Followers []Chat // who follow it and can be told
}

const (
	outageAfter   = 24 * time.Hour // shorter ones are nobody's affair; one that is gone for good is told at once
	outagesAtOnce = 200            // looked at together; the others a minute later
	outagesListed = 10             // in one message
)

// tellOutages tells of sources that failed for a day, and of those that work
// again: their followers, and of listed ones the admins, each in one message.
// While most sources fail it is not theirs to tell.
func (w *Watch) tellOutages(ctx context.Context, now time.Time) error {
	if i, ever := w.known[IncidentFetch]; ever && i.Open() {
		return nil
	}
	outages, err := w.shelf.Outages(ctx, now.Add(-outageAfter), outagesAtOnce)
	if err != nil || len(outages) == 0 {
		return err
	}
	admins, err := w.admins(ctx)
	if err != nil {
		return err
	}
	var order []ChatID
	chats, told := map[ChatID]Chat{}, map[ChatID][]Outage{}
	for _, o := range outages {
		audience := o.Followers
		if o.Source.Listed {
			audience = append(audience[:len(audience):len(audience)], admins...)
		}
		seen := map[ChatID]bool{}
		for _, c := range audience {
			if seen[c.ID] {
				continue
			}
			if seen[c.ID] = true; len(told[c.ID]) == 0 {
				order, chats[c.ID] = append(order, c.ID), c
			}
			told[c.ID] = append(told[c.ID], o)
		}
	}
	var notices []Notice
	for _, id := range order {
		text := w.catalog.In(chats[id].Language).outages(told[id], now, chats[id].Location())
		notices = append(notices, Notice{Chat: id, Message: telegram.NewMessage(text)})
	}
	return w.shelf.SaveOutages(ctx, outages, notices, now)
}

// outages is one message about sources.
func (p Phrases) outages(all []Outage, now time.Time, zone *time.Location) telegram.Text {
	var lines []telegram.Text
	for _, o := range all[:min(len(all), outagesListed)] {
		v := Values{"Name": isolate(tidy(cmp.Or(o.Source.Name, hostOf(o.Source.Address)), maxOutlet))}
		if o.Over {
			lines = append(lines, p.Say("outage_over", v))
			continue
		}
		v["Since"], v["Reason"] = p.moment(o.Source.FailingSince, now, zone), p.fault(o.Source)
		lines = append(lines, p.Say("outage_begins", v))
	}
	if more := len(all) - outagesListed; more > 0 {
		lines = append(lines, p.Say("outage_more", Values{"Count": more}))
	}
	return join("\n\n", lines...)
}
