package bot

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func TestFindZone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an IANA name", "Europe/Berlin", "Europe/Berlin"},
		{"an IANA name in any case", "eUROPE/bERLIN", "Europe/Berlin"},
		{"an IANA name of three parts", "america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"},
		{"a former IANA name", "Asia/Calcutta", "Asia/Kolkata"},
		{"an old American name", "US/Pacific", "America/Los_Angeles"},
		{"a city", "berlin", "Europe/Berlin"},
		{"a city with a space", "  new   york ", "America/New_York"},
		{"a city as IANA writes it", "New_York", "America/New_York"},
		{"a city of a three-part name", "Buenos Aires", "America/Argentina/Buenos_Aires"},
		{"a city with accents", "São Paulo", "America/Sao_Paulo"},
		{"a city without its accents", "bogota", "America/Bogota"},
		{"a large city that no zone is named after", "San Francisco", "America/Los_Angeles"},
		{"a city in its own language", "München", "Europe/Berlin"},
		{"a city in its own script", "Москва", "Europe/Moscow"},
		{"a large city in its own script", "Нижний Новгород", "Europe/Moscow"},
		{"a city with hyphens in its own script", "Ростов-на-Дону", "Europe/Moscow"},
		{"a city in Chinese", "北京", "Asia/Shanghai"},
		{"a former name of a city", "Kiev", "Europe/Kyiv"},
		{"a city with its country", "Paris, France", "Europe/Paris"},
		{"saint in full", "Saint Petersburg", "Europe/Moscow"},
		{"saint in short", "st. petersburg", "Europe/Moscow"},
		{"a flag and a city", "🇩🇪 Berlin", "Europe/Berlin"},
		{"a city's time", "Tokyo time", "Asia/Tokyo"},
		{"a capital whose zone has another name", "Ottawa", "America/Toronto"},
		{"a capital with an apostrophe", "N’Djamena", "Africa/Ndjamena"},
		{"a country of one zone", "Germany", "Europe/Berlin"},
		{"a country of several zones is its capital's", "United States", "America/New_York"},
		{"a country in short", "USA", "America/New_York"},
		{"a country in its language", "España", "Europe/Madrid"},
		{"a country code", "NZ", "Pacific/Auckland"},
		{"a territory", "Réunion", "Indian/Reunion"},
		{"the capital before the namesake", "San Juan", "America/Puerto_Rico"},
		{"the country before the state", "Georgia", "Asia/Tbilisi"},
		{"UTC", "utc", "UTC"},
		{"GMT", "GMT", "UTC"},
		{"CET", "CET", "Europe/Berlin"},
		{"EST is where it is said most", "EST", "America/New_York"},
		{"PST", "pst", "America/Los_Angeles"},
		{"two hours east", "+2", "Etc/GMT-2"},
		{"UTC and hours", "UTC+2", "Etc/GMT-2"},
		{"GMT and hours as people mean it", "gmt -5", "Etc/GMT+5"},
		{"a typographic minus", "UTC−3", "Etc/GMT+3"},
		{"hours and minutes", "UTC+5:30", "Asia/Kolkata"},
		{"four digits", "+0545", "Asia/Kathmandu"},
		{"the database's own name keeps its sign", "Etc/GMT+5", "Etc/GMT+5"},
		{"an offset of nothing", "utc+0", "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, near := FindZone(c.text); got != c.want || near != nil {
				t.Errorf("FindZone(%q) = %q, %v; want %q", c.text, got, near, c.want)
			}
		})
	}
}

func TestFindZoneSuggests(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an abbreviation of three countries", "IST", []string{"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}},
		{"an offset that is kept half the year", "-3:30", []string{"America/St_Johns"}},
		{"a missing letter", "berln", []string{"Europe/Berlin"}},
		{"swapped letters", "tokoy", []string{"Asia/Tokyo"}},
		{"two wrong letters of many", "johanesberg", []string{"Africa/Johannesburg"}},
		{"a beginning", "reykj", []string{"Atlantic/Reykjavik"}},
		{"a word within", "janeiro", []string{"America/Sao_Paulo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, near := FindZone(c.text)
			if zone != "" || len(near) == 0 || len(near) > 3 || near[0] != c.want[0] || len(c.want) > 1 && !slices.Equal(near, c.want) {
				t.Errorf("FindZone(%q) = %q, %v; want suggestions %v", c.text, zone, near, c.want)
			}
		})
	}
}

func TestFindZoneKnowsNothingOf(t *testing.T) {
	for _, text := range []string{
		"", " ", "Local", "../../etc/passwd", "zone.tab", "+15", "-13", "+2:99", "+99:99", "xqzwvk", "12", "🙂", "\xff\xfe",
		strings.Repeat("berlin ", 20), strings.Repeat("ß", 5000), "\x00",
		"Atlantis", "Narnia", "Gotham City", "Mordor",
	} {
		if zone, near := FindZone(text); zone != "" || text != "Local" && len(near) > 0 {
			t.Errorf("FindZone(%.40q) = %q, %v; want nothing", text, zone, near)
		}
	}
}

