package bot

import (
	"regexp"
	"strconv"
	"strings"
)

// How people say halves and quarters of hours: half past seven, halb acht, 8 y media,
// 8 heures et quart, 8 e meia, полвосьмого. What regions read differently ("half seven",
// "viertel acht") is left as it is, and so is asked about.

// hourNames are the names of hours in these phrases; of no two languages two hours have one.
var hourNames = func() map[string]int {
	names := map[string]int{}
	for _, row := range []string{
		"one two three four five six seven eight nine ten eleven twelve",
		"eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
		"une deux trois quatre cinq six sept huit neuf dix onze douze",
		"una dos tres cuatro cinco seis siete ocho nueve diez once doce",
		"uma duas três quatro cinco seis sete oito nove dez onze doze",
		"первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого одиннадцатого двенадцатого",
	} {
		for i, name := range strings.Fields(row) {
			names[bare(name)] = i + 1
		}
	}
	for _, name := range []string{"noon", "midday", "midi", "mediodía", "meio-dia", "meio dia"} {
		names[bare(name)] = 12
	}
	for _, name := range []string{"midnight", "minuit", "medianoche", "meia-noite", "meia noite"} {
		names[bare(name)] = 24
	}
	return names
}()

// clockPhrases are such phrases, with how many minutes they are from the hour they name.
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
}

func clockPhrase(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s,])` + strings.Replace(pattern, "HOUR", `([0-9]{1,2}|mei[oa][- ](?:dia|noite)|\pL[\pL\pM]+)`, 1) + `($|[\s,.])`)
}

// inTurns is Portuguese for every so many hours, which is no time of day.
var inTurns = regexp.MustCompile(`(^|\s)de (\d+) em (\d+) horas?`)

// readClockPhrases writes such phrases in a text of small letters as 7:30.
func readClockPhrases(text string) string {
	text = inTurns.ReplaceAllString(text, "${1}cada $3 horas")
	for _, p := range clockPhrases {
		text = p.ReplaceAllStringFunc(text, func(found string) string {
			m := p.FindStringSubmatch(found)
			hour, err := strconv.Atoi(m[2])
			if err != nil {
				named, ok := hourNames[bare(m[2])]
				if !ok {
					return found
				}
				hour = named
			}
			if hour > 24 {
				return found
			}
			at := hour*60 + p.minutes
			if hour <= 12 && hour > 0 && at < 60 { // a quarter to one is in the hour of twelve
				at += 12 * 60
			}
			at %= 24 * 60
			if at < 0 {
				return found
			}
			return m[1] + TimeOfDay(at).String() + m[3]
		})
	}
	return text
}
