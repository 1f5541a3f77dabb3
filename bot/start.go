package bot

import (
	"context"
	"errors"
	"strings"

	"tidings/bot/telegram"
	"tidings/digest"
)

// suggestions are the topics that /start offers; their labels stand in the
// catalog as suggest_<name>, their words in topic_<name>.
var suggestions = []string{"world", "technology", "science", "business", "climate", "sport"}

// start greets: topic, time, zone in three taps. A chat that follows something
// already is welcomed back; a deep link follows its topic.
func (b *Bot) start(ctx context.Context, r *request) (answer, error) {
	if err := b.leaveHelm(ctx, r); err != nil {
		return answer{}, err
	}
	if r.chat.Paused != "" {
		c, err := b.wake(ctx, r.chat.ID)
		if err != nil {
			return answer{}, err
		}
		r.chat = c
	}
	if r.chat.Thread == 0 && (r.operator || r.group() || r.chat.Language != r.client) {
		r.tuneMenu(r.chat.Language) // if it is not so: an older version set it, or it went wrong
	}
	if words, ok := strings.CutPrefix(r.args, "t_"); ok {
		r.args = strings.ReplaceAll(words, "_", " ")
		return b.subscribe(ctx, r)
	}
	followed, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	if len(followed) > 0 {
		return b.welcomeBack(r, len(followed)), nil
	}
	if r.group() { // where plain words are not for us
		return b.groupHello(r), nil
	}
	return answer{text: r.say.Say("start", nil), keyboard: r.suggest("follow:1:")}, nil
}

// suggest is a button for each topic that is suggested.
func (r *request) suggest(verb string) [][]telegram.Button {
	var keys keyboard
	for _, s := range suggestions {
		keys.add(2, r.say.Plain("suggest_"+s, nil), verb+r.say.Plain("topic_"+s, nil))
	}
	return keys.rows
}

func (b *Bot) welcomeBack(r *request, topics int) answer {
	keys := keyboard{}
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{
		text: r.say.Say("start_back", Values{
			"Count":    topics,
			"Schedule": r.scheduleWords(r.chat.Schedule),
			"Zone":     r.zoneAside(),
		}),
		keyboard: keys.rows,
	}
}

// pressFollow follows the topic of the button ("1:<topic>" in the flow of
// /start, "2:<topic>" for what finds the same as another, "0:<topic>" elsewhere). A topic too long for a button's 64 bytes
// stands in the message above it.
func (b *Bot) pressFollow(ctx context.Context, r *request) (answer, error) {
	step, words, _ := strings.Cut(r.args, ":")
	words = topicOf(words, r.under)
	if topics, wrong := digest.ParseTopics(words); len(topics)+len(wrong) > 1 {
		return b.followSeveral(ctx, r, topics, wrong)
	}
	topic, err := digest.ParseTopic(words)
	if err != nil {
		return answer{text: r.topicError(err)}, nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	if same, ok := r.sameTopic(topic, subs); ok && step != "2" {
		return r.offerSame(topic, same), nil
	}
	f, err := b.follow(ctx, r, topic)
	if err != nil || f.refused != nil {
		return answer{text: f.refusal()}, err
	}
	if f.first, err = b.firstEdition(ctx, r); err != nil {
		return answer{}, err
	}
	if f.known { // a second press says what the first said
		f.text = r.followedText(f.sub, true, f.found)
	}
	if step != "1" || r.chat.ZoneSet || !r.chat.LastEdition.IsZero() {
		return f.answer(r), nil
	}
	keys := keyboard{}
	for _, t := range []string{"07:00", "08:00", "12:00", "18:00", "20:00", "22:00"} {
		keys.add(3, t, "time:"+t)
	}
	return answer{text: r.say.Say("start_time", Values{"Topic": topic.Label}), keyboard: keys.rows}, nil
}

// pressFirstTime takes the time in the flow of /start and asks for the zone.
func (b *Bot) pressFirstTime(ctx context.Context, r *request) (answer, error) {
	s, err := ParseSchedule(r.args)
	if err != nil {
		return answer{text: r.scheduleFault(err)}, nil
	}
	if r.chat, err = b.setSchedule(ctx, r, s); err != nil {
		return answer{}, err
	}
	var keys keyboard
	for _, z := range r.likelyZones() {
		keys.add(2, r.zoneLabel(z), "zone:"+z)
	}
	return answer{
		text:     r.say.Say("start_zone", Values{"Schedule": r.scheduleWords(s), "Zone": r.zoneName()}),
		keyboard: keys.rows,
	}, nil
}

// pressFirstZone takes the zone and ends the flow of /start.
func (b *Bot) pressFirstZone(ctx context.Context, r *request) (answer, error) {
	c, err := b.setZone(ctx, r, r.args)
	if errors.Is(err, errNoZone) {
		return r.unknownZone(r.args, nil), nil
	}
	if err != nil {
		return answer{}, err
	}
	r.chat = c
	keys := keyboard{}
	keys.row(r.say.Plain("button_topics", nil), "topics:")
	return answer{
		text:     r.say.Say("start_done", Values{"Schedule": r.scheduleWords(c.Schedule), "Zone": r.zoneAside(), "Languages": r.languagesWords(), "Slots": r.nextSlots()}),
		keyboard: keys.rows,
	}, nil
}

// maxCallbackData is how many bytes Telegram lets a button carry.
const maxCallbackData = 64

// keyboard builds the rows under a message. Buttons whose data would pass
// Telegram's 64 bytes are the caller's mistake and are left out.
type keyboard struct{ rows [][]telegram.Button }

// row begins a new row with one button.
func (k *keyboard) row(text, data string) {
	if len(data) <= maxCallbackData {
		k.rows = append(k.rows, []telegram.Button{{Text: text, Data: data}})
	}
}

// add puts a button into the last row while it holds fewer than width.
func (k *keyboard) add(width int, text, data string) {
	if n := len(k.rows); n > 0 && len(k.rows[n-1]) < width && len(data) <= maxCallbackData {
		k.rows[n-1] = append(k.rows[n-1], telegram.Button{Text: text, Data: data})
		return
	}
	k.row(text, data)
}

// topicOf is the topic that a button stands for: the words in its data, or,
// when they did not fit, the words marked as code in the message above it.
func topicOf(words string, under *telegram.Incoming) string {
	if words != "" || under == nil {
		return words
	}
	for _, e := range under.Entities {
		if s, ok := under.EntityText(e); ok && e.Type == "code" {
			return s
		}
	}
	return ""
}

// topicData is the inverse of topicOf: data for a button, with the words if
// they fit. Its message must show them as code otherwise.
func topicData(verb, words string) string {
	if data := verb + words; len(data) <= maxCallbackData {
		return data
	}
	return verb
}
