package bot

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"tidings/bot/telegram"
	"tidings/digest"
)

// A sentence is what stands under one id of one catalog file: its plural forms, or
// "other" alone.
type sentence map[string]string

// readCatalogs returns the files of the catalogs: by language and subject, each
// with its sentences by their ids.
func readCatalogs(t *testing.T) map[string]map[string]map[string]sentence {
	t.Helper()
	files, err := locales.ReadDir("locales")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]map[string]sentence{}
	for _, f := range files {
		parts := strings.Split(f.Name(), ".")
		if len(parts) != 3 {
			t.Fatalf("%s is not named <subject>.<language>.toml", f.Name())
		}
		data, err := locales.ReadFile("locales/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(data) {
			t.Errorf("%s is not UTF-8", f.Name())
		}
		var read map[string]any
		if err := toml.Unmarshal(data, &read); err != nil {
			t.Fatalf("read %s: %v", f.Name(), err)
		}
		said := map[string]sentence{}
		for id, value := range read {
			said[id] = sentence{}
			switch value := value.(type) {
			case string:
				said[id]["other"] = value
			case map[string]any:
				for form, words := range value {
					said[id][form] = fmt.Sprint(words)
				}
			}
		}
		if all[parts[1]] == nil {
			all[parts[1]] = map[string]map[string]sentence{}
		}
		all[parts[1]][parts[0]] = said
	}
	return all
}

