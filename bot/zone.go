package bot

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

//go:embed zones.tsv
var zonesTable string

// zones is read from the embedded table at its first use.
var zones = sync.OnceValue(func() *atlas { return readAtlas(zonesTable) })

// An atlas knows what people call time zones and where they lie.
type atlas struct {
	names   map[string][]string // folded name → the zones it may mean, best known first
	keys    []string            // of names, sorted
	vague   map[string]bool     // names that only name a zone's time, as Atlantic does: known, not suggested
	cities  []city
	capital map[string]string // ISO 3166 code → zone of the capital
	said    map[string]string // language and zone with a blank between → its city in that language
}

// A city is a reference city of a zone, in degrees.
type city struct {
	zone     string
	lat, lon float64
}

// maxZoneText is how long a text may be to be looked up, in runes.
const maxZoneText = 100

// FindZone returns the IANA name of the zone that a reader means by a zone's
// name, a city, a country (its capital's zone), an abbreviation or an offset
// from UTC; in any case, with or without accents. Whole-hour offsets are
// "Etc/GMT-2" for +2 (the sign is the tz database's) and know no daylight
// saving; others are the one zone that keeps them all year.
//
// When the text is unknown or has several meanings, zone is "" and near holds
// up to three zones that may be meant, likeliest first. Texts of more than 100
// runes mean nothing.
func FindZone(text string) (zone string, near []string) {
	if utf8.RuneCountInString(text) > maxZoneText {
		return "", nil
	}
	if zone, near, ok := zoneOfOffset(text); ok {
		return zone, near
	}
	a := zones()
	before, _, _ := strings.Cut(text, ",") // "Paris, France"
	for _, name := range []string{text, before} {
		found := a.names[fold(name)]
		if found == nil {
			found = a.names[strings.TrimSuffix(fold(name), " time")]
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return "", slices.Clone(found)
		}
	}
	return "", a.near(fold(text), 3)
}

// NearestZone returns the zone of the reference city that is nearest to a
// location in degrees, "" for numbers that are no location.
func NearestZone(lat, lon float64) string {
	if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
		return ""
	}
	zone, least := "", math.Inf(1)
	for _, p := range zones().cities {
		if d := p.distance(lat, lon); d < least {
			zone, least = p.zone, d
		}
	}
	return zone
}

// distance is the haversine of the angle between two cities: it grows with it.
func (p city) distance(lat, lon float64) float64 {
	const rad = math.Pi / 180
	s, t := math.Sin((lat-p.lat)*rad/2), math.Sin((lon-p.lon)*rad/2)
	return s*s + math.Cos(lat*rad)*math.Cos(p.lat*rad)*t*t
}

// GuessZone guesses a zone from the language tag that a client sent: the zone
// of the capital where the language is most spoken ("de", "pt-br"). English
// without a region is UTC, as is whatever is unknown: English clients are
// everywhere, and a reader notices "UTC" as not theirs where a wrong city an
// hour or two away would pass.
func GuessZone(tag string) string {
	if len(tag) > 35 { // the longest a language tag should be (RFC 5646 §4.4.1)
		return "UTC"
	}
	t, err := language.Parse(tag)
	if err != nil {
		return "UTC"
	}
	base, _ := t.Base()
	region, sure := t.Region()
	if base.String() == "en" && sure != language.Exact || sure == language.No {
		return "UTC"
	}
	if zone, ok := zones().capital[region.String()]; ok {
		return zone
	}
	if region.String() == "419" { // Latin America, where most who write es-419 are Mexicans
		return "America/Mexico_City"
	}
	return "UTC"
}

// CommonZones returns at most six zones to offer as buttons to a reader of a
// language, the guessed one first.
func CommonZones(tag string) []string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	listed, ok := commonZones[base]
	if !ok {
		listed = commonZones["en"]
	}
	offered := []string{GuessZone(tag)}
	for _, z := range listed {
		if !slices.Contains(offered, z) && len(offered) < 6 {
			offered = append(offered, z)
		}
	}
	return offered
}

