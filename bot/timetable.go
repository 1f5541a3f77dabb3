package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings/bot/telegram"
)

// Location is the chat's zone.
func (c Chat) Location() *time.Location { return LoadZone(c.Zone) }

// zoneName is the chat's zone in a sentence, "Berlin (UTC+1)"; zoneAside is it in
// brackets, "Berlin, UTC+1".
func (r *request) zoneName() string  { return r.say.zoneName(r.chat.Zone, r.now, "%s (%s)") }
func (r *request) zoneAside() string { return r.say.zoneName(r.chat.Zone, r.now, "%s, %s") }

// schedule shows or changes when editions come.
func (b *Bot) schedule(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		return r.scheduleCard("schedule_card"), nil
	}
	return b.takeSchedule(ctx, r)
}

// pressWhen changes the schedule to the button's.
func (b *Bot) pressWhen(ctx context.Context, r *request) (answer, error) {
	return b.takeSchedule(ctx, r)
}

func (b *Bot) takeSchedule(ctx context.Context, r *request) (answer, error) {
	s, err := ParseScheduleIn(r.say.lang, r.args)
	if err != nil {
		return answer{text: r.scheduleFault(err)}, nil
	}
	r.chat, err = b.setSchedule(ctx, r, s)
	return r.scheduleCard("schedule_set"), err
}

// setSchedule saves the schedule; the next edition is its next slot.
func (b *Bot) setSchedule(ctx context.Context, r *request, s Schedule) (Chat, error) {
	return b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Schedule = s
		c.aim(r.now)
		return nil
	})
}

// aim points the chat at its schedule's next edition, unless an edition was asked
// for or a chat that never had one is still waiting for its first topic.
func (c *Chat) aim(now time.Time) {
	waitsForTopic := c.NextEdition.IsZero() && c.LastEdition.IsZero()
	if !c.Asked && !waitsForTopic {
		c.NextEdition = c.edition(now)
	}
}

func (r *request) scheduleCard(title string) answer {
	var keys keyboard
	days := r.chat.Schedule.daysText()
	times := r.chat.Schedule.timesText()
	tick := func(label, when string) string {
		s, err := ParseSchedule(when)
		return r.chosen(label, err == nil && s.String() == r.chat.Schedule.String())
	}
	for _, t := range []string{"07:00", "08:00", "12:00", "18:30", "20:00", "22:00"} {
		keys.add(3, tick(t, t+days), "when:"+t+days)
	}
	keys.row(tick(r.say.Plain("button_twice", nil), "08:00 18:30"+days), "when:08:00 18:30"+days)
	for i, d := range []string{"daily", "weekdays", "weekend"} {
		if i == 0 {
			keys.row(tick(r.say.Plain("button_"+d, nil), times+" "+d), "when:"+times+" "+d)
			continue
		}
		keys.add(3, tick(r.say.Plain("button_"+d, nil), times+" "+d), "when:"+times+" "+d)
	}
	keys.row(tick(r.say.Plain("button_hourly", nil), "hourly"+days), "when:hourly"+days)
	keys.add(2, tick(r.say.Plain("button_off", nil), "off"), "when:off")
	keys.row(r.say.Plain("button_settings", nil), "settings:")
	if r.chat.Schedule.Off() {
		off := "schedule_set_off"
		if title == "schedule_card" {
			off = "schedule_card_off"
		}
		return answer{text: r.say.Say(off, Values{"Schedule": r.scheduleWords(r.chat.Schedule)}), keyboard: keys.rows}
	}
	return answer{
		text: join("\n\n", r.say.Say(title, Values{
			"Schedule": r.scheduleWords(r.chat.Schedule),
			"Zone":     r.zoneAside(),
			"Slots":    r.nextSlots(),
		}), r.quietNote()),
		keyboard: keys.rows,
	}
}

// timeKey offers a schedule to who names one without a command: every morning at 7.
func (r *request) timeKey(keys *keyboard, words string) {
	if s, err := ParseScheduleIn(r.say.lang, words); err == nil && !s.Off() {
		keys.row("⏰ "+r.scheduleWords(s), "when:"+s.String())
	}
}

