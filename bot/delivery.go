package bot

import (
	"cmp"
	"math"
	"time"

	"tidings/bot/telegram"
	"tidings/digest"
)

type (
	DeliveryID  int64
	EditionID   int64
	BroadcastID int64
)

// A Delivery is the sending of one message to one chat. It is a row, and the
// truth: nothing but the deliverer sends, and what it did stands here.
type Delivery struct {
	ID        DeliveryID
	Chat      ChatID
	To        Address // of the chat, as it stands now
	Kind      DeliveryKind
	Edition   EditionID      // 0 unless Kind is EditionDelivery
	Broadcast BroadcastID    // 0 unless Kind is BroadcastDelivery
	Story     digest.StoryID // that it tells; 0 unless Kind is AlertDelivery or AmendDelivery
	Message   telegram.Message
	Edits     int64 // the chat's message that Message replaces; 0: it is a new one
	State     DeliveryState
	NotBefore time.Time // not sent earlier; moves on when it must wait
	Due       time.Time // when it might have been sent first: lateness counts from here
	Attempts  int       // times it went on the wire
	Ambiguous int       // times its answer was lost
	Sent      int64     // Telegram's message id once sent
	Reason    string    // why it failed or was dropped, or HeldQuiet

	// What quiet hours are judged by.
	Quiet string // of the chat, as they stand now
	Zone  string // of the chat
	Asked bool   // its edition was asked for

	Declined bool // the reader does not want it any more: of broadcasts announcements, of alerts those of its topic
}

// HeldQuiet is the Reason of a delivery that waits for the end of quiet hours.
const HeldQuiet = "quiet hours"

// ReasonBundled is the Reason of an edition's delivery that was dropped because
// quiet hours overtook it: what it told stands in the edition after them.
const ReasonBundled = "bundled"

// quietUntil is before when the delivery may not be sent because its chat is
// quiet at now; zero when it may. Answers are never held back.
func (d Delivery) quietUntil(now time.Time) time.Time {
	if d.Kind == NoticeDelivery || d.Asked {
		return time.Time{}
	}
	return quietUntil(d.Quiet, d.Zone, now)
}

// A DeliveryKind also orders deliveries: the smaller, the more urgent.
type DeliveryKind int

const (
	NoticeDelivery    DeliveryKind = 1 // an answer or a report that must survive a restart
	AlertDelivery     DeliveryKind = 2
	EditionDelivery   DeliveryKind = 3
	BroadcastDelivery DeliveryKind = 4
	AmendDelivery     DeliveryKind = 5 // brings an alert up to date: nobody waits for it
)

// LastKind is the least urgent.
const LastKind = AmendDelivery

// String is the kind's name in figures.
func (k DeliveryKind) String() string {
	switch k {
	case NoticeDelivery:
		return "notice"
	case AlertDelivery:
		return "alert"
	case EditionDelivery:
		return "edition"
	case BroadcastDelivery:
		return "broadcast"
	case AmendDelivery:
		return "amendment"
	}
	return "other"
}

// A DeliveryState is one of six; the last four are final.
type DeliveryState string

const (
	Waiting DeliveryState = "waiting" // to be sent, not before NotBefore
	Sending DeliveryState = "sending" // on the wire; after a crash: perhaps sent
	Sent    DeliveryState = "sent"    // Telegram has it
	Unknown DeliveryState = "unknown" // the answer was lost twice: perhaps sent
	Failed  DeliveryState = "failed"  // Telegram refused it for good
	Dropped DeliveryState = "dropped" // not sent on purpose: the chat is gone or paused, or the broadcast stopped
)

// A Composed is one edition on its way to the shelf: what SaveEdition
// saves in one transaction.
type Composed struct {
	Chat     ChatID
	Slot     time.Time // UTC; unique for a chat
	Asked    bool
	After    time.Time          // the chat's LastEdition when it was read; zero before the first
	Composed time.Time          // the chat's LastEdition from now on
	Next     time.Time          // the chat's NextEdition from now on, zero for never
	Messages []telegram.Message // in order; none when the slot is empty
	Told     []digest.Told      // its stories: not again for 14 days, unless they change
	Reasons  []Reason           // of its stories, in order
}

// A Reason is why a story stood in an edition, as it was decided then: stories grow
// and topics change, but what was sent was sent for this. It is stored as JSON and may
// be read by another version of the program: fields may be added, never renamed.
type Reason struct {
	Story    digest.StoryID  `json:"s"`
	Title    string          `json:"h"` // the headline shown
	Language string          `json:"l,omitempty"`
	Outlet   string          `json:"o,omitempty"` // that led it
	Source   digest.SourceID `json:"v,omitempty"` // of that article; 0 when it is not known
	Topic    digest.TopicID  `json:"t,omitempty"` // 0 when it came because its source is followed
	Label    string          `json:"n"`           // of the topic, or of the source that is followed
	Score    float64         `json:"p,omitempty"` // rounded to hundredths
	Words    []string        `json:"w,omitempty"` // as they stand in the story
	Field    string          `json:"f,omitempty"` // where the best of them stands, see digest.Match
	Again    bool            `json:"u,omitempty"` // the reader knew it, and it had changed
	Abstract bool            `json:"a,omitempty"` // a language model wrote its summary
}

// reasonsOf are why an edition's stories stand in it, in its order.
func reasonsOf(e digest.Edition) (all []Reason) {
	for _, s := range e.Sections {
		for _, n := range s.Entries {
			all = append(all, entryReason(n, s.Topic, s.Label))
		}
	}
	return all
}

