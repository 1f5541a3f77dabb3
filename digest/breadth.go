package digest

// A Breadth is how much of what fits a topic a reader wants. Topics and their matches
// are shared; a breadth chooses among them.
type Breadth int

// The breadths, in the order of their numbers on the shelf.
const (
	NormalBreadth Breadth = iota // stories that are about the topic
	OnlyTitle                    // those that name it in the headline
	Broad                        // also those that mention it in passing
)

// String is the name of b in lists and in the data of buttons.
func (b Breadth) String() string {
	switch b {
	case OnlyTitle:
		return "title"
	case Broad:
		return "broad"
	}
	return "normal"
}

// BreadthNamed is the inverse of String; what names none is the normal one.
func BreadthNamed(name string) Breadth {
	for _, b := range []Breadth{OnlyTitle, Broad} {
		if b.String() == name {
			return b
		}
	}
	return NormalBreadth
}

// aboutFrom is the score from which a story is about a topic and does not just mention
// it: once in the headline or the first sentences, or twice below.
const aboutFrom = 0.3

// Least returns the lowest score that b takes.
func (b Breadth) Least() float64 {
	if b == Broad {
		return 0
	}
	return aboutFrom
}

// Takes tells whether b takes m.
func (b Breadth) Takes(m Match) bool {
	switch b {
	case Broad:
		return true
	case OnlyTitle:
		return m.Score >= aboutFrom && m.Field == fieldNames[sourceTitle]
	}
	return m.Score >= aboutFrom
}
