package zone

import (
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Rules are the offsets of one zone over time.
type Rules interface {
	// OffsetAt returns the offset from UTC at a wall-clock time (its digits in
	// time.UTC). A time that does not exist takes the offset before the gap, an
	// ambiguous one the first (RFC 5545 §3.3.5).
	OffsetAt(wall time.Time) time.Duration
	// Wall returns the wall-clock time (digits in time.UTC) at an instant.
	Wall(instant time.Time) time.Time
}

// Set is the zones of one calendar. The zero value knows none.
type Set struct {
	declared map[string]*Declared
}

// Declared is a VTIMEZONE of the calendar.
type Declared struct {
	TZID      string
	Component *ical.Component
	Rules     Rules // nil when the VTIMEZONE cannot be evaluated
	Err       error
}

// NewSet reads the VTIMEZONEs of a VCALENDAR.
func NewSet(cal *ical.Component) *Set {
	return &Set{}
}

// Declared returns the VTIMEZONE for a TZID (compared after normalisation of
// escapes and blanks), or nil.
func (s *Set) Declared(tzid string) *Declared { return s.declared[tzid] }

// Rules returns the rules for a TZID: the calendar's own VTIMEZONE, else the
// IANA zone that the name means; nil when neither is known.
func (s *Set) Rules(tzid string) Rules { return nil }

// Instant returns the instant of a date-time value with that TZID ("" for
// none). ok is false for dates, floating times and unknown zones.
func (s *Set) Instant(v ical.DateTime, tzid string) (t time.Time, ok bool) {
	if v.Form == ical.UTC {
		return v.Wall, true
	}
	return time.Time{}, false
}
