package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tidings/bot/telegram"
	"tidings/digest"
)

// A ChatSource is a source with what one chat thinks of it.
type ChatSource struct {
	digest.Source
	Followed  bool // its stories come in the chat's editions under its name
	Muted     bool // by itself
	PackMuted bool // with its pack
}

// Ears are whom a chat hears beside the listed sources, and whom it does not.
type Ears struct {
	Own   []digest.SourceID // followed and not muted, in the order added
	Muted digest.Muted
}

// sourceShelf is what the handlers remember about sources.
type sourceShelf interface {
	ChatSources(ctx context.Context, id ChatID) ([]ChatSource, error)
	FollowSource(ctx context.Context, id ChatID, s digest.Source, now time.Time) (ChatSource, bool, error)
	UnfollowSource(ctx context.Context, id ChatID, s digest.SourceID) (ChatSource, error)
	MuteSource(ctx context.Context, id ChatID, s digest.SourceID, muted bool) error
	MutePack(ctx context.Context, id ChatID, p digest.Pack, muted bool) error
	SourceAt(ctx context.Context, address string, samples int) (digest.Prospect, error)

	Ears(ctx context.Context, id ChatID) (Ears, error)
	Told(ctx context.Context, id ChatID, since time.Time, each int) ([]digest.FollowedSource, error)
	Twins(ctx context.Context, own []digest.SourceID) (map[digest.StoryID][]digest.StoryID, error)
	Heard(ctx context.Context, muted digest.Muted, stories []digest.StoryID) (map[digest.StoryID]bool, error)
}

// A scout looks at addresses that readers name.
type scout interface {
	Look(ctx context.Context, address string, samples int) ([]digest.Prospect, error)
	Private(address string) bool
}

// source follows the source at an address, or asks for one.
func (b *Bot) source(ctx context.Context, r *request) (answer, error) {
	typed := strings.TrimSpace(r.args)
	if first, rest, _ := strings.Cut(typed, " "); strings.EqualFold(first, "add") {
		typed = strings.TrimSpace(rest) // "/source add example.org" means the same
	}
	if typed == "" {
		return b.askSource(ctx, r)
	}
	return b.addSource(ctx, r, typed)
}

// askSource asks for an address; the chat's next message is it.
func (b *Bot) askSource(ctx context.Context, r *request) (answer, error) {
	key := "source_ask"
	if r.group() {
		key = "source_ask_group"
	}
	return b.ask(ctx, r, expectSource, key)
}

// addSource follows the source at a typed address: at once when it is known,
// else after a look at it.
func (b *Bot) addSource(ctx context.Context, r *request, typed string) (answer, error) {
	address, err := digest.SourceAddress(typed, r.chat.Language)
	if err != nil {
		return answer{text: r.sourceError(err, typed)}, nil
	}
	known, err := b.shelf.SourceAt(ctx, address, samples)
	switch {
	case err == nil:
		return b.followSource(ctx, r, known)
	case !errors.Is(err, digest.ErrNotFound):
		return answer{}, err
	}
	host := digest.SourceLabel(address)
	return b.promise(ctx, r, r.say.Say("source_looking", Values{"Host": host}), func(ctx context.Context) (answer, error) {
		found, err := b.look(ctx, address, digest.PlainAddress(typed))
		var why *digest.SourceError
		switch {
		case errors.As(err, &why):
			return answer{text: r.sourceError(err, host)}, nil
		case err != nil:
			return answer{}, err
		case len(found) > 1:
			return r.sourceChoice(host, found), nil
		}
		return b.followSource(ctx, r, found[0])
	})
}

// pastedAddress says whether a text is an address of the web and nothing else.
// A bare name such as node.js may well be a topic.
func pastedAddress(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return !strings.ContainsFunc(text, unicode.IsSpace) &&
		(strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "www."))
}