// commonZones are the zones where most readers of a language live.
var commonZones = map[string][]string{
	"en": {"Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles", "Asia/Kolkata", "Australia/Sydney"},
	"ar": {"Africa/Cairo", "Asia/Riyadh", "Asia/Dubai", "Asia/Baghdad", "Africa/Casablanca", "Africa/Algiers"},
	"de": {"Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/London", "America/New_York", "UTC"},
	"es": {"Europe/Madrid", "America/Mexico_City", "America/Bogota", "America/Lima", "America/Santiago", "America/Argentina/Buenos_Aires"},
	"fr": {"Europe/Paris", "America/Toronto", "Africa/Abidjan", "Africa/Algiers", "Africa/Kinshasa", "Europe/Zurich"},
	"pt": {"America/Sao_Paulo", "Europe/Lisbon", "America/Manaus", "America/Fortaleza", "Africa/Luanda", "Africa/Maputo"},
	"ru": {"Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok", "Asia/Almaty"},
	"uk": {"Europe/Kyiv", "Europe/Warsaw", "Europe/Berlin", "Europe/London", "America/Toronto", "UTC"},
	"zh": {"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "America/Los_Angeles", "UTC"},
	"id": {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Singapore", "UTC"},
}

// ZoneCity returns a zone's name for a button: its city, "UTC+2" for a fixed
// offset.
func ZoneCity(zone string) string {
	if hours, ok := strings.CutPrefix(zone, "Etc/GMT"); ok && hours != "" {
		return "UTC" + strings.NewReplacer("+", "-", "-", "+").Replace(hours)
	}
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}

// zoneCity is ZoneCity in the reader's language.
func (p Phrases) zoneCity(zone string) string {
	return cmp.Or(zones().said[p.lang+" "+zone], ZoneCity(zone))
}

// zoneName names a zone as a sentence does: its city and how far its clock is from
// UTC now, put together by form; "UTC+2" for a fixed offset, and the IANA name where
// no city of that name is known in the language.
func (p Phrases) zoneName(zone string, now time.Time, form string) string {
	if FixedZone(zone) {
		return ZoneCity(zone)
	}
	city := zones().said[p.lang+" "+zone]
	if script, _ := language.Make(p.lang).Script(); city == "" && script.String() == "Latn" && zones().knows(zone) {
		city = ZoneCity(zone) // the table says a city in a language only where that has another name
	}
	if city == "" {
		return zone
	}
	return fmt.Sprintf(form, city, offsetWords(now.In(LoadZone(zone))))
}

// offsetWords tells how far a local time is from UTC: "UTC+5:30".
func offsetWords(at time.Time) string {
	_, east := at.Zone()
	sign := "+"
	if east < 0 {
		sign, east = "-", -east
	}
	switch hours, minutes := east/3600, east%3600/60; {
	case hours == 0 && minutes == 0:
		return "UTC"
	case minutes == 0:
		return fmt.Sprintf("UTC%s%d", sign, hours)
	default:
		return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
	}
}

// FixedZone says that a zone is a mere offset from UTC, without the daylight
// saving of any place.
func FixedZone(zone string) bool { return zone == "UTC" || strings.HasPrefix(zone, "Etc/") }

// LoadZone returns the zone of an IANA name, UTC for a name that is unknown
// (which a chat cannot choose; an older tz database may still lack one).
func LoadZone(name string) *time.Location {
	if name == "Local" { // the machine's zone is nobody's
		return time.UTC
	}
	loaded.Lock()
	defer loaded.Unlock()
	if zone := loaded.zones[name]; zone != nil {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	if len(loaded.zones) < 1000 { // there are some 600
		loaded.zones[name] = zone
	}
	return zone
}

// loaded are the zones that were asked for: each is a file to read and to parse.
var loaded = struct {
	sync.Mutex
	zones map[string]*time.Location
}{zones: map[string]*time.Location{}}

var (
	offset = regexp.MustCompile(`^(?:utc|gmt)? ?([+-])(\d{1,2})(?::?(\d{2}))?$`)
	etc    = regexp.MustCompile(`^etc/gmt([+-])(\d{1,2})$`)
)

// oddOffsets are the zones that keep an offset of no full hours all year.
var oddOffsets = map[int]string{
	330: "Asia/Kolkata", 345: "Asia/Kathmandu", 210: "Asia/Tehran", 270: "Asia/Kabul", 390: "Asia/Yangon",
	570: "Australia/Darwin", 525: "Australia/Eucla", -570: "Pacific/Marquesas",
}

// shiftingOffsets are zones that keep such an offset for a part of the year:
// they can be suggested, not taken for it.
var shiftingOffsets = map[int]string{
	-210: "America/St_Johns", -150: "America/St_Johns", 630: "Australia/Lord_Howe", 765: "Pacific/Chatham", 825: "Pacific/Chatham",
}

// zoneOfOffset reads an offset from UTC; ok says that the text is one.
func zoneOfOffset(text string) (zone string, near []string, ok bool) {
	text = strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(text)), " "))
	text = strings.NewReplacer("−", "-", "–", "-").Replace(text)
	if m := etc.FindStringSubmatch(text); m != nil { // the tz database's own sign
		text = "+" + m[2]
		if m[1] == "+" {
			text = "-" + m[2]
		}
	}
	m := offset.FindStringSubmatch(text)
	if m == nil {
		return "", nil, false
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi("0" + m[3])
	east := hours*60 + minutes
	if m[1] == "-" {
		east = -east
	}
	switch {
	case east == 0:
		return "UTC", nil, true
	case minutes == 0 && east >= -12*60 && east <= 14*60:
		return fmt.Sprintf("Etc/GMT%+d", -east/60), nil, true
	case oddOffsets[east] != "":
		return oddOffsets[east], nil, true
	case shiftingOffsets[east] != "":
		return "", []string{shiftingOffsets[east]}, true
	}
	return "", nil, true
}

// letters have no accents that Unicode takes apart.
var letters = strings.NewReplacer("ø", "o", "ł", "l", "ß", "ss", "đ", "d", "ı", "i", "æ", "ae", "&", " and ", "'", "", "’", "", ".", "")

// fold brings a name to the form in which names are compared: lower case, no
// accents, words of letters and digits with a space between, "st" for saint.
func fold(name string) string {
	name = letters.Replace(strings.ToLower(norm.NFKC.String(name)))
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.IsMark(r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if w == "saint" {
			words[i] = "st"
		}
	}
	return strings.Join(words, " ")
}

// readAtlas reads the embedded table. Of several facts that claim a name, the
// more telling kind wins: words, full IANA names, countries and capitals,
// country codes, cities, at last the cities in the names of zones.
func readAtlas(table string) *atlas {
	a := &atlas{names: map[string][]string{}, capital: map[string]string{}, vague: map[string]bool{}, said: map[string]string{}}
	facts := map[string][][]string{}
	for line := range strings.Lines(table) {
		if kind, rest, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t"); ok {
			facts[kind] = append(facts[kind], strings.Split(rest, "\t"))
		}
	}
	for _, f := range facts["word"] {
		a.name(f[0], strings.Split(f[1], ",")...)
	}
	for _, f := range facts["zone"] { // zone, country, latitude, longitude
		a.name(f[0], f[0])
		a.city(f[0], f[2], f[3])
	}
	for _, f := range facts["old"] { // name, zone
		a.name(f[0], f[1])
	}
	for _, f := range facts["land"] { // country, name, capital, zone, other names
		a.capital[f[0]] = f[3]
		a.name(f[1], f[3])
		a.name(f[2], f[3])
		a.others(f, 4, f[3])
	}
	for _, f := range facts["city"] { // name, zone, latitude, longitude, other names
		a.name(f[0], f[1])
		a.city(f[1], f[2], f[3])
		a.others(f, 4, f[1])
	}
	for _, f := range slices.Concat(facts["zone"], facts["old"]) {
		zone := f[0]
		if len(f) == 2 {
			zone = f[1]
		}
		if key := fold(ZoneCity(f[0])); a.names[key] == nil && !isPlace(f[0]) {
			a.vague[key] = true
		}
		a.name(ZoneCity(f[0]), zone)
	}
	for _, f := range facts["land"] {
		a.name(f[0], f[3])
	}
	a.translate(facts["land"], facts["said"])
	for key := range a.names {
		a.keys = append(a.keys, key)
	}
	slices.Sort(a.keys)
	return a
}

