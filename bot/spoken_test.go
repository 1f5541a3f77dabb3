package bot

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSchedulesAreReadInEveryLanguage(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"de", "täglich um 8 Uhr", "08:00"}, {"de", "TAEGLICH 8:30", "08:30"}, {"de", "werktags 8 Uhr 30", "08:30 weekdays"},
		{"de", "Mo-Fr um 7", "07:00 weekdays"}, {"de", "montags und donnerstags, 18 Uhr", "18:00 mon,thu"}, {"de", "von Montag bis Freitag um 8", "08:00 weekdays"},
		{"de", "12:00 am Montag", "12:00 mon"}, {"de", "18:00 am Wochenende", "18:00 weekend"}, {"de", "8 Uhr und 18 Uhr", "08:00 18:00"},
		{"de", "8uhr, 18uhr", "08:00 18:00"}, {"de", "mittags", "12:00"}, {"de", "8 Uhr abends", "20:00"}, {"de", "abends um 8", "20:00"},
		{"de", "morgens um 8 und abends um 8", "08:00 20:00"}, {"de", "jede Stunde", "hourly"}, {"de", "stündlich, Mo bis Fr", "hourly weekdays"},
		{"de", "aus", "off"}, {"de", "nie", "off"}, {"de", "8 pm", "20:00"}, {"de", "Sa.–Mo. 10", "10:00 mon,sat,sun"}, {"de", "daily 8", "08:00"},
		{"fr", "tous les jours à 8 h", "08:00"}, {"fr", "du lundi au vendredi à 7h30", "07:30 weekdays"}, {"fr", "en semaine à 8 h 30", "08:30 weekdays"},
		{"fr", "midi et 20 heures", "12:00 20:00"}, {"fr", "8 heures du soir", "20:00"}, {"fr", "3h de l’après-midi", "15:00"}, {"fr", "le week-end à 10h", "10:00 weekend"},
		{"fr", "lun, mer, ven 8h", "08:00 mon,wed,fri"}, {"fr", "toutes les heures", "hourly"}, {"fr", "désactivé", "off"}, {"fr", "jamais", "off"}, {"fr", "8 h 18 h", "08:00 18:00"},
		{"es", "todos los días a las 8", "08:00"}, {"es", "de lunes a viernes a las 7:30", "07:30 weekdays"}, {"es", "lunes y jueves 9", "09:00 mon,thu"},
		{"es", "fin de semana", "08:00 weekend"}, {"es", "8 de la tarde", "20:00"}, {"es", "10 de la noche", "22:00"}, {"es", "12 de la noche", "00:00"},
		{"es", "8:30 p. m.", "20:30"}, {"es", "8 a.m.", "08:00"}, {"es", "cada hora", "hourly"}, {"es", "mediodía", "12:00"}, {"es", "no", "off"}, {"es", "mie 8", "08:00 wed"},
		{"pt", "todos os dias às 8h", "08:00"}, {"pt", "segunda a sexta às 7h30", "07:30 weekdays"}, {"pt", "segunda-feira e quinta-feira 9", "09:00 mon,thu"},
		{"pt", "segunda-feira a sexta-feira", "08:00 weekdays"}, {"pt", "segunda-feira – sexta-feira", "08:00 weekdays"}, {"pt", "dias úteis 8", "08:00 weekdays"},
		{"pt", "fim de semana ao meio-dia", "12:00 weekend"}, {"pt", "8 da noite", "20:00"}, {"pt", "não", "off"}, {"pt", "a cada hora", "hourly"}, {"pt", "ter e sex 8", "08:00 tue,fri"},
		{"ru", "ежедневно в 8", "08:00"}, {"ru", "по будням в 8:30", "08:30 weekdays"}, {"ru", "с понедельника по пятницу в 9", "09:00 weekdays"}, {"ru", "пн-пт 8ч", "08:00 weekdays"},
		{"ru", "по вторникам, по четвергам в 9", "09:00 tue,thu"}, {"ru", "в 8 вечера", "20:00"}, {"ru", "3 часа дня", "15:00"}, {"ru", "каждый час", "hourly"}, {"ru", "Выкл", "off"},
		{"ru", "выходные", "08:00 weekend"}, {"ru", "8 часов 30 минут", "08:30"}, {"ru", "mon-fri 8", "08:00 weekdays"},
		// Halves and quarters.
		{"en", "half past seven", "07:30"}, {"en", "quarter to 1 pm", "12:45"}, {"en", "half past 12 am", "00:30"}, {"de", "halb acht", "07:30"}, {"de", "halb 8 abends", "19:30"}, {"de", "halb eins", "12:30"},
		{"de", "viertel nach acht, dreiviertel neun", "08:15 08:45"}, {"fr", "minuit et demi", "00:30"}, {"fr", "8 heures et quart du soir", "20:15"}, {"fr", "midi moins le quart", "11:45"},
		{"es", "8 y media de la mañana", "08:30"}, {"es", "nueve menos cuarto", "08:45"}, {"pt", "às 8 e meia", "08:30"}, {"ru", "в полвосьмого", "07:30"}, {"ru", "в половине восьмого вечера", "19:30"}, {"ru", "полпервого ночи", "00:30"},
		{"pt", "meio-dia e meia", "12:30"}, {"en", "quarter to midnight, half past noon", "12:30 23:45"}, {"es", "mediodía y media", "12:30"}, {"es", "doce y media de la noche", "00:30"},
		{"de", "13 Uhr mittags", "13:00"}, {"de", "1 Uhr mittags", "13:00"}, {"de", "halb eins mittags", "12:30"}, {"de", "12 Uhr mittags", "12:00"}, {"de", "8 Uhr und mittags", "08:00 12:00"}, {"de", "mittags und abends um 8", "12:00 20:00"},
		{"es", "a la una del mediodía", "13:00"}, {"es", "12 del mediodía", "12:00"}, {"pt", "1 do meio-dia", "13:00"},
		// Hours and minutes by name.
		{"en", "every morning at seven", "07:00"}, {"en", "seven in the evening", "19:00"}, {"en", "eight pm and ten past six", "06:10 20:00"}, {"en", "eight thirty", "08:30"}, {"en", "once a day", "08:00"}, {"en", "eight and ten", "08:00 10:00"},
		{"de", "jeden Morgen um sieben", "07:00"}, {"de", "jeden Abend um acht", "20:00"}, {"de", "um zwanzig Uhr dreißig", "20:30"}, {"de", "zehn nach acht", "08:10"}, {"de", "fünf vor zwölf", "11:55"}, {"de", "um ein Uhr nachts", "01:00"},
		{"fr", "à huit heures", "08:00"}, {"fr", "dix-huit heures trente", "18:30"}, {"fr", "huit heures moins dix", "07:50"}, {"fr", "sept heures du soir", "19:00"},
		{"es", "a las ocho", "08:00"}, {"es", "a las once de la noche", "23:00"}, {"es", "a las ocho y diez", "08:10"}, {"es", "a la una y media", "01:30"}, {"es", "las ocho y las diez", "08:00 10:00"},
		{"pt", "às oito", "08:00"}, {"pt", "às oito e dez", "08:10"}, {"pt", "às vinte horas e às sete", "07:00 20:00"}, {"pt", "às duas da tarde", "14:00"},
		{"ru", "в восемь утра", "08:00"}, {"ru", "в два часа дня", "14:00"}, {"ru", "в семь тридцать", "07:30"}, {"ru", "в двадцать один час", "21:00"},
		// In another language than the chat's, what means one thing alone.
		{"en", "täglich um 8 Uhr", "08:00"}, {"en", "lunes a viernes 8", "08:00 weekdays"}, {"en", "mar 8", "08:00 tue"}, {"en", "so 8", "08:00 sun"}, {"en", "Mo, Mi, Fr 8", "08:00 mon,wed,fri"},
		{"ja", "каждый день в 9", "09:00"}, {"", "todos os dias 9", "09:00"},
		// Two meanings: the chat's.
		{"de", "di 8", "08:00 tue"}, {"fr", "di 8", "08:00 sun"}, {"de", "do 8", "08:00 thu"}, {"es", "do 8", "08:00 sun"},
	} {
		got, err := ParseScheduleIn(c.lang, c.text)
		if err != nil || got.String() != c.want {
			t.Errorf("ParseScheduleIn(%q, %q) = %q, %v; want %q", c.lang, c.text, got, err, c.want)
		}
	}
}

