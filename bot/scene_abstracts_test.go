package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// A languageModel answers by what stands in the articles.
type languageModel map[string]string

var errNoModel = errors.New("the model is gone")

func (m languageModel) Complete(_ context.Context, _, material string, _ int) (string, int, error) {
	for words, answer := range m {
		if strings.Contains(material, words) {
			return answer, 700, nil
		}
	}
	return "", 0, errNoModel
}

func TestALanguageModelWritesSummaries(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.model = languageModel{
			"38 million euros": "The council spends 38 million euros on two electric boats.\nThey replace diesel ones of 1991.",
			"Crews want":       "9,000 commuters were stranded when the crews left their ferries.", // so many nobody told
		}
		w.skips(time.Second)
		w.ferries()
		w.say(ida, "/subscribe ferries") // before a moment has passed that nobody waits for
		w.wants(w.since(ida, 0), "The council ordered two electric ferries on Monday for 38 million euros.", "no boat left the port", "!spends")
		w.passes(5 * time.Minute)
		w.wants(w.say(ben, "/subscribe ferries"), "The council spends 38 million euros on two electric boats. They replace diesel ones of 1991.", "!They replace diesel boats",
			"no boat left the port", "!9,000")
		w.press(ben, "❔ Why?")
		w.wantsOne(w.press(ben, "1"), "A language model wrote its summary")
		w.press(ben, "« Back")
		w.wantsOne(w.press(ben, "2"), "Ferries stop", "!language model")
		w.say(ben, "ferries")
		w.press(ben, "❔ Why?")
		w.wantsOne(w.press(ben, "1"), "A language model wrote its summary")
	})
}
