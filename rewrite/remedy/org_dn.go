package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// orgDN replaces an Exchange directory name by a mail address.
//
// QUIRK(exchange): org-dn. After a migration or for an X.400 address Exchange
// writes its internal name (an X.500 name, or one wrapped by IMCEAEX) where the
// address belongs. The mail around it knows the organizer; an attendee is only
// replaced when the message itself gives the address.
func orgDN() *Remedy {
	return &Remedy{
		ID:       "org-dn",
		Summary:  "replace an Exchange directory name by the mail address",
		Why:      "After a migration Exchange writes /o=Organization/… or IMCEAEX-… instead of the organizer's address. Responses to it are not delivered.",
		Source:   "Ericsson/exchangecalendar#148; MS-OXCICAL ORGANIZER (088b8ca4)",
		Form:     "address",
		Profiles: []Profile{Standard},
		Facets:   FacetOrganizer | FacetAttendees,
		Run: func(c *Object) {
			if plainPeople(c) {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					switch {
					case !isDirectoryName(l.Value()):
					case l.Name() == "ORGANIZER":
						replaceOrganizer(c, ev, l)
					default:
						replaceAttendee(c, ev, l)
					}
				}
			}
		},
	}
}

// isDirectoryName reports whether a calendar address is an internal name of
// Exchange.
func isDirectoryName(v string) bool {
	if addr, ok := mailbox(v); ok {
		v = addr
	}
	v = strings.TrimSpace(v)
	for _, prefix := range [...]string{"/o=", "ex:/o=", "imceaex-"} {
		if len(v) > len(prefix) && strings.EqualFold(v[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// replaceAttendee gives an ATTENDEE the address that the message states for
// it, or says why not.
func replaceAttendee(c *Object, ev *ical.Component, l *ical.Line) {
	f := found(Warning, ev, "ATTENDEE", l.Text(), "")
	uri, ok := statedAddress(c, ev, l)
	if !ok {
		c.leave(f, "the mail address of this attendee is not in the message")
		return
	}
	f.After = uri
	if c.Found(f) {
		l.SetValue(uri)
	}
}

// statedAddress returns the mail address of an attendee as the message gives
// it beside the value: in the EMAIL parameter (RFC 7986 §6.2), or as the author
// of an answer, which speaks for its only attendee.
func statedAddress(c *Object, ev *ical.Component, l *ical.Line) (uri string, ok bool) {
	if uri, ok = mailtoURI(plainMailbox(l.ParamValue("EMAIL"))); ok {
		return uri, true
	}
	if !fromAttendee(c) || count(ev, "ATTENDEE") != 1 {
		return "", false
	}
	return mailtoURI(c.Mail.author())
}

func count(ev *ical.Component, name string) int {
	n := 0
	for _, it := range ev.Items {
		if named(it, name) != nil {
			n++
		}
	}
	return n
}
