package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tidings/bot/telegram"
	"tidings/digest"
)

// listedPerPage is how many sources stand in one list.
const listedPerPage = 8

// A sourceList is all that may feed a chat.
type sourceList struct {
	own   []ChatSource
	muted []ChatSource // by themselves
	packs []pack
}

// A pack is listed sources as a chat has them.
type pack struct {
	digest.Pack
	muted   bool
	sources []ChatSource
}

func (b *Bot) sourceList(ctx context.Context, r *request) (l sourceList, err error) {
	all, err := b.shelf.ChatSources(ctx, r.chat.ID)
	if err != nil {
		return l, err
	}
	at := map[digest.Pack]int{}
	for _, s := range all {
		if s.Followed {
			l.own = append(l.own, s)
		}
		if s.Muted {
			l.muted = append(l.muted, s)
		}
		if !s.Listed {
			continue
		}
		i, ok := at[s.Pack()]
		if !ok {
			i = len(l.packs)
			at[s.Pack()] = i
			l.packs = append(l.packs, pack{Pack: s.Pack()})
		}
		l.packs[i].sources = append(l.packs[i].sources, s)
		l.packs[i].muted = l.packs[i].muted || s.PackMuted
	}
	slices.SortStableFunc(l.packs, func(a, b pack) int { return comparePacks(a.Pack, b.Pack) })
	return l, nil
}

// packsIn are the packs of a language.
func (l sourceList) packsIn(language string) (packs []pack) {
	for _, p := range l.packs {
		if p.Language == language {
			packs = append(packs, p)
		}
	}
	return packs
}

// languages are those of the packs, in order.
func (l sourceList) languages() (all []string) {
	for _, p := range l.packs {
		if !slices.Contains(all, p.Language) {
			all = append(all, p.Language)
		}
	}
	return all
}

// shownAnyway is how many languages of packs are shown when none is the chat's own.
const shownAnyway = 3

// shown are the languages whose packs /sources shows at once: of the chat's own those that
// have any, and what an operator's list names no language of, which is everybody's. When
// there is none the list's first ones: what feeds the chat is not hidden.
func (l sourceList) shown(own []string) []string {
	all := l.languages()
	shown := slices.DeleteFunc(append(slices.Clone(own), ""), func(lang string) bool { return !slices.Contains(all, lang) })
	if len(shown) == 0 {
		return all[:min(len(all), shownAnyway)]
	}
	return shown
}

// sources shows what feeds the chat: an overview, its own sources, or packs of a
// language.
func (b *Bot) sources(ctx context.Context, r *request) (answer, error) {
	l, err := b.sourceList(ctx, r)
	if err != nil {
		return answer{}, err
	}
	what, rest, _ := strings.Cut(r.args, ":")
	switch {
	case r.under == nil: // what is written after the command says nothing
	case what == "own":
		return r.ownSources(l.own, rest), nil
	case what == "muted":
		return r.mutedSources(l.muted, rest), nil
	case what == "lang":
		return r.packsOf(l, rest, false), nil
	case what == "by":
		return r.packsOf(l, rest, true), nil
	case what == "others":
		return r.otherLanguages(l), nil
	}
	subs, err := b.shelf.Subscriptions(ctx, r.chat.ID)
	if err != nil {
		return answer{}, err
	}
	own := l.shown(ownLanguages(r.chat, subs))
	return r.overview(l, own, l.nearest(own, subs)), nil
}

// overview shows the packs nearest to the chat's topics first, then those of its
// own languages.
func (r *request) overview(l sourceList, own []string, nearest []pack) answer {
	var t telegram.Builder
	var keys keyboard
	t.Append(r.say.Say("sources_title", nil)).Plain("\n\n")
	t.Append(r.ownLine(l.own, true))
	if len(l.own) > 0 {
		keys.row(r.say.Plain("button_own_sources", Values{"Count": len(l.own)}), "sources:own:0")
	}
	if len(nearest) > 0 {
		names := make([]string, len(nearest))
		for i, p := range nearest {
			names[i] = r.packName(p.Pack)
			keys.add(2, r.packLabel(p, names[i]), "pack:"+p.key()+":0")
		}
		t.Plain("\n").Append(r.say.Say("sources_nearest", Values{"Packs": strings.Join(names, ", ")}))
	}
	for i, lang := range own {
		packs := l.packsIn(lang)
		t.Plain("\n").Append(r.packsLine(lang, packs))
		if i == 0 {
			r.packKeys(&keys, packs)
		} else {
			keys.row(r.say.Plain("button_packs_in", Values{"Language": r.languageName(lang), "Count": len(packs)}), "sources:lang:"+lang)
		}
	}
	others := 0
	for _, lang := range l.languages() {
		if !slices.Contains(own, lang) {
			others++
		}
	}
	if others > 0 {
		key := "sources_others"
		if r.chat.StoryLanguages != "" {
			key = "sources_others_unread"
		}
		t.Plain("\n\n").Append(r.say.Say(key, Values{"Count": others}))
		keys.row(r.say.Plain("button_other_languages", nil), "sources:others")
	}
	if len(l.muted) > 0 {
		keys.row(r.say.Plain("button_muted_sources", Values{"Count": len(l.muted)}), "sources:muted:0")
	}
	keys.row(r.say.Plain("button_add_source", nil), "newsource:")
	return answer{text: t.Text(), keyboard: keys.rows}
}

