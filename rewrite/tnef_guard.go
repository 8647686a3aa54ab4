package rewrite

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// The MAPI properties that say what a meeting is ([MS-OXOCAL] §2.2). They are
// read here once more, for this guard shares nothing with what builds the
// calendar but the reader of property lists.
const (
	lidGlobalObjectID      = 0x0003 // of SetMeeting
	lidCleanGlobalObjectID = 0x0023 // of SetMeeting
	lidStartWhole          = 0x820D // these of SetAppointment
	lidEndWhole            = 0x820E
	lidProposedStart       = 0x8250
	lidProposedEnd         = 0x8251
)

// differs compares the calendar that is to be sent with the MAPI properties:
// method, identity, start and end. "" when it is the same meeting.
func (t *opened) differs(out outcome) string {
	if out.c == nil || out.c.Cal == nil {
		return "the calendar cannot be read"
	}
	c := out.c
	if c.Zones == nil {
		c.ResetZones()
	}
	if method := c.Method(); method != t.meeting.Method || !strings.EqualFold(out.header.Method, method) {
		return fmt.Sprintf("the method is %q, the class is %q", method, t.stream.Class)
	}
	ev := leading(c.Items())
	if ev == nil {
		return "there is no event"
	}
	if uid := ical.UnescapeText(ev.Value("UID")); !t.sameIdentity(uid) {
		return fmt.Sprintf("the UID %q is not the global object id", uid)
	}
	f := viewOf(c, ev)
	start, end := uint32(lidStartWhole), uint32(lidEndWhole)
	if t.meeting.Method == "COUNTER" {
		start, end = lidProposedStart, lidProposedEnd
	}
	if why := t.sameTime(f.Moment("DTSTART"), start, "start"); why != "" {
		return why
	}
	return t.sameTime(f.Moment("DTEND"), end, "end")
}

// leading is the component that the properties of a stream are about: the
// series, or the first occurrence where there is no series.
func leading(items []*ical.Component) *ical.Component {
	for _, it := range items {
		if it.First("RECURRENCE-ID") == nil {
			return it
		}
	}
	if len(items) > 0 {
		return items[0]
	}
	return nil
}

// sameIdentity reports whether a UID is the one in the global object id
// ([MS-OXCICAL] §2.1.3.1.1.20.26): its octets in hexadecimal without the date
// of an occurrence, or the UID that a foreign organizer gave, which is in it as
// text. A meeting without an id has nothing to be compared with.
func (t *opened) sameIdentity(uid string) bool {
	id, ok := t.stream.Props.Named(tnef.SetMeeting, lidCleanGlobalObjectID).Bytes()
	if !ok {
		id, ok = t.stream.Props.Named(tnef.SetMeeting, lidGlobalObjectID).Bytes()
	}
	if !ok || len(id) < 40 {
		return uid != ""
	}
	clean := append([]byte(nil), id...)
	clear(clean[16:20])
	return strings.EqualFold(uid, hex.EncodeToString(clean)) || uid != "" && strings.Contains(string(id[40:]), uid)
}

// sameTime compares a property of the calendar with one of MAPI. A day has no
// instant: it begins within 14 hours of midnight in UTC, wherever it is.
func (t *opened) sameTime(m guard.Moment, lid uint32, what string) string {
	at, ok := t.stream.Props.Named(tnef.SetAppointment, lid).Time()
	if !ok || !m.Set {
		return ""
	}
	written, tolerance := m.Instant, time.Minute
	switch {
	case m.Date:
		written, tolerance = m.Wall, 15*time.Hour
	case !m.Known:
		return fmt.Sprintf("the %s is not known", what)
	}
	if d := written.Sub(at); d < -tolerance || d > tolerance {
		return fmt.Sprintf("the %s is %s, but %s in MAPI", what, written.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339))
	}
	return ""
}
