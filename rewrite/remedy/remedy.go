package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Stage is the input of a remedy.
type Stage uint8

const (
	// Calendar remedies see the parsed calendar (Object.Doc, Object.Cal). It is
	// the zero value because nearly all remedies do. The stages run in the
	// order Octets, Calendar, Part, Structure.
	Calendar Stage = iota
	// Octets remedies see the decoded calendar before it is parsed
	// (Object.Octets) and may replace it.
	Octets
	// Part remedies see the header fields of the MIME part (Object.Part), after
	// the calendar has been repaired.
	Part
	// Structure remedies see how the parts of the mail are put together
	// (Object.Shape), after all calendars in it have been repaired. A bare
	// calendar has no structure.
	Structure
)

// Facet is a set of properties that people see of a meeting. The guard compares each
// before and after a repair; a remedy may change those that it declares.
type Facet uint32

const (
	FacetMethod      Facet = 1 << iota // METHOD
	FacetUID                           // the identity: UID of each component
	FacetSequence                      // SEQUENCE
	FacetRecurrence                    // RECURRENCE-ID
	FacetStamp                         // DTSTAMP, LAST-MODIFIED, CREATED
	FacetOccurrences                   // which occurrences, as instants with duration
	FacetAllDay                        // whether it is about whole days
	FacetSummary                       // SUMMARY
	FacetLocation                      // LOCATION
	FacetDescription                   // DESCRIPTION, COMMENT
	FacetOrganizer                     // ORGANIZER: address
	FacetAttendees                     // ATTENDEE: addresses, roles, answers
	FacetStatus                        // STATUS, TRANSP, CLASS
	FacetAlarms                        // VALARM
	FacetAttachments                   // ATTACH
	FacetComponents                    // number and kind of components

	// What follows no person sees: strict programs refuse the meeting for it, or
	// read another one. A remedy that declares it says for whom that is better.
	FacetLetters     // which characters the octets mean
	FacetOneZone     // that the times of an exception are in one zone
	FacetZoneName    // that the TZID of a VTIMEZONE is TEXT
	FacetFirstExdate // which dates the first EXDATE names

	FacetEverybody // that each person who is named stays named, however the address is written
)

// Remedy is one repair (or, with Never set, one diagnosis).
type Remedy struct {
	ID       string    // of the defect catalogue, e.g. "seq-cdo"
	Summary  string    // one line: what it changes
	Why      string    // for an administrator: what goes wrong without it, and at whom
	Source   string    // where that is known from
	Profiles []Profile // the profiles that include it; Standard means all
	Except   []Profile // the profiles that do not include it although Standard is in Profiles
	Own      []Profile // the profiles that include it for inbound mail, if these are not Profiles
	Way      Way       // in which directions it works
	Facets   Facet     // the facets of the meeting that it may change
	Never    bool      // a diagnosis: reported, never applied
	Series   bool      // a diagnosis of a series that a receiver cannot store, which concerns the organizer
	OptIn    bool      // applied only where the administrator enabled it, else reported
	Stage    Stage
	Form     string // what it leaves alone has this fault of form: a word of what value-form says, which says no more of it
	Run      func(*Object)

	// Looks lists what a calendar must contain for Run to find anything, so that the
	// remedy costs nothing for other calendars: all words of one of the entries. For
	// the words see ical.WordOf; "METHOD:CANCEL RRULE" has two of them. Without an
	// entry Run is always called.
	Looks []string

	looks [][]ical.Word // Looks, compiled by All
}

// compile makes looks. A remedy without it always runs.
func (r *Remedy) compile() {
	for _, entry := range r.Looks {
		var words []ical.Word
		for w := range strings.FieldsSeq(entry) {
			words = append(words, ical.WordOf(w))
		}
		r.looks = append(r.looks, words)
	}
}

// worth reports whether the document holds what the remedy looks for.
func (r *Remedy) worth(doc *ical.Document) bool { return len(r.looks) == 0 || doc.HoldsAllOf(r.looks) }

// Level is the severity of a finding.
type Level string

const (
	Info    Level = "info"    // cosmetic, or for the information of a reader
	Warning Level = "warning" // some receivers misread or refuse it
	Error   Level = "error"   // receivers refuse it or drop it silently
)

// Finding is one defect that was found at one place. Log, report, diff and metrics
// use the same list.
type Finding struct {
	ID        string `json:"id"`
	Level     Level  `json:"level"`
	Component string `json:"component,omitempty"` // VEVENT, VTIMEZONE, …; "part" for MIME header fields
	Property  string `json:"property,omitempty"`
	Before    string `json:"before,omitempty"` // at most 200 octets
	After     string `json:"after,omitempty"`
	Note      string `json:"note,omitempty"` // why it was left alone, if it was
	Applied   bool   `json:"applied"`

	Untouchable Untouchable `json:"-"` // set where it was left alone
}

// Untouchable is why a defect that is left alone also prevents every other repair of
// the calendar. Of several values the greatest one takes precedence.
type Untouchable uint8

const (
	Touchable   Untouchable = iota // the zero value: the rest can be repaired
	Unreadable                     // the characters are not known: an octet that looks like a comma or a backslash may be part of another character
	OtherFormat                    // it is a vCalendar 1.0, to which the rules of iCalendar do not apply
	Incomplete                     // it may be truncated: repairs could make it look complete
)

// Found returns a finding about a property of a component.
func found(level Level, c *ical.Component, property, before, after string) Finding {
	f := Finding{Level: level, Property: property, Before: before, After: after}
	if c != nil {
		f.Component = c.Name
	}
	return f
}