// daysText is the days of s as ParseSchedule reads them, with a space before;
// "" for every day.
func (s Schedule) daysText() string {
	if s.Off() {
		return ""
	}
	if _, days, ok := strings.Cut(Schedule{Times: DefaultSchedule().Times, Days: s.Days}.String(), " "); ok {
		return " " + days
	}
	return ""
}

// timesText is the times of s, or "hourly"; the default's for a schedule
// without any.
func (s Schedule) timesText() string {
	switch {
	case s.Hourly:
		return "hourly"
	case len(s.Times) == 0:
		return DefaultSchedule().String()
	}
	return Schedule{Times: s.Times}.String()
}

// scheduleWords tells a schedule in the reader's language.
func (r *request) scheduleWords(s Schedule) string {
	everyDay := s.Days&EveryDay == 0 || s.Days&EveryDay == EveryDay
	switch {
	case s.Off():
		return r.say.Plain("schedule_off", nil)
	case s.Hourly && everyDay:
		return r.say.Plain("schedule_hourly", nil)
	case s.Hourly:
		return r.say.Plain("schedule_hourly_days", Values{"Days": r.dayWords(s.Days)})
	}
	times := make([]string, len(s.Times))
	for i, t := range s.Times {
		times[i] = t.String()
	}
	return r.say.Plain("schedule_words", Values{"Days": r.dayWords(s.Days), "Times": r.list(times)})
}

func (r *request) dayWords(d Days) string {
	switch d & EveryDay {
	case 0, EveryDay:
		return r.say.Plain("days_all", nil)
	case Weekend:
		return r.say.Plain("days_weekend", nil)
	case Weekdays:
		return r.say.Plain("days_weekdays", nil)
	}
	var names []string
	for i := range 7 {
		if day := time.Weekday((i + 1) % 7); d.Has(day) { // Monday first
			names = append(names, r.say.Plain(fmt.Sprintf("weekday_%d", day), nil))
		}
	}
	return r.say.Plain("days_some", Values{"Days": r.list(names)})
}

// list is "a, b and c".
func (r *request) list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return r.say.Plain("list_and", Values{"First": strings.Join(words[:last], ", "), "Last": words[last]})
}

// nextSlots tells when the next three editions come in local time, a line each
// under a heading, or in a sentence why there are none.
func (r *request) nextSlots() string {
	if r.chat.Paused != "" {
		return r.say.Plain("slots_paused", nil)
	}
	zone := r.chat.Location()
	var lines []string
	for _, at := range r.chat.editions(r.now, 3) {
		local := at.In(zone)
		lines = append(lines, r.say.Plain("slot_line", Values{"Date": capital(SayDate(r.say, local)), "Time": local.Format("15:04")}))
	}
	if len(lines) == 0 {
		return r.say.Plain("slots_none", nil)
	}
	return r.say.Plain("slots_next", Values{"Slots": strings.Join(lines, "\n")})
}

// scheduleFault says what is wrong with a schedule's words.
func (r *request) scheduleFault(err error) telegram.Text {
	var fault *ScheduleError
	if errors.As(err, &fault) {
		return fault.Say(r.say)
	}
	return r.say.Say("went_wrong", nil)
}

// timezone shows or changes the chat's zone.
func (b *Bot) timezone(ctx context.Context, r *request) (answer, error) {
	if strings.TrimSpace(r.args) == "" {
		if r.group() {
			return r.zoneCard("zone_card_group"), nil // a location shared among others is not for us
		}
		return r.zoneCard("zone_card"), nil
	}
	name, near := FindZone(r.args)
	if name == "" {
		return r.unknownZone(r.args, near), nil
	}
	return b.takeZone(ctx, r, name)
}

// pressWhere changes the zone to the button's.
func (b *Bot) pressWhere(ctx context.Context, r *request) (answer, error) {
	name, near := FindZone(r.args)
	if name == "" {
		return r.unknownZone(r.args, near), nil
	}
	return b.takeZone(ctx, r, name)
}

