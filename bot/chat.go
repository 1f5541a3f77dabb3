package bot

import (
	"slices"
	"strings"
	"time"

	"tidings/digest"
)

// A ChatID is our own id of a chat; it stays when Telegram gives the
// conversation another one.
type ChatID int64

// An Address is where Telegram finds a chat.
type Address struct {
	Telegram int64 // Telegram's chat id; negative for groups and channels
	Thread   int64 // the forum thread, 0 for none and for General
}

// Group says whether Telegram's limits for groups hold for the address.
func (a Address) Group() bool { return a.Telegram < 0 }

// A Chat is a Telegram conversation (private, group, forum thread or channel):
// the one who reads, follows and has settings.
type Chat struct {
	ID ChatID
	Address
	Kind     string // Telegram's word: private, group, supergroup, channel
	Title    string // of a group or channel; "" for a person's chat
	Language string // of the catalog, ISO 639-1
	Zone     string // IANA name
	ZoneSet  bool   // the reader chose the zone; false while it is guessed
	Schedule Schedule
	Settings

	// NextEdition is when the next edition is due, zero for never. It is the
	// schedule's next slot, or a moment that the reader asked for.
	NextEdition time.Time
	// Asked says that NextEdition was asked for: such an edition answers even
	// when there is nothing to tell.
	Asked bool
	// LastEdition is when the last edition was composed: matches since then
	// are news. Zero before the first.
	LastEdition time.Time

	// Expects names what the reader's next plain message answers, "" for
	// nothing: an expectation, after a press of [Edit].
	Expects string

	// Keeper is the private chat of the admin who added us to this group or
	// channel or changed it last: who is told when we may not write there any
	// more. 0 while we know nobody.
	Keeper ChatID
	// Steers is the channel whose settings this private chat changes in place
	// of its own until SteersUntil; 0 for none.
	Steers      ChatID
	SteersUntil time.Time

	Paused   PauseReason // "" while the chat reads
	PausedAt time.Time
	Created  time.Time
}

// Settings are what a chat chose on the screen of /settings.
type Settings struct {
	Length         Length // how much an edition tells
	Quiet          string // local hours in which nothing is sent, "22:00-07:00"; "" for none
	TellEmpty      bool   // a slot without stories says so
	Previews       bool   // Telegram may show a picture of the first link
	Announcements  bool   // broadcasts reach the chat
	StoryLanguages string // ISO 639-1 codes of the stories wanted, space-separated; "" for any
}

// DefaultSettings are those of a chat that chose nothing.
func DefaultSettings() Settings { return Settings{Length: LengthShort, Announcements: true} }

// settingsOf are those of a newcomer whose client speaks a language, an IETF tag: stories
// come in that and in English. Who tells none gets them in any.
func settingsOf(tag string) Settings {
	s := DefaultSettings()
	if code := digest.LanguageCode(tag); languageName(code) != "" {
		s.readLanguage(code, true)
		s.readLanguage("en", true)
	}
	return s
}

// A Length is how much an edition tells of each story, and of how many.
type Length string

const (
	LengthHeadlines Length = "headlines" // 8 a topic, 40 in all, no summaries
	LengthShort     Length = "short"     // 5 a topic, 20 in all
	LengthFull      Length = "full"      // 10 a topic, 40 in all
)

// limits are what an edition of that length holds (product).
func (l Length) limits() digest.Limits {
	switch l {
	case LengthHeadlines:
		return digest.Limits{PerTopic: 8, Total: 40}
	case LengthFull:
		return digest.Limits{PerTopic: 10, Total: 40, Words: 66}
	}
	return digest.NormalLimits
}

// Midnight is when the day began that the chat's clock shows at now.
func (c Chat) Midnight(now time.Time) time.Time {
	year, month, day := now.In(c.Location()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, c.Location())
}

// reads says whether the chat wants stories of a language: one of those it
// chose, any when it chose none, and one that could not be told always.
func (s Settings) reads(language string) bool {
	return s.StoryLanguages == "" || language == "" || language == digest.UnknownLanguage ||
		slices.Contains(strings.Fields(s.StoryLanguages), language)
}

// A PauseReason says why nothing is sent to a chat.
type PauseReason string

const (
	PausedByReader PauseReason = "reader"   // /pause
	PausedBlocked  PauseReason = "blocked"  // the reader blocked the bot
	PausedGone     PauseReason = "gone"     // deactivated, deleted, kicked, never started
	PausedNoRights PauseReason = "norights" // the bot may not write there
	PausedNotFound PauseReason = "notfound" // Telegram does not know the chat
	PausedNoThread PauseReason = "nothread" // the forum thread is closed or deleted
)

// A Subscription is a chat following a topic.
type Subscription struct {
	Chat    ChatID
	Topic   digest.TopicID
	Text    string // the topic's canonical text
	Label   string // as this reader typed it
	Muted   bool
	Breadth digest.Breadth
	Alerts  bool // stories that many tell within an hour come at once
	Created time.Time
}

// Limits of the product on one chat.
const (
	MaxTopics  = 50
	MaxSources = 50 // followed
	MaxSlots   = 8  // a day
	MaxAlerts  = 3  // a day
)
