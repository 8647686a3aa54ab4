package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// addrNonmail replaces addresses that are no mail addresses for Exchange, and
// takes out attendees for whom there is none: Exchange itself would lose the
// address and keep a person who cannot be reached.
func addrNonmail() *Remedy {
	return &Remedy{
		ID:       "addr-nonmail",
		Summary:  "replace sip:, urn: and invalid: addresses, or remove the attendee",
		Why:      "Teams, Apple and exporters write addresses that are not mail addresses. Exchange silently loses them, and Outlook treats the reader as the organizer.",
		Source:   "gromox 703a28313; DavMail replaceIcal4Principal; RFC 6047 §2.3",
		Profiles: microsoft(),
		Facets:   FacetOrganizer | FacetAttendees,
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				if !slices.ContainsFunc(ev.Items, func(it ical.Item) bool { return it.Prop != nil && isNonmail(it.Prop) }) {
					continue
				}
				reachable := reachableAttendees(ev)
				ev.Items = slices.DeleteFunc(ev.Items, func(it ical.Item) bool {
					return it.Prop != nil && isNonmail(it.Prop) && c.replaceNonmail(ev, it.Prop, reachable)
				})
			}
		},
	}
}

// isNonmail says whether a person is given by a URI that is no mail address.
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

// isScheme says whether a word is the scheme of a URI (RFC 3986 §3.1). What has
// a colon in another place is a mail address with something wrong in front.
func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && (i == 0 || (c < '0' || '9' < c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// holdsMailbox says whether a mail address stands in the value, behind or inside
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

// replaceNonmail repairs a person and says whether it is to go.
func (c *Case) replaceNonmail(ev *ical.Component, l *ical.Line, reachable int) (gone bool) {
	if uri, ok := mailtoURI(plainMailbox(l.ParamValue("EMAIL"))); ok {
		if c.Found(found(Error, ev, l.Name(), l.Value(), uri)) {
			l.SetValue(uri)
		}
		return false
	}
	switch {
	case l.Name() == "ORGANIZER":
		c.replaceOrganizer(ev, l)
	case c.fromOrganizer() && reachable > 0:
		return c.Found(found(Warning, ev, "ATTENDEE", l.Text(), ""))
	default:
		c.replaceAttendee(ev, l)
	}
	return false
}

func reachableAttendees(ev *ical.Component) int {
	n := 0
	for _, it := range ev.Items {
		l := named(it, "ATTENDEE")
		if l == nil {
			continue
		}
		if _, ok := mailbox(l.Value()); ok {
			n++
		}
	}
	return n
}