// offerSource asks whether a pasted address is to be a source: its words would
// be no topic.
func (b *Bot) offerSource(ctx context.Context, r *request) (answer, error) {
	address, err := digest.SourceAddress(r.args, r.chat.Language)
	if err != nil {
		return answer{text: r.sourceError(err, strings.TrimSpace(r.args))}, nil
	}
	var link telegram.Builder
	link.Link(isolate(tidy(digest.SourceLabel(address), maxOutlet)), address)
	var keys keyboard
	keys.row(r.say.Plain("button_add_site", nil), "feed:1")
	return answer{text: r.say.Say("source_offer", Values{"Host": link.Text()}), keyboard: keys.rows}, nil
}

// look looks at an address, and by http when its site has no https and nobody
// asked for that.
func (b *Bot) look(ctx context.Context, address, plain string) ([]digest.Prospect, error) {
	found, err := b.scout.Look(ctx, address, samples)
	var why *digest.SourceError
	if plain == "" || !errors.As(err, &why) || why.Kind != digest.SourceUnreachable {
		return found, err
	}
	found, plainErr := b.scout.Look(ctx, plain, samples)
	if plainErr == nil || errors.As(plainErr, &why) && why.Kind != digest.SourceUnreachable {
		return found, plainErr // what answers tells more than what does not
	}
	return nil, err
}

// pressFeed follows one of the feeds that the message lists: its n-th link.
func (b *Bot) pressFeed(ctx context.Context, r *request) (answer, error) {
	n, err := strconv.Atoi(r.args)
	if address := r.linkUnder(n); err == nil && address != "" {
		return b.addSource(ctx, r, address)
	}
	return answer{text: r.say.Say("source_stale", nil)}, nil
}

// linkUnder is the n-th link of the message that holds the pressed button, from
// 1. While a channel is steered the channel's own link stands before them.
func (r *request) linkUnder(n int) string {
	if r.under == nil {
		return ""
	}
	if r.steering() {
		n++
	}
	for _, e := range r.under.Entities {
		if e.Type != "text_link" {
			continue
		}
		if n--; n == 0 {
			return e.URL
		}
	}
	return ""
}

// sourceChoice lists the feeds of a site, each linked so that its button finds
// it.
func (r *request) sourceChoice(host string, found []digest.Prospect) answer {
	var t telegram.Builder
	var keys keyboard
	t.Append(r.say.Say("source_choice", Values{"Host": host, "Count": len(found)}))
	for i, p := range found {
		name := tidy(p.Source.Name, maxOutlet)
		t.Plain("\n" + strconv.Itoa(i+1) + ". ")
		t.Link(isolate(name), p.Source.Address)
		if len(p.Headlines) > 0 {
			t.Plain("\n   " + isolate(tidy(p.Headlines[0].Title, maxHeadline/2)))
		}
		keys.row(strconv.Itoa(i+1)+" · "+name, "feed:"+strconv.Itoa(i+1))
	}
	return answer{text: t.Text(), keyboard: keys.rows}
}

