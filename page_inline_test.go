package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// journeyInline shares a headline with a group and follows its topic, both from there.
func journeyInline(t *testing.T, browser context.Context) {
	s := open(t, browser, newTrial(t, "127.0.0.1:0"), 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.clicks(".tab", "Harbour club")
	group := value[int64](s, `Number([...phones.keys()].at(-1))`)
	menu := fmt.Sprintf(`document.querySelector("#chat-%d .menu")`, group)
	s.focuses(group)
	s.types("@tidings_bot ferries")
	s.waits(menu + `.querySelectorAll(".menu-item").length > 1`)
	title := value[string](s, menu+`.querySelector("[aria-selected=true] .menu-name").innerText`)
	s.types(kb.Enter)
	s.sees(group, title)
	s.sees(group, "via @tidings_bot")
	s.is(menu+`.hidden`, true)

	s.types("@tidings_bot zeppelins")
	s.waits(menu + `.innerText.includes("Nothing on zeppelins yet: follow it")`)
	s.types(kb.Enter)
	s.sees(tryReader, "Following zeppelins")

	s.focuses(group)
	s.types("@tidings_bot " + `say "cheese`)
	s.waits(menu + `.innerText.includes("no partner")`)
	s.types(kb.Escape)
	s.waits(menu + `.hidden`)
}