func TestSchedulesAreRefusedInEveryLanguage(t *testing.T) {
	for _, c := range []struct {
		lang, text string
		kind       ScheduleFault
		word       string
	}{
		{"en", "di 8", ScheduleUnknown, "di"}, // Tuesday to some, Sunday to others
		{"en", "do", ScheduleUnknown, "do"},
		{"de", "Schönntag 8", ScheduleUnknown, "schönntag"},
		{"de", "aus um 8", ScheduleContrary, "aus"},
		{"de", "stündlich 8 Uhr", ScheduleContrary, "stündlich"},
		{"de", "25 Uhr", ScheduleNoTime, "25"},
		{"de", "8 Uhr 75", ScheduleNoTime, "75"},
		{"de", "8 bis 18 Uhr", ScheduleUnknown, "8 bis 18"},
		{"fr", "8h à 18h", ScheduleUnknown, "8h à 18h"},
		{"de", "bis", ScheduleEmpty, ""},
		// Regions and people differ in these.
		{"en", "half seven", ScheduleUnknown, "half"}, {"de", "viertel acht", ScheduleUnknown, "viertel"}, {"fr", "12h du matin", ScheduleUnknown, "12h du matin"}, {"fr", "12h30 du matin", ScheduleUnknown, "12h30 du matin"}, {"en", "half past 12 in the morning", ScheduleUnknown, "12:30 in the morning"}, {"en", "12 at night", ScheduleUnknown, "12 at night"}, {"en", "every other day", ScheduleUnknown, "other"},
		// A length of time is no time of day.
		{"pt", "de 2 em 2 horas", ScheduleUnknown, "cada 2 horas"},
		{"en", "every 6 h", ScheduleUnknown, "every 6 h"}, {"en", "every 6h", ScheduleUnknown, "every 6 h"}, {"en", "in 8 minutes", ScheduleUnknown, "8 minutes"}, {"en", "every 2 days at 8", ScheduleUnknown, "2 days"},
		{"de", "jede 2 h", ScheduleUnknown, "jede 2 h"}, {"de", "in 10 Minuten", ScheduleUnknown, "10 minuten"}, {"fr", "toutes les 2 heures", ScheduleUnknown, "toutes les 2 heures"}, {"fr", "toutes les 2h", ScheduleUnknown, "toutes les 2 h"},
		{"es", "cada 8 horas", ScheduleUnknown, "cada 8 horas"}, {"es", "todas las 8 horas", ScheduleUnknown, "todas las 8 horas"}, {"pt", "a cada 6 horas", ScheduleUnknown, "cada 6 horas"}, {"ru", "каждые 8 часов", ScheduleUnknown, "каждые 8 часов"}, {"ru", "каждые 30 минут", ScheduleNoTime, "30"},
		{"en", "in ten minutes", ScheduleUnknown, "ten minutes"}, {"fr", "toutes les deux heures", ScheduleUnknown, "toutes les deux heures"}, {"es", "cada dos horas", ScheduleEmpty, ""}, {"pt", "de duas em duas horas", ScheduleUnknown, "cada duas horas"},
		{"ru", "каждые два часа", ScheduleUnknown, "каждые два часа"}, {"en", "from eight to ten", ScheduleUnknown, "eight to ten"}, {"en", "once", ScheduleUnknown, "once"}, {"es", "una vez al día", ScheduleUnknown, "vez"}, {"en", "one digest", ScheduleUnknown, "digest"}, {"en", "seven days a week", ScheduleUnknown, "seven days"},
		{"es", "1 2 3 4 5 6 7 8 9 de la noche", ScheduleTooMany, ""},
		{"ru", "иногда", ScheduleUnknown, "иногда"},
		{"ru", strings.Repeat("ы", 4000), ScheduleUnknown, strings.Repeat("ы", 29) + "…"},
		{"pt", strings.Repeat("segunda-", 500), ScheduleUnknown, "segunda-segunda-segunda-segun…"},
		{"de", strings.Repeat("montag bis ", 400) + "x", ScheduleUnknown, "x"},
		{"xx", "someday", ScheduleUnknown, "someday"},
	} {
		_, err := ParseScheduleIn(c.lang, c.text)
		var fault *ScheduleError
		if !errors.As(err, &fault) || fault.Kind != c.kind || fault.Word != c.word {
			t.Errorf("ParseScheduleIn(%q, %.40q) fails with %v; want %s %q", c.lang, c.text, err, c.kind, c.word)
		}
	}
}