func TestEveryZoneLoads(t *testing.T) {
	a := zones()
	for key, found := range a.names {
		for _, z := range found {
			if _, err := time.LoadLocation(z); err != nil {
				t.Errorf("%q means %s: %v", key, z, err)
			}
		}
		if len(found) == 1 {
			if got, _ := FindZone(key); got != found[0] {
				t.Errorf("FindZone(%q) = %q; want %q", key, got, found[0])
			}
		}
	}
	for _, p := range a.cities {
		if math.Abs(p.lat) > 90 || math.Abs(p.lon) > 180 || p.lat == 0 && p.lon == 0 {
			t.Errorf("%s lies at %v, %v", p.zone, p.lat, p.lon)
		}
	}
	for h := -12; h <= 14; h++ {
		zone, _ := FindZone("UTC" + strings.Replace(time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", h*3600)).Format("-07:00"), "-0", "-", 1))
		if _, east := time.Unix(0, 0).In(LoadZone(zone)).Zone(); zone == "" || east != h*3600 {
			t.Errorf("UTC%+d is zone %q, %d seconds east", h, zone, east)
		}
	}
	for east, z := range oddOffsets {
		if _, got := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).In(LoadZone(z)).Zone(); got != east*60 {
			t.Errorf("%s is %d seconds east; want %d", z, got, east*60)
		}
	}
	for lang := range commonZones {
		offered := CommonZones(lang)
		if len(offered) < 5 || len(offered) > 6 {
			t.Errorf("CommonZones(%q) = %v; want five or six", lang, offered)
		}
		for _, z := range offered {
			if _, err := time.LoadLocation(z); err != nil {
				t.Errorf("CommonZones(%q): %v", lang, err)
			}
		}
	}
}

func TestTheTableIsWhole(t *testing.T) {
	capitals := 0
	for line := range strings.Lines(zonesTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if f[0] == "land" && f[3] != "" {
			capitals++
			for _, name := range []string{f[2], f[3]} {
				got, _ := FindZone(name)
				if got != f[4] && name != "Georgetown" {
					t.Errorf("FindZone(%q) = %q; want %q", name, got, f[4])
				}
			}
		}
	}
	if capitals < 195 {
		t.Errorf("the table holds %d capitals; want those of all 195 countries", capitals)
	}
}

func TestNearestZone(t *testing.T) {
	for _, c := range []struct {
		name     string
		lat, lon float64
		want     string
	}{
		{"a suburb of Berlin", 52.40, 13.06, "Europe/Berlin"},
		{"Munich", 48.15, 11.57, "Europe/Berlin"},
		{"Saint Petersburg is not Helsinki", 59.9, 30.4, "Europe/Moscow"},
		{"Beijing is not Pyongyang", 39.9, 116.4, "Asia/Shanghai"},
		{"Seattle", 47.6, -122.3, "America/Los_Angeles"},
		{"over the date line", -13.9, 179.9, "Pacific/Wallis"},
		{"the South Pole", -90, 0, "Antarctica/Vostok"},
		{"beyond the pole", 91, 0, ""},
		{"beyond the date line", 0, 181, ""},
		{"no number", math.NaN(), 0, ""},
		{"without end", 0, math.Inf(1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NearestZone(c.lat, c.lon); got != c.want {
				t.Errorf("NearestZone(%v, %v) = %q; want %q", c.lat, c.lon, got, c.want)
			}
		})
	}
}

func TestGuessZone(t *testing.T) {
	for _, c := range []struct{ tag, want string }{
		{"de", "Europe/Berlin"}, {"de-at", "Europe/Vienna"}, {"pt-br", "America/Sao_Paulo"}, {"pt-PT", "Europe/Lisbon"},
		{"es", "Europe/Madrid"}, {"es-419", "America/Mexico_City"}, {"zh-hans", "Asia/Shanghai"}, {"zh-hant", "Asia/Taipei"},
		{"uk", "Europe/Kyiv"}, {"fa", "Asia/Tehran"}, {"ja", "Asia/Tokyo"}, {"ko", "Asia/Seoul"}, {"hi", "Asia/Kolkata"},
		{"en", "UTC"}, {"en-us", "America/New_York"}, {"en-GB", "Europe/London"}, {"en-001", "UTC"},
		{"", "UTC"}, {"xx", "UTC"}, {"und", "UTC"}, {"not a tag", "UTC"}, {strings.Repeat("de-", 1000), "UTC"},
	} {
		if got := GuessZone(c.tag); got != c.want {
			t.Errorf("GuessZone(%.20q) = %q; want %q", c.tag, got, c.want)
		}
	}
}

func TestZoneCity(t *testing.T) {
	for _, c := range []struct{ zone, want string }{
		{"America/Argentina/Buenos_Aires", "Buenos Aires"}, {"Etc/GMT-2", "UTC+2"}, {"Etc/GMT+5", "UTC-5"}, {"UTC", "UTC"}, {"", ""},
	} {
		if got := ZoneCity(c.zone); got != c.want {
			t.Errorf("ZoneCity(%q) = %q; want %q", c.zone, got, c.want)
		}
	}
}

func TestLoadZone(t *testing.T) {
	if got := LoadZone("Europe/Berlin").String(); got != "Europe/Berlin" {
		t.Errorf("LoadZone(Europe/Berlin) = %s", got)
	}
	for _, name := range []string{"", "Local", "Nowhere/Atall", "../x"} {
		if got := LoadZone(name); got != time.UTC {
			t.Errorf("LoadZone(%q) = %s; want UTC", name, got)
		}
	}
}

func TestFindZoneOnAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(utc|gmt)? ?[+-]?[0-9:]{0,5}[a-z ]{0,12}`)).Draw(t, "text")
		zone, near := FindZone(text)
		if zone != "" && len(near) > 0 || len(near) > 3 {
			t.Fatalf("FindZone(%q) = %q, %v", text, zone, near)
		}
		if zone != "" {
			near = append(near, zone)
		}
		for _, z := range near {
			if _, err := time.LoadLocation(z); err != nil {
				t.Fatalf("FindZone(%q) = %q, %v: %v", text, zone, near, err)
			}
		}
	})
}

func BenchmarkReadAtlas(b *testing.B) {
	for b.Loop() {
		readAtlas(zonesTable)
	}
}

func BenchmarkFindZoneUnknown(b *testing.B) {
	text := strings.Repeat("zq", 50)
	for b.Loop() {
		FindZone(text[:30])
	}
}

func TestCitiesAreCalledAsReadersCallThem(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ lang, zone, want string }{
		{"de", "Europe/Vienna", "Wien"}, {"de", "Europe/Berlin", "Berlin"}, {"en", "Europe/Vienna", "Vienna"}, {"ru", "Europe/Moscow", "Москва"}, {"de", "Etc/GMT-2", "UTC+2"}, {"de", "UTC", "UTC"},
	} {
		if got := c.In(tt.lang).zoneCity(tt.zone); got != tt.want {
			t.Errorf("zoneCity(%q) in %s = %q; want %q", tt.zone, tt.lang, got, tt.want)
		}
	}
	for key, city := range zones().said {
		lang, zone, _ := strings.Cut(key, " ")
		if _, err := time.LoadLocation(zone); err != nil || vocabularies()[lang] == nil || city == ZoneCity(zone) {
			t.Errorf("zones.tsv calls %q in %q %q: want a zone, a language that is spoken, and another name than its own; %v", zone, lang, city, err)
		}
		if found, _ := FindZone(city); found != zone {
			t.Errorf("FindZone(%q) = %q; want %q, for a button says it", city, found, zone)
		}
	}
	for text, want := range map[string]string{"Spanien": "Europe/Madrid", "Frankreich": "Europe/Paris", "Allemagne": "Europe/Berlin", "Suisse": "Europe/Zurich", "Japón": "Asia/Tokyo",
		"Франция": "Europe/Paris", "Alemanha": "Europe/Berlin", "Österreich": "Europe/Vienna", "Lissabon": "Europe/Lisbon", "Lisbonne": "Europe/Lisbon"} {
		if got, _ := FindZone(text); got != want {
			t.Errorf("FindZone(%q) = %q; want %q", text, got, want)
		}
	}
	for _, zone := range CommonZones("ru") {
		if got := c.In("ru").zoneCity(zone); !FixedZone(zone) && got == ZoneCity(zone) {
			t.Errorf("a Russian is offered %q", got)
		}
	}
}

func TestAZoneInASentenceHasThePeoplesName(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		lang, zone string
		now        time.Time
		want       string
	}{
		"a city in winter":                      {"en", "Europe/Berlin", winter, "Berlin (UTC+1)"},
		"the same in summer":                    {"en", "Europe/Berlin", summer, "Berlin (UTC+2)"},
		"a name of the language":                {"de", "Europe/Vienna", winter, "Wien (UTC+1)"},
		"letters of the language":               {"ru", "Europe/Berlin", winter, "Берлин (UTC+1)"},
		"no name in its letters":                {"ru", "Pacific/Apia", winter, "Pacific/Apia"},
		"the same where letters are Latin":      {"fr", "Pacific/Apia", winter, "Apia (UTC+13)"},
		"no offset":                             {"en", "Europe/London", winter, "London (UTC)"},
		"west":                                  {"es", "America/Argentina/Buenos_Aires", winter, "Buenos Aires (UTC-3)"},
		"half an hour west":                     {"en", "America/St_Johns", winter, "St Johns (UTC-3:30)"},
		"three quarters east":                   {"en", "Asia/Kathmandu", winter, "Kathmandu (UTC+5:45)"},
		"UTC":                                   {"ru", "UTC", winter, "UTC"},
		"a fixed offset":                        {"de", "Etc/GMT-2", winter, "UTC+2"},
		"a second name of a zone":               {"en", "US/Eastern", winter, "US/Eastern"},
		"a zone that is not in the tz database": {"en", "Mars/Olympus", winter, "Mars/Olympus"},
	} {
		if got := c.In(tt.lang).zoneName(tt.zone, tt.now, "%s (%s)"); got != tt.want {
			t.Errorf("%s: zoneName(%q) in %s = %q; want %q", name, tt.zone, tt.lang, got, tt.want)
		}
	}
}
