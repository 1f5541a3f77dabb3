package digest

import (
	"strings"

	"tidings/digest/text"
)

// Suggestion returns t as its reader typed it, with words that are in no dictionary
// replaced by those they were probably meant to be, or "" when there is nothing to
// replace. Names are in no dictionary either: it is for topics that find nothing.
func (t Topic) Suggestion() string {
	chunks := strings.Fields(t.Label)
	changed := false
	for i, chunk := range chunks {
		core := strings.TrimFunc(chunk, func(r rune) bool { return isQuote(r) || isMinus(r) })
		if core == "" || operator(core) || isMinus([]rune(chunk)[0]) { // what is left out finds nothing anyway
			continue
		}
		if other := text.Suggest(text.Fold(core)); other != "" {
			chunks[i] = strings.Replace(chunk, core, other, 1)
			changed = true
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(chunks, " ")
}
