package bot_test

import (
	"testing"
)

func TestStartIsThreeTapsInOneMessage(t *testing.T) {
	scene(t, func(w *world) {
		w.publish("World leaders meet in Oslo", "World leaders met in Oslo on Monday to talk about fishing. A second round follows in May.")
		got := w.say(ida, "/start")
		w.wants(got, "Tidings follows topics", "[🌍 World][💻 Technology]", "[🌱 Climate][⚽ Sport]")
		t.Log(got)
		m := w.press(ida, "🌍 World")
		w.wantsOne(m, "Following world", "At what time", "[07:00][08:00][12:00]")
		m = w.press(ida, "18:00")
		w.wantsOne(m, "every day at 18:00", "Which time zone")
		m = w.press(ida, "Berlin 08:30")
		t.Log(w.since(ida, 0))
	})
}