// ownLine counts the chat's own sources, by their health if wanted.
func (r *request) ownLine(own []ChatSource, health bool) telegram.Text {
	counts := ""
	if health && len(own) > 0 {
		counts = " " + r.healthCounts(r.healthsOf(own))
	}
	return r.say.Say("sources_own", Values{"Count": len(own), "Limit": MaxSources, "Health": counts})
}

// fewCountries are as many as stand among the other packs of a language; more
// stand behind a button.
const fewCountries = 2

// packKeys are buttons of packs of one language: those of countries stand behind
// one of them when they are many.
func (r *request) packKeys(keys *keyboard, packs []pack) {
	national := 0
	for _, p := range packs {
		if p.Subject == digest.National {
			national++
		}
	}
	first := true
	add := func(label, data string) {
		if first {
			keys.row(label, data)
		} else {
			keys.add(2, label, data)
		}
		first = false
	}
	for _, p := range packs {
		if p.Subject != digest.National || national <= fewCountries {
			add(r.packLabel(p, r.shortPackName(p.Pack)), "pack:"+p.key()+":0")
		}
	}
	if national > fewCountries {
		add(r.say.Plain("button_by_country", Values{"Count": national}), "sources:by:"+packs[0].Language)
	}
}

// packLabel is a pack's name on a button.
func (r *request) packLabel(p pack, name string) string {
	if p.muted {
		return r.say.Plain("muted_label", Values{"Topic": name})
	}
	return name
}

// packsOf shows the packs of a language, or those of its countries alone.
func (r *request) packsOf(l sourceList, lang string, national bool) answer {
	packs := l.packsIn(lang)
	var keys keyboard
	if !national {
		r.packKeys(&keys, packs)
		keys.row(r.say.Plain("button_back", nil), "sources:")
		return answer{text: r.packsLine(lang, packs), keyboard: keys.rows}
	}
	packs = slices.DeleteFunc(packs, func(p pack) bool { return p.Subject != digest.National })
	slices.SortStableFunc(packs, func(a, b pack) int {
		return strings.Compare(r.shortPackName(a.Pack), r.shortPackName(b.Pack))
	})
	for i, p := range packs {
		label := r.packLabel(p, r.shortPackName(p.Pack))
		if i == 0 {
			keys.row(label, "pack:"+p.key()+":0")
		} else {
			keys.add(3, label, "pack:"+p.key()+":0")
		}
	}
	keys.row(r.say.Plain("button_back", nil), "sources:lang:"+lang)
	return answer{text: r.packsLine(lang, packs), keyboard: keys.rows}
}

// packsLine is "English: 10 packs, 144 sources (140 fine, 4 failing)." Muted
// packs feed nobody and are counted by themselves.
func (r *request) packsLine(lang string, packs []pack) telegram.Text {
	var all []ChatSource
	muted := 0
	for _, p := range packs {
		if p.muted {
			muted++
			continue
		}
		all = append(all, p.sources...)
	}
	key := "sources_packs"
	switch {
	case muted > 0 && muted == len(packs):
		key = "sources_packs_all_muted"
	case muted > 0:
		key = "sources_packs_muted"
	}
	return r.say.Say(key, Values{
		"Muted":    muted,
		"Language": r.languageName(lang),
		"Packs":    r.say.Plain("sources_packs_count", Values{"Count": len(packs)}),
		"Sources":  r.say.Plain("edition_sources", Values{"Count": len(all)}),
		"Health":   r.healthCounts(r.healthsOf(all)),
	})
}

