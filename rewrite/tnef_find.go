package rewrite

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// TNEF says what becomes of a winmail.dat ([MS-OXTNEF]).
type TNEF string

const (
	TNEFMeetings TNEF = "meetings" // a meeting in it becomes a calendar; the zero value means this too
	TNEFAll      TNEF = "all"      // other mail in it becomes text and attachments
	TNEFOff      TNEF = "off"      // it stays as it is
)

// maxTNEF is the largest stream that is opened, unless Limits says otherwise.
const maxTNEF = 64 << 20

// findTNEF returns the parts that hold a TNEF stream to be opened. It notes
// those that are left alone. beside says that the mail has a calendar of its
// own.
func (w *work) findTNEF(beside bool) []*mime.Part {
	var found []*mime.Part
	for _, p := range w.tree.Parts {
		if !isTNEF(p) {
			continue
		}
		what := "part " + p.Path()
		switch {
		case w.o.TNEF == TNEFOff:
			w.skip(what, "winmail.dat: [rewrite] tnef is off")
		case w.o.Direction == remedy.Inbound:
			// Exchange reads all of it, and a calendar holds less.
			w.skip(what, "winmail.dat: your Exchange reads it")
		case beside:
			// Receivers that know TNEF trust it, all others the calendar: to
			// open it could only make two meetings of one (tnef-plus-ics).
			w.skip(what, "winmail.dat beside a calendar")
		case p.Enclosed:
			w.skip(what, "inside message/rfc822")
		case len(found) == w.lim.Calendars:
			w.skip("message", "too many: not every winmail.dat is examined")
		default:
			if p.Sealed != "" {
				w.skip(what, "signed: "+p.Sealed)
			} else if p.Doubt != "" {
				w.skip(what, p.Doubt)
			}
			found = append(found, p)
		}
	}
	return found
}

// isTNEF says whether a part is TNEF by its label. QUIRK(exchange): gateways
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

// hasCalendar says whether one of the parts is a calendar of the mail itself
// and not merely a file that is named like one.
func hasCalendar(parts []*mime.Part) bool {
	for _, p := range parts {
		if p.MediaType == "text/calendar" || p.MediaType == "application/ics" {
			return true
		}
	}
	return false
}