// followSource follows a source and shows its newest headlines with [Undo].
func (b *Bot) followSource(ctx context.Context, r *request, p digest.Prospect) (answer, error) {
	s, fresh, err := b.shelf.FollowSource(ctx, r.chat.ID, p.Source, b.options.Now())
	if errors.Is(err, digest.ErrLimit) {
		return answer{text: r.say.Say("source_full", Values{"Limit": MaxSources})}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if err := b.ensureSlot(ctx, r); err != nil {
		return answer{}, err
	}
	key := "source_followed"
	if !fresh {
		key = "source_followed_already"
	}
	var t telegram.Builder
	t.Append(r.say.Say(key, Values{"Source": r.sourceName(s.Source)}))
	told := "source_newest"
	if len(p.Headlines) == 0 {
		told = "source_silent"
	}
	t.Plain(" ").Append(r.say.Say(told, nil))
	for _, h := range p.Headlines {
		t.Plain("\n• ")
		link(&t, tidy(h.Title, maxHeadline), h.Address)
	}
	var keys keyboard
	if fresh {
		keys.add(2, r.say.Plain("button_undo", nil), "unsource:"+id36(s.ID))
	}
	keys.add(2, r.say.Plain("button_sources", nil), "sources:")
	return answer{text: t.Text(), keyboard: keys.rows}, nil
}

// ensureSlot gives a chat that had none ahead its next edition.
func (b *Bot) ensureSlot(ctx context.Context, r *request) error {
	_, err := b.shelf.ChangeChat(ctx, r.chat.ID, func(c *Chat) error {
		if c.NextEdition.IsZero() {
			c.NextEdition = c.edition(r.now)
		}
		return nil
	})
	return err
}

// sourceName is the name of a source, linked to what is fetched, so that a
// button under it finds the source again when it is gone from the shelf.
func (r *request) sourceName(s digest.Source) telegram.Text {
	var t telegram.Builder
	return t.Link(isolate(r.outletName(s)), s.Address).Text()
}

// mutedSources lists what is muted by itself, which in its pack would be hard to find.
func (r *request) mutedSources(muted []ChatSource, page string) answer {
	key := "sources_muted"
	if len(muted) == 0 {
		key = "sources_muted_none"
	}
	text, keys := r.page(r.say.Say(key, nil), muted, page, "sources:muted:")
	keys.row(r.say.Plain("button_back", nil), "sources:")
	return answer{text: text, keyboard: keys.rows}
}

func (r *request) outletName(s digest.Source) string {
	return renderer{Phrases: r.say}.outlet(s.Name, digest.SourceLabel(s.Address))
}

// failingFirst are the sources with those first that cannot be read.
func (r *request) failingFirst(all []ChatSource) []ChatSource {
	all = slices.Clone(all)
	fails := func(s ChatSource) int {
		if h := s.Health(r.now); h == digest.Failing || h == digest.Gone || h == digest.Aside {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b ChatSource) int { return cmp.Compare(fails(a), fails(b)) })
	return all
}

// outletNames are what sources are called in one list: those of one name with their hosts,
// or with their addresses where these are the same, too.
func (r *request) outletNames(all []ChatSource) []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = r.outletName(s.Source)
	}
	for _, where := range []func(digest.Source) string{
		func(s digest.Source) string { return digest.SourceLabel(s.Address) },
		func(s digest.Source) string {
			_, place, _ := strings.Cut(s.Address, "://")
			return place
		},
	} {
		count := map[string]int{}
		for _, name := range names {
			count[name]++
		}
		for i, s := range all {
			if count[names[i]] > 1 {
				names[i] = r.outletName(s.Source) + " (" + tidy(where(s.Source), maxOutlet) + ")"
			}
		}
	}
	return names
}

// pressUnsource follows a source no more. A second press says the same again.
func (b *Bot) pressUnsource(ctx context.Context, r *request) (answer, error) {
	id, ok := readID36(r.args)
	s, err := b.shelf.UnfollowSource(ctx, r.chat.ID, id)
	if errors.Is(err, digest.ErrNotFound) || !ok {
		if s.Address = r.linkUnder(1); s.Address == "" {
			return answer{text: r.say.Say("source_stale", nil)}, nil
		}
		err = nil
	}
	if err != nil {
		return answer{}, err
	}
	var keys keyboard
	keys.add(2, r.say.Plain("button_undo", nil), "feed:1")
	keys.add(2, r.say.Plain("button_sources", nil), "sources:")
	return answer{text: r.say.Say("source_removed", Values{"Source": r.sourceName(s.Source)}), keyboard: keys.rows}, nil
}

// sourceError says why a source cannot be followed.
func (r *request) sourceError(err error, host string) telegram.Text {
	var e *digest.SourceError
	if !errors.As(err, &e) {
		return r.say.Say("went_wrong", nil)
	}
	v := Values{"Host": isolate(tidy(host, maxOutlet))}
	if e.Kind == digest.SourceFailed {
		v["Reason"] = r.say.fault(digest.Source{Fault: digest.FaultOf(e.Err), Status: digest.StatusOf(e.Err)})
	}
	return r.say.Say("source_error_"+string(e.Kind), v)
}

func id36[T ~int64](id T) string { return strconv.FormatInt(int64(id), 36) }

func readID36(s string) (digest.SourceID, bool) {
	id, err := strconv.ParseInt(s, 36, 64)
	return digest.SourceID(id), err == nil
}
