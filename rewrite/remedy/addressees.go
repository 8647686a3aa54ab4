package remedy

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxAddressees bounds how many people a remedy puts on a list.
const maxAddressees = 100

// addressees returns whom the mail is for, each once and in lower case: those
// of the envelope that stand in To or Cc, and the only one of the envelope in
// any case. Nobody else may learn of a blind copy. Without an envelope it is
// To and Cc. An address that no calendar reads is left out.
func addressees(c *Object) []string {
	shown := make([]string, 0, len(c.Mail.To)+len(c.Mail.Cc))
	for _, list := range [...][]*mail.Address{c.Mail.To, c.Mail.Cc} {
		for _, a := range list {
			shown = append(shown, strings.ToLower(a.Address))
		}
	}
	var out []string
	if len(c.Mail.Recipients) == 0 {
		for _, a := range shown {
			out = addAddressee(out, a)
		}
	}
	for _, a := range c.Mail.Recipients {
		if a = strings.ToLower(a); len(c.Mail.Recipients) == 1 || slices.Contains(shown, a) {
			out = addAddressee(out, a)
		}
	}
	return out
}

func addAddressee(list []string, a string) []string {
	if bareAddress(a) && !slices.Contains(list, a) && len(list) < maxAddressees {
		return append(list, a)
	}
	return list
}

// invited reports whether an address is that of the organizer or of an attendee of
// any component, or of who acts for one of them.
func (c *Object) invited(addr string) bool {
	if strings.IndexByte(addr, '@') >= 0 && plainPeople(c) && !c.Doc.Holds(inParameters) {
		return plainlyInvited(c, plainMailbox(addr))
	}
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			if l := it.Prop; l != nil && (l.Name() == "ATTENDEE" || l.Name() == "ORGANIZER") {
				if names(l, addr) {
					return true
				}
			}
		}
	}
	return false
}

// inParameters is for addresses in parameters.
var inParameters = ical.WordOf("?address")

// plainlyInvited reports whether somebody is invited where all people are written
// plainly and none is named in a parameter.
func plainlyInvited(c *Object, addr string) bool {
	for _, ev := range c.schedulable() {
		for _, it := range ev.Items {
			if l := it.Prop; l != nil && (l.Name() == "ATTENDEE" || l.Name() == "ORGANIZER") && strings.EqualFold(l.Value()[len(mailtoScheme):], addr) {
				return true
			}
		}
	}
	return false
}

// anyAttendee reports whether a component names an attendee.
func anyAttendee(c *Object) bool {
	return slices.ContainsFunc(c.schedulable(), func(ev *ical.Component) bool { return ev.Has("ATTENDEE") })
}

// newAttendee makes an ATTENDEE of whom a mail is for. In a request he is
// asked to answer; a cancellation wants none.
func newAttendee(c *Object, addr string) *ical.Line {
	l := ical.NewLine("ATTENDEE", mailtoScheme+addr)
	l.SetParam("ROLE", "REQ-PARTICIPANT")
	l.SetParam("PARTSTAT", "NEEDS-ACTION")
	if c.Method() == "REQUEST" {
		l.SetParam("RSVP", "TRUE")
	}
	return l
}

// inviteAddressees puts those whom the mail is for on the list of every event
// and task; where nobody may be put on it, it says why.
func inviteAddressees(c *Object, level Level) {
	var missing []string
	for _, a := range addressees(c) {
		if !c.invited(a) {
			missing = append(missing, a)
		}
	}
	for _, ev := range c.schedulable() {
		if ev.Name != "VEVENT" && ev.Name != "VTODO" {
			continue
		}
		if len(missing) == 0 {
			c.leave(found(level, ev, "ATTENDEE", "", ""), "the recipient is not known, or is the organizer")
			continue
		}
		for _, a := range missing {
			l := newAttendee(c, a)
			if c.Found(found(level, ev, "ATTENDEE", "", l.Text())) {
				ev.Add(l)
			}
		}
	}
}
