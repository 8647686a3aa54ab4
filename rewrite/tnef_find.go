package rewrite

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// TNEF defines what is done with a winmail.dat ([MS-OXTNEF]).
type TNEF string

const (
	TNEFMeetings TNEF = "meetings" // a meeting in it becomes a calendar; the zero value means this too
	TNEFAll      TNEF = "all"      // other messages in it become text and attachments, too
	TNEFOff      TNEF = "off"      // it stays as it is
)

// maxTNEF is the largest stream that is opened, unless Limits says otherwise.
const maxTNEF = 64 << 20

// findTNEF returns the parts with a TNEF stream that is to be opened. The report
// lists those that are left alone. beside reports that the message has a calendar of
// its own.
func (p *pipeline) findTNEF(m *message, beside bool) (found []candidate, report Report) {
	for _, part := range m.tree.Parts {
		if !isTNEF(part) {
			continue
		}
		c := newCandidate(part)
		c.tnef = true
		switch {
		case p.o.TNEF == TNEFOff:
			report.skip(Skip{c.name(), "winmail.dat: [rewrite] tnef is off"})
		case p.o.Direction == remedy.Inbound:
			// Exchange reads all of it, and a calendar holds less.
			report.skip(Skip{c.name(), "winmail.dat: your Exchange reads it"})
		case beside:
			// Receivers that know TNEF trust it, all others the calendar: to
			// open it could only make two meetings of one (tnef-plus-ics).
			report.skip(Skip{c.name(), "winmail.dat beside a calendar"})
		case part.Enclosed:
			report.skip(Skip{c.name(), "inside message/rfc822"})
		case len(found) == m.lim.Calendars:
			report.skip(Skip{"message", "too many: not every winmail.dat is examined"})
		default:
			if c.untouchable.forbids() {
				report.skip(Skip{c.name(), c.untouchable.reason})
			}
			found = append(found, c)
		}
	}
	return found, report
}

// isTNEF reports whether a part is TNEF by its label. QUIRK(exchange): gateways
// relabel winmail.dat as application/octet-stream; the name is what is left.
func isTNEF(p *mime.Part) bool {
	switch p.MediaType {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	case "application/octet-stream":
		return strings.EqualFold(p.Filename, "winmail.dat")
	}
	return false
}

// hasCalendar reports whether one of the parts is a calendar of the mail itself
// and not merely a file that is named like one.
func hasCalendar(parts []candidate) bool {
	for _, c := range parts {
		if c.part.MediaType == "text/calendar" || c.part.MediaType == "application/ics" {
			return true
		}
	}
	return false
}
