package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

// largestImport is the largest file that is read: ten thousand entries fit.
const largestImport = 4 << 20

// Imported is what came of a list.
type Imported struct {
	Topics, Sources Taken
}

// Taken counts what of one kind was taken.
type Taken struct{ Added, Known, Left int }

// Count notes what following one came to; ErrLimit is no error, but leaves it
// out.
func (t *Taken) Count(fresh bool, err error) error {
	switch {
	case errors.Is(err, digest.ErrLimit):
		t.Left++
	case err != nil:
		return err
	case fresh:
		t.Added++
	default:
		t.Known++
	}
	return nil
}

// outlineShelf is what importing and exporting ask of storage.
type outlineShelf interface {
	Import(ctx context.Context, id ChatID, o digest.Outlines, now time.Time) (Imported, error)
	Everything(ctx context.Context, id ChatID) (map[string][]map[string]any, error)
}

// importAsk asks for a file, unless it came with the command.
func (b *Bot) importAsk(ctx context.Context, r *request) (answer, error) {
	if r.given != nil && r.given.Document != nil {
		return b.importFile(ctx, r)
	}
	if r.given != nil && r.given.ReplyToMessage != nil && r.given.ReplyToMessage.Document != nil {
		r.given = r.given.ReplyToMessage
		return b.importFile(ctx, r)
	}
	key := "import_ask"
	if r.group() {
		key = "import_ask_group"
	}
	return b.ask(ctx, r, expectImport, key)
}

// importFile takes sources and topics from the file that was sent.
func (b *Bot) importFile(ctx context.Context, r *request) (answer, error) {
	f := *r.given.Document
	if f.Size > largestImport {
		return answer{text: r.say.Say("import_error_large", nil)}, nil
	}
	return b.promise(ctx, r, r.say.Say("import_reading", nil), func(ctx context.Context) (answer, error) {
		data, err := b.call.Download(ctx, f.FileID, largestImport)
		if errors.Is(err, telegram.ErrTooLong) {
			return answer{text: r.say.Say("import_error_large", nil)}, nil
		}
		if err != nil {
			return answer{}, err
		}
		list, err := digest.ReadOutlines(data)
		var why *digest.OutlineError
		if errors.As(err, &why) {
			return answer{text: r.say.Say("import_error_"+string(why.Kind), nil)}, nil
		}
		if err != nil {
			return answer{}, err
		}
		all := len(list.Sources)
		list.Sources = slices.DeleteFunc(list.Sources, func(s digest.OutlinedSource) bool { return b.scout.Private(s.Source.Address) })
		done, err := b.shelf.Import(ctx, r.chat.ID, list, b.options.Now())
		if err != nil {
			return answer{}, err
		}
		return b.imported(ctx, r, done, list, all-len(list.Sources))
	})
}

// imported tells what was taken of a list, and what was not and why; private is
// how many sources lie where nobody goes.
func (b *Bot) imported(ctx context.Context, r *request, done Imported, list digest.Outlines, private int) (answer, error) {
	var lines []telegram.Text
	say := func(key string, n int, v Values) {
		if n > 0 {
			v["Count"] = n
			lines = append(lines, r.say.Say(key, v))
		}
	}
	say("import_sources", done.Sources.Added, Values{})
	say("import_topics", done.Topics.Added, Values{})
	say("import_known", done.Sources.Known+done.Topics.Known, Values{})
	say("import_sources_left", done.Sources.Left, Values{"Limit": MaxSources})
	say("import_topics_left", done.Topics.Left, Values{"Limit": MaxTopics})
	say("import_private", private, Values{})
	say("import_refused", list.Refused, Values{})
	if list.Broken {
		lines = append(lines, r.say.Say("import_broken", nil))
	}
	var unseen telegram.Text // nobody has looked at what a list names
	if done.Sources.Added > 0 {
		unseen = r.say.Say("import_unseen", nil)
	}
	title := "import_done"
	if done.Sources.Added+done.Topics.Added == 0 {
		title = "import_nothing"
	} else if err := b.ensureSlot(ctx, r); err != nil {
		return answer{}, err
	}
	var topics []digest.Topic
	for _, t := range list.Topics {
		topics = append(topics, t.Topic)
	}
	wider, err := b.readFor(ctx, r, topics...)
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	keys.add(2, r.say.Plain("button_sources", nil), "sources:")
	keys.add(2, r.say.Plain("button_topics", nil), "topics:")
	taken := join("\n", append([]telegram.Text{r.say.Say(title, nil)}, lines...)...)
	return answer{text: join("\n\n", taken, unseen, wider), keyboard: keys.rows}, nil
}

// export sends two files: the chat's sources and topics as OPML, and everything
// that is stored about it as JSON.
func (b *Bot) export(ctx context.Context, r *request) (answer, error) {
	return b.promise(ctx, r, r.say.Say("export_writing", nil), func(ctx context.Context) (answer, error) {
		files, err := b.exportFiles(ctx, r)
		if err != nil {
			return answer{}, err
		}
		for _, f := range files {
			m := telegram.NewMessage(f.caption)
			m.File = &f.file
			if err := b.send(ctx, r.here, m); err != nil {
				return answer{}, err
			}
		}
		return answer{text: r.say.Say("export_done", nil)}, nil
	})
}

type exported struct {
	file    telegram.File
	caption telegram.Text
}

func (b *Bot) exportFiles(ctx context.Context, r *request) ([]exported, error) {
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return nil, err
	}
	l, err := b.sourceList(ctx, r)
	if err != nil {
		return nil, err
	}
	everything, err := b.shelf.Everything(ctx, r.chat.ID)
	if err != nil {
		return nil, err
	}
	var opml bytes.Buffer
	if err := digest.WriteOutlines(&opml, "Tidings", outlinesOf(l.own, subs)); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(everything, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write what is stored about chat %d: %w", r.chat.ID, err)
	}
	day := r.now.In(r.chat.Location()).Format("2006-01-02")
	return []exported{
		{telegram.File{Name: "tidings-" + day + ".opml", Data: opml.Bytes()}, r.say.Say("export_opml", nil)},
		{telegram.File{Name: "tidings-" + day + ".json", Data: data}, r.say.Say("export_json", nil)},
	}, nil
}

func outlinesOf(own []ChatSource, subs []Subscription) (o digest.Outlines) {
	for _, s := range own {
		o.Sources = append(o.Sources, digest.OutlinedSource{Source: s.Source, Muted: s.Muted})
	}
	for _, s := range subs {
		o.Topics = append(o.Topics, digest.OutlinedTopic{Topic: digest.Topic{Text: s.Text, Label: s.Label}, Breadth: s.Breadth, Muted: s.Muted, Alerts: s.Alerts})
	}
	return o
}