func TestQuietHoursAreReadInEveryLanguage(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"de", "von 22 Uhr bis 7 Uhr", "22:00-07:00"}, {"de", "22 bis 7", "22:00-07:00"}, {"de", "zwischen 22 Uhr 30 und 7 Uhr", "22:30-07:00"}, {"de", "10 Uhr abends bis 7 Uhr morgens", "22:00-07:00"},
		{"de", "Mitternacht bis 8", "00:00-08:00"}, {"de", "aus", ""}, {"de", "keine", ""},
		{"fr", "de 22h à 7h", "22:00-07:00"}, {"fr", "entre 22 h 30 et 7 h", "22:30-07:00"}, {"fr", "minuit à 8 heures", "00:00-08:00"}, {"fr", "aucune", ""},
		{"es", "de 22 a 7", "22:00-07:00"}, {"es", "desde las 10 de la noche hasta las 7 de la mañana", "22:00-07:00"}, {"es", "no", ""},
		{"pt", "das 22h às 7h", "22:00-07:00"}, {"pt", "entre 22 e 7", "22:00-07:00"}, {"pt", "não", ""},
		{"ru", "с 22 до 7", "22:00-07:00"}, {"ru", "с 10 вечера до 7 утра", "22:00-07:00"}, {"ru", "нет", ""},
		{"en", "von 22 bis 7", "22:00-07:00"}, {"ru", "from 10pm to 7am", "22:00-07:00"},
	} {
		got, err := ParseQuietIn(c.lang, c.text)
		if err != nil || got.String() != c.want {
			t.Errorf("ParseQuietIn(%q, %q) = %q, %v; want %q", c.lang, c.text, got, err, c.want)
		}
	}
	for _, c := range []struct {
		lang, text string
		kind       QuietFault
	}{
		{"de", "nachts", QuietUnknown}, {"de", "22 bis 25 Uhr", QuietNoTime}, {"de", "22 bis 22 Uhr", QuietSame}, {"de", "werktags 22 bis 7", QuietMany}, {"de", "aus 22 bis 7", QuietMany},
		{"ru", strings.Repeat("ночи ", 800), QuietUnknown}, {"fr", "", QuietUnknown},
	} {
		q, err := ParseQuietIn(c.lang, c.text)
		var fault *QuietError
		if !errors.As(err, &fault) || fault.Kind != c.kind || q != (Quiet{}) {
			t.Errorf("ParseQuietIn(%q, %.40q) = %+v, %v; want fault %q", c.lang, c.text, q, err, c.kind)
		}
	}
}

