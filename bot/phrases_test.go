package bot

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"tidings/bot/telegram"
	"tidings/digest"
)

// catalogKeys are the names of all English sentences.
func catalogKeys(t *testing.T) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	files, err := locales.ReadDir("locales")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".en.toml") {
			continue
		}
		data, err := locales.ReadFile("locales/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		var sentences map[string]any
		if err := toml.Unmarshal(data, &sentences); err != nil {
			t.Fatalf("read %s: %v", f.Name(), err)
		}
		for key := range sentences {
			if keys[key] {
				t.Errorf("%s stands in two catalogs", key)
			}
			keys[key] = true
		}
	}
	return keys
}

// sources are the files of this package but its tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// literal is the value of a string literal.
func literal(n ast.Node) (string, bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// families are the keys that code puts together, from the tables it does so by.
func families() (keys []string) {
	for _, c := range commands() {
		keys = append(keys, "usage_"+c.name, "about_"+c.name)
	}
	for _, s := range suggestions {
		keys = append(keys, "suggest_"+s, "topic_"+s)
	}
	for _, k := range []digest.TopicErrorKind{digest.TopicEmpty, digest.TopicTooLong, digest.TopicTooManyTerms, digest.TopicTooMany, digest.TopicSeveral, digest.TopicOpenQuote,
		digest.TopicOnlyExcludes, digest.TopicLonelyOr, digest.TopicNoWords, digest.TopicBadSite, digest.TopicBadLanguage, digest.TopicBadNumber} {
		keys = append(keys, "topic_error_"+strings.ReplaceAll(string(k), " ", "_"))
	}
	for _, k := range []ScheduleFault{ScheduleEmpty, ScheduleUnknown, ScheduleNoTime, ScheduleTooMany, ScheduleContrary} {
		keys = append(keys, "schedule_error_"+string(k))
	}
	for _, k := range []QuietFault{QuietUnknown, QuietNoTime, QuietSame, QuietMany} {
		keys = append(keys, "quiet_error_"+string(k))
	}
	for _, card := range []string{"quiet_card", "quiet_set"} {
		keys = append(keys, card+"_off")
	}
	for _, l := range lengths {
		keys = append(keys, "settings_length_"+string(l))
	}
	for _, d := range []string{"daily", "weekdays", "weekend"} {
		keys = append(keys, "button_"+d)
	}
	for day := range 7 {
		keys = append(keys, fmt.Sprintf("weekday_%d", day))
	}
	for month := range 12 {
		keys = append(keys, fmt.Sprintf("month_%d", month+1), fmt.Sprintf("chart_month_%d", month+1))
	}
	keys = append(keys, byteUnits...)
	for _, k := range IncidentKinds {
		keys = append(keys, "incident_"+string(k), "incident_do_"+string(k))
	}
	return slices.Concat(keys, sourceFamilies(), whyFamilies())
}

// whyFamilies are those of [Why?].
func whyFamilies() (keys []string) {
	for _, f := range whyFields {
		keys = append(keys, "why_in_"+f, "why_only_"+f)
	}
	for _, score := range []float64{0.9, 0.6, 0.4, 0.1} {
		keys = append(keys, "why_degree_"+whyDegree(score))
	}
	for _, b := range breadths {
		keys = append(keys, "button_why_"+b.Breadth.String())
	}
	return keys
}

// sourceFamilies are those of sources.
func sourceFamilies() (keys []string) {
	for _, s := range subjects {
		keys = append(keys, "subject_"+s)
	}
	for _, h := range digest.Healths {
		keys = append(keys, "source_health_"+string(h), "source_count_"+string(h))
	}
	for _, f := range digest.Faults() {
		keys = append(keys, "fault_"+string(f))
	}
	for _, k := range []digest.SourceErrorKind{digest.SourceNone, digest.SourceLong, digest.SourceSpaces, digest.SourceScheme, digest.SourceSecret, digest.SourceNoHost,
		digest.SourcePrivate, digest.SourceClosed, digest.SourceUnreachable, digest.SourceFailed, digest.SourceNoFeed, digest.SourceNoChannel} {
		keys = append(keys, "source_error_"+string(k))
	}
	for _, k := range []digest.OutlineErrorKind{digest.OutlineNone, digest.OutlineEmpty, digest.OutlineBroken, digest.OutlineLarge, digest.OutlineDeep} {
		keys = append(keys, "import_error_"+string(k))
	}
	return keys
}

// snake is how keys of several words look; these others look so, too.
var (
	snake    = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)+$`)
	notAKeys = []string{"text_link", "expandable_blockquote"}
)

func TestTheCatalogHasWhatIsSaidAndNothingElse(t *testing.T) {
	keys, used := catalogKeys(t), map[string]bool{}
	for _, key := range families() {
		used[key] = true
		if !keys[key] {
			t.Errorf("the catalog has no %s", key)
		}
	}
	named := notAKeys
	for _, o := range outcomes {
		named = append(named, o.name) // in figures, not to people
	}
	for name, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if _, imported := n.(*ast.ImportSpec); imported {
				return false
			}
			if s, ok := literal(n); ok {
				used[s] = true
				if snake.MatchString(s) && !keys[s] && !slices.Contains(named, s) {
					t.Errorf("%s names %q, which the catalog does not have", name, s)
				}
			}
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 {
				method, _ := call.Fun.(*ast.SelectorExpr)
				if key, ok := literal(call.Args[0]); ok && method != nil && (method.Sel.Name == "Say" || method.Sel.Name == "Plain") && !keys[key] {
					t.Errorf("%s says %q, which the catalog does not have", name, key)
				}
			}
			return true
		})
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
	}
}

// TestNoSentenceStandsInCode looks at what code writes into texts and buttons:
// words there belong into the catalog.
func TestNoSentenceStandsInCode(t *testing.T) {
	keys := catalogKeys(t)
	words, family := regexp.MustCompile(`\pL{2,}`), regexp.MustCompile(`^[a-z_]+_(%d)?$`)
	writes := []string{"Plain", "Bold", "Italic", "Code", "Link", "Say"}
	check := func(name string, within ast.Node) {
		ast.Inspect(within, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.IndexExpr, *ast.CompositeLit:
				return false // what stands in Values is checked where it is made
			}
			if s, ok := literal(n); ok && words.MatchString(s) && !keys[s] && !family.MatchString(s) {
				t.Errorf("%s writes %q to a reader; it belongs into the catalog", name, s)
			}
			return true
		})
	}
	for name, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if method, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(writes, method.Sel.Name) && len(n.Args) > 0 {
					check(name, n.Args[0])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Text" {
					check(name, n.Value)
				}
			}
			return true
		})
	}
}

func TestSayReadsMarksOfTheCatalogOnly(t *testing.T) {
	var linked telegram.Builder
	linked.Plain("see ").Link("here", "https://example.org/")
	for name, c := range map[string]struct {
		sentence string
		values   []telegram.Text
		want     string
		entities []telegram.Entity
	}{
		"plain":                      {"hello", nil, "hello", nil},
		"marks":                      {"a <b>b</b> <i>c</i> <code>d</code>", nil, "a b c d", []telegram.Entity{{Type: "bold", Offset: 2, Length: 1}, {Type: "italic", Offset: 4, Length: 1}, {Type: "code", Offset: 6, Length: 1}}},
		"a lonely less-than":         {"5 < 6 <x>", nil, "5 < 6 <x>", nil},
		"a mark that does not end":   {"a <b>b", nil, "a b", []telegram.Entity{{Type: "bold", Offset: 2, Length: 1}}},
		"a value is never read":      {"<b>" + place(0) + "</b>!", []telegram.Text{{Text: "<i>x</i> " + place(0)}}, "<i>x</i> " + place(0) + "!", []telegram.Entity{{Type: "bold", Offset: 0, Length: 11}}},
		"a value keeps its entities": {"now: " + place(0), []telegram.Text{linked.Text()}, "now: see here", []telegram.Entity{{Type: "text_link", Offset: 9, Length: 4, URL: "https://example.org/"}}},
		"an empty value":             {"<b>" + place(0) + "</b>x", []telegram.Text{{}}, "x", nil},
		"a value that ends":          {"following <code>" + place(0) + "</code>. Soon.", []telegram.Text{{Text: "U.S."}}, "following U.S. Soon.", []telegram.Entity{{Type: "code", Offset: 10, Length: 4}}},
		"a value that was cut":       {place(0) + ".", []telegram.Text{{Text: "long wo…"}}, "long wo…", nil},
		"dots behind a value":        {place(0) + "... " + place(0) + "?", []telegram.Text{{Text: "U.S."}}, "U.S.... U.S.?", nil},
		"a stop further on":          {place(0) + " x.", []telegram.Text{{Text: "U.S."}}, "U.S. x.", nil},
		"a place without value":      {"x" + place(7), nil, "x" + place(7), nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := readMarks(c.sentence, c.values)
			if got.Text != c.want || fmt.Sprint(got.Entities) != fmt.Sprint(c.entities) {
				t.Errorf("readMarks(%q) = %q %v, want %q %v", c.sentence, got.Text, got.Entities, c.want, c.entities)
			}
		})
	}
}

func TestSpanTellsOneUnit(t *testing.T) {
	p := english(t)
	for d, want := range map[time.Duration]string{
		-time.Hour: "a second", 0: "a second", time.Second: "a second", 59 * time.Second: "59 seconds", time.Minute: "a minute",
		61 * time.Second: "2 minutes", 119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 121 * time.Minute: "3 hours", 72 * time.Hour: "72 hours", 73 * time.Hour: "4 days",
	} {
		if got := p.span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSpeaksFindsALanguageOrEnglish(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"en", "en-GB", "EN-us", "", "xx", "tlh", "en_US", "../../etc/passwd", strings.Repeat("e", 10000), "\xff"} {
		if got := c.Speaks(tag); got != "en" {
			t.Errorf("Speaks(%.20q) = %q, want en", tag, got)
		}
	}
	if got := c.In("xx").Plain("unknown_command", nil); !strings.Contains(got, "/help") {
		t.Errorf("a language without a catalog says %q, want English", got)
	}
}