func (r *request) otherLanguages(l sourceList) answer {
	var keys keyboard
	for i, lang := range l.languages() {
		label := r.say.Plain("button_packs_in", Values{"Language": r.languageName(lang), "Count": len(l.packsIn(lang))})
		if i == 0 {
			keys.row(label, "sources:lang:"+lang)
		} else {
			keys.add(3, label, "sources:lang:"+lang)
		}
	}
	keys.row(r.say.Plain("button_back", nil), "sources:")
	return answer{text: r.say.Say("sources_languages", nil), keyboard: keys.rows}
}

func (r *request) ownSources(own []ChatSource, page string) answer {
	if len(own) == 0 {
		var keys keyboard
		keys.row(r.say.Plain("button_add_source", nil), "newsource:")
		keys.row(r.say.Plain("button_back", nil), "sources:")
		return answer{text: r.ownLine(own, false), keyboard: keys.rows}
	}
	text, keys := r.page(r.ownLine(own, false), own, page, "sources:own:")
	keys.row(r.say.Plain("button_add_source", nil), "newsource:")
	keys.row(r.say.Plain("button_back", nil), "sources:")
	return answer{text: text, keyboard: keys.rows}
}

// page lists some of the sources with their health and a button each. The verb
// turns pages.
func (r *request) page(title telegram.Text, all []ChatSource, page, verb string) (telegram.Text, keyboard) {
	n, err := strconv.Atoi(page)
	if err != nil || n < 0 || n*listedPerPage >= len(all) {
		n = 0
	}
	var t telegram.Builder
	var keys keyboard
	t.Append(title).Plain("\n")
	all = r.failingFirst(all)
	names := r.outletNames(all)
	for i := n * listedPerPage; i < min(len(all), (n+1)*listedPerPage); i++ {
		s, name := all[i], names[i]
		t.Plain("\n• ")
		link(&t, isolate(name), cmp.Or(s.Home, s.Address))
		t.Plain(" – " + r.health(s.Source))
		if s.Muted || s.PackMuted {
			name = r.say.Plain("muted_label", Values{"Topic": name})
		}
		keys.add(2, name, "source:"+id36(s.ID))
	}
	if n > 0 {
		keys.row(r.say.Plain("button_newer", nil), verb+strconv.Itoa(n-1))
	}
	if (n+1)*listedPerPage < len(all) {
		if n > 0 {
			keys.add(2, r.say.Plain("button_more", nil), verb+strconv.Itoa(n+1))
		} else {
			keys.row(r.say.Plain("button_more", nil), verb+strconv.Itoa(n+1))
		}
	}
	return t.Text(), keys
}

// pressPack shows the sources of a pack.
func (b *Bot) pressPack(ctx context.Context, r *request) (answer, error) {
	key, page, _ := strings.Cut(r.args, ":")
	l, err := b.sourceList(ctx, r)
	if err != nil {
		return answer{}, err
	}
	for _, p := range l.packs {
		if p.key() == key {
			return r.packCard(p, page), nil
		}
	}
	return answer{text: r.say.Say("source_stale", nil)}, nil
}

func (r *request) packCard(p pack, page string) answer {
	title, mute, verb := "pack_title", "button_mute_pack", "packmute:"
	if p.muted {
		title, mute, verb = "pack_title_muted", "button_unmute_pack", "packunmute:"
	}
	text := r.say.Say(title, Values{"Pack": r.packName(p.Pack), "Sources": r.say.Plain("edition_sources", Values{"Count": len(p.sources)}), "Health": r.healthCounts(r.healthsOf(p.sources))})
	text, keys := r.page(text, p.sources, page, "pack:"+p.key()+":")
	keys.row(r.say.Plain(mute, nil), verb+p.key())
	back := "sources:lang:" + p.Language
	if p.Subject == digest.National {
		back = "sources:by:" + p.Language
	}
	keys.row(r.say.Plain("button_back", nil), back)
	return answer{text: text, keyboard: keys.rows}
}

func (b *Bot) pressMutePack(ctx context.Context, r *request) (answer, error) {
	return b.setPackMuted(ctx, r, true)
}

func (b *Bot) pressUnmutePack(ctx context.Context, r *request) (answer, error) {
	return b.setPackMuted(ctx, r, false)
}

