package bot

import (
	"cmp"
	"context"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"tidings/bot/telegram"
	"tidings/digest"
)

// subjects are those with a name in the catalog, in the order shown.
var subjects = []string{"world", digest.National, "politics", "business", "technology", "science", "health", "climate", "sport", "culture"}

// comparePacks orders packs as they are shown.
func comparePacks(a, b digest.Pack) int {
	return cmp.Or(cmp.Compare(a.Language, b.Language), cmp.Compare(placeIn(subjects, a.Subject), placeIn(subjects, b.Subject)), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Country, b.Country))
}

// packKey is the pack's name in buttons.
func packKey(p digest.Pack) string {
	h := fnv.New32a()
	h.Write([]byte(p.Language + "\x00" + p.Subject))
	if p.Country != "" {
		h.Write([]byte("\x00" + p.Country))
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

func (p pack) key() string { return packKey(p.Pack) }

// scripts are the languages of packs whose writing tells them.
var scripts = []struct {
	table     *unicode.RangeTable
	languages []string
}{
	{unicode.Hangul, []string{"ko"}}, {unicode.Hiragana, []string{"ja"}}, {unicode.Katakana, []string{"ja"}}, {unicode.Han, []string{"zh", "ja"}},
	{unicode.Cyrillic, []string{"ru", "uk"}}, {unicode.Arabic, []string{"ar", "fa"}}, {unicode.Devanagari, []string{"hi"}}, {unicode.Greek, []string{"el"}},
	{unicode.Hebrew, []string{"he"}}, {unicode.Thai, []string{"th"}}, {unicode.Bengali, []string{"bn"}},
}

// foreign are letters that a language of scripts does not write with.
var foreign = map[string]*regexp.Regexp{
	"zh": regexp.MustCompile(`[\p{Hiragana}\p{Katakana}]`),
	"ru": regexp.MustCompile(`(?i)[іїєґ]`),
	"uk": regexp.MustCompile(`(?i)[ыэёъ]`),
	"ar": regexp.MustCompile(`[پچژگکیٹڈڑےںہ]`),
	"fa": regexp.MustCompile(`[كيىةٹڈڑےںہ]`),
}

// ownLanguages are the languages whose packs are a chat's own: those it asked
// stories in; else its own, English, and those whose writing its topics use.
// Packs of other languages are read for it, too, unless it chose languages: a
// topic finds whatever has its words.
func ownLanguages(c Chat, subs []Subscription) []string {
	if chosen := strings.Fields(c.StoryLanguages); len(chosen) > 0 {
		return chosen
	}
	all := []string{c.Language}
	add := func(languages ...string) {
		for _, l := range languages {
			if !slices.Contains(all, l) {
				all = append(all, l)
			}
		}
	}
	add("en")
	for _, s := range subs {
		add(writtenIn(s.Label)...)
	}
	return all
}

// writtenIn are the languages that the writing of words tells; none of Latin letters.
func writtenIn(words string) (languages []string) {
	for _, script := range scripts {
		if strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(script.table, r) }) {
			for _, l := range script.languages {
				if strange := foreign[l]; (strange == nil || !strange.MatchString(words)) && !slices.Contains(languages, l) {
					languages = append(languages, l)
				}
			}
		}
	}
	return languages
}

// nearestPacks are as many as are shown first.
const nearestPacks = 6

// nearest are the packs that most likely tell of the chat's topics: those of
// their subjects in the chat's own languages, and those of the countries that
// they name, in any language when the chat's own have none. It is what is shown
// first; every topic looks through every pack.
func (l sourceList) nearest(own []string, subs []Subscription) []pack {
	weight := map[digest.Pack]float64{}
	for _, s := range subs {
		topic, err := digest.ParseTopic(cmp.Or(s.Text, s.Label))
		if err != nil || s.Muted {
			continue
		}
		wanted, countries := topic.Concerns()
		for _, p := range l.packs {
			if i := slices.Index(wanted, p.Subject); i >= 0 && slices.Contains(own, p.Language) {
				weight[p.Pack] += 1 / float64(i+1)
			}
		}
		for _, country := range countries {
			for _, p := range l.about(country, own) {
				weight[p.Pack] += 2
			}
		}
	}
	near := slices.DeleteFunc(slices.Clone(l.packs), func(p pack) bool { return weight[p.Pack] == 0 })
	slices.SortStableFunc(near, func(a, b pack) int {
		return cmp.Or(cmp.Compare(weight[b.Pack], weight[a.Pack]), cmp.Compare(placeIn(own, a.Language), placeIn(own, b.Language)))
	})
	return near[:min(len(near), nearestPacks)]
}