// pluralForms finds which form of a plural each number up to 1000 takes in a language,
// by asking the library that chooses among them. Forms of millions and fractions only have
// no numbers.
func pluralForms(t *testing.T, lang string) map[string][]int {
	t.Helper()
	tag := language.MustParse(lang)
	bundle := i18n.NewBundle(tag)
	probe := &i18n.Message{ID: "probe", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	if err := bundle.AddMessages(tag, probe); err != nil {
		t.Fatal(err)
	}
	forms := map[string][]int{}
	form := func(n any) string {
		form, err := i18n.NewLocalizer(bundle, lang).Localize(&i18n.LocalizeConfig{MessageID: "probe", PluralCount: n})
		if err != nil {
			t.Fatalf("the plural of %v in %s: %v", n, lang, err)
		}
		return form
	}
	forms[form(1000000)], forms[form("1.5")] = nil, nil
	for n := range 1001 {
		forms[form(n)] = append(forms[form(n)], n)
	}
	return forms
}

var (
	filledIn    = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	markIn      = regexp.MustCompile(`</?(b|i|code)>`)
	codeIn      = regexp.MustCompile(`<code>(.*?)</code>`)
	commandIn   = regexp.MustCompile(`(?:^|[^\w/:.])/([a-z]+)`)
	typedIn     = regexp.MustCompile(`<code>.*?</code>|<i>.*?</i>|https?://`)
	strayBraces = regexp.MustCompile(`\{\{|\}\}|<no value>`)
)

// found are the distinct first groups of a pattern in a text, in order.
func found(pattern *regexp.Regexp, text string) []string {
	var all []string
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestEveryCatalogSaysWhatTheEnglishOneDoes names file and id of each difference.
func TestEveryCatalogSaysWhatTheEnglishOneDoes(t *testing.T) {
	all := readCatalogs(t)
	for _, lang := range slices.Sorted(maps.Keys(all)) {
		forms := pluralForms(t, lang)
		for subject, english := range all["en"] {
			file := subject + "." + lang + ".toml"
			said, ok := all[lang][subject]
			if !ok {
				t.Errorf("%s is missing", file)
			}
			for id := range said {
				if english[id] == nil {
					t.Errorf("%s: %s does not stand in %s.en.toml", file, id, subject)
				}
			}
			for id, want := range english {
				if ok {
					checkSentence(t, file+": "+id, forms, said[id], want)
				}
			}
		}
		for subject := range all[lang] {
			if all["en"][subject] == nil {
				t.Errorf("%s.%s.toml has no English one beside it", subject, lang)
			}
		}
	}
}

func checkSentence(t *testing.T, where string, forms map[string][]int, said, want sentence) {
	t.Helper()
	switch {
	case said == nil:
		t.Errorf("%s is missing", where)
		return
	case len(want) == 1:
		if len(said) != 1 || said["other"] == "" {
			t.Errorf("%s must be one sentence, not empty and without plural forms; it is %q", where, said)
			return
		}
		if got, want := len(markIn.FindAllString(said["other"], -1)), len(markIn.FindAllString(want["other"], -1)); got != want {
			t.Errorf("%s has %d marks <b>, <i>, <code>; the English one %d", where, got, want)
		}
	default:
		for form, numbers := range forms {
			if len(numbers) > 0 && said[form] == "" {
				t.Errorf("%s has no plural form %q, which %s takes", where, form, fmt.Sprint(numbers[:min(len(numbers), 3)]))
			}
		}
		for form := range said {
			if _, ok := forms[form]; !ok {
				t.Errorf("%s has the plural form %q, which the language has not", where, form)
			}
		}
	}
	for form, words := range said {
		where := where
		if len(said) > 1 {
			where += " (" + form + ")"
		}
		checkPlaces(t, where, words, want, len(forms[form]) == 1)
		checkMarks(t, where, words)
		if got, want := found(commandIn, markIn.ReplaceAllString(words, "")), found(commandIn, markIn.ReplaceAllString(want["other"], "")); !slices.Equal(got, want) {
			t.Errorf("%s names the commands %q; the English one %q", where, got, want)
		}
	}
}

// checkPlaces wants the places of the English sentence. A form that serves one number
// alone ("one story") may leave out what the English one leaves out.
func checkPlaces(t *testing.T, where, words string, want sentence, single bool) {
	t.Helper()
	got, all := found(filledIn, words), found(filledIn, want["other"])
	least := all
	if single && want["one"] != "" {
		least = append(found(filledIn, want["one"]), "Count")
		least = slices.DeleteFunc(least, func(s string) bool { return s == "Count" })
	}
	for _, p := range got {
		if !slices.Contains(all, p) {
			t.Errorf("%s has a place {{.%s}}, which nothing fills", where, p)
		}
	}
	for _, p := range least {
		if !slices.Contains(got, p) {
			t.Errorf("%s has no place {{.%s}}", where, p)
		}
	}
	if strayBraces.MatchString(filledIn.ReplaceAllString(words, "")) {
		t.Errorf("%s has braces that are no place: %q", where, words)
	}
	// Buttons read the topic they mean from the first words marked as code.
	if code := codeIn.FindStringSubmatch(want["other"]); code != nil && filledIn.FindString(code[1]) == code[1] {
		if own := codeIn.FindStringSubmatch(words); own == nil || own[1] != code[1] {
			t.Errorf("%s must have %s as its first code", where, code[0])
		}
	}
}

func checkMarks(t *testing.T, where, words string) {
	t.Helper()
	open := ""
	for _, m := range markIn.FindAllStringSubmatch(words, -1) {
		switch ends := strings.HasPrefix(m[0], "</"); {
		case !ends && open != "", ends && open != m[1]:
			t.Errorf("%s: %s stands within or behind another mark", where, m[0])
		case ends:
			open = ""
		default:
			open = m[1]
		}
	}
	if open != "" {
		t.Errorf("%s: <%s> does not end", where, open)
	}
	if words != strings.TrimSpace(words) && !strings.HasPrefix(words, "  ") {
		t.Errorf("%s begins or ends with a blank: %q", where, words)
	}
	if strings.Contains(typedIn.ReplaceAllString(words, ""), `"`) {
		t.Errorf("%s has straight quotes: %q", where, words)
	}
}

// French signs that stand apart from the word before them, by a space that does not break.
var (
	frenchApart = regexp.MustCompile(`[^\x{202f}\x{a0}][;:!?»]`)
	frenchOpen  = regexp.MustCompile(`«[^\x{202f}\x{a0}]`)
	clockTime   = regexp.MustCompile(`\d:\d|site:|lang:|min:`)
)

func TestFrenchSignsStandApart(t *testing.T) {
	for subject, said := range readCatalogs(t)["fr"] {
		for id, forms := range said {
			for _, words := range forms {
				words = clockTime.ReplaceAllString(typedIn.ReplaceAllString(words, ""), "")
				if wrong := cmp.Or(frenchApart.FindString(words), frenchOpen.FindString(words)); wrong != "" {
					t.Errorf("%s.fr.toml: %s has %q without a narrow space that does not break", subject, id, wrong)
				}
			}
		}
	}
}

// labelRunes is how long a button may be that has a row to itself; on phones a row of two
// shows about half of it, of three a third.
const labelRunes = 40

// besides are labels that stand beside others, and how many stand in a row.
var besides = map[string]int{
	"suggest_world": 2, "suggest_technology": 2, "suggest_science": 2, "suggest_business": 2, "suggest_climate": 2, "suggest_sport": 2,
	"settings_length_headlines": 3, "settings_length_short": 3, "settings_length_full": 3,
	"button_breadth_title": 3, "button_breadth_normal": 3, "button_breadth_broad": 3,
	"button_weekdays": 3, "button_weekend": 3, "button_off": 2, "button_hourly": 2, "settings_button_schedule": 2, "settings_button_zone": 2,
	"button_undo": 2, "button_edit": 2, "button_mute": 2, "button_unmute": 2, "button_remove": 2, "button_more": 2, "button_newer": 2, "button_cancel": 2,
	"button_serve_all": 2, "button_serve_none": 2,
}

func isLabel(id string) bool {
	return strings.HasPrefix(id, "button_") || strings.HasPrefix(id, "suggest_") || strings.Contains(id, "_button") || strings.HasPrefix(id, "settings_length_")
}

func TestTelegramsLimitsHoldInEveryLanguage(t *testing.T) {
	for lang, files := range readCatalogs(t) {
		for subject, said := range files {
			for id, forms := range said {
				for _, words := range forms {
					where := fmt.Sprintf("%s.%s.toml: %s", subject, lang, id)
					bare := filledIn.ReplaceAllString(words, "")
					n := utf8.RuneCountInString(bare)
					if most := labelRunes / max(1, besides[id]); isLabel(id) && n > most {
						t.Errorf("%s has %d characters on a button; %d can be read there: %q", where, n, most, words)
					}
					if isLabel(id) && strings.ContainsAny(words, "<\n") {
						t.Errorf("%s is a button, which has one line without marks: %q", where, words)
					}
					if strings.HasPrefix(id, "about_") && (n < 3 || n > 256 || strings.ContainsAny(words, "<{\n")) {
						t.Errorf("%s describes a command in Telegram's menu: 3 to 256 plain characters; got %q", where, words)
					}
					if slices.Contains(toasts, id) && utf8.RuneCountInString(markIn.ReplaceAllString(bare, "")) > 170 {
						t.Errorf("%s is shown as a toast: up to 200 characters with what is filled in; got %q", where, words)
					}
					if !(telegram.Text{Text: words}).Fits() {
						t.Errorf("%s does not fit a message", where)
					}
				}
			}
		}
	}
}

// toasts are said in answer to a press, where Telegram shows 200 characters.
var toasts = []string{"press_stale", "press_refused", "asked_too_fast_press", "went_wrong", "steer_refused", "steer_stale", "steer_lost", "steer_unknown"}

func TestWhatIsPutTogetherFitsInEveryLanguage(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		p := c.In(lang)
		b := &Bot{catalog: c, options: Options{Username: "tidings_news_bot", Inline: true}}
		for _, chat := range []Chat{{Kind: "private", Language: lang}, {Kind: "supergroup", Language: lang}} {
			a, err := b.help(t.Context(), &request{chat: chat, here: chat, operator: true, say: p})
			if err != nil || !a.text.Fits() {
				t.Errorf("/help in %s is %d long, %v; want one message", lang, a.text.Units(), err)
			}
		}
		for _, id := range []string{"privacy", "start", "group_hello"} {
			if !p.Say(id, nil).Fits() {
				t.Errorf("%s in %s does not fit a message", id, lang)
			}
		}
		for _, s := range suggestions {
			words := p.Plain("topic_"+s, nil)
			if _, err := digest.ParseTopic(words); err != nil {
				t.Errorf("topic_%s in %s is %q: %v", s, lang, words, err)
			}
			if data := "follow:1:" + words; len(data) > maxCallbackData {
				t.Errorf("topic_%s in %s does not fit a button: %d bytes", s, lang, len(data))
			}
		}
		for n := range 32 {
			if got := p.Plain("edition_topics", Values{"Count": n}); !strings.Contains(got, strconv.Itoa(n)) || strings.Contains(got, "<no value>") {
				t.Errorf("edition_topics of %d in %s is %q", n, lang, got)
			}
		}
	}
}