// setZoneByPlace takes the zone nearest to a location that the reader shared;
// the location itself is not kept.
func (b *Bot) setZoneByPlace(ctx context.Context, r *request) (answer, error) {
	zone := NearestZone(r.given.Location.Latitude, r.given.Location.Longitude)
	if zone == "" {
		return answer{text: r.say.Say("zone_nowhere", nil)}, nil
	}
	return b.takeZone(ctx, r, zone)
}

func (b *Bot) takeZone(ctx context.Context, r *request, name string) (answer, error) {
	c, err := b.setZone(ctx, r, name)
	r.chat = c
	return r.zoneCard("zone_set"), err
}

// setZone saves the zone; slots move with it. A name that is no zone changes
// nothing.
func (b *Bot) setZone(ctx context.Context, r *request, name string) (Chat, error) {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return r.chat, fmt.Errorf("set zone %q: %w", shorten(name, 40), errNoZone)
	}
	return b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.Zone, c.ZoneSet = name, true
		c.aim(r.now)
		return nil
	})
}

var errNoZone = errors.New("no such zone")

func (r *request) zoneCard(title string) answer {
	var keys keyboard
	for _, z := range r.likelyZones() {
		keys.add(2, r.chosen(r.zoneLabel(z), z == r.chat.Zone), "where:"+z)
	}
	keys.row(r.say.Plain("button_settings", nil), "settings:")
	return answer{
		text: r.say.Say(title, Values{
			"Zone":  r.zoneName(),
			"Time":  r.now.In(r.chat.Location()).Format("15:04"),
			"Slots": r.nextSlots(),
		}),
		keyboard: keys.rows,
	}
}

// likelyZones are those where most live who speak the chat's language, and the chat's own.
func (r *request) likelyZones() []string {
	offered := CommonZones(r.chat.Language)
	if !slices.Contains(offered, r.chat.Zone) {
		offered = append([]string{r.chat.Zone}, offered...)
	}
	return offered
}

func (r *request) unknownZone(asked string, near []string) answer {
	var keys keyboard
	for _, z := range near {
		keys.row(r.zoneLabel(z), "where:"+z)
	}
	key := "zone_unknown"
	if len(near) > 0 {
		key = "zone_unknown_near"
	}
	return answer{text: r.say.Say(key, Values{"Zone": shorten(asked, 60)}), keyboard: keys.rows}
}

// zoneLabel names a zone by its city and the time it is there.
func (r *request) zoneLabel(zone string) string {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return zone
	}
	return r.say.zoneCity(zone) + " " + r.now.In(l).Format("15:04")
}

// digestNow makes an edition due now; it answers by itself.
func (b *Bot) digestNow(ctx context.Context, r *request) (answer, error) {
	if r.chat.Paused != "" {
		return r.pausedCard(), nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	if len(subs) == 0 {
		return b.askTopic(r), nil
	}
	_, err = b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		c.NextEdition, c.Asked = r.now, true
		return nil
	})
	return answer{silent: true}, err
}

// pause stops everything that is sent to the chat, also what waits already.
func (b *Bot) pause(ctx context.Context, r *request) (answer, error) {
	_, err := b.shelf.PauseTelegramChat(ctx, r.chat.Telegram, &r.chat.Thread, PausedByReader, r.now)
	return r.pausedCard(), err
}

func (r *request) pausedCard() answer {
	var keys keyboard
	keys.row(r.say.Plain("button_resume", nil), "resume:")
	return answer{text: r.say.Say("paused", nil), keyboard: keys.rows}
}

// resume goes on with the schedule. What was missed comes as one edition when
// a slot passed meanwhile.
func (b *Bot) resume(ctx context.Context, r *request) (answer, error) {
	c, err := b.wake(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	r.chat = c
	key := "resumed"
	if c.Schedule.Off() {
		key = "resumed_off"
	}
	return answer{text: r.say.Say(key, Values{"Schedule": r.scheduleWords(c.Schedule), "Slots": r.nextSlots()})}, nil
}