// placeIn is where a word stands in a list; behind all when it is not there.
func placeIn(list []string, word string) int {
	if i := slices.Index(list, word); i >= 0 {
		return i
	}
	return len(list)
}

// about are the packs of a country's news in the languages given, or else in
// any.
func (l sourceList) about(country string, languages []string) []pack {
	var all, own []pack
	for _, p := range l.packs {
		if p.Subject != digest.National || p.Country != country {
			continue
		}
		all = append(all, p)
		if slices.Contains(languages, p.Language) {
			own = append(own, p)
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}

// packShelf is what the admins' choice of packs asks of storage.
type packShelf interface {
	UnservedPacks(ctx context.Context) ([]digest.Pack, error)
	ServePacks(ctx context.Context, packs []digest.Pack, sources []digest.Source, served bool) error
}

// An offered pack is one that the admins may let everybody be served with.
type offered struct {
	digest.Pack
	sources []digest.Source
	served  bool
}

// offers are all packs that there are, in the order shown.
func (b *Bot) offers(ctx context.Context) (all []offered, err error) {
	unserved, err := b.shelf.UnservedPacks(ctx)
	if err != nil {
		return nil, err
	}
	at := map[digest.Pack]int{}
	for _, s := range b.options.Packs {
		i, ok := at[s.Pack()]
		if !ok {
			i = len(all)
			at[s.Pack()] = i
			all = append(all, offered{Pack: s.Pack(), served: !slices.Contains(unserved, s.Pack())})
		}
		all[i].sources = append(all[i].sources, s)
	}
	slices.SortStableFunc(all, func(a, b offered) int { return comparePacks(a.Pack, b.Pack) })
	return all, nil
}

// packs shows an admin which packs are served, by language; or those of one.
func (b *Bot) packs(ctx context.Context, r *request) (answer, error) {
	if len(b.options.Packs) == 0 {
		return answer{text: r.say.Say("packs_overridden", nil)}, nil
	}
	all, err := b.offers(ctx)
	if err != nil {
		return answer{}, err
	}
	if r.under != nil && r.args != "" {
		return r.offersIn(all, r.args), nil
	}
	return r.offers(all), nil
}

// offersOf are those of a language; of all when it is "".
func offersOf(all []offered, lang string) (some []offered, served int) {
	for _, o := range all {
		if lang != "" && o.Language != lang {
			continue
		}
		some = append(some, o)
		if o.served {
			served++
		}
	}
	return some, served
}

func (r *request) offers(all []offered) answer {
	var keys keyboard
	_, served := offersOf(all, "")
	sources, last := 0, ""
	for i, o := range all {
		if o.served {
			sources += len(o.sources)
		}
		if i > 0 && o.Language == last {
			continue
		}
		last = o.Language
		some, n := offersOf(all, o.Language)
		label := r.say.Plain("button_offers_in", Values{"Mark": servedMark(n > 0), "Language": r.languageName(o.Language), "Served": n, "All": len(some)})
		if i == 0 {
			keys.row(label, "packs:"+o.Language)
		} else {
			keys.add(3, label, "packs:"+o.Language)
		}
	}
	return answer{text: r.offersText("packs_title", all, served, sources), keyboard: keys.rows}
}

// offersText tells how many packs are served, and what it means when none is.
func (r *request) offersText(key string, all []offered, served, sources int) telegram.Text {
	text := r.say.Say(key, Values{
		"Language": r.languageName(all[0].Language), "Served": served,
		"Packs":   r.say.Plain("sources_packs_count", Values{"Count": len(all)}),
		"Sources": r.say.Plain("edition_sources", Values{"Count": sources}),
	})
	if served == 0 {
		return join("\n\n", text, r.say.Say("packs_none", nil))
	}
	return text
}

// offersIn shows the packs of a language with a button each, which serves it or
// ends that.
func (r *request) offersIn(all []offered, lang string) answer {
	some, served := offersOf(all, lang)
	if len(some) == 0 {
		return answer{text: r.say.Say("source_stale", nil)}
	}
	var keys keyboard
	sources := 0
	for i, o := range some {
		label := r.say.Plain("button_offer", Values{"Mark": servedMark(o.served), "Pack": r.shortPackName(o.Pack), "Count": len(o.sources)})
		data := "serve:" + servedFlag(!o.served) + ":" + lang + ":" + packKey(o.Pack)
		if o.served {
			sources += len(o.sources)
		}
		if i == 0 {
			keys.row(label, data)
		} else {
			keys.add(2, label, data)
		}
	}
	keys.row(r.say.Plain("button_serve_all", nil), "serve:1:"+lang+":")
	keys.add(2, r.say.Plain("button_serve_none", nil), "serve:0:"+lang+":")
	keys.row(r.say.Plain("button_back", nil), "packs:")
	return answer{text: r.offersText("packs_in", some, served, sources), keyboard: keys.rows}
}

func servedMark(served bool) string {
	if served {
		return "✅"
	}
	return "▫️"
}

func servedFlag(served bool) string {
	if served {
		return "1"
	}
	return "0"
}

// pressServe serves a pack, or all of a language, or ends that. A second press
// says the same again.
func (b *Bot) pressServe(ctx context.Context, r *request) (answer, error) {
	flag, rest, _ := strings.Cut(r.args, ":")
	lang, key, ok := strings.Cut(rest, ":")
	all, err := b.offers(ctx)
	if err != nil {
		return answer{}, err
	}
	var packs []digest.Pack
	var sources []digest.Source
	for i, o := range all {
		if o.Language == lang && (key == "" || packKey(o.Pack) == key) {
			packs, sources = append(packs, o.Pack), append(sources, o.sources...)
			all[i].served = flag == "1"
		}
	}
	if !ok || len(packs) == 0 || flag != "1" && flag != "0" {
		return answer{text: r.say.Say("source_stale", nil)}, nil
	}
	if err := b.shelf.ServePacks(ctx, packs, sources, flag == "1"); err != nil {
		return answer{}, err
	}
	return r.offersIn(all, lang), nil
}

// packName is "English · Technology", or "English · India" for national news.
func (r *request) packName(p digest.Pack) string {
	return r.languageName(p.Language) + " · " + r.shortPackName(p)
}

// shortPackName is the subject of a pack, or the country that it tells of.
func (r *request) shortPackName(p digest.Pack) string {
	if region, err := language.ParseRegion(p.Country); err == nil {
		if names := display.Regions(language.Make(r.say.lang)); names != nil && names.Name(region) != "" {
			return names.Name(region)
		}
	}
	return r.subjectName(p.Subject)
}

func (r *request) subjectName(subject string) string {
	switch {
	case slices.Contains(subjects, subject):
		return r.say.Plain("subject_"+subject, nil)
	case subject == "":
		return r.say.Plain("subject_other", nil)
	}
	return isolate(tidy(subject, maxOutlet))
}

// languageName names a language where a line or a label begins.
func (r *request) languageName(code string) string {
	if name := r.say.languageName(code); name != "" {
		return capital(name)
	}
	if code == "" {
		return r.say.Plain("language_unknown", nil)
	}
	return tidy(code, maxOutlet)
}

// languageName names a language as it stands within a sentence; "" for what is none.
func (p Phrases) languageName(code string) string {
	tag, err := language.Parse(code)
	names := display.Languages(language.Make(p.lang))
	if err != nil || names == nil {
		return ""
	}
	return names.Name(tag)
}
