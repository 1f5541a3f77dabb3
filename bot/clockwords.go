package bot

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// How people say halves and quarters of hours: half past seven, halb acht, 8 y media,
// 8 heures et quart, 8 e meia, полвосьмого. What regions read differently ("half seven",
// "viertel acht") is left as it is, and so is asked about.

// hourNames are the names of hours in these phrases: those of the table that are one word, and
// those that only these phrases have. Of no two languages two hours have one.
var hourNames = sync.OnceValue(func() map[string]int {
	names := map[string]int{"noon": 12, "midday": 12, "midi": 12, "mediodia": 12, "meio-dia": 12, "midnight": 24, "minuit": 24, "medianoche": 24, "meia-noite": 24, "once": 11}
	for _, words := range vocabularies() {
		for name, s := range words {
			if s.named && !strings.Contains(name, " ") {
				names[name] = int(s.at / 60)
			}
		}
	}
	for i, name := range strings.Fields("первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого одиннадцатого двенадцатого") {
		names[bare(name)] = i + 1
	}
	return names
})

// minuteNames are the names of minutes in them.
var minuteNames = func() map[string]int {
	names := map[string]int{}
	for minutes, said := range map[int]string{
		5: "five fünf cinq cinco пять", 10: "ten zehn dix diez dez десять", 15: "fifteen fünfzehn quinze quince пятнадцать",
		20: "twenty zwanzig vingt veinte vinte двадцать", 30: "thirty dreißig trente treinta trinta тридцать",
		40: "forty vierzig quarante cuarenta quarenta сорок", 45: "forty-five fünfundvierzig quarante-cinq", 50: "fifty fünfzig cinquante cincuenta cinquenta пятьдесят",
	} {
		for name := range strings.FieldsSeq(said) {
			names[name] = minutes
		}
	}
	return names
}()

// clockPhrases are such phrases, with how many minutes they are from the hour they name; or,
// where they name the minutes, with the sign of these.
var clockPhrases = []struct {
	*regexp.Regexp
	minutes int
}{
	{clockPhrase(`half past HOUR`), 30}, {clockPhrase(`(?:a )?quarter past HOUR`), 15}, {clockPhrase(`(?:a )?quarter to HOUR`), -15},
	{clockPhrase(`halb HOUR`), -30}, {clockPhrase(`viertel nach HOUR`), 15}, {clockPhrase(`viertel vor HOUR`), -15}, {clockPhrase(`dreiviertel HOUR`), -15},
	{clockPhrase(`HOUR ?(?:h|heures?)? et demie?`), 30}, {clockPhrase(`HOUR ?(?:h|heures?)? et quart`), 15}, {clockPhrase(`HOUR ?(?:h|heures?)? moins le quart`), -15},
	{clockPhrase(`HOUR y media`), 30}, {clockPhrase(`HOUR y cuarto`), 15}, {clockPhrase(`HOUR menos cuarto`), -15},
	{clockPhrase(`HOUR ?(?:h|horas?)? e meia`), 30},
	{clockPhrase(`(?:половин[ае]|пол) ?-?HOUR`), -30}, {clockPhrase(`четверть HOUR`), -45},
	{clockPhrase(`MINUTES (?:past|nach) HOUR`), 1}, {clockPhrase(`MINUTES vor HOUR`), -1}, {clockPhrase(`HOUR (?:menos|(?:heures? )?moins) MINUTES`), -1},
	{clockPhrase(`HOUR (?:uhr|h|heures?|y|e|horas e|час(?:а|ов)?) MINUTES`), 1},
	{clockPhrase(`HOUR (?P<minutes>thirty|fifteen|forty-five|тридцать|пятнадцать|сорок)`), 1}, // which are no hours, as ten is
}

func clockPhrase(pattern string) *regexp.Regexp {
	minutes := slices.SortedFunc(maps.Keys(minuteNames), func(a, b string) int { return strings.Compare(b, a) }) // the longer first
	pattern = strings.Replace(pattern, "HOUR", `(?P<hour>[0-9]{1,2}|\pL[\pL\pM-]+)`, 1)
	pattern = strings.Replace(pattern, "MINUTES", `(?P<minutes>`+strings.Join(minutes, "|")+`)`, 1)
	return regexp.MustCompile(`(?P<before>^|[\s,])` + pattern + `(?P<behind>$|[\s,.])`)
}

// inTurns is Portuguese for every so many hours, which is no time of day.
var inTurns = regexp.MustCompile(`(^|\s)de (\d+|duas|três|quatro|seis|oito|doze) em (\d+|duas|três|quatro|seis|oito|doze) horas?`)

// readClockPhrases writes such phrases in a text of small letters as 7:30.
func readClockPhrases(text string) string {
	text = inTurns.ReplaceAllString(text, "${1}cada $3 horas")
	for _, p := range clockPhrases {
		text = p.ReplaceAllStringFunc(text, func(found string) string {
			m := p.FindStringSubmatch(found)
			part := func(name string) string {
				if i := p.SubexpIndex(name); i >= 0 {
					return m[i]
				}
				return ""
			}
			hour, err := strconv.Atoi(part("hour"))
			if err != nil {
				named, ok := hourNames()[bare(part("hour"))]
				if !ok {
					return found
				}
				hour = named
			}
			minutes := p.minutes
			if name := part("minutes"); name != "" {
				minutes *= minuteNames[name]
			}
			if hour > 24 {
				return found
			}
			at := hour*60 + minutes
			if hour <= 12 && hour > 0 && at < 60 { // a quarter to one is in the hour of twelve
				at += 12 * 60
			}
			at %= 24 * 60
			if at < 0 {
				return found
			}
			return part("before") + TimeOfDay(at).String() + part("behind")
		})
	}
	return text
}