// TestEveryCatalogsLanguageHasWordsForTimes: whoever is spoken to in a language answers in
// it, and with the names of days that the catalog itself says.
func TestEveryCatalogsLanguageHasWordsForTimes(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		v := vocabularies()[lang]
		if v == nil {
			t.Errorf("spoken.tsv has no words of %s", lang)
			continue
		}
		for day := range 7 {
			name := c.In(lang).Plain("weekday_"+string(rune('0'+day)), nil)
			if s, err := ParseScheduleIn(lang, name+" 8"); err != nil || s.Days != 1<<day {
				t.Errorf("ParseScheduleIn(%q, %q) = %q, %v; want day %d", lang, name+" 8", s, err, day)
			}
		}
		for what, want := range map[string]string{"button_daily": "08:00", "button_weekdays": "08:00 weekdays", "button_weekend": "08:00 weekend", "button_hourly": "hourly", "button_off": "off"} {
			label := c.In(lang).Plain(what, nil)
			if s, err := ParseScheduleIn(lang, label); err != nil || s.String() != want {
				t.Errorf("ParseScheduleIn(%q, %q) = %q, %v; want %q, for a button says it", lang, label, s, err, want)
			}
		}
	}
}

func TestTheTableOfSpokenWordsIsWhole(t *testing.T) {
	senses := []sense{senseNothing, senseEach, senseCount, senseHours, senseTo, senseOff, senseHourly, senseForenoon, senseAfternoon, senseNight, senseMidday, senseUnclear, senseClock}
	seen := map[string]string{}
	for line := range strings.Lines(spokenTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			t.Fatalf("%q has %d fields; want language, meaning, words", line, len(fields))
		}
		_, days := senseOfDays[sense(fields[1])]
		_, times := senseOfTimes[sense(fields[1])]
		if !days && !times && !slices.Contains(senses, sense(fields[1])) {
			t.Errorf("%q has no meaning that is known", line)
		}
		for word := range strings.SplitSeq(fields[2], ", ") {
			key := fields[0] + " " + bare(word)
			if before, twice := seen[key]; twice && before != fields[1] {
				t.Errorf("%s means %s and %s", key, before, fields[1])
			}
			seen[key] = fields[1]
			if n := len(strings.Fields(word)); n == 0 || n > longestPhrase || word != strings.TrimSpace(word) {
				t.Errorf("%q is a phrase of %d words; 1 to %d are read", word, n, longestPhrase)
			}
		}
	}
}

func TestAnyWordsInAnyLanguageAreReadBack(t *testing.T) {
	var all []string
	for _, v := range vocabularies() {
		for word := range v {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(all), rapid.SampledFrom([]string{"8", "20:30", "-", ",", "12", "00"})), 1, 8).Draw(t, "words")
		lang := rapid.SampledFrom([]string{"de", "fr", "es", "pt", "ru", "en"}).Draw(t, "language")
		text := strings.Join(words, " ")
		if s, err := ParseScheduleIn(lang, text); err == nil {
			if again, err := ParseSchedule(s.String()); err != nil || again.String() != s.String() {
				t.Errorf("ParseScheduleIn(%q, %q) = %q, which reads back as %q, %v", lang, text, s, again, err)
			}
		}
		if q, err := ParseQuietIn(lang, text); err == nil && q.String() != "" {
			if again, err := ParseQuiet(q.String()); err != nil || again != q {
				t.Errorf("ParseQuietIn(%q, %q) = %q, which reads back as %q, %v", lang, text, q, again, err)
			}
		}
	})
}
