package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// addrNonmail replaces addresses that are no mail addresses for Exchange. Where
// the message gives none the person stays on the list as he is: Exchange loses
// the address, but keeps the name, and nobody loses a participant without notice.
func addrNonmail() *Remedy {
	return &Remedy{
		ID:       "addr-nonmail",
		Summary:  "replace sip:, tel:, urn: and invalid: addresses with the mail address that the message gives",
		Why:      "Teams, Apple and exporters write addresses that are not mail addresses. Exchange silently loses them, and Outlook treats the reader as the organizer.",
		Source:   "gromox 703a28313; DavMail replaceIcal4Principal; RFC 6047 §2.3",
		Form:     "address",
		Profiles: microsoft(),
		Facets:   FacetOrganizer | FacetAttendees,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					if it.Prop != nil && isNonmail(it.Prop) {
						replaceNonmail(c, ev, it.Prop)
					}
				}
			}
		},
	}
}

// isNonmail reports whether a person is given by a URI that is no mail address.
func isNonmail(l *ical.Line) bool {
	if n := l.Name(); n != "ORGANIZER" && n != "ATTENDEE" || hasOddPiece(l) {
		return false
	}
	if strings.HasPrefix(l.Value(), mailtoScheme) {
		return false
	}
	scheme, _, ok := strings.Cut(strings.TrimSpace(l.Value()), ":")
	return ok && isScheme(scheme) && !strings.EqualFold(scheme+":", mailtoScheme) && !isDirectoryName(l.Value()) && !holdsMailbox(l.Value())
}

// isScheme reports whether a word is the scheme of a URI (RFC 3986 §3.1). What has
// a colon in another place is a mail address with something wrong in front.
func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && (i == 0 || (c < '0' || '9' < c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// holdsMailbox reports whether a mail address is in the value, after or inside
// of something else: then the person can be reached, and only how it is written
// is wrong.
func holdsMailbox(v string) bool {
	lower := strings.ToLower(v)
	for _, mark := range [...]string{mailtoScheme, "<", "smtp:"} {
		if i := strings.LastIndex(lower, mark); i >= 0 {
			addr, _, _ := strings.Cut(v[i+len(mark):], ">")
			if bareAddress(plainMailbox(addr)) {
				return true
			}
		}
	}
	return false
}

// replaceNonmail gives a person the address that the message gives, or says that
// there is none.
func replaceNonmail(c *Object, ev *ical.Component, l *ical.Line) {
	uri, ok := mailtoURI(plainMailbox(l.ParamValue("EMAIL")))
	if !ok {
		uri, ok = mailedAt(c, l.Value())
	}
	if ok {
		if c.Found(found(Error, ev, l.Name(), l.Value(), uri)) {
			l.SetValue(uri)
		}
		return
	}
	if l.Name() == "ORGANIZER" {
		replaceOrganizer(c, ev, l)
	} else {
		replaceAttendee(c, ev, l)
	}
}

// mailedAt returns the address after the scheme of a URI such as
// sip:bob@partner.example where the mail goes to that address or comes from it:
// then it is one of mail, too.
func mailedAt(c *Object, v string) (uri string, ok bool) {
	_, addr, _ := strings.Cut(strings.TrimSpace(v), ":")
	if end := strings.IndexAny(addr, ";?"); end >= 0 {
		addr = addr[:end]
	}
	known := strings.EqualFold(addr, c.Mail.author()) || c.Mail.Sender != nil && strings.EqualFold(addr, c.Mail.Sender.Address)
	c.Mail.eachRecipient(func(a string) { known = known || strings.EqualFold(a, addr) })
	if !known {
		return "", false
	}
	return mailtoURI(addr)
}
