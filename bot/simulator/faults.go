package simulator

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// FaultKind names a way to fail. Kinds that begin with "accept" carry the call
// out and then lose the answer; all others but the truncated body and the
// migration leave the call undone.
type FaultKind string

// The kinds of fault.
const (
	FaultTooMany       FaultKind = "429"            // with RetryAfter; the chat stays closed until then
	FaultTooManyGlobal FaultKind = "429 global"     // the same for everything sent
	FaultServerError   FaultKind = "500"            // JSON: Internal Server Error: restart
	FaultBadGateway    FaultKind = "502"            // HTML, as a proxy answers
	FaultUnavailable   FaultKind = "503"            // HTML
	FaultGateway       FaultKind = "504"            // HTML
	FaultEmptyBody     FaultKind = "empty body"     // 200 and nothing
	FaultGarbageBody   FaultKind = "garbage body"   // 200 and no JSON
	FaultTruncatedBody FaultKind = "truncated body" // carried out, the answer cut in half
	FaultClose         FaultKind = "close"          // the connection is closed, nothing done
	FaultReset         FaultKind = "reset"          // the same by RST, where there is TCP
	FaultWall          FaultKind = "wall"           // 403 HTML: something before the server refuses
	FaultSlow          FaultKind = "slow"           // Delay, then an ordinary answer; nothing done before

	FaultAcceptHang  FaultKind = "accept hang"  // done, then no answer until the client gives up
	FaultAcceptClose FaultKind = "accept close" // done, then the connection is closed
	FaultAcceptReset FaultKind = "accept reset" // the same by RST
	FaultAccept502   FaultKind = "accept 502"   // done, then 502 HTML
	FaultAcceptSlow  FaultKind = "accept slow"  // done, then the answer after Delay

	FaultBlocked      FaultKind = "blocked"     // 403, the answer only: the person's state stays
	FaultDeactivated  FaultKind = "deactivated" // 403
	FaultKicked       FaultKind = "kicked"      // 403
	FaultInitiate     FaultKind = "initiate"    // 403 can't initiate conversation
	FaultBot          FaultKind = "bot"         // 403 bots can't write to bots
	FaultNotMember    FaultKind = "not member"  // 403 the bot left
	FaultGroupDeleted FaultKind = "deleted"     // 403 the group chat was deleted
	FaultEntities     FaultKind = "entities"    // 400 can't parse entities
	FaultChatNotFound FaultKind = "chat gone"   // 400 chat not found
	FaultNoRights     FaultKind = "no rights"   // 400 not enough rights
	FaultThreadGone   FaultKind = "thread gone" // 400 message thread not found
	FaultTooLong      FaultKind = "too long"    // 400 message is too long
	FaultNoCopy       FaultKind = "no copy"     // 400 message can't be copied
	FaultCopyGone     FaultKind = "copy gone"   // 400 message to copy not found
	FaultRefused      FaultKind = "refused"     // 400 for a reason nobody knows
	FaultMigrate      FaultKind = "migrate"     // the group really moves, then 400 with the new id
	FaultUnauthorized FaultKind = "401"         // token revoked
	FaultConflict     FaultKind = "409"         // a second poller
	FaultRedeliver    FaultKind = "redelivery"  // getUpdates: the confirmation is lost, updates come again
)

// FaultKinds are all of them.
var FaultKinds = []FaultKind{
	FaultTooMany, FaultTooManyGlobal, FaultServerError, FaultBadGateway, FaultUnavailable, FaultGateway, FaultEmptyBody, FaultGarbageBody,
	FaultTruncatedBody, FaultClose, FaultReset, FaultWall, FaultSlow, FaultAcceptHang, FaultAcceptClose, FaultAcceptReset, FaultAccept502,
	FaultAcceptSlow, FaultBlocked, FaultDeactivated, FaultKicked, FaultInitiate, FaultBot, FaultNotMember, FaultGroupDeleted, FaultEntities,
	FaultChatNotFound, FaultNoRights, FaultThreadGone, FaultTooLong, FaultNoCopy, FaultCopyGone, FaultRefused, FaultMigrate,
	FaultUnauthorized, FaultConflict, FaultRedeliver,
}