func entryReason(n digest.Entry, topic digest.TopicID, label string) Reason {
	return Reason{
		Story: n.Story.ID, Title: tidy(n.Story.Title, maxHeadline), Language: n.Story.Language,
		Outlet: cmp.Or(n.Story.Outlet, n.Story.Host), Source: n.Story.LeadSource(), Topic: topic, Label: label,
		Score: math.Round(n.Match.Score*100) / 100, Words: n.Match.Words, Field: n.Match.Field, Again: n.Change != nil,
		Abstract: n.From == 0 && len(n.Summary) > 0,
	}
}

// A DueSurge is a story that alerts may be about and that is to be looked at.
type DueSurge struct {
	Story digest.StoryID
	Look  time.Time // when it became due
	News  int64     // changes with every article that joins
}

// A Listener is a chat that wants to hear of a story at once. Of one that is not Ready
// Followed and Muted are not read.
type Listener struct {
	Chat     Chat
	Followed []digest.Followed // its topics with alerts that the story fits, with their match
	Muted    digest.Muted
	Alerts   int       // that it had since its day began
	Restored time.Time // what surged until then it may have had: the database knows nothing of it
}

// Ready says whether a story in that language may be told to the chat now.
func (l Listener) Ready(language string, now time.Time) bool {
	return l.Alerts < MaxAlerts && l.Chat.reads(language) && l.Chat.QuietUntil(now).IsZero()
}

// An Alert is one story told at once, on its way to the shelf.
type Alert struct {
	Chat    ChatID
	Topic   digest.TopicID
	Told    digest.Told // its story: not again for 14 days, unless it changes
	Hosts   int         // independent ones that it tells of
	Made    time.Time
	Since   time.Time // when the chat's day began
	Reason  Reason
	Message telegram.Message
}

// An Outgrown is an alert that tells of fewer hosts than there are now.
type Outgrown struct {
	Chat    Chat
	Muted   digest.Muted
	Topic   digest.TopicID
	Label   string // of the topic then
	Hosts   int
	Shown   time.Time // when it was made or brought up to date
	Message int64     // Telegram's id; 0 while it is not sent
}

// An Amendment is what an alert's message becomes.
type Amendment struct {
	Chat    ChatID
	Story   digest.StoryID
	Hosts   int // independent ones that it tells of
	Carried int // hosts in all
	At      time.Time
	Edits   int64 // the message
	Message telegram.Message
}

// A Broadcast is an operator's announcement to many chats, made of ordinary
// deliveries.
type Broadcast struct {
	ID       BroadcastID
	Admin    ChatID // where it was ordered and the report goes
	Message  telegram.Message
	Audience Audience
	State    BroadcastState
	Progress int64  // the message in the admin's chat that tells how far it is; 0 before it began
	Reached  ChatID // deliveries are made for chats up to here
	Created  time.Time
	Started  time.Time // confirmed
	Ended    time.Time
}

// A BroadcastState tells how far a broadcast is.
type BroadcastState string

const (
	BroadcastDraft     BroadcastState = "draft"     // previewed, not confirmed
	BroadcastSpreading BroadcastState = "spreading" // its deliveries are being made; those made are sent
	BroadcastSending   BroadcastState = "sending"   // all deliveries are made
	BroadcastPaused    BroadcastState = "paused"    // nothing is made or sent until it spreads again
	BroadcastStopping  BroadcastState = "stopping"  // nothing is sent, and what waits is being dropped
	BroadcastDone      BroadcastState = "done"      // all deliveries ended and the report was shown
	BroadcastStopped   BroadcastState = "stopped"   // so after it was stopped
	BroadcastCancelled BroadcastState = "cancelled"
)

// An Audience is whom a broadcast is for: the chats of a language or the
// followers of a topic; the zero Audience is everybody. Chats that are paused
// or want no announcements are in none.
type Audience struct {
	Language string // of the chat, ISO 639-1
	Topic    string // canonical words
}

// A Reach is how many chats an audience holds, and how many it would hold
// besides if they wanted announcements.
type Reach struct{ Chats, Declined int }

// A LanguageCount is how many chats a language's audience holds.
type LanguageCount struct {
	Language string
	Chats    int
}

// A TopicCount is how many chats a topic's audience holds.
type TopicCount struct {
	Topic digest.TopicID
	Text  string // canonical words
	Chats int
}

// Reasons of broadcast deliveries that were dropped, beside a PauseReason.
const (
	ReasonStopped  = "stopped"  // the broadcast was stopped
	ReasonDeclined = "declined" // the reader took to wanting no announcements
)

// A Tally counts a broadcast's deliveries by state.
type Tally map[DeliveryState]int

// Turnout is how far a broadcast's deliveries are.
type Turnout struct {
	Tally   Tally
	Reasons map[string]int // of those that failed or were dropped
	Held    int            // of those waiting: not due yet
}

// An Unreached is a chat that a broadcast did not reach, or perhaps not.
type Unreached struct {
	Chat   ChatID
	To     Address
	State  DeliveryState // failed, dropped or unknown
	Reason string
}

// Material is what an edition is composed from.
type Material struct {
	Followed []digest.Followed
	Sources  []digest.FollowedSource
	Twins    map[digest.StoryID][]digest.StoryID // one piece in two circles
	Muted    digest.Muted
	Sent     map[digest.StoryID]bool // to this chat within 14 days
	Stirred  []digest.Told           // of these, to what articles came since and of which nothing was told since
}

// A SendPause is a moment before which Telegram told us not to send, kept
// across restarts.
type SendPause struct {
	Scope string // the limiter's word
	Until time.Time
}