// translate gives lands and cities the names they have in the languages of spoken.tsv,
// where these mean nothing yet.
func (a *atlas) translate(lands, cities [][]string) {
	for _, f := range cities { // language, zone, name
		a.said[f[0]+" "+f[1]] = f[2]
		a.name(f[2], f[1])
	}
	for lang := range vocabularies() {
		names := display.Regions(language.Make(lang))
		for _, f := range lands { // country, name, capital, zone, other names
			if region, err := language.ParseRegion(f[0]); err == nil && names != nil {
				a.name(names.Name(region), f[3])
			}
		}
	}
}

// areas are the first parts of zones that are named after a place.
var areas = []string{"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}

// isPlace says whether a zone's name ends with a place. That of Canada/Atlantic
// ends with a time, and whoever mistypes another word does not mean that.
func isPlace(zone string) bool {
	area, _, ok := strings.Cut(zone, "/")
	return ok && slices.Contains(areas, area)
}

// name gives zones a name unless it means something already.
func (a *atlas) name(name string, zones ...string) {
	if key := fold(name); key != "" && a.names[key] == nil {
		a.names[key] = zones
	}
}

// others names a zone by the comma-separated names in a field that may be absent.
func (a *atlas) others(fact []string, field int, zone string) {
	if field < len(fact) {
		for name := range strings.SplitSeq(fact[field], ",") {
			a.name(name, zone)
		}
	}
}

func (a *atlas) city(zone, lat, lon string) {
	la, _ := strconv.ParseFloat(lat, 64)
	lo, _ := strconv.ParseFloat(lon, 64)
	a.cities = append(a.cities, city{zone, la, lo})
}

// knows says whether a zone is one of the table, which is named after its city.
func (a *atlas) knows(zone string) bool {
	return slices.ContainsFunc(a.cities, func(p city) bool { return p.zone == zone })
}

// near returns up to n zones whose names look like the folded text: those that
// begin with it, that hold a word beginning with it, that differ in few letters.
func (a *atlas) near(text string, n int) []string {
	if utf8.RuneCountInString(text) < 3 {
		return nil
	}
	type likeness struct {
		key   string
		steps int
	}
	var like []likeness
	most := min(3, 1+(utf8.RuneCountInString(text)-1)/8) // fewer would be another name
	for _, key := range a.keys {
		switch steps := editDistance(text, key, most); {
		case a.vague[key]:
		case strings.HasPrefix(key, text):
			like = append(like, likeness{key, 0})
		case steps <= most:
			like = append(like, likeness{key, steps})
		case strings.Contains(key, " "+text):
			like = append(like, likeness{key, most})
		}
	}
	slices.SortStableFunc(like, func(x, y likeness) int {
		return cmp.Or(cmp.Compare(x.steps, y.steps), cmp.Compare(common(text, y.key), common(text, x.key)), cmp.Compare(len(x.key), len(y.key)))
	})
	var zones []string
	for _, l := range like {
		if z := a.names[l.key]; len(zones) < n && !slices.Contains(zones, z[0]) {
			zones = append(zones, z[0])
		}
	}
	return zones
}

// common counts the bytes with which both texts begin.
func common(s, t string) int {
	n := 0
	for n < min(len(s), len(t)) && s[n] == t[n] {
		n++
	}
	return n
}

// editDistance counts the letters to insert, delete, replace or swap with the
// next one between two texts; it returns most+1 where lengths alone say more.
func editDistance(s, t string, most int) int {
	a, b := []rune(s), []rune(t)
	if max(len(a)-len(b), len(b)-len(a)) > most {
		return most + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