func (b *Bot) setPackMuted(ctx context.Context, r *request, muted bool) (answer, error) {
	l, err := b.sourceList(ctx, r)
	if err != nil {
		return answer{}, err
	}
	for _, p := range l.packs {
		if p.key() == r.args {
			p.muted = muted
			for i := range p.sources {
				p.sources[i].PackMuted = muted
			}
			return r.packCard(p, ""), b.shelf.MutePack(ctx, r.chat.ID, p.Pack, muted)
		}
	}
	return answer{text: r.say.Say("source_stale", nil)}, nil
}

// pressSource shows one source with what can be done to it.
func (b *Bot) pressSource(ctx context.Context, r *request) (answer, error) {
	s, ok, err := b.pressedSource(ctx, r)
	if err != nil || !ok {
		return answer{text: r.say.Say("source_stale", nil)}, err
	}
	return r.sourceCard(s), nil
}

// pressedSource finds the source whose id the button holds, among those listed
// and those that the chat follows: a forged id of another chat finds nothing.
func (b *Bot) pressedSource(ctx context.Context, r *request) (ChatSource, bool, error) {
	id, ok := readID36(r.args)
	if !ok {
		return ChatSource{}, false, nil
	}
	all, err := b.shelf.ChatSources(ctx, r.chat.ID)
	i := slices.IndexFunc(all, func(s ChatSource) bool { return s.ID == id })
	if i < 0 || err != nil {
		return ChatSource{}, false, err
	}
	return all[i], true, nil
}

func (r *request) sourceCard(s ChatSource) answer {
	var t telegram.Builder
	var keys keyboard
	t.Append(r.sourceName(s.Source)).Plain(" – " + r.health(s.Source) + "\n")
	if s.Failures > 0 {
		t.Append(r.say.Say("source_last_visit", Values{"Reason": r.say.fault(s.Source)})).Plain("\n")
	}
	if s.Listed {
		t.Append(r.say.Say("source_in_pack", Values{"Pack": r.packName(s.Pack())})).Plain("\n")
	}
	id := id36(s.ID)
	switch {
	case s.Muted:
		t.Append(r.say.Say("source_is_muted", nil))
		keys.add(2, r.say.Plain("button_unmute", nil), "srcunmute:"+id)
	case s.PackMuted:
		t.Append(r.say.Say("source_is_muted_pack", nil))
		keys.add(2, r.say.Plain("button_mute", nil), "srcmute:"+id)
	case s.Followed:
		t.Append(r.say.Say("source_is_followed", nil))
		keys.add(2, r.say.Plain("button_mute", nil), "srcmute:"+id)
	default:
		t.Append(r.say.Say("source_is_heard", nil))
		keys.add(2, r.say.Plain("button_mute", nil), "srcmute:"+id)
	}
	back := "sources:own:0"
	if s.Followed {
		keys.add(2, r.say.Plain("button_remove", nil), "unsource:"+id)
	} else {
		back = "pack:" + pack{Pack: s.Pack()}.key() + ":0"
		keys.add(2, r.say.Plain("button_follow_source", nil), "srcfollow:"+id)
	}
	keys.row(r.say.Plain("button_back", nil), back)
	return answer{text: t.Text(), keyboard: keys.rows}
}

func (b *Bot) pressMuteSource(ctx context.Context, r *request) (answer, error) {
	return b.setSourceMuted(ctx, r, true)
}

func (b *Bot) pressUnmuteSource(ctx context.Context, r *request) (answer, error) {
	return b.setSourceMuted(ctx, r, false)
}

func (b *Bot) setSourceMuted(ctx context.Context, r *request, muted bool) (answer, error) {
	s, ok, err := b.pressedSource(ctx, r)
	if err != nil || !ok {
		return answer{text: r.say.Say("source_stale", nil)}, err
	}
	err = b.shelf.MuteSource(ctx, r.chat.ID, s.ID, muted)
	if errors.Is(err, digest.ErrNotFound) { // delisted or removed meanwhile
		return answer{text: r.say.Say("source_stale", nil)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	s.Muted = muted
	return r.sourceCard(s), nil
}

// pressFollowSource follows a source of a pack.
func (b *Bot) pressFollowSource(ctx context.Context, r *request) (answer, error) {
	s, ok, err := b.pressedSource(ctx, r)
	if err != nil || !ok {
		return answer{text: r.say.Say("source_stale", nil)}, err
	}
	p, err := b.shelf.SourceAt(ctx, s.Address, samples)
	if err != nil {
		return answer{}, err
	}
	return b.followSource(ctx, r, p)
}
