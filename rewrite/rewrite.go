package rewrite

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Source is a message: in memory (bytes.Reader) or in a file (io.SectionReader). It
// must not change while a Result that was made from it is in use.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Mode defines what Message may do.
type Mode string

const (
	Fix     Mode = "fix"     // diagnose and repair; the zero value means Fix too
	Observe Mode = "observe" // diagnose only
	Off     Mode = "off"     // do not even look
)

// Form is the format of the source.
type Form uint8

const (
	Auto     Form = iota // a calendar when it starts with BEGIN:VCALENDAR, else a mail
	Mail                 // a message (RFC 5322)
	Calendar             // a bare calendar (RFC 5545), as in an .ics file
)

// DKIMPolicy defines what is done with a meeting message that was signed with DKIM
// (RFC 6376) before it was received.
type DKIMPolicy uint8

const (
	KeepDKIM    DKIMPolicy = iota // leave the message alone: a repair would break the signature
	IgnoreDKIM                    // repair it anyway
	ReplaceDKIM                   // repair it: the caller signs it for its author's domain
)

// Options are the caller's settings. The zero value applies the repairs that are
// safe for every receiver.
type Options struct {
	Mode         Mode
	Profile      remedy.Profile // "" means remedy.Standard
	Direction    remedy.Direction
	EveryProfile bool     // also report, without changing it, what harms only other receivers, or the other direction
	Disable      []string // IDs of remedies that must not change anything
	Enable       []string // IDs of opt-in remedies that may
	Sender       string   // reverse-path of the envelope, when there is one
	Recipients   []string // forward-paths of the envelope, when there is one
	SkipFrom     []string // addresses or domains whose mail is never touched
	Header       bool     // add X-Reconvene to a changed mail
	DKIM         DKIMPolicy
	AuthServID   string // authserv-id of the Authentication-Results field that is added to a signed message when it is changed; existing fields with it are removed (RFC 8601 §5)
	Form         Form
	TNEF         TNEF             // what is done with a winmail.dat
	Fallback     Fallback         // for a receiver that refused the message as the profile has it
	Now          time.Time        // the present for remedies; zero means Clock()
	Clock        func() time.Time // measures Timeout; nil means time.Now
	Timeout      time.Duration    // for all work except Admit; zero means DefaultTimeout
	Context      context.Context  // ends the work early; nil means never
	// Memory has information about earlier messages. It is called only by a remedy
	// that needs it, and once for each meeting; nil has none.
	Memory remedy.Memory
	// Admit is called once, before the first calendar is read, with an estimate of
	// the memory that the work takes. It may wait; its error ends the work. nil
	// admits all.
	Admit       func(octets int64) error
	Limits      Limits
	Keep        *KeepOptions // what Meeting.Sent will be asked for; it is read while the calendar is parsed. nil: when it is asked for
	Conformance bool         // also check each calendar against RFC 5546, before and after
	Strict      bool         // also check the result as a whole and with an independent decoder, at twice the cost
}

// DefaultTimeout is the default of Options.Timeout.
const DefaultTimeout = 10 * time.Second

// Limits bound what is read. A zero field means the default.
type Limits struct {
	Calendar  int // octets of one decoded calendar, default 4 MiB
	Calendars int // calendar parts of one message, default 32
	Total     int // octets of all of them together, as they stand in the message, default 8 MiB
	TNEF      int // octets of one decoded winmail.dat, default 64 MiB
	Parts     int // parts of one message, default 2,000
	Depth     int // nested multiparts, default 50
	Header    int // octets of one header section, default 1 MiB
}

// Errors that say why Message gave up. The message is forwarded as it came.
var (
	ErrPanic   = errors.New("internal error while rewriting")
	ErrTimeout = errors.New("rewriting took too long")
	errCheck   = errors.New("the repaired message failed its final check")
)