// Fault is a rule: which calls fail, how often and how. A call is tried
// against the rules in the order they were added; the first that fires wins.
type Fault struct {
	Kind        FaultKind
	Methods     []string      // any case; empty: every method
	Chats       []int64       // chat ids; empty: every chat, and methods without one
	Probability float64       // of each matching call; 0 means always
	Seed        uint64        // of the dice; the same seed throws the same
	After       int           // this many matching calls pass first
	Count       int           // fires at most this often; 0: for ever
	RetryAfter  int           // seconds, for 429; 0 means 1
	Delay       time.Duration // for the slow kinds
	MigrateTo   int64         // new id; 0: a fresh one
}

type armedFault struct {
	Fault
	id    int
	dice  *rand.Rand
	met   int
	fired int
}

// AddFault arms a rule and returns a number to remove it by.
func (s *Simulator) AddFault(f Fault) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextRule++
	s.faults = append(s.faults, &armedFault{Fault: f, id: s.nextRule, dice: rand.New(rand.NewPCG(f.Seed, f.Seed))})
	s.touch(nil)
	return s.nextRule
}

// RemoveFault disarms a rule; an unknown number changes nothing.
func (s *Simulator) RemoveFault(rule int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *armedFault) bool { return f.id == rule })
	s.touch(nil)
}

// ClearFaults disarms every rule.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.touch(nil)
}

// SetLatency makes every call, polls too, wait this long before anything is
// done about it.
func (s *Simulator) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
	s.touch(nil)
}

// chooseFault is the rule that fires for this call, or nil. s.mu is held.
func (s *Simulator) chooseFault(method string, chatID int64) *Fault {
	for _, f := range s.faults {
		if f.fires(method, chatID) {
			s.evidence.faults[f.Kind]++
			return &f.Fault
		}
	}
	return nil
}

func (f *armedFault) fires(method string, chatID int64) bool {
	if f.Count > 0 && f.fired >= f.Count {
		return false
	}
	if len(f.Methods) > 0 && !slices.ContainsFunc(f.Methods, func(m string) bool { return strings.EqualFold(m, method) }) {
		return false
	}
	if len(f.Chats) > 0 && !slices.Contains(f.Chats, chatID) {
		return false
	}
	f.met++
	if f.met <= f.After || f.Probability > 0 && f.dice.Float64() >= f.Probability {
		return false
	}
	f.fired++
	return true
}

// refuse is the answer of the kinds that are an ordinary refusal; nil for the
// others. s.mu is held.
func (s *Simulator) refuse(f *Fault, c *chat) error {
	switch f.Kind {
	case FaultTooMany, FaultTooManyGlobal:
		seconds := max(1, f.RetryAfter)
		switch {
		case f.Kind == FaultTooManyGlobal:
			s.rates.global.shut(s.now(), seconds)
		case c != nil:
			s.rates.chat(c.ID).shut(s.now(), seconds)
		}
		return tooMany(seconds)
	case FaultServerError:
		return &refusal{code: 500, text: "Internal Server Error: restart"}
	case FaultBlocked:
		return forbidden("bot was blocked by the user")
	case FaultDeactivated:
		return forbidden("user is deactivated")
	case FaultKicked:
		if c == nil {
			return forbidden("bot was kicked from the group chat")
		}
		return forbidden("bot was kicked from the " + c.kind())
	case FaultInitiate:
		return forbidden("bot can't initiate conversation with a user")
	case FaultBot:
		return forbidden("bots can't send messages to bots")
	case FaultNotMember:
		return forbidden("bot is not a member of the supergroup chat")
	case FaultGroupDeleted:
		return forbidden("the group chat was deleted")
	case FaultEntities:
		return bad("can't parse entities: Can't find end of the entity starting at byte offset 0")
	case FaultChatNotFound:
		return bad("chat not found")
	case FaultNoRights:
		return bad("not enough rights to send text messages to the chat")
	case FaultThreadGone:
		return bad("message thread not found")
	case FaultTooLong:
		return bad("message is too long")
	case FaultCopyGone:
		return bad("message to copy not found")
	case FaultRefused:
		return bad("PEER_FLOOD_OF_NEWS")
	case FaultNoCopy:
		return bad("message can't be copied")
	case FaultMigrate:
		if c == nil || c.Type != "group" || c.migratedTo != 0 {
			return nil
		}
		return migrated(s.migrate(c, f.MigrateTo))
	case FaultUnauthorized:
		return errUnauthorized
	case FaultConflict:
		return conflict(textOtherPoll)
	}
	return nil
}
