package bot_test

import (
	"testing"
	"time"
)

// A feed that gives teasers: the summary comes from the article's page when it
// was read in time.

const (
	teaser      = "Crews of the northern ferries have agreed to …"
	pageOfStory = "Crews of the northern ferries agreed on Monday to go back to work.\n\n" +
		"The owners will pay four percent more from April and shorten the night shift by an hour.\n\n" +
		"Talks had lasted eleven weeks."
)

func TestAFirstEditionWaitsAMomentForPages(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.pages = map[string]string{"https://test-post.example/1": pageOfStory}
		w.publish("Ferry strike ends in the north", teaser)
		w.wants(w.say(ida, "/subscribe ferry strike"), "📰 Monday", "Crews of the northern ferries agreed on Monday to go back to work.",
			"The owners will pay four percent more from April", "!have agreed to", "!eleven weeks")
	})
}

func TestAPageThatIsForbiddenLeavesTheTeaser(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.publish("Ferry strike ends in the north", teaser)
		w.wants(w.say(ida, "/subscribe ferry strike"), "📰 Monday", "Ferry strike ends in the north", "!have agreed to", "!…")
	})
}

func TestAnEditionBecomesBetterUntilItsSlot(t *testing.T) {
	scene(t, func(t *testing.T, w *world) {
		w.say(ida, "/subscribe ferry strike")
		w.say(ida, "/schedule 07:45")
		w.pages = map[string]string{"https://test-post.example/1": pageOfStory}
		w.publish("Ferry strike ends in the north", teaser)
		w.passes(5 * time.Second) // the page is read meanwhile, with nobody waiting for it
		before := w.last(ida)
		w.slot("07:45")
		w.wants(w.since(ida, before), "📰 Monday", "agreed on Monday to go back to work.", "!have agreed to")
	})
}
